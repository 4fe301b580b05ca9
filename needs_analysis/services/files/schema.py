"""What a register, a stay, a referral, a survey and a local measure are: codes, labels, columns.

Each table is declared once, here; templates, reading, validation and the importer follow it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from needs_analysis.errors import ParameterError, Problem, Where, wanted
from needs_analysis.services.files.fields import Field, TableSchema
from needs_analysis.services.files.problems import problem
from needs_analysis.words import N_


class Group(NamedTuple):
    """A target group and the ETHOS categories (FEANTSA) it stands for."""

    label: str
    ethos: tuple[str, ...]


KINDS: Mapping[str, str] = {
    "apartment_network": N_("rete di appartamenti"),
    "multi_ambito_network": N_("rete su più ambiti"),
    "accompaniment": N_("accompagnamento sociale"),
    "transitional_dwelling": N_("abitazione di transizione"),
    "residential_unit": N_("unità residenziale"),
    "other": N_("altro"),
}
CHANNELS: Mapping[str, str] = {
    "social_services": N_("segnalazione dei servizi sociali"),
    "direct": N_("domanda diretta"),
    "body": N_("ente o associazione"),
    "court": N_("autorità giudiziaria"),
    "other": N_("altro"),
}


class DayRule(NamedTuple):
    """How a convention counts days: the day of entry, that of exit, a stay that ends as it begins."""

    label: str
    entry: bool
    exit: bool
    same_day: bool


DAY_RULES: Mapping[str, DayRule] = {
    "entry_and_exit": DayRule(
        N_("ingresso e uscita contati"), entry=True, exit=True, same_day=True
    ),
    "entry_only": DayRule(N_("contato solo l'ingresso"), entry=True, exit=False, same_day=True),
    "exit_only": DayRule(N_("contata solo l'uscita"), entry=False, exit=True, same_day=True),
    "nights": DayRule(N_("notti"), entry=True, exit=False, same_day=False),
}


class AbsenceRule(NamedTuple):
    """How a convention pays a day of absence: the halves of the fee."""

    label: str
    halves: int


ABSENCE_RULES: Mapping[str, AbsenceRule] = {
    "paid": AbsenceRule(N_("pagate per intero"), halves=2),
    "unpaid": AbsenceRule(N_("non pagate"), halves=0),
    "half": AbsenceRule(N_("pagate a metà"), halves=1),
}
STATES: Mapping[str, str] = {
    "ready": N_("pronto"),
    "to_repair": N_("da sistemare"),
    "reserved": N_("riservato"),
    "occupied": N_("occupato"),
    "closed": N_("chiuso"),
}
GROUPS: Mapping[str, Group] = {
    "eviction_order": Group(N_("sfratto esecutivo"), ("9.1",)),
    "foreclosure": Group(N_("pignoramento della casa"), ("9.1", "9.2")),
    "release_other": Group(
        N_("rilascio per altre cause, separazione conflittuale, ospiti di parenti"), ("8.1",)
    ),
    "no_contract": Group(N_("senza contratto, subaffitto, occupazione"), ("8.2", "8.3")),
    "violence": Group(N_("donne (con o senza figli) che escono dalla violenza"), ("10", "4")),
    "leaving_care": Group(N_("giovani adulti e donne in uscita da comunità o istituti"), ("6",)),
    "leaving_reception": Group(
        N_("uscita dall'accoglienza migranti, sostegno dopo la vita senza dimora"), ("5", "7")
    ),
    "clearance": Group(N_("sgombero, alloggio inagibile o pericoloso"), ("12",)),
    "temporary_space": Group(N_("spazi temporanei dei servizi sociali"), ("3",)),
    "improper_space": Group(N_("spazi impropri (garage, campi, strutture non abitative)"), ("11",)),
    "overcrowded": Group(N_("alloggio sovraffollato"), ("13",)),
    "street": Group(N_("in strada o in accoglienza notturna"), ("1", "2")),
    "affordability": Group(N_("non può pagare, per ora, un canone di mercato"), ()),
}
COUNTED_ONLY: Mapping[str, Group] = {
    "cohabiting": Group(N_("famiglie che coabitano"), ("8.1",)),
}
"""Groups of the same vocabulary that statistics count and no service is asked for by name."""
GROUP_LABELS: Mapping[str, str] = {code: one.label for code, one in GROUPS.items()}
ANSWERS: Mapping[str, str] = {
    "accepted": N_("accolta"),
    "refused": N_("rifiutata"),
    "pending": N_("in attesa"),
}
REFUSALS: Mapping[str, str] = {
    "no_place": N_("nessun posto libero"),
    "not_eligible": N_("senza requisiti"),
    "household_declined": N_("rinuncia della famiglia"),
    "other_solution": N_("trovata un'altra soluzione"),
    "incomplete": N_("segnalazione incompleta"),
    "other": N_("altro"),
}
DESTINATIONS: Mapping[str, str] = {
    "autonomous_rent": N_("affitto autonomo"),
    "sap_sas": N_("alloggio pubblico (SAP/SAS, ERP)"),
    "owned": N_("casa di proprietà"),
    "family_friends": N_("stabile da familiari o amici"),
    "other_service": N_("altro servizio"),
    "institution": N_("istituto o comunità"),
    "back_to_abuser": N_("rientro dal maltrattante"),
    "street": N_("strada"),
    "unknown": N_("non nota"),
}
POSITIVE = ("autonomous_rent", "sap_sas", "owned", "family_friends")
"""Exits that count as positive."""
NEUTRAL = ("other_service",)
"""Exits that count as neither positive nor negative."""
FOLLOW_UPS: Mapping[str, str] = {
    "stable_home": N_("casa stabile"),
    "unstable": N_("situazione instabile"),
    "returned_to_service": N_("rientro in un servizio"),
    "refused": N_("rifiuta di rispondere"),
    "not_reached": N_("non raggiunto"),
    "not_due": N_("non ancora previsto"),
}
AREAS: Mapping[str, str] = {
    "neighbours": N_("vicinato"),
    "work": N_("lavoro"),
    "public_offices": N_("uffici pubblici"),
    "school_health": N_("scuola e sanità"),
    "next_home": N_("ricerca della casa"),
}
YES_NO: Mapping[str, str] = {"yes": N_("sì"), "no": N_("no")}
NOT_TRANSMITTED = N_("dato non trasmesso")
"""What a cell says where an office did not answer: missing, but not left blank."""
UNSTATED = "unknown"
"""The value under which what has no service, ambito or group is counted: totals stay whole."""
INVENTED = N_("dati inventati")
"""The label that invented data carry wherever they go."""

_SERVICES = TableSchema(
    "services", "servizi", N_("Servizi"), index="service_code", fields=(
        Field("service_code", "codice servizio", "code",
              N_("Un codice breve, diverso per ogni servizio"), required=True),
        Field("body_name", "ente", "text", N_("Chi gestisce il servizio"), required=True,
              of_body=True),
        Field("service_name", "servizio", "text", N_("Nome del servizio"), required=True),
        Field("service_kind", "tipo di servizio", "choice", N_("Dall'elenco"), KINDS,
              required=True),
        Field("ambito_name", "ambito", "text", N_("Ambito territoriale sociale")),
        Field("admission_channel", "canale di accesso", "choice", N_("Dall'elenco"), CHANNELS),
        Field("daily_fee_eur", "retta giornaliera (€)", "number", N_("Euro al giorno per persona"),
              low=0),
        Field("day_rule", "regola dei giorni", "choice",
              N_("Come la convenzione conta ingresso e uscita"),
              {code: one.label for code, one in DAY_RULES.items()}),
        Field("absence_rule", "regola delle assenze", "choice",
              N_("Come si pagano i giorni di assenza"),
              {code: one.label for code, one in ABSENCE_RULES.items()}),
        Field("max_stay_days", "permanenza massima (giorni)", "integer",
              N_("Vuoto se non c'è un limite"), low=1),
        Field("coordinators", "coordinatori", "number", N_("Persone"), low=0),
        Field("educators", "educatori", "number", N_("Persone"), low=0),
        Field("volunteers", "volontari", "number", N_("Persone"), low=0),
        Field("resident_members", "soci residenti", "number", N_("Persone"), low=0),
        Field("zero_fee", "accordo senza retta", "yes_no", N_("sì o no")),
        Field("protected", "protetto", "yes_no", N_("sì = mai sotto l'ambito, senza indirizzo"),
              required=True),
    ),
)  # fmt: skip
_DWELLINGS = TableSchema(
    "dwellings", "alloggi", N_("Alloggi"), index="dwelling_code", fields=(
        Field("dwelling_code", "codice alloggio", "code",
              N_("Un codice breve, diverso per ogni alloggio"), required=True),
        Field("service_code", "codice servizio", "code", N_("Dal foglio servizi"), required=True,
              refers="services"),
        Field("municipality_code", "codice comune", "municipality",
              N_("Codice ISTAT, sei cifre (Monza: 108033)")),
        Field("address", "indirizzo", "text", N_("Vuoto se il servizio è protetto")),
        Field("rooms", "stanze", "integer", N_("Numero"), low=0),
        Field("area_m2", "superficie (m²)", "number", N_("Metri quadrati"), low=0),
        Field("beds", "posti letto", "integer", N_("Numero"), low=0),
        Field("opened", "apertura", "date", N_("Data")),
        Field("closed", "chiusura", "date", N_("Data; vuoto se aperto")),
    ),
)  # fmt: skip
_PLACES = TableSchema(
    "places", "posti", N_("Posti"), index="place_code", fields=(
        Field("place_code", "codice posto", "code", N_("Un codice breve, diverso per ogni posto"),
              required=True),
        Field("dwelling_code", "codice alloggio", "code", N_("Dal foglio alloggi"), required=True,
              refers="dwellings"),
        Field("state", "stato", "choice", N_("Dall'elenco"), STATES, required=True),
        Field("state_since", "stato dal", "date", N_("Data")),
        Field("target_groups", "gruppi accolti", "choices", N_("Una o più voci separate da «;»"),
              GROUP_LABELS),
        Field("household_size_max", "componenti al massimo", "integer", N_("Persone"), low=1),
        Field("opened", "apertura", "date", N_("Data")),
        Field("closed", "chiusura", "date", N_("Data; vuoto se aperto")),
    ),
)  # fmt: skip
_STAYS = TableSchema(
    "stays", "accoglienze", N_("Accoglienze"), index="stay_id", about_persons=True, fields=(
        Field("stay_id", "codice accoglienza", "code", N_("Un numero di pratica, mai un nome"),
              required=True),
        Field("guest", "ospite", "guest",
              N_("Un codice della persona: alla lettura diventa uno pseudonimo"), required=True),
        Field("household", "famiglia", "household",
              N_("Un codice della famiglia: alla lettura diventa uno pseudonimo")),
        Field("service_code", "codice servizio", "code", N_("Come nel registro"), required=True),
        Field("place_code", "codice posto", "code", N_("Come nel registro")),
        Field("target_group", "gruppo", "choice", N_("Dall'elenco"), GROUP_LABELS),
        Field("sending_municipality_code", "comune inviante", "municipality",
              N_("Codice ISTAT, sei cifre")),
        Field("referral_date", "data segnalazione", "date", N_("Data")),
        Field("answer", "risposta", "choice", N_("Dall'elenco"), ANSWERS),
        Field("refusal_reason", "motivo del rifiuto", "choice", N_("Dall'elenco"), REFUSALS),
        Field("answer_date", "data risposta", "date", N_("Data")),
        Field("entry_date", "data ingresso", "date", N_("Data")),
        Field("exit_date", "data uscita", "date", N_("Vuoto se ancora presente")),
        Field("destination", "destinazione", "choice", N_("Dall'elenco"), DESTINATIONS),
        Field("over_stay_reason", "motivo oltre i 18 mesi", "text", N_("Poche parole, senza nomi")),
        Field("goals_set", "obiettivi fissati", "integer", N_("Del progetto individuale"), low=0),
        Field("goals_reached", "obiettivi raggiunti", "integer", N_("Del progetto individuale"),
              low=0),
        Field("plan_review_date", "verifica del progetto", "date", N_("Prossima data")),
        Field("scale_entry", "scala all'ingresso", "integer",
              N_("Da 1 (molto critica) a 5 (autonoma)"), low=1, high=5),
        Field("scale_exit", "scala all'uscita", "integer", N_("Da 1 a 5"), low=1, high=5),
        Field("scale_6", "scala a 6 mesi", "integer", N_("Da 1 a 5"), low=1, high=5),
        Field("scale_12", "scala a 12 mesi", "integer", N_("Da 1 a 5"), low=1, high=5),
        Field("follow_up_6", "esito a 6 mesi", "choice", N_("Dall'elenco"), FOLLOW_UPS),
        Field("follow_up_12", "esito a 12 mesi", "choice", N_("Dall'elenco"), FOLLOW_UPS),
        Field("follow_up_6_date", "data esito a 6 mesi", "date", N_("Data")),
        Field("follow_up_12_date", "data esito a 12 mesi", "date", N_("Data")),
        Field("credit_counselling", "consulenza per il mutuo", "yes_no", N_("sì o no")),
    ),
)  # fmt: skip
_ACTIVITIES = TableSchema(
    "activities", "attivita", N_("Attività di accompagnamento"), about_persons=True, fields=(
        Field("stay_id", "codice accoglienza", "code", N_("Dal foglio accoglienze"), required=True,
              refers="stays"),
        Field("date", "data", "date", N_("Data"), required=True),
        Field("area", "area", "choice", N_("Dall'elenco"), AREAS, required=True),
        Field("hours", "ore", "number", N_("Ore"), low=0),
        Field("volunteer", "volontario", "yes_no", N_("sì o no")),
    ),
)  # fmt: skip
_ABSENCES = TableSchema(
    "absences", "assenze", N_("Assenze"), about_persons=True, fields=(
        Field("stay_id", "codice accoglienza", "code", N_("Dal foglio accoglienze"), required=True,
              refers="stays"),
        Field("from_date", "dal", "date", N_("Primo giorno fuori"), required=True),
        Field("to_date", "al", "date", N_("Ultimo giorno fuori"), required=True),
    ),
)  # fmt: skip
_REFERRALS = TableSchema(
    "referrals", "segnalazioni", N_("Segnalazioni tra membri della rete"),
    index="referral_id", about_persons=True, fields=(
        Field("referral_id", "codice segnalazione", "code", N_("Un numero, mai un nome"),
              required=True),
        Field("date", "data", "date", N_("Data della segnalazione"), required=True),
        Field("from_member", "da", "text", N_("Membro della rete che segnala"), required=True,
              of_body=True),
        Field("to_member", "a", "text", N_("Membro della rete che riceve"), required=True,
              of_body=True),
        Field("service_code", "codice servizio", "code", N_("Come nel registro")),
        Field("target_group", "gruppo", "choice", N_("Dall'elenco"), GROUP_LABELS),
        Field("household", "famiglia", "household",
              N_("Un codice della famiglia: alla lettura diventa uno pseudonimo")),
        Field("answer", "risposta", "choice", N_("Dall'elenco"), ANSWERS),
        Field("refusal_reason", "motivo del rifiuto", "choice", N_("Dall'elenco"), REFUSALS),
        Field("answer_date", "data risposta", "date", N_("Data")),
    ),
)  # fmt: skip
_SURVEY = TableSchema(
    "survey", "questionario", N_("Questionario sulla collaborazione"), about_persons=True, fields=(
        Field("wave", "rilevazione", "code", N_("L'anno, per esempio 2025"), required=True),
        Field("respondent_member", "chi risponde", "text",
              N_("Il membro della rete, non la persona"), required=True, of_body=True),
        Field("about_member", "su chi", "text", N_("Vuoto se la domanda è sulla rete intera"),
              of_body=True),
        Field("question", "domanda", "text", N_("Testo o sigla della domanda"), required=True),
        Field("score", "punteggio", "integer", N_("Da 1 (per niente) a 5 (del tutto)"),
              low=1, high=5),
    ),
)  # fmt: skip
_MEASURES = TableSchema(
    "measures", "misure", N_("Misure locali in vigore"), fields=(
        Field("measure_name", "misura", "text", N_("Nome della misura"), required=True),
        Field("administration_name", "amministrazione", "text", N_("Comune, ambito o altro ente"),
              required=True, of_body=True),
        Field("year", "anno", "integer", N_("Quattro cifre"), low=1990, high=2100, required=True),
        Field("budget_eur", "stanziato (€)", "number",
              N_("Euro; «dato non trasmesso» se non risponde"), low=0),
        Field("applications", "domande", "integer",
              N_("Numero; «dato non trasmesso» se non risponde"), low=0),
        Field("admitted", "ammesse", "integer",
              N_("Domande con i requisiti; «dato non trasmesso» se non risponde"), low=0),
        Field("beneficiaries", "beneficiari", "integer",
              N_("Nuclei; «dato non trasmesso» se non risponde"), low=0),
        Field("spent_eur", "speso (€)", "number", N_("Euro; «dato non trasmesso» se non risponde"),
              low=0),
        Field("agreements", "accordi", "integer",
              N_("Numero; «dato non trasmesso» se non risponde"), low=0),
        Field("policy_id", "codice del catalogo", "code",
              N_("Come P05, da «policies list»; vuoto: si riconosce dal nome")),
    ),
)  # fmt: skip

BOOKS: Mapping[str, tuple[TableSchema, ...]] = {
    "modello_servizi": (
        _SERVICES, _DWELLINGS, _PLACES, _STAYS, _ACTIVITIES, _ABSENCES, _REFERRALS, _SURVEY
    ),
    "modello_misure_locali": (_MEASURES,),
}  # fmt: skip
"""The workbooks, by the name of their file, each with its sheets."""
TABLES: Mapping[str, TableSchema] = {one.name: one for book in BOOKS.values() for one in book}
NEEDED: Mapping[str, tuple[TableSchema, ...]] = {
    "register": (_SERVICES, _DWELLINGS, _PLACES),
    "stays": (_STAYS,),
    "referrals": (_REFERRALS,),
    "survey": (_SURVEY,),
    "measures": (_MEASURES,),
}
"""What may not be absent from each kind of file."""


def empty(table: str) -> pd.DataFrame:
    """Return a table without rows, its columns typed.

    Examples
    --------
    >>> empty("absences").dtypes.astype(str).tolist()
    ['str', 'datetime64[ns]', 'datetime64[ns]']
    """
    spec = TABLES[table]
    frame = pd.DataFrame({one.name: pd.Series([], dtype=one.dtype) for one in spec.fields})
    if table == "measures":
        frame["not_transmitted"] = pd.Series([], dtype="str")
    return frame.set_index(spec.index) if spec.index else frame


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both included.

    Examples
    --------
    >>> Period.year(2025).days
    365
    >>> Period("2025-01-01", "2025-01-01").days
    1
    """

    start: pd.Timestamp
    end: pd.Timestamp

    def __init__(
        self, start: str | dt.date | pd.Timestamp, end: str | dt.date | pd.Timestamp
    ) -> None:
        first, last = day_of(start), day_of(end)
        if last < first:
            raise ParameterError(problem("period_turned", start=first, end=last))
        object.__setattr__(self, "start", first)
        object.__setattr__(self, "end", last)

    @classmethod
    def year(cls, year: int) -> Period:
        """Return a calendar year."""
        return cls(f"{year:04d}-01-01", f"{year:04d}-12-31")

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.end - self.start).days + 1


def day_of(given: str | dt.date | pd.Timestamp) -> pd.Timestamp:
    """Return the day that somebody wrote, without its hour; a text begins with the year.

    Raises
    ------
    ParameterError
        It is no day, or one that pandas would read month first (05/07/2025).

    Examples
    --------
    >>> day_of("2025-07-05 15:00")
    Timestamp('2025-07-05 00:00:00')
    """
    written = isinstance(given, str) and re.match(r"[12]\d{3}", given)
    try:
        day = pd.Timestamp(given) if written or isinstance(given, dt.date) else pd.NaT
    except ValueError:
        day = pd.NaT
    if pd.isna(day):
        raise ParameterError(problem("no_day", found=str(given))) from None
    return day.normalize()


@dataclass(frozen=True)
class Register:
    """Services, their dwellings and their places.

    Parameters
    ----------
    services : DataFrame
        Index service_code; the columns of ``TABLES["services"]``.
    dwellings : DataFrame
        Index dwelling_code; the columns of ``TABLES["dwellings"]``.
    places : DataFrame
        Index place_code; the columns of ``TABLES["places"]``.
    warnings : tuple of Problem
        What was read but deserves a look.
    label : str
        ``INVENTED`` for invented data, else "".

    Examples
    --------
    >>> len(Register(empty("services"), empty("dwellings"), empty("places")).places)
    0
    """

    services: pd.DataFrame
    dwellings: pd.DataFrame
    places: pd.DataFrame
    warnings: tuple[Problem, ...] = ()
    label: str = ""

    def __post_init__(self) -> None:
        """Refuse frames that are not the declared tables."""
        _check_frames(self.tables)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name, in the order of the template."""
        return {"services": self.services, "dwellings": self.dwellings, "places": self.places}


@dataclass(frozen=True, eq=False)
class Origin:
    """Where the rows of a table stood in the user's file.

    Parameters
    ----------
    where : Where
        The sheet or CSV file.
    rows : Series of int
        The row number, by the table's index.
    unsaid : frozenset of str
        Codes that no message may repeat, because they are also those of persons.
    """

    where: Where
    rows: pd.Series
    unsaid: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Stays:
    """Stays with the activities and absences that belong to them; guests are pseudonyms.

    Parameters
    ----------
    stays : DataFrame
        Index stay_id; the columns of ``TABLES["stays"]``.
    activities, absences : DataFrame
        The columns of their tables.
    warnings : tuple of Problem
        What was read but deserves a look.
    label : str
        ``INVENTED`` for invented data, else "".
    origin : Origin, optional
        Where the stays stood in their file, for messages.
    """

    stays: pd.DataFrame
    activities: pd.DataFrame = field(default_factory=lambda: empty("activities"))
    absences: pd.DataFrame = field(default_factory=lambda: empty("absences"))
    warnings: tuple[Problem, ...] = ()
    label: str = ""
    origin: Origin | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse frames that are not the declared tables."""
        _check_frames(self.tables)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name, in the order of the template."""
        return {"stays": self.stays, "activities": self.activities, "absences": self.absences}

    @property
    def usable(self) -> pd.Series:
        """Whether each stay has an entry and does not end before it; the others measure no night."""
        entered = self.stays["entry_date"].notna()
        return entered & ~(self.stays["exit_date"] < self.stays["entry_date"])


def _check_frames(frames: Mapping[str, pd.DataFrame]) -> None:
    """Refuse missing columns and twofold codes; values are not repeated."""
    problems = []
    for name, frame in frames.items():
        spec = TABLES[name]
        wanted(frame, pd.DataFrame)
        if absent := tuple(column for column in spec.columns if column not in frame.columns):
            problems.append(problem("table_columns", table=name, columns=absent))
        if spec.index and not frame.index.is_unique:
            problems.append(problem("table_codes", table=name, column=spec.index))
    if problems:
        raise ParameterError(*problems)
