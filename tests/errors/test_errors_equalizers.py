"""Channels, constellations, designs and theory: (call, message). Each is an InvalidInputError."""

from __future__ import annotations

import re

import array_api_strict as strict
import numpy as np
import pytest

from invdeconv.equalization import (
    Channel,
    Constellation,
    CyclicPrefix,
    estimate_channel,
    mmse,
    mmse_dfe,
    ofdm_demodulate,
    ofdm_modulate,
    raised_cosine,
    root_raised_cosine,
    theory,
    zero_forcing,
    zf_dfe,
)
from invdeconv.errors import InvalidInputError

H = Channel([1.0, 0.5])
COMPLEX = Channel([1.0, 0.5j])
HALF = Channel([0.5, 1.0, 0.2], samples_per_symbol=2)
QPSK, BPSK = Constellation.qam(4), Constellation.pam(2)
LINEAR, FEEDBACK = mmse(H, n0=0.1, taps=4), mmse_dfe(H, n0=0.1, taps=4)
REAL = mmse(H, n0=0.1, taps=4, real_symbols=True)
REAL_FEEDBACK = mmse_dfe(H, n0=0.1, taps=4, real_symbols=True)
FRACTIONAL = mmse(HALF, n0=0.1, taps=4)
STATE = LINEAR.stream(np.ones(6, complex))[1]
PREFIX = CyclicPrefix(4, 1)
ROOM = {"rate_hz": 8000.0, "carrier_hz": 2000.0, "symbol_rate_hz": 1000.0, "taps": 4}
LONG = Channel(np.ones(9))

CASES = [
    (
        lambda: Channel([1.0], samples_per_symbol=0),
        "Channel: samples_per_symbol must be an integer >= 1; got 0.",
    ),
    (
        lambda: Channel.proakis_a(unit_energy=1),
        "Channel.proakis_a: unit_energy must be True or False; got 1.",
    ),
    (lambda: Channel.raised_cosine(0), "Channel.raised_cosine: w must be a finite number > 0; got 0."),
    (lambda: Channel.rayleigh([0.0]), "Channel.rayleigh: profile must not be all zeros"),
    (lambda: Channel.rayleigh([1.0, -1.0]), "Channel.rayleigh: profile must be 1-D, real and >= 0"),
    (lambda: Channel.rayleigh([1.0], rng="x"), "Channel.rayleigh: rng must be a seed"),
    (lambda: Channel.from_response([1j], **ROOM), "Channel.from_response: response must be a real 1-D array"),
    (lambda: Channel.from_response([0.0], **ROOM), "Channel.from_response: response must not be all zeros"),
    (
        lambda: Channel.from_response([1.0], **ROOM | {"rate_hz": 0}),
        "rate_hz must be a finite number > 0; got 0.",
    ),
    (lambda: Channel.from_response([1.0], **ROOM | {"taps": 0}), "taps must be an integer >= 1; got 0."),
    (
        lambda: Channel.from_response([1.0], **ROOM | {"carrier_hz": 3900}),
        "Channel.from_response: carrier_hz must leave the band ±625 Hz between 0 and 4000 Hz; got 3900.",
    ),
    (lambda: Channel.from_response([1.0], **ROOM, rolloff=2), "rolloff must be at most 1; got 2.0."),
    (
        lambda: Channel.from_response([1.0], **ROOM, samples_per_symbol=0),
        "samples_per_symbol must be an integer",
    ),
    (
        lambda: Channel.from_response([1.0], **ROOM, unit_energy=0),
        "unit_energy must be True or False; got 0.",
    ),
    (lambda: H.operator("x"), "Channel.operator: n must be a tuple of integers; got 'x'."),
    (lambda: raised_cosine([1j], 0.5), "raised_cosine: times must be real; got complex128."),
    (
        lambda: root_raised_cosine([0.0], -1),
        "root_raised_cosine: rolloff must be a finite number >= 0; got -1.",
    ),
    (lambda: root_raised_cosine([0.0], 1.5), "root_raised_cosine: rolloff must be at most 1; got 1.5."),
    (
        lambda: Constellation([1.0, 2.0, 3.0]),
        "Constellation: points must be 1-D, 2, 4, 8, … of them; got shape (3,).",
    ),
    (lambda: Constellation([1.0, 1.0]), "Constellation: points must be distinct"),
    (lambda: Constellation([1.0, np.nan]), "Constellation: points must be finite"),
    (lambda: Constellation.pam(3), "Constellation.pam: order must be a power of two; got 3."),
    (lambda: Constellation.psk(4.0), "Constellation.psk: order must be an integer >= 2; got 4.0."),
    (lambda: Constellation.qam(8), "Constellation.qam: order must be 4, 16, 64, …; got 8."),
    (lambda: Constellation.qam(4, es=0), "Constellation.qam: es must be a finite number > 0; got 0."),
    (lambda: Constellation.pam(4, es=0), "Constellation.pam: es must be a finite number > 0; got 0."),
    (lambda: Constellation.psk(4, es=0), "Constellation.psk: es must be a finite number > 0; got 0."),
    (
        lambda: Constellation.psk(4, phase=np.nan),
        "Constellation.psk: phase must be a finite number; got nan.",
    ),
    (lambda: QPSK.modulate([0, 1, 2, 0]), "Constellation.modulate: bits must hold only 0 and 1; got 2.0."),
    (
        lambda: QPSK.modulate([0, 1, 1]),
        "Constellation.modulate: bits must have a multiple of 2 along the last axis; got 3.",
    ),
    (
        lambda: QPSK.labels([0.3]),
        "Constellation.labels: symbols must lie in the alphabet of 4 points; got 0.3.",
    ),
    (lambda: QPSK.decide([np.nan]), "Constellation.decide: samples must be finite"),
    (lambda: QPSK.bits([]), "Constellation.bits: samples must not be empty"),
    (lambda: QPSK.llr([1.0], n0=0), "Constellation.llr: n0 must be a finite number > 0; got 0."),
    (
        lambda: QPSK.llr([1.0], n0=1, method="min"),
        "Constellation.llr: method must be one of exact, max-log; got 'min'.",
    ),
    (lambda: mmse([1.0], n0=1, taps=3), "mmse: channel must be a Channel; got list."),
    (lambda: mmse(H, n0=-1, taps=3), "mmse: n0 must be a finite number >= 0; got -1."),
    (lambda: mmse(H, n0=1, taps=0), "mmse: taps must be an integer >= 1; got 0."),
    (lambda: mmse(H, n0=1, taps=3, es=0), "mmse: es must be a finite number > 0; got 0."),
    (lambda: mmse(H, n0=1, taps=3, delay=-1), "mmse: delay must be an integer >= 0; got -1."),
    (lambda: mmse(H, n0=1, taps=3, delay=4), "mmse: delay must lie from 0 to 3; got 4."),
    (lambda: mmse(Channel([0.0, 1.0]), n0=1, taps=2, delay=0), "mmse: delay must lie from 1 to 2; got 0."),
    (lambda: zero_forcing(H, taps=3, delay=9), "zero_forcing: delay must lie from 0 to 3; got 9."),
    (lambda: mmse_dfe(H, n0=1, taps=3, delay=9), "mmse_dfe: delay must lie from 0 to 3; got 9."),
    (lambda: zf_dfe(H, taps=3, delay=9), "zf_dfe: delay must lie from 0 to 3; got 9."),
    (lambda: mmse_dfe(H, n0=1, taps=3, feedback=-1), "mmse_dfe: feedback must be an integer >= 0; got -1."),
    (lambda: zf_dfe(H, taps=3, feedback=1.5), "zf_dfe: feedback must be an integer >= 0; got 1.5."),
    (lambda: mmse(H, n0=1, taps=3, real_symbols=1), "mmse: real_symbols must be True or False; got 1."),
    (
        lambda: mmse(COMPLEX, n0=1, taps=3, real_symbols=True),
        "mmse: channel must have real taps for real symbols; got complex taps.",
    ),
    (
        lambda: mmse(H, n0=1, taps=3, noise_correlation=[2.0, 1.0]),
        "mmse: noise_correlation must be 1-D and start with 1; got 2, shape (2,).",
    ),
    (
        lambda: mmse(H, n0=1, taps=3, noise_correlation=[1.0, 0.9]),
        "mmse: noise_correlation must have a spectrum >= 0; got -0.8.",
    ),
    (
        lambda: mmse(H, n0=1, taps=3, real_symbols=True, noise_correlation=[1.0, 0.1j]),
        "mmse: noise_correlation must be real for real symbols; got complex128.",
    ),
    (lambda: LINEAR.equalize([]), "LinearEqualizer.equalize: received must not be empty"),
    (lambda: LINEAR.equalize([np.nan]), "LinearEqualizer.equalize: received must be finite"),
    (
        lambda: REAL.equalize([1j, 2.0]),
        "received must be real, as the symbols of the design; got complex128.",
    ),
    (
        lambda: FRACTIONAL.stream(np.ones(5, complex)),
        "LinearEqualizer.stream: received must hold whole symbols of 2 samples; got 5.",
    ),
    (
        lambda: LINEAR.stream(np.ones((2, 5), complex), STATE),
        "LinearEqualizer.stream: state must fit received (2, 5); got history of shape (3,).",
    ),
    (lambda: FEEDBACK.equalize(np.ones(5), [1, -1]), "constellation must be a Constellation; got list."),
    (
        lambda: FEEDBACK.equalize(np.ones(5), Constellation.qam(4, es=2.0)),
        "DecisionFeedbackEqualizer.equalize: constellation must have the energy 1 of the design; got 2.",
    ),
    (
        lambda: REAL_FEEDBACK.equalize(np.ones(5), QPSK),
        "constellation must be real, as the symbols of the design",
    ),
    (lambda: REAL_FEEDBACK.equalize([1j], BPSK), "received must be real, as the symbols of the design"),
    (lambda: REAL_FEEDBACK.equalize(strict.ones(5), BPSK), "received must be a NumPy array; got Array."),
    (
        lambda: REAL_FEEDBACK.stream(np.ones(5), BPSK, STATE),
        "DecisionFeedbackEqualizer.stream: state must come from this equalizer; got FilterState.",
    ),
    (
        lambda: estimate_channel(np.ones((2, 9)), np.ones(9), 2),
        "estimate_channel: received must be 1-D; got shape (2, 9).",
    ),
    (
        lambda: estimate_channel(np.ones(9), np.ones((2, 9)), 2),
        "estimate_channel: preamble must be 1-D; got shape (2, 9).",
    ),
    (
        lambda: estimate_channel(np.ones(9), np.ones(9), 0),
        "estimate_channel: length must be an integer >= 1; got 0.",
    ),
    (
        lambda: estimate_channel(np.ones(9), np.ones(9), 2, n0=-1),
        "estimate_channel: n0 must be a finite number >= 0",
    ),
    (
        lambda: estimate_channel(np.ones(9), np.ones(4), 3),
        "preamble must have at least 6 symbols for 3 taps; got 4.",
    ),
    (
        lambda: estimate_channel(np.ones(9), np.ones(4), 3, n0=1),
        "preamble must have at least 5 symbols for 3 taps; got 4.",
    ),
    (
        lambda: estimate_channel(np.ones(9), np.ones(4), 3, samples_per_symbol=0),
        "estimate_channel: samples_per_symbol must be an integer >= 1; got 0.",
    ),
    (
        lambda: estimate_channel(np.ones(5), np.ones(9), 2),
        "received must hold the preamble, 9 samples; got 5.",
    ),
    (
        lambda: estimate_channel(np.ones(9), np.ones(9), 2),
        "preamble must tell 2 taps apart; got dependent shifts.",
    ),
    (lambda: CyclicPrefix(0, 0), "CyclicPrefix: size must be an integer >= 1; got 0."),
    (lambda: CyclicPrefix(4, -1), "CyclicPrefix: length must be an integer >= 0; got -1."),
    (lambda: CyclicPrefix(4, 5), "CyclicPrefix: length must be at most size (4); got 5."),
    (
        lambda: PREFIX.insert(np.ones(4)),
        "CyclicPrefix.insert: blocks must have shape (…, blocks, 4); got shape (4,).",
    ),
    (
        lambda: PREFIX.insert(np.ones((2, 5))),
        "CyclicPrefix.insert: blocks must have shape (…, blocks, 4); got shape (2, 5).",
    ),
    (
        lambda: PREFIX.remove(np.ones(4), H),
        "CyclicPrefix.remove: received must hold a block of 5 samples; got 4.",
    ),
    (lambda: PREFIX.remove(np.ones(5), [1.0]), "CyclicPrefix.remove: channel must be a Channel; got list."),
    (lambda: ofdm_modulate([np.inf]), "ofdm_modulate: symbols must be finite"),
    (lambda: ofdm_demodulate([np.inf], H), "ofdm_demodulate: blocks must be finite"),
    (lambda: ofdm_demodulate([1.0], [1.0]), "ofdm_demodulate: channel must be a Channel; got list."),
    (
        lambda: ofdm_demodulate([1.0], HALF),
        "ofdm_demodulate: channel must have one sample per symbol; got 2.",
    ),
    (lambda: ofdm_demodulate([1.0], H, n0=-1), "ofdm_demodulate: n0 must be a finite number >= 0; got -1."),
    (lambda: ofdm_demodulate([1.0], H, es=0), "ofdm_demodulate: es must be a finite number > 0; got 0."),
    (lambda: theory.mmse_linear([1.0], n0=1), "theory.mmse_linear: channel must be a Channel; got list."),
    (lambda: theory.zf_linear(H, n0=-1), "theory.zf_linear: n0 must be a finite number >= 0; got -1."),
    (
        lambda: theory.mmse_dfe(COMPLEX, n0=1, real_symbols=True),
        "theory.mmse_dfe: channel must have real taps",
    ),
    (
        lambda: theory.zf_dfe(H, n0=1, noise_correlation=[1, 2]),
        "theory.zf_dfe: noise_correlation must have a spectrum >= 0",
    ),
    (
        lambda: theory.matched_filter_bound(H, n0=0),
        "theory.matched_filter_bound: n0 must be positive; got 0.",
    ),
    (lambda: theory.gaussian_rate(H, n0=0), "theory.gaussian_rate: n0 must be positive; got 0."),
    (
        lambda: theory.minimum_distance_loss_db([1.0]),
        "theory.minimum_distance_loss_db: channel must be a Channel",
    ),
    (lambda: theory.minimum_distance_loss_db(H, [1, -1]), "constellation must be a Constellation; got list."),
    (
        lambda: theory.mlse_union_bound(H, n0=0),
        "theory.mlse_union_bound: n0 must be a finite number > 0; got 0.",
    ),
    (
        lambda: theory.mlse_union_bound(LONG, n0=1),
        "theory.mlse_union_bound: channel must hear at most 7 symbols back; got 8.",
    ),
    (
        lambda: theory.dfe_bit_error_rate(LONG, n0=1),
        "theory.dfe_bit_error_rate: channel must hear at most 6 symbols back; got 8.",
    ),
    (
        lambda: theory.dfe_bit_error_rate(HALF, n0=1),
        "theory.dfe_bit_error_rate: channel must have one sample per symbol; got 2.",
    ),
    (
        lambda: theory.dfe_bit_error_rate(H, n0=0),
        "theory.dfe_bit_error_rate: n0 must be a finite number > 0; got 0.",
    ),
    (
        lambda: theory.linear_bit_error_rate(H),
        "theory.linear_bit_error_rate: equalizer must be a designed equalizer; got Channel.",
    ),
    (
        lambda: theory.linear_bit_error_rate(zero_forcing(H, taps=3)),
        "equalizer must have noise in its output; got 0.0.",
    ),
    (lambda: theory.block_mmse(H, 0, n0=1), "theory.block_mmse: n must be an integer >= 1; got 0."),
    (lambda: theory.block_zf(H, 4, n0=-1), "theory.block_zf: n0 must be a finite number >= 0; got -1."),
    (
        lambda: theory.rayleigh_bit_error_rate(np.nan),
        "theory.rayleigh_bit_error_rate: ebn0_db must be a finite number; got nan.",
    ),
    (lambda: theory.rayleigh_bit_error_rate(3, branches=0), "branches must be an integer >= 1; got 0."),
    (lambda: theory.estimate_least_squares(5, 4, n0=1), "length must be at most pilots (4); got 5."),
    (lambda: theory.estimate_least_squares(5, 0, n0=1), "pilots must be an integer >= 1; got 0."),
    (
        lambda: theory.estimate_lmmse([-1.0], 4, n0=1),
        "theory.estimate_lmmse: profile must be 1-D, real and >= 0",
    ),
    (
        lambda: theory.lms_misadjustment(0.5, 8),
        "theory.lms_misadjustment: step must be below 0.222222; got 0.5.",
    ),
    (
        lambda: theory.lms_misadjustment(0.1, 8, real=1),
        "theory.lms_misadjustment: real must be True or False; got 1.",
    ),
    (
        lambda: theory.dispersion_constant([1, -1]),
        "theory.dispersion_constant: constellation must be a Constellation; got list.",
    ),
]


@pytest.mark.parametrize(("call", "message"), CASES, ids=[message[:70] for _, message in CASES])
def test_one_clear_error(call, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)) as caught:
        call()
    # … and what to do: a sentence after the value.
    assert re.search(r"; got .*\. [A-Z].*\.$", str(caught.value), re.DOTALL)


def test_a_search_that_would_not_end(monkeypatch):
    monkeypatch.setattr("invdeconv.equalization.theory._minimum_distance._MOST", 10)
    with pytest.raises(InvalidInputError, match="channel must have at most 10 near error states; got more"):
        theory.minimum_distance_loss_db(Channel.proakis_a())
