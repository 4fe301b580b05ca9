"""Three things that can be done: what there is, what a budget buys, what could be activated."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.policies.catalogue import FUNDINGS, LEVELS, Policy
from needs_analysis.reports.chapters.need_view import told_of
from needs_analysis.reports.chapters.need_words import has_number, said_row, upper_first
from needs_analysis.reports.chapters.policies_words import bought_sentence
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import THING, Sentence, number
from needs_analysis.told.need_tables import AREA
from needs_analysis.told.policies import ToldPolicies
from needs_analysis.words import N_, Voice

THINGS = 3
_SEE = "misure"


def things(found: Findings) -> list[Sentence]:
    """Return three things that can be done: first what the office gave, then what could be activated."""
    told = found.policies
    if told is None:
        return []
    given = [*_existing(told, found.voice), *_bought(told, found.voice), *_places(found)]
    made = given[:THINGS]
    made += [_feasible(found, told, one) for one in _chosen(found, told)[: THINGS - len(made)]]
    return made


def _existing(told: ToldPolicies, voice: Voice) -> Iterator[Sentence]:
    """Give the office's own measure with the most money: what it has, and what has come of it."""
    if told.existing is None or told.existing.frame.empty:
        return
    frame = told.existing.frame.reset_index(drop=True)
    hidden = told.existing.hidden.reset_index(drop=True)
    row = int(frame["budget_eur"].fillna(-1.0).to_numpy().argmax())
    one, sheet = frame.iloc[row], voice.say(N_("misure esistenti"))
    parts = []
    for name, unit, words in (
        ("budget_eur", "eur", N_("stanziati {value}")), ("spent_eur", "eur", N_("spesi {value}")),
        ("beneficiaries", "count", N_("famiglie aiutate: {value}")),
    ):  # fmt: skip
        if pd.notna(one[name]) and not bool(hidden.loc[row, name]):
            value = number(f"{sheet}:{row}:{name}", float(one[name]), voice, unit, name)
            parts.append(voice.say(words, value=value))
    given = "; ".join(parts) or voice.say(N_("quanto spende e chi aiuta non è scritto"))
    text = voice.say(
        N_("esiste già ({place}, {year}): {given}. Va rinnovata, o cambiata, sapendo questo."),
        place=one["administration_name"], year=f"{one['year']:.0f}", given=given,
    )  # fmt: skip
    yield Sentence(text, f"{one['measure_name']}:", "", THING, _SEE)


def _bought(told: ToldPolicies, voice: Voice) -> Iterator[Sentence]:
    """Say what the study's budget buys, of the first aim that it has."""
    if not told.bought:
        return
    said = bought_sentence(told, told.bought[0], voice)
    yield Sentence(said.text, said.lead, "", THING, _SEE)


def _places(found: Findings) -> Iterator[Sentence]:
    """Say how many households have no place: only where a supply was given, by the staircase."""
    need, voice = found.need, found.voice
    if need is None or need.gap_stock is None:
        return
    rows = need.gap_stock.frame
    own = rows[(rows["size"] == TOTAL) & (rows["step"] == "without_place")]
    if own.empty or (has_number(own.iloc[0]) and not own.iloc[0]["high"]):
        return
    count = said_row(f"need_gap_stock_{TOTAL}_without_place", own.iloc[0], voice)
    text = voice.say(
        N_("a {count} famiglie serve una casa e fra gli alloggi liberi e pronti e i posti dati non ce "
           "n'è una."), count=count,
    )  # fmt: skip
    yield Sentence(
        voice.elided(text), voice.say(N_("Alloggi e posti in più:")), "", THING, "bisogno"
    )


# --- what could be activated -------------------------------------------------------------------


def _chosen(found: Findings, told: ToldPolicies) -> list[Policy]:
    """Return the policies that may be activated, by group in turn, the office's own and funded first."""
    matches = told.matches
    frame = matches.frame[matches.frame["standing"] == "feasible"]
    held = [] if found.need is None else [
        str(one) for one in found.need.table(AREA)["group"]
        if one in found.need.held
    ]  # fmt: skip
    order = {key: place for place, key in enumerate(matches.catalogue.policies)}

    def rank(key: str) -> tuple[int, int, int, int]:
        one = matches.catalogue.policies[key]
        own = list(LEVELS).index(one.level) < list(LEVELS).index("ambito")
        return (own, list(FUNDINGS).index(matches.standings[key].kind), len(one.groups), order[key])

    by_group = {
        group: sorted(
            {str(key) for key in frame.loc[(frame["group"] == group) & (frame["composition"] == ""),
                                           "policy"]},
            key=rank,
        )
        for group in held
    }  # fmt: skip
    turns = [
        one for turn in range(THINGS) for keys in by_group.values() for one in keys[turn : turn + 1]
    ]
    every = [*turns, *sorted(map(str, frame["policy"].unique()), key=rank)]
    return [matches.catalogue.policies[one] for one in dict.fromkeys(every)]


def _counted(found: Findings, group: str) -> str:
    """Name a group with how many households of it there are here."""
    need, voice = told_of(found), found.voice
    rows = need.table(AREA)
    count = said_row(f"need_{group}", rows[rows["group"] == group].iloc[0], voice)
    return voice.say(N_("{group} (qui {count})"), group=need.name(group, voice),
                     count=count.replace(" (", ", ").replace(")", ""))  # fmt: skip


def _feasible(found: Findings, told: ToldPolicies, policy: Policy) -> Sentence:
    voice, matches = found.voice, told.matches
    groups = [_counted(found, one) for one in policy.groups
              if found.need is not None and one in found.need.held]  # fmt: skip
    money = voice.say(FUNDINGS[matches.standings[policy.id].kind])
    missing = "; ".join(map(voice.say, policy.missing))
    words = N_("si può attivare; è una misura {money}. È per {groups}. Serve: {missing}.")
    if not groups:
        words = N_("si può attivare; è una misura {money}. Serve: {missing}.")
    text = voice.say(words, money=money, groups=voice.listed(groups), missing=missing)
    checked = upper_first(policy.checked(voice)) + "."
    return Sentence(voice.elided(text), f"{policy.title(voice)}:", checked, THING, _SEE)
