"""Where each number of the area in the opening chapters comes from, down to the files."""

from __future__ import annotations

from needs_analysis.needs.groups import AFFORDABILITY
from needs_analysis.reports.chapters import answer, answer_figures, need, opening, sentences
from needs_analysis.reports.chapters.labels import territory_labels
from needs_analysis.reports.chapters.need_words import ASSUMPTIONS, COUNTED, upper_first
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import OWN, POOLED, Findings
from needs_analysis.reports.model import Block, Chapter, Origin, Sentence, numbers

# A number that follows from one of a territory by a rule has that one's trace.
_TRACED_BY = {
    "monthly_rent_eur": "annual_rent_eur",
    "income_asked_eur": "annual_rent_eur",
    "income_asked_scenario_eur": "annual_rent_eur",
}


def origins(found: Findings) -> Chapter:
    """Say where each number of the area in the opening chapters comes from, down to the files."""
    labels = territory_labels(found.voice)
    labels |= {name: upper_first(found.voice.say(one)) for name, one in ASSUMPTIONS.items()}
    labels |= {name: one.label_in(found.voice) for name, one in found.declared.items()}
    said: list[Block] = [answer.judgement(found), *answer_figures.figures(found)]
    if found.need is not None:
        said += need.estimated(found)
    said += [*sentences.ten(found), opening.rent(found), opening.evicted(found)]
    keys = dict.fromkeys(
        one.key for block in said if isinstance(block, Sentence) for one in numbers(block.text)
    )
    blocks = []
    if found.need is not None and need.is_of_model(found):
        label = upper_first(found.need.name(AFFORDABILITY, found.voice))
        labels[COUNTED] = label
        blocks.append(Origin(need.COUNTED_KEY, label, found.trace(COUNTED), labels))
    for key in keys:
        territory, _, name = key.partition(":")
        source = _TRACED_BY.get(name, name)
        if territory == OWN and source in (*found.declared, *POOLED):
            blocks.append(Origin(key, labels[name], found.trace(source), labels))
    return Chapter(
        "tracce", found.voice.say("Da dove viene ogni numero"), tuple(blocks), annex=True
    )


PART = Part("tracce", origins)
