"""The index of the provinces by which evictions are published."""

from __future__ import annotations

from needs_analysis.reports.chapters import index_words
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.evictions import prefecture_name
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Column, Table
from needs_analysis.words import N_


def _provincial_table(found: Findings) -> Table:
    voice, result = found.voice, found.provincial_index
    spec = result.spec
    frame = result.scores.data.assign(rank=result.rank)
    named = [prefecture_name(str(name), voice, found.day) for name in frame.index]
    frame.insert(0, "province", named)
    frame = frame.sort_values("province")
    heads: list[Head] = [
        ("province", N_("Provincia")),
        ("rank", N_("Posto"), "count"),
        (spec.name, N_("Indice"), "score"),
        *(Column(one.column, index_words.label(one, voice), "score") for one in spec.components),
    ]
    note = voice.say(
        "Province delle prefetture: Cagliari comprende il Sud Sardegna. Comprende gli "
        "sfratti; senza indice le province che non hanno trasmesso un dato."
    )
    return table(
        voice, voice.say("indice province"), index_words.label(spec, voice), frame, heads,
        result.scores.quality.loc[frame.index], notes=(note,),
        sources=result.scores.sources[spec.name],
    )  # fmt: skip


PART = Part("province", sheets=lambda found: [_provincial_table(found)])
