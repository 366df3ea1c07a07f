"""Every structure × every kind of L, against dense SVD, generalized eigenvalues and stacked least squares."""

from __future__ import annotations

import pickle
from functools import cache, reduce

import array_api_strict as strict
import numpy as np
import pytest
import scipy.linalg
from tolerance import assert_close, normal
from twins import tikhonov_dense, tikhonov_limit, truncated_svd_dense

from invdeconv import Convolution, Differences, Identity, decompose, pseudo_inverse, tikhonov
from invdeconv.operators import laplacian

# Some pairs lose a direction on purpose; that the warning names it is tested in test_general_form.
pytestmark = pytest.mark.filterwarnings("ignore:IDW006")


def kernel_of(shape, *, complex_=False, seed=1):
    return normal(np.random.default_rng([seed, *shape]), shape, complex_=complex_)


def outer(*shape, complex_=False):
    """Return a separable kernel."""
    return reduce(
        np.multiply.outer, [kernel_of((k,), complex_=complex_, seed=i) for i, k in enumerate(shape)]
    )


def channels(kernel, shape, **options):
    return Convolution(kernel, shape, channels=True, boundary="periodic", **options)


def even(half, axes=None):
    """Return the kernel that is even along each of the axes with this corner."""
    for axis in range(half.ndim) if axes is None else axes:
        half = np.concatenate([half, np.flip(half, axis)[(slice(None),) * axis + (slice(1, None),)]], axis)
    return half


DFT, DCT, MIXED = "periodic DFT", "DCT-II", "DFT × DCT-II"
ALIASED, BLOCKS = "periodic DFT, one block per alias set", "periodic DFT, one matrix per frequency"
ROWS, KRONECKER, DENSE = "orthogonal rows", "Kronecker", "dense"
BOX = np.ones((3, 3))

# name: (structure with L = I, C)
OPERATORS = {
    "DFT odd": (DFT, Convolution(kernel_of((2, 3)), (4, 5), boundary="periodic")),
    "DFT even": (DFT, Convolution(kernel_of((3, 2)), (5, 6), boundary="periodic", correlate=True)),
    "DFT complex": (DFT, Convolution(kernel_of((2, 3), complex_=True), (4, 6), boundary="periodic")),
    "DFT singular": (DFT, Convolution(BOX, (6, 6), boundary="periodic")),
    "DFT zero mean": (DFT, Convolution([1.0, -1.0], (7,), boundary="periodic")),
    "DFT signal": (DFT, Convolution(kernel_of((4,)), (8,), boundary="periodic")),
    "DFT volume": (DFT, Convolution(kernel_of((2, 2, 3)), (3, 2, 4), boundary="periodic")),
    "DFT dilated": (DFT, Convolution(kernel_of((3, 2)), (5, 4), boundary="periodic", dilation=2)),
    "DFT longer": (DFT, Convolution(kernel_of((7, 5)), (3, 4), boundary="periodic")),
    "DFT one pixel": (DFT, Convolution([[2.0, -0.5]], (1, 1), boundary="periodic")),
    "aliased": (ALIASED, Convolution(kernel_of((3, 2)), (4, 6), stride=(2, 3), boundary="periodic")),
    "aliased one axis": (ALIASED, Convolution(kernel_of((2, 3)), (5, 6), stride=(1, 2), boundary="periodic")),
    "aliased complex": (
        ALIASED,
        Convolution(kernel_of((2, 3), complex_=True), (4, 6), stride=2, boundary="periodic"),
    ),
    "aliased volume": (
        ALIASED,
        Convolution(kernel_of((2, 2, 3)), (2, 3, 6), stride=(2, 1, 3), boundary="periodic"),
    ),
    "aliased in one": (ALIASED, Convolution(kernel_of((3, 2)), (3, 4), stride=(3, 4), boundary="periodic")),
    "aliased signal": (ALIASED, Convolution(kernel_of((4,)), (9,), stride=3, boundary="periodic")),
    "aliased singular": (ALIASED, Convolution(np.ones((3, 2)), (6, 8), stride=2, boundary="periodic")),
    "aliased zero mean": (ALIASED, Convolution([1.0, -1.0, 2.0, -2.0], (8,), stride=2, boundary="periodic")),
    "DCT": (DCT, Convolution(even(kernel_of((2, 3))), (5, 6), boundary="symmetric")),
    "DCT longer": (DCT, Convolution(even(kernel_of((4, 2))), (3, 4), boundary="symmetric")),
    "DCT complex": (DCT, Convolution(even(kernel_of((2, 2), complex_=True)), (4, 5), boundary="symmetric")),
    "DCT singular": (DCT, Convolution(BOX, (6, 6), boundary="symmetric")),
    "DCT signal": (DCT, Convolution(even(kernel_of((3,))), (7,), boundary="symmetric")),
    "DCT volume": (DCT, Convolution(even(kernel_of((2, 1, 2))), (3, 2, 4), boundary="symmetric")),
    "DCT shifted support": (DCT, Convolution([[0.0, 1.0, 3.0, 1.0]], (4, 6), boundary="symmetric")),
    "mixed": (MIXED, Convolution(even(kernel_of((2, 3)), [1]), (4, 5), boundary=("periodic", "symmetric"))),
    "mixed other way": (
        MIXED,
        Convolution(even(kernel_of((2, 3)), [0]), (5, 4), boundary=("symmetric", "periodic")),
    ),
    "mixed complex": (
        MIXED,
        Convolution(even(kernel_of((2, 3), complex_=True), [0]), (4, 3), boundary=("symmetric", "periodic")),
    ),
    "mixed volume": (
        MIXED,
        Convolution(
            even(kernel_of((3, 2, 2)), [1]), (4, 3, 2), boundary=("periodic", "symmetric", "periodic")
        ),
    ),
    "mixed singular": (MIXED, Convolution(BOX, (6, 3), boundary=("periodic", "symmetric"))),
    "rows": (ROWS, Convolution([[1, 0], [-1, -2]], (4, 6), stride=2, padding="valid")),
    "rows cut": (ROWS, Convolution(kernel_of((2, 3)), (5, 7), stride=(2, 3), padding=((1, 1), (2, 2)))),
    "rows dilated": (ROWS, Convolution(kernel_of((2, 3)), (5, 6), stride=3, dilation=(1, 2), padding=(2, 2))),
    "rows complex": (ROWS, Convolution(kernel_of((2, 2), complex_=True), (4, 5), stride=2, padding=(1, 0))),
    "rows beyond": (ROWS, Convolution([2.0, -1.0], (3,), stride=2, padding=(4, 4))),
    "rows signal": (ROWS, Convolution(kernel_of((3,)), (8,), stride=3, padding=(1, 0))),
    "rows of channels": (
        ROWS,
        Convolution(
            [[[[1, 1], [1, 1]]], [[[2, -2], [2, -2]]], [[[0, 1], [0, -1]]]],
            (1, 4, 6),
            stride=2,
            padding="valid",
            channels=True,
        ),
    ),
    "rows of groups": (
        ROWS,
        Convolution(kernel_of((3, 1, 2)), (3, 5), stride=2, padding=(1, 1), channels=True, groups=3),
    ),
    "Kronecker zero": (KRONECKER, Convolution(outer(2, 3), (4, 5))),
    "Kronecker strided": (
        KRONECKER,
        Convolution(outer(3, 4), (5, 6), stride=(2, 3), padding=((0, 1), (2, 1))),
    ),
    "Kronecker complex": (KRONECKER, Convolution(outer(2, 3, complex_=True), (3, 4), boundary="edge")),
    "Kronecker words": (
        KRONECKER,
        Convolution(outer(2, 3), (5, 4), boundary=("antireflect", "reflect"), dilation=(1, 2)),
    ),
    "Kronecker tall": (KRONECKER, Convolution(outer(3, 2), (3, 4), padding="full")),
    "Kronecker tall and wide": (KRONECKER, Convolution(outer(3, 2), (4, 5), padding=((2, 2), (0, 0)))),
    "Kronecker volume": (KRONECKER, Convolution(outer(2, 2, 3), (3, 2, 4), boundary="symmetric")),
    "Kronecker singular": (KRONECKER, Convolution(BOX[:2], (4, 5), boundary=("zero", "periodic"), stride=2)),
    "blocks 3 to 2": (BLOCKS, channels(kernel_of((2, 3, 2, 3)), (3, 3, 4))),
    "blocks 2 to 3": (BLOCKS, channels(kernel_of((3, 2, 3, 2)), (2, 2, 5))),
    "blocks strided": (BLOCKS, channels(kernel_of((2, 2, 2, 3)), (2, 4, 6), stride=(2, 3))),
    "blocks tall": (BLOCKS, channels(kernel_of((5, 1, 3)), (1, 6), stride=2)),
    "blocks groups": (BLOCKS, channels(kernel_of((4, 2, 2, 2)), (4, 3, 2), groups=2)),
    "blocks complex": (BLOCKS, channels(kernel_of((2, 2, 3), complex_=True), (2, 6), stride=2)),
    "blocks volume": (BLOCKS, channels(kernel_of((2, 2, 2, 1, 3)), (2, 2, 2, 3))),
    "blocks singular": (BLOCKS, channels(np.ones((2, 2, 2, 2)), (2, 4, 4), stride=2)),
    "blocks zero mean": (BLOCKS, channels([[[1.0, -1.0]], [[2.0, -2.0]]], (1, 6))),
    "blocks of points": (BLOCKS, channels(kernel_of((3, 2, 1, 1)), (2, 3, 4))),
    "aliased channels": (ALIASED, channels(kernel_of((1, 3, 2, 3)), (3, 2, 6), stride=(1, 2))),
    "aliased depthwise": (ALIASED, channels(kernel_of((3, 1, 3, 2)), (3, 4, 2), groups=3, stride=2)),
    "dense zero": (DENSE, Convolution(kernel_of((2, 3)), (4, 5))),
    "dense symmetric": (DENSE, Convolution(kernel_of((2, 3)), (4, 5), boundary="symmetric")),
    "dense complex": (DENSE, Convolution(kernel_of((3, 2), complex_=True), (5, 4), stride=(1, 2))),
    "dense wide": (DENSE, Convolution([[1, 0], [-1, -2]], (4, 6), padding="valid")),
    "dense tall": (DENSE, Convolution(kernel_of((2, 3)), (3, 4), padding="full")),
    "dense signal": (DENSE, Convolution(kernel_of((3,)), (8,), padding="valid")),
    "dense zero mean": (DENSE, Convolution([1.0, -1.0], (7,), boundary="symmetric")),
    "dense mixed": (DENSE, Convolution(kernel_of((2, 3)), (4, 5), boundary=("periodic", "symmetric"))),
    "dense strided": (DENSE, Convolution(kernel_of((2, 3)), (5, 6), stride=2, boundary="periodic")),
    "dense adjoint": (DENSE, Convolution(kernel_of((2, 3)), (4, 5), boundary="periodic").H),
}
REGULARIZERS = ("none", "gradient", "laplacian", "convolution")


@cache
def regularizer_of(kind, C):
    shape = C.input_shape
    lead = int(getattr(C, "groups", None) is not None)
    words = getattr(C, "boundaries", ("zero",) * len(shape))
    words = tuple(word if word == "periodic" else "symmetric" for word in words)
    if kind == "none":
        return None
    if kind == "gradient":
        ends = tuple("periodic" if word == "periodic" else "neumann" for word in words)
        return Differences(shape, boundary=ends, axes=range(lead, len(shape)))
    if kind == "laplacian":
        return laplacian(shape, boundary=words, channels=bool(lead))
    kernel = kernel_of((2,) * len(words), seed=5)
    kernel = even(kernel, [i for i, word in enumerate(words) if word == "symmetric"])
    if lead:  # mixes channels
        kernel = np.multiply.outer(kernel_of((shape[0] + 1, shape[0]), seed=6), kernel)
    return Convolution(kernel, shape, boundary=words, channels=bool(lead))


def structure_of(name, kind):
    structure, C = OPERATORS[name]
    if structure == ALIASED and C.groups is not None and kind == "convolution":
        return BLOCKS
    return structure


def kinds_of(name):
    """Return the regularizers worth a test: without a joint structure the pair is one dense pair more."""
    if OPERATORS[name][0] in (ROWS, KRONECKER):
        return ("none",)
    return ("none", "gradient", "convolution") if OPERATORS[name][0] in (BLOCKS, MIXED) else REGULARIZERS


PAIRS = [(name, kind) for name in OPERATORS for kind in kinds_of(name)]
every_operator = pytest.mark.parametrize("name", list(OPERATORS))
every_pair = pytest.mark.parametrize(("name", "kind"), PAIRS, ids=lambda v: v)


@cache
def matrices(name, kind):
    C = OPERATORS[name][1]
    L = regularizer_of(kind, C)
    return C, L, C.to_dense(), None if L is None else L.to_dense()


def data_for(C, seed=0, *, complex_=False):
    return normal(np.random.default_rng(seed), C.output_shape, complex_=complex_)


def widest_gap(values):
    """Return a threshold in the widest gap of a sorted spectrum: which side a value is on is no accident."""
    if len(values) == 1:
        return 0.5 * values[0]
    widest = np.argmax(values[:-1] - values[1:])
    return 0.5 * (values[widest] + values[widest + 1])


@every_pair
def test_structure(name, kind):
    C = OPERATORS[name][1]
    d = decompose(C, regularizer_of(kind, C))
    assert d.structure == structure_of(name, kind)
    assert d.structure in repr(d)
    assert d.operator is C
    assert d.data_size == C.shape[0]


@every_operator
def test_the_identity_is_no_regularizer(name):
    structure, C = OPERATORS[name]
    d = decompose(C, Identity(C.input_shape))
    assert d.structure == structure
    assert d.regularizer is None or structure == DENSE


def test_what_has_no_transform_is_dense_or_nothing():
    C = Convolution(kernel_of((3, 3)), (40, 40), boundary="symmetric")
    assert decompose(C) is None
    assert (
        decompose(
            Convolution(BOX, (40, 40), boundary="symmetric"), Differences((40, 40), boundary="periodic")
        )
        is None
    )
    assert decompose(Convolution(BOX, (6, 6), boundary="periodic"), Differences((6, 6))).structure == DENSE
    # Even about the center, but not along each axis: a skew Gaussian is no business of the DCT.
    skew = np.array([[2.0, 1, 0], [1, 3, 1], [0, 1, 2]])
    assert decompose(Convolution(skew, (6, 6), boundary="symmetric")).structure == DENSE
    # Even along one axis only, or even but with outputs missing: not symmetric matrices.
    for kernel in (
        np.array([[1.0, 2, 4], [4, 5, 6], [1, 2, 4]]),
        np.array([[1.0, 4, 1], [2, 5, 2], [4, 6, 4]]),
    ):
        assert decompose(Convolution(kernel, (6, 6), boundary="symmetric")).structure == DENSE
    assert decompose(Convolution([1.0, 3, 1], (6,), padding=(1, 0), boundary="symmetric")).structure == DENSE
    # Even support cannot be even about its origin; a zero row may make it so.
    assert decompose(Convolution([1.0, 1.0], (6,), boundary="symmetric")).structure == DENSE


@every_operator
def test_singular_values_rank_and_condition(name):
    C = OPERATORS[name][1]
    d, A = decompose(C), C.to_dense()
    values = np.linalg.svd(A, compute_uv=False)
    assert d.singular_values.shape == values.shape
    assert_close(d.singular_values, values, c=8)
    rank = np.linalg.matrix_rank(A)
    assert d.rank() == rank
    assert d.nullity == A.shape[1] - rank
    middle = widest_gap(values) / values[0]
    assert d.rank(middle) == int(np.sum(values > middle * values[0]))
    if rank < min(A.shape):
        assert d.condition_number == np.inf
    else:
        assert d.condition_number == pytest.approx(np.linalg.cond(A), rel=1e-9)
    stated = np.sum(np.broadcast_to(d.multiplicity, d.c.shape))
    if name == "rows beyond":  # windows that meet no sample
        assert stated == A.shape[0] > A.shape[1]
    else:
        assert stated <= min(A.shape) if d.structure == KRONECKER else stated == min(A.shape)
    assert np.sum(d.multiplicity * d.c**2) == pytest.approx(np.linalg.norm(A) ** 2, rel=1e-12)


@every_pair
def test_generalized_singular_values(name, kind):
    C, _L, A, B = matrices(name, kind)
    d = decompose(C, regularizer_of(kind, C))
    if B is None:
        np.testing.assert_array_equal(d.s, 1.0)
        return
    G = A.conj().T @ A
    total = G + B.conj().T @ B
    # c²/(c² + s²): the generalized eigenvalues of (AᴴA, AᴴA + BᴴB) where the pair sees anything, else 0.
    weights, basis = np.linalg.eigh(total)
    basis = basis[:, weights > 1e-10 * weights[-1]]
    G, total = (basis.conj().T @ matrix @ basis for matrix in (G, total))
    expected = np.zeros(A.shape[1])
    expected[: len(total)] = scipy.linalg.eigh(G, total, eigvals_only=True)[::-1]
    expected = expected[: min(A.shape)]
    gamma = d.singular_values
    got = np.array([1.0 if np.isinf(g) else g**2 / (1 + g**2) for g in gamma])
    assert np.abs(got - np.clip(expected, 0, None)).max() < 1e-9 * np.linalg.cond(total)


@every_pair
def test_filters_equal_stacked_least_squares(name, kind):
    C, L, A, B = matrices(name, kind)
    d = decompose(C, L)
    both = [data_for(C, complex_=complex_) for complex_ in (False, True)]
    for lam in (1e-3, 0.7, 40.0):
        twin = tikhonov_dense(A, np.stack([y.ravel() for y in both], axis=1), lam, B)
        for y, expected in zip(both, twin.T, strict=True):
            # Where neither sees anything the quotient is 0/0, meant as 0.
            x = d.filter(y, lambda c, s, lam=lam: c / (c * c + lam * s * s + 1e-200))
            assert x.shape == C.input_shape
            assert (x.dtype.kind == "c") == (y.dtype.kind == "c" or C.dtype.kind == "c")
            assert_close(x.ravel(), expected, condition=1e3, c=8, label=f"{y.dtype}, lam={lam}")
            method = tikhonov(y, C, lam=lam, regularizer="identity" if L is None else L)
            assert_close(method.estimate.ravel(), expected, condition=1e3, c=8, label=f"{y.dtype}, lam={lam}")
            assert method.method == f"tikhonov ({d.structure})"


@every_pair
def test_the_limit_is_exact(name, kind):
    C, L, A, B = matrices(name, kind)
    y = data_for(C, complex_=C.dtype.kind == "c")
    x = tikhonov(y, C, lam=0, regularizer="identity" if L is None else L).estimate
    expected = tikhonov_limit(A, y.ravel(), np.eye(A.shape[1]) if B is None else B)
    values = np.linalg.svd(A, compute_uv=False)
    condition = values[0] / values[values > 1e-11 * values[0]][-1]
    assert_close(x.ravel(), expected, c=64, condition=condition)
    # And small λ tends to it.
    near = tikhonov(y, C, lam=1e-9 * values[0] ** 2 / condition**2, regularizer=L or "identity").estimate
    assert np.linalg.norm(near - x) < 1e-5 * condition * np.linalg.norm(x)


@every_operator
def test_moore_penrose(name):
    C = OPERATORS[name][1]
    A = C.to_dense()
    m = A.shape[0]
    kind = complex if C.dtype.kind == "c" else float
    units = np.eye(m, dtype=kind).reshape(m, *C.output_shape)
    P = np.stack([pseudo_inverse(e, C).estimate.ravel() for e in units], axis=1)
    values = np.linalg.svd(A, compute_uv=False)
    condition = values[0] / values[values > 1e-11 * values[0]][-1]
    for label, product, expected in (
        ("ABA", A @ P @ A, A),
        ("BAB", P @ A @ P, P),
        ("(AB)ᴴ", A @ P, (A @ P).conj().T),
        ("(BA)ᴴ", P @ A, (P @ A).conj().T),
    ):
        assert_close(product, expected, c=8, condition=condition, label=label)
    assert_close(P, np.linalg.pinv(A, rcond=1e-11), c=16, condition=condition)


@every_operator
def test_truncation_is_the_truncated_svd(name):
    C = OPERATORS[name][1]
    d, A, y = decompose(C), C.to_dense(), data_for(C)
    values = np.linalg.svd(A, compute_uv=False)
    rtol = widest_gap(values) / values[0]
    x = d.filter(y, lambda c, s: np.where(c > rtol * c.max(), 1 / np.where(c > 0, c, 1), 0))
    assert_close(x.ravel(), truncated_svd_dense(A, y.ravel(), rtol), c=16, condition=1 / rtol)


@every_pair
@pytest.mark.parametrize("complex_", [False, True], ids=["real data", "complex data"])
def test_the_factors_are_a_factorization(name, kind, complex_):
    """C X k = U (c·k); ‖L X k‖² = Σ multiplicity·|s·k|²; UᴴU k = k; energies agree."""
    C, L, A, _B = matrices(name, kind)
    d = decompose(C, L)
    if complex_ and not d._takes_complex:
        assert d.multiplicity is not None  # a half spectrum takes the parts one by one
        y = data_for(C, complex_=True)
        assert_close(d.power(y), d.power(y.real) + d.power(y.imag))
        return
    y = data_for(C, complex_=complex_)
    k = d.analyze(y)
    assert k.shape == d.c.shape
    assert_close(C(d.synthesize(k)), d.synthesize_output(d.c * k), c=16)
    assert_close(d.analyze(d.synthesize_output(k)), k, c=16)
    inside = np.vdot(d.synthesize_output(k), y).real
    assert float(np.sum(d.power(y))) == pytest.approx(inside, rel=1e-12)
    assert float(np.sum(d.power(y))) == pytest.approx(np.linalg.norm(d.synthesize_output(k)) ** 2, rel=1e-12)
    k = k * (d.c > 1e-11 * d.c.max())
    x = d.synthesize(k)
    seen = np.linalg.norm(x if L is None else L(x)) ** 2
    assert seen == pytest.approx(float(np.sum(d.multiplicity * np.abs(d.s * k) ** 2)), rel=1e-10, abs=1e-12)
    beyond = d.out_of_range(y)
    assert beyond == pytest.approx(np.linalg.norm(y) ** 2 - inside, abs=1e-12 * np.linalg.norm(y) ** 2)
    if d.regularizer is None and np.linalg.matrix_rank(A) == min(A.shape):
        residual = y.ravel() - A @ np.linalg.lstsq(A, y.ravel(), rcond=None)[0]
        assert beyond == pytest.approx(np.linalg.norm(residual) ** 2, abs=1e-11 * np.linalg.norm(y) ** 2)


@every_operator
def test_picard(name):
    C = OPERATORS[name][1]
    d, A, y = decompose(C), C.to_dense(), data_for(C)
    sigma, coefficients = d.picard(y)
    assert np.all(np.diff(sigma) <= 0)
    assert sigma.shape == coefficients.shape
    # Energy below any threshold is a number that does not depend on the basis inside a degenerate block.
    u, values, _ = np.linalg.svd(A, full_matrices=False)
    repeats = np.broadcast_to(d.multiplicity, d.c.shape).ravel()[np.argsort(d.c, axis=None)[::-1]]
    for low in (widest_gap(values), 1e-9 * values[0]):
        if np.abs(values - low).min() < 1e-6 * values[0] and low > 1e-6 * values[0]:
            continue  # one value only: nothing to part
        expected = np.sum(np.abs(u[:, values > low].conj().T @ y.ravel()) ** 2)
        got = np.sum((repeats * coefficients**2)[sigma > low])
        assert got == pytest.approx(expected, rel=1e-8, abs=1e-10)


@every_pair
def test_null_space(name, kind):
    C, L, A, _ = matrices(name, kind)
    d = decompose(C, L)
    basis = d.null_space()
    nullity = A.shape[1] - np.linalg.matrix_rank(A)
    assert basis.shape == (nullity, *C.input_shape)
    rows = basis.reshape(nullity, A.shape[1])
    assert_close(rows.conj() @ rows.T, np.eye(nullity), c=16)
    assert np.abs(A @ rows.T).max(initial=0) < 1e-11 * np.linalg.norm(A)
    if nullity > 1:
        assert d.null_space(limit=1).shape == (1, *C.input_shape)
    x = normal(np.random.default_rng(3), C.input_shape)
    hidden = d.project_null(x)
    assert np.linalg.norm(C(hidden)) < 1e-11 * np.linalg.norm(A) * np.linalg.norm(x)
    assert_close(C(x - hidden), C(x), c=64)
    if L is None:
        row_space = np.linalg.pinv(A, rcond=1e-11) @ (A @ x.ravel())
        assert_close((x - hidden).ravel(), row_space, c=64, condition=100)
        assert abs(np.vdot(hidden, x - hidden)) < 1e-11 * np.linalg.norm(x) ** 2


@every_pair
def test_array_api_strict_gives_the_same(name, kind):
    C, L, _, _ = matrices(name, kind)
    d = decompose(C, L)
    for complex_ in (False, True):
        y = data_for(C, complex_=complex_)
        phi = lambda c, s: c / (c * c + 0.3 * s * s + 1e-9)  # noqa: E731
        expected, got = d.filter(y, phi), d.filter(strict.asarray(y), phi)
        assert isinstance(got, type(strict.asarray(0.0)))
        assert str(got.dtype).endswith(str(expected.dtype))
        assert_close(np.asarray(got), expected, c=64)
        assert_close(np.asarray(d.power(strict.asarray(y))), d.power(y), c=64)
        assert d.out_of_range(strict.asarray(y)) == pytest.approx(d.out_of_range(y), abs=1e-12)


@every_pair
def test_single_precision_and_pickle(name, kind):
    C, L, _, _ = matrices(name, kind)
    d = decompose(C, L)
    y = data_for(C)
    phi = lambda c, s: c / (c * c + 0.3 * s * s + 1e-3)  # noqa: E731
    expected = d.filter(y, phi)
    single = d.filter(y.astype(np.float32), phi)
    assert single.dtype == (np.complex64 if C.dtype.kind == "c" else np.float32)
    assert_close(single, expected, c=64)
    assert d.analyze(y.astype(np.float32)).dtype in (np.float32, np.complex64)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(d)).filter(y, phi), expected)


@pytest.mark.parametrize(
    ("name", "frequency"),
    [
        ("DFT signal", np.arange(5) / 8),
        ("DFT zero mean", np.array([0, 1, 2, 3]) / 7),
        ("DCT signal", np.arange(7) / 14),
    ],
)
def test_frequencies(name, frequency):
    assert_close(decompose(OPERATORS[name][1]).frequency, frequency)


def test_frequencies_of_two_axes():
    half = decompose(Convolution(kernel_of((2, 2)), (3, 4), boundary="periodic")).frequency
    assert_close(half, np.hypot(np.array([[0], [1], [-1]]) / 3, np.array([0, 1, 2]) / 4))
    d = decompose(Convolution(kernel_of((2, 2), complex_=True), (3, 4), boundary="periodic"))
    rows, columns = np.array([0, 1, -1]) / 3, np.array([0, 1, -2, -1]) / 4
    assert_close(d.frequency, np.hypot(rows[:, None], columns))
    for name in ("dense wide", "aliased", "blocks groups", "Kronecker zero", "rows"):
        assert decompose(OPERATORS[name][1]).frequency is None
    # DCT axes come first.
    d = decompose(OPERATORS["mixed"][1])
    assert_close(d.frequency, np.hypot(np.arange(5)[:, None] / 10, np.array([0, 1, 2]) / 4))


@pytest.mark.parametrize("name", [name for name in OPERATORS if OPERATORS[name][0] != ALIASED])
def test_what_the_gradient_does_not_see_has_no_finite_ratio(name):
    """c/s is infinite for constants, not 1e13: a search over λ must not run there."""
    C = OPERATORS[name][1]
    gamma = decompose(C, regularizer_of("gradient", C)).gamma
    assert np.all(np.isinf(gamma) | (gamma < 1e4 * np.abs(C.to_dense()).sum(axis=1).max()))
    constants = np.ones((1, *C.input_shape))
    if getattr(C, "groups", None) is not None:  # one in each channel
        lead = C.input_shape[0]
        constants = constants * np.eye(lead).reshape(lead, lead, *(1,) * (len(C.input_shape) - 1))
    seen = np.stack([C(constant).ravel() for constant in constants])
    assert np.isinf(gamma).sum() == np.linalg.matrix_rank(seen, tol=1e-9)


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e9])
@pytest.mark.parametrize("name", ["rows", "aliased", "DCT singular", "DFT singular"])
def test_units_of_the_kernel_do_not_matter(name, scale):
    """C in other units: the limit and the rank stay, though L keeps its own."""
    C = OPERATORS[name][1]
    scaled = Convolution(
        scale * C.kernel,
        C.input_shape,
        stride=tuple(axis.stride for axis in C.axes),
        padding="valid" if name == "rows" else "same",
        boundary=C.boundaries,
    )
    y = data_for(C)
    for kind in REGULARIZERS:
        L = regularizer_of(kind, C)
        assert decompose(scaled, L).rank() == decompose(C, L).rank()
        x = tikhonov(y, C, lam=0, regularizer=L or "identity").estimate
        assert_close(tikhonov(scale * y, scaled, lam=0, regularizer=L or "identity").estimate, x, c=1000)


def test_ones_of_512_by_512_come_back_from_stride_two():
    C = Convolution([[1, 0], [-1, -2]], (512, 512), stride=2, boundary="periodic", correlate=True)
    x = tikhonov(C(np.ones((512, 512))), C, lam=0)
    assert x.method == f"tikhonov ({ALIASED})"
    assert np.abs(x.estimate - 1).max() < 1e-10
    d = decompose(C)
    assert (d.rank(), d.nullity) == (256**2, 512**2 - 256**2)
    assert_close(d.singular_values, np.full(256**2, np.sqrt(6)), size=512)
