"""From a measured impulse response to the taps that a modem on a carrier sees."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import integer, kernel, refuse
from invdeconv.equalization._pulses import raised_cosine, rolloff_of, root_raised_cosine

__all__ = ["sampled_response"]

# Symbol periods on either side after which the pulse is cut off, below a thousandth of its peak.
_SPAN = 16


def sampled_response(
    response: Any, rates_hz: tuple[float, ...], taps: Any, spacing: int, rolloff: float
) -> np.ndarray:
    """Return the `taps` strongest taps in a row of `Channel.from_response`."""
    name = "Channel.from_response"
    g = to_numpy(kernel(name, "response", response))
    if g.ndim != 1 or np.iscomplexobj(g):
        advice = "Pass one microphone's samples."
        refuse(name, "response", "be a real 1-D array", f"{g.dtype}, shape {g.shape}", advice)
    keep = integer(name, "taps", taps, minimum=1)
    rate, carrier, symbol_rate = rates_hz
    half = symbol_rate * (1 + rolloff_of(name, rolloff)) / 2
    if not half <= carrier <= rate / 2 - half:
        advice = "Lower symbol_rate_hz or move the carrier."
        requirement = f"leave the band ±{half:g} Hz between 0 and {rate / 2:g} Hz"
        refuse(name, "carrier_hz", requirement, f"{carrier:g}", advice)
    n = np.arange(g.size)
    pulse = raised_cosine if spacing == 1 else root_raised_cosine
    baseband = g * np.exp(-2j * np.pi * carrier / rate * n)
    arrival = n * (symbol_rate / rate)  # in symbol periods
    k = np.arange(-_SPAN * spacing, int(arrival[-1] * spacing) + _SPAN * spacing + 1)
    h = np.empty(max(k.size, keep), complex)
    h[k.size :] = 0
    for i, time in enumerate(k / spacing):
        first, last = np.searchsorted(arrival, (time - _SPAN, time + _SPAN))
        h[i] = pulse(time - arrival[first:last], rolloff) @ baseband[first:last] if last > first else 0
    energy = np.convolve(np.abs(h) ** 2, np.ones(keep), "valid")
    start = int(energy.argmax())
    return h[start : start + keep]
