"""A folder that is there already is replaced whole, and by one writer at a time."""

from __future__ import annotations

import os
import threading
import time

import pytest

from needs_analysis.errors import OutputError
from needs_analysis.writing import files

NAMES = [f"file_{letter}" for letter in "abcdef"]


def write(target, words):
    with files.written_whole(target) as folder:
        for name in NAMES:
            folder.joinpath(name).write_text(words)


def held(target):
    return {path.name: path.read_text() for path in target.iterdir()}


def test_if_one_file_cannot_be_replaced_all_stay_as_they_were(tmp_path, monkeypatch):
    target = tmp_path / "out"
    write(target, "old")
    target.joinpath("file_b").unlink()
    target.joinpath("mine").write_text("mine")
    before, replace = held(target), os.replace

    def refuse(source, place):
        # As Windows does with a workbook that is open in Excel.
        if str(source).endswith(os.path.join("out", "file_d")):
            raise PermissionError(13, "in use")
        replace(source, place)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OutputError, match="permesso negato"):
        write(target, "new")
    assert held(target) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_writers_at_once_leave_the_files_of_one(tmp_path, monkeypatch):
    target, replace, failed = tmp_path / "out", os.replace, []

    def slow(source, place):
        time.sleep(0.002)  # time enough for the others to come between
        replace(source, place)

    def run(words):
        try:
            write(target, words)
        except OutputError as error:
            failed.append(error)

    monkeypatch.setattr(os, "replace", slow)
    for turn in range(5):
        writers = [threading.Thread(target=run, args=(f"{turn} {one}",)) for one in range(4)]
        for one in writers:
            one.start()
        for one in writers:
            one.join()
        assert not failed
        assert sorted(held(target)) == NAMES
        assert len(set(held(target).values())) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
