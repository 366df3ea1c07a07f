"""The argument checks: what passes, what is refused, in the one format."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest

from invdeconv import InputWarning, InvalidInputError, checks

FORMAT = re.compile(r"^[\w.]+: \w+ must .+; got .+\. .+\.$")


def refused(call):
    with pytest.raises(InvalidInputError) as caught:
        call()
    assert FORMAT.match(str(caught.value)), str(caught.value)
    return str(caught.value)


def test_the_format_and_the_type():
    message = refused(lambda: checks.refuse("f", "x", "be 1", 2, "Pass 1."))
    assert message == "f: x must be 1; got 2. Pass 1."
    assert issubclass(InvalidInputError, ValueError)
    assert issubclass(InputWarning, UserWarning)


def test_warn_points_outside_the_package():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        checks.warn("IDW000", "f: something", "Do this")
    assert str(caught[0].message) == "IDW000 f: something. Do this"
    assert caught[0].filename == __file__


@pytest.mark.parametrize("value", [0, 0.0, 2, 1.5, np.float32(2), np.int64(3)])
def test_nonnegative_passes(value):
    assert checks.nonnegative("f", "x", value) == value
    assert type(checks.nonnegative("f", "x", value)) is float
    if value:
        assert checks.positive("f", "x", value) == value


@pytest.mark.parametrize("value", [-1, np.nan, np.inf, -np.inf, True, None, "1", 1j, [1.0], np.ones(2)])
def test_numbers_refused(value):
    assert "x must be a finite number >= 0; got" in refused(lambda: checks.nonnegative("f", "x", value))
    assert "x must be a finite number > 0; got" in refused(lambda: checks.positive("f", "x", value))


def test_zero_is_not_positive():
    refused(lambda: checks.positive("f", "x", 0.0))


def test_integers():
    assert checks.integer("f", "n", np.int16(3), minimum=3) == 3
    assert type(checks.integer("f", "n", np.int16(3), minimum=0)) is int
    for value in (2, 2.0, True, "3", None, np.float64(4), np.nan):
        assert "n must be an integer >= 3" in refused(lambda v=value: checks.integer("f", "n", v, minimum=3))
    assert checks.integers("f", "n", 2, 3, minimum=1) == (2, 2, 2)
    assert checks.integers("f", "n", [1, 2], 2, minimum=1) == (1, 2)
    assert "have one entry per axis (2); got 3 entries" in refused(
        lambda: checks.integers("f", "n", (1, 2, 3), 2, minimum=1)
    )
    refused(lambda: checks.integers("f", "n", (1, 0), 2, minimum=1))
    refused(lambda: checks.integers("f", "n", "12", 2, minimum=1))


def test_numbers_per_axis():
    assert checks.per_axis("f", "x", 2, 3, checks.positive) == (2.0, 2.0, 2.0)
    assert checks.per_axis("f", "x", np.array([0.5, 2]), 2, checks.positive) == (0.5, 2.0)
    for value, words in (([1], "have one entry per axis (2); got 1 entries"), ([1, 0], "> 0"), ("12", "> 0")):
        assert words in refused(lambda v=value: checks.per_axis("f", "x", v, 2, checks.positive))


def test_axis():
    assert [checks.axis("f", "a", value, 3) for value in (-3, -1, 0, np.int8(2))] == [0, 2, 0, 2]
    for value in (-4, 3, 1.0, True, None, "0"):
        assert "be an integer from -3 to 2; got" in refused(lambda v=value: checks.axis("f", "a", v, 3))


def test_shape():
    assert checks.shape("f", "s", 5) == (5,)
    assert checks.shape("f", "s", np.array([2, 3])) == (2, 3)
    assert checks.shape("f", "s", [4]) == (4,)
    for value in ((), (0,), (2, -1), (2.0,), "33", None, 0):
        refused(lambda v=value: checks.shape("f", "s", v))


def test_choice_and_flag():
    assert checks.choice("f", "w", "a", ("a", "b")) == "a"
    for value in ("A", "", None, 1, ["a"]):
        assert "w must be one of a, b" in refused(lambda v=value: checks.choice("f", "w", v, ("a", "b")))
    assert checks.flag("f", "b", True) is True
    for value in (1, 0, None, "True", np.bool_(True)):
        if isinstance(value, np.bool_):
            continue
        refused(lambda v=value: checks.flag("f", "b", v))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3.0, "have at least one axis; got a scalar"),
        ([], "not be empty; got shape (0,)"),
        (np.ones((2, 0, 3)), "not be empty; got shape (2, 0, 3)"),
        ([1, np.nan, np.inf], "be finite; got 2 values that are not"),
        ([1, complex(0, np.nan)], "be finite; got 1 values that are not"),
        (["a"], "be a numeric array; got"),
        ([None], "be a numeric array; got"),
        ([[1], [2, 3]], "be a numeric array; got"),
        (np.ones(2, np.longdouble), "be a numeric array; got dtype"),
        (np.ma.masked_array([1.0, 2], [True, False]), "be a numeric array; got a masked array"),
        ({"a": 1}, "be a numeric array; got"),
    ],
)
def test_arrays_refused(value, words):
    assert f"x must {words}" in refused(lambda: checks.finite_array("f", "x", value))
    refused(lambda: checks.kernel("f", "x", value))


def test_zero_kernels_are_refused():
    assert "not be all zeros; got shape (2, 2)" in refused(lambda: checks.kernel("f", "k", np.zeros((2, 2))))
    assert checks.kernel("f", "k", [0, 1e-300]).shape == (2,)
