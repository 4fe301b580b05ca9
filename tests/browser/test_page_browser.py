"""The page and the sheet in Chromium: read with a keyboard and a screen reader, printed, offline."""

from __future__ import annotations

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader

from needs_analysis import study
from needs_analysis.reports import content
from needs_analysis.reports.render import html
from needs_analysis.study.finding import find
from needs_analysis.study.sheets import write_sheets

pytestmark = pytest.mark.browser

GRAVE = {"serious", "critical"}


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """The whole page of a small ambito."""
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(html.page(content.compose(find(study.Study("ambito:Desio")))), "utf-8")
    return path


@pytest.fixture(scope="module")
def sheet_files(tmp_path_factory):
    """The sheets of a village without rents, of a town, of a city, of a place without evictions."""
    folder = tmp_path_factory.mktemp("sheets")
    places = ("018082", "comune:Lissone", "comune:Milano", "comune:Villarosa")
    return [write_sheets(study.Study(one), folder / str(i))[0] for i, one in enumerate(places)]


@pytest.fixture
def opened(chromium):
    """Open a file; at the end nothing but it was asked for and nothing was complained of."""
    made = []

    def opening(file, width=1280):
        context = chromium.new_context(viewport={"width": width, "height": 800})
        page, asked, complaints = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(file.as_uri())
        made.append((context, file, asked, complaints))
        return page

    yield opening
    for context, file, asked, complaints in made:
        context.close()
        # what begins with data: is in the page itself
        assert [one for one in asked if not one.startswith("data:")] == [file.as_uri()]
        assert complaints == []


@pytest.mark.parametrize("width", [1280, 375])
def test_a_screen_reader_finds_nothing_serious(opened, page_file, sheet_files, width):
    for file in (page_file, sheet_files[0]):
        page = opened(file, width)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        found = Axe().run(page).response["violations"]
        grave = [
            (one["id"], one["impact"], [node["html"][:200] for node in one["nodes"][:3]])
            for one in found if one["impact"] in GRAVE
        ]  # fmt: skip
        assert grave == []


@pytest.mark.parametrize("width", [1280, 375])
def test_the_page_does_not_overflow(opened, page_file, sheet_files, width):
    for file in (page_file, *sheet_files):
        assert opened(file, width).evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_reaches_what_opens(opened, page_file):
    page = opened(page_file)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("a[href], summary, .scroll")]
             .filter((one) => one.checkVisibility()).length"""
    )
    reached, kinds = 1, set()
    while reached <= wanted:
        page.keyboard.press("Tab")
        kind = page.evaluate(
            "document.activeElement.tagName + '.' + document.activeElement.className"
        )
        if kind.startswith("BODY"):
            break
        kinds.add(kind)
        reached += 1
    assert reached == wanted
    assert {"A.more", "A.", "DIV.scroll", "SUMMARY."} <= kinds
    page.locator("details.annex > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("details.annex").get_attribute("open") is not None


def test_a_link_into_the_annex_opens_it(opened, page_file):
    page = opened(page_file)
    inside = page.evaluate(
        """() => [...document.querySelectorAll("main a[href^='#']")]
             .map((one) => one.getAttribute("href"))
             .filter((one) => document.getElementById(one.slice(1))?.closest("details.annex"))"""
    )
    unknown = page.evaluate(
        """() => [...document.querySelectorAll("a[href^='#']")]
             .map((one) => one.getAttribute("href").slice(1))
             .filter((one) => !document.getElementById(one))"""
    )
    assert unknown == []
    assert inside


def test_a_sheet_is_printed_on_two_pages(opened, sheet_files):
    for file in sheet_files:
        printed = opened(file).pdf(prefer_css_page_size=True)
        assert len(PdfReader(io.BytesIO(printed)).pages) == 2, file.name


def test_the_answer_stands_on_the_first_screen(opened, page_file):
    page = opened(page_file)
    page.set_viewport_size({"width": 1280, "height": 900})
    ends = page.evaluate(
        """() => [".judgement", ".figures li", ".things li"].map((kind) =>
             [...document.querySelectorAll(`.answer ${kind}`)].map((one) =>
               one.getBoundingClientRect().bottom))"""
    )
    assert [len(kind) for kind in ends] == [1, 3, 3]
    assert max(end for kind in ends for end in kind) <= 900


def test_the_page_is_printed_on_four_pages_and_an_annex(opened, page_file):
    printed = PdfReader(io.BytesIO(opened(page_file).pdf(prefer_css_page_size=True)))
    texts = [" ".join(one.extract_text().split()) for one in printed.pages]
    first_of = {
        head: next(at for at, text in enumerate(texts, 1) if head in text)
        for head in ("Come cambia", "Per comune", "Il bisogno: che cosa lo sposta")
    }
    assert first_of["Come cambia"] <= first_of["Per comune"] <= 4
    assert first_of["Il bisogno: che cosa lo sposta"] == 5  # the annex begins on a page of its own
