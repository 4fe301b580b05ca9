"""How long guests stay and how they leave: Kaplan-Meier, log-rank and Aalen-Johansen.

A guest still present is censored: known to have stayed that long, not how much longer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.errors import ParameterError
from needs_analysis.parameters import SHARE, in_range
from needs_analysis.services.measures.intervals import CONFIDENCE, Floats, normal_z
from needs_analysis.services.measures.problems import problem


class LogRank(NamedTuple):
    """A test of equal survival: its chi-square, its degrees of freedom, its p value."""

    chi2: float
    freedom: int
    p_value: float


class Curve(NamedTuple):
    """A step curve: at each time those at risk, the events, the share, its error and its bounds."""

    time: Floats
    at_risk: Floats
    events: Floats
    share: Floats
    error: Floats
    low: Floats
    high: Floats


def kaplan_meier(durations: npt.ArrayLike, event: npt.ArrayLike) -> pd.DataFrame:
    r"""Share still present after each number of days, the still-present as censored.

    .. math::
        S(t) = \prod_{t_i \le t} \left(1 - \frac{d_i}{n_i}\right), \qquad
        \widehat{se} = S(t) \sqrt{\sum_{t_i \le t} \frac{d_i}{n_i (n_i - d_i)}}

    The interval is on the logarithm, :math:`S \exp(\pm z\,\widehat{se} / S)`, as R survival prints it.

    Parameters
    ----------
    durations : array_like
        Days stayed, from 0.
    event : array_like of bool
        True for a leaver, False for a guest still present.

    Returns
    -------
    DataFrame
        Index time (the days on which somebody left); n_risk, n_event, survival (0-1), std_err, low,
        high. Where nobody is left, std_err, low and high are NaN.

    Raises
    ------
    ParameterError
        The arrays differ in length, or a duration is missing or below 0.

    References
    ----------
    Kaplan and Meier (1958), JASA 53; Greenwood, M. (1926); computed by statsmodels `SurvfuncRight`.

    Examples
    --------
    >>> kaplan_meier([30, 60, 60, 90], [True, True, False, True])["survival"].tolist()
    [0.75, 0.5, 0.0]
    """
    found = curve(*_checked(durations, event))
    names = ["n_risk", "n_event", "survival", "std_err", "low", "high"]
    index = pd.Index(found.time, name="time")
    return pd.DataFrame(dict(zip(names, found[1:], strict=True)), index=index)


def curve(days: Floats, left: npt.NDArray[np.bool_]) -> Curve:
    """Return :func:`kaplan_meier` as arrays, without its checks.

    Examples
    --------
    >>> curve(np.array([30.0, 60.0]), np.array([True, False])).share.tolist()
    [0.5]
    """
    if not left.any():
        return Curve(*(np.empty(0) for _ in Curve._fields))
    from statsmodels.duration.survfunc import SurvfuncRight

    found = SurvfuncRight(days, left.astype(int))
    share, error = found.surv_prob, found.surv_prob_se
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.exp(normal_z(CONFIDENCE) * error / share)
        low, high = share / spread, np.minimum(share * spread, 1.0)
    return Curve(found.surv_times, found.n_risk, found.n_events, share, error, low, high)


def time_to_share(table: pd.DataFrame | Curve, share: float = 0.5) -> tuple[float, float, float]:
    r"""Days after which no more than a share is still present: the median at one half.

    .. math:: t_p = \min\{t : S(t) \le p\}

    The bounds are the days on which the bounds of the curve come down to the share.

    Parameters
    ----------
    table : DataFrame or Curve
        From :func:`kaplan_meier` or :func:`curve`.
    share : float
        Share still present, between 0 and 1.

    Returns
    -------
    days, low, high : float
        NaN where the curve does not come down that far.

    Raises
    ------
    ParameterError
        The share is not between 0 and 1.

    References
    ----------
    Brookmeyer and Crowley (1982), A confidence interval for the median survival time, Biometrics 38.

    Examples
    --------
    >>> time_to_share(kaplan_meier([30, 60, 60, 90], [True, True, False, True]))[0]
    60.0
    """
    in_range({"share": SHARE}, share=share)
    if isinstance(table, Curve):
        days, curves = table.time, [table.share, table.low, table.high]
    else:
        days = table.index.to_numpy(dtype=float)
        curves = [table[name].to_numpy(dtype=float) for name in ("survival", "low", "high")]

    def first(values: Floats) -> float:
        # S = 0 has no bounds; a rounded 0.5 is still a half.
        reached = np.flatnonzero(np.nan_to_num(values, nan=np.inf) <= share + 1e-12)
        return float(days[reached[0]]) if len(reached) else float("nan")

    median, low, high = (first(values) for values in curves)
    return median, low, high


def logrank(durations: npt.ArrayLike, event: npt.ArrayLike, group: npt.ArrayLike) -> LogRank:
    r"""Test whether groups stay equally long.

    .. math:: \chi^2_{g-1} = (O - E)^\top V^{-1} (O - E), \qquad E_{ij} = d_i n_{ij} / n_i

    Parameters
    ----------
    durations, event : array_like
        As of :func:`kaplan_meier`.
    group : array_like
        The group of each stay.

    Returns
    -------
    LogRank
        chi2, degrees of freedom and p value; NaN, 0 and NaN where there are not two groups or nobody
        left.

    Raises
    ------
    ParameterError
        The arrays differ in length, or a duration is missing or below 0.

    References
    ----------
    Mantel, N. (1966), Cancer Chemotherapy Reports 50; computed by statsmodels `survdiff`.

    Examples
    --------
    >>> test = logrank([1, 2, 3, 4], [1, 1, 1, 1], ["a", "a", "b", "b"])
    >>> round(test.chi2, 4), test.freedom
    (2.8824, 1)
    """
    days, left = _checked(durations, event)
    codes = np.asarray(pd.factorize(pd.Series(group))[0])
    if codes.shape != days.shape:
        raise ParameterError(problem("durations_groups", durations=len(days), groups=len(codes)))
    # A group all censored before anybody left was never compared with another.
    reached = pd.Series(days).groupby(codes).transform("max").to_numpy()
    known = (codes >= 0) & (reached >= days[left].min(initial=np.inf))
    days, left, codes = days[known], left[known], codes[known]
    groups = len(np.unique(codes))
    if groups < 2:
        return LogRank(float("nan"), 0, float("nan"))
    from statsmodels.duration.survfunc import survdiff

    with np.errstate(divide="ignore", invalid="ignore"):
        try:
            chi2, p_value = survdiff(days, left.astype(int), codes)
        except np.linalg.LinAlgError:  # nobody left while two groups were at risk
            return LogRank(float("nan"), 0, float("nan"))
    return LogRank(float(chi2), groups - 1, float(p_value))


def aalen_johansen(durations: npt.ArrayLike, cause: npt.ArrayLike) -> pd.DataFrame:
    r"""Share that has left by each way out, the others being possible: competing exits.

    .. math:: I_k(t) = \sum_{t_i \le t} S(t_{i-1})\,\frac{d_{ki}}{n_i}

    with S the Kaplan-Meier of all ways together, so that the shares of all ways and of those still
    present add up to 1. The interval is :math:`I_k \pm z\,\widehat{se}`, cut at 0 and 1.

    Parameters
    ----------
    durations : array_like
        Days stayed, from 0.
    cause : array_like of int
        0 for a guest still present, 1, 2, ... for the way out.

    Returns
    -------
    DataFrame
        One row a cause and time at which anybody left or was censored: time, cause, n_risk, n_event,
        incidence (0-1), std_err, low, high.

    Raises
    ------
    ParameterError
        The arrays differ in length, a duration is missing or below 0, or a cause is below 0.

    References
    ----------
    Aalen and Johansen (1978), Scandinavian Journal of Statistics 5; the variance of Marubini and
    Valsecchi (1995), Analysing Survival Data, 10.2; incidences by statsmodels `CumIncidenceRight`.

    Examples
    --------
    >>> found = aalen_johansen([30, 60, 60, 90], [1, 2, 0, 1])
    >>> found[found["time"] == 90].set_index("cause")["incidence"].tolist()
    [0.75, 0.25]
    """
    way = np.asarray(cause)
    days, _ = _checked(durations, way > 0)
    if (way < 0).any():
        raise ParameterError(problem("cause"))
    names = ["time", "n_risk", "n_event", "incidence", "std_err", "low", "high"]
    parts = []
    for k, found in enumerate(incidences(days, way.astype(np.int64)), start=1):
        frame = pd.DataFrame(dict(zip(names, found, strict=True)))
        frame.insert(1, "cause", k)
        parts.append(frame)
    if not parts:
        return pd.DataFrame(columns=[names[0], "cause", *names[1:]], dtype=float)
    return pd.concat(parts, ignore_index=True)


def incidences(days: Floats, way: npt.NDArray[np.int64]) -> list[Curve]:
    """Return :func:`aalen_johansen` as arrays, one curve a cause, without its checks.

    Examples
    --------
    >>> [one.share.tolist() for one in incidences(np.array([30.0, 60.0]), np.array([2, 1]))]
    [[0.0, 0.5], [0.5, 0.5]]
    """
    if not (way > 0).any():
        return []
    from statsmodels.duration.survfunc import CumIncidenceRight

    rank, times = pd.factorize(days, sort=True)
    # A million stays are a few hundred days by a few ways: statsmodels gets each once, with its weight.
    ways = int(way.max()) + 1
    cells = np.bincount(rank * ways + way, minlength=len(times) * ways)
    some = np.flatnonzero(cells)
    found = CumIncidenceRight(times[some // ways], some % ways, freq_weights=cells[some])
    at_risk = np.cumsum(np.bincount(rank)[::-1])[::-1].astype(float)
    leaving = np.bincount(rank, weights=way > 0, minlength=len(times)).astype(float)
    curves = []
    for k, incidence in enumerate(found.cinc, start=1):
        own = np.bincount(rank, weights=way == k, minlength=len(times)).astype(float)
        error = _incidence_error(incidence, at_risk, leaving, own)
        half = normal_z(CONFIDENCE) * error
        low, high = np.maximum(incidence - half, 0.0), np.minimum(incidence + half, 1.0)
        curves.append(Curve(times, at_risk, own, incidence, error, low, high))
    return curves


def _incidence_error(incidence: Floats, n: Floats, exits: Floats, of_cause: Floats) -> Floats:
    """Return the standard error; statsmodels has none where the last at risk all leave."""
    with np.errstate(divide="ignore", invalid="ignore"):
        all_ways = np.where(exits < n, exits / (n * (n - exits)), 0.0)  # its factor there is 0
        before = np.r_[1.0, np.cumprod(1 - exits / n)[:-1]]
    own = (before / n) ** 2 * (n - of_cause) * of_cause / n
    joint = before * of_cause / n**2
    variance = incidence**2 * np.cumsum(all_ways) - 2 * incidence * np.cumsum(incidence * all_ways)
    variance += np.cumsum(incidence**2 * all_ways) + np.cumsum(own)
    variance += 2 * np.cumsum(incidence * joint) - 2 * incidence * np.cumsum(joint)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def _checked(
    durations: npt.ArrayLike, event: npt.ArrayLike
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    days, left = np.asarray(durations, dtype=float), np.asarray(event, dtype=bool)
    problems = []
    if days.shape != left.shape or days.ndim != 1:
        problems.append(problem("durations_events", durations=days.size, events=left.size))
    if not (days >= 0).all():
        problems.append(problem("duration"))
    if problems:
        raise ParameterError(*problems)
    return days, left
