"""The convolution operator: Crop · Conv₀ · Pad with an exact adjoint in every case."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, to_numpy
from invdeconv.operators._extension import BOUNDARIES, Extension
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.convolution import _direct
from invdeconv.operators.convolution._fourier import FourierEngine, direct_is_cheaper
from invdeconv.operators.convolution._geometry import Axis, resolve

__all__ = ["Convolution"]


class Convolution(LinearOperator):
    """Convolve, or correlate, an N-D array with a kernel: y[i] = Σⱼ k[j]·x[s·i + d·j − before].

    That is the correlation (``correlate=True``, the convolution of neural networks); the default turns
    the kernel round, as point-spread functions want. ``C(x)`` applies it, ``C.H(y)`` is its exact
    adjoint, the "transposed convolution". Neither undoes the other: see `pseudo_inverse`.

    Parameters
    ----------
    kernel : array, shape (k1, …, kd)
        Real or complex; kept on the host in double or single precision.
    input_shape : tuple of int
        Shape (n1, …, nd) of x. It is stored, so the adjoint never guesses.
    stride, dilation : int or tuple of int, default 1
        Step between outputs; step between kernel samples.
    padding : {"same", "valid", "full"} or pairs, default "same"
        "same": ⌈n/s⌉ outputs, output i centered on input s·i. Explicit: one (before, after) pair, or one
        per axis. TensorFlow's SAME is other, explicit pads.
    boundary : {"zero", "periodic", "symmetric", "reflect", "edge", "antireflect"}, default "zero"
        What the padded samples hold, one word or one per axis: see `Extension`.
    origin : int or tuple of int, optional
        Index of the kernel's center for "same"; default k // 2 on each axis.
    correlate : bool, default False
        Slide the kernel as it is instead of turning it round.

    Raises
    ------
    InvalidInputError
        If the kernel is empty, zero, not finite, of another rank than `input_shape`, longer than the
        padded input, or a word is unknown.

    Notes
    -----
    Cost: one FFT pair on ``n + k − 1`` points, or k passes over the output for small kernels; chosen by
    counting. Transfer functions are kept, one per library and precision.

    Examples
    --------
    >>> import numpy as np
    >>> C = Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True)
    >>> C
    Convolution 2×2, stride 2, valid: (4, 4) → (2, 2)
    >>> C(np.ones((4, 4)))
    array([[-2., -2.],
           [-2., -2.]])
    """

    def __init__(
        self,
        kernel: Any,
        input_shape: tuple[int, ...],
        *,
        stride: int | tuple[int, ...] = 1,
        dilation: int | tuple[int, ...] = 1,
        padding: str | tuple[Any, ...] = "same",
        boundary: str | tuple[str, ...] = "zero",
        origin: int | tuple[int, ...] | None = None,
        correlate: bool = False,
    ) -> None:
        name = "Convolution"
        shape = checks.shape(name, "input_shape", input_shape)
        taps = to_numpy(checks.kernel(name, "kernel", kernel)).copy()
        ndim = len(shape)
        if taps.ndim != ndim:
            advice = f"The input has shape {shape}; give the kernel {ndim} axes."
            checks.refuse(name, "kernel", f"have {ndim} dimensions, as input_shape", taps.ndim, advice)
        checks.flag(name, "correlate", correlate)
        self._boundaries = _words(boundary, ndim)
        strides = checks.integers(name, "stride", stride, ndim, minimum=1)
        dilations = checks.integers(name, "dilation", dilation, ndim, minimum=1)
        self._origin = _origin(origin, taps.shape)
        self.axes = resolve(taps.shape, shape, strides, dilations, padding, self._origin, correlate=correlate)
        self._padding = padding
        taps.flags.writeable = False
        self._kernel = taps
        self.taps = taps if correlate else np.flip(taps)
        self._prepare()
        super().__init__(shape, tuple(axis.m for axis in self.axes), np.result_type(taps.dtype, np.float64))

    def _prepare(self) -> None:
        """Split the boundary: the engine does zero and periodic axes itself, pads do the rest."""
        wraps = tuple(
            word == "periodic" and axis.reach <= axis.n
            for word, axis in zip(self._boundaries, self.axes, strict=True)
        )
        inside = tuple(
            wrap or word == "zero" or (axis.before, axis.after) == (0, 0)
            for wrap, word, axis in zip(wraps, self._boundaries, self.axes, strict=True)
        )
        engine_axes = tuple(
            axis if ok else _already_padded(axis) for ok, axis in zip(inside, self.axes, strict=True)
        )
        engine = FourierEngine(self.taps, engine_axes, wraps)
        direct = direct_is_cheaper(int(np.count_nonzero(self.taps)), self.axes, engine.frame)
        self._engine = None if direct else engine
        shape = tuple(axis.n for axis in self.axes)
        pads = tuple(
            (0, 0) if ok and not direct else (axis.before, axis.after)
            for ok, axis in zip(inside, self.axes, strict=True)
        )
        self._extension = None if not any(map(any, pads)) else Extension(shape, pads, self._boundaries)
        # The circulant whose samples this is, if it is one: what `decompose` diagonalizes.
        self.circulant = engine if all(wraps) else None

    @classmethod
    def from_psf(cls, psf: Any, shape: tuple[int, ...], *, boundary: str = "symmetric") -> Convolution:
        """Return the blur of images of one shape by a point-spread function, its origin at n // 2.

        Parameters
        ----------
        psf : array, shape (k1, …, kd)
            Point-spread function; used as it is, never normalized.
        shape : tuple of int
            Shape of the data.
        boundary : str, default "symmetric"
            A word of `Convolution`, or "unknown": the valid convolution from the larger domain
            ``shape + k − 1``, which assumes nothing about what lies outside.

        Returns
        -------
        Convolution
        """
        words = (*BOUNDARIES, "unknown")
        checks.choice("Convolution.from_psf", "boundary", boundary, words)
        shape = checks.shape("Convolution.from_psf", "shape", shape)
        if boundary == "unknown":
            kernel = checks.kernel("Convolution.from_psf", "psf", psf)
            if kernel.ndim != len(shape):
                advice = "Give the point-spread function as many axes as the data."
                checks.refuse(
                    "Convolution.from_psf", "psf", f"have {len(shape)} dimensions", kernel.ndim, advice
                )
            larger = tuple(n + k - 1 for n, k in zip(shape, kernel.shape, strict=True))
            return cls(kernel, larger, padding="valid")
        return cls(psf, shape, boundary=boundary)

    @classmethod
    def from_otf(cls, otf: Any, shape: tuple[int, ...]) -> Convolution:
        """Return the periodic convolution with a transfer function on the full plane.

        Parameters
        ----------
        otf : array, shape `shape`
            Zero frequency first, as ``fftn`` returns it. A complex transfer function keeps its phase; one
            with Hermitian symmetry gives a real operator.
        shape : tuple of int
            Shape of the data.

        Returns
        -------
        Convolution
        """
        name = "Convolution.from_otf"
        shape = checks.shape(name, "shape", shape)
        response = to_numpy(checks.kernel(name, "otf", otf))
        if response.shape != shape:
            advice = "Give the full plane, as fftn returns it; rfftn's half plane will not do."
            checks.refuse(name, "otf", f"have shape {shape}", response.shape, advice)
        kernel = np.fft.ifftn(response)
        rounding = 8 * np.finfo(kernel.real.dtype).eps * np.abs(kernel).max()
        hermitian = np.abs(kernel.imag).max() <= rounding
        return cls(kernel.real if hermitian else kernel, shape, boundary="periodic", origin=(0,) * len(shape))

    @property
    def kernel(self) -> np.ndarray:
        """The kernel as given, read-only."""
        return self._kernel

    @property
    def boundaries(self) -> tuple[str, ...]:
        """The boundary word of each axis."""
        return self._boundaries

    def _forward(self, x: Array) -> Array:
        if self._extension is not None:
            x = self._extension._forward(x)
        if self._engine is None:
            return _direct.correlate(x, self.taps, self.axes)
        return self._engine.forward(x)

    def _adjoint(self, y: Array) -> Array:
        if self._engine is None:
            x = _direct.correlate_adjoint(y, self.taps, self.axes)
        else:
            x = self._engine.adjoint(y)
        return x if self._extension is None else self._extension._adjoint(x)

    def _label(self) -> str:
        parts = ["Convolution " + "×".join(map(str, self._kernel.shape))]
        for word, values in (
            ("stride", [axis.stride for axis in self.axes]),
            ("dilation", [axis.dilation for axis in self.axes]),
        ):
            if any(value != 1 for value in values):
                parts.append(f"{word} {_short(values)}")
        if isinstance(self._padding, str):
            parts.append(self._padding)
        else:
            parts.append(f"pads {_short([(axis.before, axis.after) for axis in self.axes])}")
        if any(word != "zero" for word in self._boundaries):
            parts.append(_short(self._boundaries))
        return ", ".join(parts)


def _already_padded(axis: Axis) -> Axis:
    return Axis(axis.padded, axis.k, axis.stride, axis.dilation, 0, 0)


def _short(values: Any) -> str:
    items = list(dict.fromkeys(values))
    return str(items[0]) if len(items) == 1 else ", ".join(map(str, values))


def _words(boundary: str | tuple[str, ...], ndim: int) -> tuple[str, ...]:
    if not isinstance(boundary, str | tuple | list):
        checks.choice("Convolution", "boundary", boundary, BOUNDARIES)
    words = (boundary,) * ndim if isinstance(boundary, str) else tuple(boundary)
    if len(words) != ndim:
        advice = f"Pass one word, or {ndim} of them."
        checks.refuse("Convolution", "boundary", f"have one word per axis ({ndim})", len(words), advice)
    return tuple(checks.choice("Convolution", "boundary", word, BOUNDARIES) for word in words)


def _origin(origin: Any, kernel_shape: tuple[int, ...]) -> tuple[int, ...]:
    if origin is None:
        return tuple(k // 2 for k in kernel_shape)
    values = checks.integers("Convolution", "origin", origin, len(kernel_shape), minimum=0)
    for value, k in zip(values, kernel_shape, strict=True):
        if value >= k:
            checks.refuse(
                "Convolution", "origin", f"lie inside the kernel {kernel_shape}", values, "Count from 0."
            )
    return values
