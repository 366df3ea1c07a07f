"""report: the experiment's numbers, messages, number formats, files, pages of any data."""

from __future__ import annotations

import contextlib
import io
import json
import re
import unicodedata

import numpy as np
import pytest

from invdeconv import Convolution, InvalidInputError, compare, metrics, psf, report, samples
from invdeconv.report._format import format_number
from invdeconv.report._messages import LANGUAGES, catalogue, language, placeholders
from invdeconv.report._page import Page
from invdeconv.report._sections import SECTIONS
from invdeconv.report._snippets import SNIPPETS
from invdeconv.report._text import experiment_table
from invdeconv.simulate import Observation, observe

ONES4, ONES5 = np.ones((4, 4)), np.ones((5, 5))
CORNER = [[1, 0], [-1, -2]]
BELOW_AND_RIGHT = ((0, 1), (0, 1))
PICTURE = [[4, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]]
TABLE = [
    # kernel, x, stride, padding, y, rank, (Cᵀy, best-scaled, C⁺y, gradient limit), Richardson–Lucy
    (CORNER, ONES4, 2, "valid", [[-2, -2]] * 2, 4, ("2.2361", "0.9129", "0.9129", 0), None),
    (np.ones((3, 3)), ONES4, 1, "valid", [[9, 9]] * 2, 4, ("21.604", "0.4359", "0.4359", 0), 0),
    (np.ones((3, 3)), ONES4, 2, BELOW_AND_RIGHT, [[9, 6], [6, 4]], 4, ("10.860", "0.4381", "0.4359", 0), 0),
    (CORNER, ONES5, 2, "valid", [[-2, -2]] * 2, 4, ("1.8868", "0.9452", "0.9452", 0), None),
    (
        CORNER,
        ONES5,
        2,
        BELOW_AND_RIGHT,
        [[-2, -2, 0], [-2, -2, 0], [1, 1, 1]],
        9,
        ("1.8547", "0.9242", "0.8794", 0),
        None,
    ),
    (
        [[1, 4, 1], [1, 4, 3], [3, 3, 1]],
        PICTURE,
        1,
        "valid",
        [[122, 148], [126, 134]],
        4,
        ("135.42", "0.5447", "0.5359", 0.27),
        0.30,
    ),
]


@pytest.mark.parametrize(("kernel", "x", "stride", "padding", "y", "rank", "errors", "lucy"), TABLE)
def test_the_4x4_table(kernel, x, stride, padding, y, rank, errors, lucy):
    tried = report.experiment(kernel, x, stride=stride, padding=padding)
    assert np.allclose(tried.y, y, rtol=0, atol=1e-12)
    assert (tried.rank, tried.rank + tried.nullity) == (rank, np.size(x))
    names = ("adjoint", "best_scaled_adjoint", "pseudo_inverse")
    for name, printed in zip(names, errors, strict=False):
        decimals = len(printed.partition(".")[2])
        assert f"{tried.errors[name]:.{decimals}f}" == printed, name
    assert tried.errors["tikhonov"] == pytest.approx(errors[3], abs=5e-3 if errors[3] else 1e-13)
    if lucy is None:
        assert tried.errors["richardson_lucy"] is None
        assert tried.estimate("richardson_lucy") is None
    else:
        assert tried.errors["richardson_lucy"] == pytest.approx(lucy, abs=5e-3 if lucy else 1e-14)
    for name in ("pseudo_inverse", "truncated_svd", "wiener", "landweber"):  # no filter does better
        assert tried.errors[name] == pytest.approx(tried.null_space_share, rel=1e-4)
    assert metrics.relative_error(tried.estimate("best_scaled_adjoint"), np.asarray(x, float)) == (
        pytest.approx(tried.errors["best_scaled_adjoint"], rel=1e-12)
    )
    assert "relative error" in str(tried)


def test_experiment_takes_any_dimension_and_complex_kernels():
    tried = report.experiment([1j, 2, -1], np.arange(1.0, 9), padding="full")
    assert tried.nullity == 0
    assert tried.errors["pseudo_inverse"] < 1e-13
    assert tried.errors["richardson_lucy"] is None
    assert report.experiment(np.ones((2, 2, 2)), np.ones((3, 3, 3))).rank == 8


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (([[1.0]], np.zeros((2, 2))), r"experiment: x must not be all zeros; got shape \(2, 2\)"),
        (([[1.0]], np.ones((80, 80))), "experiment: x must have at most 4096 values; got 6400"),
        ((np.ones((5, 5)), np.ones((4, 4))), "Convolution: kernel must"),
    ],
)
def test_experiment_refuses(arguments, match):
    with pytest.raises(InvalidInputError, match=match):
        report.experiment(*arguments)


# --- messages -------------------------------------------------------------------------------------------


def test_catalogues_have_the_same_keys_and_placeholders():
    english, chinese = (catalogue(lang) for lang in LANGUAGES)
    assert english.keys() == chinese.keys()
    differing = [key for key in english if placeholders(english[key]) != placeholders(chinese[key])]
    assert not differing
    assert not [key for key in english if not english[key].strip() or not chinese[key].strip()]


def test_messages_hold_only_harmless_tags():
    for lang in LANGUAGES:
        tags = {tag for text in catalogue(lang).values() for tag in re.findall(r"<[^>]*>", text)}
        assert tags <= {"<b>", "</b>", "<i>", "</i>"}


def test_chinese_is_chinese():
    """Apart from formulas and names of methods, every message holds Chinese characters."""
    names = {"Landweber", "Richardson–Lucy", "Wiener", "SSIM", "ISNR", "PSNR", "dB"}
    for key, text in catalogue("zh-CN").items():
        words = set(re.findall("[A-Za-z–]{3,}", re.sub(r"\{\w+\}", "", text)))
        assert re.search("[\u4e00-\u9fff]", text) or words <= names, key


@pytest.mark.parametrize(
    ("word", "name"), [("en", "en"), ("zh", "zh-CN"), ("zh-CN", "zh-CN"), ("ZH_cn", "zh-CN")]
)
def test_language_words(word, name):
    assert language("f", word) == name


@pytest.mark.parametrize("word", ["fr", "", None, 3])
def test_unknown_language(word, tmp_path):
    with pytest.raises(InvalidInputError, match="write: lang must be en, zh or zh-CN; got"):
        report.write(compare(signal()), tmp_path / "r.html", lang=word)


# --- numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (None, "f2", "–"),
        ("inf", "f2", "∞"),
        ("-inf", "+f2", "−∞"),
        (12, "d", "12"),
        (-1.594, "+f2", "−1.59"),
        (3.454, "+f2", "+3.45"),
        (0.0, "+f2", "0.00"),
        (-0.001, "f2", "0.00"),
        (0.125, "f2", "0.13"),
        (2.5, "d", "3"),
        (2.23606797749979, "s4", "2.236"),
        (0.999999, "s4", "1.000"),
        (135.42, "s5", "135.42"),
        (7.6e-16, "s1", "8×10⁻¹⁶"),
        (4.81e8, "s3", "4.81×10⁸"),
        (999999.6, "s6", "1.00000×10⁶"),
        (0, "s4", "0"),
        (-1 / 3, "c3", "−0.333"),
        (1.0000000000000002, "c3", "1"),
        (3e-16, "c3", "0"),
        (1348.0, "c3", "1350"),
        (0.005, "p1", "0.5 %"),
    ],
)
def test_number_formats(value, style, text):
    assert format_number(value, style) == text


def test_unknown_number_style():
    with pytest.raises(ValueError, match="unknown number style"):
        format_number(1.0, "x2")


# --- files ----------------------------------------------------------------------------------------------


def signal(*, truth=True):
    """A step and two spikes, blurred by an asymmetric PSF."""
    x = np.zeros(80)
    x[20], x[33], x[50:60] = 3, 2, 1
    seen = observe(x, psf.gaussian(9, 1.5) * np.linspace(0.8, 1.2, 9), noise_std=0.01, rng=0)
    return seen if truth else Observation(seen.data, seen.blur)


def test_write_replaces_its_own_report_only(tmp_path):
    comparison = compare(signal())
    path = report.write(comparison, tmp_path / "r.html")
    assert path == tmp_path / "r.html"
    assert report.write(comparison, path) == path
    path.write_text("<html>mine</html>", "utf-8")
    with pytest.raises(InvalidInputError, match="write: path must not exist yet"):
        report.write(comparison, path)
    assert path.read_text("utf-8") == "<html>mine</html>"
    report.write(comparison, path, overwrite=True)
    assert "invdeconv" in path.read_text("utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    from invdeconv.report import _page

    def broken(self, target):
        raise OSError("no space left")

    monkeypatch.setattr(_page.Path, "replace", broken)
    with pytest.raises(OSError, match="no space"):
        _page.save(tmp_path / "r.html", "text")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("r.txt", r"path must end in .html; got 'r.txt'"),
        ("none/r.html", "path must lie in an existing folder"),
        ("folder.html", "path must not exist yet"),
    ],
)
@pytest.mark.parametrize("call", ["write", "tutorial"])
def test_bad_paths(name, match, call, tmp_path):
    (tmp_path / "folder.html").mkdir()
    arguments = [compare(signal())] if call == "write" else []
    with pytest.raises(InvalidInputError, match=f"{call}: {match}"):
        getattr(report, call)(*arguments, tmp_path / name)


def test_write_wants_a_comparison(tmp_path):
    wanted = "write: comparison must be a Comparison or an Experiment; got ndarray"
    with pytest.raises(InvalidInputError, match=wanted):
        report.write(np.ones(3), tmp_path / "r.html")


# --- pages ----------------------------------------------------------------------------------------------


def embedded(path, name):
    found = re.search(rf'id="{name}">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)
    return json.loads(found[1])


def picture(shape=(40, 52), *, complex_=False):
    rng = np.random.default_rng(3)
    x = rng.random(shape).cumsum(0)
    return x * np.exp(1j * rng.random(shape)) if complex_ else x


def layer():
    C = Convolution(CORNER, (4, 4), stride=2, padding="valid", correlate=True)
    return Observation(C(ONES4), C, ONES4)


def subsampled():
    C = Convolution(psf.gaussian((5, 5), 1.0), (24, 36), stride=2)
    return observe(picture((24, 36)), C, noise_std=0.1, rng=0)


OBSERVATIONS = {
    "1-D": signal,
    "1-D, no truth": lambda: signal(truth=False),
    "2-D": lambda: observe(picture(), np.ones((3, 4)) / 12, noise_std=0.1, rng=0),
    "complex": lambda: observe(picture(complex_=True), np.ones((3, 4)) / 12, noise_std=0.1, rng=0),
    "3-D": lambda: observe(picture((8, 18, 20)), np.ones((2, 3, 4)) / 24, noise_std=0.1, rng=0),
    "layer": layer,
    "other shape": subsampled,
    "constant": lambda: Observation(np.full((16, 18), 3.0), np.ones((3, 3)) / 9),
    "large": lambda: Observation(np.tile(samples.camera()[:, :300] / 255, (2, 1)), np.ones((1, 3)) / 3),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """One page of each kind; methods chosen so that refusals, odd names and bare arrays occur."""
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for index, (name, make) in enumerate(OBSERVATIONS.items()):
        seen = make()
        few = {"<b>mine</b>": lambda data, blur: 0 * data, "wiener": _wiener, "adjoint": _adjoint}
        comparison = compare(seen, few if name in ("large", "complex", "3-D") else None)
        found[name] = report.write(comparison, folder / f"{index}.html"), comparison
    return found


def _wiener(data, blur):
    from invdeconv import wiener

    return wiener(data, blur)


def _adjoint(data, blur):
    from invdeconv import adjoint

    return adjoint(data, blur)


@pytest.mark.parametrize("name", OBSERVATIONS)
def test_page_of_any_data(name, pages):
    path, comparison = pages[name]
    text = path.read_text("utf-8")
    numbers = embedded(path, "numbers")
    assert [row["name"] for row in numbers["entries"]] == [entry.name for entry in comparison]
    for row, entry in zip(numbers["entries"], comparison, strict=True):
        for key, value in entry.metrics.items():
            assert row["metrics"][key] == (value if value is None or np.isfinite(value) else str(value))
    # What the server printed is what the numbers say.
    for key, style, shown in re.findall(r'data-number="([\w.]*)" data-format="([^"]*)">([^<]*)<', text):
        value = numbers
        for step in key.split("."):
            value = value[int(step)] if isinstance(value, list) else value[step]
        assert shown == format_number(value, style), key
    assert len(path.read_bytes()) < 5e6
    assert not re.search(r'(src|href)="(?!data:|#)', text)
    assert "<b>mine</b>" not in text
    if name == "1-D, no truth":
        assert not re.search('data-message="metrics.isnr"', text)


def test_colors_do_not_depend_on_estimates(pages):
    from invdeconv.report._pictures import limits

    _, comparison = pages["2-D"]
    low, high = limits(comparison)
    truth = comparison.observation.truth
    assert truth.min() <= low < high <= truth.max()
    assert limits(pages["constant"][1]) == (0.0, 6.0)


def test_curves_and_pictures_are_clipped():
    from invdeconv.report._pictures import curve, photo, png, shown

    points = np.array([p.split(",") for p in curve(np.array([0.0, 1e9, -1e9, 1.0]), 0, 1).split()], float)
    assert points[:, 1].min() == 0
    assert points[:, 1].max() == 160
    assert len(curve(np.random.default_rng(0).random(100_000), 0, 1).split()) <= 1280
    assert png(np.eye(3), 0, 1).startswith("data:image/png;base64,")
    assert photo(np.eye(3), 0, 1).startswith("data:image/webp;base64,")
    assert shown(np.ones((3, 600, 700))).values.shape == (512, 512)
    assert shown(np.ones((2, 3)) * 1j).notes == ("magnitude",)


# --- the tutorial ---------------------------------------------------------------------------------------


def test_tutorial_says_what_it_found(tutorial):
    assert len(tutorial["verdict"]) == 3
    assert tutorial["stages"][0] == "4×4 experiment"
    assert len(tutorial["stages"]) == 6 + len(SECTIONS)
    assert "2.2361" in tutorial["experiment_table"]
    assert "−1" in tutorial["photograph_table"]
    assert tutorial["numbers"]["cases"]["stride"]["rank"] == 4
    assert tutorial["text"].startswith(tutorial["verdict"][0])
    assert "<" not in tutorial["text"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_are_aligned(lang, tutorial):
    table = experiment_table(Page(tutorial["numbers"], lang))
    assert "135.42" in table
    assert len({_width(line) for line in table.splitlines()}) == 1


def _width(text):
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def test_tutorial_is_small_and_self_contained(tutorial):
    path = tutorial["path"]
    text = path.read_text("utf-8")
    assert path.stat().st_size < 1.4e6  # of 1.5e6: pictures of other versions are a little larger
    assert '<html lang="en">' in text
    assert not re.search(r'(src|href)="(?!data:|#)', text)
    assert not re.search("https?://", text)
    assert embedded(path, "numbers") == json.loads(json.dumps(tutorial["numbers"]))


def test_every_message_is_used(tutorial, pages, tmp_path):
    tried = report.experiment(CORNER, ONES4, stride=2)
    own = report.write(tried, tmp_path / "layer.html")
    used = set(embedded(tutorial["path"], "messages")["en"]) | set(embedded(own, "messages")["en"])
    for path, _ in pages.values():
        used |= set(embedded(path, "messages")["en"])
    assert used == set(catalogue("en"))


def test_what_the_tutorial_claims(tutorial):
    """The sentences of the page, as inequalities: they must be true of the numbers they quote."""
    numbers = tutorial["numbers"]
    for case in numbers["cases"].values():
        errors = {name: value for name, value in case["errors"].items() if value is not None}
        assert errors["adjoint"] > errors["best_scaled_adjoint"] > errors["pseudo_inverse"] * (1 - 1e-12)
        filters = ("pseudo_inverse", "truncated_svd", "wiener", "landweber", "best_scaled_adjoint")
        assert all(errors[name] > case["floor"] * (1 - 1e-12) for name in filters)
    assert min(v for v in numbers["cases"]["picture"]["errors"].values()) > 0.2
    assert numbers["random"]["tikhonov"] > numbers["random"]["pseudo_inverse"]
    gains = {row["name"]: row["metrics"]["isnr"] for row in numbers["photograph"]["entries"]}
    assert max(gains["adjoint"], gains["pseudo_inverse"]) < 0
    assert min(gain for name, gain in gains.items() if name not in ("adjoint", "pseudo_inverse", "data")) > 1
    white = {row["name"]: row["metrics"]["residual_whiteness"] for row in numbers["clock"]["entries"]}
    assert max(white["tikhonov"], white["wiener"]) < 0.1 * white["data"] < white["adjoint"]
    rates = {name: row["rate"] for name, row in numbers["channel"]["receivers"].items()}
    assert rates["wiener"] < rates["data"] < rates["adjoint"] < rates["pseudo_inverse"]


def test_overlap_map_is_the_divisor(tutorial):
    assert tutorial["numbers"]["overlap"] == [[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]]


@pytest.mark.parametrize("name", SNIPPETS)
def test_snippets_print_the_numbers_of_the_page(name, tutorial):
    numbers = tutorial["numbers"]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(SNIPPETS[name], {})
    wanted = {
        "experiment": f"{numbers['cases']['stride']['errors']['adjoint']:.5g}",
        "photograph": f"{numbers['photograph']['entries'][1]['metrics']['isnr']:.2f}",
        "clock": f"{numbers['clock']['length']}",
        "gallery": f"{numbers['gallery']['portrait']['pictures']['total_variation']['lam']}",
        "channel": f"{numbers['channel']['receivers']['adjoint']['rate']}",
        "modem": f"{numbers['modem']['rates']['detectors']['linear']['theory']}",
    }
    assert wanted[name] in printed.getvalue()


# --- motion ---------------------------------------------------------------------------------------------
