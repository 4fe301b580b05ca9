"""What groups and types of municipalities are made of: the declared index, or figures that ship."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from needs_analysis.composite import CompositeResult
from needs_analysis.figures import Figures, Quality

MODEL = "overburdened_tenants_of_model_per_1000"
"""Overburdened market tenants before the survey's factor, which is one for a whole region."""
_COUNTED = "overburdened_tenants_of_model"
OBSERVED = (
    ("low_income_share", "income_between_class_gini_ratio"),
    ("residents_75_over_share", "residents_85_over_share", "old_age_index_per_100"),
    ("accommodation_beds_per_1000",),
    ("annual_rent_eur",),
)
"""What types are made of without an index, by theme: nothing that a model made."""


@dataclass(frozen=True)
class Patterned:
    """What groups and types are made of.

    Attributes
    ----------
    grouped : Figures
        The one column whose high and low values form groups.
    types : Figures
        The columns that types are made of.
    parts : tuple of tuple of str
        These columns by theme: of each theme one marks a type.
    """

    grouped: Figures
    types: Figures
    parts: tuple[tuple[str, ...], ...]

    @property
    def name(self) -> str:
        """Return the column whose values form groups."""
        return str(self.grouped.data.columns[0])


def of_index(index: CompositeResult, indicators: Figures) -> Patterned:
    """Return what is made of the index that a study declares.

    Parameters
    ----------
    index : CompositeResult
        The index.
    indicators : Figures
        By municipality, with its scores.
    """
    spec = index.spec
    inputs = index.stages["denominated"]
    vintage = pd.DataFrame(dict.fromkeys(inputs.columns, index.scores.vintage[spec.name]))
    sources = dict.fromkeys(inputs.columns, indicators.sources[spec.name])
    return Patterned(
        indicators.columns([spec.name]),
        Figures.of(inputs, vintage=vintage, sources=sources),
        tuple(
            (part,) if part in spec.names else spec.leaves(part) for part in spec.parts(spec.name)
        ),
    )


def of_figures(whole: Figures, indicators: Figures, marks: pd.DataFrame) -> Patterned:
    """Return what is made of the figures that ship.

    Groups are those of the model before the survey's factor: after it neighbours would look alike for
    being of one region. Marked municipalities and those without a rent have no value.

    Parameters
    ----------
    whole, indicators : Figures
        The panel of all Italy, with the columns of the model, and its indicators.
    marks : DataFrame of bool
        As :func:`needs_analysis.indicators.marks.marks`.
    """
    counted = whole.columns([_COUNTED]).renamed({_COUNTED: MODEL})
    rate = 1000 * counted.data[MODEL] / whole.data["households"]
    out = marks.any(axis=1) | whole.data["annual_rent_eur"].isna()
    grouped = Figures.of(
        rate.mask(out).to_frame(MODEL),
        quality=counted.quality.mask(out, int(Quality.MISSING)).astype("int8"),
        vintage=counted.vintage,
        sources=counted.sources,
    )
    names = [name for part in OBSERVED for name in part]
    columns = [name for name in names if name not in indicators.data]
    return Patterned(grouped, indicators.beside(whole.columns(columns)).columns(names), OBSERVED)
