"""The workbook of own counts: what an office writes, and what is said of it."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest
from need_counts import filled

from needs_analysis.errors import OutputError, SourceError
from needs_analysis.needs.counts_book import BOOK, read_counts, write_template
from needs_analysis.needs.estimate import of_estimates
from needs_analysis.needs.groups import HEADLINE
from needs_analysis.needs.problems import NeedsError

pytestmark = pytest.mark.slow  # workbooks are written and read
DAY = dt.date(2026, 6, 30)
PANEL = pd.DataFrame({"households": [5000.0, 2000.0]}, index=["108033", "108039"])


def test_the_template_has_a_sheet_a_group_and_is_never_overwritten(tmp_path):
    path = write_template(tmp_path)
    names = openpyxl.load_workbook(path).sheetnames
    assert len(BOOK) == len(HEADLINE) + 3
    assert names == ["istruzioni", *(one.sheet for one in BOOK), "elenchi"]
    assert all(len(name) <= 31 for name in names)
    empty = read_counts(path)
    assert empty.counts.empty and empty.supply().free_ready.empty and empty.primary().empty
    with pytest.raises(OutputError, match="esiste"):
        write_template(tmp_path)


def test_blank_is_not_transmitted_and_nought_is_nought(tmp_path):
    found = read_counts(filled(
        tmp_path,
        no_contract=[
            {"municipality_code": "108033", "count": 7, "day": DAY, "of_which_single_parent": 3,
             "asked": "servizi sociali", "answered_on": DAY},
            {"municipality_code": "108039", "asked": "polizia locale", "asked_on": DAY},
        ],
        street=[{"municipality_code": "108033", "count": 0, "day": DAY}],
    ))  # fmt: skip
    assert found.compositions.to_dict("records") == [
        {"municipality_code": "108033", "group": "no_contract", "composition": "single_parent",
         "count": 3.0},
    ]  # fmt: skip
    assert found.asked["asked"].tolist()[:2] == ["servizi sociali", "polizia locale"]
    need = of_estimates(PANEL, own=found.counts)
    assert need.groups.data.loc["108033", ["no_contract", "street"]].tolist() == [7, 0]
    assert need.not_estimable.loc["no_contract", "not_transmitted"] == ("108039",)
    assert need.groups.vintage.loc["108033", "no_contract"] == "2026-06-30"


def test_lists_stock_and_turnover_by_size(tmp_path):
    row = {"municipality_code": "108033", "day": DAY}
    before = {"municipality_code": "108033", "day": dt.date(2025, 6, 30)}
    found = read_counts(filled(
        tmp_path,
        applications=[
            {**before, "size": 1, "isee_band": "fino a 3.000 €", "applications": 90},
            {**row, "size": 1, "isee_band": "fino a 3.000 €", "applications": 40, "waiting": 35},
            {**row, "size": 4, "isee_band": "oltre 16.000 €", "applications": 2},
        ],
        stock=[{**row, "size": 1, "owner": "ALER", "dwellings": 100, "free_ready": 3, "to_repair": 9},
               {**row, "size": 1, "owner": "Comune", "dwellings": 50, "free_ready": 2}],
        turnover=[{**row, "size": 2, "relets": 6, "committed": 1}],
    ))  # fmt: skip
    primary = found.primary()
    assert primary.loc[(1, "to_3000")].tolist() == [40, 35, 1]
    assert pd.isna(primary.loc[(4, "over_16000"), "waiting"])
    supply = found.supply()
    assert supply.free_ready.to_dict() == {1: 5}
    assert (supply.relets.to_dict(), supply.committed.to_dict()) == ({2: 6}, {2: 1})


def test_everything_wrong_is_said_at_once_with_sheet_and_row(tmp_path):
    path = filled(
        tmp_path,
        foreclosure=[
            {"municipality_code": "108033", "count": 3},
            {"municipality_code": "108033", "count": 4, "day": DAY},
            {"municipality_code": "999999", "count": -1, "day": DAY},
            {"municipality_code": "108039", "count": 2.5, "day": "ieri"},
        ],
        violence=[{"municipality_code": "108039", "count": 2, "day": DAY, "asked": "Maria Rossi"}],
    )
    with pytest.raises(SourceError) as caught:
        read_counts(path)
    said = [one.text() for one in caught.value.problems]
    for words in (
        "foglio «pignoramenti», riga 4, colonna «data»: c'è un numero ma manca la data",
        "foglio «pignoramenti», riga 5, colonna «codice comune»: ripete la riga 4",
        "riga 6, colonna «codice comune»", "riga 6, colonna «nuclei»", "riga 7, colonna «nuclei»",
        "riga 7, colonna «data»", "foglio «donne e violenza», riga 4, colonna «chi è stato",
    ):  # fmt: skip
        assert any(words in one for one in said), words
    assert not any("Rossi" in one for one in said)


def test_what_the_area_refuses_says_where_it_stands(tmp_path):
    rows = [{"municipality_code": "108033", "count": 5001, "day": DAY},
            {"municipality_code": "015146", "count": 1, "day": DAY}]  # fmt: skip
    found = read_counts(filled(tmp_path, no_contract=rows))
    with pytest.raises(NeedsError) as caught:
        of_estimates(PANEL, own=found.counts)
    assert [one.text() for one in caught.value.problems] == [
        "foglio «senza contratto», riga 4: 108033, senza contratto, subaffitto, "
        "occupazione: 5001 supera le 5000 famiglie che ci sono",
        "foglio «senza contratto», riga 5: 015146, senza contratto, subaffitto, "
        "occupazione: il comune non è nell'area",
    ]


def test_another_workbook_is_refused(tmp_path):
    openpyxl.Workbook().save(tmp_path / "altro.xlsx")
    with pytest.raises(SourceError, match="nessun foglio è di un modello dei conteggi"):
        read_counts(tmp_path / "altro.xlsx")
    with pytest.raises(SourceError):
        read_counts(tmp_path / "niente.xlsx")
