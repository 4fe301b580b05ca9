"""The tables on services: what the profile may show, with rules, denominators and intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.figures import Quality
from needs_analysis.reports.language import display, printed
from needs_analysis.reports.model import (
    Column,
    Number,
    Table,
    number,
    plain,  # noqa: F401 - of the examples
)
from needs_analysis.services.files.schema import (
    ANSWERS,
    DAY_RULES,
    DESTINATIONS,
    FOLLOW_UPS,
    GROUP_LABELS,
    INVENTED,
    KINDS,
    NOT_TRANSMITTED,
    REFUSALS,
    STATES,
    TABLES,
    UNSTATED,
)
from needs_analysis.services.measures import MEASURES, RULES, WAYS, note_text
from needs_analysis.told import AMBITO, Network, Shown, Told
from needs_analysis.words import N_, Voice

INTERNAL_WORD = N_("profilo interno: non consegnare")
INTERNAL_WARNING = N_("Profilo interno: contiene conteggi piccoli. Non consegnare.")
AMBITO_NOTE = N_(
    "Posti pronti alla fine del periodo, per ambito: lo stesso valore in tutti i suoi "
    "comuni. I servizi protetti sono contati nell'ambito e non si vedono più in piccolo."
)
WIDE = N_(
    "Trenta posti danno intervalli larghi: una quota del 50 % su dieci uscite può valere "
    "davvero fra il 24 e il 76 %. Fra due servizi, o fra due anni, contano solo le "
    "differenze più grandi degli intervalli."
)
_UNITS = {
    "share": "share", "days": "days", "hours": "hours", "eur": "eur_cents", "points": "points",
    "p_value": "p_value", "per_year": "ratio", "per_educator": "ratio",
}  # fmt: skip
# What a row may lack by nature: a count has no interval, a service no longest stay.
_OPTIONAL = {
    "low", "high", "numerator", "denominator", "occupancy_share_low", "occupancy_share_high", "limit",
}  # fmt: skip
_MAIN = (
    "entries", "present_at_end", "exits", "positive_exits_share", "exits_autonomous_rent_share",
    "exits_sap_sas_share", "retention_share", "returns_730_share", "first_time_share",
    "stay_mean_days", "stay_median_days", "stay_km_median_days", "past_18_months_share",
    "follow_up_6_response_share", "follow_up_6_stable_share", "follow_up_12_response_share",
    "follow_up_12_stable_share", "goals_reached_share", "scale_change_entry_exit_points",
    "answer_median_days", "refused_share", "guests_per_educator", "volunteer_hours",
    "credit_counselling", "fees_due_eur",
)  # fmt: skip
_LEVELS = {
    "all": N_("rete intera"),
    "service": N_("servizio"),
    "ambito": N_("ambito"),
    "group": N_("gruppo"),
    "year": N_("anno"),
}
_VALUES: Mapping[str, str] = {
    **DESTINATIONS, **REFUSALS, **FOLLOW_UPS, **ANSWERS, **GROUP_LABELS,
    TOTAL: N_("totale"),
    UNSTATED: N_("non indicato"),
    "present": N_("ancora presenti"),
    "exit": N_("usciti"),
    "exit_positive": N_("usciti verso una casa stabile"),
    "exit_other": N_("usciti altrove o destinazione non nota"),
    "not_stated": N_("motivo non indicato"),
}  # fmt: skip


def labelled(title: str, found: Told, voice: Voice) -> str:
    """Return a title that says when the data are invented, and when they may not leave."""
    said = [voice.say(INVENTED)] * bool(found.label) + [voice.say(INTERNAL_WORD)] * found.internal
    return f"{title} ({'; '.join(said)})" if said else title


def hidden_note(found: Told, voice: Voice) -> str:
    """Say what is hidden in the published profile, and that the internal one may not leave."""
    if found.internal:
        return voice.say(INTERNAL_WARNING)
    least, sensitive = found.rules.count_min, found.rules.sensitive_count_min
    return voice.say(
        "Per riservatezza sono nascosti i conteggi sotto {least} (sotto {sensitive} per i "
        "gruppi sensibili), quelli che li farebbero ricavare e le misure che ne dipendono. "
        "Un dato nascosto non è zero.",
        least=least,
        sensitive=sensitive,
    )


def unit_of(measure: str) -> str:
    """Return how a measure is printed.

    Examples
    --------
    >>> unit_of("occupancy_share"), unit_of("bed_nights"), unit_of("guests_per_educator")
    ('share', 'count', 'ratio')
    >>> unit_of("fees_due_eur"), unit_of("volunteer_hours"), unit_of("stay_logrank_by_group")
    ('eur_cents', 'hours', 'p_value')
    """
    return _UNITS.get(MEASURES[measure].unit, "count")


def _words(code: str, voice: Voice) -> str:
    if code.startswith(AMBITO):
        return f"{voice.say(_LEVELS['ambito'])} {code.removeprefix(AMBITO)}"
    return voice.say(_VALUES[code]) if code in _VALUES else code


def _table(
    found: Told,
    key: str,
    title: str,
    frame: pd.DataFrame,
    columns: Sequence[tuple[str, str, str]],
    voice: Voice,
    hidden: pd.DataFrame | None = None,
    notes: Sequence[str] = (),
) -> Table:
    """Return a table of the content model; `hidden` marks the cells that may not be told."""
    frame = frame.reset_index(drop=True)
    quality = None
    if hidden is not None:
        marks = hidden.reset_index(drop=True).astype(bool) & frame[list(hidden)].isna()
        quality = marks.map(lambda one: int(Quality.SUPPRESSED if one else Quality.OBSERVED))
        quality = quality.astype("int8")
    own = tuple(
        Column(name, voice.say(label), unit, optional=name in _OPTIONAL)
        for name, label, unit in columns
    )
    blank = quality is not None and bool((quality == Quality.SUPPRESSED).any(axis=None))
    said = hidden_note(found, voice) if blank or found.internal else ""
    first = f"{voice.day(found.period.start)} - {voice.day(found.period.end)}."
    return Table(
        key,
        labelled(voice.say(title), found, voice),
        frame,
        own,
        quality,
        notes=tuple(filter(None, (first, said, *notes))),
    )


_SOURCE_NOTE = N_("Fonte: registro e accoglienze dei servizi (dati riservati dell'ente).")


# ---------------------------------------------------------------- offer

# Why a count under the threshold may stand here.
_PLACES_NOTE = N_(
    "Un posto non è una persona: il conteggio dei posti si mostra anche se è piccolo, "
    "purché non riveli un conteggio nascosto di ospiti."
)


def offer_table(found: Told, voice: Voice) -> Table:
    """Return places by state and occupancy of each ambito."""
    frame, ambiti = found.figures.frame, found.ambiti
    columns: list[tuple[str, str, str]] = [("ambito", N_("Ambito"), "text")]
    rows: dict[str, list[str] | list[float]] = {"ambito": [*ambiti, voice.say(_LEVELS["all"])]}
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
    return _table(
        found, "Servizi offerta", N_("Posti per ambito"), pd.DataFrame(rows),
        columns, voice, marks,
        (voice.say(RULES["supply"].text), voice.say(_PLACES_NOTE)),
    )  # fmt: skip


_HEADS_OF_OFFER = {
    "places_occupied": N_("Posti occupati"),
    "places_ready": N_("Posti pronti"),
    "places_reserved": N_("Posti riservati"),
    "places_to_repair": N_("Posti da sistemare"),
    "occupancy_share": N_("Notti occupate"),
    "occupancy_share_low": N_("Da"),
    "occupancy_share_high": N_("A"),
}


def ready_table(found: Told, voice: Voice) -> Table | None:
    """Return the ready places of each target group, over all ambiti."""
    shown = found.ready
    if shown is None:
        return None
    frame = shown.frame.assign(group=[_words(code, voice) for code in shown.frame["group"]])
    note = voice.say(
        "Un posto aperto a più gruppi sta sotto ciascuno, uno che non ne nomina sotto tutti: "
        "le righe non si sommano."
    )
    columns = (
        ("group", N_("Gruppo"), "text"),
        ("ready", N_("Posti pronti"), "count"),
    )
    title = N_("Posti pronti per gruppo")
    return _table(
        found,
        "Servizi posti pronti",
        title,
        frame,
        columns,
        voice,
        shown.hidden,
        (note, voice.say(_PLACES_NOTE)),
    )


# ---------------------------------------------------------------- measures


def figure_code(measure: str, level: str, value: str) -> str:
    """Write which figure a row holds, the same in every language and delivery.

    Examples
    --------
    >>> figure_code("exits", "service", "A1"), figure_code("exits", "all", "")
    ('exits service:A1', 'exits')
    """
    return measure if level == "all" else f"{measure} {level}:{value}"


def _measure_rows(found: Told, frame: pd.DataFrame, voice: Voice) -> pd.DataFrame:
    """Return figures as rows to print: label, value, interval, counts, rule and version, note."""
    names = found.services["service_name"].astype("str")
    listed = [
        {
            "level": voice.say(_LEVELS[row.level]),
            "where": _where(row.level, row.level_value, names, voice),
            "label": MEASURES[row.measure].label_in(voice),
            "value": row.value, "low": row.low, "high": row.high,
            "interval": None
            if row.hidden
            else between(figure_code(row.measure, row.level, row.level_value), row.low, row.high,
                         row.measure, unit_of(row.measure), voice),
            "whole": None if row.hidden else _whole(row, voice),
            "numerator": row.numerator if _has_count(row.measure) else np.nan,
            "denominator": row.denominator if _has_count(row.measure) else np.nan,
            "rule": f"{row.rule} {row.rule_version}",
            "code": figure_code(row.measure, row.level, row.level_value),
            "note": note_text(row.note, voice), "variable": row.measure,
            "unit": _days_unit([row.value], unit_of(row.measure))
            if row.measure == "paid_days"
            else unit_of(row.measure), "hidden": row.hidden,
        }
        for row in (cast(Any, one) for one in frame.itertuples())
    ]  # fmt: skip
    return pd.DataFrame(listed)


def _has_count(measure: str) -> bool:
    """Whether a figure rests on a count of something: an amount or a test value does not."""
    return unit_of(measure) not in ("eur_cents", "hours", "p_value")


def _whole(row: Any, voice: Voice) -> str:
    if np.isnan(row.denominator):
        return ""
    code = figure_code(row.measure, row.level, row.level_value)
    return number(f"{code}:denominator", row.denominator, voice)


def _days_unit(values: Sequence[float] | pd.Series, unit: str) -> str:
    """Return the unit of days: with a decimal where half days are."""
    days = np.asarray(values, dtype=float)
    halves = unit in ("days", "count") and bool(np.any(days * 2 % 2 == 1))
    return "half_days" if halves else unit


def _where(level: str, value: str, names: pd.Series, voice: Voice) -> str:
    if level == "service":
        name = str(names.get(value, "")) if value in names.index else ""
        return f"{value} {name}".strip() if not value.startswith("protected:") else name
    return _words(value, voice) if value else voice.say(_LEVELS["all"])


ALL_MEASURES = "Servizi misure"
"""The sheet with every figure of a monitoring; the columns by which it is read back."""
VALUE, RULE, CODE = (
    N_("Valore"),
    N_("Regola e versione"),
    N_("Codice"),
)
_MEASURE_COLUMNS = (
    ("label", N_("Misura"), "text"),
    ("value", VALUE, "by_row"),
    ("low", N_("Intervallo 95 %: da"), "by_row"),
    ("high", N_("Intervallo 95 %: a"), "by_row"),
    ("denominator", N_("Su quanti"), "count"),
    ("rule", RULE, "text"),
    ("note", N_("Nota"), "text"),
)
# On a page an interval is one text: what has none is left blank, it is not missing.
_PAGE_COLUMNS = (
    *_MEASURE_COLUMNS[:2],
    ("interval", N_("Intervallo al 95 %"), "text"),
    ("whole", N_("Su"), "text"),
    *_MEASURE_COLUMNS[-2:],
)
_HIDEABLE = ("value", "low", "high", "interval", "whole", "numerator", "denominator")


def between(key: str, low: float, high: float, measure: str, unit: str, voice: Voice) -> str:
    r"""Print the ends of an interval of a row, each with its key; nothing where there is none.

    Examples
    --------
    >>> plain(between("exits", 0.24, 0.76, "exits_share", "share", Voice()))
    '24,0\xa0-\xa076,0\xa0%'
    """
    if np.isnan(low) or np.isnan(high):
        return ""
    shown = display(measure, unit)
    # The unit is said once, and the line is not broken before it.
    texts = voice.number(low * shown.scale, shown.decimals), printed(high, measure, unit, voice)
    # No finer than it is printed: where no column has it, nothing else would say it.
    ends = [
        str(Number(f"{key}:{side}", round(end * shown.scale, shown.decimals) / shown.scale,
                   text.replace(" ", "\xa0"), unit, measure))
        for side, end, text in zip(("low", "high"), (low, high), texts, strict=True)
    ]  # fmt: skip
    return "\xa0-\xa0".join(ends)


def main_table(found: Told, voice: Voice) -> Table:
    """Return the main measures of the network, each with its denominator, interval and rule."""
    frame = found.figures.frame
    own = frame[(frame["level"] == "all") & frame["measure"].isin(_MAIN)]
    order = {name: at for at, name in enumerate(_MAIN)}
    own = own.sort_values("measure", key=lambda names: names.map(order))
    title = N_("Misure della rete")
    return _measures_table(found, own, "Servizi misure rete", title, _PAGE_COLUMNS, voice)


def all_measures(found: Told, voice: Voice) -> Table:
    """Return every measure at every level."""
    columns = (
        ("level", N_("Livello"), "text"),
        ("where", N_("Di chi"), "text"),
        *_MEASURE_COLUMNS[:4],
        ("numerator", N_("Conteggio"), "count"),
        *_MEASURE_COLUMNS[4:],
        ("code", CODE, "code"),
    )
    title = N_("Tutte le misure")
    # What a level never tells is left out: rows of hidden figures alone help nobody.
    frame = found.figures.frame
    hidden = frame.groupby(["measure", "level"])["hidden"].transform("all").astype(bool)
    notes = [voice.say(WIDE)]
    if not found.internal:
        notes += [voice.say(_PERIODS_NOTE), *_untold(frame[hidden], voice)]
    shown = frame[~hidden]
    return _measures_table(found, shown, ALL_MEASURES, title, columns, voice, notes)


# Two deliveries are two equations.
_PERIODS_NOTE = N_(
    "Le consegne fatte con la stessa chiave sono controllate insieme, perché dalla differenza fra "
    "due periodi non si ricavi quello che ciascuna nasconde; cifre pubblicate in altro modo no."
)


def _untold(figures: pd.DataFrame, voice: Voice) -> list[str]:
    """Name the measures that a level hides altogether, those of the same levels together."""
    levels = figures.groupby("measure", sort=False)["level"].unique()
    alike: dict[str, list[str]] = {}
    for measure, own in levels.items():
        where = ", ".join(voice.say(words) for level, words in _LEVELS.items() if level in own)
        one = MEASURES[str(measure)]
        alike.setdefault(where, []).append(one.label_in(voice))
    opening = voice.say("Nascoste per intero, senza righe")
    return [f"{opening} ({where}): {'; '.join(labels)}." for where, labels in alike.items()]


def _measures_table(
    found: Told,
    frame: pd.DataFrame,
    key: str,
    title: str,
    columns: Sequence[tuple[str, str, str]],
    voice: Voice,
    notes: Sequence[str] = (),
) -> Table:
    rows = _measure_rows(found, frame, voice)
    names = [name for name in _HIDEABLE if name in {one[0] for one in columns}]
    marks = pd.DataFrame(dict.fromkeys(names, rows["hidden"]), index=rows.index)
    held = found.figures.hidden.loc[frame.index].reset_index(drop=True)
    for name in {"numerator", "denominator"} & set(names):
        # Counted and not told, though the value is.
        marks[name] |= held[name] & rows["variable"].map(_has_count)
    said = (voice.say(_SOURCE_NOTE), *notes)
    made = _table(found, key, title, rows, columns, voice, marks, said)
    # A figure has one key on the page and in every sheet.
    assert made.quality is not None
    codes = pd.Index(rows["code"])
    return replace(
        made, frame=made.frame.set_axis(codes), quality=made.quality.set_axis(codes), facts="rows"
    )


def rules_table(found: Told, voice: Voice) -> Table:
    """Return the rules behind the measures: name, version, definition."""
    frame = pd.DataFrame(
        [(rule.name, str(rule.version), voice.say(rule.text))
         for rule in RULES.values()],
        columns=["rule", "version", "definition"],
    )  # fmt: skip
    columns = (
        ("rule", N_("Regola"), "text"),
        ("version", N_("Versione"), "code"),
        ("definition", N_("Che cosa si conta"), "text"),
    )
    return _table(found, "Servizi regole", N_("Regole"), frame, columns, voice)


def outcomes_table(found: Told, voice: Voice) -> Table:
    """Return who is present, who left and who left to a stable home, by ambito."""
    rows, hidden = [], []
    keys = [*(("ambito", one) for one in found.ambiti), ("all", "")]
    for level, value in keys:
        share = found.figure("positive_exits_share", level, value)
        row = {
            "ambito": value or voice.say(_LEVELS["all"]),
            "stays": found.count("outcomes", TOTAL, level, value),
            "present": found.count("outcomes", "present", level, value),
            "exits": found.count("outcomes", "exit", level, value),
            "positive": found.count("outcomes", "exit_positive", level, value),
            "share": share["value"], "low": share["low"], "high": share["high"],
        }  # fmt: skip
        rows.append(row)
        counts = {name: np.isnan(row[name]) for name in ("stays", "present", "exits", "positive")}
        hidden.append(counts | dict.fromkeys(("share", "low", "high"), bool(share["hidden"])))
    columns = (
        ("ambito", N_("Ambito"), "text"),
        ("stays", N_("Accoglienze"), "count"),
        ("present", N_("Ancora presenti"), "count"),
        ("exits", N_("Usciti"), "count"),
        ("positive", N_("Verso una casa stabile"), "count"),
        ("share", N_("Quota"), "share"),
        ("low", N_("Quota: da"), "share"),
        ("high", N_("Quota: a"), "share"),
    )
    title = N_("Esiti per ambito")
    frame, marks = pd.DataFrame(rows), pd.DataFrame(hidden)
    note = voice.say(RULES["exits"].text)
    return _table(found, "Servizi esiti", title, frame, columns, voice, marks, (note,))


# ---------------------------------------------------------------- counts


def _counts_table(
    found: Told,
    shown: Shown,
    key: str,
    title: str,
    heads: Mapping[str, str],
    voice: Voice,
    more: Sequence[tuple[str, str, str]] = (),
) -> Table:
    """Return one of the tables of counts."""
    frame = shown.frame.copy()
    if "year" in frame and frame["year"].nunique() == 2:  # one year and all together say the same
        frame = frame[frame["year"] != TOTAL].reset_index(drop=True)
    names = found.services["service_name"].astype("str")
    for dimension in shown.dimensions:
        values = frame[dimension].astype(str)
        frame[dimension] = [
            _where("service", value, names, voice)
            if dimension == "service_code" and value in names.index
            else _words(value, voice)
            for value in values
        ]
    amounts = ["count", *(name for name, _, unit in more if unit != "text")]
    frame[amounts] = frame[amounts].astype(float)
    marks = shown.hidden[["count", *(name for name, _, _ in more)]].reindex(frame.index)
    columns = (
        *(
            (dimension, heads[dimension], "date" if dimension == "month" else "text")
            for dimension in shown.dimensions
        ),
        ("count", heads["count"], "count"),
        *more,
    )
    return _table(found, key, title, frame, columns, voice, marks, (voice.say(shown.note),))


_HEADS = {
    "service_code": N_("Servizio o ambito"),
    "target_group": N_("Gruppo"),
    "outcome": N_("Esito"),
    "returned": N_("Rientro"),
    "follow_up": N_("Risposta"),
    "answer": N_("Risposta"),
    "sending_municipality_code": N_("Comune inviante"),
    "month": N_("Mese"),
    "year": N_("Anno"),
    "from_member": N_("Da"),
    "to_member": N_("A"),
    "count": N_("Accoglienze"),
}


def statement_table(found: Told, voice: Voice) -> Table:
    """Return the monthly statement of each sending municipality: stays, days, euro.

    The amount is of the stays whose fee is stated; how many have none stands beside it. Published, a
    sum over some of the stays is hidden, and that some have no fee is said in words.
    """
    shown = found.counts["billed"]
    unit = "count" if found.internal else "text"
    more = (*_money(shown.frame["paid_days"], voice), ("unstated", _WITHOUT_FEE, unit))
    title = N_("Rette mensili per comune inviante")
    table = _counts_table(found, shown, "Servizi rette", title, _HEADS, voice, more)
    frame = table.frame
    frame["sending_municipality_code"] = _named_municipalities(frame["sending_municipality_code"])
    if not found.internal:
        words = {"": "", "some": voice.say("una parte"), "all": voice.say("tutte")}
        frame["unstated"] = frame["unstated"].map(words)
    note = voice.say(_FEES_NOTE if found.internal else _PUBLISHED_FEES_NOTE)
    return replace(table, notes=(*table.notes, note))


_WITHOUT_FEE = N_("Senza retta indicata")
_FEES_NOTE = N_(
    "Il dovuto è la somma delle accoglienze di cui si conosce la retta; quelle senza "
    "retta indicata restano fuori dalla somma e sono dette nella loro colonna."
)


_PUBLISHED_FEES_NOTE = N_(
    "Dove una parte delle accoglienze è senza retta indicata il dovuto è nascosto: tolte "
    "le altre somme resterebbe quello di pochi."
)


def _money(paid_days: pd.Series, voice: Voice) -> tuple[tuple[str, str, str], ...]:
    """Return the columns of an account: days paid, days away, amount to the cent."""
    return (
        ("paid_days", N_("Giorni pagati"), _days_unit(paid_days, "count")),
        ("absence_days", voice.in_context("fees", "Giorni di assenza"), "count"),
        ("due_eur", N_("Dovuto"), "eur_cents"),
    )


def _named_municipalities(codes: pd.Series) -> list[str]:
    """Put a municipality's name after its code; what is no code stays."""
    from needs_analysis.territory import municipalities

    names = municipalities()["municipality_name"]
    return [f"{code} {names[code]}" if code in names.index else code for code in codes]


# ---------------------------------------------------------------- supply and stays over time


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
    return _table(found, "Servizi posti nel tempo", title, frame, columns, voice, shown.hidden)


def survival_table(found: Told, voice: Voice) -> Table:
    """Return the share still present, and gone by each way, some days from entry."""
    shown = found.survival
    ways = {"present": N_("ancora presenti"), **WAYS}
    words = [voice.say(ways[code]) for code in shown.frame["outcome"]]
    frame = shown.frame.assign(outcome=words)
    columns = [
        ("outcome", N_("Situazione"), "text"),
        ("days", N_("Giorni dall'ingresso"), "count"),
        ("share", N_("Quota"), "share"),
        ("low", N_("Da"), "share"),
        ("high", N_("A"), "share"),
    ]
    rule = RULES["stay_survival"]
    note = f"{rule.name} {rule.version}: {voice.say(rule.text)}"
    if found.internal:
        columns.append(("n_risk", N_("Presenti fino ad allora"), "count"))
    title = N_("Permanenze e uscite nel tempo")
    return _table(found, "Servizi permanenze", title, frame, columns, voice, shown.hidden, (note,))


def _told_days(persons: pd.DataFrame, risk: pd.Series, least: int) -> pd.Series:
    """Say on which days persons may be told who left by then: none, or enough, since the last told."""
    told, last = [], pd.Series(0.0, persons.columns)
    for (_, now), there in zip(persons.iterrows(), risk, strict=True):
        step = now - last
        told.append(bool(there >= least and ((step == 0) | (step >= least)).all()))
        last = now if told[-1] else last
    return pd.Series(told, persons.index, dtype=bool)


# ---------------------------------------------------------------- network


_COLLABORATION = {
    "members": (N_("Membri"), "count"),
    "density_share": (N_("Legami esistenti sui possibili"), "share"),
    "reciprocity_share": (N_("Legami ricambiati"), "share"),
    "centralisation_share": (N_("Concentrazione attorno a un membro"), "share"),
    "isolated_members": (N_("Membri senza segnalazioni"), "count"),
    "refused_share": (N_("Segnalazioni fra membri rifiutate"), "share"),
    "answer_p25_days": (N_("Un quarto ha risposta entro"), "days"),
    "answer_p50_days": (N_("La metà ha risposta entro"), "days"),
    "answer_p75_days": (N_("Tre quarti hanno risposta entro"), "days"),
    "answer_p90_days": (N_("Nove decimi hanno risposta entro"), "days"),
}


def collaboration_table(found: Told, made: Network, voice: Voice) -> Table:
    """Return how the network works together, year by year."""
    frame, marks = made.measures.frame, made.measures.hidden
    if frame["year"].nunique() == 2:  # one year and all together say the same
        frame = frame[frame["year"] != TOTAL]
        marks = marks.loc[frame.index]
    frame = frame.assign(
        unit=[_COLLABORATION[name][1] for name in frame["measure"]],
        label=[voice.say(_COLLABORATION[name][0]) for name in frame["measure"]],
        variable=frame["measure"],
        year=[_words(year, voice) for year in frame["year"]],
    )
    frame["interval"] = [
        between(f"Servizi rete:{row.Index}", row.low, row.high, row.measure, row.unit, voice)
        for row in (cast(Any, one) for one in frame.itertuples())
    ]
    columns = (
        ("year", N_("Anno"), "code"),
        ("label", N_("Misura"), "text"),
        ("value", N_("Valore"), "by_row"),
        ("interval", N_("Intervallo al 95 %"), "text"),
    )
    title = N_("Collaborazione nella rete")
    return _table(found, "Servizi rete", title, frame, columns, voice, marks)


def survey_table(found: Told, made: Network, voice: Voice, *, whole: bool = True) -> Table | None:
    """Return the mean scores of the survey: on the network as a whole, or on each member too."""
    frame, marks = made.survey.frame, made.survey.hidden
    if frame.empty:
        return None
    if whole:
        frame = frame[frame["about_member"] == ""]
        marks = marks.loc[frame.index]
    about = voice.say("la rete intera")
    frame = frame.assign(about_member=frame["about_member"].replace("", about))
    rows = pd.Index([f"survey_{row}" for row in frame.index])
    columns = (
        ("wave", N_("Rilevazione"), "code"),
        *([] if whole else [("about_member", N_("Su chi"), "text")]),
        ("question", N_("Domanda"), "text"),
        ("respondents", N_("Rispondenti"), "count"),
        ("mean_score", N_("Punteggio medio (1-5)"), "ratio"),
        ("low", N_("Da"), "ratio"),
        ("high", N_("A"), "ratio"),
    )
    note = voice.say(
        "Sotto {respondents_min} rispondenti la media non si mostra.",
        respondents_min=made.respondents_min,
    )
    key = "Servizi questionario rete" if whole else "Servizi questionario"
    title = N_("Questionario sulla collaborazione")
    table = _table(found, key, title, frame, columns, voice, marks, (note,))
    assert table.quality is not None
    # The page has some rows of the sheet.
    return replace(
        table, frame=table.frame.set_axis(rows), quality=table.quality.set_axis(rows), facts="rows"
    )


# ---------------------------------------------------------------- local measures


def local_table(found: Told, local: Shown, voice: Voice) -> Table:
    """Return the local measures in force; what an office did not transmit is said, not zero."""
    frame = local.frame.copy()
    silent = frame["not_transmitted"].fillna("").str.split(";")
    heads = {one.name: voice.say(one.header).capitalize() for one in TABLES["measures"].fields}
    frame["note"] = [
        f"{voice.say(NOT_TRANSMITTED)}: " + ", ".join(heads[name].lower() for name in names)
        if (names := [one for one in given if one])
        else ""
        for given in silent
    ]
    frame["year"] = frame["year"].map("{:.0f}".format)
    columns = (
        ("measure_name", N_("Misura"), "text"),
        ("administration_name", N_("Amministrazione"), "text"),
        ("year", N_("Anno"), "code"),
        ("budget_eur", N_("Stanziato"), "eur"),
        ("spent_eur", N_("Speso"), "eur"),
        ("applications", N_("Domande"), "count"),
        ("beneficiaries", N_("Beneficiari"), "count"),
        ("agreements", N_("Accordi"), "count"),
        ("note", N_("Nota"), "text"),
    )
    title = N_("Misure locali in vigore")
    return _table(found, "Misure locali", title, frame, columns, voice, local.hidden)


# ---------------------------------------------------------------- register and internal rows


def register_table(found: Told, voice: Voice) -> Table:
    """Return the services as they may be shown: protected ones by ambito only."""
    own = found.services
    frame = pd.DataFrame(
        {
            "code": ["" if str(code).startswith("protected:") else str(code) for code in own.index],
            "name": own["service_name"].astype("str").fillna(""),
            "kind": [
                voice.say(KINDS[code]) if code in KINDS else "" for code in own["service_kind"]
            ],
            "ambito": own["ambito_name"].astype("str").fillna(""),
            "rule": [
                voice.say(DAY_RULES[code]) if code in DAY_RULES else "" for code in own["day_rule"]
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
    title = N_("Servizi del registro")
    return _table(found, "Servizi registro", title, frame, columns, voice)


def internal_tables(found: Told, voice: Voice) -> list[Table]:
    """Return the rows that only the internal profile has, by the office's own file number."""
    rows = found.rows
    if rows is None:
        return []
    reviews = rows.reviews.rename_axis("stay_id").reset_index()
    reviews["plan_review_date"] = reviews["plan_review_date"].dt.strftime("%Y-%m-%d").fillna("")
    status = {
        "overdue": voice.say("scaduta"),
        "due": voice.say("prevista"),
        "not_stated": voice.say("non indicata"),
    }
    reviews["review"] = reviews["review"].map(status)
    long_stays = rows.long_stays.rename_axis("stay_id").reset_index()
    said = long_stays["over_stay_reason"].notna()
    # What was written may name somebody: only whether something was.
    long_stays["reason"] = said.map({True: voice.say("sì"), False: voice.say("no")})
    lines = rows.lines.copy()
    totals = _fee_totals(lines)
    stay = ("stay_id", N_("Pratica"), "code")
    service = ("service_code", N_("Servizio"), "code")
    stayed = ("days_stayed", N_("Giorni di permanenza"), "count")
    sender = ("sending_municipality_code", N_("Comune inviante"), "code")
    month = ("month", N_("Mese"), "date")
    services = found.services["service_name"].astype("str")
    for frame in (lines, totals):
        # A column without any code is no text.
        codes = frame["sending_municipality_code"].astype("str").fillna("")
        frame["sending_municipality_code"] = _named_municipalities(codes)
    for frame in (lines, totals, reviews, long_stays):
        codes = frame["service_code"].astype("str").fillna("")
        frame["service_code"] = [_where("service", code, services, voice) for code in codes]
    return [
        _table(found, "Interno verifiche", N_("Verifiche dei progetti"), reviews,
               (stay, service, ("plan_review_date", N_("Data"), "date"),
                ("review", N_("Stato"), "text"), stayed), voice),
        _table(found, "Interno oltre 18 mesi", N_("Oltre i 18 mesi"), long_stays,
               (stay, service, stayed,
                ("reason", N_("Motivo indicato"), "text")), voice),
        _table(found, "Interno rette", N_("Rette per accoglienza"), lines,
               (month, sender, service, stay, *_money(lines["paid_days"], voice)), voice),
        _table(found, "Interno rette per servizio", N_("Rette per comune e servizio"), totals,
               (month, sender, service, ("stays", N_("Accoglienze"), "count"),
                *_money(totals["paid_days"], voice), ("unstated", _WITHOUT_FEE, "count")), voice,
               notes=(voice.say(_FEES_NOTE),)),
    ]  # fmt: skip


def _fee_totals(lines: pd.DataFrame) -> pd.DataFrame:
    """Sum a statement by municipality and service: the amount of the stays whose fee is stated."""
    keys = ["month", "sending_municipality_code", "service_code"]
    by = lines.assign(unstated=lines["due_eur"].isna()).groupby(keys, dropna=False, sort=True)
    totals = by[["paid_days", "absence_days", "due_eur"]].sum(min_count=1)
    return totals.assign(stays=by.size(), unstated=by["unstated"].sum()).reset_index()


def monitoring_sheets(found: Told, voice: Voice) -> list[Table]:
    """Return the sheets of a monitoring alone."""
    outcome = N_("Esiti per servizio")
    group = N_("Accoglienze per ambito e gruppo")
    by_group = N_("Esiti per gruppo")
    return [
        all_measures(found, voice),
        rules_table(found, voice),
        register_table(found, voice),
        supply_table(found, voice),
        _counts_table(
            found, found.counts["outcomes"], "Servizi esiti servizio", outcome, _HEADS, voice
        ),
        _counts_table(found, found.counts["groups"], "Servizi gruppi", group, _HEADS, voice),
        _counts_table(
            found,
            found.counts["outcomes_by_group"],
            "Servizi esiti gruppo",
            by_group,
            _HEADS,
            voice,
        ),
        survival_table(found, voice),
        statement_table(found, voice),
        *internal_tables(found, voice),
    ]


def sheets(found: Told, voice: Voice) -> list[Table]:
    """Return every sheet on services of a study."""
    made = found.network
    listed: list[Table | None] = [
        offer_table(found, voice),
        ready_table(found, voice),
        main_table(found, voice),
        outcomes_table(found, voice),
        *monitoring_sheets(found, voice),
    ]
    if made is not None:
        heads = _HEADS | {"count": N_("Segnalazioni")}
        pairs = N_("Segnalazioni fra membri")
        answers = N_("Esiti delle segnalazioni")
        listed += [
            collaboration_table(found, made, voice),
            _counts_table(found, made.pairs, "Servizi segnalazioni", pairs, heads, voice),
            _counts_table(found, made.refusals, "Servizi risposte", answers, heads, voice),
            survey_table(found, made, voice, whole=False),
        ]
    if found.local is not None:
        listed.append(local_table(found, found.local, voice))
    return [one for one in listed if one is not None]
