"""What the estimate of need is compared with: other territories, the survey, its own assumptions."""

from __future__ import annotations

import math

import pandas as pd

from needs_analysis import households, parameters
from needs_analysis.figures import Quality
from needs_analysis.needs.groups import AFFORDABILITY
from needs_analysis.reports.chapters.building import table
from needs_analysis.reports.chapters.need_view import told_of
from needs_analysis.reports.chapters.need_words import (
    ASSUMPTIONS,
    BURDEN,
    burdened,
    has_number,
    keyed,
    limit_of,
    upper_first,
)
from needs_analysis.reports.findings import ITALY, OWN, PROVINCE, REGION, Findings
from needs_analysis.reports.language import inside
from needs_analysis.reports.model import Sentence, Table, number
from needs_analysis.territory import municipalities
from needs_analysis.words import N_

SAID = 3  # assumptions in the sentence; the sheet has all
_STANDING = {
    "more": N_("{places}: qui sono di più"),
    "less": N_("{places}: qui sono di meno"),
    "none": N_("{places}: la differenza è dentro l'intervallo, quindi non è una differenza"),
}


# --- against other territories -----------------------------------------------------------------


def burden_compared(found: Findings) -> Sentence | None:
    """Say A5 of the area with its interval, and where it differs beyond it; nothing on a band."""
    told, voice = told_of(found), found.voice
    if not has_number(burdened(told)) or not found.has(BURDEN):
        return None
    marked = len(found.codes) == 1 and pd.notna(found.mark_words[found.codes[0]])
    text = voice.say(
        "Ogni 1.000 famiglie, {own} sono in affitto sul mercato e pagano di canone oltre il {limit} del "
        "reddito netto",
        own=rate(found, OWN),
        limit=limit_of(told, voice),
    )
    said = [] if marked else _standing(found)
    notes = [voice.say("Stima di un modello: per un comune è un ordine di grandezza.")]
    if marked:
        notes.append(
            voice.say(
                "Comune segnato ({mark}): il dato non si confronta.",
                mark=found.mark_words[found.codes[0]],
            )
        )
    without = found.totals.value(OWN, "municipalities_without_rent")
    if without:
        part, whole = (
            number(f"{OWN}:{name}", found.totals.value(OWN, name), voice)
            for name in ("municipalities_without_rent", "municipalities")
        )
        notes.append(
            voice.say(
                "Comuni senza un canone OMI: {part} su {whole}; per loro vale quello mediano dei comuni "
                "simili della provincia.",
                part=part,
                whole=whole,
            )
        )
    text = f"{text}."
    if said:
        text = f"{text} " + voice.say("A confronto, {others}.", others="; ".join(said))
    return Sentence(voice.elided(text), voice.say("Quanto pesa qui (stima)."), " ".join(notes))


def burden_ends(found: Findings, key: str) -> tuple[float, float]:
    """Return the least and the most that A5 of a territory may be."""
    low, high = found.compared.low, found.compared.high
    return float(low.loc[key, BURDEN]), float(high.loc[key, BURDEN])  # type: ignore[arg-type]


def rate(found: Findings, key: str, *, ends: bool = True, dash: bool = False) -> str:
    """Print A5 of a territory: alone, or with its interval in words or, where room is short, a dash."""
    voice, (low, high) = found.voice, burden_ends(found, key)
    own = keyed(f"{key}:{BURDEN}", found.compared.value(key, BURDEN), voice, "per_1000")
    if not ends:
        return own
    least, most = (
        keyed(f"{key}:{BURDEN}_{side}", end, voice, "per_1000")
        for side, end in (("low", low), ("high", high))
    )
    if dash:
        return f"{own} ({least}-{most})"
    return voice.say("{own} (fra {low} e {high})", own=own, low=least, high=most)


def burden_standing(found: Findings) -> dict[str, list[str]]:
    """Return by "more", "less" and "none" the territories that the area's A5 is apart from, or is not.

    Apart are intervals that do not touch: a difference inside them is none.
    """
    own_low, own_high = burden_ends(found, OWN)
    kinds: dict[str, list[str]] = {"more": [], "less": [], "none": []}
    for key in (PROVINCE, REGION, ITALY):
        if key not in found.groups or math.isnan(found.compared.value(key, BURDEN)):
            continue
        least, most = burden_ends(found, key)
        kinds["more" if own_low > most else "less" if own_high < least else "none"].append(key)
    return kinds


def _standing(found: Findings) -> list[str]:
    """Say how the area stands to province, region and Italy."""
    voice = found.voice
    return [
        voice.say(_STANDING[kind], places=voice.listed(
            [f"{found.labels[key]} {rate(found, key)}" for key in keys]
        ))
        for kind, keys in burden_standing(found).items()
        if keys
    ]  # fmt: skip


# --- what moves it -----------------------------------------------------------------------------


def moves(found: Findings) -> pd.DataFrame | None:
    """Return by how much each assumption moves the count of the area; None where a band or a count."""
    row = burdened(told_of(found))
    if row is None or not has_number(row) or row["quality"] == Quality.OBSERVED:
        return None
    every = households.national_tornado(found.codes, found.overrides, found.day)
    most = households.moved_most(every, found.codes)
    sides = most[["low", "high"]].div(most["central"], axis=0) - 1
    frame = pd.DataFrame(
        {"low": sides.min(axis=1).clip(upper=0), "high": sides.max(axis=1).clip(lower=0)}
    )
    frame.insert(0, "label", [found.voice.say(ASSUMPTIONS[str(one)]) for one in frame.index])
    return frame.set_axis([f"need_moved_{one}" for one in frame.index])


def moved_by(found: Findings, moved: pd.DataFrame | None) -> Sentence | None:
    """Say which assumptions move the answer most, in words."""
    if moved is None:
        return None
    voice = found.voice
    said = []
    for key, row in moved.head(SAID).iterrows():
        ends = [
            ("+" if float(row[side]) > 0 else "")
            + keyed(f"{key}:{side}_share", float(row[side]), voice, "share")
            for side in ("low", "high")
        ]
        said.append(
            voice.say("{what} (da {low} a {high})", what=row["label"], low=ends[0], high=ends[1])
        )
    text = voice.say(
        "Il numero di famiglie in affitto che pagano troppo dipende soprattutto da ciò che si assume "
        "su: {first}.",
        first="; ".join(said),
    )
    return Sentence(text, voice.say("Che cosa sposta di più la stima."))


def moves_table(found: Findings, moved: pd.DataFrame | None) -> Table | None:
    """Give by how much each assumption moves the answer, the first first."""
    if moved is None:
        return None
    voice = found.voice
    frame = moved.rename(columns={"low": "low_share", "high": "high_share"})
    frame["label"] = frame["label"].map(upper_first)
    heads = (
        ("label", N_("Assunzione")), ("low_share", N_("Da"), "share"), ("high_share", N_("A"), "share"),
    )  # fmt: skip
    note = voice.say(
        "Di quanto cambia il numero centrale di famiglie in affitto oltre il {limit} del reddito, "
        "cambiando un'assunzione alla volta.",
        limit=limit_of(told_of(found), voice),
    )
    return table(
        voice, voice.say("bisogno assunzioni"), voice.say("Che cosa sposta la stima"), frame, heads,
        notes=(voice.elided(note),), sources=told_of(found).sources_of([AFFORDABILITY]),
    )  # fmt: skip


# --- the survey --------------------------------------------------------------------------------


def survey_apart(found: Findings) -> Sentence | None:
    """Say in which regions of the area model and survey do not agree, and by how much."""
    voice = found.voice
    own = _regions(found)
    rows = households.national(found.overrides, found.day).regions
    apart = rows[rows.index.isin(own) & rows["apart"].notna()]
    if apart.empty:
        return None
    lead = voice.say("Modello e indagine.")
    if len(own) == 1:
        code, row = str(apart.index[0]), apart.iloc[0]
        words = N_(
            "{place} modello e indagine non concordano ({times} volte): per l'indagine ISTAT, con le "
            "utenze, gli inquilini che pagano troppo sono {standing} che per il modello."
        )
        standing = N_("di più") if row["rate"] > row["model_rate"] else N_("di meno")
        times = keyed(f"{code}:model_survey_ratio", float(row["apart"]), voice, "ratio", 1)
        place = upper_first(inside("regione", own[code], voice))
        text = voice.say(words, place=place, times=times, standing=voice.say(standing))
    else:
        text = voice.say(
            "Modello e indagine non concordano in {count} regioni su {all} (fino a {times} volte).",
            count=number("need_survey:regions_apart", len(apart), voice),
            all=number("need_survey:regions", len(own), voice),
            times=keyed(
                "need_survey:model_survey_ratio", float(apart["apart"].max()), voice, "ratio", 1
            ),
        )
    note = voice.say(
        "La stima segue l'indagine, e il suo intervallo comprende tutti e due i valori."
    )
    return Sentence(voice.elided(text), lead, note)


def _regions(found: Findings) -> dict[str, str]:
    units = municipalities(found.day).loc[found.codes]
    return dict(zip(units["region_code"], units["region_name"], strict=True))


def limits(found: Findings) -> Sentence:
    """Say what the numbers count and what they do not."""
    voice, values = found.voice, parameters.values(found.overrides)
    utilities = values["rent_utilities_eur_month"]
    rent = (
        voice.say("Si conta il solo canone: utenze e spese di condominio sono fuori.")
        if not utilities
        else voice.say(
            "Al canone si aggiungono {utilities} € al mese di utenze, un'assunzione dello studio.",
            utilities=voice.number(utilities),
        )
    )
    text = voice.say(
        "{rent} Chi sta in una casa pubblica paga in base al reddito e non è contato. Sovraffollamento "
        "e coabitazione (disagio diffuso) non sono nel numero: stanno a parte, dalla provincia in su.",
        rent=rent,
    )
    return Sentence(text, voice.say("Che cosa è contato."), _integration(found))


def _integration(found: Findings) -> str:
    """Say how far the model's own arithmetic is from itself, with other points."""
    errors = households.national(found.overrides, found.day).integration_error
    most = 100 * float(errors.quantile(0.95))
    return found.voice.say(
        "Rifatto su altri punti, il calcolo del modello dà una quota di inquilini oltre il {limit} del "
        "reddito diversa di meno di {most} punti nel 95 % dei comuni.",
        limit=limit_of(told_of(found), found.voice),
        most=keyed("need_model:integration_error_points", most, found.voice, "points", 2),
    )
