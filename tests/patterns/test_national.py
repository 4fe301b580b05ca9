"""Patterns of all Italy: what is read back is what was computed, without a heavy import."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from needs_analysis import patterns, store, territory
from needs_analysis.figures import Figures, Quality

RENT, OLD = "rent_to_income_ratio", "residents_75_over_share"
CAPRI, ANACAPRI, LAMPEDUSA, PANTELLERIA = "063014", "063004", "084020", "081014"
FEW = {"spatial_permutations": 99}


@pytest.fixture(scope="module")
def near():
    return territory.neighbours()


@pytest.mark.slow
def test_what_is_kept_is_what_local_moran_finds(computed, near):
    values = computed.columns([RENT])
    first, again = (patterns.national_clusters(values, overrides=FEW) for _ in range(2))
    direct = patterns.local_moran(values, near, permutations=99)
    for found in (first, again):
        pd.testing.assert_frame_equal(found.frame, direct.frame, check_names=False)
        assert found.counts().to_dict() == direct.counts().to_dict()
        for one in ("missing", "allocated", "alone", "permutations", "false_discovery_share"):
            assert getattr(found, one) == getattr(direct, one)
        assert found.joined.to_dict() == direct.joined.to_dict()
    assert first.joined.loc[LAMPEDUSA, "neighbour"] == PANTELLERIA


@pytest.mark.slow
def test_what_is_kept_is_what_moran_finds(computed, near):
    values = computed.columns([RENT])
    direct = patterns.moran(values, near, permutations=99)
    for _ in range(2):
        found = patterns.national_moran(values, overrides=FEW)
        for one in ("statistic", "expected", "z_score", "p_value", "pseudo_p", "units"):
            assert getattr(found, one) == getattr(direct, one)


@pytest.mark.slow
def test_what_is_kept_is_what_typology_finds(computed):
    indicators = computed.columns([RENT, OLD])
    direct = patterns.typology(indicators, 3, standardise="rank")
    for _ in range(2):
        found = patterns.national_types(indicators, overrides={"municipal_types": 3})
        pd.testing.assert_series_equal(found.labels, direct.labels)
        pd.testing.assert_frame_equal(found.centroids, direct.centroids)
        pd.testing.assert_frame_equal(found.standing, direct.standing)
        assert found.silhouette.to_dict() == direct.silhouette.to_dict()
        assert found.stability.tolist() == direct.stability.tolist()
        assert (found.groups, found.missing) == (3, direct.missing)


@pytest.mark.slow
def test_a_value_that_was_allocated_is_no_ones_own(computed):
    values = computed.columns([RENT])
    quality = values.quality.copy()
    quality.loc[CAPRI, RENT] = np.int8(Quality.ALLOCATED)
    shared = Figures.of(values.data, quality=quality)
    found = patterns.national_clusters(shared, overrides=FEW)
    assert found.allocated == (CAPRI,)
    whole = patterns.national_clusters(values, overrides=FEW)
    assert {CAPRI, ANACAPRI} <= set(whole.frame.index)
    assert set(found.alone) - set(whole.alone) == {ANACAPRI}  # which borders Capri only
    assert CAPRI not in found.frame.index


@pytest.mark.slow
def test_a_provincial_figure_is_refused_and_nothing_is_kept(
    computed, computed_once, monkeypatch, tmp_path
):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path))
    monkeypatch.setattr(store, "computed", computed_once)
    with pytest.raises(ValueError, match="pubblicato per provincia"):
        patterns.national_clusters(computed.columns(["eviction_orders_per_1000"]))
    assert not list(tmp_path.rglob("*.parquet"))


@pytest.mark.slow
def test_another_day_has_its_own_municipalities(computed):
    day = territory.day_of("2025-01-01")
    units = territory.municipalities(day)
    values = pd.DataFrame({"made_up_ratio": np.arange(len(units)) % 7.0}, index=units.index)
    found = patterns.national_clusters(Figures.of(values), day, FEW)
    assert "005122" in found.frame.index  # Moransengo-Tonengo, made in 2023
    assert "005122" not in computed.data.index


@pytest.mark.slow
@pytest.mark.usefixtures("kept_folder")
def test_a_second_run_imports_no_heavy_library():
    code = (
        "import sys, pandas as pd\n"
        "from needs_analysis import indicators, panel, patterns\n"
        f"values = indicators.compute(panel.build()).columns([{RENT!r}])\n"
        f"patterns.national_clusters(values, overrides={FEW!r})\n"
        f"patterns.national_moran(values, overrides={FEW!r})\n"
        "print([one for one in ('libpysal', 'esda', 'sklearn') if one in sys.modules])\n"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == "[]"
