"""Four scenes to look at: blurred beside restored, with what was chosen and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv import noise, psf, samples
from invdeconv.metrics import isnr, psnr
from invdeconv.operators import Convolution, Samples
from invdeconv.report._pictures import photo
from invdeconv.report._sections._section import Section
from invdeconv.restoration import adjoint, richardson_lucy, tikhonov, total_variation, wiener
from invdeconv.result import Result
from invdeconv.simulate import observe
from invdeconv.solvers import Flatness

__all__ = ["CLOCK", "INTESTINE", "MISSING", "PORTRAIT", "Picture", "gallery"]

PORTRAIT = {"length": 14.0, "angle": 30.0, "noise_std": 0.01}
INTESTINE = {"sigma": 2.0, "flat": 0.01}
CLOCK = {"lam": 1e-3}
MISSING = {"sigma": 1.6, "noise_std": 0.01, "share": 0.1, "seed": 0, "seed_gone": 1}

_HEAD = (slice(0, 190), slice(130, 320))
_PHOTOGRAPHER = (slice(85, 225), slice(205, 345))
_DIAL = (slice(60, 240), slice(80, 330))
# Pictures that no method of a comparison has.
_OWN = ("normalized", "smoother")
# Restored more widely than shown: the rim of an estimate is the least certain part of it.
_SHOWN = {"intestine": (slice(90, 240), slice(75, 225)), "clock": (slice(5, 175), slice(38, 228))}


@dataclass(frozen=True)
class Picture:
    """One picture of a scene, as the wipe and the templates take it.

    Attributes
    ----------
    name : str
        Which of the scene's pictures it is.
    key : str
        Message that names it.
    why : str
        What was chosen, and how: the end of a message key.
    content : str
        Its address.
    width, height : int
        In pixels.
    kind : str
        As of a `Panel`.
    """

    name: str
    key: str
    why: str
    content: str
    width: int
    height: int
    kind: str = "picture"


@dataclass(frozen=True, eq=False)
class _Scene:
    """What was seen, what each method made of it, and the range of values of its pictures."""

    numbers: Mapping[str, Any]
    pictures: Mapping[str, tuple[np.ndarray, str, Mapping[str, Any]]]  # values, why, what was chosen
    truth: np.ndarray | None = None
    limits: tuple[float, float] = (0.0, 1.0)


def gallery() -> Section:
    """Return what was chosen and gained in every scene, and the pictures."""
    scenes = {"portrait": _portrait, "intestine": _intestine, "clock": _clock, "missing": _missing}
    numbers, drawn = {}, {}
    for name, make in scenes.items():
        scene = make()
        data = scene.pictures["data"][0]
        found = {}
        for method, (values, _, chosen) in scene.pictures.items():
            found[method] = dict(chosen)
            if scene.truth is not None:
                found[method] |= {
                    "psnr": psnr(values, scene.truth, data_range=1),
                    "isnr": isnr(values, scene.truth, data),
                }
        numbers[name] = dict(scene.numbers) | {"pictures": found}
        drawn[name] = [
            _picture(method, why, values[_SHOWN.get(name, ...)], scene.limits)
            for method, (values, why, _) in scene.pictures.items()
        ]
    return Section(numbers, drawn)


def _picture(name: str, why: str, values: np.ndarray, limits: tuple[float, float]) -> Picture:
    height, width = values.shape[:2]
    key = f"gallery.{name}" if name in _OWN else f"method.{name}"
    return Picture(name, key, why, photo(values, *limits), width, height)


def _portrait() -> _Scene:
    """Shake the camera while it takes a portrait; restore each color on its own."""
    scene = samples.astronaut()[_HEAD] / 255
    blur = psf.motion((11, 15), PORTRAIT["length"], PORTRAIT["angle"])
    colors = [
        observe(scene[..., i], blur, noise_std=PORTRAIT["noise_std"], rng=i) for i in range(scene.shape[2])
    ]

    def restored(method: Callable[..., Result]) -> tuple[np.ndarray, Mapping[str, Any]]:
        results = [method(color.data, blur) for color in colors]
        return np.stack([np.asarray(r) for r in results], axis=-1), results[1].parameters

    back, _ = restored(adjoint)
    linear, ratio = restored(wiener)
    lucy, stopped = restored(richardson_lucy)
    flat, weight = restored(total_variation)
    return _Scene(
        PORTRAIT,
        {
            "data": (np.stack([color.data for color in colors], axis=-1), "data", {}),
            "adjoint": (back, "adjoint", {}),
            "wiener": (linear, "wiener", {"noise_std": ratio["noise_std"]}),
            "richardson_lucy": (lucy, "least_risk", {"steps": stopped["plain_equivalent"]}),
            "total_variation": (flat, "discrepancy", {"lam": weight["lam"]}),
        },
        np.stack([np.asarray(color.truth) for color in colors], axis=-1),
    )


def _intestine() -> _Scene:
    """Sharpen a micrograph whose PSF nobody knows."""
    data = samples.celegans().astype(np.float64)
    blur = psf.gaussian((15, 15), INTESTINE["sigma"])
    # The microscope's own processing has smoothed the noise: rules on its finest details stop too late.
    found = richardson_lucy(data, blur, stop=Flatness(INTESTINE["flat"]))
    steps = found.parameters["plain_equivalent"]
    return _Scene(
        INTESTINE,
        {
            "data": (data, "data", {}),
            "adjoint": (adjoint(data, blur).estimate, "adjoint", {}),
            "richardson_lucy": (found.estimate, "flatness", {"steps": steps}),
        },
        limits=(float(data.min()), float(data.max())),
    )


def _clock() -> _Scene:
    """Restore the clock that motion blurred, with the noise's λ and with a larger one."""
    photograph = samples.clock() / 255
    motion = psf.motion_from_cepstrum(photograph)
    data, blur = photograph[_DIAL], psf.motion((5, 39), motion.length, motion.angle)
    fine = total_variation(data, blur)
    return _Scene(
        CLOCK | {"length": motion.length, "angle": motion.angle},
        {
            "data": (data, "data", {}),
            "adjoint": (adjoint(data, blur).estimate, "adjoint", {}),
            "total_variation": (fine.estimate, "discrepancy", {"lam": fine.parameters["lam"]}),
            "smoother": (total_variation(data, blur, lam=CLOCK["lam"]).estimate, "given", CLOCK),
        },
        limits=(float(data.min()), float(data.max())),
    )


def _missing() -> _Scene:
    """Lose a tenth of the pixels of a blurred picture."""
    std = MISSING["noise_std"]
    blur = psf.gaussian((13, 13), MISSING["sigma"])
    scene = samples.camera()[_PHOTOGRAPHER] / 255
    seen = observe(scene, blur, noise_std=std, rng=int(MISSING["seed"]))
    gone = np.random.default_rng(int(MISSING["seed_gone"])).random(seen.data.shape) < MISSING["share"]
    C = Samples(~gone) @ Convolution.from_psf(blur, gone.shape)
    back = C.H(seen.data[~gone])
    data = np.where(gone, 0.0, seen.data)
    model = noise.Gaussian(std=np.where(gone, np.inf, std))
    smooth = tikhonov(data, blur, noise=model)
    flat = total_variation(data, blur, noise=model)
    return _Scene(
        MISSING,
        {
            "data": (data, "data", {}),
            "adjoint": (back, "adjoint", {}),
            "normalized": (back / C.H(np.ones(C.output_shape)), "normalized", {}),
            "tikhonov": (smooth.estimate, smooth.parameters["selection"], {"lam": smooth.parameters["lam"]}),
            "total_variation": (flat.estimate, "discrepancy", {"lam": flat.parameters["lam"]}),
        },
        seen.truth,
    )
