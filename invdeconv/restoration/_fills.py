"""What joins the edges of data in a periodic frame."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import TypeAlias

import numpy as np

from invdeconv.arrays import Array, along, dct2, idct2, is_complex, like, namespace, signal, spectrum

__all__ = ["FILLS", "Fill", "liu_jia", "membrane", "taper"]

# (data, shape of the frame) → data that end in it
Fill: TypeAlias = Callable[[Array, tuple[int, ...]], Array]


def taper(data: Array, frame: tuple[int, ...]) -> Array:
    """Continue each axis to the frame: the last sample fades into the first by a raised cosine."""
    xp = namespace(data)
    for axis, length in enumerate(frame):
        n = data.shape[axis]
        gap = length - n
        fade = 0.5 + 0.5 * np.cos(np.pi * (np.arange(gap) + 1) / (gap + 1))
        weight = like(fade.reshape([-1 if i == axis else 1 for i in range(data.ndim)]), data)
        last = data[along(data.ndim, axis, slice(n - 1, n))]
        first = data[along(data.ndim, axis, slice(0, 1))]
        data = xp.concat([data, weight * last + (1 - weight) * first], axis=axis)
    return data


def liu_jia(data: Array, frame: tuple[int, ...]) -> Array:
    """Continue each axis to the frame: a membrane between the last sample and the first.

    R. Liu, J. Jia, "Reducing boundary artifacts in image deconvolution", ICIP 2008, §3: the fill has no
    Laplacian. In any number of dimensions, axis by axis; the mean over all orders, so that none is special.
    """
    orders = list(permutations(range(data.ndim)))
    return sum(membrane(data, frame, order) for order in orders) / len(orders)


FILLS: dict[str, Fill] = {"taper": taper, "liu-jia": liu_jia}


def membrane(data: Array, frame: tuple[int, ...], order: tuple[int, ...]) -> Array:
    """Fill axis by axis: periodic along the axes that are done, with no slope at the ends of the others.

    Across a gap each mode of the other axes is then a pair of sinh.
    """
    xp = namespace(data)
    done: tuple[int, ...] = ()
    for axis in order:
        n, others = data.shape[axis], [i for i in range(data.ndim) if i != axis]
        ends = [data[along(data.ndim, axis, part)] for part in (slice(n - 1, n), slice(0, 1))]
        for i in others:
            ends = [_fft(end, i) if i in done else dct2(end, i) for end in ends]
        # 2·cosh θ − 2 = μ, the eigenvalue of −Δ along the others: Σ 4 sin².
        sizes = [1 if i == axis else data.shape[i] for i in range(data.ndim)]
        grids = np.meshgrid(*(np.arange(size) / size for size in sizes), indexing="ij", sparse=True)
        sines = sum(np.sin(np.pi * grids[i] * (1.0 if i in done else 0.5)) ** 2 for i in others)
        theta = 2 * np.arcsinh(np.sqrt(np.asarray(sines, float)))
        gap = frame[axis] - n
        ahead = np.arange(1, gap + 1.0).reshape([-1 if i == axis else 1 for i in range(data.ndim)])
        weight = like(_sinh_ratio(gap + 1 - ahead, gap + 1, theta), xp.real(data))
        strip = weight * ends[0] + xp.flip(weight, axis=axis) * ends[1]
        for i in others:
            strip = _fft(strip, i, back=True) if i in done else idct2(strip, i)
        data = xp.concat([data, strip if is_complex(data) else xp.real(strip)], axis=axis)
        done += (axis,)
    return data


def _sinh_ratio(a: np.ndarray, b: float, theta: np.ndarray) -> np.ndarray:
    """Return sinh(aθ)/sinh(bθ) for 0 < a <= b without overflow; a/b at θ = 0."""
    safe = np.where(theta > 0, theta, 1.0)
    ratio = np.exp((a - b) * safe) * np.expm1(-2 * a * safe) / np.expm1(-2 * b * safe)
    return np.where(theta > 0, ratio, a / b)


def _fft(x: Array, axis: int, *, back: bool = False) -> Array:
    """Transform one axis."""
    xp = namespace(x)
    x = xp.moveaxis(x, axis, -1)
    frame = (x.shape[-1],)
    x = signal(x, frame, frame, half=False) if back else spectrum(x, frame, half=False)
    return xp.moveaxis(x, -1, axis)
