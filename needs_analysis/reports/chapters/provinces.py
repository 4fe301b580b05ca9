"""The index of the provinces by which evictions are published."""

from __future__ import annotations

from needs_analysis.reports import index_words
from needs_analysis.reports.chapters.evictions import (
    prefecture_name,
)
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import (
    Column,
    Table,
)
from needs_analysis.reports.tables import (
    source_lines,
)
from needs_analysis.words import Voice


def _provincial_table(found: Findings) -> Table:
    voice, result = found.voice, found.provincial_index
    frame = result.scores.data.copy()
    frame["rank"] = result.rank
    frame.insert(
        0, "province", [prefecture_name(str(name), voice, found.day) for name in frame.index]
    )
    frame = frame.sort_values("province")
    spec = result.spec
    words = (voice.say("Provincia"), voice.say("Posto"), voice.say("Indice"))
    columns = (
        Column("province", words[0]),
        Column("rank", words[1], "count"),
        Column(spec.name, words[2], "score"),
        *(Column(one.column, index_words.label(one, voice), "score")
          for one in spec.components),
    )  # fmt: skip
    return Table(
        voice.say("indice province"),
        index_words.label(spec, voice),
        frame, columns, result.scores.quality.loc[frame.index],
        notes=(_provincial_note(voice),), sources=source_lines(result.scores.sources[spec.name], voice),
        facts="rows",
    )  # fmt: skip


def _provincial_note(voice: Voice) -> str:
    return voice.say(
        "Province delle prefetture: Cagliari comprende il Sud Sardegna. Comprende gli "
        "sfratti; senza indice le province che non hanno trasmesso un dato."
    )


PART = Part("province", sheets=lambda found: [_provincial_table(found)])
