"""Least squares with a gradient that never rises."""

from __future__ import annotations

from typing import Any

from invdeconv.noise import Gaussian
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._krylov import krylov
from invdeconv.result import Result
from invdeconv.solvers import Callback, lsmr_steps

__all__ = ["lsmr"]


@by_channel
def lsmr(
    data: Any,
    blur: Any,
    *,
    lam: float = 0.0,
    noise: Gaussian | float | None = None,
    start: Any = None,
    rtol: float = 1e-6,
    max_iter: int = 100,
    boundary: str | None = None,
    callback: Callback | None = None,
    channel_axis: int | None = None,
) -> Result:
    """Restore by LSMR, whose gradient falls in every step.

    Minimize ½‖Cx − y‖² + ½λ‖x‖²; each step makes ‖Cᴴ(y − Cx) − λx‖ least over its Krylov space, so
    that stopping early is safe. Its residual is a little behind that of `cgls` and `lsqr`. With noise and
    λ = 0 the number of steps is the regularization: pass the `noise`, or use `hybrid_lsqr`.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    lam : float >= 0, default 0
        λ of the damping. To have it chosen, use `hybrid_lsqr` or `tikhonov`.
    noise : noise.Gaussian or float, optional
        Covariance N of the noise: one deviation, one per sample (``inf`` where it is missing), or a spectrum.
        The data term is ½‖N^−½(Cx − y)‖², and for λ = 0 the iteration stops where that is 1.01² times what
        noise alone would leave: the discrepancy principle.
    start : array, shape of the estimate, optional
        First x. The minimum does not depend on it, only the steps, and what C does not see. Default zero,
        which leads to the solution of least norm; for a PSF under "unknown" the mean of the data.
    rtol : float > 0, default 1e-6
        Stop where the gradient ‖Cᴴ(y − Cx) − λx‖ is at most this times ‖Cᴴy‖; at least 50 rounding units.
    max_iter : int >= 1, default 100
        Iterations at most.
    boundary : str, optional
        Outside the data, for a PSF: "unknown" (default), "taper", "liu-jia", or a word of `Convolution`.
    callback : callable, optional
        Gets each `Iteration`; returning True stops.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one, each with parameters chosen for it.
        `blur`, and arrays among the options, serve all channels or have that axis too.

    Returns
    -------
    Result
        `STAGNATED` says that rounding, or data that no x explains, ended the iteration before its rule.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `lam` is negative, `rtol` not positive, or `max_iter` no positive integer; if `noise`
        is no noise model or does not fit the data; if `start` has another shape than the estimate.
    SolverError
        If an iterate is not finite.

    Notes
    -----
    Two applications of C an iteration: four transforms for a PSF. Seven arrays of the size of x or y.

    References
    ----------
    .. [1] D. C.-L. Fong and M. A. Saunders, "LSMR: an iterative algorithm for sparse least-squares
       problems", SIAM J. Sci. Comput. 33 (2011) 2950.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, lsmr
    >>> C = Convolution([[1, 2], [0, 1]], (4, 5), padding="full")
    >>> x = np.arange(20.0).reshape(4, 5)
    >>> bool(np.abs(lsmr(C(x), C, rtol=1e-12).estimate - x).max() < 1e-9)
    True
    """
    return krylov(
        "lsmr",
        lsmr_steps,
        data,
        blur,
        lam=lam,
        noise=noise,
        start=start,
        rtol=rtol,
        max_iter=max_iter,
        boundary=boundary,
        callback=callback,
    )
