"""Equalizers from their definitions: covariance matrices, loops, enumeration of all patterns."""

from __future__ import annotations

import itertools
import math

import numpy as np


def window_matrix(h, s, taps):
    """Return H[j, i], how sample s·k − j hears symbol k − i."""
    symbols = (len(h) + taps - 2) // s + 1
    H = np.zeros((taps, symbols), complex)
    for j in range(taps):
        for i in range(symbols):
            if 0 <= s * i - j < len(h):
                H[j, i] = h[s * i - j]
    return H


def noise_matrix(rho, taps, power):
    """Return E n[−j] n*[−l] for noise of correlation ρ[m] = E n[k + m] n*[k]/power."""
    N = np.zeros((taps, taps), complex)
    for j in range(taps):
        for i in range(taps):
            lag = i - j
            if abs(lag) < len(rho):
                N[j, i] = power * (rho[lag] if lag >= 0 else np.conj(rho[-lag]))
    return N


def least_mean_square(H, N, es, delay, known=()):
    """Return (error, taps, weights) of the best linear estimate from samples and known symbols."""
    A = np.eye(H.shape[1])[list(known)]
    G = np.concatenate([H, A]) if len(known) else H
    R = es * G @ G.conj().T
    R[: H.shape[0], : H.shape[0]] += N
    cross = es * G[:, delay].conj()  # E u* a
    w = np.linalg.solve(R.conj(), cross)
    error = es - np.vdot(cross, w).real
    return error, w[: H.shape[0]], w[H.shape[0] :]


def forced(H, N, delay, free=()):
    """Return the taps of least noise with no interference but from the `free` symbols, by Lagrange."""
    kept = [i for i in range(H.shape[1]) if i not in free]
    K = H[:, kept]
    wanted = np.array([1.0 if i == delay else 0.0 for i in kept])
    m, n = K.shape
    system = np.block([[N.conj(), K.conj()], [K.T, np.zeros((n, n))]])
    return np.linalg.solve(system, np.concatenate([np.zeros(m), wanted]))[:m]


def decision_feedback_loop(received, w, b, delay, points, bias=1.0):
    """Return the outputs of a symbol-spaced decision-feedback equalizer, one symbol after the other."""
    n = len(received)
    outputs, decisions = [], []
    for m in range(n + delay):
        z = sum(w[j] * received[m - j] for j in range(len(w)) if 0 <= m - j < n)
        if m < delay:
            continue
        k = m - delay
        z = z - sum(b[i - 1] * decisions[k - i] for i in range(1, len(b) + 1) if k - i >= 0)
        outputs.append(z)
        decisions.append(min(points, key=lambda point: abs(z - bias * point)))
    return np.array(outputs)


def gaussian_tail(x):
    return math.erfc(x / math.sqrt(2)) / 2


def two_level_patterns(cursor, others, std):
    """Return P(c + Σ ±gⱼ + noise < 0), averaged over all signs."""
    signs = itertools.product((1, -1), repeat=len(others))
    return float(np.mean([gaussian_tail((cursor + np.dot(s, others)) / std) for s in signs]))


def least_event(h, length):
    """Return min ‖h * e‖² over e of up to `length` entries −1, 0, 1 beginning with 1, and its e."""
    best, event = math.inf, None
    for rest in itertools.product((0, 1, -1), repeat=length - 1):
        distance = np.sum(np.abs(np.convolve(h, (1, *rest))) ** 2)
        if distance < best - 1e-12:
            best, event = distance, (1, *rest)
    return best, event
