"""The commands on data: what is at hand, added, removed, fetched, queried, compiled."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from needs_analysis.cli.output import (
    Commands,
    CsvOption,
    FileOption,
    LangOption,
    OutOption,
    QuietOption,
    called,
    csv_text,
    progress,
    said_wrong,
    voice,
    written,
)
from needs_analysis.errors import Messages, ParameterError
from needs_analysis.words import N_, SOURCE, Voice

if TYPE_CHECKING:
    from needs_analysis.indicators.readiness import Used

data_app = Commands(help=N_("I dati che accompagnano il programma."))

problem = Messages("cli_data", {"one_of_two": N_("indicare --from, o --national: uno dei due")})

_ORIGINS = {
    "shipped": N_("nel programma"),
    "user": N_("aggiunto"),
    "both": N_("nel programma + aggiunto"),
}


@data_app.command(
    "status", help=N_("Elenca i dati a disposizione: tabella, origine, righe, data, ente, licenza.")
)
def data_status(
    by_indicator: Annotated[
        bool,
        typer.Option("--indicators", help=N_("Che cosa usa ogni indicatore, e che cosa manca.")),
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """List the data at hand: table, origin, rows, date, publisher, licence."""
    if by_indicator:
        _indicator_status(quiet)
        return
    from needs_analysis import store
    from needs_analysis.municipal.series import years

    said, at_hand = voice(), years()
    rows = [
        [
            str(name), said.say("{count} righe", count=row["rows"]),
            store.source_of(str(name)).edition(said),
            row["publisher"], row["licence"], said.say(_ORIGINS[row["origin"]]),
            "; ".join([
                *([said.say("serie: {dates}", dates=at_hand[name])] if name in at_hand else []),
                *(one.text(said) for one in (*row["covers"], *row["lacks"], *row["notices"])),
            ]),
        ]
        for name, row in store.status().rename(str).iterrows()
    ]  # fmt: skip
    waiting: dict[tuple[str, str], list[store.Kept]] = {}
    for one, why in store.unused().items():
        notes = "; ".join(note.text(said) for note in (why, *one.notices))
        waiting.setdefault((one.source.id, notes), []).append(one)
    for (source_id, reason), files in waiting.items():
        dates = store.dates_of(one.source.reference_date for one in files)
        by_user = any(one.source.said_by_user for one in files)
        source = replace(files[0].source, reference_date=dates, said_by_user=by_user)
        rows.append(
            [
                source_id, said.say("{count} file", count=len(files)), source.edition(said),
                source.publisher,
                source.licence, said.say("conservato, non usato"), reason,
            ]
        )  # fmt: skip
    wide = (said.say("ente"), said.say("licenza"))
    header = (
        said.say("tabella"), said.say("righe"), said.say("data"), *wide, said.say("origine"),
        said.say("note"),
    )  # fmt: skip
    _print_table(header, rows, wide=wide)


def _indicator_status(quiet: bool) -> None:
    """Print, for each indicator, the tables that it would use now and what it lacks."""
    with progress(quiet, 1) as report:
        report(N_("tabelle e indicatori"))
        from needs_analysis.indicators import readiness

        found = readiness.readiness()
    said = voice()
    rows = [
        [
            one.id, said.say(one.label),
            "; ".join(_used(table, said) for table in one.tables),
            "; ".join(one.lacks),
        ]
        for one in found
    ]  # fmt: skip
    header = (said.say("indicatore"), said.say("nome"), said.say("usa"), said.say("manca"))
    _print_table(header, rows)


def _used(table: Used, said: Voice) -> str:
    """Say which editions of a table an indicator is made of, and where those of a part stand."""
    origin = said.say(_ORIGINS[table.origin])
    over = [
        said.plural(
            "{date} in {count} comune", "{date} in {count} comuni", count, date=date
        )
        for date, count in table.over
    ]  # fmt: skip
    return f"{table.table} {table.vintage} ({', '.join([origin, *over])})"


def _print_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], wide: Sequence[str] = ()
) -> None:
    """Print rows in columns on a terminal, with tabs elsewhere; no cell may hold an escape.

    The columns of `wide` are left out of a terminal that is too narrow for them.
    """
    plain = [[" ".join(filter(str.isprintable, str(cell).split())) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in plain:
            print("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    left_out = wide if console.width < 120 else ()
    shown = [at for at, name in enumerate(header) if name not in left_out]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for at in shown:
        table.add_column(header[at], no_wrap=at == 0, overflow="fold")
    for row in plain:
        table.add_row(*(Text(row[at]) for at in shown))
    console.print(table)
    if left_out:
        more = voice().say(
            "In un terminale più largo, o in un file, anche: {names}.", names=left_out
        )
        console.print(more)


@data_app.command(
    "add",
    help=N_("Aggiunge file ufficiali ai propri dati, riconoscendoli da quello che contengono."),
)
def data_add(
    files: Annotated[list[Path], typer.Argument(help=N_("File o cartelle, come scaricati."))],
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of", help=N_("Giorno (o anno) dei dati, se il file non lo dice: 2018-02-17.")
        ),
    ] = "",
    quiet: QuietOption = False,
) -> None:
    """Add official files to one's own data, recognised by what they hold."""
    from needs_analysis import store

    said = voice()
    report = (lambda _: None) if quiet else (lambda what: print(what.text(said)))
    added = store.add(files, report, as_of=as_of)
    if added.passed and not quiet:
        names = ", ".join(added.passed[:5]) + ("..." if len(added.passed) > 5 else "")
        left = said.say(
            "File non riconosciuti e lasciati: {count} ({names})",
            count=len(added.passed),
            names=names,
        )
        print(left, file=sys.stderr)
    for error in added.refused:
        said_wrong(error, said)
    if added.refused:
        raise typer.Exit(2)


@data_app.command(
    "remove",
    help=N_("Toglie un'edizione dai propri dati, e dice che cosa si usa al suo posto."),
)
def data_remove(
    name: Annotated[
        str, typer.Argument(help=N_("La fonte o la tabella, come le elenca «data status»."))
    ],
    date: Annotated[
        str, typer.Argument(help=N_("La data dell'edizione, se ce n'è più d'una."))
    ] = "",
    quiet: QuietOption = False,
) -> None:
    """Take an edition out of one's own data, and say what is used in its place."""
    from needs_analysis import store

    taken, said = store.remove(name, date), voice()
    if quiet:
        return
    for one in taken:
        source = one.source
        print(said.say("Tolto: {title} ({date})", title=source.title, date=source.reference_date))
    for table, row in store.status_of(taken[0].source.id).iterrows():
        print(
            said.say(
                "Ora in uso per «{table}»: {date} ({origin})",
                table=str(table),
                date=row["reference_date"],
                origin=said.say(_ORIGINS[row["origin"]]),
            )
        )


@data_app.command(
    "fetch", help=N_("Scarica i file ufficiali di una fonte, riprendendo dove si era interrotto.")
)
def data_fetch(
    source: Annotated[str, typer.Argument(help=N_("La fonte, come la elenca «data status»."))],
    year: Annotated[
        int | None, typer.Option("--year", help=N_("L'anno; l'ultimo se manca."))
    ] = None,
    out: OutOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Mostra solo gli indirizzi."))
    ] = False,
    accept_revised: Annotated[
        bool,
        typer.Option("--accept-revised", help=N_("Sostituisce un file che l'ente ha rivisto.")),
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Download the official files of a source, going on where it was interrupted."""
    from needs_analysis.fetch.download import address_of, fetch
    from needs_analysis.fetch.problems import WARNINGS

    if dry_run:
        print(address_of(source, year))
        return
    said = voice()
    with _bytes(source, quiet) as (say, show):
        paths = fetch(
            source, year, folder=out, accept_revised=accept_revised, progress=show,
            report=lambda what: say(what.text(said)) if what.code in WARNINGS or not quiet else None,
        )  # fmt: skip
    print(*paths, sep="\n")


@data_app.command(
    "query",
    help=N_(
        "Chiede dati all'ISTAT (SDMX) con i filtri di un file, e li scrive in CSV con le etichette."
    ),
)
def data_query(
    query_file: Annotated[Path, typer.Argument(help=N_("La richiesta, un file TOML."))],
    out: FileOption = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help=N_("Chiede di nuovo all'ISTAT."))
    ] = False,
    csv: CsvOption = None,
    lang: LangOption = SOURCE,
    quiet: QuietOption = False,
) -> None:
    """Ask ISTAT (SDMX) for data with the filters of a file, and write them as CSV with labels."""
    from needs_analysis.fetch import istat_sdmx
    from needs_analysis.writing.files import kept_folder

    query = istat_sdmx.read_query(query_file)
    folder, said = kept_folder() / "istat_sdmx", voice()
    with progress(quiet, None) as report:
        report(N_("richiesta all'ISTAT"))
        frame = istat_sdmx.run_query(
            query, folder=folder, refresh=refresh, report=lambda what: report(what.text(said))
        )
    with written(out or called(query_file.stem, ending=".csv"), "csv") as path:
        path.write_text(csv_text(frame, csv, lang, index=False), "utf-8")


@data_app.command(
    "compile", help=N_("Compila ciò che accompagna il programma: tabelle, o risultati nazionali.")
)
def data_compile(
    source: Annotated[
        Path | None,
        typer.Option("--from", help=N_("Cartella dei file ufficiali, da cui fare le tabelle.")),
    ] = None,
    national: Annotated[
        bool,
        typer.Option("--national", help=N_("I risultati nazionali, dalle tabelle del programma.")),
    ] = False,
    out: Annotated[Path, typer.Option("--out", help=N_("Cartella delle tabelle."))] = Path(
        "datasets"
    ),
    quiet: QuietOption = False,
) -> None:
    """Compile what ships: tables from the official files downloaded, or national results from them."""
    if source is None and national:
        from needs_analysis.study.national import compile_national

        with progress(quiet, 1) as report:
            report(N_("risultati nazionali"))
            paths = compile_national(out)
        print(*paths, sep="\n")
        return
    if source is None or national:
        raise ParameterError(problem("one_of_two"))
    from needs_analysis import store

    said = voice()
    say = (lambda _: None) if quiet else (lambda what: print(what.text(said), file=sys.stderr))
    for path in store.compile_figures(source, out, say):
        print(path)


@contextmanager
def _bytes(
    name: str, quiet: bool
) -> Iterator[tuple[Callable[[str], None], Callable[[int, int | None], None]]]:
    """Show how much of a file came: a bar on a terminal, a first line elsewhere, none if quiet.

    Gives what prints a line beside it, and what takes the bytes done and in all.
    """
    if quiet or not sys.stderr.isatty():
        if not quiet:
            print(voice().say("{name}: scarico...", name=name), file=sys.stderr)
        yield (lambda line: print(line, file=sys.stderr)), (lambda _done, _total: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield (
            lambda line: bar.console.print(line, markup=False, highlight=False),
            lambda done, total: bar.update(task, completed=done, total=total),
        )
