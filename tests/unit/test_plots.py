"""plots: one range of values for all, no global state."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import invdeconv
from invdeconv import Convolution, InvalidInputError, compare, decompose, plots
from invdeconv.simulate import Observation, observe


@pytest.fixture(scope="module")
def comparison():
    scene = np.random.default_rng(0).random((30, 41)).cumsum(0)
    return compare(observe(scene, np.ones((3, 4)) / 12, noise_std=0.05, rng=0))


def test_all_pictures_share_the_range_of_the_truth(comparison):
    figure, axes = plots.compare_images(comparison, columns=4)
    truth = comparison.observation.truth
    drawn = [ax for ax in axes.flat if ax.images]
    assert axes.shape == (3, 4)
    assert len(drawn) == 9
    assert {ax.images[0].get_clim() for ax in drawn} == {(truth.min(), truth.max())}
    assert drawn[0].get_title() == "truth"
    figure.canvas.draw()


def test_without_truth_the_range_is_that_of_the_data():
    C = Convolution([[1, 0], [-1, -2]], (4, 6), stride=2, padding="valid", correlate=True)
    data = C(np.arange(24.0).reshape(4, 6))
    _, axes = plots.compare_images(compare(Observation(data, C)))
    assert axes.flat[0].get_title() == "data"
    assert axes.flat[1].images[0].get_clim() == (data.min(), data.max())
    _, axes = plots.compare_images(compare(Observation(data, C)), limits=(-1, 2))
    assert axes.flat[0].images[0].get_clim() == (-1, 2)


def test_compare_images_refuses_signals():
    with pytest.raises(InvalidInputError, match="compare_images: comparison must be of 2-D data"):
        plots.compare_images(compare(Observation(np.ones(20), np.ones(3) / 3)))


def test_signals():
    first = np.array([0.0, 1.0, 2.0])
    figure, ax = plots.plot_signals({"truth": first, "estimate": 1j * np.array([9.0, -9.0, 0.0])})
    assert ax.get_ylim() == pytest.approx((-0.2, 2.2))
    assert [line.get_linestyle() for line in ax.lines] == ["-", "--"]
    assert ax.lines[1].get_ydata().tolist() == [9, 9, 0]
    figure.canvas.draw()


@pytest.mark.parametrize(
    ("signals", "match"), [({}, "hold at least one signal"), ({"a": np.ones((2, 2))}, "be 1-D")]
)
def test_signals_refuses(signals, match):
    with pytest.raises(InvalidInputError, match=match):
        plots.plot_signals(signals)


def test_spectrum():
    C = Convolution([1.0, 2.0, 1.0], (16,), boundary="periodic")
    factored = decompose(C)
    figure, ax = plots.plot_spectrum(factored)
    assert ax.lines[0].get_ydata().tolist() == factored.singular_values.tolist()
    figure.canvas.draw()
    _, ax = plots.plot_spectrum(factored, C(np.arange(16.0)))
    assert len(ax.lines) == 2


def test_pyplot_is_not_loaded():
    code = (
        "import sys, numpy as np; from invdeconv import plots;"
        "figure, ax = plots.plot_signals({'a': np.arange(3.0)}); figure.canvas.draw();"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    root = Path(invdeconv.__file__).parents[1]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
