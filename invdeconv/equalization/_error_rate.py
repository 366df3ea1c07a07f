"""Error rates by simulation, with intervals that allow for bursts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import numpy as np
from scipy import stats

from invdeconv.checks import integer, optional_callable, positive, refuse

__all__ = ["ErrorRate", "error_rate"]

# Below this many blocks their spread says little of the spread of the rate.
_FEWEST_BLOCKS = 16


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """An error rate and where it may lie.

    Attributes
    ----------
    rate : float
        Errors over bits.
    low, high : float
        The confidence interval. Without an error, 0 and an upper limit.
    events : int
        Bursts of errors.
    errors : int
        Wrong bits.
    bits : int
        Simulated bits.
    blocks : int
        Simulated blocks.
    """

    rate: float
    low: float
    high: float
    events: int
    errors: int
    bits: int
    blocks: int


def error_rate(
    simulate: Callable[[np.random.Generator], Any],
    *,
    min_events: int = 100,
    max_blocks: int = 10_000,
    gap: int = 10,
    confidence: float = 0.95,
    rng: Any = None,
    workers: int = 1,
    callback: Callable[[ErrorRate], object] | None = None,
) -> ErrorRate:
    """Simulate blocks until enough error events are seen, and say how sure the rate is.

    Errors behind a DFE or `mlse` come in bursts, and a burst is one event, not many. The interval
    therefore comes from the spread between blocks (batch means), which contains the bursts: an interval
    for independent errors is 1.6 to 2 times too narrow. Where a closed form exists, see `theory`.

    Parameters
    ----------
    simulate : callable
        ``simulate(rng)`` sends and detects one block with this generator alone and returns an array of
        flags in the order of time: True or 1 where a bit (or symbol) is wrong. Every block has the same
        size, many times the length of a burst; a block of 1e4 is usual.
    min_events : int, default 100
        Stop after this many events (100 give some ±20 %), and 16 blocks.
    max_blocks : int, default 10 000
        Stop after this many blocks in any case.
    gap : int, default 10
        Errors with fewer right bits between them belong to one event; the memory of the detector.
    confidence : float, default 0.95
        Of the interval.
    rng : int, SeedSequence, Generator or None
        Block i draws from child i of this seed, so that results do not depend on `workers`.
    workers : int, default 1
        Threads. NumPy and compiled kernels let them run side by side.
    callback : callable, optional
        Gets the `ErrorRate` so far after each block; returning True stops.

    Returns
    -------
    ErrorRate
        ``rate``, ``low``, ``high``, ``events``, ``errors``, ``bits`` and ``blocks``.

    Raises
    ------
    InvalidInputError
        If `simulate` cannot be called, returns no flags or blocks of different size; if a count is below
        its minimum, `confidence` is not in (0, 1), or `rng` is no seed.

    Notes
    -----
    With x̄ and s² the mean and variance of the errors per block, the data are worth E = B x̄²/s² independent
    errors, less a factor for s² being estimated; the interval is the one of a Poisson count E. For many
    events it is x̄ ± t s/√B, for few it is wider above than below. If no block has an error the limit is
    1 − (1 − confidence)^(1/B), about 3/B: it bounds the rate of bad blocks, and so that of bad bits.

    References
    ----------
    .. [1] A. M. Law, "Simulation Modeling and Analysis", 5th ed., McGraw-Hill, 2015, section 9.5.3.
    .. [2] F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936) 437.

    Examples
    --------
    >>> found = error_rate(lambda rng: rng.random(1000) < 0.01, rng=0, gap=1)
    >>> found.low < 0.01 < found.high, found.events >= 100
    (True, True)
    """
    if not callable(simulate):
        refuse("error_rate", "simulate", "be callable", repr(simulate), "Pass a function of a generator.")
    min_events = integer("error_rate", "min_events", min_events, minimum=1)
    max_blocks = integer("error_rate", "max_blocks", max_blocks, minimum=2)
    gap = integer("error_rate", "gap", gap, minimum=1)
    workers = integer("error_rate", "workers", workers, minimum=1)
    confidence = positive("error_rate", "confidence", confidence)
    if confidence >= 1:
        refuse("error_rate", "confidence", "be below 1", confidence, "0.95 is usual.")
    optional_callable("error_rate", "callback", callback)
    generators = (np.random.default_rng(child) for child in _children(rng))
    counts: list[int] = []
    events = size = 0
    for flags in _in_order(simulate, islice(generators, max_blocks), workers):
        wrong = _flags(flags, size)
        size = wrong.size
        places = np.flatnonzero(wrong)
        counts.append(places.size)
        events += int(np.count_nonzero(np.diff(places) > gap)) + bool(places.size)
        enough = events >= min_events and len(counts) >= _FEWEST_BLOCKS
        if callback is not None and callback(_summary(counts, size, events, confidence)) is True:
            break
        if enough:
            break
    return _summary(counts, size, events, confidence)


def _summary(counts: list[int], size: int, events: int, confidence: float) -> ErrorRate:
    blocks, errors = len(counts), sum(counts)
    bits = blocks * size
    rate = errors / bits
    if errors == 0:
        return ErrorRate(0.0, 0.0, 1 - (1 - confidence) ** (1 / blocks), events, errors, bits, blocks)
    if blocks == 1:
        return ErrorRate(rate, 0.0, 1.0, events, errors, bits, blocks)
    tail = (1 - confidence) / 2
    # Never below the variance of independent errors: blocks may agree by chance.
    variance = max(float(np.var(counts, ddof=1)), size * rate * (1 - rate))
    if variance == 0:
        return ErrorRate(rate, 0.0, 1.0, events, errors, bits, blocks)
    few = (stats.norm.ppf(tail) / stats.t.ppf(tail, blocks - 1)) ** 2
    worth = float(few * blocks * (size * rate) ** 2 / variance)
    low = rate * stats.chi2.ppf(tail, 2 * worth) / (2 * worth)
    high = rate * stats.chi2.ppf(1 - tail, 2 * worth + 2) / (2 * worth)
    return ErrorRate(rate, float(low), min(1.0, float(high)), events, errors, bits, blocks)


def _children(rng: Any) -> Iterator[np.random.SeedSequence]:
    try:
        if isinstance(rng, np.random.Generator):
            rng = int(rng.integers(1 << 62))
        root = rng if isinstance(rng, np.random.SeedSequence) else np.random.SeedSequence(rng)
    except (TypeError, ValueError) as error:
        refuse("error_rate", "rng", "be a seed", f"{rng!r} ({error})", "Pass an integer.")
    # Children by key and not by spawn, which counts in the caller's own sequence.
    return (
        np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, i), pool_size=root.pool_size)
        for i in count()
    )


def _in_order(
    simulate: Callable[[np.random.Generator], Any],
    generators: Iterator[np.random.Generator],
    workers: int,
) -> Iterator[Any]:
    """Yield the blocks in order, whichever thread is first."""
    if workers == 1:
        yield from map(simulate, generators)
        return
    with ThreadPoolExecutor(workers) as pool:
        ahead = islice(generators, 2 * workers)
        pending: deque[Future[Any]] = deque(pool.submit(simulate, generator) for generator in ahead)
        try:
            while pending:
                block = pending.popleft().result()
                pending.extend(pool.submit(simulate, generator) for generator in islice(generators, 1))
                yield block
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _flags(block: Any, size: int) -> np.ndarray:
    flags = np.asarray(block).ravel()
    if flags.dtype.kind not in "biu" or flags.size == 0 or np.any((flags != 0) & (flags != 1)):
        got = f"{flags.dtype} of size {flags.size}"
        refuse("error_rate", "simulate", "return an array of flags", got, "Return decided != sent.")
    if size and flags.size != size:
        advice = "Cut delay and padding by the same amount every time."
        refuse("error_rate", "simulate", f"return blocks of one size ({size})", flags.size, advice)
    return flags
