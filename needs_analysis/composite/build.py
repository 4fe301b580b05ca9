"""From indicators and a declaration to an index with all its stages."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.composite.aggregate import shares
from needs_analysis.composite.benefit import BenefitOfDoubt
from needs_analysis.composite.methods import CONTRIBUTIONS, TRANSFORMS, Method
from needs_analysis.composite.problems import CompositeError, problem
from needs_analysis.composite.reference import (
    Reference,
    reference_of,
    warn_if_mixed,
    warn_if_small,
)
from needs_analysis.composite.spec import Spec
from needs_analysis.errors import wanted
from needs_analysis.figures import Displayed, Figures, Quality, as_figures, joint_vintage
from needs_analysis.indicators import registry

Table = Figures | pd.DataFrame


@dataclass(frozen=True, repr=False)
class CompositeResult(Displayed):
    """An index with every stage by name.

    Attributes
    ----------
    spec : Spec
        The declaration.
    stages : mapping of str to DataFrame
        "data", "denominated", "screened", "imputed", "transformed", "treated", "normalised",
        "aggregated" (a column for each component and for the index).
    treatment : mapping of str to str
        What was done to each indicator's outliers.
    weights : mapping of str to Series
        For each component and the index, the share of each of its parts. Where every unit has its own
        (benefit of the doubt) there is none.
    scores : Figures
        The index and its components, with the worst quality and all vintages of their inputs.
    ranks : DataFrame
        For the index and each component, 1 = highest score; ties share the lowest; NaN without a score.
    contributions : DataFrame or None
        Points of each indicator; they add up to the score. None where the aggregation is no sum
        (outranking): see :func:`needs_analysis.composite.leave_one_out`.
    screened_out : tuple
        The units that the screen left without score.
    inputs : Figures
        What the index was built from.
    base : Figures or None
        The reference set, where it is not the inputs themselves.
    overrides : mapping of str to float
        Parameters of a study.
    reference : Reference
        What the units are compared with: whose territory, how many units, of which day. It stands in
        the attributes of the tables too (``scores.data.attrs["reference"]``).
    """

    spec: Spec
    stages: Mapping[str, pd.DataFrame]
    treatment: Mapping[str, str]
    weights: Mapping[str, pd.Series]
    scores: Figures
    ranks: pd.DataFrame
    contributions: pd.DataFrame | None
    screened_out: tuple[Hashable, ...]
    inputs: Figures
    base: Figures | None
    overrides: Mapping[str, float]
    reference: Reference

    def __repr__(self) -> str:
        """Say which index it is and what it compares with."""
        scored = int(self.score.notna().sum())
        return f"CompositeResult({self.spec.name}, scored={scored}, reference={self.reference!s})"

    @property
    def score(self) -> pd.Series:
        """Return the index itself, by unit."""
        return self.scores.data[self.spec.name]

    @property
    def rank(self) -> pd.Series:
        """Return the ranks of the index itself, by unit."""
        return self.ranks[self.spec.name]

    def rank_among(self, units: Iterable[Hashable] | None) -> pd.Series:
        """Return the ranks of the index among some units, NaN for the others; among all for None."""
        if units is None:
            return self.rank
        return self.rank.where(self.rank.index.isin(list(units))).rank(method="min")

    def component_contributions(self) -> pd.DataFrame:
        """Return the points of each part right under the index; they add up to the score."""
        inner = {one.name for one in self.spec.components}
        return pd.DataFrame(
            {
                name: self.contributions[
                    list(self.spec.leaves(name)) if name in inner else [name]
                ].sum(axis=1, skipna=False)
                for name in self.spec.parts(self.spec.name)
            }
            if self.contributions is not None
            else {},
            index=self.scores.data.index,
        )


def build(
    indicators: Table,
    spec: Spec,
    overrides: Mapping[str, float] | None = None,
    base: Table | None = None,
) -> CompositeResult:
    """Build an index: screen, impute, treat, normalise, weight and aggregate, level by level.

    Parameters
    ----------
    indicators : Figures or DataFrame
        By unit, with the indicators of the declaration, their denominators and the imputation's groups.
    spec : Spec
        The index.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.
    base : Figures or DataFrame, optional
        The reference set, from which ranges, means, bounds and weights are learned: the units
        themselves unless another is given (the base year of a panel, the municipalities of a region).
        Without it the scores of 13 municipalities say nothing of Italy: `reference` tells which set it
        was.

    Returns
    -------
    CompositeResult
        A unit with a missing indicator has no score, unless the declaration imputes it; a municipal
        value that was allocated counts as missing.

    Raises
    ------
    CompositeError
        An indicator is absent, constant or empty, or published by province where the units are
        municipalities; each is named.

    Warns
    -----
    SmallReference
        Fewer than 30 units were compared with themselves.
    MixedEditions
        An indicator of the reference set is of one edition in some municipalities and of another in
        others, as :func:`needs_analysis.municipal.panel.build` gives it where a file of a part of
        Italy was added; with ``national=True`` it gives one edition.

    Examples
    --------
    >>> from needs_analysis.composite.spec import Indicator
    >>> spec = Spec("made_up_score", indicators=(Indicator("a", polarity=1), Indicator("b", polarity=1)))
    >>> frame = pd.DataFrame({"a": [0.0, 5.0, 10.0], "b": [10.0, 5.0, 0.0]}, index=list("xyz"))
    >>> build(frame, spec, base=frame).score.tolist()
    [109.0, 100.0, 109.0]
    """
    found = built(indicators, spec, overrides, base)
    if base is None:
        warn_if_small(found.reference)
    own = as_figures(indicators if base is None else base)
    names = list(spec.names)
    warn_if_mixed(own.vintage[names], own.data[names].notna())
    return found


def built(
    indicators: Table,
    spec: Spec,
    overrides: Mapping[str, float] | None = None,
    base: Table | None = None,
) -> CompositeResult:
    """Build an index as :func:`build` does, where what it compares with has been said before."""
    given, base_given = as_figures(indicators), None if base is None else as_figures(base)
    for one in (given,) if base_given is None else (given, base_given):
        _check(one, spec)
    figures = _own(given, spec)
    known = None if base_given is None else _own(base_given, spec)
    stages, reference, treatment = _prepare(figures, known, spec, overrides or {})
    imputed = stages["screened"].isna() & stages["imputed"].notna()
    parts, weights, contributions = _aggregate(stages["normalised"], reference, spec)
    stages["aggregated"] = parts[list(spec.nodes)]
    ranked = parts if spec.rank_decimals is None else parts.round(spec.rank_decimals)
    ranks = ranked[[spec.name, *(one.name for one in spec.components)]].rank(
        method="min", ascending=False
    )
    kept = stages["screened"].index
    own = figures if known is None else known
    complete = (stages["normalised"] if reference is None else reference).notna().all(axis=1)
    compared = reference_of(own.data.index, int(complete.sum()), own.data.attrs)
    result = CompositeResult(
        spec=spec,
        stages=stages,
        treatment=treatment,
        weights=weights,
        scores=_scores(figures, spec, parts.reindex(figures.data.index), imputed),
        ranks=ranks.set_axis([spec.column(str(n)) for n in ranks], axis=1).reindex(
            figures.data.index
        ),
        contributions=None
        if contributions is None
        else contributions[list(spec.names)].reindex(figures.data.index),
        screened_out=tuple(figures.data.index.difference(kept, sort=False)),
        inputs=figures,
        base=known,
        overrides=dict(overrides or {}),
        reference=compared,
    )
    for table in (result.scores.data, result.ranks, result.contributions):
        if table is not None:
            table.attrs["reference"] = compared.as_mapping()
    return result


def build_panel(
    by_year: Mapping[int, Table],
    spec: Spec,
    base: int,
    overrides: Mapping[str, float] | None = None,
) -> dict[int, CompositeResult]:
    """Build an index for each year on the range, means and bounds of one: scores compare over time.

    Parameters
    ----------
    by_year : mapping of int to Figures or DataFrame
        The indicators of each year.
    spec : Spec
        The index.
    base : int
        The year whose units are the reference set. A unit new in another year moves no score.

    Examples
    --------
    >>> from needs_analysis.composite.spec import Indicator
    >>> spec = Spec("made_up_score", indicators=(Indicator("a", polarity=1),))
    >>> years = {2020: pd.DataFrame({"a": [0.0, 10.0]}), 2021: pd.DataFrame({"a": [0.0, 15.0]})}
    >>> build_panel(years, spec, base=2020)[2021].score.tolist()
    [70.0, 160.0]
    """
    wanted(by_year, Mapping)
    if base not in by_year:
        years = tuple(map(str, by_year))
        raise CompositeError(problem("base_year", base=str(base), years=years))
    return {
        year: built(one, spec, overrides, None if year == base else by_year[base])
        for year, one in by_year.items()
    }


def _check(figures: Figures, spec: Spec) -> None:
    divided = [one.denominator for one in spec.indicators if one.denominator]
    group = spec.impute.options.get("group")
    needed = dict.fromkeys([*spec.names, *divided, *([group] if group else [])])
    problems = [problem("absent", name=name) for name in needed if name not in figures.data]
    twice = [name for name in needed if (figures.data.columns == name).sum() > 1]
    problems += [problem("columns_twice", name=name) for name in twice]
    numbers = [n for n in needed if n in figures.data and n != group and n not in twice]
    for name in numbers:
        values = pd.to_numeric(figures.data[name], errors="coerce")
        wrong = figures.data.index[figures.data[name].notna() & ~np.isfinite(values)]
        if len(wrong):
            units = tuple(map(str, wrong[:3]))
            problems.append(problem("not_finite", name=name, units=units))
    known = registry()
    if figures.data.index.name == "municipality_code":
        problems += [
            problem("by_province", name=n)
            for n in spec.names
            if n in known and known[n].level == "province"
        ]
    if problems:
        raise CompositeError(*problems)


def _own(figures: Figures, spec: Spec) -> Figures:
    """Take what was shared out over municipalities as missing: it has no place in their index."""
    if figures.data.index.name != "municipality_code":
        return figures
    divided = [one.denominator for one in spec.indicators if one.denominator]
    names = list(dict.fromkeys([*spec.names, *divided]))
    shared = figures.quality[names] == int(Quality.ALLOCATED)
    if not shared.to_numpy().any():
        return figures
    data, quality = figures.data.copy(), figures.quality.copy()
    data[names] = data[names].mask(shared)
    quality[names] = quality[names].mask(shared, int(Quality.MISSING))
    return replace(figures, data=data, quality=quality)


def _prepare(
    figures: Figures, known: Figures | None, spec: Spec, overrides: Mapping[str, float]
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame | None, dict[str, str]]:
    """Return the stages up to one scale, the reference set's last and what was treated."""
    names = list(spec.names)
    stages = {"data": figures.data[names].astype(float)}
    stages["denominated"] = _denominated(figures.data, spec)
    stages["screened"] = _screened(stages["denominated"], spec)
    base = None if known is None else _screened(_denominated(known.data, spec), spec)
    both: list[pd.DataFrame | None] = [stages["screened"], base]
    tables = [figures.data, None if known is None else known.data]
    both = [
        _imputed(one, base, table, known, spec) for one, table in zip(both, tables, strict=True)
    ]
    stages["imputed"], base = both[0], both[1]  # type: ignore[assignment]
    stages["transformed"] = _transformed(stages["imputed"], spec)
    base = None if base is None else _transformed(base, spec)
    treatment = dict.fromkeys(names, "none")
    stages["treated"] = stages["transformed"]
    if spec.treat.function:
        stages["treated"], treatment = spec.treat(
            stages["transformed"], base=base, overrides=overrides
        )
        base = None if base is None else spec.treat(base, overrides=overrides)[0]
    stages["normalised"] = _normalised(stages["treated"], base, spec)
    return stages, None if base is None else _normalised(base, None, spec), treatment


def _denominated(data: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    divided = data[list(spec.names)].astype(float)
    for one in spec.indicators:
        if one.denominator:
            below = data[one.denominator].astype(float)
            divided[one.name] = divided[one.name] / below.where(below != 0)
    return divided


def _screened(data: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    if spec.screen.function is None:
        return data
    kept: pd.Series = spec.screen(data)
    return data[kept]


def _imputed(
    data: pd.DataFrame | None,
    base: pd.DataFrame | None,
    table: pd.DataFrame | None,
    known: Figures | None,
    spec: Spec,
) -> pd.DataFrame | None:
    if data is None or table is None or spec.impute.function is None:
        return data
    given: dict[str, Any] = {"base": base}
    if group := spec.impute.options.get("group"):
        # Units of the reference set may be others: their groups stand beside their own values.
        given["groups"] = table.loc[data.index, group]
        if base is not None and known is not None:
            given["base_groups"] = known.data.loc[base.index, group]
    filled: pd.DataFrame = spec.impute(data, **given)
    return filled


def _transformed(data: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    drawn = data.copy()
    problems = []
    for one in spec.indicators:
        if function := TRANSFORMS[one.transform]:
            with np.errstate(divide="ignore", invalid="ignore"):
                drawn[one.name] = function(data[one.name])
            outside = data[one.name].notna() & ~np.isfinite(drawn[one.name])
            if outside.any():
                units = tuple(map(str, data.index[outside][:3]))
                problems.append(
                    problem("no_transform", name=one.name, transform=one.transform, units=units)
                )
    if problems:
        raise CompositeError(*problems)
    return drawn


def _normalised(data: pd.DataFrame, base: pd.DataFrame | None, spec: Spec) -> pd.DataFrame:
    def own(one: str, value: float) -> float:
        function = TRANSFORMS[transforms[one]]
        return float(function(value)) if function else float(value)

    if spec.normalise.function is None:
        return data
    transforms = {one.name: one.transform for one in spec.indicators}
    given: dict[str, Any] = {"polarity": spec.polarity, "base": base}
    posts = {one.name: one.goalposts for one in spec.indicators if one.goalposts is not None}
    given["goalposts"] = {name: (own(name, lo), own(name, hi)) for name, (lo, hi) in posts.items()}
    centres = {one.name: one.reference for one in spec.indicators if one.reference is not None}
    if centres:
        given["reference"] = {name: own(name, value) for name, value in centres.items()}
    scaled: pd.DataFrame = spec.normalise(data, **given)
    return scaled


def _aggregate(
    normalised: pd.DataFrame, reference: pd.DataFrame | None, spec: Spec
) -> tuple[pd.DataFrame, dict[str, pd.Series], pd.DataFrame | None]:
    """Return the score of every node, the shares of its parts and what each indicator contributed."""
    parts = normalised.copy()
    base = None if reference is None else reference.copy()
    weights: dict[str, pd.Series] = {}
    split: dict[str, pd.DataFrame | None] = {}
    for node in spec.nodes:
        names = list(spec.parts(node))
        method = spec.aggregation(node)
        share = _share(parts[names], None if base is None else base[names], spec, node)
        parts[node], split[node] = _score(method, parts[names], share)
        if base is not None:
            base[node] = _score(method, base[names], share)[0]
        if "weights" in method.parameters:
            weights[node] = share
    return parts[[*spec.nodes]], weights, _flow(parts, split, weights, spec)


def _share(parts: pd.DataFrame, base: pd.DataFrame | None, spec: Spec, node: str) -> pd.Series:
    method = spec.weighting(node)
    if method.function is None or parts.shape[1] == 1:
        return shares(parts, spec.parts(node))
    return shares(parts, method(parts, base=base))


def _score(
    method: Method, parts: pd.DataFrame, share: pd.Series
) -> tuple[pd.Series, pd.DataFrame | None]:
    result = method(parts, weights=share)
    if isinstance(result, BenefitOfDoubt):
        return result.scores, result.weights * parts
    split = CONTRIBUTIONS.get(method.function) if method.function else None
    return result, None if split is None else replace(method, function=split)(parts, weights=share)


def _flow(
    parts: pd.DataFrame,
    split: Mapping[str, pd.DataFrame | None],
    weights: Mapping[str, pd.Series],
    spec: Spec,
) -> pd.DataFrame | None:
    """Hand what each node contributed down to its own parts, until the indicators have it all.

    A component's points follow its parts' shares of its score; what its level adds for imbalance is
    handed on by weight, so that a score of zero hands on as well.
    """
    if any(one is None for one in split.values()):
        return None
    above = {one.name: one.parent or spec.name for one in spec.components}
    ratio: dict[str, pd.Series | float] = {spec.name: 1.0}
    points = {spec.name: parts[spec.name]}
    for node in reversed(spec.nodes):
        inside = split[node]
        assert inside is not None
        if node != spec.name:
            own = weights[above[node]][node] if above[node] in weights else 1.0
            ratio[node] = ratio[above[node]] * own
        rest = points[node] - ratio[node] * parts[node]
        share = weights.get(node, pd.Series(1 / inside.shape[1], index=inside.columns))
        for name in map(str, inside):
            points[name] = ratio[node] * inside[name] + share[name] * rest
    return pd.DataFrame({name: points[name] for name in spec.names})


def _scores(figures: Figures, spec: Spec, parts: pd.DataFrame, imputed: pd.DataFrame) -> Figures:
    columns = {spec.column(node): node for node in spec.nodes}
    filled = imputed.reindex(figures.data.index, fill_value=False)
    own = figures.quality[list(spec.names)].copy()
    below = {one.name: one.denominator for one in spec.indicators if one.denominator}
    for name, denominator in below.items():
        own[name] = np.maximum(own[name], figures.quality[denominator])
    own = own.mask(filled, int(Quality.IMPUTED))
    quality, vintage, sources = {}, {}, {}
    for column, node in columns.items():
        inputs = list(spec.leaves(node))
        # A score is computed, never observed; what was imputed for it is no longer missing.
        quality[column] = own[inputs].max(axis=1).clip(lower=Quality.MODELLED)
        divided = [*inputs, *(below[one] for one in inputs if one in below)]
        divided = list(dict.fromkeys(divided))
        vintage[column] = joint_vintage(figures.vintage[divided])
        used = (source for one in divided for source in figures.sources.get(one, ()))
        sources[column] = tuple(dict.fromkeys(used))
    data = pd.DataFrame({column: parts[node] for column, node in columns.items()})
    return Figures.of(
        data, quality=pd.DataFrame(quality), vintage=pd.DataFrame(vintage), sources=sources
    )
