"""CPU of an atlas beside its briefings made one by one, each a process of its own. By hand.

    python benchmarks/atlas.py [AREAS]

The areas are the ambiti that ship and, up to 90, areas made of provinces by a seeded rule: ten
municipalities drawn of one province. AREAS takes the first of a seeded order; 90 when omitted. The
store is filled before; CPU is user and system of the whole tree of processes; the memory of the
parent is read after a tenth of the areas and at the end.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from listed import Row, hand

from needs_analysis import study, territory

COMMAND = str(Path(sys.executable).with_name("needs-analysis"))
ALL, MEMBERS, SEED = 90, 10, 1


def areas() -> dict[str, list[str]]:
    """Return the municipalities of each area by its name, in a seeded order."""
    drawn = random.Random(SEED)
    known = territory.ambiti()["ambito_name"]
    made = {f"Ambito {name}": sorted(rows) for name, rows in known.groupby(known).groups.items()}
    units = territory.municipalities()
    provinces = sorted(units["province_name"].unique())
    for name in drawn.sample(provinces, ALL - len(made)):
        codes = sorted(units.index[units["province_name"] == name])
        made[f"Parte di {name}"] = sorted(drawn.sample(codes, min(MEMBERS, len(codes))))
    names = list(made)
    drawn.shuffle(names)
    return {name: made[name] for name in names}


def spent() -> float:
    """Return the CPU seconds of this process and of those that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def parent_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one_by_one(chosen: dict[str, list[str]], folder: Path) -> list[float]:
    """Return the CPU of each briefing in a process of its own."""
    seconds = []
    for at, codes in enumerate(chosen.values()):
        before = spent()
        words = ["brief", ",".join(codes), "--quiet", "--out", str(folder / str(at))]
        subprocess.run([COMMAND, *words], check=True, stdout=subprocess.DEVNULL)
        seconds.append(spent() - before)
    return seconds


def together(chosen: dict[str, list[str]], folder: Path) -> tuple[float, list[float]]:
    """Return the CPU of the atlas, and the parent's peak of memory as it goes."""
    peaks: list[float] = []
    asked = [study.Study(tuple(codes), name=name) for name, codes in chosen.items()]
    before = spent()
    outcomes = study.run_many(asked, folder, report=lambda _: peaks.append(parent_mb()))
    if not outcomes["result"].eq("made").all():
        sys.exit(outcomes.to_string())
    return spent() - before, peaks


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ALL
    chosen = dict(list(areas().items())[:count])
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as kept:
        os.environ["NEEDS_ANALYSIS_DATA"] = kept
        folder = Path(made)
        subprocess.run([COMMAND, "brief", "comune:Rho", "--quiet", "--out", str(folder / "rho")],
                       check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        started = time.perf_counter()
        atlas, peaks = together(chosen, folder / "atlas")
        passed = time.perf_counter() - started
        single = one_by_one(chosen, folder)
    alone = sum(single)
    print(f"{count} areas, {os.cpu_count()} cores, load at the end {os.getloadavg()[0]:.1f}")
    print(f"atlas: {atlas:.0f} s of CPU, {passed:.0f} s on the clock")
    print(f"one by one: {alone:.0f} s of CPU, median {statistics.median(single):.1f}")
    print(f"ratio {atlas / alone:.2f} (at most 0.80)")
    tenth = peaks[len(peaks) // 10]
    print(f"parent's peak: {tenth:.0f} MB after a tenth, {peaks[-1]:.0f} MB at the end")
    work, apart = f"atlas of {count} areas", f"a process each: {alone:.0f} CPU s"
    said = f"{atlas:.0f} CPU s, {peaks[-1]:.0f} MB"
    hand(__file__, [Row(work, said, apart, f"{atlas / alone:.2f}", "0.80")])


if __name__ == "__main__":
    main()
