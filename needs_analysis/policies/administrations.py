"""Which municipalities an administration is of, by the name that an office writes; none is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from needs_analysis.errors import AreaError
from needs_analysis.territory import day_of, find, match_names, municipalities, normalise

_LEVELS: Mapping[str, str] = {
    "comune": "comune",
    "citta": "comune",
    "municipio": "comune",
    "amministrazione comunale": "comune",
    "provincia": "provincia",
    "citta metropolitana": "provincia",
    "regione": "regione",
    "ambito": "ambito",
    "piano di zona": "ambito",
    "piano sociale di zona": "ambito",
    "ufficio di piano": "ambito",
    "distretto": "ambito",
}
"""How an administration calls itself before its place, and the areas that it is one of."""
_FILLER = (
    "territoriale", "sociale", "sociali", "distrettuale", "di", "del", "della", "dell", "dei", "degli"
)  # fmt: skip
_LED = re.compile(rf"({'|'.join(sorted(_LEVELS, key=len, reverse=True))}|{'|'.join(_FILLER)}) (.+)")
_ASIDE = re.compile(r"\(|,|;| [-–—] ")
_SURE = ("exact", "normalised", "former name")


class Placed(NamedTuple):
    """Which of some administrations are of an area."""

    elsewhere: frozenset[str]
    unknown: frozenset[str]


def placed(
    administrations: Iterable[str],
    codes: Iterable[str],
    codes_on: pd.Timestamp | str | None = None,
) -> Placed:
    """Say which administrations are surely not of an area, and which cannot be told.

    Parameters
    ----------
    administrations : iterable of str
        As they are written: a municipality («Comune di Desio», «Desio»), «Ambito di Desio», «Piano di
        zona di Desio», a province, a region.
    codes : iterable of str
        The municipalities of the area.
    codes_on : Timestamp or str, optional
        The day of the codes.

    Notes
    -----
    One is of the area where it has a municipality in common with it: an ambito is, in the study of one
    of its municipalities. A bare name is a municipality before it is anything else. An ambito that is
    not among those known is elsewhere only where the municipality it is named after is in a region that
    the area has nothing of: no ambito is of two.

    Examples
    --------
    >>> found = placed(["Comune di Desio", "Piano di zona di Monza", "Consorzio Sole"], ["108023"])
    >>> sorted(found.elsewhere), sorted(found.unknown)
    (['Piano di zona di Monza'], ['Consorzio Sole'])
    """
    here, day = frozenset(codes), day_of(codes_on)
    units = municipalities(day)
    elsewhere, unknown = set(), set()
    for name in dict.fromkeys(administrations):
        found = _codes(name, here, units, day)
        if not found:
            unknown.add(name)
        elif not found & here:
            elsewhere.add(name)
    return Placed(frozenset(elsewhere), frozenset(unknown))


def _codes(
    name: str, here: frozenset[str], units: pd.DataFrame, day: pd.Timestamp
) -> frozenset[str]:
    """Return the municipalities of an administration; none where it is not recognised."""
    for text in dict.fromkeys((name, _ASIDE.split(name)[0])):
        level, place = "", normalise(text)
        # «Città di Castello» is the name of a municipality.
        while place and not (found := _at(level, place, here, units, day)):
            led = _LED.fullmatch(place)
            if led is None:
                break
            level, place = _LEVELS.get(led[1], level), led[2]
        if place and found:
            return found
    return frozenset()


def _at(
    level: str, place: str, here: frozenset[str], units: pd.DataFrame, day: pd.Timestamp
) -> frozenset[str]:
    if level in ("", "comune"):
        found = _municipality(place, here, units, day)
        if found or level:
            return found
    for one in (level,) if level else ("ambito", "provincia", "regione"):
        try:
            return frozenset(find(f"{one}:{place}", day).codes)
        except AreaError:
            continue
    if level != "ambito":
        return frozenset()
    capital = _municipality(place, here, units, day)
    near = set(units["region_code"].reindex([*capital])) & set(
        units["region_code"].reindex([*here])
    )
    return frozenset() if near and not capital & here else capital


def _municipality(
    place: str, here: frozenset[str], units: pd.DataFrame, day: pd.Timestamp
) -> frozenset[str]:
    """Return the municipality of a name; of several, the one that is in the area."""
    provinces = sorted({*units["province_code"].reindex([*here]).dropna(), ""})
    asked = match_names(pd.Series(place, provinces, dtype=object), provinces, day=day)
    found = asked.loc[asked["method"].isin(_SURE), "municipality_code"]
    inside = frozenset(found) & here
    return inside or frozenset(found[found.index == ""])
