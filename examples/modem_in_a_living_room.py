"""A modem by loudspeaker and microphone in a measured living room: from a preamble to bits.

    python modem_in_a_living_room.py

16-QAM at 1000 symbols per second on a 6 kHz carrier, sampled twice per symbol. The receiver knows 400
symbols of preamble, nothing of the room: it estimates the channel, designs four equalizers, and reads. What
that costs: signal against the one symbol sent alone, products per symbol, and the preamble.
"""

from __future__ import annotations

import numpy as np

from invdeconv import samples
from invdeconv.equalization import (
    Channel,
    Constellation,
    bit_error_rate,
    estimate_channel,
    mmse,
    mmse_dfe,
    n0_from_ebn0_db,
    theory,
    zero_forcing,
    zf_dfe,
)

PREAMBLE, PAYLOAD = 400, 5000


def main() -> None:
    response = samples.living_room_response()
    room = Channel.from_response(
        response.data,
        rate_hz=response.rate_hz,
        carrier_hz=6000,
        symbol_rate_hz=1000,
        taps=80,
        samples_per_symbol=2,
    )
    qpsk, qam = Constellation.qam(4), Constellation.qam(16)
    draw = np.random.default_rng(0)
    preamble = qpsk.modulate(draw.integers(0, 2, 2 * PREAMBLE))
    bits = draw.integers(0, 2, 4 * PAYLOAD).astype(np.uint8)
    sent = np.concatenate([preamble, qam.modulate(bits)])
    n0 = n0_from_ebn0_db(20, bits_per_symbol=qam.bits_per_symbol)
    received = room.transmit(sent, n0=n0, rng=draw, boundary="burst")

    found = estimate_channel(received, preamble, room.taps.size, samples_per_symbol=2)
    error = np.sum(np.abs(found.channel.taps - room.taps) ** 2)
    print(f"noise    {found.n0:.5f} estimated, {n0:.5f} true")
    print(f"channel  {found.mse:.5f} error promised, {error:.5f} true\n")
    # What is wrong with the estimate is noise to the equalizer; each sample hears every other tap.
    noise = found.n0 + found.mse / 2

    designs = {
        "zero forcing": zero_forcing(found.channel, n0=noise, taps=160),
        "MMSE": mmse(found.channel, n0=noise, taps=160),
        "zero forcing, feedback": zf_dfe(found.channel, n0=noise, taps=80),
        "MMSE, feedback": mmse_dfe(found.channel, n0=noise, taps=80),
    }
    print("equalizer                delay  products  SINR designed   got  bit error rate")
    for name, equalizer in designs.items():
        plain = equalizer.unbiased()
        alphabet = (qam,) if hasattr(plain, "feedback") else ()
        products = plain.taps.size + (plain.feedback.size if alphabet else 0)
        symbols = plain.equalize(received, *alphabet)[PREAMBLE : PREAMBLE + PAYLOAD]
        got = 1 / np.mean(np.abs(symbols - sent[PREAMBLE:]) ** 2)
        rate = bit_error_rate(qam.bits(symbols), bits).rate
        sinr = f"{decibels(plain.sinr):10.2f} dB  {decibels(got):5.2f}"
        print(f"{name:<23}  {plain.delay:5d}  {products:8d}  {sinr}  {rate:14.5f}")

    alone = decibels(theory.matched_filter_bound(room, n0=n0))
    limit = decibels(1 / theory.mmse_dfe(room, n0=n0) - 1)
    share = PREAMBLE / sent.size
    print(f"\none symbol alone        {alone:30.2f} dB")
    print(f"feedback without end    {limit:30.2f} dB: the echoes cost {alone - limit:.2f} dB")
    print(f"the preamble takes {share:.1%} of the time")


def decibels(ratio: float) -> float:
    return float(10 * np.log10(ratio))


if __name__ == "__main__":
    main()
