"""The households' model on all Italy: seconds, peak memory, error, and a plain loop over households.

By hand: `python benchmarks/households.py`. The peer reads one household after the other with pandas.
"""

from __future__ import annotations

import resource
import time

import numpy as np
import pandas as pd
from listed import Row, hand

from needs_analysis import parameters
from needs_analysis.households import Scenario, burden, estimate, italy, model, places

HOUSEHOLDS = 400
"""How many the peer reads: at its pace all of them would take days."""


def peer(here: burden.Municipalities, shape: burden.Shape, levels: np.ndarray) -> float:
    """Return the seconds of processor a household of a loop that draws incomes and a rent by class."""
    own = here.incomes.rows([0])
    frame = pd.DataFrame({"size": np.arange(HOUSEHOLDS) % 6})
    draw = np.random.default_rng(1)
    started = time.process_time()
    for _, row in frame.iterrows():
        size = int(row["size"])
        earners = here.earners[0, size]
        income = sum(
            float(own.quantile(draw.random())[0, 0]) * min(max(earners - e, 0.0), 1.0)
            for e in range(4)
        )
        net = levels[0] * float(burden.net_shape(np.array(income), shape.progressivity))
        rate = shape.net_share * net / 12 / here.dwelling_m2[0, size]
        here.rates.share_below([rate], [0])
    return (time.process_time() - started) / HOUSEHOLDS


def main() -> None:
    whole, evidence = italy.national_panel().data, italy.evidence()
    values = parameters.values()
    started = time.process_time()
    places.income_classes(whole, values)
    print(f"fit of {len(whole)} municipalities: {time.process_time() - started:.2f} s of processor")
    started = time.process_time()
    found = estimate(whole, evidence)
    seconds = whole_s = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"model and estimate: {seconds:.1f} s of processor; peak {peak:.0f} MB")
    off = 100 * np.quantile(found.integration_error, [0.5, 0.95, 1])
    print("two seeds differ by points (median, 95 %, most):", off.round(2))
    known = model.know(whole, evidence)
    started = time.process_time()
    own, _ = model.modelled(known, Scenario())
    model.benchmarked(known, own, Scenario())
    seconds = time.process_time() - started
    print(f"one scenario, {burden.POINTS} points: {seconds:.1f} s of processor")
    here, shape = known.of_scenario(Scenario()), Scenario().shape(values)
    each = peer(here, shape, np.full(len(here), 1.0))
    ours = seconds / (len(whole) * 6 * burden.POINTS)
    print(f"a household: loop {1e6 * each:.0f} us, model {1e6 * ours:.3f} us, x {each / ours:,.0f}")
    loop, mine = f"a loop with pandas: {1e6 * each:.0f} us", f"{1e6 * ours:.3f} us"
    rows = [
        Row("model and estimate of 7,904 municipalities", f"{whole_s:.1f} CPU s, {peak:.0f} MB",
            limit="20 s, 1 GB"),
        Row("one household", mine, loop, f"{ours / each:.5f}", "0.01"),
    ]  # fmt: skip
    hand(__file__, rows)


if __name__ == "__main__":
    main()
