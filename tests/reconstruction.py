"""What a reader of a delivery on services has in hand: plain tables for :mod:`attacker`."""

from __future__ import annotations

import pandas as pd
from attacker import Delivery

from needs_analysis.reports import services_tables
from needs_analysis.told.telling import told_of
from needs_analysis.words import ITALIAN


def delivery(found) -> Delivery:
    """Return all that the files of a monitoring tell."""
    statement = services_tables.statement_table(told_of(found), ITALIAN).frame
    keys = found.counts["billed"].published.frame[["month", "sending_municipality_code"]]
    statement = statement.assign(month=keys["month"], sender=keys["sending_municipality_code"])
    figures = found.figures
    known = found.run.records.register.services
    free = known["zero_fee"].astype("boolean").fillna(False).to_numpy(dtype=bool)
    services = pd.DataFrame(
        {
            "ambito": known["ambito_name"], "fee": known["daily_fee_eur"].mask(free, 0.0),
            "day_rule": known["day_rule"], "absence_rule": known["absence_rule"],
        }
    )  # fmt: skip
    months = services_tables.supply_table(told_of(found), ITALIAN).frame.set_index("date")
    rules = found.rules
    return Delivery(
        [one.published for one in found.counts.values()],
        figures.assign(value=figures["value"].mask(figures["hidden"])),
        months, statement, services, found.period.days,
        {False: rules.count_min, True: rules.sensitive_count_min}, rules.sensitive,
    )  # fmt: skip
