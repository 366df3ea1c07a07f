"""How to choose λ."""

from invdeconv.selection._gcv import gcv, gcv_score, gcv_stochastic, lambda_grid
from invdeconv.selection._selection import (
    Selection,
    SelectionStatus,
    minimize_on_grid,
    raise_while_better,
    refine_minimum,
)

__all__ = [
    "Selection",
    "SelectionStatus",
    "gcv",
    "gcv_score",
    "gcv_stochastic",
    "lambda_grid",
    "minimize_on_grid",
    "raise_while_better",
    "refine_minimum",
]
