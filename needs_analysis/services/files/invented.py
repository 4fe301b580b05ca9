"""Invented but plausible data of six services, for tests, guides and notebooks; never of real guests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.parameters import SEEDS, in_range
from needs_analysis.services.files.schema import (
    AREAS,
    GROUPS,
    INVENTED,
    POSITIVE,
    REFUSALS,
    TABLES,
    Register,
    Stays,
    empty,
)

START, END = pd.Timestamp("2023-01-01"), pd.Timestamp("2025-12-31")
"""The invented services work from the first to the last of these days."""
_MEMBERS = tuple(
    f"{name} (inventato)"
    for name in ("Servizi sociali A", "Servizi sociali B", "Servizi sociali C", "Servizi sociali D",
                 "Cooperativa E", "Centro antiviolenza F", "Associazione G", "Caritas H")
)  # fmt: skip
_QUESTIONS = (
    "Le segnalazioni arrivano complete",
    "Le risposte arrivano in tempo",
    "Gli incontri sono utili",
)
_WOMEN = ("violence", "leaving_care")
_HOMELESS = ("eviction_order", "clearance", "temporary_space", "improper_space")
_NETWORK = ("eviction_order", "violence", "release_other", "overcrowded", "affordability")


@dataclass(frozen=True)
class _Service:
    """What one invented service is made of; each dwelling is municipality, rooms, m2, beds."""

    code: str
    name: str
    kind: str
    ambito: str
    groups: tuple[str, ...]
    dwellings: tuple[tuple[str, int, float, int], ...]
    fee: float | None = None
    day_rule: str = "nights"
    absence_rule: str = "paid"
    max_days: float | None = 547
    staff: tuple[float, float, float, float] = (1, 5, 0, 0)
    protected: bool = False
    zero_fee: bool = False
    channel: str = "social_services"


_SERVICES = (
    _Service("A1", "Rete di appartamenti", "apartment_network", "Monza", _NETWORK,
             (("108033", 3, 75, 3), ("108033", 4, 90, 4)), 38.0),
    _Service("N1", "Rete su quattro ambiti: Monza", "multi_ambito_network", "Monza", _NETWORK,
             (("108033", 4, 95, 5), ("108033", 3, 80, 4)), 42.0, "entry_and_exit"),
    _Service("N2", "Rete su quattro ambiti: Desio", "multi_ambito_network", "Desio", _NETWORK,
             (("108023", 4, 92, 4), ("108023", 3, 70, 3)), 42.0, "entry_and_exit"),
    _Service("N3", "Rete su quattro ambiti: Carate Brianza", "multi_ambito_network",
             "Carate Brianza", _NETWORK, (("108015", 4, 88, 4), ("108015", 3, 72, 3)), 42.0,
             "entry_and_exit"),
    _Service("N4", "Rete su quattro ambiti: Seregno", "multi_ambito_network", "Seregno", _NETWORK,
             (("108039", 4, 90, 4), ("108039", 3, 68, 3)), 42.0, "entry_and_exit"),
    _Service("C1", "Accompagnamento e casa condivisa", "accompaniment", "Monza",
             ("release_other", "leaving_reception", "affordability"), (("108033", 5, 120, 5),),
             None, max_days=None, staff=(1, 2, 9, 4), zero_fee=True, channel="direct"),
    _Service("T1", "Abitazioni di transizione", "transitional_dwelling", "Catania", _HOMELESS,
             (("087015", 8, 240, 12), ("087015", 8, 230, 12)), 30.0, max_days=None,
             staff=(1, 4, 3, 0)),
    _Service("U1", "Donne in uscita da comunità", "residential_unit", "Monza", _WOMEN,
             (("108033", 4, 100, 4),), 65.0, "entry_only", "half", 365),
    _Service("U2", "Villetta a schiera per nuclei monogenitoriali", "residential_unit", "Desio",
             _WOMEN, (("108023", 6, 140, 6),), 70.0, "entry_only", "half", 547),
    _Service("U3", "Appartamento protetto", "residential_unit", "Monza", ("violence",),
             (("108033", 4, 95, 4),), 80.0, "entry_and_exit", "paid", 365, protected=True,
             channel="court"),
    _Service("U4", "Cinque bilocali", "residential_unit", "Seregno", _WOMEN,
             tuple(("108039", 2, 48, 2) for _ in range(5)), 55.0, "exit_only", "unpaid", 730),
)  # fmt: skip


@dataclass(frozen=True)
class Invented:
    """An invented network: everything that the readers return, labelled invented.

    Parameters
    ----------
    register : Register
        Six services: an apartment network, a network over Monza, Desio, Carate Brianza and Seregno
        with 30 places, an accompaniment, transitional dwellings with 12 beds, four units.
    stays : Stays
        From 2023 to 2025; no two guests in one place at once.
    referrals, survey, policies : DataFrame
        As the readers return them.
    """

    register: Register
    stays: Stays
    referrals: pd.DataFrame
    survey: pd.DataFrame
    policies: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every table by name."""
        others = {"referrals": self.referrals, "survey": self.survey, "measures": self.policies}
        return self.register.tables | self.stays.tables | others


def network(seed: int = 1) -> Invented:
    """Return the invented data of six services.

    Parameters
    ----------
    seed : int
        The same seed gives the same data.

    Examples
    --------
    >>> one = network()
    >>> one.register.label, len(one.register.places), len(one.stays.stays) > 200
    ('dati inventati', 90, True)
    """
    in_range({"seed": SEEDS}, seed=seed)
    random = np.random.default_rng(seed)
    register = _register()
    stays = _stays(register, random)
    label = {"warnings": (), "label": INVENTED}
    frames = _referrals(random), _survey(random), _policies(random)
    for frame in frames:
        frame.attrs.update(label)
    return Invented(register, stays, *frames)


def example() -> Mapping[str, pd.DataFrame]:
    """Return a few invented rows of every table that agree with each other."""
    tables = network().tables
    rows = {name: frame.head(3) for name, frame in tables.items()}
    places = tables["places"].loc[tables["places"]["dwelling_code"].isin(rows["dwellings"].index)]
    rows["places"] = places.head(3)
    held = tables["stays"]["place_code"].isin(rows["places"].index)
    rows["stays"] = tables["stays"][held].head(3)
    for name in ("activities", "absences"):
        mine = tables[name]["stay_id"].isin(rows["stays"].index)
        rows[name] = (tables[name][mine] if mine.any() else tables[name]).head(2)
    return rows


def _typed(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as a declared table; what a row does not say is missing."""
    model = empty(name).reset_index() if TABLES[name].index else empty(name)
    frame = pd.DataFrame(rows, columns=model.columns)
    frame = frame.astype(dict(model.dtypes))
    return frame.set_index(TABLES[name].index) if TABLES[name].index else frame


def _register() -> Register:
    services, dwellings, places = [], [], []
    for one in _SERVICES:
        coordinators, educators, volunteers, residents = one.staff
        services.append({
            "service_code": one.code, "body_name": f"Ente di esempio ({INVENTED})",
            "service_name": f"{one.name} ({INVENTED})", "service_kind": one.kind,
            "ambito_name": one.ambito, "admission_channel": one.channel, "daily_fee_eur": one.fee,
            "day_rule": one.day_rule, "absence_rule": one.absence_rule,
            "max_stay_days": one.max_days, "coordinators": coordinators, "educators": educators,
            "volunteers": volunteers, "resident_members": residents, "zero_fee": one.zero_fee,
            "protected": one.protected,
        })  # fmt: skip
        for at, (municipality, rooms, area, beds) in enumerate(one.dwellings, start=1):
            dwelling = f"{one.code}-D{at}"
            dwellings.append({
                "dwelling_code": dwelling, "service_code": one.code,
                "municipality_code": municipality, "rooms": rooms, "area_m2": area, "beds": beds,
                "opened": START,
            })  # fmt: skip
            places += [{
                "place_code": f"{dwelling}-P{number}", "dwelling_code": dwelling, "state": "ready",
                "state_since": START, "target_groups": ";".join(one.groups),
                "household_size_max": 1, "opened": START,
            } for number in range(1, beds + 1)]  # fmt: skip
    return Register(
        _typed("services", services),
        _typed("dwellings", dwellings),
        _typed("places", places),
        label=INVENTED,
    )


def _stays(register: Register, random: np.random.Generator) -> Stays:
    """Fill the places one stay after the other, with a gap between; refusals stand apart."""
    rows: list[dict[str, Any]] = []
    left: list[tuple[str, str, pd.Timestamp]] = []
    for place, dwelling in register.places["dwelling_code"].items():
        service = str(register.dwellings["service_code"][dwelling])
        day = START + pd.Timedelta(days=int(random.integers(0, 120)))
        while day <= END:
            row = _stay(len(rows) + 1, str(place), service, day, left, random)
            rows.append(row)
            if pd.isna(row["exit_date"]):
                break
            left.append((row["guest"], row["household"], row["exit_date"]))
            day = row["exit_date"] + pd.Timedelta(days=int(random.integers(3, 60)))
    for _ in range(len(rows) // 4):
        rows.append(_refused(len(rows) + 1, random))
    frame = _typed("stays", rows)
    present = frame.loc[frame["entry_date"].notna() & frame["exit_date"].isna(), "place_code"]
    places = register.places
    places.loc[places.index.isin(present), "state"] = "occupied"
    return Stays(frame, *_days_of(frame, random), label=INVENTED)


def _stay(
    number: int,
    place: str,
    service: str,
    entry: pd.Timestamp,
    left: list[tuple[str, str, pd.Timestamp]],
    random: np.random.Generator,
) -> dict[str, Any]:
    """Return one stay: of a new guest, or in one of twelve of somebody who left before."""
    spec = next(one for one in _SERVICES if one.code == service)
    guest, household = f"g{number:04d}", f"h{number:04d}"
    before = [one for one in left if one[2] < entry]
    if before and random.random() < 1 / 12:
        guest, household, past = before[int(random.integers(len(before)))]
        left.remove((guest, household, past))
    length = int(np.clip(random.gamma(4.0, 75.0), 20, 900))
    end = entry + pd.Timedelta(days=length)
    gone = end <= END
    asked = entry - pd.Timedelta(days=int(random.integers(10, 60)))
    row: dict[str, Any] = {
        "stay_id": f"S{number:04d}", "guest": guest, "household": household,
        "service_code": service, "place_code": place, "target_group": str(random.choice(spec.groups)),
        "sending_municipality_code": spec.dwellings[0][0], "referral_date": asked,
        "answer": "accepted", "answer_date": asked + pd.Timedelta(days=int(random.integers(1, 10))),
        "entry_date": entry, "exit_date": end if gone else pd.NaT,
        "over_stay_reason": "attende un alloggio pubblico" if length > 547 and gone else None,
        "goals_set": int(random.integers(3, 7)), "scale_entry": int(random.integers(1, 4)),
        "plan_review_date": entry + pd.Timedelta(days=180),
        "credit_counselling": bool(random.random() < 0.3) if spec.kind == "accompaniment" else None,
    }  # fmt: skip
    row["goals_reached"] = int(random.integers(0, row["goals_set"] + 1))
    return row | (_exit(row, end, random) if gone else {})


def _exit(row: dict[str, Any], end: pd.Timestamp, random: np.random.Generator) -> dict[str, Any]:
    """Return where a guest went and how it was after 6 and 12 months, where they have passed."""
    chances = {"autonomous_rent": 0.3, "sap_sas": 0.25, "owned": 0.03, "family_friends": 0.12,
               "other_service": 0.15, "institution": 0.04, "street": 0.04, "unknown": 0.07}  # fmt: skip
    destination = str(random.choice(list(chances), p=list(chances.values())))
    found: dict[str, Any] = {
        "destination": destination,
        "scale_exit": min(5, row["scale_entry"] + int(random.integers(0, 3))),
    }
    answers = ("stable_home", "unstable", "returned_to_service", "refused", "not_reached")
    good = (0.68, 0.1, 0.04, 0.06, 0.12) if destination in POSITIVE else (0.2, 0.3, 0.2, 0.1, 0.2)
    for months in (6, 12):
        due = end + pd.DateOffset(months=months)
        said = str(random.choice(answers, p=good)) if due <= END else "not_due"
        found[f"follow_up_{months}"] = said
        found[f"follow_up_{months}_date"] = due if due <= END else pd.NaT
        if said in answers[:3]:
            found[f"scale_{months}"] = int(
                np.clip(found["scale_exit"] + random.integers(-1, 2), 1, 5)
            )
    return found


def _refused(number: int, random: np.random.Generator) -> dict[str, Any]:
    spec = _SERVICES[int(random.integers(len(_SERVICES)))]
    asked = START + pd.Timedelta(days=int(random.integers(0, 1060)))
    return {
        "stay_id": f"S{number:04d}", "guest": f"g{number:04d}", "household": f"h{number:04d}",
        "service_code": spec.code, "target_group": str(random.choice(spec.groups)),
        "sending_municipality_code": spec.dwellings[0][0], "referral_date": asked,
        "answer": "refused", "refusal_reason": str(random.choice(list(REFUSALS))),
        "answer_date": asked + pd.Timedelta(days=int(random.integers(1, 25))),
    }  # fmt: skip


def _days_of(stays: pd.DataFrame, random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the activities of the accompaniment and some absences from the units."""
    activities, absences = [], []
    for stay, row in stays[stays["entry_date"].notna()].iterrows():
        end = row["exit_date"] if pd.notna(row["exit_date"]) else END
        length = (end - row["entry_date"]).days
        if row["service_code"] == "C1":
            activities += [{
                "stay_id": stay, "date": row["entry_date"] + pd.Timedelta(days=day),
                "area": str(random.choice(list(AREAS))), "hours": float(random.integers(1, 7)) / 2,
                "volunteer": bool(random.random() < 0.4),
            } for day in range(0, length, 21)]  # fmt: skip
        if str(row["service_code"]).startswith("U") and length > 30:
            first = row["entry_date"] + pd.Timedelta(days=int(random.integers(1, length - 10)))
            last = first + pd.Timedelta(days=int(random.integers(0, 8)))
            absences.append({"stay_id": stay, "from_date": first, "to_date": last})
    return _typed("activities", activities), _typed("absences", absences)


def _referrals(random: np.random.Generator) -> pd.DataFrame:
    """Return who sent whom to whom; one member sends and receives nothing."""
    rows = []
    active = _MEMBERS[:-1]
    for number in range(1, 181):
        sender, receiver = random.choice(len(active), size=2, replace=False, p=_WEIGHTS)
        day = START + pd.Timedelta(days=int(random.integers(0, 1060)))
        answer = str(random.choice(["accepted", "refused", "pending"], p=[0.62, 0.28, 0.1]))
        rows.append({
            "referral_id": f"R{number:04d}", "date": day, "from_member": active[sender],
            "to_member": active[receiver], "service_code": f"N{random.integers(1, 5)}",
            "target_group": str(random.choice(list(GROUPS))), "household": f"h{number:04d}",
            "answer": answer,
            "refusal_reason": str(random.choice(list(REFUSALS))) if answer == "refused" else None,
            "answer_date": pd.NaT if answer == "pending"
            else day + pd.Timedelta(days=int(random.integers(1, 30))),
        })  # fmt: skip
    return _typed("referrals", rows)


_WEIGHTS = (0.24, 0.2, 0.16, 0.1, 0.16, 0.08, 0.06)


def _survey(random: np.random.Generator) -> pd.DataFrame:
    rows = [
        {"wave": wave, "respondent_member": respondent, "about_member": about, "question": question,
         "score": int(np.clip(round(random.normal(level, 0.9)), 1, 5))}
        for wave, level in (("2024", 3.2), ("2025", 3.6))
        for respondent in _MEMBERS
        for about in ("", *(one for one in _MEMBERS[:5] if one != respondent))
        for question in _QUESTIONS
    ]  # fmt: skip
    return _typed("survey", rows)


def _policies(random: np.random.Generator) -> pd.DataFrame:
    """Return local measures; one administration did not answer on what it spent."""
    names = ("Contributo per la morosità incolpevole", "Contributo per l'affitto",
             "Garanzia per i proprietari")  # fmt: skip
    rows = []
    # One code of the catalogue is filled in, the others are left to the names.
    for name, code in zip(names, (None, None, "P25"), strict=True):
        for at, letter in enumerate("ABCD"):
            budget = float(random.integers(20, 200)) * 1000
            asked = int(random.integers(20, 300))
            admitted = int(asked * random.uniform(0.6, 0.9))
            silent = at == 1
            rows.append({
                "measure_name": f"{name} ({INVENTED})",
                "administration_name": f"Ambito {letter} (inventato)",
                "year": 2025, "budget_eur": budget, "applications": asked,
                "admitted": admitted,
                "beneficiaries": int(admitted * random.uniform(0.3, 0.9)),
                "spent_eur": None if silent else round(budget * random.uniform(0.5, 1.0)),
                "agreements": None if silent else int(random.integers(0, 12)),
                "policy_id": code,
                "not_transmitted": "spent_eur;agreements" if silent else "",
            })  # fmt: skip
    return _typed("measures", rows)
