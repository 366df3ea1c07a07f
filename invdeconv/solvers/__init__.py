"""How to look for x: the one loop and one algorithm per file."""

from invdeconv.solvers._analysis import Analysis
from invdeconv.solvers._cgls import cgls_steps
from invdeconv.solvers._conjugate_richardson_lucy import conjugate_richardson_lucy_steps
from invdeconv.solvers._damped_richardson_lucy import damped_richardson_lucy_steps
from invdeconv.solvers._fista import fista_steps
from invdeconv.solvers._generalized_krylov import generalized_krylov_steps, leaving, trace_gcv
from invdeconv.solvers._gradient import periodic_gradient
from invdeconv.solvers._half_quadratic import half_quadratic_steps
from invdeconv.solvers._hybrid_lsqr import hybrid_lsqr_steps
from invdeconv.solvers._landweber import landweber_steps
from invdeconv.solvers._loop import Callback, Step, iterate
from invdeconv.solvers._lsmr import lsmr_steps
from invdeconv.solvers._lsqr import lsqr_steps
from invdeconv.solvers._null_space import null_space_steps
from invdeconv.solvers._plug_and_play import plug_and_play_steps
from invdeconv.solvers._poisson_likelihood import PoissonLikelihood
from invdeconv.solvers._primal_dual import PrimalDual, primal_dual_steps
from invdeconv.solvers._richardson_lucy import (
    Momentum,
    accelerated_richardson_lucy_steps,
    biggs_andrews,
    em_step,
    momentum,
    richardson_lucy_steps,
)
from invdeconv.solvers._richardson_lucy_tv import richardson_lucy_tv_steps
from invdeconv.solvers._split_data import SplitData, split_data, split_data_steps
from invdeconv.solvers._split_gradient import SplitGradient, split_gradient, tv_admm_steps
from invdeconv.solvers._stopping import Discrepancy, Flatness, PlainIterations, RelativeChange, StoppingRule

__all__ = [
    "Analysis",
    "Callback",
    "Discrepancy",
    "Flatness",
    "Momentum",
    "PlainIterations",
    "PoissonLikelihood",
    "PrimalDual",
    "RelativeChange",
    "SplitData",
    "SplitGradient",
    "Step",
    "StoppingRule",
    "accelerated_richardson_lucy_steps",
    "biggs_andrews",
    "cgls_steps",
    "conjugate_richardson_lucy_steps",
    "damped_richardson_lucy_steps",
    "em_step",
    "fista_steps",
    "generalized_krylov_steps",
    "half_quadratic_steps",
    "hybrid_lsqr_steps",
    "iterate",
    "landweber_steps",
    "leaving",
    "lsmr_steps",
    "lsqr_steps",
    "momentum",
    "null_space_steps",
    "periodic_gradient",
    "plug_and_play_steps",
    "primal_dual_steps",
    "richardson_lucy_steps",
    "richardson_lucy_tv_steps",
    "split_data",
    "split_data_steps",
    "split_gradient",
    "trace_gcv",
    "tv_admm_steps",
]
