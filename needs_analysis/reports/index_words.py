"""How an index is built, in sentences made from its declaration."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from needs_analysis.composite import DISTRESS, Component, Method, Spec
from needs_analysis.indicators import registry
from needs_analysis.reports.language import method_label, number, printed

_COUNTS = {
    "it": "due tre quattro cinque sei sette otto nove dieci",
    "en": "two three four five six seven eight nine ten",
}


def label(one: Spec | Component, lang: str) -> str:
    """Return the printed name of an index or a component: in the other language if need be."""
    own, other = (one.label_it, one.label_en) if lang == "it" else (one.label_en, one.label_it)
    return own or other or one.name


def rule(spec: Spec, labels: Mapping[str, str], lang: str) -> str:
    """Say in a sentence how the index is built.

    Parameters
    ----------
    labels : mapping of str to str
        The printed names of its components and indicators.

    Examples
    --------
    >>> rule(DISTRESS, {}, "it")[:62]
    'Componenti di pari peso, AMPI con penalità per lo squilibrio; '
    """
    words = {
        "it": "gli sfratti non vi entrano perché sotto la provincia non esistono.",
        "en": "evictions do not enter because they do not exist below the province.",
    }[lang]
    parts = _weighted(spec, labels, lang)
    return f"{parts[0].upper()}{parts[1:]}, {_scaled(spec, lang)}; {words}"


def definition(spec: Spec, labels: Mapping[str, str], lang: str) -> str:
    """Say under the choice of the map what the index is made of and how it is read.

    Examples
    --------
    >>> definition(DISTRESS, {}, "it")
    'Quattro componenti di pari peso; media italiana circa 100, più alto è peggio.'
    """
    parts = _weighted(spec, labels, lang)
    count = len(spec.parts(spec.name))
    if _equal(spec) and count > 1:
        counted = _COUNTS[lang].split()
        parts = f"{counted[count - 2] if count - 2 < len(counted) else count} {parts}"
    how = scale(spec, lang)
    return f"{parts[0].upper()}{parts[1:]}; {how + ', ' if how else ''}{_sense(spec, lang)}."


def limit(spec: Spec, lang: str) -> str:
    """Say on which choices the index depends.

    Examples
    --------
    >>> limit(DISTRESS, "it")[-66:]
    'truito: pesi uguali, logaritmo dei valori molto asimmetrici, AMPI.'
    """
    opening = {
        "it": "L'indice dipende dalle scelte con cui è costruito",
        "en": "The index depends on the choices it is built with",
    }[lang]
    weights = "equal" if _equal(spec) else spec.weight.name
    chosen = [method_label("weight", weights, lang)]
    for stage in ("screen", "impute", "treat"):
        method: Method = getattr(spec, stage)
        if method.function:
            chosen.append(method_label(stage, method.name, lang))
    return f"{opening}: {', '.join([*chosen, *_methods(spec, lang)])}."


def reading(spec: Spec, lang: str) -> str:
    """Say what rank 1 is and where the scores lie, as it stands in brackets.

    Examples
    --------
    >>> reading(DISTRESS, "it")
    'posto 1 = disagio maggiore; media italiana circa 100'
    """
    if spec.name == DISTRESS.name:
        first = {"it": "disagio maggiore", "en": "most distress"}[lang]
    else:
        first = {"it": "punteggio più alto", "en": "highest score"}[lang]
    said = f"posto 1 = {first}" if lang == "it" else f"1 = {first}"
    how = scale(spec, lang)
    return f"{said}; {how}" if how else said


def scale(spec: Spec, lang: str) -> str:
    """Say where the scores lie; nothing where the method gives no plain answer.

    Examples
    --------
    >>> from dataclasses import replace
    >>> scale(replace(DISTRESS, normalise="minmax", aggregate="geometric"), "it")
    'scala da 0 a 100'
    """
    if any(_method(spec, node) not in ("arithmetic", "geometric", "harmonic", "ampi")
           for node in spec.nodes):  # fmt: skip
        return ""
    kind, options = spec.normalise.name, _options(spec.normalise)
    mean = None
    if kind == "ampi" and not any(one.reference is not None for one in spec.indicators):
        mean = 100.0
    if kind == "zscore":
        mean = float(options["mean"])
    if mean is not None:
        words = {"it": "media italiana circa {}", "en": "Italian mean about {}"}[lang]
        return words.format(number(mean, lang, 0 if mean == round(mean) else 1))
    ends = {"minmax": (options.get("low"), options.get("high")), "percentile_rank": (0, 1)}
    ends["goalposts"] = ends["minmax"]
    if kind not in ends or "ampi" in [_method(spec, node) for node in spec.nodes]:
        return ""
    low, high = (number(float(end or 0), lang, 0 if end == round(end or 0) else 2)
                 for end in ends[kind])  # fmt: skip
    return {"it": f"scala da {low} a {high}", "en": f"scale from {low} to {high}"}[lang]


def treatment(what: Mapping[str, str], labels: Mapping[str, str], lang: str) -> str:
    """Name the indicators whose outliers were treated, and how.

    Examples
    --------
    >>> treatment({"a": "log", "b": "winsorised 2", "c": "none"}, {"a": "A", "b": "B"}, "it")
    'Valori estremi trattati: A (logaritmo), B (2 valori avvicinati).'
    """
    words = {
        "it": ("logaritmo", "valore avvicinato", "valori avvicinati"),
        "en": ("logarithm", "value moved in", "values moved in"),
    }[lang]

    def said(done: str) -> str:
        count = done.removeprefix("winsorised ")
        return words[0] if done == "log" else f"{count} {words[1 + (count != '1')]}"

    treated = [f"{labels[name]} ({said(done)})" for name, done in what.items() if done != "none"]
    if not treated:
        return {"it": "Nessun valore estremo trattato.", "en": "No outlier was treated."}[lang]
    opening = {"it": "Valori estremi trattati", "en": "Outliers treated"}[lang]
    return f"{opening}: {', '.join(treated)}."


def worse(spec: Spec) -> int:
    """Return +1 where a high score is worse, -1 where it is better, 0 where neither can be said."""
    known = registry()
    senses = {
        one.direction * known[one.name].polarity if one.name in known else 0
        for one in spec.indicators
    }
    return senses.pop() if len(senses) == 1 else 0


def _sense(spec: Spec, lang: str) -> str:
    words = {
        1: ("più alto è peggio", "higher is worse"),
        -1: ("più alto è meglio", "higher is better"),
        0: ("più alto è più di ciò che l'indice misura", "higher is more of what it measures"),
    }
    return words[worse(spec)][lang != "it"]


def _equal(spec: Spec) -> bool:
    if spec.weight.name == "equal":
        return True
    every = [spec.parts(node).values() for node in spec.nodes]
    return spec.weight.name == "given" and all(len(set(one)) == 1 for one in every)


def _weighted(spec: Spec, labels: Mapping[str, str], lang: str) -> str:
    """Say what the index is made of and by which weights."""
    words = {
        "it": ("indicatori", "componenti", "un indicatore", "una componente"),
        "en": ("indicators", "components", "one indicator", "one component"),
    }[lang]
    if len(spec.parts(spec.name)) == 1:
        return words[2 + bool(spec.components)]
    kind = words[bool(spec.components)]
    if _equal(spec):
        return {"it": f"{kind} di pari peso", "en": f"{kind} of equal weight"}[lang]
    if spec.weight.name != "given":
        return f"{kind}: {method_label('weight', spec.weight.name, lang)}"
    parts = spec.parts(spec.name)
    if len(set(parts.values())) == 1:
        inside = {"it": "con pesi diversi al loro interno", "en": "with unequal weights inside"}
        alike = {"it": f"{kind} di pari peso", "en": f"{kind} of equal weight"}[lang]
        return f"{alike} {inside[lang]}"
    total = sum(parts.values())
    listed = ", ".join(
        f"{labels.get(name, name)} {printed(weight / total, 'x_share', 'share', lang)}"
        for name, weight in parts.items()
    )
    return {"it": f"{kind} con pesi diversi: {listed}", "en": f"{kind} weighted: {listed}"}[lang]


def _scaled(spec: Spec, lang: str) -> str:
    methods = _methods(spec, lang)
    penalties = {
        str(spec.aggregation(node).options.get("penalty", "+"))
        for node in spec.nodes
        if _method(spec, node) == "ampi"
    }
    if len(methods) > 1 or methods != [method_label("aggregate", "ampi", lang)]:
        return ", ".join(methods)
    words = {
        "it": {"+": "con penalità per lo squilibrio", "-": "con detrazione per lo squilibrio"},
        "en": {"+": "with a penalty for imbalance", "-": "with a deduction for imbalance"},
    }[lang]
    return " ".join([*methods, *(words[one] for one in sorted(penalties))])


def _methods(spec: Spec, lang: str) -> list[str]:
    """Return scale and means in words; AMPI's scale goes without saying where AMPI follows it."""
    means = list(dict.fromkeys(_method(spec, node) for node in reversed(spec.nodes)))
    said = [method_label("aggregate", name, lang) for name in means]
    if spec.normalise.name == "ampi" and means == ["ampi"]:
        return said
    return [method_label("normalise", spec.normalise.name, lang), *said]


def _method(spec: Spec, node: str) -> str:
    return spec.aggregation(node).name


def _options(method: Method) -> dict[str, Any]:
    """Return the options of a method, those not given by their defaults."""
    taken = inspect.signature(method.function).parameters if method.function else {}
    defaults = {name: one.default for name, one in taken.items()}
    return {name: value for name, value in defaults.items() if value is not inspect._empty} | dict(
        method.options
    )
