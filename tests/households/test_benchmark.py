"""What the survey allows of each region, and rates brought onto it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from needs_analysis import store
from needs_analysis.households import benchmark

from .evidence import here, survey

# region: implied, years, gamma, shrunk (per cent)
EXPECTED = {
    "01": (16.5, 3, 0.94, 16.4), "03": (16.4, 3, 0.97, 16.3), "04": (9.7, 3, 0.74, 11.0),
    "05": (12.8, 3, 0.92, 13.0), "06": (12.6, 2, 0.42, 13.9), "07": (28.0, 3, 0.85, 26.0),
    "08": (8.8, 3, 0.92, 9.3), "09": (16.5, 3, 0.90, 17.5), "11": (15.8, 3, 0.66, 19.1),
    "12": (33.9, 3, 0.91, 33.1), "13": (14.4, 3, 0.61, 18.6), "14": (21.9, 1, 0.07, 25.1),
    "15": (27.3, 3, 0.95, 27.2), "16": (20.5, 3, 0.84, 21.3), "17": (20.8, 1, 0.12, 24.7),
    "18": (41.8, 3, 0.66, 36.2), "19": (27.2, 3, 0.85, 26.9), "20": (16.7, 1, 0.35, 22.3),
}  # fmt: skip


def _households():
    return store.table("municipalities").groupby("region_code")["households"].sum()


@here
def test_the_regions_are_those_worked_out_beside():
    found = benchmark.regional_benchmark(survey(), _households(), 0.0192, (2023, 2025))
    for code, (implied, years, gamma, rate) in EXPECTED.items():
        row = found.regions.loc[code]
        assert (100 * row["implied"], row["years"]) == (pytest.approx(implied, abs=0.1), years)
        assert (row["gamma"], 100 * row["rate"]) == (
            pytest.approx(gamma, abs=0.01), pytest.approx(rate, abs=0.1),
        )  # fmt: skip
    assert found.regions.loc[["02", "10"], "years"].tolist() == [0, 0]
    macro = 100 * found.macro_areas[["Nord", "Centro", "Mezzogiorno"]]
    assert macro.tolist() == pytest.approx([15.0, 24.7, 26.0], abs=0.15)
    assert 1e4 * found.between == pytest.approx(53.6, abs=0.1)
    assert 1e4 * found.error == pytest.approx(11.9, abs=0.1)


def test_the_four_tenures_of_italy_close():
    shares, rates = (0.136, 0.093, 0.599, 0.173), (0.223, 0.060, 0.021, 0.013)
    assert sum(s * r for s, r in zip(shares, rates, strict=True)) == pytest.approx(0.0507, abs=1e-4)
    frame = pd.DataFrame(
        {"territory": ["03"], "year": [2025], "overburden_share": [0.05], "renting_share": [0.2]}
    )
    # (0.05 - 0.8 x 0.02) / 0.2
    assert benchmark.implied_rates(frame, 0.02).loc["03", 2025] == pytest.approx(0.17, abs=1e-12)


@given(
    arrays(float, (6, 2), elements=st.floats(0.01, 0.9)),
    arrays(float, (6, 2), elements=st.floats(1, 10**6)),
    arrays(float, 2, elements=st.floats(0.01, 0.9)),
    st.randoms(),
)
def test_the_persons_of_a_group_meet_the_target(rates, persons, targets, random):
    group = np.array([0, 0, 1, 1, 1, -1])
    found = benchmark.raised_rates(rates, persons, group, targets)
    assert (found > 0).all() and (found < 1).all()
    for one in (0, 1):
        members = group == one
        rate = (found * persons)[members].sum() / persons[members].sum()
        assert rate == pytest.approx(targets[one], abs=1e-9)
    assert (found[5] == rates[5]).all()
    order = list(range(6))
    random.shuffle(order)
    again = benchmark.raised_rates(rates[order], persons[order], group[order], targets)
    assert (again == found[order]).all()
