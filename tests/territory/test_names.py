"""Names as others write them: what is certain is taken, the rest is left to a person."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis import store
from needs_analysis.territory import history, match_names, municipalities

HOMONYMS = {"Calliano", "Castro", "Livo", "Peglio", "Samone", "San Teodoro"}


def doubtful(found):
    """The rows that a person must look at: no municipality, a similar spelling, or another meaning."""
    return found[found["method"].isin(["fuzzy", "none"]) | (found["candidates"] != "")]


@pytest.mark.parametrize(
    ("name", "province", "code", "method"),
    [
        ("Monza", "", "108033", "exact"),
        ("MONZA", "", "108033", "exact"),  # as the archive writes it
        ("monza ", "", "108033", "normalised"),
        ("Reggio nell`Emilia", "", "035033", "normalised"),
        ("L'aquila", "", "066049", "normalised"),
        ("FORLI'", "", "040012", "normalised"),
        ("Bozen", "", "021008", "exact"),
        ("FUNES .VILLNOESS.", "BZ", "021033", "normalised"),
        ("S.Giovanni in Persiceto", "", "037053", "normalised"),
        ("S. ANGELO LODIGIANO", "LO", "098050", "normalised"),
        ("Castro", "LE", "075096", "exact"),
        ("Castro", "Bergamo", "016065", "exact"),
        ("Castro", "016", "016065", "exact"),
        ("Monza", "MI", "108033", "exact"),  # its province until 2009
        ("Valle Mosso", "BI", "096088", "former name"),
        ("Vermezzo", "", "015251", "former name"),
        ("Calliano Monferrato", "AT", "005014", "former name"),  # so since August 2022
        ("Brugerio", "", "108012", "fuzzy"),
    ],
)
def test_single_names(name, province, code, method):
    found = match_names([name], [province]).iloc[0]
    assert (found["municipality_code"], found["method"]) == (code, method)
    assert found["score"] == 1 if method != "fuzzy" else 0.9 <= found["score"] < 1


@pytest.mark.parametrize("name", ["", None, np.nan, "Atlantide", "S.", "S. Giovanni", "Castro"])
def test_what_is_not_certain_is_not_taken(name):
    found = match_names([name]).iloc[0]
    assert pd.isna(found["municipality_code"])
    assert (found["method"], np.isnan(found["score"])) == ("none", True)


def test_a_name_in_another_province_is_shown_and_not_taken():
    found = match_names(["Monza"], ["PA"]).iloc[0]
    assert found["method"] == "none"
    assert found["candidates"] == "108033 Monza (MB)"


def test_every_official_name_is_found_and_homonyms_are_never_guessed():
    units = municipalities()
    found = match_names(units["municipality_name"])
    assert found.index.equals(units.index)
    taken = found[found["municipality_code"].notna()]
    assert (taken["municipality_code"] == taken.index).all()
    left = set(found.loc[found["municipality_code"].isna(), "name"])
    # The other name of Corvara in Badia is that of Corvara near Pescara.
    assert left == HOMONYMS | {"Corvara"}
    castro = found.loc["075096", "candidates"]
    assert castro == "016065 Castro (BG); 075096 Castro (LE)"
    placed = match_names(units["municipality_name"], units["province_abbreviation"])
    assert (placed["municipality_code"] == placed.index).all()
    # Martirano Lombardo was once called Martirano too: a person looks at that one.
    assert doubtful(placed).index.tolist() == ["079073"]


def test_a_name_that_another_bore_is_taken_but_reviewed():
    found = match_names(["Brione", "Monza"])
    assert found["municipality_code"].tolist() == ["017030", "108033"]
    assert "022238 Borgo Chiese (TN)" in found.loc[0, "candidates"]
    assert doubtful(found).index.tolist() == [0]


@pytest.mark.parametrize("table", ["incomes", "rents", "residents_2011"])
def test_the_names_of_other_publishers_are_right_or_reviewed(table):
    rows = store.table(table)
    rows = rows[rows["cadastral_code"] != ""]
    truth = history.successors(rows["cadastral_code"])["municipality_code"].to_numpy()
    found = match_names(rows["municipality_name"])
    wrong = found["municipality_code"].notna() & (found["municipality_code"] != truth)
    assert set(found.index[wrong]) <= set(doubtful(found).index)
    assert wrong.sum() <= 3
    assert found["municipality_code"].notna().mean() > 0.99


@pytest.mark.slow
def test_the_day_decides_what_a_name_is_now():
    assert match_names(["Sovizzo"], day="2024-02-24")["municipality_code"].tolist() == ["024128"]
    later = match_names(["Gambugliano"], day="2024-02-24").iloc[0]
    assert (later["municipality_code"], later["method"]) == ("024128", "former name")
    assert match_names(["Lirio"], day="2026-06-08")["method"].tolist() == ["none"]


def test_names_keep_their_index_and_provinces_their_number():
    names = pd.Series(["Monza", "Rho"], index=["a", "b"])
    assert match_names(names).index.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="2 nomi, ma 1 province"):
        match_names(names, ["MB"])
