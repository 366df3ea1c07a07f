"""Conjugate Richardson–Lucy steps against textbook conjugate gradients, and the search along a line."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tolerance import assert_close
from twins import convolution_matrix

from invdeconv import Convolution, fft_options, richardson_lucy
from invdeconv.arrays import _sweep
from invdeconv.noise import Poisson
from invdeconv.psf import gaussian
from invdeconv.solvers import (
    PoissonLikelihood,
    _conjugate_richardson_lucy,
    _poisson_likelihood,
    conjugate_richardson_lucy_steps,
)
from invdeconv.solvers._conjugate_richardson_lucy import _direction, _moved, _preconditioned, near_maximum

KERNEL = np.random.default_rng(3).random((4, 3)) + 0.1
KERNEL[1, 1] += KERNEL.sum()  # it passes every frequency: lengths do not double from step to step
KERNEL /= KERNEL.sum()
SHAPE = (8, 7)


def by_rows(monkeypatch, *, swept):
    """Go by rows or by whole arrays; return the kernels that ran; without numba their source does."""
    ran = []

    def counted(kernel, *arrays, numbers=()):
        ran.append(kernel.__name__)
        return _sweep.sweep(kernel, *arrays, numbers=numbers)

    monkeypatch.setattr(_sweep, "_SWEPT", 1)
    monkeypatch.setattr(_sweep, "has_compiler", lambda: swept)
    for module in (_conjugate_richardson_lucy, _poisson_likelihood):
        monkeypatch.setattr(module, "sweep", counted)
    return ran


KERNELS = {"look_rows", "move_rows", "precondition_rows", "turn_rows"}


@pytest.fixture(params=[False, True], ids=["arrays", "rows"])
def both_ways(request, monkeypatch):
    return by_rows(monkeypatch, swept=request.param)


def steps(data, *, point, length=1.0, until=math.inf):
    C = Convolution.from_psf(KERNEL, SHAPE, boundary="periodic")
    likelihood = PoissonLikelihood(C, data)
    divisor = likelihood.floored(likelihood.sensitivity())
    state = {"point": point, "plain_equivalent": 0.0, "length": length}
    return conjugate_richardson_lucy_steps(likelihood, state, divisor, figures=frozenset(), until=until)


@pytest.mark.usefixtures("both_ways")
def test_faint_patterns_on_many_counts_are_least_squares(monkeypatch):
    """There the likelihood is a parabola and x/Cᵀw a constant; the count is the filter's slope at zero."""
    monkeypatch.setattr(_conjugate_richardson_lucy, "_SLOPE", 1e-6)
    A, _ = convolution_matrix(KERNEL, SHAPE, boundary="periodic")
    level, truth = 1e5, np.random.default_rng(2).standard_normal(SHAPE)
    truth -= truth.mean()  # so that the flat start has the total of the data
    data = level + (A @ truth.ravel()).reshape(SHAPE)
    x, residual, s_before = np.zeros(truth.size), A @ truth.ravel(), None
    d = filtered = derivative = 0.0
    flat = np.full(SHAPE, level)
    for step in itertools.islice(steps(data, point=flat, length=10.0), 5):
        s = A.T @ residual
        beta = 0.0 if s_before is None else (s @ s) / (s_before @ s_before)
        d, derivative, s_before = s + beta * d, 1 + beta * derivative, s
        a = (residual @ A @ d) / np.sum((A @ d) ** 2)
        x, residual, filtered = x + a * d, residual - a * (A @ d), filtered + a * derivative
        np.testing.assert_allclose(step.estimate.ravel() - level, x, atol=1e-3)
        assert step.figures["plain_equivalent"] == pytest.approx(filtered, rel=1e-3)


@pytest.mark.usefixtures("both_ways")
def test_a_direction_that_leads_nowhere_is_given_up():
    """A state whose direction only falls: the step from it is the plain one."""
    data = np.random.default_rng(0).poisson(50.0, SHAPE).astype(float)
    flat = np.full(SHAPE, data.mean())
    C = Convolution.from_psf(KERNEL, SHAPE, boundary="periodic")
    likelihood = PoissonLikelihood(C, data)
    divisor = likelihood.floored(likelihood.sensitivity())
    fresh = {"point": flat, "plain_equivalent": 0.0}
    turned = {"direction": -100 * C.H(data / C(flat) - 1) * flat, "predicted": C(flat), "climb": 1e-9}
    options = {"figures": frozenset(), "until": 1.0}
    plain = next(conjugate_richardson_lucy_steps(likelihood, fresh, divisor, **options))
    step = next(conjugate_richardson_lucy_steps(likelihood, fresh | turned, divisor, **options))
    np.testing.assert_allclose(step.estimate, plain.estimate, rtol=1e-12)


@pytest.mark.parametrize("level", [0.0, 15.0, 40.0], ids=["dark", "dim", "gentle"])
def test_a_first_step_is_plain_or_longer_but_holds_up_no_pixel(level, rng):
    """Where the plain step leaves nothing of a pixel there is no longer one; elsewhere it is straight."""
    y = 40.0 + rng.random(SHAPE)
    y[: SHAPE[0] // 2] = level + rng.random(SHAPE[1]) * (level > 0)
    flat = np.full(SHAPE, y.mean())
    C = Convolution.from_psf(KERNEL, SHAPE, boundary="periodic")
    first = next(steps(y, point=flat))
    plain = flat * C.H(y / C(flat))
    a = first.figures["plain_equivalent"]
    assert a == pytest.approx(1.0, abs=0.05) if level == 0 else 1.2 < a <= 2
    assert level == 0 or first.estimate.min() >= 0.1 * flat.min()
    np.testing.assert_allclose(first.estimate, flat + a * (plain - flat), atol=1e-9)


@pytest.mark.usefixtures("both_ways")
def test_a_fit_stays_one():
    flat = np.full(SHAPE, 7.0)
    for step in itertools.islice(steps(flat, point=flat), 20):
        np.testing.assert_allclose(step.estimate, flat, rtol=1e-14)


@given(
    seed=st.integers(0, 2**32 - 1), spread=st.floats(0.01, 4), guess=st.floats(0.01, 20), room=st.floats(1, 4)
)
def test_a_search_ends_before_the_maximum(seed, spread, guess, room):
    """Slopes Σ h·(y/(m + ah) − 1), where no m falls below a tenth of itself."""
    rng = np.random.default_rng(seed)
    looked, longest = [], guess * room
    m = np.exp(spread * rng.standard_normal(6))
    y = rng.poisson(3 * m).astype(float)
    h = np.maximum(m * np.exp(spread * rng.standard_normal(6)) * rng.choice([-1, 1], 6), -0.9 * m / longest)

    def slope(a):
        looked.append(a)
        return np.sum(h * (y / (m + a * h) - 1))

    at_zero = slope(0.0)
    a = near_maximum(slope, at_zero, guess, longest)
    assert len(looked) <= 12
    if at_zero > 0:
        assert 0 < a <= longest
        assert looked[-1] == a
        assert slope(a) >= 0


@pytest.mark.parametrize("rounding", [-1e-7, 0.0, 1e-7])
def test_a_search_that_ends_on_the_maximum_stays_there(rounding):
    assert near_maximum(lambda a: 1 - a + rounding, 1.0, 1.0, 1.0) == 1.0


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize("seed", range(5))
def test_rounding_takes_nothing_below_zero(seed):
    """A dark pixel's first step is to zero, and the Cᵀ(−1) that takes it there is −Cᵀ1 to rounding."""
    rng = np.random.default_rng(seed)
    psf, y = rng.random((5, 6)), np.zeros((40, 30))
    y[:4] = 100 * rng.random((4, 30))
    C = Convolution.from_psf(psf / psf.sum(), y.shape, boundary="zero").with_engine("fft")
    first = richardson_lucy(y, C, max_iter=1, stop=None, acceleration="conjugate-gradients")
    assert first.estimate.min() >= 0
    assert first.estimate[20:].max() < 1e-12


@pytest.mark.parametrize("background", [0.0, 3.0], ids=["dark", "background"])
@pytest.mark.parametrize("weighted", [False, True], ids=["", "weighted"])
def test_the_factor_is_the_plain_step_for_the_brightness(background, weighted, rng):
    """EM on y ~ Poisson(t·m + b), whose one unknown is t: t₊ = t·Σwm(y/(m + b))/Σwm."""
    m, y = rng.random((5, 7)) + 0.5, rng.poisson(9.0, (5, 7)).astype(float)
    w = rng.random((5, 7)) if weighted else None
    likelihood = PoissonLikelihood(None, y, background, w)
    seen = m + background
    expected = np.sum((1 if w is None else w) * m * y / seen) / np.sum(m if w is None else w * m)
    assert likelihood.factor(likelihood.light(m), seen, y / seen - 1) == pytest.approx(expected, rel=1e-12)
    light = likelihood.light(y - background)
    assert likelihood.factor(light, y, np.zeros((5, 7))) == 1.0  # exactly: then nothing is multiplied by it
    assert likelihood.factor(0.0, np.full((5, 7), background), y) == 1.0


def test_a_factor_of_one_to_rounding_is_one():
    y = np.arange(1, 8, dtype=np.float32)[:, None]  # rows are added in double
    m = y.copy()
    m[::2] = np.nextafter(m[::2], 9)
    assert np.sum(m, dtype=float) > np.sum(y, dtype=float)
    likelihood = PoissonLikelihood(None, y)
    assert likelihood.factor(likelihood.light(m), m, y / m - 1) == 1.0


def test_the_total_stays_in_single_precision_on_the_dark():
    """Predictions out of rounding are raised to a floor: on a large dark frame that is more than the star."""
    psf = gaussian((9, 9), 1.0)
    y = np.zeros((600, 500), np.float32)
    y[50:59, 70:79] = 1000 * psf
    result = richardson_lucy(
        y, psf, boundary="periodic", stop=None, max_iter=6, acceleration="conjugate-gradients"
    )
    assert np.sum(result.estimate, dtype=float) == pytest.approx(1000, rel=2e-5)


@pytest.mark.usefixtures("both_ways")
def test_the_total_stays_where_pixels_are_held_up(rng):
    """On points on the dark most pixels are, which makes a step brighter than its data."""
    y = rng.poisson(60.0 * (rng.random(SHAPE) > 0.8)).astype(float)
    for step in itertools.islice(steps(y, point=np.full(SHAPE, y.mean())), 12):
        assert step.estimate.sum() == pytest.approx(y.sum(), rel=1e-12)


@pytest.mark.usefixtures("both_ways")
def test_held_pixels_do_not_lengthen_the_next_direction():
    """β is ⟨s, g⟩ over the climb before, which is no less than ⟨s₋, g₋⟩."""
    rng = np.random.default_rng(1)
    data = rng.poisson(40.0 * (rng.random(SHAPE) > 0.9)).astype(float)
    C = Convolution.from_psf(KERNEL, SHAPE, boundary="periodic")
    x, held = np.full(SHAPE, data.mean()), 0
    for step in itertools.islice(steps(data, point=x, length=0.5), 12):
        gradient = C.H(data / C(x) - 1)
        power = np.sum(x * gradient**2)
        assert step.state()["climb"] >= power * (1 - 1e-6)
        held += np.sum(step.state()["direction"] * gradient) < 0.999 * power
        x = step.estimate
    assert held


@pytest.mark.parametrize("at_zero", [0.0, -1.0])
def test_a_search_that_cannot_climb_looks_nowhere(at_zero):
    assert near_maximum(lambda a: pytest.fail("looked"), at_zero, 1.0, 2.0) == 0


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize("shape", [(9,), (8, 7), (1, 5), (3, 4, 6)], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_done_entry_by_entry(shape, dtype, rng):
    g, x, d, m, h, y, w = (rng.random(shape).astype(dtype) + dtype(0.2) for _ in range(7))
    g -= dtype(0.7)
    h -= dtype(0.7)
    floor = PoissonLikelihood(None, y)._floor
    p = np.maximum(m + 0.8 * h, floor)
    with fft_options(workers=3):
        s, power = _preconditioned(g, x, w)
        turned, reach = _direction(s.copy(), d, -0.6, x, -0.3, scratch=g.copy())
        new, size = _moved(x, -0.9, d)
        seen, excess, slope = PoissonLikelihood(None, y).look(m, 0.8, h, np.empty_like(m), np.empty_like(m))
        weighted = PoissonLikelihood(None, y, weights=w).look(m, 0.8, h, np.empty_like(m), np.empty_like(m))
    expected = np.maximum(s - 0.6 * d, -0.3 * x), np.maximum(x - 0.9 * d, 0)
    arrays = (s, turned, new, seen, excess), (g * x / w, *expected, p, y / p - 1)
    for array, value in zip(*arrays, strict=True):
        assert array.dtype == dtype
        assert_close(array, value, c=64)
    sums = (np.sum(s * g), np.linalg.norm(turned), np.linalg.norm(new), np.sum(h * excess))
    tolerance = 100 * float(np.finfo(dtype).eps)
    assert (power, reach, size, slope) == pytest.approx(tuple(map(float, sums)), rel=tolerance, abs=tolerance)
    assert weighted[2] == pytest.approx(float(np.sum(w * h * excess)), rel=tolerance, abs=tolerance)
    assert_close(weighted[1], excess, c=64)


@pytest.mark.usefixtures("both_ways")
def test_what_is_no_number_stays_none():
    y, dark, nan = np.ones((2, 3)), np.zeros((2, 3)), np.full((2, 3), np.nan)
    predicted, excess, slope = PoissonLikelihood(None, y).look(y, 1.0, nan, y.copy(), y.copy())
    found = (
        predicted,
        excess,
        slope,
        _direction(y.copy(), nan, 1.0, dark, 1.0, y.copy())[0],
        _moved(y, 1.0, nan)[0],
    )
    assert all(np.isnan(value).all() for value in found)


@pytest.mark.parametrize("boundary", ["unknown", "zero"])
def test_both_ways_go_one_way(boundary, rng, monkeypatch):
    """With weights, a background and pixels on the dark."""
    scene = 50.0 * (rng.random((12, 11)) > 0.7)
    weights = rng.random(scene.shape) * (rng.random(scene.shape) > 0.1)
    noise = Poisson(background=2.0, weights=weights)
    y = rng.poisson(scene + 2.0).astype(float)
    found = []
    for swept in (False, True):
        ran = by_rows(monkeypatch, swept=swept)
        options = {"boundary": boundary, "noise": noise, "max_iter": 12, "stop": None}
        found.append(richardson_lucy(y, KERNEL, acceleration="conjugate-gradients", **options))
        assert set(ran) == (KERNELS if swept else set())
    np.testing.assert_allclose(found[0].estimate, found[1].estimate, rtol=1e-8, atol=1e-10)
    for one, other in zip(found[0].history, found[1].history, strict=True):
        assert one.figures == pytest.approx(other.figures)
        assert one.measure == pytest.approx(other.measure)


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize("points", [False, True], ids=["gentle", "points"])
def test_the_measure_is_the_relative_change(points, rng):
    """Points on the dark hold pixels up: then the step and a factor of x are one change."""
    scene = 60.0 * (rng.random(SHAPE) > 0.8) if points else 60 + 40 * rng.random(SHAPE)
    x = np.full(SHAPE, 31.0)
    for step in itertools.islice(steps(rng.poisson(scene).astype(float), point=x), 8):
        expected = np.linalg.norm(step.estimate - x) / np.linalg.norm(step.estimate)
        assert step.measure == pytest.approx(expected, rel=1e-6)
        x = step.estimate.copy()


@pytest.mark.parametrize("weighted", [False, True], ids=["", "weighted"])
def test_the_light_is_that_above_the_background(weighted, rng):
    """From the start on, where a step changes it by what it adds to the prediction."""
    w = rng.random(SHAPE) if weighted else np.ones(SHAPE)
    y = rng.poisson(20 + 30 * rng.random(SHAPE)).astype(float)
    C = Convolution.from_psf(KERNEL, SHAPE, boundary="zero")
    likelihood = PoissonLikelihood(C, y, 20.0, w if weighted else None)
    state = {"point": np.full(SHAPE, 5.0), "plain_equivalent": 0.0}
    divisor = likelihood.floored(likelihood.sensitivity())
    path = conjugate_richardson_lucy_steps(likelihood, state, divisor, figures=frozenset(), until=math.inf)
    for step in itertools.islice(path, 4):
        assert step.state()["light"] == pytest.approx(np.sum(w * C(step.estimate)), rel=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_sweep_hands_out_rows_and_adds_up_in_double(dtype):
    seen, most = [], 2.0**24

    def kernel(sums, x, y, factor, one):
        seen.append((len(sums), x.shape, y.shape))
        assert type(factor) is type(one) is dtype
        assert (factor, one) == (0.5, 1)
        sums[...] = x[:, 0] * y[:, 0] + factor - one / 2

    x = np.ones((5, 2, 3), dtype)
    x[0, 0] = most
    with fft_options(workers=3):
        assert _sweep.sweep(kernel, x, np.ones_like(x), numbers=(0.5,)) == most + 9
    assert sorted(seen) == [(3, (3, 3), (3, 3)), (3, (3, 3), (3, 3)), (4, (4, 3), (4, 3))]


def test_large_real_rows_are_swept(monkeypatch):
    monkeypatch.setattr(_sweep, "has_compiler", lambda: True)
    large = np.zeros((1024, 1024), np.float32)
    assert _sweep.is_swept(large)
    monkeypatch.setattr(_sweep, "has_compiler", lambda: pytest.fail("numba was looked for"))
    for other in (large[1:], large.astype(complex), large.T, large.ravel()):
        assert not _sweep.is_swept(other)
