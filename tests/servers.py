"""A PostgreSQL cluster of the tests' own, with PostGIS, where the packages are there."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

NOBODY = 65534  # initdb does not run as root
_WITHIN = 60.0  # seconds


@dataclass(frozen=True)
class Cluster:
    """Where it listens and who may do what: "boss" all, "reader" nothing but connect."""

    port: int
    secret: str

    def url(self, base: str = "good", user: str = "boss", secret: str = "") -> str:
        return f"postgresql://{user}:{secret or self.secret}@127.0.0.1:{self.port}/{base}"


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL that has PostGIS; None where there is none."""
    found = [
        folder / "bin"
        for folder in sorted(Path("/usr/lib/postgresql").glob("*"), key=lambda one: int(one.name))
        if (folder / "bin/initdb").exists()
        and Path(f"/usr/share/postgresql/{folder.name}/extension/postgis.control").exists()
    ]
    return found[-1] if found else None


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running() -> Iterator[Cluster]:
    """Make a cluster in a folder of its own, on a free port; it ends with its folder, by its own id."""
    home = programs()
    if home is None:
        pytest.skip(
            "PostgreSQL with PostGIS is not here: nothing of --postgis was tried on a server"
        )
    folder = Path(tempfile.mkdtemp(prefix="needs-analysis-postgis-"))
    cluster = Cluster(_free_port(), secrets.token_hex(8))
    own = [] if os.getuid() else [
        "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
    ]  # fmt: skip
    try:
        (folder / "secret").write_text(cluster.secret)
        if own:
            for one in (folder, folder / "secret"):
                os.chown(one, NOBODY, NOBODY)
        initial = ["-U", "boss", "-A", "scram-sha-256", f"--pwfile={folder / 'secret'}", "--no-sync",
                   "-E", "UTF8", "--locale=C.UTF-8", "-D", str(folder / "data")]  # fmt: skip
        subprocess.run(
            [*own, home / "initdb", *initial], check=True, capture_output=True, cwd=folder
        )
        server = subprocess.Popen(
            [*own, home / "postgres", "-D", folder / "data", "-p", str(cluster.port),
             "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}",
             "-c", "fsync=off"],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _prepare(cluster)
            yield cluster
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(cluster: Cluster) -> None:
    import psycopg

    end = time.monotonic() + _WITHIN
    while True:
        try:
            with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
                connection.execute(f"CREATE ROLE reader LOGIN PASSWORD '{cluster.secret}'")
                connection.execute("CREATE DATABASE good")
                connection.execute("CREATE DATABASE bare")
            break
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
    with psycopg.connect(cluster.url()) as connection:
        connection.execute("CREATE EXTENSION postgis")
