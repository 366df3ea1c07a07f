"""Noise, simulation, equalization, comparison: (call, message). Each is an InvalidInputError."""

from __future__ import annotations

import re

import numpy as np
import pytest

from invdeconv.comparison import compare
from invdeconv.equalization import (
    Channel,
    bit_error_rate,
    bits_to_picture,
    bpsk_bits,
    bpsk_symbols,
    n0_from_ebn0_db,
    picture_to_bits,
)
from invdeconv.errors import InvalidInputError
from invdeconv.noise import estimate_noise_std, white_noise
from invdeconv.operators import Convolution
from invdeconv.simulate import Observation, observe

SCENE = np.ones((6, 7))
PSF = np.ones((3, 2))
C = Convolution(PSF, (6, 7), padding="valid")
SEEN = Observation(SCENE, PSF)
CHANNEL = Channel([0.5, 1.0])


def spoiled(value):
    scene = SCENE.copy()
    scene[1, 2] = value
    return scene


CASES = [
    (lambda: estimate_noise_std([]), "estimate_noise_std: data must not be empty; got shape (0,)."),
    (lambda: estimate_noise_std(3.0), "estimate_noise_std: data must have at least one axis; got a scalar."),
    (lambda: estimate_noise_std([[3.0]]), "must have at least two samples along an axis; got shape (1, 1)."),
    (lambda: estimate_noise_std(spoiled(np.nan)), "estimate_noise_std: data must be finite; got 1 values"),
    (
        lambda: estimate_noise_std(np.ones((9, 9)), np.ones(3)),
        "estimate_noise_std: blur must have as many dimensions as data (2); got 1.",
    ),
    (lambda: estimate_noise_std(np.ones(9), np.zeros(3)), "estimate_noise_std: blur must not be all zeros"),
    (lambda: estimate_noise_std(["a"]), "estimate_noise_std: data must be a numeric array"),
    (lambda: white_noise(SCENE, -1), "white_noise: noise_std must be a finite number >= 0; got -1."),
    (
        lambda: white_noise(SCENE, 1, "x"),
        "white_noise: rng must be a seed or a numpy.random.Generator; got 'x'.",
    ),
    (lambda: white_noise(SCENE, 1, -1), "white_noise: rng must be a seed"),
    (lambda: observe(np.ones((0, 3)), PSF), "observe: truth must not be empty; got shape (0, 3)."),
    (lambda: observe(spoiled(np.nan), PSF), "observe: truth must be finite; got 1 values that are not."),
    (lambda: observe(spoiled(np.inf), PSF), "observe: truth must be finite; got 1 values that are not."),
    (
        lambda: observe(SCENE, np.ones(3)),
        "observe: blur must have as many dimensions as truth (2); got shape (3,).",
    ),
    (lambda: observe(SCENE, np.zeros((2, 2))), "observe: blur must not be all zeros; got shape (2, 2)."),
    (lambda: observe(SCENE, PSF * np.nan), "observe: blur must be finite; got 6 values"),
    (lambda: observe(SCENE, np.ones((7, 2))), "observe: blur must fit into the scene (6, 7); got (7, 2)."),
    (
        lambda: observe(SCENE, PSF, noise_std=-0.1),
        "observe: noise_std must be a finite number >= 0; got -0.1.",
    ),
    (
        lambda: observe(SCENE, PSF, noise_std=np.nan),
        "observe: noise_std must be a finite number >= 0; got nan.",
    ),
    (lambda: observe(SCENE, PSF, rng="seed"), "observe: rng must be a seed or a numpy.random.Generator"),
    (lambda: observe(SCENE, PSF, crop=2), "observe: crop must leave data of the (4, 6) seen; got (2, 2)."),
    (lambda: observe(SCENE, PSF, crop=-1), "observe: crop must be an integer >= 0; got -1."),
    (
        lambda: observe(SCENE, PSF, crop=(1,)),
        "observe: crop must have one entry per axis (2); got 1 entries.",
    ),
    (lambda: observe(SCENE, C, crop=1), "observe: crop must be 0 beside an operator; got 1."),
    (lambda: observe(SCENE.T, C), "observe: truth must have the shape blur takes, (6, 7); got (7, 6)."),
    (lambda: Observation(spoiled(np.inf), PSF), "Observation: data must be finite"),
    (
        lambda: Observation(SCENE, np.ones((2, 2, 2))),
        "Observation: blur must have as many dimensions as data (2)",
    ),
    (lambda: Observation(SCENE, np.zeros((2, 2))), "Observation: blur must not be all zeros"),
    (
        lambda: Observation(SCENE, C),
        "Observation: data must have shape (4, 6), that is blur.output_shape; got (6, 7).",
    ),
    (
        lambda: Observation(SCENE, PSF, SCENE[1:]),
        "Observation: truth must have shape (6, 7), the shape of the data",
    ),
    (
        lambda: Observation(np.ones((4, 6)), C, np.ones((4, 6))),
        "Observation: truth must have shape (6, 7), that is blur.input_shape; got (4, 6).",
    ),
    (lambda: Observation(SCENE, PSF, noise=-1), "Observation: noise must be a finite number >= 0; got -1."),
    (lambda: Channel([]), "Channel: taps must not be empty"),
    (lambda: Channel([0.0, 0.0]), "Channel: taps must not be all zeros; got shape (2,)."),
    (lambda: Channel(np.ones((2, 2))), "Channel: taps must be 1-D; got shape (2, 2)."),
    (lambda: Channel([1.0, np.nan]), "Channel: taps must be finite"),
    (
        lambda: CHANNEL.operator(9, boundary="symmetric"),
        "boundary must be one of periodic, zero, burst; got 'symmetric'.",
    ),
    (lambda: CHANNEL.operator(0), "must be an integer >= 1; got 0."),
    (lambda: CHANNEL.transmit([np.nan], n0=1), "Channel.transmit: symbols must be finite"),
    (lambda: CHANNEL.transmit([1.0], n0=-1), "Channel.transmit: n0 must be a finite number >= 0; got -1."),
    (lambda: CHANNEL.transmit([1.0], n0=1, rng="x"), "Channel.transmit: rng must be a seed"),
    (lambda: bpsk_symbols([0, 2]), "bpsk_symbols: bits must hold only 0 and 1; got 2.0."),
    (lambda: bpsk_symbols([]), "bpsk_symbols: bits must be 1-D and not empty; got shape (0,)."),
    (lambda: bpsk_symbols(["a"]), "bpsk_symbols: bits must be numbers 0 and 1"),
    (lambda: bpsk_symbols([0, 1], es=0), "bpsk_symbols: es must be a finite number > 0; got 0."),
    (lambda: bpsk_bits([np.nan]), "bpsk_bits: samples must be finite"),
    (lambda: n0_from_ebn0_db(np.inf), "n0_from_ebn0_db: ebn0_db must be a finite number; got inf."),
    (lambda: n0_from_ebn0_db("12"), "n0_from_ebn0_db: ebn0_db must be a finite number; got '12'."),
    (lambda: n0_from_ebn0_db(3, bits_per_symbol=0), "bits_per_symbol must be an integer >= 1; got 0."),
    (lambda: n0_from_ebn0_db(3, es=-1), "n0_from_ebn0_db: es must be a finite number > 0; got -1."),
    (lambda: picture_to_bits(SCENE), "picture_to_bits: picture must be uint8; got float64."),
    (lambda: picture_to_bits(np.zeros((0, 2), np.uint8)), "picture must not be empty; got shape (0, 2)."),
    (lambda: bits_to_picture([0, 1], (1, 1)), "bits must be 8 bits for shape (1, 1); got 2 bits."),
    (
        lambda: bits_to_picture(0.5 * np.ones(8), (1, 1)),
        "bits_to_picture: bits must hold only 0 and 1; got 0.5.",
    ),
    (lambda: bits_to_picture(np.ones(8), (0, 1)), "picture_shape must be an integer >= 1; got 0."),
    (lambda: bit_error_rate([0, 1], [0, 1, 1]), "bits must have the shape of reference (3,); got (2,)."),
    (lambda: bit_error_rate([[0, 1]], [0, 1]), "bits must have the shape of reference (2,); got (1, 2)."),
    (lambda: bit_error_rate([], [0]), "bit_error_rate: bits must not be empty; got shape (0,)."),
    (lambda: bit_error_rate([0.2], [0]), "bit_error_rate: bits must hold only 0 and 1; got 0.2."),
    (lambda: bit_error_rate([0], [7]), "bit_error_rate: reference must hold only 0 and 1; got 7.0."),
    (lambda: compare(SCENE), "compare: observation must be an Observation; got ndarray."),
    (lambda: compare(SEEN, {}), "compare: methods must map names to callables; got {}."),
    (lambda: compare(SEEN, [print]), "compare: methods must map names to callables"),
    (lambda: compare(SEEN, {"mine": 3}), "compare: methods must map names to callables; got mine: 3."),
    (
        lambda: compare(SEEN, {"data": print}),
        "compare: methods must have names other than \"data\"; got 'data'.",
    ),
    (lambda: compare(SEEN, {3: print}), 'compare: methods must have names other than "data"; got 3.'),
]


@pytest.mark.parametrize(("call", "message"), CASES, ids=[message[:60] for _, message in CASES])
def test_one_clear_error(call, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)) as caught:
        call()
    # … and what to do: a sentence after the value.
    assert re.search(r"; got .*\. [A-Z].*\.$", str(caught.value), re.DOTALL)
