"""The three gaps in a modem, and a null of its channel under zero forcing and MMSE."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from invdeconv.equalization import Channel, Constellation, bit_error_rate, mlse, n0_from_ebn0_db, theory
from invdeconv.metrics import best_scaled_error, relative_error
from invdeconv.report._chart import Axis, Chart, Series
from invdeconv.report._sections._modem_signals import error_rates, eyes
from invdeconv.report._sections._section import Section, decomposed
from invdeconv.restoration import adjoint, pseudo_inverse, wiener

__all__ = ["GAPS", "NULL", "modem"]

GAPS = {"symbols": 64, "blocks": 200, "ebn0_db": 12.0, "seed": 0}
NULL = {"esn0_db": 20.0}
_BPSK = Constellation.pam(2)


def modem() -> Section:
    """Return the gaps, the null, the eyes and the error rates."""
    null, spectra = _null()
    eye, eye_charts = eyes()
    rates, rate_chart = error_rates()
    numbers = {"gaps": _gaps(), "null": null, "eye": eye, "rates": rates}
    return Section(numbers, {"null": spectra, "eyes": eye_charts, "rates": rate_chart})


def _gaps() -> dict[str, Any]:
    """Send blocks with a cyclic prefix through EPR4, which hears nothing at 0 and at half the symbol rate."""
    channel, n0 = Channel.epr4(), n0_from_ebn0_db(GAPS["ebn0_db"])
    draw = np.random.default_rng(int(GAPS["seed"]))
    n, known = int(GAPS["symbols"]), channel.taps.size - 1
    bits = draw.integers(0, 2, (int(GAPS["blocks"]), n))
    x = np.asarray(_BPSK.modulate(bits))
    C = channel.operator(x.shape)
    data = {"clean": C(x), "noisy": np.asarray(channel.transmit(x, n0=n0, rng=draw, boundary="periodic"))}
    receivers: dict[str, dict[str, Any]] = {
        name: {} for name in ("adjoint", "scaled", "pseudo_inverse", "wiener", "sequence")
    }
    for word, y in data.items():
        back = adjoint(y, C).estimate
        found = {
            "adjoint": back,
            "pseudo_inverse": pseudo_inverse(y, C).estimate,
            "sequence": _sequence(y, x, channel),
        }
        if word == "noisy":  # without noise MMSE is zero forcing; real noise carries N0/2, symbols carry 1
            found["wiener"] = wiener(y, C, noise_to_signal=n0 / 2).estimate
        receivers["scaled"][word] = best_scaled_error(back, x)
        for name, estimate in found.items():
            receivers[name][word] = relative_error(estimate, x)
            if word == "noisy":
                decided = _BPSK.bits(estimate)[:, : n - known].ravel()
                receivers[name]["wrong"] = bit_error_rate(decided, bits[:, : n - known].ravel()).count
    receivers["scaled"]["wrong"] = receivers["adjoint"]["wrong"]
    return GAPS | {
        "known": known,
        "nullity": decomposed(channel.operator(n)).nullity,
        "bits": bits[:, : n - known].size,
        "receivers": receivers,
    }


def _sequence(y: np.ndarray, x: np.ndarray, channel: Channel) -> np.ndarray:
    """Return the most likely blocks, given the last symbols, which the prefix repeats."""
    memory = channel.taps.size - 1
    known = x[:, -memory:]
    # A periodic block counts from the middle tap, a burst from the first.
    burst = np.roll(y, channel.taps.size // 2, axis=-1)
    found = mlse(burst, channel, _BPSK, before=known, after=known)
    return np.concatenate([found.symbols, known], axis=-1)


def _null() -> tuple[dict[str, Any], Chart]:
    channel = Channel.proakis_c()
    n0 = 10 ** (-NULL["esn0_db"] / 10)
    cycles = np.linspace(0, 0.5, 501)
    heard = np.exp(-2j * np.pi * np.outer(cycles, np.arange(channel.taps.size))) @ channel.taps
    power = np.abs(heard) ** 2
    deepest = int(np.argmin(power))
    forcing, error = 1 / power, power / (power + n0) ** 2
    numbers = NULL | {
        "frequency": float(cycles[deepest]),
        "depth_db": _decibels(power[deepest]),
        "forcing_db": _decibels(forcing[deepest]),
        "mmse_db": _decibels(error.max()),
        "sinr_db": {
            "alone": _decibels(theory.matched_filter_bound(channel, n0=n0)),
            "feedback": _decibels(1 / theory.mmse_dfe(channel, n0=n0) - 1),
            "wiener": _decibels(1 / theory.mmse_linear(channel, n0=n0) - 1),
            "pseudo_inverse": _decibels(1 / theory.zf_linear(channel, n0=n0)),
        },
    }
    series = [
        ("modem.series.channel", power, "line", 1),
        ("modem.series.forcing", forcing, "dashed", 2),
        ("modem.series.mmse", error, "line", 3),
    ]
    chart = Chart(
        Axis("axis.symbol_rate", 0, 0.5),
        Axis("axis.decibels", -60, 60),
        [Series(label, cycles, 10 * np.log10(values), kind, color) for label, values, kind, color in series],
    )
    return numbers, chart


def _decibels(power: float) -> float:
    return 10 * math.log10(power)
