"""What `import invdeconv` loads, in a fresh interpreter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import invdeconv

HEAVY = {
    "matplotlib",
    "jinja2",
    "click",
    "skimage",
    "rich",
    "tifffile",
    "imageio",
    "pywt",
    "PIL",
    "dask",
    "numba",
}
LIGHT_NAMES = [name for name in invdeconv.__all__ if name not in ("plots", "report")]


def loaded_by(code):
    """Top-level modules in ``sys.modules`` after `code`."""
    code += "; import json, sys; print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    root = Path(invdeconv.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_the_probe_sees_what_is_loaded():
    assert "matplotlib" in loaded_by("import matplotlib")


def test_import_loads_nothing_but_itself():
    assert not loaded_by("import invdeconv") & (HEAVY | {"numpy", "scipy"})


@pytest.mark.parametrize("name", ["every light name", "metrics", "files", "samples"])
def test_names_load_no_heavy_library(name):
    names = ", ".join(LIGHT_NAMES) if name == "every light name" else name
    assert not loaded_by(f"from invdeconv import {names}") & HEAVY
