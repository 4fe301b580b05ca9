"""Registers, stays, referrals, surveys and local measures, read, checked and pseudonymised.

All problems of a file are raised at once, in Italian, naming sheet, row and column; what is only
odd is a warning and does not stop. No message repeats what identifies a guest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from needs_analysis.errors import Problem, SourceError
from needs_analysis.reading import personal, plain, safe_name
from needs_analysis.services.files import overlooked, plausibility
from needs_analysis.services.files.cells import (
    CURE,
    Loaded,
    Problems,
    Sheet,
    load,
    located,
    refusal,
)
from needs_analysis.services.files.problems import path_of, problem
from needs_analysis.services.files.pseudonyms import pseudonyms, read_key
from needs_analysis.services.files.schema import (
    NEEDED,
    NOT_TRANSMITTED,
    TABLES,
    Field,
    Origin,
    Register,
    Stays,
    Table,
    empty,
    out_of_bounds,
)
from needs_analysis.words import voices

_CLOSE_ENOUGH = 85
"""Similarity, 0-100, from which a misspelt word is taken for one of the list."""
_MARGIN = 8
"""How much less similar the second best must be."""
_WORD_LENGTH = 6
"""From how many letters a word that only one entry of a list has stands for it."""
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
# Excel counts days from 30 December 1899; these are 2000 to 2050.
_SERIALS = range(36526, 55153)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
         "settembre", "ottobre", "novembre", "dicembre"),
        start=1,
    )
}  # fmt: skip
_YES = {"si", "s", "yes", "y", "true", "vero", "1", "x"}
_NO = {"no", "n", "false", "falso", "0"}
_NO_ANSWER = {"nd", "n d", "na", "n a", "np", "n p", "nr", "n r", "non disponibile", "non pervenuto",
              "non comunicato", "non risponde", "non noto", "non nota", "sconosciuto", "sconosciuta",
              "ignoto", "ignota"}  # fmt: skip
"""How hasty hands write that they do not know."""
_MOST_ADVICE = 100
"""Letters of a proposal beyond which it would hide the rest of a message."""
_NAMED_ROWS = 5
"""How many other rows of a code written twice a message names."""
_OF_REGISTERS = {personal.NAME, personal.ADDRESS}
"""What a register may hold: bodies and streets are no guests."""


@dataclass(frozen=True)
class _Wrong:
    """A cell that cannot be taken, with what it should be where that is certain, or why it is not."""

    proposal: str = ""
    doubt: Problem | None = None


# --- public readers ------------------------------------------------------------------------


def read_register(path: Path | str, overrides: Mapping[str, float] | None = None) -> Register:
    """Read services, dwellings and places.

    Parameters
    ----------
    path : Path or str
        The workbook, or the folder of CSV files, made from the template.
    overrides : mapping of str to float, optional
        Parameters put over ``parameters.csv`` (``transitional_dwelling_beds_max``).

    Returns
    -------
    Register
        With its warnings: over 12 beds in a transitional dwelling, places occupied though closed,
        more places than beds, closed before opened, the address of a protected service (left out),
        an ambito that the archive does not have; the others are spelled as there.

    Raises
    ------
    SourceError
        With every problem: sheet, row, column, what was found, what is expected and, where it is
        certain, the correction.
    """
    loaded = _loaded(path, NEEDED["register"])
    frames = _frames(path, loaded, None)
    of = loaded.sheets
    dwellings, protected = plausibility.without_addresses(
        of["dwellings"], frames["dwellings"], frames["services"]
    )
    services, ambiti = plausibility.named_ambiti(of["services"], frames["services"])
    odd = plausibility.register_warnings(loaded, frames, overrides)
    warnings = (*loaded.warnings, *protected, *ambiti, *odd)
    return Register(
        _indexed(services, "services"),
        _indexed(dwellings, "dwellings"),
        _indexed(frames["places"], "places"),
        warnings,
        loaded.label,
    )


def read_stays(
    path: Path | str, key: Path | str, overrides: Mapping[str, float] | None = None
) -> Stays:
    """Read stays, activities and absences; guests and households become pseudonyms.

    Parameters
    ----------
    path : Path or str
        The workbook, or the folder of CSV files, made from the template.
    key : Path or str
        The file of the secret key (:func:`create_key`), outside the data.
    overrides : mapping of str to float, optional
        Parameters put over ``parameters.csv`` (``prolonged_stay_months_max``).

    Returns
    -------
    Stays
        With its warnings: exit before entry (such stays are not `usable`), overlapping stays of one
        guest or of two households in one place, days to come or before 1990, an answer before the
        referral, stays past 18 months, more goals reached than set.

    Raises
    ------
    SourceError
        As :func:`read_register`; names, tax codes, phone numbers and addresses are refused.
    """
    secret = read_key(key, path)
    others = ("activities", "absences")
    loaded = _loaded(path, NEEDED["stays"], [TABLES[name] for name in others])
    frames = _frames(path, loaded, secret)
    warnings = (*loaded.warnings, *plausibility.stays_warnings(loaded, frames, overrides))
    stays = _indexed(frames["stays"], "stays")
    activities, absences = (_indexed(frames.get(one, empty(one)), one) for one in others)
    sheet = loaded.sheets["stays"]
    origin = Origin(sheet.where, pd.Series(sheet.rows, stays.index), _unsaid(sheet))
    return Stays(stays, activities, absences, warnings, loaded.label, origin)


def read_referrals(path: Path | str, key: Path | str) -> pd.DataFrame:
    """Read the referrals between the members of a network.

    Returns
    -------
    DataFrame
        Index referral_id; `attrs` hold the warnings and the label of invented data.

    Raises
    ------
    SourceError
        As :func:`read_stays`.
    """
    return _alone(path, "referrals", read_key(key, path))


def read_survey(path: Path | str) -> pd.DataFrame:
    """Read the yearly survey on collaboration.

    Returns
    -------
    DataFrame
        wave, respondent_member, about_member (missing: the network as a whole), question, score
        1-5; `attrs` hold the warnings and the label of invented data.

    Raises
    ------
    SourceError
        As :func:`read_register`.
    """
    frame = _alone(path, "survey", None)
    return frame.assign(about_member=frame["about_member"].fillna(""))


def read_measures(path: Path | str) -> pd.DataFrame:
    """Read the existing local measures of administrations.

    Returns
    -------
    DataFrame
        The columns of the template and `not_transmitted`: which of them, joined by ";", the office
        answered with "dato non trasmesso". Both that and a blank cell are missing, never 0.

    Raises
    ------
    SourceError
        As :func:`read_register`; also where a measure, administration and year stand twice.
    """
    return _alone(path, "measures", None)


# --- from cells to frames ------------------------------------------------------------------


def _loaded(path: Path | str, needed: Sequence[Table], others: Sequence[Table] = ()) -> Loaded:
    """Return the cells of some tables, with what the file holds beside them."""
    loaded = load(path, needed, others)
    loaded.warnings.extend(overlooked.in_file(located(path_of(path), needed), loaded, needed))
    for sheet in loaded.sheets.values():
        loaded.warnings.extend(overlooked.spelled_twice(sheet))
    return loaded


def _alone(path: Path | str, name: str, key: bytes | None) -> pd.DataFrame:
    loaded = _loaded(path, NEEDED[name])
    typed = _frames(path, loaded, key)[name]
    odd = {
        "referrals": plausibility.referrals_warnings,
        "measures": plausibility.measures_warnings,
        "survey": plausibility.survey_warnings,
    }
    sheet, frame = loaded.sheets[name], _indexed(typed, name)
    more = odd[name](sheet, typed) if name in odd else []
    frame.attrs.update(warnings=(*loaded.warnings, *more), label=loaded.label)
    return frame


def _indexed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    index = TABLES[name].index
    stated = {one.name: "bool" for one in TABLES[name].fields if one.dtype == "bool"}
    frame = frame.astype(stated)
    return frame.set_index(index) if index and index in frame else frame.reset_index(drop=True)


def _frames(path: Path | str, loaded: Loaded, key: bytes | None) -> dict[str, pd.DataFrame]:
    """Return the typed tables, their index the user's row number; raise every problem at once."""
    frames = {}
    problems = loaded.problems
    identities = [one for sheet in loaded.sheets.values() for one in _identities(sheet)]
    readers = {
        name: _Reader(sheet, problems, key, loaded.warnings, identities)
        for name, sheet in loaded.sheets.items()
    }
    for name, reader in readers.items():
        frames[name] = reader.frame()
        _validate(reader, frames[name])
        if name == "measures":
            frames[name]["not_transmitted"] = reader.not_transmitted()
    for reader in readers.values():
        _refer(reader, frames)
    if found := problems.all():
        raise SourceError.of_file(safe_name(path_of(path)), found, CURE)
    return frames


def _identities(sheet: Sheet) -> list[pa.Array]:
    """Return the codes of persons in a sheet, in capitals."""
    personal_columns = [one.name for one in sheet.table.fields if one.personal]
    return [pc.utf8_upper(sheet.columns[one].unique().drop_null()) for one in personal_columns]


def _unsaid(sheet: Sheet) -> frozenset[str]:
    """Return the codes of services and places that are also those of persons."""
    found = set[str]()
    for one in ("service_code", "place_code"):
        codes = sheet.columns[one].unique().drop_null()
        for known in _identities(sheet):
            found.update(codes.filter(pc.is_in(pc.utf8_upper(codes), value_set=known)).to_pylist())
    return frozenset(found)


class _Reader:
    """Types one sheet, column by column; each distinct cell is understood once."""

    def __init__(
        self,
        sheet: Sheet,
        problems: Problems,
        key: bytes | None,
        noticed: list[Problem],
        identities: Sequence[pa.Array],
    ) -> None:
        self.sheet, self.problems, self.key, self.noticed = sheet, problems, key, noticed
        self.wrong = set(sheet.refused)
        self.silent: dict[str, np.ndarray] = {}
        self._identities = identities

    def frame(self) -> pd.DataFrame:
        """Return the table with its declared types."""
        columns = {one.name: self._column(one) for one in self.sheet.table.fields}
        return pd.DataFrame(columns, index=self.sheet.rows)

    def not_transmitted(self) -> np.ndarray:
        """Return for each row the columns whose office did not answer, joined by ";"."""
        names = list(self.silent)
        masks = np.array(list(self.silent.values())).T.reshape(len(self.sheet.rows), len(names))
        said = [";".join(np.array(names)[row]) if row.any() else "" for row in masks]
        return np.array(said, dtype=object)

    def shown(self, value: str) -> Problem:
        """Return a cell as a message may quote it."""
        if what := personal.found_in(value):
            return problem(f"seems_{what}")
        upper = pa.scalar(value.upper())
        if any(pc.index(one, upper).as_py() >= 0 for one in self._identities):
            return problem("found_person_code")
        return problem("found", cell=value[:60])

    def to_refuse(self, name: str, mask: np.ndarray) -> list[int]:
        """Return the rows of a mask whose cell in a column was not refused before."""
        rows = self.sheet.rows[mask].tolist()
        return [row for row in rows if (row, name) not in self.wrong]

    def _column(self, one: Field) -> Any:
        cells = self.sheet.columns[one.name]
        if one.personal:
            return self._pseudonyms(one, cells)
        if one.kind in ("code", "text"):
            return self._words(one, cells)
        coded = cells.dictionary_encode()
        used = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
        values = coded.dictionary.to_pylist()
        silent = np.array([plain(value) == plain(NOT_TRANSMITTED) for value in values], dtype=bool)
        typed = [
            None if quiet else _PARSERS[one.kind](value, one)
            for value, quiet in zip(values, silent, strict=True)
        ]
        if silent.any():
            self.silent[one.name] = (used >= 0) & silent[used]
        self._refuse(one, used, values, typed)
        typed = [None if isinstance(value, _Wrong) else value for value in typed]
        return _spread(one, used, typed)

    def _refuse(self, one: Field, used: np.ndarray, values: list[str], typed: list[Any]) -> None:
        """Note the cells that could not be understood, once a row."""
        bad = {at: value for at, value in enumerate(typed) if isinstance(value, _Wrong)}
        if not bad:
            return
        hit = np.isin(used, list(bad))
        value_of = dict(zip(self.sheet.rows[hit].tolist(), used[hit].tolist(), strict=True))

        def unexpected(row: int) -> Problem:
            value, wrong = values[value_of[row]], bad[value_of[row]]
            expected = (one.expected, *_advice(value, wrong))
            return problem("unexpected", found=self.shown(value), expected=expected)

        rows = self.to_refuse(one.name, hit)
        self.problems.add_rows(self.sheet, one.name, rows, unexpected)
        self.wrong.update((row, one.name) for row in rows)

    def _words(self, one: Field, cells: pa.Array) -> pd.Series:
        """Return codes and free words, once they are seen to name nobody."""
        cells = _transmitted(cells)
        if one.kind == "code" or one.of_body:
            self._refuse_unknown(one, cells)
        allowed = set() if self.sheet.table.about_persons else _OF_REGISTERS
        asked = cells.unique().drop_null()
        if one.kind == "code":
            asked = asked.filter(pc.match_substring_regex(asked, _SUSPECT))
        kinds = {
            value: what
            for value in asked.to_pylist()
            if (what := personal.found_in(value, words=one.kind == "text")) and what not in allowed
        }
        if kinds:
            hit = pc.is_in(cells, pa.array(list(kinds), pa.string()))
            at = np.flatnonzero(hit.to_numpy(zero_copy_only=False))
            said = {int(self.sheet.rows[row]): kinds[cells[int(row)].as_py()] for row in at}
            person = problem("member_is_person") if one.of_body else refusal(personal.NAME)
            self.problems.add_rows(
                self.sheet, one.name, said,
                lambda row: person if said[row] == personal.NAME else refusal(said[row]),
            )  # fmt: skip
        text: pd.Series = cells.to_pandas()
        return _strings(text, self.sheet.rows)

    def _pseudonyms(self, one: Field, cells: pa.Array) -> pd.Series:
        if self.key is None:
            raise TypeError(f"{one.name} needs a key")
        coded = _transmitted(cells).dictionary_encode()
        self._refuse_unknown(one, cells)
        self._notice_identities(one, coded.dictionary)
        names = pseudonyms(coded.dictionary.to_pylist(), self.key, one.kind)
        if again := len(names) - len(set(names)):
            self.noticed.append(problem("codes_folded", self.sheet.at(one.name), number=again))
        taken = pa.array(names, pa.string()).take(coded.indices)
        return _strings(taken.to_pandas(), self.sheet.rows)

    def _refuse_unknown(self, one: Field, cells: pa.Array) -> None:
        """Note the cells that say that nobody knows: as a code they would be one person, or one home."""
        asked = cells.unique().drop_null().to_pylist()
        unknown = [value for value in asked if _unknown_code(value)]
        # Where others are of two letters too, NR may be somebody's initials.
        if any(re.fullmatch(r"[^\W\d_]{2}", value) for value in {*asked} - {*unknown}):
            unknown = [value for value in unknown if not re.fullmatch(r"[^\W\d_]{2}", value)]
        if not unknown:
            return
        hit = pc.is_in(cells, pa.array(unknown, pa.string())).to_numpy(zero_copy_only=False)
        at = dict(zip(self.sheet.rows[hit].tolist(), np.flatnonzero(hit).tolist(), strict=True))

        def unexpected(row: int) -> Problem:
            found = problem("found", cell=cells[at[row]].as_py())
            return problem("unexpected", found=found, expected=problem("code_or_blank"))

        rows = self.to_refuse(one.name, hit)
        self.problems.add_rows(self.sheet, one.name, rows, unexpected)
        self.wrong.update((row, one.name) for row in rows)

    def _notice_identities(self, one: Field, codes: pa.Array) -> None:
        """Say, without repeating them, which codes are names, or one code written in two ways."""
        named = codes.filter(pc.match_substring_regex(codes, _IDENTITY))
        if len(named):
            cells = pc.is_in(self.sheet.columns[one.name], value_set=named)
            rows = self.sheet.rows[cells.to_numpy(zero_copy_only=False)].tolist()
            where = self.sheet.at(one.name, tuple(rows))
            self.noticed.append(problem("codes_like_names", where, number=len(named)))
        digits = codes.filter(pc.match_substring_regex(codes, r"^\d+$"))
        lost = len(digits) - len(pc.utf8_ltrim(digits, "0").unique())
        if lost:
            self.noticed.append(problem("lost_zeros", self.sheet.at(one.name), number=lost))


_IDENTITY = rf"(?i)^{personal.TAX_CODE_FORM}$|^\pL{{2,}}(?:[ '’]\pL+)+$"
# What a code needs to look like before it is worth asking whether it names somebody: letters only,
# a tax code's beginning, a mobile number, an address of the net, a foreign prefix.
_SUSPECT = (
    rf"(?i)^[^0-9]*[^\W\d_]{{3,}}[^0-9]*$|{personal.TAX_CODE_BEGINNING}"
    r"|3[2-9]\d(?:[\s./-]?\d){6,7}|@|^(?:\+|00)|\s"
)


def _unknown_code(value: str) -> bool:
    """Whether a code says that nobody knows it: "n.d.", "-", "sconosciuto"."""
    said = plain(value)
    return said in _NO_ANSWER or not (said or any(map(str.isalnum, value)))


def _advice(value: str, wrong: _Wrong) -> tuple[Problem, ...]:
    """Return what to write in the place of a cell, as the end of a sentence."""
    if plain(value) in _NO_ANSWER or not plain(value):
        return (problem("no_answer", words=NOT_TRANSMITTED),)
    doubt = (wrong.doubt,) if wrong.doubt else ()
    short = len(wrong.proposal) <= _MOST_ADVICE
    return doubt + plausibility.proposed(wrong.proposal if short else "")


def _transmitted(cells: pa.Array) -> pa.Array:
    """Return the cells, null where an office did not answer."""
    silent = pc.equal(pc.utf8_lower(cells), NOT_TRANSMITTED)
    return (
        pc.if_else(silent, pa.scalar(None, pa.string()), cells) if pc.any(silent).as_py() else cells
    )


def _strings(text: pd.Series, rows: np.ndarray) -> pd.Series:
    return pd.Series(text.array, index=rows, dtype="str")


def _spread(one: Field, used: np.ndarray, typed: list[Any]) -> Any:
    """Return the column whose cells use the typed values; -1 is missing."""
    if one.dtype == "datetime64[ns]":
        days = np.array([*typed, None], dtype="datetime64[D]").astype("datetime64[ns]")
        return days[used]
    if one.dtype == "float64":
        return np.array([*(np.nan if v is None else v for v in typed), np.nan], dtype=float)[used]
    if one.dtype in ("bool", "boolean"):
        truth = np.array([*(v is True for v in typed), False])[used]
        blank = np.array([*(v is None for v in typed), True])[used]
        return pd.arrays.BooleanArray(truth, blank)
    words = pa.array(typed, pa.string()).take(pa.array(used, mask=used < 0)).to_pandas()
    return words.array


# --- one cell ------------------------------------------------------------------------------


def _date(value: str, _: Field) -> Any:
    """Return a date written as 31/12/2025 or 2025-12-31; of other ways to write one, the proposal."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.]+)?", value)
    if found:
        return _day(*map(int, found.groups())) or _Wrong()
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: [\d:.]+)?", value)
    if found:
        first, second, year = map(int, found.groups())
        if day := _day(year, second, first):
            return day
        turned = _day(year, first, second)
        return _Wrong(f"{turned:%d/%m/%Y}", problem("turned_date")) if turned else _Wrong()
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2})", value.strip("'"))
    if found:
        short = _day(2000 + int(found[3]), int(found[2]), int(found[1]))
        return _Wrong(f"{short:%d/%m/%Y}" if short else "")
    found = re.fullmatch(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", value)
    if found:
        named = _day(*map(int, found.groups()))
        return _Wrong(f"{named:%d/%m/%Y}" if named else "")
    found = re.fullmatch(r"(\d{1,2})[°º]?\s+([a-z]+)\s+(\d{4})", plain(value))
    if found and found[2] in _MONTHS:
        named = _day(int(found[3]), _MONTHS[found[2]], int(found[1]))
        return _Wrong(f"{named:%d/%m/%Y}" if named else "")
    if re.fullmatch(r"\d{5}", value) and int(value) in _SERIALS:
        return _Wrong(f"{pd.Timestamp('1899-12-30') + pd.Timedelta(days=int(value)):%d/%m/%Y}")
    return _Wrong()


def _day(year: int, month: int, day: int) -> Any:
    try:
        found = pd.Timestamp(year=year, month=month, day=day).date()
    except ValueError:
        return None
    return found if _FIRST_YEAR <= year <= _LAST_YEAR else None


def _number(value: str, one: Field) -> Any:
    """Return a number written in Italian (1.234,5) or with a decimal point (1234.5)."""
    text = value.replace("€", "").replace("\xa0", " ").strip()
    if re.fullmatch(r"-?\d{1,3}(?:\.\d{3})+,\d+|-?\d+,\d+", text):
        return float(text.replace(".", "").replace(",", "."))
    if re.fullmatch(r"-?\d{1,15}", text) or re.fullmatch(r"-?\d{1,3}(?:\.\d{3}){2,}", text):
        return float(text.replace(".", ""))
    if re.fullmatch(r"-?\d{1,3}\.\d{3}", text):
        # One thousand two hundred, or one and two tenths: only a whole number leaves no doubt.
        if one.kind == "integer":
            return float(text.replace(".", ""))
        whole, fraction = text.replace(".", ""), text.replace(".", ",").rstrip("0").rstrip(",")
        return _Wrong(doubt=problem("two_numbers", whole=whole, fraction=fraction))
    if re.fullmatch(r"-?\d*\.\d+", text):
        return float(text)
    clock = re.fullmatch(r"(\d{1,2}):([0-5]\d)(?::00)?", text)
    if clock and one.name == "hours":
        hours = int(clock[1]) + int(clock[2]) / 60
        return _Wrong(f"{hours:.4g}".replace(".", ","))
    words = re.fullmatch(r"(-?[\d.,]+)\s*(?:euro|eur|giorni|gg|mq|m2|m²|ore|h)\.?", text.casefold())
    certain = words and not isinstance(_number(words[1], one), _Wrong)
    return _Wrong(words[1] if words and certain else "")


def _yes_no(value: str, _: Field) -> Any:
    said = plain(value)
    return True if said in _YES else False if said in _NO else _Wrong()


def _choice(value: str, one: Field) -> Any:
    """Return the code of a label, in Italian or English, or of the code itself."""
    labels = _labels(tuple(one.choices.items()))
    said = plain(value)
    if said in labels:
        return labels[said]
    if code := _similar(said, labels):
        return _Wrong(one.choices[code])
    return _Wrong()


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
    if not any(isinstance(code, _Wrong) for code in codes):
        return ";".join(dict.fromkeys(codes)) or None
    proposed: list[str] = []
    for part, code in zip(parts, codes, strict=True):
        if not isinstance(code, _Wrong):
            proposed.append(one.choices[code])
        else:
            proposed += _apart(part, one) or [code.proposal]
    doubt = None
    unknown = tuple(at for at, said in enumerate(proposed, start=1) if not said)
    if unknown and len(proposed) > 1:
        doubt = problem("unknown_entries", count=len(unknown), entries=unknown)
    return _Wrong("; ".join(dict.fromkeys(proposed)) if all(proposed) else "", doubt)


def _apart(value: str, one: Field) -> list[str]:
    """Return the labels that a cell joins by commas, slashes or line breaks; [] if it joins none.

    Labels have commas themselves: of the pieces that may be one, the longest run is taken.
    """
    pieces = [piece for piece in re.split(r"[,/|\n+]|\s[-–]\s", value) if piece.strip()]
    found, at = list[str](), 0
    while len(pieces) > 1 and at < len(pieces):
        for end in range(len(pieces), at, -1):
            code = _choice(" ".join(pieces[at:end]), one)
            exact = not isinstance(code, _Wrong)
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
        return value if value in known else _Wrong()
    if value.isdigit():
        return _Wrong(value.zfill(6) if value.zfill(6) in known else "")
    match = match_names([value]).iloc[0]
    code, method = match["municipality_code"], match["method"]
    if method == "none":
        *others, last = match["candidates"].split("; ")
        may_be = problem("may_be", count=len(others) + 1, others=tuple(others), last=last)
        return _Wrong(doubt=may_be if last else None)
    if method == "fuzzy":
        meant = match["candidates"].split("; ")[0].removeprefix(code).strip()
        return _Wrong(code, problem("if_meant", name=meant))
    return _Wrong(code, problem("ceased") if method == "former name" else None)


_PARSERS: Mapping[str, Callable[[str, Field], Any]] = {
    "date": _date, "number": _number, "integer": _number, "yes_no": _yes_no, "choice": _choice,
    "choices": _choices, "municipality": _municipality,
}  # fmt: skip


# --- rules over a table --------------------------------------------------------------------


def _validate(reader: _Reader, frame: pd.DataFrame) -> None:
    """Note what is missing, out of bounds or repeated; a cell already refused is not refused twice.

    Types and lists of choices were seen to cell by cell.
    """
    sheet = reader.sheet
    reader.problems.add_rows(sheet, "", overlooked.totals(sheet), problem("total_row"))
    for one in sheet.table.fields:
        if one.name in sheet.absent:
            continue
        if one.required:
            rows = reader.to_refuse(one.name, frame[one.name].isna().to_numpy())
            missing = problem("missing", expected=one.expected)
            reader.problems.add_rows(sheet, one.name, rows, missing)
        _bounded(reader, one, frame[one.name])
    if sheet.table.index and sheet.table.index not in sheet.absent:
        _unique(reader, sheet.table.index, frame[sheet.table.index])
    if sheet.table.name == "measures":
        again = frame.duplicated(["measure_name", "administration_name", "year"]).to_numpy()
        twice = problem("measure_twice")
        reader.problems.add_rows(sheet, "measure_name", sheet.rows[again], twice)


def _bounded(reader: _Reader, one: Field, cells: pd.Series) -> None:
    """Note the numbers that a column may not hold."""

    def beyond(row: int) -> Problem:
        found = problem("found", cell=float(cells[row]))
        return problem("out_of_bounds", found=found, expected=one.expected)

    rows = reader.to_refuse(one.name, out_of_bounds(one, cells))
    reader.problems.add_rows(reader.sheet, one.name, rows, beyond)


def _unique(reader: _Reader, name: str, codes: pd.Series) -> None:
    """Note the codes that stand in several rows, each with the others."""
    again = codes.notna() & codes.duplicated(keep=False)
    if not again.any():
        return
    rows_of = codes[again].groupby(codes[again]).groups

    def repeated(row: int) -> Problem:
        others = [int(one) for one in rows_of[codes[row]] if one != row]
        more = ("...",) if len(others) > _NAMED_ROWS else ()
        return problem(
            "repeated", found=reader.shown(codes[row]), count=len(others),
            rows=(*others[:_NAMED_ROWS], *more),
        )  # fmt: skip

    rows = reader.to_refuse(name, again.to_numpy())
    reader.problems.add_rows(reader.sheet, name, rows, repeated)


def _refer(reader: _Reader, frames: Mapping[str, pd.DataFrame]) -> None:
    """Note the codes that the table they refer to does not have."""
    sheet = reader.sheet
    for one in sheet.table.fields:
        target = TABLES.get(one.refers)
        if target is None or one.refers not in frames:
            continue
        known = frames[one.refers][target.index]
        codes = frames[sheet.table.name][one.name]
        # A million codes in a million: Arrow looks them up, pandas would go one by one.
        there = pc.is_in(pa.array(codes.array), value_set=pa.array(known.array))
        lost = codes.notna().to_numpy() & ~there.to_numpy(zero_copy_only=False)
        rows = reader.to_refuse(one.name, lost)
        spelled: dict[str, str] = {}
        if rows and not target.about_persons:
            spelled = {_bare(code): code for code in known.dropna()}
        _unknown(reader, one, rows, codes, spelled)


def _unknown(
    reader: _Reader, one: Field, rows: list[int], codes: pd.Series, spelled: Mapping[str, str]
) -> None:
    """Note codes that another table does not have, with the one that is meant."""
    of_sheet = problem("of_sheet", sheet=TABLES[one.refers].sheet)

    def unknown(row: int) -> Problem:
        among = (of_sheet, *plausibility.proposed(spelled.get(_bare(codes[row]), "")))
        return problem("unknown_reference", found=reader.shown(codes[row]), among=among)

    reader.problems.add_rows(reader.sheet, one.name, rows, unknown)


def _bare(code: str) -> str:
    """Return a code as a hasty hand may write it: Excel takes the leading zeros from a number."""
    return plain(code).lstrip("0")
