"""What a transform makes of an operator: its eigenvalues, where it is diagonal at all."""

from __future__ import annotations

import functools
from operator import add
from typing import TypeGuard

import numpy as np

from invdeconv.arrays import Array, like, namespace, spectrum_of_taps
from invdeconv.operators._composites import Identity, Stacked
from invdeconv.operators._differences import Differences
from invdeconv.operators._linear_operator import LinearOperator, _Scaled
from invdeconv.operators.convolution import Axis, Convolution
from invdeconv.operators.decomposition._transform import Transform


def is_sampled_circulant(operator: LinearOperator) -> TypeGuard[Convolution]:
    """Say whether C is a periodic convolution, with or without channels, at every s-th sample."""
    return isinstance(operator, Convolution) and all(
        (word == "periodic" or _reads_inside(axis)) and axis.n == axis.m * axis.stride
        for word, axis in zip(operator.boundaries, operator.axes, strict=True)
    )


def mirrored_axes(operator: Convolution) -> tuple[bool, ...] | None:
    """Return which axes of a one-to-one convolution take the DCT-II, the others the DFT; None if it cannot.

    Symmetric boundaries and taps even about the origin along this axis (Ng, Chan and Tang, SIAM J. Sci.
    Comput. 21 (1999) 851, Theorem 1); where nothing is read outside, the boundary has no say.
    """
    kinds = []
    for index, (word, axis) in enumerate(zip(operator.boundaries, operator.axes, strict=True)):
        if axis.stride != 1 or axis.m != axis.n:
            return None
        if word == "periodic":
            kinds.append(False)
        elif (word == "symmetric" or _reads_inside(axis)) and _is_even(operator, index):
            kinds.append(True)
        else:
            return None
    return tuple(kinds)


def is_diagonal(regularizer: LinearOperator, mirrored: tuple[bool, ...], *, channels: bool) -> bool:
    """Say whether the transform makes LᴴL diagonal, up to a mixing of channels."""
    for _, part in _parts(regularizer):
        if isinstance(part, Differences):
            ends = zip(part.axes, part.boundaries, strict=True)
            fits = all(i >= channels and (word == "neumann") == mirrored[i - channels] for i, word in ends)
        elif isinstance(part, Convolution) and (part.groups is not None) == channels:
            one_to_one = all(axis.stride == 1 for axis in part.axes)
            fits = mirrored_axes(part) == mirrored if any(mirrored) else is_sampled_circulant(part)
            fits = fits and one_to_one
        else:
            fits = isinstance(part, Identity)
        if not fits:
            return False
    return True


def mixes_channels(regularizer: LinearOperator) -> bool:
    """Say whether a channel of Lx depends on several of x."""
    return any(
        isinstance(part, Convolution) and part.groups not in (None, part.input_shape[0])
        for _, part in _parts(regularizer)
    )


def _parts(operator: LinearOperator) -> list[tuple[complex, LinearOperator]]:
    """Return what is stacked in `operator`, each with its factor."""
    if isinstance(operator, _Scaled):
        return [(operator._factor * factor, part) for factor, part in _parts(operator._operator)]
    if isinstance(operator, Stacked):
        return [pair for part in operator.operators for pair in _parts(part)]
    return [(1.0, operator)]


def eigenvalues(operator: Convolution, transform: Transform, y: Array) -> Array:
    """Return the spectrum of one channel's convolution, axes in natural order."""
    if not any(transform.mirrored):
        if operator.circulant is not None:
            return operator.circulant.response(y, half=transform.half)
        return responses(operator, y, half=transform.half)[0, ...]
    values = operator.taps
    for index, (axis, mirrored) in enumerate(zip(operator.axes, transform.mirrored, strict=True)):
        angles = transform.angles(index, _offsets(axis))
        values = np.tensordot(values, np.cos(angles) if mirrored else np.exp(1j * angles), axes=(0, 0))
    return like(values, y)


def responses(operator: Convolution, y: Array, *, half: bool) -> Array:
    """Return the transfer function of every kernel on the input's frame, shape (C_out·C_in/groups, …)."""
    frame = tuple(axis.n for axis in operator.axes)
    taps = operator.taps.reshape(-1, *(axis.k for axis in operator.axes))
    where = [-_offsets(axis) for axis in operator.axes]
    each = [spectrum_of_taps(kernel, where, frame, y, half=half) for kernel in taps]
    return each[0][None, ...] if len(each) == 1 else namespace(y).stack(each)


def gram(regularizer: LinearOperator, transform: Transform, y: Array) -> Array:
    """Return the eigenvalues of LᴴL, axes in natural order; before them the channels, if there are any.

    An axis of length 1 stands for any length.
    """
    grams = [abs(factor) ** 2 * _gram(part, transform, y) for factor, part in _parts(regularizer)]
    return functools.reduce(add, grams)


def _gram(part: LinearOperator, transform: Transform, y: Array) -> Array:
    ndim = len(part.input_shape)
    if isinstance(part, Convolution):
        if part.groups is None:
            return _squared(eigenvalues(part, transform, y))
        each = _squared(responses(part, y, half=transform.half))
        xp = namespace(each)
        return xp.sum(xp.reshape(each, (part.input_shape[0], -1, *each.shape[1:])), axis=1)
    if not isinstance(part, Differences):
        return like(np.ones((1,) * ndim), y)
    each = []
    for axis in part.axes:
        angles = transform.angles(axis - (ndim - len(transform.shape)), np.ones(1, int))
        squared = 4 * np.sin(angles / 2).reshape([-1 if i == axis else 1 for i in range(ndim)]) ** 2
        each.append(like(squared, y))
    return functools.reduce(add, each)


def penalty_rows(regularizer: LinearOperator, transform: Transform) -> np.ndarray:
    """Return L at each frequency, shape (rows, channels, …), up to a rotation of the rows."""
    inputs, host = regularizer.input_shape[0], np.empty(1)
    rows = []
    for factor, part in _parts(regularizer):
        if isinstance(part, Convolution):
            block = dense_channels(responses(part, host, half=transform.half), part)
        else:
            scale = np.broadcast_to(np.sqrt(_gram(part, transform, host)), (inputs, *transform.shape))
            block = np.eye(inputs).reshape(inputs, inputs, *(1,) * len(transform.shape)) * scale
        rows.append(factor * block)
    return np.concatenate(rows)


def dense_channels(each: np.ndarray, operator: Convolution) -> np.ndarray:
    """Return responses as one block (C_out, C_in, …), zero between groups."""
    groups, frame = operator.groups or 1, each.shape[1:]
    inputs = operator.taps.shape[1]
    full = np.zeros((groups, len(each) // inputs // groups, groups, inputs, *frame), each.dtype)
    for g in range(groups):
        full[g, :, g] = each.reshape(groups, -1, inputs, *frame)[g]
    return full.reshape(-1, groups * inputs, *frame)


def _reads_inside(axis: Axis) -> bool:
    return axis.before == 0 and axis.after == 0


def _offsets(axis: Axis) -> np.ndarray:
    """Return which neighbor each correlation tap reads: 0 is the sample itself."""
    return axis.dilation * np.arange(axis.k) - axis.before


def _is_even(operator: Convolution, index: int) -> bool:
    taps = operator.taps
    offsets = _offsets(operator.axes[index])
    reach = int(np.abs(offsets).max())
    centered = np.zeros((2 * reach + 1, *np.delete(taps.shape, index)), taps.dtype)
    centered[offsets + reach] = np.moveaxis(taps, index, 0)
    rounding = 8 * np.finfo(taps.dtype).eps * np.abs(taps).max()
    return bool(np.abs(centered - centered[::-1]).max() <= rounding)


def _squared(z: Array) -> Array:
    xp = namespace(z)
    return xp.real(z) ** 2 + xp.imag(z) ** 2 if xp.isdtype(z.dtype, "complex floating") else z * z
