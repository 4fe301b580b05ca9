"""How the members of a network work together: who refers to whom, and what they say of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis import parameters
from needs_analysis.disclosure import (
    TOTAL,
    Protected,
    Rules,
    place_of_services,
    protect_together,
    published_services,
    tabulate,
)
from needs_analysis.disclosure.tables import Cell
from needs_analysis.errors import ParameterError
from needs_analysis.services import intervals
from needs_analysis.services.problems import problem
from needs_analysis.services.publication import withhold
from needs_analysis.services.schema import ANSWERS, REFUSALS, Period, Register
from needs_analysis.sources.reading import plain

if TYPE_CHECKING:
    import networkx as nx

QUANTILES = (0.25, 0.5, 0.75, 0.9)
# A referral is about a household: pairs of members with few are hidden in what is published.
MEASURE = "referrals"
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


def referral_graph(
    referrals: pd.DataFrame,
    members: Sequence[str] | None = None,
    period: Period | None = None,
) -> nx.DiGraph:
    """Members of a network and how many referrals go from one to another.

    Parameters
    ----------
    referrals : DataFrame
        date, from_member, to_member, as of `read_referrals`.
    members : sequence of str, optional
        All members, those without referrals included; who occurs in the referrals if omitted.
    period : Period, optional
        Days in which a referral counts.

    Returns
    -------
    networkx.DiGraph
        Edges carry ``referrals``. Referrals of a member to itself are left out.

    Raises
    ------
    ParameterError
        A referral names somebody who is no member; all are listed.

    Examples
    --------
    >>> referrals = pd.DataFrame({"date": pd.to_datetime(["2025-02-01", "2025-03-01"]),
    ...                           "from_member": ["A", "A"], "to_member": ["B", "B"]})
    >>> graph = referral_graph(referrals, ["A", "B", "C"])
    >>> sorted(graph), graph["A"]["B"]["referrals"]
    (['A', 'B', 'C'], 2)
    """
    rows = _within(referrals, period)
    named = sorted(set(rows["from_member"]) | set(rows["to_member"]))
    if members is not None and (unknown := sorted(set(named) - set(members))):
        raise ParameterError(problem("no_member", members=tuple(unknown)))
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(sorted(members if members is not None else named))
    between = rows[rows["from_member"] != rows["to_member"]]
    tally = between.groupby(["from_member", "to_member"]).size().reset_index(name="count")
    for sender, receiver, count in tally.to_numpy():
        graph.add_edge(sender, receiver, referrals=int(count))
    return graph


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


def density(graph: nx.DiGraph) -> float:
    r"""Share of the possible directed ties between members that exist.

    .. math:: d = \frac{m}{n (n - 1)}

    Parameters
    ----------
    graph : networkx.DiGraph
        From :func:`referral_graph`.

    Returns
    -------
    float
        0-1; NaN with fewer than two members.

    References
    ----------
    Wasserman, S. and Faust, K. (1994), Social Network Analysis, Cambridge, chapter 4.

    Examples
    --------
    >>> import networkx as nx
    >>> density(nx.DiGraph([("A", "B"), ("B", "A"), ("A", "C")]))
    0.5
    """
    import networkx as nx

    return float(nx.density(graph)) if len(graph) > 1 else float("nan")


def reciprocity(graph: nx.DiGraph) -> float:
    r"""Share of the directed ties that are returned.

    .. math:: r = \frac{|\{(i, j) \in E : (j, i) \in E\}|}{|E|}

    Parameters
    ----------
    graph : networkx.DiGraph
        From :func:`referral_graph`.

    Returns
    -------
    float
        0-1; NaN without a tie.

    References
    ----------
    Wasserman, S. and Faust, K. (1994), Social Network Analysis, Cambridge, chapter 13.

    Examples
    --------
    >>> import networkx as nx
    >>> round(reciprocity(nx.DiGraph([("A", "B"), ("B", "A"), ("A", "C")])), 3)
    0.667
    """
    import networkx as nx

    return float(nx.reciprocity(graph)) if graph.number_of_edges() else float("nan")


def centralisation(graph: nx.DiGraph) -> float:
    r"""How far the ties gather around one member: 1 for a star, 0 where all have as many.

    .. math:: C = \frac{\sum_i (\max_k c_k - c_i)}{(n - 1)(n - 2)}

    with `c` the number of other members one is tied to, in either direction (Freeman, degree).

    Parameters
    ----------
    graph : networkx.DiGraph
        From :func:`referral_graph`.

    Returns
    -------
    float
        0-1; NaN with fewer than three members.

    References
    ----------
    Freeman, L.C. (1979), Centrality in social networks: conceptual clarification, Social Networks 1,
    215-239.

    Examples
    --------
    >>> import networkx as nx
    >>> centralisation(nx.DiGraph([("A", "B"), ("A", "C"), ("D", "A")]))
    1.0
    """
    if len(graph) < 3:
        return float("nan")
    ties = np.array([degree for _, degree in graph.to_undirected().degree()])
    return float((ties.max() - ties).sum() / ((len(ties) - 1) * (len(ties) - 2)))


def isolated_members(graph: nx.DiGraph) -> list[str]:
    """Members who neither sent nor received.

    Parameters
    ----------
    graph : networkx.DiGraph
        From :func:`referral_graph`, with all members.

    Returns
    -------
    list of str
        In order.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("A", "B")])
    >>> graph.add_node("C")
    >>> isolated_members(graph)
    ['C']
    """
    import networkx as nx

    return sorted(nx.isolates(graph))


def survey_means(
    survey: pd.DataFrame, respondents_min: int | None = None, level: float = intervals.CONFIDENCE
) -> pd.DataFrame:
    r"""Mean score of each question by wave and member spoken of, with Student's interval.

    .. math:: \bar x \pm t_{n-1} \, s / \sqrt n

    Parameters
    ----------
    survey : DataFrame
        wave, respondent_member, about_member, question, score (1-5); the answers of one member are
        averaged first.
    respondents_min : int, optional
        Fewer members than this and the average is NaN; `survey_respondents_min` when omitted.
    level : float
        Of the interval.

    Returns
    -------
    DataFrame
        wave, about_member, question, respondents (NaN under the minimum), mean_score, low, high,
        within 1-5.

    Raises
    ------
    ParameterError
        A score is not from 1 to 5.

    Examples
    --------
    >>> survey = pd.DataFrame({"wave": "2025", "respondent_member": list("ABCDE"),
    ...                        "about_member": "", "question": "fiducia", "score": [3, 4, 4, 4, 5]})
    >>> survey_means(survey)[["respondents", "mean_score"]].to_numpy().tolist()
    [[5.0, 4.0]]
    """
    least = _respondents_min(respondents_min, level)
    by = ["wave", "about_member", "question"]
    one = _one_answer(survey)
    rows: list[tuple[object, ...]] = [
        (*_key(key), *_mean(group["score"].to_numpy(), least, level, 1.0, 5.0))
        for key, group in one.groupby(by, sort=True)
    ]
    return pd.DataFrame(rows, columns=[*by, "respondents", "mean_score", "low", "high"])


def survey_change(
    survey: pd.DataFrame, respondents_min: int | None = None, level: float = intervals.CONFIDENCE
) -> pd.DataFrame:
    r"""Mean change of score from a wave to the next, of the members who answered in both.

    .. math:: \bar d \pm t_{n-1} \, s_d / \sqrt n

    Parameters
    ----------
    survey, respondents_min, level
        As in :func:`survey_means`.

    Returns
    -------
    DataFrame
        about_member, question, from_wave, to_wave, respondents, change_score (-4 to 4), low, high.

    Examples
    --------
    >>> wave = pd.DataFrame({"wave": "2024", "respondent_member": list("ABCDE"),
    ...                      "about_member": "", "question": "fiducia", "score": 3})
    >>> later = wave.assign(wave="2025", score=[3, 4, 4, 4, 5])
    >>> survey_change(pd.concat([wave, later]))["change_score"].tolist()
    [1.0]
    """
    least = _respondents_min(respondents_min, level)
    wide = _one_answer(survey).pivot_table(
        index=["about_member", "question", "respondent_member"], columns="wave", values="score"
    )
    waves = sorted(wide.columns)
    rows = []
    for before, after in zip(waves, waves[1:], strict=False):
        differences = (wide[after] - wide[before]).dropna()
        for key, group in differences.groupby(level=["about_member", "question"], sort=True):
            rows.append(
                (*_key(key), before, after, *_mean(group.to_numpy(), least, level, -4.0, 4.0))
            )
    columns = ["about_member", "question", "from_wave", "to_wave", "respondents", "change_score"]
    return pd.DataFrame(rows, columns=[*columns, "low", "high"])


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
    rules = rules or Rules.of()
    rows = _within(referrals, period)
    rows = rows.assign(year=rows["date"].dt.year.astype(str))
    whole = list(referral_graph(rows, members))
    pairs, refusals = (withhold(one, withheld or {}) for one in _counts(rows, whole, rules))
    measures, isolated = [], []
    for year in [*sorted(rows["year"].unique()), TOTAL]:
        own = rows if year == TOTAL else rows[rows["year"] == year]
        graph = referral_graph(own, whole)
        measures.append(_measures(own, graph, _outcomes(refusals, year), rules).assign(year=year))
        isolated += [(year, member) for member in isolated_members(graph)]
    least = _respondents_min(respondents_min)
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


def _within(referrals: pd.DataFrame, period: Period | None) -> pd.DataFrame:
    if period is None:
        return referrals
    return referrals[referrals["date"].between(period.start, period.end)]


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


def _counts(rows: pd.DataFrame, members: list[str], rules: Rules) -> tuple[Protected, Protected]:
    """Tabulate pairs and refusals, hidden together: their totals are the same referrals."""
    years = sorted(rows["year"].unique())
    answers = rows["answer"].fillna("pending")
    told = rows.assign(outcome=answers.mask(answers == "refused", rows["refusal_reason"]))
    told["outcome"] = told["outcome"].fillna("other")
    outcomes: list[str] = [*(one for one in ANSWERS if one != "refused"), *REFUSALS]
    above = {"outcome": dict.fromkeys(REFUSALS, "refused")}
    pairs = tabulate(
        rows,
        ["year", "from_member", "to_member"],
        name="segnalazioni tra membri",
        values={"year": years, "from_member": members, "to_member": members},
        measure=MEASURE,
    )
    refusals = tabulate(
        told,
        ["year", "outcome"],
        name="esiti delle segnalazioni",
        values={"year": years, "outcome": outcomes},
        hierarchies=above,
        measure=MEASURE,
    )
    first, second = protect_together([pairs, refusals], rules)
    return first, second


def _respondents_min(given: int | None, level: float = intervals.CONFIDENCE) -> int:
    parameters.checked({"level": parameters.INSIDE_SHARE}, level=level)
    return int(parameters.value("survey_respondents_min", given))


def _one_answer(survey: pd.DataFrame) -> pd.DataFrame:
    """Average the answers of one member to one question, so that it counts once."""
    scores = survey["score"].astype(float)
    if (wrong := ((scores < 1) | (scores > 5)).sum()) > 0:
        raise ParameterError(problem("scores", count=int(wrong)))
    by = ["wave", "about_member", "question", "respondent_member"]
    filled = survey.assign(score=scores, about_member=survey["about_member"].fillna(""))
    return filled.dropna(subset=["score"]).groupby(by, sort=True)["score"].mean().reset_index()


def _key(key: object) -> tuple[object, ...]:
    return key if isinstance(key, tuple) else (key,)


def _mean(
    scores: np.ndarray, least: int, level: float, bottom: float, top: float
) -> tuple[float, float, float, float]:
    count = len(scores)
    if count < max(least, 2):
        return (np.nan,) * 4
    mean = float(scores.mean())
    half = float(intervals.student_t(count - 1, level)) * float(scores.std(ddof=1)) / sqrt(count)
    return float(count), mean, max(bottom, mean - half), min(top, mean + half)


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
    >>> from needs_analysis.services import invented
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
