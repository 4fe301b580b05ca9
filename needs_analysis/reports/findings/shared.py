"""The findings of each municipality of an area: what they share is computed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis.errors import wanted
from needs_analysis.figures import Figures
from needs_analysis.reports.findings.area import Findings
from needs_analysis.reports.findings.around import OWN, groups_of, shown_of

if TYPE_CHECKING:
    import geopandas as gpd

_NATIONAL = ("marks", "mark_words", "ranked", "small", "listed")
"""What findings of all Italy are, whatever the area."""


_POOLED = ("compared", "pooled", "totalled")
"""What they are of territories, each whatever others are asked for with it."""


@dataclass(frozen=True, eq=False)
class _Each:
    """The municipalities of an area and the territories that they are beside.

    `numbers` says under which key of `every` a territory is, whose members are named.
    """

    areas: Mapping[str, gpd.GeoDataFrame]
    groups: Mapping[str, Mapping[str, Sequence[str]]]
    numbers: Mapping[tuple[str, ...], str]
    every: Findings

    def pooled(self, groups: Mapping[str, Sequence[str]]) -> dict[str, Figures]:
        """Return what is pooled of some territories, by the names that they have beside one area."""
        keys = {key: self.numbers[tuple(members)] for key, members in groups.items()}
        return {name: _named(getattr(self.every, name), keys) for name in _POOLED}


def together(found: Findings) -> Findings:
    """Return findings whose territories are pooled, with those of each of its municipalities."""
    wanted(found, Findings)
    areas = {code: _alone(found, code) for code in sorted(found.codes)}
    around: dict[tuple[str, ...], dict[str, list[str]]] = {}
    groups: dict[str, Mapping[str, Sequence[str]]] = {"": found.groups}
    for code, area in areas.items():
        degree = str(found.panel.data["urbanisation_code"].loc[code])
        beside = (area["province_code"].iloc[0], area["region_code"].iloc[0], degree)
        if beside not in around:
            around[beside] = groups_of(area, found.panel)
        groups[code] = around[beside] | {OWN: [code]}
    numbers: dict[tuple[str, ...], str] = {}
    for of_one in groups.values():
        for members in of_one.values():
            numbers.setdefault(tuple(members), str(len(numbers)))
    every = replace(found, groups={key: list(members) for members, key in numbers.items()})
    each, made = _Each(areas, groups, numbers, every), found.telling()
    # Where a cached property looks first.
    vars(made).update(each.pooled(found.groups) | {"each": each})
    return made


def by_municipality(found: Findings) -> Iterator[Findings]:
    """Return the findings of each municipality of an area, in the order of their codes.

    They are those of :func:`needs_analysis.reports.findings.find`, without what is told of need,
    policies and services: the national figures are those of the area, and what is pooled is pooled for
    all municipalities, and for the territories that several of them are beside, at once.
    """
    wanted(found, Findings)
    each: _Each = vars(found).get("each") or vars(together(found))["each"]
    national = {name: getattr(found, name) for name in _NATIONAL}
    shown: dict[str, gpd.GeoDataFrame] = {}
    for code, area in each.areas.items():
        province = area["province_name"].iloc[0]
        if province not in shown:
            shown[province] = shown_of(area)
        groups = each.groups[code]
        one = replace(found, area=area, shown=shown[province], groups=groups,
                      need=None, policies=None, services=None)  # fmt: skip
        vars(one).update(national | each.pooled(groups))
        yield one


def _alone(found: Findings, code: str) -> gpd.GeoDataFrame:
    """Return one municipality of an area as an area."""
    area = found.area.loc[[code]]
    day = found.area.attrs.get("codes_on")
    area.attrs = {"level": "comune", "name": area["municipality_name"].iloc[0], "key": code,
                  "certainty": "", "listed_on": "", "codes_on": day}  # fmt: skip
    return area


def _named(figures: Figures, keys: Mapping[str, str]) -> Figures:
    """Keep some territories under the names that they have beside one municipality."""
    at = figures.data.index.get_indexer(pd.Index([*keys.values()]))
    under = pd.Index([*keys], name=figures.data.index.name)
    return figures.each(lambda part: part.take(at).set_axis(under))
