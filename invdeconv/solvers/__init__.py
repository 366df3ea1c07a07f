"""How to look for x: the one loop and one algorithm per file."""

from invdeconv.solvers._cgls import cgls_steps
from invdeconv.solvers._fista import fista_steps
from invdeconv.solvers._generalized_krylov import generalized_krylov_steps, leaving, trace_gcv
from invdeconv.solvers._half_quadratic import half_quadratic_steps
from invdeconv.solvers._hybrid_lsqr import hybrid_lsqr_steps
from invdeconv.solvers._landweber import landweber_steps
from invdeconv.solvers._loop import Callback, iterate
from invdeconv.solvers._lsmr import lsmr_steps
from invdeconv.solvers._lsqr import lsqr_steps
from invdeconv.solvers._null_space import null_space_steps
from invdeconv.solvers._plug_and_play import plug_and_play_steps
from invdeconv.solvers._primal_dual import PrimalDual, primal_dual_steps
from invdeconv.solvers._richardson_lucy import richardson_lucy_steps
from invdeconv.solvers._split_gradient import SplitGradient, split_gradient, tv_admm_steps

__all__ = [
    "Callback",
    "PrimalDual",
    "SplitGradient",
    "cgls_steps",
    "fista_steps",
    "generalized_krylov_steps",
    "half_quadratic_steps",
    "hybrid_lsqr_steps",
    "iterate",
    "landweber_steps",
    "leaving",
    "lsmr_steps",
    "lsqr_steps",
    "null_space_steps",
    "plug_and_play_steps",
    "primal_dual_steps",
    "richardson_lucy_steps",
    "split_gradient",
    "trace_gcv",
    "tv_admm_steps",
]
