"""Where the index concentrates: groups of near municipalities, types of municipality, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

import pandas as pd

from needs_analysis import parameters
from needs_analysis.errors import Refused, StudyError
from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of, worded
from needs_analysis.patterns import LocalPattern, Moran, national_clusters, national_moran
from needs_analysis.reports import index_words, pattern_charts, tables
from needs_analysis.reports.findings import ITALY, OWN, PROVINCE, Findings
from needs_analysis.reports.language import number, printed
from needs_analysis.reports.model import Chapter, Column, Picture, Sentence, Table
from needs_analysis.reports.problems import problem
from needs_analysis.sources import istat_boundaries

NAMES_MAX = 12  # names that a sentence holds; the workbook has them all
# What is said of a municipality by its label; one that has none is out of the calculation.
_ONE = {
    "it": {
        "high_high": "sta in un gruppo di punteggi alti: alto il suo, alti quelli dei vicini",
        "low_low": "sta in un gruppo di punteggi bassi: basso il suo, bassi quelli dei vicini",
        "high_low": "ha un punteggio alto fra vicini che lo hanno basso",
        "low_high": "ha un punteggio basso fra vicini che lo hanno alto",
        "not_significant": "non sta in un gruppo: la sua somiglianza con i vicini non va oltre quella "
        "che dà il caso",
    },
    "en": {
        "high_high": "is in a group of high scores: its own high, its neighbours' high",
        "low_low": "is in a group of low scores: its own low, its neighbours' low",
        "high_low": "has a high score among neighbours with low ones",
        "low_high": "has a low score among neighbours with high ones",
        "not_significant": "is in no group: its likeness to its neighbours does not go beyond what "
        "chance gives",
    },
}
_OUT = {"it": "è fuori dal calcolo", "en": "is not in the calculation"}
_SEVERAL = {
    "it": {
        "high_high": "con punteggio alto fra vicini alti",
        "low_low": "con punteggio basso fra vicini bassi",
        "high_low": "con punteggio alto fra vicini bassi",
        "low_high": "con punteggio basso fra vicini alti",
    },
    "en": {
        "high_high": "with a high score among high neighbours",
        "low_low": "with a low score among low neighbours",
        "high_low": "with a high score among low neighbours",
        "low_high": "with a low score among high neighbours",
    },
}
# What marks a type, where it is high and where it is low; other indicators say it with their label.
_MARKS = {
    "rent_to_income_ratio": {
        "it": ("canoni alti rispetto al reddito", "canoni bassi rispetto al reddito"),
        "en": ("high rents for the incomes", "low rents for the incomes"),
    },
    "price_to_income_years": {
        "it": ("prezzi alti rispetto al reddito", "prezzi bassi rispetto al reddito"),
        "en": ("high prices for the incomes", "low prices for the incomes"),
    },
    "below_rent_threshold_share": {
        "it": ("molti sotto il reddito che il canone richiede",
               "pochi sotto il reddito che il canone richiede"),
        "en": ("many below the income the rent asks for", "few below the income the rent asks for"),
    },
    "low_income_share": {
        "it": ("molti redditi bassi", "pochi redditi bassi"),
        "en": ("many low incomes", "few low incomes"),
    },
    "income_between_class_gini_ratio": {
        "it": ("redditi molto diseguali", "redditi poco diseguali"),
        "en": ("very unequal incomes", "little unequal incomes"),
    },
    "residents_75_over_share": {
        "it": ("molti anziani", "pochi anziani"),
        "en": ("many elderly", "few elderly"),
    },
    "residents_85_over_share": {
        "it": ("molti residenti molto anziani", "pochi residenti molto anziani"),
        "en": ("many very old residents", "few very old residents"),
    },
    "old_age_index_per_100": {
        "it": ("molti anziani per ogni giovane", "pochi anziani per ogni giovane"),
        "en": ("many elderly for each young person", "few elderly for each young person"),
    },
    "accommodation_beds_per_1000": {
        "it": ("molti letti turistici", "pochi letti turistici"),
        "en": ("many tourist beds", "few tourist beds"),
    },
}  # fmt: skip
_OTHER_MARK = {"it": ("alto", "basso"), "en": ("high", "low")}
_NEAR_MEAN = {"it": "vicini alla media italiana", "en": "near the Italian mean"}
# Moran's I from which neighbours are said to be alike in these words.
_ALIKE = (
    (0.5, {"it": "molto simili", "en": "very similar"}),
    (0.2, {"it": "abbastanza simili", "en": "fairly similar"}),
    (0.0, {"it": "poco simili", "en": "little similar"}),
)


# ---------------------------------------------------------------- the chapter


def patterns(found: Findings) -> Chapter:
    """Say which municipalities form groups with their neighbours, and of which type they are."""
    title = {"it": "Dove si concentra", "en": "Where it concentrates"}[found.lang]
    said = (
        _groups(found),
        _alike(found),
        _joined(found),
        _left_out(found),
        _cluster_picture(found),
        _types(found),
        profile_table(found, on_page=True),
        _type_picture(found),
    )
    return Chapter("gruppi", title, tuple(one for one in said if one is not None))


def sheets(found: Findings, name: str = "") -> list[Table]:
    """Return the sheets of groups and types: of the index, or groups of an indicator.

    Parameters
    ----------
    found : Findings
        The area: municipalities shown are the rows.
    name : str
        An indicator or a score; the index when empty.

    Raises
    ------
    StudyError
        The indicator does not exist, or municipalities have no value of their own.
    """
    return [cluster_table(found, name), type_table(found), profile_table(found)]


# ---------------------------------------------------------------- groups of near municipalities


def cluster_words(lang: str) -> dict[str, str]:
    """Return the printed name of each label of a local Moran, and of those that have none."""
    place = 2 if lang == "it" else 3
    own = {label: told[place] for label, told in pattern_charts.CLUSTERS.items()}
    more = {
        "it": {"allocated": "Valore ripartito da un territorio più grande",
               "alone": "Nessun vicino con un dato"},
        "en": {"allocated": "Allocated from a larger territory",
               "alone": "No neighbour with a value"},
    }[lang]  # fmt: skip
    return own | more


def labels_of(pattern: LocalPattern, units: pd.Index) -> pd.Series:
    """Return the label of each unit; of one left out why it is."""
    told = {label: list(getattr(pattern, label)) for label in ("allocated", "alone")}
    left_out = pd.Series({one: label for label, ones in told.items() for one in ones}, dtype=object)
    own = pattern.frame["label"].astype(object)
    labels: pd.Series = pd.concat([own, left_out]).reindex(units).fillna("missing")
    return labels


def _groups(found: Findings) -> Sentence:
    lang = found.lang
    lead = {"it": "Gruppi di comuni vicini.", "en": "Groups of near municipalities."}[lang]
    labels = labels_of(found.clusters, found.shown.index)
    said = []
    if len(found.codes) == 1:
        placed = _ONE[lang].get(labels[found.codes[0]], _OUT[lang])
        said.append(f"{found.area['municipality_name'].iloc[0]} {placed}.")
    said.append(_counted(found, labels))
    label = index_words.label(found.index.spec, lang)
    note = {
        "it": f"Punteggi dell'indice ({label}), alti o bassi rispetto alla media italiana. Un gruppo "
        "dice che comuni confinanti si somigliano più di quanto farebbe il caso: è una vicinanza "
        "statistica, non una graduatoria. Anche chi ne è fuori può avere un punteggio alto.",
        "en": f"Scores of the index ({label}), high or low against the Italian mean. A group says "
        "that bordering municipalities are more alike than chance would make them: it is a "
        "statistical neighbourhood, not a ranking. One outside it may have a high score too.",
    }[lang]
    return Sentence(" ".join(said), lead, note)


def _counted(found: Findings, labels: pd.Series) -> str:
    """Count the municipalities shown by label, with the names of those that stand out."""
    lang = found.lang
    total = number(len(labels), lang)
    place = found.labels.get(PROVINCE, found.label) if len(found.codes) == 1 else found.label
    parts = []
    for label, words in _SEVERAL[lang].items():
        here = labels.index[labels == label]
        if len(here):
            names = _names(found, here, lowest_first=label.startswith("low"))
            parts.append(f"{number(len(here), lang)} {words}: {names}")
    if not parts:
        return {
            "it": f"{place}: nessuno dei comuni mostrati ({total}) sta in un gruppo di punteggi alti "
            "o bassi che vada oltre il caso.",
            "en": f"{place}: none of the municipalities shown ({total}) is in a group of high or low "
            "scores that goes beyond chance.",
        }[lang]
    rest = number(int((labels == "not_significant").sum()), lang)
    opening = {"it": f"{place}, {total} comuni: ", "en": f"{place}, {total} municipalities: "}
    ending = {
        "it": f"fuori da ogni gruppo, perché la somiglianza con i vicini non va oltre il caso: {rest}.",
        "en": f"in no group, as their likeness to neighbours does not go beyond chance: {rest}.",
    }
    return f"{opening[lang]}{'; '.join(parts)}; {ending[lang]}"


def _names(
    found: Findings, codes: Iterable[str], most: int = NAMES_MAX, lowest_first: bool = False
) -> str:
    """List municipalities by their score, the highest first unless told, up to a number of names."""
    score = found.index.score.reindex(list(codes)).sort_values(
        ascending=lowest_first, kind="stable"
    )
    names = found.shown["municipality_name"].reindex(score.index)
    more = len(names) - most
    if more <= 0:
        return ", ".join(names)
    rest = {
        "it": f" e altri {number(more)} (elenco nelle tabelle Excel)",
        "en": f" and {number(more, 'en')} more (listed in the Excel tables)",
    }[found.lang]
    return ", ".join(names.head(most)) + rest


def _alike(found: Findings) -> Sentence:
    lang, moran = found.lang, found.moran
    lead = {"it": "Quanto i vicini si somigliano.", "en": "How alike neighbours are."}[lang]
    note = {
        "it": "L'indice di Moran vale circa 0 se i punteggi sono disposti a caso, 1 se ogni comune è "
        "come i suoi vicini. Dice che i vicini si somigliano, non perché.",
        "en": "Moran's I is about 0 where scores are placed by chance, 1 where every municipality is "
        "like its neighbours. It says that neighbours are alike, not why.",
    }[lang]
    return Sentence(moran_words(moran, lang), lead, note)


def moran_words(moran: Moran, lang: str) -> str:
    """Say Moran's I in words, with how often chance gives as much."""
    value = number(round(moran.statistic, 2) + 0.0, lang, 2)
    draws = number(moran.permutations, lang)
    if moran.pseudo_p > 0.05:
        return {
            "it": f"In Italia i comuni vicini non si somigliano più di quanto farebbe il caso (indice "
            f"di Moran {value}).",
            "en": f"In Italy near municipalities are not more alike than chance would make them "
            f"(Moran's I {value}).",
        }[lang]
    different = {"it": "diversi", "en": "different"}
    how = next((words for least, words in _ALIKE if moran.statistic >= least), different)[lang]
    never = moran.pseudo_p <= 2 / (moran.permutations + 1) + 1e-12
    share = printed(moran.pseudo_p, "x_share", "share", lang)
    chance = {
        "it": f"nessuna di {draws} disposizioni a caso ne dà uno così lontano da 0"
        if never
        else f"il caso ne dà uno così lontano da 0 nel {share} delle volte",
        "en": f"none of {draws} placings by chance gives one as far from 0"
        if never
        else f"chance gives one as far from 0 {share} of the times",
    }[lang]
    return {
        "it": f"In Italia i comuni vicini hanno valori {how}: l'indice di Moran è {value} su "
        f"{number(moran.units, lang)} comuni, e {chance}.",
        "en": f"In Italy near municipalities have {how} values: Moran's I is {value} over "
        f"{number(moran.units, lang)} municipalities, and {chance}.",
    }[lang]


def _joined(found: Findings) -> Sentence | None:
    """Name the municipalities that border nobody and whom they were given as a neighbour."""
    lang = found.lang
    pairs = found.clusters.joined
    pairs = pairs[pairs.index.isin(found.shown.index)]
    if pairs.empty:
        return None
    lead = {"it": "Comuni che non confinano.", "en": "Bordering nobody."}[lang]
    kilometres = (pairs["distance_m"] / 1000).clip(lower=1).tolist()
    said = "; ".join(
        f"{one} – {other} ({number(km, lang)} km)"
        for one, other, km in zip(
            pairs["unit_name"], pairs["neighbour_name"], kilometres, strict=True
        )
    )
    text = {
        "it": f"Chi non confina con nessun comune ha come vicino il comune più prossimo: {said}.",
        "en": f"What borders no municipality has the nearest one as its neighbour: {said}.",
    }[lang]
    return Sentence(text, lead)


def _left_out(found: Findings) -> Sentence | None:
    """Say which municipalities shown have no place among groups, by reason."""
    lang = found.lang
    labels = labels_of(found.clusters, found.shown.index)
    reasons: dict[str, list[str]] = {}
    for code, label in labels[labels.isin(["missing", "allocated", "alone"])].items():
        why = _lacking(found, str(code)) if label == "missing" else cluster_words(lang)[label]
        reasons.setdefault(why, []).append(str(code))
    if not reasons:
        return None
    lead = {"it": "Senza un gruppo.", "en": "Without a group."}[lang]
    said = "; ".join(
        f"{_names(found, codes, 6)} ({why[0].lower()}{why[1:]})"
        for why, codes in sorted(reasons.items(), key=lambda one: -len(one[1]))
    )
    text = {"it": f"Fuori dal calcolo: {said}.", "en": f"Not in the calculation: {said}."}[lang]
    return Sentence(text, lead)


def _lacking(found: Findings, code: str) -> str:
    """Say which of the index's indicators a municipality lacks, and which are not its own."""
    lang, spec = found.lang, found.index.spec
    row = found.index.stages["data"].loc[[code]].iloc[0]
    lacking = [name for name in spec.names if pd.isna(row[name])]
    quality = found.indicators.quality
    allocated = quality.columns[quality.loc[[code]].iloc[0] == Quality.ALLOCATED]
    shared = [name for name in lacking if name in allocated]
    if not lacking:
        return {"it": "senza confini propri", "en": "without boundaries of its own"}[lang]
    words = {"it": ("manca", "ripartito da un territorio più grande"),
             "en": ("missing", "allocated from a larger territory")}[lang]  # fmt: skip
    missing = [name for name in lacking if name not in shared]
    parts = [
        f"{word}: {', '.join(found.parts[name] for name in names)}"
        for word, names in zip(words, (missing, shared), strict=True)
        if names
    ]
    return "; ".join(parts)


def _cluster_picture(found: Findings) -> Picture:
    lang, shown = found.lang, found.shown
    labels = labels_of(found.clusters, shown.index)
    drawn = labels.where(~labels.isin(["allocated", "alone"]), "missing")
    marked = labels.index[~labels.isin(["not_significant", "missing", "allocated", "alone"])]
    title = {"it": "Gruppi di punteggi alti e bassi", "en": "Groups of high and low scores"}[lang]
    alternative = {"it": "Carta dei comuni mostrati. ", "en": "Map of the municipalities shown. "}
    few = len(shown) <= tables.MUNICIPALITIES_ON_PAGE
    people = shown["resident_population"].reindex(marked).sort_values(ascending=False)
    return Picture(
        "gruppi",
        title,
        pattern_charts.cluster_map(
            shown.geometry,
            drawn,
            lang=lang,
            highlight=found.codes if len(found.codes) == 1 else None,
            names=shown["municipality_name"].reindex(people.index).head(25) if few else None,
        ),
        alternative[lang] + _counted(found, labels),
        notes=(_cluster_method(found.clusters, lang),),
        sources=_sources(found),
    )


def _cluster_method(pattern: LocalPattern, lang: str) -> str:
    share = number(pattern.false_discovery_share * 100, lang)
    draws = number(pattern.permutations, lang)
    return {
        "it": "Stima. I locale di Moran su tutti i comuni italiani; vicini sono i comuni che "
        f"confinano; {draws} permutazioni, tasso di false scoperte {share} %: circa {share} comuni "
        "su 100 fra quelli colorati possono esserlo per caso.",
        "en": "Modelled. Local Moran over all Italian municipalities; neighbours are those that "
        f"border; {draws} permutations, false-discovery rate {share} %: about {share} in 100 of the "
        "coloured ones may be so by chance.",
    }[lang]


def _sources(found: Findings, name: str = "") -> tuple[str, ...]:
    ids = found.indicators.sources[name or found.index.spec.name]
    cited = istat_boundaries.SOURCE
    return (*tables.source_lines(ids), f"{cited.attribution} ({cited.reference_date})")


def cluster_table(found: Findings, name: str = "") -> Table:
    """Give value, neighbours' mean, label and pseudo p of each municipality shown."""
    lang = found.lang
    name, label, pattern, moran = _pattern_of(found, name)
    shown = found.shown.sort_values("municipality_name")
    own = found.indicators.rows(shown.index).columns([name])
    frame = shown[["municipality_name", "province_name"]].copy()
    frame.insert(0, "municipality_code", frame.index)
    frame[name] = own.data[name]
    lag = pattern.frame.reindex(shown.index)
    frame["lag"], frame["pseudo_p"] = lag["lag"], lag["pseudo_p"]
    frame["label"] = labels_of(pattern, shown.index).map(cluster_words(lang))
    modelled = pd.DataFrame(
        int(Quality.MODELLED), index=frame.index, columns=["lag", "pseudo_p", "label"]
    )
    head = {
        "it": ("Codice", "Comune", "Provincia", "Media dei vicini", "Gruppo", "p (per caso)"),
        "en": ("Code", "Municipality", "Province", "Mean of the neighbours", "Group", "p (chance)"),
    }[lang]
    unit = found.score_unit if name == found.index.spec.name else unit_of(name)
    columns = (
        Column("municipality_code", head[0], "code"),
        Column("municipality_name", head[1]),
        Column("province_name", head[2]),
        Column(name, label, unit),
        Column("lag", head[3], unit),
        Column("label", head[4]),
        Column("pseudo_p", head[5], "p"),
    )
    title = {"it": f"Gruppi di comuni vicini: {label}", "en": f"Groups of near ones: {label}"}[lang]
    key = {"it": "gruppi spaziali", "en": "spatial groups"}[lang]
    threshold = number(pattern.frame["p_threshold"].iloc[0], lang, 4)
    counted = {
        "it": f"Un comune è in un gruppo se p non supera {threshold}.",
        "en": f"A municipality is in a group where p does not exceed {threshold}.",
    }[lang]
    return Table(
        key, title, frame, columns, own.quality.join(modelled),
        notes=(_cluster_method(pattern, lang), counted, moran_words(moran, lang)),
        sources=_sources(found, name),
    )  # fmt: skip


def _pattern_of(found: Findings, name: str) -> tuple[str, str, LocalPattern, Moran]:
    """Return the column, its label and its patterns; what has no pattern is refused in words."""
    lang, spec = found.lang, found.index.spec
    name = name or spec.name
    if name == spec.name:
        return name, index_words.label(spec, lang), found.clusters, found.moran
    labels = {one.column: index_words.label(one, lang) for one in spec.components}
    labels |= {key: one.label(lang) for key, one in found.declared.items()}
    _refuse(found, name, labels)
    values = found.indicators.columns([name])
    try:
        pattern = national_clusters(values, found.day, found.overrides)
        moran = national_moran(values, found.day, found.overrides)
    except Refused as error:
        if not all(one.code.startswith("patterns.") for one in error.problems):
            raise
        raise StudyError(problem("no_groups", name=name, reasons=error.problems)) from error
    return name, labels[name], pattern, moran


def _refuse(found: Findings, name: str, labels: Mapping[str, str]) -> None:
    if name not in labels or name not in found.indicators.data:
        known = [one for one in labels if one in found.indicators.data]
        if near := tuple(get_close_matches(name, known, 3)):
            raise StudyError(problem("no_indicator_near", name=name, near=near))
        raise StudyError(problem("no_indicator_listed", name=name))
    quality = found.indicators.quality[name]
    own = (quality < Quality.SUPPRESSED) & (quality != Quality.ALLOCATED)
    reason = ""
    if name in found.declared and found.declared[name].level == "province":
        reason = "by_province"
    elif unit_of(name) == "code":
        reason = "code"
    elif not own.any():
        reason = "no_own_value"
    if reason:
        refused = problem(reason, name=name, label=labels[name])
        raise StudyError(refused, cure=problem("choose_municipal"))


# ---------------------------------------------------------------- types


def profiles(found: Findings) -> dict[int, str]:
    """Say in words what marks each type: of each component the first indicator that does."""
    lang = found.lang
    least = parameters.values(found.overrides)["type_mark_min"]
    said = {}
    for kind, (_, row) in enumerate(found.types.standing.iterrows(), start=1):
        marks = []
        for names in _component_names(found):
            wide = [name for name in names if abs(row[name]) >= least]
            marks += wide[:1]
        marks.sort(key=lambda name, row=row: -abs(row[name]))  # type: ignore[misc]
        words = [_mark(found, name, bool(row[name] > 0)) for name in marks]
        said[kind] = ", ".join(words) or _NEAR_MEAN[lang]
    return said


def _component_names(found: Findings) -> list[tuple[str, ...]]:
    """Return the indicators of each part right under the index."""
    spec = found.index.spec
    return [(part,) if part in spec.names else spec.leaves(part) for part in spec.parts(spec.name)]


def _mark(found: Findings, name: str, high: bool) -> str:
    place, lang = 0 if high else 1, found.lang
    if name in _MARKS:
        return _MARKS[name][lang][place]
    return f"{found.parts[name]}: {_OTHER_MARK[lang][place]}"


def _types(found: Findings) -> Sentence:
    lang, types = found.lang, found.types
    lead = {"it": "Tipi di comune.", "en": "Types of municipality."}[lang]
    said, sizes = profiles(found), types.sizes()
    own = types.labels.reindex(found.codes).dropna().astype(int)
    total = number(len(types.labels), lang)
    if own.empty:
        text = {
            "it": "Nessun tipo: manca almeno un indicatore dell'indice.",
            "en": "No type: one of the index's indicators at least is missing.",
        }[lang]
    elif len(found.codes) == 1:
        kind = int(own.iloc[0])
        text = {
            "it": f"{found.area['municipality_name'].iloc[0]} è di tipo {kind} ({said[kind]}), come "
            f"altri {number(sizes[kind] - 1, lang)} comuni su {total}.",
            "en": f"{found.area['municipality_name'].iloc[0]} is of type {kind} ({said[kind]}), like "
            f"{number(sizes[kind] - 1, lang)} others of {total}.",
        }[lang]
    else:
        word = {"it": "di tipo", "en": "of type"}[lang]
        counts = {kind: int((own == kind).sum()) for kind in said}
        parts = "; ".join(
            f"{number(count, lang)} {word} {kind} ({said[kind]})"
            for kind, count in sorted(counts.items(), key=lambda one: -one[1])
            if count
        )
        text = {
            "it": f"{found.label}, comuni con tutti i dati: {parts}.",
            "en": f"{found.label}, municipalities with all data: {parts}.",
        }[lang]
    note = {
        "it": "Un tipo riunisce comuni simili negli indicatori dell'indice, ovunque siano in Italia. "
        "Il tipo 1 è quello che sta peggio nell'insieme degli indicatori, l'ultimo meglio; non tutti "
        "i comuni di un tipo hanno tutti i suoi tratti.",
        "en": "A type puts together municipalities alike in the indicators of the index, wherever in "
        "Italy. Type 1 is worst off over the indicators, the last best; not every municipality of a "
        "type has all of its traits.",
    }[lang]
    return Sentence(text, lead, note)


def profile_table(found: Findings, on_page: bool = False) -> Table:
    """Give each type in words, how many municipalities it has here and in Italy, and its means."""
    lang, types, spec = found.lang, found.types, found.index.spec
    short = [[name for name in names if name in tables.MAIN] for names in _component_names(found)]
    names = [ones[0] for ones in short if ones] if on_page else list(spec.names)
    frame = types.centroids[names].copy()
    said = profiles(found)
    frame.insert(0, "profile", [f"{kind}. {words}" for kind, words in said.items()])
    counted = _counted_in(found)
    for place, key in enumerate(counted, start=1):
        inside = types.labels.reindex(pd.Index(found.groups[key])).value_counts()
        frame.insert(place, f"{key}_municipalities", inside.reindex(frame.index, fill_value=0))
    quality = pd.DataFrame(int(Quality.OBSERVED), index=frame.index, columns=frame.columns)
    quality["profile"] = int(Quality.MODELLED)
    for name in names:
        quality[name] = int(found.declared[name].quality if name in found.declared else 0)
    head, title = {
        "it": ("Tipo", "Tipi di comune: quanti, e come sono in media in Italia"),
        "en": ("Type", "Types of municipality: how many, and their means in Italy"),
    }[lang]
    values = parameters.values(found.overrides)
    heads = {name: worded(words[lang != "it"], lang, values) for name, words in tables.MAIN.items()}
    columns = (
        Column("profile", head),
        *(Column(f"{key}_municipalities", word, "count") for key, word in counted.items()),
        *(Column(name, heads.get(name, found.parts[name]) if on_page else found.parts[name],
                 unit_of(name)) for name in names),
    )  # fmt: skip
    key = {"it": "profili dei tipi", "en": "profiles of types"}[lang]
    return Table(
        key, title, frame, columns, quality, notes=(_type_method(found),),
        sources=tables.source_lines(found.indicators.sources[spec.name]),
    )  # fmt: skip


def _counted_in(found: Findings) -> dict[str, str]:
    """Return where municipalities are counted by type, with the head of the column."""
    words = {
        OWN: {"it": "Comuni del territorio", "en": "Municipalities here"},
        PROVINCE: {"it": "Comuni della provincia", "en": "Municipalities of the province"},
        ITALY: {"it": "Comuni d'Italia", "en": "Municipalities of Italy"},
    }
    own = found.groups if len(found.codes) > 1 else [key for key in found.groups if key != OWN]
    return {key: one[found.lang] for key, one in words.items() if key in own}


def _type_method(found: Findings) -> str:
    lang, types = found.lang, found.types
    silhouette = number(types.silhouette.loc[types.groups], lang, 2)
    stable, lowest = (
        number(one, lang, 2) for one in (types.stability.mean(), types.stability.min())
    )
    count, left = number(len(types.labels), lang), number(len(types.missing), lang)
    return {
        "it": f"Stima. K-means sui posti in graduatoria dei {len(types.standing.columns)} indicatori, "
        f"{count} comuni italiani ({left} senza tutti i dati). Silhouette {silhouette} (1 = tipi ben "
        "separati, 0 = uno sfuma nell'altro); stabilità, rifacendo i tipi su campioni dei comuni: in "
        f"media {stable}, almeno {lowest} (1 = gli stessi tipi). I valori sono medie semplici dei "
        "comuni di ogni tipo in Italia.",
        "en": f"Modelled. K-means on the ranks of the {len(types.standing.columns)} indicators, "
        f"{count} Italian municipalities ({left} lack some data). Silhouette {silhouette} (1 = types "
        "well apart, 0 = one shades into another); stability, making types again on resamples: "
        f"{stable} on average, {lowest} at least (1 = the same types). Values are plain means of the "
        "municipalities of each type in Italy.",
    }[lang]


def _type_picture(found: Findings) -> Picture:
    lang, shown = found.lang, found.shown
    labels = found.types.labels
    labels = labels[labels.index.isin(shown.index)]  # a blank would turn numbers into floats
    title = {"it": "I tipi sulla carta", "en": "Types on the map"}[lang]
    said = profiles(found)
    counts = {words: int((labels == kind).sum()) for kind, words in said.items()}
    alternative = "; ".join(f"{number(count, lang)}: {words}" for words, count in counts.items())
    opening = {"it": "Carta dei comuni mostrati. ", "en": "Map of the municipalities shown. "}[lang]
    note = {
        "it": "I colori distinguono i tipi e non hanno un ordine.",
        "en": "Colours tell types apart and have no order.",
    }[lang]
    return Picture(
        "tipi",
        title,
        pattern_charts.type_map(
            shown.geometry,
            labels,
            types=said,
            lang=lang,
            highlight=found.codes if len(found.codes) == 1 else None,
        ),
        f"{opening}{alternative}.",
        notes=(note,),
        sources=_sources(found),
    )


def type_table(found: Findings) -> Table:
    """Give the type of each municipality shown."""
    lang = found.lang
    shown = found.shown.sort_values("municipality_name")
    frame = shown[["municipality_name", "province_name", "resident_population"]].copy()
    frame.insert(0, "municipality_code", frame.index)
    labels = found.types.labels.reindex(shown.index)
    frame["type"] = labels.map({kind: str(kind) for kind in profiles(found)})
    frame["profile"] = labels.map(profiles(found))
    quality = pd.DataFrame(int(Quality.MODELLED), index=frame.index, columns=["type", "profile"])
    head = {
        "it": ("Codice", "Comune", "Provincia", "Residenti", "Tipo", "Che cosa lo distingue"),
        "en": ("Code", "Municipality", "Province", "Residents", "Type", "What marks it"),
    }[lang]
    units = ("code", "text", "text", "count", "code", "text")
    columns = tuple(
        Column(str(name), word, unit)
        for name, word, unit in zip(frame.columns, head, units, strict=True)
    )
    key, title = {
        "it": ("tipi", "Il tipo di ogni comune"),
        "en": ("types", "The type of each municipality"),
    }[lang]
    return Table(
        key, title, frame, columns, quality, notes=(_type_method(found),),
        sources=tables.source_lines(found.indicators.sources[found.index.spec.name]),
    )  # fmt: skip
