"""Total variation: the size of all jumps."""

from __future__ import annotations

from dataclasses import dataclass

from invdeconv.arrays import Array
from invdeconv.functionals._norms import L1, GroupL2
from invdeconv.operators import Differences

__all__ = ["TotalVariation"]


@dataclass(frozen=True)
class TotalVariation:
    """λ‖∇x‖: a value only, since solvers split it into ∇ and a norm.

    Parameters
    ----------
    lam : float >= 0
        λ.
    isotropic : bool, default True
        Σ of the lengths of the gradients, the same in all directions; else Σ of their components.
    boundary : {"neumann", "periodic"}, default "neumann"
        As in `Differences`.

    References
    ----------
    .. [1] L. I. Rudin, S. Osher, E. Fatemi, "Nonlinear total variation based noise removal algorithms",
       Physica D 60 (1992) 259, Eq. (2.5).
    """

    lam: float = 1.0
    isotropic: bool = True
    boundary: str = "neumann"

    @property
    def norm(self) -> GroupL2 | L1:
        """The norm of the gradient, which has a proximal map."""
        return GroupL2(self.lam) if self.isotropic else L1(self.lam)

    def value(self, x: Array) -> float:
        """Return λ‖∇x‖."""
        return self.norm.value(Differences(tuple(x.shape), boundary=self.boundary)(x))
