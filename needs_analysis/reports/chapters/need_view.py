"""What the tables of need are made of, the same for a briefing and for a workbook of need alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import pandas as pd

from needs_analysis import territory
from needs_analysis.indicators.marks import small
from needs_analysis.reports.findings import OWN, Findings
from needs_analysis.told.need_tables import AREA
from needs_analysis.told.needs import ToldNeed
from needs_analysis.words import Voice

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, eq=False)
class NeedView:
    """What may be told of the need of an area, and how its units are printed.

    Parameters
    ----------
    told : ToldNeed
        In its profile.
    voice : Voice
        The language.
    names : mapping of str to str
        Of municipalities, provinces and regions by code; of the whole area by "".
    small : Series
        The ambito with which each small municipality is shown; missing for the others.
    day : Timestamp or str, optional
        Whose municipalities the area has.
    """

    told: ToldNeed
    voice: Voice
    names: Mapping[str, str]
    small: pd.Series
    day: pd.Timestamp | str | None = None

    @classmethod
    def of(
        cls,
        told: ToldNeed,
        voice: Voice,
        area: gpd.GeoDataFrame,
        label: str,
        day: pd.Timestamp | str | None = None,
    ) -> Self:
        """Return the view of an area of :func:`needs_analysis.territory.select` and its printed name."""
        names = {"": label, **dict(area["municipality_name"])}
        for code, name in (("region_code", "region_name"), ("province_code", "province_name")):
            names |= dict(zip(area[code], area[name], strict=True))
        households = told.table("municipality", "distinct").set_index("unit")["households"]
        return cls(told, voice, names, small(households, voice, told.parameters, day), day)

    @property
    def many(self) -> bool:
        """Whether the area has several municipalities."""
        return len(self.small) > 1

    @property
    def wider(self) -> list[str]:
        """Return the levels between the area and its municipalities of which it has several units."""
        between = (one for one in self.told.levels if one not in (AREA, "municipality"))
        return [one for one in between if len(self.units(one)) > 1]

    def units(self, level: str) -> list[str]:
        """Return the units of a level by name; of ambiti those that the area holds whole."""
        rows = self.told.table(level, "distinct").set_index("unit")
        if level == "ambito":
            sizes = territory.ambiti(self.day)["ambito_name"].value_counts()
            rows = rows[rows["municipalities"] == sizes.reindex(rows.index)]
        return sorted(map(str, rows.index), key=self.name)

    def name(self, unit: str) -> str:
        """Return what a unit of the tables is called: an ambito has a name and no code."""
        return self.names.get(unit, unit)


def told_of(found: Findings) -> ToldNeed:
    """Return what may be told of need, for what is made only where there is some."""
    if found.need is None:
        raise LookupError("the study tells no need")
    return found.need


def view_of(found: Findings) -> NeedView:
    """Return the view of the need of a briefing's area."""
    return NeedView.of(told_of(found), found.voice, found.area, found.labels[OWN], found.day)
