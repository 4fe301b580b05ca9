"""Made cells and offers of policies: small or large, with fixed costs, units and smallest scales."""

from __future__ import annotations

import numpy as np
import pandas as pd

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


def cells_of(counts):
    """Cells by their central households; low and high are half and twice of it."""
    index = pd.MultiIndex.from_tuples(counts, names=NAMES)
    central = pd.Series(counts.values(), index=index, dtype=float)
    return pd.DataFrame({"low": central / 2, "central": central, "high": central * 2})


def offer_of(policy, index, eligible, cost, outcome, *, take_up=1.0, deadweight=0.1, kind="burden",
             fixed=0.0, opened="area", unit=np.nan, unit_eur=np.nan, least=0.0):  # fmt: skip
    frame = pd.DataFrame(
        {"eligible": eligible, "take_up": take_up, "cost_eur": cost, "outcome": outcome,
         "deadweight": deadweight}, index=index, dtype=float,
    )  # fmt: skip
    return Offer(policy, kind, frame, fixed, opened, unit, unit_eur, np.nan, least, ())


def made(policies=7, municipalities=55, groups=6, sizes=4, seed=1, *, shift=0.0):
    """Cells and offers drawn at random; with `shift`, costs are lower and effects higher by so much."""
    draw = np.random.default_rng(seed)
    codes = [f"{108001 + at:06d}" for at in range(municipalities)]
    index = pd.MultiIndex.from_product([codes, GROUPS[:groups], range(1, sizes + 1)], names=NAMES)
    count = len(index)
    scale = draw.lognormal(0, 0.8, municipalities)[index.codes[0]]
    central = draw.gamma(0.7, 6, count) * scale
    cells = pd.DataFrame({"low": central / 2, "central": central, "high": central * 2}, index=index)
    offers = {}
    for at in range(policies):
        cost = draw.lognormal(7.6, 0.7) * draw.lognormal(0, 0.25, count)
        outcome = draw.uniform(0.1, 0.8) * draw.uniform(0.7, 1.1, count)
        eligible = central * draw.uniform(0.2, 1.0, count)
        extra = {"fixed": draw.uniform(3000, 20_000), "opened": ("area", "municipality")[at % 2]}
        if at % 3 == 2:
            unit = float(draw.integers(1, 4))
            extra |= {"unit": unit, "unit_eur": unit * float(cost.mean()), "opened": "area"}
        if at % 4 == 3:
            extra["least"] = 2.0
        key = f"P{at + 1:02d}"
        offers[key] = offer_of(
            key, index, eligible, cost * (1 - shift), np.minimum(outcome * (1 + shift), 1.0),
            take_up=draw.uniform(0.3, 0.9), **extra,
        )  # fmt: skip
    return cells, offers
