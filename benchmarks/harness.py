"""Interleave callables and print the ratio of their times: the only kind of speed this project quotes.

Machines are shared and noisy, so a time in seconds means little. Two callables run in turns, and the
median of the ratios of each round is printed with the ratio of the fastest runs; quote a figure only when
the two agree.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """How much longer one callable takes than another."""

    median: float
    best: float
    rounds: int

    def __str__(self) -> str:
        return f"{self.median:6.2f}  (best {self.best:.2f}, {self.rounds} rounds)"


def ratio(subject: Callable[[], object], reference: Callable[[], object], *, rounds: int = 9) -> Ratio:
    """Return time(subject) / time(reference), measured in turns after one warm-up of each."""
    subject()
    reference()
    pairs = [(seconds(subject), seconds(reference)) for _ in range(rounds)]
    return Ratio(
        statistics.median(a / b for a, b in pairs),
        min(a for a, _ in pairs) / min(b for _, b in pairs),
        rounds,
    )


def seconds(function: Callable[[], object]) -> float:
    """Return how long one call takes."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began
