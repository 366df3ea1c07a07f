"""How many Richardson–Lucy iterations a scene asks for, from its spectrum and the noise, before the first.

On a scene of nearly one brightness k iterations are the filter φ = 1 − (1 − c²/s²)ᵏ of Landweber, with c the
transfer function and s its value at zero. With a power law for the scene, as Wiener's automatic ratio takes,
its expected error Σ (1 − φ)²·S + (φ/c)²·N is known for every k, and has one minimum.
"""

from __future__ import annotations

import numpy as np

from invdeconv.arrays import Array, to_numpy
from invdeconv.operators import Convolution, decompose
from invdeconv.restoration._model import Model, tapered
from invdeconv.restoration._power_law import fit_power_law

__all__ = ["least_risk_iterations"]

# Frequencies the sums take at most: a sample of the spectrum is as good as all of it.
_FREQUENCIES = 1 << 14
_CANDIDATES = np.geomspace(1, 1e5, 120)


def least_risk_iterations(model: Model, signal: Array, variance: float) -> float | None:
    """Return the number of plain iterations of least expected error.

    None where the model is no PSF, or the spectrum of the signal does not stand out of the noise.
    """
    operator = model.operator
    if model.boundary == "operator" or not isinstance(operator, Convolution) or variance <= 0:
        return None
    frame = tapered(signal, operator.kernel)
    decomposition = decompose(frame.operator)
    law = None if decomposition is None else fit_power_law(decomposition, frame.data, variance)
    if decomposition is None or decomposition.frequency is None or law is None:
        return None
    ratio = law.noise_to_signal(decomposition.frequency, variance)
    total = float(operator.kernel.sum())
    # An odd stride visits all rows and columns of a spectrum.
    every = slice(None, None, ratio.size // _FREQUENCIES | 1)
    multiplicity = np.broadcast_to(decomposition.multiplicity, ratio.shape).ravel()[every]
    ratio = ratio.ravel()[every]
    c = to_numpy(decomposition.factors(frame.data)[0]).ravel()[every].astype(float) / total
    kept = 1 - np.minimum(c, 1) ** 2
    gain = total * np.maximum(c, np.finfo(float).tiny ** 0.25)
    risks = [
        float(np.sum(multiplicity * (kept ** (2 * k) / ratio + ((1 - kept**k) / gain) ** 2)))
        for k in _CANDIDATES
    ]
    return float(_CANDIDATES[int(np.argmin(risks))])
