"""What the commands share: the language they write in, what they show, the file they write."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from needs_analysis.errors import OutputError, Table
from needs_analysis.words import N_

problem = Table(
    "cli_output",
    {
        "other_suffix": N_("{path}: qui si scrive un file .{suffix}"),
        "change_name": N_("Cambiare il nome."),
    },
)


class Language(StrEnum):
    """The languages of the outputs."""

    it = "it"
    en = "en"


LangOption = Annotated[Language, typer.Option("--lang", help="Lingua dei testi.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Nessun avanzamento.")]


@contextmanager
def progress(quiet: bool, stages: int | None) -> Iterator[Callable[[str], None]]:
    """Show each stage as it begins: a bar on a terminal, a line elsewhere, nothing if quiet."""
    if quiet:
        yield lambda _: None
        return
    if not sys.stderr.isatty():
        yield lambda stage: print(f"{stage}...", file=sys.stderr)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=stages)
        begun = 0

        def report(stage: str) -> None:
            nonlocal begun
            bar.update(task, description=stage, completed=begun)
            begun += 1

        yield report


@contextmanager
def written(path: Path, suffix: str) -> Iterator[Path]:
    """Give a file to write beside the one asked for, and print its name when it is whole."""
    from needs_analysis import store

    if path.suffix.lower() != f".{suffix}":
        wrong = problem("other_suffix", path=str(path), suffix=suffix)
        raise OutputError(wrong, cure=problem("change_name"))
    with store.written_file(path) as beside:
        yield beside
    print(path)
