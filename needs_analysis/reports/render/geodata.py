"""The figures as files for a GIS and for pandas: GeoPackage and Parquet, with quality and vintage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from needs_analysis import store
from needs_analysis.composite import Component, Spec
from needs_analysis.errors import AreaError
from needs_analysis.figures import Figures, Quality, join_vintages
from needs_analysis.indicators import codebook, registry
from needs_analysis.reports.chapters import index_words, services_building, services_places
from needs_analysis.reports.chapters import services as services_chapters
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import QUALITY_LABELS
from needs_analysis.reports.maps.area import READY
from needs_analysis.services.measures import MEASURES, RULES
from needs_analysis.territory import select
from needs_analysis.words import ITALIAN, Voice, voices

if TYPE_CHECKING:
    import geopandas as gpd

    from needs_analysis.reports.model import Table

_DATED = Lock()
UNIT_COLUMNS = (
    "municipality_name", "cadastral_code", "province_name", "province_abbreviation", "region_name",
)  # fmt: skip


def write_geopackage(found: Findings, path: Path) -> None:
    """Write the layers `municipalities`, `services`, `codebook` and `sources` of a GeoPackage.

    `municipalities` has a field for each indicator and score, under the name it has in the codebook,
    and beside it `<name>_quality` in words; a missing value is NULL. `services`, where the study names
    a register, has the offer of each ambito as it may be told. The same findings give the same bytes.

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
        words = figures.quality[name].map(_words(found.voice)).rename(f"{name}_quality")
        parts += [figures.data[name], words]
        if figures.low[name].notna().any():
            bounds = ((figures.low[name], "low"), (figures.high[name], "high"))
            parts += [column.rename(f"{name}_{side}") for column, side in bounds]
    frame = gpd.GeoDataFrame(pd.concat(parts, axis=1), geometry=found.area.geometry)
    # GDAL writes the time of the run into the file; a study must give the same bytes twice.
    with _dated("2022-01-01T00:00:00.000Z"):
        frame.reset_index().to_file(path, layer="municipalities", driver="GPKG", engine="pyogrio")
        others = {"codebook": _codebook(found), "sources": _sources(found)}
        if found.services is not None:
            others = {"services": services_layer(found)} | others
        for layer, table in others.items():
            pyogrio.write_dataframe(table, path, layer=layer, driver="GPKG", append=True)


@contextmanager
def _dated(time: str) -> Iterator[None]:
    """Have GDAL, whose options are of the process, write a time for that of the run."""
    import pyogrio

    with _DATED:
        before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": time})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _words(voice: Voice) -> dict[int, str]:
    return {int(quality): voice.say(label) for quality, label in QUALITY_LABELS.items()}


def services_layer(found: Findings) -> gpd.GeoDataFrame:
    """Return the offer of services by ambito: the values of the sheet «Servizi offerta» and of the map.

    What may not be told is NULL, and `<name>_quality` says why. A protected service is counted in its
    ambito and stands nowhere else; there are no points.

    Parameters
    ----------
    found : Findings
        With services.

    Returns
    -------
    GeoDataFrame
        One row an ambito of the register, its polygon whole; none where the ambito is not known.
    """
    import geopandas as gpd

    told = found.services
    assert told is not None
    table = services_places.offer_table(told, found.voice)
    names = table.frame["ambito"].iloc[:-1].astype(str)  # the last row is the network
    columns: dict[str, object] = {"ambito_name": names}
    words = _words(found.voice)
    for column in table.columns[1:]:
        columns[column.name] = table.frame[column.name].iloc[:-1]
        if not column.name.endswith(("_low", "_high")):
            said = pd.Series(table.qualities(column)).map(words)
            columns[f"{column.name}_quality"] = said.iloc[:-1].to_numpy()
    ready = services_chapters.ready_by_ambito(told).reindex(names)
    columns[READY] = ready.map(services_chapters.ready_class).to_numpy()
    columns["reference_date"] = f"{told.period.end:%Y-%m-%d}"
    shapes = [_ambito_shape(name, found) for name in names]
    note = " ".join(filter(None, [told.label, *table.notes[1:]]))
    no_shape = found.voice.say("confini dell'ambito non noti")
    columns["note"] = [note if shape is not None else f"{no_shape}; {note}" for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=found.area.crs)


def _ambito_shape(name: str, found: Findings) -> object:
    """Return the polygon of an ambito; None where its municipalities are not known."""
    try:
        area = select(f"ambito:{name}", found.day)
    except AreaError:
        return None
    return shapely.coverage_union_all(area.geometry.to_numpy())


def _services_codebook(found: Findings) -> pd.DataFrame:
    """List the fields of the layer of services."""
    told = found.services
    assert told is not None
    labels = {voice: _field_labels(services_places.offer_table(told, voice)) for voice in voices()}
    rows = []
    for name in labels[ITALIAN]:
        measure = MEASURES[name.removesuffix("_low").removesuffix("_high")]
        rule = RULES[measure.rule].text
        rows.append(
            {"name": name}
            | {f"label_{voice.language}": named[name] for voice, named in labels.items()}
            | {"unit": services_building.unit_of(measure.name)}
            | {f"definition_{voice.language}": voice.say(rule) for voice in labels}
        )
    return pd.DataFrame(rows).assign(id="", component="supply", polarity=0, quality="observed")


def _field_labels(table: Table) -> dict[str, str]:
    """Return what each field of a table is called; the ends of an interval after their middle."""
    found: dict[str, str] = {}
    for one in table.columns[1:]:
        middle = found.get(one.name.removesuffix("_low").removesuffix("_high"))
        found[one.name] = f"{middle}, {one.label.lower()}" if middle else one.label
    return found


def _labels(one: Spec | Component) -> dict[str, str]:
    """Return what an index or a component is called in each language."""
    return {f"label_{voice.language}": index_words.label(one, voice) for voice in voices()}


def _codebook(found: Findings) -> pd.DataFrame:
    known = codebook(found.overrides).reset_index()
    spec = found.index.spec
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
        scores[f"definition_{voice.language}"] = index_words.compared(found.index, voice)
    services = [] if found.services is None else [_services_codebook(found)]
    listed = pd.concat([known, scores, *services], ignore_index=True)
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
