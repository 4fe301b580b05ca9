"""The command line: parses, calls, prints.

Exit codes: 0 done, 1 an error of the program, 2 something the user can cure, 130 interrupted,
143 terminated.
"""

from __future__ import annotations

import inspect
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_type_hints

import typer

from needs_analysis.cli_output import (
    Commands,
    CsvOption,
    LangOption,
    QuietOption,
    called,
    csv_text,
    perhaps,
    progress,
    voice,
    written,
)
from needs_analysis.cli_output import problem as shared
from needs_analysis.cli_services import services_app
from needs_analysis.errors import ParameterError, Problem, Refused, Table
from needs_analysis.words import N_, SOURCE, Voice
from needs_analysis.writing import disk_full, no_space

if TYPE_CHECKING:
    from needs_analysis.indicators.readiness import Used
    from needs_analysis.study import Study

problem = Table(
    "cli",
    {
        "unknown_option": N_("opzione «{name}» sconosciuta"),
        "missing_argument": N_("manca l'argomento «{name}»"),
        "missing_option": N_("manca l'opzione {name}"),
        "value": N_("l'opzione {name} vuole un valore"),
        "no_value": N_("l'opzione {name} non vuole un valore"),
        "choice": N_("{name}: scegliere fra {choices}"),
        "whole": N_("{name}: serve un numero intero"),
        "number": N_("{name}: serve un numero"),
        "value_wrong": N_("{name}: valore non valido"),
        "usage": N_("la riga di comando ha parole di troppo, o è incompleta"),
    },
)


app = Commands(
    name="needs-analysis",
    help=N_(
        "Analisi dei bisogni abitativi territoriali: dai dati ufficiali a mappe, tabelle e testi."
    ),
    add_completion=False,
    pretty_exceptions_enable=False,
)
data_app = Commands(help=N_("I dati che accompagnano il programma."))
app.add_typer(data_app, name="data")
app.add_typer(services_app, name="services")


@app.callback()
def _every(lang: LangOption = SOURCE) -> None:
    """Take the language before a command too; it is read where it is needed."""
    del lang


class Form(StrEnum):
    """The forms of the codebook."""

    md = "md"
    xlsx = "xlsx"
    json = "json"


AreaArgument = Annotated[
    str,
    typer.Argument(
        help=N_(
            "ambito:, provincia:, regione: o comune: e il nome; Italia; codici separati da "
            "virgole; un CSV con una colonna «codice» o «comune»."
        )
    ),
]
FileOption = Annotated[Path | None, typer.Option("--out", help=N_("File da scrivere."))]
OutOption = Annotated[Path | None, typer.Option("--out", help=N_("Cartella da scrivere."))]
CodesOnOption = Annotated[
    str,
    typer.Option(
        "--codes-on",
        help=N_("Giorno di cui usare i comuni, dal 2022-01-01, per esempio 2026-01-01."),
    ),
]


def main() -> None:
    """Run the command line; what the user can cure is one line and exit code 2."""
    # Leaving by an exception, a command that is terminated removes what it had half written.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    said = voice()
    try:
        code = app(standalone_mode=False, prog_name="needs-analysis")
    except Refused as error:
        code = _said(error, said)
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except Exception as error:
        if disk_full(error):
            code = _said(no_space(_written_to(error)), said)
            return _leave(code, said)
        if not hasattr(error, "format_message"):  # not of those who parse the command line
            raise
        if _is_a(error, "NoArgsIsHelpError"):
            print(error, file=sys.stderr)
            sys.exit(2)
        code = _said(_usage(error, sys.argv[1:]), said)
    _leave(code, said)


def _leave(code: int, said: Voice) -> None:
    """Print what is still to be printed, and go."""
    if code == 130:
        print(said.say("Interrotto."), file=sys.stderr)
    try:
        sys.stdout.flush()
    except OSError as error:
        if not disk_full(error):
            raise
        # Python would try again, and say it in words of its own.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or _said(no_space(said.say("schermo")), said)
    sys.exit(code or 0)


def _written_to(error: Exception) -> str:
    """Return what could not be written, as the error names it."""
    named = error.filename if isinstance(error, OSError) else None
    return str(named or Path.cwd())


def _said(error: Refused, voice: Voice) -> int:
    print(voice.say("Errore: {error}", error=error.text(voice)), file=sys.stderr)
    return 2


# ---------------------------------------------------------------- a wrong command line


def _is_a(error: Exception, name: str) -> bool:
    """Tell the class of a parser's error by name: typer has them of click, or of its own."""
    return any(one.__name__ == name for one in type(error).__mro__)


def _usage(error: Exception, words: Sequence[str]) -> Refused:
    """Return what is wrong with a command line, by the class of the error and what it knows."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "needs-analysis"
    see = shared("see", command=command)
    if _is_a(error, "NoSuchOption"):
        name, near = error.option_name, error.possibilities or ()  # type: ignore[attr-defined]
        wrong = problem("unknown_option", name=name)
        return ParameterError(wrong, cure=perhaps(sorted(near), see))
    if _is_a(error, "BadOptionUsage"):
        option = str(error.option_name)  # type: ignore[attr-defined]
        given = any(one.startswith(f"{option}=") for one in words)
        return ParameterError(problem("no_value" if given else "value", name=option), cure=see)
    if getattr(error, "param", None) is not None:
        return ParameterError(_wrong_value(error), cure=see)
    return ParameterError(problem("usage"), cure=see)


_NUMBERS: dict[type, str] = {int: "whole", float: "number"}


def _wrong_value(error: Any) -> Problem:
    """Say what an argument or an option wants: the types stand in the signature of the command."""
    option = error.param.param_type_name == "option"
    name = error.param.opts[0] if option else error.param.name
    if _is_a(error, "MissingParameter"):
        return problem("missing_option" if option else "missing_argument", name=name)
    hint = get_type_hints(inspect.unwrap(error.ctx.command.callback)).get(error.param.name)
    kinds = [one for one in (hint, *get_args(hint)) if isinstance(one, type)]
    if choices := [str(one.value) for kind in kinds if issubclass(kind, Enum) for one in kind]:
        return problem("choice", name=name, choices=tuple(choices))
    wanted = next((word for kind, word in _NUMBERS.items() if kind in kinds), "value_wrong")
    return problem(wanted, name=name)


@app.command(help=N_("Scrive pagina, mappa, tabelle e dati di un territorio in una cartella."))
def brief(
    area: AreaArgument,
    out: OutOption = None,
    lang: LangOption = SOURCE,
    data_until: Annotated[
        str,
        typer.Option("--data-until", help=N_("Ultima data dei dati da usare, per esempio 2021.")),
    ] = "",
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Write page, map, tables and data of an area into a folder."""
    from needs_analysis import study

    _run(
        study.Study(area, lang, data_until=data_until, codes_on=codes_on),
        out or called(area, data_until, codes_on),
        quiet,
    )


@app.command(help=N_("Ripete uno studio dal suo study.toml: stessi dati, stessa cartella."))
def run(study_file: Path, out: OutOption = None, quiet: QuietOption = False) -> None:
    """Repeat a study from its study.toml: same data, same folder."""
    from needs_analysis import study

    asked = study.Study.read(study_file)
    name = asked.area if isinstance(asked.area, str) else "elenco"
    _run(asked, out or called(name, asked.data_until, asked.codes_on), quiet)


def _run(asked: Study, out: Path, quiet: bool) -> None:
    from needs_analysis import study

    with progress(quiet, study.STAGES) as report:
        paths = study.run(asked, out, report)
    print(*paths, sep="\n")


@app.command("map", help=N_("Scrive solo la mappa interattiva, un file HTML."))
def map_command(
    area: AreaArgument,
    out: FileOption = None,
    theme: Annotated[
        str, typer.Option("--theme", help=N_("Tema: distress, clusters (comuni) o omi_zones."))
    ] = "distress",
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Write only the interactive map, one HTML file."""
    from needs_analysis import study

    to = out or called(area, codes_on, theme if theme != "distress" else "", ending=".html")
    with progress(quiet, 4) as report, written(to, "html") as path:
        asked = study.Study(area, lang, codes_on=codes_on)
        study.draw(asked, theme, report).save(str(path))


@app.command(help=N_("Scrive solo le tabelle, una cartella di lavoro Excel."))
def tables(
    area: AreaArgument,
    out: FileOption = None,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Write only the tables, an Excel workbook."""
    from needs_analysis import study
    from needs_analysis.reports import content, workbook

    to = out or called(area, codes_on, ending=".xlsx")
    with progress(quiet, 4) as report, written(to, "xlsx") as path:
        found = study.find(study.Study(area, lang, codes_on=codes_on), report)
        report(N_("tabelle"))
        sheets = content.sheets(found)
        workbook.write(sheets, path, title=found.label, voice=Voice(lang))


@app.command(
    "index",
    help=N_("Mette alla prova l'indice di un territorio: posti, intervalli, scelte, in Excel."),
)
def index_command(
    area: AreaArgument,
    spec: Annotated[
        Path | None,
        typer.Option("--spec", help=N_("L'indice, un file TOML; quello del programma se manca.")),
    ] = None,
    out: FileOption = None,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Put the index of an area to the test: ranks, intervals, choices, in Excel."""
    from needs_analysis import study
    from needs_analysis.reports import index_chapter, tables, workbook

    own = study.read_index(spec) if spec else None
    to = out or called(area, codes_on, spec, ending="-indice.xlsx")
    with progress(quiet, 5) as report, written(to, "xlsx") as path:
        asked = study.Study(area, lang, codes_on=codes_on, index=own)
        found = study.find(asked, report)
        report(N_("indice messo alla prova"))
        lines = index_chapter.first_lines(found)
        sheets = [tables.index_table(found), *index_chapter.sheets(found)]
        report(N_("tabelle"))
        workbook.write(sheets, path, title=found.label, voice=Voice(lang))
    print("\n".join(lines))


@app.command(
    help=N_("Scrive i gruppi di comuni vicini e i tipi di comune, una cartella di lavoro Excel.")
)
def patterns(
    area: AreaArgument,
    of: Annotated[
        str, typer.Option("--of", help=N_("Un indicatore dei comuni, per nome; l'indice se manca."))
    ] = "",
    out: FileOption = None,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Write the groups of neighbouring municipalities and the types of municipality, in Excel."""
    from needs_analysis import study
    from needs_analysis.reports import patterns_chapter, workbook

    to = out or called(area, codes_on, of, ending="-gruppi.xlsx")
    with progress(quiet, 4) as report, written(to, "xlsx") as path:
        found = study.find(study.Study(area, lang, codes_on=codes_on), report)
        report(N_("tabelle"))
        sheets = patterns_chapter.sheets(found, of)
        workbook.write(sheets, path, title=found.label, voice=Voice(lang))


@app.command(
    help=N_("Scrive gli indicatori dei comuni in CSV, a schermo se non si indica un file.")
)
def indicators(
    area: AreaArgument,
    out: FileOption = None,
    codes_on: CodesOnOption = "",
    csv: CsvOption = None,
    lang: LangOption = SOURCE,
) -> None:
    """Write the indicators of the municipalities as CSV, on the screen if no file is given."""
    from needs_analysis import indicators as indicator_set
    from needs_analysis import panel
    from needs_analysis.figures import Quality
    from needs_analysis.reports import editions
    from needs_analysis.reports.model import plain
    from needs_analysis.territory import areas, day_of, municipalities, unplaced

    codes = list(areas.find(area, codes_on).codes)
    built = panel.build(codes_on=codes_on)
    figures = indicator_set.compute(built).rows(codes)
    words = {int(quality): quality.name.lower() for quality in Quality}
    frame = figures.data.copy()
    for name in figures.data.columns:
        frame[f"{name}_quality"] = figures.quality[name].map(words)
    frame.insert(0, "municipality_name", municipalities(codes_on).loc[codes, "municipality_name"])
    text = csv_text(frame, csv, lang, float_format="%.6g")
    for name in unplaced(codes_on, codes):
        lost = voice().say(
            "Senza {name}: nessun elenco ne dice il successore o l'origine.", name=name
        )
        print(lost, file=sys.stderr)
    for told in editions.sentences(codes, day_of(codes_on), voice()):
        print(plain(told), file=sys.stderr)
    if out is None:
        sys.stdout.write(text)
        return
    with written(out, "csv") as path:
        path.write_text(text, "utf-8")


@app.command("areas", help=N_("Cerca i territori il cui nome contiene un testo."))
def areas_command(search: str) -> None:
    """Find the areas whose name holds a text."""
    from needs_analysis.territory import areas

    for row in areas.search(search).itertuples():
        print(f"{row.area}\t{row.municipalities}")


@app.command(help=N_("Scrive il codebook degli indicatori in Markdown, Excel o JSON."))
def codebook(
    form: Annotated[Form, typer.Option("--format", help=N_("Forma del codebook."))] = Form.md,
    out: FileOption = None,
    lang: LangOption = SOURCE,
) -> None:
    """Write the codebook of the indicators as Markdown, Excel or JSON."""
    from needs_analysis.reports import codebook as pages

    if form is Form.xlsx:
        with written(out or Path("codebook.xlsx"), "xlsx") as path:
            pages.write_workbook(path, Voice(lang))
        return
    text = pages.markdown(Voice(lang)) if form is Form.md else pages.as_json()
    if out is None:
        sys.stdout.write(text)
        return
    with written(out, form.value) as path:
        path.write_text(text, "utf-8")


@app.command(help=N_("Mostra da dove viene un dato di un territorio: calcoli, righe, file, date."))
def trace(
    area: AreaArgument,
    figure: str,
    form: Annotated[str, typer.Option("--format", help=N_("testo oppure json."))] = "testo",
) -> None:
    """Show where a figure of an area comes from: computations, rows, files, dates."""
    import json

    from needs_analysis import tracing

    found = tracing.trace(area, figure)
    if form == "json":
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=1))
    else:
        print("\n".join(found.lines()))


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

    said = voice()
    rows = [
        [
            str(name), said.say("{count} righe", count=row["rows"]),
            store.source_of(str(name)).edition(said),
            row["publisher"], row["licence"], said.say(_ORIGINS[row["origin"]]),
            "; ".join(
                one.text(said) for one in (*row["covers"], *row["lacks"], *row["notices"])
            ),
        ]
        for name, row in store.status().iterrows()
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
        _said(error, said)
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
    from needs_analysis.store.fetch import fetch
    from needs_analysis.store.problems import WARNINGS

    if dry_run:
        print(*fetch(source, year, dry_run=True), sep="\n")
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
    from needs_analysis import store
    from needs_analysis.sources import istat_sdmx

    query = istat_sdmx.read_query(query_file)
    folder, said = store.kept_folder() / "istat_sdmx", voice()
    with progress(quiet, None) as report:
        report(N_("richiesta all'ISTAT"))
        frame = istat_sdmx.run_query(
            query, folder=folder, refresh=refresh, report=lambda what: report(what.text(said))
        )
    with written(out or called(query_file.stem, ending=".csv"), "csv") as path:
        path.write_text(csv_text(frame, csv, lang, index=False), "utf-8")


@data_app.command("compile", help=N_("Compila le tabelle dai file ufficiali scaricati."))
def data_compile(
    source: Annotated[Path, typer.Option("--from", help=N_("Cartella dei file ufficiali."))],
    out: Annotated[Path, typer.Option("--out", help=N_("Cartella delle tabelle."))] = Path(
        "datasets"
    ),
    quiet: QuietOption = False,
) -> None:
    """Compile the tables from the official files downloaded."""
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
