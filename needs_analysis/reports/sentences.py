"""The ten sentences of a briefing, each a figure beside its comparisons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from needs_analysis import parameters
from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports.findings import ALIKE, OWN, PROVINCE, Findings
from needs_analysis.reports.language import number, printed
from needs_analysis.reports.model import Sentence, traced
from needs_analysis.reports.tables import eviction_flags, prefecture_name


def ten(found: Findings) -> tuple[Sentence, ...]:
    """Return the ten sentences in the order they are read."""
    makers = (
        _people, _ages, _incomes, _low_incomes, _rents, _income_asked, _modest_income,
        _evicted, _not_below_province, _only_the_ambito,
    )  # fmt: skip
    return tuple(make(found) for make in makers)


def _own(found: Findings, name: str) -> float:
    figures = found.compared if name in found.compared.data else found.pooled
    return figures.value(OWN, name)


def _said(found: Findings, name: str, key: str = OWN) -> str:
    """Print a figure of a territory with its unit; the area's own is marked for its trace."""
    figures = found.compared if name in found.compared.data else found.pooled
    text = printed(figures.value(key, name), name, unit_of(name), found.lang)
    return traced(text, name) if key == OWN else text


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
    rule, step = (
        f"{number(100 * x, lang)}\N{NO-BREAK SPACE}%"
        for x in (values["sustainable_rent_share"], rise)
    )
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
    text = _evicted_over(found) if len(rows) > 1 else _evicted_in(found, str(rows.index[0]))
    cautions = (
        [] if len(rows) > 3 else [eviction_flags(str(n), r, lang) for n, r in rows.iterrows()]
    )
    keys = [key for key in found.groups if key not in (PROVINCE, ALIKE)]
    compared = _against(found, "eviction_orders_per_1000", keys)
    opening = {"it": "Provvedimenti per 1.000 famiglie. ", "en": "Orders per 1,000 households. "}
    note = " ".join([*(c for c in cautions if c), opening[lang] + compared if compared else ""])
    return Sentence(text, names[lang], note.strip())


def _evicted_over(found: Findings) -> str:
    orders, rate = _said(found, "eviction_orders"), _said(found, "eviction_orders_per_1000")
    executed = _said(found, "eviction_executions")
    share = _said(found, "eviction_arrears_share")
    shared = found.compared.quality.loc[OWN, "eviction_orders_per_1000"] == Quality.ALLOCATED
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
    lang, row = found.lang, found.evictions.loc[province].to_dict()
    every = number(row["households"] / row["orders"], lang)
    rate = printed(1000 * row["orders"] / row["households"], "x_per_1000", "per_1000", lang)
    arrears = row["orders_arrears_capital"] + row["orders_arrears_rest"]
    share = printed(arrears / row["orders"], "x_share", "share", lang)
    counts = {name: number(row[name], lang) for name in ("orders", "requests", "executions")}
    executed = printed(1000 * row["executions"] / row["households"], "x_per_1000", "per_1000", lang)
    place = prefecture_name(province)
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
            "it": f"sono noti solo al 2011 e per {known} comuni su {total}",
            "en": f"are known only as of 2011 and for {known} municipalities of {total}",
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
