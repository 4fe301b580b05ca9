"""The command for tables: a workbook, one of the user's own filled, the names that it may use."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from needs_analysis.cli.output import (
    AreaArgument,
    CodesOnOption,
    FileOption,
    LangOption,
    QuietOption,
    StudyOption,
    called,
    csv_text,
    progress,
    study_for,
    written,
)
from needs_analysis.errors import Messages, ParameterError
from needs_analysis.words import N_, SOURCE, Voice

if TYPE_CHECKING:
    from needs_analysis.study import Study

problem = Messages(
    "cli_tables",
    {
        "both": N_("--template e --names insieme: uno riempie, l'altro elenca"),
        "study_alone": N_("--study vuole --template o --names"),
        "run_it": N_("Le tabelle di uno studio intero le scrive «needs-analysis run study.toml»."),
        "itself": N_("--out è il modello stesso: indicarne un altro, il modello resta com'è"),
    },
)


def tables(
    area: AreaArgument,
    template: Annotated[
        Path | None,
        typer.Option(
            "--template",
            help=N_(
                "Una cartella di lavoro propria (.xlsx) con segnaposto {{nome}} o nomi definiti: se ne "
                "scrive una copia riempita, con formati e formule com'erano."
            ),
        ),
    ] = None,
    names: Annotated[
        bool, typer.Option("--names", help=N_("Elenca in CSV i nomi che un modello può usare."))
    ] = False,
    study_file: StudyOption = None,
    out: FileOption = None,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Write only the tables, an Excel workbook, or fill one of the user's own."""
    from needs_analysis import store

    to = out or called(area, codes_on, template.stem if template else "", ending=".xlsx")
    _refuse(template, to, study_file, names=names)
    wanted = _asked(area, lang, codes_on, study_file)
    # What is read of findings is computed when it is read: all of it of the figures of the study.
    with store.using(wanted.selection), progress(quiet, 4) as report:
        if template is not None:
            _fill(wanted, template, to, report)
        elif names:
            _list_names(wanted, out, report)
        else:
            _write(wanted, to, report)


def _refuse(template: Path | None, out: Path, study_file: Path | None, *, names: bool) -> None:
    """Refuse what cannot be asked for together."""
    if study_file is not None and template is None and not names:
        raise ParameterError(problem("study_alone"), cure=problem("run_it"))
    if template is not None and names:
        raise ParameterError(problem("both"))
    if template is not None and template.resolve() == out.resolve():
        raise ParameterError(problem("itself"))


def _asked(area: str, lang: str, codes_on: str, study_file: Path | None) -> Study:
    """Return what is asked of an area: by a study where one is given, whose counts it is filled with.

    A workbook has no place for what a study tells of services, which is handed out by `run` alone, nor
    for the warning of the internal profile: small counts stay hidden.
    """
    found = study_for(area, lang, study_file)
    found = replace(found, codes_on=codes_on or found.codes_on)
    if study_file is None:
        return found
    needs = found.needs and replace(found.needs, profile="published")
    return replace(found.pinned(), services=None, needs=needs)


def _write(asked: Study, to: Path, report: Callable[[str], None]) -> None:
    """Write the tables of an area."""
    from needs_analysis import study
    from needs_analysis.reports import content
    from needs_analysis.reports.render import workbook

    with written(to, "xlsx") as path:
        found = study.find(asked, report)
        report(N_("tabelle"))
        sheets = content.sheets(found)
        workbook.write(sheets, path, title=found.label, voice=asked.voice)


def _fill(asked: Study, template: Path, to: Path, report: Callable[[str], None]) -> None:
    """Fill a workbook of the user's own with the figures of an area."""
    from needs_analysis import study
    from needs_analysis.reports.facts import Facts
    from needs_analysis.reports.render.template.fill import fill as filled
    from needs_analysis.reports.render.template.package import opened

    opened(template)  # what cannot be filled is said before anything is computed
    with written(to, "xlsx") as path:
        found = study.find(asked, report)
        report(N_("tabelle"))
        done = filled(template, path, Facts(found), asked.voice)
    if done.others:
        names = asked.voice.say(
            N_("Nomi definiti che non sono di un dato, lasciati com'erano: {names}."),
            names=", ".join(done.others),
        )
        print(names, file=sys.stderr)


def _plain(value: int | float | str, voice: Voice) -> str:
    """Write a figure as a CSV of the language has it."""
    if isinstance(value, str):
        return value
    point = voice.number(0.5, 1)[1]
    return f"{value:.6g}".replace(".", point)


def _list_names(asked: Study, to: Path | None, report: Callable[[str], None]) -> None:
    """Write as CSV the names that a workbook may use, with the area's figures."""
    import pandas as pd

    from needs_analysis import study
    from needs_analysis.reports.facts import Facts
    from needs_analysis.reports.language import QUALITY_LABELS
    from needs_analysis.reports.render.template.fill import listed

    voice: Voice = asked.voice
    facts = Facts(study.find(asked, report))
    heads = (N_("segnaposto"), N_("nome definito"), N_("che cosa è"), N_("valore"), N_("unità"),
             N_("qualità"), N_("anno"), N_("fonte"))  # fmt: skip
    rows = [
        (f"{{{{{name}}}}}", named, fact.label, _plain(fact.value, voice), fact.unit,
         voice.say(QUALITY_LABELS[fact.quality]), fact.year, fact.source)
        for name, named, fact in listed(facts)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[voice.say(one) for one in heads])
    text = csv_text(frame.set_index(frame.columns[0]), None, asked.lang)
    if to is None:
        sys.stdout.write(text)
        return
    with written(to, "csv") as path:
        path.write_text(text, "utf-8")
