"""What the commands share: the language they write in, what they show, the file they write."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from needs_analysis.cli.examples import EXAMPLES
from needs_analysis.errors import Messages, OutputError, ParameterError, Problem, Refused
from needs_analysis.words import ITALIAN, N_, SOURCE, Voice, languages

if TYPE_CHECKING:
    from pandas import DataFrame

    from needs_analysis.study import Study

F = TypeVar("F", bound=Callable[..., Any])

problem = Messages(
    "cli_output",
    {
        "other_suffix": N_("{path}: qui si scrive un file .{suffix}"),
        "change_name": N_("Cambiare il nome."),
        "language": N_("--lang: scegliere fra {known}"),
        "unknown_command": N_("comando «{name}» sconosciuto"),
        "perhaps": N_("Forse: {near}. {see}"),
        "see": N_("Vedere: {command} --help"),
    },
)


def _known_language(ctx: typer.Context, name: str) -> str:
    if name not in languages():
        see = problem("see", command=ctx.command_path)
        raise ParameterError(problem("language", known=languages()), cure=see)
    source = ctx.get_parameter_source("lang")
    if source is None or source.name != "DEFAULT":
        return name
    return str(ctx.find_root().params.get("lang", name))  # as it was said before the command


LangOption = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar=f"[{'|'.join(languages())}]",
        callback=_known_language,
        help=N_("Lingua dei testi."),
    ),
]
AreaArgument = Annotated[
    str,
    typer.Argument(
        help=N_(
            "ambito:, provincia:, regione: o comune: e il nome; Italia; codici separati da "
            "virgole; un CSV con una colonna «codice» o «comune»."
        )
    ),
]
PostgisOption = Annotated[
    str,
    typer.Option(
        "--postgis",
        metavar="URL",
        help=N_(
            "Scrive le stesse tabelle anche in un database PostGIS: postgresql://UTENTE@SERVER/DATABASE."
        ),
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
StudyOption = Annotated[
    Path | None,
    typer.Option(
        "--study", help=N_("Uno study.toml: autore, logo, giorno, parametri e dati sono i suoi.")
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help=N_("Nessun avanzamento."))]


class Csv(StrEnum):
    """The forms of a CSV: for Excel in Italian, or for programs."""

    excel = "excel"
    plain = "plain"


CsvOption = Annotated[
    Csv | None,
    typer.Option(
        "--csv",
        help=N_(
            "excel: punto e virgola, virgola dei decimali (in italiano se manca); plain: virgola e "
            "punto, per i programmi."
        ),
    ),
]


def csv_text(frame: DataFrame, form: Csv | None, lang: str, **how: Any) -> str:
    r"""Return a table as CSV: in Italian as Excel opens it, unless it is asked for plain.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"a": [1.5]})
    >>> csv_text(frame, None, "it"), csv_text(frame, Csv.plain, "it")
    ('\ufeff;a\n0;1,5\n', ',a\n0,1.5\n')
    """
    italian = form is Csv.excel or (form is None and lang == SOURCE)
    # Excel knows the letters of a CSV by its first three bytes.
    sep, decimal, mark = (";", ",", "\ufeff") if italian else (",", ".", "")
    return mark + str(frame.to_csv(sep=sep, decimal=decimal, lineterminator="\n", **how))


def voice() -> Voice:
    """Return the voice of this command line; Italian where it asks for what there is not."""
    words = sys.argv[1:]
    asked = [one.removeprefix("--lang=") for one in words if one.startswith("--lang=")]
    asked += [after for one, after in pairwise(words) if one == "--lang"]
    return Voice(asked[-1]) if asked and asked[-1] in languages() else ITALIAN


# ---------------------------------------------------------------- help


class _Command(TyperCommand):
    """A command whose help is said in the language asked for."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write usage, what it does, arguments and options."""
        _write_help(self, ctx, formatter, {})

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take ``--csv`` alone for the form that Excel opens."""
        alone = [
            at + 1 for at, word in enumerate(args)
            if word == "--csv" and args[at + 1 : at + 2] not in ([one.value] for one in Csv)
        ]  # fmt: skip
        for at in reversed(alone):
            args.insert(at, Csv.excel.value)
        return list(super().parse_args(ctx, args))


class _Group(TyperGroup):
    """A group that says which command it does not have, and its help in the language asked for."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write usage, what it is, options and commands."""
        found = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        _write_help(self, ctx, formatter, found)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Refuse a word that is no command, with those that are like it."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            near = get_close_matches(name, self.list_commands(ctx))
            see = problem("see", command=ctx.command_path)
            wrong = problem("unknown_command", name=name)
            raise ParameterError(wrong, cure=perhaps(near, see))
        return super().resolve_command(ctx, args)


class Commands(typer.Typer):
    """Commands whose help is said in the language asked for."""

    def __init__(self, **given: Any) -> None:
        super().__init__(cls=_Group, no_args_is_help=True, rich_markup_mode=None, **given)

    def command(self, name: str | None = None, **given: Any) -> Callable[[F], F]:
        """Register a command under its function's name, or another."""
        return super().command(name, cls=_Command, **given)


def perhaps(near: Sequence[str], see: Problem) -> Problem:
    """Return the cure of a misspelt word: those that are like it, and where all are listed."""
    return problem("perhaps", near=tuple(near), see=see) if near else see


def _write_help(command: Any, ctx: Any, formatter: Any, commands: dict[str, Any]) -> None:
    say = voice().say
    usage = say("Uso")  # not inside an f-string, where messages are not found
    pieces = command.collect_usage_pieces(ctx)
    formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=f"{usage}: ")
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(say(str(command.help)))
    shown = [one for one in command.get_params(ctx) if not getattr(one, "hidden", False)]
    parts = {
        say("Argomenti"): [one for one in shown if one.param_type_name == "argument"],
        say("Opzioni"): [one for one in shown if one.param_type_name == "option"],
    }
    for title, params in parts.items():
        if rows := [_help_row(one, ctx) for one in params]:
            with formatter.section(title):
                formatter.write_dl(rows)
    if commands:
        rows = [(name, say(str(one.help))) for name, one in commands.items()]
        with formatter.section(say("Comandi")):
            formatter.write_dl(rows)
    program, _, words = ctx.command_path.partition(" ")
    if lines := EXAMPLES.get(words):
        with formatter.section(say("Esempi")):
            # As they are: a command line that is broken cannot be copied.
            formatter.write("".join(f"  {program} {line}\n" for line in lines))


_OF_THE_PARSER = {
    "help": N_("Mostra questo aiuto."),
    "install_completion": N_("Installa il completamento dei comandi per la shell in uso."),
    "show_completion": N_("Mostra il completamento per la shell in uso, da copiare o adattare."),
}
"""What is said of the options that the parser of command lines adds."""


def _help_row(param: Any, ctx: Any) -> tuple[str, str]:
    """Return how a parameter is written, and what it is with its default."""
    say = voice().say
    name, written = param.get_help_record(ctx)
    if param.name in _OF_THE_PARSER:
        return name, say(_OF_THE_PARSER[param.name])
    words = param.help or ""
    more = written.removeprefix(words).strip()
    default, required = say("predefinito"), say("obbligatorio")
    more = more.replace("[default: ", f"[{default}: ").replace("required]", f"{required}]")
    return name, f"{say(words)} {more}".strip()


@contextmanager
def progress(quiet: bool, stages: int | None) -> Iterator[Callable[[str], None]]:
    """Show each stage as it begins: a bar on a terminal, a line elsewhere, nothing if quiet."""
    say = voice().say
    if quiet:
        yield lambda _: None
        return
    if not sys.stderr.isatty():
        yield lambda stage: print(f"{say(stage)}...", file=sys.stderr)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=stages)
        begun = 0

        def report(stage: str) -> None:
            nonlocal begun
            bar.update(task, description=say(stage), completed=begun)
            begun += 1

        yield report


def called(*asked: object, ending: str = "") -> Path:
    """Return the file, or the folder, that a question is answered in where none is named.

    Parameters
    ----------
    asked : object
        The parts of the question; what is empty or was not asked is left out.
    ending : str
        How the name ends.

    Examples
    --------
    >>> called("dove aprire", "ambito:Carate Brianza", 2, "", ending=".xlsx").as_posix()
    'out/dove-aprire-ambito-carate-brianza-2.xlsx'
    """
    from needs_analysis.territory import slug

    said = [str(one) for one in asked if one not in (None, "", False)]
    parts = [Path(one).stem if one.lower().endswith((".csv", ".toml")) else one for one in said]
    return Path("out") / f"{slug(*parts, asked=said)}{ending}"


def study_for(area: str, lang: str, file: Path | None) -> Study:
    """Return what is asked of an area: by the study of a file where one is given, its own area left."""
    from needs_analysis.study import Study

    asked = Study(area) if file is None else Study.read(file)
    return replace(asked, area=area, name="", lang=lang)


@contextmanager
def written(path: Path, suffix: str) -> Iterator[Path]:
    """Give a file to write beside the one asked for, and print its name when it is whole."""
    from needs_analysis.writing.files import written_file

    if path.suffix.lower() != f".{suffix}":
        wrong = problem("other_suffix", path=str(path), suffix=suffix)
        raise OutputError(wrong, cure=problem("change_name"))
    with written_file(path) as beside:
        yield beside
    print(path)


def said_wrong(error: Refused, voice: Voice) -> int:
    """Print what the user can cure, and return the exit code that says so."""
    print(voice.say("Errore: {error}", error=error.text(voice)), file=sys.stderr)
    return 2
