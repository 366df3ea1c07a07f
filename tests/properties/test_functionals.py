"""Functionals: a prox is a minimum, Moreau's identity, gradients by differences."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invdeconv.functionals import (
    L1,
    AbsoluteError,
    Box,
    Differentiable,
    Functional,
    GroupL2,
    HyperLaplacian,
    Part,
    PoissonDivergence,
    Proximable,
    SquaredError,
    TotalVariation,
    dual_prox,
)

SHAPE = (2, 3, 4)
Y = np.random.default_rng(0).poisson(2.0, SHAPE).astype(float)
CONVEX = {
    "squared": SquaredError(Y),
    "weighted": SquaredError(Y, np.linspace(0, 2, 24).reshape(SHAPE)),
    "absolute": AbsoluteError(Y),
    "poisson": PoissonDivergence(Y),
    "weighted absolute": AbsoluteError(Y, np.linspace(0, 2, 24).reshape(SHAPE)),
    "poisson on a background": PoissonDivergence(Y, 0.25, np.linspace(0.1, 2, 24).reshape(SHAPE)),
    "l1": L1(0.7),
    "weighted l1": L1(np.linspace(0, 2, 24).reshape(SHAPE)),
    "group": GroupL2(1.3),
    "box": Box(-0.5, 1.5),
    "part": Part(L1(0.7), (slice(0, 1), slice(1, 3), slice(0, 2))),
    "non-negative": Box(),
}
PROXIMABLE = CONVEX | {
    "hyper 1/2": HyperLaplacian(0.8, 0.5),
    "hyper 2/3": HyperLaplacian(0.8),
    "hyper 0.8": HyperLaplacian(2.0, 0.8),
}

seeds = st.integers(0, 2**32 - 1)
steps = st.floats(1e-3, 1e3)


@pytest.mark.parametrize("name", PROXIMABLE)
@given(seed=seeds, step=steps, spread=st.floats(1e-3, 30))
@settings(max_examples=25, deadline=None)
def test_no_neighbor_is_better_than_the_prox(name, seed, step, spread):
    f = PROXIMABLE[name]
    rng = np.random.default_rng(seed)
    v = spread * rng.standard_normal(SHAPE)

    def objective(x):
        return f.value(x) + np.sum((x - v) ** 2) / (2 * step)

    x = f.prox(v, step)
    least = objective(x)
    assert np.isfinite(least)
    others = [x + size * rng.standard_normal(SHAPE) for size in (1e-6, 1e-3, 0.1, 1, 10)]
    others += [v, np.zeros(SHAPE), np.where(rng.random(SHAPE) < 0.5, x, 0.0), x * 1.01, x * 0.99]
    assert least <= min(map(objective, others)) + 1e-9 * abs(least)


@pytest.mark.parametrize("name", CONVEX)
@given(seed=seeds, step=steps)
@settings(max_examples=25, deadline=None)
def test_moreau(name, seed, step):
    # A convex prox is firmly nonexpansive, and so is what Moreau's identity makes of it.
    f = CONVEX[name]
    rng = np.random.default_rng(seed)
    v, w = 3 * rng.standard_normal((2, *SHAPE))
    a, b = dual_prox(f, v, step), dual_prox(f, w, step)
    assert np.sum((a - b) ** 2) <= np.sum((a - b) * (v - w)) * (1 + 1e-9) + 1e-9
    np.testing.assert_allclose(a + step * f.prox(v / step, 1 / step), v, rtol=1e-12, atol=1e-12)
    # a is a subgradient of f at the point: f(z) >= f(x) + <a, z - x>.
    x = f.prox(v / step, 1 / step)
    for z in (Y + 0.5, np.clip(w, 0.01, 1.4)):
        assert f.value(z) >= f.value(x) + np.sum(a * (z - x)) - 1e-8 * (1 + np.abs(a).sum())


@pytest.mark.parametrize("f", [SquaredError(Y), PoissonDivergence(Y)], ids=["squared", "poisson"])
def test_gradients_by_differences(f):
    rng = np.random.default_rng(1)
    x, d = 1 + rng.random(SHAPE), rng.standard_normal(SHAPE)
    h = 1e-5
    numeric = (f.value(x + h * d) - f.value(x - h * d)) / (2 * h)
    assert np.sum(f.gradient(x) * d) == pytest.approx(numeric, rel=1e-7)


@pytest.mark.parametrize("p", [0.5, 2 / 3, 0.8])
def test_the_hyper_laplacian_prox_is_the_global_minimum(p):
    f, v = HyperLaplacian(0.9, p), np.linspace(-4, 4, 161)
    grid = np.linspace(-4.2, 4.2, 84001)
    costs = 0.9 * np.abs(grid) ** p + (grid[:, None] - v[None, ::8]).T ** 2 / (2 * 0.7)
    np.testing.assert_allclose(f.prox(v[::8], 0.7), grid[np.argmin(costs, axis=1)], atol=1e-4)


def test_the_closed_form_for_one_half():
    # Xu et al., IEEE TNNLS 23 (2012) 1013, (12): (2/3)x(1 + cos(2π/3 − (2/3)arccos((λ/8)(|x|/3)^−1.5)))
    lam, v = 0.8, np.array([1.5, 2.0, 5.0, 60.0])
    # Their (x − v)² + λ|x|^½ is twice ours.
    expected = 2 / 3 * v * (1 + np.cos(2 * np.pi / 3 - 2 / 3 * np.arccos((2 * lam) / 8 * (v / 3) ** -1.5)))
    np.testing.assert_allclose(HyperLaplacian(lam, 0.5).prox(v, 1.0), expected, rtol=1e-12)


def test_types_say_what_is_there():
    assert isinstance(SquaredError(Y), Differentiable)
    assert isinstance(SquaredError(Y), Proximable)
    assert isinstance(L1(), Proximable)
    assert not isinstance(L1(), Differentiable)
    assert isinstance(TotalVariation(), Functional)
    assert not isinstance(TotalVariation(), Proximable)


def test_values_by_hand():
    x = np.array([[0.0, 3.0], [4.0, 0.0]])
    # Rows differ by (4, −3), columns by (3, −4); Neumann leaves the last ones zero.
    assert TotalVariation(2.0).value(x) == pytest.approx(2 * (5 + 3 + 4))
    assert TotalVariation(2.0, isotropic=False).value(x) == pytest.approx(2 * (4 + 3 + 3 + 4))
    assert TotalVariation(1.0, boundary="periodic").value(x) == pytest.approx(5 + 18**0.5 + 32**0.5 + 5)
    assert HyperLaplacian(2.0, 0.5).value(x) == pytest.approx(2 * (3**0.5 + 2))
    assert Box().value(-x) == np.inf
    assert PoissonDivergence(x).value(x) == 0
    assert PoissonDivergence(x).value(0 * x) == np.inf
    assert AbsoluteError(x).value(0 * x) == 7


@pytest.mark.parametrize("name", PROXIMABLE)
def test_other_arrays_keep_their_library_and_precision(name):
    f = PROXIMABLE[name]
    v = np.random.default_rng(2).standard_normal(SHAPE).astype(np.float32)

    def single(value):
        return strict.asarray(value.astype(np.float32)) if isinstance(value, np.ndarray) else value

    other = type(f)(**{key: single(value) for key, value in vars(f).items()})
    x = other.prox(strict.asarray(v), 0.5)
    assert x.dtype == strict.float32
    np.testing.assert_allclose(np.asarray(x), f.prox(v.astype(float), 0.5), rtol=1e-5, atol=1e-5)
    assert other.value(x) == pytest.approx(f.value(np.asarray(x, float)), rel=1e-4, abs=1e-4)


def test_complex_magnitudes_shrink():
    v = np.array([3 + 4j, 0.1j, 0])
    np.testing.assert_allclose(L1(1.0).prox(v, 1.0), [0.8 * (3 + 4j), 0, 0])
    np.testing.assert_allclose(HyperLaplacian(0.1, 0.5).prox(v, 1.0)[1:], 0)
