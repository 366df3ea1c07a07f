"""The storeys of the house: import-linter's contracts in pyproject.toml hold."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytest.importorskip("importlinter", reason="import-linter comes with the extra `dev`")


def lint(folder):
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_contracts_are_kept():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_broken_contract_is_seen(tmp_path):
    package = tmp_path / "house"
    package.mkdir()
    for name, text in {"__init__": "", "low": "import house.high", "high": ""}.items():
        (package / f"{name}.py").write_text(text)
    contract = (
        "[importlinter]\nroot_package = house\n[importlinter:contract:1]\nname = layers\ntype = layers\n"
    )
    (tmp_path / ".importlinter").write_text(contract + "layers =\n  house.high\n  house.low\n")
    done = lint(tmp_path)
    assert done.returncode == 1
    assert "house.low is not allowed to import house.high" in done.stdout
