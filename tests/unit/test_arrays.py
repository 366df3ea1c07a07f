"""The array layer: transforms against NumPy and SciPy, precision, namespaces."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
import scipy.fft
from tolerance import assert_close, normal

from invdeconv import InvalidInputError, arrays, checks, fft_options
from invdeconv.arrays import _dct, _fft

SHAPES = [(1,), (2,), (7,), (8,), (5, 6), (4, 7), (3, 4, 5), (1, 6), (6, 1)]


def numbers(shape, xp, *, complex_=False, single=False, seed=0):
    x = normal(np.random.default_rng([seed, *shape]), shape, complex_=complex_)
    if single:
        x = x.astype(np.complex64 if complex_ else np.float32)
    return x, x if xp is np else xp.asarray(x)


def padded(host, frame):
    return np.pad(host, [(0, m - n) for n, m in zip(host.shape, frame, strict=True)])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("larger", [0, 1, 4])
@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
def test_spectrum_is_the_padded_transform(shape, larger, complex_, xp):
    host, x = numbers(shape, xp, complex_=complex_)
    frame = tuple(n + larger for n in shape)
    full = np.fft.fftn(padded(host, frame))
    got = np.asarray(arrays.spectrum(x, frame, half=False))
    assert_close(got, full, c=16)
    turned = np.asarray(arrays.spectrum(x, frame, half=False, conjugate=True))
    assert_close(turned, np.fft.ifftn(padded(host, frame)) * full.size, c=16)
    if not complex_:
        half = np.fft.rfftn(padded(host, frame))
        assert_close(np.asarray(arrays.spectrum(x, frame, half=True)), half, c=16)
        assert_close(np.asarray(arrays.spectrum(x, frame, half=True, conjugate=True)), half.conj(), c=16)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("smaller", [0, 1, 2])
@pytest.mark.parametrize("conjugate", [False, True])
@pytest.mark.parametrize("half", [False, True])
def test_signal_undoes_spectrum_and_crops(shape, smaller, conjugate, half, xp):
    host, x = numbers(shape, xp, complex_=not half)
    spectrum = arrays.spectrum(x, shape, half=half, conjugate=conjugate)
    kept = tuple(max(1, n - smaller) for n in shape)
    got = np.asarray(arrays.signal(spectrum, shape, kept, half=half, conjugate=conjugate))
    assert got.dtype.kind == ("f" if half else "c")
    assert_close(got, host[tuple(map(slice, kept))], c=16)


def test_signal_of_any_spectrum_is_the_inverse_transform(xp):
    # Not only of spectra that came from `spectrum`: the sign of the exponent matters.
    host, x = numbers((4, 6), xp, complex_=True)
    assert_close(np.asarray(arrays.signal(x, (4, 6), (4, 6), half=False)), np.fft.ifftn(host), c=16)
    back = np.asarray(arrays.signal(x, (4, 6), (4, 6), half=False, conjugate=True))
    assert_close(back, np.fft.fftn(host) / 24, c=16)


@pytest.mark.parametrize("single", [False, True], ids=["double", "single"])
def test_precision_of_transforms(single, xp):
    for complex_ in (False, True):
        _, x = numbers((6, 5), xp, complex_=complex_, single=single)
        out = arrays.spectrum(x, (6, 7), half=not complex_)
        assert str(out.dtype).endswith("complex64" if single else "complex128")
        back = arrays.signal(out, (6, 7), (6, 5), half=not complex_)
        assert str(back.dtype) == str(x.dtype)


@pytest.mark.parametrize("shape", [(1,), (2,), (7,), (8,), (5, 6), (3, 4, 5)], ids=str)
@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
@pytest.mark.parametrize("single", [False, True], ids=["double", "single"])
def test_dct_by_one_fft_is_scipys(shape, complex_, single, xp):
    host, x = numbers(shape, xp, complex_=complex_, single=single)
    for axis in range(len(shape)):
        parts = [scipy.fft.dct(part, type=2, axis=axis, norm="ortho") for part in (host.real, host.imag)]
        expected = parts[0] + 1j * parts[1] if complex_ else parts[0]
        got = arrays.dct2(x, axis)
        assert str(got.dtype) == str(x.dtype)
        assert_close(np.asarray(got), expected, c=16)
        back = arrays.idct2(got, axis)
        assert str(back.dtype) == str(x.dtype)
        assert_close(np.asarray(back), host, c=16)
        if not complex_:
            assert_close(_dct._dct2_by_fft(host, axis), expected, c=16)
            assert_close(_dct._idct2_by_fft(expected, axis), host, c=16)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((7,), (8,)), ((7, 121), (7, 125)), ((121, 13, 7), (121, 14, 8)), ((257, 130), (264, 135))],
)
def test_fast_frame(shape, expected):
    # 7 and 11 count as fast, but on the last axis; long axes before it are multiples of 8.
    assert arrays.fast_frame(shape) == expected


@pytest.mark.parametrize("n", [1, 17, 254, 255, 256, 257, 997, 1009])
def test_fast_frame_is_the_next(n):
    def is_next(length, prime, step):
        fast = [m for m in range(n, 2 * n + 8) if largest_prime(m) <= prime and m % step == 0]
        return length == fast[0]

    lengths = arrays.fast_frame((n, n, n))
    steps = (1 if n < 256 else 8,) * 2
    assert all(map(is_next, lengths, (11, 11, 5), (*steps, 1)))
    assert arrays.next_fast_length(n) == lengths[-1]


def largest_prime(n):
    best, p = 1, 2
    while n > 1:
        while n % p == 0:
            n, best = n // p, p
        p += 1
    return best


def test_fft_options_reach_scipy_and_end(monkeypatch):
    seen = []
    monkeypatch.setattr(
        scipy.fft,
        "rfft",
        lambda *a, workers, **k: seen.append(workers) or np.fft.rfft(a[0], a[1], a[2], norm=k["norm"]),
    )
    x = np.ones(8)
    with fft_options(workers=3):
        arrays.spectrum(x, (8,), half=True)
        with fft_options(workers=2):
            arrays.spectrum(x, (8,), half=True)
        arrays.spectrum(x, (8,), half=True)
    arrays.spectrum(x, (8,), half=True)
    assert seen == [3, 2, 3, 1]


def test_threads_do_not_change_the_result():
    x = normal(np.random.default_rng(0), (600, 500))
    with fft_options(workers=1):
        one = arrays.spectrum(x, (600, 512), half=True)
    with fft_options(workers=4):
        np.testing.assert_array_equal(arrays.spectrum(x, (600, 512), half=True), one)


@pytest.mark.parametrize(
    ("dtype", "working"),
    [
        ("float16", "float32"),
        ("float32", "float32"),
        ("float64", "float64"),
        ("complex64", "complex64"),
        ("complex128", "complex128"),
        ("bool", "float64"),
        ("int8", "float64"),
        ("uint16", "float64"),
        ("int64", "float64"),
        (">f4", "float32"),
        (">f8", "float64"),
        (">c16", "complex128"),
        (">i2", "float64"),
    ],
)
def test_working_precision(dtype, working):
    x = np.arange(2).astype(dtype)
    got = arrays.as_working(x)
    assert got.dtype == np.dtype(working)
    assert got.dtype.isnative
    np.testing.assert_array_equal(got, [0, 1])


@pytest.mark.parametrize(
    "value", [np.ones(2, np.longdouble), ["a"], [None], np.ma.masked_array([1.0, 2.0], [True, False])]
)
def test_no_working_precision(value):
    with pytest.raises(TypeError):
        arrays.as_working(value)


def test_working_arrays_are_plain_and_not_copied():
    x = np.ones(3)
    assert arrays.as_working(x) is x
    assert type(arrays.as_working(np.eye(2).view(np.recarray))) is np.ndarray
    assert arrays.as_working([[1, 2]]).shape == (1, 2)
    y = strict.asarray([1.0, 2.0])
    assert arrays.as_working(y) is y
    assert arrays.as_working(strict.asarray([1, 2])).dtype == strict.float64
    assert arrays.as_working(strict.asarray([True])).dtype == strict.float64


def test_like_takes_library_and_precision_from_the_data_and_complexness_from_the_host(xp):
    for host, complex_ in ((np.arange(3.0), False), (np.arange(3) * 1j, True), (np.arange(3), False)):
        for single in (False, True):
            for of_complex in (False, True):
                _, x = numbers((2,), xp, complex_=of_complex, single=single)
                got = arrays.like(host, x)
                assert isinstance(got, type(x))
                name = (
                    ("complex64" if single else "complex128")
                    if complex_
                    else ("float32" if single else "float64")
                )
                assert str(got.dtype).endswith(name)
                np.testing.assert_array_equal(np.asarray(got), host)


def test_dot_and_norm(xp):
    for single in (False, True):
        hx, x = numbers((5, 4), xp, complex_=True, single=single)
        hy, y = numbers((5, 4), xp, complex_=True, single=single, seed=1)
        assert arrays.dot(x, y) == pytest.approx(np.vdot(hx, hy), rel=1e-6)
        assert isinstance(arrays.dot(x, y), complex)
        assert arrays.norm(x) == pytest.approx(np.linalg.norm(hx), rel=1e-6)
        hr, r = numbers((5, 4), xp, single=single)
        assert isinstance(arrays.dot(r, r), float)
        assert arrays.norm(r) ** 2 == pytest.approx(arrays.dot(r, r), rel=1e-12)
        assert arrays.dot(r, r) == pytest.approx(np.vdot(hr, hr), rel=1e-6)
    assert arrays.norm(xp.zeros((2, 3))) == 0.0


def test_small_things(xp):
    x = xp.asarray(np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(np.asarray(arrays.take(x, np.array([2, 0, 2]), 1)), [[2, 0, 2], [5, 3, 5]])
    assert arrays.along(3, 1, slice(2)) == (slice(None), slice(2), slice(None))
    got = arrays.add_at(x, (slice(None), slice(0, 2)), xp.ones((2, 2)))
    np.testing.assert_array_equal(np.asarray(got), [[1, 2, 2], [4, 5, 5]])
    zeros = arrays.zeros_like_data((4,), xp.asarray(np.ones(2, np.float32)), complex_=True)
    assert str(zeros.dtype).endswith("complex64")
    assert str(arrays.zeros_like_data((4,), x).dtype).endswith("float64")
    np.testing.assert_array_equal(arrays.to_numpy(x), np.asarray(x))
    assert isinstance(arrays.to_numpy(x), np.ndarray)
    assert arrays.is_numpy(x) is (xp is np)
    assert arrays.is_complex(xp.asarray([1j]))
    assert not arrays.is_complex(x)
    assert arrays.precision_key(x) != arrays.precision_key(
        xp.astype(x, xp.float32) if xp is strict else x.astype(np.float32)
    )


def test_checks_know_other_libraries(xp):
    x = xp.asarray(np.array([1.0, np.nan, np.inf]))
    with pytest.raises(InvalidInputError, match=r"f: x must be finite; got 2 values that are not\."):
        checks.finite_array("f", "x", x)


@pytest.mark.parametrize("block", [1, 13, 40, 10**6])
@pytest.mark.parametrize("conjugate", [False, True])
@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("shape", [(9,), (5, 8), (3, 4, 7)], ids=str)
def test_filtering_in_blocks_is_filtering(shape, half, conjugate, block, xp, monkeypatch):
    monkeypatch.setattr(_fft, "_BLOCK", block)
    host, x = numbers(shape, xp, complex_=not half)
    for frame, kept in (
        (shape, shape),
        (tuple(n + 3 for n in shape), shape),
        (tuple(n + 2 for n in shape), (1,) * len(shape)),
    ):
        kernel = normal(np.random.default_rng(1), frame, complex_=not half)
        response = np.fft.rfftn(kernel) if half else np.fft.fftn(kernel)
        spectrum = np.fft.fftn(padded(host, frame))
        full = np.fft.fftn(kernel)
        turned = np.fft.ifftn(padded(host, frame)) * spectrum.size
        product = np.fft.fftn(turned * full) / full.size if conjugate else np.fft.ifftn(spectrum * full)
        expected = product[tuple(map(slice, kept))]
        got = _fft.filtered(x, xp.asarray(response), frame, kept, half=half, conjugate=conjugate)
        assert_close(np.asarray(got), expected.real if half else expected, c=64)
        columns = list(np.moveaxis(response, -1, 0))

        def made(part, columns=columns):
            return xp.asarray(np.stack(columns[part], axis=-1))

        same = _fft.filtered(x, made, frame, kept, half=half, conjugate=conjugate)
        np.testing.assert_array_equal(np.asarray(same), np.asarray(got))
        np.testing.assert_array_equal(np.asarray(x), host)


@pytest.mark.parametrize("engine", ["scipy", "ducc0"])
@pytest.mark.parametrize(("large", "workers"), [(1 << 20, 1), (1, 1), (1, 3)], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("frame", [(11,), (9, 8), (8, 6, 7), (48, 5), (4, 9)], ids=str)
def test_spectrum_of_taps_is_a_sum_of_waves(frame, dtype, large, workers, engine, rng, monkeypatch):
    monkeypatch.setattr(_fft, "_LARGE", large)
    monkeypatch.setattr(_fft, "threads", lambda _: workers)
    half = np.dtype(dtype).kind == "f"
    sizes = (6, 3, 4)[: len(frame)]
    taps = normal(rng, sizes, complex_=not half)
    where = [7 * np.arange(k) - 3 for k in sizes]  # some meet, as the frame goes round
    expected = taps
    for n, places in zip(frame, where, strict=True):  # each turn takes the first axis and adds a last one
        waves = np.exp(-2j * np.pi * np.outer(places, np.arange(n)) / n)
        expected = np.tensordot(expected, waves, axes=(0, 0))
    if engine == "ducc0":
        pytest.importorskip("ducc0")
    with fft_options(engine=engine):
        got = arrays.spectrum_of_taps(taps, where, frame, np.empty(1, dtype), half=half)
    assert got.dtype == np.result_type(dtype, np.complex64)
    assert_close(got, expected[..., : got.shape[-1]], c=64)


@pytest.mark.parametrize("half", [True, False])
def test_filtering_does_not_rely_on_transforms_in_place(half, rng, monkeypatch):
    x, frame, shape = normal(rng, (4, 5, 6), complex_=not half), (6, 8, 9), (5, 7, 8)
    response = arrays.spectrum(normal(rng, (3, 2, 4), complex_=not half), frame, half=half)
    expected = arrays.signal(arrays.spectrum(x, frame, half=half) * response, frame, shape, half=half)
    assert_close(arrays.filtered(x, response, frame, shape, half=half), expected)
    for kind in ("fft", "ifft"):
        plain = getattr(scipy.fft, kind)

        def copying(values, *args, plain=plain, **options):
            return plain(values.copy(), *args, **options)

        monkeypatch.setattr(scipy.fft, kind, copying)
    assert_close(arrays.filtered(x, response, frame, shape, half=half), expected)
