"""The ten sentences of a briefing, each a figure beside its comparisons."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np

from needs_analysis import panel as panels
from needs_analysis import parameters, store
from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports.findings import ALIKE, OWN, PROVINCE, Findings
from needs_analysis.reports.language import printed
from needs_analysis.reports.model import Sentence, traced
from needs_analysis.reports.tables import eviction_flags, exclusion_note, prefecture_name
from needs_analysis.words import Voice


def ten(found: Findings) -> tuple[Sentence, ...]:
    """Return the ten sentences in the order they are read."""
    makers = (
        _people, _ages, _incomes, _low_incomes, _rents, _income_asked, _modest_income,
        _evicted, _not_below_province, _only_the_ambito,
    )  # fmt: skip
    elided = found.voice.elided
    made = (make(found) for make in makers)
    return tuple(replace(one, text=elided(one.text), note=elided(one.note)) for one in made)


def _own(found: Findings, name: str) -> float:
    figures = found.compared if name in found.compared.data else found.pooled
    return figures.value(OWN, name)


def _said(found: Findings, name: str, key: str = OWN) -> str:
    """Print a figure of a territory with its unit; the area's own is marked for its trace."""
    figures = found.compared if name in found.compared.data else found.pooled
    text = printed(figures.value(key, name), name, unit_of(name), found.voice)
    return traced(text, name) if key == OWN else f"{text}{_other_date(found, name, key)}"


def _other_date(found: Findings, name: str, key: str) -> str:
    """Print the date of a territory's figure where it is not that of the area's own."""
    figures = found.compared if name in found.compared.data else found.pooled
    own, other = (str(figures.vintage.loc[one, name]) for one in (OWN, key))
    return "" if own == other else f" ({other})"


def _against(found: Findings, name: str, keys: Sequence[str] | None = None) -> str:
    """Print the same figure for each territory of comparison."""
    others = [key for key in (keys or found.groups) if key in found.groups and key != OWN]
    said = "; ".join(f"{found.labels[key]} {_said(found, name, key)}" for key in others)
    return found.voice.say("A confronto: {others}.", others=said) if said else ""


def _people(found: Findings) -> Sentence:
    people, homes = _said(found, "resident_population"), _said(found, "households")
    size = _said(found, "residents_per_household_ratio")
    density = found.voice.number(_own(found, "residents_per_km2"))
    year = found.date("households")
    lead = found.voice.say("Persone e famiglie.")
    text = found.voice.say(
        "Al censimento {year} risiedono qui {people} persone in {homes} famiglie: {size} "
        "persone per famiglia, {density} abitanti per km².",
        year=year,
        people=people,
        homes=homes,
        size=size,
        density=density,
    )
    opening = found.voice.say("Persone per famiglia.")
    return Sentence(text, lead, f"{opening} {_against(found, 'residents_per_household_ratio')}")


def _ages(found: Findings) -> Sentence:
    over_75, over_85 = (
        _said(found, "residents_75_over_share"),
        _said(found, "residents_85_over_share"),
    )
    if np.isnan(_own(found, "residents_75_over_share")):
        return Sentence(*_missing_ages(found.voice))
    old, young = _own(found, "old_age_index_per_100"), _said(found, "residents_18_34_share")
    index = found.voice.number(old)
    lead = found.voice.say("Età.")
    text = found.voice.say(
        "Ha 75 anni e più il {over_75} dei residenti e 85 e più il {over_85}; per 100 "
        "ragazzi sotto i 15 anni ci sono {index} persone di 65 e più; il {young} ha fra 18 e "
        "34 anni, l'età in cui si cerca la prima casa.",
        over_75=over_75,
        over_85=over_85,
        index=index,
        young=young,
    )
    opening = found.voice.say("Residenti di 75 anni e più.")
    return Sentence(text, lead, f"{opening} {_against(found, 'residents_75_over_share')}")


def _missing_ages(voice: Voice) -> tuple[str, str]:
    return (
        voice.say("I residenti per età non sono pubblicati per questo territorio."),
        voice.say("Età."),
    )


def _incomes(found: Findings) -> Sentence:
    mean, people = _said(found, "mean_taxable_income_eur"), _said(found, "declarants")
    net, year = _said(found, "mean_net_income_eur"), found.date("taxable_income_eur")
    lead = found.voice.say("Redditi.")
    text = found.voice.say(
        "Il reddito imponibile medio dichiarato per il {year} è {mean} per dichiarante "
        "({net} al netto di imposte e addizionali); i dichiaranti sono {people}: sono "
        "persone, non famiglie.",
        year=year,
        mean=mean,
        net=net,
        people=people,
    )
    return Sentence(text, lead, _against(found, "mean_taxable_income_eur"))


def _low_incomes(found: Findings) -> Sentence:
    share, people = _said(found, "low_income_share"), _said(found, "declarants_up_to_10k")
    low, high = (
        float(side.loc[OWN, "low_income_share"])  # type: ignore[arg-type]
        for side in (found.compared.low, found.compared.high)
    )
    spread = ""
    if high - low >= 0.0005:
        ends = [printed(end, "low_income_share", "share", found.voice) for end in (low, high)]
        spread = found.voice.say(
            " (fra {low} e {high}, contando le classi che la fonte lascia in bianco)",
            low=ends[0],
            high=ends[1],
        )
    lead = found.voice.say("Redditi bassi.")
    text = found.voice.say(
        "Il {share} dei dichiaranti{spread} ha un reddito complessivo fino a 10.000 €: "
        "{people} persone.",
        share=share,
        spread=spread,
        people=people,
    )
    return Sentence(text, lead, _against(found, "low_income_share"))


def _monthly(found: Findings, key: str = OWN) -> str:
    monthly = found.pooled.value(key, "annual_rent_eur") / 12
    return printed(monthly, "monthly_rent_eur", "eur", found.voice)


def _rents(found: Findings) -> Sentence:
    voice, date = found.voice, found.date("rent_eur_m2_month")
    lead = voice.say("Canoni di mercato.")
    if np.isnan(_own(found, "annual_rent_eur")):
        if not _in_the_file(found):
            outside = voice.say(
                "Il file OMI aggiunto non comprende questo territorio ({date}): il dato manca e non è "
                "stato stimato.",
                date=date,
            )
            return Sentence(outside, lead, " ".join(found.editions))
        text = voice.say(
            "Per questo territorio l'OMI non quota canoni nel semestre {date}: il dato manca e "
            "non è stato stimato.",
            date=date,
        )
        return Sentence(text, lead, " ".join(found.editions))
    low, high = (
        printed(_own(found, f"rent_{end}_eur_m2_month"), "rent_eur_m2_month", "eur_m2_month", voice)
        for end in ("low", "high")
    )
    values = parameters.values(found.overrides)
    gross, net = (
        voice.number(values[f"reference_dwelling_{kind}_m2"]) for kind in ("gross", "net")
    )
    monthly = traced(_monthly(found), "annual_rent_eur")
    text = voice.say(
        "Le quotazioni OMI del semestre {date} vanno da {low} a {high}; l'abitazione di "
        "riferimento ({gross} m² lordi, {net} netti) costava in media {monthly} al "
        "mese.{missing}",
        date=date,
        low=low,
        high=high,
        gross=gross,
        net=net,
        monthly=monthly,
        missing=_without_rent(found),
    )
    others = "; ".join(
        f"{found.labels[key]} {_monthly(found, key)}{_other_date(found, 'annual_rent_eur', key)}"
        for key in found.groups
        if key != OWN
    )
    note = voice.say(
        "Sono quotazioni, non i canoni chiesti oggi, che sono molto più alti: servono a "
        "confrontare i territori. Al mese, a confronto: {others}.",
        others=others,
    )
    return Sentence(text, lead, " ".join([note, *found.editions]))


def _in_the_file(found: Findings) -> bool:
    """Return whether the edition of the rents in use has a municipality of the area at all.

    The edition that ships has every one that the publisher knows.
    """
    edition = panels.area_edition("rents", found.codes, found.day)
    if not edition and not any(one.table == "rents" for one in store.own_editions()):
        return True
    return bool(panels.placed_rents(found.day, edition)[1].isin(found.codes).any())


def _without_rent(found: Findings) -> str:
    without = int(found.panel.data.loc[found.codes, "annual_rent_eur"].isna().sum())
    if not without:
        return ""
    part, whole = found.voice.number(without), found.voice.number(len(found.codes))
    return found.voice.say(" Comuni senza canone: {part} su {whole}.", part=part, whole=whole)


def _income_asked(found: Findings) -> Sentence:
    voice, values = found.voice, parameters.values(found.overrides)
    lead = voice.say("Il reddito che il canone richiede.")
    rent = _own(found, "annual_rent_eur")
    if np.isnan(rent):
        return Sentence(_no_rent(voice), lead)
    rise = values["rent_scenario_increase_share"]
    asked = rent / values["sustainable_rent_share"]
    income, more = (printed(x, "income_eur", "eur", voice) for x in (asked, asked * (1 + rise)))
    rule, step = (
        f"{voice.number(100 * x)}\N{NO-BREAK SPACE}%"
        for x in (values["sustainable_rent_share"], rise)
    )
    share = _said(found, "below_rent_threshold_share")
    scenario = _said(found, "below_rent_threshold_scenario_share")
    text = voice.say(
        "Perché quel canone non superi il {rule} del reddito dichiarato servono {income} "
        "l'anno: ha un reddito più basso il {share} dei dichiaranti (stima). Con canoni più "
        "alti del {step} servirebbero {more} e l'avrebbe più basso il {scenario}.",
        rule=rule,
        income=income,
        share=share,
        step=step,
        more=more,
        scenario=scenario,
    )
    return Sentence(text, lead, _against(found, "below_rent_threshold_share"))


def _no_rent(voice: Voice) -> str:
    return voice.say("Senza un canone OMI il dato non si può calcolare.")


def _modest_income(found: Findings) -> Sentence:
    voice, values = found.voice, parameters.values(found.overrides)
    lead = voice.say("Chi guadagna poco.")
    rent = _own(found, "annual_rent_eur")
    if np.isnan(rent):
        return Sentence(_no_rent(voice), lead)
    low, high = values["modest_income_low_eur"], values["modest_income_high_eur"]

    def weights(amount: float) -> tuple[str, str]:
        return tuple(  # type: ignore[return-value]
            printed(amount / income, "weight_share", "share", voice) for income in (high, low)
        )

    least, most = weights(rent)
    text = voice.say(
        "Su un reddito fra {low} e {high} € l'anno quel canone peserebbe fra il {least} e il "
        "{most}.",
        low=voice.number(low),
        high=voice.number(high),
        least=least,
        most=most,
    )
    others = "; ".join(
        f"{found.labels[key]} "
        + "-".join(weights(found.pooled.value(key, "annual_rent_eur")))
        + _other_date(found, "annual_rent_eur", key)
        for key in found.groups
        if key != OWN
    )
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
    orders, rate = _said(found, "eviction_orders"), _said(found, "eviction_orders_per_1000")
    executed, year = _said(found, "eviction_executions"), found.date("eviction_orders")
    share = _said(found, "eviction_arrears_share")
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
    voice, row = found.voice, found.evictions.loc[province].to_dict()
    place, year = prefecture_name(province, voice, found.day), found.date("eviction_orders")
    opening = voice.say("Nel {year} in provincia di {place}", year=year, place=place)
    clauses = [_orders_clause(row, voice), _bailiff_clause(row, voice)]
    said = "; ".join(clause for clause in clauses if clause)
    return f"{opening} {said}. {exclusion_note(voice)}"


def _orders_clause(row: dict[Hashable, float], voice: Voice) -> str:
    if np.isnan(row["orders"]):
        return voice.say(
            "i provvedimenti emessi non sono stati trasmessi (il dato manca, non è zero)"
        )
    orders = voice.number(row["orders"])
    if 0 in (row["orders_capital"], row["orders_rest"]):
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
    every = voice.number(row["households"] / row["orders"])
    rate = printed(1000 * row["orders"] / row["households"], "x_per_1000", "per_1000", voice)
    arrears = row["orders_arrears_capital"] + row["orders_arrears_rest"]
    share = printed(arrears / row["orders"], "x_share", "share", voice)
    return voice.say(
        "sono stati emessi {orders} provvedimenti, uno ogni {every} famiglie ({rate}), per "
        "il {share} per morosità o altra causa",
        orders=orders,
        every=every,
        rate=rate,
        share=share,
    )


def _bailiff_clause(row: dict[Hashable, float], voice: Voice) -> str:
    said = []
    if not np.isnan(row["requests"]):
        requests = voice.number(row["requests"])
        said.append(
            voice.say("le richieste di esecuzione sono {requests}", requests=requests)
        )  # fmt: skip
    if not np.isnan(row["executions"]):
        count = voice.number(row["executions"])
        rate = printed(
            1000 * row["executions"] / row["households"], "x_per_1000", "per_1000", voice
        )
        said.append(
            voice.say("gli sfratti eseguiti sono {count} ({rate} famiglie)", count=count, rate=rate)
        )  # fmt: skip
    return voice.say(" e ").join(said)


def _not_below_province(found: Findings) -> Sentence:
    known = int(found.panel.data.loc[found.codes, "households_2011"].notna().sum())
    total = len(found.codes)
    if total == 1:
        where = (
            found.voice.say("sono noti solo al 2011")
            if known
            else found.voice.say("qui non sono noti")
        )
    else:
        where = found.voice.say(
            "sono noti solo al 2011 (comuni noti: {known} su {total})",
            known=found.voice.number(known),
            total=found.voice.number(total),
        )
    lead = found.voice.say("Che cosa non esiste sotto la provincia.")
    text = found.voice.say(
        "Sfratti, richieste ed esecuzioni non sono pubblicati per comune: i valori comunali "
        "di mappa e tabelle sono ripartiti per famiglie, danno un ordine di grandezza e non "
        "confrontano i comuni. Affitto, proprietà e famiglie numerose {where}.",
        where=where,
    )
    return Sentence(text, lead)


def _only_the_ambito(found: Findings) -> Sentence:
    lead = found.voice.say("Che cosa sa solo l'ambito.")
    text = found.voice.say(
        "Domande e graduatorie per gli alloggi pubblici, alloggi sfitti e da riparare, "
        "morosità incolpevole, contributi affitto, sgomberi e rilasci di alloggi pubblici, "
        "posti di accoglienza e loro esiti: nessuna fonte nazionale li dà per comune, vanno "
        "raccolti presso comuni, aziende casa e servizi."
    )
    return Sentence(text, lead)
