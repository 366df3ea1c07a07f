"""The sections of the tutorial: numbers against plain NumPy, sentences against numbers, charts; one layer."""

from __future__ import annotations

import base64
import math
import re

import imageio.v3 as iio
import numpy as np
import pytest
from sections_numpy import condition_number

from invdeconv import Convolution, decompose, psf, report, richardson_lucy, samples
from invdeconv.report import _tutorial
from invdeconv.report._chart import Axis, Chart, Series
from invdeconv.report._layer import hidden_pictures, layer
from invdeconv.report._pictures import diverging
from invdeconv.report._sections import SECTIONS
from invdeconv.simulate import observe

ROUNDING = 1e-9


class Computed(dict):
    """Each section once, when it is first asked for."""

    def __missing__(self, name):
        return self.setdefault(name, SECTIONS[name]())


@pytest.fixture(scope="module")
def sections():
    return Computed()


def leaves(values, path=""):
    if isinstance(values, dict):
        pairs = values.items()
    elif isinstance(values, list):
        pairs = enumerate(values)
    else:
        return {path: values}
    return {k: v for key, item in pairs for k, v in leaves(item, f"{path}.{key}").items()}


def test_every_section_has_a_reference(section_numbers):
    assert list(SECTIONS) == list(section_numbers)


@pytest.mark.parametrize("name", SECTIONS)
def test_numbers_of_a_section(name, sections, section_numbers):
    found, expected = leaves(dict(sections[name].numbers)), leaves(section_numbers[name])
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        if key.endswith("frames.10.clean.psnr"):  # of rounding errors
            assert found[key] > 200
        elif isinstance(value, str):
            assert found[key] == value, key
        else:
            # The worst condition numbers, 3e9, are themselves known to 3e9·eps only.
            assert found[key] == pytest.approx(value, rel=1e-5, abs=ROUNDING), key


# --- sentences ------------------------------------------------------------------------------------------


def test_what_a_layer_keeps(sections):
    numbers = sections["kept"].numbers
    assert numbers["same_four"]["nullity"] == 0
    assert numbers["same_five"]["nullity"] == 9
    assert all(row["seen"] < ROUNDING for row in numbers.values())


def test_twins_are_told_apart_by_nobody(sections):
    numbers = sections["twins"].numbers
    assert numbers["apart"] > 0.1
    assert max(numbers["data"], numbers["estimates"]) < 1e-13


RULES = {
    "zero": lambda n, k: n % k in (0, 1),
    "periodic": lambda n, k: math.gcd(n, k) == 1,
    "symmetric": lambda n, k: math.gcd(n, k if k % 2 else k // 2) == 1,
}


@pytest.mark.parametrize("boundary", RULES)
def test_the_rules_of_divisibility(boundary):
    for k in range(2, 10):
        for n in range(2, 25):
            assert math.isfinite(condition_number("ones", k, n, boundary)) == RULES[boundary](n, k), (n, k)


def test_maps_show_each_setting_in_its_color(sections):
    for kernel, maps in sections["invertible"].drawn["maps"].items():
        for boundary, drawn in maps.items():
            assert sum(path.count("M") for path in drawn["squares"]) == 184
            assert drawn["crosses"].count("l6 6") == drawn["squares"][-1].count("M")
            for k in range(2, 10):
                for n in range(2, 25):
                    condition = condition_number(kernel, k, n, boundary)
                    color = sum(condition >= edge for edge in (10, 100, 1e4, math.inf))
                    assert f"M{15 * (n - 2)} {15 * (k - 2)}h" in drawn["squares"][color], (n, k, boundary)


def test_noise_is_amplified_by_the_formula(sections):
    numbers = sections["noise"].numbers
    assert numbers["gain"]["deviation"] < 0.1
    assert numbers["picard"]["clean_error"] < ROUNDING
    assert numbers["picard"]["truncated_error"] < 0.1 < 10 < numbers["picard"]["noisy_error"]
    widths = [row["width"] for row in numbers["gain"]["rows"]]
    assert [widths[i] for i in (2, 7, 12)] == [0.5, 1.0, 1.5]  # those the text quotes


def test_iterations_converge_and_half_converge(sections):
    numbers = sections["iterations"].numbers
    clean, noisy = ([frame[name]["error"] for frame in numbers["frames"]] for name in ("clean", "noisy"))
    assert clean == sorted(clean, reverse=True)
    assert clean[-1] < ROUNDING
    assert numbers["first_is_adjoint"] < 1e-13
    least = int(np.argmin(noisy))
    assert noisy[:least] == sorted(noisy[:least], reverse=True)
    assert noisy[least:] == sorted(noisy[least:])
    assert noisy[0] > numbers["best"]["error"] < noisy[-1]


def test_no_rule_beats_the_oracle(sections):
    numbers = sections["choice"].numbers
    assert all(row["loss"] > -0.01 for row in numbers["rules"].values())
    assert all(row["loss"] < 3 for row in numbers["rules"].values() if row["status"] == "FOUND")


def test_training_finds_an_inverse(sections):
    psnr = sections["learned"].numbers["psnr"]
    assert psnr["adjoint"] < psnr["data"] - 1
    assert psnr["learned"] > psnr["data"] + 2
    assert abs(psnr["learned"] - psnr["wiener"]) < 0.2
    assert psnr["best"] - 0.2 < psnr["learned"] < psnr["best"]


def test_what_the_gallery_shows(sections):
    numbers = sections["gallery"].numbers
    portrait, missing = (
        {name: row["psnr"] for name, row in numbers[scene]["pictures"].items()}
        for scene in ("portrait", "missing")
    )
    order = ["adjoint", "data", "richardson_lucy", "wiener", "total_variation"]
    assert sorted(portrait, key=portrait.get) == order
    assert list(missing) == sorted(missing, key=missing.get)
    dial = numbers["clock"]["pictures"]
    assert dial["smoother"]["lam"] > 5 * dial["total_variation"]["lam"]
    intestine = samples.celegans().astype(float), psf.gaussian((15, 15), 2)
    fitted = richardson_lucy(*intestine, stop="discrepancy").parameters["plain_equivalent"]
    assert fitted > 2 * numbers["intestine"]["pictures"]["richardson_lucy"]["steps"] > 0


def test_gallery_pictures_are_the_estimates(sections):
    """Decoded they are the data within what the compression takes."""
    portrait = {picture.name: picture for picture in sections["gallery"].drawn["portrait"]}
    scene, blur = samples.astronaut()[0:190, 130:320] / 255, psf.motion((11, 15), 14, 30)
    seen = np.stack([observe(scene[..., i], blur, noise_std=0.01, rng=i).data for i in range(3)], axis=-1)
    shown = decoded(portrait["data"].content) / 255
    assert shown.shape == (*seen.shape[:2], 3) == (portrait["data"].height, portrait["data"].width, 3)
    assert np.sqrt(np.mean((shown - np.clip(seen, 0, 1)) ** 2)) < 0.02
    gray = decoded(sections["gallery"].drawn["missing"][0].content).astype(int)
    assert np.ptp(gray, axis=-1).max() <= 2
    assert np.mean(gray < 20) == pytest.approx(0.1, abs=0.05)


def test_when_the_transpose_is_the_inverse(sections):
    rows = sections["orthogonal"].numbers["rows"]
    assert all(rows[name]["distance"] < 1e-13 for name in ("shift", "phase", "haar", "daubechies"))
    assert rows["frame"]["scaled"] < 1e-13 < 1 < rows["frame"]["distance"]
    assert rows["frame"]["factor"] == pytest.approx(1 / 4)
    assert min(rows[name]["scaled"] for name in ("random", "blur")) > 0.05


def test_a_modem_has_the_same_gaps(sections):
    """What the sentences of the section say of its numbers."""
    numbers = sections["modem"].numbers
    rows = numbers["gaps"]["receivers"]
    assert rows["adjoint"]["clean"] > rows["scaled"]["clean"] > rows["pseudo_inverse"]["clean"] > 0.1
    assert rows["sequence"]["clean"] == 0
    wrong = [rows[name]["wrong"] for name in ("sequence", "wiener", "adjoint", "pseudo_inverse")]
    assert wrong == sorted(wrong)
    assert rows["pseudo_inverse"]["noisy"] > 1
    null = numbers["null"]["sinr_db"]
    assert null["pseudo_inverse"] == pytest.approx(-23.11, abs=0.005)  # -23.1 dB on channel C at 20 dB
    assert null["wiener"] == pytest.approx(3.7634, abs=5e-5)
    assert null["feedback"] == pytest.approx(11.7736, abs=5e-5)
    assert numbers["eye"]["before"]["wrong"] > 0 == numbers["eye"]["after"]["wrong"]
    at = numbers["rates"]["detectors"]
    assert at["linear"]["low"] < at["linear"]["theory"] < at["linear"]["high"]
    assert at["feedback"]["low"] > 2 * at["feedback"]["theory"]
    # Simulated by others with 8 million symbols and more.
    assert at["feedback"]["low"] < 5.720e-3 < at["feedback"]["high"]
    assert at["sequence"]["low"] < 3.833e-4 < at["sequence"]["high"]


def test_eyes_and_intervals_as_drawn(sections):
    drawn = sections["modem"].drawn
    chart = drawn["eyes"]["after"]
    path = chart.path(chart.series[0])
    assert path.count("M") == 80
    assert path.count("L") == 80 * 16
    bars = {series.label: series for series in drawn["rates"].series if series.kind == "bars"}
    found = drawn["rates"].path(bars["modem.rates.sequence_simulated"])
    tops = re.findall(r"M([\d.]+) ([\d.-]+)V([\d.-]+)M([\d.-]+) ([\d.-]+)h6", found)
    assert len(tops) == 4
    for across, low, high, left, middle in (map(float, row) for row in tops):
        assert low > middle > high  # pixels count downward
        assert left == pytest.approx(across - 3, abs=0.1)
    at = sections["modem"].numbers["rates"]["detectors"]["sequence"]
    axis, height = drawn["rates"].y, drawn["rates"].frame["height"]
    read = [axis.low * (axis.high / axis.low) ** (1 - float(v) / height) for v in tops[-1][1:3]]
    assert read == pytest.approx([at["low"], at["high"]], rel=0.02)


def test_tutorial_is_the_same_bytes_again(tutorial, sections, tmp_path, monkeypatch):
    """Everything is computed a second time, the sections by the fixture."""
    found = {name: lambda name=name: sections[name] for name in SECTIONS}
    monkeypatch.setattr(_tutorial, "SECTIONS", found)
    again = report.tutorial(tmp_path / "again.html")
    assert again.path.read_bytes() == tutorial["path"].read_bytes()


# --- pictures and charts --------------------------------------------------------------------------------


def decoded(address):
    return iio.imread(base64.b64decode(address.partition(",")[2]))


def test_signed_pictures():
    picture = decoded(diverging(np.array([[-2.0, -1.0, 0.0, 0.5, 9.0]]), 2.0))
    blue, orange = [0, 114, 178], [213, 94, 0]
    assert picture.tolist()[0][0] == blue
    assert picture.tolist()[0][2] == [255, 255, 255]
    assert picture.tolist()[0][4] == orange
    assert picture[0, 1].tolist() == pytest.approx(np.mean([blue, [255] * 3], axis=0), abs=1)
    assert decoded(diverging(np.zeros((2, 3)), 0.0)).min() == 255


def test_charts_place_points_where_the_ticks_say():
    chart = Chart(
        Axis("axis.index", 0, 10),
        Axis("axis.error", 1e-4, 1, log=True),
        [Series("s", [0, 5, 7, 10], [1e-4, 1e-2, 0.0, 1], kind) for kind in ("line", "dots", "crosses")]
        + [Series("m", [5], kind="mark")],
    )
    width, height = chart.frame["width"], chart.frame["height"]
    at = f"{width / 2:.1f} {height / 2:.1f}"
    line, dots, crosses, mark = (chart.path(series) for series in chart.series)
    assert line == f"M0.0 {height:.1f}L{at}L{width:.1f} 0.0"  # the zero has no logarithm
    assert dots.count("h0") == crosses.count("l6 6") == 3
    assert f"M{at}h0" in dots
    assert mark == f"M{width / 2:.1f} 0v{height}"
    assert {text: pixel for pixel, text in chart.columns}["10"] == f"{width:.1f}"
    assert [text for _, text in chart.rows] == ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1"]


@pytest.mark.parametrize(
    ("axis", "texts"),
    [
        (Axis("a", -0.1, 2.6), ["0", "0.5", "1", "1.5", "2", "2.5"]),
        (Axis("a", 0, 97), ["0", "20", "40", "60", "80"]),
        (Axis("a", 1e-8, 100, log=True), ["10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "1", "10²"]),
        (Axis("a", 0.3, 300, log=True), ["1", "10", "10²"]),
    ],
)
def test_ticks(axis, texts):
    assert [text for _, text in axis.ticks()] == texts


def test_singular_values_of_the_chart():
    """Read back from the drawing they are those of the dense matrix."""
    C = Convolution(np.array([[1.0, 2, 0], [0, -1, 3]]), (5, 6), stride=2, padding="valid", correlate=True)
    _, drawn = layer(decompose(C))
    values = np.linalg.svd(C.to_dense(), compute_uv=False)
    chart = drawn.chart
    downs = [float(v) for v in re.findall(r"M[\d.]+ ([\d.]+)h0", chart.path(chart.series[0]))]
    low, high = chart.y.low, chart.y.high
    read = low + (1 - np.array(downs) / chart.frame["height"]) * (high - low)
    np.testing.assert_allclose(read, values, atol=values[0] / 200)


@pytest.mark.parametrize("shape", [(7,), (4, 6), (3, 4, 2)])
@pytest.mark.parametrize("factor", [1.0, 1.0 - 2.0j])
def test_null_space_pictures_are_the_smoothest(shape, factor):
    weights = factor * np.random.default_rng(1).standard_normal((2,) * len(shape))
    C = Convolution(weights, shape, stride=2, padding="valid")
    A = C.to_dense()
    found = hidden_pictures(decompose(C)).reshape(-1, A.shape[1])
    np.testing.assert_allclose(found.conj() @ found.T, np.eye(len(found)), atol=1e-12)
    np.testing.assert_allclose(A @ found.T, 0, atol=1e-12 * np.abs(A).max())
    hidden = np.linalg.svd(A)[2][np.linalg.matrix_rank(A) :].conj().T.reshape(*shape, -1)
    flat = [np.diff(hidden, axis=axis).reshape(-1, hidden.shape[-1]) for axis in range(len(shape))]
    least = np.linalg.eigvalsh(sum(d.conj().T @ d for d in flat))[: len(found)]
    energy = [
        sum(np.sum(np.abs(np.diff(v.reshape(shape), axis=a)) ** 2) for a in range(len(shape))) for v in found
    ]
    np.testing.assert_allclose(energy, least, atol=1e-12)


# --- the page of one layer ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kernel", "x", "padding"),
    [
        (np.ones((3, 3)), np.ones((5, 5)), "same"),
        ([1.0, 2.0, 1.0], np.arange(1.0, 13), "valid"),
        (np.ones((2, 2, 2)), np.ones((3, 4, 3)), "valid"),
        ([[1.0, 1j]], np.ones((10, 11)), "same"),
    ],
)
def test_page_of_a_layer(kernel, x, padding, tmp_path):
    tried = report.experiment(kernel, x, padding=padding)
    text = report.write(tried, tmp_path / "layer.html", lang="zh").read_text("utf-8")
    assert '<html lang="zh-CN">' in text
    assert f'data-number="layer.nullity" data-format="d">{tried.nullity}<' in text
    assert text.count('data-attribute="[&quot;alt&quot;, &quot;kept.hidden_alt') == min(4, tried.nullity)
    assert not re.search(r'(src|href)="(?!data:|#)', text)
