"""Methods that take seconds on all Italy, beside the same of an earlier checkout. By hand:

    python benchmarks/methods.py                              # ours alone, and esda for local Moran
    python benchmarks/methods.py --before /path/to/checkout   # each beside what it was, in turns

Made data (seeded; no figure in it is real). Every run is a process of its own, on one thread of BLAS
(the typology as it comes);
what is compared is CPU seconds (user and system) of the call, imports and data apart, the sides one
after the other in every round. Each prints a mark of what it found, which must agree with before.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from listed import Row, hand

UNITS = 7_904
PARTS = 25
RUNS = 3
NEW = {"p-median 1,506 x 1,506"}  # refused before
FREE = {"typology of noise"}  # how many threads it takes, and waits for, is part of what it costs
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def invented(units: int = UNITS, parts: int = PARTS):
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(units)
    codes = [f"{code:06d}" for code in range(units)]
    return pd.DataFrame(
        0.5 * random.normal(size=(units, 1)) + random.normal(size=(units, parts)),
        index=pd.Index(codes, name="municipality_code"),
        columns=[f"x{i}" for i in range(parts)],
    )


def timed(call: Callable[[], object], mark: Callable[..., object]) -> None:
    """Print the CPU seconds of a call and a mark of what it gave."""
    started = time.process_time()
    found = call()
    seconds = time.process_time() - started
    print(f"{seconds:.3f} CPU s", end="   ")
    print(f"found {mark(found)}", end="   ")


def digest(values) -> str:
    import numpy as np

    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:8]


def copeland() -> None:
    from needs_analysis.composite import copeland

    data = invented()
    timed(lambda: copeland(data), digest)


def copeland_weighted() -> None:
    import numpy as np
    import pandas as pd

    from needs_analysis.composite import copeland

    data = invented()
    weights = pd.Series(np.random.default_rng(1).uniform(0.5, 1.5, PARTS), data.columns)
    timed(lambda: copeland(data, weights), digest)


def touching():
    """All municipalities with their neighbours, and a value that is alike nearby."""
    import numpy as np
    import pandas as pd

    from needs_analysis import territory
    from needs_analysis.territory.neighbours import neighbours

    area = territory.select("Italia")
    near = neighbours(area)
    noise = np.random.default_rng(1).normal(size=len(area))
    rows, columns = near.pairs()
    order = pd.Series(noise, index=near.units)
    lag = np.bincount(rows, noise[columns], len(noise)) / np.bincount(rows, minlength=len(noise))
    return order + pd.Series(lag, index=near.units), near


def moran_local() -> None:
    from needs_analysis.patterns import local_moran

    values, near = touching()
    timed(lambda: local_moran(values, near), lambda found: digest(found.frame["pseudo_p"]))


def moran_local_esda() -> None:
    """The same permutations with esda: its statistic, its draws, one process."""
    import warnings

    warnings.simplefilter("ignore")
    import esda

    values, near = touching()
    values = values.reindex(near.units)
    timed(
        lambda: esda.Moran_Local(values.to_numpy(), near.graph, permutations=999, seed=1, n_jobs=1),
        lambda found: digest(found.Is.round(9)),
    )


def types_of_noise() -> None:
    import numpy as np
    import pandas as pd

    from needs_analysis.patterns import typology

    data = invented()
    noise = np.random.default_rng(1).normal(size=data.shape)
    data = pd.DataFrame(noise, data.index, data.columns)
    timed(lambda: typology(data), lambda found: f"{found.groups} types {digest(found.labels)}")


def median_sites(count: int = 200, new: int = 10) -> None:
    import numpy as np
    import pandas as pd

    from needs_analysis.services.siting.sites import p_median

    random = np.random.default_rng(count)
    x, y = random.uniform(0, 100, (2, count))
    codes = [f"{code:06d}" for code in range(count)]
    km = pd.DataFrame(np.hypot(x[:, None] - x, y[:, None] - y), codes, codes)
    need = pd.Series(random.lognormal(3, 1, count).round(), codes)
    timed(
        lambda: p_median(need, km, new),
        lambda found: (
            f"{found.objective:.6f} {digest(found.units['distance'])}"
            + (f" gap {found.gap:.2%}" if count > 200 else "")
        ),
    )


def doubt() -> None:
    from needs_analysis.composite import benefit_of_doubt, normalise_minmax

    data = invented()
    scaled = normalise_minmax(data, dict.fromkeys(data, 1), low=1, high=100)
    timed(
        lambda: benefit_of_doubt(scaled, lower=0.01, upper=0.3),
        lambda found: digest(found.scores.round(9)),
    )


def draws() -> None:
    from needs_analysis.composite import Component, Indicator, Spec, uncertainty

    spec = Spec(
        "invented_score",
        indicators=tuple(Indicator(f"x{i}", f"part_{i // 5}", polarity=1) for i in range(PARTS)),
        components=tuple(Component(f"part_{i}") for i in range(PARTS // 5)),
    )
    data = invented()
    timed(
        lambda: uncertainty(data, spec, draws=10_000),
        lambda found: digest(found.frame.to_numpy()),
    )


SIDES = {
    "Copeland": copeland,
    "Copeland, weighted": copeland_weighted,
    "local Moran": moran_local,
    "typology of noise": types_of_noise,
    "p-median 200 x 200": median_sites,
    "p-median 1,506 x 1,506": partial(median_sites, 1_506),
    "uncertainty": draws,
    "benefit of the doubt": doubt,
}
PEERS = {"local Moran": ("esda", moran_local_esda)}
LIMITS = {
    ("Copeland", "before"): "0.05", ("local Moran", "esda"): "1", ("uncertainty", "before"): "0.75",
    ("typology of noise", "before"): "0.3", ("p-median 200 x 200", "before"): "0.05",
    ("benefit of the doubt", "before"): "0.7",
}  # fmt: skip


def measured(side: str, package: Path | None) -> tuple[float, str]:
    """Run a side in a process of its own; return its CPU seconds and the mark of what it found."""
    environment = os.environ | ({} if side in FREE else dict.fromkeys(THREADS, "1"))
    if package:
        environment["PYTHONPATH"] = str(package)
    done = subprocess.run(
        [sys.executable, __file__, "--side", side],
        check=True, stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    seconds, mark = re.search(r"([\d.]+) CPU s   found (.*?)   ", done.stdout).groups()
    print(f"    {package.name if package else '':14s} {done.stdout}", flush=True)
    return float(seconds), mark


def main(before: Path | None, only: list[str], runs: int) -> None:
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores,")
    print(f"load at the start {os.getloadavg()[0]:.1f}")
    rows = []
    for side in only or SIDES:
        others = {"before": (side, before)} if before and side not in NEW else {}
        if side in PEERS:
            name, _ = PEERS[side]
            others[name] = (name, None)
        print(f"\n{side}", flush=True)
        found: dict[str, list[tuple[float, str]]] = {"ours": [], **{name: [] for name in others}}
        for _ in range(runs):
            for name, (run, package) in {"ours": (side, None), **others}.items():
                found[name].append(measured(run, package))
        own = [seconds for seconds, _ in found["ours"]]
        print(f"  ours: {statistics.median(own):.3f} CPU s (of {runs})")
        taken = f"{statistics.median(own):.3f} CPU s"
        if not others:
            rows.append(Row(side, taken))
        for name in others:
            ratios = [a / b for a, (b, _) in zip(own, found[name], strict=True)]
            print(
                f"  ours / {name}: {statistics.median(ratios):.3f} "
                f"({min(ratios):.3f} to {max(ratios):.3f})"
            )
            other = f"{name}: {statistics.median(one for one, _ in found[name]):.3f} CPU s"
            spread = f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
            rows.append(Row(side, taken, other, spread, LIMITS.get((side, name), "")))
        if "before" in others:
            marks = {mark for name in ("ours", "before") for _, mark in found[name]}
            print("  the same result" if len(marks) == 1 else f"  RESULTS DIFFER: {marks}")
    if not only:
        hand(__file__, rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--only", action="append", default=[], choices=SIDES)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--side")
    asked = parser.parse_args()
    if asked.side:
        (SIDES | dict(PEERS.values()))[asked.side]()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak {peak:5.0f} MB", end="", flush=True)
    else:
        main(asked.before, asked.only, asked.runs)
