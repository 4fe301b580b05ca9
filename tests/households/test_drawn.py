"""Market tenants one by one: what they sum to is the estimate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis import households
from needs_analysis.errors import AreaError
from needs_analysis.households import burden, drawn, incomes, rents, sizes
from needs_analysis.households.italy import market_tenants

SHAPE = burden.Shape()
LIMITS = [8_000.0, 12_000.0, 16_000.0, 24_000.0]
CODES = pd.Index(["108033", "108039", "015146"])
SOME = ["108033", "015146", "094002", "083048"]  # Monza, Milano, Agnone, Messina


def places(count=3, spread=1.8):
    draw = np.random.default_rng(7)
    counts = np.column_stack([draw.integers(0, 50, count), draw.integers(100, 5_000, (count, 6)),
                              draw.integers(10, 200, count)])  # fmt: skip
    low, high = np.asarray(incomes.LIMITS[:-1]), np.asarray(incomes.LIMITS[1:])
    means = np.column_stack([np.zeros(count), np.tile(0.4 * low + 0.6 * high, (count, 1)),
                             np.full(count, 200_000.0)])  # fmt: skip
    own, held = incomes.fit(counts, counts * means), draw.uniform(100, 3_000, (count, 6))
    mean = draw.uniform(5, 12, count)
    return burden.Municipalities(
        own, held, sizes.earners(own.declarants, held), np.tile(rents.dwelling_m2(), (count, 1)),
        draw.uniform(0.75, 0.85, count), rents.rates(mean, 0.7 * mean, spread * mean),
    )  # fmt: skip


def kept(here, private=(0.3, 0.25, 0.2, 0.15, 0.1), moved=1.0):
    """Return what an estimate keeps, of a model of 1,024 points moved by a survey."""
    parts = burden.burdens(here, burden.points(1_024), SHAPE, np.array(LIMITS))
    share = np.asarray(private)[None, None, :]
    market = (here.households[:, :, None] * parts.share * share).sum(axis=2)
    over = moved * (here.households[:, :, None] * parts.over_net * share).sum(axis=2)
    names = [*(f"market_{one}" for one in sizes.SIZES), *(f"private_{k}" for k in range(1, 6)),
             *(f"limit_{k}" for k in range(1, 5))]  # fmt: skip
    index = CODES[: len(here)]
    wide = np.column_stack(
        [market, np.tile(private, (len(here), 1)), np.tile(LIMITS, (len(here), 1))]
    )
    return pd.DataFrame(wide, index, names), pd.DataFrame(over, index, [*map(str, sizes.SIZES)])


@pytest.mark.parametrize("moved", [0.4, 1.0, 1.6])
def test_the_weights_sum_to_the_estimate_by_municipality_and_size(moved):
    here = places()
    tenure, by_size = kept(here, moved=moved)
    found = drawn.draw(here, CODES, tenure, by_size, SHAPE, count=64)
    summed = found.groupby(["municipality_code", "size"], observed=False)["households"].sum()
    assert summed.to_numpy() == pytest.approx(tenure.iloc[:, :6].to_numpy().ravel(), rel=1e-9)
    over = found[found["overburdened"]]
    summed = over.groupby(["municipality_code", "size"], observed=False)["households"].sum()
    assert summed.to_numpy() == pytest.approx(by_size.to_numpy().ravel(), rel=1e-9)
    limit = SHAPE.net_share * found["net_income_eur"]
    assert (over["rent_eur"] >= limit[over.index]).all()
    assert (found["rent_eur"] <= limit)[~found["overburdened"]].all()


def test_before_the_survey_the_weights_are_the_model_s_and_rents_keep_their_mean():
    here = places()
    tenure, by_size = kept(here, private=(0.2,) * 5)
    rows = drawn.draw(here, CODES, tenure, by_size, SHAPE, count=1_024)
    own = drawn._drawn(here, tenure, SHAPE, 1_024)
    assert rows["households"].to_numpy() == pytest.approx(own["households"].to_numpy(), rel=1e-6)
    cells = [rows["municipality_code"], rows["size"]]
    held = rows["households"].groupby(cells, observed=False).sum()
    paid = (rows["rent_eur"] * rows["households"]).groupby(cells, observed=False).sum() / held
    mean = 12 * here.rates.mean[:, None] * here.dwelling_m2
    assert paid.to_numpy() == pytest.approx(mean.ravel(), rel=0.02)


def test_neither_order_nor_partition_changes_a_row():
    here = places()
    tenure, by_size = kept(here)
    whole = drawn.draw(here, CODES, tenure, by_size, SHAPE, count=64)
    for order in ([2, 0, 1], [1], [2, 1]):
        some = drawn.draw(here.rows(order), CODES[order], tenure, by_size, SHAPE, count=64)
        for code in CODES[order]:
            one, other = (
                frame[frame["municipality_code"] == code].drop(columns="municipality_code")
                for frame in (whole, some)
            )
            assert (one.to_numpy() == other.to_numpy()).all()


def test_a_kind_that_few_incomes_do_not_hold_takes_them_all():
    here = places(spread=1.0)
    tenure, by_size = kept(here)
    few = drawn.draw(here, CODES, tenure, by_size, SHAPE, count=2)
    summed = few[few["overburdened"]].groupby(
        ["municipality_code", "size"], observed=False
    )["households"].sum()  # fmt: skip
    assert summed.to_numpy() == pytest.approx(by_size.to_numpy().ravel(), rel=1e-9)


@pytest.mark.slow
def test_the_tenants_of_real_places_are_the_national_estimate_s():
    whole = households.national()
    found = market_tenants(SOME)
    over = found[found["overburdened"]].groupby(["municipality_code", "size"], observed=False)
    assert over["households"].sum().to_numpy() == pytest.approx(
        whole.by_size.loc[SOME].to_numpy().ravel(), abs=1e-9
    )
    every = found.groupby("municipality_code", observed=False)["households"].sum()
    assert every.to_numpy() == pytest.approx(
        whole.figures.data.loc[SOME, "market_tenants"].to_numpy(), rel=1e-9
    )
    alone = market_tenants(SOME[2:3])
    assert len(alone) == (found["municipality_code"] == SOME[2]).sum()
    with pytest.raises(AreaError):
        market_tenants(["999999"])
