"""The day the figures stand on, ISTAT's list of it, and how names are compared."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date

import pandas as pd

from needs_analysis import reading, store
from needs_analysis.errors import ParameterError, wanted
from needs_analysis.territory.problems import problem

# The day of the unit list and of the income file; every other source is brought to its codes.
DAY = pd.Timestamp("2022-01-01")

NORTH, CENTRE, SOUTH = "Nord", "Centro", "Mezzogiorno"
MACRO_AREAS = {
    **dict.fromkeys(("01", "02", "03", "04", "05", "06", "07", "08"), NORTH),
    **dict.fromkeys(("09", "10", "11", "12"), CENTRE),
    **dict.fromkeys(("13", "14", "15", "16", "17", "18", "19", "20"), SOUTH),
}
"""The three parts of Italy that ISTAT publishes by, of each region."""

_SMALL = re.compile(
    r"(?<=[ '])(?:a|ad|al|allo|alla|ai|alle|con|da|dal|del|della|dello|dei|degli|delle|d|dell|di|e"
    r"|ed|in|nel|nell|nella|su|sul|sulla|sull|an|am|der|dem|im|de|la|le|les)(?=[ '])",
    re.IGNORECASE,
)


def day_of(codes_on: pd.Timestamp | str | None) -> pd.Timestamp:
    """Return the day whose codes are asked for: `DAY` when nothing is.

    Parameters
    ----------
    codes_on : Timestamp or str, optional
        A day from `DAY` on, as "2026-01-01".

    Raises
    ------
    ParameterError
        It is no day, or one before `DAY`.

    Examples
    --------
    >>> day_of(None) == DAY, day_of("2026-09-01").year
    (True, 2026)
    """
    if codes_on is None:
        return DAY
    wanted(codes_on, str, pd.Timestamp)
    if not codes_on:
        return DAY
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})( 00:00:00)?", str(codes_on))
    day = pd.to_datetime(found[1] if found else "", format="%Y-%m-%d", errors="coerce")
    if pd.isna(day) or day < DAY:
        first = f"{DAY:%Y-%m-%d}"  # as it is to be written
        raise ParameterError(problem("no_codes_day", text=str(codes_on), first=first))
    return pd.Timestamp(day)


def any_day(given: pd.Timestamp | str) -> pd.Timestamp:
    """Return a day of the history of the codes, without its hour.

    Raises
    ------
    ParameterError
        It is no day.

    Examples
    --------
    >>> any_day("2018-12-31")
    Timestamp('2018-12-31 00:00:00')
    """
    wanted(given, str, date)  # a Timestamp too
    # pandas reads 05/07/2020 month first: a text begins with the year.
    written = not isinstance(given, str) or re.match(r"[12]\d{3}", given)
    day = pd.to_datetime(given, errors="coerce") if written else pd.NaT
    if pd.isna(day):
        raise ParameterError(problem("no_day", text=str(given)))
    return pd.Timestamp(day).normalize()


@store.remembered()
def _listed() -> pd.DataFrame:
    return store.table("municipalities").set_index("municipality_code")


def listed() -> pd.DataFrame:
    """Return the 7,904 municipalities of 1 January 2022 as ISTAT lists them, by municipality_code.

    Examples
    --------
    >>> listed().loc["108033", ["municipality_name", "province_abbreviation"]].tolist()
    ['Monza', 'MB']
    """
    return _listed()


def normalise(name: str) -> str:
    """Reduce a name to what publishers agree on: no accents, apostrophes, hyphens or case.

    Examples
    --------
    >>> normalise("Reggio nell`Emilia") == normalise("REGGIO NELL'EMILIA")
    True
    >>> normalise("Forlì-Cesena"), normalise("Forli'-Cesena")
    ('forli cesena', 'forli cesena')
    """
    wanted(name, str)
    return reading.plain(name)


_MOST_LETTERS = 80
"""Of a name made of words: with an ending it stays below what every disk takes."""


def slug(*words: str, asked: Sequence[str] = ()) -> str:
    """Return what a file or a folder is called after words: small letters, digits and hyphens.

    Parameters
    ----------
    words : str
        What it is called after.
    asked : sequence of str
        What tells it from another, in the checksum that stands in the place of what is too long; the
        words when omitted.

    Examples
    --------
    >>> slug("Dove aprire", "ambito:Carate Brianza"), len(slug(*["108012"] * 30))
    ('dove-aprire-ambito-carate-brianza', 89)
    """
    name = "-".join(filter(None, (normalise(one).replace(" ", "-") for one in words)))
    if len(name) > _MOST_LETTERS:
        mark = hashlib.sha256("\n".join(asked or words).encode()).hexdigest()[:8]
        name = f"{name[:_MOST_LETTERS].rstrip('-')}-{mark}"
    return name


def capitalised(name: str) -> str:
    """Write a name of capitals as names are written.

    Examples
    --------
    >>> capitalised("BARDELLO CON MALGESSO E BREGANO"), capitalised("SANTA CATERINA D'ESTE")
    ('Bardello con Malgesso e Bregano', "Santa Caterina d'Este")
    """
    return _SMALL.sub(lambda word: word[0].lower(), name.title())
