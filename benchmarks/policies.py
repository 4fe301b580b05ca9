"""What a budget buys, on made data: the best mix, the frontier, a whole region; beside PuLP.

By hand: `python benchmarks/policies.py`. Each side is a process of its own. The peer writes the same
model as a user of PuLP would, a variable a policy and cell, and solves it with HiGHS too, on one thread
and to the same gap. Made data: no figure is of a place.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pandas as pd
from listed import Row, hand

from needs_analysis.policies.offers import Offer

GROUPS = (
    "affordability",
    "eviction_order",
    "foreclosure",
    "no_contract",
    "release_other",
    "street",
)
NAMES = ["municipality_code", "group", "size"]
BUDGET = {55: 4e6, 1500: 2e7}
GAP = 1e-4
ROUNDS = 3


def made(
    policies: int, municipalities: int, shift: float = 0.0
) -> tuple[pd.DataFrame, dict[str, Offer]]:
    """Return cells of six groups and four sizes, and offers with fixed costs, some in units."""
    draw = np.random.default_rng(1)
    codes = [f"{108001 + at:06d}" for at in range(municipalities)]
    index = pd.MultiIndex.from_product([codes, GROUPS, range(1, 5)], names=NAMES)
    count = len(index)
    central = draw.gamma(0.7, 6, count) * draw.lognormal(0, 0.8, municipalities)[index.codes[0]]
    cells = pd.DataFrame({"low": central / 2, "central": central, "high": central * 2}, index=index)
    offers = {}
    for at in range(policies):
        effect = draw.uniform(0.2, 0.8)
        cost = 6000 * effect * draw.lognormal(0, 0.2) * draw.lognormal(0, 0.25, count)
        frame = pd.DataFrame(
            {"eligible": central * draw.uniform(0.2, 1.0, count), "take_up": draw.uniform(0.3, 0.9),
             "cost_eur": cost * (1 - shift), "deadweight": 0.1,
             "outcome": np.minimum(effect * draw.uniform(0.8, 1.2, count) * (1 + shift), 1.0)},
            index=index,
        )  # fmt: skip
        unit = float(draw.integers(1, 4)) if at % 3 == 2 else np.nan
        offers[f"P{at + 1:02d}"] = Offer(
            f"P{at + 1:02d}", "burden", frame, draw.uniform(3000, 20_000),
            "area" if at % 3 == 2 else ("area", "municipality")[at % 2], unit,
            unit * float(cost.mean()) / 2, np.nan, 0.0, (),
        )  # fmt: skip
    return cells, offers


def ours(policies: int, municipalities: int) -> dict[str, Any]:
    from needs_analysis.policies.optimisation import optimise

    found = optimise(*made(policies, municipalities), BUDGET[municipalities])
    return {"worth": found.worth, "bound": found.bound, "gap": found.gap}


def whole_frontier() -> dict[str, Any]:
    from needs_analysis.policies.frontier import frontier

    cells, offers = made(7, 55)
    sides = {"low": made(7, 55, -0.15)[1], "high": made(7, 55, 0.15)[1]}
    found = frontier(cells, offers, sides=sides, budget_eur=BUDGET[55])
    worth = float(found.points["worth"].loc[BUDGET[55]])
    return {"worth": worth, "gap": float(found.points["gap"].max()), "kinks": len(found.kinks)}


def peer() -> dict[str, Any]:
    """The same with PuLP: a variable each, sums of them, dictionaries."""
    import pulp

    cells, offers = made(7, 55)
    budget = BUDGET[55]
    problem = pulp.LpProblem("mix", pulp.LpMaximize)
    helped, opened, units = {}, {}, {}
    for key, offer in offers.items():
        for cell, row in offer.cells.iterrows():
            most = min(row["eligible"] * row["take_up"], cells.loc[cell, "central"])
            helped[key, cell] = pulp.LpVariable(f"x_{key}_{'_'.join(map(str, cell))}", 0, most)
    for key, offer in offers.items():
        places = cells.index.unique(0) if offer.opened == "municipality" else ["area"]
        for place in places:
            opened[key, place] = pulp.LpVariable(f"y_{key}_{place}", cat="Binary")
        if not np.isnan(offer.unit_households):
            units[key] = pulp.LpVariable(f"u_{key}", 0, cat="Integer")
    problem += pulp.lpSum(
        offers[key].cells.loc[cell, "outcome"] * one for (key, cell), one in helped.items()
    )
    problem += (
        pulp.lpSum(
            offers[key].cells.loc[cell, "cost_eur"] * one for (key, cell), one in helped.items()
        )
        + pulp.lpSum(offers[key].fixed_eur * one for (key, _), one in opened.items())
        + pulp.lpSum(offers[key].unit_eur * one for key, one in units.items())
        <= budget
    )
    for cell in cells.index:
        problem += pulp.lpSum(helped[key, cell] for key in offers) <= cells.loc[cell, "central"]
    for (key, cell), one in helped.items():
        place = cell[0] if offers[key].opened == "municipality" else "area"
        problem += one <= one.upBound * opened[key, place]
    for key, one in units.items():
        own = pulp.lpSum(helped[key, cell] for cell in cells.index)
        problem += own <= offers[key].unit_households * one
    problem.solve(pulp.HiGHS(msg=False, gapRel=GAP, threads=1))
    return {"worth": float(pulp.value(problem.objective))}


SIDES = {
    "mix, 7 policies x 55 municipalities": lambda: ours(7, 55),
    "the same through PuLP": peer,
    "its frontier: 22 budgets, all kinks, each alone, 200 draws": whole_frontier,
    "mix, 27 policies x 1,500 municipalities": lambda: ours(27, 1500),
}


def alone(side: str) -> dict[str, Any]:
    """Run a side in a process of its own: its answer, seconds of processor and peak memory."""
    ran = subprocess.run(
        [sys.executable, __file__, side], capture_output=True, check=True, text=True
    )
    return json.loads(ran.stdout.splitlines()[-1])


def one(side: str) -> None:
    answer = SIDES[side]()
    used = resource.getrusage(resource.RUSAGE_SELF)
    answer |= {"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1e3}
    print(json.dumps(answer))


def main() -> None:
    print("load", " ".join(f"{each:.1f}" for each in os.getloadavg()))
    print("| side | CPU s, median (least to most) | peak MB | worth | gap |")
    print("| --- | --- | --- | --- | --- |")
    found: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    started = time.perf_counter()
    for _ in range(ROUNDS):
        for side in SIDES:
            found[side].append(alone(side))
    rows = []
    for side, runs in found.items():
        cpu = sorted(each["cpu"] for each in runs)
        gap = f"{runs[0]['gap']:.1e}" if "gap" in runs[0] else ""
        peak = max(each["peak"] for each in runs)
        print(f"| {side} | {cpu[len(cpu) // 2]:.1f} ({cpu[0]:.1f} to {cpu[-1]:.1f}) | {peak:.0f} | "
              f"{runs[0]['worth']:.4f} | {gap} |")  # fmt: skip
        rows.append(Row(side, f"{cpu[len(cpu) // 2]:.1f} CPU s, {peak:.0f} MB"))
    mine, theirs = (found[side] for side in [*SIDES][:2])
    ratios = sorted(b["cpu"] / a["cpu"] for a, b in zip(mine, theirs, strict=True))
    print(f"PuLP over ours: x {ratios[len(ratios) // 2]:.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f}); "
          f"worth {theirs[0]['worth'] / mine[0]['worth'] - 1:+.1e}")  # fmt: skip
    print(f"{time.perf_counter() - started:.0f} s in all")
    ratio = f"{1 / ratios[len(ratios) // 2]:.2f}"
    rows[0] = rows[0]._replace(peer=f"PuLP: {rows[1].ours}", ratio=ratio, limit="5 s")
    hand(__file__, [rows[0], *rows[2:]])


if __name__ == "__main__":
    one(sys.argv[1]) if len(sys.argv) > 1 else main()
