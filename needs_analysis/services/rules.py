"""The rules of the services' measures: name, version and what exactly is counted.

A rule's numbers (730 days, 18 months, the bands of returns) belong to its definition: whoever changes
one gives the rule a new version, and two runs tell which of them moved a figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from needs_analysis.services.schema import AREAS, DESTINATIONS, REFUSALS, STATES, Label

RETURN_BANDS_DAYS = ((0, 180), (181, 365), (366, 730))
"""Days from a positive exit to the next entry."""
WINDOW_DAYS = 730
"""Days looked back for an earlier stay, and forward for a return."""
LONG_STAY_MONTHS = 18
FOLLOW_UP_MONTHS = (6, 12)
WIDE_SHARE = 0.2
"""An interval wider than this is said to be wide."""
YEAR_DAYS = 365


@dataclass(frozen=True)
class Rule:
    """How measures are counted: a stable name, a version that grows, one sentence in two languages.

    Examples
    --------
    >>> RULES["bed_nights"].version
    1
    """

    name: str
    version: int
    it: str
    en: str


@dataclass(frozen=True)
class Measure:
    """One printed figure: its rule, its unit and its label."""

    name: str
    rule: str
    unit: str
    it: str
    en: str


_RULES = (
    Rule("bed_nights", 1,
         "Notti di presenza dall'ingresso (compreso) all'uscita (esclusa); una notte in due "
         "accoglienze dello stesso ospite conta una volta, in quella cominciata prima.",
         "Nights from entry (included) to exit (excluded); a night in two stays of one guest counts "
         "once, in the stay begun first."),
    Rule("available_place_nights", 2,
         "Notti in cui il posto è aperto, esclusi i giorni da quando è da sistemare o chiuso; i "
         "posti riservati contano.",
         "Nights in which a place is open, without the days since it is to be repaired or closed; "
         "reserved places count."),
    Rule("occupancy", 1,
         "Notti di presenza su notti disponibili dei posti; l'uso dei posti conta una volta la "
         "notte di un posto con più ospiti e solo i giorni in cui il posto è disponibile.",
         "Bed-nights over available place-nights; the use of places counts once a night of a place "
         "with several guests, and only days on which the place is available."),
    Rule("turnover", 1,
         "Uscite per posto disponibile in un anno di 365 giorni.",
         "Exits per available place in a year of 365 days."),
    Rule("length_of_stay", 1,
         "Giorni dall'ingresso all'uscita di chi è uscito nel periodo, anche se entrato prima.",
         "Days from entry to exit of those who left in the period, even if they entered before."),
    Rule("stay_survival", 2,
         "Permanenza secondo Kaplan-Meier su tutte le accoglienze cominciate entro la fine del "
         "periodo; chi è ancora presente è censurato. Uscite concorrenti secondo Aalen-Johansen.",
         "Stay by Kaplan-Meier over all stays begun by the end of the period, the still-present "
         "censored; competing exits by Aalen-Johansen."),
    Rule("entries", 2,
         "Accoglienze cominciate nel periodo e ospiti presenti la notte dell'ultimo giorno.",
         "Stays begun in the period and guests present in the night of its last day."),
    Rule("exits", 1,
         "Uscite nel periodo per destinazione; positive sono affitto autonomo, alloggio pubblico, "
         "casa di proprietà e sistemazione stabile da familiari o amici; un altro servizio, neutro, "
         "e la destinazione non nota restano nel denominatore.",
         "Exits in the period by destination; positive are autonomous rent, public housing, owned "
         "home and stable with family or friends; another service, neutral, and an unknown destination "
         "stay in the denominator."),
    Rule("retention", 2,
         "Accoglienze del periodo ancora in corso alla fine o concluse con un'uscita positiva.",
         "Stays of the period still open at its end or ended by a positive exit."),
    Rule("returns", 1,
         "Nuovi ingressi dello stesso ospite entro 730 giorni da un'uscita positiva; contano le "
         "uscite avvenute 730 giorni prima del periodo, così che ognuna sia seguita per intero.",
         "New entries of the same guest within 730 days of a positive exit; the exits are those of "
         "the period moved back by 730 days, so that each is followed to the end."),
    Rule("first_time", 1,
         "Ospiti entrati nel periodo senza alcuna accoglienza nei 730 giorni prima del loro primo "
         "ingresso nel periodo.",
         "Guests who entered in the period with no stay in the 730 days before their first entry in "
         "it."),
    Rule("follow_up", 1,
         "Esiti a 6 e 12 mesi dall'uscita che cadono nel periodo; chi rifiuta, non è raggiunto o "
         "non è registrato resta nel denominatore delle risposte, chi non è ancora previsto no.",
         "Outcomes due 6 and 12 months after exit within the period; refused, not reached and not "
         "recorded stay in the denominator of the responses, not yet due do not."),
    Rule("answers", 2,
         "Giorni dalla segnalazione alla risposta data nel periodo (se senza data, il giorno "
         "dell'ingresso); in attesa è la segnalazione senza risposta alla fine del periodo.",
         "Days from referral to the answer given in the period (undated, the day of entry); pending "
         "is a referral without an answer at its end."),
    Rule("refusals", 1,
         "Segnalazioni rifiutate su quelle con risposta nel periodo, e rifiuti per motivo; il "
         "motivo non indicato è contato a parte.",
         "Refused referrals over those answered in the period, and refusals by reason; a reason not "
         "stated is counted apart."),
    Rule("long_stays", 2,
         "Accoglienze del periodo con almeno una notte oltre i 18 mesi, e oltre la permanenza "
         "massima del servizio dove ne ha una.",
         "Stays of the period with a night beyond 18 months, and beyond the service's maximum stay "
         "where it has one."),
    Rule("goals", 1,
         "Obiettivi raggiunti su obiettivi fissati nei progetti individuali di chi è uscito nel "
         "periodo.",
         "Goals reached over goals set in the individual projects of those who left in the period."),
    Rule("plan_reviews", 1,
         "Verifiche del progetto individuale delle accoglienze presenti alla fine del periodo: "
         "indicate, e scadute se la data è arrivata.",
         "Reviews of the individual project of the stays present at the end of the period: stated, "
         "and overdue if the date has come."),
    Rule("activities", 2,
         "Attività e ore di accompagnamento con data nel periodo; un servizio che non ne registra "
         "nessuna è «dato non trasmesso», non zero; le ore sono di volontari dove è detto.",
         "Accompaniment activities and hours dated in the period; a service that records none at "
         "all is 'not transmitted', not zero; hours are of volunteers where it is stated."),
    Rule("fees", 2,
         "Giorni pagati e rette dovute, mese per mese, secondo la regola dei giorni e delle assenze "
         "di ogni convenzione; importi al centesimo.",
         "Paid days and fees due, month by month, by each convention's rule of days and absences; "
         "amounts to the cent."),
    Rule("team_load", 1,
         "Ospiti presenti in media ogni notte per educatore, nei servizi che hanno indicato gli "
         "educatori.",
         "Guests present on an average night per educator, in the services that state educators."),
    Rule("resources", 2,
         "Soci residenti e accordi senza retta dal registro; accoglienze del periodo con "
         "consulenza per il mutuo, fra quelle per cui è indicata.",
         "Resident members and zero-fee agreements from the register; stays of the period with "
         "credit counselling, among those for which it is stated."),
    Rule("scales", 1,
         "Situazione da 1 a 5 all'ingresso, all'uscita, a 6 e a 12 mesi: si confrontano solo le "
         "coppie rilevate sulla stessa accoglienza.",
         "Situation from 1 to 5 at entry, exit, 6 and 12 months: only pairs of the same stay are "
         "compared."),
    Rule("supply", 2,
         "Posti aperti per stato: occupato se un ospite vi dorme quella notte, altrimenti lo stato "
         "del registro da quando vale, prima pronto.",
         "Open places by state: occupied if a guest sleeps there that night, else the register's "
         "state since it holds, ready before."),
    Rule("local_measures", 1,
         "Totali delle misure locali sulle amministrazioni che hanno risposto; «dato non trasmesso» "
         "non è zero.",
         "Totals of the local measures over the administrations that answered; 'not transmitted' is "
         "not zero."),
)  # fmt: skip

RULES: Mapping[str, Rule] = {rule.name: rule for rule in _RULES}

MOMENTS: Mapping[str, Label] = {
    "entry": Label("ingresso", "entry"),
    "exit": Label("uscita", "exit"),
    "6": Label("6 mesi", "6 months"),
    "12": Label("12 mesi", "12 months"),
}
PAIRS = tuple((a, b) for i, a in enumerate(MOMENTS) for b in list(MOMENTS)[i + 1 :])
WAYS: Mapping[str, Label] = {
    "positive": Label("uscita positiva", "positive exit"),
    "neutral": Label("altro servizio", "other service"),
    "negative": Label("istituto, strada, rientro dal maltrattante", "institution, street, abuser"),
    "unknown": Label("destinazione non nota", "unknown destination"),
}
"""Competing ways out."""
NOTES: Mapping[str, Label] = {
    "wide_interval": Label(
        "intervallo ampio: pochi casi, la quota vera può essere molto diversa",
        "wide interval: few cases, the true share may be very different",
    ),
    "too_few": Label("troppo pochi casi per un intervallo", "too few cases for an interval"),
    "not_reached": Label(
        "più della metà è ancora presente: la mediana non è raggiunta",
        "more than half are still present: the median is not reached",
    ),
    "no_case": Label("nessun caso", "no case"),
    "above_one": Label(
        "oltre il 100 %: più ospiti nello stesso posto o notti fuori dai giorni disponibili",
        "above 100 %: several guests in one place or nights outside the available days",
    ),
    "not_transmitted": Label("non indicato o non trasmesso", "not stated or not transmitted"),
    "partly_not_transmitted": Label(
        "non indicato o non trasmesso per una parte dei casi, che resta fuori",
        "not stated or not transmitted for some of the cases, which are left out",
    ),
}
"""What a measure's note says; several codes are joined by ";"."""


def note_text(note: str, lang: str = "it") -> str:
    """Return a note's codes as words.

    Examples
    --------
    >>> note_text("too_few;not_transmitted")
    'troppo pochi casi per un intervallo; non indicato o non trasmesso'
    """
    words = [NOTES[code] for code in note.split(";") if code]
    return "; ".join(one.it if lang == "it" else one.en for one in words)


def _counts() -> Iterator[Measure]:
    yield Measure("bed_nights", "bed_nights", "nights", "Notti di presenza", "Bed-nights")
    yield Measure(
        "overlap_nights",
        "bed_nights",
        "nights",
        "Notti registrate due volte",
        "Nights recorded twice",
    )
    yield Measure(
        "available_place_nights",
        "available_place_nights",
        "nights",
        "Notti disponibili dei posti",
        "Available place-nights",
    )
    yield Measure("occupancy_share", "occupancy", "share", "Occupazione", "Occupancy")
    yield Measure("place_use_share", "occupancy", "share", "Posti in uso", "Places in use")
    yield Measure(
        "turnover_per_year",
        "turnover",
        "per_year",
        "Uscite per posto in un anno",
        "Exits per place in a year",
    )
    for state, label in STATES.items():
        yield Measure(
            f"places_{state}",
            "supply",
            "places",
            f"Posti alla fine: {label.it}",
            f"Places at the end: {label.en}",
        )
    yield Measure("entries", "entries", "stays", "Ingressi", "Entries")
    yield Measure("present_at_end", "entries", "guests", "Presenti alla fine", "Present at the end")
    yield Measure(
        "first_time_share", "first_time", "share", "Ospiti al primo ingresso", "First-time guests"
    )


def _outcomes() -> Iterator[Measure]:
    yield Measure(
        "stay_mean_days",
        "length_of_stay",
        "days",
        "Permanenza media di chi è uscito",
        "Mean stay of leavers",
    )
    yield Measure(
        "stay_median_days",
        "length_of_stay",
        "days",
        "Permanenza mediana di chi è uscito",
        "Median stay of leavers",
    )
    yield Measure(
        "stay_km_median_days",
        "stay_survival",
        "days",
        "Permanenza mediana (Kaplan-Meier)",
        "Median stay (Kaplan-Meier)",
    )
    yield Measure(
        "stay_logrank_by_group",
        "stay_survival",
        "p_value",
        "Permanenze diverse fra i gruppi (log-rank)",
        "Stays differ between groups (log-rank)",
    )
    yield Measure("exits", "exits", "stays", "Uscite", "Exits")
    yield Measure("positive_exits_share", "exits", "share", "Uscite positive", "Positive exits")
    for code, label in DESTINATIONS.items():
        yield Measure(
            f"exits_{code}_share", "exits", "share", f"Uscite: {label.it}", f"Exits: {label.en}"
        )
    yield Measure(
        "retention_share",
        "retention",
        "share",
        "Ancora accolti o usciti bene",
        "Still housed or left well",
    )
    for low, high in RETURN_BANDS_DAYS:
        yield Measure(
            f"returns_{low}_{high}_share",
            "returns",
            "share",
            f"Rientri fra {low} e {high} giorni",
            f"Returns within {low}-{high} days",
        )
    yield Measure(
        f"returns_{WINDOW_DAYS}_share",
        "returns",
        "share",
        f"Rientri entro {WINDOW_DAYS} giorni",
        f"Returns within {WINDOW_DAYS} days",
    )
    for months in FOLLOW_UP_MONTHS:
        yield Measure(
            f"follow_up_{months}_response_share",
            "follow_up",
            "share",
            f"Risposte a {months} mesi",
            f"Responses at {months} months",
        )
        yield Measure(
            f"follow_up_{months}_stable_share",
            "follow_up",
            "share",
            f"Casa stabile a {months} mesi, fra chi risponde",
            f"Stable home at {months} months, of those who respond",
        )
        yield Measure(
            f"follow_up_{months}_stable_of_due_share",
            "follow_up",
            "share",
            f"Casa stabile a {months} mesi, fra tutti i previsti",
            f"Stable home at {months} months, of all those due",
        )
    for moment, label in MOMENTS.items():
        yield Measure(
            f"scale_{moment}_recorded_share",
            "scales",
            "share",
            f"Scala rilevata: {label.it}",
            f"Scale recorded: {label.en}",
        )
    for a, b in PAIRS:
        one, other = MOMENTS[a], MOMENTS[b]
        yield Measure(
            f"scale_change_{a}_{b}_points",
            "scales",
            "points",
            f"Variazione della scala: {one.it} - {other.it}",
            f"Change of the scale: {one.en} - {other.en}",
        )


def _work() -> Iterator[Measure]:
    yield Measure(
        "answer_mean_days",
        "answers",
        "days",
        "Attesa media della risposta",
        "Mean days to an answer",
    )
    yield Measure(
        "answer_median_days",
        "answers",
        "days",
        "Attesa mediana della risposta",
        "Median days to an answer",
    )
    yield Measure(
        "pending_referrals", "answers", "referrals", "Segnalazioni in attesa", "Pending referrals"
    )
    yield Measure(
        "refused_share", "refusals", "share", "Segnalazioni rifiutate", "Refused referrals"
    )
    for code, label in {**REFUSALS, "not_stated": Label("non indicato", "not stated")}.items():
        yield Measure(
            f"refused_{code}_share",
            "refusals",
            "share",
            f"Rifiuti: {label.it}",
            f"Refusals: {label.en}",
        )
    yield Measure(
        "past_18_months_share", "long_stays", "share", "Oltre i 18 mesi", "Past 18 months"
    )
    yield Measure(
        "past_18_months_explained_share",
        "long_stays",
        "share",
        "Oltre i 18 mesi con il motivo indicato",
        "Past 18 months with a stated reason",
    )
    yield Measure(
        "past_maximum_share",
        "long_stays",
        "share",
        "Oltre la permanenza massima del servizio",
        "Past the service's maximum stay",
    )
    yield Measure("goals_reached_share", "goals", "share", "Obiettivi raggiunti", "Goals reached")
    yield Measure(
        "plan_review_stated_share",
        "plan_reviews",
        "share",
        "Progetti con la data di verifica",
        "Projects with a review date",
    )
    yield Measure(
        "plan_review_overdue_share",
        "plan_reviews",
        "share",
        "Verifiche del progetto scadute",
        "Overdue project reviews",
    )
    for code, label in AREAS.items():
        yield Measure(
            f"activities_{code}",
            "activities",
            "activities",
            f"Attività: {label.it}",
            f"Activities: {label.en}",
        )
        yield Measure(
            f"activity_{code}_hours",
            "activities",
            "hours",
            f"Ore: {label.it}",
            f"Hours: {label.en}",
        )
    yield Measure(
        "volunteer_hours", "activities", "hours", "Ore di volontariato", "Volunteer hours"
    )
    yield Measure("paid_days", "fees", "days", "Giorni pagati", "Paid days")
    yield Measure("absence_days", "fees", "days", "Giorni di assenza", "Absence days")
    yield Measure("fees_due_eur", "fees", "eur", "Rette dovute", "Fees due")
    yield Measure(
        "guests_per_educator", "team_load", "guests", "Ospiti per educatore", "Guests per educator"
    )
    yield Measure("resident_members", "resources", "persons", "Soci residenti", "Resident members")
    yield Measure(
        "zero_fee_agreements", "resources", "services", "Accordi senza retta", "Zero-fee agreements"
    )
    yield Measure(
        "credit_counselling", "resources", "stays", "Consulenze per il mutuo", "Credit counselling"
    )


MEASURES: Mapping[str, Measure] = {
    one.name: one for part in (_counts(), _outcomes(), _work()) for one in part
}
"""Every measure that `monitor` prints, in the order of print."""
