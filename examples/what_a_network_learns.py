"""What a network learns when it learns deconvolution: one transposed convolution, trained on photographs.

    python what_a_network_learns.py [-o FIGURE.png]

A transposed convolution has a kernel to learn. Left at the blur it is Cᵀ, and blurs once more. Trained by
least squares on five photographs it becomes the Wiener filter of its size, as a sixth photograph shows.
Its name is still that of Cᵀ; its kernel is no longer that of C.
"""

from __future__ import annotations

import argparse

import numpy as np

from invdeconv import Convolution, estimate_kernel, metrics, psf, samples, wiener

SIZE = 9
BLUR = psf.gaussian((13, 13), 1.5)
NOISE_STD = 0.005
TRANSPOSE = BLUR[2:-2, 2:-2][::-1, ::-1]  # cut to the size of the layer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", metavar="FIGURE.png", help="write pictures and filters as a figure")
    figure = parser.parse_args().o

    rng = np.random.default_rng(0)
    photographs = samples.photographs()
    blurred = {name: observe(picture, rng) for name, picture in photographs.items()}
    truth, data = photographs.pop("camera"), blurred.pop("camera")

    # The layer is x̂ = w * y, linear in its kernel w: its training has a closed form.
    names = list(photographs)
    learned = estimate_kernel([photographs[n] for n in names], [blurred[n] for n in names], SIZE, lam=0)
    steps = descend(TRANSPOSE, [(blurred[n], photographs[n]) for n in names])
    fir = wiener_hopf(list(photographs.values()))
    kernels = {"Cᵀ": TRANSPOSE, "learned": learned.estimate, "FIR Wiener": fir}

    print(f"a {SIZE}×{SIZE} transposed convolution trained on {', '.join(names)}; tested on the camera\n")
    print(f"{'':<26}dB   distance to the closed form")
    row("blurred", data, truth)
    row("Cᵀ, where training starts", apply(TRANSPOSE, data), truth)
    for count, kernel in steps.items():
        distance = metrics.relative_error(kernel, learned.estimate)
        row(f"step {count} of descent", apply(kernel, data), truth, f"{distance:.2g}")
    row("closed form", apply(learned.estimate, data), truth, "0")
    row("FIR Wiener, not trained", apply(fir, data), truth)
    row("Wiener, not trained", wiener(data, BLUR).estimate, truth)
    likeness = quality(apply(fir, data), apply(learned.estimate, data))
    print(f"\nlearned and FIR Wiener agree on the test photograph to {likeness:.0f} dB")
    if figure:
        draw(kernels, data, truth, figure)


def observe(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    C = Convolution.from_psf(BLUR, picture.shape, boundary="symmetric")
    return C(picture) + NOISE_STD * rng.standard_normal(picture.shape)


def apply(kernel: np.ndarray, data: np.ndarray) -> np.ndarray:
    return Convolution.from_psf(kernel, data.shape, boundary="symmetric")(data)


def descend(kernel: np.ndarray, pairs: list[tuple[np.ndarray, np.ndarray]]) -> dict[int, np.ndarray]:
    """Gradient descent with momentum on Σ‖w * y − x‖²/2. The gradient needs only YᵀY and Yᵀx."""
    gram, right = np.zeros((SIZE**2, SIZE**2)), np.zeros(SIZE**2)
    for data, truth in pairs:
        patches = np.lib.stride_tricks.sliding_window_view(data, (SIZE, SIZE))[..., ::-1, ::-1]
        patches = patches.reshape(-1, SIZE**2)
        half = SIZE // 2
        gram += patches.T @ patches
        right += patches.T @ truth[half:-half, half:-half].ravel()
    rate = 1 / np.linalg.norm(gram, 2)
    w = ahead = kernel.ravel()
    kept = {}
    for k in range(1, 10**4 + 1):
        before, w = w, ahead - rate * (gram @ ahead - right)
        ahead = w + (k - 1) / (k + 2) * (w - before)
        if k in (1, 10, 100, 1000, 10000):
            kept[k] = w.reshape(SIZE, SIZE)
    return kept


def wiener_hopf(photographs: list[np.ndarray]) -> np.ndarray:
    """The filter of least mean square error, R_yy w = r_xy: from blur, noise and mean correlation alone."""
    grid = 64
    correlation = np.zeros((grid, grid))
    for picture in photographs:
        mirrored = np.pad(picture, [(0, n) for n in picture.shape], mode="symmetric")
        lags = np.fft.ifft2(np.abs(np.fft.fft2(mirrored)) ** 2).real
        correlation += np.roll(lags, (grid // 2, grid // 2), (0, 1))[:grid, :grid] / 4
    correlation /= sum(picture.size for picture in photographs)
    power = np.fft.fft2(np.fft.ifftshift(correlation))
    otf = np.fft.fft2(np.roll(np.pad(BLUR, (0, grid - 13)), (-6, -6), (0, 1)))
    yy = np.fft.ifft2(np.abs(otf) ** 2 * power + NOISE_STD**2).real
    xy = np.fft.ifft2(np.conj(otf) * power).real
    j = np.indices((SIZE, SIZE)).reshape(2, -1)
    lag = j[:, :, None] - j[:, None, :]
    return np.linalg.solve(yy[tuple(lag)], xy[tuple(j - SIZE // 2)]).reshape(SIZE, SIZE)


def row(name: str, picture: np.ndarray, truth: np.ndarray, more: str = "") -> None:
    print(f"{name:<26}{quality(picture, truth):.2f}  {more}".rstrip())


def quality(picture: np.ndarray, truth: np.ndarray) -> float:
    inner = (slice(SIZE, -SIZE),) * 2  # where no filter reads beyond the edges
    return metrics.psnr(picture[inner], truth[inner], data_range=1)


def draw(kernels: dict[str, np.ndarray], data: np.ndarray, truth: np.ndarray, path: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.4, 5.8), layout="constrained", facecolor="white")
    axes = figure.subplots(2, 4)
    pictures = {"blurred": data, **{name: apply(kernel, data) for name, kernel in kernels.items()}}
    for ax, (name, picture) in zip(axes[0], pictures.items(), strict=True):
        ax.imshow(picture[80:240, 150:310], cmap="gray", vmin=0, vmax=1)
        ax.set_title(f"{name}: {quality(picture, truth):.1f} dB", fontsize=10)
        ax.set_axis_off()
    gain = axes[1, 0]
    styles = [(":", "#666666"), ("-", "#0072B2"), ("--", "#D55E00")]
    for ax, (name, kernel), (line, color) in zip(axes[1, 1:], kernels.items(), styles, strict=True):
        limit = np.abs(kernel).max()
        ax.imshow(kernel, cmap="RdBu_r", vmin=-limit, vmax=limit)
        ax.set_title(f"kernel, peak {limit:.2f}", fontsize=10)
        ax.set_axis_off()
        response = np.abs(np.fft.rfft(kernel.sum(axis=0), 128))
        gain.plot(np.fft.rfftfreq(128), response, line, color=color, label=name)
    gain.set(xlabel="frequency, cycles per sample", ylabel="gain")
    gain.set_ylim(0, 7)
    gain.legend(fontsize=9)
    figure.savefig(path, dpi=110)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
