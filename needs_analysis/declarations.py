"""The TOML files that people write: what may stand in them, and what is wrong with one.

Imported when the first of them is read: a command that reads none does not wait for pydantic. The
models say what a file holds; what it means is said by those who make a study, an index, a theme of
it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Annotated, Any, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    WrapValidator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from rapidfuzz import process

from needs_analysis.errors import Messages, Problem, Refused, placeholders
from needs_analysis.toml_files import Place, Written
from needs_analysis.words import N_, SOURCE

Model = TypeVar("Model", bound=BaseModel)

problem = Messages(
    "declarations",
    {
        "add_key": N_('Aggiungere key = "percorso della chiave".'),
        # pydantic's own, by its names
        "missing": N_("manca «{key}»"),
        "extra_forbidden": N_("«{key}» è sconosciuto; qui possono stare {known}"),
        "extra_forbidden_near": N_("«{key}» è sconosciuto: forse «{near}»"),
        "model_type": N_("«{key}» deve essere una tabella"),
        "dict_type": N_("«{key}» deve essere una tabella di nomi e valori"),
        "list_type": N_("«{key}» deve essere un elenco"),
        "string_type": N_("«{key}» deve essere un testo tra virgolette"),
        "string_too_short": N_("«{key}» è vuoto"),
        "int_type": N_("«{key}»: {found} non è un numero intero"),
        "float_type": N_("«{key}»: {found} non è un numero"),
        "bool_type": N_("«{key}» deve essere true o false"),
        "date_type": N_("«{key}»: {found} non è una data, come 2026-01-31"),
        "finite_number": N_("«{key}»: {found} non è un numero finito"),
        "greater_than_equal": N_("«{key}»: {found} è meno di {ge}"),
        "less_than_equal": N_("«{key}»: {found} è più di {le}"),
        # our own
        "among": N_("«{key}»: {found} non è fra {known}"),
        "twice": N_("«{key}»: {found} c'è già"),
        "method": N_("«{key}» deve essere il nome di un metodo, o una tabella con method"),
        "two_numbers": N_("«{key}»: {found} non sono due numeri"),
        "text_or_texts": N_("«{key}» deve essere un testo o un elenco di testi"),
        "codes": N_("«{key}»: i codici sono testo tra virgolette, non {found}"),
        "identifier": N_("«{key}»: {found} non è valido: lettere, cifre, _ - @ $"),
        "version": N_("«{key}»: {found} non è una versione, come 1.0"),
        "period": N_("«{key}»: {found} non è un periodo, come 2019 oppure 2023-Q2"),
        "colour": N_("«{key}»: {found} non è un colore (#rrggbb minuscolo)"),
        "end_before_start": N_("«{key}» ({found}) viene prima di «start» ({start})"),
        "default_not_listed": N_("«{key}»: {found} non è tra gli indicatori (indicators)"),
        "more_than_colours": N_("«{key}»: {found} sono più dei colori (palette), che sono {count}"),
        "indicator": N_("«{key}»: l'indicatore {found} è sconosciuto"),
        "indicator_near": N_("«{key}»: l'indicatore {found} è sconosciuto: forse «{near}»"),
    },
)


# --- what is wrong ---------------------------------------------------------------------------


def validated(
    model: type[Model],
    given: object,
    refused: type[Refused] = Refused,
    *,
    cures: Mapping[str, Problem] | None = None,
    context: Mapping[str, Any] | None = None,
) -> Model:
    """Return a table as a model has it.

    Parameters
    ----------
    model : type of BaseModel
        One of this module.
    given : Written or mapping
        What is written.
    refused : type of Refused
        What is raised.
    cures : mapping of str to Problem, optional
        What to say where a key is missing, by its name.
    context : mapping, optional
        What the model compares with.

    Raises
    ------
    Refused
        With every problem, each with its key and, for a table of a file, its line.
    """
    try:
        plain = dict(given) if isinstance(given, Mapping) else given
        return model.model_validate(plain, context=context)
    except ValidationError as error:
        written = Written.of(given) if isinstance(given, Mapping) else Written({})
        found = error.errors(include_url=False)
        missing = [one["loc"][-1] for one in found if one["type"] == "missing"]
        cure = next((said for key, said in (cures or {}).items() if key in missing), None)
        problems = [_problem(one, model, written) for one in found]
        raise refused(*sorted(problems, key=lambda one: one.where), cure=cure) from None


def _problem(one: ErrorDetails, model: type[BaseModel], written: Written) -> Problem:
    kind, place = one["type"], one["loc"]
    values = {
        "key": written.key(*place) or model.model_config.get("title", ""),
        "found": _shown(one["input"]),
        **one.get("ctx", {}),
    }
    known = values.setdefault("known", _names(model, place[:-1]))
    wrong = place[-1] if kind == "extra_forbidden" else one["input"]
    if kind in ("extra_forbidden", "indicator") and (near := nearest(str(wrong), known)):
        kind, values["near"] = f"{kind}_near", near
    wanted = placeholders(f"{problem.floor}.{kind}")
    return problem(kind, written.where(*place), **{name: values[name] for name in wanted})


def _shown(value: Any) -> str:
    """Write a value as it stands in the file, cut where it is long."""
    return json.dumps(value, default=str, ensure_ascii=False)[:40]


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known name that a word was meant for; empty where none is near.

    Examples
    --------
    >>> nearest("polarty", ["name", "polarity"]), nearest("colour", ["name", "polarity"])
    ('polarity', '')
    """
    found = process.extractOne(word, list(known), processor=str.casefold, score_cutoff=70)
    return found[0] if found else ""


def _names(model: type[BaseModel], place: Place) -> tuple[str, ...]:
    """Return the names that may stand in a table of a model."""
    inner: type[BaseModel] | None = model
    for part in place:
        if isinstance(part, str) and inner:
            inner = _model_in(inner.model_fields[part].annotation)
    fields = inner.model_fields.items() if inner else ()
    return tuple(one.alias or name for name, one in fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


# --- values ----------------------------------------------------------------------------------


def _as_written(value: Any, check: Callable[[Any], float]) -> Any:
    check(value)
    return value  # a whole number is written back as one


def _as_text(value: Any) -> Any:
    """Take a year or a day without quotes, which are a number and a date to TOML."""
    plain = isinstance(value, int | float | date) and not isinstance(value, bool)
    return str(value) if plain else value


def _as_day(value: Any) -> Any:
    """Take a day between quotes as one without."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _one_of(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise PydanticCustomError("among", "not among these", {"known": known})
    return value


def among(*known: str) -> AfterValidator:
    """Return what refuses a text that is not one of these."""
    return AfterValidator(lambda value: _one_of(value, known))


def _shaped(kind: str, pattern: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise PydanticCustomError(kind, "of another shape")
        return value

    return AfterValidator(check)


def _method(value: Any) -> Any:
    if not isinstance(value.get("method") if isinstance(value, Mapping) else value, str):
        raise PydanticCustomError("method", "no method")
    return value


def _two_numbers(value: Any) -> Any:
    numbers = isinstance(value, list | tuple) and [
        one for one in value if isinstance(one, int | float) and not isinstance(one, bool)
    ]
    if not numbers or len(numbers) != 2 or len(value) != 2:
        raise PydanticCustomError("two_numbers", "not two numbers")
    return tuple(value)


def _texts(value: Any) -> Any:
    listed = isinstance(value, list) and all(isinstance(one, str) for one in value)
    if not (listed or isinstance(value, str)):
        raise PydanticCustomError("text_or_texts", "neither text nor texts")
    return value


def _with_those_before(value: Any) -> Any:
    """Set beside each item of a list those before it, so that one said twice is refused where it is."""
    if value == []:
        raise PydanticCustomError("string_too_short", "empty")
    return [(one, value[:at]) for at, one in enumerate(value)] if isinstance(value, list) else value


def _chapter(item: tuple[Any, list[Any]], info: ValidationInfo) -> str:
    key, before = item
    known, found = (info.context or {}).get("chapters", ()), {"found": _shown(key)}
    if not isinstance(key, str):
        raise PydanticCustomError("string_type", "no text")
    if key not in known:
        raise PydanticCustomError("among", "not among these", {"known": tuple(known), **found})
    if key in before:
        raise PydanticCustomError("twice", "twice", found)
    return key


_NAME = r"[A-Za-z0-9_@$-]+"


def _codes(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    bad = [one for one in listed if not (isinstance(one, str) and re.fullmatch(_NAME, one))]
    if bad or not listed:
        # A number has lost its zeros in front: 017029 is no TOML number, 17029 is no code.
        raise PydanticCustomError("codes", "no codes", {"found": tuple(map(str, bad[:3])) or "[]"})
    return tuple(dict.fromkeys(listed))


Number = Annotated[float, Field(allow_inf_nan=False), WrapValidator(_as_written)]
Amount = Annotated[float, Field(allow_inf_nan=False, ge=0), WrapValidator(_as_written)]
Day = Annotated[date, BeforeValidator(_as_day)]
Name = Annotated[str, StringConstraints(min_length=1)]
Text = Annotated[str, BeforeValidator(_as_text)]
Id = Annotated[Text, _shaped("identifier", _NAME)]
Version = Annotated[Text, _shaped("version", r"\d+(?:\.\d+)*")]
Period = Annotated[Text, _shaped("period", r"\d{4}(?:-(?:\d{2}|Q[1-4]|S[12]))?")]
Colour = Annotated[str, _shaped("colour", r"#[0-9a-f]{6}")]
Method = Annotated[Any, PlainValidator(_method)]


# --- the files -------------------------------------------------------------------------------


class Table(BaseModel):
    """A table of a file: nothing in it that is not declared, nothing of another kind."""

    model_config = ConfigDict(strict=True, extra="forbid")

    def given(self) -> dict[str, Any]:
        """Return what is written, without what stands by default."""
        named = type(self).model_fields
        return {named[name].alias or name: getattr(self, name) for name in self.model_fields_set}


class IndicatorTable(Table):
    """A leaf of an index."""

    name: Name
    parent: str = ""
    weight: Number = 1.0
    polarity: Number | None = None
    transform: str = ""
    denominator: str = ""
    goalposts: Annotated[Any, PlainValidator(_two_numbers)] = None
    reference: Number | None = None


class ComponentTable(Table):
    """A part of an index."""

    name: Name
    label_it: str = ""
    label_en: str = ""
    parent: str = ""
    weight: Number = 1.0
    aggregate: Method = None
    weight_method: Method = None


class IndexTable(Table):
    """An index: a file of its own, or the table ``[index]`` of a study."""

    model_config = ConfigDict(title="index")

    name: str
    label_it: str = ""
    label_en: str = ""
    screen: Method = None
    impute: Method = None
    treat: Method = None
    normalise: Method = None
    weight: Method = None
    aggregate: Method = None
    rank_decimals: int | None = None
    components: list[ComponentTable] = []
    indicators: list[IndicatorTable] = []


class ServicesTable(Table):
    """The confidential files of a study: its table ``[services]``."""

    model_config = ConfigDict(title="services")

    register_: Name = Field(alias="register")  # `register` is a method of every class of models
    key: Name
    period: Text
    stays: str = ""
    referrals: str = ""
    survey: str = ""
    measures: str = ""
    profile: Annotated[str, among("published", "internal")] = "published"


class ScenarioTable(Table):
    """What the model of burdens assumes: the table ``[scenario]`` of a file, or of ``[needs]``."""

    model_config = ConfigDict(title="scenario")

    income_level_ratio: Number | None = None
    household_income_correlation_share: Number | None = None
    net_income_progressivity_share: Number | None = None
    rent_income_correlation_share: Number | None = None
    rent_range_share: Number | None = None
    rent_growth_since_quotes_share: Number | None = None
    renting_gradient_ratio: Number | None = None
    public_tenants: Number | None = None
    public_tenants_poorest_share: Number | None = None
    owners_overburden_share: Number | None = None
    reduced_rent_overburden_share: Number | None = None


class ScenarioFile(Table):
    """A file of assumptions."""

    model_config = ConfigDict(title="scenario")

    scenario: ScenarioTable


class NeedsTable(Table):
    """How a study counts who is in need: its table ``[needs]``."""

    model_config = ConfigDict(title="needs")

    own: str = ""
    scenario: ScenarioTable | None = None
    profile: Annotated[str, among("published", "internal")] = "published"


class PoliciesTable(Table):
    """What is asked of policies: a file of its own, or the table ``[policies]`` of a study."""

    model_config = ConfigDict(title="policies")

    budget_eur: Amount | None = None
    as_of: Day | None = None
    outcome: str = ""
    weights: dict[str, Amount] = {}
    floors: dict[str, Amount] = {}
    fairness: Annotated[str, among("none", "maxmin")] = "none"
    budgets: dict[str, Amount] = {}
    households: dict[str, Amount] = {}
    only: list[Name] = []
    include: list[Name] = []
    existing: str = ""
    profile: Annotated[str, among("published", "internal")] = "published"


class ReportTable(Table):
    """What page and workbook hold: the table ``[report]`` of a study; its context has the chapters."""

    model_config = ConfigDict(title="report")

    chapters: Annotated[
        list[Annotated[str, PlainValidator(_chapter)]], BeforeValidator(_with_those_before)
    ]


class StudyTable(Table):
    """What a study is about."""

    area: Annotated[Any, PlainValidator(_texts)]
    lang: str = SOURCE
    version: str = ""
    data_until: Text = ""
    codes_on: Text = ""
    name: Text = ""
    author: Text = ""
    logo: Text = ""
    day: Day | None = None


class StudyFile(Table):
    """A ``study.toml``."""

    model_config = ConfigDict(title="study")

    study: StudyTable
    parameters: dict[str, Number] = {}
    figures: dict[str, str] = {}
    index: IndexTable | None = None
    services: ServicesTable | None = None
    needs: NeedsTable | None = None
    policies: PoliciesTable | None = None
    report: ReportTable | None = None


def _unit(unit: str, info: ValidationInfo) -> str:
    return _one_of(unit, tuple(info.context or ()))


def _indicator(name: str, info: ValidationInfo) -> str:
    known = (info.context or {}).get(info.data.get("unit"))
    if known is not None and name not in known:
        raise PydanticCustomError("indicator", "unknown", {"known": tuple(known)})
    return name


def _enough_colours(classes: int, info: ValidationInfo) -> int:
    colours = info.data.get("palette")
    if colours is not None and classes > len(colours):
        raise PydanticCustomError("more_than_colours", "too many", {"count": len(colours)})
    return classes


def _listed(default: str, info: ValidationInfo) -> str:
    listed = info.data.get("indicators", (default,))
    if not listed:
        return _indicator(default, info)
    if default not in listed:
        raise PydanticCustomError("default_not_listed", "not listed")
    return default


class ThemeFile(Table):
    """A theme of the map; its context holds the indicators there are, by unit."""

    model_config = ConfigDict(title="theme")

    unit: Annotated[str, AfterValidator(_unit)] = "municipality"
    title: str = ""
    note: str = ""
    # By language, as themes of 0.1.0 had them.
    title_it: str = ""
    title_en: str = ""
    note_it: str = ""
    note_en: str = ""
    # Without, those that are declared as mapped.
    indicators: list[Annotated[str, AfterValidator(_indicator)]] = []
    default: Annotated[str, AfterValidator(_listed)]
    palette: list[Colour]
    classes: Annotated[int, Field(ge=2, le=7), AfterValidator(_enough_colours)]


def _after_start(end: str, info: ValidationInfo) -> str:
    if end < (start := info.data.get("start", "")):
        raise PydanticCustomError("end_before_start", "before", {"start": start})
    return end


class QueryFile(Table):
    """What is asked of ISTAT."""

    model_config = ConfigDict(title="query")

    dataflow: Id
    start: Period = ""
    end: Annotated[Period, AfterValidator(_after_start)] = ""
    language: Annotated[str, among("it", "en")] = "it"
    agency: Id = "IT1"
    version: Version = "1.0"
    filters: dict[str, Annotated[tuple[str, ...], PlainValidator(_codes)]] = {}
