"""Styles of QGIS: an indicator in explicit classes, hatched where it has no value."""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

VERSION = "3.22.0-Białowieża"
"""The oldest QGIS that what is written here is for; newer ones read it."""
GEOMETRY = "geom"
"""The column of geometries in a GeoPackage."""
FONT = "Arial"
_LIKE_IT = ("Arial", "Liberation Sans", "Helvetica", "Open Sans", "DejaVu Sans")
HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_MOMENT = "2022-01-01T00:00:00.000Z"  # as all of the file: a study gives the same bytes twice
_OUTLINE, _HATCH, _INK = "#6b7280", "#8a929c", "#1b2530"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Rule:
    """A class of a map: an expression of QGIS, its words, its colour ("#rrggbb"; hatched if empty)."""

    filter: str
    label: str
    colour: str = ""


@dataclass(frozen=True)
class Style:
    """How a layer of polygons shows one of its columns.

    Parameters
    ----------
    column, title : str
        What is shown, and what it is called.
    rules : sequence of Rule
        The classes in the order of the legend; every feature is in one.
    text : str
        An expression: what is written on a feature.
    abstract, source, dated : str
        What the layer is, who publishes it, what date it is of.
    group : str
        Under which heading it stands.
    aliases : mapping of str to str
        What the columns are called.
    """

    column: str
    title: str
    rules: Sequence[Rule] = ()
    text: str = ""
    abstract: str = ""
    source: str = ""
    dated: str = ""
    group: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)


# ---- expressions --------------------------------------------------------------------------------


def quoted(column: str) -> str:
    """Write the name of a column as QGIS reads it.

    Examples
    --------
    >>> quoted('a"b')
    '"a""b"'
    """
    return '"{}"'.format(column.replace('"', '""'))


def literal(text: str) -> str:
    r"""Write a text as QGIS reads it.

    Examples
    --------
    >>> print(literal("l'anno \\ 1"))
    'l''anno \\ 1'
    """
    return "'{}'".format(text.replace("\\", "\\\\").replace("'", "''"))


def steps_between(column: str, factors: Sequence[float], low: int, above: int | None) -> str:
    """Write which values are printed as `low` or more, and less than `above`, in printed steps.

    A value is printed as the whole number nearest to it times the factors, of two equally near the
    even one (IEEE 754), so that a bound belongs to the class that prints it: no rounding is left
    to QGIS.

    Parameters
    ----------
    column : str
        The column.
    factors : sequence of float
        Multiplied one after the other, as the map does it.
    low, above : int
        In printed steps; None where there is no class above.

    Examples
    --------
    >>> steps_between("share", (100, 10), 208, 211)
    '"share" * 100 * 10 >= 207.5 AND "share" * 100 * 10 <= 210.5'
    """
    value = " * ".join([quoted(column), *(f"{one:g}" for one in factors if one != 1)])
    parts = [f"{value} {'>=' if low % 2 == 0 else '>'} {low - 0.5}"]
    if above is not None:
        parts.append(f"{value} {'<' if above % 2 == 0 else '<='} {above - 0.5}")
    return " AND ".join(parts)


# ---- style --------------------------------------------------------------------------------------


def clean(text: str) -> str:
    r"""Return a text without the letters that no XML may have.

    Examples
    --------
    >>> clean("a\x00b\ud800")
    'ab'
    """
    return _NOT_XML.sub("", text)


def element(parent: Element | None, tag: str, text: str = "", /, **attributes: object) -> Element:
    """Make an element, under another if there is one; all text is cleaned."""
    said = {name.rstrip("_"): clean(str(value)) for name, value in attributes.items()}
    made = Element(tag, said) if parent is None else SubElement(parent, tag, said)
    if text:
        made.text = clean(text)
    return made


def key_of(*named: object) -> str:
    """Return a key as QGIS writes them, the same for the same names."""
    return f"{{{uuid.uuid5(uuid.NAMESPACE_URL, clean('/'.join(map(str, named))))}}}"


def colour(web: str, alpha: int = 255) -> str:
    """Write a colour as QGIS does.

    Examples
    --------
    >>> colour("#fbf7c9")
    '251,247,201,255'
    """
    return ",".join(str(int(web[at : at + 2], 16)) for at in (1, 3, 5)) + f",{alpha}"


def options(parent: Element, **named: object) -> Element:
    """Write named options of a layer of a symbol."""
    held = element(parent, "Option", type="Map")
    for name, value in named.items():
        element(held, "Option", name=name, type="QString", value=value)
    return held


def families(parent: Element) -> None:
    """Write what stands for a font where a system does not have it."""
    held = element(parent, "families")
    for name in _LIKE_IT:
        element(held, "family", name=name)


def styled(style: Style, into: Element) -> Element:
    """Write renderer, labels and the names of columns into a layer or a style; return it."""
    renderer = element(into, "renderer-v2", type="RuleRenderer", symbollevels=0, enableorderby=0,
                       forceraster=0)  # fmt: skip
    rules = element(renderer, "rules", key=key_of(style.column))
    symbols = element(renderer, "symbols")
    for position, rule in enumerate(style.rules):
        element(rules, "rule", key=key_of(style.column, position), filter=rule.filter,
                label=rule.label, symbol=position)  # fmt: skip
        _symbol(symbols, str(position), rule.colour)
    _labels(style.text, into)
    aliases = element(into, "aliases") if style.aliases else into
    for position, (column, said) in enumerate(style.aliases.items()):
        element(aliases, "alias", field=column, index=position, name=said)
    element(into, "previewExpression", '"municipality_name"')
    return into


def _symbol(parent: Element, name: str, shade: str) -> None:
    symbol = element(
        parent, "symbol", type="fill", name=name, alpha=1, clip_to_extent=1, force_rhr=0
    )
    fill = element(symbol, "layer", class_="SimpleFill", enabled=1, locked=0, pass_=0)
    options(fill, color=colour(shade or "#ffffff"), style="solid", outline_color=colour(_OUTLINE),
            outline_style="solid", outline_width="0.2", outline_width_unit="MM", joinstyle="round",
            offset="0,0", offset_unit="MM")  # fmt: skip
    if not shade:
        hatched = element(symbol, "layer", class_="LinePatternFill", enabled=1, locked=0, pass_=0)
        options(hatched, angle=45, color=colour(_HATCH), distance="1.4", distance_unit="MM",
                line_width="0.3", line_width_unit="MM", offset=0, offset_unit="MM")  # fmt: skip
        line = element(hatched, "symbol", type="line", name=f"@{name}@1", alpha=1, clip_to_extent=1,
                       force_rhr=0)  # fmt: skip
        stroke = element(line, "layer", class_="SimpleLine", enabled=1, locked=0, pass_=0)
        options(stroke, line_color=colour(_HATCH), line_width="0.3", line_width_unit="MM",
                line_style="solid", capstyle="square", joinstyle="bevel")  # fmt: skip


def _labels(text: str, into: Element) -> None:
    if not text:
        return
    labeling = element(into, "labeling", type="simple")
    settings = element(labeling, "settings", calloutType="simple")
    style = element(settings, "text-style", fieldName=text, isExpression=1, fontFamily=FONT,
                    fontSize="7", fontSizeUnit="Point", textColor=colour(_INK), textOpacity=1,
                    multilineHeight="0.9", namedStyle="Regular", fontWeight=50)  # fmt: skip
    families(style)
    element(style, "text-buffer", bufferDraw=1, bufferSize="0.9", bufferSizeUnits="MM",
            bufferColor=colour("#ffffff"), bufferOpacity="1", bufferJoinStyle=128)  # fmt: skip
    element(settings, "text-format", multilineAlign=1, wrapChar="", decimals=0, formatNumbers=0)
    element(settings, "placement", placement=1, centroidInside=1, centroidWhole=0, fitInPolygonOnly=0,
            quadOffset=4, priority=5, placementFlags=10)  # fmt: skip
    element(settings, "rendering", drawLabels=1, obstacle=0, displayAll=0, scaleVisibility=0,
            limitNumLabels=0, upsidedownLabels=0, fontLimitPixelSize=0)  # fmt: skip


def style_text(style: Style) -> str:
    """Return a style as a document of QGIS (QML)."""
    fields = "|Fields" if style.aliases else ""
    root = element(None, "qgis", version=VERSION, styleCategories=f"Symbology|Labeling{fields}",
                   labelsEnabled=int(bool(style.text)))  # fmt: skip
    styled(style, root)
    element(root, "layerGeometryType", "2")
    ElementTree.indent(root, " ")
    return HEAD + ElementTree.tostring(root, encoding="unicode") + "\n"


# ---- table of styles ----------------------------------------------------------------------------

_TABLE = """
CREATE TABLE layer_styles (
 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
 f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(256), styleQML TEXT,
 styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(256), ui TEXT(256),
 update_time DATETIME)
"""


def write_styles(path: Path, styles: Mapping[str, Sequence[Style]]) -> None:
    """Write the styles of layers into their GeoPackage (table `layer_styles`).

    Parameters
    ----------
    path : Path
        A GeoPackage, written whole.
    styles : mapping of str to sequence of Style
        By layer, each under its title; the first is the one that the layer opens in.

    References
    ----------
    OGC 12-128r17, GeoPackage Encoding Standard 1.3.0, clause 2.4 (attributes).
    """
    rows = [
        ("", "", layer, GEOMETRY, clean(one.title), style_text(one), "", position == 0,
         clean(one.abstract), "", "",
         _MOMENT)
        for layer, listed in styles.items()
        for position, one in enumerate(listed)
    ]  # fmt: skip
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.execute(_TABLE)
            marks = ", ".join("?" * 12)
            connection.executemany(f"INSERT INTO layer_styles VALUES (NULL, {marks})", rows)
            connection.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
                "last_change, srs_id) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
                (_MOMENT,),
            )
    finally:
        connection.close()
