"""The commands on services: templates, checks, monitoring, capacity, siting; published unless told."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from needs_analysis.cli_output import LangOption, Language, QuietOption, progress, written
from needs_analysis.errors import NeedsAnalysisError, OutputError, ParameterError

if TYPE_CHECKING:
    from needs_analysis.reports.model import Table
    from needs_analysis.reports.services_siting import Siting
    from needs_analysis.services.capacity import Capacity, PlacesNeeded
    from needs_analysis.services.demand import Patience, Target

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
    for line in said.errors:
        print(f"Errore: {line}")
    for line in said.cures:
        print(f"Rimedio: {line}")
    for line in said.warnings:
        print(f"Avviso: {line}")
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
        raise OutputError(
            "le righe convertite sono persone, anche se sotto pseudonimo: non si pubblicano. Per "
            "l'uso dell'ente aggiungere --profile internal, e non consegnarle."
        )
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
    words = [f"{', '.join([*needed][:-1])} e {[*needed][-1]}" for needed in (numbers, own)]
    if all(given) or not any(given):
        both = f"; qui ci sono insieme {', '.join([*given[0], *given[1]])}" if all(given) else ""
        raise ParameterError(
            f"quanti posti servono si dice da numeri ({words[0]}) oppure dai propri dati ({words[1]})"
            f"{both}."
        )
    needed, said = (own, words[1]) if given[1] else (numbers, words[0])
    absent = [name for name, value in needed.items() if value is None]
    if absent:
        verb = "manca" if len(absent) == 1 else "mancano"
        raise ParameterError(f"{verb} {', '.join(absent)}: servono {said}.")


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
        raise OutputError(
            "richieste o uscite del periodo sono troppo poche, o nascoste: non dicono quanti posti "
            "servono. Allungare il periodo."
        )
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

# What an impossible request is told, as an expression over its English, and how we say it.
_REQUESTS = {
    r".*per_year .* is not above 0.*": "--requests deve essere maggiore di 0",
    r".*(?:mean_days|sd_days) .* is not above 0.*": "i giorni devono essere maggiori di 0",
    r".*share .* is not between 0 and 1.*": "--share deve stare fra 0 e 1",
    r".*days .* is not a number from 0.*": "--days deve essere da 0 in su",
    r".*a load of ([\d.]+) on (\d+) places and nobody gives up.*at least (\d+) places.*": (
        "con {0} posti sempre richiesti e {1} posti la lista cresce senza fine: ne servono almeno "
        "{2}, oppure indicare --patience-days"
    ),
    r".*places in all are not 1 to (\d+).*": "--places va da 1 a {0}",
    r".*more than (\d+) places.*": "servirebbero più di {0} posti: controllare richieste e giorni",
    r".*?(-?\d+) new sites of (\d+) possible.*": "--new va da 0 a {1}, non {0}",
    r".*no new site and no existing one.*": (
        "con --new 0 si guarda la situazione di oggi, ma nel territorio non ci sono alloggi: indicare "
        "un --register che ne ha, o un --new da 1 in su"
    ),
    r".*every site is open already.*": (
        "c'è già un alloggio dappertutto, non resta dove aprirne: --new 0 dice la situazione di oggi"
    ),
    r".*reach .* is below 0.*": "--reach deve essere da 0 in su",
    r".*?(\d+) units by \d+ sites are more than \d+ pairs.*": (
        "il territorio è troppo grande ({0} comuni, se ne confrontano al massimo 400): sceglierne uno "
        "più piccolo"
    ),
    r"a part of an ambito only: (.*)": (
        "gli alloggi protetti si collocano su ambiti interi, e qui ce n'è solo una parte ({0}): "
        "scegliere tutto l'ambito o la provincia"
    ),
    r".*need must be from 0, somewhere above 0.*": "il bisogno scelto è zero o manca ovunque",
    r".*existing sites without distances.*": "mancano le distanze degli alloggi che ci sono",
    r".*dwellings or services not in the register.*": (
        "nel registro ci sono posti di alloggi, o alloggi di servizi, che non ci sono"
    ),
}


@contextmanager
def _cured() -> Iterator[None]:
    """Turn what a request cannot ask into a sentence; its values, perhaps of persons, are not said."""
    try:
        yield
    except NeedsAnalysisError:
        raise
    except ValueError as error:
        said = " ".join(str(error).split())
        matches = ((re.fullmatch(one, said), words) for one, words in _REQUESTS.items())
        found = next(
            (
                words.format(*(one.replace(".", ",") for one in match.groups()))
                for match, words in matches
                if match
            ),
            "",
        )
        what = found or "i dati non si accordano fra loro: provare «services check»"
        raise ParameterError(f"{what}.") from None


def _write(sheets: Sequence[Table], path: Path, title: str, lang: Language) -> None:
    from needs_analysis.reports import workbook

    workbook.write(sheets, path, title=title, lang=lang.value)
