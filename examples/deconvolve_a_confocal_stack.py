"""A confocal stack of fluorescent lines, deconvolved with the PSF measured from beads on the same microscope.

    python deconvolve_a_confocal_stack.py [--data FOLDER] [-o FIGURE.png]

The lines were seen with 1 to 8 counts on an offset, so the noise is that of counts: Richardson–Lucy in 3-D,
stopped by its likelihood. FOLDER holds confocal_beads.npz and confocal_grid.npz (`data` z × y × x,
`voxel_um_zyx`): by default $INVDECONV_DATA, else ../shared/data/test beside the repository.
Data: B. Nitzsche and R. Haase, MPI-CBG, CC BY 4.0.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from scipy.signal import find_peaks, peak_widths

from invdeconv import noise, psf, richardson_lucy

BESIDE = Path(__file__).resolve().parent.parent.parent
DATA = os.environ.get("INVDECONV_DATA", BESIDE / "shared" / "data" / "test")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", metavar="FOLDER", type=Path, default=DATA)
    parser.add_argument("-o", metavar="FIGURE.png", help="write planes and profiles as a figure")
    options = parser.parse_args()
    files = [Path(options.data, f"confocal_{name}.npz") for name in ("beads", "grid")]
    if not all(file.exists() for file in files):
        names = " and ".join(file.name for file in files)
        print(f"nothing to do: no {names} in {options.data}; name the folder with --data")
        return

    beads, grid = (np.load(file) for file in files)
    micrometers = beads["voxel_um_zyx"]
    measured = psf.from_beads(beads["data"], (21, 25, 25))
    print("beads (center z, y, x in voxels, brightness, verdict)")
    for bead in measured.beads:
        center = ", ".join(f"{c:5.1f}" for c in bead.center)
        print(f"  {center}  {bead.brightness:7.0f}  {bead.rejected or 'used'}")
    widths = [width(profile) for profile in profiles(measured.psf, (10, 12, 12))] * micrometers * 1000
    print("PSF: full width at half maximum {:.0f} × {:.0f} × {:.0f} nm (z, y, x)".format(*widths))

    stack = grid["data"].astype(np.float32)
    constant, gain = noise.estimate_noise_variance(stack)
    offset = float(np.percentile(stack.mean(axis=1), 1))  # the lines run along y
    model = noise.Poisson(background=offset, read_noise=constant**0.5, gain=gain)
    restored = richardson_lucy(stack, measured.psf, noise=model, stop="discrepancy")
    print(f"noise: {model}")
    print(f"Richardson–Lucy: {restored.n_iter} iterations. {restored.status.value}\n")

    across = {"data": stack - offset, "restored": restored.estimate}
    across = {name: volume[10].mean(axis=0) for name, volume in across.items()}
    print(f"{'':10}{'width of the two lines apart':>30}{'gap between the two close ones':>34}")
    for name, profile in across.items():
        first, left, right, last = find_peaks(profile, prominence=0.5)[0]
        apart = [f"{1000 * micrometers[2] * width(profile, at):.0f}" for at in (first, last)]
        gap = 1 - profile[left:right].min() / min(profile[left], profile[right])
        print(f"{name:10}{' and '.join(apart) + ' nm':>30}{gap:>31.0%} deep")
    if options.o:
        draw(stack - offset, restored.estimate, across, micrometers, options.o)


def profiles(volume: np.ndarray, at: tuple[int, int, int]) -> list[np.ndarray]:
    z, y, x = at
    return [volume[:, y, x], volume[z, :, x], volume[z, y]]


def width(profile: np.ndarray, peak: int | None = None) -> float:
    """Full width at half of a peak's height above zero, in samples."""
    at = int(np.argmax(profile)) if peak is None else peak
    height = np.array([profile[at]], float)
    whole = (height, np.array([0]), np.array([len(profile) - 1]))
    return float(peak_widths(profile.astype(float), [at], prominence_data=whole)[0][0])


def draw(before: np.ndarray, after: np.ndarray, across: dict, micrometers: np.ndarray, path: str) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 3, figsize=(13, 7), layout="constrained", height_ratios=[2.4, 1])
    for row, volume in zip(axes[:, :2].T, (before, after), strict=True):
        row[0].imshow(volume[10], cmap="gray", vmin=0)
        row[1].imshow(volume[:, 75], cmap="gray", vmin=0, aspect=micrometers[0] / micrometers[2])
    for ax, title in zip(axes[0], ("plane 10, data", "plane 10, restored"), strict=False):
        ax.set_title(title)
    for ax, title in zip(axes[1], ("across the lines, data", "across the lines, restored"), strict=False):
        ax.set_title(title)
    for ax in axes[:, :2].flat:
        ax.set_axis_off()
    axes[1, 2].set_axis_off()
    for name, profile in across.items():
        axes[0, 2].plot(micrometers[2] * np.arange(profile.size), profile, label=name)
    axes[0, 2].set(title="mean along the lines", xlabel="µm", ylabel="counts above the offset")
    axes[0, 2].legend()
    figure.savefig(path)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
