"""Adaptive filters and sequence detection from their definitions: one symbol and one word at a time."""

from __future__ import annotations

import itertools

import numpy as np


def window(received, k, length, spacing):
    """Return r[s·k], r[s·k − 1], …, silence before the first sample."""
    return np.array([received[spacing * k - i] if spacing * k >= i else 0 for i in range(length)])


def adaptive_loop(received, n, length, spacing, delay, training, alphabet, update):
    """Run w ← update(w, u, e) and return outputs, errors and taps."""
    w = np.zeros(length, complex)
    outputs, errors = [], []
    for k in range(n):
        u = window(received, k, length, spacing)
        z = w @ u
        if k < delay:
            e = 0
        elif k - delay < len(training):
            e = training[k - delay] - z
        elif alphabet is not None:
            e = min(alphabet, key=lambda point: abs(point - z)) - z
        else:
            e = 0
        outputs.append(z)
        errors.append(e)
        if k >= delay and (k - delay < len(training) or alphabet is not None):
            w = update(w, u, e)
    return np.array(outputs), np.array(errors), w


def ridge(windows, desired, forgetting, weight, start):
    """Minimize Σ λⁿ⁻ᵏ |dₖ − wᵀuₖ|² + δ λⁿ ‖w − w₀‖² by one stacked least-squares problem."""
    n, length = windows.shape
    scale = np.sqrt(forgetting ** np.arange(n - 1, -1, -1.0))
    last = np.sqrt(weight * forgetting**n)
    A = np.vstack([scale[:, None] * windows, last * np.eye(length)])
    b = np.concatenate([scale * desired, last * start])
    return np.linalg.lstsq(A, b, rcond=None)[0]


def most_likely_word(received, taps, alphabet, before=None, after=None):
    """Try every word, and every past if it is unknown; return the smallest distance and its word."""
    memory = len(taps) - 1
    n = len(received) - (0 if after is None else memory)
    pasts = [before] if before is not None else list(itertools.product(alphabet, repeat=memory))
    tail = [] if after is None else after
    best = (np.inf, None)
    for word in itertools.product(alphabet, repeat=n):
        for past in pasts:
            sent = np.concatenate([past, word, tail])
            clean = [
                sum(tap * sent[memory + k - i] for i, tap in enumerate(taps)) for k in range(len(received))
            ]
            best = min(best, (np.sum(np.abs(received - clean) ** 2), word), key=lambda pair: pair[0])
    return best[0], np.array(best[1])
