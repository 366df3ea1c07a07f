"""What neither the data nor the penalty determine: null(C) ∩ null(L), by name."""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg

from invdeconv import checks
from invdeconv.arrays import Array, namespace
from invdeconv.operators import Convolution, Decomposition, LinearOperator

__all__ = ["undetermined", "warn_of_undetermined"]


def warn_of_undetermined(function: str, decomposition: Decomposition, data: Array) -> None:
    """Warn that the estimate is 0 along the directions that nothing determines, if there are any."""
    # The precision of the data suspects more than there is: only then look in double.
    pair = decomposition.regularizer is not None
    if pair and decomposition.has_frequencies and not namespace(data).any(_blind(decomposition, data)):
        return
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
    if decomposition.has_frequencies:
        return _frequencies(decomposition, np.asarray(decomposition.frequency))
    means, named = _means(C, L)
    count = getattr(decomposition, "common_nullity", means)
    if count > means:
        others = f"{count} direction{'s' if count > 1 else ''}"
        return f"{others}, {named} among them" if means else others
    return named if means else None


def _frequencies(decomposition: Decomposition, frequency: np.ndarray) -> str | None:
    blind = _blind(decomposition, np.empty(1))
    if not blind.any():
        return None
    if frequency[blind].max() == 0:
        return "the constant"
    count = int(np.sum(decomposition.multiplicity * blind))
    lowest, highest = frequency[blind].min(), frequency[blind].max()
    return f"{count} direction{'s' if count > 1 else ''} at {lowest:.3g} to {highest:.3g} cycles per sample"


def _blind(decomposition: Decomposition, y: Array) -> Array:
    """Return where neither C nor L see more than rounding, in the precision of `y`."""
    c, s = decomposition.factors(y)[:2]
    xp, rounding = namespace(c), decomposition.rounding(y)
    return (c <= rounding * xp.max(c)) & (s <= rounding**0.5 * xp.max(s))


def _means(C: LinearOperator, L: LinearOperator) -> tuple[int, str]:
    """Return how many constants, or combinations of channel means, C and L map to zero, and their name."""
    shape = C.input_shape
    if not (isinstance(C, Convolution) and C.groups is not None):
        return (1, "the constant") if _are_lost(np.ones(shape), C, L) else (0, "")
    # What the outputs see of the channel means, away from the edges.
    sums = C.taps.reshape(C.groups, -1, C.taps.shape[1], math.prod(C.taps.shape[2:])).sum(axis=-1)
    seen = scipy.linalg.block_diag(*sums)
    basis = scipy.linalg.null_space(seen, rcond=1e-12)
    mixed = basis @ np.random.default_rng(0).standard_normal(basis.shape[1])
    x = np.broadcast_to(mixed.reshape(-1, *[1] * (len(shape) - 1)), shape)
    if basis.shape[1] == 0 or not _are_lost(x.copy(), C, L):
        return 0, ""
    lost = np.flatnonzero(np.abs(seen).max(axis=0) <= 1e-12 * np.abs(C.taps).sum())
    if len(lost) < basis.shape[1]:
        return basis.shape[1], "a combination of the means of the channels"
    return len(lost), " and ".join(f"the mean of channel {channel}" for channel in lost)


def _are_lost(x: np.ndarray, *operators: LinearOperator) -> bool:
    """Say whether all operators map x to rounding error, as seen beside an array of random signs."""
    signs = np.random.default_rng(0).integers(0, 2, x.shape) * 2.0 - 1.0
    small = 1e-12 * np.linalg.norm(x) / np.linalg.norm(signs)
    return all(np.linalg.norm(A(x)) <= small * np.linalg.norm(A(signs)) for A in operators)
