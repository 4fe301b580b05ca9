"""How the CPU seconds of the methods grow with what they are given. By hand:

    python benchmarks/growth.py

Made data (seeded; no figure in it is real) of once, twice, four and eight times a size. The exponent is
the slope of log seconds over log size by least squares: 1 is twice the time for twice the units. What
compares every pair of units (Copeland, the silhouette of a typology) has 2 in its definition; above
1.3 without such a reason is a fault.
"""

from __future__ import annotations

import math
import os
import platform
import statistics
import time
from collections.abc import Callable

from listed import Row, hand

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
TIMES = (1, 2, 4, 8)
RUNS = 3


def invented(units: int, parts: int = 10):
    import numpy as np
    import pandas as pd

    values = np.random.default_rng(units).normal(size=(units, parts))
    index = [f"{code:06d}" for code in range(units)]
    return pd.DataFrame(values, index, [f"x{i}" for i in range(parts)])


def copeland(units: int) -> Callable[[], object]:
    from needs_analysis.composite import copeland as method

    data = invented(units)
    return lambda: method(data)


def declared(units: int):
    from needs_analysis.composite import Indicator, Spec

    data = invented(units)
    return data, Spec(
        "invented_score", indicators=tuple(Indicator(one, polarity=1) for one in data)
    )


def index(units: int) -> Callable[[], object]:
    from needs_analysis.composite import build

    data, spec = declared(units)
    return lambda: build(data, spec)


def draws(units: int) -> Callable[[], object]:
    from needs_analysis.composite import uncertainty

    data, spec = declared(units)
    return lambda: uncertainty(data, spec, draws=500)


def doubt(units: int) -> Callable[[], object]:
    from needs_analysis.composite import benefit_of_doubt, normalise_minmax

    data = invented(units)
    scaled = normalise_minmax(data, dict.fromkeys(data, 1), low=1, high=100)
    return lambda: benefit_of_doubt(scaled, lower=0.01, upper=0.5)


def moran(units: int) -> Callable[[], object]:
    import numpy as np
    import pandas as pd
    from libpysal.graph import Graph

    from needs_analysis.patterns import local_moran
    from needs_analysis.territory.neighbours import Neighbours

    side = math.isqrt(units)
    place = np.arange(side * side).reshape(side, side)
    one = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    other = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    rows, columns = np.concatenate([one, other]), np.concatenate([other, one])
    order = np.lexsort((columns, rows))
    near = Neighbours(Graph.from_arrays(rows[order], columns[order], np.ones(len(rows))))
    values = pd.Series(np.random.default_rng(1).normal(size=side * side))
    return lambda: local_moran(values, near, permutations=199)


def types(units: int) -> Callable[[], object]:
    from needs_analysis.patterns import typology

    data = invented(units)
    return lambda: typology(data, groups=4)


def median(units: int) -> Callable[[], object]:
    import numpy as np
    import pandas as pd

    from needs_analysis.services.siting.sites import p_median

    random = np.random.default_rng(units)
    x, y = random.uniform(0, 100, (2, units))
    sites = slice(0, 50)
    km = pd.DataFrame(np.hypot(x[:, None] - x[sites], y[:, None] - y[sites]))
    need = pd.Series(random.lognormal(3, 1, units).round() + 1)
    return lambda: p_median(need, km, 5)


# The least size, and why the exponent may be above 1.3.
METHODS: dict[str, tuple[Callable[[int], Callable[[], object]], int, str]] = {
    "index, AMPI": (index, 4_000, ""),
    "uncertainty, 500 draws": (draws, 1_000, ""),
    "Copeland": (copeland, 1_000, "every pair"),
    "benefit of the doubt": (doubt, 250, ""),
    "local Moran, 199 permutations": (moran, 1_000, ""),
    "typology, 4 types": (types, 1_000, "silhouette: every pair"),
    "p-median, 50 sites": (median, 200, ""),
}


def seconds(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def main() -> None:
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores,")
    print(f"load at the start {os.getloadavg()[0]:.1f}; CPU s, the least of {RUNS}\n")
    heads = ["method", "size", *(f"{times}x" for times in TIMES), "exponent", "of itself"]
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    rows = []
    for name, (prepared, size, reason) in METHODS.items():
        prepared(size)()  # imports, and what is loaded once
        calls = [prepared(size * times) for times in TIMES]
        taken = [min(seconds(call) for _ in range(RUNS)) for call in calls]
        exponent = statistics.linear_regression(
            [math.log(times) for times in TIMES], [math.log(one) for one in taken]
        ).slope
        said = reason or ("ABOVE 1.3" if exponent > 1.3 else "")
        cells = [name, f"{size:,}", *(f"{one:.3f}" for one in taken), f"{exponent:.2f}", said]
        print(f"| {' | '.join(cells)} |", flush=True)
        most = f"{size * TIMES[-1]:,}"
        work = f"growth of {name}, {size:,} to {most}"
        pace = f"{taken[0]:.3f} to {taken[-1]:.3f} CPU s"
        rows.append(Row(work, pace, reason, f"exponent {exponent:.2f}", "" if reason else "1.3"))
    hand(__file__, rows)


if __name__ == "__main__":
    main()
