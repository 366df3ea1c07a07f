"""Point-spread functions: sum 1, origin at ``n // 2``, lengths in pixels or in units that are named."""

from invdeconv.psf._airy import airy, microscope
from invdeconv.psf._beads import Bead, Distilled, from_beads
from invdeconv.psf._cepstrum import Motion, motion_from_cepstrum
from invdeconv.psf._disk import disk
from invdeconv.psf._gaussian import gaussian
from invdeconv.psf._moffat import moffat
from invdeconv.psf._motion import motion, trajectory
from invdeconv.psf._resample import resample

__all__ = [
    "Bead",
    "Distilled",
    "Motion",
    "airy",
    "disk",
    "from_beads",
    "gaussian",
    "microscope",
    "moffat",
    "motion",
    "motion_from_cepstrum",
    "resample",
    "trajectory",
]
