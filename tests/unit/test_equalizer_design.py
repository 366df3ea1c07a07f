"""Designed equalizers against dense covariances, and their filters against loops."""

from __future__ import annotations

import itertools
import warnings

import array_api_strict as strict
import numpy as np
import pytest
from tolerance import assert_close, normal
from twins import decision_feedback_loop, forced, least_mean_square, noise_matrix, window_matrix

from invdeconv.equalization import (
    Channel,
    Constellation,
    mmse,
    mmse_dfe,
    raised_cosine,
    root_raised_cosine,
    theory,
    zero_forcing,
    zf_dfe,
)
from invdeconv.errors import InputWarning

N0, ES = 0.07, 2.5
MA = np.array([1.0, 0.5 - 0.3j, 0.2j]) / np.sqrt(1.38)  # noise = MA * white noise
RHO = {"white": None, "colored": np.convolve(MA, MA[::-1].conj())[2:]}
SPACINGS = [1, 2, 3]


@pytest.fixture(params=SPACINGS, ids=lambda s: f"T/{s}")
def channel(request, rng):
    return Channel(normal(rng, 5, complex_=True), samples_per_symbol=request.param)


@pytest.fixture(params=RHO)
def color(request):
    return RHO[request.param]


def dense(channel, taps, color):
    H = window_matrix(channel.taps, channel.samples_per_symbol, taps)
    return H, noise_matrix([1.0] if color is None else color, taps, N0)


def test_mmse_is_the_best_linear_estimate_at_every_delay(channel, color):
    H, N = dense(channel, 6, color)
    twins = [least_mean_square(H, N, ES, d) for d in range(H.shape[1])]
    for d, (error, w, _) in enumerate(twins):
        design = mmse(channel, n0=N0, taps=6, delay=d, es=ES, noise_correlation=color)
        assert_close(design.taps, w, c=100)
        assert design.mse == pytest.approx(error, rel=1e-11)
        assert design.sinr == pytest.approx(ES / error - 1, rel=1e-10)
        assert design.bias == pytest.approx(1 - error / ES, rel=1e-11)
    best = mmse(channel, n0=N0, taps=6, es=ES, noise_correlation=color)
    assert best.delay == np.argmin([error for error, *_ in twins])


@pytest.mark.parametrize("feedback", [0, 1, 3, 12])
def test_mmse_dfe_is_the_best_estimate_given_past_symbols(channel, color, feedback):
    H, N = dense(channel, 6, color)
    symbols = H.shape[1]
    known = [range(d + 1, min(d + 1 + feedback, symbols)) for d in range(symbols)]
    twins = [least_mean_square(H, N, ES, d, k) for d, k in enumerate(known)]
    for d, (error, w, weights) in enumerate(twins):
        design = mmse_dfe(channel, n0=N0, taps=6, feedback=feedback, delay=d, es=ES, noise_correlation=color)
        assert_close(design.taps, w, c=100)
        assert_close(design.feedback[: weights.size], -weights, c=200)
        assert not design.feedback[weights.size :].any()
        assert design.mse == pytest.approx(error, rel=1e-10)
        assert design.sinr == pytest.approx(ES / error - 1, rel=1e-10)
    best = mmse_dfe(channel, n0=N0, taps=6, feedback=feedback, es=ES, noise_correlation=color)
    assert best.delay == np.argmin([error for error, *_ in twins])


def test_detecting_one_after_the_other_keeps_all_information(channel):
    """Σ_d log₂(1 + SINR_d) = log₂ det(I + (Es/N0) HHᴴ) when all later delays are known."""
    H, _ = dense(channel, 6, None)
    rates = [
        np.log2(1 + mmse_dfe(channel, n0=N0, taps=6, feedback=20, delay=d, es=ES).sinr)
        for d in range(H.shape[1])
        if H[:, d].any()
    ]
    determinant = np.linalg.slogdet(np.eye(6) + ES / N0 * H @ H.conj().T)[1] / np.log(2)
    assert sum(rates) == pytest.approx(determinant, rel=1e-12)


def test_zero_forcing_leaves_no_interference_and_least_noise(rng, color):
    """At T/2 seven symbols are heard by ten taps: the constraint can be met."""
    channel = Channel(normal(rng, 5, complex_=True), samples_per_symbol=2)
    H, N = dense(channel, 10, color)
    powers = []
    for d in range(H.shape[1]):
        design = zero_forcing(channel, n0=N0, taps=10, delay=d, noise_correlation=color)
        twin = forced(H, N, d)
        assert_close(design.taps, twin, condition=np.linalg.cond(H))
        assert_close(design.cascade, np.eye(H.shape[1])[d], condition=np.linalg.cond(H))
        powers.append((twin @ N @ twin.conj()).real)
        assert design.mse == pytest.approx(powers[-1], rel=1e-9)
    assert zero_forcing(channel, n0=N0, taps=10, noise_correlation=color).delay == np.argmin(powers)


def test_zero_forcing_at_symbol_spacing_is_least_squares(rng):
    h = normal(rng, 4, complex_=True)
    H = window_matrix(h, 1, 7)
    design = zero_forcing(Channel(h), taps=7)
    residuals = [np.sum(np.abs(H.T @ np.linalg.pinv(H.T)[:, d] - np.eye(10)[d]) ** 2) for d in range(10)]
    assert design.delay == np.argmin(residuals)
    assert design.mse == pytest.approx(min(residuals), rel=1e-10)


def test_zf_dfe_leaves_no_interference_from_undecided_symbols(channel, color):
    """Feedback serves all later symbols, so the constraint can be met at any delay."""
    H, N = dense(channel, 6, color)
    delay = 2
    design = zf_dfe(channel, n0=N0, taps=6, feedback=20, delay=delay, noise_correlation=color)
    free = range(delay + 1, H.shape[1])
    twin = forced(H, N, delay, free)
    assert_close(design.taps, twin, condition=100)
    assert_close(design.feedback[: len(free)], (H.T @ twin)[delay + 1 :], condition=100)
    assert design.mse == pytest.approx((twin @ N @ twin.conj()).real, rel=1e-10)
    powers = [
        zf_dfe(channel, n0=N0, taps=6, feedback=20, delay=d, noise_correlation=color).mse
        for d in range(H.shape[1])
        if H[:, d].any()
    ]
    best = zf_dfe(channel, n0=N0, taps=6, feedback=20, noise_correlation=color)
    assert best.mse == pytest.approx(min(powers), rel=1e-9)


@pytest.mark.parametrize("design", [mmse, mmse_dfe, zero_forcing, zf_dfe])
@pytest.mark.parametrize("s", SPACINGS)
def test_more_taps_come_to_the_infinite_length(design, s, color):
    """With zeros well away from the unit circle; fractionally spaced by folding the spectrum."""
    h = {1: [1, 0.4 - 0.2j, 0.1j], 2: [0.3, 1, 0.4j, 0.2, -0.1], 3: [0.2, 0.7, 1, 0.5j, 0.1]}[s]
    channel = Channel(h, samples_per_symbol=s)
    more = {} if design in (mmse, zero_forcing) else {"feedback": 40}
    equalizer = design(channel, n0=0.05, taps=64, es=ES, noise_correlation=color, **more)
    assert equalizer.mse == pytest.approx(equalizer.infinite_length, rel=1e-6)
    assert equalizer.mse >= equalizer.infinite_length * (1 - 1e-9)


def test_real_symbols_meet_half_the_noise():
    """BPSK over real taps at N0 is the complex design at N0/2, in real arithmetic."""
    channel = Channel.proakis_a()
    for design in (mmse, zero_forcing, mmse_dfe, zf_dfe):
        real = design(channel, n0=0.2, taps=16, real_symbols=True)
        half = design(channel, n0=0.1, taps=16)
        assert real.taps.dtype == np.float64
        assert_close(real.taps, half.taps)
        assert real.mse == pytest.approx(half.mse)
        assert real.infinite_length == pytest.approx(half.infinite_length)


def test_real_symbols_in_a_design_for_complex_ones_are_warned_of():
    """There N0 counts twice; nothing is lost without noise, and complex taps leave no choice."""
    channel, bpsk, y = Channel([1, 0.5]), Constellation.pam(2), np.array([1.0, 0.5, -1.0])
    linear, feedback = (design(channel, n0=0.1, taps=4) for design in (mmse, mmse_dfe))
    for call in (
        lambda: linear.equalize(y),
        lambda: linear.unbiased().stream(y),
        lambda: feedback.equalize(y, bpsk),
        lambda: feedback.stream(y + 0j, bpsk),
    ):
        with pytest.warns(InputWarning, match=r"IDW012 .* Design with real_symbols=True"):
            call()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        linear.equalize(y + 0j)
        feedback.equalize(y + 0j, Constellation.qam(4))
        mmse(channel, n0=0.1, taps=4, real_symbols=True).equalize(y)
        mmse_dfe(channel, n0=0.1, taps=4, real_symbols=True).equalize(y, bpsk)
        zero_forcing(channel, taps=4).equalize(y)
        mmse_dfe(Channel([1, 0.5j]), n0=0.1, taps=4).equalize(y + 0j, bpsk)


def test_finite_dfe_on_the_reference_channels():
    """16 feedforward and 15 feedback taps at the best delay, real BPSK."""
    for channel, db, j in (
        (Channel.proakis_b(), 10, 0.10291),
        (Channel.proakis_b(), 12, 0.07320),
        (Channel.proakis_c(), 12, 0.13234),
    ):
        design = mmse_dfe(channel, n0=10 ** (-db / 10), taps=16, feedback=15, real_symbols=True)
        assert design.mse == pytest.approx(j, abs=5.1e-6)


def test_decided_feedback_errs_as_derived():
    """BPSK, one feedback tap, zero forcing: the rate with wrong decisions fed back is exact."""
    n0, rate, bpsk, bursts, n = 0.1, 8.8276e-4, Constellation.pam(2), 1500, 330
    channel = Channel(np.array([1, 0.9]) / np.sqrt(1.81))
    design = zf_dfe(channel, n0=n0, taps=1, feedback=1, delay=0, real_symbols=True)
    draw = np.random.default_rng(7)
    bits = draw.integers(0, 2, (bursts, n))
    received = channel.transmit(bpsk.modulate(bits), n0=n0, rng=draw, boundary="burst")
    decided = bpsk.bits(design.equalize(received, bpsk)[:, :n])
    inner = np.s_[:, 40:-20]  # the ends of a burst hear less interference
    rates = np.mean(decided[inner] != bits[inner], axis=1)
    # Bursts of symbols are independent: their spread is honest about bursts of errors.
    assert np.mean(rates) == pytest.approx(rate, abs=4 * np.std(rates) / np.sqrt(bursts) + 0.01 * rate)


def test_unbiased_passes_the_symbol_with_gain_one(channel):
    for design in (mmse, mmse_dfe):
        biased = design(channel, n0=N0, taps=6)
        plain = biased.unbiased()
        assert plain.bias == pytest.approx(1)
        assert plain.sinr == pytest.approx(biased.sinr)
        assert plain.mse == pytest.approx(1 / biased.sinr)
        assert plain.mse > biased.mse
        assert_close(plain.taps * biased.bias, biased.taps)
        if design is mmse_dfe:
            assert_close(plain.feedback * biased.bias, biased.feedback)


def test_mean_square_error_is_what_happens(channel, color):
    """A long burst through `transmit`, colored by a moving average of the same correlation."""
    n, qpsk = 40_000, Constellation.qam(4, es=ES)
    draw = np.random.default_rng(3)
    symbols = qpsk.points[draw.integers(0, 4, n)]
    clean = channel.transmit(symbols, n0=0, boundary="burst")
    ma = np.ones(1) if color is None else MA
    white = np.sqrt(N0 / 2) * (draw.standard_normal((2, clean.size)) * [[1], [1j]]).sum(0)
    received = clean + np.convolve(white, ma)[: clean.size]
    for design in (mmse, zero_forcing):
        equalizer = design(channel, n0=N0, taps=8, es=ES, noise_correlation=color)
        error = np.mean(np.abs(equalizer.equalize(received)[:n] - symbols) ** 2)
        assert error == pytest.approx(equalizer.mse, rel=0.05)


def test_equalizing_is_filtering(rng):
    """Entry k of the output is Σ w[j] y[s(k + d) − j], silence outside."""
    for s, m in ((1, 12), (2, 13), (3, 17)):
        channel = Channel(normal(rng, 4, complex_=True), samples_per_symbol=s)
        equalizer = mmse(channel, n0=0.1, taps=5)
        y = normal(rng, m, complex_=True)
        expected = [
            sum(
                equalizer.taps[j] * y[s * (k + equalizer.delay) - j]
                for j in range(5)
                if 0 <= s * (k + equalizer.delay) - j < m
            )
            for k in range(-(-m // s))
        ]
        assert_close(equalizer.equalize(y), np.array(expected))


def test_decision_feedback_is_the_loop(rng):
    qam = Constellation.qam(16)
    channel = Channel(normal(rng, 4, complex_=True))
    for design in (mmse_dfe(channel, n0=0.3, taps=6), zf_dfe(channel, n0=0.01, taps=6, feedback=2)):
        for equalizer in (design, design.unbiased()):
            symbols = qam.points[rng.integers(0, 16, (2, 30))]
            received = channel.transmit(symbols, n0=0.01, rng=1, boundary="burst")
            got = equalizer.equalize(received, qam)
            for row, y in zip(got, received, strict=True):
                twin = decision_feedback_loop(
                    y, equalizer.taps, equalizer.feedback, equalizer.delay, qam.points, equalizer.bias
                )
                assert_close(row, twin, c=20)


@pytest.mark.parametrize("s", [1, 2])
def test_chunks_are_the_whole(s, rng):
    """Also chunks shorter than the filter, two rows at once."""
    channel = Channel(normal(rng, 5, complex_=True), samples_per_symbol=s)
    qpsk = Constellation.qam(4)
    y = normal(rng, (2, 40 * s), complex_=True)
    cuts = np.cumsum([0, 1, 2, 20, 3, 14]) * s
    linear, feedback = mmse(channel, n0=0.1, taps=7), mmse_dfe(channel, n0=0.1, taps=7, feedback=3)
    assert min(linear.delay, feedback.delay) >= 1
    for equalizer, alphabet in ((linear, ()), (feedback, (qpsk,))):
        whole, _ = equalizer.stream(y, *alphabet)
        pieces, state = [], None
        for first, last in itertools.pairwise(cuts):
            piece, state = equalizer.stream(y[:, first:last], *alphabet, state)
            pieces.append(piece)
        assert whole.shape == (2, 40 - equalizer.delay)
        assert_close(np.concatenate(pieces, axis=1), whole, c=20)
        assert_close(equalizer.equalize(y, *alphabet)[:, : whole.shape[1]], whole, c=20)


def test_precision_and_namespace_follow_the_data(rng):
    channel = Channel(normal(rng, 4, complex_=True))
    linear, feedback = mmse(channel, n0=0.1, taps=7), mmse_dfe(channel, n0=0.1, taps=7)
    y = normal(rng, (2, 30), complex_=True)
    single = linear.equalize(y.astype(np.complex64))
    assert single.dtype == np.complex64
    assert_close(single, linear.equalize(y), size=100)
    assert feedback.equalize(y.astype(np.complex64), Constellation.qam(4)).dtype == np.complex64
    there = linear.equalize(strict.asarray(y))
    assert_close(np.asarray(there), linear.equalize(y))
    assert_close(np.asarray(linear.stream(strict.asarray(y))[0]), linear.stream(y)[0])


def test_matched_filter_of_the_pulse_is_the_adjoint_of_shaping(rng):
    """Root raised cosine out and in: no interference, white noise of N0, at any oversampling."""
    for s in (2, 4):
        pulse = root_raised_cosine(np.arange(-20 * s, 20 * s + 1) / s, 0.3) / np.sqrt(s)
        shaping = Channel(pulse, samples_per_symbol=s).operator(50, boundary="burst")
        a = normal(rng, 50, complex_=True)
        np.testing.assert_allclose(shaping.H(shaping(a)), a, atol=5e-3)
        correlation = shaping.H(shaping(np.eye(50)[0]))
        np.testing.assert_allclose(correlation, np.eye(50)[0], atol=5e-4)


@pytest.mark.parametrize("beta", [0.0, 0.2, 0.25, 0.5, 1.0])
def test_pulses(beta):
    """Closed forms away from the removable singularities, and continuity at t = 0, 1/4β, 1/2β."""
    t = np.array([-1.3, -0.37, 0.11, 0.93, 2.77])
    x = 4 * beta * t
    root = np.sin(np.pi * (1 - beta) * t) + x * np.cos(np.pi * (1 + beta) * t)
    np.testing.assert_allclose(root_raised_cosine(t, beta), root / (np.pi * t * (1 - x**2)), atol=1e-14)
    full = np.sinc(t) * np.cos(np.pi * beta * t) / (1 - (2 * beta * t) ** 2)
    np.testing.assert_allclose(raised_cosine(t, beta), full, atol=1e-14)
    assert root_raised_cosine([0.0], beta)[0] == pytest.approx(1 - beta + 4 * beta / np.pi)
    assert raised_cosine([0.0], beta)[0] == 1
    if beta:
        quarter = 1 / (4 * beta)
        limit = (
            beta
            / np.sqrt(2)
            * ((1 + 2 / np.pi) * np.sin(np.pi * quarter) + (1 - 2 / np.pi) * np.cos(np.pi * quarter))
        )
        assert root_raised_cosine([quarter, -quarter], beta) == pytest.approx([limit, limit])
        near = quarter * (1 + np.array([-1e-9, 1e-9]))
        assert root_raised_cosine(near, beta) == pytest.approx([limit, limit], rel=1e-7)
        assert raised_cosine([1 / (2 * beta)], beta)[0] == pytest.approx(np.pi / 4 * np.sinc(1 / (2 * beta)))
    # ∫p² = 1, and p * p is the raised cosine
    fine = np.arange(-400, 400, 0.125)
    p = root_raised_cosine(fine, beta)
    if beta >= 0.2:
        assert np.sum(p**2) / 8 == pytest.approx(1, abs=1e-6)
        for tau in (0.5, 1.0, 1.625):
            shifted = root_raised_cosine(fine + tau, beta)
            assert np.sum(p * shifted) / 8 == pytest.approx(raised_cosine([tau], beta)[0], abs=1e-6)


def test_theory_agrees_with_both_ends_of_the_story():
    """Matched filter, zero forcing, MMSE and feedback in their order, on the hardest channel."""
    channel, n0 = Channel.proakis_c(), 0.01
    errors = [f(channel, n0=n0) for f in (theory.mmse_dfe, theory.zf_dfe, theory.mmse_linear)]
    assert 1 / theory.matched_filter_bound(channel, n0=n0) < errors[0] < errors[1] < errors[2] < 1
    assert theory.zf_linear(channel, n0=n0) > 200


@pytest.mark.parametrize("s", [1, 2])
def test_without_noise_mmse_is_zero_forcing(s, rng):
    """n0 = 0 is the limit, delay included: of the delays that leave nothing, the one of least noise."""
    channel = Channel(normal(rng, 5, complex_=True), samples_per_symbol=s)
    for minimum, forcing in ((mmse, zero_forcing), (mmse_dfe, zf_dfe)):
        exact, near, forced_ = (
            minimum(channel, n0=0, taps=9),
            minimum(channel, n0=1e-11, taps=9),
            forcing(channel, taps=9),
        )
        assert exact.delay == near.delay == forced_.delay
        assert_close(exact.taps, forced_.taps)
        np.testing.assert_allclose(exact.taps, near.taps, atol=1e-6)
        assert exact.infinite_length == 0


@pytest.mark.parametrize("real", [True, False])
def test_n0_of_the_output_is_what_soft_decisions_take(real, rng):
    """Without interference it is that of the channel, for real noise and complex; then LLRs are exact."""
    n0, alphabet = 0.3, Constellation.pam(2) if real else Constellation.qam(4)
    design = mmse(Channel([0.5]), n0=0.25 * n0, taps=1, real_symbols=real)
    assert design.output_n0 == pytest.approx(n0)
    assert zf_dfe(Channel([0.5]), n0=0.25 * n0, taps=1, real_symbols=real).output_n0 == pytest.approx(n0)
    # Of bits whose LLR is Λ the share 1/(1 + exp |Λ|) is wrong.
    bits = rng.integers(0, 2, 40_000)
    received = Channel([0.5]).transmit(alphabet.modulate(bits), n0=0.25 * n0, rng=rng, boundary="burst")
    llr = alphabet.llr(design.unbiased().equalize(received), n0=design.output_n0)
    wrong = (llr < 0) != bits
    chance = 1 / (1 + np.exp(np.abs(llr)))
    spread = np.sqrt(np.mean(chance * (1 - chance)) / bits.size)
    assert np.mean(wrong) == pytest.approx(np.mean(chance), abs=4 * spread)
