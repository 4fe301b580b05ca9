"""What every cost refuses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from needs_analysis.policies.problems import PoliciesError, problem

Array = npt.NDArray[np.float64]


def not_negative(**given: npt.ArrayLike) -> None:
    """Refuse amounts below zero, all at once; a missing one is no zero and passes.

    Examples
    --------
    >>> not_negative(rent_eur=[4_800, np.nan])
    """
    held = {name: np.atleast_1d(np.asarray(one, dtype=float)) for name, one in given.items()}
    found = [
        problem("below_zero", name=name, found=float(one[one < 0].min()))
        for name, one in held.items()
        if (one < 0).any()
    ]
    if found:
        raise PoliciesError(*found)
