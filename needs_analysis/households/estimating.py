"""The estimate: overburdened tenants of every municipality, with interval, and what moves it most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from needs_analysis.figures import (
    Figures,
    Quality,
    as_figures,
    joint_vintage,
    wanted_frame,
)
from needs_analysis.households import burden
from needs_analysis.households.benchmark import apart
from needs_analysis.households.density import Array
from needs_analysis.households.model import (
    Known,
    Tenants,
    benchmarked,
    know,
    modelled,
    tenants,
)
from needs_analysis.households.places import NEEDED, Evidence
from needs_analysis.households.scenario import DIRECTIONS, Scenario
from needs_analysis.households.sizes import SIZES

OF_TENURE = ("renting_gradient_ratio", "public_tenants", "public_tenants_poorest_share")
OF_BENCHMARK = ("owners_overburden_share", "reduced_rent_overburden_share")
RENTING = "renting_error_share"
TORNADO_POINTS = 128
_LEAST_OF_RENTING = 0.25


@dataclass(frozen=True)
class Estimate:
    """What the model says of every municipality.

    Parameters
    ----------
    figures : Figures
        By municipality_code, each with low and high: `renting_households`, `public_tenants`,
        `market_tenants`, `overburdened_tenants` and `overburdened_tenant_persons` (over the share of
        net income, benchmarked), `overburdened_tenants_of_model` (before the benchmark),
        `burdened_tenants_declared` (over the share of declared income, not benchmarked),
        `overburdened_if_renting` (all households), and of these `overburdened_tenants_per_1000`
        households and `overburdened_tenants_share` of market tenants.
    by_size : DataFrame
        Central overburdened tenants by municipality and size of household.
    regions : DataFrame
        By region_code: rate of market tenants' persons in the model and as asked by the survey, and
        `apart`: by how many times they differ, where that is more than ``benchmark_apart_ratio``.
    scenario : Scenario
        The central one.
    tenure : DataFrame
        By municipality what its market tenants are drawn from again (:func:`drawn.draw`): how many there
        are of each size (`market_1.0`, ...), their share of the households of each national band of
        income (`private_1`, ...), and the upper limits of the bands (`limit_1`, ..., EUR of equivalised
        net income), the same everywhere.
    integration_error : Series
        By municipality: by how much the share of its market tenants over 40 %, before the benchmark,
        differs with another scramble of the points.
    """

    figures: Figures
    by_size: pd.DataFrame
    regions: pd.DataFrame
    scenario: Scenario
    tenure: pd.DataFrame = field(default_factory=pd.DataFrame)
    integration_error: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))

    def __repr__(self) -> str:
        """Say what it counts."""
        counted = self.figures.data["overburdened_tenants"]
        ends = self.figures.low["overburdened_tenants"], self.figures.high["overburdened_tenants"]
        low, high = (float(one.sum()) for one in ends)
        return (
            f"<Estimate of {len(counted)} municipalities: {counted.sum():,.0f} overburdened market "
            f"tenants ({low:,.0f}-{high:,.0f})>"
        )


def estimate(
    panel: pd.DataFrame | Figures,
    evidence: Evidence,
    scenario: Scenario | None = None,
    overrides: Mapping[str, float] | None = None,
    count: int = burden.POINTS,
    seed: int = burden.SEED,
) -> Estimate:
    """Estimate the overburdened tenants of all municipalities at once.

    Parameters
    ----------
    panel : DataFrame or Figures
        As :func:`needs_analysis.households.model.know` takes it.
    evidence : Evidence
        National figures.
    scenario : Scenario, optional
        The central one; low and high are those of the rows of ``parameters.csv``, unless the central
        one stands beyond.
    overrides : mapping of str to float, optional
        Parameters of a study.
    count, seed : int
        Points, a power of two, and the seed of their scrambling; low and high take half as many.

    Returns
    -------
    Estimate
        Low and high hold the benchmarked scenarios, the central model before its benchmark, and the
        error of a renting share that was not observed.

    Notes
    -----
    Rent alone; the survey counts utilities too. Modelled: an order of magnitude for one municipality.
    """
    given = as_figures(panel)
    wanted_frame(given.data, *NEEDED)
    central = Scenario.of(overrides) if scenario is None else scenario
    known = know(given.data, evidence, overrides)
    own, parts = modelled(known, central, count, seed)
    after, targets = benchmarked(known, own, central)
    ends = []
    for one in (Scenario.low(), Scenario.high()):
        run, _ = modelled(known, one, count // 2, seed)  # an end needs no more
        ends.append((run, benchmarked(known, run, one)[0]))
    columns = _columns(known, own, after, ends)
    return Estimate(
        figures=_figures(given, known, columns),
        by_size=pd.DataFrame(own.market * after, given.data.index, [str(s) for s in SIZES]),
        regions=targets.assign(apart=apart(targets["model_rate"], targets["rate"],
                                           known.in_force["benchmark_apart_ratio"])),
        scenario=central,
        tenure=_tenure(own, parts.limits, given.data.index),
        integration_error=_integration_error(known, own, central, count, seed),
    )  # fmt: skip


def _tenure(own: Tenants, limits: Array, index: pd.Index) -> pd.DataFrame:
    every = np.broadcast_to(limits, (len(index), len(limits)))
    names = [f"market_{one}" for one in SIZES]
    for part, many in (("private", own.private), ("limit", every)):
        names += [f"{part}_{band + 1}" for band in range(many.shape[1])]
    return pd.DataFrame(np.column_stack([own.market, own.private, every]), index, names)


def _columns(
    known: Known, own: Tenants, after: Array, ends: list[tuple[Tenants, Array]]
) -> dict[str, tuple[Array, Array, Array]]:
    """Return central, low and high of each figure."""
    factors = renting_factors(known)
    persons = np.asarray(SIZES)
    runs = [(own, after), *ends]
    burdened = [(run.market * rate).sum(axis=1) for run, rate in runs] + [own.burdened.sum(axis=1)]
    people = [(run.market * rate * persons).sum(axis=1) for run, rate in runs]
    people += [(own.burdened * persons).sum(axis=1)]
    declared = [(run.market * run.over_declared).sum(axis=1) for run, _ in runs]
    market = [run.market.sum(axis=1) for run, _ in runs]
    some = np.where(market[0] > 0, market[0], np.nan)
    rates = [np.minimum(one / some, 1.0) for one in burdened]
    households = known.panel["households"].to_numpy(dtype=float)
    counts = {
        "renting_households": [run.renting for run, _ in runs],
        "public_tenants": [run.public for run, _ in runs],
        "market_tenants": market,
        "overburdened_tenants": burdened,
        "overburdened_tenant_persons": people,
        "overburdened_tenants_of_model": [run.burdened.sum(axis=1) for run, _ in runs],
        "burdened_tenants_declared": declared,
        "overburdened_tenants_per_1000": [1000 * one / households for one in burdened],
    }
    found = {name: _hull(parts, factors) for name, parts in counts.items()}
    found["overburdened_tenants_share"] = _hull(rates, (1.0, 1.0))
    found["overburdened_if_renting"] = _hull([run.would_be for run, _ in runs], (1.0, 1.0))
    return found


def _hull(
    parts: list[Array], factors: tuple[Array | float, Array | float]
) -> tuple[Array, Array, Array]:
    stacked = np.stack(parts)
    return parts[0], stacked.min(axis=0) * factors[0], stacked.max(axis=0) * factors[1]


def renting_factors(known: Known) -> tuple[Array, Array]:
    """Return what low and high renting shares are to the central one, by municipality.

    An observed share has no error; one of 2011 brought to today and a modelled one have those of their
    rows of ``parameters.csv``, in points.
    """
    share = known.renting.to_numpy()
    points = known.renting_kind.map(
        {"observed": 0.0, "census": known.in_force["renting_census_error_share"],
         "model": known.in_force["renting_error_share"]}
    ).to_numpy(dtype=float)  # fmt: skip
    low = np.maximum(share - points, _LEAST_OF_RENTING * share)
    return low / share, np.minimum(share + points, 1.0) / share


def _figures(
    given: Figures, known: Known, columns: Mapping[str, tuple[Array, Array, Array]]
) -> Figures:
    index = given.data.index
    central, low, high = (
        pd.DataFrame({name: parts[k] for name, parts in columns.items()}, index) for k in range(3)
    )
    quality = np.where(known.quoted["imputed"], Quality.IMPUTED, Quality.MODELLED)
    used = [
        one for one in ("rent_eur_m2_month", "declarants_0_10k", "households") if one in given.data
    ]
    dates = joint_vintage(given.vintage[used].assign(evidence=known.evidence.vintage))
    stated = [s for one in used for s in given.sources.get(one, ())]
    sources = tuple(dict.fromkeys([*stated, *known.evidence.sources]))
    return Figures.of(
        central,
        quality=pd.DataFrame(dict.fromkeys(columns, quality), index=index),
        vintage=pd.DataFrame(dict.fromkeys(columns, dates)),
        low=low,
        high=high,
        sources=dict.fromkeys(columns, sources),
    )


def _integration_error(
    known: Known, own: Tenants, scenario: Scenario, count: int, seed: int
) -> pd.Series:
    """Return how far another scramble of the points is, in shares of the market tenants."""
    other, _ = modelled(known, scenario, count, seed + 1)
    shares = [one.burdened.sum(axis=1) / one.market.sum(axis=1) for one in (own, other)]
    return pd.Series(np.abs(shares[0] - shares[1]), known.panel.index)


def tornado(
    panel: pd.DataFrame,
    evidence: Evidence,
    scenario: Scenario | None = None,
    overrides: Mapping[str, float] | None = None,
    count: int = TORNADO_POINTS,
    assumptions: Iterable[str] = tuple(DIRECTIONS),
) -> pd.DataFrame:
    """Return the overburdened tenants with one assumption at a time at its low and its high end.

    Parameters
    ----------
    panel, evidence, scenario, overrides
        As in :func:`estimate`.
    count : int
        Points: the same for every run.
    assumptions : iterable of str
        Which ones, of `DIRECTIONS`; the error of a renting share that was not observed comes with them.

    Returns
    -------
    DataFrame
        By municipality; columns (assumption, "low" or "high") and ("central", ""), benchmarked.

    Notes
    -----
    The benchmark takes up what an assumption does to a whole macro-area: what is left is what it does
    to one place against the others.
    """
    central = Scenario.of(overrides) if scenario is None else scenario
    known = know(wanted_frame(panel, *NEEDED), evidence, overrides)
    own, parts = modelled(known, central, count)
    found = {("central", ""): _counted(known, own, central)}
    for name in assumptions:
        for side, varied in zip(("low", "high"), central.varied(name), strict=True):
            if name in OF_BENCHMARK:
                run = own
            elif name in OF_TENURE:
                run = tenants(known, known.of_scenario(varied), parts, varied)
            else:
                run, _ = modelled(known, varied, count)
            found[name, side] = _counted(known, run, varied)
    low, high = renting_factors(known)
    found[RENTING, "low"] = found["central", ""] * low
    found[RENTING, "high"] = found["central", ""] * high
    return pd.DataFrame(found, index=panel.index)


def _counted(known: Known, own: Tenants, scenario: Scenario) -> Array:
    after, _ = benchmarked(known, own, scenario)
    return np.asarray((own.market * after).sum(axis=1))


def moved_most(moves: pd.DataFrame, units: Iterable[str]) -> pd.DataFrame:
    """Return which assumption moves the answer of some municipalities most, the first first.

    Parameters
    ----------
    moves : DataFrame
        Of :func:`tornado`.
    units : iterable of str
        Municipality codes.

    Returns
    -------
    DataFrame
        By assumption: `low`, `central`, `high` (overburdened tenants) and `span`.

    Examples
    --------
    >>> columns = pd.MultiIndex.from_tuples(
    ...     [("central", ""), ("a", "low"), ("a", "high"), ("b", "low"), ("b", "high")])
    >>> moves = pd.DataFrame([[10.0, 9.0, 11.0, 4.0, 12.0]], ["108033"], columns)
    >>> moved_most(moves, ["108033"])["span"].to_dict()
    {'b': 8.0, 'a': 2.0}
    """
    wanted_frame(moves, ("central", ""))  # type: ignore[arg-type]  # a column of two levels
    summed = moves.loc[list(units)].sum()
    central = float(summed["central", ""])
    sides = {side: summed.xs(side, level=1) for side in ("low", "high")}
    found = pd.DataFrame(sides).assign(central=central)[["low", "central", "high"]]
    found["span"] = (found["high"] - found["low"]).abs()
    return found.sort_values("span", ascending=False, kind="stable")
