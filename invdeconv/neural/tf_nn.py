"""``tf.nn.conv2d`` and ``tf.nn.conv2d_transpose``, argument for argument, on arrays.

For listings written for TensorFlow 1 or 2: old and new names of the arguments are both taken. Results are
arrays of the data's dtype, at once; there is no session. To invert, take the operator instead:
`invdeconv.neural.from_tensorflow`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from invdeconv import checks
from invdeconv.arrays import Array, as_working
from invdeconv.neural._tensorflow import from_tensorflow

__all__ = ["conv2d", "conv2d_transpose"]


def conv2d(
    input: Any = None,
    filters: Any = None,
    strides: int | Sequence[int] | None = None,
    padding: str | Sequence[Sequence[int]] | None = None,
    data_format: str = "NHWC",
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
    *,
    filter: Any = None,
) -> Array:
    """Return the convolution layer's output, Cx.

    Parameters
    ----------
    input : array, shape (N, H, W, C_in)
        The data; (N, C_in, H, W) with "NCHW".
    filters, filter : array, shape (kh, kw, C_in/groups, C_out)
        The kernel, under the name of TensorFlow 2 or 1.
    strides : int or sequence
        For example ``[1, 2, 2, 1]``.
    padding : {"SAME", "VALID"} or four pairs
        As in TensorFlow.
    data_format : {"NHWC", "NCHW"}
        Layout of the data.
    dilations : int or sequence, optional
        Step between kernel samples.
    name : str, optional
        Ignored.

    Returns
    -------
    array, shape (N, m1, m2, C_out)

    Raises
    ------
    InvalidInputError
        If an argument is missing or shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> conv2d(np.ones((1, 4, 4, 1)), np.ones((3, 3, 1, 1)), strides=[1, 2, 2, 1], padding="SAME")[0, ..., 0]
    array([[9., 6.],
           [6., 4.]])
    """
    del name
    data, kernel = (
        _one("conv2d", "input", input=input),
        _one("conv2d", "filters", filters=filters, filter=filter),
    )
    layer = from_tensorflow(
        _kernel("conv2d", kernel),
        tuple(data.shape),
        strides=_one("conv2d", "strides", strides=strides),
        padding=_one("conv2d", "padding", padding=padding),
        data_format=data_format,
        dilations=1 if dilations is None else dilations,
    )
    return layer(data)


def conv2d_transpose(
    value: Any = None,
    filter: Any = None,
    output_shape: Sequence[int] | None = None,
    strides: int | Sequence[int] | None = None,
    padding: str | Sequence[Sequence[int]] = "SAME",
    data_format: str = "NHWC",
    name: str | None = None,
    dilations: int | Sequence[int] | None = None,
    *,
    input: Any = None,
    filters: Any = None,
) -> Array:
    """Return Cᵀy, the transposed convolution; it does not undo `conv2d`.

    Parameters
    ----------
    value, input : array, shape (N, m1, m2, C_out)
        The data, under the name of TensorFlow 1 or 2.
    filter, filters : array, shape (kh, kw, C_in/groups, C_out)
        The tensor of the convolution, unchanged.
    output_shape : sequence of int
        ``[N, H, W, C_in]``: one of the shapes `conv2d` maps to that of the data.
    strides : int or sequence
        Those of the convolution.
    padding : {"SAME", "VALID"} or four pairs, default "SAME"
        That of the convolution.
    data_format : {"NHWC", "NCHW"}
        Layout of the data.
    name : str, optional
        Ignored.
    dilations : int or sequence, optional
        Those of the convolution. In TensorFlow 2 `name` and `dilations` stand the other way round; pass
        them by name.

    Returns
    -------
    array, shape `output_shape`

    Raises
    ------
    InvalidInputError
        If an argument is missing, `output_shape` is impossible (the message names the range), or shapes
        do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> y, w = np.ones((1, 2, 2, 1)), np.ones((3, 3, 1, 1))
    >>> conv2d_transpose(y, w, [1, 4, 4, 1], strides=[1, 1, 1, 1], padding="VALID")[0, ..., 0]
    array([[1., 2., 2., 1.],
           [2., 4., 4., 2.],
           [2., 4., 4., 2.],
           [1., 2., 2., 1.]])
    """
    del name
    function = "conv2d_transpose"
    data = _one(function, "value", value=value, input=input)
    layer = from_tensorflow(
        _kernel(function, _one(function, "filter", filter=filter, filters=filters)),
        tuple(data.shape),
        strides=_one(function, "strides", strides=strides),
        padding=padding,
        data_format=data_format,
        dilations=1 if dilations is None else dilations,
        transposed=True,
        output_shape=_one(function, "output_shape", output_shape=output_shape),
    )
    return layer(data)


def _one(function: str, argument: str, **given: Any) -> Any:
    """Return the one value passed under any of the argument's names."""
    values = [value for value in given.values() if value is not None]
    if len(values) != 1:
        advice = f"Pass it as {' or '.join(given)}."
        checks.refuse(function, argument, "be given once", f"{len(values)} values", advice)
    if argument in ("input", "value"):
        return as_working(values[0])
    return values[0]


def _kernel(function: str, kernel: Any) -> Any:
    if len(getattr(kernel, "shape", ())) != 4:
        advice = "Give the kernel as (height, width, channels in, channels out)."
        checks.refuse(
            function, "filters", "have 4 axes", getattr(kernel, "shape", type(kernel).__name__), advice
        )
    return kernel
