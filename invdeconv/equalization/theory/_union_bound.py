"""The union bound on what sequence detection gets wrong."""

from __future__ import annotations

import math

import numpy as np
import scipy.sparse
from scipy.sparse.linalg import splu

from invdeconv.checks import positive
from invdeconv.equalization._channel import Channel
from invdeconv.equalization.theory._error_states import branches, channel_of, phases, states

__all__ = ["mlse_union_bound"]

_MEMORY = 7


def mlse_union_bound(channel: Channel, *, n0: float, es: float = 1.0) -> float:
    """Return an upper bound on the bit error rate of BPSK with maximum-likelihood sequence estimation.

    P ≤ Σₑ w(e) 2^−w(e) Q(√(2Es d²(e)/N0)) over all error events e of weight w and distance d² = ‖h * e‖²,
    summed exactly. Tight at high signal-to-noise ratio; there errors come in bursts, one event each.

    Parameters
    ----------
    channel : Channel
        Real or complex taps, hearing at most 7 symbols back; its noise is white.
    n0 : float
        Noise per complex sample.
    es : float, default 1.0
        Energy per symbol, and per bit.

    Returns
    -------
    float
        ``inf`` where the sum diverges: too much noise for a bound.

    Raises
    ------
    InvalidInputError
        If `channel` is no Channel or too long, or `n0` or `es` is not positive.

    Notes
    -----
    With Q(x) = (1/π) ∫ exp(−x²/(2 sin²θ)) dθ over 0 to π/2 the sum over events is, for each θ, a linear
    system on 3^memory error states: 64 sparse factorizations.

    References
    ----------
    .. [1] G. D. Forney, "Maximum-likelihood sequence estimation of digital sequences in the presence of
       intersymbol interference", IEEE Trans. Inf. Theory 18(3), 1972.
    .. [2] J. W. Craig, "A new, simple and exact result for calculating the probability of error for
       two-dimensional signal constellations", MILCOM 1991.

    Examples
    --------
    >>> round(mlse_union_bound(Channel.proakis_b(), n0=0.1), 7)
    0.0004049
    """
    name = "theory.mlse_union_bound"
    h = phases(channel_of(name, channel))
    snr = positive(name, "es", es) / positive(name, "n0", n0)
    state = states(name, h.shape[0] - 1, _MEMORY)
    errors, after = branches(state)
    sound = (state @ h[1:])[:, None, :] + errors[:, None] * h[0]
    distance = np.sum(np.abs(sound) ** 2, axis=-1)
    nodes, weights = np.polynomial.legendre.leggauss(64)
    theta = np.pi / 4 * (nodes + 1)
    terms = [_events(distance, after, snr / math.sin(t) ** 2) for t in theta]
    # The sum converges at all θ if it does at π/2, where noise counts most.
    if math.isinf(_events(distance, after, snr)):
        return math.inf
    return float(weights @ terms) / 4


def _events(distance: np.ndarray, after: np.ndarray, snr: float) -> float:
    """Return Σₑ w(e) 2^−w(e) exp(−snr·d²(e)); infinite where it diverges."""
    count = distance.shape[0]
    gain = np.exp(-snr * distance) * np.array([1.0, 0.5, 0.5])
    if count == 1:  # no memory: the only events are single errors
        return float(gain[0, 1:].sum())
    origin, target = np.repeat(np.arange(count), 3), after.ravel()
    wrong = np.tile([False, True, True], count)
    inside = (origin > 0) & (target > 0)

    def matrix(which: np.ndarray) -> scipy.sparse.csc_matrix:
        values = gain.ravel()[which]
        return scipy.sparse.csc_matrix((values, (origin[which], target[which])), shape=(count, count))

    chain = matrix(inside)
    start = np.zeros(count)
    np.add.at(start, after[0, 1:], gain[0, 1:])
    end = np.zeros(count)
    closing = (origin > 0) & (target == 0)
    np.add.at(end, origin[closing], gain.ravel()[closing])
    solve = splu(scipy.sparse.eye(count, format="csc") - chain)
    # I − A has a non-negative inverse exactly when the powers of A die out.
    if solve.solve(np.ones(count)).min() <= 0:
        return math.inf
    onward = solve.solve(end)
    return float(start @ onward + start @ solve.solve(matrix(inside & wrong) @ onward))
