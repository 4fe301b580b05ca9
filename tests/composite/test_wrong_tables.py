"""What is no table of numbers is refused by every function of the floor, in words."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest

from needs_analysis import composite
from needs_analysis.composite import Indicator, Spec
from needs_analysis.errors import Refused

GOOD = pd.DataFrame({"a": [1.0, 2, 4, 9], "b": [2.0, 5, 3, 1]}, index=list("wxyz"))
WRONG = {
    "text": "rent",
    "number": 3,
    "nothing": None,
    "dict": {"a": 1},
    "list": [1.0],
    "series": GOOD["a"],
    "words": pd.DataFrame({"a": ["u", "v"], "b": ["x", "y"]}),
    "a column twice": GOOD.set_axis(["a", "a"], axis=1),
}
# What is refused, or has an answer.
ODD = {
    "empty": pd.DataFrame(),
    "without codes": GOOD.reset_index(drop=True),
    "codes twice": GOOD.set_axis(list("wwyz")),
    "codes missing": GOOD.set_axis(["w", None, "y", np.nan]),
}
REST = {
    "polarity": {"a": 1, "b": 1},
    "goalposts": {"a": (0, 9), "b": (0, 9)},
    "reference": {"a": 2, "b": 1},
    "groups": pd.Series("g", index=GOOD.index),
    "spec": Spec("x_score", indicators=(Indicator("a", polarity=1),)),
    "base": 2020,
    "unit": "w",
}
# Of indicators, `as_figures` takes care; what is available may be words.
NAMES = [
    name
    for name in composite.__all__
    if inspect.isfunction(one := getattr(composite, name))
    and next(iter(inspect.signature(one).parameters)) != "indicators"
]


def called(name: str, first: object) -> None:
    taken = list(inspect.signature(getattr(composite, name)).parameters.values())[1:]
    rest = {
        one.name: REST[one.name]
        for one in taken
        if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD
    }
    getattr(composite, name)(first, **rest)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_table_of_numbers_is_refused(name, wrong):
    if wrong == "words" and name in ("availability", "screen_units"):
        called(name, WRONG[wrong])
        return
    with pytest.raises(Refused):
        called(name, WRONG[wrong])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_table_is_refused_or_has_an_answer(name, odd):
    try:
        called(name, ODD[odd])
    except Refused as error:
        assert error.problems
