"""The ten sentences of a briefing, each a figure beside its comparisons."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np

from needs_analysis import parameters
from needs_analysis.figures import Quality, join_vintages
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports.findings import ALIKE, OWN, PROVINCE, Findings
from needs_analysis.reports.language import elided, number, printed
from needs_analysis.reports.model import Sentence, traced
from needs_analysis.reports.tables import eviction_flags, exclusion_note, prefecture_name


def ten(found: Findings) -> tuple[Sentence, ...]:
    """Return the ten sentences in the order they are read."""
    makers = (
        _people, _ages, _incomes, _low_incomes, _rents, _income_asked, _modest_income,
        _evicted, _not_below_province, _only_the_ambito,
    )  # fmt: skip
    made = [make(found) for make in makers]
    if found.lang != "it":
        return tuple(made)
    return tuple(replace(one, text=elided(one.text), note=elided(one.note)) for one in made)


def _own(found: Findings, name: str) -> float:
    figures = found.compared if name in found.compared.data else found.pooled
    return figures.value(OWN, name)


def _said(found: Findings, name: str, key: str = OWN) -> str:
    """Print a figure of a territory with its unit; the area's own is marked for its trace."""
    figures = found.compared if name in found.compared.data else found.pooled
    text = printed(figures.value(key, name), name, unit_of(name), found.lang)
    return traced(text, name) if key == OWN else text


def _date(found: Findings, name: str) -> str:
    """Print the reference date of a column of the panel ("2021", "2018/2")."""
    return join_vintages(found.panel.vintage.loc[found.codes, name].unique())


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
    year = _date(found, "households")
    lead, text = {
        "it": (
            "Persone e famiglie.",
            f"Al censimento {year} risiedono qui {people} persone in {homes} famiglie: {size} persone "
            f"per famiglia, {density} abitanti per km².",
        ),
        "en": (
            "People and households.",
            f"At the {year} census {people} people live here in {homes} households: {size} people a "
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
    if np.isnan(_own(found, "residents_75_over_share")):
        return Sentence(*_missing_ages(found.lang))
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


def _missing_ages(lang: str) -> tuple[str, str]:
    return {
        "it": ("I residenti per età non sono pubblicati per questo territorio.", "Età."),
        "en": ("Residents by age are not published for this place.", "Age."),
    }[lang]


def _incomes(found: Findings) -> Sentence:
    mean, people = _said(found, "mean_taxable_income_eur"), _said(found, "declarants")
    net, year = _said(found, "mean_net_income_eur"), _date(found, "taxable_income_eur")
    lead, text = {
        "it": (
            "Redditi.",
            f"Il reddito imponibile medio dichiarato per il {year} è {mean} per dichiarante ({net} al "
            f"netto di imposte e addizionali); i dichiaranti sono {people}: sono persone, non "
            "famiglie.",
        ),
        "en": (
            "Incomes.",
            f"Mean taxable income declared for {year} is {mean} a declarant ({net} after taxes and "
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
    lang, date = found.lang, _date(found, "rent_eur_m2_month")
    lead = {"it": "Canoni di mercato.", "en": "Market rents."}[lang]
    if np.isnan(_own(found, "annual_rent_eur")):
        text = {
            "it": f"Per questo territorio l'OMI non quota canoni nel semestre {date}: il dato manca e "
            "non è stato stimato.",
            "en": f"OMI quotes no rents here in half-year {date}: the figure is missing and was not "
            "estimated.",
        }[lang]
        return Sentence(text, lead)
    low, high = (
        printed(_own(found, f"rent_{end}_eur_m2_month"), "rent_eur_m2_month", "eur_m2_month", lang)
        for end in ("low", "high")
    )
    values = parameters.values(found.overrides)
    gross, net = (
        number(values[f"reference_dwelling_{kind}_m2"], lang) for kind in ("gross", "net")
    )
    monthly = traced(_monthly(found), "annual_rent_eur")
    text = {
        "it": f"Le quotazioni OMI del semestre {date} vanno da {low} a {high}; l'abitazione di "
        f"riferimento ({gross} m² lordi, {net} netti) costava in media {monthly} al mese."
        + _without_rent(found),
        "en": f"OMI quotes of half-year {date} go from {low} to {high}; the reference dwelling "
        f"({gross} m² gross, {net} net) cost {monthly} a month on average." + _without_rent(found),
    }[lang]
    others = "; ".join(
        f"{found.labels[key]} {_monthly(found, key)}" for key in found.groups if key != OWN
    )
    note = {
        "it": "Sono quotazioni, non i canoni chiesti oggi, che sono molto più alti: servono a "
        f"confrontare i territori. Al mese, a confronto: {others}.",
        "en": "These are quotes, not the rents asked today, which are much higher: they serve to "
        f"compare places. A month, compared: {others}.",
    }[lang]
    return Sentence(text, lead, note)


def _without_rent(found: Findings) -> str:
    without = int(found.panel.data.loc[found.codes, "annual_rent_eur"].isna().sum())
    if not without:
        return ""
    part, whole = number(without, found.lang), number(len(found.codes), found.lang)
    return {
        "it": f" Comuni senza canone: {part} su {whole}.",
        "en": f" Municipalities without a rent: {part} of {whole}.",
    }[found.lang]


def _income_asked(found: Findings) -> Sentence:
    lang, values = found.lang, parameters.values(found.overrides)
    lead = {"it": "Il reddito che il canone richiede.", "en": "The income the rent asks for."}[lang]
    rent = _own(found, "annual_rent_eur")
    if np.isnan(rent):
        return Sentence(_no_rent(lang), lead)
    rise = values["rent_scenario_increase_share"]
    asked = rent / values["sustainable_rent_share"]
    income, more = (printed(x, "income_eur", "eur", lang) for x in (asked, asked * (1 + rise)))
    rule, step = (
        f"{number(100 * x, lang)}\N{NO-BREAK SPACE}%"
        for x in (values["sustainable_rent_share"], rise)
    )
    share = _said(found, "below_rent_threshold_share")
    scenario = _said(found, "below_rent_threshold_scenario_share")
    text = {
        "it": f"Perché quel canone non superi il {rule} del reddito dichiarato servono {income} "
        f"l'anno: ha un reddito più basso il {share} dei dichiaranti (stima). Con canoni più alti "
        f"del {step} servirebbero {more} e l'avrebbe più basso il {scenario}.",
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
    text = _evicted_over(found) if len(rows) > 1 else _evicted_in(found, str(rows.index[0]))
    cautions = (
        []
        if len(rows) > 3
        else [eviction_flags(str(n), r, lang, found.day) for n, r in rows.iterrows()]
    )
    keys = [key for key in found.groups if key not in (PROVINCE, ALIKE)]
    compared = _against(found, "eviction_orders_per_1000", keys)
    opening = {"it": "Provvedimenti per 1.000 famiglie. ", "en": "Orders per 1,000 households. "}
    note = " ".join([*(c for c in cautions if c), opening[lang] + compared if compared else ""])
    return Sentence(text, names[lang], note.strip())


def _evicted_over(found: Findings) -> str:
    orders, rate = _said(found, "eviction_orders"), _said(found, "eviction_orders_per_1000")
    executed, year = _said(found, "eviction_executions"), _date(found, "eviction_orders")
    share = _said(found, "eviction_arrears_share")
    shared = found.compared.quality.loc[OWN, "eviction_orders_per_1000"] == Quality.ALLOCATED
    about = {
        "it": " (ripartiti per famiglie: ordine di grandezza)" if shared else "",
        "en": " (allocated by households: order of magnitude)" if shared else "",
    }[found.lang]
    return {
        "it": f"Nel {year} sono stati emessi {orders} provvedimenti{about}, {rate} famiglie dove il "
        f"dato è stato trasmesso, per il {share} per morosità o altra causa; gli sfratti eseguiti con "
        f"l'ufficiale giudiziario sono {executed}. {exclusion_note('it')}",
        "en": f"In {year} {orders} orders were issued{about}, {rate} households where reported, "
        f"{share} of them for arrears or another cause; {executed} evictions were carried out with "
        f"the bailiff. {exclusion_note('en')}",
    }[found.lang]


def _evicted_in(found: Findings, province: str) -> str:
    """Say what was reported for a province: each clause only where its figure was given."""
    lang, row = found.lang, found.evictions.loc[province].to_dict()
    place, year = prefecture_name(province, lang, found.day), _date(found, "eviction_orders")
    opening = {
        "it": f"Nel {year} in provincia di {place}",
        "en": f"In {year} in the province of {place}",
    }
    clauses = [_orders_clause(row, lang), _bailiff_clause(row, lang)]
    said = "; ".join(clause for clause in clauses if clause)
    return f"{opening[lang]} {said}. {exclusion_note(lang)}"


def _orders_clause(row: dict[Hashable, float], lang: str) -> str:
    if np.isnan(row["orders"]):
        return {
            "it": "i provvedimenti emessi non sono stati trasmessi (il dato manca, non è zero)",
            "en": "the orders issued were not reported (the figure is missing, not zero)",
        }[lang]
    orders = number(row["orders"], lang)
    if 0 in (row["orders_capital"], row["orders_rest"]):
        side = {
            "it": "il capoluogo" if row["orders_capital"] == 0 else "il resto della provincia",
            "en": "the capital" if row["orders_capital"] == 0 else "the rest of the province",
        }[lang]
        return {
            "it": f"risultano almeno {orders} provvedimenti, ma per {side} non ce n'è nessuno: il "
            "dato è quasi certamente parziale e non se ne ricava un tasso",
            "en": f"at least {orders} orders were issued, but none is given for {side}: the figure is "
            "almost certainly partial and gives no rate",
        }[lang]
    every = number(row["households"] / row["orders"], lang)
    rate = printed(1000 * row["orders"] / row["households"], "x_per_1000", "per_1000", lang)
    arrears = row["orders_arrears_capital"] + row["orders_arrears_rest"]
    share = printed(arrears / row["orders"], "x_share", "share", lang)
    return {
        "it": f"sono stati emessi {orders} provvedimenti, uno ogni {every} famiglie ({rate}), per il "
        f"{share} per morosità o altra causa",
        "en": f"{orders} orders were issued, one every {every} households ({rate}), {share} of them "
        "for arrears or another cause",
    }[lang]


def _bailiff_clause(row: dict[Hashable, float], lang: str) -> str:
    said = []
    if not np.isnan(row["requests"]):
        requests = number(row["requests"], lang)
        said.append(
            {"it": f"le richieste di esecuzione sono {requests}",
             "en": f"requests of execution are {requests}"}[lang]
        )  # fmt: skip
    if not np.isnan(row["executions"]):
        count = number(row["executions"], lang)
        rate = printed(1000 * row["executions"] / row["households"], "x_per_1000", "per_1000", lang)
        said.append(
            {"it": f"gli sfratti eseguiti sono {count} ({rate} famiglie)",
             "en": f"evictions carried out are {count} ({rate} households)"}[lang]
        )  # fmt: skip
    return {"it": " e ", "en": " and "}[lang].join(said)


def _not_below_province(found: Findings) -> Sentence:
    known = int(found.panel.data.loc[found.codes, "households_2011"].notna().sum())
    total = len(found.codes)
    if total == 1:
        where = {
            "it": "sono noti solo al 2011" if known else "qui non sono noti",
            "en": "are known only as of 2011" if known else "are not known here",
        }[found.lang]
    else:
        where = {
            "it": f"sono noti solo al 2011 (comuni noti: {number(known, 'it')} su "
            f"{number(total, 'it')})",
            "en": f"are known only as of 2011 (municipalities known: {number(known, 'en')} of "
            f"{number(total, 'en')})",
        }[found.lang]
    lead, text = {
        "it": (
            "Che cosa non esiste sotto la provincia.",
            "Sfratti, richieste ed esecuzioni non sono pubblicati per comune: i valori comunali di "
            "mappa e tabelle sono ripartiti per famiglie, danno un ordine di grandezza e non "
            f"confrontano i comuni. Affitto, proprietà e famiglie numerose {where}.",
        ),
        "en": (
            "What does not exist below the province.",
            "Evictions, requests and executions are not published by municipality: the municipal "
            "values of map and tables are allocated by households, give an order of magnitude and do "
            f"not compare municipalities. Tenure and large households {where}.",
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
