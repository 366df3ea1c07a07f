"""Wiener deconvolution: the linear estimate of least mean-square error."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, like, to_numpy
from invdeconv.noise import estimate_noise_std
from invdeconv.operators import Decomposition, decompose
from invdeconv.restoration import _filters
from invdeconv.restoration._closed_form import closed_form
from invdeconv.restoration._edge_noise import edge_noise
from invdeconv.restoration._krylov import least_squares
from invdeconv.restoration._model import Model, model_of
from invdeconv.restoration._power_law import fit_power_law
from invdeconv.result import Result

__all__ = ["wiener"]


def wiener(
    data: Any,
    blur: Any,
    *,
    noise_to_signal: float | str | Array = "auto",
    boundary: str | None = None,
) -> Result:
    """Restore by the Wiener filter, the linear estimate of least mean-square error.

    x̂ = (CᴴC + N/S)⁻¹Cᴴy with the noise-to-signal power ratio N/S. Use it as the first thing to try: exact,
    fast, and with "auto" nothing to set. In communications, with N0 over the symbol energy, it is the MMSE
    equalizer. `tikhonov` does not need a noise estimate; `richardson_lucy` keeps counts positive.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    noise_to_signal : float, array or "auto", default "auto"
        N/S in the units of |C|². A number: a flat spectrum. An array of the shape of the data: one value
        per frequency in the order of ``fftn``, for a periodic boundary. "auto": noise from the finest
        wavelet details, signal from a power law fitted to the spectrum of the data; under "taper" the
        error at the edges counts as noise as far as that helps.
    boundary : str, optional
        What lies outside the data, for a PSF: "taper" (default), "unknown", or a word of `Convolution`.

    Returns
    -------
    Result
        ``parameters`` holds the ratio in force: ``noise_to_signal`` if flat; under "auto" also
        ``noise_std``, the ``exponent`` and ``amplitude`` of S(f) = amplitude·f^−exponent, and the
        deviation and the share in force of the noise at the edges.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `noise_to_signal` is negative, an unknown word, or an array that does not fit.

    Notes
    -----
    Cost: two transforms; some twenty-five under "auto". Where C has no frequencies the automatic ratio is
    flat, from the variances of data and noise; where it has no decomposition, CGLS.

    References
    ----------
    .. [1] N. Wiener, "Extrapolation, Interpolation, and Smoothing of Stationary Time Series", 1949.
    .. [2] R. C. Gonzalez, R. E. Woods, "Digital Image Processing", 4th ed. 2018, Eq. (5-85).

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, wiener
    >>> C = Convolution([0.5, 0.5], (4,), boundary="periodic")
    >>> wiener(C(np.ones(4)), C, noise_to_signal=0.25).estimate
    array([0.8, 0.8, 0.8, 0.8])
    """
    began = time.perf_counter()
    model = model_of("wiener", data, blur, boundary, default="taper")
    decomposition = decompose(model.operator)
    known = _given(model, decomposition, noise_to_signal)
    ratio, parameters = known if known is not None else _automatic(model, decomposition)
    if decomposition is None:
        start = 0 * model.operator.H(model.data)
        lam = float(ratio)
        return least_squares(
            "wiener", model, start=start, rtol=1e-8, max_iter=1000, lam=lam, parameters=parameters
        )
    weight = ratio if isinstance(ratio, float) else like(ratio, model.data)
    phi = _filters.tikhonov(weight)
    return closed_form("wiener", model, decomposition, phi, began, **parameters)


def _given(
    model: Model, decomposition: Decomposition | None, ratio: Any
) -> tuple[float | np.ndarray, dict[str, Any]] | None:
    """Return the ratio the user gave, in the layout of the spectrum; None for "auto"."""
    if isinstance(ratio, str):
        checks.choice("wiener", "noise_to_signal", ratio, ("auto",))
        return None
    if not hasattr(ratio, "shape") or ratio.shape == ():
        advice = "Pass a number >= 0, an array per frequency, or 'auto'."
        value = checks.nonnegative("wiener", "noise_to_signal", ratio, advice)
        return value, {"noise_to_signal": value}
    values = to_numpy(checks.finite_array("wiener", "noise_to_signal", ratio))
    shape = model.operator.input_shape
    if decomposition is None or decomposition.structure != "periodic DFT" or values.shape != shape:
        advice = "An array goes with boundary='periodic'; elsewhere pass a number or 'auto'."
        got = f"shape {values.shape} with boundary {model.boundary!r}"
        checks.refuse(
            "wiener", "noise_to_signal", f"hold one value per frequency, shape {shape}", got, advice
        )
    if values.dtype.kind == "c" or values.min() < 0:
        advice = "It is a ratio of two powers."
        checks.refuse("wiener", "noise_to_signal", "be real and >= 0", "other values", advice)
    half = decomposition.c.shape != shape
    return values[..., : decomposition.c.shape[-1]] if half else values, {"noise_to_signal": "given"}


def _automatic(
    model: Model, decomposition: Decomposition | None
) -> tuple[float | np.ndarray, dict[str, Any]]:
    """Estimate noise from the data as they were observed, signal from the model's spectrum."""
    noise_std = estimate_noise_std(model.observed)
    variance = noise_std**2
    if decomposition is not None and decomposition.frequency is not None:
        law = fit_power_law(decomposition, model.data, variance)
        if law is not None:
            ratio = law.noise_to_signal(decomposition.frequency, variance)
            parameters = {"noise_std": noise_std, "exponent": law.exponent, "amplitude": law.amplitude}
            if model.boundary == "taper" and variance > 0:
                edges = edge_noise(model, decomposition, ratio, variance)
                if edges is not None:
                    ratio = edges.ratio
                    parameters |= {"edge_noise_std": edges.std, "edge_share": edges.share}
            return ratio, {"noise_to_signal": "auto", **parameters}
    observed = to_numpy(model.observed)
    power = float(np.mean(np.abs(observed) ** 2))
    # White x: E|y|² = σₓ²·‖C‖²_F/m + σ². Where the rows cannot be counted, 1 stands for a PSF of sum 1.
    energy = 1.0
    if decomposition is not None:
        energy = float(np.sum(decomposition.multiplicity * decomposition.c**2)) / model.operator.shape[0]
    signal = max(power - variance, 1e-3 * power) / energy
    flat = variance / signal if signal > 0 else 1.0
    return flat, {"noise_to_signal": flat, "noise_std": noise_std}
