"""Questions put to an index: what drives it, what would change it, what marks a unit."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.composite.build import CompositeResult, built
from needs_analysis.composite.external import rank_correlation
from needs_analysis.composite.problems import CompositeError, check_range, problem
from needs_analysis.composite.spec import Spec
from needs_analysis.errors import wanted


def what_if(
    result: CompositeResult,
    weights: Mapping[str, float] | None = None,
    without: Sequence[str] = (),
    **changes: Any,
) -> pd.DataFrame:
    """Build the index again with something changed, and put scores and ranks side by side.

    Parameters
    ----------
    result : CompositeResult
        The index as it is.
    weights : mapping of str to float, optional
        Other weights for some indicators or components.
    without : sequence of str
        Indicators or components to leave out.
    **changes
        Fields of :class:`Spec` (``normalise="minmax"``, ``aggregate="geometric"`` ...).

    Returns
    -------
    DataFrame
        By unit: ``score_before``, ``score_after``, ``rank_before``, ``rank_after`` and ``rank_change``
        (positive: nearer to the top). Scores of different scales do not compare; ranks do.

    Raises
    ------
    CompositeError
        Nothing is changed, or the changed index cannot be built.

    Examples
    --------
    >>> from needs_analysis.composite import Indicator, build
    >>> spec = Spec("s_score", indicators=(Indicator("a", polarity=1), Indicator("b", polarity=1)))
    >>> data = pd.DataFrame({"a": [0.0, 1, 2], "b": [2.0, 1, 1.5]}, index=list("xyz"))
    >>> what_if(build(data, spec), weights={"a": 9})["rank_change"].tolist()
    [-1.0, 1.0, 0.0]
    """
    spec: Spec = _built(result).spec
    if not weights and not without and not changes:
        raise CompositeError(problem("nothing_changed"))
    if unknown := [name for name in changes if name not in {one.name for one in fields(Spec)}]:
        raise CompositeError(problem("no_field", names=unknown))
    if without:
        spec = spec.without(*without)
    if weights:
        spec = spec.reweighted(weights)
    other = _again(result, replace(spec, **changes))
    frame = pd.DataFrame(
        {
            "score_before": result.score,
            "score_after": other.score,
            "rank_before": result.rank,
            "rank_after": other.rank,
        }
    )
    return frame.assign(rank_change=frame["rank_before"] - frame["rank_after"])


def leave_one_out(
    result: CompositeResult, ranked: Iterable[Hashable] | None = None
) -> pd.DataFrame:
    """Leave out each indicator and each component in turn, and say how far the ranks move.

    Parameters
    ----------
    result : CompositeResult
        The index.
    ranked : iterable, optional
        The units that take a rank; all those with a score when omitted.

    Returns
    -------
    DataFrame
        By what was left out: ``mean_rank_change`` and ``largest_rank_change`` (absolute places, over the
        units ranked both times), ``largest_change_unit`` and ``rank_correlation`` (Spearman's).

    Raises
    ------
    CompositeError
        The index has one indicator only.

    Examples
    --------
    >>> from needs_analysis.composite import Indicator, build
    >>> spec = Spec("s_score", indicators=(Indicator("a", polarity=1), Indicator("b", polarity=1)))
    >>> data = pd.DataFrame({"a": [0.0, 1, 2], "b": [4.0, 1, 0]}, index=list("xyz"))
    >>> leave_one_out(build(data, spec))["mean_rank_change"].round(3).tolist()
    [0.667, 1.333]
    """
    spec = _built(result).spec
    if len(spec.names) < 2:
        raise CompositeError(problem("one_indicator", index=spec.name))
    own = result.rank_among(ranked)
    rows = {}
    for name in (*(one.name for one in spec.components), *spec.names):
        if set(spec.names) <= set(_under(spec, name)):
            continue  # all that there is
        other = _again(result, spec.without(name)).rank
        # What was left out may have kept units without score: both times the same ones are ranked.
        both = other.notna() & own.notna()
        before, after = own[both].rank(method="min"), other[both].rank(method="min")
        change = (after - before).abs()
        rows[name] = {
            "mean_rank_change": change.mean(),
            "largest_rank_change": change.max(),
            "largest_change_unit": change.idxmax() if len(change) else None,
            "rank_correlation": rank_correlation(after, before),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("left_out")


def effective_weights(result: CompositeResult, groups: int = 20) -> pd.DataFrame:
    r"""Compare the weight each indicator was given with the one it has in the scores.

    The latter is the correlation ratio

    .. math:: S_j = \frac{\operatorname{Var}\left(E[y \mid x_j]\right)}{\operatorname{Var}(y)}

    with the conditional mean taken in groups of equal size along the indicator, corrected for the
    variance that groups of so few units have by chance (epsilon squared).

    Parameters
    ----------
    result : CompositeResult
        An index.
    groups : int
        Groups along each indicator, of at least five units each.

    Returns
    -------
    DataFrame
        By indicator: ``declared_weight_share`` (NaN where units have their own weights) and
        ``effective_weight_share`` (correlation ratios over their sum), ``correlation_ratio`` (0-1).

    Raises
    ------
    CompositeError
        Fewer than ten units have a score.

    References
    ----------
    Paruolo, Saisana and Saltelli (2013), Ratings and rankings: voodoo or science?, JRSS A 176(3),
    609-634; Kelley (1935) for the correction.
    """
    check_range(groups=groups)
    score = _built(result).score.dropna()
    if len(score) < 10:
        raise CompositeError(problem("few_scores", index=result.spec.name, units=len(score)))
    data = result.stages["normalised"].reindex(score.index)
    ratio = pd.Series({name: _ratio(score, data[name], groups) for name in data}, dtype=float)
    declared = pd.Series(_declared(result), dtype=float)
    frame = pd.DataFrame(
        {
            "declared_weight_share": declared,
            "effective_weight_share": ratio / ratio.sum(),
            "correlation_ratio": ratio,
        }
    )
    return frame.loc[list(result.spec.names)].rename_axis("indicator")


def correlations(
    result: CompositeResult, threshold: float = 0.9
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Correlate the normalised indicators and name the pairs that say nearly the same.

    Returns
    -------
    matrix : DataFrame
        Pearson's correlations; polarity is already turned, so that a negative one means a conflict.
    flagged : DataFrame
        ``first``, ``second`` and ``correlation`` of the pairs at or beyond the threshold, either sign,
        strongest first.

    Examples
    --------
    >>> from needs_analysis.composite import Indicator, build
    >>> spec = Spec("s_score", indicators=(Indicator("a", polarity=1), Indicator("b", polarity=-1)))
    >>> data = pd.DataFrame({"a": [0.0, 1, 2], "b": [2.0, 1, 0]}, index=list("xyz"))
    >>> correlations(build(data, spec))[1].values.tolist()
    [['a', 'b', 1.0]]
    """
    check_range(threshold=threshold)
    matrix = _built(result).stages["normalised"].corr()
    names = list(matrix.columns)
    values = matrix.to_numpy()
    pairs = [
        {"first": names[one], "second": names[other], "correlation": values[one, other]}
        for one in range(len(names))
        for other in range(one + 1, len(names))
        if abs(values[one, other]) >= threshold
    ]
    flagged = pd.DataFrame(pairs, columns=["first", "second", "correlation"])
    strongest = flagged["correlation"].abs().sort_values(ascending=False, kind="stable").index
    return matrix, flagged.loc[strongest].reset_index(drop=True)


def profile(
    result: CompositeResult, unit: Hashable, peers: Sequence[Hashable] | None = None
) -> pd.DataFrame:
    """Set a unit's indicators beside its peers': where it is worst off and where best.

    Parameters
    ----------
    result : CompositeResult
        An index; a high score is the more distress, or the more of what the index measures.
    unit : hashable
        Its row.
    peers : sequence of hashable, optional
        With whom it is compared (its degree of urbanisation, its province); all units when omitted.

    Returns
    -------
    DataFrame
        By indicator: ``value``, ``peer_median``, ``normalised``, ``above_share`` (share of the peers
        that it is above, ties half), ``contribution`` (NaN in an outranking) and ``mark``: "high" in
        the top quarter of the peers, "low" in the bottom quarter, "" between or without a value.
        Polarity is turned: "high" always raises the score.

    Raises
    ------
    CompositeError
        The unit or a peer is not in the index.
    """
    normalised = _built(result).stages["normalised"]
    absent = tuple(
        str(one) for one in (unit, *(() if peers is None else peers)) if one not in normalised.index
    )
    if absent:
        raise CompositeError(problem("no_unit", names=absent))
    others = normalised if peers is None else normalised.loc[list(peers)]
    others = others.drop(index=[unit], errors="ignore")
    own = normalised.xs(unit)
    below = (others < own).sum() + 0.5 * (others == own).sum()
    counted = others.count()
    above = (below / counted.where(counted > 0)).mask(own.isna().to_numpy())
    marks = np.select([above >= 0.75, above <= 0.25], ["high", "low"], default="")
    data = result.stages["data"]
    points = np.nan if result.contributions is None else result.contributions.xs(unit)
    frame = pd.DataFrame(
        {
            "value": data.xs(unit),
            "peer_median": data.loc[others.index].median(),
            "normalised": own,
            "above_share": above,
            "contribution": points,
            "mark": marks,
        },
        index=normalised.columns,
    )
    return frame.rename_axis("indicator").sort_values("above_share", ascending=False, kind="stable")


def _built(result: CompositeResult) -> CompositeResult:
    """Return an index that was built; anything else is refused."""
    wanted(result, CompositeResult)
    return result


def _again(result: CompositeResult, spec: Spec) -> CompositeResult:
    return built(result.inputs, spec, result.overrides, result.base)


def _under(spec: Spec, name: str) -> tuple[str, ...]:
    return (name,) if name in spec.names else spec.leaves(name)


def _declared(result: CompositeResult) -> dict[str, float]:
    """Multiply the shares from the index down to each indicator."""
    spec = result.spec
    inner = {one.name for one in spec.components}
    found: dict[str, float] = {}
    share = {spec.name: 1.0}
    for node in reversed(spec.nodes):
        own = result.weights.get(node)
        for part in spec.parts(node):
            value = share[node] * (np.nan if own is None else float(own[part]))
            (share if part in inner else found)[part] = value
    return found


def _ratio(score: pd.Series, values: pd.Series, groups: int) -> float:
    known = values.notna()
    own, along = score[known], values[known]
    count = max(2, min(groups, len(own) // 5))
    # Equal values share a group, so that the order of the units says nothing.
    group = np.ceil(along.rank(method="average") / len(along) * count)
    place = pd.Series(group, index=along.index)
    means = own.groupby(place).transform("mean")
    within = float(((own - means) ** 2).sum())
    total = float(((own - own.mean()) ** 2).sum())
    made = place.nunique()
    if total == 0 or len(own) <= made:
        return np.nan
    return float(max(0.0, 1 - (within / (len(own) - made)) / (total / (len(own) - 1))))
