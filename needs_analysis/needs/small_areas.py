"""Direct estimates of small areas drawn together: the model of Fay and Herriot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.errors import Problem, wanted
from needs_analysis.needs.problems import NeedsError, problem

Array = npt.NDArray[np.float64]
METHODS = ("REML", "ML", "moments")
_GRID = 400
_SMALLEST, _LARGEST = 1e-8, 1e4


@dataclass(frozen=True, eq=False)
class SmallAreas:
    """Estimates by area.

    Parameters
    ----------
    estimates : DataFrame
        By area: `estimate` (EBLUP), `mse` (its mean squared error), `own_share` (weight of the direct
        estimate, 0-1) and `synthetic` (what the columns alone say).
    coefficients : Series
        Of the columns.
    area_variance : float
        Of the areas around the columns; 0 leaves the synthetic estimate alone.
    method : str
        One of `METHODS`.
    """

    estimates: pd.DataFrame
    coefficients: pd.Series
    area_variance: float
    method: str

    @property
    def only_synthetic(self) -> bool:
        """Whether the direct estimates count for nothing but the coefficients."""
        return self.area_variance == 0


def fay_herriot(
    direct: pd.Series, variance: pd.Series, columns: pd.DataFrame, method: str = "REML"
) -> SmallAreas:
    r"""Return the estimates of areas that borrow strength from each other.

    .. math::
        y_i = x_i'\beta + u_i + e_i,\quad u_i \sim (0, A),\quad e_i \sim (0, D_i) \\
        \hat\theta_i = \frac{A}{A + D_i} y_i + \frac{D_i}{A + D_i} x_i'\hat\beta

    Parameters
    ----------
    direct : Series, by area
        Direct estimates of a survey.
    variance : Series, by area
        Their known sampling variances; 0 is an area that was counted.
    columns : DataFrame, by area
        What the areas are told apart by, the intercept among them.
    method : {"REML", "ML", "moments"}
        How the variance of areas is found.

    Returns
    -------
    SmallAreas

    Raises
    ------
    NeedsError
        Missing values or negative variances, by area; as many areas as columns; dependent columns.

    Notes
    -----
    The variance is the exact optimum, not the last of some steps. It is 0 where areas differ no more
    than their sampling errors: then the estimate is synthetic, and `only_synthetic` says so.

    References
    ----------
    Fay and Herriot (1979), JASA 74; Datta and Lahiri (2000), Statistica Sinica 10; Datta, Rao and
    Smith (2005), Biometrika 92; Rao and Molina (2015), Small Area Estimation, 6.2-6.4.

    Examples
    --------
    >>> areas = list("abcd")
    >>> found = fay_herriot(
    ...     pd.Series([1.0, 2, 3, 6], areas), pd.Series(0.5, areas),
    ...     pd.DataFrame({"intercept": 1.0}, areas),
    ... )
    >>> found.estimates["estimate"].round(3).tolist(), round(found.area_variance, 3)
    ([1.214, 2.107, 3.0, 5.679], 4.167)
    """
    wanted(direct, pd.Series)
    y = direct.to_numpy(dtype=float)
    d = variance.reindex(direct.index).to_numpy(dtype=float)
    x = columns.reindex(direct.index).to_numpy(dtype=float)
    if found := _wrong(direct.index, y, d, x, method):
        raise NeedsError(*found)
    model = _Model(y, d, x)
    a = _variance(model, method)
    return _estimates(model, a, direct.index, columns.columns, method)


def _wrong(areas: pd.Index, y: Array, d: Array, x: Array, method: str) -> list[Problem]:
    found = []
    if method not in METHODS:
        found.append(problem("method", found=method, known=METHODS))
    absent = np.isnan(y) | np.isnan(x).any(axis=1)
    for kind, wrong in (("area_missing", absent), ("variance", ~(d >= 0))):
        if wrong.any():
            found.append(problem(kind, units=tuple(map(str, areas[wrong][:5]))))
    if len(y) <= x.shape[1]:
        found.append(problem("few_areas", areas=len(y), columns=x.shape[1]))
    elif not absent.any() and np.linalg.matrix_rank(x) < x.shape[1]:
        found.append(problem("dependent"))
    return found


@dataclass(frozen=True)
class _Model:
    y: Array
    d: Array
    x: Array

    def fit(self, a: float) -> tuple[Array, Array, Array, Array]:
        """Return the inverse variances, the inverse of X'V^-1 X, coefficients and P y at A."""
        w = 1 / (a + self.d)
        inverse = np.asarray(np.linalg.inv((self.x.T * w) @ self.x), dtype=float)
        beta = inverse @ (self.x.T * w) @ self.y
        return w, inverse, beta, w * (self.y - self.x @ beta)

    def likelihood(self, a: float, *, restricted: bool) -> float:
        """Return the logarithm of the (restricted) likelihood, less a constant."""
        w, inverse, beta, py = self.fit(a)
        found = float(np.log(w).sum()) - float(py @ (self.y - self.x @ beta))
        return found + float(np.linalg.slogdet(inverse)[1]) if restricted else found

    def score(self, a: float, *, restricted: bool) -> float:
        """Return twice the derivative of the logarithm of the likelihood."""
        w, inverse, _, py = self.fit(a)
        trace = float(w.sum())
        if restricted:
            trace -= float(np.trace(inverse @ (self.x.T * w**2) @ self.x))
        return float(py @ py - trace)

    def moment(self, a: float) -> float:
        """Return what the weighted squares of residuals have over their expectation."""
        _, _, beta, py = self.fit(a)
        squares = float(py @ (self.y - self.x @ beta))
        return squares - float(len(self.y) - self.x.shape[1])


def _variance(model: _Model, method: str) -> float:
    """Return the A of a method: the best stretch of a grid, then the exact root in it."""
    from scipy.optimize import brentq  # heavy: only where it is used

    scale = float(np.var(model.y)) + float(model.d.mean())
    if scale == 0:
        return 0.0
    grid = scale * np.geomspace(_SMALLEST, _LARGEST, _GRID)
    if method == "moments":
        function: Callable[[float], float] = model.moment
        best = int(np.argmin([abs(model.moment(one)) for one in grid]))
    else:
        restricted = method == "REML"

        def function(a: float) -> float:
            return model.score(a, restricted=restricted)

        best = int(np.argmax([model.likelihood(one, restricted=restricted) for one in grid]))
    if best == 0 and function(grid[0]) <= 0:
        return 0.0
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, _GRID - 1)]
    return float(brentq(function, low, high, xtol=1e-15, rtol=1e-14))


def _estimates(
    model: _Model, a: float, areas: pd.Index, columns: pd.Index, method: str
) -> SmallAreas:
    held = model if a > 0 else _Model(model.y, np.maximum(model.d, 1e-300), model.x)
    w, inverse, beta, _ = held.fit(a)
    own = np.where(model.d > 0, a * w, 1.0)
    synthetic = model.x @ beta
    frame = pd.DataFrame(
        {
            "estimate": np.where(own == 1, model.y, own * model.y + (1 - own) * synthetic),
            "mse": _error(held, own, w, inverse, method),
            "own_share": own,
            "synthetic": synthetic,
        },
        index=areas,
    )
    return SmallAreas(frame, pd.Series(beta, index=columns), a, method)


def _error(model: _Model, own: Array, w: Array, inverse: Array, method: str) -> Array:
    r"""Return g1 + g2 + 2 g3, less the bias of the method's variance."""
    lean = 1 - own
    g1 = own * model.d
    g2 = lean**2 * np.einsum("ij,jk,ik->i", model.x, inverse, model.x)
    first, second = w.sum(), (w**2).sum()
    spread = 2 * len(w) / first**2 if method == "moments" else 2 / second
    bias = 0.0
    if method == "ML":
        bias = -float(np.trace(inverse @ (model.x.T * w**2) @ model.x)) / second
    elif method == "moments":
        bias = 2 * (len(w) * second - first**2) / first**3
    return np.asarray(g1 + g2 + 2 * lean**2 * spread * w - bias * lean**2)
