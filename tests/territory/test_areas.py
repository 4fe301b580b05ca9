"""From what a person types to municipalities."""

from __future__ import annotations

import csv
from functools import partial

import pytest

from needs_analysis.errors import AreaError, SourceError
from needs_analysis.territory import DAY, areas, find, municipalities, select

HOMONYMS = {
    "Calliano": ("AT", "TN"),
    "Castro": ("BG", "LE"),
    "Livo": ("CO", "TN"),
    "Peglio": ("CO", "PU"),
    "Samone": ("TO", "TN"),
    "San Teodoro": ("ME", "SS"),
}


@pytest.mark.parametrize(
    ("words", "level", "name", "count"),
    [
        ("Italia", "italia", "Italia", 7904),
        (" ITALIA ", "italia", "Italia", 7904),
        ("ambito:Carate Brianza", "ambito", "Carate Brianza", 13),
        ("Ambito: desio", "ambito", "Desio", 7),
        ("regione:Lombardia", "regione", "Lombardia", 1506),
        ("Friuli Venezia Giulia", "regione", "Friuli-Venezia Giulia", 215),
        ("Rho", "comune", "Rho", 1),
        ("108041", "comune", "Sovico", 1),
        ("comune:bozen", "comune", "Bolzano/Bozen", 1),
        ("comune:Bolzano", "comune", "Bolzano/Bozen", 1),
        ("Aoste", "comune", "Aosta", 1),
        ("provincia:Bozen", "provincia", "Bolzano/Bozen", 116),
        ("comune:reggio nell`emilia", "comune", "Reggio nell'Emilia", 1),
        ("provincia:Reggio Emilia", "provincia", "Reggio nell'Emilia", 42),
        ("provincia:FORLI'-CESENA", "provincia", "Forlì-Cesena", 30),
        ("provincia:L'aquila", "provincia", "L'Aquila", 108),
        # Province and region hold the same municipalities: there is nothing to choose.
        ("Valle d'Aosta", "regione", "Valle d'Aosta/Vallée d'Aoste", 74),
        ("regione:Valle d'Aosta", "regione", "Valle d'Aosta/Vallée d'Aoste", 74),
        ("provincia:Aosta", "provincia", "Valle d'Aosta/Vallée d'Aoste", 74),
        ("provincia:NA", "provincia", "Napoli", 92),
        ("provincia:mb", "provincia", "Monza e della Brianza", 55),
        ("provincia:Pesaro Urbino", "provincia", "Pesaro e Urbino", 50),
        ("provincia:Massa Carrara", "provincia", "Massa-Carrara", 17),
        ("provincia:Girgenti", "provincia", "Agrigento", 43),
        ("provincia:Medio Campidano", "provincia", "Medio Campidano", 28),
        ("provincia:Carbonia-Iglesias", "provincia", "Carbonia Iglesias", 23),
    ],
)
def test_words_that_select(words, level, name, count):
    found = find(words)
    assert (found.level, found.name, len(found.codes)) == (level, name, count)


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("Desio", ["«ambito:Desio»", "«comune:Desio»"]),
        ("monza", ["«ambito:Monza»", "«provincia:Monza e della Brianza»", "«comune:Monza»"]),
        ("Bolzano", ["«provincia:Bolzano/Bozen»", "«comune:Bolzano/Bozen»"]),
    ],
)
def test_a_bare_name_valid_at_several_levels_is_refused_with_the_choices(words, choices):
    with pytest.raises(AreaError) as error:
        find(words)
    for choice in choices:
        assert choice in str(error.value)


def test_these_six_names_occur_twice():
    names = municipalities()["municipality_name"]
    assert sorted(names[names.duplicated()]) == sorted(HOMONYMS)


@pytest.mark.parametrize("name", HOMONYMS)
@pytest.mark.parametrize("prefix", ["", "comune:"])
def test_homonyms_are_refused_with_the_choices_and_taken_with_their_province(name, prefix):
    with pytest.raises(AreaError) as error:
        find(prefix + name)
    units = municipalities()
    for province in HOMONYMS[name]:
        assert f"«comune:{name} ({province})»" in str(error.value)
        found = find(f"{prefix}{name} ({province})")
        (code,) = found.codes
        assert units.loc[code, "municipality_name"] == name
        assert units.loc[code, "province_abbreviation"] == province


def test_the_key_of_an_area_selects_it_again():
    every = {
        area.key: area
        for level in areas.LEVELS
        for found in areas._level(level, DAY).values()
        for area in found
    }
    # 7,904 municipalities at least, each with a key of its own
    assert sum(key.startswith("comune:") for key in every) == 7904
    assert [key for key, area in every.items() if find(key) != area] == []


def test_unknown_names_give_the_three_nearest():
    with pytest.raises(AreaError) as error:
        find("comune:Mnza")
    assert "«comune:Monza»" in str(error.value)
    assert str(error.value).count("«comune:") == 3
    with pytest.raises(AreaError, match="«provincia:Milano»"):
        find("Milan0")


def test_an_unknown_level_lists_the_levels():
    with pytest.raises(AreaError, match="«borough:» non è un livello.*ambito:.*comune:"):
        find("borough:Rho")


def test_lists_of_codes_and_names():
    found = find(["Monza", "108041", "1001"])
    assert (found.level, found.name) == ("elenco", "3 comuni")
    assert found.codes == ("001001", "108033", "108041")
    assert find(["provincia:MB", "comune:Rho"]).codes[0] == "015182"
    assert len(find(["provincia:MB", "comune:Rho", "comune:Monza"]).codes) == 56
    assert find(["Sovico"]).key == "comune:Sovico"


def test_every_problem_of_a_list_is_said_at_once():
    with pytest.raises(AreaError) as error:
        find(["Castro", "Monza", "Mnza"])
    assert "«comune:Castro (BG)»" in str(error.value)
    assert "«Mnza»: nome non trovato" in str(error.value)
    with pytest.raises(AreaError, match="è vuoto"):
        find([])


@pytest.mark.parametrize(
    "text",
    [
        "codice;comune\r\n1001;Agliè\r\n108033;Monza\r\n",
        "\ufeffcodice,comune\n1001,Agliè\n108033,Monza\n",
        "provincia,COMUNE\nTO,AGLIE'\n\nMB,Monza\n",
        "001001\n108033\n",
        "Codice ISTAT\t nome\n001001\tx\n108033\ty\n",
    ],
)
def test_a_csv_however_excel_left_it(tmp_path, text):
    path = tmp_path / "comuni.CSV"
    path.write_bytes(text.encode())
    assert find(path).codes == ("001001", "108033")
    assert find(str(path)).codes == ("001001", "108033")


def test_all_bad_rows_of_a_csv_are_reported_with_their_numbers(tmp_path):
    path = tmp_path / "comuni.csv"
    path.write_text("comune;note\nMonza;\nXyzzy;\n\nRho;\n999999;\nLivo;\n", "utf-8")
    with pytest.raises(SourceError) as error:
        find(path)
    said = str(error.value)
    assert said.startswith("comuni.csv: ")
    assert len([*map(str, error.value.problems)]) == 3
    for row in ("riga 3: ", "riga 6: ", "riga 7: "):
        assert row in said
    assert "riga 2" not in said and str(tmp_path) not in said


@pytest.mark.parametrize("text", ["", "\n\n", "codice;comune\n"])
def test_an_empty_csv(tmp_path, text):
    path = tmp_path / "vuoto.csv"
    path.write_text(text)
    with pytest.raises(SourceError, match=r"vuoto.csv: non contiene comuni. Salvare"):
        find(path)


def test_a_csv_that_is_absent_or_no_text(tmp_path):
    with pytest.raises(SourceError, match="assente.csv: il file non esiste"):
        find(tmp_path / "assente.csv")
    path = tmp_path / "latino.csv"
    path.write_bytes("comune\nForlì\n".encode("cp1252"))  # as Excel saves in Italy
    assert find(path).codes == ("040012",)
    path.write_bytes("comune\nForlì\n".encode("utf-16"))
    with pytest.raises(SourceError, match="UTF-8"):
        find(path)


def test_the_frame_is_ready_for_a_join_and_for_metres():
    frame = select("provincia:MB")
    assert frame.index.name == "municipality_code"
    assert frame.index.is_unique and frame.index.is_monotonic_increasing
    assert frame.index.str.fullmatch(r"108\d{3}").all()
    assert frame.crs.to_epsg() == 32632
    assert frame.attrs["level"] == "provincia"
    assert frame.attrs["key"] == "provincia:Monza e della Brianza"
    assert frame.attrs["certainty"] == ""
    assert frame.area.sum() / 1e6 == pytest.approx(405, abs=3)  # ISTAT: 405.4 km2
    ambito = select("ambito:Monza").attrs
    assert (ambito["certainty"], ambito["listed_on"]) == ("knowledge", "")


def test_search_puts_exact_names_first():
    found = areas.search("monza")
    assert found["area"].tolist() == [
        "ambito:Monza",
        "comune:Monza",
        "comune:Monzambano",
        "provincia:Monza e della Brianza",
    ]
    assert found["municipalities"].tolist() == [3, 1, 1, 55]
    assert set(areas.search("samone")["area"]) == {"comune:Samone (TN)", "comune:Samone (TO)"}
    assert "comune:Sovico" in areas.search("svico")["area"].tolist()


def test_a_csv_whose_code_and_name_disagree(tmp_path):
    path = tmp_path / "comuni.csv"
    path.write_text("codice,comune\n015146,Roma\n15146,Milano\n108033,Monza (MB)\n", "utf-8")
    with pytest.raises(SourceError) as error:
        find(path)
    said = str(error.value)
    assert "riga 2: il codice 015146 è Milano, non Roma" in said
    assert "riga 3: il codice" not in said and "riga 4" not in said
    path.write_text("codice,comune\n015146,Milano\n021008,Bozen\n", "utf-8")
    assert find(path).codes == ("015146", "021008")


@pytest.mark.parametrize("limit", [131_072, 1 << 30])  # some libraries lift it
def test_a_list_with_a_field_that_no_table_has_is_one_line(tmp_path, limit, request):
    request.addfinalizer(partial(csv.field_size_limit, csv.field_size_limit(limit)))
    path = tmp_path / "comuni.csv"
    path.write_text("codice\n" + "9" * 200_000 + "\n108033\n")
    with pytest.raises(SourceError, match="comuni.csv: non è una tabella CSV"):
        areas.find(str(path))


@pytest.mark.parametrize(
    "heading", ["istat", "ISTAT", "cod_istat", "PRO_COM", "PRO_COM_T", "procom"]
)
def test_the_headings_of_codes_that_offices_use(tmp_path, heading):
    path = tmp_path / "comuni.csv"
    path.write_text(f"provincia;{heading}\nMB;108033\nTO;1001\nMI;15146.0\n", "utf-8")
    assert find(path).codes == ("001001", "015146", "108033")


def test_an_unknown_heading_is_answered_with_the_columns_found(tmp_path):
    path = tmp_path / "comuni.csv"
    path.write_text("ente;belfiore\nMonza;F704\n", "utf-8")
    with pytest.raises(SourceError) as error:
        find(path)
    assert str(error.value) == (
        "comuni.csv: riga 1: nessuna colonna si chiama «codice» (anche istat, cod_istat, PRO_COM) o "
        "«comune»: trovate «ente», «belfiore». Salvare un CSV in UTF-8 con una colonna «codice» o "
        "«comune», una riga per comune."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("codice;codice\n108033;108012\n", "riga 2: due colonne di codici non dicono lo stesso "
         "comune: 108033, 108012"),
        ("istat;pro_com\n108033;108033\n15146;108012\n", "riga 3: due colonne di codici non "
         "dicono lo stesso comune: 015146, 108012"),
        ("comune;denominazione\nMonza;Rho\n", "riga 2: due colonne di nomi non dicono lo stesso "
         "comune: Monza, Rho"),
        ("codice;note\n108033;\n;chiesto a Brugherio\n", "riga 3: la riga non ha né codice né nome"),
        ("108033;108012\n", "riga 1: altri codici accanto al primo: 108012; uno per riga"),
        ("codice;comune\n108033;Monza\n;Totale\n", "riga 3: comune «Totale»: nome non trovato"),
    ],
)  # fmt: skip
def test_no_part_of_a_csv_is_dropped_in_silence(tmp_path, text, said):
    path = tmp_path / "comuni.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(SourceError) as error:
        find(path)
    assert said in str(error.value)


def test_a_name_stands_for_a_code_that_is_blank(tmp_path):
    path = tmp_path / "comuni.csv"
    path.write_text("codice;pro_com;comune\n108033;108033;Monza\n;;Brugherio\n", "utf-8")
    assert find(path).codes == ("108012", "108033")
