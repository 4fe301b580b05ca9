"""Resources: what is paid, who works, and what services have beside."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from needs_analysis.services.measures.declaration import (
    Measure,
    Open,
    Rests,
    Rule,
    Whole,
    rule_of_places,
)
from needs_analysis.services.measures.records import months_of
from needs_analysis.services.measures.window import Tally, Window, one, part
from needs_analysis.words import N_


@rule_of_places(
    Rule(
        "fees",
        2,
        N_(
            "Giorni pagati e rette dovute, mese per mese, secondo la regola dei giorni e delle "
            "assenze di ogni convenzione; importi al centesimo."
        ),
        reads={
            "services": ("day_rule", "absence_rule", "daily_fee_eur", "zero_fee"),
            "absences": (),
        },
    ),
    Measure("paid_days", "days", N_("Giorni pagati"), told=Rests("outcomes", amounts=("days",))),
    Measure(
        "absence_days", "days", N_("Giorni di assenza"), told=Rests("outcomes", amounts=("days",))
    ),
    Measure("fees_due_eur", "eur", N_("Rette dovute"), told=Rests("outcomes", amounts=("fees",))),
)
def fees(window: Window) -> Iterator[Tally]:
    """Paid days, absence days and fees, as the monthly statements have them."""
    size = len(window.records.entry)
    names = {"paid_days": "paid_days", "absence_days": "absence_days", "fees_due_eur": "due_eur"}
    sums = {name: np.zeros(size) for name in names}
    told, untold = ({name: np.zeros(size, dtype=bool) for name in names} for _ in range(2))
    for month in months_of(window.first, window.past):
        lines = window.records.lines(*month)
        for name, source in names.items():
            amount = getattr(lines, source)
            known = ~np.isnan(amount)
            told[name][lines.rows[known]] = True
            untold[name][lines.rows[~known]] = True
            sums[name][lines.rows[known]] += amount[known]
    for name in names:
        # A stay with months that are known and months that are not stands in both.
        rows, missing = np.flatnonzero(told[name]), np.flatnonzero(untold[name])
        amounts = np.r_[np.round(sums[name][rows], 2), np.full(len(missing), np.nan)]
        yield one(name, "count", part(np.r_[rows, missing], amounts))


@rule_of_places(
    Rule(
        "team_load",
        1,
        N_(
            "Ospiti presenti in media ogni notte per educatore, nei servizi che hanno indicato "
            "gli educatori."
        ),
    ),
    Measure(
        "guests_per_educator",
        "per_educator",
        N_("Ospiti per educatore"),
        told=Rests("outcomes", amounts=("nights",), over_persons=False),
    ),
)
def team_load(window: Window) -> Iterator[Tally]:
    """Guests of an average night and educators, where these are stated."""
    rec = window.records
    rows, counted = window.nights
    educators = rec.register.services["educators"].to_numpy(dtype=float)
    stated = np.r_[~np.isnan(educators), False][rec.codes["stays"]["service"][rows]]
    staff = part(
        np.arange(len(educators)),
        np.where(np.isnan(educators), np.nan, 0.0),
        np.nan_to_num(educators),
        table="services",
    )
    guests = part(rows[stated], counted[stated] / window.days, 0.0)
    yield one("guests_per_educator", "quotient", guests, staff)


@rule_of_places(
    Rule(
        "resources",
        2,
        N_(
            "Soci residenti e accordi senza retta dal registro; accoglienze del periodo con "
            "consulenza per il mutuo, fra quelle per cui è indicata."
        ),
    ),
    Measure("resident_members", "persons", N_("Soci residenti"), told=Whole("numerator")),
    Measure("zero_fee_agreements", "services", N_("Accordi senza retta"), told=Open()),
    Measure(
        "credit_counselling",
        "stays",
        N_("Consulenze per il mutuo"),
        told=Whole("numerator", stays=True),
    ),
)
def resources(window: Window) -> Iterator[Tally]:
    """Resident members, zero-fee agreements, credit counselling."""
    rec = window.records
    services = rec.register.services
    every = np.arange(len(services))
    members = services["resident_members"].to_numpy(dtype=float)
    yield one("resident_members", "count", part(every, members, table="services"))
    free = services["zero_fee"].astype("boolean").to_numpy(dtype=float, na_value=np.nan)
    yield one("zero_fee_agreements", "count", part(every, free, table="services"))
    rows = window.of_period
    told = rec.column("credit_counselling").iloc[rows].astype("boolean")
    yield one(
        "credit_counselling", "count", part(rows, told.to_numpy(dtype=float, na_value=np.nan))
    )
