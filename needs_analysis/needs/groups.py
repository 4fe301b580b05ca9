"""Who is in need: one declaration a target group, over the vocabulary of the register.

Code, label and ETHOS category are those of :mod:`needs_analysis.services.files.schema`; here stands how
a group is counted, or what must be asked because no public figure counts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from needs_analysis import parameters
from needs_analysis.errors import Messages, Problem
from needs_analysis.figures import Quality, Question
from needs_analysis.indicators.declaration import worded
from needs_analysis.services.files.schema import COUNTED_ONLY, GROUPS, Group
from needs_analysis.words import ITALIAN, N_, Voice

VOCABULARY: Mapping[str, Group] = {**GROUPS, **COUNTED_ONLY}
LEVELS = ("municipality", "ambito", "province", "region")
"""From the finest on."""
AFFORDABILITY = "affordability"
"""The group that the model of burdens counts: tenants on the market who pay too much."""
ANSWERS: Mapping[str, str] = {
    "contribution": N_("contributo all'affitto"),
    "mediation": N_("mediazione"),
    "repair": N_("riparazione dell'alloggio"),
    "home": N_("una casa"),
}
"""What solves a need: the first three where the household lives."""
COMPOSITIONS: Mapping[str, str] = {
    "alone": N_("persona sola"),
    "couple_minors": N_("coppia con minori"),
    "single_parent": N_("un solo genitore con minori"),
    "large": N_("famiglia di sei o più componenti"),
    "elderly": N_("persone di 75 anni e più"),
    "disability": N_("con una persona con disabilità"),
}
"""The second key of need, places and gap: it crosses the groups."""

Level = Literal["municipality", "ambito", "province", "region"]
_SOCIAL = N_("servizi sociali del comune")
_NOT_PUBLISHED = N_("nessuna fonte pubblica lo conta per comune")


@dataclass(frozen=True)
class TargetGroup:
    """How a group of the vocabulary is counted.

    Parameters
    ----------
    key : str
        Of `VOCABULARY`.
    tier : {"hard", "own", "diffuse"}
        Estimated and in the headline; counted by offices only, and in the headline then; discomfort
        that is printed apart, never in headline, primary need or gap.
    kind : {"stock", "flow"}
        Households on a day, or in a year.
    finest : str
        The finest of `LEVELS` at which the group is mapped or listed, whatever its source.
    counted : str
        What its count is called in a sentence, with parameters in braces; by default the label.
    formula : str
        How it is estimated; empty where it is not.
    quality : Quality
        Of the estimate.
    years : str
        Of a flow: the parameter with the years that turn it into a stock.
    counts : {"households", "persons"}
        What an office counts.
    per_person : str
        Of persons: the parameter with the households in them.
    question : Question
        What is put to the office where it is not estimable.
    in_place : str
        The answer of `ANSWERS` that solves a part of it where it lives; "home" where none does.
    in_place_share : str
        The parameter with that part.
    """

    key: str
    tier: Literal["hard", "own", "diffuse"]
    kind: Literal["stock", "flow"] = "stock"
    finest: Level = "municipality"
    counted: str = ""
    formula: str = ""
    quality: Quality = Quality.MISSING
    years: str = ""
    counts: Literal["households", "persons"] = "households"
    per_person: str = ""
    question: Question | None = None
    in_place: str = "home"
    in_place_share: str = ""

    def __post_init__(self) -> None:
        """Refuse a declaration that is not whole, when it is imported."""
        wrong = {
            "key": self.key not in VOCABULARY,
            "finest": self.finest not in LEVELS,
            "in_place": self.in_place not in ANSWERS,
            "in_place_share": bool(self.in_place_share) != (self.in_place != "home"),
            "years": bool(self.years) != (self.kind == "flow"),
            "per_person": bool(self.per_person) != (self.counts == "persons"),
            "question": self.question is None and self.tier != "diffuse",
            "formula": bool(self.formula) != (self.quality != Quality.MISSING),
        }
        if found := [name for name, bad in wrong.items() if bad]:
            raise TypeError(f"target group {self.key!r}: wrong {found}")

    @property
    def label(self) -> str:
        """Return the label of the vocabulary, to be said."""
        return VOCABULARY[self.key].label

    def name(self, voice: Voice = ITALIAN, overrides: Mapping[str, float] | None = None) -> str:
        """Say what the group is called where it is counted, with the parameters it is counted with.

        Examples
        --------
        >>> TARGET_GROUPS[AFFORDABILITY].name(overrides={"overburden_share": 0.35})
        'famiglie in affitto sul mercato che pagano oltre il 35 % del reddito'
        """
        return worded(self.counted or self.label, voice, parameters.values(overrides))

    @property
    def ethos(self) -> tuple[str, ...]:
        """Return the ETHOS categories."""
        return VOCABULARY[self.key].ethos

    @property
    def estimable(self) -> bool:
        """Whether public figures give a municipal estimate."""
        return bool(self.formula) and self.tier == "hard"

    def listed_at(self, level: Level) -> bool:
        """Say whether the group may be mapped or listed at a level."""
        return LEVELS.index(level) >= LEVELS.index(self.finest)


def _own(key: str, question: str, who: str = _SOCIAL, *, finest: Level = "municipality",
         in_place: str = "home", share: str = "") -> TargetGroup:  # fmt: skip
    asked = Question(question, who, _NOT_PUBLISHED)
    return TargetGroup(key, "own", finest=finest, question=asked, in_place=in_place,
                       in_place_share=share)  # fmt: skip


_DECLARED = (
    TargetGroup(
        AFFORDABILITY, "hard", quality=Quality.MODELLED, in_place="contribution",
        in_place_share="need_in_place_affordability_share",
        counted=N_("famiglie in affitto sul mercato che pagano oltre il {overburden_share} del "
                   "reddito"),
        formula="households that rent on the market and pay over overburden_share of net income (B40)",
        question=Question(
            N_("Quante famiglie in affitto sul mercato hanno chiesto un aiuto per il canone?"),
            N_("ufficio casa"), N_("il comune non ha canoni o redditi con cui stimarle")),
    ),
    TargetGroup(
        "eviction_order", "hard", kind="flow", years="need_eviction_order_years",
        quality=Quality.ALLOCATED, in_place="mediation",
        in_place_share="need_in_place_eviction_order_share",
        counted=N_("famiglie con uno sfratto esecutivo"),
        formula="orders of the year, allocated by households, x years before the release",
        question=Question(
            N_("Quanti nuclei hanno oggi uno sfratto esecutivo, e quanti provvedimenti ci sono in un "
               "anno?"),
            N_("ufficio casa, ufficiali giudiziari"),
            N_("i provvedimenti della provincia mancano")),
    ),
    _own("foreclosure", N_("Quante famiglie perdono la casa per un pignoramento?"),
         N_("tribunale, organismo di composizione della crisi")),
    _own("release_other", N_("Quanti nuclei devono lasciare la casa per una separazione o altre cause, "
                             "o stanno da parenti perché non ne hanno una?")),
    _own("no_contract", N_("Quanti nuclei vivono senza contratto, in subaffitto o in un alloggio "
                           "occupato?"), in_place="mediation", share="need_in_place_no_contract_share"),
    _own("violence", N_("Quante donne, con o senza figli, escono dalla violenza e cercano casa? (una "
                        "donna con i suoi figli è un nucleo)"),
         N_("centro antiviolenza"), finest="ambito"),
    _own("leaving_care", N_("Quanti giovani adulti e donne sono usciti da comunità o istituti e "
                            "non hanno una casa?")),
    _own("leaving_reception", N_("Quanti nuclei sono usciti dall'accoglienza e non hanno una casa?"),
         N_("gestori dell'accoglienza")),
    _own("clearance", N_("Quanti nuclei hanno un'ordinanza di sgombero o vivono in un alloggio "
                         "inagibile?"), N_("ufficio tecnico"), finest="ambito", in_place="repair",
         share="need_in_place_clearance_share"),
    _own("temporary_space", N_("Quanti nuclei sono in spazi temporanei dei servizi sociali?")),
    _own("improper_space", N_("Quanti nuclei vivono in garage, campi o strutture non abitative?"),
         finest="ambito"),
    TargetGroup(
        "street", "own", finest="ambito", counts="persons",
        per_person="need_street_households_per_person",
        question=Question(N_("Quante persone sono in strada o in accoglienza notturna?"),
                          N_("unità di strada, servizi sociali"), _NOT_PUBLISHED),
    ),
    TargetGroup(
        "overcrowded", "diffuse", finest="province", quality=Quality.MODELLED,
        counted=N_("famiglie in un alloggio sovraffollato"),
        formula="EU-SILC's shares among renting and other households, on those of the province",
    ),
    TargetGroup(
        "cohabiting", "diffuse", finest="province", quality=Quality.MODELLED,
        formula="ISTAT: households that share a dwelling, by households of the province",
    ),
)  # fmt: skip
TARGET_GROUPS: Mapping[str, TargetGroup] = {one.key: one for one in _DECLARED}
HEADLINE = tuple(one.key for one in _DECLARED if one.tier != "diffuse")
"""The groups that "famiglie in bisogno" may hold; a total names those it does hold."""

_NAMES = Messages("needs_group", {key: one.label for key, one in TARGET_GROUPS.items()})


def in_words(key: str) -> Problem | str:
    """Return what a message calls a group: its label, in the reader's language; what is none as it is.

    Examples
    --------
    >>> print(in_words("street"), in_words("rest"), sep="; ")
    in strada o in accoglienza notturna; rest
    """
    return _NAMES(key) if key in TARGET_GROUPS else key


if TARGET_GROUPS.keys() != VOCABULARY.keys():
    raise TypeError("a group of the vocabulary has no declaration of need")
