"""The limit λ → 0 of Tikhonov regularization where C has a decomposition and the pair (C, L) has none."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from invdeconv.arrays import namespace
from invdeconv.operators import LinearOperator
from invdeconv.restoration import _filters
from invdeconv.restoration._model import Model, decomposed
from invdeconv.result import Result
from invdeconv.solvers import Callback, iterate, null_space_steps

__all__ = ["limit"]


def limit(
    name: str,
    model: Model,
    penalty: LinearOperator,
    *,
    max_iter: int,
    callback: Callback | None,
    parameters: Mapping[str, Any],
) -> Result | None:
    """Return the least-squares solution of least ‖Lx‖: C⁺y, corrected in the null space of C.

    None if C has no decomposition.
    """
    decomposition = decomposed(name, model)
    if decomposition is None:
        return None
    data = model.data
    start = decomposition.filter(data, _filters.truncated(decomposition.rounding(data)))
    # A limit has no tolerance to trade: as far down as CGLS falls (measured).
    rtol = 450 * float(namespace(data).finfo(data.dtype).eps)
    result = iterate(
        null_space_steps(decomposition, penalty, start),
        method=f"{name} ({decomposition.structure}, null space by CGLS to a relative gradient of {rtol:.0e})",
        start=start,
        max_iter=max_iter,
        rtol=rtol,
        callback=callback,
        parameters={**parameters, "boundary": model.boundary, "rtol": rtol, "measure": "relative gradient"},
    )
    return dataclasses.replace(result, estimate=model.restore(result.estimate))
