"""What offices counted: the gap step by step, their counts beside the estimates, the applications."""

from __future__ import annotations

import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.figures import Quality
from needs_analysis.needs.counts_book import ISEE_BANDS
from needs_analysis.needs.groups import ANSWERS, COMPOSITIONS, TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.by_municipality import heads as named
from needs_analysis.reports.chapters.need_diffuse import diffuse_table
from needs_analysis.reports.chapters.need_levels import (
    municipalities_table,
    wider_table,
    yearly_table,
)
from needs_analysis.reports.chapters.need_tables import (
    counted_columns,
    counts,
    grades,
    groups_table,
    reserved,
    sizes_table,
)
from needs_analysis.reports.chapters.need_view import NeedView
from needs_analysis.reports.chapters.need_words import (
    ROUNDED,
    STEPS,
    size_of,
    upper_first,
)
from needs_analysis.reports.model import Column, Table
from needs_analysis.told import Shown
from needs_analysis.words import N_

_RESERVED = N_("È senza i conteggi riservati.")
_OF_OFFICES = N_("Conteggi degli uffici, dalla cartella di lavoro che hanno riempito.")


def _steps(view: NeedView, name: str, shown: Shown, title: str, *, sheet: bool) -> Table:
    """Give the steps of a gap: those of all sizes on the page, of each size in its sheet."""
    voice, rows = view.voice, shown.frame
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
        voice.say(ROUNDED),
        voice.say(_RESERVED) if rows["reserved"].any() else "",
    ]
    return table(
        voice, voice.say("bisogno") + f" {title.partition(':')[0].lower()}", title, frame, columns,
        quality, notes=notes, sources=view.told.sources_of(),
    )  # fmt: skip


def gap_tables(view: NeedView, *, sheet: bool = False) -> list[Table]:
    """Give the gap on a day and that of a year, apart: they are never summed; nothing without supply."""
    told, voice = view.told, view.voice
    if told.gap_stock is None or told.gap_flow is None:
        return []
    return [
        _steps(view, "gap_stock", told.gap_stock,
               voice.say("Divario oggi: chi è in bisogno e non ha un posto"), sheet=sheet),
        _steps(view, "gap_flow", told.gap_flow,
               voice.say("Divario in un anno: chi non troverà un alloggio"), sheet=sheet),
    ]  # fmt: skip


# --- what offices gave -------------------------------------------------------------------------


def answers_table(view: NeedView) -> Table | None:
    """Give the households of each group by what would solve their need; nothing without a supply."""
    voice, shown = view.voice, view.told.answers
    if shown is None or shown.frame.empty:
        return None
    rows = shown.frame
    pairs = zip(rows["group"], rows["answer"], strict=True)
    frame = counts(rows, pd.Index([f"need_answer_{group}_{one}" for group, one in pairs]), voice)
    frame["label"] = [upper_first(view.told.name(str(one), voice)) for one in rows["group"]]
    frame["answer"] = [voice.say(ANSWERS[str(one)]) for one in rows["answer"]]
    heads: list[Head] = [
        ("label", N_("Gruppo")),
        ("answer", N_("Risposta")),
        *counted_columns(voice),
    ]
    more, without = reserved(frame, rows, voice)
    note = voice.say(
        "Di chi è in bisogno a una data. Le quote di ogni gruppo risolte dove vive sono assunzioni."
    )
    return table(
        voice, voice.say("bisogno risposte"), voice.say("Che cosa risolve il bisogno, per gruppo"),
        frame, [*heads, *more], grades(rows.set_axis(frame.index), BOUNDS),
        notes=(note, voice.say(ROUNDED), without),
        sources=view.told.sources_of(),
    )  # fmt: skip


def compositions_table(view: NeedView) -> Table | None:
    """Give how many of a group the offices counted by composition of the household."""
    voice, shown = view.voice, view.told.compositions
    rows = shown.frame
    if rows.empty:
        return None
    pairs = zip(rows["group"], rows["composition"], strict=True)
    frame = rows.set_axis([f"need_composition_{group}_{one}" for group, one in pairs])
    hidden = shown.hidden.set_axis(frame.index)
    quality = hidden.astype("int8") * int(Quality.SUPPRESSED)
    frame = frame.assign(
        label=[upper_first(view.told.name(str(one), voice)) for one in rows["group"]],
        composition=[upper_first(voice.say(COMPOSITIONS[str(one)])) for one in rows["composition"]],
    )
    heads: list[Head] = [
        ("label", N_("Gruppo")), ("composition", N_("Composizione")), ("count", N_("Famiglie"), "count"),
        ("municipalities", N_("Comuni"), "count"),
    ]  # fmt: skip
    more, without = reserved(frame, rows, voice)
    return table(
        voice, voice.say("bisogno composizioni"), voice.say("Chi hanno contato gli uffici"), frame,
        [*heads, *more], quality.astype("int8"), notes=(voice.say(_OF_OFFICES), without),
    )  # fmt: skip


def asked_table(view: NeedView) -> Table | None:
    """Give which office was asked for each count and which answered, and when: for the office alone."""
    voice, rows = view.voice, view.told.asked
    if rows.empty or not view.told.internal:
        return None
    days = {name: [str(one)[:10] if pd.notna(one) else "" for one in rows[name]]
            for name in ("asked_on", "answered_on")}  # fmt: skip
    frame = rows.assign(
        municipality_name=[view.name(str(one)) for one in rows["municipality_code"]],
        label=[upper_first(view.told.name(str(one), voice)) for one in rows["group"]],
        asked=rows["asked"].fillna(""), answered=rows["answered"].fillna(""), **days,
    ).sort_values(["municipality_name", "label"])  # fmt: skip
    heads: list[Head] = [
        *named("municipality_code", "municipality_name"), ("label", N_("Gruppo")),
        ("asked", N_("Chi è stato interpellato")), ("asked_on", N_("Interpellato il"), "date"),
        ("answered", N_("Chi ha risposto")), ("answered_on", N_("Risposto il"), "date"),
    ]  # fmt: skip
    return table(
        voice, voice.say("bisogno interpellati"),
        voice.say("Chi è stato interpellato, e chi ha risposto"), frame, heads,
        notes=(voice.say("Solo per l'ufficio: non si pubblica."),), facts="",
    )  # fmt: skip


def differences_table(view: NeedView) -> Table | None:
    """Give each count of an office beside its estimate, where both may be told."""
    voice, rows = view.voice, view.told.differences.frame
    if rows.empty:
        return None
    keys = [f"need_counted_{code}_{group}" for code, group in
            zip(rows["municipality_code"], rows["group"], strict=True)]  # fmt: skip
    frame = rows.assign(
        municipality_name=[view.name(str(one)) for one in rows["municipality_code"]],
        day=[str(one)[:10] for one in rows["day"]],
        label=[upper_first(view.told.name(str(one), voice)) for one in rows["group"]],
    ).set_index(pd.Index(keys))
    frame = frame.sort_values(["municipality_name", "label"])
    heads: list[Head] = [
        *named("municipality_code", "municipality_name"), ("label", N_("Gruppo")),
        ("day", N_("Giorno"), "date"), ("count", N_("Conteggio"), "count"),
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
        heads, notes=(voice.say(_OF_OFFICES),), sources=view.told.sources_of(rows["group"].unique()),
    )  # fmt: skip


def primary_table(view: NeedView) -> Table | None:
    """Give the applications of the last notice by size and ISEE band: the primary need as asked."""
    voice, rows = view.voice, view.told.primary.frame
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
        frame, heads, notes=(voice.say(_OF_OFFICES), note),
    )  # fmt: skip


# --- what to ask -------------------------------------------------------------------------------


def questions_table(view: NeedView, *, sheet: bool = False) -> Table | None:
    """List what to ask of the groups that no public figure counts, and whom; never a 0."""
    voice, rows = view.voice, view.told.not_estimable
    if rows.empty:
        return None
    frame = pd.DataFrame(
        {
            "label": [upper_first(voice.say(TARGET_GROUPS[one].label)) for one in rows["group"]],
            "question": [voice.say(one) for one in rows["question"]],
            "who": [voice.say(one) for one in rows["who"]],
            "why": [upper_first(voice.say(one)) for one in rows["why"]],
        },
        index=pd.Index([f"need_question_{one}" for one in rows["group"]]),
    )
    columns: list[Head] = [
        ("label", N_("Gruppo")), ("question", N_("Che cosa chiedere")), ("who", N_("A chi")),
        *([("why", N_("Perché si chiede"))] if sheet else []),
    ]  # fmt: skip
    if view.many:
        frame["municipalities"] = rows["municipalities"].astype(float).to_numpy()
        columns.append(Column("municipalities", voice.say("Comuni senza il dato"), "count"))
        if rows["silent"].gt(0).any():
            frame["silent"] = rows["silent"].astype(float).to_numpy()
            columns.append(Column("silent", voice.say("Non trasmesso"), "count"))
    note = voice.say(
        "Non stimabile dai dati pubblici: di questi gruppi non c'è un numero, e non è zero. Anche il "
        "bisogno primario si chiede: quante domande dell'ultimo bando hanno i requisiti, per "
        "componenti e fascia ISEE."
    )
    return table(
        voice, voice.say("bisogno domande"), voice.say("Che cosa chiedere agli uffici"), frame, columns,
        notes=(note,),
    )  # fmt: skip


def sheets(view: NeedView) -> list[Table]:
    """Return every table of need, one a sheet: of a briefing, and of a workbook of need alone."""
    every = (
        groups_table(view, sheet=True), sizes_table(view, sheet=True),
        municipalities_table(view, sheet=True) if view.many else None,
        *(wider_table(view, level, sheet=True) for level in view.wider),
        yearly_table(view), *gap_tables(view, sheet=True), answers_table(view),
        compositions_table(view), differences_table(view), primary_table(view),
        diffuse_table(view, sheet=True), questions_table(view, sheet=True), asked_table(view),
    )  # fmt: skip
    return [one for one in every if one is not None]
