"""The page of a map: one HTML file under a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from needs_analysis.words import Voice

SCRIPTS = ("leaflet.js", "map_profile.js", "map_compare.js", "map_share.js", "map.js")
"""The code of the page in the order in which it is read."""


@cache
def words(voice: Voice, *drawn: str) -> dict[str, str]:
    """Return the words of the page and of what is drawn, and the signs of its numbers.

    Examples
    --------
    >>> [words(Voice(), *drawn)["municipality"] for drawn in ((), ("siting",), ("siting", "ambito"))]
    ['Comune', 'Comune', 'Ambito']
    """
    text: dict[str, dict[str, str]] = tomllib.loads(asset("assets/map_text.toml"))
    found = {"decimal": voice.decimal_sign, "group": voice.thousands_sign}
    for part in ("page", *drawn):
        found |= {name: voice.say(one) for name, one in text[part].items()}
    return found


@cache
def asset(name: str) -> str:
    """Return a text file of the page's: style, code, template."""
    return (resources.files("needs_analysis.reports") / name).read_text(encoding="utf-8")


class _Raw(Element):
    """Text put into the page as it is: branca would read `{{` in a name as a Jinja expression."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Raw"
        self.text = text


class _Page(Figure):
    """The HTML file: language, title, and a policy that names every script by its hash."""

    def __init__(self, voice: Voice, title: str) -> None:
        super().__init__()
        self.voice, self.title, self.policy = voice, title, ""
        self.header = Element()
        self.header._parent = self

    def render(self, **kwargs: Any) -> str:
        """Render the children first, then hash the scripts they left."""
        for child in self._children.values():
            child.render(**kwargs)
        head, body, script = (
            part.render(**kwargs) for part in (self.header, self.html, self.script)
        )
        inline = re.findall(r"<script>(.*?)</script>", head, flags=re.DOTALL)
        self.policy = content_policy([*inline, script])
        page = Template(asset("templates/map_page.html"))
        return str(page.render(this=self, head=head, body=body, script=script))


def content_policy(scripts: Iterable[str]) -> str:
    """Return a policy under which nothing is fetched and only these scripts run."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'"
        for one in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


class AreaMap(folium.Map):
    """A folium map without tiles, CDN links or a header that forbids zooming the page."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    payload: Mapping[str, Any] = MappingProxyType({})
    """What ``assets/map.js`` draws."""
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, "
        "{center: {{ this.location|tojson }}, ...{{ this.options|tojavascript }}});"
        "{% endmacro %}"
    )


class _Layer(MacroElement):
    """Shapes, legend, panel, search and table."""

    def __init__(self, map_name: str, body: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "AreaLayer"
        self.map_name, self.body, self.payload = map_name, body, payload

    def render(self, **_: Any) -> str:
        """Put style and code into the head, the page's parts into the body, the call at the end."""
        page, name = self.get_root(), self.map_name
        if not isinstance(page, _Page):
            raise TypeError("the layer is drawn in the page that `drawn` made")
        for sheet in ("leaflet.css", "map.css"):
            page.header.add_child(_Raw(f"<style>{asset(f'assets/{sheet}')}</style>"), name=sheet)
        for code in SCRIPTS:
            page.header.add_child(_Raw(f"<script>{asset(f'assets/{code}')}</script>"), name=code)
        template = Template(asset("templates/map.html"))
        payload = json.dumps(self.payload, ensure_ascii=False, separators=(",", ":"))
        body = template.render(self.body, map_name=name, payload=payload.replace("<", "\\u003c"))
        page.html.add_child(_Raw(body), name="area")
        call = f'areaMap({name}, JSON.parse(document.getElementById("na-data").textContent));'
        page.script.add_child(_Raw(call), name="area")
        return ""


def drawn(body: Mapping[str, Any], payload: Mapping[str, Any], voice: Voice) -> AreaMap:
    """Put the words and the figures of a map into its page.

    Parameters
    ----------
    body : mapping
        What ``templates/map.html`` prints, escaped, and ``plain_title``, which is not.
    payload : mapping
        What ``assets/map.js`` draws.
    voice : Voice
        Of the page's words.
    """
    map_ = AreaMap(
        location=[0, 0], zoom_start=5, tiles=None, prefer_canvas=True, zoom_control=False,
        attribution_control=False, zoom_snap=0.25, min_zoom=4, max_zoom=15,
    )  # fmt: skip
    # branca names elements at random; a study must give the same bytes twice.
    map_._id = "area"
    map_.payload = payload
    _Page(voice, body["plain_title"]).add_child(map_)
    map_.add_child(_Layer(map_.get_name(), body, payload), name="layer")
    return map_
