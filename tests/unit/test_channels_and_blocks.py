"""Channels at one and more samples per symbol, blocks with a prefix, estimation from a preamble."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
from tolerance import assert_close, normal

from invdeconv import samples
from invdeconv.equalization import (
    Channel,
    Constellation,
    CyclicPrefix,
    estimate_channel,
    mlse,
    mmse,
    ofdm_demodulate,
    ofdm_modulate,
    raised_cosine,
    root_raised_cosine,
    theory,
    zf_dfe,
)
from invdeconv.errors import InputWarning, InvalidInputError
from invdeconv.operators import check_operator
from invdeconv.restoration import adjoint, pseudo_inverse, wiener


def written_sum(h, s, a, boundary):
    """y[m] = Σ h[m − s·k + o] a[k], the origin o at the middle tap or, in a burst, at the first."""
    n, o = len(a), 0 if boundary == "burst" else len(h) // 2
    length = s * (n - 1) + len(h) if boundary == "burst" else s * n
    y = np.zeros(length, complex)
    for m in range(length):
        for k in range(n):
            for wrap in (-1, 0, 1) if boundary == "periodic" else (0,):
                i = m - s * (k + wrap * n) + o
                if 0 <= i < len(h):
                    y[m] += h[i] * a[k]
    return y


@pytest.mark.parametrize("boundary", ["periodic", "zero", "burst"])
@pytest.mark.parametrize("s", [1, 2, 3])
@pytest.mark.parametrize("taps", [1, 4, 5])
def test_operator_is_the_written_sum(taps, s, boundary, rng):
    h, a = normal(rng, taps, complex_=True), normal(rng, (2, 6), complex_=True)
    channel = Channel(h, samples_per_symbol=s)
    C = channel.operator(6, boundary=boundary)
    expected = np.array([written_sum(h, s, row, boundary) for row in a])
    assert_close(C(a[0]), expected[0])
    assert_close(channel.operator((2, 6), boundary=boundary)(a), expected)
    assert_close(channel.transmit(a, n0=0, boundary=boundary), expected)
    check_operator(C)


def test_printed_and_unit_energy():
    for name, energy in (("proakis_a", 1.001), ("proakis_b", 0.995523), ("proakis_c", 0.999602)):
        preset = getattr(Channel, name)
        printed = preset(unit_energy=False)
        assert printed.energy == pytest.approx(energy, abs=5e-7)
        assert preset().energy == pytest.approx(1, abs=1e-15)
        assert_close(preset().taps * np.sqrt(energy), printed.taps)
    assert list(Channel.epr4(unit_energy=False).taps) == list(np.convolve([1, -1], [1, 2, 1]))
    assert list(Channel.e2pr4(unit_energy=False).taps) == list(np.convolve([1, -1], [1, 3, 3, 1]))
    assert Channel.raised_cosine(3.1, unit_energy=False).taps[1] == 1


def test_rayleigh_fading_has_the_profile():
    profile = np.array([4.0, 2.0, 0.0, 1.0])
    draw = np.random.default_rng(0)
    taps = np.array([Channel.rayleigh(profile, rng=draw).taps for _ in range(4000)])
    np.testing.assert_allclose(np.mean(np.abs(taps) ** 2, 0), profile / 7, atol=0.03)
    assert abs(np.mean(taps**2)) < 0.01  # circular
    same = [Channel.rayleigh(profile, rng=3, samples_per_symbol=2) for _ in range(2)]
    np.testing.assert_array_equal(same[0].taps, same[1].taps)
    assert same[0].samples_per_symbol == 2


def test_ofdm_over_rayleigh_is_flat_fading(rng):
    """One-tap OFDM with long enough a prefix: the rate of a flat fading channel, whatever the profile."""
    qpsk, prefix, n0 = Constellation.qam(4), CyclicPrefix(16, 3), 0.05  # Eb/N0 of 10 dB
    wrong = total = 0
    for _ in range(600):
        channel = Channel.rayleigh([0.5, 0.3, 0.1, 0.1], rng=rng)
        bits = rng.integers(0, 2, (4, 32))
        stream = prefix.insert(ofdm_modulate(qpsk.modulate(bits)))
        received = channel.transmit(stream, n0=n0, rng=rng, boundary="burst")
        decided = qpsk.bits(ofdm_demodulate(prefix.remove(received, channel), channel))
        wrong, total = wrong + np.count_nonzero(decided != bits), total + bits.size
    # Some 600 independent channels: fading makes errors come in crowds.
    assert wrong / total == pytest.approx(theory.rayleigh_bit_error_rate(10), rel=0.2)


@pytest.mark.parametrize("s", [1, 2])
def test_a_prefix_makes_the_channel_periodic(s, rng):
    channel = Channel(normal(rng, 5, complex_=True), samples_per_symbol=s)
    prefix = CyclicPrefix(9, 4)
    a = normal(rng, (2, 3, 9), complex_=True)
    received = channel.transmit(prefix.insert(a), n0=0, boundary="burst")
    blocks = prefix.remove(received, channel)
    assert_close(blocks, channel.operator((2, 3, 9))(a))
    there = prefix.remove(strict.asarray(received), channel)
    assert_close(np.asarray(there), blocks)
    assert_close(np.asarray(prefix.insert(strict.asarray(a))), prefix.insert(a))


def test_a_short_prefix_is_told(rng):
    channel, prefix = Channel([1, 0.5, 0.2]), CyclicPrefix(8, 1)
    received = channel.transmit(prefix.insert(normal(rng, (3, 8))), n0=0, boundary="burst")
    with pytest.warns(InputWarning, match=r"IDW011 the channel hears 2 symbols back, the prefix has 1"):
        prefix.remove(received, channel)


def test_single_carrier_equalizers_are_the_functions_of_images(rng):
    """One tap per frequency: conj(H)·Y, Y/H and conj(H)·Y/(|H|² + N0/Es) are Cᴴ, C⁺ and Wiener."""
    h, n, n0, es = normal(rng, 4, complex_=True), 15, 0.3, 2.0
    channel = Channel(h)
    y = normal(rng, (2, n), complex_=True)
    C = channel.operator(y.shape)
    H = np.fft.fft(np.roll(np.pad(h, (0, n - 4)), -2))
    Y = np.fft.fft(y)
    one_tap = {
        "adjoint": (adjoint(y, C), H.conj() * Y),
        "pseudo-inverse": (pseudo_inverse(y, C), Y / H),
        "wiener": (wiener(y, C, noise_to_signal=n0 / es), H.conj() * Y / (np.abs(H) ** 2 + n0 / es)),
    }
    for name, (result, spectrum) in one_tap.items():
        assert_close(result.estimate, np.fft.ifft(spectrum), condition=100, label=name)
    # OFDM is the same division with the transform at the other end.
    sent = ofdm_demodulate(y, channel, n0=n0, es=es)
    assert_close(sent, np.fft.fft(one_tap["wiener"][0].estimate) / np.sqrt(n), condition=100)
    assert_close(
        ofdm_demodulate(y, channel),
        np.fft.fft(one_tap["pseudo-inverse"][0].estimate) / np.sqrt(n),
        condition=100,
    )


def test_what_a_receiver_hears_is_a_burst_unless_asked_for_a_block():
    """The equalizers and `mlse` take it as it comes; block methods refuse it by its length."""
    channel, a = Channel([1, 0.9]), np.array([1.0, -1, -1, 1])
    received = channel.transmit(a, n0=0)
    assert_close(received, np.convolve(a, channel.taps))
    assert_close(mlse(received, channel, [-1, 1], before=0, after=0).symbols, a)
    assert_close(zf_dfe(channel, taps=1).equalize(received, Constellation.pam(2))[:4], a)
    with pytest.raises(InvalidInputError, match="data"):
        wiener(received, channel.operator(4), noise_to_signal=0.1)


def test_single_carrier_errors_are_those_of_theory():
    """MMSE and zero forcing of random blocks, against the mean over frequencies."""
    channel, n, n0 = Channel([0.3 - 0.2j, 1, 0.4j, 0.1]), 64, 0.1
    draw = np.random.default_rng(0)
    a = Constellation.qam(4).points[draw.integers(0, 4, (2000, n))]
    y = channel.transmit(a, n0=n0, rng=draw, boundary="periodic")
    C = channel.operator(y.shape)
    errors = [
        np.mean(np.abs(estimate - a) ** 2)
        for estimate in (wiener(y, C, noise_to_signal=n0).estimate, pseudo_inverse(y, C).estimate)
    ]
    expected = [theory.block_mmse(channel, n, n0=n0), theory.block_zf(channel, n, n0=n0)]
    assert errors == pytest.approx(expected, rel=0.02)


def test_ofdm_round_trip(rng):
    a = normal(rng, (3, 8), complex_=True)
    time = ofdm_modulate(a)
    assert_close(time, np.fft.ifft(a) * np.sqrt(8))
    assert_close(ofdm_demodulate(time, Channel([1.0])), a)
    assert ofdm_modulate(a.astype(np.complex64)).dtype == np.complex64
    there = ofdm_demodulate(ofdm_modulate(strict.asarray(a)), Channel([1.0]))
    assert_close(np.asarray(there), a)
    # More taps than frequencies wrap round; a null gives 0.
    long = Channel(normal(rng, 11))
    assert_close(ofdm_demodulate(long.operator(8)(time[0]), long), a[0], condition=100)
    null = ofdm_demodulate(np.ones(4), Channel([1.0, 1.0]))
    assert null[2] == 0


@pytest.mark.parametrize("real", [False, True])
@pytest.mark.parametrize("s", [1, 2])
def test_estimates_are_least_squares(s, real, rng):
    h, p = normal(rng, 5, complex_=not real), normal(rng, 20, complex_=not real)
    channel = Channel(h, samples_per_symbol=s)
    # Unknown symbols follow the preamble.
    sent = np.concatenate([p, normal(rng, 10, complex_=not real)])
    exact = estimate_channel(channel.transmit(sent, n0=0, boundary="burst"), p, 5, samples_per_symbol=s)
    assert_close(exact.channel.taps, h, condition=100)
    assert exact.n0 < 1e-25
    received = channel.transmit(sent, n0=0.3, rng=rng, boundary="burst")
    rows = range(4, 20 * s)
    X = np.array([[p[(k - i) // s] if (k - i) % s == 0 else 0 for i in range(5)] for k in rows])
    y = received[4 : 20 * s]
    got = estimate_channel(received, p, 5, samples_per_symbol=s)
    assert_close(got.channel.taps, np.linalg.pinv(X) @ y, condition=100)
    assert got.channel.samples_per_symbol == s
    residual = y - X @ got.channel.taps
    share = 2 if real else 1
    assert got.n0 == pytest.approx(share * np.sum(np.abs(residual) ** 2) / (len(rows) - 5))
    trace = np.trace(np.linalg.inv(X.conj().T @ X)).real
    assert got.mse == pytest.approx(got.n0 / share * trace)
    known = estimate_channel(received, p, 5, n0=0.3, samples_per_symbol=s)
    assert known.n0 == 0.3
    assert known.mse == pytest.approx(0.3 / share * trace)


def test_estimation_errors_are_those_promised():
    """Mean over many preambles received: mse and n0 without bias, for real symbols as well."""
    draw = np.random.default_rng(1)
    for h in (np.array([1, 0.5j, -0.2]), np.array([1, 0.5, -0.2])):
        p = 1.0 - 2 * draw.integers(0, 2, 24)
        channel = Channel(h)
        received = channel.transmit(np.tile(p, (800, 1)), n0=0.2, rng=draw, boundary="burst")
        estimates = [estimate_channel(row, p, 3) for row in received]
        errors = [np.sum(np.abs(e.channel.taps - h) ** 2) for e in estimates]
        assert np.mean(errors) == pytest.approx(estimate_channel(received[0], p, 3, n0=0.2).mse, rel=0.1)
        assert np.mean([e.n0 for e in estimates]) == pytest.approx(0.2, rel=0.03)


def test_a_white_preamble_is_the_closed_form():
    """Periodic pilots of flat spectrum: N0·L/N, as `theory.estimate_least_squares` says."""
    chirp = np.exp(1j * np.pi * np.arange(16) ** 2 / 16)
    preamble = np.concatenate([chirp[-4:], chirp])  # the first four fill the channel
    received = Channel([1, 0.2, 0.1j, 0, 0.3]).transmit(preamble, n0=0, boundary="burst")
    got = estimate_channel(received, preamble, 5, n0=0.7)
    assert got.mse == pytest.approx(theory.estimate_least_squares(5, 16, n0=0.7))


def test_measured_room():
    """The taps are the response at the carrier: a pure echo, then the shipped living room."""
    rate, carrier, symbols = 48000.0, 8000.0, 4000.0
    echo = np.zeros(2000)
    echo[600], echo[600 + 24] = 1.0, 0.5  # 24 samples are two symbols and 4 carrier periods
    got = Channel.from_response(
        echo, rate_hz=rate, carrier_hz=carrier, symbol_rate_hz=symbols, taps=3, unit_energy=False
    )
    assert_close(got.taps, np.array([1, 0, 0.5]), c=1e4)
    # Two samples later: a third of a carrier period, a sixth of a symbol.
    echo[600 + 24], echo[600 + 26] = 0, 0.5
    for s, pulse in ((1, raised_cosine), (2, root_raised_cosine)):
        turned = Channel.from_response(
            echo,
            rate_hz=rate,
            carrier_hz=carrier,
            symbol_rate_hz=symbols,
            taps=500,
            samples_per_symbol=s,
            unit_energy=False,
        )
        t = np.arange(-30, 30) / s
        expected = pulse(t, 0.25) + 0.5 * np.exp(-2j * np.pi / 3) * pulse(t - 2 - 1 / 6, 0.25)
        first = (16 + 50) * s - 30  # the pulse begins 16 symbols before the echo, which comes at 50
        np.testing.assert_allclose(turned.taps[first : first + 60], expected, atol=1e-3)
    room = samples.living_room_response()
    band = {"rate_hz": room.rate_hz, "carrier_hz": 6000, "symbol_rate_hz": 2000}
    for s in (1, 2):
        channel = Channel.from_response(room.data[:4410], taps=40 * s, samples_per_symbol=s, **band)
        assert channel.energy == pytest.approx(1)
        assert np.iscomplexobj(channel.taps)
        assert channel.taps.size == 40 * s
        assert mmse(channel, n0=0.01, taps=60 * s).mse < 0.5
