"""Error rates: coverage on processes whose rate is known, stopping, streams."""

from __future__ import annotations

import itertools
import math
import threading
import time

import numpy as np
import pytest
from scipy import stats
from scipy.special import erfc

from invdeconv.equalization import Channel, Constellation, ErrorRate, error_rate, mlse, mmse_dfe


def bursts(rate, length, n):
    """A two-state chain that is wrong with probability `rate`, for `length` bits on average."""
    gaps = length * (1 - rate) / rate

    def simulate(rng):
        count = 8 + int(4 * n / (length + gaps))
        good, bad = rng.geometric(1 / gaps, count), rng.geometric(1 / length, count)
        if rng.random() < rate:  # start as the chain does when it has run for long
            good[0] = 0
        edges = np.cumsum(np.stack([good, bad], axis=1).ravel())
        assert edges[-1] >= n
        flags = np.zeros(n + 1, int)
        np.add.at(flags, np.minimum(edges[::2], n), 1)
        np.add.at(flags, np.minimum(edges[1::2], n), -1)
        return np.cumsum(flags)[:n]

    return simulate


def clopper_pearson(found):
    """The interval for independent errors."""
    right = found.bits - found.errors
    return stats.beta.ppf([0.025, 0.975], [found.errors, found.errors + 1], [right + 1, right])


@pytest.mark.parametrize(
    ("rate", "length", "min_events"), [(5e-3, 5, 25), (0.02, 3, 120), (1e-3, 6, 4)], ids=str
)
def test_the_interval_holds_under_bursts(rate, length, min_events):
    """In 120 simulations the interval holds the rate in 95 %; one for independent errors does not."""
    simulate = bursts(rate, length, 1000)
    held = independent = 0
    runs = 120
    for seed in range(runs):
        found = error_rate(simulate, min_events=min_events, rng=seed)
        held += found.low <= rate <= found.high
        low, high = clopper_pearson(found)
        independent += low <= rate <= high
    assert held / runs > 0.95 - 3 * math.sqrt(0.05 * 0.95 / runs)
    assert independent / runs < 0.75


def test_independent_errors_have_the_usual_interval():
    """As wide as Clopper–Pearson, and at low confidence it misses as often as it may."""
    p, runs = 0.01, 100
    held = 0
    for seed in range(runs):
        found = error_rate(lambda rng: rng.random(500) < p, min_events=100, confidence=0.5, gap=1, rng=seed)
        held += found.low <= p <= found.high
    assert 0.35 < held / runs < 0.75
    width = error_rate(lambda rng: rng.random(500) < p, min_events=1000, gap=1, rng=0)
    low, high = clopper_pearson(width)
    assert width.high - width.low == pytest.approx(high - low, rel=0.15)


def test_no_error_gives_an_upper_limit():
    """(1 − limit)^blocks = 1 − confidence: the rule of three."""
    found = error_rate(lambda rng: np.zeros(50, bool), max_blocks=200)
    assert found == ErrorRate(0.0, 0.0, found.high, 0, 0, 10_000, 200)
    assert (1 - found.high) ** 200 == pytest.approx(0.05)
    assert found.high == pytest.approx(3 / 200, rel=0.02)


def test_every_error_gives_no_lower_bound():
    found = error_rate(lambda rng: np.ones(10, int), max_blocks=20)
    assert (found.rate, found.low, found.high) == (1, 0, 1)


@pytest.mark.parametrize("gap", [1, 2, 3])
def test_events_are_errors_close_together(gap):
    block = np.array([1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1])
    found = error_rate(lambda rng: block, min_events=1, gap=gap)
    assert found.blocks == 16
    assert found.events == 16 * {1: 4, 2: 3, 3: 2}[gap]
    assert found.errors == 16 * 5


def test_results_do_not_depend_on_the_workers():
    """Although later blocks may end first, and some are begun in vain."""
    used = set()

    def simulate(rng):
        used.add(threading.get_ident())
        flags = rng.random(200) < 0.01
        time.sleep(1e-3 * rng.random())
        return flags

    one, two, five = (error_rate(simulate, min_events=50, rng=7, workers=n) for n in (1, 2, 5))
    assert one == two == five
    assert len(used) > 2
    assert error_rate(simulate, min_events=50, rng=8) != one


def test_seeds():
    def simulate(rng):
        return rng.random(100) < 0.05

    expected = error_rate(simulate, rng=3, max_blocks=20)
    sequence = np.random.SeedSequence(3)
    assert error_rate(simulate, rng=sequence, max_blocks=20) == expected
    assert sequence.n_children_spawned == 0
    children = [np.random.default_rng(child) for child in np.random.SeedSequence(3).spawn(20)]
    assert sum(int(np.sum(simulate(child))) for child in children) == expected.errors
    drawn = [error_rate(simulate, rng=np.random.default_rng(3), max_blocks=20) for _ in range(2)]
    assert drawn[0] == drawn[1]


def test_the_callback_sees_progress_and_stops():
    seen = []

    def callback(so_far):
        seen.append(so_far)
        return so_far.blocks == 5

    found = error_rate(lambda rng: rng.random(100) < 0.1, rng=0, callback=callback)
    assert [rate.blocks for rate in seen] == [1, 2, 3, 4, 5]
    assert found == seen[-1]
    assert seen[0].high == 1


def test_the_block_maximum():
    found = error_rate(lambda rng: rng.random(100) < 1e-3, min_events=10_000, max_blocks=30, rng=0)
    assert found.blocks == 30
    assert found.bits == 3000


@pytest.mark.parametrize(("a", "exact"), [(0.9, 8.8276e-4), (1.0, 1.5617e-3)])
def test_decision_feedback_with_error_propagation(a, exact):
    """h = [1, a], zero-forcing DFE, 10 dB: P = p₀/(1 + p₀ − p₁), one wrong decision breeding the next."""
    std = math.sqrt((1 + a * a) * 0.1 / 2)

    def tail(x):
        return erfc(x / math.sqrt(2)) / 2

    p0, p1 = tail(1 / std), (tail((1 + 2 * a) / std) + tail((1 - 2 * a) / std)) / 2
    assert p0 / (1 + p0 - p1) == pytest.approx(exact, rel=1e-4)

    def simulate(rng, rows=400, n=120):
        sent = rng.choice([-1.0, 1.0], (n + 1, rows))
        received = sent[1:] + a * sent[:-1] + std * rng.standard_normal((n, rows))
        decided = itertools.accumulate(received, lambda past, y: np.sign(y - a * past), initial=sent[0])
        return (np.array(list(decided))[1:] != sent[1:]).T

    found = error_rate(simulate, min_events=400, rng=0, gap=3)
    # Every row starts from a right decision: the first few symbols are a little too good.
    assert found.low < exact < found.high * 1.01
    assert found.errors > 1.5 * found.events


BPSK = Constellation.pam(2)


@pytest.mark.parametrize(
    ("channel", "ebn0_db", "detector", "published"),
    [
        (Channel.proakis_b(), 10, "feedback", 5.720e-3),
        (Channel.proakis_b(), 12, "feedback", 7.36e-4),
        (Channel.proakis_c(), 12, "feedback", 2.272e-2),
        (Channel.proakis_c(), 12, "sequence", 1.534e-3),
    ],
)
def test_published_rates_lie_in_the_interval(channel, ebn0_db, detector, published):
    """MMSE-DFE of 16 and 15 taps, and MLSE, simulated by others with 8 million symbols and more."""
    n0 = 10 ** (-ebn0_db / 10)
    design = mmse_dfe(channel, n0=n0, taps=16, feedback=15, real_symbols=True)

    def simulate(rng, rows=400, n=150):
        bits = rng.integers(0, 2, (rows, n))
        received = channel.transmit(BPSK.modulate(bits), n0=n0, rng=rng, boundary="burst")
        if detector == "feedback":
            symbols = design.equalize(received, BPSK)[:, :n]
        else:
            symbols = mlse(received, channel, BPSK, before=0, after=0).symbols
        return (BPSK.bits(symbols) != bits)[:, 30:-20]  # the ends of a burst hear less interference

    found = error_rate(simulate, min_events=150, rng=1)
    assert found.low < published < found.high
    assert found.high - found.low < 0.5 * published
