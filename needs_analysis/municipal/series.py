"""Every edition at hand as one series: by municipality on the codes of one day, with its breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.errors import AreaError, Messages, ParameterError, wanted
from needs_analysis.figures import Figures, Quality, wanted_several
from needs_analysis.municipal import incomes
from needs_analysis.municipal.declaration import Join
from needs_analysis.municipal.evictions import eviction_counts, prefecture_provinces
from needs_analysis.municipal.joins import BEDS, DERIVED, joins
from needs_analysis.municipal.rents.weights import merge_predecessors, place_quotes
from needs_analysis.sources import omi_rates
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
        "unlinked": N_(
            "i semestri non si toccano: senza le quotazioni comuni non si sa se le zone cambiano"
        ),
        "surface_break": N_("la superficie è passata da lorda a netta, o viceversa"),
        "typology_changed": N_("è cambiata la tipologia quotata"),
        "zones_changed": N_("sono cambiate le zone"),
        "states_changed": N_("è cambiato lo stato prevalente di una zona"),
        "count_broken": N_("il conteggio salta, o è 0 dove altri non lo sono"),
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
# Of all units, by name: the first year that does not compare with the ones before, and why.
_BREAKS = {
    "declarants_to_0": ("2018", "class_to_zero"),
    "income_to_0_eur": ("2018", "class_to_zero"),
    "allowance_eur": ("2020", "allowance"),
    "accommodation_beds": ("2025", "private_lodgings"),
    "accommodation_beds_total": ("2025", "private_lodgings"),
    "rented_lodging_beds": ("2025", "private_lodgings"),
}


@dataclass(frozen=True, eq=False)
class Series:
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
    return tuple(sorted({*_income_inputs(), *_BEDS, *_EVICTIONS, _RENT}))


def series(
    name: str,
    areas: gpd.GeoDataFrame | Sequence[str] | None = None,
    codes_on: pd.Timestamp | str | None = None,
) -> Series:
    """Return every edition at hand of one figure as a series by municipality on one day's codes.

    What ships and what the user added: incomes (MEF), tourist beds (ISTAT), rents (OMI), and evictions
    (Interior) by prefecture's province, as they are published. Counts and amounts are recoded, so that
    their sums stay; a mean is made of them after.

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
    A series is not chained: `breaks` says where a level changed its meaning, and nothing may be
    subtracted across.

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
    return ((_income_inputs(), _incomes), (_BEDS, _accommodation), ((_RENT,), _rents))


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
    if name in _BREAKS and dates and dates[0] < _BREAKS[name][0] <= dates[-1]:
        kept.append(("", *_BREAKS[name]))
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


def _incomes(name: str, day: pd.Timestamp) -> _Found:
    inputs = list(_income_inputs()[name])
    # A whole edition stands before a selection of its columns.
    at_hand = _by_date([*store.editions("mef_means"), *store.editions("mef_incomes")])
    stretches = []
    for date, one in at_hand.items():
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
