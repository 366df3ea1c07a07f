"""What an iteration of conjugate Richardson–Lucy does entry by entry, each in one sweep over rows.

Arrays are (rows, n); the first one has a sum for each row. All numbers come in the precision of the data, 1
too, and 0 is 1 − 1: a literal would widen what it meets.
"""

from __future__ import annotations

from typing import Any

from invdeconv.arrays import reassociated

__all__ = ["look_rows", "move_rows", "precondition_rows", "turn_rows"]


@reassociated
def look_rows(
    slopes: Any, predicted: Any, excess: Any, m: Any, change: Any, y: Any, a: Any, floor: Any, one: Any
) -> None:
    """Write p = max(m + a·change, floor) and e = y/p − 1; sum change·e."""
    for r in range(len(m)):
        slope = one - one
        for i in range(m.shape[1]):
            p = m[r, i] + a * change[r, i]
            p = floor if p < floor else p
            e = y[r, i] / p - one
            predicted[r, i], excess[r, i] = p, e
            slope += change[r, i] * e
        slopes[r] = slope


@reassociated
def precondition_rows(powers: Any, s: Any, gradient: Any, x: Any, divisor: Any, one: Any) -> None:
    """Write s = gradient·x/divisor; sum s·gradient."""
    for r in range(len(s)):
        power = one - one
        for i in range(s.shape[1]):
            s[r, i] = gradient[r, i] * x[r, i] / divisor[r, i]
            power += s[r, i] * gradient[r, i]
        powers[r] = power


@reassociated
def turn_rows(squares: Any, s: Any, before: Any, x: Any, beta: Any, least: Any, one: Any) -> None:
    """Raise s to max(s + β·before, least·x); sum its squares."""
    for r in range(len(s)):
        square = one - one
        for i in range(s.shape[1]):
            d, lowest = s[r, i] + beta * before[r, i], least * x[r, i]
            s[r, i] = lowest if d < lowest else d
            square += s[r, i] * s[r, i]
        squares[r] = square


@reassociated
def move_rows(squares: Any, out: Any, x: Any, d: Any, a: Any, one: Any) -> None:
    """Write max(x + a·d, 0); sum its squares."""
    zero = one - one
    for r in range(len(x)):
        square = zero
        for i in range(x.shape[1]):
            moved = x[r, i] + a * d[r, i]
            out[r, i] = zero if moved < zero else moved
            square += out[r, i] * out[r, i]
        squares[r] = square
