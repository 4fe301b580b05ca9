"""The map of where to open dwellings: need, sites, who is served by which, in one offline page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators.declaration import registry
from needs_analysis.needs.intervals import banded
from needs_analysis.reports.chapters.services_siting import need_label, notes, titled, unit_names
from needs_analysis.reports.language import area_label
from needs_analysis.reports.maps.content import (
    Category,
    Content,
    Entry,
    counted,
    detail,
    indicator,
    page_words,
    script_data,
)
from needs_analysis.reports.maps.geometry import encode_geometry
from needs_analysis.reports.maps.page import AreaMap, drawn, words
from needs_analysis.reports.maps.theme import COMPOSITES, Theme, read_theme
from needs_analysis.store import cited
from needs_analysis.told import Siting
from needs_analysis.words import ITALIAN, Voice

DISTANCE, BEFORE, COVERED = "distance", "distance_before", "covered_code"
# Told apart in grey by their width too.
_MARKS = (("existing", "#1c2430", 3.0), ("new", "#d1410c", 4.5))
_COVERED_COLOURS = {"yes": "#3fa9c4", "no": "#fbf7c9"}


def siting_map(said: Siting, voice: Voice = ITALIAN) -> AreaMap:
    """Draw a choice of sites as a map that is one file and never asks the network.

    Units are shaded by need; those with a site are outlined, and dashed lines part those that
    different sites serve. Protected dwellings are told by the outline of their ambito alone.

    Parameters
    ----------
    said : Siting
        The choice, its units and their names.
    voice : Voice
        In which language.

    Returns
    -------
    AreaMap
        A :class:`folium.Map`; ``save(path)`` writes it.

    Raises
    ------
    ValueError
        A unit has no polygon.
    """
    layer = said.found.layer(said.area)
    text = words(voice, "siting", *(["ambito"] if said.protected else []))
    entries = _entries(said, voice, text)
    content = Content(
        figures=_figures(said, layer),
        chosen=_theme(said, [one.name for one in entries], voice),
        voice=voice,
        sources=cited(),
    )
    payload = _payload(said, layer, content, entries, text)
    return drawn(_body(said, content, text), payload, voice)


def _theme(said: Siting, names: list[str], voice: Voice) -> Theme:
    """Return the colours of the map of distress under this map's title."""
    base = read_theme("distress", [*registry(), *COMPOSITES])
    title = titled(said, voice.say("Dove aprire"), voice)
    return replace(
        base, titles={voice.language: title}, notes={}, default=names[0],
        indicators=tuple(names),
    )  # fmt: skip


def _figures(said: Siting, layer: pd.DataFrame) -> Figures:
    """Put the need, the distances and who is within reach beside each other."""
    frame = layer[[DISTANCE]].astype(float)
    if said.before:
        frame[BEFORE] = layer[BEFORE].astype(float)
    # A line between centres stands for a road.
    far = Figures.of(frame, quality=Quality.MODELLED)
    parts = [far]
    if said.found.method == "maximal_cover":
        codes = layer["covered"].astype(bool).map({True: "yes", False: "no"}).astype(object)
        parts.append(Figures.of(codes.rename(COVERED).to_frame(), quality=Quality.MODELLED))
    need, few = said.need.rows(layer.index), said.few[layer.index].to_numpy()[:, None]
    if few.any():  # told as bands, beside
        need = replace(
            need,
            data=need.data.mask(few),
            quality=need.quality.mask(few, int(Quality.MISSING)).astype("int8"),
        )
    return need.beside(*parts)


def _entries(said: Siting, voice: Voice, text: dict[str, str]) -> list[Entry]:
    """Say what each layer is; in one language, the page's."""
    unit = said.found.distance_unit
    need = need_label(said, voice)

    def entry(name: str, label: str, key: str, **more: Any) -> Entry:
        definition = text[f"{key}_definition"]
        return Entry(name, label, definition, "siting", 0, **more)

    made = [
        entry(said.need_name, need, "need"),
        entry(DISTANCE, f"{text['distance']} ({unit})", "distance", printed_as="ratio"),
    ]
    if said.before:
        label = f"{text['distance_before']} ({unit})"
        made.append(entry(BEFORE, label, "distance_before", printed_as="ratio"))
    if said.found.method == "maximal_cover":
        reach = f"{voice.number(said.found.reach, 1)} {unit}"
        kinds = tuple(
            Category(code, text[f"covered_{code}"].replace("{reach}", reach), colour)
            for code, colour in _COVERED_COLOURS.items()
        )
        made.append(entry(COVERED, text["covered"], "covered", categories=kinds))
    return made


def _payload(
    said: Siting, layer: Any, content: Content, entries: list[Entry], text: dict[str, str]
) -> dict[str, Any]:
    served, serving = _served(said, layer, text, content.voice)
    sites, site = np.unique(layer["site"].astype(str), return_inverse=True)
    groups = [np.flatnonzero(site == i) for i in range(len(sites))]
    marks = [
        {"label": text[role], "colour": colour, "weight": weight, "units": units}
        for role, colour, weight in _MARKS
        if (units := _positions(layer["role"], role))
    ]
    names = unit_names(said.area, content.voice)[layer.index].astype(str).tolist()
    # What the page prints beside a name: here, who serves it.
    return script_data(
        content, text, names, (serving, served), details=_details(said, layer, content.voice, text),
        capitals=_positions(layer["role"], "existing") + _positions(layer["role"], "new"),
        focus=-1, indicators=[indicator(content, entry) for entry in entries],
        geometry=encode_geometry(layer.geometry, groups, between=True), marks=marks,
        catchment=text["catchment"] if len(groups) > 1 else "",
    )  # fmt: skip


def _positions(roles: pd.Series, role: str) -> list[int]:
    found: list[int] = np.flatnonzero(roles.astype(object) == role).tolist()
    return found


def _served(
    said: Siting, layer: Any, text: dict[str, str], voice: Voice
) -> tuple[np.ndarray, list[str]]:
    """Return who serves each unit, in words, as numbers of a list."""
    roles, names = said.found.sites["role"], unit_names(said.area, voice)
    words_of = {
        code: text["served_new" if roles[code] == "new" else "served"].replace(
            "{site}", names[code]
        )
        for code in roles.index
    }
    own = layer["role"].map({role: text[role] for role in ("existing", "new")})
    line = own.astype(object).where(own.notna(), layer["site"].map(words_of))
    codes, distinct = pd.factorize(line, sort=True)
    return codes.astype(float), list(distinct)


def _details(said: Siting, layer: Any, voice: Voice, text: dict[str, str]) -> list[dict[str, Any]]:
    """Return what else is said of a unit: how far its site is, and which it was before."""
    unit = said.found.distance_unit
    far = layer[DISTANCE].map(lambda one: f"{voice.number(one, 1)} {unit}")
    made = [detail(text["distance"], far, in_tip=True)]
    few = said.few[layer.index]
    if few.any():
        counts = said.need.data[said.need_name][layer.index]
        bands = counts.map(lambda one: banded(one, voice, said.least_told)).where(few)
        made.append(detail(voice.say("Bisogno, se piccolo"), bands, in_tip=True))
    if said.before:
        names = layer["site_before"].map(unit_names(said.area, voice))
        before = layer[BEFORE].map(lambda one: f"{voice.number(one, 1)} {unit}")
        made.append(detail(text["before"], names + ", " + before, in_tip=False))
    return made


def _body(said: Siting, content: Content, text: dict[str, str]) -> dict[str, Any]:
    voice = content.voice
    about = f"{area_label(said.level, said.name, voice)}, {counted(text, len(said.area), voice)}"
    result, *rest = notes(said, voice)
    lines = (cited()[one].attribution for one in said.ids)
    return page_words(
        content, text, about, sources=lines, subtitle=f"{about}. {result}", note=" ".join(rest)
    )
