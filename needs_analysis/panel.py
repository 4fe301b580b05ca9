"""The only join: every source brought to the municipalities of one day, with quality and vintage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis import parameters, rents, store
from needs_analysis.errors import AreaError, Problem, Table
from needs_analysis.figures import Figures, Quality, join_vintages, joint_vintage
from needs_analysis.territory import history
from needs_analysis.territory.codes import DAY, day_of
from needs_analysis.territory.recode import links, recode
from needs_analysis.territory.units import municipalities, unplaced
from needs_analysis.words import N_

if TYPE_CHECKING:
    import geopandas as gpd

CLASSES = ("to_0", "0_10k", "10_15k", "15_26k", "26_55k", "55_75k", "75_120k", "over_120k")
LOW_CLASSES = CLASSES[:2]

# How a column of several municipalities becomes an area's; what is not here is summed.
_WEIGHTED = (
    "annual_rent_eur",
    "price_eur_m2",
    "rent_first_eur_m2_month",
    "rent_last_eur_m2_month",
)
_LOWEST = ("rent_low_eur_m2_month", "price_low_eur_m2")
_HIGHEST = ("rent_high_eur_m2_month", "price_high_eur_m2")


def pooling(name: str) -> str:
    """Return what makes a column of several municipalities an area's: an operation of a trace.

    Examples
    --------
    >>> pooling("households"), pooling("annual_rent_eur")
    ('sum', 'mean weighted by households')
    """
    kinds = {"mean weighted by households": _WEIGHTED, "lowest": _LOWEST, "highest": _HIGHEST}
    return next((kind for kind, names in kinds.items() if name in names), "sum")


@dataclass(frozen=True)
class Derived:
    """A column computed from others, for a municipality and for an area alike."""

    inputs: tuple[str, str]
    formula: Callable[[pd.Series, pd.Series], pd.Series]


def _per(amount: pd.Series, count: pd.Series) -> pd.Series:
    return amount / count.where(count > 0)


DERIVED: Mapping[str, Derived] = {
    "mean_taxable_income_eur": Derived(("taxable_income_eur", "taxable_income_declarants"), _per),
    "mean_net_income_eur": Derived(("net_income_eur", "taxable_income_declarants"), _per),
}


problem = Table(
    "panel",
    {
        "other_day": N_("l'area ha i codici del {own}, non del {day}"),
        "same_day": N_("Sceglierla con lo stesso giorno."),
        "no_members": N_("l'area {area} non ha comuni"),
        "not_here": N_("l'area {area} ha codici che non sono fra i comuni dei dati: {codes}"),
        # What a source left unmatched.
        "not_covered": N_("comuni senza dato"),
        "without_place": N_("senza posto fra i comuni al {day}, fuori da ogni totale"),
        "codes_without_place": N_("codici senza comune"),
        "codes_of_year_without_place": N_("codici del {year} senza comune"),
        "codes_of_2011_unknown": N_("codici del 2011 non riconosciuti"),
        "rows_without_place": N_("righe senza comune, nel totale nazionale soltanto"),
        "rows_without_successor": N_("righe di comuni senza successore noto, fuori da ogni totale"),
        "quoted_without_successor": N_("comuni OMI senza successore"),
        "quote_of_successor": N_("comuni con la quotazione del comune in cui sono confluiti"),
        "rent_by_people": N_("comuni con il canone pesato sugli abitanti delle zone"),
        "class_of_predecessor": N_("comuni con la classe del comune in cui sono confluiti"),
        "class_of_largest": N_("comuni con la classe del maggiore di quelli che vi sono confluiti"),
        "provinces_unknown": N_("province non riconosciute"),
    },
)
_OF_PLACES = {
    f"panel.{kind}"
    for kind in (
        "not_covered", "quoted_without_successor", "quote_of_successor", "rent_by_people",
        "class_of_predecessor", "class_of_largest",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Unmatched:
    """Rows of a source that found no place in the panel, or units that it does not cover."""

    source: str
    what: Problem
    names: tuple[str, ...]

    @property
    def of_places(self) -> bool:
        """Return whether the names are those of municipalities of the panel."""
        return self.what.code in _OF_PLACES


def build(
    area: gpd.GeoDataFrame | None = None,
    overrides: Mapping[str, float] | None = None,
    codes_on: pd.Timestamp | str | None = None,
    national: bool = False,
) -> Figures:
    """Join all sources on the municipalities of one day, each brought to it from its own.

    Parameters
    ----------
    area : GeoDataFrame, optional
        From :func:`needs_analysis.territory.select`; all Italy when omitted.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.
    codes_on : Timestamp or str, optional
        The day, from 1 January 2022 on; the area's when omitted, and without an area 1 January 2022.
    national : bool
        Take the editions that cover all Italy only: what is national (means, ranks, the reference
        of an index, patterns) is computed from these. Else a newer edition of a part of Italy stands
        where it covers.

    Returns
    -------
    Figures
        Indexed by municipality_code; counts, amounts and rents with quality and vintage per value.
        What a municipality was made of is summed or averaged; what it was split from is allocated.

    Raises
    ------
    AreaError
        The area stands on the codes of another day.
    ParameterError
        The day is before 1 January 2022, or no day.

    Examples
    --------
    >>> build().data.loc["108033", "households"].item()
    56209.0
    >>> build(codes_on="2024-06-01").data.loc["024128", "households"].item()  # Sovizzo, merged
    3402.0
    """
    own = None if area is None else area.attrs.get("codes_on")
    day = day_of(codes_on or own)
    if own and day != day_of(own):
        other = problem("other_day", own=own, day=f"{day:%Y-%m-%d}")
        raise AreaError(other, cure=problem("same_day"))
    changed = tuple(sorted((overrides or {}).items()))
    whole, _ = (_national if national else _local)(changed, day)
    return whole if area is None else whole.rows(area.index)


def join_report(
    overrides: Mapping[str, float] | None = None, codes_on: pd.Timestamp | str | None = None
) -> list[Unmatched]:
    """Return what each source left unmatched, by name, when the panel of a study was built."""
    return list(_local(tuple(sorted((overrides or {}).items())), day_of(codes_on))[1])


def regroup(level: str, codes_on: pd.Timestamp | str | None = None) -> dict[str, list[str]]:
    """Return the municipality codes of each province ("province") or region ("region") on a day.

    Examples
    --------
    >>> len(regroup("province")), len(regroup("region")["Lombardia"])
    (107, 1506)
    """
    units = municipalities(codes_on)
    return {
        str(name): sorted(rows.index) for name, rows in units.groupby(f"{level}_name", sort=True)
    }


@store.remembered()
def _national(
    overrides: tuple[tuple[str, float], ...], day: pd.Timestamp
) -> tuple[Figures, tuple[Unmatched, ...]]:
    values = parameters.values(dict(overrides))
    report: list[Unmatched] = []
    units = _units(report, day)
    households = units.data["households"]
    parts = [
        units,
        _population(report, day),
        _incomes(report, values, day),
        _rents(report, values, day),
        _rent_growth(report, day),
        _evictions(households, report, values, day),
        _tenure(report, day),
        _classification(report, day),
        _accommodation(report, day),
    ]
    base = parts[0].beside(*parts[1:])
    return base.beside(_derive(base, DERIVED)), tuple(report)


@store.remembered()
def _local(
    overrides: tuple[tuple[str, float], ...], day: pd.Timestamp
) -> tuple[Figures, tuple[Unmatched, ...]]:
    """Put editions of a part of Italy over the national panel, each where it covers."""
    whole, report = _national(overrides, day)
    values, told = parameters.values(dict(overrides)), list(report)
    for table, (bring, _) in IN_PART.items():
        stands = editions(table, day)
        for part in store.parts(table):
            edition = part.source.reference_date
            own = bring(told, values, day, edition)
            whole = whole.replaced(own, stands.index[stands == edition])
    return whole, tuple(told)


def editions(table: str, codes_on: pd.Timestamp | str | None = None) -> pd.Series:
    """Return which edition of a table each municipality's figures are of.

    Parameters
    ----------
    table : str
        "rents" or "population": what an edition of a part of Italy may stand over.
    codes_on : Timestamp or str, optional
        The day of the municipalities; 1 January 2022 when omitted.

    Returns
    -------
    Series of str
        The date of the newest of `store.parts` that has the municipality; "" for the edition of all
        Italy.

    Examples
    --------
    >>> editions("rents").unique().tolist()
    ['']
    """
    return _editions(table, day_of(codes_on))


@store.remembered(each=2)
def _editions(table: str, day: pd.Timestamp) -> pd.Series:
    found = pd.Series("", index=_index(day), dtype="str", name="edition")
    for part in store.parts(table):
        edition = part.source.reference_date
        _, covered = IN_PART[table]
        found[found.index.isin(covered(day, edition))] = edition
    return found


def area_edition(
    table: str, codes: Sequence[str], codes_on: pd.Timestamp | str | None = None
) -> str:
    """Return the edition that an area's figures are made of: never of two at once.

    It is the newest if that has at least 95 in 100 of the municipalities; else "", that of all Italy.
    """
    own = editions(table, codes_on)[list(codes)]
    newest = str(own.max())
    return newest if (own == newest).mean() >= store.WHOLE_SHARE else ""


def _index(day: pd.Timestamp) -> pd.Index:
    return municipalities(day).index


def _figures(
    table: str, frame: pd.DataFrame, day: pd.Timestamp, edition: str = "", **more: object
) -> Figures:
    source = store.source_of(table, edition)
    given = {"vintage": vintage_of(source.reference_date), "sources": (source.id,)} | more
    return Figures.of(frame.reindex(_index(day)), **given)  # type: ignore[arg-type]


def vintage_of(reference_date: str) -> str:
    """Shorten a day to its year; "2018/2" and "2021" stay as they are."""
    return reference_date[:4] if reference_date[4:5] == "-" else reference_date


def _note(report: list[Unmatched], table: str, what: Problem, names: Iterable[object]) -> None:
    listed = tuple(str(name) for name in names)
    if listed:
        report.append(Unmatched(store.source_of(table).id, what, listed))


def _not_covered(
    report: list[Unmatched], table: str, covered: pd.Series, day: pd.Timestamp
) -> None:
    units = municipalities(day)
    missing = ~covered.reindex(units.index, fill_value=False)
    _note(report, table, problem("not_covered"), units.loc[missing, "municipality_name"].tolist())


def _split(share: pd.Series) -> np.ndarray:
    """Return the quality of what was brought from other codes, by the share that was taken."""
    return np.where(share < 1, Quality.ALLOCATED, Quality.OBSERVED)


def _units(report: list[Unmatched], day: pd.Timestamp) -> Figures:
    units = municipalities(day)
    frame = units[["resident_population", "households", "area_km2"]]
    without = problem("without_place", day=f"{day:%d-%m-%Y}")
    _note(report, "code_history", without, unplaced(day))
    linked = links(DAY, day)
    share = linked.groupby("new")["share"].min().reindex(units.index)
    quality = pd.DataFrame(dict.fromkeys(frame, _split(share)), index=units.index)
    return _figures("municipalities", frame, day, quality=quality)


def codes_day(reference_date: str) -> str:
    """Return the day of the codes of residents at the end of a year: the day after.

    Examples
    --------
    >>> codes_day("2021-12-31")
    '2022-01-01'
    """
    return f"{pd.Timestamp(reference_date) + pd.Timedelta(days=1):%Y-%m-%d}"


def _population(report: list[Unmatched], day: pd.Timestamp, edition: str = "") -> Figures:
    rows = store.table("population", edition).set_index("municipality_code")
    own = codes_day(store.source_of("population", edition).reference_date)
    done = recode(rows, own, day, "sum")
    _note(report, "population", problem("codes_without_place"), done.unmatched.index)
    frame = done.frame.reindex(_index(day))
    taken = _split(done.flags["share"].reindex(frame.index))
    quality = pd.DataFrame(dict.fromkeys(frame, taken), index=frame.index)
    return _figures("population", frame, day, edition, quality=quality)


def _population_in_part(
    report: list[Unmatched], _: Mapping[str, float], day: pd.Timestamp, edition: str
) -> Figures:
    return _population(report, day, edition)


def _with_residents(day: pd.Timestamp, edition: str) -> pd.Index:
    known = _population([], day, edition).data.dropna(how="all")
    return known.index


def _incomes(report: list[Unmatched], values: Mapping[str, float], day: pd.Timestamp) -> Figures:
    raw = store.table("incomes").set_index("cadastral_code")
    amounts = raw.drop(columns=["municipality_code", "municipality_name", "province_abbreviation"])
    # The figures of a tax year stand on the codes of the January after it.
    own = f"{int(store.source_of('incomes').reference_date) + 1}-01-01"
    done = recode(amounts, own, day, "sum", kind="cadastral_code", partial=True)
    lost = raw.loc[done.unmatched.index]
    # Of no rows a map gives numbers, to which no name can be added.
    people = lost["taxpayers"].map(" ({:.0f} contribuenti)".format).astype(str)
    named = lost["municipality_name"] + people
    gone = lost["municipality_code"].isin(unplaced(day).index)
    _note(report, "incomes", problem("rows_without_place"), named[~gone])
    _note(report, "incomes", problem("rows_without_successor"), named[gone])
    index = _index(day)
    blank = amounts.isna().astype(float)
    blanks = recode(blank, own, day, "sum", kind="cadastral_code").frame.reindex(index)
    frame = done.frame.reindex(index)
    low = pd.DataFrame(np.nan, index=index, columns=frame.columns)
    high = low.copy()
    most = values["suppressed_class_max_taxpayers"]
    withheld = frame.isna() & frame["taxpayers"].notna().to_numpy()[:, None]
    for name in (f"declarants_{one}" for one in CLASSES):
        # Of several municipalities some may be withheld: what is published is the least there is.
        known = frame[name].fillna(0.0).where(blanks[name] > 0)
        low[name] = known
        high[name] = known + most * blanks[name]
    quality = pd.DataFrame(
        np.where(withheld, Quality.SUPPRESSED, np.where(frame.isna(), Quality.MISSING, 0)),
        index=frame.index, columns=frame.columns,
    )  # fmt: skip
    split = done.flags["share"].reindex(index) < 1
    quality[split] = quality[split].clip(lower=Quality.ALLOCATED)
    published = _figures("incomes", frame, day, quality=quality, low=low, high=high)
    totals = _class_totals(frame, blanks)
    taken = np.where(split, Quality.ALLOCATED, Quality.OBSERVED)
    kinds = pd.DataFrame(dict.fromkeys(totals.columns, taken), index=index)
    return published.beside(_figures("incomes", totals, day, quality=kinds))


def _class_totals(frame: pd.DataFrame, blanks: pd.DataFrame) -> pd.DataFrame:
    """Sum the classes and count the blank ones: 1-3 taxpayers or none each, never taken as zero."""
    counts = frame[[f"declarants_{one}" for one in CLASSES]]
    blank = blanks[counts.columns]
    lowest = [f"declarants_{one}" for one in LOW_CLASSES]
    known = counts.notna().any(axis=1)
    paid = frame[["net_tax_eur", "regional_surcharge_eur", "municipal_surcharge_eur"]]
    # A surcharge or allowance left blank concerns none or at most three taxpayers: it adds nothing.
    net = frame["taxable_income_eur"] - paid.sum(axis=1) + frame["allowance_eur"].fillna(0.0)
    return pd.DataFrame(
        {
            "declarants": counts.sum(axis=1, min_count=1),
            "declarants_up_to_10k": counts[lowest].sum(axis=1).where(known),
            "blank_low_classes": blank[lowest].sum(axis=1).where(known),
            "blank_other_classes": blank.drop(columns=lowest).sum(axis=1).where(known),
            "blank_classes": blank.sum(axis=1).where(known),
            "net_income_eur": net.where(frame["net_tax_eur"].notna()),
        }
    )


def _rents(
    report: list[Unmatched], values: Mapping[str, float], day: pd.Timestamp, edition: str = ""
) -> Figures:
    quoted, place, weights = placed_rents(day, edition)
    lost = place.index[place.isna()]
    without = problem("quoted_without_successor")
    _note(report, "rents", without, quoted.loc[lost, "municipality_name"])
    shared = place[place.index.str.contains(" > ", regex=False)]
    _note(
        report, "rents", problem("quote_of_successor"),
        municipalities(day).loc[shared, "municipality_name"],
    )  # fmt: skip
    frame = rents.merge_predecessors(quoted, place.dropna(), weights).reindex(_index(day))
    kinds = [name for name in frame.columns if name.endswith("_code")]
    frame[kinds] = frame[kinds].where(frame[kinds] != "")  # what is not quoted has no kind either
    surface = frame["rent_surface_code"].map(
        {"L": values["reference_dwelling_gross_m2"], "N": values["reference_dwelling_net_m2"]}
    )
    frame["annual_rent_eur"] = 12 * frame["rent_eur_m2_month"] * surface
    if not edition:
        _not_covered(report, "rents", frame["rent_eur_m2_month"].notna(), day)
    by_people = frame.index[frame["rent_weighting_code"].isin(["P", "M"])]
    names = municipalities(day).loc[by_people, "municipality_name"]
    _note(report, "rents", problem("rent_by_people"), names)
    frame = frame.rename(columns={"predecessors": "rent_predecessors"})
    taken = np.where(frame.index.isin(shared), Quality.ALLOCATED, Quality.OBSERVED)
    quality = pd.DataFrame(dict.fromkeys(frame, taken), index=frame.index)
    found = _figures("rents", frame, day, edition, quality=quality)
    if not len(by_people):
        return found
    sources = (*found.sources["rent_eur_m2_month"], "omi_perimeters", "istat_section_points")
    weighted = dict.fromkeys(
        ("rent_eur_m2_month", "annual_rent_eur", "rent_weighting_code"), sources
    )
    return replace(found, sources={**found.sources, **weighted})


def _with_quotes(day: pd.Timestamp, edition: str) -> pd.Index:
    """Return the municipalities in the file of an edition, quoted or not."""
    listed: pd.Index = pd.Index(placed_rents(day, edition)[1].dropna().unique())
    return listed


Bring = Callable[[list[Unmatched], Mapping[str, float], pd.Timestamp, str], Figures]
Covered = Callable[[pd.Timestamp, str], pd.Index]
IN_PART: Mapping[str, tuple[Bring, Covered]] = {
    "population": (_population_in_part, _with_residents),
    "rents": (_rents, _with_quotes),
}
"""The tables that an edition of a part of Italy may stand over: its figures, whom it covers."""


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
        Of :func:`needs_analysis.rents.zones_in_mean`; empty unless quotes, perimeters of the same
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
    people = rents.zone_population(perimeters, sections, sections["residents"])
    return rents.zones_in_mean(quotes, people.by_zone)


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


def _rent_growth(report: list[Unmatched], day: pd.Timestamp) -> Figures:
    """Take the rents at both ends of an unbroken series, of municipalities not merged since."""
    grown = store.table("rents_growth").set_index("cadastral_code")
    place = history.successors(grown.index, day, last_day=True)
    alone = (place["change"] == "unchanged") & (grown["reason"] == "")
    ends = grown.loc[alone, ["rent_first_eur_m2_month", "rent_last_eur_m2_month"]]
    frame = ends.set_axis(place.loc[alone, "municipality_code"]).reindex(_index(day))
    _not_covered(report, "rents_growth", frame["rent_last_eur_m2_month"].notna(), day)
    return _figures("rents_growth", frame, day)


def _tenure(report: list[Unmatched], day: pd.Timestamp) -> Figures:
    frame = store.table("tenure_2011").set_index("municipality_code")
    # A municipality merged since is known only if all its parts are.
    done = recode(frame, store.source_of("tenure_2011").reference_date, day, "sum", carved="keep")
    summed = done.frame
    tenures = ["renting_households_2011", "owning_households_2011", "other_tenure_households_2011"]
    summed["households_by_tenure_2011"] = summed[tenures].sum(axis=1, skipna=False)
    found = summed.reindex(_index(day))
    _note(report, "tenure_2011", problem("codes_of_2011_unknown"), done.unmatched.index)
    _not_covered(report, "tenure_2011", found["households_2011"].notna(), day)
    return _figures("tenure_2011", found, day)


def _classification(report: list[Unmatched], day: pd.Timestamp) -> Figures:
    own = store.source_of("classification").reference_date
    classes = store.table("classification").set_index("municipality_code")
    classes["coastal"] = classes["coastal"].map({True: 1.0, False: 0.0})
    # Where municipalities merged, the class is that of the largest.
    size = recode(municipalities()[["households"]], DAY, own, "sum").frame["households"]
    order = size.reindex(classes.index).sort_values(ascending=False, kind="stable").index
    rules = dict.fromkeys(classes.columns, "first") | {"coastal": "max"}
    done = recode(classes.loc[order], own, day, rules)
    frame = done.frame.reindex(_index(day))
    frame = frame.rename(columns={"degree_of_urbanisation_code": "urbanisation_code"})
    # A municipality merged since takes the class of what it became part of.
    merged = done.flags["share"].reindex(_index(day)) < 1
    several = _of_several_classes(classes, own, day).reindex(_index(day), fill_value=False)
    taken = np.where(merged | several, Quality.IMPUTED, Quality.OBSERVED)
    quality = pd.DataFrame(
        np.repeat(taken[:, None], frame.shape[1], axis=1), frame.index, frame.columns
    )
    names = municipalities(day)["municipality_name"]
    _note(report, "classification", problem("class_of_predecessor"), names[merged])
    _note(report, "classification", problem("class_of_largest"), names[several])
    _not_covered(report, "classification", frame["urbanisation_code"].notna(), day)
    return _figures("classification", frame, day, quality=quality)


def _of_several_classes(classes: pd.DataFrame, own: str, day: pd.Timestamp) -> pd.Series:
    """Tell which municipalities of a day were made of some of different classes."""
    joined = links(own, day).join(classes, on="old").groupby("new")[classes.columns.tolist()]
    return joined.nunique().gt(1).any(axis=1)


def _accommodation(report: list[Unmatched], day: pd.Timestamp) -> Figures:
    rows = store.table("accommodation")
    rows["beds"] = rows["rented_lodging_beds"] + rows["bed_and_breakfast_beds"]
    latest = rows["year"].max()
    parts = [
        _beds(one, int(str(year)), report, day).renamed(
            {"beds": "accommodation_beds" if year == latest else f"accommodation_beds_{year}"}
        )
        for year, one in rows.groupby("year")
    ]
    return parts[0].beside(*parts[1:])


def _beds(rows: pd.DataFrame, year: int, report: list[Unmatched], day: pd.Timestamp) -> Figures:
    beds = rows.set_index("municipality_code")[["beds"]]
    # What was merged after our day is split again over its parts by households.
    done = recode(beds, f"{year}-01-01", day, "sum")
    without = problem("codes_of_year_without_place", year=year)
    _note(report, "accommodation", without, done.unmatched.index)
    frame = done.frame.reindex(_index(day))
    taken = _split(done.flags["share"].reindex(frame.index))
    quality = pd.DataFrame({"beds": taken}, index=frame.index)
    _not_covered(report, "accommodation", frame["beds"].notna(), day)
    return _figures("accommodation", frame, day, quality=quality, vintage=str(year))


def prefecture_provinces(codes_on: pd.Timestamp | str | None = None) -> pd.Series:
    """Return the province abbreviation under which each municipality's evictions are published.

    Sud Sardegna is in the prefecture of Cagliari; the provinces of 2026 are in those of before.

    Parameters
    ----------
    codes_on : Timestamp or str, optional
        The day of the municipalities; 1 January 2022 when omitted.

    Examples
    --------
    >>> prefecture_provinces()[["111009", "092009"]].tolist()
    ['CA', 'CA']
    """
    return _prefecture_provinces(day_of(codes_on))


@store.remembered()
def _prefecture_provinces(day: pd.Timestamp) -> pd.Series:
    units = municipalities(day)
    own = units["cadastral_code"].map(history.active_prefectures())
    # Merged since: its prefecture is the one of the rest of its province.
    usual = own.groupby(units["province_abbreviation"]).agg(lambda codes: codes.mode().iloc[0])
    return own.fillna(units["province_abbreviation"].map(usual))


def _home(codes: pd.Index) -> pd.Series:
    """Return the prefecture of municipality codes of any day since 2022."""
    found = _prefecture_provinces(DAY).reindex(codes)
    if not found.isna().any():
        return found
    later = history.cadastral_codes(codes[found.isna()]).map(history.active_prefectures())
    return found.fillna(later).fillna("")


def evictions_by_province(overrides: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return the published evictions by province with what may not be read from them.

    A zero in one of orders, requests and executions while another is positive is missing. The split
    between capital and rest is not reliable where one is zero and the other is not, or where their
    rates per household differ by more than a factor of five, in the total or in a motive with at
    least 100 orders. A series is broken where a count of 100 or more rises by over 300 % or falls by
    over 70 %, or has such a zero.

    Returns
    -------
    DataFrame
        Indexed by province_abbreviation: the published columns (missing for zero as above),
        orders_capital, orders_rest, households, capital_households, split_reliable, and for each of
        orders, requests, executions `<count>_broken`.

    Examples
    --------
    >>> found = evictions_by_province()
    >>> float(found.loc["MB", "orders"]), bool(found.loc["MB", "split_reliable"])
    (710.0, False)
    >>> bool(found.loc["MI", "requests_broken"])
    True
    """
    values = parameters.values(overrides)
    units, home = municipalities(), prefecture_provinces()
    published = store.table("evictions").set_index("province_abbreviation")
    counts, broken = eviction_counts(published, values)
    frame = published.copy()
    frame[counts.columns] = counts
    # Sud Sardegna's own capital is no capital of the prefecture it is published under.
    capital = units["is_capital"] & (units["province_abbreviation"] == home)
    frame["households"] = units["households"].groupby(home).sum()
    frame["capital_households"] = units.loc[capital, "households"].groupby(home[capital]).sum()
    motives = ("need", "end", "arrears")
    for part in ("capital", "rest"):
        frame[f"orders_{part}"] = frame[[f"orders_{m}_{part}" for m in motives]].sum(axis=1)
    frame["split_reliable"] = _split_reliable(frame, motives, values)
    return frame.join(broken.add_suffix("_broken"))


def eviction_counts(
    published: pd.DataFrame, values: Mapping[str, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return orders, requests and executions of one edition, and whether each breaks its series.

    Parameters
    ----------
    published : DataFrame
        The table `evictions`, by province.
    values : mapping of str to float
        The parameters in force.

    Returns
    -------
    counts, broken : DataFrame
        By province, missing for the zeros, and breaks, of :func:`evictions_by_province`.
    """
    given = published[["orders", "requests", "executions"]]
    zero = (given == 0) & (given.max(axis=1) > 0).to_numpy()[:, None]
    broken = zero.copy()
    for name in given.columns:
        change, count = published[f"{name}_change_share"], given[name]
        before = count / (1 + change).where(change > -1)
        large = np.maximum(count, before.fillna(0)) >= values["eviction_series_count_min"]
        jump = (change > values["eviction_series_rise_max_share"]) | (
            change < -values["eviction_series_fall_max_share"]
        )
        broken[name] |= large & jump
    return given.mask(zero), broken


def _split_reliable(
    frame: pd.DataFrame, motives: Sequence[str], values: Mapping[str, float]
) -> pd.Series:
    reliable = pd.Series(True, index=frame.index)
    rest_households = frame["households"] - frame["capital_households"]
    for prefix in ("orders", *(f"orders_{motive}" for motive in motives)):
        capital, rest = frame[f"{prefix}_capital"], frame[f"{prefix}_rest"]
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = (capital / frame["capital_households"]) / (rest / rest_households)
        most = values["eviction_split_factor_max"]
        strange = ((capital == 0) ^ (rest == 0)) | (factor > most) | (factor < 1 / most)
        if prefix != "orders":
            strange &= (capital + rest) >= values["eviction_split_orders_min"]
        reliable &= ~strange
    return reliable


def _evictions(
    households: pd.Series, report: list[Unmatched], values: Mapping[str, float], day: pd.Timestamp
) -> Figures:
    home = prefecture_provinces(day)
    units = municipalities(day)
    published = evictions_by_province(values)
    _note(report, "evictions", problem("provinces_unknown"), set(published.index) - set(home))
    by_unit = published.reindex(home).set_axis(home.index)
    capital = units["is_capital"] & (units["province_abbreviation"] == home)
    split = by_unit["split_reliable"].fillna(False).astype(bool)
    part = home + np.where(split, np.where(capital, " capital", " rest"), "")
    base = households.groupby(part).transform("sum")
    arrears = [f"orders_arrears_{side}" for side in ("capital", "rest")]
    totals = {
        "eviction_orders": (by_unit["orders"], by_unit["orders_capital"], by_unit["orders_rest"]),
        "eviction_arrears_orders": (by_unit[arrears].sum(axis=1), *(by_unit[a] for a in arrears)),
    }
    frame = pd.DataFrame(index=_index(day))
    for name, (total, in_capital, in_rest) in totals.items():
        given = total.where(~split, in_rest.where(~capital, in_capital))
        frame[name] = (given * households / base).where(by_unit["orders"].notna())
    whole = households.groupby(home).transform("sum")
    for count in ("requests", "executions"):
        frame[f"eviction_{count}"] = by_unit[count] * households / whole
    quality = pd.DataFrame(Quality.ALLOCATED, index=frame.index, columns=frame.columns)
    alone = split & capital & (part.groupby(part).transform("size") == 1)
    quality.loc[alone, list(totals)] = Quality.OBSERVED
    return _figures("evictions", frame, day, quality=quality)


def _derive(base: Figures, wanted: Mapping[str, Derived]) -> Figures:
    parts = []
    for name, derived in wanted.items():
        inputs = list(derived.inputs)
        data = derived.formula(*(base.data[one] for one in inputs)).to_frame(name)
        quality = base.quality[inputs].max(axis=1).clip(upper=Quality.IMPUTED).to_frame(name)
        vintage = joint_vintage(base.vintage[inputs]).to_frame(name)
        sources = {name: tuple(dict.fromkeys(s for one in inputs for s in base.sources[one]))}
        parts.append(Figures.of(data, quality=quality, vintage=vintage, sources=sources))
    return parts[0].beside(*parts[1:])


def _base_of(columns: Sequence[str]) -> list[str]:
    named = [b for name in columns for b in (DERIVED[name].inputs if name in DERIVED else (name,))]
    return list(dict.fromkeys(named))


def covering(
    local: Figures,
    national: Figures,
    codes: Sequence[str],
    codes_on: pd.Timestamp | str | None = None,
) -> Figures:
    """Return the panel that an area's figures are pooled from, one edition of each table.

    Parameters
    ----------
    local, national : Figures
        Panels of :func:`build`, the second with `national`.
    codes : sequence of str
        The municipalities of the area.
    codes_on : Timestamp or str, optional
        The day of the panels; 1 January 2022 when omitted.

    Returns
    -------
    Figures
        Of the edition of :func:`area_edition`: municipalities that it lacks are missing.
    """
    over = [table for table in IN_PART if store.parts(table)]
    edition = {table: area_edition(table, codes, codes_on) for table in over}
    if not any(edition.values()):
        return national
    found = local
    for table in over:
        own = editions(table, codes_on)[list(codes)]
        others = own.index[own != edition[table]]
        if len(others):
            given = national.columns(_columns_of(table, national))
            found = found.replaced(given.missing() if edition[table] else given, others)
    return found


def _columns_of(table: str, panel: Figures) -> list[str]:
    source_id = store.source_of(table).id
    return [name for name in map(str, panel.data) if source_id in panel.sources[name][:1]]


def pool(panel: Figures, groups: Mapping[str, Sequence[str]], columns: Sequence[str]) -> Figures:
    """Pool municipal figures into areas, over the municipalities that have all the columns.

    Counts and amounts are summed; the annual rent and the price are household-weighted means; the
    ends of a range are its lowest and highest. What was allocated from provinces is observed again
    in an area made of whole provinces.

    Parameters
    ----------
    panel : Figures
        The municipal panel, with households.
    groups : mapping of str to sequence of str
        For each area its municipality codes; areas may overlap, none may be empty.
    columns : sequence of str
        The columns wanted, derived ones included.

    Returns
    -------
    Figures
        Indexed by area, in the order of `groups`; NaN where no municipality has all the columns.

    Examples
    --------
    >>> pool(build(), {"two": ["108033", "108012"]}, ["households"]).data.loc["two"].tolist()
    [71428.0]
    """
    return Pool(panel, groups).figures(columns)


def _unpooled(groups: Mapping[str, Sequence[str]], here: pd.Index) -> Iterator[Problem]:
    """Give what is wrong with areas that cannot be put together."""
    for area, codes in groups.items():
        if not codes:
            yield problem("no_members", area=area)
        if absent := tuple(one for one in codes if one not in here):
            yield problem("not_here", area=area, codes=absent[:5])


class Pool:
    """The municipalities of some areas, laid end to end so that each area is one slice.

    Parameters
    ----------
    panel : Figures
        The municipal panel, with households.
    groups : mapping of str to sequence of str
        For each area its municipality codes; areas may overlap, none may be empty.
    """

    def __init__(self, panel: Figures, groups: Mapping[str, Sequence[str]]) -> None:
        self.panel = panel
        self.labels = pd.Index(list(groups), name="area")
        codes = pd.Index([code for members in groups.values() for code in members], dtype="str")
        self.rows = panel.data.index.get_indexer(codes)
        if (self.rows < 0).any() or not all(groups.values()):
            raise AreaError(*_unpooled(groups, panel.data.index))
        sizes = [len(members) for members in groups.values()]
        self.starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int)
        self.of = np.repeat(np.arange(len(sizes)), sizes)
        self.weight = panel.data["households"].to_numpy()[self.rows]

    def covered(self, columns: Sequence[str]) -> pd.Series:
        """Return the share of each area's households whose municipality has all `columns`."""
        kept = np.where(self._complete(_base_of(columns)), self.weight, 0.0)
        shares = np.add.reduceat(kept, self.starts) / np.add.reduceat(self.weight, self.starts)
        return pd.Series(shares, index=self.labels)

    def counted(self, columns: Sequence[str]) -> np.ndarray:
        """Tell for each municipality, area after area, whether it has all `columns`."""
        return self._complete(_base_of(columns))

    def figures(self, columns: Sequence[str]) -> Figures:
        """Return `columns` pooled over the municipalities that have all of them."""
        base = _base_of(columns)
        complete = self._complete(base)
        found = Figures.of(
            pd.DataFrame({name: self._values(name, complete) for name in base}, index=self.labels),
            quality=pd.DataFrame(
                {name: self._quality(name, complete) for name in base}, index=self.labels
            ),
            vintage=pd.DataFrame(
                {name: self._vintages(name, complete) for name in base}, index=self.labels
            ),
            sources={name: self.panel.sources.get(name, ()) for name in base},
        )
        derived = {name: DERIVED[name] for name in columns if name in DERIVED}
        return (found.beside(_derive(found, derived)) if derived else found).columns(columns)

    def _complete(self, base: Sequence[str]) -> np.ndarray:
        """Tell which municipalities have all columns; a cell its source withholds counts as had."""
        has = self.panel.quality[list(base)].to_numpy() != Quality.MISSING
        return np.asarray(has.all(axis=1)[self.rows])

    def _values(self, name: str, complete: np.ndarray) -> np.ndarray:
        values = self.panel.data[name].to_numpy(dtype=float)[self.rows]
        kept = complete & ~np.isnan(values)
        if name in _LOWEST or name in _HIGHEST:
            extreme, worst = (np.minimum, np.inf) if name in _LOWEST else (np.maximum, -np.inf)
            found = extreme.reduceat(np.where(kept, values, worst), self.starts)
        elif name in _WEIGHTED:
            summed = np.add.reduceat(np.where(kept, values * self.weight, 0.0), self.starts)
            weights = np.add.reduceat(np.where(kept, self.weight, 0.0), self.starts)
            found = summed / np.where(weights > 0, weights, np.nan)
        else:
            found = np.add.reduceat(np.where(kept, values, 0.0), self.starts)
        return np.where(np.add.reduceat(kept, self.starts) > 0, found, np.nan)

    def _vintages(self, name: str, complete: np.ndarray) -> str | list[str]:
        """Return the dates of a column in each area: of the municipalities that count there."""
        dates = self.panel.vintage[name]
        if len(dates.unique()) == 1:
            return join_vintages(dates.unique())
        own = dates.to_numpy()[self.rows]
        every = np.split(np.arange(len(own)), self.starts[1:])
        return [
            join_vintages(pd.unique(own[at[complete[at]] if complete[at].any() else at]))
            for at in every
        ]

    def _quality(self, name: str, complete: np.ndarray) -> np.ndarray:
        given = self.panel.quality[name].to_numpy()[self.rows]
        given = np.where(complete & (given < Quality.SUPPRESSED), given, Quality.OBSERVED)
        worst = np.maximum.reduceat(given, self.starts)
        whole = (worst == Quality.ALLOCATED) & self._whole
        return np.where(whole, Quality.OBSERVED, worst).astype("int8")

    @cached_property
    def _whole(self) -> np.ndarray:
        """Tell which areas hold, of every prefecture they touch, all municipalities."""
        home, _ = pd.factorize(_home(self.panel.data.index))
        size = np.bincount(home)
        pairs, counts = np.unique(np.c_[self.of, home[self.rows]], axis=0, return_counts=True)
        whole = np.ones(len(self.labels), dtype=bool)
        np.logical_and.at(whole, pairs[:, 0], counts == size[pairs[:, 1]])
        return whole
