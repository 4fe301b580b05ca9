"""Which counts of the offices are told, and what is computed as if the others had not been given.

What follows from a count is as confidential as the count: a total, the distinct households, a gap. So
nothing is computed of a hidden one; whoever tries its possible values with this very program finds the
same outputs for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from needs_analysis.disclosure import Rules
from needs_analysis.needs.counts_book import OwnCounts
from needs_analysis.needs.groups import TARGET_GROUPS
from needs_analysis.needs.result import AMBITO_SIZE, NeedResult

_KEYS = ["municipality_code", "group"]
_NUMBERS = {
    "applications": ("applications", "waiting"),
    "stock": ("free_ready",),
    "turnover": ("relets", "committed"),
}


@dataclass(frozen=True, eq=False)
class Given:
    """What may be computed of what the offices gave.

    Parameters
    ----------
    need : NeedResult
        As if the hidden counts had not been given.
    hidden : DataFrame
        municipality_code, group, what ("count" on a day, "arising" in a year): those that are hidden.
    books : tuple of OwnCounts, or None
        The workbook with each hidden number of lists and dwellings at the least, at the middle, and at
        the most that it may be; None without a workbook.
    books_hide : bool
        Whether there is such a number.
    compositions : DataFrame
        Rows of the workbook's that may be told.
    composed_hidden : frozenset of (str, str)
        The groups and compositions of those that may not.
    """

    need: NeedResult
    hidden: pd.DataFrame
    books: tuple[OwnCounts, OwnCounts, OwnCounts] | None
    books_hide: bool
    compositions: pd.DataFrame
    composed_hidden: frozenset[tuple[str, str]]


def given(need: NeedResult, rules: Rules | None) -> Given:
    """Return what may be computed: of all counts, or, with rules, of those that they let out.

    Notes
    -----
    A count of a group that is listed from the ambito on is told where the whole ambito of its
    municipality is in the area, in either profile: else the sum would be of less than the ambito.
    Discomfort that is spread is told of regional figures alone.
    """
    own = need.own
    if own.empty and need.book is None:
        nothing = pd.DataFrame(columns=[*_KEYS, "what"])
        return Given(need, nothing, None, False, *_composed(None, own, own, rules))
    whole = own["municipality_code"].map(_whole_ambito(need)).astype(bool)
    out = (own["group"].map(_from_ambito).astype(bool) & ~whole) | own["group"].map(
        _diffuse
    ).astype(bool)
    blank = {name: out & own[name].notna() for name in ("count", "arising")}
    if rules is not None:
        for name in blank:
            blank[name] |= _hidden(own[name], own["group"], rules)
    hidden = pd.concat(
        [own.loc[where, _KEYS].assign(what=name) for name, where in blank.items()],
        ignore_index=True,
    )
    # What only a year's count gives is as hidden as that.
    alone = blank["arising"] & own["count"].isna() & own["group"].map(_waits).astype(bool)
    hidden = pd.concat([hidden, own.loc[alone, _KEYS].assign(what="count")], ignore_index=True)
    compositions, composed = _composed(need.book, own, out | blank["count"], rules)
    books, hide = _books(need.book, rules)
    safe = need
    if len(hidden):
        kept = own.assign(**{name: own[name].mask(where) for name, where in blank.items()})
        # Whose number is hidden did answer.
        answered = blank["count"] | blank["arising"]
        safe = need.again(kept[~(answered & kept["count"].isna() & kept["arising"].isna())])
    return Given(safe, hidden, books, hide, compositions, composed)


def hides(counts: pd.Series, least: int, sensitive: bool) -> pd.Series:
    """Say which counts are hidden.

    Parameters
    ----------
    counts : Series
        NaN is not transmitted.
    least : int
        The smallest that is told.
    sensitive : bool
        Whether 0 is hidden too.

    Notes
    -----
    Where 0 is told, a count of `least` is hidden beside the smaller ones: behind a blank there are as
    many counts as `least` always.

    Examples
    --------
    >>> hides(pd.Series([0.0, 1, 5, 6]), 5, False).tolist()
    [False, True, True, False]
    >>> hides(pd.Series([0.0, 1, 9, 10]), 10, True).tolist()
    [True, True, True, False]
    """
    return counts < least if sensitive else (counts > 0) & (counts <= least)


def _hidden(counts: pd.Series, groups: pd.Series, rules: Rules) -> pd.Series:
    sensitive = groups.map(lambda one: rules.is_sensitive((("target_group", one),))).astype(bool)
    plain = hides(counts, rules.count_min, sensitive=False)
    return plain.where(~sensitive, hides(counts, rules.sensitive_count_min, sensitive=True))


def _from_ambito(group: str) -> bool:
    return not TARGET_GROUPS[group].listed_at("municipality")


def _waits(group: str) -> bool:
    return bool(TARGET_GROUPS[group].years)


def _diffuse(group: str) -> bool:
    return TARGET_GROUPS[group].tier == "diffuse"


def _whole_ambito(need: NeedResult) -> Mapping[str, bool]:
    """Say of each municipality whether its whole ambito is in the area; alone, it is not known to be."""
    places, codes = need.places, need.households.index
    name = pd.Series("", index=codes, dtype=object)
    for column in ("province_code", "ambito_name"):
        if column in places:
            name = places[column].fillna(name)
    here = name.map(name.value_counts())
    size = places[AMBITO_SIZE] if AMBITO_SIZE in places else here.clip(lower=2)
    return dict(zip(codes, (here >= size).to_numpy(dtype=bool), strict=True))


def _composed(
    book: OwnCounts | None, own: pd.DataFrame, out: pd.Series | pd.DataFrame, rules: Rules | None
) -> tuple[pd.DataFrame, frozenset[tuple[str, str]]]:
    """Return the counts by composition that may be told, and of which some may not.

    The rest of a group, without a composition, is a count too.
    """
    if book is None or not len(book.compositions):
        return pd.DataFrame(columns=[*_KEYS, "composition", "count"]), frozenset()
    rows = book.compositions
    whole = own.assign(out=out.to_numpy()).drop_duplicates(_KEYS).set_index(_KEYS)
    of = whole.reindex(pd.MultiIndex.from_frame(rows[_KEYS]))
    hidden = of["out"].fillna(False).to_numpy(dtype=bool)
    if rules is not None:
        rest = pd.Series(of["count"].to_numpy() - rows["count"].to_numpy(), rows.index)
        hidden = hidden | _hidden(rows["count"].astype(float), rows["group"], rules).to_numpy()
        hidden = hidden | _hidden(rest, rows["group"], rules).to_numpy()
    some = rows.loc[hidden, ["group", "composition"]].itertuples(index=False, name=None)
    return rows[~hidden], frozenset(some)


def _books(
    book: OwnCounts | None, rules: Rules | None
) -> tuple[tuple[OwnCounts, OwnCounts, OwnCounts] | None, bool]:
    """Return a workbook with what is hidden of lists and dwellings at its least, middle and most."""
    if book is None or rules is None:
        return None if book is None else (book, book, book), False
    most = float(rules.count_min)
    low, middle, high = (
        _filled(book, rules.count_min, end) for end in (1.0, (1.0 + most) / 2, most)
    )
    hide = any(
        hides(getattr(book, table)[name].astype(float), rules.count_min, sensitive=False).any()
        for table, names in _NUMBERS.items()
        for name in names
    )
    return (low, middle, high), hide


def _filled(book: OwnCounts, least: int, end: float) -> OwnCounts:
    """Return a workbook with one number in the place of all that are hidden."""
    tables = {table: getattr(book, table).copy() for table in _NUMBERS}
    for table, names in _NUMBERS.items():
        for name in names:
            counts = tables[table][name].astype(float)
            tables[table][name] = counts.mask(hides(counts, least, sensitive=False), end)
    return replace(book, applications=tables["applications"], stock=tables["stock"],
                   turnover=tables["turnover"])  # fmt: skip
