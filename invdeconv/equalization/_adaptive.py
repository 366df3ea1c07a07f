"""What the adaptive filters share: the signal in windows, the symbols to aim at, and the state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from invdeconv.arrays import Array, as_working, like, to_numpy
from invdeconv.checks import finite_array, integer, refuse
from invdeconv.errors import SolverError

__all__ = [
    "Adaptation",
    "AdaptiveState",
    "Run",
    "adapt",
    "as_alphabet",
    "by_rows",
    "check_step",
    "powers",
    "prepare",
]


@dataclass(frozen=True, eq=False, slots=True)
class AdaptiveState:
    """What an adaptive filter carries from one chunk of a signal to the next, in double precision.

    Attributes
    ----------
    taps : ndarray, shape (…, N)
        The filter now.
    past : ndarray, shape (…, N − 1)
        The last samples, which later windows still reach.
    position : int
        Symbols processed since the start of the signal.
    inverse : ndarray, shape (…, N, N), or None
        P of `rls`, the inverse of Σ λⁿ⁻ᵏ ūuᵀ + δλⁿ I.
    """

    taps: np.ndarray
    past: np.ndarray
    position: int
    inverse: np.ndarray | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Adaptation:
    """The outcome of an adaptive filter.

    Attributes
    ----------
    output : array, shape (…, n)
        One value per symbol period: ``output[k]`` estimates symbol ``k − delay``. Not decided.
    errors : array, shape (…, n)
        What the filter was driven by, before each update; 0 where it did not adapt.
    taps : array, shape (…, N)
        The filter at the end: output k is Σᵢ taps[i] · received[s·k − i], s samples a symbol, as
        with designed equalizers.
    state : AdaptiveState
        Pass it with the next chunk.
    """

    output: Array
    errors: Array
    taps: Array
    state: AdaptiveState


@dataclass(eq=False, slots=True)
class Run:
    """One call in work arrays: rows of a batch, double precision, taps backward in time."""

    samples: np.ndarray  # (rows, N − 1 + n · spacing)
    spacing: int
    training: np.ndarray  # (rows, symbols from the first one of this chunk on)
    alphabet: np.ndarray
    taps: np.ndarray  # (rows, N)
    adapting: slice  # of the n symbols of this chunk
    output: np.ndarray
    errors: np.ndarray
    inverse: np.ndarray = field(default_factory=lambda: np.empty((0, 0, 0)))  # (rows, N, N), of rls

    def window(self, part: slice) -> np.ndarray:
        """Return the samples that the symbols of `part`, one or more, see."""
        last = (part.stop - 1) * self.spacing
        return self.samples[:, part.start * self.spacing : last + self.taps.shape[1]]


def as_alphabet(function: str, alphabet: Any) -> np.ndarray:
    """Return the points of an alphabet, or of a constellation, as a 1-D array of two or more."""
    points = to_numpy(finite_array(function, "alphabet", getattr(alphabet, "points", alphabet)))
    if points.ndim != 1 or points.size < 2 or np.unique(points).size < points.size:
        got = f"{np.unique(points).size} different in shape {points.shape}"
        refuse(function, "alphabet", "hold two or more different points", got, "Pass (-1, 1) for BPSK.")
    if np.iscomplexobj(points) and not np.any(points.imag):
        points = points.real
    return np.ascontiguousarray(_double(points))


def prepare(
    function: str,
    received: Any,
    training: Any,
    taps: Any,
    alphabet: Any,
    samples_per_symbol: Any,
    delay: Any,
    state: Any,
) -> Run:
    """Check what all adaptive filters take and lay it out."""
    if training is None and alphabet is None:
        advice = "Pass the symbols sent, or an alphabet to decide on."
        refuse(function, "training", "be given where there is no alphabet", "None", advice)
    spacing = integer(function, "samples_per_symbol", samples_per_symbol, minimum=1)
    delay = integer(function, "delay", delay, minimum=0)
    data = to_numpy(finite_array(function, "received", received))
    if data.shape[-1] % spacing:
        advice = "Cut it between symbols, or check samples_per_symbol."
        refuse(function, "received", f"hold whole symbols of {spacing} samples", data.shape[-1], advice)
    points = np.empty(0) if alphabet is None else as_alphabet(function, alphabet)
    if state is not None and (not isinstance(state, AdaptiveState) or taps is not None):
        got = "taps beside it" if isinstance(state, AdaptiveState) else type(state).__name__
        advice = "Pass the state of the chunk before and nothing for taps."
        refuse(function, "state", "be an AdaptiveState alone", got, advice)
    start = _double(state.taps) if state is not None else _initial(function, taps, blind=training is None)
    sent = np.empty(0) if training is None else _sent(function, training, points)
    batch = data.shape[:-1]
    for name, array in (("taps", start), ("training", sent)):
        if array.ndim > 1 and array.shape[:-1] != batch:
            got = f"{array.shape[:-1]}"
            refuse(function, name, f"have the batch shape of received {batch}", got, "Pass one for all.")
    length = start.shape[-1]
    dtype = np.result_type(np.float64, data, start, sent, points)
    rows = int(np.prod(batch))
    reach = length - 1
    if state is not None and state.past.shape != (*batch, reach):
        expected = f"fit received, past {(*batch, reach)}"
        refuse(function, "state", expected, state.past.shape, "Pass the state of this signal.")
    past = np.zeros((*batch, reach)) if state is None else state.past
    samples = np.concatenate([past, data], axis=-1, dtype=dtype).reshape(rows, -1)
    position = 0 if state is None else state.position
    n = data.shape[-1] // spacing
    first = min(max(delay - position, 0), n)
    sent = np.broadcast_to(sent, (*batch, sent.shape[-1])).reshape(rows, -1)
    sent = sent[:, max(position - delay, 0) :][:, : n - first]
    last = n if points.size else first + sent.shape[-1]
    return Run(
        samples=samples,
        spacing=spacing,
        training=np.ascontiguousarray(sent, dtype),
        alphabet=points.astype(dtype),
        taps=np.broadcast_to(start, (*batch, length)).reshape(rows, length)[:, ::-1].astype(dtype, order="C"),
        adapting=slice(first, last),
        output=np.empty((rows, n), dtype),
        errors=np.zeros((rows, n), dtype),
    )


def adapt(
    function: str, run: Run, received: Any, state: AdaptiveState | None, recursion: Callable[[Run], None]
) -> Adaptation:
    """Filter what comes before, run the recursion, filter what comes after with the taps it left."""
    n = run.output.shape[1]
    _filter(run, slice(0, run.adapting.start))
    if run.adapting.start < run.adapting.stop:
        with np.errstate(over="ignore", invalid="ignore"):
            try:
                recursion(run)
            except np.linalg.LinAlgError:  # P is no longer positive: the taps are lost as well
                run.taps[:] = np.nan
    taps = run.taps[:, ::-1]
    if not np.all(np.isfinite(taps)):
        raise SolverError(f"{function}: the taps grew without bound. Take a smaller step, or scale received.")
    _filter(run, slice(run.adapting.stop, n))
    data = as_working(received)
    batch = data.shape[:-1]
    reach = run.taps.shape[1] - 1
    taps = taps.reshape(*batch, -1)
    past = run.samples[:, run.samples.shape[1] - reach :].reshape(*batch, reach)
    P = run.inverse[..., ::-1, ::-1]
    inverse = P.reshape(*batch, *P.shape[1:]) if P.size else None
    return Adaptation(
        output=like(run.output.reshape(*batch, n), data),
        errors=like(run.errors.reshape(*batch, n), data),
        taps=like(taps, data),
        state=AdaptiveState(taps.copy(), past.copy(), n + (state.position if state else 0), inverse),
    )


def by_rows(run: Run) -> list[tuple[np.ndarray, ...]]:
    """Return samples, training, taps, output and errors of the adapting part, one tuple per signal."""
    part = run.adapting
    samples = run.window(part)
    return list(zip(samples, run.training, run.taps, run.output[:, part], run.errors[:, part], strict=True))


def powers(samples: np.ndarray, spacing: int, length: int) -> np.ndarray:
    """Return ‖u‖² of every window."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, length)[::spacing]
    return np.vecdot(windows, windows).real


def check_step(function: str, step: float, bound: float, run: Run) -> None:
    """Refuse a step at which even the mean-square error grows: bound / (N · power)."""
    length = run.taps.shape[1]
    new = run.samples[:, length - 1 :]
    power = float(np.max(np.vecdot(new, new).real)) / new.shape[1]
    limit = bound / (length * power) if power else np.inf
    if step >= limit:
        advice = f"Divide it by ten, or use nlms, whose step has no unit. The bound is {bound:g}/(N·power)."
        refuse(function, "step", f"be below {limit:.3g} for these samples", f"{step:g}", advice)


def _filter(run: Run, part: slice) -> None:
    if part.start == part.stop:
        return
    for samples, taps, output in zip(run.window(part), run.taps, run.output[:, part], strict=True):
        output[:] = np.convolve(samples, taps[::-1], "valid")[:: run.spacing]


def _double(array: np.ndarray) -> np.ndarray:
    return array.astype(np.result_type(array, np.float64), copy=False)


def _initial(function: str, taps: Any, *, blind: bool) -> np.ndarray:
    """Return the first taps: those given, or N zeros, with a one in the middle for blind starts."""
    if taps is None:
        refuse(function, "taps", "be given with the first chunk", "None", "Pass their number.")
    if np.ndim(taps) == 0:
        length = integer(function, "taps", taps, minimum=1)
        start = np.zeros(length)
        start[length // 2] = float(blind)
        return start
    return _double(to_numpy(finite_array(function, "taps", taps)))


def _sent(function: str, training: Any, points: np.ndarray) -> np.ndarray:
    """Return the training symbols, checked against the alphabet if there is one."""
    sent = _double(to_numpy(finite_array(function, "training", training)))
    if points.size:
        gaps = np.min(np.abs(sent[..., None] - points), axis=-1)
        scale = np.max(np.abs(points))
        if np.any(gaps > 1e-4 * scale):
            wrong = sent[gaps > 1e-4 * scale][0]
            advice = "Scale both alike, for example to unit energy."
            refuse(function, "training", "hold points of the alphabet", f"{wrong:.4g}", advice)
    return sent
