"""Theory against published and derived numbers, enumeration, and what designs come to."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import toeplitz
from twins import gaussian_tail, least_event, two_level_patterns

from invdeconv.equalization import Channel, Constellation, mmse, mmse_dfe, theory, zero_forcing
from invdeconv.restoration import pseudo_inverse

A, B, C = Channel.proakis_a(), Channel.proakis_b(), Channel.proakis_c()


def db(ratio):
    return 10 * math.log10(ratio)


@pytest.mark.parametrize(
    ("channel", "ten", "twenty", "unbiased"),
    [
        (A, (0.130467, 0.103530), (0.018040, 0.011856), (17.3585, 19.2087)),
        (B, (0.335947, 0.166545), (0.179245, 0.029530), (6.6077, 15.1671)),
        (C, (0.502604, 0.249744), (0.295972, 0.062329), (3.7634, 11.7736)),
    ],
    ids="ABC",
)
def test_infinite_length_on_proakis_channels(channel, ten, twenty, unbiased):
    """Linear and decision-feedback MMSE at Es/N0 of 10 and 20 dB."""
    for n0, row in ((0.1, ten), (0.01, twenty)):
        got = theory.mmse_linear(channel, n0=n0), theory.mmse_dfe(channel, n0=n0)
        assert got == pytest.approx(row, abs=5.1e-7)
    assert [db(1 / j - 1) for j in got] == pytest.approx(unbiased, abs=5.1e-5)


def test_zero_forcing_dfe_against_the_matched_filter():
    losses = [db(theory.matched_filter_bound(h, n0=0.3) * theory.zf_dfe(h, n0=0.3)) for h in (A, B, C)]
    assert losses == pytest.approx([0.8203, 7.3581, 12.2228], abs=5.1e-5)


def test_zero_forcing_is_absurd_on_a_null():
    """At 20 dB the signal leaves the equalizer 21 and 23 dB below the noise; in a block as well."""
    assert -db(theory.zf_linear(B, n0=0.01)) == pytest.approx(-20.91, abs=5.1e-3)
    assert -db(theory.zf_linear(C, n0=0.01)) == pytest.approx(-23.11, abs=5.1e-3)
    n = 1 << 14
    assert -db(theory.block_zf(C, n, n0=0.01)) == pytest.approx(-23.1, abs=0.05)
    noise = C.transmit(np.zeros(n, complex), n0=0.01, rng=0, boundary="periodic")
    forced = pseudo_inverse(noise, C.operator(n)).estimate
    # Most of it comes from the few frequencies near the nulls: given their noise the rest is exact.
    H = np.fft.fft(C.taps, n)
    expected = np.mean(np.abs(np.fft.fft(noise)) ** 2 / np.abs(H) ** 2) / n
    assert np.mean(np.abs(forced) ** 2) == pytest.approx(expected, rel=1e-8)
    assert -db(np.mean(np.abs(forced) ** 2)) == pytest.approx(-23.1, abs=1)


@pytest.mark.parametrize("real", [False, True])
@pytest.mark.parametrize("channel", [A, B, C], ids="ABC")
def test_feedback_loses_no_rate(channel, real):
    """Cioffi, Dudevoir, Eyuboglu and Forney: log₂(1 + SINR) of the DFE is the rate of the channel."""
    j = theory.mmse_dfe(channel, n0=0.02, real_symbols=real)
    rate = theory.gaussian_rate(channel, n0=0.02, real_symbols=real)
    assert math.log2(1 / j) * (0.5 if real else 1) == pytest.approx(rate, rel=2e-15)


@pytest.mark.parametrize(
    ("a", "linear", "feedback"),
    [(0.5, 0.110264, 0.0886164), (0.9, 0.156537, 0.0784675), (1, 0.156174, 0.0729844)],
)
def test_two_taps_have_closed_forms(a, linear, feedback):
    channel, n0 = Channel([1, a]), 0.1
    b = 1 + a * a + n0
    root = math.sqrt(b * b - 4 * a * a)
    assert theory.mmse_linear(channel, n0=n0) == pytest.approx(n0 / root, rel=1e-12)
    assert theory.mmse_dfe(channel, n0=n0) == pytest.approx(2 * n0 / (b + root), rel=1e-12)
    assert n0 / root == pytest.approx(linear, abs=5.1e-7)
    assert 2 * n0 / (b + root) == pytest.approx(feedback, abs=5.1e-8)
    assert theory.zf_dfe(channel, n0=n0) == pytest.approx(n0, rel=1e-12)
    if a < 1:
        assert theory.zf_linear(channel, n0=n0) == pytest.approx(n0 / (1 - a * a), rel=1e-12)
    else:
        assert theory.zf_linear(channel, n0=n0) == math.inf


def test_a_null_between_the_frequencies_of_any_grid():
    assert theory.zf_linear(Channel([1, -2 * math.cos(1), 1]), n0=0.1) == math.inf
    assert theory.zf_dfe(Channel([1, -2 * math.cos(1), 1]), n0=0.1) == pytest.approx(0.1)


def test_energy_and_noise_scale_as_they_must():
    for f in (theory.mmse_linear, theory.mmse_dfe):
        assert f(A, n0=0.3, es=3) == pytest.approx(3 * f(A, n0=0.1))
        assert f(A, n0=0.2, real_symbols=True) == pytest.approx(f(A, n0=0.1))
    assert theory.zf_linear(A, n0=0.3, es=3) == pytest.approx(3 * theory.zf_linear(A, n0=0.1))
    assert theory.zf_dfe(A, n0=0.3, es=3) == pytest.approx(3 * theory.zf_dfe(A, n0=0.1))
    assert theory.mmse_linear(B, n0=0) == theory.mmse_dfe(B, n0=0) == theory.zf_linear(B, n0=0) == 0


def test_feedback_noise_by_spectral_factorization():
    """ZF-DFE: Jensen's formula is exp ∫ ln(N/S), for complex, fractional and colored."""
    rho = np.array([1, 0.3 - 0.2j])
    for s, h in ((1, [0.2, 1j, -0.4, 0.1]), (2, [0.2, 1j, -0.4, 0.1, 0.3]), (3, [0.2, 1j])):
        for correlation in (None, rho):
            w = np.arange(1 << 12) * 2 * np.pi / (1 << 12)
            S = np.zeros_like(w)
            for k in range(s):
                angle = (w + 2 * np.pi * k) / s
                H = np.polyval(h[::-1], np.exp(-1j * angle))
                N = 1 if correlation is None else 1 + 2 * (rho[1] * np.exp(-1j * angle)).real
                S += np.abs(H) ** 2 / N / s
            channel = Channel(h, samples_per_symbol=s)
            exact = 0.2 * math.exp(-np.mean(np.log(S)))
            assert theory.zf_dfe(channel, n0=0.2, noise_correlation=correlation) == pytest.approx(
                exact, rel=1e-9
            )
            exact = np.mean(0.2 / (S + 0.2))
            got = theory.mmse_linear(channel, n0=0.2, noise_correlation=correlation)
            assert got == pytest.approx(exact, rel=1e-12)


def test_matched_filter_bound():
    assert theory.matched_filter_bound(Channel([3, 4j]), n0=0.5, es=2) == pytest.approx(100)
    assert theory.matched_filter_bound(Channel([3, 4]), n0=0.5, real_symbols=True) == pytest.approx(100)
    fractional = Channel([3, 4j, 1], samples_per_symbol=2)
    assert theory.matched_filter_bound(fractional, n0=0.5) == pytest.approx(52)


@pytest.mark.parametrize(
    ("taps", "loss"),
    [
        ([0.5, 0.7071, 0.5], 2.323),
        ([0.29, 0.5, 0.58, 0.5, 0.29], 5.719),
        ([0.23, 0.42, 0.52, 0.52, 0.42, 0.23], 7.031),
        (A.taps, 0),
        (B.taps, 1.757),
        (C.taps, 5.007),
        (Channel.epr4().taps, 0),
        (Channel.e2pr4().taps, 2.218),
    ],
)
def test_minimum_distance_loss(taps, loss):
    assert theory.minimum_distance_loss_db(Channel(taps)) == pytest.approx(loss, abs=5.1e-4)


def test_minimum_distance_by_enumeration(rng):
    """The event (+, −) on B and C, with d² = 0.667213 and 0.315730; complex taps; other alphabets."""
    for channel, d2 in ((B, 0.667213), (C, 0.315730)):
        distance, event = least_event(channel.taps, 7)
        assert distance == pytest.approx(d2, abs=5.1e-7)
        assert event == (1, -1, 0, 0, 0, 0, 0)
        loss = theory.minimum_distance_loss_db(channel)
        assert loss == pytest.approx(-db(distance), rel=1e-12)
        assert theory.minimum_distance_loss_db(channel, Constellation.qam(4)) == pytest.approx(loss, rel=1e-9)
        # Four levels may also err by 2 and 3: (1, −2, 1, 1, −2, 1) comes closer on C.
        later = itertools.product((0, 1, 2, 3, -1, -2, -3), repeat=5)
        events = np.array([(first, *rest) for rest in later for first in (1, 2, 3)])
        sounds = events @ np.array([np.convolve(channel.taps, row) for row in np.eye(6)])
        loss = -db(np.min(np.sum(sounds**2, axis=1)))
        for alphabet in (Constellation.pam(4), Constellation.qam(16)):
            assert theory.minimum_distance_loss_db(channel, alphabet) == pytest.approx(loss, rel=1e-9)
    for _ in range(4):
        h = rng.standard_normal(4) + 1j * rng.standard_normal(4)
        distance, _ = least_event(h, 9)
        loss = db(np.sum(np.abs(h) ** 2) / distance)
        assert theory.minimum_distance_loss_db(Channel(h)) == pytest.approx(loss, abs=1e-9)
    # The two phases of a fractional channel are heard together.
    h = rng.standard_normal(6)
    both = min(
        sum(np.sum(np.convolve(h[p::2], (1, *rest)) ** 2) for p in (0, 1))
        for rest in itertools.product((0, 1, -1), repeat=6)
    )
    loss = theory.minimum_distance_loss_db(Channel(h, samples_per_symbol=2))
    assert loss == pytest.approx(db(h @ h / both), abs=1e-9)


@pytest.mark.parametrize(
    ("channel", "ebn0_db", "bound"),
    [(B, 8, 6.482e-3), (B, 10, 4.049e-4), (B, 12, 6.409e-6), (C, 12, 1.759e-3), (C, 14, 6.458e-5)],
)
def test_union_bound(channel, ebn0_db, bound):
    assert theory.mlse_union_bound(channel, n0=10 ** (-ebn0_db / 10)) == pytest.approx(bound, rel=2e-4)


def test_union_bound_limits():
    """No interference: exactly BPSK. B at high SNR: 3 Q(√(1.3344 Eb/N0)). Loud noise: it diverges."""
    assert theory.mlse_union_bound(Channel([2.0]), n0=0.8) == pytest.approx(
        gaussian_tail(math.sqrt(10)), rel=1e-12
    )
    snr = 10**1.6
    many = 3 * gaussian_tail(math.sqrt(1.3344 * snr))
    assert theory.mlse_union_bound(B, n0=1 / snr) == pytest.approx(many, rel=0.02)
    assert theory.mlse_union_bound(C, n0=1.0) == math.inf


def test_union_bound_sums_events():
    """Short events by enumeration, at a noise where longer ones do not count."""
    h, snr = np.array([1, 0.4, -0.2j]), 9.0
    total = 0.0
    for length in range(1, 9):
        for rest in itertools.product((0, 1, -1), repeat=length - 1):
            event = (1, *rest)
            ended = any(event[i : i + 2] == (0, 0) for i in range(length - 1))
            if event[-1] and not ended:
                d2, weight = np.sum(np.abs(np.convolve(h, event)) ** 2), np.count_nonzero(event)
                total += 2 * weight * 2.0**-weight * gaussian_tail(math.sqrt(2 * snr * d2))
    assert theory.mlse_union_bound(Channel(h), n0=1 / snr) == pytest.approx(total, rel=1e-6)


@pytest.mark.parametrize(
    ("channel", "rows"),
    [
        (A, [(10, 0.075558, 2.32046e-4), (15, 0.027684, 1.5137e-9), (20, 0.009363, 0)]),
        (B, [(10, 0.277038, 5.36387e-2), (15, 0.202578, 2.25922e-2), (20, 0.149223, 7.46610e-3)]),
        (C, [(10, 0.438742, 1.33252e-1), (15, 0.334026, 8.02481e-2), (20, 0.245295, 3.95937e-2)]),
    ],
    ids="ABC",
)
def test_exact_error_rate_of_31_taps(channel, rows):
    for ebn0_db, j, rate in rows:
        equalizer = mmse(channel, n0=10 ** (-ebn0_db / 10), taps=31, real_symbols=True)
        assert equalizer.mse == pytest.approx(j, abs=5.1e-7)
        assert theory.linear_bit_error_rate(equalizer) == pytest.approx(rate, rel=2e-5, abs=1e-14)
        assert theory.linear_bit_error_rate(equalizer.unbiased()) == pytest.approx(rate, rel=2e-5, abs=1e-14)


def test_exact_error_rate_is_the_mean_over_patterns():
    equalizer = mmse(B, n0=0.1, taps=9, real_symbols=True)
    rate = theory.linear_bit_error_rate(equalizer)
    assert rate == pytest.approx(0.056276299258929, abs=1e-14)
    others = np.delete(equalizer.cascade, equalizer.delay)
    std = math.sqrt(equalizer.noise_variance)
    assert rate == pytest.approx(two_level_patterns(equalizer.bias, others, std), rel=1e-12)
    # The Gaussian guess is 27 % off on B at 25 dB.
    loud = mmse(B, n0=10**-2.5, taps=31, real_symbols=True)
    assert theory.linear_bit_error_rate(loud) == pytest.approx(1.79e-3, abs=5.1e-6)
    assert gaussian_tail(math.sqrt(1 / loud.mse - 1)) == pytest.approx(2.28e-3, abs=5.1e-6)


def test_exact_error_rate_of_qpsk():
    """Each part of the output hears both parts of the interference, and of its own symbol."""
    channel = Channel([0.3 - 0.2j, 1, 0.4j])
    designs = [zero_forcing(channel, n0=0.3, taps=3, es=2.0), mmse(channel, n0=0.3, taps=3, es=2.0)]
    # A carrier phase that is off: the symbol's own other part interferes as well.
    designs.append(dataclasses.replace(designs[1], cascade=designs[1].cascade * np.exp(0.3j)))
    for equalizer in designs:
        g, d = equalizer.cascade, equalizer.delay
        others = np.concatenate([np.delete(g, d).real, g.imag])
        std = math.sqrt(equalizer.noise_variance / 2)  # half the symbol, half the noise
        exact = two_level_patterns(g[d].real, others, std)
        assert theory.linear_bit_error_rate(equalizer) == pytest.approx(exact, rel=1e-11)


def test_right_decisions_fed_back():
    """Genie feedback on B and C, against simulated rates within their errors."""
    for channel, ebn0_db, rate in ((B, 10, 1.444e-3), (B, 12, 1.65e-4), (C, 12, 4.57e-3)):
        design = mmse_dfe(channel, n0=10 ** (-ebn0_db / 10), taps=16, feedback=15, real_symbols=True)
        assert theory.linear_bit_error_rate(design) == pytest.approx(rate, rel=0.02)


@pytest.mark.parametrize(("a", "rate"), [(0.9, 8.8276e-4), (1.0, 1.5617e-3)])
def test_error_propagation(a, rate):
    """One feedback tap at 10 dB of received Eb/N0: P = p₀/(1 + p₀ − p₁)."""
    n0 = 0.1 * (1 + a * a)
    s = math.sqrt(n0 / 2)
    p0 = gaussian_tail(1 / s)
    p1 = (gaussian_tail((1 + 2 * a) / s) + gaussian_tail((1 - 2 * a) / s)) / 2
    got = theory.dfe_bit_error_rate(Channel([1, a]), n0=n0)
    assert got == pytest.approx(p0 / (1 + p0 - p1), rel=1e-12)
    assert got == pytest.approx(rate, rel=3e-5)


def test_error_propagation_by_simulation():
    """Three feedback taps, complex; the interval allows for bursts."""
    channel, n0 = Channel([1, 0.6 + 0.2j, -0.5, 0.3]), 0.5
    exact = theory.dfe_bit_error_rate(channel, n0=n0)
    bursts, n = 4000, 150
    draw = np.random.default_rng(5)
    a = 1.0 - 2 * draw.integers(0, 2, (bursts, n))
    y = channel.transmit(a, n0=n0, rng=draw, boundary="burst").real
    decided = np.zeros((bursts, n))
    for k in range(n):
        past = sum(channel.taps[i].real * decided[:, k - i] for i in (1, 2, 3) if k >= i)
        decided[:, k] = np.where(y[:, k] - past < 0, -1, 1)
    rates = np.mean(decided[:, 10:] != a[:, 10:], axis=1)
    assert np.mean(rates) == pytest.approx(exact, abs=4 * np.std(rates) / math.sqrt(bursts))
    assert exact > 1.2 * gaussian_tail(math.sqrt(2 / n0))


@pytest.mark.parametrize(
    ("w", "spread", "largest"),
    [
        (2.9, 6.078192, 2.029526),
        (3.1, 11.123831, 2.376147),
        (3.3, 21.713197, 2.726275),
        (3.5, 46.821627, 3.070688),
    ],
)
def test_eigenvalues_of_haykin_channels(w, spread, largest):
    """Eleven taps, noise 0.001: what slows LMS down."""
    h = Channel.raised_cosine(w, unit_energy=False).taps
    column = np.zeros(11)
    column[:3] = np.correlate(h, h, "full")[2:]
    eigenvalues = np.linalg.eigvalsh(toeplitz(column) + 0.001 * np.eye(11))
    assert eigenvalues[-1] / eigenvalues[0] == pytest.approx(spread, abs=5.1e-7)
    assert eigenvalues[-1] == pytest.approx(largest, abs=5.1e-7)


def test_constants_of_adaptive_equalizers():
    assert theory.lms_misadjustment(0.01, 8, real=True) == pytest.approx(0.042105, abs=5.1e-7)
    assert theory.lms_misadjustment(0.005, 8, power=2.0, real=True) == pytest.approx(0.08 / 1.9)
    assert theory.lms_misadjustment(0.01, 8) == pytest.approx(0.08 / (2 - 0.09))
    for order, r2 in ((4, 1), (16, 1.32), (64, 1.380952), (256, 1.395294)):
        assert theory.dispersion_constant(Constellation.qam(order)) == pytest.approx(r2, abs=5.1e-7)
    assert theory.dispersion_constant(Constellation.qam(16, es=10)) == pytest.approx(13.2)


def test_misadjustment_is_the_fixed_point_of_the_covariance():
    """K = K − 2μK + μ²(m K + tr K + J) with m = 2 for real and 1 for complex Gaussian input."""
    mu, taps, power = 0.02, 5, 1.7
    for real, m in ((True, 2), (False, 1)):
        trace = 0.0
        for _ in range(5000):
            trace += -2 * mu * power * trace + mu**2 * power * ((m + taps) * power * trace + taps)
        assert theory.lms_misadjustment(mu, taps, power=power, real=real) == pytest.approx(
            power * trace, rel=1e-9
        )


def test_rayleigh_fading():
    """OFDM bins; MRC of n_r − n_t + 1 branches for zero forcing of two streams by 2, 3, 4 antennas."""
    rates = [theory.rayleigh_bit_error_rate(10, branches=order) for order in (1, 2, 3)]
    assert rates[0] == pytest.approx(0.0232687, abs=5.1e-8)
    assert rates == pytest.approx([0.023269, 1.599e-3, 1.216e-4], rel=3.5e-4)
    g = 10.0
    for order, rate in zip((1, 2, 3), rates, strict=True):
        # Q averaged over the gamma distribution of the energy
        mean = quad(
            lambda x, order=order: gaussian_tail(math.sqrt(2 * g * x)) * x ** (order - 1) * math.exp(-x),
            0,
            30,
        )[0] / math.factorial(order - 1)
        assert rate == pytest.approx(mean, rel=1e-7)
    assert theory.rayleigh_bit_error_rate(60) == pytest.approx(1 / (4e6), rel=1e-5)


def test_channel_estimates():
    """64 bins, 6 equal taps at 10 dB, simulated once as .1001, .00937 and .009285."""
    assert theory.estimate_least_squares(64, 64, n0=0.1) == pytest.approx(0.1)
    assert theory.estimate_least_squares(6, 64, n0=0.1) == pytest.approx(0.1 * 6 / 64)
    ratio = 0.1 * 6 / 64
    assert theory.estimate_lmmse(np.ones(6) / 6, 64, n0=0.1) == pytest.approx(ratio / (1 + ratio))
    assert ratio == pytest.approx(0.00937, abs=1e-5)
    assert ratio / (1 + ratio) == pytest.approx(0.009285, abs=1e-5)
    # Any profile: the trace of the posterior covariance of h given F h + noise, per bin.
    p = np.array([0.6, 0.3, 0.1])
    F = np.exp(-2j * np.pi * np.outer(np.arange(8), np.arange(3)) / 8)
    posterior = np.linalg.inv(np.diag(1 / p) + F.conj().T @ F / 0.2)
    per_bin = np.trace(F @ posterior @ F.conj().T).real / 8
    assert theory.estimate_lmmse(p, 8, n0=0.4, es=2) == pytest.approx(per_bin)


def test_blocks_are_means_over_frequencies(rng):
    for s in (1, 2):
        channel = Channel(rng.standard_normal(5) + 1j * rng.standard_normal(5), samples_per_symbol=s)
        M = channel.operator(12).to_dense()
        G = M.conj().T @ M
        exact = 0.4 * np.trace(np.linalg.inv(G / 0.3 * 0.4 + np.eye(12))).real / 12
        assert theory.block_mmse(channel, 12, n0=0.3, es=0.4) == pytest.approx(exact)
        assert theory.block_zf(channel, 12, n0=0.3) == pytest.approx(
            0.3 * np.trace(np.linalg.inv(G)).real / 12
        )
    assert theory.block_zf(Channel([1.0, 1.0]), 8, n0=0.1) == math.inf
    assert theory.block_mmse(B, 4096, n0=0.1) == pytest.approx(theory.mmse_linear(B, n0=0.1))
    assert theory.block_mmse(B, 64, n0=0.0) == 0
