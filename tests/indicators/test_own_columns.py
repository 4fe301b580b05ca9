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
    found, said = joined(of(VALDILANA), table)
    assert found.value(VALDILANA, "case") == 18 and np.isnan(found.value(VALDILANA, "quota_share"))
    assert "«quota_share» non si somma e resta senza valore: Valdilana" in said
    assert "le righe sono sommate: Valdilana" in said
    found, said = joined(of(VALDILANA), table.iloc[:3])
    assert np.isnan(found.value(VALDILANA, "case")) and "manca una riga, senza valore: Vald" in said
    by_name = pd.DataFrame({"comune": ["Mosso", "Trivero"], "case": [3, 4]})
    assert joined(of(VALDILANA), by_name, "comune")[0].value(VALDILANA, "case") == 7


def test_what_was_merged_after_the_panels_day_is_split_and_says_so():
    table = pd.DataFrame({"codice": ["024128"], "case": [100], "quota_share": [0.3]})
    found, said = joined(of(GAMBUGLIANO, SOVIZZO), table, vintage="2024")
    # 323 and 3,079 households in 2021.
    assert found.data["case"].tolist() == pytest.approx([100 * 323 / 3402, 100 * 3079 / 3402])
    assert found.data["quota_share"].tolist() == [0.3, 0.3]
    assert (found.quality[["case", "quota_share"]] == Quality.ALLOCATED).all(axis=None)
    assert said == "righe divise fra più comuni, valori ripartiti: Gambugliano, Sovizzo"


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
    ],
)
def test_points_are_read_by_what_else_the_column_holds(words, numbers):
    table = pd.DataFrame({"codice": [MONZA, BESANA], "mio": words})
    assert joined(of(MONZA, BESANA), table)[0].data["mio"].tolist() == numbers
