"""How an index is built, in sentences made from its declaration."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from needs_analysis.composite import Component, CompositeResult, Method, Spec
from needs_analysis.indicators import registry
from needs_analysis.reports.language import method_label, printed
from needs_analysis.words import ITALIAN, N_, NN_, Voice

# From two on.
_COUNTS = (
    N_("due"), N_("tre"), N_("quattro"), N_("cinque"), N_("sei"), N_("sette"), N_("otto"), N_("nove"),
    N_("dieci"),
)  # fmt: skip
# What the index is made of, indicators or components.
_ONE = (N_("un indicatore"), N_("una componente"))
_ALIKE = (N_("indicatori di pari peso"), N_("componenti di pari peso"))
_COUNTED = (N_("{count} indicatori di pari peso"), N_("{count} componenti di pari peso"))
_FOUND = (N_("indicatori: {weights}"), N_("componenti: {weights}"))
_UNEQUAL = (
    N_("indicatori con pesi diversi: {weights}"),
    N_("componenti con pesi diversi: {weights}"),
)
_SENSES = {
    1: N_("più alto è peggio"),
    -1: N_("più alto è meglio"),
    0: N_("più alto è più di ciò che l'indice misura"),
}
# AMPI by the signs of its penalties.
_PENALTIES = {
    "+": N_("AMPI con penalità per lo squilibrio"),
    "-": N_("AMPI con detrazione per lo squilibrio"),
    "+-": N_("AMPI con penalità per lo squilibrio con detrazione per lo squilibrio"),
}
_MOVED = NN_("{count} valore avvicinato", "{count} valori avvicinati")


def label(one: Spec | Component, voice: Voice) -> str:
    """Return the printed name of an index or a component: in another language if need be."""
    return voice.own(one.labels) or one.name


def rule(spec: Spec, labels: Mapping[str, str], voice: Voice = ITALIAN) -> str:
    """Say in a sentence how the index is built.

    Parameters
    ----------
    labels : mapping of str to str
        The printed names of its components and indicators.

    Examples
    --------
    >>> from needs_analysis.composite import Indicator
    >>> rule(Spec("x_score", indicators=(Indicator("low_income_share"),)), {})[:53]
    'Un indicatore, AMPI con penalità per lo squilibrio; g'
    """
    return voice.say(
        "{parts}, {methods}; gli sfratti non vi entrano perché sotto la provincia non esistono.",
        parts=_capital(_weighted(spec, labels, voice)),
        methods=_scaled(spec, voice),
    )


def definition(spec: Spec, labels: Mapping[str, str], voice: Voice = ITALIAN) -> str:
    """Say under the choice of the map what the index is made of and how it is read.

    Examples
    --------
    >>> from needs_analysis.composite import Indicator
    >>> parts = (Indicator("low_income_share"), Indicator("residents_75_over_share"))
    >>> definition(Spec("x_score", indicators=parts), {})
    'Due indicatori di pari peso; media italiana circa 100, più alto è peggio.'
    """
    parts = _weighted(spec, labels, voice)
    count = len(spec.parts(spec.name))
    if _equal(spec) and count > 1:
        few = count - 2 < len(_COUNTS)
        number = voice.say(_COUNTS[count - 2]) if few else count
        parts = voice.say(_COUNTED[bool(spec.components)], count=number)
    read = ", ".join(filter(None, (scale(spec, voice), voice.say(_SENSES[worse(spec)]))))
    return f"{_capital(parts)}; {read}."


def compared(index: CompositeResult, voice: Voice = ITALIAN) -> str:
    """Say what the scores of an index are compared with.

    Parameters
    ----------
    index : CompositeResult
        An index that was built.
    """
    return voice.say(
        "{index}: punteggi a confronto con {reference}.",
        index=label(index.spec, voice),
        reference=index.reference.text(voice),
    )


def titled(title: str, index: CompositeResult, voice: Voice = ITALIAN) -> str:
    """Say beside the title of a table or a picture what the scores are compared with."""
    return voice.say(
        "{index} (confronto con {reference})", index=title, reference=index.reference.text(voice)
    )


def limit(spec: Spec, voice: Voice = ITALIAN) -> str:
    """Say on which choices the index depends.

    Examples
    --------
    >>> from needs_analysis.composite import Indicator
    >>> limit(Spec("x_score", indicators=(Indicator("low_income_share"),)))[-66:]
    'truito: pesi uguali, logaritmo dei valori molto asimmetrici, AMPI.'
    """
    weights = "equal" if _equal(spec) else spec.weight.name
    chosen = [method_label("weight", weights, voice)]
    for stage in ("screen", "impute", "treat"):
        method: Method = getattr(spec, stage)
        if method.function:
            chosen.append(method_label(stage, method.name, voice))
    return voice.say(
        "L'indice dipende dalle scelte con cui è costruito: {choices}.",
        choices=", ".join([*chosen, *_methods(spec, voice)]),
    )


def reading(spec: Spec, voice: Voice = ITALIAN) -> str:
    """Say what rank 1 is and where the scores lie, as it stands in brackets.

    Examples
    --------
    >>> from needs_analysis.composite import Indicator
    >>> reading(Spec("x_score", indicators=(Indicator("low_income_share"),)))
    'posto 1 = punteggio più alto; media italiana circa 100'
    """
    said = voice.say("posto 1 = punteggio più alto")
    how = scale(spec, voice)
    return f"{said}; {how}" if how else said


def scale(spec: Spec, voice: Voice = ITALIAN) -> str:
    """Say where the scores lie; nothing where the method gives no plain answer.

    Examples
    --------
    >>> from needs_analysis.composite import Indicator
    >>> one = (Indicator("low_income_share"),)
    >>> scale(Spec("x_score", indicators=one, normalise="minmax", aggregate="geometric"))
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
        printed_mean = voice.number(mean, 0 if mean == round(mean) else 1)
        return voice.say("media italiana circa {mean}", mean=printed_mean)
    ends = {"minmax": (options.get("low"), options.get("high")), "percentile_rank": (0, 1)}
    ends["goalposts"] = ends["minmax"]
    if kind not in ends or "ampi" in [_method(spec, node) for node in spec.nodes]:
        return ""
    low, high = (voice.number(float(end or 0), 0 if end == round(end or 0) else 2)
                 for end in ends[kind])  # fmt: skip
    return voice.say("scala da {low} a {high}", low=low, high=high)


def treatment(what: Mapping[str, str], labels: Mapping[str, str], voice: Voice = ITALIAN) -> str:
    """Name the indicators whose outliers were treated, and how.

    Examples
    --------
    >>> treatment({"a": "log", "b": "winsorised 2", "c": "none"}, {"a": "A", "b": "B"})
    'Valori estremi trattati: A (logaritmo), B (2 valori avvicinati).'
    """

    def said(done: str) -> str:
        if done == "log":
            return voice.say("logaritmo")
        return voice.plural(*_MOVED, int(done.removeprefix("winsorised ")))

    treated = [f"{labels[name]} ({said(done)})" for name, done in what.items() if done != "none"]
    if not treated:
        return voice.say("Nessun valore estremo trattato.")
    return voice.say("Valori estremi trattati: {treated}.", treated=", ".join(treated))


def worse(spec: Spec) -> int:
    """Return +1 where a high score is worse, -1 where it is better, 0 where neither can be said."""
    known = registry()
    senses = {
        one.direction * known[one.name].polarity if one.name in known else 0
        for one in spec.indicators
    }
    return senses.pop() if len(senses) == 1 else 0


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _equal(spec: Spec) -> bool:
    if spec.weight.name == "equal":
        return True
    every = [spec.parts(node).values() for node in spec.nodes]
    return spec.weight.name == "given" and all(len(set(one)) == 1 for one in every)


def _weighted(spec: Spec, labels: Mapping[str, str], voice: Voice) -> str:
    """Say what the index is made of and by which weights."""
    kind, parts = bool(spec.components), spec.parts(spec.name)
    if len(parts) == 1:
        return voice.say(_ONE[kind])
    if _equal(spec):
        return voice.say(_ALIKE[kind])
    if spec.weight.name != "given":
        return voice.say(_FOUND[kind], weights=method_label("weight", spec.weight.name, voice))
    if len(set(parts.values())) == 1:
        return voice.say("componenti di pari peso con pesi diversi al loro interno")
    total = sum(parts.values())
    listed = ", ".join(
        f"{labels.get(name, name)} {printed(weight / total, 'x_share', 'share', voice)}"
        for name, weight in parts.items()
    )
    return voice.say(_UNEQUAL[kind], weights=listed)


def _scaled(spec: Spec, voice: Voice) -> str:
    methods = _methods(spec, voice)
    penalties = {
        str(spec.aggregation(node).options.get("penalty", "+"))
        for node in spec.nodes
        if _method(spec, node) == "ampi"
    }
    if len(methods) > 1 or methods != [method_label("aggregate", "ampi", voice)]:
        return ", ".join(methods)
    return voice.say(_PENALTIES["".join(sorted(penalties))])


def _methods(spec: Spec, voice: Voice) -> list[str]:
    """Return scale and means in words; AMPI's scale goes without saying where AMPI follows it."""
    means = list(dict.fromkeys(_method(spec, node) for node in reversed(spec.nodes)))
    said = [method_label("aggregate", name, voice) for name in means]
    if spec.normalise.name == "ampi" and means == ["ampi"]:
        return said
    return [method_label("normalise", spec.normalise.name, voice), *said]


def _method(spec: Spec, node: str) -> str:
    return spec.aggregation(node).name


def _options(method: Method) -> dict[str, Any]:
    """Return the options of a method, those not given by their defaults."""
    taken = inspect.signature(method.function).parameters if method.function else {}
    defaults = {name: one.default for name, one in taken.items()}
    return {name: value for name, value in defaults.items() if value is not inspect._empty} | dict(
        method.options
    )
