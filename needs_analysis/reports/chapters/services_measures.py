"""The figures of a monitoring as tables, each with its rule, denominator and interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.reports.chapters.services_building import (
    LEVELS,
    Head,
    days_unit,
    told_table,
    unit_of,
    where,
)
from needs_analysis.reports.model import Table, between, number
from needs_analysis.services.measures import MEASURES, RULES, note_text
from needs_analysis.told import Told
from needs_analysis.words import N_, Voice

WIDE = N_(
    "Trenta posti danno intervalli larghi: una quota del 50 % su dieci uscite può valere "
    "davvero fra il 24 e il 76 %. Fra due servizi, o fra due anni, contano solo le "
    "differenze più grandi degli intervalli."
)
_MAIN = (
    "entries", "present_at_end", "exits", "positive_exits_share", "exits_autonomous_rent_share",
    "exits_sap_sas_share", "retention_share", "returns_730_share", "first_time_share",
    "stay_mean_days", "stay_median_days", "stay_km_median_days", "past_18_months_share",
    "follow_up_6_response_share", "follow_up_6_stable_share", "follow_up_12_response_share",
    "follow_up_12_stable_share", "goals_reached_share", "scale_change_entry_exit_points",
    "answer_median_days", "refused_share", "guests_per_educator", "volunteer_hours",
    "credit_counselling", "fees_due_eur",
)  # fmt: skip
_SOURCE_NOTE = N_("Fonte: registro e accoglienze dei servizi (dati riservati dell'ente).")
ALL_MEASURES = "Servizi misure"
"""The sheet with every figure of a monitoring; the columns by which it is read back."""
VALUE, RULE, CODE = (N_("Valore"), N_("Regola e versione"), N_("Codice"))
_MEASURE_COLUMNS = (
    ("label", N_("Misura"), "text"),
    ("value", VALUE, "by_row"),
    ("low", N_("Intervallo 95 %: da"), "by_row"),
    ("high", N_("Intervallo 95 %: a"), "by_row"),
    ("denominator", N_("Su quanti"), "count"),
    ("rule", RULE, "text"),
    ("note", N_("Nota"), "text"),
)
# On a page an interval is one text: what has none is left blank, it is not missing.
_PAGE_COLUMNS = (
    *_MEASURE_COLUMNS[:2],
    ("interval", N_("Intervallo al 95 %"), "text"),
    ("whole", N_("Su"), "text"),
    *_MEASURE_COLUMNS[-2:],
)
_HIDEABLE = ("value", "low", "high", "interval", "whole", "numerator", "denominator")
# Two deliveries are two equations.
_PERIODS_NOTE = N_(
    "Le consegne fatte con la stessa chiave sono controllate insieme, perché dalla differenza fra "
    "due periodi non si ricavi quello che ciascuna nasconde; cifre pubblicate in altro modo no."
)


def figure_code(measure: str, level: str, value: str) -> str:
    """Write which figure a row holds, the same in every language and delivery.

    Examples
    --------
    >>> figure_code("exits", "service", "A1"), figure_code("exits", "all", "")
    ('exits service:A1', 'exits')
    """
    return measure if level == "all" else f"{measure} {level}:{value}"


def _measure_rows(found: Told, frame: pd.DataFrame, voice: Voice) -> pd.DataFrame:
    """Return figures as rows to print: label, value, interval, counts, rule and version, note."""
    names = found.services["service_name"].astype("str")
    listed = [
        {
            "level": voice.say(LEVELS[row.level]),
            "where": where(row.level, row.level_value, names, voice),
            "label": MEASURES[row.measure].label_in(voice),
            "value": row.value, "low": row.low, "high": row.high,
            "interval": None
            if row.hidden
            else between(f"{figure_code(row.measure, row.level, row.level_value)}:", row.low, row.high,
                         voice, unit_of(row.measure), row.measure, with_unit=True),
            "whole": None if row.hidden else _whole(row, voice),
            "numerator": row.numerator if _has_count(row.measure) else np.nan,
            "denominator": row.denominator if _has_count(row.measure) else np.nan,
            "rule": f"{row.rule} {row.rule_version}",
            "code": figure_code(row.measure, row.level, row.level_value),
            "note": note_text(row.note, voice), "variable": row.measure,
            "unit": days_unit([row.value], unit_of(row.measure))
            if row.measure == "paid_days"
            else unit_of(row.measure), "hidden": row.hidden,
        }
        for row in (cast(Any, one) for one in frame.itertuples())
    ]  # fmt: skip
    return pd.DataFrame(listed)


def _has_count(measure: str) -> bool:
    """Whether a figure rests on a count of something: an amount or a test value does not."""
    return unit_of(measure) not in ("eur_cents", "hours", "p_value")


def _whole(row: Any, voice: Voice) -> str:
    if np.isnan(row.denominator):
        return ""
    code = figure_code(row.measure, row.level, row.level_value)
    return number(f"{code}:denominator", row.denominator, voice)


def main_table(found: Told, voice: Voice) -> Table:
    """Return the main measures of the network, each with its denominator, interval and rule."""
    frame = found.figures.frame
    own = frame[(frame["level"] == "all") & frame["measure"].isin(_MAIN)]
    order = {name: at for at, name in enumerate(_MAIN)}
    own = own.sort_values("measure", key=lambda names: names.map(order))
    title = N_("Misure della rete")
    return _measures_table(found, own, "Servizi misure rete", title, _PAGE_COLUMNS, voice)


def all_measures(found: Told, voice: Voice) -> Table:
    """Return every measure at every level."""
    columns = (
        ("level", N_("Livello"), "text"),
        ("where", N_("Di chi"), "text"),
        *_MEASURE_COLUMNS[:4],
        ("numerator", N_("Conteggio"), "count"),
        *_MEASURE_COLUMNS[4:],
        ("code", CODE, "code"),
    )
    # What a level never tells is left out: rows of hidden figures alone help nobody.
    frame = found.figures.frame
    hidden = frame.groupby(["measure", "level"])["hidden"].transform("all").astype(bool)
    notes = [voice.say(WIDE)]
    if not found.internal:
        notes += [voice.say(_PERIODS_NOTE), *_untold(frame[hidden], voice)]
    shown = frame[~hidden]
    return _measures_table(found, shown, ALL_MEASURES, N_("Tutte le misure"), columns, voice, notes)


def _untold(figures: pd.DataFrame, voice: Voice) -> list[str]:
    """Name the measures that a level hides altogether, those of the same levels together."""
    levels = figures.groupby("measure", sort=False)["level"].unique()
    alike: dict[str, list[str]] = {}
    for measure, own in levels.items():
        where = ", ".join(voice.say(words) for level, words in LEVELS.items() if level in own)
        one = MEASURES[str(measure)]
        alike.setdefault(where, []).append(one.label_in(voice))
    opening = voice.say("Nascoste per intero, senza righe")
    return [f"{opening} ({where}): {'; '.join(labels)}." for where, labels in alike.items()]


def _measures_table(
    found: Told,
    frame: pd.DataFrame,
    key: str,
    title: str,
    columns: Sequence[Head],
    voice: Voice,
    notes: Sequence[str] = (),
) -> Table:
    rows = _measure_rows(found, frame, voice)
    names = [name for name in _HIDEABLE if name in {one[0] for one in columns}]
    marks = pd.DataFrame(dict.fromkeys(names, rows["hidden"]), index=rows.index)
    held = found.figures.hidden.loc[frame.index].reset_index(drop=True)
    for name in {"numerator", "denominator"} & set(names):
        # Counted and not told, though the value is.
        marks[name] |= held[name] & rows["variable"].map(_has_count)
    said = (voice.say(_SOURCE_NOTE), *notes)
    return told_table(found, key, title, rows, columns, voice, marks, said, keys=list(rows["code"]))


def rules_table(found: Told, voice: Voice) -> Table:
    """Return the rules behind the measures: name, version, definition."""
    frame = pd.DataFrame(
        [(rule.name, str(rule.version), voice.say(rule.text))
         for rule in RULES.values()],
        columns=["rule", "version", "definition"],
    )  # fmt: skip
    columns = (
        ("rule", N_("Regola"), "text"),
        ("version", N_("Versione"), "code"),
        ("definition", N_("Che cosa si conta"), "text"),
    )
    return told_table(found, "Servizi regole", N_("Regole"), frame, columns, voice)


def outcomes_table(found: Told, voice: Voice) -> Table:
    """Return who is present, who left and who left to a stable home, by ambito."""
    rows, hidden = [], []
    keys = [*(("ambito", one) for one in found.ambiti), ("all", "")]
    for level, value in keys:
        share = found.figure("positive_exits_share", level, value)
        row = {
            "ambito": value or voice.say(LEVELS["all"]),
            "stays": found.count("outcomes", TOTAL, level, value),
            "present": found.count("outcomes", "present", level, value),
            "exits": found.count("outcomes", "exit", level, value),
            "positive": found.count("outcomes", "exit_positive", level, value),
            "share": share["value"], "low": share["low"], "high": share["high"],
        }  # fmt: skip
        rows.append(row)
        counts = {name: np.isnan(row[name]) for name in ("stays", "present", "exits", "positive")}
        hidden.append(counts | dict.fromkeys(("share", "low", "high"), bool(share["hidden"])))
    columns = (
        ("ambito", N_("Ambito"), "text"),
        ("stays", N_("Accoglienze"), "count"),
        ("present", N_("Ancora presenti"), "count"),
        ("exits", N_("Usciti"), "count"),
        ("positive", N_("Verso una casa stabile"), "count"),
        ("share", N_("Quota"), "share"),
        ("low", N_("Quota: da"), "share"),
        ("high", N_("Quota: a"), "share"),
    )
    title = N_("Esiti per ambito")
    frame, marks = pd.DataFrame(rows), pd.DataFrame(hidden)
    note = voice.say(RULES["exits"].text)
    return told_table(found, "Servizi esiti", title, frame, columns, voice, marks, (note,))
