"""The commands on what can be done: the policies that exist and those that could be put in place."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from needs_analysis.cli.needs import AreaArgument, CodesOnOption, estimated
from needs_analysis.cli.output import Commands, LangOption, QuietOption, called, progress, written
from needs_analysis.cli.services import Profile, ProfileOption, XlsxOption, warn, write_sheets
from needs_analysis.words import N_, SOURCE, Voice

if TYPE_CHECKING:
    import pandas as pd

    from needs_analysis.needs import NeedResult
    from needs_analysis.policies.files import PolicyFiles

policies_app = Commands(
    help=N_(
        "Che cosa si può fare: le misure che esistono, quelle da attivare, per chi, con che cosa."
    )
)

_AreaArgument = Annotated[
    str,
    typer.Argument(
        help=N_(
            "ambito:, provincia:, regione: o comune: e il nome; Italia; codici; CSV. Se manca: il "
            "catalogo, senza famiglie."
        )
    ),
]
_MeasuresOption = Annotated[
    Path | None,
    typer.Option(
        "--measures", help=N_("Le misure dell'ufficio, dal modello di «services template».")
    ),
]
_OutOption = Annotated[
    Path | None, typer.Option("--out", help=N_("Anche una cartella di lavoro con tutte le righe."))
]


@policies_app.command(
    "list",
    help=N_("Elenca le misure per un territorio: per chi sono, chi può averle, che cosa manca."),
)
def list_command(
    area: _AreaArgument = "",
    component: Annotated[
        str, typer.Option("--component", help=N_("Solo una componente del disagio, da A a F."))
    ] = "",
    group: Annotated[
        str, typer.Option("--group", help=N_("Solo un gruppo, col suo codice: eviction_order."))
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", help=N_("Il giorno, come 2026-11-29; oggi se manca."))
    ] = "",
    region: Annotated[
        str, typer.Option("--region", help=N_("La regione; quella del territorio se manca."))
    ] = "",
    include: Annotated[
        list[str] | None,
        typer.Option("--include", help=N_("Mostra per intero anche una misura che è fuori: P12.")),
    ] = None,
    measures: _MeasuresOption = None,
    out: _OutOption = None,
    profile: ProfileOption = Profile.published,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """List the policies for an area: for whom they are, who may have them, what is missing."""
    from needs_analysis.cli.policy_lines import checked, lines
    from needs_analysis.policies import catalogue, existing
    from needs_analysis.told.policies import tell_policies

    said = Voice(lang)
    wanted = checked(component, group)
    found = catalogue(region or None, as_of or None, include or ())
    read = None if measures is None else _own(measures, lang)
    need, label = _need(area, codes_on, said, quiet) if area else (None, "")
    codes = None if need is None else need.households.index
    own = None if read is None else existing(read, codes=codes, codes_on=codes_on or None)
    told = tell_policies(need, found, own, profile.value)
    title = said.say(N_("Che cosa si può fare: {area}"), area=label) if label else said.say(
        N_("Le misure del catalogo")
    )  # fmt: skip
    if told.internal:
        title = said.say(N_("{title} (profilo interno: non consegnare)"), title=title)
    if out is not None:
        from needs_analysis.reports.chapters.policies_tables import sheets

        with written(out, "xlsx") as path:
            write_sheets(sheets(told, said, wanted.holds), path, title, lang)
    print(*lines(told, wanted, title, said), sep="\n")


_AskedHelp = N_(
    "Un TOML con bilanci, minimi, misure da guardare: come la tabella [policies] di uno studio."
)


@policies_app.command(
    help=N_("Prova i bilanci dati alle singole misure: chi aiutano, che cosa ne viene.")
)
def simulate(
    area: AreaArgument,
    policies: Annotated[Path, typer.Option("--policies", help=_AskedHelp)],
    out: XlsxOption = None,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Try out the budgets given to single policies: whom they help, what comes of it."""
    from needs_analysis.cli.policy_mix import asked_of

    asked = replace(asked_of(policies), budget_eur=None)
    if not (asked.budgets or asked.households):
        from needs_analysis.policies.problems import PoliciesError, problem

        raise PoliciesError(problem("no_budget"))
    to = out or called("prova", area, codes_on, policies.name, ending=".xlsx")
    _bought(area, asked, to, lang, codes_on, quiet)


@policies_app.command(
    help=N_("Cerca il mix di misure che con un bilancio fa uscire dal bisogno più famiglie.")
)
def optimise(
    area: AreaArgument,
    budget: Annotated[
        str, typer.Option("--budget", help=N_("Euro di un anno, senza punti: 200000."))
    ] = "",
    policies: Annotated[Path | None, typer.Option("--policies", help=_AskedHelp)] = None,
    out: XlsxOption = None,
    lang: LangOption = SOURCE,
    codes_on: CodesOnOption = "",
    quiet: QuietOption = False,
) -> None:
    """Look for the mix of policies that brings most households out of need with a budget."""
    from needs_analysis.cli.policy_mix import asked_of, euros
    from needs_analysis.policies.optimisation import wrong_amount
    from needs_analysis.policies.problems import PoliciesError, problem

    asked = asked_of(policies)
    money = euros(budget) if budget else asked.budget_eur
    if money is None:
        raise PoliciesError(problem("no_total"))
    if wrong := wrong_amount("budget", money):
        raise PoliciesError(*wrong)
    asked = replace(asked, budget_eur=money)
    to = out or called(
        "bilancio", area, codes_on, f"{money:.0f}", policies and policies.name, ending=".xlsx"
    )
    _bought(area, asked, to, lang, codes_on, quiet)


def _bought(area: str, asked: PolicyFiles, to: Path, lang: str, codes_on: str, quiet: bool) -> None:
    """Answer what is asked of policies in an area: a workbook, and the same in words."""
    from needs_analysis.cli.policy_mix import lines, sheets
    from needs_analysis.policies.matching import regions_of
    from needs_analysis.policies.problems import PoliciesError, problem
    from needs_analysis.territory import municipalities
    from needs_analysis.told.bought import tell_bought

    said, asked = Voice(lang), asked.on_day(dt.date.today())
    with written(to, "xlsx") as path:
        need, label = _need(area, codes_on, said, quiet)
        known = asked.catalogue(regions_of(need))
        told = tell_bought(need, known, asked, codes_on=codes_on or None)
        if not told:
            raise PoliciesError(problem("nothing_known"))
        title = said.say(N_("Che cosa compra un bilancio: {area}"), area=label)
        of_italy = municipalities(codes_on or None)["municipality_name"]
        places = {str(one): str(of_italy[one]) for one in need.households.index}
        write_sheets(sheets(told, known, places, said), path, title, lang)
    print(title, *lines(told, known, said), sep="\n")


def _own(path: Path, lang: str) -> pd.DataFrame:
    """Return the office's own policies; what is odd in the file is said first."""
    from needs_analysis.services.files.inputs import FILES, named
    from needs_analysis.services.files.office import read_policies

    read = named(FILES["measures"], read_policies, path)
    warn(read.attrs["warnings"], lang=lang)
    return read


def _need(area: str, codes_on: str, voice: Voice, quiet: bool) -> tuple[NeedResult, str]:
    """Return the need of an area and what it is called."""
    from needs_analysis.reports.language import area_label

    with progress(quiet, 3) as report:
        chosen, found = estimated(area, codes_on, report)
    return found, area_label(chosen.attrs["level"], chosen.attrs["name"], voice)
