"""A user's own columns beside ours, brought from the codes of their day; what finds no place is said.

Nothing is guessed in silence: a name that two municipalities share is left out and named, a similar
spelling is taken and named, a number that may be a thousand times another is asked about.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path

import numpy as np
import pandas as pd

from needs_analysis.errors import Messages, Problem, Refused, SourceError, Where, wanted
from needs_analysis.figures import Figures, Quality, as_figures
from needs_analysis.indicators.declaration import registry, unit_of
from needs_analysis.municipal.joins import COLUMNS
from needs_analysis.reading import number_of, plain
from needs_analysis.reading.grids import csv_grid
from needs_analysis.territory import day_of, history, match_names, municipalities, recode
from needs_analysis.territory.areas import code_of_cell
from needs_analysis.territory.recode import followed
from needs_analysis.words import N_, NN_

problem = Messages(
    "own_columns",
    {
        "no_key": N_("non c'è la colonna «{on}»: ci sono {known}"),
        "twice": N_("la colonna «{name}» c'è due volte"),
        "no_columns": N_("oltre a «{on}» non c'è una colonna di numeri"),
        "name_of_ours": N_("«{name}» è già il nome di un dato del programma"),
        "rename": N_(
            "Correggere la tabella, o dare un altro nome alle colonne che ne hanno uno nostro."
        ),
        "quality": N_("quality: «{found}» non è fra {known}"),
        "blank": N_("{field}: va detto"),
        "no_sums": N_("sums: non c'è la colonna «{name}»"),
        "no_number": N_("non sono numeri: {found}; una cella senza dato si lascia vuota"),
        "infinite": N_("un numero infinito"),
        "ambiguous": N_(
            "«{found}» è un numero con i decimali o con le migliaia? Scriverlo in un altro modo"
        ),
        "key_twice": N_("«{key}» c'è più volte"),
        "none": N_("nessuna riga è di un comune del pannello; per esempio {found}"),
        "mixed": N_(
            "codici di anni diversi: al {day} ci sono quasi tutti, ma non {codes}; una tabella ha i "
            "codici di un giorno solo"
        ),
        "other_day": N_("il pannello non ha i codici del {day}: dire quale giorno con codes_on"),
        # what is said of a table that is joined
        "unknown": NN_("{count} riga senza comune: {names}", "{count} righe senza comune: {names}"),
        "shared": N_("«{name}» può essere {candidates}: lasciato fuori"),
        "similar": N_("«{name}» è preso per {code} {own}: da controllare"),
        "without": NN_(
            "{count} comune del pannello senza riga: {names}",
            "{count} comuni del pannello senza riga: {names}",
        ),
        "summed": N_("comuni confluiti, le righe sono sommate: {names}"),
        "no_sum": N_(
            "comuni confluiti o divisi, senza valore in {columns}: {names}; ciò che è un conteggio o un "
            "importo si dice con sums"
        ),
        "in_part": N_("comuni confluiti di cui manca una riga, senza valore: {names}"),
        "shared_out": N_("righe divise fra più comuni, valori ripartiti: {names}"),
        "no_numbers": N_("colonne senza numeri, lasciate fuori: {names}"),
    },
)
NAMED = 5
"""How many of a kind a sentence names."""
_NO_RATE = ("count", "eur", "m2")
"""The units of what may be a count or an amount; anything else is a rate."""
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_GIVEN = {one.name.lower(): one for one in Quality if one < Quality.SUPPRESSED}


class NotJoined(UserWarning):
    """Something of a table of one's own found no place beside ours, or was taken with care."""


@dataclass(frozen=True)
class _Table:
    """A table as it was given: the key of each row as text, the other columns, by the row's number."""

    keys: pd.Series
    columns: pd.DataFrame
    file: Path | None

    def refused(self, problems: Sequence[Problem]) -> Refused:
        """Return the error with all that is wrong, at its place in the file."""
        cure = problem("rename")
        return (
            SourceError.of_file(self.file, problems, cure) if self.file
            else Refused(*problems, cure=cure)
        )  # fmt: skip


def join(
    panel: Figures | pd.DataFrame,
    table: pd.DataFrame | Path | str,
    on: str,
    *,
    source: str,
    vintage: str,
    quality: str = "observed",
    codes_on: pd.Timestamp | str | None = None,
    sums: Sequence[str] = (),
) -> Figures:
    """Put the numbers of a table of one's own beside figures of municipalities.

    Parameters
    ----------
    panel : Figures or DataFrame
        By municipality_code: a panel, indicators, what was joined before.
    table : DataFrame, Path or str
        One row a municipality, or the path of a CSV (any of ; , or tab between cells, decimals with a
        comma or a point).
    on : str
        Its column, or its index, that holds municipality codes (of any day since 1991, with their zeros
        or without) or names; the others are joined, those without a number left out.
    source : str
        Whom to cite.
    vintage : str
        What the figures refer to ("2023", "2018/2").
    quality : {"observed", "allocated", "modelled", "imputed"}
        How the values came to be.
    codes_on : Timestamp or str, optional
        The day of the panel's municipalities; 1 January 2022 when omitted.
    sums : sequence of str
        The columns that are counts or amounts, which add up over municipalities; a name does not tell
        them from means ("canone_medio_eur").

    Returns
    -------
    Figures
        The panel, then the columns of the table on its municipalities. Where municipalities merged
        since, `sums` are summed and all else is missing; where one was split, `sums` are allocated, what
        its name says is a rate ("..._share") holds for each part, and all else is missing.

    Raises
    ------
    Refused
        With all that is wrong at once, each at its rows: a column (of `sums` too) that is not there or
        has the name of one of ours, text or an ambiguous number in a column of numbers, a key that
        stands twice, codes of different years, no row of the panel's municipalities.

    Warns
    -----
    NotJoined
        Once, with all that found no place: rows without a municipality, names that several share or
        that were taken by their spelling, municipalities without a row, columns without numbers, those
        left missing where municipalities merged or were split.

    Notes
    -----
    Codes are of the panel's day where all of them were valid then; else of the last day before it on
    which they all were, or of the first after. Where `vintage` is of a later year and they were valid at
    its end too, they are of that day: who was absorbed in between is in the row of who absorbed.

    Examples
    --------
    >>> households = pd.DataFrame({"households": [56209.0, 3704.0]}, index=["108033", "108041"])
    >>> own = pd.DataFrame({"codice": [108033, 108041], "sportelli": [2, 1]})
    >>> found = join(households, own, "codice", source="Comune di Monza", vintage="2025")
    >>> found.value("108033", "sportelli"), found.sources["sportelli"]
    (2.0, ('Comune di Monza',))
    """
    figures, day = as_figures(panel), day_of(codes_on)
    wanted(table, pd.DataFrame, Path, str)
    wanted(sums, list, tuple)
    given = _read(table, on)
    problems = [
        problem("blank", field=field)
        for field, said in (("source", source), ("vintage", vintage))
        if not str(said or "").strip()
    ]
    if quality not in _GIVEN:
        problems.append(problem("quality", found=str(quality), known=tuple(_GIVEN)))
    if not figures.data.index.isin(municipalities(day).index).all():
        problems.append(problem("other_day", day=f"{day:%Y-%m-%d}"))
    problems += [problem("no_sums", name=str(one)) for one in sums if one not in given.columns]
    problems += _names_of_ours(given, figures)
    numbers, wrong, blank = _numbers(given, on)
    placed = _placed(given, day, str(vintage))
    problems += [*wrong, *placed.problems]
    reached = placed.links["new"][placed.links["old"].isin(placed.rows)]
    if not (reached.isin(figures.data.index).any() or placed.problems):
        problems.append(problem("none", found=tuple(given.keys.head(3))))
    if problems:
        raise given.refused(problems)
    called = municipalities(day)["municipality_name"].reindex(figures.data.index)
    numbers = numbers.set_axis(placed.rows)
    found, notes = _brought(numbers, placed.links, called, quality, sums)
    notes = [*placed.notes, *notes, *_left(figures, reached, called, blank)]
    if notes:
        warnings.warn("; ".join(map(str, notes)), NotJoined, stacklevel=2)
    own = Figures.of(
        found.data, quality=found.quality, vintage=str(vintage), sources=(str(source),)
    )
    return figures.beside(own)


# --- the table -----------------------------------------------------------------------------------


def _read(table: pd.DataFrame | Path | str, on: str) -> _Table:
    """Return a table with the column of its keys; it is refused where there is none."""
    if isinstance(table, pd.DataFrame):
        frame, file = table.reset_index() if on in table.index.names else table, None
        frame = frame.set_axis(range(1, len(frame) + 1))
    else:
        file = Path(table)
        grid = csv_grid(file)
        cells = {at: one.to_pylist() for at, one in enumerate(grid.columns)}
        frame = pd.DataFrame(cells, index=grid.rows, dtype=object).set_axis(grid.headers, axis=1)
    frame = frame.rename(columns=str)
    twice = frame.columns[frame.columns.duplicated()].unique()
    problems = [problem("twice", name=name) for name in twice]
    if on not in frame.columns:
        problems.append(problem("no_key", on=str(on), known=tuple(frame.columns[:20])))
    empty = _Table(pd.Series(dtype=object), pd.DataFrame(), file)
    if problems:
        raise empty.refused(problems)
    keys = frame[on].map(lambda cell: "" if pd.isna(cell) else code_of_cell(str(cell)))
    kept = keys != ""
    return _Table(keys[kept], frame.drop(columns=on)[kept], file)


def _names_of_ours(given: _Table, figures: Figures) -> Iterator[Problem]:
    inputs = (name for one in registry().values() for name in one.inputs)
    ours = {*figures.data.columns, *registry(), *COLUMNS, *inputs}
    for name in given.columns:
        if name in ours:
            yield problem("name_of_ours", name=name)


def _numbers(given: _Table, on: str) -> tuple[pd.DataFrame, list[Problem], list[str]]:
    """Return the columns that hold numbers, what is wrong in them, and the names of the others."""
    found, wrong, blank = {}, list[Problem](), list[str]()
    for name, cells in given.columns.items():
        numbers, problems = _column(cells, str(name))
        wrong += problems
        if numbers is None:
            blank.append(str(name))
        else:
            found[str(name)] = numbers
    if not found and not wrong:
        wrong.append(problem("no_columns", on=on))
    return pd.DataFrame(found, index=given.keys.index), wrong, blank


def _column(cells: pd.Series, name: str) -> tuple[pd.Series | None, list[Problem]]:
    """Return the numbers of a column, None where it has none at all, and what is wrong in it."""
    words = cells.map(lambda cell: "" if pd.isna(cell) else str(cell).strip())
    read = {word: number_of(word) for word in words.unique()}
    # Only how a text is written may be ambiguous, and only texts tell how others are meant.
    written = words[cells.map(lambda cell: isinstance(cell, str)).astype(bool)]
    pointed = written[written.str.fullmatch(_THOUSANDS).astype(bool)]
    typed = cells.map(lambda cell: isinstance(cell, Real))
    values = cells.where(typed).astype("float64")
    values = values.mask(~typed, words.map(read).astype("float64"))
    if values.isna().all() and (words != "").any():
        return None, []
    problems = []
    if np.isinf(values).any():
        rows = tuple(map(int, values.index[np.isinf(values)]))
        problems.append(problem("infinite", Where(rows=rows, column=name)))
    text = values.isna() & (words != "")
    if text.any():
        shown = tuple(words[text].unique()[:NAMED])
        place = Where(rows=tuple(map(int, words.index[text])), column=name)
        problems.append(problem("no_number", place, found=shown))
    if len(pointed):
        how = _decimals(written.drop(pointed.index).unique())
        if how == "?":
            place = Where(rows=tuple(map(int, pointed.index)), column=name)
            problems.append(problem("ambiguous", place, found=pointed.iloc[0]))
        elif how == ",":
            values[pointed.index] = (1000 * values[pointed.index]).round(9)
    return values, problems


def _decimals(others: Iterable[str]) -> str:
    """Return what the other texts of a column tell of its points: "." for decimals, "," or "?"."""
    others = list(others)
    grouped = any("," in word or word.count(".") > 1 for word in others)
    pointed = any("," not in word and word.count(".") == 1 for word in others)
    if grouped:
        return "?" if pointed else ","
    plain_ones = any(re.match(r"-?[0-9]{4}", word) for word in others)
    return "." if plain_ones or pointed else "?"


# --- the places ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Placed:
    """Which municipality of the day each row is of, by its code or the text of its name."""

    rows: list[str]
    links: pd.DataFrame
    problems: list[Problem]
    notes: list[Problem]


def _placed(given: _Table, day: pd.Timestamp, vintage: str) -> _Placed:
    keys = given.keys
    coded = keys.str.fullmatch(r"[0-9]{6}").astype(bool)
    codes = pd.Index(keys[coded].unique(), dtype="str")
    known = codes[codes.isin(history.shipped().records["municipality_code"])]
    codes_day, problems = _day_of(known, day, vintage)
    linked, _ = followed(known, codes_day, day)
    reached = linked["new"][linked["old"].isin(known)]
    # With the other parts of what merged, each with all its shares.
    parts = linked["old"][linked["new"].isin(reached)]
    linked = linked[linked["old"].isin(parts)]
    names = match_names(keys[~coded], day=day)
    same = _names_as_keys(names)
    rows = keys.where(coded, same)
    own = pd.DataFrame({"old": same, "new": names["municipality_code"]}).dropna()
    own = own[~own["old"].isin(linked["old"])].drop_duplicates().assign(share=1.0, basis="")
    # Of a name that several share, each row may be another of them: it is left out, not refused.
    told = coded.reindex(rows.index) | names["municipality_code"].reindex(rows.index).notna()
    twice = rows[told & rows.duplicated(keep=False)]
    problems += [
        problem("key_twice", Where(rows=tuple(map(int, at.index))), key=str(keys[at.index[0]]))
        for _, at in twice.groupby(twice, sort=False)
    ][:NAMED]
    return _Placed(
        list(rows), pd.concat([linked, own], ignore_index=True), problems,
        _said(keys, pd.Index(linked["old"]), names, day),
    )  # fmt: skip


def _names_as_keys(names: pd.DataFrame) -> pd.Series:
    """Return for each name the code it has on the day; one that was merged since stays itself."""
    former = names["method"].isin(["former name", "none"])
    own = names["name"].map(lambda name: f"«{plain(str(name))}»")
    return names["municipality_code"].mask(former, own)


def _day_of(codes: pd.Index, day: pd.Timestamp, vintage: str) -> tuple[pd.Timestamp, list[Problem]]:
    """Return the day whose codes these are, and a problem where there is none for all of them."""
    if codes.empty:
        return day, []
    records = history.shipped().records
    records = records[history.among(records["municipality_code"], codes)]
    year = re.match(r"(?:19|20)[0-9]{2}", vintage)
    later = [pd.Timestamp(int(year[0]), 12, 31)] if year and int(year[0]) > day.year else []
    begins = {max(one, history.VARIATIONS_FROM) for one in records["valid_from"].unique()}
    before = sorted((one for one in begins if one < day), reverse=True)
    after = sorted(one for one in begins if one > day)
    order = pd.DatetimeIndex([*later, day, *before, *after])
    at = codes.get_indexer(pd.Index(records["municipality_code"]))
    starts, ends = (records[name].to_numpy() for name in ("valid_from", "valid_to"))
    most, best = -1, day
    for one in order:
        there = np.unique(at[(starts <= one.to_datetime64()) & (ends >= one.to_datetime64())])
        if len(there) == len(codes):
            return one, []
        if len(there) > most:
            most, best = len(there), one
            strangers = codes.delete(there)
    return day, [problem("mixed", day=best, codes=tuple(strangers[:NAMED]))]


def _said(
    keys: pd.Series, placed: pd.Index, names: pd.DataFrame, day: pd.Timestamp
) -> list[Problem]:
    """Say which rows found no municipality, and which names were taken with care."""
    named = names["municipality_code"].notna()
    shared = names[~named & (names["candidates"] != "")]
    lost = keys[~keys.isin(placed)].drop(names.index[named]).drop(shared.index)
    found = [problem("unknown", count=len(lost), names=_few(lost))] if len(lost) else []
    found += [
        problem("shared", name=str(row["name"]), candidates=str(row["candidates"]))
        for _, row in shared.drop_duplicates("name").head(NAMED).iterrows()
    ]
    own = municipalities(day)["municipality_name"]
    found += [
        problem("similar", name=str(row["name"]), code=code, own=str(own[code]))
        for _, row in names[names["method"] == "fuzzy"].head(NAMED).iterrows()
        for code in [str(row["municipality_code"])]
    ]
    return found


def _few(names: pd.Series | pd.Index) -> tuple[str, ...]:
    listed = [str(one) for one in names[:NAMED]]
    return (*listed, "...") if len(names) > NAMED else tuple(listed)


# --- on the panel's municipalities ---------------------------------------------------------------


def _brought(
    numbers: pd.DataFrame, links: pd.DataFrame, names: pd.Series, quality: str, sums: Sequence[str]
) -> tuple[Figures, list[Problem]]:
    """Bring the rows to the municipalities, and say what was made of those that merged or split."""
    rules = {name: "sum" if name in sums else "first" for name in map(str, numbers)}
    rows = numbers[~numbers.index.duplicated() & numbers.index.isin(links["old"])]
    done = recode(rows, history.VARIATIONS_FROM, history.VARIATIONS_FROM, rules, table=links)
    # All links are followed, so that shares are whole; the panel may hold one part of what was split.
    inside = done.frame.index.isin(names.index)
    flags, frame = done.flags[inside], done.frame[inside].copy()
    called = names[frame.index]
    merged, split = flags["parts"] > 1, flags["share"] < 1
    lacking = merged & (flags["missing_parts"] > 0)
    blanked, left = pd.Series(False, index=frame.index), []
    for name in (one for one, rule in rules.items() if rule == "first"):
        blank = merged | split if unit_of(name) in _NO_RATE else merged
        frame[name] = frame[name].mask(blank)
        if blank.any():
            left.append(name)
            blanked |= blank
    notes = [problem("no_sum", columns=tuple(left), names=_few(called[blanked]))] if left else []
    if "sum" in rules.values():
        said = {"summed": merged & ~lacking, "in_part": lacking, "shared_out": split & ~merged}
        notes += [
            problem(kind, names=_few(called[which])) for kind, which in said.items() if which.any()
        ]
    grade = np.where(split, max(_GIVEN[quality], Quality.ALLOCATED), _GIVEN[quality])
    grades = pd.DataFrame(dict.fromkeys(frame, grade), index=frame.index)
    frame = frame.reindex(names.index)
    grades = grades.reindex(names.index).fillna(Quality.MISSING).astype("int8")
    return Figures.of(frame, quality=grades), notes


def _left(
    figures: Figures, reached: pd.Series, called: pd.Series, blank: Sequence[str]
) -> Iterator[Problem]:
    """Say which municipalities of the panel have no row, and which columns no number."""
    absent = figures.data.index[~figures.data.index.isin(reached)]
    if len(absent):
        yield problem("without", count=len(absent), names=_few(called[absent]))
    if blank:
        yield problem("no_numbers", names=tuple(blank))
