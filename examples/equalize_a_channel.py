"""A photograph sent as bits through Proakis' channel B at 12 dB, received four ways.

    python equalize_a_channel.py [-o FIGURE.png]

The four receivers are the functions that deblur photographs: as received, the matched filter Cᵀ, zero
forcing C⁺, and MMSE (Wiener). Cᵀ and C⁺ are worse than doing nothing.
"""

from __future__ import annotations

import argparse

import numpy as np

from invdeconv import adjoint, pseudo_inverse, samples, wiener
from invdeconv.equalization import (
    Channel,
    bit_error_rate,
    bits_to_picture,
    bpsk_bits,
    bpsk_symbols,
    n0_from_ebn0_db,
    picture_to_bits,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", metavar="FIGURE.png", help="write the received pictures as a figure")
    figure = parser.parse_args().o

    picture = small_photograph()
    bits = picture_to_bits(picture)
    channel = Channel.proakis_b()
    n0 = n0_from_ebn0_db(12)
    received = channel.transmit(bpsk_symbols(bits), n0=n0, rng=0, boundary="periodic")

    C = channel.operator(bits.size)
    equalized = {
        "as received": received,
        "Cᵀ, matched filter": adjoint(received, C).estimate,
        "C⁺, zero forcing": pseudo_inverse(received, C).estimate,
        # Real noise carries N0/2, symbols carry 1.
        "Wiener, MMSE": wiener(received, C, noise_to_signal=n0 / 2).estimate,
    }
    pictures = {"sent": picture}
    print(f"{bits.size} bits, taps {channel.taps.round(3)}, Eb/N0 12 dB\n")
    print("receiver              wrong bits  bit error rate")
    for name, output in equalized.items():
        decided = bpsk_bits(output)
        errors = bit_error_rate(decided, bits)
        pictures[name] = bits_to_picture(decided, picture.shape)
        print(f"{name:<20}  {errors.count:10d}  {errors.rate:14.4f}")
    if figure:
        draw(pictures, figure)


def small_photograph() -> np.ndarray:
    """The cameraman at 64 × 64, by the mean of 8 × 8 blocks."""
    blocks = samples.camera().reshape(64, 8, 64, 8).mean((1, 3))
    return np.round(blocks).astype(np.uint8)


def draw(pictures: dict[str, np.ndarray], path: str) -> None:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, len(pictures), figsize=(12, 3), layout="constrained")
    for ax, (name, picture) in zip(axes, pictures.items(), strict=True):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
        ax.set_title(name, fontsize=9)
        ax.set_axis_off()
    plt.savefig(path)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
