"""From the names of municipalities, as others write them, to their codes; nothing is guessed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.errors import ParameterError, wanted
from needs_analysis.territory import history
from needs_analysis.territory.codes import DAY, any_day, capitalised, listed, normalise
from needs_analysis.territory.problems import problem

# With one letter of each name of 2022 changed, dropped, doubled or swapped at random, ratios from
# here up are the right municipality in 99 of 100 cases over Italy, and in all within a province.
FUZZY_CUTOFF = 0.90
FUZZY_CUTOFF_IN_PROVINCE = 0.85
# Two names so close to each other are not told apart by spelling.
FUZZY_MARGIN = 0.03
# What is shown to a person, when nothing is good enough to be taken.
SHOWN_CUTOFF = 0.70
SHOWN = 3
_BLOCK = 1024

_SAINT = re.compile(r"\b(?:san|santa|santo|sant|santi|sante|s|st|sta|sto|ss)\b")
_SAINT_SHORT = re.compile(r"\b(?:s|st|sta|sto|ss)\b")

# ISTAT writes "Funes/Villnöß", the Ministry of Finance "FUNES .VILLNOESS.".
_HALVES = re.compile(r"/| \.")

Places = tuple[str, ...]  # cadastral codes, sorted


@dataclass(frozen=True)
class _Gazetteer:
    """The municipalities of a day by every name they answer to, and by the provinces they were in."""

    code: Mapping[str, str]
    label: Mapping[str, str]
    provinces: Mapping[str, frozenset[str]]
    exact: Mapping[str, Places]
    plain: Mapping[str, Places]
    saints: Mapping[str, Places]
    former: Mapping[str, Places]


def match_names(
    names: Iterable[str],
    provinces: Iterable[str] | None = None,
    *,
    day: pd.Timestamp | str = DAY,
) -> pd.DataFrame:
    """Find the municipality that each name means; what is not certain is left to a person.

    In this order: the name letter by letter; without case, accents, punctuation, in either language,
    with "S." for San, Santa, Santo or Sant'; a name of another day or of a municipality that ceased,
    which stands for its successor; a similar spelling.

    Parameters
    ----------
    names : iterable of str
        Names as written; a missing one matches nothing.
    provinces : iterable of str, optional
        For each name its province: abbreviation, name or three-digit code, of any day since 1991.
        Blank is not known. A name is looked for in its province only.
    day : Timestamp or str
        The day whose codes are wanted.

    Returns
    -------
    DataFrame
        In the order and with the index of `names`: name, municipality_code (NaN where none is
        taken), method ("exact", "normalised", "former name", "fuzzy", "none"), score (0-1,
        similarity of the spelling; NaN for "none") and candidates (what else it may mean, as
        "108033 Monza (MB); ..."; "" if nothing).

    Notes
    -----
    Two municipalities of one name are never chosen between: without a province the name stays
    "none", with both as candidates. "fuzzy" is the ratio of RapidFuzz (1 - insertions and deletions
    over the letters of both), taken from `FUZZY_CUTOFF`
    (`FUZZY_CUTOFF_IN_PROVINCE` where the province is given) where no other municipality is within
    `FUZZY_MARGIN`: such a row is to be checked.

    Examples
    --------
    >>> found = match_names(["Reggio nell`Emilia", "S.Giovanni in Persiceto", "Castro", "Mosso"])
    >>> found["municipality_code"].tolist()
    ['035033', '037053', nan, '096088']
    >>> found["method"].tolist()
    ['normalised', 'normalised', 'none', 'former name']
    >>> match_names(["Castro"], ["LE"])["municipality_code"].tolist()
    ['075096']
    """
    if isinstance(names, str | Mapping | pd.DataFrame) or not isinstance(names, Iterable):
        wanted(names, list, pd.Series)
    given = names if isinstance(names, pd.Series) else pd.Series(list(names), dtype=object)
    text = [name.strip() if isinstance(name, str) else "" for name in given]
    where = [""] * len(text)
    if provinces is not None:
        where = [normalise(one) if isinstance(one, str) else "" for one in provinces]
    if len(where) != len(text):
        raise ParameterError(problem("provinces_differ", names=len(text), provinces=len(where)))
    known = _gazetteer(any_day(day))
    asked = list(dict.fromkeys(zip(text, where, strict=True)))
    found = {one: _named(known, *one) for one in asked}
    similar = [one for one in asked if found[one].method == "none" and not found[one].others]
    found |= _similar(known, [one for one in similar if one[0]])
    rows = [found[one] for one in zip(text, where, strict=True)]
    return pd.DataFrame(
        {
            "name": given.to_numpy(),
            "municipality_code": pd.array([known.code.get(r.place) for r in rows], dtype="str"),
            "method": pd.array([r.method for r in rows], dtype="str"),
            "score": [r.score for r in rows],
            "candidates": pd.array([_labels(known, r.others) for r in rows], dtype="str"),
        },
        index=given.index,
    )


@dataclass(frozen=True)
class _Match:
    place: str
    method: str
    score: float
    others: Places = ()


_NOTHING = _Match("", "none", np.nan)


def _named(known: _Gazetteer, text: str, province: str) -> _Match:
    """Return the one municipality that has a name, or those that share it."""
    plain = normalise(text)
    tiers = [("exact", known.exact.get(text, ())), ("normalised", known.plain.get(plain, ()))]
    if _HALVES.search(text):
        tiers.append(("normalised", _by_halves(known, text)))
    if _SAINT_SHORT.search(plain):
        tiers.append(("normalised", known.saints.get(_SAINT.sub("s", plain), ())))
    former = known.former.get(plain, ())
    elsewhere: Places = ()
    for method, places in [*tiers, ("former name", former)]:
        inside = _inside(known, places, province)
        if len(inside) == 1:
            # Who else bore the name may be meant by an old file.
            others = tuple(one for one in _inside(known, former, province) if one != inside[0])
            return _Match(inside[0], method, 1.0, (inside[0], *others) if others else ())
        if inside:
            return _Match("", "none", np.nan, inside)
        elsewhere = elsewhere or places
    return _Match("", "none", np.nan, elsewhere) if elsewhere else _NOTHING


def _by_halves(known: _Gazetteer, text: str) -> Places:
    """Return what the two languages of a name agree on, or all that either may mean."""
    meant = [set(known.plain.get(normalise(half), ())) for half in _HALVES.split(text)]
    meant = [places for places in meant if places]
    if not meant:
        return ()
    return tuple(sorted(set.intersection(*meant) or set.union(*meant)))


def _inside(known: _Gazetteer, places: Places, province: str) -> Places:
    return tuple(one for one in places if not province or province in known.provinces[one])


def _labels(known: _Gazetteer, places: Places) -> str:
    return "; ".join(f"{known.code[one]} {known.label[one]}" for one in places)


def _similar(known: _Gazetteer, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], _Match]:
    """Match by spelling, each name among the municipalities of its province."""
    by_province: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in asked:
        by_province[one[1]].append(one)
    every = [(name, place) for name, places in known.plain.items() for place in places]
    found: dict[tuple[str, str], _Match] = {}
    for province, sought in by_province.items():
        near = [one for one in every if not province or province in known.provinces[one[1]]]
        for start in range(0, len(sought), _BLOCK):
            cutoff = FUZZY_CUTOFF_IN_PROVINCE if province else FUZZY_CUTOFF
            found |= _nearest(sought[start : start + _BLOCK], near, cutoff)
    return found


def _nearest(
    sought: Sequence[tuple[str, str]], near: Sequence[tuple[str, str]], cutoff: float
) -> dict[tuple[str, str], _Match]:
    from rapidfuzz import fuzz, process

    if not near:
        return dict.fromkeys(sought, _NOTHING)
    scores = process.cdist(
        [normalise(text) for text, _ in sought],
        [name for name, _ in near],
        scorer=fuzz.ratio,
        score_cutoff=100 * SHOWN_CUTOFF,
        dtype=np.float32,
        workers=-1,
    )
    # A municipality answers to several names: twice as many are looked at as may be shown.
    best = np.argsort(-scores, axis=1, kind="stable")[:, : 2 * SHOWN + 2]
    return {
        one: _decided([(near[at][1], float(row[at]) / 100) for at in order if row[at] > 0], cutoff)
        for one, row, order in zip(sought, scores, best, strict=True)
    }


def _decided(ranked: Sequence[tuple[str, float]], cutoff: float) -> _Match:
    """Take the best if it is good, and no other municipality is as good."""
    score: dict[str, float] = {}
    for place, one in ranked:
        score.setdefault(place, one)
    places = tuple(list(score)[:SHOWN])
    if not places:
        return _NOTHING
    first = score[places[0]]
    close = len(places) > 1 and score[places[1]] > first - FUZZY_MARGIN
    if first < cutoff or close:
        return _Match("", "none", np.nan, places)
    return _Match(places[0], "fuzzy", first, places)


@store.remembered()
def _gazetteer(day: pd.Timestamp) -> _Gazetteer:
    archive = history.shipped()
    now = archive.on(day)
    now = now[now.index != ""]
    exact: dict[str, set[str]] = defaultdict(set)
    for name, place in _official(now):
        exact[name].add(place)
    plain: dict[str, set[str]] = defaultdict(set)
    for name, places in exact.items():
        for half in {name, *name.split("/")}:
            plain[normalise(half)] |= places
    saints: dict[str, set[str]] = defaultdict(set)
    for name, places in plain.items():
        saints[_SAINT.sub("s", name)] |= places
    return _Gazetteer(
        code=MappingProxyType(dict(now["municipality_code"])),
        label=MappingProxyType(_called(now)),
        provinces=MappingProxyType(_provinces(archive, now.index)),
        exact=_sorted(exact),
        plain=_sorted(plain),
        saints=_sorted(saints),
        former=_sorted(_former(archive, day, plain)),
    )


def _sorted(named: dict[str, set[str]]) -> Mapping[str, Places]:
    return MappingProxyType({name: tuple(sorted(places)) for name, places in named.items()})


def _official(now: pd.DataFrame) -> Iterable[tuple[str, str]]:
    """Return each name on a day with its municipality: the archive's, and ISTAT's in letters."""
    for column in ("municipality_name", "municipality_name_other"):
        yield from ((str(name), str(place)) for place, name in now[column].items() if name)
    units = _as_written(now)
    for column in ("municipality_name", "municipality_name_it", "municipality_name_other"):
        yield from ((str(name), str(place)) for place, name in units[column].items() if name)


def _as_written(now: pd.DataFrame) -> pd.DataFrame:
    """Return ISTAT's names of 2022 of the municipalities that have the same name on the day."""
    then = history.codes_on(DAY)["municipality_name"]
    same = now["municipality_name"] == then.reindex(now.index)
    units = listed().set_index("cadastral_code")
    return units.loc[units.index.intersection(now.index[same])]


def _called(now: pd.DataFrame) -> dict[str, str]:
    written = _as_written(now)["municipality_name"].reindex(now.index)
    names = written.fillna(now["municipality_name"].map(capitalised))
    return dict(names + " (" + now["province_abbreviation"] + ")")


def _provinces(archive: history.Archive, places: pd.Index) -> dict[str, frozenset[str]]:
    """Return the words for the provinces that each municipality was in since 1991."""
    words: dict[str, set[str]] = defaultdict(set)
    units = listed()
    own = units["province_code"].drop_duplicates()
    for code, name in zip(own, units.loc[own.index, "province_name"], strict=True):
        words[code] |= {normalise(half) for half in {name, *name.split("/")}}
    others = store.table("province_names")
    for code, name in zip(others["province_code"], others["name"], strict=True):
        words[code].add(normalise(name))
    found: dict[str, set[str]] = {place: set() for place in places}
    columns = ["cadastral_code", "municipality_code", "province_abbreviation"]
    # What a municipality took over counts too: a former name comes with its former province.
    rows = archive.recent[columns].drop_duplicates()
    heirs = archive.takeovers
    for place, municipality, abbreviation in rows.itertuples(index=False):
        code = municipality[:3]
        while place:
            if place in found:
                found[place] |= {code, abbreviation.lower()} | words[code]
            place = heirs.get(place, "")
    return {place: frozenset(one) for place, one in found.items()}


def _former(
    archive: history.Archive, day: pd.Timestamp, current: dict[str, set[str]]
) -> dict[str, set[str]]:
    """Return the names of other days by the municipality that has their place on the day."""
    records = archive.records[archive.records["cadastral_code"] != ""]
    rows = records[["cadastral_code", "municipality_name", "municipality_name_other"]]
    rows = rows.drop_duplicates().reset_index(drop=True)
    place = archive.resolve(rows["cadastral_code"], day)
    found: dict[str, set[str]] = defaultdict(set)
    for name, other, heir in zip(rows.iloc[:, 1], rows.iloc[:, 2], place, strict=True):
        for one in {name, other} - {""}:
            key = normalise(one)
            if isinstance(heir, str) and heir not in current.get(key, ()):
                found[key].add(heir)
    return found
