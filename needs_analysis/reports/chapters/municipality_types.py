"""Types of municipality, in words, a map and tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from needs_analysis import parameters
from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of, worded
from needs_analysis.reports.chapters.building import Head, modelled, source_lines, table
from needs_analysis.reports.chapters.by_municipality import MAIN, rows
from needs_analysis.reports.chapters.labels import part_labels
from needs_analysis.reports.chapters.patterns_words import alike_in, of_types, order_of_types
from needs_analysis.reports.charts import patterns as pattern_charts
from needs_analysis.reports.findings import ITALY, OWN, PROVINCE, Findings
from needs_analysis.reports.model import Block, Column, Picture, Sentence, Table, number
from needs_analysis.sources import istat_boundaries
from needs_analysis.words import N_, Voice

# What marks a type, where it is high and where it is low; other indicators say it with their label.
_MARKS = {
    "rent_to_income_ratio": (
        N_("canoni alti rispetto al reddito"),
        N_("canoni bassi rispetto al reddito"),
    ),
    "price_to_income_years": (
        N_("prezzi alti rispetto al reddito"),
        N_("prezzi bassi rispetto al reddito"),
    ),
    "below_rent_threshold_share": (
        N_("molti sotto il reddito che il canone richiede"),
        N_("pochi sotto il reddito che il canone richiede"),
    ),
    "low_income_share": (N_("molti redditi bassi"), N_("pochi redditi bassi")),
    "income_between_class_gini_ratio": (
        N_("redditi molto diseguali"),
        N_("redditi poco diseguali"),
    ),
    "residents_75_over_share": (N_("molti anziani"), N_("pochi anziani")),
    "residents_85_over_share": (
        N_("molti residenti molto anziani"),
        N_("pochi residenti molto anziani"),
    ),
    "old_age_index_per_100": (
        N_("molti anziani per ogni giovane"),
        N_("pochi anziani per ogni giovane"),
    ),
    "accommodation_beds_per_1000": (N_("molti letti turistici"), N_("pochi letti turistici")),
    "annual_rent_eur": (N_("canoni alti"), N_("canoni bassi")),
}
# The page has room for short heads only.
_ON_PAGE = MAIN | {"annual_rent_eur": N_("Canone annuo")}
_OTHER_MARK = (N_("{indicator}: alto"), N_("{indicator}: basso"))
_NEAR_MEAN = N_("vicini alla media italiana")


def blocks(found: Findings) -> tuple[Block, ...]:
    """Say, list and draw of which type the municipalities are."""
    return _types(found), types_table(found, on_page=True), _type_picture(found)


def traits(found: Findings) -> dict[int, str]:
    """Say in words what marks each type: of each component the first indicator that does."""
    voice = found.voice
    least = parameters.values(found.overrides)["type_mark_min"]
    said = {}
    for kind, (_, row) in enumerate(found.types.standing.iterrows(), start=1):
        marks = []
        for names in found.patterned.parts:
            wide = [name for name in names if abs(row[name]) >= least]
            marks += wide[:1]
        marks.sort(key=lambda name, row=row: -abs(row[name]))  # type: ignore[misc]
        words = [_mark(found, name, bool(row[name] > 0)) for name in marks]
        said[kind] = ", ".join(words) or voice.say(_NEAR_MEAN)
    return said


def _mark(found: Findings, name: str, high: bool) -> str:
    said = _MARKS.get(name, _OTHER_MARK)[0 if high else 1]
    return found.voice.say(said, indicator=part_labels(found)[name])


def _types(found: Findings) -> Sentence:
    voice, types = found.voice, found.types
    said, sizes = traits(found), types.sizes()
    own = types.labels.reindex(found.codes).dropna().astype(int)
    if own.empty:
        text = voice.say("Nessun tipo: manca almeno uno dei dati di cui i tipi sono fatti.")
    elif len(found.codes) == 1:
        kind = int(own.iloc[0])
        text = voice.say(
            "{name} è di tipo {kind} ({traits}), come altri {others} comuni su {total}.",
            name=found.area["municipality_name"].iloc[0],
            kind=kind,
            traits=said[kind],
            others=number(f"type_{kind}:other_municipalities", sizes[kind] - 1, voice),
            total=number("types:municipalities", len(types.labels), voice),
        )
    else:
        counts = {kind: int((own == kind).sum()) for kind in said}
        parts = "; ".join(
            voice.say(
                "{count} di tipo {kind} ({traits})",
                count=number(f"type_{kind}:{OWN}_municipalities", count, voice), kind=kind,
                traits=said[kind],
            )
            for kind, count in sorted(counts.items(), key=lambda one: -one[1])
            if count
        )  # fmt: skip
        text = voice.say(
            "{label}, comuni con tutti i dati: {parts}.", label=found.label, parts=parts
        )
    note = voice.say(
        "Un tipo riunisce comuni simili {alike}, ovunque siano in Italia. {order} Non tutti i comuni di "
        "un tipo hanno tutti i suoi tratti.",
        alike=alike_in(found),
        order=order_of_types(found),
    )
    return Sentence(text, voice.say("Tipi di comune."), note)


def types_table(found: Findings, on_page: bool = False) -> Table:
    """Give each type in words, how many municipalities it has here and in Italy, and its means."""
    named, voice, types = part_labels(found), found.voice, found.types
    short = [[name for name in names if name in _ON_PAGE] for names in found.patterned.parts]
    names = (
        [ones[0] for ones in short if ones]
        if on_page
        else [str(one) for one in found.patterned.types.data]
    )
    frame = types.centroids[names].copy()
    frame.insert(0, "traits", [f"{kind}. {words}" for kind, words in traits(found).items()])
    counted = _counted_in(found)
    for place, key in enumerate(counted, start=1):
        inside = types.labels.reindex(pd.Index(found.groups[key])).value_counts()
        frame.insert(place, f"{key}_municipalities", inside.reindex(frame.index, fill_value=0))
    frame.index = pd.Index([f"type_{kind}" for kind in frame.index])
    quality = pd.DataFrame(int(Quality.OBSERVED), index=frame.index, columns=frame.columns)
    quality["traits"] = int(Quality.MODELLED)
    for name in names:
        quality[name] = int(found.declared[name].quality if name in found.declared else 0)
    values = parameters.values(found.overrides)
    labels = named
    if on_page:
        labels = named | {name: worded(words, voice, values) for name, words in _ON_PAGE.items()}
    heads: list[Head] = [
        ("traits", N_("Tipo")),
        *((f"{key}_municipalities", words, "count") for key, words in counted.items()),
        *(Column(name, labels[name], unit_of(name)) for name in names),
    ]
    title = voice.say("Tipi di comune: quanti, e come sono in media in Italia")
    return table(
        voice, voice.say("profili dei tipi"), title, frame, heads, quality,
        notes=(_type_method(found),), sources=of_types(found),
    )  # fmt: skip


def _counted_in(found: Findings) -> dict[str, str]:
    """Return where municipalities are counted by type, with the words of the column."""
    words = {
        OWN: N_("Comuni del territorio"),
        PROVINCE: N_("Comuni della provincia"),
        ITALY: N_("Comuni d'Italia"),
    }
    own = found.groups if len(found.codes) > 1 else [key for key in found.groups if key != OWN]
    return {key: one for key, one in words.items() if key in own}


def _type_method(found: Findings) -> str:
    voice, types = found.voice, found.types
    silhouette, stable, lowest = (
        number(f"types:{name}_ratio", float(one), voice, "ratio")
        for name, one in (
            ("silhouette", types.silhouette.loc[types.groups]),
            ("mean_stability", types.stability.mean()),
            ("lowest_stability", types.stability.min()),
        )
    )
    count, left = (
        number(f"types:{name}", len(ones), voice)
        for name, ones in (("municipalities", types.labels), ("left_out", types.missing))
    )
    return voice.say(
        "Stima. K-means sui posti in graduatoria dei {columns} indicatori, {count} comuni "
        "italiani ({left} senza tutti i dati). Silhouette {silhouette} (1 = tipi ben "
        "separati, 0 = uno sfuma nell'altro); stabilità, rifacendo i tipi su campioni dei "
        "comuni: in media {stable}, almeno {lowest} (1 = gli stessi tipi). I valori sono "
        "medie semplici dei comuni di ogni tipo in Italia.",
        columns=number("types:indicators", len(types.standing.columns), voice),
        count=count,
        left=left,
        silhouette=silhouette,
        stable=stable,
        lowest=lowest,
    )


def _type_picture(found: Findings) -> Picture | Sentence:
    """Draw the types; where the municipalities shown are of one type a sentence says which."""
    voice, shown = found.voice, found.shown
    labels = found.types.labels
    labels = labels[labels.index.isin(shown.index)]  # a blank would turn numbers into floats
    title = voice.say("I tipi sulla carta")
    said = traits(found)
    if labels.nunique() < 2:
        return Sentence(_one_type(labels, said, voice), f"{title}.")
    counts = {
        kind: number(f"type_{kind}:shown_municipalities", int((labels == kind).sum()), voice)
        for kind in said
    }
    alternative = "; ".join(f"{count}: {said[kind]}" for kind, count in counts.items())
    untyped = number("shown:missing_type_municipalities", len(shown) - len(labels), voice)
    return Picture(
        "tipi",
        title,
        pattern_charts.type_map(
            shown.geometry,
            labels,
            types=said,
            voice=voice,
            highlight=found.codes if len(found.codes) == 1 else None,
        ),
        voice.say("Carta dei comuni mostrati. {said}.", said=alternative),
        notes=(voice.say("I colori distinguono i tipi e non hanno un ordine."),),
        sources=source_lines((*of_types(found), istat_boundaries.SOURCE), voice),
        drawn=(*counts.values(), untyped),
    )


def _one_type(labels: pd.Series, said: Mapping[int, str], voice: Voice) -> str:
    if labels.empty:
        return voice.say("Nessuno dei comuni mostrati ha un tipo.")
    kind = int(labels.iloc[0])
    return voice.say(
        "I comuni mostrati sono tutti dello stesso tipo, {kind} ({traits}).",
        kind=kind,
        traits=said[kind],
    )


def type_table(found: Findings) -> Table:
    """Give the type of each municipality shown."""
    voice, said = found.voice, traits(found)
    frame, heads = rows(
        found, "municipality_code", "municipality_name", "province_name", "resident_population"
    )
    labels = found.types.labels.reindex(frame.index)
    frame["type"] = labels.map({kind: str(kind) for kind in said})
    frame["traits"] = labels.map(said)
    heads += [("type", N_("Tipo"), "code"), ("traits", N_("Che cosa lo distingue"))]
    return table(
        voice, voice.say("tipi"), voice.say("Il tipo di ogni comune"), frame, heads,
        modelled(frame, ["type", "traits"]), notes=(_type_method(found),),
        sources=of_types(found),
    )  # fmt: skip
