"""An unknown channel, from preamble to bits: estimate, design, detect; 60 bursts of QPSK.

    python from_preamble_to_bits.py

The receiver knows 32 symbols of each burst and nothing of the channel, four taps of Rayleigh fading. The
error of its estimate is known exactly; what it costs is seen beside a receiver that knows the channel.
"""

from __future__ import annotations

import numpy as np

from invdeconv.equalization import (
    Channel,
    Constellation,
    bit_error_rate,
    estimate_channel,
    mlse,
    mmse,
    mmse_dfe,
    n0_from_ebn0_db,
    theory,
)

BURSTS, PREAMBLE, PAYLOAD, LENGTH = 60, 32, 300, 4
QPSK = Constellation.qam(4)


def main() -> None:
    draw = np.random.default_rng(5)
    channel = Channel.rayleigh([0.5, 0.3, 0.15, 0.05], rng=draw)
    n0 = n0_from_ebn0_db(8, bits_per_symbol=QPSK.bits_per_symbol)
    preamble = QPSK.modulate(draw.integers(0, 2, QPSK.bits_per_symbol * PREAMBLE))
    print(f"taps {channel.taps.round(2)}, energy {channel.energy:.2f}, Eb/N0 8 dB of the symbols sent\n")

    promised, errors, noise = [], [], []
    decided = {}
    sent = []
    for _ in range(BURSTS):
        bits = draw.integers(0, 2, QPSK.bits_per_symbol * PAYLOAD)
        symbols = np.concatenate([preamble, QPSK.modulate(bits)])
        received = channel.transmit(symbols, n0=n0, rng=draw, boundary="burst")
        found = estimate_channel(received, preamble, LENGTH)
        promised.append(found.mse)
        errors.append(np.sum(np.abs(found.channel.taps - channel.taps) ** 2))
        noise.append(found.n0)
        sent.append(bits)
        # What is wrong with the estimate is noise to the equalizer: Es = 1 through each wrong tap.
        estimated = detect(received, found.channel, found.n0 + found.mse, preamble)
        for known, outputs in ((False, estimated), (True, detect(received, channel, n0, preamble))):
            for name, symbols in outputs.items():
                decided.setdefault(name, {False: [], True: []})[known].append(QPSK.bits(symbols))

    white = theory.estimate_least_squares(LENGTH, PREAMBLE - LENGTH + 1, n0=n0)
    print(f"noise     {np.mean(noise):.5f} estimated, {n0:.5f} true")
    print(f"channel   {np.mean(promised):.5f} error promised, {np.mean(errors):.5f} measured,", end=" ")
    print(f"{white:.5f} for the whitest preamble\n")
    print("bit error rates        channel estimated    known")
    for name, streams in decided.items():
        rates = [
            bit_error_rate(np.concatenate(streams[known]), np.concatenate(sent)).rate
            for known in (False, True)
        ]
        print(f"{name:<22} {rates[0]:17.5f} {rates[1]:8.5f}")


def detect(
    received: np.ndarray, channel: Channel, noise: float, preamble: np.ndarray
) -> dict[str, np.ndarray]:
    """The symbols behind the preamble, as three detectors see them."""
    payload = slice(PREAMBLE, PREAMBLE + PAYLOAD)
    linear = mmse(channel, n0=noise, taps=20).unbiased()
    feedback = mmse_dfe(channel, n0=noise, taps=12).unbiased()
    found = mlse(received[PREAMBLE:], channel, QPSK, before=preamble[1 - LENGTH :], after=0)
    return {
        "linear": linear.equalize(received)[payload],
        "decision feedback": feedback.equalize(received, QPSK)[payload],
        "sequence detection": found.symbols,
    }


if __name__ == "__main__":
    main()
