"""Individual projects: stays that last too long, goals, reviews, and what is done with guests."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from needs_analysis.services.files.nights import OPEN, Ints, day_numbers
from needs_analysis.services.files.schema import AREAS
from needs_analysis.services.measures.declaration import Measure, Rests, Rule, Share, Untold, rule
from needs_analysis.services.measures.records import Bools
from needs_analysis.services.measures.window import Part, Tally, Window, one, part
from needs_analysis.words import N_

LONG_STAY_MONTHS = 18


def past_long_stay(window: Window) -> tuple[Ints, Bools]:
    """Return the stays of the window and which of them have a night in it beyond 18 months."""
    rec = window.records
    rows = window.of_period
    last = np.minimum(rec.leaving[rows], window.past)
    limit = np.maximum(rec.after_entry(LONG_STAY_MONTHS)[rows], window.first)
    return rows, np.asarray(last > limit)


@rule(
    Rule(
        "long_stays",
        2,
        N_(
            "Accoglienze del periodo con almeno una notte oltre i 18 mesi, e oltre la permanenza "
            "massima del servizio dove ne ha una."
        ),
        reads={"services": ("max_stay_days",)},
    ),
    Measure(
        "past_18_months_share", "share", N_("Oltre i 18 mesi"), told=Share("long_stays", ("past",))
    ),
    Measure(
        "past_18_months_explained_share",
        "share",
        N_("Oltre i 18 mesi con il motivo indicato"),
        told=Share("long_stays", ("past_explained",), "past"),
    ),
    Measure(
        "past_maximum_share",
        "share",
        N_("Oltre la permanenza massima del servizio"),
        told=Untold("no table counts the stays of services with a longest one"),
    ),
)
def long_stays(window: Window) -> Iterator[Tally]:
    """Stays past 18 months, and past their service's maximum."""
    rec = window.records
    rows, beyond = past_long_stay(window)
    yield one("past_18_months_share", "share", part(rows, beyond))
    reason = rec.column("over_stay_reason").iloc[rows[beyond]]
    explained = (reason.notna() & (reason != "")).to_numpy(dtype=bool)
    yield one("past_18_months_explained_share", "share", part(rows[beyond], explained))
    maximum = rec.register.services["max_stay_days"].to_numpy(dtype=float)
    limit = np.r_[maximum, np.nan][rec.codes["stays"]["service"][rows]]
    last = np.minimum(rec.leaving[rows], window.past)
    late = last > np.maximum(rec.entry[rows] + limit, window.first)
    limited = ~np.isnan(limit)
    yield one("past_maximum_share", "share", part(rows[limited], late[limited]))


@rule(
    Rule(
        "goals",
        1,
        N_(
            "Obiettivi raggiunti su obiettivi fissati nei progetti individuali di chi è uscito "
            "nel periodo."
        ),
    ),
    Measure(
        "goals_reached_share",
        "share",
        N_("Obiettivi raggiunti"),
        told=Rests("outcomes", "exit", over_persons=False),
    ),
)
def goals(window: Window) -> Iterator[Tally]:
    """Goals of the leavers; those of one stay hang together, so that a stay is the cluster."""
    rec = window.records
    rows = window.leavers
    fixed = rec.column("goals_set").to_numpy(dtype=float)[rows]
    reached = rec.column("goals_reached").to_numpy(dtype=float)[rows]
    reached = np.where(np.isnan(fixed), np.nan, reached)
    yield one("goals_reached_share", "ratio", part(rows, reached, np.nan_to_num(fixed)))


@rule(
    Rule(
        "plan_reviews",
        1,
        N_(
            "Verifiche del progetto individuale delle accoglienze presenti alla fine del "
            "periodo: indicate, e scadute se la data è arrivata."
        ),
    ),
    Measure(
        "plan_review_stated_share",
        "share",
        N_("Progetti con la data di verifica"),
        told=Untold("it is about how the office records"),
    ),
    Measure(
        "plan_review_overdue_share",
        "share",
        N_("Verifiche del progetto scadute"),
        told=Share("destinations", ("review_overdue",), "present"),
    ),
)
def plan_reviews(window: Window) -> Iterator[Tally]:
    """Review dates of the present."""
    rows = window.present
    review = window.records.days_of("plan_review_date")[rows]
    stated = review < OPEN
    yield one("plan_review_stated_share", "share", part(rows, stated))
    late = (review < window.past)[stated]
    yield one("plan_review_overdue_share", "share", part(rows[stated], late))


def _of_area(code: str, label: str) -> Iterator[Measure]:
    # What was done rests on those it was done with, not on all who were present.
    table, values = f"with_{code}", {"of": label}
    yield Measure(
        f"activities_{code}",
        "activities",
        N_("Attività: {of}"),
        told=Rests(table, own=True),
        values=values,
    )
    yield Measure(
        f"activity_{code}_hours", "hours", N_("Ore: {of}"), told=Rests(table), values=values
    )


@rule(
    Rule(
        "activities",
        2,
        N_(
            "Attività e ore di accompagnamento con data nel periodo; un servizio che non ne "
            "registra nessuna è «dato non trasmesso», non zero; le ore sono di volontari dove è "
            "detto."
        ),
        reads={"activities": ()},
    ),
    *(measure for code, label in AREAS.items() for measure in _of_area(code, label)),
    Measure(
        "volunteer_hours",
        "hours",
        N_("Ore di volontariato"),
        told=Rests("with_volunteers", own=True),
    ),
)
def activities(window: Window) -> Iterator[Tally]:
    """Activities and hours; a service that never records one has not transmitted."""
    rec = window.records
    table = rec.stays.activities
    rows = rec.activity_rows
    known = rows >= 0
    service = rec.codes["stays"]["service"]
    every = np.arange(len(rec.register.services))
    recording = np.isin(every, service[rows[known]])

    def beside(at: Bools) -> Part:
        # Nothing done by a service that records is zero; by one that never does, not known.
        none = every[~np.isin(every, service[rows[at]])]
        return part(none, np.where(recording[none], 0.0, np.nan), table="services")

    chosen = known & window.within(day_numbers(table["date"], OPEN))
    hours = table["hours"].to_numpy(dtype=float)
    for area in AREAS:
        at = chosen & (table["area"] == area).to_numpy(dtype=bool)
        yield one(f"activities_{area}", "count", part(rows[at]), beside(at))
        yield one(f"activity_{area}_hours", "count", part(rows[at], hours[at]), beside(at))
    volunteer = table["volunteer"].astype("boolean").to_numpy(dtype=float, na_value=np.nan)
    at = chosen & (volunteer != 0)
    given = np.where(np.isnan(volunteer), np.nan, hours)
    yield one("volunteer_hours", "count", part(rows[at], given[at]), beside(at))
