"""What is typed into a cell: a date, a number, a choice, a municipality; else what to write there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from needs_analysis.errors import Problem
from needs_analysis.reading import MONTHS, day_of, number_of, plain
from needs_analysis.services.files import plausibility
from needs_analysis.services.files.fields import Field
from needs_analysis.services.files.problems import problem
from needs_analysis.services.files.schema import NOT_TRANSMITTED
from needs_analysis.words import voices

_CLOSE_ENOUGH = 85
"""Similarity, 0-100, from which a misspelt word is taken for one of the list."""
_MARGIN = 8
"""How much less similar the second best must be."""
_WORD_LENGTH = 6
"""From how many letters a word that only one entry of a list has stands for it."""
# Excel counts days from 30 December 1899; these are 2000 to 2050.
_SERIALS = range(36526, 55153)
_YES = {"si", "s", "yes", "y", "true", "vero", "1", "x"}
_NO = {"no", "n", "false", "falso", "0"}
_NO_ANSWER = {"nd", "n d", "na", "n a", "np", "n p", "nr", "n r", "non disponibile", "non pervenuto",
              "non comunicato", "non risponde", "non noto", "non nota", "sconosciuto", "sconosciuta",
              "ignoto", "ignota"}  # fmt: skip
"""How hasty hands write that they do not know."""
_MOST_ADVICE = 100
"""Letters of a proposal beyond which it would hide the rest of a message."""


@dataclass(frozen=True)
class Wrong:
    """A cell that cannot be taken, with what it should be where that is certain, or why it is not."""

    proposal: str = ""
    doubt: Problem | None = None


def _date(value: str, _: Field) -> Any:
    """Return a date written as 31/12/2025 or 2025-12-31; of other ways to write one, the proposal."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.]+)?", value)
    if found:
        return day_of(*found.groups()) or Wrong()
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: [\d:.]+)?", value)
    if found:
        first, second, year = found.groups()
        if day := day_of(year, second, first):
            return day
        turned = day_of(year, first, second)
        return Wrong(f"{turned:%d/%m/%Y}", problem("turned_date")) if turned else Wrong()
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2})", value.strip("'"))
    if found:
        return _meant(day_of(2000 + int(found[3]), found[2], found[1]))
    found = re.fullmatch(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", value)
    if found:
        return _meant(day_of(*found.groups()))
    found = re.fullmatch(r"(\d{1,2})[°º]?\s+([a-z]+)\s+(\d{4})", plain(value))
    if found and found[2] in MONTHS:
        return _meant(day_of(found[3], MONTHS.index(found[2]) + 1, found[1]))
    if re.fullmatch(r"\d{5}", value) and int(value) in _SERIALS:
        return _meant(dt.date(1899, 12, 30) + dt.timedelta(days=int(value)))
    return Wrong()


def _meant(day: dt.date | None) -> Wrong:
    return Wrong(f"{day:%d/%m/%Y}" if day else "")


def _number(value: str, one: Field) -> Any:
    """Return a number written in Italian (1.234,5) or with a decimal point (1234.5)."""
    text = value.replace("€", "").replace("\xa0", " ").strip()
    if re.fullmatch(r"-?\d{1,3}\.\d{3}", text):
        # One thousand two hundred, or one and two tenths: only a whole number leaves no doubt.
        if one.kind == "integer":
            return float(text.replace(".", ""))
        whole, fraction = text.replace(".", ""), text.replace(".", ",").rstrip("0").rstrip(",")
        return Wrong(doubt=problem("two_numbers", whole=whole, fraction=fraction))
    number = number_of(text)
    if number is not None:
        return number
    clock = re.fullmatch(r"(\d{1,2}):([0-5]\d)(?::00)?", text)
    if clock and one.name == "hours":
        hours = int(clock[1]) + int(clock[2]) / 60
        return Wrong(f"{hours:.4g}".replace(".", ","))
    words = re.fullmatch(r"(-?[\d.,]+)\s*(?:euro|eur|giorni|gg|mq|m2|m²|ore|h)\.?", text.casefold())
    certain = words and not isinstance(_number(words[1], one), Wrong)
    return Wrong(words[1] if words and certain else "")


def _yes_no(value: str, _: Field) -> Any:
    said = plain(value)
    return True if said in _YES else False if said in _NO else Wrong()


def _choice(value: str, one: Field) -> Any:
    """Return the code of a label, in Italian or English, or of the code itself."""
    labels = _labels(tuple(one.choices.items()))
    said = plain(value)
    if said in labels:
        return labels[said]
    if code := _similar(said, labels):
        return Wrong(one.choices[code])
    return Wrong()


@cache
def _labels(choices: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Return what each code may be called."""
    said = {
        code: (code, *(voice.say(label) for voice in voices())) for code, label in reversed(choices)
    }
    return {plain(one): code for code, words in said.items() for one in words}


def _similar(said: str, labels: Mapping[str, str]) -> str:
    """Return the only code that a misspelt word can mean; "" where it is not certain."""
    from rapidfuzz import fuzz, process

    best = process.extract(said, list(labels), scorer=fuzz.ratio, limit=None)
    ranked: dict[str, float] = {}
    for label, score, _ in best:
        ranked.setdefault(labels[label], score)
    scores = sorted(ranked.items(), key=lambda item: -item[1])
    clear = len(scores) < 2 or scores[0][1] - scores[1][1] >= _MARGIN
    if scores and scores[0][1] >= _CLOSE_ENOUGH and clear:
        return scores[0][0]
    holding = {code for label, code in labels.items() if set(said.split()) <= set(label.split())}
    return holding.pop() if len(holding) == 1 and len(said) >= _WORD_LENGTH else ""


def _choices(value: str, one: Field) -> Any:
    """Return the codes of labels separated by ";"; other separators are proposed, not taken."""
    parts = [part for part in value.split(";") if part.strip()]
    codes = [_choice(part, one) for part in parts]
    if not any(isinstance(code, Wrong) for code in codes):
        return ";".join(dict.fromkeys(codes)) or None
    proposed: list[str] = []
    for part, code in zip(parts, codes, strict=True):
        if not isinstance(code, Wrong):
            proposed.append(one.choices[code])
        else:
            proposed += _apart(part, one) or [code.proposal]
    doubt = None
    unknown = tuple(at for at, said in enumerate(proposed, start=1) if not said)
    if unknown and len(proposed) > 1:
        doubt = problem("unknown_entries", count=len(unknown), entries=unknown)
    return Wrong("; ".join(dict.fromkeys(proposed)) if all(proposed) else "", doubt)


def _apart(value: str, one: Field) -> list[str]:
    """Return the labels that a cell joins by commas, slashes or line breaks; [] if it joins none.

    Labels have commas themselves: of the pieces that may be one, the longest run is taken.
    """
    pieces = [piece for piece in re.split(r"[,/|\n+]|\s[-–]\s", value) if piece.strip()]
    found, at = list[str](), 0
    while len(pieces) > 1 and at < len(pieces):
        for end in range(len(pieces), at, -1):
            code = _choice(" ".join(pieces[at:end]), one)
            exact = not isinstance(code, Wrong)
            if exact or end == at + 1:
                found.append(one.choices[code] if exact else code.proposal)
                at = end
                break
    return found if len(found) > 1 and any(found) else []


def _municipality(value: str, _: Field) -> Any:
    """Return a municipality's code of any day; from a name or a lost zero the code is proposed.

    A name that several share, or that is misspelt, brings all that it may mean.
    """
    from needs_analysis.territory import history, match_names

    known = history.shipped().bearers.index
    if re.fullmatch(r"\d{6}", value):
        return value if value in known else Wrong()
    if value.isdigit():
        return Wrong(value.zfill(6) if value.zfill(6) in known else "")
    match = match_names([value]).iloc[0]
    code, method = match["municipality_code"], match["method"]
    if method == "none":
        *others, last = match["candidates"].split("; ")
        may_be = problem("may_be", count=len(others) + 1, others=tuple(others), last=last)
        return Wrong(doubt=may_be if last else None)
    if method == "fuzzy":
        meant = match["candidates"].split("; ")[0].removeprefix(code).strip()
        return Wrong(code, problem("if_meant", name=meant))
    return Wrong(code, problem("ceased") if method == "former name" else None)


PARSERS: Mapping[str, Callable[[str, Field], Any]] = {
    "date": _date, "number": _number, "integer": _number, "yes_no": _yes_no, "choice": _choice,
    "choices": _choices, "municipality": _municipality,
}  # fmt: skip


def is_unknown(value: str) -> bool:
    """Whether a code says that nobody knows it: "n.d.", "-", "sconosciuto"."""
    said = plain(value)
    return said in _NO_ANSWER or not (said or any(map(str.isalnum, value)))


def advice(value: str, wrong: Wrong) -> tuple[Problem, ...]:
    """Return what to write in the place of a cell, as the end of a sentence."""
    if plain(value) in _NO_ANSWER or not plain(value):
        return (problem("no_answer", words=NOT_TRANSMITTED),)
    doubt = (wrong.doubt,) if wrong.doubt else ()
    short = len(wrong.proposal) <= _MOST_ADVICE
    return doubt + plausibility.proposed(wrong.proposal if short else "")
