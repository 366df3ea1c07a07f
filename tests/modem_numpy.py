"""The numbers of the tutorial's modem again, in plain NumPy: dense matrices, dynamic programming, loops."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats
from twins._equalizers import least_mean_square, window_matrix

A = np.array([0.04, -0.05, 0.07, -0.21, -0.5, 0.72, 0.36, 0.0, 0.21, 0.03, 0.07])
B = np.array([0.407, 0.815, 0.407])
C = np.array([0.227, 0.460, 0.688, 0.460, 0.227])
EPR4 = np.array([1.0, 1.0, -1.0, -1.0])


def unit(h):
    return h / np.linalg.norm(h)


def modem():
    return {"gaps": gaps(), "null": null(), "eye": eye(), "rates": rates()}


# --- gaps -----------------------------------------------------------------------------------------------


def gaps():
    h, n, rows, n0 = unit(EPR4), 64, 200, 10**-1.2
    draw = np.random.default_rng(0)
    bits = draw.integers(0, 2, (rows, n))
    x = 1.0 - 2 * bits
    circulant = np.zeros((n, n))
    for j in range(n):
        for i in range(4):
            circulant[j, (j - i + 2) % n] += h[i]  # counted from the middle tap
    clean = x @ circulant.T
    noisy = clean + math.sqrt(n0 / 2) * draw.standard_normal(clean.shape)
    inverse = np.linalg.pinv(circulant)
    wiener = np.linalg.solve(circulant.T @ circulant + n0 / 2 * np.eye(n), circulant.T)
    found = {}
    for word, y in (("clean", clean), ("noisy", noisy)):
        back = y @ circulant
        known = x[:, -3:]
        words = most_likely(np.roll(y, 2, axis=1), h, known, known)
        estimates = {
            "adjoint": back,
            "scaled": back * np.vdot(back, x) / np.vdot(back, back),
            "pseudo_inverse": y @ inverse.T,
            "wiener": y @ wiener.T,
            "sequence": np.hstack([words, known]),
        }
        for name, estimate in estimates.items():
            row = found.setdefault(name, {})
            row[word] = float(np.linalg.norm(estimate - x) / np.linalg.norm(x))
            row["wrong"] = int(np.sum((estimate[:, :-3] < 0) != bits[:, :-3]))
    del found["wiener"]["clean"]  # there it is zero forcing
    return {
        "symbols": n,
        "blocks": rows,
        "ebn0_db": 12,
        "seed": 0,
        "known": 3,
        "nullity": n - int(np.linalg.matrix_rank(circulant)),
        "bits": rows * (n - 3),
        "receivers": found,
    }


def most_likely(y, h, before, after):
    """Words of ±1 between known symbols, one per row: dynamic programming, an axis for each past symbol."""
    rows, memory = len(y), len(h) - 1
    n = y.shape[1] - memory
    alphabet = np.tile([1.0, -1.0], (rows, 1))
    candidates = [*before.T[:, :, None], *[alphabet] * n, *after.T[:, :, None]]
    metric, choices = np.zeros((rows, *[1] * memory)), []
    for k in range(n + memory):
        clean = 0.0
        for i in range(memory + 1):
            shape = [rows] + [1] * (memory + 1)
            shape[memory + 1 - i] = -1
            clean = clean + h[i] * candidates[k + memory - i].reshape(shape)
        total = metric[..., None] + (y[:, k].reshape(rows, *[1] * (memory + 1)) - clean) ** 2
        choices.append(total.argmin(1))
        metric = total.min(1)
    state = [np.zeros(rows, int)] * memory
    word = []
    for choice in reversed(choices):
        oldest = choice[(np.arange(rows), *state)]
        state = [oldest, *state[:-1]]
        word.append(oldest)
    picked = word[::-1][memory:]
    return np.array([alphabet[np.arange(rows), index] for index in picked]).T


# --- null -----------------------------------------------------------------------------------------------


def null():
    h, n0 = unit(C), 0.01
    power = spectrum(h, np.arange(2**20) / 2**20)
    sinr = {
        "alone": 1 / n0,
        "feedback": math.exp(-np.mean(np.log(n0 / (power + n0)))) - 1,
        "wiener": 1 / np.mean(n0 / (power + n0)) - 1,
        "pseudo_inverse": 1 / np.mean(n0 / power),
    }
    cycles = np.arange(501) / 1000
    power = spectrum(h, cycles)
    return {
        "esn0_db": 20,
        "frequency": cycles[power.argmin()],
        "depth_db": 10 * math.log10(power.min()),
        "forcing_db": -10 * math.log10(power.min()),
        "mmse_db": 10 * math.log10(np.max(power / (power + n0) ** 2)),
        "sinr_db": {name: 10 * math.log10(value) for name, value in sinr.items()},
    }


def spectrum(h, cycles):
    return np.abs(sum(tap * np.exp(-2j * np.pi * k * cycles) for k, tap in enumerate(h))) ** 2


# --- eye ------------------------------------------------------------------------------------------------


def eye():
    h, s, n, n0 = unit(A), 8, 600, 0.01
    draw = np.random.default_rng(0)
    symbols = 1.0 - 2 * draw.integers(0, 2, n)
    pulse = np.array([root_raised_cosine(k / s, 0.5) for k in range(-64, 65)]) / math.sqrt(s)
    waveform = np.zeros((n - 1 + len(h) - 1 + 1) * s + s - 1 + len(pulse))
    for k, through in enumerate(np.convolve(symbols, h)):
        waveform[k * s : k * s + len(pulse)] += through * pulse
    waveform += math.sqrt(n0 / 2) * draw.standard_normal(waveform.size)
    seen = np.convolve(waveform, pulse)[128::s]  # at the symbol rate
    delay, w, cascade = linear(h, n0, 31)
    outputs = {
        "before": seen[5 : 5 + n] / h[5],
        "after": np.convolve(seen, w)[delay : delay + n] / cascade[delay],
    }
    found = {
        name: {"worst": (z * symbols).min(), "wrong": int(np.sum(z * symbols < 0))}
        for name, z in outputs.items()
    }
    return {"symbols": n, "ebn0_db": 20, "taps": 31, "rolloff": 0.5, "seed": 0, **found}


def root_raised_cosine(t, beta):
    if t == 0:
        return 1 - beta + 4 * beta / math.pi
    if abs(abs(t) - 1 / (4 * beta)) < 1e-12:
        angle = math.pi / (4 * beta)
        sine, cosine = (1 + 2 / math.pi) * math.sin(angle), (1 - 2 / math.pi) * math.cos(angle)
        return beta / math.sqrt(2) * (sine + cosine)
    top = math.sin(math.pi * (1 - beta) * t) + 4 * beta * t * math.cos(math.pi * (1 + beta) * t)
    return top / (math.pi * t * (1 - (4 * beta * t) ** 2))


# --- error rates ----------------------------------------------------------------------------------------


def linear(h, n0, taps):
    """The MMSE design of the first best delay: delay, taps, cascade."""
    H = window_matrix(h, 1, taps)
    designs = [least_mean_square(H, n0 / 2 * np.eye(taps), 1.0, d) for d in range(H.shape[1])]
    delay = earliest([error for error, *_ in designs])
    w = designs[delay][1].real
    return delay, w, np.convolve(h, w)


def earliest(errors):
    return int(np.argmax(np.array(errors) <= min(errors) * (1 + 1e-9)))


def rates():
    h, n0, count, rows = unit(B), 0.1, 32, 60
    delay, w, cascade = linear(h, n0, 31)
    H = window_matrix(h, 1, 31)
    inverse = np.linalg.pinv(H.T).real
    residual = H.T.real @ inverse - np.eye(33)
    forced = earliest(np.sum(residual**2, axis=0) + n0 / 2 * np.sum(inverse**2, axis=0))
    z = inverse[:, forced]
    H = window_matrix(h, 1, 16)
    designs = [
        least_mean_square(H, n0 / 2 * np.eye(16), 1.0, d, range(d + 1, min(d + 16, H.shape[1])))
        for d in range(H.shape[1])
    ]
    first = earliest([error for error, *_ in designs])
    forward = designs[first][1].real
    back = np.convolve(h, forward)
    feedback = back[first + 1 : first + 16].copy()
    back[first + 1 : first + 16] = 0

    def detectors(y):
        n = y.shape[1] - 2
        yield "linear", np.array([np.convolve(row, w)[delay : delay + n] for row in y]) < 0
        decided = np.zeros((len(y), n))
        ahead = np.array([np.convolve(row, forward)[first : first + n] for row in y])
        for k in range(n):
            past = sum(b * decided[:, k - i - 1] for i, b in enumerate(feedback) if k - i - 1 >= 0)
            decided[:, k] = np.where(ahead[:, k] - past < 0, -1, 1)
        yield "feedback", decided < 0
        silence = np.zeros((len(y), 2))
        yield "sequence", most_likely(y, h, silence, silence) < 0

    errors = {"linear": [], "feedback": [], "sequence": []}
    for child in np.random.SeedSequence(0).spawn(count):
        draw = np.random.default_rng(child)
        bits = draw.integers(0, 2, (rows, 200))
        clean = np.array([np.convolve(row, h) for row in 1.0 - 2 * bits])
        received = clean + math.sqrt(n0 / 2) * draw.standard_normal(clean.shape)
        for name, decided in detectors(received):
            errors[name].append(int(np.sum((decided != bits)[:, 40:-40])))
    size = rows * 120
    found = {
        "alone": {"theory": stats.norm.sf(math.sqrt(2 / n0))},
        "sequence": {"theory": union_bound(h, n0), **interval(errors["sequence"], size)},
        "feedback": {"theory": exact(back, first, forward, n0), **interval(errors["feedback"], size)},
        "linear": {"theory": exact(cascade, delay, w, n0), **interval(errors["linear"], size)},
        "forcing": {"theory": exact(np.convolve(h, z), forced, z, n0)},
    }
    settings = {"ebn0_db": 10, "taps": 31, "forward": 16, "feedback": 15, "blocks": count, "rows": rows}
    spread = found["feedback"]["rate"] / found["feedback"]["theory"]
    return settings | {"seed": 0, "bits": count * size, "detectors": found, "spread": spread}


def exact(cascade, cursor, w, n0):
    """1/2 − (1/π) ∫ sin(ct)/t exp(−σ²t²/2) Π cos(gⱼt) dt by a fine midpoint rule."""
    std = math.sqrt(n0 / 2) * np.linalg.norm(w)
    step = 0.002 / std
    t = (np.arange(6000) + 0.5) * step
    others = np.prod(np.cos(np.outer(np.delete(cascade, cursor), t)), axis=0)
    integrand = np.sin(cascade[cursor] * t) / t * np.exp(-((std * t) ** 2) / 2) * others
    return 0.5 - step * integrand.sum() / math.pi


def union_bound(h, n0):
    """Σ w 2^−w Q over all events: D dT/dD at D = 1/2 by a complex step, Craig's integral by midpoints."""
    signs = (0, 1, -1)
    states = [(a, b) for a in signs for b in signs][1:]
    half = 0.5 + 1e-30j
    angles = (np.arange(400) + 0.5) * math.pi / 800
    total = 0.0
    for theta in angles:
        inner, enter, leave = np.zeros((8, 8), complex), np.zeros(8, complex), np.zeros(8, complex)
        for e in (1, -1):
            enter[states.index((e, 0))] = half * math.exp(-((h[0] * e) ** 2) / n0 / math.sin(theta) ** 2)
        for i, (a, b) in enumerate(states):
            for e in signs:
                distance = (h[0] * e + h[1] * a + h[2] * b) ** 2
                gain = (half if e else 1) * math.exp(-distance / n0 / math.sin(theta) ** 2)
                if (e, a) == (0, 0):
                    leave[i] += gain
                else:
                    inner[i, states.index((e, a))] += gain
        total += (enter @ np.linalg.solve(np.eye(8) - inner, leave)).imag / 1e-30 * 0.5
    return total / 800


def interval(errors, size):
    """Batch means: a Poisson interval for as many independent errors as the blocks are worth."""
    count, rate = len(errors), sum(errors) / len(errors) / size
    variance = max(np.var(errors, ddof=1), size * rate * (1 - rate))
    shrink = (stats.norm.ppf(0.025) / stats.t.ppf(0.025, count - 1)) ** 2
    worth = shrink * count * (size * rate) ** 2 / variance
    low = stats.gamma.ppf(0.025, worth) / worth * rate
    return {"rate": rate, "low": low, "high": stats.gamma.ppf(0.975, worth + 1) / worth * rate}
