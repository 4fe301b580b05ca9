"""What chapters of a plan are made of: rows in words, and questions where the office said nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from needs_analysis.figures import Question
from needs_analysis.plans.schema import OWNERS
from needs_analysis.reports.findings import OWN, Findings
from needs_analysis.reports.model import Blank, Block, Chapter, Table
from needs_analysis.told.plans import ToldPlan
from needs_analysis.words import N_, Voice

TOTAL_KEY = "area"
ALL_ASKED = N_("Comuni e ALER")
"""Whom a plan of Lombardy asks."""
ALL_ASKED_ANYWHERE = N_("Comuni ed ente delle case popolari")
OFFICES = N_("Comuni dell'ambito")
LEAD = N_("Comune capofila")
PLAN_OFFICE = N_("Ufficio di piano")


@dataclass(frozen=True, eq=False)
class PlanView:
    """A plan as it may be told, with the words for its places and owners."""

    found: Findings
    plan: ToldPlan

    @property
    def voice(self) -> Voice:
        """Return the language."""
        return self.found.voice

    @property
    def places(self) -> dict[str, str]:
        """Return the municipalities by code, in the order of their names."""
        names = self.found.area["municipality_name"].sort_values()
        return {str(code): str(name) for code, name in names.items()}

    @property
    def of_lombardy(self) -> bool:
        """Say whether the plan is one of Lombardy's law: a piano di zona may be of any region."""
        return self.plan.kind != "zone"

    @property
    def area(self) -> str:
        """Return the printed name of the area."""
        return self.found.labels[OWN]

    def owner(self, code: str) -> str:
        """Say who owns; the whole municipality where nobody is named."""
        return self.voice.say(OWNERS[code]) if code else self.voice.say(N_("tutti"))

    def who(self, place: str, owner: str) -> str:
        """Say whom to ask about an owner in a municipality."""
        name = self.places[place]
        if owner == "aler":
            return "ALER"
        if owner == "other":
            return self.voice.say(N_("Altro ente proprietario a {place}"), place=name)
        return self.voice.say(N_("Comune di {name}"), name=name)

    def blank(self, key: str, title: str, question: str, who: str, why: str) -> Blank:
        """Return a question that stands in the place of a part; words are yet to be said."""
        return Blank(key, self.voice.say(title), Question(question, who, why))

    def with_names(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows by municipality and owner with what they are called, in the order of names."""
        order = list(self.places)
        names = rows["municipality_code"].map(self.places)
        owners = [self.owner(str(one)) for one in rows["owner"]]
        made = rows.assign(place=names, owner_said=owners)
        return made.sort_values(
            ["municipality_code", "owner"],
            key=lambda one: one.map(order.index) if one.name == "municipality_code" else one.map(
                [*OWNERS, ""].index
            ),
            kind="stable",
        )  # fmt: skip


def view_of_plan(found: Findings) -> PlanView:
    """Return the view of the plan of some findings."""
    if found.plan is None:
        raise LookupError("no plan is told")
    return PlanView(found, found.plan)


def asked(
    table: Table,
    columns: Sequence[str],
    question: Callable[[str, str], Question],
    settled: Sequence[str] = (),
) -> Table:
    """Return a table whose cells without a value are questions.

    Parameters
    ----------
    table : Table
        Its closing rows are not asked.
    columns : sequence of str
        In which a missing value is left to fill in.
    question : callable
        Takes the row of the frame's index and the column.
    settled : sequence of str
        Rows of which there is nothing to ask.
    """
    rows = len(table.frame) - table.closing
    found: dict[str, Question] = dict(table.blanks)
    for column in table.columns:
        if column.name not in columns:
            continue
        values = table.frame[column.name]
        for at, key in enumerate(table.keys(column)[:rows]):
            row = str(table.frame.index[at])
            if row not in settled and (pd.isna(values.iloc[at]) or values.iloc[at] == ""):
                found[key] = question(row, column.name)
    return replace(table, blanks=found)


def section(chapter: Chapter, key: str = "", title: str = "") -> Chapter:
    """Return a chapter as a section of the one before it, under another key where one is given."""
    return replace(chapter, level=2, key=key or chapter.key, title=title or chapter.title)


def chapter(key: str, title: str, *blocks: Block | None, level: int = 1) -> Chapter:
    """Return a chapter of the blocks that there are."""
    return Chapter(key, title, tuple(one for one in blocks if one is not None), level)


def with_total(frame: pd.DataFrame, sums: Sequence[str], label: str) -> pd.DataFrame:
    """Return a table with a last row: of each column the sum of what is known, of words blanks."""
    last = {
        name: float(frame[name].sum(min_count=1)) if name in sums else "" for name in frame.columns
    }
    total = pd.DataFrame([last | {"place": label}], index=[TOTAL_KEY])
    return pd.concat([frame, total.astype(dict.fromkeys(sums, float))])


def row_keys(rows: pd.DataFrame, *more: str) -> list[str]:
    """Return what tells rows of a municipality and owner from others, in the keys of their numbers."""
    names = ["municipality_code", "owner", *more]
    return ["_".join(map(str, one)) for one in zip(*(rows[one] for one in names), strict=True)]
