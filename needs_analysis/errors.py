"""What a user can cause and cure: problems as data, collected, raised once, said in any language.

A floor declares the sentences of its problems in one :class:`Messages`; a :class:`Problem` is a code of
those, the place and the user's words; :class:`Refused` carries all that were found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Self

from needs_analysis.process import public
from needs_analysis.words import ITALIAN, N_, NN_, Voice

__all__ = [
    "AreaError",
    "OutputError",
    "ParameterError",
    "Problem",
    "Refused",
    "SourceError",
    "StudyError",
    "Where",
]
__dir__ = public(__all__)


@dataclass(frozen=True, order=True)
class Where:
    """The place of a problem; what is not known stays empty.

    Parameters
    ----------
    file : str
        The file's name, never its folder.
    member : str
        One file of a folder or an archive.
    sheet : str
        A sheet of a workbook, or a table of a TOML file.
    rows : tuple of int
        Rows, or lines, as the user sees them: from 1.
    column : str
        The header of a column, as the file has it.

    Examples
    --------
    >>> Where(sheet="posti", rows=(3,), column="stato").text()
    'foglio «posti», riga 3, colonna «stato»'
    """

    file: str = ""
    member: str = ""
    sheet: str = ""
    rows: tuple[int, ...] = ()
    column: str = ""

    def text(self, voice: Voice = ITALIAN) -> str:
        """Say the place within its file."""
        parts = []
        if self.member:
            parts.append(voice.say(N_("file «{member}»"), member=self.member))
        if self.sheet:
            parts.append(voice.say(N_("foglio «{sheet}»"), sheet=self.sheet))
        if self.rows:
            parts.append(named_rows(self.rows, voice))
        if self.column:
            parts.append(voice.say(N_("colonna «{column}»"), column=self.column))
        return ", ".join(parts)


NOWHERE = Where()
NAMED_ROWS = 5
"""How many rows a place names; more are counted."""


def named_rows(rows: Sequence[int], voice: Voice = ITALIAN) -> str:
    """Say row numbers.

    Examples
    --------
    >>> named_rows([4]), named_rows([4, 9]), named_rows([1, 2, 3, 4, 5, 6, 7])
    ('riga 4', 'righe 4 e 9', 'righe 1, 2, 3, 4, 5 e altre 2')
    """
    if len(rows) == 1:
        return voice.say(N_("riga {row}"), row=rows[0])
    if len(rows) > NAMED_ROWS:
        more = len(rows) - NAMED_ROWS
        return voice.say(N_("righe {rows} e altre {more}"), rows=rows[:NAMED_ROWS], more=more)
    return voice.say(N_("righe {rows} e {last}"), rows=rows[:-1], last=rows[-1])


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: made by a floor's :class:`Messages`.

    Parameters
    ----------
    code : str
        ``floor.kind``, a key of `SENTENCES`; one kind of fault has one code.
    where : Where
        The place.
    values : mapping
        The user's words, names and numbers by placeholder, or a further problem; never a sentence.
    """

    code: str
    where: Where = NOWHERE
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, voice: Voice = ITALIAN) -> str:
        """Say the place, then what is wrong there."""
        place, what = self.where.text(voice), self.said(voice)
        return f"{place}: {what}" if place else what

    def said(self, voice: Voice = ITALIAN) -> str:
        """Say what is wrong."""
        sentence = SENTENCES[self.code]
        amounts = self.code.partition(".")[0] in _OF_AMOUNTS
        values: dict[str, Any] = {
            name: voice.amount(one) if amounts and _counts(one) else _spoken(one, voice)
            for name, one in self.values.items()
        }
        if isinstance(sentence, str):
            return voice.say(sentence, **values) if values else voice.say(sentence)
        del values["count"]
        return voice.plural(*sentence, self.values["count"], **values)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain mappings and lists, to be kept in a file."""
        values = {name: _plain(one) for name, one in self.values.items()}
        return {"code": self.code, "where": asdict(self.where), "values": values}

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Problem:
        """Return the problem that :meth:`as_dict` gave.

        Examples
        --------
        >>> one = problem("codes_missing", Where(rows=(3,)), count=2)
        >>> Problem.of(one.as_dict()) == one
        True
        """
        where = dict(given["where"])
        where["rows"] = tuple(where["rows"])
        values = {name: _made(one) for name, one in given["values"].items()}
        return cls(given["code"], Where(**where), values)

    def at(self, where: Where) -> Problem:
        """Return the same problem at another place."""
        return Problem(self.code, where, self.values)

    def __str__(self) -> str:
        """Say it in Italian."""
        return self.text()


def _counts(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _spoken(value: Any, voice: Voice) -> Any:
    if isinstance(value, Problem):
        return value.text(voice)
    if isinstance(value, tuple | list) and any(isinstance(one, Problem) for one in value):
        return "; ".join(str(_spoken(one, voice)) for one in value)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Problem):
        return value.as_dict()
    return [*map(_plain, value)] if isinstance(value, tuple | list) else value


def _made(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Problem.of(value)
    return tuple(map(_made, value)) if isinstance(value, list) else value


SENTENCES: dict[str, str | tuple[str, str]] = {}
"""The sentence of every code, of all floors imported so far; a pair is of one thing and of several."""
_OF_AMOUNTS: set[str] = set()
"""The floors whose numbers are amounts."""


class Messages:
    """The problems of a floor: kind -> sentence with named placeholders.

    Parameters
    ----------
    floor : str
        The first part of the codes.
    sentences : mapping
        By kind: the Italian, marked ``N_("...")``, or ``NN_("...", "...")`` where ``count`` says how
        many.
    amounts : bool
        Whether numbers are euros and counts, printed with separators; else they may be years, rows or
        codes.

    Raises
    ------
    TypeError
        A code is declared twice.

    Examples
    --------
    >>> problem = Messages("example", {"too_long": "{name} ha più di {most} lettere"})
    >>> print(problem("too_long", Where(rows=(3,)), name="Rho", most=2))
    riga 3: Rho ha più di 2 lettere
    """

    def __init__(
        self, floor: str, sentences: Mapping[str, str | tuple[str, str]], *, amounts: bool = False
    ) -> None:
        self.floor = floor
        if amounts:
            _OF_AMOUNTS.add(floor)
        for kind, sentence in sentences.items():
            if SENTENCES.setdefault(f"{floor}.{kind}", sentence) != sentence:
                raise TypeError(f"problem {floor}.{kind} is declared twice")

    def __call__(self, kind: str, where: Where = NOWHERE, /, **values: Any) -> Problem:
        """Return a problem of a kind; the values must be the placeholders of its sentence."""
        code = f"{self.floor}.{kind}"
        if placeholders(code) != values.keys():
            raise TypeError(f"problem {code} takes {sorted(placeholders(code))}, not {[*values]}")
        return Problem(code, where, values)


@cache
def placeholders(code: str) -> frozenset[str]:
    """Return the names that the sentence of a code leaves open.

    Examples
    --------
    >>> sorted(placeholders("errors.and_more"))
    ['count']
    """
    sentence = SENTENCES[code]
    texts = (sentence,) if isinstance(sentence, str) else sentence
    found = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
    return frozenset(found if isinstance(sentence, str) else found | {"count"})


problem = Messages(
    "errors",
    {
        "and_more": NN_("e un altro problema", "e altri {count} problemi"),
        "codes_missing": NN_("{count} riga senza codice", "{count} righe senza codice"),
        "codes_repeated": NN_("codice ripetuto: {codes}", "codici ripetuti: {codes}"),
        "columns_missing": NN_("manca la colonna {columns}", "mancano le colonne {columns}"),
        "give_codes": N_(
            "Dare una tabella con un codice diverso per riga nell'indice, per esempio con "
            'set_index("municipality_code").'
        ),
        "no_codes": N_("manca l'indice dei codici"),
        "no_columns": N_("la tabella non ha colonne"),
        "no_numbers": NN_(
            "la colonna {columns} non contiene numeri", "le colonne {columns} non contengono numeri"
        ),
        "no_rows": N_("la tabella non ha righe"),
        "not_wanted": N_("argomento di tipo {found}; tipi ammessi: {wanted}"),
        "values_missing": NN_("manca un valore dell'elenco", "mancano {count} valori dell'elenco"),
    },
)


class Refused(ValueError):  # noqa: N818 - it says what happened to the user's input
    """What the user can cure: every problem found, and the cure.

    The command line prints it in one line and exits with 2.

    Parameters
    ----------
    *problems : Problem
        At least one.
    cure : Problem, optional
        What the user can do about all of them, a sentence of its own.

    Examples
    --------
    >>> wrong = Messages("example", {"no_number": "{found} non è un numero", "again": "Riprovare."})
    >>> print(Refused(wrong("no_number", Where("a.csv", rows=(3,)), found="x"), cure=wrong("again")))
    a.csv: riga 3: x non è un numero. Riprovare.
    """

    SHOWN = 5

    def __init__(self, *problems: Problem, cure: Problem | None = None) -> None:
        super().__init__(*problems)
        self.problems = problems
        self.cure = cure

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross to another process whole."""
        return _again, (type(self), self.problems, self.cure)

    @classmethod
    def of_file(
        cls, path: Path | str, problems: Sequence[Problem], cure: Problem | None = None
    ) -> Self:
        """Return the error of a file: the problems, each at its place in it.

        Parameters
        ----------
        path : Path or str
            The file; only its name is printed, never its folder.
        """
        name = Path(path).name
        return cls(*(one.at(replace(one.where, file=name)) for one in problems), cure=cure)

    @property
    def path(self) -> Path:
        """Return the file the problems are of; its name alone."""
        return Path(self.problems[0].where.file)

    def text(self, voice: Voice = ITALIAN) -> str:
        """Say all in one line: the file, the first problems, how many more, the cure."""
        files = {one.where.file for one in self.problems}
        shown = [
            one.text(voice) if len(files) == 1 else _with_file(one, voice)
            for one in self.problems[: self.SHOWN]
        ]
        if (more := len(self.problems) - self.SHOWN) > 0:
            shown.append(problem("and_more", count=more).text(voice))
        said = "; ".join(shown)
        file = next(iter(files)) if len(files) == 1 else ""
        # Confidential files are named by their kind ("registro"), which is a word of ours.
        said = f"{voice.say(file)}: {said}" if file else said
        return f"{said}. {self.cure.text(voice)}" if self.cure else said

    def __str__(self) -> str:
        """Say it in Italian."""
        return self.text()


def _with_file(one: Problem, voice: Voice) -> str:
    return f"{voice.say(one.where.file)}: {one.text(voice)}" if one.where.file else one.text(voice)


def _again(kind: type[Refused], problems: tuple[Problem, ...], cure: Problem | None) -> Refused:
    return kind(*problems, cure=cure)


def wanted(given: object, *kinds: type) -> None:
    """Refuse an argument that is of none of these types.

    Parameters
    ----------
    given : object
        As it came, mostly the first argument of a public function.
    *kinds : type
        The types that will do.

    Examples
    --------
    >>> wanted("posti.xlsx", str, Path)
    >>> wanted(None, str, Path)
    Traceback (most recent call last):
    ...
    needs_analysis.errors.Refused: argomento di tipo None; tipi ammessi: str, Path
    """
    if not isinstance(given, kinds):
        names = tuple(kind.__name__ for kind in kinds)
        found = "None" if given is None else type(given).__name__
        raise Refused(problem("not_wanted", wanted=names, found=found))


class AreaError(Refused):
    """A territory that does not exist, is empty or is ambiguous."""


class ParameterError(Refused):
    """A parameter that does not exist, is not in force or has an impossible value."""


class StudyError(Refused):
    """A study that cannot be run again as it was written."""


class OutputError(Refused):
    """A folder or file that cannot be written."""


class SourceError(Refused):
    """An official file, or one of an office's, that cannot be read as it is."""
