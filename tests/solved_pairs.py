"""Models of the user's and solutions of ours in one process, in every order; run by test_solving.

Each pair is a process forked from one in which nothing was ever solved: what HiGHS settles, it settles
in the pair. Written to the file named: by pair, what the user's model and ours answered.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
import pulp
from highspy import Highs, HighsVarType
from scipy.optimize import LinearConstraint, milp
from spopt.locate import MCLP, PMedian  # noqa: F401 - imported before the forks

from needs_analysis import disclosure, solving
from needs_analysis.composite.benefit import benefit_of_doubt
from needs_analysis.disclosure import Rules
from needs_analysis.services.siting import sites as siting

ITEMS = list(range(12))
WORTH = [41, 50, 49, 59, 45, 47, 42, 44, 52, 39, 57, 48]
SIZE = [20, 27, 26, 31, 22, 25, 21, 23, 28, 19, 30, 24]
ROOM = 131


# ---------------------------------------------------------------- of the user


def by_highspy(threads: int | None) -> list[object]:
    model = Highs()
    model.setOptionValue("output_flag", False)
    if threads is not None:
        model.setOptionValue("threads", threads)
    for item in ITEMS:
        model.addVar(0, 1)
        model.changeColCost(item, -WORTH[item])
        model.changeColIntegrality(item, HighsVarType.kInteger)
    model.addRow(-np.inf, ROOM, len(ITEMS), np.array(ITEMS, np.int32), np.array(SIZE, float))
    ran = model.run()
    found = np.round(model.getSolution().col_value).tolist()
    return [ran.name, model.getModelStatus().name, model.getObjectiveValue(), found]


def by_pulp(threads: int | None) -> list[object]:
    problem = pulp.LpProblem("bag", pulp.LpMaximize)
    taken = [pulp.LpVariable(f"take_{item}", cat="Binary") for item in ITEMS]
    problem += pulp.lpDot(WORTH, taken)
    problem += pulp.lpDot(SIZE, taken) <= ROOM
    status = problem.solve(pulp.HiGHS(msg=False, threads=threads))
    found = [round(one.value()) for one in taken]
    return [pulp.LpStatus[status], problem.objective.value(), found]


def by_scipy() -> list[object]:
    bag = LinearConstraint([SIZE], ub=ROOM)
    found = milp(-np.array(WORTH), integrality=1, bounds=(0, 1), constraints=bag)
    return [found.status, found.fun, np.round(found.x).tolist()]


USERS: dict[str, Callable[[], object]] = {"scipy": by_scipy} | {
    f"{name} {'default' if threads is None else threads}": partial(by, threads)
    for name, by in (("highspy", by_highspy), ("pulp", by_pulp))
    for threads in (None, 1, 2, 4)
}


# ---------------------------------------------------------------- ours


def _need() -> tuple[pd.Series, pd.DataFrame]:
    random = np.random.default_rng(3)
    units = [f"u{n:02}" for n in range(9)]
    distances = pd.DataFrame(random.uniform(0, 50, (9, 7)).round(1), units, list("abcdefg"))
    return pd.Series(random.integers(1, 20, 9).astype(float), units), distances


def _open_question() -> tuple[pd.Series, pd.DataFrame]:
    """Distances whose median the bound leaves open: the programme decides."""
    costs = np.random.default_rng(9).integers(0, 6, (10, 9)).astype(float)
    return pd.Series(1.0, index=range(10)), pd.DataFrame(costs)


def _sited(
    method: Callable[..., siting.Sites], need: pd.Series, distances: pd.DataFrame, **more: float
) -> list[object]:
    found = method(need, distances, **more)
    return [found.objective, found.sites.index.tolist()]


def _guests() -> disclosure.CountTable:
    counts = [[3, 9, 20], [12, 0, 7], [5, 8, 2], [31, 6, 4]]
    guests = [
        (row, column)
        for row, line in zip("ABCD", counts, strict=True)
        for column, count in zip(("street", "violence", "clearance"), line, strict=True)
        for _ in range(count)
    ]
    frame = pd.DataFrame(guests, columns=["service_code", "target_group"])
    values = {"service_code": list("ABCD"), "target_group": ["street", "violence", "clearance"]}
    return disclosure.tabulate(frame, list(values), name="ospiti", values=values)


def _protected() -> list[object]:
    rules = Rules.of()
    table = disclosure.protect(_guests(), rules).published
    audited = disclosure.audit([table], rules)
    return [table.frame["count"].astype(object).map(str).tolist(), len(audited)]


def _benefit() -> list[object]:
    parts = pd.DataFrame(np.random.default_rng(5).uniform(1, 100, (25, 4)))
    found = benefit_of_doubt(parts), benefit_of_doubt(parts, lower=0.1, upper=0.5)
    return [[one.scores.tolist(), [*map(list, one.peers)]] for one in found]


OURS: dict[str, Callable[[], object]] = {
    "p_median": partial(_sited, siting.p_median, *_open_question(), new_sites=2),
    "cover": partial(_sited, siting.maximal_cover, *_need(), new_sites=2, reach=12),
    "protect": _protected,
    "benefit": _benefit,
}


# ---------------------------------------------------------------- both


def _answered(call: Callable[[], object]) -> object:
    try:
        return call()
    except Exception as error:  # what it says is compared
        return f"{type(error).__name__}: {error}"


def at_once(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Run two from two threads."""
    with ThreadPoolExecutor(2) as threads:
        return [one.result() for one in [threads.submit(_answered, it) for it in (first, second)]]


def straight(user: Callable[[], object], ours: Callable[[], object]) -> list[object]:
    """Run ours where the user's model ran: what HiGHS says then must not pass for an answer."""
    solving.Model.run = Highs.run  # type: ignore[method-assign]
    return [_answered(user), _answered(ours)]


def pair(words: tuple[str, str, str]) -> list[object]:
    first, second, how = words
    calls = USERS | OURS
    if how == "at once":
        return at_once(calls[first], calls[second])
    if how == "straight":
        return straight(calls[first], calls[second])
    return [_answered(calls[one]) for one in (first, second) if one]


def asked_for(users: list[str], ours: list[str]) -> list[tuple[str, str, str]]:
    """Alone, before, after, ours at once, and ours run where a model of the user's has."""
    alone = [(one, "", "alone") for one in [*users, *ours]]
    after = [(user, own, "") for user in users for own in ours]
    before = [(own, user, "") for user in users for own in ours]
    together = [(one, other, "at once") for one in ours for other in ours]
    return alone + after + before + together + [("highspy 4", own, "straight") for own in ours]


def main(path: str, all_of_them: bool) -> None:
    users = [*USERS] if all_of_them else ["highspy 4", "pulp 2"]
    assert threading.active_count() == 1, "a fork would leave a thread behind"
    asked = asked_for(users, [*OURS])
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        found = pool.map(pair, asked, chunksize=1)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(list(zip(asked, found, strict=True)), file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "all")
