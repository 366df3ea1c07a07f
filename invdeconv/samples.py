"""Real data to try things on, loaded from the package: nothing is downloaded."""

from __future__ import annotations

import json
import wave
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np

from invdeconv.checks import choice

__all__ = [
    "Recording",
    "astronaut",
    "camera",
    "celegans",
    "clock",
    "index",
    "iris_psf",
    "living_room_response",
    "photographs",
    "receiver_function",
]


@dataclass(frozen=True, eq=False)
class Recording:
    """A sampled signal.

    Attributes
    ----------
    data : ndarray
        Time runs along the last axis.
    rate_hz : float
        Samples per second.
    details : mapping
        What else is known, by name.
    """

    data: np.ndarray
    rate_hz: float
    details: Mapping[str, Any] = field(default_factory=dict)


def index() -> list[dict[str, Any]]:
    """Return one row per data set: name, file, source, license, credit, bytes, sha256, description.

    Returns
    -------
    list of dict

    Examples
    --------
    >>> from invdeconv import samples
    >>> [row["name"] for row in samples.index()]
    ['celegans', 'iris_psf', 'receiver_function', 'living_room_response']
    """
    rows: list[dict[str, Any]] = json.loads(_file("index.json").read_text("utf-8"))
    return rows


def celegans() -> np.ndarray:
    """Return a real micrograph: the intestine of C. elegans under an Airyscan microscope.

    Returns
    -------
    ndarray
        (316, 316) uint16, in counts. The PSF and the pixel size are not known.

    Examples
    --------
    >>> from invdeconv import samples
    >>> samples.celegans().shape
    (316, 316)
    """
    return _arrays("celegans_airyscan.npz")["data"]


def iris_psf(band: str | int = "1394") -> np.ndarray:
    """Return a measured 1-D point-spread function of the IRIS solar spectrograph.

    Parameters
    ----------
    band : "1336", "1394", "2796" or "2814"
        Wavelength in ångström.

    Returns
    -------
    ndarray
        (420,) float64, sum 1, origin at ``n // 2``, asymmetric.

    Raises
    ------
    InvalidInputError
        Another band.

    Examples
    --------
    >>> from invdeconv import samples
    >>> int(samples.iris_psf("2796").argmax())
    210
    """
    word = choice("samples.iris_psf", "band", str(band), ["1336", "1394", "2796", "2814"])
    return _arrays("iris_spectrograph_psf.npz")[f"sg_psf_{word}"]


def receiver_function() -> Recording:
    """Return the P waves of three distant earthquakes at one station, for receiver functions.

    Returns
    -------
    Recording
        ``data`` (event, component, time) = (3, 3, 601) float32, as recorded: the source states no unit.
        Details: ``components`` ("E", "N", "Z"), ``station_latitude`` and ``station_longitude`` in degrees,
        and ``events``, a mapping of name to one value per event: latitude, longitude, depth_km, magnitude,
        distance_deg, back_azimuth_deg, start_unix_s (first sample), origin_s (of the earthquake, counted
        from the first sample).

    Examples
    --------
    >>> from invdeconv import samples
    >>> recording = samples.receiver_function()
    >>> recording.data.shape, recording.rate_hz
    ((3, 3, 601), 5.0)
    """
    arrays = _arrays("receiver_function_cx_pb01.npz")
    names = ["latitude", "longitude", "depth_km", "magnitude", "distance_deg", "back_azimuth_deg"]
    names += ["start_unix_s", "origin_s"]
    table = arrays["event_lat_lon_depthkm_mag_distdeg_baz_start_origin"]
    latitude, longitude = arrays["station_latlon"]
    details = {
        "components": tuple(str(c) for c in arrays["components"]),
        "station_latitude": float(latitude),
        "station_longitude": float(longitude),
        "events": dict(zip(names, table.T, strict=True)),
    }
    return Recording(arrays["data"], float(arrays["fs_hz"]), details)


def living_room_response() -> Recording:
    """Return the measured impulse response of a living room.

    Returns
    -------
    Recording
        ``data`` (39431,) float32 in [−1, 1): 16-bit values divided by 2¹⁵; 44 100 Hz, 0.89 s. A slow drift
        below 20 Hz, part of the measurement, outlasts the decay of the room.

    Examples
    --------
    >>> from invdeconv import samples
    >>> samples.living_room_response().rate_hz
    44100.0
    """
    with _file("rir_living_room_openair.wav").open("rb") as stream, wave.open(stream) as sound:
        values = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
        return Recording(values.astype(np.float32) / 2**15, float(sound.getframerate()))


def camera() -> np.ndarray:
    """Return the photographer with his camera, from scikit-image.

    Returns
    -------
    ndarray
        (512, 512) uint8.

    Examples
    --------
    >>> from invdeconv import samples
    >>> samples.camera().shape
    (512, 512)
    """
    import skimage.data

    return np.asarray(skimage.data.camera())  # type: ignore[no-untyped-call]


def astronaut() -> np.ndarray:
    """Return the portrait of an astronaut in color, from scikit-image.

    Returns
    -------
    ndarray
        (512, 512, 3) uint8: red, green, blue.

    Examples
    --------
    >>> from invdeconv import samples
    >>> samples.astronaut().shape
    (512, 512, 3)
    """
    import skimage.data

    return np.asarray(skimage.data.astronaut())  # type: ignore[no-untyped-call]


def clock() -> np.ndarray:
    """Return a photograph really blurred by motion: a clock, from scikit-image. No truth is known.

    Returns
    -------
    ndarray
        (300, 400) uint8.

    Examples
    --------
    >>> from invdeconv import samples
    >>> samples.clock().shape
    (300, 400)
    """
    import skimage.data

    return np.asarray(skimage.data.clock())  # type: ignore[no-untyped-call]


def photographs() -> dict[str, np.ndarray]:
    """Return six photographs in gray, from scikit-image: to train on some and test on others.

    Returns
    -------
    dict of str to ndarray
        float64 in [0, 1], of different shapes: astronaut, camera, chelsea (a cat), coffee, coins, rocket.
        Colors are weighted as ITU-R BT.709 weighs them.

    Examples
    --------
    >>> from invdeconv import samples
    >>> {name: picture.shape for name, picture in samples.photographs().items() if name < "chelsea"}
    {'astronaut': (512, 512), 'camera': (512, 512)}
    """
    import skimage.data

    luminance = np.array([0.2125, 0.7154, 0.0721])
    found = {}
    for name in ("astronaut", "camera", "chelsea", "coffee", "coins", "rocket"):
        picture = np.asarray(getattr(skimage.data, name)()) / 255
        found[name] = picture if picture.ndim == 2 else picture[..., :3] @ luminance
    return found


def _file(name: str) -> Traversable:
    """Return a data file: of the installed package, or of the source tree it is run from."""
    installed = files("invdeconv") / "_datasets" / name
    return installed if installed.is_file() else Path(__file__).parents[1] / "datasets" / name


def _arrays(name: str) -> dict[str, np.ndarray]:
    with _file(name).open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        return dict(archive)
