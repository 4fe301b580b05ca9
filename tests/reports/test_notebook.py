"""What a notebook shows: first rows with their quality, escaped, small, no script and no network."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import needs_analysis as na
from needs_analysis.composite import Choices, Indicator, SensitivityResult, Spec, UncertaintyResult
from needs_analysis.disclosure import Rules
from needs_analysis.errors import ParameterError, Refused
from needs_analysis.figures import Displayed, Figures, Quality
from needs_analysis.households import Estimate, Scenario
from needs_analysis.municipal.series import Series
from needs_analysis.needs.estimate import of_estimates
from needs_analysis.patterns import LocalPattern, Moran, Regions, Typology
from needs_analysis.policies.mix import Mix
from needs_analysis.provenance import Rows, Source, Trace
from needs_analysis.reports import notebook
from needs_analysis.services import Period
from needs_analysis.told.telling import Shown, Told

EVIL = """<script>alert(1)</script><b onclick="x" class='y'>&<img src=x>"""
TAGS = {
    "div",
    "b",
    "span",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "sup",
    "details",
    "summary",
    "code",
}


class Looked(HTMLParser):
    """The tags and attributes of a page; those that are open at its end."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.open = set(), set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def page_of(result) -> str:
    """Return what a notebook shows, which is checked to be harmless and small."""
    page = result._repr_html_()
    looked = Looked(page)
    assert looked.tags <= TAGS and looked.attributes <= {"style", "title", "open"}
    assert looked.open == [] and len(page.encode()) < 60_000
    assert "url(" not in page and len(repr(result)) < 600
    return page


def large(rows: int = 1000, columns: int = 300) -> Figures:
    frame = pd.DataFrame(
        np.arange(rows * columns, dtype=float).reshape(rows, columns),
        index=[f"{EVIL} {at}" for at in range(rows)],
        columns=[f"{EVIL}{at}" * 20 for at in range(columns)],
    )
    return Figures.of(frame, vintage=EVIL, sources=[EVIL * 50])


SOURCE = Source("x", EVIL, EVIL, "2021", EVIL, EVIL, EVIL, "0")


def deep(levels: int) -> Trace:
    if not levels:
        return Trace(EVIL, 1.0, table=EVIL, key=EVIL, source=SOURCE)
    return Trace(EVIL * 9, 2.0, "sum", "observed", EVIL, tuple(deep(levels - 1) for _ in range(7)))


def many_rows() -> Trace:
    of = tuple(f"{EVIL}{at}" for at in range(500))
    ones, yes = (1.0,) * 500, (True,) * 500
    rows = Rows(of, of, EVIL, of, ones, ("observed",) * 500, yes, ones, EVIL)
    return Trace(EVIL, 500.0, "sum", "observed", EVIL, table=EVIL, source=SOURCE, rows=rows)


def index(rows: int = 500):
    names = [EVIL, "b"]
    spec = Spec("made_score", label_it=EVIL,
                indicators=tuple(Indicator(name, polarity=1) for name in names))  # fmt: skip
    draws = np.random.default_rng(1).random((rows, 2))
    frame = pd.DataFrame(draws, columns=names, index=[f"{EVIL}{at}" for at in range(rows)])
    return na.composite.build(frame, spec, base=frame)


def patterns() -> list:
    units = [f"{EVIL}{at}" for at in range(300)]
    frame = pd.DataFrame({"value": 1.0, "lag": 1.0, "local_i": 1.0, "pseudo_p": 0.01,
                          "p_threshold": 0.02, "label": "high_high"}, index=units)  # fmt: skip
    labels = pd.Series([1, 2] * 150, index=units)
    means = pd.DataFrame({EVIL: [1.0, 2.0]}, index=[1, 2])
    none: tuple = ((), (), ())
    width = pd.Series([0.4, 0.3], index=[2, 3])
    return [
        Moran(0.5, -0.1, 3.0, 0.01, 0.02, 99, 300, *none, pd.DataFrame()),
        LocalPattern(frame, 99, 0.05, *none, pd.DataFrame()),
        Typology(labels, means, means, width, width, width, (), (), EVIL, EVIL, 1),
        Regions(labels, pd.Series([9e4, 8e4], index=[1, 2]), 5e4, 0.7, (), (), pd.DataFrame()),
    ]


def trials() -> list:
    names = [f"{EVIL}{at}" for at in range(2000)]
    ranks = pd.DataFrame({"rank": 1.0, "rank_low": 1.0, "top_tenth_share": 0.25}, index=names)
    factors = pd.DataFrame({"first_order": [0.5], "total_order": [0.6]}, index=[EVIL])
    return [
        UncertaintyResult(ranks, Choices(), 100, 1),
        SensitivityResult(factors, 3.5, Choices(), 100, 1),
    ]


def need():
    """A need with a count of an office that is small: 3 foreclosures in Monza."""
    panel = pd.DataFrame({"households": [1000.0]}, index=["108033"])
    burdened = pd.DataFrame({"overburdened_tenants": [60.4]}, index=["108033"])
    counts = pd.DataFrame({"municipality_code": ["108033"], "group": ["foreclosure"],
                           "count": [3.0], "day": [dt.date(2026, 6, 30)]})  # fmt: skip
    return of_estimates(panel, burdened, counts)


def mix() -> Mix:
    columns = ("helped", "units", "spent_eur", "fixed_eur", "out_of_need_low", "out_of_need",
               "out_of_need_high", "deadweight")  # fmt: skip
    chosen = pd.DataFrame([[4.0, np.nan, 9000.0, 0.0, 2.0, 3.0, 4.0, 1.0]], index=[EVIL],
                          columns=columns).assign(outcome="burden")  # fmt: skip
    return Mix(chosen, pd.DataFrame(), 10_000.0, {"burden": 1.0}, 3.0, 3.0, 0.0, "optimal", 0.4)


def told() -> Told:
    rows = pd.DataFrame({"measure": ["places_ready", "occupancy_share"], "level": "all",
                         "level_value": "", "value": [np.nan, 0.5], "rule": EVIL})  # fmt: skip
    why = pd.DataFrame({"value": ["primary", ""]})
    shown, empty = Shown(rows, why), Shown(pd.DataFrame(), pd.DataFrame())
    return Told("published", EVIL, Period.year(2025), Rules.of(), shown, {}, pd.DataFrame(), (), {},
                77, 777, empty, None, empty)  # fmt: skip


def results() -> dict:
    dates = [str(year) for year in range(1990, 2030)]
    values = pd.DataFrame(1.5, index=[EVIL, "b"], columns=dates)
    breaks = pd.DataFrame(
        {"unit": ["", EVIL], "date": "2018", "reason": ["unlinked", "count_broken"]}
    )
    found = {"figures": large(), "trace": deep(4), "rows": many_rows(), "index": index(),
             "series": Series(EVIL, Figures.of(values), breaks, breaks, "2022-01-01"),
             "need": need(), "mix": mix(), "told": told()}  # fmt: skip
    return found | {type(one).__name__: one for one in (*patterns(), *trials())}


def test_whatever_a_result_holds_its_page_is_escaped_small_and_asks_for_nothing():
    for name, result in results().items():
        page = page_of(result)
        assert "<script" not in page and "<img" not in page, name


def test_every_result_that_shows_itself_has_a_page_and_every_page_a_result():
    assert {one.__name__ for one in Displayed.__subclasses__()} == set(notebook._PAGES)


def test_first_rows_with_quality_date_source_and_interval_when_pointed_at():
    index = pd.Index(["108033", "108039"], name="municipality_code", dtype="str")
    frame = pd.DataFrame({"low_income_share": [0.2, np.nan], "households": [56209.0, 1.0]}, index)
    ends = pd.DataFrame({"low_income_share": [0.1, np.nan]}, index)
    quality = pd.DataFrame({"low_income_share": [2, 5], "households": [0, 1]}, index).astype("int8")
    given = Figures.of(frame, quality=quality, vintage="2021", low=ends, high=ends * 3,
                       sources=["mef_incomes"])  # fmt: skip
    page = page_of(given)
    assert '<th style="white-space:nowrap">108033 Monza</th>' in page
    assert 'title="stimato, 2021, fra 0,100 e 0,300">0,200 <sup>s</sup></td>' in page
    assert 'title="osservato, 2021">56.209</td>' in page
    assert 'title="dato mancante, 2021">n.d.</td>' in page
    assert "Dichiaranti fino a 10.000 euro. " in page and "Dipartimento delle Finanze" in page
    for text in ("stimato 1", "osservato 1", "ripartito 1", "dato mancante 1"):
        assert f"{text}</span>" in page
    assert repr(given) == "<Figures: 2 rows, 2 columns (low_income_share, households)>"


def test_a_small_count_of_an_office_is_not_in_a_saved_notebook():
    page = page_of(need())
    assert "riservato" in page and "stima" not in repr(need())
    assert ">3<" not in page and ">3 " not in page
    assert ">60" in page, page
    page = page_of(told())
    assert "oscurato" in page and "50,0 %" in page
    assert "777" not in page and "777" not in repr(told())  # places: told where figures tell them
    page = page_of(mix())
    # 4 households with 9,000 euro, 2,250 each: ten would cost 22,500, said to two figures.
    assert ">meno di 10 <" in page and ">meno di 23.000<" in page
    assert "9.000" not in page and "Spesi" not in page
    assert repr(mix()) == f"<Mix of 10,000 EUR: {EVIL}>"
    many = mix()
    many.chosen.loc[EVIL, "helped"] = 20.0
    assert ">9.000<" in page_of(many) and "Spesi 9.000 euro." in page_of(many)
    assert ".totals()" not in page_of(need()) and "na.told.tell_need(...)" in page_of(need())


def test_a_page_of_the_internal_profile_says_so_first():
    warning = "</b><div>Profilo interno: contiene conteggi piccoli. Non consegnare.</div>"
    inside = na.told.tell_need(need(), "internal")
    assert warning in inside._repr_html_()
    assert "Profilo interno" not in na.told.tell_need(need())._repr_html_()
    assert repr(inside).startswith("<ToldNeed, internal: ")
    assert warning in page_of(replace(told(), profile="internal"))
    assert "Profilo interno" not in page_of(told())


def test_a_measure_without_a_value_is_missing_and_what_is_cut_is_counted():
    rows = pd.DataFrame({"measure": ["occupancy_share"], "level": "all", "level_value": "",
                         "value": [np.nan], "rule": "r"})  # fmt: skip
    shown = Shown(rows, pd.DataFrame({"value": [""]}))
    page = page_of(replace(told(), figures=shown))
    assert '<td style="background:#88888822" title="r">n.d.</td>' in page and "n.d. %" not in page
    long = mix()
    nine = pd.concat([long.chosen] * 9).set_axis([f"P{at}" for at in range(9)])
    page = page_of(replace(long, chosen=nine))
    assert "P7" in page and "P8" not in page and "... e un&#39;altra<" in page
    years = [str(year) for year in range(2000, 2012)]
    values = pd.DataFrame([range(12)], index=["b"], columns=years, dtype=float)
    none = pd.DataFrame({"unit": ["b"], "date": ["2005"], "reason": ["count_broken"]})
    page = page_of(Series("x", Figures.of(values), none, none, "2022-01-01"))
    assert ">2011<" in page and ">2004<" in page and ">2003<" not in page
    assert "... e 4 edizioni prima di queste" in page and "suo in una riga." in page
    page = page_of(Figures.of(values))
    assert "<div>... e altre 4 colonne</div>" in page
    assert "... e altre 2 colonne" in page_of(Figures.of(values.iloc[:, :10]))
    households = pd.DataFrame({"overburdened_tenants": [60.0]}, ["108033"])
    one = Estimate(Figures.of(households, low=households, high=households), *2 * [pd.DataFrame()],
                   Scenario())  # fmt: skip
    assert "affitto, 1 comune<" in page_of(one)


def test_a_trace_folds_and_a_series_marks_its_breaks():
    rent = Trace("rent_eur_m2_month", 9.5, table="rents", key="cadastral_code F704", source=SOURCE)
    found = Trace(
        "rent_to_income_ratio", 0.2, "rent_to_income_ratio", "observed", "2018/2", (rent,)
    )
    page = page_of(found)
    assert page.startswith(
        '<div style="font-size:90%"><b>Da dove viene: Incidenza del canone sul red'
    )
    assert '<details style="margin-left:1.2em" open><summary><b>Incidenza' in page
    assert "rents.csv, cadastral_code F704" in page and "osservato, 2018/2" in page
    assert repr(found) == (
        "<Trace: rent_to_income_ratio = 0.2 = rent_to_income_ratio(rent_eur_m2_month)>"
    )
    found = na.series("accommodation_beds", ["108033"])
    breaks = pd.DataFrame({"unit": [""], "date": ["2024"], "reason": ["private_lodgings"]})
    page = page_of(Series(found.name, found.figures, breaks, found.unplaced, found.day))
    assert "┊ 2024" in page and "Si interrompe nel 2024: dal 2025 l&#39;ISTAT conta" in page


def test_it_speaks_the_language_that_is_asked_for(monkeypatch):
    monkeypatch.setattr(notebook, "_spoken", dict(notebook._spoken))
    na.reports.speak("en")
    page = page_of(Figures.of(pd.DataFrame({"a": [1.5]})))
    assert "Figures, rows and columns: 1 × 1" in page and ">1.5<" in page
    with pytest.raises(ParameterError, match="non c'è la lingua «xx»"):
        na.reports.speak("xx")


def test_one_column_as_a_chart_in_one_line(tmp_path):
    index = pd.Index(["108033", "108041"], name="municipality_code", dtype="str")
    given = Figures.of(pd.DataFrame({"mio": [1.0, 2.5]}, index), quality=Quality.MODELLED)
    drawn = na.reports.chart(given, "mio", label=EVIL)
    # Two in one page: the letters of one are not those of the other.
    shown = [one._repr_svg_() for one in (drawn, na.reports.chart(given, "mio", label="Altro"))]
    ids = [set(re.findall(r'id="([^"]+)"', one)) for one in shown]
    assert all(ids) and not ids[0] & ids[1]
    assert [set(re.findall(r'href="#([^"]+)"', one)) for one in shown] == ids
    assert drawn._repr_svg_().startswith("<svg") and "<script" not in drawn.svg
    drawn.save(tmp_path / "mio.svg")
    assert (tmp_path / "mio.svg").read_text("utf-8") == drawn.svg
    assert repr(drawn).startswith("<Chart:")
    with pytest.raises(Refused, match="non c'è la colonna «A1»: ci sono mio"):
        na.reports.chart(given, "A1")
    with pytest.raises(Refused, match="non ha numeri"):
        na.reports.chart(pd.DataFrame({"a": ["x"]}, index=["108033"]), "a")
