"""Hidden counts stay hidden: by hand, against every table that fits, and on random ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from needs_analysis import disclosure
from needs_analysis.disclosure import TOTAL, CountTable, Fact, Rules
from needs_analysis.disclosure.audit import intervals
from needs_analysis.errors import OutputError, ParameterError, Refused
from needs_analysis.words import Voice

RULES = Rules.of()
# Low thresholds keep the tables small enough to list every one that fits.
EXAMPLES = settings.default.max_examples  # more with --soak
LOW = Rules(3, 3, {"target_group": frozenset({"violence"})})


def table(counts, name="ospiti", column="service_code", **more):
    frame = pd.DataFrame({column: list(counts), "count": list(counts.values())})
    return CountTable(name, frame, (column,), **more)


def grid(counts, rows, columns, name="ospiti", **more):
    """A table of two dimensions with its margins, from its inner counts."""
    long = pd.DataFrame(
        [
            (row, column)
            for row, line in zip(rows, counts, strict=True)
            for column, count in zip(columns, line, strict=True)
            for _ in range(count)
        ],
        columns=["service_code", "target_group"],
    )
    values = {"service_code": rows, "target_group": columns}
    return disclosure.tabulate(long, list(values), name=name, values=values, **more)


def shown(protected):
    frame = protected.published.frame
    keys = frame[list(protected.published.dimensions)].itertuples(index=False, name=None)
    return {
        key: None if pd.isna(count) else int(count)
        for key, count in zip(keys, frame["count"], strict=True)
    }


# ---------------------------------------------------------------- rules


def test_thresholds_are_those_of_the_parameters():
    assert (RULES.count_min, RULES.sensitive_count_min) == (5, 10)
    assert RULES.hides((("target_group", "street"),), 4)
    assert not RULES.hides((("target_group", "street"),), 5)
    assert not RULES.hides((("target_group", "street"),), 0)
    assert RULES.hides((("target_group", "violence"),), 9)
    assert RULES.hides((("target_group", "violence"),), 0)
    assert not RULES.hides((("target_group", "violence"),), 10)


def test_no_threshold_goes_below_sistan():
    assert Rules.of({"disclosure_count_min": 3}).count_min == 3
    with pytest.raises(ParameterError, match="SISTAN"):
        Rules.of({"disclosure_count_min": 2})
    with pytest.raises(ParameterError, match="gruppi sensibili"):
        Rules.of({"disclosure_sensitive_count_min": 4})


def test_violence_stays_sensitive_when_others_are_named():
    rules = Rules.of(sensitive={"target_group": ["leaving_care"], "service_code": ["B"]})
    assert rules.sensitive["target_group"] == {"violence", "leaving_care"}
    assert rules.is_sensitive((("service_code", "B"),))


# ---------------------------------------------------------------- by hand


def test_one_small_count_takes_another_with_it():
    found = shown(disclosure.protect(table({"A": 3, "B": 9, "C": 20, TOTAL: 32}), RULES))
    # 3 can be 8 only if 9 can be 4; 20 costs more
    assert found == {("A",): None, ("B",): None, ("C",): 20, (TOTAL,): 32}


def test_zeros_are_shown_but_for_sensitive_groups():
    counts = {"street": 0, "clearance": 12, "violence": 0, "overcrowded": 30, TOTAL: 42}
    found = shown(disclosure.protect(table(counts, column="target_group"), RULES))
    assert found[("street",)] == 0
    assert found[("violence",)] is None
    # 0 to 10 for violence takes ten others: 12 can fall to 2
    assert found == {
        ("street",): 0, ("clearance",): None, ("violence",): None, ("overcrowded",): 30, (TOTAL,): 42,
    }  # fmt: skip


def test_a_total_of_nothing_would_tell_a_sensitive_zero():
    found = shown(
        disclosure.protect(
            grid([[0, 0], [30, 0], [30, 40]], ["A", "B", "C"], ["street", "violence"]), RULES
        )
    )
    assert found[("A", "street")] == 0
    assert found[("A", "violence")] is None
    assert found[("A", TOTAL)] is None


def test_nothing_is_hidden_where_nothing_is_small():
    protected = disclosure.protect(
        grid([[7, 8], [9, 20]], ["A", "B"], ["street", "clearance"]), RULES
    )
    assert None not in shown(protected).values()
    assert set(protected.reasons) == {"shown"}
    assert disclosure.audit([protected.published], RULES).empty


def test_a_level_does_not_give_away_what_is_below():
    counts = {"A1": 2, "A2": 30, "B1": 20, "B2": 25, "A": 32, "B": 45, TOTAL: 77}
    tree = {"service_code": {"A1": "A", "A2": "A", "B1": "B", "B2": "B"}}
    found = shown(disclosure.protect(table(counts, hierarchies=tree), RULES))
    assert found[("A1",)] is None
    assert found[("A2",)] is None
    assert (found[("A",)], found[("B",)], found[(TOTAL,)]) == (32, 45, 77)


def test_a_lone_part_takes_its_whole_with_it():
    counts = {"A1": 2, "B1": 20, "B2": 25, "A": 2, "B": 45, TOTAL: 47}
    tree = {"service_code": {"A1": "A", "B1": "B", "B2": "B"}}
    found = shown(disclosure.protect(table(counts, hierarchies=tree), RULES))
    assert found[("A1",)] is None
    assert found[("A",)] is None
    assert found[(TOTAL,)] is None or found[("B",)] is None


def test_parts_that_are_not_all_listed_do_not_bind():
    # A2 is known to exist and is not shown: A and A1 are no longer bound to be equal
    counts = {"A1": 3, "A": 40, TOTAL: 40}
    tree = {"service_code": {"A1": "A", "A2": "A"}}
    found = shown(disclosure.protect(table(counts, hierarchies=tree), RULES))
    assert found == {("A1",): None, ("A",): 40, (TOTAL,): 40}


def test_shares_go_with_either_part():
    built = grid(
        [[3, 9], [20, 30]],
        ["A", "B"],
        ["street", "clearance"],
        shares={"group_share": "target_group"},
    )
    frame = disclosure.protect(built, RULES).published.frame
    count, share = frame["count"], frame["group_share"]
    assert share[count.isna()].isna().all()
    totals = frame[frame["target_group"] == TOTAL].set_index("service_code")["count"]
    lost = frame["service_code"].map(totals).isna()
    assert share[lost].isna().all()
    kept = ~(count.isna() | lost)
    assert share[kept].tolist() == pytest.approx(
        (count[kept].astype(float) / frame["service_code"].map(totals)[kept].astype(float)).round(3)
    )


def test_means_go_with_their_count():
    built = table({"A": 3, "B": 9, "C": 20, TOTAL: 32})
    built = replace(
        built, frame=built.frame.assign(stay_days=[100.0, 200, 300, 250]), derived=("stay_days",)
    )
    frame = disclosure.protect(built, RULES).published.frame
    assert frame["stay_days"].isna().tolist() == [True, True, False, False]


# ---------------------------------------------------------------- linked tables


def test_a_common_cell_is_hidden_in_both_tables():
    first = grid([[3, 20], [30, 40]], ["A", "B"], ["street", "clearance"])
    frame = pd.DataFrame(
        {"service_code": ["A", "B", TOTAL] * 2, "year": ["2025"] * 3 + [TOTAL] * 3}
    ).assign(count=[2, 20, 22, 23, 70, 93])
    frame = pd.concat(
        [
            frame,
            pd.DataFrame(
                {"service_code": ["A", "B", TOTAL], "year": "2024", "count": [21, 50, 71]}
            ),
        ]
    )
    second = CountTable("anni", frame.reset_index(drop=True), ("service_code", "year"))
    both = disclosure.protect_together([first, second], RULES)
    one, other = shown(both[0]), shown(both[1])
    for service in ("A", "B", TOTAL):
        assert one[(service, TOTAL)] == other[(service, TOTAL)]
    assert not disclosure.audit([p.published for p in both], RULES).empty


def test_a_table_apart_may_pass_alone_and_fail_beside_another():
    # By itself the first hides A and B; a second table that shows B gives A away.
    first = disclosure.protect(table({"A": 3, "B": 9, "C": 20, TOTAL: 32}), RULES).published
    second = table({"B": 9, "C": 20}, name="altra")
    disclosure.audit([first], RULES)
    with pytest.raises(OutputError, match="ospiti: service_code=A si ricava"):
        disclosure.audit([first, second], RULES)


def test_tables_of_different_things_are_not_linked():
    first = disclosure.protect(table({"A": 3, "B": 9, "C": 20, TOTAL: 32}), RULES).published
    second = table({"A": 40, "B": 9, TOTAL: 49}, name="posti", measure="places")
    assert disclosure.audit([first, second], RULES)["measure"].tolist() == ["stays", "stays"]


def test_what_was_handed_out_stays_as_it_is():
    first = disclosure.protect(table({"A": 3, "B": 9, "C": 20, TOTAL: 32}), RULES)
    later = grid([[1, 2], [4, 5], [20, 0]], ["A", "B", "C"], ["street", "clearance"], name="gruppi")
    found = disclosure.protect(later, RULES, beside=[first])
    again = shown(found)
    assert again[("C", TOTAL)] == 20
    assert again[("A", TOTAL)] is None
    assert again[("B", TOTAL)] is None
    disclosure.audit([first.published, found.published], RULES)


def test_what_can_no_longer_be_hidden_is_refused():
    first = disclosure.protect(table({"A": 5, "B": 9, TOTAL: 14}), RULES)
    later = grid([[1, 4], [9, 0]], ["A", "B"], ["street", "clearance"], name="gruppi")
    with pytest.raises(OutputError, match="gruppi: .* non si può nascondere"):
        disclosure.protect(later, RULES, beside=[first])


# ---------------------------------------------------------------- audit


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        # the last of a row
        ({"A": None, "B": 9, TOTAL: 12}, "service_code=A"),
        # two that make six: each is known to within 4
        ({"A": None, "B": None, "C": 10, TOTAL: 16}, "service_code=B"),
    ],
)
def test_the_audit_names_what_can_be_worked_out(counts, named):
    with pytest.raises(OutputError, match=named):
        disclosure.audit([table(counts)], RULES)


def test_bounds_by_hand():
    # A + B = 12, each at least 1
    found = disclosure.audit([table({"A": None, "B": None, "C": 20, TOTAL: 32})], RULES)
    assert found[["low", "high"]].to_numpy().tolist() == [[1, 11], [1, 11]]
    assert found["cell"].tolist() == ["service_code=A", "service_code=B"]


def test_a_large_count_need_only_be_unknown():
    # A in {40..50}, B in {1..}: C and D are bound to A by other sums, all far from small
    frame = pd.DataFrame(
        {
            "service_code": ["A", "A", "B", "B", "A", "B", TOTAL, TOTAL, TOTAL],
            "target_group": ["x", "y", "x", "y", TOTAL, TOTAL, "x", "y", TOTAL],
            "count": [None, None, None, None, 50, 6, 52, 4, 56],
        }
    )
    bounds = intervals([CountTable("t", frame, ("service_code", "target_group"))], RULES)
    by_cell = dict(zip(bounds.cells, zip(bounds.low, bounds.high, strict=True), strict=True))
    # y of A is 1 to 3, so x of A is 47 to 49: unknown, and no small count
    assert by_cell[(("service_code", "A"), ("target_group", "x"))] == (47, 49)
    failing = {bounds.cells[at] for at in bounds.failing}
    assert (("service_code", "A"), ("target_group", "x")) not in failing
    assert (("service_code", "A"), ("target_group", "y")) in failing


def test_a_share_that_is_shown_gives_its_count_away():
    frame = pd.DataFrame(
        {
            "target_group": ["street", "clearance", "overcrowded", TOTAL],
            "count": pd.array([None, None, 20, 40], dtype="Int64"),
            "group_share": [0.075, np.nan, 0.5, 1.0],
        }
    )
    leaky = CountTable("quote", frame, ("target_group",), shares={"group_share": "target_group"})
    # 7.5 % of 40 is 3 and nothing else
    with pytest.raises(OutputError, match="target_group=street"):
        disclosure.audit([leaky], RULES)
    tight = replace(leaky, frame=frame.assign(group_share=[np.nan, np.nan, 0.5, 1.0]))
    assert disclosure.audit([tight], RULES)["low"].tolist() == [1, 1]


PRESENT = ("stays", (("service_code", "A"),))


def test_a_fact_about_a_count_is_held():
    two = table({"A": None, "B": None, "C": 20, TOTAL: 32})
    disclosure.audit([two], RULES)
    # A has three places: with no more guests than places it is known to within two.
    with pytest.raises(OutputError, match="service_code=A"):
        disclosure.audit([two], RULES, [Fact({PRESENT: 1.0}, 0, 3)])


def test_two_amounts_solve_what_one_leaves_open():
    two = table({"A": None, "B": None, "C": 20, TOTAL: 32})
    days = [Fact({"days:A": 1.0, "days:B": 1.0}, 1414, 1414)]
    fees = [Fact({"days:A": 38.0, "days:B": 65.0}, 72_200, 72_200)]
    bound = [Fact({PRESENT: 365.0, "days:A": -1.0}, 0, np.inf)]
    spans = {"days:A": 365.0}
    disclosure.audit([two], RULES, days + bound, spans)
    with pytest.raises(OutputError, match="days:A"):
        disclosure.audit([two], RULES, days + fees + bound, spans)


def test_facts_join_what_two_tables_count():
    # Who left in July is who left by July less who left by June.
    june = table({"A": 9, "B": 12, TOTAL: 21}, measure="by June")
    july = table({"A": 12, "B": 30, TOTAL: 42}, name="luglio", measure="by July")
    between = table({"A": None, "B": None, TOTAL: 21}, name="differenza", measure="in July")
    cells = [(("service_code", one),) for one in ("A", "B")]
    facts = [
        Fact({("by July", one): 1.0, ("by June", one): -1.0, ("in July", one): -1.0}, 0, 0)
        for one in cells
    ]
    disclosure.audit([june, july, between], RULES)
    with pytest.raises(OutputError, match="differenza: service_code=A"):
        disclosure.audit([june, july, between], RULES, facts)


def test_cells_behind_which_few_stand_are_hidden_whatever_they_count():
    counts = table({"A": 30, "B": 40, "C": 50, TOTAL: 120})
    few = replace(counts, few=frozenset({(("service_code", "A"),)}))
    found = disclosure.protect(few, RULES)
    assert found.reasons.tolist() == ["primary", "complementary", "shown", "shown"]


def test_contradictions_are_refused():
    with pytest.raises(OutputError, match="contraddicono"):
        disclosure.audit([table({"A": None, "B": 9, TOTAL: 5})], RULES)
    with pytest.raises(OutputError, match="due conteggi diversi"):
        disclosure.audit([table({"A": 9}), table({"A": 8}, name="altra")], RULES)
    with pytest.raises(ValueError, match="non è la somma delle sue parti"):
        disclosure.protect(table({"A": 8, "B": 9, TOTAL: 5}), RULES)
    with pytest.raises(ValueError, match="non ha un conteggio"):
        disclosure.protect(table({"A": None, "B": 9}), RULES)


def test_an_error_says_no_count():
    with pytest.raises(OutputError) as caught:
        disclosure.audit([table({"A": None, "B": 98, TOTAL: 101})], RULES)
    assert not any(number in str(caught.value) for number in ("3", "98", "101"))


# ---------------------------------------------------------------- every table that fits


def every_fit(frame, dimensions, limit):
    """Every inner table of counts up to `limit` that fits what is shown, hidden ones at least 1."""
    inner = [key for key in frame.index if TOTAL not in key]
    choices = []
    for key in inner:
        count = frame.loc[key, "count"]
        least = 0 if key[dimensions.index("target_group")] == "violence" else 1
        choices.append(np.arange(least, limit + 1) if pd.isna(count) else np.array([int(count)]))
    tables = np.stack(np.meshgrid(*choices, indexing="ij"), axis=-1).reshape(-1, len(inner))
    for cell, count in frame["count"].items():
        if TOTAL in cell and not pd.isna(count):
            within = [all(c in (TOTAL, k) for c, k in zip(cell, key, strict=True)) for key in inner]
            tables = tables[tables[:, within].sum(axis=1) == int(count)]
    return inner, tables


@pytest.mark.slow
@settings(max_examples=EXAMPLES // 10)
@given(st.lists(st.integers(0, 4), min_size=6, max_size=6), st.booleans())
def test_no_hidden_count_is_determined(values, sensitive):
    columns = ["street", "violence" if sensitive else "clearance", "overcrowded"]
    built = grid(np.reshape(values, (2, 3)).tolist(), ["A", "B"], columns)
    published = disclosure.protect(built, LOW).published
    frame = published.frame.set_index(list(published.dimensions))
    inner, fits = every_fit(frame, published.dimensions, limit=11)
    assert (fits == values).all(axis=1).any()
    for key, reached in zip(inner, fits.T, strict=True):
        if pd.isna(frame.loc[key, "count"]):
            assert len(np.unique(reached)) > 1, key


# ---------------------------------------------------------------- random tables

TREE = {"service_code": {"S0": "Nord", "S1": "Nord", "S2": "Sud", "S3": "Sud", "S4": "Sud"}}
VALUES = {
    "service_code": list(TREE["service_code"]),
    "target_group": ["street", "violence", "clearance"],
    "year": ["2024", "2025"],
    "destination": ["sap_sas", "owned"],
}


@st.composite
def stays(draw):
    n = draw(st.integers(1, 90))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sharp = draw(st.sampled_from([0.3, 1.0, 5.0]))
    return pd.DataFrame(
        {d: random.choice(v, n, p=random.dirichlet([sharp] * len(v))) for d, v in VALUES.items()}
    )


def tabulated(rows, dimensions, name):
    return disclosure.tabulate(rows, dimensions, name=name, values=VALUES, hierarchies=TREE)


@pytest.mark.slow
@settings(max_examples=EXAMPLES // 12)
@given(stays())
def test_what_is_protected_passes_the_audit(rows):
    tables = [
        tabulated(rows, ["service_code", "target_group"], "gruppi"),
        tabulated(rows, ["service_code", "year"], "anni"),
        tabulated(rows, ["target_group", "year"], "gruppi per anno"),
        tabulated(rows, ["target_group", "destination"], "uscite"),
    ]
    found = disclosure.protect_together(tables, RULES)
    bounds = disclosure.audit([one.published for one in found], RULES)
    for one in found:
        truth, marks = one.internal.counts, one.published.counts
        for cell, count in truth.items():
            assert marks[cell] in (None, count)
            if RULES.hides(cell, count):
                assert marks[cell] is None
            if marks[cell] is None and count == 0:
                group = dict(cell).get("target_group")
                assert group in (None, "violence")
    assert (bounds["high"] > bounds["low"]).all()


@pytest.mark.slow
@settings(max_examples=EXAMPLES // 20)
@given(stays())
def test_small_counts_are_known_to_no_better_than_their_threshold(rows):
    found = disclosure.protect(
        tabulated(rows, ["service_code", "target_group", "year"], "t"), RULES
    )
    bounds = intervals([found.published], RULES)
    truth = found.internal.counts
    assert not bounds.failing
    for cell, low, high in zip(bounds.cells, bounds.low, bounds.high, strict=True):
        assert high > low
        if RULES.hides(cell, truth[cell]):
            assert high - low >= RULES.least(cell)


def test_the_same_table_is_hidden_the_same_way():
    rows = pd.DataFrame({"service_code": ["S0"] * 3 + ["S2"] * 8 + ["S3"] * 9, "year": "2025"})
    built = [disclosure.tabulate(rows, ["service_code", "year"], name="t", hierarchies=TREE)] * 2
    one, other = (disclosure.protect(each, RULES).published.frame for each in built)
    pd.testing.assert_frame_equal(one, other)


# ---------------------------------------------------------------- steps and profiles


def test_a_blank_table_falls_back_and_says_so():
    steps = {
        "service": table({"A": 2, "B": 3, "C": 4, TOTAL: 9}),
        "ambito": table({"Nord": 5, "Sud": 4, TOTAL: 9}),
        "network": table({"rete": 9, TOTAL: 9}),
    }
    found = disclosure.fall_back(steps, RULES)
    assert found.internal is steps["network"]
    assert "intera rete" in found.note
    assert "whole network" in Voice("en").say(found.note)
    plain = disclosure.fall_back({"service": table({"A": 20, TOTAL: 20})}, RULES)
    assert plain.note == ""
    none = disclosure.fall_back({"service": table({"A": 2, TOTAL: 2})}, RULES)
    assert none.is_blank
    assert "nessuna cifra" in none.note
    with pytest.raises(ValueError, match="in quest'ordine"):
        disclosure.fall_back(dict(reversed(steps.items())), RULES)


def test_profiles():
    built = table({"A": 3, "B": 9, "C": 20, TOTAL: 32})
    (internal,) = disclosure.release([built], "internal", RULES)
    assert internal.published is built
    (published,) = disclosure.release([built], "published", RULES)
    assert published.published.frame["count"].isna().sum() == 2
    assert published.reasons.tolist() == ["primary", "complementary", "shown", "shown"]
    with pytest.raises(ValueError, match="internal, published"):
        disclosure.release([built], "public", RULES)


def test_tables_are_checked_whole():
    with pytest.raises(ValueError, match="manca la colonna count"):
        CountTable("t", pd.DataFrame({"a": ["x"]}), ("a",))
    frame = pd.DataFrame({"a": ["x", "x"], "count": [1, 2.5]})
    with pytest.raises(ValueError, match="intero da 0 in su; una cella è ripetuta; a: x sta sopra"):
        CountTable("t", frame, ("a",), {"a": {"x": "x"}})
    frame = pd.DataFrame({"a": ["x"], "count": [9], "p": [0.5]})
    with pytest.raises(ValueError, match="i totali su a non sono nella tabella"):
        CountTable("t", frame, ("a",), shares={"p": "a"})
    with pytest.raises(ValueError, match="y non è nell'elenco"):
        disclosure.tabulate(pd.DataFrame({"a": ["y"]}), ["a"], name="t", values={"a": ["x"]})
    with pytest.raises(ValueError, match="a manca in una riga"):
        disclosure.tabulate(pd.DataFrame({"a": [None, "x"]}), ["a"], name="t", values={"a": ["x"]})


def test_too_much_crossed_is_refused():
    wide = {f"d{at}": [f"v{one}" for one in range(40)] + [TOTAL] for at in range(4)}
    frame = pd.DataFrame(wide).assign(count=9)
    with pytest.raises(OutputError, match="incrociare meno dimensioni"):
        disclosure.protect(CountTable("t", frame, tuple(wide)), RULES)


# ---------------------------------------------------------------- protected services

SERVICES = pd.DataFrame(
    {
        "service_name": ["Casa aperta", "Rifugio", "Rifugio due", "Casa segreta"],
        "ambito_name": ["Desio", "Desio", "Desio", None],
        "protected": [False, True, True, True],
        "daily_fee_eur": [30.0, 50.0, 55.0, 60.0],
    },
    index=pd.Index(["A", "B", "C", "D"], name="service_code"),
)
DWELLINGS = pd.DataFrame(
    {
        "service_code": ["A", "A", "B", "C", "D"],
        "municipality_code": ["108023", "108023", "108023", "108033", "015146"],
        "address": ["via Roma 1", "via Roma 2", None, None, None],
        "beds": [4, 3, 5, 6, 4],
    },
    index=pd.Index(["a1", "a2", "b1", "c1", "d1"], name="dwelling_code"),
)


def test_protected_services_appear_by_place_only():
    services, dwellings = disclosure.published_services(SERVICES, DWELLINGS)
    assert services.index.tolist() == ["A", "protected:015", "protected:Desio"]
    assert services.loc["protected:Desio", ["dwellings", "beds"]].tolist() == [2, 11]
    assert services.loc["protected:015", ["ambito_name", "dwellings", "beds"]].isna().all()
    assert services.loc["protected:Desio":, "daily_fee_eur"].isna().all()
    assert dwellings.index.tolist() == ["a1", "a2"]
    text = services.to_csv() + dwellings.to_csv()
    assert not any(word in text for word in ("Rifugio", "segreta", "108033", "015146"))


def test_protection_is_stated_never_inferred():
    unstated = SERVICES.assign(protected=[False, True, None, True])
    with pytest.raises(ValueError, match="se sono protetti i servizi C"):
        disclosure.place_of_services(unstated, DWELLINGS)


# ---------------------------------------------------------------- two hierarchies

BY_AMBITO = {"S1": "A", "S2": "A", "S3": "B", "S4": "B"}
BY_KIND = {"S1": "K", "S2": "L", "S3": "K", "S4": "L"}


def nested(counts, parents, name):
    above = {}
    for one, parent in parents.items():
        above[parent] = above.get(parent, 0) + counts[one]
    whole = counts | above | {TOTAL: sum(counts.values())}
    return table(whole, name=name, hierarchies={"service_code": parents})


def reach(counts, hidden, column):
    """The least and the greatest count of a hidden cell by what is shown, and no less than zero."""
    leaves = list(counts)
    sums = {one: [one] for one in leaves} | {TOTAL: leaves}
    for parents in (BY_AMBITO, BY_KIND):
        for one, parent in parents.items():
            sums.setdefault(parent, []).append(one)
    rows = [[float(one in parts) for one in leaves] for parts in sums.values()]
    known = [at for at, name in enumerate(sums) if name not in hidden]
    right = [sum(counts[one] for one in list(sums.values())[at]) for at in known]
    own = np.array(rows[list(sums).index(column)])
    ends = [
        sign * linprog(sign * own, A_eq=[rows[at] for at in known] or None, b_eq=right or None).fun
        for sign in (1, -1)
    ]
    return ends[0], ends[1]


@pytest.mark.parametrize("counts", [(2, 20, 30, 40), (2, 3, 30, 40), (20, 4, 4, 30), (9, 9, 3, 50)])
def test_two_hierarchies_over_one_dimension_are_hidden_under_both(counts):
    counts = dict(zip(BY_AMBITO, counts, strict=True))
    tables = [nested(counts, BY_AMBITO, "ambiti"), nested(counts, BY_KIND, "tipi")]
    found = disclosure.protect_together(tables, RULES)
    hidden = {key[0] for one in found for key, count in shown(one).items() if count is None}
    small = {one for one in counts if counts[one] < RULES.count_min}
    assert small <= hidden
    for one in small:
        low, high = reach(counts, hidden, one)
        assert high - low >= RULES.count_min
    disclosure.audit([one.published for one in found], RULES)
    # Apart, each table alone leaves what the other gives away.
    alone = set()
    for each in tables:
        (one,) = disclosure.protect_together([each], RULES)
        alone |= {key[0] for key, count in shown(one).items() if count is None}
    assert len(hidden) >= len(alone)


def test_two_parents_of_one_hierarchy_are_refused():
    counts = dict.fromkeys(BY_AMBITO, 20)
    moved = BY_AMBITO | {"S1": "B"}
    tables = [nested(counts, BY_AMBITO, "ambiti"), nested(counts, moved, "altri")]
    with pytest.raises(Refused, match="S1 sta sotto sia A sia B"):
        disclosure.protect_together(tables, RULES)
    less = {one: kind for one, kind in BY_KIND.items() if one != "S4"}
    tables = [nested(counts, BY_AMBITO, "ambiti"), nested(counts, less, "tipi")]
    with pytest.raises(Refused, match="due gerarchie, e S4 sta in una sola"):
        disclosure.protect_together(tables, RULES)
