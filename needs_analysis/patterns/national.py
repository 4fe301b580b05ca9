"""Patterns of all Italy's municipalities: computed once for the figures in use, then read back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.figures import Figures, Quality, as_figures
from needs_analysis.patterns.admission import admitted
from needs_analysis.patterns.autocorrelation import SEED, LocalPattern, Moran, local_moran, moran
from needs_analysis.patterns.scales import standardised
from needs_analysis.patterns.typology import Typology, typology
from needs_analysis.territory import DAY, coverage, municipalities
from needs_analysis.territory.neighbours import Neighbours, neighbours

METHOD = 1
"""Raised by hand when the same values give other patterns: CONTRIBUTING.md."""
SCALE = "rank"  # a few very touristic or very poor places would else make types of their own
_LEFT_OUT = ("missing", "allocated", "alone")
_UNITS = ("missing", "allocated", "alone", "joined")


def national_clusters(
    values: Figures,
    codes_on: pd.Timestamp = DAY,
    overrides: Mapping[str, float] | None = None,
) -> LocalPattern:
    """Local Moran of one variable over all Italy's municipalities, kept for the next time.

    Parameters
    ----------
    values : Figures
        One column, by municipality.
    codes_on : Timestamp
        The day whose municipalities they are; one without boundaries on that day is in no list.
    overrides : mapping of str to float, optional
        Parameters of a study (``spatial_permutations``, ``false_discovery_share``).

    Returns
    -------
    LocalPattern
        As :func:`needs_analysis.patterns.local_moran` gives it.

    Raises
    ------
    Refused
        As :func:`needs_analysis.patterns.local_moran`.
    """
    values, (permutations, share) = as_figures(values), _draws(overrides)

    def make() -> pd.DataFrame:
        found = local_moran(values, _near(codes_on), permutations, SEED, share)
        left_out = {one: label for label in _LEFT_OUT for one in getattr(found, label)}
        frame = found.frame.reindex([*found.frame.index, *left_out])
        frame["label"] = frame["label"].where(frame["label"].notna(), pd.Series(left_out))
        return frame.join(found.joined[["neighbour", "distance_m"]]).sort_index()

    key = _key(values, codes_on, permutations=permutations, share=share)
    kept = store.computed("clusters", key, make, METHOD)
    left_out = kept["label"].isin(_LEFT_OUT)
    return LocalPattern(
        frame=kept.loc[~left_out, :"label"],
        permutations=permutations,
        false_discovery_share=share,
        **{label: tuple(kept.index[kept["label"] == label]) for label in _LEFT_OUT},
        joined=_named(kept[["neighbour", "distance_m"]].dropna(), codes_on),
    )


def national_moran(
    values: Figures,
    codes_on: pd.Timestamp = DAY,
    overrides: Mapping[str, float] | None = None,
) -> Moran:
    """Moran's I of one variable over all Italy's municipalities, kept for the next time.

    Parameters
    ----------
    values, codes_on, overrides
        As in :func:`national_clusters`, which tells the units left out.

    Returns
    -------
    Moran
        Its lists of units are empty.

    Raises
    ------
    Refused
        As :func:`needs_analysis.patterns.moran`.
    """
    values, (permutations, _) = as_figures(values), _draws(overrides)

    def make() -> pd.DataFrame:
        found = asdict(moran(values, _near(codes_on), permutations))
        return pd.DataFrame([{name: one for name, one in found.items() if name not in _UNITS}])

    kept = store.computed("moran", _key(values, codes_on, permutations=permutations), make, METHOD)
    figures = {str(name): kept[name].item() for name in kept.columns}
    return Moran(**figures, missing=(), allocated=(), alone=(), joined=pd.DataFrame())


def national_types(
    ind: Figures,
    codes_on: pd.Timestamp = DAY,
    overrides: Mapping[str, float] | None = None,
) -> Typology:
    """Types of Italy's municipalities by their places in the indicators, kept for the next time.

    Parameters
    ----------
    ind : Figures
        Indicators by municipality.
    codes_on : Timestamp
        The day whose municipalities they are.
    overrides : mapping of str to float, optional
        Parameters of a study (``municipal_types``: how many).

    Returns
    -------
    Typology
        K-means on the ranks, as :func:`needs_analysis.patterns.typology` gives it.

    Raises
    ------
    Refused
        As :func:`needs_analysis.patterns.typology`.
    """
    ind, count = as_figures(ind), int(parameters.values(overrides)["municipal_types"])

    def make() -> pd.DataFrame:
        found = typology(ind, count, standardise=SCALE)
        parts = {"type": found.labels, "silhouette": found.silhouette, "stability": found.stability}
        return pd.concat(
            [pd.DataFrame({"kind": kind, "key": one.index.astype(str), "value": one.to_numpy(float)})
             for kind, one in parts.items()], ignore_index=True,
        )  # fmt: skip

    kept = store.computed("types", _key(ind, codes_on, count=count), make, METHOD)
    parts = {str(kind): one.set_index("key")["value"] for kind, one in kept.groupby("kind")}
    whole, allocated = admitted(ind)
    data = whole.dropna()
    labels = pd.Series(parts["type"].astype(int).loc[data.index].array, data.index, name="type")
    silhouette, stability = parts["silhouette"], parts["stability"]
    return Typology(
        labels=labels,
        centroids=data.groupby(labels).mean(),
        standing=standardised(data, SCALE).groupby(labels).mean(),
        silhouette=silhouette.set_axis(silhouette.index.astype(int)).rename_axis("groups"),
        bic=pd.Series(dtype=float).rename_axis("groups"),
        stability=stability.reset_index(drop=True).rename("adjusted_rand"),
        missing=tuple(whole.index.difference(data.index).difference(list(allocated))),
        allocated=allocated,
        method="kmeans",
        standardise=SCALE,
        seed=SEED,
    )


def _draws(overrides: Mapping[str, float] | None) -> tuple[int, float]:
    given = parameters.values(overrides)
    return int(given["spatial_permutations"]), float(given["false_discovery_share"])


def _key(values: Figures, codes_on: pd.Timestamp, **parts: float) -> dict[str, object]:
    """Tell figures by what they are: a study's parameters change them without changing a table."""
    own = values.data.astype(float).assign(
        **{f"{name}_allocated": values.quality[name] == Quality.ALLOCATED for name in values.data}
    )
    rows = np.asarray(pd.util.hash_pandas_object(own.sort_index()))
    digest = hashlib.sha256(rows.tobytes()).hexdigest()
    return {"columns": list(own.columns), "values": digest, "day": f"{codes_on:%Y-%m-%d}",
            "seed": SEED, **parts}  # fmt: skip


@store.remembered()
def _near(day: pd.Timestamp) -> Neighbours:
    if day == DAY:
        return neighbours()
    import geopandas as gpd

    shapes = coverage(codes_on=day)
    names = municipalities(day)["municipality_name"].reindex(shapes.index)
    return neighbours(gpd.GeoDataFrame({"municipality_name": names}, geometry=shapes))


def _named(pairs: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    names = municipalities(day)["municipality_name"]
    return pd.DataFrame(
        {
            "unit_name": names[pairs.index],
            "neighbour": pairs["neighbour"],
            "neighbour_name": names[pairs["neighbour"]].to_numpy(),
            "distance_m": pairs["distance_m"],
        }
    ).rename_axis("unit")
