"""Zero insertion: the kernel turned or transposed, the pads, and what the padding's word decides."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from invdeconv.metrics import relative_error
from invdeconv.neural import literal_recipe_grid, recipe, shapes
from invdeconv.operators import Convolution
from invdeconv.report._cases import CASES

__all__ = ["kernel_turned", "literal", "padding_word", "pads"]


def kernel_turned() -> dict[str, float]:
    """Return the error of post 0's example with the kernel transposed, and with it turned round."""
    w = np.asarray(CASES["stride"][0])
    C = Convolution(w, (4, 4), stride=2, padding="valid", correlate=True)
    y = C(np.ones((4, 4)))
    steps = recipe(y, w, (4, 4), stride=2)
    padded = steps.padded.array
    with_transposed = Convolution(w.T, padded.shape, padding="valid", correlate=True)(padded)
    exact = C.T(y)
    return {
        "transposed": relative_error(with_transposed, exact),
        "reversed": relative_error(steps.output.array, exact),
    }


def literal() -> dict[str, float]:
    """Return where post 0's recipe, taken at its word, is right."""
    w, x, *_ = CASES["stride"]
    C = Convolution(w, (4, 4), stride=2, padding="valid", correlate=True)
    y = C(x)
    found = recipe(y, w, (4, 4), stride=2, literal=True).output.array
    grid = _grid()

    def share(mode: str, least_stride: int = 1) -> float:
        return float(
            np.mean([right for (_, _, s, m), right in grid.items() if m == mode and s >= least_stride])
        )

    return {
        "own": relative_error(found, C.T(y)),
        "valid": share("VALID"),
        "same": share("SAME"),
        "strided": share("SAME", 2),
    }


def pads() -> dict[str, float]:
    """Return the error of SAME pads on the commonest layer, and how often pads of k − 1 − p are right."""
    y, w = np.array([1.0, 10.0]), np.array([1.0, 2.0, 3.0])
    exact = recipe(y, w, (4,), stride=2, padding="SAME").output.array
    wrong = recipe(y, w, (4,), stride=2, padding="SAME", literal=True).output.array
    right = [_agrees(*setting) for setting in _grid()]
    return {"error": relative_error(wrong, exact), "right": sum(right), "cases": len(right)}


def padding_word() -> dict[str, float]:
    """Return in how many settings both words accept the same two sizes, and in how many Cᵀ then differs."""
    both = differing = 0
    for n, k, s in product(range(1, 13), range(1, 6), range(1, 5)):
        if k > n:
            continue
        valid, same = (shapes(n, k, stride=s, padding=word) for word in ("VALID", "SAME"))
        if valid.output_size == same.output_size:
            both += 1
            y, w = 1.7 ** np.arange(same.output_size), 0.3 ** np.arange(k)
            a, b = (
                Convolution(w, (n,), stride=s, padding=(row.pads,), correlate=True).T(y)
                for row in (valid, same)
            )
            differing += not np.allclose(a, b, rtol=0, atol=1e-12)
    return {"both": both, "differing": differing}


@cache
def _grid() -> dict[tuple[int, int, int, str], bool]:
    return literal_recipe_grid()


def _agrees(n: int, k: int, s: int, mode: str) -> bool:
    """Whether the right recipe gives Cᵀy."""
    row = shapes(n, k, stride=s, padding=mode)
    y, w = 1.7 ** np.arange(row.output_size), 0.3 ** np.arange(k)
    exact = Convolution(w, (n,), stride=s, padding=(row.pads,), correlate=True).T(y)
    found = recipe(y, w, (n,), stride=s, padding=mode).output.array
    return found.shape == exact.shape and bool(np.allclose(found, exact))
