"""Adaptive filters and MLSE: with and without a compiler, and beside other libraries where installed.

    pip install invdeconv[fast] padasip komm OptiCommPy
    python benchmarks/equalization.py

All figures are ratios of time per symbol in one run, median and best of some rounds. OptiCommPy filters in
single precision with reordered sums, this library in double precision; both search the trellis in double.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.util import find_spec
from types import SimpleNamespace
from unittest import mock

import numpy as np
from harness import Ratio, ratio

from invdeconv.arrays import has_compiler
from invdeconv.equalization import cma, lms, mlse, rls

RNG = np.random.default_rng(0)
N = 100_000
BPSK = np.array([-1.0, 1.0])
QPSK = np.exp(0.25j * np.pi * np.array([1, 3, 5, 7]))
CHANNELS = {4: np.array([0.407, 0.815, 0.407]), 16: np.array([0.227, 0.460, 0.688, 0.460, 0.227])}


def received(alphabet: np.ndarray, taps: np.ndarray, n: int = N) -> tuple[np.ndarray, np.ndarray]:
    sent = RNG.choice(alphabet, n)
    clean = np.convolve(sent, taps)[:n]
    noise = RNG.standard_normal(n) + (1j * RNG.standard_normal(n) if np.iscomplexobj(clean) else 0)
    return sent, clean + 0.2 * noise


def show(name: str, goal: str, measured: Ratio, *, symbols: float = 1.0) -> None:
    """Print a ratio per symbol: the subject took `symbols` times as many symbols as the reference."""
    scaled = Ratio(measured.median / symbols, measured.best / symbols, measured.rounds)
    print(f"  {name:<44}{scaled}   goal {goal}")


def blocked(call: Callable[[], object]) -> Callable[[], object]:
    """Make a call that finds no compiler."""

    def without() -> object:
        with mock.patch("invdeconv.arrays._compiled._numba", return_value=None):
            return call()

    return without


def own_methods() -> dict[str, Callable[[], object]]:
    sent, real = received(BPSK, CHANNELS[4])
    calls = {
        "LMS, 11 real taps": lambda: lms(real, sent, step=0.01, taps=11),
        "RLS, 11 real taps": lambda: rls(real, sent, taps=11),
    }
    for states, taps in CHANNELS.items():
        samples = received(BPSK, taps)[1]
        calls[f"MLSE, {states} states"] = lambda samples=samples, taps=taps: mlse(samples, taps, BPSK)
    return calls


def against_the_compiler() -> None:
    print("blocked forms / compiled loop")
    goals = {"LMS": "<= 20", "RLS": "<= 20", "MLSE, 4": "<= 8", "MLSE, 16": "<= 12"}
    for name, call in own_methods().items():
        goal = next(goal for key, goal in goals.items() if name.startswith(key))
        show(name, goal, ratio(blocked(call), call))


def against_padasip() -> None:
    import padasip

    n = 10_000
    print("padasip / blocked forms")
    sent, samples = received(BPSK, CHANNELS[4])
    rows = padasip.input_from_history(samples[: n + 10], 11)
    filters = {
        "LMS": lambda: padasip.filters.FilterLMS(11, mu=0.01),
        "RLS": lambda: padasip.filters.FilterRLS(11, mu=0.999),
    }
    ours = {"LMS": lambda: lms(samples, sent, step=0.01, taps=11), "RLS": lambda: rls(samples, sent, taps=11)}
    for name, make in filters.items():
        run = lambda make=make: make().run(sent[: len(rows)], rows)  # noqa: E731
        measured = ratio(run, blocked(ours[name]), rounds=3)
        show(f"{name}, 11 real taps", ">= 9", measured, symbols=len(rows) / N)


def against_komm() -> None:
    import komm

    n = 2000
    print("komm / blocked forms")
    for states, taps in CHANNELS.items():
        samples = received(BPSK, taps)[1]
        # komm's machine: state s holds the past symbols as bits, the newest lowest.
        words = np.arange(2 * states).reshape(states, 2)  # the state, and the new bit below it
        outputs = BPSK[(words.ravel()[:, None] >> np.arange(taps.size)) & 1] @ taps
        machine = komm.MealyMachine(transitions=words % states, outputs=words)

        def run(machine=machine, samples=samples, outputs=outputs):
            return machine.viterbi(samples[:n], lambda y, z: (z - outputs[y]) ** 2)

        ours = blocked(lambda samples=samples, taps=taps: mlse(samples, taps, BPSK))
        found = np.asarray(ours().symbols)
        paths, metrics = run()
        same = np.mean(BPSK[paths[:, np.argmin(metrics)]][: n - 20] == found[: n - 20])
        assert same > 0.999, "not the same decisions"
        show(f"MLSE, {states} states", ">= 100", ratio(run, ours, rounds=2), symbols=n / N)


def against_opticommpy() -> None:
    from optic.comm.modulation import mlse as their_mlse
    from optic.dsp.equalization import ffe, mimoAdaptEqualizer

    logging.disable(logging.INFO)
    print("OptiCommPy / compiled loop")
    sent, samples = received(QPSK, np.array([0.2, 1, -0.3j]))
    common = {"nTaps": 16, "SpS": 1, "M": 4, "constType": "qam", "prec": np.complex64}

    def adaptive(algorithm: str) -> Callable[[], object]:
        options = {"alg": [algorithm], "mu": [1e-3], "prgsBar": False, "domain": "time", "lambdaRLS": 0.999}
        return lambda: mimoAdaptEqualizer(samples, SimpleNamespace(**common, **options), sent)

    options = {"mu": 1e-3, "nTrain": N, "trainingMode": "fulltime"}
    feedforward = lambda: ffe(samples, sent, SimpleNamespace(**common, **options))  # noqa: E731
    ours = {
        "LMS": lambda: lms(samples, sent, step=1e-3, taps=16),
        "RLS": lambda: rls(samples, sent, taps=16),
        "CMA": lambda: cma(samples, QPSK, step=1e-3, taps=16),
    }
    show("LMS, 16 taps (their ffe)", ">= 5", ratio(feedforward, ours["LMS"]))
    show("LMS, 16 taps (their nlms)", ">= 5", ratio(adaptive("nlms"), ours["LMS"], rounds=5))
    show("RLS, 16 taps", ">= 5", ratio(adaptive("rls"), ours["RLS"], rounds=3))
    show("CMA, 16 taps", ">= 5", ratio(adaptive("cma"), ours["CMA"], rounds=5))
    for states, taps in CHANNELS.items():
        burst = received(BPSK, taps)[1]
        theirs = lambda burst=burst, taps=taps: their_mlse(burst, taps, BPSK)  # noqa: E731
        show(
            f"MLSE, {states} states",
            ">= 5" if states == 16 else "none",
            ratio(theirs, lambda burst=burst, taps=taps: mlse(burst, taps, BPSK)),
        )


if __name__ == "__main__":
    if has_compiler():
        against_the_compiler()
    else:
        print("numba is not installed: no compiled loop to compare with")
    if find_spec("padasip"):
        against_padasip()
    if find_spec("komm"):
        against_komm()
    if find_spec("optic") and has_compiler():
        against_opticommpy()
