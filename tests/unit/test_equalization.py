"""A channel with the image methods, against exact error probabilities.

No Monte Carlo in the references: a linear equalizer sees c·a_k + Σ g_j a_{k−j} + Gaussian noise.
"""

from __future__ import annotations

import itertools
import math

import array_api_strict as strict
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfc

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

N0 = 10**-1.2  # 12 dB


def gaussian_tail(x):
    return erfc(np.asarray(x) / math.sqrt(2)) / 2


def enumerated(g, cursor, std):
    """Average Q over all patterns of the interfering symbols."""
    others = np.delete(g, cursor)
    patterns = np.array(list(itertools.product((1, -1), repeat=others.size)))
    return float(np.mean(gaussian_tail((g[cursor] + patterns @ others) / std)))


def integrated(g, std):
    """The same for many taps: 1/2 − (1/π) ∫ sin(ct)/t · exp(−σ²t²/2) Π cos(g_j t) dt, cursor at 0."""
    others = g[1:][np.abs(g[1:]) > 1e-13]

    def integrand(t):
        return math.sin(g[0] * t) / t * math.exp(-((std * t) ** 2) / 2) * np.prod(np.cos(others * t))

    return 0.5 - quad(integrand, 1e-12, 10 / std, limit=400)[0] / math.pi


def spectrum(n):
    """Transfer function of unit-energy Proakis B about its middle tap: real."""
    a, b = 0.407 / math.sqrt(0.995523), 0.815 / math.sqrt(0.995523)
    return b + 2 * a * np.cos(2 * np.pi * np.arange(n) / n)


def filters(n):
    """Equalizer transfer functions, real because the channel is even about its origin."""
    H = spectrum(n)
    return {"received": np.ones(n), "adjoint": H, "pseudo_inverse": 1 / H, "wiener": H / (H**2 + N0 / 2)}


def equalized(received, C):
    """What a receiver makes of it with the functions that images use."""
    return {
        "received": received,
        "adjoint": adjoint(received, C).estimate,
        "pseudo_inverse": pseudo_inverse(received, C).estimate,
        "wiener": wiener(received, C, noise_to_signal=N0 / 2).estimate,
    }


def photograph():
    """A smooth 64 × 64 scene with an edge and texture: its bits are far from random."""
    i, j = np.mgrid[:64, :64] / 64
    scene = 90 + 60 * np.sin(5 * i + 2 * j) + 40 * (i + j > 1.1) + 20 * np.sin(40 * i * j)
    noise = np.random.default_rng(9).normal(scale=3, size=(64, 64))
    return np.clip(scene + noise, 0, 255).astype(np.uint8)


def test_the_two_references_agree():
    g = np.array([0.9, 0.3, -0.2, 0.15, 0.05, -0.4])
    assert integrated(g, 0.3) == pytest.approx(enumerated(g, 0, 0.3), rel=1e-9)


def test_the_integral_reproduces_a_published_row():
    """31-tap MMSE on channel B at 10 dB, best delay: J 0.277038, BER 5.36387e-2."""
    taps, n0 = Channel.proakis_b().taps, 0.1
    H = np.array([np.r_[np.zeros(i), taps, np.zeros(30 - i)] for i in range(31)])
    # Es/N0 is 10 dB per complex sample, the real noise variance N0/2.
    solve = np.linalg.solve(H @ H.T + n0 / 2 * np.eye(31), H)
    cascade = solve.T @ H
    errors = 1 - np.diag(cascade)
    best = int(np.argmin(errors))
    assert errors[best] == pytest.approx(0.277038, abs=5e-7)
    g = np.roll(cascade[best], -best)
    std = math.sqrt(n0 / 2) * np.linalg.norm(solve[:, best])
    assert integrated(g, std) == pytest.approx(5.36387e-2, rel=1e-5)


def test_short_cascades_have_closed_forms():
    """As received: 2 neighbours; after Cᵀ: 4. Both by enumeration and by the spectrum."""
    h = Channel.proakis_b().taps
    n, std = 4096, math.sqrt(N0 / 2)
    for g, W in ((h, np.ones(n)), (np.convolve(h, h[::-1]), spectrum(n))):
        circular = np.fft.ifft(W * spectrum(n)).real
        assert std * math.sqrt(np.mean(W**2)) == pytest.approx(std, rel=1e-12)  # unit energy: no gain
        assert enumerated(g, g.size // 2, std) == pytest.approx(integrated(circular, std), rel=1e-8)


@pytest.mark.parametrize("name", ["received", "adjoint", "pseudo_inverse", "wiener"])
def test_random_bits_meet_the_exact_error_rate(name):
    n = 1 << 17
    bits = np.random.default_rng(1).integers(0, 2, n)
    channel = Channel.proakis_b()
    received = channel.transmit(bpsk_symbols(bits), n0=N0, rng=2, boundary="periodic")
    rate = bit_error_rate(bpsk_bits(equalized(received, channel.operator(n))[name]), bits).rate
    W = filters(n)[name]
    std = math.sqrt(N0 / 2 * np.mean(W**2))
    short = 1024  # impulse responses end long before
    exact = (
        float(gaussian_tail(1 / std))
        if name == "pseudo_inverse"
        else integrated(np.fft.ifft(filters(short)[name] * spectrum(short)).real, std)
    )
    # 3 standard deviations, doubled because errors come in bursts.
    assert rate == pytest.approx(exact, abs=6 * math.sqrt(exact * (1 - exact) / n))


def test_a_photograph_meets_its_exact_error_rate():
    """Given the bits, the expected rate is the mean of Q(a_k (g * a)_k / σ): no random-bit model."""
    picture = photograph()
    bits = picture_to_bits(picture)
    n, symbols, channel = bits.size, bpsk_symbols(bits), Channel.proakis_b()
    C = channel.operator(n)
    received = channel.transmit(symbols, n0=n0_from_ebn0_db(12), rng=5, boundary="periodic")
    estimates = equalized(received, C)
    rates = {}
    for name, W in filters(n).items():
        decided = bpsk_bits(estimates[name])
        rates[name] = bit_error_rate(decided, bits).rate
        clean = np.fft.ifft(W * spectrum(n) * np.fft.fft(symbols)).real
        std = math.sqrt(N0 / 2 * np.mean(W**2))
        exact = float(np.mean(gaussian_tail(symbols * clean / std)))
        assert rates[name] == pytest.approx(exact, abs=6 * math.sqrt(exact * (1 - exact) / n)), name
        assert bits_to_picture(decided, picture.shape).shape == (64, 64)
    # The story: both "inverses" of the textbook caption lose to doing nothing.
    assert rates["wiener"] < rates["received"] / 3
    assert rates["received"] < rates["adjoint"] < rates["pseudo_inverse"]


def test_zero_forcing_output_snr():
    """Circular zero forcing amplifies the noise by the mean of 1/|H|²."""
    n, channel = 4096, Channel.proakis_b()
    noise = channel.transmit(np.zeros(n), n0=N0, rng=3, boundary="periodic")
    got = np.mean(pseudo_inverse(noise, channel.operator(n)).estimate ** 2)
    power = np.abs(np.fft.fft(noise)) ** 2 / n
    assert got == pytest.approx(np.mean(power / spectrum(n) ** 2), rel=1e-8)


@pytest.mark.parametrize("boundary", ["periodic", "zero"])
def test_operator_is_the_written_sum(boundary):
    taps = np.array([0.3 - 0.2j, 1.0, 0.5j, -0.1])
    a = np.random.default_rng(0).standard_normal(9)
    got = Channel(taps).operator(9, boundary=boundary)(a)
    origin = 2
    for k in range(9):
        past = [(k - i + origin, tap) for i, tap in enumerate(taps)]
        if boundary == "periodic":
            expected = sum(tap * a[m % 9] for m, tap in past)
        else:
            expected = sum(tap * a[m] for m, tap in past if 0 <= m < 9)
        assert got[k] == pytest.approx(expected, abs=1e-14)


def test_noise_convention():
    """N0 per complex sample; a real sample carries N0/2."""
    n = 100_000
    real = Channel([1.0]).transmit(np.zeros(n), n0=0.5, rng=0)
    assert np.mean(real**2) == pytest.approx(0.25, rel=0.02)
    for taps, symbols in (([1j], np.zeros(n)), ([1.0], np.zeros(n, complex))):
        noise = Channel(taps).transmit(symbols, n0=0.5, rng=0)
        assert np.mean(np.abs(noise) ** 2) == pytest.approx(0.5, rel=0.02)
        assert np.mean(noise.real**2) == pytest.approx(0.25, rel=0.03)


def test_energies():
    assert Channel.proakis_b().energy == pytest.approx(1, abs=1e-15)
    assert Channel([3.0, 4j]).energy == pytest.approx(25)
    assert n0_from_ebn0_db(12) == pytest.approx(N0)
    assert n0_from_ebn0_db(0, bits_per_symbol=2, es=10) == pytest.approx(5)
    np.testing.assert_allclose(bpsk_symbols([0, 1], es=4), [2, -2])


def test_strict_namespace():
    channel = Channel(strict.asarray([0.2, 1.0, -0.3]))
    symbols, options = [1.0, -1.0, -1.0, 1.0, 1.0], {"n0": 0.01, "rng": 0, "boundary": "periodic"}
    received = channel.transmit(strict.asarray(symbols), **options)
    plain = Channel([0.2, 1.0, -0.3]).transmit(symbols, **options)
    np.testing.assert_allclose(np.asarray(received), plain, atol=1e-14)
    assert np.array_equal(np.asarray(bpsk_bits(received)), [0, 1, 1, 0, 0])


@pytest.mark.parametrize("shape", [(5,), (3, 7), (2, 3, 4)])
def test_pictures_round_trip(shape):
    picture = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    bits = picture_to_bits(picture)
    weights = 2 ** np.arange(7, -1, -1)
    np.testing.assert_array_equal(bits.reshape(-1, 8) @ weights, picture.ravel())
    np.testing.assert_array_equal(bits_to_picture(bits, shape), picture)


def test_symbols_round_trip():
    bits = np.random.default_rng(0).integers(0, 2, 50)
    np.testing.assert_array_equal(bpsk_bits(bpsk_symbols(bits)), bits)
    np.testing.assert_array_equal(bpsk_bits(bpsk_symbols(bits) + 5j), bits)


def test_error_count():
    assert bit_error_rate([1, 0, 1, 1, 0], [1, 1, 1, 0, 0]) == ErrorCount(2, 5)
    assert bit_error_rate([True, False], [1, 1]).rate == 0.5
