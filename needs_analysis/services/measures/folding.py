"""From rows to figures: sums by service, ambito, group and year, with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.services.files.nights import Ints
from needs_analysis.services.files.schema import UNSTATED
from needs_analysis.services.measures import intervals, survival
from needs_analysis.services.measures.intervals import Bounds, Floats
from needs_analysis.services.measures.records import LEVELS, Records
from needs_analysis.services.measures.window import Kind, Part, Tally
from needs_analysis.words import ITALIAN, N_, Voice

Block: TypeAlias = Mapping[str, npt.NDArray[Any]]
"""Figures of one tally at one level: an array for each of ``COLUMNS``."""
COLUMNS = (
    "measure",
    "level",
    "level_value",
    "numerator",
    "denominator",
    "value",
    "low",
    "high",
    "note",
)
WIDE_SHARE = 0.2
"""An interval wider than this is said to be wide."""
NOTES: Mapping[str, str] = {
    "wide_interval": N_("intervallo ampio: pochi casi, la quota vera può essere molto diversa"),
    "too_few": N_("troppo pochi casi per un intervallo"),
    "not_reached": N_("più della metà è ancora presente: la mediana non è raggiunta"),
    "no_case": N_("nessun caso"),
    "above_one": N_(
        "oltre il 100 %: più ospiti nello stesso posto o notti fuori dai giorni disponibili"
    ),
    "not_transmitted": N_("non indicato o non trasmesso"),
    "partly_not_transmitted": N_(
        "non indicato o non trasmesso per una parte dei casi, che resta fuori"
    ),
}
"""What a measure's note says; several codes are joined by ";"."""


def note_text(note: str, voice: Voice = ITALIAN) -> str:
    """Return a note's codes as words.

    Examples
    --------
    >>> note_text("too_few;not_transmitted")
    'troppo pochi casi per un intervallo; non indicato o non trasmesso'
    """
    return "; ".join(voice.say(NOTES[code]) for code in note.split(";") if code)


@dataclass(frozen=True, eq=False)
class Folded:
    """The rows of a tally at one level, sorted out by the label they belong to."""

    code: Ints
    numerator: Floats
    denominator: Floats
    cluster: Ints
    size: int
    missing: Floats

    def sums(self, values: Floats) -> Floats:
        """Return the sum of values by label."""
        # Without rows numpy counts, in whole numbers.
        return np.bincount(self.code, weights=values, minlength=self.size).astype(float)

    def by_label(self, rows: Ints) -> Ints:
        """Return the order of rows by label, their own order kept within a label."""
        # The shortest numbers: numpy sorts those of 8 and 16 bits by radix.
        short = self.code.astype(np.min_scalar_type(self.size))
        return np.argsort(short[rows], kind="stable")

    @cached_property
    def known(self) -> Floats:
        """Return the rows by label."""
        return np.bincount(self.code, minlength=self.size).astype(float)


@dataclass(frozen=True)
class Result:
    """Figures by label."""

    numerator: Floats
    denominator: Floats
    value: Floats
    bounds: Bounds


def measures_of(records: Records, tallies: Iterable[Tally]) -> Iterator[Block]:
    """Yield all figures of some tallies: over all, by service, by ambito, by group."""
    for tally in tallies:
        for level in ("all", *LEVELS):
            yield from at(records, tally, level)


def joined(blocks: Iterable[Block]) -> pd.DataFrame:
    """Return blocks of figures as one frame."""
    some = [block for block in blocks if len(block["measure"])]
    if not some:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.DataFrame({name: np.concatenate([one[name] for one in some]) for name in COLUMNS})


def at(records: Records, tally: Tally, level: str, value: str = "") -> Iterator[Block]:
    """Yield a tally's figures at a level, if its rows have it; `value` names "all" otherwise."""
    parts = parts_at(records, tally, level)
    if not parts:
        return
    labels = [value] if level == "all" else records.labels[level]
    folded = fold(records, parts, level, len(labels))
    result = _BY_KIND[tally.kind](folded)
    notes = _notes(tally, folded, result)
    shown = np.ones(len(labels), dtype=bool)
    if level != "all":
        counted = (folded.known > 0) | (folded.missing > 0)
        shown = counted if level == "group" else counted | (np.array(labels) != UNSTATED)
    unknown = (folded.known == 0) & (folded.missing > 0)
    said = {
        "measure": tally.measure,
        "level": level if level != "all" or not value else "year",
    }
    # Hundreds of blocks a run: as arrays, a frame of each would take a tenth of the time.
    yield {name: repeated(word, int(shown.sum())) for name, word in said.items()} | {
        "level_value": np.array(labels, dtype=object)[shown],
        "numerator": np.where(unknown, np.nan, result.numerator)[shown],
        "denominator": result.denominator[shown],
        "value": np.where(unknown, np.nan, result.value)[shown],
        "low": result.bounds[0][shown],
        "high": result.bounds[1][shown],
        "note": np.array(notes, dtype=object)[shown],
    }


def repeated(word: object, times: int) -> npt.NDArray[Any]:
    """Return one value over and over; words stay objects, as pandas would have them."""
    return np.full(times, word, dtype=object if isinstance(word, str) else None)


def parts_at(records: Records, tally: Tally, level: str) -> list[Part]:
    """Return the parts that can be told apart at a level; none where a needed one cannot."""
    having = [part for part in tally.parts if level in records.codes[part.table]]
    needed = tally.parts if tally.kind in ("ratio", "rate", "quotient") else tally.parts[:1]
    return having if all(any(part is one for one in having) for part in needed) else []


def fold(records: Records, parts: list[Part], level: str, size: int) -> Folded:
    """Return the rows of parts at a level, what was not transmitted apart."""
    code = np.concatenate([records.codes[part.table][level][part.rows] for part in parts])
    numerator = np.concatenate([part.numerator for part in parts])
    denominator = np.concatenate([part.denominator for part in parts])
    cluster = np.concatenate([part.cluster for part in parts])
    absent = np.isnan(numerator)
    missing = np.bincount(code[absent], minlength=size).astype(float)
    if absent.any():
        there = ~absent
        code, numerator = code[there], numerator[there]
        denominator, cluster = denominator[there], cluster[there]
    return Folded(code, numerator, denominator, cluster, size, missing)


def _over(folded: Folded) -> tuple[Floats, Floats, Floats]:
    above, below = folded.sums(folded.numerator), folded.sums(folded.denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        return above, below, np.where(below > 0, above / below, np.nan)


def _none(size: int) -> Bounds:
    return np.full(size, np.nan), np.full(size, np.nan)


def _count(folded: Folded) -> Result:
    total = folded.sums(folded.numerator)
    return Result(total, np.full(folded.size, np.nan), total, _none(folded.size))


def _share(folded: Folded) -> Result:
    above, below, share = _over(folded)
    return Result(above, below, share, intervals.wilson(above, below))


def _ratio(folded: Folded) -> Result:
    above, below, ratio = _over(folded)
    apart = folded.cluster - folded.cluster.min(initial=0)
    span = int(apart.max(initial=0)) + 1
    keys, own = np.unique(folded.code * span + apart, return_inverse=True)
    y = np.bincount(own, weights=folded.numerator, minlength=len(keys))
    x = np.bincount(own, weights=folded.denominator, minlength=len(keys))
    code = keys // span
    counted = (x > 0) | (y > 0)
    off = np.where(counted, y - np.nan_to_num(ratio[code]) * x, 0.0)
    squares = np.bincount(code, weights=off**2, minlength=folded.size).astype(float)
    clusters = np.bincount(code, weights=counted, minlength=folded.size).astype(float)
    return Result(above, below, ratio, intervals.of_ratio(above, below, squares, clusters))


def _rate(folded: Folded) -> Result:
    above, below, rate = _over(folded)
    low, high = intervals.of_count(above)
    with np.errstate(divide="ignore", invalid="ignore"):
        over = np.where(below > 0, 1 / below, np.nan)
    return Result(above, below, rate, (low * over, high * over))


def _quotient(folded: Folded) -> Result:
    above, below, quotient = _over(folded)
    return Result(above, below, quotient, _none(folded.size))


def _mean(folded: Folded) -> Result:
    count, total = folded.known, folded.sums(folded.numerator)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(count > 0, total / count, np.nan)
    squares = folded.sums((folded.numerator - mean[folded.code]) ** 2)
    return Result(total, count, mean, intervals.of_mean(total, squares, count))


def _median(folded: Folded) -> Result:
    by_value = np.argsort(folded.numerator)
    order = by_value[folded.by_label(by_value)]
    values, count = folded.numerator[order], folded.known
    first = np.r_[0, np.cumsum(count)[:-1]].astype(np.int64)
    below, above = intervals.median_ranks(count)

    def ranked(rank: Floats) -> Floats:
        known = (rank >= 1) & (rank <= count)
        place = np.where(known, first + np.nan_to_num(rank, nan=1) - 1, 0).astype(np.int64)
        return (
            np.where(known, values[place], np.nan) if len(values) else np.full(folded.size, np.nan)
        )

    median = (ranked(np.floor((count + 1) / 2)) + ranked(np.ceil((count + 1) / 2))) / 2
    return Result(folded.sums(folded.numerator), count, median, (ranked(below), ranked(above)))


def each_label(folded: Folded) -> Iterator[tuple[int, Ints]]:
    """Yield each label's position with the positions of its rows."""
    order = folded.by_label(np.arange(len(folded.code)))
    ends = np.cumsum(np.bincount(folded.code, minlength=folded.size))
    for label, end in enumerate(ends):
        start = ends[label - 1] if label else 0
        yield label, order[start:end]


def _survival(folded: Folded) -> Result:
    found = np.full((3, folded.size), np.nan)
    for label, rows in each_label(folded):
        if len(rows):
            curve = survival.curve(folded.denominator[rows], folded.numerator[rows] > 0)
            found[:, label] = survival.time_to_share(curve)
    return Result(folded.sums(folded.numerator), folded.known, found[0], (found[1], found[2]))


_BY_KIND: Mapping[Kind, Callable[[Folded], Result]] = {
    "count": _count,
    "share": _share,
    "ratio": _ratio,
    "rate": _rate,
    "quotient": _quotient,
    "mean": _mean,
    "median": _median,
    "survival": _survival,
}


def _notes(tally: Tally, folded: Folded, result: Result) -> list[str]:
    """Return the codes of what a reader must know, by label."""
    counting = tally.kind == "count"
    none_sent = (folded.missing > 0) & (folded.known == 0)
    low, high = result.bounds
    cases = ~np.isnan(result.value)
    empty = np.zeros(folded.size, dtype=bool)
    with np.errstate(invalid="ignore"):
        said = {
            "not_transmitted": none_sent,
            "partly_not_transmitted": (folded.missing > 0) & ~none_sent,
            "no_case": empty if counting else ~(result.denominator > 0) & ~none_sent,
            "not_reached": ~cases & (folded.known > 0) if tally.kind == "survival" else empty,
            "above_one": result.value > 1 if tally.measure == "occupancy_share" else empty,
            "too_few": cases & np.isnan(low) & (tally.kind in ("mean", "median", "ratio")),
            "wide_interval": high - low > WIDE_SHARE if tally.kind in ("share", "ratio") else empty,
        }
    return [
        ";".join(code for code, where in said.items() if where[label])
        for label in range(folded.size)
    ]
