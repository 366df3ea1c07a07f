"""Regularizers by name, on the boundary that fits the operator."""

from __future__ import annotations

from invdeconv import checks
from invdeconv.operators._differences import Differences, laplacian
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.convolution import Convolution

__all__ = ["REGULARIZERS", "regularizer_for"]

REGULARIZERS = ("gradient", "identity", "laplacian")


def regularizer_for(
    function: str, regularizer: str | LinearOperator, operator: LinearOperator
) -> LinearOperator | None:
    """Return the operator L of R(x) = ½‖Lx‖²; None is the identity.

    Differences wrap round along the axes where the operator does, and end with a zero along the others
    (Neumann); none is taken across channels.

    Parameters
    ----------
    function : str
        Name for the error message.
    regularizer : {"gradient", "identity", "laplacian"} or LinearOperator
        A word, or L itself.
    operator : LinearOperator
        C; L acts on its input.

    Returns
    -------
    LinearOperator or None
    """
    shape = operator.input_shape
    if isinstance(regularizer, LinearOperator):
        if regularizer.input_shape != shape:
            advice = (
                "It measures the estimate; a boundary model may have enlarged that: pass an operator as blur."
            )
            checks.refuse(
                function, "regularizer", f"have input_shape {shape}", regularizer.input_shape, advice
            )
        return regularizer
    word = checks.choice(function, "regularizer", regularizer, REGULARIZERS)
    if word == "identity":
        return None
    channels = isinstance(operator, Convolution) and operator.groups is not None
    axes = range(int(channels), len(shape))
    words = operator.boundaries if isinstance(operator, Convolution) else ("zero",) * len(axes)
    if word == "gradient":
        ends = tuple(b if b == "periodic" else "neumann" for b in words)
        return Differences(shape, boundary=ends, axes=axes)
    mirrors = tuple(b if b == "periodic" else "symmetric" for b in words)
    return laplacian(shape, boundary=mirrors, channels=channels)
