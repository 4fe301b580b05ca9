"""The index of many briefings: a row an area, what could not be written and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from needs_analysis import parameters
from needs_analysis.figures import Quality
from needs_analysis.indicators import registry
from needs_analysis.indicators.declaration import unit_of, worded
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.needs.result import DISTINCT
from needs_analysis.provenance import Source
from needs_analysis.reports.chapters.building import table
from needs_analysis.reports.chapters.by_municipality import MAIN
from needs_analysis.reports.chapters.need_tables import counted_columns, counts, grades
from needs_analysis.reports.model import Briefing, Chapter, Column, Sentence, Table
from needs_analysis.words import N_, NN_, Voice

FIGURES = (
    "overburdened_tenants_per_1000", "rent_to_income_ratio", "low_income_share",
    "eviction_orders_per_1000",
)  # fmt: skip
"""What an area is told by beside its households in need."""
TABLES = "atlas.xlsx"
_DONE = NN_(
    "Un territorio, con la sua cartella.", "{count} territori, ciascuno con la sua cartella."
)
_ORDER = N_(
    "In ordine di nome: non è una graduatoria. Gli intervalli si sovrappongono quasi sempre, e una "
    "differenza dentro l'intervallo non è una differenza."
)
_OUTSIDE = N_(
    "Questi comuni non stanno in nessun territorio dell'elenco, perché nessuna fonte nazionale dice di "
    "quale ambito sono. Per averli, dare l'elenco: un CSV con un comune per riga e le colonne «codice» "
    "e «ambito», e ripetere con --areas."
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
    none = Sentence(voice.say("Nessun territorio è stato scritto."))
    areas = _areas_table(made, voice) if made else none
    chapters = [Chapter("territori", voice.say("I territori"), (areas,))]
    if len(failed):
        heads = (("area", N_("Territorio")), ("cause", N_("Perché")), ("cure", N_("Che fare")))
        name = voice.say("Non scritti")
        rows = table(voice, voice.say("non scritti"), name, failed.reset_index(drop=True), heads,
                     facts="")  # fmt: skip
        chapters.append(Chapter("non_scritti", name, (rows,)))
    if outside:
        said = Sentence(voice.say(_OUTSIDE), note=", ".join(outside) + ".")
        chapters.append(Chapter("senza_ambito", voice.say("Comuni senza ambito"), (said,)))
    sheets = [block for one in chapters[1:] for block in one.blocks if isinstance(block, Table)]
    if made:
        sheets.insert(0, _areas_table(made, voice, sheet=True))
    return Briefing(
        voice, voice.say("Disagio abitativo: {title}", title=title),
        voice.plural(*_DONE, len(made)), tuple(chapters), tuple(sheets),
        {voice.say("Tabelle Excel"): TABLES},
    )  # fmt: skip


def _areas_table(
    made: Mapping[str, Mapping[str, Any]], voice: Voice, *, sheet: bool = False
) -> Table:
    """Give a row an area: its households in need, in words on the page, as numbers in the sheet."""
    folders = sorted(made, key=lambda folder: made[folder]["area"]["label"])
    rows = _need_rows([made[folder] for folder in folders], pd.Index(folders))
    frame = counts(rows, rows.index, voice, "need_")
    quality = grades(rows, (f"need_{name}" for name in ("said", *BOUNDS)))
    frame["area"] = [made[folder]["area"]["label"] for folder in folders]
    frame["municipalities"] = [len(made[folder]["area"]["municipalities"]) for folder in folders]
    for name in ("households", *FIGURES):
        known = [made[folder]["figures"].get(name, {}) for folder in folders]
        frame[name] = pd.to_numeric(pd.Series([one.get("value") for one in known], rows.index))
        quality[name] = [int(_quality(one)) for one in known]
    need = voice.say("Famiglie in bisogno")
    counted = counted_columns(voice, "need_", need) if sheet else [Column("need_said", need)]
    heads = [Column("area", voice.say("Territorio")),
             Column("municipalities", voice.say("Comuni"), "count"),
             Column("households", voice.say("Famiglie"), "count"), *counted,
             *(Column(name, _head(name, voice), unit_of(name)) for name in FIGURES)]  # fmt: skip
    cited = {key: Source(**one) for each in made.values() for key, one in each["sources"].items()}
    return table(
        voice, voice.say("territori"), voice.say("I territori"), frame, heads,
        quality.astype("int8"), notes=(voice.say(_ORDER),),
        sources=[cited[key] for key in sorted(cited)],
        links=tuple(f"{folder}/index.html" for folder in folders),
    )  # fmt: skip


def _head(name: str, voice: Voice) -> str:
    short = MAIN.get(name)
    return (
        worded(short, voice, parameters.values({})) if short else registry()[name].label_in(voice)
    )


def _quality(figure: Mapping[str, Any]) -> Quality:
    return Quality[figure["quality"].upper()] if figure.get("quality") else Quality.MISSING


def _need_rows(made: Sequence[Mapping[str, Any]], folders: pd.Index) -> pd.DataFrame:
    """Return the households in at least one group of each area; known is 0 where there is no count."""
    absent = {"low": None, "central": None, "high": None, "band": False, "known": 0,
              "quality": "missing", "reserved": False}  # fmt: skip
    given = [one.get("need", {}).get("households", {}).get(DISTINCT, absent) for one in made]
    frame = pd.DataFrame(given, index=folders)[list(absent)]
    frame["quality"] = [int(Quality[one.upper()]) for one in frame["quality"]]
    frame[[*BOUNDS]] = frame[[*BOUNDS]].apply(pd.to_numeric)
    frame["municipalities"] = [len(one["area"]["municipalities"]) for one in made]
    return frame
