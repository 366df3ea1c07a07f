"""The index conventions of max pooling: where the maximum was, as PyTorch, TensorFlow and ONNX write it."""

from __future__ import annotations

import math

import numpy as np

from invdeconv import checks

__all__ = ["CONVENTIONS", "channels_last", "from_flat", "to_flat"]

CONVENTIONS = ("torch", "tensorflow", "tensorflow_with_batch", "onnx", "onnx_column_major")


def channels_last(convention: str) -> bool:
    """Say whether data of this convention have their channels last."""
    return convention.startswith("tensorflow")


def to_flat(indices: np.ndarray, shape: tuple[int, ...], spatial: int, convention: str) -> np.ndarray:
    """Return row-major indices into the whole array of `shape`, from those of a framework.

    torch: into each plane. tensorflow: (y·W + x)·C + c, with or without the batch. onnx: into the whole
    tensor, each plane row-major or column-major.
    """
    if convention in ("onnx", "tensorflow_with_batch"):
        return indices
    part = _part(shape, spatial, convention)
    outer = shape[: len(shape) - len(part)]
    size = math.prod(part)
    if convention == "onnx_column_major":
        plane, inside = np.divmod(indices, size)
        return plane * size + np.ravel_multi_index(np.unravel_index(inside, part, order="F"), part)
    if np.any((indices < 0) | (indices >= size)):
        advice = "Check the convention of the indices and the shape."
        got = f"{indices.min()} to {indices.max()}"
        checks.refuse("max_unpool", "indices", f"lie between 0 and {size - 1}", got, advice)
    return indices + _offsets(outer, size, indices.ndim)


def from_flat(flat: np.ndarray, shape: tuple[int, ...], spatial: int, convention: str) -> np.ndarray:
    """Return a framework's indices from row-major ones into the whole array."""
    if convention in ("onnx", "tensorflow_with_batch"):
        return flat
    part = _part(shape, spatial, convention)
    size = math.prod(part)
    if convention == "onnx_column_major":
        plane, inside = np.divmod(flat, size)
        return plane * size + np.ravel_multi_index(np.unravel_index(inside, part), part, order="F")
    return flat % size


def _part(shape: tuple[int, ...], spatial: int, convention: str) -> tuple[int, ...]:
    """Return the shape that one index runs over."""
    return shape[-spatial - 1 :] if convention == "tensorflow" else shape[-spatial:]


def _offsets(outer: tuple[int, ...], size: int, ndim: int) -> np.ndarray:
    starts = size * np.arange(math.prod(outer)).reshape(outer)
    return starts.reshape(outer + (1,) * (ndim - len(outer)))
