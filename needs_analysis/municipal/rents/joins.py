"""OMI rents and prices of municipalities, and their growth, joined to those of a day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from needs_analysis.figures import Figures, Quality
from needs_analysis.municipal.declaration import Asked, Column, Join, problem
from needs_analysis.municipal.rents.weights import merge_predecessors, placed_rents
from needs_analysis.provenance import OPERATIONS
from needs_analysis.territory import history

_MEAN, _LOWEST, _HIGHEST = (
    Column(pooled=how) for how in ("mean weighted by households", "lowest", "highest")
)
SURFACES = {"L": "reference_dwelling_gross_m2", "N": "reference_dwelling_net_m2"}
"""The parameter that a rent is multiplied by, for a gross and a net surface."""


def _bring(join: Join, asked: Asked) -> Figures:
    quoted, place, weights = placed_rents(asked.day, asked.edition)
    lost = place.index[place.isna()]
    without = problem("quoted_without_successor")
    asked.note("rents", without, quoted.loc[lost, "municipality_name"])
    shared = place[place.index.str.contains(" > ", regex=False)]
    asked.note_units("rents", "quote_of_successor", pd.Index(shared))
    index = asked.units.index
    frame = merge_predecessors(quoted, place.dropna(), weights).reindex(index)
    kinds = [name for name in frame.columns if name.endswith("_code")]
    frame[kinds] = frame[kinds].where(frame[kinds] != "")  # what is not quoted has no kind either
    surface = frame["rent_surface_code"].map(
        {kind: asked.parameters[parameter] for kind, parameter in SURFACES.items()}
    )
    frame["annual_rent_eur"] = OPERATIONS["product"].of(12, frame["rent_eur_m2_month"], surface)
    frame = frame.rename(columns={"predecessors": "rent_predecessors"})
    taken = np.where(index.isin(shared), Quality.ALLOCATED, Quality.OBSERVED)
    found = join.figures(asked, frame, pd.Series(taken, index=index))
    by_people = index[frame["rent_weighting_code"].isin(["P", "M"])]
    asked.note_units("rents", "rent_by_people", by_people)
    if not len(by_people):
        return found
    sources = (*found.sources["rent_eur_m2_month"], "omi_perimeters", "istat_section_points")
    weighted = dict.fromkeys(
        ("rent_eur_m2_month", "annual_rent_eur", "rent_weighting_code"), sources
    )
    return replace(found, sources={**found.sources, **weighted})


def _linked(join: Join, day: pd.Timestamp, edition: str) -> pd.DataFrame:
    found = history.places(join.rows(edition).index, day).dropna(subset=["municipality_code"])
    return pd.DataFrame(
        {"old": found["cadastral_code"], "new": found["municipality_code"], "share": 1.0}
    )


def _listed(join: Join, day: pd.Timestamp, edition: str) -> pd.Index:
    """Return the municipalities in the file of an edition, quoted or not."""
    listed: pd.Index = pd.Index(join.linked(join, day, edition)["new"].unique())
    return listed


RENTS = Join(
    "rents",
    key="cadastral_code",
    needed="rent_eur_m2_month",
    bring=_bring,
    linked=_linked,
    covers=_listed,
    columns={
        "annual_rent_eur": Column(
            "product",
            ("12", "rent_eur_m2_month", "reference_dwelling_{gross,net}_m2"),
            pooled="mean weighted by households",
        ),
        "price_eur_m2": _MEAN,
        "rent_low_eur_m2_month": _LOWEST,
        "price_low_eur_m2": _LOWEST,
        "rent_high_eur_m2_month": _HIGHEST,
        "price_high_eur_m2": _HIGHEST,
    },
)


def _bring_growth(join: Join, asked: Asked) -> Figures:
    """Take the rents at both ends of an unbroken series, of municipalities not merged since."""
    grown = join.rows()
    place = history.successors(grown.index, asked.day, last_day=True)
    alone = (place["change"] == "unchanged") & (grown["reason"] == "")
    ends = grown.loc[alone, list(join.columns)]
    return join.figures(asked, ends.set_axis(place.loc[alone, "municipality_code"]))


def _linked_growth(join: Join, day: pd.Timestamp, edition: str) -> pd.DataFrame:
    place = history.successors(join.rows(edition).index, day, last_day=True)["municipality_code"]
    place = place.dropna()
    return pd.DataFrame({"old": place.index, "new": place.to_numpy(), "share": 1.0})


GROWTH = Join(
    "rents_growth",
    how="first",
    key="cadastral_code",
    needed="rent_last_eur_m2_month",
    bring=_bring_growth,
    linked=_linked_growth,
    columns={"rent_first_eur_m2_month": _MEAN, "rent_last_eur_m2_month": _MEAN},
)
