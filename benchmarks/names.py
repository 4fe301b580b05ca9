"""Names of a user's list found among the municipalities: ours beside a plain loop. By hand:

    python benchmarks/names.py

The worst list there is: as many names as there are municipalities, none of them spelled right. The
peer is what a researcher would write first, RapidFuzz's `extractOne` a name. Each side runs in a
process of its own, interpreter and imports included; they take turns.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

from listed import Row, hand

RUNS = 5


def names():
    from needs_analysis.territory import municipalities

    return municipalities()["municipality_name"]


def ours() -> None:
    from needs_analysis.territory import match_names

    match_names(names() + "x")


def peer() -> None:
    from rapidfuzz import fuzz, process

    known = names().str.lower().tolist()
    for name in known:
        process.extractOne(name + "x", known, scorer=fuzz.ratio)


def measure(side: str) -> float:
    """Return the CPU seconds of a process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, __file__, side], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    measure("ours")  # leaves the bytecode
    runs = [(measure("ours"), measure("peer")) for _ in range(RUNS)]
    print("| | CPU s, median | min | max |\n| --- | --- | --- | --- |")
    for side, seconds in zip(
        ("ours", "extractOne in a loop"), zip(*runs, strict=True), strict=True
    ):
        median = statistics.median(seconds)
        print(f"| {side} | {median:.2f} | {min(seconds):.2f} | {max(seconds):.2f} |")
    own, other = (statistics.median(side) for side in zip(*runs, strict=True))
    work, peer_said = "7,904 misspelled names", f"extractOne in a loop: {other:.2f} CPU s"
    hand(__file__, [Row(work, f"{own:.2f} CPU s", peer_said, f"{own / other:.2f}")])


if __name__ == "__main__":
    {"ours": ours, "peer": peer}[sys.argv[1]]() if sys.argv[1:] else main()
