"""Every figure of an area by its name: what a workbook of the user's own is filled with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import pandas as pd

import needs_analysis
from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.needs.groups import HEADLINE
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.needs.result import DISTINCT
from needs_analysis.reports.chapters.building import source_lines
from needs_analysis.reports.chapters.labels import territory_labels
from needs_analysis.reports.chapters.need_words import dates_of
from needs_analysis.reports.findings import OWN, Findings
from needs_analysis.reports.language import HIDDEN_TEXT, MISSING_TEXT, display, printed
from needs_analysis.reports.render.template.fact import Fact
from needs_analysis.told.need_tables import AREA
from needs_analysis.told.needs import ToldNeed, said_count
from needs_analysis.words import N_, Voice

_NEED = "need"
_AS_WRITTEN = {"renters": "affordability"}
"""Groups by a plainer name than that of the vocabulary."""
_WORDS = {
    "area": N_("Il territorio"),
    "version": N_("La versione del programma"),
    "municipality": N_("Comune"),
    "municipality_code": N_("Codice"),
    "province_name": N_("Provincia"),
}


class Facts:
    """The figures of an area, of what it is compared with and of its municipalities.

    A name is that of an indicator or column ("low_income_share"), or "need:" with a group and "central",
    "low", "high" or "text". Before it may stand whose figure it is: "province:", "region:", "italy:",
    or the code of a municipality of the area; else it is the area's.

    Parameters
    ----------
    found : Findings
        What was told of an area.

    Examples
    --------
    >>> from needs_analysis import study
    >>> facts = Facts(study.find(study.Study("comune:Rho")))
    >>> facts.of("low_income_share").quality.name, facts.of("nothing") is None
    ('OBSERVED', True)
    """

    def __init__(self, found: Findings) -> None:
        self._found = found
        self._of_unit: dict[str, dict[str, Fact]] = {}

    @property
    def units(self) -> list[str]:
        """Return the codes of the area's municipalities, in the order of their names."""
        return [str(one) for one in self._found.area.sort_values("municipality_name").index]

    @property
    def names(self) -> list[str]:
        """Return the names that the area has."""
        return list(self._facts(OWN))

    @property
    def of_municipalities(self) -> list[str]:
        """Return the names that each municipality has."""
        return list(self._facts(self.units[0]))

    def of(self, name: str, unit: str = OWN) -> Fact | None:
        """Return a figure by its name; None if there is no such name.

        Parameters
        ----------
        name : str
            As the class says.
        unit : str
            Whose figure it is where the name does not say.
        """
        first, _, rest = name.partition(":")
        if rest and (first in self._found.groups or first in self._found.area.index):
            unit, name = first, rest
        words = name.split(":")
        if words[0] == _NEED and len(words) > 1:
            words[1] = _AS_WRITTEN.get(words[1], words[1])
            name = ":".join([*words, "central"] if len(words) == 2 else words)
        return self._facts(unit).get(name)

    def _facts(self, unit: str) -> dict[str, Fact]:
        if unit not in self._of_unit:
            self._of_unit[unit] = self._made(unit)
        return self._of_unit[unit]

    def _made(self, unit: str) -> dict[str, Fact]:
        found = self._found
        if unit in found.groups:
            figures = self._pooled
            words = {"area": found.labels[unit], "version": needs_analysis.__version__}
        else:
            row = found.area.loc[unit]
            figures = self._local
            words = {"municipality": str(row["municipality_name"]), "municipality_code": unit,
                     "province_name": str(row["province_name"])}  # fmt: skip
        made = {name: self._word(name, text) for name, text in words.items()}
        for name in figures.data.columns:
            made |= self._figure(figures, unit, str(name))
        if found.need is not None:
            made |= self._needed(found.need, unit)
        return made

    @cached_property
    def _pooled(self) -> Figures:
        return self._found.compared.beside(self._found.totals)

    @cached_property
    def _local(self) -> Figures:
        """Return all that is known of the area's municipalities, each column once."""
        found = self._found
        columns = [str(one) for one in found.panel.data if one in self._labels]
        own = [str(one) for one in found.indicators.data if one not in columns]
        panel, indicators = found.panel.rows(found.codes), found.indicators.rows(found.codes)
        return panel.columns(columns).beside(indicators.columns(own))

    @cached_property
    def _labels(self) -> dict[str, str]:
        voice = self._found.voice
        named = {name: one.label_in(voice) for name, one in self._found.declared.items()}
        return territory_labels(voice) | named

    def _word(self, name: str, text: str) -> Fact:
        return Fact(text, text, self._found.voice.say(_WORDS[name]))

    def _figure(self, figures: Figures, unit: str, name: str) -> Mapping[str, Fact]:
        """Return a figure, and the ends of its interval where it has one."""
        found, voice = self._found, self._found.voice
        label = self._labels.get(name)
        if label is None:
            return {}
        declared = found.declared[name].unit if name in found.declared else unit_of(name)
        sources = "; ".join(source_lines(figures.sources.get(name, ()), voice))
        quality = Quality(int(figures.quality[name][unit]))
        parts = {"": figures.data, ":low": figures.low, ":high": figures.high}
        made: dict[str, Fact] = {}
        for end, part in parts.items():
            value = part[name][unit]
            if end and pd.isna(value):
                continue
            made[f"{name}{end}"] = _fact(
                value,
                name,
                declared,
                label,
                quality,
                str(figures.vintage[name][unit]),
                sources,
                voice,
            )
        return made

    def _needed(self, told: ToldNeed, unit: str) -> Mapping[str, Fact]:
        """Return what may be told of the need of the area, or of one of its municipalities."""
        level = AREA if unit == OWN else "municipality"
        if unit != OWN and unit in self._found.groups:
            return {}
        made: dict[str, Fact] = {}
        for group in HEADLINE:  # what no public figure counts is missing, and its name is known
            nothing = _fact(None, "x", "count", told.name(group, self._found.voice), Quality.MISSING,
                            "", "", self._found.voice)  # fmt: skip
            made |= {f"{_NEED}:{group}:{end}": nothing for end in (*BOUNDS, "text")}
        for group, row in _rows(told, level, unit if level != AREA else ""):
            made |= self._counted(told, group, row)
        return made

    def _counted(self, told: ToldNeed, group: str, row: pd.Series) -> Mapping[str, Fact]:
        voice = self._found.voice
        groups = told.held if group == DISTINCT else [group]
        sources = "; ".join(source_lines(told.sources_of(groups), voice))
        dates = dates_of(str(row["vintage"]), told, groups, voice)
        label = told.name(group, voice)
        quality, said = Quality(int(row["quality"])), said_count(row, voice)
        made: dict[str, Fact] = {}
        for end in BOUNDS:
            # The ends of a band are no interval of a count: what may be said of one is its words.
            value = float("nan") if row["band"] else float(row[end])
            made[f"{_NEED}:{group}:{end}"] = (
                Fact(said, said, label, "", quality, dates, sources)
                if pd.isna(value)
                else _fact(value, "x", "count", label, quality, dates, sources, voice)
            )
        made[f"{_NEED}:{group}:text"] = Fact(said, said, label, "", quality, dates, sources)
        return made


def _rows(told: ToldNeed, level: str, unit: str) -> Iterable[tuple[str, pd.Series]]:
    for name in ("totals", "distinct"):
        rows = told.table(level, name)
        for _, row in rows[rows["unit"] == unit].iterrows():
            yield str(row.get("group", DISTINCT)), row


def _fact(
    value: Any, name: str, unit: str, label: str, quality: Quality, year: str, source: str,
    voice: Voice,
) -> Fact:  # fmt: skip
    if quality == Quality.SUPPRESSED or pd.isna(value):
        hidden = quality == Quality.SUPPRESSED
        text = voice.say(HIDDEN_TEXT if hidden else MISSING_TEXT)
        return Fact(text, text, label, "", quality if hidden else Quality.MISSING, year, source)
    if unit in ("code", "text", "date") or isinstance(value, str):
        return Fact(str(value), str(value), label, "", quality, year, source)
    number = float(value)
    shown = display(name, unit)
    text = printed(number, name, unit, voice)
    whole = int(number) if shown.decimals == 0 and number.is_integer() else number
    return Fact(whole, text, label, voice.say(shown.unit), quality, year, source)
