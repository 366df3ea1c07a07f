"""The shape calculator: output size, input sizes that collide on it, and a line of code per framework."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from invdeconv import checks
from invdeconv.neural._window import Window, extent, forward_window, same_pads

__all__ = ["FrameworkShapes", "Shapes", "shapes"]


@dataclass(frozen=True)
class FrameworkShapes:
    """What one framework makes of it.

    Attributes
    ----------
    framework : str
        Its name.
    convolution : str
        The line that computes y from x, channels and kernel as the framework lays them out.
    transposed : str
        The line that computes Cᵀy, n samples long.
    default_size : int or None
        Length of the framework's transposed layer when it is told nothing about n; None if it insists.
    """

    framework: str
    convolution: str
    transposed: str
    default_size: int | None


@dataclass(frozen=True)
class Shapes:
    """The arithmetic of one axis of a convolution layer; print it.

    Attributes
    ----------
    input_size, kernel_size, stride, dilation : int
        n, k, s, d.
    padding : str or (int, int)
        As asked for.
    pads : (int, int)
        Zeros before and after; SAME turned into numbers.
    output_size : int
        m.
    input_sizes : range
        All input sizes with this output size under the same padding: why a transposed layer must be
        told n.
    frameworks : tuple of FrameworkShapes
        TensorFlow, Keras, PyTorch, JAX, ONNX.
    """

    input_size: int
    kernel_size: int
    stride: int
    dilation: int
    padding: str | tuple[int, int]
    pads: tuple[int, int]
    output_size: int
    input_sizes: range
    frameworks: tuple[FrameworkShapes, ...]

    def __str__(self) -> str:
        sizes = ", ".join(map(str, self.input_sizes))
        lines = [
            f"kernel {self.kernel_size}, stride {self.stride}, dilation {self.dilation}, padding {self.padding}",
            f"convolution: {self.input_size} → {self.output_size} samples, zeros before and after: {self.pads}",
            f"inputs of {sizes} samples all give {self.output_size}",
        ]
        for row in self.frameworks:
            told = "must be told" if row.default_size is None else f"returns {row.default_size} unless told"
            lines += [f"{row.framework} (transposed: {told})", f"    {row.convolution}", f"    {row.transposed}"]
        return "\n".join(lines)


def shapes(
    input_size: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: str | int | Sequence[int] = "SAME",
    dilation: int = 1,
) -> Shapes:
    """Work out the sizes of a convolution layer and of its transpose, along one axis.

    Axes are independent of one another: call it once per axis.

    Parameters
    ----------
    input_size : int
        n, the samples of the convolution's input.
    kernel_size : int
        k.
    stride, dilation : int, default 1
        s and d.
    padding : {"SAME", "VALID"}, int or (before, after), default "SAME"
        TensorFlow's words, or zeros.

    Returns
    -------
    Shapes

    Raises
    ------
    InvalidInputError
        If the kernel does not fit.

    Notes
    -----
    The code lines are for images with the same numbers on both axes, ``x`` and ``y`` laid out as the
    framework wants, ``w`` its kernel.

    Examples
    --------
    >>> result = shapes(11, 5, stride=3, padding=2)
    >>> result.output_size, result.input_sizes
    (4, range(10, 13))
    """
    name = "shapes"
    n = checks.integer(name, "input_size", input_size, minimum=1)
    k = checks.integer(name, "kernel_size", kernel_size, minimum=1)
    s = checks.integer(name, "stride", stride, minimum=1)
    d = checks.integer(name, "dilation", dilation, minimum=1)
    word: str | tuple[int, int]
    if isinstance(padding, str):
        word = checks.choice(name, "padding", padding, ("SAME", "VALID"))
        pads = same_pads(n, k, s, d) if word == "SAME" else (0, 0)
    else:
        before, after = checks.integers(name, "padding", padding, 2, minimum=0)
        word = pads = (before, after)
    window = forward_window(n, k, s, d, *pads)
    m = window.m
    if m < 1:
        got = f"{extent(k, d)} samples on {n + sum(pads)}"
        checks.refuse(name, "kernel_size", "fit into the padded input", got, "Use a smaller kernel, or pad.")
    first = (m - 1) * s + (1 if word == "SAME" else extent(k, d) - sum(pads))
    call = _Call(window, word, pads)
    rows = (call.tensorflow(), call.keras(), call.torch(), call.jax(), call.onnx())
    return Shapes(n, k, s, d, word, pads, m, range(max(1, first), first + s), rows)


@dataclass(frozen=True)
class _Call:
    """Writes the code lines of one geometry."""

    window: Window
    word: str | tuple[int, int]
    pads: tuple[int, int]

    @property
    def _full(self) -> int:
        """Length of Cᵀy before anything is cropped or added."""
        return (self.window.m - 1) * self.window.stride + extent(self.window.k, self.window.dilation)

    def _options(self, **names: Any) -> str:
        return "".join(f", {name}={value!r}" for name, value in names.items() if value not in (None, 1, 0))

    def tensorflow(self) -> FrameworkShapes:
        w = self.window
        padding: Any = self.word if isinstance(self.word, str) else [[0, 0], [*self.pads], [*self.pads], [0, 0]]
        tail = f"strides={w.stride}, padding={padding!r}" + self._options(dilations=w.dilation)
        return FrameworkShapes(
            "TensorFlow",
            f"tf.nn.conv2d(x, w, {tail})",
            f"tf.nn.conv2d_transpose(y, w, (N, {w.n}, {w.n}, C), {tail})",
            None,
        )

    def keras(self) -> FrameworkShapes:
        w, span = self.window, extent(self.window.k, self.window.dilation)
        tail = self._options(strides=w.stride, dilation_rate=w.dilation)
        if self.word == "SAME":
            line, after = f'keras.ops.conv(x, w, padding="same"{tail})', ""
            extra: int | None = w.n - (w.m - 1) * w.stride - span % 2
            size = w.m * w.stride
            if extra is not None and extra < 0:
                extra, after = None, f"[:, :{w.n}, :{w.n}]"
            padding = "same"
        else:
            padded = "x" if self.pads == (0, 0) else f"keras.layers.ZeroPadding2D(({self.pads}, {self.pads}))(x)"
            line = f'keras.ops.conv({padded}, w, padding="valid"{tail})'
            size, padding = (w.m - 1) * w.stride + max(span, w.stride), "valid"
            extra = max(0, w.before + w.n - self._full)
            crop = f"{w.before or ''}:{w.before + w.n}"
            after = "" if self.pads == (0, 0) else f"[:, {crop}, {crop}]"
        if w.n == size and not after:
            extra = None
        told = "" if extra is None else f", output_padding={extra}"
        return FrameworkShapes(
            "Keras",
            line,
            f'keras.ops.conv_transpose(y, w, padding="{padding}"{tail or ", strides=1"}{told}){after}',
            size,
        )

    def torch(self) -> FrameworkShapes:
        w, (before, after) = self.window, self.pads
        tail = self._options(stride=w.stride, dilation=w.dilation)
        if before == after:
            extra = w.n + 2 * before - self._full
            return FrameworkShapes(
                "PyTorch",
                f"F.conv2d(x, w{tail}{self._options(padding=before)})",
                f"F.conv_transpose2d(y, w{tail}{self._options(padding=before)}, output_padding={extra})"
                if extra
                else f"F.conv_transpose2d(y, w{tail}{self._options(padding=before)})",
                self._full - 2 * before,
            )
        extra = max(0, before + w.n - self._full)
        told = f", output_padding={extra}" if extra else ""
        crop = f"{before or ''}:{before + w.n}"
        pads = f"({before}, {after}, {before}, {after})"
        return FrameworkShapes(
            "PyTorch",
            f"F.conv2d(F.pad(x, {pads}), w{tail})",
            f"F.conv_transpose2d(y, w{tail}{told})[..., {crop}, {crop}]",
            self._full,
        )

    def jax(self) -> FrameworkShapes:
        w, span = self.window, extent(self.window.k, self.window.dilation)
        padding: Any = self.word if isinstance(self.word, str) else [self.pads] * 2
        tail = f"({w.stride}, {w.stride}), {padding!r}"
        dilation = "" if w.dilation == 1 else f", rhs_dilation=({w.dilation}, {w.dilation})"
        left = span - 1 - w.before
        inner = (left, w.n + span - 2 - (w.m - 1) * w.stride - left)
        size = {"SAME": w.m * w.stride, "VALID": (w.m - 1) * w.stride + max(span, w.stride)}
        return FrameworkShapes(
            "JAX",
            f"lax.conv_general_dilated(x, w, {tail}{dilation}, dimension_numbers=('NHWC', 'HWIO', 'NHWC'))",
            f"lax.conv_transpose(y, w, ({w.stride}, {w.stride}), {[inner] * 2!r}{dilation}, transpose_kernel=True)",
            size[self.word] if isinstance(self.word, str) else self._full - sum(self.pads),
        )

    def onnx(self) -> FrameworkShapes:
        w, (before, after) = self.window, self.pads
        step = f"strides=[{w.stride}, {w.stride}]" + self._options(
            dilations=None if w.dilation == 1 else [w.dilation] * 2
        )
        pads = "" if self.pads == (0, 0) else f", pads={[before, before, after, after]}"
        # As pads and output_padding: output_shape would choose the crop itself, the odd sample first.
        extra = max(0, before + w.n - self._full)
        crop = [before] * 2 + [self._full + extra - before - w.n] * 2
        told = f", pads={crop}" if any(crop) else ""
        told += f", output_padding=[{extra}, {extra}]" if extra else ""
        size = min(self._full, w.m * w.stride) if self.word == "SAME" else self._full - sum(self.pads)
        return FrameworkShapes(
            "ONNX",
            f'make_node("Conv", ["x", "w"], ["y"], {step}{pads})',
            f'make_node("ConvTranspose", ["y", "w"], ["x"], {step}{told})',
            size,
        )
