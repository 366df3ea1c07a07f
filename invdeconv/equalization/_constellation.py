"""Symbol alphabets with Gray labels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.arrays import Array, is_complex, like, namespace, to_numpy
from invdeconv.checks import choice, finite, finite_array, integer, positive, refuse
from invdeconv.equalization._bits import as_bits

__all__ = ["Constellation"]

# Entries of the table samples × points that is held at a time.
_TABLE = 1 << 20


@dataclass(frozen=True, eq=False)
class Constellation:
    """An alphabet of 2ᵇ points; the label of a point is its index, b bits, most significant first.

    `pam`, `psk` and `qam` make the standard ones: Gray-labeled, so that neighbors differ in one bit, and
    of mean energy `es`. Noise is N0 per complex sample; a real alphabet meets real noise of variance
    N0/2, and the same formulas hold.

    Parameters
    ----------
    points : array, shape (M,)
        Distinct points, real or complex; M = 2ᵇ ≥ 2. Point i carries the bits of i.

    Attributes
    ----------
    points : ndarray

    Raises
    ------
    InvalidInputError
        If the points are not 1-D and finite, not distinct, or their number is no power of two.

    References
    ----------
    .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, section 4.3-1.

    Examples
    --------
    >>> qpsk = Constellation.qam(4)
    >>> symbols = qpsk.modulate([0, 0, 1, 0, 1, 1])
    >>> symbols.round(3)
    array([ 0.707+0.707j, -0.707+0.707j, -0.707-0.707j])
    >>> qpsk.bits(symbols + 0.1)
    array([0, 0, 1, 0, 1, 1], dtype=uint8)
    """

    points: np.ndarray

    def __post_init__(self) -> None:
        name = "Constellation"
        points = to_numpy(finite_array(name, "points", self.points)).copy()
        if points.ndim != 1 or points.size < 2 or points.size & (points.size - 1):
            advice = "The label of each point is its index in binary."
            refuse(name, "points", "be 1-D, 2, 4, 8, … of them", f"shape {points.shape}", advice)
        if np.unique(points).size != points.size:
            refuse(name, "points", "be distinct", "a point that appears twice", "Give each label its own.")
        points.flags.writeable = False
        object.__setattr__(self, "points", points)

    @classmethod
    def pam(cls, order: int, *, es: float = 1.0) -> Constellation:
        """Return `order` equidistant real amplitudes; 2 is BPSK, 0 to +√es and 1 to −√es.

        Parameters
        ----------
        order : int
            2, 4, 8, …
        es : float, default 1.0
            Mean energy of a symbol.

        Raises
        ------
        InvalidInputError
            If `order` is no power of two or `es` is not positive.
        """
        b = _bits_of("Constellation.pam", order)
        es = positive("Constellation.pam", "es", es)
        return cls(math.sqrt(3 * es / (4**b - 1)) * _amplitudes(b))

    @classmethod
    def psk(cls, order: int, *, es: float = 1.0, phase: float = 0.0) -> Constellation:
        """Return `order` phases, complex even for 2; the label 0 at angle `phase`.

        Parameters
        ----------
        order : int
            2, 4, 8, …
        es : float, default 1.0
            Energy of a symbol.
        phase : float, default 0.0
            In radians.

        Raises
        ------
        InvalidInputError
            If `order` is no power of two, `es` is not positive or `phase` is not finite.
        """
        _bits_of("Constellation.psk", order)
        es = positive("Constellation.psk", "es", es)
        phase = finite("Constellation.psk", "phase", phase, "It is an angle in radians.")
        angles = 2 * np.pi * np.argsort(_gray(order)) / order + phase
        return cls(math.sqrt(es) * np.exp(1j * angles))

    @classmethod
    def qam(cls, order: int, *, es: float = 1.0) -> Constellation:
        """Return a square grid of `order` points: the first half of the bits is the real part.

        Parameters
        ----------
        order : int
            4, 16, 64, 256, …
        es : float, default 1.0
            Mean energy of a symbol.

        Raises
        ------
        InvalidInputError
            If `order` is no power of four or `es` is not positive.
        """
        b = _bits_of("Constellation.qam", order)
        if b % 2:
            refuse(
                "Constellation.qam", "order", "be 4, 16, 64, …", order, "Cross-shaped grids are not offered."
            )
        es = positive("Constellation.qam", "es", es)
        a = _amplitudes(b // 2)
        return cls(math.sqrt(1.5 * es / (order - 1)) * (a[:, None] + 1j * a).ravel())

    @property
    def order(self) -> int:
        """The number of points M."""
        return int(self.points.size)

    @property
    def bits_per_symbol(self) -> int:
        """B = log₂ M."""
        return self.order.bit_length() - 1

    @property
    def es(self) -> float:
        """Mean energy of a symbol, the points equally likely; Eb is es / bits_per_symbol."""
        return float(np.mean(np.abs(self.points) ** 2))

    @property
    def is_real(self) -> bool:
        """Whether all points are real numbers in a real array."""
        return not np.iscomplexobj(self.points)

    def modulate(self, bits: Any) -> np.ndarray:
        """Map bits to symbols.

        Parameters
        ----------
        bits : array of 0 and 1
            Shape (…, n · bits_per_symbol).

        Returns
        -------
        ndarray
            Shape (…, n).

        Raises
        ------
        InvalidInputError
            If `bits` holds anything but 0 and 1, or its last axis does not divide into symbols.
        """
        name, b = "Constellation.modulate", self.bits_per_symbol
        stream = as_bits(name, "bits", bits, rows=True)
        if stream.shape[-1] % b:
            got = stream.shape[-1]
            refuse(name, "bits", f"have a multiple of {b} along the last axis", got, "Pad the last symbol.")
        groups = stream.reshape(*stream.shape[:-1], -1, b).astype(np.int64)
        return self.points[groups @ (1 << np.arange(b - 1, -1, -1))]

    def labels(self, symbols: Any) -> np.ndarray:
        """Return the label of each symbol, which must be a point of the alphabet.

        Parameters
        ----------
        symbols : array
            Exact points to a relative 1e-6, not received samples: those go through `decide`.

        Returns
        -------
        ndarray
            Integers, of the shape of `symbols`.

        Raises
        ------
        InvalidInputError
            If a symbol lies outside the alphabet.
        """
        name = "Constellation.labels"
        symbols = to_numpy(finite_array(name, "symbols", symbols))
        labels = self._nearest(symbols)
        off = np.abs(symbols - self.points[labels]) > 1e-6 * np.abs(self.points).max()
        if off.any():
            advice = "Use decide for received samples; check es."
            refuse(name, "symbols", f"lie in the alphabet of {self.order} points", symbols[off][0], advice)
        return np.asarray(labels)

    def decide(self, samples: Any) -> Array:
        """Return the nearest point of each sample.

        Parameters
        ----------
        samples : array
            Any shape, in the scale of the points: an equalizer's `unbiased` output.

        Returns
        -------
        array
            Of the shape and library of `samples`.

        Raises
        ------
        InvalidInputError
            If the samples are empty or not finite.
        """
        samples = finite_array("Constellation.decide", "samples", samples)
        xp = namespace(samples)
        decided = xp.take(like(self.points, samples), xp.reshape(self._nearest(samples), (-1,)), axis=0)
        return xp.reshape(decided, samples.shape)

    def bits(self, samples: Any) -> Array:
        """Decide each sample and return the bits of its label.

        Parameters
        ----------
        samples : array
            Shape (…, n).

        Returns
        -------
        array
            Shape (…, n · bits_per_symbol), uint8.

        Raises
        ------
        InvalidInputError
            If the samples are empty or not finite.
        """
        samples = finite_array("Constellation.bits", "samples", samples)
        xp, b = namespace(samples), self.bits_per_symbol
        labels = self._nearest(samples)
        columns = [xp.astype((labels >> (b - 1 - i)) & 1, xp.uint8) for i in range(b)]
        return xp.reshape(xp.stack(columns, axis=-1), (*samples.shape[:-1], -1))

    def llr(self, samples: Any, *, n0: float, method: str = "exact") -> Array:
        """Return log P(bit = 0) / P(bit = 1) of each bit: positive means 0.

        With all points equally likely, log Σ₀ exp(−|y − s|²/N0) − log Σ₁ exp(−|y − s|²/N0) over the points
        whose bit is 0 and 1. For BPSK that is 4√Es·Re(y)/N0.

        Parameters
        ----------
        samples : array
            Shape (…, n), unbiased: y = s + noise.
        n0 : float
            Noise per complex sample; real samples carry N0/2. Behind an equalizer its ``output_n0``.
        method : {"exact", "max-log"}
            "max-log" keeps the nearest point of each sum.

        Returns
        -------
        array
            Shape (…, n · bits_per_symbol).

        Raises
        ------
        InvalidInputError
            If the samples are empty or not finite, `n0` is not positive, or `method` is another word.
        """
        name = "Constellation.llr"
        samples = finite_array(name, "samples", samples)
        n0 = positive(name, "n0", n0)
        choice(name, "method", method, ("exact", "max-log"))
        xp, b = namespace(samples), self.bits_per_symbol
        one = (np.arange(self.order)[:, None] >> np.arange(b - 1, -1, -1)) & 1

        def table(rows: Array) -> Array:
            exponent = -self._distances(rows) / n0
            columns = []
            for i in range(b):
                zero, other = (
                    xp.take(exponent, xp.asarray(np.flatnonzero(one[:, i] == bit)), axis=1) for bit in (0, 1)
                )
                columns.append(_log_sum(zero, method) - _log_sum(other, method))
            return xp.stack(columns, axis=-1)

        return xp.reshape(self._in_rows(samples, table), (*samples.shape[:-1], -1))

    def _nearest(self, samples: Array) -> Array:
        xp = namespace(samples)
        nearest = self._in_rows(samples, lambda rows: xp.argmin(self._distances(rows), axis=1))
        return xp.reshape(nearest, samples.shape)

    def _distances(self, rows: Array) -> Array:
        """|y − s|², shape (rows, M)."""
        xp = namespace(rows)
        difference = rows[:, None] - like(self.points, rows)[None, :]
        if not is_complex(difference):
            return difference**2
        return xp.real(difference) ** 2 + xp.imag(difference) ** 2

    def _in_rows(self, samples: Array, function: Callable[[Array], Array]) -> Array:
        xp = namespace(samples)
        flat, step = xp.reshape(samples, (-1,)), max(1, _TABLE // self.order)
        n = flat.shape[0]
        return xp.concat([function(flat[i : min(i + step, n)]) for i in range(0, n, step)])


def _log_sum(exponent: Array, method: str) -> Array:
    """Return log Σ exp along the last axis, or its largest term."""
    xp = namespace(exponent)
    peak = xp.max(exponent, axis=-1, keepdims=True)
    if method == "max-log":
        return peak[:, 0]
    return peak[:, 0] + xp.log(xp.sum(xp.exp(exponent - peak), axis=-1))


def _gray(order: int) -> np.ndarray:
    """Return the Gray code of each position along a line or circle."""
    i = np.arange(order)
    return np.asarray(i ^ (i >> 1))


def _amplitudes(bits: int) -> np.ndarray:
    """Return 2ᵇ odd integers by label: 0 at the top, as in BPSK."""
    order = 1 << bits
    return np.asarray(order - 1.0 - 2 * np.argsort(_gray(order)))


def _bits_of(function: str, order: object) -> int:
    number = integer(function, "order", order, minimum=2)
    if number & (number - 1):
        refuse(function, "order", "be a power of two", number, "Each point carries a whole number of bits.")
    return number.bit_length() - 1
