"""Population and context: what the distress is measured against."""

from __future__ import annotations

import pandas as pd

from needs_analysis.indicators.declaration import indicator, ratio
from needs_analysis.words import N_

_ISTAT = "ISTAT, popolazione residente per età e sesso"


@indicator(
    "H1",
    polarity=0,
    mapped=True,
    label=N_("Densità di popolazione"),
    definition=N_("Residenti per chilometro quadrato."),
    reference="ISTAT, elenco delle unità amministrative",
)
def residents_per_km2(resident_population: pd.Series, area_km2: pd.Series) -> pd.Series:
    r"""Residents per square kilometre.

    .. math:: H1 = P / S

    Examples
    --------
    >>> residents_per_km2(pd.Series([121984.0]), pd.Series([33.087])).round(0).tolist()
    [3687.0]
    """
    return ratio(resident_population, area_km2)


@indicator(
    "H2",
    polarity=0,
    mapped=True,
    compared=True,
    label=N_("Componenti per famiglia"),
    definition=N_("Residenti per famiglia; comprende chi vive in convivenza."),
    reference="ISTAT, censimento permanente 2021",
)
def residents_per_household_ratio(
    resident_population: pd.Series, households: pd.Series
) -> pd.Series:
    r"""Residents over resident households.

    .. math:: H2 = P / H

    Examples
    --------
    >>> residents_per_household_ratio(pd.Series([121984.0]), pd.Series([56209.0])).round(2).tolist()
    [2.17]
    """
    return ratio(resident_population, households)


@indicator(
    "H3",
    polarity=0,
    mapped=True,
    label=N_("Indice di dipendenza"),
    definition=N_("Residenti di 0-14 anni e di 65 anni e più ogni 100 residenti di 15-64 anni."),
    reference=_ISTAT + "; ISTAT, Glossario: indice di dipendenza",
)
def dependency_per_100(
    residents_0_14: pd.Series, residents_65_over: pd.Series, residents_15_64: pd.Series
) -> pd.Series:
    r"""Residents aged 0-14 and 65 and over per 100 aged 15-64.

    .. math:: H3 = 100 \, (P_{0-14} + P_{65+}) / P_{15-64}

    Examples
    --------
    >>> dependency_per_100(pd.Series([12.0]), pd.Series([24.0]), pd.Series([64.0])).tolist()
    [56.25]
    """
    return 100 * ratio(residents_0_14 + residents_65_over, residents_15_64)


@indicator(
    "H4",
    polarity=0,
    mapped=True,
    compared=True,
    label=N_("Residenti di 18-34 anni"),
    definition=N_("Quota di residenti di 18-34 anni: chi cerca la prima casa."),
    reference=_ISTAT,
)
def residents_18_34_share(residents_18_34: pd.Series, residents_by_age: pd.Series) -> pd.Series:
    r"""Residents aged 18-34 on all residents.

    .. math:: H4 = P_{18-34} / P

    Examples
    --------
    >>> residents_18_34_share(pd.Series([17.0]), pd.Series([100.0])).tolist()
    [0.17]
    """
    return ratio(residents_18_34, residents_by_age)


@indicator(
    "H5",
    polarity=0,
    mapped=True,
    label=N_("Donne di 15-49 anni"),
    definition=N_("Quota di donne di 15-49 anni sui residenti."),
    reference=_ISTAT,
)
def women_15_49_share(women_15_49: pd.Series, residents_by_age: pd.Series) -> pd.Series:
    r"""Women aged 15-49 on all residents.

    .. math:: H5 = W_{15-49} / P

    Examples
    --------
    >>> women_15_49_share(pd.Series([20.0]), pd.Series([100.0])).tolist()
    [0.2]
    """
    return ratio(women_15_49, residents_by_age)


@indicator(
    "H6",
    polarity=0,
    mapped=True,
    label=N_("Grado di urbanizzazione"),
    definition=N_("Classificazione europea: 1 città, 2 piccole città e sobborghi, 3 zone rurali."),
    reference="Regolamento (UE) 2017/2391 (Tercet); ISTAT, classificazione dei comuni",
)
def degree_of_urbanisation_code(urbanisation_code: pd.Series) -> pd.Series:
    """Degree of urbanisation of the municipality: 1 cities, 2 towns and suburbs, 3 rural areas.

    Examples
    --------
    >>> degree_of_urbanisation_code(pd.Series(["1"])).tolist()
    ['1']
    """
    return urbanisation_code
