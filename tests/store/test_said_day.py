"""The day of a user's file: what the file says, or what the user said; never the one that ships."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sources import written
from sources.places import (
    BEDS_2024,
    DATA,
    EVICTIONS,
    SERIES,
    SITUAS,
    UNITS_LIST,
    VARIATIONS,
    classes_workbook,
    evictions_workbook,
    units_workbook,
)

from needs_analysis import sources, store
from needs_analysis.errors import ParameterError
from needs_analysis.provenance import checksum
from needs_analysis.store import shipped
from needs_analysis.store.kept import read
from needs_analysis.words import Voice

PACKAGE = Path(sources.__file__).parents[1]


# These files have a dozen municipalities.
pytestmark = pytest.mark.usefixtures("small_files")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path / "mine"))
    yield tmp_path / "mine"


def undated(folder: Path) -> Path:
    """Write a classification of which nothing says the day."""
    book = openpyxl.load_workbook(classes_workbook(folder))
    book["Comuni 01-01-2023"].title = "Foglio1"
    book.save(folder / "classi.xlsx")
    return folder / "classi.xlsx"


def test_no_reader_and_no_store_uses_the_day_of_the_edition_that_ships():
    """In the syntax tree: the day of a SOURCE is read where the shipped boundaries are cited only."""
    used = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "reference_date":
                of = node.value
                name = of.attr if isinstance(of, ast.Attribute) else getattr(of, "id", "")
                used += [path.name] if name == "SOURCE" else []
    assert used == []


def every_file(folder: Path) -> list[Path]:
    """Return a file of every source, as far as the tests have one, with and without its day."""
    files = [one for one in DATA.iterdir() if one.is_file() and one.suffix not in (".md", ".toml")]
    files += [units_workbook(folder), written.posas(folder), written.mila(folder)]
    files += [written.boundaries(folder), written.section_points(folder)]
    files += [written.beds_workbook(folder), undated(folder)]
    files.append(evictions_workbook(folder, EVICTIONS, SERIES))
    for path in (BEDS_2024, SITUAS, UNITS_LIST, written.posas(folder, title="Residenti")):
        files.append(Path(shutil.copy(path, folder / f"senza-giorno-{len(files)}.csv")))
    people = pd.DataFrame({"municipality_code": 1001, "age": range(101), "F": 2, "M": 3, "tot": 5})
    people.to_feather(folder / "people.feather")
    return [*files, folder / "people.feather"]


def test_no_file_of_the_users_has_the_day_of_any_source(tmp_path, monkeypatch):
    impossible = "1066-10-14"
    for reader in sources.READERS:
        own = replace(reader.SOURCE, reference_date=impossible)
        monkeypatch.setattr(reader, "SOURCE", own)
    added = store.add(every_file(tmp_path))
    assert {one.source.id for one in added.kept} >= {
        "istat_units", "istat_units_2011", "istat_units_past", "istat_posas", "istat_boundary_zip",
        "istat_dimensions", "istat_census_areas", "istat_section_points", "istat_sections",
        "istat_accommodation", "istat_8milacensus", "istat_variations", "istat_situas",
        "istat_units_list", "anpr_archive", "mef_incomes", "omi_perimeters", "omi_values",
        "omi_zones", "interno_evictions", "interno_series",
    }  # fmt: skip
    dates = {one.source.id: one.source.reference_date for one in added.kept}
    assert impossible not in dates.values()
    cures = [str(error.cure) for error in added.refused]
    assert len(cures) == 5  # classification, beds, SITUAS, POSAS, people
    assert all("data add" in cure and "--as-of" in cure for cure in cures)
    assert not any(impossible in str(error) for error in added.refused)


def test_a_file_without_a_day_is_refused_and_the_cure_works(tmp_path):
    path = undated(tmp_path)
    (error,) = store.add([path]).refused
    assert str(error) == (
        "classi.xlsx: il file non dice di che giorno sono i dati. "
        "Indicarlo: needs-analysis data add classi.xlsx --as-of 2018-02-17"
    )
    assert store.kept() == []
    said = []
    (one,) = store.add([path], said.append, as_of="2018-02-17").kept
    assert one.source.said_by_user and one.source.reference_date == "2018-02-17"
    assert "(2018-02-17, data indicata dall'utente): 5 righe" in str(said[0])
    assert store.source_of("classification").reference_date == "2023-01-01"  # it is newer
    assert [str(why) for why in store.unused().values()] == ["è in uso un'edizione più recente"]
    (kept,) = store.kept()
    assert kept.source == one.source
    assert kept.source.edition(Voice("en")) == "2018-02-17, date said by the user"


def test_a_day_that_the_user_said_is_said_wherever_the_edition_is_cited(tmp_path):
    store.add([undated(tmp_path)], as_of="1 marzo 2024")
    cited = store.source_of("classification")
    assert (cited.reference_date, cited.said_by_user) == ("2024-03-01", True)
    assert cited.as_dict()["said_by_user"] is True
    assert "said_by_user" not in shipped.source_of("classification").as_dict()
    from needs_analysis.reports.chapters.building import source_lines

    (line,) = source_lines(["istat_classification"], Voice("it"))
    assert line.endswith("(2024-03-01, data indicata dall'utente)")
    (one,) = store.kept("istat_classification")
    assert read(one).attrs["reference_date"] == "2024-03-01"


@pytest.mark.parametrize(
    ("as_of", "year"), [("2021", "2021"), ("31-12-2021", "2021"), ("2021-06-30", "2021")]
)
def test_the_year_of_a_table_of_years(as_of, year, tmp_path):
    path = Path(shutil.copy(BEDS_2024, tmp_path / "letti.csv"))
    (error,) = store.add([path]).refused
    assert "il file non dice di che anno" in str(error) and "--as-of 2018" in str(error)
    store.add([path], as_of=as_of)
    assert store.source_of("accommodation").edition() == ("2019-2024, data indicata dall'utente")
    assert year in set(store.table("accommodation")["year"].astype(str))


def test_an_eviction_workbook_without_a_year_is_no_edition_of_2024(tmp_path):
    path = evictions_workbook(tmp_path, EVICTIONS, SERIES)
    book = openpyxl.load_workbook(path)
    for title in ("Dati provinciali", "Dati regionali"):
        book[f"{title} 2024"]["A3"] = None
        book[f"{title} 2024"].title = title
    book.save(path)
    (error,) = store.add([path]).refused
    assert "il file non dice di che anno" in str(error)
    added = store.add([path], as_of="2022")
    assert added.refused == ()
    assert {one.source.id: one.source.edition() for one in added.kept} == {
        "interno_evictions": "2022, data indicata dall'utente", "interno_series": "2004-2024",
    }  # fmt: skip


def test_residents_on_1_january_are_those_of_the_day_before(tmp_path):
    path = written.posas(tmp_path, title="Residenti")
    path = path.rename(tmp_path / "residenti.csv")
    (one,) = store.add([path], as_of="2025-01-01").kept
    assert one.source.reference_date == "2024-12-31"


def test_a_day_that_is_none_or_contradicts_the_file_is_refused(tmp_path):
    path = classes_workbook(tmp_path)
    for as_of, problem in (("ieri", "«ieri» non è un giorno"), ("2018-02-31", "non è un giorno")):
        with pytest.raises(ParameterError, match=problem):
            store.add([path], as_of=as_of)
    (error,) = store.add([path], as_of="2018-02-17").refused
    assert str(error) == (
        "classi.xlsx: il file dice 2023-01-01, non 2018-02-17. Togliere --as-of 2018-02-17."
    )
    (kept,) = store.add([path], as_of="2023-01-01").kept
    assert not kept.source.said_by_user
    (error,) = store.add([undated(tmp_path)], as_of="2018").refused
    assert "serve il giorno, non solo l'anno 2018" in str(error)


def test_a_list_of_changes_needs_no_day_as_every_list_is_used():
    (one,) = store.add([VARIATIONS]).kept
    assert one.source.edition() == "senza data"
    assert store.status().loc["code_variations", "origin"] == "both"
    assert store.source_of("code_variations").reference_date == "2020"


def test_the_very_file_that_a_table_was_made_from_has_the_day_of_the_table(monkeypatch):
    true = shipped.source_of

    def source_of(name):
        own = true(name)
        return replace(own, checksum=checksum(VARIATIONS)) if name == "code_variations" else own

    monkeypatch.setattr(shipped, "source_of", source_of)
    (one,) = store.add([VARIATIONS]).kept
    assert (one.source.reference_date, one.source.said_by_user) == ("2020", False)


def test_what_is_said_of_a_file_is_kept_and_listed(tmp_path):
    path = tmp_path / "Elenco-comuni-italiani.csv"
    path.write_bytes(UNITS_LIST.read_bytes().replace(b";I878;", b";N.D.;"))
    said = []
    store.add([path, written.beds_workbook(tmp_path)], said.append)
    assert any("'N.D.' non è un codice catastale" in str(one) for one in said)
    (listed,) = store.kept("istat_units_list")
    assert "'N.D.' non è un codice catastale" in str(listed.notices[0])
    assert (
        listed.notices[0].text(Voice("en")).startswith("a cell that cannot be read is left blank")
    )
    (of_2025,) = store.status().loc["accommodation", "notices"]
    assert "dal 2025 l'ISTAT conta anche gli alloggi" in str(of_2025)
    years = {one.source.reference_date: one.source for one in store.kept("istat_accommodation")}
    assert [*years] == ["2023", "2024", "2025"]
    assert len({one.checksum for one in years.values()}) == 3
    beds = store.table("accommodation").set_index(["year", "municipality_code"])
    assert beds.loc[(2025, "108033"), "rented_lodging_beds"] == 2025


def test_a_newer_file_of_residents_feeds_population(tmp_path):
    before = store.table("population")
    store.add([written.posas(tmp_path)])
    found = store.table("population")
    assert found.columns.tolist() == before.columns.tolist()
    assert found.set_index("municipality_code").loc["063049", "residents_by_age"] == 303
    cited = store.source_of("population")
    assert (cited.id, cited.reference_date) == ("istat_posas", "2024-12-31")
    assert store.cited()["istat_posas"] == cited
    token = store.tokens()["population"]
    with store.using(store.Selection(until="2021")):
        assert store.source_of("population").id == "istat_population"
    with store.using(store.Selection(pins={"population": token})):
        assert store.source_of("population") == cited


def test_an_older_file_of_residents_waits(tmp_path):
    store.add([written.posas(tmp_path, title="Popolazione al 1° gennaio 2020")])
    assert store.source_of("population").id == "istat_population"
    assert [str(why) for why in store.unused().values()] == ["è in uso un'edizione più recente"]
