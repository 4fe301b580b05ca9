"""How an indicator is declared, computed and ranked."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from needs_analysis import parameters
from needs_analysis.errors import Messages, Refused, wanted
from needs_analysis.figures import (
    Figures,
    Quality,
    as_figures,
    joint_vintage,
    wanted_frame,
    wanted_several,
)
from needs_analysis.municipal.pools import Pool
from needs_analysis.words import ITALIAN, N_, NN_, Voice, voices

problem = Messages(
    "indicators",
    {
        "unknown": NN_("{names} non è un indicatore", "{names} non sono indicatori"),
        "inputs_missing": NN_(
            "{name}: manca la colonna {columns}", "{name}: mancano le colonne {columns}"
        ),
        "no_inputs": N_("la tabella non ha le colonne di nessun indicatore"),
        "no_column": N_("non c'è la colonna «{name}»: ci sono {known}"),
        "no_numbers": N_("la colonna «{name}» non ha numeri da disegnare"),
        "wrong": N_("indicatore {code} {name}: {what}"),
        "blank": N_("manca «{field}»"),
        "one_of": N_("«{field}» è fra {known}"),
        "code_of_another": N_("il codice è già di «{other}»"),
        "name_of_ours": N_("il nome è di un indicatore del programma"),
        "no_parameters": NN_(
            "{names} non è una riga di parameters.csv", "{names} non sono righe di parameters.csv"
        ),
    },
)

COMPONENTS = (
    "affordability",
    "adequacy",
    "security",
    "supply",
    "vulnerability",
    "pressure",
    "demography",
)
UNITS = (
    "eur_m2_month",
    "eur_m2",
    "eur",
    "m2",
    "share",
    "ratio",
    "per_1000",
    "per_100",
    "per_km2",
    "years",
    "days",
    "score",
    "code",
)


def ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """Divide, leaving a value missing where either part is or the denominator is not positive.

    Examples
    --------
    >>> ratio(pd.Series([1.0, 1.0]), pd.Series([4.0, 0.0])).tolist()
    [0.25, nan]
    """
    return numerator / denominator.where(denominator > 0)


class Estimate(NamedTuple):
    """What an indicator returns when its inputs leave an interval: the value and its bounds."""

    central: pd.Series
    low: pd.Series
    high: pd.Series


Formula = Callable[..., "pd.Series | Estimate"]


@dataclass(frozen=True)
class Indicator:
    """An indicator's declaration, from which codebook, sheets and tooltips are made.

    Attributes
    ----------
    id, name, component, unit : str
        The id of the codebook ("A1"), the function's name, its file's name, the name's suffix.
    polarity : int
        +1 where a high value is worse, -1 where a low one is, 0 where it only gives context.
    inputs, parameters : tuple of str
        Panel columns (positional arguments) and rows of ``parameters.csv`` (keyword-only ones).
    quality : Quality
        The best quality a value may have (MODELLED for an indicator with a model inside).
    level : str
        The smallest territory it is published for: "municipality", or "province" for what gets no
        municipal rank.
    mapped : bool
        Whether maps offer it.
    compared : bool
        Whether an area is set beside its province, its region and Italy in it: not what is known
        for a part of the territories only.
    """

    id: str
    name: str
    component: str
    unit: str
    polarity: int
    label: str
    definition: str
    reference: str
    quality: Quality
    level: str
    mapped: bool
    compared: bool
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    formula: Formula
    values: Mapping[str, float]

    def label_in(self, voice: Voice = ITALIAN) -> str:
        """Return the label as it is printed."""
        return worded(self.label, voice, self.values)

    def definition_in(self, voice: Voice = ITALIAN) -> str:
        """Return the one-sentence definition as it is printed."""
        return worded(self.definition, voice, self.values)


_REGISTRY: dict[str, Indicator] = {}
_NAMED = re.compile(r"\{(\w+)\}")


def indicator(
    code: str,
    *,
    polarity: int,
    label: str,
    definition: str,
    reference: str,
    component: str = "",
    quality: Quality = Quality.OBSERVED,
    level: str = "municipality",
    mapped: bool = False,
    compared: bool = False,
) -> Callable[[Formula], Formula]:
    """Declare a function as an indicator and return it unchanged.

    The unit is the suffix of the function's name; positional arguments are panel columns,
    keyword-only ones rows of ``parameters.csv``. Label and definition are Italian, marked
    ``N_(...)`` for the catalogues; ``{name}`` in them stands for the value of a parameter
    (:func:`worded`). One's own, declared in a notebook, is computed, listed in the codebook, ranked and
    mapped as the shipped ones are; declared again under its name it replaces itself.

    Parameters
    ----------
    code : str
        The id of the codebook; one's own is taken by no other.
    polarity : {+1, 0, -1}
        +1 where a high value is worse, -1 where a low one is, 0 where it only gives context.
    label, definition, reference : str
        What it is called, what it is in one sentence, who uses it.
    component : str
        Under which component it stands; the file's name when omitted, as the shipped ones do.
    quality : Quality
        The best quality a value may have.
    level : {"municipality", "province"}
        The smallest territory that it is known for.
    mapped, compared : bool
        Whether maps offer it; whether an area is set beside its province, region and Italy in it.

    Raises
    ------
    Refused
        Where it is declared, with all that does not fit: a field is empty or impossible, the name is a
        shipped indicator's, the code another's, a parameter does not exist, in the words either.

    Examples
    --------
    >>> @indicator("X1", polarity=+1, component="demography", label="Adulti per famiglia",
    ...            definition="Residenti da 15 anni su famiglie.", reference="An example")
    ... def adults_per_household_ratio(resident_population, residents_0_14, households):
    ...     return (resident_population - residents_0_14) / households
    >>> frame = pd.DataFrame({"resident_population": [10.0], "residents_0_14": [2.0],
    ...                       "households": [4.0]}, index=["108033"])
    >>> compute(frame, ["x1"]).data["adults_per_household_ratio"].item()
    2.0
    >>> forget("adults_per_household_ratio")
    """

    def declare(function: Formula) -> Formula:
        name = function.__name__
        signature = inspect.signature(function).parameters.values()
        declared = Indicator(
            id=code,
            name=name,
            component=component or function.__module__.rpartition(".")[2],
            unit=unit_of(name),
            polarity=polarity,
            label=label,
            definition=definition,
            reference=reference,
            quality=quality,
            level=level,
            mapped=mapped,
            compared=compared,
            inputs=tuple(p.name for p in signature if p.kind is p.POSITIONAL_OR_KEYWORD),
            parameters=tuple(p.name for p in signature if p.kind is p.KEYWORD_ONLY),
            formula=function,
            values={},
        )
        _check(declared)
        _REGISTRY[name] = declared
        return function

    return declare


def _check(declared: Indicator) -> None:
    """Refuse a declaration with all that is wrong with it; one's own may replace itself."""
    wrong = [
        problem("blank", field=field)
        for field in ("id", "label", "definition", "reference")
        if not getattr(declared, field).strip()
    ]
    allowed = {
        "polarity": (-1, 0, 1), "level": ("municipality", "province"), "component": COMPONENTS,
    }  # fmt: skip
    wrong += [
        problem("one_of", field=field, known=known)
        for field, known in allowed.items()
        if getattr(declared, field) not in known
    ]
    if (one := _REGISTRY.get(declared.name)) and _is_ours(one):
        wrong.append(problem("name_of_ours"))
    other = _REGISTRY.get(name_of(declared.id))
    if other and other.name != declared.name:
        wrong.append(problem("code_of_another", other=other.name))
    named = _NAMED.findall(declared.label + declared.definition)
    known = parameters.values()
    absent = tuple(one for one in dict.fromkeys((*declared.parameters, *named)) if one not in known)
    wrong += [problem("no_parameters", count=len(absent), names=absent)] if absent else []
    if wrong:
        what = tuple(wrong)
        raise Refused(problem("wrong", code=declared.id, name=declared.name, what=what))


def _is_ours(one: Indicator) -> bool:
    """Return whether an indicator ships with the program: it stands in its component's file."""
    return one.formula.__module__ == f"{__package__}.{one.component}"


def forget(name: str) -> None:
    """Take one's own indicator out of the codebook again; a shipped one stays.

    Parameters
    ----------
    name : str
        Or its code.

    Raises
    ------
    Refused
        There is none of one's own under that name.
    """
    found = _REGISTRY.get(name_of(name))
    if found is None or _is_ours(found):
        raise Refused(problem("unknown", count=1, names=(name,)))
    del _REGISTRY[found.name]


def name_of(given: str) -> str:
    """Return the name of the indicator that a code of the codebook stands for, in either case.

    Parameters
    ----------
    given : str
        A code ("A1", "a1"); anything else comes back as it is.

    Examples
    --------
    >>> name_of("a1"), name_of("rent_to_income_ratio"), name_of("households")
    ('rent_to_income_ratio', 'rent_to_income_ratio', 'households')
    """
    wanted(given, str)
    code = given.casefold()
    return next((name for name, one in _REGISTRY.items() if one.id.casefold() == code), given)


def unit_of(name: str) -> str:
    """Return the unit that a name ends in; a name without one is a count.

    Examples
    --------
    >>> unit_of("rent_to_income_ratio"), unit_of("rent_eur_m2_month"), unit_of("households")
    ('ratio', 'eur_m2_month', 'count')
    """
    return next((unit for unit in UNITS if name.endswith(f"_{unit}")), "count")


def worded(message: str, voice: Voice, values: Mapping[str, float]) -> str:
    """Say a message that names parameters in braces with their values.

    Parameters
    ----------
    message : str
        Italian, with ``{name}`` for a row of ``parameters.csv``; a share is written per cent.
    voice : Voice
        In which language.
    values : mapping of str to float
        The values in force (`parameters.values`).

    Examples
    --------
    >>> worded("con il {sustainable_rent_share}", ITALIAN, {"sustainable_rent_share": 0.275})
    'con il 27,5 %'
    """
    named = {name: _written(name, voice, values[name]) for name in _NAMED.findall(message)}
    return voice.elided(voice.say(message, **named))


def _written(name: str, voice: Voice, value: float) -> str:
    unit = parameters.in_force()[name].unit
    number = 100 * value if unit == "share" else value
    decimals = len(f"{number:.6f}".rstrip("0").partition(".")[2])
    return voice.number(number, decimals) + (" %" if unit == "share" else "")


def registry(overrides: Mapping[str, float] | None = None) -> dict[str, Indicator]:
    """Return the declared indicators by name, by component and id.

    Parameters
    ----------
    overrides : mapping of str to float, optional
        Parameters of a study: labels and definitions speak of its values.

    Examples
    --------
    >>> registry({"purchase_dwelling_m2": 60})["price_to_income_years"].label_in()
    'Anni di reddito per 60 m²'
    """
    values = parameters.values(overrides)
    ordered = sorted(
        _REGISTRY.items(),
        key=lambda item: (COMPONENTS.index(item[1].component), _natural(item[1].id)),
    )
    return {name: replace(declared, values=values) for name, declared in ordered}


def _natural(code: str) -> tuple[str, int, str]:
    found = re.fullmatch(r"([A-Z]+)(\d+)(\w*)", code)
    return (found[1], int(found[2]), found[3]) if found else (code, 0, "")


def codebook(overrides: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return one row an indicator, indexed by name, with everything a reader needs.

    Parameters
    ----------
    overrides : mapping of str to float, optional
        Parameters of a study: labels and definitions speak of its values.

    Returns
    -------
    DataFrame
        Columns id, component, unit, polarity, level, label_it, label_en, definition_it, definition_en,
        reference, quality, inputs, parameters.

    Examples
    --------
    >>> codebook().loc["rent_to_income_ratio", "id"]
    'A1'
    """
    rows = {
        name: {
            field: getattr(one, field) for field in ("id", "component", "unit", "polarity", "level")
        }
        | {f"label_{voice.language}": one.label_in(voice) for voice in voices()}
        | {f"definition_{voice.language}": one.definition_in(voice) for voice in voices()}
        | {
            "reference": one.reference,
            "quality": one.quality.name.lower(),
            "inputs": " ".join(one.inputs),
            "parameters": " ".join(one.parameters),
        }
        for name, one in registry(overrides).items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")


def wanted_column(figures: Figures, column: str) -> tuple[str, Figures]:
    """Return the name of a column of numbers, of which the code of an indicator will do, and it alone.

    Raises
    ------
    Refused
        There is none, or it holds something else.
    """
    name = column if column in figures.data.columns else name_of(column)
    if name not in figures.data.columns:
        known = tuple(map(str, figures.data.columns[:20]))
        raise Refused(problem("no_column", name=column, known=known))
    if not pd.api.types.is_numeric_dtype(figures.data[name]):
        raise Refused(problem("no_numbers", name=name))
    return name, figures.columns([name])


def compute(
    panel: Figures | pd.DataFrame,
    names: Sequence[str] | None = None,
    overrides: Mapping[str, float] | None = None,
) -> Figures:
    """Compute indicators from a panel; each value takes its worst input's quality.

    Parameters
    ----------
    panel : Figures or DataFrame
        One row a unit, with the columns that the indicators name as inputs.
    names : sequence of str, optional
        Which indicators, by name or code ("A1"); all those whose inputs are in the panel when omitted.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.

    Returns
    -------
    Figures
        One column an indicator, on the panel's index.

    Raises
    ------
    Refused
        No indicator can be computed; a named one does not exist or lacks an input column.

    Examples
    --------
    >>> frame = pd.DataFrame({"resident_population": [121984.0], "households": [56209.0]})
    >>> compute(frame, ["residents_per_household_ratio"]).data.round(3).iloc[0, 0].item()
    2.17
    """
    panel = as_figures(panel)
    known = registry()
    if names is None:
        names = [name for name, one in known.items() if set(one.inputs) <= set(panel.data.columns)]
    else:
        names = list(dict.fromkeys(map(name_of, wanted_several(names, str))))
    _check_names(names, panel, known)
    values = parameters.values(overrides)
    computed = [_one(panel, known[name], values) for name in names]
    parts = {
        part: pd.concat([getattr(one, part) for one in computed], axis=1)
        for part in ("data", "quality", "vintage", "low", "high")
    }
    return Figures(**parts, sources={k: v for one in computed for k, v in one.sources.items()})


def _check_names(names: Sequence[str], panel: Figures, known: Mapping[str, Indicator]) -> None:
    unknown = tuple(name for name in names if name not in known)
    if unknown:
        raise Refused(problem("unknown", count=len(unknown), names=unknown))
    lacking = {
        name: tuple(one for one in known[name].inputs if one not in panel.data.columns)
        for name in names
    }
    problems = [
        problem("inputs_missing", count=len(columns), name=name, columns=columns)
        for name, columns in lacking.items()
        if columns
    ]
    if problems or not names:
        raise Refused(*problems or [problem("no_inputs")])


def _pool(panel: Figures, groups: Mapping[str, Sequence[str]]) -> tuple[Pool, list[Indicator]]:
    """Return the areas' municipalities, and the indicators that their panel has the inputs of."""
    panel = as_figures(panel)
    wanted_frame(panel.data, "households")
    computed = [
        one
        for one in registry().values()
        if one.unit != "code" and set(one.inputs) <= set(panel.data.columns)
    ]
    if not computed:
        raise Refused(problem("no_inputs"))
    return Pool(panel, groups), computed


def _one(panel: Figures, declared: Indicator, values: Mapping[str, float]) -> Figures:
    inputs = list(declared.inputs)
    result = declared.formula(
        *(panel.data[name] for name in inputs),
        **{name: values[name] for name in declared.parameters},
    )
    bounds = {}
    if isinstance(result, Estimate):
        bounds = {"low": result.low, "high": result.high}
        result = result.central
    data = result.rename(declared.name).to_frame()
    given = panel.quality[inputs].to_numpy()
    # A cell that the publisher withheld does not spoil a value that its formula bounds anyway.
    worst = np.where(given < Quality.SUPPRESSED, given, 0).max(axis=1, initial=declared.quality)
    quality = pd.DataFrame({declared.name: worst.astype("int8")}, index=data.index)
    vintage = joint_vintage(panel.vintage[inputs]).to_frame(declared.name)
    sides = {
        side: bound.rename(declared.name).to_frame().where(data.notna())
        for side, bound in bounds.items()
    }
    sources = tuple(dict.fromkeys(one for name in inputs for one in panel.sources.get(name, ())))
    return Figures.of(
        data, quality=quality, vintage=vintage, sources={declared.name: sources}, **sides
    )


def compute_areas(
    panel: Figures,
    groups: Mapping[str, Sequence[str]],
    overrides: Mapping[str, float] | None = None,
) -> Figures:
    """Compute indicators of areas by pooling the inputs of their municipalities.

    Each indicator is computed on the sums (rents and prices: household-weighted means) over the
    municipalities that have all its inputs, so that numerator and denominator cover the same
    places; it is never a mean of municipal ratios. :func:`coverage` says how much was covered.

    Parameters
    ----------
    panel : Figures
        The municipal panel.
    groups : mapping of str to sequence of str
        For each area its municipality codes; areas may overlap.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.

    Returns
    -------
    Figures
        One row an area, one column an indicator; text inputs (codes) have no area value.
    """
    values = parameters.values(overrides)
    pool, known = _pool(panel, groups)
    computed = [_one(pool.figures(one.inputs), one, values) for one in known]
    return computed[0].beside(*computed[1:])


def coverage(panel: Figures, groups: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return the share of each area's households whose municipality has all inputs of an indicator.

    Returns
    -------
    DataFrame
        Shares 0-1, areas by indicators.
    """
    pool, known = _pool(panel, groups)
    return pd.DataFrame({one.name: pool.covered(one.inputs) for one in known})


def ranks(figures: Figures, within: pd.Series | None = None) -> pd.DataFrame:
    """Rank units by distress, 1 = worst, ties sharing the lowest.

    Parameters
    ----------
    figures : Figures
        Indicators by municipality (index named municipality_code) or by other units.
    within : Series, optional
        A group for each unit (degree of urbanisation): ranks are then given inside the group.

    Returns
    -------
    DataFrame
        Ranks from 1; NaN where there is no value, where it was allocated from a larger territory,
        and for municipalities in indicators that are published by province. An indicator of
        polarity 0 has its highest value at rank 1; codes have no rank.
    """
    known, figures = registry(), as_figures(figures)
    numbers = figures.data.select_dtypes("number")
    own = numbers.where(figures.quality[numbers.columns].ne(Quality.ALLOCATED))
    towards = {name: known[name].polarity or 1 if name in known else 1 for name in own.columns}
    signed = own * pd.Series(towards, dtype=float)
    if figures.data.index.name == "municipality_code":
        barred = [n for n in own.columns if n in known and known[n].level == "province"]
        signed[barred] = np.nan
    signed = signed.reindex(columns=figures.data.columns)
    grouped = signed if within is None else signed.groupby(within)
    return grouped.rank(method="min", ascending=False)
