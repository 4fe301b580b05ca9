"""From a printed figure down to the rows of the published files it was made from.

Each step names its operation, and :func:`recompute` does it again from the inputs alone: a trace that
tells another story than the figure does not pass its test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs_analysis import composite, indicators, panel, parameters, store
from needs_analysis.errors import NeedsAnalysisError
from needs_analysis.figures import Figures, Quality
from needs_analysis.provenance import Trace
from needs_analysis.territory import areas, codes, history
from needs_analysis.territory.recode import links


def _ampi(*parts: float) -> float:
    return float(composite.ampi(pd.DataFrame([parts])).iloc[0])


def _weighted_mean(*pairs: float) -> float:
    values, weights = np.array(pairs[::2]), np.array(pairs[1::2])
    return float((values * weights).sum() / weights.sum())


OPERATIONS: Mapping[str, Callable[..., float]] = {
    "as published": lambda value: value,
    "sum": lambda *values: math.fsum(values),
    "lowest": min,
    "highest": max,
    "ratio": lambda amount, count: amount / count,
    "product": lambda *values: math.prod(values),
    "sum of parts": lambda *pairs: math.fsum(
        v * s for v, s in zip(pairs[::2], pairs[1::2], strict=True)
    ),
    "share of a total": lambda total, part, base: total * part / base,
    "mean weighted by residents of 2011": _weighted_mean,
    "net of taxes and surcharges": lambda income, tax, region, town, bonus: (
        income - math.fsum([tax, region, town]) + bonus
    ),
    "logarithm": lambda x, low, high: math.log(x - low + 0.01 * (high - low)),
    "no more than": min,
    "AMPI scale": lambda x, mean, low, high: (
        60 * (x - (mean - (high - low) / 2)) / (high - low) + 70
    ),
    "AMPI+": _ampi,
}
"""What a step does to its inputs; an indicator's own formula goes by the indicator's name."""


def trace(municipality: str, figure: str, overrides: Mapping[str, float] | None = None) -> Trace:
    """Return where a municipality's figure comes from.

    Parameters
    ----------
    municipality : str
        Code or name, as for `territory.select` ("108033", "comune:Rho").
    figure : str
        An indicator, a score of the index or a column of the panel.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.

    Returns
    -------
    Trace
        The tree from the figure to publisher, file, reference date and row.

    Raises
    ------
    AreaError, NeedsAnalysisError
        The municipality or the figure does not exist.

    Examples
    --------
    >>> found = trace("108033", "rent_to_income_ratio")
    >>> round(found.value, 3), [one.name for one in found.inputs]
    (0.209, ['annual_rent_eur', 'mean_taxable_income_eur'])
    """
    code = _code(municipality)
    tracer = Tracer(code, tuple(sorted((overrides or {}).items())))
    known = indicators.registry()
    if figure in known:
        return tracer.indicator(figure)
    if figure in composite.DISTRESS.scores:
        return tracer.score(figure)
    if figure in tracer.panel.data.columns:
        return tracer.column(figure)
    raise NeedsAnalysisError(
        f"«{figure}» non è un indicatore né una colonna. Quelli esistenti: {', '.join(sorted(known))}."
    )


def trace_area(
    figures: Figures,
    members: Sequence[str],
    figure: str,
    overrides: Mapping[str, float] | None = None,
) -> Trace:
    """Return where an area's figure comes from: what was pooled, over which municipalities.

    Parameters
    ----------
    figures : Figures
        The national panel.
    members : sequence of str
        The municipality codes of the area; a single one is traced down to its rows.
    figure : str
        An indicator or a column of the panel.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.

    Examples
    --------
    >>> found = trace_area(panel.build(), ["108033", "108012"], "low_income_share")
    >>> recompute(found) == found.value, found.inputs[0].operation
    (True, 'pooled over 2 municipalities')
    """
    if len(members) == 1:
        return trace(members[0], figure, overrides)
    pool = panel.Pool(figures, {"area": members})
    known = indicators.registry()
    if figure not in known:
        return _pooled(pool, pool.figures([figure]), figure, len(members))
    declared = known[figure]
    inputs = pool.figures(declared.inputs)
    values = parameters.values(overrides)
    made = indicators.compute(inputs, [figure], overrides)
    used = [Trace(one, values[one], table="parameters") for one in declared.parameters]
    return Trace(
        figure,
        made.value("area", figure),
        figure,
        _quality(made, "area", figure),
        str(made.vintage[figure].iloc[0]),
        (*(_pooled(pool, inputs, one, len(members)) for one in declared.inputs), *used),
    )


def _pooled(pool: panel.Pool, figures: Figures, name: str, members: int) -> Trace:
    value = figures.value("area", name)
    inputs: list[Trace]
    if name in panel.DERIVED:
        base = pool.figures(panel.DERIVED[name].inputs)
        inputs = [_pooled(pool, base, one, members) for one in panel.DERIVED[name].inputs]
        operation = "ratio"
    else:
        cited = store.cited()
        source = cited[figures.sources[name][0]]
        inputs = [Trace(name, value, table=_table_of(source.id), key="", source=source)]
        operation = f"pooled over {members} municipalities"
    return Trace(
        name,
        value,
        operation,
        _quality(figures, "area", name),
        str(figures.vintage[name].iloc[0]),
        tuple(inputs),
    )


def _table_of(source_id: str) -> str:
    return next(name for name in store.package() if store.source_of(name).id == source_id)


def _code(municipality: str) -> str:
    found = areas.find([municipality])
    if found.level != "comune":
        raise NeedsAnalysisError(f"«{municipality}» non è un comune.")
    return found.codes[0]


def recompute(found: Trace) -> float:
    """Do a trace's operations again, from its leaves up.

    Examples
    --------
    >>> found = trace("108033", "low_income_share")
    >>> recompute(found) == found.value
    True
    """
    if not found.inputs:
        return float(found.value)
    values = [recompute(one) for one in found.inputs]
    known = indicators.registry()
    if found.operation.startswith("pooled over"):
        return values[0]
    if found.operation not in known:
        return float(OPERATIONS[found.operation](*values))
    declared = known[found.operation]
    split = len(declared.inputs)
    result = declared.formula(
        *(pd.Series([value]) for value in values[:split]),
        **dict(zip(declared.parameters, values[split:], strict=True)),
    )
    central = result.central if isinstance(result, indicators.Estimate) else result
    return float(central.iloc[0])


@dataclass(frozen=True)
class Tracer:
    """Traces of one municipality's figures."""

    code: str
    changed: tuple[tuple[str, float], ...] = ()

    @property
    def overrides(self) -> dict[str, float]:
        """Return the parameters that a study puts over ``parameters.csv``."""
        return dict(self.changed)

    @property
    def panel(self) -> Figures:
        """Return the national panel."""
        return panel.build(overrides=self.overrides)

    def indicator(self, name: str) -> Trace:
        """Trace an indicator to the panel and the parameters."""
        declared = indicators.registry()[name]
        figures = _computed(self)
        values = parameters.values(self.overrides)
        rows = {row.name: row for row in parameters.table()}
        used = tuple(
            Trace(one, values[one], table="parameters", key=rows[one].source)
            for one in declared.parameters
        )
        return Trace(
            name,
            _value(figures.data[name].iloc[0]),
            name,
            _quality(figures, self.code, name),
            str(figures.vintage[name].iloc[0]),
            tuple(self.column(one) for one in declared.inputs) + used,
        )

    def column(self, name: str) -> Trace:
        """Trace a column of the panel to rows of tables."""
        if name in panel.DERIVED:
            return self._step(name, "ratio", [self.column(n) for n in panel.DERIVED[name].inputs])
        return _origins().get(name, _published)(self, name)

    def score(self, name: str) -> Trace:
        """Trace the index, or one of its components, to the indicators and Italy's goalposts."""
        spec = composite.DISTRESS
        result = composite.build(
            indicators.compute(self.panel, overrides=self.overrides), spec, self.overrides
        )
        value = result.scores.value(self.code, name)
        quality = _quality(result.scores, self.code, name)
        by_column = {one.column: one for one in spec.components}
        if name == spec.name:
            inputs = [self.score(column) for column in by_column]
        else:
            inputs = [self._normalised(result, one) for one in by_column[name].indicators]
        return Trace(name, value, "AMPI+", quality, inputs=tuple(inputs))

    def _normalised(self, result: composite.CompositeResult, name: str) -> Trace:
        treated = result.stages["treated"][name]
        own = self.indicator(name)
        raw = result.stages["data"][name]
        what = result.treatment[name]
        if what == "log":
            ends = (Trace("min", float(raw.min())), Trace("max", float(raw.max())))
            own = self._made(f"log {name}", treated, "logarithm", (own, *ends))
        elif what != "none":
            own = self._made(
                f"{what} {name}", treated, "no more than", (own, Trace("max", float(treated.max())))
            )
        goalposts = (
            Trace("mean of Italy's municipalities", float(treated.mean())),
            Trace("min", float(treated.min())),
            Trace("max", float(treated.max())),
        )
        stage = result.stages["normalised"][name]
        return self._made(f"normalised {name}", stage, "AMPI scale", (own, *goalposts))

    def _made(
        self, name: str, stage: pd.Series, operation: str, inputs: tuple[Trace, ...]
    ) -> Trace:
        return Trace(name, float(stage.loc[self.code]), operation, inputs=inputs)

    def _step(self, name: str, operation: str, inputs: Sequence[Trace]) -> Trace:
        """Give a column of the panel with what it was made from."""
        figures = self.panel
        return Trace(
            name,
            _value(figures.data.loc[self.code, name]),
            operation,
            _quality(figures, self.code, name),
            str(figures.vintage.loc[self.code, name]),
            tuple(inputs),
        )

    def _leaves(self, table: str, column: str, rows: pd.DataFrame, key: str) -> list[Trace]:
        source = store.source_of(table)
        return [
            Trace(column, _value(value), table=table, key=f"{key} {row}", source=source)
            for row, value in zip(rows[key], rows[column], strict=True)
        ]


@store.remembered
def _table(name: str) -> pd.DataFrame:
    return store.table(name)


def _quality(figures: Figures, unit: str, name: str) -> str:
    return Quality(
        int(figures.quality[name].to_numpy()[figures.data.index.get_loc(unit)])
    ).name.lower()


def _value(value: object) -> float | str:
    return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]


def _published(tracer: Tracer, name: str) -> Trace:
    """Trace a column that stands in a table under the same name, by municipality."""
    ids = tracer.panel.sources[name]
    table = _table_of(ids[0])
    frame = _table(table)
    rows = frame[frame["municipality_code"] == tracer.code]
    leaves = tracer._leaves(table, name, rows, "municipality_code")
    return tracer._step(name, "as published" if len(leaves) == 1 else "sum", leaves)


@store.remembered
def _computed(tracer: Tracer) -> Figures:
    """Return all indicators of one municipality."""
    return indicators.compute(tracer.panel.rows([tracer.code]), overrides=tracer.overrides)


@store.remembered
def _links(day: str, carved: str = "split") -> pd.DataFrame:
    return links(day, codes.DAY, carved=carved)


@store.remembered
def _places(table: str) -> pd.Series:
    """Return the municipality of the panel's day of each cadastral code of a table."""
    found = history.successors(_table(table)["cadastral_code"])
    return found["municipality_code"]


@store.remembered
def _rent_weights() -> pd.Series:
    quoted = pd.Index(_table("rents")["cadastral_code"])
    return panel.rent_weights(quoted, _places("rents"))


def _cadastral(tracer: Tracer, table: str) -> pd.DataFrame:
    """Return the rows of a table by cadastral code that belong to the municipality."""
    frame, place = _table(table), _places(table)
    return frame[frame["cadastral_code"].isin(place.index[place == tracer.code])]


def _income(tracer: Tracer, name: str) -> Trace:
    rows = _cadastral(tracer, "incomes")
    leaves = tracer._leaves("incomes", name, rows, "cadastral_code")
    return tracer._step(name, "as published" if len(leaves) == 1 else "sum", leaves)


def _class_total(tracer: Tracer, name: str) -> Trace:
    classes = panel.LOW_CLASSES if name == "declarants_up_to_10k" else panel.CLASSES
    traced = [_income(tracer, f"declarants_{one}") for one in classes]
    return tracer._step(name, "sum", [one for one in traced if one.value == one.value])


def _blanks(tracer: Tracer, name: str) -> Trace:
    classes = {
        "blank_low_classes": panel.LOW_CLASSES,
        "blank_other_classes": panel.CLASSES[len(panel.LOW_CLASSES) :],
        "blank_classes": panel.CLASSES,
    }[name]
    traced = [_income(tracer, f"declarants_{one}") for one in classes]
    counted = [
        Trace(f"{one.name} is blank", float(one.value != one.value), table="incomes")
        for one in traced
    ]
    return tracer._step(name, "sum", counted)


def _net_income(tracer: Tracer, name: str) -> Trace:
    parts = (
        "taxable_income_eur", "net_tax_eur", "regional_surcharge_eur", "municipal_surcharge_eur",
        "allowance_eur",
    )  # fmt: skip
    traced = [_income(tracer, part) for part in parts]
    # Left blank, a surcharge or allowance concerns nobody or at most three: it adds nothing.
    known = [one if one.value == one.value else Trace(one.name, 0.0) for one in traced]
    return tracer._step(name, "net of taxes and surcharges", known)


def _rent(tracer: Tracer, name: str) -> Trace:
    if name == "rent_predecessors":
        count = Trace("rows of rents", float(len(_cadastral(tracer, "rents"))), table="rents")
        return tracer._step(name, "as published", [count])
    rows = _cadastral(tracer, "rents")
    rows = rows[rows[name].notna() & (rows[name] != "")]
    kind = f"{name.partition('_')[0]}_surface_code"
    rows = rows[rows[kind] == tracer.panel.data.loc[tracer.code, kind]]
    leaves = tracer._leaves("rents", name, rows, "cadastral_code")
    if len(leaves) < 2:
        return tracer._step(name, "as published", leaves)
    over_parts = {"low": "lowest", "high": "highest", "zones": "sum", "mixed": "highest"}
    if name.split("_")[1] in over_parts:
        return tracer._step(name, over_parts[name.split("_")[1]], leaves)
    weights = _rent_weights()
    source = store.source_of("residents_2011")
    weighed = [
        Trace("residents of 2011", float(weights[code]), table="residents_2011",
              key=f"cadastral_code {code}", source=source)
        for code in rows["cadastral_code"]
    ]  # fmt: skip
    pairs = [one for pair in zip(leaves, weighed, strict=True) for one in pair]
    return tracer._step(name, "mean weighted by residents of 2011", pairs)


def _annual_rent(tracer: Tracer, name: str) -> Trace:
    kind = tracer.panel.data.loc[tracer.code, "rent_surface_code"]
    parameter = {"L": "reference_dwelling_gross_m2", "N": "reference_dwelling_net_m2"}.get(
        str(kind)
    )
    if parameter is None:
        return tracer._step(name, "product", ())
    surface = Trace(parameter, parameters.values(tracer.overrides)[parameter], table="parameters")
    rent = _rent(tracer, "rent_eur_m2_month")
    return tracer._step(name, "product", [Trace("months", 12.0), rent, surface])


def _growth_end(tracer: Tracer, name: str) -> Trace:
    rows = _cadastral(tracer, "rents_growth")
    leaves = tracer._leaves("rents_growth", name, rows, "cadastral_code")
    return tracer._step(name, "as published", leaves)


_EVICTION_COLUMNS = {
    "eviction_orders": ("orders_need", "orders_end", "orders_arrears"),
    "eviction_arrears_orders": ("orders_arrears",),
}


def _eviction(tracer: Tracer, name: str) -> Trace:
    home = panel.prefecture_provinces()
    province = home[tracer.code]
    published = panel.evictions_by_province(tracer.overrides).loc[province]
    units = codes.municipalities()
    members = units[home == province]
    columns = [name.removeprefix("eviction_")]
    if name in _EVICTION_COLUMNS:
        capital = members["is_capital"] & (members["province_abbreviation"] == province)
        sides = ["capital", "rest"]
        if published["split_reliable"]:
            sides = ["capital"] if capital[tracer.code] else ["rest"]
            members = members[capital == capital[tracer.code]]
        columns = [f"{motive}_{side}" for motive in _EVICTION_COLUMNS[name] for side in sides]
    table = _table("evictions")
    row = table[table["province_abbreviation"] == province]
    leaves = [
        leaf
        for column in columns
        for leaf in tracer._leaves("evictions", column, row, "province_abbreviation")
    ]
    total = Trace(f"{name} of {province}", math.fsum(float(x.value) for x in leaves), "sum",
                  inputs=tuple(leaves))  # fmt: skip
    base = Trace(
        f"households of {len(members)} municipalities",
        float(members["households"].sum()),
        table="municipalities",
        source=store.source_of("municipalities"),
    )
    return tracer._step(name, "share of a total", [total, tracer.column("households"), base])


def _classified(tracer: Tracer, name: str) -> Trace:
    linked = _links(store.source_of("classification").reference_date)
    mine = linked.loc[linked["new"] == tracer.code, "old"]
    frame = _table("classification")
    column = "degree_of_urbanisation_code" if name == "urbanisation_code" else name
    rows = frame[frame["municipality_code"].isin(mine)]
    leaves = tracer._leaves("classification", column, rows, "municipality_code")
    return tracer._step(name, "as published", leaves)


def _recoded(tracer: Tracer, name: str, table: str, columns: Sequence[str], day: str,
             carved: str = "split") -> Trace:  # fmt: skip
    """Trace a column that was brought from another day's codes, with the share of each part."""
    linked = _links(day, carved)
    mine = linked[linked["new"] == tracer.code].set_index("old")
    frame = _table(table)
    if "year" in frame:
        frame = frame[frame["year"] == int(day[:4])]
    rows = frame[frame["municipality_code"].isin(mine.index)]
    leaves = [
        leaf
        for column in columns
        for leaf in tracer._leaves(table, column, rows, "municipality_code")
    ]
    if math.isnan(tracer.panel.value(tracer.code, name)):
        return tracer._step(name, "sum", ())
    shares = [float(mine["share"].loc[leaf.key.split()[-1]]) for leaf in leaves]
    if all(share == 1 for share in shares):
        return tracer._step(name, "sum", leaves)
    pairs = [
        one
        for leaf, share in zip(leaves, shares, strict=True)
        for one in (leaf, Trace("share by households", share, table="code_history"))
    ]
    return tracer._step(name, "sum of parts", pairs)


def _tenure(tracer: Tracer, name: str) -> Trace:
    columns = [name]
    if name == "households_by_tenure_2011":
        columns = [f"{kind}_households_2011" for kind in ("renting", "owning", "other_tenure")]
    day = store.source_of("tenure_2011").reference_date
    return _recoded(tracer, name, "tenure_2011", columns, day, "keep")


def _beds(tracer: Tracer, name: str) -> Trace:
    latest = int(_table("accommodation")["year"].max())
    year = int(name.rpartition("_")[2]) if name[-1].isdigit() else latest
    columns = ("rented_lodging_beds", "bed_and_breakfast_beds")
    return _recoded(tracer, name, "accommodation", columns, f"{year}-01-01")


Origin = Callable[[Tracer, str], Trace]


@store.remembered
def _origins() -> dict[str, Origin]:
    """Return how each column of the panel is traced, where it is not published by municipality."""
    figures = panel.build()
    by_source: dict[str, Origin] = {
        "mef_incomes": _income,
        "omi_values": _rent,
        "omi_series": _growth_end,
        "interno_evictions": _eviction,
        "istat_classification": _classified,
        "istat_census_areas": _tenure,
        "istat_accommodation": _beds,
    }
    found = {
        name: by_source[ids[0]] for name, ids in figures.sources.items() if ids[0] in by_source
    }
    found |= dict.fromkeys(("declarants", "declarants_up_to_10k"), _class_total)
    found |= dict.fromkeys(("blank_low_classes", "blank_other_classes", "blank_classes"), _blanks)
    return found | {"net_income_eur": _net_income, "annual_rent_eur": _annual_rent}
