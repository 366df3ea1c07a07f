"""What the automatic choices gain, and the worst they do: photographs × blurs × noise, edges unknown.

    python benchmarks/automatic_choices.py

Each photograph is blurred whole and its middle half kept, so that no boundary model is true. Printed: the
gain in dB over the data (ISNR), the mean over all cases and the worst case of each method.
"""

from __future__ import annotations

import warnings

import numpy as np
from skimage import color, data

from invdeconv import InputWarning, metrics, psf, simulate, tikhonov, truncated_svd, wiener

METHODS = (wiener, tikhonov, truncated_svd)
NOISE = (0.0, 1e-4, 1e-3, 0.005, 0.02, 0.1)
PHOTOGRAPHS = {
    "camera": data.camera() / 255,
    "astronaut": color.rgb2gray(data.astronaut()),
    "text": data.text() / 255,
    "gravel": data.gravel() / 255,
    "brick": data.brick() / 255,
    "grass": data.grass() / 255,
    "cell": data.cell()[:512, :512] / 255,
}
BLURS = {
    "motion": psf.motion((17, 17), 15, 30),
    "box": np.full((9, 9), 1 / 81),
    "Gaussian, cut at 5σ": psf.gaussian((31, 31), 3),
    "Gaussian, cut at 4σ": psf.gaussian((25, 25), 3),
}


def main() -> None:
    warnings.simplefilter("ignore", InputWarning)  # data without noise: the rules say so each time
    gains = {}
    for name, scene in PHOTOGRAPHS.items():
        crop = tuple(n // 4 for n in scene.shape)
        for blur, kernel in BLURS.items():
            for noise_std in NOISE:
                seen = simulate.observe(scene, kernel, noise_std=noise_std, rng=0, crop=crop)
                estimates = [method(seen.data, kernel).estimate for method in METHODS]
                gains[name, blur, noise_std] = [metrics.isnr(e, seen.truth, seen.data) for e in estimates]
    names = [method.__name__ for method in METHODS]
    table = np.array(list(gains.values()))
    print(f"{len(gains)} cases, gain over the data in dB\n")
    print(f"{'':>8}" + "".join(f"{name:>16}" for name in names))
    print(f"{'mean':>8}" + "".join(f"{value:16.2f}" for value in table.mean(axis=0)))
    print(f"{'worst':>8}" + "".join(f"{value:16.2f}" for value in table.min(axis=0)))
    for column, method in enumerate(names):
        print(f"{method} does worst on {list(gains)[int(table[:, column].argmin())]}")


if __name__ == "__main__":
    main()
