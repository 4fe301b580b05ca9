"""Types: the same whatever the order of rows, numbered by distress."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis import patterns
from needs_analysis.figures import Figures, Quality

RENT, OLD = "rent_to_income_ratio", "residents_75_over_share"
METHODS = ("kmeans", "gaussian_mixture", "ward")


def blobs(centres=((0.1, 0.1), (0.3, 0.1), (0.3, 0.2)), each: int = 40, seed: int = 0):
    """Invented units around the centres given, with their true group."""
    rng = np.random.default_rng(seed)
    data = np.vstack([rng.normal(one, 0.01, size=(each, 2)) for one in centres])
    units = [f"u{place:03d}" for place in range(len(data))]
    frame = pd.DataFrame(data, columns=[RENT, OLD], index=units)
    return frame, pd.Series(np.repeat(np.arange(len(centres)), each), index=units)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", ["zscore", "robust"])
def test_clear_groups_are_found_and_numbered_from_the_worst(method, scale):
    frame, truth = blobs()
    found = patterns.typology(frame, groups=3, method=method, standardise=scale)
    # high rent and many old people, high rent alone, neither: by mean standing
    assert found.labels.tolist() == [3 - one for one in truth]
    assert found.sizes().tolist() == [40, 40, 40]
    assert found.stability.min() == 1 and len(found.stability) == 20
    assert found.centroids.loc[1, RENT] == pytest.approx(frame[80:][RENT].mean())


def test_ranks_do_not_feel_a_stretch():
    frame, _ = blobs()
    once = patterns.typology(frame, groups=4, standardise="rank")
    stretched = frame.assign(**{RENT: np.exp(frame[RENT] * 20)})
    again = patterns.typology(stretched, groups=4, standardise="rank")
    pd.testing.assert_series_equal(once.labels, again.labels)
    assert not once.centroids.equals(again.centroids)


@pytest.mark.parametrize("method", METHODS)
def test_the_number_of_types_is_found(method):
    frame, _ = blobs()
    found = patterns.typology(frame, method=method)
    assert found.groups == 3
    assert found.silhouette.index.tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert found.silhouette.idxmax() == 3
    if method == "gaussian_mixture":
        assert found.bic.idxmin() == 3
    else:
        assert found.bic.empty


def test_the_silhouette_is_scikit_learns():
    from sklearn.metrics import silhouette_score

    rng = np.random.default_rng(2)
    points = rng.normal(size=(700, 3))
    fits = {2: rng.integers(2, size=700), 5: rng.integers(5, size=700)}
    fits[6] = np.where(np.arange(700) == 0, 5, fits[5])  # a group of one
    own = import_module("needs_analysis.patterns.typology")._silhouette(points, fits)
    for count, groups in fits.items():
        assert own[count] == pytest.approx(silhouette_score(points, groups))


THREADS = """
from importlib import import_module
from threading import Thread
import numpy as np, pandas as pd
from threadpoolctl import threadpool_info
from needs_analysis import patterns, process

module = import_module("needs_analysis.patterns.typology")
fitted, seen = module._fitted, []
def looking(*given):
    found = fitted(*given)
    seen.append([one["num_threads"] for one in threadpool_info() if one["user_api"] == "openmp"])
    return found
module._fitted = looking
frame = pd.DataFrame(np.random.default_rng(1).normal(size=(40, 2)), columns=["x", "y"])
with process.one_thread():  # held by another, before scikit-learn is there
    first = Thread(target=patterns.typology, args=[frame, 2])
    first.start(); first.join()
print(seen[0], {len(one) for one in seen}, {most for one in seen for most in one})
"""


@pytest.mark.slow
def test_scikit_learn_takes_one_thread_from_its_first_call_on():
    done = subprocess.run(
        [sys.executable, "-c", THREADS], capture_output=True, text=True, check=True,
        env=os.environ | {"OMP_NUM_THREADS": "3"},
    )  # fmt: skip
    assert done.stdout == "[1] {1} {1}\n", done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=5)
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(method, seed):
    frame = pd.DataFrame(np.random.default_rng(seed).normal(size=(30, 2)), columns=["a", "b"])
    once = patterns.typology(frame, groups=3, method=method)
    again = patterns.typology(frame.sample(frac=1, random_state=seed), groups=3, method=method)
    pd.testing.assert_series_equal(once.labels, again.labels)
    pd.testing.assert_frame_equal(once.standing, again.standing, check_exact=True)
    pd.testing.assert_series_equal(once.stability, again.stability, check_exact=True)


def test_noise_is_less_stable_than_groups():
    noise = pd.DataFrame(np.random.default_rng(1).normal(size=(120, 2)), columns=["a", "b"])
    found = patterns.typology(noise, groups=6)
    assert found.stability.mean() < 0.9
    assert found.silhouette.iloc[0] < 0.5


def test_marks_come_with_the_widest_first():
    frame, _ = blobs()
    found = patterns.typology(frame, groups=3)
    marks = found.marks()
    assert marks.columns.tolist() == ["type", "indicator", "direction", "distance"]
    first = marks.groupby("type").first()
    # by hand: of (0.1, 0.1), (0.3, 0.1), (0.3, 0.2) the means are 7/30 and 4/30
    assert first.loc[3, ["indicator", "direction"]].tolist() == [RENT, "low"]
    assert first.loc[1, ["indicator", "direction"]].tolist() == [OLD, "high"]
    assert marks["distance"].abs().groupby(marks["type"]).is_monotonic_decreasing.all()


def test_units_that_lack_an_indicator_are_left_out_and_named():
    frame, _ = blobs()
    frame.loc["u000", RENT] = np.nan
    grades = pd.DataFrame(np.int8(0), index=frame.index, columns=frame.columns)
    grades.loc["u001", OLD] = Quality.ALLOCATED
    found = patterns.typology(Figures.of(frame, quality=grades), groups=3)
    assert (found.missing, found.allocated) == (("u000",), ("u001",))
    assert len(found.labels) == 118


def test_what_cannot_be_grouped_is_refused():
    frame, _ = blobs()
    with pytest.raises(ValueError, match="«dbscan»: uno fra.*«log»: uno fra.*1 tipi"):
        patterns.typology(frame, groups=1, method="dbscan", standardise="log")
    with pytest.raises(ValueError, match="120 tipi"):
        patterns.typology(frame, groups=120)
    with pytest.raises(ValueError, match="0 unità hanno tutti gli indicatori"):
        patterns.typology(frame * np.nan)
    with pytest.raises(ValueError, match=f"non distinguono le unità: {OLD}"):
        patterns.typology(frame.assign(**{OLD: 0.1}), groups=2)


def test_scales_by_hand():
    data = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0, 14.0]})
    # mean 4, variance (16 + 9 + 4 + 1 + 100) / 5 = 26
    assert patterns.standardised(data)["x"].tolist() == pytest.approx(
        [(x - 4) / 26**0.5 for x in data["x"]]
    )
    # median 2, quartiles 1 and 3
    assert patterns.standardised(data, "robust")["x"].tolist() == pytest.approx(
        [(x - 2) * 1.349 / 2 for x in data["x"]]
    )
    # ranks 1..5: mean 3, variance 2
    assert patterns.standardised(data, "rank")["x"].tolist() == pytest.approx(
        [one / 2**0.5 for one in (-2, -1, 0, 1, 2)]
    )
    with pytest.raises(ValueError, match="non distinguono le unità: x"):
        patterns.standardised(pd.DataFrame({"x": [0.1] * 7}))


def test_real_municipalities_have_types(computed):
    area = [code for code in computed.data.index if code.startswith("108")]
    names = [RENT, OLD, "low_income_share"]
    found = patterns.typology(computed.columns(names).rows(area))
    assert found.labels.index.tolist() == sorted(area)
    assert found.labels.notna().all() and found.sizes().sum() == 55
    assert (found.stability > 0).all()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the cores are hidden as in a Linux container")
def test_a_container_that_hides_its_cores_is_not_complained_of(tmp_path):
    for name in ("lscpu", "cat"):  # what joblib counts with
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    program = (
        "import os; import pandas as pd; from needs_analysis.patterns import typology\n"
        f"os.environ['PATH'] = {str(tmp_path)!r}\n"
        "places = ['108001', '108002', '108003']\n"
        f"typology(pd.DataFrame({{{RENT!r}: [0.1, 0.11, 0.4]}}, index=places), groups=2)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", program],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
