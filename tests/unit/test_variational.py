"""Variational methods against other implementations, their own proofs, and counts."""

from __future__ import annotations

from itertools import islice

import array_api_strict as strict
import numpy as np
import pytest
import scipy.fft
import scipy.optimize
import scipy.special
from tolerance import assert_close, normal

from invdeconv import (
    Convolution,
    Status,
    fft_options,
    hyper_laplacian,
    metrics,
    nnls,
    noise,
    plug_and_play,
    psf,
    samples,
    simulate,
    tikhonov,
    total_variation,
    wavelet_sparse,
    wiener,
)
from invdeconv.functionals import (
    L1,
    AbsoluteError,
    Box,
    GroupL2,
    Part,
    PoissonDivergence,
    SquaredError,
    TotalVariation,
    denoisers,
)
from invdeconv.operators import Diagonal, Differences, Samples
from invdeconv.solvers import (
    Discrepancy,
    PrimalDual,
    _gradient,
    _primal_dual,
    _split_data,
    _split_gradient,
    fista_steps,
    periodic_gradient,
    primal_dual_steps,
    split_data,
    split_data_steps,
    split_gradient,
    tv_admm_steps,
)
from invdeconv.solvers._quadratic_step import quadratic_step

KERNEL = np.array([[0.02, 0.1, 0.03], [0.1, 0.55, 0.08], [0.0, 0.07, 0.05], [0.0, 0.0, 0.0]])


def periodic_problem(shape=(6, 5), dtype=float):
    rng = np.random.default_rng(3)
    truth = np.where(np.arange(shape[0])[:, None] > 2, 2.0, 0.5) + (np.arange(shape[1]) > 1)
    C = Convolution.from_psf(KERNEL, shape, boundary="periodic")
    return C, (C(truth) + 0.1 * rng.standard_normal(shape)).astype(dtype)


def objective(C, y, lam, x, *, isotropic=True, boundary="periodic"):
    return SquaredError(y).value(C(x)) + TotalVariation(lam, isotropic, boundary).value(x)


def dual_solution(C, y, lam):
    """Solve the anisotropic problem by its dual: bounded least squares over |q| <= λ."""
    A, D = C.to_dense(), Differences(y.shape, boundary="periodic").to_dense()
    inverse = np.linalg.inv(A.T)
    found = scipy.optimize.lsq_linear(
        inverse @ D.T, inverse @ (A.T @ y.ravel()), bounds=(-lam, lam), method="bvls", tol=1e-14
    )
    return np.linalg.solve(A.T @ A, A.T @ y.ravel() - D.T @ found.x).reshape(y.shape)


@pytest.mark.parametrize("opaque", [False, True], ids=["ADMM", "primal-dual"])
def test_anisotropic_minimum_is_that_of_bounded_least_squares(opaque):
    C, y = periodic_problem()
    expected = dual_solution(C, y, 0.07)
    if opaque:
        D = Differences(y.shape, boundary="periodic")
        state = PrimalDual(0 * y, 0.07)
        *_, (x, gap) = islice(
            primal_dual_steps(C, SquaredError(y), D, L1(0.07), state, norms=(C.norm() * 1.001, 8**0.5)), 1001
        )
    else:
        state = split_gradient(y, 3.0, isotropic=False)
        *_, (x, gap) = islice(tv_admm_steps(C, y, 0.07, state), 601)
    np.testing.assert_allclose(x, expected, atol=1e-6)
    assert abs(gap) < 1e-6


FIDELITIES = {
    "squares": SquaredError,
    "weighted": lambda y: SquaredError(y, np.random.default_rng(1).random(y.shape) + 0.1),
    "counts": lambda y: PoissonDivergence(np.abs(y), 0.2),
    "outliers": AbsoluteError,
}


@pytest.mark.parametrize(
    ("kind", "box"),
    [("squares", None), ("weighted", Box(0.6, 3.0)), ("counts", Box(0.6, 3.0)), ("outliers", None)],
)
def test_any_data_term_on_a_part_of_the_frame(kind, box):
    """ADMM with the data term split off against the primal–dual method on the cropped operator."""
    C, y = periodic_problem((9, 8))
    seen = y[:6, :5]
    F, G = FIDELITIES[kind](seen), GroupL2(0.1)
    part = (slice(0, 6), slice(0, 5))
    state = split_data(y, periodic_gradient(y.shape), 1.0, box=box)
    path = [
        (F.value(C(x)[part]) + objective(C, C(x), 0.1, x), gap)
        for x, gap in islice(split_data_steps(C, Part(F, part), G, state, box=box), 0, 401, 10)
    ]
    A = Samples(np.pad(np.ones(seen.shape, bool), ((0, 3), (0, 3)))) @ C
    D = Differences(y.shape, boundary="periodic")
    steps = primal_dual_steps(
        A, _Flat(F, seen.shape), D, G, PrimalDual(0 * y + y.mean(), 1.0), norms=(1.01, 8**0.5), box=box
    )
    *_, (z, other) = islice(steps, 1001)
    least = F.value(C(z)[part]) + objective(C, C(z), 0.1, z)
    assert path[-1][0] == pytest.approx(least, rel=1e-4 + other)
    assert path[-1][1] < 1e-3
    for value, gap in path[2:]:
        assert value - least <= gap * value + 1e-5 * value


@pytest.mark.parametrize("box", [None, Box(0.3, 1.2), Box()], ids=str)
def test_the_partial_gap_is_a_linear_program(box):
    rng = np.random.default_rng(6)
    x, point, y = rng.random((3, 12)) + 0.3
    F = SquaredError(y)
    p = F.gradient(point)
    sides = [(-np.inf, np.inf)] if box is None else [(box.lower, box.upper)]
    bounds = [(max(sides[0][0], v - x.max()), min(sides[0][1], v + x.max())) for v in x]
    least = scipy.optimize.linprog(p, bounds=bounds).fun
    conjugate = p @ p / 2 + p @ y
    expected = (F.value(x) + conjugate - least) / F.value(x)
    assert _primal_dual.partial_gap([(F, x, point, p)], p, x, box) == pytest.approx(expected, rel=1e-9)


class _Flat:
    """A data term of samples in a row."""

    def __init__(self, F, shape):
        self.F, self.shape = F, shape

    def value(self, v):
        return self.F.value(v.reshape(self.shape))

    def prox(self, v, step):
        return self.F.prox(v.reshape(self.shape), step).ravel()


@pytest.mark.parametrize("lam", [1e-2, 0.3])
def test_both_solvers_find_one_minimum_and_the_gap_bounds_the_distance(lam):
    C, y = periodic_problem((8, 7))
    D = Differences(y.shape, boundary="periodic")
    admm = tv_admm_steps(C, y, lam, split_gradient(y, 3.0, isotropic=True))
    dual = primal_dual_steps(
        C, SquaredError(y), D, GroupL2(lam), PrimalDual(0 * y, lam), norms=(C.norm() * 1.001, 8**0.5)
    )
    paths = [[(objective(C, y, lam, x), gap) for x, gap in islice(steps, 401)] for steps in (admm, dual)]
    least = min(paths[0][-1][0], paths[1][-1][0])
    for path in paths:
        assert path[-1][0] == pytest.approx(least, rel=1e-3)
        # The partial gap of the primal–dual method knows only x up to twice the size of the estimate.
        for value, gap in path[20::10]:
            assert value - least <= gap * value + 1e-12 * value
    assert paths[0][-1][1] < 1e-4


def test_bounds_hold_and_both_solvers_agree():
    C, y = periodic_problem((12, 10))
    result = total_variation(y - 1.0, C, lam=0.05, bounds=(0, 1.2), rtol=1e-4, max_iter=2000)
    assert result.status is Status.CONVERGED
    assert result.estimate.min() >= 0
    assert result.estimate.max() <= 1.2
    D, box = Differences(y.shape, boundary="periodic"), Box(0, 1.2)
    steps = primal_dual_steps(
        C, SquaredError(y - 1.0), D, GroupL2(0.05), PrimalDual(0 * y, 0.05), norms=(1.01, 8**0.5), box=box
    )
    *_, (x, gap) = islice(steps, 801)
    values = [objective(C, y - 1.0, 0.05, z) for z in (x, result.estimate)]
    assert values[1] == pytest.approx(values[0], rel=1e-4 + gap)
    assert gap < 1e-3


def test_one_transform_each_way_an_iteration(monkeypatch):
    C, y = periodic_problem((12, 10))
    calls = []
    for name in ("spectrum", "signal"):
        plain = getattr(_split_gradient, name)

        def counted(*args, _plain=plain, _name=name, **options):
            calls.append(_name)
            return _plain(*args, **options)

        monkeypatch.setattr(_split_gradient, name, counted)
    list(islice(tv_admm_steps(C, y, 0.1, split_gradient(y, 3.0, isotropic=True)), 30))
    assert calls.count("signal") == 30
    assert calls.count("spectrum") == 30 + 1  # the data, once


@pytest.fixture(params=[False, True], ids=["arrays", "rows"])
def by_rows(request, monkeypatch):
    """Both ways to step; without numba its source runs as it stands."""
    monkeypatch.setattr(_gradient, "has_compiler", lambda: request.param)
    return request.param


@pytest.mark.usefixtures("by_rows")
@pytest.mark.parametrize("shape", [(9,), (8, 7), (3, 5, 6), (2, 3, 1, 4), (1, 5), (1, 1)], ids=str)
@pytest.mark.parametrize("isotropic", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_steps_of_the_gradient_are_their_formulas(shape, isotropic, dtype, rng):
    D, steps = Differences(shape, boundary="periodic"), periodic_gradient(shape)
    x = normal(rng, shape).astype(dtype)
    v = normal(rng, D.output_shape).astype(dtype)
    keep = rng.random(shape if isotropic else v.shape).astype(dtype)
    expected = D.H((2 * keep - 1) * v), 1.7 * D(x) + (1 - 1.7 * keep) * v
    size = np.sqrt((expected[1] ** 2).sum(axis=0)) if isotropic else np.abs(expected[1])
    threshold = float(np.median(size))
    left = np.maximum(1 - threshold / size, 0)
    with fft_options(workers=3):
        found = steps.reflected(v, keep), *steps.relaxed(x, v, keep, 1.7, threshold)
    for array, value in zip(found, (*expected, left), strict=True):
        assert array.dtype == dtype
        assert_close(array, value, c=64)


@pytest.mark.parametrize("isotropic", [False, True])
def test_both_ways_to_step_go_one_way(isotropic, monkeypatch):
    C, y = periodic_problem((12, 10))
    paths = []
    for by_rows in (False, True):
        monkeypatch.setattr(_gradient, "has_compiler", lambda by_rows=by_rows: by_rows)
        state = split_gradient(y, 3.0, isotropic=isotropic)
        paths.append([(x.copy(), gap) for x, gap in islice(tv_admm_steps(C, y, 0.1, state), 41)])
    for (x, gap), (other, other_gap) in zip(*paths, strict=True):
        np.testing.assert_allclose(x, other, rtol=1e-10)
        assert gap == pytest.approx(other_gap, abs=1e-10)


def test_two_transforms_each_way_where_the_data_term_is_split_off(monkeypatch):
    C, y = periodic_problem((12, 10))
    calls = []
    for name in ("spectrum", "signal"):
        plain = getattr(_split_data, name)

        def counted(*args, _plain=plain, _name=name, **options):
            calls.append(_name)
            return _plain(*args, **options)

        monkeypatch.setattr(_split_data, name, counted)
    state = split_data(y, periodic_gradient(y.shape), 3.0)
    list(islice(split_data_steps(C, AbsoluteError(y), GroupL2(0.1), state), 30))
    assert calls.count("signal") == calls.count("spectrum") == 60


@pytest.mark.parametrize("shape", [(9,), (8, 7), (4, 5, 6), (1, 12)])
@pytest.mark.parametrize("complex_", [False, True])
def test_any_rank_and_complex_data(shape, complex_):
    rng = np.random.default_rng(5)
    y = normal(rng, shape, complex_=complex_)
    kernel = np.ones((1,) * len(shape))
    estimate = total_variation(
        y, Convolution(kernel, shape, boundary="periodic"), lam=1e-6, rtol=1e-9
    ).estimate
    np.testing.assert_allclose(estimate, y, atol=1e-4)
    flat = total_variation(y, Convolution(kernel, shape, boundary="periodic"), lam=1e3, max_iter=500).estimate
    np.testing.assert_allclose(flat, np.full(shape, y.mean()), atol=1e-5)


AUTOMATIC = (total_variation, hyper_laplacian, plug_and_play)


def photograph(noise_std=0.01, shape=(100, 90)):
    kernel = psf.gaussian((9, 8), 1.4)
    scene = samples.camera()[200 : 200 + shape[0], 180 : 180 + shape[1]] / 255
    return simulate.observe(scene, kernel / kernel.sum(), noise_std=noise_std, rng=0)


@pytest.mark.parametrize("method", AUTOMATIC)
def test_the_automatic_estimate_beats_its_input_and_scales(method):
    seen = photograph()
    result = method(seen.data, seen.blur)
    assert metrics.isnr(result.estimate, seen.truth, seen.data) > 1.0
    scaled = method(4 * seen.data, seen.blur)
    np.testing.assert_allclose(scaled.estimate, 4 * result.estimate, rtol=1e-6, atol=1e-6)
    assert scaled.parameters["noise_std"] == pytest.approx(4 * result.parameters["noise_std"])


@pytest.mark.parametrize("method", AUTOMATIC)
def test_fluxes_beyond_single_squares(method):
    seen = photograph()
    data = seen.data.astype(np.float32)
    plain, scaled = method(data, seen.blur), method(data * np.float32(2.0**90), seen.blur)
    assert scaled.estimate.dtype == np.float32
    np.testing.assert_allclose(scaled.estimate / np.float32(2.0**90), plain.estimate, rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize(("method", "loss"), [(total_variation, 0.5), (hyper_laplacian, 1.0)])
def test_automatic_lambda_is_near_the_best(method, loss):
    seen = photograph()
    chosen = method(seen.data, seen.blur)
    best = max(
        metrics.psnr(method(seen.data, seen.blur, lam=chosen.parameters["lam"] * f).estimate, seen.truth)
        for f in (0.25, 0.5, 1, 2, 4)
    )
    assert metrics.psnr(chosen.estimate, seen.truth) > best - loss


@pytest.mark.parametrize(("boundary", "solver"), [("unknown", "ADMM"), ("symmetric", "primal–dual")])
def test_the_boundary_decides_the_solver(boundary, solver):
    seen = photograph()
    result = total_variation(seen.data, seen.blur, boundary=boundary, max_iter=60)
    assert result.method == f"total_variation ({solver})"
    assert result.estimate.shape == seen.data.shape
    assert metrics.isnr(result.estimate, seen.truth, seen.data) > 1.5


@pytest.mark.parametrize("method", [total_variation, nnls, hyper_laplacian, plug_and_play])
def test_missing_samples_do_not_matter_and_are_filled(method):
    seen = photograph()
    rng = np.random.default_rng(7)
    gone = rng.random(seen.data.shape) < 0.1
    model = noise.Gaussian(std=np.where(gone, np.inf, 0.01))
    options = {total_variation: {"max_iter": 200}, nnls: {"max_iter": 20}}.get(method, {})
    estimates = [
        method(np.where(gone, value, seen.data), seen.blur, noise=model, **options).estimate
        for value in (0.0, 1e3 * rng.standard_normal(seen.data.shape))
    ]
    np.testing.assert_allclose(estimates[0], estimates[1], rtol=1e-9, atol=1e-9)
    if method is not nnls:
        linear = tikhonov(np.where(gone, 0.0, seen.data), seen.blur, noise=model).estimate
        assert metrics.psnr(estimates[0], seen.truth) > metrics.psnr(linear, seen.truth)
    blurred = metrics.psnr(np.where(gone, 0.0, seen.data), seen.truth)
    assert metrics.psnr(estimates[0], seen.truth) > blurred + (1 if method is nnls else 3)


def test_non_negative_least_squares_is_that_of_scipy():
    rng = np.random.default_rng(8)
    C = Convolution(KERNEL, (7, 6), padding="valid", stride=(1, 2))
    y = rng.standard_normal(C.output_shape)
    A = C.to_dense()
    result = nnls(y, C, stop=None, rtol=1e-12, max_iter=20000)
    _, least = scipy.optimize.nnls(A, y.ravel())
    assert result.estimate.min() >= 0
    assert np.linalg.norm(C(result.estimate) - y) == pytest.approx(least, rel=1e-8)


def test_non_negative_least_squares_stops_at_the_noise():
    seen = photograph(noise_std=0.02)
    stopped = nnls(seen.data, seen.blur, max_iter=400)
    assert stopped.status is Status.NOISE_REACHED
    figures = [step.figures["discrepancy"] for step in stopped.history]
    assert figures[-1] <= 1 < min(figures[:-1])
    operator = Convolution.from_psf(seen.blur, seen.data.shape, boundary="periodic")
    told = nnls(seen.data, operator, noise=0.02, stop=Discrepancy(1.1))
    residual = operator(told.estimate) - seen.data
    assert told.history[-1].figures["discrepancy"] == pytest.approx(np.mean(residual**2) / 0.02**2)
    on = nnls(seen.data, seen.blur, stop=None, max_iter=400)
    assert metrics.psnr(stopped.estimate, seen.truth) > metrics.psnr(on.estimate, seen.truth) + 3
    assert metrics.isnr(stopped.estimate, seen.truth, seen.data) > 0.5


def test_projected_landweber_by_hand():
    C = Convolution([0.5, 0.5], (4,), boundary="periodic")
    y = np.array([1.0, -1.0, 0.5, 2.0])
    estimate = nnls(y, C, momentum=False, stop=None, max_iter=3).estimate
    x, step = np.zeros(4), 1 / (1.001 * C.norm()) ** 2
    for _ in range(3):
        x = np.maximum(x + step * C.H(y - C(x)), 0)
    np.testing.assert_allclose(estimate, x, rtol=1e-12)


def test_fista_is_faster_than_its_plain_form():
    C, y = periodic_problem((12, 10))
    step = 1 / C.norm() ** 2
    values = []
    for momentum in (True, False):
        *_, (x, _) = islice(fista_steps(C, SquaredError(y), L1(1e-4), 0 * y, step, momentum=momentum), 100)
        values.append(SquaredError(y).value(C(x)) + L1(1e-4).value(x))
    assert values[0] < values[1]


def test_plug_and_play_with_a_quadratic_denoiser_is_a_fixed_formula():
    C, y = periodic_problem((6, 5))
    result = plug_and_play(y, C, denoiser=lambda image, sigma: 0 * image, noise=0.1, n_iter=3)
    assert np.abs(result.estimate).max() == 0
    # One turn with no denoiser is Tikhonov around the data.
    result = plug_and_play(y, C, denoiser=lambda image, sigma: image, noise=0.1, lam=0.5, n_iter=1)
    reach = np.abs(y).max()
    rho = 0.5 * 0.1**2 / max(reach / 10, 0.2) ** 2
    A = C.to_dense()
    expected = np.linalg.solve(A.T @ A + rho * np.eye(30), A.T @ y.ravel() + rho * y.ravel())
    np.testing.assert_allclose(result.estimate.ravel(), expected, rtol=1e-9)


@pytest.mark.parametrize("name", denoisers.__all__)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_denoisers_remove_noise_and_keep_precision_and_scale(name, dtype):
    rng = np.random.default_rng(10)
    truth = 100 * (np.add.outer(np.arange(40) > 18, np.arange(36) > 10) - 1.0)
    noisy = (truth + 10 * rng.standard_normal(truth.shape)).astype(dtype)
    clean = getattr(denoisers, name)(noisy, 10.0)
    assert clean.dtype == dtype
    assert metrics.relative_error(clean, truth) < 0.7 * metrics.relative_error(noisy, truth)


@pytest.mark.parametrize("name", sorted({*denoisers.__all__} - {"bilateral"}))
def test_plug_and_play_takes_every_denoiser(name):
    seen = photograph(noise_std=0.02)
    result = plug_and_play(seen.data, seen.blur, denoiser=getattr(denoisers, name))
    assert metrics.isnr(result.estimate, seen.truth, seen.data) > 0.5


@pytest.mark.parametrize("method", [total_variation, hyper_laplacian, plug_and_play, nnls])
def test_other_arrays(method):
    data = photograph().data[:20, :17].astype(np.float32)
    kernel = KERNEL[:3] / KERNEL.sum()
    options = {"max_iter": 20} if method in (total_variation, nnls) else {}
    if method is hyper_laplacian:
        options = {"lam": 1e-3}
    ours = method(strict.asarray(data), kernel, **options).estimate
    assert ours.dtype == strict.float32
    theirs = method(data, kernel, **options).estimate
    np.testing.assert_allclose(np.asarray(ours), theirs, atol=2e-3)


@pytest.mark.parametrize("method", [total_variation, hyper_laplacian, plug_and_play])
def test_constant_data_stay_constant(method):
    estimate = method(np.full((20, 18), 0.5), KERNEL[:3] / KERNEL.sum()).estimate
    np.testing.assert_allclose(estimate, 0.5, atol=2e-3)


@pytest.mark.parametrize("method", [hyper_laplacian, plug_and_play])
@pytest.mark.parametrize("complex_", [False, True])
def test_uniform_weights_are_no_weights(method, complex_):
    seen = photograph(shape=(50, 45))
    data = seen.data + 1j * seen.data[::-1] if complex_ else seen.data
    C = Convolution.from_psf(seen.blur, data.shape, boundary="periodic")
    weights = noise.Gaussian(std=np.full(data.shape, 0.01))
    options = {"lam": 2.0} if method is hyper_laplacian else {}
    one = method(data, C, noise=0.01, **options)
    each = method(data, C, noise=weights, **options)
    assert each.parameters["lam"] == pytest.approx(one.parameters["lam"])
    np.testing.assert_allclose(each.estimate, one.estimate, atol=1e-6)
    assert metrics.relative_error(data, one.estimate) > 2e-2


def test_conjugate_gradients_do_what_transforms_do():
    C, y = periodic_problem((12, 9))
    opaque = Diagonal(np.ones(C.output_shape)) @ C
    options = {"noise": 0.3, "denoiser": lambda image, sigma: image / (1 + sigma)}
    fast, general = plug_and_play(y, C, **options), plug_and_play(y, opaque, **options)
    np.testing.assert_allclose(general.estimate, fast.estimate, atol=1e-3)


@pytest.mark.parametrize("method", [total_variation, hyper_laplacian, plug_and_play])
def test_heavier_samples_count_more(method):
    seen = photograph(noise_std=0.0, shape=(60, 70))
    rng = np.random.default_rng(11)
    std = np.where(rng.random(seen.data.shape) < 0.3, 0.2, 0.002)
    data = seen.data + std * rng.standard_normal(seen.data.shape)
    told = method(data, seen.blur, noise=noise.Gaussian(std=std)).estimate
    mean = method(data, seen.blur, noise=float(np.sqrt(np.mean(std**2)))).estimate
    gain = metrics.psnr(told, seen.truth) - metrics.psnr(mean, seen.truth)
    assert gain > (0.2 if method is hyper_laplacian else 3)


@pytest.mark.parametrize("method", [hyper_laplacian, plug_and_play])
def test_any_operator_and_any_units(method):
    seen = photograph()
    # 8-fold brightness and every second row: the data are neither of the shape nor of the units of x.
    C = 8.0 * Convolution(np.flip(seen.blur), (36, 41), stride=(2, 1), boundary="symmetric")
    scene = samples.camera()[200:236, 180:221] / 255
    data = C(scene) + 0.05 * np.random.default_rng(2).standard_normal(C.output_shape)
    result = method(data, C, **({"lam": 0.02} if method is hyper_laplacian else {}))
    assert result.estimate.shape == scene.shape
    assert metrics.psnr(result.estimate, scene) > metrics.psnr(tikhonov(data, C).estimate, scene) + 0.3


def test_a_quadratic_step_is_the_dense_solution():
    C = Convolution(KERNEL, (6, 5), boundary="symmetric")
    rng = np.random.default_rng(12)
    D = Differences((6, 5))
    y, w, x = (rng.standard_normal(shape) for shape in ((6, 5), D.output_shape, (6, 5)))
    A, B = C.to_dense(), D.to_dense()
    expected = np.linalg.solve(A.T @ A + 0.3 * B.T @ B, A.T @ y.ravel() + 0.3 * B.T @ w.ravel())
    np.testing.assert_allclose(quadratic_step(C, y, D)(0.3, w, x).ravel(), expected, atol=1e-3)
    P, E = Convolution(KERNEL, (6, 5), boundary="periodic"), Differences((6, 5), boundary="periodic")
    A, B = P.to_dense(), E.to_dense()
    expected = np.linalg.solve(A.T @ A + 0.3 * B.T @ B, A.T @ y.ravel() + 0.3 * B.T @ w.ravel())
    np.testing.assert_allclose(quadratic_step(P, y, E)(0.3, w, x).ravel(), expected, rtol=1e-10)


@pytest.mark.parametrize("shape", [(70,), (19, 30), (1, 40), (9, 7, 10)])
@pytest.mark.parametrize("complex_", [False, True])
def test_sliding_dct_against_its_loop(shape, complex_):
    rng = np.random.default_rng(13)
    image = np.cumsum(normal(rng, shape, complex_=complex_), axis=-1)
    sigma = 0.6
    b = [min(n, {1: 32, 2: 8, 3: 4}[len(shape)]) for n in shape]
    pads = [(k, k + -n % k) for n, k in zip(shape, b, strict=True)]
    big = np.pad(image, pads, mode="symmetric")
    pilot = big

    for turn in range(2):
        total, weights = np.zeros_like(big), np.zeros(big.shape)
        for corner in np.ndindex(big.shape):
            if any(c % k % 2 for c, k in zip(corner, b, strict=True)):
                continue
            block = np.ix_(*(np.arange(c, c + k) % n for c, k, n in zip(corner, b, big.shape, strict=True)))
            c, seen = (scipy.fft.dctn(a[block], norm="ortho") for a in (big, pilot))
            keep = np.abs(seen) > 2.7 * sigma if turn == 0 else np.abs(seen) ** 2
            keep = keep.astype(float) if turn == 0 else keep / (keep + sigma**2)
            keep[(0,) * len(shape)] = 1
            weight = 1 / np.sum(keep**2)
            total[block] += weight * scipy.fft.idctn(c * keep, norm="ortho")
            weights[block] += weight
        pilot = total / weights

    part = tuple(slice(a, a + n) for (a, _), n in zip(pads, shape, strict=True))
    np.testing.assert_allclose(denoisers.sliding_dct(image, sigma), pilot[part], rtol=1e-10, atol=1e-10)
    np.testing.assert_array_equal(denoisers.sliding_dct(image, 0.0), image)


def test_callbacks_see_and_stop():
    seen = photograph()
    for method in (hyper_laplacian, plug_and_play):
        result = method(seen.data, seen.blur, callback=lambda iteration: iteration.number == 3)
        assert (result.n_iter, result.status) == (3, Status.STOPPED_BY_CALLBACK)


def counts():
    """Counts on a background, and their truth."""
    kernel = psf.gaussian((9, 8), 1.4)
    kernel = kernel / kernel.sum()
    scene = 40 * samples.camera()[200:300, 180:270] / 255
    C = Convolution(kernel, scene.shape, padding="valid", correlate=False)
    truth = scene[4:-4, 4:-3]
    return np.random.default_rng(0).poisson(C(scene) + 3.0).astype(float), kernel, truth


@pytest.mark.parametrize("method", [total_variation, wavelet_sparse])
def test_counts_gain_from_their_own_data_term(method):
    data, kernel, truth = counts()
    result = method(data, kernel, noise=noise.Poisson(background=3.0), max_iter=60)
    assert result.parameters["selection_status"] == "FOUND"
    assert result.parameters["boundary"] == "unknown"
    assert metrics.isnr(result.estimate, truth, data - 3) > 4.0
    # The gain turns data of another unit into the same counts.
    scaled = method(5 * data, kernel, noise=noise.Poisson(background=15.0, gain=5), max_iter=60)
    np.testing.assert_allclose(scaled.estimate, 5 * result.estimate, rtol=1e-5, atol=1e-5)
    assert scaled.parameters["lam"] == pytest.approx(result.parameters["lam"])
    if method is total_variation:
        assert result.estimate.min() >= 0


def test_counts_that_are_missing_do_not_matter():
    data, kernel, truth = counts()
    gone = np.random.default_rng(3).random(data.shape) < 0.1
    model = noise.Poisson(background=3.0, weights=~gone)
    estimates = [
        total_variation(np.where(gone, value, data), kernel, noise=model, max_iter=60).estimate
        for value in (0.0, np.nan)
    ]
    np.testing.assert_array_equal(estimates[0], estimates[1])
    assert metrics.isnr(estimates[0], truth, np.where(gone, 3.0, data) - 3) > 6.0


@pytest.mark.parametrize("method", [total_variation, wavelet_sparse])
def test_outliers_hardly_move_the_estimate(method):
    seen = photograph(noise_std=0.005)
    rng = np.random.default_rng(1)
    hit = rng.random(seen.data.shape) < 0.05
    data = np.where(hit, rng.random(seen.data.shape), seen.data)
    result = method(data, seen.blur, noise=noise.Laplace(), max_iter=20 if method is wavelet_sparse else 60)
    assert result.parameters["selection_status"] == "FOUND"
    assert metrics.isnr(result.estimate, seen.truth, data) > 4.0
    if method is total_variation:
        scaled = method(4 * data, seen.blur, noise=noise.Laplace(), max_iter=60)
        np.testing.assert_allclose(scaled.estimate, 4 * result.estimate, rtol=1e-5, atol=1e-5)
        gaussian = max(
            metrics.psnr(total_variation(data, seen.blur, lam=lam).estimate, seen.truth)
            for lam in (3e-3, 1e-2, 3e-2)
        )
        assert metrics.psnr(result.estimate, seen.truth) > gaussian + 1.0


def small(kind):
    """A problem for a general-purpose solver: C, data, noise model and F."""
    rng = np.random.default_rng(4)
    C = Convolution.from_psf(KERNEL, (5, 4), boundary="periodic")
    clean = C(2.0 + 3 * (np.arange(20).reshape(5, 4) > 9))
    if kind == "counts":
        y = rng.poisson(clean + 0.5).astype(float)
        y[0, 0] = 0
        weights = rng.random(y.shape) + 0.5

        def divergence(x):
            m = C(x) + 0.5
            return np.sum(weights * (m - y + scipy.special.xlogy(y, y / m)))

        return C, y, noise.Poisson(background=0.5, weights=weights), divergence
    y = clean + rng.laplace(scale=0.3, size=clean.shape)
    return C, y, noise.Laplace(0.3), lambda x: np.abs(C(x) - y).sum()


@pytest.mark.parametrize("kind", ["counts", "outliers"])
def test_other_data_terms_are_minimized(kind):
    C, y, model, fidelity = small(kind)
    lam = 0.2
    result = total_variation(y, C, lam=lam, noise=model, bounds=(0, None), rtol=1e-6, max_iter=1500)

    def objective(flat, soft=0.0):
        x = flat.reshape(y.shape)
        slopes = Differences(y.shape, boundary="periodic")(x)
        return fidelity(x) + lam * np.sqrt(np.sum(slopes**2, axis=0) + soft).sum()

    ours = objective(result.estimate.ravel())
    # SciPy's best from our own point and from the data, the corners of the objective rounded off.
    bounds = [(0, None)] * y.size
    for start in (result.estimate, np.clip(y, 0.5, None)):
        found = scipy.optimize.minimize(
            objective, start.ravel(), args=(1e-6,), bounds=bounds, method="L-BFGS-B"
        )
        assert ours <= objective(found.x) * (1 + 1e-5)
    assert result.optimality < 1e-5


def test_weights_and_gaps_meet_the_noise_that_was_told():
    seen = photograph(noise_std=0.0)
    rng = np.random.default_rng(2)
    std = rng.choice([0.004, 0.1, np.inf], seen.data.shape, p=[0.6, 0.3, 0.1])
    data = seen.data + np.where(np.isinf(std), 9.0, std) * rng.standard_normal(std.shape)
    model = noise.Gaussian(std=std)
    result = total_variation(data, seen.blur, noise=model)
    assert result.parameters["selection_status"] == "FOUND"
    best = max(
        metrics.psnr(
            total_variation(data, seen.blur, noise=model, lam=f * result.parameters["lam"]).estimate,
            seen.truth,
        )
        for f in (0.3, 3.0)
    )
    assert metrics.psnr(result.estimate, seen.truth) > best - 0.2


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_impulses_do_not_decide_lambda(share):
    seen = photograph(noise_std=0.005)
    rng = np.random.default_rng(1)
    data = np.where(rng.random(seen.data.shape) < share, rng.integers(0, 2, seen.data.shape), seen.data)
    result = total_variation(data, seen.blur, noise=noise.Laplace())
    others = (
        total_variation(data, seen.blur, noise=noise.Laplace(), lam=f * result.parameters["lam"]).estimate
        for f in (0.25, 4.0)
    )
    assert metrics.psnr(result.estimate, seen.truth) > max(metrics.psnr(x, seen.truth) for x in others) - 0.1


def test_total_variation_gains_over_wiener():
    seen = photograph(noise_std=0.02)
    gain = metrics.psnr(total_variation(seen.data, seen.blur).estimate, seen.truth) - metrics.psnr(
        wiener(seen.data, seen.blur).estimate, seen.truth
    )
    assert gain > 0.5
