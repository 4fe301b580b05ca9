"""What offices counted: the gap step by step, their counts beside the estimates, the applications."""

from __future__ import annotations

import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.needs.counts_book import ISEE_BANDS
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.need_tables import counted_columns, counts, grades, told_of
from needs_analysis.reports.chapters.need_words import (
    STEPS,
    name_of,
    said_row,
    size_of,
    upper_first,
)
from needs_analysis.reports.charts.intervals import intervals
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Column, Picture, Table, plain
from needs_analysis.told import Shown
from needs_analysis.words import N_

_RESERVED = N_("È senza i conteggi riservati.")


def _steps(found: Findings, name: str, shown: Shown, title: str, *, sheet: bool) -> Table:
    """Give the steps of a gap: those of all sizes on the page, of each size in its sheet."""
    voice, rows = found.voice, shown.frame
    if not sheet:
        rows = rows[rows["size"] == TOTAL]
    pairs = zip(rows["size"], rows["step"], strict=True)
    keys = pd.Index([f"need_{name}_{size}_{step}" for size, step in pairs])
    frame = counts(rows, keys, voice)
    frame.insert(0, "label", [upper_first(voice.say(STEPS[one])) for one in rows["step"]])
    columns: list[Head] = [("label", N_("Passo"))]
    if sheet:
        frame.insert(0, "size", [size_of(str(one), voice) for one in rows["size"]])
        columns = [("size", N_("Componenti")), *columns, *counted_columns(voice)]
    else:
        columns.append(("said", N_("Famiglie o alloggi")))
    quality = grades(rows.set_axis(keys), ("said", *BOUNDS))
    notes = [
        voice.say(
            "Contano solo alloggi liberi e pronti, mai quelli occupati. Ciò che avanza di una "
            "dimensione non copre un'altra: i totali sono somme delle dimensioni."
        ),
        voice.say(_RESERVED) if rows["reserved"].any() else "",
    ]
    return table(
        voice, voice.say("bisogno") + f" {title.partition(':')[0].lower()}", title, frame, columns,
        quality, notes=notes,
    )  # fmt: skip


def gap_tables(found: Findings, *, sheet: bool = False) -> list[Table]:
    """Give the gap on a day and that of a year, apart: they are never summed; nothing without supply."""
    told, voice = told_of(found), found.voice
    if told.gap_stock is None or told.gap_flow is None:
        return []
    return [
        _steps(found, "gap_stock", told.gap_stock,
               voice.say("Divario oggi: chi è in bisogno e non ha un posto"), sheet=sheet),
        _steps(found, "gap_flow", told.gap_flow,
               voice.say("Divario in un anno: chi non troverà un alloggio"), sheet=sheet),
    ]  # fmt: skip


def gap_pictures(found: Findings) -> list[Picture]:
    """Draw the steps of the gap on a day, and in a year, each in a chart of its own."""
    told, voice = told_of(found), found.voice
    if told.gap_stock is None or told.gap_flow is None:
        return []
    titles = {
        "gap_stock": voice.say("Il divario oggi, passo per passo"),
        "gap_flow": voice.say("Il divario in un anno, passo per passo"),
    }
    return [
        picture for name, shown in (("gap_stock", told.gap_stock), ("gap_flow", told.gap_flow))
        if (picture := _picture(found, name, shown, titles[name]))
    ]  # fmt: skip


def _picture(found: Findings, name: str, shown: Shown, title: str) -> Picture | None:
    voice = found.voice
    rows = shown.frame[shown.frame["size"] == TOTAL]
    rows = rows.set_index(pd.Index([f"need_{name}_{TOTAL}_{step}" for step in rows["step"]]))
    if rows["central"].isna().all():
        return None
    said = {str(key): said_row(str(key), row, voice) for key, row in rows.iterrows()}
    names = {str(key): upper_first(voice.say(STEPS[row["step"]])) for key, row in rows.iterrows()}
    svg = intervals(
        rows, names=names, figures={key: plain(one) for key, one in said.items()}, voice=voice
    )
    alternative = "; ".join(f"{names[key]}: {said[key]}" for key in said) + "."
    return Picture(f"need_{name}", title, svg, alternative, drawn=tuple(said.values()))


# --- what offices gave -------------------------------------------------------------------------


def differences_table(found: Findings) -> Table | None:
    """Give each count of an office beside its estimate, where both may be told."""
    voice, rows = found.voice, told_of(found).differences.frame
    if rows.empty:
        return None
    names = found.area["municipality_name"]
    keys = [f"need_counted_{code}_{group}" for code, group in
            zip(rows["municipality_code"], rows["group"], strict=True)]  # fmt: skip
    frame = rows.assign(
        municipality_name=rows["municipality_code"].map(names),
        day=[str(one)[:10] for one in rows["day"]],
        label=[upper_first(name_of(one, voice)) for one in rows["group"]],
    ).set_index(pd.Index(keys))
    frame = frame.sort_values(["municipality_name", "label"])
    heads: list[Head] = [
        ("municipality_name", N_("Comune")), ("label", N_("Gruppo")), ("day", N_("Giorno"), "date"),
        ("count", N_("Conteggio"), "count"),
        *(
            Column(name, voice.say(words), "count", optional=True)
            for name, words in (
                ("estimate_low", N_("La stima era almeno")),
                ("estimate_high", N_("La stima era al più")),
                ("difference", N_("Differenza")),
            )
        ),
    ]  # fmt: skip
    return table(
        voice, voice.say("bisogno conteggi"), voice.say("I conteggi degli uffici e le stime"), frame,
        heads,
    )  # fmt: skip


def primary_table(found: Findings) -> Table | None:
    """Give the applications of the last notice by size and ISEE band: the primary need as asked."""
    voice, rows = found.voice, told_of(found).primary.frame
    if rows.empty:
        return None
    frame = rows.set_index(
        pd.Index([f"need_primary_{size}_{band}" for size, band in
                  zip(rows["size"], rows["isee_band"], strict=True)])
    )  # fmt: skip
    frame = frame.assign(
        size=[size_of(str(one), voice) for one in frame["size"]],
        isee_band=[
            voice.say("tutte" if one == TOTAL else ISEE_BANDS[str(one)])
            for one in frame["isee_band"]
        ],
    )
    heads: list[Head] = [
        ("size", N_("Componenti")), ("isee_band", N_("Fascia ISEE")),
        *(
            Column(name, voice.say(words), "count", optional=True)
            for name, words in (
                ("applications_low", N_("Domande, almeno")),
                ("applications_high", N_("Domande, al più")),
                ("waiting_low", N_("In attesa, almeno")), ("waiting_high", N_("In attesa, al più")),
            )
        ),
    ]  # fmt: skip
    note = voice.say(
        "Domande dell'ultimo bando che hanno i requisiti. La stima non le separa: quasi tutte le "
        "famiglie in affitto che pagano troppo hanno un ISEE sotto 16.000 €."
    )
    return table(
        voice, voice.say("bisogno primario"), voice.say("Il bisogno primario, come è stato chiesto"),
        frame, heads, notes=(note,),
    )  # fmt: skip
