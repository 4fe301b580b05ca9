"""The places of services as tables: by ambito and group, over time, and the register they are of."""

from __future__ import annotations

import pandas as pd

from needs_analysis.disclosure import PROTECTED, protected_label
from needs_analysis.reports.chapters.services_building import (
    LEVELS,
    Head,
    told_table,
    told_words,
    unit_of,
)
from needs_analysis.reports.model import Table
from needs_analysis.services.files.schema import DAY_RULES, KINDS, STATES
from needs_analysis.services.measures import RULES
from needs_analysis.told import Told
from needs_analysis.words import N_, Voice

AMBITO_NOTE = N_(
    "Posti pronti alla fine del periodo, per ambito: lo stesso valore in tutti i suoi "
    "comuni. I servizi protetti sono contati nell'ambito e non si vedono più in piccolo."
)
# Why a count under the threshold may stand here.
_PLACES_NOTE = N_(
    "Un posto non è una persona: il conteggio dei posti si mostra anche se è piccolo, "
    "purché non riveli un conteggio nascosto di ospiti."
)
_HEADS_OF_OFFER = {
    "places_occupied": N_("Posti occupati"),
    "places_ready": N_("Posti pronti"),
    "places_reserved": N_("Posti riservati"),
    "places_to_repair": N_("Posti da sistemare"),
    "occupancy_share": N_("Notti occupate"),
    "occupancy_share_low": N_("Da"),
    "occupancy_share_high": N_("A"),
}


def offer_table(found: Told, voice: Voice) -> Table:
    """Return places by state and occupancy of each ambito."""
    frame, ambiti = found.figures.frame, found.ambiti
    columns: list[Head] = [("ambito", N_("Ambito"), "text")]
    rows: dict[str, list[str] | list[float]] = {"ambito": [*ambiti, voice.say(LEVELS["all"])]}
    hidden = {}
    wanted = [f"places_{state}" for state in ("occupied", "ready", "reserved", "to_repair")]
    for measure in [*wanted, "occupancy_share"]:
        own = frame[frame["measure"] == measure].set_index(["level", "level_value"])
        keys = [*(("ambito", one) for one in ambiti), ("all", "")]
        picked = own.reindex(keys)
        parts = ("value", "low", "high") if measure == "occupancy_share" else ("value",)
        for part in parts:
            name = measure if part == "value" else f"{measure}_{part}"
            rows[name] = picked[part].astype(float).tolist()
            hidden[name] = picked["hidden"].fillna(False).astype(bool).tolist()
            columns.append((name, _HEADS_OF_OFFER[name], unit_of(measure)))
    marks = pd.DataFrame(hidden)
    return told_table(
        found, "Servizi offerta", N_("Posti per ambito"), pd.DataFrame(rows),
        columns, voice, marks,
        (voice.say(RULES["supply"].text), voice.say(_PLACES_NOTE)),
    )  # fmt: skip


def ready_table(found: Told, voice: Voice) -> Table | None:
    """Return the ready places of each target group, over all ambiti."""
    shown = found.ready
    if shown is None:
        return None
    frame = shown.frame.assign(group=[told_words(code, voice) for code in shown.frame["group"]])
    note = voice.say(
        "Un posto aperto a più gruppi sta sotto ciascuno, uno che non ne nomina sotto tutti: "
        "le righe non si sommano."
    )
    columns = (("group", N_("Gruppo"), "text"), ("ready", N_("Posti pronti"), "count"))
    return told_table(
        found,
        "Servizi posti pronti",
        N_("Posti pronti per gruppo"),
        frame,
        columns,
        voice,
        shown.hidden,
        (note, voice.say(_PLACES_NOTE)),
    )


def supply_table(found: Told, voice: Voice) -> Table:
    """Return the places of the network by state on the last day of each month."""
    shown = found.over_time
    frame = shown.frame.assign(date=shown.frame["date"].dt.strftime("%Y-%m-%d"))
    columns = (
        ("date", N_("Giorno"), "date"),
        *((state, voice.say(one).capitalize(), "count")
          for state, one in STATES.items()),
    )  # fmt: skip
    title = N_("Posti nel tempo")
    return told_table(found, "Servizi posti nel tempo", title, frame, columns, voice, shown.hidden)


def register_table(found: Told, voice: Voice) -> Table:
    """Return the services as they may be shown: protected ones by ambito only."""
    own = found.services
    codes = own.index.astype(str)
    frame = pd.DataFrame(
        {
            "code": ["" if code.startswith(PROTECTED) else code for code in codes],
            "name": [
                protected_label(code, voice) if code.startswith(PROTECTED) else name
                for code, name in zip(
                    codes, own["service_name"].astype("str").fillna(""), strict=True
                )
            ],
            "kind": [
                voice.say(KINDS[code]) if code in KINDS else "" for code in own["service_kind"]
            ],
            "ambito": own["ambito_name"].astype("str").fillna(""),
            "rule": [
                voice.say(DAY_RULES[code].label) if code in DAY_RULES else ""
                for code in own["day_rule"]
            ],
            "fee": pd.to_numeric(own["daily_fee_eur"])
            .astype(float)
            .mask(own["zero_fee"].astype("boolean").fillna(False).to_numpy(dtype=bool), 0.0),
            "limit": pd.to_numeric(own["max_stay_days"]).astype(float),
        }
    )
    columns = (
        ("code", N_("Codice"), "code"),
        ("name", N_("Servizio"), "text"),
        ("kind", voice.in_context("service", "Tipo"), "text"),
        ("ambito", N_("Ambito"), "text"),
        ("rule", N_("Regola dei giorni"), "text"),
        ("fee", N_("Retta al giorno"), "eur_cents"),
        ("limit", N_("Permanenza massima"), "days"),
    )
    return told_table(found, "Servizi registro", N_("Servizi del registro"), frame, columns, voice)
