"""A network drawn: the same bytes, nothing hidden told, any size."""

from __future__ import annotations

import networkx as nx
import pytest

from needs_analysis.reports.charts.network import referral_network
from needs_analysis.words import Voice


def test_the_drawing_is_the_same_each_time_and_escapes_names():
    graph = nx.DiGraph([("A", "B"), ("B", "C")])
    nx.set_edge_attributes(graph, 12, "referrals")
    names = {"A": "<script>alert(1)</script>"}
    first = referral_network(graph, count_min=5, labels=names)
    assert first == referral_network(graph, count_min=5, labels=names)
    assert "<script" not in first
    assert first != referral_network(graph, count_min=5, labels=names, voice=Voice("en"))


def test_a_hidden_count_does_not_show_in_the_drawing():
    def drawn(count):
        graph = nx.DiGraph()
        graph.add_edge("A", "B", referrals=20)
        graph.add_edge("B", "A", referrals=count)
        return referral_network(graph, count_min=5)

    assert drawn(1) == drawn(4)
    assert drawn(4) != drawn(5)


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 8, 25])
def test_any_size_is_drawn(n):
    graph = nx.gnp_random_graph(n, 0.2, seed=1, directed=True)
    assert referral_network(nx.relabel_nodes(graph, str), count_min=5).startswith("<svg")
