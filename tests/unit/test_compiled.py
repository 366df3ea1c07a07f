"""The compiler: optional, asked for late, and with options that keep compiled and plain code equal."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from invdeconv.arrays import _compiled, compiled, has_compiler, reassociated


@compiled
def half(x):
    """Halve."""
    return x / 2


@compiled
def halves(x):
    return half(x) + half(x)


@pytest.fixture
def fake(monkeypatch):
    """A compiler that marks what it was given instead of compiling it."""
    seen = []

    def njit(**options):
        def decorate(function):
            seen.append((function, options))
            return lambda *arguments: ("machine", function(*arguments))

        return decorate

    monkeypatch.setattr(_compiled, "_numba", lambda: SimpleNamespace(njit=njit))
    return seen


def test_without_a_compiler_the_plain_function_runs(monkeypatch):
    monkeypatch.setattr(_compiled, "_numba", lambda: None)
    assert not has_compiler()
    assert halves(3.0) == 3.0
    assert half.py_func(3.0) == 1.5
    assert half.__doc__ == "Halve."


def test_a_compiler_is_asked_once_and_keeps_the_order_of_sums(fake):
    kernel = compiled(half.py_func)
    assert not fake  # nothing at decoration
    assert kernel(3.0) == kernel(3.0) == ("machine", 1.5)
    ((_, options),) = fake
    assert options == {"nogil": True, "cache": True, "error_model": "numpy"}  # no fastmath, no parallel


def test_sums_are_reordered_only_where_asked_and_nan_stays_nan(fake):
    reassociated(half.py_func)(3.0)
    ((_, options),) = fake
    assert options.pop("fastmath") == {"reassoc"}  # fused products would reach other kernels
    assert options == {"nogil": True, "cache": True, "error_model": "numpy"}


def test_kernels_inside_kernels_are_compiled_too(fake, monkeypatch):
    inner = compiled(lambda x: x)
    monkeypatch.setitem(globals(), "half", inner)
    outer = compiled(halves.py_func)
    outer(np.ones(2))
    assert fake[1][0].__globals__["half"] is inner.machine_code
    assert halves.py_func.__globals__["half"] is inner  # the module itself is left alone


@pytest.mark.skipif(not has_compiler(), reason="numba is not installed")
def test_the_real_compiler():
    assert compiled(halves.py_func)(3.0) == 3.0
