"""A lens found from one known photograph and its picture, then used to restore another photograph.

    python find_the_kernel.py [-o FIGURE.png]

"Measured output and known input": y = C_h x is linear in the kernel h too, so the estimators that find x
from h find h from x, with a standard error for each tap.
"""

from __future__ import annotations

import argparse

import numpy as np

from invdeconv import estimate_kernel, metrics, psf, samples, tikhonov
from invdeconv.simulate import observe

SIZE = 15
NOISE_STD = 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", metavar="FIGURE.png", help="write kernels and pictures as a figure")
    figure = parser.parse_args().o

    lens = shaken_lens()
    photographs = samples.photographs()
    # The scene is larger than the picture: what lies around it is known to nobody.
    seen = observe(photographs["camera"], lens, noise_std=NOISE_STD, rng=1)
    found = estimate_kernel(seen.data, seen.truth, SIZE)
    error = found.estimate - lens
    stated = found.state["standard_error"]
    print(f"known photograph and its picture, noise {NOISE_STD}: {SIZE}×{SIZE} taps")
    print(f"noise found           {found.state['noise_std']:.5f}")
    print(f"error of the kernel   {metrics.relative_error(found.estimate, lens):.1%}")
    print(f"within two standard errors: {np.mean(np.abs(error) < 2 * stated):.0%} of the taps\n")

    other = observe(photographs["coffee"], lens, noise_std=NOISE_STD, rng=2)
    kernel = found.estimate / found.estimate.sum()
    kernels = {"the true kernel": lens, "the kernel found": kernel, "a guess: Gaussian": guess(lens)}
    pictures = {"data": other.data}
    print(f"another photograph     {metrics.psnr(other.data, other.truth, data_range=1):6.2f} dB")
    for name, h in kernels.items():
        pictures[name] = tikhonov(other.data, h).estimate
        print(f"with {name:<18}{metrics.psnr(pictures[name], other.truth, data_range=1):6.2f} dB")
    if figure:
        draw(pictures, kernels, figure)


def shaken_lens() -> np.ndarray:
    """A defocused lens moved along a bent path: even in no direction."""
    path = np.zeros((SIZE, SIZE))
    path[[4, 5, 6, 7, 8, 8, 9], [3, 4, 5, 7, 9, 10, 11]] = [1, 1, 2, 2, 3, 3, 4]
    blurred = np.abs(
        np.fft.ifft2(np.fft.fft2(path) * np.fft.fft2(np.fft.ifftshift(psf.disk((SIZE, SIZE), 2))))
    )
    return blurred / blurred.sum()


def guess(lens: np.ndarray) -> np.ndarray:
    """The Gaussian with the center and the mean width of the lens."""
    rows, columns = np.indices(lens.shape)
    center = [float((lens * axis).sum()) for axis in (rows, columns)]
    squares = sum((lens * (axis - c) ** 2).sum() for axis, c in zip((rows, columns), center, strict=True))
    distance = (rows - center[0]) ** 2 + (columns - center[1]) ** 2
    values = np.exp(-distance / squares)
    return values / values.sum()


def draw(pictures: dict[str, np.ndarray], kernels: dict[str, np.ndarray], path: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.4, 5.6), layout="constrained", facecolor="white")
    axes = figure.subplots(2, 4)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (name, picture) in zip(axes[0], pictures.items(), strict=True):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
        ax.set_title(name, fontsize=10)
    for ax, (name, kernel) in zip(axes[1, 1:], kernels.items(), strict=True):
        ax.imshow(kernel, cmap="viridis", vmin=0, vmax=max(k.max() for k in kernels.values()))
        ax.set_title(name, fontsize=10)
    figure.savefig(path, dpi=110)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
