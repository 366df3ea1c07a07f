"""The command group, its exit codes, and how messages reach the terminal."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from invdeconv import __version__
from invdeconv.cli._experiment import experiment
from invdeconv.cli._report import report
from invdeconv.cli._restore import restore
from invdeconv.errors import InputWarning, InvalidInputError, SolverError

__all__ = ["main"]

BAD_INPUT = 3


class _Group(click.Group):
    """A group whose commands turn the library's errors into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        with _messages():
            return super().invoke(ctx)


@contextmanager
def _messages() -> Iterator[None]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default", InputWarning)
        try:
            yield
        except (InvalidInputError, SolverError, OSError) as error:
            _fail(error)
        finally:
            for item in caught:
                click.echo(f"warning: {item.message}", err=True)


def _fail(error: Exception) -> NoReturn:
    click.echo(f"error: {error}", err=True)
    raise click.exceptions.Exit(BAD_INPUT)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="invdeconv")
def main() -> None:
    """Classical deconvolution beside the neural transposed convolution.

    \b
    Examples:
      invdeconv report                                   the comparison, as one page
      invdeconv restore blurred.png --psf gaussian:2.5 -o sharp.png
      invdeconv experiment --kernel "1 0; -1 -2" --size 4x4 --stride 2

    Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 the tolerance was not met.
    """


main.add_command(report)
main.add_command(restore)
main.add_command(experiment)
