"""Truncated singular value decomposition."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.noise import estimate_noise_std
from invdeconv.restoration import _filters
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._closed_form import closed_form
from invdeconv.restoration._model import decomposed, model_of
from invdeconv.restoration._rehearsal import rehearse
from invdeconv.result import Result
from invdeconv.selection import (
    NOISE_RULES,
    THRESHOLD_RULES,
    SelectionStatus,
    choose_threshold,
    raise_while_better,
)

__all__ = ["truncated_svd"]


@by_channel
def truncated_svd(
    data: Any,
    blur: Any,
    *,
    rtol: float | str = "gcv",
    boundary: str | None = None,
    channel_axis: int | None = None,
) -> Result:
    """Invert the singular values above a threshold and drop the others.

    x̂ = Σ vᵢ uᵢᴴy/σᵢ over σᵢ > rtol·σ₁. The simplest cure for noise; its sharp cut rings at edges, where
    `tikhonov` is smooth. Like every filter on the SVD it leaves the null space empty.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself; needs a decomposition.
    rtol : float or str, default "gcv"
        Threshold relative to the largest singular value, or the rule of `selection` that chooses it on
        eight values per decade: "gcv", "weighted_gcv", "upre", "discrepancy", "ncp" or "lepskii". Under
        "taper" the choice is raised as far as the error at the edges asks for.
    boundary : str, optional
        Outside the data, for a PSF: "taper" (default), "liu-jia", "unknown", or a word of `Convolution`.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one, each with parameters chosen for it.
        `blur` serves all channels or has that axis too.

    Returns
    -------
    Result
        ``parameters["rtol"]`` is the threshold in force, ``"selection"`` and ``"selection_status"`` are
        the rule and how it ended.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `rtol` is negative or an unknown word; if C has no decomposition.

    Notes
    -----
    Cost: two transforms, and one more for each of 65 thresholds tried under a rule with a PSF.

    References
    ----------
    .. [1] P. C. Hansen, "The truncated SVD as a method for regularization", BIT 27 (1987) 534, Eq. (2.5).

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, truncated_svd
    >>> C = Convolution(np.diag([1.0, 2.0]), (3, 3), boundary="periodic")
    >>> truncated_svd(C(np.eye(3)), C, rtol=0.5).parameters["rtol"]
    0.5
    """
    began = time.perf_counter()
    model = model_of("truncated_svd", data, blur, boundary, default="taper")
    if isinstance(rtol, str):
        checks.choice("truncated_svd", "rtol", rtol, THRESHOLD_RULES)
    else:
        rtol = checks.nonnegative("truncated_svd", "rtol", rtol)
    decomposition = decomposed("truncated_svd", model)
    if decomposition is None:
        advice = "Use tikhonov, which has an iterative path, or a boundary that has a transform."
        checks.refuse("truncated_svd", "blur", "have a decomposition", repr(model.operator), advice)
    chosen = {}
    if isinstance(rtol, str):
        rule, grid = rtol, np.logspace(-8, 0, 65)[:-1]
        selection = choose_threshold(
            rule,
            decomposition,
            model.data,
            _filters.truncated,
            grid,
            noise_std=estimate_noise_std(model.observed, model.operator) if rule in NOISE_RULES else 0.0,
            inside=model.inside,
        )
        rehearsal = rehearse(model)
        if rehearsal is not None:
            found = decomposition
            selection = raise_while_better(
                selection, lambda rtol: rehearsal.bias(found, _filters.truncated(rtol))
            )
        if selection.status not in (SelectionStatus.FOUND, SelectionStatus.RAISED):
            checks.warn(
                "IDW004",
                f"truncated_svd: {rule} chose rtol = {selection.value:.3g}, {selection.status.name}",
                "The data may hold no noise, or correlated noise; pass rtol, or try another rule",
            )
        rtol, chosen = selection.value, {"selection": rule, "selection_status": selection.status.name}
    phi = _filters.truncated(rtol)
    return closed_form("truncated_svd", model, decomposition, phi, began, rtol=rtol, **chosen)
