"""The tables of what exists and may be put in place, and of what the office does already."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from needs_analysis.figures import Quality
from needs_analysis.needs.groups import COMPOSITIONS, TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.policies.catalogue import FUNDINGS, OUT, Policy
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.need_words import upper_first
from needs_analysis.reports.chapters.policies_words import body_words
from needs_analysis.reports.language import quality_words
from needs_analysis.reports.model import Column, Table
from needs_analysis.services.files.schema import NOT_TRANSMITTED, TABLES
from needs_analysis.told import Shown
from needs_analysis.told.policies import ToldPolicies
from needs_analysis.words import N_, Voice

GROUPS_NOTE = N_(
    "Le famiglie sono tutte quelle del gruppo, non solo chi ha le condizioni; chi è in due gruppi sta "
    "in tutti e due: i numeri non si sommano."
)
TAKE_UPS: Mapping[str, str] = {
    "admitted": N_("beneficiari su 100 domande ammesse: {number}"),
    "applications": N_("beneficiari su 100 domande: {number}"),
}
_FIGURES: tuple[tuple[str, str, str], ...] = (
    ("budget_eur", N_("Stanziato"), "eur"), ("spent_eur", N_("Speso"), "eur"),
    ("applications", N_("Domande"), "count"), ("admitted", N_("Ammesse"), "count"),
    ("beneficiaries", N_("Beneficiari"), "count"), ("agreements", N_("Accordi"), "count"),
)  # fmt: skip
_FIGURES_ON_PAGE = ("budget_eur", "spent_eur", "beneficiaries")
_ON_PAGE = ("existing", "feasible", "asked_for")
_GROUPS = 3
"""Groups that the page names of a policy."""
_SHEET: tuple[tuple[str, str, str], ...] = (
    ("policy", N_("Codice"), "code"), ("name", N_("Misura abitativa"), "text"),
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


def _every(_: Policy) -> bool:
    return True


def named(told: ToldPolicies, voice: Voice) -> dict[str, str]:
    """Return the printed names of the policies of the catalogue, by id, each with its certainty."""
    return {key: one.marked(voice) for key, one in told.matches.catalogue.policies.items()}


def standing_table(told: ToldPolicies, voice: Voice) -> Table:
    """Give those that exist beside those that may be activated: for whom, and what is missing.

    Those that are out stand in the sheet alone.
    """
    rows = told.said(voice).drop_duplicates("policy").set_index("policy")
    order = [one for standing in _ON_PAGE for one in rows.index[rows["standing"] == standing]]
    made = [_standing(told, str(one), rows.loc[one], voice) for one in order]
    frame = pd.DataFrame(made, index=pd.Index([f"policy_{one}" for one in order]))
    columns: list[Head] = [
        ("label", N_("Misura abitativa")), ("today", N_("Oggi")), ("answers", N_("Per chi")),
        ("missing", N_("Che cosa serve")), ("checked", N_("Certezza")),
    ]  # fmt: skip
    title = voice.say(N_("Le misure che ci sono e quelle che si possono attivare"))
    note = voice.say(
        N_("Le condizioni per averle, chi paga, il canale, la legge e le misure oggi fuori sono nel "
           "foglio «misure».")
    )  # fmt: skip
    return table(voice, "policies_page", title, frame, columns, notes=(note,))


def _standing(told: ToldPolicies, key: str, row: pd.Series, voice: Voice) -> dict[str, str]:
    """Return the row of a policy: shorter than in the sheet, where all is said."""
    matches = told.matches
    policy, standing = matches.catalogue.policies[key], matches.standings[key]
    groups = [TARGET_GROUPS[one].name(voice, matches.parameters) for one in policy.groups]
    if len(groups) > _GROUPS:
        more = len(groups) - _GROUPS + 1
        groups = [*groups[: _GROUPS - 1], voice.say(N_("e altri {more} gruppi"), more=more)]
    if policy.compositions:
        who = "; ".join(voice.say(COMPOSITIONS[one]) for one in policy.compositions)
        groups.append(voice.say(N_("solo se: {who}"), who=who))
    money = voice.say({**FUNDINGS, **OUT}[standing.kind])
    exists = row["standing"] != "feasible"
    return {
        "label": row["name"],
        "today": voice.say(N_("{standing}; {money}"), standing=row["standing_said"], money=money)
        if exists else upper_first(money),
        "answers": "; ".join(groups) or voice.say(N_("nessun gruppo contato nel bisogno")),
        "missing": row["missing"],
        "checked": row["checked"],
    }  # fmt: skip


def sheets(
    told: ToldPolicies, voice: Voice, holds: Callable[[Policy], bool] = _every
) -> list[Table]:
    """Return the sheets of what there is and of what the office does already.

    Parameters
    ----------
    told, voice, holds
        As those of :func:`sheet`.
    """
    own = existing_table(told, voice, sheet=True)
    return [sheet(told, voice, holds), *([] if own is None else [own])]


def sheet(told: ToldPolicies, voice: Voice, holds: Callable[[Policy], bool] = _every) -> Table:
    """Give every policy and whom it answers, a row each, those that are out too, with why.

    Parameters
    ----------
    told : ToldPolicies
        In its profile.
    voice : Voice
        The language.
    holds : callable
        Says which policies are given.
    """
    catalogue = told.matches.catalogue
    rows = told.said(voice)
    rows = rows[[holds(catalogue.policies[one]) for one in rows["policy"]]].reset_index(drop=True)
    # The ends of a band are no interval of a count.
    rows.loc[rows["band"].astype(bool), [*BOUNDS]] = np.nan
    columns = [
        Column(name, voice.say(label), unit, optional=unit == "count")
        for name, label, unit in _SHEET
    ]
    words = quality_words(voice)
    rows["quality_said"] = [
        words[int(one)] if counted else ""
        for one, counted in zip(rows["quality"], rows["households"], strict=True)
    ]
    notes = (
        *_label(told, voice), voice.say(N_("Al {day}."), day=catalogue.day), voice.say(GROUPS_NOTE)
    )  # fmt: skip
    return table(
        voice, voice.say(N_("misure")), voice.say(N_("Le misure, per chi sono e che cosa serve")),
        rows, columns, notes=notes, facts="",
    )  # fmt: skip


def existing_table(told: ToldPolicies, voice: Voice, *, sheet: bool = False) -> Table | None:
    """Give the office's own policies: what was not transmitted is said, and is not 0."""
    if told.existing is None or told.existing.frame.empty:
        return None
    frame, quality = _existing(told.existing, named(told, voice), voice)
    figures = [one for one in _FIGURES if sheet or one[0] in _FIGURES_ON_PAGE]
    columns: list[Head] = [
        ("measure_name", N_("Misura")), ("administration_name", N_("Amministrazione")),
        Column("year", voice.say(N_("Anno")), "code"),
        *(Column(name, voice.say(label), unit, optional=sheet) for name, label, unit in figures),
        *([("take_up_said", N_("Quanti sono arrivati all'aiuto"))]
          if sheet or frame["take_up_said"].ne("").any() else []),
    ]  # fmt: skip
    if sheet:
        columns += [
            ("policy_said", N_("Nel catalogo")),
            Column("likeness", voice.say(N_("Somiglianza del nome, su 100")), "count", optional=True),
            ("silent", NOT_TRANSMITTED),
        ]  # fmt: skip
    notes = [
        *_label(told, voice),
        voice.say(N_("Scritto dall'ufficio. Un dato non trasmesso non è zero.")),
    ]
    if sheet:
        notes += body_words(told, voice)
    if told.unmatched:
        notes.append(
            voice.say(N_("Non sono nel catalogo: {names}."), names=voice.listed(told.unmatched))
        )
    return table(
        voice, voice.say(N_("misure esistenti")), voice.say(N_("Le misure che l'ufficio ha già")),
        frame, columns, quality, notes=notes, facts="",
    )  # fmt: skip


def _label(told: ToldPolicies, voice: Voice) -> list[str]:
    """Say of invented data that they are."""
    return [voice.say(told.label)] if told.label else []


def _existing(
    existing: Shown, names: Mapping[str, str], voice: Voice
) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = existing.frame.reset_index(drop=True)
    frame["year"] = frame["year"].map("{:.0f}".format)
    frame["policy_said"] = [
        f"{one} {names[one]}" if one in names else voice.say(N_("nessuna"))
        for one in frame["policy"]
    ]
    heads = {one.name: voice.say(one.header) for one in TABLES["measures"].fields}
    frame["silent"] = [
        ", ".join(heads[name] for name in str(given or "").split(";") if name)
        for given in frame["not_transmitted"].fillna("")
    ]
    frame["take_up_said"] = [
        voice.say(TAKE_UPS[of], number=voice.number(100 * share)) if not np.isnan(share) else ""
        for of, share in zip(frame["take_up_of"], frame["take_up"], strict=True)
    ]
    hidden = existing.hidden.reset_index(drop=True)
    quality = pd.DataFrame({
        name: np.where(hidden[name], int(Quality.SUPPRESSED), int(Quality.OBSERVED))
        for name in hidden if name != "take_up"
    }).astype("int8")  # fmt: skip
    return frame, quality
