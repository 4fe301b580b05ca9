"""People of OMI zones, and their rents as a layer of a map within municipalities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis.errors import AreaError, Messages, ParameterError
from needs_analysis.sources.omi_rates import in_mean
from needs_analysis.words import N_

if TYPE_CHECKING:
    import geopandas

problem = Messages(
    "zones",
    {
        "no_crs": N_("Le geometrie non dicono il loro sistema di coordinate (CRS): indicarlo"),
        "repeated_section": N_(
            "Una sezione di censimento è ripetuta: ognuna deve comparire una volta"
        ),
        "zones_differ": N_(
            "I perimetri sono del {drawn}, le quotazioni del {quoted}: le zone cambiano"
        ),
        "use_one_semester": N_("Usare lo stesso semestre."),
    },
)


@dataclass(frozen=True)
class ZonePopulation:
    """How many people live in each zone, and how many were counted in none.

    Parameters
    ----------
    by_zone : Series of float
        Persons, by cadastral_code and zone_code; 0 where no section falls.
    people : float
        Persons in all sections: those of `by_zone` and `outside` add up to it.
    outside : float
        Persons whose section lies in no zone.
    outside_sections : int
        How many inhabited sections those are.
    unknown_sections : int
        Sections without a population: they count nobody.
    """

    by_zone: pd.Series
    people: float
    outside: float
    outside_sections: int
    unknown_sections: int


def zone_population(
    perimeters: geopandas.GeoDataFrame,
    sections: geopandas.GeoDataFrame | geopandas.GeoSeries,
    population: pd.Series,
) -> ZonePopulation:
    r"""Population of each zone: of the census sections whose representative point falls in it.

    .. math:: P_z = \sum_{s:\ point(s) \in z} P_s

    Parameters
    ----------
    perimeters : GeoDataFrame
        Of :func:`needs_analysis.sources.omi_perimeters.read`.
    sections : GeoDataFrame or GeoSeries
        Points or polygons with a unique index, in any coordinate system.
    population : Series of float
        Persons by the same index.

    Returns
    -------
    ZonePopulation
        The totals say how many people fall in no zone.

    Raises
    ------
    AreaError
        If coordinates lack their system, or sections repeat.

    Notes
    -----
    A section is never split: one that straddles two zones counts where its point lies. A point on the
    border of two zones counts once, in the first by code.

    Examples
    --------
    >>> import geopandas, shapely
    >>> zones = geopandas.GeoDataFrame(
    ...     {"cadastral_code": "F704", "zone_code": ["B1", "C1"]}, crs=4326,
    ...     geometry=[shapely.box(9.0, 45.0, 9.1, 45.1), shapely.box(9.1, 45.0, 9.2, 45.1)])
    >>> points = geopandas.GeoSeries.from_xy([9.05, 9.15, 9.3], [45.05] * 3, crs=4326)
    >>> found = zone_population(zones, points, pd.Series([10.0, 20.0, 5.0]))
    >>> found.by_zone.tolist(), found.outside
    ([10.0, 20.0], 5.0)
    """
    import geopandas  # heavy: only where it is used

    if perimeters.crs is None or sections.crs is None:
        raise AreaError(problem("no_crs"))
    if not sections.index.is_unique or not population.index.is_unique:
        raise AreaError(problem("repeated_section"))
    key = ["cadastral_code", "zone_code"]
    metres = sections.geometry.to_crs(32632)
    points = geopandas.GeoDataFrame(geometry=metres.representative_point(), crs=32632)
    zones = perimeters[[*key, "geometry"]].to_crs(32632).reset_index(drop=True)
    joined = points.rename_axis("section").reset_index().sjoin(zones, predicate="intersects")
    joined = joined.sort_values(key).drop_duplicates("section").set_index("section")[key]
    given = population.reindex(sections.index).astype("float64")
    people = given.fillna(0.0)
    inside = people.index.isin(joined.index)
    counted = joined.assign(people=people.reindex(joined.index)).groupby(key)["people"].sum()
    every = pd.MultiIndex.from_frame(zones[key].sort_values(key).drop_duplicates())
    return ZonePopulation(
        by_zone=counted.reindex(every, fill_value=0.0).rename("population"),
        people=float(people.sum()),
        outside=float(people[~inside].sum()),
        outside_sections=int((people[~inside] > 0).sum()),
        unknown_sections=int(given.isna().sum()),
    )


def zone_layer(
    perimeters: geopandas.GeoDataFrame, quotes: pd.DataFrame, zones: pd.DataFrame | None = None
) -> geopandas.GeoDataFrame:
    r"""Zones with their rent, for a map within municipalities.

    .. math:: r_z = (low_z + high_z) / 2

    of the first of `TYPOLOGIES` that the zone itself has, in its prevalent state.

    Parameters
    ----------
    perimeters : GeoDataFrame
        Of :func:`needs_analysis.sources.omi_perimeters.read`.
    quotes : DataFrame
        Of :func:`needs_analysis.sources.omi_values.read`, of the same semester: zones change.
    zones : DataFrame, optional
        Of :func:`needs_analysis.sources.omi_zones.read`, for the descriptions.

    Returns
    -------
    GeoDataFrame
        A row by perimeter, in its order: `cadastral_code`, `zone_code`, `description` (if `zones` is
        given; "" where it lacks the zone), `rent_eur_m2_month`, `rent_low_eur_m2_month`,
        `rent_high_eur_m2_month` (NaN where nothing is quoted, as in most rural zones),
        `rent_typology_code`, `state`, `rent_surface_code`, `in_municipal_rent` (whether the quote
        enters :func:`needs_analysis.sources.omi_rates.municipal`), `geometry`. `attrs`:
        `zones_without_quote` and `quotes_without_zone`, as "F704/B1", of the municipalities that
        have perimeters.

    Raises
    ------
    ParameterError
        If perimeters and quotes say that they are of different semesters.

    Examples
    --------
    >>> import geopandas, shapely
    >>> perimeters = geopandas.GeoDataFrame(
    ...     {"cadastral_code": "F704", "zone_code": ["B1", "R1"]}, crs=4326,
    ...     geometry=[shapely.box(9.0, 45.0, 9.1, 45.1), shapely.box(9.1, 45.0, 9.2, 45.1)])
    >>> quotes = pd.DataFrame({
    ...     "cadastral_code": ["F704"], "zone_code": "B1", "typology_code": "20",
    ...     "state": "NORMALE", "is_prevalent": True, "rent_low_eur_m2_month": 7.0,
    ...     "rent_high_eur_m2_month": 9.0, "rent_surface_code": "L"})
    >>> layer = zone_layer(perimeters, quotes)
    >>> layer["rent_eur_m2_month"].tolist(), layer.attrs["zones_without_quote"]
    ([8.0, nan], ('F704/R1',))
    """
    key = ["cadastral_code", "zone_code"]
    drawn_on, quoted_on = (one.attrs.get("reference_date", "") for one in (perimeters, quotes))
    if drawn_on and quoted_on and drawn_on != quoted_on:
        differ = problem("zones_differ", drawn=drawn_on, quoted=quoted_on)
        raise ParameterError(differ, cure=problem("use_one_semester"))
    here = quotes[quotes["cadastral_code"].isin(perimeters["cadastral_code"])]
    rents = _zone_rents(here)
    layer = perimeters[[*key, "geometry"]]
    if zones is not None:
        layer = layer.merge(zones[[*key, "description"]], on=key, how="left", validate="1:1")
        layer["description"] = layer["description"].fillna("")
    layer = layer.merge(rents, on=key, how="left", validate="1:1")
    layer["in_municipal_rent"] = layer["in_municipal_rent"].eq(True)
    layer = layer[[name for name in layer.columns if name != "geometry"] + ["geometry"]]
    drawn, quoted = (frame["cadastral_code"] + "/" + frame["zone_code"] for frame in (layer, rents))
    layer.attrs["zones_without_quote"] = tuple(sorted(set(drawn) - set(quoted)))
    layer.attrs["quotes_without_zone"] = tuple(sorted(set(quoted) - set(drawn)))
    return layer


def _zone_rents(quotes: pd.DataFrame) -> pd.DataFrame:
    """Return one rent a zone."""
    key = ["cadastral_code", "zone_code"]
    rows = in_mean(quotes, by=key).rename(
        columns={"midpoint": "rent_eur_m2_month", "typology_code": "rent_typology_code"}
    )
    rows["in_municipal_rent"] = rows.index.isin(in_mean(quotes).index)
    columns = [
        *key, "rent_eur_m2_month", "rent_low_eur_m2_month", "rent_high_eur_m2_month",
        "rent_typology_code", "state", "rent_surface_code", "in_municipal_rent",
    ]  # fmt: skip
    return rows[columns].drop_duplicates(key)
