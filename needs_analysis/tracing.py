"""From a printed figure down to the rows of the published files it was made from.

Each step names its operation, and :func:`recompute` does it again from the inputs alone: a trace that
tells another story than the figure does not pass its test.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis import errors, indicators, parameters, store
from needs_analysis.errors import AreaError, Messages, Refused
from needs_analysis.figures import Figures, Quality
from needs_analysis.households import traced, with_model
from needs_analysis.households.columns import COLUMNS as OF_MODEL
from needs_analysis.households.columns import reads_model
from needs_analysis.municipal import evictions, panel, pools
from needs_analysis.municipal.declaration import Column, Join
from needs_analysis.municipal.joins import DERIVED, IN_PART, join_of, joins
from needs_analysis.municipal.rents.joins import SURFACES
from needs_analysis.municipal.rents.weights import municipal_rents, placed_rents, rent_zones
from needs_analysis.process import public
from needs_analysis.provenance import OPERATIONS, Rows, Trace, of_parameters
from needs_analysis.territory import areas, codes, municipalities
from needs_analysis.words import N_

__all__ = ["recompute", "trace"]
__dir__ = public(__all__)

problem = Messages(
    "tracing",
    {
        "of_an_index": N_("«{figure}»: i punteggi di un indice non hanno una traccia"),
        "where_told": N_("Ne dicono tutto [index] nello study.toml e il foglio «fasi»."),
        "unknown": N_("«{figure}» non è un indicatore né una colonna"),
        "known": N_("Quelli esistenti: {known}."),
        "own_column": N_(
            "«{figure}» è fatto di «{column}», che non è del programma: non ha una traccia"
        ),
        "only_single": N_("«{figure}» esiste solo per comune"),
        "name_one": N_("Indicarne uno."),
    },
)


def trace(
    area: str,
    figure: str,
    overrides: Mapping[str, float] | None = None,
    codes_on: pd.Timestamp | str | None = None,
) -> Trace:
    """Return where a figure of a municipality, or of a larger area, comes from.

    Parameters
    ----------
    area : str
        As for `territory.select` ("108033", "comune:Rho", "ambito:Desio"); a bare name is that of
        the municipality.
    figure : str
        An indicator, by name or code ("A1"), or a column of the panel.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.
    codes_on : Timestamp or str, optional
        The day whose municipalities are meant; 1 January 2022 when omitted.

    Returns
    -------
    Trace
        The tree from the figure to publisher, file, reference date and row.

    Raises
    ------
    AreaError, Refused
        The area or the figure does not exist.

    Examples
    --------
    >>> found = trace("108033", "rent_to_income_ratio")
    >>> round(found.value, 3), [one.name for one in found.inputs]
    (0.209, ['annual_rent_eur', 'mean_taxable_income_eur'])
    """
    day, figure = codes.day_of(codes_on), indicators.name_of(figure)
    members = _members(area, day)
    if len(members) > 1:
        local = panel.build(overrides=overrides, codes_on=day)
        national = panel.build(overrides=overrides, codes_on=day, national=True)
        whole = panel.covering(local, national, members, day)
        if reads_model(_asked_of(figure)):
            whole = with_model(whole, overrides, day)
        return trace_area(whole, members, figure, overrides, day)
    tracer = Tracer(members[0], tuple(sorted((overrides or {}).items())), day)
    known = indicators.registry()
    own = _asked_of(figure) - {*tracer.panel.data.columns, *OF_MODEL} if figure in known else ()
    if own:
        raise Refused(problem("own_column", figure=figure, column=min(own)))
    if figure in known:
        return tracer.indicator(figure)
    if figure in tracer.panel.data.columns or figure in OF_MODEL:
        return tracer.column(figure)
    raise _unknown(figure)


def _asked_of(figure: str) -> set[str]:
    known = indicators.registry()
    return set(known[figure].inputs) if figure in known else {figure}


def _members(area: str, day: pd.Timestamp) -> tuple[str, ...]:
    try:
        return areas.find([area], day).codes
    except AreaError:  # «Italia» is no municipality
        return areas.find(area, day).codes


def _unknown(figure: str) -> Refused:
    if figure.endswith("_score"):
        return Refused(problem("of_an_index", figure=figure), cure=problem("where_told"))
    known = tuple(sorted(indicators.registry()))
    return Refused(problem("unknown", figure=figure), cure=problem("known", known=known))


def trace_area(
    figures: Figures,
    members: Sequence[str],
    figure: str,
    overrides: Mapping[str, float] | None = None,
    codes_on: pd.Timestamp | str | None = None,
) -> Trace:
    """Return where an area's figure comes from: every municipality's row that was put together.

    Parameters
    ----------
    figures : Figures
        The national panel.
    members : sequence of str
        The municipality codes of the area; a single one is traced as by :func:`trace`.
    figure : str
        An indicator or a column of the panel.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.
    codes_on : Timestamp or str, optional
        The day of the panel's municipalities; 1 January 2022 when omitted.

    Raises
    ------
    Refused
        The figure does not exist, or is given for single municipalities only.

    Examples
    --------
    >>> found = trace_area(panel.build(), ["108033", "108012"], "low_income_share")
    >>> recompute(found) == found.value, found.inputs[0].operation
    (True, 'sum')
    >>> found.inputs[0].rows.keys
    ('F704', 'B212')
    """
    if len(members) == 1:
        return trace(members[0], figure, overrides, codes_on)
    figure = indicators.name_of(figure)
    declared = indicators.registry().get(figure)
    _refuse_alone(figures, figure, declared.inputs if declared else (figure,))
    wanted = declared.inputs if declared else (figure,)
    pooled = _Pooled.of(figures, members, wanted, codes.day_of(codes_on))
    if declared is None:
        return pooled.column(figure)
    made = indicators.compute(pooled.figures.columns(wanted), [figure], overrides)
    inputs = (*(pooled.column(one) for one in wanted), *_parameters_of(declared, overrides))
    return _step(made, "area", figure, figure, inputs=inputs)


def _refuse_alone(figures: Figures, figure: str, wanted: Sequence[str]) -> None:
    """Refuse what an area of several municipalities does not have."""
    if any(one in figures.data and figures.data[one].dtype.kind not in "fi" for one in wanted):
        raise Refused(problem("only_single", figure=figure), cure=problem("name_one"))
    own = set(wanted) - set(figures.data.columns)
    if own and figure in indicators.registry():
        raise Refused(problem("own_column", figure=figure, column=min(own)))
    if own:
        raise _unknown(figure)


@dataclass(frozen=True)
class _Pooled:
    """Columns of an area put together over the municipalities that have all of them.

    `figures` holds the columns that derived ones are made of too; `complete` tells for each of
    `members` whether it counts.
    """

    national: Figures
    members: tuple[str, ...]
    figures: Figures
    complete: np.ndarray
    day: pd.Timestamp

    @classmethod
    def of(
        cls, national: Figures, members: Sequence[str], wanted: Sequence[str], day: pd.Timestamp
    ) -> _Pooled:
        pool = pools.Pool(national, {"area": members})
        parts = [one for name in wanted if name in DERIVED for one in DERIVED[name].inputs]
        figures = pool.figures(list(dict.fromkeys([*wanted, *parts])))
        return cls(national, tuple(members), figures, pool.counted(wanted), day)

    def column(self, name: str) -> Trace:
        """Trace a column to the rows of the municipalities."""
        if name in DERIVED:
            inputs = tuple(self.column(one) for one in DERIVED[name].inputs)
            return _step(self.figures, "area", name, DERIVED[name].operation, inputs=inputs)
        if name in OF_MODEL:
            names = municipalities(self.day)["municipality_name"].reindex(self.members)
            pooled = _step(self.figures, "area", name, pools.pooling(name))
            return traced.of_area(self.national, pooled, self.members, [*names], [*self.complete])
        join = join_of(name, self.national.sources)
        edition = _area_edition(join.table, self.members, self.day)
        return _step(
            self.figures,
            "area",
            name,
            pools.pooling(name),
            table=join.table,
            source=store.source_of(join.table, edition),
            rows=self._rows(name, join, edition),
        )

    def _rows(self, name: str, join: Join, edition: str) -> Rows:
        at = self.national.data.index.get_indexer(pd.Index(self.members))
        values = self.national.data[name].to_numpy(dtype=float)[at]
        kinds = self.national.quality[name].to_numpy()[at]
        places = _row_keys(join.name, self.day, edition)
        weighted = pools.pooling(name) == "mean weighted by households"
        households = self.national.data["households"].to_numpy()[at]
        names = municipalities(self.day)["municipality_name"]
        return Rows(
            units=self.members,
            names=tuple(names.reindex(self.members)),
            key=join.key,
            keys=tuple(places.reindex(self.members).fillna("")),
            values=tuple(values.tolist()),
            quality=tuple(Quality(int(kind)).name.lower() for kind in kinds),
            counted=tuple((self.complete & ~np.isnan(values)).tolist()),
            households=tuple(households.tolist()) if weighted else (),
            formula=join.column(name).formula(name),
        )


@store.remembered(each=16)
def _links(name: str, day: pd.Timestamp, edition: str) -> pd.DataFrame:
    return joins()[name].links(day, edition)


@store.remembered(each=16)
def _row_keys(name: str, day: pd.Timestamp, edition: str) -> pd.Series:
    """Return the row of each municipality in a join's table; where there are several, joined."""
    keys = _links(name, day, edition).set_index("new")["old"]
    several = keys.index.duplicated(keep=False)
    found: pd.Series = pd.concat([keys[~several], keys[several].groupby(level=0).agg(" + ".join)])
    return found


def _area_edition(table: str, members: Sequence[str], day: pd.Timestamp) -> str:
    return panel.area_edition(table, members, day) if table in IN_PART else ""


def recompute(found: Trace) -> float:
    """Do a trace's operations again, from its leaves up.

    Examples
    --------
    >>> found = trace("108033", "low_income_share")
    >>> recompute(found) == found.value
    True
    """
    errors.wanted(found, Trace)
    if found.rows:
        return _put_together(found.operation, found.rows)
    if not found.inputs:
        return float(found.value)
    values = [recompute(one) for one in found.inputs]
    known = indicators.registry()
    if found.operation not in known:
        return float(OPERATIONS[found.operation].of(*values))
    declared = known[found.operation]
    split = len(declared.inputs)
    result = declared.formula(
        *(pd.Series([value]) for value in values[:split]),
        **dict(zip(declared.parameters, values[split:], strict=True)),
    )
    central = result.central if isinstance(result, indicators.Estimate) else result
    return float(central.iloc[0])


def _put_together(operation: str, rows: Rows) -> float:
    values = [v for v, counted in zip(rows.values, rows.counted, strict=True) if counted]
    if rows.households:
        weights = [h for h, counted in zip(rows.households, rows.counted, strict=True) if counted]
        values = [one for pair in zip(values, weights, strict=True) for one in pair]
    if operation == "sum" and values:
        return math.fsum(values)
    return float(OPERATIONS[operation].of(*values)) if values else math.nan


def _parameters_of(
    declared: indicators.Indicator, overrides: Mapping[str, float] | None
) -> tuple[Trace, ...]:
    values = parameters.values(overrides)
    return of_parameters({one: values[one] for one in declared.parameters})


@dataclass(frozen=True)
class Tracer:
    """Traces of one municipality's figures."""

    code: str
    changed: tuple[tuple[str, float], ...] = ()
    day: pd.Timestamp = codes.DAY

    @property
    def overrides(self) -> dict[str, float]:
        """Return the parameters that a study puts over ``parameters.csv``."""
        return dict(self.changed)

    @cached_property
    def panel(self) -> Figures:
        """Return the panel of all Italy."""
        return panel.build(overrides=self.overrides, codes_on=self.day)

    def edition(self, table: str) -> str:
        """Return the part of Italy that the municipality's figures are of; "" for all Italy's."""
        return _area_edition(table, [self.code], self.day)

    def indicator(self, name: str) -> Trace:
        """Trace an indicator to the panel and the parameters."""
        declared = indicators.registry()[name]
        inputs = (self.column(one) for one in declared.inputs)
        given = (*inputs, *_parameters_of(declared, self.overrides))
        own = self.modelled if reads_model(_asked_of(name)) else self.panel
        here = own.columns(declared.inputs).rows([self.code])
        made = indicators.compute(here, [name], self.overrides)
        return _step(made, self.code, name, name, inputs=given)

    @cached_property
    def modelled(self) -> Figures:
        """Return the panel with the columns of the model of burdens."""
        return with_model(self.panel, self.overrides, self.day)

    def column(self, name: str) -> Trace:
        """Trace a column of the panel to rows of tables, or to the model."""
        if name in OF_MODEL:
            return traced.of_municipality(
                self.modelled, self.code, name, self.column, self.overrides
            )
        join = join_of(name, self.panel.sources)
        column = join.column(name)
        if join.table in _OTHERWISE:
            return _OTHERWISE[join.table](self, join, name)
        return self._made_of(name, column) if column.after else self._brought(join, name, column)

    def _made_of(self, name: str, column: Column) -> Trace:
        """Trace a column that is made of others of the panel."""
        inputs = [self.column(one) for one in column.inputs]
        if column.optional and column.operation == "sum":
            inputs = [one for one in inputs if one.value == one.value]
        elif column.optional:  # left blank it adds nothing
            inputs = [one if one.value == one.value else Trace(one.name, 0.0) for one in inputs]
        return self.step(name, column.operation, inputs)

    def _brought(self, join: Join, name: str, column: Column) -> Trace:
        """Trace a column that was brought from another day's codes, with the share of each part."""
        edition = self.edition(join.table)
        value: Any = self.panel.data.loc[self.code, name]
        linked = self.links(join, edition)
        columns = column.inputs or (name,)
        leaves = [
            one for given in columns for one in self.leaves(join, given, linked.index, edition)
        ]
        if join.how == "first":  # of several that merged, one that has the value taken
            taken = [one for one in leaves if one.value == value]
            return self.step(name, "as published", taken[:1])
        if column.blanks:
            leaves = [
                Trace(f"{one.name} is blank", float(one.value != one.value), table=one.table)
                for one in leaves
            ]
        parts = list(zip(leaves, [*linked["share"]] * len(columns), strict=True))
        if len(parts) > 1:
            parts = [(one, share) for one, share in parts if one.value == one.value]
        if pd.isna(value) and not join.partial:  # a part is missing, and so is the whole
            parts = []
        if all(share == 1 for _, share in parts):
            operation = column.operation if len(parts) == 1 else "sum"
            return self.step(name, operation, [one for one, _ in parts])
        shared = [
            (one, Trace("share by households", share, table="code_history")) for one, share in parts
        ]
        return self.step(name, "sum of parts", [one for pair in shared for one in pair])

    def links(self, join: Join, edition: str = "") -> pd.DataFrame:
        """Return the rows of a table that make the municipality, with the share of each."""
        linked = _links(join.name, self.day, edition)
        return linked[linked["new"] == self.code].set_index("old")

    def step(self, name: str, operation: str, inputs: Iterable[Trace]) -> Trace:
        """Give a column of the panel with what it was made from."""
        return _step(self.panel, self.code, name, operation, inputs=tuple(inputs))

    def leaves(
        self, join: Join, column: str, keys: Iterable[str], edition: str = ""
    ) -> list[Trace]:
        """Give the cells of a column in rows of a join's table."""
        source = store.source_of(join.table, edition)
        cells = _rows(join.name, edition).loc[list(keys), column]
        return [
            Trace(column, _value(value), table=join.table, key=f"{join.key} {row}", source=source)
            for row, value in cells.items()
        ]


@store.remembered(each=16)
def _rows(name: str, edition: str) -> pd.DataFrame:
    return joins()[name].rows(edition)


def _step(figures: Figures, unit: str, name: str, operation: str, **made_of: Any) -> Trace:
    """Give a figure as it is printed, with what it was made from."""
    at = figures.data.index.get_loc(unit)
    value, vintage = _value(figures.data[name].iloc[at]), str(figures.vintage[name].iloc[at])
    quality: Any = figures.quality[name].iloc[at]
    return Trace(name, value, operation, Quality(quality).name.lower(), vintage, **made_of)


def _value(value: object) -> float | str:
    return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]


@store.remembered()
def _residents_2011(day: pd.Timestamp, edition: str) -> pd.Series:
    return placed_rents(day, edition)[2]


def _rent(tracer: Tracer, join: Join, name: str) -> Trace:
    """Trace a rent or price to the quotes of the municipalities that it was made of."""
    if name == "annual_rent_eur":
        return _annual_rent(tracer, name)
    edition = tracer.edition("rents")
    rows = _rows(join.name, edition).loc[tracer.links(join, edition).index]
    if name == "rent_predecessors":
        count = Trace("rows of rents", float(len(rows)), table="rents")
        return tracer.step(name, "as published", [count])
    if name == "rent_weighting_code":
        kinds = municipal_rents(edition).loc[rows.index, name]
        found = [Trace(f"{name} of {code}", kind) for code, kind in kinds.items() if kind]
        return tracer.step(name, "as published", found)
    quoted = rows[rows[name].notna() & (rows[name] != "")]
    kind = f"{name.partition('_')[0]}_surface_code"
    same = quoted[quoted[kind] == tracer.panel.data.loc[tracer.code, kind]]
    leaves = tracer.leaves(join, name, same.index, edition)
    if name == "rent_eur_m2_month":
        weighted = [_by_zone(code, edition) for code in same.index]
        leaves = [zones or leaf for zones, leaf in zip(weighted, leaves, strict=True)]
        if len(leaves) == 1 and leaves[0].inputs:
            return tracer.step(name, leaves[0].operation, leaves[0].inputs)
    return _of_predecessors(tracer, name, leaves, same, edition, left_out=len(same) < len(quoted))


def _of_predecessors(
    tracer: Tracer, name: str, leaves: list[Trace], rows: pd.DataFrame, edition: str, left_out: bool
) -> Trace:
    """Put together the quotes of municipalities that merged, as `merge_predecessors` does."""
    if name.endswith("_mixed_surfaces") and left_out:
        leaves = [*leaves, Trace("quotes of another surface are left out", 1.0)]
    if name.endswith("_code"):  # that of one of them
        value = tracer.panel.data.loc[tracer.code, name]
        leaves = [one for one in leaves if one.value == value][:1]
    if len(leaves) < 2:
        return tracer.step(name, "as published", leaves)
    over_parts = {"low": "lowest", "high": "highest", "zones": "sum", "mixed": "highest"}
    if operation := over_parts.get(name.split("_")[1]):
        return tracer.step(name, operation, leaves)
    weights = _residents_2011(tracer.day, edition)[rows.index]
    source = store.source_of("residents_2011")
    weighed = [
        Trace("residents of 2011", float(weight), table="residents_2011",
              key=f"cadastral_code {code}", source=source)
        for code, weight in weights.items()
    ]  # fmt: skip
    pairs = [one for pair in zip(leaves, weighed, strict=True) for one in pair]
    return tracer.step(name, "mean weighted by residents of 2011", pairs)


def _by_zone(code: str, edition: str) -> Trace | None:
    """Trace a rent to the quotes and residents of its zones; None where zones count alike."""
    zones = rent_zones(edition)
    zones = zones[(zones["cadastral_code"] == code) & (zones["rent_weighting_code"] == "P")]
    if zones.empty:
        return None
    cited, inputs = store.cited(), []
    for _, zone in zones.iterrows():
        key = f"zone {code}/{zone['zone_code']}"
        ends = [
            Trace(end, float(zone[end]), table="omi_values", key=key, source=cited["omi_values"])
            for end in ("rent_low_eur_m2_month", "rent_high_eur_m2_month")
        ]
        people, source = float(zone["people"]), cited["istat_section_points"]
        inputs += [
            Trace(f"rent of {key}", float(zone["midpoint"]), "midpoint", inputs=tuple(ends)),
            Trace(f"residents of {key}", people, source=source),
        ]
    value = float((zones["midpoint"] * zones["weight"]).sum())
    return Trace(
        "rent_eur_m2_month", value, "mean weighted by residents of zones", inputs=tuple(inputs)
    )


def _annual_rent(tracer: Tracer, name: str) -> Trace:
    parameter = SURFACES.get(str(tracer.panel.data.loc[tracer.code, "rent_surface_code"]))
    if parameter is None:  # there is no rent
        return tracer.step(name, "product", ())
    (surface,) = of_parameters({parameter: parameters.values(tracer.overrides)[parameter]})
    months, rent = Trace("months_in_year", 12.0), tracer.column("rent_eur_m2_month")
    return tracer.step(name, "product", [months, rent, surface])


@store.remembered()
def _spread(changed: tuple[tuple[str, float], ...], day: pd.Timestamp) -> evictions.Spread:
    return evictions.spread(day, evictions.evictions_by_province(dict(changed)))


def _eviction(tracer: Tracer, join: Join, name: str) -> Trace:
    """Trace a count to the row of its province and the households that it was spread over."""
    column, over = join.column(name), _spread(tracer.changed, tracer.day)
    whole, province = over.over(column), over.home[tracer.code]
    units = municipalities(tracer.day)
    members = units[whole == whole[tracer.code]]
    columns: Iterable[str] = column.inputs
    if evictions.two_sided(column):
        sides = ["capital", "rest"]
        if over.split[tracer.code]:
            sides = ["capital"] if over.capital[tracer.code] else ["rest"]
        columns = [one.replace("*", side) for one in column.inputs for side in sides]
    leaves = [leaf for one in columns for leaf in tracer.leaves(join, one, [province])]
    summed = math.fsum(float(one.value) for one in leaves)
    total = Trace(f"{name} of {province}", summed, "sum", inputs=tuple(leaves))
    source, people = store.source_of("municipalities"), float(members["households"].sum())
    of = f"households of {len(members)} municipalities"
    base = Trace(of, people, table="municipalities", source=source)
    return tracer.step(name, column.operation, [total, tracer.column("households"), base])


_OTHERWISE = {"rents": _rent, "evictions": _eviction}
"""The tables whose rows come to the municipalities by more than the history of the codes."""
