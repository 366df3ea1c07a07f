"""OFDM: one symbol per frequency, one tap per frequency."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.arrays import Array, like, spectrum, to_numpy
from invdeconv.checks import finite_array, nonnegative, positive, refuse
from invdeconv.equalization._channel import Channel

__all__ = ["ofdm_demodulate", "ofdm_modulate"]


def ofdm_modulate(symbols: Any) -> Array:
    """Return the OFDM blocks that carry one symbol per frequency.

    x = Fᴴa with the unitary Fourier matrix F: the energy of the symbols is that of the samples. Insert a
    `CyclicPrefix` before sending. The peaks are high and a null of the channel loses its symbols: a single
    carrier with `wiener` has neither trouble, but needs two transforms at the receiver.

    Parameters
    ----------
    symbols : array
        Shape (…, size), frequency 0 first.

    Returns
    -------
    array
        Shape (…, size), complex.

    Raises
    ------
    InvalidInputError
        If `symbols` is empty or not finite.

    Notes
    -----
    One FFT per block.

    References
    ----------
    .. [1] S. B. Weinstein, P. M. Ebert, "Data transmission by frequency-division multiplexing using the
       discrete Fourier transform", IEEE Trans. Commun. Technol. 19(5), 1971.

    Examples
    --------
    >>> ofdm_modulate([1, 1, 1, 1]).real
    array([2., 0., 0., 0.])
    """
    return _unitary(finite_array("ofdm_modulate", "symbols", symbols), conjugate=True)


def ofdm_demodulate(blocks: Any, channel: Channel, *, n0: float = 0.0, es: float = 1.0) -> Array:
    """Return the symbols of OFDM blocks, equalized by one tap per frequency.

    â = conj(H)·y/(|H|² + N0/Es): zero forcing with n0 = 0, least mean-square error otherwise. Either way
    y/H decides PSK; for QAM the biased symbols of n0 > 0 are too small.

    Parameters
    ----------
    blocks : array
        Shape (…, size), prefixes removed by `CyclicPrefix.remove`.
    channel : Channel
        One sample per symbol.
    n0 : float, default 0.0
        Noise per complex sample, the same in each frequency.
    es : float, default 1.0
        Energy per symbol.

    Returns
    -------
    array
        Shape (…, size), complex; 0 where zero forcing meets a null.

    Raises
    ------
    InvalidInputError
        If `blocks` is empty or not finite, `channel` is no Channel or has several samples per symbol, or
        `n0` or `es` is out of range.

    Notes
    -----
    One FFT per block.

    Examples
    --------
    >>> from invdeconv.equalization import Channel
    >>> channel = Channel([1.0, 0.5, 0.0])
    >>> sent = channel.operator(4)(ofdm_modulate([1, -1, 1, 1]))
    >>> ofdm_demodulate(sent, channel).real.round(9)
    array([ 1., -1.,  1.,  1.])
    """
    name = "ofdm_demodulate"
    blocks = finite_array(name, "blocks", blocks)
    if not isinstance(channel, Channel):
        refuse(name, "channel", "be a Channel", type(channel).__name__, "Make one: Channel(taps).")
    if channel.samples_per_symbol != 1:
        advice = "Keep every s-th sample of a matched filter."
        refuse(name, "channel", "have one sample per symbol", channel.samples_per_symbol, advice)
    ratio = nonnegative(name, "n0", n0) / positive(name, "es", es)
    n, h = blocks.shape[-1], to_numpy(channel.taps)
    circular = np.zeros(n, np.complex128)
    np.add.at(circular, (np.arange(h.size) - h.size // 2) % n, h)
    H = np.fft.fft(circular)
    power = np.abs(H) ** 2 + ratio
    null = power <= (np.finfo(float).eps * np.abs(h).sum()) ** 2
    tap = np.where(null, 0, H.conj() / np.where(null, 1, power))
    return _unitary(blocks, conjugate=False) * like(tap, blocks)


def _unitary(x: Array, *, conjugate: bool) -> Array:
    """Return Fx along the last axis, or Fᴴx."""
    n = x.shape[-1]
    return spectrum(x, (n,), half=False, conjugate=conjugate) / n**0.5
