"""The one table of `benchmarks/README.md`: rows of a script take the place of those of its last run.

from listed import Row, hand
hand(__file__, [Row("names of all Italy", "2.3 CPU s", "RapidFuzz in a loop: 4.1", "0.57")])
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- rows: written by the scripts -->", "<!-- end of rows -->"
HEADS = ("script", "work", "ours", "peer or build", "ratio", "limit", "load")


class Row(NamedTuple):
    """What was done, what it took here and with a peer or another build, and the most it may."""

    work: str
    ours: str
    peer: str = ""
    ratio: str = ""
    limit: str = ""


def hand(script: str, rows: Iterable[Row], readme: Path = README) -> None:
    """Put the rows of a script into the README, in the place of those of its last run.

    Parameters
    ----------
    script : str
        Its file; rows stand in the order of the names of scripts, each with the machine's load.
    rows : iterable of Row
        All that it measured.
    readme : Path
        The file that has the marked block.
    """
    name = Path(script).stem
    before, rest = readme.read_text("utf-8").split(BEGIN)
    block, after = rest.split(END)
    kept = [one for one in block.strip().splitlines()[2:] if not one.startswith(f"| {name} |")]
    load = f"{os.getloadavg()[0]:.1f}"
    new = [f"| {' | '.join((name, *row, load))} |" for row in rows]
    # By the script alone: sorted() keeps the rows of each in their order.
    lines = sorted([*kept, *new], key=lambda line: line.split(" | ")[0])
    table = "\n".join([f"| {' | '.join(HEADS)} |", f"|{' --- |' * len(HEADS)}", *lines])
    readme.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", "utf-8")
