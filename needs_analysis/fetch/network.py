"""How a site is asked: which addresses, whom we trust, how fast, how often again, how much is taken."""

from __future__ import annotations

import random
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit, urlunsplit

from needs_analysis.errors import Problem, Refused, Where
from needs_analysis.fetch.copies import read_json, write_json
from needs_analysis.fetch.problems import problem
from needs_analysis.reading.personal import without_tax_codes

if TYPE_CHECKING:
    import ssl

    import httpx

REDIRECTS = 5
_CHUNK = 1 << 16
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}

Answer = TypeVar("Answer")


class FetchError(Refused):
    """What cannot be had from a site, or asked of it: it names the address and the cure."""


def failed(place: str, what: Problem, cure: Problem) -> FetchError:
    """Return the error of an address as it may be printed, of a source or of a query."""
    return FetchError(what.at(Where(file=place)), cure=cure)


class Again(Exception):  # noqa: N818 - not an error: a reason to ask once more
    """Why a site is to be asked once more, and the seconds that it wants to be left alone before."""

    def __init__(self, why: Problem, after: float = 0.0) -> None:
        self.why, self.after = why, after
        super().__init__(why)


class TooLarge(Exception):  # noqa: N818 - what it means to whoever asked is theirs to say
    """The answer has more bytes than were to be taken."""


# --- addresses -----------------------------------------------------------------------------


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


def allowed(url: str) -> None:
    """Refuse an address that is neither https nor this machine.

    Examples
    --------
    >>> allowed("http://www.istat.it/a.csv")
    Traceback (most recent call last):
    ...
    needs_analysis.fetch.network.FetchError: http://www.istat.it/a.csv: non è un indirizzo https. \
Indicare il sito ufficiale.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise failed(shown(url), problem("no_https"), problem("name_official_site"))


def next_address(start: str, url: str, location: str) -> str:
    """Return where a redirect leads: followed only where the answer is as safe as the question."""
    import httpx

    try:
        there = httpx.URL(url).join(location)
    except httpx.InvalidURL:
        raise failed(shown(start), problem("bad_redirect"), problem("by_hand")) from None
    here = httpx.URL(url)
    secure = here.scheme == there.scheme == "https"
    local = here.scheme == there.scheme and here.host == there.host and here.host in _LOOPBACK
    if not (secure or local):
        unsafe = problem("unsafe_redirect", address=shown(str(there)))
        raise failed(shown(start), unsafe, problem("by_hand_official"))
    return str(there)


# --- patience and pace ---------------------------------------------------------------------


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

    def insist(
        self,
        ask: Callable[[float], Answer],
        told: Callable[[Again, float], None],
        so_far: Callable[[], int] = lambda: 0,
    ) -> Answer:
        """Ask until there is an answer; give up after some failures in a row.

        Parameters
        ----------
        ask : callable
            Takes the moment at which all must have come; raises :class:`Again`.
        told : callable
            Takes why, and the seconds that are waited now.
        so_far : callable
            How many bytes have come: more of them are progress.

        Raises
        ------
        Again
            The last one.
        """
        until = self.clock() + self.total_seconds
        dice = random.Random(self.seed)
        failures = furthest = 0
        while True:
            try:
                return ask(until)
            except Again as again:
                here, why = so_far(), again
            failures = 1 if here > furthest else failures + 1
            furthest = max(furthest, here)
            wait = min(self.longest_wait_seconds, self.first_wait_seconds * 2 ** (failures - 1))
            wait = max(wait * dice.uniform(0.5, 1.0), why.after)
            if failures >= self.tries or self.clock() + wait > until:
                raise why
            told(why, wait)
            self.sleep(wait)


@dataclass
class Pace:
    """No more requests in a span of time than a site bears: beyond, ISTAT shuts an office out for days.

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

    file: Path | None = None
    requests: int = 5
    seconds: float = 65.0
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    _times: tuple[float, ...] = ()

    def wait(self, report: Callable[[Problem], None] = lambda _: None) -> None:
        """Return when the next request may leave, and count it."""
        now = self.clock()
        kept = read_json(self.file).get("times") if self.file else None
        times = kept if isinstance(kept, list) else self._times
        recent = sorted(then for then in times if now - self.seconds < then <= now)
        if len(recent) >= self.requests:
            pause = recent[-self.requests] + self.seconds - now
            report(problem("query_pace", requests=self.requests, seconds=round(pause)))
            self.sleep(pause)
        self._times = (*recent, self.clock())
        if self.file:
            write_json(self.file, {"times": self._times})


def retry_after(text: str) -> float:
    """Return the seconds of a ``Retry-After``: a number, or a date.

    Examples
    --------
    >>> retry_after("30"), retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), retry_after("presto")
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


# --- the line ------------------------------------------------------------------------------


@cache
def _trusted() -> ssl.SSLContext:
    import ssl

    import certifi

    # The system's certificates first: an office network may have an authority of its own.
    trusted = ssl.create_default_context()
    trusted.load_verify_locations(certifi.where())
    return trusted


def client(url: str, patience: Patience) -> httpx.Client:
    """Return what asks a site; nothing stands between this machine and itself."""
    import httpx

    allowed(url)
    return httpx.Client(
        verify=_trusted(),
        trust_env=urlsplit(url).hostname not in _LOOPBACK,
        timeout=httpx.Timeout(patience.read_seconds, connect=patience.connect_seconds),
        # Pieces of a compressed answer cannot be put together again.
        headers={"User-Agent": "needs-analysis", "Accept-Encoding": "identity"},
    )


@contextmanager
def answered(
    client: httpx.Client, url: str, headers: Mapping[str, str]
) -> Iterator[httpx.Response]:
    """Ask, and give the answer to be read; whatever the line does to it is said as one of ours.

    Raises
    ------
    FetchError
        A certificate that is not known, or a redirect that may not be followed.
    Again
        No answer, or an answer that broke off.
    """
    import httpx

    try:
        with _followed(client, url, headers) as response:
            yield response
    except httpx.TimeoutException:
        raise Again(problem("slow_answer")) from None
    except (httpx.TransportError, httpx.StreamError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            cure = problem("install_certificates")
            raise failed(shown(url), problem("certificate"), cure) from None
        unreachable = isinstance(error, httpx.ConnectError)
        raise Again(problem("unreachable" if unreachable else "broken_off")) from None


@contextmanager
def _followed(
    client: httpx.Client, url: str, headers: Mapping[str, str]
) -> Iterator[httpx.Response]:
    start = url
    for _ in range(REDIRECTS + 1):
        response = client.send(client.build_request("GET", url, headers=headers), stream=True)
        with closing(response):
            if not response.has_redirect_location:
                yield response
                return
            url = next_address(start, url, response.headers["location"])
    many = problem("too_many_redirects", most=REDIRECTS)
    raise failed(shown(start), many, problem("site_changed"))


def wait_out(response: httpx.Response) -> None:
    """Ask again where a site says that it is at fault, or too busy."""
    status = response.status_code
    if status in (408, 429) or status >= 500:
        why = problem("slow_down" if status == 429 else "site_fault", status=status)
        raise Again(why, retry_after(response.headers.get("retry-after", "")))


def length(response: httpx.Response) -> int | None:
    """Return the bytes that the answer will have, as far as the site says."""
    told = response.headers.get("content-length", "")
    return int(told) if told.isdecimal() and "content-encoding" not in response.headers else None


def pieces(response: httpx.Response, most: int) -> Iterator[bytes]:
    """Give the bytes of an answer as they arrive: all of them, or what came before it broke off.

    Raises
    ------
    TooLarge
        There are, or will be, more than `most`.
    Again
        The answer was cut.
    """
    told, done = length(response), 0
    if told is not None and told > most:
        raise TooLarge
    for piece in _opened(response):
        done += len(piece)
        if done > most:
            raise TooLarge
        yield piece
    if told is not None and done != told:
        raise Again(problem("broken_off"))


def _opened(response: httpx.Response) -> Iterator[bytes]:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        yield from response.iter_raw()  # as they arrive: what came before a break is not lost
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        odd = problem("unexpected_encoding", encoding=encoding[:20])
        raise failed(shown(str(response.url)), odd, problem("by_hand"))
    # Not httpx's own decoding: it opens a piece whole, and does not tell a stream that was cut.
    opened = zlib.decompressobj(wbits=47)
    try:
        for raw in response.iter_raw():
            while raw:
                yield opened.decompress(raw, _CHUNK)
                raw = opened.unconsumed_tail
        yield opened.flush()
    except zlib.error:
        raise Again(problem("arrived_damaged")) from None
    if not opened.eof:
        raise Again(problem("broken_off"))
