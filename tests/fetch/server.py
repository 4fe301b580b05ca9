"""A web server on 127.0.0.1 that misbehaves as asked."""

from __future__ import annotations

import gzip
import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class File:
    """What a path answers; `faults` are used up one a request, then it answers well."""

    body: bytes = b""
    content_type: str = "text/csv"
    etag: bool = True
    last_modified: str = ""
    ranges: bool = True
    heeds_if_range: bool = True
    gzipped: bool = False
    pause: float = 0.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    faults: list[Callable[[Handler, File], None]] = field(default_factory=list)

    @property
    def tag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:12]}"'


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    at: float


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, File] = {}
        self.answer: Callable[[Handler], bool] | None = None
        self.asked: list[Asked] = []

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_) -> None:
        """Clients that hang up are what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_) -> None:
        pass

    def do_GET(self) -> None:  # noqa: N802
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append(Asked(self.command, self.path, headers, time.monotonic()))
        if self.server.answer and self.server.answer(self):
            return
        file = self.server.files.get(self.path.split("?")[0])
        if file is None:
            self.say(404, b"<html>non trovato</html>", {"Content-Type": "text/html"})
        elif file.faults:
            file.faults.pop(0)(self, file)
        else:
            self.good(file)

    def say(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(body)

    def good(self, file: File) -> None:
        if file.status != 200:
            self.say(file.status, file.body, {"Content-Type": file.content_type} | file.headers)
            return
        headers = self.described(file)
        if self.unchanged(file):
            self.say(304, b"", headers)
            return
        body, status = file.body, 200
        if file.gzipped:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        start = self.start(file)
        if start is not None and start >= len(body):
            self.say(416, b"", {"Content-Range": f"bytes */{len(body)}"})
            return
        if start is not None:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            body, status = body[start:], 206
        self.send(status, body, headers, file.pause)

    def send(self, status: int, body: bytes, headers: dict[str, str], pause: float) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        step = 4096 if pause else len(body) or 1
        for at in range(0, len(body), step):
            self.wfile.write(body[at : at + step])
            if pause:
                self.wfile.flush()
                time.sleep(pause)

    def described(self, file: File) -> dict[str, str]:
        headers = {"Content-Type": file.content_type} | file.headers
        if file.etag:
            headers["ETag"] = file.tag
        if file.last_modified:
            headers["Last-Modified"] = file.last_modified
        return headers

    def unchanged(self, file: File) -> bool:
        if file.etag and "If-None-Match" in self.headers:
            return self.headers["If-None-Match"] == file.tag
        since = self.headers.get("If-Modified-Since")
        return bool(file.last_modified) and since == file.last_modified

    def start(self, file: File) -> int | None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not asked or not file.ranges or file.gzipped:
            return None
        only_if = self.headers.get("If-Range")
        if file.heeds_if_range and only_if not in (None, file.tag, file.last_modified):
            return None
        return int(asked[1])


# --- faults --------------------------------------------------------------------------------


def truncated(at: int) -> Callable[[Handler, File], None]:
    """Promise the whole file and hang up after some bytes."""

    def fault(handler: Handler, file: File) -> None:
        start = handler.start(file) or 0
        headers = handler.described(file) | {"Content-Length": str(len(file.body) - start)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(file.body) - 1}/{len(file.body)}"
        handler.send(206 if start else 200, file.body[start : start + at], headers, 0)
        handler.close_connection = True

    return fault


def stalled(seconds: float, after: int = 0) -> Callable[[Handler, File], None]:
    """Send nothing, or a first piece only, and keep the line open."""

    def fault(handler: Handler, file: File) -> None:
        if after:
            headers = handler.described(file) | {"Content-Length": str(len(file.body))}
            handler.send(200, file.body[:after], headers, 0)
            handler.wfile.flush()
        time.sleep(seconds)
        handler.close_connection = True

    return fault


def hung_up(handler: Handler, _file: File) -> None:
    handler.close_connection = True


def status(code: int, **headers: str) -> Callable[[Handler, File], None]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, _: handler.say(code, b"guasto", named)


def redirected(to: str, code: int = 302) -> Callable[[Handler, File], None]:
    return lambda handler, _: handler.say(code, b"", {"Location": to})


def changed(body: bytes, then: Callable[[Handler, File], None]) -> Callable[[Handler, File], None]:
    """Meet the request with a fault, and have another file from then on."""

    def fault(handler: Handler, file: File) -> None:
        then(handler, file)
        file.body = body

    return fault


def endless(handler: Handler, file: File) -> None:
    """Send pieces for ever, with no length told."""
    handler.send_response(200)
    handler.send_header("Content-Type", file.content_type)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    piece = b"x" * 65_536
    try:
        while True:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    except OSError:
        handler.close_connection = True


@contextmanager
def running() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
