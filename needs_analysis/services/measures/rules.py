"""The rules of the services' measures: name, version and what exactly is counted.

A rule's numbers (730 days, 18 months, the bands of returns) belong to its definition: whoever changes
one gives the rule a new version, and two runs tell which of them moved a figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from needs_analysis.services.files.schema import AREAS, DESTINATIONS, REFUSALS, STATES
from needs_analysis.words import ITALIAN, N_, Voice

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
    """How measures are counted: a stable name, a version that grows, one sentence.

    Examples
    --------
    >>> RULES["bed_nights"].version
    1
    """

    name: str
    version: int
    text: str


@dataclass(frozen=True)
class Measure:
    """One printed figure: its rule, its unit and its label, with what fills the label's places."""

    name: str
    rule: str
    unit: str
    label: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    def label_in(self, voice: Voice = ITALIAN) -> str:
        """Return the label as it is printed.

        Examples
        --------
        >>> MEASURES["places_ready"].label_in(), MEASURES["returns_0_180_share"].label_in()
        ('Posti alla fine: pronto', 'Rientri fra 0 e 180 giorni')
        """
        said = {k: voice.say(v) if isinstance(v, str) else v for k, v in self.values.items()}
        return voice.say(self.label, **said)


_RULES = (
    Rule("bed_nights", 1,
         N_("Notti di presenza dall'ingresso (compreso) all'uscita (esclusa); una notte in due "
"accoglienze dello stesso ospite conta una volta, in quella cominciata prima.")),
    Rule("available_place_nights", 2,
         N_("Notti in cui il posto è aperto, esclusi i giorni da quando è da sistemare o chiuso; "
"i posti riservati contano.")),
    Rule("occupancy", 1,
         N_("Notti di presenza su notti disponibili dei posti; l'uso dei posti conta una volta "
"la notte di un posto con più ospiti e solo i giorni in cui il posto è disponibile.")),
    Rule("turnover", 1,
         N_("Uscite per posto disponibile in un anno di 365 giorni.")),
    Rule("length_of_stay", 1,
         N_("Giorni dall'ingresso all'uscita di chi è uscito nel periodo, anche se entrato prima.")),
    Rule("stay_survival", 2,
         N_("Permanenza secondo Kaplan-Meier su tutte le accoglienze cominciate entro la fine "
"del periodo; chi è ancora presente è censurato. Uscite concorrenti secondo "
"Aalen-Johansen.")),
    Rule("entries", 2,
         N_("Accoglienze cominciate nel periodo e ospiti presenti la notte dell'ultimo giorno.")),
    Rule("exits", 1,
         N_("Uscite nel periodo per destinazione; positive sono affitto autonomo, alloggio "
"pubblico, casa di proprietà e sistemazione stabile da familiari o amici; un altro "
"servizio, neutro, e la destinazione non nota restano nel denominatore.")),
    Rule("retention", 2,
         N_("Accoglienze del periodo ancora in corso alla fine o concluse con un'uscita positiva.")),
    Rule("returns", 1,
         N_("Nuovi ingressi dello stesso ospite entro 730 giorni da un'uscita positiva; contano "
"le uscite avvenute 730 giorni prima del periodo, così che ognuna sia seguita per "
"intero.")),
    Rule("first_time", 1,
         N_("Ospiti entrati nel periodo senza alcuna accoglienza nei 730 giorni prima del loro "
"primo ingresso nel periodo.")),
    Rule("follow_up", 1,
         N_("Esiti a 6 e 12 mesi dall'uscita che cadono nel periodo; chi rifiuta, non è "
"raggiunto o non è registrato resta nel denominatore delle risposte, chi non è "
"ancora previsto no.")),
    Rule("answers", 2,
         N_("Giorni dalla segnalazione alla risposta data nel periodo (se senza data, il giorno "
"dell'ingresso); in attesa è la segnalazione senza risposta alla fine del periodo.")),
    Rule("refusals", 1,
         N_("Segnalazioni rifiutate su quelle con risposta nel periodo, e rifiuti per motivo; il "
"motivo non indicato è contato a parte.")),
    Rule("long_stays", 2,
         N_("Accoglienze del periodo con almeno una notte oltre i 18 mesi, e oltre la permanenza "
"massima del servizio dove ne ha una.")),
    Rule("goals", 1,
         N_("Obiettivi raggiunti su obiettivi fissati nei progetti individuali di chi è uscito "
"nel periodo.")),
    Rule("plan_reviews", 1,
         N_("Verifiche del progetto individuale delle accoglienze presenti alla fine del "
"periodo: indicate, e scadute se la data è arrivata.")),
    Rule("activities", 2,
         N_("Attività e ore di accompagnamento con data nel periodo; un servizio che non ne "
"registra nessuna è «dato non trasmesso», non zero; le ore sono di volontari dove è "
"detto.")),
    Rule("fees", 2,
         N_("Giorni pagati e rette dovute, mese per mese, secondo la regola dei giorni e delle "
"assenze di ogni convenzione; importi al centesimo.")),
    Rule("team_load", 1,
         N_("Ospiti presenti in media ogni notte per educatore, nei servizi che hanno indicato "
"gli educatori.")),
    Rule("resources", 2,
         N_("Soci residenti e accordi senza retta dal registro; accoglienze del periodo con "
"consulenza per il mutuo, fra quelle per cui è indicata.")),
    Rule("scales", 1,
         N_("Situazione da 1 a 5 all'ingresso, all'uscita, a 6 e a 12 mesi: si confrontano solo "
"le coppie rilevate sulla stessa accoglienza.")),
    Rule("supply", 2,
         N_("Posti aperti per stato: occupato se un ospite vi dorme quella notte, altrimenti lo "
"stato del registro da quando vale, prima pronto.")),
    Rule("local_measures", 1,
         N_("Totali delle misure locali sulle amministrazioni che hanno risposto; «dato non "
"trasmesso» non è zero.")),
)  # fmt: skip

RULES: Mapping[str, Rule] = {rule.name: rule for rule in _RULES}

MOMENTS: Mapping[str, str] = {
    "entry": N_("ingresso"),
    "exit": N_("uscita"),
    "6": N_("6 mesi"),
    "12": N_("12 mesi"),
}
PAIRS = tuple((a, b) for i, a in enumerate(MOMENTS) for b in list(MOMENTS)[i + 1 :])
WAYS: Mapping[str, str] = {
    "positive": N_("uscita positiva"),
    "neutral": N_("altro servizio"),
    "negative": N_("istituto, strada, rientro dal maltrattante"),
    "unknown": N_("destinazione non nota"),
}
"""Competing ways out."""
NOTES: Mapping[str, str] = {
    "wide_interval": N_("intervallo ampio: pochi casi, la quota vera può essere molto diversa"),
    "too_few": N_("troppo pochi casi per un intervallo"),
    "not_reached": N_("più della metà è ancora presente: la mediana non è raggiunta"),
    "no_case": N_("nessun caso"),
    "above_one": N_(
        "oltre il 100 %: più ospiti nello stesso posto o notti fuori dai giorni disponibili"
    ),
    "not_transmitted": N_("non indicato o non trasmesso"),
    "partly_not_transmitted": N_(
        "non indicato o non trasmesso per una parte dei casi, che resta fuori"
    ),
}
"""What a measure's note says; several codes are joined by ";"."""


def note_text(note: str, voice: Voice = ITALIAN) -> str:
    """Return a note's codes as words.

    Examples
    --------
    >>> note_text("too_few;not_transmitted")
    'troppo pochi casi per un intervallo; non indicato o non trasmesso'
    """
    return "; ".join(voice.say(NOTES[code]) for code in note.split(";") if code)


def _counts() -> Iterator[Measure]:
    yield Measure(
        "bed_nights",
        "bed_nights",
        "nights",
        N_("Notti di presenza"),
    )
    yield Measure(
        "overlap_nights",
        "bed_nights",
        "nights",
        N_("Notti registrate due volte"),
    )
    yield Measure(
        "available_place_nights",
        "available_place_nights",
        "nights",
        N_("Notti disponibili dei posti"),
    )
    yield Measure(
        "occupancy_share",
        "occupancy",
        "share",
        N_("Occupazione"),
    )
    yield Measure(
        "place_use_share",
        "occupancy",
        "share",
        N_("Posti in uso"),
    )
    yield Measure(
        "turnover_per_year",
        "turnover",
        "per_year",
        N_("Uscite per posto in un anno"),
    )
    for state, label in STATES.items():
        yield Measure(
            f"places_{state}", "supply", "places", N_("Posti alla fine: {of}"), {"of": label}
        )
    yield Measure(
        "entries",
        "entries",
        "stays",
        N_("Ingressi"),
    )
    yield Measure(
        "present_at_end",
        "entries",
        "guests",
        N_("Presenti alla fine"),
    )
    yield Measure(
        "first_time_share",
        "first_time",
        "share",
        N_("Ospiti al primo ingresso"),
    )


def _outcomes() -> Iterator[Measure]:
    yield Measure(
        "stay_mean_days",
        "length_of_stay",
        "days",
        N_("Permanenza media di chi è uscito"),
    )
    yield Measure(
        "stay_median_days",
        "length_of_stay",
        "days",
        N_("Permanenza mediana di chi è uscito"),
    )
    yield Measure(
        "stay_km_median_days",
        "stay_survival",
        "days",
        N_("Permanenza mediana (Kaplan-Meier)"),
    )
    yield Measure(
        "stay_logrank_by_group",
        "stay_survival",
        "p_value",
        N_("Permanenze diverse fra i gruppi (log-rank)"),
    )
    yield Measure(
        "exits",
        "exits",
        "stays",
        N_("Uscite"),
    )
    yield Measure(
        "positive_exits_share",
        "exits",
        "share",
        N_("Uscite positive"),
    )
    for code, label in DESTINATIONS.items():
        yield Measure(f"exits_{code}_share", "exits", "share", N_("Uscite: {of}"), {"of": label})
    yield Measure(
        "retention_share",
        "retention",
        "share",
        N_("Ancora accolti o usciti bene"),
    )
    for low, high in RETURN_BANDS_DAYS:
        yield Measure(
            f"returns_{low}_{high}_share",
            "returns",
            "share",
            N_("Rientri fra {low} e {high} giorni"),
            {"low": low, "high": high},
        )
    yield Measure(
        f"returns_{WINDOW_DAYS}_share",
        "returns",
        "share",
        N_("Rientri entro {days} giorni"),
        {"days": WINDOW_DAYS},
    )
    for months in FOLLOW_UP_MONTHS:
        yield Measure(
            f"follow_up_{months}_response_share",
            "follow_up",
            "share",
            N_("Risposte a {months} mesi"),
            {"months": months},
        )
        yield Measure(
            f"follow_up_{months}_stable_share",
            "follow_up",
            "share",
            N_("Casa stabile a {months} mesi, fra chi risponde"),
            {"months": months},
        )
        yield Measure(
            f"follow_up_{months}_stable_of_due_share",
            "follow_up",
            "share",
            N_("Casa stabile a {months} mesi, fra tutti i previsti"),
            {"months": months},
        )
    for moment, label in MOMENTS.items():
        yield Measure(
            f"scale_{moment}_recorded_share",
            "scales",
            "share",
            N_("Scala rilevata: {of}"),
            {"of": label},
        )
    for a, b in PAIRS:
        one, other = MOMENTS[a], MOMENTS[b]
        yield Measure(
            f"scale_change_{a}_{b}_points",
            "scales",
            "points",
            N_("Variazione della scala: {one} - {other}"),
            {"one": one, "other": other},
        )


def _work() -> Iterator[Measure]:
    yield Measure(
        "answer_mean_days",
        "answers",
        "days",
        N_("Attesa media della risposta"),
    )
    yield Measure(
        "answer_median_days",
        "answers",
        "days",
        N_("Attesa mediana della risposta"),
    )
    yield Measure(
        "pending_referrals",
        "answers",
        "referrals",
        N_("Segnalazioni in attesa"),
    )
    yield Measure(
        "refused_share",
        "refusals",
        "share",
        N_("Segnalazioni rifiutate"),
    )
    for code, label in {**REFUSALS, "not_stated": N_("non indicato")}.items():
        yield Measure(
            f"refused_{code}_share", "refusals", "share", N_("Rifiuti: {of}"), {"of": label}
        )
    yield Measure(
        "past_18_months_share",
        "long_stays",
        "share",
        N_("Oltre i 18 mesi"),
    )
    yield Measure(
        "past_18_months_explained_share",
        "long_stays",
        "share",
        N_("Oltre i 18 mesi con il motivo indicato"),
    )
    yield Measure(
        "past_maximum_share",
        "long_stays",
        "share",
        N_("Oltre la permanenza massima del servizio"),
    )
    yield Measure(
        "goals_reached_share",
        "goals",
        "share",
        N_("Obiettivi raggiunti"),
    )
    yield Measure(
        "plan_review_stated_share",
        "plan_reviews",
        "share",
        N_("Progetti con la data di verifica"),
    )
    yield Measure(
        "plan_review_overdue_share",
        "plan_reviews",
        "share",
        N_("Verifiche del progetto scadute"),
    )
    for code, label in AREAS.items():
        yield Measure(
            f"activities_{code}", "activities", "activities", N_("Attività: {of}"), {"of": label}
        )
        yield Measure(
            f"activity_{code}_hours", "activities", "hours", N_("Ore: {of}"), {"of": label}
        )
    yield Measure(
        "volunteer_hours",
        "activities",
        "hours",
        N_("Ore di volontariato"),
    )
    yield Measure(
        "paid_days",
        "fees",
        "days",
        N_("Giorni pagati"),
    )
    yield Measure(
        "absence_days",
        "fees",
        "days",
        N_("Giorni di assenza"),
    )
    yield Measure(
        "fees_due_eur",
        "fees",
        "eur",
        N_("Rette dovute"),
    )
    yield Measure(
        "guests_per_educator",
        "team_load",
        "guests",
        N_("Ospiti per educatore"),
    )
    yield Measure(
        "resident_members",
        "resources",
        "persons",
        N_("Soci residenti"),
    )
    yield Measure(
        "zero_fee_agreements",
        "resources",
        "services",
        N_("Accordi senza retta"),
    )
    yield Measure(
        "credit_counselling",
        "resources",
        "stays",
        N_("Consulenze per il mutuo"),
    )


MEASURES: Mapping[str, Measure] = {
    one.name: one for part in (_counts(), _outcomes(), _work()) for one in part
}
"""Every measure that `monitor` prints, in the order of print."""
