"""Layers: shapes, arguments, gradients, matrices and counts."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from invdeconv.errors import InvalidInputError
from invdeconv.metrics import relative_error
from invdeconv.neural import from_tensorflow, kernel_gradient, shapes, tf_nn
from invdeconv.operators import Convolution
from invdeconv.report._cases import CASES

__all__ = [
    "accepted_shapes",
    "as_matrix",
    "backward",
    "colliding",
    "fully_connected",
    "kernel_layout",
    "listing",
    "multiplications",
    "same_and_valid",
    "there_and_back",
    "training",
]

_STEPS = 30


def training() -> dict[str, float]:
    """Return how far gradient descent teaches a transposed layer a kernel it is only shown results of."""
    rng = np.random.default_rng(0)
    y, wanted = rng.standard_normal((8, 8)), rng.standard_normal((3, 3))

    def layer(kernel: np.ndarray) -> Convolution:
        return Convolution(kernel, (10, 10), padding="valid", correlate=True)

    target, w = layer(wanted).T(y), rng.standard_normal((3, 3))
    # No direction of kernels has more curvature than the peak of |ŷ|².
    step = 1 / np.abs(np.fft.fft2(y, (64, 64))).max() ** 2
    for _ in range(_STEPS):
        C = layer(w)
        w = w - step * kernel_gradient(C, C.T(y) - target, y)
    return {"weights": w.size, "steps": _STEPS, "error": relative_error(layer(w).T(y), target)}


def accepted_shapes() -> dict[str, float]:
    """Return which output sizes the transposed layer of post 0's example accepts."""
    y, w = np.ones((1, 2, 2, 1)), np.asarray(CASES["stride"][0]).reshape(2, 2, 1, 1)
    found: dict[str, float] = {"tried": 8}
    for word in ("VALID", "SAME"):
        fitting = []
        for n in range(1, 9):
            try:
                tf_nn.conv2d_transpose(y, w, [1, n, n, 1], [1, 2, 2, 1], word)
            except InvalidInputError:
                continue
            fitting.append(n)
        found[f"{word.lower()}_low"], found[f"{word.lower()}_high"] = fitting[0], fitting[-1]
    return found


def backward() -> dict[str, float]:
    """Return finite differences against Cᵀ for a convolution, and against C for a transposed one."""
    rng = np.random.default_rng(0)
    C = Convolution(rng.standard_normal((3, 3)), (4, 4), padding="valid", correlate=True)
    x, y = rng.standard_normal((4, 4)), rng.standard_normal((2, 2))
    return {
        "error": relative_error(_slope(lambda z: np.sum((C(z) - y) ** 2) / 2, x), C.T(C(x) - y)),
        "transposed": relative_error(_slope(lambda z: np.sum((C.T(z) - x) ** 2) / 2, y), C(C.T(y) - x)),
    }


def same_and_valid() -> dict[str, float]:
    """Return how far SAME and VALID are apart on post 0's example, and their sizes at 5×5."""
    w = np.asarray(CASES["stride"][0]).reshape(2, 2, 1, 1)
    backs, sizes = [], []
    for word in ("VALID", "SAME"):
        y = tf_nn.conv2d(np.ones((1, 4, 4, 1)), w, [1, 2, 2, 1], word)
        backs.append(tf_nn.conv2d_transpose(y, w, [1, 4, 4, 1], [1, 2, 2, 1], word))
        sizes.append(tf_nn.conv2d(np.ones((1, 5, 5, 1)), w, [1, 2, 2, 1], word).shape[1])
    return {"four": float(np.abs(backs[0] - backs[1]).max()), "valid": sizes[0], "same": sizes[1]}


def listing() -> dict[str, float]:
    """Return the largest difference from what post 0's listing prints."""
    w = np.asarray(CASES["stride"][0]).reshape(2, 2, 1, 1)
    printed = np.tile([[-2.0, 0], [2, 4]], (2, 2))
    worst = 0.0
    for word in ("VALID", "SAME"):
        y = tf_nn.conv2d(np.ones((1, 4, 4, 1)), w, [1, 2, 2, 1], word)
        back = tf_nn.conv2d_transpose(y, w, [1, 4, 4, 1], [1, 2, 2, 1], word)
        worst = max(worst, float(np.abs(y + 2).max()), float(np.abs(back[0, ..., 0] - printed).max()))
    return {"conv": float(y[0, 0, 0, 0]), "difference": worst}


def there_and_back() -> dict[str, float]:
    """Return sizes and values of post 1's two listings, one after the other."""
    w = np.ones((3, 3, 1, 1))
    y = tf_nn.conv2d(np.ones((1, 4, 4, 1)), w, [1, 1, 1, 1], "VALID")
    x = tf_nn.conv2d_transpose(y, w, [1, 4, 4, 1], [1, 1, 1, 1], "VALID")
    return {"there": y.shape[1], "size": x.shape[1], "low": float(x.min()), "high": float(x.max())}


def kernel_layout() -> dict[str, float]:
    """Return the channels that one kernel tensor leads to and, transposed, back from."""
    w = np.ones((3, 3, 3, 5))
    y = tf_nn.conv2d(np.ones((1, 4, 4, 3)), w, 1, "VALID")
    return {
        "there": y.shape[-1],
        "back": tf_nn.conv2d_transpose(y, w, [1, 4, 4, 3], 1, "VALID").shape[-1],
    }


def colliding() -> dict[str, float]:
    """Return how many input sizes give one output size, at stride 1 and 2."""
    return {
        "one": len(shapes(4, 3, padding="VALID").input_sizes),
        "two": len(shapes(4, 3, stride=2, padding="SAME").input_sizes),
    }


def as_matrix() -> dict[str, float]:
    """Return the size of the matrix of post 2 and 3, and its entries that are not zero."""
    matrix = Convolution(np.ones((3, 3)), (4, 4), padding="valid", correlate=True).to_dense()
    return {"rows": matrix.shape[0], "columns": matrix.shape[1], "nonzero": int(np.count_nonzero(matrix))}


def fully_connected() -> dict[str, float]:
    """Return how a fully connected layer differs from a 7×7 convolution, and what 9×12 inputs give."""
    rng = np.random.default_rng(0)
    w, x = rng.standard_normal((7, 7, 8, 5)), rng.standard_normal((1, 7, 7, 8))
    y = from_tensorflow(w, x.shape, strides=1, padding="VALID")(x)
    larger = from_tensorflow(w, (1, 9, 12, 8), strides=1, padding="VALID").output_shape
    return {
        "difference": relative_error(y.ravel(), x.ravel() @ w.reshape(-1, 5)),
        "weights": 7 * 7 * 512 * 4096,
        "rows": larger[1],
        "columns": larger[2],
    }


def multiplications() -> dict[str, float]:
    """Return multiplications: of the matrix, of one output pixel by taps, and by FFT on 512×512.

    Columns (im2col) take as many as the taps. A real FFT of N points is counted as N log₂ N, and two are
    needed, with a product of N/2 complex numbers between them; the kernel's own is made once.
    """
    side = 512
    points = (side + 30) ** 2  # padded for a 31×31 kernel
    count = as_matrix()
    return {
        "nonzero": count["nonzero"],
        "entries": count["rows"] * count["columns"],
        "small": 3 * 3,
        "large": 31 * 31,
        "fft": round((2 * points * math.log2(points) + 2 * points) / side**2),
    }


def _slope(loss: Callable[[np.ndarray], float], at: np.ndarray) -> np.ndarray:
    """Return the gradient by central differences: exact for a quadratic, up to rounding."""
    found = np.empty_like(at)
    for index in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[index] = 0.5
        found[index] = loss(at + step) - loss(at - step)
    return found
