"""What a register, a stay, a referral, a survey and a local measure are: codes, labels, columns.

Each table is declared once, here; templates, reading, validation and the importer follow it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from needs_analysis.errors import ParameterError, Problem, Where, wanted
from needs_analysis.services.problems import problem


class Label(NamedTuple):
    """What a code is called in Italian and in English."""

    it: str
    en: str


class Group(NamedTuple):
    """A target group and the ETHOS categories (FEANTSA) it stands for."""

    it: str
    en: str
    ethos: tuple[str, ...]


KINDS: Mapping[str, Label] = {
    "apartment_network": Label("rete di appartamenti", "apartment network"),
    "multi_ambito_network": Label("rete su più ambiti", "network over several ambiti"),
    "accompaniment": Label("accompagnamento sociale", "social accompaniment"),
    "transitional_dwelling": Label("abitazione di transizione", "transitional dwelling"),
    "residential_unit": Label("unità residenziale", "residential unit"),
    "other": Label("altro", "other"),
}
CHANNELS: Mapping[str, Label] = {
    "social_services": Label("segnalazione dei servizi sociali", "referral from social services"),
    "direct": Label("domanda diretta", "own application"),
    "body": Label("ente o associazione", "body or association"),
    "court": Label("autorità giudiziaria", "court"),
    "other": Label("altro", "other"),
}
DAY_RULES: Mapping[str, Label] = {
    "entry_and_exit": Label("ingresso e uscita contati", "entry and exit days count"),
    "entry_only": Label("contato solo l'ingresso", "only the entry day counts"),
    "exit_only": Label("contata solo l'uscita", "only the exit day counts"),
    "nights": Label("notti", "nights"),
}
ABSENCE_RULES: Mapping[str, Label] = {
    "paid": Label("pagate per intero", "paid in full"),
    "unpaid": Label("non pagate", "not paid"),
    "half": Label("pagate a metà", "half paid"),
}
STATES: Mapping[str, Label] = {
    "ready": Label("pronto", "ready"),
    "to_repair": Label("da sistemare", "to repair"),
    "reserved": Label("riservato", "reserved"),
    "occupied": Label("occupato", "occupied"),
    "closed": Label("chiuso", "closed"),
}
GROUPS: Mapping[str, Group] = {
    "eviction_order": Group("sfratto esecutivo", "eviction order", ("9.1",)),
    "foreclosure": Group("pignoramento della casa", "foreclosure of the home", ("9.1", "9.2")),
    "release_other": Group(
        "rilascio per altre cause, separazione conflittuale, ospiti di parenti",
        "release for other causes, conflictual separation, staying with relatives",
        ("8.1",),
    ),
    "no_contract": Group(
        "senza contratto, subaffitto, occupazione",
        "no contract, subletting, occupation",
        ("8.2", "8.3"),
    ),
    "violence": Group(
        "donne (con o senza figli) che escono dalla violenza",
        "women (with or without children) who leave violence",
        ("10", "4"),
    ),
    "leaving_care": Group(
        "giovani adulti e donne in uscita da comunità o istituti",
        "young adults and women leaving communities or institutions",
        ("6",),
    ),
    "leaving_reception": Group(
        "uscita dall'accoglienza migranti, sostegno dopo la vita senza dimora",
        "leaving migrants' reception, long support after homelessness",
        ("5", "7"),
    ),
    "clearance": Group(
        "sgombero, alloggio inagibile o pericoloso",
        "clearance order, unfit or dangerous dwelling",
        ("12",),
    ),
    "temporary_space": Group(
        "spazi temporanei dei servizi sociali", "temporary spaces from social services", ("3",)
    ),
    "improper_space": Group(
        "spazi impropri (garage, campi, strutture non abitative)",
        "improper spaces (garages, camps, non-conventional dwellings)",
        ("11",),
    ),
    "overcrowded": Group("alloggio sovraffollato", "overcrowded dwelling", ("13",)),
    "street": Group(
        "in strada o in accoglienza notturna", "on the street or in emergency shelters", ("1", "2")
    ),
    "affordability": Group(
        "non può pagare, per ora, un canone di mercato",
        "temporarily unable to pay a market rent",
        (),
    ),
}
ANSWERS: Mapping[str, Label] = {
    "accepted": Label("accolta", "accepted"),
    "refused": Label("rifiutata", "refused"),
    "pending": Label("in attesa", "pending"),
}
REFUSALS: Mapping[str, Label] = {
    "no_place": Label("nessun posto libero", "no free place"),
    "not_eligible": Label("senza requisiti", "not eligible"),
    "household_declined": Label("rinuncia della famiglia", "household declined"),
    "other_solution": Label("trovata un'altra soluzione", "other solution found"),
    "incomplete": Label("segnalazione incompleta", "incomplete referral"),
    "other": Label("altro", "other"),
}
DESTINATIONS: Mapping[str, Label] = {
    "autonomous_rent": Label("affitto autonomo", "autonomous rent"),
    "sap_sas": Label("alloggio pubblico (SAP/SAS, ERP)", "public housing (SAP/SAS)"),
    "owned": Label("casa di proprietà", "owned home"),
    "family_friends": Label("stabile da familiari o amici", "stable with family or friends"),
    "other_service": Label("altro servizio", "other service"),
    "institution": Label("istituto o comunità", "institution"),
    "back_to_abuser": Label("rientro dal maltrattante", "back to the abuser"),
    "street": Label("strada", "street"),
    "unknown": Label("non nota", "unknown"),
}
POSITIVE = ("autonomous_rent", "sap_sas", "owned", "family_friends")
"""Exits that count as positive."""
NEUTRAL = ("other_service",)
"""Exits that count as neither positive nor negative."""
FOLLOW_UPS: Mapping[str, Label] = {
    "stable_home": Label("casa stabile", "stable home"),
    "unstable": Label("situazione instabile", "unstable"),
    "returned_to_service": Label("rientro in un servizio", "returned to a service"),
    "refused": Label("rifiuta di rispondere", "refused to answer"),
    "not_reached": Label("non raggiunto", "not reached"),
    "not_due": Label("non ancora previsto", "not due yet"),
}
AREAS: Mapping[str, Label] = {
    "neighbours": Label("vicinato", "neighbours"),
    "work": Label("lavoro", "work"),
    "public_offices": Label("uffici pubblici", "public offices"),
    "school_health": Label("scuola e sanità", "school and health"),
    "next_home": Label("ricerca della casa", "next home"),
}
SCALE: Mapping[int, Label] = {
    1: Label("molto critica", "very critical"),
    2: Label("critica", "critical"),
    3: Label("fragile", "fragile"),
    4: Label("discreta", "fair"),
    5: Label("autonoma", "autonomous"),
}
"""The situation of a case at entry, exit, 6 and 12 months."""
YES_NO: Mapping[str, Label] = {"yes": Label("sì", "yes"), "no": Label("no", "no")}
NOT_TRANSMITTED = "dato non trasmesso"
"""What a cell says where an office did not answer: missing, but not left blank."""
INVENTED = "dati inventati"
"""The label that invented data carry wherever they go."""

_SHORT_LIST = 3
"""Up to how many voices of a list a message names; beyond, it says where the list is."""

Kind = Literal["code", "text", "guest", "household", "municipality", "date", "number", "integer",
               "yes_no", "choice", "choices"]  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One column: our name, the Italian header, what it may hold and how it is explained.

    Parameters
    ----------
    name : str
        Our column.
    header : str
        The header of the template's column.
    kind : str
        "guest" and "household" are replaced by pseudonyms on reading; "choices" is several codes
        joined by ";"; the others say what they are.
    note : str
        What to write, as printed under the header.
    choices : mapping of str to Label or Group
        Codes of a "choice" or "choices".
    low, high : float
        Bounds of a number, both allowed.
    required : bool
        Whether the cell may not stay blank.
    refers : str
        The table whose index the value must be in.
    of_body : bool
        Whether the cells name a body or an office, never a person.
    """

    name: str
    header: str
    kind: Kind
    note: str = ""
    choices: Mapping[str, Any] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    required: bool = False
    refers: str = ""
    of_body: bool = False

    @property
    def personal(self) -> bool:
        """Whether the cells name a guest or a household."""
        return self.kind in ("guest", "household")

    @property
    def dtype(self) -> str:
        """Return the pandas type of the column."""
        if self.kind == "date":
            return "datetime64[ns]"
        if self.kind in ("number", "integer"):
            return "float64"
        if self.kind == "yes_no":
            return "bool" if self.required else "boolean"
        return "str"

    @property
    def expected(self) -> Problem:
        """Return what the cells must hold, as the end of a sentence; a long list is not repeated."""
        if self.choices and len(self.choices) <= _SHORT_LIST:
            return self.listed
        if self.choices:
            kind = "some_of_list" if self.kind == "choices" else "one_of_list"
            return problem(kind, many=len(self.choices))
        if self.kind in ("number", "integer"):
            if self.low is None:
                return problem(self.kind)
            if self.high is None:
                return problem(f"{self.kind}_from", low=self.low)
            return problem(f"{self.kind}_between", low=self.low, high=self.high)
        kinds = {"date": "date", "yes_no": "yes_or_no", "municipality": "municipality"}
        return problem(kinds.get(self.kind, "text"))

    @property
    def listed(self) -> Problem:
        """Return what the cells must hold with every voice of its list."""
        if not self.choices:
            return self.expected
        voices = tuple(f"«{one.it}»" for one in self.choices.values())
        return problem("some_of" if self.kind == "choices" else "one_of", choices=voices)


@dataclass(frozen=True)
class Table:
    """One sheet or CSV file: our name, the Italian one, the columns; one of them may be the index."""

    name: str
    sheet: str
    title: str
    fields: tuple[Field, ...]
    index: str = ""
    about_persons: bool = False

    def field(self, name: str) -> Field:
        """Return one column's declaration."""
        return next(one for one in self.fields if one.name == name)

    @property
    def columns(self) -> list[str]:
        """Return our names of the columns, without the index."""
        return [one.name for one in self.fields if one.name != self.index]


_SERVICES = Table(
    "services", "servizi", "Servizi", index="service_code", fields=(
        Field("service_code", "codice servizio", "code",
              "Un codice breve, diverso per ogni servizio", required=True),
        Field("body_name", "ente", "text", "Chi gestisce il servizio", required=True,
              of_body=True),
        Field("service_name", "servizio", "text", "Nome del servizio", required=True),
        Field("service_kind", "tipo di servizio", "choice", "Dall'elenco", KINDS, required=True),
        Field("ambito_name", "ambito", "text", "Ambito territoriale sociale"),
        Field("admission_channel", "canale di accesso", "choice", "Dall'elenco", CHANNELS),
        Field("daily_fee_eur", "retta giornaliera (€)", "number", "Euro al giorno per persona",
              low=0),
        Field("day_rule", "regola dei giorni", "choice",
              "Come la convenzione conta ingresso e uscita", DAY_RULES),
        Field("absence_rule", "regola delle assenze", "choice",
              "Come si pagano i giorni di assenza", ABSENCE_RULES),
        Field("max_stay_days", "permanenza massima (giorni)", "integer",
              "Vuoto se non c'è un limite", low=1),
        Field("coordinators", "coordinatori", "number", "Persone", low=0),
        Field("educators", "educatori", "number", "Persone", low=0),
        Field("volunteers", "volontari", "number", "Persone", low=0),
        Field("resident_members", "soci residenti", "number", "Persone", low=0),
        Field("zero_fee", "accordo senza retta", "yes_no", "sì o no"),
        Field("protected", "protetto", "yes_no", "sì = mai sotto l'ambito, senza indirizzo",
              required=True),
    ),
)  # fmt: skip
_DWELLINGS = Table(
    "dwellings", "alloggi", "Alloggi", index="dwelling_code", fields=(
        Field("dwelling_code", "codice alloggio", "code",
              "Un codice breve, diverso per ogni alloggio", required=True),
        Field("service_code", "codice servizio", "code", "Dal foglio servizi", required=True,
              refers="services"),
        Field("municipality_code", "codice comune", "municipality",
              "Codice ISTAT, sei cifre (Monza: 108033)"),
        Field("address", "indirizzo", "text", "Vuoto se il servizio è protetto"),
        Field("rooms", "stanze", "integer", "Numero", low=0),
        Field("area_m2", "superficie (m²)", "number", "Metri quadrati", low=0),
        Field("beds", "posti letto", "integer", "Numero", low=0),
        Field("opened", "apertura", "date", "Data"),
        Field("closed", "chiusura", "date", "Data; vuoto se aperto"),
    ),
)  # fmt: skip
_PLACES = Table(
    "places", "posti", "Posti", index="place_code", fields=(
        Field("place_code", "codice posto", "code", "Un codice breve, diverso per ogni posto",
              required=True),
        Field("dwelling_code", "codice alloggio", "code", "Dal foglio alloggi", required=True,
              refers="dwellings"),
        Field("state", "stato", "choice", "Dall'elenco", STATES, required=True),
        Field("state_since", "stato dal", "date", "Data"),
        Field("target_groups", "gruppi accolti", "choices", "Una o più voci separate da «;»",
              GROUPS),
        Field("household_size_max", "componenti al massimo", "integer", "Persone", low=1),
        Field("opened", "apertura", "date", "Data"),
        Field("closed", "chiusura", "date", "Data; vuoto se aperto"),
    ),
)  # fmt: skip
_STAYS = Table(
    "stays", "accoglienze", "Accoglienze", index="stay_id", about_persons=True, fields=(
        Field("stay_id", "codice accoglienza", "code", "Un numero di pratica, mai un nome",
              required=True),
        Field("guest", "ospite", "guest",
              "Un codice della persona: alla lettura diventa uno pseudonimo", required=True),
        Field("household", "famiglia", "household",
              "Un codice della famiglia: alla lettura diventa uno pseudonimo"),
        Field("service_code", "codice servizio", "code", "Come nel registro", required=True),
        Field("place_code", "codice posto", "code", "Come nel registro"),
        Field("target_group", "gruppo", "choice", "Dall'elenco", GROUPS),
        Field("sending_municipality_code", "comune inviante", "municipality",
              "Codice ISTAT, sei cifre"),
        Field("referral_date", "data segnalazione", "date", "Data"),
        Field("answer", "risposta", "choice", "Dall'elenco", ANSWERS),
        Field("refusal_reason", "motivo del rifiuto", "choice", "Dall'elenco", REFUSALS),
        Field("answer_date", "data risposta", "date", "Data"),
        Field("entry_date", "data ingresso", "date", "Data"),
        Field("exit_date", "data uscita", "date", "Vuoto se ancora presente"),
        Field("destination", "destinazione", "choice", "Dall'elenco", DESTINATIONS),
        Field("over_stay_reason", "motivo oltre i 18 mesi", "text", "Poche parole, senza nomi"),
        Field("goals_set", "obiettivi fissati", "integer", "Del progetto individuale", low=0),
        Field("goals_reached", "obiettivi raggiunti", "integer", "Del progetto individuale", low=0),
        Field("plan_review_date", "verifica del progetto", "date", "Prossima data"),
        Field("scale_entry", "scala all'ingresso", "integer",
              "Da 1 (molto critica) a 5 (autonoma)", low=1, high=5),
        Field("scale_exit", "scala all'uscita", "integer", "Da 1 a 5", low=1, high=5),
        Field("scale_6", "scala a 6 mesi", "integer", "Da 1 a 5", low=1, high=5),
        Field("scale_12", "scala a 12 mesi", "integer", "Da 1 a 5", low=1, high=5),
        Field("follow_up_6", "esito a 6 mesi", "choice", "Dall'elenco", FOLLOW_UPS),
        Field("follow_up_12", "esito a 12 mesi", "choice", "Dall'elenco", FOLLOW_UPS),
        Field("follow_up_6_date", "data esito a 6 mesi", "date", "Data"),
        Field("follow_up_12_date", "data esito a 12 mesi", "date", "Data"),
        Field("credit_counselling", "consulenza per il mutuo", "yes_no", "sì o no"),
    ),
)  # fmt: skip
_ACTIVITIES = Table(
    "activities", "attivita", "Attività di accompagnamento", about_persons=True, fields=(
        Field("stay_id", "codice accoglienza", "code", "Dal foglio accoglienze", required=True,
              refers="stays"),
        Field("date", "data", "date", "Data", required=True),
        Field("area", "area", "choice", "Dall'elenco", AREAS, required=True),
        Field("hours", "ore", "number", "Ore", low=0),
        Field("volunteer", "volontario", "yes_no", "sì o no"),
    ),
)  # fmt: skip
_ABSENCES = Table(
    "absences", "assenze", "Assenze", about_persons=True, fields=(
        Field("stay_id", "codice accoglienza", "code", "Dal foglio accoglienze", required=True,
              refers="stays"),
        Field("from_date", "dal", "date", "Primo giorno fuori", required=True),
        Field("to_date", "al", "date", "Ultimo giorno fuori", required=True),
    ),
)  # fmt: skip
_REFERRALS = Table(
    "referrals", "segnalazioni", "Segnalazioni tra membri della rete",
    index="referral_id", about_persons=True, fields=(
        Field("referral_id", "codice segnalazione", "code", "Un numero, mai un nome",
              required=True),
        Field("date", "data", "date", "Data della segnalazione", required=True),
        Field("from_member", "da", "text", "Membro della rete che segnala", required=True,
              of_body=True),
        Field("to_member", "a", "text", "Membro della rete che riceve", required=True,
              of_body=True),
        Field("service_code", "codice servizio", "code", "Come nel registro"),
        Field("target_group", "gruppo", "choice", "Dall'elenco", GROUPS),
        Field("household", "famiglia", "household",
              "Un codice della famiglia: alla lettura diventa uno pseudonimo"),
        Field("answer", "risposta", "choice", "Dall'elenco", ANSWERS),
        Field("refusal_reason", "motivo del rifiuto", "choice", "Dall'elenco", REFUSALS),
        Field("answer_date", "data risposta", "date", "Data"),
    ),
)  # fmt: skip
_SURVEY = Table(
    "survey", "questionario", "Questionario sulla collaborazione", about_persons=True, fields=(
        Field("wave", "rilevazione", "code", "L'anno, per esempio 2025", required=True),
        Field("respondent_member", "chi risponde", "text", "Il membro della rete, non la persona",
              required=True, of_body=True),
        Field("about_member", "su chi", "text", "Vuoto se la domanda è sulla rete intera",
              of_body=True),
        Field("question", "domanda", "text", "Testo o sigla della domanda", required=True),
        Field("score", "punteggio", "integer", "Da 1 (per niente) a 5 (del tutto)", low=1, high=5),
    ),
)  # fmt: skip
_MEASURES = Table(
    "measures", "misure", "Misure locali in vigore", fields=(
        Field("measure_name", "misura", "text", "Nome della misura", required=True),
        Field("administration_name", "amministrazione", "text", "Comune, ambito o altro ente",
              required=True, of_body=True),
        Field("year", "anno", "integer", "Quattro cifre", low=1990, high=2100, required=True),
        Field("budget_eur", "stanziato (€)", "number",
              "Euro; «dato non trasmesso» se non risponde", low=0),
        Field("applications", "domande", "integer",
              "Numero; «dato non trasmesso» se non risponde", low=0),
        Field("beneficiaries", "beneficiari", "integer",
              "Nuclei; «dato non trasmesso» se non risponde", low=0),
        Field("spent_eur", "speso (€)", "number", "Euro; «dato non trasmesso» se non risponde",
              low=0),
        Field("agreements", "accordi", "integer", "Numero; «dato non trasmesso» se non risponde",
              low=0),
    ),
)  # fmt: skip

BOOKS: Mapping[str, tuple[Table, ...]] = {
    "modello_servizi": (
        _SERVICES, _DWELLINGS, _PLACES, _STAYS, _ACTIVITIES, _ABSENCES, _REFERRALS, _SURVEY
    ),
    "modello_misure_locali": (_MEASURES,),
}  # fmt: skip
"""The workbooks, by the name of their file, each with its sheets."""
TABLES: Mapping[str, Table] = {one.name: one for book in BOOKS.values() for one in book}
NEEDED: Mapping[str, tuple[Table, ...]] = {
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


def out_of_bounds(one: Field, cells: pd.Series) -> np.ndarray:
    """Return which cells of a typed column are numbers that its declaration does not allow.

    Examples
    --------
    >>> beds = TABLES["dwellings"].field("beds")
    >>> out_of_bounds(beds, pd.Series([2.0, 2.5, -1.0, np.nan])).tolist()
    [False, True, True, False]
    """
    wrong = np.zeros(len(cells), dtype=bool)
    if one.kind not in ("number", "integer"):
        return wrong
    numbers = cells.to_numpy(dtype=float)
    if one.low is not None:
        wrong |= numbers < one.low
    if one.high is not None:
        wrong |= numbers > one.high
    if one.kind == "integer":
        wrong |= (numbers != np.floor(numbers)) & ~np.isnan(numbers)
    return wrong


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
        first, last = _day_of(start), _day_of(end)
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


def _day_of(given: object) -> pd.Timestamp:
    """Return the day that somebody wrote."""
    try:
        day = pd.Timestamp(given) if isinstance(given, str | dt.date) else pd.NaT
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
        _check_frames(services=self.services, dwellings=self.dwellings, places=self.places)


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
        _check_frames(stays=self.stays, activities=self.activities, absences=self.absences)

    @property
    def usable(self) -> pd.Series:
        """Whether each stay has an entry and does not end before it; the others measure no night."""
        entered = self.stays["entry_date"].notna()
        return entered & ~(self.stays["exit_date"] < self.stays["entry_date"])


def _check_frames(**frames: pd.DataFrame) -> None:
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
