"""What of an array is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy

__all__ = ["drawable"]


def drawable(array: Any) -> np.ndarray:
    """Return real values as they are, complex ones as magnitudes."""
    values = np.asarray(to_numpy(array))
    return np.abs(values) if np.iscomplexobj(values) else values
