"""Two pictures that were really blurred, by a moving camera and by a microscope. Nobody knows their truth.

    python restore_a_real_blur.py [-o FIGURE.png]

The motion is read off the photograph itself. The PSF of the micrograph is an assumption, and its noise was
smoothed by the microscope's own processing: fitting the data to the noise of their finest details goes on too
long. The default rule looks at the noise where the blur passes nothing.
"""

from __future__ import annotations

import argparse

import numpy as np

from invdeconv import (
    Convolution,
    Result,
    adjoint,
    metrics,
    psf,
    richardson_lucy,
    samples,
    total_variation,
    wiener,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", metavar="FIGURE.png", help="write data and estimates as a figure")
    figure = parser.parse_args().o

    clock = samples.clock() / 255
    motion = psf.motion_from_cepstrum(clock)
    line = psf.motion((5, 39), motion.length, motion.angle)
    print(f"clock: a motion of {motion.length:.1f} pixels at {motion.angle:.1f} degrees\n")
    fitted = {
        "Cᵀ": adjoint(clock, line),
        "Wiener": wiener(clock, line),
        "total variation": total_variation(clock, line),
        # By the noise alone λ is smaller, but the motion too has errors: it was not quite straight.
        "total variation, larger λ": total_variation(clock, line, lam=1e-3),
    }
    table(clock, line, fitted)
    rows = [{"data": clock} | {name: result.estimate for name, result in fitted.items()}]

    intestine = samples.celegans().astype(float)
    spot = psf.gaussian((15, 15), 2.0)
    sharp = {"Cᵀ": adjoint(intestine, spot)} | {
        f"Richardson–Lucy, {stop}": richardson_lucy(intestine, spot, stop=stop)
        for stop in ("least-risk", "discrepancy")
    }
    print("\nC. elegans")
    table(intestine, spot, sharp)
    for name, result in sharp.items():
        if "plain_equivalent" in result.parameters:
            print(f"{name}: {result.parameters['plain_equivalent']:.0f} plain iterations")
    rows.append({"data": intestine} | {name: result.estimate for name, result in sharp.items()})
    if figure:
        draw(rows, figure)


def table(data: np.ndarray, blur: np.ndarray, results: dict[str, Result]) -> None:
    C = Convolution.from_psf(blur, data.shape)
    inside = tuple(slice(n, -n) for n in blur.shape)  # nothing from outside the picture reaches there
    print(f"{'':28}{'λ':>10}{'‖Cx̂ − y‖/‖y‖':>16}{'range of x̂':>20}")
    for name, result in results.items():
        misfit = metrics.relative_error(C(result.estimate)[inside], data[inside])
        lam = result.parameters.get("lam")
        low, high = np.percentile(result.estimate, [0.1, 99.9])
        print(f"{name:28}{'' if lam is None else f'{lam:.1e}':>10}{misfit:>14.4f}{low:>12.4g} to {high:.4g}")


def draw(rows: list[dict[str, np.ndarray]], path: str) -> None:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(2, 5, figsize=(16, 6), layout="constrained")
    for ax in axes.flat:
        ax.set_axis_off()
    parts = (slice(60, 240), slice(100, 330)), (slice(90, 240), slice(75, 225))
    for line, pictures, part in zip(axes, rows, parts, strict=True):
        low, high = min(0, pictures["data"].min()), 1.1 * pictures["data"].max()
        for ax, (name, picture) in zip(line, pictures.items(), strict=False):
            ax.imshow(picture[part], cmap="gray", vmin=low, vmax=high)
            ax.set_title(name)
    plt.savefig(path)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
