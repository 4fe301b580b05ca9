"""The figures of a briefing as data: the layers of its GeoPackage, the long form of its Parquet file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.composite import Component, CompositeResult, Spec
from needs_analysis.figures import Figures, Quality, join_vintages
from needs_analysis.households.columns import COLUMNS
from needs_analysis.indicators import codebook, registry
from needs_analysis.reports.chapters import index_words, need_map, services_map
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import quality_words
from needs_analysis.words import voices

if TYPE_CHECKING:
    import geopandas as gpd

UNIT_COLUMNS = (
    "municipality_name", "cadastral_code", "province_name", "province_abbreviation", "region_name",
)  # fmt: skip


def layers(found: Findings) -> dict[str, pd.DataFrame]:
    """Return the layers `municipalities`, `services`, `codebook` and `sources` of an area.

    `municipalities` has a field for each indicator and score, under the name it has in the codebook,
    and beside it `<name>_quality` in words; a missing value is NULL. `services`, where the study names
    a register, has the offer of each ambito as it may be told; `bisogno` the households in need by
    municipality and group, as they may be told.

    Parameters
    ----------
    found : Findings
        The area: its municipalities are the rows.
    """
    made: dict[str, pd.DataFrame] = {"municipalities": _municipalities(found)}
    if found.services is not None:
        made["services"] = services_map.offer_layer(found)
    if found.need is not None:
        made[need_map.LAYER] = need_map.need_layer(found)
    return made | {"codebook": _codebook(found), "sources": _sources(found)}


def _municipalities(found: Findings) -> gpd.GeoDataFrame:
    import geopandas as gpd

    figures = found.indicators.rows(found.area.index)
    said = quality_words(found.voice)
    parts = [found.area[[*UNIT_COLUMNS]]]
    for name in figures.data.columns:
        words = figures.quality[name].map(said).rename(f"{name}_quality")
        parts += [figures.data[name], words]
        if figures.low[name].notna().any():
            bounds = ((figures.low[name], "low"), (figures.high[name], "high"))
            parts += [column.rename(f"{name}_{side}") for column, side in bounds]
    frame = gpd.GeoDataFrame(pd.concat(parts, axis=1), geometry=found.area.geometry)
    return frame.reset_index()


def _labels(one: Spec | Component) -> dict[str, str]:
    """Return what an index or a component is called in each language."""
    return {f"label_{voice.language}": index_words.label(one, voice) for voice in voices()}


def _codebook(found: Findings) -> pd.DataFrame:
    known = codebook(found.overrides).reset_index()
    scores = [] if found.index is None else [_of_scores(found.index)]
    services = [] if found.services is None else [services_map.codebook_rows(found.services)]
    listed = pd.concat([known, *scores, *services], ignore_index=True)
    vintages = found.indicators.vintage
    dated = {name: join_vintages(vintages[name].unique()) for name in vintages.columns}
    listed["vintage"] = listed["name"].map(dated)
    return listed.fillna("")


def _of_scores(index: CompositeResult) -> pd.DataFrame:
    """Return the rows of the codebook on an index and its components."""
    spec = index.spec
    columns = {one.name: one.column for one in spec.components}
    scores = pd.DataFrame(
        [
            {"name": one.column, **_labels(one), "inputs": " ".join(spec.leaves(one.name))}
            for one in spec.components
        ]
        + [{"name": spec.name, **_labels(spec),
            "inputs": " ".join(columns.get(part, part) for part in spec.parts(spec.name))}]
    ).assign(id="", component="composite", unit="score", polarity=1, quality="modelled")  # fmt: skip
    for voice in voices():
        scores[f"definition_{voice.language}"] = index_words.compared(index, voice)
    return scores


def _sources(found: Findings) -> pd.DataFrame:
    cited = store.cited()
    return pd.DataFrame([cited[key].as_dict() for key in found.used_sources()])


def long_form(found: Findings) -> pd.DataFrame:
    """Return every figure of the area's municipalities in long form.

    Columns: municipality_code, municipality_name, variable, value, low, high, quality, vintage,
    sources. Missing values are rows too, with the quality that says why.

    Parameters
    ----------
    found : Findings
        The area: its municipalities are the rows.
    """
    # A model's counts have decimals, and are small: who needs is told elsewhere.
    names = [str(name) for name in found.panel.data if name not in COLUMNS]
    panel = found.panel.columns(names)
    tables = [_long(figures.rows(found.codes)) for figures in (panel, found.indicators)]
    if found.need is not None:
        tables.append(need_map.long_rows(found))
    frame = pd.concat(tables, ignore_index=True)
    names = found.area["municipality_name"]
    frame.insert(1, "municipality_name", frame["municipality_code"].map(names))
    return frame.sort_values(["municipality_code", "variable"], ignore_index=True)


def _long(figures: Figures) -> pd.DataFrame:
    numbers = [
        name
        for name in figures.data.columns
        if figures.data[name].dtype.kind in "fi"
        or (name in registry() and registry()[name].unit == "code")
    ]
    units, count = figures.data.index, len(numbers)
    labels = np.array([quality.name.lower() for quality in Quality], dtype=object)
    return pd.DataFrame(
        {
            "municipality_code": np.repeat(units.to_numpy(), count),
            "variable": np.tile(np.array(numbers, dtype=object), len(units)),
            "value": figures.data[numbers].astype(float).to_numpy().ravel(),
            "low": figures.low[numbers].to_numpy().ravel(),
            "high": figures.high[numbers].to_numpy().ravel(),
            "quality": labels[figures.quality[numbers].to_numpy().ravel().astype(int)],
            "vintage": figures.vintage[numbers].to_numpy().ravel(),
            "sources": np.tile(
                np.array([" ".join(figures.sources[n]) for n in numbers], dtype=object), len(units)
            ),
        }
    )
