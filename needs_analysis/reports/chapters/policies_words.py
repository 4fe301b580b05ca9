"""What is said of policies: what there is, what a budget buys and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.errors import Problem
from needs_analysis.needs.groups import in_words
from needs_analysis.policies import wording
from needs_analysis.policies.catalogue import said_per_cent
from needs_analysis.policies.frontier import NEAR
from needs_analysis.reports.chapters.need_words import counting, keyed, unbroken, upper_first
from needs_analysis.reports.model import Sentence
from needs_analysis.told.bought import WHOLE, ToldMix
from needs_analysis.told.needs import said_count
from needs_analysis.told.policies import ToldPolicies
from needs_analysis.words import N_, NN_, Voice

_LITTLE = 0.02
"""Share of a budget below which what is left is not said apart."""
_SEEN = 5e-5
"""The least share that is printed with two decimals."""
OUT_OF_NEED: Mapping[str, str] = {
    "burden": N_("{count} famiglie tornano con l'affitto sotto il {limit} % del reddito netto"),
    "order": N_("{count} famiglie risolvono lo sfratto"),
    "housed": N_("{count} famiglie hanno una casa"),
}
"""What comes of a household that is helped, by outcome."""


def tag(bought: ToldMix) -> str:
    """Return what the keys of an answer begin with."""
    if bought.simulated:
        return "bought_tried"
    return f"bought_{bought.outcome or 'weighted'}"


def row_key(bought: ToldMix, policy: str) -> str:
    """Return the key of a policy's row in the tables of an answer; of all together by `WHOLE`."""
    return f"{tag(bought)}_{policy or 'all'}"


def aim(bought: ToldMix, voice: Voice) -> str:
    """Say what is looked for, or that nothing is."""
    if bought.simulated:
        return voice.say(N_("i bilanci dati a ogni misura"))
    return wording.aim(bought.weights, bought.limit_share, voice)


def said_problem(one: Problem, key: str, voice: Voice) -> str:
    """Say what must be read with an offer, its numbers under keys."""
    kind = one.code.rpartition(".")[2]
    values: dict[str, Any] = dict(one.values)
    for name, value in [*values.items()]:
        if isinstance(value, int | float) and not isinstance(value, bool):
            decimals = 0 if float(value).is_integer() else 1
            values[name] = keyed(f"{key}:{kind}_{name}", float(value), voice, decimals=decimals)
    return replace(one, values=values).said(voice)


def said(bought: ToldMix, what: str, policy: str, voice: Voice) -> str:
    """Say a count of an answer, its numbers under the keys of the sheet."""
    printed = counting(f"{row_key(bought, policy)}", voice, f"{what}_")
    return unbroken(said_count(bought.count(what, policy), voice, printed))


# --- what there is -----------------------------------------------------------------------------


def standing_sentence(told: ToldPolicies, voice: Voice) -> Sentence:
    """Say how many policies exist, how many may be activated and how many are out, on which day."""
    by = told.matches.frame.drop_duplicates("policy")["standing"].value_counts()
    count = {
        name: keyed(f"policies:{name}", float(by.get(name, 0)), voice)
        for name in ("existing", "feasible", "out", "asked_for")
    }
    day = told.matches.catalogue.day
    if told.existing is None:
        text = voice.say(
            N_("Al {day} si possono attivare {feasible} misure; altre {out} oggi non si possono usare, "
               "e il foglio «misure» dice perché. Quali esistono già qui lo sa l'ufficio: non l'ha "
               "scritto."), day=day, **count,
        )  # fmt: skip
    else:
        text = voice.say(
            N_("Al {day}, misure che qui esistono già, come scrive l'ufficio: {existing}; altre che si "
               "possono attivare: {feasible}; che oggi non si possono usare: {out}, e il foglio "
               "«misure» dice perché."), day=day, **count,
        )  # fmt: skip
    if told.unmatched:
        more = keyed("policies:unmatched", float(len(told.unmatched)), voice)
        text += " " + voice.say(N_("Scritte dall'ufficio e non nel catalogo: {more}."), more=more)
    text = " ".join([text, *body_words(told, voice)])
    if by.get("asked_for", 0):
        text += " " + voice.say(N_("Mostrate lo stesso, perché richieste: {asked_for}."), **count)
    note = voice.say(
        N_("Di ogni misura è scritto da che cosa si sa che c'è e quando è stato verificato: quelle «a "
           "memoria» o «dalla stampa» vanno controllate prima di contarci.")
    )  # fmt: skip
    return Sentence(voice.elided(text), voice.say(N_("Che cosa c'è.")), note)


def body_words(told: ToldPolicies, voice: Voice) -> list[str]:
    """Say which administrations of the office's file are not of the area, and which nobody knows.

    Parameters
    ----------
    told : ToldPolicies
        With the office's own.
    voice : Voice
        The language.
    """
    found = []
    if told.elsewhere:
        found.append(voice.plural(
            *NN_("{count} riga dell'ufficio è di un'amministrazione che non è del territorio, e non è "
                 "contata: {names}.",
                 "{count} righe dell'ufficio sono di amministrazioni che non sono del territorio, e non "
                 "sono contate: {names}."),
            sum(told.elsewhere.values()), names="; ".join(told.elsewhere),
        ))  # fmt: skip
    if told.unplaced:
        found.append(voice.say(
            N_("Non si sa di che territorio siano, e restano: {names}. Nella colonna «amministrazione» "
               "va il nome del comune («Comune di ...») o dell'ambito («Ambito di ...»)."),
            names="; ".join(one or voice.missing for one in told.unplaced),
        ))  # fmt: skip
    return found


# --- what a budget buys ------------------------------------------------------------------------


def choice_sentence(told: ToldPolicies, voice: Voice) -> Sentence | None:
    """Say that outcomes are not added, where the same budget is looked at for several."""
    if len(told.bought) < 2:
        return None
    budget = keyed("bought:budget_eur", told.bought[0].budget_eur, voice, "eur")
    text = voice.say(
        N_("Gli stessi {budget} € l'anno possono servire a scopi diversi. Sono alternative: le famiglie "
           "dell'una e dell'altra non si sommano. Lo scopo lo sceglie chi decide."), budget=budget,
    )  # fmt: skip
    return Sentence(text, voice.say(N_("Un bilancio, più scopi.")))


def unanswered_sentence(told: ToldPolicies, voice: Voice) -> Sentence | None:
    """Say why a budget that is given buys nothing that can be told."""
    if told.unanswered is None:
        return None
    text = voice.say(N_("{what}."), what=upper_first(told.unanswered.said(voice)))
    return Sentence(text, voice.say(N_("Il bilancio dato.")))


def unmet_sentence(told: ToldPolicies, voice: Voice) -> Sentence | None:
    """Say which aims have no answer: their policies cannot meet the floors that are asked for."""
    unmet = told.bought[0].unmet if told.bought else ()
    if not unmet:
        return None
    text = " ".join(voice.say(N_("{what}."), what=upper_first(one.said(voice))) for one in unmet)
    return Sentence(text, voice.say(N_("Scopi senza risposta.")))


def bought_sentence(told: ToldPolicies, bought: ToldMix, voice: Voice) -> Sentence:
    """Say what a budget buys: the aim, what comes of it, who is helped with what."""
    names = {one: _marked(told, one, voice) for one in bought.used}
    lead = voice.say(N_("Obiettivo: {aim}."), aim=aim(bought, voice))
    if bought.simulated:
        lead = voice.say(N_("Con i bilanci dati a ogni misura."))
    budget = keyed("bought:budget_eur", bought.budget_eur, voice, "eur")
    if not bought.used:
        return Sentence(nobody_words(bought, budget, voice), lead, _cautions(told, bought, voice))
    parts = [
        voice.say(N_("{policy} a {helped} famiglie, {euro} €"), policy=names[one],
                  helped=said(bought, "helped", one, voice),
                  euro=keyed(f"{row_key(bought, one)}:spent_eur", bought.spent(one), voice, "eur"))
        for one in bought.used
    ]  # fmt: skip
    spent = keyed(f"{row_key(bought, WHOLE)}:spent_eur", bought.spent_eur, voice, "eur")
    text = voice.say(
        N_("Con {budget} € l'anno {come} (stima, per un anno). Si spendono {spent} €: {parts}."),
        budget=budget, come=_comes(bought, names, voice), spent=spent, parts="; ".join(parts),
    )  # fmt: skip
    if bought.simulated:
        text += " " + voice.say(N_("Nessuna scelta è fatta qui: i bilanci sono di chi chiede."))
    return Sentence(voice.elided(text), lead, _cautions(told, bought, voice))


def _marked(told: ToldPolicies, policy: str, voice: Voice) -> str:
    """Name a policy, with what its entry was written from where that is no official text."""
    one = told.matches.catalogue.policies[policy]
    name = one.title(voice)
    return name if one.certainty == "official_text" else f"{name} ({one.checked(voice)})"


def _comes(bought: ToldMix, names: Mapping[str, str], voice: Voice) -> str:
    """Say what comes of it: where outcomes differ, policy by policy."""
    if bought.outcome:
        return _out(bought, bought.outcome, WHOLE, voice)
    parts = [
        voice.say(
            N_("con {policy} {come}"), policy=names[one], come=_out(bought, outcome, one, voice)
        )
        for one, outcome in bought.outcomes().items()
        if outcome in OUT_OF_NEED
    ]
    return "; ".join(parts) or voice.say(N_("di nessuna misura si conosce l'effetto"))


def _out(bought: ToldMix, outcome: str, policy: str, voice: Voice) -> str:
    return voice.elided(voice.say(
        OUT_OF_NEED[outcome], count=said(bought, "out_of_need", policy, voice),
        limit=said_per_cent(bought.limit_share, voice),
    ))  # fmt: skip


def _cautions(told: ToldPolicies, bought: ToldMix, voice: Voice) -> str:
    """Say what is left, what the next household costs, and what is not in the number."""
    found = []
    if bought.used:
        found.append(voice.say(
            N_("Essere aiutati non è uscire dal bisogno; chi ne sarebbe uscito comunque non è contato.")
        ))  # fmt: skip
        found += high_words(bought, voice)
    found += money_words(bought, voice)
    if bought.floors:
        floors = [
            voice.say(N_("{who}: almeno {least} famiglie"), who=_who(key, voice),
                      least=keyed(f"{tag(bought)}_floor_{key}:least", least, voice))
            for key, least in bought.floors.items()
        ]  # fmt: skip
        found.append(voice.say(N_("Minimi chiesti: {floors}."), floors="; ".join(floors)))
    if bought.fairness == "maxmin":
        found.append(voice.say(N_("Prima si alza il comune messo peggio.")))
    every = told.matches.catalogue.policies
    if short := [every[one].marked(voice) for one in bought.used if every[one].one_year]:
        found.append(
            voice.say(
                N_("I soldi sono di un anno, e così l'effetto: {names}."), names="; ".join(short)
            )
        )
    if bought.reserved:
        found.append(voice.say(N_("È senza i conteggi riservati.")))
    return " ".join(found)


def nobody_words(bought: ToldMix, budget: str, voice: Voice) -> str:
    """Say that nobody is helped and, where something was looked for, why.

    Parameters
    ----------
    bought : ToldMix
        An answer without any household.
    budget : str
        EUR of a year, as they are said.
    voice : Voice
        The language.
    """
    said = voice.say(N_("Con {budget} € l'anno nessuna famiglia è aiutata."), budget=budget)
    if bought.simulated or not bought.budget_eur:
        return said
    why = N_("Il bilancio non basta per la prima.")
    if _all_reached(bought):
        why = N_("Non è il bilancio: qui queste misure non arrivano a una famiglia intera, perché chi "
                 "potrebbe averle è poca gente, o nessuno l'ha contata.")  # fmt: skip
    return f"{said} {voice.say(why)}"


def high_words(bought: ToldMix, voice: Voice) -> list[str]:
    """Say why more households may come out of need than are helped, where the end is so high."""
    if not (bought.used and bought.outcome):
        return []
    helped, out = (bought.count(what) for what in ("helped", "out_of_need"))
    if out["band"] or not out["high"] > helped["high"]:
        return []
    return [voice.say(N_("Il massimo supera le famiglie aiutate perché, se una costasse meno, gli "
                         "stessi soldi ne aiuterebbero di più."))]  # fmt: skip


def _all_reached(bought: ToldMix) -> bool:
    """Say whether more money would help nobody."""
    dearer = bought.next_household_eur
    return bought.budget_eur in dearer.index and bool(np.isnan(dearer[bought.budget_eur]))


def money_words(bought: ToldMix, voice: Voice) -> list[str]:
    """Say what is left, what the next household costs, and what the choice would be left free.

    Parameters
    ----------
    bought : ToldMix
        An answer.
    voice : Voice
        The language.
    """
    if not bought.used:
        return []
    found, nobody = [], _all_reached(bought)
    left = keyed(f"{row_key(bought, WHOLE)}:left_eur", bought.left_eur, voice, "eur")
    if bought.left_eur > _LITTLE * bought.budget_eur and nobody:
        found.append(
            voice.say(
                N_("Avanzano {left} €: queste misure non raggiungono altre famiglie."), left=left
            )
        )
    elif bought.left_eur >= 1:
        found.append(voice.say(N_("Avanzano {left} €."), left=left))
    if bought.outcome and bought.free and not nobody and len(bought.next_household_eur):
        one = keyed(f"{row_key(bought, WHOLE)}:next_household_eur",
                    float(bought.next_household_eur[bought.budget_eur]), voice, "eur")  # fmt: skip
        found.append(
            voice.say(N_("Far uscire una famiglia in più costerebbe circa {one} €."), one=one)
        )
    best = bought.at_budget()
    if bought.outcome and not bought.free and best is not None:
        found.append(
            voice.say(N_("Senza quello che è chiesto in più, gli stessi soldi ne farebbero uscire "
                         "{count}."), count=said_at(bought, best, voice))
        )  # fmt: skip
    return found


def said_at(bought: ToldMix, row: pd.Series, voice: Voice) -> str:
    """Say a row of the frontier, its number under the key of the sheet."""
    at = f"frontier_{tag(bought)}_{int(row['budget_eur'])}"
    return said_count(row, voice, lambda _, value: keyed(f"{at}:{row['what']}", value, voice))


def _who(key: str, voice: Voice) -> str:
    found = in_words(key)
    return found.text(voice) if isinstance(found, Problem) else str(found)


def surety_sentence(bought: ToldMix, voice: Voice) -> Sentence | None:
    """Say how near to the best the choice is, and how often it stays so if costs turn out otherwise."""
    if bought.simulated or not bought.used:
        return None
    at = row_key(bought, WHOLE)
    says = voice.say(
        N_("Con questi costi e questi effetti nessun'altra divisione dei soldi fa meglio.")
    )
    if bought.bound_apart >= _SEEN:
        gap = keyed(f"{at}:bound_apart_share", bought.bound_apart, voice, "share", 2)
        says = voice.say(
            N_("Con questi costi e questi effetti la divisione migliore dei soldi fa al più il {gap} in "
               "più."), gap=gap,
        )  # fmt: skip
    if not bought.free:
        says = voice.say(N_("Con quello che è chiesto in più: {said}"), said=says)
    found = [says]
    if not np.isnan(bought.stands_per_100):
        cases = keyed(f"{at}:stands_per_100", bought.stands_per_100, voice)
        found += wording.stands_words(bought.stands_per_100, NEAR, voice, cases)
    lead = voice.say(N_("Quanto è sicuro ({aim})."), aim=aim(bought, voice))
    return Sentence(" ".join(found), lead)
