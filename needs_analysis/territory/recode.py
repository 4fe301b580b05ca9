"""Bringing figures from the municipalities of one day to those of another, either way.

The algorithm takes its links as a value: a row by pair of old and new code with the share of the old
one's amounts that goes to the new one. :func:`links` makes them from the history of the codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from needs_analysis import store
from needs_analysis.errors import ParameterError
from needs_analysis.figures import wanted_codes, wanted_frame
from needs_analysis.territory import history
from needs_analysis.territory.codes import any_day, listed
from needs_analysis.territory.history import KINDS, Archive
from needs_analysis.territory.problems import problem

Day = pd.Timestamp | str
HOW = ("sum", "mean", "weighted", "max", "min", "first")
CARVED = ("split", "keep")
_KNOWN_RULES = {"unknown_rule": {"known": HOW}}
# What an amount is split by, best first; equal parts where neither is known for all parts.
BASES = ("households 2021", "residents 2011")
EQUAL = "equal parts"
FOLLOWED = "from a code of another day"
_SHARES_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Recoded:
    """Figures on the municipalities of another day.

    Parameters
    ----------
    frame : DataFrame
        Indexed by municipality_code of the day asked for, sorted: those that any row reaches. What
        is computed is float64; "first" keeps its type. Missing is NaN.
    flags : DataFrame
        By the same index: parts (municipalities it comes from), missing_parts (those of them that
        the frame lacks, or that have a blank), share (the smallest share of a part that was
        taken; below 1 the value is allocated), basis (what was split by, "" if nothing) and note
        (the same in words, "" for a municipality that is as it was).
    unmatched : DataFrame
        The rows that have no place on that day, as given, with their reason in the first column.
    """

    frame: pd.DataFrame
    flags: pd.DataFrame
    unmatched: pd.DataFrame


def links(
    from_date: Day,
    to_date: Day,
    *,
    kind: str = "municipality_code",
    carved: str = "split",
    archive: Archive | None = None,
) -> pd.DataFrame:
    r"""Say which municipality of one day goes to which of another, and with what share.

    Forward, a municipality goes whole to its successor. What was carved out of the sources S takes
    from each, and leaves the rest where it was:

    .. math:: share_{s \to n} = \frac{p_{sn}}{h_s + \sum_m p_{sm}}, \quad
              p_{sn} = h_n \frac{h_s}{\sum_{t \in S} h_t}

    Backward, a municipality goes to the parts that it was made of, with the shares
    :math:`h_i / \sum_j h_j`. The sizes h are the households of 2021 where they are known for all
    parts, else the residents of 2011, else equal.

    Parameters
    ----------
    from_date, to_date : Timestamp or str
        Two days since 1991, in either order; a record holds on its last day too. Before 1991 only
        what kept its cadastral code is linked.
    kind : {"municipality_code", "cadastral_code"}
        What the old codes are; the new ones are municipality codes.
    carved : {"split", "keep"}
        Whether municipalities give a share to one carved out of them, or keep all that is theirs.
    archive : Archive, optional
        Other records than the shipped ones.

    Returns
    -------
    DataFrame
        old, new, share (0-1; they sum to 1 over each old code) and basis ("" where whole).

    Notes
    -----
    Territory that passed from one municipality to another, when both live on, is not followed.
    Where the sources of a carved municipality are in no list (Misiliscemi), it gets no link.

    Examples
    --------
    >>> found = links("2024-01-22", "2022-01-01").set_index("old")
    >>> found.loc["024128", ["new", "share"]].round(2).to_numpy().tolist()  # Sovizzo
    [['024044', 0.09], ['024103', 0.91]]
    """
    if kind not in KINDS or carved not in CARVED:
        wrong = [problem("unknown_kind", kind=kind, kinds=KINDS)] if kind not in KINDS else []
        if carved not in CARVED:
            wrong.append(problem("unknown_carved", carved=carved, choices=CARVED))
        raise ParameterError(*wrong)
    start, end = any_day(from_date), any_day(to_date)
    if archive is None:
        return _shipped_links(start, end, kind, carved)
    return _links(archive, start, end, kind, carved)


@store.remembered(each=16)
def _shipped_links(
    from_date: pd.Timestamp, to_date: pd.Timestamp, kind: str, carved: str
) -> pd.DataFrame:
    return _links(history.shipped(), from_date, to_date, kind, carved)


def _links(
    source: Archive, from_date: pd.Timestamp, to_date: pd.Timestamp, kind: str, carved: str
) -> pd.DataFrame:
    start, end = source.on(from_date), source.on(to_date)
    forward = from_date <= to_date
    early, late = (start, end) if forward else (end, start)
    place = source.resolve(
        pd.Series(early.index, index=early.index, dtype="str"), max(from_date, to_date)
    )
    whole = pd.DataFrame({"early": place.index, "late": place.to_numpy()}).dropna()
    parts = source.carved.rename(columns={"cadastral_code": "late", "source": "early"})
    lives = history.among(parts["early"], pd.Index(whole["early"]))
    begins = history.among(parts["late"], late.index)
    begins &= ~history.among(parts["late"], pd.Index(whole["late"]).unique())
    parts = parts.loc[lives & begins & (carved == "split"), ["early", "late"]]
    pairs = _forward(whole, parts) if forward else _backward(whole, parts)
    pairs["new"] = pairs["new"].map(end["municipality_code"])
    if kind == "municipality_code":
        pairs["old"] = pairs["old"].map(start["municipality_code"])
    columns = ["old", "new", "share", "basis"]
    found: pd.DataFrame = pairs[columns].sort_values(columns[:2], ignore_index=True)
    return found


def _backward(whole: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Split each later municipality over the earlier ones that it was made of."""
    pairs = pd.concat([whole, parts]).rename(columns={"late": "old", "early": "new"})
    pairs["share"], pairs["basis"] = 1.0, ""
    several = pairs["old"].duplicated(keep=False)
    split = pairs[several]
    size, pairs.loc[several, "basis"] = _sizes(split["old"], split["new"])
    pairs.loc[several, "share"] = size / size.groupby(split["old"]).transform("sum")
    return pairs


def _forward(whole: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Send each earlier municipality to its successor, less what was carved out of it."""
    stay = whole.rename(columns={"early": "old", "late": "new"}).assign(share=1.0, basis="")
    if parts.empty:
        return stay
    # The carved and its sources are sized together: one row for itself, one by source.
    group = pd.concat([parts["late"], parts["late"].drop_duplicates()])
    member = pd.concat([parts["early"], parts["late"].drop_duplicates()])
    group, member = group.reset_index(drop=True), member.reset_index(drop=True)
    size, basis = _sizes(group, member)
    own, given = group == member, group != member
    taken = pd.DataFrame({"old": member, "new": group, "size": size, "basis": basis})[given]
    carved = pd.Series(size[own].to_numpy(), index=group[own])
    over = taken["size"].groupby(taken["new"]).transform("sum")
    taken["part"] = taken["new"].map(carved) * taken["size"] / over
    rest = taken.groupby("old")["part"].transform("sum") + taken["size"]
    taken["share"] = taken["part"] / rest
    gone = taken.groupby("old")["share"].sum()
    stay["share"] -= stay["old"].map(gone).fillna(0.0)
    stay["basis"] = stay["old"].map(taken.groupby("old")["basis"].first()).fillna("")
    found: pd.DataFrame = pd.concat([stay, taken[["old", "new", "share", "basis"]]])
    return found


def _sizes(group: pd.Series, member: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the size of each member and its basis: one basis a group, known for all of it."""
    households = listed().set_index("cadastral_code")["households"]
    residents = store.table("residents_2011").set_index("cadastral_code")["residents_2011"]
    size = pd.Series(1.0, index=group.index)
    basis = pd.Series(EQUAL, index=group.index)
    for name, known in reversed(list(zip(BASES, (households, residents), strict=True))):
        found = member.map(known)
        usable = (found > 0).groupby(group).transform("all")
        size, basis = size.mask(usable, found), basis.mask(usable, name)
    return size, basis


def recode(
    frame: pd.DataFrame,
    from_date: Day,
    to_date: Day,
    how: Mapping[str, str] | str,
    *,
    weights: str | pd.Series | None = None,
    kind: str = "municipality_code",
    partial: bool = False,
    carved: str = "split",
    table: pd.DataFrame | None = None,
) -> Recoded:
    r"""Bring figures on the municipalities of one day to those of another.

    .. math:: sum_n = \sum_o share_{o \to n} x_o, \quad
              weighted_n = \frac{\sum_o w_o share_{o \to n} x_o}{\sum_o w_o share_{o \to n}}

    Mergers aggregate. Only a "sum" is split, by the shares of :func:`links`; a mean, an extreme or a
    class holds for each part as it held for the whole.

    Parameters
    ----------
    frame : DataFrame
        One row a municipality of `from_date`, indexed by its code. A code that did not hold on
        `from_date` is followed from its own last valid day.
    from_date, to_date : Timestamp or str
        Two days since 1991, in either order.
    how : mapping of str to str, or str
        For each column, or for all: "sum", "mean" (of the parts, unweighted), "weighted", "max",
        "min" or "first" (the first part in the order of `frame` that is known; any type).
    weights : str or Series, optional
        The weights of "weighted": a column of `frame`, or a Series by its index.
    kind : {"municipality_code", "cadastral_code"}
        What the index is.
    partial : bool
        Aggregate the parts that are known. By default a value with a missing part is missing, and
        a part without a row is a missing one; "first" needs only one.
    carved : {"split", "keep"}
        As in :func:`links`.
    table : DataFrame, optional
        Other links (old, new, share, basis), in place of :func:`links` of the two days.

    Returns
    -------
    Recoded
        frame, flags and unmatched. Sums are conserved: where nothing is missing, the total of the
        frame and that of the unmatched rows make the total given.

    Raises
    ------
    Refused
        A code stands twice, a column has no rule or an unknown one, or weights are not given.

    Examples
    --------
    >>> beds = pd.DataFrame({"beds": [30.0, 12.0, 5.0]}, index=["096084", "096070", "018082"])
    >>> done = recode(beds, "2018-12-31", "2026-06-08", {"beds": "sum"}, partial=True)
    >>> done.frame["beds"].to_dict(), done.flags["note"].tolist()
    ({'096088': 42.0}, ['merged from 4, 2 of them missing'])
    >>> done.unmatched["reason"].to_dict()
    {'018082': 'ceased, no successor known'}
    """
    wanted_codes(wanted_frame(frame))
    rules = dict.fromkeys(frame.columns, how) if isinstance(how, str) else dict(how)
    weight = _checked(frame, rules, weights)
    if table is None:
        linked, reasons = followed(frame.index, from_date, to_date, kind=kind, carved=carved)
    else:
        linked = _valid(table)
        stray = frame.index.difference(pd.Index(linked["old"]))
        reasons = pd.Series("in no link", index=stray, dtype="str")
    parts = _Parts(frame, linked)
    done = {name: parts.aggregate(name, rule, weight, partial) for name, rule in rules.items()}
    lost = frame.iloc[np.sort(frame.index.get_indexer(reasons.index))].copy()
    lost.insert(0, "reason", reasons.reindex(lost.index))
    return Recoded(pd.DataFrame(done, index=parts.targets), parts.flags(list(rules)), lost)


def followed(
    codes: pd.Index,
    from_date: Day,
    to_date: Day,
    *,
    kind: str = "municipality_code",
    carved: str = "split",
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the links by which :func:`recode` brings rows of these codes, and why some have none.

    Parameters
    ----------
    codes : Index
        Of the rows; one that did not hold on `from_date` is followed from its own last valid day.
    from_date, to_date, kind, carved
        As in :func:`links`.

    Returns
    -------
    links, reasons : DataFrame, Series
        As :func:`links` gives them, and by code the reason of one that has no place.

    Examples
    --------
    >>> linked, reasons = followed(pd.Index(["096084", "018082"]), "2018-12-31", "2026-06-08")
    >>> linked.set_index("old")["new"]["096084"], reasons.to_dict()
    ('096088', {'018082': 'ceased, no successor known'})
    """
    linked = links(from_date, to_date, kind=kind, carved=carved)
    linked = _with_other_codes(linked, codes, from_date, kind)
    stray = codes.difference(pd.Index(linked["old"]))
    if stray.empty:
        return linked, pd.Series(index=stray, dtype="str")
    own, reasons = _strays(stray, any_day(to_date), kind)
    return pd.concat([linked, own], ignore_index=True), reasons


def _checked(
    frame: pd.DataFrame, rules: Mapping[Any, str], weights: str | pd.Series | None
) -> np.ndarray | None:
    """Refuse what cannot be aggregated, naming it; return the weights by row."""
    computed = [name for name, rule in rules.items() if rule != "first" and name in frame.columns]
    wrong: dict[str, list[Any]] = {
        "no_rule": [name for name in frame.columns if name not in rules],
        "unknown_rule": [rule for rule in rules.values() if rule not in HOW],
        "rule_without_column": [name for name in rules if name not in frame.columns],
        "only_first": [name for name in computed if not is_numeric_dtype(frame[name])],
    }
    problems = [
        problem(kind, names=tuple(map(str, names[:5])), **_KNOWN_RULES.get(kind, {}))
        for kind, names in wrong.items()
        if names
    ]
    if problems:
        raise ParameterError(*problems)
    if "weighted" not in rules.values():
        return None
    if weights is None:
        raise ParameterError(problem("no_weights"))
    found = frame[weights] if isinstance(weights, str) else weights.reindex(frame.index)
    return found.to_numpy(dtype="float64", na_value=np.nan)


def _valid(table: pd.DataFrame) -> pd.DataFrame:
    """Refuse links that stand twice, or whose shares do not sum to 1, naming the codes."""
    twice = table.loc[table.duplicated(["old", "new"]), "old"]
    if len(twice):
        raise ParameterError(problem("links_twice", codes=tuple(twice.unique()[:5])))
    sums = table["share"].groupby(table["old"]).sum()
    wrong = sums.index[(sums - 1).abs() > _SHARES_TOLERANCE].tolist()
    wrong += table.loc[table["share"] < 0, "old"].tolist()
    if wrong:
        raise ParameterError(problem("wrong_shares", codes=tuple(wrong[:5])))
    return table if "basis" in table else table.assign(basis="")


def _with_other_codes(table: pd.DataFrame, codes: pd.Index, day: Day, kind: str) -> pd.DataFrame:
    """Give a municipality's links to another code of it, where its code of the day has no row."""
    stray = codes.difference(pd.Index(table["old"]))
    if stray.empty:
        return table
    found = history.successors(stray, day, kind=kind, last_day=True)
    known = history.among(found["municipality_code"], codes)
    same = found[(found["change"] == "recoded") & ~known]
    same = same[~same["municipality_code"].duplicated()]
    if same.empty:
        return table
    given = table["old"].map(pd.Series(same.index, index=same["municipality_code"], dtype="str"))
    basis = table["basis"].mask(given.notna() & (table["basis"] == ""), FOLLOWED)
    return table.assign(old=given.fillna(table["old"]), basis=basis)


def _strays(codes: pd.Index, to_date: pd.Timestamp, kind: str) -> tuple[pd.DataFrame, pd.Series]:
    """Follow codes that no link has, each from its own last valid day; say why some have no place."""
    found = history.successors(codes, to_date, kind=kind, last_day=True)["municipality_code"]
    placed = found.dropna()
    table = pd.DataFrame(
        {"old": placed.index, "new": placed.to_numpy(), "share": 1.0, "basis": FOLLOWED}
    )
    lost = found.index[found.isna()]
    source = history.shipped()
    own = history.cadastral_codes(lost, kind=kind)
    begins, ends = own.map(source.begins), own.map(source.ends)
    reason = pd.Series("ceased, no successor known", index=lost, dtype="str")
    early = ends < history.VARIATIONS_FROM
    reason = reason.mask(early, "ceased before 1991, successors in no list")
    reason = reason.mask(begins > to_date, f"begins after {to_date:%Y-%m-%d}, sources in no list")
    reason = reason.mask(own.isna(), "unknown code")
    return table, reason.mask(lost == "", "blank code")


class _Parts:
    """The parts of each municipality reached, laid end to end so that each is one slice."""

    def __init__(self, frame: pd.DataFrame, table: pd.DataFrame) -> None:
        self.frame = frame
        row = frame.index.get_indexer(pd.Index(table["old"]))
        code, target = pd.factorize(pd.Index(table["new"], name="municipality_code"), sort=True)
        kept = np.bincount(code[row >= 0], minlength=len(target)) > 0
        self.targets = target[kept]
        reached = kept[code]
        row, code = row[reached], (np.cumsum(kept) - 1)[code[reached]]
        share = table["share"].to_numpy(dtype="float64")[reached]
        basis = table["basis"].to_numpy(dtype=object)[reached]
        # Parts without a row come last: "first" then follows the order of the frame.
        order = np.lexsort((np.where(row < 0, len(frame), row), code))
        self.row, self.share, self.basis = row[order], share[order], basis[order]
        self.starts = np.flatnonzero(np.diff(code[order], prepend=-1))

    def aggregate(self, name: Any, rule: str, weight: np.ndarray | None, partial: bool) -> Any:
        """Return one column by target."""
        if not len(self.targets) or rule == "first":
            return self._first(self.frame[name])
        value = self._laid(self.frame[name].to_numpy(dtype="float64", na_value=np.nan))
        if rule == "sum":
            return self._sum(value * self.share, partial)
        if rule in ("max", "min"):
            strict, lenient = (np.maximum, np.fmax) if rule == "max" else (np.minimum, np.fmin)
            return (lenient if partial else strict).reduceat(value, self.starts)
        if rule == "mean" or weight is None:
            worth = np.ones(len(value))
        else:
            worth = self._laid(weight) * self.share
        worth = np.where(np.isnan(value), np.nan, worth)
        over = self._sum(worth, partial)
        return self._sum(value * worth, partial) / np.where(over > 0, over, np.nan)

    def flags(self, names: list[Any]) -> pd.DataFrame:
        """Return what each target is made of, in numbers and in words."""
        columns = ["parts", "missing_parts", "share", "basis", "note"]
        if not len(self.targets):
            return pd.DataFrame(columns=columns, index=self.targets)
        blank = np.append(self.frame[names].isna().any(axis=1).to_numpy(), True)[self.row]
        missing = np.add.reduceat(blank.astype(int), self.starts)
        parts = np.diff(np.append(self.starts, len(self.row)))
        share = np.minimum.reduceat(self.share, self.starts)
        named = np.where(self.basis == "", len(self.basis), np.arange(len(self.basis)))
        basis = np.append(self.basis, "")[np.minimum.reduceat(named, self.starts)]
        rows = zip(parts, missing, share, basis, strict=True)
        notes = ["" if n == 1 and s == 1 and not b else _note(n, m, s, b) for n, m, s, b in rows]
        data = zip(columns, (parts, missing, share, basis, notes), strict=True)
        return pd.DataFrame(dict(data), index=self.targets).astype({"basis": "str", "note": "str"})

    def _laid(self, values: np.ndarray) -> np.ndarray:
        """Return the value of each part; NaN for one without a row."""
        return np.asarray(np.append(values, np.nan)[self.row])

    def _sum(self, values: np.ndarray, partial: bool) -> np.ndarray:
        if not partial:
            return np.asarray(np.add.reduceat(values, self.starts))
        known = ~np.isnan(values)
        total = np.add.reduceat(np.where(known, values, 0.0), self.starts)
        return np.asarray(np.where(np.logical_or.reduceat(known, self.starts), total, np.nan))

    def _first(self, column: pd.Series) -> Any:
        if not len(self.targets):  # reduceat wants a slice
            return column.array[:0]
        known = np.append(column.notna().to_numpy(), False)[self.row]
        places = np.where(known, np.arange(len(self.row)), len(self.row))
        row = np.append(self.row, -1)[np.minimum.reduceat(places, self.starts)]
        # No row is -1: it reads as blank, and only a blank changes the type.
        return column.set_axis(range(len(column))).reindex(row).array


def _note(parts: int, missing: int, share: float, basis: str) -> str:
    said = []
    if parts > 1:
        said.append(f"merged from {parts}" + (f", {missing} of them missing" if missing else ""))
    if share < 1:
        by = f" by {basis}" if basis not in ("", FOLLOWED) else ""
        said.append(f"split, share {share:.2f}{by}")
    if basis == FOLLOWED:
        said.append(FOLLOWED)
    return "; ".join(said)
