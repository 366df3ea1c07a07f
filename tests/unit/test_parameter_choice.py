"""Every rule that chooses λ: against its definition in dense matrices, and against the best λ there is."""

from __future__ import annotations

import functools

import array_api_strict as strict
import numpy as np
import pytest
from tolerance import normal
from twins import PROBLEMS, DenseRules, cumulative_periodogram_distance, tikhonov_dense

from invdeconv import (
    Convolution,
    Identity,
    LinearOperator,
    decompose,
    metrics,
    psf,
    samples,
    selection,
    simulate,
    tikhonov,
    truncated_svd,
)
from invdeconv.noise import estimate_noise_std
from invdeconv.operators import regularizer_for
from invdeconv.operators.decomposition._dense import DenseDecomposition
from invdeconv.selection import (
    NOISE_RULES,
    RULES,
    THRESHOLD_RULES,
    SelectionStatus,
    SpectralFit,
    adapted_weight,
    balance,
    choose_lambda,
    corner,
    curvature,
    gcv_score,
    ncp_score,
)
from invdeconv.selection._problem import fit_of


class Matrix(LinearOperator):
    def __init__(self, matrix):
        self.matrix = matrix
        super().__init__((matrix.shape[1],), (matrix.shape[0],), matrix.dtype)

    def _forward(self, x):
        return self.matrix @ x

    def _adjoint(self, y):
        return self.matrix.conj().T @ y


@functools.cache
def problem(name, regularizer, n):
    A, x = PROBLEMS[name](n)
    C = Matrix(A)
    L = regularizer_for("test", regularizer, C)
    return A, np.eye(n) if L is None else L.to_dense(), x, decompose(C, L)


def draw(name, regularizer, n, level, seed):
    """Return data and σ; `level` is ‖noise‖/‖data‖."""
    A, _, x, _ = problem(name, regularizer, n)
    sigma = level * np.linalg.norm(A @ x) / np.sqrt(n)
    return A @ x + sigma * np.random.default_rng(seed).standard_normal(n), sigma


def squared_range(d):
    gamma = d.gamma[np.isfinite(d.gamma) & (d.gamma > 0)]
    return max(gamma.min() ** 2, 1e-12 * gamma.max() ** 2), gamma.max() ** 2


SCORED = [rule for rule in RULES if rule != "lepskii"]


@pytest.mark.parametrize("regularizer", ["identity", "gradient"])
@pytest.mark.parametrize("rule", SCORED)
@pytest.mark.parametrize("name", PROBLEMS)
def test_the_choice_is_the_minimum_of_the_definition(name, rule, regularizer):
    A, B, _, d = problem(name, regularizer, 24)
    for seed in range(8):  # a draw that has a trade-off: most have, the first that has will do
        y, sigma = draw(name, regularizer, 24, 0.02, seed)
        found = choose_lambda(rule, d, y, noise_std=sigma)
        if found.status is SelectionStatus.FOUND:
            break
    assert found.status is SelectionStatus.FOUND
    score = getattr(DenseRules(A, B, y, sigma), rule)
    low, high = squared_range(d)
    grid = np.geomspace(max(low, found.value / 1e3), min(high, found.value * 1e3), 25)
    least = min(score(lam) for lam in grid)
    assert score(found.value) <= least + 2e-3 * abs(least) + 1e-3 * (rule == "discrepancy")


@pytest.mark.parametrize("regularizer", ["identity", "gradient"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_lepskii_is_its_definition(name, regularizer):
    A, B, _, d = problem(name, regularizer, 24)
    y, sigma = draw(name, regularizer, 24, 0.02, seed=1)
    low, high = squared_range(d)
    grid = np.geomspace(max(low, 1e-9 * high), high, 17)
    found = balance(SpectralFit(d, y), sigma, grid, 2.0)
    assert found.value == DenseRules(A, B, y, sigma).lepskii(grid, 2.0)
    assert found.curve[1][np.flatnonzero(grid == found.value)[0]] <= 2.0


# The error of the estimate over that at the best λ: the median over draws, on the worst of the six problems
# at 1 % noise. The L-curve and quasi-optimality take the gap in the spectrum of `heat` for the noise floor.
LOSS = {
    "gcv": 2.2,
    "weighted_gcv": 1.6,
    "upre": 2.1,
    "discrepancy": 2.1,
    "l_curve": 6.5,
    "ncp": 1.5,
    "quasi_optimality": 4.7,
    "lepskii": 2.9,
}
# These two hardly ever go far wrong.
WORST = {"discrepancy": 5.0, "lepskii": 6.0}


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_loss_against_the_best_lambda(name):
    *_, x, d = problem(name, "identity", 32)
    low, high = squared_range(d)
    grid = np.geomspace(low / 1e4, 10 * high, 60)
    losses = {rule: [] for rule in RULES}
    for seed in range(20):
        y, sigma = draw(name, "identity", 32, 0.01, seed)
        k = d.c * d.analyze(y)
        best = min(np.linalg.norm(d.synthesize(k / (d.c**2 + lam)) - x) for lam in grid)
        for rule in RULES:
            lam = choose_lambda(rule, d, y, noise_std=sigma).value
            losses[rule].append(np.linalg.norm(d.synthesize(k / (d.c**2 + lam)) - x) / best)
    for rule, loss in losses.items():
        assert np.median(loss) < LOSS[rule], rule
        assert max(loss) < WORST.get(rule, np.inf), rule


NAMED = {rule: getattr(selection, rule) for rule in RULES}


def blurred(shape=(24, 17), noise=0.05, seed=0, kernel=None):
    kernel = psf.gaussian((5, 4), 1.0) if kernel is None else kernel
    C = Convolution(kernel, shape, boundary="periodic")
    scene = np.add.outer(np.cumsum(np.sin(np.arange(shape[0]))), 2 * np.cos(np.arange(shape[1]) / 3))
    return C(scene) + noise * normal(np.random.default_rng(seed), shape), C


@pytest.mark.parametrize("rule", RULES)
def test_the_public_rule_is_the_one_by_name(rule):
    y, C = blurred()
    found = NAMED[rule](y, C)
    d = decompose(C, regularizer_for("test", "gradient", C))
    same = choose_lambda(rule, d, y, noise_std=estimate_noise_std(y, C))
    assert (found.value, found.status) == (same.value, same.status)
    assert type(found.value) is float
    assert np.all(np.diff(found.curve[0]) > 0)


@pytest.mark.parametrize("rule", RULES)
def test_scaling_rotating_and_casting_the_data_change_nothing(rule):
    y, C = blurred()
    value = NAMED[rule](y, C).value
    for other in (1e-7 * y, 3e6 * y, -y, np.exp(0.7j) * y, strict.asarray(y), y.astype(np.float32)):
        kind = other.dtype if isinstance(other, np.ndarray) else np.dtype(float)
        if kind.kind == "c" and rule in NOISE_RULES:
            continue  # σ of complex data is another estimate
        loose = 0.1 if kind == np.float32 else 1e-2
        assert NAMED[rule](other, C).value == pytest.approx(value, rel=loose)


@pytest.mark.parametrize("rule", RULES)
def test_complex_operators(rule):
    kernel = psf.gaussian((5, 4), 1.0) * np.exp(1j * np.arange(4))
    C = Convolution(kernel, (12, 10), boundary="periodic")
    x = np.cumsum(normal(np.random.default_rng(1), (12, 10), complex_=True), axis=0)
    sigma = 0.05
    y = C(x) + sigma * np.sqrt(0.5) * normal(np.random.default_rng(2), (12, 10), complex_=True)
    d = decompose(C, regularizer_for("test", "gradient", C))
    fast = choose_lambda(rule, d, y, noise_std=sigma)
    pair = DenseDecomposition(C, regularizer_for("test", "gradient", C))
    slow = choose_lambda(rule, pair, y, noise_std=sigma)
    assert fast.value == pytest.approx(slow.value, rel=2e-2)


def test_cumulative_periodograms_by_every_path():
    for shape in ((24,), (12, 9), (5, 6, 4)):
        y = normal(np.random.default_rng(0), shape).cumsum(axis=0)
        kernel = np.ones((2,) * len(shape)) / 2 ** len(shape)
        C = Convolution(kernel, shape, boundary="periodic")
        by_frequency = ncp_score(SpectralFit(decompose(C), y))
        zero = Convolution(kernel, shape)
        by_residual = ncp_score(SpectralFit(decompose(zero), y))
        for lam in (1e-3, 0.1, 3.0):
            for score, operator in ((by_frequency, C), (by_residual, zero)):
                A = operator.to_dense()
                r = y.ravel() - A @ tikhonov_dense(A, y.ravel(), lam)
                expected = cumulative_periodogram_distance(r.reshape(shape))
                assert score(lam) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("rule", ["l_curve", "ncp", "quasi_optimality", "lepskii"])
def test_rules_that_look_at_the_whole_spectrum_have_no_rim(rule):
    y, C = blurred()
    d = decompose(C, regularizer_for("test", "gradient", C))
    window = (slice(4, -4), slice(2, -5))
    with_rim = choose_lambda(rule, d, y, noise_std=0.05, inside=window)
    assert with_rim.value == choose_lambda(rule, d, y, noise_std=0.05).value


def test_no_transform_per_trial_value(monkeypatch):
    y, C = blurred()
    d = decompose(C, regularizer_for("test", "gradient", C))
    d.power(y)
    counted = []
    for name in ("analyze", "synthesize", "synthesize_output"):
        original = getattr(type(d), name)

        def count(self, k, original=original, name=name):
            counted.append(name)
            return original(self, k)

        monkeypatch.setattr(type(d), name, count)
    for rule in RULES:
        counted.clear()
        choose_lambda(rule, d, y, noise_std=0.05)
        assert set(counted) == {"analyze"}, rule
        assert len(counted) <= 2, rule  # |Uᴴy|² and what lies beyond the range
    counted.clear()
    found = choose_lambda("gcv", d, y, noise_std=0.05, inside=(slice(3, -3), slice(3, -3)))
    assert counted.count("analyze") <= 3
    assert counted.count("synthesize_output") == len(found.curve[0])


@pytest.mark.parametrize("rule", ["gcv", "weighted_gcv", "upre", "discrepancy"])
def test_a_rim_of_nothing_changes_nothing(rule):
    y, C = blurred()
    everything = (slice(None), slice(None))
    assert NAMED[rule](y, C, inside=everything).value == pytest.approx(NAMED[rule](y, C).value, rel=1e-2)
    window = (slice(4, -4), slice(2, -5))
    some = NAMED[rule](y, C, inside=window).value
    assert abs(np.log(some / NAMED[rule](y, C).value)) > 0.02


@pytest.mark.parametrize("rule", ["weighted_gcv", "discrepancy"])
def test_a_probe_comes_close_where_nothing_decomposes(rule, monkeypatch):
    y, C = blurred((10, 7), noise=0.3)
    known = {"noise_std": 0.3} if rule in NOISE_RULES else {}
    exact = NAMED[rule](y, C, **known)
    monkeypatch.setattr("invdeconv.selection._problem.decompose", lambda *_: None)
    assert abs(np.log10(NAMED[rule](y, C, **known).value / exact.value)) < 0.5


def test_a_probe_in_other_libraries(monkeypatch):
    y, C = blurred((10, 7), noise=0.3)
    monkeypatch.setattr("invdeconv.selection._problem.decompose", lambda *_: None)
    one, other = (fit_of("gcv", data, C, "gradient", None, 0) for data in (y, strict.asarray(y)))
    assert other.misfit(0.1) == pytest.approx(one.misfit(0.1), rel=1e-9)
    assert other.trace(0.1) == pytest.approx(one.trace(0.1), rel=1e-9)


def test_data_that_leave_no_choice():
    y, C = blurred()
    zero = 0 * y
    for rule in RULES:
        assert NAMED[rule](zero, C).status is not SelectionStatus.FOUND, rule
    exact = C(np.cumsum(normal(np.random.default_rng(0), C.input_shape), axis=0))
    assert selection.gcv(exact, C).status is SelectionStatus.EDGE
    assert selection.discrepancy(y, C, noise_std=1e3).status is SelectionStatus.NOISE_EXCEEDS_DATA
    assert selection.discrepancy(y, C, noise_std=1e3).value == selection.discrepancy(y, C).curve[0][-1]
    out = Convolution([1.0, 1.0], (9,), padding="full")
    never = selection.discrepancy(normal(np.random.default_rng(3), (10,)), out, noise_std=1e-6)
    assert never.status is SelectionStatus.NOISE_NEVER_REACHED
    for rule in RULES:  # the identity: nothing is ill-posed, and nothing breaks
        found = NAMED[rule](y, Identity(y.shape), regularizer="identity")
        assert np.isfinite(found.value), rule
        assert found.value > 0, rule


def test_a_corner_is_a_corner_inside():
    # Exact data of a well-conditioned C: the L-curve never bends towards its origin before rounding.
    C = Convolution([0.0, 1.0, 0.05], (32,), boundary="periodic")
    y = C(np.sin(np.arange(32.0)) + 2)
    found = selection.l_curve(y, C, regularizer="identity")
    assert found.status is SelectionStatus.NO_CORNER
    # And a corner is where the curvature is largest, not least.
    y, C = blurred()
    fit = SpectralFit(decompose(C, regularizer_for("test", "gradient", C)), y)
    found, bend = corner(fit), curvature(fit)
    assert found.status is SelectionStatus.FOUND
    assert bend(found.value) == pytest.approx(max(map(bend, fit.grid)), rel=0.5)
    assert bend(found.value) > 0


def test_the_adapted_weight_makes_the_score_stationary():
    *_, d = problem("phillips", "identity", 24)
    y, _ = draw("phillips", "identity", 24, 0.05, 0)
    fit = SpectralFit(d, y)
    lam = float(d.gamma.min()) ** 2
    score = gcv_score(fit, adapted_weight(fit))
    slope = (score(lam * 1.001) - score(lam / 1.001)) / score(lam)
    other = gcv_score(fit, 0.5 * adapted_weight(fit))
    assert abs(slope) < 1e-4 * abs((other(lam * 1.001) - other(lam / 1.001)) / other(lam)) + 1e-9


def test_methods_take_rules_by_name():
    seen = simulate.observe(
        samples.camera()[100:230, 120:280] / 255, psf.gaussian((13, 12), 2.0), noise_std=0.01, rng=0
    )
    for rule in RULES:
        result = tikhonov(seen.data, seen.blur, lam=rule)
        assert result.parameters["selection"] == rule
        assert result.parameters["selection_status"] in {"FOUND", "RAISED"}
        assert metrics.isnr(result.estimate, seen.truth, seen.data) > 0, rule
        if rule in THRESHOLD_RULES:
            result = truncated_svd(seen.data, seen.blur, rtol=rule)
            assert result.parameters["selection"] == rule
            assert metrics.isnr(result.estimate, seen.truth, seen.data) > -0.5, rule
