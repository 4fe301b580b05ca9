"""A wrong first argument of any public function: `Refused`, or an answer, never a library's error."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import types
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import needs_analysis
from needs_analysis.errors import Refused

CODES = ["108033", "108039", "108041"]

# Called otherwise than with something of the user's.
NOT_CALLED = {
    "needs_analysis.indicator": "a decorator: its mistakes are the programmer's",
    "needs_analysis.store.remembered": "a decorator: its mistakes are the programmer's",
}


def public() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every function with an argument in an `__all__` that users reach, once, by its name there."""
    walked = pkgutil.walk_packages(needs_analysis.__path__, "needs_analysis.")
    seen = set()
    for module in ["needs_analysis", *(one.name for one in walked)]:
        if module.partition(".")[2].split(".")[0] not in ("", *needs_analysis.__all__):
            continue  # a floor of ours alone, like the one that opens files
        found = importlib.import_module(module)
        for name in getattr(found, "__all__", ()):
            function = getattr(found, name)
            full = f"{module}.{name}"
            if not callable(function) or id(function) in seen:
                continue
            if inspect.isclass(function) or isinstance(function, types.GenericAlias):
                continue
            seen.add(id(function))
            if inspect.signature(function).parameters and full not in NOT_CALLED:
                yield full, function


FUNCTIONS = dict(public())


def wrong(function: Callable[..., Any]) -> dict[str, object]:
    """Eight wrong things by name; None is left out where it is the default."""
    good = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [3.0, 1.0, 2.0]}, index=CODES)
    found = {
        "text": "abc",
        "number": 3.5,
        "None": None,
        "dict": {"a": 1},
        "empty frame": pd.DataFrame(),
        "no codes": good.reset_index(drop=True),
        "codes twice": good.set_axis(["108033", "108033", "108041"]),
        "codes missing": good.set_axis(["108033", np.nan, "108041"]),
    }
    first = next(iter(inspect.signature(function).parameters.values()))
    if first.default is None:
        del found["None"]
    return found


def _area(_folder: Path) -> object:
    return needs_analysis.territory.select(CODES)


def _near(_folder: Path) -> object:
    return needs_analysis.territory.neighbours(needs_analysis.territory.select(CODES))


def _key(folder: Path) -> object:
    return needs_analysis.services.create_key(folder / "key")


def _spec(_folder: Path) -> object:
    from needs_analysis.composite import Indicator, Spec

    return Spec(
        "made_up_score", indicators=(Indicator("a", polarity=1), Indicator("b", polarity=1))
    )


def _stays(_folder: Path) -> object:
    return needs_analysis.services.Stays(needs_analysis.services.files.schema.empty("stays"))


def _stay(_folder: Path) -> object:
    from needs_analysis.services import StayLength

    return StayLength.exponential(30.0)


# The other arguments that must be given, by name, or by the function's name and theirs.
OTHERS: dict[str, Callable[[Path], object]] = {
    "budget_eur": lambda _: 1000.0,
    "budgets": lambda _: {"P05": 1000.0},
    "catalogue": lambda _: needs_analysis.policies.catalogue(as_of="2026-11-29"),
    "policies": lambda _: needs_analysis.policies.catalogue(as_of="2026-11-29"),
    "figure": lambda _: "population",
    "spec": _spec,
    "polarity": lambda _: {"a": 1, "b": 1},
    "reference": lambda _: {"a": 1.0, "b": 1.0},
    "goalposts": lambda _: {"a": (0.0, 1.0), "b": (0.0, 1.0)},
    "impute_group_mean.groups": lambda _: pd.Series("g", CODES),
    "impute_group_median.groups": lambda _: pd.Series("g", CODES),
    "groups": lambda _: {"all": CODES},
    "base": lambda _: 2021,
    "outside": lambda _: pd.Series(1.0, CODES),
    "unit": lambda _: "108033",
    "table": lambda _: pd.DataFrame({"code": CODES, "own": 1.0}),
    "on": lambda _: "code",
    "column": lambda _: "a",
    "source": lambda _: "prova",
    "vintage": lambda _: "2024",
    "rules": lambda _: needs_analysis.disclosure.Rules.of(),
    "dwellings": lambda _: pd.DataFrame(),
    "dimensions": lambda _: ["a"],
    "tabulate.name": lambda _: "prova",
    "profile": lambda _: "published",
    "near": _near,
    "population": lambda _: pd.Series(100.0, CODES),
    "area": _area,
    "households_min": lambda _: 1.0,
    "regions": lambda _: 2,
    "stay": _stay,
    "places": lambda _: 2,
    "share": lambda _: 0.2,
    "stays": _stays,
    "new": lambda _: None,
    "computed.key": lambda _: {},
    "key": _key,
    "make": lambda _: pd.DataFrame,
    "tables": lambda _: {},
    "out": lambda folder: folder / "out",
    "from_date": lambda _: "2018-01-01",
    "to_date": lambda _: "2021-01-01",
    "day": lambda _: "2021-01-01",
    "how": lambda _: "sum",
    "period": lambda _: needs_analysis.services.Period.year(2025),
    "new_sites": lambda _: 1,
    "evidence": lambda _: None,
    "units": lambda _: CODES,
    "incomes": lambda _: pd.Series(10_000.0, CODES),
    "limit_eur": lambda _: 12_000.0,
    "variance": lambda _: pd.Series(1.0, CODES),
    "fay_herriot.columns": lambda _: pd.DataFrame({"one": 1.0}, CODES),
    "supply": lambda _: needs_analysis.needs.Supply(),
    "to": lambda _: 2030,
    "provinces": lambda _: pd.Series("108", CODES),
    "title": lambda _: "prova",
    "voice": lambda _: needs_analysis.words.Voice(),
    "margins": lambda _: [((0,), [1.0, 1.0])],
}


def others(function: Callable[..., Any], folder: Path) -> dict[str, object]:
    """Return the arguments that must be given beside the first."""
    _, *rest = inspect.signature(function).parameters.values()
    given = {}
    for one in rest:
        if one.default is one.empty and one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL):
            own = f"{function.__name__}.{one.name}"
            given[one.name] = OTHERS[own if own in OTHERS else one.name](folder)
    return given


def called(function: Callable[..., Any], first: object, rest: dict[str, object]) -> None:
    answer = function(first, **rest)
    if isinstance(answer, AbstractContextManager) and not isinstance(answer, Path):
        with answer:
            pass
    elif inspect.isgenerator(answer):
        list(answer)


def seen() -> Iterator[tuple[str, Any]]:
    """What tab completion shows of the package and of each floor that users reach, by its name."""
    for floor in ("", *needs_analysis.__all__):
        found = getattr(needs_analysis, floor) if floor else needs_analysis
        if not floor or inspect.ismodule(found):
            for name in dir(found):
                yield f"{floor}.{name}", getattr(found, name)


def undescribed(one: Any) -> list[str]:
    """What a function or a class lacks: words, the types of what it takes and gives."""
    if not (inspect.isfunction(one) or inspect.isclass(one)) or one.__module__ == "conftest":
        return []  # a constant; what the tests put in the place of the store's
    wrong = [] if inspect.getdoc(one) else ["docstring"]
    if inspect.isfunction(one):
        signature = inspect.signature(one)
        wrong += ["return"] if signature.return_annotation is signature.empty else []
        wrong += [n for n, given in signature.parameters.items() if given.annotation is given.empty]
    return wrong


def test_what_is_seen_is_public_documented_and_typed():
    found = dict(seen())
    assert {".join", ".indicator", ".series", "reports.area_map", "services.plan"} <= set(found)
    assert not {name.rpartition(".")[2] for name in found} & {"np", "pd", "annotations", "Any"}
    assert {name: undescribed(one) for name, one in found.items() if undescribed(one)} == {}
    for floor in needs_analysis.__all__:
        module = getattr(needs_analysis, floor)
        if inspect.ismodule(module):
            assert set(module.__all__) <= set(dir(module)), floor


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_wrong_first_argument_is_refused_or_answered(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    function = FUNCTIONS[name]
    rest = others(function, tmp_path)
    escaped = []
    for what, first in wrong(function).items():
        try:
            called(function, first, rest)
        except Refused as refused:
            assert str(refused)
        except Exception as error:  # noqa: BLE001 - whatever comes out is what is looked for
            escaped.append(f"{what}: {type(error).__module__}.{type(error).__name__}: {error}")
    assert not escaped, "\n".join(escaped)
