"""The wheel: built without a network, it holds the data, the messages and the stubs, and runs unpacked."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INDEX = json.loads((ROOT / "datasets" / "index.json").read_text("utf-8"))

pytest.importorskip("hatchling", reason="building the wheel needs hatchling, of the extra `test`")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build from a copy, so that nothing is written beside the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("invdeconv", "datasets"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.mark.parametrize("row", INDEX, ids=lambda row: row["name"])
def test_datasets_arrive_unchanged(wheel, row):
    content = (wheel / "invdeconv" / "_datasets" / row["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == row["sha256"]
    assert (wheel / "invdeconv" / "_datasets" / row["license_file"]).is_file()


def test_every_file_of_the_package_is_inside(wheel):
    # Modules, the stub, py.typed, messages and templates: whatever stands in the source tree.
    source = ROOT / "invdeconv"
    wanted = {
        p.relative_to(source) for p in source.rglob("*") if p.is_file() and "__pycache__" not in p.parts
    }
    assert {Path("py.typed"), Path("__init__.pyi")} <= wanted
    assert not {str(p) for p in wanted if not (wheel / "invdeconv" / p).is_file()}


def test_report_has_its_messages_and_templates(wheel):
    names = [p.name for p in (wheel / "invdeconv" / "report").rglob("*") if p.suffix not in (".py", "")]
    assert any("messages.zh-CN" in name for name in names)
    assert any("messages.en" in name for name in names)
    assert any(".html" in name or ".j2" in name for name in names)


def test_licenses_are_in_the_metadata(wheel):
    (folder,) = wheel.glob("*.dist-info")
    names = {p.name for p in (folder / "licenses").rglob("*") if p.is_file()}
    assert {"LICENSE", *(Path(row["license_file"]).name for row in INDEX)} <= names


def test_unpacked_wheel_reads_its_own_data(wheel, tmp_path):
    code = """
import invdeconv, json
from invdeconv import samples
arrays = [samples.celegans(), samples.iris_psf()]
arrays += [samples.receiver_function().data, samples.living_room_response().data]
print(json.dumps([invdeconv.__file__, str(samples._file("index.json")), [list(a.shape) for a in arrays]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    module, index, shapes = json.loads(done.stdout)
    assert Path(module).is_relative_to(wheel)
    assert Path(index).is_relative_to(wheel)
    assert shapes == [[316, 316], [420], [3, 3, 601], [39431]]
