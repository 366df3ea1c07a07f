"""Elementwise work: threads share the slices and change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from tolerance import assert_close, normal

from invdeconv import arrays, fft_options
from invdeconv.arrays import _elementwise


def scaled(x, factor, rows, columns, offset, absent):
    assert absent is None
    x *= factor
    x += rows
    x *= columns
    x -= offset
    return x


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
@pytest.mark.parametrize("shape", [(5, 5), (8, 3), (1, 6), (5, 4, 3), (2, 5, 5)], ids=str)
def test_slices_take_what_belongs_to_them(shape, workers, rng, monkeypatch):
    """A last axis as long as the first must not be cut, nor an array that is one row for all."""
    monkeypatch.setattr(_elementwise, "_THREAD_MINIMUM", 1)
    x, rows = normal(rng, shape, complex_=True), normal(rng, (1, *shape[1:]))
    columns, offset = normal(rng, shape[-1:]), normal(rng, shape)
    expected = (x * 2.5 + rows) * columns - offset
    begun = x[:]
    with fft_options(workers=workers):
        found = arrays.elementwise(scaled, x, 2.5, rows, columns, offset, None)
    assert np.shares_memory(found, begun)
    np.testing.assert_array_equal(found, expected)


def test_every_thread_gets_one_slice(monkeypatch):
    monkeypatch.setattr(_elementwise, "_THREAD_MINIMUM", 100)
    lengths = []

    def seen(x):
        lengths.append(len(x))
        return x

    with fft_options(workers=3):
        arrays.elementwise(seen, np.zeros((9, 11)))
        assert lengths == [9]
        lengths.clear()
        arrays.elementwise(seen, np.zeros((10, 11)))
    assert sorted(lengths) == [3, 3, 4]


def test_other_libraries_are_served_whole(xp, monkeypatch):
    monkeypatch.setattr(_elementwise, "_THREAD_MINIMUM", 1)
    x = xp.arange(6.0)
    found = arrays.elementwise(lambda x, y: arrays.add(x, y, out=x), x, 2.0)
    assert isinstance(found, type(x))
    assert bool(xp.all(found == xp.arange(6.0) + 2))


def test_what_is_not_made_in_place_is_written_there(monkeypatch, rng):
    monkeypatch.setattr(_elementwise, "_THREAD_MINIMUM", 1)
    x, y = rng.random((7, 3)), rng.random((7, 3))
    with fft_options(workers=2):
        np.testing.assert_array_equal(arrays.elementwise(lambda a, b: a - b, x.copy(), y), x - y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_what_is_added_in_pieces_is_added_everywhere(dtype, rng, monkeypatch):
    monkeypatch.setattr(_elementwise, "_SERIAL_AXPY", 5)
    complex_ = np.dtype(dtype).kind == "c"
    x, y = (normal(rng, (7, 3, 2), complex_=complex_).astype(dtype) for _ in range(2))
    expected = x + dtype(-0.5) * y
    found = arrays.add_scaled(x, -0.5, y)
    assert found is x
    assert_close(found, expected)


def test_a_long_line_is_summed_in_double():
    x = np.full(1 << 24, 0.1, np.float32)
    assert arrays.dot(x, x) == pytest.approx((1 << 24) * float(x[0]) ** 2, rel=1e-6)
    z = x * np.complex64(1j)
    assert arrays.dot(z, x) == pytest.approx(-1j * arrays.dot(x, x), rel=1e-6)


def test_rows_are_added_in_double():
    rows = np.array([[2.0**24], [1.0]], np.float32)
    assert arrays.total(rows) == 2**24 + 1
    assert arrays.total(rows[:, 0]) == 2**24


def test_the_order_in_memory_loses_nothing():
    """Along an axis whose neighbors are far apart NumPy adds one after the other."""
    x = np.full((16, 1 << 16), 0.1, np.float32)
    for laid in (x, np.asfortranarray(x), x.T, x[:, ::2], np.broadcast_to(x[0, 0], x.shape)):
        assert arrays.total(laid) == pytest.approx(laid.size * float(x[0, 0]), rel=1e-6)
