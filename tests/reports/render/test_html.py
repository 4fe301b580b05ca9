"""An invented briefing whose texts try to break out of the page."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from needs_analysis.figures import Quality, Question
from needs_analysis.reports.charts.series import series
from needs_analysis.reports.model import (
    Blank,
    Briefing,
    Chapter,
    Column,
    Picture,
    Sentence,
    Table,
    blanks,
)
from needs_analysis.reports.render.html import inline_svg, page
from needs_analysis.words import ITALIAN, Voice

HOSTILE = "<script>alert(1)</script>"
VOID = {"meta", "link", "br", "img", "hr", "input"}


def municipalities() -> Table:
    frame = pd.DataFrame(
        {
            "code": ["015146", "108033", "108039", "108001"],
            "name": ["Milano", HOSTILE, '=HYPERLINK("http://x")', "+39"],
            "rent_to_income_ratio": [0.209, np.nan, np.nan, -0.0001],
            "omi_rent_eur_m2_month": [13.5, 7.23, 4.35, 1234.5],
            "executions": [25.4, 3.0, 0.0, np.nan],
        }
    )
    quality = pd.DataFrame(
        {
            "executions": [Quality.ALLOCATED] * 3 + [Quality.OBSERVED],
            "rent_to_income_ratio": [Quality.MODELLED, Quality.SUPPRESSED, 0, 0],
        }
    ).astype("int8")
    columns = (
        Column("code", "Codice", "code"),
        Column("name", "Comune"),
        Column("rent_to_income_ratio", "Canone su reddito", "ratio"),
        Column("omi_rent_eur_m2_month", "Canone", "eur_m2_month"),
        Column("executions", "Sfratti", "count"),
    )
    sources = ("Fonte inventata, https://example.org",)
    return Table("comuni", "I comuni <inventati>", frame, columns, quality, ("Nota.",), sources)


def briefing(**changes) -> Briefing:
    years = pd.DataFrame({"n": [1.0, 2.0]}, index=[2020, 2021])
    svg = series(years, labels={"n": "Sfratti"})
    blocks = (
        Sentence("vale il 20,9 % del reddito.", HOSTILE, 'Cautela "&".'),
        municipalities(),
        Picture("serie", f"Serie {HOSTILE}", svg, f'Linee "{HOSTILE}"', ("Nota.",), ("Fonte.",)),
        Picture("serie2", "Altra serie", svg, "Linee"),
    )
    whole = Briefing(
        voice=ITALIAN,
        title=f"Monza {HOSTILE}",
        subtitle="Dati inventati",
        chapters=(Chapter("comuni", "I comuni", blocks),),
        links={"Mappa": "map.html", "Tabelle": "tables.xlsx"},
    )
    return replace(whole, **changes)


class Balanced(HTMLParser):
    """Collect tags, attributes and text; fail where an end tag has no start."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(text: str) -> Balanced:
    parser = Balanced()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser


def cells(text: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", text.partition("<tbody>")[2], flags=re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL) for row in rows]


def test_the_page_is_balanced_and_holds_nothing_active():
    found = parsed(page(briefing()))
    tags = {tag for tag, _ in found.seen}
    assert tags.isdisjoint({"script", "link", "iframe", "object", "img", "form", "base"})
    for tag, attributes in found.seen:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        for name in ("href", "src"):
            value = attributes.get(name) or "#"
            assert not re.match(r"[a-z]+:|//", value), value


def test_the_policy_names_the_hash_of_the_style():
    text = page(briefing())
    style = re.search(r"<style>(.*?)</style>", text, flags=re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(a["content"] for t, a in parsed(text).seen if t == "meta" and "http-equiv" in a)
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "url(" not in style
    assert "http" not in style


def test_missing_is_never_zero_and_quality_is_marked():
    rows = cells(page(briefing()))
    gap = "\N{NO-BREAK SPACE}"
    assert rows[0][2].startswith(f'20,9{gap}%<sup><abbr title="stimato">s')
    assert rows[1][2] == "oscurato"
    assert rows[2][2] == "n.d."
    assert rows[3][2] == f"0,0{gap}%"
    assert rows[0][4].startswith('25<sup><abbr title="ripartito dalla provincia">r')
    assert rows[2][4].startswith("0<sup>")  # a true zero stays one
    assert rows[3][4] == "n.d."
    assert rows[3][3] == "1.234,50"
    legend = re.search(r'<p class="legend">(.*?)</p>', page(briefing()), flags=re.DOTALL)[1]
    assert re.findall("<b>(.*?)</b>", legend) == ["r", "s", "oscurato", "n.d."]
    assert "<b>oscurato</b> = dato nascosto per riservatezza" in legend


def test_what_a_row_lacks_by_nature_is_blank():
    frame = pd.DataFrame({"name": ["a"], "low": [np.nan]})
    columns = (Column("name", "Misura"), Column("low", "Da", "share", optional=True))
    text = page(briefing(chapters=(Chapter("c", "C", (Table("t", "T", frame, columns),)),)))
    assert cells(text)[0][1] == ""
    assert "n.d." not in text


def test_days_and_months_are_in_the_page_s_language():
    frame = pd.DataFrame({"name": ["a", "b"], "day": ["2025-12-31", "2025-06"]})
    columns = (Column("name", "Nome"), Column("day", "Giorno", "date"))
    chapters = (Chapter("c", "C", (Table("t", "T", frame, columns),)),)
    for voice, wanted in (
        (ITALIAN, ["31/12/2025", "06/2025"]),
        (Voice("en"), ["2025-12-31", "2025-06"]),
    ):
        rows = cells(page(briefing(voice=voice, chapters=chapters)))
        assert [row[1] for row in rows] == wanted


def test_who_may_not_have_the_page_is_said_before_all_else():
    text = page(briefing(warning="Non consegnare <a nessuno>."))
    assert text.index("Non consegnare &lt;a nessuno&gt;.") < text.index("<h1>")
    assert 'class="warning"' not in page(briefing())


def test_codes_keep_their_zeros_and_names_head_the_rows():
    text = page(briefing())
    assert cells(text)[0][:2] == ["015146", "Milano"]
    assert '<th scope="row">Milano</th>' in text
    assert cells(text)[1][1] == "&lt;script&gt;alert(1)&lt;/script&gt;"


def test_ids_are_unique_and_references_within_pictures_hold():
    found = parsed(page(briefing()))
    ids = [attributes["id"] for _, attributes in found.seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in found.seen:
        for name in ("href", "aria-labelledby"):
            value = attributes.get(name) or ""
            if name == "aria-labelledby" and value:
                assert value in ids
            elif value.startswith("#"):
                assert value[1:] in ids
    colours = [a["fill"] for t, a in found.seen if t == "path" and "fill" in a]
    assert all(re.fullmatch(r"none|#\w{6}|url\(#.*\)", colour) for colour in colours)


def test_units_may_go_by_row():
    frame = pd.DataFrame(
        {
            "label": ["Canone", "Redditi bassi"],
            "area": [6.4, 0.2],
            "variable": ["omi_rent_eur_m2_month", "low_income_share"],
            "unit": ["eur_m2_month", "share"],
        }
    )
    table = Table("t", "T", frame, (Column("label", "Voce"), Column("area", "Monza", "by_row")))
    rows = cells(page(briefing(chapters=(Chapter("c", "C", (table,)),))))
    assert rows[0] == ['Canone <span class="unit">€/m² al mese</span>', "6,40"]
    assert rows[1] == ["Redditi bassi", "20,0\N{NO-BREAK SPACE}%"]


def test_english_speaks_english():
    text = page(briefing(voice=Voice("en")))
    assert '<html lang="en">' in text
    assert "20.9\N{NO-BREAK SPACE}%" in text
    assert "allocated from the province" in text
    assert "n.d." not in text


def test_the_same_briefing_gives_the_same_bytes():
    assert page(briefing()) == page(briefing())


@pytest.mark.parametrize("path", ["javascript:alert(1)", "https://x.it", "//x.it", "/etc", "\tx:y"])
def test_a_link_that_leaves_the_folder_is_refused(path):
    with pytest.raises(ValueError, match="accanto alla pagina"):
        page(briefing(links={"Mappa": path}))


def test_a_key_used_twice_is_refused():
    table = municipalities()
    with pytest.raises(ValueError, match="stessa chiave «table-comuni»"):
        page(briefing(chapters=(Chapter("c", "C", (table, table)),)))


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        '<path onload="1"/>',
        '<path style="fill:red"/>',
        "<style>*{}</style>",
        "<foreignObject/>",
        '<a href="#x"/>',
        '<use href="https://x.it/a.svg#b"/>',
        '<image href="data:image/svg+xml;base64,AAAA"/>',
        '<path fill="url(https://x.it/#a)"/>',
        "<!-- -->",
        "<path>",
    ],
)
def test_a_picture_that_is_more_than_a_drawing_is_refused(inside):
    with pytest.raises(ValueError, match="figura «p»"):
        inline_svg(f"<svg>{inside}</svg>", prefix="p", words="")


def test_what_is_left_to_fill_in_stands_shaded_with_its_question() -> None:
    asked = Question("Quanti <alloggi>?", "ALER", "Nessuno lo pubblica.")
    frame = pd.DataFrame({"place": ["Rho", "Arese"], "homes": [12.0, None]})
    columns = (Column("place", "Comune"), Column("homes", "Alloggi", "count"))
    table = Table("stock", "Stock", frame, columns, blanks={"stock:1:homes": asked})
    chapters = (
        Chapter("one", "Stock", (table,)),
        Chapter("two", "Riserve", (Blank("reserve", "Riserva", asked),), level=2),
    )
    text = page(Briefing(Voice(), "T", "", chapters))
    assert '<td class="number blank">da compilare' in text
    assert "n.d." not in text
    assert '<h3 id="chapter-two">Riserve</h3>' in text
    assert "Quanti &lt;alloggi&gt;?" in text and "Chi lo sa: ALER. Nessuno lo pubblica." in text
    assert [key for key, _, _ in blanks(chapters)] == ["stock:1:homes", "reserve"]
