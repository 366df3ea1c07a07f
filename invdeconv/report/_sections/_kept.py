"""What a layer keeps: singular values, rank and null space of four small layers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from invdeconv.operators import Convolution
from invdeconv.report._cases import CASES
from invdeconv.report._layer import layer
from invdeconv.report._sections._section import Section, decomposed

__all__ = ["LAYERS", "kept"]

# id: kernel, input shape, stride, padding. The last two differ by one pixel.
LAYERS: Mapping[str, tuple[Any, tuple[int, int], int, str]] = MappingProxyType(
    {
        "stride": (CASES["stride"][0], (4, 4), 2, "valid"),
        "ones": (CASES["ones"][0], (4, 4), 1, "valid"),
        "same_four": (np.ones((3, 3)), (4, 4), 1, "same"),
        "same_five": (np.ones((3, 3)), (5, 5), 1, "same"),
    }
)


def kept() -> Section:
    """Return rank, nullity, singular values and null-space pictures of each layer."""
    numbers, drawn = {}, {}
    for name, (kernel, shape, stride, padding) in LAYERS.items():
        operator = Convolution(kernel, shape, stride=stride, padding=padding, correlate=True)
        decomposition = decomposed(operator)
        numbers[name], drawn[name] = layer(decomposition)
    return Section(numbers, drawn)
