"""How the frames of each source become one table of figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from needs_analysis.errors import Problem
from needs_analysis.figures import wanted_several
from needs_analysis.provenance import Source
from needs_analysis.sources import omi_rates
from needs_analysis.store.problems import problem

Frames = Sequence[pd.DataFrame]


class Taken(NamedTuple):
    """Which of the user's files stand behind a table, and whether the shipped rows do too.

    `files` are checksums; `lacks` says what would bring in those that do not, if anything would.
    """

    files: tuple[str, ...]
    ships: bool = True
    lacks: Problem | None = None


@dataclass(frozen=True)
class Every:
    """How further editions of the user's join a shipped table that is made of every edition.

    `take` chooses among the user's files by their sources (by date), given that of the shipped rows
    or None where they may not be used; `extend` puts the frames of those taken to the shipped rows.
    `italy` tells whether only editions that cover all Italy may be taken.
    """

    take: Callable[[Source | None, Sequence[Source]], Taken]
    extend: Callable[[pd.DataFrame, Frames], pd.DataFrame]
    italy: bool = True


@dataclass(frozen=True)
class Recipe:
    """How the frames of one source become one table.

    `source` is the id of the source, `keys` the primary key; `combine` turns the frames of the files
    recognised (each with its reference date) into the table: of every edition where `every` is set,
    of the newest otherwise. `cited_as` is the id of the citation where it is not the source's; `also`
    are further sources whose frames have the same columns.
    """

    source: str
    title: str
    keys: tuple[str, ...]
    combine: Callable[[Frames], pd.DataFrame]
    every: Every | None = None
    cited_as: str = ""
    also: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the ids of all sources that feed the table."""
        return (self.source, *self.also)

    @property
    def by_date(self) -> bool:
        """Tell whether the date of an edition decides which one is used."""
        return self.every is None or self.every.take is not take_all


def dates_in(reference_date: str) -> list[str]:
    """Return the dates in a reference date of several editions.

    Examples
    --------
    >>> dates_in("2016/1-2018/2"), dates_in("2019 + 2024"), dates_in("2011-10-09")
    (['2016/1', '2018/2'], ['2019', '2024'], ['2011-10-09'])
    """
    return re.split(r" \+ |-(?=\d{4})", reference_date)


def dates_of(dates: Iterable[str]) -> str:
    """Return the reference date of several editions: all of two, the first and last of more.

    Examples
    --------
    >>> dates_of(["2024", "2019", "2024"]), dates_of(["2016/1", "2018/2", "2019/1"])
    ('2019 + 2024', '2016/1-2019/1')
    """
    known = sorted({one for one in wanted_several(dates, str) if one})
    return " + ".join(known) if len(known) < 3 else f"{known[0]}-{known[-1]}"


def latest(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Keep the newest edition."""
    return max(frames, key=lambda frame: str(frame.attrs.get("reference_date", ""))).reset_index()


def total_incomes(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Keep the total incomes of the newest selection of columns: what the classes lack."""
    columns = ["municipality_code", "cadastral_code", "municipality_name"]
    return latest(frames)[[*columns, "total_income_declarants", "total_income_eur"]]


def distinct(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Keep each row once: the publisher repeats some changes."""
    return pd.concat(frames, ignore_index=True).drop_duplicates()


def summed(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put regional files under each other."""
    # A municipality stands in one regional file only; a sum over files would hide a double.
    return pd.concat(frames).reset_index()


def by_year(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put editions under each other, each with its year."""
    dated = [frame.assign(year=int(frame.attrs["reference_date"])) for frame in frames]
    return pd.concat(dated).reset_index()


def latest_rents(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Bring the quotes of the newest half-year to municipalities."""
    quotes = _by_semester(frames)
    return omi_rates.municipal(quotes[max(quotes)]).reset_index()


_ONE_QUOTE = ["cadastral_code", "zone_code", "typology_code", "state"]


def _by_semester(frames: Frames) -> dict[str, pd.DataFrame]:
    """Put the quotes of one half-year under each other, each once: they may come by province."""
    found: dict[str, list[pd.DataFrame]] = {}
    for frame in frames:
        found.setdefault(str(frame.attrs["reference_date"]), []).append(frame)
    return {
        date: ones[0]
        if len(ones) == 1
        else pd.concat(ones, ignore_index=True).drop_duplicates(_ONE_QUOTE, ignore_index=True)
        for date, ones in found.items()
    }


def rent_growth(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Follow municipal rents from the first half-year to the last, where nothing breaks the series."""
    quotes = _by_semester(frames)
    first, last = min(quotes), max(quotes)
    if first == last:  # one half-year has no growth
        grown = _no_growth(quotes[first])
    else:
        grown = omi_rates.growth(omi_rates.series(quotes), first, last)
    return grown.assign(first_semester=first, last_semester=last).reset_index()


def _no_growth(quotes: pd.DataFrame) -> pd.DataFrame:
    places = pd.Index(sorted(quotes["cadastral_code"].unique()), name="cadastral_code")
    blank = dict.fromkeys(("rent_first_eur_m2_month", "rent_last_eur_m2_month"), float("nan"))
    return pd.DataFrame(
        blank | {"rent_growth_share": float("nan"), "reason": "one_semester"}, places
    )


# --- further editions of the user's ----------------------------------------------------------


def compiled_from(ships: Source, one: Source) -> bool:
    """Return whether a file of the user's is among those that the shipped table was made from."""
    dates = dates_in(ships.reference_date)
    same = one.checksum[:16] in {part[:16] for part in ships.checksum.split("+")}
    # Some files are dated by their name, or by nothing.
    return same and (not one.reference_date or dates[0] <= one.reference_date <= dates[-1])


def _others(ships: Source | None, own: Sequence[Source]) -> list[Source]:
    return [one for one in own if ships is None or not compiled_from(ships, one)]


def take_all(ships: Source | None, own: Sequence[Source]) -> Taken:
    """Take every file that is not in the shipped table already."""
    return Taken(tuple(one.checksum for one in _others(ships, own)), ships is not None)


def take_one_a_date(ships: Source | None, own: Sequence[Source]) -> Taken:
    """Take one file of each date."""
    by_date = {one.reference_date: one.checksum for one in _others(ships, own)}
    return Taken(tuple(by_date.values()), ships is not None)


def take_series(ships: Source | None, own: Sequence[Source]) -> Taken:
    """Take the half-years that lengthen the shipped series, or else a later series of their own.

    A half-year joins the shipped series through the quotes of the last one in it (the first, for
    earlier ones): without them it cannot be told whether zones changed in between.
    """
    by_date: dict[str, list[str]] = {}
    for one in own:
        by_date.setdefault(one.reference_date, []).append(one.checksum)
    if ships is None:
        return Taken(_all(by_date) if len(by_date) > 1 else (), False)
    first, last = dates_in(ships.reference_date)
    later = {date: one for date, one in by_date.items() if date >= last}
    earlier = {date: one for date, one in by_date.items() if date <= first}
    beyond = [date for date in later if date > last]
    absent = [one for one in _semesters(last, max(beyond)) if one not in by_date] if beyond else []
    lacks = problem("half_years_lacking", semesters=tuple(absent)) if absent else None
    if beyond and last not in by_date and len(beyond) > 1:
        return Taken(_all(later), False, lacks)
    parts = later if beyond and last in by_date else {}
    if first in by_date and len(earlier) > 1:
        parts = earlier | parts
    return Taken(_all(parts), True, lacks)


def _all(by_date: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(one for ones in by_date.values() for one in ones)


def _semesters(first: str, last: str) -> list[str]:
    """Return the half-years from one to another, both included."""
    ends = [2 * int(one[:4]) + int(one[5]) - 1 for one in (first, last)]
    return [f"{n // 2}/{n % 2 + 1}" for n in range(ends[0], ends[1] + 1)]


def extended_years(ships: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """Put years to the shipped ones; a year of the user's takes the place of the shipped one."""
    own = by_year(frames)
    return pd.concat([ships[~ships["year"].isin(own["year"])], own], ignore_index=True)


def extended_places(ships: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """Put municipalities to the shipped ones; the user's rows take the place of shipped ones."""
    every = pd.concat([ships, *(frame.reset_index() for frame in frames)], ignore_index=True)
    return every.drop_duplicates("municipality_code", keep="last")


def extended_changes(ships: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """Put changes to the shipped ones, each once."""
    return distinct([ships, *frames])


def extended_growth(ships: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """Lengthen the shipped series of rents by the half-years before and after it."""
    quotes = _by_semester(frames)
    first, last = ships["first_semester"].iloc[0], ships["last_semester"].iloc[0]
    parts = [ships.set_index("cadastral_code")]
    for own in (
        [frame for date, frame in quotes.items() if date <= first],
        [frame for date, frame in quotes.items() if date >= last],
    ):
        if len(own) > 1:
            parts.append(rent_growth(own).set_index("cadastral_code"))
    parts.sort(key=lambda part: str(part["first_semester"].iloc[0]))
    grown = parts[0]
    for part in parts[1:]:
        grown = _joined(grown, part)
    ends = {"first_semester": min(first, *quotes), "last_semester": max(last, *quotes)}
    return grown.assign(**ends).reset_index()


def _joined(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Join two stretches of a series of rents at the half-year that ends one and begins the other."""
    places = before.index.union(after.index)
    before, after = before.reindex(places), after.reindex(places)
    rent_first, rent_last = before["rent_first_eur_m2_month"], after["rent_last_eur_m2_month"]
    said = pd.concat([before["reason"], after["reason"]], axis=1)
    reasons = {"no_rent_first": rent_first.isna(), "no_rent_last": rent_last.isna()}
    # Without a rent where the stretches meet nobody compared the zones on the two sides.
    reasons |= {"no_rent_between": said.isin(["no_rent_first", "no_rent_last"]).any(axis=1)}
    reasons |= {name: (said == name).any(axis=1) for name in omi_rates.BREAKS}
    reason = np.select([flag.to_numpy() for flag in reasons.values()], list(reasons), default="")
    return pd.DataFrame(
        {
            "rent_first_eur_m2_month": rent_first,
            "rent_last_eur_m2_month": rent_last,
            "rent_growth_share": (rent_last / rent_first - 1).where(reason == ""),
            "reason": pd.Series(reason, index=places, dtype="str"),
        }
    ).rename_axis("cadastral_code")


# --- the tables ------------------------------------------------------------------------------


def newest(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Keep the newest archive of municipalities, since 1861."""
    return max(frames, key=lambda frame: str(frame.attrs.get("reference_date", "")))


def sardinian(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Keep the codes and provinces of Sardinia of 2026, which the archive does not have yet."""
    codes = latest(frames)
    own = codes[codes["region_code"] == "20"]
    columns = ["municipality_code", "cadastral_code", "province_abbreviation", "province_name"]
    return own[[*columns, "uts_code", "is_capital"]]


RECIPES: Mapping[str, Recipe] = {
    "municipalities": Recipe(
        "istat_units",
        "Comuni al 1-1-2022, popolazione e famiglie 2021",
        ("municipality_code",),
        latest,
    ),
    "population": Recipe(
        "istat_population",
        "Residenti per classi di età",
        ("municipality_code",),
        latest,
        also=("istat_posas",),
    ),
    "residents_2011": Recipe(
        "istat_units_2011", "Popolazione legale 2011", ("cadastral_code",), latest
    ),
    "incomes": Recipe(
        "mef_incomes", "Redditi dichiarati per comune", ("municipality_code",), latest
    ),
    "income_means": Recipe(
        "mef_means",
        "Totali dei redditi per comune, senza classi",
        ("municipality_code",),
        total_incomes,
    ),
    "regional_incomes": Recipe(
        "mef_regional_incomes",
        "Classi di reddito per regione",
        ("territory_code", "class_code"),
        latest,
    ),
    "housing_survey": Recipe(
        "istat_eusilc_housing",
        "Costo dell'abitazione e famiglie in affitto per regione e anno",
        ("territory", "year"),
        latest,
    ),
    "population_growth": Recipe(
        "istat_population_growth",
        "Crescita dei residenti per provincia e anno",
        ("territory", "year"),
        latest,
    ),
    "rents": Recipe(
        "omi_values", "Canoni e prezzi OMI per comune", ("cadastral_code",), latest_rents
    ),
    "rents_growth": Recipe(
        "omi_values",
        "Variazione dei canoni OMI",
        ("cadastral_code",),
        rent_growth,
        Every(take_series, extended_growth),
        cited_as="omi_series",
    ),
    "evictions": Recipe(
        "interno_evictions", "Sfratti per provincia", ("province_abbreviation",), latest
    ),
    "evictions_series": Recipe(
        "interno_series", "Sfratti in Italia, serie storica", ("year",), latest
    ),
    "tenure_2011": Recipe(
        "istat_census_areas",
        "Famiglie e titolo di godimento nelle aree di censimento 2011",
        ("municipality_code",),
        summed,
        Every(take_all, extended_places, italy=False),
    ),
    "classification": Recipe(
        "istat_classification",
        "Grado di urbanizzazione e zona altimetrica",
        ("municipality_code",),
        latest,
    ),
    "accommodation": Recipe(
        "istat_accommodation",
        "Posti letto turistici",
        ("year", "municipality_code"),
        by_year,
        Every(take_one_a_date, extended_years),
    ),
    "code_history": Recipe(
        "anpr_archive",
        "Archivio dei comuni dal 1861",
        ("cadastral_code", "valid_from", "municipality_code", "municipality_name"),
        newest,
    ),
    "latest_codes": Recipe(
        "istat_situas", "Codici della Sardegna dal 2026", ("municipality_code",), sardinian
    ),
    "code_variations": Recipe(
        "istat_variations",
        "Variazioni amministrative dal 1991",
        ("kind", "old_code", "new_code", "old_name", "new_name"),
        distinct,
        Every(take_all, extended_changes),
    ),
}
# Of these every edition serves, whatever its date: they are read as a series by municipality.
SERIES = frozenset({"mef_incomes", "mef_means", "interno_evictions", "istat_accommodation"})
# Kept by hand beside the compiled tables; the compiler lists them and leaves them as they are.
KEPT_BY_HAND = {
    "ambiti": ("Ambiti territoriali sociali", ("ambito_name", "municipality_code")),
    "province_names": ("Altri nomi delle province", ("name", "province_code")),
}
