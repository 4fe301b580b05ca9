"""The municipal rent and price: from the quotes of OMI zones to one figure a municipality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis.errors import AreaError, ParameterError, Table
from needs_analysis.words import N_

if TYPE_CHECKING:
    import geopandas

problem = Table(
    "rents",
    {
        "no_semester": N_("nessuna quotazione: indicarne almeno un semestre"),
        "wrong_semesters": N_("Semestri attesi come «2018/2», non {found}"),
        "correct_names": N_("Correggere i nomi dei semestri."),
        "other_semester": N_("Le quotazioni date per il {semester} sono del {given}"),
        "use_date_of_file": N_("Usare la data del file."),
        "no_growth": N_("Nessuna variazione dal {first} al {last}"),
        "known_semesters": N_("Semestri presenti: {known}."),
        "no_crs": N_("Le geometrie non dicono il loro sistema di coordinate (CRS): indicarlo"),
        "repeated_section": N_(
            "Una sezione di censimento è ripetuta: ognuna deve comparire una volta"
        ),
        "wrong_weights": N_("I pesi delle zone devono essere numeri non negativi, uno per zona"),
        "zones_differ": N_(
            "I perimetri sono del {drawn}, le quotazioni del {quoted}: le zone cambiano"
        ),
        "use_one_semester": N_("Usare lo stesso semestre."),
    },
)

# Civil dwellings first; then economic, typical of the place, villas, stately (OMI `Cod_Tip`).
TYPOLOGIES = ("20", "21", "22", "1", "19")


def municipal(quotes: pd.DataFrame) -> pd.DataFrame:
    r"""Mean of the zone midpoints of each municipality, for rents and for sale prices.

    .. math:: r_m = \frac{1}{|Z_m|}\sum_{z \in Z_m} \frac{low_z + high_z}{2}

    over the zones quoted for the first of `TYPOLOGIES` that the municipality has, in the prevalent
    state of that typology in the zone. Zones count alike: the number of dwellings is not published.
    Gross and net surfaces are never averaged: the kind with more zones is kept and the municipality
    flagged.

    Parameters
    ----------
    quotes : DataFrame
        Rows of :func:`needs_analysis.sources.omi_values.read`, of one half-year.

    Returns
    -------
    DataFrame
        Indexed by cadastral_code: municipality_name, and for `rent` (EUR/m2/month) and `price`
        (EUR/m2): the mean, the lowest low and highest high of the quotes used, the surface kind (L
        gross, N net), the typology, the number of zones and whether another surface kind was dropped.

    References
    ----------
    Agenzia delle Entrate, Manuale della banca dati dell'Osservatorio del Mercato Immobiliare.

    Examples
    --------
    >>> quotes = pd.DataFrame({
    ...     "cadastral_code": ["F704", "F704", "F704"], "municipality_name": "MONZA",
    ...     "zone_code": ["B1", "C1", "C1"], "typology_code": ["20", "20", "21"],
    ...     "is_prevalent": True, "rent_low_eur_m2_month": [7.0, 6.0, 1.0],
    ...     "rent_high_eur_m2_month": [9.0, 8.0, 1.0], "rent_surface_code": "L",
    ...     "sale_low_eur_m2": [2000.0, 1000.0, 1.0], "sale_high_eur_m2": [3000.0, 1500.0, 1.0],
    ...     "sale_surface_code": "L"})
    >>> municipal(quotes).loc["F704", ["rent_eur_m2_month", "price_eur_m2", "rent_zones"]].tolist()
    [7.5, 1875.0, 2.0]
    """
    residential = _residential(quotes)
    names = quotes.groupby("cadastral_code")["municipality_name"].first().to_frame()
    rent = _one_kind(residential, "rent", "rent", "eur_m2_month")
    price = _one_kind(residential, "sale", "price", "eur_m2")
    return names.join([rent, price], validate="1:1").sort_index()


def _residential(quotes: pd.DataFrame) -> pd.DataFrame:
    return quotes[quotes["is_prevalent"] & quotes["typology_code"].isin(TYPOLOGIES)]


def _one_kind(quotes: pd.DataFrame, given: str, name: str, unit: str) -> pd.DataFrame:
    return _summary(_used(quotes, given, unit), ["cadastral_code"], given, name, unit)


def _used(
    quotes: pd.DataFrame, given: str, unit: str, by: Sequence[str] = ("cadastral_code",)
) -> pd.DataFrame:
    """Return the quotes that enter the mean: of one typology, of one surface kind."""
    keys = list(by)
    low, high, surface = f"{given}_low_{unit}", f"{given}_high_{unit}", f"{given}_surface_code"
    kept = quotes.dropna(subset=[low, high])
    kept = kept.assign(
        preference=kept["typology_code"].map(TYPOLOGIES.index).astype("float64"),
        midpoint=(kept[low] + kept[high]) / 2,
    )
    best = kept.groupby(keys)["preference"].transform("min")
    kept = kept[kept["preference"] == best]
    zones = kept.groupby(keys)["midpoint"].transform("size")
    alike = kept.groupby([*keys, surface])["midpoint"].transform("size")
    # Most zones first; the gross surface wins a tie, as it is the kind of nearly all quotes.
    weight = alike * 3 + (kept[surface] == "L") + 2 * (kept[surface] == "")
    kept = kept.assign(mixed=alike < zones, weight=weight)
    return kept[kept["weight"] == kept.groupby(keys)["weight"].transform("max")]


def _summary(
    used: pd.DataFrame, by: Sequence[str], given: str, name: str, unit: str
) -> pd.DataFrame:
    place = used.groupby(list(by))
    return pd.DataFrame(
        {
            f"{name}_{unit}": place["midpoint"].mean(),
            f"{name}_low_{unit}": place[f"{given}_low_{unit}"].min(),
            f"{name}_high_{unit}": place[f"{given}_high_{unit}"].max(),
            f"{name}_surface_code": place[f"{given}_surface_code"].first(),
            f"{name}_typology_code": place["typology_code"].first(),
            f"{name}_zones": place.size().astype(float),
            f"{name}_mixed_surfaces": place["mixed"].first().astype(float),
        }
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
        From :func:`municipal`, indexed by cadastral_code; with `rent_weighting_code` or without.
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
    merged = {
        str(code): _merge_one(parts) for code, parts in rows[~single].groupby("municipality_code")
    }
    columns = [name for name in rents.columns if name != "municipality_name"] + ["predecessors"]
    alone = alone.set_index("municipality_code")[columns]
    if not merged:
        return alone.sort_index()
    together = pd.DataFrame.from_dict(merged, orient="index").rename_axis("municipality_code")
    return pd.concat([alone, together[columns]]).sort_index()


def _merge_one(rows: pd.DataFrame) -> dict[str, object]:
    found: dict[str, object] = {"predecessors": float(len(rows))}
    for name, unit in (("rent", "eur_m2_month"), ("price", "eur_m2")):
        value, surface = f"{name}_{unit}", f"{name}_surface_code"
        quoted = rows.dropna(subset=[value])
        if quoted.empty:
            found |= dict.fromkeys([c for c in rows.columns if c.startswith(f"{name}_")], np.nan)
            continue
        kind = quoted.groupby(surface)["weight"].sum().idxmax()
        same = quoted[quoted[surface] == kind]
        largest = same.iloc[int(same["weight"].argmax())]
        weight = same["weight"] if same["weight"].sum() > 0 else same["weight"] + 1
        found |= {
            value: float(np.average(same[value], weights=weight)),
            f"{name}_low_{unit}": same[f"{name}_low_{unit}"].min(),
            f"{name}_high_{unit}": same[f"{name}_high_{unit}"].max(),
            surface: kind,
            f"{name}_typology_code": largest[f"{name}_typology_code"],
            f"{name}_zones": same[f"{name}_zones"].sum(),
            f"{name}_mixed_surfaces": float(
                len(same) < len(quoted) or same[f"{name}_mixed_surfaces"].any()
            ),
        }
        weighting = f"{name}_weighting_code"
        if weighting in same:
            kinds = same[weighting].unique()
            found[weighting] = kinds[0] if len(kinds) == 1 else "M"
    return found


# --- over time -----------------------------------------------------------------------------

BREAKS = ("surface_break", "typology_changed", "zones_changed", "states_changed")
"""Why two semesters of a municipality do not compare, the gravest first."""
_RENT = "rent_eur_m2_month"
_LOW, _HIGH, _SURFACE = "rent_low_eur_m2_month", "rent_high_eur_m2_month", "rent_surface_code"


def series(quotes_by_semester: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    r"""Municipal rent of each semester, with a flag where it does not compare with the one before.

    .. math:: r_{m,t} = \frac{1}{|Z_{m,t}|}\sum_{z \in Z_{m,t}} \frac{low_{z,t} + high_{z,t}}{2}

    as in :func:`municipal`. Nothing is chained: a flag says that the level changed its meaning.

    Parameters
    ----------
    quotes_by_semester : mapping of str to DataFrame
        By semester ("2018/2"), rows of :func:`needs_analysis.sources.omi_values.read`.

    Returns
    -------
    DataFrame
        A row by cadastral_code and semester in which the municipality is listed, in that order. As
        in :func:`municipal`: `rent_eur_m2_month`, `rent_low_eur_m2_month`, `rent_high_eur_m2_month`
        (NaN if not quoted), `rent_surface_code`, `rent_typology_code`, `rent_zones`,
        `rent_mixed_surfaces`. Boolean, against the last semester with a rent: `surface_break` (gross
        to net or back), `typology_changed`, `zones_changed` (the zones in the mean are not the same
        ones), `states_changed` (a zone in both has another prevalent state).

    Raises
    ------
    ParameterError
        If a semester is not written "2018/2", or holds the quotes of another.

    Examples
    --------
    >>> quotes = pd.DataFrame({
    ...     "cadastral_code": ["F704", "F704"], "municipality_name": "MONZA",
    ...     "zone_link": ["MI1", "MI2"], "typology_code": "20", "state": "NORMALE",
    ...     "is_prevalent": True, "rent_low_eur_m2_month": [7.0, 6.0],
    ...     "rent_high_eur_m2_month": [9.0, 8.0], "rent_surface_code": "L"})
    >>> found = series({"2018/1": quotes, "2018/2": quotes.iloc[:1]})
    >>> found[["semester", "rent_eur_m2_month", "zones_changed"]].to_numpy().tolist()
    [['2018/1', 7.5, False], ['2018/2', 8.0, True]]
    """
    keys = ["cadastral_code", "semester"]
    quotes = _stacked(quotes_by_semester)
    listed = quotes[keys].drop_duplicates().sort_values(keys, ignore_index=True)
    used = _used(_residential(quotes), "rent", "eur_m2_month", keys)
    rents = _summary(used, keys, "rent", "rent", "eur_m2_month").reset_index()
    rents = rents.join(_breaks(rents, used), validate="1:1")
    found = listed.merge(rents, on=keys, how="left", validate="1:1")
    flags = ["rent_mixed_surfaces", *BREAKS]
    found[flags] = found[flags].eq(True)
    return found


def _stacked(quotes_by_semester: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Put the quotes of the semesters under each other, checking that each is what it is said to be."""
    wrong = pd.Series(list(quotes_by_semester), dtype="str")
    wrong = wrong[~wrong.str.fullmatch("[0-9]{4}/[12]")]
    if not quotes_by_semester:
        raise ParameterError(problem("no_semester"))
    if len(wrong):
        named = tuple(f"«{one}»" for one in wrong)
        raise ParameterError(problem("wrong_semesters", found=named), cure=problem("correct_names"))
    for semester, quotes in quotes_by_semester.items():
        given = quotes.attrs.get("reference_date", semester)
        if given != semester:
            other = problem("other_semester", semester=semester, given=given)
            raise ParameterError(other, cure=problem("use_date_of_file"))
    columns = ["cadastral_code", "zone_link", "typology_code", "state", "is_prevalent"]
    columns += [_LOW, _HIGH, _SURFACE]
    parts = {key: frame[columns] for key, frame in quotes_by_semester.items()}
    stacked = pd.concat(parts, names=["semester"]).reset_index(level=0)
    return stacked.reset_index(drop=True)


def _breaks(rents: pd.DataFrame, used: pd.DataFrame) -> pd.DataFrame:
    """Return the flags of `BREAKS` for rents sorted by municipality and semester."""
    by_place = rents.groupby("cadastral_code")
    order = by_place.cumcount()
    before = by_place[["rent_surface_code", "rent_typology_code", "rent_zones"]].shift()
    numbered = rents[["cadastral_code", "semester"]].assign(order=order)
    zones = used.merge(numbered, on=["cadastral_code", "semester"], validate="m:1")
    zones = zones[["cadastral_code", "order", "zone_link", "state"]]
    both = zones.merge(
        zones.assign(order=zones["order"] + 1),
        on=["cadastral_code", "order", "zone_link"],
        suffixes=("", "_before"),
    )
    both["same"] = both["state"] == both["state_before"]
    place = both.groupby(["cadastral_code", "order"])["same"]
    at = pd.MultiIndex.from_arrays([rents["cadastral_code"], order])
    common = place.size().reindex(at, fill_value=0).to_numpy()
    alike = place.sum().reindex(at, fill_value=0).to_numpy()
    later = order > 0
    flags = {
        "surface_break": before["rent_surface_code"] != rents["rent_surface_code"],
        "typology_changed": before["rent_typology_code"] != rents["rent_typology_code"],
        "zones_changed": (before["rent_zones"] != common) | (rents["rent_zones"] != common),
        "states_changed": pd.Series(common != alike, index=rents.index),
    }
    return pd.DataFrame({name: later & flag for name, flag in flags.items()})


def growth(series: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    r"""Growth of the municipal rent between two semesters, where the series is whole (indicator G1).

    .. math:: g_m = r_{m,last} / r_{m,first} - 1

    Parameters
    ----------
    series : DataFrame
        Of :func:`series`, with every semester at hand between the two.
    first, last : str
        Semesters, "2016/1" and "2018/2".

    Returns
    -------
    DataFrame
        Indexed by cadastral_code: `rent_first_eur_m2_month`, `rent_last_eur_m2_month`,
        `rent_growth_share` (0.02 is +2 %, nominal) and `reason`, "" or why there is no figure:
        "no_rent_first", "no_rent_last", or the first of `BREAKS` met after `first`.

    Raises
    ------
    ParameterError
        If the series lacks a semester, or they are in the wrong order.

    Notes
    -----
    A municipality that was merged since has no rent of its own at the end, and its successor none at
    the beginning. Where zones merged or disappeared use :func:`constant_growth`.

    Examples
    --------
    >>> rents = pd.DataFrame({"cadastral_code": "F704", "semester": ["2018/1", "2018/2"],
    ...     "rent_eur_m2_month": [8.0, 8.4]} | dict.fromkeys(BREAKS, False))
    >>> growth(rents, "2018/1", "2018/2")["rent_growth_share"].round(3).tolist()
    [0.05]
    """
    _check_semesters(sorted(series["semester"].unique()), first, last)
    places = pd.Index(series["cadastral_code"].unique(), name="cadastral_code")
    by_semester = series.set_index(["semester", "cadastral_code"])[_RENT]
    rent_first, rent_last = (by_semester.loc[one].reindex(places) for one in (first, last))
    between = series[(series["semester"] > first) & (series["semester"] <= last)]
    met = between.groupby("cadastral_code")[list(BREAKS)].any().reindex(places, fill_value=False)
    reasons = {"no_rent_first": rent_first.isna(), "no_rent_last": rent_last.isna()}
    reasons |= {name: met[name] for name in BREAKS}
    reason = np.select([flag.to_numpy() for flag in reasons.values()], list(reasons), default="")
    return pd.DataFrame(
        {
            "rent_first_eur_m2_month": rent_first,
            "rent_last_eur_m2_month": rent_last,
            "rent_growth_share": (rent_last / rent_first - 1).where(reason == ""),
            "reason": pd.Series(reason, index=places, dtype="str"),
        }
    )


def _check_semesters(known: list[str], first: str, last: str) -> None:
    if first not in known or last not in known or first >= last:
        nothing = problem("no_growth", first=first, last=last)
        raise ParameterError(nothing, cure=problem("known_semesters", known=tuple(known)))


def constant_growth(
    quotes_by_semester: Mapping[str, pd.DataFrame], first: str, last: str
) -> pd.DataFrame:
    r"""Growth of rents at constant perimeter: over the zones quoted alike in both semesters.

    .. math:: g_m = \sum_{z \in Z_m} r_{z,last} / \sum_{z \in Z_m} r_{z,first} - 1

    with :math:`r_z` the midpoint, over the zones (`zone_link`) of the municipality that have in both
    semesters a rent of the same typology, state and surface kind: the first of `TYPOLOGIES` so found,
    the surface kind of more zones.

    Parameters
    ----------
    quotes_by_semester : mapping of str to DataFrame
        As in :func:`series`; only the two semesters are used.
    first, last : str
        Semesters.

    Returns
    -------
    DataFrame
        Indexed by cadastral_code, for the municipalities with a rent in either semester:
        `rent_growth_share` (nominal), `rent_surface_code`, `rent_typology_code`, `zones` compared,
        of `zones_first` and `zones_last` with a rent, and `reason`, "" or "no_common_zone".

    Raises
    ------
    ParameterError
        If a semester lacks, or they are in the wrong order.

    Notes
    -----
    The link of a zone is kept by the publisher when its border moves: constant is the list of zones,
    not each border.

    Examples
    --------
    >>> quotes = pd.DataFrame({
    ...     "cadastral_code": "F704", "zone_link": ["MI1", "MI2"], "typology_code": "20",
    ...     "state": "NORMALE", "is_prevalent": True, "rent_low_eur_m2_month": [7.0, 6.0],
    ...     "rent_high_eur_m2_month": [9.0, 8.0], "rent_surface_code": "L"})
    >>> later = quotes.iloc[:1].assign(rent_high_eur_m2_month=9.8)
    >>> found = constant_growth({"2018/1": quotes, "2018/2": later}, "2018/1", "2018/2")
    >>> found[["rent_growth_share", "zones", "zones_first"]].round(3).to_numpy().tolist()
    [[0.05, 1.0, 2.0]]
    """
    _check_semesters(sorted(quotes_by_semester), first, last)
    stacked = _stacked({one: quotes_by_semester[one] for one in (first, last)})
    quoted = _residential(stacked).dropna(subset=[_LOW, _HIGH])
    start, end = (quoted[quoted["semester"] == one] for one in (first, last))
    alike = ["cadastral_code", "zone_link", "typology_code", "state", _SURFACE]
    end = end.assign(midpoint_last=(end[_LOW] + end[_HIGH]) / 2)
    both = start.merge(end[[*alike, "midpoint_last"]], on=alike, validate="1:1")
    used = _used(both, "rent", "eur_m2_month")
    place = used.groupby("cadastral_code")
    zones_first, zones_last = (
        one.groupby("cadastral_code")["zone_link"].nunique() for one in (start, end)
    )
    places = zones_first.index.union(zones_last.index)
    found = pd.DataFrame(
        {
            "rent_growth_share": place["midpoint_last"].sum() / place["midpoint"].sum() - 1,
            "rent_surface_code": place[_SURFACE].first(),
            "rent_typology_code": place["typology_code"].first(),
            "zones": place.size(),
        }
    ).reindex(places)
    found["zones_first"], found["zones_last"] = zones_first, zones_last
    counts = ["zones", "zones_first", "zones_last"]
    found[counts] = found[counts].fillna(0).astype(int)
    found["reason"] = np.where(found["zones"] > 0, "", "no_common_zone")
    return found


# --- by population -------------------------------------------------------------------------


@dataclass(frozen=True)
class ZonePopulation:
    """How many people live in each zone, and how many were counted in none.

    Parameters
    ----------
    by_zone : Series of float
        Persons, by cadastral_code and zone_code; 0 where no section falls.
    people : float
        Persons in all sections: those of `by_zone` and `outside` add up to it.
    outside : float
        Persons whose section lies in no zone.
    outside_sections : int
        How many inhabited sections those are.
    unknown_sections : int
        Sections without a population: they count nobody.
    """

    by_zone: pd.Series
    people: float
    outside: float
    outside_sections: int
    unknown_sections: int


def zone_population(
    perimeters: geopandas.GeoDataFrame,
    sections: geopandas.GeoDataFrame | geopandas.GeoSeries,
    population: pd.Series,
) -> ZonePopulation:
    r"""Population of each zone: of the census sections whose representative point falls in it.

    .. math:: P_z = \sum_{s:\ point(s) \in z} P_s

    Parameters
    ----------
    perimeters : GeoDataFrame
        Of :func:`needs_analysis.sources.omi_perimeters.read`.
    sections : GeoDataFrame or GeoSeries
        Points or polygons with a unique index, in any coordinate system.
    population : Series of float
        Persons by the same index.

    Returns
    -------
    ZonePopulation
        The totals say how many people fall in no zone.

    Raises
    ------
    AreaError
        If coordinates lack their system, or sections repeat.

    Notes
    -----
    A section is never split: one that straddles two zones counts where its point lies. A point on the
    border of two zones counts once, in the first by code.

    Examples
    --------
    >>> import geopandas, shapely
    >>> zones = geopandas.GeoDataFrame(
    ...     {"cadastral_code": "F704", "zone_code": ["B1", "C1"]}, crs=4326,
    ...     geometry=[shapely.box(9.0, 45.0, 9.1, 45.1), shapely.box(9.1, 45.0, 9.2, 45.1)])
    >>> points = geopandas.GeoSeries.from_xy([9.05, 9.15, 9.3], [45.05] * 3, crs=4326)
    >>> found = zone_population(zones, points, pd.Series([10.0, 20.0, 5.0]))
    >>> found.by_zone.tolist(), found.outside
    ([10.0, 20.0], 5.0)
    """
    import geopandas  # heavy: only where it is used

    if perimeters.crs is None or sections.crs is None:
        raise AreaError(problem("no_crs"))
    if not sections.index.is_unique or not population.index.is_unique:
        raise AreaError(problem("repeated_section"))
    key = ["cadastral_code", "zone_code"]
    metres = sections.geometry.to_crs(32632)
    points = geopandas.GeoDataFrame(geometry=metres.representative_point(), crs=32632)
    zones = perimeters[[*key, "geometry"]].to_crs(32632).reset_index(drop=True)
    joined = points.rename_axis("section").reset_index().sjoin(zones, predicate="intersects")
    joined = joined.sort_values(key).drop_duplicates("section").set_index("section")[key]
    given = population.reindex(sections.index).astype("float64")
    people = given.fillna(0.0)
    inside = people.index.isin(joined.index)
    counted = joined.assign(people=people.reindex(joined.index)).groupby(key)["people"].sum()
    every = pd.MultiIndex.from_frame(zones[key].sort_values(key).drop_duplicates())
    return ZonePopulation(
        by_zone=counted.reindex(every, fill_value=0.0).rename("population"),
        people=float(people.sum()),
        outside=float(people[~inside].sum()),
        outside_sections=int((people[~inside] > 0).sum()),
        unknown_sections=int(given.isna().sum()),
    )


def weighted(quotes: pd.DataFrame, zone_weights: pd.Series) -> pd.DataFrame:
    r"""Municipal rent with each zone counted by its population.

    .. math:: r_m = \sum_{z \in Z_m} P_z \frac{low_z + high_z}{2} \Big/ \sum_{z \in Z_m} P_z

    over the same zones as :func:`municipal`. A municipality where a zone of the mean has no weight,
    or all have none, counts its zones alike.

    Parameters
    ----------
    quotes : DataFrame
        Rows of :func:`needs_analysis.sources.omi_values.read`, of one half-year.
    zone_weights : Series of float
        Persons, or any weight, by (cadastral_code, zone_code): `ZonePopulation.by_zone`.

    Returns
    -------
    DataFrame
        Indexed by cadastral_code, for the municipalities with a rent: the `rent_` columns of
        :func:`municipal`, and `rent_weighting_code`: "P" by population, "Z" zones alike.

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
    >>> weighted(quotes, weights)[["rent_eur_m2_month", "rent_weighting_code"]].to_numpy().tolist()
    [[7.25, 'P']]
    """
    if not zone_weights.index.is_unique or (zone_weights < 0).any() or np.isinf(zone_weights).any():
        raise ParameterError(problem("wrong_weights"))
    used = zones_in_mean(quotes, zone_weights)
    found = _summary(used, ["cadastral_code"], "rent", "rent", "eur_m2_month")
    place = used["cadastral_code"]
    found[_RENT] = (used["midpoint"] * used["weight"]).groupby(place).sum()
    found["rent_weighting_code"] = used.groupby(place)["rent_weighting_code"].first()
    return found


def zones_in_mean(quotes: pd.DataFrame, zone_weights: pd.Series) -> pd.DataFrame:
    r"""Quotes that enter the mean of :func:`weighted`, each with its weight.

    .. math:: w_z = P_z \Big/ \sum_{y \in Z_m} P_y

    Parameters
    ----------
    quotes, zone_weights
        As in :func:`weighted`.

    Returns
    -------
    DataFrame
        Rows of `quotes` with `midpoint` (EUR/m2/month), `people` (the weight given; NaN where there
        is none), `weight` (adds up to 1 in a municipality) and `rent_weighting_code`.

    Raises
    ------
    ParameterError
        If a weight is negative or infinite, or a zone has two.
    """
    if not zone_weights.index.is_unique or (zone_weights < 0).any() or np.isinf(zone_weights).any():
        raise ParameterError(problem("wrong_weights"))
    used = _used(_residential(quotes), "rent", "eur_m2_month")
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


# --- within a municipality -----------------------------------------------------------------


def zone_layer(
    perimeters: geopandas.GeoDataFrame, quotes: pd.DataFrame, zones: pd.DataFrame | None = None
) -> geopandas.GeoDataFrame:
    r"""Zones with their rent, for a map within municipalities.

    .. math:: r_z = (low_z + high_z) / 2

    of the first of `TYPOLOGIES` that the zone itself has, in its prevalent state.

    Parameters
    ----------
    perimeters : GeoDataFrame
        Of :func:`needs_analysis.sources.omi_perimeters.read`.
    quotes : DataFrame
        Of :func:`needs_analysis.sources.omi_values.read`, of the same semester: zones change.
    zones : DataFrame, optional
        Of :func:`needs_analysis.sources.omi_zones.read`, for the descriptions.

    Returns
    -------
    GeoDataFrame
        A row by perimeter, in its order: `cadastral_code`, `zone_code`, `description` (if `zones` is
        given; "" where it lacks the zone), `rent_eur_m2_month`, `rent_low_eur_m2_month`,
        `rent_high_eur_m2_month` (NaN where nothing is quoted, as in most rural zones),
        `rent_typology_code`, `state`, `rent_surface_code`, `in_municipal_rent` (whether the quote
        enters :func:`municipal`), `geometry`. `attrs`: `zones_without_quote` and
        `quotes_without_zone`, as "F704/B1", of the municipalities that have perimeters.

    Raises
    ------
    ParameterError
        If perimeters and quotes say that they are of different semesters.

    Examples
    --------
    >>> import geopandas, shapely
    >>> perimeters = geopandas.GeoDataFrame(
    ...     {"cadastral_code": "F704", "zone_code": ["B1", "R1"]}, crs=4326,
    ...     geometry=[shapely.box(9.0, 45.0, 9.1, 45.1), shapely.box(9.1, 45.0, 9.2, 45.1)])
    >>> quotes = pd.DataFrame({
    ...     "cadastral_code": ["F704"], "zone_code": "B1", "typology_code": "20",
    ...     "state": "NORMALE", "is_prevalent": True, "rent_low_eur_m2_month": 7.0,
    ...     "rent_high_eur_m2_month": 9.0, "rent_surface_code": "L"})
    >>> layer = zone_layer(perimeters, quotes)
    >>> layer["rent_eur_m2_month"].tolist(), layer.attrs["zones_without_quote"]
    ([8.0, nan], ('F704/R1',))
    """
    key = ["cadastral_code", "zone_code"]
    drawn_on, quoted_on = (one.attrs.get("reference_date", "") for one in (perimeters, quotes))
    if drawn_on and quoted_on and drawn_on != quoted_on:
        differ = problem("zones_differ", drawn=drawn_on, quoted=quoted_on)
        raise ParameterError(differ, cure=problem("use_one_semester"))
    here = quotes[quotes["cadastral_code"].isin(perimeters["cadastral_code"])]
    rents = _zone_rents(here)
    layer = perimeters[[*key, "geometry"]]
    if zones is not None:
        layer = layer.merge(zones[[*key, "description"]], on=key, how="left", validate="1:1")
        layer["description"] = layer["description"].fillna("")
    layer = layer.merge(rents, on=key, how="left", validate="1:1")
    layer["in_municipal_rent"] = layer["in_municipal_rent"].eq(True)
    layer = layer[[name for name in layer.columns if name != "geometry"] + ["geometry"]]
    drawn, quoted = (frame["cadastral_code"] + "/" + frame["zone_code"] for frame in (layer, rents))
    layer.attrs["zones_without_quote"] = tuple(sorted(set(drawn) - set(quoted)))
    layer.attrs["quotes_without_zone"] = tuple(sorted(set(quoted) - set(drawn)))
    return layer


def _zone_rents(quotes: pd.DataFrame) -> pd.DataFrame:
    """Return one rent a zone."""
    residential = _residential(quotes)
    rows = _used(residential, "rent", "eur_m2_month", ["cadastral_code", "zone_code"])
    rows = rows.rename(columns={"midpoint": _RENT, "typology_code": "rent_typology_code"})
    rows["in_municipal_rent"] = rows.index.isin(_used(residential, "rent", "eur_m2_month").index)
    columns = [_RENT, _LOW, _HIGH, "rent_typology_code", "state", _SURFACE, "in_municipal_rent"]
    return rows[["cadastral_code", "zone_code", *columns]].drop_duplicates(
        ["cadastral_code", "zone_code"]
    )
