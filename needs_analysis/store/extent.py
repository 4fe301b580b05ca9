"""How much of Italy a file covers: its municipalities or provinces, beside those of its own day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pandas as pd

from needs_analysis.provenance import Extent
from needs_analysis.store import shipped

WHOLE_SHARE = 0.95
"""From which share of the municipalities of its day on an edition covers all Italy."""


@dataclass(frozen=True)
class Coverage:
    """How many municipalities, or provinces, a file has and how many there were on its day."""

    places: int
    of: int

    @property
    def whole(self) -> bool:
        """Return whether that is all Italy, but for what a publisher may lack."""
        return self.places >= WHOLE_SHARE * self.of


def own_day(reference_date: str) -> pd.Timestamp:
    """Return the day whose municipalities an edition is measured by: the last of its period.

    Examples
    --------
    >>> [f"{own_day(one):%Y-%m-%d}" for one in ("2018/1", "2018/2", "2021", "2018-02-17")]
    ['2018-06-30', '2018-12-31', '2021-12-31', '2018-02-17']
    """
    year, rest = reference_date[:4], reference_date[4:]
    return pd.Timestamp(f"{year}{rest if rest[:1] == '-' else _ENDS.get(rest, '-12-31')}")


_ENDS = {"/1": "-06-30"}


@cache  # of the package's own file, whatever figures are in use
def places_on(day: pd.Timestamp, column: str) -> int:
    """Return how many municipalities, or provinces, there were on a day."""
    records = shipped.table("code_history")
    living = records[(records["valid_from"] <= day) & (records["valid_to"] >= day)]
    return int(living[_COUNTED.get(column, "cadastral_code")].nunique())


_COUNTED = {"province_abbreviation": "province_abbreviation"}


@cache  # of the package's own files
def _known(column: str) -> pd.Index:
    """Return the codes that a municipality, or a province, has or ever had."""
    every = [shipped.table("code_history")]
    every += [shipped.table("latest_codes")] if column == "municipality_code" else []
    codes = pd.concat([one[column] for one in every])
    known: pd.Index = pd.Index(codes[codes != ""].unique())
    return known


def coverage(frame: pd.DataFrame, delivers: Extent, reference_date: str) -> Coverage | None:
    """Return how much of Italy the rows of an edition cover; None where rows are no places.

    A code that no municipality ever had covers nothing. Of several years that stand under each
    other the one with the fewest counts.

    Examples
    --------
    >>> quotes = pd.DataFrame({"cadastral_code": ["F704", "F704", "B212"]})
    >>> coverage(quotes, Extent(italy=False, places="cadastral_code"), "2018/2")
    Coverage(places=2, of=7954)
    """
    if not delivers.places or not reference_date:
        return None
    rows = frame.reset_index()
    # isin on text is ten times slower.
    rows = rows[_known(delivers.places).get_indexer(pd.Index(rows[delivers.places])) >= 0]
    day = own_day(reference_date)
    if "valid_to" in rows:  # an archive of all that ever were
        rows = rows[rows["valid_to"] >= day]
    if "year" not in rows:
        return Coverage(int(rows[delivers.places].nunique()), places_on(day, delivers.places))
    every = [
        Coverage(
            int(one[delivers.places].nunique()), places_on(own_day(str(year)), delivers.places)
        )
        for year, one in rows.groupby("year")
    ]
    return min(every, key=lambda one: one.places / one.of, default=Coverage(0, 1))
