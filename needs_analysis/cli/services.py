"""The commands on services: templates, checks, monitoring, capacity, siting; published unless told."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from needs_analysis.cli.output import (
    Commands,
    Csv,
    LangOption,
    QuietOption,
    called,
    progress,
    voice,
    written,
)
from needs_analysis.errors import Messages, OutputError, ParameterError, Problem, Refused
from needs_analysis.words import N_, NN_, SOURCE, Voice

if TYPE_CHECKING:
    from needs_analysis.reports.model import Table
    from needs_analysis.told.deliveries import Handing

problem = Messages(
    "cli_services",
    {
        "half": NN_("manca {absent}: servono {needed}.", "mancano {absent}: servono {needed}."),
        "no_rows_published": N_(
            "le righe convertite sono persone, anche se sotto pseudonimo: non si pubblicano. Per l'uso "
            "dell'ente aggiungere --profile internal, e non consegnarle."
        ),
        "disagree": N_("i dati non si accordano fra loro: provare «services check»."),
    },
)

services_app = Commands(help=N_("I servizi abitativi: registro, accoglienze, esiti, posti."))


class Profile(StrEnum):
    """Who may read what is written."""

    published = "published"
    internal = "internal"


RegisterArgument = Annotated[
    Path, typer.Argument(help=N_("Il registro: la cartella di lavoro, o la cartella dove sta."))
]
StaysArgument = Annotated[
    Path | None, typer.Argument(help=N_("Le accoglienze; sono nel file del registro se manca."))
]
KeyOption = Annotated[
    Path,
    typer.Option("--key", help=N_("La chiave degli pseudonimi, fuori dalla cartella dei dati.")),
]
PeriodOption = Annotated[
    str, typer.Option("--period", help=N_("Un anno, o due date: 2025-01-01/2025-06-30."))
]
ProfileOption = Annotated[
    Profile,
    typer.Option(
        "--profile",
        help=N_("published: conteggi piccoli nascosti. internal: righe intere, da non consegnare."),
    ),
]
XlsxOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help=N_("Cartella di lavoro da scrivere; in out, col nome della domanda, se manca."),
    ),
]
FolderOption = Annotated[Path, typer.Option("--out", help=N_("Cartella da scrivere."))]
CsvOption = Annotated[
    Csv | None,
    typer.Option(
        "--csv",
        help=N_(
            "File CSV al posto delle cartelle Excel: da solo o excel, con punto e virgola e virgola "
            "dei decimali; plain, con virgola e punto."
        ),
    ),
]


# ---------------------------------------------------------------- files to fill in


@services_app.command(
    help=N_(
        "Scrive i modelli da riempire: registro, accoglienze, segnalazioni, questionario, misure."
    )
)
def template(out: FolderOption, csv: CsvOption = None, lang: LangOption = SOURCE) -> None:
    """Write the templates to fill in: register, stays, referrals, survey, measures."""
    from needs_analysis.services import write_templates

    print(*write_templates(out, as_csv=csv or False, voice=Voice(lang)), sep="\n")


@services_app.command(
    help=N_("Crea la chiave segreta degli pseudonimi; una chiave che esiste non si sovrascrive.")
)
def key(
    path: Annotated[Path, typer.Argument(help=N_("Il file da creare, fuori dai dati."))],
) -> None:
    """Make the secret key of the pseudonyms; one that exists is not overwritten."""
    from needs_analysis.services import create_key

    print(create_key(path))


@services_app.command(
    help=N_("Scrive dati inventati di sei servizi, per provare; ogni foglio lo dice.")
)
def example(out: FolderOption, csv: CsvOption = None, lang: LangOption = SOURCE) -> None:
    """Write invented data of six services, to try; every sheet says so."""
    from needs_analysis.services.files import templates

    print(*templates.write_invented(out, as_csv=csv or False, voice=Voice(lang)), sep="\n")


# ---------------------------------------------------------------- read and checked


@services_app.command(
    help=N_("Controlla tutti i fogli che trova: gli errori e gli avvisi, senza scrivere niente.")
)
def check(
    register: RegisterArgument,
    key: Annotated[
        Path | None,
        typer.Option("--key", help=N_("La chiave; non serve per le sole misure locali.")),
    ] = None,
    stays: StaysArgument = None,
) -> None:
    """Check all sheets found: errors and warnings, without writing anything."""
    from needs_analysis.services.files.inspection import inspect

    said, voiced = inspect(register, stays or register, key), voice()
    for wrong in said.errors:
        print(voiced.say("Errore: {error}", error=Refused(wrong).text(voiced)))
    for cure in said.cures:
        print(voiced.say("Rimedio: {cure}", cure=Refused(cure).text(voiced)))
    for odd in said.warnings:
        print(voiced.say("Avviso: {warning}", warning=odd.text(voiced)))
    if said.errors:
        raise typer.Exit(2)
    print(voiced.say("Letti: {read}.", read=said.told(voiced)))
    if not said.warnings:
        print(voiced.say("Nessun errore, nessun avviso."))


@services_app.command(
    help=N_(
        "Scrive tutte le misure di un periodo: per servizio, ambito, gruppo, con gli intervalli."
    )
)
def monitor(
    register: RegisterArgument,
    key: KeyOption,
    period: PeriodOption,
    stays: StaysArgument = None,
    out: XlsxOption = None,
    profile: ProfileOption = Profile.published,
    lang: LangOption = SOURCE,
    quiet: QuietOption = False,
) -> None:
    """Write all measures of a period: by service, ambito, group, with intervals."""
    from needs_analysis.services.files.inputs import period_of, read_services

    days = period_of(period)
    to = out or called("servizi", period, internal_word(profile), ending=".xlsx")
    from needs_analysis.services.files.inputs import ServiceData
    from needs_analysis.told.deliveries import handing

    with (
        progress(quiet, 4) as report, cured(),
        handing(key, "monitor") as handed, written(to, "xlsx") as path,
    ):  # fmt: skip
        report(N_("registro e accoglienze"))
        read = read_services(register, stays or register, key)
        warn(read[0].warnings, read[1].warnings, lang=lang)
        report(N_("misure e riservatezza"))
        from needs_analysis.reports.chapters import services_building, services_sheets
        from needs_analysis.told import tell

        found = tell(ServiceData(*read, days, profile.value), handed, ("measures",))
        report(N_("tabelle"))
        sheets = services_sheets.monitoring_sheets(found, Voice(lang))
        report(N_("scrittura"))
        write_sheets(
            sheets,
            path,
            services_building.labelled(Voice(lang).say("Servizi"), found, Voice(lang)),
            lang,
        )
        handed.remember({"xlsx": path})
    say_coarsened(handed, lang)


@services_app.command(
    help=N_("Spiega perché una misura è cambiata fra due consegne: dati, regola o periodo.")
)
def diff(
    old: Annotated[
        Path, typer.Argument(help=N_("I dati di prima: una cartella di lavoro, o dove sta."))
    ],
    new: Annotated[Path, typer.Argument(help=N_("I dati di adesso, nella stessa forma."))],
    key: KeyOption,
    period: PeriodOption,
    old_period: Annotated[
        str, typer.Option("--old-period", help=N_("Il periodo di prima; lo stesso se manca."))
    ] = "",
    old_report: Annotated[
        Path | None,
        typer.Option(
            "--old-report",
            help=N_("Le misure consegnate allora da «services monitor»: con quali regole e cifre."),
        ),
    ] = None,
    out: XlsxOption = None,
    profile: ProfileOption = Profile.published,
    lang: LangOption = SOURCE,
    quiet: QuietOption = False,
) -> None:
    """Explain why a measure changed between two deliveries: data, rule or period."""
    from needs_analysis.services.files.inputs import ServiceData, period_of, read_services

    periods = period_of(old_period or period), period_of(period)
    since = f"da {old_period}" if old_period and old_period != period else ""
    to = out or called(
        "servizi differenze", period, since, old_report and "consegna", internal_word(profile),
        ending=".xlsx",
    )  # fmt: skip
    with progress(quiet, 3) as report, cured(), written(to, "xlsx") as path:
        report(N_("dati di prima e di adesso"))
        both = [read_services(data, data, key) for data in (old, new)]
        warn(*(one.warnings for read in both for one in read), lang=lang)
        from needs_analysis.reports.chapters import services_delivered, services_difference
        from needs_analysis.told import tell_difference

        delivered = services_delivered.read_delivered(old_report) if old_report else None
        report(N_("differenze"))
        before, now = (
            ServiceData(*read, days, profile.value)
            for read, days in zip(both, periods, strict=True)
        )
        found = tell_difference(before, now, delivered, key)
        report(N_("tabelle"))
        sheets = services_difference.sheets(found, Voice(lang))
        write_sheets(sheets, path, sheets[0].title, lang)
    if doubt := services_difference.warning(found, Voice(lang)):
        print(Voice(lang).say("Avviso: {warning}", warning=doubt), file=sys.stderr)
    print(services_difference.summary(found, Voice(lang)))


@services_app.command(
    "deliveries",
    help=N_("Elenca le consegne ricordate accanto alla chiave; --forget ne dimentica una."),
)
def deliveries_command(
    key: KeyOption,
    forget: Annotated[
        int | None, typer.Option("--forget", help=N_("Il numero della consegna da dimenticare."))
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", help=N_("Perché si dimentica: resta scritto. Senza nomi."))
    ] = "",
    lang: LangOption = SOURCE,
) -> None:
    """List the deliveries remembered beside the key; --forget forgets one."""
    from needs_analysis.told import deliveries

    if forget is not None:
        deliveries.forget(key, forget, reason)
    elif reason:
        raise half_asked(("--forget",), "--forget")
    known = [one.line(Voice(lang)) for one in deliveries.deliveries(key)]
    print(*(known or [Voice(lang).say("Nessuna consegna ricordata.")]), sep="\n")


@services_app.command(
    help=N_("Converte un'esportazione HMIS nei nostri modelli; le righe restano all'ente.")
)
def hmis(
    folder: Annotated[
        Path, typer.Argument(help=N_("L'esportazione HMIS: la cartella dei CSV, o lo zip."))
    ],
    key: KeyOption,
    out: FolderOption,
    csv: CsvOption = None,
    profile: ProfileOption = Profile.published,
) -> None:
    """Convert an HMIS export into our templates; the rows stay with the office."""
    from needs_analysis.services import read_hmis, write_filled
    from needs_analysis.services.files.inputs import named
    from needs_analysis.services.files.pseudonyms import read_key
    from needs_analysis.writing.files import written_whole

    if profile is Profile.published:
        raise OutputError(problem("no_rows_published"))
    named(N_("chiave"), read_key, key, folder)
    register, stays = named(N_("esportazione"), read_hmis, folder, key)
    said = voice()
    for warning in (*register.warnings, *stays.warnings):
        print(said.say("Avviso: {warning}", warning=warning.text(said)), file=sys.stderr)
    tables = register.tables | stays.tables
    with written_whole(out) as inner:
        names = [one.name for one in write_filled(inner, tables, as_csv=csv or False)]
    print(*(out / name for name in names), sep="\n")


# ---------------------------------------------------------------- errors and files


def internal_word(profile: Profile) -> str:
    """Return what the name of a file says of a profile that is not to be handed out."""
    return "interno" if profile is Profile.internal else ""


def warn(*warnings: Sequence[Problem], lang: str) -> None:
    """Print on the side what is odd in the files that were read."""
    from needs_analysis.services.files.inputs import oddities

    for line in oddities([one for some in warnings for one in some], Voice(lang)):
        print(line, file=sys.stderr)


_OPTIONS = {
    "per_year": "--requests", "mean_days": "--stay-days", "sd_days": "--stay-sd-days",
    "places": "--places", "share": "--share", "days": "--days", "patience": "--patience-days",
    "new_sites": "--new", "reach": "--reach",
}  # fmt: skip
"""What a parameter of our functions is called on the command line."""


@contextmanager
def cured() -> Iterator[None]:
    """Say what a request cannot ask by its options; no value, perhaps of a person, that is not ours."""
    try:
        yield
    except Refused as error:
        renamed = tuple(_by_option(one) for one in error.problems)
        if renamed == error.problems:
            raise
        raise type(error)(*renamed, cure=error.cure) from None
    except ValueError:
        raise ParameterError(problem("disagree")) from None


def _by_option(one: Problem) -> Problem:
    """Return a problem of a parameter with the name of its option."""
    name = one.values.get("name")
    values = {**one.values, "name": _OPTIONS.get(name, name)} if name else one.values
    return replace(one, values=values)


def half_asked(absent: tuple[str, ...], needed: str | Problem) -> ParameterError:
    """Return the refusal of a question that lacks some of its options."""
    return ParameterError(problem("half", count=len(absent), absent=absent, needed=needed))


def say_coarsened(handed: Handing, lang: str) -> None:
    """Say for which earlier deliveries more is hidden."""
    if handed.warning:
        said = Voice(lang).say("Avviso: {warning}.", warning=handed.warning.text(Voice(lang)))
        print(said, file=sys.stderr)


def write_sheets(sheets: Sequence[Table], path: Path, title: str, lang: str) -> None:
    """Write a workbook of these sheets."""
    from needs_analysis.reports.render import workbook

    workbook.write(sheets, path, title=title, voice=Voice(lang))
