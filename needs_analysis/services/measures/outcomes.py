"""Outcomes: where guests go, whether they come back, how they are months later."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from needs_analysis.services.files.nights import OPEN, Ints
from needs_analysis.services.files.schema import DESTINATIONS, POSITIVE
from needs_analysis.services.measures.declaration import (
    Count,
    Measure,
    Rule,
    Share,
    Untold,
    Whole,
    rule,
)
from needs_analysis.services.measures.intervals import Floats
from needs_analysis.services.measures.records import Bools, Records
from needs_analysis.services.measures.window import WINDOW_DAYS, Tally, Window, one, part
from needs_analysis.words import N_

RETURN_BANDS_DAYS = ((0, 180), (181, 365), (366, WINDOW_DAYS))
"""Days from a positive exit to the next entry."""
FOLLOW_UP_MONTHS = (6, 12)
MOMENTS: Mapping[str, str] = {
    "entry": N_("ingresso"),
    "exit": N_("uscita"),
    "6": N_("6 mesi"),
    "12": N_("12 mesi"),
}
PAIRS = tuple((a, b) for i, a in enumerate(MOMENTS) for b in list(MOMENTS)[i + 1 :])
WAYS: Mapping[str, str] = {
    "positive": N_("uscita positiva"),
    "neutral": N_("altro servizio"),
    "negative": N_("istituto, strada, rientro dal maltrattante"),
    "unknown": N_("destinazione non nota"),
}
"""Competing ways out."""


@rule(
    Rule(
        "exits",
        1,
        N_(
            "Uscite nel periodo per destinazione; positive sono affitto autonomo, alloggio "
            "pubblico, casa di proprietà e sistemazione stabile da familiari o amici; un altro "
            "servizio, neutro, e la destinazione non nota restano nel denominatore."
        ),
    ),
    Measure("exits", "stays", N_("Uscite"), told=Count("outcomes", "exit")),
    Measure(
        "positive_exits_share",
        "share",
        N_("Uscite positive"),
        told=Share("outcomes", ("exit_positive",), "exit"),
    ),
    *(
        Measure(
            f"exits_{code}_share",
            "share",
            N_("Uscite: {of}"),
            told=Share("destinations", (code,), "exit"),
            values={"of": label},
        )
        for code, label in DESTINATIONS.items()
    ),
)
def exits(window: Window, positive: Collection[str] = POSITIVE) -> Iterator[Tally]:
    r"""Exits by destination and the share of the positive ones.

    .. math:: p = X_{positive} / X

    Parameters
    ----------
    stays : Stays or DataFrame
        With destination; a missing one is unknown and stays in the denominator.
    period : Period
        Days in which an exit counts.
    positive : collection of str
        Destinations that count as positive; outreach also counts `other_service`.

    Returns
    -------
    DataFrame
        Index measure (exits, positive_exits_share, exits_<destination>_share); numerator,
        denominator, value, low, high (Wilson), note.

    References
    ----------
    Rule `exits`; Wilson (1927).

    Examples
    --------
    >>> import pandas as pd
    >>> from needs_analysis.services import Period
    >>> stays = pd.DataFrame({"guest": ["a", "b"], "destination": ["sap_sas", None],
    ...     "entry_date": pd.to_datetime(["2024-05-01"] * 2),
    ...     "exit_date": pd.to_datetime(["2025-03-01"] * 2)}, index=["1", "2"])
    >>> exits(stays, Period.year(2025)).loc["positive_exits_share", "value"]
    np.float64(0.5)
    """
    rows = window.leavers
    yield one("exits", "count", part(rows))
    left_to = {code: went_to(window.records, rows, (code,)) for code in DESTINATIONS}
    good = went_to(window.records, rows, positive)
    yield one("positive_exits_share", "share", part(rows, good))
    for code in DESTINATIONS:
        yield one(f"exits_{code}_share", "share", part(rows, left_to[code]))


def went_to(records: Records, rows: Ints, destinations: Collection[str]) -> Bools:
    """Return which stays have one of some destinations; unknown where none is stated."""
    found = records.is_code("destination", *destinations)[rows]
    if "unknown" in destinations:
        found |= records.choice("destination")[rows] < 0
    return found


@rule(
    Rule(
        "retention",
        2,
        N_("Accoglienze del periodo ancora in corso alla fine o concluse con un'uscita positiva."),
    ),
    Measure(
        "retention_share",
        "share",
        N_("Ancora accolti o usciti bene"),
        told=Share("outcomes", ("present", "exit_positive")),
    ),
)
def retention(window: Window) -> Iterator[Tally]:
    r"""Share of the period's stays still open at its end or ended well.

    .. math:: p = (N_{open} + X_{positive}) / N

    Parameters
    ----------
    stays : Stays or DataFrame
        With destination.
    period : Period
        Stays with a day in it count.

    Returns
    -------
    DataFrame
        Index measure; numerator, denominator, value, low, high (Wilson), note.

    References
    ----------
    Rule `retention`; HUD System Performance Measures, measure 7b.2.

    Examples
    --------
    >>> import pandas as pd
    >>> from needs_analysis.services import Period
    >>> stays = pd.DataFrame({"guest": ["a", "b"], "destination": ["street", None],
    ...     "entry_date": pd.to_datetime(["2024-05-01"] * 2),
    ...     "exit_date": pd.to_datetime(["2025-03-01", None])}, index=["1", "2"])
    >>> retention(stays, Period.year(2025))["value"].tolist()
    [0.5]
    """
    rows = window.of_period
    left = window.records.leaving[rows] < window.past
    well = went_to(window.records, rows, POSITIVE)
    yield one("retention_share", "share", part(rows, ~left | well))


def days_to_return(records: Records, rows: Ints) -> Floats:
    """Return days from each stay's exit to the guest's next entry; NaN where there is none."""
    order = records.order
    position = np.empty(len(records.entry), dtype=np.int64)
    position[order] = np.arange(len(order))
    apart = records.guest[order] * (4 * OPEN)
    after = np.searchsorted(
        apart + records.entry[order], records.guest[rows] * (4 * OPEN) + records.leaving[rows]
    )
    after = np.maximum(after, position[rows] + 1)
    there = after < len(order)
    following = order[np.where(there, after, 0)] if len(order) else rows
    same = there & (records.guest[following] == records.guest[rows])
    return np.asarray(
        np.where(same, records.entry[following] - records.leaving[rows], np.nan), dtype=float
    )


@rule(
    Rule(
        "returns",
        1,
        N_(
            "Nuovi ingressi dello stesso ospite entro 730 giorni da un'uscita positiva; contano "
            "le uscite avvenute 730 giorni prima del periodo, così che ognuna sia seguita per "
            "intero."
        ),
    ),
    *(
        Measure(
            f"returns_{low}_{high}_share",
            "share",
            N_("Rientri fra {low} e {high} giorni"),
            told=Share("returns", (f"{low}_{high}",)),
            values={"low": low, "high": high},
        )
        for low, high in RETURN_BANDS_DAYS
    ),
    Measure(
        f"returns_{WINDOW_DAYS}_share",
        "share",
        N_("Rientri entro {days} giorni"),
        told=Share("returns", ("returned",)),
        values={"days": WINDOW_DAYS},
    ),
)
def returns(window: Window) -> Iterator[Tally]:
    r"""Guests who entered again 0-180, 181-365 and 366-730 days after a positive exit.

    .. math:: p_{[a,b]} = |\{i : a \le s_{next(i)} - e_i \le b\}| / X_{positive}

    The exits are those of the period moved back by 730 days: each has been followed to the end.

    Parameters
    ----------
    stays : Stays or DataFrame
        With destination, of the two years before the period too.
    period : Period
        Its last day is the last on which a return counts.

    Returns
    -------
    DataFrame
        Index measure (returns_0_180_share, ..., returns_730_share); numerator, denominator (positive
        exits), value, low, high (Wilson), note.

    References
    ----------
    Rule `returns`; HUD System Performance Measures, measure 2.

    Examples
    --------
    >>> import pandas as pd
    >>> from needs_analysis.services import Period
    >>> stays = pd.DataFrame({"guest": ["a", "a"], "destination": ["autonomous_rent", None],
    ...     "entry_date": pd.to_datetime(["2021-01-10", "2022-01-10"]),
    ...     "exit_date": pd.to_datetime(["2021-05-15", None])}, index=["1", "2"])
    >>> returns(stays, Period("2022-10-01", "2023-09-30"))["value"].tolist()
    [0.0, 1.0, 0.0, 1.0]
    """
    rec = window.records
    back = Window(rec, window.first - WINDOW_DAYS, window.past - WINDOW_DAYS)
    rows = back.leavers
    rows = rows[went_to(rec, rows, POSITIVE)]
    days = days_to_return(rec, rows)
    for low, high in RETURN_BANDS_DAYS:
        yield one(
            f"returns_{low}_{high}_share", "share", part(rows, (days >= low) & (days <= high))
        )
    yield one(f"returns_{WINDOW_DAYS}_share", "share", part(rows, days <= WINDOW_DAYS))


def _after(months: int) -> Iterator[Measure]:
    name, values = f"follow_up_{months}", {"months": months}
    yield Measure(
        f"{name}_response_share",
        "share",
        N_("Risposte a {months} mesi"),
        told=Share(name, ("answered",)),
        values=values,
    )
    yield Measure(
        f"{name}_stable_share",
        "share",
        N_("Casa stabile a {months} mesi, fra chi risponde"),
        told=Share(name, ("stable_home",), "answered"),
        values=values,
    )
    yield Measure(
        f"{name}_stable_of_due_share",
        "share",
        N_("Casa stabile a {months} mesi, fra tutti i previsti"),
        told=Share(name, ("stable_home",)),
        values=values,
    )


@rule(
    Rule(
        "follow_up",
        1,
        N_(
            "Esiti a 6 e 12 mesi dall'uscita che cadono nel periodo; chi rifiuta, non è "
            "raggiunto o non è registrato resta nel denominatore delle risposte, chi non è "
            "ancora previsto no."
        ),
    ),
    *(measure for months in FOLLOW_UP_MONTHS for measure in _after(months)),
)
def follow_up(window: Window) -> Iterator[Tally]:
    r"""Response and housing stability 6 and 12 months after exit.

    .. math:: r = A / D, \qquad h = H / A, \qquad h_{due} = H / D

    D are the follow-ups due in the period, A those answered, H the stable homes.

    Parameters
    ----------
    stays : Stays or DataFrame
        With follow_up_6 and follow_up_12; "not_due" is in no denominator, no entry is no response.
    period : Period
        Days in which a follow-up falls due.

    Returns
    -------
    DataFrame
        Index measure; numerator, denominator, value, low, high (Wilson), note. Where few respond, the
        stable share of respondents is the best and that of the due the worst that can be said.

    References
    ----------
    Rule `follow_up`.

    Examples
    --------
    >>> import pandas as pd
    >>> from needs_analysis.services import Period
    >>> stays = pd.DataFrame({"guest": ["a", "b"], "follow_up_6": ["stable_home", None],
    ...     "entry_date": pd.to_datetime(["2024-01-10"] * 2),
    ...     "exit_date": pd.to_datetime(["2024-09-10"] * 2)}, index=["1", "2"])
    >>> follow_up(stays, Period.year(2025))["value"].tolist()[:3]
    [0.5, 1.0, 0.5]
    """
    rec = window.records
    for months in FOLLOW_UP_MONTHS:
        name = f"follow_up_{months}"
        due = np.flatnonzero(window.within(rec.after_exit(months)) & ~rec.is_code(name, "not_due"))
        answered = rec.is_code(name, "stable_home", "unstable", "returned_to_service")[due]
        stable = rec.is_code(name, "stable_home")[due]
        yield one(f"{name}_response_share", "share", part(due, answered))
        yield one(f"{name}_stable_share", "share", part(due[answered], stable[answered]))
        yield one(f"{name}_stable_of_due_share", "share", part(due, stable))


def scale_days(records: Records, moment: str) -> Ints:
    """Return the day on which each stay's scale is taken; OPEN where there is none."""
    if moment == "entry":
        return records.entry
    return records.leaving if moment == "exit" else records.after_exit(int(moment))


def scale_pairs(window: Window, earlier: str, later: str) -> tuple[Ints, Floats, Floats]:
    """Return the stays with both scales, the later one taken in the window, and the two."""
    rec = window.records
    rows = np.flatnonzero(window.within(scale_days(rec, later)))
    before = rec.column(f"scale_{earlier}").to_numpy(dtype=float)[rows]
    after = rec.column(f"scale_{later}").to_numpy(dtype=float)[rows]
    both = ~np.isnan(before) & ~np.isnan(after)
    return rows[both], before[both], after[both]


@rule(
    Rule(
        "scales",
        1,
        N_(
            "Situazione da 1 a 5 all'ingresso, all'uscita, a 6 e a 12 mesi: si confrontano solo "
            "le coppie rilevate sulla stessa accoglienza."
        ),
    ),
    *(
        Measure(
            f"scale_{moment}_recorded_share",
            "share",
            N_("Scala rilevata: {of}"),
            told=Untold("it is about how the office records, and no table counts it"),
            values={"of": label},
        )
        for moment, label in MOMENTS.items()
    ),
    *(
        Measure(
            f"scale_change_{a}_{b}_points",
            "points",
            N_("Variazione della scala: {one} - {other}"),
            told=Whole("denominator", stays=True),
            values={"one": MOMENTS[a], "other": MOMENTS[b]},
        )
        for a, b in PAIRS
    ),
)
def scales(window: Window) -> Iterator[Tally]:
    """Scales taken, and their change in pairs."""
    rec = window.records
    for moment in MOMENTS:
        rows = np.flatnonzero(window.within(scale_days(rec, moment)))
        if moment in ("6", "12"):
            rows = rows[~rec.is_code(f"follow_up_{moment}", "not_due")[rows]]
        taken = ~np.isnan(rec.column(f"scale_{moment}").to_numpy(dtype=float)[rows])
        yield one(f"scale_{moment}_recorded_share", "share", part(rows, taken))
    for earlier, later in PAIRS:
        rows, before, after = scale_pairs(window, earlier, later)
        yield one(f"scale_change_{earlier}_{later}_points", "mean", part(rows, after - before))
