"""HiGHS models, made and run in one room: nothing is left in the process, and nothing taken from it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from highspy import (
    Highs,
    HighsBasis,
    HighsLp,
    HighsModelStatus,
    HighsStatus,
    HighsVarType,
    MatrixFormat,
    ObjSense,
)

if TYPE_CHECKING:
    import pulp
    from numpy.typing import NDArray
    from scipy import sparse

Basis = HighsBasis
"""Where a run ended, from which another may set out."""
# HiGHS settles its threads at the first run: for the thread that runs, whatever its words ("global
# scheduler") say, and for good. A model with another number is not run after that.
_OPTIONS = {"threads": 1}


class NotRun(RuntimeError):  # noqa: N818 - it says what happened to the model
    """HiGHS did not take or run a model, or broke off: nothing is known of its solutions."""


class Ending(StrEnum):
    """What a run has found; that there was none is no answer, but :class:`NotRun`."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    STOPPED = "stopped at a limit"
    UNKNOWN = "unknown"
    """HiGHS ran to its end and cannot say: the figures are too far apart for its rounding."""


_ENDINGS = {
    HighsModelStatus.kOptimal: Ending.OPTIMAL,
    HighsModelStatus.kModelEmpty: Ending.OPTIMAL,  # nothing to choose, and that is done
    HighsModelStatus.kInfeasible: Ending.INFEASIBLE,
    HighsModelStatus.kUnbounded: Ending.UNBOUNDED,
    HighsModelStatus.kUnknown: Ending.UNKNOWN,
    **dict.fromkeys(
        (
            HighsModelStatus.kObjectiveBound,
            HighsModelStatus.kObjectiveTarget,
            HighsModelStatus.kTimeLimit,
            HighsModelStatus.kIterationLimit,
            HighsModelStatus.kSolutionLimit,
            HighsModelStatus.kInterrupt,
            HighsModelStatus.kMemoryLimit,
        ),
        Ending.STOPPED,
    ),
}


class Model(Highs):
    """A HiGHS model without output, on one thread: the same answer on every machine, at any time.

    It runs in a thread of its own, with which its scheduler goes: models of the user's before and
    after it, with any number of threads, neither change it nor are changed by it.

    From 1.16 HiGHS greets on file descriptor 1 while it is constructed, as soon as it is handed its
    callbacks and before an option can be set from outside: here the option comes first.

    Parameters
    ----------
    maximise : bool
        Look for the greatest objective, not the least.
    **options
        Of HiGHS.

    Examples
    --------
    >>> model = Model(presolve="off")
    >>> model.addVar(1, 2), model.answer().name
    (<HighsStatus.kOk: 0>, 'OPTIMAL')
    """

    def __init__(self, *, maximise: bool = False, **options: bool | float | str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        for name, value in (_OPTIONS | options).items():
            self.setOptionValue(name, value)
        if maximise:
            self.changeObjectiveSense(ObjSense.kMaximize)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="HiGHS")

    def enableCallbacks(self) -> None:  # noqa: N802
        """Silence the model before it has anything to say."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]

    def run(self) -> HighsStatus:
        """Run the model in its thread."""
        return self._thread.submit(super().run).result()

    def answer(self) -> Ending:
        """Run the model and say what was found.

        Raises
        ------
        NotRun
            HiGHS did not run it, or broke off in an error.
        """
        if (ran := self.run()) == HighsStatus.kError:
            # Simplex may break off where it sets out from the basis of the run before.
            self.clearSolver()
            ran = self.run()
        status = self.getModelStatus()
        if ran != HighsStatus.kError:
            if status == HighsModelStatus.kUnboundedOrInfeasible:
                return self._unbounded_or_infeasible()
            if status in _ENDINGS:
                return _ENDINGS[status]
        raise NotRun(f"HiGHS {self.version()}: {ran.name}, {status.name}")

    def whole(self, columns: NDArray[np.bool_]) -> None:
        """Let these columns take whole numbers only, the others any."""
        kinds = np.full(len(columns), HighsVarType.kContinuous, dtype=object)
        kinds[columns] = HighsVarType.kInteger
        self.changeColsIntegrality(len(columns), _every(len(columns)), kinds)

    def _unbounded_or_infeasible(self) -> Ending:
        """Tell apart what HiGHS leaves open in whole numbers: without costs nothing is unbounded."""
        width = self.getNumCol()
        free = Model()
        free.passModel(self.getLp())
        free.changeColsCost(width, _every(width), np.zeros(width))
        ending = free.answer()
        return Ending.UNBOUNDED if ending is Ending.OPTIMAL else ending


def maximising(
    worth: NDArray[np.float64],
    rows: sparse.csr_array,
    sides: tuple[NDArray[np.float64], NDArray[np.float64]],
    bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
    **options: bool | float | str,
) -> Model:
    """Return the model that maximises what columns are worth, under rows within sides.

    Parameters
    ----------
    worth : ndarray, shape (columns,)
        Of a unit of each column.
    rows : sparse array, shape (rows, columns)
        What a unit uses of each row.
    sides, bounds : pairs of ndarray
        Least and most of the rows, and of the columns; infinite where there is none.
    **options
        Of HiGHS.

    Examples
    --------
    >>> from scipy import sparse
    >>> one = np.ones(1)
    >>> model = maximising(one, sparse.csr_array([[2.0]]), (0 * one, 3 * one), (0 * one, 9 * one))
    >>> model.answer().name, model.getInfo().objective_function_value
    ('OPTIMAL', 1.5)
    """
    lp = HighsLp()
    lp.sense_ = ObjSense.kMaximize
    lp.num_row_, lp.num_col_ = rows.shape
    lp.col_cost_ = worth
    lp.row_lower_, lp.row_upper_ = sides
    lp.col_lower_, lp.col_upper_ = bounds
    lp.a_matrix_.format_ = MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = rows.indptr, rows.indices
    lp.a_matrix_.value_ = rows.data
    model = Model(maximise=True, **options)
    model.passModel(lp)
    return model


def _taken(name: str) -> Callable[..., HighsStatus]:
    """Return a method of HiGHS that raises where it would leave out what it is given, and go on."""
    method = getattr(Highs, name)

    def checked(self: Model, *given: object) -> HighsStatus:
        done: HighsStatus = method(self, *given)
        if done == HighsStatus.kError:
            raise NotRun(f"HiGHS {self.version()}: {name}, {done.name}")
        return done

    return checked


for _name in (
    "setOptionValue", "addVar", "addVars", "addCol", "addCols", "addRow", "addRows", "changeColCost",
    "changeColsCost", "changeColsBounds", "changeColIntegrality", "changeColsIntegrality",
    "changeCoeff", "deleteCols", "passModel",
):  # fmt: skip
    setattr(Model, _name, _taken(_name))


def _every(width: int) -> NDArray[np.int32]:
    return np.arange(width, dtype=np.int32)


def pulp_solver() -> pulp.LpSolver:
    """Return a solver for what PuLP has written: no gap is left, constraints are kept to 1e-9.

    By default HiGHS may break them by 1e-6, and 1.16 does: an optimum then is better than its sites.
    PuLP would call a model that was not run "Not Solved" and leave zeros in it, one that was stopped
    "Optimal", and one in whole numbers that is unbounded "Infeasible".

    Raises
    ------
    NotRun
        Of a solution: HiGHS did not run the model.
    ArithmeticError
        HiGHS ran and gave no answer.

    Examples
    --------
    >>> import pulp
    >>> problem = pulp.LpProblem()
    >>> cost = pulp.LpVariable("cost", lowBound=3)
    >>> problem += cost
    >>> pulp.LpStatus[problem.solve(pulp_solver())], cost.value()
    ('Optimal', 3.0)
    """
    import pulp
    from pulp import constants

    statuses = {
        Ending.OPTIMAL: (constants.LpStatusOptimal, constants.LpSolutionOptimal),
        Ending.INFEASIBLE: (constants.LpStatusInfeasible, constants.LpSolutionInfeasible),
        Ending.UNBOUNDED: (constants.LpStatusUnbounded, constants.LpSolutionUnbounded),
    }

    class Solver(pulp.HiGHS):  # type: ignore[misc]
        def createAndConfigureSolver(self, lp: pulp.LpProblem) -> None:  # noqa: N802
            lp.solverModel = Model(mip_rel_gap=0.0, mip_feasibility_tolerance=1e-9)

        def callSolver(self, lp: pulp.LpProblem) -> None:  # noqa: N802
            self.ending = lp.solverModel.answer()
            if self.ending not in statuses:
                raise ArithmeticError(f"HiGHS: {self.ending}")

        def findSolutionValues(self, lp: pulp.LpProblem) -> tuple[int, int]:  # noqa: N802
            super().findSolutionValues(lp)
            return statuses[self.ending]

    return Solver()
