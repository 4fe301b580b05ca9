"""The chapters of the briefing: one function a chapter, from findings to the content model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from needs_analysis import indicators as indicator_set
from needs_analysis import panel as panels
from needs_analysis import parameters, store
from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators import registry
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports import charts, codebook
from needs_analysis.reports.findings import ALIKE, OWN, PROVINCE, Findings
from needs_analysis.reports.language import (
    COMPONENT_LABELS,
    QUALITY_LABELS,
    URBANISATION_LABELS,
    number,
    printed,
)
from needs_analysis.reports.model import (
    Briefing,
    Chapter,
    Column,
    Picture,
    Sentence,
    Table,
)
from needs_analysis.sources import istat_boundaries
from needs_analysis.territory import municipalities

# Above this the page gives the provinces of the area instead of its municipalities.
MUNICIPALITIES_ON_PAGE = 150
MAIN = (
    "rent_to_income_ratio", "below_rent_threshold_share", "price_to_income_years",
    "low_income_share", "residents_75_over_share", "accommodation_beds_per_1000",
)  # fmt: skip
# Comparisons leave out what is known only for a part of the territories.
COMPARED = (
    "residents_per_household_ratio", "residents_75_over_share", "residents_85_over_share",
    "old_age_index_per_100", "residents_18_34_share", "low_income_share",
    "rent_to_income_ratio", "affordable_surface_m2", "price_to_income_years",
    "below_rent_threshold_share", "below_rent_threshold_scenario_share",
    "eviction_orders_per_1000", "eviction_executions_per_1000", "eviction_arrears_share",
    "accommodation_beds_per_1000",
)  # fmt: skip


def compose(found: Findings) -> Briefing:
    """Put the findings in words, tables and pictures, in the order they are read."""
    titles = {
        "it": ("Disagio abitativo", "Un quadro dai dati pubblici"),
        "en": ("Housing distress", "A picture from public figures"),
    }
    title, subtitle = titles[found.lang]
    return Briefing(
        lang=found.lang,
        title=f"{found.label}: {title[0].lower()}{title[1:]}",
        subtitle=_subtitle(found, subtitle),
        chapters=(
            in_ten_sentences(found),
            map_and_index(found),
            compared_with(found),
            by_municipality(found),
            evictions(found),
            sources(found),
            limits(found),
        ),
        sheets=tuple(sheets(found)),
        links=_links(found.lang),
    )


def _subtitle(found: Findings, opening: str) -> str:
    count = len(found.codes)
    words = {
        "it": f"{opening}: {number(count, 'it')} {'comune' if count == 1 else 'comuni'}, "
        "redditi 2021, canoni OMI 2018/2, sfratti 2024",
        "en": f"{opening}: {number(count, 'en')} {'municipality' if count == 1 else 'municipalities'}, "
        "incomes 2021, OMI rents 2018/2, evictions 2024",
    }
    return words[found.lang]


def _links(lang: str) -> dict[str, str]:
    words = {
        "it": ("Mappa interattiva", "Tabelle Excel", "Dati geografici (GeoPackage)"),
        "en": ("Interactive map", "Excel tables", "Geographic data (GeoPackage)"),
    }
    return dict(zip(words[lang], ("map.html", "tables.xlsx", "data.gpkg"), strict=True))


# --- ten sentences ------------------------------------------------------------------------


def in_ten_sentences(found: Findings) -> Chapter:
    """Say in ten sentences what public figures tell, each beside its comparisons."""
    title = {"it": "In dieci frasi", "en": "In ten sentences"}[found.lang]
    makers = (
        _people, _ages, _incomes, _low_incomes, _rents, _income_asked, _modest_income,
        _evicted, _not_below_province, _only_the_ambito,
    )  # fmt: skip
    return Chapter("frasi", title, tuple(make(found) for make in makers))


def _own(found: Findings, name: str) -> float:
    figures = found.compared if name in found.compared.data else found.pooled
    return figures.value(OWN, name)


def _said(found: Findings, name: str, key: str = OWN) -> str:
    """Print a figure of a territory with its unit; a count has none."""
    figures = found.compared if name in found.compared.data else found.pooled
    return printed(figures.value(key, name), name, unit_of(name), found.lang)


def _against(found: Findings, name: str, keys: Sequence[str] | None = None) -> str:
    """Print the same figure for each territory of comparison."""
    others = [key for key in (keys or found.groups) if key in found.groups and key != OWN]
    opening = {"it": "A confronto: ", "en": "Compared: "}[found.lang]
    said = "; ".join(f"{found.labels[key]} {_said(found, name, key)}" for key in others)
    return f"{opening}{said}." if said else ""


def _people(found: Findings) -> Sentence:
    people, homes = _said(found, "resident_population"), _said(found, "households")
    size = _said(found, "residents_per_household_ratio")
    density = number(_own(found, "residents_per_km2"), found.lang)
    lead, text = {
        "it": (
            "Persone e famiglie.",
            f"Al censimento 2021 risiedono qui {people} persone in {homes} famiglie: {size} persone "
            f"per famiglia, {density} abitanti per km².",
        ),
        "en": (
            "People and households.",
            f"At the 2021 census {people} people live here in {homes} households: {size} people a "
            f"household, {density} people per km².",
        ),
    }[found.lang]
    opening = {"it": "Persone per famiglia. ", "en": "People a household. "}[found.lang]
    return Sentence(text, lead, opening + _against(found, "residents_per_household_ratio"))


def _ages(found: Findings) -> Sentence:
    over_75, over_85 = (
        _said(found, "residents_75_over_share"),
        _said(found, "residents_85_over_share"),
    )
    old, young = _own(found, "old_age_index_per_100"), _said(found, "residents_18_34_share")
    index = number(old, found.lang)
    lead, text = {
        "it": (
            "Età.",
            f"Ha 75 anni e più il {over_75} dei residenti e 85 e più il {over_85}; per 100 ragazzi "
            f"sotto i 15 anni ci sono {index} persone di 65 e più; il {young} ha fra 18 e 34 anni, "
            "l'età in cui si cerca la prima casa.",
        ),
        "en": (
            "Age.",
            f"{over_75} of residents are 75 and over and {over_85} are 85 and over; for 100 children "
            f"under 15 there are {index} people of 65 and over; {young} are between 18 and 34, the "
            "age of the first home.",
        ),
    }[found.lang]
    opening = {"it": "Residenti di 75 anni e più. ", "en": "Residents of 75 and over. "}[found.lang]
    return Sentence(text, lead, opening + _against(found, "residents_75_over_share"))


def _incomes(found: Findings) -> Sentence:
    mean, people = _said(found, "mean_taxable_income_eur"), _said(found, "declarants")
    net = _said(found, "mean_net_income_eur")
    lead, text = {
        "it": (
            "Redditi.",
            f"Il reddito imponibile medio dichiarato per il 2021 è {mean} per dichiarante ({net} al "
            f"netto di imposte e addizionali); i dichiaranti sono {people}: sono persone, non "
            "famiglie.",
        ),
        "en": (
            "Incomes.",
            f"Mean taxable income declared for 2021 is {mean} a declarant ({net} after taxes and "
            f"surcharges); there are {people} declarants: they are persons, not households.",
        ),
    }[found.lang]
    return Sentence(text, lead, _against(found, "mean_taxable_income_eur"))


def _low_incomes(found: Findings) -> Sentence:
    share, people = _said(found, "low_income_share"), _said(found, "declarants_up_to_10k")
    low, high = (
        float(side.loc[OWN, "low_income_share"])  # type: ignore[arg-type]
        for side in (found.compared.low, found.compared.high)
    )
    spread = ""
    if high - low >= 0.0005:
        ends = [printed(end, "low_income_share", "share", found.lang) for end in (low, high)]
        spread = {
            "it": f" (fra {ends[0]} e {ends[1]}, contando le classi che la fonte lascia in bianco)",
            "en": f" (between {ends[0]} and {ends[1]}, counting the classes left blank)",
        }[found.lang]
    lead, text = {
        "it": (
            "Redditi bassi.",
            f"Il {share} dei dichiaranti{spread} ha un reddito complessivo fino a 10.000 €: "
            f"{people} persone.",
        ),
        "en": (
            "Low incomes.",
            f"{share} of declarants{spread} have a total income of up to € 10,000: {people} persons.",
        ),
    }[found.lang]
    return Sentence(text, lead, _against(found, "low_income_share"))


def _monthly(found: Findings, key: str = OWN) -> str:
    monthly = found.pooled.value(key, "annual_rent_eur") / 12
    return printed(monthly, "monthly_rent_eur", "eur", found.lang)


def _rents(found: Findings) -> Sentence:
    lang = found.lang
    lead = {"it": "Canoni di mercato.", "en": "Market rents."}[lang]
    if np.isnan(_own(found, "annual_rent_eur")):
        return Sentence(
            {
                "it": "Per questo territorio l'OMI non quota canoni nel secondo semestre 2018: il dato "
                "manca e non è stato stimato.",
                "en": "OMI quotes no rents here in the second half of 2018: the figure is missing and "
                "was not estimated.",
            }[lang],
            lead,
        )
    low, high = (
        printed(_own(found, f"rent_{end}_eur_m2_month"), "rent_eur_m2_month", "eur_m2_month", lang)
        for end in ("low", "high")
    )
    without = found.panel.data.loc[found.codes, "annual_rent_eur"].isna().sum()
    gap = ""
    if without:
        gap = {
            "it": f" Il canone manca per {without} comuni su {len(found.codes)}.",
            "en": f" The rent is missing for {without} municipalities of {len(found.codes)}.",
        }[lang]
    text = {
        "it": f"Le quotazioni OMI del secondo semestre 2018 vanno da {low} a {high}; l'abitazione di "
        f"riferimento (75 m² lordi, 60 netti) costava in media {_monthly(found)} al mese.{gap}",
        "en": f"OMI quotes of the second half of 2018 go from {low} to {high}; the reference dwelling "
        f"(75 m² gross, 60 net) cost {_monthly(found)} a month on average.{gap}",
    }[lang]
    others = "; ".join(
        f"{found.labels[key]} {_monthly(found, key)}" for key in found.groups if key != OWN
    )
    note = {
        "it": "Non è il canone di oggi: serve a confrontare i territori, e gli affitti richiesti ora "
        f"sono molto più alti. Al mese, a confronto: {others}.",
        "en": "This is not today's rent: it serves to compare places, and rents asked now are much "
        f"higher. A month, compared: {others}.",
    }[lang]
    return Sentence(text, lead, note)


def _income_asked(found: Findings) -> Sentence:
    lang, values = found.lang, parameters.values(found.overrides)
    lead = {"it": "Il reddito che il canone richiede.", "en": "The income the rent asks for."}[lang]
    rent = _own(found, "annual_rent_eur")
    if np.isnan(rent):
        return Sentence(_no_rent(lang), lead)
    rise = values["rent_scenario_increase_share"]
    asked = rent / values["sustainable_rent_share"]
    income, more = (printed(x, "income_eur", "eur", lang) for x in (asked, asked * (1 + rise)))
    rule = printed(values["sustainable_rent_share"], "rule_share", "share", lang).replace(",0", "")
    step = printed(rise, "rise_share", "share", lang).replace(",0", "").replace(".0", "")
    share = _said(found, "below_rent_threshold_share")
    scenario = _said(found, "below_rent_threshold_scenario_share")
    text = {
        "it": f"Perché quel canone non superi il {rule} del reddito dichiarato servono {income} "
        f"l'anno: sta sotto il {share} dei dichiaranti (stima). Con canoni più alti del {step} "
        f"servirebbero {more} e starebbe sotto il {scenario}.",
        "en": f"For that rent not to pass {rule} of declared income, {income} a year are needed: "
        f"{share} of declarants are below (estimate). With rents {step} higher, {more} would be "
        f"needed and {scenario} would be below.",
    }[lang]
    return Sentence(text, lead, _against(found, "below_rent_threshold_share"))


def _no_rent(lang: str) -> str:
    return {
        "it": "Senza un canone OMI il dato non si può calcolare.",
        "en": "Without an OMI rent the figure cannot be computed.",
    }[lang]


def _modest_income(found: Findings) -> Sentence:
    lang, values = found.lang, parameters.values(found.overrides)
    lead = {"it": "Chi guadagna poco.", "en": "Those who earn little."}[lang]
    rent = _own(found, "annual_rent_eur")
    if np.isnan(rent):
        return Sentence(_no_rent(lang), lead)
    low, high = values["modest_income_low_eur"], values["modest_income_high_eur"]

    def weights(amount: float) -> tuple[str, str]:
        return tuple(  # type: ignore[return-value]
            printed(amount / income, "weight_share", "share", lang) for income in (high, low)
        )

    least, most = weights(rent)
    incomes = [number(income, lang) for income in (low, high)]
    text = {
        "it": f"Su un reddito fra {incomes[0]} e {incomes[1]} € l'anno quel canone peserebbe fra il "
        f"{least} e il {most}.",
        "en": f"On an income between € {incomes[0]} and € {incomes[1]} a year that rent would weigh "
        f"between {least} and {most}.",
    }[lang]
    others = "; ".join(
        f"{found.labels[key]} " + "-".join(weights(found.pooled.value(key, "annual_rent_eur")))
        for key in found.groups
        if key != OWN
    )
    opening = {"it": "A confronto: ", "en": "Compared: "}[lang]
    return Sentence(text, lead, f"{opening}{others}.")


def _evicted(found: Findings) -> Sentence:
    lang = found.lang
    names = {"it": "Sfratti (dato della provincia).", "en": "Evictions (provincial figure)."}
    rows = found.evictions
    if len(rows) > 1:
        text = _evicted_over(found)
    else:
        text = _evicted_in(found, str(rows.index[0]))
    cautions = [] if len(rows) > 3 else [_flags(str(n), r, lang) for n, r in rows.iterrows()]
    keys = [key for key in found.groups if key not in (PROVINCE, ALIKE)]
    compared = _against(found, "eviction_orders_per_1000", keys)
    opening = {"it": "Provvedimenti per 1.000 famiglie. ", "en": "Orders per 1,000 households. "}
    note = " ".join([*(c for c in cautions if c), opening[lang] + compared if compared else ""])
    return Sentence(text, names[lang], note.strip())


def _evicted_over(found: Findings) -> str:
    orders, rate = _said(found, "eviction_orders"), _said(found, "eviction_orders_per_1000")
    executed = _said(found, "eviction_executions")
    share = _said(found, "eviction_arrears_share")
    shared = found.compared.quality.at[OWN, "eviction_orders_per_1000"] == Quality.ALLOCATED
    about = {
        "it": " (ripartiti per famiglie: ordine di grandezza)" if shared else "",
        "en": " (allocated by households: order of magnitude)" if shared else "",
    }[found.lang]
    return {
        "it": f"Nel 2024 sono stati emessi {orders} provvedimenti{about}, {rate} famiglie, per il "
        f"{share} per morosità o altra causa; gli sfratti eseguiti con l'ufficiale giudiziario sono "
        f"{executed}, dove il dato è stato trasmesso.",
        "en": f"In 2024 {orders} orders were issued{about}, {rate} households, {share} of them for "
        f"arrears or another cause; {executed} evictions were carried out with the bailiff, where "
        "reported.",
    }[found.lang]


def _evicted_in(found: Findings, province: str) -> str:
    lang, row = found.lang, found.evictions.loc[province]
    every = number(row["households"] / row["orders"], lang)
    rate = printed(1000 * row["orders"] / row["households"], "x_per_1000", "per_1000", lang)
    arrears = row["orders_arrears_capital"] + row["orders_arrears_rest"]
    share = printed(arrears / row["orders"], "x_share", "share", lang)
    counts = {name: number(row[name], lang) for name in ("orders", "requests", "executions")}
    executed = printed(1000 * row["executions"] / row["households"], "x_per_1000", "per_1000", lang)
    place = _prefecture_name(province)
    if np.isnan(row["orders"]):
        return {
            "it": f"Per la provincia di {place} i provvedimenti del 2024 non sono stati trasmessi: il "
            "dato manca, non è zero.",
            "en": f"For the province of {place} the orders of 2024 were not reported: the figure is "
            "missing, not zero.",
        }[lang]
    return {
        "it": f"Nel 2024 in provincia di {place} sono stati emessi {counts['orders']} provvedimenti, "
        f"uno ogni {every} famiglie ({rate}), per il {share} per morosità o altra causa; le richieste "
        f"di esecuzione sono {counts['requests']} e gli sfratti eseguiti {counts['executions']} "
        f"({executed} famiglie).",
        "en": f"In 2024 in the province of {place} {counts['orders']} orders were issued, one every "
        f"{every} households ({rate}), {share} of them for arrears or another cause; requests of "
        f"execution are {counts['requests']} and evictions carried out {counts['executions']} "
        f"({executed} households).",
    }[lang]


def _prefecture_name(province: str) -> str:
    units = municipalities()
    own = units["province_abbreviation"] == province
    name = str(units.loc[own, "province_name"].iloc[0]).split("/")[0]
    return f"{name} (con il Sud Sardegna)" if province == "CA" else name


def _flags(province: str, row: pd.Series, lang: str) -> str:
    """Say what may not be read from a province's figures."""
    name = _prefecture_name(province)
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
                "it": f"{name}: {' e '.join(missing)} non trasmessi, il dato manca e non è zero.",
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


def _not_below_province(found: Findings) -> Sentence:
    known = found.panel.data.loc[found.codes, "households_2011"].notna().sum()
    total = len(found.codes)
    lead, text = {
        "it": (
            "Che cosa non esiste sotto la provincia.",
            "Sfratti, richieste ed esecuzioni non sono pubblicati per comune: i valori comunali di "
            "mappa e tabelle sono ripartiti per famiglie, danno un ordine di grandezza e non "
            f"confrontano i comuni. Affitto, proprietà e famiglie numerose sono noti al 2011 per "
            f"{known} comuni su {total}.",
        ),
        "en": (
            "What does not exist below the province.",
            "Evictions, requests and executions are not published by municipality: the municipal "
            "values of map and tables are allocated by households, give an order of magnitude and do "
            f"not compare municipalities. Tenure and large households are known as of 2011 for "
            f"{known} municipalities of {total}.",
        ),
    }[found.lang]
    return Sentence(text, lead)


def _only_the_ambito(found: Findings) -> Sentence:
    lead, text = {
        "it": (
            "Che cosa sa solo l'ambito.",
            "Domande e graduatorie per gli alloggi pubblici, alloggi sfitti e da riparare, morosità "
            "incolpevole, contributi affitto, sgomberi e rilasci di alloggi pubblici, posti di "
            "accoglienza e loro esiti: nessuna fonte nazionale li dà per comune, vanno raccolti "
            "presso comuni, aziende casa e servizi.",
        ),
        "en": (
            "What only the ambito knows.",
            "Applications and waiting lists for public housing, vacant dwellings and those to repair, "
            "arrears through no fault, rent allowances, clearances and releases of public dwellings, "
            "places in services and their outcomes: no national source gives them by municipality; "
            "they are to be collected from municipalities, housing bodies and services.",
        ),
    }[found.lang]
    return Sentence(text, lead)


# --- map and index ------------------------------------------------------------------------


def map_and_index(found: Findings) -> Chapter:
    """Say where the index is highest and map the share of declarants below the income asked for."""
    title = {"it": "Mappa e indice", "en": "Map and index"}[found.lang]
    return Chapter("mappa", title, (_index_sentence(found), _picture_map(found)))


def _index_sentence(found: Findings) -> Sentence:
    lang, spec = found.lang, found.index.spec
    lead = f"{spec.label_it if lang == 'it' else spec.label_en}."
    own = found.index.ranks.loc[found.codes]
    total = number(found.index.ranks.count(), lang)
    if not own.notna().any():
        text = {
            "it": "Non si calcola: manca almeno una delle sue parti, e un dato mancante non si "
            "sostituisce.",
            "en": "It is not computed: one of its parts at least is missing and is not replaced.",
        }[lang]
    elif len(own) == 1:
        text = {
            "it": f"Il comune è {number(own.iloc[0], lang)}° su {total} comuni con tutti i dati "
            "(posto 1 = disagio maggiore; media italiana circa 100).",
            "en": f"The municipality is number {number(own.iloc[0], lang)} of {total} with all data "
            "(1 = most distress; Italian mean about 100).",
        }[lang]
    else:
        names = found.area["municipality_name"]
        first = own.nsmallest(3)
        listed = ", ".join(
            f"{name} ({number(rank, lang)}{'°' if lang == 'it' else ''})"
            for name, rank in zip(names[first.index], first, strict=True)
        )
        text = {
            "it": f"È più alto a {listed} su {total} comuni italiani con tutti i dati (posto 1 = "
            "disagio maggiore; media italiana circa 100).",
            "en": f"It is highest in {listed} of {total} Italian municipalities with all data (1 = "
            "most distress; Italian mean about 100).",
        }[lang]
    return Sentence(text, lead, _rule(lang))


def _picture_map(found: Findings) -> Picture:
    name = "below_rent_threshold_share"
    declared, lang, shown = registry()[name], found.lang, found.shown
    values = found.indicators.data.loc[shown.index, name]
    names = shown.sort_values("resident_population", ascending=False)["municipality_name"]
    svg = charts.choropleth(
        shown.geometry,
        values,
        found.indicators.quality.loc[shown.index, name],
        name=name,
        unit=declared.unit,
        lang=lang,
        highlight=found.codes if len(found.codes) == 1 else None,
        labels=names.head(25) if len(shown) <= MUNICIPALITIES_ON_PAGE else None,
    )
    title = declared.label(lang)
    alternative = {"it": f"Carta dei comuni: {title}.", "en": f"Map of municipalities: {title}."}
    words = alternative[lang] + _extremes(values, shown["municipality_name"], name, lang)
    return Picture(
        "mappa", title, svg, words, notes=(declared.definition(lang),),
        sources=_source_lines(found.indicators.sources[name]),
    )  # fmt: skip


def _extremes(values: pd.Series, names: pd.Series, name: str, lang: str) -> str:
    known = values.dropna()
    if known.empty:
        return ""
    worst, best = names[known.idxmax()], names[known.idxmin()]
    high, low = (printed(end, name, unit_of(name), lang) for end in (known.max(), known.min()))
    return {
        "it": f" Il valore più alto è di {worst} ({high}), il più basso di {best} ({low}).",
        "en": f" The highest value is that of {worst} ({high}), the lowest of {best} ({low}).",
    }[lang]


def _rule(lang: str) -> str:
    return {
        "it": "Componenti di pari peso, AMPI con penalità per lo squilibrio; gli sfratti non vi "
        "entrano perché sotto la provincia non esistono.",
        "en": "Components of equal weight, AMPI with a penalty for imbalance; evictions do not enter "
        "because they do not exist below the province.",
    }[lang]


def _index_table(found: Findings) -> Table:
    lang, spec = found.lang, found.index.spec
    scores, codes = found.index.scores, found.shown.index
    frame, quality = scores.data.loc[codes].copy(), scores.quality.loc[codes].copy()
    parts = found.index.component_contributions().loc[codes]
    for component in spec.components:
        points = f"{component.name}_points_score"
        frame[points], quality[points] = parts[component.name], quality[component.column]
    frame.insert(0, "municipality_name", found.shown["municipality_name"])
    frame["rank"] = found.index.ranks.loc[codes]
    frame = frame.sort_values(["rank", "municipality_name"], na_position="last")
    words = {
        "it": ("Comune", "Posto in Italia", "Indice", "Punti: {}"),
        "en": ("Municipality", "Rank in Italy", "Index", "Points: {}"),
    }[lang]
    labels = {one.name: one.label_it if lang == "it" else one.label_en for one in spec.components}
    columns = (
        Column("municipality_name", words[0]),
        Column("rank", words[1], "count"),
        Column(spec.name, words[2], "score"),
        *(Column(one.column, labels[one.name], "score") for one in spec.components),
        *(
            Column(f"{one.name}_points_score", words[3].format(labels[one.name]), "score")
            for one in spec.components
        ),
    )
    return Table(
        {"it": "indice", "en": "index"}[lang],
        {"it": "L'indice e le sue componenti", "en": "The index and its components"}[lang],
        frame, columns, quality.loc[frame.index],
        notes=(_rule(lang), _treatment_note(found)),
        sources=_source_lines(scores.sources[spec.name]),
    )  # fmt: skip


def _treatment_note(found: Findings) -> str:
    log = {"it": "logaritmo", "en": "logarithm"}[found.lang]
    treated = ", ".join(
        f"{registry()[name].label(found.lang)} ({what.replace('log', log)})"
        for name, what in found.index.treatment.items()
        if what != "none"
    )
    return {
        "it": f"Valori estremi trattati: {treated}.",
        "en": f"Outliers treated: {treated}.",
    }[found.lang]


# --- comparison ---------------------------------------------------------------------------


def compared_with(found: Findings) -> Chapter:
    """Set the area beside its province, region, Italy and places alike."""
    title = {"it": "A confronto", "en": "Compared"}[found.lang]
    return Chapter("confronto", title, (_comparison_table(found),))


def _comparison_table(found: Findings) -> Table:
    lang, known = found.lang, registry()
    rows, quality = {}, {}
    for name in COMPARED:
        rows[name] = {"label": known[name].label(lang), "variable": name, "unit": known[name].unit}
        rows[name] |= {key: found.compared.data.at[key, name] for key in found.groups}
        rows[name]["vintage"] = found.compared.vintage.at[OWN, name]
        quality[name] = {key: found.compared.quality.at[key, name] for key in found.groups}
    words = {"it": ("Indicatore", "Anno"), "en": ("Indicator", "Year")}[lang]
    columns = (
        Column("label", words[0]),
        *(Column(key, found.labels[key], "by_row") for key in found.groups),
        Column("vintage", words[1], "date"),
    )
    least = found.coverage.loc[OWN, list(COMPARED)]
    partial = [
        f"{known[name].label(lang)} {printed(share, 'x_share', 'share', lang)}"
        for name, share in least.items()
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
    if partial:
        opening = {"it": "Famiglie coperte: ", "en": "Households covered: "}[lang]
        notes.append(opening + "; ".join(partial) + ".")
    sources = dict.fromkeys(s for name in COMPARED for s in found.indicators.sources[name])
    return Table(
        "confronto",
        {"it": "Indicatori a confronto", "en": "Indicators compared"}[lang],
        pd.DataFrame.from_dict(rows, orient="index"),
        columns,
        pd.DataFrame.from_dict(quality, orient="index"),
        notes=tuple(notes),
        sources=_source_lines(sources),
    )


# --- municipalities -----------------------------------------------------------------------


def by_municipality(found: Findings) -> Chapter:
    """Give the main indicators by municipality, or by province where they are too many."""
    lang = found.lang
    if len(found.shown) > MUNICIPALITIES_ON_PAGE:
        title = {"it": "Per provincia", "en": "By province"}[lang]
        return Chapter("comuni", title, (_province_table(found),))
    title = {"it": "Per comune", "en": "By municipality"}[lang]
    return Chapter("comuni", title, (_page_table(found),))


def _page_table(found: Findings) -> Table:
    """The main indicators and the index by municipality, as the page has room for."""
    lang, known, spec = found.lang, registry(), found.index.spec
    shown = found.shown.sort_values("municipality_name")
    figures = found.indicators.rows(shown.index).columns([*MAIN, spec.name])
    frame = figures.data.copy()
    frame.insert(0, "municipality_name", shown["municipality_name"])
    frame.insert(1, "resident_population", shown["resident_population"])
    frame["rank"] = found.index.ranks.loc[shown.index]
    words = {
        "it": ("Comune", "Residenti", "Indice", "Posto in Italia", "Indicatori per comune"),
        "en": ("Municipality", "Residents", "Index", "Rank in Italy", "Indicators by municipality"),
    }[lang]
    columns = (
        Column("municipality_name", words[0]),
        Column("resident_population", words[1], "count"),
        *(Column(name, known[name].label(lang), known[name].unit) for name in MAIN),
        Column(spec.name, words[2], "score"),
        Column("rank", words[3], "count"),
    )
    return Table(
        "comuni", words[4], frame, columns, figures.quality, notes=(_context_note(found),),
        sources=_source_lines(_all_sources(figures)),
    )  # fmt: skip


def _all_sources(figures: Figures) -> dict[str, None]:
    return dict.fromkeys(source for used in figures.sources.values() for source in used)


def _component_table(found: Findings, component: str, names: Sequence[str]) -> Table:
    """Give every indicator of a component by municipality, with its ranks."""
    lang, known = found.lang, registry()
    shown = found.shown.sort_values("municipality_name")
    figures = found.indicators.rows(shown.index).columns(names)
    frame = pd.concat(
        [shown[["municipality_name", "province_name", "resident_population", "households"]],
         figures.data], axis=1,
    )  # fmt: skip
    frame.insert(0, "municipality_code", frame.index)
    head = {
        "it": ("Codice", "Comune", "Provincia", "Residenti", "Famiglie", "Posto in Italia: {}",
               "Posto fra comuni simili: {}"),
        "en": ("Code", "Municipality", "Province", "Residents", "Households", "Rank in Italy: {}",
               "Rank among alike: {}"),
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
        sources=_source_lines(_all_sources(figures)),
    )  # fmt: skip


def _rank_note(found: Findings) -> str:
    kinds = ", ".join(f"{code} {word}" for code, word in URBANISATION_LABELS[found.lang].items())
    return {
        "it": "Posto 1 = disagio maggiore; comuni simili = stesso grado di urbanizzazione "
        f"({kinds}). I valori ripartiti dalla provincia non hanno graduatoria.",
        "en": f"Rank 1 = most distress; alike = same degree of urbanisation ({kinds}). Values "
        "allocated from the province have no rank.",
    }[found.lang]


def _context_note(found: Findings) -> str:
    if len(found.codes) > 1:
        return {
            "it": "Tutti gli indicatori, con i posti in graduatoria, sono nelle tabelle Excel.",
            "en": "All indicators, with their ranks, are in the Excel tables.",
        }[found.lang]
    name = found.area["municipality_name"].iloc[0]
    return {
        "it": f"I comuni della stessa provincia, fra cui si legge {name}.",
        "en": f"The municipalities of the same province, among which {name} is read.",
    }[found.lang]


def _province_table(found: Findings) -> Table:
    lang, known = found.lang, registry()
    own = set(found.codes)
    provinces = {
        name: inside
        for name, codes in panels.regroup("province").items()
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
        sources=_source_lines(sources),
    )  # fmt: skip


# --- evictions ----------------------------------------------------------------------------

COUNTS = ("orders", "requests", "executions")


def evictions(found: Findings) -> Chapter:
    """Show the national series and the figures of the provinces the area touches."""
    lang = found.lang
    title = {"it": "Sfratti: la serie e la provincia", "en": "Evictions: series and province"}[lang]
    return Chapter("sfratti", title, (_series_picture(found), _evictions_table(found, flags=False)))


def _count_labels(lang: str) -> dict[str, str]:
    words = {
        "it": ("Provvedimenti emessi", "Richieste di esecuzione", "Sfratti eseguiti"),
        "en": ("Orders issued", "Requests of execution", "Evictions carried out"),
    }[lang]
    return dict(zip(COUNTS, words, strict=True))


def _series_picture(found: Findings) -> Picture:
    lang = found.lang
    series = store.table("evictions_series").set_index("year")[list(COUNTS)]
    title = {
        "it": f"Sfratti in Italia, {series.index.min()}-{series.index.max()}",
        "en": f"Evictions in Italy, {series.index.min()}-{series.index.max()}",
    }[lang]
    last, before = series.iloc[-1], series.iloc[-2]
    labels = _count_labels(lang)
    said = "; ".join(f"{labels[name].lower()} {number(last[name], lang)}" for name in COUNTS)
    alternative = {
        "it": f"Serie annuale. Nel {series.index[-1]}: {said}.",
        "en": f"Yearly series. In {series.index[-1]}: {said}.",
    }[lang]
    note = _national_changes(found, float(last["requests"]), float(before["requests"]))
    svg = charts.series(series, labels=labels, lang=lang, title=title)
    return Picture(
        "serie", title, svg, alternative, notes=(note, _exclusion(lang)),
        sources=_source_lines([store.source_of("evictions_series").id]),
    )  # fmt: skip


def _national_changes(found: Findings, last: float, before: float) -> str:
    """Say how requests change in Italy, and how without the provinces whose series is broken."""
    lang = found.lang
    rows = panels.evictions_by_province(found.overrides)
    earlier = rows["requests"] / (1 + rows["requests_change_share"])
    broken = rows["requests_broken"]
    jump = (rows["requests"] - earlier).where(broken).idxmax()
    kept = ~broken & earlier.notna()
    changes = [
        last / before - 1,
        (last - rows["requests"][jump]) / (before - earlier[jump]) - 1,
        rows["requests"][kept].sum() / earlier[kept].sum() - 1,
    ]
    said = [f"{'+' if x > 0 else ''}{printed(x, 'x_share', 'share', lang)}" for x in changes]
    name = _prefecture_name(str(jump))
    ends = f"{number(earlier[jump], lang)} → {number(rows['requests'][jump], lang)}"
    return {
        "it": f"Richieste di esecuzione sull'anno prima: {said[0]}; senza {name} ({ends}) {said[1]}; "
        f"senza tutte le {broken.sum()} province con serie interrotta {said[2]}.",
        "en": f"Requests of execution on the year before: {said[0]}; without {name} ({ends}) "
        f"{said[1]}; without all {broken.sum()} provinces with a broken series {said[2]}.",
    }[lang]


def _exclusion(lang: str) -> str:
    return {
        "it": "Sono esclusi i rilasci di alloggi pubblici e gli sgomberi.",
        "en": "Releases of public dwellings and clearances are not included.",
    }[lang]


def _evictions_table(found: Findings, *, flags: bool = True) -> Table:
    lang = found.lang
    rows = found.evictions
    frame = pd.DataFrame(
        {
            "province": [_prefecture_name(str(name)) for name in rows.index],
            **{name: rows[name].to_numpy() for name in COUNTS},
            "orders_per_1000": (1000 * rows["orders"] / rows["households"]).to_numpy(),
            "executions_per_1000": (1000 * rows["executions"] / rows["households"]).to_numpy(),
            "requests_per_order_ratio": (rows["requests"] / rows["orders"]).to_numpy(),
            "flags": [_flags(str(name), row, lang) for name, row in rows.iterrows()],
        }
    )
    labels = _count_labels(lang)
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
    title = {"it": "Sfratti per provincia, 2024", "en": "Evictions by province, 2024"}[lang]
    said = [] if flags or len(frame) > 3 else [text for text in frame["flags"] if text]
    return Table("sfratti", title, frame, columns, notes=(*said, _exclusion(lang)),
                 sources=_source_lines([store.source_of("evictions").id]))  # fmt: skip


# --- sources and limits -------------------------------------------------------------------


def sources(found: Findings) -> Chapter:
    """List where the figures come from."""
    title = {"it": "Fonti", "en": "Sources"}[found.lang]
    return Chapter("fonti", title, (_sources_table(found),))


def _sources_table(found: Findings) -> Table:
    lang, cited = found.lang, store.cited()
    ids = [*found.used_sources(), store.source_of("evictions_series").id]
    words = {
        "it": ("Ente e pubblicazione", "Riferimento", "Licenza"),
        "en": ("Publisher and publication", "Reference date", "Licence"),
    }[lang]
    used = [cited[id] for id in ids] + [istat_boundaries.SOURCE]
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
        note = {
            "it": "Comuni al 1° gennaio 2022; le fonti di altre date sono riportate a quei codici.",
            "en": "Municipalities of 1 January 2022; sources of other dates were brought to them.",
        }[lang]
    title = {"it": "Fonti e date", "en": "Sources and dates"}[lang]
    columns = tuple(Column(name, word) for name, word in zip(frame.columns, words, strict=True))
    return Table({"it": "fonti", "en": "sources"}[lang], title, frame, columns, notes=(note,))


def _source_lines(ids: Sequence[str] | dict[str, None]) -> tuple[str, ...]:
    cited = store.cited()
    return tuple(
        dict.fromkeys(f"{cited[id].attribution} ({cited[id].reference_date})" for id in ids)
    )


def limits(found: Findings) -> Chapter:
    """Say what the figures cannot tell."""
    title = {"it": "Limiti", "en": "Limits"}[found.lang]
    words = {
        "it": (
            "I canoni sono quotazioni OMI del 2018/2 e i redditi sono del 2021: il loro rapporto "
            "confronta i comuni, non misura il peso dell'affitto oggi.",
            "I dichiaranti sono persone, circa 1,6 per famiglia: le loro quote non sono quote di "
            "famiglie.",
            "La soglia del 30 % è sul reddito dichiarato e non va confusa con il 40 % del reddito "
            "disponibile usato da Eurostat.",
            "Un dato mancante resta mancante in mappa, tabelle e file: non è mai zero.",
            "L'indice dipende dalle scelte con cui è costruito: pesi uguali, logaritmo dei valori "
            "molto asimmetrici, AMPI.",
        ),
        "en": (
            "Rents are OMI quotes of 2018/2 and incomes of 2021: their ratio compares municipalities, "
            "it does not measure today's burden.",
            "Declarants are persons, about 1.6 a household: their shares are not shares of households.",
            "The 30 % rule is on declared income and is not Eurostat's 40 % of disposable income.",
            "A missing figure is missing in map, tables and files: it is never zero.",
            "The index depends on the choices it is built with: equal weights, logarithm of very "
            "skewed values, AMPI.",
        ),
    }[found.lang]
    return Chapter("limiti", title, tuple(Sentence(text) for text in words))


# --- sheets of the workbook ---------------------------------------------------------------


def sheets(found: Findings) -> list[Table]:
    """Return the tables of the workbook, one a sheet."""
    lang = found.lang
    by_component: dict[str, list[str]] = {}
    for name, one in registry().items():
        by_component.setdefault(one.component, []).append(name)
    return [
        _comparison_table(found),
        *(_component_table(found, component, names) for component, names in by_component.items()),
        _index_table(found),
        _provincial_table(found),
        _evictions_table(found),
        _series_table(found),
        _base_table(found),
        codebook.table(lang),
        _sources_table(found),
        _quality_table(found),
    ]


def _provincial_table(found: Findings) -> Table:
    lang, result = found.lang, found.provincial_index
    frame = result.scores.data.copy()
    frame["rank"] = result.ranks
    frame.insert(0, "province", [_prefecture_name(str(name)) for name in frame.index])
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
        notes=(_provincial_note(lang),), sources=_source_lines(result.scores.sources[spec.name]),
    )  # fmt: skip


def _provincial_note(lang: str) -> str:
    return {
        "it": "Province delle prefetture: Cagliari comprende il Sud Sardegna. Comprende gli sfratti; "
        "senza indice le province che non hanno trasmesso un dato.",
        "en": "Provinces of the prefectures: Cagliari includes Sud Sardegna. Evictions are included; "
        "provinces that did not report have no index.",
    }[lang]


def _series_table(found: Findings) -> Table:
    lang = found.lang
    frame = store.table("evictions_series")
    labels = _count_labels(lang) | {
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
    return Table(key, title, frame, columns, notes=(_exclusion(lang),),
                 sources=_source_lines([store.source_of("evictions_series").id]))  # fmt: skip


BASE_LABELS = {
    "mean_taxable_income_eur": ("Reddito imponibile medio", "Mean taxable income"),
    "mean_net_income_eur": ("Reddito netto medio", "Mean net income"),
    "declarants": ("Dichiaranti", "Declarants"),
    "rent_eur_m2_month": ("Canone OMI medio", "Mean OMI rent"),
    "rent_low_eur_m2_month": ("Canone OMI minimo", "Lowest OMI rent"),
    "rent_high_eur_m2_month": ("Canone OMI massimo", "Highest OMI rent"),
    "rent_surface_code": ("Superficie (L lorda, N netta)", "Surface (L gross, N net)"),
    "rent_typology_code": ("Tipologia OMI", "OMI typology"),
    "rent_zones": ("Zone OMI", "OMI zones"),
    "rent_predecessors": ("Comuni di origine del canone", "Municipalities the rent comes from"),
    "annual_rent_eur": ("Canone annuo di riferimento", "Annual reference rent"),
    "price_eur_m2": ("Prezzo OMI medio", "Mean OMI price"),
    "eviction_orders": ("Provvedimenti di sfratto", "Eviction orders"),
    "accommodation_beds": ("Posti letto turistici 2024", "Tourist-let beds 2024"),
    "accommodation_beds_2019": ("Posti letto turistici 2019", "Tourist-let beds 2019"),
    "renting_households_2011": ("Famiglie in affitto 2011", "Renting households 2011"),
}


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
        "it": ("Codice", "Comune", "Codice catastale", "Residenti", "Famiglie", "Superficie, km²"),
        "en": ("Code", "Municipality", "Cadastral code", "Residents", "Households", "Area, km²"),
    }[lang]
    columns = (
        Column("municipality_code", head[0], "code"),
        Column("municipality_name", head[1]),
        Column("cadastral_code", head[2], "code"),
        Column("resident_population", head[3], "count"),
        Column("households", head[4], "count"),
        Column("area_km2", head[5], "ratio"),
        *(
            Column(name, label[place], "text" if name.endswith("_code") else unit_of(name))
            for name, label in BASE_LABELS.items()
        ),
    )
    sources = dict.fromkeys(s for name in names for s in found.panel.sources[name])
    title = {"it": "Dati di base", "en": "Base figures"}[lang]
    return Table(title, title, frame, columns, found.panel.quality.loc[codes, names],
                 sources=_source_lines(sources))  # fmt: skip


def _quality_table(found: Findings) -> Table:
    """List every value that is not observed, in words."""
    lang, figures = found.lang, found.indicators
    rows = quality_rows(figures, found.shown["municipality_name"], lang)
    words = {
        "it": ("Comune", "Indicatore", "Qualità", "Anno"),
        "en": ("Municipality", "Indicator", "Quality", "Year"),
    }[lang]
    columns = tuple(Column(c, w) for c, w in zip(rows.columns, words, strict=True))
    title = {"it": "Valori non osservati direttamente", "en": "Values not observed directly"}[lang]
    key = {"it": "qualità", "en": "quality"}[lang]
    return Table(key, title, rows, columns, notes=_join_notes(found))


def quality_rows(figures: Figures, names: pd.Series, lang: str) -> pd.DataFrame:
    """Return one row for each value that is not observed: where, what, how it came to be."""
    known = registry()
    listed = [name for name in figures.data.columns if name in known]
    quality = figures.quality.loc[names.index, listed]
    long = quality.stack().rename("quality").reset_index()
    long.columns = ["code", "name", "quality"]
    long = long[long["quality"] != Quality.OBSERVED]
    vintage = figures.vintage.loc[names.index, listed].stack()
    keys = pd.MultiIndex.from_frame(long[["code", "name"]])
    return pd.DataFrame(
        {
            "municipality": long["code"].map(names).to_numpy(),
            "indicator": long["name"].map(lambda n: known[n].label(lang)).to_numpy(),
            "quality": long["quality"].map(lambda q: QUALITY_LABELS[Quality(q)][lang]).to_numpy(),
            "vintage": vintage.reindex(keys).to_numpy(),
        }
    )


def _join_notes(found: Findings) -> tuple[str, ...]:
    """Say what the sources left unmatched, by name, where the area is concerned."""
    lang, cited = found.lang, store.cited()
    own = set(found.shown["municipality_name"])
    said = []
    for one in panels.join_report():
        here = [name for name in one.names if name in own]
        names = here if one.what.startswith("comuni") else list(one.names)
        if names:
            listed = ", ".join(names[:12])
            more = len(names) - 12
            rest = {"it": f" e altri {more}", "en": f" and {more} more"}[lang] if more > 0 else ""
            said.append(f"{cited[one.source].title}: {one.what}: {listed}{rest}.")
    return tuple(said)
