"""The recursions without a compiler: the same numbers to rounding, a block of symbols at a time.

Within a block the errors solve one triangular system. Decisions enter it as data: they are guessed, the
system solved, and guessed again from its outputs until they repeat. Outputs depend on earlier
decisions only, so that each round settles at least one more symbol and the fixed point is the recursion's.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy.linalg import get_blas_funcs

__all__ = ["cma", "lms", "rls"]

_LMS_BLOCK = 64
_LMS_GROUP = 16
_RLS_BLOCK = 48
# Within a block weights fall to this, no further: they are the diagonal of a matrix to factor.
_SMALLEST_WEIGHT = 1e-4


def _windows(samples: np.ndarray, spacing: int, length: int) -> np.ndarray:
    return np.lib.stride_tricks.sliding_window_view(samples, length, axis=-1)[..., ::spacing, :]


def _settle(
    base: np.ndarray,
    training: np.ndarray,
    alphabet: np.ndarray,
    errors_of: Callable[[np.ndarray], np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Return the errors of a block and its desired symbols: training, then decisions that repeat."""
    known = training.size
    if known == base.size:
        return errors_of(training - base), training
    wanted = np.concatenate([training, _decided(base[known:], alphabet)])
    while True:
        errors = errors_of(wanted - base)
        again = _decided((wanted - errors)[known:], alphabet)
        if np.array_equal(again, wanted[known:]):
            return errors, wanted
        wanted[known:] = again


def _decided(output: np.ndarray, alphabet: np.ndarray) -> np.ndarray:
    if output.size == 0:
        return output
    gaps = output[:, None] - alphabet
    return alphabet[np.argmin(gaps.real**2 + gaps.imag**2, axis=1)]


def lms(
    samples: np.ndarray,
    spacing: int,
    training: np.ndarray,
    alphabet: np.ndarray,
    taps: np.ndarray,
    gains: np.ndarray,
    output: np.ndarray,
    errors: np.ndarray,
) -> None:
    """(I + strict lower triangle of U G) e = d − U w, G = Uᴴ diag(g), then w ← w + G e."""
    windows = _windows(samples, spacing, taps.size)
    (solve,) = get_blas_funcs(("trsv",), dtype=taps.dtype)
    whole = output.size - output.size % _LMS_BLOCK
    edges = [*range(0, whole, _LMS_GROUP * _LMS_BLOCK), whole, output.size]
    for start, stop in pairwise(edges):
        # All products without w of a group in one call each: the block itself is left with five.
        shape = (-1, min(_LMS_BLOCK, max(stop - start, 1)))
        U = np.ascontiguousarray(windows[start:stop]).reshape(*shape, taps.size)
        G = U.conj().swapaxes(1, 2) * gains[start:stop].reshape(*shape)[:, None]
        for i, (u, g, coupling) in enumerate(zip(U, G, U @ G, strict=True)):
            block = slice(start + i * shape[1], start + (i + 1) * shape[1])

            def errors_of(gap: np.ndarray, upper: np.ndarray = coupling.T) -> np.ndarray:
                return solve(upper, gap, lower=0, trans=1, diag=1)

            e, wanted = _settle(u @ taps, training[block], alphabet, errors_of)
            output[block], errors[block] = wanted, e
            taps += g @ e
    output -= errors


def rls(
    samples: np.ndarray,
    spacing: int,
    training: np.ndarray,
    alphabet: np.ndarray,
    taps: np.ndarray,
    inverse: np.ndarray,
    forgetting: float,
    output: np.ndarray,
    errors: np.ndarray,
) -> None:
    """C Cᴴ = U P Uᴴ + diag(λ, λ², …), y = C⁻¹(d − U w), B = C⁻¹ U P: w ← w + Bᴴ y, P ← (P − BᴴB)/λᴷ.

    This is a Kalman filter that takes a block at once; the errors before each update are diag(C) y.
    """
    windows = _windows(samples, spacing, taps.size)
    size = _RLS_BLOCK
    if forgetting < 1:
        size = max(1, min(size, int(np.log(_SMALLEST_WEIGHT) / np.log(forgetting))))
    weights = forgetting ** np.arange(1.0, size + 1)
    solve, solve_all = get_blas_funcs(("trsv", "trsm"), dtype=taps.dtype)
    for start in range(0, output.size, size):
        block = slice(start, min(start + size, output.size))
        U = np.ascontiguousarray(windows[block])
        count = len(U)
        projected = U @ inverse
        innovation = projected @ U.conj().T
        innovation.ravel()[:: count + 1] += weights[:count]
        upper = np.linalg.cholesky(innovation).T
        diagonal = upper.diagonal()

        def errors_of(
            gap: np.ndarray, upper: np.ndarray = upper, diagonal: np.ndarray = diagonal
        ) -> np.ndarray:
            return diagonal * solve(upper, gap, lower=0, trans=1)

        e, wanted = _settle(U @ taps, training[block], alphabet, errors_of)
        output[block], errors[block] = wanted - e, e
        B = solve_all(1, upper, projected, lower=0, trans_a=1)
        taps += B.conj().T @ (e / diagonal)
        inverse -= B.conj().T @ B
        inverse /= weights[count - 1]
        inverse += inverse.conj().T
        inverse /= 2


def cma(
    samples: np.ndarray,
    spacing: int,
    radius: float,
    taps: np.ndarray,
    step: float,
    output: np.ndarray,
    errors: np.ndarray,
) -> None:
    """All signals of a batch together, one symbol at a time: the error is cubic, no system to solve."""
    windows = _windows(samples, spacing, taps.shape[-1])
    for k in range(output.shape[-1]):
        u = windows[:, k]
        z = np.vecdot(taps.conj(), u)
        e = z * (radius - (z.real**2 + z.imag**2))
        output[:, k], errors[:, k] = z, e
        taps += (step * e)[:, None] * u.conj()
