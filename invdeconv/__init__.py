"""Classical deconvolution beside the neural transposed convolution.

One operator C, its adjoint Cᵀ (what networks call "deconvolution"), and its inverses. Names and submodules
are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Name → the module that holds it. `__init__.pyi` says the same to type checkers and editors.
_HOME = {
    "Comparison": "comparison",
    "Convolution": "operators",
    "Decomposition": "operators",
    "Differences": "operators",
    "Identity": "operators",
    "InputWarning": "errors",
    "InvalidInputError": "errors",
    "Iteration": "result",
    "LinearOperator": "operators",
    "Observation": "simulate",
    "OperatorCheckError": "errors",
    "Posterior": "restoration",
    "Result": "result",
    "SolverError": "errors",
    "Status": "result",
    "adjoint": "restoration",
    "cgls": "restoration",
    "check_operator": "operators",
    "compare": "comparison",
    "damped_richardson_lucy": "restoration",
    "damped_svd": "restoration",
    "decompose": "operators",
    "estimate_kernel": "restoration",
    "fft_options": "arrays",
    "gaussian_posterior": "restoration",
    "hybrid_lsqr": "restoration",
    "hyper_laplacian": "restoration",
    "landweber": "restoration",
    "lsmr": "restoration",
    "lsqr": "restoration",
    "nnls": "restoration",
    "plug_and_play": "restoration",
    "pseudo_inverse": "restoration",
    "richardson_lucy": "restoration",
    "richardson_lucy_tv": "restoration",
    "tikhonov": "restoration",
    "total_variation": "restoration",
    "truncated_svd": "restoration",
    "twins": "restoration",
    "wavelet_sparse": "restoration",
    "wiener": "restoration",
}
_SUBMODULES = (
    "equalization",
    "files",
    "functionals",
    "metrics",
    "neural",
    "noise",
    "plots",
    "psf",
    "report",
    "samples",
    "selection",
    "simulate",
    "solvers",
)

__all__ = list(_HOME) + list(_SUBMODULES)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: Any = _version()
    elif name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    elif name in _SUBMODULES:
        value = import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("invdeconv")
    except PackageNotFoundError:  # a source tree that was never installed
        return "0+unknown"
