"""What briefings of all 7,904 municipalities would take on a cluster, by a sample of them. By hand.

    python benchmarks/cluster.py [BRIEFINGS]

Municipalities are drawn at random (seeded; 30 when omitted). Each is written twice, in turns: by one
process after the other, as a worker of a cluster writes them, and by a process of its own. CPU is user
and system; the first of the one process, which fills it, is told apart. The ratio is of the sums, its
interval of 2,000 samples drawn with replacement; hours are those of 7,904 at the mean of a worker's
later briefings, on nodes of 16 cores with a worker a core, without what the cluster itself takes.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from listed import Row, hand

COMMAND = str(Path(sys.executable).with_name("needs-analysis"))
BRIEFINGS, SEED, CORES = 30, 17, 16
NODES = (1, 2, 4, 8, 16, 32)


def spent(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def alone(code: str, folder: Path) -> float:
    """Return the CPU of a briefing in a process of its own."""
    before = spent(resource.RUSAGE_CHILDREN)
    words = ["brief", code, "--quiet", "--out", str(folder / code)]
    subprocess.run([COMMAND, *words], check=True, stdout=subprocess.DEVNULL)
    return spent(resource.RUSAGE_CHILDREN) - before


def worker(folder: Path) -> None:
    """Write each municipality as it is asked for, and print its CPU and the peak of memory so far."""
    from needs_analysis import study

    for code in map(str.strip, sys.stdin):
        before = spent(resource.RUSAGE_SELF)
        study.run(study.Study(code), folder / code)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(spent(resource.RUSAGE_SELF) - before, peak, flush=True)


def turns(codes: list[str], folder: Path) -> tuple[list[tuple[float, float]], list[float]]:
    """Write each in the one process and then by one of its own: both see the same load."""
    rows, single = [], []
    words = [sys.executable, __file__, "worker", str(folder / "one")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        for at, code in enumerate(codes):
            print(code, file=one.stdin, flush=True)
            cpu, peak = map(float, one.stdout.readline().split())
            rows.append((cpu, peak))
            if at:
                single.append(alone(code, folder / "alone"))
                print(f"{code} {rows[-1][0]:.2f} {single[-1]:.2f}", file=sys.stderr, flush=True)
        one.stdin.close()
    return rows, single


def interval(values: list[float], pairs: list[float] | None = None) -> str:
    """Return mean, or ratio of sums, with the middle 95 % of 2,000 samples with replacement."""
    drawn, count = random.Random(SEED), len(values)

    def of(rows: list[int]) -> float:
        over = sum(pairs[row] for row in rows) if pairs else count
        return sum(values[row] for row in rows) / over

    found = sorted(of(drawn.choices(range(count), k=count)) for _ in range(2_000))
    return f"{of([*range(count)]):.3f} ({found[50]:.3f} to {found[-51]:.3f})"


def main() -> None:
    from needs_analysis import territory

    count = int(sys.argv[1]) if len(sys.argv) > 1 else BRIEFINGS
    codes = random.Random(SEED).sample(sorted(territory.municipalities().index), count + 1)
    all_of_them = len(territory.municipalities())
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as kept:
        os.environ["NEEDS_ANALYSIS_DATA"] = kept
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        folder = Path(made)
        alone(codes[0], folder / "before")  # what a machine computes once
        rows, single = turns(codes, folder)
    later, peaks = zip(*rows, strict=True)
    print(f"{count} of {all_of_them:,}, load at the end {os.getloadavg()[0]:.1f}")
    print(f"a process each: {interval(single)} CPU s, median {statistics.median(single):.2f}")
    print(f"one process: first {later[0]:.2f} CPU s, later ones {interval([*later[1:]])}")
    print(f"ratio {interval([*later[1:]], single)} (at most 0.45)")
    print(f"its peak: {peaks[count // 10]:.0f} MB after a tenth, {peaks[-1]:.0f} MB at the end")
    core_hours = all_of_them * statistics.fmean(later[1:]) / 3600
    before = all_of_them * statistics.fmean(single) / 3600
    print(f"{all_of_them:,} briefings: {core_hours:.1f} core-hours, a process each {before:.1f}")
    print(f"\n| nodes of {CORES} cores | hours |\n| --- | --- |")
    hours = {}
    for nodes in NODES:
        workers = nodes * CORES
        hours[nodes] = (core_hours + workers * later[0] / 3600) / workers
        print(f"| {nodes} | {hours[nodes]:.2f} |")
    ours = f"{interval([*later[1:]])} CPU s, {peaks[-1]:.0f} MB"
    peer = f"a process each: {interval(single)} CPU s"
    rows = [Row(f"a briefing among {count}", ours, peer, interval([*later[1:]], single), "0.45")]
    cores = f"a process each: {before:.1f} core-hours"
    rows.append(Row(f"{all_of_them:,} briefings", f"{core_hours:.1f} core-hours", cores))
    rows += [
        Row(f"{all_of_them:,} briefings, nodes of {CORES} cores: {nodes}", f"{one:.2f} hours")
        for nodes, one in hours.items()
    ]
    hand(__file__, rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        worker(Path(sys.argv[2]))
    else:
        main()
