"""ISTAT's data warehouse (IstatData, SDMX): the query is a file kept with the study.

sdmx1 words the request and reads the structure message. It reads SDMX-CSV of version 2 only, and ISTAT
answers version 1.0 (first column ``DATAFLOW``), so the figures are read here with pandas.

Unlike the other sources this one is asked, not handed a file: it has no ``recognises``.
"""

from __future__ import annotations

import difflib
import hashlib
import io
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from needs_analysis import reading
from needs_analysis.errors import Problem, Refused
from needs_analysis.provenance import Extent, Source, checksum
from needs_analysis.sources.problems import problem
from needs_analysis.writing.disk import disk_full, no_space

if TYPE_CHECKING:
    import ssl

    import httpx

ISTAT = "https://esploradati.istat.it/SDMXWS/rest"
SOURCE = Source(
    id="istat_sdmx",
    publisher="ISTAT",
    title="IstatData",
    reference_date="",
    licence="CC BY 4.0",
    attribution="ISTAT, IstatData",
    retrieval="https://esploradati.istat.it",
)
DELIVERS = Extent(italy=False, places="")
DATAFLOWS: Mapping[str, str] = {
    "households": "DF_DCSS_FAMIGLIE_TV_1",
    "dwellings": "DF_DCSS_ABITAZIONI_TV_1",
    "tenure": "DF_DCSS_ABITAZIONI_TV_2",
    "population": "DF_DCSS_POP_DEMCITMIG_TV_1",
}
"""Short names for the permanent census's tables by municipality."""

DWELLINGS, OCCUPIED, UNOCCUPIED = "NUM_DW_AV", "NUM_OCC_DW_AV", "NUM_UNOCC_DW_AV"
_ALL = {"ALL", "TOTAL", "TOT"}

CODES_PER_REQUEST = 15
"""The most codes of one dimension that ISTAT is known to take in one request; a key of 350
characters is known to be refused."""

MAX_BYTES = 300_000_000
_CSV = "application/vnd.sdmx.data+csv;version=1.0.0"
_OTHER = {"it": "en", "en": "it"}


class QueryError(Refused):
    """A query that is not well written, that the dataflow does not know, or that ISTAT refuses."""


@dataclass(frozen=True)
class Query:
    """What is asked of ISTAT.

    Parameters
    ----------
    dataflow : str
        Id of the dataflow, or a name of `DATAFLOWS`.
    filters : mapping of str to tuple of str
        Codes wanted by dimension; a dimension that is absent is not filtered.
    start, end : str
        First and last period ("2019", "2023-Q2"); empty for all.
    language : str
        Of the labels: ``it`` or ``en``.
    agency, version : str
        Of the dataflow.
    """

    dataflow: str
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    start: str = ""
    end: str = ""
    language: str = "it"
    agency: str = "IT1"
    version: str = "1.0"


@dataclass(frozen=True)
class Dimension:
    """A dimension of a dataflow: its codes, each with its labels by language."""

    id: str
    codes: Mapping[str, Mapping[str, str]]


# --- the query file ------------------------------------------------------------------------


def read_query(path: Path) -> Query:
    """Read a query kept with a study.

    Parameters
    ----------
    path : Path
        A TOML file::

            dataflow = "dwellings"          # or an id: DF_DCSS_ABITAZIONI_TV_1
            start = "2019"
            end = "2023"
            language = "it"

            [filters]
            REF_AREA = ["017029", "017133"]
            INDICATOR = "NUM_OCC_DW_AV"

    Returns
    -------
    Query

    Raises
    ------
    QueryError
        With every problem of the file.
    """
    from needs_analysis import declarations

    written = declarations.read(path, QueryError)
    asked = declarations.checked(declarations.QueryFile, written, QueryError).given()
    dataflow = asked.pop("dataflow")
    return Query(dataflow=DATAFLOWS.get(dataflow, dataflow), **asked)


def _nearest(word: str, known: Sequence[str]) -> str:
    near = _near(word, known)
    return f", forse {near}" if near else ""


def _near(word: str, known: Sequence[str]) -> str:
    """Return the known word most like another; "" if none is."""
    upper = {name.upper(): name for name in known}
    near = difflib.get_close_matches(word.upper(), upper, n=1)
    return upper[near[0]] if near else ""


# --- the pace ------------------------------------------------------------------------------


class Pace:
    """No more requests in a span of time than ISTAT bears: beyond, it shuts an office out for days.

    Parameters
    ----------
    file : Path or None
        Where the times are remembered from one run to the next.
    requests : int
        How many.
    seconds : float
        In how long; a little over the minute, as requests do not all travel equally fast.
    clock, sleep : callable
        Seconds since 1970, and what waits.
    """

    def __init__(
        self,
        file: Path | None = None,
        requests: int = 5,
        seconds: float = 65.0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.file, self.requests, self.seconds = file, requests, seconds
        self.clock, self.sleep = clock, sleep
        self._times: list[float] = []

    def wait(self, report: Callable[[Problem], None] = lambda _: None) -> None:
        """Return when the next request may leave, and count it."""
        now = self.clock()
        recent = [then for then in self._remembered() if now - self.seconds < then <= now]
        if len(recent) >= self.requests:
            pause = recent[-self.requests] + self.seconds - now
            report(problem("query_pace", requests=self.requests, seconds=round(pause)))
            self.sleep(pause)
        self._times = [*recent, self.clock()]
        if self.file:
            _write_json(self.file, self._times)

    def _remembered(self) -> list[float]:
        read = _read_json(self.file) if self.file else None
        kept = read if isinstance(read, list) else self._times
        return sorted(then for then in kept if isinstance(then, int | float))


# --- the run -------------------------------------------------------------------------------


def run_query(
    query: Query,
    *,
    folder: Path,
    url: str = ISTAT,
    report: Callable[[Problem], None] = lambda _: None,
    refresh: bool = False,
    pace: Pace | None = None,
) -> pd.DataFrame:
    """Ask ISTAT, or take the answer at hand, and return a tidy table with labels beside codes.

    The filters are checked against the structure of the dataflow before any figure is asked.

    Parameters
    ----------
    query : Query
        What to ask.
    folder : Path
        Where answers are kept, each with its address, date and checksum.
    url : str
        The web service.
    report : callable
        Takes what is said of each request, wait and revision.
    refresh : bool
        Ask again what is at hand; an answer that changed is said, and the old one kept beside.
    pace : Pace or None
        Holds the requests back; by default five a minute, remembered in `folder`.

    Returns
    -------
    DataFrame
        For each dimension, in the order of the dataflow, its code (text; ``ref_area``) and its
        label (``ref_area_label``); ``time_period`` (text); ``value`` (float, NaN where blank);
        ``obs_status`` where given (``e`` estimate, ``p`` provisional). ``attrs`` hold
        ``reference_date``, ``checksum``, ``retrieved`` and ``dataflow``.

    Raises
    ------
    QueryError
        Unknown dimensions or codes, with the nearest known; no answer; an answer of another shape.
    """
    service = _Service(url.rstrip("/"), folder, report, refresh, pace or Pace(folder / "pace.json"))
    dimensions = _structure(query, service)
    _check(query, dimensions)
    asked = [service.answer(_data_request(service, query, b)) for b in _blocks(query, dimensions)]
    answers = [answer for answer in asked if answer]
    if not answers:
        raise QueryError.of_file(
            query.dataflow,
            [problem("query_no_data")],
            problem("query_fewer_filters", address=SOURCE.retrieval),
        )
    frame = pd.concat([_read_csv(a.path, dimensions) for a in answers], ignore_index=True)
    frame = _within(frame, query)
    twice = frame.duplicated([d.id.lower() for d in dimensions] + ["time_period"])
    if twice.any():
        raise QueryError.of_file(
            query.dataflow, [problem("query_repeated_cell")], problem("query_later")
        )
    periods = sorted(set(frame["time_period"]))
    labelled = _labelled(frame, dimensions, query.language)
    labelled.attrs |= {
        "reference_date": "/".join(dict.fromkeys([periods[0], periods[-1]])),
        "checksum": "+".join(answer.sha256[:16] for answer in answers)
        if len(answers) > 1
        else answers[0].sha256,
        "retrieved": min(answer.retrieved for answer in answers),
        "dataflow": query.dataflow,
    }
    return labelled


def cited(frame: pd.DataFrame) -> Source:
    """Return the source of a table that `run_query` gave, with its date and checksum."""
    return replace(
        SOURCE,
        title=f"{SOURCE.title}, {frame.attrs['dataflow']}",
        reference_date=frame.attrs["reference_date"],
        checksum=frame.attrs["checksum"],
    )


def codes(
    query: Query,
    *,
    folder: Path,
    url: str = ISTAT,
    report: Callable[[Problem], None] = lambda _: None,
    pace: Pace | None = None,
) -> pd.DataFrame:
    """List what may be asked of the query's dataflow: each dimension's codes with their labels.

    Parameters
    ----------
    query : Query
        Only its dataflow counts.
    folder, url, report, pace
        As in `run_query`.

    Returns
    -------
    DataFrame
        ``dimension``, ``code``, ``label_it``, ``label_en``, in the order of ISTAT.

    Raises
    ------
    QueryError
        No such dataflow, or no answer.
    """
    service = _Service(url.rstrip("/"), folder, report, False, pace or Pace(folder / "pace.json"))
    rows = [
        (d.id, code, named.get("it", ""), named.get("en", ""))
        for d in _structure(query, service)
        for code, named in d.codes.items()
    ]
    return pd.DataFrame(rows, columns=["dimension", "code", "label_it", "label_en"], dtype="str")


def _structure(query: Query, service: _Service) -> list[Dimension]:
    """Return the dimensions of the dataflow in the order of its keys, each with its codes."""
    import sdmx

    request = service.request(
        "dataflow",
        query.dataflow,
        agency_id=query.agency,
        version=query.version,
        params={"references": "all"},
    )
    answer = service.answer(request)
    if answer is None:
        raise QueryError.of_file(
            query.dataflow,
            [problem("query_no_dataflow")],
            problem("query_dataflows", names=tuple(DATAFLOWS), address=SOURCE.retrieval),
        )
    try:
        message: Any = sdmx.read_sdmx(io.BytesIO(answer.path.read_bytes()))
        components = message.dataflow[query.dataflow].structure.dimensions.components
    except Exception:  # sdmx1 and lxml raise whatever an unforeseen message makes them raise
        answer.forget()
        raise QueryError.of_file(
            query.dataflow, [problem("query_no_structure")], problem("query_later")
        ) from None
    kept = [c for c in components if c.id != "TIME_PERIOD"]
    return [_dimension(c) for c in sorted(kept, key=lambda c: c.order or 0)]


def _dimension(component: Any) -> Dimension:
    listed = getattr(component.local_representation, "enumerated", None)
    if listed is None:  # the codes may stand with the concept instead
        concept = component.concept_identity
        listed = getattr(getattr(concept, "core_representation", None), "enumerated", None)
    codes = {code.id: dict(code.name.localizations) for code in listed or ()}
    return Dimension(component.id, codes)


def _check(query: Query, dimensions: Sequence[Dimension]) -> None:
    known = {dimension.id: dimension for dimension in dimensions}
    problems: list[Problem] = []
    for name, codes in query.filters.items():
        if name not in known:
            problems.append(_no_dimension(name, list(known)))
            continue
        dimension = known[name]
        # A list that was not sent along cannot be checked.
        problems += [
            _no_code(dimension, code)
            for code in codes
            if dimension.codes and code not in dimension.codes
        ]
    if problems:
        raise QueryError.of_file(query.dataflow, problems, problem("query_correct"))


def _no_dimension(name: str, known: Sequence[str]) -> Problem:
    if near := _near(name, known):
        return problem("query_near_dimension", dimension=name, near=near)
    return problem("query_no_dimension", dimension=name, known=tuple(known))


def _no_code(dimension: Dimension, code: str) -> Problem:
    labels = {
        label.casefold(): known
        for known, named in dimension.codes.items()
        for label in named.values()
    }
    asked = {"dimension": dimension.id, "code": code}
    near = labels.get(code.casefold(), "") or _near(code, list(dimension.codes))
    if not near:
        return problem("query_no_code", **asked)
    named = dimension.codes[near]
    label = named.get("it") or next(iter(named.values()), "")
    return problem("query_near_code", **asked, near=near, label=label)


def _blocks(query: Query, dimensions: Sequence[Dimension]) -> Iterator[dict[str, tuple[str, ...]]]:
    """Split the dimension with most codes, so that each key stays as short as ISTAT takes it."""
    filters = {d.id: query.filters[d.id] for d in dimensions if d.id in query.filters}
    longest = max(filters, key=lambda name: len(filters[name]), default=None)
    if longest is None:
        yield {}
        return
    codes = filters[longest]
    for start in range(0, len(codes), CODES_PER_REQUEST):
        chosen = filters | {longest: codes[start : start + CODES_PER_REQUEST]}
        # The key has a field for every dimension: one too few, and ISTAT answers an error.
        yield {d.id: chosen.get(d.id, ()) for d in dimensions}


def _data_request(service: _Service, query: Query, block: Mapping[str, Sequence[str]]) -> _Request:
    periods = {"startPeriod": query.start, "endPeriod": query.end}
    return service.request(
        "data",
        f"{query.agency},{query.dataflow},{query.version}",
        key=".".join("+".join(codes) for codes in block.values()) or "all",
        params={name: period for name, period in periods.items() if period},
        headers={"Accept": _CSV},
    )


# --- the web service -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Request:
    url: str
    accept: str
    name: str


@dataclass(frozen=True)
class _Answer:
    path: Path
    sha256: str
    retrieved: str

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Service:
    """The web service, and the folder of its answers."""

    url: str
    folder: Path
    report: Callable[[Problem], None]
    refresh: bool
    pace: Pace

    def request(self, kind: str, name: str, **how: Any) -> _Request:
        """Word a request as sdmx1 does, without sending it."""
        import sdmx
        from sdmx.source import Source as Endpoint

        # Not `sdmx.add_source`, which would change the list of every user of the process.
        client = sdmx.Client()
        client.source = Endpoint(id="IT1", url=self.url, name="ISTAT")
        prepared: Any = client.get(kind, name, dry_run=True, **how)
        accept = how.get("headers", {}).get("Accept", "application/xml")
        plain = name.split(",")[1] if "," in name else f"{name}-structure"
        return _Request(str(prepared.url), accept, plain)

    def answer(self, request: _Request) -> _Answer | None:
        """Return the answer at hand if it is whole and may be used; ask otherwise; None if none."""
        key = hashlib.sha256(f"{request.url} {request.accept}".encode()).hexdigest()[:12]
        suffix = "csv" if request.accept == _CSV else "xml"
        path = self.folder / f"{request.name}-{key}.{suffix}"
        kept = self._kept(path)
        if kept and not self.refresh:
            return kept
        fresh = path.with_suffix(f".{suffix}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self._asked(request, fresh):
                return self._store(request, path, fresh, kept)
            if kept:
                today = date.today().isoformat()
                said = {"name": request.name, "today": today, "retrieved": kept.retrieved}
                self.report(problem("query_withdrawn", **said))
            return kept
        except OSError as error:
            if disk_full(error):
                raise no_space(self.folder) from None
            raise QueryError(
                problem("query_no_folder", folder=str(self.folder)),
                cure=problem("query_other_folder"),
            ) from None
        finally:
            fresh.unlink(missing_ok=True)

    def _kept(self, path: Path) -> _Answer | None:
        record = _read_json(path.with_suffix(".json"))
        if not isinstance(record, dict) or not path.is_file():
            return None
        sha256 = checksum(path)
        if record.get("sha256") != sha256:
            self.report(problem("query_copy_damaged", name=path.name))
            return None
        return _Answer(path, sha256, str(record.get("retrieved", "")))

    def _store(self, request: _Request, path: Path, fresh: Path, kept: _Answer | None) -> _Answer:
        today = date.today().isoformat()
        answer = _Answer(path, checksum(fresh), today)
        if kept and kept.sha256 != answer.sha256:
            old = path.with_name(f"{path.stem}.{kept.retrieved}{path.suffix}")
            os.replace(path, old)
            said = {"name": request.name, "retrieved": kept.retrieved, "today": today}
            self.report(problem("query_revised", **said, old=old.name))
        os.replace(fresh, path)
        record = {"address": request.url, "sha256": answer.sha256, "retrieved": today}
        _write_json(path.with_suffix(".json"), record)
        return answer

    def _asked(self, request: _Request, fresh: Path) -> bool:
        """Write the answer to a file; False if there is none. One more try if the service fails."""
        import httpx

        for last in (False, True):
            self.pace.wait(self.report)
            self.report(problem("query_asked", name=request.name))
            try:
                with _client(request.url) as client:
                    return _received(client, request, fresh)
            except httpx.ConnectError as error:
                if "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise QueryError(
                        problem("query_certificate", address=self.url),
                        cure=problem("query_certificates"),
                    ) from None
                break  # asking a service that has shut us out prolongs it
            except (httpx.TransportError, _Failing):
                if last:
                    break
                self.report(problem("query_again"))
        raise QueryError(
            problem("query_no_answer", address=self.url), cure=problem("query_shut_out")
        )


class _Failing(Exception):  # noqa: N818 - a reason to ask once more
    pass


@cache
def _trusted() -> ssl.SSLContext:
    import ssl

    import certifi

    trusted = ssl.create_default_context()  # an office network may have an authority of its own
    trusted.load_verify_locations(certifi.where())
    return trusted


def _client(url: str) -> httpx.Client:
    import httpx

    local = httpx.URL(url).host == "127.0.0.1"
    if httpx.URL(url).scheme != "https" and not local:
        raise QueryError(
            problem("query_no_https", address=url), cure=problem("query_use_address", address=ISTAT)
        )
    # ISTAT takes minutes to gather a large table before it sends the first byte.
    patience = httpx.Timeout(300.0, connect=15.0)
    return httpx.Client(verify=_trusted(), timeout=patience, trust_env=not local)


def _received(client: httpx.Client, request: _Request, fresh: Path) -> bool:
    headers = {"Accept": request.accept, "User-Agent": "needs-analysis"}
    with client.stream("GET", request.url, headers=headers) as response:
        status = response.status_code
        if status == 404:
            return False
        if status >= 500:
            raise _Failing
        if status != 200:
            raise _refusal(request, status)
        size = 0
        with fresh.open("wb") as file:
            for piece in response.iter_bytes():
                size += file.write(piece)
                if size > MAX_BYTES:
                    megabytes = MAX_BYTES // 10**6
                    found = problem("query_answer_too_large", megabytes=megabytes)
                    raise QueryError.of_file(request.name, [found], problem("query_add_filters"))
    _check_opening(request, fresh)
    return True


def _refusal(request: _Request, status: int) -> QueryError:
    what, cure = "query_not_taken", "query_check_filters"
    if status in (403, 429):
        what, cure = "query_refused", "query_wait"
    if status in (413, 414):
        what, cure = "query_too_long", "query_add_filters"
    return QueryError.of_file(request.name, [problem(what, status=status)], problem(cure))


def _check_opening(request: _Request, fresh: Path) -> None:
    with fresh.open("rb") as file:
        start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
    expected = start.startswith(b"DATAFLOW") if request.accept == _CSV else start.startswith(b"<")
    if not expected or re.match(rb"<!doctype html|<html", start, re.IGNORECASE):
        raise QueryError.of_file(request.name, [problem("query_page")], problem("query_later"))


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_text(json.dumps(content, indent=1), "utf-8")
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


# --- the answer ----------------------------------------------------------------------------


def _read_csv(path: Path, dimensions: Sequence[Dimension]) -> pd.DataFrame:
    """Read an answer as text codes and a number; labels in it ("017029: Brescia") are dropped."""
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except ValueError:  # whatever the parser of pandas says of a broken table
        raise QueryError.of_file(path, [problem("answer_cut")], problem("ask_again")) from None
    table.columns = [str(name).split(":")[0].strip() for name in table.columns]
    wanted = [d.id for d in dimensions] + ["TIME_PERIOD", "OBS_VALUE"]
    lacking = [name for name in wanted if name not in table.columns]
    if lacking:
        found = problem("answer_lacks", columns=tuple(lacking))
        raise QueryError.of_file(path, [found], problem("ask_again"))
    if table["TIME_PERIOD"].eq("").any():
        raise QueryError.of_file(path, [problem("answer_cut")], problem("ask_again"))
    texts = {d.id.lower(): table[d.id] for d in dimensions}
    frame = pd.DataFrame({name: _code(text) for name, text in texts.items()})
    frame["time_period"] = table["TIME_PERIOD"]
    number = table["OBS_VALUE"].replace({"NaN": "", "nan": ""})
    frame["value"] = pd.to_numeric(number.where(number != ""), errors="coerce").astype("float64")
    bad = frame["value"].isna() & (number != "")
    if bad.any():
        found = reading.problem("no_number", found=number[bad].iloc[0][:40])
        raise QueryError.of_file(path, [found], problem("ask_again"))
    if "OBS_STATUS" in table.columns:
        frame["obs_status"] = _code(table["OBS_STATUS"])
    return frame


def _code(text: pd.Series) -> pd.Series:
    code: pd.Series = text.str.partition(": ")[0].astype("str")
    return code


def _within(frame: pd.DataFrame, query: Query) -> pd.DataFrame:
    """Keep the periods asked for: ISTAT is known to send one year beyond ``endPeriod``."""
    period = frame["time_period"]
    keep = pd.Series(True, index=frame.index)
    if query.start:
        keep &= period.str.slice(stop=len(query.start)) >= query.start
    if query.end:
        keep &= period.str.slice(stop=len(query.end)) <= query.end
    if not keep.any():
        raise QueryError.of_file(
            query.dataflow, [problem("query_no_period")], problem("query_widen")
        )
    return frame[keep].reset_index(drop=True)


def _labelled(frame: pd.DataFrame, dimensions: Sequence[Dimension], language: str) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    for dimension in dimensions:
        name = dimension.id.lower()
        labels = {
            code: named.get(language) or named.get(_OTHER[language]) or code
            for code, named in dimension.codes.items()
        }
        columns[name] = frame[name]
        # A code that the list lacks is its own label.
        columns[f"{name}_label"] = frame[name].map(labels).fillna(frame[name]).astype("str")
    rest = {name: frame[name] for name in frame.columns if name not in columns}
    return pd.DataFrame(columns | rest)


# --- totals --------------------------------------------------------------------------------


def check_totals(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of dwellings whose parts do not add up to their total.

    Occupied and unoccupied dwellings make all dwellings; the tenures make all occupied ones. ISTAT
    rounds the tenures one by one: they may miss the total by 1, which is to be known, not an error.

    Parameters
    ----------
    frame : DataFrame
        What `run_query` returned, with ``indicator`` or ``ownership_type``.

    Returns
    -------
    DataFrame
        One row a total that differs: ``check`` ("indicator" or "ownership_type"), the other
        dimensions, ``total``, ``parts_sum`` and ``difference`` (parts minus total, in dwellings;
        NaN where a part is blank). Empty if all add up.

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "ref_area": ["017029"] * 3,
    ...     "indicator": ["NUM_DW_AV", "NUM_OCC_DW_AV", "NUM_UNOCC_DW_AV"],
    ...     "time_period": ["2019"] * 3,
    ...     "value": [105234.0, 90986.0, 14247.0],
    ... })
    >>> check_totals(frame)["difference"].tolist()
    [-1.0]
    """
    found = []
    if "indicator" in frame:
        parts = {OCCUPIED, UNOCCUPIED}
        # All dwellings are not told by tenure: only cells of both splits can be compared.
        found.append(_differing(frame, "indicator", {DWELLINGS}, parts, least=2))
    if "ownership_type" in frame:
        tenures = set(frame["ownership_type"]) - _ALL
        found.append(_differing(frame, "ownership_type", _ALL, tenures, least=2))
    if not found:
        raise QueryError(problem("no_total_column"), cure=problem("ask_in_filters"))
    return pd.concat(found, ignore_index=True)


def _differing(
    frame: pd.DataFrame, column: str, totals: set[str], parts: set[str], least: int
) -> pd.DataFrame:
    aside = {column, "value", "obs_status"}
    keys = [c for c in frame.columns if c not in aside and not c.endswith("_label")]
    total = frame[frame[column].isin(totals)].set_index(keys)["value"]
    grouped = frame[frame[column].isin(parts)].groupby(keys, sort=False)["value"]
    added = pd.DataFrame(
        {"parts_sum": grouped.sum(), "found": grouped.size(), "told": grouped.count()}
    )
    added = added[added["found"] >= least]
    blank = added["told"] < added["found"]
    both = pd.DataFrame({"total": total}).join(added["parts_sum"].mask(blank), how="inner")
    both["difference"] = both["parts_sum"] - both["total"]
    differs = both[both["difference"] != 0].reset_index()
    differs.insert(0, "check", column)
    return differs
