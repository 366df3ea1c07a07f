"""Diffraction at a round aperture: in focus, out of focus, and the whole stack of a microscope."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.interpolate
import scipy.special

from invdeconv.checks import finite, per_axis, positive, refuse
from invdeconv.checks import shape as check_shape
from invdeconv.psf._radial import pixel_averages
from invdeconv.psf._two_axes import two_axes


def airy(shape: Sequence[int], *, wavelength: float, na: float, pixel: float | Sequence[float]) -> np.ndarray:
    """Return the diffraction pattern of a round aperture in focus, (2 J₁(v)/v)² with v = 2π·NA·r/λ.

    The sharpest PSF a lens can have. Use `microscope` for a stack or out of focus, `moffat` for a star
    seen through the atmosphere.

    Parameters
    ----------
    shape : tuple of int
        (rows, columns). The rings fall off slowly: half a width of 10 λ/NA still loses 2 % of the light.
    wavelength : float
        Of the light that is detected, in the unit of `pixel`.
    na : float
        Numerical aperture; D/(2f) for a telescope of diameter D and focal length f.
    pixel : float or (float, float)
        Size of a pixel, referred to the object for a microscope; one number or one per axis.

    Returns
    -------
    ndarray
        float64, sum 1, origin at ``n // 2``; each value is the mean over its pixel.

    Raises
    ------
    InvalidInputError
        A shape without two axes, or a length that is not positive.

    References
    ----------
    .. [1] M. Born and E. Wolf, "Principles of Optics", 7th ed., 1999, section 8.5.2, Eq. (14).

    Examples
    --------
    >>> from invdeconv import psf
    >>> spot = psf.airy((65, 65), wavelength=0.5, na=1.0, pixel=0.05)
    >>> bool(spot[32, 38] < 0.005 * spot.max())  # the first dark ring, 0.61 λ/NA = 6.1 pixels out
    True
    """
    sizes = two_axes("psf.airy", shape)
    scale = 2 * np.pi * positive("psf.airy", "na", na) / positive("psf.airy", "wavelength", wavelength)
    height, width = per_axis("psf.airy", "pixel", pixel, 2, positive)

    def profile(r: np.ndarray) -> np.ndarray:
        v = np.maximum(scale * r, 1e-8)
        return np.asarray((2 * scipy.special.j1(v) / v) ** 2)

    values = pixel_averages(sizes, (height, width), profile)
    return np.asarray(values / values.sum())


def microscope(
    shape: Sequence[int],
    *,
    wavelength: float,
    na: float,
    voxel: float | Sequence[float],
    refractive_index: float = 1.0,
    defocus: float = 0.0,
) -> np.ndarray:
    """Return the PSF of a widefield microscope, one plane or a stack, from scalar diffraction.

    h(r, z) = |∫₀¹ J₀(2π·NA·r·ρ/λ)·exp(2πi·z·√(n² − NA²ρ²)/λ)·ρ dρ|², the field of an aberration-free lens at
    distance z from its focus. For a confocal microscope multiply the PSFs of excitation and emission. For a
    camera out of focus take one plane, lengths on the sensor, NA = D/2f and `defocus`; far out of focus it
    becomes `disk`. With measured beads at hand use `from_beads`: no real objective is free of aberrations.

    Parameters
    ----------
    shape : tuple of int
        (planes, rows, columns), or (rows, columns) for one plane.
    wavelength : float
        Of the emitted light, in vacuum, in the unit of `voxel`.
    na : float
        Numerical aperture, below `refractive_index`.
    voxel : float or sequence of float
        Spacing of the samples referred to the object, (z, y, x) or (y, x); one number serves all axes.
    refractive_index : float
        n of the immersion: 1 air, 1.33 water, 1.515 oil.
    defocus : float
        Distance of the plane ``planes // 2``, or of the one plane, from the focus.

    Returns
    -------
    ndarray
        float64, sum 1, origin at ``n // 2``. Every plane holds the same light where the frame is wide
        enough to hold it.

    Raises
    ------
    InvalidInputError
        A shape without two or three axes, a length that is not positive, an aperture of at least the
        refractive index, or a defocus that is not a finite number.

    Notes
    -----
    Paraxial in the aperture's weight, exact in the phase: right for NA up to about 0.9 n.

    References
    ----------
    .. [1] M. Born and E. Wolf, "Principles of Optics", 7th ed., 1999, section 8.8.1, Eq. (11).
    .. [2] S. F. Gibson and F. Lanni, J. Opt. Soc. Am. A 8 (1991) 1601, Eq. (1), with no coverslip error.

    Examples
    --------
    >>> from invdeconv import psf
    >>> voxel = (0.2, 0.1, 0.1)
    >>> stack = psf.microscope((9, 33, 33), wavelength=0.52, na=1.3, voxel=voxel, refractive_index=1.515)
    >>> divmod(int(stack.argmax()), 33 * 33) == (4, 16 * 33 + 16)
    True
    """
    name = "psf.microscope"
    sizes = check_shape(name, "shape", shape)
    if len(sizes) not in (2, 3):
        refuse(name, "shape", "have two or three axes", sizes, "Pass (planes, rows, columns).")
    wavelength = positive(name, "wavelength", wavelength)
    index = positive(name, "refractive_index", refractive_index)
    na = positive(name, "na", na)
    if na >= index:
        refuse(name, "na", f"be below the refractive index ({index:g})", na, "Pass n of the immersion.")
    spacing = per_axis(name, "voxel", voxel, len(sizes), positive)
    defocus = finite(name, "defocus", defocus, "Pass a distance in the unit of voxel.")
    planes = sizes[0] if len(sizes) == 3 else 1
    z = (np.arange(planes) - planes // 2) * spacing[0] * (len(sizes) == 3) + defocus
    corner = [0.5 * (n + 1) * size for n, size in zip(sizes[-2:], spacing[-2:], strict=True)]
    reach = float(np.linalg.norm(corner))
    radii, intensity = _intensity(reach, z, wavelength, na, index)
    spline = scipy.interpolate.CubicSpline(radii, intensity, axis=1)

    def profile(r: np.ndarray) -> np.ndarray:
        return np.asarray(spline(r))

    values = pixel_averages((sizes[-2], sizes[-1]), (spacing[-2], spacing[-1]), profile).reshape(sizes)
    return np.asarray(values / values.sum())


def _intensity(
    reach: float, z: np.ndarray, wavelength: float, na: float, index: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return radii up to `reach` and the intensity there, shape (planes, radii)."""
    wave_number = 2 * np.pi / wavelength
    # The intensity has no structure finer than λ/2NA: thirty samples of that leave a spline error of 1e-6.
    radii = np.linspace(0, reach, 2 + int(60 * reach * na / wavelength))
    phase = wave_number * (na * reach + float(np.abs(z).max()) * (index - np.sqrt(index**2 - na**2)))
    nodes, weights = np.polynomial.legendre.leggauss(40 + int(phase))
    rho = 0.5 * (nodes + 1)
    bessel = scipy.special.j0(wave_number * na * np.outer(radii, rho)) * (0.5 * weights * rho)
    field = np.exp(1j * wave_number * np.outer(np.sqrt(index**2 - (na * rho) ** 2), z))
    return radii, np.abs(bessel @ field).T ** 2
