"""The short tables at the head of a workbook, to be pasted into a document: few columns, short heads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import pandas as pd

from needs_analysis import parameters
from needs_analysis.indicators.declaration import unit_of, worded
from needs_analysis.needs.groups import AFFORDABILITY
from needs_analysis.reports.chapters import comparison, evictions, policies_tables
from needs_analysis.reports.chapters.building import Head, all_sources, table
from needs_analysis.reports.chapters.by_municipality import (
    MAIN,
    MUNICIPALITIES_ON_PAGE,
    closed,
    rows,
)
from needs_analysis.reports.chapters.need_levels import municipalities_table
from needs_analysis.reports.chapters.need_tables import counts, grades, groups_table
from needs_analysis.reports.chapters.need_view import NeedView, view_of
from needs_analysis.reports.findings import ALIKE, OWN, PROVINCE, Findings
from needs_analysis.reports.model import Chart, Column, Table
from needs_analysis.words import N_, Voice

MOST_COLUMNS = 8
"""What a page of a document holds upright."""
_KEY = N_("Word {subject}")
_ESTIMATE = (("", N_("Stima")), ("_low", N_("Da")), ("_high", N_("A")), ("_band", N_("Se poche")))
_PROFILE = ("low_income_share", "residents_75_over_share", "accommodation_beds_per_1000")
_RENTS: Mapping[str, str] = {
    "rent_eur_m2_month": N_("Canone OMI"),
    "annual_rent_eur": N_("Canone annuo"),
    "mean_taxable_income_eur": N_("Reddito imponibile"),
    "mean_net_income_eur": N_("Reddito netto"),
}


def sheets(found: Findings) -> list[Table]:
    """Return the tables that plans and briefings paste, of the parts that the study chose.

    Examples
    --------
    >>> MOST_COLUMNS
    8
    """
    return list(_made(found))


def _made(found: Findings) -> Iterator[Table]:
    listed = len(found.shown) <= MUNICIPALITIES_ON_PAGE
    if found.need is not None:
        view = view_of(found)
        yield _groups(view)
        if view.many and listed and AFFORDABILITY in view.told.held:
            yield _need_by_municipality(found, view)
    if found.includes("comuni") and listed:
        yield _profile(found)
        yield _rents(found)
    if found.includes("sfratti"):
        yield _short(
            found.voice, evictions.evictions_table(found, flags=False), N_("sfratti"),
            {"requests_per_order_ratio": ""},
        )  # fmt: skip
        yield _trend(found)
    if found.includes("confronto"):
        whole = comparison.comparison_table(found)
        yield _short(found.voice, whole, N_("confronto"), {ALIKE: ""})
    if found.policies is not None:
        measures = policies_tables.standing_table(found.policies, found.voice)
        yield _short(found.voice, measures, N_("misure"), {})


def _short(voice: Voice, whole: Table, subject: str, heads: Mapping[str, str]) -> Table:
    """Return a table under a key of its own; heads are said anew, an empty one leaves its column out."""
    columns = tuple(
        replace(one, label=voice.say(heads[one.name])) if one.name in heads else one
        for one in whole.columns
        if heads.get(one.name, " ")
    )
    return replace(whole, key=voice.say(_KEY, subject=voice.say(subject)), columns=columns)


def _kept(whole: Table, names: Iterable[str]) -> Table:
    """Keep some columns, and of those of bands the ones that hold any."""
    by_name = {one.name: one for one in whole.columns}
    kept = (by_name[name] for name in names if name in by_name)
    return replace(
        whole, columns=tuple(
            one for one in kept if "band" not in one.name or whole.frame[one.name].ne("").any()
        ),
    )  # fmt: skip


def _groups(view: NeedView) -> Table:
    """Give the households of each group, the whole last."""
    names = ("label", "central", "low", "high", "band_words", "kind", "quality", "vintage")
    heads = {
        "central": N_("Stima"), "low": N_("Da"), "high": N_("A"), "band_words": N_("Se poche"),
        "kind": N_("Si conta"), "vintage": N_("Date"),
    }  # fmt: skip
    return _short(view.voice, _kept(groups_table(view, sheet=True), names), N_("bisogno"), heads)


def _need_by_municipality(found: Findings, view: NeedView) -> Table:
    """Give the tenants that pay too much by municipality, drawn as bars, the whole area last."""
    voice, name = view.voice, f"need_{AFFORDABILITY}"
    ends = {f"{name}{end}": words for end, words in _ESTIMATE}
    whole = municipalities_table(view, sheet=True)
    first = ("municipality_code", "municipality_name", "households")
    short = _short(voice, _kept(whole, (*first, *ends)), N_("bisogno comuni"), ends)
    of_area = view.told.table("area")
    of_area = of_area[of_area["group"] == AFFORDABILITY].set_axis([OWN])
    counted = counts(of_area, pd.Index([OWN]), voice)
    named = {
        "central": name,
        "low": f"{name}_low",
        "high": f"{name}_high",
        "band_words": f"{name}_band",
    }
    last = counted.rename(columns=named).assign(
        municipality_code="", municipality_name=found.labels[OWN],
        households=found.totals.value(OWN, "households"),
    )  # fmt: skip
    frame = pd.concat([short.frame, last.reindex(columns=short.frame.columns)])
    graded = grades(of_area, ends)
    own = pd.DataFrame(short.quality).reindex(columns=list(ends))
    # A band is words: its quality is that of the count in whose place it stands.
    own = own.apply(lambda one: one.fillna(own[name])).astype("int8")
    quality = pd.concat([own, graded])
    title = voice.say(
        N_("{group}, per comune"), group=view.told.name(AFFORDABILITY, voice).capitalize()
    )
    note = voice.say(
        N_("L'ultima riga è la stima di tutta l'area e non la somma: quelle dei comuni sono "
           "arrotondate e le più piccole sono fasce.")
    )  # fmt: skip
    drawn = Chart("bars", "municipality_name", (name,))
    return replace(
        short, title=title, frame=frame, quality=quality, notes=(*short.notes, note), closing=1,
        chart=drawn,
    )  # fmt: skip


def _whole(found: Findings) -> tuple[str, ...]:
    """Return the territory that the municipalities shown make up."""
    return (OWN,) if len(found.codes) == len(found.shown) else (PROVINCE,)


def _profile(found: Findings) -> Table:
    """Give who lives in each municipality: residents and households add up to the last row."""
    voice, known = found.voice, found.declared
    values = parameters.values(found.overrides)
    named, heads = rows(
        found, "municipality_code", "municipality_name", "resident_population", "households"
    )
    figures = found.indicators.rows(named.index).columns(list(_PROFILE))
    columns: list[Head] = [
        *heads, *(Column(one, worded(MAIN[one], voice, values), known[one].unit) for one in _PROFILE)
    ]  # fmt: skip
    title = voice.say(N_("Chi vive nei comuni"))
    key = voice.say(_KEY, subject=voice.say(N_("comuni")))
    made = table(
        voice, key, title, pd.concat([named, figures.data], axis=1), columns, figures.quality,
        notes=found.editions, sources=all_sources(figures),
    )  # fmt: skip
    return closed(found, made, _whole(found))


def _rents(found: Findings) -> Table:
    """Give what a rent costs and what people earn, by municipality."""
    voice, known = found.voice, found.declared["rent_to_income_ratio"]
    named, heads = rows(found, "municipality_code", "municipality_name")
    figures = found.panel.rows(named.index).columns(list(_RENTS)).beside(
        found.indicators.rows(named.index).columns([known.name])
    )  # fmt: skip
    columns: list[Head] = [
        *heads,
        *((name, label, unit_of(name)) for name, label in _RENTS.items()),
        Column(known.name, voice.say(N_("Canone su reddito")), known.unit),
    ]
    title = voice.say(N_("Canoni e redditi dei comuni"))
    key = voice.say(_KEY, subject=voice.say(N_("canoni e redditi")))
    made = table(
        voice, key, title, pd.concat([named, figures.data], axis=1), columns, figures.quality,
        notes=found.editions, sources=all_sources(figures),
    )  # fmt: skip
    return closed(found, made, _whole(found))


def _trend(found: Findings) -> Table:
    """Give the evictions of Italy year by year, drawn as lines."""
    short = _short(found.voice, evictions.series_table(found), N_("sfratti serie"), {})
    return replace(short, chart=Chart("lines", "year", evictions.COUNTS))
