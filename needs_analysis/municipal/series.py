"""Every edition at hand as one series: by municipality on the codes of one day, with its breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.errors import AreaError, Messages, ParameterError, wanted
from needs_analysis.figures import Displayed, Figures, Quality, wanted_several
from needs_analysis.municipal import incomes
from needs_analysis.municipal.declaration import Join, vintage_of
from needs_analysis.municipal.evictions import eviction_counts, prefecture_provinces
from needs_analysis.municipal.joins import BEDS, DERIVED, joins
from needs_analysis.municipal.rents.weights import merge_predecessors, place_quotes
from needs_analysis.sources import istat_accommodation, omi_rates
from needs_analysis.store import Edition
from needs_analysis.territory import day_of, municipalities, recode
from needs_analysis.words import ITALIAN, N_, Voice

if TYPE_CHECKING:
    import geopandas as gpd

problem = Messages(
    "editions",
    {
        "unknown": N_("nessuna serie «{name}»: ci sono {known}"),
        "not_there": N_("comuni che non ci sono al {day}: {codes}"),
        # why a date does not compare with the one before
        "class_to_zero": N_(
            "fra il 2017 e il 2018 la classe «fino a 0» ha cambiato significato: non conta gli stessi"
        ),
        "allowance": N_("dal 2020 il trattamento integrativo ha preso il posto del bonus"),
        "private_lodgings": N_(
            "dal 2025 l'ISTAT conta anche gli alloggi in affitto non imprenditoriali"
        ),
        "permanent_census": N_(
            "dal 31 dicembre 2018 i residenti sono quelli del censimento permanente, prima gli iscritti "
            "in anagrafe"
        ),
        "unlinked": N_(
            "i semestri non si toccano: senza le quotazioni comuni non si sa se le zone cambiano"
        ),
        "surface_break": N_("la superficie è passata da lorda a netta, o viceversa"),
        "typology_changed": N_("è cambiata la tipologia quotata"),
        "zones_changed": N_("sono cambiate le zone"),
        "states_changed": N_("è cambiato lo stato prevalente di una zona"),
        "count_broken": N_("il conteggio salta, o è 0 dove altri non lo sono"),
        # what is asked of a series
        "no_edition": N_("«{name}» non ha un'edizione {date}: ci sono {known}"),
        "not_after": N_("{end} non viene dopo {start}"),
        "one_edition": N_("«{name}» ha una sola edizione: come cambia non si può dire"),
        "across": N_("fra {start} e {end} la serie di «{name}» si interrompe: {reasons}"),
        "across_told": N_("Con across_breaks=True la differenza si fa lo stesso."),
    },
)
_RENT = "rent_eur_m2_month"
_EVICTIONS = {f"eviction_{name}": name for name in ("orders", "requests", "executions")}
_BEDS = {
    "accommodation_beds": BEDS,
    "accommodation_beds_total": ("accommodation_beds_total",),
    "bed_and_breakfast_beds": ("bed_and_breakfast_beds",),
    "rented_lodging_beds": ("rented_lodging_beds",),
}
_PEOPLE = ("resident_population", "residents_by_age")
"""Under the first name the panel has what the second is in its table by age."""
# Of all units, by name: the first year that does not compare with the ones before, and why.
_LODGINGS = (str(istat_accommodation.NOT_AS_A_BUSINESS), "private_lodgings")
_CENSUS = ("2018", "permanent_census")
_BREAKS = {
    "declarants_to_0": ("2018", "class_to_zero"),
    "income_to_0_eur": ("2018", "class_to_zero"),
    "allowance_eur": ("2020", "allowance"),
    "accommodation_beds": _LODGINGS,
    "accommodation_beds_total": _LODGINGS,
    "rented_lodging_beds": _LODGINGS,
}


@dataclass(frozen=True, eq=False, repr=False)
class Series(Displayed):
    """One figure over the editions at hand.

    Parameters
    ----------
    name : str
        The figure; its unit is the suffix.
    figures : Figures
        By municipality_code of the day (by prefecture's province for evictions), a column an
        edition ("2017", "2018/2") in order; quality, vintage and source of each.
    breaks : DataFrame
        unit (empty for all), date (the first that does not compare with what is before) and reason
        (a code that :meth:`said` says).
    unplaced : DataFrame
        code, date and value of the rows of an edition that have no place on the day: with them the
        municipalities make the total that was published.
    day : str
        Of the municipalities.
    """

    name: str
    figures: Figures
    breaks: pd.DataFrame
    unplaced: pd.DataFrame
    day: str

    @property
    def data(self) -> pd.DataFrame:
        """Return the values by unit and edition."""
        return self.figures.data

    def said(self, reason: str, voice: Voice = ITALIAN) -> str:
        """Say a reason of `breaks`."""
        return problem(reason).text(voice)

    def between(self, start: str, end: str) -> pd.DataFrame:
        """Return the breaks after an edition and up to another: what stands on their two sides."""
        return self.breaks[(self.breaks["date"] > start) & (self.breaks["date"] <= end)]

    def change(self, start: str = "", end: str = "", *, across_breaks: bool = False) -> Figures:
        """Return how the figure moved between two editions.

        Parameters
        ----------
        start, end : str
            Columns of `data`, the first and the last when omitted.
        across_breaks : bool
            Subtract across a break too. Else a break of all units is refused, and a unit whose own
            figure broke has no change.

        Returns
        -------
        Figures
            `difference` in the series' unit and `change_share` of the first value (missing where that
            is 0), of the worse quality and the vintages of both.

        Raises
        ------
        ParameterError
            There is no such edition, or one only; the series breaks between them for all units.

        Examples
        --------
        >>> found = series("accommodation_beds_total", ["108033"])
        >>> found.change().data.round(3).iloc[0].tolist()
        [90.0, 0.044]
        """
        first, last = self._ends(start, end)
        broken = self.between(first, last)
        apart = pd.Index(broken["unit"]) if not across_breaks else pd.Index([])
        units = self.data.index
        if "" in apart or (len(apart) and units.isin(apart).all()):
            reasons = tuple(problem(one) for one in dict.fromkeys(broken["reason"]))
            said = problem("across", name=self.name, start=first, end=last, reasons=reasons)
            raise ParameterError(said, cure=problem("across_told"))
        then, now = (self.data[date].mask(units.isin(apart)) for date in (first, last))
        moved = pd.DataFrame(
            {"difference": now - then, "change_share": (now - then) / then.where(then != 0)}
        )
        both = self.figures.columns([first, last])
        worse = both.quality.max(axis=1)
        return Figures.of(
            moved,
            quality=pd.DataFrame(dict.fromkeys(moved, worse)),
            vintage=f"{first} + {last}",
            sources=tuple(dict.fromkeys(one for ids in both.sources.values() for one in ids)),
        )

    def _ends(self, start: str, end: str) -> tuple[str, str]:
        """Return two editions, one after the other."""
        dates = [str(date) for date in self.data.columns]
        asked = [one for one in (start, end) if one]
        problems = [
            problem("no_edition", name=self.name, date=one, known=tuple(dates))
            for one in asked
            if one not in dates
        ]
        if not problems and len(dates) < 2:
            problems = [problem("one_edition", name=self.name)]
        first, last = start or next(iter(dates), ""), end or next(reversed(dates), "")
        if not problems and first >= last:
            problems = [problem("not_after", start=first, end=last)]
        if problems:
            raise ParameterError(*problems)
        return first, last


class _Stretch(NamedTuple):
    """The values of one edition on the codes of the day."""

    date: str
    figure: pd.Series
    allocated: pd.Series
    blank: pd.Index
    unplaced: pd.Series
    source: str


class _Found(NamedTuple):
    stretches: list[_Stretch]
    breaks: list[tuple[str, str, str]]


def names() -> tuple[str, ...]:
    """Return the figures of which there are series.

    Examples
    --------
    >>> "mean_taxable_income_eur" in names(), len(names()) > 20
    (True, True)
    """
    return tuple(sorted({*_income_inputs(), *_BEDS, *_EVICTIONS, _RENT, *_people_inputs()}))


def years() -> dict[str, tuple[str, ...]]:
    """Return the editions at hand of what there are series of, by table.

    Examples
    --------
    >>> years()["accommodation"]
    ('2019', '2024')
    """
    grown = [end for one in store.editions("omi_series") for end in one.date.split("-")]
    found = {
        "population": _population(),
        "incomes": _of_incomes(),
        "rents": [*(one.date for one in store.editions("omi_values")), *grown],
        "evictions": [one.date for one in store.editions("interno_evictions")],
        "accommodation": [one.year for one in joins().values() if one.table == "accommodation"],
    }
    return {table: tuple(sorted({*dates})) for table, dates in found.items()}


def series(
    name: str,
    areas: gpd.GeoDataFrame | Sequence[str] | None = None,
    codes_on: pd.Timestamp | str | None = None,
) -> Series:
    """Return every edition at hand of one figure as a series by municipality on one day's codes.

    What ships and what the user added: residents (ISTAT, at the end of a year), incomes (MEF), tourist
    beds (ISTAT), rents (OMI), and evictions (Interior) by prefecture's province, as they are published.
    Counts and amounts are recoded, so that their sums stay; a mean is made of them after.

    Parameters
    ----------
    name : str
        One of :func:`names`.
    areas : GeoDataFrame or sequence of str, optional
        An area of :func:`needs_analysis.territory.select`, or municipality codes; Italy when omitted.
    codes_on : Timestamp or str, optional
        The day of the municipalities; that of the area, or 1 January 2022.

    Returns
    -------
    Series
        What an edition leaves blank is missing; what was split over municipalities is allocated.

    Raises
    ------
    ParameterError
        There is no such series, or the day is none.
    AreaError
        A municipality is not there on that day.

    Notes
    -----
    A series is not chained: `breaks` says where a level changed its meaning, and
    :meth:`Series.change` subtracts nothing across.

    Examples
    --------
    >>> found = series("accommodation_beds_total", ["108033"])
    >>> found.data.columns.tolist(), found.breaks.empty
    (['2019', '2024'], True)
    """
    wanted(name, str)
    if name not in names():
        raise ParameterError(problem("unknown", name=name, known=names()))
    day = day_of(codes_on or getattr(areas, "attrs", {}).get("codes_on"))
    codes = _codes(areas, day)
    if name in _EVICTIONS:
        found, units = _evictions(name), _provinces(codes, day)
    else:
        found = next(make for held, make in _makers() if name in held)(name, day)
        units = codes
    return _together(name, found, units, day, whole=areas is None)


def _makers() -> tuple[tuple[Iterable[str], Callable[[str, pd.Timestamp], _Found]], ...]:
    return (
        (_income_inputs(), _incomes), (_BEDS, _accommodation), ((_RENT,), _rents),
        (_people_inputs(), _residents),
    )  # fmt: skip


def _codes(areas: gpd.GeoDataFrame | Sequence[str] | None, day: pd.Timestamp) -> pd.Index:
    there: pd.Index = municipalities(day).index
    if areas is None:
        return there
    given = areas.index if isinstance(areas, pd.DataFrame) else wanted_several(areas, str)
    codes: pd.Index = pd.Index(given, dtype="str", name=there.name)
    absent = codes[~codes.isin(there)]
    if len(absent):
        named = tuple(map(str, absent[:5]))
        raise AreaError(problem("not_there", day=f"{day:%Y-%m-%d}", codes=named))
    return codes


def _provinces(codes: pd.Index, day: pd.Timestamp) -> pd.Index:
    homes = prefecture_provinces(day).reindex(codes).dropna().unique()
    found: pd.Index = pd.Index(sorted(homes), name="province_abbreviation")
    return found


def _together(
    name: str, found: _Found, units: pd.Index, day: pd.Timestamp, *, whole: bool
) -> Series:
    ordered = sorted(found.stretches, key=lambda one: one.date)
    data, quality, vintage = {}, {}, {}
    for one in ordered:
        values = one.figure.reindex(units)
        shared = one.allocated.reindex(units, fill_value=False).to_numpy(dtype=bool)
        grade = np.where(shared, Quality.ALLOCATED, Quality.OBSERVED)
        absent = np.where(units.isin(one.blank), Quality.SUPPRESSED, Quality.MISSING)
        data[one.date] = values
        quality[one.date] = np.where(values.isna(), absent, grade).astype("int8")
        vintage[one.date] = one.date
    frame = pd.DataFrame(data, index=units)
    figures = Figures.of(
        frame,
        quality=pd.DataFrame(quality, index=units),
        vintage=pd.DataFrame(vintage, index=units),
        sources={one.date: (one.source,) for one in ordered},
    )
    dates = list(frame.columns)
    # A break before the first date, or of a unit that was not asked for, separates nothing.
    kept = [one for one in found.breaks if dates and dates[0] < one[1] <= dates[-1]]
    kept = [one for one in kept if whole or not one[0] or one[0] in units]
    whole_break = _CENSUS if name in _people_inputs() else _BREAKS.get(name)
    if whole_break and dates and dates[0] < whole_break[0] <= dates[-1]:
        kept.append(("", *whole_break))
    lost = [
        pd.DataFrame({"code": one.unplaced.index, "date": one.date, "value": one.unplaced.array})
        for one in ordered
        if len(one.unplaced)
    ]
    return Series(
        name=name,
        figures=figures,
        breaks=pd.DataFrame(kept, columns=["unit", "date", "reason"], dtype="str"),
        unplaced=pd.concat(lost, ignore_index=True) if lost else pd.DataFrame(_NOWHERE),
        day=f"{day:%Y-%m-%d}",
    )


_NOWHERE: Mapping[str, pd.Series] = {
    "code": pd.Series(dtype="str"), "date": pd.Series(dtype="str"), "value": pd.Series(dtype=float)
}  # fmt: skip


def _by_date(editions: Iterable[Edition]) -> dict[str, Edition]:
    """Return one edition a date: the user's in the place of the shipped one."""
    return {one.date: one for one in editions}


# --- residents ---------------------------------------------------------------------------------


def _people_inputs() -> dict[str, tuple[str, ...]]:
    """Return the counts of residents, each with the published column it is."""
    counts = map(str, store.table("population").select_dtypes("number").columns)
    found: dict[str, tuple[str, ...]] = {name: (name,) for name in counts}
    return found | {_PEOPLE[0]: (_PEOPLE[1],)}


def _population() -> dict[str, Edition]:
    """Return the editions of residents by year, those of one day once."""
    found = [
        one for source in ("istat_population", "istat_posas") for one in store.editions(source)
    ]
    return {vintage_of(date): one for date, one in _by_date(found).items()}


def _residents(name: str, day: pd.Timestamp) -> _Found:
    column, join = list(_people_inputs()[name]), joins()["population"]
    return _Found(
        [
            _recoded(join, one.frame.set_index(join.key)[column], one.date, one.source.id, name, day)
            ._replace(date=year)
            for year, one in _population().items()
        ],
        [],
    )  # fmt: skip


# --- incomes -----------------------------------------------------------------------------------


def _income_inputs() -> dict[str, tuple[str, ...]]:
    """Return the figures of incomes, each with the published columns it is made of."""
    columns = store.table("incomes").select_dtypes("number").columns
    newer = ("total_income_declarants", "total_income_eur")
    found: dict[str, tuple[str, ...]] = {str(name): (str(name),) for name in (*columns, *newer)}
    made = {
        name: derived.inputs for name, derived in DERIVED.items() if {*derived.inputs} <= {*found}
    }
    return found | made


def _of_incomes() -> dict[str, Edition]:
    """Return the editions of incomes by year: a whole one before a selection of its columns."""
    return _by_date([*store.editions("mef_means"), *store.editions("mef_incomes")])


def _incomes(name: str, day: pd.Timestamp) -> _Found:
    inputs = list(_income_inputs()[name])
    stretches = []
    for date, one in _of_incomes().items():
        if not {*inputs} <= {*one.frame} or one.frame[inputs].isna().all(axis=None):
            continue  # a tax year that does not publish it
        rows = one.frame.set_index(one.frame["cadastral_code"].fillna(""))[inputs]
        stretches.append(_recoded(incomes.JOIN, rows, date, one.source.id, name, day))
    return _Found(stretches, [])


def _recoded(
    join: Join, rows: pd.DataFrame, date: str, source: str, name: str, day: pd.Timestamp
) -> _Stretch:
    """Bring the rows of an edition to the day, and make the figure of what was summed."""
    done = recode(rows, join.codes_of(date), day, "sum", kind=join.key, partial=True)
    derived = DERIVED.get(name)

    def made(frame: pd.DataFrame) -> pd.Series:
        return derived.of(frame) if derived else frame.sum(axis=1, min_count=len(rows.columns))

    values = made(done.frame)
    lost = made(done.unmatched.drop(columns="reason"))
    return _Stretch(
        date, values, done.flags["share"] < 1, values.index[values.isna()], lost.dropna(), source
    )


# --- beds --------------------------------------------------------------------------------------


def _accommodation(name: str, day: pd.Timestamp) -> _Found:
    parts, source = list(_BEDS[name]), store.source_of("accommodation").id
    by_year = [one for one in joins().values() if one.table == "accommodation"]
    stretches = [_recoded(one, one.rows()[parts], one.year, source, name, day) for one in by_year]
    return _Found(stretches, [])


# --- evictions ---------------------------------------------------------------------------------


def _evictions(name: str) -> _Found:
    values = parameters.values()
    stretches, breaks = [], []
    for date, one in _by_date(store.editions("interno_evictions")).items():
        published = one.frame.set_index("province_abbreviation")
        counts, broken = eviction_counts(published, values)
        given = counts[_EVICTIONS[name]].astype(float)
        nothing = pd.Series(False, index=given.index)
        stretches.append(
            _Stretch(date, given, nothing, given.index[:0], given.iloc[:0], one.source.id)
        )
        said = broken.index[broken[_EVICTIONS[name]]]
        breaks += [(str(unit), date, "count_broken") for unit in said]
    return _Found(stretches, breaks)


# --- rents -------------------------------------------------------------------------------------


def _rents(name: str, day: pd.Timestamp) -> _Found:  # noqa: ARG001
    """Place the rents of every half-year: of the user's quotes, and of what ships where none are."""
    own = {one.date: one for one in store.editions("omi_values") if not one.ships}
    ships = next((one for one in store.editions("omi_values") if one.ships), None)
    grown = next((one.frame for one in store.editions("omi_series")), None)
    stretches, breaks = [], []
    for date, one in own.items():
        quoted = omi_rates.municipal(one.frame).assign(rent_weighting_code="Z")
        stretches.append(_placed(quoted, day, date, one.source.id))
    if own:
        flags = omi_rates.series({date: one.frame for date, one in own.items()})
        breaks += _flagged(flags, day)
    if ships is not None and ships.date not in own:
        quoted = ships.frame.set_index("cadastral_code").assign(rent_weighting_code="Z")
        stretches.append(_placed(quoted, day, ships.date, ships.source.id))
    if ships is not None and grown is not None:
        first, last = grown["first_semester"].iloc[0], grown["last_semester"].iloc[0]
        if first not in own and last == ships.date:
            stretches.append(_alone(grown, day, first, ships.source.id))
            why = grown.set_index("cadastral_code")["reason"]
            breaks += _on_the_day(why[why.isin(omi_rates.BREAKS)], last, day)
        # What the user added after what ships touches it only with the quotes of that half-year.
        apart = [date for date in own if date > last] if last not in own else []
        apart += [first] if own and min(own) < first not in own else []
        breaks += [("", min(apart), "unlinked")] if apart else []
    return _Found(stretches, breaks)


def _placed(quoted: pd.DataFrame, day: pd.Timestamp, date: str, source: str) -> _Stretch:
    rows, place, weights = place_quotes(quoted, day)
    values = merge_predecessors(rows, place.dropna(), weights)[_RENT]
    return _standing(values, rows[_RENT], place, date, source)


def _alone(grown: pd.DataFrame, day: pd.Timestamp, date: str, source: str) -> _Stretch:
    """Place the first rents of the shipped series; of what was merged the surface kind is unknown."""
    first = grown.set_index("cadastral_code")[["rent_first_eur_m2_month"]]
    rows, place, _ = place_quotes(first, day)
    quoted = rows["rent_first_eur_m2_month"]
    placed = quoted.groupby(place)
    return _standing(placed.first().where(placed.size() == 1), quoted, place, date, source)


def _standing(
    values: pd.Series, quoted: pd.Series, place: pd.Series, date: str, source: str
) -> _Stretch:
    """Put beside the values of the day what was split to make them, and what has no place."""
    shared = place[place.index.str.contains(" > ", regex=False)]
    lost = quoted.loc[place.index[place.isna()]].dropna()
    return _Stretch(
        date, values, pd.Series(values.index.isin(shared), index=values.index), values.index[:0],
        lost, source,
    )  # fmt: skip


def _flagged(flags: pd.DataFrame, day: pd.Timestamp) -> list[tuple[str, str, str]]:
    """Return the breaks of a series of quotes, the gravest of each municipality and half-year."""
    found: list[tuple[str, str, str]] = []
    for semester, rows in flags.groupby("semester"):
        kinds = rows.set_index("cadastral_code")[list(omi_rates.BREAKS)]
        broken = kinds[kinds.any(axis=1)]
        if len(broken):
            found += _on_the_day(broken.idxmax(axis=1), str(semester), day)
    return found


def _on_the_day(reasons: pd.Series, date: str, day: pd.Timestamp) -> list[tuple[str, str, str]]:
    _, place, _ = place_quotes(reasons.to_frame("reason"), day)
    codes = place.index.str.split(" > ").str[0]
    placed = pd.DataFrame({"unit": place.to_numpy(), "reason": reasons.reindex(codes).to_numpy()})
    placed = placed.dropna().drop_duplicates("unit")
    return [(unit, date, reason) for unit, reason in placed.itertuples(index=False, name=None)]
