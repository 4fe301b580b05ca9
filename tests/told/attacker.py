"""A reader who wants to know what a delivery hides: every number told, the rules, whole numbers.

It shares no code with what hides: nothing of `needs_analysis` is imported here (a test reads this file).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix, vstack

TOTAL = "all"
SLACK = 1e-6


@dataclass
class Unknowns:
    """Columns and rows of what is not known, and how far each sum of them can go."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    names: dict = field(default_factory=dict)
    rows: list = field(default_factory=list)
    solutions: list = field(default_factory=list)
    written: tuple | None = None

    def column(self, name, *, whole=True, high=np.inf):
        if name not in self.names:
            self.names[name] = len(self.low)
            self.low.append(0.0)
            self.high.append(high)
            self.whole.append(whole)
        return self.names[name]

    def sum_of(self, terms, low, high):
        """Note that a sum of columns lies between two numbers."""
        self.rows.append((dict(terms), float(low), float(high)))

    def solve(self, terms, *, at_least=None, relaxed=False):
        """Return the columns with the smallest sum of terms, or any with a sum that is enough."""
        width = len(self.low)
        cost = np.zeros(width)
        matrix, ends = self._matrix()
        if at_least is None:
            for at, by in terms.items():
                cost[at] += by
        else:
            more = csr_matrix((list(terms.values()), ([0] * len(terms), list(terms))), (1, width))
            matrix = vstack([matrix, more], format="csr")
            ends = np.vstack([ends, (at_least, np.inf)])
        found = milp(
            cost,
            integrality=np.zeros(width) if relaxed else np.array(self.whole, dtype=int),
            bounds=Bounds(self.low, self.high),
            constraints=LinearConstraint(matrix, *ends.T),
            options={"time_limit": 20.0},
        )
        if found.x is None:
            assert found.status == 2, found.message  # infeasible, and nothing else
            return None
        if not relaxed:
            self.solutions.append(found.x)
        return found.x

    def _matrix(self):
        """Return all rows at once, written anew only when there are more."""
        if self.written is None or self.written[0].shape != (len(self.rows), len(self.low)):
            at = [
                (row, column, by)
                for row, (own, _, _) in enumerate(self.rows)
                for column, by in own.items()
            ]
            i, j, by = zip(*at, strict=True)
            matrix = csr_matrix((by, (i, j)), (len(self.rows), len(self.low)))
            self.written = matrix, np.array([(low, high) for _, low, high in self.rows])
        return self.written

    def seen(self, terms):
        """Return the smallest and largest sum in the solutions met."""
        at, by = list(terms), np.array(list(terms.values()))
        values = [float(by @ x[at]) for x in self.solutions]
        return round(min(values)), round(max(values))

    def betrayed(self, terms, least):
        """Say between which numbers a hidden count is known, None where it is hidden well enough."""
        low, high = self.seen(terms)
        if high >= least and high > low:
            return None
        if self.solve(terms, at_least=max(least, low + 1)) is not None:
            low, high = self.seen(terms)
        if high >= least and high > low:
            return None
        for sign in (1, -1):
            self.solve({at: sign * by for at, by in terms.items()})
        low, high = self.seen(terms)
        enough = high - low >= least or (high >= least and high > low)
        return None if enough else (low, high)


# ---------------------------------------------------------------- tables of counts


@dataclass
class Counted:
    """Tables of one thing counted, as published, over the leaves of their dimensions."""

    unknowns: Unknowns
    tables: list
    sensitive: dict
    name: str = ""

    def __post_init__(self):
        self.parents, seen = {}, {}
        for table in self.tables:
            for one, above in table.hierarchies.items():
                self.parents.setdefault(one, {}).update(above)
            for one in table.dimensions:
                seen.setdefault(one, set()).update(set(table.frame[one].astype(str)) - {TOTAL})
        self.leaves = {
            one: sorted(
                (values | set(self.parents.get(one, {}))) - set(self.parents.get(one, {}).values())
            )
            for one, values in seen.items()
        }
        self.cliques = self._cliques()
        for clique in self.cliques:
            for leaf in product(*(self.leaves[one] for one in clique)):
                self.unknowns.column((self.name, clique, leaf))
        for one, other in combinations(self.cliques, 2):
            common = tuple(d for d in one if d in other)
            for values in product(*(self.leaves[d] for d in common)):
                where = dict(zip(common, values, strict=True))
                terms = self.terms(where, one)
                for at, by in self.terms(where, other).items():
                    terms[at] = terms.get(at, 0) - by
                self.unknowns.sum_of(terms, 0, 0)
        self.hidden = {}
        known = {}
        for table in self.tables:
            for where, count in self.cells(table):
                key = tuple(sorted(where.items()))
                if count is None:
                    self.hidden[key] = where
                else:
                    assert known.setdefault(key, count) == count
        for key in set(self.hidden) & set(known):
            del self.hidden[key]
        for key, count in known.items():
            self.unknowns.sum_of(self.terms(dict(key)), count, count)
        for where in self.hidden.values():
            # The rules are known: a zero is hidden only where it would tell one of a sensitive group.
            if not self._tells_of_sensitive(where):
                self.unknowns.sum_of(self.terms(where), 1, np.inf)

    def _cliques(self):
        """Return the crossings of the tables, those of three tables that go round as one."""
        crossed = {tuple(sorted(table.dimensions)) for table in self.tables}
        while True:
            pairs = {frozenset(p) for one in crossed for p in combinations(one, 2)}
            names = sorted({d for pair in pairs for d in pair})
            round_ = [
                trio
                for trio in combinations(names, 3)
                if all(frozenset(p) in pairs for p in combinations(trio, 2))
                and not any(set(trio) <= set(one) for one in crossed)
            ]
            if not round_:
                break
            crossed.add(round_[0])
        return sorted(one for one in crossed if not any(set(one) < set(o) for o in crossed))

    def cells(self, table):
        for row in table.frame.to_dict("records"):
            where = {d: str(row[d]) for d in table.dimensions if str(row[d]) != TOTAL}
            yield where, None if pd.isna(row["count"]) else int(row["count"])

    def under(self, dimension, value):
        """Return the leaves of a value."""
        parents = self.parents.get(dimension, {})
        found = []
        for leaf in self.leaves[dimension]:
            at = leaf
            while at != value and at in parents:
                at = parents[at]
            if at == value:
                found.append(leaf)
        return found

    def terms(self, where, clique=None):
        """Write a cell as a sum of columns."""
        clique = clique or next(c for c in self.cliques if set(where) <= set(c))
        within = [self.under(d, where[d]) if d in where else self.leaves[d] for d in clique]
        return {self.unknowns.names[self.name, clique, leaf]: 1.0 for leaf in product(*within)}

    def is_sensitive(self, where):
        return any(value in self.sensitive.get(d, ()) for d, value in where.items())

    def _tells_of_sensitive(self, where):
        return any(
            set(self.under(d, one)) & set(self.under(d, where[d]) if d in where else self.leaves[d])
            for d in self.leaves
            for one in self.sensitive.get(d, ())
            if one in self.leaves[d] or one in self.parents.get(d, {}).values()
        )

    def shares(self):
        """Use every share of two counts that is told, up to its rounding."""
        for table in self.tables:
            half = 0.5 * 10.0**-table.share_decimals + SLACK
            for column, over in table.shares.items():
                for row in table.frame.to_dict("records"):
                    if pd.isna(row[column]):
                        continue
                    where = {d: str(row[d]) for d in table.dimensions if str(row[d]) != TOTAL}
                    whole = self.terms({d: v for d, v in where.items() if d != over})
                    part = self.terms(where)
                    for sign in (1, -1):
                        terms = {at: sign * by for at, by in part.items()}
                        for at, by in whole.items():
                            share = float(row[column]) - sign * half
                            terms[at] = terms.get(at, 0) - sign * share * by
                        self.unknowns.sum_of(terms, 0, np.inf)


def betrayed(tables, thresholds, sensitive=None):
    """Return the hidden cells of published tables that are known too well, with their bounds."""
    unknowns = Unknowns()
    counted = Counted(unknowns, list(tables), sensitive or {"target_group": {"violence"}})
    counted.shares()
    return betrayed_cells(unknowns, [counted], thresholds)


def betrayed_cells(unknowns, all_counted, thresholds):
    """Return what is known too well of the hidden cells of several things counted."""
    assert unknowns.solve({}, at_least=-1) is not None, "the numbers told contradict each other"
    found = {}
    for counted in all_counted:
        for key, where in counted.hidden.items():
            bounds = unknowns.betrayed(
                counted.terms(where), thresholds[counted.is_sensitive(where)]
            )
            if bounds:
                found[counted.name, key] = bounds
    return found


# ---------------------------------------------------------------- a delivery on services

AMBITO = "ambito:"
EXTRA = {"nights": (0, 0), "entry_only": (0, 0), "entry_and_exit": (1, 1), "exit_only": (0, 1)}
UNPAID = {"paid": 0.0, "half": 0.5, "unpaid": 1.0}
PRESENT, GONE = {"outcome": "present"}, {"outcome": "exit"}


@dataclass
class Delivery:
    """All that is told of a network of services: tables, figures, months, statement, conventions.

    `figures` has measure, level, level_value, numerator, denominator and value, NaN where hidden;
    `months` the places of the network by state at the end of each month; `statement` month, sender,
    count, paid_days and due_eur; `services` ambito, fee, day_rule, absence_rule and groups by code,
    public or known to who has worked there; `by_group` the usable and the ready places open to each
    group on the last day; `days` those of the period.
    """

    tables: list
    figures: pd.DataFrame
    months: pd.DataFrame
    statement: pd.DataFrame
    services: pd.DataFrame
    by_group: pd.DataFrame
    days: int
    thresholds: dict
    sensitive: dict

    def __post_init__(self):
        keys = self.figures[["measure", "level", "level_value"]].itertuples(index=False, name=None)
        self.rows = dict(zip(keys, self.figures.to_dict("records"), strict=True))
        self.unknowns = Unknowns()
        counted = [table for table in self.tables if table.measure == "stays"]
        self.stays = Counted(self.unknowns, counted, self.sensitive, "stays")
        self.codes = [str(code) for code in self.services.index]
        self._of_services()
        self._of_units()
        self._of_places()
        self._of_months()
        self._of_senders()

    def value(self, measure, level="all", unit="", part="value"):
        row = self.rows.get((measure, level, unit), {})
        found = row.get(part, np.nan)
        return None if pd.isna(found) or pd.isna(row["value"]) else float(found)

    def at(self, name, code):
        return self.unknowns.column((name, code), whole=name not in ("paid",))

    def persons(self, where, code):
        return self.stays.terms({**where, "service_code": code})

    def fact(self, low, high, *sums):
        """Note a sum of sums, each with what it is multiplied by."""
        terms = {}
        for by, own in sums:
            for column, times in own.items():
                terms[column] = terms.get(column, 0) + by * times
        self.unknowns.sum_of(terms, low, high)

    def _of_services(self):
        days = self.days
        for code in self.codes:
            nights, away, paid, usable, there = (
                {self.at(name, code): 1.0} for name in ("nights", "away", "paid", "usable", "there")
            )
            present, gone = self.persons(PRESENT, code), self.persons(GONE, code)
            self.fact(0, np.inf, (1, nights), (-1, present))
            self.fact(0, np.inf, (days, present), (days - 1, gone), (-1, nights))
            self.fact(0, np.inf, (1, nights), (1, gone), (-1, away))
            # Who left stayed a night at least, and all the nights here that were not of the present.
            stayed = {self.at("stayed", code): 1.0}
            self.fact(0, np.inf, (1, stayed), (-1, gone))
            self.fact(0, np.inf, (1, stayed), (days, present), (-1, nights))
            # Present are no more than places, on the last day and on all others.
            self.fact(0, np.inf, (1, usable), (-1, present))
            self.fact(0, np.inf, (1, there), (-1, nights), (-1, usable), (1, present))
            rule = self.services.loc[code]
            fewest, most = EXTRA[rule["day_rule"]]
            self.fact(
                -np.inf if fewest != most else 0, 0,
                (1, paid), (-1, nights), (-most, gone), (UNPAID[rule["absence_rule"]], away),
            )  # fmt: skip

    def _of_units(self):
        units = [("all", "", self.codes), *(("service", one, [one]) for one in self.codes)]
        units += [
            ("ambito", one, [c for c in self.codes if self.services.loc[c, "ambito"] == one])
            for one in sorted(set(self.services["ambito"]))
        ]
        for level, unit, codes in units:
            for measure, name in (
                ("bed_nights", "nights"),
                ("paid_days", "paid"),
                ("absence_days", "away"),
                ("available_place_nights", "there"),
            ):
                told = self.value(measure, level, unit)
                if told is not None:
                    self._sums(name, codes, told, told)
            share, there = (
                self.value("occupancy_share", level, unit, p) for p in ("value", "denominator")
            )
            if there is not None:
                self._sums("there", codes, there, there)
                self._sums("nights", codes, share * there - 1e-4, share * there + 1e-4)
            usable = [
                self.value(f"places_{one}", level, unit)
                for one in ("occupied", "ready", "reserved")
            ]
            if None not in usable:
                self._sums("usable", codes, sum(usable), sum(usable))
                self._sums("ready", codes, usable[1], usable[1])
            due = self.value("fees_due_eur", level, unit)
            if due is not None:
                near = 0.005 * 12 * 200
                terms = {self.at("paid", c): float(self.services.loc[c, "fee"]) for c in codes}
                self.unknowns.sum_of(terms, due - near, due + near)
            per_year, left = (
                self.value("turnover_per_year", level, unit),
                self.value("exits", level, unit),
            )
            mean = self.value("stay_mean_days", level, unit)
            if mean and left:
                self._sums("stayed", codes, mean * left - 1e-3, mean * left + 1e-3)
            if per_year and left:
                there = 365 * left / per_year
                self._sums("there", codes, there - 1e-3, there + 1e-3)
        self._of_groups()

    def _of_places(self):
        """Note which places of each service are taken: as many as guests, where all sleep alone."""
        states = {name: self.value(f"places_{name}") for name in ("occupied", "ready", "reserved")}
        alone = states["occupied"] == self.value("present_at_end") and states["reserved"] == 0
        for code in self.codes:
            usable, ready = ({self.at(name, code): 1.0} for name in ("usable", "ready"))
            free = 0 if alone and None not in states.values() else np.inf
            self.fact(0, free, (1, usable), (-1, ready), (-1, self.persons(PRESENT, code)))
        for group, row in self.by_group.iterrows():
            codes = [c for c in self.codes if group in self.services.loc[c, "groups"].split(";")]
            for name in ("usable", "ready"):
                if not pd.isna(row[name]):
                    self._sums(name, codes, row[name], row[name])

    def _of_groups(self):
        for one in self.stays.leaves.get("target_group", ()):
            nights = self.value("bed_nights", "group", one)
            if nights is not None:
                present = self.stays.terms({**PRESENT, "target_group": one})
                gone = self.stays.terms({**GONE, "target_group": one})
                self.fact(-np.inf, nights, (1, present))
                self.fact(nights, np.inf, (self.days, present), (self.days - 1, gone))

    def _sums(self, name, codes, low, high):
        self.unknowns.sum_of({self.at(name, code): 1.0 for code in codes}, low, high)

    def _of_months(self):
        """Note who is present at the end of each month, who comes and goes between."""
        states = ["occupied", "ready", "reserved"]
        self.month_ends = {}
        before = self.unknowns.column(("month", "start"))
        come, gone = {}, {}
        for month, row in self.months.iterrows():
            here, entered, left = (
                self.unknowns.column((name, month)) for name in ("month", "entered", "left")
            )
            self.unknowns.sum_of({here: 1.0, before: -1.0, entered: -1.0, left: 1.0}, 0, 0)
            come[entered] = gone[left] = 1.0
            if pd.isna(row["occupied"]):
                self.month_ends[month] = {here: 1.0}
                self.unknowns.sum_of({here: 1.0}, 1, np.inf)
            else:
                self.unknowns.sum_of({here: 1.0}, row["occupied"], row["occupied"])
                assert sum(row[states]) >= row["occupied"]
            before = here
        self.fact(0, 0, (1, gone), (-1, self.stays.terms(GONE)))
        self.fact(0, 0, (1, {before: 1.0}), (-1, self.stays.terms(PRESENT)))
        begun = self.stays.terms({"begun": "entered"})
        self.fact(0, 0, (1, come), (-1, begun))

    def _of_senders(self):
        """Split the days of each service by month and sender, as the statement has them."""
        told = self.statement.dropna(subset=["count"])
        inner = self.statement[(self.statement[["month", "sender"]] != TOTAL).all(axis=1)]
        inner = list(inner[["month", "sender"]].itertuples(index=False, name=None))
        if told["paid_days"].isna().all():
            return
        for code in self.codes:
            parts = {self.at("paid", (code, key)): 1.0 for key in inner}
            for column in parts:
                self.unknowns.whole[column] = False
            self.fact(0, 0, (1, parts), (-1, {self.at("paid", code): 1.0}))
        for row in told.to_dict("records"):
            within = [
                key
                for key in inner
                if row["month"] in (TOTAL, key[0]) and row["sender"] in (TOTAL, key[1])
            ]
            for name, by in (
                ("paid_days", dict.fromkeys(self.codes, 1.0)),
                ("due_eur", self.services["fee"]),
            ):
                if pd.isna(row[name]):
                    continue
                terms = {
                    self.at("paid", (c, key)): float(by[c]) for c in self.codes for key in within
                }
                near = 0.005 * (row["count"] + 1) if name == "due_eur" else 0
                self.unknowns.sum_of(terms, row[name] - near, row[name] + near)
        for column, (name, *_) in zip(
            range(len(self.unknowns.low)), self.unknowns.names, strict=True
        ):
            if isinstance(name, str) and name == "paid":
                self.unknowns.whole[column] = False

    def betrayed(self):
        """Return what is known too well: hidden counts, months, and days of hidden guests."""
        found = betrayed_cells(self.unknowns, [self.stays], self.thresholds)
        for month, terms in self.month_ends.items():
            bounds = self.unknowns.betrayed(terms, self.thresholds[False])
            # That many were present is no secret where it is no small number.
            if bounds and bounds[0] < self.thresholds[False]:
                found["month", month] = bounds
        for code in self.codes:
            if any(self._hides(where, code) for where in ({}, PRESENT, GONE)):
                for name in ("nights", "paid"):
                    low, high = (
                        self.unknowns.solve({self.at(name, code): sign}, relaxed=True)
                        for sign in (1.0, -1.0)
                    )
                    ends = low[self.at(name, code)], high[self.at(name, code)]
                    if ends[1] - ends[0] < 1:
                        found[name, code] = tuple(round(one, 2) for one in ends)
        for measure in {table.measure for table in self.tables} - {"stays"}:
            own = [table for table in self.tables if table.measure == measure]
            found |= {
                (measure, key): bounds
                for (_, key), bounds in betrayed(own, self.thresholds, self.sensitive).items()
            }
        return found

    def _hides(self, where, code):
        return tuple(sorted({**where, "service_code": code}.items())) in self.stays.hidden


# ---------------------------------------------------------------- the fewest cells


def fewest(table, thresholds, below):
    """Return the fewest cells of one table that hide its small counts, all subsets tried.

    Of a table with all its counts; only subsets smaller than `below` are tried. Every count within a
    margin, and of a table of two dimensions at most, so that whole numbers fill every interval.
    """
    sums = Sums(table, thresholds)
    own = [at for at in range(len(sums.keys)) if sums.is_small(at)]
    free = [at for at in range(len(sums.keys)) if at not in own and sums.may_be_hidden(at)]
    for more in range(below - len(own)):
        if any(sums.hide(own + list(chosen)) for chosen in combinations(free, more)):
            return len(own) + more
    return below


class Sums:
    """The cells of a table, the sums between them, and what a choice of hidden ones lets be known."""

    def __init__(self, table, thresholds):
        frame = table.frame
        self.keys = [tuple(row) for row in frame[list(table.dimensions)].astype(str).to_numpy()]
        self.counts = frame["count"].to_numpy(dtype=float)
        at = {key: place for place, key in enumerate(self.keys)}
        self.sums = [
            (
                whole,
                [i for key, i in at.items() if key[d] != TOTAL and _but(key, d) == _but(own, d)],
            )
            for own, whole in at.items()
            for d in range(len(own))
            if own[d] == TOTAL
        ]
        self.matrix = np.zeros((len(self.sums), len(self.keys)))
        for row, (whole, parts) in enumerate(self.sums):
            self.matrix[row, whole], self.matrix[row, parts] = -1, 1
        sensitive = ["violence" in key for key in self.keys]
        self.least = np.array([thresholds[one] for one in sensitive])
        group = list(table.dimensions).index("target_group")
        there = any(sensitive)
        self.zero = [there and key[group] in ("violence", TOTAL) for key in self.keys]
        self.sensitive = sensitive

    def is_small(self, at):
        return self.counts[at] < self.least[at] and (self.counts[at] > 0 or self.sensitive[at])

    def may_be_hidden(self, at):
        return self.counts[at] > 0 or self.zero[at]

    def hide(self, cells):
        """Say whether no small count of these is known too well once they are hidden."""
        chosen = set(cells)
        if any(sum(at in chosen for at in (whole, *parts)) == 1 for whole, parts in self.sums):
            return False
        hidden = sorted(chosen)
        shown = [at for at in range(len(self.keys)) if at not in chosen]
        sides = -self.matrix[:, shown] @ self.counts[shown]
        bounds = [(0 if self.zero[at] else 1, None) for at in hidden]

        def end(place, sign):
            cost = np.zeros(len(hidden))
            cost[place] = sign
            found = linprog(cost, A_eq=self.matrix[:, hidden], b_eq=sides, bounds=bounds)
            return sign * np.inf * -1 if found.status == 3 else sign * found.fun

        for place in sorted(range(len(hidden)), key=lambda p: self.counts[hidden[p]]):
            most = end(place, -1.0)
            if most < self.least[hidden[place]] - SLACK:
                return False
            if most < np.inf and most - end(place, 1.0) < 1 - SLACK:
                return False
        return True


def _but(key, dimension):
    return key[:dimension] + key[dimension + 1 :]
