"""The bit error rate of decision feedback, wrong decisions included."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr

from invdeconv.checks import positive, refuse
from invdeconv.equalization._channel import Channel
from invdeconv.equalization.theory._error_states import branches, channel_of, phases, states

__all__ = ["dfe_bit_error_rate"]

_MEMORY = 6


def dfe_bit_error_rate(channel: Channel, *, n0: float, es: float = 1.0) -> float:
    """Return the exact bit error rate of plain decision feedback on BPSK, error propagation included.

    Symbol k is decided by Re(y/h₀) minus what past decisions explain: the zero-forcing decision-feedback
    equalizer of a minimum-phase channel. A wrong decision is an error state of the next ones; the rate is
    that of the stationary Markov chain.

    Parameters
    ----------
    channel : Channel
        One sample per symbol, at most 6 symbols after the first tap, which carries the decision.
    n0 : float
        Noise per complex sample; either part carries N0/2.
    es : float, default 1.0
        Energy per symbol, and per bit.

    Returns
    -------
    float

    Raises
    ------
    InvalidInputError
        If `channel` is no Channel, too long, or has several samples per symbol; if `n0` or `es` is not
        positive.

    References
    ----------
    .. [1] D. L. Duttweiler, J. E. Mazo, D. G. Messerschmitt, "An upper bound on the error probability in
       decision-feedback equalization", IEEE Trans. Inf. Theory 20(4), 1974.

    Examples
    --------
    >>> round(dfe_bit_error_rate(Channel([1, 0.9]), n0=0.181), 8)  # 10 dB of received energy per bit
    0.00088276
    """
    name = "theory.dfe_bit_error_rate"
    spacing = channel_of(name, channel).samples_per_symbol
    if spacing != 1:
        refuse(
            name, "channel", "have one sample per symbol", spacing, "Decide on the matched filter's output."
        )
    h = phases(channel)[:, 0]
    state = states(name, h.size - 1, _MEMORY)
    _, after = branches(state)
    std = math.sqrt(positive(name, "n0", n0) / (2 * positive(name, "es", es))) / abs(h[0])
    offset = 2 * state @ (h[1:] / h[0]).real
    # Errors 0, +1 (sent +1, decided −1) and −1, with the sent symbol as likely + as −.
    plus, minus = ndtr(-(1 + offset) / std) / 2, ndtr(-(1 - offset) / std) / 2
    chance = np.stack([1 - plus - minus, plus, minus], axis=1)
    count = state.shape[0]
    flow = np.zeros((count, count))
    np.add.at(flow, (after, np.arange(count)[:, None]), chance)
    balance = flow - np.eye(count)
    balance[0] = 1  # the equations are dependent; one of them gives way to Σ π = 1
    stationary = np.linalg.solve(balance, np.eye(count)[0])
    return float(stationary @ (plus + minus))
