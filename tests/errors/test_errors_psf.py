"""Point-spread functions: (call, message). Each is an InvalidInputError."""

from __future__ import annotations

import re

import numpy as np
import pytest

from invdeconv import psf
from invdeconv.errors import InvalidInputError

LENS = {"wavelength": 0.5, "na": 0.9}
STACK = {**LENS, "voxel": 0.1}
FLAT = np.full((40, 40), 7.0)

CASES = [
    (lambda: psf.airy((9,), pixel=0.1, **LENS), "psf.airy: shape must have two axes; got (9,)."),
    (
        lambda: psf.airy((9, 9), pixel=0.1, wavelength=0, na=1),
        "psf.airy: wavelength must be a finite number > 0",
    ),
    (lambda: psf.airy((9, 9), pixel=0.1, wavelength=1, na=-1), "psf.airy: na must be a finite number > 0"),
    (
        lambda: psf.airy((9, 9), pixel=(1, 2, 3), **LENS),
        "psf.airy: pixel must have one entry per axis (2); got 3",
    ),
    (lambda: psf.airy((9, 9), pixel="0.1", **LENS), "psf.airy: pixel must"),
    (lambda: psf.microscope((9,), **STACK), "psf.microscope: shape must have two or three axes; got (9,)."),
    (
        lambda: psf.microscope((9, 9), voxel=0.1, wavelength=0.5, na=1.0),
        "psf.microscope: na must be below the refractive index (1); got 1.0. Pass n of the immersion.",
    ),
    (
        lambda: psf.microscope((9, 9), refractive_index=0, **STACK),
        "psf.microscope: refractive_index must be a finite number > 0",
    ),
    (
        lambda: psf.microscope((9, 9, 9), voxel=(1, 2), **LENS),
        "psf.microscope: voxel must have one entry per axis (3); got 2 entries.",
    ),
    (
        lambda: psf.microscope((9, 9), defocus=np.inf, **STACK),
        "psf.microscope: defocus must be a finite number",
    ),
    (lambda: psf.moffat((9, 9, 9), fwhm=2), "psf.moffat: shape must have two axes; got (9, 9, 9)."),
    (lambda: psf.moffat((9, 9), fwhm=0), "psf.moffat: fwhm must be a finite number > 0; got 0."),
    (lambda: psf.moffat((9, 9), fwhm=2, beta=1), "psf.moffat: beta must be above 1; got 1.0."),
    (lambda: psf.motion((9, 9), 3, np.nan), "psf.motion: angle must be a finite number; got nan."),
    (
        lambda: psf.trajectory((9, 9), [(0, 0)]),
        "psf.trajectory: path must have shape (points, 2) with at least two points; got shape (1, 2).",
    ),
    (
        lambda: psf.trajectory((9, 9), [(0, 0, 1), (1, 2, 3)]),
        "psf.trajectory: path must have shape (points, 2)",
    ),
    (
        lambda: psf.trajectory((9, 9), [(0, 0), (0, 6)]),
        "psf.trajectory: shape must hold the whole path around n // 2; got (9, 9). Pass at least (1, 13).",
    ),
    (
        lambda: psf.trajectory((9, 9), [(0, 0), (0, 2)], [1, 2]),
        "psf.trajectory: times must hold one number >= 0 per piece (1); got shape (2,).",
    ),
    (
        lambda: psf.trajectory((9, 9), [(0, 0), (0, 2)], [-1]),
        "psf.trajectory: times must hold one number >= 0",
    ),
    (lambda: psf.trajectory((9, 9), [(0, 0), (0, 0)]), "psf.trajectory: path must have a length; got zeros."),
    (
        lambda: psf.trajectory((9, 9), [(0, 0), (0, 1)], [0]),
        "psf.trajectory: times must have a length; got zeros.",
    ),
    (lambda: psf.resample(np.zeros((3, 3)), 1, 2), "psf.resample: psf must not be all zeros"),
    (lambda: psf.resample(FLAT, 0, 2), "psf.resample: pixel must be a finite number > 0; got 0."),
    (
        lambda: psf.resample(FLAT, 1, (1, 2, 3)),
        "psf.resample: to must have one entry per axis (2); got 3 entries.",
    ),
    (lambda: psf.resample(FLAT, 1, 2, shape=9), "psf.resample: shape must have 2 axes as the psf; got (9,)."),
    (lambda: psf.resample(FLAT, 1, 2, average=1), "psf.resample: average must be True or False; got 1."),
    (
        lambda: psf.resample([-1.0, 0.0, 1.0], 1, 1, average=False),
        "psf.resample: psf must not sum to nothing on the new grid",
    ),
    (lambda: psf.from_beads(1j * FLAT, 5), "psf.from_beads: data must be real; got complex128."),
    (
        lambda: psf.from_beads(FLAT, 4),
        "psf.from_beads: size must be odd and at most the data's shape (40, 40)",
    ),
    (
        lambda: psf.from_beads(FLAT, 41),
        "psf.from_beads: size must be odd and at most the data's shape (40, 40)",
    ),
    (lambda: psf.from_beads(FLAT, (5, 5, 5)), "psf.from_beads: size must have one entry per axis (2); got 3"),
    (lambda: psf.from_beads(FLAT, 5, saturation=0), "psf.from_beads: saturation must be a finite number > 0"),
    (
        lambda: psf.from_beads(FLAT, 5),
        "psf.from_beads: data must show a usable point; got none that stands out of the noise.",
    ),
]


@pytest.mark.parametrize(("call", "message"), CASES, ids=[message[:70] for _, message in CASES])
def test_message(call, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        call()
