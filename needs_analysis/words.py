"""What is said to people, and the one place where a language is known.

The Italian sentence stands where it is said and is the message of a gettext catalogue; another
language is ``locale/<language>/LC_MESSAGES/needs_analysis.po`` beside this file, read as it is, and a
row of `RULES`. A :class:`Voice` speaks one of them: sentences, plurals, numbers, days.
"""

from __future__ import annotations

import csv
import gettext
import io
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache
from pathlib import Path
from typing import IO, Any

FOLDER = Path(__file__).parent / "locale"
DOMAIN = "needs_analysis"


def N_(message: str) -> str:  # noqa: N802 - gettext's name for it
    """Mark a sentence for the catalogues; it is said later, by a :class:`Voice`."""
    return message


def NN_(one: str, many: str) -> tuple[str, str]:  # noqa: N802
    """Mark a sentence in its forms for one thing and for several (:meth:`Voice.plural`)."""
    return one, many


# Before a number that is read with a vowel first (8, 80, 11, 1) or as "zero": the marks of a trace
# may stand between. 1° is "primo", 1.000 "mille".
_ELISION = re.compile(
    r"\b([Ii]l|[Dd]el|[Aa]l|[Dd]al|[Nn]el|[Ss]ul) (\ue000[^\ue001]*\ue001)?"
    r"(?=(8\d*(?!\d)|11(?!\d)|1(?![\d.°]))|0(?!\d))"
)
_ELIDED = {"il": "l'", "del": "dell'", "al": "all'", "dal": "dall'", "nel": "nell'", "sul": "sull'"}


def _elided(text: str) -> str:
    def join(found: re.Match[str]) -> str:
        elision = _ELIDED[found[1].lower()]
        word = elision if found[3] else f"{elision[:-1]}o "
        return (word.capitalize() if found[1][0].isupper() else word) + (found[2] or "")

    return _ELISION.sub(join, text)


def _conjunction(word: str) -> str:
    return "ed" if word[:1] in ("e", "E") else "e"


def _ordinal_first(day: int) -> str:
    return "1°" if day == 1 else str(day)


@dataclass(frozen=True)
class Rules:
    """What a language does beyond its words.

    Parameters
    ----------
    name : str
        The language in its own words.
    locale : str
        Whose separators numbers have (CLDR).
    day, month : str
        How a day and a month are written with digits (`strftime`).
    sheet_day, sheet_month : str
        The same as a spreadsheet's format.
    months : str
        The names of the months.
    day_number : callable
        How the day of a date in words is written.
    elided : callable
        What articles become before a number.
    ordinal : str
        What stands after a rank.
    conjunction : callable
        What stands before the last word of a list.
    region : str
        Where it is spoken so: what a speller or a screen reader asks beside the language.
    """

    name: str
    locale: str
    day: str
    month: str
    sheet_day: str
    sheet_month: str
    months: str
    day_number: Callable[[int], str] = str
    elided: Callable[[str], str] = str
    ordinal: str = ""
    conjunction: Callable[[str], str] = lambda _: "and"
    region: str = ""


SOURCE = "it"
RULES: dict[str, Rules] = {
    "it": Rules(
        "italiano", "it", "%d/%m/%Y", "%m/%Y", "dd/mm/yyyy", "mm/yyyy",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        _ordinal_first, _elided, "°", _conjunction, "IT",
    ),
    "en": Rules(
        "English", "en", "%Y-%m-%d", "%Y-%m", "yyyy-mm-dd", "yyyy-mm",
        "January February March April May June July August September October November December",
        region="GB",
    ),
}  # fmt: skip

_ISO = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?")


def iso_day(text: str) -> tuple[date, bool] | None:
    """Read a day or a month as it is written in our tables: its first day, and whether it is a day.

    Examples
    --------
    >>> iso_day("2025-12-31"), iso_day("2025-06"), iso_day("2025")
    ((datetime.date(2025, 12, 31), True), (datetime.date(2025, 6, 1), False), None)
    """
    found = _ISO.fullmatch(text)
    if not found:
        return None
    year, month, day = found.groups()
    return date(int(year), int(month), int(day or 1)), day is not None


_CONTEXT = Context(prec=28)
"""What numbers are printed in, whatever the context of whoever calls."""


@cache
def _pattern(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


@cache
def _catalogue(folder: Path, language: str) -> gettext.NullTranslations:
    """Return the messages of a language; the source language has none but its own."""
    if language == SOURCE:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with (folder / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, abort_invalid=True))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@dataclass(frozen=True)
class Voice:
    """One language: what is said in it, and how its numbers and days are written.

    Parameters
    ----------
    language : str
        A key of `RULES`.

    Examples
    --------
    >>> Voice().say("{n} comuni", n=3), Voice("en").say("{n} comuni", n=3)
    ('3 comuni', '3 municipalities')
    """

    language: str = SOURCE
    rules: Rules = field(init=False, repr=False, compare=False)
    _messages: gettext.NullTranslations = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the rules and the messages of the language."""
        object.__setattr__(self, "rules", RULES[self.language])
        object.__setattr__(self, "_messages", _catalogue(FOLDER, self.language))

    def __reduce__(self) -> tuple[type[Voice], tuple[str]]:
        """Cross to another process by name: a catalogue is read again there."""
        return Voice, (self.language,)

    def say(self, message: str, /, **values: Any) -> str:
        """Say a message; `values` fill its named placeholders.

        A value is put in as :meth:`shown` writes it, so that a message needs no format of its own.

        Parameters
        ----------
        message : str
            The Italian sentence, as it stands in the catalogues; one that is not there is said as is.

        Examples
        --------
        >>> Voice().say("da {low} a {high}", low="1,5", high=2)
        'da 1,5 a 2'
        """
        text = self._messages.gettext(message) if message else ""
        if not values:
            return text
        return text.format(**{name: self.shown(one) for name, one in values.items()})

    def in_context(self, context: str, message: str, /, **values: Any) -> str:
        """Say a message whose words mean another thing elsewhere.

        Parameters
        ----------
        context : str
            What tells it from the same words elsewhere: in the catalogues, never said.
        """
        text = self._messages.pgettext(context, message)
        return text.format(**{name: self.shown(one) for name, one in values.items()})

    def plural(self, one: str, many: str, number: float, /, **values: Any) -> str:
        """Say a message about a number of things, in the form that the language has for it.

        Parameters
        ----------
        one, many : str
            The Italian for one thing and for several; ``{count}`` stands for the number.
        number : float
            How many.

        Examples
        --------
        >>> [Voice().plural("{count} comune", "{count} comuni", n) for n in (0, 1, 1_000_000)]
        ['0 comuni', '1 comune', '1.000.000 comuni']
        """
        text = self._messages.ngettext(one, many, int(number) if number == int(number) else 2)
        decimals = 0 if number == int(number) else 1
        given = {name: self.shown(each) for name, each in values.items()}
        return text.format(**{"count": self.number(number, decimals), **given})

    def shown(self, value: Any) -> Any:
        """Return a value as it stands in a sentence: days and fractions in the language's way.

        Examples
        --------
        >>> Voice().shown(date(2025, 12, 31)), Voice().shown(0.5), Voice().shown(["a", 2])
        ('31/12/2025', '0,5', 'a, 2')
        """
        if isinstance(value, bool | str | int) or value is None:
            return value
        if isinstance(value, date):  # a Timestamp too
            return value.strftime(self.rules.day)
        if isinstance(value, float):
            return f"{value:g}".replace(".", self.decimal_sign)
        if isinstance(value, Decimal):  # with the decimals it is written with
            return str(value).replace(".", self.decimal_sign)
        if isinstance(value, Sequence | frozenset | set):
            return ", ".join(str(self.shown(one)) for one in value)
        return value

    @property
    def tag(self) -> str:
        """Return the language as documents name it (BCP 47).

        Examples
        --------
        >>> Voice().tag, Voice("en").tag
        ('it-IT', 'en-GB')
        """
        return "-".join(filter(None, (self.language, self.rules.region)))

    @property
    def decimal_sign(self) -> str:
        """Return what stands before the decimals of a number."""
        return self.number(0.5, 1)[1]

    @property
    def thousands_sign(self) -> str:
        """Return what stands between the thousands of a number."""
        return self.number(1000)[1]

    @property
    def missing(self) -> str:
        """Return what is printed where there is no value."""
        return self.say(N_("n.d."))

    def number(self, value: float, decimals: int = 0) -> str:
        """Print a number with the language's separators; a half goes away from zero, as in Excel.

        Examples
        --------
        >>> Voice().number(1234.5, 1), Voice("en").number(1234.5, 1), Voice().number(float("nan"))
        ('1.234,5', '1,234.5', 'n.d.')
        >>> say = Voice().number
        >>> say(266.5), say(5.5), say(100 * 0.285), say(-0.2)
        ('267', '6', '29', '0')
        """
        from babel.numbers import format_decimal

        if value is None or math.isnan(value):
            return self.missing
        amount: float | Decimal = value
        # Whoever calls may compute with fewer digits, or have what is rounded raise.
        with localcontext(_CONTEXT):
            if math.isfinite(value):
                # Fifteen digits are those Excel has: 28.499999999999996 is a half that scaling spoilt.
                text = Decimal(f"{value:.15g}")
                amount = text.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
                amount = amount or Decimal(0)  # no "-0"
            return format_decimal(amount, format=_pattern(decimals), locale=self.rules.locale)

    def amount(self, value: float) -> str:
        """Print euros or a count: with separators, and cents only where there are some.

        Examples
        --------
        >>> Voice().amount(57_003), Voice().amount(1234.5), Voice().amount(2.5), Voice().amount(7.0)
        ('57.003', '1.234,50', '2,5', '7')
        """
        if not math.isfinite(value) or (abs(value) < 1000 and not float(value).is_integer()):
            return str(self.shown(float(value)))
        return self.number(value, 0 if float(value).is_integer() else 2)

    def day(self, day: date) -> str:
        """Write a day in words.

        Examples
        --------
        >>> Voice().day(date(2022, 1, 1)), Voice("en").day(date(2026, 9, 2))
        ('1° gennaio 2022', '2 September 2026')
        """
        month = self.rules.months.split()[day.month - 1]
        return f"{self.rules.day_number(day.day)} {month} {day.year}"

    def listed(self, words: Sequence[str]) -> str:
        """List words in a sentence.

        Examples
        --------
        >>> Voice().listed(["richieste", "esecuzioni"]), Voice("en").listed(["a", "b", "c"])
        ('richieste ed esecuzioni', 'a, b and c')
        """
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.rules.conjunction(words[-1])} {words[-1]}"

    def ordinal(self, number: float) -> str:
        """Write a rank in a list: with the sign the language has for it.

        Examples
        --------
        >>> Voice().ordinal(1200), Voice("en").ordinal(1200)
        ('1.200°', '1,200')
        """
        return self.number(number) + self.rules.ordinal

    def short_date(self, text: str) -> str:
        """Print a day or a month of a table in the language's short form; other text stays.

        Examples
        --------
        >>> say = Voice().short_date
        >>> say("2025-12-31"), say("2025-06"), Voice("en").short_date("2025-06"), say("2018/2")
        ('31/12/2025', '06/2025', '2025-06', '2018/2')
        """
        found = iso_day(text)
        if not found:
            return text
        return found[0].strftime(self.rules.day if found[1] else self.rules.month)

    def with_short_dates(self, text: str) -> str:
        """Print the days inside a text, such as a source's reference date, in the short form.

        Examples
        --------
        >>> Voice().with_short_dates("Basi territoriali (2021-12-31)")
        'Basi territoriali (31/12/2021)'
        """
        return re.sub(r"\b\d{4}-\d\d-\d\d\b", lambda found: self.short_date(found[0]), text)

    def elided(self, text: str) -> str:
        """Give numbers that begin with a vowel or a z when read the article they take in Italian.

        Examples
        --------
        >>> Voice().elided("il 8,5 % e il 11,6 % del 83 %, il 18 % e il 110 %")
        "l'8,5 % e l'11,6 % dell'83 %, il 18 % e il 110 %"
        >>> Voice().elided("il 1 % e il 0,5 % del 0,2 %, il 1° gennaio")
        "l'1 % e lo 0,5 % dello 0,2 %, il 1° gennaio"
        """
        return self.rules.elided(text)

    def own(self, labels: Mapping[str, str]) -> str:
        """Choose among a user's own labels by language: the voice's, else the first there is.

        A label of ours is said as the catalogue has it.

        Examples
        --------
        >>> Voice().own({"it": "", "en": "Noise"}), Voice("en").own({"it": "Rumore", "en": "Noise"})
        ('Noise', 'Noise')
        """
        if labels.get(self.language):
            return labels[self.language]
        first = next(filter(None, (labels.get(SOURCE, ""), *labels.values())), "")
        return self.say(first)


ITALIAN = Voice()


def languages() -> tuple[str, ...]:
    """Return the languages there are: the source's, and those with a catalogue and a row of rules.

    Examples
    --------
    >>> languages()[:2]
    ('it', 'en')
    """
    return tuple(one for one in RULES if one == SOURCE or (FOLDER / one).is_dir())


def voices() -> tuple[Voice, ...]:
    """Return a voice of each language."""
    return tuple(Voice(one) for one in languages())


def texts_of_toml(
    file: IO[bytes], _keywords: Any, _tags: Any, *, options: Mapping[str, str]
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Extract the words of a TOML file for `pybabel extract`: its text under the keys of `options`.

    Parameters
    ----------
    options : mapping
        ``keys``: the names of the keys that hold words, separated by blanks; all keys if absent.
    """
    data = file.read().decode("utf-8")
    keys = set(options.get("keys", "").split())
    for text in _texts(tomllib.loads(data), keys):
        yield data[: max(data.find(text), 0)].count("\n") + 1, "", text, []


def texts_of_csv(
    file: IO[bytes], _keywords: Any, _tags: Any, *, options: Mapping[str, str]
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Extract the words of a CSV file for `pybabel extract`: the cells of the columns of `options`.

    Parameters
    ----------
    options : mapping
        ``keys``: the names of the columns that hold words, separated by blanks.
    """
    rows = csv.DictReader(io.StringIO(file.read().decode("utf-8")))
    for row in rows:
        for key in options["keys"].split():
            if row[key]:
                yield rows.line_num, "", row[key], []


def _texts(part: Any, keys: set[str], key: str = "") -> Iterable[str]:
    if isinstance(part, Mapping):
        for name, one in part.items():
            yield from _texts(one, keys, name)
    elif isinstance(part, list):
        for one in part:
            yield from _texts(one, keys, key)
    elif isinstance(part, str) and part and (not keys or key in keys):
        yield part
