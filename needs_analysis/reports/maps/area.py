"""The choropleth map that opens from an e-mail: one HTML file, no network request.

:func:`area_map` returns a :class:`folium.Map`; ``m.save(path)`` writes Leaflet, geometry, figures
and words into one page under a content-security policy that lets nothing else in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from needs_analysis import parameters
from needs_analysis.errors import Refused
from needs_analysis.figures import Figures, Quality, as_figures
from needs_analysis.indicators.declaration import ranks, registry, wanted_column, worded
from needs_analysis.indicators.marks import SMALL, small
from needs_analysis.provenance import Source
from needs_analysis.reports.language import own_unit
from needs_analysis.reports.maps.content import (
    GROUP,
    Content,
    Entry,
    code_of,
    counted,
    detail,
    indicator,
    page_words,
    script_data,
)
from needs_analysis.reports.maps.geometry import encode_geometry, pack, tolerance_of
from needs_analysis.reports.maps.page import AreaMap, drawn, words
from needs_analysis.reports.maps.setting import Setting
from needs_analysis.reports.maps.theme import COMPOSITES, NEED, SCORE, Theme, read_theme
from needs_analysis.reports.problems import problem
from needs_analysis.store import cited
from needs_analysis.words import ITALIAN, N_, Voice

GROUP_LABELS = {
    "1": N_("tra le città"),
    "2": N_("tra le piccole città e i sobborghi"),
    "3": N_("tra le zone rurali"),
}


def area_map(
    indicators: Figures | pd.DataFrame,
    column: str = "",
    *,
    label: str = "",
    area: gpd.GeoDataFrame | None = None,
    theme: str = "distress",
    voice: Voice = ITALIAN,
    area_name: str = "",
    focus: str = "",
    national: Figures | pd.DataFrame | None = None,
    entries: Sequence[Entry] = (),
    sources: Iterable[Source] | None = None,
    warning: str = "",
    notices: Sequence[str] = (),
    marks: pd.Series | None = None,
    overrides: Mapping[str, float] | None = None,
    setting: Setting | None = None,
) -> AreaMap:
    """Draw indicators by municipality as a map that is one file and never asks the network.

    Parameters
    ----------
    indicators : Figures or DataFrame
        Indicators by ``municipality_code``; municipalities of the area without a row are missing,
        rows outside the area are left out.
    column : str
        The only one to draw, of one's own or an indicator by its name or code ("A1"); else all that the
        theme has.
    label : str
        What that is called; the indicator's label, or the column's name, when omitted.
    area : GeoDataFrame, optional
        The territory (`territory.select`; the municipalities of the figures when omitted): index
        ``municipality_code``, columns ``municipality_name`` and ``province_name``, a valid coverage
        in EPSG:32632; ``is_capital`` and ``resident_population`` choose the names on the map.
    theme : str
        A file of ``maps/`` by name, or the path of one's own TOML.
    voice : Voice
        In which language.
    area_name : str
        Printed under the title; ``area.attrs["name"]`` or the province when omitted.
    focus : str
        The code of a municipality whose figures are shown when the map opens.
    national : Figures or DataFrame, optional
        The same indicators for every municipality of Italy: ranks are counted there, and inside the
        degree of urbanisation where that column is present. No ranks without it.
    entries : sequence of Entry
        Labels of columns that no indicator declares (composite indices); each is drawn, those that
        the theme does not name after those that it names.
    sources : iterable of Source, optional
        Citations of the source ids that the figures carry; those of the shipped figures
        (`store.cited`) when omitted.
    warning : str
        Printed above the map: who may not have it.
    notices : sequence of str
        Printed there too: which edition stands where.
    marks : Series of str, optional
        By municipality, why its figures are not those of its residents
        (:func:`needs_analysis.indicators.marks.mark_words`); such a one is said so beside its figures
        and stands after the others in the table. Missing where there is no mark.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.
    setting : Setting, optional
        National classes and means, neighbours, ambiti, the page beside.

    Returns
    -------
    AreaMap
        A :class:`folium.Map`; ``save(path)`` writes it.

    Raises
    ------
    Refused
        No indicator of the theme, or no such column, is among the columns, an entry has no column, the
        theme is wrong, or the area is empty or not in metres.
    """
    if area is None:
        from needs_analysis.territory import select

        area = select([str(code) for code in as_figures(indicators).data.index])
    figures = as_figures(indicators)
    if column:
        figures, own = _alone(figures, column, label, voice)
        entries = [*entries, *own]
    declared = dict(registry()) | {one.name: one for one in entries}
    chosen = read_theme(theme, [*declared, *COMPOSITES])
    if chosen.unit != "municipality":
        raise Refused(problem("theme_of_zones", theme=theme))
    if column:
        (column,) = figures.data.columns
        chosen = replace(chosen, indicators=(column,), default=column)
    if absent := [one.name for one in entries if one.name not in figures.data.columns]:
        raise Refused(problem("entry_without_column", names=absent))
    # In a theme's place for an index stands the one that a study declares; so with the counts of need.
    placed = {
        SCORE: [one.name for one in entries if one.name.endswith("_score")],
        NEED: [one.name for one in entries if one.sized],
    }
    listed = [n for name in chosen.indicators for n in placed.get(name, [name])]
    listed += [one.name for one in entries]
    offered = [n for n in dict.fromkeys(listed) if n in figures.data.columns and n in declared]
    if not offered:
        raise Refused(problem("no_indicator", theme=theme))
    if area.empty or area.crs is None or not area.crs.is_projected:
        raise Refused(problem("no_municipalities"))
    content = _content(
        figures.columns(offered), national, area.index, chosen, voice, sources, setting
    )
    payload = _payload(content, [declared[name] for name in offered], area)
    payload["focus"] = int(area.index.get_loc(focus)) if focus else -1
    own_marks = (pd.Series(dtype=object) if marks is None else marks).reindex(area.index)
    few = pd.Series(None, index=area.index, dtype=object)
    if "households" in area:
        few = small(area["households"], voice, overrides, area.attrs.get("codes_on"))
    payload["unlisted"] = np.flatnonzero(own_marks.notna() | few.notna()).tolist()
    heads = (words(voice)["marks"], worded(SMALL, voice, parameters.values(overrides)))
    payload["details"] = [
        detail(head, said, in_tip=True)
        for head, said in zip(heads, (own_marks, few), strict=True)
        if said.notna().any()
    ]
    body = _body(content, area, area_name, (warning, *notices))
    return drawn(body, payload, voice)


def _alone(
    figures: Figures, column: str, label: str, voice: Voice
) -> tuple[Figures, tuple[Entry, ...]]:
    """Return one column alone, and what the map has to know of it where no indicator says it."""
    name, alone = wanted_column(figures, column)
    declared = registry().get(name)
    if declared and not label:
        return alone, ()
    if declared:
        return alone, (Entry(name, label, "", declared.component, declared.polarity),)
    own, unit = voice.say("dati propri"), own_unit(name, alone.data[name])
    return alone, (Entry(name, label or name, "", own, 0, printed_as=unit),)


def of_theme(theme: str, entries: Sequence[Entry], columns: Iterable[str]) -> list[Entry]:
    """Return the entries of columns that are there and that a theme has a place for.

    Examples
    --------
    >>> known = [Entry("low_income_share", "Redditi bassi"), Entry("my_column", "Il mio")]
    >>> [one.name for one in of_theme("distress", known, ["low_income_share", "my_column"])]
    ['low_income_share']
    """
    known = [*registry(), *(one.name for one in entries), *COMPOSITES]
    named, there = read_theme(theme, known).indicators, set(columns)
    return [
        one for one in entries
        if one.name in there
        and (
            one.name in named
            or (one.name.endswith("_score") and SCORE in named)
            or (one.sized and NEED in named)
        )
    ]  # fmt: skip


def _content(
    figures: Figures,
    national: Figures | pd.DataFrame | None,
    units: pd.Index,
    chosen: Theme,
    voice: Voice,
    sources: Iterable[Source] | None,
    setting: Setting | None,
) -> Content:
    rank = group_rank = pd.DataFrame()
    groups = pd.Series(dtype=object)
    if national is not None:
        national = as_figures(national)
        rank = ranks(national)
        groups = _groups(national)
        group_rank = ranks(national, groups)
    return Content(
        figures=_on(figures, units),
        national=national,
        rank=rank,
        group_rank=group_rank,
        groups=groups,
        chosen=chosen,
        voice=voice,
        sources=cited() if sources is None else {one.id: one for one in sources},
        setting=setting or Setting(),
    )


def _groups(national: Figures) -> pd.Series:
    if GROUP not in national.data:
        return pd.Series(np.nan, index=national.data.index, dtype=object)
    return national.data[GROUP].map(code_of, na_action="ignore").astype(object)


def _on(figures: Figures, units: pd.Index) -> Figures:
    """Put figures on the area's municipalities; those without a row are missing."""
    absent = {
        "data": np.nan,
        "quality": np.int8(Quality.MISSING),
        "vintage": "",
        "low": np.nan,
        "high": np.nan,
    }
    parts = {
        name: getattr(figures, name).reindex(units, fill_value=value)
        for name, value in absent.items()
    }
    return Figures(**parts, sources=figures.sources)


def _payload(content: Content, entries: Sequence[Any], area: gpd.GeoDataFrame) -> dict[str, Any]:
    voice = content.voice
    names = area["municipality_name"].astype(str).tolist()
    provinces, province = np.unique(area["province_name"].astype(str), return_inverse=True)
    codes = sorted(content.groups.dropna().unique())
    members = content.groups.reindex(area.index).map({code: i for i, code in enumerate(codes)})
    groups = [np.flatnonzero(province == i) for i in range(len(provinces))]
    width = float(np.ptp(area.total_bounds[[0, 2]]))
    first = [one.name for one in entries]
    own: dict[str, Any] = {
        # Which names stand on the map first, where the area says so.
        "capitals": np.flatnonzero(area.get("is_capital", pd.Series(dtype=bool))).tolist(),
        "groups": {
            "members": pack(members.to_numpy(float)),
            "labels": [voice.say(GROUP_LABELS.get(code, code)) for code in codes],
        },
        # Borders between municipalities are drawn from where a municipality is some pixels wide.
        "border_zoom": 7.5 if width > 250_000 else 0,
        "first": first.index(content.chosen.default) if content.chosen.default in first else 0,
        "indicators": [indicator(content, entry) for entry in entries],
        "geometry": encode_geometry(area.geometry, groups if len(groups) > 1 else ()),
        "profile": len(entries) > 1,
    }
    if "resident_population" in area:
        own["people"] = pack(np.round(area["resident_population"].to_numpy(float), -3))
    own |= _placed(content.setting, area)
    return script_data(content, words(voice), names, (provinces.tolist(), province), **own)


def _placed(setting: Setting, area: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the codes of the municipalities, their ambiti where several are known, the neighbours."""
    placed: dict[str, Any] = {"whole_country": setting.whole}
    if area.index.astype(str).str.fullmatch(r"[0-9]{6}").all():
        placed["codes"] = pack(area.index.astype(int).to_numpy(float))
    known = setting.ambiti.reindex(area.index)
    if known.nunique() + known.isna().any() > 1 and known.notna().any():
        number, labels = pd.factorize(known, sort=True)
        members = pack(np.where(number < 0, np.nan, number))
        placed["ambiti"] = {"labels": list(labels), "members": members}
    if setting.around is not None:
        # As coarse as the area itself: coarser, its edge would gape where the two meet.
        placed["context"] = encode_geometry(setting.around, tolerance=tolerance_of(area.geometry))
    return placed


def _body(
    content: Content, area: gpd.GeoDataFrame, area_name: str, notices: Iterable[str]
) -> dict[str, Any]:
    text = words(content.voice)
    count = counted(text, len(area), content.voice)
    provinces = area["province_name"].unique()
    listed = area.attrs.get("level") == "elenco"  # whose name is how many there are
    name = area_name or ("" if listed else str(area.attrs.get("name", "")))
    if not name and len(provinces) == 1:
        name = str(provinces[0])
    used = dict.fromkeys(one for ids in content.figures.sources.values() for one in ids)
    known = content.sources  # who gave a table of one's own is named as it was said
    cited = dict.fromkeys(known[one].attribution if one in known else one for one in used)
    about = f"{name}, {count}" if name else count
    page = content.setting.page
    return page_words(content, text, about, sources=cited, notices=notices, page=page)
