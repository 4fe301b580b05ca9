"""Discomfort that is spread: households in overcrowded dwellings, or that share one, by province.

They would be four fifths of any total, and no source counts them below a nation: they stand apart, by
province and above, in no headline, primary need or gap.

Two groups of the vocabulary have no figure here. Women who leave violence: a national number of guests
of refuges and one rate of a macro-area are published, no rate by region is at hand. Single parents with
minors who rent: their share that rents is known (30.8 % in 2021), how many they are by province is in
no table at hand. Both are asked of the offices.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from needs_analysis import parameters
from needs_analysis.figures import Figures, Quality, join_vintages, joint_vintage, wanted_frame
from needs_analysis.needs.intervals import BOUNDS, assumption
from needs_analysis.needs.own_counts import bounds

COLUMNS = (*BOUNDS, "quality", "vintage")
LEVELS = {"region": "region_code", "province": "province_code"}
_ROWS = {"overcrowded": "overcrowded_households_share", "cohabiting": "cohabiting_households"}


def none() -> pd.DataFrame:
    """Return the table of :func:`diffuse` without a row."""
    index = pd.MultiIndex.from_arrays([[], [], []], names=["level", "unit", "group"])
    return pd.DataFrame(index=index, columns=[*COLUMNS])


def diffuse(
    modelled: Figures,
    units: pd.DataFrame,
    near: pd.Index,
    overrides: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    r"""Estimate the spread discomfort of the provinces and regions that an area is in.

    With R the renting households, N all, t and a the shares of overcrowded ones among those that rent
    and among all, s the share that rents in the same survey, C the cohabiting households of Italy:

    .. math:: t R + \frac{a - s t}{1 - s} (N - R), \qquad C\, N / N_{Italy}

    Parameters
    ----------
    modelled : Figures, by municipality_code
        `renting_households` of all Italy's municipalities, with their interval.
    units : DataFrame, by municipality_code
        `households`, `province_code`, `region_code`, of the same.
    near : Index
        The municipalities of the area: their provinces and regions are counted, whole.
    overrides : mapping of str to float, optional
        A study's parameters.

    Returns
    -------
    DataFrame
        By level ("region", "province"), unit (its code) and group: households, `low`, `central`,
        `high`, `quality` and `vintage`.

    Notes
    -----
    A province differs from Italy by its tenure alone: how crowded the renters of a place are is not
    known, and the ends of the shares are wide for that. Never a figure of a municipality.

    References
    ----------
    ISTAT, hearing of 6 September 2022: 20.2 % of households overcrowded in 2021, 35.6 % of those that
    rent; ISTAT, 699,000 households share 322,000 dwellings in 2023.

    Examples
    --------
    >>> units = pd.DataFrame({"households": [1000.0], "province_code": "108", "region_code": "03"},
    ...                      index=["108033"])
    >>> modelled = Figures.of(pd.DataFrame({"renting_households": [200.0]}, index=units.index))
    >>> found = diffuse(modelled, units, units.index)
    >>> found.loc[("province", "108", "overcrowded"), "central"].round(1).item()
    201.0
    """
    households = wanted_frame(units, "households", *LEVELS.values())["households"].astype(float)
    renting = bounds(modelled.columns(["renting_households"]).rows(units.index))
    of_model = joint_vintage(modelled.vintage[["renting_households"]]).iloc[0]
    vintage = {
        group: join_vintages([str(parameters.in_force()[row].valid_from.year), of_model])
        for group, row in _ROWS.items()
    }
    crowded, sharing = _shares(overrides), assumption("cohabiting_households", overrides)
    rows: dict[tuple[str, str, str], list[object]] = {}
    for level, column in LEVELS.items():
        home = units[column]
        sums = households.groupby(home).sum()
        rented = {name: renting[name]["renting_households"].groupby(home).sum() for name in BOUNDS}
        for unit in dict.fromkeys(home[near]):
            every = float(sums[unit])
            counts = {
                "overcrowded": [
                    tenants * float(rented[name][unit]) + owners * (every - float(rented[name][unit]))
                    for name, (tenants, owners) in zip(BOUNDS, crowded, strict=True)
                ],
                "cohabiting": [one * every / float(households.sum()) for one in sharing],
            }  # fmt: skip
            for group, ends in counts.items():
                low, central, high = min(ends), ends[1], max(ends)
                rows[level, unit, group] = [
                    low, central, high, int(Quality.MODELLED), vintage[group],
                ]  # fmt: skip
    found = pd.DataFrame.from_dict(rows, orient="index", columns=[*COLUMNS])
    found.index = pd.MultiIndex.from_tuples(rows, names=["level", "unit", "group"])
    return found


def _shares(overrides: Mapping[str, float] | None) -> list[tuple[float, float]]:
    """Return the shares of overcrowded households among those that rent and the others, by end."""
    tenants, every = (
        assumption(name, overrides)
        for name in ("overcrowded_renting_share", "overcrowded_households_share")
    )
    rent = parameters.values(overrides)["survey_renting_households_share"]
    return [(t, max(a - rent * t, 0.0) / (1 - rent)) for a, t in zip(every, tenants, strict=True)]
