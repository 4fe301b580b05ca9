"""What a map is made of: its figures, what is said of each, and what the page and its script read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import escape

from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators.declaration import registry, unit_of
from needs_analysis.indicators.marks import of_model
from needs_analysis.provenance import Source
from needs_analysis.reports.language import (
    COMPONENT_LABELS,
    QUALITY_LABELS,
    URBANISATION_LABELS,
    display,
)
from needs_analysis.reports.maps.geometry import ALPHABET, pack
from needs_analysis.reports.maps.page import words
from needs_analysis.reports.maps.setting import Setting
from needs_analysis.reports.maps.theme import Theme, colours, numeric_classes
from needs_analysis.words import Voice

GROUP = "degree_of_urbanisation_code"


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
    sized : bool
        Drawn as circles whose area is the value, in no class: a count.
    words : mapping of str to str
        By unit, what stands where there is no value: a band, or what must be asked.
    bands : mapping of str to Quality
        The units whose words are a band, and how it came to be: it is not missing.
    """

    name: str
    label: str
    definition: str = ""
    component: str = "composite"
    polarity: int = 1
    categories: tuple[Category, ...] = ()
    printed_as: str = ""
    sized: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    bands: Mapping[str, Quality] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """Return how it is printed, or the unit that stands in the name."""
        return self.printed_as or unit_of(self.name)


# ---- one indicator ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Content:
    """What one map is made of, checked and aligned to the units that it draws."""

    figures: Figures
    chosen: Theme
    voice: Voice
    sources: Mapping[str, Source]
    national: Figures | None = None
    rank: pd.DataFrame = field(default_factory=pd.DataFrame)
    group_rank: pd.DataFrame = field(default_factory=pd.DataFrame)
    groups: pd.Series = field(default_factory=lambda: pd.Series(dtype=object))
    setting: Setting = field(default_factory=Setting)


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
        sized = getattr(entry, "sized", False)
        said |= (
            _sized(content, entry)
            if sized
            else numeric_classes(steps, entry, content.chosen, voice)
        )
        if not sized:
            said |= _in_italy(content, entry, steps)
        columns["value"] = pack(steps)
        if figures.low[name].notna().any():
            columns["low"] = pack(_steps(figures.low[name], shown))
            columns["high"] = pack(_steps(figures.high[name], shown))
            # Those of a declared indicator cover blank classes, no more, if no model made it.
            if name in registry() and not of_model(name):
                known = words(voice)
                said["interval"] = known["blank_classes"]
                said["interval_text"] = known["blank_classes_text"]
        said |= _ranks(content, name, columns)
    else:
        columns["value"] = pack(_classes_of_codes(content, entry, said))
    return said | {"columns": columns}


def _in_italy(content: Content, entry: Any, steps: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return the classes of all Italian municipalities, and Italy's own value in printed steps."""
    setting, name = content.setting, entry.name
    said: dict[str, Any] = {}
    if setting.italy is not None and name in setting.italy.data:
        among = _steps(setting.italy.data[name], display(name, entry.unit))
        if not np.isnan(among).all():
            said["italy"] = numeric_classes(steps, entry, content.chosen, content.voice, among)
    mean = setting.means.get(name, np.nan)
    if not np.isnan(mean):
        said["mean"] = int(_steps(pd.Series([mean]), display(name, entry.unit))[0])
    return said


def _sized(content: Content, entry: Entry) -> dict[str, Any]:
    """Return what is said of a count that is drawn as circles: no class, and words without a value."""
    units = content.figures.data.index
    codes, distinct = pd.factorize(pd.Series(units.map(entry.words.get), dtype=object))
    words = {
        "values": list(distinct),
        "column": pack(np.where(codes < 0, np.nan, codes).astype(float)),
        "grades": pack(np.array([float(entry.bands.get(one, np.nan)) for one in units])),
    }
    return {"sized": True, "classes": [], "classing": "", "words": words}


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


def _classes_of_codes(content: Content, entry: Any, said: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Give each code of a text column its own class and number them from 0, missing as NaN."""
    column = content.figures.data[entry.name]
    codes = column.dropna().map(code_of)
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


def code_of(value: object) -> str:
    """Write a code as text, a whole number without decimals."""
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


# ---- what the page and its script read ----------------------------------------------------------


def script_data(
    content: Content,
    text: Mapping[str, str],
    names: Sequence[str],
    parts: tuple[Sequence[str], np.ndarray],
    **own: Any,
) -> dict[str, Any]:
    """Return what ``assets/map.js`` draws.

    Parameters
    ----------
    content : Content
        The figures.
    text : mapping of str to str
        The words of the page.
    names : sequence of str
        Of the units.
    parts : (names, numbers)
        What the page prints beside the name of a unit, and which of them is each unit's.
    **own
        What a map has otherwise or besides.
    """
    labels, number_of = parts
    return {
        "text": text,
        "alphabet": ALPHABET,
        "qualities": [content.voice.say(QUALITY_LABELS[quality]) for quality in Quality],
        "names": list(names),
        "details": [],
        "provinces": list(labels),
        "province": pack(number_of.astype(float)),
        "capitals": [],
        "people": None,
        "ranked": content.national is not None,
        "groups": {"members": pack(np.full(len(names), np.nan)), "labels": []},
        "border_zoom": 0,
        "pad": 1.5,
        "first": 0,
        "codes": None,
        "context": None,
        "ambiti": None,
        "profile": False,
        "whole_country": False,
        **own,
    }


def counted(text: Mapping[str, str], count: int, voice: Voice) -> str:
    """Say how many units are drawn."""
    pattern = text["one_municipality" if count == 1 else "municipalities"]
    return pattern.replace("{n}", voice.number(count))


def page_words(
    content: Content,
    text: Mapping[str, str],
    about: str,
    *,
    sources: Iterable[str],
    subtitle: str = "",
    note: str = "",
    notices: Iterable[str] = (),
    page: str = "",
) -> dict[str, Any]:
    """Return what ``templates/map.html`` prints, escaped, and ``plain_title``, which is not."""
    title = content.chosen.title(content.voice)
    return {
        "text": {key: escape(value) for key, value in text.items()},
        "title": escape(title),
        "plain_title": f"{title} – {about}",
        "subtitle": escape(subtitle or about),
        "notices": [escape(one) for one in notices if one],
        "note": escape(note or content.chosen.note(content.voice)),
        "sources": [escape(one) for one in sources],
        "page": escape(page),
    }
