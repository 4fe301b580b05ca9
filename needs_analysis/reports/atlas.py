"""The index of many briefings: a row an area, what could not be written and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from needs_analysis.figures import Quality
from needs_analysis.indicators import registry
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.needs.result import DISTINCT
from needs_analysis.reports.chapters.building import table
from needs_analysis.reports.chapters.need_tables import counted_columns, counts, grades
from needs_analysis.reports.model import Block, Briefing, Chapter, Column, Sentence, Table
from needs_analysis.words import N_, NN_, Voice

FIGURES = (
    "overburdened_tenants_per_1000", "rent_to_income_ratio", "low_income_share",
    "eviction_orders_per_1000",
)  # fmt: skip
"""What an area is told by beside its households in need."""
_DONE = NN_(
    "Un territorio, con la sua cartella.", "{count} territori, ciascuno con la sua cartella."
)
_ORDER = N_(
    "In ordine di nome: non è una graduatoria. Gli intervalli si sovrappongono quasi sempre, e una "
    "differenza dentro l'intervallo non è una differenza."
)
_OUTSIDE = N_(
    "Questi comuni non stanno in nessun territorio dell'elenco, perché nessuna fonte nazionale dice di "
    "quale ambito sono. Per averli, dare l'elenco: un CSV con un comune per riga e le colonne «codice» e "
    "«ambito», e ripetere con --areas."
)


def compose(
    made: Mapping[str, Mapping[str, Any]], failed: pd.DataFrame, outside: Sequence[str],
    title: str, voice: Voice,
) -> Briefing:  # fmt: skip
    """Put many areas on one page and in one workbook.

    Parameters
    ----------
    made : mapping of str to mapping
        By folder, what its ``provenance.json`` says.
    failed : DataFrame
        Columns area, cause, cure: what could not be written.
    outside : sequence of str
        Names of municipalities that are in no area.
    title : str
        The whole.
    voice : Voice
        The language.
    """
    chapters = [Chapter("territori", voice.say("I territori"), tuple(_areas(made, voice)))]
    if len(failed):
        heads = (("area", N_("Territorio")), ("cause", N_("Perché")), ("cure", N_("Che fare")))
        name = voice.say("Non scritti")
        rows = table(voice, voice.say("non scritti"), name, failed.reset_index(drop=True), heads,
                     facts="")  # fmt: skip
        chapters.append(Chapter("non_scritti", name, (rows,)))
    if outside:
        said = Sentence(voice.say(_OUTSIDE), note=", ".join(outside) + ".")
        chapters.append(Chapter("senza_ambito", voice.say("Comuni senza ambito"), (said,)))
    sheets = tuple(
        block for one in chapters for block in one.blocks if isinstance(block, Table)
    )
    subtitle = voice.plural(*_DONE, len(made))
    return Briefing(
        voice, voice.say("Disagio abitativo: {title}", title=title), subtitle, tuple(chapters), sheets
    )


def _areas(made: Mapping[str, Mapping[str, Any]], voice: Voice) -> Iterator[Block]:
    if not made:
        yield Sentence(voice.say("Nessun territorio è stato scritto."))
        return
    said = sorted(made, key=lambda folder: made[folder]["area"]["label"])
    rows = _need_rows([made[folder] for folder in said], pd.Index(said))
    frame = counts(rows, rows.index, voice, "need_")
    quality = grades(rows, (f"need_{name}" for name in ("said", "low", "central", "high")))
    frame.insert(0, "area", [made[folder]["area"]["label"] for folder in said])
    frame["municipalities"] = [len(made[folder]["area"]["municipalities"]) for folder in said]
    heads = [Column("area", voice.say("Territorio")),
             Column("municipalities", voice.say("Comuni"), "count"),
             Column("households", voice.say("Famiglie"), "count")]  # fmt: skip
    for name in ("households", *FIGURES):
        known = [made[folder]["figures"].get(name, {}) for folder in said]
        frame[name] = [one.get("value") for one in known]
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
        quality[name] = [int(_quality(one)) for one in known]
    named = [Column(name, registry()[name].label_in(voice), unit_of(name)) for name in FIGURES]
    counted = counted_columns(voice, "need_", voice.say("Famiglie in bisogno"))
    sources = sorted({
        f"{one['attribution']} ({one['reference_date']})"
        for each in made.values() for one in each["sources"].values()
    })  # fmt: skip
    yield Table(
        voice.say("territori"), voice.say("I territori"), frame, (*heads, *counted, *named),
        quality.astype("int8"), (voice.say(_ORDER),), tuple(sources), facts="rows",
        links=tuple(f"{folder}/index.html" for folder in said),
    )  # fmt: skip


def _quality(figure: Mapping[str, Any]) -> Quality:
    return Quality[figure["quality"].upper()] if figure.get("quality") else Quality.MISSING


def _need_rows(made: Sequence[Mapping[str, Any]], folders: pd.Index) -> pd.DataFrame:
    """Return the households in at least one group of each area; known is 0 where there is no count."""
    absent = {"low": None, "central": None, "high": None, "band": False, "known": 0,
              "quality": "missing", "reserved": False}  # fmt: skip
    given = [one.get("need", {}).get("households", {}).get(DISTINCT, absent) for one in made]
    frame = pd.DataFrame(given, index=folders)[list(absent)]
    frame["quality"] = [int(Quality[one.upper()]) for one in frame["quality"]]
    bounds = ["low", "central", "high"]
    frame[bounds] = frame[bounds].apply(pd.to_numeric)
    frame["municipalities"] = [len(one["area"]["municipalities"]) for one in made]
    return frame
