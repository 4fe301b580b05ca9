"""The estimate of all Italy from the figures that ship."""

from __future__ import annotations

import pytest

from needs_analysis import households, store
from needs_analysis.households import italy
from needs_analysis.households.estimating import estimate, runs


def test_the_figures_that_ship_are_what_the_model_asks_for():
    found = italy.evidence()
    assert len(found.regional_incomes) == 21
    assert found.later_means["comprehensive_income_eur"].sum() == pytest.approx(
        1_076.26e9, rel=1e-3
    )
    assert found.sources == ("mef_means", "mef_regional_incomes", "istat_eusilc_housing")
    assert found.survey["territory"].nunique() == 23


@pytest.mark.slow
def test_it_is_computed_once_and_read_back_as_it_was(monkeypatch, tmp_path, computed_once):
    monkeypatch.setattr(store, "computed", computed_once)

    monkeypatch.setattr(italy, "runs", lambda known, central: runs(known, central, count=16))
    made = estimate(italy.national_panel(), italy.evidence(), count=16)
    with store.making(tmp_path):  # what ships is of more points
        first = households.national()
        monkeypatch.setattr(italy, "runs", None)
        again = households.national()
    for found in (first, again):
        assert (found.figures.data == made.figures.data).all(axis=None)
        assert (found.figures.high == made.figures.high).all(axis=None)
        assert (found.figures.quality == made.figures.quality).all(axis=None)
        assert found.figures.sources == made.figures.sources
        assert found.by_size.equals(made.by_size) and found.market.equals(made.market)
        assert found.integration_error.tolist() == made.integration_error.tolist()
        assert found.regions["rate"].tolist() == pytest.approx(made.regions["rate"].tolist())
    assert "market tenants" in repr(first)
    assert set(first.figures.sources["market_tenants"]) <= set(store.cited())


@pytest.mark.slow
def test_other_points_move_the_share_by_less_than_three_tenths_of_a_point():
    """Of the market tenants over 40 %, in 95 municipalities of 100, before the survey."""
    errors = households.national().integration_error
    assert len(errors) == 7904 and (errors >= 0).all()
    assert 0.0002 < errors.quantile(0.95) < 0.003
