"""Groups and types as layers of the interactive map: categories, each with its words and colour."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs_analysis.figures import Figures, Quality
from needs_analysis.reports import chart_rows, pattern_charts
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.maps import CLUSTER, TYPE, Category, Entry
from needs_analysis.reports.patterns_chapter import profiles


def layers(found: Findings) -> tuple[Figures, Sequence[Entry]]:
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
    return figures, (_cluster_entry(), _type_entry(found))


def _cluster_entry() -> Entry:
    classes = tuple(
        Category(label, told[2], told[3], told[0])
        for label, told in pattern_charts.CLUSTERS.items()
        if label != "missing"
    )
    return Entry(
        CLUSTER,
        "Gruppi di punteggi alti e bassi",
        "Groups of high and low scores",
        "Comuni che, con quelli che confinano, hanno un punteggio alto o basso più di quanto farebbe "
        "il caso. Non è una graduatoria.",
        "Municipalities that with those that border have a high or low score, more than chance would "
        "make. It is not a ranking.",
        "patterns",
        0,
        classes,
    )


def _type_entry(found: Findings) -> Entry:
    said = profiles(found)
    classes = tuple(
        Category(str(kind), f"{kind}. {words}", f"{kind}. {words}", colour)
        for (kind, words), colour in zip(said.items(), chart_rows.PALETTE, strict=False)
    )
    return Entry(
        TYPE,
        "Tipi di comune",
        "Types of municipality",
        "Comuni simili negli indicatori dell'indice, ovunque siano in Italia: 1 sta peggio "
        "nell'insieme, l'ultimo meglio.",
        "Municipalities alike in the indicators of the index, wherever in Italy: 1 is worst off over "
        "all, the last best.",
        "patterns",
        0,
        classes,
    )
