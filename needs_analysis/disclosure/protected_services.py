"""Services that must not be found: shown by ambito only."""

from __future__ import annotations

import pandas as pd

from needs_analysis.disclosure.problems import problem
from needs_analysis.errors import Refused, wanted
from needs_analysis.figures import wanted_frame, wanted_units
from needs_analysis.words import ITALIAN, Voice

PROTECTED = "protected:"
"""Before the place in the code under which its protected services appear."""


def place_of_services(services: pd.DataFrame, dwellings: pd.DataFrame) -> pd.Series:
    """Under which code each service appears: its own, or that of its place where it is protected.

    Parameters
    ----------
    services : DataFrame
        Index ``service_code``; ambito_name and protected (bool), as the register states it.
    dwellings : DataFrame
        service_code and municipality_code, of which the first three digits are the province.

    Returns
    -------
    Series of str
        On the services: the code, or "protected:" and the ambito, or the province where no ambito
        is known, or nothing further where neither is.

    Raises
    ------
    Refused
        A service does not state whether it is protected.

    Examples
    --------
    >>> services = pd.DataFrame(
    ...     {"ambito_name": ["Desio", "Desio", None], "protected": [False, True, True]}, ["A", "B", "C"]
    ... )
    >>> dwellings = pd.DataFrame({"service_code": ["C"], "municipality_code": ["108033"]})
    >>> place_of_services(services, dwellings).tolist()
    ['A', 'protected:Desio', 'protected:108']
    """
    wanted_units(wanted_frame(services, "ambito_name", "protected"))
    wanted_frame(dwellings, "service_code", "municipality_code")
    unstated = tuple(map(str, services.index[services["protected"].isna()]))
    if unstated:
        raise Refused(problem("protected_unstated", services=unstated))
    codes = dwellings.dropna(subset=["municipality_code"]).set_index("service_code")
    province = codes["municipality_code"].astype(str).str[:3].groupby(level=0).min()
    ambito = services["ambito_name"].replace("", pd.NA)
    place = ambito.fillna(province.reindex(services.index)).fillna("")
    own = pd.Series(services.index.astype(str), services.index)
    return own.mask(services["protected"].astype(bool), PROTECTED + place.astype(str))


def protected_label(code: str, voice: Voice = ITALIAN) -> str:
    """Say the protected services of a place, by their code.

    Examples
    --------
    >>> protected_label("protected:Desio"), protected_label("protected:", Voice("en"))
    ('Servizi protetti: Desio', 'Protected services')
    """
    wanted(code, str)
    words, place = voice.say("Servizi protetti"), code.removeprefix(PROTECTED)
    return f"{words}: {place}" if place else words


def published_services(
    services: pd.DataFrame, dwellings: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Services and dwellings as they may be published.

    Parameters
    ----------
    services, dwellings : DataFrame
        As in :func:`place_of_services`, with the other columns of the register.

    Returns
    -------
    tuple of DataFrame
        Services: those of one place that are protected are one row, with dwellings and beds counted
        together (NA where there is a single dwelling) and every other column empty. Dwellings: none
        of a protected service.

    Examples
    --------
    >>> services = pd.DataFrame({"service_name": ["Casa"], "ambito_name": ["Desio"],
    ...                          "protected": [True]}, pd.Index(["B"], name="service_code"))
    >>> dwellings = pd.DataFrame({"service_code": ["B"], "municipality_code": ["108023"],
    ...                           "address": [pd.NA], "beds": [4]})
    >>> shown, listed = published_services(services, dwellings)
    >>> shown["service_name"].tolist(), shown["dwellings"].isna().tolist(), len(listed)
    (['Servizi protetti: Desio'], [True], 0)
    """
    place = place_of_services(services, dwellings)
    hidden = services["protected"].astype(bool)
    code = dwellings["service_code"].map(place)
    size = dwellings.groupby(code)["beds"].agg(["size", "sum"])
    shown = services[~hidden].copy()
    rows = []
    for key in sorted(place[hidden].unique()):
        count = int(size["size"].get(key, 0))
        where = key.removeprefix(PROTECTED)
        named = services["ambito_name"].isin([where]).any()
        rows.append(
            {
                "service_name": protected_label(key),
                "ambito_name": where if named else pd.NA,
                "protected": True,
                "dwellings": count if count != 1 else pd.NA,
                "beds": size["sum"].get(key, 0) if count != 1 else pd.NA,
            }
        )
    merged = pd.DataFrame(
        rows, index=pd.Index(sorted(place[hidden].unique()), name=services.index.name)
    )
    shown["dwellings"] = size["size"].reindex(shown.index).fillna(0).astype("Int64")
    shown["beds"] = size["sum"].reindex(shown.index)
    listed = dwellings[~dwellings["service_code"].map(hidden).astype(bool)]
    return pd.concat([shown, merged]) if rows else shown, listed
