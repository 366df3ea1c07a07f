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

    C = U c X⁻¹ and L = V s X⁻¹, so that every linear inverse is one filter x̂ = X φ(c, s) Uᴴ y: exact,
    also where C is singular. Methods call it themselves; call it for singular values, rank, the null
    space, a Picard plot, or to filter many data by one C.

    Parameters
    ----------
    C : LinearOperator
        The forward operator.
    L : LinearOperator, optional
        What a small x̂ means, ‖Lx̂‖; the identity by default, which gives the SVD of C.

    Returns
    -------
    Decomposition or None
        The cheapest that is exact; None where none fits, and an iterative solver is the tool.

    Raises
    ------
    InvalidInputError
        If C or L is no operator, or L does not act on the input of C.

    Notes
    -----
    ============================  ===========================================  ======================
    convolution                   L                                            cost
    ============================  ===========================================  ======================
    periodic, one to one          wraps too                                    1 FFT and 1 a filter
    symmetric and even along      mirrors there, wraps along the others;       one DCT-II or FFT per
    an axis, periodic along the   `Differences` with ``boundary`` per axis     axis
    others
    windows that do not overlap   identity                                     none, C and Cᴴ
    periodic, a stride that       wraps too, may mix channels                  FFTs, and one small SVD
    divides, channels                                                          per frequency if C has
                                                                               several outputs
    separable kernel, any other   identity                                     one SVD per axis, of at
    option                                                                     most 2²⁰ entries
    anything small                any                                          one SVD of 2²⁰ entries
    ============================  ===========================================  ======================

    Several such L may be stacked and scaled.

    References
    ----------
    .. [1] P. C. Hansen, "Rank-Deficient and Discrete Ill-Posed Problems", SIAM 1998, §2.1.2.

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
