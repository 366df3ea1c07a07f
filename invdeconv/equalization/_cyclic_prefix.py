"""Blocks with a cyclic prefix, which make the channel a circulant; OFDM on top of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.arrays import Array, like, namespace, spectrum, to_numpy
from invdeconv.checks import finite_array, integer, nonnegative, positive, refuse, warn
from invdeconv.equalization._channel import Channel

__all__ = ["CyclicPrefix", "ofdm_demodulate", "ofdm_modulate"]


@dataclass(frozen=True)
class CyclicPrefix:
    """Blocks of `size` symbols, each led by its own last `length` symbols.

    Behind it the channel is ``channel.operator(size)``, periodic: equalize a block by `adjoint`,
    `pseudo_inverse` or `wiener`, the functions that images use, and rows of blocks by
    ``channel.operator(blocks.shape)``.

    Parameters
    ----------
    size : int
        Symbols per block.
    length : int
        Symbols of the prefix, at most `size`: as many as the channel hears back.

    Raises
    ------
    InvalidInputError
        If `size` is not a positive integer, or `length` is no integer from 0 to `size`.

    Examples
    --------
    >>> from invdeconv import wiener
    >>> from invdeconv.equalization import Channel, CyclicPrefix
    >>> channel, prefix = Channel([1, 0.5]), CyclicPrefix(4, 1)
    >>> stream = prefix.insert(np.array([[1, -1, -1, 1]]))
    >>> blocks = prefix.remove(channel.transmit(stream, n0=0, boundary="burst"), channel)
    >>> wiener(blocks, channel.operator(blocks.shape), noise_to_signal=0.0).estimate.round(9)
    array([[ 1., -1., -1.,  1.]])
    """

    size: int
    length: int

    def __post_init__(self) -> None:
        integer("CyclicPrefix", "size", self.size, minimum=1)
        if integer("CyclicPrefix", "length", self.length, minimum=0) > self.size:
            advice = "Make the blocks longer."
            refuse("CyclicPrefix", "length", f"be at most size ({self.size})", self.length, advice)

    def insert(self, blocks: Any) -> Array:
        """Return the stream of blocks with their prefixes.

        Parameters
        ----------
        blocks : array
            Shape (…, blocks, size).

        Returns
        -------
        array
            Shape (…, blocks · (length + size)).

        Raises
        ------
        InvalidInputError
            If `blocks` is not finite or its rows are not of `size`.
        """
        blocks = _blocks("CyclicPrefix.insert", blocks, self.size)
        prefix = blocks[..., self.size - self.length :]
        return namespace(blocks).reshape(
            namespace(blocks).concat([prefix, blocks], axis=-1), (*blocks.shape[:-2], -1)
        )

    def remove(self, received: Any, channel: Channel) -> Array:
        """Cut a received stream into blocks and drop the prefixes.

        Warns with the code ``short-prefix`` if the channel hears farther back than the prefix: then
        blocks run into one another, and no periodic operator describes them.

        Parameters
        ----------
        received : array
            Shape (…, m), the first sample through tap 0, as ``channel.transmit(…, boundary="burst")``
            gives it; what follows the last whole block is dropped.
        channel : Channel
            Its origin is where ``channel.operator`` has it.

        Returns
        -------
        array
            Shape (…, blocks, s·size): ``channel.operator(size)`` of each block, and noise.

        Raises
        ------
        InvalidInputError
            If `received` is not finite or shorter than a block; if `channel` is no Channel.
        """
        name = "CyclicPrefix.remove"
        received = finite_array(name, "received", received)
        if not isinstance(channel, Channel):
            refuse(name, "channel", "be a Channel", type(channel).__name__, "Make one: Channel(taps).")
        s, taps = channel.samples_per_symbol, channel.taps.shape[0]
        period = s * (self.size + self.length)
        count = received.shape[-1] // period
        if count == 0:
            advice = "Start at the prefix of a block."
            refuse(name, "received", f"hold a block of {period} samples", received.shape[-1], advice)
        if taps - 1 > s * self.length:
            missing = -(-(taps - 1) // s)
            what = f"the channel hears {missing} symbols back, the prefix has {self.length}"
            warn("short-prefix", what, f"Use CyclicPrefix({self.size}, {missing})")
        xp = namespace(received)
        stream = received[..., : count * period]
        blocks = xp.reshape(stream, (*received.shape[:-1], count, period))[..., s * self.length :]
        # Causal samples become those around the middle tap.
        return xp.roll(blocks, -(taps // 2), axis=-1)


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
    >>> ofdm_modulate([1, 1, 1, 1])
    array([2.+0.j, 0.+0.j, 0.+0.j, 0.+0.j])
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


def _blocks(function: str, value: Any, size: int) -> Array:
    blocks = finite_array(function, "blocks", value)
    if blocks.ndim < 2 or blocks.shape[-1] != size:
        got = f"shape {tuple(blocks.shape)}"
        refuse(function, "blocks", f"have shape (…, blocks, {size})", got, "Reshape the symbols into rows.")
    return blocks
