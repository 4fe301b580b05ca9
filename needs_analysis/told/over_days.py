"""Nights, days, euros and hours that several deliveries tell: what is left between them, of whom.

They add up over days: what is told of a period, less what is told of others, is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from needs_analysis.disclosure import Rules
from needs_analysis.disclosure.programme import WHOLE, FloatArray
from needs_analysis.services.files.schema import UNSTATED
from needs_analysis.services.measures.declaration import MEASURES, TALLIES, Rests
from needs_analysis.services.measures.records import Records
from needs_analysis.services.measures.window import Window
from needs_analysis.told.amounts import KINDS
from needs_analysis.told.spans import Span, Telling, is_inside

# Figures that are no counts but add up over days: what tells one, and by which rule it is counted.
OVER_DAYS: Mapping[str, tuple[str, ...]] = {
    "bed_nights": KINDS["nights"],
    **{name: (name,) for name in (*KINDS["days"], *KINDS["fees"])},
    **{
        one.name: tuple(
            other.name
            for other in MEASURES.values()
            if isinstance(other.told, Rests) and other.told.table == one.told.table
        )
        for one in MEASURES.values()
        if isinstance(one.told, Rests) and one.told.own
    },
}
_LEVELS = ("service", "group", "ambito", "all")  # the finest first
_Figure = tuple[str, str, str]


def amounts_to_hide(
    new: Telling, earlier: Sequence[Telling], rules: Rules, records: Records
) -> set[_Figure]:
    """Return the amounts whose difference from earlier ones would be of few stays.

    Nights, paid days, euros, activities and hours add up over days: what is told of a period, less
    what is told of others, is exact. It is looked for by linear algebra over services, groups and
    elementary periods, and must rest on no stay or on as many as a count that is shown.

    Parameters
    ----------
    new, earlier, rules
        As of :func:`counts_to_hide`.
    records : Records
        The rows of the new delivery, protected services of a place as one.

    Returns
    -------
    set of tuple
        Measure, level, value.
    """
    old = [one for one in earlier if new.span[0] < one.span[1] and one.span[0] < new.span[1]]
    found: set[_Figure] = set()
    for measure, kin in OVER_DAYS.items():
        told = [{(lv, v) for name, lv, v in one.amounts if name in kin} for one in (new, *old)]
        if told[0] and any(told[1:]):
            amounts = _Amounts(measure, [new.span, *(one.span for one in old)], told, records)
            for level, value in amounts.to_hide(rules):
                found |= {(name, level, value) for name in kin}
    return found & new.amounts


class _Amounts:
    """The amounts of one kind that several deliveries tell, as sums of leaves and parts of periods."""

    def __init__(
        self,
        measure: str,
        spans: Sequence[Span],
        told: Sequence[set[tuple[str, str]]],
        records: Records,
    ) -> None:
        self.measure, self.spans, self.records = measure, list(spans), records
        cuts = sorted({day for span in spans for day in span})
        self.parts = [one for one in pairwise(cuts) if any(is_inside(one, span) for span in spans)]
        self.places = [(lv, v) for lv in ("service", "group") for v in records.labels[lv]]
        self._known: dict[Span, np.ndarray] = {}
        self.told = [(at, *one) for at, own in enumerate(told) for one in sorted(own)]

    def to_hide(self, rules: Rules) -> Iterator[tuple[str, str]]:
        """Yield the level and value of each amount of the new delivery that must be hidden."""
        told = [one for one in self.told if self._leaves(one[1], one[2])]
        targets = [
            (spans, level, value)
            for spans in self._differences()
            for level in _LEVELS
            for value in (self.records.labels[level] if level != "all" else ("",))
            if 0 < self._stays(spans, level, value) < _least(level, value, rules)
        ]
        wanted = [self._row(spans, level, value) for spans, level, value in targets]
        for row, (_, level, value) in zip(wanted, targets, strict=True):
            while ours := self._behind(row, told):
                own = (0, level, value)
                chosen = own if own in ours else min(ours, key=lambda one: _LEVELS.index(one[1]))
                told.remove(chosen)
                yield chosen[1:]

    def _behind(
        self, row: FloatArray, told: Sequence[tuple[int, str, str]]
    ) -> list[tuple[int, str, str]]:
        """Return the new delivery's amounts by which a difference is told; none where it is not."""
        rows = [self._row([self.spans[at]], level, value) for at, level, value in told]
        # Over services and over groups a period has one sum.
        same = [self._row([one], "all", "") - self._row([one], "group", "") for one in self.parts]
        matrix = np.array([*rows, *same])
        weights, *_ = np.linalg.lstsq(matrix.T, row, rcond=None)
        if np.abs(matrix.T @ weights - row).max() > WHOLE:
            return []
        used = zip(told, weights[: len(told)], strict=True)
        return [one for one, weight in used if one[0] == 0 and abs(weight) > WHOLE]

    def _differences(self) -> list[tuple[Span, ...]]:
        """Return the days that are no delivery's own: runs of parts, and what two do not share."""
        runs = [
            (self.parts[a][0], self.parts[b][1])
            for a in range(len(self.parts))
            for b in range(a, len(self.parts))
            if all(x[1] == y[0] for x, y in pairwise(self.parts[a : b + 1]))
        ]
        found: list[tuple[Span, ...]] = [(one,) for one in runs if one not in self.spans]
        for longer in self.spans:
            for shorter in self.spans:
                if longer[0] < shorter[0] and shorter[1] < longer[1]:
                    found.append(((longer[0], shorter[0]), (shorter[1], longer[1])))
        return found

    def _leaves(self, level: str, value: str) -> list[tuple[str, str]]:
        if level in ("service", "group"):
            return [(level, value)] if (level, value) in self.places else []
        services = self.records.labels["service"]
        if level == "all":
            return [("service", one) for one in services]
        ambiti = self.records.register.services["ambito_name"].astype("str").fillna(UNSTATED)
        return [("service", one) for one in services if ambiti.get(one, UNSTATED) == value]

    def _row(self, spans: Sequence[Span], level: str, value: str) -> FloatArray:
        """Return which leaves and parts an amount is the sum of."""
        row = np.zeros((len(self.places), len(self.parts)))
        if (level, value) == ("group", ""):
            leaves = [one for one in self.places if one[0] == "group"]
        else:
            leaves = self._leaves(level, value)
        inside = [
            at for at, part in enumerate(self.parts) if any(is_inside(part, s) for s in spans)
        ]
        for one in leaves:
            row[self.places.index(one), inside] = 1.0
        return row.ravel()

    def _stays(self, spans: Sequence[Span], level: str, value: str) -> int:
        """Return on how many stays an amount of some days rests."""
        rows = np.unique(np.concatenate([self._rows(span) for span in spans]))
        if level == "all":
            return len(rows)
        label = self.records.labels[level].index(value)
        return int((self.records.codes["stays"][level][rows] == label).sum())

    def _rows(self, span: Span) -> np.ndarray:
        if span not in self._known:
            tallies = TALLIES[MEASURES[self.measure].rule](Window(self.records, *span))
            parts = next(one for one in tallies if one.measure == self.measure).parts
            own = [one.rows[one.numerator > 0] for one in parts if one.table == "stays"]
            self._known[span] = np.concatenate([*own, np.zeros(0, dtype=np.int64)])
        return self._known[span]


def _least(level: str, value: str, rules: Rules) -> int:
    names = {"service": "service_code", "group": "target_group"}
    return rules.least(((names[level], value),) if level in names else ())
