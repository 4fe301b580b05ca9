"""Which municipality of one day follows which of another: ANPR's archive and ISTAT's variations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import pandas as pd

from needs_analysis import store
from needs_analysis.territory.codes import DAY


@cache
def _records() -> pd.DataFrame:
    return store.table("code_history")


def ever_in_province(province_code: str) -> list[str]:
    """Return the cadastral codes that since 1991 had a code of a province, abolished or not.

    Examples
    --------
    >>> len(ever_in_province("107"))  # Carbonia-Iglesias
    23
    """
    records = _records()
    inside = records["municipality_code"].str[:3] == province_code
    return sorted(set(records.loc[inside, "cadastral_code"]))


def active_prefectures() -> pd.Series:
    """Return the prefecture of each municipality that exists today, by cadastral_code.

    Examples
    --------
    >>> active_prefectures()["B745"]  # Carbonia, in Sud Sardegna
    'CA'
    """
    records = _records()
    active = records[records["prefecture_code"] != ""].drop_duplicates(
        "cadastral_code", keep="last"
    )
    return active.set_index("cadastral_code")["prefecture_code"]


class _Record(NamedTuple):
    """One spell of a municipality with the same codes; days as ISO text, which sorts as they do."""

    cadastral_code: str
    municipality_code: str
    province: str
    valid_from: str
    valid_to: str


@dataclass(frozen=True)
class _Links:
    """The records by either code, by the day they begin, and the successors that ISTAT names."""

    by_cadastral: dict[str, list[_Record]]
    by_municipality: dict[str, list[_Record]]
    beginning: dict[str, list[_Record]]
    named: dict[str, set[str]]


@cache
def _links() -> _Links:
    rows = _records()
    links = _Links(defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(set))
    columns = [rows[name].tolist() for name in _Record._fields[:2]]
    columns.append(rows["province_abbreviation"].tolist())
    columns += [rows[name].dt.strftime("%Y-%m-%d").tolist() for name in _Record._fields[3:]]
    for record in sorted(map(_Record._make, zip(*columns, strict=True)), key=lambda r: r.valid_to):
        links.by_cadastral[record.cadastral_code].append(record)
        links.by_municipality[record.municipality_code].append(record)
        links.beginning[record.valid_from].append(record)
    variations = store.table("code_variations")
    ended = variations[(variations["kind"] == "ES") & (variations["new_code"] != "")]
    for old, new in zip(ended["old_code"], ended["new_code"], strict=True):
        links.named[old].add(new)
    return links


def codes_on(day: pd.Timestamp) -> pd.DataFrame:
    """Return the municipalities valid on a day, indexed by cadastral_code.

    A record is valid from the day it begins up to, not including, the day it ends.

    Examples
    --------
    >>> len(codes_on(pd.Timestamp("2022-01-01"))), len(codes_on(pd.Timestamp("2011-10-09")))
    (7904, 8092)
    """
    records = _records()
    valid = records[(records["valid_from"] <= day) & (records["valid_to"] > day)]
    return valid.set_index("cadastral_code")


def successors(
    codes: Iterable[str], day: pd.Timestamp = DAY, *, kind: str = "cadastral_code"
) -> pd.DataFrame:
    """Find the municipality of `day` that each code belongs to.

    A code is followed from its own last valid day: first by its cadastral code, which outlives
    changes of province; then by the successor that ISTAT names; then, where ISTAT's list ends, by
    the only record that begins the day it ends in the same province.

    Parameters
    ----------
    codes : iterable of str
        Cadastral codes, or municipality codes of any day since 1991.
    day : Timestamp
        The day whose codes are wanted.
    kind : {"cadastral_code", "municipality_code"}
        What `codes` are.

    Returns
    -------
    DataFrame
        Indexed by the code as given: municipality_code (NaN where unresolved) and change
        ("unchanged", "recoded", "merged", "unresolved").

    Examples
    --------
    >>> successors(["F704", "G714"])["municipality_code"].tolist()
    ['108033', '096088']
    >>> successors(["015149"], kind="municipality_code").loc["015149"].tolist()
    ['108033', 'recoded']
    """
    asked = pd.Index(list(dict.fromkeys(codes)), name=kind)
    now = codes_on(day)["municipality_code"]
    if kind == "municipality_code":
        now = pd.Series(now.to_numpy(), index=now.to_numpy())
    direct = now.index.get_indexer(asked) >= 0
    found = pd.DataFrame({"municipality_code": now.reindex(asked)}, index=asked)
    found["change"] = pd.Series("unchanged", index=asked).where(direct, "unresolved")
    for code in asked[~direct]:
        followed = _follow(code, day.strftime("%Y-%m-%d"), kind)
        if followed:
            found.loc[code] = followed
    return found


def _follow(code: str, day: str, kind: str) -> tuple[str, str] | None:
    """Walk from an extinct code to one that is valid on `day`; None where the walk ends early."""
    links = _links()
    own = (links.by_cadastral if kind == "cadastral_code" else links.by_municipality).get(code)
    change = "recoded"
    for _ in range(10):  # no chain of mergers since 1991 is longer; a loop in a bad file ends here
        if not own:
            return None
        own = links.by_cadastral[own[-1].cadastral_code]
        for record in own:
            if record.valid_from <= day < record.valid_to:
                return record.municipality_code, change
        if own[-1].valid_to > day:  # it exists, but only after `day`: it has no place on it
            return None
        change = "merged"
        own = _following(links, own)
    return None


def _following(links: _Links, own: list[_Record]) -> list[_Record] | None:
    """Return the records of the one municipality that took over, if one is known."""
    codes = {record.municipality_code for record in own}
    named = {new for old in codes for new in links.named.get(old, ())} - codes
    if named:
        found = [record for new in named for record in links.by_municipality.get(new, ())]
    else:
        found = _beginning_next(links, own[-1])
    return found if len({record.cadastral_code for record in found}) == 1 else None


def _beginning_next(links: _Links, last: _Record) -> list[_Record]:
    """Return what is new in the province on the day `last` ends, or the next."""
    end = date.fromisoformat(last.valid_to)
    days = (end.isoformat(), (end + timedelta(days=1)).isoformat())
    begun = [
        record
        for day in days
        for record in links.beginning.get(day, ())
        if record.province == last.province and record.cadastral_code != last.cadastral_code
    ]
    # A municipality that was new that day comes before one that only changed its name.
    first = [r for r in begun if links.by_cadastral[r.cadastral_code][0].valid_from == r.valid_from]
    return first or begun
