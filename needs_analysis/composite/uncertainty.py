"""How much the ranks of an index owe to the choices behind it: draws over them, and Sobol indices."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_analysis import process, store, workers
from needs_analysis.composite.aggregate import (
    ampi,
    arithmetic_mean,
    geometric_mean,
    harmonic_mean,
)
from needs_analysis.composite.build import CompositeResult, Table, build, built
from needs_analysis.composite.methods import Function, Method
from needs_analysis.composite.problems import RANGES, CompositeError, check_range, problem
from needs_analysis.composite.spec import Spec
from needs_analysis.errors import Problem
from needs_analysis.figures import Displayed

Array = NDArray[np.float64]
Ranks = NDArray[np.int32]
_Piece = tuple[NDArray[np.intp], tuple[int, ...], Array]  # rows, methods picked, points

_CHUNK = 16  # draws evaluated together: a megabyte of scores stays in the processor's cache
_PARCEL = 32  # chunks that an executor does with one copy of the model
_LEVELS = ("impute", "treat", "normalise", "aggregate")


@dataclass(frozen=True)
class Choices:
    """What is left open when an index is questioned.

    Parameters
    ----------
    weights : float, "dirichlet" or None
        0.25 moves every weight by up to 25 % either way and shares them out again; "dirichlet" draws
        the shares of each node around its own (all alike: any share is as likely as another); None
        leaves them.
    impute, treat, normalise, aggregate : tuple of Method
        The methods among which each draw picks one, alike in chance; the declaration's own when empty.
        An aggregation that a component declares for itself stays.
    drop : bool
        Whether a draw may leave one indicator out (or none, with the same chance as each).

    Raises
    ------
    CompositeError
        With every problem at once.
    """

    weights: float | str | None = 0.25
    impute: tuple[Method, ...] = ()
    treat: tuple[Method, ...] = ()
    normalise: tuple[Method, ...] = ()
    aggregate: tuple[Method, ...] = ()
    drop: bool = False

    def __post_init__(self) -> None:
        """Take methods by name and refuse what cannot be drawn."""
        problems: list[Problem] = []
        for stage in _LEVELS:
            methods = tuple(Method.of(stage, one) for one in getattr(self, stage))
            object.__setattr__(self, stage, methods)
            problems += [found for one in methods for found in one.problems()]
        if self.weights not in (None, "dirichlet"):
            wrong = RANGES["weights"].wrong("weights", self.weights)
            if wrong and not wrong.code.endswith("per_cent"):
                wrong = problem("choice_weights", found=self.weights)
            problems += [wrong] if wrong else []
        if problems:
            raise CompositeError(*problems)


# What a reader may well doubt of an index built on ISTAT's scale: its weights, the scale itself, whether
# a low part makes up for a high one, and each single indicator.
DOUBTS = Choices(
    weights=0.25,
    normalise=(
        "ampi",
        {"method": "zscore", "mean": 100, "sd": 10},
        {"method": "minmax", "low": 70, "high": 130},
    ),  # type: ignore[arg-type]
    aggregate=("ampi", "arithmetic", "geometric"),  # type: ignore[arg-type]
    drop=True,
)


@dataclass(frozen=True, repr=False)
class UncertaintyResult(Displayed):
    """Ranks under the choices left open.

    Attributes
    ----------
    frame : DataFrame
        By unit: ``rank`` of the declared index, ``rank_median``, ``rank_low`` and ``rank_high`` (5 % and
        95 % of the draws), ``top_tenth_share`` and ``top_quarter_share`` (of the draws in which the unit
        is among the highest tenth or quarter) and ``ranked_draws``; NaN without a score.
    choices : Choices
        What was left open.
    draws, seed : int
        How many times, and from where the random numbers start.
    """

    frame: pd.DataFrame
    choices: Choices
    draws: int
    seed: int


@dataclass(frozen=True, repr=False)
class SensitivityResult(Displayed):
    """How much of the change of ranks each choice explains.

    Attributes
    ----------
    frame : DataFrame
        By factor: ``first_order`` (alone), ``total_order`` (with all it interacts with) and the half
        width of their 95 % intervals, ``first_order_margin`` and ``total_order_margin``.
    mean_rank_change : float
        The mean absolute change of rank over units and runs: the quantity explained.
    choices : Choices
        What was left open.
    runs, seed : int
        How many indices were built, and from where the random numbers start.
    """

    frame: pd.DataFrame
    mean_rank_change: float
    choices: Choices
    runs: int
    seed: int


def uncertainty(
    indicators: Table,
    spec: Spec,
    draws: int = 10_000,
    seed: int = 1,
    executor: Executor | None = None,
    choices: Choices | None = None,
    overrides: Mapping[str, float] | None = None,
    ranked: Iterable[Hashable] | None = None,
    base: Table | None = None,
) -> UncertaintyResult:
    """Draw the choices behind an index many times over and return the ranks each unit gets.

    Parameters
    ----------
    indicators : Figures or DataFrame
        By unit, as for :func:`needs_analysis.composite.build`.
    spec : Spec
        The declared index, whose scored units are ranked.
    draws : int
        Times.
    seed : int
        The same seed gives the same result, bit for bit, whatever the executor.
    executor : concurrent.futures.Executor, optional
        Where the draws are computed; threads of this machine when omitted.
    choices : Choices, optional
        What is left open; the weights, by 25 % either way, when omitted.
    overrides : mapping of str to float, optional
        Parameters of a study.
    ranked : iterable, optional
        The units that take a rank, all those with a score when omitted; the others stay in the
        reference of the scores.
    base : Figures or DataFrame, optional
        The reference set, as for :func:`needs_analysis.composite.build`: the units themselves unless
        another is given.

    Returns
    -------
    UncertaintyResult

    Raises
    ------
    CompositeError
        A choice cannot be computed on these data; nothing is skipped.

    References
    ----------
    Saisana, Saltelli and Tarantola (2005), Uncertainty and sensitivity analysis techniques as tools for
    the quality assessment of composite indicators, JRSS A 168(2), 307-323.

    Examples
    --------
    >>> from needs_analysis.composite.spec import Indicator
    >>> spec = Spec("s_score", indicators=(Indicator("a", polarity=1), Indicator("b", polarity=1)))
    >>> frame = pd.DataFrame({"a": [0.0, 1, 2], "b": [0.0, 1, 3]}, index=list("xyz"))
    >>> uncertainty(frame, spec, draws=100).frame["rank_high"].tolist()
    [3.0, 2.0, 1.0]
    """
    check_range(draws=draws, seed=seed)
    model = _model(indicators, spec, choices or Choices(), overrides or {}, ranked, base)
    points = np.random.default_rng(seed).random((draws, len(model.factors)))
    units = model.units
    kept = np.empty((draws, units), dtype=np.int16 if units < 2**15 - 1 else np.int32)
    for rows, ranks in _evaluated(model, points, executor):
        kept[rows] = ranks
    found = _intervals(kept).set_axis(model.nominal.index)
    found.insert(0, "rank", model.nominal)
    return UncertaintyResult(found.reindex(model.index), model.choices, draws=draws, seed=seed)


def sensitivity(
    indicators: Table,
    spec: Spec,
    points: int = 1024,
    seed: int = 1,
    executor: Executor | None = None,
    choices: Choices | None = None,
    overrides: Mapping[str, float] | None = None,
    ranked: Iterable[Hashable] | None = None,
    base: Table | None = None,
) -> SensitivityResult:
    """Split the mean absolute change of rank over the choices that cause it (Sobol indices).

    Parameters
    ----------
    points : int
        A power of two; with k factors the index is built points x (k + 2) times (Saltelli's design).
    indicators, spec, seed, executor, choices, overrides, ranked, base
        As in :func:`uncertainty`.

    Returns
    -------
    SensitivityResult
        A negative index or one above 1 by less than its margin is noise of the estimate.

    Raises
    ------
    CompositeError
        Fewer than two factors are open, no rank ever changes, or points is no power of two.

    References
    ----------
    Saltelli et al. (2010), Variance based sensitivity analysis of model output, Computer Physics
    Communications 181, 259-270; Saisana, Saltelli and Tarantola (2005).
    """
    check_range(points=points, seed=seed)
    if points & (points - 1):
        near = 1 << (points.bit_length() - 1)
        raise CompositeError(problem("points_power", found=points, near=near))
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as design

    model = _model(indicators, spec, choices or DOUBTS, overrides or {}, ranked, base)
    count = len(model.factors)
    if count < 2:
        raise CompositeError(problem("few_open"))
    inputs = {"num_vars": count, "names": list(model.factors), "bounds": [[0.0, 1.0]] * count}
    rows_of = design.sample(inputs, points, calc_second_order=False, seed=seed)
    change = np.empty(len(rows_of))
    nominal = model.nominal.to_numpy()
    for rows, ranks in _evaluated(model, np.minimum(rows_of, 1 - 1e-12), executor):
        blank = ranks == np.iinfo(ranks.dtype).max
        moved = np.where(blank, np.nan, np.abs(ranks - nominal))
        change[rows] = np.nanmean(moved, axis=1)
    if np.ptp(change) == 0:
        raise CompositeError(problem("no_change"))
    found = analysis.analyze(inputs, change, calc_second_order=False, seed=seed)
    frame = pd.DataFrame(
        {
            "first_order": found["S1"],
            "first_order_margin": found["S1_conf"],
            "total_order": found["ST"],
            "total_order_margin": found["ST_conf"],
        },
        index=pd.Index(model.factors, name="factor"),
    )
    return SensitivityResult(frame, float(change.mean()), model.choices, len(rows_of), seed)


@dataclass(frozen=True)
class _Node:
    """A component or the index: its leaves and inner parts by place, with their shares."""

    parts: tuple[str, ...]  # leaves, then inner parts
    leaves: tuple[int, ...]
    inner: tuple[int, ...]
    shares: Array
    own: Method | None
    moved: tuple[int, ...]  # the factors that move the weights, in the order of leaves and inner


@dataclass(frozen=True)
class _Model:
    """All that a draw needs, as arrays."""

    spec: Spec
    choices: Choices
    factors: tuple[str, ...]
    nodes: tuple[_Node, ...]
    options: Mapping[str, tuple[Method, ...]]
    tables: Mapping[tuple[int, ...], Array]  # by impute, treat, normalise: indicators x units
    nominal: pd.Series
    index: pd.Index = field(repr=False)

    @property
    def units(self) -> int:
        return len(self.nominal)


def _model(
    indicators: Table,
    spec: Spec,
    choices: Choices,
    overrides: Mapping[str, float],
    ranked: Iterable[Hashable] | None,
    base: Table | None,
) -> _Model:
    """Build the index once for each combination of imputation, treatment and scale."""
    result = build(indicators, spec, overrides, base)
    nominal = result.rank_among(ranked).dropna()
    if len(nominal) < 2:
        raise CompositeError(problem("few_ranked", index=spec.name))
    options = {stage: getattr(choices, stage) or (getattr(spec, stage),) for stage in _LEVELS}
    tables = {}
    for at in itertools.product(*(range(len(options[stage])) for stage in _LEVELS[:3])):
        ways = {stage: options[stage][i] for stage, i in zip(_LEVELS, at, strict=False)}
        other = built(indicators, replace(spec, **ways), overrides, base).stages["normalised"]
        tables[at] = np.ascontiguousarray(other.reindex(nominal.index).to_numpy(dtype=float).T)
    nodes, factors = _nodes(spec, result, choices)
    factors += [stage for stage in _LEVELS if len(options[stage]) > 1]
    if choices.drop and len(spec.names) > 1:
        factors.append("drop")
    if not factors:
        raise CompositeError(problem("nothing_open"))
    return _Model(
        spec, choices, tuple(factors), nodes, options, tables, nominal, result.scores.data.index
    )


def _nodes(
    spec: Spec, result: CompositeResult, choices: Choices
) -> tuple[tuple[_Node, ...], list[str]]:
    leaf = {name: place for place, name in enumerate(spec.names)}
    inner = {name: place for place, name in enumerate(spec.nodes)}
    own = {one.name: one.aggregate for one in spec.components}
    nodes: list[_Node] = []
    factors: list[str] = []
    for name in spec.nodes:
        parts = list(spec.parts(name))
        parts = [one for one in parts if one in leaf] + [one for one in parts if one not in leaf]
        share = result.weights.get(name, pd.Series(1 / len(parts), index=parts))
        moved: tuple[int, ...] = ()
        if choices.weights is not None and len(parts) > 1:
            moved = tuple(range(len(factors), len(factors) + len(parts)))
            factors += [f"weight of {one}" for one in parts]
        nodes.append(
            _Node(
                parts=tuple(parts),
                leaves=tuple(leaf[one] for one in parts if one in leaf),
                inner=tuple(inner[one] for one in parts if one not in leaf),
                shares=share[parts].to_numpy(dtype=float),
                own=own.get(name),
                moved=moved,
            )
        )
    return tuple(nodes), factors


def _evaluated(
    model: _Model, points: Array, executor: Executor | None
) -> Iterator[tuple[NDArray[np.intp], Ranks]]:
    """Rank the units under every row of the design, in pieces that no executor changes."""
    levels = _levels(model, points)
    pieces: list[_Piece] = []
    for picked in np.unique(levels, axis=0):
        rows = np.flatnonzero((levels == picked).all(axis=1))
        for start in range(0, len(rows), _CHUNK):
            piece = rows[start : start + _CHUNK]
            pieces.append((piece, tuple(int(one) for one in picked), points[piece]))
    if executor is not None:
        parcels = [pieces[at : at + _PARCEL] for at in range(0, len(pieces), _PARCEL)]
        for _, done in workers.each(executor, _all_ranked, ((model, one) for one in parcels)):
            yield from done
        return
    # glibc gives freed arrays back to the system, and asks for their pages anew for every piece, until
    # it has seen a large block freed: then it keeps them, and a third of the time is saved.
    large = np.empty(31 * 2**20, dtype=np.uint8)
    del large
    # One thread each for BLAS: the pieces already fill the machine.
    with process.one_thread(), store.Threads(os.cpu_count()) as threads:
        yield from threads.map(_ranked, itertools.repeat(model), *zip(*pieces, strict=True))


def _levels(model: _Model, points: Array) -> NDArray[np.intp]:
    """Return which method of each stage every row picks."""
    picked = np.zeros((len(points), len(_LEVELS)), dtype=np.intp)
    for place, stage in enumerate(_LEVELS):
        if stage in model.factors:
            column = points[:, model.factors.index(stage)]
            picked[:, place] = (column * len(model.options[stage])).astype(np.intp)
    return picked


def _all_ranked(model: _Model, pieces: Sequence[_Piece]) -> list[tuple[NDArray[np.intp], Ranks]]:
    return [_ranked(model, *one) for one in pieces]


def _ranked(
    model: _Model, rows: NDArray[np.intp], picked: tuple[int, ...], points: Array
) -> tuple[NDArray[np.intp], Ranks]:
    table = model.tables[picked[:3]]
    general = model.options["aggregate"][picked[3]]
    scores: list[Array] = []
    for node, weights in zip(model.nodes, _weights(model, points), strict=True):
        method = node.own or general
        kernel = _KERNELS.get(cast(Function, method.function), partial(_one_by_one, node.parts))
        inner = [scores[place] for place in node.inner]
        scores.append(kernel(method, weights, table[list(node.leaves)], inner))
    decimals = model.spec.rank_decimals
    return rows, _ranks(scores[-1] if decimals is None else scores[-1].round(decimals))


def _weights(model: _Model, points: Array) -> list[Array]:
    """Return the shares of every node's parts, a row a draw; what is dropped has none."""
    dropped = np.full(len(points), -1)
    if "drop" in model.factors:
        count = len(model.spec.names)
        column = points[:, model.factors.index("drop")]
        dropped = (column * (count + 1)).astype(int) - 1
    found: list[Array] = []
    empty: list[NDArray[np.bool_]] = []
    for node in model.nodes:
        weights = np.tile(node.shares, (len(points), 1))
        if node.moved:
            weights = _moved(weights, points[:, list(node.moved)], model.choices.weights)
        for place, leaf in enumerate(node.leaves):
            weights[dropped == leaf, place] = 0.0
        for place, below in enumerate(node.inner, start=len(node.leaves)):
            weights[empty[below], place] = 0.0
        total = weights.sum(axis=1)
        empty.append(total == 0)
        weights[empty[-1]] = 1.0  # nothing is left here: the node has no weight above
        found.append(weights / weights.sum(axis=1, keepdims=True))
    return found


def _moved(weights: Array, points: Array, how: float | str | None) -> Array:
    if how == "dirichlet":
        from scipy.special import gammaincinv

        shape = np.maximum(weights * weights.shape[1], 1e-9)
        drawn: Array = gammaincinv(shape, points)
        return np.where(drawn.sum(axis=1, keepdims=True) > 0, drawn, weights)
    return np.asarray(weights * (1 + float(how or 0) * (2 * points - 1)))


Kernel = Callable[[Method, Array, Array, list[Array]], Array]


def _weighted(
    transform: Callable[[Array], Array], weights: Array, leaves: Array, inner: list[Array]
) -> Array:
    """Sum the transformed parts by weight: draws x units."""
    count = len(leaves)
    total: Array = (
        weights[:, :count] @ transform(leaves)
        if count
        else np.zeros((len(weights), inner[0].shape[1]))
    )
    for place, part in enumerate(inner, start=count):
        total += weights[:, place, None] * transform(part)
    return total


def _arithmetic(_: Method, weights: Array, leaves: Array, inner: list[Array]) -> Array:
    return _weighted(lambda z: z, weights, leaves, inner)


def _geometric(_: Method, weights: Array, leaves: Array, inner: list[Array]) -> Array:
    _not_negative("geometric", leaves, inner)
    # The smallest number stands for zero: its logarithm times no weight must stay zero.
    scores = np.exp(_weighted(lambda z: np.log(np.maximum(z, 1e-300)), weights, leaves, inner))
    return _zeroed(scores, weights, leaves, inner)


def _harmonic(_: Method, weights: Array, leaves: Array, inner: list[Array]) -> Array:
    _not_negative("harmonic", leaves, inner)
    scores = 1 / _weighted(lambda z: 1 / np.maximum(z, 1e-300), weights, leaves, inner)
    return _zeroed(scores, weights, leaves, inner)


def _zeroed(scores: Array, weights: Array, leaves: Array, inner: list[Array]) -> Array:
    """Put zero where a part that has a weight is zero: such units share the lowest rank."""
    if any((part == 0).any() for part in (leaves, *inner)):
        zeros = _weighted(lambda z: (z == 0).astype(float), weights, leaves, inner)
        scores[zeros > 0] = 0.0
    return scores


def _ampi(method: Method, weights: Array, leaves: Array, inner: list[Array]) -> Array:
    mean = _weighted(lambda z: z, weights, leaves, inner)
    variance = _weighted(np.square, weights, leaves, inner)
    variance -= mean * mean
    if np.fmin.reduce(mean, axis=None) <= 0:
        low = mean <= 0
        if ((mean[low] < 0) | (variance[low] > 0)).any():
            raise CompositeError(problem("choice_negative", method="ampi"))
        mean[low] = 1e-300  # parts that are all zero have no imbalance
    ddof = int(method.options.get("ddof", 0))
    count = np.count_nonzero(weights, axis=1)[:, None]
    sign = -1.0 if method.options.get("penalty", "+") == "-" else 1.0
    variance *= np.where(count > ddof, sign * count / np.maximum(count - ddof, 1), sign)
    variance /= mean
    variance += mean
    return variance


def _one_by_one(
    names: tuple[str, ...], method: Method, weights: Array, leaves: Array, inner: list[Array]
) -> Array:
    """Call a method that knows one set of weights at a time: outranking, or a user's own."""
    scores = []
    for draw, weight in enumerate(weights):
        columns = [*leaves, *(part[draw] for part in inner)]
        kept = weight > 0
        named = zip(names, columns, strict=True)
        parts = pd.DataFrame(dict(itertools.compress(named, kept)))
        result: Any = method(parts, weights=pd.Series(weight[kept], index=parts.columns))
        score = result if isinstance(result, pd.Series) else result.scores
        scores.append(score.to_numpy(dtype=float))
    return np.array(scores)


def _not_negative(kind: str, leaves: Array, inner: list[Array]) -> None:
    if any((part < 0).any() for part in (leaves, *inner)):
        raise CompositeError(problem("choice_negative", method=kind))


_KERNELS: dict[Function, Kernel] = {
    arithmetic_mean: _arithmetic,
    geometric_mean: _geometric,
    harmonic_mean: _harmonic,
    ampi: _ampi,
}


def _ranks(scores: Array) -> Ranks:
    """Rank every row, 1 = highest; scores that differ by rounding alone share the lowest rank.

    A score and its unit are packed into one integer (the score's sign and highest bits, then the unit),
    because integers sort five times as fast as their order is found.
    """
    draws, units = scores.shape
    bits = max(int(units - 1).bit_length(), 8)
    keys: NDArray[np.int64] = np.negative(scores).view(np.int64)
    keys ^= (keys >> 63) & np.int64(2**63 - 1)  # negative numbers sort the other way round
    keys >>= bits
    absent = np.isnan(scores)
    keys[absent] = 2 ** (63 - bits) - 1
    keys <<= bits
    keys |= np.arange(units)
    keys.sort(axis=1)
    order = keys & (2**bits - 1)
    keys >>= bits
    kind = np.int16 if units < 2**15 - 1 else np.int32
    ranks = np.empty((draws, units), dtype=kind)
    places = np.arange(1, units + 1, dtype=kind)
    tied = keys[:, 1:] - keys[:, :-1] <= 1
    for draw in range(draws):
        own = places
        if tied[draw].any():
            own = places.copy()
            own[1:][tied[draw]] = 0
            own = np.maximum.accumulate(own)
        ranks[draw, order[draw]] = own
    ranks[absent] = np.iinfo(kind).max
    return cast(Ranks, ranks)


def _intervals(ranks: Ranks) -> pd.DataFrame:
    """Return median, 5 % and 95 % of each unit's ranks, and how often it is among the highest."""
    blank = np.iinfo(ranks.dtype).max
    # A tenth is of the units that have a rank in that draw.
    total = np.array([np.count_nonzero(row != blank) for row in ranks])
    blocks = [ranks[:, start : start + 256] for start in range(0, ranks.shape[1], 256)]
    with store.Threads(os.cpu_count()) as threads:
        found = threads.map(_block_intervals, blocks, itertools.repeat(total))
        return pd.concat([*found], ignore_index=True)


def _block_intervals(ranks: Ranks, total: NDArray[np.int64]) -> pd.DataFrame:
    blank = np.iinfo(ranks.dtype).max
    ordered = np.sort(ranks.T, axis=1, kind="stable")
    count = np.count_nonzero(ordered != blank, axis=1)
    known = np.maximum(count, 1)
    found = {}
    for name, share in (("rank_median", 0.5), ("rank_low", 0.05), ("rank_high", 0.95)):
        place = share * (known - 1)
        low = np.floor(place).astype(np.intp)
        high = np.ceil(place).astype(np.intp)
        first = np.take_along_axis(ordered, low[:, None], 1)[:, 0].astype(float)
        last = np.take_along_axis(ordered, high[:, None], 1)[:, 0].astype(float)
        found[name] = first + (place - low) * (last - first)
    for name, groups in (("top_tenth_share", 10), ("top_quarter_share", 4)):
        limit = -(-total // groups).astype(ranks.dtype)[:, None]  # rounded up
        found[name] = np.count_nonzero(ranks <= limit, axis=0) / known
    frame = pd.DataFrame(found)
    frame.loc[count == 0] = np.nan
    return frame.assign(ranked_draws=count)
