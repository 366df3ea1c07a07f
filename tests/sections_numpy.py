"""The numbers of the tutorial's sections again, in plain NumPy on dense matrices."""

from __future__ import annotations

import functools
import math
from itertools import product

import numpy as np
import scipy.ndimage
import scipy.signal
import scipy.sparse
import scipy.sparse.linalg
from claims_numpy import BOX, CORNER, error, matrix
from modem_numpy import modem
from scipy.fft import dctn, idctn

from invdeconv import (
    Convolution,
    adjoint,
    psf,
    richardson_lucy,
    samples,
    selection,
    tikhonov,
    total_variation,
    wiener,
)
from invdeconv import noise as noise_models
from invdeconv import twins as library_twins
from invdeconv.solvers import Flatness

ONE_AROUND = ((1, 1), (1, 1))
CAMERA = samples.camera() / 255


def best_factor(estimate, x):
    return float(np.vdot(estimate, x) / np.vdot(estimate, estimate))


# --- what a layer keeps ---------------------------------------------------------------------------------


def kept():
    layers = {
        "stride": matrix(CORNER, (4, 4), 2),
        "ones": matrix(BOX, (4, 4)),
        "same_four": matrix(BOX, (4, 4), 1, ONE_AROUND),
        "same_five": matrix(BOX, (5, 5), 1, ONE_AROUND),
    }
    return {name: kept_numbers(A) for name, A in layers.items()}


def kept_numbers(A):
    values = np.linalg.svd(A, compute_uv=False)
    rank = int(np.sum(values > 1e-10))
    return {
        "rank": rank,
        "size": A.shape[1],
        "nullity": A.shape[1] - rank,
        "largest": values[0],
        "smallest": values[rank - 1],
        "spread": values[0] / values[rank - 1],
        "seen": 0.0,
    }


# --- twins ----------------------------------------------------------------------------------------------


def twins():
    x = CAMERA[75:203, 195:323]
    n = len(x)
    weights = np.array([1, 3, 3, 1]) / 8
    A = np.zeros((n // 2, n))
    for i, j in product(range(n // 2), range(4)):  # centered: origin 4 // 2
        A[i, (2 * i + j - 2) % n] += weights[j]
    R = np.linalg.pinv(A) @ A
    C = Convolution(np.outer(weights, weights), x.shape, stride=2, boundary="periodic", correlate=True)
    twin = library_twins(C, x)
    assert np.abs(R @ (twin - x) @ R.T).max() < 1e-13  # what C sees of the difference
    assert x.min() - 0.02 < twin.min() < twin.max() < x.max() + 0.02
    # Tikhonov with periodic differences, from the normal equations.
    D = scipy.sparse.eye_array(n, format="csr")
    D = scipy.sparse.csr_array(np.roll(D.toarray(), 1, axis=1)) - D
    eye, C = scipy.sparse.eye_array(n), scipy.sparse.kron(A, A, format="csc")
    G = scipy.sparse.vstack([scipy.sparse.kron(D, eye), scipy.sparse.kron(eye, D)]).tocsc()
    normal = (C.T @ C + 1e-3 * (G.T @ G)).tocsr()
    restored, _ = scipy.sparse.linalg.cg(normal, C.T @ (A @ x @ A.T).ravel(), rtol=1e-9)
    return {
        "side": 128,
        "kernel": 4,
        "stride": 2,
        "limit": 0.5,
        "rank": n * n // 4,
        "size": n * n,
        "nullity": 3 * n * n // 4,
        "apart": error(twin, x),
        "largest": np.abs(twin - x).max(),
        "data": 0.0,
        "estimates": 0.0,
        "error": error(restored, x),
        "twin_error": error(restored, twin),
    }


# --- the map of inverses --------------------------------------------------------------------------------

KERNELS = {
    "ones": lambda k: [1] * k,
    "binomial": lambda k: [math.comb(k - 1, j) for j in range(k)],
}


def line_matrix(weights, n, boundary):
    """The n×n integer matrix of a convolution with origin k // 2."""
    k = len(weights)
    A = np.zeros((n, n), dtype=np.int64)
    for i, j in product(range(n), range(k)):
        at = i + k // 2 - j
        if boundary == "periodic":
            at %= n
        elif boundary == "symmetric":
            at %= 2 * n
            at = min(at, 2 * n - 1 - at)
        if 0 <= at < n:
            A[i, at] += weights[j]
    return A


@functools.cache
def condition_number(kernel, k, n, boundary):
    """Infinite where the matrix is singular: a determinant that two large primes divide is 0."""
    A = line_matrix(KERNELS[kernel](k), n, boundary)
    if all(_rank_modulo(A, prime) < n for prime in (2_147_483_647, 2_147_483_629)):
        return math.inf
    return float(np.linalg.cond(A))


def _rank_modulo(A, prime):
    A, rank = A % prime, 0
    for column in range(A.shape[1]):
        rows = np.flatnonzero(A[rank:, column])
        if rows.size == 0:
            continue
        A[[rank, rank + rows[0]]] = A[[rank + rows[0], rank]]
        A[rank] = A[rank] * pow(int(A[rank, column]), -1, prime) % prime
        A[rank + 1 :] = (A[rank + 1 :] - A[rank + 1 :, column, None] * A[rank] % prime) % prime
        rank += 1
    return rank


def invertible():
    counts, worst = {}, {}
    for kernel, boundary in product(KERNELS, ("zero", "periodic", "symmetric")):
        found = [condition_number(kernel, k, n, boundary) for k in range(2, 10) for n in range(2, 25)]
        counts.setdefault(kernel, {})[boundary] = found.count(math.inf)
        worst.setdefault(kernel, {})[boundary] = max(c for c in found if c < math.inf)
    return {
        "cells": 184,
        "singular": counts,
        "worst": worst,
        "edges": [10.0, 100.0, 1e4],
        "lengths": [2, 24],
        "widths": [2, 9],
        "line": np.linalg.cond(line_matrix([1, 1, 1], 4, "zero")),
        "square": np.linalg.cond(matrix(BOX, (4, 4), 1, ONE_AROUND)),
        "rank": int(np.linalg.matrix_rank(matrix(BOX, (5, 5), 1, ONE_AROUND))),
        "size": 25,
    }


# --- noise ----------------------------------------------------------------------------------------------


def noise():
    return {"picard": picard(), "gain": gain()}


def picard():
    x = CAMERA[160, 200:296]
    A = line_matrix_of(psf.gaussian(13, 1.5), x.size)
    U, values, Vt = np.linalg.svd(A)
    clean = A @ x
    noisy = clean + 0.01 * np.random.default_rng(0).standard_normal(x.size)
    kept = int(np.flatnonzero(np.abs(U.T @ clean) > 0.01)[-1]) + 1
    return {
        "samples": 96,
        "sigma": 1.5,
        "noise_std": 0.01,
        "seed": 0,
        "kept": kept,
        "smallest": values[-1],
        "clean_error": 0.0,
        "noisy_error": error(np.linalg.solve(A, noisy), x),
        "truncated_error": error(Vt[:kept].T @ ((U.T @ noisy)[:kept] / values[:kept]), x),
        "floor": np.median(np.abs(U.T @ noisy)[kept:]),
    }


def line_matrix_of(weights, n):
    """The symmetric boundary for real weights of odd length."""
    A = np.zeros((n, n))
    for i, j in product(range(n), range(len(weights))):
        at = (i + len(weights) // 2 - j) % (2 * n)
        A[i, min(at, 2 * n - 1 - at)] += weights[j]
    return A


def gain():
    draws = np.random.default_rng(0).standard_normal((100, 128))
    rows = []
    for tenth in range(3, 16):
        A = line_matrix_of(psf.gaussian(13, tenth / 10), 128)
        inverse = np.linalg.inv(A)
        rows.append(
            {
                "width": tenth / 10,
                "measured": np.linalg.norm(draws @ inverse.T) / np.linalg.norm(draws),
                "closed": np.sqrt(np.trace(inverse @ inverse.T) / 128),
                "worst": np.linalg.norm(inverse, 2),
            }
        )
    deviation = max(abs(row["measured"] / row["closed"] - 1) for row in rows)
    return {"samples": 128, "draws": 100, "seed": 0, "rows": rows, "deviation": deviation}


# --- iterations -----------------------------------------------------------------------------------------


def iterations():
    x = CAMERA[110:206, 200:296]
    values, Q = np.linalg.eigh(line_matrix_of(np.full(5, 0.2), 96))
    c = np.outer(values, values)
    truth = Q.T @ x @ Q
    draw = Q.T @ np.random.default_rng(0).standard_normal(x.shape) @ Q
    data = {"clean": c * truth, "noisy": c * truth + 0.01 * draw}

    def distance(name, k):
        share = 1.0 if k is None else 1 - (1 - c**2) ** k  # τ = 1: the largest singular value is 1
        return float(np.linalg.norm(share * data[name] / c - truth))

    frames = []
    for k in (1, 3, 10, 30, 100, 300, 1000, 10**4, 10**5, 10**6, None):
        frame = {"k": "inf" if k is None else k}
        for name in data:
            d = distance(name, k)
            # Without noise C⁺ leaves rounding alone.
            frame[name] = {"error": d / np.linalg.norm(x), "psnr": 20 * np.log10(96 / d)}
        frames.append(frame)
    trials = np.unique(np.round(np.logspace(0, 6, 49)).astype(int))
    best = min(trials, key=lambda k: distance("noisy", k))
    return {
        "side": 96,
        "box": 5,
        "noise_std": 0.01,
        "seed": 0,
        "frames": frames,
        "last": 10,
        "best": {"k": int(best), "error": distance("noisy", best) / np.linalg.norm(x)},
        "first_is_adjoint": 0.0,
    }


# --- the choice of λ ------------------------------------------------------------------------------------


def choice():
    x = CAMERA[75:203, 195:323]
    n = len(x)
    weights = psf.gaussian((17, 17), 2.0)
    A = line_matrix_of(weights.sum(0), n)
    data = A @ x @ A.T + 0.01 * np.random.default_rng(0).standard_normal(x.shape)
    # The cosines diagonalize the blur and the differences.
    c = np.diag(dctn(A.T, axes=0, norm="ortho") @ dctn(np.eye(n), axes=0, norm="ortho").T)
    c, s = np.outer(c, c), 4 * np.sin(np.pi * np.arange(n) / (2 * n)) ** 2
    s = s[:, None] + s

    def reached(lam):
        return error(idctn(c / (c**2 + lam * s) * dctn(data, norm="ortho"), norm="ortho"), x)

    trials = np.logspace(-6, 4, 81)
    errors = [reached(lam) for lam in trials]
    oracle = {"lam": trials[int(np.argmin(errors))], "error": min(errors)}
    C = Convolution.from_psf(weights, x.shape)
    rules = {}
    for name in selection.RULES:
        found = getattr(selection, name)(data, C)
        loss = 20 * np.log10(reached(found.value) / oracle["error"])
        rules[name] = {
            "lam": found.value,
            "error": reached(found.value),
            "loss": loss,
            "status": found.status.name,
        }
    return {"side": 128, "sigma": 2.0, "noise_std": 0.01, "seed": 0, "oracle": oracle, "rules": rules}


# --- when the transpose is the inverse ------------------------------------------------------------------


def orthogonal():
    x = CAMERA[120:184, 190:254]
    rng = np.random.default_rng(0)
    rng.standard_normal((64, 64))  # the phases
    root = np.sqrt(3)
    low = np.array([1 + root, 3 + root, 3 - root, 1 - root]) / np.sqrt(32)
    banks = {
        "haar": (np.array([[1, 1], [1, -1]]) / np.sqrt(2), 2),
        "daubechies": (np.array([low, [low[3], -low[2], low[1], -low[0]]]), 2),
        "frame": (np.array([[1, 1], [1, -1]]) / np.sqrt(2), 1),
    }
    rows = {"shift": there_and_back(x, x), "phase": there_and_back(x, x)}
    for name, (filters, stride) in banks.items():
        rows[name] = back_through(x, [np.outer(a, b) for a in filters for b in filters], stride)
    rows["random"] = back_through(x, rng.standard_normal((4, 3, 3)) / 3, 2)
    rows["blur"] = back_through(x, [np.outer([1, 2, 1], [1, 2, 1]) / 16], 1)
    return {"rows": rows}


def back_through(x, kernels, stride):
    """Every kernel there and back: each tap is a roll of the periodic picture."""
    back = np.zeros_like(x)
    for kernel in kernels:
        taps = [(i, j, w) for (i, j), w in np.ndenumerate(kernel)]
        shifts = [(i - kernel.shape[0] // 2, j - kernel.shape[1] // 2, w) for i, j, w in taps]
        y = sum(w * np.roll(x, (-i, -j), (0, 1)) for i, j, w in shifts)
        seen = np.zeros_like(y)
        seen[::stride, ::stride] = y[::stride, ::stride]
        back += sum(w * np.roll(seen, (i, j), (0, 1)) for i, j, w in shifts)
    return there_and_back(back, x)


def there_and_back(back, x):
    factor = best_factor(back, x)
    return {"distance": error(back, x), "factor": factor, "scaled": error(factor * back, x)}


# --- a trained layer ------------------------------------------------------------------------------------


def learned():
    blur = psf.gaussian((13, 13), 1.5)
    pairs = []
    for seed, picture in enumerate(samples.photographs().values()):
        pairs.append(blurred_inside(picture, blur, 0.005, seed))
    x, data = pairs.pop(1)  # the camera
    trained, best = least_squares(pairs), least_squares([(x, data)])
    restored = {
        "data": data,
        "adjoint": adjoint(data, blur).estimate,
        "learned": mirrored(data, trained),
        "wiener": wiener(data, blur).estimate,
        "best": mirrored(data, best),
    }
    inner = (slice(9, -9),) * 2
    peaks = {"adjoint": blur.max(), "learned": np.abs(trained).max(), "best": np.abs(best).max()}
    return {
        "kernel_size": 9,
        "sigma": 1.5,
        "noise_std": 0.005,
        "photographs": 5,
        "psnr": {k: -10 * np.log10(np.mean((v - x)[inner] ** 2)) for k, v in restored.items()},
        "distance": error(trained, best),
        "peaks": peaks,
    }


def least_squares(pairs):
    """The 9×9 kernel w of least Σ‖w * y − x‖², from its normal equations."""
    gram, right = np.zeros((81, 81)), np.zeros(81)
    for x, y in pairs:
        windows = np.lib.stride_tricks.sliding_window_view(y, (9, 9))[..., ::-1, ::-1]
        patches = windows.reshape(-1, 81)
        gram += patches.T @ patches
        right += patches.T @ x[4:-4, 4:-4].ravel()
    return np.linalg.solve(gram, right).reshape(9, 9)


def mirrored(y, kernel):
    return scipy.ndimage.convolve(y, kernel, mode="reflect")  # SciPy's word for half-sample symmetry


# --- the gallery ----------------------------------------------------------------------------------------


def gallery():
    return {"portrait": portrait(), "intestine": intestine(), "clock": clock(), "missing": missing()}


def portrait():
    scene = samples.astronaut()[0:190, 130:320] / 255
    blur = psf.motion((11, 15), 14, 30)
    colors = [blurred_inside(scene[..., i], blur, 0.01, i) for i in range(3)]
    x, data = (np.stack(parts, axis=-1) for parts in zip(*colors, strict=True))
    methods = {
        "adjoint": adjoint,
        "wiener": wiener,
        "richardson_lucy": richardson_lucy,
        "total_variation": total_variation,
    }
    results = {name: [method(y, blur) for _, y in colors] for name, method in methods.items()}
    rows = {"data": gains(data, x, data)}
    for name, found in results.items():
        rows[name] = gains(np.stack([r.estimate for r in found], axis=-1), x, data)
    chosen = {
        "wiener": ("noise_std", "noise_std"),
        "richardson_lucy": ("steps", "plain_equivalent"),
        "total_variation": ("lam", "lam"),
    }
    for name, (shown, parameter) in chosen.items():
        rows[name][shown] = results[name][1].parameters[parameter]
    return {"length": 14, "angle": 30, "noise_std": 0.01, "pictures": rows}


def intestine():
    blur = psf.gaussian((15, 15), 2)
    found = richardson_lucy(samples.celegans().astype(float), blur, stop=Flatness(0.01))
    steps = {"steps": found.parameters["plain_equivalent"]}
    return {"sigma": 2, "flat": 0.01, "pictures": {"data": {}, "adjoint": {}, "richardson_lucy": steps}}


def clock():
    photograph = samples.clock() / 255
    motion = psf.motion_from_cepstrum(photograph)
    blur = psf.motion((5, 39), motion.length, motion.angle)
    lam = {"lam": total_variation(photograph[60:240, 80:330], blur).parameters["lam"]}
    pictures = {"data": {}, "adjoint": {}, "total_variation": lam, "smoother": {"lam": 1e-3}}
    return {"lam": 1e-3, "length": motion.length, "angle": motion.angle, "pictures": pictures}


def missing():
    blur = psf.gaussian((13, 13), 1.6)
    x, y = blurred_inside(CAMERA[85:225, 205:345], blur, 0.01, 0)
    there = np.random.default_rng(1).random(x.shape) >= 0.1
    data = y * there
    model = noise_models.Gaussian(std=np.where(there, 0.01, np.inf))
    # A blur even along each axis, mirrored at the edges, is its own adjoint.
    back = mirrored(data, blur)
    smooth, flat = tikhonov(data, blur, noise=model), total_variation(data, blur, noise=model)
    estimates = {
        "data": data,
        "adjoint": back,
        "normalized": back / mirrored(there.astype(float), blur),
        "tikhonov": smooth.estimate,
        "total_variation": flat.estimate,
    }
    rows = {name: gains(estimate, x, data) for name, estimate in estimates.items()}
    rows["tikhonov"]["lam"] = smooth.parameters["lam"]
    rows["total_variation"]["lam"] = flat.parameters["lam"]
    return {"sigma": 1.6, "noise_std": 0.01, "share": 0.1, "seed": 0, "seed_gone": 1, "pictures": rows}


def blurred_inside(picture, blur, std, seed):
    """The part of a picture whose blur the picture holds, and that blur with noise."""
    data = scipy.signal.fftconvolve(picture, blur, mode="valid")
    inside = tuple(slice(k // 2, k // 2 + n) for k, n in zip(blur.shape, data.shape, strict=True))
    return picture[inside], data + std * np.random.default_rng(seed).standard_normal(data.shape)


def gains(estimate, x, data):
    off, before = np.mean((estimate - x) ** 2), np.mean((data - x) ** 2)
    return {"psnr": -10 * np.log10(off), "isnr": 10 * np.log10(before / off)}


SECTIONS = {
    "kept": kept,
    "twins": twins,
    "invertible": invertible,
    "noise": noise,
    "iterations": iterations,
    "choice": choice,
    "orthogonal": orthogonal,
    "learned": learned,
    "gallery": gallery,
    "modem": modem,
}
