"""The workbook of who is in need: a sheet for each told table, with the words that go with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.figures import Quality
from needs_analysis.needs.counts_book import ISEE_BANDS
from needs_analysis.needs.groups import ANSWERS, COMPOSITIONS, TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.reports.chapters.need_tables import grades
from needs_analysis.reports.chapters.need_words import KINDS, STEPS, size_of
from needs_analysis.reports.language import quality_words
from needs_analysis.reports.model import Column, Table
from needs_analysis.told.needs import ToldNeed, said_count
from needs_analysis.told.telling import Shown
from needs_analysis.words import N_, Voice

Heads = tuple[tuple[str, str, str], ...]
"""Columns: name, words yet to be said, unit."""
_LEVELS: Mapping[str, str] = {
    "area": N_("territorio"), "region": N_("regione"), "province": N_("provincia"),
    "ambito": N_("ambito"), "municipality": N_("comune"),
}  # fmt: skip
_COUNTS: Heads = (
    ("said", N_("Famiglie"), "text"), ("low", N_("almeno"), "count"),
    ("central", N_("valore centrale"), "count"), ("high", N_("al più"), "count"),
)  # fmt: skip
_KNOWN: Heads = (
    ("known", N_("comuni con la cifra"), "count"), ("municipalities", N_("comuni"), "count"),
)  # fmt: skip
_PLACE: Heads = (
    ("level", N_("Livello"), "text"), ("unit", N_("Territorio"), "text"),
)  # fmt: skip
_SAID: Heads = (
    ("quality_said", N_("Qualità"), "text"), ("vintage", N_("Date dei dati"), "text"),
)  # fmt: skip
_GROUP: Heads = (("group", N_("Gruppo"), "text"),)


_RESERVED: Heads = (("reserved_said", N_("Riserve"), "text"),)
_SIZE: Heads = (("size", N_("Componenti"), "text"),)
_STEP: Heads = (*_SIZE, ("step", N_("Passo"), "text"), *_COUNTS)
_RISES = N_("Un avanzo di una dimensione non copre un'altra.")
_SHEETS: Sequence[tuple[str, str, str, Heads, tuple[str, ...]]] = (
    ("totals", "bisogno", N_("bisogno"),
     (*_PLACE, *_GROUP, *_COUNTS, *_KNOWN, ("kind_said", N_("Che numero è"), "text"), *_SAID,
      ("before", N_("stima senza i conteggi"), "count"),
      ("difference", N_("differenza dei conteggi"), "count"), *_RESERVED),
     (N_("Una stima sotto le 20 famiglie è scritta come fascia, senza valore centrale."),
      N_("Le famiglie di più gruppi stanno in ognuno: i gruppi non si sommano."))),
    ("distinct", "distinte", N_("famiglie distinte"),
     (*_PLACE, *_COUNTS, *_KNOWN, ("households", N_("famiglie in tutto"), "count"), *_SAID,
      *_RESERVED),
     (N_("Famiglie in almeno un gruppo, contate una volta sola."),)),
    ("yearly", "in_un_anno", N_("in un anno"), (*_PLACE, *_GROUP, *_COUNTS, *_KNOWN, *_SAID, *_RESERVED),
     (N_("Di un anno: non si sommano con quelle di una data."),)),
    ("by_size", "dimensione", N_("per dimensione"), (*_PLACE, *_SIZE, *_COUNTS, *_RESERVED),
     (N_("Famiglie in affitto che pagano troppo."),)),
    ("not_estimable", "da_chiedere", N_("da chiedere"),
     (*_GROUP, ("question", N_("Domanda"), "text"), ("who", N_("A chi"), "text"),
      ("why", N_("Perché"), "text"), ("municipalities", N_("comuni senza la cifra"), "count"),
      ("silent", N_("di cui senza risposta"), "count")), ()),
    ("differences", "differenze", N_("conteggi e stime"),
     (("unit", N_("Territorio"), "text"), *_GROUP, ("count", N_("conteggio"), "count"),
      ("day", N_("data"), "date"), ("estimate_low", N_("stima, almeno"), "count"),
      ("estimate_high", N_("stima, al più"), "count"),
      ("difference", N_("differenza"), "count")), ()),
    ("compositions", "composizioni", N_("composizioni"),
     (*_GROUP, ("composition", N_("Composizione"), "text"), ("count", N_("Famiglie"), "count"),
      ("municipalities", N_("comuni"), "count"), *_RESERVED), ()),
    ("primary", "domande", N_("domande di casa"),
     (*_SIZE, ("isee_band", N_("Fascia ISEE"), "text"),
      ("applications_low", N_("domande con i requisiti, almeno"), "count"),
      ("applications_high", N_("domande, al più"), "count"),
      ("waiting_low", N_("in attesa, almeno"), "count"),
      ("waiting_high", N_("in attesa, al più"), "count"),
      ("municipalities", N_("comuni"), "count")),
     (N_("Bisogno primario come è stato chiesto: non è una stima."),)),
    ("gap_stock", "posti", N_("senza posto alla data"), _STEP, (_RISES,)),
    ("gap_flow", "posti_anno", N_("senza posto in un anno"), _STEP, (_RISES,)),
    ("answers", "risposte", N_("risposte"), (*_GROUP, ("answer", N_("Risposta"), "text"), *_COUNTS), ()),
)  # fmt: skip
"""A sheet a table: the field of the told need, key, title, columns and notes."""


def sheets(told: ToldNeed, names: Mapping[str, str], voice: Voice) -> list[Table]:
    """Return the sheets of what may be told of a need; one with no rows is left out.

    Parameters
    ----------
    told : ToldNeed
        In its profile.
    names : mapping of str to str
        Of the units, by their codes.
    voice : Voice
        The language.
    """
    found = []
    for field, key, title, heads, notes in _SHEETS:
        part: Shown | pd.DataFrame | None = getattr(told, field)
        frame = part.frame if isinstance(part, Shown) else part
        if frame is None or not len(frame):
            continue
        columns = tuple(
            Column(name, voice.say(label), unit, optional=unit == "count")
            for name, label, unit in heads
        )
        said = [voice.say(note) for note in notes]
        if "reserved" in frame and frame["reserved"].any():
            said.append(voice.say(N_("Dove è scritto, il numero è senza i conteggi riservati.")))
        quality = _quality(frame, part) if isinstance(part, Shown) else None
        worded = _worded(frame, names, voice)
        found.append(Table(key, voice.say(title), worded, columns, quality, notes=tuple(said)))
    return found


def _worded(frame: pd.DataFrame, names: Mapping[str, str], voice: Voice) -> pd.DataFrame:
    """Return a table with its keys in words, and each count as it is said."""
    out = frame.copy()
    if "band" in out:
        out["said"] = [said_count(row, voice) for _, row in frame.iterrows()]
        # The ends of a band are no interval of a count.
        out.loc[frame["band"].astype(bool), [*BOUNDS]] = np.nan
    if "municipality_code" in out:
        out["unit"] = out["municipality_code"].map(lambda one: names.get(one, one))
    qualities = quality_words(voice)
    every = voice.say(N_("tutte"))
    said: Mapping[str, tuple[str, Callable[[object], str]]] = {
        "level": ("level", lambda one: voice.say(_LEVELS[str(one)])),
        "unit": ("unit", lambda one: names.get(str(one), str(one))),
        "group": ("group", lambda one: voice.say(TARGET_GROUPS[str(one)].name)),
        "kind": ("kind_said", lambda one: voice.say(KINDS[str(one)]) if one else ""),
        "quality": ("quality_said", lambda one: qualities[Quality(int(str(one)))]),
        "size": ("size", lambda one: size_of(str(one), voice)),
        "isee_band": ("isee_band",
                      lambda one: every if one == TOTAL else voice.say(ISEE_BANDS[str(one)])),
        "composition": ("composition", lambda one: voice.say(COMPOSITIONS[str(one)])),
        "step": ("step", lambda one: voice.say(STEPS[str(one)])),
        "answer": ("answer", lambda one: voice.say(ANSWERS[str(one)])),
        "reserved": ("reserved_said",
                     lambda one: voice.say(N_("senza i conteggi riservati")) if one else ""),
        **{name: (name, lambda one: voice.say(str(one))) for name in ("question", "who", "why")},
    }  # fmt: skip
    for name, (into, words) in said.items():
        if name in out:
            out[into] = [words(one) for one in out[name]]
    return out


def _quality(frame: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    """Return the quality of each count; what is hidden says so."""
    names = [str(one) for one in shown.hidden]
    if "band" in frame:
        return grades(frame, names)
    counted = pd.DataFrame(int(Quality.OBSERVED), frame.index, names)
    return counted.mask(shown.hidden.astype(bool), int(Quality.SUPPRESSED)).astype("int8")
