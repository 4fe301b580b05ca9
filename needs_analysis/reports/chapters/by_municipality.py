"""Tables by municipality: how they begin and end, marks, and who is too small for a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import parameters
from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import worded
from needs_analysis.indicators.marks import SMALL
from needs_analysis.reports.chapters.building import Head
from needs_analysis.reports.findings import ITALY, OWN, PROVINCE, REGION, Findings
from needs_analysis.reports.model import WORDS, Column, Table
from needs_analysis.territory import slug
from needs_analysis.words import N_, Voice

if TYPE_CHECKING:
    import geopandas as gpd

# Above this the page gives the provinces of the area instead of its municipalities.
MUNICIPALITIES_ON_PAGE = 150
# Above this their tables stand in the annex: what is read first is printed on four pages.
MUNICIPALITIES_BEFORE_ANNEX = 25
SHEETS_MOST = 30
"""Up to so many municipalities a briefing has a sheet of each beside it: a third of a second each."""
SHEETS = "schede"
"""The folder of the sheets beside the page."""
# The page has room for few columns, under short heads; the workbook has all, under full ones.
MAIN = {
    "overburdened_tenants_per_1000": N_(
        "In affitto oltre il {overburden_share} del reddito (stima)"
    ),
    "rent_to_income_ratio": N_("Canone su reddito"),
    "price_to_income_years": N_("Reddito per {purchase_dwelling_m2} m²"),
    "low_income_share": N_("Redditi fino a 10.000 €"),
    "residents_75_over_share": N_("75 anni e più"),
    "accommodation_beds_per_1000": N_("Letti turistici su residenti"),
}
_MARK_RULE = N_(
    "Mercato non dei residenti: più di {non_resident_market_beds_per_1000} letti turistici ogni 1.000 "
    "residenti, o un canone oltre {non_resident_market_rent_ratio} volte la mediana dei comuni della "
    "stessa provincia e dello stesso grado di urbanizzazione. Redditi esteri: entro "
    "{foreign_incomes_border_km} km dalla Svizzera, con più redditi bassi del "
    "{foreign_incomes_percentile_share} dei comuni della provincia."
)
_SMALL = N_("Chi ha meno di {least} famiglie ({count} comuni) non entra negli elenchi ordinati.")
_SMALL_ELSEWHERE = N_(
    "Chi ha meno di {least} famiglie ({count} comuni) non entra negli elenchi ordinati: sta nelle "
    "tabelle, con il suo ambito."
)
CLOSING = (OWN, PROVINCE, REGION, ITALY)
_HEADS = {
    "municipality_code": (N_("Codice"), "code"),
    "municipality_name": (N_("Comune"), "text"),
    "cadastral_code": (N_("Codice catastale"), "code"),
    "province_name": (N_("Provincia"), "text"),
    "resident_population": (N_("Residenti"), "count"),
    "households": (N_("Famiglie"), "count"),
    "area_km2": (N_("Superficie, km²"), "ratio"),
}


def heads(*names: str) -> list[Head]:
    """Return the heads of what says which municipality a row is of."""
    return [(name, *_HEADS[name]) for name in names]


def rows(found: Findings, *names: str) -> tuple[pd.DataFrame, list[Head]]:
    """Begin a table with the municipalities shown, by name, and what says which they are."""
    shown = found.shown.sort_values("municipality_name")
    frame = pd.DataFrame(shown.assign(municipality_code=shown.index)[list(names)])
    return frame, heads(*names)


def sheet_name(code: str, name: str) -> str:
    """Return what the files of a municipality's sheet are called.

    Examples
    --------
    >>> sheet_name("015182", "Rho")
    '015182-rho'
    """
    return slug(code, name)


def sheet_links(found: Findings, table: Table, folder: str = SHEETS) -> Table:
    """Let the names of the area's municipalities open their sheets in a folder."""
    names = found.area["municipality_name"]
    return replace(table, links=tuple(
        f"{folder}/{sheet_name(str(code), str(names[code]))}.html" if code in names.index else ""
        for code in table.frame.index
    ))  # fmt: skip


def closed(found: Findings, table: Table, whole: Sequence[str] = CLOSING) -> Table:
    """End a table by municipality with the rows of the area, its province and region, and Italy."""
    keys = [key for key in whole if key in found.groups]
    figures = found.compared.beside(found.totals)
    low, high = found.compared.low.add_suffix("_low"), found.compared.high.add_suffix("_high")
    known = pd.concat([figures.data, low, high], axis=1)
    last = known.reindex(index=pd.Index(keys), columns=table.frame.columns).astype(object)
    for column in table.columns:
        if column.unit in WORDS and column.name not in figures.data:
            last[column.name] = ""
    name = table.columns[table.stub].name
    last[name] = [found.labels[key] for key in keys]
    counted = [one for one in last if table.frame[one].dtype.kind in "fi"]
    frame = pd.concat([table.frame, last.astype(dict.fromkeys(counted, float))])
    quality = table.quality
    if quality is not None:
        own = figures.quality.reindex(index=keys, columns=quality.columns)
        quality = pd.concat([quality, own.fillna(int(Quality.OBSERVED)).astype("int8")])
    return replace(table, frame=frame, quality=quality, closing=len(keys))


def marks_column(found: Findings, frame: pd.DataFrame) -> tuple[Column, ...]:
    """Put the marks of the municipalities beside their figures, where one of them has any."""
    words = found.mark_words.reindex(frame.index)
    if words.isna().all():
        return ()
    frame["marks"] = words.fillna("")
    return (Column("marks", found.voice.say("Segni")),)


def small_column(found: Findings, frame: pd.DataFrame) -> tuple[Column, ...]:
    """Put beside the small municipalities the ambito they are shown with, where there is any."""
    return small_beside(found.small, frame, found.voice, found.overrides)


def small_beside(
    small: pd.Series, frame: pd.DataFrame, voice: Voice, overrides: Mapping[str, float] | None
) -> tuple[Column, ...]:
    """Put beside municipalities the ambito that each small one is shown with, where there is any."""
    words = small.reindex(frame.index)
    if words.isna().all():
        return ()
    frame["small"] = words.fillna("")
    return (Column("small", worded(SMALL, voice, parameters.values(overrides))),)


def small_rule(found: Findings, count: str) -> str:
    """Say which municipalities no ordered list holds, and how many they are here."""
    least = parameters.values(found.overrides)["listed_households_min"]
    listed = found.includes("comuni") or (found.index is not None and found.includes("prova"))
    words = _SMALL_ELSEWHERE if listed else _SMALL
    return found.voice.say(words, least=found.voice.number(least), count=count)


def marks_rule(found: Findings) -> str:
    """Say whom each mark is given to."""
    return worded(_MARK_RULE, found.voice, parameters.values(found.overrides))


def neighbours(found: Findings) -> gpd.GeoDataFrame:
    """Return a municipality and those of its province that touch it."""
    return found.shown[found.shown.intersects(found.area.geometry.iloc[0])]
