"""Tables brought to their margins: by hand, and the example of mipfp."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needs_analysis.needs.problems import NeedsError
from needs_analysis.needs.raking import rake

CHECKS = Path(__file__).parents[3] / "shared/checks/ipf_three_way"
published = pytest.mark.skipif(not CHECKS.exists(), reason="the reference cases are not here")


def table(frame, value, keys=("Var1", "Var2", "Var3")):
    sizes = [frame[key].nunique() for key in keys]
    return frame.sort_values(list(keys))[value].to_numpy(dtype=float).reshape(sizes)


@published
def test_three_ways_with_a_margin_of_one_and_one_of_two_are_whole_numbers():
    seed = table(pd.read_csv(CHECKS / "seed.csv"), "seed")
    pairs = table(pd.read_csv(CHECKS / "target_v2_v3.csv"), "target", ("Var1", "Var2"))
    margins = [((0,), [50, 16]), ((1, 2), pairs)]
    expected = table(pd.read_csv(CHECKS / "expected.csv"), "fitted")
    assert rake(seed, margins) == pytest.approx(expected, abs=1e-9)
    assert rake(seed, margins[::-1]) == pytest.approx(expected, abs=1e-9)


def test_nothing_stays_nothing():
    found = rake([[0, 1], [1, 1]], [((0,), [4, 6]), ((1,), [3, 7])])
    assert found == pytest.approx(np.array([[0, 4], [3, 3]]))


def test_what_is_wrong_is_said_all_at_once():
    with pytest.raises(NeedsError) as caught:
        rake([[0, 0], [1, 1]], [((0,), [4, 6]), ((1,), [3, 8])])
    assert [one.code for one in caught.value.problems] == [
        "needs.margin_empty", "needs.margin_totals",
    ]  # fmt: skip
    assert "vuole 4 nella cella" in str(caught.value)
    with pytest.raises(NeedsError, match="forma"):
        rake(np.ones((2, 2)), [((0,), [1, 2, 3])])
    with pytest.raises(NeedsError, match="negativi"):
        rake(np.ones((2, 2)), [((0,), [-1, 2])])


def test_margins_that_no_table_has_are_refused():
    with pytest.raises(NeedsError, match="distano ancora"):
        rake([[0, 1], [1, 0]], [((0,), [4, 6]), ((1,), [3, 7])], steps=50)
