"""The one builder of tables: heads in words, qualities, notes and citations."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import store
from needs_analysis.figures import Figures, Quality
from needs_analysis.reports.model import Column, Table
from needs_analysis.words import Voice

if TYPE_CHECKING:
    from needs_analysis.provenance import Source

Head = Column | tuple[str, str] | tuple[str, str, str]
"""A column as it is, or its name, its words yet to be said and its unit ("text" where none)."""


def table(
    voice: Voice,
    key: str,
    title: str,
    frame: pd.DataFrame,
    heads: Iterable[Head],
    quality: pd.DataFrame | None = None,
    *,
    notes: Iterable[str] = (),
    sources: Iterable[str | Source] = (),
    facts: str = "rows",
    links: tuple[str, ...] = (),
) -> Table:
    """Build a table of the content model.

    Parameters
    ----------
    voice : Voice
        Says the heads and the sources; key, title and notes are said already.
    key, title, frame, quality, facts, links
        As those of :class:`needs_analysis.reports.model.Table`.
    heads : iterable of Head
        The columns, in the order they are printed.
    notes : iterable of str
        Blank ones are left out.
    sources : iterable of str or Source
        By id where the store cites them.

    Examples
    --------
    >>> frame = pd.DataFrame({"households": [3.0]}, index=["108033"])
    >>> made = table(Voice("en"), "t", "T", frame, [("households", "Famiglie", "count")])
    >>> made.columns[0].label, made.keys(made.columns[0])
    ('Households', ['108033:households'])
    """
    columns = tuple(head if isinstance(head, Column) else _column(voice, *head) for head in heads)
    return Table(
        key, title, frame, columns, quality, notes=tuple(filter(None, notes)),
        sources=source_lines(sources, voice), facts=facts, links=links,
    )  # fmt: skip


def _column(voice: Voice, name: str, words: str, unit: str = "text") -> Column:
    return Column(name, voice.say(words), unit)


def in_order(
    frame: pd.DataFrame, words: Iterable[str], units: Iterable[str]
) -> list[tuple[str, str, str]]:
    """Return the heads of all columns of a frame, in its order."""
    return list(zip(map(str, frame.columns), words, units, strict=True))


def modelled(frame: pd.DataFrame, names: Iterable[Hashable] | None = None) -> pd.DataFrame:
    """Return the quality of columns that a model gave: all of numbers where none is named.

    Examples
    --------
    >>> modelled(pd.DataFrame({"name": ["Rho"], "score": [99.0]}))
       score
    0      2
    """
    columns = frame.select_dtypes("number").columns if names is None else list(names)
    return pd.DataFrame(int(Quality.MODELLED), index=frame.index, columns=columns)


def all_sources(figures: Figures) -> dict[str, None]:
    """Return the ids of the sources behind figures, each once."""
    return dict.fromkeys(source for used in figures.sources.values() for source in used)


def source_lines(sources: Iterable[str | Source], voice: Voice) -> tuple[str, ...]:
    """Return the citations of sources, each with its reference date."""
    cited = [store.cited()[one] if isinstance(one, str) else one for one in sources]
    return tuple(dict.fromkeys(f"{one.attribution} ({one.edition(voice)})" for one in cited))
