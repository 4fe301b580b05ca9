"""Many studies: a folder an area, one process a core, begun again where it was left."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import needs_analysis
from needs_analysis import store, workers
from needs_analysis.errors import Messages, Problem, Refused, StudyError, wanted
from needs_analysis.figures import wanted_frame, wanted_several
from needs_analysis.provenance import checksum
from needs_analysis.study import finding, origins, stages
from needs_analysis.study.declaration import Study
from needs_analysis.study.finding import Report
from needs_analysis.words import N_, NN_, Voice
from needs_analysis.writing.files import beside, clear_killed, written_whole

if TYPE_CHECKING:
    import pandas as pd

MADE, KEPT, FAILED = "made", "kept", "failed"

problem = Messages(
    "many",
    {
        "no_areas": N_("nessun territorio da scrivere"),
        "twice": N_("più di un territorio andrebbe nella cartella «{folder}»"),
        "jobs": N_("i processi sono almeno uno, non {jobs}"),
        "ended": N_("chi lo scriveva è finito prima del tempo: forse manca la memoria"),
        "ended_twice": N_("chi lo scriveva è finito due volte: forse manca la memoria"),
        "fewer_jobs": N_(
            "Ripetere il comando: riprende da qui. Con meno processi usa meno memoria."
        ),
        "fault": N_("errore del programma: {kind}"),
        "tell_us": N_("Segnalarlo a chi cura il programma, col nome del territorio."),
        "not_shared": N_("{worker} non vede la cartella {folder}, o non può scriverci"),
        "share": N_("Indicare con --out una cartella di un disco comune a tutti i worker."),
        "other_figures": N_("{worker} non ha i dati di qui: {tables}"),
        "same_figures": N_(
            "Dare a tutti la stessa versione e la stessa cartella dei dati (NEEDS_ANALYSIS_DATA), e "
            "ripetere: riprende da qui."
        ),
    },
)
_LEFT = {
    "seconds": NN_("manca {count} secondo", "mancano {count} secondi"),
    "minutes": NN_("manca {count} minuto", "mancano {count} minuti"),
}
_MINUTE = 60
_TIMES = 2  # how often who writes an area may die of it
_AGAIN = 3  # how often an executor may lose it: others may die of what they were to do next


@dataclass(frozen=True)
class Outcome:
    """What became of an area: `result` is `MADE`, `KEPT` (it was there, whole) or `FAILED`.

    `cause` and `cure` are said in the language of its study.
    """

    area: str
    folder: str
    result: str
    cause: str = ""
    cure: str = ""


def run_many(
    areas: Iterable[str | Study],
    out: Path | str,
    executor: Executor | None = None,
    report: Report = lambda _: None,
    *,
    jobs: int | None = None,
) -> pd.DataFrame:
    """Run a study of each area into a folder of its own.

    Parameters
    ----------
    areas : iterable of str or Study
        The words that select each area, or its study.
    out : Path or str
        The folder of the folders. One that holds the same study, whole, made with the same figures
        and version, is kept: what was interrupted goes on where it was.
    executor : concurrent.futures.Executor, optional
        Who runs them, those of a cluster for instance (:func:`needs_analysis.workers.connected`);
        processes of this machine when omitted. It is not shut down. All must see `out`.
    report : callable
        Takes how many are done, and how long the others take.
    jobs : int, optional
        How many processes of this machine; one a core when omitted.

    Returns
    -------
    DataFrame
        A row for each area in the order given: area, folder (its name in `out`), result ("made", "kept",
        "failed"), cause and cure of a failure.

    Raises
    ------
    StudyError
        There is no area, one is there twice or two would share a folder: all are named. Who works does
        not see `out`, or has other figures.
    Refused
        The cluster is gone; what was written is kept.

    Examples
    --------
    >>> from needs_analysis import study
    >>> study.run_many(["ambito:Desio", "comune:Rho"], "out/two")  # doctest: +SKIP
    """
    import pandas as pd

    wanted(out, str, Path)
    if jobs is not None and jobs < 1:
        raise StudyError(problem("jobs", jobs=jobs))
    given = wanted_several(areas, str, Study)
    studies = [one if isinstance(one, Study) else Study(str(one)) for one in given]
    folders = _folders(studies)
    places = [Path(out).absolute() / one for one in folders]  # a worker is elsewhere
    lost = partial(_lost, studies, folders)
    with beside(places[0]) as marks, _executor(executor, jobs, len(studies)) as pool:
        ground = _Ground(marks, _figures())
        asked = ((one, place, ground) for one, place in zip(studies, places, strict=True))
        ended = workers.each(pool, _one, asked, lost, _AGAIN)
        done = dict(_gathered(ended, len(studies), report, studies[0].voice))
        for name in ground.killed():
            clear_killed(places[0].with_name(name))
    rows = [astuple(done[at]) for at in range(len(studies))]
    return pd.DataFrame(rows, columns=[one.name for one in fields(Outcome)])


def write_index(
    outcomes: pd.DataFrame, out: Path | str, title: str, voice: Voice, outside: Sequence[str] = ()
) -> list[Path]:
    """Write the page and the workbook that list the areas of a folder, with what could not be written.

    Parameters
    ----------
    outcomes : DataFrame
        As :func:`run_many` returns it.
    out : Path or str
        The folder of the folders.
    title : str
        What they are together.
    voice : Voice
        The language.
    outside : sequence of str
        Names of municipalities that are in none of the areas.

    Returns
    -------
    list of Path
        The files written: ``index.html`` and ``atlas.xlsx``.
    """
    from needs_analysis.reports import atlas
    from needs_analysis.reports.render import html, workbook

    wanted_frame(outcomes, *(one.name for one in fields(Outcome)))
    out = Path(out)
    failed = outcomes["result"] == FAILED
    made = {one: origins.read(out / one) for one in outcomes.loc[~failed, "folder"]}
    page = atlas.compose(
        made, outcomes.loc[failed, ["area", "cause", "cure"]], outside, title, voice
    )
    with written_whole(out) as folder:
        folder.joinpath("index.html").write_text(html.page(page), "utf-8")
        workbook.write(page.sheets, folder / atlas.TABLES, title=page.title, voice=voice)
    return [out / "index.html", out / atlas.TABLES]


def _folders(studies: Sequence[Study]) -> list[str]:
    """Return the folder of each study; two of one name are refused."""
    if not studies:
        raise StudyError(problem("no_areas"))
    folders = [folder_of(one) for one in studies]
    twice = dict.fromkeys(one for one in folders if folders.count(one) > 1)
    if twice:
        raise StudyError(*(problem("twice", folder=one) for one in twice))
    return folders


def folder_of(asked: Study) -> str:
    """Return the name of the folder of a study.

    Examples
    --------
    >>> folder_of(Study("ambito:Carate Brianza")), folder_of(Study(("015182",), name="Il mio ambito"))
    ('ambito-carate-brianza', 'il-mio-ambito')
    """
    from needs_analysis.territory import slug

    return slug(asked.name or asked.words) or "elenco"


@contextmanager
def _executor(given: Executor | None, jobs: int | None, count: int) -> Iterator[Executor]:
    """Give an executor: the one given, or processes that end with the work."""
    if given is not None:
        yield given
        return
    import multiprocessing

    # Each starts anew: a fork of a process whose libraries have threads may stand still.
    context = multiprocessing.get_context("spawn")
    processes = min(jobs or os.cpu_count() or 1, count)
    pool = ProcessPoolExecutor(processes, mp_context=context)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _gathered(
    ended: Iterable[tuple[int, _Written]], of: int, report: Report, voice: Voice
) -> Iterator[tuple[int, Outcome]]:
    """Give what became of each as it ends, and report how long the others take."""
    started = time.monotonic()
    for count, (at, (outcome, said)) in enumerate(ended, 1):
        for line in said:
            print(line, file=sys.stderr)
        report(progress(outcome.area, count, of, time.monotonic() - started, voice))
        yield at, outcome


def _lost(studies: Sequence[Study], folders: Sequence[str], at: int) -> _Written:
    return _failed(studies[at], folders[at], problem("ended"), "fewer_jobs"), ()


def progress(name: str, done: int, of: int, seconds: float, voice: Voice) -> str:
    """Say how far the work is, and how long the rest takes at the pace so far.

    Examples
    --------
    >>> progress("Desio", 3, 9, 90.0, Voice())
    '3 di 9: Desio (mancano 3 minuti)'
    """
    said = voice.say(
        "{done} di {all}: {name}", done=voice.number(done), all=voice.number(of), name=name
    )
    if done == of:
        return said
    rest = seconds / done * (of - done)
    if rest < _MINUTE:
        return f"{said} ({voice.plural(*_LEFT['seconds'], max(1, round(rest)))})"
    return f"{said} ({voice.plural(*_LEFT['minutes'], round(rest / _MINUTE))})"


@dataclass(frozen=True)
class _Ground:
    """What all who write must share: the figures, and a folder where each marks what it begins.

    A mark is an empty file until its area is written. An executor says only that somebody died, not on
    which area: others were next in line there.
    """

    marks: Path
    figures: Mapping[str, str]

    def check(self) -> None:
        """Refuse to write where the result would not be that of one process, or not be found."""
        worker = platform.node()
        if not os.access(self.marks, os.W_OK | os.X_OK):
            folder = str(self.marks.parent)
            raise StudyError(
                problem("not_shared", worker=worker, folder=folder), cure=problem("share")
            )
        here = _figures()
        other = sorted(dict(here.items() ^ self.figures.items()))
        if other:
            found = problem("other_figures", worker=worker, tables=other)
            raise StudyError(found, cure=problem("same_figures"))

    def begun(self, name: str) -> Path | str | None:
        """Return a new mark, what became of the area where it is written, None where it killed."""
        for time_ in range(_TIMES):
            mark = self.marks / f"{name}.{time_}"
            try:
                mark.touch(exist_ok=False)
                return mark
            except FileExistsError:
                if result := mark.read_text("utf-8"):
                    return result
        return None

    def killed(self) -> set[str]:
        """Return the areas that somebody began and neither wrote nor refused."""
        return {one.stem for one in self.marks.iterdir() if not one.read_text("utf-8")}


def _figures() -> dict[str, str]:
    """Return the checksums of the figures at hand, as files are now, and the program's version."""
    with store.using(store.Selection()):
        return {"needs-analysis": needs_analysis.__version__, **store.tokens()}


_Written = tuple[Outcome, tuple[str, ...]]
"""What became of an area, and what was said meanwhile: a worker's log is not the user's."""


def _one(asked: Study, place: Path, ground: _Ground) -> _Written:
    """Run one study where an executor has it; what goes wrong is a row, the others go on."""
    ground.check()
    mark = ground.begun(place.name)
    if mark is None:
        return _failed(asked, place.name, problem("ended_twice"), "fewer_jobs"), ()
    if isinstance(mark, str):  # the result was lost with who had it
        return Outcome(_label(place), place.name, mark), ()
    said: list[str] = []
    with finding.heard(said.append):
        outcome = _outcome(asked, place)
    if outcome.result == FAILED:
        mark.unlink()
    else:
        mark.write_text(outcome.result, "utf-8")
    return outcome, tuple(said)


def _outcome(asked: Study, place: Path) -> Outcome:
    try:
        if not is_done(asked, place):
            stages.run(asked, place)
            return Outcome(_label(place), place.name, MADE)
        return Outcome(_label(place), place.name, KEPT)
    except Refused as error:
        causes = "; ".join(one.text(asked.voice) for one in error.problems)
        cure = error.cure.text(asked.voice) if error.cure else ""
        return Outcome(asked.name or asked.words, place.name, FAILED, causes, cure)
    except Exception as error:  # a fault of one area does not stop the others
        return _failed(asked, place.name, problem("fault", kind=type(error).__name__), "tell_us")


def _failed(asked: Study, folder: str, cause: Problem, cure: str) -> Outcome:
    name, voice = asked.name or asked.words, asked.voice
    return Outcome(name, folder, FAILED, cause.text(voice), problem(cure).text(voice))


def _label(place: Path) -> str:
    return str(origins.read(place)["area"]["label"])


def is_done(asked: Study, place: Path) -> bool:
    """Say whether a folder holds a study whole, made by this version with the figures at hand.

    What tells of services is never taken for done: what was told before is looked at each time.
    """
    from needs_analysis.territory import find

    if asked.services is not None or not (place / origins.NAME).is_file():
        return False
    try:
        written, before = origins.read(place), Study.read(place / stages.DECLARATION)
        whole = all(
            checksum(place / name) == str(sum_).removeprefix("sha256:")
            for name, sum_ in written["outputs"].items()
        )
    except (Refused, OSError, ValueError, KeyError):
        return False
    area = asked.area if isinstance(asked.area, str) else list(asked.area)
    now = replace(asked.pinned(), area=find(area, asked.codes_on).key)
    if asked.policies is None:  # those of the day on which it was made
        before = replace(before, policies=None)
    return whole and before.made_with == needs_analysis.__version__ and before == now
