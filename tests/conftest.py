"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import pickle
import time
from pathlib import Path

# One worker per core is enough: BLAS threads that wait for one another slow small SVDs a hundredfold.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import array_api_strict  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

# The same examples every time: a suite that fails must fail again. No example has a time limit.
settings.register_profile("suite", deadline=None, derandomize=True, database=None)
settings.load_profile("suite")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240229)


@pytest.fixture(params=[np, array_api_strict], ids=["numpy", "array_api_strict"])
def xp(request):
    """Array namespaces: NumPy, and the strictest reading of the standard."""
    return request.param


def once(factory, name, make):
    """Return make(folder): the worker that asks first computes it, the others wait and read."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # each worker has its own below
    folder, done = shared / name, shared / f"{name}.pickle"
    try:
        folder.mkdir()
    except FileExistsError:
        for _ in range(6000):  # a worker that was killed leaves nothing
            if done.exists():
                break
            time.sleep(0.1)
    else:
        found = None
        try:
            found = make(folder)
        finally:  # a failure is told to those who wait
            (folder / "found").write_bytes(pickle.dumps(found))
            (folder / "found").replace(done)
    found = pickle.loads(done.read_bytes())
    assert found is not None, f"{name} failed where it was made"
    return found


@pytest.fixture(scope="session")
def tutorial(tmp_path_factory) -> dict:
    """The tutorial page in English, made once in a run: its fields, and the stages it went through."""

    from invdeconv import report

    def make(folder: Path) -> dict:
        stages: list[str] = []
        made = report.tutorial(folder / "tutorial.html", progress=stages.append)
        return {**vars(made), "numbers": dict(made.numbers), "text": str(made), "stages": stages}

    return once(tmp_path_factory, "tutorial", make)


@pytest.fixture(scope="session")
def section_numbers(tmp_path_factory) -> dict:
    """The numbers of the tutorial's sections from their references, computed once in a run."""
    from sections_numpy import SECTIONS

    return once(tmp_path_factory, "sections", lambda _: {name: find() for name, find in SECTIONS.items()})
