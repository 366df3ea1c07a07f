"""The least-squares problems behind designed equalizers, for all delays at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg

from invdeconv.checks import integer, refuse
from invdeconv.equalization._channel import Channel
from invdeconv.equalization._decision_feedback import DecisionFeedbackEqualizer
from invdeconv.equalization._equalizer import LinearEqualizer
from invdeconv.equalization._link import Link, link_of, trusted

__all__ = ["DesignProblem"]


@dataclass(frozen=True, eq=False, slots=True)
class DesignProblem:
    """A link seen through some taps; what is asked for every delay comes in columns."""

    link: Link
    H: np.ndarray  # H[j, i] = h[s·i − j], from symbol k − i to sample s·k − j
    color: np.ndarray  # F with ‖Fw‖² = E|w * n|²/N
    delay: int | None  # the one asked for

    @classmethod
    def of(cls, function: str, channel: Channel, taps: Any, delay: Any, *link: Any) -> DesignProblem:
        """Check what all designs take."""
        checked = link_of(function, channel, *link)
        H = _response(checked, integer(function, "taps", taps, minimum=1))
        return cls(checked, H, _color(checked.noise_correlation, len(H)), _delay(function, delay, H))

    def least_mean_square(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the taps, and the errors as combinations of symbols and noise."""
        root = math.sqrt(self.link.es)
        stacked = np.concatenate([root * self.H.T, math.sqrt(self.link.noise_power) * self.color])
        wanted = np.zeros((stacked.shape[0], self.H.shape[1]))
        np.fill_diagonal(wanted, root)
        w = np.linalg.lstsq(stacked, wanted.astype(stacked.dtype), rcond=None)[0]
        return w, stacked @ w - wanted

    def zero_forcing(self, skipped: slice = slice(0)) -> np.ndarray:
        """Return (Hᵀ)⁺ in the norm of the noise, without the symbols that are `skipped`."""
        H = np.delete(self.H, skipped, axis=1)
        return np.asarray(np.linalg.solve(self.color, np.linalg.pinv(np.linalg.solve(self.color.T, H).T)))

    def best(self, errors: Any) -> int:
        """Return the delay asked for, or the first of least error to rounding: mirrored channels have two."""
        if self.delay is not None:
            return self.delay
        powers = np.asarray(errors)
        return int(np.argmax(powers <= powers.min() * (1 + 1e-9)))

    def powers(self, w: np.ndarray) -> np.ndarray:
        """Return the mean-square error of the taps of every delay."""
        off = self.H.T @ w
        off[np.diag_indices(w.shape[1])] -= 1
        return self._power(off, w)

    def power_with_feedback(self, w: np.ndarray, delay: int, served: slice) -> float:
        """Return the mean-square error of taps for one delay, the symbols `served` by feedback left out."""
        off = self.H.T @ w
        off[delay] -= 1
        off[served] = 0
        return float(self._power(off, w))

    def _power(self, off: np.ndarray, w: np.ndarray) -> np.ndarray:
        # Without noise many delays leave nothing: then as at -120 dB, the one that would let least through.
        noise = self.link.noise_power or 1e-12 * self.link.es
        return np.asarray(self.link.es * _energy(off) + noise * _energy(self.color @ w))

    def linear(self, w: np.ndarray, delay: int, criterion: str) -> LinearEqualizer:
        """Return the equalizer of taps."""
        return LinearEqualizer(w, delay, self.H.T @ w, self._noise(w), self.link, criterion)

    def with_feedback(
        self, w: np.ndarray, delay: int, count: int, criterion: str
    ) -> DecisionFeedbackEqualizer:
        """Return the equalizer of feedforward taps, `count` symbols after the present one fed back."""
        cascade = self.H.T @ w
        later = cascade[delay + 1 : delay + 1 + count]
        feedback = np.zeros(count, cascade.dtype)
        feedback[: later.size] = later
        later[:] = 0
        return DecisionFeedbackEqualizer(w, delay, cascade, self._noise(w), self.link, criterion, feedback)

    def _noise(self, w: np.ndarray) -> float:
        return self.link.noise_power * float(_energy(self.color @ w))


def _energy(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.sum(np.abs(x) ** 2, axis=0))


def _response(link: Link, taps: int) -> np.ndarray:
    h, s = link.taps, link.channel.samples_per_symbol
    symbols = (h.size + taps - 2) // s + 1
    index = s * np.arange(symbols) - np.arange(taps)[:, None]
    inside = (index >= 0) & (index < h.size)
    return np.where(inside, h[np.where(inside, index, 0)], 0)


def _color(correlation: np.ndarray, taps: int) -> np.ndarray:
    rho = np.zeros(taps, correlation.dtype)
    known = min(taps, correlation.size)
    rho[:known] = correlation[:known]
    if known == 1:
        return np.eye(taps)
    power, basis = np.linalg.eigh(scipy.linalg.toeplitz(rho.conj(), rho))
    return np.asarray(np.sqrt(np.maximum(power, trusted(power)))[:, None] * basis.T)


def _delay(function: str, delay: Any, H: np.ndarray) -> int | None:
    if delay is None:
        return None
    number = integer(function, "delay", delay, minimum=0)
    if number >= H.shape[1] or not H[:, number].any():
        heard = np.flatnonzero(H.any(axis=0))
        advice = "No other symbol reaches the taps; leave delay out for the best."
        refuse(function, "delay", f"lie from {heard[0]} to {heard[-1]}", number, advice)
    return number
