"""The map inside municipalities: rents by OMI zone, in the same offline page as the other maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from needs_analysis import store
from needs_analysis.errors import Refused
from needs_analysis.figures import Figures, Quality
from needs_analysis.municipal.rents.weights import placed_rents
from needs_analysis.municipal.rents.zones import zone_layer
from needs_analysis.reports.language import QUALITY_LABELS
from needs_analysis.reports.maps.content import (
    Content,
    Entry,
    counted,
    detail,
    indicator,
    page_words,
    script_data,
)
from needs_analysis.reports.maps.geometry import encode_geometry, pack
from needs_analysis.reports.maps.page import AreaMap, drawn, words
from needs_analysis.reports.maps.theme import Theme, read_theme
from needs_analysis.reports.problems import problem
from needs_analysis.sources import omi_perimeters, omi_values
from needs_analysis.territory import boundaries, history
from needs_analysis.territory.codes import DAY
from needs_analysis.words import ITALIAN, Voice

RENT = "rent_eur_m2_month"
_CITED = (omi_values.SOURCE, omi_perimeters.SOURCE)
_CODES = ("rent_typology_code", "state", "rent_surface_code", "in_municipal_rent")


def zone_map(
    layer: gpd.GeoDataFrame,
    *,
    theme: str = "omi_zones",
    voice: Voice = ITALIAN,
    area_name: str = "",
    without: Sequence[str] = (),
) -> AreaMap:
    """Draw the rents of OMI zones as a map that is one file and never asks the network.

    Parameters
    ----------
    layer : GeoDataFrame
        Of :func:`zones_of`, or of :func:`zone_layer` with `municipality_name`.
        Where zones overlap (a rural zone published without the holes of the towns in it) the smaller
        is drawn whole.
    theme : str
        A theme of ``maps/`` whose unit is "omi_zone", or the path of a TOML file.
    voice : Voice
        Of the map's words.
    area_name : str
        What the title calls the area.
    without : sequence of str
        Municipalities of the area that have no perimeters: the page names them.

    Returns
    -------
    AreaMap
        A :class:`folium.Map`; ``save(path)`` writes it.

    Raises
    ------
    Refused
        The theme is wrong or does not draw zones.
    Refused
        The layer is empty.

    Examples
    --------
    >>> layer = gpd.GeoDataFrame({
    ...     "cadastral_code": "F704", "municipality_name": "Monza", "zone_code": ["B1", "R1"],
    ...     "rent_eur_m2_month": [8.0, np.nan], "rent_low_eur_m2_month": [7.0, np.nan],
    ...     "rent_high_eur_m2_month": [9.0, np.nan], "rent_typology_code": ["20", None],
    ...     "state": ["NORMALE", None], "rent_surface_code": ["L", None],
    ...     "in_municipal_rent": [True, False]}, crs=4326,
    ...     geometry=[shapely.box(9.0, 45.0, 9.1, 45.1), shapely.box(9.1, 45.0, 9.2, 45.1)])
    >>> "Monza, 2 zone OMI" in zone_map(layer, area_name="Monza").get_root().render()
    True
    """
    chosen = read_theme(theme, ())
    if chosen.unit != "omi_zone":
        raise Refused(problem("theme_of_municipalities", theme=theme))
    if layer.empty:
        raise Refused(problem("no_zones"))
    day = str(layer.attrs.get("reference_date", ""))
    notices = _notices(layer, without, voice)
    order = ["municipality_name", "cadastral_code", "zone_code"]
    layer = layer.sort_values(order, ignore_index=True)
    content = _content(layer, chosen, voice, day)
    body = _body(content, len(layer), area_name, day, notices)
    return drawn(body, _payload(layer, content), voice)


def _content(layer: gpd.GeoDataFrame, chosen: Theme, voice: Voice, day: str) -> Content:
    """Give the rents of zones, each with its range, the form of a map's figures."""
    units = layer["cadastral_code"] + "/" + layer["zone_code"]
    columns = ["rent_eur_m2_month", "rent_low_eur_m2_month", "rent_high_eur_m2_month"]
    rent, low, high = (layer[[name]].set_axis(units).set_axis([RENT], axis=1) for name in columns)
    return Content(
        figures=Figures.of(rent, vintage=day, low=low, high=high, sources=["omi_values"]),
        chosen=chosen,
        voice=voice,
        sources={one.id: one for one in _CITED},
    )


def _payload(layer: gpd.GeoDataFrame, content: Content) -> dict[str, Any]:
    voice = content.voice
    text = words(voice, "omi_zone")
    places, place = np.unique(layer["municipality_name"].astype(str), return_inverse=True)
    groups = [np.flatnonzero(place == i) for i in range(len(places))]
    labels = [voice.say(QUALITY_LABELS[quality]) for quality in Quality]
    labels[Quality.MISSING] = text["missing"]
    shapes = coverage(layer)
    geometry = encode_geometry(shapes, groups if len(groups) > 1 else ())
    return script_data(
        content, text, layer["zone_code"].astype(str).tolist(), (places.tolist(), place),
        qualities=labels, details=_details(layer, text), pad=0.8, focus=-1,
        indicators=[indicator(content, _rent(voice))], geometry=geometry,
        widest=_widest(shapes, geometry),
    )  # fmt: skip


def _widest(shapes: gpd.GeoSeries, geometry: dict[str, Any]) -> dict[str, Any]:
    """Return the middle of the widest part of each shape, in steps of the map's grid."""
    circles = shapely.maximum_inscribed_circle(shapes.to_numpy(), tolerance=10)
    middles = gpd.GeoSeries(shapely.get_point(circles, 0), crs=shapes.crs).to_crs(4326)
    return {
        "x": pack(np.rint((middles.x.to_numpy() - geometry["west"]) / geometry["step_x"])),
        "y": pack(np.rint((middles.y.to_numpy() - geometry["south"]) / geometry["step_y"])),
    }


def _details(layer: gpd.GeoDataFrame, text: dict[str, str]) -> list[dict[str, Any]]:
    """Return what else is said of a zone: its name, of what dwellings the quote is."""
    found = []
    if "description" in layer:
        # Many names end in a hyphen that continues nothing.
        names = layer["description"].astype(str).str.strip(" -")
        found.append(detail(text["description"], names.where(names != ""), sought=True))
    quoted = layer["rent_eur_m2_month"].notna()
    for name in _CODES:
        codes = layer[name].astype(str).where(quoted)
        said = codes.map(
            lambda code, name=name: text.get(f"{name}_{code}", code), na_action="ignore"
        )
        found.append(detail(text[name], said, in_tip=name != "in_municipal_rent"))
    return found


def coverage(layer: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return the zones without overlaps or slivers, the smaller of two whole, in EPSG:32632.

    Parameters
    ----------
    layer : GeoDataFrame
        Polygons with a unique index; one that others cover whole keeps its shape.
    """
    given = layer.geometry.to_crs(boundaries.METRES)
    shapes = given.to_numpy(copy=True)
    areas = shapely.area(shapes)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    smaller = (areas[right] < areas[left]) | ((areas[right] == areas[left]) & (right < left))
    cut = shapes.copy()
    for at in np.unique(left[smaller]):
        covering = shapes[right[smaller & (left == at)]]
        cut[at] = shapely.difference(shapes[at], shapely.union_all(covering))
    tidy = boundaries.repair(gpd.GeoDataFrame(geometry=cut, index=layer.index, crs=given.crs))
    return tidy.where(~tidy.is_empty, given)


def _rent(voice: Voice) -> Entry:
    return Entry(
        RENT,
        voice.say("Canone di locazione OMI"),
        voice.say("Punto medio fra minimo e massimo della quotazione residenziale della zona, "
                  "nello stato prevalente."),
        "affordability",
        0,
    )  # fmt: skip


def _notices(layer: gpd.GeoDataFrame, without: Sequence[str], voice: Voice) -> list[str]:
    """Say what the map lacks, and where what it shows does not compare."""
    text, said = words(voice, "omi_zone"), []
    if without:
        said.append(text["without"].replace("{names}", ", ".join(sorted(without))))
    lost = layer.attrs.get("quotes_without_zone", ())
    if lost:
        names = layer.drop_duplicates("cadastral_code").set_index("cadastral_code")
        named = [
            f"{names.loc[code, 'municipality_name']} {zone}"
            for code, _, zone in (one.partition("/") for one in lost)
        ]
        said.append(text["quotes_without_zone"].replace("{zones}", ", ".join(named)))
    if len(set(layer["rent_surface_code"].dropna())) > 1:
        said.append(text["mixed_surfaces"])
    return said


def _body(
    content: Content,
    zones: int,
    area_name: str,
    day: str,
    notices: Sequence[str],
) -> dict[str, Any]:
    text = words(content.voice, "omi_zone")
    half_year = text["half_year"].replace("{day}", day) if day else ""
    about = ", ".join(filter(None, (area_name, counted(text, zones, content.voice), half_year)))
    lines = (
        f"{one.attribution}, {one.title} ({day or one.edition(content.voice)})" for one in _CITED
    )
    return page_words(content, text, about, sources=lines, notices=notices)


# ---- the user's own files -----------------------------------------------------------------------


def zones_of(area: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the OMI zones of municipalities, from the user's own files.

    Parameters
    ----------
    area : GeoDataFrame
        From :func:`needs_analysis.territory.select`.

    Returns
    -------
    GeoDataFrame
        Of :func:`zone_layer`, with `municipality_name`; a municipality merged
        since has the zones of those it was made of.
    list of str
        The municipalities without perimeters.

    Raises
    ------
    Refused
        Quotations or perimeters of the half-year of the rents in use are not among the user's files,
        or none of the municipalities has perimeters; what to add is said.
    """
    drawn = {one: _perimeters_of(area, one) for one in _editions_of(area)}
    can_be = [
        one for one, perimeters in drawn.items() if perimeters is not None and len(perimeters)
    ]
    edition = next(iter(can_be or drawn))
    own = drawn[edition]
    quotes = store.within("omi_values", edition)
    if own is None or quotes is None:
        raise _nothing_to_draw(edition)
    names = area["municipality_name"]
    without = sorted(names[~names.index.isin(own["municipality_code"])])
    if own.empty:
        raise _lacking("perimeters", without, edition)
    layer = zone_layer(own, quotes, store.within("omi_zones", edition))
    municipality = own["municipality_code"].map(names).set_axis(layer.index)
    layer = layer.assign(municipality_name=municipality)
    layer.attrs["reference_date"] = own.attrs["reference_date"]
    return layer, without


def _editions_of(area: gpd.GeoDataFrame) -> list[str]:
    """Return the half-years of which the area has quotes: the newest first, that of all Italy last."""
    day = area.attrs.get("codes_on", DAY)
    dates = [one.source.reference_date for one in reversed(store.parts("rents"))]
    return [one for one in dates if placed_rents(day, one)[1].isin(area.index).any()] + [""]


def _perimeters_of(area: gpd.GeoDataFrame, edition: str) -> gpd.GeoDataFrame | None:
    """Return the area's perimeters of a half-year; None without quotes or perimeters of it."""
    quotes, perimeters = (store.within(one, edition) for one in ("omi_values", "omi_perimeters"))
    if quotes is None or perimeters is None:
        return None
    codes = perimeters["cadastral_code"].unique()
    place = history.successors(codes, area.attrs.get("codes_on", DAY), last_day=True)
    perimeters["municipality_code"] = perimeters["cadastral_code"].map(place["municipality_code"])
    return perimeters[perimeters["municipality_code"].isin(area.index)]


def _nothing_to_draw(edition: str) -> Refused:
    quotes, perimeters = (store.within(one, edition) for one in ("omi_values", "omi_perimeters"))
    kind = "quotations" if perimeters is not None else "perimeters"
    return _lacking("both" if quotes is None and perimeters is None else kind, (), edition)


def _lacking(which: str, places: Sequence[str] = (), edition: str = "") -> Refused:
    """Say which files the map of zones needs, where, and how to add them."""
    day = store.source_of("rents", edition).reference_date
    lacking = problem(f"{which}_lacking", day=day)
    names, more = tuple(places[:5]), len(places) - 5
    if more > 0:
        lacking = problem("of_more_places", names=names, lacking=lacking, count=more)
    elif names:
        lacking = problem("of_places", names=names, lacking=lacking)
    other = {one.source.reference_date for one in store.kept("omi_perimeters")} - {day}
    beside = [problem("perimeters_of", days=tuple(sorted(other)))] if other else []
    return Refused(lacking, *beside, cure=problem("add_files"))
