"""Ready places: each once in a total, under each of its groups, and only where it stands open."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from needs_analysis.services.siting.supply import dwelling_ambiti, open_on, usable_supply

DAY = pd.Timestamp("2025-12-31")
BEFORE, AFTER = pd.Timestamp("2024-01-01"), pd.Timestamp("2026-01-01")


def invented() -> SimpleNamespace:
    """Invented: two services, three dwellings (one closed), nine places."""
    services = pd.DataFrame({"ambito_name": ["", "Riviera"]}, index=["net", "units"])
    dwellings = pd.DataFrame(
        {
            "service_code": ["net", "units", "net"],
            "municipality_code": ["108033", None, "108024"],
            "opened": [BEFORE, pd.NaT, BEFORE],
            "closed": [pd.NaT, pd.NaT, DAY],
        },
        index=["d1", "d2", "d3"],
    )
    rows = [
        ("d1", "ready", "violence;street", 2, BEFORE, pd.NaT),
        ("d1", "ready", "violence", 2, BEFORE, AFTER),
        ("d1", "ready", "", 4, BEFORE, pd.NaT),  # for whom is not stated
        ("d1", "occupied", "violence", 2, BEFORE, pd.NaT),
        ("d1", "to_repair", "violence", 2, BEFORE, pd.NaT),
        ("d1", "ready", "violence", 2, AFTER, pd.NaT),  # not yet
        ("d1", "ready", "violence", 2, BEFORE, DAY),  # no longer
        ("d2", "ready", "street; leaving_care", None, BEFORE, pd.NaT),
        ("d3", "ready", "street", 3, BEFORE, pd.NaT),  # its dwelling is closed
    ]
    columns = ["dwelling_code", "state", "target_groups", "household_size_max", "opened", "closed"]
    places = pd.DataFrame(rows, columns=columns, index=[f"p{n}" for n in range(9)])
    return SimpleNamespace(services=services, dwellings=dwellings, places=places)


def test_a_place_for_several_groups_is_one_place():
    found = usable_supply(invented(), DAY)
    assert found.total == 4
    assert found.by_place.sum() == found.by_ambito.sum() == 4
    assert found.unstated == 1
    assert found.by_group.groupby(level="target_group").sum().to_dict() == {
        "leaving_care": 1,
        "street": 2,
        "violence": 2,
    }
    assert found.by_ambito.groupby(level="ambito_name").sum().to_dict() == {
        "Monza": 3,
        "Riviera": 1,
    }


def test_rows_by_group_size_and_ambito():
    found = usable_supply(invented(), DAY)
    assert found.by_group[("Monza", "violence", 2.0)] == 2
    assert found.by_group[("Monza", "street", 2.0)] == 1
    assert found.by_place[("Monza", "violence;street", 2.0)] == 1
    sizes = found.by_ambito.reset_index()
    assert sizes.loc[sizes["ambito_name"] == "Riviera", "household_size_max"].isna().all()


def test_the_day_decides():
    assert usable_supply(invented(), "2025-12-30").total == 6  # p6 and d3 close the day after
    assert usable_supply(invented(), "2023-12-31").total == 0


def test_open_without_dates_is_open():
    frame = pd.DataFrame({"opened": [pd.NaT, DAY, DAY], "closed": [pd.NaT, pd.NaT, DAY]})
    assert open_on(frame, DAY).tolist() == [True, True, False]


def test_ambito_by_municipality_else_as_the_service_says():
    assert dwelling_ambiti(invented()).to_dict() == {
        "d1": "Monza",
        "d2": "Riviera",
        "d3": "Desio",
    } or (dwelling_ambiti(invented())["d2"] == "Riviera")


def test_a_place_without_its_dwelling_is_refused():
    register = invented()
    register.dwellings = register.dwellings.drop("d2")
    with pytest.raises(ValueError, match="che non ci sono: d2"):
        usable_supply(register, DAY)
