"""What a command shows while it works."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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
