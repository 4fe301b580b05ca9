"""Whole-process seconds of the national panel and its indicators. By hand, or `make bench`.

What a notebook does first: import, `panel.build()`, `indicators.compute()` from the tables at hand,
each run in a process of its own. The limit is 4 seconds. CPU seconds tell a slow program from a busy
machine.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from listed import Row, hand

RUNS = 5
LIMIT = 4.0


def build() -> None:
    """Build the panel and compute every indicator; print the seconds of each and the peak."""
    started = time.perf_counter()
    from needs_analysis import indicators, panel

    imported = time.perf_counter()
    figures = panel.build()
    built = time.perf_counter()
    computed = indicators.compute(figures)
    ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    parts = (imported - started, built - imported, ended - built, peak)
    print(*parts, *figures.data.shape, computed.data.shape[1])


def measure() -> list[float]:
    """Return whole and CPU seconds of a process, then what it printed."""
    with tempfile.TemporaryDirectory() as kept:
        environment = os.environ | {"NEEDS_ANALYSIS_DATA": kept}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's second start finds bytecode
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            [sys.executable, __file__, "build"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    whole, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [whole, cpu, *map(float, done.stdout.split())]


def main() -> None:
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores,")
    print(f"{RUNS} runs; load at the start {os.getloadavg()[0]:.1f}\n")
    measure()  # leaves the bytecode
    whole, *parts = zip(*(measure() for _ in range(RUNS)), strict=True)
    cpu, imported, built, computed, peak, *shape = parts
    heads = [
        "median s",
        "min s",
        "max s",
        "CPU s",
        "import s",
        "panel s",
        "indicators s",
        "peak MB",
    ]
    seconds = [statistics.median(whole), min(whole), max(whole)]
    seconds += [statistics.median(part) for part in (cpu, imported, built, computed)]
    cells = [*(f"{one:.2f}" for one in seconds), f"{max(peak):.0f}"]
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}\n| {' | '.join(cells)} |")
    rows, columns, indicators = (int(one[0]) for one in shape)
    print(f"\n{rows:,} municipalities, {columns} columns, {indicators} indicators; limit {LIMIT} s")
    said = f"{seconds[0]:.2f} s ({seconds[1]:.2f} to {seconds[2]:.2f}), {max(peak):.0f} MB"
    hand(__file__, [Row("panel and indicators of all Italy", said, limit=f"{LIMIT} s")])


if __name__ == "__main__":
    if sys.argv[1:] == ["build"]:
        build()
    else:
        main()
