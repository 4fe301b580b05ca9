"""Tables and chart of what a budget buys: by policy, by place, for other budgets, its conditions."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.figures import Quality
from needs_analysis.needs.groups import TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.reports.chapters.building import Head, source_lines, table
from needs_analysis.reports.chapters.by_municipality import heads
from needs_analysis.reports.chapters.need_tables import counted_columns, counts, grades
from needs_analysis.reports.chapters.need_words import keyed, upper_first
from needs_analysis.reports.chapters.policies_words import (
    aim,
    row_key,
    said,
    said_at,
    said_problem,
    tag,
)
from needs_analysis.reports.charts.frontier import frontier
from needs_analysis.reports.model import Column, Picture, Sentence, Table, plain
from needs_analysis.told.bought import BEST, COUNTED, SPLIT, WHOLE, ToldMix
from needs_analysis.told.needs import said_count
from needs_analysis.words import N_, Voice

_COUNTED: Mapping[str, str] = {
    "helped": N_("Famiglie aiutate"),
    "out_of_need": N_("Fuori dal bisogno per un anno"),
    "deadweight": N_("Ne sarebbero uscite comunque"),
}
_ROUND_NOTE = N_(
    "La curva non arrotonda a famiglie intere: allo stesso bilancio può dirne una in più della scelta."
)
_CURVE_NOTE = N_(
    "Stima. Dove le famiglie sono poche la linea parte da zero senza passare per i numeri, che sono "
    "fasce."
)
_PLACES_NOTE = N_(
    "In ordine alfabetico. Famiglie aiutate, stimate: chi cerca il massimo va dove costano meno. Per "
    "dividere fra i comuni lo studio può chiedere un minimo per comune, o di alzare prima quello messo "
    "peggio."
)
_BAND_NOTE = N_("Le stime piccole sono fasce.")
_ENDS_NOTE = N_(
    "Fra parentesi il meno e il più: che cosa verrebbe dagli stessi soldi se costi ed effetti fossero i "
    "peggiori o i migliori che si conoscono."
)


def _sources() -> list[str]:
    """Return the figures that the households and their rents are estimated from."""
    return [store.source_of(one).id for one in ("incomes", "rents", "housing_survey", "evictions")]


def sheets(
    bought: Sequence[ToldMix], names: Mapping[str, str], places: Mapping[str, str], voice: Voice
) -> list[Table]:
    """Return the sheets of what a budget buys, the same for a briefing and for a command.

    Parameters
    ----------
    bought : sequence of ToldMix
        The answers.
    names, places : mapping of str to str
        Printed names of policies by id, of municipalities by code.
    voice : Voice
        The language.
    """
    every = (
        mix_sheet(bought, names, voice),
        places_table(bought, places, voice, sheet=True),
        frontier_sheet(bought, names, voice),
        assumptions_sheet(bought, names, voice),
        conditions_table(bought, names, voice),
    )
    return [one for one in every if one is not None]


# --- by policy ---------------------------------------------------------------------------------


def mix_table(bought: Iterable[ToldMix], names: Mapping[str, str], voice: Voice) -> Table:
    """Give what is done with the budget, policy by policy, an aim after the other."""
    answers = [one for one in bought if one.used]
    rows, index = [], []
    for one in answers:
        for policy in (*one.used, *((WHOLE,) if one.outcome and len(one.used) > 1 else ())):
            index.append(row_key(one, policy))
            rows.append(_mix_row(one, policy, names, voice))
    frame = pd.DataFrame(rows, index=pd.Index(index))
    columns: list[Head] = [
        *_aims(answers), ("label", N_("Misura abitativa")), ("helped_said", _COUNTED["helped"]),
        Column("spent_eur", voice.say(N_("Spesa")), "eur"),
        ("out_of_need_said", _COUNTED["out_of_need"]),
        Column("deadweight_per_100", voice.say(N_("Ogni 100 aiutate, ne uscirebbero comunque")), "count",
               optional=True),
    ]  # fmt: skip
    return table(
        voice, "bought_page", voice.say(N_("Che cosa compra il bilancio")), frame, columns,
        _modelled(frame, ["spent_eur", "deadweight_per_100"]),
        notes=(voice.say(_BAND_NOTE), voice.say(_ENDS_NOTE)), sources=_sources(),
    )  # fmt: skip


def _aims(bought: Sequence[ToldMix]) -> list[Head]:
    """Return the column of the aim, where there are several."""
    return [("aim", N_("Scopo"))] if len(bought) > 1 else []


def _mix_row(
    one: ToldMix, policy: str, names: Mapping[str, str], voice: Voice
) -> dict[str, object]:
    whole = policy == WHOLE
    per_100 = one.money["deadweight_per_100"].reindex([policy]).to_numpy()
    known = bool(one.outcome or one.outcomes().get(policy))
    return {
        "aim": upper_first(aim(one, voice)),
        "label": voice.say(N_("Insieme")) if whole else names[policy],
        "helped_said": said(one, "helped", policy, voice),
        "out_of_need_said": said(one, "out_of_need", policy, voice) if known else "",
        "spent_eur": np.round(one.spent(policy)),
        "deadweight_per_100": float(per_100[0]),
    }


def _modelled(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    quality = pd.DataFrame(int(Quality.MODELLED), frame.index, [*names]).astype("int8")
    return quality.mask(frame[[*names]].isna(), int(Quality.OBSERVED)).astype("int8")


def mix_sheet(bought: Iterable[ToldMix], names: Mapping[str, str], voice: Voice) -> Table | None:
    """Give the same in numbers: who is helped, units, money, what comes of it."""
    parts, graded = [], []
    for one in bought:
        if not one.used:
            continue
        own = [*one.used, *((WHOLE,) if one.outcome else ())]
        keys = pd.Index([row_key(one, policy) for policy in own])
        part = pd.DataFrame(index=keys)
        part["aim"] = upper_first(aim(one, voice))
        part["label"] = [names.get(policy, voice.say(N_("Insieme"))) for policy in own]
        part["code"] = own
        held = one.money.reindex(own)
        part["units"], part["spent_eur"] = (
            held["units"].to_numpy(),
            held["spent_eur"].round().to_numpy(),
        )
        part["fixed_eur"] = held["fixed_eur"].round().to_numpy()
        part["annuity_eur"] = held["annuity_eur"].round().to_numpy()
        part["deadweight_per_100"] = held["deadweight_per_100"].to_numpy()
        if one.outcome:
            money = [one.spent_eur, one.money["fixed_eur"].sum(), one.left_eur]
            part.loc[keys[-1], ["spent_eur", "fixed_eur", "left_eur"]] = np.round(money)
        grade = pd.DataFrame(index=keys)
        for what in COUNTED:
            rows = pd.DataFrame([one.count(what, policy) for policy in own]).set_axis(keys)
            part = part.join(counts(rows, keys, voice, f"{what}_"))
            grade = grade.join(grades(rows, [f"{what}_{end}" for end in BOUNDS]))
        parts.append(part)
        graded.append(grade)
    if not parts:
        return None
    frame, quality = pd.concat(parts), pd.concat(graded)
    columns: list[Head] = [
        ("aim", N_("Scopo")), ("code", N_("Codice"), "code"), ("label", N_("Misura abitativa")),
        *(
            one for what in COUNTED
            for one in counted_columns(voice, f"{what}_", voice.say(_COUNTED[what]))
            # What the budget pays for has no ends: they are those of what comes of it.
            if what == "out_of_need" or not one.name.endswith(("_low", "_high"))
        ),
        *(
            Column(name, voice.say(label), unit, optional=True)
            for name, label, unit in (
                ("units", N_("Alloggi o posti"), "count"), ("spent_eur", N_("Spesa"), "eur"),
                ("fixed_eur", N_("Di cui spese fisse"), "eur"), ("left_eur", N_("Avanzano"), "eur"),
                ("annuity_eur", N_("Rata annua di un'unità"), "eur"),
                ("deadweight_per_100", N_("Ogni 100 aiutate, ne uscirebbero comunque"), "count"),
            )
            if name in frame
        ),
    ]  # fmt: skip
    note = voice.say(N_("Scopi diversi sono alternative: le famiglie non si sommano."))
    return table(
        voice, voice.say(N_("misure bilancio")), voice.say(N_("Che cosa compra il bilancio")), frame,
        columns, quality, notes=(note, voice.say(_BAND_NOTE)), sources=_sources(),
    )  # fmt: skip


# --- by place ----------------------------------------------------------------------------------


def places_table(
    bought: Iterable[ToldMix], names: Mapping[str, str], voice: Voice, *, sheet: bool = False
) -> Table | None:
    """Give who is helped by municipality, an aim after the other; nothing of a single municipality."""
    answers = [one for one in bought if len(one.places)]
    codes = sorted({code for one in answers for code in one.places["municipality_code"]},
                   key=lambda code: names[code])  # fmt: skip
    if len(codes) < 2:
        return None
    frame = pd.DataFrame({"municipality_name": [names[one] for one in codes]}, pd.Index(codes))
    columns: list[Head] = [*heads("municipality_name")]
    if sheet:
        frame.insert(0, "municipality_code", codes)
        columns = [*heads("municipality_code"), *columns]
    quality = pd.DataFrame(index=frame.index)
    notes = [voice.say(_PLACES_NOTE)]
    for one in answers:
        rows = one.places[one.places["what"] == "helped"].set_index("municipality_code")
        rows = rows.reindex(frame.index)
        name = f"{tag(one)}_helped"
        head = voice.say(N_("Aiutate; scopo: {aim}"), aim=aim(one, voice))
        said_of = [_said_in(str(code), name, row, voice) for code, row in rows.iterrows()]
        if sheet:
            frame[name], frame[f"{name}_band"] = rows["central"], [plain(each) for each in said_of]
            quality[name] = _modelled(frame, [name])
            columns += [Column(name, head, "count", optional=True),
                        Column(f"{name}_band", voice.say(N_("{aim}: in parole"), aim=head))]  # fmt: skip
        else:
            frame[f"{name}_said"] = said_of
            columns.append(Column(f"{name}_said", head))
        if one.unlisted:
            groups = [TARGET_GROUPS[group].name(voice) for group in one.unlisted]
            notes.append(voice.say(N_("Per comune non si dice chi è aiutato fra: {groups}."),
                                   groups="; ".join(groups)))  # fmt: skip
    return table(
        voice, voice.say(N_("misure comuni")), voice.say(N_("Dove sono le famiglie aiutate")), frame,
        columns, quality, notes=dict.fromkeys(notes), sources=_sources(),
    )  # fmt: skip


def _said_in(code: str, name: str, row: pd.Series, voice: Voice) -> str:
    """Say who is helped in a municipality."""
    if pd.isna(row["band"]):
        return voice.say(N_("nessuna"))
    return said_count(row, voice, lambda _, value: keyed(f"{code}:{name}", value, voice))


# --- for other budgets -------------------------------------------------------------------------


def way(what: str, names: Mapping[str, str], voice: Voice) -> str:
    """Say a way to spend a budget: the best, in equal parts, or all on one policy."""
    if what == BEST:
        return voice.say(N_("la divisione che ne fa uscire di più"))
    if what == SPLIT:
        return voice.say(N_("in parti uguali"))
    return voice.say(N_("tutto a: {policy}"), policy=names[what])


def frontier_picture(
    one: ToldMix, names: Mapping[str, str], voice: Voice
) -> Picture | Sentence | None:
    """Draw what every budget buys; a sentence where all is too little for a number."""
    if one.frontier.empty or not one.outcome:
        return None
    wide = one.frontier.pivot_table("central", "budget_eur", "what", sort=False, dropna=False)
    ways = [what for what in wide.columns if (wide[what].fillna(0) > 0).any()]
    shown = {what: upper_first(way(what, names, voice)) for what in sorted(ways, key=_order)}
    if BEST not in shown:
        return Sentence(
            voice.say(N_("A nessun bilancio sono tante da avere un numero: non c'è una curva.")),
            voice.say(N_("{aim}."), aim=upper_first(aim(one, voice))),
        )  # fmt: skip
    svg = frontier(wide[[*shown]], names=shown, budget=one.budget_eur, voice=voice,
                   unit=voice.say(N_("famiglie")))  # fmt: skip
    title = voice.say(N_("Quanto compra ogni bilancio: {aim}"), aim=aim(one, voice))
    rows = one.frontier[one.frontier["budget_eur"] == one.budget_eur]
    at = [
        voice.say(N_("{way}: {count}"), way=shown[str(row["what"])], count=said_at(one, row, voice))
        for _, row in rows.iterrows()
        if row["what"] in shown
    ]
    alternative = voice.say(N_("Con {budget} €: {ways}."), ways="; ".join(at),
                            budget=keyed("bought:budget_eur", one.budget_eur, voice, "eur"))  # fmt: skip
    notes = (voice.say(_CURVE_NOTE), voice.say(_ROUND_NOTE))
    return Picture(f"frontier_{tag(one)}", title, svg, alternative, notes=notes,
                   sources=source_lines(_sources(), voice))  # fmt: skip


def _order(what: str) -> tuple[int, str]:
    return ((BEST, SPLIT).index(what) if what in (BEST, SPLIT) else 2), what


def ways_table(bought: Sequence[ToldMix], names: Mapping[str, str], voice: Voice) -> Table | None:
    """Give the same budget spent in equal parts, or all on one policy, beside the choice."""
    rows: dict[str, dict[str, str]] = {}
    for one in (each for each in bought if each.outcome and each.used):
        head, own = upper_first(aim(one, voice)), one.frontier
        own = own[own["budget_eur"] == one.budget_eur]
        chosen = {"aim": head, "label": voice.say(N_("La divisione scelta")),
                  "count": said(one, "out_of_need", WHOLE, voice)}  # fmt: skip
        rows[f"way_{tag(one)}_chosen"] = chosen
        for _, row in own.iterrows():
            if row["high"] == 0 or (row["what"] == BEST and one.free):
                continue  # where nothing else is asked the best is the choice
            rows[f"way_{tag(one)}_{row['what']}"] = {
                "aim": head, "count": said_at(one, row, voice),
                "label": upper_first(way(str(row["what"]), names, voice)),
            }  # fmt: skip
    if not rows:
        return None
    columns: list[Head] = [
        *_aims(bought), ("label", N_("Come si spende")), ("count", _COUNTED["out_of_need"])
    ]  # fmt: skip
    return table(
        voice, "ways_page", voice.say(N_("Gli stessi soldi, spesi in altri modi")),
        pd.DataFrame(list(rows.values()), index=pd.Index(list(rows))), columns,
        notes=(voice.say(_BAND_NOTE), voice.say(_ROUND_NOTE)),
    )  # fmt: skip


def frontier_sheet(
    bought: Iterable[ToldMix], names: Mapping[str, str], voice: Voice
) -> Table | None:
    """Give what every budget buys, a row a budget, a column a way to spend it."""
    parts: list[pd.DataFrame] = []
    ways: dict[str, str] = {}
    for one in bought:
        if one.frontier.empty or not one.outcome:
            continue
        wide = one.frontier.pivot_table("central", "budget_eur", "what", sort=False, dropna=False)
        part = wide.set_axis([f"frontier_{tag(one)}_{int(b)}" for b in wide.index])
        part.insert(0, "budget_eur", wide.index.to_numpy())
        part.insert(0, "aim", upper_first(aim(one, voice)))
        part["next_household_eur"] = one.next_household_eur.reindex(wide.index).to_numpy()
        few = one.frontier[one.frontier["band"].astype(bool)]
        for what, own in few.groupby("what", sort=False):
            said_of = {row["budget_eur"]: said_count(row, voice) for _, row in own.iterrows()}
            part[f"{what}_band"] = [said_of.get(budget, "") for budget in wide.index]
        ways |= {str(what): upper_first(way(str(what), names, voice)) for what in wide.columns}
        parts.append(part)
    if not parts:
        return None
    frame = pd.concat(parts)
    words = frame.columns[frame.columns.str.endswith("_band")]
    frame[words] = frame[words].fillna("")
    columns: list[Head] = [
        ("aim", N_("Scopo")), Column("budget_eur", voice.say(N_("Bilancio")), "eur"),
        *(
            one for what in sorted(ways, key=_order)
            for one in (
                Column(what, ways[what], "count", optional=True),
                Column(f"{what}_band", voice.say(N_("{way}: fascia, se sono poche"), way=ways[what])),
            )
            if one.name in frame
        ),
        Column("next_household_eur", voice.say(N_("Una famiglia in più costa")), "eur", optional=True),
    ]  # fmt: skip
    graded = _modelled(frame, [*ways, "next_household_eur"])
    return table(
        voice, voice.say(N_("misure frontiera")), voice.say(N_("Quanto compra ogni bilancio")), frame,
        columns, graded,
        notes=(voice.say(N_("Famiglie fuori dal bisogno per un anno.")), voice.say(_BAND_NOTE),
               voice.say(_ROUND_NOTE)),
    )  # fmt: skip


# --- what it rests on -------------------------------------------------------------------------


def assumptions_sheet(
    bought: Iterable[ToldMix], names: Mapping[str, str], voice: Voice
) -> Table | None:
    """Give the numbers that costs and effects rest on, with their ends, each with its source."""
    rows: dict[str, dict[str, object]] = {}
    for one in bought:
        for own in one.assumptions.to_dict("records"):
            known = parameters.in_force()[str(own["row"])]
            rows[f"assumption_{own['policy']}_{own['row']}"] = {
                "code": own["policy"], "label": names[str(own["policy"])], "row": own["row"],
                **{end: own[end] for end in BOUNDS}, "kind": _kind(known, own, voice),
                "source": voice.say(known.source), "note": voice.say(known.note), "variable": own["row"],
                "unit": known.unit if known.unit in _UNITS else "count",
            }  # fmt: skip
        for key, share in one.exits.items():
            rows[f"assumption_{key}_register"] = {
                "code": key, "label": names[key], "row": "positive_exits_share", **share._asdict(),
                "kind": voice.say(N_("rilevato")), "source": voice.say(N_("registro dell'ente")),
                "note": "", "variable": "positive_exits_share", "unit": "share",
            }  # fmt: skip
    if not rows:
        return None
    columns: list[Head] = [
        ("code", N_("Codice"), "code"), ("label", N_("Misura abitativa")),
        ("row", N_("Parametro"), "code"), ("low", N_("almeno"), "by_row"),
        ("central", N_("valore centrale"), "by_row"), ("high", N_("al più"), "by_row"),
        ("kind", N_("Che cos'è")), ("source", N_("Fonte")), ("note", N_("Nota")),
    ]  # fmt: skip
    note = voice.say(N_(
        "I numeri su cui reggono costi ed effetti, come sono stati usati: quello che fissa la legge o "
        "l'avviso ha gli estremi uguali. Le assunzioni si cambiano in [parameters] dello studio."
    ))  # fmt: skip
    return table(
        voice, voice.say(N_("misure assunzioni")), voice.say(N_("Costi, effetti e adesione usati")),
        pd.DataFrame(list(rows.values()), index=pd.Index(list(rows))), columns, notes=(note,),
    )  # fmt: skip


_UNITS = ("share", "ratio", "eur", "years", "months", "days", "hours")


def _kind(known: parameters.Parameter, own: Mapping[Hashable, Any], voice: Voice) -> str:
    """Say whether a number is the study's own, an assumption, or of a source."""
    if own["given"]:
        return voice.say(N_("dello studio"))
    assumed = known.source.startswith("Assunzione")
    return voice.say(N_("assunzione") if assumed else N_("da una fonte"))


# --- what must be read with it -----------------------------------------------------------------


def conditions_table(
    bought: Iterable[ToldMix], names: Mapping[str, str], voice: Voice
) -> Table | None:
    """Give, for each policy that is used or left out, what must be read with its numbers."""
    found: dict[str, dict[str, None]] = {}
    for one in bought:
        for policy, said_of in one.conditions.items():
            own = found.setdefault(policy, {})
            own |= {said_problem(each, f"condition_{policy}", voice): None for each in said_of}
        for policy, note in one.notes.items():
            found.setdefault(policy, {})[said_problem(note, f"note_{policy}", voice)] = None
    if not any(found.values()):
        return None
    rows = [
        {"label": names[policy], "said": "; ".join(said_of)}
        for policy, said_of in found.items() if said_of
    ]  # fmt: skip
    index = pd.Index([f"condition_{policy}" for policy, said_of in found.items() if said_of])
    columns: list[Head] = [
        ("label", N_("Misura abitativa")),
        ("said", N_("Che cosa va letto con i numeri")),
    ]
    return table(
        voice, voice.say(N_("misure condizioni")), voice.say(N_("Su che cosa reggono questi numeri")),
        pd.DataFrame(rows, index=index), columns,
    )  # fmt: skip


def left_out(bought: Iterable[ToldMix], kind: str) -> tuple[str, ...]:
    """Return the policies that no answer could choose, for one kind of reason.

    Parameters
    ----------
    bought : iterable of ToldMix
        The answers.
    kind : str
        The last part of the code of a problem: "costed_only", no known effect.
    """
    found = [
        key for one in bought for key, why in one.left_out.items()
        if why.code.rpartition(".")[2] == kind
    ]  # fmt: skip
    return tuple(sorted(dict.fromkeys(found)))
