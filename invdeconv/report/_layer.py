"""What an operator keeps and what it hides: singular values, rank, and pictures of its null space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.operators import Decomposition
from invdeconv.report._chart import Axis, Chart, Series
from invdeconv.report._pictures import diverging, shown

__all__ = ["Layer", "hidden_pictures", "layer"]

_PICTURES = 4
_DRAWS = 512
# Points that can be told apart on the chart.
_FEW = 80


@dataclass(frozen=True)
class Layer:
    """A chart of the singular values, and pictures that the operator maps to zero as (address, size)."""

    chart: Chart
    hidden: list[tuple[str, tuple[int, int]]]


def layer(decomposition: Decomposition) -> tuple[dict[str, Any], Layer]:
    """Return the numbers and the drawings of one operator."""
    values, rank = decomposition.singular_values, decomposition.rank()
    largest = float(values[0])
    numbers = {
        "rank": rank,
        "size": rank + decomposition.nullity,
        "nullity": decomposition.nullity,
        "largest": largest,
        "smallest": float(values[rank - 1]) if rank else 0.0,
        "spread": largest / float(values[rank - 1]) if rank else None,
    }
    # Every direction of the input has its σ, also those beyond the rows of C.
    padded = np.pad(values, (0, decomposition.operator.shape[1] - values.size))
    kept, lost = np.arange(1, rank + 1), np.arange(rank + 1, padded.size + 1)
    few = padded.size <= _FEW
    chart = Chart(
        Axis("axis.index", 0.5, max(padded.size, 2) + 0.5),
        Axis("axis.singular", -0.04 * (largest or 1), 1.06 * (largest or 1)),
        [
            Series("kept.series.kept", kept, padded[:rank], "dots" if few else "line", 1),
            Series("kept.series.lost", lost, 0 * lost, "crosses" if few else "dashed", 2),
        ],
    )
    pictures, seen = [], [0.0]
    for hidden in hidden_pictures(decomposition):
        seen.append(float(np.linalg.norm(decomposition.operator(hidden))) / (largest or 1.0))
        picture = np.atleast_2d(shown(hidden).values)
        height, width = picture.shape
        pictures.append((diverging(picture, float(np.abs(picture).max())), (width, height)))
    # ‖Cv‖/σ₁ of unit v: rounding, since they are in the null space.
    return numbers | {"seen": max(seen)}, Layer(chart, pictures)


def hidden_pictures(decomposition: Decomposition, count: int = _PICTURES) -> np.ndarray:
    """Return the smoothest inputs that C maps to zero, orthonormal, shape (count, *input_shape).

    Any basis of a null space is as good as any other; the one of least gradients first is legible. Of
    more than 512 hidden directions as many random ones are searched.
    """
    basis = decomposition.null_space(limit=_DRAWS)
    if not len(basis):
        return basis
    flat = [np.diff(basis, axis=axis).reshape(len(basis), -1) for axis in range(1, basis.ndim)]
    gram = sum(d.conj() @ d.T for d in flat)
    vectors = np.linalg.eigh(gram)[1]
    # A basis has no sign; the largest entry is positive.
    return np.stack([_turned(picture) for picture in np.tensordot(vectors[:, :count].T, basis, axes=1)])


def _turned(picture: np.ndarray) -> np.ndarray:
    sizes = np.abs(picture)
    peak = picture.flat[np.argmax(sizes > (1 - 1e-6) * sizes.max())]
    return np.asarray(picture * (np.conj(peak) / abs(peak)))
