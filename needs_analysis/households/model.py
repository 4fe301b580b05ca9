"""One model of all municipalities: how many tenants of the market pay over 40 % of their net income."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import fsum

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis import parameters
from needs_analysis.households import burden, places, renting
from needs_analysis.households.benchmark import (
    SURVEY_SHARE,
    Benchmark,
    raising_odds,
    regional_benchmark,
    with_odds,
)
from needs_analysis.households.burden import Burdens, Municipalities
from needs_analysis.households.density import Array
from needs_analysis.households.places import Evidence
from needs_analysis.households.scenario import Scenario
from needs_analysis.households.sizes import SIZES

LIMIT_POINTS = 128
"""How many of the points part the nation in bands of income."""
TARGETS = ("macro_area", "rate", "market_persons", "reduced_persons", "model_rate")
"""Columns of :func:`regional_targets`."""
_READ = (
    "suppressed_class_max_taxpayers", "tail_declarants_min", "reference_dwelling_net_m2",
    "reference_dwelling_gross_m2", "sustainable_rent_share", "overburden_share",
    "rent_utilities_eur_month", "renting_census_error_share", "renting_error_share",
    "benchmark_apart_ratio",
)  # fmt: skip


def parameters_read(overrides: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the parameters in force that the model reads beside those of a scenario."""
    values = parameters.values(overrides)
    return {name: values[name] for name in _READ}


@dataclass(frozen=True)
class Known:
    """What no assumption changes: made once of panel and evidence.

    Parameters
    ----------
    panel : DataFrame
        All the nation's municipalities.
    evidence : Evidence
        National figures.
    incomes : Carried
        Of declarants, in the last year.
    quoted : DataFrame
        Of :func:`needs_analysis.households.places.gross_rates`.
    renting : Series
        Share of renting households, raked to the regions.
    renting_kind : Series
        "observed", "census" or "model".
    in_force : mapping
        Parameters.
    regions : Index
        Codes of the nation's regions, sorted.
    home, group : ndarray of int, shape (units,)
        Row of each one's region; who shares its public dwellings: the region, or, after the regions,
        itself where it knows its own.
    """

    panel: pd.DataFrame
    evidence: Evidence
    incomes: burden.Distribution
    declarants: Array
    quoted: pd.DataFrame
    renting: pd.Series
    renting_kind: pd.Series
    in_force: Mapping[str, float]
    regions: pd.Index
    home: npt.NDArray[np.int_]
    group: npt.NDArray[np.int_]

    def rows(self, at: npt.NDArray[np.intp]) -> Known:
        """Keep some municipalities: what a run settles for all the nation is to be handed to it."""
        return replace(
            self, panel=self.panel.iloc[at], incomes=self.incomes.rows(at),
            declarants=self.declarants[at], quoted=self.quoted.iloc[at],
            renting=self.renting.iloc[at], renting_kind=self.renting_kind.iloc[at],
            home=self.home[at], group=self.group[at],
        )  # fmt: skip

    def of_scenario(self, scenario: Scenario) -> Municipalities:
        """Return the municipalities with a scenario's rents."""
        return places.municipalities(
            self.panel, self.incomes, self.declarants, self.quoted, self.in_force,
            growth=scenario.number("rent_growth_since_quotes_share"),
            spread=scenario.number("rent_range_share"),
        )  # fmt: skip


def know(
    panel: pd.DataFrame, evidence: Evidence, overrides: Mapping[str, float] | None = None
) -> Known:
    """Carry incomes, fill in rents and rake tenure: all that comes before an assumption.

    Parameters
    ----------
    panel : DataFrame
        By municipality_code, all the nation: columns of `panel.build`, with `province_code`,
        `region_code`, `income_territory`, and, where the user has them, `renting_share_observed` and
        `public_tenants_observed` (households).
    evidence : Evidence
        National figures.
    overrides : mapping of str to float, optional
        Parameters of a study.
    """
    values = parameters_read(overrides)
    own = places.income_classes(panel, values)
    logits, kind = places.renting_logits(panel)
    households = panel["households"]
    years = evidence.survey["year"].between(*evidence.years)
    regional = evidence.survey[years].groupby("territory")["renting_share"].mean()
    codes = pd.Index(sorted(panel["region_code"].unique()))
    row = places.positions(panel["region_code"], codes)
    shares = renting.raked_shares(
        logits, households, row, regional.reindex(codes), kind == "observed"
    )
    group, stock = row.copy(), _own_stock(panel)
    group[~np.isnan(stock)] = len(codes) + np.arange(np.count_nonzero(~np.isnan(stock)))
    return Known(
        panel, evidence, places.carried_incomes(panel, own, evidence), own.declarants,
        places.gross_rates(panel, values), pd.Series(shares, panel.index), kind, values,
        codes, row, group,
    )  # fmt: skip


def _own_stock(panel: pd.DataFrame) -> Array:
    """Return the public dwellings of the municipalities that know their own; NaN elsewhere."""
    known = panel.reindex(columns=["public_tenants_observed"])
    return np.asarray(known.to_numpy(dtype=float)[:, 0])


@dataclass(frozen=True)
class Settled:
    """What all the nation's municipalities settle together in a run; the rest each has of its own.

    Parameters
    ----------
    limits : ndarray, shape (bands - 1,)
        Of :func:`needs_analysis.households.burden.band_limits`.
    public : ndarray, shape (groups, bands)
        Of :func:`needs_analysis.households.renting.public_shares`.
    odds : ndarray, shape (regions,)
        Of :func:`needs_analysis.households.benchmark.raising_odds`.
    """

    limits: Array
    public: Array
    odds: Array


@dataclass(frozen=True)
class Tenants:
    """Tenants of every municipality under one scenario, before any benchmark.

    Parameters
    ----------
    renting, public : ndarray, shape (units,)
        Renting households, and those of them at a public or reduced rent.
    market : ndarray, shape (units, sizes)
        The others.
    private : ndarray, shape (units, bands)
        Share of the households of each national band of income that these are.
    public_shares : ndarray, shape (groups, bands)
        Of :func:`needs_analysis.households.renting.public_shares`.
    over_net, over_declared : ndarray, shape (units, sizes)
        Share of the market tenants that is burdened: B40 and B30.
    public_persons, would_be : ndarray, shape (units,)
        Persons at a public rent; households that would be over 40 % if they all rented.
    """

    renting: Array
    public: Array
    market: Array
    private: Array
    public_shares: Array
    over_net: Array
    over_declared: Array
    public_persons: Array
    would_be: Array

    @property
    def burdened(self) -> Array:
        """Return the burdened market tenants by size, households."""
        return np.asarray(self.market * self.over_net)


def tenants(
    known: Known,
    here: Municipalities,
    parts: Burdens,
    scenario: Scenario,
    settled: Settled | None = None,
) -> Tenants:
    """Let every household rent or not, and the public tenants leave, by bands of income.

    Parameters
    ----------
    known, scenario
        As in :func:`estimate`.
    here : Municipalities
        Their households by size.
    parts : Burdens
        Of the same municipalities, under the scenario's shape.
    settled : Settled, optional
        By a run of all the nation, where these are not all of it.
    """
    held = here.households[:, :, None] * parts.share
    in_band = held.sum(axis=1)
    gradient = scenario.number("renting_gradient_ratio")
    share = renting.shares_by_band(in_band, known.renting.to_numpy(), gradient=gradient)
    if settled is None:
        homes = public_homes(known, share * in_band, scenario.number("public_tenants"))
        poorest = scenario.number("public_tenants_poorest_share")
        taken = renting.public_shares(share * in_band, known.group, homes, poorest)
    else:
        taken = settled.public
    public = share * taken[known.group]
    private = share - public
    market = (held * private[:, None, :]).sum(axis=2)
    persons = (held * np.asarray(SIZES)[:, None]).sum(axis=1)
    burdened = [here.households[:, :, None] * one for one in (parts.over_net, parts.over_declared)]
    some = np.where(market > 0, market, 1.0)  # where all of a size rent from a public body
    over_net, over_declared = ((one * private[:, None, :]).sum(axis=2) / some for one in burdened)
    return Tenants(
        renting=(share * in_band).sum(axis=1),
        public=(public * in_band).sum(axis=1),
        market=market,
        private=private,
        public_shares=taken,
        over_net=np.clip(over_net, 0.0, 1.0),
        over_declared=np.clip(over_declared, 0.0, 1.0),
        public_persons=(public * persons).sum(axis=1),
        would_be=burdened[0].sum(axis=(1, 2)),
    )


def public_homes(known: Known, renters: Array, homes: float) -> Array:
    """Return how many public dwellings each group has: regions, and who knows its own.

    Regions whose stock is not known share what is left of Italy's by their renting households; a
    municipality's own stock is taken from its region's.
    """
    codes, row = known.regions, known.home
    total = np.array([fsum(renters[row == one].sum(axis=1)) for one in range(len(codes))])
    given = known.evidence.public_homes.reindex(codes).to_numpy(dtype=float)
    unknown = np.isnan(given)
    left = max(homes - fsum(given[~unknown]), 0.0)
    share = total / fsum(total[unknown]) if unknown.any() else total
    regional = np.where(unknown, left * share, given)
    own = _own_stock(known.panel)
    told = np.flatnonzero(~np.isnan(own))
    for one in range(len(codes)):
        regional[one] = max(regional[one] - fsum(own[told][row[told] == one]), 0.0)
    return np.concatenate([regional, own[told]])


def modelled(
    known: Known,
    scenario: Scenario,
    count: int = burden.POINTS,
    seed: int = burden.SEED,
    settled: Settled | None = None,
) -> tuple[Tenants, Burdens]:
    """Run the model under one scenario, before any benchmark.

    Over all municipalities, or over any of them with what a run of all has settled: each has the same
    figures, to the last bit.
    """
    here = known.of_scenario(scenario)
    shape = scenario.shape(known.in_force)
    ranks = burden.points(count, seed, shape.income_correlation)
    if settled is None:
        few = burden.points(LIMIT_POINTS, burden.SEED, shape.income_correlation)
        limits = burden.band_limits(here, few, shape)
    else:
        limits = settled.limits
    parts = burden.burdens(here, ranks, shape, limits)
    return tenants(known, here, parts, scenario, settled), parts


def regional_targets(
    known: Known, own: Tenants, survey: Benchmark, reduced_share: float
) -> pd.DataFrame:
    r"""Return the rate asked of each region's market tenants, by persons; macro-areas hold exactly.

    .. math:: \sum_{r \in m} (T_r M_r + c P_r) = i_m \sum_{r \in m} (M_r + P_r)

    with M the persons of market tenants, P those at a reduced rent, c the rate of the latter, and T_r
    in proportion to the region's shrunken rate.

    Returns
    -------
    DataFrame
        By region_code: `macro_area`, `market_persons`, `reduced_persons`, `model_rate` of market
        tenants, `rate` asked of them.
    """
    codes, row = known.regions, known.home
    market, burdened = ((one * np.asarray(SIZES)).sum(axis=1) for one in (own.market, own.burdened))
    rows = [row == one for one in range(len(codes))]
    frame = survey.regions.reindex(codes)[["macro_area", "rate"]].copy()
    frame["market_persons"] = [fsum(market[one]) for one in rows]
    frame["reduced_persons"] = [fsum(own.public_persons[one]) for one in rows]
    frame["model_rate"] = [fsum(burdened[one]) for one in rows] / frame["market_persons"]
    persons = frame["market_persons"] + frame["reduced_persons"]
    asked = frame["rate"] * persons - reduced_share * frame["reduced_persons"]
    asked = asked.clip(lower=0.0)
    for area, rate in survey.macro_areas.items():
        members = frame["macro_area"] == area
        whole = rate * fsum(persons[members])
        whole = max(whole - reduced_share * fsum(frame["reduced_persons"][members]), 0.0)
        asked[members] *= whole / fsum(asked[members]) if members.any() else 1.0
    frame["rate"] = (asked / frame["market_persons"]).clip(upper=0.99)
    return frame


def benchmarked(
    known: Known, own: Tenants, scenario: Scenario, count: int = burden.POINTS,
    seed: int = burden.SEED,
) -> tuple[Array, pd.DataFrame]:  # fmt: skip
    """Return what the benchmark multiplies each region's odds by, and the targets it meets so.

    The survey counts those over 40 %: where another share is asked for, the odds are those that bring
    the model over 40 % to it, which then hold for the share asked for.
    """
    if known.in_force["overburden_share"] != SURVEY_SHARE:
        as_surveyed = {**known.in_force, "overburden_share": SURVEY_SHARE}
        own, _ = modelled(replace(known, in_force=as_surveyed), scenario, count, seed)
    regional = known.panel["households"].groupby(known.panel["region_code"]).agg(fsum)
    survey = regional_benchmark(
        known.evidence.survey, regional, scenario.number("owners_overburden_share"),
        known.evidence.years,
    )  # fmt: skip
    reduced = scenario.number("reduced_rent_overburden_share")
    targets = regional_targets(known, own, survey, reduced)
    persons = own.market * np.asarray(SIZES)
    return raising_odds(own.over_net, persons, known.home, targets["rate"]), targets


def over_after(known: Known, own: Tenants, odds: Array) -> Array:
    """Return the share of market tenants over the share asked for, by size, after the benchmark."""
    return with_odds(own.over_net, own.market * np.asarray(SIZES), known.home, odds)
