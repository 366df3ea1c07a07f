"""The result of every method."""

from __future__ import annotations

import dataclasses
import pickle

import array_api_strict as strict
import numpy as np
import pytest

from invdeconv import Iteration, Result, Status

ESTIMATE = np.arange(6.0).reshape(2, 3)


def made(**options):
    return Result(
        ESTIMATE, Status.CONVERGED, parameters={"lam": 0.12345, "boundary": "zero"}, method="m", **options
    )


def test_array_protocol():
    result = made()
    assert np.asarray(result) is not None
    np.testing.assert_array_equal(np.asarray(result), ESTIMATE)
    assert np.shares_memory(np.asarray(result), ESTIMATE)
    assert not np.shares_memory(np.array(result), ESTIMATE)
    assert np.asarray(result, dtype=np.float32).dtype == np.float32
    np.testing.assert_array_equal(ESTIMATE - result, 0)
    np.testing.assert_array_equal(result - ESTIMATE, 0)
    assert np.mean(result) == 2.5
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        assert np.shares_memory(np.array(result, copy=False), ESTIMATE)
        with pytest.raises(ValueError, match="cannot be viewed as"):
            np.array(result, dtype=np.float32, copy=False)


def test_other_libraries_say_use_estimate():
    with pytest.raises(TypeError, match=r"the estimate is a Array, not NumPy: use \.estimate"):
        np.asarray(Result(strict.asarray([1.0]), Status.CLOSED_FORM))


def test_frozen_down_to_its_mappings():
    parameters = {"lam": 1.0}
    result = Result(ESTIMATE, Status.CONVERGED, parameters=parameters)
    parameters["lam"] = 2.0
    assert result.parameters["lam"] == 1.0
    for mapping in (result.parameters, result.state):
        with pytest.raises(TypeError):
            mapping["x"] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.n_iter = 3
    assert result != made()
    assert result == result
    assert hash(result)


@pytest.mark.parametrize("status", Status)
def test_converged_is_what_solves_the_problem(status):
    rules = (Status.CONVERGED, Status.NOISE_REACHED, Status.COUNT_REACHED, Status.FLAT)
    solved = status in (Status.CLOSED_FORM, *rules)
    assert Result(ESTIMATE, status).converged is solved
    assert status.value.endswith(".")


def test_pickle_keeps_everything():
    steps = (Iteration(1, None, 0.5, 0.01), Iteration(2, None, 0.25, 0.02))
    result = made(n_iter=2, optimality=0.25, history=steps, state={"x": ESTIMATE}, seconds=1.5)
    copy = pickle.loads(pickle.dumps(result))
    for field in dataclasses.fields(Result):
        one, other = getattr(result, field.name), getattr(copy, field.name)
        if field.name == "state":
            one, other = one["x"], other["x"]
        np.testing.assert_array_equal(one, other)
    with pytest.raises(TypeError):
        copy.parameters["lam"] = 1
    replaced = dataclasses.replace(result, estimate=-ESTIMATE)
    assert replaced.parameters == result.parameters
    assert replaced.history == steps


def test_repr_is_one_line():
    assert repr(made(n_iter=3)) == "Result(m: 2 × 3, CONVERGED, 3 iterations; lam=0.123, boundary=zero)"
    assert "iterations" not in repr(made())
