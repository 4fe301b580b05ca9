from __future__ import annotations

import re

import pandas as pd
import pytest

from needs_analysis.errors import ParameterError
from needs_analysis.services.files.fields import out_of_bounds
from needs_analysis.services.files.schema import (
    DESTINATIONS,
    GROUPS,
    NEUTRAL,
    POSITIVE,
    TABLES,
    Period,
    Register,
    Stays,
    empty,
)


def test_period_counts_both_ends() -> None:
    assert Period.year(2024).days == 366
    assert Period("2025-03-01 15:00", "2025-03-02").days == 2


def test_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="finisce .* prima di cominciare"):
        Period("2025-03-02", "2025-03-01")


@pytest.mark.parametrize("day", ["05/07/2025", "5.7.2025", "07-05-2025", ""])
def test_a_period_is_never_read_month_first(day: str) -> None:
    with pytest.raises(ParameterError, match=f"un giorno che non c'è: «{re.escape(day)}»"):
        Period(day, "2025-12-31")


def test_groups_carry_their_ethos_categories() -> None:
    assert GROUPS["violence"].ethos == ("10", "4")
    assert GROUPS["affordability"].ethos == ()
    assert len(GROUPS) == 13


def test_no_destination_is_both_positive_and_neutral() -> None:
    assert set(POSITIVE) < set(DESTINATIONS)
    assert not set(POSITIVE) & set(NEUTRAL)


@pytest.mark.parametrize("name", TABLES)
def test_labels_and_headers_tell_columns_apart(name: str) -> None:
    fields = TABLES[name].fields
    assert len({one.header for one in fields}) == len(fields)
    for one in fields:
        labels = [*one.choices.values()]
        assert len(set(labels)) == len(labels)
        assert not any(";" in label for label in labels)


def test_a_long_list_is_referred_to_and_a_short_one_named() -> None:
    stays = TABLES["stays"]
    assert str(stays.field("answer").expected) == "una tra: «accolta», «rifiutata», «in attesa»"
    assert str(stays.field("target_group").expected).startswith("una delle 13 voci dell'elenco")
    assert all(
        f"«{one.label}»" in str(stays.field("target_group").listed) for one in GROUPS.values()
    )


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_has_the_declared_columns(name: str) -> None:
    frame = empty(name)
    assert list(frame.columns[: len(TABLES[name].columns)]) == TABLES[name].columns
    assert not any(
        out_of_bounds(one, frame.reset_index()[one.name]).any() for one in TABLES[name].fields
    )


def test_register_refuses_missing_columns_and_repeated_codes() -> None:
    services = pd.concat([empty("services")] * 2)
    with pytest.raises(ValueError, match="«places»: mancano le colonne state"):
        Register(services, empty("dwellings"), empty("places").drop(columns="state"))


def test_a_stay_that_ends_before_it_begins_is_not_usable() -> None:
    frame = empty("stays").reindex(pd.Index(["a", "b", "c"], name="stay_id"))
    frame["entry_date"] = pd.to_datetime(["2025-01-02", "2025-01-02", None])
    frame["exit_date"] = pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-03"])
    assert Stays(frame).usable.tolist() == [False, True, False]
