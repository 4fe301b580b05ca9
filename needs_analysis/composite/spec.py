"""What an index is made of: a declaration that is checked before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np

from needs_analysis.composite.methods import TRANSFORMS, Method
from needs_analysis.composite.problems import CompositeError, out_of_range, problem
from needs_analysis.errors import Problem
from needs_analysis.indicators import name_of, registry

if TYPE_CHECKING:
    from needs_analysis.declarations import IndexTable

T = TypeVar("T")


@dataclass(frozen=True)
class Indicator:
    """A leaf of the index.

    Parameters
    ----------
    name : str
        Its column in the data; the code of a declared indicator ("A1") stands for its name where no
        polarity is given.
    parent : str
        The component it stands in; the index itself when empty.
    weight : float
        In proportion to its siblings', or a share of one.
    polarity : {+1, -1}, optional
        -1 where a high value lowers the score; the registry's when omitted.
    transform : {"", "log", "log10", "log1p", "sqrt"}
        Taken of the values, and of goalposts and reference, before outliers are treated.
    denominator : str
        The column by which it is divided first.
    goalposts : (float, float), optional
        The lower and the upper value, in its own unit, for ``normalise="goalposts"``.
    reference : float, optional
        The value to compare with, in its own unit, for ``normalise="distance"`` and ``"ampi"``.
    """

    name: str
    parent: str = ""
    weight: float = 1.0
    polarity: int | None = None
    transform: str = ""
    denominator: str = ""
    goalposts: tuple[float, float] | None = None
    reference: float | None = None

    def __post_init__(self) -> None:
        """Take a declared indicator by its code; what has a polarity is a column of one's own."""
        if self.polarity is None and isinstance(self.name, str):
            object.__setattr__(self, "name", name_of(self.name))

    @property
    def direction(self) -> int:
        """Return +1 where a high value raises the score, -1 where it lowers it, 0 if unknown."""
        if self.polarity is not None:
            return self.polarity
        known = registry()
        return known[self.name].polarity if self.name in known else 0


@dataclass(frozen=True)
class Component:
    """A part of the index made of indicators or of other components.

    Parameters
    ----------
    name : str
        Its score's column is ``{name}_score``.
    label_it, label_en : str
        As printed.
    parent : str
        The component above it; the index itself when empty.
    weight : float
        In proportion to its siblings', or a share of one.
    aggregate : Method, optional
        How its parts become its score; the index's own way when omitted.
    weight_method : Method, optional
        "given", or how the weights of its parts are found in the data; the index's own way when
        omitted.
    """

    name: str
    label_it: str = ""
    label_en: str = ""
    parent: str = ""
    weight: float = 1.0
    aggregate: Method | None = None
    weight_method: Method | None = None

    def __post_init__(self) -> None:
        """Take methods by their names."""
        if self.aggregate is not None:
            object.__setattr__(self, "aggregate", Method.of("aggregate", self.aggregate))
        if self.weight_method is not None:
            found = Method.of("weight", self.weight_method)
            object.__setattr__(self, "weight_method", found)

    @property
    def labels(self) -> dict[str, str]:
        """Return its label by language."""
        return _labels(self)

    @property
    def column(self) -> str:
        """Return the name of its score's column."""
        return f"{self.name}_score"


@dataclass(frozen=True)
class Spec:
    """An index: its indicators, the components they stand in, and the method of every stage.

    A method is a name, a name with options (``{"method": "minmax", "high": 1}``) or a function; see
    :data:`needs_analysis.composite.METHODS` for the names. A function takes the table and, by these
    names, what it needs of ``base`` and ``polarity`` (normalise), ``base`` (weight) or ``weights``
    (aggregate); an index with a function cannot be read back from TOML.

    Parameters
    ----------
    name : str
        The score's column; ends in ``_score``.
    label_it, label_en : str
        As printed.
    indicators : tuple of Indicator
        The leaves.
    components : tuple of Component
        The levels between the leaves and the index; none for a flat index.
    screen : Method
        Which units have enough values to be scored.
    impute : Method
        How missing values are filled; "none" leaves a unit that lacks one without score.
    treat : Method
        What is done about outliers.
    normalise : Method
        How indicators come onto one scale.
    weight : Method
        "given", or how weights are found in the data, at every node among its parts, where a component
        does not say otherwise.
    aggregate : Method
        How parts become a score, where a component does not say otherwise.
    rank_decimals : int, optional
        Decimals the scores are rounded to before they are ranked.

    Raises
    ------
    CompositeError
        With every problem of the declaration at once.

    Examples
    --------
    >>> spec = Spec("living_score", indicators=(Indicator("rooms", polarity=1),
    ...     Indicator("noise", polarity=-1, weight=2)), normalise="minmax", aggregate="arithmetic")
    >>> spec.names
    ('rooms', 'noise')
    """

    name: str
    label_it: str = ""
    label_en: str = ""
    indicators: tuple[Indicator, ...] = ()
    components: tuple[Component, ...] = ()
    screen: Method = field(default="none")  # type: ignore[assignment]
    impute: Method = field(default="none")  # type: ignore[assignment]
    treat: Method = field(default="winsorise")  # type: ignore[assignment]
    normalise: Method = field(default="ampi")  # type: ignore[assignment]
    weight: Method = field(default="given")  # type: ignore[assignment]
    aggregate: Method = field(default="ampi")  # type: ignore[assignment]
    rank_decimals: int | None = None

    STAGES: ClassVar = ("screen", "impute", "treat", "normalise", "weight", "aggregate")

    def __post_init__(self) -> None:
        """Refuse an index that cannot be computed as declared."""
        object.__setattr__(self, "indicators", tuple(self.indicators))
        object.__setattr__(self, "components", tuple(self.components))
        problems = [
            problem("no_element", found=repr(one), kind=kind.__name__)
            for kind, given in ((Indicator, self.indicators), (Component, self.components))
            for one in given
            if not isinstance(one, kind)
        ]
        if problems:
            raise CompositeError(*problems)
        for stage in self.STAGES:
            method = Method.of(stage, getattr(self, stage))
            object.__setattr__(self, stage, method)
            problems += method.problems()
        problems += [
            found
            for one in self.components
            for key in ("aggregate", "weight_method")
            if (way := getattr(one, key))
            for found in way.problems(f"{one.name}.{key}")
        ]
        problems += self._tree_problems() or self._weight_problems()
        problems += self._indicator_problems()
        problems += out_of_range(rank_decimals=self.rank_decimals)
        if problems:
            raise CompositeError(*problems)

    @classmethod
    def read(cls, path: str | Path) -> Spec:
        """Read an index from a TOML file: its own, or the ``[index]`` table of a ``study.toml``.

        Raises
        ------
        CompositeError
            With every problem of the declaration at once.
        """
        from needs_analysis import toml_files

        written = toml_files.read(Path(path), CompositeError)
        own = isinstance(written.get("index"), Mapping)
        return cls.from_mapping(written.table("index") if own else written)

    @classmethod
    def from_mapping(cls, written: Mapping[str, Any]) -> Spec:
        """Make an index of plain tables, as TOML and JSON have them.

        Examples
        --------
        >>> Spec.from_mapping({"name": "x_score", "normalise": {"method": "minmax", "high": 1},
        ...     "indicators": [{"name": "x", "polarity": 1}]}).normalise.options
        {'high': 1}
        """
        from needs_analysis import declarations, toml_files

        asked = declarations.validated(declarations.IndexTable, written, CompositeError)
        parts = {
            "indicators": tuple(Indicator(**one.given()) for one in asked.indicators),
            "components": tuple(Component(**one.given()) for one in asked.components),
        }
        try:
            return cls(**{**asked.given(), **parts})
        except CompositeError as error:
            table = toml_files.Written.of(written)
            places = _places(asked)
            raise CompositeError(
                *(one.at(table.where(*_place(one, places))) for one in error.problems)
            ) from None

    def as_mapping(self) -> dict[str, Any]:
        """Return the declaration as plain tables, from which ``from_mapping`` makes it again."""
        plain: dict[str, Any] = {
            "name": self.name,
            "label_it": self.label_it,
            "label_en": self.label_en,
        }
        plain |= {stage: getattr(self, stage).as_mapping() for stage in self.STAGES}
        if self.rank_decimals is not None:
            plain["rank_decimals"] = self.rank_decimals
        plain["components"] = [_plain(one) for one in self.components]
        plain["indicators"] = [_plain(one) for one in self.indicators]
        return plain

    @property
    def labels(self) -> dict[str, str]:
        """Return its label by language."""
        return _labels(self)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names of the indicators, in order."""
        return tuple(one.name for one in self.indicators)

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Return the components and then the index, each after all of its parts."""
        parent = {one.name: one.parent for one in self.components}

        def depth(name: str) -> int:
            return 0 if not name else 1 + depth(parent[name])

        deepest = sorted(parent, key=depth, reverse=True)
        return (*deepest, self.name)

    @property
    def scores(self) -> tuple[str, ...]:
        """Return the columns of the index and of its components."""
        return (self.name, *(one.column for one in self.components))

    def column(self, node: str) -> str:
        """Return the column of a node's score."""
        return self.name if node == self.name else f"{node}_score"

    def parts(self, node: str) -> dict[str, float]:
        """Return what stands right under a component or the index, with the weight of each."""
        above = "" if node == self.name else node
        return {one.name: float(one.weight) for one in self._elements if one.parent == above}

    def leaves(self, node: str) -> tuple[str, ...]:
        """Return the indicators under a component or the index, at any depth."""
        inner = {one.name for one in self.components}
        found: list[str] = []
        for name in self.parts(node):
            found += self.leaves(name) if name in inner else [name]
        return tuple(found)

    def aggregation(self, node: str) -> Method:
        """Return how the parts of a component, or of the index, become its score."""
        own = {one.name: one.aggregate for one in self.components}
        return own.get(node) or self.aggregate

    def weighting(self, node: str) -> Method:
        """Return how the parts of a component, or of the index, get their weights."""
        own = {one.name: one.weight_method for one in self.components}
        return own.get(node) or self.weight

    @property
    def polarity(self) -> dict[str, int]:
        """Return +1 or -1 for each indicator."""
        return {one.name: one.direction for one in self.indicators}

    def reweighted(self, weights: Mapping[str, float]) -> Spec:
        """Return the same index with other weights for some indicators or components."""
        self._known(weights)
        return replace(
            self,
            indicators=tuple(_weighted(one, weights) for one in self.indicators),
            components=tuple(_weighted(one, weights) for one in self.components),
        )

    def without(self, *names: str) -> Spec:
        """Return the index without some indicators or components; what is left empty goes too.

        The weights of what is left keep their proportions.

        Examples
        --------
        >>> spec = Spec("x_score", indicators=(Indicator("low_income_share", "incomes"),
        ...     Indicator("residents_75_over_share", "ages")),
        ...     components=(Component("incomes"), Component("ages")))
        >>> spec.without("incomes").scores
        ('x_score', 'ages_score')
        """
        self._known(names)
        gone = set(names)
        for name in names:
            gone |= self._below(name)
        leaves = [one for one in self.indicators if one.name not in gone]
        kept = {one.parent for one in leaves}
        above = {one.name: one.parent for one in self.components}
        for name in list(kept):
            while name := above.get(name, ""):
                kept.add(name)
        inner = [one for one in self.components if one.name in kept]
        left: list[Indicator | Component] = [*leaves, *inner]
        total = {up: sum(one.weight for one in left if one.parent == up) for up in {"", *kept}}
        proportion = {one.name: one.weight / (total[one.parent] or 1.0) for one in left}
        return replace(
            self,
            indicators=tuple(_weighted(one, proportion) for one in leaves),
            components=tuple(_weighted(one, proportion) for one in inner),
        )

    @property
    def _elements(self) -> tuple[Indicator | Component, ...]:
        return (*self.components, *self.indicators)

    def _below(self, name: str) -> set[str]:
        if name not in {one.name for one in self.components}:
            return set()
        return {below for part in self.parts(name) for below in (part, *self._below(part))}

    def _known(self, names: Mapping[str, float] | tuple[str, ...]) -> None:
        there = {one.name for one in self._elements}
        unknown = tuple(name for name in names if name not in there)
        if unknown:
            raise CompositeError(problem("no_such_part", index=self.name, names=unknown))

    def _tree_problems(self) -> list[Problem]:
        inner = [one.name for one in self.components]
        all_names = [*self.names, *inner, self.name]
        twice = sorted({name for name in all_names if all_names.count(name) > 1})
        problems = [problem("twice", name=name) for name in twice]
        if not self.indicators:
            problems.append(problem("no_indicator"))
        if not self.name.endswith("_score"):
            problems.append(problem("name_end", name=self.name))
        parents = {one.parent for one in self._elements}
        problems += [
            problem("no_parent", name=one.name, parent=one.parent)
            for one in self._elements
            if one.parent and one.parent not in inner
        ]
        empty = [name for name in inner if name not in parents]
        problems += [problem("empty_component", name=name) for name in empty]
        above = {one.name: one.parent for one in self.components}
        for name in inner:
            seen, at = {name}, above[name]
            while at and at not in seen:
                seen.add(at)
                at = above.get(at, "")
            if at:
                problems.append(problem("under_itself", name=name))
        return problems

    def _weight_problems(self) -> list[Problem]:
        problems = []
        for node in self.nodes:
            weights = self.parts(node)
            wrong = [name for name, weight in weights.items() if not 0 <= weight < np.inf]
            problems += [problem("weight", name=name, weight=weights[name]) for name in wrong]
            total = sum(weights.values())
            if not wrong and total <= 0:
                problems.append(problem("weights_zero", name=node))
            # Weights all below one are meant as shares: a sum other than one is a slip.
            elif not wrong and max(weights.values()) < 1 and abs(total - 1) > 1e-6:
                problems.append(_no_shares(node, weights))
        return problems

    def _indicator_problems(self) -> list[Problem]:
        problems = [found for one in self.indicators for found in self._problems_of(one)]
        without = [one.name for one in self.indicators if one.reference is None]
        if self.normalise.name == "ampi" and 0 < len(without) < len(self.indicators):
            problems.append(problem("reference_some", names=tuple(without)))
        return problems

    def _problems_of(self, one: Indicator) -> list[Problem]:
        problems = []
        if one.direction not in (-1, 1):
            kind = "no_polarity" if one.name in registry() else "no_such_indicator"
            problems.append(problem(kind, name=one.name))
        if one.transform not in TRANSFORMS:
            known = tuple(filter(None, TRANSFORMS))
            problems.append(problem("transform", name=one.name, found=one.transform, known=known))
        if self.normalise.name == "goalposts" and one.goalposts is None:
            problems.append(problem("no_goalposts", name=one.name))
        posts = one.goalposts
        if posts is not None and not (len(posts) == 2 and -np.inf < posts[0] < posts[1] < np.inf):
            problems.append(problem("goalposts_order", name=one.name, found=posts))
        if one.reference is not None and not np.isfinite(one.reference):
            problems.append(problem("not_finite_reference", name=one.name, found=one.reference))
        elif self.normalise.name == "distance" and not one.reference:
            problems.append(problem("no_reference", name=one.name))
        if self.normalise.name == "none" and one.direction == -1:
            problems.append(problem("no_scale_to_turn", name=one.name))
        return problems


def _no_shares(node: str, weights: Mapping[str, float]) -> Problem:
    """Say how shares that do not sum to one are written: rescaled, or as points in proportion."""
    total = sum(weights.values())
    return problem(
        "weights_no_shares",
        name=node,
        total=round(total, 6),
        parts=tuple(weights),
        shares=tuple(f"{name} = {x:.6g}" for name, x in _rescaled(weights).items()),
        points=tuple(f"{name} = {100 * x:g}" for name, x in weights.items()),
    )


def _rescaled(weights: Mapping[str, float]) -> dict[str, float]:
    """Return shares with four decimals that sum to one exactly: the largest takes what rounding left."""
    total = sum(weights.values())
    shares = {name: round(weight / total, 4) for name, weight in weights.items()}
    largest = max(shares, key=lambda name: shares[name])
    shares[largest] = round(shares[largest] + 1 - sum(shares.values()), 4)
    return shares


Place = tuple[str | int, ...]


def _places(asked: IndexTable) -> dict[str, Place]:
    """Return where the index and each of its parts stand in a declaration, by name."""
    found: dict[str, Place] = {asked.name: ("name",)}
    for at, leaf in enumerate(asked.indicators):
        found.setdefault(leaf.name, ("indicators", at))
    for at, part in enumerate(asked.components):
        found.setdefault(part.name, ("components", at))
    return found


def _place(one: Problem, places: Mapping[str, Place]) -> Place:
    """Return the place in a declaration that a problem speaks of."""
    name, _, key = str(one.values.get("stage", one.values.get("name", ""))).partition(".")
    around = places.get(name, (name,))
    return (*around, key) if key else around


def _labels(one: Component | Spec) -> dict[str, str]:
    keys = (each.name for each in fields(one) if each.name.startswith("label_"))
    return {key.removeprefix("label_"): getattr(one, key) for key in keys}


def _weighted(one: T, weights: Mapping[str, float]) -> T:
    name: str = one.name  # type: ignore[attr-defined]
    return replace(one, weight=float(weights[name])) if name in weights else one  # type: ignore[type-var]


def _plain(one: Indicator | Component) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for each in fields(one):
        value = getattr(one, each.name)
        if value != each.default:
            row[each.name] = (
                value.as_mapping()
                if isinstance(value, Method)
                else list(value)
                if isinstance(value, tuple)
                else value
            )
    return row
