"""What each indicator would be made of now: its tables, their dates and origin, what is lacking."""

from __future__ import annotations

from dataclasses import dataclass

from needs_analysis import store
from needs_analysis.errors import Problem
from needs_analysis.figures import Figures, Quality, join_vintages
from needs_analysis.households.columns import COLUMNS as OF_MODEL
from needs_analysis.households.traced import READ
from needs_analysis.indicators.declaration import Indicator, registry
from needs_analysis.municipal import panel as panels
from needs_analysis.municipal.declaration import vintage_of
from needs_analysis.municipal.joins import IN_PART, join_of


@dataclass(frozen=True)
class Used:
    """A table that an indicator is made of: its date, and "shipped", "user" or "both".

    `over` are the newer editions of a part of Italy, each with how many municipalities it gives.
    """

    table: str
    vintage: str
    origin: str
    over: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Ready:
    """An indicator with the tables it would use, and what it lacks, in Italian."""

    id: str
    name: str
    label: str
    tables: tuple[Used, ...]
    lacks: tuple[str, ...]


def readiness() -> list[Ready]:
    """Return what each indicator would be made of now, with the figures in use.

    Returns
    -------
    list of Ready
        One an indicator, in the order of the codebook. `lacks` counts the municipalities without a
        table that the indicator needs, and names the half-years that would bring in files added.

    Examples
    --------
    >>> (first,) = [one for one in readiness() if one.id == "A1"]
    >>> [(used.table, used.vintage, used.origin) for used in first.tables]
    [('rents', '2018/2', 'shipped'), ('incomes', '2021', 'shipped')]
    """
    panel, status = panels.build(), store.status()
    tables = {column: join_of(column, panel.sources).table for column in panel.sources}
    return [
        _ready(one, panel, tables, dict(status["origin"]), dict(status["lacks"].map(_together)))
        for one in registry().values()
    ]


def _over(table: str) -> tuple[tuple[str, int], ...]:
    """Return the editions of a part of Italy over a table, and how many municipalities each gives."""
    parts = store.parts(table) if table in IN_PART else ()
    if not parts:
        return ()
    stands = panels.editions(table)
    dates = dict.fromkeys(one.source.reference_date for one in parts)
    return tuple((vintage_of(one), int((stands == one).sum())) for one in dates)


def _together(problems: tuple[Problem, ...]) -> str:
    return "; ".join(map(str, problems))


def _ready(
    declared: Indicator,
    panel: Figures,
    tables: dict[str, str],
    origins: dict[str, str],
    waiting: dict[str, str],
) -> Ready:
    # What the model of burdens makes is read of the panel; it fills in what a place lacks.
    read = [one for name in declared.inputs for one in (READ if name in OF_MODEL else (name,))]
    absent = [name for name in dict.fromkeys(read) if name not in tables]
    lacks = [f"«{name}» non è fra i dati" for name in absent]
    inputs = [name for name in dict.fromkeys(read) if name in tables]
    used = []
    for table in dict.fromkeys(tables[name] for name in inputs):
        own = [name for name in inputs if tables[name] == table]
        vintage = join_vintages(panel.vintage[own].to_numpy().ravel())
        used.append(Used(table, vintage, origins[table], _over(table)))
        asked = [name for name in own if name in declared.inputs]
        blank = (panel.quality[asked] == Quality.MISSING).any(axis=1).sum()
        if blank:
            lacks.append(f"{table}: {blank} comuni senza dato")
        if waiting[table]:
            lacks.append(f"{table}: {waiting[table]}")
    return Ready(declared.id, declared.name, declared.label_in(), tuple(used), tuple(lacks))
