"""Why figures on services changed between two runs, as tables: what the profile may show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.reports.chapters.building import table
from needs_analysis.reports.chapters.services_building import (
    INTERNAL_WORD,
    LEVELS,
    Head,
    told_words,
    unit_of,
    where,
)
from needs_analysis.reports.language import display
from needs_analysis.reports.model import Table
from needs_analysis.services.files.fields import Field
from needs_analysis.services.files.schema import INVENTED, TABLES, UNSTATED, YES_NO
from needs_analysis.services.measures import MEASURES
from needs_analysis.told import KEYS, RowChanges, Side, ToldDifference
from needs_analysis.words import N_, NN_, Voice

_CAUSES = {"rule": N_("regola"), "period": N_("periodo"), "data": N_("dati")}
_STATUS = {"added": N_("aggiunta"), "removed": N_("tolta"), "changed": N_("cambiata")}
_WHY = {
    "new row": N_("riga nuova"),
    "row withdrawn": N_("riga tolta"),
    "other rows": N_("altre righe"),
}
_TITLES = {
    "Differenze": N_("Cifre cambiate"),
    "Dati cambiati": N_("Righe dei dati cambiate"),
    "Righe": N_("Righe che spostano le cifre"),
}
_VALUES = {
    "old": N_("Prima"),
    "new": N_("Adesso"),
    "of_rule": N_("Per la regola"),
    "of_period": N_("Per il periodo"),
    "of_data": N_("Per i dati"),
}
_PARTS = ("of_rule", "of_period", "of_data")
# What a reader can look through; a change of period moves every figure and nearly every row.
_DATA_LINES = 20_000
_FIGURES_LISTED = 30
_ROWS_OF_FIGURE = 1_000
_ROWS_LISTED = 10_000


def sheets(found: ToldDifference, voice: Voice) -> list[Table]:
    """Return which figures changed and why; values and rows in the internal profile only."""
    said = _Said(found, voice)
    if not found.internal:
        return [_figures(said)]
    return [_figures(said), _data(said), _rows(said)]


def summary(found: ToldDifference, voice: Voice) -> str:
    """Say in one line how many figures changed and by what cause."""
    internal, frame = found.internal, found.figures
    if found.nothing:
        return voice.say("Nessuna differenza fra le due consegne.")
    if frame.empty and not internal:
        return voice.say(
            "Delle misure della rete che le due consegne dicono non ne è cambiata nessuna."
        )
    if frame.empty:
        rows = sum(one.rows for one in found.changes.values())
        if not rows:
            return voice.say("Nessuna cifra è cambiata.")
        return voice.say(
            "Nessuna cifra è cambiata; righe dei dati cambiate: {rows}.", rows=voice.number(rows)
        )
    counts = frame["cause"].value_counts()
    causes = ", ".join(
        f"{_cause(str(one), voice)} {voice.number(times)}" for one, times in counts.items()
    )
    words = _FIGURES_CHANGED if internal else _MEASURES_CHANGED
    return voice.plural(*words, len(frame), causes=causes)


_FIGURES_CHANGED = NN_(
    "{count} cifra cambiata. Per causa: {causes}.", "{count} cifre cambiate. Per causa: {causes}."
)
_MEASURES_CHANGED = NN_(
    "{count} misura della rete cambiata. Per causa: {causes}.",
    "{count} misure della rete cambiate. Per causa: {causes}.",
)


def warning(found: ToldDifference, voice: Voice) -> str:
    """Say that figures handed out before cannot come from the data of before; "" where they may."""
    count = found.unfounded
    return voice.say(_UNFOUNDED, count=voice.number(count)) if count else ""


# ---------------------------------------------------------------- what every sheet says


@dataclass(frozen=True, eq=False)
class _Said:
    """Two runs, and to whom and in which language they are told."""

    found: ToldDifference
    voice: Voice

    def table(
        self, key: str, frame: pd.DataFrame, heads: Sequence[Head], notes: Sequence[str] = ()
    ) -> Table:
        """Return a sheet whose title says who may read it, and its notes what was compared."""
        runs = (self.found.old, self.found.new)
        say = self.voice.say
        marks = [say(INTERNAL_WORD)] if self.found.internal else []
        marks += [say(INVENTED)] if any(run.label for run in runs) else []
        title = say(_TITLES[key]) + (f" ({'; '.join(marks)})" if marks else "")
        sides = (say("Prima"), say("Adesso"))
        first = [self._compared(run, side) for run, side in zip(runs, sides, strict=True)]
        last = [f"{say(INTERNAL_WORD).capitalize()}."] if self.found.internal else []
        said = (*first, *notes, *last)
        frame = frame.reset_index(drop=True)
        return table(self.voice, key, title, frame, heads, notes=said, facts="")

    def _compared(self, run: Side, head: str) -> str:
        """Say which days and, to the office, how many rows a run counts."""
        days = [self.voice.day(day) for day in (run.period.start, run.period.end)]
        label = f" ({self.voice.say(INVENTED)})" if run.label else ""
        counted = [self.voice.plural(*_ROWS[name], count) for name, count in run.rows.items()]
        rows = f"; {', '.join(counted)}" if counted else ""
        return f"{head}{label}: {days[0]} - {days[1]}{rows}."

    def where(self, level: str, value: str) -> str:
        """Name whose figure it is."""
        if value == UNSTATED:
            return told_words(value, self.voice)
        return where(level, value, self.found.names, self.voice)


_ROWS = {
    "services": NN_("{count} servizio", "{count} servizi"),
    "places": NN_("{count} posto", "{count} posti"),
    "stays": NN_("{count} accoglienza", "{count} accoglienze"),
}


def _cause(cause: str, voice: Voice) -> str:
    return " + ".join(voice.say(_CAUSES[one]) for one in cause.split(" + ") if one)


def _measure(name: str, voice: Voice) -> str:
    return MEASURES[name].label_in(voice)


# ---------------------------------------------------------------- figures


def _figures(said: _Said) -> Table:
    """Return the changed figures, each with its causes; with their values to the office alone."""
    voice = said.voice
    frame = said.found.figures
    units = [unit_of(one) for one in frame["measure"]]
    changed = pd.DataFrame(
        {
            "label": [_measure(one, voice) for one in frame["measure"]],
            "level": [voice.say(LEVELS[one]) for one in frame["level"]],
            "where": _wheres(said, frame),
            "rule": frame["rule"].astype("str").fillna("").to_numpy(),
            "versions": [
                _versions(old, new)
                for old, new in zip(frame["old_version"], frame["new_version"], strict=True)
            ],
            "cause": [_cause(one, voice) for one in frame["cause"]],
            "variable": frame["measure"].to_numpy(),
            "unit": units,
            "part_unit": [_part_unit(one, voice) for one in units],
            **{name: frame[name].to_numpy(dtype=float) for name in _VALUES},
        }
    )
    # A share of 40 % that becomes 50 % grows by 10 points, not by 10 %.
    points = changed["unit"] == "share"
    for name in _PARTS:
        changed[name] = changed[name].where(~points, changed[name] * 100)
        changed[f"{name}_unit"] = changed["unit"].mask(points, "score")
    columns = [
        ("label", N_("Misura"), "text"),
        ("rule", N_("Regola"), "text"),
        ("versions", N_("Versione"), "text"),
        ("cause", N_("Perché è cambiata"), "text"),
    ]
    notes = [summary(said.found, voice)]
    if not said.found.internal:
        notes.append(voice.say(_WITHOUT_VALUES))
        return said.table("Differenze", changed, columns, notes)
    columns[1:1] = [
        ("level", N_("Livello"), "text"),
        ("where", N_("Di chi"), "text"),
        *((name, words, "by_row") for name, words in _VALUES.items()),
        ("part_unit", N_("Unità delle differenze"), "text"),
    ]
    if doubt := warning(said.found, voice):
        notes.append(doubt)
    return said.table("Differenze", changed, columns, notes)


_WITHOUT_VALUES = N_(
    "Valori e righe stanno nel profilo interno: la differenza fra due consegne farebbe "
    "ricavare i conteggi nascosti in ciascuna. Di una misura nascosta in una delle due non si dice "
    "nemmeno se è cambiata."
)
_UNFOUNDED = N_(
    "Cifre consegnate che i dati di prima, con le stesse regole, non danno: {count}. I dati o "
    "il periodo di prima non sono quelli di quella consegna: la differenza è attribuita "
    "ai dati."
)


def _wheres(said: _Said, frame: pd.DataFrame) -> list[str]:
    pairs = list(zip(frame["level"], frame["level_value"], strict=True))
    named = {pair: said.where(*pair) for pair in dict.fromkeys(pairs)}
    return [named[pair] for pair in pairs]


def _part_unit(unit: str, voice: Voice) -> str:
    if unit == "share":
        return voice.say("punti percentuali")
    return voice.say(display("", unit).unit)


def _versions(old: object, new: object) -> str:
    one, other = ("-" if pd.isna(v) else f"{v:.0f}" for v in (old, new))  # type: ignore[call-overload]
    return one if one == other else f"{one} → {other}"


# ---------------------------------------------------------------- rows


def _data(said: _Said) -> Table:
    """Return every row added, removed or changed, cell by cell; of persons only that they changed."""
    voice = said.voice
    room, parts = _DATA_LINES, []
    for found in said.found.changes.values():
        for part in _lines(said, found, room):
            parts.append(part)
            room -= len(part)
    wanted = ["table", "row", "status", "field", "old", "new"]
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=wanted, dtype="str")
    every = said.found.changes.values()
    counts = [sum(map(len, parts)) for parts in zip(*((one.added, one.removed, one.cells)
              for one in every), strict=True)]  # fmt: skip
    lines = sum(counts[:2]) + sum(int(one.cells.to_numpy().sum()) for one in every)
    numbers = [said.voice.number(one) for one in counts]
    notes = [
        voice.say("Righe aggiunte: {added}; tolte: {removed}; cambiate: {changed}.",
                  added=numbers[0], removed=numbers[1], changed=numbers[2])
        if any(counts)
        else voice.say("Nessuna differenza nei dati."),
        voice.say("Di codici di persone e testi liberi si dice solo che sono cambiati."),
    ]  # fmt: skip
    if lines > len(frame):
        left = voice.number(lines - len(frame))
        notes.append(voice.say("Non elencate: {left} differenze.", left=left))
    columns = [
        ("table", N_("Foglio"), "text"),
        ("row", N_("Riga"), "text"),
        ("status", N_("Che cosa"), "text"),
        ("field", N_("Colonna"), "text"),
        ("old", N_("Prima"), "text"),
        ("new", N_("Adesso"), "text"),
    ]
    return said.table("Dati cambiati", frame, columns, notes)


def _lines(said: _Said, found: RowChanges, room: int) -> Iterator[pd.DataFrame]:
    """Yield what to print of a table's changes, as many lines as there is room for."""
    voice = said.voice
    for status, rows in (("added", found.added), ("removed", found.removed)):
        rows = rows.head(room)
        room -= len(rows)
        yield pd.DataFrame(
            {"table": TABLES[found.table].sheet, "row": _codes(said, found.table, rows),
             "status": voice.say(_STATUS[status]), "field": "", "old": "", "new": ""}
        )  # fmt: skip
    row, column = (one[:room] for one in np.nonzero(found.cells.to_numpy()))
    secret = said.found.secret[found.table]
    before, after = found.old.iloc[row], found.new.iloc[row]
    frame = pd.DataFrame(
        {"table": TABLES[found.table].sheet, "row": _codes(said, found.table, after),
         "status": voice.say(_STATUS["changed"]), "field": "", "old": "", "new": ""}
    )  # fmt: skip
    for position, name in enumerate(found.cells.columns.astype(str)):
        one = column == position
        frame.loc[one, "field"] = TABLES[found.table].field(name).header
        told = ~secret[name].iloc[row].to_numpy()[one]
        for side, rows in (("old", before[one]), ("new", after[one])):
            words = _words_of(rows[name], TABLES[found.table].field(name), said.voice)
            frame.loc[one, side] = np.where(told, words, "")
        frame.loc[np.flatnonzero(one)[~told], "new"] = voice.say("cambiato")
    yield frame


def _codes(said: _Said, table: str, rows: pd.DataFrame) -> np.ndarray:
    """Return what a row is called by: its code, or the stay and what tells it from its others."""
    if TABLES[table].index:
        return rows.index.to_numpy(dtype=object)
    names = [name for name in ("stay_id", "date", "area", "from_date") if name in rows]
    parts = [_words_of(rows[name], TABLES[table].field(name), said.voice) for name in names]
    return np.array([", ".join(one) for one in zip(*parts, strict=True)], dtype=object)


def _words_of(values: pd.Series, field: Field, voice: Voice) -> np.ndarray:
    """Return cells as they are printed; each value is put in words once."""
    codes, known = pd.factorize(values)
    words = [_word(one, field, voice) for one in known]
    return np.array([*words, voice.say("(vuoto)")], dtype=object)[codes]


def _word(value: Any, field: Field, voice: Voice) -> str:
    if field.kind == "date":
        return str(value.strftime(voice.rules.day))
    if field.kind == "yes_no":
        label = YES_NO["yes" if value else "no"]
        return voice.say(label)
    if field.kind in ("number", "integer"):
        decimals = next((n for n in (0, 1, 2) if value == round(value, n)), 6)
        return voice.number(value, decimals)
    if field.kind in ("choice", "choices"):
        labels = [field.choices.get(one) for one in str(value).split(";")]
        return "; ".join(voice.say(one) for one in labels if one)
    return str(value)


def _rows(said: _Said) -> Table:
    """Return the rows behind the changed figures, by the office's own codes.

    Figures of the network come first, then those of its parts where the network's did not move.
    """
    voice = said.voice
    figures = _with_rows(said.found)
    whole = figures["level"] == "all"
    chosen = [figures[whole], figures[~whole & ~figures["measure"].isin(figures["measure"][whole])]]
    listed = pd.concat([one.head(_FIGURES_LISTED) for one in chosen])
    parts, room, left, shown = [], _ROWS_LISTED, 0, 0
    for key in listed[KEYS].itertuples(index=False, name=None):
        if room <= 0:
            break
        rows = said.found.rows(*key).rename_axis("row").reset_index()
        taken = rows.head(min(room, _ROWS_OF_FIGURE))
        room, left, shown = room - len(taken), left + len(rows) - len(taken), shown + 1
        parts.append(taken.assign(label=_measure(key[0], voice), where=said.where(*key[1:])))
    wanted = ["label", "where", "table", "row", "status", "why"]
    frame = pd.concat(parts)[wanted] if parts else pd.DataFrame(columns=wanted, dtype="str")
    why = {
        (table, why): _why(table, why, voice)
        for table, why in set(zip(frame["table"], frame["why"], strict=True))
    }
    frame["why"] = [why[pair] for pair in zip(frame["table"], frame["why"], strict=True)]
    frame["table"] = [TABLES[one].sheet for one in frame["table"]]
    frame["status"] = [voice.say(_STATUS[one]) for one in frame["status"]]
    columns = [
        ("label", N_("Misura"), "text"),
        ("where", N_("Di chi"), "text"),
        ("table", N_("Foglio"), "text"),
        ("row", N_("Riga"), "text"),
        ("status", N_("Che cosa"), "text"),
        ("why", N_("Perché"), "text"),
    ]
    notes = [] if len(frame) else [summary(said.found, voice)]
    if without := sum(map(len, chosen)) - shown:
        without_rows = voice.number(without)
        notes.append(
            voice.say(
                "Cifre cambiate di cui non si elencano le righe: {count}.", count=without_rows
            )
        )
    if left:
        notes.append(
            voice.say("Righe non elencate, delle altre: {count}.", count=voice.number(left))
        )
    return said.table("Righe", frame, columns, notes)


def _with_rows(found: ToldDifference) -> pd.DataFrame:
    """Return the changed figures that have rows, first those that the data moved."""
    figures = found.figures
    figures = figures[figures["measure"] != "stay_logrank_by_group"]
    moved = figures["cause"].str.contains("data").astype(bool)
    return pd.concat([figures[moved], figures[~moved]])


def _why(table: str, why: str, voice: Voice) -> str:
    """Say why a row moved: the fields in the words of the template, those beside it by sheet."""
    cause, _, rest = why.partition(": ")
    first = voice.say(_CAUSES[cause])
    if not rest:
        return first
    if rest in _WHY:
        return f"{first}: {voice.say(_WHY[rest])}"
    named: dict[str, list[str]] = {}
    for one in rest.split(", "):
        other, dot, name = one.rpartition(".")
        sheet = other if dot else (one if one in TABLES else table)
        named.setdefault(sheet, []).extend(
            [] if one in TABLES else [TABLES[sheet].field(name).header]
        )
    said = [
        ", ".join(fields) if sheet == table else ": ".join(
            filter(None, (TABLES[sheet].sheet, ", ".join(fields)))
        )
        for sheet, fields in named.items()
    ]  # fmt: skip
    return f"{first}: {'; '.join(said)}"
