"""A photograph and its twin: two pictures that no method can tell apart."""

from __future__ import annotations

import numpy as np

from invdeconv import samples
from invdeconv.metrics import relative_error
from invdeconv.operators import Convolution
from invdeconv.report._pictures import diverging, photo
from invdeconv.report._sections._section import Section, decomposed
from invdeconv.restoration import tikhonov, twins

__all__ = ["LAYER", "twins_section"]

LAYER = {"side": 128, "kernel": 4, "stride": 2, "limit": 0.5}
_PART = (slice(75, 203), slice(195, 323))


def twins_section() -> Section:
    """Return how far the pictures are apart, and how near their data and estimates."""
    x = samples.camera()[_PART] / 255
    # Every pixel feeds the outputs with the same weight, so the twin has no checkerboard.
    kernel = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
    C = Convolution(kernel, x.shape, stride=2, boundary="periodic", correlate=True)
    decomposition = decomposed(C)
    twin = np.asarray(twins(C, x))
    data = C(x), C(twin)
    restored = [np.asarray(tikhonov(y, C, lam=1e-3).estimate) for y in data]
    difference = twin - x
    numbers = LAYER | {
        "rank": decomposition.rank(),
        "size": x.size,
        "nullity": decomposition.nullity,
        "apart": relative_error(twin, x),
        "largest": float(np.abs(difference).max()),
        "data": float(np.abs(data[1] - data[0]).max()),
        "estimates": float(np.abs(restored[1] - restored[0]).max()),
        "error": relative_error(restored[0], x),
        "twin_error": relative_error(restored[1], twin),
    }
    pictures = {
        "x": photo(x, 0, 1),
        "twin": photo(twin, 0, 1),
        "difference": diverging(difference, LAYER["limit"]),
        "data": photo(data[0], 0, 1),
        "twin_data": photo(data[1], 0, 1),
    }
    return Section(
        numbers, {"pictures": pictures, "sides": {n: 64 if "data" in n else 128 for n in pictures}}
    )
