"""A study for a GIS: the styles of its GeoPackage, its QGIS project, its PostGIS tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

import needs_analysis
from needs_analysis.reports import described
from needs_analysis.reports.chapters import services
from needs_analysis.reports.described import MUNICIPALITIES, SERVICES, TITLES
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import MISSING_TEXT, unit_beside
from needs_analysis.reports.maps.content import code_of
from needs_analysis.reports.maps.theme import COMPOSITES, read_theme
from needs_analysis.reports.model import Identity, plain
from needs_analysis.reports.render.postgis import Described
from needs_analysis.reports.render.qgis import Rule, Style, literal, quoted, steps_between
from needs_analysis.reports.render.qgis_layout import Printed
from needs_analysis.reports.render.qgis_project import Project

DATA, PROJECT = "data.gpkg", "project.qgz"
THEME = "distress"
"""The theme of the map whose classes these are."""
NOBODY = Identity()
_EMPTY = "#d5dae0"  # of an area without classes


def styles(
    found: Findings, drawn: Mapping[str, Any], layers: Mapping[str, pd.DataFrame]
) -> list[Style]:
    """Return a style for each indicator of the map that the layer of municipalities has.

    Classes, colours and words are the map's; the one that opens the map is first.

    Parameters
    ----------
    found : Findings
        The area.
    drawn : mapping
        What the map draws (`AreaMap.payload`).
    layers : mapping of str to DataFrame
        As `open_data.layers` returns them.
    """
    said = described.labels(found, layers[MUNICIPALITIES])
    listed = drawn["indicators"]
    opening = listed[drawn["first"]]["name"]
    held = [one for one in listed if one["name"] in layers[MUNICIPALITIES]]
    held.sort(key=lambda one: one["name"] != opening)
    # What columns are called stays when another style is chosen: the first says it.
    return [_style(found, one, {} if i else said) for i, one in enumerate(held)]


def opened(drawn: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the classes that the map opens in: all Italy's where it has them, else the area's."""
    found: Mapping[str, Any] = drawn.get("italy") or drawn
    return found


def _classing(found: Findings, drawn: Mapping[str, Any]) -> str:
    """Say of whom the classes are, and Italy's own value."""
    voice, shown = found.voice, described.shown(found, drawn["name"])
    if shown is None or "codes" in drawn or not opened(drawn)["classes"]:
        return ""
    said = [
        voice.say("Classi di tutti i comuni d'Italia: la legenda ha quelle che qui si trovano.")
        if "italy" in drawn
        else voice.say("Classi dei comuni mostrati.")
    ]
    if "mean" in drawn:
        one = shown.display
        value = voice.number(drawn["mean"] / 10**one.decimals, one.decimals)
        printed = " ".join(filter(None, [value, one.unit and voice.say(one.unit)]))
        said.append(voice.say("Italia: {value}.", value=printed))
    return " ".join(said)


def _style(found: Findings, drawn: Mapping[str, Any], aliases: Mapping[str, str]) -> Style:
    voice, name = found.voice, drawn["name"]
    source, date = described.publishers(found, name), described.dated(found, name)
    shown = described.shown(found, name)
    unit = unit_beside(drawn["label"], shown.display if shown else None, voice)
    parts = [
        drawn["definition"],
        voice.say("Fonte: {source}.", source=source),
        voice.say("Dati: {date}.", date=date),
        voice.say("Qualità: {quality}.", quality=described.qualities(found, name)),
        _classing(found, drawn),
    ]
    missing = Rule(f"{quoted(name)} IS NULL", voice.say(MISSING_TEXT))
    return Style(
        column=name, title=", ".join(filter(None, [drawn["label"], unit])),
        rules=(*_rules(found, drawn), missing),
        text=_written(found, drawn), abstract="\n".join(filter(None, parts)), source=source, dated=date,
        group=drawn["component"], aliases=aliases,
    )  # fmt: skip


def _rules(found: Findings, drawn: Mapping[str, Any]) -> list[Rule]:
    """Return the classes of the map as rules: of codes one each, of numbers in printed steps."""
    name, classes = drawn["name"], opened(drawn)["classes"]
    if "codes" in drawn:
        there = found.indicators.data.loc[found.shown.index, name].dropna().map(code_of)
        codes = sorted(there.unique())
        return [
            Rule(f"{quoted(name)} = {literal(code)}", one["label"], one["colour"])
            for code, one in zip(codes, classes, strict=True)
        ]
    shown = described.shown(found, name)
    assert shown is not None
    factors = (shown.display.scale, 10**shown.display.decimals)
    bounds = [one["from"] for one in classes]
    unit = f" {drawn['unit']}" if drawn["unit"] else ""
    return [
        Rule(steps_between(name, factors, low, above), f"{one['label']}{unit}", one["colour"])
        for one, low, above in zip(classes, bounds, [*bounds, None][1:], strict=True)
    ]


def _written(found: Findings, drawn: Mapping[str, Any]) -> str:
    """Return the expression of what is written on a municipality: its name and its value."""
    label = quoted("municipality_name")
    if "codes" in drawn:
        return label
    shown = described.shown(found, drawn["name"])
    assert shown is not None
    value = f"{quoted(drawn['name'])} * {shown.display.scale:g}"
    number = f"format_number({value}, {shown.display.decimals}, {literal(found.voice.language)})"
    missing = literal(found.voice.say(MISSING_TEXT))
    return f"{label} || '\\n' || coalesce({number}, {missing})"


# ---- project ------------------------------------------------------------------------------------


def project(
    found: Findings,
    made: Sequence[Style],
    layers: Mapping[str, pd.DataFrame],
    who: Identity = NOBODY,
) -> Project:
    """Return the project of a study: a layer for each style, the tables, sheets to print.

    Parameters
    ----------
    found : Findings
        The area.
    made : sequence of Style
        As :func:`styles` returns them.
    layers : mapping of str to DataFrame
        As `open_data.layers` returns them.
    who : Identity
        Who made it, and when.
    """
    voice = found.voice
    theme = read_theme(THEME, [*found.declared, *COMPOSITES])
    area: Any = layers[MUNICIPALITIES]
    west, south, east, north = area.total_bounds
    by = voice.say("Elaborazione needs-analysis {version}", version=needs_analysis.__version__)
    printed = Printed(
        title=found.label + found.of_day,
        legend=voice.say("Legenda"),
        warning=services.warning(found),
        note=" ".join([theme.note(voice), *map(plain, found.editions)]),
        made=". ".join(
            filter(None, [who.author, by, who.date, voice.say("Confini: ISTAT. EPSG:32632.")])
        ),
        author=who.author,
    )
    offer = {
        SERVICES: Style(
            "ambito_name", voice.say(TITLES[SERVICES]),
            rules=(Rule("", voice.say("Ambiti con servizi nel registro"), _EMPTY),),
            text=quoted("ambito_name"), group=voice.say("Servizi"),
        )
    }  # fmt: skip
    return Project(
        printed=printed, data=DATA, layer=MUNICIPALITIES, styles=made,
        others={name: one for name, one in offer.items() if name in layers},
        tables={name: voice.say(TITLES[name]) for name in layers
                if name not in (MUNICIPALITIES, SERVICES)},
        tables_group=voice.say("Tabelle"), extent=(float(west), float(south), float(east), float(north)),
    )  # fmt: skip


# ---- database -----------------------------------------------------------------------------------


def tables_said(found: Findings, layers: Mapping[str, pd.DataFrame]) -> dict[str, Described]:
    """Return the comments and the key of each table of a database."""
    voice = found.voice
    said = described.columns(found, layers)
    by = voice.say("Elaborazione needs-analysis {version}", version=needs_analysis.__version__)
    warning = services.warning(found)
    return {
        name: Described(
            ". ".join(
                filter(None, [voice.say(TITLES[name]), found.label + found.of_day, by, warning])
            ),
            described.KEYS[name],
            columns,
        )
        for name, columns in said.items()
    }
