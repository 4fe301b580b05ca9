"""How the members of a network work together: who refers to whom, and what they say of it."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis import parameters
from needs_analysis.disclosure import CountTable, tabulate
from needs_analysis.errors import ParameterError
from needs_analysis.services.files.schema import ANSWERS, REFUSALS, Period
from needs_analysis.services.measures import intervals
from needs_analysis.services.network.problems import problem

if TYPE_CHECKING:
    import networkx as nx

MEASURE = "referrals"
"""What pairs of members and refusals count: a referral is about a household."""


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
    rows = within(referrals, period)
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
    least = least_respondents(respondents_min, level)
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
    least = least_respondents(respondents_min, level)
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


def within(referrals: pd.DataFrame, period: Period | None) -> pd.DataFrame:
    """Return the referrals sent in a period; all without one."""
    if period is None:
        return referrals
    return referrals[referrals["date"].between(period.start, period.end)]


def referral_tables(rows: pd.DataFrame, members: list[str]) -> tuple[CountTable, CountTable]:
    """Tabulate pairs and refusals by year: their totals are the same referrals."""
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
    return pairs, refusals


def least_respondents(given: int | None, level: float = intervals.CONFIDENCE) -> int:
    """Return the fewest respondents behind an average: as given, else as the parameters say."""
    parameters.in_range({"level": parameters.INSIDE_SHARE}, level=level)
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
