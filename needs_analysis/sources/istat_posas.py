"""Residents by single age and sex of each municipality, year by year: ISTAT, demo.istat.it."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from needs_analysis.provenance import Extent, Source
from needs_analysis.sources import reading
from needs_analysis.sources.istat_population import by_age_group, impossible
from needs_analysis.sources.problems import at_rows, problem

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
    "municipality_name": "Comune",
    "age": re.compile("eta"),
    "M": "Totale maschi",
    "F": "Totale femmine",
}


def recognises(path: Path) -> bool:
    """Return whether the file is POSAS by municipality, bare or in its zip."""
    lines = reading.decode(reading.opening_unzipped(path, ".csv")).split("\n", 2)
    if len(lines) < 3 or "\0" in lines[0]:
        return False
    header = {reading.plain(name) for name in lines[1].split(";")}
    return {"codice comune", "eta", "totale maschi", "totale femmine"} <= header


def read(path: Path) -> pd.DataFrame:
    """Read the residents of each municipality by age group.

    Parameters
    ----------
    path : Path
        ``POSAS_<year>_it_Comuni.zip`` as downloaded, or the CSV in it: a line with the title, the
        header, a row by municipality and single year of age, and a note at the end.

    Returns
    -------
    DataFrame
        As `needs_analysis.sources.istat_population.read`: index ``municipality_code`` (six digits,
        of 1 January of the year), persons by age group. ``attrs["reference_date"]`` is the day the
        figures end: the population on 1 January 2025 is that of 2024-12-31.

    Raises
    ------
    SourceError
        If ages lack or repeat, or women, men and the total of a municipality do not agree.
    """
    name, data = reading.unzipped(path, SOURCE, ".csv")
    text = _unquoted(_without_note(reading.text_of(data, path, SOURCE)))
    residents = by_age_group(_agreeing(path, _people(path, text)))
    date = _date(text.split("\n", 1)[0], name, path.name)
    return reading.dated(residents, date) if date else residents


def _people(path: Path, text: str) -> pd.DataFrame:
    """Return the rows as numbers; older files have no column for the total."""
    header = text.split("\n", 2)[1:2]
    with_total = any(reading.plain(one) == "totale" for line in header for one in line.split(";"))
    wanted = _COLUMNS | ({"tot": "Totale"} if with_total else {})
    cells = reading.delimited(text, path, SOURCE, wanted, delimiter=";", header_row=2)
    reading.codes(cells, "municipality_code", 6)
    people = reading.numbers(cells, [name for name in wanted if name != "municipality_name"])
    cells.check()
    return people if with_total else people.assign(tot=people["M"] + people["F"])


def _agreeing(path: Path, people: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by age, once they sum to the row of all ages where there is one."""
    whole = people["age"] == ALL_AGES
    totals = people[whole].set_index("municipality_code")["tot"]
    ages = people[~whole]
    problems = impossible(ages)
    if totals.index.has_duplicates:
        problems.append(problem("repeated_total", age=ALL_AGES))
    elif totals.isna().any():
        problems.append(problem("blank_cells", at_rows(people.index[whole & people["tot"].isna()])))
    else:
        sums = ages.groupby("municipality_code")["tot"].sum().reindex(totals.index, fill_value=0)
        problems += [
            problem(
                "ages_differ", code=f"{code:06.0f}", found=int(sums[code]), total=int(totals[code])
            )
            for code in totals.index[~(sums == totals)]
        ]
    if problems:
        raise reading.failure(path, SOURCE, problems)
    whole_numbers = {"municipality_code": "int64", "age": "int64"}
    return ages.astype(whole_numbers)


def _without_note(text: str) -> str:
    """Return the text without what the publisher says after the last row."""
    kept = text.rstrip()
    for _ in range(_MOST_NOTES):
        before, _newline, last = kept.rpartition("\n")
        # A row that is cut begins with a code and stays, so that the cut is seen.
        if ";" in last.rstrip(";\r") or re.match('"?[0-9]', last) or "\n" not in before:
            break
        kept = before.rstrip()
    return kept + "\n"


def _unquoted(text: str) -> str:
    """Return the text without quotes where they enclose no separator: the fast way to read it."""
    if '"' not in text:
        return text
    bare = re.sub(r'"([^";\n]*)"', r"\1", text)
    return text if '"' in bare else bare


def _date(title: str, *names: str) -> str:
    """Return the last day of the year before the 1 January that the title or a name states."""
    found = re.search(r"1\S*\s+gennaio\s+(20[0-9]{2})", title, re.IGNORECASE)
    for name in names:
        found = found or re.search(r"POSAS_(20[0-9]{2})_", name, re.IGNORECASE)
    return f"{int(found[1]) - 1}-12-31" if found else ""
