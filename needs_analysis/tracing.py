"""From a printed figure down to the rows of the published files it was made from.

Each step names its operation, and :func:`recompute` does it again from the inputs alone: a trace that
tells another story than the figure does not pass its test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis import composite, indicators, parameters, store
from needs_analysis.errors import AreaError, Messages, Refused
from needs_analysis.figures import Figures, Quality
from needs_analysis.municipal import panel, pools
from needs_analysis.municipal.evictions import evictions_by_province, prefecture_provinces
from needs_analysis.municipal.rents.weights import municipal_rents, placed_rents, rent_zones
from needs_analysis.provenance import Rows, Trace
from needs_analysis.territory import areas, codes, history, municipalities
from needs_analysis.territory.recode import links
from needs_analysis.words import N_

problem = Messages(
    "tracing",
    {
        "other_index": N_("«{figure}»: fra i punteggi, solo l'indice del programma ha una traccia"),
        "where_told": N_(
            "Di un indice proprio dicono tutto [index] nello study.toml e il foglio «fasi»."
        ),
        "unknown": N_("«{figure}» non è un indicatore né una colonna"),
        "known": N_("Quelli esistenti: {known}."),
        "only_single": N_("«{figure}» esiste solo per comune"),
        "name_one": N_("Indicarne uno."),
    },
)


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
    "mean weighted by households": _weighted_mean,
    "mean weighted by residents of zones": _weighted_mean,
    "midpoint": lambda low, high: (low + high) / 2,
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
        An indicator or a column of the panel; of a municipality a score of the index too.
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
    day = codes.day_of(codes_on)
    members = _members(area, day)
    if len(members) > 1:
        local = panel.build(overrides=overrides, codes_on=day)
        national = panel.build(overrides=overrides, codes_on=day, national=True)
        whole = panel.covering(local, national, members, day)
        return trace_area(whole, members, figure, overrides, day)
    tracer = Tracer(members[0], tuple(sorted((overrides or {}).items())), day)
    known = indicators.registry()
    if figure in known:
        return tracer.indicator(figure)
    if figure in composite.DISTRESS.scores:
        return replace(tracer, national=True).score(figure)
    if figure in tracer.panel.data.columns:
        return tracer.column(figure)
    raise _unknown(figure)


def _members(area: str, day: pd.Timestamp) -> tuple[str, ...]:
    try:
        return areas.find([area], day).codes
    except AreaError:  # «Italia» is no municipality
        return areas.find(area, day).codes


def _unknown(figure: str) -> Refused:
    if figure.endswith("_score"):
        return Refused(problem("other_index", figure=figure), cure=problem("where_told"))
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
    declared = indicators.registry().get(figure)
    _refuse_alone(figures, figure, declared.inputs if declared else (figure,))
    wanted = declared.inputs if declared else (figure,)
    pooled = _Pooled.of(figures, members, wanted, codes.day_of(codes_on))
    if declared is None:
        return pooled.column(figure)
    made = indicators.compute(pooled.figures.columns(wanted), [figure], overrides)
    return Trace(
        figure,
        made.value("area", figure),
        figure,
        _quality(made, "area", figure),
        str(made.vintage[figure].iloc[0]),
        (*(pooled.column(one) for one in wanted), *_parameters_of(declared, overrides)),
    )


def _refuse_alone(figures: Figures, figure: str, wanted: Sequence[str]) -> None:
    """Refuse what an area of several municipalities does not have."""
    if figure in composite.DISTRESS.scores or any(
        one in figures.data and figures.data[one].dtype.kind not in "fi" for one in wanted
    ):
        raise Refused(problem("only_single", figure=figure), cure=problem("name_one"))
    if not set(wanted) <= set(figures.data.columns):
        raise _unknown(figure)


def _sum_of_classes(form: str, classes: Iterable[str]) -> str:
    return " + ".join(form.format(f"declarants_{one}") for one in classes)


_BEDS = "rented_lodging_beds + bed_and_breakfast_beds"
_ALLOCATED = " * households / households_*"
_FORMULAS: Mapping[str, str] = {
    "declarants": _sum_of_classes("{}", panel.CLASSES),
    "declarants_up_to_10k": _sum_of_classes("{}", panel.LOW_CLASSES),
    "blank_low_classes": _sum_of_classes("blank({})", panel.LOW_CLASSES),
    "blank_other_classes": _sum_of_classes("blank({})", panel.CLASSES[len(panel.LOW_CLASSES) :]),
    "blank_classes": _sum_of_classes("blank({})", panel.CLASSES),
    "net_income_eur": "taxable_income_eur - net_tax_eur - regional_surcharge_eur"
    " - municipal_surcharge_eur + allowance_eur",
    "annual_rent_eur": "12 * rent_eur_m2_month * reference_dwelling_{gross,net}_m2",
    "eviction_orders": "(orders_need_* + orders_end_* + orders_arrears_*)" + _ALLOCATED,
    "eviction_arrears_orders": "orders_arrears_*" + _ALLOCATED,
    "eviction_requests": "requests" + _ALLOCATED,
    "eviction_executions": "executions" + _ALLOCATED,
    "households_by_tenure_2011": "renting_households_2011 + owning_households_2011"
    " + other_tenure_households_2011",
    "accommodation_beds": _BEDS,
    "accommodation_beds_2019": _BEDS,
}
"""How the columns of the panel that stand in no table are made of a row of theirs."""


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
        parts = [
            one for name in wanted if name in pools.DERIVED for one in pools.DERIVED[name].inputs
        ]
        figures = pool.figures(list(dict.fromkeys([*wanted, *parts])))
        return cls(national, tuple(members), figures, pool.counted(wanted), day)

    def column(self, name: str) -> Trace:
        """Trace a column to the rows of the municipalities."""
        if name in pools.DERIVED:
            return self._step(
                name, "ratio", inputs=tuple(self.column(n) for n in pools.DERIVED[name].inputs)
            )
        table = _table_of(self.figures.sources[name][0])
        edition = _area_edition(table, self.members, self.day)
        return self._step(
            name,
            pools.pooling(name),
            table=table,
            source=store.source_of(table, edition),
            rows=self._rows(name, table, edition),
        )

    def _step(self, name: str, operation: str, **more: Any) -> Trace:
        return Trace(
            name,
            self.figures.value("area", name),
            operation,
            _quality(self.figures, "area", name),
            str(self.figures.vintage[name].iloc[0]),
            **more,
        )

    def _rows(self, name: str, table: str, edition: str) -> Rows:
        at = self.national.data.index.get_indexer(pd.Index(self.members))
        values = self.national.data[name].to_numpy(dtype=float)[at]
        words = np.array([kind.name.lower() for kind in Quality], dtype=object)
        key, places = _row_keys(table, _own_day(table, name, edition), self.day, edition)
        weighted = pools.pooling(name) == "mean weighted by households"
        households = self.national.data["households"].to_numpy()[at]
        names = municipalities(self.day)["municipality_name"]
        return Rows(
            units=self.members,
            names=tuple(names.reindex(self.members)),
            key=key,
            keys=tuple(places.reindex(self.members).fillna("")),
            values=tuple(values.tolist()),
            quality=tuple(words[self.national.quality[name].to_numpy()[at].astype(int)]),
            counted=tuple((self.complete & ~np.isnan(values)).tolist()),
            households=tuple(households.tolist()) if weighted else (),
            formula=_FORMULAS.get(name, ""),
        )


@store.remembered(each=16)
def _row_keys(table: str, own: str, day: pd.Timestamp, edition: str) -> tuple[str, pd.Series]:
    """Return the key of a table with codes of a day, and which of its rows each municipality has."""
    if table in ("incomes", "rents", "rents_growth"):
        place = _places(table, day, edition).dropna()
        return "cadastral_code", _joined(place.index, place)
    if table == "evictions":
        return "province_abbreviation", prefecture_provinces(day)
    linked = links(own, day, carved="keep" if table == "tenure_2011" else "split")
    linked = linked[linked["old"].isin(_rows_on(table, own, edition)["municipality_code"])]
    return "municipality_code", _joined(linked["old"], linked["new"])


def _own_day(table: str, name: str, edition: str = "") -> str:
    """Return the day whose codes a table by municipality_code has; other tables have none."""
    if table in ("incomes", "rents", "rents_growth", "evictions"):
        return ""
    if table == "municipalities":
        return f"{codes.DAY:%Y-%m-%d}"
    if table == "accommodation":
        return _beds_day(name)
    date = store.source_of(table, edition).reference_date
    return panel.codes_day(date) if table == "population" else date


def _joined(rows: Iterable[str], units: Iterable[str]) -> pd.Series:
    """Return the row of each unit; where there are several, their keys joined."""
    keys = pd.Series(list(rows), index=pd.Index(list(units)), dtype=object)
    several = keys.index.duplicated(keep=False)
    return pd.concat([keys[~several], keys[several].groupby(level=0).agg(" + ".join)])


def _area_edition(table: str, members: Sequence[str], day: pd.Timestamp) -> str:
    return panel.area_edition(table, members, day) if table in panel.IN_PART else ""


def _table_of(source_id: str) -> str:
    return next(name for name in store.package() if store.source_of(name).id == source_id)


def recompute(found: Trace) -> float:
    """Do a trace's operations again, from its leaves up.

    Examples
    --------
    >>> found = trace("108033", "low_income_share")
    >>> recompute(found) == found.value
    True
    """
    if found.rows:
        return _put_together(found.operation, found.rows)
    if not found.inputs:
        return float(found.value)
    values = [recompute(one) for one in found.inputs]
    known = indicators.registry()
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


def _put_together(operation: str, rows: Rows) -> float:
    values = [v for v, counted in zip(rows.values, rows.counted, strict=True) if counted]
    if rows.households:
        weights = [h for h, counted in zip(rows.households, rows.counted, strict=True) if counted]
        values = [one for pair in zip(values, weights, strict=True) for one in pair]
    return float(OPERATIONS[operation](*values)) if values else math.nan


def _parameters_of(
    declared: indicators.Indicator, overrides: Mapping[str, float] | None
) -> tuple[Trace, ...]:
    values = parameters.values(overrides)
    rows = {row.name: row for row in parameters.table()}
    return tuple(
        Trace(one, values[one], table="parameters", key=rows[one].source)
        for one in declared.parameters
    )


@dataclass(frozen=True)
class Tracer:
    """Traces of one municipality's figures."""

    code: str
    changed: tuple[tuple[str, float], ...] = ()
    day: pd.Timestamp = codes.DAY
    national: bool = False

    @property
    def overrides(self) -> dict[str, float]:
        """Return the parameters that a study puts over ``parameters.csv``."""
        return dict(self.changed)

    @cached_property
    def panel(self) -> Figures:
        """Return the panel of all Italy; with `national`, of the editions that cover it whole."""
        return panel.build(overrides=self.overrides, codes_on=self.day, national=self.national)

    def edition(self, table: str) -> str:
        """Return the part of Italy that the municipality's figures are of; "" for all Italy's."""
        return "" if self.national else _area_edition(table, [self.code], self.day)

    def indicator(self, name: str) -> Trace:
        """Trace an indicator to the panel and the parameters."""
        declared = indicators.registry()[name]
        figures = _computed(self)
        return Trace(
            name,
            _value(figures.data[name].iloc[0]),
            name,
            _quality(figures, self.code, name),
            str(figures.vintage[name].iloc[0]),
            tuple(self.column(one) for one in declared.inputs)
            + _parameters_of(declared, self.overrides),
        )

    def column(self, name: str) -> Trace:
        """Trace a column of the panel to rows of tables."""
        if name in pools.DERIVED:
            return self._step(name, "ratio", [self.column(n) for n in pools.DERIVED[name].inputs])
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
            inputs = [self._normalised(result, one) for one in spec.leaves(by_column[name].name)]
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

    def _leaves(
        self, table: str, column: str, rows: pd.DataFrame, key: str, edition: str = ""
    ) -> list[Trace]:
        source = store.source_of(table, edition)
        return [
            Trace(column, _value(value), table=table, key=f"{key} {row}", source=source)
            for row, value in zip(rows[key], rows[column], strict=True)
        ]


@store.remembered(each=16)
def _table(name: str, edition: str = "") -> pd.DataFrame:
    return store.table(name, edition)


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
    edition = tracer.edition(table)
    found = _recoded(tracer, name, table, [name], _own_day(table, name, edition), edition=edition)
    alone = found.operation == "sum" and len(found.inputs) == 1
    return replace(found, operation="as published") if alone else found


@store.remembered(each=64)
def _computed(tracer: Tracer) -> Figures:
    """Return all indicators of one municipality."""
    return indicators.compute(tracer.panel.rows([tracer.code]), overrides=tracer.overrides)


@store.remembered(each=4)
def _places(table: str, day: pd.Timestamp, edition: str = "") -> pd.Series:
    """Return the municipality of a day that each cadastral code of a table stands for."""
    quoted = _table(table, edition)["cadastral_code"]
    if table == "rents":
        found = history.places(quoted, day).set_index("cadastral_code")
    else:
        found = history.successors(quoted, day, last_day=True)
    return found["municipality_code"]


@store.remembered()
def _rent_weights(day: pd.Timestamp, edition: str) -> pd.Series:
    return placed_rents(day, edition)[2]


def _cadastral(tracer: Tracer, table: str, edition: str = "") -> pd.DataFrame:
    """Return the rows of a table by cadastral code that belong to the municipality."""
    frame, place = _table(table, edition), _places(table, tracer.day, edition)
    return frame[frame["cadastral_code"].isin(place.index[place == tracer.code])]


def _income(tracer: Tracer, name: str) -> Trace:
    leaves = _income_leaves(tracer, name)
    if len(leaves) > 1:  # what is withheld of one that merged adds nothing
        leaves = [one for one in leaves if one.value == one.value]
    return tracer._step(name, "as published" if len(leaves) == 1 else "sum", leaves)


def _income_leaves(tracer: Tracer, name: str) -> list[Trace]:
    rows = _cadastral(tracer, "incomes")
    return tracer._leaves("incomes", name, rows, "cadastral_code")


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
    traced = [leaf for one in classes for leaf in _income_leaves(tracer, f"declarants_{one}")]
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
    edition = tracer.edition("rents")
    rows = _cadastral(tracer, "rents", edition)
    if name == "rent_predecessors":
        count = Trace("rows of rents", float(len(rows)), table="rents")
        return tracer._step(name, "as published", [count])
    if name == "rent_weighting_code":
        kinds = municipal_rents(edition).loc[rows["cadastral_code"], name]
        found = [Trace(f"{name} of {code}", kind) for code, kind in kinds.items() if kind]
        return tracer._step(name, "as published", found)
    rows = rows[rows[name].notna() & (rows[name] != "")]
    kind = f"{name.partition('_')[0]}_surface_code"
    rows = rows[rows[kind] == tracer.panel.data.loc[tracer.code, kind]]
    leaves = tracer._leaves("rents", name, rows, "cadastral_code", edition)
    if name == "rent_eur_m2_month":
        weighted = [_by_zone(code, edition) for code in rows["cadastral_code"]]
        leaves = [zones or leaf for zones, leaf in zip(weighted, leaves, strict=True)]
        if len(leaves) == 1 and leaves[0].inputs:
            return tracer._step(name, leaves[0].operation, leaves[0].inputs)
    if len(leaves) < 2:
        return tracer._step(name, "as published", leaves)
    over_parts = {"low": "lowest", "high": "highest", "zones": "sum", "mixed": "highest"}
    if name.split("_")[1] in over_parts:
        return tracer._step(name, over_parts[name.split("_")[1]], leaves)
    weights = _rent_weights(tracer.day, edition)
    source = store.source_of("residents_2011")
    weighed = [
        Trace("residents of 2011", float(weights[code]), table="residents_2011",
              key=f"cadastral_code {code}", source=source)
        for code in rows["cadastral_code"]
    ]  # fmt: skip
    pairs = [one for pair in zip(leaves, weighed, strict=True) for one in pair]
    return tracer._step(name, "mean weighted by residents of 2011", pairs)


def _by_zone(code: str, edition: str) -> Trace | None:
    """Trace a rent to the quotes and residents of its zones; None where zones count alike."""
    zones = rent_zones(edition)
    zones = zones[(zones["cadastral_code"] == code) & (zones["rent_weighting_code"] == "P")]
    if zones.empty:
        return None
    cited = store.cited()
    inputs = []
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


@store.remembered()
def _evictions(changed: tuple[tuple[str, float], ...]) -> pd.DataFrame:
    return evictions_by_province(dict(changed))


def _eviction(tracer: Tracer, name: str) -> Trace:
    home = prefecture_provinces(tracer.day)
    province = home[tracer.code]
    published = _evictions(tracer.changed).loc[province]
    units = municipalities(tracer.day)
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
    linked = links(store.source_of("classification").reference_date, tracer.day)
    mine = linked.loc[linked["new"] == tracer.code, "old"]
    frame = _table("classification")
    column = "degree_of_urbanisation_code" if name == "urbanisation_code" else name
    rows = frame[frame["municipality_code"].isin(mine)]
    # Of several that merged, one that has the class taken.
    taken = rows[column] == tracer.panel.data.loc[tracer.code, name]
    leaves = tracer._leaves("classification", column, rows[taken].head(1), "municipality_code")
    return tracer._step(name, "as published", leaves)


def _recoded(tracer: Tracer, name: str, table: str, columns: Sequence[str], day: str,
             carved: str = "split", edition: str = "") -> Trace:  # fmt: skip
    """Trace a column that was brought from another day's codes, with the share of each part."""
    linked = links(day, tracer.day, carved=carved)
    mine = linked[linked["new"] == tracer.code].set_index("old")
    frame = _rows_on(table, day, edition)
    rows = frame[frame["municipality_code"].isin(mine.index)]
    leaves = [
        leaf
        for column in columns
        for leaf in tracer._leaves(table, column, rows, "municipality_code", edition)
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


def _rows_on(table: str, day: str, edition: str = "") -> pd.DataFrame:
    """Return the rows of a table of several years that are of a day's."""
    frame = _table(table, edition)
    return frame[frame["year"] == int(day[:4])] if "year" in frame else frame


def _tenure(tracer: Tracer, name: str) -> Trace:
    columns = [name]
    if name == "households_by_tenure_2011":
        columns = [f"{kind}_households_2011" for kind in ("renting", "owning", "other_tenure")]
    day = store.source_of("tenure_2011").reference_date
    return _recoded(tracer, name, "tenure_2011", columns, day, "keep")


def _beds(tracer: Tracer, name: str) -> Trace:
    columns = ("rented_lodging_beds", "bed_and_breakfast_beds")
    return _recoded(tracer, name, "accommodation", columns, _beds_day(name))


def _beds_day(name: str) -> str:
    latest = int(_table("accommodation")["year"].max())
    return f"{name.rpartition('_')[2] if name[-1].isdigit() else latest}-01-01"


Origin = Callable[[Tracer, str], Trace]


@store.remembered()
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
