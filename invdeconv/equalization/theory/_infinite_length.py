"""What equalizers of infinite length leave: integrals over the folded spectrum."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.checks import refuse
from invdeconv.equalization._channel import Channel
from invdeconv.equalization._link import Link, link_of
from invdeconv.equalization.theory._folded_spectrum import limit_of, mean

__all__ = [
    "gaussian_rate",
    "matched_filter_bound",
    "mmse_dfe",
    "mmse_linear",
    "zf_dfe",
    "zf_linear",
]


def mmse_linear(
    channel: Channel,
    *,
    n0: float,
    es: float = 1.0,
    real_symbols: bool = False,
    noise_correlation: Any = None,
) -> float:
    """Return the mean-square error of the infinitely long linear MMSE equalizer.

    J = (1/2π) ∫ N/(S + N/Es) dω with the folded spectrum S = Σ|H|² and the noise N: what `mmse` comes to as
    its taps grow. The unbiased SINR is Es/J − 1.

    Parameters
    ----------
    channel : Channel
        With several samples per symbol: fractionally spaced.
    n0 : float
        Noise per complex sample.
    es : float, default 1.0
        Energy per symbol.
    real_symbols : bool, default False
        True for BPSK and PAM over real taps: the noise is real and carries N0/2.
    noise_correlation : array, optional
        Correlation of the noise from lag 0 on, ρ[0] = 1; default white.

    Returns
    -------
    float
        E|â − a|².

    Raises
    ------
    InvalidInputError
        If `channel` is no Channel, has complex taps for real symbols, or a number is out of range; if
        `noise_correlation` is no correlation.

    Notes
    -----
    The trapezoid rule on a period converges geometrically; points are doubled until the sum stands.

    References
    ----------
    .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, section 10.2-2.

    Examples
    --------
    >>> round(mmse_linear(Channel([1, 0.5]), n0=0.1), 6)
    0.110264
    """
    return _limit("mmse_linear", channel, n0, es, real_symbols, noise_correlation)


def zf_linear(
    channel: Channel,
    *,
    n0: float,
    es: float = 1.0,
    real_symbols: bool = False,
    noise_correlation: Any = None,
) -> float:
    """Return the noise that the infinitely long zero-forcing equalizer lets through.

    J = (1/2π) ∫ N/S dω; infinite where the channel has a null. A deep null is enough to make it absurd.

    Parameters
    ----------
    channel, n0, es, real_symbols, noise_correlation
        As in `mmse_linear`; `es` does not matter.

    Returns
    -------
    float
        E|â − a|², all of it noise; ``inf`` if a zero lies within 1e-5 of the unit circle.

    Raises
    ------
    InvalidInputError
        As `mmse_linear`.

    References
    ----------
    .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, section 10.2-1.

    Examples
    --------
    >>> round(1 / zf_linear(Channel([1, 0.5]), n0=0.1), 6)  # (1 − a²)/N0
    7.5
    """
    return _limit("zf_linear", channel, n0, es, real_symbols, noise_correlation)


def mmse_dfe(
    channel: Channel,
    *,
    n0: float,
    es: float = 1.0,
    real_symbols: bool = False,
    noise_correlation: Any = None,
) -> float:
    """Return the mean-square error of the infinitely long MMSE decision-feedback equalizer.

    J = Es·exp{−(1/2π) ∫ ln(1 + Es·S/N) dω}, decisions fed back without error (Salz). Its unbiased SINR
    carries the rate of the channel: log₂(Es/J) = `gaussian_rate`, twice that for real symbols.

    Parameters
    ----------
    channel, n0, es, real_symbols, noise_correlation
        As in `mmse_linear`.

    Returns
    -------
    float
        E|â − a|².

    Raises
    ------
    InvalidInputError
        As `mmse_linear`.

    References
    ----------
    .. [1] J. Salz, "Optimum mean-square decision feedback equalization", Bell Syst. Tech. J. 52, 1973.
    .. [2] J. M. Cioffi, G. P. Dudevoir, M. V. Eyuboglu, G. D. Forney, "MMSE decision-feedback equalizers
       and coding", IEEE Trans. Commun. 43, 1995.

    Examples
    --------
    >>> round(mmse_dfe(Channel([1, 0.5]), n0=0.1), 7)
    0.0886164
    """
    return _limit("mmse_dfe", channel, n0, es, real_symbols, noise_correlation)


def zf_dfe(
    channel: Channel,
    *,
    n0: float,
    es: float = 1.0,
    real_symbols: bool = False,
    noise_correlation: Any = None,
) -> float:
    """Return the noise that the infinitely long zero-forcing decision-feedback equalizer lets through.

    J = exp{(1/2π) ∫ ln(N/S) dω}, finite whatever the nulls. For white noise it is N0/g², with the leading
    tap g = |h₀|·Π max(1, |zᵢ|) of the minimum-phase channel over the zeros zᵢ (Jensen's formula).

    Parameters
    ----------
    channel, n0, es, real_symbols, noise_correlation
        As in `mmse_linear`; `es` does not matter.

    Returns
    -------
    float
        E|â − a|², all of it noise.

    Raises
    ------
    InvalidInputError
        As `mmse_linear`.

    References
    ----------
    .. [1] R. Price, "Nonlinearly feedback-equalized PAM vs. capacity for noisy filter channels", ICC 1972.

    Examples
    --------
    >>> round(zf_dfe(Channel([0.5, 1]), n0=0.1), 12)
    0.1
    """
    return _limit("zf_dfe", channel, n0, es, real_symbols, noise_correlation)


def matched_filter_bound(
    channel: Channel,
    *,
    n0: float,
    es: float = 1.0,
    real_symbols: bool = False,
    noise_correlation: Any = None,
) -> float:
    """Return the signal-to-noise ratio of one symbol sent alone: no receiver has more.

    Es·(1/2π) ∫ S/N dω, for white noise Es·Σ|h|²/N0: the matched filter Cᵀ without any interference.

    Parameters
    ----------
    channel, n0, es, real_symbols, noise_correlation
        As in `mmse_linear`; `n0` must be positive.

    Returns
    -------
    float
        A ratio of powers. The bit error rate of BPSK is at least Q(√ratio), with ``real_symbols=True``.

    Raises
    ------
    InvalidInputError
        As `mmse_linear`; if `n0` is 0.

    Examples
    --------
    >>> round(matched_filter_bound(Channel.proakis_c(), n0=0.1), 9)
    10.0
    """
    link = _noisy_link("theory.matched_filter_bound", channel, n0, es, real_symbols, noise_correlation)
    return mean(lambda n: link.snr_density(n) / link.noise_power)


def gaussian_rate(
    channel: Channel,
    *,
    n0: float,
    es: float = 1.0,
    real_symbols: bool = False,
    noise_correlation: Any = None,
) -> float:
    """Return the bits per symbol that Gaussian symbols of flat spectrum carry over the channel.

    (1/2π) ∫ log₂(1 + Es·S/N) dω, half of it for real symbols. The MMSE decision-feedback equalizer loses
    nothing of it: it equals log₂(1 + SINR) of the unbiased `mmse_dfe`, half of that for real symbols.

    Parameters
    ----------
    channel, n0, es, real_symbols, noise_correlation
        As in `mmse_linear`; `n0` must be positive.

    Returns
    -------
    float

    Raises
    ------
    InvalidInputError
        As `mmse_linear`; if `n0` is 0.

    References
    ----------
    .. [1] J. M. Cioffi, G. P. Dudevoir, M. V. Eyuboglu, G. D. Forney, "MMSE decision-feedback equalizers
       and coding", IEEE Trans. Commun. 43, 1995.

    Examples
    --------
    >>> round(gaussian_rate(Channel([1]), n0=1.0), 12)
    1.0
    """
    link = _noisy_link("theory.gaussian_rate", channel, n0, es, real_symbols, noise_correlation)
    rate = mean(lambda n: np.log2(1 + link.snr_density(n) / link.noise_power))
    return rate / 2 if real_symbols else rate


def _limit(kind: str, channel: Channel, *link: Any) -> float:
    return limit_of(link_of(f"theory.{kind}", channel, *link), kind)


def _noisy_link(function: str, channel: Channel, *link: Any) -> Link:
    checked = link_of(function, channel, *link)
    if checked.n0 == 0:
        refuse(function, "n0", "be positive", 0, "Without noise nothing bounds the ratio.")
    return checked
