"""Where to open dwellings: the choice for an area, protected dwellings by ambito only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import parameters
from needs_analysis.errors import ParameterError, Problem
from needs_analysis.figures import Figures, Quality, join_vintages, wanted_frame
from needs_analysis.services.files.schema import day_of
from needs_analysis.services.siting.sites import (
    Sites,
    ambiti_of,
    by_ambito,
    existing_sites,
    maximal_cover,
    p_median,
    straight_distances_km,
    too_large,
)
from needs_analysis.services.siting.travel import read_distances
from needs_analysis.told.problems import problem
from needs_analysis.words import N_

if TYPE_CHECKING:
    import geopandas as gpd

    from needs_analysis.services.files.schema import Register

MODELLED = "overburdened_tenants"
NEEDS: Mapping[str, str] = {
    MODELLED: N_("Famiglie in affitto sul mercato che spendono troppo per il canone"),
    "declarants_up_to_10k": N_("Dichiaranti fino a 10.000 €"),
    "declarants": N_("Dichiaranti"),
    "households": N_("Famiglie"),
    "resident_population": N_("Residenti"),
    "residents_18_34": N_("Residenti da 18 a 34 anni"),
    "residents_65_over": N_("Residenti di 65 anni e più"),
    "residents_75_over": N_("Residenti di 75 anni e più"),
    "women_15_49": N_("Donne da 15 a 49 anni"),
    "eviction_orders": N_("Provvedimenti di sfratto"),
    "eviction_requests": N_("Richieste di esecuzione di sfratto"),
    "eviction_executions": N_("Sfratti eseguiti"),
    "renting_households_2011": N_("Famiglie in affitto 2011"),
    "large_households_2011": N_("Famiglie numerose 2011"),
    "other_lodgings_2011": N_("Famiglie in altri alloggi 2011"),
}
"""What may weigh the units, the model's estimate or a count of the panel, and how it is printed."""


@dataclass(frozen=True, eq=False)
class Siting:
    """A choice of sites and what the tables and the map have to say of it.

    Parameters
    ----------
    found : Sites
        The choice.
    area : GeoDataFrame
        The units: municipalities, or ambiti where the dwellings are protected.
    need : Figures
        The column of `NEEDS` that weighs the units.
    level, name : str
        Of the territory.
    on : Timestamp, optional
        The day of which the register's open dwellings are kept; None without a register.
    invented : bool
        Whether the register is invented.
    protected : bool
        Whether the dwellings are protected: the units are ambiti, and nothing is shown as a point.
    """

    found: Sites
    area: gpd.GeoDataFrame
    need: Figures
    level: str
    name: str
    on: pd.Timestamp | None = None
    invented: bool = False
    protected: bool = False

    @property
    def need_name(self) -> str:
        """Return the column of the need."""
        return str(self.need.data.columns[0])

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the sources of the need."""
        return self.need.sources.get(self.need_name, ())

    @property
    def worst(self) -> int:
        """Return the worst quality of the need that weighs."""
        codes = self.need.quality[self.need_name]
        return int(codes[codes < Quality.SUPPRESSED].max())

    @property
    def few(self) -> pd.Series:
        """Return which units have a count of the model that is too small to be told but as a band."""
        counts = self.need.data[self.need_name]
        return (counts < self.least_told).rename("few")

    @property
    def least_told(self) -> float:
        """Return from how many on a count of need is told as a number: one of the model, else 0."""
        modelled = self.need_name == MODELLED
        return parameters.value("need_band_households") if modelled else 0.0

    @property
    def before(self) -> tuple[str, ...]:
        """Return the columns of how it was without the new sites; none where nothing was or is new."""
        known = self.found.units["distance_before"].notna().any()
        moved = known and (self.found.sites["role"] == "new").any()
        return ("site_before", "distance_before") if moved else ()


def choose(
    area: gpd.GeoDataFrame,
    new_sites: int,
    *,
    need: str = MODELLED,
    register: Register | None = None,
    on: pd.Timestamp | str | None = None,
    reach: float | None = None,
    matrix: Path | None = None,
    protected: bool = False,
) -> tuple[Siting, tuple[Problem, ...]]:
    """Choose where to open the next dwellings of an area, what is open kept.

    Parameters
    ----------
    area : GeoDataFrame
        As :func:`needs_analysis.territory.select` returns it.
    new_sites : int
        How many to open; 0 tells how it is with those of the register.
    need : str
        One of `NEEDS`; the model's households that spend too much on rent when omitted.
    register : Register, optional
        Whose dwellings stay open.
    on : Timestamp or str, optional
        The day on which they are; today when omitted.
    reach : float, optional
        Most need within it, in km, or in minutes with a matrix; least distance when omitted.
    matrix : Path, optional
        Travel times in minutes; straight distances in km when omitted.
    protected : bool
        Protected dwellings, by ambito, or the others, by municipality.

    Returns
    -------
    Siting
        The choice.
    tuple of Problem
        Warnings.

    Raises
    ------
    ParameterError
        The need is none of `NEEDS`, or the question is impossible.
    SourceError
        The matrix cannot be used.
    """
    wanted_frame(area, "municipality_name", "geometry")
    _check(area, new_sites, need, reach, protected)
    day = day_of(on or pd.Timestamp.today())
    units, weights = area, _need(need, area)
    if protected:
        units, summed = by_ambito(area, weights.data[need])
        weights = _need_by_ambito(weights, area, summed)
    far, warnings = (
        read_distances(matrix, units.index) if matrix else (straight_distances_km(units), ())
    )
    existing = () if register is None else existing_sites(register, day, area, protected)
    unit = "min" if matrix else "km"
    found = (
        p_median(weights.data[need], far, new_sites, existing, unit)
        if reach is None
        else maximal_cover(weights.data[need], far, new_sites, reach, existing, unit)
    )
    said = Siting(
        found, units, weights, area.attrs["level"], area.attrs["name"],
        on=None if register is None else day, invented=bool(register and register.label),
        protected=protected,
    )  # fmt: skip
    return said, warnings


def _check(
    area: gpd.GeoDataFrame, new_sites: int, need: str, reach: float | None, protected: bool
) -> None:
    """Refuse what cannot be asked before anything slow is read."""
    if need not in NEEDS:
        raise ParameterError(problem("need", known=tuple(NEEDS)))
    if len(area) == 1 and new_sites > 0 and not protected:
        raise ParameterError(problem("one_place", name=str(area["municipality_name"].iloc[0])))
    size = ambiti_of(area).nunique() if protected else len(area)
    if problems := too_large("p_median" if reach is None else "maximal_cover", size, size):
        raise ParameterError(*problems)


def _need(name: str, area: gpd.GeoDataFrame) -> Figures:
    if name == MODELLED:
        return _modelled(area)
    from needs_analysis.municipal import panel

    built = panel.build(codes_on=area.attrs.get("codes_on"))
    return built.columns([name]).rows(area.index)


def _modelled(area: gpd.GeoDataFrame) -> Figures:
    """Return the model's count in whole households: no decimal of it leaves."""
    from needs_analysis import households

    estimated = households.national(codes_on=area.attrs.get("codes_on")).figures
    count = estimated.columns([MODELLED]).rows(area.index)
    return Figures.of(
        count.data.round(), quality=count.quality, vintage=count.vintage, sources=count.sources
    )


def _need_by_ambito(need: Figures, area: gpd.GeoDataFrame, summed: pd.Series) -> Figures:
    """Return summed need with the worst quality and the vintages of the municipalities."""
    name = need.data.columns[0]
    ambito = ambiti_of(area)
    quality = need.quality[name].groupby(ambito).max().reindex(summed.index)
    vintage = need.vintage[name].groupby(ambito).agg(join_vintages).reindex(summed.index)
    return Figures.of(
        summed.rename(name).to_frame(),
        quality=quality.rename(name).to_frame().astype("int8"),
        vintage=vintage.rename(name).to_frame(),
        sources=need.sources.get(name, ()),
    )
