"""Samples: the files are the ones named in the index, and loading needs no network."""

import hashlib
import socket

import numpy as np
import pytest
import skimage.color
import skimage.data
from numpy.testing import assert_allclose

from invdeconv import samples
from invdeconv.samples import _file


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*_args, **_options):
        raise AssertionError("a sample tried to reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("row", samples.index(), ids=lambda row: row["name"])
def test_files_are_the_ones_in_the_index(row):
    content = _file(row["file"]).read_bytes()
    assert len(content) == row["bytes"]
    assert hashlib.sha256(content).hexdigest() == row["sha256"]
    assert _file(row["license_file"]).is_file()
    assert {"source", "license", "credit", "content", "description"} <= row.keys()
    assert callable(getattr(samples, row["name"]))


def test_every_file_has_a_row():
    rows = samples.index()
    named = {row["file"] for row in rows} | {"index.json", "README.md", "LICENSES"}
    folder = _file("index.json").parent
    assert {path.name for path in folder.iterdir()} == named
    assert {f"LICENSES/{path.name}" for path in (folder / "LICENSES").iterdir()} == {
        r["license_file"] for r in rows
    }


def test_celegans():
    image = samples.celegans()
    assert (image.shape, image.dtype) == ((316, 316), np.uint16)
    assert image.std() > 0.1 * image.mean()


@pytest.mark.parametrize("band", ["1336", "1394", 2796, 2814])
def test_iris_psf(band):
    h = samples.iris_psf(band)
    assert h.sum() == pytest.approx(1)
    assert h.argmax() == h.size // 2
    assert h.min() > 0


def test_iris_bands_differ():
    assert len({samples.iris_psf(band).tobytes() for band in ("1336", "1394", "2796", "2814")}) == 4


def test_receiver_function_distances_follow_from_the_positions():
    # Great-circle distance by the haversine formula; the source's own geodesic is an ellipsoid's.
    details = samples.receiver_function().details
    events = details["events"]
    p1, p2 = np.radians(details["station_latitude"]), np.radians(events["latitude"])
    across = np.radians(events["longitude"] - details["station_longitude"])
    h = np.sin((p2 - p1) / 2) ** 2 + np.cos(p1) * np.cos(p2) * np.sin(across / 2) ** 2
    np.testing.assert_allclose(np.degrees(2 * np.arcsin(np.sqrt(h))), events["distance_deg"], rtol=5e-3)
    assert details["components"] == ("E", "N", "Z")


def test_receiver_function_lasts_120_seconds():
    recording = samples.receiver_function()
    assert (recording.data.shape[-1] - 1) / recording.rate_hz == 120
    assert np.isfinite(recording.data).all()


def test_living_room_response_starts_loud_and_dies_away():
    recording = samples.living_room_response()
    assert recording.data.dtype == np.float32
    assert abs(recording.data).max() <= 1
    # Differences take out the drift below 20 Hz.
    energy = [(piece**2).sum() for piece in np.array_split(np.diff(recording.data), 4)]
    assert energy[0] > 100 * energy[-1]


def test_photographs():
    assert (samples.camera().shape, samples.camera().dtype) == ((512, 512), np.uint8)
    assert (samples.clock().shape, samples.clock().dtype) == ((300, 400), np.uint8)


def test_each_call_returns_its_own_array():
    samples.celegans()[:] = 0
    assert samples.celegans().any()


def test_photographs_are_gray_between_0_and_1():
    photographs = samples.photographs()
    assert list(photographs) == ["astronaut", "camera", "chelsea", "coffee", "coins", "rocket"]
    for name, picture in photographs.items():
        assert picture.dtype == np.float64, name
        assert picture.ndim == 2, name
        assert 0 <= picture.min() < 0.2 < 0.7 < picture.max() <= 1, name
    color = skimage.data.astronaut() / 255
    assert_allclose(photographs["astronaut"], skimage.color.rgb2gray(color), atol=1e-12)
