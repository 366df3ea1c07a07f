"""The rules that choose λ, from their definitions: dense matrices, one λ at a time."""

from __future__ import annotations

import numpy as np

from twins._inverses import tikhonov_dense


class DenseRules:
    """The score of every rule for min ‖Ax − y‖² + λ‖Bx‖², σ known."""

    def __init__(self, A, B, y, sigma):
        self.A, self.B, self.y, self.sigma = A, B, y, sigma
        self.m = y.size

    def x(self, lam):
        return tikhonov_dense(self.A, self.y, lam, self.B)

    def residual(self, lam):
        return self.y - self.A @ self.x(lam)

    def influence(self, lam):
        return self.A @ tikhonov_dense(self.A, np.eye(self.m), lam, self.B)

    def gcv(self, lam, weight=1.0):
        left = self.m - weight * np.trace(self.influence(lam)).real
        return self.m * np.linalg.norm(self.residual(lam)) ** 2 / left**2 if left > 0 else np.inf

    def weighted_gcv(self, lam):
        return self.gcv(lam, 1.4)

    def upre(self, lam):
        fit = np.linalg.norm(self.residual(lam)) ** 2 / self.m
        return fit + 2 * self.sigma**2 * np.trace(self.influence(lam)).real / self.m - self.sigma**2

    def discrepancy(self, lam):
        target = (1 + np.sqrt(2 / self.m)) * self.sigma * np.sqrt(self.m)
        return abs(np.log(np.linalg.norm(self.residual(lam)) / target))

    def l_curve(self, lam, h=0.02):
        """Minus the curvature, by central differences along log λ."""
        points = [
            (np.log(np.linalg.norm(self.residual(value))), np.log(np.linalg.norm(self.B @ self.x(value))))
            for value in lam * np.exp([-h, 0.0, h])
        ]
        (r0, e0), (r1, e1), (r2, e2) = points
        dr, de = (r2 - r0) / (2 * h), (e2 - e0) / (2 * h)
        ddr, dde = (r2 - 2 * r1 + r0) / h**2, (e2 - 2 * e1 + e0) / h**2
        # The curve is traced from its top left to its bottom right as λ grows: the corner turns left.
        return -(dr * dde - ddr * de) / (dr**2 + de**2) ** 1.5

    def ncp(self, lam):
        shape = self.residual(lam).shape
        return cumulative_periodogram_distance(self.residual(lam).reshape(shape))

    def quasi_optimality(self, lam, h=1e-4):
        change = self.x(lam * np.exp(h)) - self.x(lam * np.exp(-h))
        return np.linalg.norm(change) / (2 * h)

    def lepskii(self, grid, kappa):
        """The largest λ whose estimate is within κψᵢ of every estimate with a smaller λᵢ."""
        estimates = [self.B @ self.x(lam) for lam in grid]
        noise = [
            self.sigma * np.linalg.norm(self.B @ tikhonov_dense(self.A, np.eye(self.m), lam, self.B))
            for lam in grid
        ]
        agreeing = [
            j
            for j in range(len(grid))
            if all(np.linalg.norm(estimates[i] - estimates[j]) <= kappa * noise[i] for i in range(j))
        ]
        return grid[max(agreeing)]


def cumulative_periodogram_distance(residual):
    """Return the distance between the cumulative periodogram and the line of white noise, ring by ring."""
    power = np.abs(np.fft.fftn(residual)) ** 2
    axes = np.meshgrid(*[np.fft.fftfreq(n) for n in residual.shape], indexing="ij")
    radius = np.round(np.sqrt(sum(axis**2 for axis in axes)), 9)
    radii = np.unique(radius[radius > 0])
    outside_zero = radius > 0
    total, count = power[outside_zero].sum(), outside_zero.sum()
    distance, inner = 0.0, 0
    for r in radii:
        disc = outside_zero & (radius <= r)
        share, line = power[disc].sum() / total, disc.sum() / count
        distance += (disc.sum() - inner) / count * (share - line) ** 2
        inner = disc.sum()
    return np.sqrt(distance)
