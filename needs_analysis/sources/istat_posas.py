"""Residents by single age and sex of each municipality, year by year: ISTAT, demo.istat.it."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.days import day_in
from needs_analysis.sources.istat_population import OLDEST, by_age_group, impossible
from needs_analysis.sources.problems import problem

SOURCE = Source(
    id="istat_posas",
    publisher="ISTAT",
    title="Popolazione residente per sesso, età e stato civile (POSAS)",
    reference_date="2024-12-31",
    licence="CC BY 4.0",
    attribution="ISTAT, demo.istat.it, Popolazione residente per sesso, età e stato civile",
    retrieval="https://demo.istat.it (POSAS, file dei comuni)",
)
DELIVERS = Extent(italy=False)

ALL_AGES = 999
"""The age of the row that holds a municipality's total."""

_MOST_NOTES = 20  # lines below the table
_COLUMNS: dict[str, str | re.Pattern[str]] = {
    "municipality_code": "Codice comune",
    "municipality_name": re.compile("comune|denominazione"),
    "age": re.compile("eta"),
    "M": "Totale maschi",
    "F": "Totale femmine",
}
_HEADER = {"codice comune", "eta", "totale maschi", "totale femmine"}


def recognises(path: Path) -> bool:
    """Return whether the file is POSAS by municipality, bare or in its zip."""
    lines = reading.decode(reading.opening_unzipped(path, ".csv")).split("\n", 2)
    if len(lines) < 3 or "\0" in lines[0]:
        return False
    # Of 2020 and 2023 there are files with commas.
    names = lines[1].split(reading.delimiter_of(lines[1]))
    return set(map(reading.plain, names)) >= _HEADER


def read(path: Path) -> pd.DataFrame:
    """Read the residents of each municipality by age group.

    Parameters
    ----------
    path : Path
        ``POSAS_<year>_it_Comuni.zip`` as downloaded, or the CSV in it: a line with the title, the
        header, a row by municipality and single year of age, and a note at the end. Separated by
        semicolons or commas, with rows of totals (age 999) or without.

    Returns
    -------
    DataFrame
        As `needs_analysis.sources.istat_population.read`: index ``municipality_code`` (six digits,
        of 1 January of the year), persons by age group; NaN where an age of the group cannot be
        read. ``attrs["reference_date"]`` is the day the figures end: the population on 1 January
        2025 is that of 2024-12-31; "" where neither title nor name say it.

    Raises
    ------
    SourceError
        If ages lack or repeat, or women, men and the total of a municipality do not agree.
    """
    name, data = reading.unzipped(path, SOURCE, ".csv")
    text = reading.text_of(data, path, SOURCE)
    delimiter = reading.delimiter_of("".join(text.split("\n", 2)[1:2]))
    text = _unquoted(_without_note(text, delimiter), delimiter)
    cells, people = _people(path, text, delimiter)
    residents = by_age_group(_agreeing(cells, people))
    if notices := cells.odd.notices():
        residents.attrs["notices"] = notices
    return reading.dated(residents, _date(text.split("\n", 1)[0], name, path.name))


def _people(path: Path, text: str, delimiter: str) -> tuple[reading.Cells, pd.DataFrame]:
    """Return the rows as numbers; older files have no column for the total."""
    header = "".join(text.split("\n", 2)[1:2]).split(delimiter)
    with_total = any(reading.plain(one) == "totale" for one in header)
    wanted = _COLUMNS | ({"tot": "Totale"} if with_total else {})
    cells = reading.delimited(text, path, SOURCE, wanted, delimiter=delimiter, header_row=2)
    keys = pd.DataFrame(
        {
            "municipality_code": reading.codes(cells, "municipality_code", 6, key=True),
            "age": reading.matching(cells, "age", "[0-9]{1,3}", "no_number", key=True),
        }
    )
    counts = [name for name in ("M", "F", "tot") if name in wanted]
    for name in counts:  # a blank is no zero
        reading.note_cells(cells, name, cells[name] == "", "no_number")
    people = reading.numbers(cells, counts)
    if not with_total:
        people["tot"] = people["M"] + people["F"]
    people = people.where(people.notna().all(axis=1))
    keyed = keys.replace("", None).astype("float64").join(people)
    return cells, cells.accepted(keyed)


def _agreeing(cells: reading.Cells, people: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by age, once they sum to the row of all ages where there is one."""
    whole = people["age"] == ALL_AGES
    ages = _whole_places(cells, people[~whole])
    totals = people[whole & people["municipality_code"].isin(ages["municipality_code"])]
    problems = impossible(ages.fillna(0))  # what is blank was noted
    if totals["municipality_code"].duplicated().any():
        problems.append(problem("repeated_total", age=ALL_AGES))
    else:
        known = totals.set_index("municipality_code")["tot"].rename("total")
        sums = ages.groupby("municipality_code")["tot"].sum(skipna=False)
        both = known.to_frame().join(sums).dropna()
        problems += [
            problem("ages_differ", code=f"{code:06.0f}", found=int(found), total=int(total))
            for code, total, found in both[both["tot"] != both["total"]].reset_index().to_numpy()
        ]
    if problems:
        raise reading.failure(cells.path, SOURCE, problems)
    return ages.astype({"municipality_code": "int64", "age": "int64"})


def _whole_places(cells: reading.Cells, ages: pd.DataFrame) -> pd.DataFrame:
    """Leave out the municipalities of which a row was left out, and say so."""
    counts = ages.groupby("municipality_code")["age"].nunique()
    short = counts[counts != OLDEST + 1]
    if not 0 < len(short) <= len(cells.odd.left_out.rows):
        return ages
    found = [
        (problem("ages", code=f"{code:06.0f}", found=number, expected=OLDEST + 1), "")
        for code, number in short.items()
    ]
    gone = ages["municipality_code"].isin(short.index)
    cells.odd.left_out.add([f"comune {code}" for code in short.index], found)
    return ages[~gone]


def _without_note(text: str, delimiter: str) -> str:
    """Return the text without what the publisher says after the last row."""
    kept = text.rstrip()
    for _ in range(_MOST_NOTES):
        before, _newline, last = kept.rpartition("\n")
        # A row that is cut begins with a code and stays, so that the cut is seen.
        many = delimiter == ";" and ";" in last.rstrip(";\r")
        if many or re.match('"?[0-9]', last) or "\n" not in before:
            break
        kept = before.rstrip()
    return kept + ("\n" if text.endswith("\n") else "")  # else a row that is cut is not seen


def _unquoted(text: str, delimiter: str) -> str:
    """Return the text without quotes where they enclose no separator: the fast way to read it."""
    if '"' not in text:
        return text
    bare = re.sub(rf'"([^"{delimiter}\n]*)"', r"\1", text)
    return text if '"' in bare else bare


def _date(title: str, *names: str) -> str:
    """Return the last day of the year before the 1 January that the title or a name states."""
    year = day_in(title)[:4]
    for name in names:
        found = re.search(r"POSAS_(20[0-9]{2})_", name, re.IGNORECASE)
        year = year or (found[1] if found else "")
    return f"{int(year) - 1}-12-31" if year else ""
