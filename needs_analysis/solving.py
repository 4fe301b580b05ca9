"""HiGHS models, made in one place: nothing of theirs reaches standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from highspy import Highs

if TYPE_CHECKING:
    import pulp


class Model(Highs):
    """A HiGHS model without output, on one thread: the same answer on every machine.

    From 1.16 HiGHS greets on file descriptor 1 while it is constructed, as soon as it is handed its
    callbacks and before an option can be set from outside: here the option comes first.

    Examples
    --------
    >>> model = Model(presolve="off")
    >>> model.addVar(1, 2), model.run(), model.getModelStatus().name
    (<HighsStatus.kOk: 0>, <HighsStatus.kOk: 0>, 'kOptimal')
    """

    def __init__(self, **options: bool | float | str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        for name, value in ({"threads": 1} | options).items():
            self.setOptionValue(name, value)

    def enableCallbacks(self) -> None:  # noqa: N802
        """Silence the model before it has anything to say."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def pulp_solver() -> pulp.LpSolver:
    """Return a solver for what PuLP has written: no gap is left, constraints are kept to 1e-9.

    By default HiGHS may break them by 1e-6, and 1.16 does: an optimum then is better than its sites.

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

    class Solver(pulp.HiGHS):  # type: ignore[misc]
        def createAndConfigureSolver(self, lp: pulp.LpProblem) -> None:  # noqa: N802
            lp.solverModel = Model(mip_rel_gap=0.0, mip_feasibility_tolerance=1e-9)

    return Solver()
