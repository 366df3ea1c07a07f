"""Ones, blurred and subsampled by one small layer: what Cᵀ returns, and what its true inverses return.

    python why_the_transpose_is_not_the_inverse.py [-o FIGURE.png]

Three gaps stand between Cᵀy and x. Scale: Cᵀy against its best multiple. Null space: C⁺y against x; no
filter closes it, a prior does. Noise, the third, needs a picture: see restore_a_photograph.py.
"""

from __future__ import annotations

import argparse

import numpy as np

from invdeconv import Comparison, Convolution, adjoint, compare, pseudo_inverse, tikhonov
from invdeconv.simulate import observe

METHODS = {
    "Cᵀy (transposed convolution)": adjoint,
    "C⁺y (pseudo-inverse)": pseudo_inverse,
    "gradient prior, λ → 0": lambda data, blur: tikhonov(data, blur, regularizer="gradient", lam=0),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", metavar="FIGURE.png", help="write the estimates as a figure")
    figure = parser.parse_args().o

    C = Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True)
    print(C)
    ones = compare(observe(np.ones((4, 4)), C), METHODS)
    for entry in ones:
        print(f"\n{entry.name}\n{np.array2string(entry.estimate, precision=3, suppress_small=True)}")

    # The honest column: the prior knows that pictures are smooth. White noise is not.
    rng = np.random.default_rng(0)
    noises = [compare(observe(rng.standard_normal((4, 4)), C), METHODS) for _ in range(100)]
    print("\nrelative error of the estimate of             ones           100 random images, mean")
    print("                                     as is  best-scaled       as is  best-scaled")
    for name in METHODS:
        print(f"{name:<30}  {errors([ones], name)}  {errors(noises, name)}")
    if figure:
        draw(ones, figure)


def errors(comparisons: list[Comparison], name: str) -> str:
    metrics = [comparison[name].metrics for comparison in comparisons]
    plain, scaled = (
        np.mean([row[key] for row in metrics]) for key in ("relative_error", "best_scaled_error")
    )
    return f"{plain:10.4g}  {scaled:11.4g}"


def draw(comparison: Comparison, path: str) -> None:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, len(comparison), figsize=(9, 3.2), layout="constrained")
    for ax, entry in zip(axes, comparison, strict=True):
        picture = ax.imshow(entry.estimate, vmin=-2, vmax=4)
        ax.set_title(entry.name, fontsize=9)
        ax.set_axis_off()
    plt.colorbar(picture, ax=axes)
    plt.savefig(path)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
