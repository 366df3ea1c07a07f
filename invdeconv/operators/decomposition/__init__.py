"""Factor a pair (C, L) once; every linear inverse is then an elementwise filter."""

from __future__ import annotations

from invdeconv import checks
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.decomposition._cosine import decompose_cosine
from invdeconv.operators.decomposition._decomposition import Decomposition, Filter
from invdeconv.operators.decomposition._dense import decompose_dense
from invdeconv.operators.decomposition._fourier import decompose_fourier

__all__ = ["Decomposition", "Filter", "decompose"]


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
        Periodic convolutions with a stride that divides: DFT. Symmetric boundaries with a PSF that is
        even along each axis: DCT-II. Anything small: dense. None where nothing fits; an iterative
        solver is the tool then.

    Raises
    ------
    InvalidInputError
        If C or L is no operator, or L does not act on the input of C.

    Examples
    --------
    >>> from invdeconv import Convolution, decompose
    >>> d = decompose(Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True))
    >>> d.structure, d.rank(), d.nullity
    ('dense', 4, 12)
    """
    for name, operator in (("C", C), ("L", L)):
        if operator is not None and not isinstance(operator, LinearOperator):
            advice = "Make one, for example Convolution(kernel, input_shape)."
            checks.refuse("decompose", name, "be a LinearOperator", type(operator).__name__, advice)
    if L is not None and L.input_shape != C.input_shape:
        advice = "L measures the estimate, so it acts on the input of C."
        checks.refuse("decompose", "L", f"have input_shape {C.input_shape}", L.input_shape, advice)
    for attempt in (decompose_fourier, decompose_cosine, decompose_dense):
        found = attempt(C, L)
        if found is not None:
            return found
    return None
