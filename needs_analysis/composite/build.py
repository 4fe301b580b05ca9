"""From indicators and a declaration to an index with all its stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from needs_analysis.composite.aggregate import ampi_contributions
from needs_analysis.composite.normalise import normalise_ampi
from needs_analysis.composite.spec import Spec
from needs_analysis.composite.treat import treat
from needs_analysis.figures import Figures, Quality, as_figures, joint_vintage
from needs_analysis.indicators import registry


@dataclass(frozen=True)
class CompositeResult:
    """An index with every stage by name.

    Attributes
    ----------
    spec : Spec
        The declaration.
    stages : mapping of str to DataFrame
        "data", "treated", "normalised", "components".
    treatment : mapping of str to str
        What was done to each indicator.
    scores : Figures
        The index and its components, with the worst quality and all vintages of their inputs.
    ranks : Series
        1 = highest score; ties share the lowest; NaN without a score.
    contributions : DataFrame
        Points of each indicator; they add up to the score.
    """

    spec: Spec
    stages: Mapping[str, pd.DataFrame]
    treatment: Mapping[str, str]
    scores: Figures
    ranks: pd.Series
    contributions: pd.DataFrame

    def component_contributions(self) -> pd.DataFrame:
        """Return the points of each component; they add up to the score."""
        return pd.DataFrame(
            {
                one.name: self.contributions[list(one.indicators)].sum(axis=1, skipna=False)
                for one in self.spec.components
            }
        )


def build(
    indicators: Figures | pd.DataFrame,
    spec: Spec,
    overrides: Mapping[str, float] | None = None,
) -> CompositeResult:
    """Build an index: treat, normalise, aggregate indicators to components and these to the score.

    Parameters
    ----------
    indicators : Figures or DataFrame
        By unit, with the indicators of the declaration.
    spec : Spec
        The index.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.

    Returns
    -------
    CompositeResult
        A unit with a missing indicator has no score.

    Raises
    ------
    ValueError
        An indicator is absent, constant or empty, or its municipal values were allocated from
        provinces; each is named.

    Examples
    --------
    >>> from needs_analysis.composite.spec import Component
    >>> spec = Spec("made_up_score", "x", "x", (Component("one", "x", "x", ("a", "b")),),
    ...     polarity={"a": 1, "b": 1})
    >>> frame = pd.DataFrame({"a": [0.0, 5.0, 10.0], "b": [10.0, 5.0, 0.0]}, index=list("xyz"))
    >>> build(frame, spec).scores.data["made_up_score"].tolist()
    [109.0, 100.0, 109.0]
    """
    figures = as_figures(indicators)
    _check(figures, spec)
    names = list(spec.indicators)
    data = figures.data[names].astype(float)
    treated, treatment = treat(data, overrides)
    normalised = normalise_ampi(treated, {name: spec.direction(name) for name in names})
    inside = {
        one.name: ampi_contributions(normalised[list(one.indicators)], spec.penalty)
        for one in spec.components
    }
    parts = pd.DataFrame({name: each.sum(axis=1, skipna=False) for name, each in inside.items()})
    outer = ampi_contributions(parts, spec.penalty)
    contributions = pd.concat(
        [each.mul(outer[name] / parts[name], axis=0) for name, each in inside.items()], axis=1
    )
    score = outer.sum(axis=1, skipna=False).rename(spec.name)
    return CompositeResult(
        spec=spec,
        stages={"data": data, "treated": treated, "normalised": normalised, "components": parts},
        treatment=treatment,
        scores=_scores(figures, spec, score, parts),
        ranks=score.rank(method="min", ascending=False).rename("rank"),
        contributions=contributions[names],
    )


def _check(figures: Figures, spec: Spec) -> None:
    problems = [
        f"{n} is not among the indicators" for n in spec.indicators if n not in figures.data
    ]
    known = registry()
    if figures.data.index.name == "municipality_code":
        problems += [
            f"{n} is published by province: it has no place in a municipal index"
            for n in spec.indicators
            if n in known and known[n].level == "province"
        ]
    if problems:
        raise ValueError(f"index {spec.name}: {'; '.join(problems)}")


def _scores(figures: Figures, spec: Spec, score: pd.Series, parts: pd.DataFrame) -> Figures:
    made = {one.column: (parts[one.name], list(one.indicators)) for one in spec.components}
    made[spec.name] = (score, list(spec.indicators))
    quality, vintage, sources = {}, {}, {}
    for name, (_, inputs) in made.items():
        # A score is computed, never observed.
        quality[name] = figures.quality[inputs].max(axis=1).clip(lower=Quality.MODELLED)
        vintage[name] = joint_vintage(figures.vintage[inputs])
        used = (source for one in inputs for source in figures.sources.get(one, ()))
        sources[name] = tuple(dict.fromkeys(used))
    return Figures.of(
        pd.DataFrame({name: values for name, (values, _) in made.items()}),
        quality=pd.DataFrame(quality),
        vintage=pd.DataFrame(vintage),
        sources=sources,
    )
