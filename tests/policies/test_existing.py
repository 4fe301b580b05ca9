"""The office's own policies against the catalogue: recognised, used how much, never 0 for silence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis import policies, territory
from needs_analysis.errors import ParameterError
from needs_analysis.policies import PoliciesError
from needs_analysis.policies.administrations import placed
from needs_analysis.reports.chapters.policies_words import body_words, standing_sentence
from needs_analysis.services.files.invented import network
from needs_analysis.services.files.office import read_policies
from needs_analysis.services.files.schema import TABLES, empty
from needs_analysis.services.files.templates import write_filled
from needs_analysis.told.policies import tell_existing, tell_policies
from needs_analysis.words import Voice

FIGURES = ("budget_eur", "applications", "admitted", "beneficiaries", "spent_eur", "agreements")


def office(**columns):
    """A table of measures; what is not given is missing."""
    many = max(len(one) for one in columns.values())
    given = {"administration_name": ["Sovico"] * many, "year": [2025.0] * many} | columns
    return empty("measures").reindex(range(many)).assign(**given)


def test_a_free_name_is_recognised_by_the_words_that_matter_and_no_other_is():
    names = {
        "Contributo per l'affitto": "P05",
        "FONDO AFFITTI 2024": "P05",
        "Bando sostegno affitto": "P05",
        "Contributo per la morosità incolpevole (anno 2025)": "P06",
        "Misura unica 2025": "P07",
        "Case popolari": "P01",
        "Rete appartamenti": "P17",
        "Protocollo sfratti 2023": "P19",
        "Banco alimentare": "",
        "Mediazione culturale": "",
        "Buono spesa": "",
        "Contributo trasporto": "",
        "Contributo per l'affitto ai giovani": "",  # like the rent fund, and another measure
    }
    found = policies.existing(office(measure_name=[*names])).rows
    assert dict(zip(found["measure_name"], found["policy"], strict=True)) == names
    assert (found.loc[found["policy"] != "", "by"] == "name").all()
    assert found.loc[found["policy"] != "", "likeness"].between(85, 100).all()
    assert found.loc[found["policy"] == "", "likeness"].isna().all()


def test_a_code_stands_over_the_name_and_an_unknown_one_is_refused():
    rows = office(measure_name=["Fondo affitti", "Buono spesa"], policy_id=["p25 ", "P27"])
    found = policies.existing(rows)
    assert found.rows["policy"].tolist() == ["P25", "P27"]
    assert found.rows["by"].tolist() == ["id", "id"] and found.rows["likeness"].isna().all()
    assert found.policies == ("P25", "P27") and found.unmatched == ()
    with pytest.raises(PoliciesError) as error:
        policies.existing(office(measure_name=["a", "b"], policy_id=["P77", "P88"]))
    assert [one.as_dict()["values"]["policy"] for one in error.value.problems] == ["P77", "P88"]
    with pytest.raises(ParameterError, match="mancano le colonne .*measure_name"):
        policies.existing(pd.DataFrame({"a": [1]}))


def test_the_one_threshold_is_a_parameter():
    rows = office(measure_name=["Bando sostegno affitto"])
    assert policies.existing(rows, {"policy_name_likeness_min": 95}).policies == ()


def test_take_up_is_over_the_admitted_else_over_the_applications_else_unknown():
    found = policies.existing(
        office(
            measure_name=["Fondo affitti"] * 5,
            applications=[40, 40, np.nan, 0, 40],
            admitted=[30, np.nan, np.nan, np.nan, 30],
            beneficiaries=[24, 24, 24, 0, np.nan],
        )
    ).rows
    np.testing.assert_allclose(found["take_up"], [0.8, 0.6, np.nan, np.nan, np.nan])
    assert found["take_up_of"].tolist() == ["admitted", "applications", "", "", ""]


def test_what_was_not_transmitted_stays_missing_and_is_not_zero(tmp_path):
    rows = office(measure_name=["Fondo affitti"], applications=[12.0], beneficiaries=[0.0])
    rows["not_transmitted"] = "spent_eur"
    path = write_filled(tmp_path, {"measures": rows})[0]
    found = policies.existing(path).of("P05").iloc[0]
    assert np.isnan(found["spent_eur"]) and found["not_transmitted"] == "spent_eur"
    assert found["beneficiaries"] == 0 and found["take_up"] == 0


def test_of_a_policy_the_last_year_of_each_administration_stands():
    rows = office(
        measure_name=["Fondo affitti"] * 3,
        administration_name=["A", "A", "B"],
        year=[2024.0, 2025, 2023],
    )
    own = policies.existing(rows).of("P05")
    assert own[["administration_name", "year"]].to_numpy().tolist() == [
        ["A", 2025.0],
        ["B", 2023.0],
    ]


def test_a_file_of_before_the_new_columns_is_read(tmp_path):
    path = (
        write_filled(tmp_path, {"measures": network().policies}, as_csv="plain")[0] / "misure.csv"
    )
    headers = [TABLES["measures"].field(one).header for one in ("admitted", "policy_id")]
    frame = pd.read_csv(path, dtype=str).drop(columns=headers)
    frame.to_csv(path, index=False)
    read = read_policies(path.parent)
    assert read["admitted"].isna().all() and read["policy_id"].isna().all()
    found = policies.existing(read)
    assert found.policies == ("P05", "P06")
    assert (found.rows["take_up_of"] == "applications").all()


def test_the_invented_file_has_policies_by_code_and_by_name():
    found = policies.existing(network().policies)
    assert found.policies == ("P05", "P06", "P25")
    assert set(found.rows.loc[found.rows["policy"] == "P25", "by"]) == {"id"}
    assert (found.rows["admitted"] <= found.rows["applications"]).all()
    assert (found.rows["beneficiaries"] <= found.rows["admitted"]).all()


def test_published_a_small_count_is_hidden_with_what_gives_it_away():
    """Take-up times the admitted is the number of beneficiaries."""
    found = policies.existing(
        office(
            measure_name=["Fondo affitti"] * 3, administration_name=["A", "B", "C"],
            budget_eur=[9000.0] * 3, spent_eur=[1000.0] * 3, applications=[40.0, 40, 3],
            admitted=[30.0, 30, 3], beneficiaries=[3.0, 24, 0],
        )
    )  # fmt: skip
    published = tell_existing(found)
    assert published.hidden["beneficiaries"].tolist() == [True, False, False]
    assert published.hidden["admitted"].tolist() == [False, False, True]
    assert published.hidden["take_up"].tolist() == [True, False, True]
    assert published.hidden["spent_eur"].tolist() == [True, False, False]
    assert not published.hidden["budget_eur"].any()
    assert published.frame["take_up"].isna().tolist() == [True, False, True]
    internal = tell_existing(found, "internal")
    assert not internal.hidden.any(axis=None)
    pd.testing.assert_frame_equal(internal.frame, found.rows)


def test_repr_says_no_count():
    found = policies.existing(office(measure_name=["Fondo affitti"], beneficiaries=[3.0]))
    assert repr(found) == "<Existing of 1 rows: 1 policies of the catalogue>"


@pytest.fixture
def of_three():
    names = ["Comune di Sovico", "Ambito di Carate Brianza", "Comune di Desio", "Desio",
             "Consorzio Sole", "Piano di zona di Monza", "Regione Lombardia"]  # fmt: skip
    return office(measure_name=["Fondo affitti"] * len(names), administration_name=names)


def test_what_another_administration_does_is_not_done_here(of_three):
    found = policies.existing(of_three, codes=territory.find("comune:Sovico").codes)
    here = ["Comune di Sovico", "Ambito di Carate Brianza", "Consorzio Sole", "Regione Lombardia"]
    assert found.rows["administration_name"].tolist() == here
    assert found.elsewhere == {"Comune di Desio": 1, "Desio": 1, "Piano di zona di Monza": 1}
    assert found.unplaced == ("Consorzio Sole",)
    every = policies.existing(of_three)
    assert len(every.rows) == 7 and (every.elsewhere, every.unplaced) == ({}, ())


def test_what_is_left_out_is_told_with_the_cure(of_three):
    found = policies.existing(of_three, codes=territory.find("comune:Sovico").codes)
    told = tell_policies(None, policies.catalogue(as_of="2026-11-29"), found)
    left, unknown = body_words(told, Voice())
    assert left.startswith("3 righe dell'ufficio") and left.endswith(
        "Comune di Desio; Desio; Piano di zona di Monza."
    )
    assert "e restano: Consorzio Sole." in unknown and "«Comune di ...»" in unknown
    assert left in standing_sentence(told, Voice()).text
    none = policies.existing(of_three, codes=territory.find("comune:Napoli").codes)
    assert none.policies == ("P05",) and none.unplaced == ("Consorzio Sole",)


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("COMUNE DI S. DONATO MILANESE", False), ("Città di Castello", False), ("Lissone (MB)", True),
        ("Comune di Sovico - servizi sociali", True), ("Piano di zona dell'ambito di Desio", False),
        ("Provincia di Monza e della Brianza", True), ("Città metropolitana di Milano", False),
        ("Ambito di Napoli", False), ("Regione Piemonte", False),
        ("Comune di San Giacomo delle Segnate", False),
    ],
)  # fmt: skip
def test_an_administration_is_known_by_its_municipality_ambito_province_or_region(name, stands):
    found = placed([name], territory.find("ambito:Carate Brianza").codes)
    assert (not found.elsewhere, found.unknown) == (stands, frozenset())


@pytest.mark.parametrize("name", ["Ambito di Treviglio", "ALER", "Castro", "Ambito n. 5", "Comune"])
def test_an_administration_that_may_be_of_the_area_is_not_known(name):
    assert placed([name], territory.find("ambito:Carate Brianza").codes).unknown == {name}
