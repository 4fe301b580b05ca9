"""Which municipality of one day follows which of another: ANPR's archive and ISTAT's variations."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pandas as pd

from needs_analysis import store
from needs_analysis.territory.codes import DAY


@cache
def _records() -> pd.DataFrame:
    return store.table("code_history")


@cache
def _extinctions() -> dict[str, list[str]]:
    variations = store.table("code_variations")
    ended = variations[(variations["kind"] == "ES") & (variations["new_code"] != "")]
    return ended.groupby("old_code")["new_code"].agg(lambda codes: sorted(set(codes))).to_dict()


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
    return valid.set_index("cadastral_code", verify_integrity=True)


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
    direct = asked.isin(now.index)
    found = pd.DataFrame({"municipality_code": now.reindex(asked)}, index=asked)
    found["change"] = pd.Series("unchanged", index=asked).where(direct, "unresolved")
    for code in asked[~direct]:
        followed = _follow(code, day, kind)
        if followed:
            found.loc[code] = followed
    return found


def _follow(code: str, day: pd.Timestamp, kind: str) -> tuple[str, str] | None:
    """Walk from an extinct code to one that is valid on `day`; None where the walk ends early."""
    records = _records()
    change = "recoded"
    own = records[records[kind] == code]
    for _ in range(10):  # no chain of mergers since 1991 is longer; a loop in a bad file ends here
        if own.empty:
            return None
        cadastral = own["cadastral_code"].iloc[-1]
        own = records[records["cadastral_code"] == cadastral]
        valid = own[(own["valid_from"] <= day) & (own["valid_to"] > day)]
        if len(valid):
            return str(valid["municipality_code"].iloc[0]), change
        change = "merged"
        last = own.loc[own["valid_to"].idxmax()]
        if last["valid_to"] > day:  # it exists, but only after `day`: it has no place on it
            return None
        named = {new for old in own["municipality_code"] for new in _extinctions().get(old, ())}
        named -= set(own["municipality_code"])
        following = (
            records[records["municipality_code"].isin(named)] if named else _next_day(records, last)
        )
        if following["cadastral_code"].nunique() != 1:
            return None
        own = following
    return None


def _next_day(records: pd.DataFrame, last: pd.Series) -> pd.DataFrame:
    begins = records["valid_from"] - last["valid_to"]
    return records[
        begins.between(pd.Timedelta(0), pd.Timedelta(days=1))
        & (records["province_abbreviation"] == last["province_abbreviation"])
        & (records["cadastral_code"] != last["cadastral_code"])
        & ~records["cadastral_code"].isin(
            records.loc[records["valid_from"] < last["valid_to"], "cadastral_code"]
        )
    ]
