"""Adaptive filters: against textbook loops, closed forms and theory, through every path of the code."""

from __future__ import annotations

import dataclasses

import array_api_strict as strict
import numpy as np
import pytest
from scipy.linalg import toeplitz
from tolerance import assert_close, normal
from twins import adaptive_loop, ridge, window

from invdeconv.arrays import has_compiler
from invdeconv.equalization import _blocked, _kernels, cma, lms, nlms, rls

BPSK = np.array([-1.0, 1.0])
QPSK = np.exp(0.25j * np.pi * np.array([1, 3, 5, 7]))
QAM16 = (np.array([-3, -1, 1, 3]) + 1j * np.array([[-3], [-1], [1], [3]])).ravel() / np.sqrt(10)


def link(alphabet, n, *, spacing=1, std=0.1, seed=0, batch=()):
    """Symbols, and samples of them through an asymmetric channel."""
    rng = np.random.default_rng(seed)
    sent = rng.choice(alphabet, (*batch, n))
    complex_ = np.iscomplexobj(alphabet)
    taps = np.array([0.2, 1.0, -0.35, 0.1]) if not complex_ else np.array([0.2, 1, -0.35j, 0.1 + 0.1j])
    raised = np.zeros((*batch, n * spacing), sent.dtype)
    raised[..., ::spacing] = sent
    taps = np.convolve(taps, np.ones(spacing) * (0.8 if spacing > 1 else 1))
    clean = np.apply_along_axis(lambda x: np.convolve(x, taps)[: n * spacing], -1, raised)
    return sent, clean + std * normal(rng, clean.shape, complex_=complex_)


def recursions(name, spacing, forgetting=0.98):
    """Each recursion as (kernel, blocked form, its own arguments)."""
    n = 300
    gains = {"lms": np.full(n, 0.02), "nlms": 0.4 / (1 + np.arange(n) % 7)}
    return {
        "lms": lambda module, s, d, a, w, z, e: module.lms(s, spacing, d, a, w, gains["lms"], z, e),
        "nlms": lambda module, s, d, a, w, z, e: module.lms(s, spacing, d, a, w, gains["nlms"], z, e),
        "rls": lambda module, s, d, a, w, z, e: module.rls(
            s, spacing, d, a, w, np.eye(w.size, dtype=w.dtype) / 0.1, forgetting, z, e
        ),
    }[name]


class Plain:
    """The kernels as plain Python."""

    lms, rls, cma = _kernels.lms.py_func, _kernels.rls.py_func, _kernels.cma.py_func


PATHS = [Plain, _blocked]
if has_compiler():
    PATHS.append(_kernels)


@pytest.mark.parametrize("known", [0, 70, 300])
@pytest.mark.parametrize(("alphabet", "spacing"), [(BPSK, 1), (QPSK, 2)])
@pytest.mark.parametrize("name", ["lms", "nlms", "rls"])
def test_blocks_equal_the_plain_kernel(name, alphabet, spacing, known):
    """Also where decisions feed back, and where the first ones are wrong."""
    n, length = 300, 7
    sent, received = link(alphabet, n, spacing=spacing, std=0.3)
    samples = np.concatenate([np.zeros(length - 1), received])
    results = []
    for path in PATHS:
        w = np.zeros(length, received.dtype)
        w[3] = 0.5
        z, e = np.empty(n, w.dtype), np.empty(n, w.dtype)
        recursions(name, spacing)(path, samples, sent[:known], alphabet, w, z, e)
        results.append((z, e, w))
    assert known == 300 or np.unique(results[0][0] + results[0][1]).size > 1  # decisions took part
    for others in results[1:]:
        for one, other in zip(results[0], others, strict=True):
            assert_close(other, one, size=100 * n)


@pytest.mark.parametrize("forgetting", [0.3, 1.0])
def test_blocks_of_rls_with_extreme_memories(forgetting):
    sent, received = link(QPSK, 300)
    samples = np.concatenate([np.zeros(4), received])
    taps = []
    for path in PATHS:
        w = np.zeros(5, complex)
        z, e = np.empty(300, complex), np.empty(300, complex)
        recursions("rls", 1, forgetting)(path, samples, sent, QPSK[:0], w, z, e)
        taps.append(w)
    for other in taps[1:]:
        assert_close(other, taps[0], size=300, condition=1e3)


def test_blocks_of_cma_equal_the_plain_kernel():
    _, received = link(QAM16, 200, batch=(3,))
    samples = np.concatenate([np.zeros((3, 4)), received], axis=1)
    results = []
    for path in PATHS:
        w = np.tile(np.array([0, 0, 1, 0, 0], complex), (3, 1))
        z, e = np.empty((3, 200), complex), np.empty((3, 200), complex)
        if path is _blocked:
            path.cma(samples, 1, 1.32, w, 0.01, z, e)
        else:
            for row in range(3):
                path.cma(samples[row], 1, 1.32, w[row], 0.01, z[row], e[row])
        results.append((z, e, w))
    for others in results[1:]:
        for one, other in zip(results[0], others, strict=True):
            assert_close(other, one, size=200)


@pytest.mark.parametrize(("alphabet", "spacing"), [(BPSK, 1), (QPSK, 1), (QPSK, 3)])
@pytest.mark.parametrize("decide", [True, False])
@pytest.mark.parametrize("name", ["lms", "nlms", "rls"])
def test_public_filters_against_the_textbook(name, alphabet, spacing, decide):
    n, length, delay, known = 160, 6, 3, 90
    sent, received = link(alphabet, n, spacing=spacing)
    options = {
        "taps": length,
        "samples_per_symbol": spacing,
        "delay": delay,
        "alphabet": alphabet if decide else None,
    }
    P = np.eye(length) / 0.05
    P = P.astype(complex)

    def least_squares(w, u, e):
        nonlocal P
        P = np.linalg.inv(0.97 * np.linalg.inv(P) + np.outer(u.conj(), u))
        return w + P @ u.conj() * e

    update, call = {
        "lms": (
            lambda w, u, e: w + 0.03 * e * u.conj(),
            lambda: lms(received, sent[:known], step=0.03, **options),
        ),
        "nlms": (
            lambda w, u, e: w + 0.7 * e * u.conj() / (0.2 + np.sum(np.abs(u) ** 2)),
            lambda: nlms(received, sent[:known], step=0.7, offset=0.2, **options),
        ),
        "rls": (least_squares, lambda: rls(received, sent[:known], forgetting=0.97, ridge=0.05, **options)),
    }[name]
    z, e, w = adaptive_loop(
        received, n, length, spacing, delay, sent[:known], alphabet if decide else None, update
    )
    got = call()
    condition = 1e3 if name == "rls" else 10
    for actual, desired in ((got.output, z), (got.errors, e), (got.taps, w)):
        assert_close(
            actual, desired if np.iscomplexobj(alphabet) else desired.real, condition=condition, size=n
        )


def test_cma_against_the_textbook():
    n = 150
    _, received = link(QAM16, n, spacing=2)
    radius = np.mean(np.abs(QAM16) ** 4) / np.mean(np.abs(QAM16) ** 2)
    assert radius == pytest.approx(1.32, abs=1e-14)
    w = np.zeros(5, complex)
    w[2] = 1
    outputs = []
    for k in range(n):
        u = window(received, k, 5, 2)
        z = w @ u
        outputs.append(z)
        w = w + 0.01 * z * (1.32 - abs(z) ** 2) * u.conj()
    got = cma(received, QAM16, taps=5, step=0.01, samples_per_symbol=2)
    assert_close(got.output, np.array(outputs), size=n)
    assert_close(got.taps, w, size=n)


@pytest.mark.parametrize("cuts", [(1,), (7, 8), (30, 31, 64, 150)])
@pytest.mark.parametrize("name", ["lms", "nlms", "rls", "cma"])
def test_chunks_give_what_the_whole_gives(name, cuts):
    n, spacing = 200, 2
    sent, received = link(QPSK, n, spacing=spacing, batch=(2, 3))
    method = {
        "lms": lambda x, **kw: lms(x, sent[..., :60], step=0.03, alphabet=QPSK, delay=4, **kw),
        "nlms": lambda x, **kw: nlms(x, sent[0, 0, :60], alphabet=QPSK, delay=4, **kw),
        "rls": lambda x, **kw: rls(x, sent[..., :60], delay=4, **kw),
        "cma": lambda x, **kw: cma(x, QPSK, step=0.01, **kw),
    }[name]
    whole = method(received, taps=9, samples_per_symbol=spacing)
    state, pieces = None, []
    for chunk in np.split(received, np.array(cuts) * spacing, axis=-1):
        options = {"taps": 9} if state is None else {"state": state}
        piece = method(chunk, samples_per_symbol=spacing, **options)
        pieces.append(piece)
        state = piece.state
    assert whole.output.shape == (2, 3, n)
    assert_close(np.concatenate([p.output for p in pieces], -1), whole.output, condition=100)
    assert_close(np.concatenate([p.errors for p in pieces], -1), whole.errors, condition=100)
    assert_close(state.taps, whole.taps, condition=1000)
    assert state.position == n


def test_each_row_of_a_batch_is_its_own_signal():
    sent, received = link(QPSK, 120, batch=(3,))
    together = rls(received, sent, taps=5)
    for row in range(3):
        alone = rls(received[row], sent[row], taps=5)
        assert_close(together.output[row], alone.output, size=1000)


@pytest.mark.parametrize("complex_", [False, True])
def test_rls_is_exponentially_weighted_ridge_regression(complex_):
    """To 1e-13, and the first taps are what the ridge pulls to."""
    rng = np.random.default_rng(3)
    n, length = 120, 6
    received = normal(rng, n, complex_=complex_)
    desired, start = normal(rng, n, complex_=complex_), normal(rng, length, complex_=complex_)
    windows = np.array([window(received, k, length, 1) for k in range(n)])
    for forgetting, weight in ((0.95, 0.3), (1.0, 20.0)):
        got = rls(received, desired, taps=start, forgetting=forgetting, ridge=weight)
        expected = ridge(windows, desired, forgetting, weight, start)
        assert np.max(np.abs(got.taps - expected)) < 1e-13 * 50
        assert_close(got.state.inverse @ _gram(windows, forgetting, weight), np.eye(length), condition=100)


def _gram(windows, forgetting, weight):
    n, length = windows.shape
    scale = forgetting ** np.arange(n - 1, -1, -1.0)
    return (windows.conj().T * scale) @ windows + weight * forgetting**n * np.eye(length)


@pytest.mark.parametrize("path", [_blocked] + ([_kernels] if has_compiler() else []))
def test_rls_stays_stable(path):
    """The textbook update P − k(uP) blows up after some 3·10⁴ samples at λ = 0.999: P loses its symmetry."""
    n, length = 40_000, 11
    sent, received = link(BPSK, n, std=0.03)
    samples = np.concatenate([np.zeros(length - 1), received])
    w, P = np.zeros(length), np.eye(length) / 0.01
    z, e = np.empty(n), np.empty(n)
    path.rls(samples, 1, np.roll(sent, 5), BPSK[:0], w, P, 0.999, z, e)
    windows = np.lib.stride_tricks.sliding_window_view(samples, length)
    direct = ridge(windows[-30_000:], np.roll(sent, 5)[-30_000:], 0.999, 0.01, np.zeros(length))
    assert_close(w, direct, size=n)
    assert np.array_equal(P, P.T)
    assert np.max(np.abs(e[-1000:])) < 1


@pytest.mark.parametrize("path", [Plain, *PATHS[2:]])
def test_the_matrix_of_rls_stays_hermitian_beside_reordered_kernels(path):
    """numba shares complex products between kernels: fused ones in `lms` would break this symmetry."""
    sent, received = link(QPSK, 300)
    samples = np.concatenate([np.zeros(4), received])
    z, e = np.empty(300, complex), np.empty(300, complex)
    P = np.eye(5, dtype=complex) / 0.1
    path.lms(samples, 1, sent, QPSK[:0], np.zeros(5, complex), np.full(300, 1e-3), z, e)
    path.rls(samples, 1, sent, QPSK[:0], np.zeros(5, complex), P, 0.9, z, e)
    assert np.array_equal(P, P.conj().T)


def haykin(w=3.1, taps=11, noise=0.001):
    """Return the correlation matrix of Haykin's benchmark, and its MMSE taps at delay 7."""
    h = (1 + np.cos(2 * np.pi * (np.arange(1, 4) - 2) / w)) / 2
    r = np.zeros(taps)
    r[:3] = np.correlate(h, h, "full")[2:]
    r[0] += noise
    R = toeplitz(r)
    p = np.zeros(taps)
    p[5:8] = h[::-1]  # E a_{k−7} r_{k−i} = h_{7−i}, h_0 the first tap
    return h, R, np.linalg.solve(R, p)


def test_haykins_correlation_matrix():
    """The closed form below stands on the printed eigenvalues."""
    for w, ratio, largest in ((2.9, 6.078192, 2.029526), (3.3, 21.713197, 2.726275)):
        eigenvalues = np.linalg.eigvalsh(haykin(w)[1])
        assert eigenvalues[-1] / eigenvalues[0] == pytest.approx(ratio, rel=1e-6)
        assert eigenvalues[-1] == pytest.approx(largest, rel=1e-6)


@pytest.mark.parametrize("method", ["lms", "nlms", "rls"])
def test_taps_converge_to_the_designed_ones(method):
    h, R, optimum = haykin()
    rng = np.random.default_rng(1)
    n = 30_000
    sent = rng.choice(BPSK, n)
    received = np.convolve(sent, h)[:n] + np.sqrt(0.001) * rng.standard_normal(n)
    options = {"taps": 11, "delay": 7}
    got = {
        "lms": lambda: lms(received, sent, step=0.003, **options),
        "nlms": lambda: nlms(received, sent, step=0.03, **options),
        "rls": lambda: rls(received, sent, forgetting=1, **options),
    }[method]()
    # In the metric of R, the excess error: what is left above the minimum 1 − pᵀw.
    gap = got.taps - optimum
    minimum = 1 - optimum @ R @ optimum
    assert gap @ R @ gap < (0.1 if method != "rls" else 0.002) * minimum
    assert np.mean(got.errors[-10_000:] ** 2) == pytest.approx(minimum, rel=0.1)


def test_misadjustment_of_lms():
    """White Gaussian input: excess error μM / (2 − μ(M + 2)) of the minimum, 0.042105 for μ = 0.01, M = 8."""
    rng = np.random.default_rng(2)
    rows, n, M, step = 48, 20_000, 8, 0.01
    received = rng.standard_normal((rows, n))
    true = rng.standard_normal(M)
    clean = np.apply_along_axis(lambda x: np.convolve(x, true)[:n], -1, received)
    noise = rng.standard_normal((rows, n))
    errors = lms(received, clean + noise, taps=M, step=step).errors
    excess = np.mean((errors - noise)[:, 2000:] ** 2)
    assert excess == pytest.approx(step * M / (2 - step * (M + 2)), rel=0.03)


def test_cma_opens_the_eye_at_the_scale_of_the_alphabet():
    """R₂ from the received samples would be 1.595 and not 1.32, and the output 10 % too large."""
    rng = np.random.default_rng(5)
    n = 30_000
    sent = rng.choice(QAM16, n)
    received = np.convolve(sent, [1, 0.5, 0.3j])[:n]
    output = cma(received, QAM16, taps=21, step=1e-3).output[-5000:]
    gains = [abs(np.vdot(sent[n - 5000 - d : n - d], output)) / 5000 for d in range(21)]
    assert max(gains) == pytest.approx(1, abs=0.02)
    delay = int(np.argmax(gains))
    phase = np.exp(-1j * np.angle(np.vdot(sent[n - 5000 - delay : n - delay], output)))
    assert np.mean(np.abs(phase * output - sent[n - 5000 - delay : n - delay]) ** 2) < 0.02


def test_blind_start_goes_on_with_decisions():
    """CMA's state starts LMS; a quarter turn is all it leaves open for QPSK that was derotated."""
    sent, received = link(QPSK, 4000, std=0.05)
    blind = cma(received[:2000], QPSK, taps=9, step=5e-3)
    turn = np.exp(1j * (np.pi / 4 - np.angle(np.mean(blind.output[-500:] ** 4 * -1)) / 4))
    turn *= np.exp(-0.25j * np.pi)
    state = dataclasses.replace(blind.state, taps=blind.state.taps * turn)
    output = lms(received[2000:], alphabet=QPSK, step=5e-3, state=state).output[500:]
    match = [abs(np.vdot(sent[2500 - d : 4000 - d], output)) for d in range(9)]
    delay = int(np.argmax(match))
    ratio = output / sent[2500 - delay : 4000 - delay]
    quarter = np.round(np.angle(np.mean(ratio)) / (np.pi / 2))
    assert np.max(np.abs(ratio * 1j**-quarter - 1)) < 0.5


def test_decisions_follow_a_phase_that_turns():
    """Frozen taps lose a rotating constellation; decisions keep it."""
    n = 4000
    sent, received = link(QPSK, n, std=0.02)
    received = received * np.exp(1e-3j * np.arange(n))
    wrong = []
    for alphabet in (QPSK, None):
        got = lms(received, sent[:500], taps=9, step=0.03, delay=4, alphabet=alphabet)
        decided = QPSK[np.argmin(np.abs(got.output[4:, None] - QPSK), axis=1)]
        wrong.append(np.mean(decided[-1000:] != sent[: n - 4][-1000:]))
    assert wrong[0] == 0
    assert wrong[1] > 0.3


def test_half_spaced_taps_beat_bad_timing():
    """Sampled between the symbols a T-spaced equalizer meets a null, a T/2-spaced one does not."""
    rng = np.random.default_rng(0)
    n = 3000
    sent = rng.choice(BPSK, n)
    raised = np.zeros(2 * n)
    raised[::2] = sent
    received = np.convolve(raised, [0.5, 1.0, 0.5])[: 2 * n] + 0.02 * rng.standard_normal(2 * n)
    half = rls(received, sent, taps=10, samples_per_symbol=2, delay=2).errors[1000:]
    whole = rls(received[::2], sent, taps=10, delay=2).errors[1000:]
    assert np.mean(half**2) < np.mean(whole**2) / 20


class Points:
    """What a constellation looks like from here."""

    points = QPSK


def test_same_library_and_precision_out_as_in():
    sent, received = link(QPSK, 100)
    for method in (
        lambda x: lms(x, sent, step=0.01, taps=5, alphabet=Points()),
        lambda x: rls(x, sent, taps=5),
        lambda x: cma(x, Points(), step=0.01, taps=5),
    ):
        double = method(received)
        single = method(received.astype(np.complex64))
        assert single.output.dtype == single.taps.dtype == np.complex64
        assert single.state.taps.dtype == np.complex128
        assert_close(single.output, double.output)
        other = method(strict.asarray(received))
        assert isinstance(other.output, type(strict.asarray(received)))
        assert np.array_equal(np.asarray(other.output), double.output)
    real = nlms(np.arange(1.0, 9, dtype=np.float32), np.ones(8), taps=2)
    assert real.output.dtype == np.float32


def test_arguments_are_not_changed():
    sent, received = link(QPSK, 60)
    start = np.full(5, 0.2 + 0j)
    before = [x.copy() for x in (received, sent, start)]
    first = rls(received, sent, taps=start)
    kept = [x.copy() for x in (first.state.taps, first.state.past, first.state.inverse)]
    rls(received, sent, state=first.state)
    for one, other in zip(before, (received, sent, start), strict=True):
        assert np.array_equal(one, other)
    for one, other in zip(kept, (first.state.taps, first.state.past, first.state.inverse), strict=True):
        assert np.array_equal(one, other)


def test_silence_teaches_nothing():
    got = nlms(np.zeros(20), np.ones(20), taps=3, offset=0)
    assert not got.taps.any()
    assert not got.output.any()
