"""ISTAT's data warehouse (IstatData, SDMX): the query is a file kept with the study.

sdmx1 reads the structure message. It reads SDMX-CSV of version 2 only, and ISTAT answers version 1.0
(first column ``DATAFLOW``), so the figures are read here with pandas. Both come by the one network.
"""

from __future__ import annotations

import difflib
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from needs_analysis import reading
from needs_analysis.errors import Problem
from needs_analysis.fetch import network
from needs_analysis.fetch.archives import HTML
from needs_analysis.fetch.copies import Copy, Record, read_json
from needs_analysis.fetch.network import FetchError, Pace, Patience, failed
from needs_analysis.fetch.problems import problem
from needs_analysis.provenance import checksum
from needs_analysis.writing.files import unwritable

if TYPE_CHECKING:
    import httpx

PAGE = "https://esploradati.istat.it"
SERVICE = f"{PAGE}/SDMXWS/rest"
DATAFLOWS: Mapping[str, str] = {
    "households": "DF_DCSS_FAMIGLIE_TV_1",
    "dwellings": "DF_DCSS_ABITAZIONI_TV_1",
    "tenure": "DF_DCSS_ABITAZIONI_TV_2",
    "population": "DF_DCSS_POP_DEMCITMIG_TV_1",
}
"""Short names for the permanent census's tables by municipality."""

CODES_PER_REQUEST = 15
"""The most codes of one dimension that ISTAT is known to take in one request; a key of 350
characters is known to be refused."""

MAX_BYTES = 300_000_000
# ISTAT takes minutes to gather a large table before it sends the first byte.
_PATIENCE = Patience(connect_seconds=15.0, read_seconds=300.0, tries=2, first_wait_seconds=0.0)

Report = Callable[[Problem], None]
Dimensions = Mapping[str, Mapping[str, Mapping[str, str]]]
"""The codes of each dimension, in the order of the dataflow's keys, each with labels by language."""

# By the ending of the name that an answer is kept under: how it is asked for, how it begins.
_ACCEPT = {"xml": "application/xml", "csv": "application/vnd.sdmx.data+csv;version=1.0.0"}
_OPENING = {"xml": b"<", "csv": b"DATAFLOW"}


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
    FetchError
        With every problem of the file.
    """
    from needs_analysis import declarations, toml_files

    written = toml_files.read(path, FetchError)
    asked = declarations.validated(declarations.QueryFile, written, FetchError).given()
    dataflow = asked.pop("dataflow")
    return Query(dataflow=DATAFLOWS.get(dataflow, dataflow), **asked)


def run_query(
    query: Query,
    *,
    folder: Path,
    url: str = SERVICE,
    report: Report = lambda _: None,
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
        ``obs_status`` where given (``e`` estimate, ``p`` provisional).

    Raises
    ------
    FetchError
        Unknown dimensions or codes, with the nearest known; no answer; an answer of another shape.
    OutputError
        The folder cannot be written.
    """
    service = _Service(url.rstrip("/"), folder, report, refresh, pace or Pace(folder / "pace.json"))
    dimensions = _structure(query, service)
    _check(query, dimensions)
    answers = [service.answer(path, query.dataflow, "csv") for path in _data(query, dimensions)]
    frames = [_read(path, dimensions) for path in answers if path]
    if not frames:
        cure = problem("query_fewer_filters", address=PAGE)
        raise failed(query.dataflow, problem("query_no_data"), cure)
    frame = _within(pd.concat(frames, ignore_index=True), query)
    if frame.duplicated([*map(str.lower, dimensions), "time_period"]).any():
        raise failed(query.dataflow, problem("query_repeated_cell"), problem("query_later"))
    return _labelled(frame, dimensions, query.language)


# --- what may be asked ---------------------------------------------------------------------


def _structure(query: Query, service: _Service) -> Dimensions:
    import sdmx

    path = f"dataflow/{query.agency}/{query.dataflow}/{query.version}?references=all"
    answer = service.answer(path, f"{query.dataflow}-structure", "xml")
    if answer is None:
        cure = problem("query_dataflows", names=tuple(DATAFLOWS), address=PAGE)
        raise failed(query.dataflow, problem("query_no_dataflow"), cure)
    try:
        message: Any = sdmx.read_sdmx(io.BytesIO(answer.read_bytes()))
        components = message.dataflow[query.dataflow].structure.dimensions.components
    except Exception:  # sdmx1 and lxml raise whatever an unforeseen message makes them raise
        answer.unlink()
        cure = problem("query_later")
        raise failed(query.dataflow, problem("query_no_structure"), cure) from None
    ordered = sorted(components, key=lambda one: one.order or 0)
    return {one.id: _codes(one) for one in ordered if one.id != "TIME_PERIOD"}


def _codes(component: Any) -> Mapping[str, Mapping[str, str]]:
    # The codes may stand with the concept instead.
    concept = getattr(component.concept_identity, "core_representation", None)
    listed = [getattr(one, "enumerated", None) for one in (component.local_representation, concept)]
    return {code.id: dict(code.name.localizations) for code in listed[0] or listed[1] or ()}


def _check(query: Query, dimensions: Dimensions) -> None:
    problems: list[Problem] = []
    for name, wanted in query.filters.items():
        if name not in dimensions:
            problems.append(_no_dimension(name, dimensions))
        elif codes := dimensions[name]:  # a list that was not sent along cannot be checked
            problems += [_no_code(name, code, codes) for code in wanted if code not in codes]
    if problems:
        raise FetchError.of_file(query.dataflow, problems, problem("query_correct"))


def _no_dimension(name: str, dimensions: Dimensions) -> Problem:
    if near := _near(name, dimensions):
        return problem("query_near_dimension", dimension=name, near=near)
    return problem("query_no_dimension", dimension=name, known=tuple(dimensions))


def _no_code(name: str, code: str, codes: Mapping[str, Mapping[str, str]]) -> Problem:
    labels = {label.casefold(): one for one, named in codes.items() for label in named.values()}
    near = labels.get(code.casefold()) or _near(code, codes)
    if not near:
        return problem("query_no_code", dimension=name, code=code)
    label = codes[near].get("it") or next(iter(codes[near].values()), "")
    return problem("query_near_code", dimension=name, code=code, near=near, label=label)


def _near(word: str, known: Iterable[str]) -> str:
    """Return the known word most like another; "" if none is."""
    upper = {name.upper(): name for name in known}
    near = difflib.get_close_matches(word.upper(), upper, n=1)
    return upper[near[0]] if near else ""


def _data(query: Query, dimensions: Dimensions) -> Iterator[str]:
    """Give the requests: the dimension with most codes is split, each key as short as ISTAT takes it."""
    named = {"startPeriod": query.start, "endPeriod": query.end}
    periods = "&".join(f"{name}={period}" for name, period in named.items() if period)
    longest = max(query.filters, key=lambda name: len(query.filters[name]), default="")
    codes = query.filters.get(longest, ())
    for start in range(0, max(1, len(codes)), CODES_PER_REQUEST):
        chosen = {**query.filters, longest: codes[start : start + CODES_PER_REQUEST]}
        # The key has a field for every dimension: one too few, and ISTAT answers an error.
        key = ".".join("+".join(chosen.get(name, ())) for name in dimensions) if longest else "all"
        path = f"data/{query.agency},{query.dataflow},{query.version}/{key}"
        yield f"{path}?{periods}".rstrip("?")


# --- the web service -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Service:
    """The web service, and the folder of its answers."""

    url: str
    folder: Path
    report: Report
    refresh: bool
    pace: Pace

    def answer(self, path: str, name: str, form: str) -> Path | None:
        """Return the answer at hand if it is whole and may be used; ask otherwise; None if none."""
        url = f"{self.url}/{path}"
        key = hashlib.sha256(url.encode()).hexdigest()[:12]
        file = self.folder / f"{name}-{key}.{form}"
        copy, fresh = Copy(file, file.with_suffix(".json")), file.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            kept = self._kept(copy, url)
            if kept and not self.refresh:
                return file
            today = date.today().isoformat()
            said = {"name": name, "today": today, "retrieved": kept.retrieved if kept else ""}
            if self._asked(url, name, form, fresh):
                record = Record(url, checksum(fresh), today)
                if kept and kept.sha256 != record.sha256:
                    old = copy.set_aside(file.with_stem(f"{file.stem}.{kept.retrieved}"))
                    self.report(problem("query_revised", **said, old=old.name))
                copy.take(fresh, record)
            elif kept:
                self.report(problem("query_withdrawn", **said))
            return file if file.exists() else None
        except OSError as error:
            raise unwritable(self.folder, error) from None
        finally:
            fresh.unlink(missing_ok=True)

    def _kept(self, copy: Copy, url: str) -> Record | None:
        kept = copy.known(url)
        if kept and kept.sha256 != read_json(copy.record).get("sha256"):
            self.report(problem("query_copy_damaged", name=copy.file.name))
            copy.forget()
            return None
        return kept

    def _asked(self, url: str, name: str, form: str, fresh: Path) -> bool:
        """Write the answer to a file; False if there is none. One more try if the service fails."""
        asked_for = {"Accept": _ACCEPT[form], "Accept-Encoding": "gzip"}

        def ask(_until: float) -> bool:
            self.pace.wait(self.report)
            self.report(problem("query_asked", name=name))
            with network.answered(asking, url, asked_for) as response:
                return _received(response, name, form, fresh)

        def told(again: network.Again, _wait: float) -> None:
            if again.why.code == "fetch.unreachable":
                raise again  # asking a service that has shut us out prolongs it
            self.report(problem("query_again"))

        with network.client(url, _PATIENCE) as asking:
            try:
                return _PATIENCE.insist(ask, told)
            except network.Again:
                cure = problem("query_shut_out")
                raise failed(self.url, problem("query_no_answer"), cure) from None


def _received(response: httpx.Response, name: str, form: str, fresh: Path) -> bool:
    status = response.status_code
    if status == 404:
        return False
    if status in (403, 429):
        raise failed(name, problem("query_refused", status=status), problem("query_wait"))
    if status in (413, 414):
        raise failed(name, problem("query_too_long", status=status), problem("query_add_filters"))
    network.wait_out(response)
    if status != 200:
        raise failed(
            name, problem("query_not_taken", status=status), problem("query_check_filters")
        )
    try:
        with fresh.open("wb") as file:
            file.writelines(network.pieces(response, MAX_BYTES))
    except network.TooLarge:
        large = problem("query_answer_too_large", megabytes=MAX_BYTES // 10**6)
        raise failed(name, large, problem("query_add_filters")) from None
    with fresh.open("rb") as file:
        start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith(_OPENING[form]) or HTML.match(start):
        raise failed(name, problem("query_page"), problem("query_later"))
    return True


# --- the answer ----------------------------------------------------------------------------


def _read(path: Path, dimensions: Dimensions) -> pd.DataFrame:
    """Read an answer as text codes and a number; labels in it ("017029: Brescia") are dropped."""
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except ValueError:  # whatever the parser of pandas says of a broken table
        raise failed(path.name, problem("answer_cut"), problem("ask_again")) from None
    table.columns = [str(name).split(":")[0].strip() for name in table.columns]
    wanted = [*dimensions, "TIME_PERIOD", "OBS_VALUE"]
    lacking = tuple(name for name in wanted if name not in table.columns)
    if lacking:
        raise failed(path.name, problem("answer_lacks", columns=lacking), problem("ask_again"))
    if table["TIME_PERIOD"].eq("").any():
        raise failed(path.name, problem("answer_cut"), problem("ask_again"))
    written = table["OBS_VALUE"].replace({"NaN": "", "nan": ""})
    value = pd.to_numeric(written.where(written != ""), errors="coerce").astype("float64")
    bad = written[value.isna() & (written != "")]
    if len(bad):
        found = reading.problem("no_number", found=bad.iloc[0][:40])
        raise failed(path.name, found, problem("ask_again"))
    texts = [*dimensions, "TIME_PERIOD", *table.columns.intersection(["OBS_STATUS"])]
    frame: pd.DataFrame = table[texts].apply(lambda text: text.str.partition(": ")[0]).astype("str")
    frame.insert(len(dimensions) + 1, "value", value)
    return frame.rename(columns=str.lower)


def _within(frame: pd.DataFrame, query: Query) -> pd.DataFrame:
    """Keep the periods asked for: ISTAT is known to send one year beyond ``endPeriod``."""
    period = frame["time_period"].str
    keep = period.slice(stop=len(query.start)) >= query.start
    if query.end:
        keep &= period.slice(stop=len(query.end)) <= query.end
    if not keep.any():
        raise failed(query.dataflow, problem("query_no_period"), problem("query_widen"))
    return frame[keep].reset_index(drop=True)


def _labelled(frame: pd.DataFrame, dimensions: Dimensions, language: str) -> pd.DataFrame:
    for at, (dimension, codes) in enumerate(dimensions.items()):
        code = frame[dimension.lower()]
        labels = {
            one: named.get(language) or next(iter(named.values()), one)
            for one, named in codes.items()
        }
        # A code that the list lacks is its own label.
        frame.insert(2 * at + 1, f"{code.name}_label", code.map(labels).fillna(code).astype("str"))
    return frame
