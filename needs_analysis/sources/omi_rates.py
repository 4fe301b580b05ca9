"""Mean and series of OMI quotes: from those of zones to one rent and one price a municipality.

The tables of the store are compiled with them; zones and weights are the floor `municipal`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from needs_analysis.errors import Messages, ParameterError
from needs_analysis.words import N_

problem = Messages(
    "omi_rates",
    {
        "no_semester": N_("nessuna quotazione: indicarne almeno un semestre"),
        "wrong_semesters": N_("Semestri attesi come «2018/2», non {found}"),
        "correct_names": N_("Correggere i nomi dei semestri."),
        "other_semester": N_("Le quotazioni date per il {semester} sono del {given}"),
        "use_date_of_file": N_("Usare la data del file."),
        "no_growth": N_("Nessuna variazione dal {first} al {last}"),
        "known_semesters": N_("Semestri presenti: {known}."),
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
    names = quotes.groupby("cadastral_code")["municipality_name"].first().to_frame()
    means = (
        _summary(in_mean(quotes, given), ["cadastral_code"], given, name)
        for given, name in (("rent", "rent"), ("sale", "price"))
    )
    return names.join(list(means), validate="1:1").sort_index()


_UNITS = {"rent": "eur_m2_month", "sale": "eur_m2"}


def in_mean(
    quotes: pd.DataFrame, given: str = "rent", by: Sequence[str] = ("cadastral_code",)
) -> pd.DataFrame:
    """Return the quotes that enter the mean of each place: of one typology, of one surface kind.

    Parameters
    ----------
    quotes : DataFrame
        Rows of :func:`needs_analysis.sources.omi_values.read`.
    given : str
        "rent" or "sale": the quotes meant.
    by : sequence of str
        What makes a place: the municipality, or the zone in it, or each with its half-year.

    Returns
    -------
    DataFrame
        Rows of `quotes` with `midpoint`, and `mixed`: whether quotes of the other surface kind
        were left out.

    Examples
    --------
    >>> quotes = pd.DataFrame({
    ...     "cadastral_code": "F704", "typology_code": ["20", "21"], "is_prevalent": True,
    ...     "rent_low_eur_m2_month": [7.0, 1.0], "rent_high_eur_m2_month": [9.0, 1.0],
    ...     "rent_surface_code": "L"})
    >>> in_mean(quotes)["midpoint"].tolist()
    [8.0]
    """
    keys, unit = list(by), _UNITS[given]
    low, high, surface = f"{given}_low_{unit}", f"{given}_high_{unit}", f"{given}_surface_code"
    residential = quotes["is_prevalent"] & quotes["typology_code"].isin(TYPOLOGIES)
    kept = quotes[residential].dropna(subset=[low, high])
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


def _summary(used: pd.DataFrame, by: Sequence[str], given: str, name: str) -> pd.DataFrame:
    place, unit = used.groupby(list(by)), _UNITS[given]
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


# --- over time -----------------------------------------------------------------------------

BREAKS = ("surface_break", "typology_changed", "zones_changed", "states_changed")
"""Why two semesters of a municipality do not compare, the gravest first."""
_RENT = "rent_eur_m2_month"


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
    used = in_mean(quotes, "rent", keys)
    rents = _summary(used, keys, "rent", "rent").reset_index()
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
    columns += ["rent_low_eur_m2_month", "rent_high_eur_m2_month", "rent_surface_code"]
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
    the beginning.

    Examples
    --------
    >>> rents = pd.DataFrame({"cadastral_code": "F704", "semester": ["2018/1", "2018/2"],
    ...     "rent_eur_m2_month": [8.0, 8.4]} | dict.fromkeys(BREAKS, False))
    >>> growth(rents, "2018/1", "2018/2")["rent_growth_share"].round(3).tolist()
    [0.05]
    """
    known = sorted(series["semester"].unique())
    if first not in known or last not in known or first >= last:
        nothing = problem("no_growth", first=first, last=last)
        raise ParameterError(nothing, cure=problem("known_semesters", known=tuple(known)))
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
