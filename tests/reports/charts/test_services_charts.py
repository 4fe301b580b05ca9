"""The chart of places over time: what is hidden is a gap, the same data give the same bytes."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from needs_analysis.reports.charts import services as services_charts
from needs_analysis.services.files.schema import STATES
from needs_analysis.words import ITALIAN

LABELS = dict(STATES)


def frame(months: int = 12) -> pd.DataFrame:
    """Invented places of a network."""
    days = pd.date_range("2025-01-31", periods=months, freq="ME")
    rows = [[2, 1, 0, 20 + at % 3, at // 6] for at in range(months)]
    return pd.DataFrame(rows, index=days, columns=list(STATES), dtype=float)


def fills(svg: str) -> list[str]:
    return [one.get("fill", "") for one in ElementTree.fromstring(svg).iter() if one.get("fill")]


def test_every_state_is_drawn_in_its_colour():
    svg = services_charts.places_over_time(frame(), labels=LABELS)
    assert set(services_charts.STATE_COLOURS) == set(STATES)
    for colour in services_charts.STATE_COLOURS.values():
        assert fills(svg).count(colour) == 2  # the stack and the legend
    assert "<script" not in svg and "style=" not in svg
    assert services_charts.places_over_time(frame(), labels=LABELS) == svg


def test_neighbours_differ_in_lightness():
    def light(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2

    shades = [light(one) ** (1 / 3) for one in services_charts.STATE_COLOURS.values()]
    assert min(abs(a - b) for a, b in zip(shades, shades[1:], strict=False)) > 0.13


def test_a_hidden_month_is_a_gap_and_moves_nothing_else():
    whole = frame()
    hidden = whole.copy()
    hidden.iloc[4:6] = np.nan
    one, other = (services_charts.places_over_time(part, labels=LABELS) for part in (whole, hidden))
    assert services_charts._GAP not in fills(one)
    # Hatched, the gap is filled by a pattern whose ground is the colour of gaps.
    assert services_charts._GAP in other
    first = hidden.copy()
    first.iloc[4, 0] = 99.0  # part of a month is no more told than none of it
    assert services_charts.places_over_time(first, labels=LABELS) == other


@pytest.mark.parametrize(("months", "named"), [(1, ["gen\n2025"]), (12, None), (60, None)])
def test_long_periods_name_few_months_and_every_year(months, named):
    axes = Figure().add_subplot()
    services_charts._month_axis(axes, frame(months).index, ITALIAN)
    said = [one.get_text() for one in axes.get_xticklabels()]
    assert said == (named or said)
    assert len(said) <= 7
    assert said[-1].startswith("dic" if months > 1 else "gen")  # the last month always
    years = [one.partition("\n")[2] for one in said if "\n" in one]
    assert years == sorted(set(years)) and years[0] == "2025"


def test_nothing_to_tell_is_refused():
    blank = frame() * np.nan
    with pytest.raises(ValueError, match="nessun mese"):
        services_charts.places_over_time(blank, labels=LABELS)
