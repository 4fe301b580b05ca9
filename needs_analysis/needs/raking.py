"""A table brought to its margins: iterative proportional fitting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from needs_analysis.errors import Problem, wanted
from needs_analysis.needs.problems import NeedsError, problem

Array = npt.NDArray[np.float64]
Margin = tuple[tuple[int, ...], Array]
_TOLERANCE, _STEPS = 1e-12, 10_000
_SAME = 1e-9


def rake(
    seed: npt.ArrayLike,
    margins: Sequence[tuple[Sequence[int], npt.ArrayLike]],
    *,
    tolerance: float = _TOLERANCE,
    steps: int = _STEPS,
) -> Array:
    r"""Return the table nearest to a seed that has some margins.

    Each margin in turn scales the table:

    .. math:: t \leftarrow t \cdot \frac{m}{\sum_{\text{other axes}} t}

    Parameters
    ----------
    seed : array_like, shape (a, b, ...)
        From 0 up; a cell of 0 stays 0.
    margins : sequence of (axes, array_like)
        The axes, in growing order, that each margin keeps, and its totals.
    tolerance : float
        The greatest distance from a margin that is left, over the table's total.
    steps : int
        Rounds over all margins.

    Returns
    -------
    ndarray
        As the seed.

    Raises
    ------
    NeedsError
        Margins of other shapes or totals, negative ones, one that wants something where the seed
        has nothing; or no table has them all.

    Notes
    -----
    The table keeps the odds ratios of the seed; it is that of least Kullback-Leibler divergence.

    References
    ----------
    Deming and Stephan (1940), Annals of Mathematical Statistics 11; Csiszar (1975), Annals of
    Probability 3.

    Examples
    --------
    >>> rake(np.ones((2, 2)), [((0,), [50, 50]), ((1,), [30, 70])]).tolist()
    [[15.0, 35.0], [15.0, 35.0]]
    """
    wanted(seed, np.ndarray, list, tuple)
    table = np.array(seed, dtype=float)
    given = [(tuple(axes), np.asarray(target, dtype=float)) for axes, target in margins]
    if found := _wrong(table, given):
        raise NeedsError(*found)
    table, distance = brought(table, given, tolerance=tolerance, steps=steps)
    if distance > tolerance:
        total = float(given[0][1].sum())
        raise NeedsError(problem("not_converged", steps=steps, distance=distance * total))
    return table


def brought(
    table: Array, margins: Sequence[Margin], *, tolerance: float = _TOLERANCE, steps: int = _STEPS
) -> tuple[Array, float]:
    """Return a table brought as near to some margins as steps go, and how far it stays, as a share.

    What :func:`rake` does where the margins are known to be possible; at the edge of what is, a table
    comes near only slowly.

    Examples
    --------
    >>> table, distance = brought(np.ones((2, 2)), [((0,), np.array([4.0, 6.0]))])
    >>> table.tolist(), distance
    ([[2.0, 2.0], [3.0, 3.0]], 0.0)
    """
    total = max(float(margins[0][1].sum()), 1e-300)
    distance = np.inf
    for _ in range(steps):
        for axes, target in margins:
            now = _margin(table, axes)
            factor = np.divide(target, now, out=np.zeros_like(target), where=now > 0)
            table = table * _spread(factor, axes, table.ndim)
        distance = max(
            float(np.abs(_margin(table, axes) - target).max()) / total for axes, target in margins
        )
        if distance <= tolerance:
            break
    return table, distance


def _margin(table: Array, axes: tuple[int, ...]) -> Array:
    others = tuple(axis for axis in range(table.ndim) if axis not in axes)
    return np.asarray(table.sum(axis=others))


def _spread(values: Array, axes: tuple[int, ...], dimensions: int) -> Array:
    shape = iter(values.shape)
    return values.reshape([next(shape) if axis in axes else 1 for axis in range(dimensions)])


def _wrong(table: Array, margins: Sequence[Margin]) -> list[Problem]:
    found = []
    for number, (axes, target) in enumerate(margins, 1):
        shape = tuple(table.shape[axis] for axis in axes)
        if target.shape != shape:
            found.append(problem("margin_shape", margin=number, found=target.shape, wanted=shape))
        elif not (target >= 0).all():
            found.append(problem("margin_negative", margin=number))
        else:
            empty = np.argwhere((target > 0) & (_margin(table, axes) <= 0))
            found += [
                problem("margin_empty", margin=number, target=float(target[tuple(cell)]),
                        cell=tuple(int(at) + 1 for at in cell))
                for cell in empty[:1]
            ]  # fmt: skip
    totals = [float(target.sum()) for _, target in margins]
    if not np.allclose(totals, totals[0], rtol=_SAME, atol=0):
        found.append(problem("margin_totals", totals=tuple(totals)))
    return found
