"""Groups and types as layers of the interactive map: categories, each with its words and colour."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs_analysis.figures import Figures, Quality, joint_vintage
from needs_analysis.reports.chapters.municipality_types import traits
from needs_analysis.reports.chapters.patterns_words import (
    alike_in,
    of_types,
    order_of_types,
    what,
)
from needs_analysis.reports.charts import patterns as pattern_charts
from needs_analysis.reports.charts import rows as chart_rows
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.maps.content import Category, Entry
from needs_analysis.reports.maps.theme import CLUSTER, TYPE


def map_layers(found: Findings) -> tuple[Figures, Sequence[Entry]]:
    """Return groups and types as columns of codes, and what the interactive map says of them."""
    units = found.indicators.data.index
    data = pd.DataFrame(
        {
            CLUSTER: found.clusters.frame["label"].astype(object).reindex(units),
            TYPE: found.types.labels.astype(str).astype(object).reindex(units),
        }
    )
    values, types = found.patterned.grouped, found.patterned.types
    figures = Figures.of(
        data,
        quality=Quality.MODELLED,
        vintage=pd.DataFrame(
            {
                CLUSTER: values.vintage[found.patterned.name],
                TYPE: joint_vintage(types.vintage),
            }
        ),
        sources={CLUSTER: values.sources[found.patterned.name], TYPE: of_types(found)},
    )
    return figures, (_cluster_entry(found), _type_entry(found))


def _cluster_entry(found: Findings) -> Entry:
    voice = found.voice
    classes = tuple(
        Category(label, voice.say(told[2]), told[0])
        for label, told in pattern_charts.CLUSTERS.items()
        if label != "missing"
    )
    return Entry(
        CLUSTER,
        voice.say("Gruppi di valori alti e bassi"),
        voice.say(
            "Comuni che, con quelli che confinano, hanno un valore alto o basso più di quanto farebbe "
            "il caso. Non è una graduatoria. {what}",
            what=what(found),
        ),
        "patterns",
        0,
        classes,
    )


def _type_entry(found: Findings) -> Entry:
    said = traits(found)
    classes = tuple(
        Category(str(kind), f"{kind}. {words}", colour)
        for (kind, words), colour in zip(said.items(), chart_rows.PALETTE, strict=False)
    )
    return Entry(
        TYPE,
        found.voice.say("Tipi di comune"),
        found.voice.say(
            "Comuni simili {alike}, ovunque siano in Italia. {order}",
            alike=alike_in(found),
            order=order_of_types(found),
        ),
        "patterns",
        0,
        classes,
    )
