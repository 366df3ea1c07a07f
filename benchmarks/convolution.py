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
from functools import partial
from itertools import product

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
    for case in LAYERS:
        layer(*case)
    print("\nchannels that do not mix: time / time of ours, forward, adjoint\n")
    for case in DEPTHWISE:
        depthwise(*case)


def layer(name, images, size, shape, options) -> None:
    C = Convolution(draw(*size), shape, channels=True, correlate=True, **options)
    x, y = draw(images, *shape), draw(images, *C.output_shape)
    points = int(np.prod(C.output_shape[1:]))
    taps = size[2] * size[3]
    matrix, columns = draw(size[0], size[1] * taps), draw(size[1] * taps, points)
    # The adjoint multiplies as often: each output channel and tap with each input channel.
    back_matrix, back_columns = draw(size[1], size[0] * taps), draw(size[0] * taps, points)

    def bound() -> None:
        for _ in range(images):
            np.matmul(matrix, columns)

    def back_bound() -> None:
        for _ in range(images):
            np.matmul(back_matrix, back_columns)

    def textbook() -> None:
        for item in x:
            np.matmul(matrix, im2col(item, C))

    def transforms() -> None:  # of all input channels there, of all output channels back
        spectra = [scipy.fft.rfft2(item, workers=WORKERS) for item in x]
        for spectrum in spectra:
            for start in range(0, size[0], size[1]):
                scipy.fft.irfft2(spectrum[: size[0] - start], shape[1:], workers=WORKERS)

    line(
        name,
        "ours",
        ratio(lambda: [C(item) for item in x], bound),
        ratio(lambda: [C.H(item) for item in y], back_bound),
    )
    line("", "all columns, then sgemm", ratio(textbook, bound))
    line("", "FFT of all channels, no products", ratio(transforms, bound, rounds=3))
    if images == 1 and size[2] == 3:
        F = C.with_engine("fft")
        line("", "ours by FFT", ratio(lambda: F(x[0]), bound, rounds=2))
    if torch is not None:
        line("", "PyTorch", *torch_ratios(C, draw(*size), x, y, 1, bound, back_bound))


def depthwise(name, size, shape) -> None:
    kernel = draw(*size)
    C = Convolution(kernel, shape, channels=True, groups=shape[0], correlate=True)
    other = C.with_engine("fft" if C.engine == "direct" else "direct")
    x = draw(*shape)

    def ours() -> object:
        return C(x)

    def back() -> object:
        return C.H(x)

    line(name, "a copy, the bound", ratio(x.copy, ours, rounds=5))
    line("", f"ours {other.engine}, where {C.engine} is chosen", ratio(lambda: other(x), ours, rounds=3))
    for method in (scipy.signal.fftconvolve, scipy.signal.oaconvolve):
        call = ratio(partial(method, x, kernel[:, 0], mode="same", axes=(1, 2)), ours, rounds=3)
        line("", f"scipy.signal.{method.__name__}", call)
    if torch is not None and size[2] < 31:  # 31×31 takes PyTorch minutes
        line("", "PyTorch", *torch_ratios(C, kernel, x[None], x[None], shape[0], ours, back))


def torch_ratios(C, kernel, x, y, groups, bound, back_bound):
    """Return PyTorch's time over the bounds, forward and transposed, after a check of the values."""
    weight, xt, yt = torch.asarray(kernel), torch.asarray(x), torch.asarray(y)
    axis = C.axes[0]
    options = {"stride": axis.stride, "padding": axis.before, "groups": groups}
    missing = axis.padded - axis.extent - axis.stride * (axis.m - 1)
    back = {"output_padding": missing, **options}
    with torch.no_grad():
        np.testing.assert_allclose(
            torch.conv2d(xt, weight, **options)[0].numpy(),
            C(x[0].reshape(C.input_shape)).reshape(y[0].shape),
            atol=2e-3,
        )
        np.testing.assert_allclose(
            torch.conv_transpose2d(yt, weight, **back)[0].numpy(),
            C.H(y[0].reshape(C.output_shape)).reshape(x[0].shape),
            atol=2e-3,
        )
        return (
            ratio(lambda: torch.conv2d(xt, weight, **options), bound),
            ratio(lambda: torch.conv_transpose2d(yt, weight, **back), back_bound),
        )


def im2col(x: np.ndarray, C: Convolution) -> np.ndarray:
    """Return the whole matrix of columns, as the textbook lays it out."""
    x = x.reshape(-1, *x.shape[-2:])
    (rows, columns) = C.axes
    padded = np.pad(x, ((0, 0), (rows.before, rows.after), (columns.before, columns.after)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (rows.k, columns.k), (1, 2))
    windows = windows[:, :: rows.stride, :: columns.stride]  # channel, output row and column, taps
    return windows.transpose(0, 3, 4, 1, 2).reshape(-1, rows.m * columns.m)


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
        one_channel(k)
    print("\nthe count of work: direct / FFT, forward and adjoint; below 1 direct is right\n")
    for case in product((512, 1024), (np.float32, np.float64), (3, 5, 7, 9, 15, 31)):
        crossover(*case)


def one_channel(k: int, n: int = 128) -> None:
    kernel, x = draw(k, k), draw(n, n)
    C = Convolution(kernel, (n, n), correlate=True)
    D, F = C.with_engine("direct"), C.with_engine("fft")
    sparse, row, patch = csr(kernel, n), kernel.reshape(1, -1), x[:24, :24]
    np.testing.assert_allclose((sparse @ x.ravel()).reshape(n, n), C(x), atol=1e-2)
    np.testing.assert_allclose((row @ im2col(x, C)).reshape(n, n), C(x), atol=1e-2)

    def ours() -> object:
        return C(x)

    loop = ratio(lambda: loops(patch, kernel), ours, rounds=2).best * x.size / patch.size
    line(f"{k}×{k}, ours {C.engine}", "loops, per pixel", f"{loop:8.0f}")
    line("", "matrix of columns (im2col)", ratio(lambda: row @ im2col(x, C), ours, rounds=5))
    line("", "sparse matrix, ready", ratio(lambda: sparse @ x.ravel(), ours, rounds=5))
    line("", "ours direct", ratio(lambda: D(x), ours, rounds=5))
    line("", "ours by FFT", ratio(lambda: F(x), ours, rounds=5))
    for method in (scipy.signal.fftconvolve, scipy.signal.oaconvolve):
        line("", f"scipy.signal.{method.__name__}", ratio(partial(method, x, kernel, "same"), ours, rounds=5))
    if torch is not None:
        both = torch_ratios(C, kernel[None, None], x[None, None], x[None, None], 1, ours, ours)
        line("", "PyTorch", both[0])


def crossover(n: int, dtype: type, k: int) -> None:
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
