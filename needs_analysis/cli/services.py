"""The commands on services: templates, checks, monitoring, capacity, siting; published unless told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

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
    from needs_analysis.services.capacity.demand import Patience, Target
    from needs_analysis.told.deliveries import Handing

problem = Messages(
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
    to = out or called("servizi", period, _internal(profile), ending=".xlsx")
    from needs_analysis.services.files.inputs import ServiceData
    from needs_analysis.told.deliveries import handing

    with (
        progress(quiet, 4) as report, _cured(),
        handing(key, "monitor") as handed, written(to, "xlsx") as path,
    ):  # fmt: skip
        report(N_("registro e accoglienze"))
        read = read_services(register, stays or register, key)
        _warn(read[0].warnings, read[1].warnings, lang=lang)
        report(N_("misure e riservatezza"))
        from needs_analysis.reports.chapters import services_building, services_sheets
        from needs_analysis.told import tell

        found = tell(ServiceData(*read, days, profile.value), handed, ("measures",))
        report(N_("tabelle"))
        sheets = services_sheets.monitoring_sheets(found, Voice(lang))
        report(N_("scrittura"))
        _write(
            sheets,
            path,
            services_building.labelled(Voice(lang).say("Servizi"), found, Voice(lang)),
            lang,
        )
        handed.remember({"xlsx": path})
    _say_coarsened(handed, lang)


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
        "servizi differenze", period, since, old_report and "consegna", _internal(profile),
        ending=".xlsx",
    )  # fmt: skip
    with progress(quiet, 3) as report, _cured(), written(to, "xlsx") as path:
        report(N_("dati di prima e di adesso"))
        both = [read_services(data, data, key) for data in (old, new)]
        _warn(*(one.warnings for read in both for one in read), lang=lang)
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
        _write(sheets, path, sheets[0].title, lang)
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
        raise ParameterError(problem("half", count=1, absent=("--forget",), needed="--forget"))
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
    tables = {
        "services": register.services, "dwellings": register.dwellings, "places": register.places,
        "stays": stays.stays, "activities": stays.activities, "absences": stays.absences,
    }  # fmt: skip
    with written_whole(out) as inner:
        names = [one.name for one in write_filled(inner, tables, as_csv=csv or False)]
    print(*(out / name for name in names), sep="\n")


# ---------------------------------------------------------------- planned

_SHARE, _DAYS = 0.9, 30.0
"""Who should enter in time, and in how many days."""
_NEED = "declarants_up_to_10k"


@services_app.command(
    "capacity",
    help=N_(
        "Simula lista d'attesa e posti, da numeri o dai propri dati: attese, e i posti che servono."
    ),
)
def capacity_command(
    requests: Annotated[
        float | None, typer.Option("--requests", help=N_("Nuclei che chiedono in un anno."))
    ] = None,
    stay_days: Annotated[
        float | None, typer.Option("--stay-days", help=N_("Permanenza media, in giorni."))
    ] = None,
    stay_sd_days: Annotated[
        float | None,
        typer.Option("--stay-sd-days", help=N_("Deviazione standard; uguale alla media se manca.")),
    ] = None,
    places: Annotated[
        int | None,
        typer.Option("--places", help=N_("Posti; se mancano si cercano quelli necessari.")),
    ] = None,
    register: Annotated[
        Path | None,
        typer.Option("--register", help=N_("Il registro: richieste e posti dai propri dati.")),
    ] = None,
    stays: Annotated[
        Path | None,
        typer.Option("--stays", help=N_("Le accoglienze; sono nel file del registro se manca.")),
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help=N_("La chiave degli pseudonimi."))
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", help=N_("Un anno, o due date: 2025-01-01/2025-06-30."))
    ] = None,
    share: Annotated[
        float, typer.Option("--share", help=N_("Quota che deve entrare in tempo, fra 0 e 1."))
    ] = _SHARE,
    days: Annotated[float, typer.Option("--days", help=N_("Giorni entro cui entrare."))] = _DAYS,
    patience_days: Annotated[
        float | None, typer.Option("--patience-days", help=N_("Attesa media prima di rinunciare."))
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help=N_(
                "Cartella di lavoro da scrivere, coi propri dati; in out, col nome della domanda, se "
                "manca."
            ),
        ),
    ] = None,
    profile: ProfileOption = Profile.published,
    lang: LangOption = SOURCE,
    quiet: QuietOption = False,
) -> None:
    """Simulate waiting list and places, from numbers or own data: waits, and the places needed."""
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
            report(N_("simulazione"))
            lines = _by_numbers(
                (requests, stay_days, stay_sd_days), places, target, waits, Voice(lang)
            )
    else:
        paths = cast("tuple[Path, Path, Path]", (register, stays or register, key))
        to = out or called(
            "posti necessari", period, _internal(profile), share != _SHARE and f"quota {share}",
            days != _DAYS and f"entro {days:g}", patience_days and f"pazienza {patience_days:g}",
            ending=".xlsx",
        )  # fmt: skip
        from needs_analysis.told.deliveries import handing

        with (
            progress(quiet, 4) as report, _cured(),
            handing(paths[2], "capacity") as handed, written(to, "xlsx") as path,
        ):  # fmt: skip
            asked = (profile, (target, waits))
            lines = _by_data(paths, str(period), asked, (path, handed), lang, report)
        _say_coarsened(handed, lang)
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
    voiced: Voice,
) -> list[str]:
    """Simulate requests and stays given as numbers."""
    from needs_analysis.reports.chapters import services_lines
    from needs_analysis.services import Arrivals, StayLength, capacity
    from needs_analysis.services.capacity.needed import places_needed

    requests, mean_days, sd_days = asked
    arrivals = [Arrivals("all_groups", requests)]
    stay = (
        StayLength.exponential(mean_days)
        if sd_days is None
        else StayLength.gamma(mean_days, sd_days)
    )
    if places is None:
        return services_lines.needed(places_needed(arrivals, stay, target, patience), voiced)
    found = capacity(arrivals, stay, places, patience=patience, target=target)
    return services_lines.waits(found, voiced)


def _by_data(
    paths: tuple[Path, Path, Path],
    period: str,
    asked: tuple[Profile, tuple[Target, Patience | None]],
    to: tuple[Path, Handing],
    lang: str,
    report: Callable[[str], None],
) -> list[str]:
    """Write the places that own requests and stays take, and return what is to be said of them."""
    from needs_analysis.services.files.inputs import ServiceData, period_of, read_services

    days = period_of(period)
    report(N_("registro e accoglienze"))
    read = read_services(*paths)
    _warn(read[0].warnings, read[1].warnings, lang=lang)
    report(N_("misure e riservatezza"))
    from needs_analysis.reports.chapters import services_building, services_lines, services_needed
    from needs_analysis.told import tell

    (profile, wanted), (path, handed) = asked, to
    data = ServiceData(*read, days, profile.value)
    report(N_("simulazione"))
    found = tell(data, handed, ("requests",), wanted)
    made = found.plan
    if made is None:
        raise OutputError(problem("too_few"))
    report(N_("scrittura"))
    title = Voice(lang).say("Posti necessari")
    sheets = services_needed.sheets(found, made, Voice(lang))
    _write(sheets, path, services_building.labelled(title, found, Voice(lang)), lang)
    handed.remember({"xlsx": path})
    return services_lines.planned(found, made, Voice(lang))


@services_app.command(
    "siting",
    help=N_(
        "Sceglie dove aprire i prossimi alloggi: tabelle, e accanto la mappa (stesso nome, .html)."
    ),
)
def siting_command(
    area: Annotated[str, typer.Argument(help=N_("ambito:, provincia: o regione: e il nome."))],
    new: Annotated[int, typer.Option("--new", help=N_("Quanti alloggi nuovi."))],
    register: Annotated[
        Path | None, typer.Option("--register", help=N_("Il registro: gli alloggi aperti restano."))
    ] = None,
    need: Annotated[
        str, typer.Option("--need", help=N_("Il conteggio che pesa i comuni, per nome."))
    ] = _NEED,
    reach: Annotated[
        float | None,
        typer.Option(
            "--reach",
            help=N_(
                "Massima copertura entro questi km (minuti con --distances); minima distanza se "
                "manca."
            ),
        ),
    ] = None,
    times: Annotated[
        Path | None,
        typer.Option(
            "--distances",
            help=N_("Matrice CSV dei minuti di viaggio: partenze in riga, arrivi in colonna."),
        ),
    ] = None,
    protected: Annotated[
        bool, typer.Option("--protected", help=N_("Alloggi protetti: per ambito, mai per comune."))
    ] = False,
    out: XlsxOption = None,
    lang: LangOption = SOURCE,
    quiet: QuietOption = False,
) -> None:
    """Choose where to open the next dwellings: tables, and the map beside them (same name, .html)."""
    from needs_analysis.reports.chapters import services_lines, services_siting, siting_map
    from needs_analysis.services.files.inputs import named
    from needs_analysis.services.files.office import read_register
    from needs_analysis.territory import select
    from needs_analysis.told import choose

    to = out or called(
        "dove aprire", area, new, need != _NEED and need, reach is not None and f"entro {reach:g}",
        times and f"tempi {times.stem}", protected and "protetti", register and "registro",
        ending=".xlsx",
    )  # fmt: skip
    page = written(to.with_suffix(".html"), "html")
    with progress(quiet, 3) as report, _cured(), page as map_path, written(to, "xlsx") as path:
        report(N_("territorio e alloggi"))
        units = select(area)
        known = named(N_("registro"), read_register, register) if register else None
        _warn(known.warnings if known else (), lang=lang)
        report(N_("bisogno e scelta"))
        said, warnings = choose(
            units, new, need=need, register=known, reach=reach, matrix=times,
            protected=protected,
        )  # fmt: skip
        report(N_("tabelle e mappa"))
        title = Voice(lang).say("Dove aprire")
        sheets = services_siting.tables(said, Voice(lang))
        _write(sheets, path, services_siting.titled(said, title, Voice(lang)), lang)
        siting_map.siting_map(said, Voice(lang)).save(str(map_path))
    for odd in warnings:
        told = Voice(lang).say("Avviso: {warning}.", warning=odd.text(Voice(lang)))
        print(told, file=sys.stderr)
    print(*services_lines.sites(said, Voice(lang)), sep="\n")


# ---------------------------------------------------------------- errors and files


def _internal(profile: Profile) -> str:
    """Return what the name of a file says of a profile that is not to be handed out."""
    return "interno" if profile is Profile.internal else ""


def _warn(*warnings: Sequence[Problem], lang: str) -> None:
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


def _say_coarsened(handed: Handing, lang: str) -> None:
    """Say for which earlier deliveries more is hidden."""
    if handed.warning:
        said = Voice(lang).say("Avviso: {warning}.", warning=handed.warning.text(Voice(lang)))
        print(said, file=sys.stderr)


def _write(sheets: Sequence[Table], path: Path, title: str, lang: str) -> None:
    from needs_analysis.reports.render import workbook

    workbook.write(sheets, path, title=title, voice=Voice(lang))
