"""The municipalities of the day the figures stand on, and how names are compared."""

from __future__ import annotations

import pandas as pd

from needs_analysis import store
from needs_analysis.sources import reading

# The day of the unit list and of the income file; every other source is brought to its codes.
DAY = pd.Timestamp("2022-01-01")


@store.remembered
def _municipalities() -> pd.DataFrame:
    return store.table("municipalities").set_index("municipality_code")


def municipalities() -> pd.DataFrame:
    """Return the 7,904 municipalities of 1 January 2022, indexed by municipality_code.

    Returns
    -------
    DataFrame
        Names (Italian, other language), cadastral code, province, region, area in km2, resident
        population and households of 2021.

    Examples
    --------
    >>> municipalities().loc["108033", ["municipality_name", "province_abbreviation"]].tolist()
    ['Monza', 'MB']
    """
    return _municipalities().copy()


def normalise(name: str) -> str:
    """Reduce a name to what publishers agree on: no accents, apostrophes, hyphens or case.

    Examples
    --------
    >>> normalise("Reggio nell`Emilia") == normalise("REGGIO NELL'EMILIA")
    True
    >>> normalise("Forlì-Cesena"), normalise("Forli'-Cesena")
    ('forli cesena', 'forli cesena')
    """
    return reading.plain(name)
