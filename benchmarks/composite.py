"""Indices of all Italy, questioned: ours beside plain pandas and plain numpy. By hand:

    python benchmarks/composite.py

7,904 invented municipalities by 25 invented indicators in five components (seeded; no figure in it
is real), AMPI at both levels. Each side runs in a process of its own, so that seconds and memory are
those of a whole run, interpreter and imports included. The peers hold none of our code: they scale,
draw weights, aggregate both levels, rank, and take the intervals of the ranks, on fewer draws. What is
compared is CPU seconds of that work for the same number of draws, imports and data apart, the three
sides one after the other in every round: a busy machine slows them alike. All print the score of the
first municipality under equal weights, which must agree.
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

from listed import Row, hand

UNITS = 7_904
PARTS = 5
EACH = 5
DRAWS = 10_000
PANDAS_DRAWS = 100
NUMPY_DRAWS = 1_000
MOVED = 0.25
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
    from needs_analysis.composite import build, uncertainty

    data, spec = invented(), declared()
    equal = build(data, spec).scores.data[spec.name].iloc[0]
    started = time.process_time()
    found = uncertainty(data, spec, draws=DRAWS).frame
    _pace(started, DRAWS, len(found), equal)


def doubts() -> None:
    from needs_analysis.composite import DOUBTS, uncertainty

    found = uncertainty(invented(), declared(), draws=DRAWS, choices=DOUBTS).frame
    print(f"{len(found)} intervals of {DRAWS:,} draws", end="   ")


def _pace(started: float, made: int, units: int, first: float) -> None:
    """Print the CPU seconds of as many draws as ours makes, and the first score."""
    seconds = (time.process_time() - started) * DRAWS / made
    print(f"{units} intervals, first score {first:.6f}, {seconds:.2f} CPU s", end="   ")


def loop_of_pandas() -> None:
    """What a researcher writes first: data frames, weighted by column, a dictionary of ranks."""
    import numpy as np
    import pandas as pd

    data = invented()
    scaled = 100 + 60 * (data - data.mean()) / (data.max() - data.min())
    blocks = [list(data.columns[at : at + EACH]) for at in range(0, PARTS * EACH, EACH)]

    def mazziotta_pareto(frame: pd.DataFrame, weights: pd.Series) -> pd.Series:
        share = weights / weights.sum()
        mean = (frame * share).sum(axis=1)
        variance = (frame.sub(mean, axis=0) ** 2 * share).sum(axis=1)
        return mean + variance / mean

    def score(weigh) -> pd.Series:
        parts = pd.concat([mazziotta_pareto(scaled[own], weigh(own)) for own in blocks], axis=1)
        return mazziotta_pareto(parts, weigh(list(parts.columns)))

    equal = score(lambda own: pd.Series(1.0, own)).iloc[0]
    random = np.random.default_rng(1)
    started = time.process_time()
    ranks = {
        draw: score(
            lambda own: pd.Series(random.uniform(1 - MOVED, 1 + MOVED, len(own)), own)
        ).rank(method="min", ascending=False)
        for draw in range(PANDAS_DRAWS)
    }
    found = pd.DataFrame(ranks).quantile([0.05, 0.5, 0.95], axis=1).T
    _pace(started, PANDAS_DRAWS, len(found), equal)


def loop_of_numpy() -> None:
    """The same on arrays: matrix products, a sort a draw, quantiles by partition."""
    import numpy as np

    data = invented().to_numpy()
    scaled = 100 + 60 * (data - data.mean(axis=0)) / np.ptp(data, axis=0)
    blocks = [
        np.ascontiguousarray(scaled[:, at : at + EACH]) for at in range(0, PARTS * EACH, EACH)
    ]

    def mazziotta_pareto(block, weights):
        share = weights / weights.sum()
        mean = block @ share
        return mean + ((block - mean[:, None]) ** 2 @ share) / mean

    def score(weights, above):
        parts = [mazziotta_pareto(*one) for one in zip(blocks, weights, strict=True)]
        return mazziotta_pareto(np.stack(parts, axis=1), above)

    equal = score(np.ones((PARTS, EACH)), np.ones(PARTS))[0]
    random = np.random.default_rng(1)
    started = time.process_time()
    ranks = np.empty((NUMPY_DRAWS, UNITS), dtype=np.int16)
    places = np.arange(1, UNITS + 1, dtype=np.int16)
    for draw in range(NUMPY_DRAWS):
        weights = random.uniform(1 - MOVED, 1 + MOVED, (PARTS + 1, EACH))
        ranks[draw, np.argsort(-score(weights[:PARTS], weights[PARTS]))] = places
    # A municipality a row: the quantiles of ten thousand columns would jump about the memory.
    found = np.quantile(np.ascontiguousarray(ranks.T), [0.05, 0.5, 0.95], axis=1)
    _pace(started, NUMPY_DRAWS, found.shape[1], equal)


def sobol() -> None:
    """Eight factors: the weights of five indicators, the scale, the aggregation, what is dropped."""
    from needs_analysis.composite import DOUBTS, Indicator, Spec, sensitivity

    leaves = tuple(Indicator(f"x{i}", polarity=1) for i in range(5))
    spec = Spec("invented_score", indicators=leaves)
    found = sensitivity(invented(), spec, points=SOBOL_BASE, choices=DOUBTS)
    print(f"{len(found.frame)} factors, {found.runs:,} indices built", end="   ")


def doubt() -> None:
    from needs_analysis.composite import benefit_of_doubt, normalise_minmax

    data = invented()
    scaled = normalise_minmax(data, dict.fromkeys(data, 1), low=1, high=100)
    found = benefit_of_doubt(scaled, lower=0.01, upper=0.3)
    print(f"{found.scores.notna().sum()} linear programmes", end="   ")


COMPARED = {
    "uncertainty, weights": draws, "plain numpy": loop_of_numpy, "plain pandas": loop_of_pandas,
}  # fmt: skip
ALONE = {
    "uncertainty, DOUBTS": (doubts, RUNS), "Sobol": (sobol, RUNS),
    "benefit of the doubt": (doubt, 1),
}  # fmt: skip


def measure(side: str) -> tuple[float, str]:
    """Run a side in a process of its own; return its seconds and what it said."""
    print(f"{side:22s}", end=" ", flush=True)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, side], check=True, stdout=subprocess.PIPE, text=True
    )
    seconds = time.perf_counter() - started
    print(f"{done.stdout}   whole process {seconds:7.2f} s", flush=True)
    return seconds, done.stdout


def main() -> None:
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores,")
    print(f"load at the start {os.getloadavg()[0]:.1f}")
    print(f"{UNITS:,} units, {PARTS * EACH} indicators in {PARTS} components\n")
    cpu: dict[str, list[float]] = {side: [] for side in COMPARED}
    whole: dict[str, list[float]] = {side: [] for side in COMPARED}
    for _ in range(RUNS):
        for side in COMPARED:
            seconds, said = measure(side)
            pace = re.search(r"([\d.]+) CPU s", said)
            assert pace
            cpu[side].append(float(pace[1]))
            whole[side].append(seconds)
    ours, *peers = COMPARED
    print(f"\n{ours}: median {statistics.median(whole[ours]):.2f} s whole process")
    rows = []
    for side in COMPARED:
        ratios = [one / own for one, own in zip(cpu[side], cpu[ours], strict=True)]
        print(
            f"{side:22s} median {statistics.median(cpu[side]):7.2f} CPU s for {DRAWS:,} draws, "
            f"{statistics.median(ratios):5.1f} times ours ({min(ratios):.1f} to {max(ratios):.1f})"
        )
        if side in peers:
            own, other = (f"{statistics.median(cpu[one]):.1f} CPU s" for one in (ours, side))
            ratio = f"{1 / statistics.median(ratios):.2f}"
            rows.append(Row(f"{ours}, {DRAWS:,} draws", own, f"{side}: {other}", ratio))
    print()
    for side, (_, runs) in ALONE.items():
        seconds = [measure(side)[0] for _ in range(runs)]
        rows.append(Row(f"{side}, whole process", f"{statistics.median(seconds):.1f} s"))
        if runs > 1:
            print(f"{side:22s} median {statistics.median(seconds):.2f} s of {runs}", flush=True)
    hand(__file__, rows)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        (COMPARED | {side: run for side, (run, _) in ALONE.items()})[sys.argv[1]]()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak {peak:5.0f} MB", end="", flush=True)
    else:
        main()
