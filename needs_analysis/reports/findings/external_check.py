"""The external check of an index of municipalities: whether it follows the evictions of provinces."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from needs_analysis.composite import confront
from needs_analysis.composite.validation import densities, weighted_means
from needs_analysis.figures import Figures
from needs_analysis.municipal.evictions import evictions_by_province, prefecture_provinces
from needs_analysis.territory import municipalities
from needs_analysis.territory.codes import CENTRE, MACRO_AREAS, NORTH, SOUTH
from needs_analysis.words import N_

OUTSIDE = {
    "orders": N_("Provvedimenti di sfratto per 1.000 famiglie"),
    "executions": N_("Sfratti eseguiti per 1.000 famiglie"),
}
AREAS = {
    "italy": N_("Italia"),
    "north": N_("Nord"),
    "centre": N_("Centro"),
    "south": N_("Mezzogiorno"),
    "reliable": N_("Italia, solo le province con dati attendibili"),
}
# A yardstick: what orders provinces less well than the residents per km² adds nothing to it.
MEASURES = ("index", "density")


def confronted(
    score: pd.Series,
    panel: Figures,
    day: pd.Timestamp | None = None,
    overrides: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return how an index of municipalities follows the evictions of their provinces.

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

    Returns
    -------
    DataFrame
        Rows by outside measure (`OUTSIDE`) and area (`AREAS`); ``index_units``, ``index_correlation``,
        ``index_low``, ``index_high`` (Spearman's, 95 %), and the same of the residents per km²
        (``density_...``), as :func:`needs_analysis.composite.confront`.
    """
    home = prefecture_provinces(day).reindex(panel.data.index)
    published = evictions_by_province(overrides)
    ordered = {
        "index": weighted_means(score, panel.data["households"], home),
        "density": densities(panel.data, home),
    }
    areas = _areas(home, published, day)
    rows = {}
    for outside in OUTSIDE:
        rate = published[outside] / published["households"]
        known = {name: units[rate.reindex(units).notna()] for name, units in areas.items()}
        found = [
            confront(values, rate, known).add_prefix(f"{name}_") for name, values in ordered.items()
        ]
        for area, row in pd.concat(found, axis=1).iterrows():
            rows[outside, str(area)] = row
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index = pd.MultiIndex.from_tuples(rows, names=["outside", "area"])
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
