"""The numbers of the pages, computed here by direct calls of the library, keyed as on the page."""

from __future__ import annotations

import math

import numpy as np
from claims_numpy import claims_numbers
from sections_numpy import SECTIONS, kept_numbers

from invdeconv import (
    Convolution,
    InvalidInputError,
    adjoint,
    compare,
    decompose,
    landweber,
    metrics,
    pseudo_inverse,
    psf,
    richardson_lucy,
    samples,
    tikhonov,
    truncated_svd,
    wiener,
)
from invdeconv import equalization as eq
from invdeconv.simulate import Observation, observe

CORNER = [[1.0, 0.0], [-1.0, -2.0]]
CASES = {
    "stride": (CORNER, np.ones((4, 4)), 2, "valid"),
    "ones": (np.ones((3, 3)), np.ones((4, 4)), 1, "valid"),
    "padded": (np.ones((3, 3)), np.ones((4, 4)), 2, ((0, 1), (0, 1))),
    "five": (CORNER, np.ones((5, 5)), 2, "valid"),
    "five_padded": (CORNER, np.ones((5, 5)), 2, ((0, 1), (0, 1))),
    "picture": (
        [[1, 4, 1], [1, 4, 3], [3, 3, 1]],
        np.array([[4.0, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]]),
        1,
        "valid",
    ),
}
METHODS = {
    "adjoint": adjoint,
    "pseudo_inverse": pseudo_inverse,
    "truncated_svd": lambda y, C: truncated_svd(y, C, rtol=1e-6),
    "wiener": lambda y, C: wiener(y, C, noise_to_signal=1e-6),
    "landweber": lambda y, C: landweber(y, C, n_iter=1000),
    "tikhonov": lambda y, C: tikhonov(y, C, regularizer="gradient", lam=0),
    "richardson_lucy": lambda y, C: richardson_lucy(y, C, max_iter=1, stop=None),
}


def tutorial_numbers():
    """Path → number, for everything on the tutorial page."""
    found = {}
    flatten(found, "settings", {"rtol": 1e-6, "noise_to_signal": 1e-6, "n_iter": 1000, "max_iter": 1})
    for name, case in CASES.items():
        flatten(found, f"cases.{name}", case_numbers(*case))
    C = Convolution(np.ones((3, 3)), (4, 4), padding="valid")
    flatten(found, "overlap", C.H(np.ones((2, 2))))
    flatten(found, "random", random_numbers())
    flatten(found, "photograph", {"sigma": 3, "noise_std": 0.005, "seed": 0})
    scene = samples.camera()[20:300, 110:390] / 255
    blurred = compare(observe(scene, psf.gaussian((25, 25), 3), noise_std=0.005, rng=0))
    found |= comparison_numbers(blurred, "photograph.")
    found |= clock_numbers()
    flatten(found, "channel", channel_numbers())
    ledger = claims_numbers()
    flatten(found, "claims", ledger)
    for name, compute in SECTIONS.items():
        flatten(found, name, compute())
    flatten(found, "verdicts", {"true": 20, "only_if": 10, "false": 5})
    flatten(found, "claim_count", len(ledger))
    return found


def layer_numbers(tried):
    """Path → number, for the page of one layer."""
    found = comparison_numbers(tried.comparison)
    numbers = kept_numbers(tried.operator.to_dense())
    flatten(found, "layer", numbers | {"floor": tried.errors["pseudo_inverse"]})
    return found


def flatten(found, path, value):
    """Enter the leaves of nested mappings and arrays under dotted paths."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list | tuple):
        pairs = enumerate(value)
    else:
        found[path] = value
        return
    for key, item in pairs:
        flatten(found, f"{path}.{key}", item)


def case_numbers(kernel, x, stride, padding):
    C = Convolution(kernel, x.shape, stride=stride, padding=padding, correlate=True)
    y, factored = C(x), decompose(C)
    estimates = {}
    for name, method in METHODS.items():
        try:
            estimates[name] = method(y, C).estimate
        except InvalidInputError:
            estimates[name] = None
    back = estimates["adjoint"]
    scale = float(np.sum(back * x) / np.sum(back * back))
    estimates["best_scaled_adjoint"] = scale * back
    errors = {name: e if e is None else metrics.relative_error(e, x) for name, e in estimates.items()}
    errors["best_scaled_adjoint"] = metrics.best_scaled_error(back, x)
    return {
        "x": x,
        "w": np.asarray(kernel, float),
        "y": y,
        "size": x.size,
        "rank": factored.rank(),
        "nullity": factored.nullity,
        "floor": float(np.linalg.norm(factored.project_null(x)) / np.linalg.norm(x)),
        "scale": scale,
        "inverse_scale": 1 / scale,
        "errors": errors,
        "estimates": estimates,
        "range": {name: e if e is None else [e.min(), e.max()] for name, e in estimates.items()},
    }


def random_numbers():
    C = Convolution(CORNER, (4, 4), stride=2, padding="valid", correlate=True)
    rng = np.random.default_rng(0)
    pictures = [rng.standard_normal((4, 4)) for _ in range(100)]

    def mean(method, error=metrics.relative_error):
        return float(np.mean([error(method(C(x), C), x) for x in pictures]))

    return {
        "images": 100,
        "seed": 0,
        "adjoint": mean(adjoint),
        "best_scaled_adjoint": mean(adjoint, metrics.best_scaled_error),
        "pseudo_inverse": mean(pseudo_inverse),
        "tikhonov": mean(METHODS["tikhonov"]),
    }


def clock_numbers():
    picture = samples.clock() / 255
    motion = psf.motion_from_cepstrum(picture)
    comparison = compare(Observation(picture, psf.motion((5, 39), motion.length, motion.angle)))
    found = comparison_numbers(comparison, "clock.", crop=(slice(80, 225), slice(120, 310)))
    whiteness = [entry.metrics["residual_whiteness"] for entry in comparison if entry.name != "data"]
    best = min(value for value in whiteness if value is not None)
    flatten(found, "clock", {"length": motion.length, "angle": motion.angle, "best_whiteness": best})
    return found


def channel_numbers():
    picture = np.round(samples.camera().reshape(64, 8, 64, 8).mean((1, 3))).astype(np.uint8)
    bits = eq.picture_to_bits(picture)
    line, n0 = eq.Channel.proakis_b(), eq.n0_from_ebn0_db(12)
    y = line.transmit(eq.bpsk_symbols(bits), n0=n0, rng=0, boundary="periodic")
    C = line.operator(bits.size)
    outputs = {
        "data": y,
        "adjoint": C.H(y),
        "pseudo_inverse": pseudo_inverse(y, C).estimate,
        "wiener": wiener(y, C, noise_to_signal=n0 / 2).estimate,
    }
    counts = {name: eq.bit_error_rate(eq.bpsk_bits(z), bits) for name, z in outputs.items()}
    return {
        "seed": 0,
        "ebn0_db": 12,
        "bits": bits.size,
        "taps": line.taps,
        "receivers": {name: {"count": c.count, "rate": c.rate} for name, c in counts.items()},
    }


def comparison_numbers(comparison, prefix="", crop=...):
    """Path → number, for a comparison: metrics, parameters, and what is shown of each array."""
    seen, found = comparison.observation, {}
    reference = np.asarray(seen.data if seen.truth is None else seen.truth)[crop]
    share = [0, 100] if reference.ndim == 1 else [0.1, 99.9]
    low, high = np.percentile(reference, share)
    if low == high:
        low, high = low - abs(low), high + abs(high)
    found[f"{prefix}shown.low"], found[f"{prefix}shown.high"] = low, high
    found[f"{prefix}observation.noise"] = seen.noise

    def enter(path, array):
        values = np.asarray(array)[crop]
        margin = 0.06 * (high - low) if values.ndim == 1 else 0
        outside = (values < low - margin) | (values > high + margin)
        shown = {"low": values.min(), "high": values.max(), "outside": float(np.mean(outside))}
        flatten(found, path, shown | ({"values": values} if max(values.shape) <= 8 else {}))

    enter(f"{prefix}observation.data", seen.data)
    if seen.truth is not None:
        enter(f"{prefix}observation.truth", seen.truth)
    for index, entry in enumerate(comparison):
        path = f"{prefix}entries.{index}"
        flatten(found, f"{path}.metrics", dict(entry.metrics) | {"seconds": entry.seconds})
        if entry.result is not None:
            flatten(found, f"{path}.parameters", dict(entry.result.parameters))
        if entry.estimate is not None:
            enter(f"{path}.shown", entry.estimate)
    for key, value in found.items():
        if isinstance(value, float) and math.isinf(value):
            found[key] = "inf" if value > 0 else "-inf"
    return found
