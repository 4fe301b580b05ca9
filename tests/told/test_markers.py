"""Outputs print what they are handed and nothing else: every number told is a marker of its own."""

from __future__ import annotations

import copy
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from docx import Document
from docx.oxml.ns import qn
from matplotlib.backends.backend_svg import RendererSVG
from pypdf import PdfReader

from needs_analysis import territory
from needs_analysis.reports.chapters import services, services_lines, services_siting
from needs_analysis.reports.chapters.siting_map import siting_map
from needs_analysis.reports.render import workbook
from needs_analysis.services import Period, Target
from needs_analysis.services.capacity import planning
from needs_analysis.services.files import invented
from needs_analysis.services.files.inputs import ServiceData
from needs_analysis.study import Study, finding, stages
from needs_analysis.told import Plan, Shown, Told, choose, tell
from needs_analysis.words import ITALIAN

PROFILES = ("published", "internal")
SETTINGS = {
    "replications", "years", "warm_up_years", "seed", "level", "cases_min", "season_month_min",
}  # fmt: skip
"""Fields of a plan that say how it was made: they are in every plan."""
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
TICK = 50_000
"""A chart's axis goes by steps that are its multiples; of the markers only the first two are."""


@pytest.fixture(scope="module", params=PROFILES)
def told(request) -> Told:
    data = invented.network()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "YEARS", 2)
        return tell(
            ServiceData(
                data.register, data.stays, Period.year(2025), request.param,
                data.referrals, data.survey, data.policies,
            )
        )  # fmt: skip


@pytest.fixture(scope="module")
def study() -> Study:
    return Study("ambito:Carate Brianza", chapters=(services.PART.key,))


@pytest.fixture(scope="module")
def findings(study):
    """Return what a study finds of its area, without services."""
    return finding.find(study)


class Marking:
    """Hand out whole numbers that nothing else has, from a first one on."""

    def __init__(self, first: int) -> None:
        self.first = self.next = first
        self.derived: set[float] = set()

    def column(self, values: pd.Series) -> pd.Series:
        """Return a marker for each number that is told; what is no number stays."""
        if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            return values
        marks = np.full(len(values), np.nan)
        known = values.notna().to_numpy()
        marks[known] = np.arange(self.next, self.next + known.sum())
        self.next += int(known.sum())
        return pd.Series(marks, values.index, name=values.name)

    def of(self, value: object, name: str = "") -> object:
        """Return a value with a marker for each of its numbers, whatever holds them."""
        if isinstance(value, Shown):
            own = {one: self.column(value.frame[one]) for one in value.why}
            return replace(value, frame=value.frame.assign(**own))
        if isinstance(value, pd.Series):
            return self.column(value)
        if isinstance(value, pd.DataFrame):
            return value.assign(**{one: self.column(value[one]) for one in value})
        if isinstance(value, dict):
            return {key: self.of(one) for key, one in value.items()}
        if isinstance(value, int | float) and not isinstance(value, bool) and name not in SETTINGS:
            return value if np.isnan(value) else int(self.column(pd.Series([value])).iloc[0])
        if isinstance(value, Target | Period):
            return value
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return value._replace(**{n: self.of(getattr(value, n), n) for n in value._fields})
        if is_dataclass(value):
            own = {one.name: self.of(getattr(value, one.name), one.name) for one in fields(value)}
            return replace(value, **own)  # type: ignore[type-var]
        return value

    def told(self, found: Told) -> Told:
        """Return all that is told, marked; the rows that the office itself reads stand as they are."""
        kept = {"services", "period", "rules", "files", "rows"}
        own = {
            one.name: self.of(getattr(found, one.name))
            for one in fields(found)
            if one.name not in kept
        }
        made = replace(found, **own)
        if made.plan is not None:
            self.derived |= set(sums_of(made.plan))
        return made

    @property
    def markers(self) -> set[float]:
        """Return the markers handed out, and what follows from them."""
        return {*range(self.first, self.next), *self.derived}


def sums_of(plan: Plan) -> Iterator[float]:
    """Yield what the tables of a plan add up: requests, their mean stay, places each part apart."""
    for split in (plan.by_ambito, plan.by_group):
        requests = split.behind["requests"]
        yield float(requests.sum())
        yield float(requests.sum() + plan.today.others)
        yield float(np.round(np.average(split.behind["stay_mean_days"], weights=requests)))
        if split.needed is not None:
            yield float(split.needed.frame["places"].iloc[:-1].sum())


def of_cells(path: Path) -> Iterator[str]:
    """Yield what the cells of a workbook hold."""
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        for sheet in book:
            for row in sheet.iter_rows(values_only=True):
                yield from (str(cell) for cell in row if cell is not None)


def of_document(path: Path) -> Iterator[str]:
    """Yield the paragraphs of a Word document, those of its tables and what pictures are said to be."""
    for one in Document(str(path)).element.iter(qn("w:p"), qn("wp:docPr")):
        words = (part.text or "" for part in one.iter(qn("w:t")))
        yield "".join([*words, one.get("descr", "")]).replace("\xa0", " ")


def of_rows(path: Path) -> Iterator[str]:
    """Yield what the tables of a GeoPackage hold beside shapes."""
    with closing(sqlite3.connect(path)) as base:
        names = base.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (name,) in names:
            for row in base.execute(f'select * from "{name}"'):
                yield from (str(cell) for cell in row if not isinstance(cell, bytes))


def said(folder: Path) -> set[str]:
    """Return every number that files hold, as it is written; of a picture what is written in it."""
    texts: list[str] = []
    for path in sorted(one for one in folder.iterdir() if one.is_file()):
        if path.suffix == ".xlsx":
            texts += of_cells(path)
        elif path.suffix == ".gpkg":
            texts += of_rows(path)
        elif path.suffix == ".docx":
            texts += of_document(path)
        elif path.suffix == ".qgz":
            with ZipFile(path) as archive:
                texts += (archive.read(name).decode() for name in archive.namelist())
        elif path.suffix == ".pdf":
            texts += (page.extract_text().replace("\xa0", " ") for page in PdfReader(path).pages)
        elif path.suffix == ".parquet":
            texts += map(str, pd.read_parquet(path).to_numpy().ravel())
        elif path.name == "provenance.json":
            document = json.loads(path.read_text("utf-8"))
            texts.append(
                json.dumps({name: document[name] for name in document.keys() - {"outputs"}})
            )
        else:
            page = re.sub(r"<svg\b.*?</svg>", " ", path.read_text("utf-8"), flags=re.DOTALL)
            texts.append(page.replace("\xa0", " "))
    return {number for text in texts for number in NUMBER.findall(text)}


def values_of(number: str) -> set[float]:
    """Return what a number may mean: as Italians write it or as programs do, a share or per cent."""
    meant = {float(number.replace(".", "").replace(",", "."))}
    if number.count(".") <= 1 and "," not in number:
        meant.add(float(number))
    # A class of a map ends a hundredth before the next one begins.
    return {
        round(one / scale, 6) for one in (*meant, *(v + 0.01 for v in meant)) for scale in (1, 100)
    }


def strange(own: set[str], marking: Marking, drawn: set[str] = frozenset()) -> list[str]:
    """Return the numbers that are no marker, nor steps of a chart's axis."""
    return sorted(
        one
        for one in own
        if not values_of(one) & marking.markers
        and not (one in drawn and any(value % TICK == 0 for value in values_of(one)))
    )


@pytest.mark.slow
@pytest.mark.whole
def test_every_number_that_is_written_was_handed_over(told, study, findings, tmp_path, monkeypatch):
    drawn: set[str] = set()
    draw = RendererSVG.draw_text

    def noticed(self, gc, x, y, text, *more, **named):
        drawn.update(NUMBER.findall(text))
        return draw(self, gc, x, y, text, *more, **named)

    monkeypatch.setattr(RendererSVG, "draw_text", noticed)
    found, pictures = [], []
    for first in (3_000_000, 6_000_000):
        marking, folder = Marking(first), tmp_path / str(first)
        folder.mkdir()
        drawn.clear()
        whole = copy.copy(findings)  # with all that was computed of the area
        object.__setattr__(whole, "services", marking.told(told))
        stages.write(study, whole, folder, lambda _: None)
        assert {one.name for one in folder.iterdir()} >= {*stages.OUTPUTS, "provenance.json"}
        found.append((said(folder) | drawn, marking))
        pictures.append(set(drawn))
    (one, marking), (other, _) = found
    # What both hold is of the area and the sentences: days, thresholds, versions.
    own = one - other
    assert len(own) > 300 and pictures[0] - pictures[1]
    assert not strange(own, marking, pictures[0]), strange(own, marking, pictures[0])[:20]


@pytest.mark.slow
@pytest.mark.parametrize("protected", [False, True])
def test_every_number_of_a_choice_of_sites_was_handed_over(protected, tmp_path):
    area = territory.select("provincia:MB")
    register = invented.network().register
    siting, _ = choose(area, 2, register=register, on="2025-12-31", protected=protected)
    found = []
    for first in (3_000_000, 6_000_000):
        marking, folder = Marking(first), tmp_path / str(first)
        folder.mkdir()
        marked = replace(siting, found=marking.of(siting.found))
        tables = services_siting.tables(marked, ITALIAN)
        workbook.write(tables, folder / "t.xlsx", title="Dove aprire", voice=ITALIAN)
        siting_map(marked).save(str(folder / "map.html"))
        (folder / "lines.txt").write_text("\n".join(services_lines.sites(marked, ITALIAN)))
        found.append((said(folder), marking))
    (one, marking), (other, _) = found
    own = one - other
    assert len(own) > 10
    assert not strange(own, marking), strange(own, marking)[:20]


def test_a_hidden_number_is_not_carried():
    frame = pd.DataFrame({"count": [3.0]})
    with pytest.raises(RuntimeError, match="hidden"):
        Shown(frame, pd.DataFrame({"count": ["primary"]}))


@pytest.mark.slow
def test_all_that_is_hidden_has_its_reason(told):
    tables = [told.figures, *told.counts.values(), told.over_time, told.survival]
    reasons = {word for one in tables for word in np.unique(one.why.to_numpy())}
    wanted = {"", "primary", "complementary"} if told.profile == "published" else {""}
    assert reasons == wanted
