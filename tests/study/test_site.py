"""The site of an area: every link leads to a file of it, nothing is asked of another machine."""

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from needs_analysis import study
from needs_analysis.study.site import write_site

VOID = {"meta", "link", "br", "img", "hr", "input", "source", "col", "wbr"}


class Strict(HTMLParser):
    """A reader of HTML that forgives nothing: what opens is closed in order, no name is given twice."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.wrong: list[str] = []
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> stays open" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        said = [name for name, _ in attrs]
        if len(set(said)) < len(said):
            self.wrong.append(f"<{tag}> says one thing twice: {said}")
        name = dict(attrs).get("id")
        if name is not None and (not name or " " in name or name in self.names):
            self.wrong.append(f"<{tag}> id «{name}»")
        self.names |= {name} - {None}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


@pytest.mark.parametrize(
    "text",
    ["<p><b>a</p></b>", "<div>", '<p id="a"></p><p id="a"></p>', "<p></p></p>", '<i a="" a="">'],
)
def test_what_is_no_html_is_seen(text):
    assert Strict(text).wrong


@pytest.mark.whole
def test_every_link_of_a_site_leads_to_a_file_of_it(tmp_path) -> None:
    asked = study.Study(("015182", "015009"), name="Rho & Arese", chapters=("breve", "comuni"))
    paths = write_site(asked, tmp_path / "site")
    pages = [path for path in paths if path.suffix == ".html"]
    assert {path.name for path in pages} == {
        "index.html", "map.html", "015182-rho.html", "015009-arese.html",
    }  # fmt: skip
    followed = 0
    for page in pages:
        text = page.read_text("utf-8")
        strict = Strict(text)
        assert text.startswith("<!DOCTYPE html>") and strict.wrong == [], page.name
        inside = {unquote(one) for one in re.findall(r"""<a [^>]*?href=["']#([^"']+)""", text)}
        assert inside <= strict.names, page.name
        if page.name != "map.html":  # its script is its own, under a policy that its test reads
            assert "<script" not in text
            assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", text)
        for link in re.findall(r"""<a [^>]*?href=["']([^"'#]+)""", text):
            if page.name == "map.html" and link.startswith("https://"):
                continue  # who drew the map's library: a link, not a request
            assert (page.parent / unquote(unescape(link))).is_file(), (page.name, link)
            followed += 1
    assert followed > len(pages)
    index = (tmp_path / "site/index.html").read_text("utf-8")
    assert "Rho &amp; Arese: i dati sulla casa" in index
    sheet = "schede/015182-rho.html"
    assert f'<a href="territorio/{sheet}">Rho</a>' in index
    area = tmp_path / "site/territorio"
    assert f'<a href="{sheet}">Rho</a>' in area.joinpath("index.html").read_text("utf-8")
    assert '<a href="../index.html">Il territorio</a>' in area.joinpath(sheet).read_text("utf-8")
