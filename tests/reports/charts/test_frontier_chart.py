"""The chart of what every budget buys: the same bytes, no small number, names that do not touch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from needs_analysis.errors import Refused
from needs_analysis.reports.charts.frontier import frontier

BUDGETS = pd.Index(np.linspace(0, 600_000, 21))
FRAME = pd.DataFrame(
    {"best": np.round(BUDGETS / 5_000), "split": np.round(BUDGETS / 10_000), "P09": 22.0}, BUDGETS
)
NAMES = {"best": "La divisione migliore", "split": "In parti uguali",
         "P09": "Tutto a: Rinegoziazione del canone e fondo di garanzia"}  # fmt: skip


@pytest.fixture
def drawn(monkeypatch):
    """Keep the figure that is drawn."""
    kept = []
    save = Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda self, *a, **k: (kept.append(self), save(self, *a, **k))[1]
    )
    return kept


def test_it_is_safe_and_the_same_each_time():
    made = [frontier(FRAME, names=NAMES, budget=200_000.0, unit="famiglie") for _ in range(2)]
    assert made[0] == made[1] and made[0].startswith("<svg")
    assert "style=" not in made[0] and "<script" not in made[0]


def test_the_line_starts_from_nothing_and_leaves_out_small_numbers(drawn):
    few = FRAME.mask((FRAME > 0) & (FRAME < 20))
    frontier(few, names=NAMES, budget=200_000.0, unit="famiglie")
    lines = drawn[0].axes[0].lines
    for line in lines[:2]:
        heights = line.get_ydata()
        assert heights[0] == 0 and min(heights[1:]) >= 20
    labels = [text for text in drawn[0].axes[0].texts if text.get_position()[0] == 1.02]
    heights = sorted(text.get_position()[1] for text in labels)
    assert [text.get_text().replace("\n", " ") for text in labels] == list(NAMES.values())
    assert min(np.diff(heights)) > 5  # of some 135 that the axis has


def test_the_budget_stands_inside_where_everybody_is_reached_before(drawn):
    frontier(FRAME.loc[:150_000], names=NAMES, budget=200_000.0, unit="famiglie")
    assert drawn[0].axes[0].get_xlim()[1] == pytest.approx(220_000)


def test_nothing_to_draw_is_refused():
    with pytest.raises(Refused):
        frontier(FRAME * 0, names=NAMES, budget=200_000.0, unit="famiglie")
