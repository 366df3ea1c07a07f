"""How to choose λ: eight rules, each on its own page."""

from invdeconv.selection._discrepancy import discrepancy
from invdeconv.selection._fit import Fit, ProbedFit, RimFit, SpectralFit, lambda_grid
from invdeconv.selection._gcv import gcv, gcv_score
from invdeconv.selection._l_curve import corner, curvature, l_curve
from invdeconv.selection._lepskii import balance, lepskii
from invdeconv.selection._ncp import ncp, ncp_score
from invdeconv.selection._quasi_optimality import quasi_optimality, quasi_optimality_score
from invdeconv.selection._rules import (
    NOISE_RULES,
    PROBED_RULES,
    RULES,
    THRESHOLD_RULES,
    choose_automatically,
    choose_by_residual,
    choose_lambda,
    choose_threshold,
)
from invdeconv.selection._selection import (
    Selection,
    SelectionStatus,
    minimize_on_grid,
    raise_while_better,
    refine_minimum,
)
from invdeconv.selection._upre import upre, upre_score
from invdeconv.selection._weighted_gcv import adapted_weight, weighted_gcv

__all__ = [
    "NOISE_RULES",
    "PROBED_RULES",
    "RULES",
    "THRESHOLD_RULES",
    "Fit",
    "ProbedFit",
    "RimFit",
    "Selection",
    "SelectionStatus",
    "SpectralFit",
    "adapted_weight",
    "balance",
    "choose_automatically",
    "choose_by_residual",
    "choose_lambda",
    "choose_threshold",
    "corner",
    "curvature",
    "discrepancy",
    "gcv",
    "gcv_score",
    "l_curve",
    "lambda_grid",
    "lepskii",
    "minimize_on_grid",
    "ncp",
    "ncp_score",
    "quasi_optimality",
    "quasi_optimality_score",
    "raise_while_better",
    "refine_minimum",
    "upre",
    "upre_score",
    "weighted_gcv",
]
