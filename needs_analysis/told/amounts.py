"""What places, nights, days and fees tell of guests: all that their readers know, for the audit.

An amount is told where the guests that it rests on are. What is left of it once all that is told is
taken away may still say how many a hidden count stands for: the audit holds every amount. Where a
hidden count cannot stand beside them, amounts are given up: fees before days, days before nights,
places last; of each the statements first, then by service, by ambito, of the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from needs_analysis.disclosure import TOTAL, Cell, CountTable, Fact, Key, Rules, audit
from needs_analysis.disclosure.audit import intervals
from needs_analysis.errors import OutputError
from needs_analysis.services.files.schema import ABSENCE_RULES, DAY_RULES, UNSTATED
from needs_analysis.services.measures.declaration import MEASURES, Rests
from needs_analysis.services.measures.monitoring import Monitoring

AMBITO = "ambito:"
"""Before the name of an ambito among the codes of services."""
KINDS: Mapping[str, tuple[str, ...]] = {
    kind: tuple(
        one.name
        for one in MEASURES.values()
        if isinstance(one.told, Rests) and kind in one.told.amounts
    )
    for kind in ("fees", "days", "nights", "places")
}
"""Measures that tell of one thing, in the order in which they are given up."""
AMOUNTS = frozenset(measure for own in KINDS.values() for measure in own)
_USABLE = ("places_occupied", "places_ready", "places_reserved")
_SUMS = ("bed_nights", "paid_days", "absence_days", "available_place_nights")
_HALF_CENT = 0.005
_STAYS = "stays"
"""What amounts bear on: see :meth:`Amounts._rules`."""
_FEES_MIN = 3


@dataclass(frozen=True, eq=False)
class Amounts:
    """Which amounts of a monitoring are told, and what is known from them.

    Parameters
    ----------
    run : Monitoring
        All that was counted.
    counted : set of (level, value)
        The units whose guests are told: all stays, who is present, who left.
    stays : set of (level, value)
        Those of which at least all stays are told.
    counts : mapping of Cell to int
        All stays by service and outcome.
    rules : Rules
        Under which counts are hidden.
    billed : DataFrame or None
        The statement as it may be told; None where none of it is.
    given_up : dict
        By kind and ambito ("" for the network), from which step on: see :meth:`tells`.
    """

    run: Monitoring
    counted: frozenset[tuple[str, str]]
    stays: frozenset[tuple[str, str]]
    counts: Mapping[Cell, int | None]
    rules: Rules
    billed: pd.DataFrame | None
    given_up: dict[tuple[str, str], int] = field(default_factory=dict)

    def tells(self, measure: str, level: str, value: str) -> bool:
        """Say whether an amount of a unit is told; of target groups only nights are.

        What conventions pay for a group would tell, by the terms of each, in which service it is.
        Nights and days of an ambito or the network need no more than its stays; places bind those who
        are present.
        """
        kinds = [kind for kind, own in KINDS.items() if measure in own]
        wide = level in ("all", "ambito") and "places" not in kinds
        if (level, value) not in (self.stays if wide else self.counted):
            return False
        if level == "group":
            return kinds == ["nights"]
        if level == "all":
            return all(self._step(kind, "") < 2 for kind in kinds)
        of = self.ambito[value] if level == "service" else value
        return all(self._step(kind, of) < (1 if level == "service" else 2) for kind in kinds)

    @property
    def tells_fees_of_senders(self) -> bool:
        """Whether the fees due by each sending municipality are told, month by month."""
        services = self.run.records.register.services.index
        kinds = len({self._fees.get(str(code)) for code in services})
        # Days and euro are two equations: two fees would tell the days of each.
        several = kinds == 1 or kinds >= _FEES_MIN
        return several and self.tells("fees_due_eur", "all", "") and not self._step("fees", "")

    def _step(self, kind: str, ambito: str) -> int:
        return self.given_up.get((kind, ambito), 0)

    # --- what stands beside the counts -----------------------------------------------------

    def settle(self, tables: Sequence[CountTable], few: Sequence[CountTable]) -> None:
        """Give up amounts until the hidden counts of tables stand beside those left, and audit all.

        What was given up by kind and ambito at once is told again, one by one, where the audit still
        bears it.

        Parameters
        ----------
        tables : sequence of CountTable
            All that are published.
        few : sequence of CountTable
            Those that amounts bear on most, looked at first: that takes no time.

        Raises
        ------
        OutputError
            Counts can be worked out without any amount.
        """
        # No amount bears on what counts no stays.
        beside = [one for one in tables if one.measure == _STAYS]
        audit([one for one in tables if one.measure != _STAYS], self.rules)
        if self._stands(beside):
            return
        for kind, scope, step in self._moves():
            failing = self._failing(few)
            if not failing:
                break
            for ambito in self._scope(scope, failing):
                self.given_up[kind, ambito] = step
        for kind, scope, step in self._moves():
            if self._stands(beside):
                break
            for ambito in self._scope(scope, set(self.ambito)):
                self.given_up[kind, ambito] = max(step, self._step(kind, ambito))
        else:
            audit(beside, self.rules, self.facts(), self.spans())
        self._tell_again(beside, few)

    def _stands(self, tables: Sequence[CountTable]) -> bool:
        try:
            audit(tables, self.rules, self.facts(), self.spans())
        except OutputError:
            return False
        return True

    def _tell_again(self, tables: Sequence[CountTable], few: Sequence[CountTable]) -> None:
        """Tell again what need not be given up any more, the last given up first."""
        for key, step in reversed(list(self.given_up.items())):
            for less in range(step):
                self.given_up[key] = less
                if not self._failing(few) and self._stands(tables):
                    break
                self.given_up[key] = step

    def _moves(self) -> Iterator[tuple[str, str, int]]:
        for kind in KINDS:
            if kind == "fees":
                yield kind, "network", 1
            # Another ambito's amounts may be what gives a count away.
            for scope in ("failing", "every"):
                yield from ((kind, scope, 1), (kind, scope, 2))
            yield kind, "network", 2

    def _scope(self, scope: str, failing: set[str]) -> list[str]:
        return {"failing": sorted(failing), "every": sorted(set(self.ambito))}.get(scope, [""])

    def _failing(self, tables: Sequence[CountTable]) -> set[str]:
        """Return the ambiti where a count or amount is known too well; all where it is none's."""
        found = intervals(tables, self.rules, self.facts(), self.spans())
        names = [dict(found.cells[at]).get("service_code", "") for at in found.failing]
        names += [name.partition(":")[2] for name in found.amounts]
        ambiti: set[str] = set()
        for name in names:
            if name.startswith(AMBITO):
                ambiti.add(name.removeprefix(AMBITO))
            else:
                ambiti |= {self.ambito[name]} if name in self.ambito.index else set(self.ambito)
        return ambiti

    # --- what readers know -----------------------------------------------------------------

    @cached_property
    def ambito(self) -> pd.Series:
        """The ambito of each service."""
        services = self.run.records.register.services
        named = services["ambito_name"].astype("str").fillna(UNSTATED)
        return named.set_axis(services.index.astype(str))

    @cached_property
    def _true(self) -> dict[str, dict[str, float]]:
        """Every amount of each service by measure, told or not; NaN where it has none."""
        measures = self.run.measures
        own = measures[(measures["level"] == "service") & measures["measure"].isin(AMOUNTS)]
        table = own.set_index(["measure", "level_value"])["numerator"]
        found = {
            measure: {code: float(table.get((measure, code), 0.0)) for code in self.ambito.index}
            for measure in sorted(AMOUNTS)
        }
        found["usable"] = {
            code: sum(found[name][code] for name in _USABLE) for code in self.ambito.index
        }
        return found

    def _total(self, measure: str, codes: Sequence[str]) -> float:
        return float(np.nansum([self._true[measure][code] for code in codes]))

    def _has(self, measure: str, code: str) -> bool:
        return not np.isnan(self._true[measure][code])

    def _stays(self, code: str, *outcome: str) -> float:
        named = [("outcome", one) for one in outcome]
        return float(self.counts.get((*named, ("service_code", code))) or 0)

    @cached_property
    def _fees(self) -> dict[str, float]:
        """The fee of each service that states one."""
        services = self.run.records.register.services
        free = services["zero_fee"].astype("boolean").fillna(False).to_numpy(dtype=bool)
        fee = services["daily_fee_eur"].astype(float).mask(free, 0.0)
        return {str(code): float(one) for code, one in fee.items() if not np.isnan(one)}

    @property
    def _hidden(self) -> list[str]:
        """Return the services some of whose guests are not told, though there are some."""
        return [
            code
            for code in self.ambito.index
            if self._stays(code) and ("service", code) not in self.counted
        ]

    def spans(self) -> dict[str, float]:
        """Return how well days of hidden guests may be known: not to within a whole period, or all."""
        days = float(self.run.period.days)
        return {
            f"{measure}:{code}": min(days, self._true[measure][code])
            for measure in ("bed_nights", "paid_days")
            for code in self._hidden
            if self._true[measure][code] > 0
        }

    def facts(self) -> list[Fact]:
        """Return the amounts told and the rules that bind them to guests."""
        found = [fact for code in self.ambito.index for fact in self._rules(code)]
        for level, value, codes in self._units():
            found += self._told(level, value, codes)
        if self.tells_fees_of_senders and self.billed is not None:
            found += self._of_senders(self.billed)
        return found

    def _units(self) -> Iterator[tuple[str, str, list[str]]]:
        every = [str(code) for code in self.ambito.index]
        yield "all", "", every
        yield from (("service", code, [code]) for code in every)
        for name in sorted(set(self.ambito)):
            yield "ambito", name, [code for code in every if self.ambito[code] == name]

    def _told(self, level: str, value: str, codes: list[str]) -> Iterator[Fact]:
        """Yield what is told of a unit: each amount as the sum of its services'."""
        for measure in _SUMS:
            if self.tells(measure, level, value):
                yield from self._sum(measure, codes)
        if self.tells("guests_per_educator", level, value):
            staff = self.run.records.register.services["educators"].notna()
            stated = [code for code in codes if staff[code]]
            yield from self._sum("bed_nights", stated)
        if self.tells("places_ready", level, value):
            yield from self._sum("usable", codes)
        if self.tells("fees_due_eur", level, value):
            paid: dict[Key, float] = {
                f"paid_days:{code}": self._fees[code]
                for code in codes
                if code in self._fees and self._has("paid_days", code)
            }
            due = self._total("fees_due_eur", codes)
            lines = self.run.fees.loc[self.run.fees["service_code"].isin(codes), "stays"].sum()
            # An amount a month and stay is rounded to the cent.
            near = _HALF_CENT * (float(lines) + 1)
            yield from self._known(paid, due - near, due + near)

    def _sum(self, measure: str, codes: Sequence[str]) -> Iterator[Fact]:
        total = self._total(measure, codes)
        parts: dict[Key, float] = {
            f"{measure}:{code}": 1.0 for code in codes if self._has(measure, code)
        }
        yield from self._known(parts, total, total)

    def _known(self, terms: Mapping[Key, float], low: float, high: float) -> Iterator[Fact]:
        """Yield a sum of amounts between two bounds; nothing where there is none or it is not told."""
        if any(terms.values()) and low <= high:
            yield Fact(dict(terms), low, high)

    def _rules(self, code: str) -> Iterator[Fact]:
        """Yield what readers know without being told: the rules of the measures, for one service.

        A rule that the data do not keep (a guest in two places, a night outside a place's days) is
        widened until they do.
        """
        days = float(self.run.period.days)
        present = ("stays", (("outcome", "present"), ("service_code", code)))
        left = ("stays", (("outcome", "exit"), ("service_code", code)))
        nights, paid, away, there, usable = (f"{name}:{code}" for name in (*_SUMS, "usable"))
        whole: float = np.inf
        rules: list[tuple[dict[Key, float], float, float]] = [
            # Who is present has slept the last night, who left has not.
            ({nights: 1, present: -1}, 0, whole),
            ({nights: -1, present: days, left: days - 1}, 0, whole),
            ({nights: 1, left: 1, away: -1}, 0, whole),
            # No more guests than places on any night: least of all on the last one.
            ({usable: 1, present: -1}, 0, whole),
            ({there: 1, nights: -1, usable: -1, present: 1}, 0, whole),
        ]
        service = self.run.records.register.services.loc[code]
        counted = DAY_RULES.get(str(service["day_rule"]))
        absent = ABSENCE_RULES.get(str(service["absence_rule"]))
        if counted is not None and absent is not None:
            # Beyond the nights a day is paid for each guest who leaves where that of exit counts;
            # for some of them it stands for the day of entry.
            terms: dict[Key, float] = {paid: 1, nights: -1, away: 1 - absent.halves / 2}
            rules.append((terms | {left: -float(counted.exit)}, 0 if counted.entry else -whole, 0))
        for terms, low, high in rules:
            value = sum(by * self._truth(key) for key, by in terms.items())
            if not np.isnan(value):  # an amount that the service does not have is bound by nothing
                yield Fact(terms, min(low, value), max(high, value))

    def _truth(self, key: Key) -> float:
        if not isinstance(key, str):
            return float(self.counts[key[1]] or 0)
        measure, _, code = key.partition(":")
        return self._true[measure][code]

    def _of_senders(self, billed: pd.DataFrame) -> Iterator[Fact]:
        """Yield the days and fees of each line of the statement, as sums over the services."""
        keys = ["month", "sending_municipality_code"]
        inner = billed[(billed[keys] != TOTAL).all(axis=1)]
        codes = [str(code) for code in self.ambito.index if self._has("paid_days", str(code))]
        names = [f"{row.month}|{row.sending_municipality_code}" for row in inner.itertuples()]
        for code in codes:
            parts: dict[Key, float] = {f"paid_days:{code}|{name}": 1.0 for name in names}
            yield Fact(parts | {f"paid_days:{code}": -1.0}, 0, 0)
        for row in billed.dropna(subset="count").to_dict("records"):
            within = [
                name
                for name, one in zip(names, inner.to_dict("records"), strict=True)
                if all(row[key] in (TOTAL, one[key]) for key in keys)
            ]
            paid: dict[Key, float] = {
                f"paid_days:{code}|{name}": 1.0 for code in codes for name in within
            }
            yield from self._known(paid, row["paid_days"], row["paid_days"])
            if row["unstated"] > 0:
                continue
            due: dict[Key, float] = {
                f"paid_days:{code}|{name}": self._fees.get(code, 0.0)
                for code in codes
                for name in within
            }
            near = _HALF_CENT * (row["count"] + 1)
            yield from self._known(due, row["due_eur"] - near, row["due_eur"] + near)
