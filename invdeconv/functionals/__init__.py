"""What is known of x: fidelities, norms, constraints and denoisers, each by value, gradient and prox."""

from invdeconv.functionals._box import Box
from invdeconv.functionals._fidelities import AbsoluteError, PoissonDivergence, SquaredError
from invdeconv.functionals._norms import L1, GroupL2, HyperLaplacian
from invdeconv.functionals._part import Part
from invdeconv.functionals._protocols import Differentiable, Functional, Proximable, dual_prox
from invdeconv.functionals._total_variation import TotalVariation

__all__ = [
    "L1",
    "AbsoluteError",
    "Box",
    "Differentiable",
    "Functional",
    "GroupL2",
    "HyperLaplacian",
    "Part",
    "PoissonDivergence",
    "Proximable",
    "SquaredError",
    "TotalVariation",
    "dual_prox",
]
