"""Every number of the page has a key and a cell: page and workbook say the same."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser

import openpyxl
import pandas as pd
import pytest
from indices import DISTRESS
from matplotlib.figure import Figure
from matplotlib.text import Text

from needs_analysis.reports import content, findings
from needs_analysis.reports.chapters import municipalities, ready
from needs_analysis.reports.chapters.by_municipality import neighbours
from needs_analysis.reports.model import (
    Chapter,
    Column,
    Number,
    Picture,
    Sentence,
    Table,
    number,
    numbers,
    plain,
)
from needs_analysis.reports.render import html, workbook
from needs_analysis.services import create_key, write_invented
from needs_analysis.services.files.inputs import ServiceFiles
from needs_analysis.territory import select
from needs_analysis.told import tell
from needs_analysis.words import ITALIAN, Voice

pytestmark = pytest.mark.usefixtures("few_draws")

VOID = {"meta", "link", "br", "img", "hr", "input"}
# What holds no number of ours: drawings, headings and the traces of each number, row by row.
APART = {
    "style",
    "svg",
    "title",
    "h1",
    "h2",
    "th",
    "strong",
    "caption",
    "figcaption",
    "summary",
    "nav",
}
# Numbers that have no key, and why: a page or a day, the name of a definition, a rule, a parameter.
CLOSED = {
    "page": (
        r"\d\d/\d\d/\d{4}", r"needs-analysis [\d.]+\d", r"1° gennaio (2022|2025)",
        r"31 dicembre 2025", r"(19|20)\d\d-(19|20)\d\d",
        r"(19|20)\d\d([/-][12])?( \+ (19|20)\d\d([/-][12])?)*", r"e altri \d+ gruppi",
    ),
    "heading": (
        r"^Un quadro dai dati pubblici: [\d.]+ comun[ei]",
        r"75 anni e più", r"85 e più", r"sotto i 15 anni", r"per 100 ragazzi", r"di 65 e più",
        r"fra 18 e 34 anni", r"fino a 10.000 €", r"([Pp]er|[Oo]gni) 1.000( famiglie| residenti)?",
        r"di tipo \d", r"stesso tipo, \d", r"[Tt]ipo 1", r"posto 1", r"canoni \+\d+ %",
        r"fino a 10.000 euro", r"Anni di reddito per 80 m²", r"il 30 % del reddito netto",
        r"^\d\. ", r"media italiana circa 100", r"15° Censimento", r"CC BY( \d\.\d)?",
        r"circa .? ?comuni su 100", r"comuni su 100",
        r"^(entries|exits|retention|returns|first_time|length_of_stay|stay_survival|long_stays) \d$",
        r"^(follow_up|goals|scales|answers|refusals|team_load|activities|resources|fees) \d$",
    ),
    "rule": (
        r"il 30 % del reddito dichiarato", r"più alti del 30 %", r"La soglia del 30 %",
        r"il 40 % del reddito", r"40 % del reddito", r"è il 30 %", r"75 m² lordi, 60( m²)? netti",
        r"di 75 m²", r"fra 10.000 e 15.000 €", r"ogni peso fino al 25 %", r"95 %",
        r"più di 100 letti", r"oltre 1,3 volte", r"entro 20 km", r"del 90 % dei comuni",
        r"Con 90 %", r"ricondotta a 100", r"sommano a 100", r"circa 1,6 per famiglia",
        r"circa 0 se", r"1 se ", r"0 se ", r"\(1 = [^)]*\)", r"così lontano da 0",
        r"i conteggi sotto 5 \(sotto 10 per i gruppi sensibili\)", r"Sotto 5 rispondenti",
        r"(meno di|almeno) 2\.000 famiglie", r"meno di 10(?!\d)", r"(?<!\d)10-30(?!\d)",
        r"ISEE sotto 16\.000 €",
        r"una quota del 50 % su dieci uscite può valere davvero fra il 24 e il 76 %",
    ),
    "law": (
        r"[LR]\.R\. \d+/", r"(art|c)\. \d+( (bis|ter))?( e \d+( (bis|ter))?)?",
        r"(oltre [37]\.000 e )?fino a (3|7|16)\.000 €", r"entro il 31 dicembre dell'anno prima",
        r"Dove al massimo è 0",
    ),
}  # fmt: skip


class Page(HTMLParser):
    """The numbers of a page with their keys and cells, and the text that stands outside them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.keyed: list[tuple[str, str, str]] = []
        self.figures: list[tuple[list[str], list[str]]] = []
        self.loose: list[str] = [""]
        self.within = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag in VOID:
            return
        # A trace is apart row by row; the annex opens like one and is read like the page.
        self.open.append("origin" if "origin" in (said.get("class") or "") else tag)
        if tag in ("p", "td", "li", "details", "small"):
            self.loose.append("")
        if tag == "figure":
            both = (said.get(name, "").split(";") for name in ("data-key", "data-cell"))
            self.figures.append(tuple(both))
        elif "data-key" in said:
            self.keyed.append((said["data-key"], said.get("data-cell", ""), ""))
            self.within = len(self.open)

    def handle_endtag(self, _tag):
        if len(self.open) == self.within:
            self.within = 0
        self.open.pop()

    def handle_data(self, data):
        data = data.replace("\N{NO-BREAK SPACE}", " ")
        if self.within:
            if self.open[-1] not in ("abbr", "span"):
                key, cell, text = self.keyed[-1]
                self.keyed[-1] = (key, cell, text + data)
        elif not APART & set(self.open) and "origin" not in self.open:
            self.loose[-1] += data


# A drawing's axes, classes and scale of lengths, its years and months, and the ranks it is drawn among.
SCALE = (
    r"[\d.,]+ – [\d.,]+", r"[\d.,]+ km", r"\d\d?", r"posto \(5-95 %\)", r"intervallo al 95 %",
    r"Redditi fino a 10\.000 €, fra i dichiaranti",
    r"Provvedimenti di sfratto ogni 1\.000 famiglie",
    r"In affitto oltre il 40 % del reddito, ogni 1\.000 famiglie \(stima\)",
    r".*; in cifre al \d+ [a-z]+ \d{4}", r"meno di 5(, o nascoste)?",
)  # fmt: skip
AREAS = ("ambito:Carate Brianza", "comune:Lirio", "provincia:MB")


@pytest.fixture(scope="module", params=AREAS)
def made(request, tmp_path_factory):
    """Compose an area, that of a province with invented services, and keep the texts that are drawn."""
    folder = tmp_path_factory.mktemp("numbers")
    services = invented_services(folder) if request.param == "provincia:MB" else None
    texts: list[str] = []

    def kept(figure, *given, **options):
        on_axes = {one for axes in figure.axes for one in ticks_of(axes)}
        shown = (one for one in figure.findobj(Text) if one not in on_axes and one.get_visible())
        texts.extend(" ".join(one.get_text().split()) for one in shown)
        return drawn(figure, *given, **options)

    drawn = Figure.savefig
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", kept)
        spec = DISTRESS if request.param == "ambito:Carate Brianza" else None
        found = replace(findings.find(select(request.param), spec=spec), services=services)
        briefing = content.compose(found)
    path = folder / "tables.xlsx"
    workbook.write(briefing.sheets, path, title="Prova")
    return found, briefing, Page(html.page(briefing)), openpyxl.load_workbook(path), texts


def ticks_of(axes):
    return (
        *axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label, axes.yaxis.label,
    )  # fmt: skip


def invented_services(folder):
    write_invented(folder / "dati")
    create_key(folder / "chiave")
    kinds = dict.fromkeys(("register", "referrals", "survey"), "dati/modello_servizi.xlsx")
    more = {"measures": "dati/modello_misure_locali.xlsx", "key": "chiave", "period": "2025"}
    return tell(ServiceFiles.from_mapping(kinds | more, folder).read())


def value_of(text: str, voice: Voice = ITALIAN) -> Decimal:
    """Read the number that a text begins with."""
    digits = re.match(r"[+-]?[\d.,]*\d", text).group()
    return Decimal(digits.replace(voice.thousands_sign, "").replace(voice.decimal_sign, "."))


def in_cell(book, place: str):
    sheet, _, address = place.rpartition("!")
    return book[sheet.strip("'").replace("''", "'")][address]


@pytest.mark.slow
def test_page_and_workbook_say_the_same_number_under_a_key(made):
    _, _, page, book, _ = made
    assert len(page.keyed) > 200
    for key, place, text in page.keyed:
        assert place, f"{key} has no cell"
        assert_same(text, in_cell(book, place), (key, place, text))


@pytest.mark.slow
def test_the_numbers_of_a_drawing_have_their_keys_and_cells_on_the_figure(made):
    _, briefing, page, book, _ = made
    pictures = [
        one for chapter in briefing.chapters for one in chapter.blocks if isinstance(one, Picture)
    ]
    assert len(page.figures) == len(pictures) >= 3
    for picture, (keys, places) in zip(pictures, page.figures, strict=True):
        assert keys == [one.key for one in picture.said]
        for one, place in zip(picture.said, places, strict=True):
            assert_same(one.text, in_cell(book, place), (picture.key, one.key, place))


@pytest.mark.slow
def test_a_drawing_writes_no_number_without_a_key(made):
    """Its letters are drawn: what matplotlib was given to write is looked at."""
    _, briefing, _, _, texts = made
    pictures = (
        one for chapter in briefing.chapters for one in chapter.blocks if isinstance(one, Picture)
    )
    drawn = (one for picture in pictures for text in picture.drawn for one in numbers(text))
    known = {one.text.replace("\xa0", " ") for one in drawn}
    left = []
    for text in dict.fromkeys(texts):
        if any(re.fullmatch(one, text) for one in SCALE) and text not in known:
            continue
        named = re.sub(r"^\d\. ", "", text)  # the name of a type
        found = re.findall(r"[+-]?\d[\d.,]*\d(?: %)?|\d(?: %)?", named)
        left += [(text, one) for one in found if one not in known]
    assert left == []


def assert_same(text: str, cell, where) -> None:
    """Compare a printed number with its cell, as finely as it is printed."""
    said = value_of(text)
    value = Decimal(f"{cell.value:.15g}") * (100 if "%" in cell.number_format else 1)
    seen = value.quantize(Decimal(1).scaleb(said.as_tuple().exponent), ROUND_HALF_UP)
    assert seen == said, (where, cell.value)


@pytest.mark.slow
def test_one_key_is_one_number(made):
    """A key that two tables share has the same value in both."""
    _, briefing, _, _, _ = made
    values: dict[str, float] = {}
    for table in briefing.sheets:
        for column in table.columns:
            shown = zip(
                table.keys(column), table.displays(column), table.frame[column.name], strict=True
            )
            for key, display, value in shown:
                if display is not None and pd.notna(value):
                    assert values.setdefault(key, value) == pytest.approx(value), (table.key, key)


@pytest.mark.slow
def test_a_number_without_a_key_is_of_the_closed_list(made):
    _, briefing, page, _, _ = made
    every = [one for kinds in CLOSED.values() for one in kinds]
    left = []
    for text in page.loose:
        rest = " ".join(text.split())
        for one in every:
            rest = re.sub(one, " ", rest)
        rest = rest.replace("km²", "").replace("m²", "")
        if re.search(r"\d", rest):
            left.append(rest)
    assert left == []


@pytest.mark.slow
def test_the_ten_sentences_have_their_cells_in_two_sheets(made):
    """Totals and comparisons of the sentences stand in «confronto», «totali» or the area's tables."""
    found, briefing, _, _, _ = made
    ten = next(one for one in briefing.chapters if one.key == "frasi")
    rest = next(one for one in briefing.sheets if one.key == "numeri")
    said = {one.key for block in ten.blocks for one in numbers(block.text + block.note)}
    assert {"area:households", "italy:mean_taxable_income_eur"} <= said
    if found.has("annual_rent_eur"):
        assert {"italy:monthly_rent_eur", "area:rent_weight_low_share"} <= said
    assert not said & set(rest.frame.index)


@pytest.mark.slow
def test_tables_by_municipality_end_with_area_province_region_and_italy(made):
    found, briefing, _, book, _ = made
    keys = [key for key in ("area", "province", "region", "italy") if key in found.groups]
    shown = [
        one for chapter in briefing.chapters for one in chapter.blocks if isinstance(one, Table)
    ]
    every = [one for one in (*briefing.sheets, *shown) if one.closing]
    every = [one for one in every if not one.key.startswith("Servizi ")]  # those end with a sum
    short = [one for one in every if one.key.startswith("Word ")]
    for table in short:  # of those for documents the last row is the sum, where it can be one
        for name in {"resident_population", "households"} & set(table.frame):
            assert table.frame[name].iloc[-1] == table.frame[name].iloc[:-1].sum()
        assert len(table.columns) <= ready.MOST_COLUMNS
    own = [one for one in every if not one.key.startswith("Word ")]
    assert len(own) == 9  # the page's, the base figures, the six components and the intervals
    for table in own:
        assert list(table.frame.index[-table.closing :]) == keys
        names = table.frame[table.columns[table.stub].name].iloc[-table.closing :]
        assert list(names) == [found.labels[key] for key in keys]
    base = next(one for one in own if one.key == "Dati di base").frame
    assert base.loc["italy", "households"] == 26_206_246
    assert base.loc["area", "households"] == found.area["households"].sum()
    sheet = book["Dati di base"]
    last = int(sheet.auto_filter.ref.rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    assert (
        sheet.cell(last + len(keys), 2).value == "Italia"
    )  # the filter leaves them where they are


def test_a_number_keeps_its_key_through_a_sentence():
    said = ITALIAN.say("il {share} di {count}", share=number("a:x_share", 0.83, ITALIAN, "share"),
                       count=number("a:n", 1200, ITALIAN))  # fmt: skip
    said = ITALIAN.elided(said)
    assert plain(said) == "l'83,0 % di 1.200"
    assert numbers(said) == [
        Number("a:x_share", 0.83, "83,0 %", "share"), Number("a:n", 1200.0, "1.200")
    ]  # fmt: skip
    assert number("a:n", float("nan"), ITALIAN) == "n.d."


def test_a_hidden_cell_has_no_number_to_point_at():
    frame = pd.DataFrame({"name": ["a", "b"], "n": [3.0, None]})
    quality = pd.DataFrame({"n": [0, 4]}, dtype="int8")
    columns = (Column("name", "Nome"), Column("n", "Numero", "count"))
    made = Table("t", "T", frame, columns, quality)
    assert workbook.addresses([made], {"t:0:n", "t:1:n"}) == {"t:0:n": "'t'!B4"}


def test_a_number_of_no_table_has_a_cell_in_the_last_sheet():
    said = Sentence(f"Sono {number('area:guests', 7, ITALIAN)}.", "Ospiti.")
    chapter = Chapter("x", "Capitolo", (said,))
    (table,) = content.numbers_table((chapter,), (), ITALIAN)
    assert workbook.addresses([table], {"area:guests"}) == {"area:guests": "'numeri'!D4"}
    assert table.frame.loc["area:guests", ["chapter", "sentence", "number"]].tolist() == [
        "Capitolo", "Ospiti.", 7.0
    ]  # fmt: skip
    assert content.numbers_table((chapter,), (table,), ITALIAN) == ()


def test_a_single_municipality_of_a_large_province_has_its_neighbours_on_the_page():
    """Lirio's province has 186 municipalities: its page is of Lirio and those around it."""
    found = findings.find(select("comune:Lirio"))
    (table,) = municipalities.by_municipality(found).blocks
    assert table.key == "comuni" and "018082" in table.frame.index
    assert len(table.frame) - table.closing == len(neighbours(found)) < 20
