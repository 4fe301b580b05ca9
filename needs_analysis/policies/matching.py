"""Which policies answer the need of an area: whom, by which rule, what is missing to activate them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.errors import wanted
from needs_analysis.needs.groups import COMPOSITIONS, TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.needs.result import NeedResult
from needs_analysis.policies.catalogue import COMPONENTS, Catalogue, Policy, Standing
from needs_analysis.policies.existing import Existing
from needs_analysis.policies.wording import conditions
from needs_analysis.words import ITALIAN, N_, Voice

STANDINGS: Mapping[str, str] = {
    "existing": N_("esiste già"),
    "feasible": N_("si può attivare"),
    "asked_for": N_("oggi non si può usare, mostrata perché richiesta"),
    "out": N_("oggi non si può usare"),
}
"""What a policy is in an area; in this order they are printed."""
COLUMNS = ("policy", "group", "composition", "standing", *BOUNDS, "question", "who")
_NO_GROUP = N_("Quante famiglie potrebbero averla? Nessun gruppo del bisogno le conta.")
_DIFFUSE = N_("È disagio diffuso: si stima a parte, per province intere e regioni.")
_COMPOSED = N_("Quante di queste famiglie sono: {composition}?")
_SOCIAL = N_("servizi sociali del comune")


@dataclass(frozen=True, eq=False, repr=False)
class Matches:
    """Each policy of the catalogue beside the groups of the need that it answers.

    Parameters
    ----------
    frame : DataFrame
        A row a policy, group and, where the policy is for some compositions, composition: `standing`
        (of `STANDINGS`), `low`, `central`, `high` households of the group in the area (all of them,
        not those who meet the conditions); NaN where that is not known, and then `question` and `who`
        to put it to. A policy for nobody whom the need counts has one row without a group.
    catalogue : Catalogue
        What was matched.
    standings : mapping of str to Standing
        By policy: of the day, in the regions of the area.
    existing : Existing, optional
        The office's own policies. Confidential.
    parameters : mapping of str to float
        A study's, as the need has them.
    """

    frame: pd.DataFrame
    catalogue: Catalogue
    standings: Mapping[str, Standing]
    existing: Existing | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say how many there are of each standing."""
        by = self.frame.drop_duplicates("policy")["standing"].value_counts()
        said = ", ".join(f"{by.get(one, 0)} {one}" for one in STANDINGS)
        return f"<Matches of {self.catalogue.day}: {said}>"

    def said(self, voice: Voice = ITALIAN) -> pd.DataFrame:
        """Return the frame with all that explains a row, in words.

        Parameters
        ----------
        voice : Voice
            The language.

        Returns
        -------
        DataFrame
            The rows of `frame` and, as text: `name`, `components`, `answers` (the group, or the group
            and composition), `rule` (who may have it), `standing_said`, `why` (who pays, since when),
            `missing` (what an administration needs to activate it), `channel`, `to_verify`, `rests_on`
            (the law) and `checked` (from what it was written, when it was verified).
        """
        rows = [_words(row, self, voice) for row in self.frame.to_dict("records")]
        return pd.DataFrame(rows, index=self.frame.index)


def match(
    need: NeedResult | None, catalogue: Catalogue, existing: Existing | None = None
) -> Matches:
    """Match the policies of a catalogue with the need of an area.

    Parameters
    ----------
    need : NeedResult
        Of :func:`needs_analysis.needs.estimate`; None: of no area, without households.
    catalogue : Catalogue
        Of :func:`needs_analysis.policies.catalogue`; where it is of no region, that of the area holds.
    existing : Existing, optional
        Of :func:`needs_analysis.policies.existing`: what of it stands here already.

    Returns
    -------
    Matches

    Notes
    -----
    A household of two groups is in the row of each: rows are never added. The households are those of
    the group: how many of them meet the conditions is another question.

    Examples
    --------
    >>> from needs_analysis.needs.estimate import of_estimates
    >>> from needs_analysis.policies.catalogue import catalogue
    >>> panel = pd.DataFrame({"households": [1000.0]}, index=["108033"])
    >>> burdened = pd.DataFrame({"overburdened_tenants": [60.4]}, index=["108033"])
    >>> found = match(of_estimates(panel, burdened), catalogue(as_of="2026-11-29"))
    >>> found
    <Matches of 2026-11-29: 0 existing, 20 feasible, 0 asked_for, 7 out>
    >>> rent_fund = found.frame.query("policy == 'P05'")
    >>> rent_fund[["group", "standing", "central"]].values.tolist()
    [['affordability', 'feasible', 60.4]]
    """
    wanted(need, NeedResult, NoneType)
    wanted(catalogue, Catalogue)
    regions = catalogue.regions or regions_of(need)
    counts = None if need is None else need.whole.to_dict("index")
    standings = {
        key: policy.standing(catalogue.day, regions) for key, policy in catalogue.policies.items()
    }
    here = () if existing is None else existing.policies
    rows = []
    for key, policy in catalogue.policies.items():
        stands = _stands(key, catalogue, standings[key], here)
        rows += [{"policy": key, "standing": stands, **one} for one in _answers(policy, counts)]
    frame = pd.DataFrame(rows, columns=[*COLUMNS]).astype(dict.fromkeys(BOUNDS, float))
    study = {} if need is None else need.parameters
    return Matches(frame, catalogue, standings, existing, study)


def regions_of(need: NeedResult | None) -> tuple[str, ...]:
    """Return the names of the regions of an area; none where they are not known."""
    from needs_analysis.territory import municipalities

    if need is None or "region_code" not in need.places:
        return ()
    known = municipalities().drop_duplicates("region_code").set_index("region_code")["region_name"]
    return tuple(known.reindex(need.places["region_code"].dropna().unique()).dropna())


def _stands(policy: str, catalogue: Catalogue, standing: Standing, here: tuple[str, ...]) -> str:
    if policy in here:
        return "existing"
    if standing.usable:
        return "feasible"
    asked = catalogue.include
    return "asked_for" if policy in asked or standing.kind in asked else "out"


def _answers(policy: Policy, counts: Mapping[Any, Any] | None) -> list[dict[str, Any]]:
    """Return whom a policy answers: a row a group, and a composition where it has some."""
    nothing = dict.fromkeys(BOUNDS, np.nan)
    found = []
    for group in policy.groups or ("",):
        for composition in policy.compositions or ("",):
            row: dict[str, Any] = {
                "group": group, "composition": composition, **nothing, "question": "", "who": "",
            }  # fmt: skip
            if counts is None:
                pass
            elif not group:
                row |= {"question": _NO_GROUP, "who": _SOCIAL}
            elif composition:
                row |= {"question": _COMPOSED, "who": _SOCIAL}
            elif group in counts and counts[group]["known"] > 0:
                row |= {name: counts[group][name] for name in BOUNDS}
            else:
                asked = TARGET_GROUPS[group].question
                row |= {"question": asked.question if asked else _DIFFUSE,
                        "who": asked.who if asked else ""}  # fmt: skip
            found.append(row)
    return found


def _words(row: Mapping[Any, Any], found: Matches, voice: Voice) -> dict[Any, Any]:
    policy, standing = found.catalogue.policies[row["policy"]], found.standings[row["policy"]]
    group = TARGET_GROUPS[row["group"]].name(voice, found.parameters) if row["group"] else ""
    composition = voice.say(COMPOSITIONS[row["composition"]]) if row["composition"] else ""
    asked = voice.say(row["question"], composition=composition) if row["question"] else ""
    return dict(row) | {
        "name": policy.title(voice),
        "components": ", ".join(voice.say(COMPONENTS[one]) for one in policy.components),
        "answers": ", ".join(filter(None, (group, composition))),
        "rule": conditions(policy, found.catalogue.day, voice, found.parameters),
        "standing_said": voice.say(STANDINGS[row["standing"]]),
        "why": standing.words(voice),
        "missing": "; ".join(map(voice.say, policy.missing)),
        "channel": voice.say(policy.channel),
        "to_verify": "; ".join(map(voice.say, policy.to_verify)),
        "rests_on": policy.rests_on(),
        "checked": policy.checked(voice),
        "question": asked,
        "who": voice.say(row["who"]) if row["who"] else "",
    }
