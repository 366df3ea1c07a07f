"""The Viterbi algorithm without a compiler: all blocks of a burst at once.

What goes into a block is guessed from a short run-up, all blocks are run, and every guess is compared
with what its neighbor ended on; wrong ones are run again from there. Rounds end: each settles one more
block at least, and after a run-up of several memories the first guess is nearly always right.
"""

from __future__ import annotations

import numpy as np

from invdeconv.equalization._trellis import Trellis

__all__ = ["trace", "viterbi"]

# Branch metrics of one step: beyond this they leave the cache.
_MOST_BRANCHES = 1 << 17


def _layout(trellis: Trellis, rows: int, n: int) -> tuple[int, int, int]:
    """Return the run-up, the number of blocks, and their length."""
    run_up = 24 + 8 * trellis.memory
    count = min(n // (4 * run_up), _MOST_BRANCHES // (trellis.points.size * rows))
    size = -(-n // max(count, 1))
    return run_up, -(-n // size), size


def viterbi(trellis: Trellis, samples: np.ndarray, metrics: np.ndarray) -> np.ndarray:
    """Advance `metrics`, (rows, states), over `samples`, (rows, n), in place; return the survivors."""
    rows, n = samples.shape
    run_up, count, size = _layout(trellis, rows, n)
    padded = np.zeros((rows, count * size), samples.dtype)
    padded[:, :n] = samples
    blocks = padded.reshape(rows, count, size).transpose(2, 1, 0)  # time, block, row
    survivors = np.empty((size, trellis.n_states, count, rows), trellis.index_type)
    begin = np.zeros((trellis.n_states, count, rows))
    begin[:, 0] = metrics.T
    if count > 1:
        begin[:, 1:] = _advance(trellis, blocks[-run_up:, :-1], begin[:, 1:])[0]
    end = np.empty_like(begin)
    last = n - (count - 1) * size
    wrong = np.arange(count)
    while wrong.size:
        end[:, wrong], survivors[:, :, wrong], early = _advance(
            trellis, blocks[:, wrong], begin[:, wrong], keep=last, kept_type=trellis.index_type
        )
        if wrong[-1] == count - 1:  # the last block runs on over padding
            end[:, -1] = early[:, -1]
        step = end[:, :-1] - begin[:, 1:]
        agree = np.ptp(step, axis=0) <= 1e-11 * (1 + np.max(np.abs(end[:, :-1]), axis=0))
        wrong = 1 + np.flatnonzero(~np.all(agree, axis=1))
        begin[:, wrong] = end[:, wrong - 1]
    # Metrics lack |y|², the same for all paths, and what was subtracted by every guess.
    shift = np.sum(step[0], axis=0) + np.sum(samples.real**2 + samples.imag**2, axis=1)
    metrics[:] = end[:, -1].T + shift[:, None]
    return survivors.transpose(3, 2, 0, 1).reshape(rows, count * size, -1)[:, :n]


def _advance(
    trellis: Trellis,
    samples: np.ndarray,
    metrics: np.ndarray,
    *,
    keep: int = 0,
    kept_type: np.dtype | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the metrics at the end, survivors if their type is given, and the metrics after `keep`."""
    M, Q, _ = trellis.points.shape
    n, *shape = samples.shape
    columns = int(np.prod(shape))
    c = trellis.points.reshape(-1, 1)
    # |y − c|² − |y|² = |c|² − 2 Re(c̄ y): one product of matrices for all branches and columns.
    weights = np.hstack([c.real**2 + c.imag**2, -2 * c.real, -2 * c.imag][: 3 if np.iscomplexobj(c) else 2])
    flat = samples.reshape(n, 1, columns)
    parts = [np.ones_like(flat.real), flat.real, flat.imag]
    features = np.concatenate(parts[: weights.shape[1]], axis=1)
    gamma = metrics.reshape(M * Q, columns)
    survivors = np.empty((n if kept_type else 0, Q, M, columns), kept_type or np.uint8)
    early = gamma
    for k in range(n):
        branch = (weights @ features[k]).reshape(M, Q, M, columns)
        branch += gamma.reshape(M, Q, 1, columns)
        best = branch[0]
        for j in range(1, M):
            if kept_type:
                better = branch[j] < best
                if j == 1:
                    survivors[k] = better
                else:
                    np.copyto(survivors[k], kept_type.type(j), where=better)
            np.minimum(best, branch[j], out=best)
        gamma = best.reshape(M * Q, columns)
        if k == keep - 1:
            early = gamma
    whole = (-1, *shape)
    return gamma.reshape(whole), survivors.reshape(-1, M * Q, *shape), early.reshape(whole)


def trace(trellis: Trellis, survivors: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return the symbols, (rows, n), that dropped out on the way to the final `states`."""
    rows, n, _ = survivors.shape
    run_up, count, size = _layout(trellis, rows, n)
    padded = np.zeros((rows, count * size, trellis.n_states), survivors.dtype)
    padded[:, count * size - n :] = survivors  # blocks end where the burst ends; symbols before it are cut
    blocks = padded.reshape(rows, count, size, -1)
    end = np.zeros((rows, count), np.intp)
    end[:, -1] = states
    if count > 1:
        end[:, :-1] = _follow(trellis, blocks[:, 1:, :run_up], end[:, :-1])[0]
    begin = np.empty_like(end)
    symbols = np.empty((rows, count, size), survivors.dtype)
    wrong = np.arange(count)
    while wrong.size:
        begin[:, wrong], symbols[:, wrong] = _follow(trellis, blocks[:, wrong], end[:, wrong])
        wrong = np.flatnonzero(np.any(end[:, :-1] != begin[:, 1:], axis=0))
        end[:, wrong] = begin[:, wrong + 1]
    return symbols.reshape(rows, count * size)[:, count * size - n :]


def _follow(trellis: Trellis, survivors: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first states and the symbols of paths, (…, n), to `states`."""
    symbols = np.empty(survivors.shape[:-1], survivors.dtype)
    for k in range(survivors.shape[-2] - 1, -1, -1):
        dropped = np.take_along_axis(survivors[..., k, :], states[..., None], -1)[..., 0]
        symbols[..., k] = dropped
        states = trellis.before(states, dropped)
    return states, symbols
