"""A5 beside the evictions of provinces: what the page and the methods say is what is computed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from needs_analysis.composite import confront
from needs_analysis.households import national
from needs_analysis.municipal.evictions import evictions_by_province, prefecture_provinces
from needs_analysis.reports import findings
from needs_analysis.reports.chapters import limits
from needs_analysis.reports.chapters.burden_checked import burden_checked, burden_table
from needs_analysis.reports.findings.external_check import AREAS, confronted
from needs_analysis.reports.model import plain
from needs_analysis.territory import select

pytestmark = pytest.mark.slow
METHODS = Path(__file__).parents[3] / "docs" / "methods.md"


@pytest.fixture(scope="module")
def found():
    return findings.find(select("comune:Rho"), parts=("limiti",))


def cells(row: pd.Series, name: str) -> str:
    return (
        f"{row[f'{name}_correlation']:.2f} ({row[f'{name}_low']:.2f} to {row[f'{name}_high']:.2f}; "
        f"{row[f'{name}_units']:.0f})"
    )


def lines(label: str, checked: pd.DataFrame, name: str = "index") -> list[str]:
    """Return the rows of the table of the methods: a line an outside measure."""
    said = []
    for outside in checked.index.get_level_values("outside").unique():
        own = checked.loc[outside]
        left = f"{own['given_density']['italy']:.2f}" if name == "index" else ""
        held = " | ".join(cells(own.loc[area], name) for area in AREAS)
        said.append(f"| {label} | {outside.replace('_of_', ', of ')} | {held} | {left} |")
    return said


def test_the_methods_print_what_is_computed(found):
    marked = found.marks.any(axis=1)
    of_model = found.whole.data["overburdened_tenants_of_model"] / found.whole.data["households"]
    before = confronted(of_model, found.whole, among=~marked)
    own = found.confronted_burden
    wanted = [
        *lines("A5", own), *lines("A5, ordered municipalities", own, "ordered"),
        *lines("A5 before the survey", before),
        *lines("A5 before the survey, unmarked municipalities", before, "ordered"),
        *lines("residents per km2", own, "density"), *lines("households", own, "households"),
    ]  # fmt: skip
    said = METHODS.read_text("utf-8")
    assert [one for one in wanted if one not in said] == []


def test_by_hand(found):
    """The weighted mean of each prefecture's municipalities, and its evictions over its tenants."""
    home, published = prefecture_provinces(), evictions_by_province()
    households = found.whole.data["households"]
    a5 = found.national.data["overburdened_tenants_per_1000"]
    own = (a5 * households).groupby(home).sum() / households.groupby(home).sum()
    renting = national().figures.data["renting_households"].groupby(home).sum()
    row = found.confronted_burden.loc[("executions_of_tenants", "italy")]
    expected = confront(own, published["executions"] / renting).loc[""]
    assert row["index_correlation"] == pytest.approx(expected["correlation"])
    assert row["index_units"] == expected["units"] == 103
    # Only where a province has a municipality that is ordered.
    assert row["ordered_units"] == 88


def test_the_page_says_first_that_it_does_not_beat_density(found):
    text = plain(burden_checked(found).text)
    assert text.startswith(
        "La stima degli inquilini oltre il 40 % del reddito non ordina le province"
    )
    row = found.confronted_burden.loc[("orders", "italy")]
    assert row["index_correlation"] < row["density_correlation"]
    table = burden_table(found)
    assert list(table.frame.index[:2]) == ["a5_orders_italy", "a5_orders_north"]
    assert len(table.frame) == 4 * 5
    blocks = limits.limits(found).blocks
    assert table.key in [getattr(one, "key", "") for one in blocks]
    assert [one.key for one in limits.PART.sheets(found)] == [table.key]
