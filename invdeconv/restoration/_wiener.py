"""Wiener deconvolution: the linear estimate of least mean-square error."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, like, norm, to_numpy
from invdeconv.noise import Gaussian, estimate_noise_std
from invdeconv.operators import Convolution, Decomposition, decompose
from invdeconv.operators.decomposition import Filter
from invdeconv.restoration import _filters
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._closed_form import closed_form
from invdeconv.restoration._edge_noise import edge_noise
from invdeconv.restoration._krylov import least_squares
from invdeconv.restoration._model import Model, decomposed, model_of, tapered
from invdeconv.restoration._power_law import PASSED, cautious_power_law, fit_power_law, noise_beside_scene
from invdeconv.restoration._rehearsal import CAUTION, rehearse, spread
from invdeconv.restoration._whitening import noise_model
from invdeconv.result import Result
from invdeconv.selection import choose_threshold

__all__ = ["wiener"]

# Least noise assumed where the model of the edges is exact, as a share of the deviation of the data.
_NOISE_FLOOR = 1e-4

# A power law that explains more than half of the power taken for noise may leave none of it as well (measured
# on textures: up to 20 dB lost); weighted GCV decides then.
_MOSTLY_NOISE = 0.5**0.5


@by_channel
def wiener(
    data: Any,
    blur: Any,
    *,
    noise_to_signal: float | str | Array = "auto",
    noise: Gaussian | float | None = None,
    boundary: str | None = None,
    channel_axis: int | None = None,
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
        per frequency in the order of ``fftn``, for a periodic boundary. "auto": signal from a power law
        fitted to the spectrum of the data, noise by `estimate_noise_std`, less what that law explains of it
        under a slight blur, or else less where weighted GCV finds that texture was taken for noise; under
        "taper" the error at the edges counts as noise as far as that helps.
    noise : noise.Gaussian or float, optional
        Under "auto": the noise, where it is known, white or with a spectrum, instead of an estimate of it.
    boundary : str, optional
        Outside the data, for a PSF: "taper" (default), "liu-jia", "unknown", or a word of `Convolution`.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one, each with parameters chosen for it.
        `blur`, and arrays among the options, serve all channels or have that axis too.

    Returns
    -------
    Result
        ``parameters`` holds the ratio in force: ``noise_to_signal`` if flat; under "auto" also
        ``noise_std``, the ``noise_share`` of its power that counts, the ``exponent`` and ``amplitude`` of
        S(f) = amplitude·f^−exponent, and the deviation and the share in force of the noise at the edges.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `noise_to_signal` is negative, an unknown word, or an array that does not fit; if
        `noise` is no noise model, differs from sample to sample, stands beside a given ratio, or has a
        spectrum that does not fit or an operator without one.

    Notes
    -----
    Cost: two transforms; some forty under "auto". Where C has no decomposition, CGLS.
    For an operator without frequencies the automatic ratio is flat, from the variances of data and noise.

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
    decomposition = decomposed("wiener", model)
    given = _given(model, decomposition, noise_to_signal)
    known = None if noise is None else noise_model("wiener", noise)
    if known is not None:
        _check_noise(model, decomposition, known, given)
    prior = given if given is not None else _automatic(model, decomposition, known)
    flat = isinstance(prior.ratio, float)
    if decomposition is not None and (flat or decomposition.frequency is not None):
        phi = _filters.tikhonov(prior.ratio if flat else like(np.asarray(prior.ratio), model.data))
        return closed_form("wiener", model, decomposition, phi, began, **prior.parameters)
    # N/S per frequency is LᴴL for a circulant L, whatever the boundary of C.
    return least_squares(
        "wiener",
        model,
        rtol=1e-8 if flat else 1e-4,
        max_iter=1000,
        lam=float(prior.ratio) if flat else 1.0,
        regularizer=None if flat else Convolution.from_otf(np.sqrt(prior.ratio), model.operator.input_shape),
        parameters=prior.parameters,
    )


class _Prior(NamedTuple):
    """N/S, flat or per frequency of the model's domain, and what to report of it."""

    ratio: float | np.ndarray
    parameters: dict[str, Any]


def _given(model: Model, decomposition: Decomposition | None, ratio: Any) -> _Prior | None:
    """Return the ratio the user gave, in the layout of the spectrum; None for "auto"."""
    if isinstance(ratio, str):
        checks.choice("wiener", "noise_to_signal", ratio, ("auto",))
        return None
    if isinstance(ratio, list | tuple):
        ratio = np.asarray(ratio)
    if getattr(ratio, "shape", ()) == ():
        advice = "Pass a number >= 0, an array per frequency, or 'auto'."
        value = float(ratio) if hasattr(ratio, "dtype") else ratio
        value = checks.nonnegative("wiener", "noise_to_signal", value, advice)
        return _Prior(value, {"noise_to_signal": value})
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
    if decomposition.c.shape != shape:  # the half spectrum of a real operator
        mirrored = np.roll(np.flip(values), 1, axis=tuple(range(values.ndim)))
        if not np.allclose(values, mirrored, rtol=1e-6, atol=0):
            advice = "An asymmetric ratio needs a complex kernel: pass psf.astype(complex)."
            checks.refuse("wiener", "noise_to_signal", "be the same at f and −f", "other values", advice)
        values = values[..., : decomposition.c.shape[-1]]
    return _Prior(values, {"noise_to_signal": "given"})


def _check_noise(
    model: Model, decomposition: Decomposition | None, noise: Gaussian, known: _Prior | None
) -> None:
    if known is not None:
        advice = 'Leave one out: the ratio "auto" takes its N from the noise.'
        checks.refuse("wiener", "noise", "be None beside a noise_to_signal", repr(noise), advice)
    if noise.spectrum is None and noise.shape is not None:
        advice = "A Wiener filter is for stationary noise: tikhonov(noise=…) weighs each sample."
        checks.refuse("wiener", "noise", "be the same for every sample", repr(noise), advice)
    if noise.spectrum is None:
        return
    observed = tuple(model.observed.shape)
    if noise.shape != observed:
        advice = "It belongs to the data."
        checks.refuse("wiener", "noise.spectrum", f"have shape {observed}", noise.shape, advice)
    if decomposition is None or decomposition.structure != "periodic DFT":
        advice = "Take a PSF with boundary 'taper' or 'periodic', or tikhonov(noise=…)."
        checks.refuse("wiener", "blur", "be periodic for a noise spectrum", repr(model.operator), advice)


def _color(model: Model, decomposition: Decomposition | None, noise: Gaussian | None) -> float | np.ndarray:
    """Return the noise power per frequency in the layout of the spectrum, relative to its mean."""
    if noise is None or noise.spectrum is None or decomposition is None:
        return 1.0
    relative = noise.power(model.operator.input_shape) / noise.level**2
    return relative[..., : decomposition.c.shape[-1]]


def _automatic(model: Model, decomposition: Decomposition | None, noise: Gaussian | None) -> _Prior:
    """Estimate noise from the data as they were observed, signal from a spectrum of the data."""
    noise_std = (
        estimate_noise_std(model.observed, model.operator) if noise is None else noise.level / model.scale
    )
    frame, known = model, decomposition
    if (known is None or known.frequency is None) and model.boundary != "operator":
        frame = tapered(model.observed, model.operator.kernel)  # type: ignore[attr-defined]
        known = decompose(frame.operator)
    beside = None
    if noise is None and known is not None and _is_slightly_blurred(model, known):
        beside = _noise_beside_texture(known, frame.data, noise_std)
        noise_std = noise_std if beside is None else beside
    # Exact data still have edges and rounding: without a floor the filter would be the pseudo-inverse.
    floor = CAUTION if model.fill else _NOISE_FLOOR
    color = _color(model, decomposition, noise)
    variance = max(noise_std, floor * spread(model.observed)) ** 2 * color
    law = None
    if known is not None and known.frequency is not None and np.min(variance) > 0:
        fit = cautious_power_law if frame.fill else fit_power_law
        law = fit(known, frame.data, variance)
    if law is None:
        return _flat(model, decomposition, noise_std, color)
    parameters: dict[str, Any] = {
        "noise_to_signal": "auto",
        "noise_std": noise_std * model.scale,
        "exponent": law.exponent,
        "amplitude": law.amplitude * model.scale**2,
    }
    if decomposition is None or decomposition.frequency is None:
        grids = np.meshgrid(*map(np.fft.fftfreq, model.operator.input_shape), indexing="ij", sparse=True)
        return _Prior(law.noise_to_signal(np.sqrt(sum(grid**2 for grid in grids)), variance), parameters)
    frequency = decomposition.frequency
    ratio = law.noise_to_signal(frequency, variance)
    rehearsal = rehearse(model, law, variance)
    share = _noise_share(model, decomposition, ratio) if noise is None and beside is None else 1.0
    ratio, variance = share * ratio, share * variance
    parameters["noise_share"] = share
    if rehearsal is not None:
        edges = edge_noise(model, decomposition, rehearsal, ratio, variance)
        ratio = edges.ratio
        parameters |= {"edge_noise_std": edges.std * model.scale, "edge_share": edges.share}
    return _Prior(ratio, parameters)


def _is_slightly_blurred(model: Model, decomposition: Decomposition) -> bool:
    """Say whether C hardly attenuates a picture: then a power law tells texture and noise apart."""
    power = decomposition.c**2
    picture = sum(n > 1 for n in model.observed.shape) > 1
    return picture and bool(np.quantile(power, 0.1) > PASSED * power.max())


def _noise_beside_texture(decomposition: Decomposition, data: Array, noise_std: float) -> float | None:
    """Return the noise less what the power law of the scene explains; None where that may be all of it."""
    beside = noise_beside_scene(decomposition, data, noise_std)
    return None if beside is None or beside < _MOSTLY_NOISE * noise_std else beside


def _noise_share(model: Model, decomposition: Decomposition, ratio: np.ndarray) -> float:
    """Return how much of the estimated power is noise, as weighted GCV sees it: texture looks like noise."""

    def family(share: float) -> Filter:
        return _filters.tikhonov(like(share * ratio, model.data))

    grid = np.logspace(-8, 0, 17)
    return choose_threshold(
        "weighted_gcv", decomposition, model.data, family, grid, inside=model.inside
    ).value


def _flat(
    model: Model, decomposition: Decomposition | None, noise_std: float, color: float | np.ndarray
) -> _Prior:
    """Return the ratio of noise to a white signal: E|y − mean|² = σₓ²·‖C‖²_F/m + σ²."""
    if decomposition is not None:
        energy = float(np.sum(decomposition.multiplicity * decomposition.c**2)) / model.operator.shape[0]
    else:  # Hutchinson: E‖Cw‖² = ‖C‖²_F for random signs w
        signs = np.random.default_rng(0).integers(0, 2, model.operator.input_shape) * 2.0 - 1.0
        energy = norm(model.operator(like(signs, model.data))) ** 2 / model.operator.shape[0]
    power = spread(model.observed) ** 2
    signal = max(power - noise_std**2, 1e-3 * power)
    ratio = energy * max(noise_std**2, _NOISE_FLOOR**2 * power) / signal if signal > 0 else energy
    parameters = {"noise_to_signal": ratio, "noise_std": noise_std * model.scale}
    if decomposition is None or decomposition.frequency is None:
        return _Prior(ratio, parameters)
    # The signal's variance says nothing of its mean, which must not shrink with it.
    return _Prior(np.where(decomposition.frequency > 0, ratio * color, 0.0), parameters)
