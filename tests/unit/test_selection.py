"""Choosing λ: generalized cross-validation against its definition."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
from tolerance import normal
from twins import gcv_score as dense_score

from invdeconv import Convolution, Differences, decompose, psf, tikhonov, truncated_svd
from invdeconv.operators import regularizer_for
from invdeconv.restoration import _filters
from invdeconv.selection import (
    ProbedFit,
    RimFit,
    SelectionStatus,
    SpectralFit,
    gcv,
    gcv_score,
    lambda_grid,
    minimize_on_grid,
    refine_minimum,
)

SHAPE = (8, 7)
SMALL = {
    "DFT": Convolution(psf.gaussian((5, 4), 1.0), SHAPE, boundary="periodic"),
    "DCT": Convolution(psf.gaussian((5, 3), 1.0), SHAPE, boundary="symmetric"),
    "dense": Convolution(psf.gaussian((4, 3), 1.0), SHAPE),
    "dense tall": Convolution(psf.gaussian((4, 3), 1.0), SHAPE, padding="full"),
    "dense wide": Convolution(psf.gaussian((4, 3), 1.0), SHAPE, padding="valid"),
    "aliased": Convolution(psf.gaussian((4, 3), 1.0), (8, 6), stride=2, boundary="periodic"),
}


def scene(shape):
    return np.add.outer(np.cumsum(np.sin(np.arange(shape[0]))), np.cos(np.arange(shape[1])) ** 2) + 2


def observed(C, noise=0.1, seed=0):
    return C(scene(C.input_shape)) + noise * normal(np.random.default_rng(seed), C.output_shape)


@pytest.mark.parametrize("name", list(SMALL))
@pytest.mark.parametrize("regularizer", ["gradient", "identity", "laplacian"])
def test_the_score_is_its_definition(name, regularizer):
    C = SMALL[name]
    y = observed(C)
    L = regularizer_for("test", regularizer, C)
    B = np.eye(C.shape[1]) if L is None else L.to_dense()
    score = gcv_score(SpectralFit(decompose(C, L), y))
    for lam in (1e-4, 1e-2, 0.3, 5.0):
        assert score(lam) == pytest.approx(dense_score(C.to_dense(), B, y.ravel(), lam), rel=1e-8)


@pytest.mark.parametrize("name", [name for name in SMALL if name != "aliased"])  # it finds no trade-off
def test_the_choice_is_the_minimum_of_a_dense_grid(name):
    C = SMALL[name]
    y = observed(C)
    found = gcv(y, C)
    B = regularizer_for("test", "gradient", C).to_dense()
    grid = np.logspace(-5, 2, 29)
    scores = [dense_score(C.to_dense(), B, y.ravel(), lam) for lam in grid]
    assert found.status is SelectionStatus.FOUND
    assert abs(np.log10(found.value / grid[np.argmin(scores)])) < 0.26
    assert dense_score(C.to_dense(), B, y.ravel(), found.value) <= min(scores) * (1 + 1e-9)
    values, tried = found.curve
    assert np.all(np.diff(values) > 0)
    assert found.value == values[np.argmin(tried)]
    result = tikhonov(y, C)
    assert result.parameters["lam"] == found.value
    assert (result.parameters["selection"], result.parameters["selection_status"]) == ("gcv", "FOUND")


@pytest.mark.parametrize("name", ["DFT", "DCT", "dense tall"])
def test_inside_counts_the_residual_there(name):
    C = SMALL[name]
    y, L = observed(C), regularizer_for("test", "gradient", C)
    window = (slice(2, -1), slice(1, 5))
    score = gcv_score(RimFit(decompose(C, L), y, window))
    A, B = C.to_dense(), L.to_dense()
    for lam in (0.01, 1.0):
        x = np.linalg.solve(A.T @ A + lam * B.T @ B, A.T @ y.ravel())
        residual = (y - (A @ x).reshape(y.shape))[window]
        H = A @ np.linalg.solve(A.T @ A + lam * B.T @ B, A.T)
        left = 1 - np.trace(H) / y.size
        assert score(lam) == pytest.approx(np.mean(residual**2) / left**2, rel=1e-8)
        both = gcv_score(RimFit(decompose(C, L), y + 1j * y, window))
        assert both(lam) == pytest.approx(2 * score(lam), rel=1e-9)
    everything = (slice(None), slice(None))
    whole = gcv_score(RimFit(decompose(C, L), y, everything))
    assert whole(0.1) == pytest.approx(gcv_score(SpectralFit(decompose(C, L), y))(0.1), rel=1e-8)
    assert gcv(y, C, inside=window).value > 0


def test_complex_data_and_other_libraries():
    C = SMALL["DFT"]
    y = observed(C)
    assert gcv(y * np.exp(1j), C).value == pytest.approx(gcv(y, C).value, rel=1e-3)
    found = gcv(strict.asarray(y), C)
    assert found.value == pytest.approx(gcv(y, C).value, rel=1e-3)
    assert type(found.value) is float


def test_scaling_the_data_does_not_change_the_choice():
    C = SMALL["DCT"]
    y = observed(C)
    for a in (1e-6, 1e5):
        assert gcv(a * y, C).value == pytest.approx(gcv(y, C).value, rel=1e-2)


def test_more_noise_more_regularization():
    C = SMALL["DFT"]
    values = [
        np.mean([np.log(gcv(observed(C, noise, seed), C).value) for seed in range(10)])
        for noise in (0.01, 0.1, 1)
    ]
    assert values[0] < values[1] < values[2]


def test_the_edge_is_reported():
    C = SMALL["DFT"]
    exact = gcv(C(scene(SHAPE)), C)  # no noise: nothing to trade
    assert exact.status is SelectionStatus.EDGE
    assert exact.value == exact.curve[0][0]
    constant = gcv(np.ones(SHAPE) + 1e-3 * (-1.0) ** np.add.outer(np.arange(8), np.arange(7)), C)
    assert constant.value > exact.value


def test_the_grid_covers_the_ratios():
    C = SMALL["DFT"]
    d = decompose(C, Differences(SHAPE, boundary="periodic"))
    grid = lambda_grid(d, 1)
    gamma = d.gamma[np.isfinite(d.gamma)]
    assert grid[0] < max(gamma.min() ** 2, 1e-12 * gamma.max() ** 2)
    assert grid[-1] > gamma.max() ** 2
    np.testing.assert_allclose(np.diff(np.log10(grid)), 1)
    one = lambda_grid(decompose(Convolution([2.0], (1,)), Differences((1,))), 1)
    assert np.isfinite(one).all()


def test_truncation_by_gcv_is_the_best_of_the_thresholds():
    C = SMALL["dense"]
    y = observed(C)
    result = truncated_svd(y, C)
    u, values, _ = np.linalg.svd(C.to_dense())
    power = np.abs(u.T @ y.ravel()) ** 2
    m = y.size

    def score(rtol):
        keep = values > rtol * values[0]
        left = 1 - keep.sum() / m
        return np.sum(power[~keep]) / m / left**2 if left > 1e-12 else np.inf

    grid = np.logspace(-8, 0, 65)[:-1]
    assert result.parameters["rtol"] == pytest.approx(grid[np.argmin([score(r) for r in grid])])


def test_stochastic_gcv_is_close_to_the_exact_one():
    C = Convolution(psf.gaussian((5, 5), 1.2), (20, 17), boundary="periodic")
    L = Differences((20, 17), boundary="periodic")
    y = observed(C)
    d = decompose(C, L)

    def predict(data, lam):
        return C(d.filter(data, _filters.tikhonov(lam)))

    scale = (C.norm() / L.norm()) ** 2
    exact = gcv(y, C)
    for seed in range(4):
        probed = ProbedFit(y, predict, scale, rng=seed)
        estimated = refine_minimum(gcv_score(probed), probed.grid)
        assert abs(np.log10(estimated.value / exact.value)) < 0.7
    # Its score at one λ: the trace within the spread of one probe, 2‖H‖_F²/m².
    score, again = gcv_score(SpectralFit(d, y)), gcv_score(ProbedFit(y, predict, scale))
    assert again(exact.value) == gcv_score(ProbedFit(y, predict, scale))(exact.value)
    assert again(exact.value) == pytest.approx(score(exact.value), rel=0.2)


def test_stochastic_gcv_takes_complex_operators_and_other_libraries():
    kernel = psf.gaussian((3, 3), 1.0) * np.exp(0.4j)
    C = Convolution(kernel, (9, 8), boundary="periodic")
    y = observed(C) + 0j
    d = decompose(C, Differences((9, 8), boundary="periodic"))

    def predict(data, lam):
        return C(d.filter(data, _filters.tikhonov(lam)))

    one = gcv_score(ProbedFit(y, predict, 0.1))
    other = gcv_score(ProbedFit(strict.asarray(y), predict, 0.1))
    assert other(0.03) == pytest.approx(one(0.03), rel=1e-9)


def test_minimize_on_grid_and_refinement():
    def score(lam):
        return (np.log10(lam) - 0.37) ** 2

    grid = np.logspace(-3, 3, 7)
    coarse = minimize_on_grid(score, grid)
    assert (coarse.value, coarse.status) == (1.0, SelectionStatus.FOUND)
    fine = refine_minimum(score, grid)
    assert np.log10(fine.value) == pytest.approx(0.37, abs=2e-3)
    assert type(fine.value) is float
    assert fine.status is SelectionStatus.FOUND
    assert set(grid) <= set(fine.curve[0])
    low = refine_minimum(lambda lam: lam, grid)
    assert (low.value, low.status) == (1e-3, SelectionStatus.EDGE)
    high = refine_minimum(lambda lam: -lam, grid)
    assert (high.value, high.status) == (1e3, SelectionStatus.EDGE)
    flat = minimize_on_grid(lambda lam: 0.0 if lam > 1e-2 else np.inf, grid)
    assert flat.status is SelectionStatus.EDGE
    infinite = minimize_on_grid(lambda lam: np.inf if lam < 1 else lam, grid)
    assert infinite.value == 1.0
