"""Adequacy: households that need room, lodgings that are none."""

from __future__ import annotations

import pandas as pd

from needs_analysis.indicators.declaration import indicator, ratio
from needs_analysis.words import N_


@indicator(
    "B5",
    polarity=+1,
    mapped=True,
    label=N_("Famiglie con 6 e più componenti (2011)"),
    definition=N_(
        "Quota di famiglie con 6 e più componenti, censimento 2011; nota solo per i comuni "
        "con aree di censimento."
    ),
    reference="ISTAT, censimento 2011, variabili PF8 e PF1",
)
def large_households_share(
    large_households_2011: pd.Series, households_2011: pd.Series
) -> pd.Series:
    r"""Households of six or more members over all households, census 2011.

    .. math:: B5 = PF8 / PF1

    Examples
    --------
    >>> large_households_share(pd.Series([12.0]), pd.Series([1000.0])).tolist()
    [0.012]
    """
    return ratio(large_households_2011, households_2011)


@indicator(
    "B9",
    polarity=+1,
    mapped=True,
    label=N_("Famiglie in altri alloggi per 1.000 (2011)"),
    definition=N_(
        "Altri tipi di alloggio occupati (baracche, roulotte, garage) ogni 1.000 famiglie, "
        "censimento 2011; noto solo per i comuni con aree di censimento."
    ),
    reference="ISTAT, censimento 2011, variabile A5; ETHOS 11",
)
def other_lodgings_per_1000(
    other_lodgings_2011: pd.Series, households_2011: pd.Series
) -> pd.Series:
    r"""Occupied lodgings that are no dwelling per 1,000 households, census 2011.

    .. math:: B9 = 1000 \, A5 / PF1

    Notes
    -----
    Small counts: differences between municipalities may be chance.

    Examples
    --------
    >>> other_lodgings_per_1000(pd.Series([3.0]), pd.Series([1000.0])).tolist()
    [3.0]
    """
    return 1000 * ratio(other_lodgings_2011, households_2011)
