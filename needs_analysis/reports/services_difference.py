"""Why figures on services changed between two runs, as tables: what the profile may show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.errors import Problem, SourceError
from needs_analysis.reports.language import day_label, display, number
from needs_analysis.reports.model import Column, Table
from needs_analysis.reports.problems import problem
from needs_analysis.reports.services_tables import (
    _LEVELS,
    ALL_MEASURES,
    CODE,
    INVENTED_WORD,
    RULE,
    VALUE,
    _where,
    _words,
    unit_of,
)
from needs_analysis.services.changes import Changes
from needs_analysis.services.difference import KEYS, Difference
from needs_analysis.services.monitoring import Monitoring
from needs_analysis.services.records import UNSTATED
from needs_analysis.services.rules import MEASURES
from needs_analysis.services.schema import TABLES, YES_NO, Field

_CAUSES = {"rule": ("regola", "rule"), "period": ("periodo", "period"), "data": ("dati", "data")}
_STATUS = {
    "added": ("aggiunta", "added"),
    "removed": ("tolta", "removed"),
    "changed": ("cambiata", "changed"),
}
_WHY = {
    "new row": ("riga nuova", "new row"),
    "row withdrawn": ("riga tolta", "row withdrawn"),
    "other rows": ("altre righe", "other rows"),
}
_TITLES = {
    "Differenze": ("Cifre cambiate", "Figures that changed"),
    "Dati cambiati": ("Righe dei dati cambiate", "Rows of the data that changed"),
    "Righe": ("Righe che spostano le cifre", "Rows that move the figures"),
}
_INTERNAL = ("profilo interno: non consegnare", "internal profile: not to be handed out")
_VALUES = {
    "old": ("Prima", "Before"),
    "new": ("Adesso", "Now"),
    "of_rule": ("Per la regola", "By the rule"),
    "of_period": ("Per il periodo", "By the period"),
    "of_data": ("Per i dati", "By the data"),
}
_PARTS = ("of_rule", "of_period", "of_data")
_FIGURE = re.compile(r"(?P<measure>\w+)(?: (?P<level>\w+):(?P<level_value>.+))?")
# What a reader can look through; a change of period moves every figure and nearly every row.
_DATA_LINES = 20_000
_FIGURES_LISTED = 30
_ROWS_OF_FIGURE = 1_000
_ROWS_LISTED = 10_000


def sheets(found: Difference, profile: str, lang: str) -> list[Table]:
    """Return which figures changed and why; values and rows in the internal profile only.

    What two runs tell of a figure gives away by subtraction what each hides: published, only the
    network's measures and their causes are named.

    Parameters
    ----------
    found : Difference
        Two runs.
    profile : str
        "published" or "internal".
    lang : str
        "it" or "en".
    """
    said = _Said(found, lang, profile == "internal")
    if not said.internal:
        return [_figures(said)]
    return [_figures(said), _data(said), _rows(said)]


def summary(found: Difference, profile: str, lang: str) -> str:
    """Say in one line how many figures changed and by what cause, as the profile may have it.

    Parameters
    ----------
    found : Difference
        Two runs.
    profile : str
        "published" or "internal".
    lang : str
        "it" or "en".
    """
    internal, at = profile == "internal", lang != "it"
    if found.nothing:
        return ("Nessuna differenza fra le due consegne.", "No difference between the two runs.")[
            at
        ]
    frame = _shown(found, internal)
    what = (
        (("cifra", "cifre"), ("figure", "figures"))
        if internal
        else (
            ("misura della rete", "misure della rete"),
            ("measure of the network", "measures of the network"),
        )
    )[at]
    if frame.empty:
        none = ("Nessuna {} è cambiata", "No {} changed")[at].format(what[0])
        rows = sum(one.rows for one in found.changes.values()) if internal else 0
        more = ("; righe dei dati cambiate: {}", "; rows of the data that changed: {}")[at]
        return f"{none}{more.format(number(rows, lang)) if rows else ''}."
    counts = frame["cause"].value_counts()
    causes = ", ".join(
        f"{_cause(str(one), lang)} {number(times, lang)}" for one, times in counts.items()
    )
    some = {
        "it": f"{what[len(frame) != 1]} {'cambiate' if len(frame) != 1 else 'cambiata'}. Per causa",
        "en": f"{what[len(frame) != 1]} changed. By cause",
    }[lang]
    return f"{number(len(frame), lang)} {some}: {causes}."


def warning(found: Difference, profile: str, lang: str) -> str:
    """Say that figures handed out before cannot come from the data of before; "" where they may.

    Parameters
    ----------
    found : Difference
        Two runs.
    profile : str
        "published" or "internal".
    lang : str
        "it" or "en".
    """
    unfounded = int(_shown(found, profile == "internal")["unfounded"].sum())
    return _UNFOUNDED[lang].format(number(unfounded, lang)) if unfounded else ""


# ---------------------------------------------------------------- what every sheet says


@dataclass(frozen=True, eq=False)
class _Said:
    """Two runs, and to whom and in which language they are told."""

    found: Difference
    lang: str
    internal: bool

    @property
    def at(self) -> bool:
        return self.lang != "it"

    def table(
        self,
        key: str,
        frame: pd.DataFrame,
        columns: Sequence[tuple[str, tuple[str, str], str]],
        notes: Sequence[str] = (),
    ) -> Table:
        """Return a sheet whose title says who may read it, and its notes what was compared."""
        runs = (self.found.old, self.found.new)
        marks = [_INTERNAL[self.at]] if self.internal else []
        marks += [INVENTED_WORD[self.lang]] if any(_label(run) for run in runs) else []
        title = _TITLES[key][self.at] + (f" ({'; '.join(marks)})" if marks else "")
        heads = (("Prima", "Before"), ("Adesso", "Now"))
        first = [self._compared(run, head[self.at]) for run, head in zip(runs, heads, strict=True)]
        last = [f"{_INTERNAL[self.at].capitalize()}."] if self.internal else []
        own = tuple(Column(name, label[self.at], unit) for name, label, unit in columns)
        said = tuple(filter(None, (*first, *notes, *last)))
        return Table(key, title, frame.reset_index(drop=True), own, notes=said)

    def _compared(self, run: Monitoring, head: str) -> str:
        """Say which days and, to the office, how many rows a run counts."""
        days = [day_label(day, self.lang) for day in (run.period.start, run.period.end)]
        label = f" ({INVENTED_WORD[self.lang]})" if _label(run) else ""
        rows = ""
        if self.internal:  # from one count to the other is somebody who came or left
            words = (
                (run.records.register.services, ("servizio", "servizi"), ("service", "services")),
                (run.records.register.places, ("posto", "posti"), ("place", "places")),
                (run.records.stays.stays, ("accoglienza", "accoglienze"), ("stay", "stays")),
            )
            counted = [
                f"{number(len(table), self.lang)} {(it, en)[self.at][len(table) != 1]}"
                for table, it, en in words
            ]
            rows = f"; {', '.join(counted)}"
        return f"{head}{label}: {days[0]} - {days[1]}{rows}."

    def where(self, level: str, value: str) -> str:
        """Name whose figure it is."""
        if value == UNSTATED:
            return _words(value, self.lang)
        runs = (self.found.new, self.found.old)
        own = pd.concat([run.records.register.services["service_name"] for run in runs])
        return _where(level, value, own[~own.index.duplicated()].fillna("").astype(str), self.lang)


def _label(run: Monitoring) -> str:
    return run.records.register.label or run.records.stays.label


def _shown(found: Difference, internal: bool) -> pd.DataFrame:
    """Return the changed figures that a delivery has; no delivery tells a period's years apart."""
    level = found.figures["level"]
    return found.figures[level != "year" if internal else level == "all"]


def _cause(cause: str, lang: str) -> str:
    return " + ".join(_CAUSES[one][lang != "it"] for one in cause.split(" + ") if one)


def _measure(name: str, lang: str) -> str:
    return (MEASURES[name].it, MEASURES[name].en)[lang != "it"]


# ---------------------------------------------------------------- figures


def _figures(said: _Said) -> Table:
    """Return the changed figures, each with its causes; with their values to the office alone."""
    at, lang = said.at, said.lang
    frame = _shown(said.found, said.internal)
    units = [unit_of(one) for one in frame["measure"]]
    changed = pd.DataFrame(
        {
            "label": [_measure(one, lang) for one in frame["measure"]],
            "level": [_LEVELS[one][at] for one in frame["level"]],
            "where": _wheres(said, frame),
            "rule": frame["rule"].astype("str").fillna("").to_numpy(),
            "versions": [
                _versions(old, new)
                for old, new in zip(frame["old_version"], frame["new_version"], strict=True)
            ],
            "cause": [_cause(one, lang) for one in frame["cause"]],
            "variable": frame["measure"].to_numpy(),
            "unit": units,
            "part_unit": [_part_unit(one, lang) for one in units],
            **{name: frame[name].to_numpy(dtype=float) for name in _VALUES},
        }
    )
    # A share of 40 % that becomes 50 % grows by 10 points, not by 10 %.
    points = changed["unit"] == "share"
    for name in _PARTS:
        changed[name] = changed[name].where(~points, changed[name] * 100)
        changed[f"{name}_unit"] = changed["unit"].mask(points, "score")
    columns = [
        ("label", ("Misura", "Measure"), "text"),
        ("rule", ("Regola", "Rule"), "text"),
        ("versions", ("Versione", "Version"), "text"),
        ("cause", ("Perché è cambiata", "Why it changed"), "text"),
    ]
    notes = [summary(said.found, "internal" if said.internal else "published", lang)]
    if not said.internal:
        notes.append(_WITHOUT_VALUES[lang])
        return said.table("Differenze", changed, columns, notes)
    columns[1:1] = [
        ("level", ("Livello", "Level"), "text"),
        ("where", ("Di chi", "Of which"), "text"),
        *((name, words, "by_row") for name, words in _VALUES.items()),
        ("part_unit", ("Unità delle differenze", "Unit of the differences"), "text"),
    ]
    if doubt := warning(said.found, "internal", lang):
        notes.append(doubt)
    return said.table("Differenze", changed, columns, notes)


_WITHOUT_VALUES = {
    "it": "Valori e righe stanno nel profilo interno: la differenza fra due consegne farebbe ricavare i "
    "conteggi nascosti in ciascuna.",
    "en": "Values and rows are in the internal profile: the difference between two runs would give away "
    "the counts that each hides.",
}
_UNFOUNDED = {
    "it": "Cifre consegnate che i dati di prima, con le stesse regole, non danno: {}. I dati o il "
    "periodo di prima non sono quelli di quella consegna: la differenza è attribuita ai dati.",
    "en": "Figures handed out that the data of before, by the same rules, do not give: {}. The data or "
    "the period of before are not those of that delivery: the difference is put down to the data.",
}


def _wheres(said: _Said, frame: pd.DataFrame) -> list[str]:
    pairs = list(zip(frame["level"], frame["level_value"], strict=True))
    named = {pair: said.where(*pair) for pair in dict.fromkeys(pairs)}
    return [named[pair] for pair in pairs]


def _part_unit(unit: str, lang: str) -> str:
    if unit == "share":
        return ("punti percentuali", "percentage points")[lang != "it"]
    return display("", unit).unit(lang)


def _versions(old: object, new: object) -> str:
    one, other = ("-" if pd.isna(v) else f"{v:.0f}" for v in (old, new))  # type: ignore[call-overload]
    return one if one == other else f"{one} → {other}"


# ---------------------------------------------------------------- rows


def _data(said: _Said) -> Table:
    """Return every row added, removed or changed, cell by cell; of persons only that they changed."""
    at = said.at
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
    numbers = [number(one, said.lang) for one in counts]
    notes = [
        ("Righe aggiunte: {}; tolte: {}; cambiate: {}.",
         "Rows added: {}; removed: {}; changed: {}.")[at].format(*numbers)
        if any(counts)
        else ("Nessuna differenza nei dati.", "No difference in the data.")[at],
        ("Di codici di persone e testi liberi si dice solo che sono cambiati.",
         "Of persons' codes and free texts only that they changed is told.")[at],
    ]  # fmt: skip
    if lines > len(frame):
        left = ("Non elencate: {} differenze.", "Not listed: {} differences.")[at]
        notes.append(left.format(number(lines - len(frame), said.lang)))
    columns = [
        ("table", ("Foglio", "Sheet"), "text"),
        ("row", ("Riga", "Row"), "text"),
        ("status", ("Che cosa", "What"), "text"),
        ("field", ("Colonna", "Column"), "text"),
        ("old", ("Prima", "Before"), "text"),
        ("new", ("Adesso", "Now"), "text"),
    ]
    return said.table("Dati cambiati", frame, columns, notes)


def _lines(said: _Said, found: Changes, room: int) -> Iterator[pd.DataFrame]:
    """Yield what to print of a table's changes, as many lines as there is room for."""
    at = said.at
    for status, rows in (("added", found.added), ("removed", found.removed)):
        rows = rows.head(room)
        room -= len(rows)
        yield pd.DataFrame(
            {"table": _sheet(found.table, said.lang), "row": _codes(said, found.table, rows),
             "status": _STATUS[status][at], "field": "", "old": "", "new": ""}
        )  # fmt: skip
    row, column = (one[:room] for one in np.nonzero(found.cells.to_numpy()))
    before, after = found.old.iloc[row], found.new.iloc[row]
    frame = pd.DataFrame(
        {"table": _sheet(found.table, said.lang), "row": _codes(said, found.table, after),
         "status": _STATUS["changed"][at], "field": "", "old": "", "new": ""}
    )  # fmt: skip
    for position, name in enumerate(found.cells.columns.astype(str)):
        one = column == position
        frame.loc[one, "field"] = _header(found.table, name, said.lang)
        told = ~_secret(said, found.table, name, after[one])
        for side, rows in (("old", before[one]), ("new", after[one])):
            words = _words_of(rows[name], TABLES[found.table].field(name), said.lang)
            frame.loc[one, side] = np.where(told, words, "")
        frame.loc[np.flatnonzero(one)[~told], "new"] = ("cambiato", "changed")[at]
    yield frame


def _codes(said: _Said, table: str, rows: pd.DataFrame) -> np.ndarray:
    """Return what a row is called by: its code, or the stay and what tells it from its others."""
    if TABLES[table].index:
        return rows.index.to_numpy(dtype=object)
    names = [name for name in ("stay_id", "date", "area", "from_date") if name in rows]
    parts = [_words_of(rows[name], TABLES[table].field(name), said.lang) for name in names]
    return np.array([", ".join(one) for one in zip(*parts, strict=True)], dtype=object)


def _secret(said: _Said, table: str, name: str, rows: pd.DataFrame) -> np.ndarray:
    """Return of which rows a field's cells are not told: persons, free texts, where a refuge is."""
    field = TABLES[table].field(name)
    if field.personal or field.kind == "text":
        return np.ones(len(rows), dtype=bool)
    secret = np.zeros(len(rows), dtype=bool)
    if (table, name) == ("dwellings", "municipality_code"):
        for run in (said.found.old, said.found.new):
            services = run.records.register.services
            codes = services.index[services["protected"].fillna(True).astype(bool)]
            homes = run.records.register.dwellings["service_code"].reindex(rows.index)
            secret |= homes.isin(codes).to_numpy(dtype=bool)
    return secret


def _words_of(values: pd.Series, field: Field, lang: str) -> np.ndarray:
    """Return cells as the template has them, or in English; each value is put in words once."""
    codes, known = pd.factorize(values)
    words = [_word(one, field, lang) for one in known]
    return np.array([*words, ("(vuoto)", "(blank)")[lang != "it"]], dtype=object)[codes]


def _word(value: Any, field: Field, lang: str) -> str:
    at = lang != "it"
    if field.kind == "date":
        return f"{value:%Y-%m-%d}" if at else f"{value:%d/%m/%Y}"
    if field.kind == "yes_no":
        label = YES_NO["yes" if value else "no"]
        return (label.it, label.en)[at]
    if field.kind in ("number", "integer"):
        decimals = next((n for n in (0, 1, 2) if value == round(value, n)), 6)
        return number(value, lang, decimals)
    if field.kind in ("choice", "choices"):
        labels = [field.choices.get(one) for one in str(value).split(";")]
        return "; ".join((one.it, one.en)[at] for one in labels if one)
    return str(value)


def _sheet(table: str, lang: str) -> str:
    return TABLES[table].sheet if lang == "it" else table


def _header(table: str, name: str, lang: str) -> str:
    """Return a column's head in the template; in English our own name of it, in words."""
    return TABLES[table].field(name).header if lang == "it" else name.replace("_", " ")


def _rows(said: _Said) -> Table:
    """Return the rows behind the changed figures, by the office's own codes.

    Figures of the network come first, then those of its parts where the network's did not move.
    """
    at, lang = said.at, said.lang
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
        parts.append(taken.assign(label=_measure(key[0], lang), where=said.where(*key[1:])))
    wanted = ["label", "where", "table", "row", "status", "why"]
    frame = pd.concat(parts)[wanted] if parts else pd.DataFrame(columns=wanted, dtype="str")
    why = {
        (table, why): _why(table, why, lang)
        for table, why in set(zip(frame["table"], frame["why"], strict=True))
    }
    frame["why"] = [why[pair] for pair in zip(frame["table"], frame["why"], strict=True)]
    frame["table"] = [_sheet(one, lang) for one in frame["table"]]
    frame["status"] = [_STATUS[one][at] for one in frame["status"]]
    columns = [
        ("label", ("Misura", "Measure"), "text"),
        ("where", ("Di chi", "Of which"), "text"),
        ("table", ("Foglio", "Sheet"), "text"),
        ("row", ("Riga", "Row"), "text"),
        ("status", ("Che cosa", "What"), "text"),
        ("why", ("Perché", "Why"), "text"),
    ]
    notes = [] if len(frame) else [summary(said.found, "internal", lang)]
    if without := sum(map(len, chosen)) - shown:
        words = ("Cifre cambiate di cui non si elencano le righe: {}.",
                 "Changed figures whose rows are not listed: {}.")[at]  # fmt: skip
        notes.append(words.format(number(without, lang)))
    if left:
        words = ("Righe non elencate, delle altre: {}.", "Rows of the others not listed: {}.")[at]
        notes.append(words.format(number(left, lang)))
    return said.table("Righe", frame, columns, notes)


def _with_rows(found: Difference) -> pd.DataFrame:
    """Return the changed figures that have rows, first those that the data moved."""
    figures = _shown(found, internal=True)
    figures = figures[figures["measure"] != "stay_logrank_by_group"]
    moved = figures["cause"].str.contains("data").astype(bool)
    return pd.concat([figures[moved], figures[~moved]])


def _why(table: str, why: str, lang: str) -> str:
    """Say why a row moved: the fields in the words of the template, those beside it by sheet."""
    at = lang != "it"
    cause, _, rest = why.partition(": ")
    first = _CAUSES[cause][at]
    if not rest:
        return first
    if rest in _WHY:
        return f"{first}: {_WHY[rest][at]}"
    named: dict[str, list[str]] = {}
    for one in rest.split(", "):
        other, dot, name = one.rpartition(".")
        sheet = other if dot else (one if one in TABLES else table)
        named.setdefault(sheet, []).extend([] if one in TABLES else [_header(sheet, name, lang)])
    said = [
        ", ".join(fields) if sheet == table else ": ".join(
            filter(None, (_sheet(sheet, lang), ", ".join(fields)))
        )
        for sheet, fields in named.items()
    ]  # fmt: skip
    return f"{first}: {'; '.join(said)}"


# ---------------------------------------------------------------- an earlier delivery


def read_delivered(path: Path) -> pd.DataFrame:
    """Read the figures of a monitoring back from the workbook in which they were handed out.

    Parameters
    ----------
    path : Path
        Written by ``services monitor``, in either language.

    Returns
    -------
    DataFrame
        measure, level, level_value, value (NaN where hidden), rule, rule_version.

    Raises
    ------
    SourceError
        It is no such workbook, or cells of it were changed.
    """
    rows = _cells(path)
    heads = next((row for row in rows if set(row) & set(CODE) and set(row) & set(VALUE)), [])
    if not set(heads) & set(RULE):
        columns = tuple(f"«{one[0]}»" for one in (CODE, VALUE, RULE))
        raise _not_as_written(problem("delivery_columns", columns=columns))
    code, value, rule = (
        next(at for at, head in enumerate(heads) if head in words) for words in (CODE, VALUE, RULE)
    )
    # A line with one cell is a note under the table.
    body = [row for row in rows[rows.index(heads) + 1 :] if sum(one != "" for one in row) > 1]
    found = [_FIGURE.fullmatch(str(row[code])) for row in body]
    rules = [re.fullmatch(r"(\w+) (\d+)", str(row[rule])) for row in body]
    twice = len(body) - len({row[code] for row in body})
    wrong = sum(one is None or other is None for one, other in zip(found, rules, strict=True))
    if not body:
        raise _not_as_written(problem("delivery_empty"))
    if changed := wrong or twice:
        raise _not_as_written(problem("delivery_changed", count=changed))
    frame = pd.DataFrame([one.groupdict() for one in found if one])
    numbers = pd.to_numeric(pd.Series([row[value] for row in body], dtype=object), errors="coerce")
    return frame.fillna({"level": "all", "level_value": ""}).assign(
        value=numbers.astype(float),
        rule=[one[1] for one in rules if one],
        rule_version=[int(one[2]) for one in rules if one],
    )


def _not_as_written(found: Problem) -> SourceError:
    return SourceError(found, cure=problem("as_written"))


def _cells(path: Path) -> list[list[Any]]:
    """Return the lines of the sheet of measures, all as long; a blank cell is an empty text."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        lines = list(book[ALL_MEASURES].iter_rows(values_only=True))
    except Exception:  # openpyxl raises whatever its parsers raise, quoting the file
        raise _not_as_written(problem("delivery_sheet", sheet=ALL_MEASURES)) from None
    # A line ends with its last filled cell, in some programs; in others it goes on.
    width = max(map(len, lines), default=0)
    return [
        ["" if one is None else one for one in line] + [""] * (width - len(line)) for line in lines
    ]
