"""Incomes carried to a later year by the region's quantiles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis import store
from needs_analysis.households import carrying, incomes
from needs_analysis.households.places import AMOUNTS, COUNTS

from .evidence import DATA, here, regional_incomes

ORDER = ["E_UN0", "E0-10000", "E10000-15000", "E15000-26000", "E26000-55000", "E55000-75000",
         "E75000-120000", "E_GE120000"]  # fmt: skip
LIMITS = np.asarray(incomes.LIMITS)


def _even(*counts):
    """Return classes whose means are in their middle, one row."""
    middle = np.array([0, *(LIMITS[:-1] + LIMITS[1:]) / 2, 240_000])
    return incomes.fit([counts], [np.asarray(counts) * middle])


def test_a_region_is_carried_onto_its_later_year():
    before, after = _even(0, 50, 50, 0, 0, 0, 0, 0), _even(0, 25, 25, 50, 0, 0, 0, 0)
    found = carrying.carry(before, [0], before, after, [1.0], [1.0])
    assert found.quantile([0.25, 0.5, 0.75])[0] == pytest.approx([10_000, 15_000, 20_500], abs=1e-6)
    assert found.share_below([[10_000, 15_000, 20_500]])[0] == pytest.approx([0.25, 0.5, 0.75])


def test_a_municipality_that_grew_more_than_its_region_is_moved_by_the_rest():
    before, after = _even(0, 50, 50, 0, 0, 0, 0, 0), _even(0, 25, 25, 50, 0, 0, 0, 0)
    found = carrying.carry(before, [0], before, after, [1.32], [1.1], [1.05])
    assert found.quantile([0.25])[0, 0] == pytest.approx(10_000 * 1.2 * 1.05, rel=1e-9)
    assert found.share_below([10_000 * 1.2 * 1.05])[0] == pytest.approx(0.25, abs=1e-9)


@pytest.fixture(scope="module")
def territories():
    """Return the 21 territories in 2021 and 2023, and which one each municipality is in."""
    frame = store.table("incomes").set_index("municipality_code").drop("000000")
    units = store.table("municipalities").set_index("municipality_code").reindex(frame.index)
    home = units["region_code"].where(units["region_code"] != "04", units["province_code"])
    later = regional_incomes()
    pooled = carrying.pooled(frame[[*COUNTS, *AMOUNTS]], home).reindex(later.index)
    limits = [one for one in later["declarants"].columns if one >= 0]
    after = incomes.fit(later["declarants"], later["income_eur"], limits)
    grown = later["income_eur"].sum(axis=1) / later["declarants"].sum(axis=1)
    grown /= pooled[AMOUNTS].sum(axis=1) / pooled[COUNTS].sum(axis=1)
    return later.index, incomes.fit(pooled[COUNTS], pooled[AMOUNTS]), after, grown


@here
def test_the_territories_are_exact_at_their_class_limits(territories):
    codes, before, after, _ = territories
    found = carrying.carry(before, np.arange(21), before, after, np.ones(21), 1.0)
    limits = np.tile(after.limits[1:], (21, 1))
    assert np.abs(found.share_below(limits) - after.share_below(limits)).max() < 1e-9
    assert found.back([10_000.0] * 21)[codes.get_loc("03")] == pytest.approx(8_428, abs=0.5)


@here
def test_italy_of_2023_is_as_published(territories):
    *_, before, after, grown = territories
    people = after.declarants
    for income, true, by_means, unmoved in ((10_000, 24.5, 26.0, 28.1), (15_000, 36.2, 37.5, 41.1)):
        shares = (after.share_below(income), before.share_below(income / grown.to_numpy()),
                  before.share_below(income))  # fmt: skip
        weights = (people, before.declarants, before.declarants)
        found = [100 * np.average(s, weights=w) for s, w in zip(shares, weights, strict=True)]
        assert found == pytest.approx([true, by_means, unmoved], abs=0.05)


@here
@pytest.mark.parametrize(
    ("income", "plain", "carried", "grown"),
    [(10_000, (1.37, 1.38), (0.03, 0.58), (-0.05, 0.48)),
     (15_000, (1.29, 1.34), (0.15, 0.62), (0.00, 0.50))],
)  # fmt: skip
def test_brescia_is_carried_from_2021_to_2023(territories, income, plain, carried, grown):
    codes, before, after, growth = territories
    frame = pd.read_csv(DATA / "brescia_205/redditi_comuni.csv", dtype={"codice_istat": str})
    wide = frame.pivot_table(
        index="codice_istat",
        columns=["anno", "codice_indicatore", "codice_classe"],
        values="valore",
    )
    cells = {(y, k): wide[y][k][ORDER] for y in (2021, 2023) for k in ("AGGINCF", "AGGINCR")}
    same = (cells[2021, "AGGINCF"].isna() == cells[2023, "AGGINCF"].isna()).iloc[:, 1:].all(axis=1)
    assert same.sum() == 119
    own, true = (
        incomes.fit(cells[y, "AGGINCF"][same], cells[y, "AGGINCR"][same]) for y in (2021, 2023)
    )
    means = [cells[y, "AGGINCR"][same].sum(axis=1) / cells[y, "AGGINCF"][same].sum(axis=1)
             for y in (2021, 2023)]  # fmt: skip
    moved = (means[1] / means[0]).to_numpy()
    region = np.full(len(own), codes.get_loc("03"))
    by_rank = carrying.carry(own, region, before, after, np.full(len(own), np.nan), 1.0)
    with_growth = carrying.carry(own, region, before, after, moved, growth["03"])
    ways = (own.share_below(income / moved), by_rank.share_below(income),
            with_growth.share_below(income))  # fmt: skip
    for way, expected in zip(ways, (plain, carried, grown), strict=True):
        off = 100 * (way - true.share_below(income))
        weights = true.declarants
        found = np.average(off, weights=weights), np.average(np.abs(off), weights=weights)
        assert found == pytest.approx(expected, abs=0.05)
