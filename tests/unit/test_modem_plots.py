"""plots of a modem: what stands where, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from invdeconv import InvalidInputError, plots
from invdeconv.equalization import (
    Channel,
    Constellation,
    ErrorRate,
    mmse,
    mmse_dfe,
    root_raised_cosine,
    zero_forcing,
)

QPSK = Constellation.qam(4)


def test_constellation():
    symbols = np.array([[1 + 2j, -3j], [0.5, 0.25j]])
    figure, ax = plots.plot_constellation(symbols, QPSK)
    clouds, alphabet = ax.lines
    assert clouds.get_xydata().tolist() == [[1, 2], [0, -3], [0.5, 0], [0, 0.25]]
    assert alphabet.get_xdata().tolist() == QPSK.points.real.tolist()
    assert ax.get_xlim() == ax.get_ylim() == pytest.approx((-1.6, 1.6))  # of the alphabet, not of outliers
    figure.canvas.draw()
    _, ax = plots.plot_constellation(np.array([1.0, -1.0, 0.0]))
    assert ax.lines[0].get_ydata().tolist() == [0, 0, 0]
    assert len(ax.lines) == 1


def test_eye_is_cut_at_the_decisions():
    """A ramp tells which samples a trace holds."""
    s, start = 3, 4
    figure, axes = plots.plot_eye(np.arange(30.0), s, start=start)
    traces = np.array([line.get_ydata() for line in axes[0].lines])
    assert axes.shape == (1,)
    assert axes[0].lines[0].get_xdata() == pytest.approx(np.arange(-3, 4) / 3)
    assert traces[:, s].tolist() == list(range(start, 30 - s, s))  # the middle
    assert np.array_equal(np.diff(traces, axis=1), np.ones((len(traces), 2 * s)))
    figure.canvas.draw()
    _, axes = plots.plot_eye(np.arange(30) * (1 - 2j), s, traces=2)
    assert [len(ax.lines) for ax in axes] == [2, 2]
    assert axes[1].lines[0].get_ydata().tolist() == [-2 * k for k in range(7)]


def test_an_equalizer_opens_the_eye():
    """Channel A without noise: closed before (Σ|hᵢ| beyond the main tap exceeds it), open after."""
    s, channel = 8, Channel.proakis_a()
    pulse = root_raised_cosine(np.arange(-10 * s, 10 * s + 1) / s, 0.5) / np.sqrt(s)
    shape, idle = np.convolve(pulse, pulse), np.eye(1, s)[0]
    symbols = np.random.default_rng(0).choice([-1.0, 1.0], 500)
    waveform = np.convolve(np.convolve(np.kron(symbols, idle), np.kron(channel.taps, idle)), shape)
    design = mmse(channel, n0=1e-3, taps=41, real_symbols=True).unbiased()
    first = 20 * s + 60 * s  # behind the start of the burst

    def opening(samples):
        middle = [line.get_ydata()[s] for line in plots.plot_eye(samples, s, start=first)[1][0].lines]
        return min(map(abs, middle))

    assert opening(waveform) < 0.1
    assert opening(np.convolve(waveform, np.kron(design.taps, idle))) > 0.8


def test_error_rates():
    seen, none = ErrorRate(1e-2, 8e-3, 1.3e-2, 9, 20, 2000, 20), ErrorRate(0.0, 0.0, 1e-3, 0, 0, 3000, 20)
    figure, ax = plots.plot_error_rates(
        [0, 5, 10],
        theory={"bound": [np.inf, 1e-2, 1e-4], "mmse": [0.1, 0.05, 0.0]},
        simulated={"mmse": [seen, None, none], "other": [seen, seen, None]},
    )
    bound, mmse_curve = ax.lines[:2]
    assert np.isnan(bound.get_ydata()[0])
    assert np.isnan(mmse_curve.get_ydata()[2])
    points, limit, other = ax.containers
    assert points.lines[0].get_xydata().tolist() == [[0, 1e-2]]
    ((low, high),) = [segment[:, 1] for segment in points.lines[2][0].get_segments()]
    assert (low, high) == pytest.approx((8e-3, 1.3e-2))
    assert limit.lines[0].get_xydata().tolist() == [[10, 1e-3]]
    assert points.lines[0].get_color() == limit.lines[0].get_color() == mmse_curve.get_color()
    assert other.lines[0].get_color() not in (bound.get_color(), mmse_curve.get_color())
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["bound", "mmse", "mmse, simulated", "other"]
    figure.canvas.draw()


def test_spectra_of_an_equalizer():
    channel = Channel([1.0, 0.5, -0.3])
    design = zero_forcing(channel, n0=0.1, taps=9)
    figure, (taps, spectra) = plots.plot_equalizer(design)
    assert taps.containers[0].markerline.get_ydata().tolist() == design.taps.tolist()
    heard, undone, both = (line.get_ydata() for line in spectra.lines)
    frequency = spectra.lines[0].get_xdata()
    assert (frequency[0], frequency[-1]) == (0, 0.5)
    k = 100
    H = 1 + 0.5 * np.exp(-2j * np.pi * frequency[k]) - 0.3 * np.exp(-4j * np.pi * frequency[k])
    assert heard[k] == pytest.approx(20 * np.log10(abs(H)))
    assert both == pytest.approx(heard + undone)  # in decibels
    figure.canvas.draw()


def test_spectra_of_a_fractional_complex_equalizer():
    channel = Channel(np.array([1.0, 0.5j, -0.3, 0.2]), 2)
    _, (taps, spectra) = plots.plot_equalizer(mmse_dfe(channel, n0=0.1, taps=8))
    limits = [(line.get_xdata()[0], line.get_xdata()[-1]) for line in spectra.lines]
    assert limits == [(-1, 1), (-1, 1), (-0.5, 0.5)]
    assert taps.containers[0].markerline.get_xdata().tolist() == [k / 2 for k in range(8)]
    assert [text.get_text() for text in taps.get_legend().get_texts()] == ["feedforward", "feedback"]
    assert min(taps.containers[0].markerline.get_ydata()) >= 0


RATE = ErrorRate(1e-2, 8e-3, 1.3e-2, 9, 20, 2000, 20)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: plots.plot_constellation([]), "plot_constellation: symbols must"),
        (lambda: plots.plot_constellation([1], [1, -1]), "constellation must be a Constellation; got list"),
        (lambda: plots.plot_eye(np.ones((2, 9)), 2), r"plot_eye: waveform must be 1-D; got shape \(2, 9\)"),
        (lambda: plots.plot_eye(np.ones(8), 4), "waveform must hold at least 9 samples; got 8"),
        (lambda: plots.plot_eye(np.ones(9), 1), "plot_eye: samples_per_symbol must be"),
        (lambda: plots.plot_eye(np.ones(9), 2, start=-1), "plot_eye: start must be"),
        (lambda: plots.plot_eye(np.ones(9), 2, traces=0), "plot_eye: traces must be"),
        (lambda: plots.plot_error_rates([[1]], theory={"a": [1]}), "ebn0_db must be 1-D"),
        (lambda: plots.plot_error_rates([1]), "theory and simulated must hold at least one curve together"),
        (
            lambda: plots.plot_error_rates([1, 2], theory={"a": [0.1]}),
            r"theory\['a'\] must have 2 entries; got 1",
        ),
        (
            lambda: plots.plot_error_rates([1], simulated={"a": [RATE, RATE]}),
            r"simulated\['a'\] must have 1 entries; got 2",
        ),
        (
            lambda: plots.plot_error_rates([1], simulated={"a": [0.1]}),
            r"simulated\['a'\] must hold ErrorRate or None; got float",
        ),
        (lambda: plots.plot_equalizer([1, 2]), "equalizer must be a designed equalizer; got list"),
    ],
)
def test_refused(call, match):
    with pytest.raises(InvalidInputError, match=match):
        call()
