"""Blocks with a cyclic prefix, which make the channel a circulant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from invdeconv.arrays import Array, namespace
from invdeconv.checks import finite_array, integer, refuse, warn
from invdeconv.equalization._channel import Channel

__all__ = ["CyclicPrefix"]


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
    >>> import numpy as np
    >>> from invdeconv import wiener
    >>> from invdeconv.equalization import Channel, CyclicPrefix
    >>> channel, prefix = Channel([1, 0.5]), CyclicPrefix(4, 1)
    >>> stream = prefix.insert(np.array([[1, -1, -1, 1]]))
    >>> blocks = prefix.remove(channel.transmit(stream, n0=0), channel)
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

        Warns with the code ``IDW011`` if the channel hears farther back than the prefix: then
        blocks run into one another, and no periodic operator describes them.

        Parameters
        ----------
        received : array
            Shape (…, m), the first sample through tap 0, as ``channel.transmit`` gives it; what follows
            the last whole block is dropped.
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
            warn("IDW011", what, f"Use CyclicPrefix({self.size}, {missing})")
        xp = namespace(received)
        stream = received[..., : count * period]
        blocks = xp.reshape(stream, (*received.shape[:-1], count, period))[..., s * self.length :]
        # Causal samples become those around the middle tap.
        return xp.roll(blocks, -(taps // 2), axis=-1)


def _blocks(function: str, value: Any, size: int) -> Array:
    blocks = finite_array(function, "blocks", value)
    if blocks.ndim < 2 or blocks.shape[-1] != size:
        got = f"shape {tuple(blocks.shape)}"
        refuse(function, "blocks", f"have shape (…, blocks, {size})", got, "Reshape the symbols into rows.")
    return blocks
