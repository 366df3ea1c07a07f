"""A modem at work: the eye before and after an equalizer, and error rates beside their theory."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtr

from invdeconv.equalization import (
    Channel,
    Constellation,
    ErrorRate,
    error_rate,
    mlse,
    mmse,
    mmse_dfe,
    n0_from_ebn0_db,
    root_raised_cosine,
    theory,
    zero_forcing,
)
from invdeconv.report._chart import Axis, Chart, Series

__all__ = ["EYE", "RATES", "error_rates", "eyes"]

EYE = {"symbols": 600, "ebn0_db": 20.0, "taps": 31, "rolloff": 0.5, "seed": 0}
RATES = {"ebn0_db": 10.0, "taps": 31, "forward": 16, "feedback": 15, "blocks": 32, "rows": 60, "seed": 0}
_SAMPLES, _REACH, _TRACES = 8, 8, 80
_LENGTH, _MARGIN = 200, 40
_BPSK = Constellation.pam(2)


def eyes() -> tuple[dict[str, Any], dict[str, Chart]]:
    """Return how far the eye of channel A opens, and its pictures."""
    channel, n0 = Channel.proakis_a(), n0_from_ebn0_db(EYE["ebn0_db"])
    draw = np.random.default_rng(int(EYE["seed"]))
    symbols = np.asarray(_BPSK.modulate(draw.integers(0, 2, int(EYE["symbols"]))))
    idle = np.eye(1, _SAMPLES)[0]
    times = np.arange(-_REACH * _SAMPLES, _REACH * _SAMPLES + 1) / _SAMPLES
    pulse = root_raised_cosine(times, EYE["rolloff"]) / math.sqrt(_SAMPLES)
    sent = np.convolve(np.convolve(np.kron(symbols, idle), np.kron(channel.taps, idle)), pulse)
    # Behind the matched pulse of unit energy the noise is again N0/2 per real sample.
    noise = math.sqrt(n0 / 2) * draw.standard_normal(sent.size)
    received = np.convolve(sent + noise, pulse)
    design = mmse(channel, n0=n0, taps=int(EYE["taps"]), real_symbols=True).unbiased()
    equalized = np.convolve(received, np.kron(design.taps, idle))
    # The strongest tap decides without an equalizer, the design's delay with one.
    main = int(np.argmax(np.abs(channel.taps)))
    views = {"before": (received / channel.taps[main], main), "after": (equalized, design.delay)}
    numbers: dict[str, Any] = dict(EYE)
    charts = {}
    for name, (samples, delay) in views.items():
        first = (2 * _REACH + delay) * _SAMPLES
        decisions = samples[first::_SAMPLES][: symbols.size] * symbols
        numbers[name] = {"worst": float(decisions.min()), "wrong": int(np.sum(decisions < 0))}
        start = first + (40 - 1) * _SAMPLES  # behind the start of the burst
        windows = np.lib.stride_tricks.sliding_window_view(samples, 2 * _SAMPLES + 1)
        charts[name] = Chart(
            Axis("axis.periods", -1, 1),
            Axis("axis.amplitude", -3, 3),
            [
                Series(
                    f"modem.eye.{name}",
                    np.arange(-_SAMPLES, _SAMPLES + 1) / _SAMPLES,
                    windows[start::_SAMPLES][:_TRACES],
                    "traces",
                    1 if name == "before" else 3,
                )
            ],
        )
    return numbers, charts


def error_rates() -> tuple[dict[str, Any], Chart]:
    """Return rates on channel B: what theory says at one Eb/N0 beside simulation, and curves."""
    channel = Channel.proakis_b()
    at = RATES["ebn0_db"]
    expected, found = _expected(channel, at), _simulated(channel, at)
    rows = {
        name: {"theory": expected[name], **(_interval(found[name]) if name in found else {})}
        for name in ("alone", "sequence", "feedback", "linear", "forcing")
    }
    decibels = np.arange(4, 15)
    curves = [_expected(channel, float(db)) for db in decibels]
    lines = [
        Series(f"modem.rates.{name}", decibels, [rates[name] for rates in curves], kind, color)
        for name, kind, color in (
            ("forcing", "dashed", 2),
            ("linear", "line", 2),
            ("feedback", "dashed", 3),
            ("sequence", "line", 1),
            ("alone", "dashed", 1),
        )
    ]
    measured = {db: found if db == at else _simulated(channel, db) for db in (4.0, 6.0, 8.0, at)}
    bars = [
        Series(
            f"modem.rates.{name}_simulated",
            list(measured),
            np.array([[r[name].low, r[name].rate, r[name].high] for r in measured.values()]).T,
            "bars",
            color,
        )
        for name, color in (("linear", 2), ("feedback", 3), ("sequence", 1))
    ]
    chart = Chart(Axis("axis.ebn0", 3.5, 14), Axis("axis.error_rate", 1e-6, 1, log=True), [*lines, *bars])
    bits = int(RATES["blocks"] * RATES["rows"]) * (_LENGTH - 2 * _MARGIN)
    spread = rows["feedback"]["rate"] / rows["feedback"]["theory"]
    return RATES | {"bits": bits, "detectors": rows, "spread": spread}, chart


def _expected(channel: Channel, ebn0_db: float) -> dict[str, float]:
    n0 = n0_from_ebn0_db(ebn0_db)
    linear, feedback = _designs(channel, n0)
    forcing = zero_forcing(channel, n0=n0, taps=int(RATES["taps"]), real_symbols=True)
    alone = theory.matched_filter_bound(channel, n0=n0, real_symbols=True)
    return {
        "alone": float(ndtr(-math.sqrt(alone))),
        "sequence": theory.mlse_union_bound(channel, n0=n0),
        "feedback": theory.linear_bit_error_rate(feedback),
        "linear": theory.linear_bit_error_rate(linear),
        "forcing": theory.linear_bit_error_rate(forcing),
    }


def _simulated(channel: Channel, ebn0_db: float) -> dict[str, ErrorRate]:
    n0 = n0_from_ebn0_db(ebn0_db)
    linear, feedback = _designs(channel, n0)

    def rate(detect: Callable[[np.ndarray], Any]) -> ErrorRate:
        def block(rng: np.random.Generator) -> np.ndarray:
            bits = rng.integers(0, 2, (int(RATES["rows"]), _LENGTH))
            received = channel.transmit(_BPSK.modulate(bits), n0=n0, rng=rng, boundary="burst")
            decided = _BPSK.bits(detect(np.asarray(received))[:, :_LENGTH])
            return np.asarray(decided != bits)[:, _MARGIN:-_MARGIN]  # away from the silence at the ends

        count = int(RATES["blocks"])
        # As many blocks everywhere: no simulation stops for having seen enough.
        return error_rate(block, min_events=1 << 30, max_blocks=count, rng=int(RATES["seed"]))

    return {
        "linear": rate(linear.equalize),
        "feedback": rate(lambda received: feedback.equalize(received, _BPSK)),
        "sequence": rate(lambda received: mlse(received, channel, _BPSK, before=0, after=0).symbols),
    }


def _designs(channel: Channel, n0: float) -> tuple[Any, Any]:
    forward, back = int(RATES["forward"]), int(RATES["feedback"])
    return (
        mmse(channel, n0=n0, taps=int(RATES["taps"]), real_symbols=True),
        mmse_dfe(channel, n0=n0, taps=forward, feedback=back, real_symbols=True),
    )


def _interval(found: ErrorRate) -> dict[str, float]:
    return {"rate": found.rate, "low": found.low, "high": found.high}
