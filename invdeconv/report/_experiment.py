"""The 4×4 experiment, on any kernel and any picture small enough to print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import finite_array, refuse
from invdeconv.comparison import Comparison, Method, compare
from invdeconv.operators import Convolution, decompose
from invdeconv.restoration import (
    adjoint,
    landweber,
    pseudo_inverse,
    richardson_lucy,
    tikhonov,
    truncated_svd,
    wiener,
)
from invdeconv.simulate import Observation

__all__ = ["SETTINGS", "Experiment", "experiment"]

# Small enough that every filter of the SVD has reached C⁺ to four digits.
SETTINGS: Mapping[str, float] = MappingProxyType(
    {"rtol": 1e-6, "noise_to_signal": 1e-6, "n_iter": 1000, "max_iter": 1}
)

_METHODS: Mapping[str, Method] = {
    "adjoint": adjoint,
    "pseudo_inverse": pseudo_inverse,
    "truncated_svd": lambda data, blur: truncated_svd(data, blur, rtol=SETTINGS["rtol"]),
    "wiener": lambda data, blur: wiener(data, blur, noise_to_signal=SETTINGS["noise_to_signal"]),
    "landweber": lambda data, blur: landweber(data, blur, n_iter=int(SETTINGS["n_iter"])),
    "tikhonov": lambda data, blur: tikhonov(data, blur, regularizer="gradient", lam=0),
    "richardson_lucy": lambda data, blur: richardson_lucy(
        data, blur, max_iter=int(SETTINGS["max_iter"]), stop=None
    ),
}

_HEADINGS = {
    "adjoint": "Cᵀy, transposed convolution",
    "best_scaled_adjoint": "a·Cᵀy, best scale a",
    "pseudo_inverse": "C⁺y, pseudo-inverse",
    "truncated_svd": f"truncated SVD, rtol {SETTINGS['rtol']:g}",
    "wiener": f"Wiener, noise to signal {SETTINGS['noise_to_signal']:g}",
    "landweber": f"Landweber, {SETTINGS['n_iter']:g} steps",
    "tikhonov": "gradient prior, λ → 0",
    "richardson_lucy": "Richardson–Lucy, 1 step",
}


@dataclass(frozen=True, eq=False)
class Experiment:
    """A picture through one layer, and what each method makes of the output; ``print`` shows a table.

    Attributes
    ----------
    operator : Convolution
        C, a cross-correlation as in neural networks.
    x : ndarray
        The picture.
    y : ndarray
        C(x), without noise.
    rank : int
        How many directions of x the layer keeps.
    nullity : int
        How many it maps to zero.
    null_space_share : float
        Size of the part of x in the null space, relative to ‖x‖: no filter of the SVD errs by less.
    scale : float or complex
        a, for which a·Cᵀy is nearest to x.
    comparison : Comparison
        All seven methods.
    errors : mapping of str to float or None
        Relative error of each method and of "best_scaled_adjoint"; None for a refusal.
    """

    operator: Convolution
    x: np.ndarray
    y: np.ndarray
    rank: int
    nullity: int
    null_space_share: float
    scale: Any
    comparison: Comparison
    errors: Mapping[str, float | None]

    def __post_init__(self) -> None:
        object.__setattr__(self, "errors", MappingProxyType(dict(self.errors)))

    def estimate(self, name: str) -> np.ndarray | None:
        """Return the estimate of a method, or of "best_scaled_adjoint"; None for a refusal."""
        if name == "best_scaled_adjoint":
            return np.asarray(self.scale * to_numpy(self.comparison["adjoint"].estimate))
        found = self.comparison[name].estimate
        return None if found is None else to_numpy(found)

    def __str__(self) -> str:
        size = self.rank + self.nullity
        lines = [f"{self.operator!r}", f"rank {self.rank} of {size}, null space of {self.nullity}", ""]
        floor = "no filter of the SVD does better than"
        width = len(floor)
        lines.append(f"{'':<{width}}  relative error")
        for name, error in self.errors.items():
            lines.append(f"{_HEADINGS[name]:<{width}}  {'refused' if error is None else f'{error:.5g}':>14}")
        lines.append(f"{floor}  {self.null_space_share:>14.5g}")
        return "\n".join(lines)


def experiment(kernel: Any, x: Any, *, stride: int = 1, padding: Any = "valid") -> Experiment:
    """Send a picture through one convolutional layer and try to get it back, seven ways.

    Parameters
    ----------
    kernel : array, shape (k1, …, kd)
        Weights of the layer, applied as a cross-correlation.
    x : array, shape (n1, …, nd)
        The picture; small, since its matrix is factored as a dense one.
    stride : int or tuple of int, default 1
        Step between outputs.
    padding : {"valid", "same", "full"} or pairs, default "valid"
        Zeros around the picture, as in `Convolution`.

    Returns
    -------
    Experiment
        Exact to rounding; ``print`` shows the table.

    Raises
    ------
    InvalidInputError
        As `Convolution`; if `x` is all zeros, or has more than 4096 values.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import report
    >>> tried = report.experiment([[1, 0], [-1, -2]], np.ones((4, 4)), stride=2)
    >>> [round(tried.errors[name], 4) for name in ("adjoint", "best_scaled_adjoint", "pseudo_inverse")]
    [2.2361, 0.9129, 0.9129]
    >>> tried.rank, tried.nullity, tried.errors["tikhonov"] < 1e-14
    (4, 12, True)
    """
    picture = to_numpy(finite_array("experiment", "x", x))
    if not picture.any():
        refuse("experiment", "x", "not be all zeros", f"shape {picture.shape}", "Relative errors need an x.")
    if picture.size > 4096:
        advice = "Crop it; for photographs use compare."
        refuse("experiment", "x", "have at most 4096 values", picture.size, advice)
    operator = Convolution(kernel, picture.shape, stride=stride, padding=padding, correlate=True)
    y = operator(picture)
    factored = decompose(operator)
    if factored is None:
        refuse("experiment", "kernel", "give an operator with a decomposition", repr(operator), "Crop x.")
    comparison = compare(Observation(y, operator, picture), _METHODS)
    errors: dict[str, float | None] = {}
    for entry in comparison:
        if entry.name != "data":
            errors[entry.name] = entry.metrics["relative_error"]
        if entry.name == "adjoint":
            errors["best_scaled_adjoint"] = entry.metrics["best_scaled_error"]
    back = to_numpy(comparison["adjoint"].estimate)
    power = np.vdot(back, back).real
    return Experiment(
        operator=operator,
        x=picture,
        y=y,
        rank=factored.rank(),
        nullity=factored.nullity,
        null_space_share=float(np.linalg.norm(factored.project_null(picture)) / np.linalg.norm(picture)),
        scale=(np.vdot(back, picture) / power).item() if power > 0 else 0.0,
        comparison=comparison,
        errors=errors,
    )
