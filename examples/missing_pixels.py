"""A tenth of the pixels is gone, the rest is blurred and noisy: what each method makes of it.

    python missing_pixels.py [-o FIGURE.png]

Cᵀ alone leaves the holes dark; divided by what each pixel contributed it is a weighted mean, still blurred.
A prior says what lies between the pixels that are left: smooth (gradient), or flat with edges (TV).
"""

from __future__ import annotations

import argparse

import numpy as np

from invdeconv import Convolution, metrics, noise, psf, samples, tikhonov, total_variation
from invdeconv.operators import Samples
from invdeconv.simulate import observe

NOISE = 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", metavar="FIGURE.png", help="write the estimates as a figure")
    figure = parser.parse_args().o

    scene = samples.camera()[60:300, 120:360] / 255
    kernel = psf.gaussian((13, 13), 1.6)
    seen = observe(scene, kernel, noise_std=NOISE, rng=0)
    gone = np.random.default_rng(1).random(seen.data.shape) < 0.1
    data = np.where(gone, 0.0, seen.data)
    model = noise.Gaussian(std=np.where(gone, np.inf, NOISE))

    # The same as an operator: blur, then keep the pixels that are there.
    C = Samples(~gone) @ Convolution.from_psf(kernel, data.shape)
    back = C.H(seen.data[~gone])
    weight = C.H(np.ones(C.output_shape))
    estimates = {
        "data": data,
        "Cᵀ": back,
        "Cᵀ, normalized": back / weight,
        "gradient prior": tikhonov(data, kernel, noise=model).estimate,
        "total variation": total_variation(data, kernel, noise=model).estimate,
    }
    print(f"{'':18}{'PSNR':>8}{'SSIM':>8}{'PSNR in the holes':>20}")
    for name, x in estimates.items():
        holes = metrics.psnr(x[gone], seen.truth[gone], data_range=1.0)
        psnr, ssim = (measure(x, seen.truth, data_range=1.0) for measure in (metrics.psnr, metrics.ssim))
        print(f"{name:18}{psnr:8.2f}{ssim:8.3f}{holes:20.2f}")
    if figure:
        draw({"truth": seen.truth, **estimates}, figure)


def draw(pictures: dict[str, np.ndarray], path: str) -> None:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(2, 3, figsize=(11, 7.5), layout="constrained")
    for ax, (name, picture) in zip(axes.flat, pictures.items(), strict=True):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
        ax.set_title(name)
        ax.set_axis_off()
    plt.savefig(path)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
