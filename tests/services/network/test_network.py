"""Measures of a network by hand, and what of it may be told."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from needs_analysis import disclosure
from needs_analysis.disclosure import Rules
from needs_analysis.services.files.schema import Period
from needs_analysis.services.network import collaboration as network
from needs_analysis.told.network import collaboration, published_graph

RULES = Rules.of()


def referrals(*groups):
    """Rows from (day, sender, receiver, answer, reason, days to answer, how many)."""
    rows = [
        (pd.Timestamp(day), sender, receiver, answer, reason, pd.Timedelta(days=wait))
        for day, sender, receiver, answer, reason, wait, count in groups
        for _ in range(count)
    ]
    columns = ["date", "from_member", "to_member", "answer", "refusal_reason", "wait"]
    frame = pd.DataFrame(rows, columns=columns)
    answered = frame["date"] + frame.pop("wait")
    return frame.assign(answer_date=answered.where(frame["answer"] != "pending"))


TWO_YEARS = referrals(
    ("2024-03-01", "A", "B", "accepted", None, 10, 20),
    ("2024-03-01", "B", "A", "refused", "no_place", 20, 10),
    ("2025-03-01", "A", "B", "accepted", None, 5, 30),
    ("2025-03-01", "A", "C", "refused", "no_place", 15, 8),
    ("2025-03-01", "A", "C", "refused", "not_eligible", 15, 2),
    ("2025-03-01", "C", "A", "pending", None, 0, 3),
)
MEMBERS = ["A", "B", "C", "D"]


def test_graph_counts_and_keeps_who_is_alone():
    graph = network.referral_graph(TWO_YEARS, MEMBERS, Period.year(2025))
    assert list(graph) == MEMBERS
    assert dict(graph.edges) == {
        ("A", "B"): {"referrals": 30}, ("A", "C"): {"referrals": 10}, ("C", "A"): {"referrals": 3},
    }  # fmt: skip
    assert network.isolated_members(graph) == ["D"]
    with pytest.raises(ValueError, match="non è membro: C"):
        network.referral_graph(TWO_YEARS, ["A", "B"])


def test_measures_by_hand():
    graph = network.referral_graph(TWO_YEARS, MEMBERS, Period.year(2025))
    assert network.density(graph) == 3 / 12
    assert network.reciprocity(graph) == pytest.approx(2 / 3)
    # ties: A 2, B 1, C 1, D 0; (0 + 1 + 1 + 2) / (3 * 2)
    assert network.centralisation(graph) == pytest.approx(4 / 6)


@pytest.mark.parametrize("n", [3, 5, 12])
def test_centralisation_of_a_star_and_a_ring(n):
    assert network.centralisation(nx.star_graph(n - 1).to_directed()) == 1
    assert network.centralisation(nx.cycle_graph(n, create_using=nx.DiGraph)) == 0


def test_what_is_not_defined_is_missing():
    alone = network.referral_graph(TWO_YEARS[:0], ["A"])
    assert np.isnan(network.density(alone))
    assert np.isnan(network.reciprocity(alone))
    assert np.isnan(network.centralisation(alone))


def test_collaboration_by_year():
    found = collaboration(TWO_YEARS, members=MEMBERS)
    value = found.measures["value"]
    assert value["2024", "refused_share"] == pytest.approx(10 / 30)
    assert found.measures.loc[("2024", "refused_share"), "denominator"] == 30
    low, high = found.measures.loc[("2024", "refused_share"), ["low", "high"]]
    assert low < 1 / 3 < high
    # ten at 20 days and twenty at 10
    assert value["2024", "answer_p50_days"] == 10
    assert value["2024", "answer_p75_days"] == 20
    # a tenth of thirty answers is three, fewer than five
    assert np.isnan(value["2024", "answer_p90_days"])
    assert found.isolated[found.isolated["year"] == "2024"]["member"].tolist() == ["C", "D"]
    assert value["all", "isolated_members"] == 1


def test_a_share_never_gives_a_hidden_count_away():
    few = referrals(
        ("2025-01-10", "A", "B", "accepted", None, 5, 30),
        ("2025-01-10", "A", "B", "refused", "no_place", 5, 3),
    )
    found = collaboration(few)
    assert np.isnan(found.measures["value"]["2025", "refused_share"])
    assert found.measures.xs("refused_share", level="measure")["denominator"].isna().all()


def test_pairs_and_refusals_pass_the_audit():
    found = collaboration(TWO_YEARS, members=MEMBERS)
    tables = [found.pairs.published, found.refusals.published]
    disclosure.audit(tables, RULES)
    counts = found.refusals.published.counts
    assert counts[(("outcome", "not_eligible"), ("year", "2025"))] is None
    assert counts[(("outcome", "no_place"), ("year", "2025"))] is None
    graph = published_graph(found.pairs, "2025")
    assert graph.edges["C", "A"] == {}
    assert "household" not in found.pairs.published.frame.columns


# ---------------------------------------------------------------- survey


def wave(name, scores, about=""):
    return pd.DataFrame(
        {
            "wave": name,
            "respondent_member": [f"m{at}" for at in range(len(scores))],
            "about_member": about,
            "question": "fiducia",
            "score": scores,
        }
    )


def test_means_and_change_by_hand():
    survey = pd.concat([wave("2024", [2, 3, 3, 4, 3]), wave("2025", [3, 4, 4, 4, 5])])
    means = network.survey_means(survey).set_index("wave")
    assert means["mean_score"].tolist() == [3, 4]
    # s = sqrt(1/2), t(4) = 2.776445: half width 0.877989
    assert means.loc["2025", "low"] == pytest.approx(4 - 2.776445 * np.sqrt(0.5 / 5), abs=1e-6)
    assert means.loc["2025", "high"] == pytest.approx(4 + 2.776445 * np.sqrt(0.5 / 5), abs=1e-6)
    change = network.survey_change(survey).iloc[0]
    assert (change["from_wave"], change["to_wave"], change["respondents"]) == ("2024", "2025", 5)
    # differences 1 1 1 0 2
    assert change["change_score"] == 1
    assert change["low"] == pytest.approx(1 - 2.776445 * np.sqrt(0.5 / 5), abs=1e-6)


def test_few_respondents_are_not_told():
    survey = pd.concat([wave("2024", [2, 3, 3, 4]), wave("2025", [3, 4, 4, 4, 5], about="A")])
    means = network.survey_means(survey).set_index("wave")
    assert means.loc["2024", ["respondents", "mean_score", "low", "high"]].isna().all()
    assert means.loc["2025", "respondents"] == 5
    assert network.survey_means(survey, respondents_min=3)["mean_score"].tolist() == [3, 4]


def test_a_member_that_answers_twice_counts_once():
    twice = pd.concat([wave("2025", [1, 4, 4, 4]), wave("2025", [3])])
    assert network.survey_means(twice)["mean_score"].isna().all()
    assert network.survey_means(twice, respondents_min=4)["mean_score"].tolist() == [14 / 4]


def test_scores_outside_the_scale_are_refused():
    with pytest.raises(ValueError, match="2 punteggi non sono da 1 a 5"):
        network.survey_means(wave("2025", [0, 3, 6]))
