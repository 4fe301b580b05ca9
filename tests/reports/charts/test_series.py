"""Lines over years: what their ticks say."""

from __future__ import annotations

import pandas as pd
import pytest

from needs_analysis.reports.charts import series as chart


@pytest.mark.parametrize(
    ("most", "decimals", "labels"),
    [
        (2.0, 0, ["0", "1", "2"]),
        (1.0, 0, ["0", "1"]),
        (1.0, 1, ["0,0", "0,2", "0,4", "0,6", "0,8", "1,0"]),
        (8.0, 1, ["0", "2", "4", "6", "8"]),
        (4000.0, 0, ["0", "1.000", "2.000", "3.000", "4.000"]),
    ],
)
def test_no_two_ticks_say_the_same(monkeypatch, most, decimals, labels):
    said = []
    kept = chart._value_axis

    def seen(axes, voice, *, whole):
        kept(axes, voice, whole=whole)
        top = axes.get_ylim()[1]
        shown = axes.yaxis.get_major_formatter()
        said.extend(shown(tick, None) for tick in axes.get_yticks() if 0 <= tick <= top)

    monkeypatch.setattr(chart, "_value_axis", seen)
    frame = pd.DataFrame({"a": [0.0, most]}, index=[2023, 2024])
    assert chart.series(frame, labels={"a": "A"}, decimals=decimals).startswith("<svg")
    assert said == labels
