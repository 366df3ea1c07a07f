"""Tikhonov regularization in general form."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

from invdeconv import checks
from invdeconv.arrays import Array
from invdeconv.noise import Gaussian, estimate_noise_std
from invdeconv.operators import (
    Convolution,
    Decomposition,
    Identity,
    LinearOperator,
    Regularizer,
    decompose,
    describe_regularizer,
    regularizer_for,
)
from invdeconv.restoration import _filters
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._closed_form import closed_form
from invdeconv.restoration._krylov import choose_in_krylov_space, least_squares
from invdeconv.restoration._limit import limit
from invdeconv.restoration._model import Model, decomposed, model_of, tapered
from invdeconv.restoration._power_law import noise_beside_scene
from invdeconv.restoration._rehearsal import Rehearsal, rehearse
from invdeconv.restoration._undetermined import warn_of_undetermined
from invdeconv.restoration._whitening import boundary_for, noise_model, power_left_out, whitened
from invdeconv.result import Result
from invdeconv.selection import (
    NOISE_RULES,
    RULES,
    Selection,
    SelectionStatus,
    choose_automatically,
    choose_lambda,
    raise_while_better,
)
from invdeconv.solvers import Callback

__all__ = ["tikhonov"]


@by_channel
def tikhonov(
    data: Any,
    blur: Any,
    *,
    lam: float | str = "auto",
    regularizer: Regularizer = "gradient",
    noise: Gaussian | float | None = None,
    boundary: str | None = None,
    rtol: float = 1e-4,
    max_iter: int = 500,
    callback: Callback | None = None,
    channel_axis: int | None = None,
) -> Result:
    """Restore by least squares with a quadratic penalty.

    Minimize ½‖Cx − y‖² + ½λ‖Lx‖², or ½‖N^−½(Cx − y)‖² + ½λ‖Lx‖² for noise of covariance N. The gradient
    penalty suits pictures, traces and stacks; it also fills the null space of C, which no filter of the SVD
    can. For white x (symbols, noise) use ``regularizer="identity"``, or `wiener`.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    lam : float >= 0 or str, default "auto"
        λ, or the rule of `selection` that chooses it: "gcv", "weighted_gcv", "upre", "discrepancy",
        "l_curve", "ncp", "quasi_optimality" or "lepskii"; the first four for a PSF on the residual half a
        PSF away from the edges. "auto" is "gcv" where the residual holds most of the noise, and elsewhere,
        where a blur hardly attenuates, "upre" with `noise`, or with an estimate less what a power law for the
        scene explains of it. Under "taper" the choice is raised as far as the error at the edges asks for. 0
        is the exact limit λ → 0: of all least-squares solutions the one of least ‖Lx‖.
    regularizer : str, LinearOperator or list of these, default "gradient"
        L: "gradient", "identity", "laplacian", "wavelet" (the details of `Wavelets`), or an operator on the
        estimate. A list adds them up, Σ‖Lᵢx‖²; an entry (w, L) has the weight w.
    noise : noise.Gaussian or float, optional
        Covariance N of the noise: one deviation, one per sample (``inf`` where it is missing), or a spectrum.
        λ is then in units of 1/x²; without it the noise is white and λ in units of |C|².
    boundary : str, optional
        Outside the data, for a PSF: "taper" (default), "liu-jia", "unknown" (default beside a deviation per
        sample), or a word of `Convolution`.
    rtol : float, default 1e-4
        Where no decomposition fits: relative gradient at which CGLS stops.
    max_iter : int, default 500
        Where no decomposition fits: iterations at most.
    callback : callable, optional
        Where no decomposition fits: gets each `Iteration`; returning True stops.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one, each with parameters chosen for it.
        `blur`, and arrays among the options, serve all channels or have that axis too.

    Returns
    -------
    Result
        ``parameters["lam"]`` is the value in force, ``"selection"`` and ``"selection_status"`` are the
        rule that chose it and how that ended; ``method`` names the path.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `lam` is negative or an unknown word; if `regularizer` is an unknown word, does
        not act on the estimate, or has a weight <= 0; if ``lam=0`` is asked where C has no decomposition,
        or a rule other than "auto", "gcv" and "discrepancy" where the pair has none;
        if `noise` is no noise model or does not fit the data.

    Warns
    -----
    InputWarning
        IDW004 if the rule found no trade-off; IDW006, with its name, of a direction that neither
        C nor L sees, such as the constant under a kernel of sum 0. The estimate is 0 along it.

    Notes
    -----
    Cost: two transforms with a decomposition, and one more for each of some 30 values tried by GCV and
    its kin with a PSF; four transforms an iteration without. ``regularizer="laplacian", lam=b`` on a
    periodic boundary is scikit-image's ``wiener(balance=b)``.

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
    known = None if noise is None else noise_model("tikhonov", noise)
    default = boundary_for("tikhonov", known, boundary, blur)
    plain = model_of("tikhonov", data, blur, boundary, default=default)
    if isinstance(lam, str):
        checks.choice("tikhonov", "lam", lam, ("auto", *RULES))
    else:
        lam = checks.nonnegative("tikhonov", "lam", lam, "Pass a number >= 0, or a rule such as 'gcv'.")
    rtol = checks.positive("tikhonov", "rtol", rtol)
    max_iter = checks.integer("tikhonov", "max_iter", max_iter, minimum=1)
    checks.optional_callable("tikhonov", "callback", callback)
    penalty = regularizer_for("tikhonov", regularizer, plain.operator)
    named = describe_regularizer(regularizer)
    model, whitener = whitened("tikhonov", plain, known)
    power = power_left_out(known)
    decomposition = decomposed("tikhonov", model, penalty)
    parameters = {"lam": lam, "regularizer": named}
    if known is not None:
        parameters["noise"] = repr(known)
    if decomposition is not None:
        warn_of_undetermined("tikhonov", decomposition, model.data)
    elif lam == 0:
        exact = limit(
            "tikhonov",
            model,
            penalty or Identity(model.operator.input_shape),
            max_iter=max_iter,
            callback=callback,
            parameters=parameters,
        )
        if exact is not None:
            return exact
        advice = "Pass a small lam, or an operator that has a transform."
        checks.refuse("tikhonov", "blur", "have a decomposition for lam=0", repr(model.operator), advice)
    chosen: dict[str, Any] = {}
    start = None
    if isinstance(lam, str):
        rule = lam
        rehearsal = _rehearsal(plain, whitener, known) if decomposition is not None else None
        noise_std = 0.0
        if known is not None:
            noise_std = known.level / plain.scale
        elif rule in NOISE_RULES:
            noise_std = estimate_noise_std(plain.observed, plain.operator)
        rule, selection, start = _choose(
            rule, model, decomposition, penalty, regularizer, rehearsal, noise_std
        )
        chosen = {"selection": rule, "selection_status": selection.status.name}
        lam = selection.value / power
        if selection.status not in (SelectionStatus.FOUND, SelectionStatus.RAISED):
            checks.warn(
                "IDW004",
                f"tikhonov: {rule} chose lam = {lam:.3g}, {selection.status.name}",
                "The data may hold no noise, or correlated noise; pass lam, or try another rule",
            )
    parameters |= {"lam": lam, **chosen}
    if decomposition is not None:
        # In the limit λ → 0 the filter is 1/c on the range: exact, because s has left the formula.
        rounding = decomposition.rounding(model.data)
        phi = _filters.tikhonov(lam * power) if lam > 0 else _filters.truncated(rounding)
        return closed_form("tikhonov", model, decomposition, phi, began, **parameters)
    return least_squares(
        "tikhonov",
        model,
        rtol=rtol,
        max_iter=max_iter,
        lam=lam * power,
        regularizer=penalty,
        start=start,
        callback=callback,
        parameters=parameters,
    )


def _rehearsal(plain: Model, whitener: LinearOperator | None, noise: Gaussian | None) -> Rehearsal | None:
    """Return the rehearsal of a model with a fill, its data whitened as the real ones are."""
    variance = None if noise is None else (noise.level / plain.scale) ** 2
    rehearsal = rehearse(plain, variance=variance)
    if rehearsal is None or whitener is None:
        return rehearsal
    return dataclasses.replace(rehearsal, seen=whitener(rehearsal.seen))


def _choose(
    rule: str,
    model: Model,
    decomposition: Decomposition | None,
    penalty: LinearOperator | None,
    regularizer: Regularizer,
    rehearsal: Rehearsal | None,
    noise_std: float,
) -> tuple[str, Selection, Array | None]:
    """Return the rule in force, what it chose, and an estimate to start from."""
    if decomposition is None and model.boundary != "operator" and isinstance(model.operator, Convolution):
        # λ has the same meaning under every boundary model, and in the periodic frame it costs little.
        frame = tapered(model.observed, model.operator.kernel)
        found = _in_frame(frame, regularizer)
        if found is not None:
            model, decomposition = frame, found
    if decomposition is not None:
        pair = decomposition
        if rule == "auto":
            rule, selection = choose_automatically(
                pair, model.data, lambda: noise_std or _noise_std(model), inside=model.inside
            )
        else:
            selection = choose_lambda(rule, pair, model.data, noise_std=noise_std, inside=model.inside)
        if rehearsal is None:
            return rule, selection, None
        raised = raise_while_better(selection, lambda lam: rehearsal.bias(pair, _filters.tikhonov(lam)))
        return rule, raised, None
    rule = "gcv" if rule == "auto" else rule
    if rule not in ("gcv", "discrepancy"):
        advice = "Use 'gcv' or 'discrepancy', or an operator that has a transform."
        checks.refuse("tikhonov", "blur", f"have a decomposition for {rule}", repr(model.operator), advice)
    known = noise_std if rule == "discrepancy" else None
    return rule, *choose_in_krylov_space(model, penalty, noise_std=known)


def _noise_std(model: Model) -> float | None:
    """Return the noise beside the scene; None where no spectrum tells them apart."""
    decomposition = decompose(model.operator)
    if decomposition is None or decomposition.frequency is None:
        return None
    noise_std = estimate_noise_std(model.observed, model.operator)
    return noise_beside_scene(decomposition, model.data, noise_std)


def _in_frame(frame: Model, regularizer: Regularizer) -> Decomposition | None:
    """Decompose the pair in the periodic frame; None for a regularizer that is tied to another shape."""
    items = [regularizer] if isinstance(regularizer, str | LinearOperator) else list(regularizer)
    words = [item[1] if isinstance(item, tuple) else item for item in items]
    if not all(isinstance(word, str) for word in words):
        return None
    return decompose(frame.operator, regularizer_for("tikhonov", regularizer, frame.operator))
