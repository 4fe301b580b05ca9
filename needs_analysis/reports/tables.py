"""What the tables of the chapters share: columns, closing rows, rules, labels, citations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators.declaration import worded
from needs_analysis.indicators.marks import SMALL
from needs_analysis.reports import index_words
from needs_analysis.reports.findings import ITALY, OWN, PROVINCE, REGION, Findings
from needs_analysis.reports.model import WORDS, Column, Table
from needs_analysis.words import N_, Voice

if TYPE_CHECKING:
    import geopandas as gpd

# Above this the page gives the provinces of the area instead of its municipalities.
MUNICIPALITIES_ON_PAGE = 150


# The page has room for few columns, under short heads; the workbook has all, under full ones.
MAIN = {
    "rent_to_income_ratio": N_("Canone su reddito"),
    "below_rent_threshold_share": N_("Sotto il reddito richiesto"),
    "price_to_income_years": N_("Reddito per {purchase_dwelling_m2} m²"),  # fmt: skip
    "low_income_share": N_("Redditi fino a 10.000 €"),
    "residents_75_over_share": N_("75 anni e più"),
    "accommodation_beds_per_1000": N_("Letti turistici su residenti"),
}


BASE_LABELS = {
    "declarants_up_to_10k": N_("Dichiaranti fino a 10.000 €"),
    "mean_taxable_income_eur": N_("Reddito imponibile medio"),
    "mean_net_income_eur": N_("Reddito netto medio"),
    "declarants": N_("Dichiaranti"),
    "rent_eur_m2_month": N_("Canone OMI medio"),
    "rent_low_eur_m2_month": N_("Canone OMI minimo"),
    "rent_high_eur_m2_month": N_("Canone OMI massimo"),
    "rent_surface_code": N_("Superficie (L lorda, N netta)"),
    "rent_typology_code": N_("Tipologia OMI"),
    "rent_zones": N_("Zone OMI"),
    "rent_weighting_code": N_("Peso delle zone (Z uguale, P per abitanti, M misto)"),
    "rent_predecessors": N_("Comuni di origine del canone"),
    "annual_rent_eur": N_("Canone annuo di riferimento"),
    "price_eur_m2": N_("Prezzo OMI medio"),
    "eviction_orders": N_("Provvedimenti di sfratto"),
    "eviction_executions": N_("Sfratti eseguiti"),
    "accommodation_beds": N_("Posti letto turistici"),
    "accommodation_beds_2019": N_("Posti letto turistici 2019"),
    "renting_households_2011": N_("Famiglie in affitto 2011"),
}


# What only whole territories have, beside `BASE_LABELS`.
TOTAL_LABELS = {
    "municipalities": N_("Comuni"),
    "municipalities_without_rent": N_("Comuni senza canone"),
    "municipalities_known_2011": N_("Comuni con le famiglie del 2011"),
    "monthly_rent_eur": N_("Canone mensile di riferimento"),
    "income_asked_eur": N_("Reddito che il canone richiede"),
    "income_asked_scenario_eur": N_("Reddito che il canone aumentato richiede"),
    "rent_weight_low_share": N_("Peso del canone sul reddito modesto più alto"),
    "rent_weight_high_share": N_("Peso del canone sul reddito modesto più basso"),
    "eviction_requests": N_("Richieste di esecuzione"),
}
_MARK_RULE = N_(
    "Mercato non dei residenti: più di {non_resident_market_beds_per_1000} letti turistici ogni 1.000 "
    "residenti, o un canone oltre {non_resident_market_rent_ratio} volte la mediana dei comuni della "
    "stessa provincia e dello stesso grado di urbanizzazione. Redditi esteri: entro "
    "{foreign_incomes_border_km} km dalla Svizzera, con più redditi bassi del "
    "{foreign_incomes_percentile_share} dei comuni della provincia."
)
CLOSING = (OWN, PROVINCE, REGION, ITALY)


def closed(found: Findings, table: Table) -> Table:
    """End a table by municipality with the rows of the area, its province and region, and Italy."""
    keys = [key for key in CLOSING if key in found.groups]
    figures = found.compared.beside(found.totals)
    low, high = found.compared.low.add_suffix("_low"), found.compared.high.add_suffix("_high")
    known = pd.concat([figures.data, low, high], axis=1)
    rows = known.reindex(index=pd.Index(keys), columns=table.frame.columns).astype(object)
    for column in table.columns:
        if column.unit in WORDS and column.name not in figures.data:
            rows[column.name] = ""
    name = table.columns[table.stub].name
    rows[name] = [found.labels[key] for key in keys]
    counted = [one for one in rows if table.frame[one].dtype.kind in "fi"]
    frame = pd.concat([table.frame, rows.astype(dict.fromkeys(counted, float))])
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
    words = found.small.reindex(frame.index)
    if words.isna().all():
        return ()
    frame["small"] = words.fillna("")
    values = parameters.values(found.overrides)
    return (Column("small", worded(SMALL, found.voice, values)),)


def small_rule(found: Findings, count: str) -> str:
    """Say which municipalities no ordered list holds, and how many they are here."""
    least = parameters.values(found.overrides)["listed_households_min"]
    return found.voice.say(
        "Chi ha meno di {least} famiglie ({count} comuni) non entra negli elenchi ordinati: sta nelle "
        "tabelle, con il suo ambito.",
        least=found.voice.number(least),
        count=count,
    )


def marks_rule(found: Findings) -> str:
    """Say whom each mark is given to."""
    return worded(_MARK_RULE, found.voice, parameters.values(found.overrides))


def neighbours(found: Findings) -> gpd.GeoDataFrame:
    """Return a municipality and those of its province that touch it."""
    return found.shown[found.shown.intersects(found.area.geometry.iloc[0])]


def all_sources(figures: Figures) -> dict[str, None]:
    """Return the ids of the sources behind figures, each once."""
    return dict.fromkeys(source for used in figures.sources.values() for source in used)


def column_labels(voice: Voice) -> dict[str, str]:
    """Return the printed names of the columns of the panel that have one."""
    named = {name: voice.say(words) for name, words in BASE_LABELS.items()}
    return named | unit_labels(voice)


def part_labels(found: Findings) -> dict[str, str]:
    """Return the printed names of the components and indicators of the index."""
    spec = found.index.spec
    known = column_labels(found.voice)
    known |= {name: one.label_in(found.voice) for name, one in found.declared.items()}
    named = {one.name: index_words.label(one, found.voice) for one in spec.components}
    for one in spec.indicators:
        over = [one.name, one.denominator] if one.denominator else [one.name]
        named[one.name] = " / ".join(known.get(name, name) for name in over)
    return named


def unit_labels(voice: Voice) -> dict[str, str]:
    """Return the printed names of the columns that every table of municipalities begins with."""
    words = (voice.say("Residenti"), voice.say("Famiglie"), voice.say("Superficie, km²"))
    return dict(zip(("resident_population", "households", "area_km2"), words, strict=True))


def source_lines(ids: Iterable[str], voice: Voice) -> tuple[str, ...]:
    """Return the citations of sources, each with its reference date."""
    cited = [store.cited()[key] for key in ids]
    return tuple(dict.fromkeys(f"{one.attribution} ({one.edition(voice)})" for one in cited))
