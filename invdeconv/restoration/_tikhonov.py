"""Tikhonov regularization in general form."""

from __future__ import annotations

import time
from typing import Any

from invdeconv import checks
from invdeconv.arrays import Array
from invdeconv.operators import (
    REGULARIZERS,
    Decomposition,
    Identity,
    LinearOperator,
    decompose,
    regularizer_for,
)
from invdeconv.restoration import _filters
from invdeconv.restoration._closed_form import closed_form
from invdeconv.restoration._krylov import least_squares
from invdeconv.restoration._limit import limit
from invdeconv.restoration._model import Model, decomposed, model_of, tapered
from invdeconv.restoration._rehearsal import rehearse
from invdeconv.result import Result
from invdeconv.selection import (
    Selection,
    SelectionStatus,
    gcv_score,
    gcv_stochastic,
    lambda_grid,
    raise_while_better,
    refine_minimum,
)
from invdeconv.solvers import Callback

__all__ = ["tikhonov"]


def tikhonov(
    data: Any,
    blur: Any,
    *,
    lam: float | str = "gcv",
    regularizer: str | LinearOperator = "gradient",
    boundary: str | None = None,
    rtol: float = 1e-4,
    max_iter: int = 500,
    callback: Callback | None = None,
) -> Result:
    """Restore by least squares with a quadratic penalty.

    Minimize ½‖Cx − y‖² + ½λ‖Lx‖². The gradient penalty suits pictures, traces and stacks; it also fills
    the null space of C, which no filter of the SVD can. For white x (symbols, noise) use
    ``regularizer="identity"``, or `wiener`.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    lam : float >= 0 or "gcv", default "gcv"
        λ. "gcv" chooses it by generalized cross-validation, for a PSF on the residual half a PSF away
        from the edges, and under "taper" raises it as far as the error at the edges asks for. 0 is the
        exact limit λ → 0: of all least-squares solutions the one of least ‖Lx‖.
    regularizer : {"gradient", "identity", "laplacian"} or LinearOperator, default "gradient"
        L.
    boundary : str, optional
        What lies outside the data, for a PSF: "taper" (default), "unknown", or a word of `Convolution`.
    rtol : float, default 1e-4
        Where no decomposition fits: relative gradient at which CGLS stops.
    max_iter : int, default 500
        Where no decomposition fits: iterations at most.
    callback : callable, optional
        Where no decomposition fits: gets each `Iteration`; returning True stops.

    Returns
    -------
    Result
        ``parameters["lam"]`` is the value in force; ``method`` names the path.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `lam` is negative or an unknown word; if `regularizer` is an unknown word or does
        not act on the estimate; if ``lam=0`` is asked where C has no decomposition.

    Notes
    -----
    Cost: two transforms with a decomposition, and one more for each of some 30 values tried by GCV with a
    PSF; four transforms an iteration without. ``regularizer="laplacian", lam=b`` on a periodic boundary
    is scikit-image's ``wiener(balance=b)``.

    References
    ----------
    .. [1] P. C. Hansen, "Rank-Deficient and Discrete Ill-Posed Problems", SIAM 1998, Eq. (5.1).

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, tikhonov
    >>> C = Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True)
    >>> x = tikhonov(C(np.ones((4, 4))), C, lam=0).estimate
    >>> bool(np.abs(x - 1).max() < 1e-14)
    True
    """
    began = time.perf_counter()
    model = model_of("tikhonov", data, blur, boundary, default="taper")
    if isinstance(lam, str):
        checks.choice("tikhonov", "lam", lam, ("gcv",))
    else:
        lam = checks.nonnegative("tikhonov", "lam", lam, "Pass a number >= 0, or 'gcv'.")
    rtol = checks.positive("tikhonov", "rtol", rtol)
    max_iter = checks.integer("tikhonov", "max_iter", max_iter, minimum=1)
    checks.optional_callable("tikhonov", "callback", callback)
    penalty = regularizer_for("tikhonov", regularizer, model.operator)
    named = regularizer if isinstance(regularizer, str) else repr(regularizer)
    decomposition = decomposed("tikhonov", model, penalty)
    if decomposition is None and lam == 0:
        exact = limit(
            "tikhonov",
            model,
            penalty or Identity(model.operator.input_shape),
            max_iter=max_iter,
            callback=callback,
            parameters={"lam": lam, "regularizer": named},
        )
        if exact is not None:
            return exact
        advice = "Pass a small lam, or an operator that has a transform."
        checks.refuse("tikhonov", "blur", "have a decomposition for lam=0", repr(model.operator), advice)
    chosen: dict[str, Any] = {}
    if isinstance(lam, str):
        selection = _choose(model, decomposition, penalty, named)
        lam, chosen = selection.value, {"selection": "gcv", "selection_status": selection.status.name}
        if selection.status is SelectionStatus.EDGE:
            checks.warn(
                "IDW004",
                f"tikhonov: GCV chose lam = {lam:.3g} at the edge of its interval",
                "The data may hold no noise, or correlated noise; pass lam",
            )
    if decomposition is not None:
        # In the limit λ → 0 the filter is 1/c on the range: exact, because s has left the formula.
        phi = _filters.tikhonov(lam) if lam > 0 else _filters.truncated(decomposition.rounding(model.data))
        return closed_form("tikhonov", model, decomposition, phi, began, lam=lam, regularizer=named, **chosen)
    return least_squares(
        "tikhonov",
        model,
        rtol=rtol,
        max_iter=max_iter,
        lam=lam,
        regularizer=penalty,
        callback=callback,
        parameters={"lam": lam, "regularizer": named, **chosen},
    )


def _choose(
    model: Model, decomposition: Decomposition | None, penalty: LinearOperator | None, named: str
) -> Selection:
    edges_matter = model.boundary == "taper"
    if decomposition is None and model.boundary != "operator" and named in REGULARIZERS:
        # λ has the same meaning under every boundary model, and in the periodic frame it costs little.
        model = tapered(model.observed, model.operator.kernel)  # type: ignore[attr-defined]
        penalty = regularizer_for("tikhonov", named, model.operator)
        decomposition = decompose(model.operator, penalty)
    if decomposition is not None:
        pair = decomposition
        score = gcv_score(pair, model.data, _filters.tikhonov, inside=model.inside)
        selection = refine_minimum(score, lambda_grid(pair))
        rehearsal = rehearse(model) if edges_matter else None
        if rehearsal is None:
            return selection
        return raise_while_better(selection, lambda lam: rehearsal.bias(pair, _filters.tikhonov(lam)))

    def predict(y: Array, lam: float) -> Array:
        trial = Model(model.operator, y, y, model.boundary)
        fit = least_squares("tikhonov", trial, rtol=1e-2, max_iter=100, lam=lam, regularizer=penalty)
        return model.operator(fit.estimate)

    size = (penalty or Identity(model.operator.input_shape)).norm()
    return gcv_stochastic(model.data, predict, (model.operator.norm() / size) ** 2)
