import io
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx
import pytest

from needs_analysis.errors import OutputError
from needs_analysis.fetch import addresses as table
from needs_analysis.fetch import archives, download
from needs_analysis.fetch.addresses import addresses
from needs_analysis.fetch.download import address_of, fetch
from needs_analysis.fetch.network import FetchError, Patience, next_address, shown
from needs_analysis.provenance import checksum
from needs_analysis.sources import anpr_archive

from . import server as web

DATA = Path(__file__).parents[1] / "data"
ANPR = (DATA / "ANPR_archivio_comuni.csv").read_bytes()
ARCHIVE = "https://www.anagrafenazionale.interno.it/archivio.zip"
ANPR_PATH = "/wp-content/uploads/ANPR_archivio_comuni.csv"
FIRST, SECOND = date(2025, 3, 1), date(2026, 4, 2)


def longer(size: int, mark: bytes = b"") -> bytes:
    """The archive with its rows again and again: as long as asked, still recognised."""
    header, rows = ANPR.split(b"\n", 1)
    return header + b"\n" + (mark + rows) * (size // len(rows) + 1)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def asking(base: str):
    """Have the addresses of the table at another host."""
    rows = [
        replace(row, url=row.url and f"{base}/{row.url.split('/', 3)[3]}")
        for row in table.addresses()
    ]
    return patch.object(table, "addresses", lambda: tuple(rows))


class Bench:
    """A server, a folder, and a fetch that does not wait."""

    def __init__(self, server: web.Server, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.said: list[str] = []
        self.slept: list[float] = []
        self.steps: list[tuple[int, int | None]] = []
        self.today = FIRST

    def serve(self, body: bytes = ANPR, path: str = ANPR_PATH, **how) -> web.File:
        self.server.files[path] = web.File(body, **how)
        return self.server.files[path]

    def fetch(self, source: str = "anpr_archive", year: int | None = None, **how) -> list[Path]:
        self.said.clear()
        self.slept.clear()
        self.steps.clear()
        self.server.asked.clear()
        times = {"read_seconds": 20.0, "connect_seconds": 20.0, "seed": 1} | how.pop("times", {})
        patience = Patience(sleep=self.slept.append, today=lambda: self.today, **times)
        with asking(self.server.base):
            return fetch(
                source,
                year,
                folder=self.folder,
                report=lambda what: self.said.append(str(what)),
                progress=lambda *step: self.steps.append(step),
                patience=patience,
                **how,
            )

    @property
    def warned(self) -> list[str]:
        return [line for line in self.said if line.startswith("Attenzione: ")]

    @property
    def sent(self) -> list[dict[str, str]]:
        return [asked.headers for asked in self.server.asked]


@pytest.fixture(scope="module")
def server():
    with web.running() as running:
        yield running


@pytest.fixture
def bench(server, tmp_path):
    server.files.clear()
    server.answer = None
    return Bench(server, tmp_path / "scaricati")


def left(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.name != "lock")


# --- addresses -----------------------------------------------------------------------------


def test_every_address_is_official_dated_and_honest():
    from needs_analysis import sources

    readers = {reader.SOURCE.id for reader in sources.READERS}
    for row in addresses():
        assert row.kind in {"csv", "xlsx", "zip", "manual"}, row
        assert (row.kind == "manual") == (row.url == ""), row
        assert row.reader in readers | {""}, row
        assert row.max_bytes <= 300e6, row
        assert row.note, row
        for url in filter(None, (row.at(2024), row.page)):
            assert urlsplit(url).scheme == "https", row
            assert urlsplit(url).hostname.endswith((".istat.it", ".gov.it", ".interno.it")), row
        assert row.verified == "no", "a day, once someone has asked the site"


def test_an_address_is_told_without_asking():
    assert address_of("mef_incomes", 2021) == (
        "https://www1.finanze.gov.it/finanze/analisi_stat/public/v_4_0_0/contenuti/"
        "Redditi_e_principali_variabili_IRPEF_su_base_comunale_CSV_2021.zip"
    )
    assert address_of("anpr_archive") == (
        "https://www.anagrafenazionale.interno.it/wp-content/uploads/ANPR_archivio_comuni.csv"
    )
    assert address_of("omi_values") == "https://www.agenziaentrate.gov.it"


def test_the_pattern_of_the_year_is_taken():
    assert address_of("istat_boundaries", 2021).endswith("/generalizzati/Limiti01012021_g.zip")
    latest = "/generalizzati/{0}/Limiti0101{0}_g.zip"
    assert address_of("istat_boundaries").endswith(latest.format(2026))
    # Later than the table: the latest pattern may still hold.
    assert address_of("istat_boundaries", 2027).endswith(latest.format(2027))


@pytest.mark.parametrize(
    ("source", "year", "says"),
    [
        ("redditi", None, "redditi: fonte sconosciuta. Fonti: .*mef_incomes"),
        ("mef_incomes", 1999, "mef_incomes: non c'è il 1999. Anni: 2012-2024"),
        ("interno_evictions", 2025, "interno_evictions: non c'è il 2025"),
        ("anpr_archive", 2021, "Togliere --year 2021"),
        ("omi_values", None, "area riservata.* Scaricarlo a mano .* needs-analysis data add"),
    ],
)
def test_what_cannot_be_asked_is_said_with_its_cure(bench, source, year, says):
    with pytest.raises(FetchError, match=says) as error:
        bench.fetch(source, year)
    assert "\n" not in str(error.value)
    assert bench.server.asked == []


def test_only_https_is_asked(tmp_path):
    with (
        pytest.raises(FetchError, match="non è un indirizzo https"),
        asking("http://www.example.org"),
    ):
        fetch("anpr_archive", folder=tmp_path)


# --- a good download -----------------------------------------------------------------------


def test_a_file_is_brought_with_its_checksum_and_progress(bench):
    bench.serve(last_modified="Sat, 01 Mar 2025 10:00:00 GMT")
    (path,) = bench.fetch()
    assert path == bench.folder / "ANPR_archivio_comuni.csv"
    assert path.read_bytes() == ANPR
    assert len(anpr_archive.read(path)) > 10
    record = json.loads((bench.folder / ".fetch" / f"{path.name}.json").read_text())
    assert record["sha256"] == checksum(path)
    assert record["retrieved"] == "2025-03-01"
    assert bench.steps[-1] == (len(ANPR), len(ANPR))
    assert left(bench.folder) == [path.name, f"{path.name}.json"]
    assert bench.sent[0]["accept-encoding"] == "identity"
    assert bench.sent[0]["user-agent"] == "needs-analysis"


@pytest.mark.parametrize("etag", [True, False])
def test_what_did_not_change_is_not_sent_again(bench, etag):
    bench.serve(etag=etag, last_modified="Sat, 01 Mar 2025 10:00:00 GMT")
    (path,) = bench.fetch()
    written = path.stat().st_mtime_ns
    assert bench.fetch() == [path]
    assert bench.said == [f"{path.name}: già aggiornato (scaricato il 2025-03-01)."]
    assert bench.steps == []
    assert path.stat().st_mtime_ns == written
    asked = "if-none-match" if etag else "if-modified-since"
    assert asked in bench.sent[0]


def test_the_same_bytes_under_another_tag_are_no_revision(bench):
    file = bench.serve(etag=False)
    bench.fetch()
    bench.today = SECOND
    file.last_modified = "Thu, 02 Apr 2026 10:00:00 GMT"
    (path,) = bench.fetch()
    assert bench.warned == []
    record = json.loads((bench.folder / ".fetch" / f"{path.name}.json").read_text())
    assert (record["retrieved"], record["last_modified"]) == ("2025-03-01", file.last_modified)


def test_the_folder_is_the_users_own_by_default(bench, kept_folder):
    bench.serve()
    bench.folder = None
    (path,) = bench.fetch()
    assert path.parent == kept_folder / "downloads" / "anpr_archive"


def test_a_compressed_answer_is_opened(bench):
    bench.serve(longer(300_000), gzipped=True)
    (path,) = bench.fetch()
    assert path.read_bytes() == longer(300_000)


@pytest.fixture
def archived(monkeypatch):
    """Let a site give an archive of what a reader takes bare."""
    row = next(row for row in addresses() if row.source == "istat_posas")
    row = replace(row, source="anpr_archive", years=None, reader="anpr_archive", url=ARCHIVE)
    monkeypatch.setattr(table, "addresses", lambda: (row,))
    return urlsplit(ARCHIVE).path


def test_an_archive_is_unpacked_where_a_reader_takes_its_members(bench, archived):
    body = zipped(**{"cartella/comuni 2021.csv": ANPR, "leggimi.txt": b"note"})
    bench.serve(body, archived, content_type="application/zip")
    (path,) = bench.fetch()
    assert path == bench.folder / "comuni 2021.csv"
    assert path.read_bytes() == ANPR
    assert not (bench.folder / "leggimi.txt").exists()
    written = path.stat().st_mtime_ns
    assert bench.fetch() == [path]
    assert path.stat().st_mtime_ns == written
    path.unlink()
    assert bench.fetch() == [path]
    assert path.read_bytes() == ANPR


def test_a_member_may_not_choose_its_folder(bench, archived):
    bench.serve(zipped(**{"../../fuori.csv": ANPR}), archived)
    with pytest.raises(FetchError, match="percorsi che escono"):
        bench.fetch()
    assert left(bench.folder) == []


def test_two_members_of_one_name_are_refused(bench, archived):
    bench.serve(zipped(**{"a/comuni.csv": ANPR, "b/comuni.csv": ANPR}), archived)
    with pytest.raises(FetchError, match="comuni.csv è ripetuto"):
        bench.fetch()


def test_an_archive_without_what_is_looked_for_is_refused(bench, archived):
    bench.serve(zipped(**{"a.csv": b"a;b\n1;2\n", "b.pdf": b"%PDF"}), archived)
    with pytest.raises(FetchError, match="non ha il formato atteso"):
        bench.fetch()


def test_an_archive_that_its_reader_takes_as_it_is_stays_whole(bench, monkeypatch):
    row = next(row for row in addresses() if row.source == "istat_posas")
    row = replace(
        row, source="omi_values", years=None, reader="omi_values", url="https://x.it/q.zip"
    )
    monkeypatch.setattr(table, "addresses", lambda: (row,))
    bench.serve(zipped(valori=(DATA / "omi_2018_2_VALORI.csv").read_bytes()), "/q.zip")
    assert bench.fetch("omi_values") == [bench.folder / "q.zip"]
    assert [path.name for path in bench.folder.iterdir() if path.is_file()] == ["q.zip"]


def test_an_archive_without_a_reader_stays_whole(bench):
    where = "/storage/cartografia/confini_amministrativi/generalizzati/2024/Limiti01012024_g.zip"
    bench.serve(zipped(shapes=b"1;2"), where)
    assert bench.fetch("istat_boundaries", 2024) == [bench.folder / "Limiti01012024_g.zip"]


# --- withdrawn, revised --------------------------------------------------------------------


@pytest.mark.parametrize("code", [404, 410])
def test_a_withdrawn_file_stays_and_both_dates_are_said(bench, code):
    file = bench.serve()
    (path,) = bench.fetch()
    bench.today = SECOND
    file.faults = [web.status(code)]
    assert bench.fetch() == [path]
    assert path.read_bytes() == ANPR
    (said,) = bench.warned
    assert "ritirato (constatato il 2026-04-02); resta il file scaricato il 2025-03-01" in said
    assert bench.slept == []


def test_a_revised_file_waits_aside_until_it_is_accepted(bench):
    file = bench.serve()
    (path,) = bench.fetch()
    bench.today = SECOND
    file.body = longer(30_000)
    assert bench.fetch() == [path]
    assert path.read_bytes() == ANPR
    (said,) = bench.warned
    assert "resta il file del 2025-03-01, quello del 2026-04-02 è da parte" in said
    assert "data fetch anpr_archive --accept-revised" in said

    bench.today = date(2026, 5, 1)
    assert bench.fetch() == [path]
    assert bench.steps == []  # it is not brought again, but it is said again
    assert bench.warned == [said]

    assert bench.fetch(accept_revised=True) == [path]
    assert path.read_bytes() == file.body
    old = bench.folder / ".fetch" / f"{path.name}.2025-03-01-{_short(ANPR)}"
    assert old.read_bytes() == ANPR
    assert bench.fetch() == [path]
    assert bench.warned == []


def test_a_revision_that_the_site_takes_back_is_forgotten(bench):
    file = bench.serve()
    (path,) = bench.fetch()
    file.body = longer(30_000)
    bench.fetch()
    file.body = ANPR
    assert bench.fetch() == [path]
    assert bench.warned == []
    assert left(bench.folder) == [path.name, f"{path.name}.json"]


def test_a_file_changed_by_hand_is_not_overwritten(bench):
    bench.serve()
    (path,) = bench.fetch()
    path.write_bytes(ANPR + b"mia\n")
    assert bench.fetch() == [path]
    assert path.read_bytes() == ANPR + b"mia\n"
    assert len(bench.warned) == 1


def test_a_revised_archive_is_unpacked_when_accepted(bench, archived):
    file = bench.serve(zipped(**{"r.csv": ANPR}), archived)
    (path,) = bench.fetch()
    file.body = zipped(**{"r.csv": longer(30_000)})
    bench.fetch()
    assert path.read_bytes() == ANPR
    bench.fetch(accept_revised=True)
    assert path.read_bytes() == longer(30_000)


def _short(body: bytes) -> str:
    import hashlib

    return hashlib.sha256(body).hexdigest()[:8]


# --- trouble -------------------------------------------------------------------------------


def test_passing_faults_are_waited_out(bench):
    retry = web.status(429, Retry_After="7")
    file = bench.serve(faults=[web.status(500), web.hung_up, retry, web.status(503)])
    (path,) = bench.fetch()
    assert path.read_bytes() == ANPR
    assert file.faults == []
    first, second, third, fourth = bench.slept
    assert 0.5 <= first <= 1 and 1 <= second <= 2 and third == 7 and 4 <= fourth <= 8
    assert "riprovo fra 7 s" in bench.said[2]
    again = list(bench.slept)
    path.unlink()
    file.faults = [web.status(500), web.hung_up, retry, web.status(503)]
    bench.fetch()
    assert bench.slept == again  # the jitter is seeded


def test_we_give_up_with_a_cure(bench):
    bench.serve(faults=[web.status(500)] * 9)
    with pytest.raises(
        FetchError, match=r"guasto \(500\). Controllare la rete e riprovare"
    ) as error:
        bench.fetch()
    assert "\n" not in str(error.value)
    assert ANPR_PATH in str(error.value)
    assert len(bench.slept) == 4
    assert left(bench.folder) == []


def test_a_site_that_asks_for_hours_is_not_waited_for(bench):
    bench.serve(faults=[web.status(429, Retry_After="86400")])
    with pytest.raises(FetchError, match=r"rallentare \(429\). .* fra 86400 secondi"):
        bench.fetch()
    assert bench.slept == []


@pytest.mark.parametrize("code", [401, 403, 404, 410, 400])
def test_what_will_not_change_is_not_asked_twice(bench, code):
    bench.serve(faults=[web.status(code)] * 2)
    with pytest.raises(FetchError, match="a mano"):
        bench.fetch()
    assert len(bench.server.asked) == 1


def test_nobody_there(bench):
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
    quick = Patience(tries=2, sleep=lambda _: None)
    with pytest.raises(FetchError, match="il sito non è raggiungibile"), asking(base):
        fetch("anpr_archive", folder=bench.folder, patience=quick, report=print)


def test_a_silent_site_times_out_and_is_asked_again(bench):
    bench.serve(faults=[web.stalled(2.0)])
    assert bench.fetch(times={"read_seconds": 0.4})[0].read_bytes() == ANPR
    assert "non risponde in tempo" in bench.said[0]


def test_a_slow_file_has_an_end(bench):
    body = longer(2_000_000)
    bench.serve(body)
    ticks = itertools.count()  # every look at the clock is a second: no test of how fast we are
    with pytest.raises(FetchError, match="troppo lento.*si riprende da dove si è arrivati"):
        bench.fetch(times={"total_seconds": 10, "clock": lambda: next(ticks)})
    assert bench.fetch()[0].read_bytes() == body
    assert "range" in bench.sent[0]


# --- resuming ------------------------------------------------------------------------------


def test_a_cut_file_is_resumed_where_it_was(bench):
    body = longer(500_000)
    bench.serve(body, faults=[web.truncated(120_000), web.truncated(90_000)])
    (path,) = bench.fetch()
    assert path.read_bytes() == body
    first, second, third = bench.sent
    assert "range" not in first
    assert (second["range"], third["range"]) == ("bytes=120000-", "bytes=210000-")
    assert second["if-range"] == bench.server.files[ANPR_PATH].tag
    record = json.loads((bench.folder / ".fetch" / f"{path.name}.json").read_text())
    assert record["sha256"] == checksum(path)  # of all parts, not of the last


def test_progress_is_no_failure(bench):
    body = longer(500_000)
    bench.serve(body, faults=[web.truncated(20_000)] * 12)
    assert bench.fetch()[0].read_bytes() == body


def test_a_stalled_file_is_resumed(bench):
    body = longer(200_000)
    bench.serve(body, faults=[web.stalled(2.0, after=50_000)])
    assert bench.fetch(times={"read_seconds": 0.4})[0].read_bytes() == body
    assert bench.sent[1]["range"] == "bytes=50000-"


def test_a_part_is_resumed_by_the_next_run(bench):
    body = longer(300_000)
    bench.serve(body, faults=[web.truncated(100_000)])
    with pytest.raises(FetchError, match="si riprende"):
        bench.fetch(times={"tries": 1})
    assert bench.fetch()[0].read_bytes() == body
    assert bench.sent[0]["range"] == "bytes=100000-"
    assert [step[0] for step in bench.steps][0] > 100_000


def test_a_server_without_ranges_sends_all_again(bench):
    body = longer(300_000)
    bench.serve(body, ranges=False, faults=[web.truncated(100_000)])
    assert bench.fetch()[0].read_bytes() == body
    assert "range" in bench.sent[1]


def test_without_a_validator_nothing_is_resumed(bench):
    body = longer(300_000)
    bench.serve(body, etag=False, faults=[web.truncated(100_000)])
    assert bench.fetch()[0].read_bytes() == body
    assert "range" not in bench.sent[1]


@pytest.mark.parametrize("heeds", [True, False], ids=["heeds-if-range", "ignores-if-range"])
def test_a_file_that_changes_between_parts_is_never_mixed(bench, heeds):
    new = longer(300_000, mark=b"9")
    assert len(new) != len(longer(300_000))
    bench.serve(
        longer(300_000),
        heeds_if_range=heeds,
        faults=[web.changed(new, web.truncated(100_000))],
    )
    assert bench.fetch()[0].read_bytes() == new


def test_a_part_longer_than_the_file_is_dropped(bench):
    body = longer(100_000)
    bench.serve(longer(300_000), faults=[web.changed(body, web.truncated(200_000))], etag=False)
    bench.server.files[ANPR_PATH].last_modified = "Sat, 01 Mar 2025 10:00:00 GMT"
    assert bench.fetch()[0].read_bytes() == body


def test_a_compressed_answer_that_was_cut_is_asked_again(bench):
    import gzip

    body = longer(300_000)
    half = gzip.compress(body)[:1000]
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/csv", "ETag": '"compressa"'}
    bench.serve(body, gzipped=True, faults=[lambda h, _: h.send(200, half, headers, 0)])
    assert bench.fetch()[0].read_bytes() == body
    assert "range" not in bench.sent[1]


# --- redirects -----------------------------------------------------------------------------


def test_a_redirect_on_the_same_host_is_followed(bench):
    bench.serve(faults=[web.redirected("/altrove/a.csv", 301)])
    bench.serve(path="/altrove/a.csv")
    (path,) = bench.fetch()
    assert path.name == "ANPR_archivio_comuni.csv"
    assert [asked.path for asked in bench.server.asked] == [ANPR_PATH, "/altrove/a.csv"]


def test_redirects_in_a_circle_end(bench):
    bench.serve(faults=[web.redirected(ANPR_PATH)] * 20)
    with pytest.raises(FetchError, match="più di 5 rinvii"):
        bench.fetch()
    assert len(bench.server.asked) == 6


@pytest.mark.parametrize(
    "to",
    [
        "ftp://127.0.0.1/a.csv",
        "file:///etc/hostname",
        "http://localhost:1/a.csv",
        "http://www.example.org/a.csv?utente=RSSMRA80A01F205X",
        "https://www.example.org/a.csv",
        "//www.example.org/a.csv",
    ],
)
def test_other_redirects_are_refused(bench, to):
    bench.serve(faults=[web.redirected(to)])
    with pytest.raises(FetchError, match="non è https") as error:
        bench.fetch()
    assert "RSSMRA" not in str(error.value)
    assert left(bench.folder) == []


def test_from_https_only_to_https():
    there = "https://www.istat.it/b.csv"
    assert next_address("s", "https://www.istat.it/a.csv", "/b.csv") == there
    assert next_address("s", "https://demo.istat.it/a.csv", there) == there
    for to in ("http://www.istat.it/b.csv", "http://127.0.0.1/b.csv", "ftp://www.istat.it/b"):
        with pytest.raises(FetchError):
            next_address("s", "https://www.istat.it/a.csv", to)


def test_nothing_personal_is_printed():
    assert shown("https://a:b@x.it/QI_1_RSSMRA80A01F205X.zip?k=1#z") == "https://x.it/QI_1_***.zip"


# --- not the file --------------------------------------------------------------------------

LOGIN = b"\n<!DOCTYPE html>\n<html><head><title>Accesso</title></head></html>"


@pytest.mark.parametrize(
    ("body", "content_type", "says"),
    [
        (LOGIN, "text/html", "pagina web"),
        (LOGIN, "text/csv", "pagina web"),
        (b'<?xml version="1.0"?><html></html>', "text/csv", "pagina web"),
        (b"<div>Sessione scaduta</div>", "text/html; charset=utf-8", "pagina web"),
        (b"<errore/>", "text/xml", "non è un testo CSV"),
        (b'{"error": 1}', "application/json", "non è un testo CSV"),
        (b"\0\1\2", "text/csv", "non è un testo CSV"),
        (b"", "text/csv", "vuoto"),
        (b"a,b\n1,2\n", "text/csv", r"non ha il formato atteso \(anpr_archive\)"),
    ],
)
def test_an_answer_that_is_not_the_file_is_not_kept(bench, body, content_type, says):
    bench.serve(body, content_type=content_type)
    with pytest.raises(FetchError, match=says) as error:
        bench.fetch()
    assert "\n" not in str(error.value)
    assert left(bench.folder) == []
    assert len(bench.server.asked) == 1


def test_a_csv_declared_as_a_page_is_taken(bench):
    bench.serve(content_type="text/html")  # careless servers
    assert bench.fetch()[0].read_bytes() == ANPR


def test_a_page_does_not_take_the_place_of_a_file(bench):
    file = bench.serve()
    (path,) = bench.fetch()
    file.body = LOGIN
    with pytest.raises(FetchError, match="pagina web"):
        bench.fetch()
    assert path.read_bytes() == ANPR
    assert left(bench.folder) == [path.name, f"{path.name}.json"]


@pytest.mark.parametrize(
    "body",
    [zipped(a=b"x" * 9000)[:-30], b"PK\3\4 niente", b"a;b\n1;2\n"],
    ids=["cut", "fake", "text"],
)
def test_a_damaged_archive_is_refused(bench, body):
    bench.serve(body, "/data/posas/POSAS_2024_it_Comuni.zip")
    with pytest.raises(FetchError, match="non è un archivio zip integro"):
        bench.fetch("istat_posas", 2024)
    assert left(bench.folder) == []


# --- size ----------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch):
    for one in (table, download):  # ANPR: 20 of these
        monkeypatch.setattr(one, "MEGABYTE", 5_000)


@pytest.mark.usefixtures("small")
def test_too_large_a_length_is_refused_at_once(bench):
    bench.serve(longer(200_000), pause=0.05)
    with pytest.raises(FetchError, match="supera 20 MB"):
        bench.fetch()
    assert bench.steps == []
    assert left(bench.folder) == []


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("how", ["endless", "bomb"])
def test_the_limit_holds_whatever_the_length_says(bench, how):
    if how == "endless":
        bench.serve(faults=[web.endless])
    else:
        bench.serve(b"x" * 5_000_000, gzipped=True)
    with pytest.raises(FetchError, match="supera 20 MB"):
        bench.fetch()
    assert bench.steps[-1][0] <= 100_000
    assert left(bench.folder) == []


def test_a_length_that_is_too_short_gives_no_file(bench, archived):
    short = {"Content-Length": "1000", "Connection": "close"}
    bench.serve(zipped(**{"r.csv": longer(90_000)}), archived, headers=short)
    with pytest.raises(FetchError, match="non è un archivio zip integro"):
        bench.fetch()


def test_an_archive_that_unpacks_without_end_is_refused(bench, archived, monkeypatch):
    monkeypatch.setattr(archives, "UNPACKED_TIMES", 0.01)  # of 100 MB
    bench.serve(zipped(**{"r.csv": ANPR + b"\n" * 5_000_000}), archived)
    with pytest.raises(FetchError, match="si espande oltre"):
        bench.fetch()
    assert not (bench.folder / "r.csv").exists()


# --- the folder ----------------------------------------------------------------------------


def test_a_folder_that_is_a_file(bench):
    bench.serve()
    bench.folder.write_text("")
    with pytest.raises(OutputError, match="non si può scrivere"):
        bench.fetch()


@pytest.mark.skipif(sys.platform == "win32", reason="another lock")
def test_two_at_once_do_not_mix(bench):
    import fcntl

    bench.serve()
    bench.fetch()
    with (bench.folder / ".fetch" / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(FetchError, match="un altro processo"):
            bench.fetch()
    assert bench.fetch()


def test_what_is_kept_aside_is_not_compiled(bench):
    """Parts and old versions stand under a hidden folder, never beside the files."""
    bench.serve(longer(300_000), faults=[web.truncated(100_000)])
    with pytest.raises(FetchError):
        bench.fetch(times={"tries": 1})
    assert [p.name for p in bench.folder.iterdir()] == [".fetch"]


@pytest.mark.slow
def test_httpx_is_not_imported_with_the_store():
    code = (
        "import sys, needs_analysis.fetch.download\n"
        "print([name for name in ('httpx', 'certifi') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
    assert httpx.__version__


CHILD = """
import sys
from pathlib import Path
import httpx, certifi
from needs_analysis import sources
from needs_analysis.fetch import addresses
from needs_analysis.fetch.download import fetch
row = addresses.Address("anpr_archive", None, sys.argv[2], "csv", "anpr_archive", 10**8, "", "no", "")
addresses.addresses = lambda: (row,)
sys.stdin.readline()
fetch("anpr_archive", folder=Path(sys.argv[1]),
      progress=lambda done, _: print(done, flush=True), accept_revised=True)
"""


@pytest.mark.slow
def test_killed_at_any_point_the_file_is_the_old_or_the_new(bench):
    new, kills = longer(400_000), 5
    random_point = random.Random(20260401)
    file = bench.serve()
    folders = [bench.folder / str(i) for i in range(kills)]
    for folder in folders:
        bench.folder = folder
        bench.fetch()
    file.body, file.pause = new, 0.001
    children = [_child(folder, bench.server.base) for folder in folders]
    for child in children:
        point = random_point.randrange(1, len(new) + 20_000)  # some at the very end
        child.stdin.write("go\n")
        child.stdin.close()
        for line in child.stdout:
            if int(line) >= point:
                break
        time.sleep(random_point.random() * 0.01)  # some fall between the renames
        child.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        child.wait()
        child.stdout.close()
    file.pause, before = 0, 0
    for folder in folders:
        path = folder / "ANPR_archivio_comuni.csv"
        assert path.read_bytes() in (ANPR, new)
        assert len(anpr_archive.read(path)) > 10 or path.read_bytes() == new
        before += path.read_bytes() == ANPR
        assert [p.name for p in folder.iterdir() if p.name != ".fetch"] == [path.name]
        bench.folder = folder
        assert bench.fetch(accept_revised=True) == [path]
        assert path.read_bytes() == new
    assert before > 0, "no child was killed before its end"


def _child(folder: Path, base: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", CHILD, str(folder), base + ANPR_PATH]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
