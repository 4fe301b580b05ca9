"""What a reader has of a delivery: the counts that each of its files prints, for the auditor of all.

Of every file the numbers are read from its own bytes. What a number counts is known by its key, its row
or its column; whether the office hid it is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import psycopg
import pypdf
from reports.maps.test_maps import payload, unpacked
from reports.render.test_same_numbers import Word
from reports.test_numbers import Page, value_of

from needs_analysis.disclosure import TOTAL, Cell, CountTable, Rules, audit
from needs_analysis.errors import OutputError
from needs_analysis.reports.model import Briefing, Table, numbers, plain, split
from needs_analysis.reports.render import printed, workbook
from needs_analysis.reports.render.wordml import tag
from needs_analysis.services.measures import MEASURES
from needs_analysis.services.measures.declaration import Count, Share
from needs_analysis.told.publication import Publication, cell_of

Place = tuple[str, Cell]
"""What a number counts: the measure of a table of counts, and the cell."""
Numbers = dict[str, float]
"""Numbers by their keys."""
Counts = dict[Place, int]

# ---------------------------------------------------------------- the files


def of_page(path: Path) -> Numbers:
    return _numbers((key, text) for key, _, text in Page(path.read_text("utf-8")).keyed)


def of_word(path: Path, keys: Sequence[str]) -> Numbers:
    by_tag = {tag(key): key for key in keys}
    return _numbers((by_tag.get(name, name), text) for name, text in Word(path).keyed)


def of_paper(path: Path, briefing: Briefing) -> Numbers:
    """Find the rows of the tables by the words that head them, and what stands behind these."""
    said = "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    found: Numbers = {}
    for table in tables_of(briefing):
        title = re.compile(_in_lines(table.title)).search(said)
        assert title, table.title
        start = title.end()
        for row, keys in zip(printed.grid(table, briefing.voice).rows, keys_of(table), strict=True):
            line = re.compile(_pattern(row)).search(said, start)
            assert line, (table.title, [cell.text for cell in row])
            first = [_first_key(cell, key) for cell, key in zip(row, keys, strict=True)]
            found |= _numbers(zip(first, line.groups(), strict=True))
            start = line.end()
    return found


def _pattern(row: Sequence[printed.Cell]) -> str:
    """Write a row as it is read in lines: the words of its head, then a piece for each other cell."""
    pieces = []
    for cell in row:
        words = plain(f"{cell.text} {cell.unit}" if cell.stub else cell.text).strip()
        if cell.stub:
            pieces.append(f"{_in_lines(words)}()")
        elif numbers(cell.text):
            said = r"\s*".join(
                _in_lines(one) if isinstance(one, str) else r"[^ \n]+?" for one in split(cell.text)
            )
            pieces.append(f"({said})")
        elif not words or " " in words:
            pieces.append(f"({_in_lines(words)})")
        else:
            pieces.append(r"([^ \n]*)")
        if cell.mark:
            pieces.append(f"(?:{re.escape(cell.mark)})?")
    return r"[ \n]*".join(pieces)


def _in_lines(words: str) -> str:
    """Write words that lines may break between, and behind a stroke."""
    one = r"\s+".join(map(re.escape, words.split()))
    return re.sub(r"(/|\\-)", r"\1\\s*", one)


def _first_key(cell: printed.Cell, key: str) -> str:
    """Return the key of the number that a cell begins with: its own, or of the first in its words."""
    within = numbers(cell.text)
    return within[0].key if within else key


def _numbers(pairs: Iterable[tuple[str, str]]) -> Numbers:
    """Return the numbers that texts begin with."""
    return {key: float(value_of(one)) for key, one in pairs if re.match(r"[+-]?\d", one)}


def of_book(path: Path, tables: Sequence[Table]) -> Numbers:
    """Read the rows under the heads of each sheet."""
    book = openpyxl.load_workbook(path)
    found: Numbers = {}
    names = workbook.sheet_names([table.key for table in tables])
    for name, table in zip(names, tables, strict=True):
        rows = [list(row) for row in book[name].iter_rows(values_only=True)]
        heads = [one.label for one in table.columns]
        # Below the words of a head may stand its unit; a column of units may stand among them.
        said = [[str(one).partition("\n")[0] for one in row] for row in rows]
        at = next(i for i, row in enumerate(said) if set(heads) <= set(row))
        columns = [said[at].index(one) for one in heads]
        for row, keys in zip(rows[at + 1 :], keys_of(table), strict=False):
            found |= {
                key: float(row[column]) for key, column in zip(keys, columns, strict=True)
                if isinstance(row[column], int | float)
            }  # fmt: skip
    return found


def tables_of(briefing: Briefing) -> Iterator[Table]:
    for chapter in briefing.chapters:
        yield from (block for block in chapter.blocks if isinstance(block, Table))


def keys_of(table: Table) -> list[tuple[str, ...]]:
    return list(zip(*(table.keys(column) for column in table.columns), strict=True))


def of_rows(rows: pd.DataFrame, unit: str, what: str, number: str) -> Counts:
    """Read rows of data: of whom, of which group, how many."""
    whole = rows[rows[number].notna()]
    return {
        need_place(str(row[what]).removeprefix("need_"), str(row[unit])): round(row[number])
        for _, row in whole.iterrows()
    }


def of_geopackage(path: Path) -> Counts:
    rows = gpd.read_file(path, layer="bisogno")
    return of_rows(rows, "municipality_code", "group", "central")


def of_parquet(path: Path) -> Counts:
    rows = pd.read_parquet(path)
    rows = rows[rows["variable"].str.startswith("need_")]
    return of_rows(rows, "municipality_code", "variable", "value")


def of_map(path: Path) -> Counts:
    """Read the counts that a map holds for its circles, by the layer and the place among its units."""
    data = payload(path.read_text("utf-8"))
    codes = [f"{one:06}" for one in unpacked(data["codes"], len(data["names"]))]
    found: Counts = {}
    for one in data["indicators"]:
        if one["name"].startswith("need_"):
            values = unpacked(one["columns"]["value"], len(codes))
            found |= {
                need_place(one["name"].removeprefix("need_"), code): value
                for code, value in zip(codes, values, strict=True) if value is not None
            }  # fmt: skip
    return found


def of_database(url: str, schema: str) -> Counts:
    with psycopg.connect(url) as connection:
        asked = f'SELECT municipality_code, "group", central FROM "{schema}".bisogno'
        rows = connection.execute(asked).fetchall()
    frame = pd.DataFrame(rows, columns=["municipality_code", "group", "central"])
    return of_rows(frame, "municipality_code", "group", "central")


# ---------------------------------------------------------------- what a number counts


def need_place(group: str, unit: str = "") -> Place:
    cell = {"target_group": group} | ({"municipality_code": unit} if unit else {})
    return "need", tuple(sorted(cell.items()))


def places_of_need(keys: Sequence[str]) -> dict[str, Place]:
    """Say which numbers count the households of a group: in a municipality, or of all."""
    found = {}
    for key in keys:
        if one := re.fullmatch(r"(?:need_counted_)?(\d{6})(?::need)?_([a-z_]+?)(?::count)?", key):
            found[key] = need_place(one[2], one[1])
        elif one := re.fullmatch(r"need_([a-z_]+):central", key):
            found[key] = need_place(one[1])
    return found


MEASURES_OF_OFFICES = ("applications", "admitted", "beneficiaries", "agreements")


def places_of_offices(table: Table) -> dict[str, Place]:
    """Say which numbers of a table count what an office's own measure did, row by row."""
    return {
        key: (f"misure {column.name}", (("row", str(row)),))
        for column in table.columns if column.name in MEASURES_OF_OFFICES
        for row, key in enumerate(table.keys(column))
    }  # fmt: skip


_OF_OUTCOMES = {
    "stays": TOTAL, "present": "present", "exits": "exit", "positive": "exit_positive",
}  # fmt: skip
_CROSSED = {
    "Servizi esiti servizio": "outcomes", "Servizi gruppi": "groups",
    "Servizi esiti gruppo": "outcomes_by_group",
}  # fmt: skip


def places_of_services(table: Table, found: Publication) -> dict[str, Place]:
    """Say which numbers of a table count stays."""
    made: dict[str, Place] = {}
    if table.key in _CROSSED:
        rows = found.counts[_CROSSED[table.key]].internal
        across, down = sorted(rows.dimensions, key=lambda one: rows.frame[one].nunique())
        units = rows.frame[down].astype(str).unique()
        for column in table.columns[1:]:
            for key, unit in zip(table.keys(column), units, strict=True):
                cell = _cell({across: column.name, down: unit}, rows.dimensions)
                made |= {key: (rows.measure, cell)} if cell in rows.counts else {}
    elif table.key == "Servizi esiti":
        units = [("ambito", one) for one in table.frame["ambito"][:-1]] + [("all", "")]
        for column in table.columns:
            if column.name in _OF_OUTCOMES:
                for key, (level, unit) in zip(table.keys(column), units, strict=True):
                    place = _place(found, "outcomes", _OF_OUTCOMES[column.name], level, unit)
                    made |= {key: place} if place else {}
    elif table.key == "Servizi misure":
        for column in table.columns:
            if column.name in ("value", "numerator", "denominator"):
                for key, row in zip(table.keys(column), table.frame["code"], strict=True):
                    place = _of_measure(found, str(row), column.name)
                    made |= {key: place} if place else {}
    return made


def _of_measure(found: Publication, code: str, column: str) -> Place | None:
    """Say what a number of a measure counts, by the code of its row: "exits", "exits service:A1"."""
    measure, _, where = code.partition(" ")
    level, _, unit = where.partition(":")
    level = level or "all"
    match MEASURES[measure].told:
        case Count(table, value) if column in ("value", "numerator"):
            return _place(found, table, value or TOTAL, level, unit)
        case Share(table, _, under) if column == "denominator":
            return _place(found, table, under or TOTAL, level, unit)
        case Share(table, (over,), _) if column == "numerator":
            return _place(found, table, over, level, unit)
    return None


def _place(found: Publication, table: str, value: str, level: str, unit: str) -> Place | None:
    name = f"{table}_by_group" if table == "outcomes" and level == "group" else table
    own = found.counts[name].internal
    cell = cell_of(own.dimensions, value, level, unit)
    return None if cell is None or cell not in own.counts else (own.measure, cell)


def _cell(row: Mapping[str, str], dimensions: Sequence[str]) -> Cell:
    return tuple(sorted((one, str(row[one])) for one in dimensions if str(row[one]) != TOTAL))


# ---------------------------------------------------------------- all of it together


class LeakError(AssertionError):
    """A number that must not leave can be read, or worked out."""


@dataclass(frozen=True)
class Delivery:
    """What is read of each file of a delivery, and the true tables of what it counts."""

    files: Mapping[str, Counts]
    tables: Sequence[CountTable]
    rules: Rules
    told: Counts

    def with_more(self, name: str, counts: Counts) -> Delivery:
        """Return it with one file that says more."""
        return replace(self, files={**self.files, name: self.files[name] | counts})

    def read(self) -> int:
        """Return how many numbers of counts are read in all files."""
        return sum(map(len, self.files.values()))

    def audited(self) -> pd.DataFrame:
        """Hand what all files say together to the auditor, as a reader has it.

        The auditor bounds what nobody says: what somebody says must be no small count.
        """
        said = dict(self.told)
        for name, counts in self.files.items():
            for place, count in counts.items():
                if said.setdefault(place, count) != count:
                    raise LeakError(f"{name}, {place}: {count}, altrove {said[place]}")
        small = [
            (place, count) for place, count in said.items()
            if 0 < count < self.rules.least(place[1])
            or (count == 0 and self.rules.is_sensitive(place[1]))
        ]  # fmt: skip
        if small:
            raise LeakError(str(small))
        try:
            return audit([_as_told(table, said) for table in self.tables], self.rules)
        except OutputError as error:
            raise LeakError(str(error)) from error


def _as_told(table: CountTable, said: Mapping[Place, int]) -> CountTable:
    """Return a table with the counts that a reader has, and of the others that they are there."""
    rows = [(table.measure, _cell(row, table.dimensions)) for _, row in table.frame.iterrows()]
    counts = pd.array([said.get(one, pd.NA) for one in rows], dtype="Int64")
    frame = table.frame[[*table.dimensions]].assign(count=counts)
    if table.measure == "need":
        frame = _without_sums_of_told(frame)
    return CountTable(table.name, frame, table.dimensions, table.hierarchies, table.measure)


def _without_sums_of_told(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the whole of a group where it is no more than the sum of what is told of it.

    Such a number is printed as one without the reserved counts: it says nothing of these.
    """
    whole = frame["municipality_code"] == TOTAL
    told = frame[~whole].groupby("target_group")["count"].sum()
    same = frame["count"].eq(frame["target_group"].map(told)).fillna(True)
    return frame[~(whole & same)].reset_index(drop=True)


def may_be_told(found: Publication) -> Counts:
    """Return the counts of stays that are not hidden, printed or not."""
    return {
        (one.published.measure, cell): count
        for one in found.counts.values()
        for cell, count in one.published.counts.items() if count is not None
    }  # fmt: skip


def need_table(counts: pd.DataFrame) -> CountTable:
    """Return what the offices counted, by municipality and group, with each group's whole."""
    rows = counts.rename(columns={"group": "target_group"})
    rows = rows[["municipality_code", "target_group", "count"]].dropna()
    whole = rows.groupby("target_group", as_index=False)["count"].sum()
    frame = pd.concat([rows, whole.assign(municipality_code=TOTAL)], ignore_index=True)
    frame = frame.astype({"count": "Int64"})
    return CountTable("need", frame, ("municipality_code", "target_group"), measure="need")


def office_tables(measures: pd.DataFrame) -> list[CountTable]:
    """Return what the offices' own measures did, a table for each thing counted."""
    made = []
    for name in [one for one in MEASURES_OF_OFFICES if one in measures]:
        rows = pd.DataFrame(
            {"row": map(str, range(len(measures))), "count": measures[name].to_numpy()}
        )
        rows = rows.dropna().astype({"count": "Int64"})
        if len(rows):
            made.append(CountTable(name, rows, ("row",), measure=f"misure {name}"))
    return made


_LISTS = {"applications": "domande", "waiting": "in attesa"}


def lists(applications: pd.DataFrame) -> list[CountTable]:
    """Return who applied and who waits, by size and ISEE band."""
    made = []
    for name, measure in _LISTS.items():
        rows = applications[["size", "isee_band"]].assign(count=applications[name]).dropna()
        rows = rows.astype({"size": int, "count": "Int64"}).astype({"size": str})
        made.append(CountTable(measure, rows, ("size", "isee_band"), measure=measure))
    return made


def of_lists(read: Numbers) -> Counts:
    """Return the counts of the lists whose two ends are one."""
    found = {}
    for key, high in read.items():
        one = re.fullmatch(r"need_primary_([^_]+)_(.+):(applications|waiting)_high", key)
        if one and read.get(key.removesuffix("high") + "low") == high:
            cell = tuple(
                pair for pair in (("isee_band", one[2]), ("size", one[1])) if pair[1] != TOTAL
            )
            found[_LISTS[one[3]], cell] = round(high)
    return found


def counts_of(read: Numbers, places: Mapping[str, Place]) -> Counts:
    """Return the numbers that count what a place says."""
    return {places[key]: round(one) for key, one in read.items() if key in places}
