"""The only panel: every source brought to the municipalities of one day, with quality and vintage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.errors import AreaError, Messages, ParameterError, wanted
from needs_analysis.figures import Figures, wanted_codes
from needs_analysis.municipal.declaration import Asked, Unmatched
from needs_analysis.municipal.joins import DERIVED, IN_PART, joins
from needs_analysis.municipal.pools import derive
from needs_analysis.process import public
from needs_analysis.territory.codes import day_of
from needs_analysis.territory.units import municipalities
from needs_analysis.words import N_

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["build", "join_report", "regroup"]
__dir__ = public(__all__)

problem = Messages(
    "panel",
    {
        "other_day": N_("l'area ha i codici del {own}, non del {day}"),
        "same_day": N_("Sceglierla con lo stesso giorno."),
        "not_there": N_("comuni che non ci sono al {day}: {codes}"),
        "no_level": N_("nessun livello «{level}»: ci sono {known}"),
    },
)


def build(
    area: gpd.GeoDataFrame | None = None,
    overrides: Mapping[str, float] | None = None,
    codes_on: pd.Timestamp | str | None = None,
    national: bool = False,
) -> Figures:
    """Join all sources on the municipalities of one day, each brought to it from its own.

    Parameters
    ----------
    area : GeoDataFrame, optional
        From :func:`needs_analysis.territory.select`; all Italy when omitted.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.
    codes_on : Timestamp or str, optional
        The day, from 1 January 2022 on; the area's when omitted, and without an area 1 January 2022.
    national : bool
        Take the editions that cover all Italy only: what is national (means, ranks, the reference
        of an index, patterns) is computed from these. Else a newer edition of a part of Italy stands
        where it covers.

    Returns
    -------
    Figures
        Indexed by municipality_code; counts, amounts and rents with quality and vintage per value.
        What a municipality was made of is summed or averaged; what it was split from is allocated.

    Raises
    ------
    AreaError
        The area stands on the codes of another day.
    ParameterError
        The day is before 1 January 2022, or no day.

    Examples
    --------
    >>> build().data.loc["108033", "households"].item()
    56209.0
    >>> build(codes_on="2024-06-01").data.loc["024128", "households"].item()  # Sovizzo, merged
    3402.0
    """
    if area is not None:
        wanted_codes(area)
    own = None if area is None else area.attrs.get("codes_on")
    day = day_of(codes_on or own)
    if own and day != day_of(own):
        other = problem("other_day", own=own, day=f"{day:%Y-%m-%d}")
        raise AreaError(other, cure=problem("same_day"))
    whole = (_national if national else _local)(_changed(overrides), day)[0]
    if area is None:
        return whole
    absent = area.index[~area.index.isin(whole.data.index)]
    if len(absent):
        codes = tuple(map(str, absent[:5]))
        raise AreaError(problem("not_there", day=f"{day:%Y-%m-%d}", codes=codes))
    return whole.rows(area.index)


def _changed(overrides: Mapping[str, float] | None) -> tuple[tuple[str, float], ...]:
    wanted({} if overrides is None else overrides, Mapping)
    return tuple(sorted((overrides or {}).items()))


def join_report(
    overrides: Mapping[str, float] | None = None, codes_on: pd.Timestamp | str | None = None
) -> list[Unmatched]:
    """Return what each source left unmatched, by name, when the panel of a study was built."""
    return list(_local(_changed(overrides), day_of(codes_on))[1])


def regroup(level: str, codes_on: pd.Timestamp | str | None = None) -> dict[str, list[str]]:
    """Return the municipality codes of each province ("province") or region ("region") on a day.

    Examples
    --------
    >>> len(regroup("province")), len(regroup("region")["Lombardia"])
    (107, 1506)
    """
    wanted(level, str)
    if level not in ("province", "region"):
        raise ParameterError(problem("no_level", level=str(level), known=("province", "region")))
    units = municipalities(codes_on)
    return {
        str(name): sorted(rows.index) for name, rows in units.groupby(f"{level}_name", sort=True)
    }


@store.remembered()
def _national(
    overrides: tuple[tuple[str, float], ...], day: pd.Timestamp
) -> tuple[Figures, tuple[Unmatched, ...]]:
    asked = Asked(day, parameters.values(dict(overrides)), [])
    first, *others = (join.bring(join, asked) for join in joins().values())
    base = first.beside(*others)
    return base.beside(derive(base, DERIVED)), tuple(asked.report)


@store.remembered()
def _local(
    overrides: tuple[tuple[str, float], ...], day: pd.Timestamp
) -> tuple[Figures, tuple[Unmatched, ...]]:
    """Put editions of a part of Italy over the national panel, each where it covers."""
    whole, report = _national(overrides, day)
    asked = Asked(day, parameters.values(dict(overrides)), list(report))
    for table in IN_PART:
        join, stands = joins()[table], editions(table, day)
        for part in store.parts(table):
            edition = part.source.reference_date
            own = join.bring(join, asked._replace(edition=edition))
            whole = whole.replaced(own, stands.index[stands == edition])
    return whole, tuple(asked.report)


@store.remembered(each=2)
def editions(table: str, codes_on: pd.Timestamp | str | None = None) -> pd.Series:
    """Return which edition of a table each municipality's figures are of.

    Parameters
    ----------
    table : str
        "rents" or "population": what an edition of a part of Italy may stand over.
    codes_on : Timestamp or str, optional
        The day of the municipalities; 1 January 2022 when omitted.

    Returns
    -------
    Series of str
        The date of the newest of `store.parts` that has the municipality; "" for the edition of all
        Italy.

    Examples
    --------
    >>> editions("rents").unique().tolist()
    ['']
    """
    join, day = joins()[table], day_of(codes_on)
    found = pd.Series("", index=municipalities(day).index, dtype="str", name="edition")
    for part in store.parts(table):
        edition = part.source.reference_date
        if join.covers:
            found[found.index.isin(join.covers(join, day, edition))] = edition
    return found


def area_edition(
    table: str, codes: Sequence[str], codes_on: pd.Timestamp | str | None = None
) -> str:
    """Return the edition that an area's figures are made of: never of two at once.

    It is the newest if that has at least 95 in 100 of the municipalities; else "", that of all Italy.
    """
    own = editions(table, codes_on)[list(codes)]
    newest = str(own.max())
    return newest if (own == newest).mean() >= store.WHOLE_SHARE else ""


def covering(
    local: Figures,
    national: Figures,
    codes: Sequence[str],
    codes_on: pd.Timestamp | str | None = None,
) -> Figures:
    """Return the panel that an area's figures are pooled from, one edition of each table.

    Parameters
    ----------
    local, national : Figures
        Panels of :func:`build`, the second with `national`.
    codes : sequence of str
        The municipalities of the area.
    codes_on : Timestamp or str, optional
        The day of the panels; 1 January 2022 when omitted.

    Returns
    -------
    Figures
        Of the edition of :func:`area_edition`: municipalities that it lacks are missing.
    """
    over = [table for table in IN_PART if store.parts(table)]
    edition = {table: area_edition(table, codes, codes_on) for table in over}
    if not any(edition.values()):
        return national
    found = local
    for table in over:
        own = editions(table, codes_on)[list(codes)]
        others = own.index[own != edition[table]]
        if len(others):
            given = national.columns(_columns_of(table, national))
            found = found.replaced(given.missing() if edition[table] else given, others)
    return found


def _columns_of(table: str, panel: Figures) -> list[str]:
    source_id = store.source_of(table).id
    return [name for name in map(str, panel.data) if source_id in panel.sources[name][:1]]
