"""The commands on who is in need: the estimate, the workbook of counts to fill in, two areas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from needs_analysis.cli.output import Commands, LangOption, QuietOption, called, progress, written
from needs_analysis.cli.services import (
    FolderOption,
    Profile,
    ProfileOption,
    XlsxOption,
    internal_word,
    warn,
    write_sheets,
)
from needs_analysis.words import N_, SOURCE, Voice

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from needs_analysis.households import Scenario
    from needs_analysis.needs import NeedResult, OwnCounts
    from needs_analysis.told.needs import ToldNeed

needs_app = Commands(
    help=N_("Le famiglie in bisogno: quante sono, di quali gruppi, che cosa chiedere.")
)

AreaArgument = Annotated[
    str,
    typer.Argument(
        help=N_("ambito:, provincia:, regione: o comune: e il nome; Italia; codici; CSV.")
    ),
]
CodesOnOption = Annotated[
    str,
    typer.Option("--codes-on", help=N_("Giorno di cui usare i comuni, per esempio 2026-01-01.")),
]
OwnOption = Annotated[
    Path | None,
    typer.Option("--own", help=N_("I conteggi degli uffici, dal modello di «needs template».")),
]
ScenarioOption = Annotated[
    Path | None,
    typer.Option(
        "--scenario", help=N_("Le ipotesi della stima: un TOML con la tabella [scenario].")
    ),
]


@needs_app.command(
    help=N_(
        "Conta le famiglie in bisogno per comune e gruppo, e dice che cosa chiedere agli uffici."
    )
)
def estimate(
    area: AreaArgument,
    out: XlsxOption = None,
    own: OwnOption = None,
    scenario: ScenarioOption = None,
    profile: ProfileOption = Profile.published,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Count the households in need by municipality and group, and say what to ask the offices."""
    to = out or called(
        "bisogno", area, codes_on, scenario and scenario.name, own and "conteggi",
        internal_word(profile), ending=".xlsx",
    )  # fmt: skip
    said = Voice(lang)
    with progress(quiet, 4) as report, written(to, "xlsx") as path:
        chosen, told = _told(area, codes_on, report, own, scenario, profile, lang)
        report(N_("tabelle"))
        from needs_analysis.reports.chapters.need_supply import sheets
        from needs_analysis.reports.chapters.need_view import NeedView
        from needs_analysis.reports.language import area_label

        label = area_label(chosen.attrs["level"], chosen.attrs["name"], said)
        title = said.say(N_("Famiglie in bisogno: {area}"), area=label)
        if told.internal:
            title = said.say(N_("{title} (profilo interno: non consegnare)"), title=title)
        view = NeedView.of(told, said, chosen, label, codes_on or None)
        write_sheets(sheets(view), path, title, lang)
        lines = _lines(told, said)
    print(*lines, sep="\n")


@needs_app.command(
    help=N_("Scrive la cartella di lavoro da far riempire agli uffici: un foglio per gruppo.")
)
def template(out: FolderOption, lang: LangOption = SOURCE) -> None:
    """Write the workbook that the offices fill in: a sheet a group."""
    from needs_analysis.needs import write_template

    print(write_template(out, Voice(lang)))


@needs_app.command(
    help=N_("Confronta due territori: famiglie in bisogno, anche ogni 1.000, coi loro intervalli.")
)
def compare(
    first: AreaArgument,
    second: AreaArgument,
    scenario: ScenarioOption = None,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Compare two areas: households in need, by 1,000 too, with their intervals."""
    from needs_analysis.reports.language import area_label
    from needs_analysis.told.needs import compared

    said, sides = Voice(lang), {}
    with progress(quiet, 6) as report:
        for words in (first, second):
            chosen, told = _told(words, codes_on, report, None, scenario, Profile.published, lang)
            label = area_label(chosen.attrs["level"], chosen.attrs["name"], said)
            sides[label if label not in sides else words] = told
    print(*compared(sides, said), sep="\n")


def _told(
    area: str,
    codes_on: str,
    report: Callable[[str], None],
    own: Path | None,
    scenario: Path | None,
    profile: Profile,
    lang: str,
) -> tuple[gpd.GeoDataFrame, ToldNeed]:
    """Return an area and what may be told of its need; what is wrong in the files is said first."""
    from needs_analysis.needs.files import read_own, read_scenario
    from needs_analysis.told.needs import tell_need

    assumed = None if scenario is None else read_scenario(scenario)
    counts = None if own is None else read_own(own)
    if counts is not None:
        warn(counts.warnings, lang=lang)
    chosen, found = estimated(area, codes_on, report, assumed, counts)
    return chosen, tell_need(found, profile.value)


def estimated(
    area: str,
    codes_on: str,
    report: Callable[[str], None],
    scenario: Scenario | None = None,
    own: OwnCounts | None = None,
) -> tuple[gpd.GeoDataFrame, NeedResult]:
    """Return an area and its need, a stage after the other."""
    from needs_analysis import needs, territory
    from needs_analysis.municipal import panel

    report(N_("territorio e confini"))
    chosen = territory.select(area, codes_on)
    report(N_("dati dei comuni"))
    built = panel.build(chosen, codes_on=codes_on or None)
    report(N_("famiglie in bisogno"))
    found = needs.estimate(built, scenario, own, as_of=dt.date.today(), codes_on=codes_on or None)
    return chosen, found


def _lines(told: ToldNeed, voice: Voice) -> list[str]:
    """Return what the terminal shows: the sentence, the groups, what to ask."""
    from needs_analysis.reports.chapters.need_words import ROUNDED
    from needs_analysis.reports.language import quality_words
    from needs_analysis.told.needs import said_count

    lines = [told.headline(voice), ""]
    words = quality_words(voice)
    rows = told.table("area")
    for _, row in rows[rows["known"].gt(0) | rows["reserved"]].iterrows():
        said = voice.say(
            N_("- {group}: {count}; {quality}"), group=told.name(row["group"], voice),
            count=said_count(row, voice), quality=words[int(row["quality"])],
        )  # fmt: skip
        if row["municipalities"] > 1:
            said = voice.say(
                N_("{said}; comuni con la cifra: {known} su {all}"), said=said,
                known=voice.number(row["known"]), all=voice.number(row["municipalities"]),
            )  # fmt: skip
        lines.append(said)
    if rows["low"].lt(rows["high"]).any():
        lines.append(voice.say(ROUNDED))
    if len(told.not_estimable):
        lines += [
            "",
            voice.say(N_("Da chiedere agli uffici, perché nessuna fonte pubblica lo dice:")),
        ]
        lines += [_asked(row, voice) for _, row in told.not_estimable.iterrows()]
    return lines


def _asked(row: pd.Series, voice: Voice) -> str:
    said = voice.say(
        N_("- {question} ({who})"), question=voice.say(row["question"]), who=voice.say(row["who"])
    )
    if not row["silent"]:
        return said
    silent = voice.plural("un comune non ha risposto", "{count} comuni non hanno risposto",
                          int(row["silent"]))  # fmt: skip
    return f"{said}; {silent}"
