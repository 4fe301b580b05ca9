"""Indices of all Italy, questioned: ours beside a plain pandas loop. By hand:

    python benchmarks/composite.py

7,904 invented municipalities by 25 invented indicators in five components (seeded; no figure in it
is real), AMPI at both levels. Each side runs in a process of its own, so that seconds and memory are
those of a whole run, interpreter and imports included. The loop does what ours does (draws weights,
aggregates both levels, ranks, and takes the intervals of the ranks), on fewer draws: its seconds are
those of one draw, start and imports apart, times as many as ours made.
"""

from __future__ import annotations

import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import time

UNITS = 7_904
PARTS = 5
EACH = 5
DRAWS = 10_000
LOOP_DRAWS = 100
SOBOL_BASE = 1_024
RUNS = 3


def declared():
    from needs_analysis.composite import Component, Indicator, Spec

    return Spec(
        "invented_score",
        indicators=tuple(
            Indicator(f"x{i}", f"part_{i // EACH}", polarity=1) for i in range(PARTS * EACH)
        ),
        components=tuple(Component(f"part_{i}") for i in range(PARTS)),
    )


def invented():
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(7_904)
    common = random.normal(size=(UNITS, 1))
    values = 0.5 * common + random.normal(size=(UNITS, PARTS * EACH))
    return pd.DataFrame(values, columns=[f"x{i}" for i in range(PARTS * EACH)])


def draws() -> None:
    from needs_analysis.composite import uncertainty

    found = uncertainty(invented(), declared(), draws=DRAWS).frame
    print(f"{len(found)} intervals of {DRAWS:,} draws", end="   ")


def doubts() -> None:
    from needs_analysis.composite import DOUBTS, uncertainty

    found = uncertainty(invented(), declared(), draws=DRAWS, choices=DOUBTS).frame
    print(f"{len(found)} intervals of {DRAWS:,} draws", end="   ")


def loop() -> None:
    import numpy as np
    import pandas as pd

    from needs_analysis.composite import ampi, build

    spec = declared()
    scaled = build(invented(), spec).stages["normalised"]
    random = np.random.default_rng(1)
    started = time.perf_counter()
    ranks = {}
    for draw in range(LOOP_DRAWS):
        parts = {}
        for node in spec.nodes:
            below = spec.parts(node)
            weights = {one: random.uniform(0.75, 1.25) for one in below}
            own = scaled if node != spec.name else pd.DataFrame(parts)
            parts[node] = ampi(own[list(below)], weights)
        ranks[draw] = parts[spec.name].rank(method="min", ascending=False)
    found = pd.DataFrame(ranks).quantile([0.05, 0.5, 0.95], axis=1).T
    seconds = time.perf_counter() - started
    print(f"{len(found)} intervals, {seconds / LOOP_DRAWS:.4f} s a draw", end="   ")


def sobol() -> None:
    """Eight factors: the weights of five indicators, the scale, the aggregation, what is dropped."""
    from needs_analysis.composite import DOUBTS, Indicator, Spec, sensitivity

    leaves = tuple(Indicator(f"x{i}", polarity=1) for i in range(5))
    spec = Spec("invented_score", indicators=leaves)
    found = sensitivity(invented(), spec, base=SOBOL_BASE, choices=DOUBTS)
    print(f"{len(found.frame)} factors, {found.runs:,} indices built", end="   ")


def doubt() -> None:
    from needs_analysis.composite import benefit_of_doubt, normalise_minmax

    data = invented()
    scaled = normalise_minmax(data, dict.fromkeys(data, 1), low=1, high=100)
    found = benefit_of_doubt(scaled, lower=0.01, upper=0.3)
    print(f"{found.scores.notna().sum()} linear programmes", end="   ")


SIDES = {
    "uncertainty, weights": (draws, RUNS),
    "uncertainty, DOUBTS": (doubts, RUNS),
    "pandas loop": (loop, 1),
    "Sobol": (sobol, RUNS),
    "benefit of the doubt": (doubt, 1),
}


def main() -> None:
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores,")
    print(f"load at the start {os.getloadavg()[0]:.1f}")
    print(f"{UNITS:,} units, {PARTS * EACH} indicators in {PARTS} components\n")
    median, said = {}, {}
    for side, (_, runs) in SIDES.items():
        seconds = []
        for _ in range(runs):
            print(f"{side:22s}", end=" ", flush=True)
            started = time.perf_counter()
            done = subprocess.run(
                [sys.executable, __file__, side], check=True, stdout=subprocess.PIPE, text=True
            )
            seconds.append(time.perf_counter() - started)
            said[side] = done.stdout
            print(f"{done.stdout}   whole process {seconds[-1]:7.2f} s", flush=True)
        median[side] = statistics.median(seconds)
        if runs > 1:
            print(f"{side:22s} median {median[side]:.2f} s of {runs}", flush=True)
    pace = re.search(r"([\d.]+) s a draw", said["pandas loop"])
    assert pace
    scaled = float(pace[1]) * DRAWS
    ratio = scaled / median["uncertainty, weights"]
    print(f"\npandas loop, {DRAWS:,} draws at that pace: {scaled:.0f} s, {ratio:.0f} times ours")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        SIDES[sys.argv[1]][0]()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak {peak:5.0f} MB", end="", flush=True)
    else:
        main()
