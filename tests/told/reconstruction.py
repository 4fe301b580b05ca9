"""What a reader of a delivery on services has in hand: plain tables for :mod:`attacker`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_analysis.reports.chapters import services_places, services_stays
from needs_analysis.services.capacity import planning
from needs_analysis.services.files.schema import GROUP_LABELS
from needs_analysis.told.telling import told_of
from needs_analysis.words import ITALIAN

from .attacker import Delivery


def groups_of(found) -> pd.Series:
    """Return whom each service takes, as anybody knows who has worked there; all its places alike."""
    register = found.run.records.register
    service = register.places["dwelling_code"].map(register.dwellings["service_code"])
    groups = register.places["target_groups"].astype("str").fillna("")
    assert groups.groupby(service).nunique().eq(1).all()
    every = ";".join(planning.GROUPS)
    return groups.where(groups != "", every).groupby(service).first()


def delivery(found) -> Delivery:
    """Return all that the files of a monitoring tell."""
    statement = services_stays.statement_table(told_of(found), ITALIAN).frame
    keys = found.counts["billed"].published.frame[["month", "sending_municipality_code"]]
    statement = statement.assign(month=keys["month"], sender=keys["sending_municipality_code"])
    figures = found.figures
    known = found.run.records.register.services
    free = known["zero_fee"].astype("boolean").fillna(False).to_numpy(dtype=bool)
    services = pd.DataFrame(
        {
            "ambito": known["ambito_name"], "fee": known["daily_fee_eur"].mask(free, 0.0),
            "day_rule": known["day_rule"], "absence_rule": known["absence_rule"],
            "groups": groups_of(found),
        }
    )  # fmt: skip
    told = told_of(found)
    rows = services_places.ready_table(told, ITALIAN)
    known = planning.open_places(found.run, found.places_in_sum)
    by_group = known[["usable"]].assign(ready=0.0)
    if rows is None:
        by_group["ready"] = np.nan
    else:
        named = {ITALIAN.say(words): code for code, words in GROUP_LABELS.items()}
        own = rows.frame.set_index(rows.frame["group"].map(named))["ready"]
        by_group["ready"] = own.reindex(by_group.index).where(by_group.index.isin(own.index), 0.0)
    months = services_places.supply_table(told, ITALIAN).frame.set_index("date")
    rules = found.rules
    return Delivery(
        [one.published for one in found.counts.values()],
        figures.assign(value=figures["value"].mask(figures["hidden"])),
        months, statement, services, by_group, found.period.days,
        {False: rules.count_min, True: rules.sensitive_count_min}, rules.sensitive,
    )  # fmt: skip
