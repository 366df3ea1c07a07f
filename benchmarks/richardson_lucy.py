"""Richardson–Lucy: time and memory, against scikit-image and against the bound of four real FFTs.

    python benchmarks/richardson_lucy.py

Zero boundary for all, so that the work is the same; float32. The bound is two pairs of ``scipy.fft.rfftn``
and ``irfftn`` on the linear-convolution grid an iteration. An iteration is what five and twenty-five of them
differ by; with setup, ten of them and all that comes before are counted, as a user pays for them. The last
section compares what it takes to reach the likelihood of N plain iterations: accelerated here, all N there;
numba saves conjugate gradients on large pictures a seventh of their time.
Memory is what is allocated at most beyond the data, in images.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import tracemalloc
from collections.abc import Callable

import numpy as np
import scipy.fft
import scipy.ndimage
from harness import ratio, seconds
from skimage.restoration import richardson_lucy as skimage_richardson_lucy

from invdeconv import fft_options, psf, richardson_lucy
from invdeconv.solvers import Flatness

ITERATIONS = 10
CASES = (
    ((512, 512), (15, 15)),
    ((1024, 1024), (31, 31)),
    ((2048, 2048), (31, 31)),
    ((64, 256, 256), (31, 63, 63)),
)
ENGINES = ("scipy", "ducc0") if importlib.util.find_spec("ducc0") else ("scipy",)


def main() -> None:
    numba = "with" if importlib.util.find_spec("numba") else "without"
    print(f"{ITERATIONS} iterations, {numba} numba; below 1 is faster than the reference\n")
    for shape, size in CASES:
        rng = np.random.default_rng(0)
        kernel = psf.gaussian(size, tuple(k / 6 for k in size)).astype(np.float32)
        data = (1 + rng.random(shape)).astype(np.float32)
        frame = tuple(scipy.fft.next_fast_len(n + k - 1, real=True) for n, k in zip(shape, size, strict=True))
        workers = os.cpu_count()

        def plain(n: int = ITERATIONS, boundary: str = "zero") -> object:
            return richardson_lucy(data, kernel, max_iter=n, stop=None, boundary=boundary)

        def theirs(n: int = ITERATIONS) -> object:
            return skimage_richardson_lucy(data, kernel, num_iter=n, clip=False)

        def bound(n: int = ITERATIONS) -> None:
            for _ in range(2 * n):
                spectrum = scipy.fft.rfftn(data, frame, workers=workers)
                scipy.fft.irfftn(spectrum, frame, workers=workers)

        print("×".join(map(str, shape)), "blurred by", "×".join(map(str, size)))
        for engine in ENGINES:
            with fft_options(engine=engine):
                print(f"    {engine:6} over four real FFTs, an iteration {slope(plain, bound)}")
                print(f"    {engine:6} over four real FFTs, with setup   {ratio(plain, bound, rounds=5)}")
                each = slope(plain, theirs, rounds=5, share=5)
                print(f"    {engine:6} over scikit-image, an iteration   {each}")
                print(f"    {engine:6} over scikit-image, with setup     {ratio(plain, theirs, rounds=3)}")
        peaks = [peak(lambda word=word: plain(4, word)) / data.nbytes for word in ("zero", "unknown")]
        print(f"    memory {peaks[0]:.2f} images, {peaks[1]:.2f} under the unknown boundary")
    to_the_same_likelihood((1024, 1024), (31, 31), 100)
    to_the_same_likelihood((64, 256, 256), (31, 63, 63), 50)


def slope(
    subject: Callable[[int], object], reference: Callable[[int], object], *, rounds: int = 9, share: int = 1
) -> str:
    """Compare what 20 more iterations cost; of the reference, a `share` of them stands for all."""
    subject(2)
    reference(2)
    found = []
    for _ in range(rounds):
        few, many = seconds(lambda: subject(5)), seconds(lambda: subject(25))
        found.append((many - few) / (share * seconds(lambda: reference(20 // share))))
    return f"{statistics.median(found):6.2f}  ({rounds} rounds)"


def peak(function: object) -> int:
    """Return the bytes allocated at most while the function runs."""
    tracemalloc.start()
    function()  # type: ignore[operator]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def to_the_same_likelihood(shape: tuple[int, ...], size: tuple[int, ...], long: int) -> None:
    rng = np.random.default_rng(0)
    sigma = tuple(k / 6 for k in size)
    kernel = psf.gaussian(size, sigma).astype(np.float32)
    scene = scipy.ndimage.gaussian_filter(rng.random(shape), 2) ** 4
    blurred = scipy.ndimage.gaussian_filter(scene, sigma)
    data = rng.poisson(100 * blurred / blurred.mean()).astype(np.float32)
    never = Flatness(1e-12)  # it asks for the divergence
    exact = richardson_lucy(data, kernel, max_iter=long, boundary="zero", acceleration=None, stop=never)
    aim = exact.history[-1].figures["divergence"]

    def theirs() -> object:  # a tenth: each of its iterations takes the same
        return skimage_richardson_lucy(data, kernel, num_iter=long // 10, clip=False)

    print(
        f"\n{'×'.join(map(str, shape))}, likelihood of {long} plain iterations, scikit-image's time over ours"
    )
    for acceleration in ("momentum", "biggs-andrews", "conjugate-gradients"):
        options = {"boundary": "zero", "acceleration": acceleration}
        run = richardson_lucy(data, kernel, stop=never, max_iter=long, **options)
        n = next(i.number for i in run.history if i.figures["divergence"] <= aim)

        def ours(n: int = n, options: dict[str, str] = options) -> object:
            return richardson_lucy(data, kernel, stop=None, max_iter=n, **options)

        for engine in ENGINES:
            with fft_options(engine=engine):
                found = ratio(theirs, ours, rounds=5)
                print(f"    {n:3} with {acceleration:20} {engine:6} {10 * found.median:5.1f}")


if __name__ == "__main__":
    main()
