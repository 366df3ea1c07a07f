"""``invdeconv report``."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="Page to write; an earlier report of ours is replaced, any other file is not.",
)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--force", is_flag=True, help="Replace any file.")
def report(output: Path, lang: str, *, force: bool) -> None:
    """Write the comparison page and print its verdict."""
    from invdeconv import report as library

    stderr = Console(stderr=True)
    with stderr.status("invdeconv report") as status:
        tutorial = library.tutorial(output, lang=lang, overwrite=force, progress=status.update)
    click.echo(f"{tutorial}\n\nwrote {tutorial.path}")
