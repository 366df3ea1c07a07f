"""Do values come back? Errors of Cᵀ, of its best multiple, and of C⁺."""

from __future__ import annotations

import numpy as np

from invdeconv import equalization
from invdeconv.metrics import best_scaled_error, relative_error
from invdeconv.operators import Convolution, decompose
from invdeconv.report._cases import CASES
from invdeconv.restoration import adjoint, pseudo_inverse, wiener

__all__ = ["channel", "ones", "own", "padded", "picture", "restoring", "trained"]

_IMAGES = 100


def own() -> dict[str, float]:
    """Return the numbers of post 0's own example."""
    return _numbers(*_case("stride"))


def ones() -> dict[str, float]:
    """Return the numbers of post 1's example, which post 3 writes as a 4×16 matrix."""
    return _numbers(*_case("ones"))


def picture() -> dict[str, float]:
    """Return the numbers of a picture that is not constant."""
    return _numbers(*_case("picture"))


def padded() -> dict[str, float]:
    """Return the numbers of a layer that has an inverse: 3×3 ones, SAME, stride 1."""
    C = Convolution(np.ones((3, 3)), (4, 4), padding="same", correlate=True)
    D, x = _case("stride")
    y = D(x)
    inverse = np.asarray(pseudo_inverse(y, D))
    return _numbers(C, np.ones((4, 4))) | {"own": best_scaled_error(D.T(y), inverse)}


def restoring() -> dict[str, float]:
    """Return the error where Cᵀ does restore: four orthonormal Haar kernels at stride 2."""
    rows = np.array([[1.0, 1], [1, -1]]) / np.sqrt(2)
    bank = np.stack([np.outer(a, b)[None] for a in rows for b in rows])
    C = Convolution(bank, (1, 4, 4), stride=2, padding="valid", channels=True, correlate=True)
    x = np.random.default_rng(0).standard_normal((1, 4, 4))
    return {"best": own()["best"], "haar": relative_error(C.T(C(x)), x)}


def trained() -> dict[str, float]:
    """Return mean errors on random pictures: Cᵀ with C's kernel, and with the kernel that fits best."""
    C, _ = _case("stride")
    rng = np.random.default_rng(0)
    scenes = [rng.standard_normal((4, 4)) for _ in range(_IMAGES)]
    seen = [C(x) for x in scenes]
    units = np.eye(4).reshape(4, 2, 2)
    layers = [Convolution(u, (4, 4), stride=2, padding="valid", correlate=True) for u in units]
    A = np.stack([np.concatenate([D.T(y).ravel() for y in seen]) for D in layers], axis=1)
    kernel, *_ = np.linalg.lstsq(A, np.concatenate([x.ravel() for x in scenes]))
    fitted = Convolution(kernel.reshape(2, 2), (4, 4), stride=2, padding="valid", correlate=True)

    def mean(estimates: list[np.ndarray]) -> float:
        return float(np.mean([relative_error(e, x) for e, x in zip(estimates, scenes, strict=True)]))

    return {
        "own": mean([C.T(y) for y in seen]),
        "learned": mean([fitted.T(y) for y in seen]),
        "pinv": mean([np.asarray(pseudo_inverse(y, C)) for y in seen]),
    }


def channel() -> dict[str, float]:
    """Return bit error rates behind Proakis' channel B: undecided, after Cᵀ, after an inverse."""
    bits = np.random.default_rng(0).integers(0, 2, 2048).astype(np.uint8)
    line, n0 = equalization.Channel.proakis_b(), equalization.n0_from_ebn0_db(12)
    y = line.transmit(equalization.bpsk_symbols(bits), n0=n0, rng=0, boundary="periodic")
    C = line.operator(bits.size)
    found = {
        "data": y,
        "adjoint": np.asarray(adjoint(y, C)),
        "wiener": np.asarray(wiener(y, C, noise_to_signal=n0 / 2)),
    }
    return {
        name: equalization.bit_error_rate(equalization.bpsk_bits(z), bits).rate for name, z in found.items()
    }


def _case(name: str) -> tuple[Convolution, np.ndarray]:
    kernel, x, stride, padding = CASES[name]
    x = np.asarray(x, float)
    return Convolution(kernel, x.shape, stride=stride, padding=padding, correlate=True), x


def _numbers(C: Convolution, x: np.ndarray) -> dict[str, float]:
    y = C(x)
    back, factored = C.T(y), decompose(C)
    assert factored is not None  # all these are small
    return {
        "adjoint": relative_error(back, x),
        "best": best_scaled_error(back, x),
        "pinv": relative_error(np.asarray(pseudo_inverse(y, C)), x),
        "factor": float(np.vdot(back, back) / np.vdot(back, x)),
        "rank": factored.rank(),
        "nullity": factored.nullity,
        "size": x.size,
    }
