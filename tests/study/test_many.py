"""Many studies in one go: kept where they are whole, listed where they fail."""

import shutil
from concurrent.futures import BrokenExecutor, Executor, Future

import openpyxl
import pytest

from needs_analysis import study, workers
from needs_analysis.errors import Refused, StudyError
from needs_analysis.study import many
from needs_analysis.words import Voice

from .test_site import Strict


class Inline(Executor):
    """Runs each in this process, or ends before it as a process that was killed."""

    def __init__(self, ends: str = "") -> None:
        self.ends, self.ran = ends, []

    def submit(self, fn, /, *args, **kwargs):
        future: Future = Future()
        self.ran.append(args)
        place = args[2 if len(args) > 3 else 1]
        if self.ends and str(place).endswith(self.ends):
            if isinstance(args[-1], many._Ground):  # killed in the middle of an area
                args[-1].begun(place.name)
                (place.parent / f".{place.name}.x/out").mkdir(parents=True, exist_ok=True)
            future.set_exception(BrokenExecutor())
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def short(area: str, **given) -> study.Study:
    return study.Study(area, chapters=("breve", "fonti"), **given)


@pytest.mark.whole
def test_what_is_done_is_kept_what_fails_is_listed_and_the_others_go_on(tmp_path) -> None:
    asked = [
        short("comune:Rho"), short("comune:Nessuno"),
        study.Study(("015009", "015182"), name="Due <comuni>", chapters=("breve",)),
    ]  # fmt: skip
    said: list[str] = []
    first = study.run_many(asked, tmp_path / "out", Inline("nessuno"), said.append)
    assert first["result"].tolist() == ["made", "failed", "made"]
    assert "finito prima del tempo" in first["cause"][1]
    assert said[-1].startswith("3 di 3")
    # Of who was killed nothing is left in a folder that is handed on.
    assert not [one for one in (tmp_path / "out").iterdir() if one.name.startswith(".")]
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*") if path.is_file()}
    # Half of a folder, or one of other figures, is written again.
    (tmp_path / "out/due-comuni/map.html").write_text("", "utf-8")
    again = study.run_many(asked, tmp_path / "out", Inline())
    assert again["result"].tolist() == ["kept", "failed", "made"]
    assert "nome non trovato" in again["cause"][1]
    after = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*") if path.is_file()}
    assert after == before

    with pytest.raises(StudyError, match="tiene già lo studio di Comune di Rho"):
        study.run(short("comune:Desio"), tmp_path / "out/comune-rho")

    paths = study.write_index(again, tmp_path / "out", "Prova", Voice(), ["Milano"])
    page = paths[0].read_text("utf-8")
    assert Strict(page).wrong == []
    assert '<a href="comune-rho/index.html">Comune di Rho</a>' in page
    assert "Due &lt;comuni&gt;" in page and "nome non trovato" in page and "Milano." in page
    book = openpyxl.load_workbook(paths[1], read_only=True)
    cells = [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
    assert {"Comune di Rho", "Due <comuni>"} <= {*cells}
    assert (tmp_path / "out/comune-rho/index.html").exists()


def test_two_studies_of_one_folder_and_none_are_refused(tmp_path) -> None:
    with pytest.raises(StudyError, match="comune-rho"):
        study.run_many(["comune:Rho", "comune:rho"], tmp_path / "out")
    with pytest.raises(StudyError, match="nessun territorio"):
        study.run_many([], tmp_path / "out")
    with pytest.raises(StudyError, match="almeno uno"):
        study.run_many(["comune:Rho"], tmp_path / "out", jobs=0)
    assert not (tmp_path / "out").exists()


def test_a_long_list_without_a_name_has_a_folder_that_a_disk_takes() -> None:
    codes = [f"015{number:03d}" for number in range(1, 140)]
    one, other = (many.folder_of(study.Study(tuple(chosen))) for chosen in (codes, codes[:-1]))
    assert one.startswith("015001") and len(one.encode()) < 100
    assert one != other


def test_a_fault_of_the_program_is_the_row_of_its_area_alone(tmp_path, monkeypatch) -> None:
    def fault(*_args) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(many.stages, "run", fault)
    outcomes = study.run_many(["comune:Rho"], tmp_path / "out", Inline())
    assert outcomes.loc[0, "cause"] == "errore del programma: ZeroDivisionError"


@pytest.mark.parametrize(
    ("done", "seconds", "said"),
    [(1, 10.0, "mancano 30 secondi"), (3, 3.0, "manca 1 secondo"), (2, 120.0, "mancano 2 minuti")],
)
def test_progress_says_how_long_the_rest_takes(done, seconds, said) -> None:
    assert many.progress("Rho", done, 4, seconds, Voice()) == f"{done} di 4: Rho ({said})"


class Elsewhere(Inline):
    """Runs each where the folder of the client is not, or its figures are not."""

    def __init__(self, lacks: str) -> None:
        super().__init__()
        self.lacks = lacks

    def submit(self, fn, /, *args, **kwargs):
        with pytest.MonkeyPatch.context() as patch:
            if self.lacks == "folder":
                shutil.rmtree(args[3].marks)
            else:
                patch.setattr(many, "_figures", lambda: args[3].figures | {"rents": "1"})
            return super().submit(fn, *args, **kwargs)


@pytest.mark.parametrize(("lacks", "said"), [
    ("folder", "non vede la cartella .*out, .* Indicare con --out"),
    ("figures", r"non ha i dati di qui: rents\. Dare a tutti"),
])  # fmt: skip
def test_who_works_without_the_folder_or_the_figures_ends_the_work(lacks, said, tmp_path) -> None:
    with pytest.raises(StudyError, match=said):
        study.run_many(["comune:Rho"], tmp_path / "out", Elsewhere(lacks))
    assert not (tmp_path / "out").exists()


def test_what_is_handed_out_is_bounded_and_a_cluster_that_is_gone_is_said(monkeypatch) -> None:
    monkeypatch.setattr(workers, "AHEAD", 3)
    executor = Inline()
    for count, (place, value) in enumerate(workers.each(executor, pow, [(n, 2) for n in range(9)])):
        assert value == place**2
        assert len(executor.ran) <= 4 + count

    class Gone(Inline):
        def submit(self, *_args):
            future: Future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with pytest.raises(Refused, match="lo scheduler ha lasciato il lavoro a metà"):
        list(workers.each(Gone(), pow, [(1, 2)]))
    with pytest.raises(Refused, match="finito prima del tempo"):
        list(workers.each(Inline("muore"), pow, [("muore", 2)]))


def test_what_was_written_before_its_worker_died_is_told_as_it_was(tmp_path) -> None:
    ground = many._Ground(tmp_path, {})
    first = ground.begun("comune-rho")
    assert isinstance(first, many.Path)
    first.write_text("made")
    assert ground.begun("comune-rho") == "made"
    assert [isinstance(ground.begun("comune-desio"), many.Path) for _ in range(3)] == [
        True, True, False
    ]  # fmt: skip
