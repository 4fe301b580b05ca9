"""Whole-process seconds and peak memory of the commands a user waits for. By hand, or `make bench`.

Each run is a process of its own, started with an empty folder for what is computed once (cold), or
with the one that a run before has filled (warm). The peak is the largest resident set the kernel saw.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
COMMAND = str(Path(sys.executable).with_name("needs-analysis"))
MB = 1e6


def measure(arguments: list[str], kept: str) -> tuple[float, float]:
    """Return the seconds and the peak MB of one run; a run that fails ends the benchmark."""
    environment = os.environ | {"NEEDS_ANALYSIS_DATA": kept}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's second start finds bytecode
    started = time.perf_counter()
    with subprocess.Popen(
        [COMMAND, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        sys.exit(f"{' '.join(arguments)} ended with {process.returncode}")
    return seconds, usage.ru_maxrss * 1024 / MB


def size_of(path: Path) -> str:
    if not path.exists():
        return ""
    files = path.iterdir() if path.is_dir() else [path]
    return f"{sum(file.stat().st_size for file in files) / MB:.2f}"


def row(name: str, state: str, arguments: list[str], out: Path, warm: str) -> str:
    seconds, peaks = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as empty:
            one, peak = measure(arguments, warm if state == "warm" else empty)
        seconds.append(one)
        peaks.append(peak)
    figures = (statistics.median(seconds), min(seconds), max(seconds))
    cells = [name, state, *(f"{s:.2f}" for s in figures), f"{max(peaks):.0f}", size_of(out)]
    return f"| {' | '.join(cells)} |"


def main() -> None:
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
        }
        measure(["map", "comune:Rho", "--out", str(Path(folder, "first.html"))], warm)
        for name, (arguments, out) in cases.items():
            states = ("warm",) if name == "--help" else ("cold", "warm")
            target = [] if name == "--help" else ["--out", str(out), "--quiet"]
            for state in states:
                print(row(name, state, [*arguments, *target], out, warm), flush=True)


if __name__ == "__main__":
    main()
