"""What may be told of how a network works together: ties, refusals, answers and its survey."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis.disclosure import (
    TOTAL,
    Protected,
    Rules,
    place_of_services,
    protect_together,
    published_services,
)
from needs_analysis.disclosure.counts import Cell
from needs_analysis.errors import wanted
from needs_analysis.figures import wanted_frame
from needs_analysis.reading import plain
from needs_analysis.services.files.schema import Period, Register
from needs_analysis.services.measures import intervals
from needs_analysis.services.network.collaboration import (
    centralisation,
    density,
    isolated_members,
    least_respondents,
    reciprocity,
    referral_graph,
    referral_tables,
    survey_change,
    survey_means,
    within,
)
from needs_analysis.told.publication import withhold

if TYPE_CHECKING:
    import networkx as nx

QUANTILES = (0.25, 0.5, 0.75, 0.9)
_PHRASE_LETTERS = 6
"""A shorter name of a protected service ("Casa") is only meant where it stands alone."""


@dataclass(frozen=True)
class Collaboration:
    """How a network works together, by year of referral and wave of survey.

    Attributes
    ----------
    measures : DataFrame
        Index year ("all" = all together) and measure; value, low, high, denominator. Measures:
        members, density_share, reciprocity_share, centralisation_share, isolated_members,
        refused_share (Wilson), answer_p25_days ... answer_p90_days. A share is NaN where one of its
        counts is hidden, a quantile where fewer answers than the threshold lie on a side of it.
    isolated : DataFrame
        year, member: those who neither sent nor received.
    pairs, refusals : Protected
        Referrals by year, from_member and to_member; refused ones by year and reason. Small counts
        are hidden in their published part.
    survey : DataFrame
        wave, about_member ("" = the network), question; respondents, mean_score, low, high; NaN
        where fewer respondents than the minimum.
    change : DataFrame
        about_member, question, from_wave, to_wave; respondents (who answered in both), change_score,
        low, high.
    respondents_min : int
        The minimum behind an average.
    """

    measures: pd.DataFrame
    isolated: pd.DataFrame
    pairs: Protected
    refusals: Protected
    survey: pd.DataFrame
    change: pd.DataFrame
    respondents_min: int


def published_graph(pairs: Protected, year: str = TOTAL) -> nx.DiGraph:
    """The graph as it may be published: a tie whose count is hidden has none.

    Parameters
    ----------
    pairs : disclosure.Protected
        Of a :class:`Collaboration`.
    year : str
        A year of referral, or "all".

    Returns
    -------
    networkx.DiGraph
        Edges carry ``referrals`` where they are shown.

    Examples
    --------
    >>> referrals = pd.DataFrame({"date": pd.to_datetime(["2025-02-01"] * 2),
    ...     "from_member": ["A"] * 2, "to_member": ["B"] * 2, "answer": ["pending"] * 2,
    ...     "refusal_reason": None, "answer_date": pd.NaT})
    >>> published_graph(collaboration(referrals).pairs).edges["A", "B"]
    {}
    """
    wanted(pairs, Protected)
    import networkx as nx

    frame = pairs.published.frame
    own = frame[frame["year"] == year]
    inner = own[(own[["from_member", "to_member"]] != TOTAL).all(axis=1)]
    graph = nx.DiGraph()
    graph.add_nodes_from(sorted(inner["from_member"].unique()))
    for sender, receiver, count in inner[["from_member", "to_member", "count"]].to_numpy():
        if sender != receiver and pd.isna(count):
            graph.add_edge(sender, receiver)
        elif sender != receiver and count > 0:
            graph.add_edge(sender, receiver, referrals=int(count))
    return graph


def collaboration(
    referrals: pd.DataFrame,
    survey: pd.DataFrame | None = None,
    members: Sequence[str] | None = None,
    period: Period | None = None,
    rules: Rules | None = None,
    respondents_min: int | None = None,
    withheld: Mapping[str, Collection[Cell]] | None = None,
) -> Collaboration:
    """Measures of a network's referrals by year, and of its survey by wave.

    Parameters
    ----------
    referrals : DataFrame
        As of `read_referrals`; one that was sent before the period is not counted.
    survey : DataFrame, optional
        As of `read_survey`.
    members : sequence of str, optional
        All members of the network.
    period : Period, optional
        Days in which a referral counts.
    rules : disclosure.Rules, optional
        Which counts are hidden; those of the parameters when omitted.
    respondents_min : int, optional
        As in :func:`survey_means`.
    withheld : mapping, optional
        Counts hidden beside earlier deliveries, as of `Publication.withheld`.

    Returns
    -------
    Collaboration
        Measures, isolated members, pairs, refusals, survey and change.

    Raises
    ------
    ParameterError
        As :func:`referral_graph` and :func:`survey_means`.

    Notes
    -----
    Households and single answers appear nowhere. Ties count whole members, which are bodies, not
    persons; whoever lists members of one person each must not publish their ties.

    Examples
    --------
    >>> referrals = pd.DataFrame({
    ...     "date": pd.to_datetime(["2025-02-01"] * 12), "from_member": ["A"] * 12,
    ...     "to_member": ["B"] * 12, "answer": ["accepted"] * 6 + ["refused"] * 6,
    ...     "refusal_reason": [None] * 6 + ["no_place"] * 6,
    ...     "answer_date": pd.to_datetime(["2025-02-08"] * 12)})
    >>> found = collaboration(referrals, members=["A", "B", "C"])
    >>> found.measures.loc[("2025", "refused_share"), "value"].item()
    0.5
    >>> found.isolated["member"].tolist()
    ['C', 'C']
    """
    wanted_frame(referrals, "date", "from_member", "to_member", "answer", "answer_date")
    rules = rules or Rules.of()
    rows = within(referrals, period)
    rows = rows.assign(year=rows["date"].dt.year.astype(str))
    whole = list(referral_graph(rows, members))
    hidden = protect_together(referral_tables(rows, whole), rules)
    pairs, refusals = (withhold(one, withheld or {}) for one in hidden)
    measures, isolated = [], []
    for year in [*sorted(rows["year"].unique()), TOTAL]:
        own = rows if year == TOTAL else rows[rows["year"] == year]
        graph = referral_graph(own, whole)
        measures.append(_measures(own, graph, _outcomes(refusals, year), rules).assign(year=year))
        isolated += [(year, member) for member in isolated_members(graph)]
    least = least_respondents(respondents_min)
    answers = _no_survey() if survey is None else survey
    return Collaboration(
        measures=pd.concat(measures).set_index(["year", "measure"]),
        isolated=pd.DataFrame(isolated, columns=["year", "member"]),
        pairs=pairs,
        refusals=refusals,
        survey=survey_means(answers, least),
        change=survey_change(answers, least),
        respondents_min=least,
    )


def _outcomes(refusals: Protected, year: str) -> tuple[float, float]:
    """Return how many were refused and accepted in a year, NaN where that is hidden."""
    frame = refusals.published.frame
    own = frame[frame["year"] == year].set_index("outcome")["count"].astype(float)
    return float(own["refused"]), float(own["accepted"])


def _measures(
    rows: pd.DataFrame, graph: nx.DiGraph, outcomes: tuple[float, float], rules: Rules
) -> pd.DataFrame:
    """Measure one year; what rests on few households or tells a hidden count is not told."""
    members, ties = len(graph), graph.number_of_edges()
    plain = [
        ("members", float(members), members),
        ("density_share", density(graph), members * (members - 1)),
        ("reciprocity_share", reciprocity(graph), ties),
        ("centralisation_share", centralisation(graph), members),
        ("isolated_members", float(len(isolated_members(graph))), members),
    ]
    found = [(name, value, np.nan, np.nan, base) for name, value, base in plain]
    refused, answered = outcomes[0], sum(outcomes)
    share, low, high = np.nan, np.nan, np.nan
    if answered > 0:
        share = refused / answered
        low, high = (float(bound) for bound in intervals.wilson(refused, answered))
    found.append(("refused_share", share, low, high, answered))
    days = (rows["answer_date"] - rows["date"]).dt.days.dropna()
    for part in QUANTILES:
        # A quantile may be the answer time of one household: so many must lie on either side of it.
        enough = min(part, 1 - part) * len(days) >= rules.count_min
        value = float(days.quantile(part)) if enough else np.nan
        found.append((f"answer_p{round(100 * part)}_days", value, np.nan, np.nan, answered))
    return pd.DataFrame(found, columns=["measure", "value", "low", "high", "denominator"])


def _no_survey() -> pd.DataFrame:
    columns = ("wave", "respondent_member", "about_member", "question")
    return pd.DataFrame({name: pd.Series(dtype=str) for name in columns} | {"score": []})


def without_protected(texts: pd.Series, register: Register) -> pd.Series:
    """Free texts that name no protected service: one that does says where it is shown instead.

    Parameters
    ----------
    texts : Series of str
        Members of a network, questions of a survey.
    register : Register
        Its services and dwellings.

    Returns
    -------
    Series of str
        A text that holds the name of a protected service, or is its code, whatever the case, accents
        and punctuation, is that of :func:`needs_analysis.disclosure.published_services`.

    Examples
    --------
    >>> from needs_analysis.services.files import invented
    >>> register = invented.network().register
    >>> secret = register.services.query("protected").iloc[0]
    >>> said = pd.Series(["Comune di Desio", secret["service_name"].upper()])
    >>> without_protected(said, register).tolist()
    ['Comune di Desio', 'Servizi protetti: Monza']
    """
    services, dwellings = register.services, register.dwellings
    place = place_of_services(services, dwellings)
    labels = published_services(services, dwellings)[0]["service_name"].to_dict()
    distinct = pd.Series(texts.dropna().unique(), dtype="str")
    words = distinct.map(plain)
    told = distinct.copy()
    secret = services.loc[services["protected"].astype(bool), "service_name"].fillna("")
    for code, called in secret.items():
        name = plain(str(called))
        named = words.isin([name, plain(str(code))]) & (words != "")
        if len(name) >= _PHRASE_LETTERS:
            named |= (" " + words + " ").str.contains(f" {name} ", regex=False)
        told[named] = labels[place.to_dict()[code]]
    return texts.map(dict(zip(distinct, told, strict=True)))
