"""The office's input of a plan: its sheets, columns and lists, declared once.

Built on the templates of services: sheets are declared, written and read back by the same machinery;
local measures and the lists of applications are the tables that the other workbooks have.
"""

from __future__ import annotations

from collections.abc import Mapping

from needs_analysis.needs.counts_book import APPLICATIONS
from needs_analysis.services.files.fields import Field, TableSchema
from needs_analysis.services.files.schema import TABLES
from needs_analysis.words import N_

KINDS: Mapping[str, str] = {
    "annual": N_("annuale"),
    "triennial": N_("triennale"),
    "zone": N_("piano di zona"),
}
LOMBARD = ("annual", "triennial")
"""The kinds that the law of Lombardia asks for, and no other."""
YEARS: Mapping[str, int] = {"annual": 1, "triennial": 3, "zone": 3}
"""How many years a plan of each kind is of."""
OWNERS: Mapping[str, str] = {
    "municipality": N_("comune"),
    "aler": N_("ALER"),
    "other": N_("altro ente"),
}
SERVICES: Mapping[str, str] = {
    "SAP": N_("SAP (pubblico)"),
    "SAS": N_("SAS (sociale)"),
    "SAT": N_("SAT (transitorio)"),
}
ORIGINS: Mapping[str, str] = {
    "as_is": N_("nello stato di fatto"),
    "renovation": N_("in piani di ristrutturazione"),
    "new": N_("di nuova costruzione"),
    "free": N_("libero"),
    "to_become_free": N_("che si libera nell'anno"),
    "private": N_("conferito da privati"),
}
"""Where an assignable unit comes from, in the order of the law: a unit of two counts for the first."""
OUTSIDE_STOCK = ("new", "private")
"""Origins whose units are not yet in the stock of the day."""
CATEGORIES: Mapping[str, str] = {
    "elderly": N_("a) anziani"),
    "new_family": N_("b) famiglie di nuova formazione"),
    "single_parent": N_("c) persone sole con minori"),
    "separated": N_("c bis) genitori separati senza la casa familiare"),
    "over_indebted": N_("c ter) sovraindebitamento dopo l'ordine di rilascio"),
    "other": N_("altra dell'art. 14 (dirla nelle note)"),
}
UNSAID = "unsaid"
"""The size of units whose rooms nobody said."""
ITEMS: Mapping[str, str] = {
    "stock_SAP": N_("patrimonio SAP"),
    "stock_SAS": N_("patrimonio SAS"),
    "stock_SAT": N_("patrimonio SAT"),
    "assignable_SAP": N_("assegnabili SAP"),
    "assignable_SAS": N_("assegnabili SAS"),
    "assignable_SAT": N_("assegnabili SAT"),
}
"""What is compared with the plan before, by municipality and owner."""
RESULTS: Mapping[str, str] = {
    "reached": N_("raggiunto"),
    "partly": N_("raggiunto in parte"),
    "not_reached": N_("non raggiunto"),
}
LINES: Mapping[str, str] = {
    "strategy": N_("strategia"),
    "objective": N_("obiettivo"),
    "distress": N_("azione contro il disagio"),
    "emergency": N_("azione per l'emergenza"),
}

_CODE = Field("municipality_code", "codice comune", "municipality",
              N_("Codice ISTAT, sei cifre (Monza: 108033)"), required=True)  # fmt: skip
_NAME = Field("municipality_name", "comune", "text", N_("Facoltativo: per chi legge"))
_PLACE = (_CODE, _NAME)
_OWNER = Field("owner", "proprietario", "choice", N_("Dall'elenco"), OWNERS, required=True)
_SERVICE = Field("service", "servizio", "choice", N_("Dall'elenco"), SERVICES, required=True)
_DAY = Field("day", "data", "date", N_("A cui si riferisce la riga"))


def _count(name: str, header: str, note: str, *, low: int = 0) -> Field:
    return Field(name, header, "integer", note, low=low)


def _words(name: str, header: str, note: str, *, required: bool = False) -> Field:
    return Field(name, header, "text", note, required=required)


def _percent(name: str, header: str, note: str) -> Field:
    return Field(name, header, "number", note, low=0, high=100)


ABOUT = TableSchema(
    "about", "piano", N_("Il piano: di chi, di quando, come è arrivato"), (
        Field("ambito_name", "ambito", "text", N_("Come nel comando: Carate Brianza"),
              required=True, of_body=True),
        Field("kind", "tipo di piano", "choice", N_("Dall'elenco"), KINDS, required=True),
        Field("year", "anno", "integer", N_("Il primo, se sono più"), low=2017, high=2100,
              required=True),
        Field("lead_code", "comune capofila", "municipality", N_("Codice ISTAT, sei cifre")),
        Field("assembly_day", "assemblea", "date", N_("Data della seduta che approva")),
        Field("aler_day", "ALER sentita", "date", N_("Data")),
        _words("act", "atto", N_("Numero e data della delibera, se c'è")),
        _count("notices", "avvisi previsti", N_("Almeno due l'anno"), low=1),
    ),
)  # fmt: skip
STOCK = TableSchema(
    "stock", "patrimonio", N_("Alloggi per proprietario e comune"), (
        *_PLACE, _OWNER, _DAY,
        *(_count(name, f"alloggi {name}", N_("Numero; 0 se non ce ne sono"))
          for name in SERVICES),
    ),
)  # fmt: skip
ASSIGNABLE = TableSchema(
    "assignable", "assegnabili", N_("Alloggi assegnabili nell'anno"), (
        Field("unit_code", "codice alloggio", "code",
              N_("Facoltativo: un alloggio con due provenienze conta una volta")),
        *_PLACE, _OWNER, _SERVICE,
        Field("origin", "provenienza", "choice", N_("Dall'elenco"), ORIGINS, required=True),
        _count("units", "alloggi", N_("Numero; vuoto se c'è il codice")),
        _count("counted_elsewhere", "già contati in un'altra riga",
               N_("Ristrutturati che sono anche fra quelli che si liberano, o al contrario")),
        _count("rooms", "stanze", N_("Di ogni alloggio della riga"), low=1),
        _DAY,
        _count("notice", "avviso", N_("Il primo, il secondo dell'anno; facoltativo"), low=1),
    ),
)  # fmt: skip
RESERVES = TableSchema(
    "reserves", "riserve", N_("Le scelte di ogni ente proprietario"), (
        *_PLACE, _OWNER,
        _count("indigence_units", "alloggi per l'indigenza",
               N_("Almeno la quota dell'art. 13, per eccesso")),
        _percent("categories_percent", "categorie art. 14 (%)",
                 N_("Fino al massimo di legge: la decide l'ente proprietario")),
        Field("categories", "quali categorie", "choices", N_("Una o più, separate da «;»"),
              CATEGORIES),
        _count("transitional_units", "alloggi transitori (SAT)",
               N_("Fino al massimo di legge, per difetto")),
        _words("note", "note", N_("Facoltativo")),
    ),
)  # fmt: skip
CHOICES = TableSchema(
    "choices", "scelte dei comuni", N_("Le scelte di ogni comune"), (
        *_PLACE,
        _percent("police_percent", "forze di polizia, vigili del fuoco, forze armate (%)",
                 N_("Art. 7 bis: con la polizia locale sotto un tetto solo")),
        _percent("local_police_percent", "polizia locale (%)", N_("Art. 7 ter: sotto lo stesso tetto")),
        _words("local_category", "categoria di particolare rilevanza sociale",
               N_("Art. 14 c. 1 lett. f: quale")),
        _words("local_reasons", "motivazioni", N_("Perché, con i dati del comune")),
    ),
)  # fmt: skip
ASSIGNED = TableSchema(
    "assigned", "assegnati", N_("Alloggi assegnati l'anno prima"), (
        *_PLACE, _OWNER, _SERVICE,
        Field("year", "anno", "integer", N_("Quello prima del piano"), low=2017, high=2100,
              required=True),
        _count("offered", "alloggi offerti", N_("Negli avvisi dell'anno")),
        _count("assigned", "alloggi assegnati", N_("Con il contratto firmato")),
    ),
)  # fmt: skip
EMPTY = TableSchema(
    "empty", "sfitti", N_("Alloggi sfitti"), (
        *_PLACE, _OWNER, _DAY,
        _count("empty", "alloggi sfitti", N_("Tutti, alla data")),
        _count("to_repair", "da sistemare", N_("Di quelli sfitti")),
        _count("funded", "con lavori finanziati", N_("Di quelli da sistemare")),
    ),
)  # fmt: skip
TURNOVER = TableSchema(
    "turnover", "liberabili", N_("Alloggi che si libereranno nel triennio"), (
        *_PLACE, _OWNER, _SERVICE, _DAY,
        _count("units", "alloggi", N_("Per il normale ricambio, nei tre anni")),
    ),
)  # fmt: skip
OBJECTIVES = TableSchema(
    "objectives", "obiettivi", N_("Gli obiettivi del piano precedente"), (
        _words("objective", "obiettivo", N_("Come stava nel piano"), required=True),
        Field("result", "esito", "choice", N_("Dall'elenco"), RESULTS),
        _words("note", "che cosa resta", N_("Facoltativo")),
    ),
)  # fmt: skip
STRATEGIES = TableSchema(
    "strategies", "strategie", N_("Strategie, obiettivi e linee di azione"), (
        Field("line", "tipo", "choice", N_("Dall'elenco"), LINES, required=True),
        _words("text", "testo", N_("Una frase"), required=True),
        Field("who", "a cura di", "text", N_("L'ente o l'ufficio, mai una persona"), of_body=True),
        Field("resources_eur", "risorse (€)", "number", N_("Vuoto se non si sanno"), low=0),
    ),
)  # fmt: skip
QUESTIONS = TableSchema(
    "questions", "questioni aperte", N_("Questioni aperte"), (
        _words("question", "questione", N_("Una frase"), required=True),
        Field("who", "a cura di", "text", N_("L'ente o l'ufficio, mai una persona"), of_body=True),
        Field("by", "entro", "date", N_("Data")),
    ),
)  # fmt: skip
LOCAL_SERVICES = TableSchema(
    "local_services", "servizi", N_("Servizi per l'abitare nell'ambito"), (
        _words("service_name", "servizio", N_("Nome del servizio"), required=True),
        Field("body_name", "ente", "text", N_("Chi lo gestisce"), of_body=True),
        _count("places", "posti", N_("Disponibili")),
        Field("cost_eur", "costo annuo (€)", "number", N_("Vuoto se non si sa"), low=0),
    ),
)  # fmt: skip
DIFFERENCES = TableSchema(
    "differences", "differenze", N_("Perché un numero cambia dal piano precedente"), (
        *_PLACE, _OWNER,
        Field("item", "voce", "choice", N_("Dall'elenco"), ITEMS, required=True),
        _words("reason", "motivo", N_("Vendite, fine lavori, correzioni"), required=True),
    ),
)  # fmt: skip
MEASURES = TABLES["measures"]

BOOKS: Mapping[str, tuple[TableSchema, ...]] = {
    "annual": (ABOUT, STOCK, ASSIGNABLE, RESERVES, CHOICES, MEASURES, ASSIGNED, APPLICATIONS,
               EMPTY, OBJECTIVES, QUESTIONS, DIFFERENCES),
    "triennial": (ABOUT, STOCK, TURNOVER, EMPTY, APPLICATIONS, STRATEGIES, MEASURES, OBJECTIVES,
                  QUESTIONS, DIFFERENCES),
    "zone": (ABOUT, LOCAL_SERVICES, MEASURES, APPLICATIONS, STRATEGIES, OBJECTIVES, QUESTIONS),
}  # fmt: skip
"""The sheets of the input of each kind of plan, in their order."""
TABLE_OF: Mapping[str, TableSchema] = {one.name: one for book in BOOKS.values() for one in book}
KEYS: Mapping[str, tuple[str, ...]] = {
    "stock": ("municipality_code", "owner"),
    "reserves": ("municipality_code", "owner"),
    "choices": ("municipality_code",),
    "assigned": ("municipality_code", "owner", "service", "year"),
    "applications": ("municipality_code", "day", "size", "isee_band"),
    "empty": ("municipality_code", "owner"),
    "turnover": ("municipality_code", "owner", "service"),
    "differences": ("municipality_code", "owner", "item"),
}
"""What tells one row of a table from the others."""
ROWS = TableSchema(
    "rows", "righe", N_("Le righe del piano, per il piano dopo"), (
        Field("ambito_name", "ambito", "text", "", required=True, of_body=True),
        Field("year", "anno", "integer", "", low=2017, high=2100, required=True),
        *_PLACE, _OWNER,
        Field("item", "voce", "choice", "", ITEMS, required=True),
        _count("units", "alloggi", ""),
    ),
)  # fmt: skip
"""The sheet of a finished plan that the next one reads: what is compared, with whose and when."""
