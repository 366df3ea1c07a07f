"""Self-contained HTML pages: a comparison as a report, and the tutorial on Cᵀ and its inverses."""

from invdeconv.report._experiment import Experiment, experiment
from invdeconv.report._tutorial import Tutorial, tutorial
from invdeconv.report._write import write

__all__ = ["Experiment", "Tutorial", "experiment", "tutorial", "write"]
