"""How to look for x: the one loop and one algorithm per file."""

from invdeconv.solvers._cgls import cgls_steps
from invdeconv.solvers._landweber import landweber_steps
from invdeconv.solvers._loop import Callback, iterate
from invdeconv.solvers._null_space import null_space_steps
from invdeconv.solvers._richardson_lucy import richardson_lucy_steps

__all__ = [
    "Callback",
    "cgls_steps",
    "iterate",
    "landweber_steps",
    "null_space_steps",
    "richardson_lucy_steps",
]
