"""Adaptive filters, sequence detection, error rates: (call, message). Each is an InvalidInputError."""

from __future__ import annotations

import re

import numpy as np
import pytest

from invdeconv.equalization import cma, error_rate, lms, mlse, nlms, rls
from invdeconv.errors import InvalidInputError, SolverError

BPSK = np.array([-1.0, 1.0])
QPSK = np.exp(0.25j * np.pi * np.array([1, 3, 5, 7]))
SENT = np.resize([1.0, -1.0, -1.0], 30)
DATA = SENT + 0.1 * np.cos(np.arange(30))
WHOLE = lms(DATA, SENT, step=0.01, taps=5)
CHUNK = mlse(DATA, [1.0, 0.5], BPSK, depth=10)
TAPS = [1.0, 0.5]


class HalfSpaced:
    """A channel of two samples per symbol."""

    taps, samples_per_symbol = (0.5, 1.0), 2


def zeros(rng):
    return np.zeros(10, bool)


def sizes():
    """A simulation whose second block is longer than the first."""
    size = iter((3, 4))
    return lambda rng: np.zeros(next(size), bool)


def each_filter():
    """What all of them refuse, with their own name in front."""
    trained = {
        "lms": lambda data=DATA, sent=SENT, **kw: lms(data, sent, step=0.01, **kw),
        "nlms": lambda data=DATA, sent=SENT, **kw: nlms(data, sent, **kw),
        "rls": lambda data=DATA, sent=SENT, **kw: rls(data, sent, **kw),
    }
    blind = {"cma": lambda data=DATA, **kw: cma(data, BPSK, step=0.01, **kw)}
    for name, f in {**trained, **blind}.items():
        yield from [
            (lambda f=f: f([]), f"{name}: received must not be empty; got shape (0,)."),
            (lambda f=f: f([1.0, np.nan], taps=3), f"{name}: received must be finite; got 1 values"),
            (lambda f=f: f(3.0, taps=3), f"{name}: received must have at least one axis"),
            (lambda f=f: f(), f"{name}: taps must be given with the first chunk; got None."),
            (lambda f=f: f(taps=0), f"{name}: taps must be an integer >= 1; got 0."),
            (lambda f=f: f(taps=2.5), f"{name}: taps must be an integer >= 1; got 2.5."),
            (lambda f=f: f(taps=[np.inf]), f"{name}: taps must be finite"),
            (lambda f=f: f(taps=np.ones((2, 3))), f"{name}: taps must have the batch shape of received ()"),
            (
                lambda f=f: f(taps=3, samples_per_symbol=4),
                f"{name}: received must hold whole symbols of 4 samples; got 30. Cut it between symbols",
            ),
            (
                lambda f=f: f(taps=3, samples_per_symbol=0),
                f"{name}: samples_per_symbol must be an integer >= 1; got 0.",
            ),
            (
                lambda f=f: f(taps=3, state=WHOLE.state),
                f"{name}: state must be an AdaptiveState alone; got taps beside it.",
            ),
            (lambda f=f: f(state=WHOLE), f"{name}: state must be an AdaptiveState alone; got Adaptation."),
        ]
        batch = np.ones((2, 30))
        yield (
            (lambda f=f, batch=batch: f(batch, state=WHOLE.state)),
            f"{name}: state must fit received, past (2, 4); got (4,).",
        )
    for name, f in trained.items():
        yield from [
            (
                lambda f=f: f(sent=None, taps=3),
                f"{name}: training must be given where there is no alphabet; got None.",
            ),
            (lambda f=f: f(taps=3, delay=-1), f"{name}: delay must be an integer >= 0; got -1."),
            (
                lambda f=f: f(sent=2 * SENT, taps=3, alphabet=BPSK),
                f"{name}: training must hold points of the alphabet; got 2. Scale both alike",
            ),
            (
                lambda f=f: f(sent=np.ones((3, 30)), taps=3),
                f"{name}: training must have the batch shape of received (); got (3,).",
            ),
            (lambda f=f: f(sent=[np.nan], taps=3), f"{name}: training must be finite"),
            (
                lambda f=f: f(taps=3, alphabet=[1.0, 1.0]),
                f"{name}: alphabet must hold two or more different points; got 1 different in shape (2,).",
            ),
        ]


CASES = [
    *each_filter(),
    (lambda: lms(DATA, SENT, step=0, taps=3), "lms: step must be a finite number > 0; got 0."),
    (
        lambda: lms(np.ones(30), SENT, step=0.7, taps=3),
        "lms: step must be below 0.667 for these samples; got 0.7. Divide it by ten",
    ),
    (lambda: nlms(DATA, SENT, step=2, taps=3), "nlms: step must be below 2; got 2.0. Larger steps diverge"),
    (lambda: nlms(DATA, SENT, step=-1, taps=3), "nlms: step must be a finite number > 0; got -1."),
    (lambda: nlms(DATA, SENT, offset=-1, taps=3), "nlms: offset must be a finite number >= 0; got -1."),
    (lambda: rls(DATA, SENT, forgetting=1.01, taps=3), "rls: forgetting must be at most 1; got 1.01."),
    (lambda: rls(DATA, SENT, forgetting=0, taps=3), "rls: forgetting must be a finite number > 0; got 0."),
    (lambda: rls(DATA, SENT, ridge=0, taps=3), "rls: ridge must be a finite number > 0; got 0."),
    (
        lambda: rls(DATA, SENT, state=WHOLE.state),
        "rls: state must come from rls; got one without the matrix P. Start with taps=state.taps instead.",
    ),
    (lambda: cma(DATA, BPSK, step=0, taps=3), "cma: step must be a finite number > 0; got 0."),
    (lambda: cma(np.ones(30), BPSK, step=0.5, taps=3), "cma: step must be below 0.333 for these samples"),
    (
        lambda: cma(DATA + 1j, BPSK, step=0.01, taps=3),
        "cma: alphabet must be complex, as the samples are; got real points.",
    ),
    (
        lambda: cma(DATA + 1j, BPSK + 0j, step=0.01, taps=3),
        "cma: alphabet must be complex, as the samples are; got real points.",
    ),
    (
        lambda: cma(DATA, QPSK, step=0.01, taps=3),
        "cma: alphabet must be real, as the samples are; got complex points.",
    ),
    (lambda: cma(DATA, [1.0], step=0.01, taps=3), "cma: alphabet must hold two or more different points"),
    # mlse
    (lambda: mlse(DATA, [0.0, 0.0], BPSK), "mlse: channel must not be all zeros; got shape (2,)."),
    (lambda: mlse(DATA, [], BPSK), "mlse: channel must not be empty"),
    (lambda: mlse(DATA, np.ones((2, 2)), BPSK), "mlse: channel must be 1-D; got shape (2, 2)."),
    (
        lambda: mlse(DATA, np.ones(18), BPSK),
        "mlse: channel must need at most 65536 states; got 2^17 = 131072. Drop weak taps",
    ),
    (lambda: mlse(DATA, HalfSpaced, BPSK), "mlse: channel must have one sample per symbol; got 2."),
    (lambda: mlse(DATA, TAPS, [1.0]), "mlse: alphabet must hold two or more different points; got 1"),
    (lambda: mlse(DATA, TAPS, np.ones((2, 2))), "mlse: alphabet must hold two or more different points"),
    (lambda: mlse(DATA, TAPS, [1.0, np.nan]), "mlse: alphabet must be finite"),
    (lambda: mlse([], TAPS, BPSK), "mlse: received must not be empty"),
    (lambda: mlse([np.inf], TAPS, BPSK), "mlse: received must be finite"),
    (
        lambda: mlse(DATA, TAPS, QPSK),
        "mlse: received must be complex, as the channel's output is; got float64. Pass the complex samples",
    ),
    (
        lambda: mlse([1.0, 2.0, 3.0], [1, 0.5, 0.2], BPSK, before=0, after=0),
        "mlse: received must hold 4 samples or more; got 3. Each known end takes L − 1 samples",
    ),
    (lambda: mlse(DATA, TAPS, BPSK, before=[1, 1]), "mlse: before must hold 1 symbols; got shape (2,)."),
    (lambda: mlse(DATA, TAPS, BPSK, after=1), "mlse: after must have at least one axis; got a scalar."),
    (lambda: mlse(DATA, TAPS, BPSK, after=[np.nan]), "mlse: after must be finite"),
    (lambda: mlse(DATA, TAPS, BPSK, depth=0), "mlse: depth must be an integer >= 1; got 0."),
    (
        lambda: mlse(DATA, TAPS, BPSK, depth=9, after=0),
        "mlse: depth must be left out with the last chunk; got 9. Pass after without it.",
    ),
    (
        lambda: mlse(DATA, TAPS, BPSK, before=0, state=CHUNK.state),
        "mlse: before must be left out with a state; got 0. It belongs to the first chunk.",
    ),
    (
        lambda: mlse(DATA, [1, 1, 1], BPSK, state=CHUNK.state),
        "mlse: state must be of this channel and batch, metrics (1, 4); got (1, 2).",
    ),
    (
        lambda: mlse(DATA, TAPS, BPSK, state=CHUNK),
        "mlse: state must be of this channel and batch, metrics (1, 2); got SequenceEstimate.",
    ),
    # error_rate
    (lambda: error_rate(3), "error_rate: simulate must be callable; got 3."),
    (lambda: error_rate(zeros, min_events=0), "error_rate: min_events must be an integer >= 1; got 0."),
    (lambda: error_rate(zeros, max_blocks=1), "error_rate: max_blocks must be an integer >= 2; got 1."),
    (lambda: error_rate(zeros, gap=0), "error_rate: gap must be an integer >= 1; got 0."),
    (lambda: error_rate(zeros, workers=0), "error_rate: workers must be an integer >= 1; got 0."),
    (lambda: error_rate(zeros, confidence=1), "error_rate: confidence must be below 1; got 1.0."),
    (lambda: error_rate(zeros, confidence=0), "error_rate: confidence must be a finite number > 0; got 0."),
    (lambda: error_rate(zeros, callback=3), "error_rate: callback must be callable; got 3."),
    (lambda: error_rate(zeros, rng="x"), "error_rate: rng must be a seed; got 'x'"),
    (lambda: error_rate(zeros, rng=-1), "error_rate: rng must be a seed; got -1"),
    (
        lambda: error_rate(lambda rng: rng.random(5)),
        "error_rate: simulate must return an array of flags; got float64 of size 5. Return decided != sent.",
    ),
    (lambda: error_rate(lambda rng: [2, 0]), "error_rate: simulate must return an array of flags"),
    (lambda: error_rate(lambda rng: []), "error_rate: simulate must return an array of flags"),
    (lambda: error_rate(sizes()), "error_rate: simulate must return blocks of one size (3); got 4."),
]


@pytest.mark.parametrize(("call", "message"), CASES, ids=[message[:70] for _, message in CASES])
def test_message(call, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        call()


def test_messages_have_one_format():
    for call, _ in CASES:
        with pytest.raises(InvalidInputError) as caught:
            call()
        assert re.fullmatch(r"[\w.]+: .+ must .+; got .+\. .+\.", str(caught.value), re.DOTALL), caught.value


def test_taps_without_bound():
    """A step that the mean power allows, and the power of a short burst does not."""
    received = np.r_[np.ones(120), np.zeros(70_000)]
    with pytest.raises(SolverError, match=r"lms: the taps grew without bound\. Take a smaller step"):
        lms(received, np.cos(np.arange(received.size)), step=200, taps=5)


def test_silence_that_outlasts_the_memory_of_rls():
    """P grows as λ⁻ⁿ when nothing comes in."""
    received = np.r_[np.cos(np.arange(50.0)), np.zeros(3000), np.ones(5)]
    with pytest.raises(SolverError, match="rls: the taps grew without bound"):
        rls(received, np.ones(received.size), forgetting=0.5, taps=3)
