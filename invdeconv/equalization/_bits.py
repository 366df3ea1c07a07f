"""Pictures as streams of bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from invdeconv.arrays import as_working, to_numpy
from invdeconv.checks import refuse, shape

__all__ = ["as_bits", "bits_to_picture", "picture_to_bits"]


def picture_to_bits(picture: Any) -> np.ndarray:
    """Return the bits of an 8-bit picture, most significant bit first, row by row.

    Parameters
    ----------
    picture : array of uint8
        Any shape.

    Returns
    -------
    ndarray
        Shape (8 · picture.size,), uint8, each 0 or 1.

    Raises
    ------
    InvalidInputError
        If the picture is empty or not uint8.

    Examples
    --------
    >>> import numpy as np
    >>> picture_to_bits(np.array([[129]], np.uint8))
    array([1, 0, 0, 0, 0, 0, 0, 1], dtype=uint8)
    """
    picture = np.asarray(picture)
    if picture.dtype != np.uint8:
        advice = "Scale it to 0..255 and convert it with .astype(np.uint8)."
        refuse("picture_to_bits", "picture", "be uint8", picture.dtype, advice)
    if picture.size == 0:
        refuse(
            "picture_to_bits",
            "picture",
            "not be empty",
            f"shape {picture.shape}",
            "Check how it was cropped.",
        )
    return np.unpackbits(picture)


def bits_to_picture(bits: Any, picture_shape: Any) -> np.ndarray:
    """Return the 8-bit picture of a stream of bits; the inverse of `picture_to_bits`.

    Parameters
    ----------
    bits : array of 0 and 1
        Shape (8 · number of pixels,), most significant bit first.
    picture_shape : tuple of int
        Shape of the picture.

    Returns
    -------
    ndarray
        uint8.

    Raises
    ------
    InvalidInputError
        If `bits` holds anything but 0 and 1, or its length does not fit the shape.

    Examples
    --------
    >>> bits_to_picture([1, 0, 0, 0, 0, 0, 0, 1], (1, 1))
    array([[129]], dtype=uint8)
    """
    sizes = shape("bits_to_picture", "picture_shape", picture_shape)
    stream = as_bits("bits_to_picture", "bits", bits)
    needed = 8 * math.prod(sizes)
    if stream.size != needed:
        advice = "Pass the shape of the picture that was sent."
        refuse(
            "bits_to_picture", "bits", f"be {needed} bits for shape {sizes}", f"{stream.size} bits", advice
        )
    return np.packbits(stream).reshape(sizes)


def as_bits(function: str, argument: str, value: Any, *, rows: bool = False) -> np.ndarray:
    """Return `value` as a host array of 0 and 1, not empty, 1-D unless `rows` are welcome, or refuse it."""
    try:
        bits = to_numpy(as_working(value))
    except (TypeError, ValueError) as error:
        refuse(function, argument, "be numbers 0 and 1", error, "Pass decided bits, not samples.")
    if bits.ndim == 0 or bits.size == 0 or (bits.ndim > 1 and not rows):
        requirement = "not be empty" if rows else "be 1-D and not empty"
        refuse(function, argument, requirement, f"shape {bits.shape}", "Flatten it with .ravel().")
    if not np.all((bits == 0) | (bits == 1)):
        wrong = bits[(bits != 0) & (bits != 1)][0]
        advice = "Decide samples first: bpsk_bits, Constellation.bits."
        refuse(function, argument, "hold only 0 and 1", wrong, advice)
    return bits.astype(np.uint8)
