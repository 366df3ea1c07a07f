"""Factor a pair (C, L) once; every linear inverse is then an elementwise filter."""

from __future__ import annotations

from invdeconv import checks
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.decomposition._aliased import decompose_aliased
from invdeconv.operators.decomposition._decomposition import Decomposition, Filter
from invdeconv.operators.decomposition._dense import decompose_dense
from invdeconv.operators.decomposition._diagonal import decompose_diagonal
from invdeconv.operators.decomposition._kronecker import decompose_kronecker
from invdeconv.operators.decomposition._orthogonal import decompose_orthogonal

__all__ = ["Decomposition", "Filter", "decompose"]

# The cheapest first.
_ATTEMPTS = (
    decompose_diagonal,
    decompose_orthogonal,
    decompose_aliased,
    decompose_kronecker,
    decompose_dense,
)


def decompose(C: LinearOperator, L: LinearOperator | None = None) -> Decomposition | None:
    """Factor the pair (C, L) where structure makes that cheap.

    Parameters
    ----------
    C : LinearOperator
        The forward operator.
    L : LinearOperator, optional
        What a small x̂ means, ‖Lx̂‖; the identity by default, which gives the SVD of C.

    Returns
    -------
    Decomposition or None
        The cheapest that is exact. Periodic boundaries: DFT, with a stride that divides or with channels
        one small block per frequency. Symmetric boundaries and a PSF even along each such axis: DCT-II.
        Windows that do not overlap: none is needed, CCᴴ is diagonal. Separable kernels, whatever the
        boundary: one SVD per axis. Anything small: dense. The last but one kinds take L = I only, the
        transforms an L that wraps or mirrors as C does. None where nothing fits; an iterative solver is
        the tool then.

    Raises
    ------
    InvalidInputError
        If C or L is no operator, or L does not act on the input of C.

    Examples
    --------
    >>> from invdeconv import Convolution, decompose
    >>> d = decompose(Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True))
    >>> d.structure, d.rank(), d.nullity
    ('orthogonal rows', 4, 12)
    """
    for name, operator in (("C", C), ("L", L)):
        if operator is not None and not isinstance(operator, LinearOperator):
            advice = "Make one, for example Convolution(kernel, input_shape)."
            checks.refuse("decompose", name, "be a LinearOperator", type(operator).__name__, advice)
    if L is not None and L.input_shape != C.input_shape:
        advice = "L measures the estimate, so it acts on the input of C."
        checks.refuse("decompose", "L", f"have input_shape {C.input_shape}", L.input_shape, advice)
    for attempt in _ATTEMPTS:
        found = attempt(C, L)
        if found is not None:
            return found
    return None
