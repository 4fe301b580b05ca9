"""The command line: parses, calls, prints.

Exit codes: 0 done, 1 an error of the program, 2 something the user can cure, 130 interrupted,
143 terminated.
"""

from __future__ import annotations

import inspect
import os
import signal
import sys
from collections.abc import Sequence
from enum import Enum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_type_hints

import typer

from needs_analysis import __version__
from needs_analysis.cli import places as places  # its commands are among those of services
from needs_analysis.cli.atlas import atlas
from needs_analysis.cli.data import data_app
from needs_analysis.cli.needs import needs_app
from needs_analysis.cli.output import (
    AreaArgument,
    CodesOnOption,
    Commands,
    CsvOption,
    FileOption,
    LangOption,
    OutOption,
    PostgisOption,
    QuietOption,
    called,
    csv_text,
    perhaps,
    progress,
    said_wrong,
    voice,
    written,
)
from needs_analysis.cli.output import problem as shared
from needs_analysis.cli.plan import plan_app
from needs_analysis.cli.policies import policies_app
from needs_analysis.cli.services import services_app
from needs_analysis.cli.tables import tables
from needs_analysis.errors import Messages, ParameterError, Problem, Refused
from needs_analysis.words import N_, SOURCE, Voice
from needs_analysis.writing.disk import disk_full, no_space

if TYPE_CHECKING:
    from needs_analysis.study import Study

problem = Messages(
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
        "no_index": N_("il programma non ha un indice suo: serve quello da mettere alla prova"),
        "declare_index": N_(
            "Dichiararlo in un file TOML e indicarlo con --spec; un esempio è docs/indice_0_1_0.toml."
        ),
        "usage": N_("la riga di comando ha parole di troppo, o è incompleta"),
    },
)


app = Commands(
    name="needs-analysis",
    help=N_(
        "Analisi dei bisogni abitativi territoriali: dai dati ufficiali a mappe, tabelle e testi."
    ),
    pretty_exceptions_enable=False,
)
app.add_typer(data_app, name="data")
app.add_typer(needs_app, name="needs")
app.add_typer(plan_app, name="plan")
app.add_typer(policies_app, name="policies")
app.add_typer(services_app, name="services")


def _say_version(asked: bool) -> None:
    if asked:
        print(f"needs-analysis {__version__}")
        raise typer.Exit


VersionOption = Annotated[
    bool,
    typer.Option("--version", callback=_say_version, is_eager=True, help=N_("Mostra la versione.")),
]


@app.callback()
def _every(lang: LangOption = SOURCE, version: VersionOption = False) -> None:
    """Take the language before a command too; it is read where it is needed."""
    del lang, version


class Form(StrEnum):
    """The forms of the codebook."""

    md = "md"
    xlsx = "xlsx"
    json = "json"


def main() -> None:
    """Run the command line; what the user can cure is one line and exit code 2."""
    # Leaving by an exception, a command that is terminated removes what it had half written.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    said = voice()
    try:
        code = app(standalone_mode=False, prog_name="needs-analysis")
    except Refused as error:
        code = said_wrong(error, said)
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except Exception as error:
        if disk_full(error):
            code = said_wrong(no_space(_written_to(error)), said)
            return _leave(code, said)
        if not hasattr(error, "format_message"):  # not of those who parse the command line
            raise
        if _is_a(error, "NoArgsIsHelpError"):
            print(error, file=sys.stderr)
            sys.exit(2)
        code = said_wrong(_usage(error, sys.argv[1:]), said)
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
        code = code or said_wrong(no_space(said.say("schermo")), said)
    sys.exit(code or 0)


def _written_to(error: Exception) -> str:
    """Return what could not be written, as the error names it."""
    named = error.filename if isinstance(error, OSError) else None
    return str(named or Path.cwd())


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
    postgis: PostgisOption = "",
    quiet: QuietOption = False,
) -> None:
    """Write page, map, tables and data of an area into a folder."""
    from needs_analysis import study

    asked = study.Study(area, lang, data_until=data_until, codes_on=codes_on)
    _run(asked, out or called(area, data_until, codes_on), quiet, postgis)


@app.command(help=N_("Scrive una scheda di due pagine per ogni comune, come pagina e come PDF."))
def sheet(
    area: AreaArgument,
    out: OutOption = None,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Write a two-page sheet a municipality, as page and as PDF."""
    from needs_analysis import study
    from needs_analysis.study.sheets import write_sheets

    to = out or called("schede", area, codes_on)
    with progress(quiet, None) as report:
        paths = write_sheets(study.Study(area, lang, codes_on=codes_on), to, report)
    print(*paths, sep="\n")


@app.command(
    help=N_("Scrive un piccolo sito: la pagina del territorio, una per comune, mappa e file.")
)
def site(
    area: AreaArgument,
    out: OutOption = None,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Write a small web site of an area, to be put on a server or opened from a disk."""
    from needs_analysis import study
    from needs_analysis.study.site import write_site

    to = out or called("sito", area, codes_on)
    with progress(quiet, None) as report:
        write_site(study.Study(area, lang, codes_on=codes_on), to, report)
    print(to / "index.html")


@app.command(help=N_("Ripete uno studio dal suo study.toml: stessi dati, stessa cartella."))
def run(
    study_file: Path,
    out: OutOption = None,
    postgis: PostgisOption = "",
    quiet: QuietOption = False,
) -> None:
    """Repeat a study from its study.toml: same data, same folder."""
    from needs_analysis import study

    asked = study.Study.read(study_file)
    name = asked.area if isinstance(asked.area, str) else "elenco"
    _run(asked, out or called(name, asked.data_until, asked.codes_on), quiet, postgis)


def _run(asked: Study, out: Path, quiet: bool, postgis: str) -> None:
    from needs_analysis import study

    with progress(quiet, study.stage_count(asked) + bool(postgis)) as report:
        paths = study.run(asked, out, report, postgis)
    print(*paths, sep="\n")


app.command(
    help=N_(
        "Scrive una cartella per ogni parte di un territorio, o di un elenco, e il loro indice."
    )
)(atlas)


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


app.command(
    help=N_(
        "Scrive solo le tabelle, una cartella di lavoro Excel; con --template riempie la propria."
    )
)(tables)


@app.command(
    "index",
    help=N_("Mette alla prova un indice proprio: posti, intervalli, scelte, in Excel."),
)
def index_command(
    area: AreaArgument,
    spec: Annotated[
        Path | None,
        typer.Option("--spec", help=N_("L'indice: un file TOML, o uno study.toml con [index].")),
    ] = None,
    out: FileOption = None,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Put an index of one's own to the test in an area: ranks, intervals, choices, in Excel."""
    from needs_analysis import study
    from needs_analysis.reports.chapters import index as index_chapter
    from needs_analysis.reports.render import workbook

    if spec is None:
        raise ParameterError(problem("no_index"), cure=problem("declare_index"))
    own = study.read_index(spec)
    to = out or called(area, codes_on, spec, ending="-indice.xlsx")
    with progress(quiet, 5) as report, written(to, "xlsx") as path:
        asked = study.Study(area, lang, codes_on=codes_on, index=own)
        found = study.find(asked, report)
        report(N_("indice messo alla prova"))
        lines = index_chapter.first_lines(found)
        sheets = index_chapter.sheets(found)
        report(N_("tabelle"))
        workbook.write(sheets, path, title=found.label, voice=Voice(lang))
    print("\n".join(lines))


@app.command(
    help=N_("Scrive i gruppi di comuni vicini e i tipi di comune, una cartella di lavoro Excel.")
)
def patterns(
    area: AreaArgument,
    of: Annotated[
        str,
        typer.Option(
            "--of",
            help=N_(
                "Un indicatore dei comuni; se manca, la stima di chi spende troppo per l'affitto."
            ),
        ),
    ] = "",
    out: FileOption = None,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Write the groups of neighbouring municipalities and the types of municipality, in Excel."""
    from needs_analysis import study
    from needs_analysis.reports.chapters import patterns as patterns_chapter
    from needs_analysis.reports.render import workbook

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
    from needs_analysis.figures import Quality
    from needs_analysis.households import with_model
    from needs_analysis.municipal import panel
    from needs_analysis.reports.findings import editions
    from needs_analysis.reports.model import plain
    from needs_analysis.territory import areas, day_of, municipalities, unplaced

    codes = list(areas.find(area, codes_on).codes)
    built = with_model(panel.build(codes_on=codes_on), codes_on=codes_on)
    figures = indicator_set.compute(built).rows(codes)
    words = {int(quality): quality.name.lower() for quality in Quality}
    frame = figures.data.copy()
    for name in figures.data.columns:
        frame[f"{name}_quality"] = figures.quality[name].map(words)
    frame.insert(0, "municipality_name", municipalities(codes_on).loc[codes, "municipality_name"])
    text = csv_text(frame, csv, lang, float_format="%.6g")
    for lost in editions.left_out(unplaced(codes_on, codes), voice()):
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
    from needs_analysis.reports.chapters import codebook as pages

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
