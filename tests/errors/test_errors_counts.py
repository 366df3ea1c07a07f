"""Methods for counts, their noise model and stopping rules: (call, message), each an InvalidInputError."""

from __future__ import annotations

import re

import numpy as np
import pytest

from invdeconv import (
    Identity,
    InvalidInputError,
    damped_richardson_lucy,
    noise,
    psf,
    richardson_lucy,
    richardson_lucy_tv,
    wiener,
)
from invdeconv.solvers import Discrepancy, Flatness, PlainIterations, RelativeChange

DATA = np.add.outer(np.arange(8.0), np.cos(np.arange(7))) + 2
PSF = psf.gaussian((3, 3), 0.8)
THERE = DATA > 3


def with_nan():
    data = DATA.copy()
    data[0, 0] = data[7, 6] = np.nan
    return data


CASES = [
    (lambda: noise.Poisson(gain=0), "noise.Poisson: gain must be a finite number > 0; got 0."),
    (lambda: noise.Poisson(background=-1), "noise.Poisson: background must be a finite number >= 0; got -1."),
    (
        lambda: noise.Poisson(read_noise=np.nan),
        "noise.Poisson: read_noise must be a finite number >= 0; got nan.",
    ),
    (
        lambda: noise.Poisson(background=-DATA),
        "noise.Poisson: background must be real and >= 0; got other values.",
    ),
    (lambda: noise.Poisson(read_noise=1j * DATA), "noise.Poisson: read_noise must be real and >= 0"),
    (
        lambda: noise.Poisson(weights=0 * DATA),
        "noise.Poisson: weights must be an array with a positive value",
    ),
    (lambda: noise.Poisson(weights=2.0), "noise.Poisson: weights must be an array with a positive value"),
    (
        lambda: noise.Poisson(background=DATA, weights=THERE[1:]),
        "noise.Poisson: background, read_noise and weights must have one shape; got [(7, 7), (8, 7)].",
    ),
    (
        lambda: noise.estimate_noise_variance([np.inf, 1.0]),
        "estimate_noise_variance: data must be finite; got 1 values that are not.",
    ),
    (
        lambda: noise.estimate_noise_variance(DATA * 1j),
        "estimate_noise_variance: data must be real; got complex128.",
    ),
    (
        lambda: richardson_lucy(DATA, PSF, noise=0.1),
        "richardson_lucy: noise must be a noise.Poisson; got 0.1. Gaussian noise goes in as",
    ),
    (
        lambda: richardson_lucy(DATA[1:], PSF, noise=noise.Poisson(weights=THERE)),
        "richardson_lucy: noise must be of shape (7, 7); got (8, 7). It belongs to the data.",
    ),
    (
        lambda: richardson_lucy(DATA, PSF, boundary="taper", noise=noise.Poisson(weights=THERE)),
        "richardson_lucy: boundary must not be 'taper' beside noise per sample; got 'taper'.",
    ),
    (
        lambda: richardson_lucy(with_nan(), PSF, noise=noise.Poisson(weights=THERE)),
        "richardson_lucy: data must be finite; got 1 values that are not.",
    ),
    (
        lambda: richardson_lucy(DATA, PSF, stop=3),
        "richardson_lucy: stop must be one of least-risk, discrepancy",
    ),
    (
        lambda: richardson_lucy(DATA, PSF, acceleration="fast"),
        "richardson_lucy: acceleration must be one of auto, momentum, biggs-andrews, conjugate-gradients; ",
    ),
    (
        lambda: richardson_lucy(DATA, PSF, start=DATA),
        "richardson_lucy: start must hold a point of shape (10, 9); got 'ndarray'.",
    ),
    (
        lambda: richardson_lucy(DATA, PSF, start=wiener(DATA, PSF)),
        "richardson_lucy: start must hold a point of shape (10, 9); got the state of a wiener",
    ),
    (
        lambda: richardson_lucy(DATA, Identity(DATA.shape), start=richardson_lucy(DATA, PSF)),
        "richardson_lucy: start must hold a point of shape (8, 7); got the state of a richardson_lucy.",
    ),
    (
        lambda: richardson_lucy_tv(DATA, PSF, lam=-1),
        "richardson_lucy_tv: lam must be a finite number >= 0",
    ),
    (
        lambda: richardson_lucy_tv(DATA, PSF, rtol=0),
        "richardson_lucy_tv: rtol must be a finite number > 0",
    ),
    (
        lambda: damped_richardson_lucy(DATA, PSF, threshold=0),
        "damped_richardson_lucy: threshold must be a finite number > 0; got 0.",
    ),
    (
        lambda: damped_richardson_lucy(DATA, PSF, rtol=-1),
        "damped_richardson_lucy: rtol must be a finite number > 0; got -1.",
    ),
    (
        lambda: damped_richardson_lucy(0 * DATA + 1, PSF),
        "damped_richardson_lucy: noise must be given for data that show none; got None.",
    ),
    (lambda: Discrepancy(0), "Discrepancy: threshold must be a finite number > 0; got 0."),
    (lambda: Flatness(-1), "Flatness: rtol must be a finite number > 0; got -1."),
    (lambda: RelativeChange(np.inf), "RelativeChange: rtol must be a finite number > 0; got inf."),
    (lambda: PlainIterations("10"), "PlainIterations: count must be a finite number > 0; got '10'."),
]


@pytest.mark.parametrize(("call", "message"), CASES, ids=[message[:40] for _, message in CASES])
def test_messages(call, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        call()
