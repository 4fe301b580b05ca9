"""What is known of all municipalities, put in the form that the model reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.households import carrying, incomes, rents, sizes
from needs_analysis.households.burden import Distribution, Municipalities
from needs_analysis.households.density import Array
from needs_analysis.households.renting import predicted_logits
from needs_analysis.municipal.incomes import CLASSES, DECLARANTS

COUNTS = [*DECLARANTS]
AMOUNTS = [f"income_{one}_eur" for one in CLASSES]
NEEDED = (
    "region_code", "province_code", "income_territory", "urbanisation_code", "area_km2",
    "resident_population", "residents_by_age", "residents_18_34", "residents_65_over", "households",
    "net_income_eur", "taxable_income_eur", *COUNTS, *AMOUNTS, "rent_eur_m2_month",
    "rent_low_eur_m2_month", "rent_high_eur_m2_month", "rent_surface_code",
    "renting_households_2011", "households_by_tenure_2011",
)  # fmt: skip
"""The columns of a panel that the model reads."""


@dataclass(frozen=True)
class Evidence:
    """National figures beside those of the municipalities.

    Parameters
    ----------
    regional_incomes : DataFrame
        A later year by territory (`income_territory` of the municipalities), columns a MultiIndex of
        ("declarants", "income_eur") and the lower limits of the classes of income; -1 is "up to 0".
    later_means : DataFrame
        The last year by municipality: `comprehensive_declarants`, `comprehensive_income_eur`.
    survey : DataFrame
        As :func:`needs_analysis.households.benchmark.implied_rates` takes it, shares 0-1.
    years : tuple of int
        First and last of the survey's mean.
    public_homes : Series
        Occupied public dwellings by region_code where known; the others share what is left of Italy's.
    vintage : str
        The dates of all these, as figures have them.
    sources : tuple of str
        Their ids.
    """

    regional_incomes: pd.DataFrame
    later_means: pd.DataFrame
    survey: pd.DataFrame
    years: tuple[int, int] = (2023, 2025)
    public_homes: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    vintage: str = ""
    sources: tuple[str, ...] = ()


def income_classes(panel: pd.DataFrame, values: Mapping[str, float]) -> incomes.Incomes:
    """Return the densities of the panel's eight classes; tails lean on provinces.

    Parameters
    ----------
    panel : DataFrame
        All the nation's municipalities, with `province_code`, counts and amounts of the classes.
    values : mapping
        Parameters in force.
    """
    tails = incomes.tail_means(panel[COUNTS[-1]], panel[AMOUNTS[-1]], panel["province_code"])
    return incomes.fit(
        panel[COUNTS],
        panel[AMOUNTS],
        province_tails=tails,
        hidden=values["suppressed_class_max_taxpayers"],
        few=values["tail_declarants_min"],
    )


def carried_incomes(
    panel: pd.DataFrame, own: incomes.Incomes, evidence: Evidence
) -> carrying.Carried:
    """Return the incomes of the last year: the region's quantiles, then the growth of means.

    Parameters
    ----------
    panel : DataFrame
        All the nation's municipalities, with `income_territory` and the eight classes.
    own : Incomes
        Of :func:`income_classes`.
    evidence : Evidence
        `regional_incomes` and `later_means`.
    """
    regional = evidence.regional_incomes.sort_index()
    home = panel["income_territory"]
    pooled = carrying.pooled(panel[[*COUNTS, *AMOUNTS]], home).reindex(regional.index)
    earlier = incomes.fit(pooled[COUNTS], pooled[AMOUNTS])
    counts, amounts = (pd.DataFrame(regional[one]) for one in ("declarants", "income_eur"))
    limits = [one for one in counts.columns.astype(int) if one >= 0]
    later = incomes.fit(counts, amounts, limits)
    last = evidence.later_means.reindex(panel.index)
    people, money = last["comprehensive_declarants"], last["comprehensive_income_eur"]
    before = _mean(panel[AMOUNTS].sum(axis=1), panel[COUNTS].sum(axis=1))
    summed = carrying.pooled(pd.DataFrame({"n": people, "a": money}), home).reindex(regional.index)
    last_mean = _mean(summed["a"], summed["n"])
    first_mean = _mean(pooled[AMOUNTS].sum(axis=1), pooled[COUNTS].sum(axis=1))
    later_mean = _mean(amounts.sum(axis=1), counts.sum(axis=1))
    row = positions(home, regional.index)
    return carrying.carry(
        own, row, earlier, later,
        growth=_mean(money, people) / before,
        region_growth=(last_mean / first_mean).to_numpy()[row],
        beyond=(last_mean / later_mean).to_numpy()[row],
    )  # fmt: skip


def _mean(amount: pd.Series, count: pd.Series) -> pd.Series:
    return amount / count.where(count > 0)


def gross_rates(panel: pd.DataFrame, values: Mapping[str, float]) -> pd.DataFrame:
    """Return mean, lowest and highest rent a month and gross m2; who has none takes its likes'.

    Returns
    -------
    DataFrame
        `mean`, `low`, `high` in EUR, and `imputed`: the median of province and degree of
        urbanisation, else of the region, else of Italy.
    """
    share = values["reference_dwelling_net_m2"] / values["reference_dwelling_gross_m2"]
    per_gross = pd.Series(np.where(panel["rent_surface_code"] == "N", share, 1.0), panel.index)
    names = {"mean": "rent_eur_m2_month", "low": "rent_low_eur_m2_month",
             "high": "rent_high_eur_m2_month"}  # fmt: skip
    found = pd.DataFrame({key: panel[name] * per_gross for key, name in names.items()})
    blank = found["mean"].isna()
    province, region = panel["province_code"], panel["region_code"]
    italy = pd.Series("", panel.index)
    for near in (province + panel["urbanisation_code"], region, italy):
        medians = found[~blank].groupby(near[~blank]).median()
        found = found.fillna(medians.reindex(near).set_axis(panel.index))
    return found.assign(imputed=blank)


def municipalities(
    panel: pd.DataFrame,
    own: Distribution,
    declarants: Array,
    quoted: pd.DataFrame,
    values: Mapping[str, float],
    growth: float,
    spread: float,
) -> Municipalities:
    """Put incomes, sizes, earners, dwellings and rents of municipalities side by side.

    Parameters
    ----------
    panel : DataFrame
        `resident_population`, `households`, `net_income_eur`, `taxable_income_eur`.
    own : Incomes or Carried
        Of the declarants, in the panel's order.
    declarants : ndarray
        Sum of the eight classes.
    quoted : DataFrame
        Of :func:`gross_rates`.
    values : mapping
        Parameters in force: the two surfaces of the reference dwelling.
    growth, spread : float
        Of :func:`needs_analysis.households.rents.rates`.
    """
    households = panel["households"].to_numpy(dtype=float)
    shares = sizes.size_shares(panel["resident_population"] / panel["households"])
    held = shares * households[:, None]
    gross = values["reference_dwelling_gross_m2"] / values["reference_dwelling_net_m2"]
    return Municipalities(
        incomes=own,
        households=held,
        earners=sizes.earners(declarants, held),
        dwelling_m2=np.broadcast_to(rents.dwelling_m2() * gross, held.shape),
        net_share=(panel["net_income_eur"] / panel["taxable_income_eur"]).to_numpy(dtype=float),
        rates=rents.rates(quoted["mean"], quoted["low"], quoted["high"], growth, spread),
    )


def renting_logits(panel: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the logit of every municipality's renting share before raking, and where it is from.

    Returns
    -------
    tuple of Series
        Logits; kinds: "observed" (`renting_share_observed`, where the panel has it), "census" (2011
        census areas) or "model".
    """
    young, old = panel["residents_18_34"], panel["residents_65_over"]
    frame = pd.DataFrame(
        {
            "log_density": np.log(panel["resident_population"] / panel["area_km2"]),
            "log_mean_size": np.log(panel["resident_population"] / panel["households"]),
            "log_income": np.log(panel[AMOUNTS].sum(axis=1) / panel[COUNTS].sum(axis=1)),
            "older_share": old / panel["residents_by_age"],
            "young_share": young / panel["residents_by_age"],
            "households": panel["households"],
        }
    )
    census = panel["renting_households_2011"] / panel["households_by_tenure_2011"]
    observed = panel.reindex(columns=["renting_share_observed"]).iloc[:, 0]
    kinds = np.select([observed.notna(), census.notna()], ["observed", "census"], "model")
    logits = predicted_logits(frame, census)
    known = observed.to_numpy(dtype=float)
    with np.errstate(divide="ignore"):
        own = np.log(known / (1 - known))
    return logits.where(observed.isna(), pd.Series(own, panel.index)), pd.Series(kinds, panel.index)


def positions(codes: pd.Series, of: pd.Index) -> npt.NDArray[np.int_]:
    """Return the row of each unit's code; -1 where it is not there."""
    return np.asarray(of.get_indexer(pd.Index(codes)))
