"""The one memo: nobody is given another's figures, nothing is computed twice, nothing is spoilt."""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sources.places import ANPR, BEDS_2024

from needs_analysis import panel, store
from needs_analysis.figures import Figures
from needs_analysis.municipal.evictions import prefecture_provinces
from needs_analysis.municipal.rents.weights import rent_zones
from needs_analysis.store import memo
from needs_analysis.territory import history, municipalities
from needs_analysis.territory.recode import links

SELECTIONS = [store.Selection(until=str(year)) for year in range(2030, 2042)]
WAIT = 20  # seconds: a thread that waits longer waits for ever

pytestmark = pytest.mark.usefixtures("small_files")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path / "mine"))
    return tmp_path / "mine"


def counted(each=1):
    """Return a remembered function that gives back its argument, and what it was called with."""
    calls = []

    @store.remembered(each)
    def function(value=0):
        calls.append(value)
        return value

    return function, calls


# --- keyed by all that a result depends on --------------------------------------------------------


def test_a_thread_is_not_given_the_figures_of_anothers_selection():
    both, asked = threading.Barrier(2, timeout=WAIT), {}

    def selecting():
        with store.using(store.Selection(until="2021")):
            asked["A"] = years(), store.source_of("accommodation").reference_date
            both.wait()  # B asks now
            both.wait()
            asked["A again"] = years()

    def asking():
        both.wait()
        asked["B"] = years(), store.source_of("accommodation").reference_date
        both.wait()

    with ThreadPoolExecutor(2) as threads:
        for one in [threads.submit(selecting), threads.submit(asking)]:
            one.result()
    assert asked == {"A": ([2019], "2019"), "A again": [2019], "B": ([2019, 2024], "2019 + 2024")}


def years():
    return store.table("accommodation")["year"].unique().tolist()


@pytest.mark.slow
@pytest.mark.parametrize("before", ["", "history.shipped(); "], ids=["cold", "warm"])
def test_a_pinned_archive_is_that_of_its_file_in_a_cold_and_in_a_warm_process(folder, before):
    (own,) = store.add([ANPR]).kept
    pins = {"code_history": f"sha256:{own.source.checksum}"}
    code = (
        f"from needs_analysis import store; from needs_analysis.territory import history; {before}\n"
        f"with store.using(store.Selection(pins={pins})): print(len(history.shipped().records))\n"
        "print(len(history.shipped().records))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=WAIT * 3,
        env=os.environ | {"NEEDS_ANALYSIS_DATA": str(folder)},
    )  # fmt: skip
    assert done.stdout.split() == ["67", "19741"]


def test_tasks_of_one_thread_have_each_their_selection():
    async def under(until):
        with store.using(store.Selection(until=until)):
            await asyncio.sleep(0)
            return years()

    async def both():
        return await asyncio.gather(under("2021"), under(""))

    assert asyncio.run(both()) == [[2019], [2019, 2024]]


def test_threads_of_the_package_have_the_selection_of_who_starts_them():
    with store.using(store.Selection(until="2021")), store.Threads(2) as threads:
        assert threads.submit(years).result() == [2019]
        assert [*threads.map(lambda _: years(), range(3))] == [[2019]] * 3


def test_selections_nest_and_the_one_before_comes_back():
    function, calls = counted()
    for _ in range(2):
        with store.using(SELECTIONS[0]):
            function()
            with store.using(SELECTIONS[1]):
                function()
            function()
    assert memo.selected() == store.Selection()
    assert calls == [0, 0]


@pytest.mark.slow
def test_arguments_and_the_day_are_part_of_the_key():
    rent = ("108033", "annual_rent_eur")
    plain = panel.build().value(*rent)
    larger = panel.build(overrides={"reference_dwelling_gross_m2": 150}).value(*rent)
    assert larger == pytest.approx(2 * plain)
    assert panel.build().value(*rent) == plain
    assert len(municipalities("2024-06-01")) < len(municipalities()) == 7904


# --- the state of the store -----------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_a_file_that_is_added_is_seen_at_once_by_all(tmp_path):
    newer = beds(tmp_path, 2025)
    with store.using(store.Selection()):
        assert years() == [2019, 2024]
        with ThreadPoolExecutor(1) as threads:
            assert not threads.submit(store.add, [newer]).result().refused
            assert threads.submit(years).result() == [2019, 2024, 2025]
        assert years() == [2019, 2024, 2025]
    assert years() == [2019, 2024, 2025]


@pytest.mark.slow
def test_what_another_process_adds_or_removes_is_seen_at_the_next_entry(folder, tmp_path):
    code = "import sys; from pathlib import Path; from needs_analysis import store\n"
    code += "from needs_analysis.store import extent; extent.WHOLE_SHARE = 0\n"
    code += "store.add([Path(sys.argv[1])])"
    with store.using(store.Selection()):
        before = years()
        subprocess.run(
            [sys.executable, "-c", code, str(beds(tmp_path, 2025))], check=True, timeout=WAIT * 3,
            env=os.environ | {"NEEDS_ANALYSIS_DATA": str(folder)},
        )  # fmt: skip
        assert years() == before == [2019, 2024]  # a run has the same figures to its end
        assert len(store.unused()) == 0
    with store.using(store.Selection()):
        assert years() == [2019, 2024, 2025]
    assert years() == [2019, 2024, 2025]
    (added,) = folder.rglob("*.parquet")
    added.unlink()
    with store.using(store.Selection()):
        assert years() == [2019, 2024]


def test_another_folder_is_another_store(monkeypatch, tmp_path):
    function, calls = counted()
    for name in ("a", "b", "a"):
        monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path / name))
        function()
    assert calls == [0, 0]


@pytest.mark.usefixtures("folder")
def test_what_was_computed_while_a_file_was_added_is_not_held():
    calls = []

    @store.remembered()
    def adding():
        calls.append(len(memo.listed()))
        if len(calls) == 1:
            store.add([ANPR])
        return calls[-1]

    assert [adding(), adding(), adding()] == [0, 1, 1]


def test_the_folder_is_listed_once_a_selection_and_not_at_each_question(monkeypatch):
    listings = count()
    listing = memo._list
    monkeypatch.setattr(memo, "_list", lambda *given: (next(listings), listing(*given))[1])
    with store.using(SELECTIONS[0]):
        for _ in range(100):
            store.source_of("incomes")
    assert next(listings) == 1


def beds(folder, year):
    """Write the beds of 2024 as those of another year."""
    path = folder / f"letti-{year}.csv"
    pd.read_csv(BEDS_2024, dtype="str", keep_default_na=False).to_csv(path, index=False)
    return path


# --- how much is held -----------------------------------------------------------------------------


def test_the_last_four_keys_are_held():
    function, calls = counted()
    for value in (1, 2, 3, 4, 1, 5, 1, 2):
        function(value)
    assert calls == [1, 2, 3, 4, 5, 2]  # 1 was used since, 2 went when 5 came


def test_as_many_arguments_as_one_selection_asks_for():
    function, calls = counted(each=20)
    for _ in range(2):
        for selection in SELECTIONS[:4]:
            with store.using(selection):
                for value in range(20):
                    function(value)
    assert calls == [*range(20)] * 4


@pytest.mark.slow
def test_of_twelve_selections_the_last_four_are_held():
    alive = []

    @store.remembered(each=50)
    def large(value):
        made = Held(value)
        alive.append(weakref.ref(made))
        return made

    for selection in SELECTIONS:
        with store.using(selection):
            for value in range(3):
                large(value)
        gc.collect()
        assert sum(one() is not None for one in alive) <= 12
    assert len(alive) == 36
    with store.using(SELECTIONS[-4]):
        large(0)
    assert len(alive) == 36


class Held:
    """Something that can be referred to weakly."""

    def __init__(self, value):
        self.value = value


# --- two that ask together ------------------------------------------------------------------------


def together(*functions):
    """Call functions at the same time, each in its thread; a thread that waits for ever fails."""
    start, results = threading.Barrier(len(functions)), [None] * len(functions)

    def call(place, function):
        start.wait(WAIT)
        try:
            results[place] = function()
        except ValueError as error:
            results[place] = error

    threads = [
        threading.Thread(target=call, args=given, daemon=True) for given in enumerate(functions)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(WAIT)
        assert not one.is_alive()
    return results


def test_who_asks_together_waits_for_one_who_computes():
    calls, slow = [], threading.Event()

    @store.remembered()
    def function():
        calls.append(threading.get_ident())
        slow.wait(0.3)
        return object()

    results = together(*[function] * 8)
    assert len(calls) == 1
    assert len(set(results)) == 1


def test_an_error_is_not_held_and_is_each_ones_own():
    calls = count()

    @store.remembered()
    def function():
        if next(calls) < 3:
            raise ValueError("not yet")
        return "done"

    with pytest.raises(ValueError, match="not yet"):
        function()
    results = together(function, function, function)
    assert sorted(map(str, results)) == ["done", "not yet", "not yet"]
    assert function() == "done"
    assert next(calls) == 4


def test_one_function_may_ask_another():
    @store.remembered()
    def inner(value):
        return value + 1

    @store.remembered()
    def outer(value):
        return inner(value) + inner(value)

    assert together(*[lambda: outer(1)] * 4) == [4] * 4


def test_two_that_ask_each_other_in_opposite_order_end():
    meet, mine = threading.Barrier(2), threading.local()

    def asking(name):
        @store.remembered()
        def function():
            if getattr(mine, "begun", False):
                return name
            mine.begun = True
            meet.wait(WAIT)  # both compute now, and each asks for what the other computes
            return name + functions["b" if name == "a" else "a"]()

        return function

    functions = {name: asking(name) for name in "ab"}
    results = together(functions["a"], functions["b"])
    assert set(results) <= {"ab", "ba", "aba", "bab"}
    assert {one[0] for one in results} == {"a", "b"}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system forks no process")
def test_a_forked_process_does_not_wait_for_a_thread_it_does_not_have():
    code = """
import os, threading, warnings
from needs_analysis import store
begun, end = threading.Event(), threading.Event()
parent = os.getpid()

@store.remembered()
def function():
    if os.getpid() == parent:
        begun.set()
        end.wait(20)
    return 1

computing = threading.Thread(target=function)
computing.start()
begun.wait(20)
warnings.simplefilter("ignore")  # of newer Pythons: a process with threads is forked
child = os.fork()
if not child:
    os._exit(function())
_, status = os.waitpid(child, 0)
end.set()
computing.join()
print(os.waitstatus_to_exitcode(status))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=WAIT
    )
    assert done.stdout.split() == ["1"]


# --- what is handed out cannot be spoilt ----------------------------------------------------------


def frame():
    made = pd.DataFrame(
        {
            "number": [1.0, 2.0], "text": ["x", "y"], "flag": [True, False],
            "day": pd.to_datetime(["2020-01-01", "2021-01-01"]),
            "kind": pd.Categorical(["u", "v"]),
            "objects": pd.Series([("p",), ("q",)], dtype=object),
        },
        index=pd.Index(["i", "j"], name="code"),
    )  # fmt: skip
    made.attrs["dates"] = ["2021"]
    return made


def spoil(one):
    """Change a frame in every way that pandas has."""
    one.loc["i", "number"] = -1.0
    one.loc["i", "text"] = "spoilt"
    one.iloc[0, 2] = False
    one.iloc[0, 3] = pd.Timestamp("1999-01-01")
    one.loc["i", "kind"] = "v"
    one["objects"] = ""
    one["new"] = 0
    one.number += 5
    one.pop("flag")
    one.index.name = "spoilt"
    one.columns.name = "spoilt"
    one.columns = [*"abcdef"]
    one.index = ["k", "l"]
    one.attrs["dates"].append("spoilt")


def remembering(value):
    @store.remembered()
    def function():
        return value

    return function


def test_frames():
    given = frame()
    function = remembering(given)
    spoil(function())
    spoil(function())
    spoil(given)  # whoever made it cannot either
    pd.testing.assert_frame_equal(function(), frame())
    assert function().attrs == {"dates": ["2021"]}
    assert function().index.name == "code" and function().columns.name is None


def test_arrays_under_a_frame_are_not_written_through():
    function = remembering(frame())
    for name in ("number", "flag", "day", "objects"):
        with pytest.raises(ValueError, match="read-only"):
            function()[name].to_numpy()[0] = function()[name].to_numpy()[1]
    pd.testing.assert_frame_equal(function(), frame())


def test_series_and_indexes():
    function = remembering((frame()["number"], frame().index))
    series, index = function()
    series["i"], series.name, series.index.name, index.name = -1.0, "spoilt", "spoilt", "spoilt"
    series, index = function()
    pd.testing.assert_series_equal(series, frame()["number"])
    pd.testing.assert_index_equal(index, frame().index)


def test_shapes():
    made = gpd.GeoSeries([shapely.Point(0, 0), shapely.Point(1, 1)], ["a", "b"], crs="EPSG:32632")
    function = remembering((made, made.to_frame("geometry")))
    series, whole = function()
    series["a"] = shapely.Point(9, 9)
    whole.loc["a", "geometry"] = shapely.Point(9, 9)
    whole["new"] = 1
    series, whole = function()
    assert series["a"] == shapely.Point(0, 0) == whole.loc["a", "geometry"]
    assert series.crs == whole.crs == "EPSG:32632"
    assert [*whole.columns] == ["geometry"]


def test_arrays_are_read_only():
    given = np.arange(3)
    function = remembering(given)
    function()
    given[0] = 9  # by whoever made it
    with pytest.raises(ValueError, match="read-only"):
        function()[0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        function().flags.writeable = True
    assert function().tolist() == [0, 1, 2]


def test_lists_sets_and_mappings_with_what_they_hold():
    function = remembering({"list": [1, [2]], "set": {3}, "frame": frame(), "pair": (4, {"x": 5})})
    spoilt = function()
    spoilt["list"][1].append("spoilt")
    spoilt["list"].append("spoilt")
    spoilt["set"].add("spoilt")
    spoil(spoilt["frame"])
    spoilt["pair"][1]["x"] = "spoilt"
    spoilt["new"] = "spoilt"
    found = function()
    pd.testing.assert_frame_equal(found.pop("frame"), frame())
    assert found == {"list": [1, [2]], "set": {3}, "pair": (4, {"x": 5})}


def test_what_cannot_change_is_handed_out_as_it_is():
    for value in ("text", 1, None, ("a", 2), frozenset({1}), MappingProxyType({"a": ("b",)})):
        assert store.handed(value) is value
    inner = Inner("name", (1, 2))
    assert store.handed(inner) is inner


@dataclass(frozen=True)
class Inner:
    name: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Outer:
    inner: Inner
    table: pd.DataFrame


def test_dataclasses_that_hold_frames():
    function = remembering(Outer(Inner("name", (1,)), frame()))
    spoil(function().table)
    found = function()
    pd.testing.assert_frame_equal(found.table, frame())
    assert found.inner == Inner("name", (1,))


def test_figures():
    function = remembering(Figures.of(frame()[["number"]], vintage="2021", sources=["a"]))
    spoilt = function()
    for part in (spoilt.data, spoilt.quality, spoilt.vintage, spoilt.low, spoilt.high):
        part.iloc[0, 0] = part.iloc[1, 0]
        part["new"] = 0
    spoilt.sources["number"] = ("spoilt",)
    again = function()
    assert again.data["number"].tolist() == [1.0, 2.0]
    assert [*again.data.columns] == [*again.vintage.columns] == ["number"]
    assert again.sources == {"number": ("a",)}
    assert pickle.loads(pickle.dumps(again)).data.equals(again.data)


@pytest.mark.parametrize(
    "name", ["records", "variations", "recent", "carved", "ends", "begins", "bearers"]
)
def test_the_tables_of_the_archive_of_codes(name):
    before = getattr(history.shipped(), name).copy()
    spoilt = getattr(history.shipped(), name)
    spoilt.iloc[:] = spoilt.iloc[::-1].to_numpy()
    spoilt.index.name = "spoilt"
    pd.testing.assert_index_equal(getattr(history.shipped(), name).index, before.index)
    assert getattr(history.shipped(), name).equals(before)
    with pytest.raises(AttributeError):
        setattr(history.shipped(), name, before)


def test_what_the_archive_of_codes_finds():
    archive = history.shipped()
    takeovers, day = archive.takeovers, archive.on("2022-01-01")
    history.shipped().takeovers.clear()
    spoilt = history.shipped().on("2022-01-01")
    spoilt["municipality_code"] = ""
    assert history.shipped().takeovers == takeovers != {}
    assert history.shipped().on("2022-01-01").equals(day)
    assert history.successors(["G714"])["municipality_code"].tolist() == ["096088"]
    again = pickle.loads(pickle.dumps(archive))  # to a process of an executor
    assert again.records.equals(archive.records) and again.takeovers == takeovers


@pytest.mark.slow
@pytest.mark.parametrize(
    "ask",
    [
        lambda: panel.build().data,
        lambda: panel.build().quality,
        prefecture_provinces,
        rent_zones,
        municipalities,
        lambda: links("2024-01-22", "2022-01-01"),
        lambda: store.table("evictions"),
    ],
    ids=["panel", "quality", "prefectures", "zones", "municipalities", "links", "table"],
)
def test_what_the_package_hands_out(ask):
    before = ask().copy()
    spoilt = ask()
    if len(spoilt):
        spoilt.iloc[:] = spoilt.iloc[::-1].to_numpy()
    spoilt.index.name = "spoilt"
    spoilt.attrs["spoilt"] = True
    after = ask()
    assert after.equals(before)
    assert after.index.name == before.index.name and after.attrs == before.attrs
