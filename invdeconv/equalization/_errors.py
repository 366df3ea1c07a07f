"""Counting bit errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.checks import refuse
from invdeconv.equalization._bits import as_bits

__all__ = ["ErrorCount", "bit_error_rate"]


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """How many of how many bits are wrong.

    Attributes
    ----------
    count : int
        Wrong bits.
    n : int
        Compared bits.
    """

    count: int
    n: int

    @property
    def rate(self) -> float:
        """Wrong bits over compared bits."""
        return self.count / self.n


def bit_error_rate(bits: Any, reference: Any) -> ErrorCount:
    """Count the bits that differ from what was sent.

    The rate is exact for this stream. As an estimate of the channel's error probability it spreads
    more than √(p(1-p)/n): interference makes errors come in bursts.

    Parameters
    ----------
    bits : array of 0 and 1
        Decided bits, shape (…, n): bursts as rows, as `Constellation.bits` gives them.
    reference : array of 0 and 1
        Sent bits, of the same shape.

    Returns
    -------
    ErrorCount
        With `count`, `n` and `rate`.

    Raises
    ------
    InvalidInputError
        If an array holds anything but 0 and 1, or the shapes differ.

    Examples
    --------
    >>> errors = bit_error_rate([0, 1, 1, 0], [0, 1, 0, 0])
    >>> errors, errors.rate
    (ErrorCount(count=1, n=4), 0.25)
    """
    decided, sent = (
        as_bits("bit_error_rate", name, x, rows=True)
        for name, x in (("bits", bits), ("reference", reference))
    )
    if decided.shape != sent.shape:
        requirement = f"have the shape of reference {sent.shape}"
        refuse("bit_error_rate", "bits", requirement, decided.shape, "Cut delay and padding from both.")
    return ErrorCount(int(np.count_nonzero(decided != sent)), sent.size)
