"""Three things that can be done: what there is, what a budget buys, what could be activated."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.policies.catalogue import FUNDINGS, LEVELS, Policy
from needs_analysis.policies.matching import Matches
from needs_analysis.reports.chapters.answer_causes import UNTOLD, Cause, causes
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
    chosen = _chosen(found, told)[: THINGS - len(made)]
    made += [_feasible(found, told, one, why) for one, why in chosen]
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


def _chosen(found: Findings, told: ToldPolicies) -> list[tuple[Policy, Cause | None]]:
    """Return the policies that may be activated, with why: by what weighs here, then by group in turn.

    First what answers the strongest cause, then that of another group, then the next: a cause that
    weighs more than around has a second policy before one that does not has its first.
    """
    every, weighing = _ranked(told.matches), causes(found)
    policies = told.matches.catalogue.policies
    turns = [
        (not one.above, turn, place) for place, one in enumerate(weighing) for turn in range(THINGS)
    ]
    taken: dict[str, Cause] = {}
    for _, _, place in sorted(turns):
        answers = (key for key in every if weighing[place].key in policies[key].answers)
        key = next((key for key in answers if key not in taken), None)
        if key is not None:
            taken[key] = weighing[place]
    every = [*taken, *_by_group(found, told, every)]
    answered = {
        one: taken[one].group if one in taken else "".join(policies[one].groups[:1])
        for one in every
    }
    # Who is in need of another kind has an answer too, even where no figure says how much that weighs.
    other = [one for one in every if taken and answered[one] not in (answered[every[0]], "")]
    order = dict.fromkeys([*every[:1], *other[:1], *every])
    return [(policies[one], taken.get(one)) for one in order]


def _ranked(matches: Matches) -> list[str]:
    """Return the policies that may be activated: the office's own and funded first."""
    order = {key: place for place, key in enumerate(matches.catalogue.policies)}

    def rank(key: str) -> tuple[int, int, int, int]:
        one = matches.catalogue.policies[key]
        own = list(LEVELS).index(one.level) < list(LEVELS).index("ambito")
        return (own, list(FUNDINGS).index(matches.standings[key].kind), len(one.groups), order[key])

    feasible = matches.frame.loc[matches.frame["standing"] == "feasible", "policy"].unique()
    return sorted(map(str, feasible), key=rank)


def _by_group(found: Findings, told: ToldPolicies, every: list[str]) -> list[str]:
    """Return the policies by group of the need in turn, then those of no group of it."""
    held = [] if found.need is None else [
        str(one) for one in found.need.table(AREA)["group"] if one in found.need.held
    ]  # fmt: skip
    policies = told.matches.catalogue.policies
    by_group = [
        [key for key in every if group in policies[key].groups and not policies[key].compositions]
        for group in held
    ]
    turns = [one for turn in range(THINGS) for keys in by_group for one in keys[turn : turn + 1]]
    return list(dict.fromkeys([*turns, *every]))


def _counted(found: Findings, group: str) -> str:
    """Name a group with how many households of it there are here."""
    need, voice = told_of(found), found.voice
    rows = need.table(AREA)
    count = said_row(f"need_{group}", rows[rows["group"] == group].iloc[0], voice)
    return voice.say(N_("{group} (qui {count})"), group=need.name(group, voice),
                     count=count.replace(" (", ", ").replace(")", ""))  # fmt: skip


def _feasible(found: Findings, told: ToldPolicies, policy: Policy, why: Cause | None) -> Sentence:
    voice, matches = found.voice, told.matches
    groups = [_counted(found, one) for one in policy.groups
              if found.need is not None and one in found.need.held]  # fmt: skip
    if why is not None and why.key == UNTOLD:  # how many they are nobody told
        groups = []
    said = {
        "money": voice.say(FUNDINGS[matches.standings[policy.id].kind]),
        "groups": voice.listed(groups), "missing": "; ".join(map(voice.say, policy.missing)),
    }  # fmt: skip
    words = N_("si può attivare; è una misura {money}. È per {groups}. Serve: {missing}.")
    if not groups:
        words = N_("si può attivare; è una misura {money}. Serve: {missing}.")
    text = voice.say(words, **said)
    if why is not None:
        text = voice.say(N_("{why}. {what}"), why=why.text, what=upper_first(text))
    checked = upper_first(policy.checked(voice)) + "."
    return Sentence(voice.elided(text), f"{policy.title(voice)}:", checked, THING, _SEE)
