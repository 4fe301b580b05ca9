"""Types of municipality: units alike in their indicators, wherever they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from functools import cache
from io import StringIO
from threading import Lock

import numpy as np
import pandas as pd

from needs_analysis import process
from needs_analysis.errors import Refused
from needs_analysis.figures import Displayed, Figures
from needs_analysis.indicators import registry
from needs_analysis.parameters import SEEDS, Range, in_range
from needs_analysis.patterns.admission import admitted
from needs_analysis.patterns.problems import problem
from needs_analysis.patterns.scales import SCALES, standardised

METHODS = ("kmeans", "gaussian_mixture", "ward")
GROUPS = (2, 3, 4, 5, 6, 7, 8)  # more types than these cannot be told in words
SEED = 1
RESAMPLES = 20
_STARTS = 4
_ROWS = 512  # whose distances to all others are held at a time
_COUNTING = Lock()


@dataclass(frozen=True, repr=False)
class Typology(Displayed):
    """Units sorted into types, how far apart these are, how well they hold, what marks each.

    Attributes
    ----------
    labels : Series of int
        Type of each unit, sorted by unit: 1 is the type with the worst mean standing over the
        indicators (by their polarity), the last the best.
    centroids : DataFrame
        Mean of each indicator by type, in its own unit.
    standing : DataFrame
        The same on the common scale: standard deviations above or below the centre of the units.
    silhouette : Series
        Mean silhouette by number of types, of each that was tried; from -1 to 1.
    bic : Series
        Bayesian information criterion by number of types; only mixtures have one; lower is better.
    stability : Series
        Adjusted Rand index of each bootstrap resample, grouped anew, with these labels; 1 is the same
        grouping, 0 what chance gives.
    missing, allocated : tuple of str
        Units left out because an indicator is missing, or is a larger territory's value.
    method, standardise : str
        As given.
    seed : int
        As given.
    """

    labels: pd.Series
    centroids: pd.DataFrame
    standing: pd.DataFrame
    silhouette: pd.Series
    bic: pd.Series
    stability: pd.Series
    missing: tuple[str, ...]
    allocated: tuple[str, ...]
    method: str
    standardise: str
    seed: int

    @property
    def groups(self) -> int:
        """Return the number of types."""
        return len(self.centroids)

    def sizes(self) -> pd.Series:
        """Return how many units each type has."""
        counted: pd.Series = self.labels.value_counts().reindex(self.centroids.index)
        return counted

    def marks(self) -> pd.DataFrame:
        """Return what marks each type, its widest distance from the mean first.

        Returns
        -------
        DataFrame
            Columns type, indicator, direction ("high", "low"), distance (standard deviations,
            signed).
        """
        wide = self.standing.rename_axis("type").reset_index()
        marks = wide.melt(id_vars="type", var_name="indicator", value_name="distance")
        marks["direction"] = np.where(marks["distance"] > 0, "high", "low")
        marks["width"] = marks["distance"].abs()
        ordered = marks.sort_values(["type", "width", "indicator"], ascending=[True, False, True])
        return ordered[["type", "indicator", "direction", "distance"]].reset_index(drop=True)


def typology(
    ind: Figures | pd.DataFrame,
    groups: int | None = None,
    method: str = "kmeans",
    standardise: str = "zscore",
    seed: int = SEED,
) -> Typology:
    """Sort units into types by their indicators.

    The same figures give the same types whatever the order of their rows. Without a number of types
    the one with the highest silhouette is taken of 2 to 8 (for mixtures, with the lowest BIC).

    Parameters
    ----------
    ind : Figures or DataFrame
        Indicators by unit; units that lack one are left out and listed.
    groups : int, optional
        Number of types.
    method : {"kmeans", "gaussian_mixture", "ward"}
        Round groups of like size, elliptic ones, or a tree cut where it least raises the variance.
    standardise : {"zscore", "robust", "rank"}
        The common scale: mean and standard deviation; median and quartiles, for indicators with
        outliers; or mean and standard deviation of the places in the ranking.
    seed : int
        Of the starts and of the resamples.

    Returns
    -------
    Typology

    Raises
    ------
    Refused
        A word is unknown, an indicator is constant, allocated from a larger territory or published
        by province, or there are fewer units than types need; all at once.

    References
    ----------
    Rousseeuw, P. J. (1987), Silhouettes, Journal of Computational and Applied Mathematics 20, 53-65;
    Hubert, L. and Arabie, P. (1985), Comparing partitions, Journal of Classification 2, 193-218;
    Hennig, C. (2007), Cluster-wise assessment of cluster stability, Computational Statistics and Data
    Analysis 52, 258-271.

    Examples
    --------
    >>> two = pd.DataFrame({"rent_to_income_ratio": [0.1, 0.11, 0.12, 0.4, 0.41, 0.42]},
    ...     index=["108001", "108002", "108003", "108004", "108005", "108006"])
    >>> found = typology(two, groups=2)
    >>> found.labels.tolist()
    [2, 2, 2, 1, 1, 1]
    >>> found.marks()[["type", "direction"]].to_numpy().tolist()
    [[1, 'high'], [2, 'low']]
    """
    in_range({"groups": Range(whole=True), "seed": SEEDS}, Refused, groups=groups, seed=seed)
    whole, allocated = admitted(ind)
    data = whole.dropna()
    tried = [one for one in GROUPS if one < len(data)] if groups is None else [groups]
    _check(data, tried, method, standardise)
    scaled = standardised(data, standardise)
    points = scaled.to_numpy()
    _loaded()
    # One thread: sums in another order would differ in their last digit, and small ones wait more.
    with process.one_thread(), np.errstate(under="ignore"):
        fits, criteria = _fitted(points, tried, method, seed)
        silhouette, bic = _silhouette(points, fits), pd.Series(criteria, dtype=float)
        chosen = _chosen(silhouette, bic)
        labels = _ordered(fits[chosen], scaled)
        stability = _stability(points, labels.to_numpy(), chosen, method, seed)
    return Typology(
        labels=labels,
        centroids=data.groupby(labels).mean(),
        standing=scaled.groupby(labels).mean(),
        silhouette=silhouette.rename_axis("groups"),
        bic=bic.rename_axis("groups"),
        stability=stability,
        missing=tuple(whole.index.difference(data.index).difference(list(allocated))),
        allocated=allocated,
        method=method,
        standardise=standardise,
        seed=seed,
    )


def _chosen(silhouette: pd.Series, bic: pd.Series) -> int:
    """Return the number of types with the lowest BIC, or where there is none the best silhouette."""
    place = bic.argmin() if len(bic) else silhouette.argmax()
    return int(silhouette.index.to_numpy()[place])


def _check(data: pd.DataFrame, tried: Sequence[int], method: str, standardise: str) -> None:
    problems = []
    if method not in METHODS:
        problems.append(problem("unknown_method", method=method, known=METHODS))
    if standardise not in SCALES:
        problems.append(problem("unknown_scale", scale=standardise, known=SCALES))
    if data.empty or not tried:
        problems.append(problem("few_for_types", count=len(data)))
    elif not 2 <= tried[0] < len(data):
        problems.append(problem("types_beyond", types=tried[0], units=len(data)))
    if problems:
        raise Refused(*problems)


def _fitted(
    points: np.ndarray, counts: Sequence[int], method: str, seed: int
) -> tuple[dict[int, np.ndarray], dict[int, float]]:
    """Return the group of each point by number of groups, and the BIC where the method has one."""
    if method == "ward":
        from scipy.cluster.hierarchy import cut_tree, ward

        cut = cut_tree(ward(points), n_clusters=list(counts))
        return dict(zip(counts, cut.T, strict=True)), {}
    if method == "kmeans":
        from sklearn.cluster import KMeans

        return {
            count: KMeans(count, n_init=_STARTS, random_state=seed).fit_predict(points)
            for count in counts
        }, {}
    from sklearn.mixture import GaussianMixture

    fits = {
        count: GaussianMixture(count, random_state=seed).fit(points)  # starts from k-means
        for count in counts
    }
    return (
        {count: fit.predict(points) for count, fit in fits.items()},
        {count: float(fit.bic(points)) for count, fit in fits.items()},
    )


@cache
def _loaded() -> None:
    """Load scikit-learn before it is held to one thread, and have the cores counted once, unheard.

    OpenMP that comes with it later would take a thread a core, and all but one would wait for each
    other. In a container that hides its cores joblib complains on screen when scikit-learn has them
    counted before its first k-means; what is complained of once is not complained of again.
    """
    import sklearn.cluster
    import sklearn.mixture  # noqa: F401
    from joblib import cpu_count

    with _COUNTING, process.quiet(), redirect_stderr(StringIO()):
        cpu_count(only_physical_cores=True)


def _silhouette(points: np.ndarray, fits: Mapping[int, np.ndarray]) -> pd.Series:
    """Return the mean silhouette of several groupings, measuring each distance once for all."""
    from scipy.spatial.distance import cdist

    members = [np.eye(groups.max() + 1)[groups] for groups in fits.values()]
    member = np.hstack(members)
    sums = np.zeros(member.shape)  # of the distances to each group of each grouping
    for start in range(0, len(points), _ROWS):
        rows, after = slice(start, start + _ROWS), slice(start + _ROWS, None)
        distances = cdist(points[rows], points[start:])
        sums[rows] += distances @ member[start:]
        sums[after] += distances[:, _ROWS:].T @ member[rows]
    ends = np.cumsum([one.shape[1] for one in members])[:-1]
    found = {
        count: _widths(to_groups, one.sum(axis=0), fits[count]).mean()
        for count, one, to_groups in zip(fits, members, np.hsplit(sums, ends), strict=True)
    }
    return pd.Series(found)


def _widths(sums: np.ndarray, sizes: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the silhouette of points from their summed distances to each group; alone it is 0."""
    place = np.arange(len(own)), own
    inside = sums[place] / np.maximum(sizes[own] - 1, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(sizes > 0, sums / sizes, np.inf)  # a mixture may leave a group empty
    means[place] = np.inf
    nearest = means.min(axis=1)
    wide = np.maximum(inside, nearest)
    told = (sizes[own] > 1) & (wide > 0) & np.isfinite(nearest)
    return np.asarray(np.divide(nearest - inside, wide, out=np.zeros_like(wide), where=told))


def _ordered(groups: np.ndarray, scaled: pd.DataFrame) -> pd.Series:
    """Number the groups from the worst mean standing to the best, whatever the method called them."""
    known = registry()
    polarity = pd.Series(
        {name: known[name].polarity if name in known else 1 for name in scaled.columns}
    )
    means = scaled.groupby(groups).mean()
    worst = means @ polarity
    order = means.assign(_worst=-worst).sort_values(["_worst", *means.columns]).index
    numbers = {int(group): number for number, group in enumerate(order, start=1)}
    return pd.Series([numbers[one] for one in groups.tolist()], index=scaled.index, name="type")


def _stability(
    points: np.ndarray, labels: np.ndarray, count: int, method: str, seed: int
) -> pd.Series:
    """Group resamples anew and compare on the units that each of them holds."""
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(seed)
    found = []
    for _ in range(RESAMPLES):
        drawn = rng.integers(len(points), size=len(points))
        drawn.sort()
        held, first = np.unique(drawn, return_index=True)
        if len(held) <= count:
            continue
        again, _ = _fitted(points[drawn], [count], method, seed)
        found.append(float(adjusted_rand_score(labels[held], again[count][first])))
    return pd.Series(found, name="adjusted_rand", dtype=float)
