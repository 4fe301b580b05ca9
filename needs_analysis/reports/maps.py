"""The choropleth map that opens from an e-mail: one HTML file, no network request.

:func:`area_map` returns a :class:`folium.Map`; ``m.save(path)`` writes Leaflet, geometry, figures
and words into one page under a content-security policy that lets nothing else in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from markupsafe import escape

from needs_analysis.errors import NeedsAnalysisError
from needs_analysis.figures import Figures, Quality, as_figures
from needs_analysis.indicators.declaration import ranks, registry, unit_of
from needs_analysis.provenance import Source
from needs_analysis.reports.language import (
    COMPONENT_LABELS,
    QUALITY_LABELS,
    URBANISATION_LABELS,
    display,
    number,
)
from needs_analysis.store import cited

Ints = np.ndarray[Any, np.dtype[np.int64]]

# Printable ASCII less what JSON or HTML would have to escape: 88 digits, an even number.
ALPHABET = "".join(chr(code) for code in range(35, 127) if chr(code) not in "&<\\")[:88]
# Simplification: the area's width over this; vertices then lie on a grid so many times finer.
PARTS_OF_WIDTH = 4000
GRID_PER_TOLERANCE = 5
GROUP = "degree_of_urbanisation_code"
# The composite indices, which no indicator file declares; callers describe them with an Entry.
COMPOSITES = ("housing_distress_score",)
GROUP_LABELS = {
    "it": {
        "1": "tra le città",
        "2": "tra le piccole città e i sobborghi",
        "3": "tra le zone rurali",
    },
    "en": {"1": "among cities", "2": "among towns and suburbs", "3": "among rural areas"},
}


@dataclass(frozen=True)
class Entry:
    """What the map has to know of a column that is not a declared indicator (a composite index).

    Parameters
    ----------
    name, label_it, label_en : str
        The column and its label.
    definition_it, definition_en : str
        One sentence under the choice of the indicator.
    component : str
        The group in which it is offered.
    polarity : int
        +1 where a high value is worse, -1 where a low one is, 0 for context.
    """

    name: str
    label_it: str
    label_en: str
    definition_it: str = ""
    definition_en: str = ""
    component: str = "composite"
    polarity: int = 1

    @property
    def unit(self) -> str:
        """Return the unit that stands in the name."""
        return unit_of(self.name)

    def label(self, lang: str) -> str:
        """Return the label in Italian ("it") or English ("en")."""
        return self.label_it if lang == "it" else self.label_en

    def definition(self, lang: str) -> str:
        """Return the definition in Italian ("it") or English ("en")."""
        return self.definition_it if lang == "it" else self.definition_en


@dataclass(frozen=True)
class Theme:
    """A map theme: which indicators, in which order, in which colours (``maps/*.toml``)."""

    title_it: str
    title_en: str
    note_it: str
    note_en: str
    default: str
    indicators: tuple[str, ...]
    classes: int
    palette: tuple[str, ...]

    def title(self, lang: str) -> str:
        """Return the title in Italian ("it") or English ("en")."""
        return self.title_it if lang == "it" else self.title_en

    def note(self, lang: str) -> str:
        """Return the caution in Italian ("it") or English ("en")."""
        return self.note_it if lang == "it" else self.note_en


def themes() -> list[str]:
    """Return the names of the themes that ship."""
    files = resources.files("needs_analysis.maps").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def read_theme(name: str, known: Iterable[str]) -> Theme:
    """Read a theme by name, or a user's own by its path ending in ``.toml``.

    Parameters
    ----------
    name : str
        "distress", or the path of a TOML file.
    known : iterable of str
        The indicators that exist; a theme may name no other.

    Raises
    ------
    NeedsAnalysisError
        The theme does not exist, or a field is unknown, absent or impossible; all problems of the
        file are named at once.
    """
    if name.endswith(".toml"):
        file = Path(name)
    elif name in themes():
        file = Path(str(resources.files("needs_analysis.maps") / f"{name}.toml"))
    else:
        raise NeedsAnalysisError(
            f"tema {name!r} sconosciuto. Temi disponibili: {', '.join(themes())}"
        )
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise NeedsAnalysisError(f"{file.name}: non si legge ({error})") from error
    problems = _theme_problems(read, set(known))
    if problems:
        raise NeedsAnalysisError(f"{file.name}: {'; '.join(problems)}")
    return Theme(
        **read | {"indicators": tuple(read["indicators"]), "palette": tuple(read["palette"])}
    )


def _theme_problems(read: Mapping[str, Any], known: set[str]) -> list[str]:
    expected = {one.name: one.type for one in fields(Theme)}
    types = {"str": str, "int": int, "tuple[str, ...]": list}
    problems = [f"campo sconosciuto {name!r}" for name in read if name not in expected]
    problems += [f"manca il campo {name!r}" for name in expected if name not in read]
    problems += [
        f"il campo {name!r} non è del tipo giusto"
        for name, kind in expected.items()
        if name in read and not isinstance(read[name], types[str(kind)])
    ]
    if problems:
        return problems
    problems += [
        f"indicatore sconosciuto {name!r}" for name in read["indicators"] if name not in known
    ]
    if read["default"] not in read["indicators"]:
        problems.append(f"'default' {read['default']!r} non è tra gli indicatori")
    if not 2 <= read["classes"] <= 7 or read["classes"] > len(read["palette"]):
        problems.append("'classes' va da 2 a 7 e non supera i colori di 'palette'")
    bad = [one for one in read["palette"] if not re.fullmatch(r"#[0-9a-f]{6}", str(one))]
    problems += [f"colore {one!r} non valido (#rrggbb minuscolo)" for one in bad]
    return problems


# ---- numbers packed into text; map.js has the inverse of both -----------------------------------


def pack(values: np.ndarray[Any, Any]) -> dict[str, int | str | None]:
    """Pack a column of whole numbers into text of fixed width, NaN as the digit zero.

    Parameters
    ----------
    values : array of float
        Whole numbers or NaN.

    Returns
    -------
    dict
        ``start`` (the minimum), ``width`` (digits a value; 0 where all are equal) and ``digits``;
        a value is ``start - 1`` plus its number in base ``len(ALPHABET)``.

    Examples
    --------
    >>> pack(np.array([7.0, np.nan, 8.0]))
    {'start': 7, 'width': 1, 'digits': '$#%'}
    """
    values = np.asarray(values, dtype=float)
    there = ~np.isnan(values)
    if not there.any():
        return {"start": None, "width": 0, "digits": ""}
    start, stop = int(values[there].min()), int(values[there].max())
    if start == stop and there.all():
        return {"start": start, "width": 0, "digits": ""}
    codes = np.where(there, np.nan_to_num(values) - start + 1, 0).astype(np.int64)
    base, width = len(ALPHABET), 1
    while base**width <= stop - start + 1:
        width += 1
    powers = base ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return {"start": start, "width": width, "digits": _characters(codes[:, None] // powers % base)}


def stream(values: Ints) -> str:
    """Pack whole numbers of any size, low digits first; the alphabet's upper half continues.

    Examples
    --------
    >>> stream(np.array([0, 43, 44]))
    '#PQ$'
    """
    half = len(ALPHABET) // 2
    left, digits, kept = np.asarray(values, dtype=np.int64), [], []
    more = np.ones(len(left), dtype=bool)
    while more.any():
        kept.append(more)
        following = more & (left >= half)
        digits.append(left % half + np.where(following, half, 0))
        left, more = left // half, following
    if not digits:
        return ""
    return _characters(np.stack(digits, axis=1)[np.stack(kept, axis=1)])


def _characters(digits: Ints) -> str:
    table = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)
    return table[digits.ravel()].tobytes().decode("ascii")


# ---- geometry -----------------------------------------------------------------------------------


def encode_geometry(
    geometry: gpd.GeoSeries, borders: Sequence[Any] = (), *, tolerance: float | None = None
) -> dict[str, Any]:
    """Simplify a coverage together, move it to degrees and pack its vertices on a grid.

    Parameters
    ----------
    geometry : GeoSeries
        A valid coverage in metres (EPSG:32632).
    borders : sequence of arrays of int
        Groups of positions (provinces) whose common outline is drawn too.
    tolerance : float, optional
        In metres; 1/4000 of the coverage's width when omitted.

    Returns
    -------
    dict
        ``count`` areas; ``west``, ``south``, ``step_x``, ``step_y`` in degrees; ``shape`` (counts
        of polygons, rings and vertices) and ``steps`` (zigzag differences) as :func:`stream`.

    Notes
    -----
    The shapes are for looking at; measure on the coverage. No municipality is lost: one that is
    smaller than the grid becomes a triangle of one step.
    """
    west, south, east, north = geometry.total_bounds
    if tolerance is None:
        tolerance = max(east - west, north - south) / PARTS_OF_WIDTH
    simple = shapely.coverage_simplify(geometry.to_numpy(), tolerance)
    drawn = [shapely.boundary(shapely.coverage_union_all(simple[group])) for group in borders]
    degrees = gpd.GeoSeries([*simple, *drawn], crs=geometry.crs).to_crs(4326)
    west, south, east, north = degrees.iloc[: len(simple)].total_bounds
    step_y = tolerance / GRID_PER_TOLERANCE / 111_320
    step_x = step_y / float(np.cos(np.radians((south + north) / 2)))
    # Rounded first, so that the page decodes with the very numbers that encoded.
    west, south = round(west, 9), round(south, 9)
    step_x, step_y = float(f"{step_x:.6g}"), float(f"{step_y:.6g}")
    grid = _Grid(west, south, step_x, step_y)
    shape: list[int] = []
    rings: list[Ints] = []
    _areas_on(grid, degrees.iloc[: len(simple)].to_numpy(), shape, rings)
    _lines_on(grid, degrees.iloc[len(simple) :].to_numpy(), shape, rings)
    vertices = np.concatenate(rings)
    steps = np.diff(vertices, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel()
    return {
        "count": len(simple),
        "west": west,
        "south": south,
        "step_x": step_x,
        "step_y": step_y,
        "shape": stream(np.array(shape)),
        "steps": stream(np.where(steps < 0, -2 * steps - 1, 2 * steps)),
    }


@dataclass(frozen=True)
class _Grid:
    west: float
    south: float
    step_x: float
    step_y: float

    def snap(self, coordinates: np.ndarray[Any, Any]) -> Ints:
        """Round coordinates to the grid; repeated vertices go."""
        origin, step = np.array([self.west, self.south]), np.array([self.step_x, self.step_y])
        snapped = np.rint((coordinates - origin) / step).astype(np.int64)
        again = np.r_[False, (snapped[1:] == snapped[:-1]).all(axis=1)]
        return np.asarray(snapped[~again])


def _areas_on(grid: _Grid, areas: Any, shape: list[int], rings: list[Ints]) -> None:
    for area in areas:
        polygons = []
        for polygon in shapely.get_parts(area):
            snapped = [
                grid.snap(shapely.get_coordinates(r))[:-1] for r in shapely.get_rings(polygon)
            ]
            if len(snapped[0]) >= 3:
                polygons.append([snapped[0], *(hole for hole in snapped[1:] if len(hole) >= 3)])
        if not polygons:
            corner = grid.snap(shapely.get_coordinates(area))[0]
            polygons = [[corner + np.array([[0, 0], [1, 0], [0, 1]])]]
        shape.append(len(polygons))
        for polygon in polygons:
            shape.append(len(polygon))
            shape.extend(len(ring) for ring in polygon)
            rings.extend(polygon)


def _lines_on(grid: _Grid, lines: Any, shape: list[int], rings: list[Ints]) -> None:
    snapped = [grid.snap(shapely.get_coordinates(line)) for line in shapely.get_parts(lines)]
    kept = [line for line in snapped if len(line) >= 4]
    shape.append(len(kept))
    shape.extend(len(line) for line in kept)
    rings.extend(kept)


# ---- classes ------------------------------------------------------------------------------------


def lower_bounds(values: np.ndarray[Any, Any], classes: int) -> list[int]:
    """Return where each class begins: quantiles of the values as they are printed.

    Parameters
    ----------
    values : array of float
        Values in printed steps (20.9 % is 209); NaN is left out and never gets a class.
    classes : int
        At most this many; fewer where values repeat, one a value where there are few.

    Examples
    --------
    >>> lower_bounds(np.array([1, 2, 3, 4, 5, 6, np.nan]), 3)
    [1, 3, 5]
    >>> lower_bounds(np.array([4.0, 4.0]), 3)
    [4]
    """
    there = values[~np.isnan(values)]
    distinct = np.unique(there)
    if len(distinct) <= classes:
        return [int(value) for value in distinct]
    shares = np.arange(classes) / classes
    cuts = np.sort(there)[(shares * len(there)).astype(int)]
    return [int(value) for value in np.unique(cuts)]


def colours(palette: Sequence[str], count: int, polarity: int) -> list[str]:
    """Spread a palette over the classes; the dark end is the worse one whatever the polarity."""
    ramp = palette[::-1] if polarity < 0 else palette
    if count == 1:
        return [ramp[len(ramp) // 2]]
    positions = np.linspace(0, len(ramp) - 1, count).round().astype(int)
    return [ramp[position] for position in positions]


def _numeric_classes(
    steps: np.ndarray[Any, Any], entry: Any, chosen: Theme, lang: str
) -> list[dict[str, Any]]:
    bounds = lower_bounds(steps, chosen.classes)
    decimals = display(entry.name, entry.unit).decimals
    if not bounds:
        return []
    shades = colours(chosen.palette, len(bounds), entry.polarity)
    last = int(np.nanmax(steps))
    ends = [*(bound - 1 for bound in bounds[1:]), last]
    few = len(np.unique(steps[~np.isnan(steps)])) <= len(bounds)

    def text(step: int) -> str:
        return number(step / 10**decimals, lang, decimals)

    return [
        {
            "from": bound,
            "colour": shade,
            "label": text(bound) if few or bound == end else f"{text(bound)} – {text(end)}",
        }
        for bound, end, shade in zip(bounds, ends, shades, strict=True)
    ]


# ---- one indicator ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Content:
    """What one map is made of, checked and aligned to the area's municipalities."""

    figures: Figures
    national: Figures | None
    rank: pd.DataFrame
    group_rank: pd.DataFrame
    groups: pd.Series
    chosen: Theme
    lang: str
    sources: Mapping[str, Source]


def _indicator(content: _Content, entry: Any) -> dict[str, Any]:
    figures, lang, name = content.figures, content.lang, entry.name
    shown = display(name, entry.unit)
    vintages, vintage = np.unique(figures.vintage[name].astype(str), return_inverse=True)
    said: dict[str, Any] = {
        "name": name,
        "component": _component(entry.component, lang),
        "label": entry.label(lang),
        "definition": entry.definition(lang),
        "unit": shown.unit(lang),
        "decimals": shown.decimals,
        "polarity": entry.polarity,
        "vintages": vintages.tolist(),
        "sources": "; ".join(_publisher(content, one) for one in figures.sources.get(name, ())),
    }
    columns = {
        "quality": pack(figures.quality[name].to_numpy()),
        "vintage": pack(vintage.astype(float)),
    }
    if pd.api.types.is_numeric_dtype(figures.data[name]) and entry.unit != "code":
        steps = _steps(figures.data[name], shown)
        said["classes"] = _numeric_classes(steps, entry, content.chosen, lang)
        columns["value"] = pack(steps)
        if figures.low[name].notna().any():
            columns["low"] = pack(_steps(figures.low[name], shown))
            columns["high"] = pack(_steps(figures.high[name], shown))
        said |= _ranks(content, name, columns)
    else:
        columns["value"] = pack(_code_classes(content, name, said))
    return said | {"columns": columns}


def _component(component: str, lang: str) -> str:
    labels = COMPONENT_LABELS.get(component)
    return labels[lang] if labels else words(lang).get(component, component)


def _steps(values: pd.Series, shown: Any) -> np.ndarray[Any, Any]:
    """Values in steps of the last printed digit: 0.2089 as a per cent with one decimal is 209.

    Nothing finer is shipped, so colour, legend, tooltip and table cannot disagree.
    """
    return np.asarray(np.rint(values.to_numpy(float) * shown.scale * 10**shown.decimals))


def _publisher(content: _Content, key: str) -> str:
    source = content.sources.get(key)
    return source.publisher if source else key


def _ranks(content: _Content, name: str, columns: dict[str, Any]) -> dict[str, Any]:
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


def _code_classes(content: _Content, name: str, said: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Give each code of a text column its own class and number them from 0, missing as NaN."""
    column = content.figures.data[name]
    codes = column.dropna().map(_code)
    labels = URBANISATION_LABELS[content.lang] if name == GROUP else {}
    distinct = sorted(codes.unique())
    shades = colours(content.chosen.palette, len(distinct), -1) if distinct else []
    said["codes"] = {str(i): labels.get(code, code) for i, code in enumerate(distinct)}
    said["classes"] = [
        {"from": i, "colour": shade, "label": labels.get(code, code)}
        for i, (code, shade) in enumerate(zip(distinct, shades, strict=True))
    ]
    number_of = {code: float(i) for i, code in enumerate(distinct)}
    return codes.map(number_of).reindex(column.index).to_numpy(float)


def _code(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


# ---- the page -----------------------------------------------------------------------------------


@cache
def words(lang: str) -> dict[str, str]:
    """Return the words of the page in Italian ("it") or English ("en")."""
    text: dict[str, dict[str, str]] = tomllib.loads(_asset("assets/map_text.toml"))
    return text[lang]


@cache
def _asset(name: str) -> str:
    return (resources.files("needs_analysis.reports") / name).read_text(encoding="utf-8")


class _Raw(Element):
    """Text put into the page as it is: branca would read `{{` in a name as a Jinja expression."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Raw"
        self.text = text


class _Page(Figure):
    """The HTML file: language, title, and a policy that names every script by its hash."""

    def __init__(self, lang: str, title: str) -> None:
        super().__init__()
        self.lang, self.title, self.policy = lang, title, ""
        self.header = Element()
        self.header._parent = self

    def render(self, **kwargs: Any) -> str:
        """Render the children first, then hash the scripts they left."""
        for child in self._children.values():
            child.render(**kwargs)
        head, body, script = (
            part.render(**kwargs) for part in (self.header, self.html, self.script)
        )
        inline = re.findall(r"<script>(.*?)</script>", head, flags=re.DOTALL)
        self.policy = content_policy([*inline, script])
        page = Template(_asset("templates/map_page.html"))
        return str(page.render(this=self, head=head, body=body, script=script))


def content_policy(scripts: Iterable[str]) -> str:
    """Return a policy under which nothing is fetched and only these scripts run."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'"
        for one in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


class AreaMap(folium.Map):
    """A folium map without tiles, CDN links or a header that forbids zooming the page."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, "
        "{center: {{ this.location|tojson }}, ...{{ this.options|tojavascript }}});"
        "{% endmacro %}"
    )


class _Layer(MacroElement):
    """Municipalities, legend, panel, search and table."""

    def __init__(self, map_name: str, body: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "AreaLayer"
        self.map_name, self.body, self.payload = map_name, body, payload

    def render(self, **_: Any) -> str:
        """Put style and code into the head, the page's parts into the body, the call at the end."""
        page, name = self.get_root(), self.map_name
        if not isinstance(page, _Page):
            raise TypeError("the area's layer is drawn in the page that area_map made")
        for sheet in ("leaflet.css", "map.css"):
            page.header.add_child(_Raw(f"<style>{_asset(f'assets/{sheet}')}</style>"), name=sheet)
        for code in ("leaflet.js", "map.js"):
            page.header.add_child(_Raw(f"<script>{_asset(f'assets/{code}')}</script>"), name=code)
        template = Template(_asset("templates/map.html"))
        payload = json.dumps(self.payload, ensure_ascii=False, separators=(",", ":"))
        body = template.render(self.body, map_name=name, payload=payload.replace("<", "\\u003c"))
        page.html.add_child(_Raw(body), name="area")
        call = f'areaMap({name}, JSON.parse(document.getElementById("na-data").textContent));'
        page.script.add_child(_Raw(call), name="area")
        return ""


def area_map(
    indicators: Figures | pd.DataFrame,
    *,
    area: gpd.GeoDataFrame | None = None,
    theme: str = "distress",
    lang: str = "it",
    area_name: str = "",
    focus: str = "",
    national: Figures | pd.DataFrame | None = None,
    entries: Sequence[Entry] = (),
    sources: Iterable[Source] | None = None,
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
    lang : str
        "it" or "en".
    area_name : str
        Printed under the title; ``area.attrs["name"]`` or the province when omitted.
    focus : str
        The code of a municipality whose figures are shown when the map opens.
    national : Figures or DataFrame, optional
        The same indicators for every municipality of Italy: ranks are counted there, and inside the
        degree of urbanisation where that column is present. No ranks without it.
    entries : sequence of Entry
        Labels of columns that no indicator declares (composite indices).
    sources : iterable of Source, optional
        Citations of the source ids that the figures carry; those of the shipped figures
        (`store.cited`) when omitted.

    Returns
    -------
    AreaMap
        A :class:`folium.Map`; ``save(path)`` writes it.

    Raises
    ------
    NeedsAnalysisError
        No indicator of the theme is among the columns, or the theme is wrong.
    ValueError
        The area is empty or not in metres.
    """
    if area is None:
        from needs_analysis.territory import select

        area = select([str(code) for code in as_figures(indicators).data.index])
    declared = dict(registry()) | {one.name: one for one in entries}
    chosen = read_theme(theme, [*declared, *COMPOSITES])
    figures = as_figures(indicators)
    offered = [n for n in chosen.indicators if n in figures.data.columns and n in declared]
    if not offered:
        raise NeedsAnalysisError(f"nessun indicatore del tema {theme!r} è tra le colonne date")
    if area.empty or area.crs is None or not area.crs.is_projected:
        raise ValueError("area: one municipality at least, in metres (EPSG:32632)")
    content = _content(figures.columns(offered), national, area.index, chosen, lang, sources)
    payload = _payload(content, [declared[name] for name in offered], area)
    payload["focus"] = int(area.index.get_loc(focus)) if focus else -1
    body = _body(content, area, area_name)
    map_ = AreaMap(
        location=[0, 0], zoom_start=5, tiles=None, prefer_canvas=True, zoom_control=False,
        attribution_control=False, zoom_snap=0.25, min_zoom=4, max_zoom=15,
    )  # fmt: skip
    # branca names elements at random; a study must give the same bytes twice.
    map_._id = "area"
    _Page(lang, f"{chosen.title(lang)} – {body['plain_subtitle']}").add_child(map_)
    map_.add_child(_Layer(map_.get_name(), body, payload), name="layer")
    return map_


def _content(
    figures: Figures,
    national: Figures | pd.DataFrame | None,
    units: pd.Index,
    chosen: Theme,
    lang: str,
    sources: Iterable[Source] | None,
) -> _Content:
    rank = group_rank = pd.DataFrame()
    groups = pd.Series(dtype=object)
    if national is not None:
        national = as_figures(national)
        rank = ranks(national)
        groups = _groups(national)
        group_rank = ranks(national, groups)
    return _Content(
        figures=_on(figures, units),
        national=national,
        rank=rank,
        group_rank=group_rank,
        groups=groups,
        chosen=chosen,
        lang=lang,
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


def _payload(content: _Content, entries: Sequence[Any], area: gpd.GeoDataFrame) -> dict[str, Any]:
    lang = content.lang
    names = area["municipality_name"].astype(str).tolist()
    provinces, province = np.unique(area["province_name"].astype(str), return_inverse=True)
    codes = sorted(content.groups.dropna().unique())
    members = content.groups.reindex(area.index).map({code: i for i, code in enumerate(codes)})
    groups = [np.flatnonzero(province == i) for i in range(len(provinces))]
    width = float(np.ptp(area.total_bounds[[0, 2]]))
    first = [one.name for one in entries]
    return {
        "text": words(lang),
        "alphabet": ALPHABET,
        "qualities": [QUALITY_LABELS[quality][lang] for quality in Quality],
        "names": names,
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
            "labels": [GROUP_LABELS[lang].get(code, code) for code in codes],
        },
        # Borders between municipalities are drawn from where a municipality is some pixels wide.
        "border_zoom": 7.5 if width > 250_000 else 0,
        "pad": 1.5,
        "first": first.index(content.chosen.default) if content.chosen.default in first else 0,
        "indicators": [_indicator(content, entry) for entry in entries],
        "geometry": encode_geometry(area.geometry, groups if len(groups) > 1 else ()),
    }


def _body(content: _Content, area: gpd.GeoDataFrame, area_name: str) -> dict[str, Any]:
    """Return the words of the page outside the script, escaped."""
    lang = content.lang
    pattern = words(lang)["one_municipality" if len(area) == 1 else "municipalities"]
    count = pattern.replace("{n}", number(len(area), lang))
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
        "text": {key: escape(value) for key, value in words(lang).items()},
        "title": escape(content.chosen.title(lang)),
        "plain_subtitle": plain,
        "subtitle": escape(plain),
        "note": escape(content.chosen.note(lang)),
        "sources": [escape(line) for line in cited],
    }
