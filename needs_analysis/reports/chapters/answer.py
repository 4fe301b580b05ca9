"""The first screen: one judgement, three numbers, three things that can be done, a few bars.

Rules on intervals decide the words: what is inside an interval is no difference, and where the
interval carries no number the sentence says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports.chapters import answer_figures, answer_things, sentences
from needs_analysis.reports.chapters.answer_causes import side
from needs_analysis.reports.chapters.building import source_lines
from needs_analysis.reports.chapters.need_compared import burden_ends, burden_standing, rate
from needs_analysis.reports.chapters.need_view import told_of
from needs_analysis.reports.chapters.need_words import (
    BURDEN,
    burdened,
    has_number,
    keyed,
    limit_of,
    said_row,
)
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.charts.bars import Bar, groups_of_bars
from needs_analysis.reports.findings import ITALY, OWN, PROVINCE, REGION, Findings
from needs_analysis.reports.language import display
from needs_analysis.reports.model import JUDGEMENT, Block, Chapter, Picture, Sentence, plain
from needs_analysis.words import N_

RENT, POOR, EVICTED = "rent_to_income_ratio", "low_income_share", "eviction_orders_per_1000"
_WIDE = 3.0
"""How many times its least the most of a count may be for its centre to open the sentence."""
_AROUND = (PROVINCE, REGION, ITALY)
_BARS: Mapping[str, str] = {
    BURDEN: N_("In affitto oltre il {limit} del reddito, ogni 1.000 famiglie (stima)"),
    RENT: N_("Canone di mercato sul reddito medio"),
    POOR: N_("Redditi fino a 10.000 €, fra i dichiaranti"),
    EVICTED: N_("Provvedimenti di sfratto ogni 1.000 famiglie"),
}


def chapter(found: Findings) -> Chapter:
    """Answer first: what there is to say, who, where, what can be done, each with its source."""
    blocks: list[Block] = [judgement(found), *answer_figures.figures(found)]
    blocks += answer_things.things(found)
    blocks += bars(found)
    return Chapter("breve", found.voice.say("In breve"), tuple(blocks))


# --- the judgement -----------------------------------------------------------------------------


def judgement(found: Findings) -> Sentence:
    """Say how many tenants pay too much, whether that is more than around, and what weighs."""
    voice = found.voice
    said = [_counted(found), _compared(found), _weighs(found)]
    text = " ".join(filter(None, said))
    return Sentence(voice.elided(text), f"{found.label}.", role=JUDGEMENT,
                    see="bisogno" if found.need is not None else "mappa")  # fmt: skip


def _counted(found: Findings) -> str:
    if found.need is None:
        return ""
    told, voice = told_of(found), found.voice
    row = burdened(told)
    limit = limit_of(told, voice)
    if row is None or (not row["known"] and not row["reserved"]):
        return voice.say(
            "Quante famiglie in affitto paghino troppo qui non si può stimare dai dati pubblici."
        )
    key = "need_affordability"
    if not has_number(row):
        if not row["band"]:
            return voice.say("Quante famiglie in affitto paghino troppo qui è un dato riservato.")
        return voice.say(
            "Per le famiglie in affitto sul mercato che pagano di canone oltre il {limit} del reddito "
            "netto la stima è qui una fascia ({band}): più precisi i dati pubblici non permettono di "
            "essere.", limit=limit, band=said_row(key, row, voice),
        )  # fmt: skip
    shown = {
        side: keyed(f"{key}:{side}", float(row[side]), voice) for side in ("low", "central", "high")
    }
    if row["quality"] == Quality.OBSERVED:
        words = N_("{central} famiglie in affitto sul mercato, contate dagli uffici, pagano di canone "
                   "oltre il {limit} del reddito netto.")  # fmt: skip
    elif row["high"] > _WIDE * row["low"]:
        words = N_("Da {low} a {high} famiglie in affitto sul mercato (al centro {central}) pagano di "
                   "canone oltre il {limit} del reddito netto: è una stima, e larga.")  # fmt: skip
    else:
        words = N_("Circa {central} famiglie in affitto sul mercato (da {low} a {high}) pagano di "
                   "canone oltre il {limit} del reddito netto: è una stima.")  # fmt: skip
    return voice.say(words, limit=limit, **shown)


def _marked(found: Findings) -> bool:
    return len(found.codes) == 1 and bool(found.mark_words.notna()[found.codes[0]])


def _compared(found: Findings) -> str:
    """Say where the area stands beyond the interval; else that nothing can be told apart."""
    if not _counts(found) or not found.has(BURDEN):
        return ""
    voice, apart = found.voice, burden_standing(found)
    words = {
        "more": N_("Ogni 1.000 famiglie sono {own}: più che {places}."),
        "less": N_("Ogni 1.000 famiglie sono {own}: meno che {places}."),
    }
    said = [
        voice.say(words[kind], own=rate(found, OWN, ends=False), places=_places(found, keys))
        for kind, keys in apart.items() if keys and kind in words
    ]  # fmt: skip
    if said or not apart["none"]:
        return " ".join(said)
    return voice.say(
        "Ogni 1.000 famiglie sono {own}; che siano di più o di meno che {places} non si può dire: la "
        "differenza sta dentro l'incertezza.",
        own=rate(found, OWN, ends=False), places=_places(found, apart["none"]),
    )  # fmt: skip


def _places(found: Findings, keys: list[str]) -> str:
    return found.voice.listed(
        [f"{found.inside[key]} ({rate(found, key, ends=False)})" for key in keys]
    )


def _weighs(found: Findings) -> str:
    """Say whether rents or low incomes are above those around: of published figures."""
    voice = found.voice
    if _marked(found):
        return voice.say(
            "È un comune segnato ({mark}): i suoi canoni e i suoi redditi non si confrontano con quelli "
            "di altri.", mark=found.mark_words[found.codes[0]],
        )  # fmt: skip
    shown = {name: sentences.said(found, name) for name in (RENT, POOR)}
    own = {name: found.compared.value(OWN, name) for name in (RENT, POOR)}
    if math.isnan(own[RENT]):
        return voice.say("L'OMI qui non quota canoni: quanto pesi l'affitto non si può dire.")
    key = next((one for one in (REGION, ITALY) if one in found.groups), "")
    if not key or math.isnan(own[POOR]):
        return voice.say(
            "Il canone di mercato vale in media il {rent} del reddito di un dichiarante; ha un reddito "
            "fino a 10.000 € il {poor} dei dichiaranti.", rent=shown[RENT], poor=shown[POOR],
        )  # fmt: skip
    sides = tuple(side(own[name], found.compared.value(key, name)) for name in (RENT, POOR))
    beside = {
        "rent": voice.say("canone {own} del reddito medio, là {other}", own=shown[RENT],
                          other=sentences.said(found, RENT, key)),
        "poor": voice.say("redditi fino a 10.000 € {own}, là {other}", own=shown[POOR],
                          other=sentences.said(found, POOR, key)),
    }  # fmt: skip
    return voice.say(_WEIGHS[sides], place=found.inside[key], **beside)


_WEIGHS: Mapping[tuple[int, ...], str] = {
    (1, 1): N_("Pesano sia il canone, rispetto ai redditi, sia i redditi bassi: tutti e due più che "
               "{place} ({rent}; {poor})."),
    (1, 0): N_("Pesa il canone: vale più reddito che {place} ({rent}), mentre i redditi bassi sono "
               "come là ({poor})."),
    (1, -1): N_("Pesa il canone più della povertà: vale più reddito che {place} ({rent}), mentre i "
                "redditi bassi sono meno ({poor})."),
    (0, 1): N_("Pesano i redditi bassi: sono più che {place} ({poor}), mentre il canone vale lo "
               "stesso reddito ({rent})."),
    (0, 0): N_("Canone e redditi bassi pesano come {place} ({rent}; {poor})."),
    (0, -1): N_("Il canone pesa sui redditi come {place} ({rent}); i redditi bassi sono meno "
                "({poor})."),
    (-1, 1): N_("Pesa la povertà più del canone: i redditi bassi sono più che {place} ({poor}), "
                "mentre il canone vale meno reddito ({rent})."),
    (-1, 0): N_("Il canone pesa sui redditi meno che {place} ({rent}); i redditi bassi sono come "
                "là ({poor})."),
    (-1, -1): N_("Canone e redditi bassi pesano tutti e due meno che {place} ({rent}; {poor})."),
}  # fmt: skip
"""What weighs, by how the rent over income and the share of low incomes stand to a territory."""


# --- the bars ----------------------------------------------------------------------------------


def bars(found: Findings) -> list[Block]:
    """Draw the components beside province, region and Italy; nothing where there is nothing."""
    voice, drawn, groups = found.voice, [], {}
    for name, words in _BARS.items():
        made = _bars_of(found, name)
        if made is None:
            continue
        limit = limit_of(told_of(found), voice) if name == BURDEN else ""
        heading = voice.elided(voice.say(words, limit=limit))
        groups[heading] = made
        drawn += [f"{heading}: " + "; ".join(f"{bar.name} {bar.text}" for bar in made)]
    if not any(bar.value == bar.value for made in groups.values() for bar in made):
        return []
    plainly = {
        heading: [Bar(plain(b.name), b.value, plain(b.text), b.low, b.high) for b in made]
        for heading, made in groups.items()
    }
    notes = [voice.say("La linea va dal minimo al massimo della stima.")] if _counts(found) else []
    ids = dict.fromkeys(one for name in _BARS for one in found.compared.sources.get(name, ()))
    return [Picture(
        "componenti", voice.say("Che cosa pesa, a confronto"), groups_of_bars(plainly),
        ". ".join(drawn), notes=tuple(notes), sources=source_lines(ids, voice), drawn=tuple(drawn),
    )]  # fmt: skip


def _bars_of(found: Findings, name: str) -> list[Bar] | None:
    if name == BURDEN and not _counts(found):
        return None
    if name in (RENT, POOR) and _marked(found):
        return None
    keys = [key for key in (OWN, *_AROUND) if key in found.groups]
    if len(keys) == 1:
        return None
    made = [_bar(found, name, key) for key in keys]
    if name == EVICTED:
        made = [one for one in made if one.text != found.voice.missing]
    return made if any(one.value == one.value for one in made) else None


def _counts(found: Findings) -> bool:
    """Say whether the count of the model is a number here that may be set beside others."""
    if found.need is None or _marked(found):
        return False
    return has_number(burdened(told_of(found)))


def _bar(found: Findings, name: str, key: str) -> Bar:
    voice, value = found.voice, found.compared.value(key, name)
    called = voice.say("Qui") if key == OWN else _called(found, key)
    allocated = found.compared.quality.loc[key, name] == Quality.ALLOCATED
    # A part of the orders is no rate: neither of the area nor of its province.
    orders = name == EVICTED and key in (OWN, PROVINCE) and len(found.evictions) == 1
    if orders and not answer_figures.whole_of_province(found):
        return Bar(called, math.nan, voice.say("non trasmessi") if key == OWN else voice.missing)
    if math.isnan(value) or allocated:
        return Bar(called, math.nan, voice.missing)
    shown = display(name, unit_of(name))
    if name == BURDEN:
        low, high = burden_ends(found, key)
        return Bar(called, value, rate(found, key, dash=True), low, high)
    return Bar(called, value * shown.scale, sentences.bare(found, name, key))


def _called(found: Findings, key: str) -> str:
    return found.voice.say("Provincia") if key == PROVINCE else found.labels[key]


PART = Part("breve", chapter)
