"""How the tables on services are built: what hides in them and what they say of it, levels, units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from needs_analysis.disclosure import PROTECTED, TOTAL, protected_label
from needs_analysis.figures import Quality
from needs_analysis.reports.chapters.building import modelled, table
from needs_analysis.reports.model import Column, Table
from needs_analysis.services.files.schema import (
    ANSWERS,
    DESTINATIONS,
    FOLLOW_UPS,
    GROUP_LABELS,
    INVENTED,
    REFUSALS,
    UNSTATED,
)
from needs_analysis.services.measures import MEASURES
from needs_analysis.told import AMBITO, Shown, Told
from needs_analysis.words import N_, Voice

Head = tuple[str, str, str]
"""A column: its name, its words yet to be said, its unit."""
INTERNAL_WORD = N_("profilo interno: non consegnare")
INTERNAL_WARNING = N_("Profilo interno: contiene conteggi piccoli. Non consegnare.")
_UNITS = {
    "share": "share", "days": "days", "hours": "hours", "eur": "eur_cents", "points": "points",
    "p_value": "p_value", "per_year": "ratio", "per_educator": "ratio",
}  # fmt: skip
# What a row may lack by nature: a count has no interval, a service no longest stay.
_OPTIONAL = {
    "low", "high", "numerator", "denominator", "occupancy_share_low", "occupancy_share_high", "limit",
}  # fmt: skip
LEVELS = {
    "all": N_("rete intera"),
    "service": N_("servizio"),
    "ambito": N_("ambito"),
    "group": N_("gruppo"),
    "year": N_("anno"),
}
_VALUES: Mapping[str, str] = {
    **DESTINATIONS, **REFUSALS, **FOLLOW_UPS, **ANSWERS, **GROUP_LABELS,
    TOTAL: N_("totale"),
    UNSTATED: N_("non indicato"),
    "present": N_("ancora presenti"),
    "exit": N_("usciti"),
    "exit_positive": N_("usciti verso una casa stabile"),
    "exit_other": N_("usciti altrove o destinazione non nota"),
    "not_stated": N_("motivo non indicato"),
}  # fmt: skip
COUNTED = {
    "service_code": N_("Servizio o ambito"),
    "target_group": N_("Gruppo"),
    "outcome": N_("Esito"),
    "returned": N_("Rientro"),
    "follow_up": N_("Risposta"),
    "answer": N_("Risposta"),
    "sending_municipality_code": N_("Comune inviante"),
    "month": N_("Mese"),
    "year": N_("Anno"),
    "from_member": N_("Da"),
    "to_member": N_("A"),
    "count": N_("Accoglienze"),
}


def labelled(title: str, found: Told, voice: Voice) -> str:
    """Return a title that says when the data are invented, and when they may not leave."""
    said = [voice.say(INVENTED)] * bool(found.label) + [voice.say(INTERNAL_WORD)] * found.internal
    return f"{title} ({'; '.join(said)})" if said else title


def hidden_note(found: Told, voice: Voice) -> str:
    """Say what is hidden in the published profile, and that the internal one may not leave."""
    if found.internal:
        return voice.say(INTERNAL_WARNING)
    return voice.say(
        "Per riservatezza sono nascosti i conteggi sotto {least} (sotto {sensitive} per i "
        "gruppi sensibili), quelli che li farebbero ricavare e le misure che ne dipendono. "
        "Un dato nascosto non è zero.",
        least=found.rules.count_min,
        sensitive=found.rules.sensitive_count_min,
    )


def unit_of(measure: str) -> str:
    """Return how a measure is printed.

    Examples
    --------
    >>> unit_of("occupancy_share"), unit_of("bed_nights"), unit_of("guests_per_educator")
    ('share', 'count', 'ratio')
    >>> unit_of("fees_due_eur"), unit_of("volunteer_hours"), unit_of("stay_logrank_by_group")
    ('eur_cents', 'hours', 'p_value')
    """
    return _UNITS.get(MEASURES[measure].unit, "count")


def days_unit(values: Sequence[float] | pd.Series, unit: str) -> str:
    """Return the unit of days: with a decimal where half days are."""
    days = np.asarray(values, dtype=float)
    halves = unit in ("days", "count") and bool(np.any(days * 2 % 2 == 1))
    return "half_days" if halves else unit


def told_words(code: str, voice: Voice) -> str:
    """Return the printed name of a value: of an ambito, a group, an outcome, an answer."""
    if code.startswith(AMBITO):
        return f"{voice.say(LEVELS['ambito'])} {code.removeprefix(AMBITO)}"
    return voice.say(_VALUES[code]) if code in _VALUES else code


def where(level: str, value: str, names: pd.Series, voice: Voice) -> str:
    """Name whose figure it is; a protected service by its ambito only."""
    if level == "service":
        name = str(names.get(value, "")) if value in names.index else ""
        return (
            protected_label(value, voice)
            if value.startswith(PROTECTED)
            else f"{value} {name}".strip()
        )
    return told_words(value, voice) if value else voice.say(LEVELS["all"])


def told_table(
    found: Told,
    key: str,
    title: str,
    frame: pd.DataFrame,
    heads: Iterable[Head],
    voice: Voice,
    hidden: pd.DataFrame | None = None,
    notes: Sequence[str] = (),
    *,
    before: Sequence[str] = (),
    estimated: Sequence[str] = (),
    keys: Sequence[str] = (),
) -> Table:
    """Build a table on services.

    Parameters
    ----------
    found : Told
        Its period, and to whom it is told.
    key, title, frame, heads, voice
        As those of :func:`needs_analysis.reports.chapters.building.table`; the title is yet to be said.
    hidden : DataFrame of bool, optional
        Marks the cells that may not be told.
    notes, before : sequence of str
        Those said after and before that something is hidden.
    estimated : sequence of str
        The columns that a model gave.
    keys : sequence of str
        Of the figures, one a row, where a figure has one key in every table.
    """
    frame = frame.reset_index(drop=True)
    quality = modelled(frame, estimated).astype("int8")
    if hidden is not None:
        marks = hidden.reset_index(drop=True).astype(bool) & frame[list(hidden)].isna()
        codes = marks.map(lambda one: int(Quality.SUPPRESSED if one else Quality.OBSERVED))
        quality = quality.join(codes.astype("int8"))
    blank = bool((quality == Quality.SUPPRESSED).any(axis=None))
    said = hidden_note(found, voice) if blank or found.internal else ""
    first = f"{voice.day(found.period.start)} - {voice.day(found.period.end)}."
    own = [
        Column(name, voice.say(words), unit, optional=name in _OPTIONAL)
        for name, words, unit in heads
    ]
    made = table(
        voice, key, labelled(voice.say(title), found, voice), frame, own, quality,
        notes=(first, *before, said, *notes), facts="rows" if len(keys) else "",
    )  # fmt: skip
    if not len(keys):
        return made
    rows = pd.Index(keys)
    return replace(made, frame=frame.set_axis(rows), quality=quality.set_axis(rows))


def counts_table(
    found: Told,
    shown: Shown,
    key: str,
    title: str,
    voice: Voice,
    more: Sequence[Head] = (),
    of: str = COUNTED["count"],
) -> Table:
    """Build one of the tables of counts, by the dimensions it is counted by."""
    frame = shown.frame.copy()
    if "year" in frame and frame["year"].nunique() == 2:  # one year and all together say the same
        frame = frame[frame["year"] != TOTAL].reset_index(drop=True)
    for dimension in shown.dimensions:
        frame[dimension] = _words(found, dimension, frame[dimension], voice)
    amounts = ["count", *(name for name, _, unit in more if unit != "text")]
    frame[amounts] = frame[amounts].astype(float)
    marks = shown.hidden[["count", *(name for name, _, _ in more)]].reindex(frame.index)
    heads = (
        *(
            (dimension, COUNTED[dimension], "date" if dimension == "month" else "text")
            for dimension in shown.dimensions
        ),
        ("count", of, "count"),
        *more,
    )
    return told_table(found, key, title, frame, heads, voice, marks, (voice.say(shown.note),))


def crossed_table(found: Told, shown: Shown, key: str, title: str, voice: Voice) -> Table:
    """Build a table of counts by two dimensions; that of fewer values goes across."""
    across, down = sorted(shown.dimensions, key=lambda one: shown.frame[one].nunique())
    frame = shown.frame.astype({across: str, down: str}).assign(hidden=shown.hidden["count"])
    rows, columns = frame[down].unique(), frame[across].unique()
    # A pair that no row has is blank, without a mark.
    pairs = pd.MultiIndex.from_product([rows, columns])
    cells = frame.set_index([down, across])[["count", "hidden"]].reindex(pairs)
    counts, marks = (
        pd.DataFrame(one.to_numpy().reshape(len(rows), len(columns)), rows, columns)
        for one in (cells["count"].astype(float), cells["hidden"].eq(True))
    )
    counts.insert(0, down, _words(found, down, counts.index, voice))
    said = _words(found, across, columns, voice)
    heads = (
        (down, COUNTED[down], "text"),
        *((one, words, "count") for one, words in zip(columns, said, strict=True)),
    )
    made = told_table(found, key, title, counts, heads, voice, marks, (voice.say(shown.note),))
    return replace(made, closing=int(TOTAL in rows[-1:]))


def _words(found: Told, dimension: str, values: Iterable[object], voice: Voice) -> list[str]:
    """Return the printed names of the values of a dimension."""
    names = found.services["service_name"].astype("str")
    return [
        where("service", value, names, voice)
        if dimension == "service_code" and value in names.index
        else told_words(value, voice)
        for value in map(str, values)
    ]
