"""JAX's convolution layers: any layout, and a transposed layer that does not turn the kernel round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.neural._layer import (
    Layer,
    build_layer,
    group_count,
    layer_kernel,
    need_channels,
    need_outputs,
    pad_pairs,
)
from invdeconv.neural._permuted import Permuted
from invdeconv.neural._window import Window, extent, forward_window, same_pads

__all__ = ["from_jax"]

_SPACE = ("H", "HW", "HWD")


def from_jax(
    rhs: Any,
    input_shape: Sequence[int],
    *,
    strides: int | Sequence[int] = 1,
    padding: str | Sequence[Sequence[int]],
    rhs_dilation: int | Sequence[int] = 1,
    dimension_numbers: tuple[str, str, str] | None = None,
    feature_group_count: int = 1,
    transposed: bool = False,
    transpose_kernel: bool = False,
    use_consistent_padding: bool = False,
) -> Layer:
    """Return ``lax.conv_general_dilated`` or ``lax.conv_transpose`` as an operator.

    Parameters
    ----------
    rhs : array
        The kernel, laid out as `dimension_numbers` says.
    input_shape : tuple of int
        Shape of ``lhs``, the batch axis included.
    strides : int or sequence, default 1
        ``window_strides`` of the convolution, ``strides`` of the transposed one.
    padding : {"SAME", "VALID", "SAME_LOWER"} or pairs
        Pairs may be negative. For a transposed layer they are pads of the *inner*, zero-inserted
        convolution, unless `use_consistent_padding`.
    rhs_dilation : int or sequence, default 1
        Step between kernel samples.
    dimension_numbers : three strings, optional
        Layouts of data, kernel and output. The default is JAX's: ("NCHW", "OIHW", "NCHW") for a
        convolution, ("NHWC", "HWIO", "NHWC") for a transposed one.
    feature_group_count : int, default 1
        Groups of channels; `lax.conv_transpose` has none.
    transposed : bool, default False
        ``lax.conv_transpose``.
    transpose_kernel : bool, default False
        JAX's default slides the kernel as it is: the result is Cᵀ of the *flipped* kernel. True gives Cᵀ.
    use_consistent_padding : bool, default False
        Read pairs as pads of the convolution that is transposed.

    Returns
    -------
    Layer

    Raises
    ------
    InvalidInputError
        If a layout is not one, an option belongs to the other direction, or shapes do not fit.

    Notes
    -----
    SAME returns m·s samples, whatever the convolution's input was: where that had n < m·s samples the
    result is Cᵀ for an input of m·s, whose pads may differ, so that the extra row stands at the front
    (k = 3, n = 5) or at the back (k = 4, n = 5).

    References
    ----------
    JAX, lax.conv_transpose; jax-ml/jax issue 32267 on the meaning of its pads.

    Examples
    --------
    >>> import numpy as np
    >>> w, y = np.array([1.0, 2, 3]).reshape(3, 1, 1), np.ones((1, 2, 1))
    >>> for turned in (False, True):
    ...     layer = from_jax(w, (1, 2, 1), padding="VALID", transposed=True, transpose_kernel=turned)
    ...     print(layer(y).ravel())
    [3. 5. 3. 1.]
    [1. 3. 5. 3.]
    """
    name = "from_jax"
    kernel = layer_kernel(name, "rhs", rhs)
    d = kernel.ndim - 2
    for argument, value in (("transposed", transposed), ("transpose_kernel", transpose_kernel)):
        checks.flag(name, argument, value)
    groups = checks.integer(name, "feature_group_count", feature_group_count, minimum=1)
    shape = checks.shape(name, "input_shape", input_shape)
    if len(shape) != d + 2:
        checks.refuse(name, "input_shape", f"have {d + 2} axes, as rhs", shape, "Keep the batch axis.")
    data, weights, result = _layouts(name, dimension_numbers, d, transposed=transposed)
    space = [letter for letter in weights if letter not in "OI"]
    kernel = kernel.transpose([weights.index(letter) for letter in ("O", "I", *space)])
    enter = Permuted(shape, tuple(data.index(letter) for letter in ("N", "C", *space)))
    batch, channels, *sizes = enter.output_shape
    geometry = list(
        zip(
            kernel.shape[2:],
            checks.integers(name, "strides", strides, d, minimum=1),
            checks.integers(name, "rhs_dilation", rhs_dilation, d, minimum=1),
            strict=True,
        )
    )
    words = ("SAME", "VALID") if transposed else ("SAME", "VALID", "SAME_LOWER")
    pads = _pads(name, padding, d, words)
    if transposed:
        if groups != 1:
            checks.refuse(
                name, "feature_group_count", "be 1 with transposed=True", groups, "JAX has no groups there."
            )
        if not transpose_kernel:
            kernel = np.flip(kernel.swapaxes(0, 1), tuple(range(2, d + 2)))
        windows = [
            _transposed_window(m, *axis, pad, consistent=use_consistent_padding)
            for m, axis, pad in zip(sizes, geometry, pads, strict=True)
        ]
        need_channels(name, "input_shape", channels, kernel.shape[0])
    else:
        if transpose_kernel or use_consistent_padding:
            argument = "transpose_kernel" if transpose_kernel else "use_consistent_padding"
            checks.refuse(name, argument, "be left out", "True", "Only transposed=True needs it.")
        need_channels(name, "input_shape", channels, groups * kernel.shape[1])
        group_count(name, "rhs", channels, kernel.shape[1], kernel.shape[0])
        windows = [
            forward_window(n, *axis, *_forward_pads(n, axis, pad))
            for n, axis, pad in zip(sizes, geometry, pads, strict=True)
        ]
    need_outputs(name, windows)
    layer = build_layer(
        "JAX", kernel, windows, batch=(batch,), groups=groups, transposed=transposed, channels_last=False
    )
    leave = Permuted(layer.output_shape, tuple(("N", "C", *space).index(letter) for letter in result))
    return Layer(leave @ layer @ enter, layer.convolution, "JAX", transposed=transposed)


def _layouts(name: str, given: Any, d: int, *, transposed: bool) -> tuple[str, str, str]:
    """Return the three layouts, checked to be permutations of one another's letters."""
    if given is None:
        if d > len(_SPACE):
            advice = "JAX names no layout for so many axes; pass dimension_numbers."
            checks.refuse(name, "rhs", "have at most 5 axes", d + 2, advice)
        space = _SPACE[d - 1]
        if transposed:
            return f"N{space}C", f"{space}IO", f"N{space}C"
        return f"NC{space}", f"OI{space}", f"NC{space}"
    layouts = tuple(map(str, given))
    spaces = [sorted(set(text) - set(pair)) for text, pair in zip(layouts, ("NC", "OI", "NC"), strict=False)]
    fits = all(
        len(text) == len(set(text)) == d + 2 and set(pair) <= set(text) and space == spaces[0]
        for text, pair, space in zip(layouts, ("NC", "OI", "NC"), spaces, strict=False)
    )
    if len(layouts) != 3 or not fits:
        advice = 'For example ("NHWC", "HWIO", "NHWC").'
        wanted = f"be three layouts of {d + 2} letters, N and C or O and I among them"
        checks.refuse(name, "dimension_numbers", wanted, given, advice)
    return layouts[0], layouts[1], layouts[2]


def _pads(name: str, padding: Any, d: int, words: tuple[str, ...]) -> list[Any]:
    """Return one word or pair per axis."""
    if isinstance(padding, str):
        return [checks.choice(name, "padding", padding, words)] * d
    return list(pad_pairs(name, padding, d, minimum=-(2**31)))


def _forward_pads(n: int, axis: tuple[int, int, int], pad: Any) -> tuple[int, int]:
    if pad == "VALID":
        return 0, 0
    return same_pads(n, *axis, lower=pad == "SAME_LOWER") if isinstance(pad, str) else pad


def _transposed_window(m: int, k: int, stride: int, dilation: int, pad: Any, *, consistent: bool) -> Window:
    """Return the window whose transpose is the inner convolution: left pads become k − 1 − left."""
    span = extent(k, dilation)
    if pad == "SAME":
        total = span + stride - 2
        left = span - 1 if stride > span - 1 else -(-total // 2)
    elif pad == "VALID":
        total = span + stride - 2 + max(span - stride, 0)
        left = span - 1
    else:
        left, right = (span - 1 - p for p in pad) if consistent else pad
        total = left + right
    return Window((m - 1) * stride + 2 - span + total, m, k, stride, dilation, span - 1 - left)
