"""When Cᵀ is the inverse: operators with CᵀC = I, beside an ordinary layer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from invdeconv import samples
from invdeconv.metrics import best_scaled_error, relative_error
from invdeconv.operators import Convolution, LinearOperator
from invdeconv.report._pictures import diverging, png
from invdeconv.report._sections._section import Section

__all__ = ["operators", "orthogonal", "picture"]

_SIDE = 64
_HAAR = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)


def picture() -> np.ndarray:
    """Return the head of the photographer, with one channel in front."""
    return np.asarray(samples.camera()[120:184, 190:254] / 255)[None]


def operators() -> Mapping[str, LinearOperator]:
    """Return the operators of the table, all on `picture`."""
    shape = (1, _SIDE, _SIDE)
    root = np.sqrt(3)
    low = np.array([1 + root, 3 + root, 3 - root, 1 - root]) / (4 * np.sqrt(2))
    daubechies = np.stack([low, low[::-1] * (1, -1, 1, -1)])
    shift = np.zeros((1, 1, 5, 5))
    shift[..., 0, 3] = 1
    rng = np.random.default_rng(0)
    spectrum = np.fft.fft2(rng.standard_normal(shape[1:]))

    def channels(kernel: np.ndarray, stride: int) -> Convolution:
        return Convolution(kernel, shape, stride=stride, boundary="periodic", channels=True, correlate=True)

    return {
        "shift": channels(shift, 1),
        "phase": Convolution.from_otf((spectrum / np.abs(spectrum))[None], shape),
        "haar": channels(_separable(_HAAR), 2),
        "daubechies": channels(_separable(daubechies), 2),
        "frame": channels(_separable(_HAAR), 1),
        "random": channels(rng.standard_normal((4, 1, 3, 3)) / 3, 2),
        "blur": channels(np.outer([1, 2, 1], [1, 2, 1])[None, None] / 16, 1),
    }


def _separable(filters: np.ndarray) -> np.ndarray:
    """Return the 2-D kernels of a two-channel filter bank, shape (4, 1, k, k)."""
    pairs = [np.outer(a, b) for a in filters for b in filters]
    return np.stack(pairs)[:, None]


def orthogonal() -> Section:
    """Return ‖CᵀCx − x‖/‖x‖ of every operator, and what remains after the best factor."""
    x, rows = picture(), {}
    for name, C in operators().items():
        back = C.H(C(x))
        rows[name] = {
            "distance": relative_error(back, x),
            "factor": float(np.vdot(back, x) / np.vdot(back, back)),
            "scaled": best_scaled_error(back, x),
        }
    haar = operators()["haar"]
    bands = haar(x)
    pictures = {
        "x": png(x[0], 0, 1),
        "low": png(bands[0], 0, 2),
        **{f"detail{i}": diverging(bands[i], 0.5) for i in (1, 2, 3)},
        "back": png(haar.H(bands)[0], 0, 1),
    }
    return Section({"rows": rows}, {"pictures": pictures})
