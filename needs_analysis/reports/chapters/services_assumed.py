"""What the simulations of places assume: target, stays, season, patience; whom they are of."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.reports.chapters.services_building import told_table
from needs_analysis.reports.model import Number, Table, number
from needs_analysis.services.files.schema import GROUP_LABELS, UNSTATED
from needs_analysis.told import OTHERS, Plan, Told
from needs_analysis.words import N_, Voice

_WORDS = {TOTAL: N_("insieme"), OTHERS: N_("altri gruppi"), UNSTATED: N_("non indicato")}
_REQUESTS = N_(
    "Chi ha chiesto nel periodo un posto che poteva avere: accolto, in attesa, rifiutato "
    "per mancanza di posto o andato altrove. Chi non aveva i requisiti o ha rinunciato "
    "al posto è fuori. Arrivano a caso, in media quante nel periodo."
)
_PLACES = N_(
    "Aperti l'ultimo giorno, senza quelli da sistemare; ogni posto prende i gruppi che "
    "il registro gli dà (tutti, se non ne dà) e una richiesta alla volta. Non contano "
    "l'ambito né quante persone ha la famiglia: le attese vere sono più lunghe."
)
_HIDDEN = N_(
    "Le simulazioni conoscono solo i conteggi che si possono mostrare e, insieme, il "
    "resto del totale: da posti, carico e attese non si risale a un conteggio nascosto. "
    "Carico e giorni sono interi, le quote al punto percentuale."
)


def group_name(code: str, voice: Voice) -> str:
    """Return the printed name of a group or an ambito."""
    if code in _WORDS:
        return voice.say(_WORDS[code])
    return voice.say(GROUP_LABELS[code]) if code in GROUP_LABELS else code


def group_names(codes: Iterable[str], voice: Voice) -> str:
    """List the printed names of groups or ambiti."""
    return "; ".join(group_name(one, voice) for one in codes)


def _per_cent(share: float, voice: Voice) -> str:
    """Print a share as a per cent, whole where it is."""
    value = round(share * 100, 1)
    return f"{voice.number(value, 0 if value == int(value) else 1)} %"


def said_share(key: str, share: float, voice: Voice) -> str:
    """Print a share as `_per_cent`, with the key of its cell."""
    return str(Number(key, float(share), _per_cent(share, voice), "share"))


def said_target(plan: Plan, voice: Voice) -> tuple[str, str]:
    """Print who is to enter, and within how many days."""
    share = said_share("capacity:target_share", plan.target.share, voice)
    return share, number("capacity:target_days", plan.target.days, voice)


def how(plan: Plan, voice: Voice) -> str:
    """Say in short what was simulated and what that supposes."""
    years, times = _trials(plan, voice)
    return voice.say(
        "Simulazione di {years} anni ripetuta {times} volte, con le richieste del periodo e "
        "le permanenze osservate (in media {stay} giorni, anche di chi è ancora presente). "
        "{season} {patience} È una stima, non un conteggio: vale se richieste e permanenze "
        "restano queste.",
        years=years,
        times=times,
        stay=_stay(plan, voice),
        season=_season(plan, voice),
        patience=_patience(plan, voice),
    )


def _stay(plan: Plan, voice: Voice) -> str:
    return number("capacity:stay_mean_days", round(plan.stay_mean_days), voice)


def _trials(plan: Plan, voice: Voice) -> tuple[str, str]:
    years = number("capacity:years", plan.years, voice)
    return years, number("capacity:replications", plan.replications, voice)


def _season(plan: Plan, voice: Voice) -> str:
    least = number("capacity:season_month_min", plan.season_month_min, voice)
    kinds = {*plan.by_ambito.behind["season"], *plan.by_group.behind["season"]}
    if kinds == {"none"}:
        return voice.say(
            "Senza stagione: le richieste sono meno di {least} al mese, o il periodo non copre "
            "tutti i mesi.",
            least=least,
        )
    return voice.say(
        "Le richieste seguono i mesi del periodo: i propri, dove sono almeno {least} al "
        "mese, altrimenti quelli di tutti.",
        least=least,
    )


def _patience(plan: Plan, voice: Voice) -> str:
    if plan.patience is None:
        return voice.say(
            "Si suppone che nessuno rinunci ad aspettare: i casi di chi ha trovato un'altra "
            "soluzione sono troppo pochi, o nascosti, per dire dopo quanto."
        )
    own = plan.patience_from == "own"
    why = voice.say("come chi ha trovato un'altra soluzione") if own else voice.say("come indicato")
    return voice.say(
        "Chi aspetta rinuncia in media dopo {days} giorni, {why}; chi rinuncia non è entrato.",
        days=number("capacity:patience_mean_days", round(plan.patience.mean_days), voice),
        why=why,
    )


def assumed_table(found: Told, plan: Plan, voice: Voice) -> Table:
    """Return what the simulations assume, one thing a row."""
    frame = pd.DataFrame(_assumed(plan, voice), columns=["what", "said"])
    columns = (("what", N_("Che cosa"), "text"), ("said", N_("Come"), "text"))
    return told_table(found, "Servizi ipotesi", N_("Che cosa si è supposto"), frame, columns, voice)


def _assumed(plan: Plan, voice: Voice) -> list[tuple[str, str]]:
    cases = number("capacity:cases_min", plan.cases_min, voice)
    share, days = said_target(plan, voice)
    years, times = _trials(plan, voice)
    own = group_names(plan.by_group.behind.index[plan.by_group.behind["stay"] == "own"], voice)
    target = voice.say(
        "Il {share} di chi chiede entra entro {days} giorni; chi rinuncia non è entrato.",
        share=share,
        days=days,
    )
    stays = voice.say(
        "Kaplan-Meier di tutte le accoglienze, in media {mean} giorni; oltre la fine della curva "
        "si esce al ritmo medio di tutte le uscite. Di un gruppo contano le sue dove ne sono "
        "uscite almeno {cases}, altrimenti quelle di tutti; contano le sue per: {own}.",
        mean=_stay(plan, voice),
        cases=cases,
        own=own or voice.say("nessuno"),
    )
    patience = voice.say(
        "Servono almeno {cases} casi; chi ha rinunciato al posto offerto non ha lasciato la lista.",
        cases=cases,
    )
    simulation = voice.say(
        "{years} anni misurati dopo un avvio che fa dimenticare la lista vuota, ripetuti {times} "
        "volte; gli stessi arrivi per ogni numero di posti. Intervalli di Student al 95 %.",
        years=years,
        times=times,
    )
    said = [
        (voice.say("Obiettivo"), target),
        (voice.say("Richieste"), voice.say(_REQUESTS)),
        (voice.say("Permanenze"), stays),
        (voice.say("Stagione"), _season(plan, voice)),
        (voice.say("Rinunce"), f"{_patience(plan, voice)} {patience}"),
        (voice.say("Posti di oggi"), voice.say(_PLACES)),
        (voice.say("Riservatezza"), voice.say(_HIDDEN)),
        (voice.say("Simulazione"), simulation),
    ]
    return [(head, voice.elided(text)) for head, text in said]
