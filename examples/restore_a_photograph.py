"""One photograph, blurred by a lens and cropped by the frame, restored by seven methods without a knob.

    python restore_a_photograph.py [-o FIGURE.png]

The scene is larger than the picture, as it always is: what happens at the border is not known to any
method. A row below "data" in PSNR is worse than doing nothing.
"""

from __future__ import annotations

import argparse

from invdeconv import Comparison, compare, psf, samples
from invdeconv.simulate import observe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", metavar="FIGURE.png", help="write the estimates as a figure")
    figure = parser.parse_args().o

    scene = samples.camera() / 255
    observation = observe(scene, psf.gaussian((25, 25), 3), noise_std=0.005, rng=0)
    comparison = compare(observation)
    print(f"{observation}\n\n{comparison}")
    if figure:
        draw(comparison, figure)


def draw(comparison: Comparison, path: str) -> None:
    import matplotlib.pyplot as plt

    shown = [entry for entry in comparison if entry.estimate is not None]
    _, axes = plt.subplots(2, (len(shown) + 1) // 2, figsize=(14, 7), layout="constrained")
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, entry in zip(axes.flat, shown, strict=False):
        ax.imshow(entry.estimate, cmap="gray", vmin=0, vmax=1)
        ax.set_title(f"{entry.name}: {entry.metrics['psnr']:.1f} dB", fontsize=9)
    plt.savefig(path)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
