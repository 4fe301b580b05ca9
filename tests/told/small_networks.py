"""Invented networks of six small services: few places, families, conventions that differ."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_analysis.services.files.schema import INVENTED, TABLES, Period, Register, Stays, empty

PERIOD = Period.year(2025)
DAY = pd.Timedelta(days=1)
SENDERS = ("108033", "108023", "108012")
# Of the schema: of no other group are the places told that are open to it.
GROUPS = ("eviction_order", "street", "leaving_care", "clearance", "violence")
ENDS = ("sap_sas", "autonomous_rent", "family_friends", "other_service", "institution", "unknown")
DAY_RULES = ("nights", "entry_and_exit", "entry_only", "exit_only")
ABSENCE_RULES = ("paid", "half", "unpaid")


def typed(table: str, rows: dict[str, dict]) -> pd.DataFrame:
    """Return a declared table with these rows."""
    frame = empty(table)
    index = pd.Index(list(rows), name=frame.index.name)
    full = frame.reindex(index)
    for name in {column for row in rows.values() for column in row}:
        full[name] = pd.Series([row.get(name) for row in rows.values()], index=index, dtype=object)
    for one in TABLES[table].fields:
        if one.name in full:
            full[one.name] = full[one.name].astype(one.dtype)
    return full


def open_to(at: int) -> tuple[str, str]:
    """Return the groups that the places of a service take."""
    return GROUPS[at % len(GROUPS)], GROUPS[(at + 1) % len(GROUPS)]


def network(seed: int, places: tuple[int, ...] = (), full: float = 0.5) -> tuple[Register, Stays]:
    """Return six services over two or three ambiti, drawn by a seed.

    In one network of four the last is protected, in one of five another one has no fee.
    """
    random = np.random.default_rng(seed)
    places = places or tuple(int(one) for one in random.integers(2, 9 if seed % 2 else 5, 6))
    ambiti = [("Monza", "Desio", "Seregno")[at % (2 + seed % 2)] for at in range(6)]
    fees = random.choice([30.0, 38.0, 42.0, 45.5, 60.0, 72.0], 6, replace=bool(seed % 3 == 0))
    services, dwellings, beds, stays = {}, {}, {}, {}
    absences = []
    for at, count in enumerate(places):
        code = f"S{at + 1}"
        services[code] = {
            "body_name": "Cooperativa inventata", "service_name": f"Casa {code}",
            "service_kind": "apartment_network", "ambito_name": ambiti[at],
            "daily_fee_eur": fees[at], "day_rule": random.choice(DAY_RULES),
            "absence_rule": random.choice(ABSENCE_RULES), "educators": 2.0,
            "zero_fee": False, "protected": at == 5 and seed % 4 == 3,
        }  # fmt: skip
        if at == 4 and seed % 5 == 4:
            services[code] |= {"zero_fee": True, "daily_fee_eur": None}
        dwellings[f"D{code}"] = {"service_code": code, "municipality_code": SENDERS[at % 3]}
        for number in range(count):
            place = f"{code}-{number + 1}"
            beds[place] = {
                "dwelling_code": f"D{code}", "state": "ready",
                "target_groups": ";".join(open_to(at)),
            }  # fmt: skip
            day = pd.Timestamp("2024-06-01") + int(random.integers(0, 200)) * DAY
            always = random.random() < full
            while day <= PERIOD.end:
                end = day + int(random.integers(40, 420)) * DAY
                stay = f"A{len(stays) + 1}"
                gone = end <= PERIOD.end
                alone = random.random() < 0.7 or not stays
                stays[stay] = {
                    "guest": f"g{len(stays)}",
                    "household": f"h{len(stays)}" if alone else f"h{len(stays) - 1}",
                    "service_code": code, "place_code": place,
                    "target_group": random.choice(GROUPS, p=(0.35, 0.25, 0.2, 0.12, 0.08)),
                    "sending_municipality_code": SENDERS[int(random.choice(3, p=(0.5, 0.3, 0.2)))],
                    "entry_date": day, "exit_date": end if gone else None,
                    "destination": random.choice(ENDS) if gone else None,
                }  # fmt: skip
                if random.random() < 0.3:
                    absences.append((stay, day + 5 * DAY, day + int(random.integers(6, 30)) * DAY))
                day = end + (0 if always else int(random.integers(0, 60))) * DAY
    away = empty("absences").reindex(range(len(absences)))
    for name, values in zip(
        ("stay_id", "from_date", "to_date"), zip(*absences, strict=True), strict=True
    ):
        away[name] = list(values)
    away["stay_id"] = away["stay_id"].astype("str")
    register = Register(
        typed("services", services), typed("dwellings", dwellings), typed("places", beds),
        label=INVENTED,
    )  # fmt: skip
    return register, Stays(typed("stays", stays), absences=away, label=INVENTED)
