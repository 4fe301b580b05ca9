"""The only join: every source brought to the municipalities of one day, with quality and vintage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.errors import AreaError, Messages, Problem
from needs_analysis.figures import Figures, Quality
from needs_analysis.municipal.evictions import evictions_by_province, prefecture_provinces
from needs_analysis.municipal.pools import DERIVED, derive
from needs_analysis.municipal.rents.weights import merge_predecessors, placed_rents
from needs_analysis.territory import history
from needs_analysis.territory.codes import DAY, day_of
from needs_analysis.territory.recode import links, recode
from needs_analysis.territory.units import municipalities, unplaced
from needs_analysis.words import N_

if TYPE_CHECKING:
    import geopandas as gpd

CLASSES = ("to_0", "0_10k", "10_15k", "15_26k", "26_55k", "55_75k", "75_120k", "over_120k")
LOW_CLASSES = CLASSES[:2]


problem = Messages(
    "panel",
    {
        "other_day": N_("l'area ha i codici del {own}, non del {day}"),
        "same_day": N_("Sceglierla con lo stesso giorno."),
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
    return base.beside(derive(base, DERIVED)), tuple(report)


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
    frame = merge_predecessors(quoted, place.dropna(), weights).reindex(_index(day))
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
