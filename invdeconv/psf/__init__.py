"""Point-spread functions: sum 1, origin at ``n // 2``, lengths in pixels."""

from invdeconv.psf._cepstrum import Motion, motion_from_cepstrum
from invdeconv.psf._disk import disk
from invdeconv.psf._gaussian import gaussian
from invdeconv.psf._motion import motion

__all__ = ["Motion", "disk", "gaussian", "motion", "motion_from_cepstrum"]
