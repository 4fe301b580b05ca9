"""The commands that say how many places are needed, and where to open them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from needs_analysis.cli.output import LangOption, QuietOption, called, progress, written
from needs_analysis.cli.services import (
    Profile,
    ProfileOption,
    XlsxOption,
    cured,
    half_asked,
    internal_word,
    say_coarsened,
    services_app,
    warn,
    write_sheets,
)
from needs_analysis.errors import Messages, OutputError, ParameterError
from needs_analysis.words import N_, SOURCE, Voice

if TYPE_CHECKING:
    from needs_analysis.services.capacity.demand import Patience, Target
    from needs_analysis.told.deliveries import Handing

problem = Messages(
    "cli_places",
    {
        "one_way": N_(
            "quanti posti servono si dice da numeri ({numbers}) oppure dai propri dati ({own})."
        ),
        "both_ways": N_(
            "quanti posti servono si dice da numeri ({numbers}) oppure dai propri dati ({own}); qui ci "
            "sono insieme {given}."
        ),
        "and": N_("{first} e {last}"),
        "too_few": N_(
            "richieste o uscite del periodo sono troppo poche, o nascoste: non dicono quanti posti "
            "servono. Allungare il periodo."
        ),
    },
)

_SHARE, _DAYS = 0.9, 30.0
"""Who should enter in time, and in how many days."""
_NEED = "overburdened_tenants"


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

    with cured():
        waits = None if patience_days is None else Patience(patience_days)
        target = Target(share, days)
    if requests is not None and stay_days is not None:
        with progress(quiet, 1) as report, cured():
            report(N_("simulazione"))
            lines = _by_numbers(
                (requests, stay_days, stay_sd_days), places, target, waits, Voice(lang)
            )
    else:
        paths = cast("tuple[Path, Path, Path]", (register, stays or register, key))
        to = out or called(
            "posti necessari", period, internal_word(profile), share != _SHARE and f"quota {share}",
            days != _DAYS and f"entro {days:g}", patience_days and f"pazienza {patience_days:g}",
            ending=".xlsx",
        )  # fmt: skip
        from needs_analysis.told.deliveries import handing

        with (
            progress(quiet, 4) as report, cured(),
            handing(paths[2], "capacity") as handed, written(to, "xlsx") as path,
        ):  # fmt: skip
            asked = (profile, (target, waits))
            lines = _by_data(paths, str(period), asked, (path, handed), lang, report)
        say_coarsened(handed, lang)
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
        raise half_asked(absent, said)


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
    warn(read[0].warnings, read[1].warnings, lang=lang)
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
    write_sheets(sheets, path, services_building.labelled(title, found, Voice(lang)), lang)
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
    with progress(quiet, 3) as report, cured(), page as map_path, written(to, "xlsx") as path:
        report(N_("territorio e alloggi"))
        units = select(area)
        known = named(N_("registro"), read_register, register) if register else None
        warn(known.warnings if known else (), lang=lang)
        report(N_("bisogno e scelta"))
        said, warnings = choose(
            units, new, need=need, register=known, reach=reach, matrix=times,
            protected=protected,
        )  # fmt: skip
        report(N_("tabelle e mappa"))
        title = Voice(lang).say("Dove aprire")
        sheets = services_siting.tables(said, Voice(lang))
        write_sheets(sheets, path, services_siting.titled(said, title, Voice(lang)), lang)
        siting_map.siting_map(said, Voice(lang)).save(str(map_path))
    for odd in warnings:
        told = Voice(lang).say("Avviso: {warning}.", warning=odd.text(Voice(lang)))
        print(told, file=sys.stderr)
    print(*services_lines.sites(said, Voice(lang)), sep="\n")
