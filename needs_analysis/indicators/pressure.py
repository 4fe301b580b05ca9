"""Pressure: how fast the market moves."""

from __future__ import annotations

import pandas as pd

from needs_analysis.indicators.declaration import indicator, ratio
from needs_analysis.words import N_


@indicator(
    "G1",
    polarity=+1,
    mapped=True,
    label=N_("Variazione dei canoni OMI"),
    definition=N_(
        "Variazione del canone OMI fra il primo e l'ultimo semestre a disposizione, a prezzi "
        "correnti, solo dove la serie è intera (stesse zone, tipologia, stato e tipo di "
        "superficie)."
    ),
    reference="Agenzia delle Entrate, Manuale della banca dati OMI: le zone si rivedono nel tempo",
)
def rent_growth_share(
    rent_first_eur_m2_month: pd.Series, rent_last_eur_m2_month: pd.Series
) -> pd.Series:
    r"""Growth of the municipal OMI rent between the first and last half-year at hand.

    .. math:: G1 = r_{last} / r_{first} - 1

    Parameters
    ----------
    rent_first_eur_m2_month, rent_last_eur_m2_month : Series
        Rents of the two half-years, of municipalities whose series has no break between them.

    Returns
    -------
    Series
        Share, nominal; 0.02 is two per cent more.

    Notes
    -----
    Half of the municipalities have the same quotes at both ends: offices revise them rarely.

    Examples
    --------
    >>> rent_growth_share(pd.Series([6.0]), pd.Series([6.3])).round(3).tolist()
    [0.05]
    """
    return ratio(rent_last_eur_m2_month, rent_first_eur_m2_month) - 1
