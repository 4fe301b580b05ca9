"""What is no table of numbers is refused by every function of the floor, in words.

The wrong things that every floor is asked are in ``tests/test_public.py``.
"""

from __future__ import annotations

import inspect

import pandas as pd
import pytest

from needs_analysis import composite
from needs_analysis.composite import Indicator, Spec
from needs_analysis.errors import Refused

GOOD = pd.DataFrame({"a": [1.0, 2, 4, 9], "b": [2.0, 5, 3, 1]}, index=list("wxyz"))
WRONG = {
    "list": [1.0],
    "series": GOOD["a"],
    "words": pd.DataFrame({"a": ["u", "v"], "b": ["x", "y"]}),
    "a word": pd.DataFrame({"a": [1.0, "v"], "b": [1.0, 2]}),
    "digits": pd.DataFrame({"a": ["1", "2"], "b": ["3", "5"]}),
    "a column twice": GOOD.set_axis(["a", "a"], axis=1),
}
REST = {
    "polarity": {"a": 1, "b": 1},
    "goalposts": {"a": (0, 9), "b": (0, 9)},
    "reference": {"a": 2, "b": 1},
    "groups": pd.Series("g", index=GOOD.index),
    "spec": Spec("x_score", indicators=(Indicator("a", polarity=1),)),
    "base": 2020,
    "unit": "w",
    "outside": GOOD["b"],
}
# What takes words: a count of the values there are, and an index, which reads digits as numbers.
TAKES = {"availability": ("words", "a word", "digits"), "build": ("digits",)}
TAKES["screen_units"] = TAKES["availability"]
TAKES["confront"] = ("series",)
NAMES = [name for name in composite.__all__ if inspect.isfunction(getattr(composite, name))]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_table_of_numbers_is_refused(name, wrong):
    if wrong in TAKES.get(name, ()):
        return
    function = getattr(composite, name)
    _, *taken = inspect.signature(function).parameters.values()
    rest = {
        one.name: REST[one.name]
        for one in taken
        if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD
    }
    with pytest.raises(Refused):
        function(WRONG[wrong], **rest)
