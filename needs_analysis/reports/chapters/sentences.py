"""The ten sentences of a briefing, each a figure beside its comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from needs_analysis import parameters, store
from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.municipal import panel as panels
from needs_analysis.municipal.rents.weights import placed_rents
from needs_analysis.reports.chapters.evictions import (
    eviction_flags,
    exclusion_note,
    prefecture_name,
)
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import ALIKE, OWN, PROVINCE, Findings
from needs_analysis.reports.language import of_name
from needs_analysis.reports.model import Chapter, Sentence, number
from needs_analysis.words import Voice


def in_ten_sentences(found: Findings) -> Chapter:
    """Say in ten sentences what public figures tell, each beside its comparisons."""
    return Chapter("frasi", found.voice.say("In dieci frasi"), ten(found))


def ten(found: Findings, first: int = 10) -> tuple[Sentence, ...]:
    """Return the ten sentences in the order they are read, or the first of them."""
    makers = (
        _people, _ages, _incomes, _low_incomes, _rents, _income_asked, _modest_income,
        _evicted, _not_below_province, _only_the_ambito,
    )  # fmt: skip
    elided = found.voice.elided
    made = (make(found) for make in makers[:first])
    return tuple(replace(one, text=elided(one.text), note=elided(one.note)) for one in made)


def own(found: Findings, name: str, key: str = OWN) -> float:
    """Return a figure of a territory."""
    figures = found.compared if name in found.compared.data else found.totals
    return figures.value(key, name)


def said(found: Findings, name: str, key: str = OWN) -> str:
    """Print a figure of a territory with its unit, and its date where the area's is another."""
    value, unit = own(found, name, key), unit_of(name)
    text = number(f"{key}:{name}", value, found.voice, unit, name, with_unit=True)
    return text if key == OWN else f"{text}{_other_date(found, name, key)}"


def _other_date(found: Findings, name: str, key: str) -> str:
    """Print the date of a territory's figure where it is not that of the area's own."""
    figures = found.compared if name in found.compared.data else found.totals
    here, there = (str(figures.vintage.loc[one, name]) for one in (OWN, key))
    return "" if here == there else f" ({there})"


def bare(found: Findings, name: str, key: str = OWN) -> str:
    """Print a figure of a territory whose unit the sentence says."""
    return number(f"{key}:{name}", own(found, name, key), found.voice, unit_of(name), name)


def of_province(found: Findings, province: str, name: str) -> str:
    """Print a published figure on the evictions of a prefecture's province."""
    value = float(found.evictions.loc[province, name])  # type: ignore[arg-type]
    return number(f"{province}:{name}", value, found.voice, unit_of(name))


def _against(found: Findings, name: str, keys: Iterable[str] | None = None) -> str:
    """Print the same figure for each territory of comparison."""
    each = _beside(found, lambda key: said(found, name, key), keys)
    return found.voice.say("A confronto: {others}.", others=each) if each else ""


def _beside(found: Findings, make: Callable[[str], str], keys: Iterable[str] | None = None) -> str:
    """Print what is made of each territory of comparison, by name."""
    others = [key for key in (keys or found.groups) if key in found.groups and key != OWN]
    return "; ".join(f"{found.labels[key]} {make(key)}" for key in others)


def _people(found: Findings) -> Sentence:
    lead = found.voice.say("Persone e famiglie.")
    text = found.voice.say(
        "Al censimento {year} risiedono qui {people} persone in {homes} famiglie: {size} "
        "persone per famiglia, {density} abitanti per km².",
        year=found.date("households"),
        people=said(found, "resident_population"),
        homes=said(found, "households"),
        size=said(found, "residents_per_household_ratio"),
        density=bare(found, "residents_per_km2"),
    )
    opening = found.voice.say("Persone per famiglia.")
    return Sentence(text, lead, f"{opening} {_against(found, 'residents_per_household_ratio')}")


def _ages(found: Findings) -> Sentence:
    if np.isnan(own(found, "residents_75_over_share")):
        return Sentence(*_missing_ages(found.voice))
    lead = found.voice.say("Età.")
    text = found.voice.say(
        "Ha 75 anni e più il {over_75} dei residenti e 85 e più il {over_85}; per 100 "
        "ragazzi sotto i 15 anni ci sono {index} persone di 65 e più; il {young} ha fra 18 e "
        "34 anni, l'età in cui si cerca la prima casa.",
        over_75=said(found, "residents_75_over_share"),
        over_85=said(found, "residents_85_over_share"),
        index=bare(found, "old_age_index_per_100"),
        young=said(found, "residents_18_34_share"),
    )
    opening = found.voice.say("Residenti di 75 anni e più.")
    return Sentence(text, lead, f"{opening} {_against(found, 'residents_75_over_share')}")


def _missing_ages(voice: Voice) -> tuple[str, str]:
    return (
        voice.say("I residenti per età non sono pubblicati per questo territorio."),
        voice.say("Età."),
    )


def _incomes(found: Findings) -> Sentence:
    text = found.voice.say(
        "Il reddito imponibile medio dichiarato per il {year} è {mean} per dichiarante "
        "({net} al netto di imposte e addizionali); i dichiaranti sono {people}: sono "
        "persone, non famiglie.",
        year=found.date("taxable_income_eur"),
        mean=said(found, "mean_taxable_income_eur"),
        net=said(found, "mean_net_income_eur"),
        people=said(found, "declarants"),
    )
    return Sentence(text, found.voice.say("Redditi."), _against(found, "mean_taxable_income_eur"))


def _low_incomes(found: Findings) -> Sentence:
    low, high = (
        float(side.loc[OWN, "low_income_share"])  # type: ignore[arg-type]
        for side in (found.compared.low, found.compared.high)
    )
    spread = ""
    if high - low >= 0.0005:
        ends = [
            number(f"{OWN}:low_income_share_{side}", end, found.voice, "share")
            for side, end in (("low", low), ("high", high))
        ]
        spread = found.voice.say(
            " (fra {low} e {high}, contando le classi che la fonte lascia in bianco)",
            low=ends[0],
            high=ends[1],
        )
    text = found.voice.say(
        "Il {share} dei dichiaranti{spread} ha un reddito complessivo fino a 10.000 €: "
        "{people} persone.",
        share=said(found, "low_income_share"),
        spread=spread,
        people=said(found, "declarants_up_to_10k"),
    )
    return Sentence(text, found.voice.say("Redditi bassi."), _against(found, "low_income_share"))


def _rents(found: Findings) -> Sentence:
    voice, half_year = found.voice, found.date("rent_eur_m2_month")
    lead = voice.say("Canoni di mercato.")
    if np.isnan(own(found, "annual_rent_eur")):
        if not _in_the_file(found):
            outside = voice.say(
                "Il file OMI aggiunto non comprende questo territorio ({date}): il dato manca e non è "
                "stato stimato.",
                date=half_year,
            )
            return Sentence(outside, lead, " ".join(found.editions))
        text = voice.say(
            "Per questo territorio l'OMI non quota canoni nel semestre {date}: il dato manca e "
            "non è stato stimato.",
            date=half_year,
        )
        return Sentence(text, lead, " ".join(found.editions))
    low, high = (said(found, f"rent_{end}_eur_m2_month") for end in ("low", "high"))
    values = parameters.values(found.overrides)
    gross, net = (
        voice.number(values[f"reference_dwelling_{kind}_m2"]) for kind in ("gross", "net")
    )
    text = voice.say(
        "Le quotazioni OMI del semestre {date} vanno da {low} a {high}; l'abitazione di "
        "riferimento ({gross} m² lordi, {net} netti) costava in media {monthly} al "
        "mese.{missing}",
        date=half_year,
        low=low,
        high=high,
        gross=gross,
        net=net,
        monthly=said(found, "monthly_rent_eur"),
        missing=_without_rent(found),
    )
    note = voice.say(
        "Sono quotazioni, non i canoni chiesti oggi, che sono molto più alti: servono a "
        "confrontare i territori. Al mese, a confronto: {others}.",
        others=_beside(found, lambda key: said(found, "monthly_rent_eur", key)),
    )
    return Sentence(text, lead, " ".join([note, *found.editions]))


def _in_the_file(found: Findings) -> bool:
    """Return whether the edition of the rents in use has a municipality of the area at all.

    The edition that ships has every one that the publisher knows.
    """
    edition = panels.area_edition("rents", found.codes, found.day)
    if not edition and not any(one.table == "rents" for one in store.own_editions()):
        return True
    return bool(placed_rents(found.day, edition)[1].isin(found.codes).any())


def _without_rent(found: Findings) -> str:
    if not own(found, "municipalities_without_rent"):
        return ""
    part, whole = bare(found, "municipalities_without_rent"), bare(found, "municipalities")
    return found.voice.say(" Comuni senza canone: {part} su {whole}.", part=part, whole=whole)


def _income_asked(found: Findings) -> Sentence:
    voice, values = found.voice, parameters.values(found.overrides)
    lead = voice.say("Il reddito che il canone richiede.")
    if np.isnan(own(found, "annual_rent_eur")):
        return Sentence(_no_rent(voice), lead)
    rise = values["rent_scenario_increase_share"]
    rule, step, burden = (
        f"{voice.number(100 * x)}\N{NO-BREAK SPACE}%"
        for x in (values["sustainable_rent_share"], rise, values["overburden_share"])
    )
    text = voice.say(
        "Perché quel canone non superi il {rule} del reddito dichiarato servono {income} "
        "l'anno: ha un reddito più basso il {share} dei dichiaranti (stima). Con canoni più "
        "alti del {step} servirebbero {more} e l'avrebbe più basso il {scenario}. Sono persone contate "
        "una a una; fra le famiglie in affitto sul mercato paga oltre il {burden} del reddito netto il "
        "{households} (stima).",
        burden=burden,
        households=said(found, "overburdened_tenants_share"),
        rule=rule,
        income=said(found, "income_asked_eur"),
        share=said(found, "below_rent_threshold_share"),
        step=step,
        more=said(found, "income_asked_scenario_eur"),
        scenario=said(found, "below_rent_threshold_scenario_share"),
    )
    opening = voice.say("Dichiaranti con un reddito più basso.")
    return Sentence(text, lead, f"{opening} {_against(found, 'below_rent_threshold_share')}")


def _no_rent(voice: Voice) -> str:
    return voice.say("Senza un canone OMI il dato non si può calcolare.")


def _modest_income(found: Findings) -> Sentence:
    voice, values = found.voice, parameters.values(found.overrides)
    lead = voice.say("Chi guadagna poco.")
    if np.isnan(own(found, "annual_rent_eur")):
        return Sentence(_no_rent(voice), lead)
    least, most = (f"rent_weight_{end}_share" for end in ("low", "high"))
    text = voice.say(
        "Su un reddito fra {low} e {high} € l'anno quel canone peserebbe fra il {least} e il "
        "{most}.",
        low=voice.number(values["modest_income_low_eur"]),
        high=voice.number(values["modest_income_high_eur"]),
        least=said(found, least),
        most=said(found, most),
    )

    def between(key: str) -> str:
        low = said(found, least, key).removesuffix(_other_date(found, least, key))
        return f"{low}-{said(found, most, key)}"

    others = _beside(found, between)
    return Sentence(text, lead, voice.say("A confronto: {others}.", others=others))


def _evicted(found: Findings) -> Sentence:
    voice = found.voice
    rows = found.evictions
    text = _evicted_over(found) if len(rows) > 1 else _evicted_in(found, str(rows.index[0]))
    cautions = (
        []
        if len(rows) > 3
        else [eviction_flags(str(n), r, voice, found.day) for n, r in rows.iterrows()]
    )
    keys = [key for key in found.groups if key not in (PROVINCE, ALIKE)]
    compared = _against(found, "eviction_orders_per_1000", keys)
    opening = voice.say("Provvedimenti per 1.000 famiglie.")
    note = " ".join([*(c for c in cautions if c), f"{opening} {compared}" if compared else ""])
    return Sentence(text, voice.say("Sfratti (dato della provincia)."), note.strip())


def _evicted_over(found: Findings) -> str:
    orders, rate = said(found, "eviction_orders"), said(found, "eviction_orders_per_1000")
    executed, year = said(found, "eviction_executions"), found.date("eviction_orders")
    share = said(found, "eviction_arrears_share")
    shared = found.compared.quality.loc[OWN, "eviction_orders_per_1000"] == Quality.ALLOCATED
    about = found.voice.say(" (ripartiti per famiglie: ordine di grandezza)") if shared else ""
    text = found.voice.say(
        "Nel {year} sono stati emessi {orders} provvedimenti{about}, {rate} famiglie dove il dato "
        "è stato trasmesso, per il {share} per morosità o altra causa; gli sfratti eseguiti con "
        "l'ufficiale giudiziario sono {executed}.",
        year=year, orders=orders, about=about, rate=rate, share=share, executed=executed,
    )  # fmt: skip
    return f"{text} {exclusion_note(found.voice)}"


def _evicted_in(found: Findings, province: str) -> str:
    """Say what was reported for a province: each clause only where its figure was given."""
    voice = found.voice
    place, year = prefecture_name(province, voice, found.day), found.date("eviction_orders")
    opening = voice.say(
        "Nel {year} in provincia {of_place}", year=year, of_place=of_name(place, voice)
    )
    clauses = [_orders_clause(found, province), _bailiff_clause(found, province)]
    text = "; ".join(clause for clause in clauses if clause)
    return f"{opening} {text}. {exclusion_note(voice)}"


def _orders_clause(found: Findings, province: str) -> str:
    voice, row = found.voice, found.evictions.loc[province].to_dict()
    if np.isnan(row["orders"]):
        return voice.say(
            "i provvedimenti emessi non sono stati trasmessi (il dato manca, non è zero)"
        )
    orders = of_province(found, province, "orders")
    if not row["orders_whole"]:
        side = (
            voice.say("il capoluogo")
            if row["orders_capital"] == 0
            else voice.say("il resto della provincia")
        )
        return voice.say(
            "risultano almeno {orders} provvedimenti, ma per {side} non ce n'è nessuno: il dato "
            "è quasi certamente parziale e non se ne ricava un tasso",
            orders=orders,
            side=side,
        )
    return voice.say(
        "sono stati emessi {orders} provvedimenti, uno ogni {every} famiglie ({rate} per 1.000), per "
        "il {share} per morosità o altra causa",
        orders=orders,
        every=of_province(found, province, "households_per_order"),
        rate=of_province(found, province, "orders_per_1000"),
        share=of_province(found, province, "orders_arrears_share"),
    )


def _bailiff_clause(found: Findings, province: str) -> str:
    voice, row = found.voice, found.evictions.loc[province].to_dict()
    clauses = []
    if not np.isnan(row["requests"]):
        requests = of_province(found, province, "requests")
        clauses.append(voice.say("le richieste di esecuzione sono {requests}", requests=requests))
    if not np.isnan(row["executions"]):
        clauses.append(
            voice.say(
                "gli sfratti eseguiti sono {count} ({rate} per 1.000 famiglie)",
                count=of_province(found, province, "executions"),
                rate=of_province(found, province, "executions_per_1000"),
            )
        )
    return voice.say(" e ").join(clauses)


def _not_below_province(found: Findings) -> Sentence:
    known = own(found, "municipalities_known_2011")
    if len(found.codes) == 1:
        where = (
            found.voice.say("sono noti solo al 2011")
            if known
            else found.voice.say("qui non sono noti")
        )
    else:
        where = found.voice.say(
            "sono noti solo al 2011 (comuni noti: {known} su {total})",
            known=bare(found, "municipalities_known_2011"),
            total=bare(found, "municipalities"),
        )
    text = found.voice.say(
        "Sfratti, richieste ed esecuzioni non sono pubblicati per comune: i valori comunali "
        "{shown} sono ripartiti per famiglie, danno un ordine di grandezza e non "
        "confrontano i comuni. Affitto, proprietà e famiglie numerose {where}.",
        shown=found.voice.say("di mappa e tabelle")
        if found.includes("comuni", "base")
        else found.voice.say("della mappa"),
        where=where,
    )
    return Sentence(text, found.voice.say("Che cosa non esiste sotto la provincia."))


def _only_the_ambito(found: Findings) -> Sentence:
    text = found.voice.say(
        "Domande e graduatorie per gli alloggi pubblici, alloggi sfitti e da riparare, "
        "morosità incolpevole, contributi affitto, sgomberi e rilasci di alloggi pubblici, "
        "posti di accoglienza e loro esiti: nessuna fonte nazionale li dà per comune, vanno "
        "raccolti presso comuni, aziende casa e servizi."
    )
    return Sentence(text, found.voice.say("Che cosa sa solo l'ambito."))


PART = Part("frasi", in_ten_sentences)
