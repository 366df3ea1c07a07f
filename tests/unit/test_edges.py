"""Edges right by default, and the frame of Liu and Jia."""

from __future__ import annotations

from functools import cache, partial

import array_api_strict as strict
import numpy as np
import pytest
from tolerance import normal

from invdeconv import (
    cgls,
    damped_richardson_lucy,
    hybrid_lsqr,
    hyper_laplacian,
    landweber,
    nnls,
    plug_and_play,
    psf,
    richardson_lucy,
    richardson_lucy_tv,
    samples,
    simulate,
    tikhonov,
    total_variation,
    truncated_svd,
    wiener,
)
from invdeconv.restoration._fills import liu_jia, membrane

DEFAULTS = {
    "wiener": wiener,
    "tikhonov": tikhonov,
    "truncated_svd": truncated_svd,
    "hybrid_lsqr": hybrid_lsqr,
    "cgls": partial(cgls, noise=0.005),
    "landweber": landweber,
    "richardson_lucy": richardson_lucy,
    "richardson_lucy_tv": richardson_lucy_tv,
    "damped_richardson_lucy": damped_richardson_lucy,
    "nnls": partial(nnls, max_iter=30),
    "total_variation": total_variation,
    "hyper_laplacian": hyper_laplacian,
    "plug_and_play": plug_and_play,
}
RIM = 16


@cache
def crop():
    """Return a part of a photograph that was blurred whole: no boundary model is true."""
    scene = samples.camera()[180:372, 180:372] / 255
    return simulate.observe(scene, psf.gaussian((25, 25), 3), noise_std=0.005, rng=0)


def loss_at_the_rim(method):
    """Return how much worse the outer samples are than the others, in dB."""
    seen = crop()
    error = (method(seen.data, seen.blur).estimate - seen.truth) ** 2
    inside = error[RIM:-RIM, RIM:-RIM]
    rim = (error.sum() - inside.sum()) / (error.size - inside.size)
    return 10 * np.log10(rim / inside.mean())


@pytest.mark.parametrize("name", DEFAULTS)
def test_no_default_loses_more_than_two_decibels_at_the_rim(name):
    assert loss_at_the_rim(DEFAULTS[name]) < 2


@pytest.mark.parametrize("word", ["liu-jia", "symmetric"])
@pytest.mark.parametrize("method", [wiener, tikhonov])
def test_the_other_models_keep_the_rim_and_a_period_does_not(method, word):
    assert loss_at_the_rim(partial(method, boundary=word)) < 3
    assert loss_at_the_rim(partial(method, boundary="periodic")) > 8


@pytest.mark.parametrize("shape", [(9,), (7, 10), (5, 1, 6), (6, 5, 4)])
@pytest.mark.parametrize("complex_", [False, True])
def test_the_fill_is_harmonic(shape, complex_):
    rng = np.random.default_rng(1)
    data = normal(rng, shape, complex_=complex_)
    frame = tuple(n + gap for n, gap in zip(shape, (4, 3, 5), strict=False))
    whole = membrane(data, frame, tuple(range(len(shape))))
    assert whole.shape == frame
    assert whole.dtype == data.dtype
    np.testing.assert_array_equal(whole[tuple(slice(n) for n in shape)], data)
    for axis, n in enumerate(shape):
        # The strip of this axis was made when those before it were whole and those after it not yet.
        strip = whole[tuple(slice(None) if i <= axis else slice(shape[i]) for i in range(len(shape)))]
        laplacian = -2.0 * len(shape) * strip
        for i in range(len(shape)):
            pads = [(1, 1) if j == i else (0, 0) for j in range(len(shape))]
            wide = np.pad(strip, pads, mode="wrap" if i <= axis else "edge")
            laplacian += np.delete(wide, [0, 1], i) + np.delete(wide, [-1, -2], i)
        gap = laplacian[tuple(slice(n, None) if i == axis else slice(None) for i in range(len(shape)))]
        np.testing.assert_allclose(gap, 0, atol=1e-12)


def test_the_fill_in_other_arrays_and_precisions():
    data = np.random.default_rng(2).standard_normal((11, 8))
    double = liu_jia(data, (20, 15))
    ours = liu_jia(strict.asarray(data), (20, 15))
    np.testing.assert_allclose(np.asarray(ours), double, atol=1e-13)
    single = liu_jia(data.astype(np.float32), (20, 15))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, atol=1e-5)
    # A wide gap: sinh of its width would overflow.
    assert np.isfinite(liu_jia(data, (3000, 15))).all()
