"""An index put to the test: what its ranks owe to its choices, computed once for Italy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from needs_analysis import parameters, store
from needs_analysis.composite import (
    DOUBTS,
    Choices,
    CompositeError,
    CompositeResult,
    Method,
    Spec,
    leave_one_out,
)
from needs_analysis.composite import effective_weights as weighed
from needs_analysis.composite import sensitivity as split
from needs_analysis.composite import uncertainty as drawn

if TYPE_CHECKING:
    import pandas as pd

DRAWS, BASE, SEED = 10_000, 1024, 1
_QUICK = ("arithmetic", "geometric", "harmonic", "ampi")


def choices(result: CompositeResult) -> Choices | None:
    """Return what is left open when an index is put to the test.

    `DOUBTS`, with the index's own scale and mean beside the three of each; a scale that reaches zero
    or less has no geometric mean and is not drawn. None for an index that compares units in pairs
    or searches weights for each: thousands of such indices would take hours.
    """
    spec = result.spec
    if any(spec.aggregation(node).name not in _QUICK for node in spec.nodes):
        return None
    scales, means = DOUBTS.normalise, DOUBTS.aggregate
    positive = bool((result.stages["normalised"].min() > 0).all())
    if positive and not _among(spec.normalise, scales):
        scales = (spec.normalise, *scales)
    if not _among(spec.aggregate, means):
        means = (spec.aggregate, *means)
    return replace(DOUBTS, normalise=scales, aggregate=means)


def _among(method: Method, others: tuple[Method, ...]) -> bool:
    return any((method.name, method.options) == (one.name, one.options) for one in others)


def uncertainty(
    result: CompositeResult, day: pd.Timestamp, ranked: Sequence[str]
) -> pd.DataFrame | None:
    """Return the ranks over the draws of the units that take one; None where they cannot be drawn."""
    open_choices = choices(result)
    if open_choices is None:
        return None
    return _kept(
        "index_ranks", result, day, {"draws": DRAWS, "seed": SEED, "ranked": _digest(ranked)},
        lambda: drawn(
            result.inputs, result.spec, draws=DRAWS, seed=SEED, choices=open_choices,
            overrides=result.overrides, ranked=ranked,
        ).frame,
    )  # fmt: skip


def sensitivity(
    result: CompositeResult, day: pd.Timestamp, ranked: Sequence[str]
) -> pd.DataFrame | None:
    """Return the Sobol indices of each choice, with the ``mean_rank_change`` that they explain."""
    open_choices = choices(result)
    if open_choices is None:
        return None

    def make() -> pd.DataFrame:
        found = split(
            result.inputs, result.spec, points=BASE, seed=SEED, choices=open_choices,
            overrides=result.overrides, ranked=ranked,
        )  # fmt: skip
        return found.frame.assign(mean_rank_change=found.mean_rank_change)

    how = {"base": BASE, "seed": SEED, "ranked": _digest(ranked)}
    return _kept("index_sensitivity", result, day, how, make)


def left_out(
    result: CompositeResult, day: pd.Timestamp, ranked: Sequence[str]
) -> pd.DataFrame | None:
    """Return how far ranks move without each part; None for an index of one indicator."""
    how = {"ranked": _digest(ranked)}
    return _kept("index_left_out", result, day, how, lambda: leave_one_out(result, ranked))


def effective_weights(result: CompositeResult, day: pd.Timestamp) -> pd.DataFrame | None:
    """Return the weight each indicator has in the scores; None for fewer than ten scores."""
    return _kept("index_weights", result, day, {}, lambda: weighed(result))


def _digest(ranked: Sequence[str]) -> str:
    return hashlib.sha256(" ".join(ranked).encode()).hexdigest()


def _kept(
    name: str,
    result: CompositeResult,
    day: pd.Timestamp,
    how: Mapping[str, object],
    make: Callable[[], pd.DataFrame],
) -> pd.DataFrame | None:
    try:
        if not written(result.spec):
            return make()
        key = {
            "spec": result.spec.as_mapping(),
            "parameters": parameters.values(result.overrides),
            "codes_on": f"{day:%Y-%m-%d}",
            **how,
        }
        return store.computed(name, key, make)
    except CompositeError:  # this index cannot be put to this test
        return None


def written(spec: Spec) -> bool:
    """Tell whether a declaration says all of an index: a function of one's own has only a name."""
    try:
        return Spec.from_mapping(spec.as_mapping()) == spec
    except CompositeError:
        return False
