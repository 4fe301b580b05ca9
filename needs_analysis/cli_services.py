"""The commands on services: templates, checks, monitoring, capacity, siting; published unless told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from needs_analysis.cli_output import LangOption, Language, QuietOption, progress, written
from needs_analysis.errors import OutputError, ParameterError, Problem, Refused
from needs_analysis.errors import Table as Problems
from needs_analysis.words import N_, NN_

if TYPE_CHECKING:
    from needs_analysis.reports.model import Table
    from needs_analysis.reports.services_siting import Siting
    from needs_analysis.services.capacity import Capacity, PlacesNeeded
    from needs_analysis.services.demand import Patience, Target

problem = Problems(
    "cli_services",
    {
        "one_way": N_(
            "quanti posti servono si dice da numeri ({numbers}) oppure dai propri dati ({own})."
        ),
        "both_ways": N_(
            "quanti posti servono si dice da numeri ({numbers}) oppure dai propri dati ({own}); qui ci "
            "sono insieme {given}."
        ),
        "half": NN_("manca {absent}: servono {needed}.", "mancano {absent}: servono {needed}."),
        "and": N_("{first} e {last}"),
        "no_rows_published": N_(
            "le righe convertite sono persone, anche se sotto pseudonimo: non si pubblicano. Per l'uso "
            "dell'ente aggiungere --profile internal, e non consegnarle."
        ),
        "too_few": N_(
            "richieste o uscite del periodo sono troppo poche, o nascoste: non dicono quanti posti "
            "servono. Allungare il periodo."
        ),
        "disagree": N_("i dati non si accordano fra loro: provare «services check»."),
    },
)

services_app = typer.Typer(
    no_args_is_help=True, help="I servizi abitativi: registro, accoglienze, esiti, posti."
)


class Profile(StrEnum):
    """Who may read what is written."""

    published = "published"
    internal = "internal"


RegisterArgument = Annotated[
    Path, typer.Argument(help="Il registro: la cartella di lavoro, o la cartella dove sta.")
]
StaysArgument = Annotated[
    Path | None, typer.Argument(help="Le accoglienze; sono nel file del registro se manca.")
]
KeyOption = Annotated[
    Path, typer.Option("--key", help="La chiave degli pseudonimi, fuori dalla cartella dei dati.")
]
PeriodOption = Annotated[
    str, typer.Option("--period", help="Un anno, o due date: 2025-01-01/2025-06-30.")
]
ProfileOption = Annotated[
    Profile,
    typer.Option(
        "--profile",
        help="published: conteggi piccoli nascosti. internal: righe intere, da non consegnare.",
    ),
]
XlsxOption = Annotated[Path, typer.Option("--out", help="Cartella di lavoro da scrivere.")]
FolderOption = Annotated[Path, typer.Option("--out", help="Cartella da scrivere.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="File CSV al posto delle cartelle Excel.")]


# ---------------------------------------------------------------- files to fill in


@services_app.command()
def template(out: FolderOption, csv: CsvOption = False) -> None:
    """Scrive i modelli da riempire: registro, accoglienze, segnalazioni, questionario, misure."""
    from needs_analysis.services import write_templates

    print(*write_templates(out, as_csv=csv), sep="\n")


@services_app.command()
def key(path: Annotated[Path, typer.Argument(help="Il file da creare, fuori dai dati.")]) -> None:
    """Crea la chiave segreta degli pseudonimi; una chiave che esiste non si sovrascrive."""
    from needs_analysis.services import create_key

    print(create_key(path))


@services_app.command()
def example(out: FolderOption, csv: CsvOption = False) -> None:
    """Scrive dati inventati di sei servizi, per provare; ogni foglio lo dice."""
    from needs_analysis.services import invented

    print(*invented.write(out, as_csv=csv), sep="\n")


# ---------------------------------------------------------------- read and checked


@services_app.command()
def check(
    register: RegisterArgument,
    key: Annotated[
        Path | None, typer.Option("--key", help="La chiave; non serve per le sole misure locali.")
    ] = None,
    stays: StaysArgument = None,
) -> None:
    """Controlla tutti i fogli che trova: gli errori e gli avvisi, senza scrivere niente."""
    from needs_analysis.services.checking import checked

    said = checked(register, stays or register, key)
    for wrong in said.errors:
        print(f"Errore: {Refused(wrong)}")
    for cure in said.cures:
        print(f"Rimedio: {Refused(cure)}")
    for odd in said.warnings:
        print(f"Avviso: {odd}")
    if said.errors:
        raise typer.Exit(2)
    print(f"Letti: {', '.join(said.read)}.")
    if not said.warnings:
        print("Nessun errore, nessun avviso.")


@services_app.command()
def monitor(
    register: RegisterArgument,
    key: KeyOption,
    period: PeriodOption,
    stays: StaysArgument = None,
    out: XlsxOption = Path("out") / "servizi.xlsx",
    profile: ProfileOption = Profile.published,
    lang: LangOption = Language.it,
    quiet: QuietOption = False,
) -> None:
    """Scrive tutte le misure di un periodo: per servizio, ambito, gruppo, con gli intervalli."""
    from needs_analysis.services.inputs import period_of, read_services

    days = period_of(period)
    with progress(quiet, 4) as report, _cured(), written(out, "xlsx") as path:
        report("registro e accoglienze")
        read = read_services(register, stays or register, key)
        report("misure e riservatezza")
        from needs_analysis.reports import services_tables
        from needs_analysis.services.publication import publish

        found = publish(*read, days, profile.value)
        report("tabelle")
        sheets = services_tables.monitoring_sheets(found, lang.value)
        report("scrittura")
        _write(sheets, path, services_tables.labelled("Servizi", found, lang.value), lang)


@services_app.command()
def diff(
    old: Annotated[
        Path, typer.Argument(help="I dati di prima: una cartella di lavoro, o dove sta.")
    ],
    new: Annotated[Path, typer.Argument(help="I dati di adesso, nella stessa forma.")],
    key: KeyOption,
    period: PeriodOption,
    old_period: Annotated[
        str, typer.Option("--old-period", help="Il periodo di prima; lo stesso se manca.")
    ] = "",
    old_report: Annotated[
        Path | None,
        typer.Option(
            "--old-report",
            help="Le misure consegnate allora da «services monitor»: con quali regole e cifre.",
        ),
    ] = None,
    out: XlsxOption = Path("out") / "servizi-differenze.xlsx",
    profile: ProfileOption = Profile.published,
    lang: LangOption = Language.it,
    quiet: QuietOption = False,
) -> None:
    """Spiega perché una misura è cambiata fra due consegne: dati, regola o periodo."""
    from needs_analysis.services import as_delivered, difference
    from needs_analysis.services import monitor as measured
    from needs_analysis.services.inputs import period_of, read_services

    periods = period_of(old_period or period), period_of(period)
    with progress(quiet, 3) as report, _cured(), written(out, "xlsx") as path:
        report("dati di prima e di adesso")
        runs = [
            measured(*read_services(data, data, key), days)
            for data, days in zip((old, new), periods, strict=True)
        ]
        from needs_analysis.reports import services_difference

        if old_report:
            runs[0] = as_delivered(runs[0], services_difference.read_delivered(old_report))
        report("differenze")
        found = difference(*runs)
        report("tabelle")
        sheets = services_difference.sheets(found, profile.value, lang.value)
        _write(sheets, path, sheets[0].title, lang)
    if doubt := services_difference.warning(found, profile.value, lang.value):
        print(f"{'Avviso' if lang is Language.it else 'Warning'}: {doubt}", file=sys.stderr)
    print(services_difference.summary(found, profile.value, lang.value))


@services_app.command()
def hmis(
    folder: Annotated[
        Path, typer.Argument(help="L'esportazione HMIS: la cartella dei CSV, o lo zip.")
    ],
    key: KeyOption,
    out: FolderOption,
    csv: CsvOption = False,
    profile: ProfileOption = Profile.published,
) -> None:
    """Converte un'esportazione HMIS nei nostri modelli; le righe restano all'ente."""
    from needs_analysis import store
    from needs_analysis.services import read_hmis, write_filled
    from needs_analysis.services.inputs import named
    from needs_analysis.services.pseudonyms import read_key

    if profile is Profile.published:
        raise OutputError(problem("no_rows_published"))
    named("chiave", read_key, key, folder)
    register, stays = named("esportazione", read_hmis, folder, key)
    for warning in (*register.warnings, *stays.warnings):
        print(f"Avviso: {warning}", file=sys.stderr)
    tables = {
        "services": register.services, "dwellings": register.dwellings, "places": register.places,
        "stays": stays.stays, "activities": stays.activities, "absences": stays.absences,
    }  # fmt: skip
    with store.written_whole(out) as inner:
        names = [one.name for one in write_filled(inner, tables, as_csv=csv)]
    print(*(out / name for name in names), sep="\n")


# ---------------------------------------------------------------- planned


@services_app.command("capacity")
def capacity_command(
    requests: Annotated[
        float | None, typer.Option("--requests", help="Nuclei che chiedono in un anno.")
    ] = None,
    stay_days: Annotated[
        float | None, typer.Option("--stay-days", help="Permanenza media, in giorni.")
    ] = None,
    stay_sd_days: Annotated[
        float | None,
        typer.Option("--stay-sd-days", help="Deviazione standard; uguale alla media se manca."),
    ] = None,
    places: Annotated[
        int | None, typer.Option("--places", help="Posti; se mancano si cercano quelli necessari.")
    ] = None,
    register: Annotated[
        Path | None,
        typer.Option("--register", help="Il registro: richieste e posti dai propri dati."),
    ] = None,
    stays: Annotated[
        Path | None,
        typer.Option("--stays", help="Le accoglienze; sono nel file del registro se manca."),
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="La chiave degli pseudonimi.")] = None,
    period: Annotated[
        str | None, typer.Option("--period", help="Un anno, o due date: 2025-01-01/2025-06-30.")
    ] = None,
    share: Annotated[
        float, typer.Option("--share", help="Quota che deve entrare in tempo, fra 0 e 1.")
    ] = 0.9,
    days: Annotated[float, typer.Option("--days", help="Giorni entro cui entrare.")] = 30.0,
    patience_days: Annotated[
        float | None, typer.Option("--patience-days", help="Attesa media prima di rinunciare.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Cartella di lavoro da scrivere: out/posti-necessari.xlsx. Propri dati."
        ),
    ] = None,
    profile: ProfileOption = Profile.published,
    lang: LangOption = Language.it,
    quiet: QuietOption = False,
) -> None:
    """Simula lista d'attesa e posti, da numeri o dai propri dati: attese, e i posti che servono."""
    own = {"--register": register, "--key": key, "--period": period}
    numbers = {"--requests": requests, "--stay-days": stay_days}
    _one_way(
        numbers,
        {"--stay-sd-days": stay_sd_days, "--places": places},
        own,
        {"--stays": stays, "--out": out},
    )
    from needs_analysis.services import Patience, Target

    with _cured():
        waits = None if patience_days is None else Patience(patience_days)
        target = Target(share, days)
    if requests is not None and stay_days is not None:
        with progress(quiet, 1) as report, _cured():
            report("simulazione")
            lines = _by_numbers((requests, stay_days, stay_sd_days), places, target, waits)
    else:
        paths = cast("tuple[Path, Path, Path]", (register, stays or register, key))
        to = out or Path("out") / "posti-necessari.xlsx"
        with progress(quiet, 4) as report, _cured(), written(to, "xlsx") as path:
            lines = _by_data(paths, str(period), profile, (target, waits), path, lang, report)
    print("\n".join(lines))


def _one_way(
    numbers: Mapping[str, object],
    more_numbers: Mapping[str, object],
    own: Mapping[str, object],
    more_own: Mapping[str, object],
) -> None:
    """Refuse numbers and own data together, neither, or one of them by half."""
    given = [
        [name for name, value in {**needed, **more}.items() if value is not None]
        for needed, more in ((numbers, more_numbers), (own, more_own))
    ]
    by_numbers, by_data = (
        problem("and", first=tuple(needed)[:-1], last=tuple(needed)[-1])
        for needed in (numbers, own)
    )
    if not any(given):
        raise ParameterError(problem("one_way", numbers=by_numbers, own=by_data))
    if all(given):
        both = (*given[0], *given[1])
        raise ParameterError(problem("both_ways", numbers=by_numbers, own=by_data, given=both))
    needed, said = (own, by_data) if given[1] else (numbers, by_numbers)
    absent = tuple(name for name, value in needed.items() if value is None)
    if absent:
        raise ParameterError(problem("half", count=len(absent), absent=absent, needed=said))


def _by_numbers(
    asked: tuple[float, float, float | None],
    places: int | None,
    target: Target,
    patience: Patience | None,
) -> list[str]:
    """Simulate requests and stays given as numbers."""
    from needs_analysis.services import Arrivals, StayLength, capacity
    from needs_analysis.services.capacity import places_needed

    requests, mean_days, sd_days = asked
    arrivals = [Arrivals("all_groups", requests)]
    stay = (
        StayLength.exponential(mean_days)
        if sd_days is None
        else StayLength.gamma(mean_days, sd_days)
    )
    found: Capacity | PlacesNeeded
    if places is None:
        found = places_needed(arrivals, stay, target, patience)
        lines = _needed_lines(found)
    else:
        found = capacity(arrivals, stay, places, patience=patience, target=target)
        lines = _capacity_lines(found)
    return [
        *lines,
        f"Stima per simulazione ({found.replications} ripetizioni, intervalli al 95 %): vale se "
        "richieste e permanenze restano queste.",
    ]


def _by_data(
    paths: tuple[Path, Path, Path],
    period: str,
    profile: Profile,
    asked: tuple[Target, Patience | None],
    path: Path,
    lang: Language,
    report: Callable[[str], None],
) -> list[str]:
    """Write the places that own requests and stays take, and return what is to be said of them."""
    from needs_analysis.services.inputs import period_of, read_services

    days = period_of(period)
    report("registro e accoglienze")
    read = read_services(*paths)
    report("misure e riservatezza")
    from needs_analysis.reports import services_needed, services_tables
    from needs_analysis.reports.model import plain
    from needs_analysis.services import plan
    from needs_analysis.services.publication import publish

    found = publish(*read, days, profile.value)
    report("simulazione")
    made = plan(found, *asked)
    if made is None:
        raise OutputError(problem("too_few"))
    report("scrittura")
    title = {"it": "Posti necessari", "en": "Places needed"}[lang.value]
    sheets = services_needed.sheets(found, made, lang.value)
    _write(sheets, path, services_tables.labelled(title, found, lang.value), lang)
    first = [f"{found.label.capitalize()}."] if found.label else []
    said = services_needed.sentences(made, "it")
    return first + [f"{one.lead} {plain(one.text)}".strip() for one in said]


def _needed_lines(found: PlacesNeeded) -> list[str]:
    from needs_analysis.reports.language import elided, number, printed
    from needs_analysis.services.capacity import load_decimals

    row = found.frame.iloc[-1]
    load = number(row["load"], "it", load_decimals(row["load"]))
    share, reached, low, high = (
        printed(value, "x_share", "share")
        for value in (found.target.share, row["share"], row["share_low"], row["share_high"])
    )
    return [
        f"Posti occupati in media, se chi chiede entrasse subito: {load}.",
        elided(
            f"Posti necessari perché il {share} entri entro {number(found.target.days)} giorni: "
        )
        + f"{number(row['places'])} (da {number(row['places_low'])} a {number(row['places_high'])}).",
        f"Con questi entra in tempo {reached} di chi chiede (da {low} a {high}).",
    ]


def _capacity_lines(found: Capacity) -> list[str]:
    from needs_analysis.reports.language import number, printed

    own = cast(Any, found.groups.loc["all"])
    lines = []
    for name, words, unit in (
        ("wait_p50_days", "Attesa della metà di chi entra, giorni", ""),
        ("wait_p90_days", "Attesa di nove su dieci, giorni", ""),
        ("within_target_share", "Entra in tempo, di chi chiede", "share"),
        ("gave_up_share", "Rinuncia", "share"),
        ("waiting_households", "Nuclei in lista in un giorno medio", ""),
    ):
        parts = [
            printed(own.loc[name, part], "x_share", unit)
            if unit
            else number(own.loc[name, part], "it", 1)
            for part in ("value", "low", "high")
        ]
        lines.append(f"{words}: {parts[0]} (da {parts[1]} a {parts[2]}).")
    use = cast(Any, found.places.loc["all"])
    shares = [printed(use[part], "x_share", "share") for part in ("occupancy_share", "low", "high")]
    lines.append(f"Occupazione: {shares[0]} (da {shares[1]} a {shares[2]}).")
    return lines


@services_app.command("siting")
def siting_command(
    area: Annotated[str, typer.Argument(help="ambito:, provincia: o regione: e il nome.")],
    new: Annotated[int, typer.Option("--new", help="Quanti alloggi nuovi.")],
    register: Annotated[
        Path | None, typer.Option("--register", help="Il registro: gli alloggi aperti restano.")
    ] = None,
    need: Annotated[
        str, typer.Option("--need", help="Il conteggio che pesa i comuni, per nome.")
    ] = "declarants_up_to_10k",
    reach: Annotated[
        float | None,
        typer.Option(
            "--reach",
            help="Massima copertura entro questi km (minuti con --distances); minima distanza se manca.",
        ),
    ] = None,
    times: Annotated[
        Path | None,
        typer.Option(
            "--distances",
            help="Matrice CSV dei minuti di viaggio: partenze in riga, arrivi in colonna.",
        ),
    ] = None,
    protected: Annotated[
        bool, typer.Option("--protected", help="Alloggi protetti: per ambito, mai per comune.")
    ] = False,
    out: XlsxOption = Path("out") / "dove-aprire.xlsx",
    lang: LangOption = Language.it,
    quiet: QuietOption = False,
) -> None:
    """Sceglie dove aprire i prossimi alloggi: tabelle, e accanto la mappa (stesso nome, .html)."""
    from needs_analysis.reports import services_siting, siting_map
    from needs_analysis.services.inputs import named
    from needs_analysis.services.reading import read_register
    from needs_analysis.territory import select

    page = written(out.with_suffix(".html"), "html")
    with progress(quiet, 3) as report, _cured(), page as map_path, written(out, "xlsx") as path:
        report("territorio e alloggi")
        units = select(area)
        known = named("registro", read_register, register) if register else None
        report("bisogno e scelta")
        said, warnings = services_siting.choose(
            units, new, need=need, register=known, reach=reach, matrix=times,
            protected=protected, lang=lang.value,
        )  # fmt: skip
        report("tabelle e mappa")
        title = {"it": "Dove aprire", "en": "Where to open"}[lang.value]
        sheets = services_siting.tables(said, lang.value)
        _write(sheets, path, said.titled(title, lang.value), lang)
        siting_map.siting_map(said, lang.value).save(str(map_path))
    for line in warnings:
        print(f"Avviso: {line}.", file=sys.stderr)
    print(*_siting_lines(said, lang.value), sep="\n")


def _siting_lines(said: Siting, lang: str) -> list[str]:
    """Say which sites were chosen and what they change."""
    from needs_analysis.reports.services_siting import notes

    sites = said.found.sites
    new = [said.names[code] for code in sites.index[sites["role"] == "new"]]
    words = {
        "it": ("Nuovi alloggi: {}.", "Nessun nuovo alloggio: la situazione di oggi."),
        "en": ("New dwellings: {}.", "No new dwelling: how it is today."),
    }[lang]
    result, _, *rest = notes(said, lang)  # the rule stands in the tables
    return [words[0].format(", ".join(new)) if new else words[1], result, *rest]


# ---------------------------------------------------------------- errors and files

_OPTIONS = {
    "per_year": "--requests", "mean_days": "--stay-days", "sd_days": "--stay-sd-days",
    "places": "--places", "share": "--share", "days": "--days", "patience": "--patience-days",
    "new_sites": "--new", "reach": "--reach",
}  # fmt: skip
"""What a parameter of our functions is called on the command line."""


@contextmanager
def _cured() -> Iterator[None]:
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


def _write(sheets: Sequence[Table], path: Path, title: str, lang: Language) -> None:
    from needs_analysis.reports import workbook

    workbook.write(sheets, path, title=title, lang=lang.value)
