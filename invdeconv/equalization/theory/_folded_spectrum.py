"""Integrals over the folded spectrum of a link."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from invdeconv.equalization._link import Link

__all__ = ["limit_of", "mean"]

# Frequencies of the last attempt: poles within 1e-5 of the unit circle count as on it.
_MOST = 1 << 22


def limit_of(link: Link, kind: str) -> float:
    """Return the infinite-length error of one kind of equalizer, E|â − a|²."""
    noise, es = link.noise_power, link.es
    if kind == "mmse_linear":
        return es * mean(lambda n: noise / (link.snr_density(n) + noise)) if noise else 0.0
    if kind == "zf_linear":
        return es * noise * mean(lambda n: 1 / link.snr_density(n), unbounded=True) if noise else 0.0
    if kind == "mmse_dfe" and noise:
        return es * math.exp(-mean(lambda n: np.log1p(link.snr_density(n) / noise)))
    return noise / _geometric_mean(link)


def mean(density: Callable[[int], np.ndarray], *, unbounded: bool = False) -> float:
    """Return the mean of a periodic density: the trapezoid rule, points doubled until it stands.

    Each doubling squares the error, so the last one is far below the change that ends it. A density that
    never settles has a pole on the circle if it is `unbounded`, else a mild singularity.
    """
    n, previous = 256, math.nan
    while True:
        with np.errstate(divide="ignore"):
            value = float(np.mean(density(n)))
        if math.isinf(value) or abs(value - previous) <= 1e-10 * abs(value):
            return value
        if n == _MOST:
            return math.inf if unbounded else value
        n, previous = 2 * n, value


def _geometric_mean(link: Link) -> float:
    """Return exp{(1/2π) ∫ ln S dω} by Jensen's formula where S is a polynomial, else by its samples."""
    s, h, rho = link.channel.samples_per_symbol, link.taps, link.noise_correlation
    if s == 1:
        noise = _jensen(np.concatenate([rho[:0:-1].conj(), rho]))
        return _jensen(h) ** 2 / noise
    if rho.size == 1:
        rows = -(-h.size // s)
        phases = np.pad(h, (0, rows * s - h.size)).reshape(rows, s).T
        return _jensen(np.sum([np.convolve(phase, phase[::-1].conj()) for phase in phases], axis=0))
    return math.exp(mean(lambda n: np.log(link.snr_density(n) / link.es)))


def _jensen(polynomial: np.ndarray) -> float:
    """Return exp{(1/2π) ∫ ln|P| dω} = |p₀|·Π max(1, |zᵢ|), the zeros being those of p₀zⁿ + … + pₙ."""
    coefficients = np.trim_zeros(polynomial)
    zeros = np.abs(np.roots(coefficients))
    return float(abs(coefficients[0]) * np.prod(np.maximum(1.0, zeros)))
