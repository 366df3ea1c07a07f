"""Regularizers by name, on the boundary that fits the operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from invdeconv import checks
from invdeconv.operators._composites import Identity, Stacked
from invdeconv.operators._differences import Differences, laplacian
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators._wavelets import wavelet_details
from invdeconv.operators.convolution import Convolution

__all__ = ["REGULARIZERS", "Regularizer", "describe_regularizer", "regularizer_for"]

REGULARIZERS = ("gradient", "identity", "laplacian", "wavelet")

# A word, L itself, or a list of these, any of them as a pair (weight, L).
Regularizer: TypeAlias = str | LinearOperator | Sequence[Any]


def regularizer_for(
    function: str, regularizer: Regularizer, operator: LinearOperator
) -> LinearOperator | None:
    """Return the operator L of R(x) = ½‖Lx‖²; None is the identity.

    Differences wrap round along the axes where the operator does, and end with a zero along the others
    (Neumann); none is taken across channels.

    Parameters
    ----------
    function : str
        Name for the error message.
    regularizer : {"gradient", "identity", "laplacian", "wavelet"}, LinearOperator, or list of these
        A word, or L itself. A list stacks: ‖Lx‖² = Σ‖Lᵢx‖², or Σ wᵢ‖Lᵢx‖² for pairs (wᵢ, Lᵢ).
    operator : LinearOperator
        C; L acts on its input.

    Returns
    -------
    LinearOperator or None
    """
    if not isinstance(regularizer, list | tuple):
        return _single(function, regularizer, operator)
    if not regularizer:
        checks.refuse(function, "regularizer", "not be empty", repr(regularizer), "Name what is small.")
    parts = []
    for item in regularizer:
        pair = item if isinstance(item, tuple) else (1.0, item)
        if len(pair) != 2 or not isinstance(pair[1], str | LinearOperator):
            advice = "Each entry is L, or (weight, L)."
            checks.refuse(function, "regularizer", "hold words, operators or pairs", repr(item), advice)
        weight = checks.positive(function, "regularizer weight", pair[0])
        part = _single(function, pair[1], operator) or Identity(operator.input_shape)
        parts.append(part if weight == 1 else weight**0.5 * part)
    return parts[0] if len(parts) == 1 else Stacked(*parts)


def _single(function: str, regularizer: Any, operator: LinearOperator) -> LinearOperator | None:
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
    if word == "wavelet":
        return wavelet_details(shape)
    channels = isinstance(operator, Convolution) and operator.groups is not None
    axes = range(int(channels), len(shape))
    words = operator.boundaries if isinstance(operator, Convolution) else ("zero",) * len(axes)
    if word == "gradient":
        ends = tuple(b if b == "periodic" else "neumann" for b in words)
        return Differences(shape, boundary=ends, axes=axes)
    mirrors = tuple(b if b == "periodic" else "symmetric" for b in words)
    return laplacian(shape, boundary=mirrors, channels=channels)


def describe_regularizer(regularizer: Regularizer) -> str:
    """Return the words as they were given, operators by their repr: "gradient + 0.1 identity"."""
    if isinstance(regularizer, str | LinearOperator):
        return str(regularizer)
    pairs = [item if isinstance(item, tuple) else (1, item) for item in regularizer]
    return " + ".join(f"{L}" if weight == 1 else f"{weight:g} {L}" for weight, L in pairs)
