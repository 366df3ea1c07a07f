"""Golub–Kahan, the projected problem, hybrid LSQR, and λ on a generalized Krylov space."""

from __future__ import annotations

from itertools import islice

import array_api_strict as strict
import numpy as np
import pytest
from tolerance import assert_close, normal
from twins import convolution_matrix, tikhonov_dense
from twins.ill_posed import PROBLEMS

from invdeconv import Convolution, Differences, InvalidInputError, LinearOperator, decompose, psf, tikhonov
from invdeconv.operators import Basis, bidiagonalize, golub_kahan
from invdeconv.restoration._krylov import choose_in_krylov_space, least_squares
from invdeconv.restoration._model import model_of
from invdeconv.restoration._preconditioner import cosine_preconditioner
from invdeconv.selection import SelectionStatus
from invdeconv.solvers import cgls_steps, generalized_krylov_steps, hybrid_lsqr_steps, leaving, trace_gcv

complexness = pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])


class Matrix(LinearOperator):
    def __init__(self, A):
        super().__init__((A.shape[1],), (A.shape[0],), A.dtype)
        self.A = A

    def _forward(self, x):
        return self.A @ x

    def _adjoint(self, y):
        return self.A.conj().T @ y


def tikhonov_filter(lam):
    return lambda c, s: c / (c * c + lam * s * s)


# The basis.


@complexness
def test_a_basis_splits_and_combines(complex_, rng, xp):
    basis, vectors = Basis(), np.linalg.qr(normal(rng, (30, 11), complex_=complex_))[0].T
    for v in vectors:
        basis.append(xp.asarray(v.reshape(5, 6)))
    x = normal(rng, (5, 6), complex_=complex_)
    rest, weights = basis.split(xp.asarray(x))
    assert_close(weights, vectors.conj() @ x.ravel())
    assert_close(np.asarray(rest).ravel(), x.ravel() - vectors.T @ (vectors.conj() @ x.ravel()))
    assert_close(np.asarray(basis.combine(weights, (5, 6))).ravel(), vectors.T @ weights)
    # Almost inside: one pass of Gram–Schmidt would leave 1e-16/1e-10 of the basis in the rest.
    near = (vectors.T @ weights).reshape(5, 6) + 1e-10 * x
    rest = np.asarray(basis.split(xp.asarray(near))[0]).ravel()
    assert np.abs(vectors.conj() @ rest).max() < 1e-13 * np.linalg.norm(rest)


# Golub–Kahan.


@complexness
def test_bidiagonalization(complex_, rng):
    C = Convolution(normal(rng, (2, 3), complex_=complex_), (6, 5), padding="full")
    y = normal(rng, C.output_shape, complex_=complex_)
    left, right = Basis(), Basis()
    steps = list(islice(golub_kahan(C, y, left=left, right=right), 13))
    k = right.count
    assert left.count == k == 12
    V = np.stack([np.asarray(v).ravel() for _, _, v in steps[:k]], axis=1)
    U = np.stack([left.combine(row, C.output_shape).ravel() for row in np.eye(k)], axis=1)
    B = np.diag([alpha for _, alpha, _ in steps[:k]]) + np.diag([beta for beta, _, _ in steps[1:k]], -1)
    assert_close(V.conj().T @ V, np.eye(k), c=16)
    assert_close(U.conj().T @ U, np.eye(k), c=16)
    assert_close((U.conj().T @ C.to_dense()) @ V, B, c=64)
    assert_close(steps[0][0] * U[:, 0], y.ravel())


@pytest.mark.parametrize("reorthogonalize", [True, False])
def test_the_process_ends_where_nothing_is_left(reorthogonalize, rng):
    """Four distinct singular values explain these data in four steps."""
    q = np.linalg.qr(normal(rng, (9, 9)))[0]
    A = q[:, :6] @ np.diag([4.0, 4.0, 3.0, 2.0, 1.0, 1.0]) @ np.linalg.qr(normal(rng, (6, 6)))[0]
    y = A @ normal(rng, (6,))
    d = bidiagonalize(Matrix(A), y, 8, reorthogonalize=reorthogonalize)
    assert d.structure == "Golub–Kahan, 4 steps"
    assert_close(d.c, np.array([4.0, 3.0, 2.0, 1.0]), c=1e3)
    x = bidiagonalize(Matrix(A), 0 * y, 3).filter(0 * y, tikhonov_filter(0.1))
    assert not x.any()


@complexness
def test_the_projected_problem_is_a_decomposition(complex_, rng):
    A = normal(rng, (11, 8), complex_=complex_)
    y = normal(rng, (11,), complex_=complex_)
    C, k = Matrix(A), 5
    d = bidiagonalize(C, y, k)
    assert (d.structure, d.data_size, d.multiplicity, d.s) == ("Golub–Kahan, 5 steps", 6, 1.0, 1.0)
    # Against the same subspace made from powers of AᴴA.
    b = A.conj().T @ y
    K = np.linalg.qr(np.stack([np.linalg.matrix_power(A.conj().T @ A, i) @ b for i in range(k)], axis=1))[0]
    assert_close(np.sort(d.c), np.sort(np.linalg.svd(A @ K)[1]), condition=1e3)
    for lam in (0.0, 0.7):
        z = tikhonov_dense(A @ K, y, lam)
        x = d.filter(y, tikhonov_filter(lam))
        assert_close(x, K @ z, condition=1e4)
        kept = d.c**2 / (d.c**2 + lam)
        residual = np.sum((1 - kept) ** 2 * d.power(y)) + d.out_of_range(y)
        assert residual == pytest.approx(np.linalg.norm(y - A @ x) ** 2, rel=1e-9)
        assert_close(d.synthesize_output(kept * d.analyze(y)), A @ x, condition=100)
    for method in (d.analyze, d.power, d.out_of_range):
        with pytest.raises(
            InvalidInputError,
            match=r"KrylovDecomposition: y must be the data it was made for; got shape \(11,\)",
        ):
            method(y + 1e-9)
    d.analyze(y.copy())


def test_all_steps_are_the_svd(rng):
    A = normal(rng, (9, 7))
    y = normal(rng, (9,))
    d, full = bidiagonalize(Matrix(A), y, 7), decompose(Matrix(A))
    assert_close(np.sort(d.c), np.sort(full.c), c=100)
    assert_close(np.sort(d.power(y)), np.sort(full.power(y)), condition=100)
    assert d.out_of_range(y) == pytest.approx(full.out_of_range(y), rel=1e-9)


def test_bidiagonalization_of_other_arrays(rng):
    C = Convolution(normal(rng, (2, 3)), (6, 5), padding="full")
    y = normal(rng, C.output_shape)
    one, other = bidiagonalize(C, y, 4), bidiagonalize(C, strict.asarray(y), 4)
    assert_close(other.c, one.c)
    x = other.filter(strict.asarray(y), tikhonov_filter(0.3))
    assert_close(np.asarray(x), one.filter(y, tikhonov_filter(0.3)), c=64)
    single = bidiagonalize(C, y.astype(np.float32), 4).filter(y.astype(np.float32), tikhonov_filter(0.3))
    assert single.dtype == np.float32


# Hybrid LSQR.


def noisy(problem, noise, seed=0, n=64):
    A, x = PROBLEMS[problem](n)
    b = A @ x
    e = np.random.default_rng(seed).standard_normal(n)
    return A, x, b + e * (noise * np.linalg.norm(b) / np.linalg.norm(e)), noise * np.linalg.norm(b)


def best_error(A, y, x):
    u, c, vh = np.linalg.svd(A)
    estimates = [vh.T @ (c / (c**2 + lam) * (u.T @ y)) for lam in np.logspace(-14, 2, 161)]
    return min(np.linalg.norm(estimate - x) for estimate in estimates)


def settle(steps, rtol=1e-6, most=100):
    for step in islice(steps, most):
        if step[1] <= rtol:
            break
    return step


@pytest.mark.parametrize("reorthogonalize", [True, False])
@complexness
def test_hybrid_lsqr_with_a_given_lambda_is_tikhonov(complex_, reorthogonalize, rng):
    A, y = normal(rng, (11, 8), complex_=complex_), normal(rng, (11,), complex_=complex_)
    for lam in (0.0, 0.5):
        x, measure, chosen = settle(
            hybrid_lsqr_steps(Matrix(A), y, lam=lam, reorthogonalize=reorthogonalize), 1e-13, 40
        )
        assert chosen == lam
        assert measure <= 1e-13
        assert_close(x, tikhonov_dense(A, y, lam), condition=100)
    # The measure is the gradient of the whole problem.
    for x, measure, _ in islice(hybrid_lsqr_steps(Matrix(A), y, lam=0.5), 5):
        gradient = np.linalg.norm(A.conj().T @ (y - A @ x) - 0.5 * x)
        assert measure == pytest.approx(gradient / np.linalg.norm(A.conj().T @ y), rel=1e-6)


@pytest.mark.parametrize("noise", [1e-3, 1e-2])
@pytest.mark.parametrize("problem", list(PROBLEMS))
def test_hybrid_lsqr_against_the_best_lambda(problem, noise):
    """Median loss over the draws; and at the λ it chose, the Tikhonov solution of the full SVD."""
    losses = {"weighted GCV": [], "discrepancy": []}
    for seed in range(5):
        A, x, y, size = noisy(problem, noise, seed)
        best = best_error(A, y, x)
        for rule, residual in (("weighted GCV", None), ("discrepancy", 1.01 * size)):
            estimate, _, lam = settle(hybrid_lsqr_steps(Matrix(A), y, residual=residual))
            losses[rule].append(np.linalg.norm(estimate - x) / best)
        full = tikhonov_dense(A, y, lam)
        assert np.linalg.norm(y - A @ full) == pytest.approx(1.01 * size, rel=5e-2)
        assert np.linalg.norm(estimate - full) < 0.05 * np.linalg.norm(full)
    assert np.median(losses["weighted GCV"]) < 2.2
    assert np.median(losses["discrepancy"]) < 1.5
    assert max(losses["discrepancy"]) < 4


def test_the_largest_minimum_is_the_safe_one():
    """At 1 % noise the deepest minimum of the curve lies next to λ = 0 for some draws of deriv2."""
    for seed in (2, 3):
        A, x, y, _ = noisy("deriv2", 1e-2, seed)
        estimate, _, _ = settle(hybrid_lsqr_steps(Matrix(A), y))
        assert np.linalg.norm(estimate - x) < 3 * best_error(A, y, x)


def test_hybrid_lsqr_returns_the_best_step_when_the_curve_has_risen():
    A, _, y, _ = noisy("deriv2", 1e-3, 1)
    steps = list(islice(hybrid_lsqr_steps(Matrix(A), y), 100))
    assert len(steps) < 100
    assert steps[-1][1] == 0.0
    index = next(i for i, step in enumerate(steps) if step[2] == steps[-1][2])
    assert index == len(steps) - 4  # two rises, and instead of the third the best
    np.testing.assert_array_equal(steps[index][0], steps[-1][0])


def test_hybrid_lsqr_of_nothing():
    C = Matrix(np.diag([2.0, 1.0]))
    for options in ({}, {"lam": 0.1}, {"residual": 1.0}):
        ((x, measure, _),) = hybrid_lsqr_steps(C, np.zeros(2), **options)
        assert measure == 0
        assert not x.any()
    x, _, lam = settle(hybrid_lsqr_steps(C, np.array([1.0, 1.0]), residual=10.0))  # less data than noise
    assert np.abs(x).max() < 1e-6 < lam
    *_, (x, _, lam) = hybrid_lsqr_steps(C, np.array([1.0, 1.0]), residual=1e-14)  # next to no noise
    assert np.abs(x - np.array([0.5, 1.0])).max() < 1e-8


# λ in general form.


def smooth(shape):
    grids = np.meshgrid(*(np.arange(n) / n for n in shape), indexing="ij")
    return 1 + grids[0] ** 2 + 0.5 * (grids[-1] > 0.4) + 0.3 * np.sin(9 * sum(grids))


def test_generalized_krylov_is_tikhonov(rng):
    kernel = rng.random((3, 4))
    C, L = Convolution(kernel / kernel.sum(), (9, 7), boundary="reflect"), Differences((9, 7))
    y = normal(rng, C.output_shape)
    A, _ = convolution_matrix(kernel / kernel.sum(), (9, 7), boundary="reflect")
    residual = 0.5 * np.linalg.norm(y)
    for penalty, B in ((L, L.to_dense()), (None, np.eye(63))):
        x, _, choice = settle(generalized_krylov_steps(C, penalty, y, leaving(residual)), 1e-11)
        assert choice.status is SelectionStatus.FOUND
        assert np.linalg.norm(y - C(x)) == pytest.approx(residual, rel=1e-9)
        assert_close(x.ravel(), tikhonov_dense(A, y.ravel(), choice.value, B), condition=1e3)
        gradient = C.H(y - C(x)) - choice.value * (B.T @ (B @ x.ravel())).reshape(x.shape)
        assert np.linalg.norm(gradient) < 1e-10 * np.linalg.norm(C.H(y))


@pytest.mark.parametrize("noise", [0.01, 0.1])
def test_lambda_by_a_probe_is_that_of_the_exact_trace(noise):
    shape = (24, 20)
    C = Convolution(psf.gaussian((5, 7), 1.2), shape, boundary="periodic")
    L = Differences(shape, boundary="periodic")
    y = C(smooth(shape)) + noise * normal(np.random.default_rng(0), shape)
    exact = tikhonov(y, C, regularizer=L)
    *_, (x, _, choice) = islice(generalized_krylov_steps(C, L, y, trace_gcv(C, L, y)), 60)
    assert 0.4 < choice.value / exact.parameters["lam"] < 2.5
    assert np.linalg.norm(x - exact.estimate) < 0.03 * np.linalg.norm(exact.estimate)


@pytest.mark.parametrize("stride", [1, 2])
def test_choose_in_krylov_space_is_near_the_best(stride):
    shape = (36, 34)
    C = Convolution(psf.gaussian((7, 6), 1.2), shape, boundary="reflect", stride=stride)
    truth = smooth(shape)
    for noise, seed in ((0.05, 1),):
        y = C(truth) + noise * normal(np.random.default_rng(seed), C.output_shape)
        model = model_of("test", y, C, None, default="taper")

        def error(lam, model=model):
            result = least_squares(
                "test", model, rtol=1e-4, max_iter=500, lam=lam, regularizer=Differences(shape)
            )
            return np.linalg.norm(result.estimate - truth)

        best = min(error(lam) for lam in np.logspace(-3, 1, 9))
        for noise_std in (None, noise):
            choice, start = choose_in_krylov_space(model, Differences(shape), noise_std=noise_std)
            assert choice.status is SelectionStatus.FOUND
            assert error(choice.value) < 1.4 * best
            assert np.linalg.norm(start - truth) < 1.4 * best


def test_choose_in_krylov_space_of_nothing_and_on_other_arrays():
    C = Convolution(psf.gaussian((5, 4), 1.0), (12, 10), boundary="reflect")
    y = smooth((12, 10)) + 0.05 * normal(np.random.default_rng(3), (12, 10))
    L = Differences(y.shape)
    choice, start = choose_in_krylov_space(model_of("t", 0 * y, C, None, default="taper"), L)
    assert choice.status is SelectionStatus.EDGE
    assert not start.any()
    one, x = choose_in_krylov_space(model_of("t", y, C, None, default="taper"), L)
    other, z = choose_in_krylov_space(model_of("t", strict.asarray(y), C, None, default="taper"), L)
    assert other.value == pytest.approx(one.value, rel=0.02)
    assert np.abs(np.asarray(z) - x).max() < 1e-2
    turned, w = choose_in_krylov_space(model_of("t", y * np.exp(0.4j), C, None, default="taper"), L)
    assert turned.value == pytest.approx(one.value, rel=0.02)
    assert np.abs(w * np.exp(-0.4j) - x).max() < 1e-2


# The cosine preconditioner.


@pytest.mark.parametrize("asymmetry", [0.1, 0.3])
def test_the_cosine_preconditioner_saves_iterations(asymmetry):
    """96², 15×15, λ = 1e-3, relative gradient 1e-8: about 180 iterations become 10 and 24."""
    rng = np.random.default_rng(0)
    kernel = psf.gaussian((15, 15), 2.5) * (1 + asymmetry * rng.standard_normal((15, 15)))
    C = Convolution.from_psf(kernel / kernel.sum(), (96, 96))
    y = C(smooth((96, 96))) + 1e-3 * rng.standard_normal((96, 96))
    model = model_of("test", y, C, None, default="taper")
    options = {"rtol": 1e-8, "max_iter": 1000, "lam": 1e-3}
    fast = least_squares("test", model, **options)
    plain = least_squares("test", model, steps=cgls_steps, **options)
    assert fast.method == "test (CGLS, DCT preconditioner, to a relative gradient of 1e-08)"
    assert fast.converged
    assert plain.converged
    assert plain.n_iter >= 5 * fast.n_iter
    assert np.abs(fast.estimate - plain.estimate).max() < 1e-4


def test_the_cosine_preconditioner_is_the_inverse_for_an_even_psf(rng):
    kernel = rng.random((2, 3))
    kernel = np.concatenate([kernel, kernel[:1]])
    kernel = np.concatenate([kernel, kernel[:, 1::-1]], axis=1)[:, :5]
    kernel = (kernel + kernel[:, ::-1]) / 2
    C, L = Convolution.from_psf(kernel / kernel.sum(), (8, 9)), Differences((8, 9))
    for penalty, B in ((L, L.to_dense()), (None, np.eye(72))):
        normal_matrix = C.to_dense().T @ C.to_dense() + 0.2 * B.T @ B
        x = normal(rng, (8, 9))
        assert_close(
            cosine_preconditioner(C, penalty, 0.2)(x).ravel(),
            np.linalg.solve(normal_matrix, x.ravel()),
            condition=100,
        )
    for other in (
        Convolution(kernel, (8, 9), boundary="reflect"),
        Convolution(kernel, (8, 10), boundary="symmetric", stride=2),
        Convolution(np.ones((2, 2, 3, 3)), (2, 8, 9), boundary="symmetric", channels=True),
        2 * C,
    ):
        assert cosine_preconditioner(other, None, 0.2) is None
    assert cosine_preconditioner(C, Differences((8, 9), boundary="periodic"), 0.2) is None
