"""System identification: the kernel from an input and an output, by the estimators that restore images."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, like, namespace, to_numpy
from invdeconv.operators import BOUNDARIES, Convolution, OutputOfKernel
from invdeconv.restoration._tall_least_squares import Blocks, tall_least_squares
from invdeconv.result import Result, Status
from invdeconv.selection import refine_minimum

__all__ = ["estimate_kernel"]


def estimate_kernel(
    data: Any,
    input: Any,  # noqa: A002  the name of the field
    size: int | tuple[int, ...] | Convolution,
    *,
    lam: float | str = "gcv",
    boundary: str | None = None,
    origin: int | tuple[int, ...] | None = None,
) -> Result:
    """Estimate the kernel that turned a known input into the measured data: system identification.

    Minimize ½‖Xh − y‖² + ½λ‖h‖², where Xh = C_h x is the convolution of the input with h, seen as a
    function of h. Use it for the point-spread function of a lens from a test chart, the taps of a channel
    from a preamble, or the kernel of a layer from its input and output. It takes the input as exact; where
    only the output is known the problem is blind, and this is not the tool.

    Parameters
    ----------
    data : array, or list of arrays
        Measured output y: in the shape of the input, or of its "valid" convolution. Several recordings of
        one system as a list.
    input : array, shape (n1, …, nd), or list of arrays
        Known input x, one for each recording.
    size : int, tuple of int, or Convolution
        Shape (k1, …, kd) of the kernel. Too large costs only variance, too small gives a biased estimate.
        A `Convolution` instead identifies the kernel of a layer with that geometry: stride, pads,
        dilation, channels and groups are its own, its kernel values do not matter.
    lam : float >= 0 or "gcv", default "gcv"
        λ. "gcv" chooses it by generalized cross-validation, 0 included. 0 is least squares: unbiased, and
        exact for data without noise.
    boundary : str, optional
        "unknown" (default): only data whose whole neighborhood lies inside the input count. Or what the
        input holds beyond its edges, a word of `Convolution`.
    origin : int or tuple of int, optional
        Index of the tap that maps input i to data i; default k // 2. A causal channel has 0.

    Returns
    -------
    Result
        The kernel; as a convolution kernel, or as `size` says. ``state["standard_error"]``, of the same
        shape, is the standard deviation of each tap under white noise, without the bias of λ > 0; of a
        complex tap, of its modulus. ``state["noise_std"]`` is the noise found, one value per output
        channel.

    Raises
    ------
    InvalidInputError
        If data or input is empty, not numeric or not finite, the lists differ in length, or their shapes do
        not fit each other or `size`; if a size is not positive or exceeds the input; if there are fewer
        data than taps; if the input is zero; if `lam` is negative or an unknown word; if `boundary` is
        an unknown word; if `origin` lies outside the kernel; if either is given beside a `Convolution`.

    Warns
    -----
    InputWarning
        IDW010: the input does not excite every tap; of those it leaves open the kernel of least norm is
        returned, with an infinite standard error.

    Notes
    -----
    Cost: p²·m multiplications in BLAS for m data and p taps; X comes in blocks of some 10 MB. XᴴX is
    formed and its solution refined by two residuals, which restores the digits the square has lost; beyond
    a condition number of 1e5 a QR factorization takes its place. What λ does to the solution is a filter.

    References
    ----------
    .. [1] L. Ljung, "System Identification", 2nd ed., Prentice Hall 1999, Eq. (7.34) and (9.42).
    .. [2] Å. Björck, "Numerical Methods for Least Squares Problems", SIAM 1996, §2.9.3.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, estimate_kernel
    >>> x = np.random.default_rng(0).standard_normal((20, 30))
    >>> y = Convolution([[1.0, 2.0, 0.0], [0.0, 3.0, 4.0]], (20, 30))(x)
    >>> estimate_kernel(y, x, (2, 3), lam=0).estimate.round(12) + 0.0
    array([[1., 2., 0.],
           [0., 3., 4.]])
    """
    began = time.perf_counter()
    if isinstance(lam, str):
        checks.choice("estimate_kernel", "lam", lam, ("gcv",))
    else:
        lam = checks.nonnegative("estimate_kernel", "lam", lam, "Pass a number >= 0, or 'gcv'.")
    outputs, inputs = _recordings(data, input)
    if isinstance(size, Convolution):
        for name, value in (("boundary", boundary), ("origin", origin)):
            if value is not None:
                advice = "A convolution has its own: drop it, or pass the size of the kernel."
                checks.refuse("estimate_kernel", name, "be None beside a Convolution", repr(value), advice)
        word = "operator"
        fitted = [_of_layer(y, x, size) for y, x in zip(outputs, inputs, strict=True)]
    else:
        words = ("unknown", *BOUNDARIES)
        word = (
            "unknown" if boundary is None else checks.choice("estimate_kernel", "boundary", boundary, words)
        )
        fitted = [_of_size(y, x, size, word, origin) for y, x in zip(outputs, inputs, strict=True)]
    estimate, error, noise_std, chosen, path = _identify(fitted, lam)
    return Result(
        like(estimate, outputs[0]),
        Status.CLOSED_FORM,
        parameters={**chosen, "boundary": word},
        state={"standard_error": error, "noise_std": noise_std},
        method=f"estimate_kernel ({path})",
        seconds=time.perf_counter() - began,
    )


def _recordings(data: Any, known: Any) -> tuple[list[Array], list[Array]]:
    """Return outputs and inputs as lists of checked arrays."""
    several = [_is_list(data), _is_list(known)]
    outputs, inputs = (list(v) if many else [v] for v, many in zip((data, known), several, strict=True))
    if several[0] != several[1] or len(outputs) != len(inputs) or not outputs:
        advice = "Pass one input for each recording."
        checks.refuse("estimate_kernel", "input", f"hold {len(outputs)} recordings", len(inputs), advice)
    outputs = [checks.finite_array("estimate_kernel", "data", y) for y in outputs]
    inputs = [checks.finite_array("estimate_kernel", "input", x) for x in inputs]
    if not any(bool(namespace(x).any(x != 0)) for x in inputs):
        advice = "Nothing can be learned from silence."
        checks.refuse("estimate_kernel", "input", "not be all zeros", "zeros", advice)
    return outputs, inputs


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and all(hasattr(item, "shape") and item.shape for item in value)


def _of_layer(y: Array, x: Array, layer: Convolution) -> tuple[OutputOfKernel, Array]:
    """Return X with its data, for the geometry of a layer."""
    for name, value, wanted in (("input", x, layer.input_shape), ("data", y, layer.output_shape)):
        if tuple(value.shape) != wanted:
            advice = f"[{layer!r}] says so; build it for the recording."
            checks.refuse("estimate_kernel", name, f"have shape {wanted}", tuple(value.shape), advice)
    return OutputOfKernel(layer, x), y


def _of_size(y: Array, x: Array, size: Any, word: str, origin: Any) -> tuple[OutputOfKernel, Array]:
    """Return X with the data that count, for a point-spread function of a given size."""
    name, shape = "estimate_kernel", tuple(x.shape)
    sizes = checks.integers(name, "size", size, len(shape), minimum=1)
    if any(k > n for k, n in zip(sizes, shape, strict=True)):
        checks.refuse(name, "size", f"not exceed the input {shape}", sizes, "Pass a smaller kernel.")
    center = (
        tuple(k // 2 for k in sizes)
        if origin is None
        else checks.integers(name, "origin", origin, len(shape), minimum=0)
    )
    if any(o >= k for o, k in zip(center, sizes, strict=True)):
        checks.refuse(name, "origin", f"lie inside the kernel {sizes}", center, "Count from 0.")
    valid = tuple(n - k + 1 for n, k in zip(shape, sizes, strict=True))
    allowed = (shape, valid) if word == "unknown" else (shape,)
    if tuple(y.shape) not in allowed:
        wanted = f"have the shape of the input, {shape}" + (f", or {valid}" if word == "unknown" else "")
        checks.refuse(name, "data", wanted, tuple(y.shape), "Crop both to what was recorded together.")
    ones = np.ones(sizes)
    if word != "unknown":
        return OutputOfKernel(Convolution(ones, shape, boundary=word, origin=center), x), y
    if tuple(y.shape) == shape:
        y = y[tuple(slice(k - 1 - o, n - o) for k, o, n in zip(sizes, center, shape, strict=True))]
    return OutputOfKernel(Convolution(ones, shape, padding="valid"), x), y


def _identify(
    fitted: list[tuple[OutputOfKernel, Array]], lam: float | str
) -> tuple[np.ndarray, np.ndarray, Any, dict[str, Any], str]:
    """Return kernel, standard errors, noise, the λ in force, and the path taken."""
    operator = fitted[0][0]
    q = operator.outputs_per_group
    groups = operator.groups or 1
    taps = operator.shape[1] // (q * groups)
    rows = sum(X.shape[0] for X, _ in fitted) // (q * groups)
    if rows < taps:
        advice = "Record more, or ask for a smaller kernel."
        checks.refuse("estimate_kernel", "data", f"hold at least {taps} samples, one per tap", rows, advice)
    solutions = []
    for group in range(groups):

        def blocks(group: int = group) -> Blocks:
            for X, y in fitted:
                yield from _blocks(X, to_numpy(y), group)

        solutions.append(tall_least_squares(blocks))
    chosen: dict[str, Any] = {"lam": lam}
    if isinstance(lam, str):

        def score(value: float) -> float:
            parts = [solution.score_parts(value) for solution in solutions]
            left = 1 - sum(trace for _, trace in parts) / (rows * q * groups)
            return sum(energy for energy, _ in parts) / left**2 if left > 0 else math.inf

        c = np.concatenate([solution.c for solution in solutions])
        low, high = 2 * np.log10(c.min()) - 4, 2 * np.log10(c.max()) + 1
        selection = refine_minimum(score, np.logspace(low, high, int(high - low) + 1))
        lam = selection.value if score(selection.value) < score(0.0) else 0.0
        chosen = {"lam": lam, "selection": "gcv"}
    kernel = np.concatenate([solution.shrunk(lam).T for solution in solutions])
    noise = [solution.residual / max(rows - solution.c.size, 1) for solution in solutions]
    error = np.concatenate(
        [np.sqrt(np.outer(var, s.variance(lam))) for var, s in zip(noise, solutions, strict=True)]
    )
    shape = operator.input_shape
    if any(s.c.size < taps for s in solutions):
        seen = min(s.c.size for s in solutions)
        checks.warn(
            "IDW010",
            f"estimate_kernel: the input excites only {seen} of {taps} taps",
            "Use a richer input, such as noise or a photograph, or a smaller kernel",
        )
    noise_std = np.sqrt(np.concatenate(noise))
    path = "normal equations, refined" if all(s.refined for s in solutions) else "QR"
    found = float(noise_std[0]) if operator.groups is None else noise_std
    return kernel.reshape(shape), error.reshape(shape), found, chosen, path


def _blocks(X: OutputOfKernel, y: np.ndarray, group: int) -> Blocks:
    q = X.outputs_per_group
    maps = y[None] if X.groups is None else y
    maps = maps[group * q : (group + 1) * q]
    for rows, block in X.matrices(group):
        yield block, maps[:, rows].reshape(q, -1).T
