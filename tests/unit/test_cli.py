"""The command line: each command is one library call; exit codes; nothing is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from invdeconv import files, psf, richardson_lucy, samples, simulate, wiener
from invdeconv.cli import main


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def blurred():
    scene = samples.camera()[100:200, 120:240].astype(float)
    return simulate.observe(scene, psf.gaussian((17, 17), 1.5), noise_std=1.0, rng=0).data


def test_restore_is_the_library_s_wiener(run, blurred):
    files.write("in.tif", blurred)
    result = run("restore", "in.tif", "--psf", "gaussian:1.5", "-o", "out.npy")
    assert result.exit_code == 0, result.output
    assert "wiener (periodic DFT)" in result.output
    assert "noise_std = " in result.output
    seen = files.read("in.tif").data
    expected = wiener(seen, psf.gaussian((15, 15), 1.5)).estimate
    np.testing.assert_allclose(files.read("out.npy").data, expected, rtol=1e-5, atol=1e-3)


def test_a_psf_file_and_its_scale(run, blurred):
    files.write("in.npy", blurred)
    kernel = psf.gaussian((9, 9), 1.5)
    files.write("psf.npy", 40 * kernel)
    warned = run("restore", "in.npy", "--psf", "psf.npy", "-o", "a.npy")
    assert warned.exit_code == 0
    assert "warning: IDW001" in warned.output
    command = ("restore", "in.npy", "--psf", "psf.npy", "--normalize-psf", "--method", "richardson_lucy")
    quiet = run(*command, "-o", "b.npy")
    assert "warning" not in quiet.output
    single = files.read("in.npy").data
    np.testing.assert_allclose(files.read("b.npy").data, richardson_lucy(single, kernel).estimate, rtol=1e-3)


def test_colors_are_pictures_of_their_own(run):
    scene = samples.camera()[100:180, 120:220]
    colors = np.stack([scene, 255 - scene, scene // 2], axis=-1)
    files.write("in.png", colors)
    assert run("restore", "in.png", "--psf", "gaussian:1", "-o", "out.png").exit_code == 0
    restored = files.read("out.png").data
    kernel = psf.gaussian((11, 11), 1.0)
    for channel in range(3):
        expected = np.clip(np.round(wiener(colors[..., channel], kernel).estimate), 0, 255)
        assert np.abs(restored[..., channel] - expected).max() <= 1


def test_times_and_channels_are_pictures_of_their_own(run):
    rng = np.random.default_rng(1)
    stack = rng.random((2, 3, 20, 24)).astype(np.float32)
    files.write("in.tif", stack, like=files.Image(stack, axes="TCYX"))
    assert run("restore", "in.tif", "--psf", "gaussian:1", "-o", "out.tif").exit_code == 0
    restored = files.read("out.tif")
    assert restored.axes == "TCYX"
    expected = wiener(stack[1, 2], psf.gaussian((11, 11), 1.0)).estimate
    np.testing.assert_allclose(restored.data[1, 2], expected, rtol=1e-5, atol=1e-5)


def test_only_methods_that_choose_for_themselves_are_offered(run):
    for name in ("twins", "Posterior", "damped_svd", "estimate_kernel"):
        refused = run("restore", "in.npy", "--psf", "gaussian:1", "--method", name, "-o", "out.npy")
        assert refused.exit_code == 2
    assert "total_variation" in run("restore", "--help").output


def test_nothing_is_overwritten(run, blurred):
    files.write("in.npy", blurred)
    files.write("out.npy", np.zeros(3))
    refused = run("restore", "in.npy", "--psf", "gaussian:1.5", "-o", "out.npy")
    assert refused.exit_code == 3
    assert "error: restore: output must not exist yet" in refused.output
    assert files.read("out.npy").data.shape == (3,)
    assert run("restore", "in.npy", "--psf", "gaussian:1.5", "-o", "out.npy", "--force").exit_code == 0
    assert files.read("out.npy").data.shape == blurred.shape


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--psf", "gaussian:wide", "-o", "o.npy"), "psf must have its numbers after the name"),
        (("--psf", "gaussian:nan", "-o", "o.npy"), "the size of gaussian must be a finite number > 0"),
        (("--psf", "disk:-3", "-o", "o.npy"), "the size of disk must be a finite number > 0"),
        (("--psf", "none.npy", "-o", "o.npy"), "none.npy"),
        (("--psf", "gauss:1", "-o", "o.npy"), "psf must be a file or a known shape"),
        (
            ("--psf", "gaussian:1", "-o", "o.jpg"),
            "restore: output must end in .png, .tif, .tiff, .npy; got 'o.jpg'",
        ),
        (
            ("--psf", "gaussian:1", "-o", "none/o.npy"),
            "restore: output must lie in an existing folder; got 'none'",
        ),
        (("--psf", "gaussian:1", "-o", "o.png"), "dtype must be given for a PNG"),
        (("--psf", "gaussian:1", "--boundary", "wrap", "-o", "o.npy"), "boundary must be one of taper"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_3(run, blurred, arguments, message):
    files.write("in.npy", blurred)
    result = run("restore", "in.npy", *arguments)
    assert result.exit_code == 3
    assert message in result.output
    assert "Traceback" not in result.output


def test_a_tolerance_that_is_not_met_has_its_exit_code(run):
    rng = np.random.default_rng(0)
    files.write("in.npy", rng.random((40, 50)))
    command = ("restore", "in.npy", "--psf", "disk:6", "--method", "pseudo_inverse")
    result = run(*command, "--boundary", "unknown", "-o", "out.npy")
    assert result.exit_code == 4
    assert files.read("out.npy").data.shape == (40, 50)


def test_experiment_on_the_reader_s_own_layer(run):
    result = run("experiment", "--kernel", "1 0; -1 -2", "--size", "4x4", "--stride", 2)
    assert result.exit_code == 0
    assert "rank 4 of 16" in result.output
    assert "2.2361" in result.output
    assert "0.91287" in result.output
    picture = "4 5 8 7; 1 8 8 8; 3 6 6 4; 6 5 7 8"
    own = run("experiment", "--kernel", "1 4 1; 1 4 3; 3 3 1", "--input", picture)
    assert "135.42" in own.output
    ones = "1 1 1; 1 1 1; 1 1 1"
    padded = run("experiment", "--kernel", ones, "--size", "4×4", "--stride", 2, "--padding", "0,1")
    assert "10.86" in padded.output
    page = run("experiment", "--kernel", ones, "--size", "4×4", "-o", "layer.html", "--lang", "zh")
    assert "wrote layer.html" in page.output
    assert "零空间" in Path("layer.html").read_text("utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ("experiment", "--kernel", "1 a", "--size", "4x4"),
        ("experiment", "--kernel", "1 1; 1", "--size", "4x4"),
        ("experiment", "--kernel", "1 1", "--size", "4xfour"),
        ("experiment", "--kernel", "1 1; 1 1", "--size", "4x4", "--padding", "0,b"),
    ],
)
def test_a_mistyped_experiment(run, arguments):
    result = run(*arguments)
    assert result.exit_code == 3
    assert "error: experiment: " in result.output


def test_usage_errors_have_exit_code_2(run):
    assert run("experiment", "--kernel", "1 1").exit_code == 2
    assert run("restore").exit_code == 2
    assert run("nothing").exit_code == 2
    assert run("--version").exit_code == 0
