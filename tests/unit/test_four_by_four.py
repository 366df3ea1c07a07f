"""The 4×4 experiment: five cases, seven methods, exact to rounding."""

from __future__ import annotations

import math

import numpy as np
import pytest

from invdeconv import (
    Convolution,
    InvalidInputError,
    adjoint,
    decompose,
    landweber,
    pseudo_inverse,
    richardson_lucy,
    tikhonov,
    truncated_svd,
    wiener,
)
from invdeconv.errors import InputWarning

TURNED = [[1, 0], [-1, -2]]
BOX = np.ones((3, 3))
RAMP = np.array([[4, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])
MIXED = [[1, 4, 1], [1, 4, 3], [3, 3, 1]]


def correlation(kernel, shape, **options):
    return Convolution(kernel, shape, correlate=True, **options)


# name: (x, C, y, rank, error of Cᵀy, of its best multiple, of C⁺y, digits given; of the gradient limit)
CASES = {
    "2×2 stride 2": (
        np.ones((4, 4)),
        correlation(TURNED, (4, 4), stride=2, padding="valid"),
        np.full((2, 2), -2),
        4,
        (math.sqrt(5), math.sqrt(5 / 6), math.sqrt(5 / 6)),
        None,
    ),
    "3×3 valid": (
        np.ones((4, 4)),
        correlation(BOX, (4, 4), padding="valid"),
        np.full((2, 2), 9),
        4,
        (math.sqrt(7468) / 4, math.sqrt(0.19), math.sqrt(0.19)),
        None,
    ),
    "3×3 stride 2": (
        np.ones((4, 4)),
        correlation(BOX, (4, 4), stride=2, padding=((0, 1), (0, 1))),
        [[9, 6], [6, 4]],
        4,
        (math.sqrt(1887) / 4, 0.4381, math.sqrt(0.19)),
        None,
    ),
    "5×5 valid": (
        np.ones((5, 5)),
        correlation(TURNED, (5, 5), stride=2, padding="valid"),
        np.full((2, 2), -2),
        4,
        (math.sqrt(89) / 5, 0.9452, 0.9452),
        None,
    ),
    "5×5 padded": (
        np.ones((5, 5)),
        correlation(TURNED, (5, 5), stride=2, padding=(0, 1)),
        [[-2, -2, 0], [-2, -2, 0], [1, 1, 1]],
        9,
        (math.sqrt(86) / 5, 0.9242, 0.8794),
        None,
    ),
    "no ones": (
        RAMP,
        correlation(MIXED, (4, 4), padding="valid"),
        [[122, 148], [126, 134]],
        4,
        (135.42, 0.5447, 0.5359),
        0.27,
    ),
}
# Errors of Cᵀy as in the table of the issue, four digits: what the closed forms above stand for.
TABLE = {
    "2×2 stride 2": ("2.2361", "0.9129", "0.9129"),
    "3×3 valid": ("21.604", "0.4359", "0.4359"),
    "3×3 stride 2": ("10.860", "0.4381", "0.4359"),
    "5×5 valid": ("1.8868", "0.9452", "0.9452"),
    "5×5 padded": ("1.8547", "0.9242", "0.8794"),
    "no ones": ("135.42", "0.5447", "0.5359"),
}
every_case = pytest.mark.parametrize("name", list(CASES))


def error(estimate, x):
    return np.linalg.norm(estimate - x) / np.linalg.norm(x)


def best_scaled(estimate, x):
    return error(estimate * (np.vdot(estimate, x) / np.vdot(estimate, estimate)), x)


@every_case
def test_data_and_rank(name):
    x, C, y, rank, _, _ = CASES[name]
    np.testing.assert_array_equal(C(x), y)
    d = decompose(C)
    assert (d.rank(), d.nullity) == (rank, x.size - rank)
    assert np.linalg.matrix_rank(C.to_dense()) == rank


@every_case
def test_the_table_of_the_issue(name):
    x, C, _, _, errors, gradient = CASES[name]
    y = C(x)
    transposed = adjoint(y, C).estimate
    got = (error(transposed, x), best_scaled(transposed, x), error(pseudo_inverse(y, C).estimate, x))
    for value, text in zip(got, TABLE[name], strict=True):
        assert f"{value:.4f}"[: len(text)] == text or f"{value:.3f}" == text or f"{value:.2f}" == text
    for value, closed in zip(got, errors, strict=True):
        assert value == pytest.approx(
            closed,
            rel=1e-13 if closed not in (float(TABLE[name][1]), float(TABLE[name][2]), 135.42) else 1e-4,
        )
    limit = error(tikhonov(y, C, lam=0).estimate, x)
    assert limit < 1e-14 if gradient is None else round(limit, 2) == gradient


@every_case
def test_all_seven_methods(name):
    x, C, _, _, errors, gradient = CASES[name]
    y = C(x)
    floor = errors[2]
    row_space_floor = error(np.linalg.pinv(C.to_dense()) @ y.ravel(), x.ravel())
    assert row_space_floor == pytest.approx(floor, rel=1e-4)
    # Every filter on the SVD of C stays in its row space: none does better than C⁺.
    for estimate in (
        adjoint(y, C).estimate,
        pseudo_inverse(y, C).estimate,
        truncated_svd(y, C, rtol=1e-3).estimate,
        truncated_svd(y, C, rtol=0.5).estimate,
        wiener(y, C, noise_to_signal=0.0).estimate,
        wiener(y, C, noise_to_signal=1.0).estimate,
        tikhonov(y, C, lam=1e-3, regularizer="identity").estimate,
        landweber(y, C, n_iter=5).estimate,
        landweber(y, C, n_iter=10**6).estimate,
    ):
        assert error(estimate, x) >= row_space_floor * (1 - 1e-12)
    # The gradient brings ones back for every λ, exactly.
    for lam in (0, 1e-12, 1e-3, 1.0, 1e3):
        restored = tikhonov(y, C, lam=lam).estimate
        if gradient is None:
            assert error(restored, x) < 1e-13
    if C.kernel.min() < 0:
        with pytest.raises(
            InvalidInputError, match="richardson_lucy: kernel must not be negative; got values down to -2"
        ):
            richardson_lucy(y, C)
    else:
        one_step = richardson_lucy(y, C, max_iter=1, stop=None).estimate
        if gradient is None:
            assert error(one_step, x) < 1e-15
        else:
            assert error(one_step, x) > 0.1


def test_the_estimates_of_the_first_case():
    x, C, *_ = CASES["2×2 stride 2"]
    y = C(x)
    np.testing.assert_array_equal(adjoint(y, C).estimate, np.tile([[-2, 0], [2, 4]], (2, 2)))
    thirds = np.tile([[-1 / 3, 0], [1 / 3, 2 / 3]], (2, 2))
    np.testing.assert_allclose(pseudo_inverse(y, C).estimate, thirds, atol=1e-15)
    np.testing.assert_allclose(tikhonov(y, C, regularizer="gradient", lam=0).estimate, 1, atol=1e-14)
    sevenths = np.tile([[-2, 0], [2, 4]], (2, 2)) / 7
    np.testing.assert_allclose(wiener(y, C, noise_to_signal=1.0).estimate, sevenths, atol=1e-15)
    np.testing.assert_allclose(decompose(C).singular_values, math.sqrt(6), rtol=1e-14)
    np.testing.assert_allclose(C.gram.to_dense() @ C.H.to_dense(), 6 * C.H.to_dense(), atol=1e-14)


def test_the_estimates_of_the_second_and_third():
    x, C, *_ = CASES["3×3 valid"]
    y = C(x)
    overlap = np.outer([1, 2, 2, 1], [1, 2, 2, 1])
    np.testing.assert_array_equal(C.H(np.ones((2, 2))), overlap)
    np.testing.assert_array_equal(adjoint(y, C).estimate, 9 * overlap)
    np.testing.assert_allclose(pseudo_inverse(y, C).estimate, 0.36 * overlap, rtol=1e-14)
    np.testing.assert_allclose(wiener(y, C, noise_to_signal=1.0).estimate, 9 / 26 * overlap, rtol=1e-14)
    np.testing.assert_allclose(decompose(C).singular_values, [5, math.sqrt(5), math.sqrt(5), 1], rtol=1e-14)
    assert decompose(C).condition_number == pytest.approx(5, rel=1e-13)

    x, C, *_ = CASES["3×3 stride 2"]
    y = C(x)
    np.testing.assert_array_equal(
        adjoint(y, C).estimate, [[9, 9, 15, 6], [9, 9, 15, 6], [15, 15, 25, 10], [6, 6, 10, 4]]
    )
    np.testing.assert_allclose(
        pseudo_inverse(y, C).estimate,
        [
            [0.64, 0.64, 1.12, 0.48],
            [0.64, 0.64, 1.12, 0.48],
            [1.12, 1.12, 1.96, 0.84],
            [0.48, 0.48, 0.84, 0.36],
        ],
        rtol=1e-13,
    )
    golden = (3 + math.sqrt(5)) / 2
    values = [1 + golden, math.sqrt(5), math.sqrt(5), 3 - golden + 1]
    np.testing.assert_allclose(decompose(C).singular_values, values, rtol=1e-13)


def test_flipping_keeps_the_data_and_spoils_the_adjoint():
    C = Convolution(TURNED, (4, 4), stride=2, padding="valid")
    y = C(np.ones((4, 4)))
    np.testing.assert_array_equal(y, np.full((2, 2), -2))
    np.testing.assert_array_equal(adjoint(y, C).estimate, np.tile([[4, 2], [0, -2]], (2, 2)))


def test_a_kernel_of_sum_zero_loses_the_constant():
    C = correlation([[1, -1], [2, -2]], (4, 4), padding="valid")
    assert not C(np.ones((4, 4))).any()
    with pytest.warns(InputWarning, match="IDW006 tikhonov: neither .* determine the constant"):
        estimate = tikhonov(C(np.ones((4, 4))), C, lam=0).estimate
    np.testing.assert_allclose(estimate, 0, atol=1e-15)


@pytest.mark.parametrize("case", ["2×2 stride 2", "3×3 valid", "3×3 stride 2"])
def test_on_a_ramp_the_gradient_is_better_and_not_exact(case):
    """Between ones and noise: RMSE 0.3046 against 0.4745, 0.0243 against 0.2558 for the first two."""
    C = CASES[case][1]
    x = np.linspace(0, 1, 16).reshape(4, 4)
    rmse = {
        "pinv": np.sqrt(np.mean((pseudo_inverse(C(x), C).estimate - x) ** 2)),
        "gradient": np.sqrt(np.mean((tikhonov(C(x), C, lam=0).estimate - x) ** 2)),
    }
    if case == "2×2 stride 2":
        assert (round(rmse["pinv"], 4), round(rmse["gradient"], 4)) == (0.4745, 0.3046)
    if case == "3×3 valid":
        assert (round(rmse["pinv"], 4), round(rmse["gradient"], 4)) == (0.2558, 0.0243)
    assert 1e-3 < rmse["gradient"] < rmse["pinv"]


@every_case
def test_on_random_pictures_the_gradient_does_worse_than_the_pseudo_inverse(name):
    """The honest row: a prior that does not hold costs. White Gaussian pictures, mean over 100."""
    _, C, _, rank, _, _ = CASES[name]
    draws = np.random.default_rng(0).standard_normal((100, *C.input_shape))
    units = np.eye(C.shape[0]).reshape(-1, *C.output_shape)  # both are linear: their matrices, once
    inverse = np.stack([pseudo_inverse(e, C).estimate for e in units], axis=-1)
    limit = np.stack([tikhonov(e, C, lam=0).estimate for e in units], axis=-1)
    plain = [error(inverse @ C(x).ravel(), x) for x in draws]
    smooth = [error(limit @ C(x).ravel(), x) for x in draws]
    assert np.mean(smooth) > np.mean(plain) + 0.01
    # White x keeps rank/n of its energy in the row space.
    assert np.mean(np.square(plain)) == pytest.approx(1 - rank / draws[0].size, abs=0.03)
