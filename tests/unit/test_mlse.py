"""Sequence detection: against all words, through every path of the code, and against published rates."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
from tolerance import assert_close, normal
from twins import most_likely_word

from invdeconv.arrays import has_compiler
from invdeconv.equalization import Channel, _blocked_viterbi, _kernels, _path_search, error_rate, mlse
from invdeconv.equalization._trellis import Trellis

BPSK = np.array([-1.0, 1.0])
QPSK = np.exp(0.25j * np.pi * np.array([1, 3, 5, 7]))
QAM16 = (np.array([-3, -1, 1, 3]) + 1j * np.array([[-3], [-1], [1], [3]])).ravel() / np.sqrt(10)
CHANNEL_B = np.array([0.407, 0.815, 0.407]) / np.sqrt(0.995523)


@pytest.mark.parametrize("after", [None, "silence", "symbols"])
@pytest.mark.parametrize("before", [None, "silence", "symbols"])
@pytest.mark.parametrize(
    ("taps", "alphabet", "n"),
    [
        ([0.5, 1 - 0.2j, 0.3j], BPSK, 6),
        ([0.4, 0.8, -0.4], BPSK, 7),
        ([1, 0.9j], QPSK, 4),
        ([0.2, -0.5, 0.9j, 0.1], np.array([1, 1j]), 4),
        ([0.3, 1.0], np.array([-3.0, -1.0, 1.0, 3.0]), 4),
        ([0.3 + 1j], QPSK, 3),
    ],
)
def test_the_word_found_is_the_nearest_of_all(taps, alphabet, n, before, after):
    """Pure noise: no word fits, ties never happen, and every branch of the trellis counts."""
    rng = np.random.default_rng(n)
    taps, memory = np.array(taps), max(len(taps) - 1, 0)
    known = {None: None, "silence": np.zeros(memory), "symbols": normal(rng, memory, complex_=True)}
    received = normal(rng, n + (memory if after else 0), complex_=True)
    metric, word = most_likely_word(received, taps, alphabet, known[before], known[after])
    ends = {None: None, "silence": 0, "symbols": None}
    options = {}
    for name, end in (("before", before), ("after", after)):
        options[name] = known[end] if end == "symbols" and memory else ends[end]
    found = mlse(received, taps, alphabet, **options)
    assert_close(found.symbols, word)
    assert_close(found.metric, metric, size=100)
    assert found.state is None


def burst(taps, alphabet, n, *, std=0.3, rows=1, seed=0):
    rng = np.random.default_rng(seed)
    sent = rng.choice(alphabet, (rows, n))
    clean = np.apply_along_axis(lambda x: np.convolve(x, taps), -1, sent)
    return sent, clean + std * normal(rng, clean.shape, complex_=np.iscomplexobj(clean))


def by_kernel(trellis, samples, metrics, machine):
    """The kernels row by row: survivors, and the path to the best state."""
    search = _kernels.viterbi if machine else _kernels.viterbi.py_func
    follow = _kernels.trace if machine else _kernels.trace.py_func
    survivors = np.empty((*samples.shape, trellis.n_states), trellis.index_type)
    symbols = np.empty(samples.shape, trellis.index_type)
    for row in range(len(samples)):
        search(samples[row], trellis.points, metrics[row], survivors[row])
        follow(survivors[row], trellis.alphabet.size, int(np.argmin(metrics[row])), symbols[row])
    return survivors, symbols


@pytest.mark.parametrize("machine", [False] + [True] * has_compiler())
@pytest.mark.parametrize(
    ("taps", "alphabet", "n", "rows"),
    [
        (CHANNEL_B, BPSK, 1501, 2),  # several blocks, the last one short
        ([0.5, 1, -0.3j], BPSK, 900, 1),
        ([0.6, 0.8j], QPSK, 400, 2),
        ([0.6, 0.8], BPSK, 37, 3),  # one block
    ],
)
def test_blocks_equal_the_plain_kernel(taps, alphabet, n, rows, machine):
    trellis = Trellis.of(np.array(taps), alphabet)
    samples = burst(taps, alphabet, n, rows=rows, std=0.5)[1][:, :n]
    start = 5 * np.random.default_rng(1).random((rows, trellis.n_states))
    metrics, other = start.copy(), start.copy()
    survivors, symbols = by_kernel(trellis, samples, metrics, machine)
    blocked = _blocked_viterbi.viterbi(trellis, samples, other)
    assert_close(other, metrics, size=10 * n)
    assert np.array_equal(blocked, survivors)
    states = np.argmin(metrics, axis=1)
    assert np.array_equal(_blocked_viterbi.trace(trellis, survivors, states), symbols)


def test_blocks_whose_guess_is_wrong_are_run_again():
    """h = [1, −1], nothing received: all-plus and all-minus stay apart for ever, no run-up forgets."""
    trellis = Trellis.of(np.array([1.0, -1.0]), BPSK)
    samples = np.zeros((1, 1000))
    for start in ([0.0, 0.5], [0.5, 0.0]):
        metrics, other = np.array([start]), np.array([start])
        survivors, symbols = by_kernel(trellis, samples, metrics, machine=False)
        assert np.array_equal(_blocked_viterbi.viterbi(trellis, samples, other), survivors)
        assert_close(other, metrics)
        states = np.argmin(metrics, axis=1)
        assert np.array_equal(_blocked_viterbi.trace(trellis, survivors, states), symbols)
        assert np.all(symbols == np.argmin(start))


@pytest.mark.parametrize("cuts", [(2,), (50, 51, 400), tuple(range(3, 400, 3))])
@pytest.mark.parametrize("before", [None, 0])
def test_chunks_give_what_the_whole_burst_gives(cuts, before):
    sent, received = burst([0.5, 1, -0.3j], QPSK, 420, rows=2)
    whole = mlse(received, [0.5, 1, -0.3j], QPSK, before=before, after=0)
    assert whole.symbols.shape == sent.shape
    state, pieces = None, []
    chunks = np.split(received, cuts, axis=-1)
    for chunk in chunks[:-1]:
        options = {"before": before} if state is None else {"state": state}
        found = mlse(chunk, [0.5, 1, -0.3j], QPSK, depth=300, **options)
        pieces.append(found.symbols)
        state = found.state
        assert state.survivors.shape[1] < 60  # what is agreed on is handed out at once
    found = mlse(chunks[-1], [0.5, 1, -0.3j], QPSK, after=0, state=state)
    assert_close(np.concatenate([*pieces, found.symbols], axis=-1), whole.symbols)
    assert_close(found.metric, whole.metric, size=1000)


def test_depth_bounds_what_is_kept():
    """Nothing received through [1, −1]: paths never agree, and the best one decides."""
    state, decided = None, 0
    for _ in range(5):
        found = mlse(np.zeros(40), [1.0, -1.0], BPSK, depth=25, state=state)
        state, decided = found.state, decided + found.symbols.size
        assert state.survivors.shape[1] == 25
        assert np.all(found.symbols == -1)
    last = mlse(np.zeros(40), [1.0, -1.0], BPSK, state=state)
    assert decided + last.symbols.size == 240
    assert last.metric == 0


def test_long_bursts_are_taken_in_pieces(monkeypatch):
    """With a small bound on memory: the same decisions and metric."""
    _, received = burst([0.5, 1, -0.3], BPSK, 5000, std=0.6)
    whole = mlse(received, [0.5, 1, -0.3], BPSK)
    monkeypatch.setattr(_path_search, "_MOST_SURVIVORS", 1)
    pieces = mlse(received, [0.5, 1, -0.3], BPSK)
    assert np.array_equal(pieces.symbols, whole.symbols)
    assert_close(pieces.metric, whole.metric, size=10_000)


def test_survivors_take_a_byte():
    """16-QAM with three taps: 256 states, 4096 branches."""
    sent, received = burst([1, 0.4j, 0.2], QAM16, 300, std=0.02)
    found = mlse(received, [1, 0.4j, 0.2], QAM16, before=0, after=0, depth=None)
    assert_close(found.symbols, sent)
    state = mlse(received, [1, 0.4j, 0.2], QAM16, depth=20).state
    assert state.survivors.dtype == np.uint8
    assert Trellis.of(np.array([1, 0.5]), np.arange(300.0)).index_type == np.uint16


def test_rows_are_bursts_of_their_own():
    sent, received = burst([0.6, 0.8], QPSK, 60, rows=6)
    together = mlse(received.reshape(2, 3, -1), [0.6, 0.8], QPSK, before=sent[0, :1])
    assert together.symbols.shape == (2, 3, 61)
    assert together.metric.shape == (2, 3)
    for row in range(6):
        alone = mlse(received[row], [0.6, 0.8], QPSK, before=sent[0, :1])
        assert np.array_equal(together.symbols.reshape(6, -1)[row], alone.symbols)


def test_channels_and_libraries():
    _, received = burst(CHANNEL_B, BPSK, 50)
    expected = mlse(received[0], CHANNEL_B, BPSK, after=0).symbols
    single = mlse(received[0].astype(np.float32), Channel.proakis_b(), BPSK, after=0).symbols
    assert single.dtype == np.float32
    assert np.array_equal(single, expected)
    other = mlse(strict.asarray(received[0]), CHANNEL_B, BPSK, after=0).symbols
    assert isinstance(other, type(strict.asarray(received[0])))
    assert np.array_equal(np.asarray(other), expected)


@pytest.mark.parametrize(
    ("ebn0_db", "published", "events"), [(8, 5.150e-3, 300), (10, 3.833e-4, 100)], ids=["8 dB", "10 dB"]
)
def test_error_rate_on_channel_b(ebn0_db, published, events):
    """Simulated by others: 5.150e-3 ± 4.1e-5 and 3.833e-4 ± 6.1e-6, with 8 to 100 million symbols."""
    std = np.sqrt(10 ** (-ebn0_db / 10) / 2)

    def simulate(rng):
        sent = rng.choice(BPSK, 20_000)
        received = np.convolve(sent, CHANNEL_B)
        received += std * rng.standard_normal(received.size)
        return mlse(received, CHANNEL_B, BPSK, before=0, after=0).symbols != sent

    found = error_rate(simulate, min_events=events, rng=1)
    assert found.low < published < found.high
    assert found.high - found.low < 0.6 * published
    assert found.errors > 1.3 * found.events  # bursts
