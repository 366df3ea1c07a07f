"""Richardson–Lucy with noise models, acceleration, stopping rules and resuming."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import pickle

import array_api_strict as strict
import numpy as np
import pytest
import skimage.data
from tolerance import assert_close
from twins import convolution_matrix, momentum_loop

from invdeconv import (
    Convolution,
    LinearOperator,
    SolverError,
    Status,
    damped_richardson_lucy,
    metrics,
    noise,
    psf,
    richardson_lucy,
    richardson_lucy_tv,
    simulate,
)
from invdeconv.solvers import (
    Discrepancy,
    Flatness,
    PlainIterations,
    PoissonLikelihood,
    RelativeChange,
    accelerated_richardson_lucy_steps,
)

KERNEL = np.random.default_rng(3).random((4, 3)) + 0.1
KERNEL /= KERNEL.sum()
SHAPE = (8, 7)
ACCELERATIONS = (None, "momentum", "biggs-andrews", "conjugate-gradients")
every_acceleration = pytest.mark.parametrize("acceleration", ACCELERATIONS)


def counts(shape=SHAPE, level=30.0, background=0.0, seed=0):
    grids = np.meshgrid(*(np.arange(n) / n for n in shape), indexing="ij")
    scene = level * (1 + grids[0] ** 2 + 3 * (np.abs(grids[-1] - 0.4) < 0.1))
    mean = Convolution.from_psf(KERNEL, shape, boundary="symmetric")(scene) + background
    return np.random.default_rng(seed).poisson(mean).astype(float)


def a_noise_model(shape=SHAPE):
    rng = np.random.default_rng(1)
    weights = 0.5 + rng.random(shape)
    weights[2, 3] = weights[5, 1] = 0
    return noise.Poisson(background=4 + rng.random(shape), read_noise=2 * rng.random(shape), weights=weights)


# The noise model.


def test_it_is_the_textbook_loop():
    data, model = counts(background=5), a_noise_model()
    A, _ = convolution_matrix(KERNEL, SHAPE, boundary="symmetric")
    shift = model.read_noise**2
    arguments = (
        (data + shift).ravel(),
        model.weights.ravel(),
        (model.background + shift).ravel(),
    )
    for n_iter in (1, 2, 9):
        result = richardson_lucy(
            data,
            KERNEL,
            boundary="symmetric",
            noise=model,
            stop=None,
            acceleration="momentum",
            max_iter=n_iter,
        )
        assert_close(result.estimate.ravel(), momentum_loop(A, *arguments, n_iter), c=100)


@every_acceleration
def test_missing_samples_have_no_say(acceleration):
    data = counts()
    there = np.ones(SHAPE, bool)
    there[2, 3] = there[6, 0] = False
    estimates = []
    for value in (np.nan, -np.inf, 1e9):
        spoiled = np.where(there, data, value)
        result = richardson_lucy(
            spoiled, KERNEL, noise=noise.Poisson(weights=there), acceleration=acceleration, max_iter=20
        )
        estimates.append(result.estimate)
        np.testing.assert_array_equal(result.estimate, estimates[0])
    assert np.isfinite(estimates[0]).all()


def test_a_constant_on_a_background_stays_constant():
    there = np.random.default_rng(4).random((12, 9)) > 0.2
    model = noise.Poisson(background=7.5, read_noise=2, gain=3, weights=there)
    flat = richardson_lucy(np.full((12, 9), 12.0), KERNEL, noise=model, stop=None, max_iter=40).estimate
    np.testing.assert_allclose(flat, 4.5, rtol=1e-12)


def test_units_do_not_matter():
    data = counts(background=5)
    model = noise.Poisson(background=5, read_noise=2)
    once = richardson_lucy(data, KERNEL, noise=model)
    for a in (0.01, 2.0**50):
        scaled = noise.Poisson(background=5 * a, read_noise=2 * a, gain=a)
        again = richardson_lucy(a * data, KERNEL, noise=scaled)
        assert again.n_iter == once.n_iter
        assert_close(again.estimate / a, once.estimate, c=100)


def test_a_background_that_is_known_sharpens_stars():
    sky = np.zeros((40, 36))
    sky[12, 20], sky[30, 8] = 4000, 900
    kernel = psf.gaussian((13, 13), 2.0)
    mean = Convolution.from_psf(kernel, sky.shape, boundary="zero")(sky) + 50
    rng = np.random.default_rng(0)
    data = rng.poisson(mean) + 3 * rng.standard_normal(mean.shape)
    known = richardson_lucy(
        data, kernel, noise=noise.Poisson(background=50, read_noise=3), stop=None, max_iter=60
    )
    ignored = richardson_lucy(data, kernel, stop=None, max_iter=60)
    assert known.estimate[12, 20] > 1.15 * ignored.estimate[12, 20]
    assert np.median(known.estimate) < 2 < 40 < np.median(ignored.estimate)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@every_acceleration
def test_array_api_strict_and_precision(acceleration, dtype):
    data, model = counts(background=5), a_noise_model()
    options = {
        "noise": model,
        "acceleration": acceleration,
        "max_iter": 6,
        "stop": Discrepancy() | Flatness(1e-9),
    }
    reference = richardson_lucy(data, KERNEL, **options).estimate
    host = richardson_lucy(data.astype(dtype), KERNEL, **options).estimate
    assert host.dtype == dtype
    other = richardson_lucy(strict.asarray(data.astype(dtype)), KERNEL, **options).estimate
    assert other.dtype == getattr(strict, dtype)
    for estimate in (host, np.asarray(other)):
        assert_close(estimate, reference, c=40, eps=np.finfo(dtype).eps)


# Acceleration.


@functools.cache
def photograph_problem(name, blur, peak, size=128):
    image = getattr(skimage.data, name)().astype(float)[100 : 100 + size, 60 : 60 + size + 10]
    kernel = {
        "narrow": psf.gaussian((9, 9), 1.3),
        "wide": psf.gaussian((17, 17), 2.8),
        "motion": np.eye(8)[:, ::-1] * np.arange(1, 9) / 36,
    }[blur]
    image = image / image.max() * peak
    observed = simulate.observe(image, kernel)
    data = np.random.default_rng(0).poisson(observed.data).astype(float)
    return data, kernel, observed.truth


PROBLEMS = list(itertools.product(("camera", "moon", "coins"), ("narrow", "wide", "motion"), (100, 1500)))


@pytest.mark.filterwarnings("ignore:IDW003")
def test_eighteen_poisson_problems():
    """The likelihood never rises, the count is that of the plain method, and the rule stops near its best."""
    losses = {"least-risk": [], "discrepancy": []}
    for problem in PROBLEMS:
        data, kernel, truth = photograph_problem(*problem)
        sizes = zip(data.shape, kernel.shape, strict=True)
        crop = tuple(slice(k - 1 - k // 2, k - 1 - k // 2 + n) for n, k in sizes)
        quality = functools.partial(metrics.psnr, truth=truth, data_range=data.max())
        run = functools.partial(richardson_lucy, data, kernel, stop=Flatness(1e-9))
        plain = []

        def look(step, plain=plain, quality=quality, crop=crop):
            plain.append(quality(step.estimate[crop]))
            return len(plain) > 22 and plain[-1] < max(plain) - 0.1

        slow = run(acceleration=None, max_iter=80, callback=look)
        fit = np.array([step.figures["divergence"] for step in slow.history])
        assert np.all(np.diff(fit) <= 1e-12 * fit[0]), problem
        for acceleration in ACCELERATIONS[1:]:
            fast = run(acceleration=acceleration, max_iter=10)
            values = np.array([step.figures["divergence"] for step in fast.history])
            assert np.all(np.diff(values) <= 1e-12 * values[0]), problem
            counted = np.array([step.figures["plain_equivalent"] for step in fast.history])
            within = values >= fit[-1]
            measured = 1 + np.interp(-values[within], -fit, np.arange(len(fit)))
            np.testing.assert_allclose(measured, counted[within], rtol=0.25)
        for stop, lost in losses.items():
            stopped = richardson_lucy(data, kernel, stop=stop)
            assert stopped.converged, problem
            assert metrics.isnr(stopped.estimate, truth, data) > 0, problem
            lost.append(max(plain) - quality(stopped.estimate))
    assert np.median(losses["least-risk"]) < 0.15
    assert max(losses["least-risk"]) < 1.0
    assert np.median(losses["discrepancy"]) < 0.7


def test_the_guard_takes_back_what_goes_too_far():
    data = counts((20, 17))
    C = Convolution.from_psf(KERNEL, data.shape, boundary="symmetric")
    likelihood = PoissonLikelihood(C, data)
    start = {"point": np.full(data.shape, data.mean()), "plain_equivalent": 0.0}
    steps = accelerated_richardson_lucy_steps(
        likelihood,
        start,
        likelihood.floored(likelihood.sensitivity()),
        factor=lambda *_: 30.0,
        figures=frozenset(),
    )
    taken, states = zip(*((step, step.state()) for step in itertools.islice(steps, 40)), strict=True)
    values = [step.figures["divergence"] for step in taken]
    assert np.all(np.diff(values) <= 1e-12 * values[0])
    restarts = [state["since_restart"] == 0 for state in states]
    assert any(restarts)
    assert not all(restarts)


@every_acceleration
def test_the_count_is_met(acceleration):
    data = counts()
    run = functools.partial(richardson_lucy, data, KERNEL, acceleration=acceleration)
    for count in (1, 2, 7, 40):
        result = run(stop=PlainIterations(count))
        assert result.status is Status.COUNT_REACHED
        assert 0.998 * count <= result.parameters["plain_equivalent"] < count + 1
    once = run(stop=PlainIterations(1))
    assert_close(once.estimate, richardson_lucy(data, KERNEL, stop=None, max_iter=1).estimate)
    beyond = run(stop=PlainIterations(1), start=once)
    assert beyond.parameters["plain_equivalent"] == pytest.approx(2)


def test_conjugate_gradients_reach_the_maximum_of_the_likelihood():
    """No pixel can gain: the gradient is zero where x > 0 and negative where it is 0."""
    data, model = counts(background=5), a_noise_model()
    A, _ = convolution_matrix(KERNEL, SHAPE, boundary="symmetric")
    arguments = {"boundary": "symmetric", "noise": model, "stop": None, "acceleration": "conjugate-gradients"}
    x = richardson_lucy(data, KERNEL, max_iter=1500, **arguments).estimate.ravel()
    shift = model.read_noise.ravel() ** 2
    mean = A @ x + model.background.ravel() + shift
    gradient = A.T @ (model.weights.ravel() * ((data.ravel() + shift) / mean - 1))
    assert np.all(gradient < 1e-6)
    assert np.abs(x * gradient).max() < 1e-6 * x.max()
    assert (x < 1e-3 * x.max()).any()


def points(shape=(48, 40), seed=0):
    """Return counts of points on the dark: most pixels are held up on their way to zero."""
    rng = np.random.default_rng(seed)
    kernel = psf.gaussian((9, 7), (1.8, 1.2))
    scene = 40.0 * (rng.random(shape) > 0.97)
    mean = Convolution.from_psf(kernel, shape, boundary="periodic")(scene)
    return rng.poisson(np.maximum(mean, 0)).astype(float), kernel


@every_acceleration
def test_points_on_the_dark(acceleration):
    """Positive, with the total of the data, whatever the unit and the orientation."""
    data, kernel = points()
    run = functools.partial(
        richardson_lucy, boundary="periodic", acceleration=acceleration, stop=None, max_iter=25
    )
    estimate = run(data, kernel).estimate
    assert estimate.min() >= 0
    # What extrapolation leaves where pixels are held up, the next step takes back.
    assert estimate.sum() == pytest.approx(data.sum(), rel=1e-2)
    assert_close(run(3 * data, kernel).estimate / 3, estimate, c=1e4)
    mirrored = run(data[::-1, ::-1], kernel[::-1, ::-1]).estimate[::-1, ::-1]
    assert_close(mirrored, estimate, c=1e4)


def test_conjugate_steps_keep_the_total():
    data, kernel = points()
    totals = []
    run = functools.partial(richardson_lucy, boundary="periodic", acceleration="conjugate-gradients")
    run(data, kernel, stop=None, max_iter=25, callback=lambda step: totals.append(step.estimate.sum()))
    np.testing.assert_allclose(totals, data.sum(), rtol=1e-12)


@every_acceleration
def test_a_background_that_is_too_high(acceleration):
    data = np.random.default_rng(2).poisson(1000.0, (40, 33)).astype(float)
    for background in (1020, 1100, 1500):
        model = noise.Poisson(background=background)
        result = richardson_lucy(data, KERNEL, noise=model, acceleration=acceleration)
        assert result.estimate.min() >= 0


@every_acceleration
def test_an_operator_that_fails_is_an_error(acceleration):
    data = counts()

    class Failing(LinearOperator):
        blur = Convolution.from_psf(KERNEL, SHAPE, boundary="periodic")
        calls = 0

        def __init__(self):
            super().__init__(SHAPE, SHAPE)

        def _forward(self, x):
            self.calls += 1
            return self.blur(x) * (np.nan if self.calls > 4 else 1)

        def _adjoint(self, y):
            return self.blur.H(y)

    with pytest.raises(SolverError, match="is not finite") as caught:
        richardson_lucy(data, Failing(), acceleration=acceleration, stop=None, max_iter=9)
    assert np.isfinite(caught.value.result.estimate).all()


@every_acceleration
def test_going_on_with_another_noise_model(acceleration):
    data = counts(background=5)
    run = functools.partial(
        richardson_lucy, data, KERNEL, boundary="periodic", stop=None, acceleration=acceleration
    )
    model = noise.Poisson(background=5.0)
    resumed = run(max_iter=400, start=run(max_iter=9), noise=model).estimate
    assert resumed.sum() == pytest.approx(data.sum() - 5 * data.size, rel=0.02)


@every_acceleration
def test_nothing_to_restore(acceleration):
    run = functools.partial(richardson_lucy, np.zeros(SHAPE), KERNEL, acceleration=acceleration)
    first = run()
    assert run(start=first).n_iter > first.n_iter
    assert np.all(first.estimate == 0)


def test_without_a_rule_the_plain_method_runs():
    data = counts()
    plain = richardson_lucy(data, KERNEL, stop=None, max_iter=8)
    assert plain.parameters["acceleration"] is None
    assert plain.parameters["plain_equivalent"] == 8
    assert plain.status is Status.ITERATIONS_DONE
    asked = richardson_lucy(data, KERNEL, stop=None, acceleration="momentum", max_iter=8)
    assert asked.parameters["plain_equivalent"] == 8 * (8 + 7) / 8
    unguarded = richardson_lucy(data, KERNEL, stop=Flatness(1e-12), acceleration=None, max_iter=8)
    assert_close(unguarded.estimate, plain.estimate)
    assert unguarded.parameters["plain_equivalent"] == 8


# Stopping and resuming.


def test_rules_combine():
    kernel = psf.gaussian((9, 8), 1.8)
    data = counts((30, 24), level=10)
    known = noise.Poisson()
    run = functools.partial(richardson_lucy, data, kernel, noise=known, acceleration=None, max_iter=400)
    at = {rule: run(stop=rule).n_iter for rule in (Discrepancy(), Flatness(3e-3))}
    first, last = sorted(at, key=at.get)
    assert at[first] < at[last] < 400
    either, both = run(stop=first | last), run(stop=first & last)
    assert (either.n_iter, both.n_iter) == (at[first], at[last])
    assert either.status is run(stop=first).status
    assert both.status is Status.CONVERGED
    assert both.converged
    assert run(stop=Discrepancy() & Discrepancy(2.0)).status is Status.NOISE_REACHED
    short = run(stop=Discrepancy(), max_iter=1)
    assert short.status is Status.TOLERANCE_NOT_MET
    change = run(stop=RelativeChange(1e-2) | Discrepancy(1e-9))
    assert change.status is Status.CONVERGED
    assert change.optimality <= 1e-2 < change.history[-2].measure


def test_the_discrepancy_is_pearsons():
    data, model = counts(background=5), a_noise_model()
    result = richardson_lucy(
        data, KERNEL, boundary="symmetric", noise=model, max_iter=7, stop=Discrepancy(1e-9) & Flatness(1e-9)
    )
    mean = Convolution.from_psf(KERNEL, SHAPE, boundary="symmetric")(result.estimate) + model.background
    expected = np.sum(model.weights * (data - mean) ** 2 / (mean + model.read_noise**2)) / model.weights.sum()
    assert result.history[-1].figures["discrepancy"] == pytest.approx(expected, rel=1e-12)
    y, m = data + model.read_noise**2, mean + model.read_noise**2
    divergence = np.sum(model.weights * (y * np.log(y / m) - y + m))
    assert result.history[-1].figures["divergence"] == pytest.approx(divergence, rel=1e-10)


@pytest.mark.parametrize("stop", [None, Flatness(1e-12), Discrepancy(1e-12)], ids=str)
@every_acceleration
def test_going_on_is_never_having_stopped(acceleration, stop):
    data = counts()
    run = functools.partial(richardson_lucy, data, KERNEL, acceleration=acceleration, stop=stop)
    once = run(max_iter=17)
    first = run(max_iter=6)
    kept = {key: np.copy(value) for key, value in first.state.items() if isinstance(value, np.ndarray)}
    resumed = run(max_iter=11, start=pickle.loads(pickle.dumps(first)))
    np.testing.assert_array_equal(resumed.estimate, once.estimate)
    assert resumed.n_iter == once.n_iter == 17
    assert [step.number for step in resumed.history] == list(range(1, 18))
    assert [step.measure for step in resumed.history] == [step.measure for step in once.history]
    assert resumed.parameters["plain_equivalent"] == once.parameters["plain_equivalent"]
    run(max_iter=3, start=first)
    for key, value in kept.items():
        np.testing.assert_array_equal(first.state[key], value)
    assert dataclasses.replace(first, seconds=0.0).n_iter == 6


def test_noise_that_is_not_poisson_is_estimated():
    """White Gaussian noise on a photograph: its variance does not grow with the signal."""
    image = skimage.data.camera().astype(float)[60:220, 150:310] / 255
    kernel = psf.gaussian((9, 9), 1.5)
    for noise_std in (0.01, 0.04):
        observed = simulate.observe(image, kernel, noise_std=noise_std, rng=0)
        result = richardson_lucy(np.maximum(observed.data, 0), kernel)
        a, b = result.parameters["noise_variance"]
        assert a + b * observed.data.mean() == pytest.approx(noise_std**2, rel=0.25)
        assert result.status is Status.COUNT_REACHED
        assert metrics.isnr(result.estimate, observed.truth, observed.data) > 0.5


def test_three_dimensions():
    rng = np.random.default_rng(0)
    kernel = psf.gaussian((3, 4, 5), (0.8, 1.0, 1.2))
    scene = np.zeros((10, 16, 18))
    scene[5, 8, 9], scene[3, 11, 5] = 5000, 2000
    observed = simulate.observe(scene + 10, kernel)
    data = rng.poisson(observed.data).astype(float)
    result = richardson_lucy(data, kernel, noise=noise.Poisson())
    assert result.estimate.shape == data.shape
    assert metrics.isnr(result.estimate, observed.truth, data) > 3


# Total variation and damping.


def test_total_variation_of_nothing_is_plain():
    data = counts()
    plain = richardson_lucy(data, KERNEL, stop=None, max_iter=9).estimate
    assert_close(richardson_lucy_tv(data, KERNEL, lam=0, max_iter=9).estimate, plain)


def test_total_variation_meets_its_conditions():
    """In one dimension the sums of the likelihood's gradient are λ·sign of the steps, less on flats."""
    kernel = np.array([0.2, 0.5, 0.3])
    scene = np.repeat([20.0, 60.0, 35.0], (9, 12, 10))
    C = Convolution.from_psf(kernel, scene.shape, boundary="symmetric")
    data, lam = np.random.default_rng(0).poisson(C(scene)).astype(float), 0.15
    x = richardson_lucy_tv(data, kernel, lam=lam, boundary="symmetric", max_iter=700).estimate
    sums = np.cumsum(C.H(1 - data / C(x)))
    steps = np.diff(x)
    assert abs(sums[-1]) < 1e-6
    assert np.abs(sums[:-1]).max() <= lam * 1.001
    large = np.abs(steps) > 0.05
    assert 2 <= large.sum() <= 10
    np.testing.assert_allclose(sums[:-1][large], lam * np.sign(steps[large]), rtol=2e-3)


@pytest.mark.parametrize("peak", [100, 1500])
def test_total_variation_restores_photographs_better(peak):
    data, kernel, truth = photograph_problem("camera", "narrow", peak)
    gains = [
        metrics.isnr(method(data, kernel).estimate, truth, data)
        for method in (richardson_lucy, richardson_lucy_tv)
    ]
    assert gains[1] > gains[0] + 1.5


def test_damping_is_its_formula():
    data = counts()
    C = Convolution.from_psf(KERNEL, SHAPE, boundary="symmetric")
    x = np.full(SHAPE, data.sum() / C.H(np.ones(SHAPE)).sum())
    for _ in range(5):
        m = C(x)
        u = np.minimum(2 / 1.5**2 * (data * np.log(data / m) - data + m), 1)
        x = x * (1 + C.H(u**9 * (10 - 9 * u) * (data - m) / m) / C.H(np.ones(SHAPE)))
    got = damped_richardson_lucy(
        data, KERNEL, threshold=1.5, boundary="symmetric", noise=noise.Poisson(), max_iter=5
    )
    assert_close(got.estimate, x, c=100)


def test_damping_spares_the_sky():
    sky = np.full((60, 52), 40.0)
    sky[20, 30] += 30_000
    kernel = psf.gaussian((11, 11), 1.6)
    data = np.random.default_rng(0).poisson(Convolution.from_psf(kernel, sky.shape)(sky)).astype(float)
    plain = richardson_lucy(data, kernel, stop=None, max_iter=60).estimate
    damped = damped_richardson_lucy(data, kernel, max_iter=60).estimate
    assert damped[35:, 5:-5].std() < 0.5 * plain[35:, 5:-5].std()
    assert damped[20, 30] > 0.8 * plain[20, 30]


@pytest.mark.parametrize("method", [richardson_lucy_tv, damped_richardson_lucy])
def test_variants_keep_namespace_precision_units_and_missing_samples(method):
    data, model = counts(background=5), a_noise_model()
    reference = method(data, KERNEL, noise=model, max_iter=8).estimate
    for dtype in ("float32", "float64"):
        other = method(strict.asarray(data.astype(dtype)), KERNEL, noise=model, max_iter=8).estimate
        assert other.dtype == getattr(strict, dtype)
        assert_close(np.asarray(other), reference, c=100, eps=np.finfo(dtype).eps)
    spoiled = np.where(model.weights > 0, data, np.nan)
    np.testing.assert_array_equal(method(spoiled, KERNEL, noise=model, max_iter=8).estimate, reference)
    once = method(data, KERNEL, max_iter=8).estimate
    assert_close(method(2.0**20 * data, KERNEL, max_iter=8).estimate, 2.0**20 * once)
    assert method(data, KERNEL, rtol=0.5).status is Status.CONVERGED
