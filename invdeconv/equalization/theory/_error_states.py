"""The graph of error events: what a sequence of symbol errors sounds like behind the channel."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import refuse
from invdeconv.equalization._channel import Channel

__all__ = ["branches", "channel_of", "phases", "states"]


def channel_of(function: str, value: Any) -> Channel:
    """Return a Channel, or refuse it."""
    if not isinstance(value, Channel):
        refuse(function, "channel", "be a Channel", type(value).__name__, "Make one: Channel(taps).")
    return value


def phases(channel: Channel) -> np.ndarray:
    """Return the taps as (memory + 1, s): row i is what the symbol i periods ago adds to s samples."""
    h, s = np.trim_zeros(to_numpy(channel.taps)), channel.samples_per_symbol
    rows = -(-h.size // s)
    padded = np.zeros(rows * s, h.dtype)
    padded[: h.size] = h
    return padded.reshape(rows, s)


def states(function: str, memory: int, most: int) -> np.ndarray:
    """Return the 3^memory states of errors −1, 0, 1, newest first; the zero state is row 0."""
    if memory > most:
        advice = "The graph has 3 to that power states; cut weak taps, or simulate."
        refuse(function, "channel", f"hear at most {most} symbols back", memory, advice)
    digits = np.arange(3**memory)[:, None] // 3 ** np.arange(memory)[::-1] % 3
    return np.where(digits == 2, -1, digits)


def branches(state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the errors 0, 1, −1 that may come next, and the state each leads to, (states, 3)."""
    count, memory = state.shape
    errors = np.array([0, 1, -1])
    if memory == 0:
        return errors, np.zeros((count, 3), int)
    newest = np.array([0, 1, 2]) * 3 ** (memory - 1)
    return errors, np.arange(count)[:, None] // 3 + newest
