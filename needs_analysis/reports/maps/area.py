"""The choropleth map that opens from an e-mail: one HTML file, no network request.

:func:`area_map` returns a :class:`folium.Map`; ``m.save(path)`` writes Leaflet, geometry, figures
and words into one page under a content-security policy that lets nothing else in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from markupsafe import escape

from needs_analysis import parameters
from needs_analysis.errors import Refused
from needs_analysis.figures import Figures, Quality, as_figures
from needs_analysis.indicators.declaration import ranks, registry, unit_of, worded
from needs_analysis.indicators.marks import SMALL, small
from needs_analysis.provenance import Source
from needs_analysis.reports.language import (
    COMPONENT_LABELS,
    QUALITY_LABELS,
    URBANISATION_LABELS,
    display,
)
from needs_analysis.reports.maps.geometry import ALPHABET, encode_geometry, pack
from needs_analysis.reports.maps.page import AreaMap, drawn, words
from needs_analysis.reports.maps.theme import Theme, colours, numeric_classes, read_theme
from needs_analysis.reports.problems import problem
from needs_analysis.store import cited
from needs_analysis.words import ITALIAN, N_, Voice

GROUP = "degree_of_urbanisation_code"
# What no indicator file declares (index, groups, types, services); callers describe them with an Entry.
CLUSTER, TYPE = "housing_distress_cluster_code", "municipal_type_code"
READY = "ready_places_ambito_code"
COMPOSITES = ("housing_distress_score", CLUSTER, TYPE, READY)
GROUP_LABELS = {
    "1": N_("tra le città"),
    "2": N_("tra le piccole città e i sobborghi"),
    "3": N_("tra le zone rurali"),
}


@dataclass(frozen=True)
class Category:
    """A value of a column of codes: its words and its colour ("#rrggbb")."""

    code: str
    label: str
    colour: str


@dataclass(frozen=True)
class Entry:
    """What the map has to know of a column that is not a declared indicator (a composite index).

    Parameters
    ----------
    name, label : str
        The column and its label, in the map's language.
    definition : str
        One sentence under the choice of the indicator.
    component : str
        The group in which it is offered.
    polarity : int
        +1 where a high value is worse, -1 where a low one is, 0 for context.
    categories : tuple of Category
        The values of a column of codes in the order of the legend; those that occur when empty.
    printed_as : str
        A unit of `language.display`, where it is not the one in the name.
    """

    name: str
    label: str
    definition: str = ""
    component: str = "composite"
    polarity: int = 1
    categories: tuple[Category, ...] = ()
    printed_as: str = ""

    @property
    def unit(self) -> str:
        """Return how it is printed, or the unit that stands in the name."""
        return self.printed_as or unit_of(self.name)


# ---- one indicator ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Content:
    """What one map is made of, checked and aligned to the units that it draws."""

    figures: Figures
    national: Figures | None
    rank: pd.DataFrame
    group_rank: pd.DataFrame
    groups: pd.Series
    chosen: Theme
    voice: Voice
    sources: Mapping[str, Source]


def indicator(content: Content, entry: Any) -> dict[str, Any]:
    """Return one indicator of a map as ``assets/map.js`` reads it; `entry` says what it is."""
    figures, voice, name = content.figures, content.voice, entry.name
    shown = display(name, entry.unit)
    vintages, vintage = np.unique(figures.vintage[name].astype(str), return_inverse=True)
    said: dict[str, Any] = {
        "name": name,
        "component": _component(entry.component, voice),
        "label": entry.label,
        "definition": entry.definition,
        "unit": voice.say(shown.unit),
        "decimals": shown.decimals,
        "polarity": entry.polarity,
        "vintages": vintages.tolist(),
        "sources": "; ".join(
            dict.fromkeys(_publisher(content, one) for one in figures.sources.get(name, ()))
        ),
    }
    columns = {
        "quality": pack(figures.quality[name].to_numpy()),
        "vintage": pack(vintage.astype(float)),
    }
    if pd.api.types.is_numeric_dtype(figures.data[name]) and entry.unit != "code":
        steps = _steps(figures.data[name], shown)
        said |= numeric_classes(steps, entry, content.chosen, voice)
        columns["value"] = pack(steps)
        if figures.low[name].notna().any():
            columns["low"] = pack(_steps(figures.low[name], shown))
            columns["high"] = pack(_steps(figures.high[name], shown))
            if name in registry():  # those of a declared indicator cover blank classes, no more
                known = words(voice)
                said["interval"] = known["blank_classes"]
                said["interval_text"] = known["blank_classes_text"]
        said |= _ranks(content, name, columns)
    else:
        columns["value"] = pack(_code_classes(content, entry, said))
    return said | {"columns": columns}


def _component(component: str, voice: Voice) -> str:
    labels = COMPONENT_LABELS.get(component)
    return voice.say(labels) if labels else words(voice).get(component, component)


def _steps(values: pd.Series, shown: Any) -> np.ndarray[Any, Any]:
    """Values in steps of the last printed digit: 0.2089 as a per cent with one decimal is 209.

    Nothing finer is shipped, so colour, legend, tooltip and table cannot disagree.
    """
    return np.asarray(np.rint(values.to_numpy(float) * shown.scale * 10**shown.decimals))


def _publisher(content: Content, key: str) -> str:
    source = content.sources.get(key)
    return source.publisher if source else key


def _ranks(content: Content, name: str, columns: dict[str, Any]) -> dict[str, Any]:
    if name not in content.rank or content.national is None:
        return {}
    units = content.figures.data.index
    rank, group_rank = content.rank[name], content.group_rank[name]
    if rank.reindex(units).isna().all():
        return {}
    columns["rank"] = pack(rank.reindex(units).to_numpy(float))
    columns["group_rank"] = pack(group_rank.reindex(units).to_numpy(float))
    ranked = group_rank.notna().groupby(content.groups).sum()
    codes = sorted(content.groups.dropna().unique())
    return {
        "rank_of": int(rank.notna().sum()),
        "group_rank_of": [int(ranked.get(code, 0)) for code in codes],
    }


def _code_classes(content: Content, entry: Any, said: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Give each code of a text column its own class and number them from 0, missing as NaN."""
    column = content.figures.data[entry.name]
    codes = column.dropna().map(_code)
    told = getattr(entry, "categories", ()) or _occurring(content, entry.name, codes)
    said["classing"] = ""
    said["codes"] = {str(i): one.label for i, one in enumerate(told)}
    said["classes"] = [
        {"from": i, "colour": one.colour, "label": one.label} for i, one in enumerate(told)
    ]
    number_of = {one.code: float(i) for i, one in enumerate(told)}
    return np.asarray(codes.map(number_of).reindex(column.index), dtype=float)


def _occurring(content: Content, name: str, codes: pd.Series) -> list[Category]:
    """Make a category of each code that occurs, in the theme's colours."""
    distinct = sorted(codes.unique())
    shades = colours(content.chosen.palette, len(distinct), -1) if distinct else []
    words = URBANISATION_LABELS if name == GROUP else {}
    return [
        Category(code, content.voice.say(words.get(code, code)), shade)
        for code, shade in zip(distinct, shades, strict=True)
    ]


def _code(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def detail(
    label: str, values: pd.Series, *, sought: bool = False, in_tip: bool = False
) -> dict[str, Any]:
    """Return what else is said of each unit under a label, as ``assets/map.js`` reads it.

    Parameters
    ----------
    label : str
        What it is.
    values : Series of str
        By unit; what is missing is not said.
    sought : bool
        Whether the search finds units by it.
    in_tip : bool
        Whether the tooltip says it too.
    """
    codes, distinct = pd.factorize(values)
    packed = pack(np.where(codes < 0, np.nan, codes))
    said = {"label": label, "values": list(distinct), "column": packed}
    return said | {"sought": sought, "in_tip": in_tip}


# ---- the page -----------------------------------------------------------------------------------


def area_map(
    indicators: Figures | pd.DataFrame,
    *,
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
) -> AreaMap:
    """Draw indicators by municipality as a map that is one file and never asks the network.

    Parameters
    ----------
    indicators : Figures or DataFrame
        Indicators by ``municipality_code``; municipalities of the area without a row are missing,
        rows outside the area are left out.
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

    Returns
    -------
    AreaMap
        A :class:`folium.Map`; ``save(path)`` writes it.

    Raises
    ------
    Refused
        No indicator of the theme is among the columns, an entry has no column, the theme is wrong,
        or the area is empty or not in metres.
    """
    if area is None:
        from needs_analysis.territory import select

        area = select([str(code) for code in as_figures(indicators).data.index])
    declared = dict(registry()) | {one.name: one for one in entries}
    chosen = read_theme(theme, [*declared, *COMPOSITES])
    if chosen.unit != "municipality":
        raise Refused(problem("theme_of_zones", theme=theme))
    figures = as_figures(indicators)
    if absent := [one.name for one in entries if one.name not in figures.data.columns]:
        raise Refused(problem("entry_without_column", names=absent))
    # Where a theme has a place for the shipped index, a study's own stands in it.
    own = [one.name for one in entries if one.name.endswith("_score")]
    listed = [n for name in chosen.indicators for n in (own if name == COMPOSITES[0] else [name])]
    listed += [one.name for one in entries]
    offered = [n for n in dict.fromkeys(listed) if n in figures.data.columns and n in declared]
    if not offered:
        raise Refused(problem("no_indicator", theme=theme))
    if area.empty or area.crs is None or not area.crs.is_projected:
        raise Refused(problem("no_municipalities"))
    content = _content(figures.columns(offered), national, area.index, chosen, voice, sources)
    payload = _payload(content, [declared[name] for name in offered], area)
    payload["focus"] = int(area.index.get_loc(focus)) if focus else -1
    own_marks = (pd.Series(dtype=object) if marks is None else marks).reindex(area.index)
    few = pd.Series(None, index=area.index, dtype=object)
    if "households" in area:
        few = small(area["households"], voice, overrides)
    payload["unlisted"] = np.flatnonzero(own_marks.notna() | few.notna()).tolist()
    heads = (words(voice)["marks"], worded(SMALL, voice, parameters.values(overrides)))
    payload["details"] = [
        detail(head, said, in_tip=True)
        for head, said in zip(heads, (own_marks, few), strict=True)
        if said.notna().any()
    ]
    body = _body(content, area, area_name) | {
        "notices": [escape(one) for one in (warning, *notices) if one]
    }
    return drawn(body, payload, voice)


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
        and (one.name in named or (one.name.endswith("_score") and COMPOSITES[0] in named))
    ]  # fmt: skip


def _content(
    figures: Figures,
    national: Figures | pd.DataFrame | None,
    units: pd.Index,
    chosen: Theme,
    voice: Voice,
    sources: Iterable[Source] | None,
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
    )


def _groups(national: Figures) -> pd.Series:
    if GROUP not in national.data:
        return pd.Series(np.nan, index=national.data.index, dtype=object)
    return national.data[GROUP].map(_code, na_action="ignore").astype(object)


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
    return {
        "text": words(voice),
        "alphabet": ALPHABET,
        "qualities": [voice.say(QUALITY_LABELS[quality]) for quality in Quality],
        "names": names,
        "details": [],
        "provinces": provinces.tolist(),
        "province": pack(province.astype(float)),
        # Which names stand on the map first, where the area says so.
        "capitals": np.flatnonzero(area.get("is_capital", pd.Series(dtype=bool))).tolist(),
        "people": pack(np.round(area["resident_population"].to_numpy(float), -3))
        if "resident_population" in area
        else None,
        "ranked": content.national is not None,
        "groups": {
            "members": pack(members.to_numpy(float)),
            "labels": [voice.say(GROUP_LABELS.get(code, code)) for code in codes],
        },
        # Borders between municipalities are drawn from where a municipality is some pixels wide.
        "border_zoom": 7.5 if width > 250_000 else 0,
        "pad": 1.5,
        "first": first.index(content.chosen.default) if content.chosen.default in first else 0,
        "indicators": [indicator(content, entry) for entry in entries],
        "geometry": encode_geometry(area.geometry, groups if len(groups) > 1 else ()),
    }


def _body(content: Content, area: gpd.GeoDataFrame, area_name: str) -> dict[str, Any]:
    """Return the words of the page outside the script, escaped."""
    voice = content.voice
    pattern = words(voice)["one_municipality" if len(area) == 1 else "municipalities"]
    count = pattern.replace("{n}", voice.number(len(area)))
    provinces = area["province_name"].unique()
    name = area_name or str(area.attrs.get("name", ""))
    if not name and len(provinces) == 1:
        name = str(provinces[0])
    plain = f"{name}, {count}" if name else count
    used = dict.fromkeys(
        one for ids in content.figures.sources.values() for one in ids if one in content.sources
    )
    cited = dict.fromkeys(content.sources[one].attribution for one in used)
    return {
        "text": {key: escape(value) for key, value in words(voice).items()},
        "title": escape(content.chosen.title(voice)),
        "plain_title": f"{content.chosen.title(voice)} – {plain}",
        "subtitle": escape(plain),
        "notices": [],
        "note": escape(content.chosen.note(voice)),
        "sources": [escape(line) for line in cited],
    }
