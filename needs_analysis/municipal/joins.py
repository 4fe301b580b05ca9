"""Every source of the panel, each joined to the municipalities of a day as it is declared here.

A source with figures of municipalities is a :class:`Join` and its place in the list; one that needs
more than the history of the codes has a file of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from needs_analysis import store
from needs_analysis.figures import Figures, Quality
from needs_analysis.municipal import evictions, incomes
from needs_analysis.municipal.declaration import Asked, Column, Join, allocated, problem
from needs_analysis.municipal.rents import joins as rents
from needs_analysis.territory.codes import DAY
from needs_analysis.territory.recode import links, recode
from needs_analysis.territory.units import municipalities, unplaced

# --- municipalities and residents --------------------------------------------------------------


def _bring_municipalities(join: Join, asked: Asked) -> Figures:
    without = problem("without_place", day=f"{asked.day:%d-%m-%Y}")
    asked.note("code_history", without, unplaced(asked.day))
    return join.by_history(asked)


def codes_day(reference_date: str) -> str:
    """Return the day of the codes of residents at the end of a year: the day after.

    Examples
    --------
    >>> codes_day("2021-12-31")
    '2022-01-01'
    """
    return f"{pd.Timestamp(reference_date) + pd.Timedelta(days=1):%Y-%m-%d}"


def _with_residents(join: Join, day: pd.Timestamp, edition: str) -> pd.Index:
    known = join.by_history(Asked(day, {}, [], edition)).data.dropna(how="all")
    return known.index


MUNICIPALITIES = Join(
    "municipalities",
    own=("resident_population", "households", "area_km2"),
    codes_of=lambda _: f"{DAY:%Y-%m-%d}",
    needed="households",
    bring=_bring_municipalities,
)
POPULATION = Join(
    "population",
    codes_of=codes_day,
    unmatched=problem("codes_without_place"),
    needed="residents_by_age",
    may_miss=3,  # made of parts of others, which no list of its year has
    covers=_with_residents,
)

# --- dwellings and lodgings --------------------------------------------------------------------

TENURE = Join(
    "tenure_2011",
    own=(),
    carved="keep",  # a municipality merged since is known only if all its parts are
    unmatched=problem("codes_of_2011_unknown"),
    needed="households_2011",
    columns={
        name: Column("sum", (name,))
        for name in (
            "residents_2011", "households_2011", "renting_households_2011",
            "owning_households_2011", "other_tenure_households_2011", "large_households_2011",
            "other_lodgings_2011",
        )
    } | {
        "households_by_tenure_2011": Column(
            "sum",
            (
                "renting_households_2011", "owning_households_2011",
                "other_tenure_households_2011",
            ),
        )
    },
)  # fmt: skip


BEDS = ("rented_lodging_beds", "bed_and_breakfast_beds")
"""The lodgings of tourists that are dwellings."""


@store.remembered()
def _years_of_beds() -> tuple[str, ...]:
    return tuple(map(str, sorted(store.table("accommodation")["year"].unique())))


def _beds() -> Iterator[Join]:
    """Give the beds of each year, those of the last under their name alone."""
    years = _years_of_beds()
    for year in years:
        name = "accommodation_beds" if year == years[-1] else f"accommodation_beds_{year}"
        yield Join(
            "accommodation",
            own=(),
            year=year,
            codes_of=lambda own: f"{own}-01-01",
            unmatched=problem("codes_of_year_without_place", year=int(year)),
            needed=name,
            columns={name: Column("sum", BEDS)},
        )


# --- classification ----------------------------------------------------------------------------


def _bring_classes(join: Join, asked: Asked) -> Figures:
    classes = join.rows()
    classes["coastal"] = classes["coastal"].map({True: 1.0, False: 0.0})
    # Where municipalities merged, the class is that of the largest.
    size = recode(municipalities()[["households"]], DAY, join.day(), "sum").frame["households"]
    order = size.reindex(classes.index).sort_values(ascending=False, kind="stable").index
    rules = dict.fromkeys(classes.columns, "first") | {"coastal": "max"}
    done = recode(classes.loc[order], join.day(), asked.day, rules)
    frame = done.frame.rename(columns={"degree_of_urbanisation_code": "urbanisation_code"})
    # A municipality merged since takes the class of what it became part of.
    taken = allocated(done, asked, Quality.IMPUTED)
    joined = links(join.day(), asked.day).join(classes, on="old").groupby("new")
    differ = joined[classes.columns.tolist()].nunique().gt(1).any(axis=1)
    several = differ.reindex(taken.index, fill_value=False)
    asked.note_units("classification", "class_of_predecessor", taken == Quality.IMPUTED)
    asked.note_units("classification", "class_of_largest", several)
    return join.figures(asked, frame, taken.mask(several, Quality.IMPUTED))


CLASSIFICATION = Join(
    "classification",
    how="first",
    needed="urbanisation_code",
    bring=_bring_classes,
    columns={"urbanisation_code": Column(inputs=("degree_of_urbanisation_code",))},
)

# --- all of them -------------------------------------------------------------------------------

_JOINS = (
    MUNICIPALITIES, POPULATION, incomes.JOIN, rents.RENTS, rents.GROWTH, evictions.JOIN, TENURE,
    CLASSIFICATION,
)  # fmt: skip
COLUMNS: Mapping[str, Column] = {
    name: column for one in _JOINS for name, column in one.columns.items()
}
"""The columns declared, by name; any other is its table's own and summed over an area."""
DERIVED: Mapping[str, Column] = {
    name: column for name, column in COLUMNS.items() if column.operation == "ratio"
}
"""The columns made of others in the same way for a municipality and for an area."""


def joins() -> dict[str, Join]:
    """Return the joins by name, in the order of the panel's columns.

    Examples
    --------
    >>> [name for name, one in joins().items() if one.covers]
    ['population', 'rents']
    """
    return {one.name: one for one in (*_JOINS, *_beds())}


def join_of(column: str, sources: Mapping[str, tuple[str, ...]]) -> Join:
    """Return the join that a column of the panel is of.

    Parameters
    ----------
    column : str
        Of the panel.
    sources : mapping of str to tuple of str
        `Figures.sources` of it.

    Examples
    --------
    >>> join_of("residents_0_14", {"residents_0_14": ("istat_population",)}).table
    'population'
    """
    every = joins().values()
    declared = (one for one in every if column in one.columns)
    own = (one for one in every if store.source_of(one.table).id == sources[column][0])
    return next(declared, None) or next(own)


IN_PART = tuple(one.table for one in _JOINS if one.covers)
"""The tables that an edition of a part of Italy may stand over."""
