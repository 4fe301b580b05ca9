"""The sheets on services: what the profile may show, with rules, denominators and intervals."""

from __future__ import annotations

from needs_analysis.reports.chapters import services_network
from needs_analysis.reports.chapters.services_building import crossed_table, told_table
from needs_analysis.reports.chapters.services_measures import (
    all_measures,
    main_table,
    outcomes_table,
    rules_table,
)
from needs_analysis.reports.chapters.services_places import (
    offer_table,
    ready_table,
    register_table,
    supply_table,
)
from needs_analysis.reports.chapters.services_stays import (
    internal_tables,
    statement_table,
    survival_table,
)
from needs_analysis.reports.model import Table
from needs_analysis.services.files.schema import NOT_TRANSMITTED, TABLES
from needs_analysis.told import Shown, Told
from needs_analysis.words import N_, Voice

_COUNTED = (
    ("outcomes", "Servizi esiti servizio", N_("Esiti per servizio")),
    ("groups", "Servizi gruppi", N_("Accoglienze per ambito e gruppo")),
    ("outcomes_by_group", "Servizi esiti gruppo", N_("Esiti per gruppo")),
)


def monitoring_sheets(found: Told, voice: Voice) -> list[Table]:
    """Return the sheets of a monitoring alone: the summary, the cross-tables, the measures last."""
    return [main_table(found, voice), *_crossed(found, voice), *_measured(found, voice)]


def sheets(found: Told, voice: Voice) -> list[Table]:
    """Return every sheet on services of a study, in the order of those of a monitoring."""
    listed: list[Table | None] = [
        main_table(found, voice), outcomes_table(found, voice), offer_table(found, voice),
        ready_table(found, voice), *_crossed(found, voice),
    ]  # fmt: skip
    if found.network is not None:
        listed += services_network.sheets(found, found.network, voice)
    if found.policies is not None:
        listed.append(policies_table(found, found.policies, voice))
    listed += _measured(found, voice)
    return [one for one in listed if one is not None]


def _crossed(found: Told, voice: Voice) -> list[Table]:
    """Return what there is, and who stayed, by service, ambito, group and municipality."""
    return [
        register_table(found, voice),
        supply_table(found, voice),
        *(
            crossed_table(found, found.counts[name], key, title, voice)
            for name, key, title in _COUNTED
        ),
        survival_table(found, voice),
        statement_table(found, voice),
        *internal_tables(found, voice),
    ]


def _measured(found: Told, voice: Voice) -> list[Table]:
    """Return every measure at every level, after the rules by which they are counted."""
    return [rules_table(found, voice), all_measures(found, voice)]


def policies_table(found: Told, local: Shown, voice: Voice) -> Table:
    """Return the local measures in force; what an office did not transmit is said, not zero."""
    frame = local.frame.copy()
    silent = frame["not_transmitted"].fillna("").str.split(";")
    heads = {one.name: voice.say(one.header).capitalize() for one in TABLES["measures"].fields}
    frame["note"] = [
        f"{voice.say(NOT_TRANSMITTED)}: " + ", ".join(heads[name].lower() for name in names)
        if (names := [one for one in given if one])
        else ""
        for given in silent
    ]
    frame["year"] = frame["year"].map("{:.0f}".format)
    columns = (
        ("measure_name", N_("Misura"), "text"),
        ("administration_name", N_("Amministrazione"), "text"),
        ("year", N_("Anno"), "code"),
        ("budget_eur", N_("Stanziato"), "eur"),
        ("spent_eur", N_("Speso"), "eur"),
        ("applications", N_("Domande"), "count"),
        ("admitted", N_("Ammesse"), "count"),
        ("beneficiaries", N_("Beneficiari"), "count"),
        ("agreements", N_("Accordi"), "count"),
        ("policy_id", N_("Codice del catalogo"), "text"),
        ("note", N_("Nota"), "text"),
    )
    title = N_("Misure locali in vigore")
    return told_table(found, "Misure locali", title, frame, columns, voice, local.hidden)
