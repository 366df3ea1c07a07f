"""Fixtures shared by all tests."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240229)


@pytest.fixture(params=[np, array_api_strict], ids=["numpy", "array_api_strict"])
def xp(request):
    """Array namespaces: NumPy, and the strictest reading of the standard."""
    return request.param
