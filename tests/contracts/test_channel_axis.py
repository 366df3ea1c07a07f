"""`channel_axis` of every method: the loop by hand, exactly, in one Result."""

from __future__ import annotations

import inspect
import pickle

import array_api_strict as strict
import numpy as np
import pytest

from invdeconv import noise, psf, restoration, simulate
from invdeconv.restoration._channels import by_channel
from invdeconv.result import Iteration, Result, Status

PUBLIC = [getattr(restoration, name) for name in restoration.__all__]
METHODS = {
    function.__name__: function
    for function in PUBLIC
    if inspect.isfunction(function) and list(inspect.signature(function).parameters)[:2] == ["data", "blur"]
}
del METHODS["gaussian_posterior"]  # returns a distribution, not a Result
OPTIONS = {"damped_svd": {"lam": 0.1}, "plug_and_play": {"denoiser": lambda image, sigma: image}}
PSF = psf.trajectory((4, 3), [(-1, -1), (0.3, 0), (0.5, 1)])

pytestmark = pytest.mark.filterwarnings("ignore:IDW004")  # the pictures are small, the rules find little
every_method = pytest.mark.parametrize("name", list(METHODS))


def colors(shape=(14, 11), channels=3, axis=-1):
    """Return channels of different scenes, brightness and noise."""
    grids = np.meshgrid(*(np.arange(n + 3) / n for n in shape), indexing="ij")
    blur = PSF.reshape((1,) * (len(shape) - 2) + PSF.shape)
    pictures = []
    for c in range(channels):
        scene = (c + 1) * (1.5 + np.sin((5 + 3 * c) * sum(grids)) + (grids[-1] > 0.3 + 0.2 * c))
        data = simulate.observe(scene, blur, noise_std=0.01 * (1 + 4 * c), rng=c).data
        pictures.append(data[tuple(slice(n) for n in shape)])
    return np.stack(pictures, axis=axis)


def run(name, data, blur, **options):
    return METHODS[name](data, blur, **{**OPTIONS.get(name, {}), **options})


def by_hand(name, data, blurs, axis, **options):
    """Return the results of one call per channel."""
    pictures = np.moveaxis(data, axis, 0)
    return [run(name, picture, blur, **options) for picture, blur in zip(pictures, blurs, strict=True)]


def assert_joins(result, singles, axis):
    """Assert that a result is that of the channels, to the last bit."""
    np.testing.assert_array_equal(result.estimate, np.stack([one.estimate for one in singles], axis=axis))
    assert result.status in {one.status for one in singles}
    assert result.n_iter == max(one.n_iter for one in singles) == len(result.history) or not result.history
    assert result.seconds == sum(channel.seconds for channel in result.channels)
    assert len(result.channels) == len(singles)
    for channel, one in zip(result.channels, singles, strict=True):
        assert np.shares_memory(channel.estimate, result.estimate)
        np.testing.assert_array_equal(channel.estimate, one.estimate)
        assert dict(channel.parameters) == dict(one.parameters)
        assert (channel.status, channel.method, channel.n_iter) == (one.status, one.method, one.n_iter)
    for key, value in result.parameters.items():
        each = [one.parameters.get(key) for one in singles]
        assert key == "channel_axis" or value == (each[0] if all(v == each[0] for v in each) else tuple(each))


@every_method
def test_the_last_axis_is_the_loop_by_hand(name):
    data = colors()
    data.flags.writeable = False
    result = run(name, data, PSF, channel_axis=-1)
    assert_joins(result, by_hand(name, data, [PSF] * 3, -1), -1)
    assert result.parameters["channel_axis"] == 2
    assert name in repr(result)
    copy = pickle.loads(pickle.dumps(result))
    np.testing.assert_array_equal(copy.estimate, result.estimate)
    assert copy.channels[2].parameters == result.channels[2].parameters


@every_method
def test_the_keyword_is_real_and_left_out_changes_nothing(name):
    parameter = inspect.signature(METHODS[name]).parameters["channel_axis"]
    assert parameter.default is None
    assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
    assert "channel_axis : int, optional" in METHODS[name].__doc__
    picture = colors()[..., 1]
    plain, none = run(name, picture, PSF), run(name, data=picture, blur=PSF, channel_axis=None)
    np.testing.assert_array_equal(plain.estimate, none.estimate)
    assert plain.channels == none.channels == ()
    assert "channel_axis" not in plain.parameters
    with pytest.raises(TypeError, match=f"{name}.*'blur'"):
        METHODS[name](picture)


@pytest.mark.parametrize("axis", [0, 1, -2, -1])
@pytest.mark.parametrize("name", ["wiener", "tikhonov", "richardson_lucy"])
def test_a_stack_of_volumes_has_its_channels_anywhere(name, axis):
    data = colors((4, 9, 8), 2, axis)
    blur = PSF[None]
    assert_joins(run(name, data, blur, channel_axis=axis), by_hand(name, data, [blur] * 2, axis), axis)


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", ["adjoint", "wiener", "total_variation"])
def test_each_channel_has_its_own_psf(name, axis):
    data = colors(axis=axis)
    blurs = [PSF, PSF[::-1, ::-1], psf.gaussian((4, 3), (0.5, 1.5))]
    result = run(name, data, np.stack(blurs, axis=axis), channel_axis=axis)
    assert_joins(result, by_hand(name, data, blurs, axis), axis)


def test_signals_side_by_side():
    data = colors((40, 5), 1)[..., 0]
    taps = np.array([0.2, 0.5, 0.3])
    assert_joins(run("wiener", data, taps, channel_axis=1), by_hand("wiener", data, [taps] * 5, 1), 1)
    single = run("wiener", data[:, :1], taps, channel_axis=1)
    assert single.estimate.shape == (40, 1)


def test_lists_integers_and_results_are_data_too():
    data = np.clip(80 * colors(), 0, 255).astype(np.uint8)
    expected = np.stack([r.estimate for r in by_hand("wiener", data, [PSF] * 3, -1)], axis=-1)
    for given in (data, data.tolist(), Result(data, Status.CLOSED_FORM)):
        np.testing.assert_array_equal(run("wiener", given, PSF.tolist(), channel_axis=-1).estimate, expected)


@pytest.mark.parametrize("name", ["wiener", "tikhonov", "richardson_lucy", "cgls"])
def test_library_and_precision_follow_the_data(name):
    data = colors().astype(np.float32)
    host = run(name, data, PSF, channel_axis=-1)
    result = run(name, strict.asarray(data), PSF, channel_axis=-1)
    assert host.estimate.dtype == np.float32
    assert result.estimate.dtype == strict.float32
    scale = np.abs(host.estimate).max()
    np.testing.assert_allclose(np.asarray(result.estimate), host.estimate, atol=1e-3 * scale)


def test_parameters_are_chosen_for_each_channel():
    result = run("wiener", colors(), PSF, channel_axis=-1)
    low, middle, high = result.parameters["noise_std"]
    assert low < middle < high
    assert result.parameters["boundary"] == "taper"
    assert result.channels[1].parameters["noise_std"] == middle


# Arrays among the options.


def test_noise_for_all_channels_or_for_each(rng):
    data = 50 * colors()
    everywhere = rng.random((14, 11)) > 0.1
    own = rng.random((14, 11, 3)) > 0.1
    dead = np.where(own, data, np.nan)
    options = {"max_iter": 4, "stop": None}
    for weights, parts, seen in ((everywhere, [everywhere] * 3, data), (own, np.moveaxis(own, -1, 0), dead)):
        found = run(
            "richardson_lucy",
            seen,
            PSF,
            channel_axis=-1,
            noise=noise.Poisson(2.0, weights=weights),
            **options,
        )
        for i, part in enumerate(parts):
            alone = noise.Poisson(2.0, weights=part)
            expected = run("richardson_lucy", seen[..., i], PSF, noise=alone, **options).estimate
            np.testing.assert_array_equal(found.estimate[..., i], expected)
    std = 0.1 + rng.random((14, 11, 3))
    found = run("tikhonov", data, PSF, channel_axis=2, lam=0.1, noise=noise.Gaussian(std=std))
    for i in range(3):
        alone = noise.Gaussian(std=std[..., i])
        expected = run("tikhonov", data[..., i], PSF, lam=0.1, noise=alone).estimate
        np.testing.assert_array_equal(found.estimate[..., i], expected)


def test_ratios_and_starts_are_split_like_the_data(rng):
    data = colors()
    ratio = np.full((14, 11, 3), (0.01, 0.1, 1.0))
    found = run("wiener", data, PSF, channel_axis=-1, noise_to_signal=ratio, boundary="periodic")
    start = rng.random((14, 11, 3))
    begun = run("cgls", data, PSF, channel_axis=-1, start=start, max_iter=2)
    for i in range(3):
        options = {"noise_to_signal": ratio[..., i], "boundary": "periodic"}
        np.testing.assert_array_equal(
            found.estimate[..., i], run("wiener", data[..., i], PSF, **options).estimate
        )
        expected = run("cgls", data[..., i], PSF, start=start[..., i], max_iter=2).estimate
        np.testing.assert_array_equal(begun.estimate[..., i], expected)


def test_a_result_of_all_channels_is_resumed():
    data = colors()
    whole = run("richardson_lucy", data, PSF, channel_axis=-1, stop=None, max_iter=9)
    half = run("richardson_lucy", data, PSF, channel_axis=-1, stop=None, max_iter=4)
    rest = run("richardson_lucy", data, PSF, channel_axis=-1, stop=None, max_iter=5, start=half)
    np.testing.assert_array_equal(rest.estimate, whole.estimate)
    assert rest.n_iter == 9


# The joined result, from a method that does as it is told.

ENDS = [Status.CONVERGED, Status.TOLERANCE_NOT_MET, Status.FLAT]


@by_channel
def told(data, blur, *, channel_axis=None):
    """Report what the first sample of the channel says."""
    code = int(data.flat[0])
    history = tuple(Iteration(i + 1, None, 0.5, 0.0) for i in range(2 * code + 1))
    parameters = {"code": code, "shape": data.shape} | ({"only": 1} if code == 1 else {})
    measure = None if code == 0 else 0.1 * code
    return Result(data, ENDS[code], len(history), parameters, measure, history, {}, f"told {code}", 1.0)


def test_the_worst_status_the_longest_history_the_time_of_all():
    data = np.broadcast_to(np.array([2.0, 0.0, 1.0])[:, None, None], (3, 4, 5))
    result = told(data, np.ones((1, 1)), channel_axis=0)
    assert result.status is Status.TOLERANCE_NOT_MET
    assert result.n_iter == len(result.history) == 5
    assert result.optimality == pytest.approx(0.2)
    assert result.seconds == 3.0
    assert result.method == "told 2, told 0, told 1"
    assert dict(result.parameters) == {
        "code": (2, 0, 1),
        "shape": (4, 5),
        "only": (None, None, 1),
        "channel_axis": 0,
    }
    assert [channel.status for channel in result.channels] == [ENDS[2], ENDS[0], ENDS[1]]
    assert told(0 * data, np.ones((1, 1)), channel_axis=0).optimality is None


def test_channels_are_neither_copied_nor_converted_together():
    data = np.zeros((3, 4, 5), np.uint8)
    seen = []

    @by_channel
    def look(data, blur, *, channel_axis=None):
        seen.append(data)
        return Result(data, Status.CLOSED_FORM)

    look(data, np.ones((1, 1)), channel_axis=0)
    assert all(np.shares_memory(part, data) and part.dtype == np.uint8 for part in seen)
