"""The convolution operator: Crop · Conv₀ · Pad with an exact adjoint in every case."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, to_numpy
from invdeconv.operators._extension import BOUNDARIES, Extension
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.convolution._channels import ChannelFourierEngine, DepthwiseEngine
from invdeconv.operators.convolution._cost import direct_is_cheaper
from invdeconv.operators.convolution._fourier import FourierEngine
from invdeconv.operators.convolution._gemm import GemmEngine
from invdeconv.operators.convolution._geometry import Axis, check_channels, resolve
from invdeconv.operators.convolution._taps import TapEngine

__all__ = ["Convolution"]


class Convolution(LinearOperator):
    """Convolve, or correlate, an N-D array with a kernel: y[i] = Σⱼ k[j]·x[s·i + d·j − before].

    That is the correlation (``correlate=True``, the convolution of neural networks); the default turns
    the kernel round, as point-spread functions want. ``C(x)`` applies it, ``C.H(y)`` is its exact
    adjoint, the "transposed convolution". Neither undoes the other: see `pseudo_inverse`.

    Parameters
    ----------
    kernel : array, shape (k1, …, kd), or (C_out, C_in / groups, k1, …, kd) with channels
        Real or complex; kept on the host in double or single precision.
    input_shape : tuple of int
        Shape (n1, …, nd) of x, or (C_in, n1, …, nd). It is stored, so the adjoint never guesses.
    stride, dilation : int or tuple of int, default 1
        Step between outputs; step between kernel samples.
    padding : {"same", "valid", "full"} or pairs, default "same"
        "same": ⌈n/s⌉ outputs, output i centered on input s·i. Explicit: one (before, after) pair, or one
        per axis. TensorFlow's SAME is other, explicit pads.
    boundary : {"zero", "periodic", "symmetric", "reflect", "edge", "antireflect"}, default "zero"
        What the padded samples hold, one word or one per axis: see `Extension`.
    origin : int or tuple of int, optional
        Index of the kernel's center for "same"; default k // 2 on each axis.
    channels : bool, default False
        The first axis holds channels: y[o] = Σ_c kernel[o, c] ∗ x[c]. All other options speak of the
        spatial axes only.
    groups : int, default 1
        Output channels of a group see the input channels of that group only; C_in groups are the
        "depthwise" convolution.
    correlate : bool, default False
        Slide the kernel as it is instead of turning it round, along the spatial axes.

    Raises
    ------
    InvalidInputError
        If the kernel is empty, zero, not finite, of another rank than `input_shape`, longer than the
        padded input, of other channels than the input, or a word is unknown; if the groups do not
        divide the channels.

    Notes
    -----
    Cost: one FFT pair on ``n + k − 1`` points, or k passes over the output for small kernels; with
    channels C_out·C_in/groups·k multiplications per output in BLAS. Chosen by counting; `with_engine`
    overrules it. Transfer functions are kept, one per library and precision.

    Examples
    --------
    >>> import numpy as np
    >>> C = Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True)
    >>> C
    Convolution 2×2, stride 2, valid: (4, 4) → (2, 2)
    >>> C(np.ones((4, 4)))
    array([[-2., -2.],
           [-2., -2.]])
    >>> Convolution(np.ones((32, 64, 3, 3)), (64, 112, 112), stride=2, channels=True)
    Convolution 64→32 channels, 3×3, stride 2, same: (64, 112, 112) → (32, 56, 56)
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
        channels: bool = False,
        groups: int = 1,
        correlate: bool = False,
    ) -> None:
        name = "Convolution"
        full_shape = checks.shape(name, "input_shape", input_shape)
        taps = to_numpy(checks.kernel(name, "kernel", kernel)).copy()
        checks.flag(name, "correlate", correlate)
        checks.flag(name, "channels", channels)
        groups = checks.integer(name, "groups", groups, minimum=1)
        if channels:
            check_channels(taps.shape, full_shape, groups)
        elif groups != 1:
            checks.refuse(name, "groups", "be 1 without channels", groups, "Pass channels=True.")
        elif taps.ndim != len(full_shape):
            advice = f"The input has shape {full_shape}; give the kernel {len(full_shape)} axes."
            requirement = f"have {len(full_shape)} dimensions, as input_shape"
            checks.refuse(name, "kernel", requirement, taps.ndim, advice)
        self._lead = full_shape[:1] if channels else ()
        self._groups = groups if channels else None
        shape = full_shape[1:] if channels else full_shape
        size = taps.shape[2:] if channels else taps.shape
        ndim = len(shape)
        self._boundaries = _words(boundary, ndim)
        strides = checks.integers(name, "stride", stride, ndim, minimum=1)
        dilations = checks.integers(name, "dilation", dilation, ndim, minimum=1)
        self._origin = _origin(origin, size)
        self.axes = resolve(size, shape, strides, dilations, padding, self._origin, correlate=correlate)
        self._padding = padding
        taps.flags.writeable = False
        self._kernel = taps
        self.correlate = correlate
        self.taps = taps if correlate else np.flip(taps, axis=tuple(range(taps.ndim - ndim, taps.ndim)))
        outputs = tuple(axis.m for axis in self.axes)
        super().__init__(
            full_shape, (taps.shape[:1] + outputs) if channels else outputs, np.result_type(taps, np.float64)
        )
        self._prepare(None)

    def _prepare(self, engine: str | None) -> None:
        """Split the boundary: the engine does zeros, and by FFT periods, itself; an extension the rest."""
        zeros = tuple(
            word == "zero" or (axis.before, axis.after) == (0, 0)
            for word, axis in zip(self._boundaries, self.axes, strict=True)
        )
        wraps = tuple(
            word == "periodic" and axis.reach <= axis.n
            for word, axis in zip(self._boundaries, self.axes, strict=True)
        )
        inside = tuple(map(any, zip(zeros, wraps, strict=True)))
        fourier = self._fourier(self._engine_axes(inside), wraps)
        if engine is None:
            direct = direct_is_cheaper(self.taps, self.axes, fourier.frame, self._groups)
            engine = "direct" if direct else "fft"
        self.engine = engine
        own = zeros if engine == "direct" else inside
        self._engine = self._direct(self._engine_axes(zeros)) if engine == "direct" else fourier
        pads = tuple(
            (0, 0) if ok else (axis.before, axis.after) for ok, axis in zip(own, self.axes, strict=True)
        )
        still = ((0, 0),) * len(self._lead)
        self._extension = (
            Extension(self.input_shape, still + pads, ("zero",) * len(self._lead) + self._boundaries)
            if any(map(any, pads))
            else None
        )
        # The circulant whose samples this is, if it is one: what `decompose` diagonalizes.
        self.circulant = fourier if isinstance(fourier, FourierEngine) and all(wraps) else None

    def _engine_axes(self, own: tuple[bool, ...]) -> tuple[Axis, ...]:
        return tuple(axis if ok else _already_padded(axis) for ok, axis in zip(own, self.axes, strict=True))

    def _fourier(
        self, axes: tuple[Axis, ...], wraps: tuple[bool, ...]
    ) -> FourierEngine | ChannelFourierEngine:
        if self._groups is None:
            return FourierEngine(self.taps, axes, wraps)
        return ChannelFourierEngine(self.taps, self._groups, axes, wraps)

    def _direct(self, axes: tuple[Axis, ...]) -> TapEngine | DepthwiseEngine | GemmEngine:
        if self._groups is None:
            return TapEngine(self.taps, axes)
        kind = DepthwiseEngine if self.taps.shape[1] == 1 else GemmEngine
        return kind(self.taps, self._groups, axes)

    def with_engine(self, engine: str) -> Convolution:
        """Return the same operator computed the way asked for, whatever the count of work says.

        Parameters
        ----------
        engine : {"direct", "fft"}
            Tap by tap, in BLAS where channels mix; or by Fourier transform.

        Returns
        -------
        Convolution
            Equal to this one up to rounding; its attribute `engine` names the way.
        """
        other = copy.copy(self)
        other._prepare(checks.choice("Convolution.with_engine", "engine", engine, ("direct", "fft")))
        return other

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
    def groups(self) -> int | None:
        """The number of groups of a convolution with channels; None without channels."""
        return self._groups

    @property
    def boundaries(self) -> tuple[str, ...]:
        """The boundary word of each axis."""
        return self._boundaries

    def _forward(self, x: Array) -> Array:
        return self._engine.forward(x if self._extension is None else self._extension._forward(x))

    def _adjoint(self, y: Array) -> Array:
        x = self._engine.adjoint(y)
        return x if self._extension is None else self._extension._adjoint(x)

    def _label(self) -> str:
        parts = ["×".join(str(axis.k) for axis in self.axes)]
        if self._groups is not None:
            mixing = [f"{self._groups} groups"] if self._groups > 1 else []
            parts = [f"{self.input_shape[0]}→{self.output_shape[0]} channels", *mixing, *parts]
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
        return "Convolution " + ", ".join(parts)


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
