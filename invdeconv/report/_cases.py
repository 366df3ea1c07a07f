"""The cases of the 4×4 experiment that the tutorial shows, and its honest row."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from invdeconv.metrics import best_scaled_error, relative_error
from invdeconv.operators import Convolution
from invdeconv.report._experiment import Experiment, experiment
from invdeconv.restoration import adjoint, pseudo_inverse, tikhonov

__all__ = ["CASES", "overlap_map", "random_images", "run_cases"]

_CORNER = [[1.0, 0.0], [-1.0, -2.0]]
_ONES3 = np.ones((3, 3))
_BELOW_AND_RIGHT = ((0, 1), (0, 1))

# id: kernel, picture, stride, padding. The first two stand in well-known posts, the last in a well-known
# article; TensorFlow's SAME is the padding below and on the right.
CASES: Mapping[str, tuple[Any, Any, int, Any]] = MappingProxyType(
    {
        "stride": (_CORNER, np.ones((4, 4)), 2, "valid"),
        "ones": (_ONES3, np.ones((4, 4)), 1, "valid"),
        "padded": (_ONES3, np.ones((4, 4)), 2, _BELOW_AND_RIGHT),
        "five": (_CORNER, np.ones((5, 5)), 2, "valid"),
        "five_padded": (_CORNER, np.ones((5, 5)), 2, _BELOW_AND_RIGHT),
        "picture": (
            [[1, 4, 1], [1, 4, 3], [3, 3, 1]],
            [[4, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]],
            1,
            "valid",
        ),
    }
)


def run_cases() -> dict[str, Experiment]:
    """Return the experiment for every case, in order."""
    return {
        name: experiment(kernel, x, stride=stride, padding=padding)
        for name, (kernel, x, stride, padding) in CASES.items()
    }


def overlap_map() -> np.ndarray:
    """Return Cᵀ applied to ones: how many outputs each pixel feeds, for the 3×3 ones without padding."""
    operator = Convolution(_ONES3, (4, 4), padding="valid", correlate=True)
    return np.asarray(operator.H(np.ones(operator.output_shape)))


def random_images(*, images: int = 100, seed: int = 0) -> dict[str, float]:
    """Return mean relative errors on white Gaussian 4×4 pictures through the first case's layer."""
    kernel, x, stride, padding = CASES["stride"]
    operator = Convolution(kernel, x.shape, stride=stride, padding=padding, correlate=True)
    rng = np.random.default_rng(seed)
    errors = []
    for _ in range(images):
        picture = rng.standard_normal(x.shape)
        y = operator(picture)
        back = adjoint(y, operator)
        errors.append(
            (
                relative_error(back, picture),
                best_scaled_error(back, picture),
                relative_error(pseudo_inverse(y, operator), picture),
                relative_error(tikhonov(y, operator, regularizer="gradient", lam=0), picture),
            )
        )
    names = ("adjoint", "best_scaled_adjoint", "pseudo_inverse", "tikhonov")
    means = dict(zip(names, np.mean(errors, axis=0).tolist(), strict=True))
    return {"images": images, "seed": seed, **means}
