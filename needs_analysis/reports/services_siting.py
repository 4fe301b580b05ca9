"""Where to open dwellings, as tables: the sites, and the distance of every unit."""

from __future__ import annotations

import pandas as pd

from needs_analysis.reports.model import Column, Table
from needs_analysis.services.siting import Sites

_ROLES = {"existing": ("c'è già", "open already"), "new": ("nuovo", "new")}


def tables(found: Sites, names: pd.Series, need: str, lang: str) -> list[Table]:
    """Return the sites chosen and the units with their nearest site.

    Parameters
    ----------
    found : Sites
        The choice.
    names : Series of str
        Of each unit.
    need : str
        What the units are weighted by.
    lang : str
        "it" or "en".
    """
    at = lang != "it"
    unit = found.distance_unit
    notes = {
        "it": f"Ottimo dimostrato; i comuni pesano per {need}. Un sito serve quanti vuole: quanti posti "
        "servono lo dice «services capacity». Le distanze in km sono in linea d'aria fra i centri.",
        "en": f"Proven optimum; municipalities weigh by {need}. A site serves any number: how many "
        "places is said by 'services capacity'. Distances in km are straight, between centres.",
    }[lang]
    sites = found.sites.reset_index()
    sites["name"] = sites["site"].map(names)
    sites["role"] = sites["role"].map({role: words[at] for role, words in _ROLES.items()})
    units = found.units.rename_axis("unit").reset_index()
    units["name"] = units["unit"].map(names)
    for column in ("site", "site_before"):
        units[column] = units[column].map(names).astype("str").fillna("")
    heads = {
        "name": ("Luogo", "Place"),
        "role": ("Sito", "Site"),
        "units_served": ("Comuni o ambiti più vicini", "Units nearest"),
        "need_served": ("Bisogno servito", "Need served"),
        "mean_distance": (f"Distanza media ({unit})", f"Mean distance ({unit})"),
        "need": ("Bisogno", "Need"),
        "site": ("Sito più vicino", "Nearest site"),
        "distance": (f"Distanza ({unit})", f"Distance ({unit})"),
        "site_before": ("Prima", "Before"),
        "distance_before": (f"Distanza prima ({unit})", f"Distance before ({unit})"),
    }
    kinds = {
        "name": "text", "role": "text", "site": "text", "site_before": "text",
        "mean_distance": "ratio", "distance": "ratio", "distance_before": "ratio",
    }  # fmt: skip

    def columns(*wanted: str) -> tuple[Column, ...]:
        return tuple(Column(one, heads[one][at], kinds.get(one, "count")) for one in wanted)

    titles = (("Dove aprire", "Where to open"), ("Comuni e distanze", "Units and distances"))
    return [
        Table(
            titles[0][at], titles[0][at], sites,
            columns("name", "role", "units_served", "need_served", "mean_distance"), notes=(notes,),
        ),
        Table(
            titles[1][at], titles[1][at], units,
            columns("name", "need", "site", "distance", "site_before", "distance_before"),
        ),
    ]  # fmt: skip
