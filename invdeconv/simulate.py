"""Observations with a known truth, made without the inverse crime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from invdeconv.arrays import Array
from invdeconv.checks import finite_array, integers, kernel, nonnegative, refuse
from invdeconv.noise import generator, white_noise
from invdeconv.operators import Convolution, LinearOperator

__all__ = ["Observation", "observe"]


@dataclass(frozen=True, eq=False)
class Observation:
    """Data, what blurred them, and, where it is known, the truth behind them.

    Attributes
    ----------
    data : array
        What was observed.
    blur : array or LinearOperator
        What methods receive: a PSF with its origin at ``n // 2``, or the operator.
    truth : array or None
        What an ideal method returns: of the data's shape for a PSF, of ``blur.input_shape`` for an
        operator. None for real data.
    noise : float or None
        √E|n|² in data units; None where it is not known.

    Raises
    ------
    InvalidInputError
        If the data or the truth are empty or not finite, if shapes do not fit, if the PSF is all
        zeros or has another rank than the data, or if `noise` is negative.

    Examples
    --------
    >>> import numpy as np
    >>> Observation(np.ones((5, 6)), np.ones((3, 3)) / 9)
    Observation(data 5 × 6, blur 3 × 3, no truth)
    """

    data: Array
    blur: Array | LinearOperator
    truth: Array | None = None
    noise: float | None = None

    def __post_init__(self) -> None:
        name = "Observation"
        keep = object.__setattr__
        keep(self, "data", finite_array(name, "data", self.data))
        if isinstance(self.blur, LinearOperator):
            _same_shape("data", self.data, self.blur.output_shape, "that is blur.output_shape")
            expected, reason = self.blur.input_shape, "that is blur.input_shape"
        else:
            keep(self, "blur", kernel(name, "blur", self.blur))
            _same_rank(name, "blur", self.blur, "data", self.data)
            expected, reason = tuple(self.data.shape), "the shape of the data"
        if self.truth is not None:
            keep(self, "truth", finite_array(name, "truth", self.truth))
            _same_shape("truth", self.truth, expected, reason)
        if self.noise is not None:
            keep(self, "noise", nonnegative(name, "noise", self.noise, "Pass √E|n|² in data units, or None."))

    def __repr__(self) -> str:
        blur = str(self.blur) if isinstance(self.blur, LinearOperator) else _size(self.blur)
        truth = "no truth" if self.truth is None else f"truth {_size(self.truth)}"
        noise = "" if self.noise is None else f", noise {self.noise:.3g}"
        return f"Observation(data {_size(self.data)}, blur {blur}, {truth}{noise})"


def observe(truth: Any, blur: Any, *, noise_std: float = 0.0, rng: Any = None, crop: Any = 0) -> Observation:
    """Simulate what an instrument would record of a known scene.

    data = C(truth) + noise. For a PSF the scene is larger than the data, as the world is larger
    than any sensor: only the samples whose whole neighbourhood lies in the scene are kept, so no
    boundary model generates the data, and none is exactly right when they are restored. Blurring
    and restoring with the same boundary model is the inverse crime, and flatters every method.

    Parameters
    ----------
    truth : array
        The scene. For an operator, of shape ``blur.input_shape``.
    blur : array or LinearOperator
        A PSF (origin at ``n // 2``, of the scene's rank, no larger than the scene), or an operator
        applied as it is.
    noise_std : float
        √E|n|² of the white Gaussian noise, in data units; complex data get circular noise.
    rng : int, numpy.random.Generator or None
        Seed of the noise.
    crop : int or sequence of int
        With a PSF, further samples cut from every side, along all axes or one number per axis.

    Returns
    -------
    Observation
        With a PSF of shape k, data and truth have shape ``truth.shape - k + 1 - 2 * crop``, and
        ``truth[i]`` lies under ``data[i]``.

    Raises
    ------
    InvalidInputError
        If an array is empty or not finite; if the PSF is all zeros, of another rank, or larger than
        the scene; if an operator does not take the scene; if `noise_std` is negative, `rng` is no
        seed, or `crop` leaves nothing or stands beside an operator.

    Notes
    -----
    One convolution. The PSF is used as it is: one that does not sum to 1 changes the brightness.

    Examples
    --------
    >>> import numpy as np
    >>> scene = np.random.default_rng(0).random((40, 50))
    >>> observe(scene, np.full((4, 5), 1 / 20), noise_std=0.01, rng=0)
    Observation(data 37 × 46, blur 4 × 5, truth 37 × 46, noise 0.01)
    """
    name = "observe"
    truth = finite_array(name, "truth", truth)
    noise_std = nonnegative(name, "noise_std", noise_std, "Pass √E|n|² in data units; 0 is noiseless.")
    draw = generator(name, rng)
    margins = integers(name, "crop", crop, truth.ndim, minimum=0)
    if isinstance(blur, LinearOperator):
        if any(margins):
            refuse(name, "crop", "be 0 beside an operator", crop, "Crop the operator's output instead.")
        if tuple(truth.shape) != blur.input_shape:
            advice = "Make the operator for this scene."
            refuse(
                name,
                "truth",
                f"have the shape blur takes, {blur.input_shape}",
                f"{tuple(truth.shape)}",
                advice,
            )
        data = blur(truth)
    else:
        blur = kernel(name, "blur", blur)
        _same_rank(name, "blur", blur, "truth", truth)
        data, truth = _seen(truth, blur, margins)
    return Observation(data + white_noise(data, noise_std, draw), blur, truth, noise_std)


def _seen(scene: Array, psf: Array, margins: tuple[int, ...]) -> tuple[Array, Array]:
    """Return the valid convolution and the part of the scene under it, both less the margins."""
    sizes = tuple(zip(scene.shape, psf.shape, margins, strict=True))
    if any(n < k for n, k, _ in sizes):
        advice = "Crop the PSF or pass a larger scene."
        refuse("observe", "blur", f"fit into the scene {tuple(scene.shape)}", tuple(psf.shape), advice)
    if any(n - k + 1 - 2 * m < 1 for n, k, m in sizes):
        seen = tuple(n - k + 1 for n, k, _ in sizes)
        refuse(
            "observe", "crop", f"leave data of the {seen} seen", margins, "Crop less or pass a larger scene."
        )
    data = Convolution(psf, tuple(scene.shape), padding="valid")(scene)
    # y[i] = Σ_j psf[j]·x[i − j + k//2]: the first full window is centred on x[k − 1 − k//2].
    under = tuple(slice(k - 1 - k // 2 + m, n - k // 2 - m) for n, k, m in sizes)
    inside = tuple(slice(m, n - k + 1 - m) for n, k, m in sizes)
    return data[inside], scene[under]


def _same_rank(name: str, argument: str, array: Array, other: str, reference: Array) -> None:
    if array.ndim != reference.ndim:
        requirement = f"have as many dimensions as {other} ({reference.ndim})"
        advice = "Select one plane, or add axes of length 1."
        refuse(name, argument, requirement, f"shape {tuple(array.shape)}", advice)


def _same_shape(argument: str, array: Array, expected: tuple[int, ...], reason: str) -> None:
    if tuple(array.shape) != expected:
        requirement = f"have shape {expected}, {reason}"
        refuse("Observation", argument, requirement, f"{tuple(array.shape)}", "Crop both to the same region.")


def _size(array: Array) -> str:
    return " × ".join(map(str, array.shape))
