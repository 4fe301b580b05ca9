"""Whole-process seconds and peak memory of the commands a user waits for. By hand, or `make bench`.

Each run is a process of its own, started with an empty folder for what is computed once (cold), or
with the one that a run before has filled (warm). The peak is the largest resident set the kernel saw.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from listed import Row, hand

RUNS = 5
COMMAND = str(Path(sys.executable).with_name("needs-analysis"))
MB = 1e6
LIMITS = {"tables Italia": "0.50", "map Italia": "0.60", "indicators Italia": "0.50"}
"""CPU over that of an earlier checkout."""


def measure(
    arguments: list[str], kept: str, command: str | Path = COMMAND
) -> tuple[float, float, float]:
    """Return seconds, peak MB and CPU seconds of a run; one that fails ends the benchmark."""
    environment = os.environ | {"NEEDS_ANALYSIS_DATA": kept}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's second start finds bytecode
    started = time.perf_counter()
    with subprocess.Popen(
        [command, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        sys.exit(f"{' '.join(arguments)} ended with {process.returncode}")
    return seconds, usage.ru_maxrss * 1024 / MB, usage.ru_utime + usage.ru_stime


def size_of(path: Path) -> str:
    if not path.exists():
        return ""
    files = path.iterdir() if path.is_dir() else [path]
    return f"{sum(file.stat().st_size for file in files) / MB:.2f}"


def row(name: str, state: str, arguments: list[str], out: Path, warm: str) -> Row:
    seconds, peaks = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as empty:
            one, peak, _ = measure(arguments, warm if state == "warm" else empty)
        seconds.append(one)
        peaks.append(peak)
    figures = (statistics.median(seconds), min(seconds), max(seconds))
    cells = [name, state, *(f"{s:.2f}" for s in figures), f"{max(peaks):.0f}", size_of(out)]
    print(f"| {' | '.join(cells)} |", flush=True)
    low, high = figures[1:]
    said = f"{figures[0]:.2f} s ({low:.2f} to {high:.2f}), {max(peaks):.0f} MB"
    return Row(f"{name}, {state}", said)


def beside(before: Path, name: str, arguments: list[str], kept: tuple[str, str]) -> Row:
    """Run a command in turns with that of an earlier checkout, which has its environment."""
    commands = (COMMAND, before / ".venv" / "bin" / "needs-analysis")
    runs = [
        [measure(arguments, *one) for one in zip(kept, commands, strict=True)] for _ in range(RUNS)
    ]
    ratios = [own[2] / other[2] for own, other in runs]
    spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    ours, theirs = (
        f"{statistics.median(one[2] for one in side):.1f} CPU s, {max(one[1] for one in side):.0f} MB"
        for side in zip(*runs, strict=True)
    )
    print(f"{name}: {ours}; before {theirs}; {spread}", flush=True)
    return Row(f"{name}, warm", ours, f"before: {theirs}", spread, LIMITS[name])


def main(before: Path | None) -> None:
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores,")
    print(f"{RUNS} runs each; load at the start {os.getloadavg()[0]:.1f}\n")
    heads = ["command", "state", "median s", "min s", "max s", "peak MB", "output MB"]
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}", flush=True)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as warm:
        cases = {
            "--help": (["--help"], Path(folder, "none")),
            "brief provincia:MB": (["brief", "provincia:MB"], Path(folder, "mb")),
            "brief comune:Rho": (["brief", "comune:Rho"], Path(folder, "rho")),
            "brief regione:Lombardia": (["brief", "regione:Lombardia"], Path(folder, "lombardia")),
            "plan draft ambito:Carate": (
                ["plan", "draft", "ambito:Carate Brianza"],
                Path(folder, "piano"),
            ),
            "map Italia": (["map", "Italia"], Path(folder, "italia.html")),
            "tables Italia": (["tables", "Italia"], Path(folder, "italia.xlsx")),
            "indicators Italia": (["indicators", "Italia"], Path(folder, "italia.csv")),
        }
        measure(["map", "comune:Rho", "--out", str(Path(folder, "first.html"))], warm)
        rows = []
        for name, (arguments, out) in cases.items():
            states = ("warm",) if name == "--help" else ("cold", "warm")
            target = [] if name == "--help" else ["--out", str(out)]
            target += [] if name in ("--help", "indicators Italia") else ["--quiet"]
            for state in states:
                rows.append(row(name, state, [*arguments, *target], out, warm))
            if before and name in LIMITS:
                own = [*arguments, *target]
                rows.append(beside(before, name, own, (warm, str(Path(folder, "before")))))
    hand(__file__, rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path)
    main(parser.parse_args().before)
