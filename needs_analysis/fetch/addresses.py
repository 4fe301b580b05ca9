"""The official addresses, as ``addresses.csv`` lists them."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from urllib.parse import unquote, urlsplit

from needs_analysis.fetch.network import failed
from needs_analysis.fetch.problems import problem

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Address:
    """A row of ``addresses.csv``.

    Parameters
    ----------
    source : str
        What the user asks for; the id of its reader where there is one.
    years : tuple of int or None
        First and last year known; None where the address has no year.
    url : str
        May hold ``{year}``; empty where the file is to be taken by hand.
    kind : str
        ``csv``, ``xlsx``, ``zip`` or ``manual``.
    reader : str
        Id of the source that must recognise the file, or a member of the archive; may be empty.
    max_bytes : int
        Size beyond which a download is broken off.
    page : str
        The publisher's page, for people.
    verified : str
        Day on which the address was last seen to answer; ``no`` if it never was by us.
    note : str
        What it is and its licence, in Italian.
    """

    source: str
    years: tuple[int, int] | None
    url: str
    kind: str
    reader: str
    max_bytes: int
    page: str
    verified: str
    note: str

    def at(self, year: int | None) -> str:
        """Return the URL of a year; the publisher's page where there is none."""
        return self.url.format(year=year) or self.page

    def file_name(self, year: int | None) -> str:
        """Return the name under which the file is kept."""
        last = unquote(urlsplit(self.at(year)).path.rsplit("/", 1)[-1])
        if last.lower().endswith(f".{self.kind}"):
            return re.sub(r"[^\w. -]", "_", last).lstrip(".")
        return f"{self.source}_{year}.{self.kind}" if year else f"{self.source}.{self.kind}"


def addresses() -> tuple[Address, ...]:
    """Return the table of official addresses.

    Examples
    --------
    >>> [a.years for a in addresses() if a.source == "mef_incomes"]
    [(2012, 2024)]
    >>> {a.verified for a in addresses()}  # none could be asked where this was written
    {'no'}
    """
    text = resources.files("needs_analysis.fetch").joinpath("addresses.csv").read_text("utf-8")
    return tuple(map(_address, csv.DictReader(text.splitlines())))


def _address(row: Mapping[str, str]) -> Address:
    first, _, last = row["years"].partition("-")
    fields = {name: row[name] for name in row if name not in ("years", "max_mb")}
    years = (int(first), int(last or first)) if first else None
    return Address(**fields, years=years, max_bytes=int(row["max_mb"]) * MEGABYTE)


def asked(source: str, year: int | None) -> tuple[Address, int | None]:
    """Return the address of a source, and the year it is asked for: the latest known if None.

    Raises
    ------
    FetchError
        Unknown source or year.
    """
    table = addresses()
    rows = [row for row in table if row.source == source]
    if not rows:
        known = tuple(dict.fromkeys(row.source for row in table))
        raise failed(str(source), problem("unknown_source"), problem("known_sources", known=known))
    spans = [row.years for row in rows if row.years]
    if not spans:
        if year is not None:
            raise failed(source, problem("latest_only"), problem("without_year", year=year))
        return rows[0], None
    first, last = spans[0][0], spans[-1][1]
    year = last if year is None else year
    dated = "{year}" in rows[-1].url
    if year < first or (year > last and not dated):
        cure = problem("known_years", first=first, last=last)
        raise failed(source, problem("no_year", year=year), cure)
    # A year after the table was written is tried under the latest pattern.
    row = next((row for row, span in zip(rows, spans, strict=True) if year <= span[1]), rows[-1])
    return row, year
