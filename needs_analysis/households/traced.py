"""What a column of the model was made from: the municipalities, what is known of them, assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from needs_analysis.figures import Figures, Quality
from needs_analysis.households.columns import COLUMNS
from needs_analysis.households.model import parameters_read
from needs_analysis.households.scenario import Scenario
from needs_analysis.provenance import Rows, Trace, of_parameters

OPERATION = "household model"
READ = (
    "households", "resident_population", "declarants", "net_income_eur", "taxable_income_eur",
    "rent_eur_m2_month", "rent_low_eur_m2_month", "rent_high_eur_m2_month", "renting_households_2011",
)  # fmt: skip
"""The columns of the panel that a trace of the model shows; it reads the classes of income too."""
_CENTRAL = "overburdened_tenants"


def of_municipality(
    figures: Figures,
    code: str,
    name: str,
    column: Callable[[str], Trace],
    overrides: Mapping[str, float] | None = None,
) -> Trace:
    """Return what a column of the model was made from in a municipality.

    Parameters
    ----------
    figures : Figures
        Of :func:`needs_analysis.households.with_model`.
    code, name : str
        The municipality and the column, of `columns.COLUMNS`.
    column : callable
        Traces a column of the panel.
    overrides : mapping of str to float, optional
        Parameters of a study.

    Notes
    -----
    The model is of all Italy at once: its own number is the first input, what it read of the place and
    what it assumes come after. The other columns of the model say only the number.
    """
    found = _result(figures, code, name)
    given = [column(one) for one in READ if one in figures.data] if name == _CENTRAL else []
    return Trace(
        name, found.value, OPERATION, found.quality, found.vintage,
        inputs=(found, *given, *_assumptions(name, overrides)),
    )  # fmt: skip


def of_area(
    figures: Figures,
    pooled: Trace,
    members: Sequence[str],
    names: Sequence[str],
    counted: Sequence[bool],
    overrides: Mapping[str, float] | None = None,
) -> Trace:
    """Return what a column of the model was made from in an area: its municipalities, a row each.

    Parameters
    ----------
    figures : Figures
        Of :func:`needs_analysis.households.with_model`.
    pooled : Trace
        The area's number, without what it was made from.
    members, names : sequence of str
        Codes and names of the municipalities.
    counted : sequence of bool
        Which of them count.
    overrides : mapping of str to float, optional
        Parameters of a study.
    """
    values = figures.data.loc[list(members), pooled.name].to_numpy(dtype=float)
    kinds = figures.quality.loc[list(members), pooled.name]
    rows = Rows(
        units=tuple(members), names=tuple(names), key="", keys=("",) * len(members),
        values=tuple(values.tolist()), quality=tuple(Quality(int(one)).name.lower() for one in kinds),
        counted=tuple((np.asarray(counted, dtype=bool) & ~np.isnan(values)).tolist()),
    )  # fmt: skip
    return replace(
        pooled, operation=OPERATION,
        inputs=(replace(pooled, rows=rows), *_assumptions(pooled.name, overrides)),
    )  # fmt: skip


def handed_out(trace: Trace) -> Trace:
    """Return a trace as it is handed out: counts of the model without decimals and without places.

    Small counts of municipalities are printed as bands, in the tables of need alone.

    Examples
    --------
    >>> handed_out(Trace("overburdened_tenants", 707.6, OPERATION)).value
    708.0
    """
    inputs = tuple(map(handed_out, trace.inputs))
    name = trace.name.removeprefix(f"{OPERATION}: ")
    if name not in COLUMNS or isinstance(trace.value, str):
        return replace(trace, inputs=inputs)
    value = trace.value if np.isnan(trace.value) else float(np.floor(trace.value + 0.5))
    return replace(trace, name=name, value=value, rows=None, inputs=inputs)


def _result(figures: Figures, code: str, name: str) -> Trace:
    one = figures.columns([name]).rows([code])
    kind = Quality(int(one.quality.to_numpy()[0, 0])).name.lower()
    return Trace(
        f"{OPERATION}: {name}", one.value(code, name), "", kind, str(one.vintage.to_numpy()[0, 0])
    )


def _assumptions(name: str, overrides: Mapping[str, float] | None) -> tuple[Trace, ...]:
    if name != _CENTRAL:
        return ()
    scenario = vars(Scenario.of(overrides))
    assumed = {one: float(value) for one, value in scenario.items()}
    return of_parameters(assumed | parameters_read(overrides))
