"""The site of an area: every link leads to a file of it, nothing is asked of another machine."""

import re
from html import unescape
from urllib.parse import unquote

import pytest

from needs_analysis import study
from needs_analysis.study.site import write_site


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
    assert '<a href="comuni/015182-rho.html">Rho</a>' in index
    assert '<a href="../index.html">Tutti i comuni</a>' in (
        tmp_path / "site/comuni/015182-rho.html"
    ).read_text("utf-8")
