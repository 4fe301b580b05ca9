"""What weighs in a municipal rent: people of zones, and of the municipalities merged into one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.errors import Messages, ParameterError
from needs_analysis.municipal.rents.zones import zone_population
from needs_analysis.sources.omi_rates import in_mean
from needs_analysis.territory import history
from needs_analysis.territory.codes import day_of
from needs_analysis.words import N_

problem = Messages(
    "weights",
    {"wrong_weights": N_("I pesi delle zone devono essere numeri non negativi, uno per zona")},
)


def zones_in_mean(quotes: pd.DataFrame, zone_weights: pd.Series) -> pd.DataFrame:
    r"""Quotes that enter the rent of a municipality, each zone weighted by its population.

    .. math:: r_m = \sum_{z \in Z_m} w_z \frac{low_z + high_z}{2}, \quad
              w_z = P_z \Big/ \sum_{y \in Z_m} P_y

    over the same zones as :func:`needs_analysis.sources.omi_rates.municipal`. A municipality where a
    zone of the mean has no weight, or all have none, counts its zones alike.

    Parameters
    ----------
    quotes : DataFrame
        Rows of :func:`needs_analysis.sources.omi_values.read`, of one half-year.
    zone_weights : Series of float
        Persons, or any weight, by (cadastral_code, zone_code): `ZonePopulation.by_zone`.

    Returns
    -------
    DataFrame
        Rows of `quotes` with `midpoint` (EUR/m2/month), `people` (the weight given; NaN where there
        is none), `weight` (adds up to 1 in a municipality) and `rent_weighting_code`: "P" by
        population, "Z" zones alike.

    Raises
    ------
    ParameterError
        If a weight is negative or infinite, or a zone has two.

    Examples
    --------
    >>> quotes = pd.DataFrame({
    ...     "cadastral_code": ["F704", "F704"], "zone_code": ["B1", "C1"], "typology_code": "20",
    ...     "is_prevalent": True, "rent_low_eur_m2_month": [7.0, 6.0],
    ...     "rent_high_eur_m2_month": [9.0, 8.0], "rent_surface_code": "L"})
    >>> weights = pd.Series({("F704", "B1"): 1000.0, ("F704", "C1"): 3000.0})
    >>> used = zones_in_mean(quotes, weights)
    >>> (used["midpoint"] * used["weight"]).sum().item()
    7.25
    """
    if not zone_weights.index.is_unique or (zone_weights < 0).any() or np.isinf(zone_weights).any():
        raise ParameterError(problem("wrong_weights"))
    used = in_mean(quotes)
    place = used["cadastral_code"]
    zone = pd.MultiIndex.from_frame(used[["cadastral_code", "zone_code"]])
    people = pd.Series(zone_weights.reindex(zone).to_numpy(dtype="float64"), index=used.index)
    total = people.groupby(place).transform("sum")
    by_people = people.notna().groupby(place).transform("all") & (total > 0)
    alike = 1 / place.groupby(place).transform("size")
    return used.assign(
        people=people,
        weight=(people / total.where(total > 0)).where(by_people, alike),
        rent_weighting_code=np.where(by_people, "P", "Z"),
    )


def merge_predecessors(
    rents: pd.DataFrame, successor: pd.Series, weights: pd.Series
) -> pd.DataFrame:
    r"""Bring municipal rents to the municipalities that exist now.

    .. math:: r = \sum_p w_p r_p / \sum_p w_p

    over the predecessors with a quote, of the surface kind that weighs most; the range is the widest.

    Parameters
    ----------
    rents : DataFrame
        From :func:`needs_analysis.sources.omi_rates.municipal`, indexed by cadastral_code;
        with `rent_weighting_code` or without.
    successor : Series of str
        The municipality_code of today for each cadastral code; NaN drops the row.
    weights : Series of float
        Resident population in 2011 by cadastral code.

    Returns
    -------
    DataFrame
        Indexed by municipality_code; `predecessors` counts the municipalities it comes from;
        `rent_weighting_code` is "M" where predecessors differ in it.
    """
    rows = rents.assign(
        municipality_code=successor.reindex(rents.index),
        weight=weights.reindex(rents.index).fillna(0.0),
    )
    rows = rows.dropna(subset=["municipality_code"])
    single = ~rows["municipality_code"].duplicated(keep=False)
    alone = rows[single].assign(predecessors=1.0)
    several = rows[~single]
    columns = {str(name): several[name].to_numpy() for name in several}
    positions = several.groupby("municipality_code").indices
    merged = {str(code): _merge_one(columns, np.asarray(at)) for code, at in positions.items()}
    wanted = [name for name in rents.columns if name != "municipality_name"] + ["predecessors"]
    alone = alone.set_index("municipality_code")[wanted]
    if not merged:
        return alone.sort_index()
    together = pd.DataFrame.from_dict(merged, orient="index").rename_axis("municipality_code")
    return pd.concat([alone, together[wanted]]).sort_index()


def _merge_one(columns: Mapping[str, np.ndarray], at: np.ndarray) -> dict[str, object]:
    """Return the rents of one municipality from the rows of those that it was made of."""
    found: dict[str, object] = {"predecessors": float(len(at))}
    for name, unit in (("rent", "eur_m2_month"), ("price", "eur_m2")):
        value, surface = columns[f"{name}_{unit}"], columns[f"{name}_surface_code"]
        quoted = at[~np.isnan(value[at].astype(float))]
        if not len(quoted):
            found |= dict.fromkeys([c for c in columns if c.startswith(f"{name}_")], np.nan)
            continue
        weight = columns["weight"]
        kinds = {kind: weight[quoted][surface[quoted] == kind].sum()
                 for kind in sorted({*surface[quoted]} - {np.nan})}  # fmt: skip
        kind = max(kinds, key=lambda one: kinds[one])
        same = quoted[surface[quoted] == kind]
        largest = same[weight[same].argmax()]
        weights = weight[same] if weight[same].sum() > 0 else weight[same] + 1
        mixed = columns[f"{name}_mixed_surfaces"][same].any()
        found |= {
            f"{name}_{unit}": float(np.average(value[same], weights=weights)),
            f"{name}_low_{unit}": columns[f"{name}_low_{unit}"][same].min(),
            f"{name}_high_{unit}": columns[f"{name}_high_{unit}"][same].max(),
            f"{name}_surface_code": kind,
            f"{name}_typology_code": columns[f"{name}_typology_code"][largest],
            f"{name}_zones": columns[f"{name}_zones"][same].sum(),
            f"{name}_mixed_surfaces": float(len(same) < len(quoted) or mixed),
        }
        weighting = f"{name}_weighting_code"
        if weighting in columns:
            codes = {*columns[weighting][same]}
            found[weighting] = codes.pop() if len(codes) == 1 else "M"
    return found


def municipal_rents(edition: str = "") -> pd.DataFrame:
    """Return the rents that are quoted, each weighted by the population of its zones where known.

    Parameters
    ----------
    edition : str
        The half-year of a part of Italy (`store.parts`); the newest of all Italy when empty.

    Returns
    -------
    DataFrame
        The table `rents` by cadastral code, with `rent_weighting_code`: "P" by the population of
        zones, "Z" zones alike, "" without a rent. All are "Z" unless the quotes of zones, their
        perimeters and census sections are among the user's own files.

    Examples
    --------
    >>> municipal_rents()["rent_weighting_code"]["F704"]
    'Z'
    """
    quoted = store.table("rents", edition).set_index("cadastral_code")
    zones = rent_zones(edition)
    weighted = zones[zones["rent_weighting_code"] == "P"]
    share = (weighted["midpoint"] * weighted["weight"]).astype(float)
    means = share.groupby(weighted["cadastral_code"]).sum()
    known = quoted["rent_eur_m2_month"].notna()
    kinds = np.where(quoted.index.isin(means.index), "P", np.where(known, "Z", ""))
    quoted["rent_weighting_code"] = pd.Series(kinds, index=quoted.index, dtype="str")
    quoted["rent_eur_m2_month"] = means.reindex(quoted.index).fillna(quoted["rent_eur_m2_month"])
    return quoted


_NO_ZONES = ("cadastral_code", "zone_code", "midpoint", "weight", "people", "rent_weighting_code")


@store.remembered(each=4)
def rent_zones(edition: str = "") -> pd.DataFrame:
    """Return the quotes of zones that make the rents, with the population that weights them.

    Parameters
    ----------
    edition : str
        As in :func:`municipal_rents`.

    Returns
    -------
    DataFrame
        Of :func:`zones_in_mean`; empty unless quotes, perimeters of the same
        half-year and census sections are among the user's own files.

    Examples
    --------
    >>> len(rent_zones())
    0
    """
    quotes, perimeters, sections = (
        store.within(one, edition)
        for one in ("omi_values", "omi_perimeters", "istat_section_points")
    )
    if quotes is None or perimeters is None or sections is None:
        return pd.DataFrame(columns=list(_NO_ZONES))
    people = zone_population(perimeters, sections, sections["residents"])
    return zones_in_mean(quotes, people.by_zone)


def placed_rents(
    codes_on: pd.Timestamp | str | None = None, edition: str = ""
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return the quotes, the municipality of a day that each stands for and its weight there.

    A municipality that began after the day is quoted for each of those that it was made of: its row
    stands once for each, under "M434 > 005079".

    Returns
    -------
    quoted : DataFrame
        Of :func:`municipal_rents`.
    place : Series of str
        The municipality_code of the day by row of `quoted`; NaN where none is known.
    weights : Series of float
        Residents of 2011 by row of `quoted`, as :func:`rent_weights` counts them.
    """
    return place_quotes(municipal_rents(edition), day_of(codes_on))


def place_quotes(
    quoted: pd.DataFrame, day: pd.Timestamp
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Place the rents of one half-year, by cadastral code, as :func:`placed_rents` does."""
    found = history.places(quoted.index, day)
    several = found["cadastral_code"].duplicated(keep=False) | (found["change"] == "part")
    keys = found["cadastral_code"] + (" > " + found["municipality_code"]).where(several, "")
    place = pd.Series(found["municipality_code"].to_numpy(), index=pd.Index(keys), dtype="str")
    whole = place[~several.to_numpy()]
    weights = rent_weights(whole.index, whole, day)
    # Who shares a quote has no other: its weight does not matter.
    weights = weights.reindex(place.index).fillna(1.0)
    return quoted.loc[found["cadastral_code"]].set_axis(place.index), place, weights


def rent_weights(
    quoted: pd.Index, place: pd.Series, codes_on: pd.Timestamp | str | None = None
) -> pd.Series:
    """Return the residents of 2011 that each quoted municipality stands for.

    One that was made after 2011 stands for those of its territory that are not quoted themselves; one
    that ended before 2011 had none left.

    Parameters
    ----------
    quoted : Index
        Cadastral codes of the OMI file.
    place : Series of str
        The municipality_code on the day of each.
    codes_on : Timestamp or str, optional
        The day; 1 January 2022 when omitted.
    """
    residents = store.table("residents_2011").set_index("cadastral_code")["residents_2011"]
    weights = residents.reindex(quoted)
    unknown = weights.index[weights.isna() & place.duplicated(keep=False).reindex(quoted)]
    if len(unknown):
        ever = history.successors(residents.index, day_of(codes_on), last_day=True)
        now = ever["municipality_code"]
        others = residents[~history.among(residents.index, quoted)].groupby(now).sum()
        shared = place[unknown].map(place[unknown].value_counts())
        weights[unknown] = (place[unknown].map(others) / shared).to_numpy()
    return weights.fillna(0.0)
