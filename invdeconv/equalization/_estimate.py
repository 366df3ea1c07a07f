"""Channel estimation from a preamble."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import finite_array, integer, nonnegative, refuse
from invdeconv.equalization._channel import Channel

__all__ = ["ChannelEstimate", "estimate_channel"]


@dataclass(frozen=True, eq=False)
class ChannelEstimate:
    """A channel estimated from a preamble, its noise, and how good it is.

    Attributes
    ----------
    channel : Channel
        What the equalizers are designed from.
    n0 : float
        Noise per complex sample, estimated from the residual unless it was given.
    mse : float
        E Σ|ĥ − h|², exact for the `n0` in force and white noise.
    """

    channel: Channel
    n0: float
    mse: float


def estimate_channel(
    received: Any, preamble: Any, length: int, *, n0: float | None = None, samples_per_symbol: int = 1
) -> ChannelEstimate:
    """Estimate a channel from a known preamble by least squares.

    ĥ = X⁺y with the convolution matrix X of the preamble, over the samples that hear nothing but known
    symbols. Unbiased, with E Σ|ĥ − h|² = N0·tr((XᴴX)⁻¹), least for preambles of white spectrum. With real
    symbols and samples the noise is real and carries N0/2.

    Parameters
    ----------
    received : array, shape (m,)
        Samples from the first of the preamble on, m ≥ s·len(preamble); more are ignored.
    preamble : array, shape (p,)
        Symbols sent. The first ones only fill the channel: s·p − length + 1 samples count.
    length : int
        Taps to estimate, at least as many as the channel has: what is left out counts as noise, and what
        is too much costs N0 over the preamble's energy per tap.
    n0 : float, optional
        Noise per complex sample where it is known; default estimated from the residual.
    samples_per_symbol : int, default 1
        s.

    Returns
    -------
    ChannelEstimate

    Raises
    ------
    InvalidInputError
        If an array is not 1-D and finite, `received` or `preamble` is too short, the preamble does not tell
        the taps apart, or a number is out of range.

    Notes
    -----
    One SVD of (s·p − length + 1) × length.

    What is wrong with the estimate is noise to an equalizer: design with n0 + es·mse/s, for real symbols
    n0 + 2·es·mse/s.

    References
    ----------
    .. [1] S. M. Kay, "Fundamentals of Statistical Signal Processing: Estimation Theory", Prentice Hall,
       1993, example 4.3.

    Examples
    --------
    >>> from invdeconv.equalization import Channel, estimate_channel
    >>> preamble = [1, 1, 1, -1, -1, 1, -1, 1, 1, -1]
    >>> burst = Channel([1, 0.5, -0.2]).transmit(preamble, n0=0)
    >>> estimate_channel(burst, preamble, 3).channel.taps.round(9)
    array([ 1. ,  0.5, -0.2])
    """
    name = "estimate_channel"
    y, p = (
        to_numpy(finite_array(name, word, x)) for word, x in (("received", received), ("preamble", preamble))
    )
    for word, x in (("received", y), ("preamble", p)):
        if x.ndim != 1:
            refuse(name, word, "be 1-D", f"shape {x.shape}", "Estimate one channel at a time.")
    length = integer(name, "length", length, minimum=1)
    s = integer(name, "samples_per_symbol", samples_per_symbol, minimum=1)
    if n0 is not None:
        n0 = nonnegative(name, "n0", n0, "Leave it out to estimate it.")
    rows = s * p.size - length + 1
    needed = length if n0 is not None else length + 1
    if rows < needed:
        shortest = -(-(length - 1 + needed) // s)
        advice = "Send more symbols or estimate fewer taps."
        refuse(name, "preamble", f"have at least {shortest} symbols for {length} taps", p.size, advice)
    if y.size < s * p.size:
        advice = "Start received at the first sample of the preamble."
        refuse(name, "received", f"hold the preamble, {s * p.size} samples", y.size, advice)
    spread = np.zeros(s * p.size, p.dtype)
    spread[::s] = p
    X = np.lib.stride_tricks.sliding_window_view(spread, length)[:, ::-1]
    U, c, Wh = np.linalg.svd(X, full_matrices=False)
    if c[-1] <= rows * np.finfo(float).eps * c[0]:
        advice = "Use a preamble with a white spectrum, such as random or maximal-length signs."
        refuse(name, "preamble", f"tell {length} taps apart", "dependent shifts", advice)
    seen = y[length - 1 : s * p.size]
    h = Wh.conj().T @ ((U.conj().T @ seen) / c)
    dimensions = 1 if np.iscomplexobj(seen) or np.iscomplexobj(p) else 2  # real noise carries N0/2
    if n0 is None:
        n0 = dimensions * float(np.sum(np.abs(seen - X @ h) ** 2)) / (rows - length)
    return ChannelEstimate(Channel(h, s), n0, n0 / dimensions * float(np.sum(c**-2)))
