"""What was computed once is the same from its file; a file that is not whole is none."""

from __future__ import annotations

import importlib
import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis import store
from needs_analysis.store import computed
from needs_analysis.writing.files import kept_folder

MODULE = importlib.import_module("needs_analysis.store.computed")
FRAME = pd.DataFrame(
    {"rank": [1.0, np.nan], "name": ["a", None], "draws": [3, 4]},
    index=pd.Index(["001001", "001002"], name="municipality_code"),
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path))
    return tmp_path / "computed"


class Maker:
    """Counts how often it was asked."""

    def __init__(self, frame=FRAME):
        self.frame, self.asked = frame, 0

    def __call__(self):
        self.asked += 1
        return self.frame


def test_the_second_time_nothing_is_computed(own_folder):
    make = Maker()
    first, second = (computed("ranks", {"seed": 1}, make) for _ in range(2))
    assert make.asked == 1
    pd.testing.assert_frame_equal(first, second)
    assert first.index.tolist() == ["001001", "001002"]
    assert first.index.name == "municipality_code"
    assert np.isnan(first.loc["001002", "rank"]) and pd.isna(first.loc["001002", "name"])
    (file,) = own_folder.iterdir()
    assert file.name.startswith("ranks-") and kept_folder() == own_folder.parent
    pd.testing.assert_frame_equal(pd.read_parquet(file), first)


def test_another_key_name_figure_or_version_is_another_result(own_folder, monkeypatch):
    make = Maker()
    computed("ranks", {"seed": 1, "draws": 2}, make)
    computed("ranks", {"draws": 2, "seed": 1}, make)  # the order says nothing
    assert make.asked == 1
    computed("ranks", {"seed": 2, "draws": 2}, make)
    computed("others", {"seed": 1, "draws": 2}, make)
    with store.using(store.Selection(until="2021")):
        computed("ranks", {"seed": 1, "draws": 2}, make)
    monkeypatch.setattr(MODULE, "__version__", "99")
    computed("ranks", {"seed": 1, "draws": 2}, make)
    assert make.asked == 5
    assert len(list(own_folder.iterdir())) == 5


def test_a_result_that_ships_is_read_where_the_user_has_none(own_folder, tmp_path, monkeypatch):
    """Of the same figures, key and method; what is made to ship is neither read nor kept here."""
    ships, make = tmp_path / "datasets", Maker()
    monkeypatch.setattr(MODULE.shipped, "folder", lambda: ships)
    with store.making(ships / "national"):
        made = computed("ranks", {"seed": 1}, make, 3)
    assert make.asked == 1 and not own_folder.exists()
    pd.testing.assert_frame_equal(computed("ranks", {"seed": 1}, make, 3), made)
    monkeypatch.setattr(MODULE, "__version__", "99")  # says nothing where a method has a number
    computed("ranks", {"seed": 1}, make, 3)
    assert make.asked == 1 and not own_folder.exists()
    computed("ranks", {"seed": 1}, make, 4)
    computed("ranks", {"seed": 2}, make, 3)
    with store.using(store.Selection(until="2021")):
        computed("ranks", {"seed": 1}, make, 3)
    with monkeypatch.context() as patch:
        patch.setattr(MODULE, "national_tokens", lambda: {"rents": "newer"})
        computed("ranks", {"seed": 1}, make, 3)
    assert make.asked == 5 and len(list(own_folder.iterdir())) == 4
    (file,) = (ships / "national").iterdir()
    (own_folder / file.name).write_bytes(MODULE._parquet(FRAME.head(1)))
    assert len(computed("ranks", {"seed": 1}, make, 3)) == 1  # the user's own goes first
    with store.making(tmp_path / "again"):
        assert len(computed("ranks", {"seed": 1}, make, 3)) == 2
    assert make.asked == 6
    (own_folder / file.name).unlink()
    file.write_bytes(b"PAR1")  # a damaged one is none
    computed("ranks", {"seed": 1}, make, 3)
    assert make.asked == 7


def test_a_key_that_json_does_not_hold_is_refused(own_folder):
    with pytest.raises(TypeError):
        computed("ranks", {"how": print}, Maker())
    assert not own_folder.exists()


@pytest.mark.slow
@given(cut=st.floats(0, 0.999))
def test_a_file_cut_anywhere_is_computed_again(tmp_path_factory, cut):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cut")
        patch.setenv("NEEDS_ANALYSIS_DATA", str(folder))
        make = Maker()
        computed("ranks", {}, make)
        (file,) = (folder / "computed").iterdir()
        whole = file.read_bytes()
        file.write_bytes(whole[: int(len(whole) * cut)])
        pd.testing.assert_frame_equal(computed("ranks", {}, make), computed("ranks", {}, make))
        assert make.asked == 2
        assert file.read_bytes() == whole


def test_a_value_that_changed_on_the_disk_is_noticed(own_folder):
    values = pd.DataFrame({"a": np.arange(5000) * 0.1})
    make = Maker(values)
    computed("ranks", {}, make)
    (file,) = own_folder.iterdir()
    whole = bytearray(file.read_bytes())
    whole[500] ^= 1
    file.write_bytes(bytes(whole))
    pd.testing.assert_frame_equal(computed("ranks", {}, make), values)
    assert make.asked == 2


def test_the_results_used_longest_ago_go(own_folder, monkeypatch):
    monkeypatch.setattr(MODULE, "FILES_MAX", 3)
    make = Maker()
    for at in range(3):
        computed(f"r{at}", {}, make)
        (file,) = own_folder.glob(f"r{at}-*")
        os.utime(file, (at, at))
    computed("r0", {}, make)  # used again: now the newest
    half = own_folder / ".r9.parquet.half"
    half.mkdir()
    os.utime(half, (5, 5))  # left by a run that was killed long ago
    computed("r3", {}, make)
    assert sorted(one.name.split("-")[0] for one in own_folder.iterdir()) == ["r0", "r2", "r3"]
    assert make.asked == 4


def test_where_nothing_can_be_written_it_is_computed_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mio")
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path / "file"))
    make = Maker()
    first, second = (computed("ranks", {}, make) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert make.asked == 2
    assert (tmp_path / "file").read_text() == "mio"
