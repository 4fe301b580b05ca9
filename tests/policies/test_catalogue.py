"""The catalogue of policies: every entry whole, no number in it, its standing on a day."""

from __future__ import annotations

import copy
import csv
import datetime as dt
import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from needs_analysis import parameters, policies
from needs_analysis.errors import ParameterError
from needs_analysis.policies.catalogue import FILE, OUT, PoliciesError, every, read
from needs_analysis.toml_files import Written, lines_of
from needs_analysis.words import Voice

TEXT = resources.files("needs_analysis.policies").joinpath(FILE).read_text("utf-8")
TODAY = "2026-11-29"
DESIGN = Path(__file__).parents[3] / "shared/design/policies.csv"


def texts(part, key=""):
    """Every text, number and key under an entry, with the key that leads to it."""
    if isinstance(part, dict):
        for name, one in part.items():
            yield name, name
            yield from texts(one, name)
    elif isinstance(part, list):
        for one in part:
            yield from texts(one, key)
    elif not isinstance(part, dt.date | bool):
        yield key, str(part)


def test_there_are_twenty_seven_in_their_order():
    assert [*every()] == [f"P{number:02d}" for number in range(1, 28)]
    assert all(key == policy.id for key, policy in every().items())
    names = [policy.name for policy in every().values()]
    assert len(set(names)) == len(names)


def test_no_entry_holds_a_digit_outside_id_names_legal_basis_and_dates():
    free = {"name", "names", "act", "article", "incompatible_with"}  # the last holds ids
    for policy, entry in tomllib.loads(TEXT).items():
        found = [(key, text) for key, text in texts(entry) if key not in free]
        assert not [one for one in found if re.search(r"\d", one[1])], policy


def test_the_rows_it_names_have_a_note_on_their_certainty():
    """Each number of a catalogue entry says what it was read in."""
    named = {row for one in every().values() for row in one.parameters.values()}
    named |= {
        row for one in every().values() for each in one.eligibility for row in each.rows.values()
    }
    rows = [row for row in parameters.table() if row.name in named]
    assert {row.name for row in rows} == named
    read_in = re.compile("a memoria|dalla stampa|da (un )?att[oi] comunal[ei]")
    for row in rows:
        if row.name.startswith(("rent_fund", "arrears", "single", "inclusion")):
            assert read_in.search(row.note) or row.name.endswith("_share"), row.name


def test_the_limits_of_the_rent_fund_are_those_of_each_year():
    limits = {
        day: parameters.in_force(dt.date.fromisoformat(day))["rent_fund_income_limit_band_a_eur"].value
        for day in ("2019-06-30", "2020-06-30", "2022-06-30", TODAY)
    }  # fmt: skip
    assert [*limits.values()] == [13192.92, 13405.08, 13619.58, 13619.58]
    months = [
        parameters.in_force(dt.date.fromisoformat(day))["single_measure_contract_months"].value
        for day in ("2023-06-30", TODAY)
    ]
    assert months == [6, 8]
    caps = [parameters.value(f"rent_fund_cap_band_{band}_eur") for band in "ab"]
    assert caps == [3098.74, 2324.06]


def test_who_may_not_be_helped_twice_says_so_on_both_sides():
    for policy in every().values():
        for other in policy.incompatible_with:
            assert policy.id in every()[other].incompatible_with


# --- on a day


@pytest.mark.parametrize(
    ("policy", "day", "kind"),
    [
        ("P12", "2026-08-31", "funded"),
        ("P12", "2026-09-01", "closed"),  # PNRR after its end
        ("P13", TODAY, "closed"),
        ("P03", TODAY, "announced"),  # a decree the press told of
        ("P03", "2026-02-28", "local_only"),
        ("P04", TODAY, "announced"),
        ("P21", TODAY, "announced"),
        ("P07", "2026-03-06", "funded"),
        ("P07", "2026-03-07", "expired"),  # the notice is closed
        ("P05", "2022-12-31", "funded"),
        ("P05", "2023-01-01", "local_only"),  # not refinanced by the State
        ("P06", TODAY, "funded"),
        ("P06", "2027-01-01", "unknown"),
        ("P06", "2013-10-29", "not_yet"),
        ("P26", TODAY, "unknown"),
    ],
)
def test_a_policy_stands_as_its_money_does(policy, day, kind):
    found = policies.catalogue(as_of=day)
    assert found.standing(policy).kind == kind
    assert (policy in found) == (kind not in OUT)
    assert (policy in found.out) == (kind in OUT)


def test_what_is_out_is_in_where_it_is_asked_for_and_says_why():
    closed = policies.catalogue(as_of=TODAY, include=["P12"])
    assert "P12" in closed and "P13" not in closed
    assert not closed.standing("P12").usable
    assert "chiusa dal 01/09/2026" in closed.standing("P12").words()
    announced = policies.catalogue(as_of=TODAY, include=["announced"])
    assert {"P03", "P04", "P21"} <= announced.keys() and "P12" not in announced
    assert "ma i soldi non ci sono ancora" in announced.standing("P21").words()
    assert policies.catalogue(as_of=TODAY, include=[*OUT]).keys() == every().keys()


def test_a_region_s_own_policies_are_out_elsewhere():
    puglia = policies.catalogue("Puglia", TODAY)
    assert puglia.standing("P02").kind == "other_region"
    assert "Lombardia" in puglia.standing("P02").words()
    assert "P02" in policies.catalogue("Lombardia", TODAY)
    assert "P02" in policies.catalogue(["Puglia", "Lombardia"], TODAY)
    assert "P05" in puglia


def test_every_standing_is_one_sentence_in_every_language():
    for day in (TODAY, "2012-01-01", "2027-06-30"):
        found = policies.catalogue("Puglia", day)
        for policy in every():
            for voice in (Voice(), Voice("en")):
                said = found.standing(policy).words(voice)
                assert said and "{" not in said and not said.endswith((":", ": "))


def test_what_is_no_official_text_says_so_with_the_day_it_was_verified():
    for policy in every().values():
        said = policy.checked()
        assert "rivisto il 29/11/2026" in said
        assert said.startswith("testo ufficiale") == (policy.certainty == "official_text")
    assert every()["P06"].checked().startswith("dalla stampa")
    assert every()["P05"].checked().startswith("a memoria")


def test_names_that_do_not_exist_are_refused_all_at_once():
    with pytest.raises(PoliciesError) as error:
        policies.catalogue("Lombardìa", TODAY, include=["P99", "finita"])
    assert len(error.value.problems) == 3
    assert "forse «Lombardia»" in str(error.value) and "P99" in str(error.value)
    with pytest.raises(ParameterError, match="29/11/2026"):
        policies.catalogue(as_of="29/11/2026")


# --- an entry that is not whole


def changed(policy="P05", **fields):
    """The catalogue with fields of an entry changed; None takes one out."""
    tables = copy.deepcopy(tomllib.loads(TEXT))
    for name, value in fields.items():
        if value is None:
            del tables[policy][name]
        else:
            tables[policy][name] = value
    return Written(tables, FILE, lines_of(TEXT))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"colour": "red"}, "«P05.colour» è sconosciuto"),
        ({"channel": None}, "manca «P05.channel»"),
        ({"level": "world"}, "«P05.level»"),
        ({"groups": ["afordability"]}, "«P05.groups[1]»"),
        ({"compositions": ["twins"]}, "«P05.compositions[1]»"),
        ({"components": ["Z"]}, "«P05.components[1]»"),
        ({"cost": "free"}, "«P05.cost»"),
        ({"effect": "joy"}, "«P05.effect»"),
        ({"indivisible": "yes"}, "«P05.indivisible» deve essere true o false"),
        ({"last_verified": "2026-11-29"}, "«P05.last_verified»: \"2026-11-29\" non è una data"),
        ({"missing": "money"}, "«P05.missing» deve essere un elenco"),
        ({"take_up": "no_such_share"}, "P05, «take_up»: parameters.csv non ha la riga"),
        ({"parameters": {"cap": "nothing_eur"}}, "P05, «parameters.cap»"),
        ({"eligibility": [{"measure": "isee", "at_most": "nothing_eur"}]},
         "P05, «eligibility[1].at_most»"),
        ({"eligibility": [{"measure": "isee"}]}, "P05, «eligibility»: la condizione 1"),
        ({"eligibility": [{"order": True, "income_fall": True}]}, "P05, «eligibility»"),
        ({"eligibility": [{"order": True, "free": "form"}]}, "«P05.eligibility[1].free»"),
        ({"incompatible_with": ["P07", "P08", "P77"]}, "P05, «incompatible_with»: P77"),
        ({"incompatible_with": ["P07"]}, "P08, «incompatible_with»: P05 non dice lo stesso"),
        ({"funding": [{"since": dt.date(2023, 1, 1), "until": dt.date(2022, 1, 1), "state": "funded",
                       "note": "x"}]}, "P05, «funding»"),
        ({"valid_to": dt.date(1990, 1, 1)}, "P05: «valid_to»"),
    ],
)  # fmt: skip
def test_an_unknown_or_incomplete_field_is_one_error_with_entry_and_field(fields, said):
    with pytest.raises(PoliciesError) as error:
        read(changed(**fields))
    assert len(error.value.problems) == 1
    assert said in str(error.value)
    assert error.value.problems[0].where.rows


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(PoliciesError) as error:
        read(changed(level="world", channel=None, take_up="none"))
    assert len(error.value.problems) == 2  # rows are looked up where the entry can be read


@pytest.mark.skipif(not DESIGN.is_file(), reason="the page of the design is not beside the clone")
def test_components_are_those_of_the_design():
    rows = csv.DictReader(DESIGN.read_text("utf-8").splitlines(), delimiter=";")
    wanted = {row["id"]: tuple(row["component"].split(",")) for row in rows}
    assert {one.id: one.components for one in every().values()} == wanted
