"""The path where no structure fits: CGLS on the data and the regularizer together."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from invdeconv.arrays import namespace, zeros_like_data
from invdeconv.operators import Identity, LinearOperator, Stacked
from invdeconv.restoration._model import Model
from invdeconv.result import Result
from invdeconv.solvers import Callback, cgls_steps, iterate

__all__ = ["least_squares"]


def least_squares(
    name: str,
    model: Model,
    *,
    rtol: float,
    max_iter: int,
    lam: float = 0.0,
    regularizer: LinearOperator | None = None,
    callback: Callback | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Result:
    """Minimize ½‖Cx − y‖² + ½λ‖Lx‖² by CGLS on [C; √λ L], so that CᴴC is never formed.

    Starts from the mean of the data where a PSF keeps it and a penalty asks for a smooth estimate, else
    from zero, whose limit is the solution of least norm.
    """
    operator, data = model.operator, model.data
    start = zeros_like_data(operator.input_shape, data)
    if lam > 0 and model.boundary != "operator":
        start = start + namespace(data).mean(data)
    # Below some rounding units the gradient is noise, and CGLS wanders off.
    rtol = max(rtol, 50 * float(namespace(data).finfo(data.dtype).eps))
    if lam > 0:
        penalty = Identity(operator.input_shape) if regularizer is None else regularizer
        operator = Stacked(operator, lam**0.5 * penalty)
        xp = namespace(data)
        zeros = zeros_like_data((penalty.shape[0],), data)
        data = xp.concat([xp.reshape(data, (-1,)), zeros])
    result = iterate(
        cgls_steps(operator, data, start),
        method=f"{name} (CGLS to a relative gradient of {rtol:g})",
        start=start,
        max_iter=max_iter,
        rtol=rtol,
        callback=callback,
        parameters={
            **(parameters or {}),
            "boundary": model.boundary,
            "rtol": rtol,
            "measure": "relative gradient",
        },
    )
    return dataclasses.replace(result, estimate=model.restore(result.estimate))
