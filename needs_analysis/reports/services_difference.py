"""Why figures on services changed between two runs, as tables: what the profile may show."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from needs_analysis.errors import SourceError
from needs_analysis.reports.model import Column, Table
from needs_analysis.reports.services_tables import (
    ALL_MEASURES,
    CODE,
    INVENTED_WORD,
    RULE,
    VALUE,
    unit_of,
)
from needs_analysis.services.difference import Difference
from needs_analysis.services.rules import MEASURES

_CAUSES = {"rule": ("regola", "rule"), "period": ("periodo", "period"), "data": ("dati", "data")}
_STATUS = {
    "added": ("aggiunta", "added"),
    "removed": ("tolta", "removed"),
    "changed": ("cambiata", "changed"),
}
_FIGURE = re.compile(r"(?P<measure>\w+)(?: (?P<level>\w+):(?P<level_value>.+))?")
_CURE = "Serve la cartella di lavoro scritta da «services monitor», com'era."
_ROWS_OF = 30  # figures whose rows are listed; a change of period moves all of them


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
    at = lang != "it"
    frame = found.figures
    if profile != "internal":
        frame = frame[frame["level"] == "all"]
    changed = pd.DataFrame(
        {
            "label": [(MEASURES[one].it, MEASURES[one].en)[at] for one in frame["measure"]],
            "where": frame["level_value"].to_numpy(),
            "rule": frame["rule"].astype("str").fillna("").to_numpy(),
            "versions": [
                f"{_version(old)} → {_version(new)}"
                for old, new in zip(frame["old_version"], frame["new_version"], strict=True)
            ],
            "cause": [_cause(one, lang) for one in frame["cause"]],
            "variable": frame["measure"].to_numpy(),
            "unit": [unit_of(one) for one in frame["measure"]],
            **{name: frame[name].to_numpy(dtype=float) for name in _VALUES},
        }
    )
    columns = [
        Column("label", ("Misura", "Measure")[at]),
        Column("rule", ("Regola", "Rule")[at]),
        Column("versions", ("Versione", "Version")[at]),
        Column("cause", ("Perché è cambiata", "Why it changed")[at]),
    ]
    titles = ("Misure cambiate", "Figures that changed")
    label = found.new.records.register.label or found.old.records.register.label
    title = f"{titles[at]} ({INVENTED_WORD[lang]})" if label else titles[at]
    if profile != "internal":
        note = {
            "it": "Valori e righe stanno nel profilo interno: la differenza fra due consegne farebbe "
            "ricavare i conteggi nascosti in ciascuna.",
            "en": "Values and rows are in the internal profile: the difference between two runs would "
            "give away the counts that each hides.",
        }[lang]
        return [Table("Differenze", title, changed, tuple(columns), notes=(note,))]
    columns[1:1] = [
        Column("where", ("Di chi", "Of which")[at]),
        *(Column(name, words[at], "by_row") for name, words in _VALUES.items()),
    ]
    note = ("Profilo interno: non consegnare.", "Internal profile: not to be handed out.")[at]
    figures = Table("Differenze", title, changed, tuple(columns), notes=(note,))
    return [figures, _rows(found, lang, label)]


_VALUES = {
    "old": ("Prima", "Before"),
    "new": ("Adesso", "Now"),
    "of_rule": ("Per la regola", "By the rule"),
    "of_period": ("Per il periodo", "By the period"),
    "of_data": ("Per i dati", "By the data"),
}


def _version(version: object) -> str:
    return "-" if pd.isna(version) else f"{version:.0f}"  # type: ignore[call-overload]


def _cause(cause: str, lang: str) -> str:
    return " + ".join(_CAUSES[one][lang != "it"] for one in cause.split(" + ") if one)


def _rows(found: Difference, lang: str, label: str) -> Table:
    """Return the rows behind the changed figures of the network, by the office's file number."""
    at = lang != "it"
    own = found.figures[(found.figures["level"] == "all")]
    parts = []
    for measure in [one for one in own["measure"] if one != "stay_logrank_by_group"][:_ROWS_OF]:
        rows = found.rows(measure).rename_axis("row").reset_index()
        rows["label"] = (MEASURES[measure].it, MEASURES[measure].en)[at]
        parts.append(rows)
    wanted = ["label", "row", "status", "why"]
    frame = pd.concat(parts)[wanted] if parts else pd.DataFrame(columns=wanted, dtype=str)
    frame["status"] = [_STATUS[one][at] for one in frame["status"]]
    titles = ("Righe cambiate", "Rows that changed")
    title = f"{titles[at]} ({INVENTED_WORD[lang]})" if label else titles[at]
    columns = (
        Column("label", ("Misura", "Measure")[at]),
        Column("row", ("Riga", "Row")[at]),
        Column("status", ("Che cosa", "What")[at]),
        Column("why", ("Perché", "Why")[at]),
    )
    return Table("Righe", title, frame.reset_index(drop=True), columns)


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
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows = list(book[ALL_MEASURES].iter_rows(values_only=True))
    except Exception:  # openpyxl raises whatever its parsers raise, quoting the file
        problem = f"non si legge un foglio «{ALL_MEASURES}»"
        raise SourceError("consegna di prima", [problem], _CURE) from None
    heads = next((row for row in rows if set(row) & set(CODE) and set(row) & set(VALUE)), ())
    if not set(heads) & set(RULE):
        problem = "mancano le colonne " + ", ".join(f"«{one[0]}»" for one in (CODE, VALUE, RULE))
        raise SourceError("consegna di prima", [problem], _CURE)
    code, value, rule = (
        next(at for at, head in enumerate(heads) if head in words) for words in (CODE, VALUE, RULE)
    )
    body = rows[rows.index(heads) + 1 :]
    found = [_FIGURE.fullmatch(str(row[code] or "")) for row in body]
    rules = [re.fullmatch(r"(\w+) (\d+)", str(row[rule] or "")) for row in body]
    if wrong := sum(one is None or other is None for one, other in zip(found, rules, strict=True)):
        raise SourceError("consegna di prima", [f"{wrong} righe non sono più com'erano"], _CURE)
    frame = pd.DataFrame([one.groupdict() for one in found if one])
    numbers = pd.to_numeric(pd.Series([row[value] for row in body], dtype=object), errors="coerce")
    return frame.fillna({"level": "all", "level_value": ""}).assign(
        value=numbers.astype(float),
        rule=[one[1] for one in rules if one],
        rule_version=[int(one[2]) for one in rules if one],
    )
