"""The estimate: overburdened tenants of every municipality, with interval, and what moves it most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from needs_analysis.figures import (
    Displayed,
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
    Settled,
    Tenants,
    benchmarked,
    know,
    modelled,
    over_after,
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
class Estimate(Displayed):
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
    market : DataFrame
        Central market tenants by municipality and size of household.
    integration_error : Series
        By municipality: by how much the share of its market tenants over 40 %, before the benchmark,
        differs with another scramble of the points.
    settled : Settled, optional
        What all the nation settled in the central run: with it any municipality is run again alone.
    """

    figures: Figures
    by_size: pd.DataFrame
    regions: pd.DataFrame
    scenario: Scenario
    market: pd.DataFrame = field(default_factory=pd.DataFrame)
    integration_error: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    settled: Settled | None = None

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
    return assembled(given, known, *runs(known, central, count, seed), central)


def runs(
    known: Known, central: Scenario, count: int = burden.POINTS, seed: int = burden.SEED
) -> tuple[pd.DataFrame, pd.DataFrame, Settled]:
    """Run the model central, low and high: all that takes long, of which the rest is made.

    Returns
    -------
    DataFrame
        By municipality the sums of each run (`central:renting`, `low:market`, ...), the central market
        tenants (`market_1.0`, ...) and overburdened (`over_1.0`, ...) by size, `integration_error`.
    DataFrame
        By region, of :func:`needs_analysis.households.model.regional_targets`.
    Settled
        In the central run.
    """
    own, parts = modelled(known, central, count, seed)
    odds, targets = benchmarked(known, own, central, count, seed)
    after = over_after(known, own, odds)
    found = _sums("central", own, after)
    for at, size in enumerate(SIZES):
        found[f"market_{size}"] = own.market[:, at]
        found[f"over_{size}"] = (own.market * after)[:, at]
    for name, one in (("low", Scenario.low()), ("high", Scenario.high())):
        run, _ = modelled(known, one, count // 2, seed)  # an end needs no more
        odds_of_end, _ = benchmarked(known, run, one, count // 2, seed)
        found |= _sums(name, run, over_after(known, run, odds_of_end))
    for name in _OF_SIZES:  # their sizes are kept
        del found[f"central:{name}"]
    found["integration_error"] = _integration_error(known, own, central, count, seed)
    settled = Settled(parts.limits, own.public_shares, odds)
    return pd.DataFrame(found, known.panel.index), targets, settled


_OF_SIZES = ("market", "over", "persons")


def _sums(name: str, run: Tenants, after: Array) -> dict[str, Array]:
    """Return what a run counts of each municipality, sizes summed."""
    by_size = {
        "market": run.market, "over": run.market * after, "of_model": run.burdened,
        "declared": run.market * run.over_declared,
    }  # fmt: skip
    found = {key: many.sum(axis=1) for key, many in by_size.items()}
    found |= {"renting": run.renting, "public": run.public, "would_be": run.would_be}
    persons = {"persons": run.market * after, "persons_of_model": run.burdened}
    found |= {key: (many * np.asarray(SIZES)).sum(axis=1) for key, many in persons.items()}
    return {f"{name}:{key}": one for key, one in found.items()}


def tenure_of(own: Tenants, limits: Array, index: pd.Index) -> pd.DataFrame:
    """Return by municipality what its market tenants are drawn from (:func:`drawn.draw`).

    Parameters
    ----------
    own : Tenants
        Of the central run.
    limits : ndarray
        Of its bands.
    index : Index
        Municipality codes.

    Returns
    -------
    DataFrame
        How many there are of each size (`market_1.0`, ...), their share of the households of each
        national band of income (`private_1`, ...), and the upper limits of the bands (`limit_1`, ...,
        EUR of equivalised net income), the same everywhere.
    """
    every = np.broadcast_to(limits, (len(index), len(limits)))
    names = [f"market_{one}" for one in SIZES]
    for part, many in (("private", own.private), ("limit", every)):
        names += [f"{part}_{band + 1}" for band in range(many.shape[1])]
    return pd.DataFrame(np.column_stack([own.market, own.private, every]), index, names)


def assembled(
    given: Figures,
    known: Known,
    kept: pd.DataFrame,
    targets: pd.DataFrame,
    settled: Settled,
    central: Scenario,
) -> Estimate:
    """Make the estimate of what :func:`runs` gives."""
    by_size = {
        name: pd.DataFrame(kept[[f"{name}_{one}" for one in SIZES]]).set_axis(
            [str(one) for one in SIZES], axis=1
        )
        for name in ("over", "market")
    }
    return Estimate(
        figures=_figures(given, known, _columns(known, kept)),
        by_size=by_size["over"],
        regions=targets.assign(apart=apart(targets["model_rate"], targets["rate"],
                                           known.in_force["benchmark_apart_ratio"])),
        scenario=central,
        market=by_size["market"],
        integration_error=kept["integration_error"],
        settled=settled,
    )  # fmt: skip


def _columns(known: Known, kept: pd.DataFrame) -> dict[str, tuple[Array, Array, Array]]:
    """Return central, low and high of each figure."""
    factors = renting_factors(known)
    # In rows, one after the other: summed as they were when the ends were.
    market, over = (
        np.ascontiguousarray(kept[[f"{one}_{size}" for size in SIZES]].to_numpy(dtype=float))
        for one in ("market", "over")
    )
    of_sizes = {"market": market, "over": over, "persons": over * np.asarray(SIZES)}
    sums = {f"central:{name}": one.sum(axis=1) for name, one in of_sizes.items()}
    sums |= {str(name): kept[name].to_numpy(dtype=float) for name in kept if ":" in str(name)}

    def of_runs(name: str) -> list[Array]:
        return [sums[f"{run}:{name}"] for run in ("central", "low", "high")]

    burdened = [*of_runs("over"), sums["central:of_model"]]
    some = np.where(sums["central:market"] > 0, sums["central:market"], np.nan)
    households = known.panel["households"].to_numpy(dtype=float)
    counts = {
        "renting_households": of_runs("renting"),
        "public_tenants": of_runs("public"),
        "market_tenants": of_runs("market"),
        "overburdened_tenants": burdened,
        "overburdened_tenant_persons": [*of_runs("persons"), sums["central:persons_of_model"]],
        "overburdened_tenants_of_model": of_runs("of_model"),
        "burdened_tenants_declared": of_runs("declared"),
        "overburdened_tenants_per_1000": [1000 * one / households for one in burdened],
    }
    found = {name: _hull(parts, factors) for name, parts in counts.items()}
    rates = [np.minimum(one / some, 1.0) for one in burdened]
    found["overburdened_tenants_share"] = _hull(rates, (1.0, 1.0))
    found["overburdened_if_renting"] = _hull(of_runs("would_be"), (1.0, 1.0))
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
) -> Array:
    """Return how far another scramble of the points is, in shares of the market tenants."""
    other, _ = modelled(known, scenario, count, seed + 1)
    shares = [one.burdened.sum(axis=1) / one.market.sum(axis=1) for one in (own, other)]
    return np.asarray(np.abs(shares[0] - shares[1]))


Run = tuple[str, str]
"""An assumption and its "low" or "high" end; ("central", "") where none is moved."""
_CENTRAL = ("central", "")


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
    return moved(known, central, count, assumptions)[0]


def moved(
    known: Known,
    central: Scenario,
    count: int = TORNADO_POINTS,
    assumptions: Iterable[str] = tuple(DIRECTIONS),
    settled: Mapping[Run, Settled] | None = None,
) -> tuple[pd.DataFrame, dict[Run, Settled]]:
    """Return what :func:`tornado` gives, and what all the nation settled in each run.

    Parameters
    ----------
    known : Known
        Of all the nation, or of any of its municipalities with what it `settled`.
    central, count, assumptions
        As there.
    settled : mapping, optional
        Of a call for all the nation.
    """
    given = {} if settled is None else settled
    own, parts = modelled(known, central, count, settled=given.get(_CENTRAL))
    every = {_CENTRAL: (own, central, parts.limits)}
    for name in assumptions:
        for side, varied in zip(("low", "high"), central.varied(name), strict=True):
            run, limits, one = own, parts.limits, given.get((name, side))
            if name in OF_TENURE:
                run = tenants(known, known.of_scenario(varied), parts, varied, one)
            elif name not in OF_BENCHMARK:
                run, its_own = modelled(known, varied, count, settled=one)
                limits = its_own.limits
            every[name, side] = run, varied, limits
    found, made = {}, {}
    for which, (run, varied, limits) in every.items():
        odds = given[which].odds if given else benchmarked(known, run, varied, count)[0]
        made[which] = Settled(limits, run.public_shares, odds)
        found[which] = (run.market * over_after(known, run, odds)).sum(axis=1)
    low, high = renting_factors(known)
    found[RENTING, "low"] = found[_CENTRAL] * low
    found[RENTING, "high"] = found[_CENTRAL] * high
    return pd.DataFrame(found, index=known.panel.index), made


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
