"""The national results that ship are those of the figures and of the code that ship with them."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pandas as pd
import pytest

from needs_analysis import households, store
from needs_analysis.errors import Refused
from needs_analysis.households import italy
from needs_analysis.households.estimating import moved
from needs_analysis.store import shipped
from needs_analysis.study import Study, find, national
from needs_analysis.territory import border

HOME = shipped.folder() / "national"
LISTED = {str(one["name"]): one for one in national.resources(HOME)}
FEW = ("rent_income_correlation_share", "public_tenants", "owners_overburden_share")
"""One of each kind: it changes the model, the tenants, the benchmark alone."""


def table(name: str) -> pd.DataFrame:
    return pd.read_parquet(HOME / str(LISTED[name]["path"]))


def test_each_is_listed_with_its_checksum_and_nothing_else_lies_there():
    assert LISTED.keys() == national.RESULTS.keys()
    assert {one.name for one in HOME.glob("*.parquet")} == {str(o["path"]) for o in LISTED.values()}
    for one in LISTED.values():
        content = (HOME / str(one["path"])).read_bytes()
        assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert one["bytes"] == len(content)


@pytest.mark.parametrize("name", national.RESULTS)
def test_whoever_changes_a_method_compiles_its_result(name):
    one = national.RESULTS[name]
    assert LISTED[name]["method"] == one.method, "needs-analysis data compile --national"
    assert LISTED[name]["code"] == national.code_of(one), (
        f"the code that makes «{name}» changed: where its figures do too, raise METHOD in "
        f"needs_analysis/{one.module}; then needs-analysis data compile --national"
    )


def test_only_code_has_a_number():
    """Comments, docstrings and blanks may change; a value may not, nor may a string of many lines."""
    text = '"""Doc."""\n\nX = 1  # why\n\n\ndef f():\n    """Doc."""\n    return """a\n# b"""\n'
    same = "X = 1\n# other\ndef f():\n    '''Other.'''\n    return \"\"\"a\n# b\"\"\"\n"
    assert list(national.code_lines(text)) == list(national.code_lines(same))
    for old, new in (("X = 1", "X = 2"), ("# b", "# c")):
        assert list(national.code_lines(text)) != list(national.code_lines(text.replace(old, new)))


@pytest.mark.slow
def test_a_briefing_of_the_figures_that_ship_computes_none_of_them(
    tmp_path, monkeypatch, computed_once
):
    def without_making(name, key, _, method=None):
        return computed_once(name, key, lambda: pytest.fail(f"{name} does not ship"), method)

    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path))
    monkeypatch.setattr(store, "computed", without_making)
    national.ask()
    assert not (tmp_path / "computed").exists()


@pytest.mark.slow
def test_they_are_what_is_computed(tmp_path, monkeypatch, computed_once, soak):
    """Classes, quadrants and places exactly. Of the assumptions one of each kind; all under --soak."""
    monkeypatch.setattr(store, "computed", computed_once)
    if soak:
        made = {name: pd.read_parquet(file) for name, file in national.make(tmp_path).items()}
    else:
        # What this process remembers would not be made again.
        monkeypatch.setattr(border, "_near", border._near.function)
        with store.making(tmp_path):
            estimate = households.national()
            found = find(Study(national._ANY, chapters=national._CHAPTERS))
        files = {one.name.rpartition("-")[0]: one for one in tmp_path.glob("*.parquet")}
        made = {name: pd.read_parquet(file) for name, file in files.items()}
        known = italy._known((), found.day)
        made["households_tornado"] = italy._table(
            moved(known, estimate.scenario, assumptions=FEW)[1]
        )
    assert made.keys() == LISTED.keys()
    for name, frame in made.items():
        ships = table(name)
        if name == "households_tornado" and not soak:
            ships = ships[ships["assumption"].isin(["central", *FEW])].reset_index(drop=True)
        if name == "types":  # the number of its type is a class
            kind = frame["kind"] == "type"
            assert (frame["value"] == ships["value"])[kind].all()
        assert national.alike(frame, ships), name


@pytest.fixture
def made(monkeypatch):
    """Let results be made in no time: of one number and one word."""
    kept = {"number": 1.0, "word": "a", "key": "0"}

    def make(folder):
        found = {}
        for name in national.RESULTS:
            found[name] = folder / f"{name}-{kept['key']}.parquet"
            frame = pd.DataFrame({"number": [kept["number"]], "word": [kept["word"]]})
            frame.to_parquet(found[name])
        return found

    monkeypatch.setattr(national, "make", make)
    return kept


def test_a_result_that_changed_under_its_number_is_not_compiled(made, tmp_path):
    national.compile_national(tmp_path)
    before = {one.name: one.read_bytes() for one in (tmp_path / "national").iterdir()}
    made["number"] = 1 + 1e-12  # another machine: the file stays
    national.compile_national(tmp_path)
    assert before == {one.name: one.read_bytes() for one in (tmp_path / "national").iterdir()}
    for change in ({"number": 1 + 1e-8}, {"number": 1.0, "word": "b"}):
        made |= change
        with pytest.raises(Refused, match=r"«types».*METHOD in .*patterns/national\.py"):
            national.compile_national(tmp_path)
    made["key"] = "1"  # of another number, or of other figures
    national.compile_national(tmp_path)


@pytest.mark.usefixtures("made")
def test_what_stood_there_goes(tmp_path, monkeypatch):
    home = tmp_path / "national"
    home.mkdir()
    (home / "types-1.parquet").write_text("old")
    written = national.compile_national(tmp_path)
    assert sorted(home.iterdir()) == sorted(written) and len(written) == 7
    raised = {name: replace(one, method=one.method + 1) for name, one in national.RESULTS.items()}
    monkeypatch.setattr(national, "RESULTS", raised)
    national.compile_national(tmp_path)
    assert {one["method"] for one in national.resources(home)} == {2, 5}
