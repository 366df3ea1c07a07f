"""What neither the data nor the penalty determine: null(C) ∩ null(L), by name."""

from __future__ import annotations

import numpy as np

from invdeconv import checks
from invdeconv.operators import Convolution, Decomposition, LinearOperator

__all__ = ["undetermined", "warn_of_undetermined"]


def warn_of_undetermined(function: str, decomposition: Decomposition) -> None:
    """Warn that the estimate is 0 along the directions that nothing determines, if there are any."""
    directions = undetermined(decomposition)
    if directions is not None:
        checks.warn(
            "IDW006",
            f"{function}: neither the data nor the regularizer determine {directions}, which the estimate "
            "leaves at 0",
            "Add a regularizer that sees it, as in ['gradient', (1e-6, 'identity')], or measure it",
        )


def undetermined(decomposition: Decomposition) -> str | None:
    """Name null(C) ∩ null(L); None where it is {0}."""
    C, L = decomposition.operator, decomposition.regularizer
    if L is None:
        return None
    if decomposition.frequency is not None:
        return _frequencies(decomposition, decomposition.frequency)
    constants = _constants(C, L)
    count = getattr(decomposition, "common_nullity", len(constants))
    if count > len(constants):
        others = f"{count} directions"
        return f"{others}, {_joined(constants)} among them" if constants else others
    return _joined(constants) if constants else None


def _frequencies(decomposition: Decomposition, frequency: np.ndarray) -> str | None:
    c, s = decomposition.c, np.broadcast_to(decomposition.s, decomposition.c.shape)
    rounding = decomposition.rounding(np.empty(1))
    blind = (c <= rounding * c.max()) & (s <= rounding**0.5 * s.max())
    if not blind.any():
        return None
    if frequency[blind].max() == 0:
        return "the constant"
    count = int(np.sum(decomposition.multiplicity * blind))
    lowest, highest = frequency[blind].min(), frequency[blind].max()
    return f"{count} directions of {lowest:.3g} to {highest:.3g} cycles per sample"


def _constants(C: LinearOperator, L: LinearOperator) -> list[str]:
    """Return which constants, of the whole or of each channel, C and L map to zero."""
    shape = C.input_shape
    if not (isinstance(C, Convolution) and C.groups is not None):
        return ["the constant"] if _is_lost(np.ones(shape), C, L) else []
    lost = []
    for channel in range(shape[0]):
        x = np.zeros(shape)
        x[channel] = 1
        if _is_lost(x, C, L):
            lost.append(channel)
    return [f"the mean of channel {channel}" for channel in lost]


def _is_lost(x: np.ndarray, *operators: LinearOperator) -> bool:
    """Say whether all operators map x to rounding error, as seen beside an array of random signs."""
    signs = np.random.default_rng(0).integers(0, 2, x.shape) * 2.0 - 1.0
    size = np.linalg.norm(x) / np.linalg.norm(signs)
    return all(
        np.linalg.norm(operator(x)) <= 1e-12 * size * np.linalg.norm(operator(signs))
        for operator in operators
    )


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
