"""The solvers and the one loop."""

from __future__ import annotations

import math
from itertools import islice

import array_api_strict as strict
import numpy as np
import pytest
import scipy.sparse.linalg
from tolerance import assert_close, normal
from twins import landweber_loop, richardson_lucy_loop

from invdeconv import Convolution, Differences, Iteration, SolverError, Status
from invdeconv.operators import Stacked
from invdeconv.solvers import (
    PoissonLikelihood,
    cgls_steps,
    iterate,
    landweber_steps,
    lsmr_steps,
    lsqr_steps,
    richardson_lucy_steps,
)


def operator(*, complex_=False, **options):
    kernel = normal(np.random.default_rng(0), (2, 3), complex_=complex_)
    return Convolution(kernel, (6, 5), **options)


def run(steps, count):
    for _ in range(count):
        step = next(steps)
    return step


LEAST_SQUARES = {
    "cgls": (cgls_steps, scipy.sparse.linalg.lsqr),
    "lsqr": (lsqr_steps, scipy.sparse.linalg.lsqr),
    "lsmr": (lsmr_steps, scipy.sparse.linalg.lsmr),
}
every_solver = pytest.mark.parametrize("name", list(LEAST_SQUARES))


@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
@every_solver
def test_least_squares_steps_are_those_of_scipy(name, complex_, rng):
    """In exact arithmetic CGLS has the iterates of LSQR."""
    C = operator(complex_=complex_, padding="full")
    y = normal(rng, C.output_shape, complex_=complex_)
    steps, theirs = LEAST_SQUARES[name]
    limit = "maxiter" if name == "lsmr" else "iter_lim"
    for count in (1, 2, 5, 9):
        x, measure, residual = run(steps(C, y, np.zeros(C.input_shape)), count)
        expected = theirs(C, y.ravel(), atol=0, btol=0, conlim=0, **{limit: count})[0]
        assert_close(x.ravel(), expected, c=64)
        gradient = C.H(y - C(x))
        assert measure == pytest.approx(np.linalg.norm(gradient) / np.linalg.norm(C.H(y)), rel=1e-9)
        assert residual == pytest.approx(np.linalg.norm(y - C(x)), rel=1e-12)


@every_solver
def test_what_must_fall_falls(name, rng):
    C = operator(padding="full")
    steps = islice(LEAST_SQUARES[name][0](C, normal(rng, C.output_shape), np.zeros(C.input_shape)), 12)
    _, gradients, residuals = zip(*steps, strict=True)
    assert np.all(np.diff(residuals) < 0)
    if name == "lsmr":
        assert np.all(np.diff(gradients) < 0)


@every_solver
def test_least_squares_finds_the_solution_of_least_norm(name, rng):
    C = operator(padding="valid", stride=2)
    y = normal(rng, C.output_shape)
    assert C.shape[0] < C.shape[1]
    *_, (x, measure, residual) = LEAST_SQUARES[name][0](C, y, np.zeros(C.input_shape))
    assert measure < 1e-12
    assert residual < 1e-12 * np.linalg.norm(y)
    assert_close(x.ravel(), np.linalg.pinv(C.to_dense()) @ y.ravel(), condition=100)


@every_solver
def test_least_squares_keeps_what_the_start_has_in_the_null_space(name, rng):
    """A warm start must not change the minimum, only the part that C does not see."""
    C = operator(padding="valid", stride=2)
    y, start = normal(rng, C.output_shape), normal(rng, C.input_shape)
    kept = start.copy()
    *_, (x, _, _) = LEAST_SQUARES[name][0](C, y, start)
    A = C.to_dense()
    P = np.linalg.pinv(A)
    expected = P @ y.ravel() + start.ravel() - P @ (A @ start.ravel())
    assert_close(x.ravel(), expected, condition=100)
    np.testing.assert_array_equal(start, kept)


@every_solver
def test_least_squares_of_zero_and_of_unreachable_data(name):
    C = operator(padding="full")
    steps = LEAST_SQUARES[name][0]
    ((x, measure, residual),) = steps(C, np.zeros(C.output_shape), np.zeros(C.input_shape))
    assert (measure, residual) == (0.0, 0.0)
    assert not x.any()
    # The last difference of Neumann is zero: nothing of these data can be reached.
    D = Differences((4,))
    ((x, measure, residual),) = steps(D, np.array([[0.0, 0.0, 0.0, 2.0]]), np.zeros(4))
    assert (measure, residual) == (0.0, 2.0)
    assert not x.any()


@every_solver
def test_least_squares_ends_at_an_exact_solution(name):
    C = Convolution([2.0], (3,))
    steps = list(islice(LEAST_SQUARES[name][0](C, np.array([2.0, 4.0, 6.0]), np.zeros(3)), 50))
    assert len(steps) <= 3
    assert_close(steps[-1][0], np.array([1.0, 2.0, 3.0]))


@every_solver
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_least_squares_ends_where_rounding_leaves_nothing(name, dtype, rng):
    C = operator(padding="full")
    y = normal(rng, C.output_shape).astype(dtype)
    out = list(islice(LEAST_SQUARES[name][0](C, y, np.zeros(C.input_shape, dtype)), 1000))
    assert len(out) < 200
    assert out[-1][0].dtype == dtype
    expected = np.linalg.lstsq(C.to_dense(), y.ravel().astype(float), rcond=None)[0]
    assert_close(out[-1][0].ravel(), expected, condition=10, eps=np.finfo(dtype).eps)


@every_solver
def test_least_squares_on_a_stack_is_tikhonov_whatever_the_start(name, rng):
    C, L = operator(), operator(boundary="symmetric")
    y = normal(rng, C.output_shape)
    A = Stacked(C, 0.3 * L)
    b = np.concatenate([y.ravel(), np.zeros(L.shape[0])])
    for start in (np.zeros(C.input_shape), normal(rng, C.input_shape)):
        *_, (x, _, _) = islice(LEAST_SQUARES[name][0](A, b, start), 60)
        assert_close(x.ravel(), np.linalg.lstsq(A.to_dense(), b, rcond=None)[0], condition=100)


@every_solver
def test_least_squares_on_other_arrays(name, rng):
    C = operator(complex_=True, padding="full")
    y = normal(rng, C.output_shape)  # real data, complex operator
    one = run(LEAST_SQUARES[name][0](C, y + 0j, np.zeros(C.input_shape)), 5)[0]
    for data, zero in (
        (y, np.zeros(C.input_shape)),
        (strict.asarray(y), strict.zeros(C.input_shape)),
        (strict.asarray(y + 0j), strict.zeros(C.input_shape, dtype=strict.complex128)),
    ):
        assert_close(np.asarray(run(LEAST_SQUARES[name][0](C, data, zero), 5)[0]), one, c=64)


def test_a_preconditioner_changes_the_steps_not_the_minimum(rng):
    C = operator(padding="full")
    y = normal(rng, C.output_shape)
    A = C.to_dense()
    weight = np.linalg.inv(A.T @ A)
    steps = cgls_steps(C, y, np.zeros(C.input_shape), lambda s: (weight @ s.ravel()).reshape(s.shape))
    x, measure, _ = next(steps)  # the exact inverse: one step
    assert measure < 1e-12
    assert_close(x.ravel(), np.linalg.lstsq(A, y.ravel(), rcond=None)[0], condition=100)


def test_landweber_steps(rng):
    C = operator(complex_=True, stride=(2, 1))
    y = normal(rng, C.output_shape, complex_=True)
    for count in (1, 4):
        x, measure = run(landweber_steps(C, y, np.zeros(C.input_shape), 0.05), count)
        assert_close(x.ravel(), landweber_loop(C.to_dense(), y.ravel(), 0.05, count), c=16)
    before = landweber_loop(C.to_dense(), y.ravel(), 0.05, 3).reshape(C.input_shape)
    gradient = np.linalg.norm(C.H(y - C(before))) / np.linalg.norm(C.H(y))
    assert measure == pytest.approx(gradient, rel=1e-9)
    x, measure = next(landweber_steps(C, 0 * y, np.zeros(C.input_shape), 0.05))
    assert measure == 0.0


def test_richardson_lucy_steps(rng):
    C = Convolution(rng.random((2, 3)), (6, 5), padding="full")
    y = rng.random(C.output_shape) + 0.5
    weight = C.H(np.ones(C.output_shape))
    start = np.full(C.input_shape, y.sum() / weight.sum())
    steps = richardson_lucy_steps(PoissonLikelihood(C, y), start, weight)
    x, measure = run((step[:2] for step in steps), 6)
    assert_close(x.ravel(), richardson_lucy_loop(C.to_dense(), y.ravel(), 6), c=16)
    before = richardson_lucy_loop(C.to_dense(), y.ravel(), 5)
    change = np.linalg.norm(x.ravel() - before) / np.linalg.norm(x)
    assert measure == pytest.approx(change, rel=1e-6)
    assert (start == start[0, 0]).all()  # the caller's array is not written to


def counting(measures):
    for i, measure in enumerate(measures, 1):
        yield np.full(2, float(i)), measure


def looped(measures, **options):
    return iterate(counting(measures), method="m", start=np.zeros(2), **{"max_iter": 10, **options})


def test_the_loop_stops_where_it_should():
    halves = [2.0**-i for i in range(30)]
    done = looped(halves)
    assert (done.status, done.n_iter) == (Status.ITERATIONS_DONE, 10)
    one = looped(halves, max_iter=1)
    assert one.n_iter == 1
    np.testing.assert_array_equal(one.estimate, [1.0, 1.0])
    met = looped(halves, rtol=0.125)
    assert (met.status, met.n_iter, met.optimality) == (Status.CONVERGED, 4, 0.125)
    short = looped(halves, rtol=1e-6)
    assert (short.status, short.n_iter) == (Status.TOLERANCE_NOT_MET, 10)
    ended = looped([0.5, 0.25], rtol=1e-6)
    assert (ended.status, ended.n_iter) == (Status.STAGNATED, 2)
    np.testing.assert_array_equal(ended.estimate, [2.0, 2.0])
    none = looped([])
    assert (none.n_iter, none.optimality) == (0, None)
    np.testing.assert_array_equal(none.estimate, 0)


def test_the_history_and_the_callback():
    seen = []
    result = looped([0.5, 0.25, 0.1], callback=seen.append, parameters={"a": 1})
    assert [step.number for step in seen] == [1, 2, 3]
    assert [float(step.estimate[0]) for step in seen] == [1, 2, 3]
    assert all(isinstance(step, Iteration) for step in result.history)
    assert [step.measure for step in result.history] == [0.5, 0.25, 0.1]
    assert all(step.estimate is None for step in result.history)
    times = [step.seconds for step in result.history]
    assert times == sorted(times)
    assert result.seconds >= times[-1] >= 0
    assert result.parameters["a"] == 1
    stopped = looped([0.5, 0.25, 0.1], callback=lambda step: step.number >= 2)
    assert (stopped.status, stopped.n_iter) == (Status.STOPPED_BY_CALLBACK, 2)
    # None and False do not stop.
    assert looped([0.5, 0.25], callback=lambda step: False).n_iter == 2


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_the_loop_raises_on_what_is_not_finite(bad):
    with pytest.raises(
        SolverError, match="m: iterate 3 is not finite; the last good result is attached"
    ) as caught:
        looped([0.5, 0.25, bad, 0.1])
    result = caught.value.result
    assert result.n_iter == 2
    np.testing.assert_array_equal(result.estimate, [2.0, 2.0])
    assert result.method == "m"
