"""The pages in a real browser: offline, silent, in two languages, every number the library's own."""

from __future__ import annotations

import random

import numpy as np
import pytest

from invdeconv import Convolution, compare, psf, report, samples
from invdeconv.report._format import format_number
from invdeconv.report._messages import catalogue
from invdeconv.simulate import Observation, observe

from .expected import comparison_numbers, layer_numbers, tutorial_numbers

pytestmark = pytest.mark.browser

LANGUAGES = ("en", "zh-CN")
NUMBERS = """() => [...document.querySelectorAll("[data-number]")].map(
    (e) => [e.dataset.number, e.dataset.format, e.textContent])"""
MESSAGES = """() => [...document.querySelectorAll("[data-message]")].map(
    (e) => [e.dataset.message, e.textContent.trim()])"""
WIDTHS = "() => [document.documentElement.scrollWidth, window.innerWidth]"


def switch(page, lang):
    page.click(f'button[data-language="{lang}"]')


def quiet(opened):
    assert opened.problems == []
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []


def check_numbers(page, expected):
    shown = page.evaluate(NUMBERS)
    assert shown
    for key, style, text in shown:
        assert key in expected, f"{key} is on the page and not computed here"
        assert text == format_number(expected[key], style) or is_rounding(key, text, expected[key]), key


def is_rounding(key, text, value):
    """Two ways of computing zero differ, and so do their decibels."""
    if key == "iterations.frames.10.clean.psnr":
        return min(float(text), value) > 200
    power = text.partition("×10⁻")[2].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
    return isinstance(value, float) and abs(value) < 1e-9 and (text == "0" or int(power or 0) > 9)


def check_words(page, lang):
    assert page.evaluate("document.documentElement.lang") == lang
    for key, text in page.evaluate(MESSAGES):
        # Up to the first placeholder or tag a message stands on the page as it is written.
        begin = catalogue(lang)[key].partition("{")[0].partition("<")[0].strip()
        assert text.startswith(begin), key
        assert text, key
        assert "undefined" not in text, key


def test_tutorial_numbers_are_the_library_s(tutorial, section_numbers, open_page):
    opened = open_page(tutorial["path"])
    expected = tutorial_numbers(section_numbers)
    for lang in (*LANGUAGES, "en"):
        switch(opened.page, lang)
        check_words(opened.page, lang)
        check_numbers(opened.page, expected)
    quiet(opened)


def test_tutorial_switches_language(tutorial, open_page):
    page = open_page(tutorial["path"]).page
    titles = {}
    for lang in LANGUAGES:
        switch(page, lang)
        titles[lang] = page.title()
        assert page.locator("h1").inner_text() == catalogue(lang)["page.title"]
        alts = page.eval_on_selector_all("main img[alt]", "(all) => all.map((e) => e.alt)")
        assert all(alts)
        assert page.locator(f'button[data-language="{lang}"]').get_attribute("aria-pressed") == "true"
    assert titles["en"] != titles["zh-CN"]
    assert "Cᵀ 转置卷积：" in " ".join(alts)


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_tutorial_does_not_scroll_sideways(width, tutorial, open_page):
    opened = open_page(tutorial["path"], width=width)
    for lang in LANGUAGES:
        switch(opened.page, lang)
        opened.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
        scroll, inner = opened.page.evaluate(WIDTHS)
        assert scroll <= inner
    quiet(opened)


def test_wipe_follows_slider_and_selection(tutorial, open_page):
    opened = open_page(tutorial["path"])
    box = opened.page.locator(".wipe").first
    slider = box.locator("input")
    slider.focus()
    slider.press("End")
    cut = "(e) => getComputedStyle(e).getPropertyValue('--cut')"
    assert box.locator(".stage").evaluate(cut) == "100%"
    slider.press("Home")
    assert box.locator(".stage").evaluate(cut) == "0%"
    box.locator("select.right").select_option(label=catalogue("en")["method.pseudo_inverse"])
    under = box.locator("img.under")
    shown = opened.page.locator("#photograph-gallery img").nth(3)
    assert under.get_attribute("src") == shown.get_attribute("src")
    assert under.get_attribute("alt").startswith("C⁺, pseudo-inverse")
    switch(opened.page, "zh-CN")
    assert under.get_attribute("alt").startswith("C⁺ 伪逆")
    quiet(opened)


def test_gallery_is_wiped_by_pointer_and_keyboard(tutorial, open_page):
    opened = open_page(tutorial["path"], width=360)
    page = opened.page
    boxes = page.locator("#gallery .wipe")
    assert boxes.count() == 4
    for box in boxes.all():
        stage, slider = box.locator(".stage"), box.get_by_role("slider")
        stage.scroll_into_view_if_needed()
        frame = stage.locator("img.under").bounding_box()
        across = frame["y"] + 0.3 * frame["height"]
        page.mouse.move(frame["x"] + 0.5 * frame["width"], across)
        page.mouse.down()
        page.mouse.move(frame["x"] + 0.25 * frame["width"], across, steps=5)
        page.mouse.up()
        divide = stage.locator(".divide").bounding_box()
        moved = (divide["x"] + divide["width"] / 2 - frame["x"]) / frame["width"]
        assert moved == pytest.approx(0.25, abs=0.05)
        before = int(slider.input_value())
        page.keyboard.press("ArrowRight")
        assert int(slider.input_value()) == before + 1
        assert stage.evaluate("(e) => getComputedStyle(e).getPropertyValue('--cut')") == f"{before + 1}%"
        assert stage.evaluate("(e) => getComputedStyle(e).outlineStyle") == "solid"
        for side in ("left", "right"):
            select = box.locator(f"select.{side}")
            for option in select.locator("option").all():
                select.select_option(value=option.get_attribute("value"))
                assert stage.locator(f".tag.{side}").inner_text() == option.inner_text()
        names = [stage.locator(f".tag.{side}").inner_text() for side in ("left", "right")]
        told = f"{names[0]} {before + 1} %, {names[1]} {99 - before} %"
        assert slider.get_attribute("aria-valuetext") == told
        pictures = box.locator("xpath=following-sibling::div").locator("img")
        shown = [stage.locator(f"img.{layer}").get_attribute("src") for layer in ("over", "under")]
        assert shown == [pictures.last.get_attribute("src")] * 2
    switch(page, "zh-CN")
    assert boxes.first.locator(".tag.left").inner_text() == catalogue("zh-CN")["method.total_variation"]
    assert page.evaluate(WIDTHS)[0] <= 360
    quiet(opened)


def test_gallery_is_there_without_javascript_and_on_paper(tutorial, open_page):
    plain = open_page(tutorial["path"], javascript=False).page
    paper = open_page(tutorial["path"]).page
    paper.emulate_media(media="print")
    for page in (plain, paper):
        assert not page.locator("#gallery .wipe").first.is_visible()
        pictures = page.locator("#gallery figure img").all()
        assert len(pictures) == 17
        assert all(picture.is_visible() for picture in pictures)


def test_the_film_follows_its_slider(tutorial, open_page):
    opened = open_page(tutorial["path"], width=360)
    film = opened.page.locator(".film")
    slider, frames, shown = (
        film.locator("input"),
        film.locator(".strip .frame"),
        film.locator(".screen .frame"),
    )
    assert frames.count() == 11
    sources = "(all) => all.map((e) => e.src)"
    slider.focus()
    for key, index in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("End", 10), ("ArrowLeft", 9)):
        slider.press(key)
        chosen = frames.nth(index)
        assert shown.locator("img").evaluate_all(sources) == chosen.locator("img").evaluate_all(sources)
        assert chosen.evaluate("(e) => e.classList.contains('chosen')")
        assert film.locator(".chosen").count() == 1
        title = chosen.locator("p").inner_text()
        assert shown.locator("p").inner_text() == title
        assert slider.get_attribute("aria-valuetext").startswith(title)
        inside = "(e) => { const a = e.getBoundingClientRect(), b = e.parentElement.getBoundingClientRect();"
        assert chosen.evaluate(inside + " return a.left >= b.left && a.right <= b.right + 1; }")
    assert len(set(film.locator("img").evaluate_all(sources))) == 22
    switch(opened.page, "zh-CN")
    assert shown.locator("p").inner_text() == "第 1000000 步"
    assert slider.get_attribute("aria-valuetext").startswith("第 1000000 步; 无噪声：误差")
    assert film.get_by_role("slider").get_attribute("aria-valuetext")
    quiet(opened)


def test_charts_are_drawn_and_named(tutorial, open_page):
    opened = open_page(tutorial["path"], width=360)
    for lang in LANGUAGES:
        switch(opened.page, lang)
        count, outside = opened.page.evaluate(LABELS)
        assert count >= 14
        assert outside == []
    quiet(opened)


# How many charts there are, and which of their words are cut off or have no room.
LABELS = """() => {
  const charts = [...document.querySelectorAll(".chart > svg, .map > svg")];
  const outside = charts.filter((c) => !c.getAttribute("aria-label")).map((c) => c.outerHTML.slice(0, 99));
  for (const chart of charts) {
    const frame = chart.getBoundingClientRect();
    for (const text of chart.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      const inside = box.left >= 0 && box.right <= innerWidth;
      const fits = inside && box.top >= frame.top - 6 && box.bottom <= frame.bottom + 6;
      if (!fits || !text.textContent.trim()) outside.push(text.outerHTML);
    }
  }
  return [charts.length, outside];
}"""


def test_tutorial_is_complete_without_javascript(tutorial, open_page):
    page = open_page(tutorial["path"], javascript=False).page
    assert page.locator("h1").inner_text() == catalogue("en")["page.title"]
    assert page.locator("[data-number]").first.inner_text() == "2.236"
    assert not page.locator(".languages").is_visible()
    assert not page.locator(".wipe").first.is_visible()
    assert not page.locator(".screen").is_visible()
    assert page.locator(".strip img").count() == 22
    assert all(image.is_visible() for image in page.locator(".strip img").all())


def test_tutorial_prints(tutorial, open_page):
    opened = open_page(tutorial["path"])
    opened.page.emulate_media(media="print")
    assert not opened.page.locator(".wipe").first.is_visible()
    assert opened.page.pdf(tagged=True, format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(scheme, tutorial, open_page):
    """WCAG AA: text 4.5 to 1 against the color behind it, heat maps included."""
    page = open_page(tutorial["path"]).page
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
    worst = page.evaluate(CONTRAST)
    assert worst[0] >= 4.5, worst


# Colors through a canvas, which knows color-mix() and every other notation.
CONTRAST = """() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map(
      (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const c = rgba(getComputedStyle(e).backgroundColor);
      if (c[3] === 255) return c;
    }
    return [255, 255, 255, 255];
  };
  let worst = [99, ""];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || ["SCRIPT", "STYLE", "OPTION"].includes(element.tagName)) continue;
    const pair = [rgba(getComputedStyle(element).color), behind(element)].map(luminance);
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < worst[0]) worst = [ratio, element.outerHTML.slice(0, 200)];
  }
  return worst;
}"""


def test_both_formatters_agree(tutorial, open_page):
    page = open_page(tutorial["path"]).page
    draw = random.Random(0)
    values = [0, 1, -1, 0.5, 2.5, -2.5, 0.125, 1.005, 9.995, 99.995, 1e-9, 9.99e-10, 1e6, 999999.5, 123456.5]
    values += [draw.uniform(-1, 1) * 10.0 ** draw.randint(-18, 19) for _ in range(3000)]
    values += [draw.randint(-(10**7), 10**7) / 8 for _ in range(1000)]
    values += [None, "inf", "-inf"]
    styles = ["d", "f1", "f2", "+f2", "f4", "s1", "s3", "s4", "s5", "+s3", "c3", "p0", "p1"]
    told = page.evaluate(
        "([values, styles]) => styles.map((s) => values.map((v) => invdeconv.formatNumber(v, s)))",
        [values, styles],
    )
    for style, texts in zip(styles, told, strict=True):
        for value, text in zip(values, texts, strict=True):
            assert text == format_number(value, style), (value, style)


# --- pages of the reader's own data ---------------------------------------------------------------------


def one_dimensional():
    x = np.zeros(90)
    x[20], x[33], x[50:60] = 3, 2, 1
    seen = observe(x, psf.gaussian(9, 1.5), noise_std=0.01, rng=0)
    return Observation(seen.data, seen.blur)


def layer():
    C = Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True)
    return Observation(C(np.ones((4, 4))), C, np.ones((4, 4)))


def photograph():
    return observe(samples.camera()[100:200, 200:310] / 255, np.ones((3, 4)) / 12, noise_std=0.01, rng=0)


@pytest.mark.parametrize("make", [one_dimensional, layer, photograph])
def test_page_of_own_data(make, open_page, tmp_path):
    comparison = compare(make())
    opened = open_page(report.write(comparison, tmp_path / "r.html", lang="zh"), width=360)
    expected = comparison_numbers(comparison)
    for lang in ("zh-CN", "en"):
        switch(opened.page, lang)
        check_words(opened.page, lang)
        check_numbers(opened.page, expected)
        scroll, inner = opened.page.evaluate(WIDTHS)
        assert scroll <= inner
    quiet(opened)


@pytest.mark.parametrize(
    ("kernel", "x", "padding"),
    [
        (np.ones((3, 3)), np.ones((5, 5)), "same"),
        ([[1.0, 2, 0], [0, -1, 3]], np.arange(1.0, 65).reshape(8, 8), "valid"),
        ([1.0, 2.0, 1.0], np.arange(1.0, 13), "valid"),
    ],
)
def test_page_of_a_layer(kernel, x, padding, open_page, tmp_path):
    tried = report.experiment(kernel, x, padding=padding)
    opened = open_page(report.write(tried, tmp_path / "r.html"), width=360)
    expected = layer_numbers(tried)
    for lang in LANGUAGES:
        switch(opened.page, lang)
        check_words(opened.page, lang)
        check_numbers(opened.page, expected)
        scroll, inner = opened.page.evaluate(WIDTHS)
        assert scroll <= inner
    quiet(opened)


def test_names_and_words_of_users_are_text(open_page, tmp_path):
    attack = "<img src=x onerror=alert(1)>{name}&amp;"
    comparison = compare(
        photograph(), {attack: lambda data, blur: data, "short": lambda data, blur: data[1:]}
    )
    opened = open_page(report.write(comparison, tmp_path / "r.html"))
    switch(opened.page, "zh-CN")
    assert opened.page.locator("figcaption b").nth(2).inner_text() == attack
    assert opened.page.locator('img[src="x"]').count() == 0
    quiet(opened)
