"""What the browser tests say where they cannot run."""

from __future__ import annotations

import subprocess

from .page import lacking


def test_what_the_driver_lacks_is_said_with_its_cure(monkeypatch):
    said = "error while loading shared libraries: libatomic.so.1: cannot open shared object file"
    failed = subprocess.CompletedProcess([], 127, "", said)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    assert "manca libatomic1" in lacking("chromium")
    assert lacking("chromium").endswith("apt install libatomic1")
