"""Sheets of a project of QGIS, ready to print: title, map, legend, source, date, scale."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from needs_analysis.reports.render.qgis import FONT, colour, element, families, key_of, options

Extent = tuple[float, float, float, float]
Box = tuple[float, float, float, float]
"""Left, top, width, height, in millimetres."""
_SIZES = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}
_PAGE, _MAP, _LABEL, _LEGEND, _SCALE_BAR = (
    65638,
    65639,
    65641,
    65642,
    65646,
)  # of QGIS: kinds of item
SRID = 32632
_WKT = (
    'PROJCRS["WGS 84 / UTM zone 32N",BASEGEOGCRS["WGS 84",DATUM["World Geodetic System 1984",'
    'ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],'
    'PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]],ID["EPSG",4326]],'
    'CONVERSION["UTM zone 32N",METHOD["Transverse Mercator",ID["EPSG",9807]],'
    'PARAMETER["Latitude of natural origin",0,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8801]],'
    'PARAMETER["Longitude of natural origin",9,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8802]],'
    'PARAMETER["Scale factor at natural origin",0.9996,SCALEUNIT["unity",1],ID["EPSG",8805]],'
    'PARAMETER["False easting",500000,LENGTHUNIT["metre",1],ID["EPSG",8806]],'
    'PARAMETER["False northing",0,LENGTHUNIT["metre",1],ID["EPSG",8807]]],CS[Cartesian,2],'
    'AXIS["(E)",east,ORDER[1],LENGTHUNIT["metre",1]],AXIS["(N)",north,ORDER[2],LENGTHUNIT["metre",1]],'
    'ID["EPSG",32632]]'
)
_MARGIN = 0.04  # of the area, around it
_MAP_ID = "map"
# The layer that the map of the sheet shows: the sheet says what it is of, whichever it follows.
_SHOWN = "array_first(map_get(item_variables('map'), 'map_layer_ids'))"
_BOLD, _PLAIN = 75, 50
_INK, _WARNING = "#1b2530", "#9b1c1c"
_NICE = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Printed:
    """The words of a printed sheet: what it is of, its legend, and what stands at its foot."""

    title: str
    legend: str
    warning: str = ""
    note: str = ""
    made: str = ""
    author: str = ""
    north: str = "N"


def reference(parent: Element) -> None:
    """Write the reference system of all geometries, EPSG:32632.

    In words of its own: the WKT that PROJ writes of one number differs within a process (a datum, or
    the ensemble of its realisations), and a study gives the same bytes twice. QGIS 3.22 finds no
    system without a WKT.
    """
    held = element(parent, "spatialrefsys", nativeFormat="Wkt")
    element(held, "wkt", _WKT)
    element(held, "proj4", "+proj=utm +zone=32 +datum=WGS84 +units=m +no_defs")
    element(held, "srsid", "0")
    element(held, "srid", str(SRID))
    element(held, "authid", f"EPSG:{SRID}")
    element(held, "description", "WGS 84 / UTM zone 32N")
    element(held, "geographicflag", "false")


def sheet(parent: Element, size: str, printed: Printed, extent: Extent, theme: str) -> None:
    """Write a sheet of paper: the map and what is needed to read it, cite it and trust it.

    Parameters
    ----------
    parent : Element
        The sheets of a project.
    size : str
        "A4" or "A3".
    printed : Printed
        Its words.
    extent : Extent
        Of the area, in metres.
    theme : str
        The view that the map follows until another is chosen.
    """
    width, height = _SIZES[size]
    scale = width / _SIZES["A4"][0]
    layout = element(parent, "Layout", name=size, units="mm", printResolution=200, worldFileMap="")
    pages = element(layout, "PageCollection")
    _item(pages, _PAGE, (0, 0, width, height), size, "page", background="true")
    side, edge, top = 78 * scale, 10 * scale, 27 * scale
    foot = height - 22 * scale
    map_box = (edge, top, width - 3 * edge - side + 5 * scale, foot - top - 3 * scale)
    right = width - edge - side
    shown = _fitted(extent, map_box)
    key = _map(layout, map_box, size, shown, theme)
    _label(layout, (edge, 7 * scale, width - 2 * edge, 9 * scale), size, "title", printed.title,
           16 * scale, _BOLD)  # fmt: skip
    _label(layout, (edge, 16 * scale, width - 2 * edge, 9 * scale), size, "indicator",
           f"[% layer_property({_SHOWN}, 'name') %]", 12 * scale, _PLAIN)  # fmt: skip
    _legend(layout, (right, top, side, 70 * scale), size, printed.legend, key, scale)
    _label(layout, (right, 96 * scale, side, foot - 116 * scale), size, "about",
           f"[% layer_property({_SHOWN}, 'abstract') %]", 7.5 * scale, _PLAIN)  # fmt: skip
    metres = (shown[2] - shown[0]) / map_box[2]
    _scale_bar(layout, (right, foot - 18 * scale, side, 13 * scale), size, key, metres, scale)
    said = "\n".join(filter(None, [printed.note, printed.made]))
    warned = 5 * scale if printed.warning else 0.0
    if printed.warning:
        _label(layout, (edge, foot, width - 2 * edge, warned), size, "warning", printed.warning,
               9 * scale, _BOLD, _WARNING)  # fmt: skip
    _label(layout, (edge, foot + warned, width - 2 * edge, 18 * scale - warned), size, "foot", said,
           7.5 * scale, _PLAIN)  # fmt: skip


def _fitted(extent: Extent, box: Box) -> Extent:
    """Return the extent of a map of a shape that holds an area with a margin.

    Examples
    --------
    >>> _fitted((0, 0, 100, 100), (0, 0, 200, 100))
    (-58.0, -4.0, 158.0, 104.0)
    """
    west, south, east, north = extent
    wide, high = (east - west) * (1 + 2 * _MARGIN), (north - south) * (1 + 2 * _MARGIN)
    ratio = box[2] / box[3]
    wide, high = max(wide, high * ratio), max(high, wide / ratio)
    middle, centre = (west + east) / 2, (south + north) / 2
    return middle - wide / 2, centre - high / 2, middle + wide / 2, centre + high / 2


# ---- items --------------------------------------------------------------------------------------


def _item(parent: Element, kind: int, box: Box, size: str, name: str, **more: object) -> Element:
    left, top, wide, high = (f"{one:.6g}" for one in box)
    key = key_of(size, name)
    given: dict[str, object] = {
        "type": kind, "id": name, "uuid": key, "templateUuid": key, "size": f"{wide},{high},mm",
        "position": f"{left},{top},mm", "positionOnPage": f"{left},{top},mm", "referencePoint": 0,
        "opacity": 1, "visibility": 1, "zValue": 1, "frame": "false", "background": "false",
        "outlineWidthM": "0.2,mm", "frameJoinStyle": "miter", "blendMode": 0, "itemRotation": 0,
        "groupUuid": "", "positionLock": "false", "excludeFromExports": 0,
    }  # fmt: skip
    made = element(parent, "LayoutItem", **(given | more))
    element(made, "FrameColor", red=107, green=114, blue=128, alpha=255)
    element(made, "BackgroundColor", red=255, green=255, blue=255, alpha=255)
    return made


def _font(size: float, weight: int) -> str:
    """Write a font as Qt does."""
    return f"{FONT},{size:.3g},-1,5,{weight},0,0,0,0,0"


def _label(
    layout: Element, box: Box, size: str, name: str, text: str, points: float, weight: int,
    shade: str = _INK,
) -> None:  # fmt: skip
    # What stands between these marks is computed; where text of the study has them, it is said so.
    safe = text if text.startswith("[% layer_property(") else text.replace("[%", "[ %")
    made = _item(layout, _LABEL, box, size, name, labelText=safe, htmlState=0, halign=1, valign=32,
                 marginX=0, marginY=0)  # fmt: skip
    element(made, "LabelFont", description=_font(points, weight), style="")
    red, green, blue, alpha = colour(shade).split(",")
    element(made, "FontColor", red=red, green=green, blue=blue, alpha=alpha)
    _text_style(made, points, weight, shade)


def _text_style(parent: Element, points: float, weight: int, shade: str = _INK) -> None:
    """Write a font as versions from 3.24 on read it."""
    style = element(parent, "text-style", fontFamily=FONT, fontSize=f"{points:.3g}",
                    fontSizeUnit="Point", fontWeight=weight, textOpacity=1, textColor=colour(shade),
                    namedStyle="Bold" if weight > _PLAIN else "Regular")  # fmt: skip
    families(style)


def _map(layout: Element, box: Box, size: str, shown: Extent, theme: str) -> str:
    made = _item(layout, _MAP, box, size, _MAP_ID, frame="true", background="true",
                 followPreset="true", followPresetName=theme, keepLayerSet="false", mapRotation=0,
                 drawCanvasItems="true", mapFlags=0, labelMargin="0,mm")  # fmt: skip
    element(made, "Extent", **dict(zip(("xmin", "ymin", "xmax", "ymax"), shown, strict=True)))
    reference(element(made, "crs"))
    element(made, "LayerSet")
    element(made, "AtlasMap", scalingMode=2, atlasDriven=0, margin="0.1")
    return str(made.attrib["uuid"])


def _legend(layout: Element, box: Box, size: str, title: str, key: str, scale: float) -> None:
    """Write a legend of what the map shows; it follows the map."""
    made = _item(layout, _LEGEND, box, size, "legend", title=title, map_uuid=key, legendFilterByMap=1,
                 resizeToContents=1, columnCount=1, boxSpace=0, symbolWidth=f"{8 * scale:.3g}",
                 symbolHeight=f"{4.5 * scale:.3g}", titleAlignment=1, symbolAlignment=1, wrapChar="",
                 fontColor=_INK, splitLayer=0, equalColumnWidth=0, lineSpacing="1")  # fmt: skip
    styles = element(made, "styles")
    for name, points, weight, above in (
        ("title", 11, _BOLD, 0), ("group", 10, _PLAIN, 0), ("subgroup", 10, _PLAIN, 0),
        ("symbol", 9, _PLAIN, 1.6), ("symbolLabel", 9, _PLAIN, 2),
    ):  # fmt: skip
        style = element(styles, "style", name=name, alignment=1, indent=0, marginTop=above * scale,
                        marginBottom=3 * scale if name == "title" else 0,
                        marginLeft=2.5 * scale if name == "symbolLabel" else 0)  # fmt: skip
        element(style, "styleFont", description=_font(points * scale, weight), style="")
        _text_style(style, points * scale, weight)


def _scale_bar(layout: Element, box: Box, size: str, key: str, metres: float, scale: float) -> None:
    """Write a bar of kilometres: two lengths that are easy to read, of some 25 mm each."""
    wanted = 25 * scale * metres / 1000
    length = max((one for one in _NICE if one <= wanted), default=_NICE[0])
    made = _item(
        layout, _SCALE_BAR, box, size, "scale", mapUuid=key, style="Single Box", unitType="km",
        unitLabel="km", numMapUnitsPerScaleBarUnit=1, numUnitsPerSegment=f"{length:g}",
        numSegments=2, numSegmentsLeft=0, segmentSizeMode=0, segmentMillimeters=25,
        height=f"{2 * scale:.3g}", labelBarSpace=f"{1.5 * scale:.3g}", boxContentSpace=0,
        outlineWidth="0.2", alignment=0, minBarWidth=50, maxBarWidth=150, lineJoinStyle="miter",
        lineCapStyle="square", labelVerticalPlacement=0, labelHorizontalPlacement=0,
    )  # fmt: skip
    _text_style(made, 8 * scale, _PLAIN)
    for name, red in (("fillColor", 27), ("fillColor2", 255), ("strokeColor", 27)):
        element(made, name, red=red, green=red, blue=red, alpha=255)
    options(element(made, "numericFormat", id="basic"), decimal_separator=",",
            thousand_separator=".")  # fmt: skip
