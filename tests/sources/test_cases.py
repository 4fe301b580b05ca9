"""Files in the forms in which publishers gave them once, with what is right."""

from __future__ import annotations

import pytest

from needs_analysis import sources, store

from .places import ROOT

CASES = ROOT.parent / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.exists(), reason="the cases are not here")

# The source, its dates, what is said, and whether the file must be refused.
RIGHT = {
    "classification-date-digits": ("istat_classification", ["2018-02-17"], ""),
    "posas-2020-commas": ("istat_posas", ["2019-12-31"], ""),
    "posas-2023-commas-cp1252": ("istat_posas", ["2022-12-31"], ""),
    "accommodation-bulk-xlsx": ("istat_accommodation", ["2023", "2024", "2025"], "dal 2025"),
    "anpr-five-digits": ("anpr_archive", ["1924-11-14"], "'28999' è 028999"),
    "anpr-semicolon": ("anpr_archive", ["1924-11-14"], ""),
    "units-xlsx": ("istat_units_list", ["2024-01-01"], ""),
    "units-cadastral-nd": ("istat_units_list", [""], "'N.D.' non è un codice catastale"),
    "units-2026-two-107": ("istat_units_list", ["2026-06-30"], ""),
}


def file_of(case: str):
    found = [one for one in (CASES / case).iterdir() if one.name != "README"]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("case", RIGHT)
def test_the_file_of_a_case_is_read(case, tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path))
    source, dates, notice = RIGHT[case]
    added = store.add([file_of(case)])
    assert added.refused == ()
    assert {one.source.id for one in added.kept} == {source}
    assert [one.source.reference_date for one in added.kept] == dates
    said = " ".join(str(one) for kept in added.kept for one in kept.notices)
    assert notice in said and bool(notice) is bool(said)


def test_a_classification_without_a_day_is_refused_with_its_cure(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path))
    path = file_of("classification-date-none")
    (error,) = store.add([path]).refused
    assert "--as-of 2018-02-17" in str(error)
    (one,) = store.add([path], as_of="2018-02-17").kept
    assert one.source.said_by_user


def test_the_code_of_2006_is_that_of_2006():
    path = file_of("units-2026-two-107")
    (reader,) = sources.readers_of(path)
    assert reader.read(path)["municipality_code_2006"].tolist() == ["105001"]
