"""The pool: memory goes round inside a loop, and nobody can tell; what an iteration costs is counted."""

from __future__ import annotations

import contextvars
import gc
import os
import pickle
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tolerance import assert_close, normal

from invdeconv import (
    Convolution,
    arrays,
    cgls,
    fft_options,
    psf,
    richardson_lucy,
    tikhonov,
    total_variation,
    wiener,
)
from invdeconv.arrays import _engines, _fft, _pool
from invdeconv.operators.convolution import _fourier
from invdeconv.solvers import iterate

BIG = (200, 130)


def address(x):
    return x.__array_interface__["data"][0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_memory_comes_back_with_the_last_view(dtype):
    like = np.empty(1, dtype)
    with arrays.recycling():
        x = arrays.empty(BIG, like)
        assert x.dtype == dtype
        assert x.shape == BIG
        assert x.flags.c_contiguous
        assert x.flags.writeable
        here, corner = address(x), x[3:5, ::2].T
        del x
        assert address(arrays.empty(BIG, like)) != here  # a view is left
        corner[...] = 7
        other = arrays.empty(BIG, like)
        other[...] = 0
        assert (corner == 7).all()
        del corner
        found = [arrays.empty(BIG, like) for _ in range(3)]
        assert here in map(address, found)


def test_what_outlives_the_loop_keeps_its_values():
    with arrays.recycling():
        with arrays.recycling():
            x = arrays.empty(BIG, np.empty(1))
            x[...] = 3
        for _ in range(4):  # the inner block shared this pool, which is still open
            arrays.empty(BIG, x)[...] = 5
    assert arrays.empty(BIG, x).flags.owndata
    assert (pickle.loads(pickle.dumps(x)) == 3).all()
    assert (x == 3).all()
    pool = x.base._pool
    del x
    gc.collect()
    assert not pool._shelves


def test_outside_of_a_loop_and_in_other_libraries_memory_is_plain(xp):
    assert arrays.empty(BIG, np.empty(1, np.float32)).flags.owndata
    with arrays.recycling():
        small = arrays.empty((3, 2), np.empty(1))
        assert small.flags.owndata
        x = arrays.empty(BIG, xp.zeros((1,), dtype=xp.float32))
        assert isinstance(x, type(xp.zeros((1,))))
        assert x.dtype == xp.float32
        with ThreadPoolExecutor(1) as threads:  # a thread starts with a context of its own
            assert threads.submit(arrays.empty, BIG, np.empty(1)).result().flags.owndata


def problem(shape=(90, 140), dtype=np.float64):
    rng = np.random.default_rng(5)
    kernel = rng.random((5, 4)).astype(dtype)
    return (1 + rng.random(shape)).astype(dtype), kernel / kernel.sum()


def test_eight_threads_on_one_operator_give_the_same_bits():
    data, kernel = problem((250, 300))
    C = Convolution.from_psf(kernel, data.shape, boundary="zero").with_engine("fft")
    alone = richardson_lucy(data, C, max_iter=4, stop=None).estimate

    def solve(_):
        return contextvars.copy_context().run(richardson_lucy, data, C, max_iter=4, stop=None).estimate

    with ThreadPoolExecutor(8) as threads:
        for estimate in threads.map(solve, range(16)):
            np.testing.assert_array_equal(estimate, alone)


def test_a_solve_inside_a_callback_disturbs_nothing():
    data, kernel = problem((250, 300))
    alone = richardson_lucy(data, kernel, max_iter=5, stop=None).estimate
    seen = []

    def callback(iteration):
        seen.append((iteration.estimate, iteration.estimate.copy()))
        cgls(data, kernel, max_iter=2)

    within = richardson_lucy(data, kernel, max_iter=5, stop=None, callback=callback)
    np.testing.assert_array_equal(within.estimate, alone)
    for kept, copy in seen:  # an iterate that somebody keeps is not written to again
        np.testing.assert_array_equal(kept, copy)


@pytest.mark.parametrize("half", [True, False], ids=["real", "complex"])
@pytest.mark.parametrize("conjugate", [False, True])
def test_ducc0_transforms_as_scipy_does(half, conjugate, rng, monkeypatch):
    pytest.importorskip("ducc0")
    monkeypatch.setattr(_fft, "_BLOCK", 64)
    for dtype in (np.float32, np.float64):
        for shape, frame, kept in (
            ((7, 5), (9, 8), (8, 6)),
            ((3, 4, 6), (5, 6, 9), (5, 2, 7)),
            ((4, 6), (4, 6), (4, 6)),
            ((4, 256), (4, 256), (4, 256)),  # rows that share their lines of the cache
        ):
            x = normal(rng, shape, complex_=not half)
            x = x.astype(dtype if half else (np.complex64 if dtype is np.float32 else np.complex128))
            response = arrays.spectrum(x, frame, half=half)
            options = {"half": half, "conjugate": conjugate}
            expected = arrays.filtered(x, response, frame, kept, **options)
            with fft_options(engine="ducc0"):
                found = arrays.filtered(x, response, frame, kept, **options)
            assert found.dtype == expected.dtype
            assert_close(found, expected, c=64)


def test_a_filter_transforms_only_lines_that_count(monkeypatch):
    """Points per line transform: rows that hold data, columns of the whole frame, rows that are kept."""
    points = []
    into, place = _fft.transform_last_into, _fft.transform_in_place

    def counted_into(out, x, kind, n, **options):
        points.append(x.shape[0] * n)
        into(out, x, kind, n, **options)

    def counted_place(x, kind, axis, **options):
        points.append(x.size)
        place(x, kind, axis, **options)

    monkeypatch.setattr(_fft, "transform_last_into", counted_into)
    monkeypatch.setattr(_fft, "transform_in_place", counted_place)
    x, frame, kept = np.ones((40, 30)), (64, 48), (50, 35)
    response = arrays.spectrum(np.ones((3, 3)), frame, half=True)
    arrays.filtered(x, response, frame, kept, half=True)
    columns = frame[1] // 2 + 1
    assert sum(points) == 40 * frame[1] + 2 * frame[0] * columns + 50 * frame[1]


@pytest.mark.parametrize("workers", [2, 3, 7])
def test_threads_share_the_blocks_and_change_no_bit(workers, rng, monkeypatch):
    monkeypatch.setattr(_fft, "_BLOCK", 256)
    x, frame, kept = normal(rng, (40, 30)), (64, 48), (50, 35)
    response = arrays.spectrum(normal(rng, (3, 4)), frame, half=True)
    with fft_options(workers=1):
        alone = arrays.filtered(x, response, frame, kept, half=True)
    with fft_options(workers=workers), arrays.recycling():
        for _ in range(20):
            np.testing.assert_array_equal(arrays.filtered(x, response, frame, kept, half=True), alone)


def test_what_fails_in_a_thread_is_raised():
    def work(part):
        if part.start == 3:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _engines.in_parallel(work, [slice(i, i + 1) for i in range(6)], 3)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_process_has_threads_of_its_own():
    done = []
    _engines.in_parallel(done.append, [slice(i, i + 1) for i in range(4)], 2)
    child = os.fork()
    if child == 0:  # pragma: no cover
        _engines.in_parallel(done.append, [slice(i, i + 1) for i in range(4)], 2)
        os._exit(0 if len(done) == 8 else 1)
    assert os.waitpid(child, 0)[1] == 0


def kernel_of(size):
    return psf.gaussian(size, tuple(k / 6 for k in size)).astype(np.float32)


@pytest.mark.parametrize(
    ("solve", "filters"),
    [
        (lambda y, h, n: richardson_lucy(y, h, max_iter=n, stop=None), 2),
        (lambda y, h, n: richardson_lucy(y, h, max_iter=n, stop=None, acceleration="momentum"), 2),
        (
            lambda y, h, n: richardson_lucy(y, h, max_iter=n, stop=None, acceleration="conjugate-gradients"),
            2,
        ),
        (lambda y, h, n: cgls(y, h, max_iter=n, rtol=1e-30), 2),
    ],
    ids=["Richardson–Lucy", "with momentum", "conjugate", "CGLS"],
)
def test_an_iteration_is_two_filters_and_no_new_memory(solve, filters, monkeypatch):
    """Counted between five and ten iterations, so that the setup drops out."""
    calls, fresh = [0], [0]
    filtered, allocate = _fourier.filtered, np.empty

    def counted(*args, **options):
        calls[0] += 1
        return filtered(*args, **options)

    class Counting:
        def __getattr__(self, name):
            return getattr(np, name)

        @staticmethod
        def empty(*args):
            fresh[0] += 1
            return allocate(*args)

    monkeypatch.setattr(_fourier, "filtered", counted)
    monkeypatch.setattr(_pool, "np", Counting())
    y, h = np.random.default_rng(0).random((200, 220)).astype(np.float32) + 1, kernel_of((9, 7))
    counts = []
    for n in (5, 10):
        calls[0] = fresh[0] = 0
        assert solve(y, h, n).n_iter == n
        counts.append((calls[0], fresh[0]))
    assert counts[1][0] - counts[0][0] == 5 * filters
    assert counts[1][1] == counts[0][1]


@pytest.mark.parametrize(
    ("shape", "size", "boundary", "images"),
    [
        ((512, 512), (11, 11), "zero", 6.3),
        ((512, 512), (11, 11), "unknown", 6.6),  # of 522², transformed on 528 × 540
        ((32, 128, 128), (15, 31, 31), "zero", 9),
        ((32, 128, 128), (15, 31, 31), "unknown", 13),
    ],
    ids=str,
)
def test_peak_memory_of_the_plain_method(shape, size, boundary, images, monkeypatch):
    """In images of the data; blocks are made small beside these pictures, as they are beside large ones."""
    monkeypatch.setattr(_fft, "_BLOCK", 1 << 13)
    data, kernel = np.full(shape, 2, np.float32), kernel_of(size)
    richardson_lucy(data[:4, :40], np.ones((1,) * data.ndim), max_iter=1, stop=None)  # imports
    tracemalloc.start()
    try:
        with fft_options(workers=1):  # each thread has a block of its own
            richardson_lucy(data, kernel, max_iter=4, stop=None, boundary=boundary)
        assert tracemalloc.get_traced_memory()[1] / data.nbytes <= images
    finally:
        tracemalloc.stop()


def test_a_filter_is_one_pair_of_transforms_and_one_of_the_lines_that_its_kernel_fills(monkeypatch):
    points = []
    place, into, whole = _fft.transform_in_place, _fft.transform_last_into, _fft.transform

    def counted_place(x, kind, axis, **options):
        points.append(x.size)
        place(x, kind, axis, **options)

    def counted_into(out, x, kind, n, **options):
        points.append(x.shape[0] * n)
        into(out, x, kind, n, **options)

    def counted(x, kind, n, axis, **options):
        points.append(x.shape[0] * n)
        return whole(x, kind, n, axis, **options)

    monkeypatch.setattr(_fft, "transform_in_place", counted_place)
    monkeypatch.setattr(_fft, "transform_last_into", counted_into)
    monkeypatch.setattr(_fft, "transform", counted)
    data = np.random.default_rng(0).random((64, 48)).astype(np.float32)
    wiener(data, kernel_of((9, 7)), noise_to_signal=0.01, boundary="periodic")
    assert sum(points) == 2 * 64 * 48 + 2 * 64 * 25 + 9 * 48 + 64 * 25


@pytest.mark.parametrize(
    ("solve", "images"),
    [
        (lambda y, h: wiener(y, h, noise_to_signal=0.01, boundary="periodic"), 5.3),
        (lambda y, h: tikhonov(y, h, lam=0.01, boundary="periodic"), 5.8),
    ],
    ids=["identity", "gradient"],
)
def test_peak_memory_of_a_filter(solve, images, monkeypatch):
    monkeypatch.setattr(_fft, "_BLOCK", 1 << 13)
    data, kernel = np.random.default_rng(0).random((512, 512)).astype(np.float32), kernel_of((9, 7))
    solve(data[:32, :40], kernel)  # imports
    tracemalloc.start()
    try:
        with fft_options(workers=1):
            solve(data, kernel)
        assert tracemalloc.get_traced_memory()[1] / data.nbytes <= images
    finally:
        tracemalloc.stop()


def test_an_iteration_of_total_variation_is_one_pair_of_transforms(monkeypatch):
    from invdeconv.solvers import _split_gradient

    calls = {"spectrum": 0, "signal": 0}
    for name in calls:
        plain = getattr(_split_gradient, name)

        def counted(*args, plain=plain, name=name, **options):
            calls[name] += 1
            return plain(*args, **options)

        monkeypatch.setattr(_split_gradient, name, counted)
    data, kernel = problem()
    result = total_variation(data, kernel, lam=0.01, boundary="periodic", rtol=1e-9, max_iter=12)
    assert calls == {"spectrum": result.n_iter + 1, "signal": result.n_iter}


def test_an_iteration_of_total_variation_takes_no_new_memory(monkeypatch):
    fresh = []

    class Counting:
        def __getattr__(self, name):
            return getattr(np, name)

        @staticmethod
        def empty(*args):
            fresh.append(args)
            return np.empty(*args)

    monkeypatch.setattr(_pool, "np", Counting())
    data, kernel = problem()
    counts = []
    for n in (11, 31):  # both have looked at the gap, and gone on
        fresh.clear()
        total_variation(data, kernel, lam=0.01, boundary="periodic", rtol=1e-9, max_iter=n)
        counts.append(len(fresh))
    assert counts[0] == counts[1] > 0


def test_the_loop_recycles():
    def steps():
        for _ in range(3):
            yield arrays.empty(BIG, np.empty(1)), 1.0

    result = iterate(steps(), method="m", start=np.zeros(BIG), max_iter=3)
    assert not result.estimate.flags.owndata
    assert arrays.empty(BIG, np.empty(1)).flags.owndata
