"""Linear equalizer, decision feedback and sequence detection on Proakis' channels B and C.

    python linear_feedback_sequence.py [-o FIGURE.png]

BPSK. The linear equalizer has 31 taps, decision feedback 16 and 15, each at its best delay. What theory says
of a rate is printed beside the one that was simulated, with its interval of 95 %.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from invdeconv import plots
from invdeconv.equalization import (
    Channel,
    Constellation,
    ErrorRate,
    error_rate,
    mlse,
    mmse,
    mmse_dfe,
    n0_from_ebn0_db,
    theory,
)

BPSK = Constellation.pam(2)
CHANNELS = {"B": Channel.proakis_b(), "C": Channel.proakis_c()}
BURSTS, SYMBOLS, MARGIN = 50, 400, 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", metavar="FIGURE.png", help="draw the rates on channel B")
    figure = parser.parse_args().o

    print("Equalizers of infinite length: error J, and unbiased SINR\n")
    print("channel  Es/N0   linear: J    SINR   feedback: J    SINR")
    for name, channel in CHANNELS.items():
        for decibel in (10, 20):
            n0 = 10 ** (-decibel / 10)
            linear, feedback = theory.mmse_linear(channel, n0=n0), theory.mmse_dfe(channel, n0=n0)
            print(
                f"{name:>7}  {decibel:2d} dB   {linear:9.6f}  {sinr(linear):6.2f}   "
                f"{feedback:11.6f}  {sinr(feedback):6.2f}"
            )

    print("\nLoss of the best sequence detector, and of zero-forcing feedback, against one symbol alone\n")
    for name, channel in CHANNELS.items():
        feedback = 10 * np.log10(theory.zf_dfe(channel, n0=1.0))
        print(f"{name:>7}  {theory.minimum_distance_loss_db(channel):6.3f} dB  {feedback:7.3f} dB")

    print("\nLinear equalizer of 31 taps, real noise, over Eb/N0: error J, and exact bit error rate\n")
    for name, channel in CHANNELS.items():
        for decibel in (10, 15, 20):
            design = mmse(channel, n0=n0_from_ebn0_db(decibel), taps=31, real_symbols=True)
            rate = theory.linear_bit_error_rate(design)
            print(f"{name:>7}  {decibel} dB  {design.mse:9.6f}  {rate:.5e}")

    print("\nBit error rates by simulation, and what theory says")
    print("(linear: exact; feedback: if decisions were right; sequence: upper bound)\n")
    print("channel  Eb/N0  detector     theory    simulated  interval")
    found = {name: {} for name in CHANNELS}
    for name, decibel in (("B", 8), ("B", 10), ("B", 12), ("C", 12), ("C", 14)):
        found[name][decibel] = rates = compared(CHANNELS[name], decibel)
        for detector, (expected, rate) in rates.items():
            print(
                f"{name:>7}  {decibel:2d} dB  {detector:<9}  {expected:9.3e}  {rate.rate:9.3e}  "
                f"{rate.low:.2e} … {rate.high:.2e}"
            )
    if figure:
        draw(found["B"], figure)


def compared(
    channel: Channel, ebn0_db: float, *, min_events: int = 200, max_blocks: int = 80
) -> dict[str, tuple[float, ErrorRate]]:
    """What theory says of each detector, and what a simulation finds."""
    n0 = n0_from_ebn0_db(ebn0_db)
    linear = mmse(channel, n0=n0, taps=31, real_symbols=True)
    feedback = mmse_dfe(channel, n0=n0, taps=16, feedback=15, real_symbols=True)

    def simulated(detect: Callable[[np.ndarray], np.ndarray]) -> ErrorRate:
        def block(rng: np.random.Generator) -> np.ndarray:
            bits = rng.integers(0, 2, (BURSTS, SYMBOLS))
            received = channel.transmit(BPSK.modulate(bits), n0=n0, rng=rng, boundary="burst")
            wrong = BPSK.bits(detect(received)[:, :SYMBOLS]) != bits
            return wrong[:, MARGIN:-MARGIN]  # near its ends a burst hears less interference

        return error_rate(block, min_events=min_events, max_blocks=max_blocks, rng=0)

    return {
        "linear": (theory.linear_bit_error_rate(linear), simulated(linear.equalize)),
        "feedback": (
            theory.linear_bit_error_rate(feedback),
            simulated(lambda received: feedback.equalize(received, BPSK)),
        ),
        "sequence": (
            theory.mlse_union_bound(channel, n0=n0),
            simulated(lambda received: mlse(received, channel, BPSK, before=0, after=0).symbols),
        ),
    }


def sinr(error: float) -> float:
    """Unbiased SINR in decibels of an MMSE receiver for symbols of energy 1."""
    return float(10 * np.log10(1 / error - 1))


def draw(found: dict[int, dict[str, tuple[float, ErrorRate]]], path: str) -> None:
    detectors = next(iter(found.values()))
    figure, _ = plots.plot_error_rates(
        list(found),
        theory={name: [rates[name][0] for rates in found.values()] for name in detectors},
        simulated={name: [rates[name][1] for rates in found.values()] for name in detectors},
    )
    figure.savefig(path)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
