"""Official files from their sites: resumed, checked, never replaced without a word.

What is half downloaded, and what is known of each file, stands in a hidden folder ``.fetch`` beside
the files: a reader sees whole files only.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from needs_analysis.errors import Problem
from needs_analysis.fetch import archives, network
from needs_analysis.fetch.addresses import MEGABYTE, Address, asked
from needs_analysis.fetch.copies import Copy, Record, read_json, write_json
from needs_analysis.fetch.network import FetchError, Patience, failed
from needs_analysis.fetch.problems import problem
from needs_analysis.provenance import checksum
from needs_analysis.writing.files import kept_folder, unwritable

if TYPE_CHECKING:
    import httpx


def address_of(source: str, year: int | None = None) -> str:
    """Return the address that :func:`fetch` would ask; the publisher's page where it must be by hand.

    Raises
    ------
    FetchError
        Unknown source or year.

    Examples
    --------
    >>> address_of("omi_values")
    'https://www.agenziaentrate.gov.it'
    """
    address, year = asked(source, year)
    return address.at(year)


def fetch(
    source: str,
    year: int | None = None,
    *,
    folder: Path | None = None,
    report: Callable[[Problem], None] = lambda _: None,
    progress: Callable[[int, int | None], None] = lambda _done, _total: None,
    accept_revised: bool = False,
    patience: Patience | None = None,
) -> list[Path]:
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
    report, progress : callable
        Take what is said of it (a user must see those of `problems.WARNINGS`); bytes done and in
        all (None if the site does not say).
    accept_revised : bool
        Put the revised file in the place of the old one, which is kept in ``.fetch``.
    patience : Patience or None
        Times and retries.

    Returns
    -------
    list of Path
        The files a reader takes (unpacked, where the site gives an archive that holds them).

    Raises
    ------
    FetchError
        Unknown source or year, a file that must be taken by hand, a site that does not answer, or
        an answer that is not the file.
    OutputError
        The folder cannot be written.
    """
    address, year = asked(source, year)
    if address.kind == "manual":
        cure = problem("manual_then_add", page=address.page)
        raise failed(source, problem("manual", note=address.note), cure)
    target = (folder or kept_folder() / "downloads" / source) / address.file_name(year)
    job = _Job(address, address.at(year), target, patience or Patience(), report, progress)
    try:
        job.state.mkdir(parents=True, exist_ok=True)
        with _alone(job):
            _bring(job, accept_revised)
            return _unpacked(job) if archives.packed(target, address) else [target]
    except OSError as error:
        raise unwritable(target.parent, error) from error


@dataclass(frozen=True)
class _Job:
    """One file to bring, and all that bringing it needs."""

    address: Address
    url: str
    target: Path
    patience: Patience
    report: Callable[[Problem], None]
    progress: Callable[[int, int | None], None]

    @property
    def state(self) -> Path:
        return self.target.parent / ".fetch"

    def aside(self, suffix: str) -> Path:
        return self.state / f"{self.target.name}.{suffix}"

    @property
    def here(self) -> Copy:
        return Copy(self.target, self.aside("json"))

    @property
    def part(self) -> Copy:
        return Copy(self.aside("part"), self.aside("part.json"))

    @property
    def revised(self) -> Copy:
        return Copy(self.aside("revised"), self.aside("revised.json"))


@contextmanager
def _alone(job: _Job) -> Iterator[None]:
    """Hold the file for this process; the system lets go of it even if we are killed."""
    with job.state.joinpath("lock").open("ab") as lock:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            busy = problem("busy", folder=str(job.target.parent))
            raise FetchError(busy, cure=problem("wait_for_end")) from None
        yield


# --- one file ------------------------------------------------------------------------------


def _bring(job: _Job, accept_revised: bool) -> None:
    """Leave the current file in its place; a revised one aside, unless it is accepted."""
    here, waiting = job.here.known(job.url), job.revised.known(job.url)
    answer = _download(job, waiting or here)
    if answer == "withdrawn":
        _withdrawn(job, here)
        return
    if isinstance(answer, Record):
        if here is None or answer.sha256 == here.sha256:
            _place(job, here, answer)
            waiting = None
        else:
            job.revised.take(job.part.file, answer)
            waiting = answer
        job.part.forget()
    elif here and not waiting:
        job.report(problem("current", name=job.target.name, retrieved=here.retrieved))
    if here and waiting:
        _revised(job, here, waiting, accept_revised)


def _place(job: _Job, here: Record | None, answer: Record) -> None:
    if here is None:
        job.here.take(job.part.file, answer)
        job.report(problem("downloaded", name=job.target.name, address=network.shown(job.url)))
    else:  # the same bytes as before: their date stays
        kept = replace(answer, retrieved=here.retrieved, unpacked=here.unpacked)
        write_json(job.here.record, vars(kept))
    job.revised.forget()


def _withdrawn(job: _Job, here: Record | None) -> None:
    address, page = network.shown(job.url), job.address.page
    if here is None:
        raise failed(address, problem("gone"), problem("find_then_add", page=page))
    said = {"address": address, "today": str(job.patience.today()), "page": page}
    job.report(problem("withdrawn", **said, retrieved=here.retrieved))


def _revised(job: _Job, here: Record, waiting: Record, accept: bool) -> None:
    said = {"name": job.target.name, "retrieved": here.retrieved, "waiting": waiting.retrieved}
    if not accept:
        job.report(problem("revised", **said, source=job.address.source))
        return
    old = job.here.set_aside(job.aside(f"{here.retrieved}-{here.sha256[:8]}"))
    job.here.take(job.revised.file, waiting)
    job.revised.forget()
    job.report(problem("adopted", **said, old=f"{job.state.name}/{old.name}"))


# --- the download --------------------------------------------------------------------------

_Answer = Record | Literal["withdrawn", "unchanged"]


def _download(job: _Job, known: Record | None) -> _Answer:
    """Ask until the file is whole, unchanged or gone; give up after some failures in a row."""

    def told(again: network.Again, wait: float) -> None:
        said = {"name": job.target.name, "why": again.why, "seconds": round(wait)}
        job.report(problem("again_in", **said))

    with network.client(job.url, job.patience) as asking:
        try:
            return job.patience.insist(
                lambda until: _attempt(asking, job, known, until), told, job.part.size
            )
        except network.Again as again:
            resumed = "_resumed" if job.part.file.exists() else ""
            cure = problem(f"try_later{resumed}")
            if again.after:
                cure = problem(f"try_after{resumed}", seconds=round(again.after))
            raise failed(network.shown(job.url), again.why, cure) from None


def _attempt(asking: httpx.Client, job: _Job, known: Record | None, until: float) -> _Answer:
    begun = _begun(job)
    with network.answered(asking, job.url, _conditions(job, begun, known)) as response:
        status = response.status_code
        if status == 304 and known:
            return "unchanged"
        if status in (404, 410):
            return "withdrawn"
        network.wait_out(response)
        if status == 416:  # what we have is no part of what the site has now
            job.part.forget()
            raise network.Again(problem("not_resumed"))
        if status not in (200, 206):
            why = problem("denied" if status in (401, 403) else "unexpected_answer", status=status)
            raise failed(
                network.shown(job.url), why, problem("by_hand_from", page=job.address.page)
            )
        return _stored(job, response, _start(job, response, begun), until)


def _begun(job: _Job) -> dict[str, Any]:
    """Return what is known of a partial download that can be resumed; an unusable one goes."""
    begun = read_json(job.part.record)
    if job.part.size() and begun.get("address") == job.url and begun.get("validator"):
        return begun
    job.part.forget()
    return {}


def _conditions(job: _Job, begun: Mapping[str, Any], known: Record | None) -> dict[str, str]:
    if begun:
        return {"Range": f"bytes={job.part.size()}-", "If-Range": begun["validator"]}
    if known and known.etag:
        return {"If-None-Match": known.etag}
    if known and known.last_modified:
        return {"If-Modified-Since": known.last_modified}
    return {}


def _validator(headers: Mapping[str, str]) -> str:
    """Return what names this very version: a weak ETag does not vouch for single bytes."""
    etag = headers.get("etag", "")
    return etag if etag and not etag.startswith("W/") else headers.get("last-modified", "")


def _start(job: _Job, response: httpx.Response, begun: Mapping[str, Any]) -> int:
    """Return the byte at which this answer goes on: 0 unless it continues what we have."""
    headers = response.headers
    if response.status_code == 206:
        size, total = job.part.size(), begun.get("total")
        found = re.fullmatch(rf"bytes {size}-\d+/(\d+|\*)", headers.get("content-range", ""))
        same = _validator(headers) in ("", begun.get("validator"))
        if begun and found and same and (total is None or found[1] in ("*", str(total))):
            return size
        job.part.forget()
        raise network.Again(problem("changed"))
    job.part.forget()
    # Pieces of a compressed answer are not resumed.
    validator = "" if "content-encoding" in headers else _validator(headers)
    known = {"address": job.url, "validator": validator, "total": network.length(response)}
    write_json(job.part.record, known)
    return 0


def _stored(job: _Job, response: httpx.Response, start: int, until: float) -> Record:
    """Write the answer behind what we have, and return its record once all of it is here."""
    rest = network.length(response)
    total = None if rest is None else start + rest
    done = start
    try:
        with job.part.file.open("ab") as part:
            for piece in network.pieces(response, job.address.max_bytes - start):
                if job.patience.clock() > until:
                    raise network.Again(problem("too_slow"))
                done += part.write(piece)
                job.progress(done, total)
            part.flush()
            os.fsync(part.fileno())
    except network.TooLarge:
        large = problem("too_large", megabytes=job.address.max_bytes // MEGABYTE)
        _refuse(job, large, problem("check_it_at", page=job.address.page))
    wrong = archives.wrong(job.part.file, job.address, response.headers.get("content-type", ""))
    if wrong:
        _refuse(job, wrong, problem("by_hand_from", page=job.address.page))
    return Record(
        address=job.url,
        sha256=checksum(job.part.file),
        retrieved=job.patience.today().isoformat(),
        etag=response.headers.get("etag", ""),
        last_modified=response.headers.get("last-modified", ""),
    )


def _refuse(job: _Job, what: Problem, cure: Problem) -> NoReturn:
    job.part.forget()
    raise failed(network.shown(job.url), what, cure)


def _unpacked(job: _Job) -> list[Path]:
    """Return the recognised members of the archive, unpacked beside it if they are not yet."""
    known = job.here.known(job.url)
    if known and known.unpacked:
        paths = [job.target.with_name(name) for name in known.unpacked]
        if all(path.is_file() and checksum(path) == known.unpacked[path.name] for path in paths):
            return paths
    paths = archives.taken_out(job.target, job.address, job.state)
    if known:
        found = {path.name: checksum(path) for path in paths}
        write_json(job.here.record, vars(replace(known, unpacked=found)))
    return paths
