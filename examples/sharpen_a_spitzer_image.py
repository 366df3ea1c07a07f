"""A crowded infrared field of the Spitzer telescope, sharpened onto pixels of half the size.

    python sharpen_a_spitzer_image.py [--data FOLDER] [-o FIGURE.png]

The response to a point was measured in flight, four times finer than the pixels. The picture is a mosaic,
whose resampling widened the stars; by how much, the stars themselves say. Their light, sampled by large
pixels, is looked for on small ones: C blurs and keeps every second sample, which any method takes as its
blur. The estimate is kept smooth on purpose, a known narrow Gaussian for every point.
FOLDER holds spitzer_irac2_glimpse.npz, by default $INVDECONV_DATA, else ../shared/data/test beside the
repository. Data: NASA/JPL-Caltech, Spitzer IRAC 4.5 µm, GLIMPSE.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.signal import fftconvolve, peak_widths

from invdeconv import Convolution, noise, psf, richardson_lucy
from invdeconv.solvers import Flatness

BESIDE = Path(__file__).resolve().parent.parent.parent
DATA = os.environ.get("INVDECONV_DATA", BESIDE / "shared" / "data" / "test")
BEAM = psf.gaussian((9, 9), 0.8)  # what a point becomes in the estimate, in small pixels
APERTURE = 6.0  # arcsec


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", metavar="FOLDER", type=Path, default=DATA)
    parser.add_argument("-o", metavar="FIGURE.png", help="write the field before and after as a figure")
    options = parser.parse_args()
    file = Path(options.data, "spitzer_irac2_glimpse.npz")
    if not file.exists():
        print(f"nothing to do: no {file.name} in {options.data}; name the folder with --data")
        return

    archive = np.load(file)
    image, fine = archive["image"].astype(float), np.pad(archive["prf"].astype(float), 20)
    pixel, fine_pixel = float(archive["image_arcsec_per_px"]), float(archive["prf_arcsec_per_px"])
    stars = psf.from_beads(image, (11, 11))

    def response(sigma: float, to: float, size: int) -> np.ndarray:
        # The response was measured with the pixel in it: its values are taken, not their means.
        widened = gaussian_filter(fine, sigma / fine_pixel)
        return np.maximum(psf.resample(widened, fine_pixel, to, shape=(size, size), average=False), 0)

    def likeness(sigma: float) -> float:
        return float(np.corrcoef(response(sigma, pixel, 11).ravel(), stars.psf.ravel())[0, 1])

    sigma = max(np.arange(0, 1.5, 0.05), key=likeness)
    print(f"{stars.used} stars stand alone and are alike; correlation with the response in flight")
    print(f'as it is {likeness(0):.3f}, widened by a Gaussian of σ = {sigma:.2f}" {likeness(sigma):.3f}\n')

    kernel = fftconvolve(response(sigma, pixel / 2, 45), BEAM)
    # All small pixels that reach the picture: nothing is assumed of those outside it.
    shape = [2 * (n - 1) + k for n, k in zip(image.shape, kernel.shape, strict=True)]
    C = Convolution(kernel / kernel.sum(), shape, stride=2, padding="valid")
    sky = float(np.percentile(image, 0.1))
    found = richardson_lucy(image, C, noise=noise.Poisson(background=sky), stop=Flatness(1e-2))
    rim = len(kernel) // 2
    after = Convolution.from_psf(BEAM, found.estimate.shape)(found.estimate)[rim:-rim, rim:-rim]
    print(f"{C!r}\n{found.n_iter} iterations, {found.parameters['plain_equivalent']:.0f} plain ones\n")

    before = image - sky
    widths = full_width(stars.psf) * pixel, full_width(psf.from_beads(after, (15, 15)).psf) * pixel / 2
    print(f'width of the stars: {widths[0]:.2f}" before, {widths[1]:.2f}" after')
    alone = [bead.center for bead in stars.beads if not bead.rejected]
    kept = [light(after, center, 2, pixel) / light(before, center, 1, pixel) for center in alone]
    low, middle, high = np.percentile(kept, [16, 50, 84])
    print(f'light within {APERTURE:.0f}" of a star, after / before: {middle:.3f} ({low:.3f} to {high:.3f});')
    print("  what the wings of the response carried further out is back")
    print(f"light of the whole field, after / before: {after.sum() / 4 / before.sum():.3f}")
    if options.o:
        draw(before, after, options.o)


def full_width(spot: np.ndarray) -> float:
    """Mean of the full widths at half maximum along both axes, in pixels."""
    middle = len(spot) // 2
    return float(np.mean([peak_widths(line, [middle])[0][0] for line in (spot[middle], spot[:, middle])]))


def light(picture: np.ndarray, center: tuple[float, ...], finer: int, pixel: float) -> float:
    """Return the light around a star, in large pixels; `finer` small pixels make one side of a large one."""
    row, column = np.ogrid[tuple(map(slice, picture.shape))]
    inside = (row - finer * center[0]) ** 2 + (column - finer * center[1]) ** 2
    return float(picture[inside < (finer * APERTURE / pixel) ** 2].sum()) / finer**2


def draw(before: np.ndarray, after: np.ndarray, path: str) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(13, 6.8), layout="constrained")
    part = slice(110, 220), slice(50, 160)
    fine = tuple(slice(2 * s.start, 2 * s.stop) for s in part)
    for ax, picture, title in zip(axes, (before[part], after[fine]), ("data", "restored"), strict=True):
        ax.imshow(np.arcsinh(picture / 5), cmap="gray", vmin=-0.2, vmax=4.5)
        ax.set_title(title)
        ax.set_axis_off()
    figure.savefig(path)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
