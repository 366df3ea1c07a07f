"""What a decomposition costs: time over that of one real FFT pair of the input's size.

    python benchmarks/decomposition.py

First the decomposition itself with its first filter, as a one-line method pays it; then one more filter,
as each trial of a parameter that looks at the picture pays it; at the smallest size also the dense
decomposition of the same pair. A column that stays level from size to size is O(N log N). Quote a ratio
only when median and best agree.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import scipy.fft
from harness import ratio

from invdeconv import Convolution, Differences, LinearOperator, decompose, psf
from invdeconv.operators.decomposition._dense import DenseDecomposition

SIZES = (16, 64, 256, 1024)
DENSE = 16


def kernel(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape)


def gradient(C: Convolution, boundary: str) -> LinearOperator:
    lead = C.groups is not None
    return Differences(C.input_shape, boundary=boundary, axes=range(lead, len(C.input_shape)))


# name: C of size n, boundary of the gradient or None for L = I
CASES: dict[str, tuple[Callable[[int], Convolution], str | None]] = {
    "DFT": (lambda n: Convolution(kernel(9, 8), (n, n), boundary="periodic"), None),
    "DFT, gradient": (lambda n: Convolution(kernel(9, 8), (n, n), boundary="periodic"), "periodic"),
    "DCT-II, gradient": (lambda n: Convolution.from_psf(psf.gaussian((9, 9), 1.5), (n, n)), "neumann"),
    "stride 2": (lambda n: Convolution(kernel(9, 8), (n, n), stride=2, boundary="periodic"), None),
    "stride 2, gradient": (
        lambda n: Convolution(kernel(9, 8), (n, n), stride=2, boundary="periodic"),
        "periodic",
    ),
    "channels 3→2": (
        lambda n: Convolution(kernel(2, 3, 3, 3), (3, n, n), boundary="periodic", channels=True),
        None,
    ),
    "channels 3→2, gradient": (
        lambda n: Convolution(kernel(2, 3, 3, 3), (3, n, n), boundary="periodic", channels=True),
        "periodic",
    ),
    "channels 3→8, stride 2": (
        lambda n: Convolution(kernel(8, 3, 3, 3), (3, n, n), stride=2, boundary="periodic", channels=True),
        None,
    ),
    "orthogonal rows": (lambda n: Convolution(kernel(2, 2), (n, n), stride=2, padding="valid"), None),
    "Kronecker": (lambda n: Convolution(psf.gaussian((9, 9), 1.5), (n, n), padding="valid"), None),
}


def main() -> None:
    print("time / one real FFT pair of the input, float64: first, then kept [, dense]\n")
    for name, (build, boundary) in CASES.items():
        for n in SIZES:
            C = build(n)
            L = None if boundary is None else gradient(C, boundary)
            x, y = kernel(*C.input_shape), kernel(*C.output_shape)

            def pair() -> None:
                workers = os.cpu_count() if x.size >= 1 << 18 else 1  # as the library does
                spectrum = scipy.fft.rfftn(x, axes=(-2, -1), workers=workers)
                scipy.fft.irfftn(spectrum, (n, n), axes=(-2, -1), workers=workers)

            def tikhonov(c: np.ndarray, s: np.ndarray | float) -> np.ndarray:
                return c / (c * c + 0.1 * s * s + 1e-12)

            def first() -> None:
                decompose(build(n), L).filter(y, tikhonov)

            kept = decompose(C, L)
            figures = [
                f"{n:>6}",
                str(ratio(first, pair, rounds=3)),
                str(ratio(lambda: kept.filter(y, tikhonov), pair, rounds=5)),
            ]
            if n == DENSE:
                figures.append(
                    str(ratio(lambda: DenseDecomposition(C, L).filter(y, tikhonov), pair, rounds=3))
                )
            print(f"{name if n == SIZES[0] else '':>24} " + "   ".join(figures), flush=True)


if __name__ == "__main__":
    main()
