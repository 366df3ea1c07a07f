"""The recursions, one plain source each. They change their array arguments in place.

Taps run backward in time, so that a window of samples, oldest first, meets them in memory order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.arrays import compiled, reassociated

__all__ = ["cma", "lms", "rls", "trace", "viterbi"]


@compiled
def nearest(z: Any, alphabet: Any) -> Any:
    """Return the point of the alphabet next to `z`."""
    decided, smallest = z, np.inf
    for point in alphabet:
        gap = point - z
        distance = gap.real * gap.real + gap.imag * gap.imag
        if distance < smallest:
            decided, smallest = point, distance
    return decided


@reassociated
def lms(
    samples: Any, spacing: int, training: Any, alphabet: Any, taps: Any, gains: Any, output: Any, errors: Any
) -> None:
    """Least mean squares: z = wᵀu, e = d − z, w ← w + gₖ e ū, each update in the pass of the next output."""
    n = taps.size
    change, last = 0 * taps[0], samples[:n]
    for k in range(output.size):
        u = samples[k * spacing : k * spacing + n]
        z = 0 * taps[0]
        for i in range(n):
            taps[i] += change * np.conj(last[i])
            z += taps[i] * u[i]
        wanted = training[k] if k < training.size else nearest(z, alphabet)
        e = wanted - z
        output[k], errors[k] = z, e
        change, last = gains[k] * e, u
    for i in range(n):
        taps[i] += change * np.conj(last[i])


@compiled
def rls(
    samples: Any,
    spacing: int,
    training: Any,
    alphabet: Any,
    taps: Any,
    inverse: Any,
    forgetting: float,
    output: Any,
    errors: Any,
) -> None:
    """Recursive least squares: v = Pū, w ← w + v e/(λ + uᵀv), P ← (P − v vᴴ/(λ + uᵀv))/λ.

    v vᴴ and not v uᵀP: the first is Hermitian to the last bit, and rounding errors die out with λ.
    """
    n = taps.size
    v = np.empty_like(taps)
    memory = 1 / forgetting
    for k in range(output.size):
        u = samples[k * spacing : k * spacing + n]
        z = 0 * taps[0]
        for i in range(n):
            z += taps[i] * u[i]
        wanted = training[k] if k < training.size else nearest(z, alphabet)
        e = wanted - z
        output[k], errors[k] = z, e
        v[:] = 0
        for j in range(n):
            for i in range(n):
                v[i] += np.conj(inverse[j, i] * u[j])
        power = forgetting
        for i in range(n):
            power += (u[i] * v[i]).real
        change = e / power
        for i in range(n):
            taps[i] += change * v[i]
        v *= np.sqrt(1 / power)
        for i in range(n):
            for j in range(n):
                inverse[i, j] = memory * (inverse[i, j] - v[i] * np.conj(v[j]))


@reassociated
def cma(samples: Any, spacing: int, radius: float, taps: Any, step: float, output: Any, errors: Any) -> None:
    """Constant modulus: z = wᵀu, e = z (R₂ − |z|²), w ← w + μ e ū, in passes as in `lms`."""
    n = taps.size
    change, last = 0 * taps[0], samples[:n]
    for k in range(output.size):
        u = samples[k * spacing : k * spacing + n]
        z = 0 * taps[0]
        for i in range(n):
            taps[i] += change * np.conj(last[i])
            z += taps[i] * u[i]
        e = z * (radius - z.real * z.real - z.imag * z.imag)
        output[k], errors[k] = z, e
        change, last = step * e, u
    for i in range(n):
        taps[i] += change * np.conj(last[i])


@compiled
def viterbi(samples: Any, points: Any, metrics: Any, survivors: Any) -> None:
    """Γ′(q, m) = min over j of Γ(j, q) + |y − c(j, q, m)|²; the survivor is the j that wins.

    The state (j, q) holds the past symbols, oldest first; m is the new symbol, and j drops out.
    """
    M, states = points.shape[0], metrics.size
    branches = points.reshape(M, states)
    # Γ(j, q) stands once for every m, so that the loops over (q, m) run in memory order.
    repeated = np.repeat(metrics, M)
    updated = metrics.copy()
    for k in range(samples.size):
        y, survivor = samples[k], survivors[k]
        for j in range(M):
            point, metric = branches[j], repeated[j * states : (j + 1) * states]
            for s in range(states):
                gap = y - point[s]
                candidate = metric[s] + gap.real * gap.real + gap.imag * gap.imag
                better = j == 0 or candidate < updated[s]
                updated[s] = candidate if better else updated[s]
                survivor[s] = j if better else survivor[s]
        for m in range(M):
            for s in range(states):
                repeated[s * M + m] = updated[s]
    metrics[:] = updated


@compiled
def trace(survivors: Any, order: int, state: int, symbols: Any) -> None:
    """Follow the survivors back from `state`; symbols[k] is the one that dropped out at step k."""
    n, states = survivors.shape
    shorter = np.arange(states) // order
    for k in range(n - 1, -1, -1):
        dropped = int(survivors[k, state])
        symbols[k] = dropped
        state = shorter[state] + dropped * (states // order)
