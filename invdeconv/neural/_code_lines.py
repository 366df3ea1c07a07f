"""One line of code per framework: a convolution and its exact transpose, from the canonical geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from invdeconv.neural._window import Window, extent

__all__ = ["FrameworkShapes", "Geometry", "rows_for"]


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
class Geometry:
    """One axis, with the padding as it was asked for and as numbers."""

    window: Window
    padding: str | tuple[int, int]
    pads: tuple[int, int]

    @property
    def span(self) -> int:
        """Samples the dilated kernel spans."""
        return extent(self.window.k, self.window.dilation)

    @property
    def full(self) -> int:
        """Length of Cᵀy before anything is cropped or added."""
        return (self.window.m - 1) * self.window.stride + self.span

    @property
    def beyond(self) -> int:
        """Samples of n behind the last one any window reads: rows to add to the full length."""
        return max(0, self.window.before + self.window.n - self.full)

    @property
    def crop(self) -> str:
        """The slice that cuts n samples out of the full length."""
        return f"{self.window.before or ''}:{self.window.before + self.window.n}"


def rows_for(g: Geometry) -> tuple[FrameworkShapes, ...]:
    """Return the rows of the five frameworks."""
    return _tensorflow(g), _keras(g), _torch(g), _jax(g), _onnx(g)


def _options(**names: Any) -> str:
    """Write the options that differ from 1, their default."""
    return "".join(f", {name}={value!r}" for name, value in names.items() if value != 1)


def _tensorflow(g: Geometry) -> FrameworkShapes:
    w, (a, b) = g.window, g.pads
    padding = g.padding if isinstance(g.padding, str) else [[0, 0], [a, b], [a, b], [0, 0]]
    tail = f"strides={w.stride}, padding={padding!r}" + _options(dilations=w.dilation)
    there = f"tf.nn.conv2d(x, w, {tail})"
    back = f"tf.nn.conv2d_transpose(y, w, (N, {w.n}, {w.n}, C), {tail})"
    return FrameworkShapes("TensorFlow", there, back, None)


def _keras(g: Geometry) -> FrameworkShapes:
    w = g.window
    tail = _options(strides=w.stride, dilation_rate=w.dilation)
    if g.padding == "SAME":
        padding, data, cut = "same", "x", ""
        size, extra = w.m * w.stride, w.n - (w.m - 1) * w.stride - g.span % 2
    else:
        padding, data, cut = "valid", "x", ""
        size, extra = (w.m - 1) * w.stride + max(g.span, w.stride), g.beyond
        if any(g.pads):
            data, cut = f"keras.layers.ZeroPadding2D(({g.pads}, {g.pads}))(x)", f"[:, {g.crop}, {g.crop}]"
    told = "" if w.n == size and not cut else f", output_padding={extra}"
    there = f"keras.ops.conv({data}, w, padding={padding!r}{tail})"
    back = f"keras.ops.conv_transpose(y, w, padding={padding!r}{tail}{told}){cut}"
    return FrameworkShapes("Keras", there, back, size)


def _torch(g: Geometry) -> FrameworkShapes:
    w, (before, after) = g.window, g.pads
    tail = _options(stride=w.stride, dilation=w.dilation)
    if before == after:
        tail += f", padding={before}" if before else ""
        size = g.full - 2 * before
        told = f", output_padding={w.n - size}" if w.n > size else ""
        return FrameworkShapes(
            "PyTorch", f"F.conv2d(x, w{tail})", f"F.conv_transpose2d(y, w{tail}{told})", size
        )
    told = f", output_padding={g.beyond}" if g.beyond else ""
    there = f"F.conv2d(F.pad(x, ({before}, {after}, {before}, {after})), w{tail})"
    back = f"F.conv_transpose2d(y, w{tail}{told})[..., {g.crop}, {g.crop}]"
    return FrameworkShapes("PyTorch", there, back, g.full)


def _jax(g: Geometry) -> FrameworkShapes:
    w = g.window
    step = f"({w.stride}, {w.stride})"
    padding = repr(g.padding) if isinstance(g.padding, str) else repr([g.pads] * 2)
    dilation = "" if w.dilation == 1 else f", rhs_dilation=({w.dilation}, {w.dilation})"
    layout = "dimension_numbers=('NHWC', 'HWIO', 'NHWC')"
    left = g.span - 1 - w.before
    inner = (left, w.n + g.span - 2 - (w.m - 1) * w.stride - left)
    there = f"lax.conv_general_dilated(x, w, {step}, {padding}{dilation}, {layout})"
    back = f"lax.conv_transpose(y, w, {step}, {[inner] * 2}{dilation}, transpose_kernel=True)"
    sizes = {"SAME": w.m * w.stride, "VALID": (w.m - 1) * w.stride + max(g.span, w.stride)}
    size = sizes[g.padding] if isinstance(g.padding, str) else g.full - sum(g.pads)
    return FrameworkShapes("JAX", there, back, size)


def _onnx(g: Geometry) -> FrameworkShapes:
    w, (before, after) = g.window, g.pads
    step = f", strides=[{w.stride}, {w.stride}]"
    step += "" if w.dilation == 1 else f", dilations=[{w.dilation}, {w.dilation}]"
    pads = f", pads={[before, before, after, after]}" if any(g.pads) else ""
    # As pads and output_padding: output_shape would choose the crop itself, the odd sample first.
    tail = g.full + g.beyond - before - w.n
    told = f", pads={[before, before, tail, tail]}" if before or tail else ""
    told += f", output_padding=[{g.beyond}, {g.beyond}]" if g.beyond else ""
    there = f'make_node("Conv", ["x", "w"], ["y"]{step}{pads})'
    back = f'make_node("ConvTranspose", ["y", "w"], ["x"]{step}{told})'
    size = min(g.full, w.m * w.stride) if g.padding == "SAME" else g.full - sum(g.pads)
    return FrameworkShapes("ONNX", there, back, size)
