"""What no official file can hold: it is refused before it is kept, with every place where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from needs_analysis.errors import Problem
from needs_analysis.store.problems import problem

_NAMED = 10
"""How many places a problem names; more are counted."""
_FIRST_YEAR, _YEARS_AHEAD = 1861, 1  # a list of codes may be out some weeks before it holds
_CODE = re.compile(r"(?!000)[0-2][0-9]{2}(?!000)[0-9]{3}")  # provinces have numbers under 300
_NO_PLACE = "000000"  # "Mancante/errata" of the ministry
# Changes, shares of change and heights may lie under zero; so does what those without income declare.
_SIGNED = re.compile(r"_(share|ratio|score|years|m|per_\w+|to_0_eur)$")
_REVERSED_SHARE = 0.001
"""Which share of ranges may be upside down: one of 161,999 is, in the quotations of 2017/1."""


def admitted(frame: pd.DataFrame, reference_date: str) -> tuple[list[Problem], list[Problem]]:
    """Look a frame of a reader through for what cannot be.

    A range of quotations that is upside down is blanked in place where it is one in a thousand or
    fewer.

    Returns
    -------
    impossible, blanked : list of Problem
        What the file is refused for, and what was blanked.

    Examples
    --------
    >>> frame = pd.DataFrame({"municipality_code": ["108033"], "taxpayers": [-500.0]})
    >>> str(admitted(frame, "2021")[0][0])
    'taxpayers: valori sotto zero (108033: -500)'
    """
    names = _names(frame)
    reversed_ranges = list(_reversed(frame, names))
    most = _REVERSED_SHARE * len(frame)
    wrong = [one for one, rows, _ in reversed_ranges if rows.sum() > most]
    blanked = []
    for one, rows, columns in reversed_ranges:
        if rows.sum() <= most:
            frame.loc[rows, columns] = np.nan
            blanked.append(one)
    return [
        *_dates(frame, reference_date),
        *_codes(frame),
        *_numbers(frame, names),
        *wrong,
    ], blanked


def _names(frame: pd.DataFrame) -> np.ndarray:
    """Return what each row is called by: its municipality, zone, province or position."""
    rows = frame.reset_index()
    for keys in (["cadastral_code", "zone_code"], ["municipality_code"], ["cadastral_code"],
                 ["province_abbreviation"], ["year"]):  # fmt: skip
        if set(keys) <= set(rows.columns):
            named, *others = (rows[key].astype(str) for key in keys)
            for other in others:
                named = named + " " + other
            return np.asarray(named)
    return np.asarray(rows.index.astype(str))


def _placed(kind: str, rows: np.ndarray, said: list[str], **more: object) -> Problem:
    shown, left = tuple(said[:_NAMED]), int(rows.sum()) - _NAMED
    if left > 0:
        more["left"] = left
        kind += "_more"
    return problem(kind, places=shown, **more)


def _dates(frame: pd.DataFrame, reference_date: str) -> Iterator[Problem]:
    """Give the years in which no official file can have been made."""
    years = {int(one) for one in re.findall(r"(?<!\d)\d{4}(?!\d)", reference_date)}
    rows = frame.reset_index()
    if "year" in rows and pd.api.types.is_numeric_dtype(rows["year"]):
        years |= {int(one) for one in rows["year"].dropna().unique()}
    last = date.today().year + _YEARS_AHEAD
    for year in sorted(years):
        if not _FIRST_YEAR <= year <= last:
            yield problem("impossible_year", year=str(year))


def _codes(frame: pd.DataFrame) -> Iterator[Problem]:
    """Give the codes that no municipality can have."""
    rows = frame.reset_index()
    if "municipality_code" not in rows or "valid_to" in rows:  # history has provinces lost since
        return
    codes = rows["municipality_code"].drop_duplicates().astype(str)
    wrong = [one for one in codes if one and one != _NO_PLACE and not _CODE.fullmatch(one)]
    if wrong:
        yield _placed("impossible_codes", np.ones(len(wrong)), wrong)


def _numbers(frame: pd.DataFrame, names: np.ndarray) -> Iterator[Problem]:
    """Give the numbers under zero of what is counted, paid or measured, and those without end."""
    for column in frame.select_dtypes("number").columns:
        values = frame[column].to_numpy(dtype=float)
        for kind, wrong in (("without_end", np.isinf(values)), ("under_zero", values < 0)):
            if kind == "under_zero" and _SIGNED.search(str(column)):
                continue
            if wrong.any():
                said = [f"{names[at]}: {values[at]:g}" for at in np.flatnonzero(wrong)[:_NAMED]]
                yield _placed(kind, wrong, said, column=str(column))


def _reversed(
    frame: pd.DataFrame, names: np.ndarray
) -> Iterator[tuple[Problem, np.ndarray, list[str]]]:
    """Give the ranges whose lowest is over their highest, with the rows and the two columns."""
    for low in (str(name) for name in frame.columns if "_low_" in str(name)):
        high = low.replace("_low_", "_high_")
        if high not in frame:
            continue
        rows = (frame[low] > frame[high]).to_numpy()
        if rows.any():
            ends = frame.loc[rows, [low, high]].to_numpy()[:_NAMED]
            said = [
                f"{name}: {one:g} > {other:g}"
                for name, (one, other) in zip(names[rows][:_NAMED], ends, strict=True)
            ]
            yield _placed("upside_down", rows, said, column=low), rows, [low, high]
