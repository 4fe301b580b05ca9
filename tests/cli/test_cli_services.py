"""The commands on services, and that nothing they write tells who the guests are."""

from __future__ import annotations

import base64
import contextlib
import csv
import io
import os
import re
import shutil
import tomllib
import traceback
import zipfile
import zlib
from pathlib import Path

import joblib
import openpyxl
import pyarrow.parquet as pq
import pytest

from needs_analysis import cli, services, territory
from needs_analysis.cli.output import called
from needs_analysis.errors import Refused
from needs_analysis.reports.chapters.services_measures import CODE, RULE, VALUE
from needs_analysis.services import create_key, read_register, read_stays
from needs_analysis.services.files import templates
from needs_analysis.services.files.inputs import named
from needs_analysis.services.files.schema import BOOKS, TABLES
from needs_analysis.told import deliveries, difference, publication, telling

pytestmark = pytest.mark.whole

SERVICES = "modello_servizi"
MEASURES = "modello_misure_locali"
# Unmistakable, and of every kind that must not be told.
NAME = "Mario Zzmarchesi"
TAX_CODE = "ZZXMRC80A01F205Q"
PHONE = "347 9988776"
GUEST = "ZZOSPITE"
HOUSEHOLD = "ZZFAMIGLIA"
STREET = "via Zzsegreta 3"
REFUGE = "ZZRIFUGIO"
WORDS = "zzparole libere"
MARKS = (NAME, "Zzmarchesi", TAX_CODE, PHONE, GUEST, HOUSEHOLD, "Zzsegreta", WORDS)


def run(*words: object) -> tuple[int, str]:
    """Run a command in this process; returns its exit code and all that it said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code = cli.app([str(word) for word in words], standalone_mode=False) or 0
        except Refused as error:
            said.write(f"Errore: {error}\n{traceback.format_exc()}")
            code = 2
        except SystemExit as error:
            code = int(error.code or 0)
    return code, said.getvalue()


def texts(folder: Path):
    """Yield every file of a folder, or one file, as text, opened as far as a reader could."""
    within = [folder] if folder.is_file() else folder.rglob("*")
    for path in (one for one in within if one.is_file()):
        data = path.read_bytes()
        yield path, data
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((path, archive.read(name)) for name in archive.namelist())
        if path.suffix == ".parquet":
            yield path, repr(pq.read_table(path).to_pylist()).encode()
        for blob in re.findall(rb"[A-Za-z0-9+/=]{200,}", data if path.suffix == ".html" else b""):
            with contextlib.suppress(ValueError):
                inner = base64.b64decode(blob)
                yield path, inner
                with contextlib.suppress(zlib.error):
                    yield path, zlib.decompress(inner, wbits=47)


def assert_silent(marks, *, folder: Path | None = None, said: str = "") -> None:
    """Refuse every mark in what was said and written, whatever its case."""
    wanted = [mark.casefold() for mark in marks]
    for mark in wanted:
        assert mark not in said.casefold(), mark
    for path, data in texts(folder) if folder else ():
        plain = data.decode("utf-8", "ignore").casefold()
        wide = data.decode("utf-16-le", "ignore").casefold()
        for mark in wanted:
            assert mark not in plain and mark not in wide, (path.name, mark)


@pytest.fixture(scope="module", autouse=True)
def published_once():
    """What of some data is published is worked out once; returns what works it out each time."""
    made, known = publication.publish, {}

    def publish(register, stays, period, profile="published", overrides=None):
        asked = (register, stays, period, profile, overrides or {})
        key = joblib.hash(asked)
        if key not in known:
            known[key] = made(*asked)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        for module in (telling, difference):
            patch.setattr(module, "publish", publish)
        yield made


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with invented data and a key beside them."""
    folder = tmp_path_factory.mktemp("servizi")
    assert run("services", "example", "--out", folder / "dati")[0] == 0
    assert run("services", "key", folder / "chiave")[0] == 0
    return folder


@pytest.fixture(scope="module")
def book(place) -> Path:
    return place / "dati" / f"{SERVICES}.xlsx"


@pytest.fixture(scope="module")
def monitored(place, book) -> dict[str, Path]:
    """What `services monitor` makes of 2025, for whom it may go to."""
    made = {profile: place / f"{profile}.xlsx" for profile in ("published", "internal")}
    for profile, out in made.items():
        code, said = run("services", "monitor", book, book, "--key", place / "chiave",
                         "--period", "2025", "--profile", profile, "--out", out, "-q")  # fmt: skip
        assert code == 0, said
    return made


def sheet_texts(path: Path) -> list[str]:
    book = openpyxl.load_workbook(path, read_only=True)
    return [
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    ]


# ---------------------------------------------------------------- what the commands do


def test_templates_and_key_are_never_overwritten(tmp_path):
    assert run("services", "template", "--out", tmp_path / "m", "--csv")[0] == 0
    assert (tmp_path / "m" / SERVICES / "accoglienze.csv").exists()
    code, said = run("services", "template", "--out", tmp_path / "m", "--csv")
    assert (code, "esiste già" in said) == (2, True)
    assert run("services", "key", tmp_path / "k")[0] == 0
    before = (tmp_path / "k").read_bytes()
    assert run("services", "key", tmp_path / "k")[0] == 2
    assert (tmp_path / "k").read_bytes() == before


def test_the_example_is_labelled_and_checks_without_errors(place, book):
    titles = [text for text in sheet_texts(book) if "dati inventati" in text.casefold()]
    assert len(titles) >= len(BOOKS[SERVICES])
    code, said = run("services", "check", book.parent, "--key", place / "chiave")
    assert code == 0
    assert "Errore" not in said
    assert "permanenza oltre 18 mesi" in said
    assert "Letti: 11 servizi, " in said and "180 segnalazioni" in said
    assert said.rstrip().endswith("12 misure.")


def test_check_refuses_what_monitor_refuses_and_says_the_rows(place, book, tmp_path):
    data = openpyxl.load_workbook(book)
    data["accoglienze"]["D4"], data["accoglienze"]["E5"] = "ZZ9", "ZZP"
    data.save(tmp_path / "s.xlsx")
    key = ("--key", place / "chiave")
    code, said = run("services", "check", tmp_path / "s.xlsx", *key)
    assert code == 2
    words = ("riga 4, colonna «codice servizio»: servizio «ZZ9» non nel registro",
             "riga 5, colonna «codice posto»: posto «ZZP» non nel registro")  # fmt: skip
    assert all(f"Errore: accoglienze: foglio «accoglienze», {one}" in said for one in words)
    out = ("--period", "2025", "--out", tmp_path / "m.xlsx", "-q")
    code, refused = run("services", "monitor", tmp_path / "s.xlsx", *key, *out)
    assert code == 2
    assert all(one in refused for one in words)


def test_check_says_that_a_file_is_missing_before_anything_of_the_key(place, tmp_path):
    code, said = run("services", "check", tmp_path / "nulla.xlsx", "--key", place / "chiave")
    assert (code, said.count("il file non esiste")) == (2, 2)
    assert "chiave" not in said
    shutil.copytree(place / "dati", tmp_path / "dati")
    shutil.copy(place / "chiave", tmp_path / "dati")
    code, said = run("services", "check", tmp_path / "dati", "--key", tmp_path / "dati" / "chiave")
    assert code == 2
    assert "una cartella che non sia dentro quella dei dati" in said


def test_check_reads_local_measures_alone_without_a_key(place, tmp_path):
    assert run("services", "check", place / "dati" / f"{MEASURES}.xlsx") == (
        0, "Letti: 12 misure.\nNessun errore, nessun avviso.\n"
    )  # fmt: skip
    data = openpyxl.load_workbook(place / "dati" / f"{MEASURES}.xlsx")
    data["misure"]["D4"] = "n.d."
    data.save(tmp_path / "m.xlsx")
    code, said = run("services", "check", tmp_path / "m.xlsx")
    assert code == 2
    assert "Errore: misure locali: foglio «misure», riga 4, colonna «stanziato (€)»" in said
    assert "«dato non trasmesso»" in said
    code, said = run("services", "check", place / "dati")
    assert (code, "manca --key" in said) == (2, True)


def test_check_of_an_empty_template_says_what_has_no_rows(place, tmp_path):
    run("services", "template", "--out", tmp_path)
    code, said = run("services", "check", tmp_path, "--key", place / "chiave")
    assert code == 0
    for sheet in ("servizi", "alloggi", "posti", "accoglienze", "misure"):
        assert f"Avviso: foglio «{sheet}»: non ha righe" in said
    assert "segnalazioni" not in said


def test_monitor_writes_rules_intervals_and_hides_small_counts(monitored):
    published, internal = (sheet_texts(monitored[name]) for name in ("published", "internal"))
    assert any("positive_exits" in one or one == "exits 1" for one in published)
    assert any("intervall" in one.casefold() for one in published)
    assert any("sotto 5" in one for one in published)
    assert not any(one.startswith("S0") for one in published)  # no row of a stay
    assert any(one.startswith("S0") for one in internal)
    assert any("Non consegnare" in one for one in internal)
    assert any("dati inventati" in one for one in published)


def test_a_protected_service_appears_by_its_ambito_only(monitored):
    said = sheet_texts(monitored["published"])
    assert any("Servizi protetti: Monza" in one for one in said)
    assert not any("U3" in one or "Appartamento protetto" in one for one in said)


def test_the_same_data_give_the_same_workbook(
    place, book, tmp_path, monitored, monkeypatch, published_once
):
    monkeypatch.setattr(telling, "publish", published_once)
    # For whom it may go to is published if nobody says.
    run("services", "monitor", book, book, "--key", place / "chiave", "--period", "2025",
        "--out", tmp_path / "again.xlsx", "-q")  # fmt: skip
    assert (tmp_path / "again.xlsx").read_bytes() == monitored["published"].read_bytes()


def test_diff_names_the_cause_and_values_only_internally(place, book, tmp_path):
    words = ("services", "diff", book, book, "--key", place / "chiave", "--period", "2025",
             "--old-period", "2024", "-q")  # fmt: skip
    assert run(*words, "--out", tmp_path / "p.xlsx")[0] == 0
    assert run(*words, "--out", tmp_path / "i.xlsx", "--profile", "internal")[0] == 0
    published = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert published.sheetnames == ["Differenze"]
    cells = [cell.value for row in published["Differenze"].iter_rows() for cell in row]
    assert "periodo" in cells
    assert not any(isinstance(cell, float | int) for cell in cells)
    internal = openpyxl.load_workbook(tmp_path / "i.xlsx")
    assert internal.sheetnames == ["Differenze", "Dati cambiati", "Righe"]
    for sheet in internal:
        assert "profilo interno: non consegnare" in sheet["A1"].value
        assert "non consegnare" in sheet.oddFooter.left.text
        assert "415 accoglienze" in sheet["A2"].value
    assert not any("415" in str(cell) for cell in cells)


@pytest.mark.parametrize("profile", ["published", "internal"])
def test_diff_reads_a_delivery_as_monitor_wrote_it(place, book, tmp_path, monitored, profile):
    words = (book, "--key", place / "chiave", "--period", "2025", "-q", "--profile", profile)
    found = ("services", "diff", book, *words, "--old-report", monitored[profile])
    code, said = run(*found, "--out", tmp_path / "d.xlsx")
    assert code == 0, said
    assert "Nessuna differenza fra le due consegne." in said
    assert "regola" not in said
    assert "Nessuna differenza fra le due consegne." in sheet_texts(tmp_path / "d.xlsx")


def of_heads(sheet, *heads):
    """Return the line of the heads of a sheet, and where the wanted ones stand in it."""
    lines = list(sheet.iter_rows())
    number, line = next((at, one) for at, one in enumerate(lines)
                        if set(heads) <= {cell.value for cell in one})  # fmt: skip
    where = {cell.value: at for at, cell in enumerate(line)}
    return lines[number + 1 :], [where[head] for head in heads]


def test_diff_knows_by_which_rule_an_earlier_delivery_counted(place, book, tmp_path, monitored):
    words = (book, "--key", place / "chiave", "--period", "2025", "-q", "--profile", "internal")
    told = openpyxl.load_workbook(monitored["internal"])
    sheet = told["Servizi misure"]
    lines, (code, rule, value) = of_heads(sheet, CODE, RULE, VALUE)
    row = next(one for one in lines if one[code].value == "exits service:A1")
    assert row[rule].value == "exits 1"
    row[rule].value, row[value].value = "exits 0", 99
    told.save(tmp_path / "allora.xlsx")
    found = ("services", "diff", book, *words, "--old-report", tmp_path / "allora.xlsx")
    code, said = run(*found, "--out", tmp_path / "d.xlsx")
    assert (code, "1 cifra cambiata. Per causa: regola 1." in said) == (0, True), said
    listed = openpyxl.load_workbook(tmp_path / "d.xlsx")["Differenze"]
    lines, at = of_heads(listed, "Prima", "Adesso", "Per la regola", "Versione", "Di chi")
    ((old, new, by_rule, version, where),) = [[row[one].value for one in at] for row in lines]
    assert (old, by_rule, version) == (99, new - 99, "0 → 1")
    assert where.startswith("A1 Rete di appartamenti")
    row[rule].value = "exits 1"
    told.save(tmp_path / "allora.xlsx")
    said = run(*found, "--out", tmp_path / "d.xlsx")[1]
    assert "Avviso: Cifre consegnate che i dati di prima" in said
    row[rule].value = ""
    told.save(tmp_path / "allora.xlsx")
    code, said = run(*found, "--out", tmp_path / "d.xlsx")
    assert (code, "1 riga non è più com'era" in said) == (2, True), said
    sheet["A1"].value, sheet.title = "altro", "altro"
    told.save(tmp_path / "allora.xlsx")
    code, said = run(*found, "--out", tmp_path / "d.xlsx")
    assert code == 2
    assert "consegna di prima" in said and "«Servizi misure»" in said


def test_capacity_tells_places_and_what_cannot_be_asked():
    words = ("services", "capacity", "--requests", "12", "--stay-days", "300", "-q")
    code, said = run(*words)
    assert code == 0
    assert re.search(
        r"Posti necessari perché il 90,0 % entri entro 30 giorni: \d+ \(da \d+ a \d+\)", said
    )
    code, said = run(*words, "--places", "5")
    assert code == 2
    assert "la lista cresce senza fine" in said
    code, said = run("services", "capacity", "--requests", "0", "--stay-days", "300", "-q")
    assert "--requests è 0: deve superare 0" in said


def test_the_fewest_places_lie_above_a_whole_load():
    words = ("services", "capacity", "--stay-days", "365", "--places", "5", "-q")
    for requests, load in (("5", "5,0"), ("5.04", "5,04")):
        code, said = run(*words, "--requests", requests)
        assert code == 2
        assert f"con {load} posti sempre richiesti e 5 posti la lista cresce senza fine" in said
        assert "ne servono almeno 6" in said


def test_capacity_of_own_data_writes_a_workbook_and_says_it(place, book, tmp_path):
    out = tmp_path / "posti.xlsx"
    code, said = run("services", "capacity", "--register", book, "--key",
                     place / "chiave", "--period", "2025", "--share", "0.8", "--days", "60",
                     "--patience-days", "200", "--out", out, "-q")  # fmt: skip
    assert code == 0, said
    assert openpyxl.load_workbook(out).sheetnames == [
        "Servizi posti necessari", "Servizi posti per gruppo", "Servizi attese", "Servizi ipotesi",
    ]  # fmt: skip
    lines = said.splitlines()
    lines = lines[lines.index(str(out)) :]  # what is odd in the files comes first
    assert lines[:2] == [str(out), "Dati inventati."]
    assert lines[2].startswith("Stima. Perché l'80 % di chi chiede entri entro 60 giorni servono")
    assert lines[3].startswith("Condividere i posti. Ognuno per conto suo")
    assert lines[4].startswith("Con i posti di oggi. ")
    assert "Chi aspetta rinuncia in media dopo 200 giorni, come indicato" in lines[5]
    assert any("donne (con o senza figli)" in text for text in sheet_texts(out))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "da numeri (--requests e --stay-days) oppure dai propri dati (--register, --key e "
             "--period)."),
        (("--requests", "3", "--register", "x"), "qui ci sono insieme --requests, --register."),
        (("--requests", "3", "--stay-days", "9", "--out", "x.xlsx"), "insieme --requests, --stay"),
        (("--register", "x", "--stays", "y"), "mancano --key, --period: servono --register, --key e"),
        (("--register", "x", "--period", "2025"), "manca --key: servono --register, --key e"),
        (("--places", "3", "--requests", "9"), "manca --stay-days: servono --requests e"),
    ],
)  # fmt: skip
def test_capacity_takes_numbers_or_own_data(words, told):
    code, said = run("services", "capacity", *words)
    assert code == 2
    assert told in said


def test_a_period_without_requests_is_no_plan(place, book, tmp_path):
    words = ("services", "capacity", "--register", book, "--stays", book, "--period", "2020")
    code, said = run(*words, "--key", place / "chiave", "--out", tmp_path / "p.xlsx", "-q")
    assert code == 2
    assert "Allungare il periodo" in said
    assert not (tmp_path / "p.xlsx").exists()


def test_siting_keeps_what_is_open_and_places_the_protected_by_ambito(book, tmp_path):
    words = ("services", "siting", "ambito:Desio", "--register", book, "-q")
    code, said = run(*words, "--new", "1", "--out", tmp_path / "s.xlsx")
    assert code == 0, said
    assert "Nuovi alloggi: " in said
    roles = [text for text in sheet_texts(tmp_path / "s.xlsx") if text in ("c'è già", "nuovo")]
    assert sorted(roles) == ["c'è già", "nuovo"]
    page = (tmp_path / "s.html").read_text("utf-8")
    for part in ("Dove aprire (dati inventati)", "Ambito di Desio, 7 comuni", "nuovo sito scelto"):
        assert part in page
    code, said = run(*words, "--new", "99", "--out", tmp_path / "s.xlsx")
    assert code == 2
    assert "--new va da 0 a" in said
    code, said = run(*words, "--new", "0", "--out", tmp_path / "oggi.xlsx")
    assert (code, "la situazione di oggi" in said) == (0, True)
    assert "nuovo" not in sheet_texts(tmp_path / "oggi.xlsx")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("Italia", "--new", "1"), "il territorio è troppo grande (7904 comuni"),
        (("comune:Sovico", "--new", "1", "--protected"), "ambiti interi"),
        (("comune:Sovico", "--new", "1"), "Sovico è un comune solo: non c'è da scegliere dove"),
        (("ambito:Monza", "--new", "0"), "con --new 0 si guarda la situazione di oggi"),
        (
            ("ambito:Monza", "--new", "1", "--need", "coastal"),
            "si sceglie fra: overburdened_tenants",
        ),
        (("ambito:Monza", "--new", "1", "--reach", "-1"), "--reach è -1: deve essere da 0 in su"),
        (("ambito:Monza", "--new", "1", "--distances", "assente.csv"), "non si può aprire"),
    ],
)
def test_what_siting_cannot_do_is_said_in_italian(tmp_path, words, told):
    code, said = run("services", "siting", *words, "--out", tmp_path / "s.xlsx", "-q")
    assert (code, told in said) == (2, True), said
    assert not list(tmp_path.iterdir())


def test_two_questions_do_not_share_a_file(place, book, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    key = ("--key", place / "chiave", "-q")
    for words in (
        ("siting", "ambito:Desio", "--new", "1", "-q"),
        ("siting", "ambito:Desio", "--new", "2", "-q"),
        ("siting", "ambito:Desio", "--new", "1", "--reach", "5", "-q"),
        ("monitor", book, *key, "--period", "2025"),
        ("monitor", book, *key, "--period", "2024-01-01/2024-06-30", "--profile", "internal"),
        ("diff", book, book, *key, "--period", "2025", "--old-period", "2024"),
    ):
        code, said = run("services", *words)
        assert code == 0, said
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "dove-aprire-ambito-desio-1-entro-5.html", "dove-aprire-ambito-desio-1-entro-5.xlsx",
        "dove-aprire-ambito-desio-1.html", "dove-aprire-ambito-desio-1.xlsx",
        "dove-aprire-ambito-desio-2.html", "dove-aprire-ambito-desio-2.xlsx",
        "servizi-2024-01-01-2024-06-30-interno.xlsx", "servizi-2025.xlsx",
        "servizi-differenze-2025-da-2024.xlsx",
    ]  # fmt: skip


def test_a_long_list_of_codes_names_a_file():
    codes = ",".join(f"1080{one:02}" for one in range(1, 50))
    names = {called(codes, ending=".xlsx").name, called(codes[:-7], ending=".xlsx").name}
    assert len(names) == 2 and all(len(name) < 100 for name in names)


def test_csv_alone_is_for_excel(tmp_path):
    for words in (("--csv",), ("--csv", "excel"), ("--csv", "plain")):
        out = tmp_path / "-".join(words)
        assert run("services", "template", *words, "--out", out)[0] == 0
        text = (out / "modello_servizi" / "posti.csv").read_bytes()
        assert text.startswith(b"\xef\xbb\xbf") == (words[-1] != "plain")


def test_what_is_odd_in_the_files_is_said_by_every_command(place, tmp_path):
    data = templates.write_invented(tmp_path / "dati", as_csv=True)[0]
    (data / "altro.csv").write_text("x\n")
    key = ("--key", place / "chiave", "-q", "--out", tmp_path / "m.xlsx")
    for words in (("monitor", data), ("diff", data, data)):
        code, said = run("services", *words, *key, "--period", "2025")
        assert (code, said.count("Avviso: file non letto")) == (0, 1), said


def test_siting_with_travel_times_mends_lost_zeros_aloud(tmp_path):
    codes = territory.select("ambito:Alto Milanese").index
    times = tmp_path / "minuti.csv"
    rows = [["", *(code.lstrip("0") for code in codes)]]
    rows += [[code, *("0" if code == one else "10,5" for one in codes)] for code in codes]
    write_rows(times, rows)
    code, said = run("services", "siting", "ambito:Alto Milanese", "--new", "2", "--distances", times,
                     "--out", tmp_path / "s.xlsx", "-q")  # fmt: skip
    assert code == 0, said
    assert f"{len(codes)} codici avevano perso lo zero iniziale" in said
    assert "Distanza (min)" in sheet_texts(tmp_path / "s.xlsx")


def test_hmis_rows_are_never_published(place, tmp_path):
    code, said = run(
        "services", "hmis", tmp_path, "--key", place / "chiave", "--out", tmp_path / "o"
    )
    assert code == 2
    assert "--profile internal" in said
    assert not (tmp_path / "o").exists()


def test_a_wrong_period_is_said_in_italian(place, book, tmp_path):
    code, said = run("services", "monitor", book, book, "--key", place / "chiave",
                     "--period", "25", "--out", tmp_path / "x.xlsx")  # fmt: skip
    assert (code, "il periodo si scrive 2025" in said) == (2, True)
    assert not (tmp_path / "x.xlsx").exists()


# ---------------------------------------------------------------- nobody is told


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def write_rows(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def mark(path: Path, table: str, column: str, value) -> None:
    """Write a mark in every cell of a column that is filled, or in all with `everywhere`."""
    rows = rows_of(path)
    at = rows[0].index(TABLES[table].field(column).header)
    for number, row in enumerate(rows[1:], start=1):
        row[at] = value(number, row[at])
    write_rows(path, rows)


@pytest.fixture(scope="module")
def marked(tmp_path_factory) -> Path:
    """Data whose every cell that may hold one names persons; so do the folders and the key."""
    folder = tmp_path_factory.mktemp("marcati")
    templates.write_invented(folder / "dati", as_csv=True)
    data = folder / f"{NAME} {TAX_CODE}"
    (folder / "dati").rename(data)
    books = data / SERVICES
    for table in ("stays", "referrals"):
        path = books / f"{TABLES[table].sheet}.csv"
        mark(path, table, "household", lambda _, old: old and f"{HOUSEHOLD}{old}")
    stays = books / "accoglienze.csv"
    mark(stays, "stays", "guest", lambda _, old: f"{GUEST}{old}")
    mark(stays, "stays", "over_stay_reason", lambda _, old: old and WORDS)
    mark(books / "alloggi.csv", "dwellings", "address", lambda _, __: STREET)
    secret = {row[0] for row in rows_of(books / "servizi.csv")[1:] if row[-1] == "sì"}
    assert secret
    rows = rows_of(books / "servizi.csv")
    for row in rows[1:]:
        if row[0] in secret:
            row[1] = row[2] = REFUGE
    write_rows(books / "servizi.csv", rows)
    for table, column in (("referrals", "to_member"), ("survey", "about_member")):
        path = books / f"{TABLES[table].sheet}.csv"
        mark(path, table, column, lambda row, old: REFUGE.lower() if row % 3 == 0 else old)
    question = books / f"{TABLES['survey'].sheet}.csv"
    mark(
        question,
        "survey",
        "question",
        lambda row, old: f"{old} ({REFUGE})" if row % 5 == 0 else old,
    )
    create_key(folder / "Zzmarchesi chiave")
    return folder


def commands(folder: Path, out: Path, profile: str) -> list[tuple[object, ...]]:
    """Every command that reads confidential data."""
    data = folder / f"{NAME} {TAX_CODE}" / SERVICES
    key = ("--key", folder / "Zzmarchesi chiave")
    quiet = ("--profile", profile)
    return [
        ("services", "check", data, data, *key),
        ("services", "monitor", data, data, *key, "--period", "2025", "--out", out / "m.xlsx", *quiet),
        ("services", "diff", data, data, *key, "--period", "2025", "--old-period", "2024",
         "--out", out / "d.xlsx", *quiet),
        ("services", "capacity", "--register", data, "--stays", data, *key, "--period", "2025",
         "--patience-days", "90", "--out", out / "c.xlsx", *quiet),
        ("services", "siting", "ambito:Desio", "--new", "1", "--register", data,
         "--out", out / "s.xlsx"),
        ("services", "siting", "provincia:MB", "--new", "1", "--register", data, "--protected",
         "--out", out / "sp.xlsx"),
    ]  # fmt: skip


@pytest.mark.parametrize("profile", ["published", "internal"])
def test_no_command_tells_a_guest(marked, tmp_path, profile):
    out = tmp_path / "uscite"
    out.mkdir()
    for words in commands(marked, out, profile):
        code, said = run(*words)
        assert code == 0, said
        assert_silent(MARKS, said=said)
    assert_silent(MARKS, folder=out)
    if profile == "published":
        assert_silent([REFUGE], folder=out)
        pseudonyms = {
            str(value)
            for column in ("guest", "household")
            for value in read_stays(
                marked / f"{NAME} {TAX_CODE}" / SERVICES, marked / "Zzmarchesi chiave"
            )
            .stays[column]
            .dropna()
        }
        assert_silent(sorted(pseudonyms)[:50], folder=out)


def study_file(marked: Path, profile: str, **more: str) -> Path:
    base = f"{NAME} {TAX_CODE}"
    fields = {
        "register": f"{base}/{SERVICES}", "stays": f"{base}/{SERVICES}",
        "referrals": f"{base}/{SERVICES}", "survey": f"{base}/{SERVICES}",
        "measures": f"{base}/{MEASURES}", "key": "Zzmarchesi chiave", "period": "2025",
        "profile": profile,
    } | more  # fmt: skip
    lines = "\n".join(f'{name} = "{value}"' for name, value in fields.items())
    path = marked / f"studio-{profile}.toml"
    path.write_text(f'[study]\narea = "comune:Sovico"\n\n[services]\n{lines}\n', "utf-8")
    return path


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize("profile", ["published", "internal"])
def test_no_study_tells_a_guest(marked, tmp_path, profile, kept_folder, computed_folder):
    before = set(computed_folder.glob("*.parquet"))
    code, said = run("run", study_file(marked, profile), "--out", tmp_path / "studio")
    assert code == 0, said
    marks = [*MARKS, *([REFUGE] if profile == "published" else [])]
    assert_silent(marks, folder=tmp_path, said=said)
    for kept in (kept_folder, *set(computed_folder.glob("*.parquet")) - before):
        assert_silent(MARKS, folder=kept)
    written = tomllib.loads((tmp_path / "studio" / "study.toml").read_text("utf-8"))["services"]
    assert set(written) == {
        "register",
        "stays",
        "referrals",
        "survey",
        "measures",
        "period",
        "profile",
    }
    assert all(written[kind].startswith("sha256:") for kind in ("register", "stays", "measures"))
    assert str(marked) not in (tmp_path / "studio" / "provenance.json").read_text("utf-8")
    # Invented data are labelled so: of them nothing is remembered.
    assert not deliveries.memory_of(marked / "Zzmarchesi chiave").exists()


@pytest.mark.parametrize("missing", ["register", "key", "stays", "measures"])
def test_a_study_without_a_file_names_its_kind_alone(marked, tmp_path, missing):
    path = study_file(marked, "published", **{missing: f"{NAME} {TAX_CODE}/Zzmarchesi"})
    code, said = run("run", path, "--out", tmp_path / "studio")
    assert code == 2
    assert_silent(MARKS, said=said, folder=tmp_path)
    kind = {"register": "registro", "key": "chiave", "stays": "accoglienze",
            "measures": "misure locali"}[missing]  # fmt: skip
    assert kind in said


REFUSED = (TAX_CODE, PHONE, "zzposta@zzesempio.it", NAME)
READERS = {
    "services": "register", "dwellings": "register", "places": "register", "stays": "stays",
    "activities": "stays", "absences": "stays", "referrals": "referrals", "survey": "survey",
    "measures": "policies",
}  # fmt: skip


@pytest.mark.parametrize("table", list(TABLES))
def test_a_marker_in_any_field_is_refused_and_never_repeated(marked, tmp_path, table):
    """Every field of every table in turn holds a tax code, a phone number, an e-mail, a name."""
    folder = MEASURES if table == "measures" else SERVICES
    base = tmp_path / folder
    shutil.copytree(marked / f"{NAME} {TAX_CODE}" / folder, base)
    for path in base.glob("*.csv"):
        write_rows(path, rows_of(path)[:7])
    path = base / f"{TABLES[table].sheet}.csv"
    if folder == SERVICES:
        known = rows_of(base / "accoglienze.csv")[1][0]
        for other in ("attivita.csv", "assenze.csv"):
            rows = rows_of(base / other)
            write_rows(base / other, [rows[0], *([known, *row[1:]] for row in rows[1:])])
    clean = rows_of(path)
    key = marked / "Zzmarchesi chiave"
    kind = READERS[table]
    read = getattr(services, f"read_{kind}")
    paths = (base, key) if kind in ("stays", "referrals") else (base,)
    for one in TABLES[table].fields:
        rows = [list(row) for row in clean]
        at = rows[0].index(one.header)
        for row, value in zip(rows[1:], REFUSED, strict=False):
            row[at] = value
        write_rows(path, rows)
        if one.personal:  # whatever they are written as, persons become pseudonyms
            assert_silent([*MARKS, "zzposta"], said=repr(named(kind, read, *paths)))
            continue
        with pytest.raises(Refused) as caught:
            named(kind, read, *paths)
        said = "".join(traceback.format_exception(caught.value)) + repr(caught.value.problems)
        assert_silent([*MARKS, "zzposta"], said=said)
        refused = len(caught.value.problems)
        # A register names bodies and streets: there a word may be a first name.
        assert refused >= len(REFUSED) - (not TABLES[table].about_persons), one.name


def test_headers_and_sheets_that_name_a_person_are_not_repeated(marked, tmp_path):
    base = tmp_path / SERVICES
    shutil.copytree(marked / f"{NAME} {TAX_CODE}" / SERVICES, base)
    rows = rows_of(base / "accoglienze.csv")
    for row in rows:
        row.append(NAME)
    rows[0][-1] = TAX_CODE
    write_rows(base / "accoglienze.csv", rows)
    shutil.copy(base / "assenze.csv", base / f"{NAME} {TAX_CODE}.csv")
    key = marked / "Zzmarchesi chiave"
    for words in (
        ("services", "check", base, base, "--key", key),
        ("services", "monitor", base, base, "--key", key, "--period", "2025",
         "--out", tmp_path / "uscite" / "m.xlsx"),
    ):  # fmt: skip
        code, said = run(*words)
        assert code == 2
        assert_silent(MARKS, said=said)


def test_hmis_keeps_its_clients_to_itself(marked, tmp_path):
    folder = tmp_path / f"{NAME} export"
    folder.mkdir()
    files = {
        "Project": "ProjectID,OrganizationID,ProjectName,ProjectType,TargetPopulation,DateDeleted\n"
                   "p1,o1,Casa,2,4,\n",
        "Inventory": "InventoryID,ProjectID,BedInventory,InventoryStartDate,InventoryEndDate,"
                     "DateDeleted\ni1,p1,3,2024-01-01,,\n",
        "Enrollment": "EnrollmentID,PersonalID,ProjectID,EntryDate,HouseholdID,DateDeleted\n"
                      f"e1,{GUEST}1,p1,2024-02-01,{HOUSEHOLD}1,\n",
        "Exit": "ExitID,EnrollmentID,PersonalID,ExitDate,Destination,DateDeleted\n"
                f"x1,e1,{GUEST}1,2024-08-01,410,\n",
        "Client": "PersonalID,FirstName,LastName,NameDataQuality,SSN,DOB,DateDeleted\n"
                  f"{GUEST}1,Mario,Zzmarchesi,1,{TAX_CODE},1980-01-01,\n",
    }  # fmt: skip
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    key = marked / "Zzmarchesi chiave"
    words = ("services", "hmis", folder, "--key", key, "--profile", "internal", "--csv")
    code, said = run(*words, "--out", tmp_path / "convertiti")
    assert_silent(MARKS, said=said)
    assert code == 0, said
    assert_silent(MARKS, folder=tmp_path / "convertiti")
    assert len(read_register(tmp_path / "convertiti" / SERVICES).places) == 3
    (folder / "Enrollment.csv").write_text(
        files["Enrollment"].replace("2024-02-01", GUEST), "utf-8"
    )
    code, said = run(*words, "--out", tmp_path / "altri")
    assert code == 2
    assert_silent(MARKS, said=said)
    assert not os.path.exists(tmp_path / "altri")
