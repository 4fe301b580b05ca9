"""Marks of municipalities whose rents or incomes are not those of the people who live there."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from needs_analysis import parameters
from needs_analysis.figures import Figures
from needs_analysis.households.columns import reads_model
from needs_analysis.indicators.declaration import compute, registry
from needs_analysis.territory import ambiti, municipalities
from needs_analysis.territory.border import near_switzerland
from needs_analysis.words import N_, Voice

MARKS = {
    "non_resident_market": N_("mercato non dei residenti"),
    "foreign_incomes": N_("redditi esteri"),
}


def marks(
    panel: Figures,
    overrides: Mapping[str, float] | None = None,
    codes_on: pd.Timestamp | str | None = None,
) -> pd.DataFrame:
    """Mark the municipalities that are shown with their figures and take no rank.

    ``non_resident_market``: tourist beds over 100 per 1,000 residents, or an annual rent over 1.3 times
    the median of the municipalities of its province and degree of urbanisation. ``foreign_incomes``:
    within 20 km of Switzerland, with a share of declarants up to 10,000 EUR above the 90th percentile
    of its province: who works across the border declares there.

    Parameters
    ----------
    panel : Figures
        The national panel (:func:`needs_analysis.municipal.panel.build`): medians are those of its
        units.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.
    codes_on : Timestamp or str, optional
        The day of the panel's codes; 1 January 2022 when omitted.

    Returns
    -------
    DataFrame of bool
        By municipality_code, a column for each of `MARKS`; what is not known marks nobody.

    Notes
    -----
    Beds alone miss places of second homes (Alassio, Ischia): dwellings without residents are in no
    table that ships, and the median of the rents around stands in for them.

    Examples
    --------
    >>> from needs_analysis import panel
    >>> marks(panel.build()).loc[["025016", "015182"], "non_resident_market"].tolist()  # Cortina, Rho
    [True, False]
    """
    values, data = parameters.values(overrides), panel.data
    province = municipalities(codes_on)["province_code"].reindex(data.index)
    beds = 1000 * data["accommodation_beds"] / data["resident_population"]
    rent = data["annual_rent_eur"]
    usual = rent.groupby([province, data["urbanisation_code"]]).transform("median")
    low = compute(panel, ["low_income_share"], overrides).data["low_income_share"]
    many = low > low.groupby(province).transform(
        "quantile", values["foreign_incomes_percentile_share"]
    )
    near = near_switzerland(1000 * values["foreign_incomes_border_km"], codes_on)
    return pd.DataFrame(
        {
            "non_resident_market": (beds > values["non_resident_market_beds_per_1000"])
            | (rent > values["non_resident_market_rent_ratio"] * usual),
            "foreign_incomes": many & data.index.isin(near),
        }
    )


def of_model(name: str) -> bool:
    """Tell whether an indicator is made of the model of burdens: it orders large places only.

    Examples
    --------
    >>> of_model("overburdened_tenants_per_1000"), of_model("low_income_share")
    (True, False)
    """
    known = registry()
    return name in known and reads_model(known[name].inputs)


def ordered_by_model(
    panel: Figures, marked: pd.DataFrame, overrides: Mapping[str, float] | None = None
) -> pd.Series:
    """Return which municipalities what a model estimates may order: unmarked, and large.

    Parameters
    ----------
    panel : Figures
        With ``resident_population``.
    marked : DataFrame of bool
        As :func:`marks`.
    overrides : mapping of str to float, optional
        Parameters of a study: ``modelled_residents_min``.

    Examples
    --------
    >>> people = Figures.of(pd.DataFrame({"resident_population": [50e3, 50e3, 9e3]}, list("abc")))
    >>> marked = pd.DataFrame({"non_resident_market": [False, True, False]}, list("abc"))
    >>> ordered_by_model(people, marked).tolist()
    [True, False, False]
    """
    least = parameters.values(overrides)["modelled_residents_min"]
    large = panel.data["resident_population"] > least
    return large & ~marked.any(axis=1).reindex(large.index)


SMALL = N_("Meno di {listed_households_min} famiglie")
"""How the column is headed that says with which ambito a small municipality is shown."""


def small(
    households: pd.Series,
    voice: Voice,
    overrides: Mapping[str, float] | None = None,
    codes_on: pd.Timestamp | str | None = None,
) -> pd.Series:
    """Return for each municipality that no ordered list holds the ambito it is shown with.

    Parameters
    ----------
    households : Series
        By municipality_code.
    voice : Voice
        In which language.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``: ``listed_households_min``.
    codes_on : Timestamp or str, optional
        The day of the municipalities; 1 January 2022 when omitted.

    Returns
    -------
    Series of str
        Missing for the municipalities that are large enough, and where households are not known.

    Examples
    --------
    >>> small(pd.Series({"108033": 56_000.0, "018082": 20.0}), Voice()).tolist()  # Monza, Lirio
    [nan, 'ambito non noto']
    """
    few = households < parameters.values(overrides)["listed_households_min"]
    own = ambiti(codes_on)["ambito_name"].reindex(households.index).astype(object)
    said = own.map(lambda name: voice.say("ambito di {name}", name=name), na_action="ignore")
    return said.where(own.notna(), voice.say("ambito non noto")).where(few)


def mark_words(marked: pd.DataFrame, voice: Voice) -> pd.Series:
    """Return the marks of each unit in words; missing where there is none.

    Examples
    --------
    >>> frame = pd.DataFrame({"non_resident_market": [True, False], "foreign_incomes": True})
    >>> mark_words(frame, Voice()).tolist()
    ['mercato non dei residenti, redditi esteri', 'redditi esteri']
    """
    said = {name: voice.say(words) for name, words in MARKS.items()}
    held = marked[marked.any(axis=1)]
    words = [
        ", ".join(said[str(name)] for name, has in zip(held, row, strict=True) if has)
        for row in held.to_numpy()
    ]
    return pd.Series(words, index=held.index, dtype=object).reindex(marked.index)
