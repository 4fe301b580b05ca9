from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from needs_analysis.services import (
    check_together,
    read_policies,
    read_referrals,
    read_register,
    read_stays,
    read_survey,
)
from needs_analysis.services.files.invented import network
from needs_analysis.services.files.schema import INVENTED
from needs_analysis.services.files.templates import write_invented


@pytest.mark.slow
def test_the_same_seed_gives_the_same_data() -> None:
    one, again, other = network(3), network(3), network(4)
    pd.testing.assert_frame_equal(one.stays.stays, again.stays.stays)
    assert not one.stays.stays.equals(other.stays.stays)


def test_network_has_the_places_it_says() -> None:
    register = network().register
    of = register.places["dwelling_code"].map(register.dwellings["service_code"])
    services = register.services
    network_codes = services.index[services["service_kind"] == "multi_ambito_network"]
    assert of.isin(network_codes).sum() == 30
    ambiti = set(services.loc[network_codes, "ambito_name"])
    assert ambiti == {"Monza", "Desio", "Carate Brianza", "Seregno"}
    units = services["service_kind"] == "residential_unit"
    assert units.sum() == 4 and services.loc[units, "protected"].sum() == 1
    transitional = services.index[services["service_kind"] == "transitional_dwelling"]
    beds = register.dwellings.loc[register.dwellings["service_code"].isin(transitional), "beds"]
    assert set(beds) == {12.0}


def test_no_two_guests_in_one_place() -> None:
    stays = network().stays.stays
    inside = stays[stays["entry_date"].notna()].sort_values(["place_code", "entry_date"])
    before = inside.groupby("place_code")["exit_date"].shift()
    first = ~inside["place_code"].duplicated()
    assert (first | (inside["entry_date"] > before)).all()


@pytest.mark.slow
@pytest.mark.parametrize("as_csv", [False, True, "plain"])
def test_files_are_labelled_and_say_the_same(tmp_path: Path, key: Path, as_csv: bool | str) -> None:
    made = network()
    services, measures = write_invented(tmp_path, as_csv=as_csv)
    register, stays = read_register(services), read_stays(services, key)
    assert register.label == stays.label == INVENTED
    assert register.services["body_name"].str.contains(INVENTED).all()
    for name in ("services", "dwellings", "places"):
        pd.testing.assert_frame_equal(getattr(register, name), getattr(made.register, name))
    personal = ["guest", "household"]
    pd.testing.assert_frame_equal(
        stays.stays.drop(columns=personal), made.stays.stays.drop(columns=personal)
    )
    assert stays.stays["guest"].nunique() == made.stays.stays["guest"].nunique()
    pd.testing.assert_frame_equal(stays.activities, made.stays.activities)
    pd.testing.assert_frame_equal(stays.absences, made.stays.absences)
    pd.testing.assert_frame_equal(read_survey(services), made.survey)
    pd.testing.assert_frame_equal(read_policies(measures), made.policies)
    assert read_referrals(services, key).attrs["label"] == INVENTED
    assert check_together(register, stays) == ()
