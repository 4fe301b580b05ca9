"""The tables of a briefing and the sheets of its workbook, made from the findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis import indicators as indicator_set
from needs_analysis import panel as panels
from needs_analysis import parameters, store
from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators import Indicator
from needs_analysis.indicators.declaration import unit_of, worded
from needs_analysis.indicators.marks import SMALL
from needs_analysis.reports import codebook, index_words
from needs_analysis.reports.findings import ITALY, OWN, PROVINCE, REGION, Findings
from needs_analysis.reports.language import (
    COMPONENT_LABELS,
    QUALITY_LABELS,
    URBANISATION_LABELS,
)
from needs_analysis.reports.model import WORDS, Column, Table, number, plain
from needs_analysis.sources import istat_boundaries
from needs_analysis.territory import DAY, day_of, municipalities, unplaced
from needs_analysis.words import ITALIAN, N_, Voice

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
# Comparisons leave out what is known only for a part of the territories.
COMPARED = (
    "residents_per_household_ratio", "residents_75_over_share", "residents_85_over_share",
    "old_age_index_per_100", "residents_18_34_share", "low_income_share",
    "rent_to_income_ratio", "affordable_surface_m2", "price_to_income_years",
    "below_rent_threshold_share", "below_rent_threshold_scenario_share",
    "eviction_orders_per_1000", "eviction_executions_per_1000", "eviction_arrears_share",
    "accommodation_beds_per_1000",
)  # fmt: skip


COUNTS = ("orders", "requests", "executions")


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


def sheets(found: Findings, of_index: Sequence[Table] = ()) -> list[Table]:
    """Return the tables of the workbook, one a sheet; `of_index` stand after the index's own."""
    voice = found.voice
    by_component: dict[str, list[str]] = {}
    for name, one in found.declared.items():
        by_component.setdefault(one.component, []).append(name)
    return [
        comparison_table(found),
        totals_table(found),
        *(_component_table(found, component, names) for component, names in by_component.items()),
        evictions_table(found),
        _series_table(found),
        _base_table(found),
        index_table(found),
        *of_index,
        _provincial_table(found),
        replace(
            codebook.table(voice, found.declared),
            notes=(index_words.compared(found.index, voice),),
        ),
        sources_table(found),
        _quality_table(found),
    ]


def comparison_table(found: Findings) -> Table:
    """Set the indicators of the area beside those of what it is compared with."""
    voice, known = found.voice, found.declared
    figures = _comparable(found.compared.columns(COMPARED))
    frame = figures.data.T
    frame.insert(0, "label", [known[name].label_in(voice) for name in COMPARED])
    frame["variable"], frame["unit"] = COMPARED, [known[name].unit for name in COMPARED]
    frame["vintage"] = figures.vintage.loc[OWN]
    words = (voice.say("Indicatore"), voice.say("Anno"))
    columns = (
        Column("label", words[0]),
        *(Column(key, found.labels[key], "by_row") for key in found.groups),
        Column("vintage", words[1], "date"),
    )
    covered = found.coverage.loc[OWN, list(COMPARED)]
    partial = [
        f"{known[name].label_in(voice)} {number(f'{OWN}:{name}_covered', share, voice, 'share')}"
        for name, share in zip(COMPARED, covered, strict=True)
        if share < 0.9995
    ]
    notes = [
        voice.say(
            "Valori calcolati sulle somme dei comuni (canoni e prezzi: media pesata per "
            "famiglie), mai medie di rapporti comunali."
        )
    ]
    notes.append(
        voice.say("Gli sfratti si confrontano solo fra province intere, regioni e Italia.")
    )
    if partial:
        opening = voice.say("Famiglie coperte: ")
        notes.append(opening + "; ".join(partial) + ".")
    notes += found.editions
    return Table(
        voice.say("confronto"),
        voice.say("Indicatori a confronto"),
        frame,
        columns,
        figures.quality.T,
        notes=tuple(notes),
        sources=source_lines(_all_sources(figures), voice),
        facts="columns",
    )


def totals_table(found: Findings) -> Table:
    """Give the counts and amounts of the area beside those of what it is compared with."""
    voice, figures = found.voice, found.totals.beside(found.compared.columns(["residents_per_km2"]))
    labels = unit_labels(voice)
    labels["residents_per_km2"] = found.declared["residents_per_km2"].label_in(voice)
    every = column_labels(voice) | {name: voice.say(word) for name, word in TOTAL_LABELS.items()}
    labels |= {name: every[name] for name in every if name not in labels}
    names = [name for name in labels if name in figures.data]
    frame = figures.data[names].T
    frame.insert(0, "label", [labels[name] for name in names])
    frame["variable"], frame["unit"] = names, [unit_of(name) for name in names]
    frame["vintage"] = figures.vintage.loc[OWN, names]
    words = (voice.say("Voce"), voice.say("Anno"))
    columns = (
        Column("label", words[0]),
        *(Column(key, found.labels[key], "by_row") for key in found.groups),
        Column("vintage", words[1], "date"),
    )
    note = voice.say(
        "Somme dei comuni che hanno il dato; redditi medi: importi su dichiaranti; canoni e prezzi: "
        "medie pesate per famiglie, minimo e massimo delle quotazioni."
    )
    key, title = voice.say("totali"), voice.say("Totali e medie dei territori")
    return Table(
        key, title, frame, columns, figures.quality[names].T, notes=(note,),
        sources=source_lines(_all_sources(figures), voice), facts="columns",
    )  # fmt: skip


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


def page_table(found: Findings) -> Table:
    """The main indicators by municipality, as the page has room for."""
    voice, known = found.voice, found.declared
    values = parameters.values(found.overrides)
    shown = neighbours(found) if len(found.codes) == 1 else found.shown
    shown = shown.sort_values("municipality_name")
    figures = found.indicators.rows(shown.index).columns(list(MAIN))
    frame = figures.data.copy()
    few = found.small.reindex(shown.index)
    # The page has no room for a column.
    beside = (" (" + few + ")").where(few.notna() & (few != voice.say("ambito non noto")), "")
    frame.insert(0, "municipality_name", shown["municipality_name"] + beside)
    frame.insert(1, "resident_population", shown["resident_population"])
    words = (
        voice.say("Comune"),
        voice.say("Residenti"),
        voice.say("Indicatori per comune"),
    )
    columns = (
        Column("municipality_name", words[0]),
        Column("resident_population", words[1], "count"),
        *(
            Column(name, worded(heads, voice, values), known[name].unit)
            for name, heads in MAIN.items()
        ),
        *marks_column(found, frame),
    )
    notes = [_context_note(found), *([marks_rule(found)] if "marks" in frame else [])]
    if few.notna().any():
        count = number("table:small_municipalities", int(few.notna().sum()), voice)
        notes.append(small_rule(found, count))
    return closed(found, Table(
        "comuni", words[2], frame, columns, figures.quality, notes=(*notes, *found.editions),
        sources=source_lines(_all_sources(figures), voice), facts="rows",
    ))  # fmt: skip


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


def _comparable(figures: Figures) -> Figures:
    """Leave out what was allocated from provinces: it does not compare territories below them."""
    allocated = figures.quality == Quality.ALLOCATED
    return replace(
        figures,
        data=figures.data.mask(allocated),
        quality=figures.quality.mask(allocated, Quality.MISSING).astype("int8"),
    )


def _all_sources(figures: Figures) -> dict[str, None]:
    return dict.fromkeys(source for used in figures.sources.values() for source in used)


def _component_table(found: Findings, component: str, names: Sequence[str]) -> Table:
    """Give every indicator of a component by municipality, with its ranks."""
    voice, known = found.voice, found.declared
    shown = found.shown.sort_values("municipality_name")
    figures = found.indicators.rows(shown.index).columns(names)
    frame = pd.concat(
        [shown[["municipality_name", "province_name", "resident_population", "households"]],
         figures.data], axis=1,
    )  # fmt: skip
    frame.insert(0, "municipality_code", frame.index)
    head = (
        voice.say("Codice"),
        voice.say("Comune"),
        voice.say("Provincia"),
        voice.say("Residenti"),
        voice.say("Famiglie"),
    )
    columns = [
        Column("municipality_code", head[0], "code"),
        Column("municipality_name", head[1]),
        Column("province_name", head[2]),
        Column("resident_population", head[3], "count"),
        Column("households", head[4], "count"),
    ]
    for name in names:
        label, unit = known[name].label_in(voice), known[name].unit
        columns.append(Column(name, label, "text" if unit == "code" else unit))
        if figures.low[name].notna().any():
            for side, bounds, word in (
                ("low", figures.low, N_("Minimo (classi in bianco): {name}")),
                ("high", figures.high, N_("Massimo (classi in bianco): {name}")),
            ):
                frame[f"{name}_{side}"] = bounds[name]
                columns.append(Column(f"{name}_{side}", voice.say(word, name=label), unit))
        if not found.ranks[name].notna().any():
            continue
        for suffix, ranks, word in (
            ("rank", found.ranks, N_("Posto in Italia: {name}")),
            ("rank_alike", found.ranks_alike, N_("Posto fra comuni simili: {name}")),
        ):  # fmt: skip
            frame[f"{name}_{suffix}"] = ranks.loc[shown.index, name]
            columns.append(Column(f"{name}_{suffix}", voice.say(word, name=label), "count"))
    title = voice.say(COMPONENT_LABELS[component])
    return closed(found, Table(
        title, title, frame, tuple(columns), figures.quality,
        notes=(_rank_note(found), *found.editions),
        sources=source_lines(_all_sources(figures), voice), facts="rows",
    ))  # fmt: skip


def _rank_note(found: Findings) -> str:
    kinds = ", ".join(
        f"{code} {found.voice.say(word)}" for code, word in URBANISATION_LABELS.items()
    )
    return found.voice.say(
        "Posto 1 = disagio maggiore (per gli indicatori di contesto, valore più alto); "
        "comuni simili = stesso grado di urbanizzazione ({kinds}). I valori ripartiti dalla "
        "provincia non hanno graduatoria.",
        kinds=kinds,
    )


def _context_note(found: Findings) -> str:
    if len(found.codes) > 1:
        return found.voice.say(
            "Tutti gli indicatori, con i posti in graduatoria, sono nelle tabelle Excel."
        )
    return found.voice.say(
        "Il comune e quelli della provincia che confinano con esso; tutta la provincia è "
        "nelle tabelle Excel."
    )


def province_table(found: Findings) -> Table:
    """Give the main indicators by province, where municipalities are too many."""
    voice, known = found.voice, found.declared
    own = set(found.codes)
    provinces = {
        name: inside
        for name, codes in panels.regroup("province", found.day).items()
        if (inside := [code for code in codes if code in own])
    }
    figures = found.pooled_by(
        provinces,
        lambda panel, groups: indicator_set.compute_areas(panel, groups, found.overrides),
    )
    names = [*MAIN, "eviction_orders_per_1000"]
    frame = figures.data[names].copy()
    frame.insert(0, "resident_population", panels.pool(
        found.panel, provinces, ["resident_population"]).data["resident_population"])  # fmt: skip
    frame.insert(0, "province_name", frame.index)
    words = (voice.say("Provincia"), voice.say("Residenti"))
    columns = (
        Column("province_name", words[0]),
        Column("resident_population", words[1], "count"),
        *(Column(name, known[name].label_in(voice), known[name].unit) for name in names),
    )
    sources = dict.fromkeys(s for name in names for s in figures.sources[name])
    title = voice.say("Indicatori per provincia")
    return closed(found, Table(
        voice.say("province"), title, frame, columns, figures.quality[names],
        notes=(_context_note(found), *found.editions), sources=source_lines(sources, voice),
        facts="rows",
    ))  # fmt: skip


def index_table(found: Findings) -> Table:
    """Give the index by municipality, with its components and the points of each part."""
    voice, spec, unit = found.voice, found.index.spec, found.score_unit
    scores, codes = found.index.scores, found.shown.index
    frame, quality = scores.data.loc[codes].copy(), scores.quality.loc[codes].copy()
    points = found.index.component_contributions().loc[codes]  # none in an outranking
    columns_of = {one.name: one.column for one in spec.components}
    for part in map(str, points):
        name = f"{part}_points_score"
        frame[name], quality[name] = points[part], quality[columns_of.get(part, spec.name)]
    frame.insert(0, "municipality_name", found.shown["municipality_name"])
    frame["rank"] = found.rank.loc[codes]
    frame = frame.sort_values("municipality_name")
    words = (
        voice.say("Comune"),
        voice.say("Posto in Italia"),
        voice.say("Indice"),
    )
    columns = (
        Column("municipality_name", words[0]),
        Column("rank", words[1], "count", optional=True),
        *marks_column(found, frame),
        *small_column(found, frame),
        Column(spec.name, words[2], unit),
        *(Column(one.column, found.parts[one.name], unit) for one in spec.components),
        *(
            Column(f"{part}_points_score", voice.say("Punti: {part}", part=found.parts[part]), unit)
            for part in map(str, points)
        ),
    )
    return Table(
        voice.say("indice"),
        voice.say(
            "{index} (confronto con {reference})",
            index=voice.say("L'indice e le sue componenti") if spec.components
            else index_words.label(spec, voice),
            reference=found.index.reference.text(voice),
        ),
        frame, columns, quality.loc[frame.index],
        notes=(index_words.rule(spec, found.parts, voice),
               index_words.treatment(found.index.treatment, found.parts, voice)),
        sources=source_lines(scores.sources[spec.name], voice), facts="rows",
    )  # fmt: skip


def _provincial_table(found: Findings) -> Table:
    voice, result = found.voice, found.provincial_index
    frame = result.scores.data.copy()
    frame["rank"] = result.rank
    frame.insert(
        0, "province", [prefecture_name(str(name), voice, found.day) for name in frame.index]
    )
    frame = frame.sort_values("province")
    spec = result.spec
    words = (voice.say("Provincia"), voice.say("Posto"), voice.say("Indice"))
    columns = (
        Column("province", words[0]),
        Column("rank", words[1], "count"),
        Column(spec.name, words[2], "score"),
        *(Column(one.column, index_words.label(one, voice), "score")
          for one in spec.components),
    )  # fmt: skip
    return Table(
        voice.say("indice province"),
        index_words.label(spec, voice),
        frame, columns, result.scores.quality.loc[frame.index],
        notes=(_provincial_note(voice),), sources=source_lines(result.scores.sources[spec.name], voice),
        facts="rows",
    )  # fmt: skip


def _provincial_note(voice: Voice) -> str:
    return voice.say(
        "Province delle prefetture: Cagliari comprende il Sud Sardegna. Comprende gli "
        "sfratti; senza indice le province che non hanno trasmesso un dato."
    )


def count_labels(voice: Voice) -> dict[str, str]:
    """Return the printed names of orders, requests and executions."""
    words = (
        voice.say("Provvedimenti emessi"),
        voice.say("Richieste di esecuzione"),
        voice.say("Sfratti eseguiti"),
    )
    return dict(zip(COUNTS, words, strict=True))


def evictions_table(found: Findings, *, flags: bool = True) -> Table:
    """Give the published evictions of the provinces the area touches."""
    voice = found.voice
    rows = found.evictions
    arrears = rows["orders_arrears_capital"] + rows["orders_arrears_rest"]
    frame = pd.DataFrame(
        {
            "province": [prefecture_name(str(name), voice, found.day) for name in rows.index],
            **{name: rows[name] for name in COUNTS},
            "orders_per_1000": 1000 * rows["orders"] / rows["households"],
            "executions_per_1000": 1000 * rows["executions"] / rows["households"],
            "requests_per_order_ratio": rows["requests"] / rows["orders"],
            "orders_capital": rows["orders_capital"],
            "orders_rest": rows["orders_rest"],
            "orders_arrears_share": arrears / rows["orders"],
            "households_per_order": rows["households"] / rows["orders"],
            "flags": [
                plain(eviction_flags(str(name), row, voice, found.day))
                for name, row in rows.iterrows()
            ],
        },
        index=rows.index,
    )
    labels = count_labels(voice)
    words = (
        voice.say("Provincia"),
        voice.say("Provvedimenti per 1.000 famiglie"),
        voice.say("Eseguiti per 1.000 famiglie"),
        voice.say("Richieste per provvedimento"),
        voice.say("Avvertenze"),
        voice.say("Provvedimenti nel capoluogo"),
        voice.say("Provvedimenti nel resto della provincia"),
        voice.say("Per morosità o altra causa"),
        voice.say("Famiglie per provvedimento"),
    )
    more = (
        Column("orders_capital", words[5], "count"),
        Column("orders_rest", words[6], "count"),
        Column("orders_arrears_share", words[7], "share"),
        Column("households_per_order", words[8], "count"),
        Column("flags", words[4]),
    )
    columns = (
        Column("province", words[0]),
        *(Column(name, labels[name], "count") for name in COUNTS),
        Column("orders_per_1000", words[1], "per_1000"),
        Column("executions_per_1000", words[2], "per_1000"),
        Column("requests_per_order_ratio", words[3], "ratio"),
        *(more if flags else ()),
    )
    year = store.source_of("evictions").reference_date
    title = voice.say("Sfratti per provincia, {year}", year=year)
    said = []
    if not flags and len(frame) <= 3:
        every = (eviction_flags(str(name), row, voice, found.day) for name, row in rows.iterrows())
        said = [text for text in every if text]
    return Table(
        voice.say("sfratti"), title, frame, columns, notes=(*said, exclusion_note(voice)),
        sources=source_lines([store.source_of("evictions").id], voice), facts="rows",
    )  # fmt: skip


def exclusion_note(voice: Voice) -> str:
    """Say what the figures on evictions leave out."""
    return voice.say("Sono esclusi i rilasci di alloggi pubblici e gli sgomberi.")


def prefecture_name(
    province: str, voice: Voice = ITALIAN, codes_on: pd.Timestamp | None = None
) -> str:
    """Return the printed name of a prefecture's province, with the others that it serves."""
    own, *others = _served(day_of(codes_on))[province]
    if not others:
        return own
    named = voice.listed([voice.say(_WITH_ARTICLE.get(name, name)) for name in others])
    return voice.say("{own} (con {others})", own=own, others=named)


_WITH_ARTICLE = {"Sud Sardegna": N_("il Sud Sardegna")}


@store.remembered()
def _served(day: pd.Timestamp) -> Mapping[str, Sequence[str]]:
    """Return by prefecture its own province, then those most of whose municipalities it serves."""
    units, home = municipalities(day), panels.prefecture_provinces(day)
    counts = pd.crosstab(units["province_name"], home).rename(columns=str)
    own = units.drop_duplicates("province_name").set_index("province_abbreviation")["province_name"]
    found = {str(province): [str(own[province])] for province in counts.columns}
    for name, prefecture in counts.idxmax(axis=1).items():
        if name not in found[str(prefecture)]:
            found[str(prefecture)].append(str(name))
    return MappingProxyType(
        {place: tuple(one.split("/")[0] for one in names) for place, names in found.items()}
    )


def eviction_flags(
    province: str, row: pd.Series, voice: Voice, day: pd.Timestamp | None = None
) -> str:
    """Say what may not be read from a province's figures."""
    name = prefecture_name(province, voice, day)
    counts = {
        "orders": voice.say("provvedimenti"),
        "requests": voice.say("richieste"),
        "executions": voice.say("esecuzioni"),
    }
    missing = [word for key, word in counts.items() if np.isnan(row[key])]
    broken = [word for key, word in counts.items() if row[f"{key}_broken"] and word not in missing]
    said = []
    if missing:
        # "provvedimenti" are masculine, requests and executions are not.
        words = (
            N_("{name}: {missing} non trasmessi: il dato manca e non è zero.")
            if np.isnan(row["orders"])
            else N_("{name}: {missing} non trasmesse: il dato manca e non è zero.")
        )
        said.append(voice.say(words, name=name, missing=voice.listed(missing)))
    if broken:
        changes = ", ".join(
            f"{word} {number(f'{province}:{key}_before', before, voice)} → "
            f"{number(f'{province}:{key}', row[key], voice)}"
            for key, word in counts.items()
            if word in broken
            for before in [row[key] / (1 + row[f"{key}_change_share"])]
        )
        said.append(
            voice.say(
                "{name}: serie interrotta ({changes}), la variazione non si legge.",
                name=name,
                changes=changes,
            )
        )
    if not row["split_reliable"]:
        said.append(
            voice.say(
                "{name}: la divisione fra capoluogo e resto della provincia non è attendibile "
                "({capital} provvedimenti nel capoluogo, {rest} nel resto).",
                name=name,
                capital=number(f"{province}:orders_capital", row["orders_capital"], voice),
                rest=number(f"{province}:orders_rest", row["orders_rest"], voice),
            )
        )
    return " ".join(said)


def _series_table(found: Findings) -> Table:
    voice = found.voice
    frame = store.table("evictions_series")
    frame = frame.set_axis([f"italy_{year}" for year in frame["year"]])
    labels = count_labels(voice) | {
        "orders_need": voice.say("Necessità del locatore"),
        "orders_end": voice.say("Finita locazione"),
        "orders_arrears": voice.say("Morosità e altra causa"),
        "year": voice.say("Anno"),
    }
    columns = tuple(
        Column(name, labels[name], "date" if name == "year" else "count") for name in frame.columns
    )
    title = voice.say("Sfratti in Italia per anno")
    key = voice.say("sfratti serie")
    return Table(
        key, title, frame, columns, notes=(exclusion_note(voice),),
        sources=source_lines([store.source_of("evictions_series").id], voice), facts="rows",
    )  # fmt: skip


def column_labels(voice: Voice) -> dict[str, str]:
    """Return the printed names of the columns of the panel that have one."""
    named = {name: voice.say(words) for name, words in BASE_LABELS.items()}
    return named | unit_labels(voice)


def unit_labels(voice: Voice) -> dict[str, str]:
    """Return the printed names of the columns that every table of municipalities begins with."""
    words = (voice.say("Residenti"), voice.say("Famiglie"), voice.say("Superficie, km²"))
    return dict(zip(("resident_population", "households", "area_km2"), words, strict=True))


def _base_table(found: Findings) -> Table:
    voice, codes = found.voice, found.shown.sort_values("municipality_name").index
    names = list(BASE_LABELS)
    frame = pd.concat(
        [found.shown.loc[codes, ["municipality_name", "cadastral_code"]],
         found.panel.data.loc[codes, ["resident_population", "households", "area_km2", *names]]],
        axis=1,
    )  # fmt: skip
    frame.insert(0, "municipality_code", frame.index)
    head = (voice.say("Codice"), voice.say("Comune"), voice.say("Codice catastale"))
    units = unit_labels(voice)
    columns = (
        Column("municipality_code", head[0], "code"),
        Column("municipality_name", head[1]),
        Column("cadastral_code", head[2], "code"),
        Column("resident_population", units["resident_population"], "count"),
        Column("households", units["households"], "count"),
        Column("area_km2", units["area_km2"], "ratio"),
        *(
            Column(name, voice.say(label), "text" if name.endswith("_code") else unit_of(name))
            for name, label in BASE_LABELS.items()
        ),
    )
    if found.editions:  # each municipality has its own
        frame["rent_semester"] = found.panel.vintage.loc[codes, "rent_eur_m2_month"]
        columns = (*columns, Column("rent_semester", voice.say("Semestre OMI"), "date"))
    sources = dict.fromkeys(s for name in names for s in found.panel.sources[name])
    title = voice.say("Dati di base")
    return closed(found, Table(
        title, title, frame, columns, found.panel.quality.loc[codes, names],
        notes=found.editions, sources=source_lines(sources, voice), facts="rows",
    ))  # fmt: skip


def sources_table(found: Findings) -> Table:
    """List the publications behind the figures."""
    voice, cited = found.voice, store.cited()
    ids = [*found.used_sources(), store.source_of("evictions_series").id]
    words = (
        voice.say("Ente e pubblicazione"),
        voice.in_context("date", "Riferimento"),
        voice.say("Licenza"),
    )
    used = [cited[key] for key in ids] + [istat_boundaries.SOURCE]
    frame = pd.DataFrame(
        {
            "title": [f"{one.publisher}, {one.title}" for one in used],
            "reference_date": [one.edition(voice) for one in used],
            "licence": [one.licence for one in used],
        }
    )
    if found.area.attrs["level"] == "ambito":
        note = voice.say(
            "Composizione dell'ambito: da conoscenza generale dei piani di zona; verificarla con "
            "l'ambito prima di un uso ufficiale."
        )
    else:
        note = _day_note(found)
    title = voice.say("Fonti e date")
    columns = tuple(
        Column(name, word, "date" if name == "reference_date" else "text")
        for name, word in zip(frame.columns, words, strict=True)
    )
    notes = dict.fromkeys((note, _day_note(found)) if found.day != DAY else (note,))
    notes |= dict.fromkeys(found.editions)
    return Table(voice.say("fonti"), title, frame, columns, notes=tuple(notes))


def _day_note(found: Findings) -> str:
    """Say on which day's municipalities the figures stand, and how later ones were made."""
    voice = found.voice
    day = voice.day(found.day)
    note = voice.say(
        "Comuni al {day}; le fonti di altre date sono riportate a quei codici.", day=day
    )
    if found.day == DAY:
        return note
    until = pd.Timestamp(store.source_of("code_history").reference_date)
    known = voice.say(
        " Fusioni note fino al {until}; i confini dei comuni fusi sono quelli del 2022 uniti.",
        until=voice.day(until),
    )
    lost = ", ".join(unplaced(found.day))
    without = voice.say(
        " Fuori da ogni totale, perché non se ne conosce il successore: {lost}.", lost=lost
    )
    return note + known + (without if lost else "")


def source_lines(ids: Iterable[str], voice: Voice) -> tuple[str, ...]:
    """Return the citations of sources, each with its reference date."""
    cited = [store.cited()[key] for key in ids]
    return tuple(dict.fromkeys(f"{one.attribution} ({one.edition(voice)})" for one in cited))


def _quality_table(found: Findings) -> Table:
    """List every value that is not observed, in words."""
    voice, figures = found.voice, found.indicators
    rows = _quality_rows(figures, found.shown["municipality_name"], found.declared, voice)
    words = (voice.say("Comune"), voice.say("Indicatore"), voice.say("Qualità"), voice.say("Anno"))
    columns = tuple(Column(c, w) for c, w in zip(rows.columns, words, strict=True))
    title = voice.say("Valori non osservati direttamente")
    key = voice.say("qualità")
    return Table(key, title, rows, columns, notes=_join_notes(found))


def _quality_rows(
    figures: Figures, names: pd.Series, known: Mapping[str, Indicator], voice: Voice
) -> pd.DataFrame:
    """Return one row for each value that is not observed: where, what, how it came to be."""
    listed = [name for name in figures.data.columns if name in known]
    quality = figures.quality.loc[names.index, listed].to_numpy()
    vintage = figures.vintage.loc[names.index, listed].to_numpy()
    unit, column = np.nonzero(quality != Quality.OBSERVED)
    words = [voice.say(QUALITY_LABELS[Quality(kind)]) for kind in Quality]
    return pd.DataFrame(
        {
            "municipality": names.to_numpy()[unit],
            "indicator": np.array([known[name].label_in(voice) for name in listed])[column],
            "quality": np.array(words)[quality[unit, column]],
            "vintage": vintage[unit, column],
        }
    )


def _join_notes(found: Findings) -> tuple[str, ...]:
    """Say what the sources left unmatched, by name, where the area is concerned."""
    voice, cited = found.voice, store.cited()
    own = set(found.shown["municipality_name"])
    said = []
    for one in panels.join_report(found.overrides, found.day):
        here = [name for name in one.names if name in own]
        names = here if one.of_places else list(one.names)
        if names:
            listed = ", ".join(names[:12])
            more = len(names) - 12
            rest = voice.say(" e altri {more}", more=more) if more > 0 else ""
            said.append(f"{cited[one.source].title}: {one.what.text(voice)}: {listed}{rest}.")
    return tuple(said)
