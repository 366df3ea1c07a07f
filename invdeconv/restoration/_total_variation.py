"""Total-variation restoration."""

from __future__ import annotations

from typing import Any, cast

from invdeconv import checks
from invdeconv.functionals import TotalVariation
from invdeconv.noise import Gaussian, Laplace, Poisson
from invdeconv.operators import Differences, LinearOperator, regularizer_for
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._data_terms import data_term
from invdeconv.restoration._split_problems import Prior
from invdeconv.restoration._variational import box_of, lam_of, minimize, problem_of
from invdeconv.result import Result
from invdeconv.solvers import Callback, periodic_gradient

__all__ = ["total_variation"]


@by_channel
def total_variation(
    data: Any,
    blur: Any,
    *,
    lam: float | str = "discrepancy",
    isotropic: bool = True,
    bounds: tuple[float | None, float | None] | None = None,
    noise: Gaussian | Poisson | Laplace | float | None = None,
    boundary: str | None = None,
    rtol: float = 5e-3,
    max_iter: int = 300,
    callback: Callback | None = None,
    channel_axis: int | None = None,
) -> Result:
    """Restore with total variation as the penalty: flat areas and sharp edges.

    Minimize F(Cx) + λΣ‖(∇x)ᵢ‖ with F as the noise has it: ½‖Cx − y‖², ½‖N^−½(Cx − y)‖² for noise of
    covariance N, the I-divergence Σ(m − y + y·log(y/m)), m = Cx + background, for counts, Σ|Cx − y| for
    outliers. The method for scenes with edges, and where samples are missing; `wiener` and `tikhonov` are
    faster and keep slopes and faint texture, which total variation turns into steps.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    lam : float > 0 or "discrepancy", default "discrepancy"
        λ, in units of the data. "discrepancy" takes the λ whose residual is what the noise leaves after a
        good estimate has fitted some of it: ‖Cx − y‖² = (1 − 0.7·d)mσ², d the degrees of freedom of the
        Wiener filter per sample; likewise the I-divergence, expected to be half a count per sample (less
        for dark ones), and Σ|Cx − y| over the samples that are no outliers; all of it, and nothing taken
        off, where the scale is given.
    isotropic : bool, default True
        The lengths of the gradients count; else the sizes of their components, which favors edges along
        the axes.
    bounds : (lower, upper), optional
        What each sample of the estimate lies between; None leaves a side open. ``(0, None)`` for light, the
        default beside Poisson noise.
    noise : noise.Gaussian, noise.Poisson, noise.Laplace or float, optional
        Gaussian: one deviation, one per sample (``inf`` where it is missing), or a spectrum; λ is then in
        units of 1/x. Without it the noise is white, and λ in units of |C|²x. Poisson and Laplace, for counts
        and for outliers of unknown place, make λ a number without unit.
    boundary : str, optional
        What lies outside the data, for a PSF: "taper" (default), "liu-jia", "unknown" (default beside a
        deviation per sample, counts and outliers), or a word of `Convolution`.
    rtol : float, default 5e-3
        Relative duality gap at which the iteration stops; pictures stop changing to the eye at 0.01.
    max_iter : int, default 300
        Iterations at most, after the search for λ.
    callback : callable, optional
        Gets each `Iteration` on the model's own domain; returning True stops.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one, each with parameters chosen for it.
        `blur`, and arrays among the options, serve all channels or have that axis too.

    Returns
    -------
    Result
        ``optimality`` is the relative duality gap: the objective is at most that much above its least value.
        Beside white Gaussian noise, C periodic and no bounds it is proved; otherwise among all x whose
        samples differ from the estimate by at most its largest one. ``method`` names the solver: ADMM where
        C is periodic in some frame, as under "taper" and "unknown"; else primal–dual.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `lam` is not positive or an unknown word; if `bounds` are no pair, in the wrong
        order, or asked for complex data; if `noise` is no noise model or does not fit the data. Beside
        Poisson noise also as `richardson_lucy`.

    Warns
    -----
    InputWarning
        IDW004 if no λ leaves the expected residual; where even small ones leave more, λ is then a guess.

    Notes
    -----
    Cost of an iteration: two transforms and passes over the gradient (ADMM; four where the data term is
    split off: counts, outliers, weights, gaps, "unknown"), C and Cᴴ (primal–dual). λ takes some 100 further
    iterations. The gap is looked at every tenth one. Under "unknown" the gradient is periodic in the frame,
    whose margin no sample sees.

    References
    ----------
    .. [1] L. I. Rudin, S. Osher, E. Fatemi, Physica D 60 (1992) 259, Eq. (2.5).
    .. [2] Y. Wang, J. Yang, W. Yin, Y. Zhang, "A new alternating minimization algorithm for total variation
       image reconstruction", SIAM J. Imaging Sci. 1 (2008) 248, Eq. (2.5).
    .. [3] A. Chambolle, T. Pock, J. Math. Imaging Vis. 40 (2011) 120, Algorithm 1.
    .. [4] M. S. C. Almeida, M. A. T. Figueiredo, "Deconvolving images with unknown boundaries using the
       alternating direction method of multipliers", IEEE Trans. Image Process. 22 (2013) 3074.
    .. [5] T. Chan, S. Esedoglu, "Aspects of total variation regularized L¹ function approximation", SIAM J.
       Appl. Math. 65 (2005) 1817, Eq. (1.3): outliers.
    .. [6] R. Zanella, P. Boccacci, L. Zanni, M. Bertero, "Efficient gradient projection methods for
       edge-preserving removal of Poisson noise", Inverse Problems 25 (2009) 045010, section 4: counts.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import metrics, total_variation
    >>> step = np.repeat([0.0, 1.0], 32)
    >>> data = np.convolve(step, [0.25, 0.5, 0.25], "same")
    >>> data += 0.02 * np.random.default_rng(0).standard_normal(64)
    >>> estimate = total_variation(data, np.array([0.25, 0.5, 0.25])).estimate
    >>> bool(np.abs(estimate - step)[4:-4].max() < 0.1)
    True
    """
    name = "total_variation"
    term = data_term(name, data, blur, boundary, noise)
    lam = lam_of(name, lam)
    isotropic = checks.flag(name, "isotropic", isotropic)
    box = box_of(name, (0, None) if bounds is None and isinstance(noise, Poisson) else bounds, term.plain)
    rtol = checks.positive(name, "rtol", rtol)
    max_iter = checks.integer(name, "max_iter", max_iter, minimum=1)
    checks.optional_callable(name, "callback", callback)
    problem, guide = problem_of(name, term, _prior(isotropic=isotropic), box)
    return minimize(
        name,
        term,
        problem,
        guide=guide,
        lam=lam,
        rtol=rtol,
        max_iter=max_iter,
        callback=callback,
        parameters={"isotropic": isotropic, "bounds": bounds},
    )


def _prior(*, isotropic: bool) -> Prior:
    def gradient(C: LinearOperator) -> Differences:
        return cast(Differences, regularizer_for("total_variation", "gradient", C))

    return Prior(
        periodic_gradient,
        gradient,
        lambda C: 2 * len(gradient(C).axes) ** 0.5,
        lambda lam: TotalVariation(lam, isotropic).norm,
        isotropic,
    )
