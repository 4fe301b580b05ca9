"""The workbook of policies: all rows of whom they answer, and the office's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from needs_analysis.cli.policy_lines import GROUPS_NOTE, TAKE_UPS, Wanted
from needs_analysis.figures import Quality
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.reports.language import quality_words
from needs_analysis.reports.model import Column, Table
from needs_analysis.services.files.schema import NOT_TRANSMITTED, TABLES
from needs_analysis.told.policies import ToldPolicies
from needs_analysis.told.telling import Shown
from needs_analysis.words import N_, Voice

_MATCHES = (
    ("policy", N_("Codice"), "code"), ("name", N_("Misura"), "text"),
    ("standing_said", N_("Oggi"), "text"), ("components", N_("Componenti del disagio"), "text"),
    ("answers", N_("Per chi"), "text"), ("households", N_("Famiglie"), "text"),
    ("low", N_("almeno"), "count"), ("central", N_("valore centrale"), "count"),
    ("high", N_("al più"), "count"), ("quality_said", N_("Qualità"), "text"),
    ("question", N_("Domanda"), "text"), ("who", N_("A chi"), "text"),
    ("rule", N_("Condizioni"), "text"), ("why", N_("Soldi"), "text"),
    ("missing", N_("Che cosa serve"), "text"), ("channel", N_("Come si chiede"), "text"),
    ("to_verify", N_("Da verificare"), "text"), ("rests_on", N_("Fonte"), "text"),
    ("checked", N_("Certezza"), "text"),
)  # fmt: skip


def sheets(told: ToldPolicies, wanted: Wanted, voice: Voice) -> list[Table]:
    """Return the sheets of what may be told of policies.

    Parameters
    ----------
    told : ToldPolicies
        In its profile.
    wanted : Wanted
        Which policies.
    voice : Voice
        The language.
    """
    catalogue = told.matches.catalogue
    rows = told.said(voice)
    rows = rows[[wanted.holds(catalogue.policies[one]) for one in rows["policy"]]]
    rows = rows.reset_index(drop=True)
    # The ends of a band are no interval of a count.
    rows.loc[rows["band"], [*BOUNDS]] = np.nan
    columns = tuple(
        Column(name, voice.say(label), unit, optional=unit == "count")
        for name, label, unit in _MATCHES
    )
    words = quality_words(voice)
    rows["quality_said"] = [
        words[Quality(int(one))] if said else ""
        for one, said in zip(rows["quality"], rows["households"], strict=True)
    ]
    day = voice.say(N_("Al {day}."), day=catalogue.day)
    label = [voice.say(told.label)] if told.label else []
    notes = (*label, day, voice.say(GROUPS_NOTE))
    found = [Table("misure", voice.say(N_("misure")), rows, columns, notes=notes)]
    if told.existing is not None:
        found.append(_existing(told.existing, label, voice))
    return found


def _existing(existing: Shown, label: Sequence[str], voice: Voice) -> Table:
    """Return the office's own policies: what was not transmitted is said, and is not 0."""
    frame = existing.frame.reset_index(drop=True)
    frame["year"] = frame["year"].map("{:.0f}".format)
    heads = {one.name: voice.say(one.header) for one in TABLES["measures"].fields}
    frame["silent"] = [
        ", ".join(heads[name] for name in str(names or "").split(";") if name)
        for names in frame["not_transmitted"]
    ]
    frame["take_up_said"] = [
        voice.say(TAKE_UPS[of], number=voice.number(100 * share)) if not np.isnan(share) else ""
        for of, share in zip(frame["take_up_of"], frame["take_up"], strict=True)
    ]
    columns = (
        Column("measure_name", voice.say(N_("Misura"))),
        Column("administration_name", voice.say(N_("Amministrazione"))),
        Column("year", voice.say(N_("Anno")), "code"),
        Column("policy", voice.say(N_("Codice del catalogo"))),
        Column("likeness", voice.say(N_("Somiglianza del nome, su 100")), "count", optional=True),
        Column("budget_eur", voice.say(N_("Stanziato")), "eur"),
        Column("applications", voice.say(N_("Domande")), "count"),
        Column("admitted", voice.say(N_("Ammesse")), "count"),
        Column("beneficiaries", voice.say(N_("Beneficiari")), "count"),
        Column("spent_eur", voice.say(N_("Speso")), "eur"),
        Column("agreements", voice.say(N_("Accordi")), "count"),
        Column("take_up_said", voice.say(N_("Quanti sono arrivati all'aiuto"))),
        Column("silent", voice.say(NOT_TRANSMITTED)),
    )
    hidden = existing.hidden.reset_index(drop=True)
    quality = pd.DataFrame(
        {
            name: np.where(hidden[name], int(Quality.SUPPRESSED), int(Quality.OBSERVED))
            for name in hidden if name != "take_up"
        }
    ).astype("int8")  # fmt: skip
    title = voice.say(N_("misure esistenti"))
    return Table("esistenti", title, frame, columns, quality, notes=tuple(label))
