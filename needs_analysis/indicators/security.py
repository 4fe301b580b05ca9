"""Security of tenure: renting, evictions, pressure of tourist lets."""

from __future__ import annotations

import pandas as pd

from needs_analysis.indicators.declaration import indicator, ratio
from needs_analysis.words import N_

_INTERNO = (
    "Ministero dell'Interno, Procedure di rilascio di immobili ad uso abitativo; "
    "esclusi i rilasci di alloggi pubblici e gli sgomberi"
)


@indicator(
    "C1",
    polarity=0,
    mapped=True,
    label=N_("Famiglie in affitto (2011)"),
    definition=N_(
        "Quota di famiglie in affitto sulle famiglie in abitazione, censimento 2011; nota "
        "solo per i comuni con aree di censimento."
    ),
    reference="Eurostat, tenure status (ilc_lvho02); ISTAT, censimento 2011",
)
def renting_share(
    renting_households_2011: pd.Series, households_by_tenure_2011: pd.Series
) -> pd.Series:
    r"""Renting households over households in dwellings by tenure, census 2011.

    .. math:: C1 = A46 / (A46 + A47 + A48)

    Examples
    --------
    >>> renting_share(pd.Series([25.0]), pd.Series([100.0])).tolist()
    [0.25]
    """
    return ratio(renting_households_2011, households_by_tenure_2011)


@indicator(
    "C2",
    polarity=+1,
    mapped=True,
    compared=True,
    label=N_("Provvedimenti di sfratto per 1.000 famiglie"),
    definition=N_(
        "Provvedimenti di sfratto emessi ogni 1.000 famiglie: dato della provincia, sotto la "
        "provincia ripartito per famiglie e mai usato per confrontare i comuni."
    ),
    reference=_INTERNO,
    level="province",
)
def eviction_orders_per_1000(eviction_orders: pd.Series, households: pd.Series) -> pd.Series:
    r"""Eviction orders issued per 1,000 households.

    .. math:: C2 = 1000 \, O / H

    Parameters
    ----------
    eviction_orders, households : Series
        Orders of the year; resident households.

    Notes
    -----
    Published by prefecture; allocated below it in proportion to households. Households that rent
    would be the better base where they are known for the whole province.

    Examples
    --------
    >>> eviction_orders_per_1000(pd.Series([710.0]), pd.Series([381293.0])).round(2).tolist()
    [1.86]
    """
    return 1000 * ratio(eviction_orders, households)


@indicator(
    "C3",
    polarity=+1,
    mapped=True,
    compared=True,
    label=N_("Sfratti eseguiti per 1.000 famiglie"),
    definition=N_(
        "Sfratti eseguiti con l'intervento dell'ufficiale giudiziario ogni 1.000 famiglie "
        "(dato della provincia)."
    ),
    reference=_INTERNO,
    level="province",
)
def eviction_executions_per_1000(
    eviction_executions: pd.Series, households: pd.Series
) -> pd.Series:
    r"""Evictions carried out with the bailiff per 1,000 households.

    .. math:: C3 = 1000 \, E / H

    Examples
    --------
    >>> eviction_executions_per_1000(pd.Series([561.0]), pd.Series([381293.0])).round(2).tolist()
    [1.47]
    """
    return 1000 * ratio(eviction_executions, households)


@indicator(
    "C3R",
    polarity=+1,
    mapped=True,
    label=N_("Richieste di esecuzione per provvedimento"),
    definition=N_(
        "Richieste di esecuzione presentate all'ufficiale giudiziario per ogni provvedimento "
        "emesso nell'anno (le richieste si ripetono; dato della provincia)."
    ),
    reference=_INTERNO,
    level="province",
)
def eviction_requests_per_order_ratio(
    eviction_requests: pd.Series, eviction_orders: pd.Series
) -> pd.Series:
    r"""Requests of execution to the bailiff per order issued in the year.

    .. math:: C3R = R / O

    Notes
    -----
    Requests repeat until the household leaves: the ratio speaks of delay, not of a share.

    Examples
    --------
    >>> eviction_requests_per_order_ratio(pd.Series([3158.0]), pd.Series([710.0])).round(2).tolist()
    [4.45]
    """
    return ratio(eviction_requests, eviction_orders)


@indicator(
    "C4",
    polarity=+1,
    mapped=True,
    compared=True,
    label=N_("Sfratti per morosità o altra causa"),
    definition=N_(
        "Quota dei provvedimenti per morosità o altra causa sul totale (dato della provincia)."
    ),
    reference=_INTERNO,
    level="province",
)
def eviction_arrears_share(
    eviction_arrears_orders: pd.Series, eviction_orders: pd.Series
) -> pd.Series:
    r"""Orders for arrears or another cause over all orders.

    .. math:: C4 = O_{arrears} / O

    Examples
    --------
    >>> eviction_arrears_share(pd.Series([589.0]), pd.Series([710.0])).round(3).tolist()
    [0.83]
    """
    return ratio(eviction_arrears_orders, eviction_orders)


@indicator(
    "C5",
    polarity=+1,
    mapped=True,
    compared=True,
    label=N_("Posti letto in alloggi turistici per 1.000 residenti"),
    definition=N_(
        "Posti letto in alloggi in affitto gestiti in forma imprenditoriale e in bed & "
        "breakfast ogni 1.000 residenti."
    ),
    reference="ISTAT, Capacità degli esercizi ricettivi",
)
def accommodation_beds_per_1000(
    accommodation_beds: pd.Series, resident_population: pd.Series
) -> pd.Series:
    r"""Beds in rented lodgings and bed and breakfasts per 1,000 residents.

    .. math:: C5 = 1000 \, (B_{let} + B_{b\&b}) / P

    Notes
    -----
    Private short lets that are no business are not in the official count.

    Examples
    --------
    >>> accommodation_beds_per_1000(pd.Series([500.0]), pd.Series([100000.0])).tolist()
    [5.0]
    """
    return 1000 * ratio(accommodation_beds, resident_population)
