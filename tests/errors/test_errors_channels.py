"""(call, message) of every refusal of `channel_axis`."""

from __future__ import annotations

import re

import numpy as np
import pytest

from invdeconv import (
    Convolution,
    InvalidInputError,
    adjoint,
    cgls,
    noise,
    richardson_lucy,
    tikhonov,
    wiener,
)

Y = np.random.default_rng(0).random((8, 7, 3))
K = np.ones((3, 3)) / 9
FOUR = noise.Gaussian(std=np.ones((8, 7, 4)))
TWO = richardson_lucy(Y[..., :2], K, channel_axis=-1, max_iter=1, stop=None)

CASES = {
    "beyond": (
        lambda: wiener(Y, K, channel_axis=3),
        "wiener: channel_axis must be an integer from -3 to 2; got 3. Pass an axis of the data; -1 is",
    ),
    "below": (
        lambda: adjoint(Y, K, channel_axis=-4),
        "must be an integer from -3 to 2; got -4.",
    ),
    "float": (
        lambda: wiener(Y, K, channel_axis=2.0),
        "must be an integer from -3 to 2; got 2.0",
    ),
    "bool": (
        lambda: wiener(Y, K, channel_axis=True),
        "must be an integer from -3 to 2; got True",
    ),
    "operator": (
        lambda: tikhonov(Y, Convolution.from_psf(K[..., None], Y.shape), channel_axis=-1),
        "tikhonov: channel_axis must be None beside an operator; got -1. An operator has its own axes",
    ),
    "signal": (
        lambda: wiener(Y[:, 0, 0], [1.0], channel_axis=0),
        "wiener: data must have channels beside another axis; got (8,). A single signal",
    ),
    "no channels": (
        lambda: wiener(Y[..., :0], K, channel_axis=-1),
        "wiener: data must have channels beside another axis; got (8, 7, 0).",
    ),
    "rank": (
        lambda: wiener(Y, K[0], channel_axis=-1),
        "wiener: psf must have as many dimensions as a channel (2), or one more; got 1.",
    ),
    "psf count": (
        lambda: richardson_lucy(Y, np.stack([K, K]), channel_axis=0),
        "richardson_lucy: psf must have 8 channels along axis 0, or not that axis; got 2. Pass one for all",
    ),
    "noise count": (
        lambda: tikhonov(Y, K, noise=FOUR, channel_axis=-1),
        "tikhonov: noise.std must have 3 channels along axis 2, or not that axis; got 4.",
    ),
    "start count": (
        lambda: richardson_lucy(Y, K, start=TWO, channel_axis=-1),
        "richardson_lucy: start must have 3 channels along axis 2, or not that axis; got 2.",
    ),
    "start array": (
        lambda: cgls(Y, K, start=Y[..., :2], channel_axis=-1),
        "cgls: start must have 3 channels along axis 2, or not that axis; got 2.",
    ),
    "words": (
        lambda: wiener([["a"]], K, channel_axis=-1),
        "wiener: data must be a numeric array",
    ),
    "forgotten": (lambda: wiener(Y, K), "wiener: psf must have as many dimensions as data (3); got 2."),
    "inside": (
        lambda: wiener(np.where(Y > 0.5, np.nan, Y), K, channel_axis=-1),
        "wiener: data must be finite",
    ),
}


@pytest.mark.parametrize(("call", "message"), CASES.values(), ids=CASES)
def test_refused(call, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        call()
