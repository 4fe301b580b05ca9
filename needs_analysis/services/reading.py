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

from needs_analysis import parameters
from needs_analysis.errors import SourceError
from needs_analysis.services import personal
from needs_analysis.services.cells import CURE, Loaded, Problems, Sheet, load, refusal
from needs_analysis.services.pseudonyms import pseudonyms, read_key
from needs_analysis.services.schema import (
    NEEDED,
    NOT_TRANSMITTED,
    TABLES,
    Field,
    Register,
    Stays,
    empty,
    pandera_schema,
)
from needs_analysis.sources.reading import MANY, plain, safe_name

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
_OF_REGISTERS = {personal.NAME, personal.ADDRESS}
"""What a register may hold: bodies and streets are no guests."""


@dataclass(frozen=True)
class _Wrong:
    """A cell that cannot be taken, with what it should be where that is certain, or why it is not."""

    proposal: str = ""
    doubt: str = ""


# --- public readers ------------------------------------------------------------------------


def read_register(path: Path | str) -> Register:
    """Read services, dwellings and places.

    Parameters
    ----------
    path : Path or str
        The workbook, or the folder of CSV files, made from the template.

    Returns
    -------
    Register
        With its warnings: over 12 beds in a transitional dwelling, places occupied though closed,
        more places than beds, closed before opened, the address of a protected service (left out).

    Raises
    ------
    SourceError
        With every problem: sheet, row, column, what was found, what is expected and, where it is
        certain, the correction.
    """
    loaded = load(path, NEEDED["register"])
    frames = _frames(path, loaded, None)
    dwellings, protected = _without_addresses(frames["dwellings"], frames["services"])
    warnings = (*loaded.warnings, *protected, *_register_warnings(loaded, frames))
    return Register(
        _indexed(frames["services"], "services"),
        _indexed(dwellings, "dwellings"),
        _indexed(frames["places"], "places"),
        warnings,
        loaded.label,
    )


def read_stays(path: Path | str, key: Path | str) -> Stays:
    """Read stays, activities and absences; guests and households become pseudonyms.

    Parameters
    ----------
    path : Path or str
        The workbook, or the folder of CSV files, made from the template.
    key : Path or str
        The file of the secret key (:func:`create_key`), outside the data.

    Returns
    -------
    Stays
        With its warnings: exit before entry (such stays are not `usable`), overlapping stays of one
        guest, stays past 18 months, more goals reached than set.

    Raises
    ------
    SourceError
        As :func:`read_register`; names, tax codes, phone numbers and addresses are refused.
    """
    secret = read_key(key, path)
    others = ("activities", "absences")
    loaded = load(path, NEEDED["stays"], [TABLES[name] for name in others])
    frames = _frames(path, loaded, secret)
    warnings = (*loaded.warnings, *_stays_warnings(loaded, frames))
    stays = _indexed(frames["stays"], "stays")
    activities, absences = (_indexed(frames.get(one, empty(one)), one) for one in others)
    return Stays(stays, activities, absences, warnings, loaded.label)


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


def check_together(register: Register, stays: Stays) -> tuple[str, ...]:
    """Return what does not agree between a register and its stays, in Italian.

    Parameters
    ----------
    register : Register
        The services and places.
    stays : Stays
        The stays in them.

    Returns
    -------
    tuple of str
        Services and places that the register does not have; guests still present in a closed place,
        or entered out of its opening. Stays are counted, not named.
    """
    frame, places, said = stays.stays, register.places, []
    for column, known in (("service_code", register.services), ("place_code", places)):
        header = TABLES["stays"].field(column).header
        codes = frame.loc[frame[column].notna() & ~frame[column].isin(known.index), column]
        if len(codes):
            said.append(
                f"{header}: {codes.nunique()} non sono nel registro ({len(codes)} accoglienze)"
            )
    of = places.reindex(frame["place_code"])
    entered = stays.usable.to_numpy()
    present = entered & frame["exit_date"].isna().to_numpy()
    entry, end = frame["entry_date"].to_numpy(), frame["exit_date"].to_numpy()
    opened, closed = of["opened"].to_numpy(), of["closed"].to_numpy()
    shut = (of["state"] == "closed").to_numpy() | ~np.isnat(closed)
    out = entered & ((entry < opened) | (entry >= closed) | (end > closed))
    for mask, what in (
        (present & shut, "posto chiuso ma ancora occupato"),
        (out & ~(present & shut), "accoglienze fuori dall'apertura del posto"),
    ):
        shown = sorted(set(frame["place_code"].to_numpy()[mask]))[:MANY]
        said += [f"posto «{code}»: {what}" for code in shown]
    return tuple(said)


# --- from cells to frames ------------------------------------------------------------------


def _alone(path: Path | str, name: str, key: bytes | None) -> pd.DataFrame:
    loaded = load(path, NEEDED[name])
    frame = _indexed(_frames(path, loaded, key)[name], name)
    frame.attrs.update(warnings=tuple(loaded.warnings), label=loaded.label)
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
    for name, sheet in loaded.sheets.items():
        reader = _Reader(sheet, problems, key, loaded.warnings)
        frames[name] = reader.frame()
        _validate(reader, frames[name])
        if name == "measures":
            frames[name]["not_transmitted"] = reader.not_transmitted()
    for sheet in loaded.sheets.values():
        _refer(sheet, frames, problems)
    if found := problems.sentences():
        raise SourceError(safe_name(Path(path)), found, CURE)
    return frames


class _Reader:
    """Types one sheet, column by column; each distinct cell is understood once."""

    def __init__(
        self, sheet: Sheet, problems: Problems, key: bytes | None, noticed: list[str]
    ) -> None:
        self.sheet, self.problems, self.key, self.noticed = sheet, problems, key, noticed
        self.wrong = set(sheet.refused)
        self.silent: dict[str, np.ndarray] = {}
        self._identities = [
            pc.utf8_upper(sheet.columns[one.name].unique().drop_null())
            for one in sheet.table.fields
            if one.personal
        ]

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

    def shown(self, value: str) -> str:
        """Return a cell as a message may quote it."""
        if what := personal.found_in(value):
            return f"sembra contenere {what} (qui non ripetuto)"
        upper = pa.scalar(value.upper())
        if any(pc.index(one, upper).as_py() >= 0 for one in self._identities):
            return "trovato il codice di una persona (qui non ripetuto)"
        return f"trovato «{value[:60]}»"

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
        said: dict[int, str] = {}
        for position in np.flatnonzero(hit):
            at, row = int(used[position]), int(self.sheet.rows[position])
            if (row, one.name) in self.sheet.refused:
                continue
            if at not in said and len(said) <= MANY:
                advice = f"; proposta: «{bad[at].proposal}»" if bad[at].proposal else ""
                advice += f"; {bad[at].doubt}" if bad[at].doubt else ""
                said[at] = f"{self.shown(values[at])}, ci si aspetta {one.expected}{advice}"
            self.wrong.add((row, one.name))
            self.problems.add(self.sheet, row, one.name, said.get(at, ""), "value")

    def _words(self, one: Field, cells: pa.Array) -> pd.Series:
        """Return codes and free words, once they are seen to name nobody."""
        cells = _transmitted(cells)
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
            for position in np.flatnonzero(hit.to_numpy(zero_copy_only=False)):
                what = kinds[cells[int(position)].as_py()]
                row = int(self.sheet.rows[position])
                self.problems.add(self.sheet, row, one.name, refusal(what), what)
        text: pd.Series = cells.to_pandas()
        return _strings(text, self.sheet.rows)

    def _pseudonyms(self, one: Field, cells: pa.Array) -> pd.Series:
        if self.key is None:
            raise ValueError(f"{one.name} needs a key")
        coded = _transmitted(cells).dictionary_encode()
        self._notice_identities(one, coded.dictionary)
        names = pseudonyms(coded.dictionary.to_pylist(), self.key, one.kind)
        taken = pa.array(names, pa.string()).take(coded.indices)
        return _strings(taken.to_pandas(), self.sheet.rows)

    def _notice_identities(self, one: Field, codes: pa.Array) -> None:
        """Say, without repeating them, which codes are names, or one code written in two ways."""
        place = f"{self.sheet.place}, colonna «{one.header}»"
        named = pc.sum(pc.match_substring_regex(codes, _IDENTITY)).as_py()
        if named:
            self.noticed.append(
                f"{place}: codici che sembrano nomi o codici fiscali: {named}; qui sono pseudonimi, "
                "ma il file resta un elenco di persone: usare un codice interno"
            )
        digits = codes.filter(pc.match_substring_regex(codes, r"^\d+$"))
        lost = len(digits) - len(pc.utf8_ltrim(digits, "0").unique())
        if lost:
            self.noticed.append(
                f"{place}: codici diversi da un altro solo per gli zeri iniziali: {lost}; valgono come "
                "persone diverse: controllare se Excel li ha tolti"
            )


_IDENTITY = r"(?i)^[a-z]{6}\d{2}[a-z]\d{2}[a-z]\d{3}[a-z]$|^\pL{2,}(?:[ '’]\pL+)+$"
# What a code needs to look like before it is worth asking whether it names somebody: letters only,
# a tax code's beginning, a mobile number, an address of the net, a foreign prefix.
_SUSPECT = (
    r"(?i)^[^0-9]*[^\W\d_]{3,}[^0-9]*$|[a-z]{3}\s?[a-z]{3}\s?[0-9lmnp-v]{2}[a-ehlmprst]"
    r"|3[2-9]\d(?:[\s./-]?\d){6,7}|@|^(?:\+|00)|\s"
)


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
        return _Wrong(f"{turned:%d/%m/%Y}" if turned else "")
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
        whole, fraction = text.replace(".", ""), text.replace(".", ",").rstrip("0")
        return _Wrong(doubt=f"può valere {whole} o {fraction}: scriverlo senza punto".rstrip(","))
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
    labels = _labels(tuple((code, *named[:2]) for code, named in one.choices.items()))
    said = plain(value)
    if said in labels:
        return labels[said]
    if code := _similar(said, labels):
        return _Wrong(one.choices[code].it)
    return _Wrong()


@cache
def _labels(choices: tuple[tuple[str, str, str], ...]) -> Mapping[str, str]:
    """Return what each code may be called."""
    return {plain(said): row[0] for row in reversed(choices) for said in row}


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
    parts = [_choice(part, one) for part in value.split(";") if part.strip()]
    if not any(isinstance(part, _Wrong) for part in parts):
        return ";".join(dict.fromkeys(parts)) or None
    proposed = [
        part.proposal if isinstance(part, _Wrong) else one.choices[part].it for part in parts
    ]
    return _Wrong("; ".join(proposed) if all(proposed) else "")


def _municipality(value: str, _: Field) -> Any:
    """Return a municipality's code of any day; from a name or a lost zero the code is proposed."""
    from needs_analysis.territory import history, match_names

    known = history.shipped().bearers.index
    if re.fullmatch(r"\d{6}", value):
        return value if value in known else _Wrong()
    if value.isdigit():
        return _Wrong(value.zfill(6) if value.zfill(6) in known else "")
    match = match_names([value]).iloc[0]
    return _Wrong(match["municipality_code"] if match["method"] in ("exact", "normalised") else "")


_PARSERS: Mapping[str, Callable[[str, Field], Any]] = {
    "date": _date, "number": _number, "integer": _number, "yes_no": _yes_no, "choice": _choice,
    "choices": _choices, "municipality": _municipality,
}  # fmt: skip


# --- rules over a table --------------------------------------------------------------------


def _validate(reader: _Reader, frame: pd.DataFrame) -> None:
    """Hold a table to its pandera schema; its failures become sentences."""
    import pandera.errors

    sheet = reader.sheet
    failures = None
    try:
        pandera_schema(sheet.table.name).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        failures = error.failure_cases
    if failures is not None:
        _explain(reader, failures)
    if sheet.table.name == "measures":
        again = frame.duplicated(["measure_name", "administration_name", "year"])
        for row in frame.index[again]:
            reader.problems.add(sheet, int(row), "measure_name", "misura, ente e anno già scritti")


def _explain(reader: _Reader, failures: pd.DataFrame) -> None:
    """Turn pandera's failure cases into sentences; a cell already refused is not refused twice."""
    sheet = reader.sheet
    for name, check, found, row in zip(
        failures["column"], failures["check"], failures["failure_case"], failures["index"],
        strict=True,
    ):  # fmt: skip
        if row is None or pd.isna(row):
            if reader.wrong or check.startswith("dtype"):
                continue
            raise AssertionError(f"{sheet.table.name}.{name}: {check}")
        if (int(row), name) in reader.wrong or name in sheet.absent:
            continue
        one = sheet.table.field(name)
        if check == "not_nullable":
            said = f"manca, ci si aspetta {one.expected}"
        elif check == "field_uniqueness":
            said = "il codice sta in più righe, ci si aspetta un codice diverso per ogni riga"
        else:
            number = f"{found:g}".replace(".", ",") if isinstance(found, float) else str(found)
            said = f"trovato «{number}», ci si aspetta {one.expected}"
        reader.problems.add(sheet, int(row), name, said, check)


def _refer(sheet: Sheet, frames: Mapping[str, pd.DataFrame], problems: Problems) -> None:
    """Note the codes that the table they refer to does not have."""
    for one in sheet.table.fields:
        target = TABLES.get(one.refers)
        if target is None or one.refers not in frames:
            continue
        known = frames[one.refers][target.index]
        codes = frames[sheet.table.name][one.name]
        # A million codes in a million: Arrow looks them up, pandas would go one by one.
        there = pc.is_in(pa.array(codes.array), value_set=pa.array(known.array))
        lost = codes[codes.notna() & ~there.to_numpy(zero_copy_only=False)]
        spelled = {_bare(code): code for code in known.dropna()} if len(lost) else {}
        for row, code in lost.items():
            meant = spelled.get(_bare(code), "")
            advice = f"; proposta: «{meant}»" if meant and not target.about_persons else ""
            said = f"il codice non è nel foglio «{target.sheet}»{advice}"
            problems.add(sheet, int(str(row)), one.name, said)


def _bare(code: str) -> str:
    """Return a code as a hasty hand may write it: Excel takes the leading zeros from a number."""
    return plain(code).lstrip("0")


# --- warnings ------------------------------------------------------------------------------


def _listed(sheet: Sheet, rows: Sequence[int] | np.ndarray, what: str) -> list[str]:
    """Return one sentence a row, and one for those beyond `MANY`."""
    said = [f"{sheet.place}, riga {row}: {what}" for row in rows[:MANY]]
    if len(rows) > MANY:
        said.append(f"{sheet.place}: altre {len(rows) - MANY} righe con {what}")
    return said


def _without_addresses(
    dwellings: pd.DataFrame, services: pd.DataFrame
) -> tuple[pd.DataFrame, list[str]]:
    """Leave out the addresses of protected services, saying how many."""
    secret = dwellings["service_code"].isin(services.loc[services["protected"], "service_code"])
    written = secret & dwellings["address"].notna()
    said = [
        f"{written.sum()} indirizzi di servizi protetti non sono stati letti: toglierli dal file"
    ]
    kept = dwellings.assign(address=dwellings["address"].mask(written))
    return kept, said if written.any() else []


def _register_warnings(loaded: Loaded, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return what a register says that deserves a look."""
    dwellings, places = frames["dwellings"], frames["places"]
    kinds = frames["services"].set_index("service_code")["service_kind"]
    most = parameters.values()["transitional_dwelling_beds_max"]
    sheet = loaded.sheets["dwellings"]
    transitional = dwellings["service_code"].map(kinds) == "transitional_dwelling"
    many = dwellings.index[transitional & (dwellings["beds"] > most)].to_numpy()
    said = _listed(sheet, many, f"più di {most:g} posti letto in un'abitazione di transizione")
    open_places = places[places["closed"].isna()].groupby("dwelling_code").size()
    held = open_places.reindex(dwellings["dwelling_code"]).to_numpy(float)
    more = dwellings.index[held > dwellings["beds"].to_numpy()].to_numpy()
    said += _listed(sheet, more, "più posti che posti letto")
    for name in ("dwellings", "places"):
        frame = frames[name]
        turned = frame.index[frame["closed"] < frame["opened"]].to_numpy()
        said += _listed(loaded.sheets[name], turned, "chiusura prima dell'apertura")
    gone = dwellings.loc[dwellings["closed"].notna(), "dwelling_code"]
    shut = places["closed"].notna() | places["dwelling_code"].isin(gone)
    taken = places.index[shut & (places["state"] == "occupied")].to_numpy()
    return said + _listed(loaded.sheets["places"], taken, "posto chiuso ma occupato")


def _stays_warnings(loaded: Loaded, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return what stays say that deserves a look."""
    frame, sheet = frames["stays"], loaded.sheets["stays"]
    entry, end = frame["entry_date"], frame["exit_date"]
    turned = end < entry
    said = _listed(sheet, frame.index[turned].to_numpy(), "uscita prima dell'ingresso, non contata")
    nowhere = frame.index[entry.isna() & end.notna()].to_numpy()
    said += _listed(sheet, nowhere, "uscita senza ingresso, non contata")
    refused = frame.index[entry.notna() & (frame["answer"] == "refused")].to_numpy()
    said += _listed(sheet, refused, "risposta «rifiutata» ma con un ingresso")
    said += _listed(sheet, _overlapping(frame[entry.notna() & ~turned]), "accoglienze sovrapposte")
    months = int(parameters.values()["prolonged_stay_months_max"])
    # Those still present are counted up to the last day that the file knows.
    days = [
        column for column in frame.columns if column in ("entry_date", "exit_date", "answer_date")
    ]
    last = frame[days].max().max()
    past = (entry + pd.DateOffset(months=months) < end.fillna(last)).fillna(False) & ~turned
    said += _listed(sheet, frame.index[past].to_numpy(), f"permanenza oltre {months} mesi")
    over = frame.index[frame["goals_reached"] > frame["goals_set"]].to_numpy()
    said += _listed(sheet, over, "più obiettivi raggiunti che fissati")
    if "absences" in frames:
        away = frames["absences"]
        back = away.index[away["to_date"] < away["from_date"]].to_numpy()
        said += _listed(loaded.sheets["absences"], back, "assenza che finisce prima di cominciare")
    return said


def _overlapping(frame: pd.DataFrame) -> np.ndarray:
    """Return the rows whose entry falls before the end of an earlier stay of the same guest."""
    end = frame["exit_date"].fillna(pd.Timestamp.max.normalize())
    days = pd.DataFrame(
        {
            "guest": pd.factorize(frame["guest"])[0],
            "entry": frame["entry_date"].to_numpy().astype("int64"),
            "end": end.to_numpy().astype("int64"),
        },
        index=frame.index,
    ).sort_values(["guest", "entry", "end"], kind="stable")
    latest = days.groupby("guest")["end"].cummax()
    same = days["guest"].eq(days["guest"].shift())
    return np.sort(days.index[same & (days["entry"] < latest.shift())].to_numpy())
