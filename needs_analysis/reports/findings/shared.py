"""The findings of each municipality of an area: what they share is computed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from needs_analysis.errors import wanted
from needs_analysis.figures import Figures
from needs_analysis.reports.findings.area import Findings, groups_of, shown_of
from needs_analysis.territory import select

_NATIONAL = ("marks", "mark_words", "ranked", "small", "listed")
"""What findings of all Italy are, whatever the area."""


def by_municipality(found: Findings) -> Iterator[Findings]:
    """Return the findings of each municipality of an area, in the order of their codes.

    They are those of :func:`needs_analysis.reports.findings.find`, without what is told of need,
    policies and services: the national figures are those of the area, and what is pooled is pooled for
    all municipalities, and for the territories that several of them are beside, at once.
    """
    wanted(found, Findings)
    on = found.area.attrs.get("codes_on")
    areas = {code: select(code, on) for code in sorted(found.codes)}
    groups = {code: groups_of(area, found.panel) for code, area in areas.items()}
    numbers: dict[tuple[str, ...], str] = {}
    for of_one in groups.values():
        for members in of_one.values():
            numbers.setdefault(tuple(members), str(len(numbers)))
    every = replace(found, groups={key: list(members) for members, key in numbers.items()})
    national = {name: getattr(found, name) for name in _NATIONAL}
    for code, area in areas.items():
        keys = {key: numbers[tuple(members)] for key, members in groups[code].items()}
        pooled = {name: _named(getattr(every, name), keys) for name in ("compared", "pooled")}
        one = replace(found, area=area, shown=shown_of(area), groups=groups[code],
                      need=None, policies=None, services=None)  # fmt: skip
        vars(one).update(national | pooled)  # where a cached property looks first
        yield one


def _named(figures: Figures, keys: Mapping[str, str]) -> Figures:
    """Keep some territories under the names that they have beside one municipality."""
    kept = figures.rows(list(keys.values()))

    def under(part: pd.DataFrame) -> pd.DataFrame:
        return part.set_axis(pd.Index([*keys], name=part.index.name))

    return replace(kept, data=under(kept.data), quality=under(kept.quality),
                   vintage=under(kept.vintage), low=under(kept.low), high=under(kept.high))  # fmt: skip
