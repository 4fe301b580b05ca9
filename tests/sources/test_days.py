import pytest

from needs_analysis.sources.days import day_in, year_in


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("elenco al 17022018", "2018-02-17"),
        ("elenco al 20180217", "2018-02-17"),
        ("Comuni 01-01-2023", "2023-01-01"),
        ("CODICI al 22_01_2024", "2024-01-22"),
        ("al 17/02/2018", "2018-02-17"),
        ("al 17.2.2018", "2018-02-17"),
        ("al 17 02 2018", "2018-02-17"),
        ("2018-02-17", "2018-02-17"),
        ("classificazioni_2018_02_17 (1).xls", "2018-02-17"),
        ("al 31-12-20", "2020-12-31"),
        ("Comuni al 31122020", "2020-12-31"),
        ("al 20-10-91", "1991-10-20"),
        ("al 1 gennaio 2023", "2023-01-01"),
        ("al 1° Gennaio 2020 per età", "2020-01-01"),
        ("al 17-feb-2018", "2018-02-17"),
        ("31 dicembre 2020", "2020-12-31"),
        ("variazioni dal 01-01-1991 al 31-12-2020", "2020-12-31"),
    ],
)
def test_a_day_is_read_in_every_form_seen(text, day):
    assert day_in(text) == day


@pytest.mark.parametrize(
    "text",
    ["", "Foglio1", "Anno 2023", "gennaio 2023", "dal 01011991", "31-02-2020", "17022118",
     "2018-02-17 e 2019-02-17", "1234567890", "13-13-2020", "edizione 2017-2018"],
)  # fmt: skip
def test_what_states_no_one_day_states_none(text):
    assert day_in(text) == ""


def test_the_first_text_with_a_day_counts():
    assert day_in("Foglio1", "al 17022018", "2023-01-01.xls") == "2018-02-17"
    assert year_in("Dati", "2019-2024", "sfratti_2023.xlsx") == "2023"
