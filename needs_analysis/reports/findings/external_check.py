"""The external check of what orders municipalities: whether it follows the evictions of provinces."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from needs_analysis.composite import confront
from needs_analysis.composite.validation import densities, given_another, weighted_means
from needs_analysis.figures import Figures
from needs_analysis.municipal.evictions import evictions_by_province, prefecture_provinces
from needs_analysis.territory import municipalities
from needs_analysis.territory.codes import CENTRE, MACRO_AREAS, NORTH, SOUTH
from needs_analysis.words import N_

OUTSIDE = {
    "orders": N_("Provvedimenti di sfratto per 1.000 famiglie"),
    "executions": N_("Sfratti eseguiti per 1.000 famiglie"),
    "orders_of_tenants": N_("Provvedimenti di sfratto per 1.000 famiglie in affitto"),
    "executions_of_tenants": N_("Sfratti eseguiti per 1.000 famiglie in affitto"),
}
AREAS = {
    "italy": N_("Italia"),
    "north": N_("Nord"),
    "centre": N_("Centro"),
    "south": N_("Mezzogiorno"),
    "reliable": N_("Italia, solo le province con dati attendibili"),
}
SCORE = "index"


def confronted(
    score: pd.Series,
    panel: Figures,
    day: pd.Timestamp | None = None,
    overrides: Mapping[str, float] | None = None,
    *,
    among: pd.Series | None = None,
    renting: pd.Series | None = None,
) -> pd.DataFrame:
    """Return how what orders municipalities follows the evictions of their provinces.

    A province's score is the mean of its municipalities' weighted by households; provinces are those
    of the prefectures, by which evictions are published.

    Parameters
    ----------
    score : Series
        By municipality_code.
    panel : Figures
        The national panel.
    day : Timestamp, optional
        Of the panel's codes.
    overrides : mapping of str to float, optional
        Parameters of a study.
    among : Series of bool, optional
        By municipality_code: those that are put in an order, where these are not all.
    renting : Series, optional
        Renting households by municipality_code, all of them: evictions are also of these.

    Returns
    -------
    DataFrame
        Rows by outside measure (`OUTSIDE`) and area (`AREAS`); ``index_units``, ``index_correlation``,
        ``index_low``, ``index_high`` (Spearman's, 95 %), the same of the municipalities `among`
        (``ordered_...``), of the residents per km² (``density_...``) and of the number of households
        (``households_...``), as :func:`needs_analysis.composite.confront`; ``given_density``: what is
        left of the score's once density is known.
    """
    home = prefecture_provinces(day).reindex(panel.data.index)
    published = evictions_by_province(overrides)
    households = panel.data["households"]
    ordered = {
        SCORE: weighted_means(score, households, home),
        "density": densities(panel.data, home),
        "households": households.groupby(home).sum(),
    }
    if among is not None:
        own = score.where(among.reindex(score.index, fill_value=False))
        ordered["ordered"] = weighted_means(own, households, home)
    bases = {"": published["households"]}
    if renting is not None:
        bases["_of_tenants"] = renting.reindex(panel.data.index).groupby(home).sum()
    areas = _areas(home, published, day)
    parts = {
        f"{count}{kind}": _beside(ordered, published[count] / base, areas)
        for kind, base in bases.items()
        for count in ("orders", "executions")
    }
    return pd.concat(parts, names=["outside", "area"])


def _beside(
    ordered: Mapping[str, pd.Series], rate: pd.Series, areas: Mapping[str, pd.Index]
) -> pd.DataFrame:
    """Return the correlations of a rate with each measure, a row an area."""
    known = {name: units[rate.reindex(units).notna()] for name, units in areas.items()}
    found = {name: confront(values, rate, known) for name, values in ordered.items()}
    frame = pd.concat([one.add_prefix(f"{name}_") for name, one in found.items()], axis=1)
    both = confront(ordered[SCORE], ordered["density"], known)["correlation"]
    frame["given_density"] = given_another(
        frame[f"{SCORE}_correlation"], both, frame["density_correlation"]
    )
    return frame


def _areas(
    home: pd.Series, published: pd.DataFrame, day: pd.Timestamp | None
) -> dict[str, pd.Index]:
    region = municipalities(day)["region_code"].reindex(home.index)
    part = region.groupby(home).first().reindex(published.index).map(MACRO_AREAS)
    broken = published[["orders_broken", "executions_broken"]].any(axis=1)
    reliable = published["split_reliable"].astype(bool) & ~broken
    chosen = {
        "italy": np.ones(len(part), dtype=bool),
        "north": part == NORTH,
        "centre": part == CENTRE,
        "south": part == SOUTH,
        "reliable": reliable,
    }
    return {name: published.index[np.asarray(which, dtype=bool)] for name, which in chosen.items()}
