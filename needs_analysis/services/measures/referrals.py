"""Referrals: how long an answer takes, and why it is no."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from needs_analysis.services.files.nights import OPEN
from needs_analysis.services.files.schema import REFUSALS
from needs_analysis.services.measures.declaration import Measure, Rests, Rule, Share, Whole, rule
from needs_analysis.services.measures.window import Tally, Window, one, part
from needs_analysis.words import N_


@rule(
    Rule(
        "answers",
        2,
        N_(
            "Giorni dalla segnalazione alla risposta data nel periodo (se senza data, il giorno "
            "dell'ingresso); in attesa è la segnalazione senza risposta alla fine del periodo."
        ),
    ),
    Measure("answer_mean_days", "days", N_("Attesa media della risposta"), told=Rests("answers")),
    Measure(
        "answer_median_days", "days", N_("Attesa mediana della risposta"), told=Rests("answers")
    ),
    Measure(
        "pending_referrals", "referrals", N_("Segnalazioni in attesa"), told=Whole("numerator")
    ),
)
def answer_days(window: Window) -> Iterator[Tally]:
    r"""Mean and median days from referral to answer, and referrals still pending.

    .. math:: \bar w = \frac{1}{n} \sum_i (answer_i - referral_i)

    Parameters
    ----------
    stays : Stays or DataFrame
        With answer, referral_date and answer_date; a pair with a date missing is left out and noted.
    period : Period
        Days in which an answer counts.

    Returns
    -------
    DataFrame
        Index measure (answer_mean_days, answer_median_days, pending_referrals); numerator,
        denominator, value, low, high, note.

    References
    ----------
    Rule `answers`.

    Examples
    --------
    >>> import pandas as pd
    >>> from needs_analysis.services import Period
    >>> stays = pd.DataFrame({"guest": ["a", "b"], "answer": ["refused", "accepted"],
    ...     "referral_date": pd.to_datetime(["2025-02-19", "2025-02-26"]),
    ...     "answer_date": pd.to_datetime(["2025-03-01", "2025-03-02"]),
    ...     "entry_date": pd.to_datetime([None, "2025-03-09"]),
    ...     "exit_date": pd.to_datetime([None, None])}, index=["1", "2"])
    >>> answer_days(stays, Period.year(2025))["value"].tolist()
    [7.0, 7.0, 0.0]
    """
    rec = window.records
    rows, decision = window.decided
    referral = rec.days_of("referral_date")
    stated = rec.days_of("answer_date")[rows]
    days = (stated - referral[rows]).astype(float)
    # Without one of the two dates, or with the two the wrong way round, the days are not known.
    days[(stated == OPEN) | (referral[rows] == OPEN) | (days < 0)] = np.nan
    yield one("answer_mean_days", "mean", part(rows, days))
    yield one("answer_median_days", "median", part(rows, days))
    later = (decision >= window.past) & (decision < OPEN)
    waits = rec.is_code("answer", "pending") | (later & (rec.choice("answer") >= 0))
    # No answer and no entry, or an answer of no known day: whether it waits is not known.
    blank = (rec.choice("answer") < 0) & (rec.entry == OPEN)
    undated = rec.is_code("answer", "accepted", "refused") & (decision == OPEN)
    waiting = np.flatnonzero((waits | blank | undated) & (referral < window.past))
    yield one("pending_referrals", "count", part(waiting, np.where(waits[waiting], 1.0, np.nan)))


@rule(
    Rule(
        "refusals",
        1,
        N_(
            "Segnalazioni rifiutate su quelle con risposta nel periodo, e rifiuti per motivo; il "
            "motivo non indicato è contato a parte."
        ),
    ),
    Measure(
        "refused_share", "share", N_("Segnalazioni rifiutate"), told=Share("answers", ("refused",))
    ),
    *(
        Measure(
            f"refused_{code}_share",
            "share",
            N_("Rifiuti: {of}"),
            told=Share("answers", (code,), "refused"),
            values={"of": label},
        )
        for code, label in {**REFUSALS, "not_stated": N_("non indicato")}.items()
    ),
)
def refusals(window: Window) -> Iterator[Tally]:
    r"""Refused referrals over the answered ones, and refusals by reason.

    .. math:: p = R / (A + R)

    Parameters
    ----------
    stays : Stays or DataFrame
        With answer, refusal_reason, referral_date and answer_date.
    period : Period
        Days in which an answer counts.

    Returns
    -------
    DataFrame
        Index measure (refused_share, refused_<reason>_share); numerator, denominator, value, low,
        high (Wilson), note.

    References
    ----------
    Rule `refusals`.

    Examples
    --------
    >>> import pandas as pd
    >>> from needs_analysis.services import Period
    >>> stays = pd.DataFrame({"guest": ["a", "b"], "answer": ["refused", "accepted"],
    ...     "answer_date": pd.to_datetime(["2025-03-01", "2025-03-02"]),
    ...     "entry_date": pd.to_datetime([None, "2025-03-09"]),
    ...     "exit_date": pd.to_datetime([None, None])}, index=["1", "2"])
    >>> refusals(stays, Period.year(2025)).loc["refused_share", "value"]
    np.float64(0.5)
    """
    rec = window.records
    rows = window.decided[0]
    refused = rec.is_code("answer", "refused")[rows]
    yield one("refused_share", "share", part(rows, refused))
    rows = rows[refused]
    reason = rec.choice("refusal_reason")[rows]
    for position, code in enumerate(REFUSALS):
        yield one(f"refused_{code}_share", "share", part(rows, reason == position))
    yield one("refused_not_stated_share", "share", part(rows, reason < 0))
