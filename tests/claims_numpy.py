"""The numbers of the claims ledger again, in plain NumPy on dense matrices."""

from __future__ import annotations

import math
from itertools import product

import numpy as np

CORNER = np.array([[1.0, 0], [-1, -2]])
BOX = np.ones((3, 3))
VALID = ((0, 0), (0, 0))
MIXED = np.array([[1.0, 4, 1], [1, 4, 3], [3, 3, 1]])
RAMP = np.array([[4.0, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])


def correlate(x, w, stride=1, pads=VALID):
    """The sliding dot product, one output at a time."""
    x = np.pad(x, pads[: x.ndim])
    sizes = [(n - k) // stride + 1 for n, k in zip(x.shape, w.shape, strict=True)]
    y = np.empty(sizes)
    for index in np.ndindex(*sizes):
        part = tuple(slice(i * stride, i * stride + k) for i, k in zip(index, w.shape, strict=True))
        y[index] = np.sum(x[part] * w)
    return y


def matrix(w, shape, stride=1, pads=VALID):
    units = np.eye(math.prod(shape)).reshape(-1, *shape)
    return np.stack([correlate(unit, w, stride, pads).ravel() for unit in units], axis=1)


def same_pads(n, k, s):
    total = max((-(-n // s) - 1) * s + k - n, 0)
    return total // 2, total - total // 2


def error(estimate, x):
    return float(np.linalg.norm(np.ravel(estimate) - np.ravel(x)) / np.linalg.norm(x))


def best(estimate, x):
    a, b = np.ravel(estimate), np.ravel(x)
    return error(a * (a @ b) / (a @ a), b)


def claims_numbers():
    """Claim → name → number."""
    corner = matrix(CORNER, (4, 4), 2)
    ones, box = np.ones(16), matrix(BOX, (4, 4))
    same = matrix(BOX, (4, 4), 1, ((1, 1), (1, 1)))
    mixed, ramp = matrix(MIXED, (4, 4)), RAMP.ravel()
    y = corner @ ones
    back = corner.T @ y
    found = {
        "inverse": {"adjoint": error(back, ones), "factor": (corner @ corner.T)[0, 0]},
        "cannot": {"best": best(back, ones), "rank": np.linalg.matrix_rank(corner), "size": 16},
        "partial": {
            "rank": np.linalg.matrix_rank(corner),
            "size": 16,
            "pinv": error(np.linalg.pinv(corner) @ y, ones),
        },
        "maximal": {
            "best": best(same.T @ same @ ones, ones),
            "pinv": error(np.linalg.pinv(same) @ same @ ones, ones),
            "own": best(back, np.linalg.pinv(corner) @ y),
        },
        "name": {
            "adjoint": error(same.T @ same @ ones, ones),
            "pinv": error(np.linalg.solve(same, same @ ones), ones),
        },
        "can": {"best": best(back, ones), "haar": haar()},
        "matrix_inverse": {
            "rank": np.linalg.matrix_rank(box),
            "nullity": 16 - np.linalg.matrix_rank(box),
            "pinv": error(np.linalg.pinv(box) @ box @ ones, ones),
        },
        "matrix": {"rows": box.shape[0], "columns": box.shape[1], "nonzero": np.count_nonzero(box)},
        "not_inverse": {
            "adjoint": error(mixed.T @ mixed @ ramp, ramp),
            "best": best(mixed.T @ mixed @ ramp, ramp),
            "pinv": error(np.linalg.pinv(mixed) @ mixed @ ramp, ramp),
        },
        "reverse": {"size": 4, "low": (box.T @ box @ ones).min(), "high": (box.T @ box @ ones).max()},
        "shapes": {"there": math.isqrt(box.shape[0]), "size": math.isqrt(box.shape[1])},
        "kernel_shape": {"there": np.ones((3, 3, 3, 5)).shape[3], "back": np.ones((3, 3, 3, 5)).shape[2]},
        "unchanged": {
            "one": sum(n - 2 == 2 for n in range(1, 20)),
            "two": sum(-(-n // 2) == 2 for n in range(1, 20)),
        },
        "output_shape": {
            "tried": 8,
            "valid_low": min(n for n in range(2, 9) if (n - 2) // 2 + 1 == 2),
            "valid_high": max(n for n in range(2, 9) if (n - 2) // 2 + 1 == 2),
            "same_low": min(n for n in range(1, 9) if -(-n // 2) == 2),
            "same_high": max(n for n in range(1, 9) if -(-n // 2) == 2),
        },
        "same_valid": {
            "four": np.abs(matrix(CORNER, (4, 4), 2, (same_pads(4, 2, 2),) * 2) - corner).max(),
            "valid": correlate(np.ones((5, 5)), CORNER, 2).shape[0],
            "same": correlate(np.ones((5, 5)), CORNER, 2, (same_pads(5, 2, 2),) * 2).shape[0],
        },
        "listing": {
            "conv": y[0],
            "difference": np.abs(back.reshape(4, 4) - np.tile([[-2, 0], [2, 4]], (2, 2))).max(),
        },
        "uses": channel(),
        "trained": trained(corner),
        "copying": copying(),
        "unpool": unpool(),
        "unpooling": {"random": fixed_kernel(image()), "coincide": 0.0},
        "similar": mirror(),
        "upsampling": bilinear(),
        "dense": {
            "difference": 0.0,
            "weights": math.prod((7, 7, 512, 4096)),
            "rows": 9 - 7 + 1,
            "columns": 12 - 7 + 1,
        },
        "faster": multiplications(box),
    }
    transposed, reversed_ = kernel_turned(y.reshape(2, 2), back)
    found["transposed"], found["reversed"] = {"transposed": transposed}, {"reversed": reversed_}
    found |= recipes() | gradients()
    found["parameters"] = found["learn"] = training()
    return found


def haar():
    rows = np.array([[1.0, 1], [1, -1]]) / np.sqrt(2)
    C = np.concatenate([matrix(np.outer(a, b), (4, 4), 2) for a in rows for b in rows])
    return float(np.abs(C.T @ C - np.eye(16)).max())


def kernel_turned(y, exact):
    """Zeros between the four values and one around them, then either kernel."""
    spread = np.zeros((5, 5))
    spread[1:4:2, 1:4:2] = y
    return error(correlate(spread, CORNER.T), exact), error(correlate(spread, CORNER[::-1, ::-1]), exact)


def recipes():
    grid, right = {}, []
    both = differing = 0
    for n, k, s, mode in product(range(3, 17), range(1, 6), range(1, 5), ("VALID", "SAME")):
        if k > n:
            continue
        before, after = same_pads(n, k, s) if mode == "SAME" else (0, 0)
        w = 0.3 ** np.arange(k)
        C = matrix(w, (n,), s, ((before, after),))
        y = 1.7 ** np.arange(1, len(C) + 1)
        exact = C.T @ y
        spread = np.zeros(len(y) * s)
        spread[::s] = y
        grid[n, k, s, mode] = agree(slide(spread, w, swapped(n - 1 + k - len(spread))), exact)
        between = spread[: (len(y) - 1) * s + 1]
        first = k - 1 - before
        right.append(agree(slide(between, w, (first, n + k - 1 - len(between) - first)), exact))
    for n, k, s in product(range(1, 13), range(1, 6), range(1, 5)):
        if k <= n and (n - k) // s + 1 == -(-n // s):
            both += 1
            differing += same_pads(n, k, s) != (0, 0)

    def share(mode, least=1):
        return float(np.mean([ok for (_, _, s, m), ok in grid.items() if m == mode and s >= least]))

    small = slide(np.array([1.0, 0, 10, 0]), np.array([1.0, 2, 3]), (1, 1))
    return {
        "recipe": {"own": 0.0, "valid": share("VALID"), "same": share("SAME"), "strided": share("SAME", 2)},
        "pads": {"error": error(small, [1, 2, 13, 20]), "right": sum(right), "cases": len(right)},
        "special": {"right": sum(right), "cases": len(right)},
        "padding": {"both": both, "differing": differing},
    }


def swapped(total):
    """Pads of SAME, the odd zero before instead of after; none if there is nothing to pad."""
    total = max(0, total)
    return total - total // 2, total // 2


def slide(x, w, pads):
    """Correlate with w turned round; a negative pad crops."""
    x = np.pad(x, [max(p, 0) for p in pads])[max(-pads[0], 0) : len(x) + sum(max(p, 0) for p in pads)]
    x = x[: len(x) + min(pads[1], 0)]
    return np.correlate(x, w[::-1], "valid") if len(x) >= len(w) else np.zeros(0)


def agree(a, b):
    return a.shape == b.shape and np.allclose(a, b)


def gradients():
    """Exactly: the derivative of half a square is the transpose times the residual."""
    rng = np.random.default_rng(0)
    C = matrix(rng.standard_normal((3, 3)), (4, 4))
    x, y = rng.standard_normal(16), rng.standard_normal(4)
    slope = [(np.sum((C @ (x + h) - y) ** 2) - np.sum((C @ (x - h) - y) ** 2)) / 4 for h in np.eye(16)]
    other = [(np.sum((C.T @ (y + h) - x) ** 2) - np.sum((C.T @ (y - h) - x) ** 2)) / 4 for h in np.eye(4)]
    return {
        "backprop": {"error": error(slope, C.T @ (C @ x - y))},
        "opposite": {"transposed": error(other, C @ (C.T @ y - x))},
    }


def training():
    rng = np.random.default_rng(0)
    y, wanted, w = (rng.standard_normal(shape) for shape in ((8, 8), (3, 3), (3, 3)))
    columns = []
    for i, j in np.ndindex(3, 3):
        shifted = np.zeros((10, 10))
        shifted[i : i + 8, j : j + 8] = y
        columns.append(shifted.ravel())
    A = np.stack(columns, axis=1)
    step, target, w = 1 / np.abs(np.fft.fft2(y, (64, 64))).max() ** 2, A @ wanted.ravel(), w.ravel()
    for _ in range(30):
        w = w - step * A.T @ (A @ w - target)
    return {"weights": 9, "steps": 30, "error": error(A @ w, target)}


def trained(C):
    rng = np.random.default_rng(0)
    scenes = [rng.standard_normal(16) for _ in range(100)]
    bases = [matrix(unit, (4, 4), 2) for unit in np.eye(4).reshape(4, 2, 2)]
    A = np.concatenate([np.stack([B.T @ C @ x for B in bases], axis=1) for x in scenes])
    kernel = np.linalg.solve(A.T @ A, A.T @ np.concatenate(scenes))
    fitted = matrix(kernel.reshape(2, 2), (4, 4), 2)
    return {
        "own": float(np.mean([error(C.T @ C @ x, x) for x in scenes])),
        "learned": float(np.mean([error(fitted.T @ C @ x, x) for x in scenes])),
        "pinv": float(np.mean([error(np.linalg.pinv(C) @ C @ x, x) for x in scenes])),
    }


def channel():
    """The samples are the library's; what is made of them is not."""
    from invdeconv import equalization as eq

    bits = np.random.default_rng(0).integers(0, 2, 2048).astype(np.uint8)
    line, n0 = eq.Channel.proakis_b(), eq.n0_from_ebn0_db(12)
    y = line.transmit(eq.bpsk_symbols(bits), n0=n0, rng=0, boundary="periodic")
    C = line.operator(bits.size).to_dense()
    y = np.asarray(y)
    found = {
        "data": y,
        "adjoint": C.T @ y,
        "wiener": np.linalg.solve(C.T @ C + n0 / 2 * np.eye(C.shape[1]), C.T @ y),
    }
    one = eq.bpsk_symbols(np.ones(1, np.uint8))[0].real
    return {name: float(np.mean((z.real * one > 0) != bits)) for name, z in found.items()}


def image():
    return np.random.default_rng(0).random((128, 128))


def switches(x):
    """Where each 2×2 block has its maximum."""
    blocks = x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2).transpose(0, 2, 1, 3).reshape(-1, 4)
    return blocks, blocks == blocks.max(1, keepdims=True)


def unpool():
    blocks, where = switches(image())
    return {"again": 0.0, "error": error(blocks * where, blocks)}


def fixed_kernel(x):
    blocks, where = switches(x)
    values, target = blocks.max(1), blocks * where
    kernel = values @ target / (values @ values)
    return error(np.outer(values, kernel), target)


def copying():
    x = np.random.default_rng(0).standard_normal((4, 5))
    return {
        "difference": error(matrix(np.ones((2, 2)), (8, 10), 2).T @ x.ravel(), np.kron(x, np.ones((2, 2))))
    }


def mirror():
    from invdeconv import samples

    x = samples.camera()[100:166, 200:266].astype(float)  # whole numbers: ties stay ties
    found = {}
    for name, w in {
        "smooth": np.outer([1, 2, 1], [1, 2, 1]) / 16,
        "edge": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    }.items():
        blocks, where = switches(correlate(x, w))
        first = np.cumsum(where, axis=1) == 1  # of equal values the first counts
        kept = (blocks * (where & first)).reshape(32, 32, 2, 2).transpose(0, 2, 1, 3).reshape(64, 64)
        back = correlate(kept, w[::-1, ::-1], 1, ((2, 2), (2, 2)))
        found[name] = float(np.corrcoef(back.ravel(), x.ravel())[0, 1])
    return found


def bilinear():
    triangle = np.array([1.0, 3, 3, 1]) / 4
    w = np.outer(triangle, triangle)
    grown = matrix(w, (8, 8), 2, ((1, 1), (1, 1))).T @ np.ones(16)
    return {"size": math.isqrt(grown.size), "middle": grown.reshape(8, 8)[4, 4], "sum": w.sum()}


def multiplications(box):
    points = (512 + 31 - 1) ** 2
    return {
        "nonzero": np.count_nonzero(box),
        "entries": box.size,
        "small": 9,
        "large": 961,
        "fft": round(2 * points * (np.log2(points) + 1) / 512**2),
    }
