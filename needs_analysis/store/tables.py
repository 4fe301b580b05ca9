"""The tables that the floors above ask for: the newest at hand, unless a study says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

import pandas as pd

from needs_analysis.errors import Problem, Refused, StudyError, wanted
from needs_analysis.provenance import Source
from needs_analysis.store import memo, recipes, shipped
from needs_analysis.store.extent import Coverage
from needs_analysis.store.kept import Kept, covered, delivers, described, read
from needs_analysis.store.memo import remembered, selected, using
from needs_analysis.store.problems import problem


@dataclass(frozen=True)
class _Choice:
    """What stands behind a table: the shipped rows, files of the user's, or both.

    `until` is the last year of the shipped rows that may be used ("" for all); `lacks` is what would
    bring in files that stand behind no table.
    """

    source: Source
    token: str
    files: tuple[Kept, ...] = ()
    ships: bool = False
    until: str = ""
    lacks: Problem | None = None


def _later(date: str, limit: str) -> bool:
    """Tell whether a reference date is after a limit that may be a year only; never after none."""
    return bool(limit) and date[: len(limit)] > limit


_TABLES = 32  # more than there are: what is asked for by table


def _files(*source_ids: str) -> list[Kept]:
    """Return the user's files of some sources by date, as listed for the selection in force."""
    found = described(path for path in memo.listed() if path.parent.name in source_ids)
    return sorted(found, key=lambda one: one.source.reference_date)


@remembered(each=_TABLES)
def _choice(name: str) -> _Choice:
    selection = selected()
    if name in selection.pins:
        pinned = _pinned(name, selection.pins[name])
        if pinned is None:
            raise StudyError(problem("pinned_away", name=name))
        return pinned
    ships, until = _shipped(name), selection.until
    recipe = recipes.RECIPES.get(name)
    if recipe is None:
        return ships
    files = [one for one in _files(*recipe.sources) if not _later(one.source.reference_date, until)]
    return _newest(name, files)


def _newest(name: str, files: Sequence[Kept]) -> _Choice:
    """Choose what stands behind a table among the shipped rows and files of the user's."""
    ships, recipe, until = _shipped(name), recipes.RECIPES[name], selected().until
    if recipe.every:
        return _of_every(name, recipe.every, files)
    others = [one for one in files if one.source.checksum != ships.source.checksum]
    if not _later(ships.source.reference_date, until):
        others = [one for one in others if one.source.reference_date >= ships.source.reference_date]
    whole = [one for one in _editions(others) if _italy(one)]
    return _alone(*whole[-1]) if whole else ships


_Edition = tuple[Kept, ...]


def _editions(files: Sequence[Kept]) -> list[_Edition]:
    """Return the editions that files are, by date: parts of one date are one edition together."""
    found: dict[tuple[str, ...], list[Kept]] = {}
    for one in files:
        alone = () if not delivers(one.source.id).italy else (one.source.checksum,)
        found.setdefault((one.source.reference_date, *alone), []).append(one)
    return [tuple(ones) for _, ones in sorted(found.items(), key=lambda item: item[0][0])]


def _italy(edition: _Edition) -> bool:
    """Return whether an edition covers all Italy, or what it holds are no places."""
    found = covered(edition)
    return found is None or found.whole


def _shipped(name: str) -> _Choice:
    """Return the shipped rows of a table, those of later years than the selection's left out."""
    source = shipped.source_of(name)
    ships = _Choice(source, str(shipped.package()[name]["hash"]), ships=True)
    until = selected().until
    recipe = recipes.RECIPES.get(name)
    if recipe is None or recipe.every is None or "year" not in recipe.keys:
        return ships
    years = _shipped_years(name)
    within = tuple(year for year in years if not _later(year, until))
    if not within or within == years:
        return ships
    return replace(
        ships, until=until, source=replace(source, reference_date=recipes.dates_of(within))
    )


@cache  # of the package's own file, whatever figures are in use
def _shipped_years(name: str) -> tuple[str, ...]:
    return tuple(str(year) for year in shipped.table(name)["year"].unique())


def _alone(*files: Kept) -> _Choice:
    joined = files[0].source.checksum
    if len(files) > 1:
        joined = "+".join(sorted(one.source.checksum[:16] for one in files))
    return _Choice(replace(files[0].source, checksum=joined), f"sha256:{joined}", files)


def _of_every(name: str, every: recipes.Every, files: Sequence[Kept]) -> _Choice:
    """Choose what stands behind a table of every edition."""
    ships = _shipped(name)
    until = selected().until
    late = name in _DATED and _later(recipes.dates_in(ships.source.reference_date)[-1], until)
    if every.italy:
        files = [one for edition in _editions(files) if _italy(edition) for one in edition]
    taken = every.take(None if late else ships.source, [one.source for one in files])
    chosen = {one.source.checksum: one for one in files if one.source.checksum in taken.files}
    found = _together(ships, [chosen[one] for one in taken.files], taken.ships)
    return replace(found, lacks=taken.lacks)


def _together(ships: _Choice, files: Sequence[Kept], with_shipped: bool) -> _Choice:
    """Put files of the user's to the shipped rows, or let them stand for themselves."""
    if not files:
        return ships
    parts = [one.source.checksum[:16] for one in files]
    dates = [one.source.reference_date for one in files]
    tokens, checksums = parts, parts
    if with_shipped:
        dates += recipes.dates_in(ships.source.reference_date)
        tokens = [ships.token.removeprefix("sha256:")[:16], *parts]
        checksums = list(dict.fromkeys([*ships.source.checksum.split("+"), *parts]))
    source = replace(
        ships.source, reference_date=recipes.dates_of(dates), checksum="+".join(checksums),
        said_by_user=any(one.source.said_by_user for one in files),
    )  # fmt: skip
    return replace(
        ships, source=source, token=f"sha256:{'+'.join(tokens)}", files=tuple(files),
        ships=with_shipped,
    )  # fmt: skip


def _pinned(name: str, token: str) -> _Choice | None:
    """Return the choice that a study was made with; None if a part of it is not at hand."""
    ships = _shipped(name)
    recipe = recipes.RECIPES.get(name)
    if token == ships.token or recipe is None:
        return ships if token == ships.token else None
    files = {one.source.checksum[:16]: one for one in _files(*recipe.sources)}
    if recipe.every is None:
        editions = (_alone(*one) for one in _editions(list(files.values())))
        return next((one for one in editions if token == one.token), None)
    parts = token.removeprefix("sha256:").split("+")
    with_shipped = parts[0] == ships.token.removeprefix("sha256:")[:16]
    wanted = parts[1:] if with_shipped else parts
    if not wanted or not files.keys() >= set(wanted):
        return None
    return _together(ships, [files[one] for one in wanted], with_shipped)


@dataclass(frozen=True)
class Part:
    """An edition of the user's that covers a part of Italy: it stands only where it covers.

    It is of the date of the edition of all Italy, or newer.

    `source` holds its date; `coverage` how many municipalities it has.
    """

    source: Source
    coverage: Coverage


def in_part(name: str) -> str:
    """Return the name under which a study pins the parts that stand over a table."""
    return f"{name}_in_part"


@remembered(each=_TABLES)
def _parts(name: str) -> dict[str, _Choice]:
    """Return the editions of the user's, by date, that stand over a table where they cover."""
    recipe, selection = recipes.RECIPES.get(name), selected()
    if recipe is None or recipe.every:
        return {}
    whole = _choice(name)
    files = [
        one
        for one in _files(*recipe.sources)
        if one.source.reference_date >= whole.source.reference_date
        and one not in whole.files
        and not recipes.compiled_from(shipped.source_of(name), one.source)
        and not _later(one.source.reference_date, selection.until)
        and not delivers(one.source.id).italy
    ]
    if selection.pins:
        pinned = selection.pins.get(in_part(name), "").split("+")
        files = [one for one in files if one.source.checksum[:16] in pinned]
    return {one[0].source.reference_date: _alone(*one) for one in _editions(files)}


def parts(name: str) -> tuple[Part, ...]:
    """Return the newer editions of a part of Italy that stand over a table, the oldest first.

    Parameters
    ----------
    name : str
        A resource of ``datasets/datapackage.json`` ("rents").

    Examples
    --------
    >>> parts("rents")
    ()
    """
    found = []
    for choice in _parts(_known(name)).values():
        extent = covered(choice.files)
        found.append(Part(choice.source, extent or Coverage(0, 0)))
    return tuple(found)


def _edition(name: str, edition: str) -> _Choice:
    return _parts(_known(name))[edition] if edition else _choice(_known(name))


def table(name: str, edition: str = "") -> pd.DataFrame:
    """Return a table of figures, typed; codes are text, blank numbers NaN.

    Parameters
    ----------
    name : str
        A resource of ``datasets/datapackage.json`` ("incomes").
    edition : str
        The date of one of its :func:`parts`; the newest edition of all Italy when empty.

    Returns
    -------
    DataFrame
        The user's newer edition where there is one, else the shipped table; where a table holds
        every edition, the user's put to the shipped ones.

    Examples
    --------
    >>> table("evictions").set_index("province_abbreviation").loc["MB", "orders"].item()
    710.0
    """
    choice = _edition(name, edition)
    return _combined(name, edition) if choice.files or choice.until else shipped.table(name)


@remembered(each=_TABLES)
def _combined(name: str, edition: str = "") -> pd.DataFrame:
    choice, recipe = _edition(name, edition), recipes.RECIPES[name]
    frames = [read(one) for one in choice.files]
    if recipe.every is None:
        return recipe.combine(frames)
    ships = shipped.table(name)
    if choice.until:
        ships = ships[~ships["year"].astype(str).map(lambda year: _later(year, choice.until))]
    if not frames:
        return ships.reset_index(drop=True)
    found = recipe.every.extend(ships, frames) if choice.ships else recipe.combine(frames)
    return found[list(ships.columns)].sort_values(list(recipe.keys), ignore_index=True)


def source_of(name: str, edition: str = "") -> Source:
    """Return the source of a table, with the date and checksum of the edition in use.

    It is the newest that covers all Italy, or one of the :func:`parts` by its date.
    """
    return _edition(name, edition).source


def _known(name: str) -> str:
    """Return the name of a table; any other is refused."""
    wanted(name, str)
    if name not in shipped.package():
        raise Refused(problem("no_table", name=name, known=tuple(shipped.package())))
    return name


# The user's files of what lies within municipalities stand behind no table: their keys, by source.
_WITHIN: Mapping[str, tuple[str, ...]] = {
    "omi_values": ("cadastral_code", "zone_code", "typology_code", "state"),
    "omi_zones": ("cadastral_code", "zone_code"),
    "omi_perimeters": ("cadastral_code", "zone_code"),
    "istat_section_points": ("section_code",),
}
# With these three rents are weighted by the population of zones: a study pins them together.
_ZONE_WEIGHTS = ("omi_values", "omi_perimeters", "istat_section_points")


def within(source_id: str, edition: str = "") -> pd.DataFrame | None:
    """Return the user's figures within municipalities that go with the rents in use.

    Parameters
    ----------
    source_id : str
        "omi_values": the quotes that the table of rents was made from; "omi_zones",
        "omi_perimeters": of their half-year; "istat_section_points": of the newest census.
    edition : str
        The half-year of one of the :func:`parts` of the rents; that of all Italy when empty.

    Returns
    -------
    DataFrame or None
        The rows of all such files under each other, each once; None where there is no file.

    Examples
    --------
    >>> within("omi_perimeters") is None
    True
    """
    wanted(source_id, str)
    if source_id not in _WITHIN:
        raise Refused(problem("no_files_within", name=source_id, known=tuple(_WITHIN)))
    files = _within(source_id, edition)
    if not files:
        return None
    frames = [read(one) for one in files]
    joined = pd.concat(frames, ignore_index=True).drop_duplicates(list(_WITHIN[source_id]))
    joined.attrs["reference_date"] = files[0].source.reference_date
    return joined.reset_index(drop=True)


@remembered(each=4 * len(_WITHIN))
def _within(source_id: str, edition: str = "") -> tuple[Kept, ...]:
    selection = selected()
    choice = _edition("rents", edition)
    rents, files = choice.source, _files(source_id)
    if source_id == "omi_values":
        used = {one.path for one in choice.files}
        files = [one for one in files if one.path in used or one.source.checksum == rents.checksum]
    elif source_id == "istat_section_points":
        until = selection.until
        files = [one for one in files if not _later(one.source.reference_date, until)]
        files = [
            one for one in files if one.source.reference_date == files[-1].source.reference_date
        ]
    else:
        files = [one for one in files if one.source.reference_date == rents.reference_date]
    if selection.pins and source_id in _ZONE_WEIGHTS:
        pinned = selection.pins.get(source_id, "").split("+")
        files = [one for one in files if one.source.checksum[:16] in pinned]
    return tuple(files)


def _weighting(editions: Iterable[str]) -> dict[str, list[Kept]]:
    """Return the files by which rents of some editions are weighted, each with all three sources."""
    found: dict[str, list[Kept]] = {}
    for edition in editions:
        files = {source_id: _within(source_id, edition) for source_id in _ZONE_WEIGHTS}
        if all(files.values()):
            for source_id, ones in files.items():
                found.setdefault(source_id, []).extend(ones)
    return found


def _zone_weights(*editions: str) -> dict[str, Source]:
    """Return the sources by which rents are weighted; none if one of the three is not at hand."""
    found = {}
    for source_id, files in _weighting(("", *editions)).items():
        joined = "+".join(sorted({one.source.checksum[:16] for one in files}))
        found[source_id] = replace(files[0].source, checksum=joined)
    return found


def national_tokens() -> dict[str, str]:
    """Return the checksum of each table of all Italy in use: what national figures depend on."""
    tables = {name: _choice(name).token for name in shipped.package()}
    return tables | {name: source.checksum for name, source in _zone_weights().items()}


def tokens() -> dict[str, str]:
    """Return the checksum of each table in use, and of what weights rents, to pin a study by."""
    parts = {
        in_part(name): "+".join(sorted({k.source.checksum[:16] for c in over for k in c.files}))
        for name in shipped.package()
        if (over := _parts(name).values())
    }
    weights = {name: source.checksum for name, source in _zone_weights(*_parts("rents")).items()}
    return national_tokens() | parts | weights


def lacking(pins: Mapping[str, str]) -> list[str]:
    """Return the tables of which the edition that a study was made with is not at hand."""
    wanted(pins, Mapping)
    at_hand = {}
    with using(selected()):  # another process may have added files since they were listed
        for name in _ZONE_WEIGHTS:
            here = {one.source.checksum[:16] for one in _files(name)}
            if name in pins and here.issuperset(pins[name].split("+")):
                at_hand[name] = {pins[name]}
        for name in shipped.package():
            at_hand[name] = {pins[name]} if name in pins and _pinned(name, pins[name]) else set()
            over, recipe = pins.get(in_part(name), ""), recipes.RECIPES.get(name)
            here = {one.source.checksum[:16] for one in _files(recipe.source)} if recipe else set()
            at_hand[in_part(name)] = {over} if here.issuperset(over.split("+")) else set()
    return sorted(name for name, token in pins.items() if token not in at_hand.get(name, ()))


# What a limit of dates speaks of: figures, not lists of places and their codes.
_DATED = (
    "municipalities", "population", "incomes", "rents", "rents_growth", "evictions",
    "evictions_series", "accommodation",
)  # fmt: skip


def later_than(until: str) -> list[str]:
    """Return the tables of figures in use that are later than a date; none if it is empty."""
    wanted(until, str)
    if not until:
        return []
    dates = {name: recipes.dates_in(source_of(name).reference_date)[-1] for name in _DATED}
    return [f"{name} ({date})" for name, date in dates.items() if _later(date, until)]


@remembered()
def cited() -> Mapping[str, Source]:
    """Return the sources of the tables in use by id: with their parts, where some stand over one."""
    used = [_with_parts(name) for name in shipped.package()]
    # The quotes of zones are those of the table of rents, under its own checksum.
    every = {**_zone_weights(*_parts("rents")), **{one.id: one for one in used}}
    return MappingProxyType(every)


def _with_parts(name: str) -> Source:
    whole, over = source_of(name), [one.source for one in _parts(name).values()]
    if not over:
        return whole
    every = [whole, *over]
    return replace(
        whole,
        reference_date=recipes.dates_of(one.reference_date for one in every),
        checksum="+".join(one.checksum[:16] for one in every),
    )


def status() -> pd.DataFrame:
    """List the tables: where they come from, rows, reference date, publisher, licence, bytes.

    Returns
    -------
    DataFrame
        Indexed by table; `origin` is "shipped", "user" or "both"; `rows` are those of the table,
        whatever stands behind it, but for parts; `lacks` holds the problems: what would bring in
        files that wait; `covers` says of each part that stands over it how much of Italy it has;
        `notices` what was said of the user's files when they were added.
    """
    rows = {}
    for name, resource in shipped.package().items():
        choice = _choice(name)
        own = [one for part in (choice, *_parts(name).values()) for one in part.files]
        files = [one.path for one in own]
        files += [shipped.folder() / f"{name}.csv"] if choice.ships else []
        shipped_rows = int(str(resource["rows"]))
        rows[name] = {
            "title": resource["title"],
            "origin": ("both" if choice.ships else "user") if own else "shipped",
            "rows": len(_combined(name)) if choice.files or choice.until else shipped_rows,
            "reference_date": _with_parts(name).reference_date,
            "publisher": choice.source.publisher,
            "licence": choice.source.licence,
            "bytes": sum(path.stat().st_size for path in files),
            "lacks": (choice.lacks,) if choice.lacks else (),
            "covers": tuple(map(_covering, parts(name))),
            "notices": tuple(said for one in own for said in one.notices),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("table")


@dataclass(frozen=True)
class Own:
    """An edition of the user's behind a table of all Italy, and what would stand there without it."""

    table: str
    source: Source
    instead: str


def own_editions() -> tuple[Own, ...]:
    """Return the editions of the user's that national figures are made of, by table.

    Examples
    --------
    >>> own_editions()
    ()
    """
    found = []
    for name, recipe in recipes.RECIPES.items():
        used = _choice(name).files
        if used:
            others = [one for one in _files(*recipe.sources) if one not in used]
            instead = _newest(name, others).source.reference_date
            found.append(Own(name, used[-1].source, instead))
    return tuple(found)


def status_of(source_id: str) -> pd.DataFrame:
    """Return the rows of :func:`status` of the tables that a source feeds."""
    wanted(source_id, str)
    fed = [name for name, recipe in recipes.RECIPES.items() if source_id in recipe.sources]
    return status().loc[fed]


def _covering(one: Part) -> Problem:
    extent = one.coverage
    return problem(
        "covers", date=one.source.reference_date, places=extent.places, of=extent.of
    )  # fmt: skip


def unused() -> dict[Kept, Problem]:
    """Return the user's files that stand behind no table, each with the reason."""
    used = {one.path for name in shipped.package() for one in _choice(name).files}
    used |= {k.path for name in shipped.package() for c in _parts(name).values() for k in c.files}
    used |= {one.path for ones in _weighting(("", *_parts("rents"))).values() for one in ones}
    return {one: _why_unused(one) for one in described(memo.listed()) if one.path not in used}


def _why_unused(one: Kept) -> Problem:
    if one.source.id in _WITHIN and any(
        one in _within(one.source.id, edition) for edition in ("", *_parts("rents"))
    ):
        return problem("for_zones")
    fed = [name for name, recipe in recipes.RECIPES.items() if one.source.id in recipe.sources]
    if not fed:
        return problem("in_no_table")
    if any(recipes.compiled_from(shipped.source_of(name), one.source) for name in fed):
        return problem("shipped_already")
    extent = covered((one,))
    if delivers(one.source.id).italy and extent and not extent.whole:
        return problem("not_italy", places=extent.places, of=extent.of)
    dates = {recipes.dates_in(_choice(name).source.reference_date)[-1] for name in fed}
    if one.source.reference_date in dates:
        return problem("same_date")
    return problem("newer_in_use")
