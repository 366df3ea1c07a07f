"""The tutorial's photographs: one that we blur, one that motion blurred, and one sent through a channel."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from invdeconv import psf, samples
from invdeconv.comparison import Comparison, compare
from invdeconv.equalization import (
    Channel,
    ErrorCount,
    bit_error_rate,
    bits_to_picture,
    bpsk_bits,
    bpsk_symbols,
    n0_from_ebn0_db,
    picture_to_bits,
)
from invdeconv.restoration import adjoint, pseudo_inverse, wiener
from invdeconv.simulate import Observation, observe

__all__ = ["CHANNEL", "PHOTOGRAPH", "Reception", "channel", "clock", "photograph"]

PHOTOGRAPH = {"sigma": 3.0, "psf_size": 25, "noise_std": 0.005, "seed": 0}
CHANNEL = {"ebn0_db": 12.0, "seed": 0}

# The photographer with his camera, and as much scene around him as the blur reaches.
_PART = (slice(20, 300), slice(110, 390))


def photograph() -> Comparison:
    """Blur a part of the camera photograph, crop it, add noise; restore it by all methods."""
    scene = samples.camera()[_PART] / 255
    size = int(PHOTOGRAPH["psf_size"])
    blur = psf.gaussian((size, size), PHOTOGRAPH["sigma"])
    seed = int(PHOTOGRAPH["seed"])
    return compare(observe(scene, blur, noise_std=PHOTOGRAPH["noise_std"], rng=seed))


def clock() -> tuple[Comparison, psf.Motion]:
    """Restore the clock that motion blurred; its PSF is estimated from the picture alone."""
    picture = samples.clock() / 255
    motion = psf.motion_from_cepstrum(picture)
    # The smallest odd frame that holds the line.
    reach = [0.5 * motion.length * abs(f(math.radians(motion.angle))) for f in (math.sin, math.cos)]
    sizes = [2 * math.ceil(r + 0.5) + 1 for r in reach]
    return compare(Observation(picture, psf.motion(sizes, motion.length, motion.angle))), motion


@dataclass(frozen=True, eq=False)
class Reception:
    """A picture as it was sent and as each receiver decided it."""

    sent: np.ndarray
    taps: np.ndarray
    n0: float
    pictures: dict[str, np.ndarray]
    errors: dict[str, ErrorCount]


def channel() -> Reception:
    """Send the camera, 64 × 64, as BPSK bits through Proakis' channel B and receive it four ways."""
    picture = np.round(samples.camera().reshape(64, 8, 64, 8).mean((1, 3))).astype(np.uint8)
    bits = picture_to_bits(picture)
    line = Channel.proakis_b()
    n0 = n0_from_ebn0_db(CHANNEL["ebn0_db"])
    received = line.transmit(bpsk_symbols(bits), n0=n0, rng=int(CHANNEL["seed"]), boundary="periodic")
    C = line.operator(bits.size)
    outputs = {
        "data": received,
        "adjoint": adjoint(received, C).estimate,
        "pseudo_inverse": pseudo_inverse(received, C).estimate,
        # Real noise carries N0/2, symbols carry 1.
        "wiener": wiener(received, C, noise_to_signal=n0 / 2).estimate,
    }
    decided = {name: np.asarray(bpsk_bits(output)) for name, output in outputs.items()}
    return Reception(
        sent=picture,
        taps=np.asarray(line.taps),
        n0=n0,
        pictures={name: bits_to_picture(stream, picture.shape) for name, stream in decided.items()},
        errors={name: bit_error_rate(stream, bits) for name, stream in decided.items()},
    )
