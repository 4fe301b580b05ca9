"""From what a person types to municipalities: ambito, province, region, list, CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import reading, store
from needs_analysis.errors import AreaError, Problem, SourceError, Where
from needs_analysis.figures import wanted_several
from needs_analysis.territory import boundaries, history, names
from needs_analysis.territory.codes import DAY, day_of, normalise
from needs_analysis.territory.problems import problem
from needs_analysis.territory.recode import links
from needs_analysis.territory.units import municipalities, unplaced

if TYPE_CHECKING:
    import geopandas as gpd

LEVELS = ("ambito", "provincia", "regione", "comune")
CERTAINTY = ("page", "member", "plan", "act", "deduced", "knowledge")
"""Who says what an ambito is made of: its own page, a municipality of it, its housing plan, an act of
it, what was deduced of an act, general knowledge; the last are the least certain."""


@dataclass(frozen=True)
class Area:
    """A named set of municipalities.

    `level` is one of `LEVELS`, "italia", "elenco" (a list of the user's) or "territorio" (one that has
    a name); `certainty`, one of `CERTAINTY`, is the least of what says who is in an ambito, and
    `listed_on` when that was written; both are empty for what the law defines. `day` is
    the one whose municipalities `codes` are.
    """

    level: str
    name: str
    codes: tuple[str, ...]
    certainty: str = ""
    day: pd.Timestamp = DAY
    listed_on: str = ""

    @property
    def key(self) -> str:
        """Return the words that select this area again."""
        if self.level in ("italia", "elenco", "territorio"):
            return "Italia" if self.level == "italia" else ",".join(self.codes)
        homonyms = (
            self.level == "comune" and len(_level("comune", self.day)[normalise(self.name)]) > 1
        )
        if not homonyms:
            return f"{self.level}:{self.name}"
        place = municipalities(self.day)["province_abbreviation"][self.codes[0]]
        return f"{self.level}:{self.name} ({place})"


def select(
    area: str | Path | Iterable[str], codes_on: pd.Timestamp | str | None = None
) -> gpd.GeoDataFrame:
    """Return the municipalities of an area with their boundaries.

    Parameters
    ----------
    area : str, Path or iterable of str
        "ambito:Carate Brianza", "provincia:MB", "regione:Lombardia", "comune:Rho", "Italia", a bare
        name that is valid at one level, codes separated by commas, a CSV path, or a list of codes
        and names. Accents,
        apostrophes, case, either language of a bilingual name and old province names do not matter.
    codes_on : Timestamp or str, optional
        The day whose municipalities are wanted, from 1 January 2022 on, which is the day when
        omitted. A code of 1 January 2022 still names a municipality that has another since.

    Returns
    -------
    GeoDataFrame
        Indexed by municipality_code (six digits), in EPSG:32632, sorted by code; ``attrs`` holds
        level, name, key, certainty, listed_on and codes_on (the day, "2022-01-01") of the area.

    Raises
    ------
    AreaError
        The name is unknown (the three nearest are given), valid at several levels or of several
        municipalities (the choices are given), is of another day (its successor is given), or the
        list is empty.
    ParameterError
        The day is before 1 January 2022, or no day.

    Examples
    --------
    >>> select("ambito:Desio").municipality_name.tolist()[:2]
    ['Bovisio-Masciago', 'Cesano Maderno']
    """
    import geopandas as gpd

    found = find(area, codes_on)
    frame = gpd.GeoDataFrame(
        municipalities(found.day).loc[list(found.codes)],
        geometry=boundaries.coverage(found.codes, found.day),
    )
    frame.attrs = {
        "level": found.level,
        "name": found.name,
        "key": found.key,
        "certainty": found.certainty,
        "listed_on": found.listed_on,
        "codes_on": f"{found.day:%Y-%m-%d}",
    }
    return frame


def find(area: str | Path | Iterable[str], codes_on: pd.Timestamp | str | None = None) -> Area:
    """Return the area that words, a CSV or a list name, without its boundaries.

    Parameters and errors are those of :func:`select`.

    Examples
    --------
    >>> find("comune:bozen").name, len(find("Provincia:Pesaro Urbino").codes)
    ('Bolzano/Bozen', 50)
    >>> find("provincia:Ogliastra", "2026-01-01").codes[0]
    '116001'
    """
    return _find(area, day_of(codes_on))


def _find(area: str | Path | Iterable[str], day: pd.Timestamp) -> Area:
    if isinstance(area, Path):
        return _from_csv(area, day)
    if not isinstance(area, str):
        return _from_list(wanted_several(area, object), day)
    text = area.strip()
    if text.lower().endswith(".csv"):
        return _from_csv(Path(text), day)
    if re.fullmatch(r"\d{4,6}(\s*,\s*\d{4,6})+", text):
        return _from_list(text.split(","), day)
    level, _, name = (part.strip() for part in text.partition(":"))
    if name:
        if level.lower() not in LEVELS:
            levels = tuple(f"{one}:" for one in LEVELS)
            raise AreaError(problem("no_level", level=level, levels=levels))
        return _at(level.lower(), name, day)
    if normalise(text) == "italia":
        return Area("italia", "Italia", tuple(sorted(municipalities(day).index)), day=day)
    return _bare(text, day)


def search(text: str) -> pd.DataFrame:
    """List the areas whose name holds or resembles a text, for the command line.

    Returns
    -------
    DataFrame
        Columns area (the words that select it), municipalities (how many); exact names come first.
    """
    wanted = normalise(text)
    held = {
        one.key: len(one.codes)
        for level in LEVELS
        for name, areas in _level(level, DAY).items()
        if wanted in name
        for one in areas
    }
    if not held:
        held = {one.key: len(one.codes) for one in _nearest(text, LEVELS, 10, DAY)}
    ordered = sorted(held, key=lambda key: (normalise(key.partition(":")[2]) != wanted, key))
    return pd.DataFrame({"area": ordered, "municipalities": [held[key] for key in ordered]})


def _bare(text: str, day: pd.Timestamp) -> Area:
    found = [one for level in LEVELS for one in _level(level, day).get(normalise(text), ())]
    # Valle d'Aosta is a province and a region: the same municipalities, nothing to choose.
    if len({one.codes for one in found}) == 1:
        return found[-1]
    if found:
        raise AreaError(problem("ambiguous", text=text, areas=_choices(found)))
    raise AreaError(problem("unknown", text=text, advice=_advice(text, LEVELS, day)))


def _at(level: str, name: str, day: pd.Timestamp) -> Area:
    found = _level(level, day).get(normalise(name), ())
    if len(found) == 1:
        return found[0]
    if found:
        raise AreaError(problem("homonyms", number=len(found), name=name, areas=_choices(found)))
    if level == "ambito":
        known = sorted({one.name for areas in _level(level, day).values() for one in areas})
        raise AreaError(problem("no_ambito", name=name, known=tuple(known)))
    raise AreaError(problem(f"no_{level}", name=name, advice=_advice(name, (level,), day)))


def _choices(areas: Iterable[Area]) -> tuple[str, ...]:
    return tuple(f"«{one.key}»" for one in areas)


def _advice(text: str, levels: Sequence[str], day: pd.Timestamp) -> Problem:
    return (_of_another_day(text, day) if "comune" in levels else None) or problem(
        "perhaps", areas=_choices(_nearest(text, levels, 3, day))
    )


def _of_another_day(text: str, day: pd.Timestamp) -> Problem | None:
    """Say where a municipality of another day is now, or from when there is one of this name."""
    code = re.fullmatch(r"\d{6}", text.strip())
    if code:
        heir = history.successors([text.strip()], day, kind="municipality_code", last_day=True)
        now = str(heir["municipality_code"].iloc[0]) if heir.notna().all(axis=None) else ""
    else:
        match = names.match_names([text], day=day).iloc[0]
        now = str(match["municipality_code"]) if match["method"] == "former name" else ""
    if now in municipalities(day).index:
        (own,) = _level("comune", day)[now]
        return problem("is_now", day=day, area=_choices([own]))
    lost = [
        code for code, name in unplaced(day).items() if text in (code, name.rpartition(" (")[0])
    ]
    if lost:
        return problem("ceased", day=day)
    records = history.shipped().records
    column = records["municipality_code" if code else "municipality_name"].map(normalise)
    begun = records.loc[(column == normalise(text)) & (records["valid_from"] > day), "valid_from"]
    if begun.empty:
        return None
    return problem("begins", day=begun.min())


def _nearest(text: str, levels: Sequence[str], limit: int, day: pd.Timestamp) -> list[Area]:
    from rapidfuzz import fuzz, process

    known = {(level, name): name for level in levels for name in _level(level, day)}
    asked = normalise(text)
    best = process.extract(asked, known, scorer=fuzz.ratio, limit=limit * 4)
    # "Lampedusa" is the beginning of a longer name before it is like a shorter one.
    begun = [key for key in known if len(asked) > 3 and key[1].startswith(f"{asked} ")]
    places = [*begun, *(key for _, _, key in best)]
    found = {one.key: one for level, name in places for one in _level(level, day)[name]}
    return list(found.values())[:limit]


@store.remembered(each=len(LEVELS))
def _level(level: str, day: pd.Timestamp) -> Mapping[str, tuple[Area, ...]]:
    """Return the areas of a level by every normalised name they answer to."""
    return MappingProxyType(_named(level, day))


def _named(level: str, day: pd.Timestamp) -> dict[str, tuple[Area, ...]]:
    if level == "ambito":
        return _ambiti(day)
    units = municipalities(day)
    if level == "comune":
        return _municipality_names(units, day)
    if level == "regione":
        return _group_names(level, units, "region_name", day)
    # A province of the day goes before another of the same name.
    return _old_provinces(units, day) | _group_names(level, units, "province_name", day)


def _municipality_names(units: pd.DataFrame, day: pd.Timestamp) -> dict[str, tuple[Area, ...]]:
    named: dict[str, dict[str, Area]] = {}
    columns = ["municipality_name", "municipality_name_it", "municipality_name_other"]
    # ISTAT's list lacks some second names that ANPR's archive has (Aosta/Aoste, Gorizia/Gorica).
    archive = history.shipped().on(day).set_index("municipality_code")["municipality_name_other"]
    for code, full, italian, other, province in units[
        [*columns, "province_abbreviation"]
    ].itertuples():
        area = Area("comune", full, (code,), day=day)
        for name in {full, italian, other, archive[code]} - {""}:
            named.setdefault(normalise(name), {})[code] = area
            named.setdefault(normalise(f"{name} {province}"), {})[code] = area
        named.setdefault(code, {})[code] = area
    for old, new in _recoded(day).items():
        named.setdefault(old, named[new])
    return {name: tuple(areas.values()) for name, areas in named.items()}


def _recoded(day: pd.Timestamp) -> dict[str, str]:
    """Return the codes of `DAY` of municipalities that have another on a later day."""
    if day == DAY:
        return {}
    linked = links(DAY, day)
    alone = ~linked["new"].duplicated(keep=False) & ~linked["old"].duplicated(keep=False)
    moved = linked[alone & (linked["old"] != linked["new"])]
    return dict(zip(moved["old"], moved["new"], strict=True))


def _group_names(
    level: str, units: pd.DataFrame, column: str, day: pd.Timestamp
) -> dict[str, tuple[Area, ...]]:
    named: dict[str, tuple[Area, ...]] = {}
    for full, rows in units.groupby(column):
        area = (Area(level, str(full), tuple(sorted(rows.index)), day=day),)
        for name in {str(full), *str(full).split("/")}:
            named[normalise(name)] = area
        if level == "provincia":
            named[normalise(rows["province_abbreviation"].iloc[0])] = area
    return named


def _old_provinces(units: pd.DataFrame, day: pd.Timestamp) -> dict[str, tuple[Area, ...]]:
    """Return other names of the day's provinces, and past and later provinces by their members."""
    others = store.table("province_names")
    found: dict[str, tuple[Area, ...]] = {}
    gone = set(others["province_code"]) - set(units["province_code"])
    ever = {code: history.ever_in_province(code) for code in sorted(gone)}
    once = list(dict.fromkeys(one for codes in ever.values() for one in codes))
    now = history.successors(once, day, last_day=True)["municipality_code"]
    for name, code in zip(others["name"], others["province_code"], strict=True):
        members = units.index[units["province_code"] == code]
        if len(members):
            full = str(units.loc[members[0], "province_name"])
        else:
            full = name
            members = pd.Index(now[ever[code]].dropna().unique())
        found[normalise(name)] = (Area("provincia", full, tuple(sorted(members)), day=day),)
    return found


def ambiti(codes_on: pd.Timestamp | str | None = None) -> pd.DataFrame:
    """Return the ambito of each municipality of a day, of those whose ambito is known.

    Parameters
    ----------
    codes_on : Timestamp or str, optional
        The day of the municipalities; 1 January 2022 when omitted.

    Returns
    -------
    DataFrame, by municipality_code
        `ambito_name`, `certainty` (of `CERTAINTY`) and `listed_on`. A municipality made of
        others of two ambiti stands with the first.

    Examples
    --------
    >>> ambiti().loc["108033", "ambito_name"]
    'Monza'
    """
    rows = _ambiti_rows(day_of(codes_on)).drop_duplicates("municipality_code")
    return rows.set_index("municipality_code")[["ambito_name", "certainty", "listed_on"]]


def _ambiti_rows(day: pd.Timestamp) -> pd.DataFrame:
    rows = store.table("ambiti")
    if day == DAY:
        return rows
    now = links(DAY, day)
    rows = rows.merge(now, left_on="municipality_code", right_on="old", validate="m:m")
    return rows.assign(municipality_code=rows["new"]).drop_duplicates(
        ["ambito_name", "municipality_code"]
    )


def _ambiti(day: pd.Timestamp) -> dict[str, tuple[Area, ...]]:
    return {
        normalise(str(name)): (_ambito(str(name), one, day),)
        for name, one in _ambiti_rows(day).groupby("ambito_name")
    }


def _ambito(name: str, rows: pd.DataFrame, day: pd.Timestamp) -> Area:
    least = rows.iloc[int(rows["certainty"].map(CERTAINTY.index).argmax())]
    codes = tuple(sorted(rows["municipality_code"]))
    return Area("ambito", name, codes, str(least["certainty"]), day, str(least["listed_on"]))


def _from_list(entries: Sequence[str], day: pd.Timestamp) -> Area:
    found, problems = members([str(entry) for entry in entries], day)
    if problems:
        raise AreaError(*problems)
    return _listed(found, day)


def _listed(codes: set[str], day: pd.Timestamp) -> Area:
    if not codes:
        raise AreaError(problem("empty_list"))
    if len(codes) == 1:
        (code,) = codes
        name = str(municipalities(day).loc[code, "municipality_name"])
        return Area("comune", name, (code,), day=day)
    return Area("elenco", f"{len(codes)} comuni", tuple(sorted(codes)), day=day)


def members(
    entries: Sequence[str], day: pd.Timestamp, rows: Sequence[int] = ()
) -> tuple[set[str], list[Problem]]:
    """Return the codes of the municipalities that entries name, and what is wrong, each at its row."""
    found: set[str] = set()
    problems: list[Problem] = []
    for position, entry in enumerate(entries):
        text = entry.strip()
        # Excel drops the leading zeros of a code.
        text = text.zfill(6) if re.fullmatch(r"\d{4,5}", text) else text
        try:
            found |= set(_in_list(text, day).codes)
        except AreaError as error:
            where = Where(rows=(rows[position],)) if rows else Where()
            problems += [one.at(where) for one in error.problems]
    return found, problems


def _in_list(text: str, day: pd.Timestamp) -> Area:
    """In a list a bare name is a municipality's: what else would a list of municipalities hold."""
    return _find(text, day) if ":" in text else _at("comune", text, day)


CODE_HEADINGS = (
    "municipality code",
    "codice",
    "codice istat",
    "cod istat",
    "istat",
    "pro com t",
    "pro com",
    "procom",
    "codice comune",
    "cod comune",
    "codice istat comune",
    "codice istat del comune",
    "codice comune istat",
)
NAME_HEADINGS = (
    "municipality name",
    "comune",
    "nome",
    "denominazione",
)
_CODE = re.compile(r"(\d{4,6})(?:\.0)?")
"""A code, perhaps as a spreadsheet left it: without its zeros, or as a number with decimals."""


def _from_csv(path: Path, day: pd.Timestamp) -> Area:
    cure = problem("save_csv")
    rows = csv_rows(path, cure)
    coded, named = headed(rows, CODE_HEADINGS), headed(rows, NAME_HEADINGS)
    bare = not (coded or named)
    if bare and rows and not _begins(rows[0], day):
        heads = tuple(f"«{cell.strip()}»" for cell in rows[0] if cell.strip())
        where = Where(rows=(1,))
        raise SourceError.of_file(path, [problem("no_heading", where, columns=heads)], cure)
    body = list(enumerate(rows))[0 if bare else 1 :]
    entries, problems = list[tuple[int, str]](), list[Problem]()
    for at, row in body:
        where = Where(rows=(at + 1,))
        cell, wrong = row_municipality(row, coded or ([0] if bare else []), named, day)
        problems += [one.at(where) for one in wrong]
        beside = (
            {code_of_cell(one) for one in row[1:]} & {*municipalities(day).index} if bare else ()
        )
        problems += [problem("codes_beside", where, codes=tuple(sorted(beside)))] if beside else []
        if cell:
            entries.append((at + 1, cell))
        elif any(map(str.strip, row)):
            problems.append(problem("row_without_code", where))
    found, unknown = members([cell for _, cell in entries], day, [at for at, _ in entries])
    problems += [*unknown, *twice(entries)]
    if problems:
        raise SourceError.of_file(path, problems, problem("correct_rows"))
    if not found:
        raise SourceError.of_file(path, [problem("no_municipalities")], cure)
    return _listed(found, day)


def csv_rows(path: Path, cure: Problem) -> list[list[str]]:
    """Return the cells of a CSV, whatever stands between them."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise SourceError.of_file(path, [problem("no_file")], problem("check_path")) from error
    except OSError as error:
        raise SourceError.of_file(path, [problem("unreadable")], cure) from error
    if b"\0" in data:
        raise SourceError.of_file(path, [problem("no_text")], cure)
    text = reading.decode(data)  # Excel in Italian saves cp1252
    first = text.split("\n", 1)[0]
    try:
        rows = csv.reader(text.splitlines(), delimiter=reading.delimiter_of(first))
        return list(map(reading.bearable, rows))
    except csv.Error:  # a field of megabytes
        raise SourceError.of_file(path, [problem("no_table")], cure) from None


def headed(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> list[int]:
    """Return the columns under one of the headings, in the order of the headings."""
    heads = [normalise(cell.replace("_", " ")) for cell in rows[0]] if rows else []
    return [at for one in headings for at, head in enumerate(heads) if head == normalise(one)]


def _begins(row: Sequence[str], day: pd.Timestamp) -> bool:
    """Whether the first row of a file is one of a list, not a heading: it is blank or begins by one."""
    text = next(iter(row), "").strip()
    if not text or ":" in text or _CODE.fullmatch(text):
        return True
    return normalise(text) in _level("comune", day)


def code_of_cell(text: str) -> str:
    """Return a code with its zeros; what is none as it is."""
    found = _CODE.fullmatch(text.strip())
    return found[1].zfill(6) if found else text.strip()


def row_municipality(
    row: Sequence[str], coded: Sequence[int], named: Sequence[int], day: pd.Timestamp
) -> tuple[str, list[Problem]]:
    """Return what a row names, its code or else its name, and what its other columns contradict."""
    codes = [code_of_cell(row[at]) for at in coded if at < len(row) and row[at].strip()]
    names = [row[at].strip() for at in named if at < len(row) and row[at].strip()]
    digits = [one for one in dict.fromkeys(codes) if one.isdigit()]
    if len(digits) > 1:
        return digits[0], [problem("two_codes", codes=tuple(digits))]
    by_name, units = _level("comune", day), municipalities(day)
    places = {
        name: {one for area in by_name.get(normalise(name), ()) for one in area.codes}
        for name in names
    }
    if not codes:
        known = [places[name] for name in names if places[name]]
        if known and not set.intersection(*known):
            return names[0], [problem("two_names", names=tuple(names))]
        return next((name for name in names if places[name]), "".join(names[:1])), []
    code = digits[0] if digits else codes[0]
    own = str(units["municipality_name"].get(code, ""))
    return code, [
        problem("code_of_another", code=code, own=own, name=name)
        for name in names if own and places[name] and code not in places[name]
    ]  # fmt: skip


def twice(entries: Sequence[tuple[int, str]]) -> list[Problem]:
    """Name the rows that repeat an earlier one."""
    seen: dict[str, int] = {}
    return [
        problem("already", Where(rows=(number,)), cell=cell, row=seen[cell])
        for number, cell in entries
        if seen.setdefault(cell, number) != number
    ]
