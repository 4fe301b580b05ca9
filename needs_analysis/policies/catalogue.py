"""The policies there are: what each rests on, whom it answers, whether it stands on a day.

An entry of ``catalogue.toml`` holds no number: it names rows of ``parameters.csv``.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import NoneType
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from needs_analysis import parameters
from needs_analysis.declarations import Name, Table, among, nearest, validated
from needs_analysis.errors import Problem, wanted
from needs_analysis.needs.groups import COMPOSITIONS, TARGET_GROUPS
from needs_analysis.policies.problems import PoliciesError, problem
from needs_analysis.services.files.schema import KINDS, day_of
from needs_analysis.toml_files import Written, lines_of
from needs_analysis.words import ITALIAN, N_, Voice

FILE = "catalogue.toml"
COMPONENTS: Mapping[str, str] = {
    "A": N_("costo della casa"),
    "B": N_("alloggi inadeguati"),
    "C": N_("casa a rischio"),
    "D": N_("offerta di case"),
    "E": N_("fragilità"),
    "F": N_("senza casa"),
}
"""The components of housing distress that a policy answers, by the letter of their indicators."""
LEVELS: Mapping[str, str] = {
    "state": N_("Stato"),
    "region": N_("regione"),
    "ambito": N_("ambito"),
    "municipality": N_("comune"),
}
"""Who runs it."""
CERTAINTIES: Mapping[str, str] = {
    "official_text": N_("testo ufficiale"),
    "municipal_act": N_("da un atto comunale"),
    "press": N_("dalla stampa"),
    "memory": N_("a memoria, da verificare"),
}
"""What an entry was written from."""
FUNDINGS: Mapping[str, str] = {
    "funded": N_("finanziata"),
    "local_only": N_("solo con fondi locali"),
    "announced": N_("annunciata"),
    "closed": N_("chiusa"),
}
INCOMES: Mapping[str, str] = {
    "isee": "ISEE",
    "ise": "ISE",
    "declared_income": N_("reddito dichiarato"),
}
"""Measures of income: none of them stands for another."""
COSTS = ("rent_contribution", "arrears", "guarantee", "repair", "places", "hours")
"""The rules of cost that an entry may name."""
CAUSES = ("rent", "low_income", "arrears", "ended_lease", "executions", "visitors", "untold_orders")
"""What may weigh in an area: rents on incomes, low incomes, orders for arrears, orders for other
reasons, releases with an officer, homes that visitors take, orders that nobody reported."""
OUTCOMES: Mapping[str, str] = {
    "burden": N_("famiglie il cui affitto torna sotto il {limit} % del reddito netto"),
    "order": N_("sfratti risolti"),
    "housed": N_("famiglie che hanno una casa"),
}
"""What a policy may bring out of need for a year: three counts that are never added."""


def per_cent(share: float) -> float:
    """Return a share per cent, as it is said.

    Examples
    --------
    >>> per_cent(0.4), per_cent(0.355)
    (40, 35.5)
    """
    found = round(100 * share, 1)
    return int(found) if found.is_integer() else found


def said_per_cent(share: float, voice: Voice = ITALIAN) -> str:
    """Print a share per cent, with a decimal only where it has one.

    Examples
    --------
    >>> said_per_cent(0.355)
    '35,5'
    """
    shown = per_cent(share)
    return voice.number(shown, 0 if isinstance(shown, int) else 1)


def outcome_words(outcome: str, limit_share: float, voice: Voice = ITALIAN) -> str:
    """Say what a policy may bring out of need.

    Parameters
    ----------
    outcome : str
        Of `OUTCOMES`.
    limit_share : float
        Share of net income over which a rent is too much (``overburden_share``).
    voice : Voice
        The language.

    Examples
    --------
    >>> outcome_words("burden", 0.4)
    'famiglie il cui affitto torna sotto il 40 % del reddito netto'
    """
    return voice.elided(voice.say(OUTCOMES[outcome], limit=said_per_cent(limit_share, voice)))


OUT: Mapping[str, str] = {
    "announced": N_("annunciata"),
    "closed": N_("chiusa"),
    "expired": N_("scaduta"),
    "not_yet": N_("non ancora in vigore"),
    "unknown": N_("non si sa se sia finanziata"),
    "other_region": N_("di un'altra regione"),
}
"""Why a policy is out unless it is asked for."""


# --- an entry --------------------------------------------------------------------------------


def _as_tuple(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise PydanticCustomError("list_type", "no list")
    return tuple(value)


_LISTED = BeforeValidator(_as_tuple)
Names = Annotated[tuple[Name, ...], _LISTED]
Groups = Annotated[tuple[Annotated[str, among(*TARGET_GROUPS)], ...], _LISTED]
Compositions = Annotated[tuple[Annotated[str, among(*COMPOSITIONS)], ...], _LISTED]


class _Part(Table):
    model_config = ConfigDict(frozen=True)


class Law(_Part):
    """An act that a policy rests on, and where in it."""

    act: Name
    article: str = ""


class Funding(_Part):
    """Who paid in some days, both included; without an end, still."""

    since: dt.date
    until: dt.date | None = None
    state: Annotated[str, among(*FUNDINGS)]
    note: Name


class Predicate(_Part):
    """One condition on a household; those of one `case` hold together, of two cases one is enough.

    Exactly one of measure, rent_share_at_least, order, contract, income_fall, tenure, groups and
    compositions is said; `at_most` goes with a measure, `months_at_least` with a contract.
    """

    case: str = ""
    measure: Annotated[str, among(*INCOMES)] | None = None
    at_most: str = ""
    rent_share_at_least: str = ""
    order: bool = False
    contract: Annotated[str, among("registered")] | None = None
    months_at_least: str = ""
    income_fall: bool = False
    tenure: Annotated[str, among("public", "mortgage")] | None = None
    groups: Groups = ()
    compositions: Compositions = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return what it says: one thing, where it is well written."""
        return tuple(one for one in PREDICATES if getattr(self, one))

    @property
    def rows(self) -> dict[str, str]:
        """Return the rows of ``parameters.csv`` that it names, by field."""
        fields = ("at_most", "rent_share_at_least", "months_at_least")
        return {one: getattr(self, one) for one in fields if getattr(self, one)}

    @property
    def whole(self) -> bool:
        """Whether it says one thing, with what goes with that and nothing else."""
        return (
            len(self.kinds) == 1
            and bool(self.measure) == bool(self.at_most)
            and (not self.months_at_least or bool(self.contract))
        )


PREDICATES = ("measure", "rent_share_at_least", "order", "contract", "income_fall", "tenure",
              "groups", "compositions")  # fmt: skip
ROWS = ("minimum_scale", "lag", "take_up", "deadweight")
"""Fields of a policy that name a row of ``parameters.csv``."""


class Policy(_Part):
    """An entry of the catalogue.

    Parameters
    ----------
    id, name : str
        "P05"; what it is called, in Italian, to be said.
    names : tuple of str
        What offices call it: existing policies are matched by these.
    legal_basis : tuple of Law
        Acts, each with its article.
    level : str
        Of `LEVELS`: who runs it.
    regions : tuple of str
        Whose it is, by name; empty: of all.
    valid_from, valid_to : date, optional
        First and last day on which it may be asked for.
    last_verified : date
        When the entry was last compared with what it was written from.
    certainty : str
        Of `CERTAINTIES`.
    funding : tuple of Funding
        By day, in order.
    eligibility : tuple of Predicate
        Who may have it.
    incompatible_with : tuple of str
        Policies that the same household may not have beside it.
    components, groups, compositions : tuple of str
        What it answers: letters of `COMPONENTS`, keys of `needs.TARGET_GROUPS` and
        `needs.COMPOSITIONS`. No group: those it is for are in no group of the need. No composition: all.
    answers : tuple of str
        Of `CAUSES`: where these weigh more than elsewhere, it is among the first to look at.
    services : tuple of str
        Kinds of service of the register (`services.files.schema.KINDS`) whose stays are its own.
    channel : str
        How one comes to it, to be said.
    cost, effect : str, optional
        Of `COSTS` and `OUTCOMES`; without an effect it is costed, never optimised.
    parameters : mapping of str to str
        Rows of ``parameters.csv`` by what they are to the rules of cost and effect.
    indivisible : bool
        Whether it comes in units (a dwelling, a place).
    minimum_scale, lag, take_up, deadweight : str
        Rows of ``parameters.csv``; empty where there is none.
    opened : str
        Where its fixed cost is paid: "area" or "municipality".
    missing : tuple of str
        What an administration needs to activate it, to be said.
    to_verify : tuple of str
        What of the entry is still to be verified, to be said.
    one_year : bool
        Whether its money is of one year.
    """

    model_config = ConfigDict(title="policy")

    id: Name
    name: Name
    names: Names = ()
    legal_basis: Annotated[tuple[Law, ...], _LISTED]
    level: Annotated[str, among(*LEVELS)]
    regions: Names = ()
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    last_verified: dt.date
    certainty: Annotated[str, among(*CERTAINTIES)]
    funding: Annotated[tuple[Funding, ...], _LISTED] = ()
    eligibility: Annotated[tuple[Predicate, ...], _LISTED] = ()
    incompatible_with: Names = ()
    components: Annotated[tuple[Annotated[str, among(*COMPONENTS)], ...], _LISTED]
    groups: Groups
    compositions: Compositions = ()
    answers: Annotated[tuple[Annotated[str, among(*CAUSES)], ...], _LISTED] = ()
    services: Annotated[tuple[Annotated[str, among(*KINDS)], ...], _LISTED] = ()
    channel: Name
    cost: Annotated[str, among(*COSTS)] | None = None
    effect: Annotated[str, among(*OUTCOMES)] | None = None
    parameters: dict[str, str] = {}
    indivisible: bool = False
    minimum_scale: str = ""
    lag: str = ""
    take_up: str = ""
    deadweight: str = ""
    opened: Annotated[str, among("area", "municipality")]
    missing: Names
    to_verify: Names = ()
    one_year: bool = False

    def title(self, voice: Voice = ITALIAN) -> str:
        """Say its name."""
        return voice.say(self.name)

    def marked(self, voice: Voice = ITALIAN) -> str:
        """Say its name and, where that is no official text, what its entry was written from.

        Examples
        --------
        >>> every()["P03"].marked()
        'Recupero di alloggi pubblici vuoti (dalla stampa)'
        """
        if self.certainty == "official_text":
            return self.title(voice)
        return f"{self.title(voice)} ({voice.say(CERTAINTIES[self.certainty])})"

    def checked(self, voice: Voice = ITALIAN) -> str:
        """Say what the entry was written from and when: this goes wherever the policy is printed.

        Examples
        --------
        >>> every()["P03"].checked()
        'dalla stampa; rivisto il 29/11/2026'
        """
        certainty = voice.say(CERTAINTIES[self.certainty])
        return voice.say(N_("{certainty}; rivisto il {day}"), certainty=certainty,
                         day=self.last_verified)  # fmt: skip

    def rests_on(self) -> str:
        """Return its legal basis.

        Examples
        --------
        >>> every()["P05"].rests_on()
        'L. 431/1998, art. 11; D.M. 7.6.1999'
        """
        return "; ".join(
            ", ".join(filter(None, (one.act, one.article))) for one in self.legal_basis
        )

    def funded(self, day: dt.date) -> Funding | None:
        """Return who pays on a day; None where that is not known."""
        held = (
            one for one in self.funding
            if one.since <= day and (one.until is None or day <= one.until)
        )  # fmt: skip
        return next(held, None)

    def standing(self, day: dt.date, regions: Sequence[str] = ()) -> Standing:
        """Say whether it stands on a day, in some regions.

        Parameters
        ----------
        day : date
            The day.
        regions : sequence of str
            Names; none: wherever it is.
        """
        money = self.funded(day)
        note, kind = (money.note, money.state) if money else ("", "unknown")
        first = bool(money) and money == self.funding[0]
        # What has always been the administration's own is so since no day.
        since = None if money is None or (first and kind == "local_only") else money.since
        if self.regions and regions and not set(self.regions) & set(regions):
            return Standing("other_region", regions=self.regions)
        if self.valid_from and day < self.valid_from:
            return Standing("not_yet", since=self.valid_from)
        if self.valid_to and self.valid_to < day:
            return Standing("expired", note, self.valid_to)
        return Standing(kind, note, since)


@dataclass(frozen=True)
class Standing:
    """Whether a policy may be used on a day, and why.

    Parameters
    ----------
    kind : str
        "funded" or "local_only" where it may; else a key of `OUT`.
    note : str
        Who pays, to be said.
    since : date, optional
        From when the funding is so; of what is expired, its last day.
    regions : tuple of str
        Of what is another region's: whose it is.
    """

    kind: str
    note: str = ""
    since: dt.date | None = None
    regions: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether money is at hand, or is for the administration itself to put in."""
        return self.kind not in OUT

    def words(self, voice: Voice = ITALIAN) -> str:
        """Say it in a sentence.

        Examples
        --------
        >>> print(catalogue(as_of="2026-11-29").standing("P07").words()[:50])
        scaduta il 06/03/2026: l'ultimo avviso letto è chi
        """
        note = voice.say(self.note) if self.note else ""
        if self.kind == "other_region":
            regions = voice.listed(self.regions)
            return voice.say(N_("vale solo in {regions}: altrove ci sono le leggi della regione"),
                             regions=regions)  # fmt: skip
        if self.kind == "not_yet":
            return voice.say(N_("non c'è prima del {day}"), day=self.since)
        if self.kind == "unknown":
            return voice.say(N_("a questa data non si sa se ci siano i soldi"))
        if self.kind == "expired":
            return voice.say(N_("scaduta il {day}: {note}"), day=self.since, note=note)
        if self.kind == "announced":
            return voice.say(N_("annunciata dal {day}, ma i soldi non ci sono ancora: {note}"),
                             day=self.since, note=note)  # fmt: skip
        said = voice.say(FUNDINGS[self.kind])
        if self.since is None:
            return voice.say(N_("{state}: {note}"), state=said, note=note)
        return voice.say(N_("{state} dal {day}: {note}"), state=said, day=self.since, note=note)


# --- all of them -----------------------------------------------------------------------------


@cache
def every() -> Mapping[str, Policy]:
    """Return every entry, by id, in the order of the file: ties are settled by it.

    Raises
    ------
    PoliciesError
        An entry has an unknown or incomplete field, or names what does not exist: all are named, each
        with its entry and field.
    """
    text = resources.files(__package__).joinpath(FILE).read_text("utf-8")
    return read(Written(tomllib.loads(text), FILE, lines_of(text)))


def read(written: Written) -> Mapping[str, Policy]:
    """Return the entries of a catalogue as somebody wrote it.

    Parameters
    ----------
    written : Written
        A table an entry, by id.

    Raises
    ------
    PoliciesError
        As :func:`every`.
    """
    found: dict[str, Policy] = {}
    problems: list[Problem] = []
    for key in written:
        entry = written.table(key)
        given = Written({"id": key, **entry}, entry.file, entry.lines, entry.at)
        try:
            found[key] = validated(Policy, given, PoliciesError)
        except PoliciesError as error:
            problems += error.problems
    problems += [one for policy in found.values() for one in _wrong(policy, found, written)]
    if problems:
        raise PoliciesError(*problems)
    return found


def _wrong(policy: Policy, known: Mapping[str, Policy], written: Written) -> Iterator[Problem]:
    """Say what of an entry does not fit the rest: rows, other entries, days, conditions."""
    rows = {one.name for one in parameters.table()}
    named = {one: getattr(policy, one) for one in ROWS if getattr(policy, one)}
    named |= {f"parameters.{slot}": row for slot, row in policy.parameters.items()}
    for number, one in enumerate(policy.eligibility, start=1):
        named |= {f"eligibility[{number}].{field}": row for field, row in one.rows.items()}
        if not one.whole:
            yield problem("predicate", written.where(policy.id, "eligibility", number - 1),
                          policy=policy.id, number=number, known=PREDICATES)  # fmt: skip
    for field, row in named.items():
        if row not in rows:
            where = written.where(policy.id, field.split(".")[0].split("[")[0])
            yield problem("no_row", where, policy=policy.id, field=field, row=row)
    for other in policy.incompatible_with:
        where = written.where(policy.id, "incompatible_with")
        if other not in known and other not in written:
            yield problem("no_entry", where, policy=policy.id, other=other)
        elif other in known and policy.id not in known[other].incompatible_with:
            yield problem("one_way", where, policy=policy.id, other=other)
    yield from _days(policy, written)


def _days(policy: Policy, written: Written) -> Iterator[Problem]:
    parts = policy.funding
    turned = any(one.until and one.until < one.since for one in parts)
    pairs = zip(parts, parts[1:], strict=False)
    if turned or any(not one.until or other.since <= one.until for one, other in pairs):
        yield problem("funding_days", written.where(policy.id, "funding"), policy=policy.id)
    if policy.valid_from and policy.valid_to and policy.valid_to < policy.valid_from:
        yield problem("valid_days", written.where(policy.id, "valid_to"), policy=policy.id)


@dataclass(frozen=True, eq=False, repr=False)
class Catalogue(Mapping[str, Policy]):
    """The policies that may be used on a day in some regions, and those asked for beside them.

    Parameters
    ----------
    policies : mapping of str to Policy
        All there are, in their order.
    day : date
        The day.
    regions : tuple of str
        By name; empty: all.
    include : frozenset of str
        Ids, or keys of `OUT`, that are in though they may not be used.
    """

    policies: Mapping[str, Policy]
    day: dt.date
    regions: tuple[str, ...] = ()
    include: frozenset[str] = frozenset()

    def __getitem__(self, policy: str) -> Policy:
        """Return one that is in."""
        return {one: self.policies[one] for one in self}[policy]

    def __iter__(self) -> Iterator[str]:
        """Go through those that are in, in the order of the catalogue."""
        return filter(self._holds, self.policies)

    def __len__(self) -> int:
        """Return how many are in."""
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        """Say how many there are."""
        return f"<Catalogue of {self.day}: {len(self)} policies, {len(self.out)} out>"

    def _holds(self, policy: str) -> bool:
        standing = self.standing(policy)
        return standing.usable or policy in self.include or standing.kind in self.include

    def standing(self, policy: str) -> Standing:
        """Say whether a policy may be used, whether it is in or out.

        Raises
        ------
        PoliciesError
            There is no such policy.
        """
        if policy not in self.policies:
            raise PoliciesError(problem("unknown", policy=policy, known=tuple(self.policies)))
        return self.policies[policy].standing(self.day, self.regions)

    @property
    def out(self) -> dict[str, Standing]:
        """Return those that are out, each with why."""
        return {one: self.standing(one) for one in self.policies if not self._holds(one)}


def catalogue(
    region: str | Sequence[str] | None = None,
    as_of: str | dt.date | None = None,
    include: Iterable[str] = (),
) -> Catalogue:
    """Return the policies that may be used on a day: what exists or could be put in place.

    What is announced, closed, expired or another region's is out unless it is asked for; its
    :meth:`Catalogue.standing` says why.

    Parameters
    ----------
    region : str or sequence of str, optional
        By name, "Lombardia"; all regions when omitted.
    as_of : str or date, optional
        "2026-11-29"; today when omitted.
    include : iterable of str
        Ids ("P12") or reasons to be out ("announced", "closed", "expired", "not_yet", "unknown",
        "other_region") that are to be in.

    Returns
    -------
    Catalogue
        A mapping of id to :class:`Policy`, in the order in which ties are settled.

    Raises
    ------
    PoliciesError
        No region or no policy has that name.
    ParameterError
        `as_of` is no day.

    References
    ----------
    The legal basis of each entry, with its certainty (``Policy.checked``).

    Examples
    --------
    >>> found = catalogue("Lombardia", "2026-11-29")
    >>> "P12" in found, found.standing("P12").kind  # Housing First of the PNRR
    (False, 'closed')
    >>> "P12" in catalogue("Lombardia", "2026-08-31")
    True
    >>> print(found["P05"].name, found.standing("P05").kind, sep=": ")
    Fondo sostegno affitti: local_only
    """
    wanted(region, str, Sequence, NoneType)
    day = dt.date.today() if as_of is None else day_of(as_of).date()
    regions = () if region is None else (region,) if isinstance(region, str) else tuple(region)
    asked = frozenset([include] if isinstance(include, str) else include)
    known = every()
    problems = [_no_region(one) for one in regions if one not in _region_names()]
    problems += [
        problem("unknown", policy=one, known=(*known, *OUT))
        for one in sorted(asked - known.keys() - OUT.keys())
    ]
    if problems:
        raise PoliciesError(*problems)
    return Catalogue(known, day, regions, asked)


@cache
def _region_names() -> tuple[str, ...]:
    from needs_analysis.territory import municipalities

    return tuple(sorted(municipalities()["region_name"].unique()))


def _no_region(name: str) -> Problem:
    near = nearest(str(name), _region_names())
    if near:
        return problem("region_near", region=name, near=near)
    return problem("region", region=name, known=_region_names())
