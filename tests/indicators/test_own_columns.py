"""A table of one's own beside the panel: what is matched, what is said, what is refused."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import needs_analysis as na
from needs_analysis.errors import Refused, SourceError
from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators import NotJoined

MONZA, BESANA, VALDILANA, GAMBUGLIANO, SOVIZZO = "108033", "108008", "096088", "024044", "024103"


def of(*codes: str) -> Figures:
    """Return a panel of one column."""
    index = pd.Index(codes, name="municipality_code", dtype="str")
    return Figures.of(pd.DataFrame({"households": 10.0}, index=index))


def joined(panel: Figures, table, on="codice", **given) -> tuple[Figures, str]:
    """Join, and return what was said beside it."""
    given = {"source": "Comune", "vintage": "2021"} | given
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = na.join(panel, table, on, **given)
    assert all(one.category is NotJoined for one in said) and len(said) < 2
    return found, str(said[0].message) if said else ""


def test_codes_as_text_as_numbers_and_without_their_zeros():
    panel = of("001001", MONZA, BESANA)
    for codes in (["001001", MONZA], [1001, 108033], [1001.0, 108033.0], ["1001", "108033.0"]):
        found, said = joined(panel, pd.DataFrame({"codice": codes, "mio": [1, 2]}))
        assert found.data["mio"].tolist()[:2] == [1, 2] and np.isnan(found.value(BESANA, "mio"))
        assert said == "1 comune del pannello senza riga: Besana in Brianza"
    assert found.quality["mio"].tolist() == [Quality.OBSERVED, Quality.OBSERVED, Quality.MISSING]
    assert found.vintage["mio"].tolist() == ["2021"] * 3 and found.sources["mio"] == ("Comune",)
    assert found.columns(["households"]).data.equals(panel.data)  # ours is as it was
    by_index = pd.DataFrame({"mio": [1, 2]}, index=pd.Index(["1001", MONZA], name="codice"))
    assert joined(panel, by_index)[0].data["mio"].tolist()[:2] == [1, 2]


def test_a_csv_of_excel_with_commas_and_words_of_the_own_kind(tmp_path):
    file = tmp_path / "mio.csv"
    file.write_bytes(
        "codice;nome;letti;spesa_eur\n1001;Agliè;1.234;1,5\n108033;Monza;2.000,5;\n".encode(
            "cp1252"
        )
    )
    found, said = joined(of("001001", MONZA), file, quality="modelled")
    assert found.data["letti"].tolist() == [1234, 2000.5]  # the comma of the second says it
    assert found.quality["letti"].tolist() == [Quality.MODELLED] * 2
    assert found.value("001001", "spesa_eur") == 1.5 and np.isnan(found.value(MONZA, "spesa_eur"))
    assert said == "colonne senza numeri, lasciate fuori: nome"


def test_names_are_matched_and_what_is_uncertain_is_said():
    names = ["MONZA", "Castro", "Besana in Briansa", "Nessundove di Sotto", "Castro"]
    table = pd.DataFrame({"comune": names, "mio": [1, 2, 3, 4, 5]})
    found, said = joined(of(MONZA, BESANA), table, "comune")
    assert found.data["mio"].tolist() == [1, 3]
    assert said.count("«Castro» può essere 016065 Castro (BG); 075096 Castro (LE): lasciato") == 1
    assert "«Besana in Briansa» è preso per 108008 Besana in Brianza: da controllare" in said
    assert "1 riga senza comune: Nessundove di Sotto" in said


def test_codes_of_another_day_are_brought_to_the_panels():
    old = pd.DataFrame({"codice": ["015149", "015008"], "mio": [4, 5]})  # Milano's, before 2009
    assert joined(of(MONZA), old)[0].value(MONZA, "mio") == 4
    # Mosso and Trivero are in Valdilana since 2019, with Soprana and Valle Mosso.
    parts = ["096084", "096070", "096062", "096073"]
    table = pd.DataFrame(
        {"codice": parts, "case": [3, 4, 5, 6], "quota_share": [0.1, 0.2, 0.3, 0.4]}
    )
    found, said = joined(of(VALDILANA), table, sums=["case"])
    assert found.value(VALDILANA, "case") == 18 and np.isnan(found.value(VALDILANA, "quota_share"))
    assert "senza valore in quota_share: Valdilana; ciò che è un conteggio" in said
    assert "le righe sono sommate: Valdilana" in said
    found, said = joined(of(VALDILANA), table.iloc[:3], sums=["case"])
    assert np.isnan(found.value(VALDILANA, "case")) and "manca una riga, senza valore: Vald" in said
    by_name = pd.DataFrame({"comune": ["Mosso", "Trivero"], "case": [3, 4]})
    found, _ = joined(of(VALDILANA), by_name, "comune", sums=["case"])
    assert found.value(VALDILANA, "case") == 7


def test_what_was_merged_after_the_panels_day_is_split_and_says_so():
    table = pd.DataFrame({"codice": ["024128"], "case": [100], "quota_share": [0.3]})
    found, said = joined(of(GAMBUGLIANO, SOVIZZO), table, vintage="2024", sums=["case"])
    # 323 and 3,079 households in 2021.
    assert found.data["case"].tolist() == pytest.approx([100 * 323 / 3402, 100 * 3079 / 3402])
    assert found.data["quota_share"].tolist() == [0.3, 0.3]
    assert (found.quality[["case", "quota_share"]] == Quality.ALLOCATED).all(axis=None)
    assert said == "righe divise fra più comuni, valori ripartiti: Gambugliano, Sovizzo"


@pytest.mark.parametrize(
    "name", ["reddito_medio", "canone_medio_eur", "tasso_sfratti", "percentuale"]
)
def test_what_is_not_said_to_be_a_count_is_neither_summed_nor_split(name):
    table = pd.DataFrame({"codice": ["096084", "096070", "096062", "096073"], name: [3, 4, 5, 6]})
    found, said = joined(of(VALDILANA), table)
    assert np.isnan(found.value(VALDILANA, name))
    assert found.quality[name].tolist() == [Quality.MISSING]
    assert said == (
        f"comuni confluiti o divisi, senza valore in {name}: Valdilana; ciò che è un conteggio o un "
        "importo si dice con sums"
    )
    table = pd.DataFrame({"codice": ["024128"], name: [100]})
    found, said = joined(of(SOVIZZO), table, vintage="2024")
    assert np.isnan(found.value(SOVIZZO, name)) and f"in {name}: Sovizzo; " in said
    with pytest.raises(Refused, match="sums: non c'è la colonna «case»"):
        joined(of(SOVIZZO), table, sums=["case"])


def test_a_panel_may_hold_one_part_of_what_was_split():
    table = pd.DataFrame({"codice": ["024128"], "case": [100]})
    found, said = joined(of(SOVIZZO), table, vintage="2024", sums=["case"])
    assert found.value(SOVIZZO, "case") == pytest.approx(100 * 3079 / 3402)
    assert said == "righe divise fra più comuni, valori ripartiti: Sovizzo"
    # Baranzate was carved out of Bollate later: 015001 is a code of before 1992, which tells the day.
    before = pd.DataFrame({"codice": ["015027", "015001"], "case": [100, 7]})
    both, _ = joined(of("015027", "015250"), before, sums=["case"])
    assert both.data["case"].sum() == pytest.approx(100) and both.value("015250", "case") > 10
    for code in ("015027", "015250"):
        alone, said = joined(of(code), before, sums=["case"])
        assert alone.value(code, "case") == both.value(code, "case")
        assert "senza riga" not in said
    # Mappano was carved out of Caselle and three others that the table does not have.
    caselle = pd.DataFrame({"codice": ["001063", "015001"], "case": [100, 7]})
    found, said = joined(of("001063", "001316", "001028"), caselle, sums=["case"])
    assert 50 < found.value("001063", "case") < 100 and np.isnan(found.value("001316", "case"))
    assert "1 comune del pannello senza riga: Borgaro Torinese" in said


def test_a_typed_number_is_what_it_is():
    mixed = pd.DataFrame({"codice": [MONZA, BESANA], "mio": [1.234, "2,5"]})
    assert joined(of(MONZA, BESANA), mixed)[0].data["mio"].tolist() == [1.234, 2.5]
    nullable = pd.DataFrame(
        {"codice": [MONZA, BESANA], "mio": pd.array([1.234, None], dtype="Float64")}
    )
    found = joined(of(MONZA, BESANA), nullable)[0].data["mio"]
    assert found[MONZA] == 1.234 and np.isnan(found[BESANA])
    # Nor does it tell how a text beside it is meant.
    with pytest.raises(
        Refused, match="riga 2, colonna «mio»: «1.234» è un numero con i decimali o"
    ):
        joined(of(MONZA, BESANA), mixed.assign(mio=[0.5, "1.234"]))


def test_all_that_is_wrong_is_said_at_once_with_its_rows(tmp_path):
    file = tmp_path / "mio.csv"
    file.write_text(
        "codice;households;testo;migliaia\n108033;1;2;1.200\n108033;2;n.d.;\n015149;3;4;2.300\n"
    )
    with pytest.raises(SourceError) as error:
        joined(of(MONZA), file, quality="vera", source=" ")
    said = [one.text() for one in error.value.problems]
    assert said == [
        "source: va detto",
        "quality: «vera» non è fra observed, allocated, modelled, imputed",
        "«households» è già il nome di un dato del programma",
        "riga 3, colonna «testo»: non sono numeri: n.d.; una cella senza dato si lascia vuota",
        "righe 2 e 4, colonna «migliaia»: «1.200» è un numero con i decimali o con le migliaia? "
        "Scriverlo in un altro modo",
        "codici di anni diversi: al 01/01/2022 ci sono quasi tutti, ma non 015149; una tabella ha i "
        "codici di un giorno solo",
        "righe 2 e 3: «108033» c'è più volte",
    ]
    assert str(error.value).startswith("mio.csv: ")


@pytest.mark.parametrize(
    ("table", "on", "said"),
    [
        (
            {"codice": [MONZA], "mio": [1]},
            "istat",
            "non c'è la colonna «istat»: ci sono codice, mio",
        ),
        (
            {"codice": [MONZA], "mio": ["a"]},
            "codice",
            "oltre a «codice» non c'è una colonna di num",
        ),
        ({"codice": [BESANA], "mio": [1]}, "codice", "nessuna riga è di un comune del pannello"),
        (
            {"codice": [MONZA], "mio": [np.inf]},
            "codice",
            "riga 1, colonna «mio»: un numero infinito",
        ),
        (
            {"codice": ["Monza", MONZA], "mio": [1, 2]},
            "codice",
            "righe 1 e 2: «Monza» c'è più volte",
        ),
        (
            {"codice": [MONZA], "a1": [1], "rent_to_income_ratio": [1]},
            "codice",
            "«rent_to_income_rat",
        ),
    ],
)
def test_one_clear_error_each(table, on, said):
    with pytest.raises(Refused, match=said):
        joined(of(MONZA), pd.DataFrame(table), on)


def test_a_column_that_stands_twice_and_a_panel_of_another_day():
    twice = pd.DataFrame([[MONZA, 1, 2]], columns=["codice", "mio", "mio"])
    with pytest.raises(Refused, match="la colonna «mio» c'è due volte"):
        joined(of(MONZA), twice)
    table = pd.DataFrame({"codice": ["024128"], "case": [100]})
    with pytest.raises(Refused, match="il pannello non ha i codici del 2022-01-01"):
        joined(of("024128"), table)
    found, said = joined(of("024128"), table, codes_on="2024-06-01")
    assert found.value("024128", "case") == 100 and not said


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["1.200", "2.300,5"], [1200, 2300.5]),  # thousands, as the comma says
        (["1.200", "0.5"], [1.2, 0.5]),  # decimals
        (["1.200", "12345"], [1.2, 12345]),  # who marks thousands would have marked these
        (["0.125", "0.250"], [0.125, 0.25]),
        (["1.250.000", "350.000", "12.400"], [1_250_000, 350_000, 12_400]),  # two points: thousands
    ],
)
def test_points_are_read_by_what_else_the_column_holds(words, numbers):
    codes = [MONZA, BESANA, "108041"][: len(words)]
    table = pd.DataFrame({"codice": codes, "mio": words})
    assert joined(of(*codes), table)[0].data["mio"].tolist() == numbers
    with pytest.raises(Refused, match="«350.000» è un numero con i decimali o con le migliaia"):
        joined(of(*codes[:2], "108041"), pd.DataFrame(
            {"codice": [MONZA, BESANA, "108041"], "mio": ["1.250.000", "350.000", "0.5"]}
        ))  # fmt: skip
