"""The number that brings a growing sum to its total, by halving an interval until nothing is left."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from needs_analysis.households.density import Array

LOGIT_MOST = 40.0
"""Logits are searched in [-40, 40]: beyond it a share is 0 or 1."""
STEPS = 64
"""Halvings of that interval: what is left is under the last bit."""


def halved(
    over: Callable[[Array], npt.ArrayLike],
    low: npt.ArrayLike = -LOGIT_MOST,
    high: npt.ArrayLike = LOGIT_MOST,
    steps: int = STEPS,
) -> Array:
    """Return the middle of what is left of an interval after it was halved.

    Parameters
    ----------
    over : callable
        Whether a point is over what is looked for, at each place of an array.
    low, high : array_like
        Ends, of one search or of many.
    steps : int
        How many times the interval is halved.

    Examples
    --------
    >>> halved(lambda point: point**2 > [2.0, 9.0], [0.0, 0.0], [10.0, 10.0]).round(6).tolist()
    [1.414214, 3.0]
    """
    least, most = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    for _ in range(steps):
        middle = (least + most) / 2
        beyond = over(middle)
        least, most = np.where(beyond, least, middle), np.where(beyond, middle, most)
    return np.asarray((least + most) / 2)
