"""Richardson–Lucy steps made conjugate, each as long as the likelihood gains by it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from invdeconv.arrays import (
    Array,
    divide,
    dot,
    elementwise,
    empty,
    is_swept,
    maximum,
    multiply,
    namespace,
    norm,
    sweep,
)
from invdeconv.solvers._conjugate_kernels import move_rows, precondition_rows, turn_rows
from invdeconv.solvers._loop import Step
from invdeconv.solvers._poisson_likelihood import PoissonLikelihood, along_line

__all__ = ["conjugate_richardson_lucy_steps"]

# No step but a plain one takes a pixel below this share of itself: zeros are for ever.
_LEAST = 0.1

# A step ends before the likelihood's maximum, where its slope is at most this share of that at the start, or
# on it: there the slope is rounding of either sign, and an estimate must not hang on that.
_SLOPE = 0.13
_ROUNDING = 1e-5
_TRIALS = 10


def conjugate_richardson_lucy_steps(
    likelihood: PoissonLikelihood,
    state: Mapping[str, Any],
    divisor: Array,
    *,
    figures: frozenset[str],
    until: float,
) -> Iterator[Step]:
    """Yield the iterates of conjugate gradients on the likelihood, preconditioned by x/Cᵀw.

    g = Cᵀw(y/m − 1), s = x·g/Cᵀw, d = s + βd₋ with β = ⟨s, g⟩/⟨d₋, g₋⟩, x₊ = t(x + ad), where s is a plain
    step. Kaufman, IEEE Trans. Med. Imaging 12 (1993) 200, with the β of Fletcher's conjugate descent
    (Practical Methods of Optimization, 1987), which needs no g₋. What is predicted is linear in a, so the
    search for a filters nothing, and the likelihood is concave in a: before its maximum it has not fallen.
    Nor does it by t, the plain method's step for a factor of x: it keeps the total where pixels are held up.
    Steps count as plain ones by what they do to the faintest patterns: s goes 1 further, d as far as s and β
    times the d before; not beyond `until`. At the maximum it ends with a step that changes nothing.
    """
    x, done = state["point"], state["plain_equivalent"]
    length, climb = state.get("length", 1.0), state.get("climb", 0.0)
    predicted, light, d, rate = _begun(likelihood, state)
    excess = likelihood.excess(predicted, out=empty(predicted.shape, predicted))
    size = norm(x)

    def reached() -> dict[str, Any]:
        arrays = {"point": x, "predicted": predicted, "direction": d}
        numbers = {"light": light, "climb": climb, "rate": rate, "length": length}
        return {**arrays, **numbers, "plain_equivalent": done}

    def fit() -> dict[str, float]:
        return {"plain_equivalent": done, **likelihood.measures(figures, predicted, excess)}

    while True:
        excess = likelihood.weighted(excess)
        gradient = likelihood.C.H(excess)
        s, power = _preconditioned(gradient, x, divisor)
        beta = 0.0 if d is None else power / climb
        rate = 1 + beta * rate
        longest = min((until - done if until > done else 1.0) / rate, 2 * length)
        if d is None:
            longest, d, reach = min(longest, _unheld(gradient, divisor)), s, norm(s)
        else:
            d, reach = _direction(s, d, beta, x, (_LEAST - 1) / longest, scratch=gradient)
        del s, gradient
        change = likelihood.C(d)
        slope = dot(change, excess).real
        climb = max(slope, power)  # pixels held up make it less, and the next β more than it should be
        del excess
        line, brighter = _Line(likelihood, predicted, change), likelihood.light(change)
        del change
        a = near_maximum(line.slope, slope, min(max(length, 1.0), longest), longest)
        if a == 0:
            last, d, rate, length = beta == 0, None, 0.0, 1.0
            excess = likelihood.excess(predicted, out=line.excess)
            if last:
                yield Step(x, 0.0 if math.isfinite(slope) else math.nan, fit(), reached)
                return
            continue
        predicted, excess = line.predicted, line.excess
        del line
        before, (x, size) = size, _moved(x, a, d)
        light += a * brighter
        t, moved = likelihood.factor(light, predicted, excess), a * reach
        if t != 1:
            # ‖t(x + ad) − x‖ from the norms of x, ad and x + ad
            moved = math.sqrt(max(0.0, t * moved**2 + (t - 1) * (t * size**2 - before**2)))
            light *= t
            size *= t
            x *= t
            predicted = likelihood.brightened(predicted, t)
            excess = likelihood.excess(predicted, out=excess)
        length, done = max(a, 1.0), done + a * rate
        yield Step(x, moved / (size or 1.0), fit(), reached)


def _begun(
    likelihood: PoissonLikelihood, state: Mapping[str, Any]
) -> tuple[Array, float, Array | None, float]:
    """Return the prediction, its light, and the direction with its rate if the state is of this problem."""
    predicted, d = likelihood.predicted(state["point"]), state.get("direction")
    light = likelihood.light(likelihood.above_background(predicted))
    if d is not None and norm(predicted - state["predicted"]) < 1e-3 * norm(predicted):
        # To be gone on with to the last bit.
        return state["predicted"], state.get("light", light), d, state.get("rate", 0.0)
    return predicted, light, None, 0.0


class _Line:
    """The likelihood along m + a·h, with the prediction and its excess where it was looked at last."""

    def __init__(self, likelihood: PoissonLikelihood, start: Array, change: Array) -> None:
        self._likelihood, self._start, self._change = likelihood, start, change
        self.predicted, self.excess = (empty(change.shape, change) for _ in range(2))

    def slope(self, a: float) -> float:
        """Look at a: how fast the likelihood grows there."""
        there = self._likelihood.look(self._start, a, self._change, self.predicted, self.excess)
        self.predicted, self.excess, slope = there
        return slope


def near_maximum(slope: Callable[[float], float], at_zero: float, a: float, longest: float) -> float:
    """Return where a concave function nearly has its maximum, looked at last; never beyond it or `longest`.

    Chords of the slope by the Illinois rule (Dowell, Jarratt, BIT 11 (1971) 168), aimed a little short of its
    zero; 0 where none is found on the near side.
    """
    if not at_zero > 0:
        return 0.0
    aim = _SLOPE / 2 * at_zero
    near, (end, at_end) = 0.0, (0.0, at_zero - aim)
    here = slope(a) - aim
    for _ in range(_TRIALS):
        if here >= -aim - _ROUNDING * at_zero:
            near = a
            if here <= aim or a == longest:
                return a
        chord = (a - end) / (at_end - here) if at_end != here else math.inf
        ahead = min(a + here * chord, longest) if chord > 0 else longest
        there = slope(ahead) - aim
        if at_end * here < 0 < here * there:
            at_end /= 2
        else:
            end, at_end = a, here
        a, here = ahead, there
    if near > 0:
        slope(near)
    return near


def _preconditioned(gradient: Array, x: Array, divisor: Array) -> tuple[Array, float]:
    """Return s = x·g/Cᵀw and ⟨s, g⟩."""
    s = empty(x.shape, gradient)
    if is_swept(s):
        return s, sweep(precondition_rows, s, gradient, x, divisor)
    s = elementwise(_scaled, s, gradient, x, divisor)
    return s, dot(s, gradient).real


def _scaled(out: Array, gradient: Array, x: Array, divisor: Array) -> Array:
    step = multiply(gradient, x, out=out)
    step /= divisor
    return step


def _unheld(gradient: Array, divisor: Array) -> float:
    """Return how many plain steps in one hold up no pixel, 1 at least. Destroys the gradient."""
    lowest = float(namespace(gradient).min(divide(gradient, divisor, out=gradient)))
    return max(1.0, (1 - _LEAST) / max(-lowest, 1e-3))


def _direction(
    step: Array, before: Array, beta: float, x: Array, least: float, scratch: Array
) -> tuple[Array, float]:
    """Return step + β·before, raised to a multiple of x, and its norm. Destroys `step` and `scratch`."""
    if is_swept(step):
        return step, math.sqrt(sweep(turn_rows, step, before, x, numbers=(beta, least)))
    step = elementwise(_raised, step, before, beta, x, least, scratch)
    return step, norm(step)


def _raised(step: Array, before: Array, beta: float, x: Array, least: float, scratch: Array) -> Array:
    step += multiply(before, beta, out=scratch)
    return maximum(step, multiply(x, least, out=scratch), out=step)


def _moved(x: Array, a: float, d: Array) -> tuple[Array, float]:
    """Return x + ad, raised to 0 where rounding takes it below, and its norm."""
    out = empty(x.shape, d)
    if is_swept(out):
        return out, math.sqrt(sweep(move_rows, out, x, d, numbers=(a,)))
    out = along_line(x, a, d, 0.0, out=out)
    return out, norm(out)
