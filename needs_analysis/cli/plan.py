"""The commands on plans: the office's input to fill in, the draft that is made of it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from needs_analysis.cli.needs import AreaArgument
from needs_analysis.cli.output import (
    Commands,
    LangOption,
    QuietOption,
    StudyOption,
    called,
    progress,
    study_for,
)
from needs_analysis.cli.services import Profile, ProfileOption, internal_word, warn
from needs_analysis.words import N_, SOURCE, Voice

plan_app = Commands(
    help=N_(
        "Il piano annuale, il triennale (Lombardia) e il capitolo sulla casa del piano di zona."
    )
)


class Kind(StrEnum):
    """The kinds of plan."""

    annual = "annual"
    triennial = "triennial"
    zone = "zone"


_KindOption = Annotated[
    Kind,
    typer.Option(
        "--kind", help=N_("annual (annuale), triennial (triennale) o zone (piano di zona).")
    ),
]
_YearOption = Annotated[
    int | None,
    typer.Option("--year", help=N_("Il primo anno del piano; il prossimo se manca.")),
]


@plan_app.command(help=N_("Scrive la cartella di lavoro da far riempire agli uffici per un piano."))
def template(
    area: Annotated[
        str, typer.Argument(help=N_("Con un territorio i suoi comuni sono già scritti."))
    ] = "",
    kind: _KindOption = Kind.annual,
    year: _YearOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help=N_("Il file .xlsx; se manca: nella cartella out."))
    ] = None,
    lang: LangOption = SOURCE,
) -> None:
    """Write the workbook that the offices fill in for a plan."""
    from needs_analysis.plans import write_template
    from needs_analysis.territory import select

    first = year or dt.date.today().year + 1
    chosen = select(area) if area else None
    to = out or called("piano", kind.value, area, first if area else "", ending=".xlsx")
    print(write_template(to, kind.value, chosen, first, Voice(lang)))


@plan_app.command(
    help=N_(
        "Scrive la bozza di un piano: pagina, Word, PDF, tabelle e che cosa resta da compilare."
    )
)
def draft(
    area: AreaArgument,
    kind: _KindOption = Kind.annual,
    year: _YearOption = None,
    own: Annotated[
        Path | None,
        typer.Option("--input", help=N_("Il file compilato, dal modello di «plan template».")),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option("--previous", help=N_("Il piano prima: il suo file compilato o plan.xlsx.")),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help=N_("La cartella; se manca: dentro out."))
    ] = None,
    study_file: StudyOption = None,
    profile: ProfileOption = Profile.published,
    lang: LangOption = SOURCE,
    quiet: QuietOption = False,
) -> None:
    """Write the draft of a plan: page, Word, PDF, tables and what is left to fill in."""
    from needs_analysis import plans, store
    from needs_analysis.study.plans import write_plan
    from needs_analysis.territory import select

    asked = study_for(area, lang, study_file)
    with store.using(asked.selection), progress(quiet, 7) as report:
        report(N_("territorio e piano"))
        chosen = select(area, asked.codes_on)
        made = plans.draft(chosen, kind.value, year, own, previous, overrides=asked.parameters,
                           as_of=asked.reference_day)  # fmt: skip
        if made.book is not None:
            warn(made.book.warnings, lang=lang)
        to = out or called("piano", kind.value, area, made.year, internal_word(profile))
        paths = write_plan(made, to, asked, report, profile.value)
    print(*paths, sep="\n")
