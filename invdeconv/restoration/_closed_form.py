"""The path that the linear methods share: one filter on one decomposition."""

from __future__ import annotations

import time
from typing import Any

from invdeconv.operators import Decomposition
from invdeconv.operators.decomposition import Filter
from invdeconv.restoration._model import Model
from invdeconv.result import Result, Status

__all__ = ["closed_form"]


def closed_form(
    name: str, model: Model, decomposition: Decomposition, phi: Filter, began: float, **parameters: Any
) -> Result:
    """Return the `Result` of x̂ = X φ(c, s) Uᴴ y on the model's data, cropped to the estimate."""
    return Result(
        model.restore(decomposition.filter(model.data, phi)),
        Status.CLOSED_FORM,
        parameters={**parameters, "boundary": model.boundary},
        method=f"{name} ({decomposition.structure})",
        seconds=time.perf_counter() - began,
    )
