"""What weighs in an area, beside its region and Italy: by published figures, the strongest first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from needs_analysis import parameters
from needs_analysis.figures import Quality
from needs_analysis.reports.chapters import sentences
from needs_analysis.reports.chapters.answer_figures import whole_of_province
from needs_analysis.reports.findings import ITALY, OWN, REGION, Findings
from needs_analysis.words import N_

ALIKE = 0.05
"""Share of a published figure below which a difference from another is not said."""
UNTOLD = "untold_orders"
_AFFORD, _LOSE = "affordability", "eviction_order"
_ORDERS, _ARREARS = "eviction_orders_per_1000", "eviction_arrears_share"
_BEDS = "accommodation_beds_per_1000"
_STANDING: Mapping[int, str] = {
    1: N_("più che {places}"), 0: N_("come {places}"), -1: N_("anche se meno che {places}"),
}  # fmt: skip
_RATES: Mapping[str, tuple[str, str, str]] = {
    "rent": ("rent_to_income_ratio", _AFFORD,
             N_("il canone vale il {own} del reddito medio, {standing}")),
    "low_income": ("low_income_share", _AFFORD,
                   N_("i redditi fino a 10.000 € sono il {own} dei dichiaranti, {standing}")),
}  # fmt: skip
_OF_EVICTIONS: Mapping[str, tuple[str, str, str]] = {
    "arrears": (_ORDERS, "orders_per_1000", N_(
        "gli sfratti {where} sono {own} ogni 1.000 famiglie, {standing}: il {share} per morosità"
    )),
    "executions": ("eviction_executions_per_1000", "executions_per_1000", N_(
        "gli sfratti eseguiti {where} sono {own} ogni 1.000 famiglie, {standing}"
    )),
}  # fmt: skip


@dataclass(frozen=True)
class Cause:
    """What weighs: of `policies.catalogue.CAUSES`, for which group, how much, in words.

    Parameters
    ----------
    key, group : str
        The cause; the group of the need that it is about.
    weight : float
        The figure over that of the region or of Italy, the one that it exceeds most; 1 is alike.
    text : str
        The figure, and how it stands to them.
    """

    key: str
    group: str
    weight: float
    text: str

    @property
    def above(self) -> bool:
        """Whether it weighs more here than around: a difference under a twentieth is none."""
        return self.weight > 1 + ALIKE


def side(own: float, other: float) -> int:
    """Return 1 where a figure is above another, -1 below, 0 where they are alike.

    Examples
    --------
    >>> side(0.20, 0.198), side(0.25, 0.20), side(0.15, 0.20)
    (0, 1, -1)
    """
    if abs(own - other) <= ALIKE * abs(other):
        return 0
    return 1 if own > other else -1


def causes(found: Findings) -> list[Cause]:
    """Return what weighs, the strongest first: nothing unknown, allocated or not to compare."""
    every = [*_of_incomes(found), *_of_evictions(found), *_of_visitors(found)]
    return sorted(every, key=lambda one: -one.weight)


def _of_incomes(found: Findings) -> Iterator[Cause]:
    if len(found.codes) == 1 and found.mark_words.notna()[found.codes[0]]:
        return
    for key, (name, group, words) in _RATES.items():
        made = _made(found, key, group, words, name, found.compared.value(OWN, name),
                     sentences.said(found, name))  # fmt: skip
        if made is not None:
            yield made


def _of_evictions(found: Findings) -> Iterator[Cause]:
    voice, rows = found.voice, found.evictions
    if len(rows) == 1 and not whole_of_province(found):
        text = N_("la provincia non ha dato gli sfratti, o solo in parte: chi firma il protocollo li "
                  "conosce")  # fmt: skip
        yield Cause(UNTOLD, _LOSE, 1 + 2 * ALIKE, voice.say(text))
        return
    if len(rows) > 1 and found.compared.quality.loc[OWN, _ORDERS] == Quality.ALLOCATED:
        return
    where, share = _arrears(found)
    for key, (name, published, words) in _OF_EVICTIONS.items():
        if len(rows) == 1:
            value = float(rows[published].iloc[0])
            own = sentences.of_province(found, str(rows.index[0]), published)
        else:
            value, own = found.compared.value(OWN, name), sentences.bare(found, name)
        made = _made(found, key, _LOSE, words, name, value, own, where=where, share=share)
        if made is not None:
            yield made
    yield from _of_ended(found, where, share)


def _arrears(found: Findings) -> tuple[str, str]:
    """Return where the orders are of, and how many of them are for arrears, as they are said."""
    voice, rows = found.voice, found.evictions
    if len(rows) == 1:
        share = sentences.of_province(found, str(rows.index[0]), "orders_arrears_share")
        return voice.say(N_("in provincia")), share
    return voice.say(N_("qui")), sentences.bare(found, _ARREARS)


def _of_ended(found: Findings, where: str, share: str) -> Iterator[Cause]:
    """Orders for other reasons than arrears: where they are a larger part of the orders than around."""
    voice, rows = found.voice, found.evictions
    alone = len(rows) == 1
    own = (
        float(rows["orders_arrears_share"].iloc[0])
        if alone
        else found.compared.value(OWN, _ARREARS)
    )
    weights = {key: (1 - own) / (1 - other) for key, other in _around(found, _ARREARS).items()
               if other < 1}  # fmt: skip
    places = [key for key, weight in weights.items() if weight > 1 + ALIKE]
    if math.isnan(own) or not places:
        return
    text = voice.say(
        N_("degli sfratti {where} è per morosità il {share}, meno che {places}: più spesso che là è il "
           "contratto che finisce"), where=where, share=share,
        places=voice.listed([found.inside[key] for key in places]),
    )  # fmt: skip
    yield Cause("ended_lease", _LOSE, max(weights.values()), text)


def _of_visitors(found: Findings) -> Iterator[Cause]:
    """Beds for visitors, over the number from which a market is not the residents'."""
    value = found.compared.value(OWN, _BEDS)
    least = parameters.values(found.overrides)["non_resident_market_beds_per_1000"]
    if value > least:
        made = _made(found, "visitors", _AFFORD, N_(
            "i posti letto per turisti sono {own} ogni 1.000 residenti, {standing}"
        ), _BEDS, value, sentences.bare(found, _BEDS))  # fmt: skip
        if made is not None:
            yield Cause(made.key, made.group, value / least, made.text)


def _around(found: Findings, name: str) -> dict[str, float]:
    """Return a figure of the region and of Italy, where they are compared and have it."""
    every = {key: found.compared.value(key, name) for key in (REGION, ITALY) if key in found.groups}
    return {key: value for key, value in every.items() if not math.isnan(value)}


def _made(
    found: Findings, key: str, group: str, words: str, name: str, value: float, own: str,
    **said: str,
) -> Cause | None:  # fmt: skip
    """Set a figure beside region and Italy: said of those that it exceeds, else of those it is like."""
    voice, others = found.voice, _around(found, name)
    if math.isnan(value) or not others:
        return None
    sides = {one: side(value, other) for one, other in others.items()}
    most = max(sides.values())
    places = voice.listed([found.inside[one] for one in sides if sides[one] == most])
    text = voice.say(words, own=own, standing=voice.say(_STANDING[most], places=places), **said)
    return Cause(key, group, max(value / other for other in others.values() if other), text)
