"""compare: which rows, which numbers, what it says without a truth."""

from __future__ import annotations

import json
import math
import pickle
import warnings

import array_api_strict as strict
import numpy as np
import pytest

from invdeconv import metrics
from invdeconv.comparison import compare
from invdeconv.errors import InputWarning, InvalidInputError, SolverError
from invdeconv.operators import Convolution
from invdeconv.restoration import wiener
from invdeconv.result import Result, Status
from invdeconv.simulate import Observation, observe

SEVEN = [
    "adjoint",
    "pseudo_inverse",
    "truncated_svd",
    "tikhonov",
    "wiener",
    "landweber",
    "richardson_lucy",
]


def smooth(shape, *, complex_=False):
    """A positive scene with structure at several scales."""
    grids = np.meshgrid(*(np.linspace(0, 1, n) for n in shape), indexing="ij")
    scene = 2.0 + sum(np.sin((3 + 2 * i) * g) for i, g in enumerate(grids)) * 0.3 + (grids[0] > 0.4)
    return scene * np.exp(1j * grids[-1]) if complex_ else scene


def psf(shape):
    """Asymmetric, even- or odd-sized, sum 1."""
    weights = np.random.default_rng(1).random(shape) + 0.1
    return weights / weights.sum()


def four_by_four():
    C = Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True)
    return Observation(C(np.ones((4, 4))), C, np.ones((4, 4)))


def keep(data, blur):
    return data


def test_default_rows_cover_the_seven_after_the_data():
    seen = observe(smooth((40, 52)), psf((3, 4)), noise_std=0.02, rng=0)
    comparison = compare(seen)
    assert [entry.name for entry in comparison] == ["data", *SEVEN]
    assert len(comparison) == 8
    for entry in comparison:
        assert entry.refusal is None, entry.refusal
        assert entry.estimate.shape == seen.data.shape
    assert comparison["data"].estimate is seen.data
    assert comparison["data"].metrics["isnr"] == 0


def test_metrics_are_those_of_the_metrics_module():
    seen = observe(smooth((40, 52)), psf((3, 4)), noise_std=0.02, rng=0)
    entry = compare(seen, {"mine": lambda data, blur: wiener(data, blur, noise_to_signal=0.01)})["mine"]
    x = entry.estimate
    assert entry.metrics["relative_error"] == metrics.relative_error(x, seen.truth)
    assert entry.metrics["best_scaled_error"] == metrics.best_scaled_error(x, seen.truth)
    assert entry.metrics["psnr"] == metrics.psnr(x, seen.truth)
    assert entry.metrics["isnr"] == metrics.isnr(x, seen.truth, seen.data)
    assert entry.metrics["ssim"] == metrics.ssim(x, seen.truth)
    assert isinstance(entry.result, Result)
    assert entry.seconds > 0


@pytest.mark.parametrize("k", [(3, 4), (4, 3), (1, 2), (5, 5)])
def test_residual_is_taken_inside(k):
    """The truth explains the data where the whole PSF lies on it: what is left is the noise itself."""
    scene, blur = smooth((40, 52)), psf(k)
    clean, noisy = observe(scene, blur), observe(scene, blur, noise_std=0.1, rng=1)
    noise = noisy.data - clean.data
    n = noise.shape
    inside = noise[k[0] - 1 - k[0] // 2 : n[0] - k[0] // 2, k[1] - 1 - k[1] // 2 : n[1] - k[1] // 2]
    entry = compare(noisy, {"truth": lambda data, blur: noisy.truth})["truth"]
    assert entry.metrics["residual_whiteness"] == pytest.approx(metrics.residual_whiteness(inside), rel=1e-6)


def test_residual_of_an_operator():
    C = Convolution(psf((3, 4)), (20, 22), stride=2, padding="valid")
    seen = observe(smooth((20, 22)), C, noise_std=0.1, rng=0)
    guess = np.full((20, 22), 2.0)
    entry = compare(seen, {"guess": lambda data, blur: guess})["guess"]
    expected = metrics.residual_whiteness(seen.data - C(guess))
    assert entry.metrics["residual_whiteness"] == pytest.approx(expected, rel=1e-12)
    assert entry.metrics["isnr"] is None  # data and truth have different shapes


def test_an_exact_fit_has_no_whiteness():
    seen = observe(smooth((20, 22)), psf((2, 3)))
    assert (
        compare(seen, {"truth": lambda data, blur: seen.truth})["truth"].metrics["residual_whiteness"] is None
    )


def test_the_four_by_four_experiment():
    """Ones, [[1, 0], [−1, −2]], stride 2: errors 2.2361, 0.9129 best-scaled, 0.9129 by C⁺."""
    comparison = compare(four_by_four())
    assert [entry.name for entry in comparison] == SEVEN  # data have another shape: no row
    assert comparison["adjoint"].metrics["relative_error"] == pytest.approx(math.sqrt(5), rel=1e-12)
    assert comparison["adjoint"].metrics["best_scaled_error"] == pytest.approx(math.sqrt(5 / 6), rel=1e-12)
    assert comparison["pseudo_inverse"].metrics["relative_error"] == pytest.approx(
        math.sqrt(5 / 6), rel=1e-12
    )
    refused = comparison["richardson_lucy"]
    assert refused.estimate is None
    assert refused.refusal.startswith("richardson_lucy: ")
    assert f"refused: {refused.refusal}" in str(comparison)
    assert all(value is None for value in refused.metrics.values())


def test_without_a_truth():
    seen = observe(smooth((30, 33)), psf((3, 2)), noise_std=0.05, rng=0)
    comparison = compare(Observation(seen.data, seen.blur))
    for entry in comparison:
        unknown = {key for key, value in entry.metrics.items() if value is None}
        assert unknown >= {"relative_error", "best_scaled_error", "psnr", "isnr", "ssim"}
    assert comparison["wiener"].metrics["residual_whiteness"] is not None
    heading = str(comparison).splitlines()[0].split()
    assert heading == ["whiteness", "seconds"]
    assert json.loads(comparison.to_json())["observation"]["truth_shape"] is None


@pytest.mark.parametrize("shape", [(64,), (30, 41), (14, 15, 16)])
def test_any_dimension(shape):
    comparison = compare(observe(smooth(shape), psf((3,) * len(shape)), noise_std=0.01, rng=0))
    assert all(entry.refusal is None for entry in comparison)
    for name in ("tikhonov", "wiener"):
        assert (
            comparison[name].metrics["relative_error"]
            < comparison["pseudo_inverse"].metrics["relative_error"]
        )
    assert (comparison["wiener"].metrics["ssim"] is None) == (len(shape) != 2)


def test_complex_data():
    comparison = compare(observe(smooth((30, 41), complex_=True), psf((3, 4)), noise_std=0.01, rng=0))
    for name in SEVEN[:-1]:
        assert comparison[name].refusal is None, comparison[name].refusal
        assert comparison[name].metrics["relative_error"] is not None
        assert comparison[name].metrics["ssim"] is None
    assert "richardson_lucy" in comparison["richardson_lucy"].refusal


def test_strict_namespace():
    plain = observe(smooth((24, 30)), psf((3, 4)), noise_std=0.02, rng=0)
    seen = Observation(strict.asarray(plain.data), strict.asarray(plain.blur), strict.asarray(plain.truth))
    methods = {"wiener": lambda data, blur: wiener(data, blur, noise_to_signal=0.01)}
    got, expected = compare(seen, methods)["wiener"], compare(plain, methods)["wiener"]
    for key, value in expected.metrics.items():
        assert got.metrics[key] == pytest.approx(value, rel=1e-9), key


def test_table_is_aligned():
    seen = observe(smooth((30, 33)), psf((3, 2)), noise_std=0.05, rng=0)
    lines = str(compare(seen, {"a": keep, "a long name": keep})).splitlines()
    assert [line.split("  ")[0] for line in lines[1:]] == ["data", "a", "a long name"]
    assert len({len(line) for line in lines}) == 1
    heading, row = lines[0], lines[1]
    for column in ("rel. error", "PSNR/dB", "seconds"):
        end = heading.index(column) + len(column)
        assert row[end - 1].isdigit()
        assert row[end : end + 1] in ("", " ")


def test_refusals_warnings_and_wrong_estimates_are_rows():
    def refuses(data, blur):
        raise InvalidInputError("refuses: data must be better; got worse. Measure again.")

    def diverges(data, blur):
        raise SolverError("diverges: the iterate is not finite.")

    def warns(data, blur):
        warnings.warn("psf-sum the PSF sums to 2. Divide it by its sum", InputWarning, stacklevel=1)
        return data

    def crops(data, blur):
        return data[1:]

    def breaks(data, blur):
        return data * np.nan

    seen = observe(smooth((20, 22)), psf((2, 3)))
    comparison = compare(seen, {f.__name__: f for f in (refuses, diverges, warns, crops, breaks)})
    text = str(comparison)
    assert "refused: refuses: data must be better" in text
    assert "refused: diverges: the iterate is not finite." in text
    assert "warns: psf-sum the PSF sums to 2" in text
    assert comparison["warns"].warnings == ("psf-sum the PSF sums to 2. Divide it by its sum",)
    assert "must have shape (19, 20); got (18, 20)" in comparison["crops"].refusal
    assert "must be finite" in comparison["breaks"].refusal


def test_other_warnings_and_errors_are_the_callers():
    def deprecated(data, blur):
        warnings.warn("soon gone", DeprecationWarning, stacklevel=1)
        return data

    def wrong(data, blur):
        raise ZeroDivisionError

    seen = observe(smooth((20, 22)), psf((2, 3)))
    with pytest.warns(DeprecationWarning, match="soon gone"):
        compare(seen, {"deprecated": deprecated})
    with pytest.raises(ZeroDivisionError):
        compare(seen, {"wrong": wrong})


def test_json_is_strict_and_complete():
    text = compare(four_by_four()).to_json()
    read = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert read["schema_version"] == 1
    assert read["observation"]["data_shape"] == [2, 2]
    assert read["observation"]["truth_shape"] == [4, 4]
    assert "Convolution" in read["observation"]["blur"]
    by_name = {entry["name"]: entry for entry in read["entries"]}
    assert by_name["adjoint"]["metrics"]["relative_error"] == pytest.approx(math.sqrt(5))
    assert by_name["adjoint"]["status"] == Status.CLOSED_FORM.name
    assert "lam" in by_name["tikhonov"]["parameters"]
    assert by_name["richardson_lucy"]["refusal"].startswith("richardson_lucy")
    assert "estimate" not in by_name["adjoint"]


def test_json_values_that_json_does_not_have():
    seen = observe(smooth((20, 22)), psf((2, 3)))
    parameters = {
        "a": np.float32(2),
        "b": np.arange(3),
        "c": math.inf,
        "d": math.nan,
        "e": (1, "x"),
        "f": {"g": 1},
    }

    def method(data, blur):
        return Result(seen.truth, Status.CLOSED_FORM, parameters=parameters)

    entry = json.loads(compare(seen, {"method": method}).to_json())["entries"][1]
    assert entry["parameters"] == {
        "a": 2.0,
        "b": "array 3",
        "c": "inf",
        "d": None,
        "e": [1, "x"],
        "f": {"g": 1},
    }
    assert entry["metrics"]["psnr"] == "inf"


def test_json_with_arrays():
    seen = observe(smooth((8, 9), complex_=True), psf((2, 3)))
    read = json.loads(compare(seen, {"keep": keep}).to_json(arrays=True))
    data = np.array(read["observation"]["data"]["real"]) + 1j * np.array(read["observation"]["data"]["imag"])
    np.testing.assert_array_equal(data, seen.data)
    np.testing.assert_array_equal(read["observation"]["psf"], seen.blur)
    assert np.shape(read["entries"][1]["estimate"]["real"]) == seen.data.shape


def test_unknown_entry():
    with pytest.raises(KeyError, match=r"no entry 'tv': there are data, keep"):
        compare(observe(smooth((8, 9)), psf((2, 3))), {"keep": keep})["tv"]


def test_pickles_and_cannot_be_changed():
    comparison = compare(four_by_four())
    again = pickle.loads(pickle.dumps(comparison))
    assert again.to_json() == comparison.to_json()
    with pytest.raises(TypeError):
        comparison["adjoint"].metrics["psnr"] = 99.0
