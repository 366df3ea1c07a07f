"""``invdeconv experiment``."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from invdeconv import checks


@click.command(short_help="Send an input through your own convolution and back.")
@click.option("--kernel", required=True, metavar="ROWS", help='Rows, as in "1 0; -1 -2".')
@click.option("--size", default=None, metavar="N×M", help='An all-ones input, for example "4x4".')
@click.option("--input", "values", default=None, metavar="ROWS", help="The input itself, as rows.")
@click.option("--stride", default=1, show_default=True)
@click.option(
    "--padding", default="valid", show_default=True, help='valid, same, full, or "before,after", e.g. "0,1".'
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Page to write too: singular values, null-space pictures and estimates.",
)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--force", is_flag=True, help="Replace any file.")
def experiment(
    kernel: str,
    size: str | None,
    values: str | None,
    stride: int,
    padding: str,
    output: Path | None,
    lang: str,
    *,
    force: bool,
) -> None:
    """Send an input through your own convolution, and try to bring it back seven ways."""
    from invdeconv import report

    if (size is None) == (values is None):
        raise click.UsageError("Give either --size or --input.")
    x = _rows("input", values) if values is not None else np.ones(_size(size or ""))
    tried = report.experiment(_rows("kernel", kernel), x, stride=stride, padding=_padding(padding))
    click.echo(str(tried))
    if output is not None:
        report.write(tried, output, lang=lang, overwrite=force)
        click.echo(f"\nwrote {output}")


def _rows(name: str, text: str) -> np.ndarray:
    try:
        rows = [[float(v) for v in row.replace(",", " ").split()] for row in text.split(";")]
        return np.array(rows)
    except ValueError:
        checks.refuse("experiment", name, "be rows of numbers", repr(text), 'Write "1 0; -1 -2".')


def _size(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(n) for n in text.lower().replace("×", "x").split("x"))
    except ValueError:
        checks.refuse("experiment", "size", "be two whole numbers", repr(text), 'Write "4x4".')


def _padding(text: str) -> str | tuple[int, ...]:
    if "," not in text:
        return text
    try:
        return tuple(int(n) for n in text.split(","))
    except ValueError:
        checks.refuse("experiment", "padding", "be a word or two whole numbers", repr(text), 'Write "0,1".')
