"""The command that writes many briefings: a folder an area, and their index."""

from __future__ import annotations

from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from needs_analysis.cli.output import (
    CodesOnOption,
    LangOption,
    OutOption,
    QuietOption,
    called,
    progress,
)
from needs_analysis.errors import Messages, ParameterError
from needs_analysis.words import N_, NN_, SOURCE, Voice

if TYPE_CHECKING:
    from needs_analysis.study import Study
    from needs_analysis.territory import Area
    from needs_analysis.territory.listed import Listed

problem = Messages(
    "cli_atlas",
    {
        "one_of_two": N_("serve un territorio, oppure un elenco con --areas: uno dei due"),
        "jobs_alone": N_("--jobs dice i processi di questa macchina: con --cluster non serve"),
        "by_alone": N_("--by divide un territorio, non un elenco"),
        "left_out": NN_(
            "{count} riga o territorio non è stato scritto, gli altri sì",
            "{count} righe o territori non sono stati scritti, gli altri sì",
        ),
        "see_index": N_("Quali, e perché, è in index.html, «Non scritti»."),
    },
)


class By(StrEnum):
    """What a territory is parted by."""

    ambito = "ambito"
    comune = "comune"


def atlas(
    area: Annotated[
        str, typer.Argument(help=N_("Il territorio da dividere: regione:, provincia: o Italia."))
    ] = "",
    areas: Annotated[
        Path | None,
        typer.Option(
            "--areas",
            help=N_(
                "Un elenco in CSV: un territorio per riga, o un comune per riga con la colonna «ambito»."
            ),
        ),
    ] = None,
    by: Annotated[
        By | None, typer.Option("--by", help=N_("Che cosa scrivere di ogni parte."))
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", help=N_("Quanti processi; uno per core se manca."))
    ] = None,
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster",
            metavar="tcp://HOST:PORT",
            help=N_("Lo scheduler di Dask i cui worker scrivono; --out è su un disco di tutti."),
        ),
    ] = "",
    out: OutOption = None,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Write the briefing of each part of a territory, or of each of a list, and their index."""
    from needs_analysis import study, workers
    from needs_analysis.territory import municipalities

    if bool(area) == (areas is not None):
        raise ParameterError(problem("one_of_two"))
    if areas is not None and by is not None:
        raise ParameterError(problem("by_alone"))
    if cluster and jobs is not None:
        raise ParameterError(problem("jobs_alone"))
    voice, to = Voice(lang), out or called(area or areas, by.value if by else "", ending="-atlante")
    listed, title = _listed(area, areas, by or By.ambito, codes_on, voice)
    asked = [_study(one, lang, codes_on, voice) for one in listed.areas]
    who = workers.connected(cluster) if cluster else nullcontext()
    with who as executor, progress(quiet, len(asked)) as report:
        outcomes = study.run_many(asked, to, executor, report, jobs=jobs)
    for one in listed.problems:
        outcomes.loc[len(outcomes)] = ["", "", study.FAILED, one.text(voice), ""]
    names = municipalities(codes_on)["municipality_name"].reindex(list(listed.outside))
    paths = study.write_index(outcomes, to, title, voice, sorted(names))
    print(*paths, sep="\n")
    if failed := int((outcomes["result"] == study.FAILED).sum()):
        raise ParameterError(problem("left_out", count=failed), cure=problem("see_index"))


def _listed(
    area: str, path: Path | None, by: By, codes_on: str, voice: Voice
) -> tuple[Listed, str]:
    """Return the areas to write, and what they are together."""
    from needs_analysis.reports.language import area_label
    from needs_analysis.territory import find
    from needs_analysis.territory.listed import parts, read_list

    if path is not None:
        return read_list(path, codes_on), path.stem
    whole = find(area, codes_on)
    return parts(whole, by.value), area_label(whole.level, whole.name, voice)


def _study(area: Area, lang: str, codes_on: str, voice: Voice) -> Study:
    """Return the study of an area: by its words where the program knows it, else by its list."""
    from needs_analysis.errors import AreaError
    from needs_analysis.reports.language import area_label
    from needs_analysis.study import Study
    from needs_analysis.territory import find

    try:
        known = find(area.key, codes_on).codes == area.codes
    except AreaError:
        known = False
    if known and area.level != "territorio":
        return Study(area.key, lang, codes_on=codes_on)
    name = area_label(area.level, area.name, voice)
    return Study(area.codes, lang, codes_on=codes_on, name=name)
