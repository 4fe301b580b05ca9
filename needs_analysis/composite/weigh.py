"""Weights that the data themselves suggest for the parts of an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis.composite.problems import CompositeError, numbers, problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A principal component counts when its eigenvalue exceeds 1 by more than rounding.
_EIGENVALUE_MARGIN = 1e-9
# The rotation has settled when no plane turns by more than this (radians).
_ANGLE_MIN = 1e-9
_SWEEPS_MAX = 1000


def weigh_equal(parts: pd.DataFrame, base: pd.DataFrame | None = None) -> pd.Series:  # noqa: ARG001
    r"""The same weight for every part.

    .. math:: w_j = 1 / p

    Parameters
    ----------
    parts : DataFrame
        Normalised parts; one row a unit.
    base : DataFrame, optional
        Not needed here: the weights depend on no value.

    Returns
    -------
    Series
        Weights by column, adding up to 1.

    Raises
    ------
    CompositeError
        There is no part.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6.

    Examples
    --------
    >>> weigh_equal(pd.DataFrame({"a": [1.0], "b": [2.0]})).to_dict()
    {'a': 0.5, 'b': 0.5}
    """
    if numbers(parts).shape[1] == 0:
        raise CompositeError(problem("no_part"))
    return pd.Series(1 / parts.shape[1], index=parts.columns, name="weight")


def weigh_pca(
    parts: pd.DataFrame, base: pd.DataFrame | None = None, components: int | None = None
) -> pd.Series:
    r"""Weights from the rotated principal components, so that overlapping parts are not counted twice.

    The components of the correlation matrix with an eigenvalue above 1 are rotated (varimax); each
    part goes with the component of which it is the largest share, and weighs this share times the
    component's share of the variance explained, which comes to

    .. math:: w_j = \frac{\ell_{jf(j)}^2}{\sum_m \ell_{mf(m)}^2}, \qquad
        f(j) = \arg\max_f \frac{\ell_{jf}^2}{\sum_m \ell_{mf}^2}

    with :math:`\ell` the rotated loadings.

    Parameters
    ----------
    parts : DataFrame
        Normalised parts; one row a unit.
    base : DataFrame, optional
        The units from which the weights are learned; ``parts`` when omitted. Only units that have
        every part count.
    components : int, optional
        How many of the largest components are kept, whatever their eigenvalue; those above 1 when
        omitted.

    Returns
    -------
    Series
        Weights by column, adding up to 1.

    Raises
    ------
    CompositeError
        Fewer than three units have every part, a part is constant among them (named), or no two
        parts are correlated: there is nothing to weigh by. Or no such number of components can be
        kept.

    Notes
    -----
    The weights correct for overlap; they do not say how much a part matters. A part that goes with
    no component above 1 weighs little or nothing. Loadings have signs, weights do not: a part that
    runs against the others still gets a positive weight.

    References
    ----------
    Nicoletti, G., Scarpetta, S. and Boylaud, O. (2000), Summary indicators of product market
    regulation, OECD Economics Department Working Papers 226; OECD/JRC (2008), Handbook on
    Constructing Composite Indicators, step 6 (principal components, tables 16-18); Kaiser, H. F.
    (1958), The varimax criterion for analytic rotation in factor analysis, Psychometrika 23.

    Examples
    --------
    Two parts say the same and weigh alike; the third runs on its own and gets nothing:

    >>> parts = pd.DataFrame({"a": [3.0, -3, 1, -1], "b": [3.0, -3, 1, -1], "c": [1.0, -1, -3, 3]})
    >>> weigh_pca(parts).round(6).abs().tolist()
    [0.5, 0.5, 0.0]
    """
    learned = _complete(parts, base)
    _refuse_constant(learned)
    if learned.shape[1] == 1:
        return _weights(np.ones(1), parts)
    values, vectors = np.linalg.eigh(np.corrcoef(learned.to_numpy(), rowvar=False))
    above = int((values > 1 + _EIGENVALUE_MARGIN).sum())
    if not above:
        raise CompositeError(problem("no_correlation"))
    most = int((values > _EIGENVALUE_MARGIN).sum())
    kept = above if components is None else components
    if kept not in range(1, most + 1):
        raise CompositeError(problem("components", found=kept, most=most))
    loadings = vectors[:, -kept:] * np.sqrt(values[-kept:])
    squared = _varimax(loadings) ** 2
    # Where two components are as good, rounding must not choose: the larger loading counts.
    share = squared / squared.sum(axis=0)
    alike = share >= share.max(axis=1, keepdims=True) - _EIGENVALUE_MARGIN
    return _weights(np.where(alike, squared, 0).max(axis=1), parts)


def weigh_entropy(parts: pd.DataFrame, base: pd.DataFrame | None = None) -> pd.Series:
    r"""Weights by how unevenly each part is spread over the units (Shannon's entropy).

    .. math:: e_j = -\frac{1}{\ln n} \sum_i q_{ij} \ln q_{ij}, \quad
        q_{ij} = \frac{z_{ij}}{\sum_k z_{kj}}, \qquad w_j = \frac{1 - e_j}{\sum_m (1 - e_m)}

    Parameters
    ----------
    parts : DataFrame
        Normalised parts, not negative; one row a unit.
    base : DataFrame, optional
        The units from which the weights are learned; ``parts`` when omitted. Only units that have
        every part count.

    Returns
    -------
    Series
        Weights by column, adding up to 1; 0 for a part that is the same everywhere.

    Raises
    ------
    CompositeError
        Fewer than three units have every part, a part has negative values or adds up to nothing
        (named), or every part is the same everywhere.

    Notes
    -----
    The weights depend on where the scale begins: the same part on 0-100 and on 100-200 weighs
    differently. Take a scale whose zero means nothing.

    References
    ----------
    Shannon, C. E. (1948), A mathematical theory of communication, Bell System Technical Journal 27;
    Zeleny, M. (1982), Multiple Criteria Decision Making, McGraw-Hill, ch. 7.

    Examples
    --------
    >>> parts = pd.DataFrame({"even": [1.0, 1, 1], "uneven": [0.0, 0, 1]})
    >>> weigh_entropy(parts).tolist()
    [0.0, 1.0]
    """
    learned = _complete(parts, base)
    wrong = [str(name) for name in learned if (learned[name] < 0).any() or not learned[name].any()]
    if wrong:
        raise CompositeError(problem("entropy", names=wrong))
    if learned.shape[1] == 1:
        return _weights(np.ones(1), parts)
    shares = (learned / learned.sum()).to_numpy()
    logarithms = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    entropy = -(shares * logarithms).sum(axis=0) / np.log(len(learned))
    # An even part has an entropy of 1 but for rounding.
    diversity = np.where((learned.max() > learned.min()).to_numpy(), (1 - entropy).clip(min=0), 0)
    if diversity.sum() == 0:
        raise CompositeError(problem("entropy_even"))
    return _weights(diversity, parts)


def weigh_critic(parts: pd.DataFrame, base: pd.DataFrame | None = None) -> pd.Series:
    r"""Weights by contrast and conflict: a part counts that varies and that the others do not repeat.

    .. math:: C_j = \sigma_j \sum_m (1 - r_{jm}), \qquad w_j = C_j / \sum_m C_m

    with :math:`\sigma` the standard deviation of the part rescaled to 0-1 and :math:`r` the linear
    correlation.

    Parameters
    ----------
    parts : DataFrame
        Normalised parts; one row a unit. Origin and scale of a column do not matter.
    base : DataFrame, optional
        The units from which the weights are learned; ``parts`` when omitted. Only units that have
        every part count.

    Returns
    -------
    Series
        Weights by column, adding up to 1.

    Raises
    ------
    CompositeError
        Fewer than three units have every part, a part is constant among them (named), or all parts
        say the same.

    References
    ----------
    Diakoulaki, D., Mavrotas, G. and Papayannakis, L. (1995), Determining objective weights in
    multiple criteria problems: the CRITIC method, Computers & Operations Research 22, 763-770.

    Examples
    --------
    The first two say the same, the third stands alone:

    >>> parts = pd.DataFrame({"a": [0.0, 1, 0, 1], "b": [0.0, 1, 0, 1], "c": [0.0, 0, 1, 1]})
    >>> weigh_critic(parts).round(6).tolist()
    [0.25, 0.25, 0.5]
    """
    learned = _complete(parts, base)
    _refuse_constant(learned)
    if learned.shape[1] == 1:
        return _weights(np.ones(1), parts)
    rescaled = (learned - learned.min()) / (learned.max() - learned.min())
    conflict = (1 - np.corrcoef(rescaled.to_numpy(), rowvar=False)).clip(min=0).sum(axis=1)
    if conflict.max() < _EIGENVALUE_MARGIN:
        raise CompositeError(problem("critic_alike"))
    return _weights(rescaled.std().to_numpy() * conflict, parts)


def _complete(parts: pd.DataFrame, base: pd.DataFrame | None) -> pd.DataFrame:
    """Return the units to learn from, with every part."""
    if numbers(parts).shape[1] == 0:
        raise CompositeError(problem("no_part"))
    learned = parts if base is None else numbers(base)
    absent = [str(name) for name in parts if name not in learned]
    if absent:
        raise CompositeError(problem("base_lacks", names=absent))
    learned = learned[list(parts)].astype(float)
    infinite = [str(name) for name in learned if np.isinf(learned[name]).any()]
    if infinite:
        raise CompositeError(problem("infinite", names=infinite))
    learned = learned.dropna()
    if len(learned) < 3:
        raise CompositeError(problem("few_complete", count=len(learned)))
    return learned


def _refuse_constant(learned: pd.DataFrame) -> None:
    constant = [str(name) for name in learned if learned[name].min() == learned[name].max()]
    if constant:
        raise CompositeError(problem("constant_parts", names=constant))


def _weights(raw: NDArray[np.float64], parts: pd.DataFrame) -> pd.Series:
    return pd.Series(raw / raw.sum(), index=parts.columns, name="weight")


def _varimax(loadings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotate loadings so that each part loads on few components (Kaiser 1958, parts normalised).

    Plane by plane with the angle in closed form: it cannot stop at a minimum, as iterations on the
    gradient can.
    """
    rows, columns = loadings.shape
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    rotated = np.divide(loadings, length, out=np.zeros_like(loadings), where=length > 0)
    for _ in range(_SWEEPS_MAX):
        largest = 0.0
        for first in range(columns):
            for second in range(first + 1, columns):
                x, y = rotated[:, first].copy(), rotated[:, second].copy()
                u, v = x**2 - y**2, 2 * x * y
                across = 2 * (u @ v) - 2 * u.sum() * v.sum() / rows
                along = u @ u - v @ v - (u.sum() ** 2 - v.sum() ** 2) / rows
                # Where every angle is as good, rounding must not turn the plane for ever.
                flat = max(abs(across), abs(along)) < _ANGLE_MIN
                angle = 0.0 if flat else float(np.arctan2(across, along)) / 4
                rotated[:, first] = x * np.cos(angle) + y * np.sin(angle)
                rotated[:, second] = y * np.cos(angle) - x * np.sin(angle)
                largest = max(largest, abs(angle))
        if largest < _ANGLE_MIN:
            found: NDArray[np.float64] = rotated * length
            return found
    raise CompositeError(problem("rotation"))
