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
from needs_analysis.reports import codebook, index_words
from needs_analysis.reports.findings import OWN, Findings
from needs_analysis.reports.language import (
    COMPONENT_LABELS,
    QUALITY_LABELS,
    URBANISATION_LABELS,
    day_label,
    number,
    printed,
)
from needs_analysis.reports.model import Column, Table
from needs_analysis.sources import istat_boundaries
from needs_analysis.territory import DAY, day_of, municipalities, unplaced

if TYPE_CHECKING:
    import geopandas as gpd

# Above this the page gives the provinces of the area instead of its municipalities.
MUNICIPALITIES_ON_PAGE = 150


# The page has room for few columns, under short heads; the workbook has all, under full ones.
MAIN = {
    "rent_to_income_ratio": ("Canone su reddito", "Rent to income"),
    "below_rent_threshold_share": ("Sotto il reddito richiesto", "Below income asked for"),
    "price_to_income_years": (
        "Reddito per {purchase_dwelling_m2} m²",
        "Income for {purchase_dwelling_m2} m²",
    ),  # fmt: skip
    "low_income_share": ("Redditi fino a 10.000 €", "Incomes up to € 10,000"),
    "residents_75_over_share": ("75 anni e più", "75 and over"),
    "accommodation_beds_per_1000": ("Letti turistici su residenti", "Tourist beds on residents"),
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
    "declarants_up_to_10k": ("Dichiaranti fino a 10.000 €", "Declarants up to € 10,000"),
    "mean_taxable_income_eur": ("Reddito imponibile medio", "Mean taxable income"),
    "mean_net_income_eur": ("Reddito netto medio", "Mean net income"),
    "declarants": ("Dichiaranti", "Declarants"),
    "rent_eur_m2_month": ("Canone OMI medio", "Mean OMI rent"),
    "rent_low_eur_m2_month": ("Canone OMI minimo", "Lowest OMI rent"),
    "rent_high_eur_m2_month": ("Canone OMI massimo", "Highest OMI rent"),
    "rent_surface_code": ("Superficie (L lorda, N netta)", "Surface (L gross, N net)"),
    "rent_typology_code": ("Tipologia OMI", "OMI typology"),
    "rent_zones": ("Zone OMI", "OMI zones"),
    "rent_weighting_code": (
        "Peso delle zone (Z uguale, P per abitanti, M misto)",
        "Weight of zones (Z alike, P by residents, M mixed)",
    ),
    "rent_predecessors": ("Comuni di origine del canone", "Municipalities the rent comes from"),
    "annual_rent_eur": ("Canone annuo di riferimento", "Annual reference rent"),
    "price_eur_m2": ("Prezzo OMI medio", "Mean OMI price"),
    "eviction_orders": ("Provvedimenti di sfratto", "Eviction orders"),
    "eviction_executions": ("Sfratti eseguiti", "Evictions carried out"),
    "accommodation_beds": ("Posti letto turistici", "Tourist-let beds"),
    "accommodation_beds_2019": ("Posti letto turistici 2019", "Tourist-let beds 2019"),
    "renting_households_2011": ("Famiglie in affitto 2011", "Renting households 2011"),
}


def sheets(found: Findings, of_index: Sequence[Table] = ()) -> list[Table]:
    """Return the tables of the workbook, one a sheet; `of_index` stand after the index's own."""
    lang = found.lang
    by_component: dict[str, list[str]] = {}
    for name, one in found.declared.items():
        by_component.setdefault(one.component, []).append(name)
    return [
        comparison_table(found),
        *(_component_table(found, component, names) for component, names in by_component.items()),
        index_table(found),
        *of_index,
        _provincial_table(found),
        evictions_table(found),
        _series_table(found),
        _base_table(found),
        codebook.table(lang, found.declared),
        sources_table(found),
        _quality_table(found),
    ]


def comparison_table(found: Findings) -> Table:
    """Set the indicators of the area beside those of what it is compared with."""
    lang, known = found.lang, found.declared
    figures = _comparable(found.compared.columns(COMPARED))
    frame = figures.data.T
    frame.insert(0, "label", [known[name].label(lang) for name in COMPARED])
    frame["variable"], frame["unit"] = COMPARED, [known[name].unit for name in COMPARED]
    frame["vintage"] = figures.vintage.loc[OWN]
    words = {"it": ("Indicatore", "Anno"), "en": ("Indicator", "Year")}[lang]
    columns = (
        Column("label", words[0]),
        *(Column(key, found.labels[key], "by_row") for key in found.groups),
        Column("vintage", words[1], "date"),
    )
    covered = found.coverage.loc[OWN, list(COMPARED)]
    partial = [
        f"{known[name].label(lang)} {printed(share, 'x_share', 'share', lang)}"
        for name, share in zip(COMPARED, covered, strict=True)
        if share < 0.9995
    ]
    notes = [
        {
            "it": "Valori calcolati sulle somme dei comuni (canoni e prezzi: media pesata per "
            "famiglie), mai medie di rapporti comunali.",
            "en": "Computed on the sums of municipalities (rents and prices: household-weighted "
            "means), never means of municipal ratios.",
        }[lang]
    ]
    notes.append(
        {
            "it": "Gli sfratti si confrontano solo fra province intere, regioni e Italia.",
            "en": "Evictions are compared only between whole provinces, regions and Italy.",
        }[lang]
    )
    if partial:
        opening = {"it": "Famiglie coperte: ", "en": "Households covered: "}[lang]
        notes.append(opening + "; ".join(partial) + ".")
    return Table(
        {"it": "confronto", "en": "comparison"}[lang],
        {"it": "Indicatori a confronto", "en": "Indicators compared"}[lang],
        frame,
        columns,
        figures.quality.T,
        notes=tuple(notes),
        sources=source_lines(_all_sources(figures)),
    )


def page_table(found: Findings) -> Table:
    """The main indicators and the index by municipality, as the page has room for."""
    lang, known, spec = found.lang, found.declared, found.index.spec
    values = parameters.values(found.overrides)
    shown = neighbours(found) if len(found.codes) == 1 else found.shown
    shown = shown.sort_values("municipality_name")
    figures = found.indicators.rows(shown.index).columns([*MAIN, spec.name])
    frame = figures.data.copy()
    frame.insert(0, "municipality_name", shown["municipality_name"])
    frame.insert(1, "resident_population", shown["resident_population"])
    frame["rank"] = found.index.rank.loc[shown.index]
    words = {
        "it": ("Comune", "Residenti", "Indice", "Posto in Italia", "Indicatori per comune"),
        "en": ("Municipality", "Residents", "Index", "Rank in Italy", "Indicators by municipality"),
    }[lang]
    columns = (
        Column("municipality_name", words[0]),
        Column("resident_population", words[1], "count"),
        *(
            Column(name, worded(heads[lang != "it"], lang, values), known[name].unit)
            for name, heads in MAIN.items()
        ),
        Column(spec.name, words[2], found.score_unit),
        Column("rank", words[3], "count"),
    )
    return Table(
        "comuni", words[4], frame, columns, figures.quality, notes=(_context_note(found),),
        sources=source_lines(_all_sources(figures)),
    )  # fmt: skip


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
    lang, known = found.lang, found.declared
    shown = found.shown.sort_values("municipality_name")
    figures = found.indicators.rows(shown.index).columns(names)
    frame = pd.concat(
        [shown[["municipality_name", "province_name", "resident_population", "households"]],
         figures.data], axis=1,
    )  # fmt: skip
    frame.insert(0, "municipality_code", frame.index)
    head = {
        "it": ("Codice", "Comune", "Provincia", "Residenti", "Famiglie", "Posto in Italia: {}",
               "Posto fra comuni simili: {}", "Minimo (classi in bianco): {}",
               "Massimo (classi in bianco): {}"),
        "en": ("Code", "Municipality", "Province", "Residents", "Households", "Rank in Italy: {}",
               "Rank among alike: {}", "Lowest (blank classes): {}", "Highest (blank classes): {}"),
    }[lang]  # fmt: skip
    columns = [
        Column("municipality_code", head[0], "code"),
        Column("municipality_name", head[1]),
        Column("province_name", head[2]),
        Column("resident_population", head[3], "count"),
        Column("households", head[4], "count"),
    ]
    for name in names:
        label, unit = known[name].label(lang), known[name].unit
        columns.append(Column(name, label, "text" if unit == "code" else unit))
        if figures.low[name].notna().any():
            for side, bounds, word in (
                ("low", figures.low, head[7]),
                ("high", figures.high, head[8]),
            ):
                frame[f"{name}_{side}"] = bounds[name]
                columns.append(Column(f"{name}_{side}", word.format(label), unit))
        if not found.ranks[name].notna().any():
            continue
        for suffix, ranks, word in (
            ("rank", found.ranks, head[5]), ("rank_alike", found.ranks_alike, head[6]),
        ):  # fmt: skip
            frame[f"{name}_{suffix}"] = ranks.loc[shown.index, name]
            columns.append(Column(f"{name}_{suffix}", word.format(label), "count"))
    title = COMPONENT_LABELS[component][lang]
    return Table(
        title, title, frame, tuple(columns), figures.quality, notes=(_rank_note(found),),
        sources=source_lines(_all_sources(figures)),
    )  # fmt: skip


def _rank_note(found: Findings) -> str:
    kinds = ", ".join(f"{code} {word}" for code, word in URBANISATION_LABELS[found.lang].items())
    return {
        "it": "Posto 1 = disagio maggiore (per gli indicatori di contesto, valore più alto); comuni "
        "simili = stesso grado di urbanizzazione "
        f"({kinds}). I valori ripartiti dalla provincia non hanno graduatoria.",
        "en": "Rank 1 = most distress (context indicators: highest value); alike = same degree of "
        f"urbanisation ({kinds}). Values allocated from the province have no rank.",
    }[found.lang]


def _context_note(found: Findings) -> str:
    if len(found.codes) > 1:
        return {
            "it": "Tutti gli indicatori, con i posti in graduatoria, sono nelle tabelle Excel.",
            "en": "All indicators, with their ranks, are in the Excel tables.",
        }[found.lang]
    return {
        "it": "Il comune e quelli della provincia che confinano con esso; tutta la provincia è nelle "
        "tabelle Excel.",
        "en": "The municipality and those of its province that touch it; the whole province is in "
        "the Excel tables.",
    }[found.lang]


def province_table(found: Findings) -> Table:
    """Give the main indicators by province, where municipalities are too many."""
    lang, known = found.lang, found.declared
    own = set(found.codes)
    provinces = {
        name: inside
        for name, codes in panels.regroup("province", found.day).items()
        if (inside := [code for code in codes if code in own])
    }
    figures = indicator_set.compute_areas(found.panel, provinces, found.overrides)
    names = [*MAIN, "eviction_orders_per_1000"]
    frame = figures.data[names].copy()
    frame.insert(0, "resident_population", panels.pool(
        found.panel, provinces, ["resident_population"]).data["resident_population"])  # fmt: skip
    frame.insert(0, "province_name", frame.index)
    words = {"it": ("Provincia", "Residenti"), "en": ("Province", "Residents")}[lang]
    columns = (
        Column("province_name", words[0]),
        Column("resident_population", words[1], "count"),
        *(Column(name, known[name].label(lang), known[name].unit) for name in names),
    )
    sources = dict.fromkeys(s for name in names for s in figures.sources[name])
    title = {"it": "Indicatori per provincia", "en": "Indicators by province"}[lang]
    return Table(
        "comuni", title, frame, columns, figures.quality[names], notes=(_context_note(found),),
        sources=source_lines(sources),
    )  # fmt: skip


def index_table(found: Findings) -> Table:
    """Give the index by municipality, with its components and the points of each part."""
    lang, spec, unit = found.lang, found.index.spec, found.score_unit
    scores, codes = found.index.scores, found.shown.index
    frame, quality = scores.data.loc[codes].copy(), scores.quality.loc[codes].copy()
    points = found.index.component_contributions().loc[codes]  # none in an outranking
    columns_of = {one.name: one.column for one in spec.components}
    for part in map(str, points):
        name = f"{part}_points_score"
        frame[name], quality[name] = points[part], quality[columns_of.get(part, spec.name)]
    frame.insert(0, "municipality_name", found.shown["municipality_name"])
    frame["rank"] = found.index.rank.loc[codes]
    frame = frame.sort_values(["rank", "municipality_name"], na_position="last")
    words = {
        "it": ("Comune", "Posto in Italia", "Indice", "Punti: {}", "L'indice e le sue componenti"),
        "en": ("Municipality", "Rank in Italy", "Index", "Points: {}",
               "The index and its components"),
    }[lang]  # fmt: skip
    columns = (
        Column("municipality_name", words[0]),
        Column("rank", words[1], "count"),
        Column(spec.name, words[2], unit),
        *(Column(one.column, found.parts[one.name], unit) for one in spec.components),
        *(
            Column(f"{part}_points_score", words[3].format(found.parts[part]), unit)
            for part in map(str, points)
        ),
    )
    return Table(
        {"it": "indice", "en": "index"}[lang],
        words[4] if spec.components else index_words.label(spec, lang),
        frame, columns, quality.loc[frame.index],
        notes=(index_words.rule(spec, found.parts, lang),
               index_words.treatment(found.index.treatment, found.parts, lang)),
        sources=source_lines(scores.sources[spec.name]),
    )  # fmt: skip


def _provincial_table(found: Findings) -> Table:
    lang, result = found.lang, found.provincial_index
    frame = result.scores.data.copy()
    frame["rank"] = result.rank
    frame.insert(
        0, "province", [prefecture_name(str(name), lang, found.day) for name in frame.index]
    )
    frame = frame.sort_values(["rank", "province"], na_position="last")
    spec = result.spec
    words = {"it": ("Provincia", "Posto", "Indice"), "en": ("Province", "Rank", "Index")}[lang]
    columns = (
        Column("province", words[0]),
        Column("rank", words[1], "count"),
        Column(spec.name, words[2], "score"),
        *(Column(one.column, one.label_it if lang == "it" else one.label_en, "score")
          for one in spec.components),
    )  # fmt: skip
    return Table(
        {"it": "indice province", "en": "provincial index"}[lang],
        spec.label_it if lang == "it" else spec.label_en,
        frame, columns, result.scores.quality.loc[frame.index],
        notes=(_provincial_note(lang),), sources=source_lines(result.scores.sources[spec.name]),
    )  # fmt: skip


def _provincial_note(lang: str) -> str:
    return {
        "it": "Province delle prefetture: Cagliari comprende il Sud Sardegna. Comprende gli sfratti; "
        "senza indice le province che non hanno trasmesso un dato.",
        "en": "Provinces of the prefectures: Cagliari includes Sud Sardegna. Evictions are included; "
        "provinces that did not report have no index.",
    }[lang]


def count_labels(lang: str) -> dict[str, str]:
    """Return the printed names of orders, requests and executions."""
    words = {
        "it": ("Provvedimenti emessi", "Richieste di esecuzione", "Sfratti eseguiti"),
        "en": ("Orders issued", "Requests of execution", "Evictions carried out"),
    }[lang]
    return dict(zip(COUNTS, words, strict=True))


def evictions_table(found: Findings, *, flags: bool = True) -> Table:
    """Give the published evictions of the provinces the area touches."""
    lang = found.lang
    rows = found.evictions
    frame = pd.DataFrame(
        {
            "province": [prefecture_name(str(name), lang, found.day) for name in rows.index],
            **{name: rows[name].to_numpy() for name in COUNTS},
            "orders_per_1000": (1000 * rows["orders"] / rows["households"]).to_numpy(),
            "executions_per_1000": (1000 * rows["executions"] / rows["households"]).to_numpy(),
            "requests_per_order_ratio": (rows["requests"] / rows["orders"]).to_numpy(),
            "flags": [
                eviction_flags(str(name), row, lang, found.day) for name, row in rows.iterrows()
            ],
        }
    )
    labels = count_labels(lang)
    words = {
        "it": ("Provincia", "Provvedimenti per 1.000 famiglie", "Eseguiti per 1.000 famiglie",
               "Richieste per provvedimento", "Avvertenze"),
        "en": ("Province", "Orders per 1,000 households", "Carried out per 1,000 households",
               "Requests per order", "Cautions"),
    }[lang]  # fmt: skip
    columns = (
        Column("province", words[0]),
        *(Column(name, labels[name], "count") for name in COUNTS),
        Column("orders_per_1000", words[1], "per_1000"),
        Column("executions_per_1000", words[2], "per_1000"),
        Column("requests_per_order_ratio", words[3], "ratio"),
        *((Column("flags", words[4]),) if flags else ()),
    )
    year = store.source_of("evictions").reference_date
    title = {"it": f"Sfratti per provincia, {year}", "en": f"Evictions by province, {year}"}[lang]
    said = [] if flags or len(frame) > 3 else [text for text in frame["flags"] if text]
    return Table("sfratti", title, frame, columns, notes=(*said, exclusion_note(lang)),
                 sources=source_lines([store.source_of("evictions").id]))  # fmt: skip


def exclusion_note(lang: str) -> str:
    """Say what the figures on evictions leave out."""
    return {
        "it": "Sono esclusi i rilasci di alloggi pubblici e gli sgomberi.",
        "en": "Releases of public dwellings and clearances are not included.",
    }[lang]


def prefecture_name(province: str, lang: str = "it", codes_on: pd.Timestamp | None = None) -> str:
    """Return the printed name of a prefecture's province, with the others that it serves."""
    own, *others = _served(day_of(codes_on))[province]
    named = [f"il {name}" if lang == "it" and name == "Sud Sardegna" else name for name in others]
    words = {"it": ("con", " e "), "en": ("with", " and ")}[lang]
    return f"{own} ({words[0]} {words[1].join(named)})" if named else own


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
    province: str, row: pd.Series, lang: str, day: pd.Timestamp | None = None
) -> str:
    """Say what may not be read from a province's figures."""
    name = prefecture_name(province, lang, day)
    counts = {
        "it": {"orders": "provvedimenti", "requests": "richieste", "executions": "esecuzioni"},
        "en": {"orders": "orders", "requests": "requests", "executions": "executions"},
    }[lang]
    missing = [word for key, word in counts.items() if np.isnan(row[key])]
    broken = [word for key, word in counts.items() if row[f"{key}_broken"] and word not in missing]
    said = []
    if missing:
        said.append(
            {
                "it": f"{name}: {' ed '.join(missing) if missing[-1][0] == 'e' else ' e '.join(missing)}"
                f" non {'trasmessi' if 'provvedimenti' in missing else 'trasmesse'}: il dato manca e "
                "non è zero.",
                "en": f"{name}: {' and '.join(missing)} not reported, missing and not zero.",
            }[lang]
        )
    if broken:
        changes = ", ".join(
            f"{word} {number(before, lang)} → {number(row[key], lang)}"
            for key, word in counts.items()
            if word in broken
            for before in [row[key] / (1 + row[f"{key}_change_share"])]
        )
        said.append(
            {
                "it": f"{name}: serie interrotta ({changes}), la variazione non si legge.",
                "en": f"{name}: broken series ({changes}), the change cannot be read.",
            }[lang]
        )
    if not row["split_reliable"]:
        said.append(
            {
                "it": f"{name}: la divisione fra capoluogo e resto della provincia non è attendibile "
                f"({number(row['orders_capital'], lang)} provvedimenti nel capoluogo, "
                f"{number(row['orders_rest'], lang)} nel resto).",
                "en": f"{name}: the split between capital and rest is not reliable "
                f"({number(row['orders_capital'], lang)} orders in the capital, "
                f"{number(row['orders_rest'], lang)} in the rest).",
            }[lang]
        )
    return " ".join(said)


def _series_table(found: Findings) -> Table:
    lang = found.lang
    frame = store.table("evictions_series")
    labels = count_labels(lang) | {
        "it": {"orders_need": "Necessità del locatore", "orders_end": "Finita locazione",
               "orders_arrears": "Morosità e altra causa", "year": "Anno"},
        "en": {"orders_need": "Owner's need", "orders_end": "End of lease",
               "orders_arrears": "Arrears and other cause", "year": "Year"},
    }[lang]  # fmt: skip
    columns = tuple(
        Column(name, labels[name], "date" if name == "year" else "count") for name in frame.columns
    )
    title = {"it": "Sfratti in Italia per anno", "en": "Evictions in Italy by year"}[lang]
    key = {"it": "sfratti serie", "en": "evictions series"}[lang]
    return Table(key, title, frame, columns, notes=(exclusion_note(lang),),
                 sources=source_lines([store.source_of("evictions_series").id]))  # fmt: skip


def column_labels(lang: str) -> dict[str, str]:
    """Return the printed names of the columns of the panel that have one."""
    named = {name: words[lang != "it"] for name, words in BASE_LABELS.items()}
    return named | unit_labels(lang)


def unit_labels(lang: str) -> dict[str, str]:
    """Return the printed names of the columns that every table of municipalities begins with."""
    words = {
        "it": ("Residenti", "Famiglie", "Superficie, km²"),
        "en": ("Residents", "Households", "Area, km²"),
    }[lang]
    return dict(zip(("resident_population", "households", "area_km2"), words, strict=True))


def _base_table(found: Findings) -> Table:
    lang, codes = found.lang, found.shown.sort_values("municipality_name").index
    names = list(BASE_LABELS)
    place = 0 if lang == "it" else 1
    frame = pd.concat(
        [found.shown.loc[codes, ["municipality_name", "cadastral_code"]],
         found.panel.data.loc[codes, ["resident_population", "households", "area_km2", *names]]],
        axis=1,
    )  # fmt: skip
    frame.insert(0, "municipality_code", frame.index)
    head = {
        "it": ("Codice", "Comune", "Codice catastale"),
        "en": ("Code", "Municipality", "Cadastral code"),
    }[lang]
    units = unit_labels(lang)
    columns = (
        Column("municipality_code", head[0], "code"),
        Column("municipality_name", head[1]),
        Column("cadastral_code", head[2], "code"),
        Column("resident_population", units["resident_population"], "count"),
        Column("households", units["households"], "count"),
        Column("area_km2", units["area_km2"], "ratio"),
        *(
            Column(name, label[place], "text" if name.endswith("_code") else unit_of(name))
            for name, label in BASE_LABELS.items()
        ),
    )
    sources = dict.fromkeys(s for name in names for s in found.panel.sources[name])
    title = {"it": "Dati di base", "en": "Base figures"}[lang]
    return Table(title, title, frame, columns, found.panel.quality.loc[codes, names],
                 sources=source_lines(sources))  # fmt: skip


def sources_table(found: Findings) -> Table:
    """List the publications behind the figures."""
    lang, cited = found.lang, store.cited()
    ids = [*found.used_sources(), store.source_of("evictions_series").id]
    words = {
        "it": ("Ente e pubblicazione", "Riferimento", "Licenza"),
        "en": ("Publisher and publication", "Reference date", "Licence"),
    }[lang]
    used = [cited[key] for key in ids] + [istat_boundaries.SOURCE]
    frame = pd.DataFrame(
        {
            "title": [f"{one.publisher}, {one.title}" for one in used],
            "reference_date": [one.reference_date for one in used],
            "licence": [one.licence for one in used],
        }
    )
    if found.area.attrs["level"] == "ambito":
        note = {
            "it": "Composizione dell'ambito: da conoscenza generale dei piani di zona; verificarla "
            "con l'ambito prima di un uso ufficiale.",
            "en": "Composition of the ambito: from general knowledge of the piani di zona; verify it "
            "with the ambito before an official use.",
        }[lang]
    else:
        note = _day_note(found)
    title = {"it": "Fonti e date", "en": "Sources and dates"}[lang]
    columns = tuple(
        Column(name, word, "date" if name == "reference_date" else "text")
        for name, word in zip(frame.columns, words, strict=True)
    )
    notes = dict.fromkeys((note, _day_note(found)) if found.day != DAY else (note,))
    return Table({"it": "fonti", "en": "sources"}[lang], title, frame, columns, notes=tuple(notes))


def _day_note(found: Findings) -> str:
    """Say on which day's municipalities the figures stand, and how later ones were made."""
    lang = found.lang
    day = day_label(found.day, lang)
    note = {
        "it": f"Comuni al {day}; le fonti di altre date sono riportate a quei codici.",
        "en": f"Municipalities of {day}; sources of other dates were brought to them.",
    }[lang]
    if found.day == DAY:
        return note
    until = pd.Timestamp(store.source_of("code_history").reference_date)
    known = {
        "it": f" Fusioni note fino al {day_label(until, lang)}; i confini dei comuni fusi sono quelli "
        "del 2022 uniti.",
        "en": f" Mergers known up to {day_label(until, lang)}; merged municipalities have the "
        "boundaries of 2022 joined.",
    }[lang]
    lost = ", ".join(unplaced(found.day))
    without = {
        "it": f" Fuori da ogni totale, perché non se ne conosce il successore: {lost}.",
        "en": f" Outside all totals, as no successor is known: {lost}.",
    }[lang]
    return note + known + (without if lost else "")


def source_lines(ids: Iterable[str]) -> tuple[str, ...]:
    """Return the citations of sources, each with its reference date."""
    cited = [store.cited()[key] for key in ids]
    return tuple(dict.fromkeys(f"{one.attribution} ({one.reference_date})" for one in cited))


def _quality_table(found: Findings) -> Table:
    """List every value that is not observed, in words."""
    lang, figures = found.lang, found.indicators
    rows = _quality_rows(figures, found.shown["municipality_name"], found.declared, lang)
    words = {
        "it": ("Comune", "Indicatore", "Qualità", "Anno"),
        "en": ("Municipality", "Indicator", "Quality", "Year"),
    }[lang]
    columns = tuple(Column(c, w) for c, w in zip(rows.columns, words, strict=True))
    title = {"it": "Valori non osservati direttamente", "en": "Values not observed directly"}[lang]
    key = {"it": "qualità", "en": "quality"}[lang]
    return Table(key, title, rows, columns, notes=_join_notes(found))


def _quality_rows(
    figures: Figures, names: pd.Series, known: Mapping[str, Indicator], lang: str
) -> pd.DataFrame:
    """Return one row for each value that is not observed: where, what, how it came to be."""
    listed = [name for name in figures.data.columns if name in known]
    quality = figures.quality.loc[names.index, listed].to_numpy()
    vintage = figures.vintage.loc[names.index, listed].to_numpy()
    unit, column = np.nonzero(quality != Quality.OBSERVED)
    words = [QUALITY_LABELS[Quality(kind)][lang] for kind in Quality]
    return pd.DataFrame(
        {
            "municipality": names.to_numpy()[unit],
            "indicator": np.array([known[name].label(lang) for name in listed])[column],
            "quality": np.array(words)[quality[unit, column]],
            "vintage": vintage[unit, column],
        }
    )


def _join_notes(found: Findings) -> tuple[str, ...]:
    """Say what the sources left unmatched, by name, where the area is concerned."""
    lang, cited = found.lang, store.cited()
    own = set(found.shown["municipality_name"])
    said = []
    for one in panels.join_report(found.overrides, found.day):
        here = [name for name in one.names if name in own]
        names = here if one.of_places else list(one.names)
        if names:
            listed = ", ".join(names[:12])
            more = len(names) - 12
            rest = {"it": f" e altri {more}", "en": f" and {more} more"}[lang] if more > 0 else ""
            said.append(f"{cited[one.source].title}: {one.what}: {listed}{rest}.")
    return tuple(said)
