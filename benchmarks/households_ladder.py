"""What each step from the plain model to the benchmark moves: renters over 40 %, per cent. By hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from needs_analysis.households import Scenario, italy, model, places
from needs_analysis.households.sizes import SIZES

POINTS = 512
CITIES = {"Milano": "015146", "Roma": "058091", "Monza": "108033", "Napoli": "063049"}


def say(name: str, codes, market: np.ndarray, over: np.ndarray) -> None:
    at = [codes.get_loc(one) for one in CITIES.values()]
    persons = (over * SIZES).sum() / (market * SIZES).sum()
    rates = 100 * over.sum(axis=1)[at] / market.sum(axis=1)[at]
    print(
        f"{name:34s} households {100 * over.sum() / market.sum():5.2f} persons {100 * persons:5.2f} "
        f"count {over.sum():9,.0f}", rates.round(1),
    )  # fmt: skip


def main() -> None:
    whole, evidence = italy.national_panel().data, italy.evidence()
    known = model.know(whole, evidence)
    own = replace(known, incomes=places.income_classes(whole, known.in_force))
    print("cities:", *CITIES)
    then = Scenario(rent_growth_since_quotes_share=0.0)
    _, parts = model.modelled(own, then, POINTS)
    here = own.of_scenario(then)
    no_public = replace(own, panel=whole.assign(public_tenants_observed=0.0))
    every = model.tenants(no_public, here, parts, then)
    say("renting raked, no public tenants", whole.index, every.market, every.burdened)
    for poorest in (0.0, 0.5, 1.0):
        varied = replace(then, public_tenants_poorest_share=poorest)
        left = model.tenants(own, here, parts, varied)
        say(f"public tenants leave, poorest {poorest}", whole.index, left.market, left.burdened)
    for name, scenario in (("incomes of 2024", then), ("rents + 15 %", Scenario())):
        found, _ = model.modelled(known, scenario, POINTS)
        say(name, whole.index, found.market, found.burdened)
    after, _ = model.benchmarked(known, found, Scenario())
    say("benchmark", whole.index, found.market, found.market * after)
    costs = replace(known, in_force={**known.in_force, "rent_utilities_eur_month": 150.0})
    found, _ = model.modelled(costs, Scenario(), POINTS)
    say("(utilities of 150, no benchmark)", whole.index, found.market, found.burdened)


if __name__ == "__main__":
    main()
