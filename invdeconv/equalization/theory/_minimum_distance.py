"""The closest that two symbol sequences come behind a channel."""

from __future__ import annotations

import heapq
import math

import numpy as np

from invdeconv.checks import refuse
from invdeconv.equalization._channel import Channel
from invdeconv.equalization._constellation import Constellation
from invdeconv.equalization.theory._error_states import channel_of, phases

__all__ = ["minimum_distance_loss_db"]

# States looked at before giving up; some seconds.
_MOST = 1_000_000


def minimum_distance_loss_db(channel: Channel, constellation: Constellation | None = None) -> float:
    """Return what intersymbol interference costs the best sequence detector at high signal-to-noise ratio.

    10 log₁₀(Σ|h|²·δ² / d²), with δ the least distance of two points and d the least distance
    ‖h * e‖ over all sequences e ≠ 0 of their differences. 0 dB: as good as no interference.

    Parameters
    ----------
    channel : Channel
        Its noise is white.
    constellation : Constellation, optional
        Default BPSK. For real taps QPSK and square QAM have the same loss as BPSK and PAM.

    Returns
    -------
    float
        In decibels.

    Raises
    ------
    InvalidInputError
        If `channel` is no Channel or `constellation` no Constellation; if the search would not end soon,
        as with many long taps and points.

    Notes
    -----
    Dijkstra's algorithm on error states, from a first error back to none. No state beyond the distance
    of a single error is looked at.

    References
    ----------
    .. [1] G. D. Forney, "Maximum-likelihood sequence estimation of digital sequences in the presence of
       intersymbol interference", IEEE Trans. Inf. Theory 18(3), 1972.

    Examples
    --------
    >>> round(minimum_distance_loss_db(Channel.proakis_b()), 3)
    1.757
    """
    name = "theory.minimum_distance_loss_db"
    h = phases(channel_of(name, channel))
    energy = float(np.sum(np.abs(h) ** 2))
    return 10 * math.log10(energy / _least_distance(name, h, _differences(name, constellation), energy))


def _differences(function: str, constellation: Constellation | None) -> np.ndarray:
    """Return the distinct differences of points over the least distance, 0 first."""
    if constellation is None:
        return np.array([0.0, 1.0, -1.0])
    if not isinstance(constellation, Constellation):
        advice = "Pass one, for instance Constellation.qam(4)."
        refuse(function, "constellation", "be a Constellation", type(constellation).__name__, advice)
    points = constellation.points
    differences = (points[:, None] - points).ravel() / np.abs(points).max()
    _, distinct = np.unique(np.round(differences, 9), return_index=True)
    ordered = differences[distinct][np.argsort(np.abs(differences[distinct]), kind="stable")]
    return np.asarray(ordered / np.abs(ordered[1]))


def _least_distance(function: str, h: np.ndarray, errors: np.ndarray, energy: float) -> float:
    """Return min ‖h * e‖²."""
    memory = h.shape[0] - 1
    limit = energy * (1 + 1e-12)
    start = (0,) * memory
    best: dict[tuple[int, ...], float] = {}
    queue: list[tuple[float, tuple[int, ...], bool]] = [(0.0, start, True)]
    while queue:
        distance, state, first = heapq.heappop(queue)
        if state == start and not first:
            return distance
        if not first and distance > best.get(state, math.inf):
            continue
        if len(best) > _MOST:
            advice = "Cut weak taps, or use a smaller alphabet."
            refuse(function, "channel", f"have at most {_MOST} near error states", "more", advice)
        sound = errors[list(state)] @ h[1:] if memory else np.zeros(h.shape[1])
        costs = np.sum(np.abs(sound + errors[:, None] * h[0]) ** 2, axis=1)
        for i in range(1 if first else 0, errors.size):
            total, after = distance + float(costs[i]), (i, *state)[:memory]
            if total <= limit and total < best.get(after, math.inf):
                best[after] = total
                heapq.heappush(queue, (total, after, False))
    return energy
