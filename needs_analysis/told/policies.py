"""What may be told of policies: those that exist, whom they answer, with the counts of one profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import NoneType

import numpy as np
import pandas as pd

from needs_analysis import parameters
from needs_analysis.disclosure import PROFILES, Rules
from needs_analysis.errors import ParameterError, Problem, wanted
from needs_analysis.figures import Quality
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.needs.result import NeedResult
from needs_analysis.policies.catalogue import Catalogue
from needs_analysis.policies.existing import Existing
from needs_analysis.policies.matching import Matches, match
from needs_analysis.told.bought import ToldMix
from needs_analysis.told.need_tables import AREA
from needs_analysis.told.needs import ToldNeed, said_count, tell_need
from needs_analysis.told.own_counts import given
from needs_analysis.told.problems import problem
from needs_analysis.told.telling import DEPENDS, Shown, local_measures
from needs_analysis.words import ITALIAN, Voice

_UNKNOWN = {"band": False, "known": 0, "reserved": False, "quality": int(Quality.MISSING)}
_NOTHING = dict.fromkeys(BOUNDS, np.nan) | _UNKNOWN


@dataclass(frozen=True, eq=False)
class ToldPolicies:
    """All that may be said of policies in one profile.

    Parameters
    ----------
    profile : str
        "published" or "internal".
    matches : Matches
        Of the need as it may be told, without the office's own rows; its frame has `band`, `known`,
        `reserved` and `quality` too, as the tables of :class:`needs_analysis.told.needs.ToldNeed`.
    existing : Shown or None
        The office's own policies: the columns of :class:`needs_analysis.policies.Existing`.
    unmatched : tuple of str
        Measures of the office that are no policy of the catalogue.
    elsewhere : mapping of str to int
        Administrations of the office's file that are not of the area, with the rows left out of each.
    unplaced : tuple of str
        Administrations that are not recognised: their rows stand.
    label : str
        ``INVENTED`` for invented data, else "".
    bought : tuple of ToldMix
        What a budget buys (:func:`needs_analysis.told.bought.tell_bought`): one an outcome, none without
        a budget.
    unanswered : Problem, optional
        Why a budget that was given has no answer.
    """

    profile: str
    matches: Matches
    existing: Shown | None = None
    unmatched: tuple[str, ...] = ()
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    unplaced: tuple[str, ...] = ()
    label: str = ""
    bought: tuple[ToldMix, ...] = ()
    unanswered: Problem | None = None

    @property
    def internal(self) -> bool:
        """Whether all counts may be shown."""
        return self.profile == "internal"

    def said(self, voice: Voice = ITALIAN) -> pd.DataFrame:
        """Return the matches in words, with `households`: how many, or "" where that is to be asked."""
        found = self.matches.said(voice)
        found["households"] = [
            said_count(row, voice) if row["known"] or row["reserved"] else ""
            for _, row in self.matches.frame.iterrows()
        ]
        return found


def tell_policies(
    need: NeedResult | None,
    catalogue: Catalogue,
    existing: Existing | None = None,
    profile: str = "published",
    told: ToldNeed | None = None,
) -> ToldPolicies:
    """Return all that may be said of the policies of an area in a profile.

    Parameters
    ----------
    need : NeedResult
        Of :func:`needs_analysis.needs.estimate`; None: of no area.
    catalogue : Catalogue
        Of :func:`needs_analysis.policies.catalogue`.
    existing : Existing, optional
        The office's own.
    profile : {"published", "internal"}
        Published, small counts of the offices are hidden and nothing is computed of them.
    told : ToldNeed, optional
        The need as it is told in this profile, where it is known already.

    Raises
    ------
    ParameterError
        No such profile.
    """
    wanted(need, NeedResult, NoneType)
    if profile not in PROFILES:
        raise ParameterError(problem("no_profile", found=profile, known=tuple(PROFILES)))
    if need is None:
        found = match(None, catalogue, existing)
        frame, study = found.frame.assign(**_UNKNOWN), None
    else:
        study = need.parameters
        rules = Rules.of(study) if profile == "published" else None
        found = match(given(need, rules).need, catalogue, existing)
        frame = _counted(found.frame, told or tell_need(need, profile))
    matches = replace(found, frame=frame, existing=None)
    if existing is None:
        return ToldPolicies(profile, matches)
    shown = tell_existing(existing, profile, study)
    return ToldPolicies(
        profile, matches, shown, existing.unmatched, existing.elsewhere, existing.unplaced,
        existing.label,
    )  # fmt: skip


def _counted(frame: pd.DataFrame, need: ToldNeed) -> pd.DataFrame:
    """Return matches with the counts of the area that are told; a reserved one is no question."""
    counts = need.table(AREA).set_index("group")[[*BOUNDS, *_UNKNOWN]]
    rows = []
    for group, composition in zip(frame["group"], frame["composition"], strict=True):
        # Of a composition the need of the group says nothing.
        known = group in counts.index and not composition
        rows.append(counts.loc[group].to_dict() if known else _NOTHING)
    told = pd.DataFrame(rows, index=frame.index, columns=[*_NOTHING])
    found = frame.drop(columns=[*BOUNDS]).join(told)
    found.loc[found["reserved"].astype(bool), ["question", "who"]] = ""
    return found


def tell_existing(
    existing: Existing,
    profile: str = "published",
    overrides: Mapping[str, float] | None = None,
) -> Shown:
    """Return an office's own policies as they may be told: no take-up that gives a hidden count away.

    Parameters
    ----------
    existing : Existing
        Of :func:`needs_analysis.policies.existing`.
    profile : {"published", "internal"}
        Published, small counts are hidden.
    overrides : mapping of str to float, optional
        A study's parameters.
    """
    wanted(existing, Existing)
    least = parameters.values(overrides)["disclosure_count_min"]
    shown = local_measures(existing.rows, least, internal=profile == "internal")
    why = shown.why.assign(take_up="")
    counts = ["applications", "admitted", "beneficiaries"]
    follows = (shown.why[counts] != "").any(axis=1)
    why.loc[follows, "take_up"] = DEPENDS
    frame = shown.frame.assign(take_up=shown.frame["take_up"].mask(follows))
    return Shown(frame, why)
