"""The shape calculator: output size, input sizes that collide on it, and a line of code per framework."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from invdeconv import checks
from invdeconv.neural._code_lines import FrameworkShapes, Geometry, rows_for
from invdeconv.neural._window import extent, forward_window, same_pads

__all__ = ["Shapes", "shapes"]


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
        geometry = f"kernel {self.kernel_size}, stride {self.stride}, dilation {self.dilation}"
        lines = [
            f"{geometry}, padding {self.padding}",
            f"convolution: {self.input_size} → {self.output_size} samples, zeros around: {self.pads}",
            f"inputs of {sizes} samples all give {self.output_size}",
        ]
        for row in self.frameworks:
            told = "must be told" if row.default_size is None else f"returns {row.default_size} unless told"
            lines += [
                f"{row.framework} (transposed: {told})",
                f"    {row.convolution}",
                f"    {row.transposed}",
            ]
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
    rows = rows_for(Geometry(window, word, pads))
    return Shapes(n, k, s, d, word, pads, m, range(max(1, first), first + s), rows)
