"""The tables on services: what the profile may show, with rules, denominators and intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from needs_analysis.disclosure import TOTAL, Protected
from needs_analysis.figures import Quality
from needs_analysis.reports.language import day_label, display, number, printed
from needs_analysis.reports.model import Column, Table
from needs_analysis.services.inputs import ServiceData
from needs_analysis.services.publication import AMBITO, Publication
from needs_analysis.services.records import UNSTATED
from needs_analysis.services.rules import MEASURES, RULES, WAYS, note_text
from needs_analysis.services.schema import (
    ANSWERS,
    DAY_RULES,
    DESTINATIONS,
    FOLLOW_UPS,
    GROUPS,
    KINDS,
    NOT_TRANSMITTED,
    REFUSALS,
    STATES,
    TABLES,
)

INVENTED_WORD = {"it": "dati inventati", "en": "invented data"}
INTERNAL_WORD = {
    "it": "profilo interno: non consegnare",
    "en": "internal profile: not to be handed out",
}
INTERNAL_WARNING = {
    "it": "Profilo interno: contiene conteggi piccoli. Non consegnare.",
    "en": "Internal profile: it holds small counts. Not to be handed out.",
}
AMBITO_NOTE = {
    "it": "Posti pronti alla fine del periodo, per ambito: lo stesso valore in tutti i suoi comuni. I "
    "servizi protetti sono contati nell'ambito e non si vedono più in piccolo.",
    "en": "Places ready at the end of the period, by ambito: one value in all its municipalities. "
    "Protected services are counted in the ambito and shown no smaller.",
}
WIDE = {
    "it": "Trenta posti danno intervalli larghi: una quota del 50 % su dieci uscite può valere "
    "davvero fra il 24 e il 76 %. Fra due servizi, o fra due anni, contano solo le differenze più "
    "grandi degli intervalli.",
    "en": "Thirty places give wide intervals: a share of 50 % on ten exits may truly be anything from "
    "24 to 76 %. Between two services, or two years, only differences beyond the intervals count.",
}
_UNITS = {
    "share": "share", "days": "days", "hours": "hours", "eur": "eur_cents", "points": "points",
    "p_value": "p_value", "per_year": "ratio",
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
    "all": ("rete intera", "whole network"),
    "service": ("servizio", "service"),
    "ambito": ("ambito", "ambito"),
    "group": ("gruppo", "group"),
    "year": ("anno", "year"),
}
_VALUES: Mapping[str, tuple[str, str]] = {
    **{code: (one.it, one.en) for table in (DESTINATIONS, REFUSALS, FOLLOW_UPS, ANSWERS, GROUPS)
       for code, one in table.items()},
    TOTAL: ("totale", "total"),
    UNSTATED: ("non indicato", "not stated"),
    "present": ("ancora presenti", "still present"),
    "exit": ("usciti", "left"),
    "exit_positive": ("usciti verso una casa stabile", "left to a stable home"),
    "exit_other": ("usciti altrove o destinazione non nota", "left elsewhere or unknown"),
    "not_stated": ("motivo non indicato", "reason not stated"),
}  # fmt: skip


def labelled(title: str, found: Publication, lang: str) -> str:
    """Return a title that says when the data are invented, and when they may not leave."""
    said = [INVENTED_WORD[lang]] * bool(found.label) + [INTERNAL_WORD[lang]] * found.internal
    return f"{title} ({'; '.join(said)})" if said else title


def hidden_note(found: Publication, lang: str) -> str:
    """Say what is hidden in the published profile, and that the internal one may not leave."""
    if found.internal:
        return INTERNAL_WARNING[lang]
    least, sensitive = found.rules.count_min, found.rules.sensitive_count_min
    return {
        "it": f"Per riservatezza sono nascosti i conteggi sotto {least} (sotto {sensitive} per i gruppi "
        "sensibili), quelli che li farebbero ricavare e le misure che ne dipendono. Un dato nascosto "
        "non è zero.",
        "en": f"For confidentiality counts under {least} are hidden (under {sensitive} for sensitive "
        "groups), with those that would give them away and the measures that rest on them. A hidden "
        "figure is no zero.",
    }[lang]


def unit_of(measure: str) -> str:
    """Return how a measure is printed.

    Examples
    --------
    >>> unit_of("occupancy_share"), unit_of("bed_nights"), unit_of("guests_per_educator")
    ('share', 'count', 'ratio')
    >>> unit_of("fees_due_eur"), unit_of("volunteer_hours"), unit_of("stay_logrank_by_group")
    ('eur_cents', 'hours', 'p_value')
    """
    return (
        "ratio" if measure == "guests_per_educator" else _UNITS.get(MEASURES[measure].unit, "count")
    )


def _words(code: str, lang: str) -> str:
    if code.startswith(AMBITO):
        return f"{_LEVELS['ambito'][lang != 'it']} {code.removeprefix(AMBITO)}"
    return _VALUES[code][lang != "it"] if code in _VALUES else code


def _table(
    found: Publication,
    key: str,
    title: tuple[str, str],
    frame: pd.DataFrame,
    columns: Sequence[tuple[str, tuple[str, str], str]],
    lang: str,
    hidden: pd.DataFrame | None = None,
    notes: Sequence[str] = (),
) -> Table:
    """Return a table of the content model; `hidden` marks the cells that may not be told."""
    at = lang != "it"
    frame = frame.reset_index(drop=True)
    quality = None
    if hidden is not None:
        marks = hidden.reset_index(drop=True).astype(bool) & frame[list(hidden)].isna()
        quality = marks.map(lambda one: int(Quality.SUPPRESSED if one else Quality.OBSERVED))
        quality = quality.astype("int8")
    own = tuple(
        Column(name, label[at], unit, optional=name in _OPTIONAL) for name, label, unit in columns
    )
    blank = quality is not None and bool((quality == Quality.SUPPRESSED).any(axis=None))
    said = hidden_note(found, lang) if blank or found.internal else ""
    first = f"{day_label(found.period.start, lang)} - {day_label(found.period.end, lang)}."
    return Table(
        key,
        labelled(title[at], found, lang),
        frame,
        own,
        quality,
        notes=tuple(filter(None, (first, said, *notes))),
    )


_SOURCE_NOTE = {
    "it": "Fonte: registro e accoglienze dei servizi (dati riservati dell'ente).",
    "en": "Source: register and stays of the services (confidential data of the body).",
}


# ---------------------------------------------------------------- offer

# Why a count under the threshold may stand here.
_PLACES_NOTE = {
    "it": "Un posto non è una persona: il conteggio dei posti si mostra anche se è piccolo, purché non "
    "riveli un conteggio nascosto di ospiti.",
    "en": "A place is no person: counts of places are shown even if small, unless they tell a hidden "
    "count of guests.",
}


def offer_table(data: ServiceData, lang: str) -> Table:
    """Return places by state and occupancy of each ambito."""
    found = data.publication
    frame = found.figures
    ambiti = [one for one in found.run.records.labels["ambito"] if one != UNSTATED]
    columns: list[tuple[str, tuple[str, str], str]] = [("ambito", ("Ambito", "Ambito"), "text")]
    rows: dict[str, list[str] | list[float]] = {"ambito": [*ambiti, _LEVELS["all"][lang != "it"]]}
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
        found, "Servizi offerta", ("Posti per ambito", "Places by ambito"), pd.DataFrame(rows),
        columns, lang, marks,
        (RULES["supply"].it if lang == "it" else RULES["supply"].en, _PLACES_NOTE[lang]),
    )  # fmt: skip


_HEADS_OF_OFFER = {
    "places_occupied": ("Posti occupati", "Places occupied"),
    "places_ready": ("Posti pronti", "Places ready"),
    "places_reserved": ("Posti riservati", "Places reserved"),
    "places_to_repair": ("Posti da sistemare", "Places to repair"),
    "occupancy_share": ("Notti occupate", "Nights taken"),
    "occupancy_share_low": ("Da", "From"),
    "occupancy_share_high": ("A", "To"),
}


def ready_table(data: ServiceData, lang: str) -> Table | None:
    """Return the ready places of each target group, over all ambiti."""
    found = data.publication
    if np.isnan(found.figure("places_ready")["value"]):
        return None
    counts = data.supply.of_group()
    sensitive = set() if found.internal else found.rules.sensitive["target_group"]
    names = [code for code in GROUPS if code in counts.index]
    frame = pd.DataFrame(
        {
            "group": [_words(code, lang) for code in names],
            "ready": [np.nan if code in sensitive else float(counts[code]) for code in names],
        }
    )
    hidden = pd.DataFrame({"ready": [code in sensitive for code in names]})
    note = {
        "it": "Un posto aperto a più gruppi sta sotto ciascuno: le righe non si sommano.",
        "en": "A place open to several groups stands under each: the rows do not add up.",
    }[lang]
    columns = (
        ("group", ("Gruppo", "Group"), "text"),
        ("ready", ("Posti pronti", "Places ready"), "count"),
    )
    title = ("Posti pronti per gruppo", "Places ready by group")
    return _table(
        found,
        "Servizi posti pronti",
        title,
        frame,
        columns,
        lang,
        hidden,
        (note, _PLACES_NOTE[lang]),
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


def _measure_rows(found: Publication, frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Return figures as rows to print: label, value, interval, counts, rule and version, note."""
    at = lang != "it"
    names = found.services["service_name"].astype("str")
    listed = [
        {
            "level": _LEVELS[row.level][at],
            "where": _where(row.level, row.level_value, names, lang),
            "label": (MEASURES[row.measure].it, MEASURES[row.measure].en)[at],
            "value": row.value, "low": row.low, "high": row.high,
            "interval": None
            if row.hidden
            else _between(row.low, row.high, row.measure, unit_of(row.measure), lang),
            "whole": _whole(row.denominator, lang) if not row.hidden else None,
            "numerator": row.numerator if _has_count(row.measure) else np.nan,
            "denominator": row.denominator if _has_count(row.measure) else np.nan,
            "rule": f"{row.rule} {row.rule_version}",
            "code": figure_code(row.measure, row.level, row.level_value),
            "note": note_text(row.note, lang), "variable": row.measure,
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


def _whole(denominator: float, lang: str) -> str:
    return "" if np.isnan(denominator) else number(denominator, lang)


def _days_unit(values: Sequence[float] | pd.Series, unit: str) -> str:
    """Return the unit of days: with a decimal where half days are."""
    days = np.asarray(values, dtype=float)
    halves = unit in ("days", "count") and bool(np.any(days * 2 % 2 == 1))
    return "half_days" if halves else unit


def _where(level: str, value: str, names: pd.Series, lang: str) -> str:
    if level == "service":
        name = str(names.get(value, "")) if value in names.index else ""
        return f"{value} {name}".strip() if not value.startswith("protected:") else name
    return _words(value, lang) if value else _LEVELS["all"][lang != "it"]


ALL_MEASURES = "Servizi misure"
"""The sheet with every figure of a monitoring; the columns by which it is read back."""
VALUE, RULE, CODE = (
    ("Valore", "Value"),
    ("Regola e versione", "Rule and version"),
    ("Codice", "Code"),
)
_MEASURE_COLUMNS = (
    ("label", ("Misura", "Measure"), "text"),
    ("value", VALUE, "by_row"),
    ("low", ("Intervallo 95 %: da", "95 % interval: from"), "by_row"),
    ("high", ("Intervallo 95 %: a", "95 % interval: to"), "by_row"),
    ("denominator", ("Su quanti", "Of how many"), "count"),
    ("rule", RULE, "text"),
    ("note", ("Nota", "Note"), "text"),
)
# On a page an interval is one text: what has none is left blank, it is not missing.
_PAGE_COLUMNS = (
    *_MEASURE_COLUMNS[:2],
    ("interval", ("Intervallo al 95 %", "95 % interval"), "text"),
    ("whole", ("Su", "Of"), "text"),
    *_MEASURE_COLUMNS[-2:],
)
_HIDEABLE = ("value", "low", "high", "interval", "whole", "numerator", "denominator")


def _between(low: float, high: float, measure: str, unit: str, lang: str) -> str:
    """Print the ends of an interval; nothing where there is none."""
    if np.isnan(low) or np.isnan(high):
        return ""
    shown = display(measure, unit)
    first = number(low * shown.scale, lang, shown.decimals)
    # The unit is said once, and the line is not broken before it.
    return f"{first} - {printed(high, measure, unit, lang)}".replace(" ", "\xa0")


def main_table(found: Publication, lang: str) -> Table:
    """Return the main measures of the network, each with its denominator, interval and rule."""
    frame = found.figures
    own = frame[(frame["level"] == "all") & frame["measure"].isin(_MAIN)]
    order = {name: at for at, name in enumerate(_MAIN)}
    own = own.sort_values("measure", key=lambda names: names.map(order))
    title = ("Misure della rete", "Measures of the network")
    return _measures_table(found, own, "Servizi misure rete", title, _PAGE_COLUMNS, lang)


def all_measures(found: Publication, lang: str) -> Table:
    """Return every measure at every level."""
    columns = (
        ("level", ("Livello", "Level"), "text"),
        ("where", ("Di chi", "Of which"), "text"),
        *_MEASURE_COLUMNS[:4],
        ("numerator", ("Conteggio", "Count"), "count"),
        *_MEASURE_COLUMNS[4:],
        ("code", CODE, "code"),
    )
    title = ("Tutte le misure", "All measures")
    # What a level never tells is left out: rows of hidden figures alone help nobody.
    hidden = found.figures.groupby(["measure", "level"])["hidden"].transform("all").astype(bool)
    notes = [WIDE[lang]]
    if not found.internal:
        notes += [_PERIODS_NOTE[lang], *_untold(found.figures[hidden], lang)]
    shown = found.figures[~hidden]
    return _measures_table(found, shown, ALL_MEASURES, title, columns, lang, notes)


# Two deliveries are two equations.
_PERIODS_NOTE = {
    "it": "Due consegne su periodi che si sovrappongono si possono sottrarre l'una dall'altra, e la "
    "differenza può dire quello che ciascuna nasconde: pubblicare ogni periodo una volta sola, o solo "
    "anni interi.",
    "en": "Two deliveries over overlapping periods can be subtracted from each other, and the "
    "difference may tell what each hides: publish each period once, or whole years only.",
}


def _untold(figures: pd.DataFrame, lang: str) -> list[str]:
    """Name the measures that a level hides altogether, those of the same levels together."""
    at = lang != "it"
    levels = figures.groupby("measure", sort=False)["level"].unique()
    alike: dict[str, list[str]] = {}
    for measure, own in levels.items():
        where = ", ".join(words[at] for level, words in _LEVELS.items() if level in own)
        one = MEASURES[str(measure)]
        alike.setdefault(where, []).append((one.it, one.en)[at])
    opening = {
        "it": "Nascoste per intero, senza righe",
        "en": "Hidden altogether, without rows",
    }[lang]
    return [f"{opening} ({where}): {'; '.join(labels)}." for where, labels in alike.items()]


def _measures_table(
    found: Publication,
    frame: pd.DataFrame,
    key: str,
    title: tuple[str, str],
    columns: Sequence[tuple[str, tuple[str, str], str]],
    lang: str,
    notes: Sequence[str] = (),
) -> Table:
    rows = _measure_rows(found, frame, lang)
    names = [name for name in _HIDEABLE if name in {one[0] for one in columns}]
    marks = pd.DataFrame(dict.fromkeys(names, rows["hidden"]), index=rows.index)
    keys = ["measure", "level", "level_value"]
    counted = found.run.measures.set_index(keys).reindex(pd.MultiIndex.from_frame(frame[keys]))
    for name in {"numerator", "denominator"} & set(names):
        # Counted and not told, though the value is; a figure's own count is no second one.
        held = counted[name].notna() & (counted[name] != counted["value"])
        marks[name] |= held.to_numpy(dtype=bool) & rows["variable"].map(_has_count)
    said = (_SOURCE_NOTE[lang], *notes)
    return _table(found, key, title, rows, columns, lang, marks, said)


def rules_table(found: Publication, lang: str) -> Table:
    """Return the rules behind the measures: name, version, definition."""
    frame = pd.DataFrame(
        [(rule.name, str(rule.version), rule.it if lang == "it" else rule.en)
         for rule in RULES.values()],
        columns=["rule", "version", "definition"],
    )  # fmt: skip
    columns = (
        ("rule", ("Regola", "Rule"), "text"),
        ("version", ("Versione", "Version"), "code"),
        ("definition", ("Che cosa si conta", "What is counted"), "text"),
    )
    return _table(found, "Servizi regole", ("Regole", "Rules"), frame, columns, lang)


def outcomes_table(found: Publication, lang: str) -> Table:
    """Return who is present, who left and who left to a stable home, by ambito."""
    ambiti = [one for one in found.run.records.labels["ambito"] if one != UNSTATED]
    rows, hidden = [], []
    keys = [*(("ambito", one) for one in ambiti), ("all", "")]
    for level, value in keys:
        share = found.figure("positive_exits_share", level, value)
        row = {
            "ambito": value or _LEVELS["all"][lang != "it"],
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
        ("ambito", ("Ambito", "Ambito"), "text"),
        ("stays", ("Accoglienze", "Stays"), "count"),
        ("present", ("Ancora presenti", "Still present"), "count"),
        ("exits", ("Usciti", "Left"), "count"),
        ("positive", ("Verso una casa stabile", "To a stable home"), "count"),
        ("share", ("Quota", "Share"), "share"),
        ("low", ("Quota: da", "Share: from"), "share"),
        ("high", ("Quota: a", "Share: to"), "share"),
    )
    title = ("Esiti per ambito", "Outcomes by ambito")
    frame, marks = pd.DataFrame(rows), pd.DataFrame(hidden)
    note = RULES["exits"].it if lang == "it" else RULES["exits"].en
    return _table(found, "Servizi esiti", title, frame, columns, lang, marks, (note,))


# ---------------------------------------------------------------- counts


def _counts_table(
    found: Publication,
    name: str,
    key: str,
    title: tuple[str, str],
    heads: Mapping[str, tuple[str, str]],
    lang: str,
    more: Sequence[tuple[str, tuple[str, str], str]] = (),
    protected: Protected | None = None,
) -> Table:
    """Return one of the tables of counts as it may be shown; an internal one shows all."""
    one = protected or found.counts[name]
    table = one.internal if found.internal else one.published
    frame = table.frame.copy()
    if "year" in frame and frame["year"].nunique() == 2:  # one year and all together say the same
        frame = frame[frame["year"] != TOTAL].reset_index(drop=True)
    names = found.services["service_name"].astype("str")
    for dimension in table.dimensions:
        values = frame[dimension].astype(str)
        frame[dimension] = [
            _where("service", value, names, lang)
            if dimension == "service_code" and value in names.index
            else _words(value, lang)
            for value in values
        ]
    frame["count"] = frame["count"].astype(float)
    for column, _, _ in more:
        frame[column] = frame[column].astype(float)
    amounts = ["count", *(column for column, _, _ in more)]
    marks = pd.DataFrame({column: frame["count"].isna() for column in amounts})
    columns = (
        *(
            (dimension, heads[dimension], "date" if dimension == "month" else "text")
            for dimension in table.dimensions
        ),
        ("count", heads["count"], "count"),
        *more,
    )
    note = one.note.get(lang, "")
    return _table(found, key, title, frame, columns, lang, marks, (note,) if note else ())


_HEADS = {
    "service_code": ("Servizio o ambito", "Service or ambito"),
    "target_group": ("Gruppo", "Group"),
    "outcome": ("Esito", "Outcome"),
    "returned": ("Rientro", "Return"),
    "follow_up": ("Risposta", "Answer"),
    "answer": ("Risposta", "Answer"),
    "sending_municipality_code": ("Comune inviante", "Sending municipality"),
    "month": ("Mese", "Month"),
    "year": ("Anno", "Year"),
    "from_member": ("Da", "From"),
    "to_member": ("A", "To"),
    "count": ("Accoglienze", "Stays"),
}


def statement_table(found: Publication, lang: str) -> Table:
    """Return the monthly statement of each sending municipality: stays, days, euro.

    The amount is of the stays whose fee is stated; how many have none stands beside it. Published, a
    sum over some of the stays is hidden, and that some have no fee is said in words.
    """
    one = found.counts["billed"]
    counted = (one.internal if found.internal else one.published).frame
    more = (*_money(counted["paid_days"]), ("unstated", _WITHOUT_FEE, "count"))
    title = ("Rette mensili per comune inviante", "Monthly fees by sending municipality")
    table = _counts_table(found, "billed", "Servizi rette", title, _HEADS, lang, more)
    frame = table.frame
    frame["sending_municipality_code"] = _named_municipalities(frame["sending_municipality_code"])
    if found.internal:
        return replace(table, notes=(*table.notes, _FEES_NOTE[lang]))
    notes = (*table.notes, _PUBLISHED_FEES_NOTE[lang])
    assert table.quality is not None
    with_fee = frame["count"] - frame["unstated"]
    partial = (frame["unstated"] > 0) & (with_fee > 0)
    # Of some stays only: other sums, taken away from it, would leave the amount of few.
    frame["due_eur"] = frame["due_eur"].mask(partial)
    table.quality.loc[partial, "due_eur"] = Quality.SUPPRESSED
    part, whole = {"it": ("una parte", "tutte"), "en": ("some", "all")}[lang]
    said = np.where(with_fee > 0, part, whole)
    words = pd.Series(said, frame.index).where(frame["unstated"] > 0, "")
    frame["unstated"] = words.mask(frame["count"].isna())
    columns = tuple(
        replace(column, unit="text") if column.name == "unstated" else column
        for column in table.columns
    )
    return replace(table, columns=columns, notes=notes)


_WITHOUT_FEE = ("Senza retta indicata", "Without a stated fee")
_FEES_NOTE = {
    "it": "Il dovuto è la somma delle accoglienze di cui si conosce la retta; quelle senza retta "
    "indicata restano fuori dalla somma e sono dette nella loro colonna.",
    "en": "What is due is the sum over stays whose fee is known; those without a stated fee are left "
    "out of the sum and told in their own column.",
}


_PUBLISHED_FEES_NOTE = {
    "it": "Dove una parte delle accoglienze è senza retta indicata il dovuto è nascosto: tolte le altre "
    "somme resterebbe quello di pochi.",
    "en": "Where some of the stays have no stated fee the due is hidden: other sums taken away from it "
    "would leave that of few.",
}


def _money(paid_days: pd.Series) -> tuple[tuple[str, tuple[str, str], str], ...]:
    """Return the columns of an account: days paid, days away, amount to the cent."""
    return (
        ("paid_days", ("Giorni pagati", "Paid days"), _days_unit(paid_days, "count")),
        ("absence_days", ("Giorni di assenza", "Days away"), "count"),
        ("due_eur", ("Dovuto", "Due"), "eur_cents"),
    )


def _named_municipalities(codes: pd.Series) -> list[str]:
    """Put a municipality's name after its code; what is no code stays."""
    from needs_analysis.territory import municipalities

    names = municipalities()["municipality_name"]
    return [f"{code} {names[code]}" if code in names.index else code for code in codes]


# ---------------------------------------------------------------- supply and stays over time


def supply_table(found: Publication, lang: str) -> Table:
    """Return the places of the network by state on the last day of each month."""
    rows = found.run.supply
    own = rows[rows["level"] == "all"].pivot_table(
        index="date", columns="state", values="places", observed=True
    )
    frame = own.reindex(columns=list(STATES), fill_value=0).astype(float).reset_index()
    frame["date"] = frame["date"].dt.strftime("%Y-%m-%d")
    few = pd.Series(False, index=frame.index)
    if not found.internal:
        # So many places are taken by as many guests.
        taken = frame["occupied"]
        few = (taken > 0) & (taken < found.rules.count_min)
        few.iloc[-1] |= bool(found.figure("places_occupied")["hidden"])
        frame[list(STATES)] = frame[list(STATES)].mask(few)
    marks = pd.DataFrame(dict.fromkeys(STATES, few))
    columns = (
        ("date", ("Giorno", "Day"), "date"),
        *((state, (one.it.capitalize(), one.en.capitalize()), "count")
          for state, one in STATES.items()),
    )  # fmt: skip
    title = ("Posti nel tempo", "Places over time")
    return _table(found, "Servizi posti nel tempo", title, frame, columns, lang, marks)


def survival_table(found: Publication, lang: str) -> Table:
    """Return the share still present, and gone by each way, some days from entry."""
    at = lang != "it"
    rows = found.run.survival
    own = rows[rows["level"] == "all"].copy()
    ways = {"present": ("ancora presenti", "still present")}
    ways |= {code: (one.it, one.en) for code, one in WAYS.items()}
    own["way"] = own["outcome"]
    own["outcome"] = [ways[code][at] for code in own["outcome"]]
    few = pd.Series(False, index=own.index)
    if not found.internal:
        own, few = _told_survival(found, own)
    marks = pd.DataFrame(dict.fromkeys(("share", "low", "high"), few))
    columns = [
        ("outcome", ("Situazione", "Situation"), "text"),
        ("days", ("Giorni dall'ingresso", "Days from entry"), "count"),
        ("share", ("Quota", "Share"), "share"),
        ("low", ("Da", "From"), "share"),
        ("high", ("A", "To"), "share"),
    ]
    rule = RULES["stay_survival"]
    note = f"{rule.name} {rule.version}: {rule.en if at else rule.it}"
    if found.internal:
        columns.append(("n_risk", ("Presenti fino ad allora", "Present until then"), "count"))
    title = ("Permanenze e uscite nel tempo", "Stays and exits over time")
    return _table(found, "Servizi permanenze", title, own, columns, lang, marks, (note,))


def _told_survival(found: Publication, own: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Keep who is still present and who left well, in whole per cents, where enough stand behind.

    An exact share of a known number of stays would count the few who left some other way.
    """
    own = own[own["way"].isin(("present", "positive"))].copy()
    measures = found.run.measures
    whole = (measures["measure"] == "stay_km_median_days") & (measures["level"] == "all")
    stays = float(measures.loc[whole, "denominator"].iloc[0])
    gone = own["share"].where(own["way"] == "positive", 1 - own["share"]) * stays
    least = found.rules.count_min
    few = (own["n_risk"] < least) | ((gone.round() > 0) & (gone.round() < least))
    numbers = ["share", "low", "high"]
    own[numbers] = own[numbers].round(2).mask(few)
    return own, few


# ---------------------------------------------------------------- network


_COLLABORATION = {
    "members": ("Membri", "Members", "count"),
    "density_share": ("Legami esistenti sui possibili", "Ties over the possible ones", "share"),
    "reciprocity_share": ("Legami ricambiati", "Ties returned", "share"),
    "centralisation_share": ("Concentrazione attorno a un membro", "Centralisation", "share"),
    "isolated_members": ("Membri senza segnalazioni", "Members without referrals", "count"),
    "refused_share": (
        "Segnalazioni fra membri rifiutate",
        "Refused referrals between members",
        "share",
    ),
    "answer_p25_days": ("Un quarto ha risposta entro", "A quarter answered within", "days"),
    "answer_p50_days": ("La metà ha risposta entro", "Half answered within", "days"),
    "answer_p75_days": (
        "Tre quarti hanno risposta entro",
        "Three quarters answered within",
        "days",
    ),
    "answer_p90_days": ("Nove decimi hanno risposta entro", "Nine tenths answered within", "days"),
}


def collaboration_table(data: ServiceData, lang: str) -> Table:
    """Return how the network works together, year by year."""
    found, made = data.publication, data.collaboration
    assert made is not None
    at = lang != "it"
    frame = made.measures.reset_index()
    if frame["year"].nunique() == 2:  # one year and all together say the same
        frame = frame[frame["year"] != TOTAL]
    frame["unit"] = [_COLLABORATION[name][2] for name in frame["measure"]]
    frame["label"] = [_COLLABORATION[name][at] for name in frame["measure"]]
    frame["variable"] = frame["measure"]
    frame["year"] = [_words(year, lang) for year in frame["year"]]
    marks = pd.DataFrame({"value": frame["value"].isna() & (frame["denominator"] > 0)})
    frame["interval"] = [
        _between(row.low, row.high, row.measure, row.unit, lang)
        for row in (cast(Any, one) for one in frame.itertuples())
    ]
    columns = (
        ("year", ("Anno", "Year"), "code"),
        ("label", ("Misura", "Measure"), "text"),
        ("value", ("Valore", "Value"), "by_row"),
        ("interval", ("Intervallo al 95 %", "95 % interval"), "text"),
    )
    title = ("Collaborazione nella rete", "Collaboration in the network")
    return _table(found, "Servizi rete", title, frame, columns, lang, marks)


def survey_table(data: ServiceData, lang: str, *, whole: bool = True) -> Table | None:
    """Return the mean scores of the survey: on the network as a whole, or on each member too."""
    found, made = data.publication, data.collaboration
    assert made is not None
    if made.survey.empty:
        return None
    frame = made.survey[made.survey["about_member"] == ""] if whole else made.survey
    about = {"it": "la rete intera", "en": "the whole network"}[lang]
    frame = frame.assign(about_member=frame["about_member"].replace("", about))
    names = ["respondents", "mean_score", "low", "high"]
    marks = pd.DataFrame({name: frame["respondents"].isna() for name in names})
    columns = (
        ("wave", ("Rilevazione", "Wave"), "code"),
        *([] if whole else [("about_member", ("Su chi", "About"), "text")]),
        ("question", ("Domanda", "Question"), "text"),
        ("respondents", ("Rispondenti", "Respondents"), "count"),
        ("mean_score", ("Punteggio medio (1-5)", "Mean score (1-5)"), "ratio"),
        ("low", ("Da", "From"), "ratio"),
        ("high", ("A", "To"), "ratio"),
    )
    note = {
        "it": f"Sotto {made.respondents_min} rispondenti la media non si mostra.",
        "en": f"Under {made.respondents_min} respondents the mean is not shown.",
    }[lang]
    key = "Servizi questionario rete" if whole else "Servizi questionario"
    title = ("Questionario sulla collaborazione", "Survey on collaboration")
    return _table(found, key, title, frame, columns, lang, marks, (note,))


# ---------------------------------------------------------------- local measures


_AMOUNTS = ("budget_eur", "spent_eur", "applications", "beneficiaries", "agreements")


def local_table(data: ServiceData, lang: str) -> Table:
    """Return the local measures in force; what an office did not transmit is said, not zero."""
    found, frame = data.publication, data.measures
    assert frame is not None
    hidden = pd.DataFrame(False, index=frame.index, columns=list(_AMOUNTS))
    shown = frame.copy()
    if not found.internal:
        for name in ("applications", "beneficiaries"):
            few = (shown[name] > 0) & (shown[name] < found.rules.count_min)
            hidden[name], shown[name] = few, shown[name].mask(few)
        # What was spent on so few is about each of them.
        hidden["spent_eur"] = hidden["beneficiaries"]
        shown["spent_eur"] = shown["spent_eur"].mask(hidden["spent_eur"])
    silent = frame["not_transmitted"].fillna("").str.split(";")
    heads = {one.name: one.header.capitalize() for one in TABLES["measures"].fields}
    shown["note"] = [
        f"{NOT_TRANSMITTED if lang == 'it' else 'not transmitted'}: "
        + ", ".join(heads[name].lower() for name in names)
        if (names := [one for one in given if one])
        else ""
        for given in silent
    ]
    shown["year"] = shown["year"].map("{:.0f}".format)
    columns = (
        ("measure_name", ("Misura", "Measure"), "text"),
        ("administration_name", ("Amministrazione", "Administration"), "text"),
        ("year", ("Anno", "Year"), "code"),
        ("budget_eur", ("Stanziato", "Budget"), "eur"),
        ("spent_eur", ("Speso", "Spent"), "eur"),
        ("applications", ("Domande", "Applications"), "count"),
        ("beneficiaries", ("Beneficiari", "Beneficiaries"), "count"),
        ("agreements", ("Accordi", "Agreements"), "count"),
        ("note", ("Nota", "Note"), "text"),
    )
    title = ("Misure locali in vigore", "Local measures in force")
    return _table(found, "Misure locali", title, shown, columns, lang, hidden)


# ---------------------------------------------------------------- register and internal rows


def register_table(found: Publication, lang: str) -> Table:
    """Return the services as they may be shown: protected ones by ambito only."""
    at = lang != "it"
    own = found.services
    frame = pd.DataFrame(
        {
            "code": ["" if str(code).startswith("protected:") else str(code) for code in own.index],
            "name": own["service_name"].astype("str").fillna(""),
            "kind": [
                (KINDS[code].it, KINDS[code].en)[at] if code in KINDS else ""
                for code in own["service_kind"]
            ],
            "ambito": own["ambito_name"].astype("str").fillna(""),
            "rule": [
                (DAY_RULES[code].it, DAY_RULES[code].en)[at] if code in DAY_RULES else ""
                for code in own["day_rule"]
            ],
            "fee": pd.to_numeric(own["daily_fee_eur"])
            .astype(float)
            .mask(own["zero_fee"].astype("boolean").fillna(False).to_numpy(dtype=bool), 0.0),
            "limit": pd.to_numeric(own["max_stay_days"]).astype(float),
        }
    )
    columns = (
        ("code", ("Codice", "Code"), "code"),
        ("name", ("Servizio", "Service"), "text"),
        ("kind", ("Tipo", "Kind"), "text"),
        ("ambito", ("Ambito", "Ambito"), "text"),
        ("rule", ("Regola dei giorni", "Rule of days"), "text"),
        ("fee", ("Retta al giorno", "Fee a day"), "eur_cents"),
        ("limit", ("Permanenza massima", "Longest stay"), "days"),
    )
    title = ("Servizi del registro", "Services of the register")
    return _table(found, "Servizi registro", title, frame, columns, lang)


def internal_tables(found: Publication, lang: str) -> list[Table]:
    """Return the rows that only the internal profile has, by the office's own file number."""
    if not found.internal:
        return []
    reviews = found.run.reviews.rename_axis("stay_id").reset_index()
    reviews["plan_review_date"] = reviews["plan_review_date"].dt.strftime("%Y-%m-%d").fillna("")
    status = {"overdue": "scaduta", "due": "prevista", "not_stated": "non indicata"}
    if lang == "it":
        reviews["review"] = reviews["review"].map(status)
    long_stays = found.run.long_stays.rename_axis("stay_id").reset_index()
    said = long_stays["over_stay_reason"].notna()
    # What was written may name somebody: only whether something was.
    long_stays["reason"] = said.map({True: ("sì", "yes")[lang != "it"], False: "no"})
    months = pd.period_range(found.period.start, found.period.end, freq="M").astype(str)
    lines = pd.concat([found.run.statement(month) for month in months], ignore_index=True)
    totals = _fee_totals(lines)
    stay = ("stay_id", ("Pratica", "File"), "code")
    service = ("service_code", ("Servizio", "Service"), "code")
    stayed = ("days_stayed", ("Giorni di permanenza", "Days stayed"), "count")
    sender = ("sending_municipality_code", ("Comune inviante", "Sending municipality"), "code")
    month = ("month", ("Mese", "Month"), "date")
    services = found.services["service_name"].astype("str")
    for frame in (lines, totals):
        codes = frame["sending_municipality_code"].fillna("")
        frame["sending_municipality_code"] = _named_municipalities(codes)
    for frame in (lines, totals, reviews, long_stays):
        codes = frame["service_code"].astype("str").fillna("")
        frame["service_code"] = [_where("service", code, services, lang) for code in codes]
    return [
        _table(found, "Interno verifiche", ("Verifiche dei progetti", "Reviews of projects"), reviews,
               (stay, service, ("plan_review_date", ("Data", "Date"), "date"),
                ("review", ("Stato", "State"), "text"), stayed), lang),
        _table(found, "Interno oltre 18 mesi", ("Oltre i 18 mesi", "Past 18 months"), long_stays,
               (stay, service, stayed,
                ("reason", ("Motivo indicato", "Reason stated"), "text")), lang),
        _table(found, "Interno rette", ("Rette per accoglienza", "Fees by stay"), lines,
               (month, sender, service, stay, *_money(lines["paid_days"])), lang),
        _table(found, "Interno rette per servizio", ("Rette per comune e servizio",
               "Fees by municipality and service"), totals,
               (month, sender, service, ("stays", ("Accoglienze", "Stays"), "count"),
                *_money(totals["paid_days"]), ("unstated", _WITHOUT_FEE, "count")), lang,
               notes=(_FEES_NOTE[lang],)),
    ]  # fmt: skip


def _fee_totals(lines: pd.DataFrame) -> pd.DataFrame:
    """Sum a statement by municipality and service: the amount of the stays whose fee is stated."""
    keys = ["month", "sending_municipality_code", "service_code"]
    by = lines.assign(unstated=lines["due_eur"].isna()).groupby(keys, dropna=False, sort=True)
    totals = by[["paid_days", "absence_days", "due_eur"]].sum(min_count=1)
    return totals.assign(stays=by.size(), unstated=by["unstated"].sum()).reset_index()


def monitoring_sheets(found: Publication, lang: str) -> list[Table]:
    """Return the sheets of a monitoring alone."""
    outcome = ("Esiti per servizio", "Outcomes by service")
    group = ("Accoglienze per ambito e gruppo", "Stays by ambito and group")
    by_group = ("Esiti per gruppo", "Outcomes by group")
    return [
        all_measures(found, lang),
        rules_table(found, lang),
        register_table(found, lang),
        supply_table(found, lang),
        _counts_table(found, "outcomes", "Servizi esiti servizio", outcome, _HEADS, lang),
        _counts_table(found, "groups", "Servizi gruppi", group, _HEADS, lang),
        _counts_table(found, "outcomes_by_group", "Servizi esiti gruppo", by_group, _HEADS, lang),
        survival_table(found, lang),
        statement_table(found, lang),
        *internal_tables(found, lang),
    ]


def sheets(data: ServiceData, lang: str) -> list[Table]:
    """Return every sheet on services of a study."""
    found, made = data.publication, data.collaboration
    listed: list[Table | None] = [
        offer_table(data, lang),
        ready_table(data, lang),
        main_table(found, lang),
        outcomes_table(found, lang),
        *monitoring_sheets(found, lang),
    ]
    if made is not None:
        heads = _HEADS | {"count": ("Segnalazioni", "Referrals")}
        pairs = ("Segnalazioni fra membri", "Referrals between members")
        answers = ("Esiti delle segnalazioni", "Answers to referrals")
        listed += [
            collaboration_table(data, lang),
            _counts_table(found, "", "Servizi segnalazioni", pairs, heads, lang, (), made.pairs),
            _counts_table(found, "", "Servizi risposte", answers, heads, lang, (), made.refusals),
            survey_table(data, lang, whole=False),
        ]
    if data.measures is not None:
        listed.append(local_table(data, lang))
    return [one for one in listed if one is not None]
