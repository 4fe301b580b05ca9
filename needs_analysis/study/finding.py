"""What a study computes: all that its outputs say, or what is told of need and of policies alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING

from needs_analysis.errors import Problem, wanted
from needs_analysis.study.declaration import Study
from needs_analysis.words import N_, Voice

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from needs_analysis.needs import NeedResult
    from needs_analysis.needs.files import NeedFiles
    from needs_analysis.policies.files import PolicyFiles
    from needs_analysis.reports.findings import Findings
    from needs_analysis.told.deliveries import Handing
    from needs_analysis.told.policies import ToldPolicies

NEED = "bisogno"
"""The part of a briefing that counts who is in need."""
POLICIES = "misure"
"""The part that says what can be done about it."""
Report = Callable[[str], None]


def _to_user(line: str) -> None:
    print(line, file=sys.stderr)


_SAY: ContextVar[Report] = ContextVar("say", default=_to_user)


@contextmanager
def heard(by: Report) -> Iterator[None]:
    """Have what a run warns of said to somebody else than the user's screen."""
    before = _SAY.set(by)
    try:
        yield
    finally:
        _SAY.reset(before)


def warn(warning: Problem, voice: Voice) -> None:
    """Say a warning to who hears of them."""
    _SAY.get()(voice.say("Avviso: {warning}.", warning=warning.text(voice)))


def find(
    study: Study,
    report: Report = lambda _: None,
    handed: Handing | None = None,
    *,
    sheets: bool = False,
) -> Findings:
    """Compute everything that the outputs of a study say, with or without a sheet a municipality."""
    wanted(study, Study)
    report(N_("territorio e confini"))
    area = selected(study)
    report(N_("indicatori e indice") if study.index else N_("indicatori"))
    from needs_analysis.reports import findings

    found = findings.find(area, study.voice, study.parameters, study.index, study.chapters)
    if sheets:
        found = findings.together(replace(found, sheets=True))
    if study.services:
        from needs_analysis.services.files.inputs import oddities

        report(N_("servizi"))
        from needs_analysis.told import tell

        data = study.services.read(study.parameters)
        for line in oddities(data.warnings, study.voice):
            _SAY.get()(line)
        found = found.telling(services=tell(data, handed))
    if found.includes(NEED, POLICIES):
        found = with_need(study, found, report)
    report(N_("gruppi e tipi"))
    # Every output asks for them: computed here, they take the time of their own stage.
    _ = found.clusters, found.moran, found.types
    return found


def selected(study: Study) -> GeoDataFrame:
    """Return the municipalities of a study, under the name that it gives their list."""
    from needs_analysis.territory import select

    area = select(study.area, study.codes_on)
    if study.name:
        area.attrs |= {"level": "territorio", "name": study.name}
    return area


def with_need(study: Study, found: Findings, report: Report) -> Findings:
    """Return findings with what may be told of who is in need and of what can be done about it."""
    from needs_analysis.needs.files import NeedFiles
    from needs_analysis.told.needs import tell_need

    report(N_("famiglie in bisogno"))
    asked = study.needs or NeedFiles()
    need = _need(study, found, asked)
    if found.includes(NEED):
        found = found.telling(need=tell_need(need, asked.profile))
    if found.includes(POLICIES):
        report(N_("che cosa si può fare"))
        found = found.telling(policies=_policies(study, found, need, asked))
    return found


def each_with_need(study: Study, found: Findings) -> Iterator[Findings]:
    """Return the findings of each municipality, its need and policies told of public figures alone."""
    from needs_analysis.needs.files import NeedFiles
    from needs_analysis.reports.findings import by_municipality
    from needs_analysis.told.needs import tell_each

    bare, nothing = replace(study, needs=None, services=None, policies=None), NeedFiles()
    told = tell_each(_need(bare, found, nothing))
    for one, (need, said) in zip(by_municipality(found), told, strict=True):
        one = one.telling(need=said)
        yield one.telling(policies=_policies(bare, one, need, nothing))


def _need(study: Study, found: Findings, asked: NeedFiles) -> NeedResult:
    from needs_analysis import needs

    counts = asked.counts()
    if counts is not None:
        for warning in counts.warnings:
            warn(warning, study.voice)
    return needs.estimate(
        found.panel.rows(found.codes), asked.scenario, counts, parameters=study.parameters,
        as_of=study.reference_day, codes_on=study.codes_on or None,
    )  # fmt: skip


def _policies(study: Study, found: Findings, need: NeedResult, counted: NeedFiles) -> ToldPolicies:
    """Return what may be told of policies: published where either they or the need are.

    Stays end as the own register tells it, in its own profile: a policy has no number of what it hides.
    """
    from needs_analysis.policies import existing
    from needs_analysis.policies.problems import problem as of_policies
    from needs_analysis.services.files.inputs import oddities
    from needs_analysis.told.bought import tell_bought
    from needs_analysis.told.exits import register_exits
    from needs_analysis.told.policies import tell_policies

    asked = policies_asked(study)
    catalogue = asked.catalogue(tuple(dict.fromkeys(found.area["region_name"])))
    measures = asked.measures()
    if measures is not None:
        for line in oddities(measures.attrs["warnings"], study.voice):
            _SAY.get()(line)
    own = None if measures is None else existing(
        measures, study.parameters, codes=found.codes, codes_on=study.codes_on or None
    )  # fmt: skip
    profiles = {asked.profile, counted.profile if counted.own else asked.profile}
    profile = "published" if "published" in profiles else "internal"
    exits = register_exits(found.services, catalogue, profile)
    bought = tell_bought(need, catalogue, asked, profile, exits, codes_on=study.codes_on or None,
                         scenario=counted.scenario)  # fmt: skip
    nothing = None if bought or asked.budget_eur is None else of_policies("nothing_known")
    known = found.need if found.need and found.need.profile == profile else None
    told = tell_policies(need, catalogue, own, profile, known)
    return replace(told, bought=bought, unanswered=nothing)


def policies_asked(study: Study) -> PolicyFiles:
    """Return what a study asks of policies, on a day that is said."""
    from needs_analysis.policies.files import PolicyFiles

    return (study.policies or PolicyFiles()).on_day(study.reference_day)


def has_sheets(study: Study, codes: Sequence[str]) -> bool:
    """Say whether each municipality has a sheet: they are not many, and no part it tells is left out."""
    from needs_analysis.reports.chapters.by_municipality import SHEETS_MOST

    told = not study.chapters or {"comuni", NEED, POLICIES} <= {*study.chapters}
    return told and 1 < len(codes) <= SHEETS_MOST
