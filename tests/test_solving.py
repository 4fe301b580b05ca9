"""HiGHS in one process with the user's: same answers as alone, each ending its word, nothing printed.

Run under the version of the lock here, under others by `make solvers`.
"""

from __future__ import annotations

import ast
import gc
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from highspy import HighsStatus

from needs_analysis import solving
from needs_analysis.solving import Ending, Model, NotRun, pulp_solver

PACKAGE = Path(solving.__file__).parent

# Our own lines go through sys.stdout: with that elsewhere, nothing may be left.
OURS_ASIDE = """
import sys
from needs_analysis.cli import main
sys.stdout = sys.stderr
for words in sys.argv[1:]:
    sys.argv = ["needs-analysis", *words.split()]
    try:
        main()
    except SystemExit as ended:
        assert ended.code == 0, words
"""
SOLVED = """
import pandas as pd
from needs_analysis.composite.benefit import benefit_of_doubt
from needs_analysis.services.siting.sites import maximal_cover
line = pd.DataFrame([[0, 1, 4], [1, 0, 3], [4, 3, 0]], index=list("abc"), columns=list("abc"))
print(benefit_of_doubt(line + 1).scores.max())
print(maximal_cover(pd.Series(1, index=list("abc")), line, new_sites=2, reach=0.5).objective)
"""


def descriptor_1(*words, cwd):
    done = subprocess.run(
        [sys.executable, "-c", *words],
        cwd=cwd, capture_output=True, check=False, timeout=120,
        env=os.environ | {"PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.slow
def test_a_call_that_solves_prints_what_it_was_told(tmp_path):
    assert descriptor_1(SOLVED, cwd=tmp_path) == b"1.0\n2.0\n"


@pytest.mark.slow
def test_commands_that_solve_print_nothing_of_their_own(tmp_path):
    commands = (
        "services key key",
        "services example --out files",
        "services monitor files --key key --period 2025 --quiet",
        "services siting ambito:Desio --new 1 --quiet",
    )
    assert descriptor_1(OURS_ASIDE, *commands, cwd=tmp_path) == b""
    assert len(list((tmp_path / "out").iterdir())) == 3


# ---------------------------------------------------------------- beside models of the user's


@pytest.fixture(scope="module")
def solved(tmp_path_factory, soak):
    """Answers of every pair, by the user's model, ours and their order; two models without --soak."""
    path = tmp_path_factory.mktemp("pairs") / "pairs.json"
    words = [Path(__file__).with_name("solved_pairs.py"), path, "all" if soak else "few"]
    subprocess.run(
        [sys.executable, "-P", *words], check=True, stdout=subprocess.DEVNULL, timeout=600
    )
    return {tuple(words): answers for words, answers in json.loads(path.read_text())}


@pytest.mark.slow
def test_before_after_and_at_once_the_answers_are_those_of_alone(solved):
    alone = {first: answers[0] for (first, _, how), answers in solved.items() if how == "alone"}
    assert all(
        isinstance(answer, list) and answer[0] not in ("kError", "Not Solved")
        for answer in alone.values()
    )
    for (first, second, how), answers in solved.items():
        if how in ("", "at once"):
            assert answers == [alone[first], alone[second]], (first, second, how)


@pytest.mark.slow
def test_what_was_not_run_is_not_called_no_solution(solved):
    straight = {own: answers[1] for (_, own, how), answers in solved.items() if how == "straight"}
    assert len(straight) == 4
    for own, answer in straight.items():
        assert str(answer).startswith("NotRun: "), (own, answer)


# ---------------------------------------------------------------- how a run ends


def bounded(*bounds, costs, rows=(), whole=True, **options):
    model = Model(**options)
    for at, ((low, high), cost) in enumerate(zip(bounds, costs, strict=True)):
        model.addVar(low, high)
        model.changeColCost(at, cost)
    for low, high, by in rows:
        every = np.arange(len(by), dtype=np.int32)
        model.addRow(low, high, len(by), every, np.array(by, float))
    if whole:
        model.whole(np.ones(model.getNumCol(), dtype=bool))
    return model


FREE = (0, np.inf)


@pytest.mark.parametrize("whole", [False, True])
def test_each_ending_has_its_word(whole):
    for ending, model in {
        Ending.OPTIMAL: bounded((1, 2), costs=[1], whole=whole),
        Ending.INFEASIBLE: bounded((0, 1), costs=[1], rows=[(3, 9, [1])], whole=whole),
        Ending.UNBOUNDED: bounded(FREE, FREE, costs=[-1, -1], rows=[(1, 1, [1, -1])], whole=whole),
        Ending.STOPPED: bounded(
            *[(0, 1)] * 30, costs=[-1] * 30, rows=[(0, 7.5, [2] * 30)], whole=whole, time_limit=0.0
        ),
    }.items():
        assert model.answer() is ending


def test_what_highs_does_not_take_is_not_left_out():
    # Of a figure of 1e15 or more it leaves out the row, or does not run.
    with pytest.raises(NotRun, match="addRow"):
        bounded((0, 1), costs=[1], rows=[(0, 1, [1e15])])
    with pytest.raises(NotRun, match="setOptionValue"):
        Model(presolv="off")
    model = bounded((0, 1), costs=[1], rows=[(0, 1, [1])])
    with pytest.raises(NotRun, match="changeCoeff|kNotset"):  # from 1.16 at once
        model.changeCoeff(0, 0, 1e16)
        model.answer()


def test_a_whole_model_that_is_unbounded_is_told_from_one_without_solution():
    # Of both HiGHS says "unbounded or infeasible".
    rows = [(3, np.inf, [1, 1, 0]), (-np.inf, 2, [1, 1, 0])]
    assert bounded(FREE, FREE, FREE, costs=[-1] * 3, rows=rows).answer() is Ending.INFEASIBLE
    model = bounded(FREE, FREE, FREE, costs=[-1] * 3, rows=rows[:1])
    assert model.answer() is Ending.UNBOUNDED
    model.changeColsBounds(3, np.arange(3, dtype=np.int32), np.zeros(3), np.full(3, 2.0))
    assert (model.answer(), model.getObjectiveValue()) == (Ending.OPTIMAL, -6)


def test_an_old_answer_does_not_stand_for_a_run_that_was_not_made(monkeypatch):
    model = bounded((1, 2), costs=[1])
    assert model.answer() is Ending.OPTIMAL
    monkeypatch.setattr(Model, "run", lambda _: HighsStatus.kError)
    with pytest.raises(NotRun):
        model.answer()


def test_pulp_is_told_each_ending():
    import pulp

    def status(upper, least):
        problem = pulp.LpProblem("one", pulp.LpMaximize)
        one = pulp.LpVariable("one", 0, upper, "Integer")
        problem += one
        problem += one >= least
        return pulp.LpStatus[problem.solve(pulp_solver())]

    assert (status(3, 1), status(3, 4), status(None, 1)) == ("Optimal", "Infeasible", "Unbounded")


def test_a_model_leaves_no_thread_behind():
    before = set(threading.enumerate())
    model = bounded((1, 2), costs=[1])
    model.answer()
    [own] = set(threading.enumerate()) - before
    del model
    gc.collect()  # up to HiGHS 1.12 it holds itself
    own.join(10)
    assert not own.is_alive()


def test_models_are_made_and_run_in_one_room():
    """Nobody else imports HiGHS, or PuLP and SciPy, which bring their own way to it."""
    importing = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{one.name}" for one in node.names]
            if any(name.partition(".")[0] in ("highspy", "pulp") for name in names):
                importing.add(path.name)
            assert not any(name.endswith((".linprog", ".milp")) for name in names), path
    assert importing == {"solving.py"}
