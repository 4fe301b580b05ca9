"""Census sections to municipalities: ours from CSV and from Parquet, beside pandas. By hand:

    python benchmarks/sections.py

A file of 750,000 invented sections by 140 variables in the layout of 2011 is written once to the
temporary folder (seeded; no figure in it is real). Each side runs in a process of its own, so that
seconds and memory are those of a whole run, interpreter and imports included. Ours sums the 56
variables of our schema; pandas, without our code, all 140, and then only the columns that ours needs.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from listed import Row, hand

SECTIONS = 750_000
TOWNS = 8_092
BLOCK = 10_000
RUNS = 3
FOLDER = Path(tempfile.gettempdir()) / "needs-analysis-bench"
CSV = FOLDER / "INVENTED_indicatori_2011_sezioni.csv"
PARQUET = CSV.with_suffix(".parquet")
KEYS = "CODREG;REGIONE;CODPRO;PROVINCIA;CODCOM;COMUNE;PROCOM;SEZ2011;NSEZ;ACE;CODLOC;CODASC"
# The variables that our schema takes of a section of 2011, as its layout names them.
NEEDED = [
    *(f"P{i}" for i in (1, 2, 3, *range(14, 30), 47, 52, 61, 62)), "ST1",
    *(f"PF{i}" for i in range(1, 10)),
    *(f"A{i}" for i in (2, 3, 7, 6, 5, 44, 46, 47, 48)),
    *(f"E{i}" for i in (3, *range(8, 17), *range(28, 32))),
]  # fmt: skip


def variables() -> list[str]:
    """The 140 columns of 2011."""
    people = [*range(1, 63), 64, 65, 66, *range(128, 133), *range(135, 141)]
    return [
        *(f"P{i}" for i in people),
        *(f"ST{i}" for i in range(1, 16)),
        *(f"A{i}" for i in (2, 3, 5, 6, 7, 44, 46, 47, 48)),
        *(f"PF{i}" for i in range(1, 10)),
        *(f"E{i}" for i in range(1, 32)),
    ]


def write() -> None:
    import numpy as np

    random = np.random.default_rng(20111009)
    names = variables()
    FOLDER.mkdir(exist_ok=True)
    partial = CSV.with_suffix(".part")
    with partial.open("wb") as file:
        file.write((KEYS + ";" + ";".join(names) + "\r\n").encode())
        for start in range(0, SECTIONS, BLOCK):
            size = random.gamma(1, 10, size=(BLOCK, 1))
            cells = random.poisson(size, size=(BLOCK, len(names))).astype("U6")
            lines = []
            for i in range(BLOCK):
                number = start + i
                town = 1_001 + number * TOWNS // SECTIONS
                code = f"{town // 1000};Città;{town % 1000};Forlì {town};{town};{town}{number:07d}"
                lines.append(
                    f"3;Inventata;{code};{number};{number % 3};10001;;{';'.join(cells[i])}"
                )
            file.write(("\r\n".join(lines) + "\r\n").encode("latin-1"))
    os.replace(partial, CSV)


def ours(path: Path) -> None:
    from needs_analysis.sources import istat_sections

    sums = istat_sections.municipal([path], 2011)
    print(f"{len(sums)} x {sums.shape[1]}, {sums['residents'].sum():.0f} residents", end="   ")


def peer(path: Path, columns: list[str] | None = None) -> None:
    import pandas as pd

    wanted = columns or variables()
    usecols = ["PROCOM", *wanted] if columns else None
    frame = pd.read_csv(path, sep=";", encoding="latin-1", usecols=usecols)
    sums = frame.groupby("PROCOM")[wanted].sum(min_count=1)
    print(f"{len(sums)} x {sums.shape[1]}, {sums['P1'].sum():.0f} residents", end="   ")


def peer_of_few(path: Path) -> None:
    peer(path, NEEDED)


def convert(path: Path) -> None:
    from needs_analysis.sources import istat_sections

    out = istat_sections.to_parquet(path, PARQUET)
    print(f"{out.stat().st_size / 1e6:.0f} MB written", end="   ")


SIDES = {
    "to_parquet": (convert, CSV, 1),
    "ours, CSV": (ours, CSV, RUNS),
    "ours, Parquet": (ours, PARQUET, RUNS),
    "pandas.read_csv": (peer, CSV, 1),
    "pandas, usecols": (peer_of_few, CSV, 1),
}


def main() -> None:
    if not CSV.exists():
        print("writing the invented sections ...", flush=True)
        write()
    print(f"{CSV.name}: {CSV.stat().st_size / 1e6:.0f} MB, {SECTIONS} x {len(variables())}")
    median = {}
    for side, (_, _, runs) in SIDES.items():
        seconds = []
        for _ in range(runs):
            print(f"{side:16s}", end=" ", flush=True)
            started = time.perf_counter()
            subprocess.run([sys.executable, __file__, side], check=True)
            seconds.append(time.perf_counter() - started)
            print(f"   whole process {seconds[-1]:6.2f} s", flush=True)
        median[side] = statistics.median(seconds)
        if runs > 1:
            print(f"{side:16s} median {statistics.median(seconds):.2f} s of {runs}")
    other = median["pandas, usecols"]
    rows = [
        Row(f"750,000 sections, {side}", f"{median[side]:.1f} s",
            f"pandas, 56 columns: {other:.1f} s", f"{median[side] / other:.2f}")
        for side in ("ours, CSV", "ours, Parquet")
    ]  # fmt: skip
    hand(__file__, rows)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        run, file, _ = SIDES[sys.argv[1]]
        run(file)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak {peak:5.0f} MB", end="", flush=True)
    else:
        main()
