"""Which municipality of one day follows which of another: ANPR's archive and ISTAT's lists.

A municipality keeps its cadastral code when it changes province or name, so it is followed by that
code; where the code ends, by the successor that ISTAT names; after ISTAT's list (mid-2020), by the
only record that begins the day after in the same province. Territory ceded from one municipality to
another, when both live on, is not followed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.errors import ParameterError
from needs_analysis.figures import wanted_several
from needs_analysis.territory.codes import DAY, any_day
from needs_analysis.territory.problems import problem

KINDS = ("municipality_code", "cadastral_code")

# ISTAT names successors from this day; what ceased before it has none.
VARIATIONS_FROM = pd.Timestamp("1991-01-01")
# From this day official statistics use the codes of the new Sardinian provinces, which ANPR's
# archive lacked in June 2026 (ISTAT, Codici delle unità amministrative, note of 17 July 2025).
RENUMBERED_FROM = pd.Timestamp("2026-01-01")
_OPEN = pd.Timestamp("9999-12-31")
_ONE_DAY = pd.Timedelta(days=1)
_LONGEST_CHAIN = 10  # no chain of mergers since 1991 is longer; a loop in a bad file ends here


T = TypeVar("T")


def _once(compute: Callable[[Any], T]) -> T:
    """Make a property that is computed once, and gives each caller their own of it."""

    def own(archive: Archive) -> T:
        if compute.__name__ not in archive._known:
            archive._known[compute.__name__] = compute(archive)
        found: T = store.handed(archive._known[compute.__name__])
        return found

    return property(own, doc=compute.__doc__)  # type: ignore[return-value]


class Archive:
    """The records of all municipalities and the changes that ISTAT names.

    Many share one: what it gives may be changed in place, and it stays as it was.

    Parameters
    ----------
    records : DataFrame
        As :func:`needs_analysis.sources.anpr_archive.read` returns them: a row a spell of a
        municipality with the same code and name, from valid_from to valid_to, both included.
    variations : DataFrame
        As :func:`needs_analysis.sources.istat_variations.read` returns them.
    """

    def __init__(self, records: pd.DataFrame, variations: pd.DataFrame) -> None:
        self._records, self._variations = store.handed((records, variations))
        self._known: dict[str, Any] = {}
        # The same two or three days are asked for again and again.
        self._valid = lru_cache(maxsize=16)(partial(_valid, self._records))

    def __reduce__(self) -> tuple[type[Archive], tuple[pd.DataFrame, pd.DataFrame]]:
        """Travel to another process as what it was made of."""
        return Archive, (self._records, self._variations)

    @_once
    def records(self) -> pd.DataFrame:
        """The records, as given."""
        return self._records

    @_once
    def variations(self) -> pd.DataFrame:
        """The changes, as given."""
        return self._variations

    @_once
    def recent(self) -> pd.DataFrame:
        """The records valid at some time since 1991, in the order in which they end."""
        kept = self.records[self.records["valid_to"] >= VARIATIONS_FROM]
        return kept[kept["cadastral_code"] != ""].sort_values("valid_to", kind="stable")

    @_once
    def ends(self) -> pd.Series:
        """The last valid day by cadastral code; 9999-12-31 where it lives."""
        return self.records.groupby("cadastral_code")["valid_to"].max()

    @_once
    def begins(self) -> pd.Series:
        """The first day by cadastral code."""
        return self.records.groupby("cadastral_code")["valid_from"].min()

    @_once
    def bearers(self) -> pd.Series:
        """The cadastral code of the last bearer of each municipality code."""
        known = self.records[self.records["cadastral_code"] != ""].sort_values("valid_to")
        last = known.drop_duplicates("municipality_code", keep="last")
        return last.set_index("municipality_code")["cadastral_code"]

    @_once
    def takeovers(self) -> dict[str, str]:
        """The cadastral code that took over each one that ended since 1991, where one is known."""
        rows = self.variations
        named: dict[str, set[str]] = defaultdict(set)
        extinct = rows[(rows["kind"] == "ES") & (rows["new_code"] != "")]
        for old, new in zip(extinct["old_code"], extinct["new_code"], strict=True):
            named[old].add(new)
        bearer = self.bearers.to_dict()
        beginning, begins = self._beginning(), self.begins
        found = {}
        last = self.recent.drop_duplicates("cadastral_code", keep="last")
        last = last[last["valid_to"] < _OPEN]
        ended = self.recent[among(self.recent["cadastral_code"], pd.Index(last["cadastral_code"]))]
        codes = ended.groupby("cadastral_code")["municipality_code"].agg(set)
        for cadastral, place, end in zip(
            last["cadastral_code"], last["province_abbreviation"], last["valid_to"], strict=True
        ):
            own = codes[cadastral]
            following = {new for old in own for new in named.get(old, ())} - own
            begun = beginning.get((place, end + _ONE_DAY), set()) - {cadastral}
            heirs = (
                {bearer[code] for code in following if code in bearer}
                if following
                else _first(begun, begins, end)
            )
            if len(heirs) == 1:
                (found[cadastral],) = heirs
        return found

    def _beginning(self) -> dict[tuple[str, pd.Timestamp], set[str]]:
        """Return the cadastral codes that begin in each province on each day."""
        found = defaultdict(set)
        rows = self.recent
        keys = zip(rows["province_abbreviation"], rows["valid_from"], strict=True)
        for key, cadastral in zip(keys, rows["cadastral_code"], strict=True):
            found[key].add(cadastral)
        return found

    @_once
    def carved(self) -> pd.DataFrame:
        """The municipalities made of parts of others that live on: cadastral_code, source."""
        rows = self.variations[self.variations["kind"] == "CS"]
        pairs = pd.DataFrame(
            {
                "cadastral_code": rows["old_code"].map(self.bearers),
                "source": rows["new_code"].map(self.bearers),
            }
        ).dropna()
        whole = pairs["source"].map(self.takeovers) == pairs["cadastral_code"]
        made = set(self.takeovers.values())
        pairs = pairs[~whole & ~pairs["cadastral_code"].isin(made)].drop_duplicates()
        return pairs.sort_values(["cadastral_code", "source"], ignore_index=True)

    def on(self, day: pd.Timestamp | str, *, last_day: bool = True) -> pd.DataFrame:
        """Return the records valid on a day, indexed by cadastral_code."""
        return store.handed(self._valid(any_day(day), last_day))

    def resolve(
        self, cadastral: pd.Series, day: pd.Timestamp | str, *, last_day: bool = True
    ) -> pd.Series:
        """Follow cadastral codes to those valid on a day; NaN where the walk ends before."""
        until = any_day(day) + (pd.Timedelta(0) if last_day else _ONE_DAY)
        now = self.on(day, last_day=last_day).index.unique()
        found = cadastral.where(among(cadastral, now))
        walking = cadastral[found.isna()].dropna()
        for _ in range(_LONGEST_CHAIN):
            # What ends after `day` without holding on it begins later, or slept: no place on it.
            walking = walking[walking.map(self.ends) < until].map(self.takeovers).dropna()
            if walking.empty:
                break
            there = among(walking, now)
            found.loc[walking.index[there]] = walking[there]
            walking = walking[~there]
        return found


def _first(begun: set[str], begins: pd.Series, end: pd.Timestamp) -> set[str]:
    """Keep of what begins the day after `end` the new; the renamed only where nothing is new."""
    return {one for one in begun if begins[one] == end + _ONE_DAY} or begun


def _valid(records: pd.DataFrame, day: pd.Timestamp, last_day: bool) -> pd.DataFrame:
    until = day if last_day else day + _ONE_DAY
    valid = (records["valid_from"] <= day) & (records["valid_to"] >= until)
    return records[valid].set_index("cadastral_code")


def among(codes: pd.Series | pd.Index, others: pd.Index) -> np.ndarray:
    """Return which codes are among others: isin on text is ten times slower."""
    return others.get_indexer(pd.Index(codes)) >= 0


def renumbered(records: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Give the living municipalities the codes of a later list, from `RENUMBERED_FROM`.

    Parameters
    ----------
    records : DataFrame
        The archive's.
    units : DataFrame
        A later list (:func:`needs_analysis.sources.istat_situas.read`): municipality_code,
        cadastral_code and province_abbreviation. Cadastral codes do not change: they join the two.

    Returns
    -------
    DataFrame
        The records; those whose code the list changes end the day before, and new ones begin.

    Examples
    --------
    >>> records = store.table("code_history")
    >>> later = codes_on("2022-01-01").loc[["B354"]].reset_index()
    >>> found = renumbered(records, later.assign(municipality_code="118006"))
    >>> sorted(found.query("cadastral_code == 'B354'").municipality_code)[-2:]
    ['092026', '118006']
    """
    listed = units.drop_duplicates("cadastral_code").set_index("cadastral_code")
    code = records["cadastral_code"].map(listed["municipality_code"])
    living = (records["valid_to"] == _OPEN) & (records["valid_from"] < RENUMBERED_FROM)
    changed = living & code.notna() & (code != records["municipality_code"])
    begun = records[changed].assign(
        municipality_code=code[changed],
        province_abbreviation=records["cadastral_code"].map(listed["province_abbreviation"]),
        valid_from=RENUMBERED_FROM,
    )
    closed = records.assign(valid_to=records["valid_to"].mask(changed, RENUMBERED_FROM - _ONE_DAY))
    joined = pd.concat([closed, begun.astype(records.dtypes.to_dict())])
    return joined.sort_values(["cadastral_code", "valid_from"], kind="stable", ignore_index=True)


@store.remembered()
def shipped() -> Archive:
    """Return the archive of the shipped tables, with the codes of the latest list."""
    records = renumbered(store.table("code_history"), latest_codes())
    return Archive(records, store.table("code_variations"))


def latest_codes() -> pd.DataFrame:
    """Return the municipalities whose codes the archive does not have yet, with their provinces.

    Examples
    --------
    >>> latest_codes()["province_name"].nunique()
    8
    """
    return store.table("latest_codes")


def ever_in_province(province_code: str) -> list[str]:
    """Return the cadastral codes that since 1991 had a code of a province, abolished or not.

    Examples
    --------
    >>> len(ever_in_province("107"))  # Carbonia-Iglesias
    23
    """
    records = shipped().recent
    inside = records["municipality_code"].str[:3] == province_code
    return sorted(set(records.loc[inside, "cadastral_code"]))


def active_prefectures() -> pd.Series:
    """Return the prefecture of each municipality that exists today, by cadastral_code.

    Examples
    --------
    >>> active_prefectures()["B745"]  # Carbonia, in Sud Sardegna
    'CA'
    """
    records = shipped().records
    active = records[records["prefecture_code"] != ""].drop_duplicates(
        "cadastral_code", keep="last"
    )
    return active.set_index("cadastral_code")["prefecture_code"]


def codes_on(
    day: pd.Timestamp | str, *, last_day: bool = False, archive: Archive | None = None
) -> pd.DataFrame:
    """Return the municipalities valid on a day, indexed by cadastral_code.

    A record is valid from the day it begins up to, not including, the day it ends. What follows
    begins the day after, so on a last day neither counts, unless `last_day` asks for it.

    Parameters
    ----------
    day : Timestamp or str
        The day.
    last_day : bool
        Count a record on its last day too: 31 December 2018 has ISTAT's 7,954 only so. The
        functions that compare two days (changes, predecessors, recode) always do.
    archive : Archive, optional
        Other records than the shipped ones.

    Examples
    --------
    >>> len(codes_on(pd.Timestamp("2022-01-01"))), len(codes_on(pd.Timestamp("2011-10-09")))
    (7904, 8092)
    >>> len(codes_on("2018-12-31")), len(codes_on("2018-12-31", last_day=True))
    (7909, 7954)
    """
    return (archive or shipped()).on(day, last_day=last_day)


def successors(
    codes: Iterable[str],
    day: pd.Timestamp | str = DAY,
    *,
    kind: str = "cadastral_code",
    last_day: bool = False,
    archive: Archive | None = None,
) -> pd.DataFrame:
    """Find the municipality of `day` that each code belongs to.

    A code is followed from its own last valid day: first by its cadastral code, which outlives
    changes of province; then by the successor that ISTAT names; then, where ISTAT's list ends, by
    the only record that begins the day after it ends in the same province.

    Parameters
    ----------
    codes : iterable of str
        Cadastral codes, or municipality codes of any day since 1991.
    day : Timestamp or str
        The day whose codes are wanted.
    kind : {"cadastral_code", "municipality_code"}
        What `codes` are.
    last_day : bool
        As in :func:`codes_on`.
    archive : Archive, optional
        Other records than the shipped ones.

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
    source = archive or shipped()
    asked = pd.Index(list(dict.fromkeys(wanted_several(codes, str))), name=kind)
    now = source.on(day, last_day=last_day)["municipality_code"]
    own = cadastral_codes(asked, kind=kind, archive=source)
    place = source.resolve(own, day, last_day=last_day)
    found = pd.DataFrame({"municipality_code": place.map(now)}, index=asked)
    same = asked == (place if kind == "cadastral_code" else found["municipality_code"])
    # A code may have passed from one municipality to another (Lonato): on its day it is itself.
    if kind == "municipality_code":
        direct = among(asked, pd.Index(now).unique())
        found.loc[direct, "municipality_code"] = asked[direct]
        same |= direct
    found["change"] = pd.Series("merged", index=asked).mask(own == place, "recoded")
    found["change"] = found["change"].mask(found["municipality_code"].isna(), "unresolved")
    found["change"] = found["change"].mask(same, "unchanged")
    return found


def places(
    codes: Iterable[str], day: pd.Timestamp | str = DAY, *, archive: Archive | None = None
) -> pd.DataFrame:
    """Find the municipalities of `day` that what is published of each cadastral code speaks of.

    A code that lives on the day or ended before it has one, its successor. One that began after the
    day has all those that became part of it, unless another of `codes` speaks of them already; what
    was carved out of a municipality that lives on has none.

    Parameters
    ----------
    codes : iterable of str
        Cadastral codes.
    day : Timestamp or str
        The day whose codes are wanted.
    archive : Archive, optional
        Other records than the shipped ones.

    Returns
    -------
    DataFrame
        A row by pair, in the order of `codes`: cadastral_code, municipality_code (NaN where there is
        none) and change: that of :func:`successors`, or "part" of a municipality that began later.

    Examples
    --------
    >>> places(["F704", "M434"])["municipality_code"].tolist()  # Moransengo-Tonengo, of 2023
    ['108033', '005079', '005110']
    """
    ahead = successors(codes, day, last_day=True, archive=archive)
    lost = ahead.index[ahead["municipality_code"].isna()]
    back = predecessors(lost, day, archive=archive)
    back = back[back["change"] == "merged"]
    back = back[~among(back["predecessor_code"], pd.Index(ahead["municipality_code"].unique()))]
    parts = back.set_axis(["cadastral_code", "municipality_code", "change"], axis=1)
    whole = ahead[~among(ahead.index, pd.Index(parts["cadastral_code"].unique()))].reset_index()
    found = pd.concat([whole, parts.assign(change="part")])
    order = ahead.index.get_indexer(pd.Index(found["cadastral_code"]))
    return found.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def cadastral_codes(
    codes: pd.Index, *, kind: str = "municipality_code", archive: Archive | None = None
) -> pd.Series:
    """Return the cadastral code of each code, by it; NaN where no record has it.

    Examples
    --------
    >>> cadastral_codes(pd.Index(["015149", "108033"])).tolist()
    ['F704', 'F704']
    """
    source = archive or shipped()
    if kind == "municipality_code":
        return pd.Series(source.bearers.reindex(codes).to_numpy(), index=codes, dtype="str")
    if kind != "cadastral_code":
        raise ParameterError(problem("unknown_kind", kind=kind, kinds=KINDS))
    own = pd.Series(codes, index=codes, dtype="str")
    return own.where(among(codes, source.ends.index) & (own != ""))


def predecessors(
    codes: Iterable[str],
    day: pd.Timestamp | str,
    *,
    kind: str = "cadastral_code",
    archive: Archive | None = None,
) -> pd.DataFrame:
    """Find the municipalities of an earlier `day` that each code was made of.

    Parameters
    ----------
    codes : iterable of str
        Cadastral codes, or municipality codes; a code stands for its own last valid day.
    day : Timestamp or str
        The earlier day.
    kind : {"cadastral_code", "municipality_code"}
        What `codes` are.
    archive : Archive, optional
        Other records than the shipped ones.

    Returns
    -------
    DataFrame
        A row by pair, in the order of `codes`: the code, predecessor_code (a municipality_code of
        `day`) and change: "unchanged", "recoded", "merged", "carved" (from a part of a municipality
        that lives on; NaN where its source is not known) or "unresolved" (NaN).

    Examples
    --------
    >>> predecessors(["M417"], "2018-01-01")["predecessor_code"].tolist()  # Valdilana
    ['096062', '096070', '096073', '096084']
    >>> predecessors(["001316"], "2011-10-09", kind="municipality_code")["change"].unique().tolist()
    ['carved']
    """
    source = archive or shipped()
    asked = pd.Index(list(dict.fromkeys(wanted_several(codes, str))), name=kind)
    own = cadastral_codes(asked, kind=kind, archive=source)
    units = pd.DataFrame({"code": asked.to_numpy(), "cadastral_code": own.to_numpy()})
    if kind == "municipality_code":
        last = source.records.groupby("municipality_code")["valid_to"].max()
        units["until"] = units["code"].map(last)
    else:
        units["until"] = units["cadastral_code"].map(source.ends)
    past = source.on(day)["municipality_code"]
    pairs = units.merge(_ancestors(source, past.index), on="cadastral_code", how="left")
    pairs = pairs[~(pairs["joined"] > pairs["until"])]
    orphans = units[~units["code"].isin(pairs.loc[pairs["earlier"].notna(), "code"])]
    pairs = pd.concat([pairs.dropna(subset=["earlier"]), _parts(source, orphans, past.index)])
    pairs["predecessor_code"] = pairs["earlier"].map(past)
    kept = pairs["earlier"] == pairs["cadastral_code"]
    same = kept & (
        pairs["code"] == pairs["earlier" if kind == "cadastral_code" else "predecessor_code"]
    )
    change = pairs["change"].fillna("merged").mask(kept, "recoded").mask(same, "unchanged")
    pairs = pairs.assign(change=change, order=asked.get_indexer(pd.Index(pairs["code"])))
    pairs = pairs.sort_values(["order", "predecessor_code"], ignore_index=True)
    return pairs[["code", "predecessor_code", "change"]].rename(columns={"code": kind})


def _ancestors(source: Archive, past: pd.Index) -> pd.DataFrame:
    """Pair each municipality of a day with all it ever became: the day after which it joined."""
    own = pd.Series(past.astype("str"))
    parts = [pd.DataFrame({"earlier": own, "cadastral_code": own, "joined": VARIATIONS_FROM})]
    # Re-established municipalities sleep between spells: only a last end is followed.
    for _ in range(_LONGEST_CHAIN):
        last = parts[-1]
        further = last.assign(
            joined=last["cadastral_code"].map(source.ends),
            cadastral_code=last["cadastral_code"].map(source.takeovers),
        ).dropna()
        if further.empty:
            break
        parts.append(further)
    return pd.concat(parts).assign(change=None)


def _parts(source: Archive, units: pd.DataFrame, past: pd.Index) -> pd.DataFrame:
    """Return the municipalities that gave parts of themselves to units without a whole source."""
    given = source.carved.rename(columns={"source": "earlier"})
    given = given[among(given["earlier"], past)]
    found = units.merge(given, on="cadastral_code", how="left")
    known = found["cadastral_code"].notna()
    return found.assign(change=known.map({True: "carved", False: "unresolved"}))
