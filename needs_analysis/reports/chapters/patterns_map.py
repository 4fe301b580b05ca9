"""Groups and types as layers of the interactive map: categories, each with its words and colour."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs_analysis.figures import Figures, Quality
from needs_analysis.reports.chapters.municipality_types import traits
from needs_analysis.reports.charts import patterns as pattern_charts
from needs_analysis.reports.charts import rows as chart_rows
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.maps.content import Category, Entry
from needs_analysis.reports.maps.theme import CLUSTER, TYPE
from needs_analysis.words import Voice


def map_layers(found: Findings) -> tuple[Figures, Sequence[Entry]]:
    """Return groups and types as columns of codes, and what the interactive map says of them."""
    units = found.indicators.data.index
    data = pd.DataFrame(
        {
            CLUSTER: found.clusters.frame["label"].astype(object).reindex(units),
            TYPE: found.types.labels.astype(str).astype(object).reindex(units),
        }
    )
    name = found.index.spec.name
    vintage = found.index.scores.vintage[[name, name]].set_axis(data.columns, axis=1)
    figures = Figures.of(
        data, quality=Quality.MODELLED, vintage=vintage, sources=found.indicators.sources[name]
    )
    return figures, (_cluster_entry(found.voice), _type_entry(found))


def _cluster_entry(voice: Voice) -> Entry:
    classes = tuple(
        Category(label, voice.say(told[2]), told[0])
        for label, told in pattern_charts.CLUSTERS.items()
        if label != "missing"
    )
    return Entry(
        CLUSTER,
        voice.say("Gruppi di punteggi alti e bassi"),
        voice.say(
            "Comuni che, con quelli che confinano, hanno un punteggio alto o basso più di "
            "quanto farebbe il caso. Non è una graduatoria."
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
            "Comuni simili negli indicatori dell'indice, ovunque siano in Italia: 1 sta "
            "peggio nell'insieme, l'ultimo meglio."
        ),
        "patterns",
        0,
        classes,
    )
