"""A score beside an outside measure, and beside what any measure of towns would give."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_analysis.composite.external import confront
from needs_analysis.errors import Messages, Refused, wanted
from needs_analysis.figures import wanted_units
from needs_analysis.territory import municipalities
from needs_analysis.territory.codes import CENTRE, MACRO_AREAS, NORTH, SOUTH
from needs_analysis.territory.units import refuse_unknown, rows_of
from needs_analysis.words import N_

problem = Messages(
    "validation",
    {
        "no_units": N_(
            "{what}: i codici non sono di comuni (sei cifre) né di province (tre cifre)"
        ),
        "finer": N_("il punteggio è di province, la misura esterna di comuni: darla per provincia"),
    },
)
ITALY = "Italia"


def validate(
    score: pd.Series, outside: pd.Series, codes_on: pd.Timestamp | str | None = None
) -> pd.DataFrame:
    r"""Confront a score with a measure that it was not made of, in Italy and in its three parts.

    .. math:: r_{xy \cdot z} = \frac{r_{xy} - r_{xz} r_{yz}}{\sqrt{(1 - r_{xz}^2)(1 - r_{yz}^2)}}

    Parameters
    ----------
    score : Series
        By municipality_code, or by province code.
    outside : Series
        By municipality_code or province code; where it is of provinces a score of municipalities is
        first brought to them, weighted by households.
    codes_on : Timestamp or str, optional
        The day of the codes; 1 January 2022 when omitted.

    Returns
    -------
    DataFrame
        Rows Italia, Nord, Centro, Mezzogiorno: ``units``; Spearman's ``correlation`` with ``low`` and
        ``high`` (95 %); that of the residents per km2 (``density``) and of the number of households
        (``households``) with the same measure; ``given_density``: what is left of the score's once
        density is known. NaN under ten units.

    Raises
    ------
    AreaError
        Codes that are of no municipality, or province, of the day, beside others that are.
    Refused
        Codes of neither municipalities nor provinces; a score of provinces beside a measure of
        municipalities.

    Notes
    -----
    What does not beat density adds nothing to it: large towns have more of nearly everything.

    Examples
    --------
    >>> towns = municipalities()
    >>> dense = towns["resident_population"] / towns["area_km2"]
    >>> found = validate(dense, dense.groupby(towns["province_code"]).mean())
    >>> bool(found.loc["Italia", "correlation"] > 0.5), found.loc["Italia", "units"].item()
    (True, 107)
    """
    units = municipalities(codes_on)
    level, own_level = (
        _level(one, what, units, codes_on) for one, what in ((outside, "outside"), (score, "score"))
    )
    scored = score
    if own_level != level:
        if level == "municipality_code":
            raise Refused(problem("finer"))
        scored = weighted_means(score, units["households"], units["province_code"])
    held = units.reset_index().groupby(level)
    yardsticks = {
        "density": densities(units, units.index if level == "municipality_code" else units[level]),
        "households": held["households"].sum(),
    }
    both = scored.dropna().index.intersection(outside.dropna().index)
    part = held["region_code"].first().map(MACRO_AREAS).reindex(both)
    groups = {ITALY: both} | {one: both[part == one] for one in (NORTH, CENTRE, SOUTH)}
    found = confront(scored, outside, groups)
    for name, values in yardsticks.items():
        found[name] = confront(values, outside, groups)["correlation"]
    with_density = confront(scored, yardsticks["density"], groups)["correlation"]
    found["given_density"] = given_another(found["correlation"], with_density, found["density"])
    return found


def given_another(both: pd.Series, score: pd.Series, outside: pd.Series) -> pd.Series:
    """Return the partial correlation of two measures once a third is known.

    Parameters
    ----------
    both, score, outside : Series
        Correlations: of the two, and of each with the third.

    Examples
    --------
    >>> given_another(*(pd.Series([one]) for one in (0.5, 0.6, 0.8))).round(3).tolist()
    [0.042]
    """
    return (both - score * outside) / np.sqrt((1 - score**2) * (1 - outside**2))


def weighted_means(values: pd.Series, households: pd.Series, home: pd.Series) -> pd.Series:
    """Return the means of municipalities by what they are part of, weighted by their households.

    Parameters
    ----------
    values, households, home : Series
        By municipality_code; where a value is missing its households do not weigh.

    Examples
    --------
    >>> towns = ["108033", "108039", "015146"]
    >>> values, home = pd.Series([1.0, 4.0, None], towns), pd.Series(["MB", "MB", "MI"], towns)
    >>> weighted_means(values, pd.Series([200.0, 100.0, 900.0], towns), home).tolist()
    [2.0, nan]
    """
    own = values.reindex(households.index)
    weight = households.where(own.notna())
    return (own * weight).groupby(home).sum(min_count=1) / weight.groupby(home).sum()


def densities(units: pd.DataFrame, home: pd.Series | pd.Index) -> pd.Series:
    """Return the residents per km2 of what municipalities are part of.

    Parameters
    ----------
    units : DataFrame, by municipality_code
        `resident_population`, `area_km2`.
    home : Series or Index
        What each is part of.

    Examples
    --------
    >>> towns = pd.DataFrame({"resident_population": [90.0, 10.0], "area_km2": [1.0, 4.0]}, ["a", "b"])
    >>> densities(towns, pd.Series("MB", ["a", "b"])).tolist()
    [20.0]
    """
    summed = units[["resident_population", "area_km2"]].groupby(home).sum()
    return summed["resident_population"] / summed["area_km2"]


def _level(
    values: pd.Series, what: str, units: pd.DataFrame, codes_on: pd.Timestamp | str | None
) -> str:
    wanted(values, pd.Series)
    codes = wanted_units(values).index.astype(str)
    if codes.isin(units.index).any():
        rows_of(codes, codes_on)
        return "municipality_code"
    if codes.isin(units["province_code"]).any():
        refuse_unknown(codes, units["province_code"], codes_on)
        return "province_code"
    raise Refused(problem("no_units", what=what))
