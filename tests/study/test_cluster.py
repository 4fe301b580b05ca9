"""The workers of a Dask cluster: what one process makes, whatever dies; where it cannot be, why."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sources.places import DATA

from needs_analysis import study, workers
from needs_analysis.composite import Indicator, Spec, uncertainty
from needs_analysis.errors import ParameterError
from needs_analysis.services import Arrivals, StayLength, capacity
from needs_analysis.sources import istat_sections
from needs_analysis.study import many

pytestmark = pytest.mark.whole
SECTIONS = DATA / "R14_indicatori_2011_sezioni.csv"


@pytest.fixture(scope="module")
def client():
    from distributed import Client, LocalCluster

    quiet = {"dashboard_address": ":0", "memory_limit": 0}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, **quiet) as cluster,
        Client(cluster, set_as_default=False) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def hands(client):
    with workers.connected(client.scheduler.address) as executor:
        yield executor


def files(folder: Path) -> dict[str, bytes]:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_a_cluster_makes_what_one_process_makes(hands, tmp_path) -> None:
    frame = pd.DataFrame(np.random.default_rng(1).random((9, 3)), [*"rstuvwxyz"], [*"abc"])
    spec = Spec("made_up_score", indicators=tuple(Indicator(one, polarity=1) for one in frame))
    asked = [Arrivals("street", 8)], StayLength.exponential(365.0), 9

    # 600 draws are two parcels, 60 replications two blocks; equal arguments are drawn apart.
    drawn = uncertainty(frame, spec, 600, 3, hands).frame
    assert drawn.equals(uncertainty(frame, spec, 600, 3).frame)
    assert not drawn.equals(uncertainty(frame, spec, 600, 4, hands).frame)
    counted = capacity(*asked, replications=60, years=1, executor=hands).groups
    assert counted.equals(capacity(*asked, replications=60, years=1).groups)
    summed = istat_sections.municipal([SECTIONS], 2011, executor=hands)
    assert summed.equals(istat_sections.municipal([SECTIONS], 2011))
    told = [value for _, value in workers.each(hands, os.urandom, [(8,), (8,)])]
    assert len({*told}) == 2

    rho = study.Study("comune:Rho", chapters=("breve", "fonti"))
    study.run(rho, tmp_path / "alone/comune-rho")
    assert study.run_many([rho], tmp_path / "out", hands)["result"].tolist() == ["made"]
    assert files(tmp_path / "out") == files(tmp_path / "alone")


def test_a_worker_that_is_killed_loses_nothing_and_who_kills_two_is_a_row(
    hands, tmp_path, monkeypatch
) -> None:
    """Rho kills whoever writes it, Desio the first; Seveso nobody."""
    deaths = {"comune-rho": 9, "comune-desio": 1}
    tombs = tmp_path / "tombs"
    tombs.mkdir()

    def deadly(asked, place, ground):  # sent whole: a worker does not find the tests
        from needs_analysis.study import many

        def run(_asked, out):
            before = len([*tombs.glob(f"{out.name}.*")])
            if before < deaths.get(out.name, 0):
                (tombs / f"{out.name}.{before}").touch()
                os.kill(os.getpid(), signal.SIGKILL)
            out.mkdir(parents=True)
            (out / "provenance.json").write_text('{"area": {"label": "di prova"}}')

        many.stages.run = run
        return many._one(asked, place, ground)

    monkeypatch.setattr(many, "_one", deadly)
    asked = ["comune:Rho", "comune:Desio", "comune:Seveso"]
    found = study.run_many(asked, tmp_path / "out", hands)
    assert found["result"].tolist() == ["failed", "made", "made"]
    assert "finito due volte" in found["cause"][0] and "riprende da qui" in found["cure"][0]
    killed = sorted(path.name for path in tombs.iterdir())
    assert killed == ["comune-desio.0", "comune-rho.0", "comune-rho.1"]
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["comune-desio", "comune-seveso"]


def test_what_a_task_raises_is_in_no_log(hands, client) -> None:
    def refuses(count):
        raise ArithmeticError(f"{count} famiglie")

    with pytest.raises(ArithmeticError, match="4321 famiglie"):
        list(workers.each(hands, refuses, [(4321,)]))
    with pytest.raises(ArithmeticError):
        hands.submit(refuses, 8765).result()
    logged = str(client.get_worker_logs())
    assert "8765 famiglie" in logged and "4321" not in logged


def test_another_version_on_the_workers_is_refused(client, monkeypatch) -> None:
    from distributed import versions

    known = versions._version_cached

    def other(name):
        return "0.0.9" if name == "needs-analysis" else known(name)

    monkeypatch.setattr(versions, "_version_cached", other)
    with (
        pytest.raises(ParameterError, match=r"ha needs-analysis .*, qui c'è 0\.0\.9\. Installare"),
        workers.connected(client.scheduler.address),
    ):
        pass


def test_no_scheduler_no_worker_and_more_threads_are_one_line_each(
    monkeypatch, command, tmp_path
) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(workers, "_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        # The client of distributed 2026.8 waits for ever for the first word of such a port.
        for address in (f"tcp://127.0.0.1:{port}", "tcp://127.0.0.1:1", "altro"):
            with (
                pytest.raises(ParameterError, match="nessuno scheduler"),
                workers.connected(address),
            ):
                pass
        wrong = command("atlas", "comune:Rho", "--cluster", f"tcp://127.0.0.1:{port}", cwd=tmp_path)
    assert wrong.returncode == 2 and wrong.stderr.count("\n") == 1
    assert "nessuno scheduler di Dask risponde" in wrong.stderr
    words = ("atlas", "comune:Rho", "--cluster", "tcp://127.0.0.1:1", "--jobs", "2")
    both = command(*words, cwd=tmp_path)
    assert both.returncode == 2 and "--jobs dice" in both.stderr

    how = {"processes": False, "protocol": "tcp", "dashboard_address": ":0"}
    with LocalCluster(n_workers=0, threads_per_worker=2, **how) as cluster:
        address = cluster.scheduler_address
        with pytest.raises(ParameterError, match="nessun worker"), workers.connected(address):
            pass
        cluster.scale(1)
        cluster.wait_for_workers(1)
        with pytest.raises(ParameterError, match="2 thread"), workers.connected(address):
            pass
