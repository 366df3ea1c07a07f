"""Self-contained HTML pages: a comparison as a report, and the tutorial on Cᵀ and its inverses."""

from invdeconv.report._experiment import Experiment, experiment
from invdeconv.report._motion import Motion, motion_from_cepstrum
from invdeconv.report._tutorial import Tutorial, tutorial
from invdeconv.report._write import write

__all__ = ["Experiment", "Motion", "Tutorial", "experiment", "motion_from_cepstrum", "tutorial", "write"]
