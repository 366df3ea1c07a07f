"""Self-contained HTML pages: a comparison as a report, and the tutorial on Cᵀ and its inverses."""

from invdeconv.report._experiment import Experiment, experiment

__all__ = ["Experiment", "experiment"]
