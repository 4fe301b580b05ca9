"""Official files from their sites: resumed, checked, never replaced without a word.

Every address stands in ``addresses.csv``. What is half downloaded, and what is known of each file,
stands in a hidden folder ``.fetch`` beside the files: a reader sees whole files only.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import re
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, overload
from urllib.parse import unquote, urlsplit, urlunsplit

from needs_analysis.errors import Problem, Refused, Where
from needs_analysis.provenance import checksum
from needs_analysis.reading.personal import without_tax_codes
from needs_analysis.store.problems import problem
from needs_analysis.writing.files import kept_folder, unwritable

if TYPE_CHECKING:
    import ssl

    import httpx

MEGABYTE = 1_000_000
MAX_MEGABYTES = 300
REDIRECTS = 5
UNPACKED_TIMES = 10.0
"""An archive may hold so many times its size limit, no more."""

_CHUNK = 1 << 16
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_HTML = re.compile(rb"<!doctype\s+html|<html|<head[\s>]|<body[\s>]|<script[\s>]", re.IGNORECASE)

Report = Callable[[Problem], None]
Progress = Callable[[int, int | None], None]


class FetchError(Refused):
    """A file that cannot be had from its site: it names the address and the cure."""


def _failed(place: str, what: Problem, cure: Problem) -> FetchError:
    """Return the error of an address as it may be printed, or of a source."""
    return FetchError(what.at(Where(file=place)), cure=cure)


def _say(what: Problem) -> None:
    print(what, file=sys.stderr)


def _quiet(_done: int, _total: int | None) -> None:
    return None


@dataclass(frozen=True)
class Patience:
    """How long a site is waited for, and how often it is asked again.

    Parameters
    ----------
    connect_seconds, read_seconds, total_seconds : float
        Time to connect, between two pieces, and for one file with all its retries.
    tries : int
        Failures in a row after which we give up; a try that brought the file further starts anew.
    first_wait_seconds, longest_wait_seconds : float
        Bounds of the waits, which double; each is shortened at random by up to a half.
    seed : int or None
        Of those random parts.
    sleep, clock, today : callable
        What waits and tells the time; tests give their own.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    total_seconds: float = 3600.0
    tries: int = 5
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 60.0
    seed: int | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    today: Callable[[], date] = date.today


@dataclass(frozen=True)
class Address:
    """A row of ``addresses.csv``.

    Parameters
    ----------
    source : str
        What the user asks for; the id of its reader where there is one.
    years : tuple of int or None
        First and last year known; None where the address has no year.
    url : str
        May hold ``{year}``; empty where the file is to be taken by hand.
    kind : str
        ``csv``, ``xlsx``, ``zip`` or ``manual``.
    reader : str
        Id of the source that must recognise the file, or a member of the archive; may be empty.
    max_bytes : int
        Size beyond which a download is broken off.
    page : str
        The publisher's page, for people.
    verified : str
        Day on which the address was last seen to answer; ``no`` if it never was by us.
    note : str
        What it is and its licence, in Italian.
    """

    source: str
    years: tuple[int, int] | None
    url: str
    kind: str
    reader: str
    max_bytes: int
    page: str
    verified: str
    note: str

    def at(self, year: int | None, base: str | None = None) -> str:
        """Return the URL of a year; `base` replaces scheme and host."""
        url = self.url.format(year=year)
        if base is None:
            return url
        asked, given = urlsplit(url), urlsplit(base)
        return urlunsplit((given.scheme, given.netloc, asked.path, asked.query, ""))

    def file_name(self, year: int | None) -> str:
        """Return the name under which the file is kept."""
        last = unquote(urlsplit(self.at(year)).path.rsplit("/", 1)[-1])
        if last.lower().endswith(f".{self.kind}"):
            return re.sub(r"[^\w. -]", "_", last).lstrip(".")
        return f"{self.source}_{year}.{self.kind}" if year else f"{self.source}.{self.kind}"


def addresses() -> tuple[Address, ...]:
    """Return the table of official addresses.

    Examples
    --------
    >>> [a.years for a in addresses() if a.source == "mef_incomes"]
    [(2012, 2024)]
    >>> {a.verified for a in addresses()}  # none could be asked where this was written
    {'no'}
    """
    text = resources.files("needs_analysis.store").joinpath("addresses.csv").read_text("utf-8")
    return tuple(_address(row) for row in csv.DictReader(text.splitlines()))


def _address(row: Mapping[str, str]) -> Address:
    first, _, last = row["years"].partition("-")
    return Address(
        source=row["source"],
        years=(int(first), int(last or first)) if first else None,
        url=row["url"],
        kind=row["kind"],
        reader=row["reader"],
        max_bytes=int(row["max_mb"] or MAX_MEGABYTES) * MEGABYTE,
        page=row["page"],
        verified=row["verified"],
        note=row["note"],
    )


@overload
def fetch(
    source: str,
    year: int | None = ...,
    *,
    folder: Path | None = ...,
    dry_run: Literal[False] = ...,
    base: str | None = ...,
    report: Report = ...,
    progress: Progress = ...,
    accept_revised: bool = ...,
    patience: Patience | None = ...,
) -> list[Path]: ...
@overload
def fetch(
    source: str,
    year: int | None = ...,
    *,
    folder: Path | None = ...,
    dry_run: Literal[True],
    base: str | None = ...,
    report: Report = ...,
    progress: Progress = ...,
    accept_revised: bool = ...,
    patience: Patience | None = ...,
) -> list[str]: ...
def fetch(
    source: str,
    year: int | None = None,
    *,
    folder: Path | None = None,
    dry_run: bool = False,
    base: str | None = None,
    report: Report = _say,
    progress: Progress = _quiet,
    accept_revised: bool = False,
    patience: Patience | None = None,
) -> list[Path] | list[str]:
    """Download the official file of a source, or keep the one at hand if it is still current.

    A file that is at hand stays as it is when its publisher withdraws or revises it: `report` is
    told both dates, and the revised file waits aside until `accept_revised`.

    Parameters
    ----------
    source : str
        A source of ``addresses.csv`` ("mef_incomes").
    year : int or None
        Year of the file; the latest known if None.
    folder : Path or None
        Where the files go; by default ``downloads/<source>`` in the user's own folder.
    dry_run : bool
        Return the addresses, ask nothing.
    base : str or None
        Scheme and host to ask instead of the official ones (a mirror; a server in tests).
    report, progress : callable
        Take what is said of it (a user must see those of `problems.WARNINGS`); bytes done and in
        all (None if the site does not say).
    accept_revised : bool
        Put the revised file in the place of the old one, which is kept in ``.fetch``.
    patience : Patience or None
        Times and retries.

    Returns
    -------
    list of Path or of str
        The files a reader takes (unpacked, where the site gives an archive that holds them); the
        addresses for a dry run.

    Raises
    ------
    FetchError
        Unknown source or year, a file that must be taken by hand, a site that does not answer, or
        an answer that is not the file.
    OutputError
        The folder cannot be written.
    """
    address, year = _asked(source, year)
    url = address.at(year, base) if address.url else address.page
    if dry_run:
        return [url]
    if address.kind == "manual":
        cure = problem("manual_then_add", page=address.page)
        raise _failed(source, problem("manual", note=address.note), cure)
    _allowed(url)
    target = (folder or kept_folder() / "downloads" / source) / address.file_name(year)
    job = _Job(address, url, _Files(target), patience or Patience(), report, progress)
    try:
        job.files.state.mkdir(parents=True, exist_ok=True)
        with _alone(job.files):
            _bring(job, accept_revised)
            return _unpacked(job) if _packed(target, address) else [target]
    except OSError as error:
        raise unwritable(target.parent, error) from error


def _asked(source: str, year: int | None) -> tuple[Address, int | None]:
    rows = [row for row in addresses() if row.source == source]
    if not rows:
        known = tuple(dict.fromkeys(row.source for row in addresses()))
        cure = problem("known_sources", known=known)
        raise _failed(str(source), problem("unknown_source"), cure)
    if rows[0].years is None:
        if year is not None:
            cure = problem("without_year", year=year)
            raise _failed(source, problem("latest_only"), cure)
        return rows[0], None
    known_years = [row.years for row in rows if row.years]
    first, last = known_years[0][0], known_years[-1][1]
    year = last if year is None else year
    dated = "{year}" in rows[-1].url
    if year < first or (year > last and not dated):
        cure = problem("known_years", first=first, last=last)
        raise _failed(source, problem("no_year", year=year), cure)
    # A year after the table was written is tried under the latest pattern.
    row = next((r for r, y in zip(rows, known_years, strict=True) if year <= y[1]), rows[-1])
    return row, year


# --- what is on disk -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Files:
    """Where a download keeps what it has and knows, beside the file itself."""

    target: Path

    @property
    def state(self) -> Path:
        return self.target.parent / ".fetch"

    def _aside(self, suffix: str) -> Path:
        return self.state / f"{self.target.name}.{suffix}"

    @property
    def record(self) -> Path:
        return self._aside("json")

    @property
    def part(self) -> Path:
        return self._aside("part")

    @property
    def part_record(self) -> Path:
        return self._aside("part.json")

    @property
    def revised(self) -> Path:
        return self._aside("revised")

    @property
    def revised_record(self) -> Path:
        return self._aside("revised.json")

    def old(self, day: str, sha256: str) -> Path:
        return self._aside(f"{day}-{sha256[:8]}")

    def forget_part(self) -> None:
        self.part.unlink(missing_ok=True)
        self.part_record.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Record:
    """What is known of a file: where from, which version, when."""

    address: str
    sha256: str
    retrieved: str
    etag: str = ""
    last_modified: str = ""
    unpacked: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Job:
    """One file to bring, and all that bringing it needs."""

    address: Address
    url: str
    files: _Files
    patience: Patience
    report: Report
    progress: Progress


def _write_json(path: Path, content: Mapping[str, object]) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    os.replace(fresh, path)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _recorded(record: Path, file: Path, url: str) -> _Record | None:
    """Return what is known of a file that is here; only its checksum if the record is of another.

    The record is written after the file: a run killed in between, or a user's edit, leaves a record
    that does not fit, and its validators must not be sent.
    """
    if not file.is_file():
        return None
    sha256 = checksum(file)
    with suppress(TypeError):
        known = _Record(**_read_json(record))
        if known.sha256 == sha256 and known.address == url:
            return known
    written = datetime.fromtimestamp(file.stat().st_mtime, UTC).date()
    return _Record(address=url, sha256=sha256, retrieved=written.isoformat())


@contextmanager
def _alone(files: _Files) -> Iterator[None]:
    """Hold the file for this process; the system lets go of it even if we are killed."""
    with files.state.joinpath("lock").open("ab") as lock:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            busy = problem("busy", folder=str(files.target.parent))
            raise FetchError(busy, cure=problem("wait_for_end")) from None
        yield


# --- one file ------------------------------------------------------------------------------


def _bring(job: _Job, accept_revised: bool) -> None:
    """Leave the current file in its place; a revised one aside, unless it is accepted."""
    files = job.files
    here = _recorded(files.record, files.target, job.url)
    waiting = _recorded(files.revised_record, files.revised, job.url)
    answer = _download(job, waiting or here)
    if answer == "withdrawn":
        _withdrawn(job, here)
        return
    if isinstance(answer, _Record):
        if here is None or answer.sha256 == here.sha256:
            _place(job, here, answer)
            waiting = None
        else:
            os.replace(files.part, files.revised)
            _write_json(files.revised_record, vars(answer))
            waiting = answer
        files.part_record.unlink(missing_ok=True)
    elif here and not waiting:
        job.report(problem("current", name=files.target.name, retrieved=here.retrieved))
    if here and waiting:
        _revised(job, here, waiting, accept_revised)


def _place(job: _Job, here: _Record | None, answer: _Record) -> None:
    files = job.files
    if here is None:
        os.replace(files.part, files.target)
        job.report(problem("downloaded", name=files.target.name, address=shown(job.url)))
    else:  # the same bytes as before: their date stays
        files.part.unlink(missing_ok=True)
        kept = vars(answer) | {"retrieved": here.retrieved, "unpacked": here.unpacked}
        answer = _Record(**kept)
    _write_json(files.record, vars(answer))
    files.revised.unlink(missing_ok=True)
    files.revised_record.unlink(missing_ok=True)


def _withdrawn(job: _Job, here: _Record | None) -> None:
    if here is None:
        cure = problem("find_then_add", page=job.address.page)
        raise _failed(shown(job.url), problem("gone"), cure)
    job.report(
        problem(
            "withdrawn",
            address=shown(job.url),
            today=str(job.patience.today()),
            retrieved=here.retrieved,
            page=job.address.page,
        )
    )


def _revised(job: _Job, here: _Record, waiting: _Record, accept: bool) -> None:
    files = job.files
    said = {"name": files.target.name, "retrieved": here.retrieved, "waiting": waiting.retrieved}
    if not accept:
        job.report(problem("revised", **said, source=job.address.source))
        return
    old = files.old(here.retrieved, here.sha256)
    with suppress(FileExistsError):
        _copy_link(files.target, old)
    os.replace(files.revised, files.target)
    _write_json(files.record, vars(waiting))
    files.revised_record.unlink(missing_ok=True)
    job.report(problem("adopted", **said, old=f"{files.state.name}/{old.name}"))


def _copy_link(file: Path, copy: Path) -> None:
    """Give the file a second name, so that the first never lacks one; a copy where links fail."""
    if copy.exists():
        return
    try:
        os.link(file, copy)
    except OSError:
        fresh = copy.with_name(f"{copy.name}.new")
        fresh.write_bytes(file.read_bytes())
        os.replace(fresh, copy)


# --- the network ---------------------------------------------------------------------------

_Answer = _Record | Literal["withdrawn", "unchanged"]


class _Again(Exception):  # noqa: N818 - not an error: a reason to ask once more
    def __init__(self, why: Problem, after: float = 0.0) -> None:
        self.why, self.after = why, after
        super().__init__(why)


def shown(url: str) -> str:
    """Return a URL as it may be printed: without user, password, query and tax codes.

    Examples
    --------
    >>> shown("https://mario:segreto@www.istat.it/RSSMRA80A01F205X/a.csv?token=1")
    'https://www.istat.it/***/a.csv'
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, without_tax_codes(parts.path), "", ""))


def _allowed(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise _failed(shown(url), problem("no_https"), problem("name_official_site"))


def _download(job: _Job, known: _Record | None) -> _Answer:
    """Ask until the file is whole, unchanged or gone; give up after some failures in a row."""
    patience = job.patience
    until = patience.clock() + patience.total_seconds
    dice = random.Random(patience.seed)
    failed = furthest = 0
    with _client(job) as client:
        while True:
            try:
                return _attempt(client, job, known, until)
            except _Again as again:
                so_far = job.files.part.stat().st_size if job.files.part.exists() else 0
                failed = 1 if so_far > furthest else failed + 1
                furthest = max(furthest, so_far)
                why, after = again.why, again.after
            wait = min(
                patience.longest_wait_seconds, patience.first_wait_seconds * 2 ** (failed - 1)
            )
            wait = max(wait * dice.uniform(0.5, 1.0), after)
            if failed >= patience.tries or patience.clock() + wait > until:
                raise _failed(shown(job.url), why, _cure(job, after))
            name = job.files.target.name
            job.report(problem("again_in", name=name, why=why, seconds=round(wait)))
            patience.sleep(wait)


def _cure(job: _Job, after: float) -> Problem:
    resumed = job.files.part.exists()
    if after:
        return problem("try_after_resumed" if resumed else "try_after", seconds=round(after))
    return problem("try_later_resumed" if resumed else "try_later")


@cache
def _trusted() -> ssl.SSLContext:
    import ssl

    import certifi

    # The system's certificates first: an office network may have an authority of its own.
    trusted = ssl.create_default_context()
    trusted.load_verify_locations(certifi.where())
    return trusted


def _client(job: _Job) -> httpx.Client:
    import httpx

    patience = job.patience
    local = urlsplit(job.url).hostname in _LOOPBACK
    return httpx.Client(
        verify=_trusted(),
        trust_env=not local,
        timeout=httpx.Timeout(patience.read_seconds, connect=patience.connect_seconds),
        # Pieces of a compressed answer cannot be put together again.
        headers={"User-Agent": "needs-analysis", "Accept-Encoding": "identity"},
    )


def _attempt(client: httpx.Client, job: _Job, known: _Record | None, until: float) -> _Answer:
    import httpx

    begun = _begun(job)
    try:
        with _followed(client, job.url, _conditions(job, begun, known)) as response:
            status = response.status_code
            if status == httpx.codes.NOT_MODIFIED and known:
                return "unchanged"
            if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
                return "withdrawn"
            _refuse_status(job, response)
            start = _start(job, response, begun)
            return _stored(job, response, start, until)
    except (httpx.TransportError, httpx.StreamError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            cure = problem("install_certificates")
            raise _failed(shown(job.url), problem("certificate"), cure) from None
        raise _Again(_why(error)) from None


def _why(error: Exception) -> Problem:
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return problem("slow_answer")
    if isinstance(error, httpx.ConnectError):
        return problem("unreachable")
    return problem("broken_off")


def _begun(job: _Job) -> dict[str, Any]:
    """Return what is known of a partial download that can be resumed; an unusable one goes."""
    files = job.files
    begun = _read_json(files.part_record)
    usable = files.part.exists() and files.part.stat().st_size > 0
    if usable and begun.get("address") == job.url and begun.get("validator"):
        return begun
    files.forget_part()
    return {}


def _conditions(job: _Job, begun: Mapping[str, Any], known: _Record | None) -> dict[str, str]:
    if begun:
        start = job.files.part.stat().st_size
        return {"Range": f"bytes={start}-", "If-Range": begun["validator"]}
    if known and known.etag:
        return {"If-None-Match": known.etag}
    if known and known.last_modified:
        return {"If-Modified-Since": known.last_modified}
    return {}


def _validator(headers: Mapping[str, str]) -> str:
    """Return what names this very version: a weak ETag does not vouch for single bytes."""
    etag = headers.get("etag", "")
    return etag if etag and not etag.startswith("W/") else headers.get("last-modified", "")


@contextmanager
def _followed(
    client: httpx.Client, url: str, headers: Mapping[str, str]
) -> Iterator[httpx.Response]:
    """Send the request, following redirects only where the answer is as safe as the question."""
    start = url
    for _ in range(REDIRECTS + 1):
        response = client.send(client.build_request("GET", url, headers=headers), stream=True)
        with closing(response):
            if not response.has_redirect_location:
                yield response
                return
            url = _next(start, url, response.headers["location"])
    many = problem("too_many_redirects", most=REDIRECTS)
    raise _failed(shown(start), many, problem("site_changed"))


def _next(start: str, url: str, location: str) -> str:
    import httpx

    try:
        there = httpx.URL(url).join(location)
    except httpx.InvalidURL:
        bad = problem("bad_redirect")
        raise _failed(shown(start), bad, problem("by_hand")) from None
    here = httpx.URL(url)
    secure = here.scheme == there.scheme == "https"
    local = here.scheme == there.scheme and here.host == there.host and here.host in _LOOPBACK
    if not (secure or local):
        unsafe = problem("unsafe_redirect", address=shown(str(there)))
        raise _failed(shown(start), unsafe, problem("by_hand_official"))
    return str(there)


def _refuse_status(job: _Job, response: httpx.Response) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    if status == 416:  # what we have is no part of what the site has now
        job.files.forget_part()
        raise _Again(problem("not_resumed"))
    if status == 429 or status == 408 or status >= 500:
        why = problem("slow_down" if status == 429 else "site_fault", status=status)
        raise _Again(why, _retry_after(response.headers.get("retry-after", "")))
    why = problem("denied" if status in (401, 403) else "unexpected_answer", status=status)
    raise _failed(shown(job.url), why, problem("by_hand_from", page=job.address.page))


def _retry_after(text: str) -> float:
    """Return the seconds of a ``Retry-After``: a number, or a date.

    Examples
    --------
    >>> _retry_after("30"), _retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), _retry_after("presto")
    (30.0, 0.0, 0.0)
    """
    if re.fullmatch(r"\d{1,9}", text.strip()):
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def _start(job: _Job, response: httpx.Response, begun: Mapping[str, Any]) -> int:
    """Return the byte at which this answer goes on: 0 unless it continues what we have."""
    files = job.files
    if response.status_code == 206:
        size = files.part.stat().st_size if begun else -1
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", ""))
        same = _validator(response.headers) in ("", begun.get("validator"))
        whole = bool(found) and found[2] in ("*", str(begun.get("total", found[2])))  # type: ignore[index]
        if not (found and int(found[1]) == size and same and whole):
            files.forget_part()
            raise _Again(problem("changed"))
        return size
    files.forget_part()
    known: dict[str, object] = {"address": job.url, "validator": ""}
    if "content-encoding" not in response.headers:
        known["validator"] = _validator(response.headers)
        length = response.headers.get("content-length", "")
        known |= {"total": int(length)} if length.isdecimal() else {}
    _write_json(files.part_record, known)
    return 0


def _stored(job: _Job, response: httpx.Response, start: int, until: float) -> _Record:
    """Write the answer behind what we have, and return its record once all of it is here."""
    digest = hashlib.sha256()
    if start:
        with job.files.part.open("rb") as part:
            digest = hashlib.file_digest(part, "sha256")
    total = _total(job, response, start)
    done = start
    with job.files.part.open("ab") as part:
        for piece in _pieces(job, response):
            done += len(piece)
            if done > job.address.max_bytes:
                _too_big(job)
            if job.patience.clock() > until:
                raise _Again(problem("too_slow"))
            part.write(piece)
            digest.update(piece)
            job.progress(done, total)
        part.flush()
        os.fsync(part.fileno())
    if total is not None and done != total:
        raise _Again(problem("broken_off"))
    _check_content(job, response.headers.get("content-type", ""))
    return _Record(
        address=job.url,
        sha256=digest.hexdigest(),
        retrieved=job.patience.today().isoformat(),
        etag=response.headers.get("etag", ""),
        last_modified=response.headers.get("last-modified", ""),
    )


def _total(job: _Job, response: httpx.Response, start: int) -> int | None:
    """Return the bytes the file will have, as far as the site says; refuse too many at once."""
    length = response.headers.get("content-length", "")
    if not length.isdecimal() or "content-encoding" in response.headers:
        return None
    total = start + int(length)
    if total > job.address.max_bytes:
        _too_big(job)
    return total


def _too_big(job: _Job) -> None:
    job.files.forget_part()
    large = problem("too_large", megabytes=job.address.max_bytes // MEGABYTE)
    raise _failed(shown(job.url), large, problem("check_it_at", page=job.address.page))


def _pieces(job: _Job, response: httpx.Response) -> Iterator[bytes]:
    """Give the bytes of the file; a compressed answer is opened piece by piece."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        yield from response.iter_raw()  # as they arrive: what came before a break is not lost
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        odd = problem("unexpected_encoding", encoding=encoding[:20])
        raise _failed(shown(job.url), odd, problem("by_hand"))
    # Not httpx's own decoding: it opens a piece whole, and does not tell a stream that was cut.
    opened = zlib.decompressobj(wbits=47)
    try:
        for raw in response.iter_raw():
            while raw:
                yield opened.decompress(raw, _CHUNK)
                raw = opened.unconsumed_tail
        yield opened.flush()
    except zlib.error:
        raise _Again(problem("arrived_damaged")) from None
    if not opened.eof:
        raise _Again(problem("broken_off"))


# --- is it the file? -----------------------------------------------------------------------


def _check_content(job: _Job, content_type: str) -> None:
    """Refuse an answer that is not the file: a login page, an error, another table."""
    wrong = _wrong(job.files.part, job.address, content_type)
    if wrong:
        job.files.forget_part()
        raise _failed(shown(job.url), wrong, problem("by_hand_from", page=job.address.page))


def _wrong(path: Path, address: Address, content_type: str) -> Problem | None:
    with path.open("rb") as file:
        start = file.read(4096)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return problem("empty")
    page = text.startswith(b"<") and "html" in content_type.lower()
    if page or _HTML.match(text) or (text.startswith(b"<") and _HTML.search(text)):
        return problem("web_page")
    if address.kind == "csv" and (text.startswith((b"PK\3\4", b"<", b"{")) or b"\0" in start):
        return problem("no_csv")
    if address.kind in ("zip", "xlsx") and not _sound(path):
        return problem("no_archive", kind=address.kind)
    if address.reader and not _readable(path, address):
        return problem("not_the_format", reader=address.reader)
    return None


def _sound(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except Exception:  # a damaged archive raises what zip and zlib raise
        return False


def _readable(path: Path, address: Address) -> bool:
    if not _packed(path, address):
        return _recognised(path, address.reader)
    with zipfile.ZipFile(path) as archive:
        return bool(_members(archive, path.parent, address.reader))


def _recognised(path: Path, reader: str) -> bool:
    from needs_analysis import sources  # heavy readers: only needed here

    return any(found.SOURCE.id == reader for found in sources.readers_of(path))


# --- archives ------------------------------------------------------------------------------


def _packed(path: Path, address: Address) -> bool:
    """Return whether the reader wants what is in the archive; some take the archive itself."""
    wanted = address.kind == "zip" and address.reader != ""
    return wanted and not _recognised(path, address.reader)


def _members(archive: zipfile.ZipFile, folder: Path, reader: str) -> list[zipfile.ZipInfo]:
    """Return the members that the reader recognises: text by its opening, workbooks whole."""
    from needs_analysis.reading import OPENING_BYTES

    found = []
    trial = folder / "member"
    try:
        for member in archive.infolist():
            suffix = Path(member.filename).suffix.lower()
            if member.is_dir() or suffix not in (".csv", ".txt", ".xlsx"):
                continue
            with archive.open(member) as inside, trial.open("wb") as out:
                _copied(inside, out, MEGABYTE * 50 if suffix == ".xlsx" else OPENING_BYTES)
            if _recognised(trial, reader):
                found.append(member)
    finally:
        trial.unlink(missing_ok=True)
    return found


def _copied(inside: IO[bytes], out: IO[bytes], most: int) -> int:
    """Copy at most so many bytes; an archive may lie about the size of its members."""
    done = 0
    while done < most and (piece := inside.read(min(_CHUNK, most - done))):
        done += out.write(piece)
    return done


def _unpacked(job: _Job) -> list[Path]:
    """Return the recognised members of the archive, unpacked beside it if they are not yet."""
    files = job.files
    record = _recorded(files.record, files.target, job.url)
    folder = files.target.parent
    if record and record.unpacked:
        paths = [folder / name for name in record.unpacked]
        if all(_is(path, record.unpacked[path.name]) for path in paths):
            return paths
    with zipfile.ZipFile(files.target) as archive:
        members = _members(archive, files.state, job.address.reader)
        paths = _extracted(job, archive, members)
    if record:
        found = {path.name: checksum(path) for path in paths}
        _write_json(files.record, vars(record) | {"unpacked": found})
    return paths


def _is(path: Path, sha256: str) -> bool:
    return path.is_file() and checksum(path) == sha256


def _extracted(
    job: _Job, archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]
) -> list[Path]:
    left = int(UNPACKED_TIMES * job.address.max_bytes)
    paths: list[Path] = []
    for member in members:
        # Only the last part of the name: a member may not choose a folder.
        name = re.sub(r"[^\w. -]", "_", Path(member.filename).name).lstrip(".")
        path = job.files.target.parent / name
        if path in paths or path == job.files.target:
            again = problem("repeated_name", name=name)
            raise _failed(job.files.target.name, again, problem("open_by_hand"))
        fresh = job.files.state / f"{name}.new"
        with archive.open(member) as inside, fresh.open("wb") as out:
            left -= _copied(inside, out, left + 1)
        if left < 0:
            fresh.unlink()
            large = problem("archive_too_large")
            raise _failed(job.files.target.name, large, problem("open_by_hand"))
        os.replace(fresh, path)
        paths.append(path)
    return paths
