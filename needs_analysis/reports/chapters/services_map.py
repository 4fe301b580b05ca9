"""Services on maps: the ready places of each ambito as a layer, and the offer as one for a GIS."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import pandas as pd
import shapely

from needs_analysis import store
from needs_analysis.errors import AreaError
from needs_analysis.figures import Figures
from needs_analysis.reports.chapters.services_building import labelled, unit_of
from needs_analysis.reports.chapters.services_places import AMBITO_NOTE, offer_table
from needs_analysis.reports.language import quality_words
from needs_analysis.reports.maps.content import Category, Entry
from needs_analysis.reports.maps.theme import READY
from needs_analysis.services.measures import MEASURES, RULES
from needs_analysis.territory import select
from needs_analysis.told import Told
from needs_analysis.words import ITALIAN, N_, voices

if TYPE_CHECKING:
    import geopandas as gpd

    from needs_analysis.reports.findings import Findings
    from needs_analysis.reports.model import Table

_CLASSES = (
    ("none", N_("nessun posto pronto"), "#fbf7c9", 0),
    ("few", N_("da 1 a 4 posti pronti"), "#7fcdbb", 1),
    ("some", N_("da 5 a 9 posti pronti"), "#2872b0", 5),
    ("many", N_("10 o più posti pronti"), "#1f2a78", 10),
    ("hidden", N_("nascosto per riservatezza"), "#b8bfc7", -1),
)


def ready_layer(found: Findings) -> tuple[Figures, Entry] | None:
    """Return the ready places of each municipality's ambito as classes, and what the map says of them.

    One value an ambito, the same in all its municipalities: never a dwelling, never a rank.
    """
    told = found.services
    if told is None:
        return None
    by_ambito = ready_by_ambito(told)
    home = store.table("ambiti").set_index("municipality_code")["ambito_name"]
    units = found.indicators.data.index
    classes = home.reindex(units).map(by_ambito.map(ready_class).to_dict()).astype(object)
    frame = pd.DataFrame({READY: classes.where(classes.notna(), None)}, index=units)
    year = f"{told.period.end:%Y-%m-%d}"
    figures = Figures.of(frame, vintage=year)
    voice = found.voice
    kinds = tuple(Category(code, voice.say(words), colour) for code, words, colour, _ in _CLASSES)
    note = voice.say(AMBITO_NOTE)
    entry = Entry(
        READY,
        labelled(voice.say("Posti pronti per ambito"), told, voice),
        " ".join([note, voice.say("Dati inventati.")]) if told.label else note,
        "supply",
        0,
        kinds,
    )
    return figures, entry


def ready_by_ambito(found: Told) -> pd.Series:
    """Return the ready places by ambito; NaN where they would tell how many are taken."""
    frame = found.figures.frame
    own = frame[(frame["measure"] == "places_ready") & (frame["level"] == "ambito")]
    return own.set_index("level_value")["value"].astype(float)


def ready_class(ready: float) -> str:
    """Return the class of the map that so many ready places are in.

    Examples
    --------
    >>> [ready_class(places) for places in (0.0, 4.0, 5.0, float("nan"))]
    ['none', 'few', 'some', 'hidden']
    """
    if isnan(ready):
        return "hidden"
    return next(code for code, *_, least in _CLASSES[-2::-1] if ready >= least)


def offer_layer(found: Findings) -> gpd.GeoDataFrame:
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
    table = offer_table(told, found.voice)
    names = table.frame["ambito"].iloc[:-1].astype(str)  # the last row is the network
    columns: dict[str, object] = {"ambito_name": names}
    words = quality_words(found.voice)
    for column in table.columns[1:]:
        columns[column.name] = table.frame[column.name].iloc[:-1]
        if not column.name.endswith(("_low", "_high")):
            said = pd.Series(table.qualities(column)).map(words)
            columns[f"{column.name}_quality"] = said.iloc[:-1].to_numpy()
    ready = ready_by_ambito(told).reindex(names)
    columns[READY] = ready.map(ready_class).to_numpy()
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


def codebook_rows(told: Told) -> pd.DataFrame:
    """List the fields of the layer of services, as the codebook lists indicators."""
    labels = {voice: _field_labels(offer_table(told, voice)) for voice in voices()}
    rows = []
    for name in labels[ITALIAN]:
        measure = MEASURES[name.removesuffix("_low").removesuffix("_high")]
        rule = RULES[measure.rule].text
        rows.append(
            {"name": name}
            | {f"label_{voice.language}": named[name] for voice, named in labels.items()}
            | {"unit": unit_of(measure.name)}
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
