"""A linear programme that is changed and solved many times, in whole numbers where it must be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
WHOLE = 1e-6
# Searching whole tables may take long where many dimensions cross.
_SECONDS_MAX = 5.0


class Programme:
    """Minimise costs over columns within bounds, under rows within sides.

    The first `counted` columns are counts, whole numbers; those after them any.

    Attributes
    ----------
    cut_short : bool
        A search for whole values ran out of time: what it did not find may be there all the same.
    """

    def __init__(
        self,
        rows: Sequence[Sequence[tuple[int, float]]],
        sides: tuple[FloatArray, FloatArray],
        bounds: tuple[FloatArray, FloatArray],
        costs: FloatArray,
        counted: int | None = None,
    ) -> None:
        from needs_analysis.solving import Model

        self.cut_short = self._stopped = False
        self.width = len(costs)
        self._counts = np.arange(self.width) < (self.width if counted is None else counted)
        self._every = np.arange(self.width, dtype=np.int32)
        # Any whole table does; the cheapest would take long to prove.
        self._model = Model(random_seed=1, mip_max_improving_sols=1)
        self._low, self._high = bounds[0].astype(float), bounds[1].astype(float)
        self._model.addVars(self.width, *bounds)
        self._model.changeColsCost(self.width, self._every, costs)
        starts = np.cumsum([0, *(len(row) for row in rows[:-1])]) if rows else np.zeros(0)
        self._model.addRows(
            len(rows),
            *sides,
            sum(len(row) for row in rows),
            starts.astype(np.int32),
            np.array([at for row in rows for at, _ in row], dtype=np.int32),
            np.array([by for row in rows for _, by in row], dtype=np.float64),
        )

    def bound(self, columns: Sequence[int], low: Sequence[float], high: Sequence[float]) -> None:
        """Give columns other bounds."""
        at = np.array(columns, dtype=np.int32)
        self._low[at], self._high[at] = low, high
        self._model.changeColsBounds(len(at), at, self._low[at], self._high[at])

    def cost(self, columns: Sequence[int] | NDArray[np.int32], costs: Sequence[float]) -> None:
        """Give columns other costs."""
        at = np.array(columns, dtype=np.int32)
        self._model.changeColsCost(len(at), at, np.array(costs, dtype=float))

    def solve(self) -> FloatArray | None:
        """Return the cheapest values of the columns, None where there are none.

        Raises
        ------
        NotRun
            HiGHS did not run: nothing is known of the values.
        ArithmeticError
            HiGHS ran and gave no answer.
        """
        from needs_analysis.solving import Ending

        self._model.setOptionValue("time_limit", np.inf)
        ending = self._model.answer()
        if ending is Ending.OPTIMAL:
            return self._values()
        if ending is Ending.INFEASIBLE:
            return None
        raise ArithmeticError(f"a programme of counts within bounds ended {ending}")

    def solve_whole(
        self,
        broken: FloatArray,
        at_rest: NDArray[np.bool_] | None = None,
        *,
        only_near: bool = False,
    ) -> FloatArray | None:
        """Return whole values near a solution that is not, None where none were found.

        What is whole already is held first; then only the columns `at_rest`; then, unless
        `only_near`, none.
        """
        self._model.whole(self._counts)
        held = [self._counts & (np.abs(broken - np.round(broken)) < WHOLE)]
        if at_rest is not None:
            held.append(at_rest)
        found = None
        if not only_near:
            held.append(np.zeros(self.width, dtype=bool))
        for columns in held:
            found = self._holding(columns, np.round(broken))
            if found is not None:
                break
        self._model.whole(np.zeros(self.width, dtype=bool))
        self.cut_short |= found is None and self._stopped and not only_near
        return found

    def _holding(self, columns: NDArray[np.bool_], values: FloatArray) -> FloatArray | None:
        low, high = np.where(columns, values, self._low), np.where(columns, values, self._high)
        self._model.changeColsBounds(self.width, self._every, low, high)
        found = self._searched()
        self._model.changeColsBounds(self.width, self._every, self._low, self._high)
        if found is None or not self.is_whole(found):
            return None
        return np.where(self._counts, np.round(found), found)

    def is_whole(self, values: FloatArray) -> bool:
        """Say whether all counts are whole numbers up to rounding."""
        counts = values[self._counts]
        return bool((np.abs(counts - np.round(counts)) < WHOLE).all())

    def _searched(self) -> FloatArray | None:
        from needs_analysis.solving import Ending

        # The limit counts from when the programme was made.
        self._model.setOptionValue("time_limit", self._model.getRunTime() + _SECONDS_MAX)
        ending = self._model.answer()
        valid = ending in (Ending.OPTIMAL, Ending.STOPPED) and self._model.getSolution().value_valid
        self._stopped = not valid and ending is not Ending.INFEASIBLE
        return self._values() if valid else None

    def _values(self) -> FloatArray:
        return np.array(self._model.getSolution().col_value)
