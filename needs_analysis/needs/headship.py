"""Households from people: representative rates by age, sex and relationship, and dwellings from them."""

from __future__ import annotations

import pandas as pd

from needs_analysis.figures import wanted_frame
from needs_analysis.needs.problems import NeedsError, problem
from needs_analysis.parameters import SHARE

KEYS = ("year", "sex", "age_from")
OLD = 75
"""From this age on the share of residents in institutions is kept, below it their number."""


def households(residents: pd.DataFrame, model: pd.DataFrame, *, old: int = OLD) -> pd.DataFrame:
    r"""Return households by year, sex, age and relationship.

    .. math::
        r_{ak} &= r_a \frac{m_{ak}}{\sum_k m_{ak}}, \qquad
        i_{ak} = \begin{cases} m^I_{ak} & a < 75 \\ r_{ak}\, m^I_{ak}/m_{ak} & a \ge 75 \end{cases} \\
        h_{ak} &= (r_{ak} - i_{ak})\, \rho_{ak}

    with r the residents, m those of the model, in households and institutions, I those in institutions.

    Parameters
    ----------
    residents : DataFrame
        `year`, `sex`, `age_from` (the first year of an age class), `residents`.
    model : DataFrame
        `year`, `sex`, `age_from`, `relationship`, and of each: `household_population`,
        `institutional_population`, `representative_rate` (households a person in a household, 0-1).
    old : int
        Where the second way of counting institutions begins.

    Returns
    -------
    DataFrame
        As `model`, with `residents`, `in_households` and `households`.

    Raises
    ------
    NeedsError
        A rate that is no share; residents of a class that the model does not have.

    Notes
    -----
    Rates are of people in households, never of residents. A class without residents has 0 households.

    References
    ----------
    Department for Communities and Local Government, 2014-based household projections: methodology.

    Examples
    --------
    >>> residents = pd.DataFrame({"year": [2021], "sex": ["F"], "age_from": [30], "residents": [110.0]})
    >>> model = residents[["year", "sex", "age_from"]].assign(
    ...     relationship="single", household_population=90.0, institutional_population=10.0,
    ...     representative_rate=0.5)
    >>> households(residents, model)["households"].tolist()
    [50.0]
    """
    wanted_frame(residents, *KEYS, "residents")
    rates = wanted_frame(
        model, *KEYS, "relationship", "household_population", "institutional_population",
        "representative_rate",
    )  # fmt: skip
    wrong = rates.loc[
        ~rates["representative_rate"].between(SHARE.low, SHARE.high), "representative_rate"
    ]
    if len(wrong):
        raise NeedsError(problem("share", name="representative_rate", found=float(wrong.iloc[0])))
    people = residents.groupby([*KEYS], as_index=False)["residents"].sum()
    frame = rates.merge(people, on=[*KEYS], how="right", validate="many_to_one")
    if len(absent := frame[frame["relationship"].isna()]):
        units = tuple(" ".join(map(str, one)) for one in absent[[*KEYS]].head().to_numpy())
        raise NeedsError(problem("not_counted", units=units, table="model"))
    modelled = frame["household_population"] + frame["institutional_population"]
    whole = modelled.groupby([frame[key] for key in KEYS]).transform("sum")
    spread = frame["residents"] * (modelled / whole).where(whole > 0, 0.0)
    share = (frame["institutional_population"] / modelled).where(modelled > 0, 0.0)
    inside = frame["institutional_population"].where(frame["age_from"] < old, spread * share)
    housed = spread - inside
    return frame.assign(
        residents=spread, in_households=housed, households=housed * frame["representative_rate"]
    )


def dwellings(
    counted: pd.Series, *, vacant_share: float, second_home_share: float = 0.0
) -> pd.Series:
    r"""Return the dwellings that some households take.

    .. math:: d = \frac{h}{1 - v - s}

    Parameters
    ----------
    counted : Series, by year
        Households.
    vacant_share, second_home_share : float
        Of the dwellings, those that are vacant and those that are nobody's residence, 0-1.

    Examples
    --------
    >>> dwellings(pd.Series({2021: 95.0}), vacant_share=0.05).tolist()
    [100.0]
    """
    taken = vacant_share + second_home_share
    if SHARE.wrong("share", taken) or taken == 1:
        raise NeedsError(problem("share", name="vacant_share + second_home_share", found=taken))
    return counted / (1 - taken)
