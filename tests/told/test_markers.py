"""Outputs print what they are handed and nothing else: every number told is a marker of its own."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pytest

from needs_analysis import territory
from needs_analysis.reports.chapters import services as services_chapters
from needs_analysis.reports.chapters.services_map import offer_layer
from needs_analysis.reports.model import Briefing
from needs_analysis.reports.render import html, workbook
from needs_analysis.services import Period
from needs_analysis.services.capacity import planning
from needs_analysis.services.files import invented
from needs_analysis.services.files.inputs import ServiceData
from needs_analysis.told import Shown, Told, tell
from needs_analysis.words import ITALIAN

PROFILES = ("published", "internal")


@pytest.fixture(scope="module", params=PROFILES)
def told(request) -> Told:
    data = invented.network()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "YEARS", 2)
        found = tell(
            ServiceData(
                data.register, data.stays, Period.year(2025), request.param,
                data.referrals, data.survey, data.measures,
            )
        )  # fmt: skip
    # A plan is made of what is told, by a simulation: its numbers have no marker.
    return replace(found, plan=None)


class Marking:
    """Hand out whole numbers that nothing else has, from a first one on."""

    def __init__(self, first: int) -> None:
        self.first = self.next = first

    def shown(self, one: Shown) -> Shown:
        """Return a table with a marker in each of its numbers that is told."""
        frame = one.frame.copy()
        for name in one.why:
            if not pd.api.types.is_numeric_dtype(frame[name]):
                continue
            known = frame[name].notna().to_numpy()
            size = int(known.sum())
            marks = np.full(len(frame), np.nan)
            marks[known] = np.arange(self.next, self.next + size)
            self.next += size
            frame[name] = marks
        return replace(one, frame=frame)

    def told(self, found: Told) -> Told:
        """Return all that is told, marked."""

        def marked(value: object) -> object:
            if isinstance(value, Shown):
                return self.shown(value)
            if isinstance(value, dict):
                return {name: marked(one) for name, one in value.items()}
            if is_dataclass(value) and any(
                isinstance(getattr(value, one.name), Shown) for one in fields(value)
            ):
                return replace(
                    value, **{one.name: marked(getattr(value, one.name)) for one in fields(value)}
                )  # type: ignore[type-var]
            return value

        return replace(
            found, **{one.name: marked(getattr(found, one.name)) for one in fields(found)}
        )

    @property
    def markers(self) -> set[float]:
        """Return the markers handed out."""
        return set(range(self.first, self.next))


def written(found: Told, folder) -> list[float]:
    """Return every number of page, workbook and layer, in the order of the files."""
    area = territory.select("provincia:MB")
    figures = SimpleNamespace(data=pd.DataFrame(index=area.index))
    study = SimpleNamespace(
        services=found, voice=ITALIAN, indicators=figures, area=area,
        day=pd.Timestamp("2022-01-01"),
    )  # fmt: skip
    chapters = services_chapters.chapters(study)
    sheets = services_chapters.sheets(study)
    page = html.page(Briefing(ITALIAN, "Servizi", "", chapters, tuple(sheets), {}, ""))
    folder.mkdir(parents=True, exist_ok=True)
    workbook.write(sheets, folder / "t.xlsx", title="Servizi", voice=ITALIAN)
    offer_layer(study).drop(columns="geometry").to_csv(folder / "layer.csv")
    numbers = [_number(one) for one in re.findall(r"\d[\d.]*(?:,\d+)?", _text(page))]
    book = openpyxl.load_workbook(folder / "t.xlsx", read_only=True)
    for sheet in book:
        for row in sheet.iter_rows(values_only=True):
            for cell in row:
                if isinstance(cell, (int, float)) and not isinstance(cell, bool):
                    numbers.append(float(cell))
                elif isinstance(cell, str):
                    numbers += [_number(one) for one in re.findall(r"\d[\d.]*(?:,\d+)?", cell)]
    text = (folder / "layer.csv").read_text("utf-8")
    return numbers + [float(one) for one in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)]


def _text(page: str) -> str:
    """Return what a page shows: no style, no script, no geometry of its pictures."""
    page = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    page = re.sub(r"<svg\b.*?</svg>", " ", page, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", page).replace("\xa0", " ")


def _number(text: str) -> float:
    return float(text.strip(".").replace(".", "").replace(",", "."))


@pytest.mark.slow
def test_every_number_that_is_written_was_handed_over(told, tmp_path):
    first, second = Marking(3_000_000), Marking(6_000_000)
    one = written(first.told(told), tmp_path / "one")
    other = written(second.told(told), tmp_path / "other")
    # What both hold is of the sentences: days, thresholds, versions, how many services there are.
    own = set(one) - set(other)
    assert len(own) > 300
    scaled = {round(number / scale, 6) for number in own for scale in (1, 100)}
    strange = {n for n in own if not {round(n, 6), round(n / 100, 6)} & first.markers}
    assert not strange, sorted(strange)[:20]
    assert scaled & first.markers


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
