"""What makes a structure fit, what it costs, and what only the whole picture shows."""

from __future__ import annotations

from functools import reduce

import array_api_strict as strict
import numpy as np
import pytest
from tolerance import assert_close, normal
from twins import differences_matrix, tikhonov_dense, tikhonov_limit

from invdeconv import Convolution, Differences, Identity, Status, decompose, pseudo_inverse, tikhonov
from invdeconv.arrays import _fft
from invdeconv.operators import Stacked, laplacian
from invdeconv.operators.decomposition import _dense
from invdeconv.operators.decomposition._transform import Transform
from invdeconv.solvers import null_space_steps

TURNED = [[1, 0], [-1, -2]]
BOX = np.ones((3, 3))


def structure(C, L=None):
    d = decompose(C, L)
    return None if d is None else d.structure


def test_separable_to_rounding_or_not_at_all(rng):
    factors = [normal(rng, (k,)) for k in (3, 2, 4)]
    kernel = reduce(np.multiply.outer, factors)
    assert structure(Convolution(kernel, (4, 3, 5))) == "Kronecker"
    assert structure(Convolution(1e-30 * kernel, (4, 3, 5))) == "Kronecker"
    # Rank 1 but for the tenth digit is rank 2: the answer would be wrong in the tenth digit.
    kernel[0, 1, 2] *= 1 + 1e-10
    assert structure(Convolution(kernel, (4, 3, 5))) == "dense"
    # Single precision rounds away from rank 1; small integers stay.
    assert structure(Convolution(np.outer(*factors[:2]).astype(np.float32), (4, 5))) == "dense"
    assert structure(Convolution(np.outer([1, 2, 1], [1, 0, -3]).astype(np.float32), (4, 5))) == "Kronecker"
    # One long axis is a matrix that is not small.
    assert structure(Convolution(np.outer([1.0, 2], [1.0, 3]), (4, 1200))) is None


def test_rows_orthogonal_or_not(rng):
    haar = np.array([[[1, 1], [1, 1]], [[1, -1], [1, -1]], [[1, 1], [-1, -1]], [[1, -1], [-1, 1]]]) / 2
    options = {"stride": 2, "channels": True, "correlate": True}
    C = Convolution(haar[:, None], (1, 6, 8), padding="valid", **options)
    d = decompose(C)
    assert d.structure == "orthogonal rows"
    assert_close(d.c, np.ones((4, 3, 4)))
    x = normal(rng, (1, 6, 8))
    assert_close(pseudo_inverse(C(x), C).estimate, C.T(C(x)))  # where Cᵀ is the inverse
    assert_close(C.T(C(x)), x)
    # A window that the border cuts is not orthogonal any more, nor are other kernels.
    assert structure(Convolution(haar[:, None], (1, 7, 8), padding=((1, 0), (0, 0)), **options)) == "dense"
    bent = haar + 1e-9 * normal(rng, haar.shape)
    assert structure(Convolution(bent[:, None], (1, 6, 8), padding="valid", **options)) != "orthogonal rows"
    # Windows that share samples: by stride, by dilation, by a border that is not zero.
    kernel = normal(rng, (3, 2))
    for legal, changed in (
        ({"stride": (3, 2)}, {"stride": 2}),
        ({"stride": 3, "dilation": 2}, {"stride": 4, "dilation": 2}),
        ({"stride": 3, "padding": (2, 1)}, {"stride": 3, "padding": (2, 1), "boundary": "edge"}),
    ):
        assert structure(Convolution(kernel, (11, 10), **legal)) == "orthogonal rows"
        assert structure(Convolution(kernel, (11, 10), **changed)) == "dense"


# What each transform makes diagonal: C, and the words of the boundaries that L must have.
JOINT = {
    "DFT": (Convolution(BOX, (6, 4), boundary="periodic"), ("periodic",) * 2),
    "DFT, strided": (
        Convolution([[1.0, -1, 2]], (6, 4), stride=(2, 1), boundary="periodic"),
        ("periodic",) * 2,
    ),
    "DCT-II": (Convolution(BOX, (6, 4), boundary="symmetric"), ("symmetric",) * 2),
    "DFT × DCT-II": (
        Convolution([[1.0, 2, 1], [0, 3, 0]], (6, 4), boundary=("periodic", "symmetric")),
        ("periodic", "symmetric"),
    ),
}


def penalties(shape, words):
    ends = tuple("periodic" if word == "periodic" else "neumann" for word in words)
    difference = np.array([[0.0, 0, 0], [1, -2, 1], [0, 0, 0]])
    return {
        "list": Stacked(
            2 * Differences(shape, boundary=ends),
            Stacked(0.5 * laplacian(shape, boundary=words), 0.1 * Identity(shape)),
        ),
        "one axis": Differences(shape, boundary=ends[1:], axes=(1,)),
        "other order": Differences(shape, boundary=ends[::-1], axes=(1, 0)),
        # Its null space is half of all inputs, and meets that of the box.
        "second differences": Convolution(difference, shape, boundary=words),
        "scaled identity": 3.0 * Identity(shape),
    }


@pytest.mark.parametrize("name", list(JOINT))
@pytest.mark.parametrize("kind", ["list", "one axis", "other order", "second differences", "scaled identity"])
@pytest.mark.filterwarnings(
    "ignore:IDW006"
)  # one axis of differences leaves what the box hides along the other
def test_lists_and_single_axes_are_diagonal_too(name, kind, rng, monkeypatch):
    C, words = JOINT[name]
    L = penalties(C.input_shape, words)[kind]
    monkeypatch.setattr(_dense, "_MAXIMUM_ENTRIES", 0)
    A, B, y = C.to_dense(), L.to_dense(), normal(rng, C.output_shape)
    for lam in (1e-2, 3.0):
        x = tikhonov(y, C, lam=lam, regularizer=L).estimate
        assert_close(x.ravel(), tikhonov_dense(A, y.ravel(), lam, B), c=16, condition=1e3)
    limit = tikhonov(y, C, lam=0, regularizer=L).estimate
    assert_close(limit.ravel(), tikhonov_limit(A, y.ravel(), B), c=16, condition=1e3)


@pytest.mark.parametrize("name", list(JOINT))
def test_what_wraps_otherwise_is_not_diagonal(name, monkeypatch):
    C, words = JOINT[name]
    turned = tuple("symmetric" if word == "periodic" else "periodic" for word in words)
    monkeypatch.setattr(_dense, "_MAXIMUM_ENTRIES", 0)
    for kind, L in penalties(C.input_shape, turned).items():
        assert (decompose(C, L) is None) == (kind != "scaled identity")
    blur = Convolution([[1.0, 2, 0]] * 3, C.input_shape, boundary=words)  # not even along the second axis
    assert (decompose(C, blur) is None) == (words[1] == "symmetric")


def test_penalties_of_channels_are_theirs(monkeypatch):
    """Differences across channels, and operators that know of none, are no circulants here."""
    C = Convolution(np.ones((2, 3, 2, 2)), (3, 4, 4), channels=True, boundary="periodic")
    monkeypatch.setattr(_dense, "_MAXIMUM_ENTRIES", 0)
    assert decompose(C, Differences(C.input_shape, boundary="periodic", axes=(1, 2))) is not None
    assert decompose(C, laplacian(C.input_shape, boundary="periodic", channels=True)) is not None
    assert decompose(C, Differences(C.input_shape, boundary="periodic")) is None
    assert decompose(C, Differences(C.input_shape, axes=(1, 2))) is None
    assert decompose(C, laplacian(C.input_shape, boundary="periodic")) is None
    strided = Convolution(
        np.ones((3, 1, 2, 2)), (3, 4, 4), channels=True, boundary="periodic", groups=3, stride=2
    )
    assert decompose(C, strided) is None


def test_blocks_that_would_take_minutes_are_left_to_iterations():
    C = Convolution(np.ones((64, 64, 3, 3)), (64, 56, 56), channels=True, boundary="periodic")
    L = Differences(C.input_shape, boundary="periodic", axes=(1, 2))
    assert decompose(C, L) is None


def test_tikhonov_of_channels_smooths_each_of_them(rng):
    """The gradient is taken along the spatial axes only: a constant per channel costs nothing."""
    kernel = normal(rng, (2, 2, 2, 2))
    C = Convolution(kernel, (2, 3, 4), channels=True, boundary="periodic")
    y = normal(rng, C.output_shape)
    B = differences_matrix((2, 3, 4), "periodic", axes=(1, 2))
    expected = tikhonov_dense(C.to_dense(), y.ravel(), 0.4, B)
    found = tikhonov(y, C, lam=0.4)
    assert found.method == "tikhonov (periodic DFT, one matrix per frequency)"
    assert_close(found.estimate.ravel(), expected, c=64)
    x = np.ones(C.input_shape) * np.array([2.0, -3.0])[:, None, None]
    for options in ({}, {"regularizer": "laplacian"}):
        assert_close(tikhonov(C(x), C, lam=10.0, **options).estimate, x, c=64)


def test_transforms_of_a_megapixel_are_a_handful(monkeypatch, rng):
    """1024² with stride 2: points transformed, in units of the picture, and no decomposition of a matrix."""
    points = [0]
    line = _fft._line

    def counted(x, kind, n, axis, **options):
        out = line(x, kind, n, axis, **options)
        points[0] += max(x.size, out.size)
        return out

    monkeypatch.setattr(_fft, "_line", counted)
    monkeypatch.setattr(np.linalg, "svd", None)
    n = 1024
    C = Convolution(normal(rng, (3, 4)), (n, n), stride=2, boundary="periodic")
    y = normal(rng, C.output_shape)
    for L in (None, Differences((n, n), boundary="periodic")):
        points[0] = 0
        d = decompose(C, L)
        phi = lambda c, s: c / (c * c + 0.1 * s * s)  # noqa: E731
        d.filter(y, phi)
        # Two axes each: the transfer function, the data (a quarter), the estimate (half a spectrum).
        assert points[0] < 2 * 2 * n * n
        points[0] = 0
        d.filter(y, phi)
        assert points[0] < 2 * n * n


@pytest.mark.parametrize("shape", [(4, 6, 5), (3, 2, 8)])
@pytest.mark.parametrize("mirrored", [(True, False, False), (False, True, False), (True, True, False)])
@pytest.mark.parametrize("half", [False, True])
def test_transforms_are_orthonormal(shape, mirrored, half, rng):
    transform = Transform(shape, mirrored, half=half)
    x = normal(rng, (2, *shape), complex_=not half)
    k = transform.forward(x)
    assert np.sum(transform.multiplicity * np.abs(k) ** 2) == pytest.approx(np.linalg.norm(x) ** 2)
    assert_close(transform.inverse(k), x, c=16)
    assert_close(np.asarray(transform.forward(strict.asarray(x))), k, c=16)


# The limit λ → 0 where only C has a decomposition.


@pytest.mark.parametrize("regularizer", ["gradient", "laplacian"])
@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
def test_the_limit_through_the_null_space_is_exact(regularizer, complex_, rng, monkeypatch):
    kernel = np.outer(normal(rng, (2,), complex_=complex_), normal(rng, (3,)))
    for C in (
        Convolution(kernel, (6, 7), stride=2, boundary="edge"),
        Convolution(normal(rng, (2, 2), complex_=complex_), (6, 7), stride=2, padding=(1, 0)),
    ):
        y = normal(rng, C.output_shape, complex_=complex_)
        dense = tikhonov(y, C, lam=0, regularizer=regularizer)
        assert dense.method == "tikhonov (dense)"
        with monkeypatch.context() as patch:
            patch.setattr(_dense, "_MAXIMUM_ENTRIES", 0)
            found = tikhonov(y, C, lam=0, regularizer=regularizer)
        assert "null space by CGLS" in found.method
        assert found.status is Status.CONVERGED
        assert_close(found.estimate, dense.estimate, condition=100)
        assert_close(C(found.estimate), y, c=64, condition=10)  # least ‖Lx‖ of those that explain the data


@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
def test_the_limit_keeps_precision_and_library(complex_, rng, monkeypatch):
    C = Convolution(np.outer([1.0, 2, 1], [1.0, -3]), (5, 6), stride=2)
    y = normal(rng, C.output_shape, complex_=complex_)
    monkeypatch.setattr(_dense, "_MAXIMUM_ENTRIES", 0)
    expected = tikhonov(y, C, lam=0).estimate
    single = tikhonov(y.astype(np.complex64 if complex_ else np.float32), C, lam=0).estimate
    assert single.dtype == (np.complex64 if complex_ else np.float32)
    assert_close(single, expected, c=64)
    array = tikhonov(strict.asarray(y), C, lam=0).estimate
    assert isinstance(array, type(strict.asarray(0.0)))
    assert_close(np.asarray(array), expected, condition=10)


def test_the_limit_can_be_stopped(monkeypatch):
    C = Convolution(np.outer([1.0, 2, 1], [1.0, -3]), (9, 8), stride=2)
    monkeypatch.setattr(_dense, "_MAXIMUM_ENTRIES", 0)
    stopped = tikhonov(np.ones(C.output_shape), C, lam=0, callback=lambda step: step.number == 2)
    assert (stopped.n_iter, stopped.status) == (2, Status.STOPPED_BY_CALLBACK)
    short = tikhonov(np.ones(C.output_shape), C, lam=0, max_iter=3)
    assert (short.n_iter, short.status) == (3, Status.TOLERANCE_NOT_MET)
    assert short.parameters["lam"] == 0


def test_null_space_steps_stay_in_the_null_space(rng):
    C = Convolution(np.outer([1.0, 2, 1], [1.0, -3]), (7, 8), stride=(2, 1))
    L = Differences((7, 8))
    d, start = decompose(C), normal(rng, (7, 8))
    seminorm = np.linalg.norm(L(start))
    for count, (x, _) in enumerate(null_space_steps(d, L, start), 1):
        assert_close(C(x), C(start), c=16)
        assert np.linalg.norm(L(x)) < seminorm or count > 5
        seminorm = np.linalg.norm(L(x))
        if count == 8:
            break


def test_the_experiment_on_512_by_512():
    """The same three calls as on 4×4, no dense matrix: the ones come back."""
    n = 512
    for kernel, options, structure_ in (
        (TURNED, {"stride": 2, "padding": "valid"}, "orthogonal rows"),
        (BOX, {"padding": "valid"}, "Kronecker"),
        (BOX, {"stride": 2, "padding": (0, 1)}, "Kronecker"),
    ):
        C = Convolution(kernel, (n, n), correlate=True, **options)
        found = tikhonov(C(np.ones((n, n))), C, lam=0)
        assert found.method.startswith(f"tikhonov ({structure_}, null space by CGLS")
        assert found.converged
        assert np.abs(found.estimate - 1).max() < 1e-10


@pytest.mark.parametrize("boundary", ["periodic", "symmetric"])
def test_a_filter_may_be_a_number(boundary, rng):
    """φ = 1 turns y by the phases of C and its kin: no energy comes or goes."""
    d = decompose(Convolution.from_psf(np.outer([1, 2, 1], [1, 3, 1]) / 20, (8, 7), boundary=boundary))
    y = normal(rng, (8, 7))
    assert_close(d.filter(y, lambda c, s: 1.0), d.filter(y, lambda c, s: np.ones(c.shape)))
