"""Registers, stays, referrals, surveys and local measures, read, checked and pseudonymised.

All problems of a file are raised at once, in Italian, naming sheet, row and column; what is only
odd is a warning and does not stop. No message repeats what identifies a guest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
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
from needs_analysis.services.files.entries import PARSERS, Wrong, advice, is_unknown
from needs_analysis.services.files.fields import Field, TableSchema, out_of_bounds
from needs_analysis.services.files.problems import path_of, problem
from needs_analysis.services.files.pseudonyms import pseudonyms, read_key
from needs_analysis.services.files.schema import (
    NEEDED,
    NOT_TRANSMITTED,
    TABLES,
    Origin,
    Register,
    Stays,
    empty,
)

_NAMED_ROWS = 5
"""How many other rows of a code written twice a message names."""
_OF_REGISTERS = {personal.NAME, personal.ADDRESS}
"""What a register may hold: bodies and streets are no guests."""


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
    frames = typed_tables(path, loaded)
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
    frames = typed_tables(path, loaded, secret)
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


def read_policies(path: Path | str) -> pd.DataFrame:
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


def _loaded(
    path: Path | str, needed: Sequence[TableSchema], others: Sequence[TableSchema] = ()
) -> Loaded:
    """Return the cells of some tables, with what the file holds beside them."""
    loaded = load(path, needed, others)
    loaded.warnings.extend(overlooked.in_file(located(path_of(path), needed), loaded, needed))
    for sheet in loaded.sheets.values():
        loaded.warnings.extend(overlooked.spelled_twice(sheet))
    return loaded


def _alone(path: Path | str, name: str, key: bytes | None) -> pd.DataFrame:
    loaded = _loaded(path, NEEDED[name])
    typed = typed_tables(path, loaded, key)[name]
    odd = {
        "referrals": plausibility.referrals_warnings,
        "measures": plausibility.policies_warnings,
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


def typed_tables(
    path: Path | str,
    loaded: Loaded,
    key: bytes | None = None,
    judge: Callable[[Mapping[str, pd.DataFrame]], None] = lambda _: None,
) -> dict[str, pd.DataFrame]:
    """Return the typed tables, their index the user's row number; raise every problem at once.

    `judge` sees them before: it notes among the problems of `loaded` what the rows are together; a
    cell that was refused is blank to it.
    """
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
    judge(frames)
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

    def refuse(
        self, name: str, mask: np.ndarray, what: Problem | Callable[[int], Problem]
    ) -> list[int]:
        """Note the cells of a column that were not refused before; return their rows."""
        rows = [row for row in self.sheet.rows[mask].tolist() if (row, name) not in self.wrong]
        self.problems.add_rows(self.sheet, name, rows, what)
        return rows

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
            None if quiet else PARSERS[one.kind](value, one)
            for value, quiet in zip(values, silent, strict=True)
        ]
        if silent.any():
            self.silent[one.name] = (used >= 0) & silent[used]
        self._refuse(one, used, values, typed)
        typed = [None if isinstance(value, Wrong) else value for value in typed]
        return _spread(one, used, typed)

    def _refuse(self, one: Field, used: np.ndarray, values: list[str], typed: list[Any]) -> None:
        """Note the cells that could not be understood, once a row."""
        bad = {at: value for at, value in enumerate(typed) if isinstance(value, Wrong)}
        if not bad:
            return
        hit = np.isin(used, list(bad))
        value_of = dict(zip(self.sheet.rows[hit].tolist(), used[hit].tolist(), strict=True))

        def unexpected(row: int) -> Problem:
            value, wrong = values[value_of[row]], bad[value_of[row]]
            expected = (one.expected, *advice(value, wrong))
            return problem("unexpected", found=self.shown(value), expected=expected)

        self.wrong.update((row, one.name) for row in self.refuse(one.name, hit, unexpected))

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
        asked = cells.unique().drop_null()
        # No such word has a digit, nearly all codes do.
        asked = asked.filter(pc.invert(pc.match_substring_regex(asked, "[0-9]"))).to_pylist()
        unknown = [value for value in asked if is_unknown(value)]
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

        self.wrong.update((row, one.name) for row in self.refuse(one.name, hit, unexpected))

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
            missing = problem("missing", expected=one.expected)
            reader.refuse(one.name, frame[one.name].isna().to_numpy(), missing)
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

    reader.refuse(one.name, out_of_bounds(one, cells), beyond)


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

    reader.refuse(name, again.to_numpy(), repeated)


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
        spelled: dict[str, str] = {}
        if lost.any() and not target.about_persons:
            spelled = {_bare(code): code for code in known.dropna()}
        _unknown(reader, one, lost, codes, spelled)


def _unknown(
    reader: _Reader, one: Field, lost: np.ndarray, codes: pd.Series, spelled: Mapping[str, str]
) -> None:
    """Note codes that another table does not have, with the one that is meant."""
    of_sheet = problem("of_sheet", sheet=TABLES[one.refers].sheet)

    def unknown(row: int) -> Problem:
        among = (of_sheet, *plausibility.proposed(spelled.get(_bare(codes[row]), "")))
        return problem("unknown_reference", found=reader.shown(codes[row]), among=among)

    reader.refuse(one.name, lost, unknown)


def _bare(code: str) -> str:
    """Return a code as a hasty hand may write it: Excel takes the leading zeros from a number."""
    return plain(code).lstrip("0")
