"""Speed of the convolution operator against BLAS, FFT, SciPy and PyTorch.

    python benchmarks/convolution.py [layers] [image]

Layers: time over that of one NumPy sgemm on columns that are ready, with the same multiplications; the
columns themselves, the padding and the writing are what a convolution adds. Image: one channel, 3×3 to
31×31, where rearranging into a matrix is weighed against loops, taps and FFT. PyTorch is skipped where it
cannot be imported. Quote a ratio only when median and best agree.
"""

from __future__ import annotations

import os
import sys

import numpy as np
import scipy.fft
import scipy.signal
import scipy.sparse
from harness import ratio

from invdeconv import Convolution

try:
    import torch
except ImportError:
    torch = None

WORKERS = os.cpu_count()
# name, images, kernel, input, options
LAYERS = (
    ("64→64 3×3", 1, (64, 64, 3, 3), (64, 112, 112), {}),
    ("64→64 3×3 s2", 1, (64, 64, 3, 3), (64, 112, 112), {"stride": 2, "padding": (1, 1)}),
    ("64→64 4×4 s2", 1, (64, 64, 4, 4), (64, 112, 112), {"stride": 2, "padding": (1, 1)}),
    ("8 images 3→64 7×7 s2", 8, (64, 3, 7, 7), (3, 224, 224), {"stride": 2, "padding": (3, 3)}),
)
DEPTHWISE = (
    ("depthwise 64, 3×3", (64, 1, 3, 3), (64, 112, 112)),
    ("depthwise 64, 7×7", (64, 1, 7, 7), (64, 112, 112)),
    ("depthwise 8, 31×31", (8, 1, 31, 31), (8, 512, 512)),
)


def draw(*shape: int, dtype: type = np.float32) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


def line(name: str, against: str, *figures: object) -> None:
    print(f"{name:>22}  {against:<34} " + "   ".join(map(str, figures)), flush=True)


def layers() -> None:
    print("time / time of one sgemm on ready columns, float32: forward, adjoint\n")
    for name, images, size, shape, options in LAYERS:
        C = Convolution(draw(*size), shape, channels=True, correlate=True, **options)
        x, y = draw(images, *shape), draw(images, *C.output_shape)
        points = int(np.prod(C.output_shape[1:]))
        width = int(np.prod(size[1:]))
        matrix, columns = draw(size[0], width), draw(width, points)

        def bound() -> None:
            for _ in range(images):
                np.matmul(matrix, columns)

        # The adjoint multiplies as often: each output channel and tap with each input channel.
        back, back_columns = (
            draw(size[1], size[0] * size[2] * size[3]),
            draw(width // size[1] * size[0], points),
        )

        def back_bound() -> None:
            for _ in range(images):
                np.matmul(back, back_columns)

        def textbook() -> None:
            for image in x:
                matrix @ im2col(image, C)

        def transforms() -> None:
            for image, seen in zip(x, y, strict=True):
                scipy.fft.rfft2(image, workers=WORKERS)
                scipy.fft.irfft2(scipy.fft.rfft2(seen[:, :1]), shape[1:], workers=WORKERS)

        line(
            name,
            "ours",
            ratio(lambda: [C(image) for image in x], bound),
            ratio(lambda: [C.H(seen) for seen in y], back_bound),
        )
        line("", "all columns, then sgemm", ratio(textbook, bound))
        line("", "transforms of all channels alone", ratio(transforms, bound))
        if images == 1 and size[2] == 3:
            F = C.with_engine("fft")
            line("", "ours by FFT", ratio(lambda: F(x[0]), bound, rounds=2))
        if torch is not None:
            line("", "PyTorch", *torch_ratios(C, draw(*size), x, y, 1, bound, back_bound))
    print("\nchannels that do not mix: time / time of ours, forward, adjoint\n")
    for name, size, shape in DEPTHWISE:
        kernel = draw(*size)
        C = Convolution(kernel, shape, channels=True, groups=shape[0], correlate=True)
        x = draw(*shape)

        def ours(C=C, x=x) -> object:
            return C(x)

        def back(C=C, x=x) -> object:
            return C.H(x)

        other = C.with_engine("fft" if C.engine == "direct" else "direct")
        line(name, f"ours the other way, not {C.engine}", ratio(lambda: other(x), ours, rounds=3))
        for method in (scipy.signal.fftconvolve, scipy.signal.oaconvolve):
            call = ratio(lambda: method(x, kernel[:, 0], mode="same", axes=(1, 2)), ours, rounds=3)
            line("", f"scipy.signal.{method.__name__}", call)
        if torch is not None and size[2] < 31:
            line("", "PyTorch", *torch_ratios(C, kernel, x[None], x[None], shape[0], ours, back))


def torch_ratios(C, kernel, x, y, groups, bound, back_bound):
    """Return PyTorch's time over the bounds, forward and transposed, after a check of the values."""
    weight, xt, yt = torch.asarray(kernel), torch.asarray(x), torch.asarray(y)
    axis = C.axes[0]
    options = {"stride": axis.stride, "padding": axis.before, "groups": groups}
    missing = axis.padded - axis.extent - axis.stride * (axis.m - 1)
    back = {"output_padding": missing, **options}
    with torch.no_grad():
        np.testing.assert_allclose(torch.conv2d(xt, weight, **options)[0].numpy(), C(x[0]), atol=2e-3)
        np.testing.assert_allclose(
            torch.conv_transpose2d(yt, weight, **back)[0].numpy(), C.H(y[0]), atol=2e-3
        )
        return (
            ratio(lambda: torch.conv2d(xt, weight, **options), bound),
            ratio(lambda: torch.conv_transpose2d(yt, weight, **back), back_bound),
        )


def im2col(x: np.ndarray, C: Convolution) -> np.ndarray:
    """Return the whole matrix of columns, as the textbook lays it out."""
    pads = [(0, 0)] * (x.ndim - len(C.axes)) + [(axis.before, axis.after) for axis in C.axes]
    spatial = tuple(range(x.ndim - len(C.axes), x.ndim))
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(x, pads), tuple(axis.k for axis in C.axes), spatial
    )
    windows = windows[
        (..., *(slice(None, None, axis.stride) for axis in C.axes), *(slice(None),) * len(C.axes))
    ]
    order = (*range(x.ndim - len(C.axes)), *range(-len(C.axes), 0), *(axis for axis in spatial))
    columns = windows.transpose([axis % windows.ndim for axis in order])
    return columns.reshape(-1, int(np.prod([axis.m for axis in C.axes])))


def loops(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Correlate as the definition reads, padded by zeros."""
    k = kernel.shape[0]
    padded = np.pad(x, k // 2).tolist()
    weights = kernel.tolist()
    n, m = x.shape
    return np.array(
        [
            [sum(weights[a][b] * padded[i + a][j + b] for a in range(k) for b in range(k)) for j in range(m)]
            for i in range(n)
        ]
    )


def image() -> None:
    print("\none channel, 128², float32: time / time of ours\n")
    for k in (3, 5, 7, 11, 15, 21, 31):
        n, kernel = 128, draw(k, k)
        C = Convolution(kernel, (n, n), correlate=True)
        D, F = C.with_engine("direct"), C.with_engine("fft")
        x = draw(n, n)
        sparse = csr(kernel, n)
        patch = x[:24, :24]
        pixels = x.size / patch.size
        row = kernel.reshape(1, -1)
        np.testing.assert_allclose((sparse @ x.ravel()).reshape(n, n), C(x), atol=1e-2)
        np.testing.assert_allclose((row @ im2col(x, C)).reshape(n, n), C(x), atol=1e-2)

        def ours(C=C, x=x) -> object:
            return C(x)

        loop = ratio(lambda: loops(patch, kernel), ours, rounds=2)
        line(f"{k}×{k}, ours {C.engine}", "loops, per pixel", f"{pixels * loop.best:8.0f}")
        line("", "matrix of columns (im2col)", ratio(lambda: row @ im2col(x, C), ours, rounds=5))
        line("", "sparse matrix, ready", ratio(lambda: sparse @ x.ravel(), ours, rounds=5))
        line("", "ours direct", ratio(lambda: D(x), ours, rounds=5))
        line("", "ours by FFT", ratio(lambda: F(x), ours, rounds=5))
        for method in (scipy.signal.fftconvolve, scipy.signal.oaconvolve):
            call = ratio(lambda: method(x, kernel, mode="same"), ours, rounds=5)
            line("", f"scipy.signal.{method.__name__}", call)
        if torch is not None:
            line(
                "",
                "PyTorch",
                torch_ratios(C, kernel[None, None], x[None, None], x[None, None], 1, ours, ours)[0],
            )
    print("\nthe count of work: direct / FFT, forward and adjoint; below 1 direct is right\n")
    for n, dtype, k in (
        (n, d, k) for n in (512, 1024) for d in (np.float32, np.float64) for k in (3, 5, 7, 9, 15, 31)
    ):
        C = Convolution(draw(k, k), (n, n))
        D, F = C.with_engine("direct"), C.with_engine("fft")
        x = draw(n, n, dtype=dtype)
        rounds = 9 if k < 15 else 2
        line(
            f"{n}² {k}×{k}",
            f"{dtype.__name__}, chosen: {C.engine}",
            ratio(lambda: D(x), lambda: F(x), rounds=rounds),
            ratio(lambda: D.H(x), lambda: F.H(x), rounds=rounds),
        )


def csr(kernel: np.ndarray, n: int) -> scipy.sparse.csr_array:
    """Return the matrix of the zero-padded correlation, built by index arithmetic."""
    k = kernel.shape[0]
    rows, columns, values = [], [], []
    grid = np.arange(n)
    for a in range(k):
        for b in range(k):
            i = grid[(grid + a - k // 2 >= 0) & (grid + a - k // 2 < n)]
            j = grid[(grid + b - k // 2 >= 0) & (grid + b - k // 2 < n)]
            rows.append((i[:, None] * n + j).ravel())
            columns.append(((i + a - k // 2)[:, None] * n + j + b - k // 2).ravel())
            values.append(np.full(rows[-1].size, kernel[a, b]))
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
    return scipy.sparse.csr_array(entries, shape=(n * n, n * n))


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["layers", "image"]
    for part in chosen:
        {"layers": layers, "image": image}[part]()
