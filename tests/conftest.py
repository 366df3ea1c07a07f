"""Fixtures shared by all tests."""

from __future__ import annotations

import os

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
