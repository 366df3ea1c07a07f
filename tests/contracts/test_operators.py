"""Every operator × the generic checks: twin matrix, adjoint, namespace, precision, pickle, threads, SciPy."""

from __future__ import annotations

import pickle
import re
import threading
from itertools import product

import array_api_strict as strict
import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
from numpy.testing import assert_array_equal
from tolerance import assert_close, normal
from twins import convolution_matrix, differences_matrix, extension_matrix

from invdeconv import (
    Convolution,
    Differences,
    Identity,
    InvalidInputError,
    LinearOperator,
    OperatorCheckError,
    check_operator,
)
from invdeconv.operators import Batched, Extension, Stacked, laplacian

ENGINES = ("direct", "fourier")
BOUNDARIES = ("zero", "periodic", "symmetric", "reflect", "edge", "antireflect")


def build(engine, *args, **kwargs):
    """Return a convolution on the engine asked for, whatever the cost model says."""
    return Convolution(*args, **kwargs).with_engine("direct" if engine == "direct" else "fft")


def kernel_of(shape, *, complex_=False, seed=0):
    return normal(np.random.default_rng([seed, *shape]), shape, complex_=complex_)


def assert_is(C, matrix, label=""):
    """Assert that C, entry by entry, is the matrix, and C.H its conjugate transpose."""
    label = label or repr(C)
    assert C.shape == matrix.shape, label
    assert (C.dtype.kind == "c") == (matrix.dtype.kind == "c"), label
    assert_close(C.to_dense(), matrix, c=16, label=label)
    assert_close(C.H.to_dense(), matrix.conj().T, c=16, label=f"adjoint of {label}")


# Convolution in one dimension: sizes, steps and taps in turn under each boundary, padding and engine.

PADDINGS_1D = ["valid", "same", "full", ((0, 3),), ((4, 1),), ((13, 12),), (2, 0)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("padding", PADDINGS_1D, ids=str)
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_convolution_is_its_definition(boundary, padding, engine):
    tried = 0
    sizes, strides = (1, 6, 7), (1, 2, 3)
    # A Latin square: each size and each stride here, each pair of them in every third test.
    turn = BOUNDARIES.index(boundary) + PADDINGS_1D.index(padding) + ENGINES.index(engine)
    pairs = [(n, strides[(i + turn) % 3]) for i, n in enumerate(sizes)]
    for (n, stride), k, dilation in product(pairs, (1, 2, 3, 9), (1, 2)):
        pads = (0, 0) if isinstance(padding, str) else padding if isinstance(padding[0], int) else padding[0]
        if padding != "same" and padding != "full" and n + sum(pads) < dilation * (k - 1) + 1:
            continue
        complex_ = correlate = (n + k + stride + dilation) % 2 == 0
        correlate = correlate == (stride > 1)
        kernel = kernel_of((k,), complex_=complex_, seed=n)
        options = {
            "stride": stride,
            "dilation": dilation,
            "padding": padding,
            "boundary": boundary,
            "correlate": correlate,
        }
        C = build(engine, kernel, (n,), **options)
        matrix, output_shape = convolution_matrix(kernel, (n,), **options)
        assert C.output_shape == output_shape, C
        assert_is(C, matrix, f"{C!r} k={k} {options}")
        tried += 1
    assert tried > 6


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("correlate", [False, True])
@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_same_centers_output_i_on_the_origin(k, correlate, engine):
    for origin, stride, dilation in product(range(k), (1, 2), (1, 2, 3)):
        options = {"stride": stride, "dilation": dilation, "origin": origin, "correlate": correlate}
        matrix, _ = convolution_matrix(kernel_of((k,)), (7,), **options)
        C = build(engine, kernel_of((k,)), (7,), **options)
        assert_is(C, matrix, f"origin {origin} of {k}, {C!r}")
        unit = np.zeros(k)
        unit[origin] = 1
        x = np.arange(1.0, 8.0)
        assert_close(build(engine, unit, (7,), **options)(x), x[::stride])


SEVERAL_AXES = [
    # kernel shape, input shape, options
    ((2, 3), (5, 4), {"padding": "same"}),
    ((3, 2), (4, 6), {"padding": "full", "boundary": "periodic"}),
    ((2, 4), (6, 5), {"padding": "same", "boundary": "symmetric"}),
    ((4, 3), (6, 6), {"stride": (2, 3), "boundary": "periodic"}),
    ((3, 2), (7, 5), {"stride": (2, 1), "dilation": (1, 2), "boundary": "symmetric"}),
    ((2, 2), (5, 7), {"stride": 2, "dilation": (2, 1), "padding": ((0, 1), (3, 0))}),
    ((3, 3), (5, 6), {"boundary": ("periodic", "symmetric")}),
    ((3, 2), (5, 6), {"boundary": ("zero", "periodic"), "stride": (1, 2)}),
    ((2, 3), (4, 5), {"boundary": ("symmetric", "zero"), "padding": "full", "stride": (3, 2)}),
    ((7, 6), (3, 4), {"boundary": "symmetric"}),
    ((7, 6), (3, 4), {"boundary": "periodic", "dilation": 2}),
    ((5, 1), (5, 6), {"padding": "valid", "stride": (1, 4)}),
    ((1, 1), (3, 5), {"boundary": "symmetric", "stride": 2}),
    ((2, 1, 3), (3, 4, 5), {"stride": (1, 3, 2), "boundary": ("symmetric", "zero", "periodic")}),
    ((2, 3, 2), (4, 3, 4), {"dilation": (1, 1, 2), "boundary": "periodic"}),
    ((2, 2, 3), (3, 5, 4), {"padding": ((0, 1), (2, 0), (1, 3)), "boundary": "symmetric", "stride": 2}),
    ((3, 3), (1, 5), {"boundary": "symmetric"}),
    ((3, 2), (5, 1), {"boundary": "periodic"}),
    ((4, 3), (5, 6), {"boundary": ("reflect", "antireflect")}),
    ((3, 4), (6, 5), {"boundary": ("edge", "periodic"), "stride": (2, 1)}),
    ((3, 2, 2), (3, 4, 3), {"boundary": ("antireflect", "zero", "edge"), "padding": "full"}),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("kernel_shape", "shape", "options"), SEVERAL_AXES, ids=str)
def test_convolution_of_several_axes_is_its_definition(kernel_shape, shape, options, engine):
    for complex_, correlate in product((False, True), repeat=2):
        kernel = kernel_of(kernel_shape, complex_=complex_)
        C = build(engine, kernel, shape, correlate=correlate, **options)
        matrix, output_shape = convolution_matrix(kernel, shape, correlate=correlate, **options)
        assert C.output_shape == output_shape
        assert_is(C, matrix)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_engines_agree_on_large_prime_sizes(boundary, engine, rng):
    kernel = normal(rng, (12, 7), complex_=True)
    C = build(engine, kernel, (97, 61), boundary=boundary, stride=(1, 2))
    other = build(
        "direct" if engine == "fourier" else "fourier", kernel, (97, 61), boundary=boundary, stride=(1, 2)
    )
    x, y = normal(rng, C.input_shape, complex_=True), normal(rng, C.output_shape)
    assert_close(C(x), other(x), size=84)
    assert_close(C.H(y), other.H(y), size=84)
    check_operator(C)


def test_the_cost_model_uses_both_engines_and_neither_shows():
    small, large = Convolution(kernel_of((2, 2)), (64, 64)), Convolution(kernel_of((31, 30)), (64, 64))
    assert small.engine == "direct"
    assert large.engine == "fft"
    x = kernel_of((64, 64))
    assert_array_equal(small(x), build("direct", kernel_of((2, 2)), (64, 64))(x))
    assert_array_equal(large(x), build("fourier", kernel_of((31, 30)), (64, 64))(x))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("shape", "kernel_shape", "boundary"),
    [
        ((8, 9), (3, 3), "symmetric"),
        ((8, 9), (2, 2), "zero"),
        ((8, 9), (4, 3), "symmetric"),
        ((7,), (4,), "zero"),
    ],
    ids=str,
)
def test_flipping_the_psf_is_not_the_adjoint(shape, kernel_shape, boundary, engine):
    """The recipe of five libraries: the adjoint as the same blur with the kernel turned round."""
    psf = np.abs(kernel_of(kernel_shape))
    C = build(engine, psf, shape, boundary=boundary)
    flipped = build(engine, np.flip(psf), shape, boundary=boundary)
    true = convolution_matrix(psf, shape, boundary=boundary)[0].T
    assert_close(C.H.to_dense(), true, c=16)
    wrong = flipped.to_dense()
    assert np.linalg.norm(wrong - true) > 0.1 * np.linalg.norm(true)
    # Where the recipe holds: periodic boundary and odd kernels.
    if all(k % 2 for k in kernel_shape):
        periodic = build(engine, psf, shape, boundary="periodic")
        assert_close(
            build(engine, np.flip(psf), shape, boundary="periodic").to_dense(), periodic.H.to_dense(), c=16
        )


# The registry: one of each kind, with its matrix made another way.


def registry():
    cases = {}

    def conv(name, kernel, shape, engine=None, **options):
        matrix, _ = convolution_matrix(kernel, shape, **options)
        make = Convolution if engine is None else lambda *a, **o: build(engine, *a, **o)
        cases[name] = (make(kernel, shape, **options), matrix)

    real, comp = kernel_of((2, 3)), kernel_of((3, 2), complex_=True)
    for engine in ENGINES:
        for boundary in BOUNDARIES:
            conv(f"{boundary} {engine}", real, (5, 4), engine, boundary=boundary)
            conv(
                f"{boundary} complex strided {engine}", comp, (6, 5), engine, boundary=boundary, stride=(2, 3)
            )
            conv(
                f"{boundary} full dilated {engine}",
                comp,
                (4, 7),
                engine,
                boundary=boundary,
                padding="full",
                dilation=2,
            )
        conv(f"valid {engine}", real, (5, 7), engine, padding="valid", correlate=True, stride=(1, 2))
        conv(
            f"asymmetric pads {engine}", real, (5, 4), engine, padding=((0, 3), (2, 1)), boundary="symmetric"
        )
        conv(f"one pixel {engine}", real, (1, 1), engine, boundary="symmetric")
        conv(f"one tap {engine}", kernel_of((1, 1)), (5, 4), engine, stride=(2, 3))
        conv(f"signal {engine}", kernel_of((4,)), (11,), engine, stride=3, boundary="symmetric")
        conv(f"volume {engine}", kernel_of((2, 1, 3)), (3, 2, 5), engine, boundary="periodic")
    for engine in ENGINES:
        sparse = np.array([[1j, 0, 2], [0, -1j, 0], [0, 0, 3]])
        conv(f"imaginary and zero taps {engine}", sparse, (4, 6), engine, stride=(1, 2), boundary="symmetric")
    conv("integers", np.array([[1, 0], [-1, -2]]), (4, 4), stride=2, padding="valid", correlate=True)

    psf = np.abs(kernel_of((3, 4)))
    for boundary in BOUNDARIES:
        cases[f"from_psf {boundary}"] = (
            Convolution.from_psf(psf, (5, 6), boundary=boundary),
            convolution_matrix(psf, (5, 6), boundary=boundary)[0],
        )
    cases["from_psf unknown"] = (
        Convolution.from_psf(psf, (5, 6), boundary="unknown"),
        convolution_matrix(psf, (7, 9), padding="valid")[0],
    )
    cases["from_otf"] = (
        Convolution.from_otf(comp_otf := kernel_of((5, 4), complex_=True), (5, 4)),
        otf_matrix(comp_otf),
    )
    real_otf = np.fft.fftn(kernel_of((4, 5)))
    cases["from_otf, real"] = (Convolution.from_otf(real_otf, (4, 5)), otf_matrix(real_otf).real)

    for boundary in ("neumann", "periodic"):
        for shape in ((5,), (4, 3), (2, 3, 1)):
            cases[f"Differences {boundary} {shape}"] = (
                Differences(shape, boundary=boundary),
                differences_matrix(shape, boundary),
            )
    for axes, words in (
        ((1, 2), ("periodic", "neumann")),
        ((2, 0), ("neumann", "periodic")),
        ((1,), "neumann"),
    ):
        cases[f"Differences along {axes}"] = (
            Differences((2, 3, 4), axes=axes, boundary=words),
            differences_matrix((2, 3, 4), words, axes),
        )
    cross = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
    for boundary in ("zero", "periodic", "symmetric"):
        cases[f"laplacian {boundary}"] = (
            laplacian((5, 4), boundary=boundary),
            convolution_matrix(cross, (5, 4), boundary=boundary)[0],
        )
    cases["laplacian of channels"] = (
        laplacian((2, 4, 3), boundary=("symmetric", "periodic"), channels=True),
        np.kron(np.eye(2), convolution_matrix(cross, (4, 3), boundary=("symmetric", "periodic"))[0]),
    )
    line = np.array([-1, 2, -1])
    cases["laplacian of a signal"] = (
        laplacian((5,), boundary="symmetric"),
        convolution_matrix(line, (5,), boundary="symmetric")[0],
    )
    cases["laplacian of a volume"] = (
        laplacian((3, 2, 4), boundary="periodic"),
        sum(
            np.kron(
                np.kron(np.eye(before), convolution_matrix(line, (n,), boundary="periodic")[0]), np.eye(after)
            )
            for before, n, after in ((1, 3, 8), (3, 2, 4), (6, 4, 1))
        ),
    )
    for shape, pads, words in (
        ((5, 3), ((2, 1), (0, 4)), ("symmetric", "zero")),
        ((4, 3), ((0, 9), (7, 2)), ("periodic", "symmetric")),
        ((1, 2), ((3, 2), (5, 4)), ("symmetric", "symmetric")),
        ((3, 2), ((0, 0), (0, 0)), ("zero", "periodic")),
        ((2, 3), ((1, 0), (0, 2)), ("zero", "zero")),
        ((4, 3), ((5, 2), (0, 4)), ("reflect", "edge")),
        ((4, 3), ((9, 12), (3, 7)), ("antireflect", "reflect")),
        ((1, 2), ((2, 3), (4, 5)), ("antireflect", "antireflect")),
        ((1, 3), ((2, 3), (4, 1)), ("reflect", "antireflect")),
    ):
        cases[f"Extension {shape} {pads} {words}"] = (
            Extension(shape, pads, words),
            extension_matrix(shape, pads, words),
        )

    C, M = cases["symmetric complex strided direct"]
    D = Convolution(kernel_of((2, 2), complex_=True, seed=3), C.input_shape, boundary="zero")
    N = convolution_matrix(kernel_of((2, 2), complex_=True, seed=3), C.input_shape)[0]
    R, Q = cases["periodic direct"]
    eye = np.eye(20)
    cases |= {
        "Identity": (Identity((5, 4)), eye),
        "C.H": (C.H, M.conj().T),
        "C.T": (C.T, M.T),
        "C.H.T": (C.H.T, M.conj()),
        "C.T.H": (C.T.H, M.conj()),
        "C.T.T": (C.T.T, M),
        "real C.T": (R.T, Q.T),
        "C @ D": (C @ D, M @ N),
        "C + C": (C + 3 * C, 4 * M),
        "D - real": (R - Identity((5, 4)), Q - eye),
        "complex + real": (D + Identity(D.input_shape), N + np.eye(30)),
        "-C": (-C, -M),
        "2j * C": (2j * C, 2j * M),
        "2j * real": (2j * R, 2j * Q),
        "C * complex64": (R * np.complex64(1 - 2j), (1 - 2j) * Q),
        "C / 2": (C / 2, M / 2),
        "C / 2j": (C / 2j, M / 2j),
        "C.gram": (C.gram, M.conj().T @ M),
        "gram of a square": (D.gram, N.conj().T @ N),
        "Stacked": (
            Stacked(R, 2 * Identity((5, 4)), Differences((5, 4))),
            np.concatenate([Q, 2 * eye, differences_matrix((5, 4), "neumann")]),
        ),
        "Stacked mixed": (Stacked(D, Identity(D.input_shape)), np.concatenate([N, np.eye(30)])),
        "Batched": (Batched(C, (2,)), np.kron(np.eye(2), M)),
        "Batched twice": (Batched(R, (2, 1)), np.kron(np.eye(2), Q)),
    }
    return cases


def otf_matrix(otf):
    """Return F⁻¹ diag(otf) F with the DFT matrices written out."""
    F = np.ones((1, 1))
    for n in otf.shape:
        F = np.kron(F, np.exp(-2j * np.pi * np.outer(np.arange(n), np.arange(n)) / n))
    return F.conj().T @ np.diag(otf.ravel()) @ F / otf.size


REGISTRY = registry()
every_operator = pytest.mark.parametrize("name", list(REGISTRY))


@every_operator
def test_check_operator(name):
    check_operator(REGISTRY[name][0])
    check_operator(REGISTRY[name][0].H, rng=1)


@every_operator
def test_equals_its_twin(name):
    assert_is(*REGISTRY[name])


@every_operator
def test_array_api_strict_in_strict_out(name, rng):
    C = REGISTRY[name][0]
    for operator in (C, C.H, C.T):
        for complex_, single in product((False, True), repeat=2):
            x = normal(rng, operator.input_shape, complex_=complex_)
            x = x.astype(np.complex64 if complex_ else np.float32) if single else x
            expected = operator(x)
            got = operator(strict.asarray(x))
            assert isinstance(got, type(strict.asarray(0.0)))
            assert str(got.dtype).endswith(str(expected.dtype)), (got.dtype, expected.dtype)
            assert_close(np.asarray(got), expected, c=16)


@every_operator
def test_precision_follows_the_data(name, rng):
    C = REGISTRY[name][0]
    for operator in (C, C.H):
        x = normal(rng, operator.input_shape)
        complex_out = C.dtype.kind == "c"
        assert operator(x.astype(np.float32)).dtype == (np.complex64 if complex_out else np.float32)
        assert operator(x.astype(np.float16)).dtype == (np.complex64 if complex_out else np.float32)
        assert operator(x.astype(np.complex64)).dtype == np.complex64
        assert operator(x + 0j).dtype == np.complex128
        assert operator(np.round(3 * x).astype(np.int16)).dtype == C.dtype == operator.dtype
        assert_close(operator(x.astype(np.float32)), operator(x), c=16)
        with pytest.raises(TypeError, match=r"longdouble|float128"):
            operator(x.astype(np.longdouble))


@every_operator
def test_pickled_copy_is_bit_equal(name, rng):
    C = REGISTRY[name][0]
    x = normal(rng, C.input_shape)
    y = C(x)
    copy = pickle.loads(pickle.dumps(C))
    assert repr(copy) == repr(C)
    assert_array_equal(copy(x), y)
    assert_array_equal(copy.H(y), C.H(y))


def test_pickle_drops_the_caches():
    C = Convolution(kernel_of((9, 8)), (64, 64), boundary="periodic")
    before = len(pickle.dumps(C))
    C(np.ones((64, 64)))
    C.H(np.ones((64, 64), np.complex64))
    assert len(pickle.dumps(C)) == before


@every_operator
def test_arguments_are_left_alone_and_results_are_fresh(name, rng):
    C = REGISTRY[name][0]
    for operator in (C, C.H, C.T):
        x = normal(rng, operator.input_shape)
        before = x.copy()
        x.flags.writeable = False
        first, second = operator(x), operator(x)
        assert_array_equal(x, before)
        assert not np.shares_memory(first, x)
        assert not np.shares_memory(first, second)
        assert first.flags.writeable


@pytest.mark.parametrize("name", [n for n in REGISTRY if "fourier" in n or "from_otf" in n])
def test_two_threads_on_one_fresh_operator(name, rng):
    C = pickle.loads(pickle.dumps(REGISTRY[name][0]))
    inputs = [normal(rng, C.input_shape, complex_=i % 2 == 1) for i in range(8)]
    expected = [(C(x), C.H(C(x))) for x in inputs]
    fresh = pickle.loads(pickle.dumps(C))  # no caches yet: both threads want to fill them
    start = threading.Barrier(2)
    got = {}

    def work(worker):
        start.wait()
        for _ in range(3):
            for i in range(worker, 8, 2):
                got[i] = (fresh(inputs[i]), fresh.H(fresh(inputs[i])))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, (y, x) in enumerate(expected):
        assert_array_equal(got[i][0], y)
        assert_array_equal(got[i][1], x)


@every_operator
def test_wrong_shapes_are_refused(name):
    C = REGISTRY[name][0]
    for operator in (C, C.H):
        n = operator.input_shape
        for shape in ((*n, 1), (1, *n), (n[0] + 1, *n[1:]), n[1:]):
            if shape == n:
                continue
            with pytest.raises(InvalidInputError, match=re.escape(f"input must have shape {n}; got {shape}")):
                operator(np.zeros(shape))


def test_a_batch_is_told_about_batched():
    with pytest.raises(InvalidInputError, match=re.escape("Batched(C, (B,))")):
        Convolution([1.0, 2.0], (5,))(np.zeros((3, 5)))


# SciPy takes an operator as it is.


@every_operator
def test_matvec_takes_flat_and_column(name, rng):
    C, matrix = REGISTRY[name]
    m, n = C.shape
    x, y = normal(rng, n), normal(rng, m)
    assert_close(C.matvec(x), matrix @ x, c=16)
    assert_close(C.rmatvec(y), matrix.conj().T @ y, c=16)
    assert C.matvec(x[:, None]).shape == (m, 1)
    assert_array_equal(C.matvec(x[:, None])[:, 0], C.matvec(x))
    assert_array_equal(C.rmatvec(y[:, None])[:, 0], C.rmatvec(y))
    assert_close(scipy.sparse.linalg.aslinearoperator(C).matmat(np.eye(n)), matrix, c=16)
    assert_close(C.as_scipy().rmatmat(np.eye(m)), matrix.conj().T, c=16)
    assert isinstance(C.as_scipy(), scipy.sparse.linalg.LinearOperator)
    for wrong in (np.ones(n + 1), np.ones((n, 2)), np.ones((1, n, 1))):
        with pytest.raises(InvalidInputError, match="matvec: x must have shape"):
            C.matvec(wrong)


@pytest.mark.parametrize(
    "name", ["symmetric fourier", "symmetric complex strided direct", "zero full dilated fourier"]
)
def test_scipy_solvers_take_the_operator_itself(name, rng):
    C, matrix = REGISTRY[name]
    b = normal(rng, C.shape[0], complex_=C.dtype.kind == "c")
    best = np.linalg.lstsq(matrix, b, rcond=None)[0]
    condition = np.linalg.cond(matrix)
    found = scipy.sparse.linalg.lsqr(C, b, atol=1e-14, btol=1e-14, iter_lim=2000)[0]
    assert np.linalg.norm(found - best) < 1e-10 * condition * np.linalg.norm(best)
    found = scipy.sparse.linalg.lsmr(C, b, atol=1e-14, btol=1e-14, maxiter=2000)[0]
    assert np.linalg.norm(found - best) < 1e-10 * condition * np.linalg.norm(best)
    top = scipy.sparse.linalg.svds(C, k=3, return_singular_vectors=False, random_state=0)
    assert_close(np.sort(top)[::-1], np.linalg.svd(matrix, compute_uv=False)[:3], c=1000)


@every_operator
def test_norm_is_the_largest_singular_value(name):
    C, matrix = REGISTRY[name]
    assert C.norm() == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-8, abs=1e-12)


def test_norm_by_lanczos_of_a_larger_operator(rng):
    kernel = normal(rng, (4, 3), complex_=True)
    C = Convolution(kernel, (16, 15), boundary="periodic")
    assert C.norm() == pytest.approx(np.abs(np.fft.fft2(kernel, (16, 15))).max(), rel=1e-9)


@pytest.mark.parametrize("shape", [(3,), (6, 7)], ids=str)
def test_norm_of_nothing_is_zero(shape):
    C = Convolution(kernel_of((2,) * len(shape)), shape)
    for zero in (0 * C, C - C, Differences((1,) * 9)):
        assert zero.norm() == 0.0


def test_to_sparse(rng):
    C, matrix = REGISTRY["valid direct"]
    sparse = C.to_sparse()
    assert isinstance(sparse, scipy.sparse.csr_array)
    assert_close(sparse.toarray(), matrix)


@pytest.mark.parametrize(
    "array", [np.ones((5, 4)), np.float64(2.0), [[1.0]]], ids=["array", "scalar", "list"]
)
def test_matmul_with_an_array_says_use_a_call(array):
    C = REGISTRY["zero direct"][0]
    with pytest.raises(TypeError, match=re.escape("use C(x)")):
        C @ array
    with pytest.raises(TypeError, match=re.escape("use C(x)")):
        array @ C


def test_array_times_operator_is_no_broadcast():
    C = REGISTRY["zero direct"][0]
    for call in (
        lambda: np.ones(3) * C,
        lambda: C * np.ones(3),
        lambda: C + 1,
        lambda: C - 1,
        lambda: C / "2",
    ):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(ZeroDivisionError):
        C / 0


def test_algebra_refuses_shapes_that_do_not_fit():
    C, D = REGISTRY["valid direct"][0], Identity((5, 4))
    with pytest.raises(InvalidInputError, match=re.escape("A @ B: B must have output_shape (5, 7)")):
        C @ D
    with pytest.raises(InvalidInputError, match=re.escape("A + B: B must map (5, 7) to")):
        C + D


# What it is called.


def test_repr():
    C = Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True)
    assert repr(C) == "Convolution 2×2, stride 2, valid: (4, 4) → (2, 2)"
    assert repr(C.H) == "(Convolution 2×2, stride 2, valid)ᴴ: (2, 2) → (4, 4)"
    D = Convolution(np.ones((3, 2)), (4, 6), stride=(1, 2), dilation=2, boundary=("zero", "periodic"))
    assert repr(D) == "Convolution 3×2, stride 1, 2, dilation 2, same, zero, periodic: (4, 6) → (4, 3)"
    assert repr(Convolution([1j], (3,), padding=(1, 0))) == "Convolution 1, pads (1, 0): (3,) → (4,)"
    assert repr((2j * C.T) @ C).startswith("0+2j · (Convolution 2×2")
    assert "ᵀ" in repr(Convolution([1j], (3,)).T)
    assert repr(Stacked(C, -C)).startswith("Stacked(Convolution 2×2, stride 2, valid; -1 · Conv")
    assert repr(Batched(C, (3,))) == "Batched(Convolution 2×2, stride 2, valid): (3, 4, 4) → (3, 2, 2)"
    assert repr(Differences((3, 4))) == "Differences neumann: (3, 4) → (2, 3, 4)"
    some = Differences((3, 4, 5), axes=(1, 2), boundary=("periodic", "neumann"))
    assert repr(some) == "Differences periodic, neumann along 1, 2: (3, 4, 5) → (2, 3, 4, 5)"
    assert repr(Identity((3,))) == "Identity: (3,) → (3,)"
    assert repr(Extension((3,), ((1, 0),), ("zero",))) == "Extension zero: (3,) → (4,)"
    assert (
        repr(C + C)
        == "(Convolution 2×2, stride 2, valid + Convolution 2×2, stride 2, valid): (4, 4) → (2, 2)"
    )


def test_operators_are_immutable():
    kernel = np.array([1.0, 2.0])
    C = Convolution(kernel, (4,))
    kernel[:] = 0
    assert_array_equal(C.kernel, [1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        C.kernel[0] = 5
    for name in ("shape", "dtype", "input_shape", "output_shape", "kernel"):
        with pytest.raises(AttributeError):
            setattr(C, name, None)


def test_float32_kernel_does_not_coarsen_float64_data():
    kernel = kernel_of((2, 3)).astype(np.float32)
    C = Convolution(kernel, (5, 4), boundary="symmetric")
    assert C.dtype == np.float64
    assert_is(C, convolution_matrix(kernel.astype(float), (5, 4), boundary="symmetric")[0])


# check_operator must itself be able to fail.


class Broken(LinearOperator):
    """Multiplication by a complex diagonal and a cyclic shift, with one fault of your choice."""

    def __init__(self, fault, *, real=False):
        super().__init__((6,), (6,), float if real else complex)
        self.fault = fault
        self.weights = kernel_of((6,), complex_=not real)
        self.calls = 0

    def _forward(self, x):
        w = (
            self.weights.astype(
                np.result_type(np.complex64 if x.dtype.itemsize <= 8 and x.dtype != np.float64 else complex)
            )
            if self.dtype.kind == "c"
            else self.weights.astype(x.real.dtype)
        )
        self.calls += 1
        match self.fault:
            case "mutates":
                x *= 2
            case "shape":
                return np.zeros(5)
            case "view":
                return x[::-1]
            case "cached":
                if not hasattr(self, "kept") or self.kept.dtype != x.dtype:
                    self.kept = np.roll(w * x, 1)
                self.kept[...] = np.roll(w * x, 1)
                return self.kept
            case "widens":
                return np.roll(self.weights * x.astype(complex), 1)
            case "nonlinear":
                return np.roll(w * np.abs(x), 1)
            case "affine":
                return np.roll(w * x, 1) + w
            case "antilinear":
                return np.roll(w * np.conj(x), 1)
            case "random":
                return np.roll(w * x, 1) * (1 + 1e-9 * self.calls)
            case "imprecise":
                return np.roll(w * x, 1).astype(
                    np.complex64 if x.dtype.itemsize <= 8 and x.dtype != np.float64 else complex
                ) * (1.01 if x.dtype == np.complex64 else 1)
            case "drops complex":
                return np.roll(w.real * x, 1)
        return np.roll(w * x, 1)

    def _adjoint(self, y):
        w = (
            self.weights.astype(np.complex64 if y.dtype.itemsize <= 8 and y.dtype != np.float64 else complex)
            if self.dtype.kind == "c"
            else self.weights.astype(y.real.dtype)
        )
        match self.fault:
            case "no conjugate":
                return w * np.roll(y, -1)
            case "flipped":
                return np.conj(w[::-1]) * np.roll(y, -1)
            case "unshifted":
                return np.conj(w) * np.roll(y, 1)
            case "scaled":
                return (1 + 1e-6) * np.conj(w) * np.roll(y, -1)
            case "adjoint mutates":
                y += 1
        return np.conj(w) * np.roll(y, -1)


def test_check_operator_accepts_the_sound_one():
    check_operator(Broken("none"))
    check_operator(Broken("none", real=True))


@pytest.mark.parametrize(
    ("fault", "identity"),
    [
        ("no conjugate", "⟨Cx, y⟩ = ⟨x, Cᴴy⟩ fails by"),
        ("flipped", "⟨Cx, y⟩ = ⟨x, Cᴴy⟩ fails by"),
        ("unshifted", "⟨Cx, y⟩ = ⟨x, Cᴴy⟩ fails by"),
        ("scaled", "⟨Cx, y⟩ = ⟨x, Cᴴy⟩ fails by"),
        ("mutates", "C modifies its argument"),
        ("adjoint mutates", "Cᴴ modifies its argument"),
        ("shape", r"C returns shape \(5,\)"),
        ("view", "C returns memory that somebody else sees"),
        ("cached", "C returns memory that somebody else sees"),
        ("widens", "C turns complex64 into complex128"),
        ("nonlinear", r"C\(ax \+ z\) = aC\(x\) \+ C\(z\) fails by"),
        ("affine", r"C\(ax \+ z\) = aC\(x\) \+ C\(z\) fails by"),
        ("antilinear", r"C\(ax \+ z\) = aC\(x\) \+ C\(z\) fails by"),
        ("random", "C returns other bits at the second call"),
        ("imprecise", "C in single precision fails by"),
        ("drops complex", "C of real input is float64, dtype says complex128"),
    ],
)
def test_check_operator_names_what_fails(fault, identity):
    with pytest.raises(OperatorCheckError, match=identity):
        check_operator(Broken(fault))


def test_check_operator_pickles():
    class Local(Broken):  # a class inside a function does not pickle
        pass

    with pytest.raises((OperatorCheckError, AttributeError, pickle.PicklingError), match="Local"):
        check_operator(Local("none"))


def test_check_operator_on_a_transpose_that_lies():
    class Lies(Broken):
        @property
        def T(self):
            return self.H

    with pytest.raises(OperatorCheckError, match=r"Cᵀy = conj\(Cᴴ conj\(y\)\) fails by"):
        check_operator(Lies("none"))


def test_check_operator_is_seeded():
    with pytest.raises(OperatorCheckError) as first:
        check_operator(Broken("flipped"), rng=3)
    with pytest.raises(OperatorCheckError) as second:
        check_operator(Broken("flipped"), rng=np.random.default_rng(3))
    assert str(first.value) == str(second.value)
