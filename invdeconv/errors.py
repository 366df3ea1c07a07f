"""Exceptions and warnings. The message format is in `checks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invdeconv.result import Result

__all__ = ["InputWarning", "InvalidInputError", "OperatorCheckError", "SolverError"]


class InvalidInputError(ValueError):
    """An argument is wrong; the message says which, what it must be, and what to do."""


class OperatorCheckError(AssertionError):
    """A linear operator breaks an identity; the message names the identity and its size."""


class SolverError(RuntimeError):
    """An iteration produced a value that is not finite.

    Attributes
    ----------
    result : Result or None
        The last good result; None when the first iterate was already bad.
    """

    def __init__(self, message: str, result: Result | None = None) -> None:
        super().__init__(message)
        self.result = result


class InputWarning(UserWarning):
    """The input is legal but suspicious; the message starts with a code and ends with a fix."""
