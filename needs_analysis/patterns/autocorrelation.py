"""Whether near units are alike, and where: Moran's I, local Moran, Getis-Ord, smoothed rates.

Statistics are esda's; permutations are drawn here, from one generator and on units sorted by code,
so that neither the order of the rows nor the number of processors changes a digit.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from needs_analysis import parameters, process
from needs_analysis.errors import Refused
from needs_analysis.figures import Displayed, Figures
from needs_analysis.patterns.admission import admitted_series
from needs_analysis.patterns.problems import problem
from needs_analysis.territory.neighbours import Neighbours, neighbours

if TYPE_CHECKING:
    import geopandas as gpd
    from scipy.sparse import csr_array

SEED = 1
UNITS_MIN = 4  # the variance under randomisation divides by n - 3
_UNITS = 64  # whose draws are held at a time
_TIE = 1e-9  # sums of the same values in another order differ by less, in standard deviations


@dataclass(frozen=True, repr=False)
class Moran(Displayed):
    """Moran's I of one variable.

    Attributes
    ----------
    statistic, expected : float
        Moran's I and its expectation without spatial pattern, -1 / (n - 1).
    z_score, p_value : float
        Under randomisation; two-sided, by the normal approximation.
    pseudo_p, permutations : float, int
        Two-sided share of permutations at least as extreme, the smallest being
        2 / (permutations + 1).
    units : int
        Units with a value and a neighbour.
    missing, allocated, alone : tuple of str
        Units left out: those without a value, those whose value is a larger territory's, and those
        whose neighbours were all left out.
    joined : DataFrame
        Units that have their nearest as neighbour, as in :class:`Neighbours`.
    """

    statistic: float
    expected: float
    z_score: float
    p_value: float
    pseudo_p: float
    permutations: int
    units: int
    missing: tuple[str, ...]
    allocated: tuple[str, ...]
    alone: tuple[str, ...]
    joined: pd.DataFrame


@dataclass(frozen=True, repr=False)
class LocalPattern(Displayed):
    """A statistic for each unit and what it says there.

    Attributes
    ----------
    frame : DataFrame
        By unit, sorted: value, lag (mean of the neighbours' values),
        local_i, pseudo_p, p_threshold (the largest p that counts at this false-discovery rate, the
        same for all), label ("high_high", "low_low", "high_low", "low_high", "not_significant").
    permutations : int
        How many were drawn.
    false_discovery_share : float
        Expected share of false ones among the units with a label.
    missing, allocated, alone : tuple of str
        Units left out: those without a value, those whose value is a larger territory's, and those
        whose neighbours were all left out.
    joined : DataFrame
        Units that have their nearest as neighbour, as in :class:`Neighbours`.
    """

    frame: pd.DataFrame
    permutations: int
    false_discovery_share: float
    missing: tuple[str, ...]
    allocated: tuple[str, ...]
    alone: tuple[str, ...]
    joined: pd.DataFrame

    def counts(self) -> pd.Series:
        """Return how many units have each label."""
        counted: pd.Series = self.frame["label"].value_counts()
        return counted


@dataclass(frozen=True)
class _Field:
    """Values of the units that have one and a neighbour with one."""

    own: pd.Series
    near: Neighbours
    missing: tuple[str, ...]
    allocated: tuple[str, ...]
    alone: tuple[str, ...]

    def weights(self) -> csr_array:
        """Return row-standardised weights, on the order of the units."""
        from scipy.sparse import csr_array

        rows, columns = self.near.pairs()
        count = len(self.own)
        shares = 1 / np.bincount(rows, minlength=count)[rows]
        return csr_array((shares, (rows, columns)), shape=(count, count))


def moran(
    values: Figures | pd.Series,
    near: gpd.GeoDataFrame | Neighbours,
    permutations: int | None = None,
    seed: int = SEED,
) -> Moran:
    r"""Moran's I: whether neighbouring units have similar values.

    .. math:: I = \frac{n}{S_0} \frac{\sum_i \sum_j w_{ij} z_i z_j}{\sum_i z_i^2}

    with z the deviations from the mean and w the row-standardised weights.

    Parameters
    ----------
    values : Figures or Series
        By unit; Figures of one column. A bare Series counts as observed.
    near : GeoDataFrame or Neighbours
        An area, whose touching units are neighbours, or the neighbours. Values of units outside it
        do not count.
    permutations : int, optional
        Row ``spatial_permutations`` of ``parameters.csv`` when omitted.
    seed : int
        Of the permutations.

    Returns
    -------
    Moran

    Raises
    ------
    Refused
        All values are allocated, or are published by province, all the same, or fewer than four.

    References
    ----------
    Moran, P. A. P. (1950), Notes on continuous stochastic phenomena, Biometrika 37, 17-23; Cliff and
    Ord (1981), Spatial Processes.

    Examples
    --------
    >>> from needs_analysis import panel, territory
    >>> area = territory.select("provincia:MB")
    >>> moran(panel.build(area).columns(["mean_taxable_income_eur"]), area).units
    55
    """
    field = _field(*admitted_series(values), near)
    return _moran(field, _permutations(permutations, seed), seed)


def _moran(field: _Field, permutations: int, seed: int) -> Moran:
    found = _esda().Moran(field.own.to_numpy(), field.near.graph, permutations=0)
    deviations = _standardised(field.own)
    rng = np.random.default_rng(seed)
    shuffled = rng.permuted(np.tile(deviations, (permutations, 1)), axis=1).T
    drawn = (shuffled * (field.weights() @ shuffled)).mean(axis=0)
    pseudo_p = _two_sided(
        np.array([(drawn >= found.I - _TIE).sum()]),
        np.array([(drawn <= found.I + _TIE).sum()]),
        permutations,
    )
    return Moran(
        statistic=float(found.I),
        expected=float(found.EI),
        z_score=float(found.z_rand),
        p_value=float(found.p_rand),
        pseudo_p=float(pseudo_p[0]),
        permutations=permutations,
        units=len(deviations),
        missing=field.missing,
        allocated=field.allocated,
        alone=field.alone,
        joined=field.near.joined,
    )


def local_moran(
    values: Figures | pd.Series,
    near: gpd.GeoDataFrame | Neighbours,
    permutations: int | None = None,
    seed: int = SEED,
    fdr: float | None = None,
) -> LocalPattern:
    r"""Local Moran: where a unit and its neighbours are both high, both low, or opposite.

    .. math:: I_i = \frac{(n - 1) z_i \sum_j w_{ij} z_j}{\sum_j z_j^2}

    A unit's value stays and the others' are drawn over its neighbours; the two-sided pseudo p is
    compared with the threshold of Benjamini and Hochberg over all units. The smallest pseudo p is
    2 / (permutations + 1): where that is above fdr / n, units that stand alone cannot be marked, and
    more permutations are needed to see them.

    Parameters
    ----------
    values : Figures or Series
        By unit; Figures of one column. A bare Series counts as observed.
    near : GeoDataFrame or Neighbours
        An area, whose touching units are neighbours, or the neighbours. Values of units outside it
        do not count: high and low are against the mean of the area.
    permutations, fdr : int and float, optional
        Rows ``spatial_permutations`` and ``false_discovery_share`` of ``parameters.csv`` when omitted.
    seed : int
        Of the permutations.

    Returns
    -------
    LocalPattern

    Raises
    ------
    Refused
        All values are allocated, or are published by province, all the same, or fewer than four.

    References
    ----------
    Anselin, L. (1995), Local indicators of spatial association, Geographical Analysis 27, 93-115;
    Caldas de Castro, M. and Singer, B. H. (2006), Geographical Analysis 38, 180-208.

    Examples
    --------
    >>> from needs_analysis import panel, territory
    >>> area = territory.select("provincia:MB")
    >>> found = local_moran(panel.build(area).columns(["mean_taxable_income_eur"]), area)
    >>> found.frame.columns.tolist()
    ['value', 'lag', 'local_i', 'pseudo_p', 'p_threshold', 'label']
    """
    field = _field(*admitted_series(values), near)
    permutations, share = _permutations(permutations, seed), _share(fdr)
    weights = field.weights()
    z = _standardised(field.own)
    lag = weights @ z
    pseudo_p = _conditional_p(z, weights, permutations, seed)
    threshold = _threshold(pseudo_p, share)
    own, others = np.where(z > 0, "high", "low"), np.where(lag > 0, "high", "low")
    label = np.char.add(np.char.add(own, "_"), others)
    frame = pd.DataFrame(
        {
            "value": field.own,
            "lag": weights @ field.own.to_numpy(),
            "local_i": z * lag * (len(z) - 1) / len(z),
            "pseudo_p": pseudo_p,
            "p_threshold": threshold,
            "label": np.where(pseudo_p <= threshold, label, "not_significant"),
        }
    )
    return _local(frame, field, permutations, share)


def empirical_bayes_rate(
    events: Figures | pd.Series,
    population: Figures | pd.Series,
    near: gpd.GeoDataFrame | Neighbours | None = None,
) -> pd.Series:
    r"""Empirical-Bayes rate: a unit's rate, drawn to the mean the more the smaller its population.

    .. math:: \hat\theta_i = m + \frac{s^2}{s^2 + m / b_i} (r_i - m)

    with b the population, r the rate, m the mean rate and
    :math:`s^2 = \sum b (r - m)^2 / \sum b - m / \bar b`, not below 0: of all units, or of the unit and
    its neighbours.

    Parameters
    ----------
    events, population : Figures or Series
        Counts by unit; a unit that lacks either has no rate. Events of 0 are a count.
    near : GeoDataFrame or Neighbours, optional
        The mean is that of the unit and its neighbours where this is given.

    Returns
    -------
    Series
        Events per head, sorted by unit.

    Raises
    ------
    Refused
        A population is not above 0 or events are below 0 (each named), or all values are
        allocated.

    References
    ----------
    Marshall, R. J. (1991), Mapping disease and mortality rates using empirical Bayes estimators,
    Journal of the Royal Statistical Society C 40, 283-294.

    Examples
    --------
    >>> empirical_bayes_rate(pd.Series([0, 30]), pd.Series([100, 100])).tolist()
    [0.01, 0.29]
    """
    counts, _ = _counts(events, population)
    full = counts.dropna()
    e, b = full["events"].to_numpy(), full["population"].to_numpy()
    around = _around(full.index, near)
    people = around @ b
    mean = (around @ e) / people
    rate = e / b
    # sum of b (r - m)^2 over the surroundings of i, whose mean m is i's
    spread = (around @ (b * rate**2)) / people - mean**2
    variance = np.maximum(spread - mean * around.sum(axis=1) / people, 0)
    noise = mean / b
    own_share = np.divide(variance, variance + noise, out=np.zeros_like(noise), where=noise > 0)
    smoothed = pd.Series(mean + own_share * (rate - mean), index=full.index)
    return smoothed.reindex(counts.index).rename("empirical_bayes_rate")


def moran_rate(
    events: Figures | pd.Series,
    population: Figures | pd.Series,
    near: gpd.GeoDataFrame | Neighbours,
    permutations: int | None = None,
    seed: int = SEED,
) -> Moran:
    r"""Moran's I of rates standardised for the size of each population (Assunção and Reis).

    .. math:: z_i = \frac{r_i - m}{\sqrt{s^2 + m / b_i}}

    with the mean rate m and :math:`s^2 = \sum b (r - m)^2 / \sum b - m / \bar b`; where that root would
    be of a negative number, s² counts as 0.

    Parameters
    ----------
    events, population : Figures or Series
        Counts by unit.
    near, permutations, seed
        As in :func:`moran`.

    Returns
    -------
    Moran

    Raises
    ------
    Refused
        As in :func:`moran` and :func:`empirical_bayes_rate`.

    References
    ----------
    Assunção, R. M. and Reis, E. A. (1999), A new proposal to adjust Moran's I for population density,
    Statistics in Medicine 18, 2147-2162.

    Examples
    --------
    >>> from needs_analysis import panel, territory
    >>> area = territory.select("provincia:MB")
    >>> built = panel.build(area)
    >>> old, all_ages = built.columns(["residents_75_over"]), built.columns(["resident_population"])
    >>> moran_rate(old, all_ages, area).units
    55
    """
    counts, allocated = _counts(events, population)
    full = counts.dropna()
    standardised = pd.Series(
        _esda().smoothing.assuncao_rate(full["events"].to_numpy(), full["population"].to_numpy()),
        index=full.index,
        name="standardised rate",
    )
    return _moran(_field(standardised, allocated, near), _permutations(permutations, seed), seed)


def _esda() -> Any:
    """Import esda; its progress bars, which nobody draws, complain in a notebook without widgets."""
    with process.quiet():
        return importlib.import_module("esda")


def _field(
    values: pd.Series, allocated: tuple[str, ...], near: gpd.GeoDataFrame | Neighbours
) -> _Field:
    near = near if isinstance(near, Neighbours) else neighbours(near)
    values = values.reindex(near.units.sort_values())
    present = values.dropna()
    among = near.among(present.index)
    rows, _ = among.pairs()
    accompanied = present.index[np.unique(rows)]
    name = str(values.name)
    if len(accompanied) < UNITS_MIN:
        raise Refused(problem("few_units", column=name, number=len(accompanied), least=UNITS_MIN))
    if present[accompanied].max() == present[accompanied].min():
        raise Refused(problem("all_same", column=name))
    return _Field(
        own=present[accompanied],
        near=among if len(accompanied) == len(present) else among.among(accompanied),
        missing=tuple(values.index[values.isna()].difference(list(allocated))),
        allocated=tuple(values.index.intersection(list(allocated))),
        alone=tuple(present.index.difference(accompanied)),
    )


def _standardised(values: pd.Series) -> np.ndarray:
    own = values.to_numpy(float)
    return np.asarray((own - own.mean()) / own.std())


def _conditional_p(z: np.ndarray, weights: csr_array, permutations: int, seed: int) -> np.ndarray:
    """Return two-sided pseudo p of each unit's lag, its own value held and the others' drawn.

    Each draw serves all units, as in GeoDa and esda: a unit takes as many of it as it has
    neighbours, from the values without its own.
    """
    counts = np.diff(weights.indptr)
    draws = _draws(len(z), int(counts.max()), permutations, seed)
    lag = weights @ z
    above, below = np.empty((2, len(z)))
    for count in np.unique(counts).tolist():
        alike = np.flatnonzero(counts == count)
        for units, sums in _sums(z, alike, draws[:, :count]):
            own, tie = count * lag[units, None], count * _TIE
            above[units] = np.count_nonzero(sums >= own - tie, axis=1)
            below[units] = np.count_nonzero(sums <= own + tie, axis=1)
    return _two_sided(above, below, permutations)


def _sums(
    z: np.ndarray, units: np.ndarray, draws: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give, for some units at a time, the sum of each draw from the values without their own.

    A position among the others is the same unit's for whoever comes after it, the next one's for
    whoever comes before: from unit to unit a sum changes by the positions that lie between alone.
    """
    permutations, count = draws.shape
    passed = np.searchsorted(units, draws.ravel(), side="right")
    order = np.argsort(passed, kind="stable")
    change = (z[:-1] - z[1:])[draws.ravel()[order]]
    cells = passed[order] * permutations + order // count
    last = z[draws + 1].sum(axis=1)
    for start in range(0, len(units), _UNITS):
        some = units[start : start + _UNITS]
        first, end = start * permutations, (start + len(some)) * permutations
        here = slice(*np.searchsorted(passed[order], [start, start + len(some)]))
        sums = np.bincount(cells[here] - first, change[here], end - first)
        sums = sums.reshape(len(some), permutations)
        sums[0] += last
        np.cumsum(sums, axis=0, out=sums)
        last = sums[-1].copy()
        yield some, sums


def _draws(units: int, most: int, permutations: int, seed: int) -> np.ndarray:
    """Return for each permutation `most` different positions among the other units."""
    rng = np.random.default_rng(seed)
    return np.array([rng.choice(units - 1, size=most, replace=False) for _ in range(permutations)])


def _two_sided(above: np.ndarray, below: np.ndarray, permutations: int) -> np.ndarray:
    """Twice the smaller of the two one-sided pseudo p, the observed value counting as a draw."""
    smaller = np.minimum(above, below)
    return np.asarray(np.minimum(2 * (smaller + 1) / (permutations + 1), 1))


def _threshold(p: np.ndarray, share: float) -> float:
    """Return the largest p that counts (Benjamini-Hochberg); Bonferroni's where none does."""
    bounds = share * np.arange(1, len(p) + 1) / len(p)
    passed = np.flatnonzero(np.sort(p) <= bounds)
    return float(bounds[passed[-1]] if len(passed) else bounds[0])


def _local(frame: pd.DataFrame, field: _Field, permutations: int, share: float) -> LocalPattern:
    return LocalPattern(
        frame=frame,
        permutations=permutations,
        false_discovery_share=share,
        missing=field.missing,
        allocated=field.allocated,
        alone=field.alone,
        joined=field.near.joined,
    )


def _counts(
    events: Figures | pd.Series, population: Figures | pd.Series
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    (e, allocated), (b, more) = admitted_series(events), admitted_series(population)
    counts = pd.DataFrame({"events": e, "population": b}).sort_index()
    problems = [
        problem(kind, units=tuple(map(str, counts.index[wrong][:5])))
        for kind, wrong in (
            ("events_negative", counts["events"] < 0),
            ("population_not_positive", counts["population"] <= 0),
        )
        if wrong.any()
    ]
    if problems:
        raise Refused(*problems)
    return counts, (*allocated, *more)


def _around(units: pd.Index, near: gpd.GeoDataFrame | Neighbours | None) -> csr_array:
    """Return 1 where a unit belongs to the surroundings of another: all, or it and its neighbours."""
    from scipy.sparse import csr_array, eye_array

    if near is None:
        return csr_array(np.ones((1, len(units))))
    near = near if isinstance(near, Neighbours) else neighbours(near)
    rows, columns = near.among(units).pairs()
    ones = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(units), len(units)))
    return csr_array(ones + eye_array(len(units)))


def _permutations(given: int | None, seed: int) -> int:
    parameters.in_range({"seed": parameters.SEEDS}, Refused, seed=seed)
    count = parameters.values()["spatial_permutations"] if given is None else given
    if parameters.COUNT.wrong("permutations", count):
        raise Refused(problem("permutations", value=count))
    return int(count)


def _share(given: float | None) -> float:
    share = parameters.values()["false_discovery_share"] if given is None else given
    if parameters.INSIDE_SHARE.wrong("fdr", share):
        raise Refused(problem("fdr", value=share))
    return share
