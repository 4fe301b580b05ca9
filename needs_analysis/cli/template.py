"""What `tables` does with a workbook of the user's own, and the list of the names it may use."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from needs_analysis.cli.output import csv_text, written
from needs_analysis.errors import Messages, ParameterError
from needs_analysis.words import N_, Voice

if TYPE_CHECKING:
    from needs_analysis.study import Study

problem = Messages(
    "cli_template",
    {
        "both": N_("--template e --names insieme: uno riempie, l'altro elenca"),
        "itself": N_("--out è il modello stesso: indicarne un altro, il modello resta com'è"),
    },
)


def refuse(template: Path | None, out: Path, *, names: bool) -> None:
    """Refuse what cannot be asked for together."""
    if template is not None and names:
        raise ParameterError(problem("both"))
    if template is not None and template.resolve() == out.resolve():
        raise ParameterError(problem("itself"))


def fill(asked: Study, template: Path, to: Path, report: Callable[[str], None]) -> None:
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


def list_names(asked: Study, to: Path | None, report: Callable[[str], None]) -> None:
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
