"""The figures as files for a GIS and for pandas: GeoPackage and Parquet, with quality and vintage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.figures import Figures, Quality, join_vintages
from needs_analysis.indicators import codebook, registry
from needs_analysis.reports import index_words
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import QUALITY_LABELS, elided

UNIT_COLUMNS = (
    "municipality_name", "cadastral_code", "province_name", "province_abbreviation", "region_name",
)  # fmt: skip


def write_geopackage(found: Findings, path: Path) -> None:
    """Write the layers `municipalities`, `codebook` and `sources` of a GeoPackage.

    `municipalities` has a field for each indicator and score, under the name it has in the codebook,
    and beside it `<name>_quality` in words; a missing value is NULL. The same findings give the same
    bytes.

    Parameters
    ----------
    found : Findings
        The area: its municipalities are the rows.
    path : Path
        The file to write.
    """
    import geopandas as gpd
    import pyogrio

    codes = found.area.index
    figures = found.indicators.rows(codes)
    parts = [found.area[[*UNIT_COLUMNS]]]
    for name in figures.data.columns:
        words = figures.quality[name].map(_words(found.lang)).rename(f"{name}_quality")
        parts += [figures.data[name], words]
        if figures.low[name].notna().any():
            bounds = ((figures.low[name], "low"), (figures.high[name], "high"))
            parts += [column.rename(f"{name}_{side}") for column, side in bounds]
    frame = gpd.GeoDataFrame(pd.concat(parts, axis=1), geometry=found.area.geometry)
    # GDAL writes the time of the run into the file; a study must give the same bytes twice.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2022-01-01T00:00:00.000Z"})
    try:
        frame.reset_index().to_file(path, layer="municipalities", driver="GPKG", engine="pyogrio")
        for layer, table in (("codebook", _codebook(found)), ("sources", _sources(found))):
            pyogrio.write_dataframe(table, path, layer=layer, driver="GPKG", append=True)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _words(lang: str) -> dict[int, str]:
    return {int(quality): label[lang] for quality, label in QUALITY_LABELS.items()}


def _codebook(found: Findings) -> pd.DataFrame:
    known = codebook(found.overrides).reset_index()
    known[["label_it", "definition_it"]] = known[["label_it", "definition_it"]].map(elided)
    spec = found.index.spec
    columns = {one.name: one.column for one in spec.components}
    scores = pd.DataFrame(
        [
            {"name": one.column, "label_it": index_words.label(one, "it"),
             "label_en": index_words.label(one, "en"), "inputs": " ".join(spec.leaves(one.name))}
            for one in spec.components
        ]
        + [{"name": spec.name, "label_it": index_words.label(spec, "it"),
            "label_en": index_words.label(spec, "en"),
            "inputs": " ".join(columns.get(part, part) for part in spec.parts(spec.name))}]
    ).assign(id="", component="composite", unit="score", polarity=1, quality="modelled")  # fmt: skip
    listed = pd.concat([known, scores], ignore_index=True)
    vintages = found.indicators.vintage
    dated = {name: join_vintages(vintages[name].unique()) for name in vintages.columns}
    listed["vintage"] = listed["name"].map(dated)
    return listed.fillna("")


def _sources(found: Findings) -> pd.DataFrame:
    cited = store.cited()
    return pd.DataFrame([cited[key].as_dict() for key in found.used_sources()])


def write_parquet(found: Findings, path: Path) -> None:
    """Write every figure of the area's municipalities in long form.

    Columns: municipality_code, municipality_name, variable, value, low, high, quality, vintage,
    sources. Missing values are rows too, with the quality that says why.

    Parameters
    ----------
    found : Findings
        The area: its municipalities are the rows.
    path : Path
        The file to write.
    """
    tables = [_long(figures.rows(found.codes)) for figures in (found.panel, found.indicators)]
    frame = pd.concat(tables, ignore_index=True)
    names = found.area["municipality_name"]
    frame.insert(1, "municipality_name", frame["municipality_code"].map(names))
    frame = frame.sort_values(["municipality_code", "variable"], ignore_index=True)
    frame.to_parquet(path, compression="zstd", index=False)


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
