"""What is handed on is the tree: the sdist, the wheel made of it, a second checkout."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

import pytest

import needs_analysis

ROOT = Path(__file__).parents[1]
WHEEL_BYTES_MOST = 6_000_000
PARTS = ("needs_analysis", "datasets", "maps")


def tracked() -> list[str]:
    """Return what git tracks; without git, all that .gitignore does not name."""
    with suppress(OSError, subprocess.CalledProcessError):
        listing = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"]
        done = subprocess.run(listing, capture_output=True, text=True, check=True)
        return [name for name in done.stdout.split("\0") if name and (ROOT / name).exists()]
    ignored = [one.strip("/") for one in (ROOT / ".gitignore").read_text("utf-8").split()]
    return [
        name
        for name in files(ROOT)
        if not any(fnmatch(part, one) for part in name.split("/") for one in (".git", *ignored))
    ]


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """Copy the tree as it stands: nothing is built in the checkout itself."""
    copy = tmp_path_factory.mktemp("copy") / "tree"
    for name in tracked():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    return copy


def files(folder: Path) -> set[str]:
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}


def python(code: str, *, interpreter: Path | str = sys.executable, cwd: Path, **variables: str):
    """Run some lines in a process of its own and return the lines that it prints."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [interpreter, "-W", "error::ImportWarning", "-c", code],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env=kept | {"PYTHONUTF8": "1"} | variables,
    )
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout.splitlines()


BUILD = "from setuptools import build_meta; print(build_meta.build_{kind}({folder!r}))"


@pytest.fixture(scope="module")
def built(tree, tmp_path_factory) -> tuple[Path, Path]:
    """Make the sdist of the tree, and of the sdist alone the wheel; without network."""
    before, folder = files(tree), tmp_path_factory.mktemp("built")
    sdist = folder / python(BUILD.format(kind="sdist", folder=str(folder)), cwd=tree)[-1]
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    source = folder / sdist.name.removesuffix(".tar.gz")
    assert before <= files(source), "MANIFEST.in leaves out of the sdist what git tracks"
    written = {"PKG-INFO", "setup.cfg"}
    more = {name for name in files(source) - before if ".egg-info/" not in name}
    assert more == written
    return source, folder / python(BUILD.format(kind="wheel", folder=str(folder)), cwd=source)[-1]


@pytest.mark.slow
def test_the_wheel_holds_what_the_tree_holds(tree, built):
    with zipfile.ZipFile(built[1]) as archive:
        held = {one for one in archive.namelist() if ".dist-info/" not in one}
    expected = {
        name if part == "needs_analysis" else f"needs_analysis/{name}"
        for part in PARTS
        for name in (f"{part}/{inside}" for inside in files(tree / part))
        if not name.startswith("maps/") or not name.endswith(".html")
    }
    assert held == expected
    kinds = {Path(name).suffix for name in held}
    expected = {".py", ".po", ".csv", ".parquet", ".toml", ".json", ".j2", ".css", ".js", ".html"}
    assert expected <= kinds
    assert built[1].stat().st_size <= WHEEL_BYTES_MOST


BRIEFS = """
import importlib.metadata, importlib.resources, sys
import needs_analysis
from needs_analysis.reports.findings import trials

print(needs_analysis.__file__)
print(importlib.metadata.version("needs-analysis"))
trials.DRAWS, trials.BASE = 200, 16  # those of conftest: what it kept is found again
(main,) = importlib.metadata.entry_points(group="console_scripts", name="needs-analysis")
for language in ("it", "en"):
    sys.argv = ["needs-analysis", "brief", "comune:Rho", "--lang", language, "--out", language]
    try:
        main.load()()
    except SystemExit as ended:
        assert not ended.code, ended.code
for name, module in sys.modules.items():
    if name.startswith("needs_analysis") and getattr(module, "__file__", None):
        print("from", module.__file__)
"""


@pytest.mark.slow
@pytest.mark.whole
def test_the_wheel_alone_makes_a_briefing_in_two_languages(built, tmp_path):
    # The packages it depends on are lent by the tests' environment, whose own .pth files, among them
    # that of the checkout, are not read: only the folder itself is put on the path.
    venv.create(tmp_path / "empty", with_pip=False)
    scheme = {"base": str(tmp_path / "empty"), "platbase": str(tmp_path / "empty")}
    packages = Path(sysconfig.get_path("purelib", "venv", scheme))
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(packages)
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "lent.pth").write_text("\n".join(lent), encoding="utf-8")
    scripts = Path(sysconfig.get_path("scripts", "venv", scheme))
    said = python(BRIEFS, interpreter=scripts / Path(sys.executable).name, cwd=tmp_path)

    home = packages / "needs_analysis"
    assert said[:2] == [str(home / "__init__.py"), _version(built[0])]
    imported = [Path(line.removeprefix("from ")) for line in said if line.startswith("from ")]
    assert len(imported) > 100
    assert [one for one in imported if not one.is_relative_to(home)] == []
    made = {"index.html", "map.html", "tables.xlsx", "data.gpkg", "data.parquet"}
    made |= {"provenance.json", "study.toml", "briefing.docx", "briefing.pdf", "project.qgz"}
    for language, word in (("it", "famiglie"), ("en", "households")):
        found = files(tmp_path / language)
        charts = {one for one in found if one.startswith("charts/")}
        assert found - charts == made and {one[-4:] for one in charts} == {".png", ".svg"}
        assert word in (tmp_path / language / "index.html").read_text("utf-8")


def _version(source: Path) -> str:
    told = (source / "PKG-INFO").read_text("utf-8").split("\nVersion: ")[1]
    return told.split("\n", 1)[0]


@pytest.mark.slow
def test_the_wheel_has_the_version_and_the_command(built):
    assert needs_analysis.__version__ == _version(built[0])
    with zipfile.ZipFile(built[1]) as archive:
        name = next(one for one in archive.namelist() if one.endswith("entry_points.txt"))
        entry = configparser.ConfigParser()
        entry.read_string(archive.read(name).decode())
    assert dict(entry["console_scripts"]) == {"needs-analysis": "needs_analysis.cli:main"}


def test_the_newest_version_of_the_changelog_is_this_one():
    headings = re.findall(r"^## \[([^]]+)\](.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    version, day = next(one for one in headings if one[0] != "Unreleased")
    assert version == needs_analysis.__version__
    assert re.fullmatch(r" - \d{4}-\d\d-\d\d", day)
    cited = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {needs_analysis.__version__}\n" in cited


READS = """
import needs_analysis
from needs_analysis.reports.maps import theme
from needs_analysis.store import shipped
from needs_analysis.words import ITALIAN

print(needs_analysis.__file__)
print(shipped.table("evictions").set_index("province_abbreviation").loc["MB", "orders"])
print(theme.read_theme("distress", ["rent_to_income_ratio"]).title(ITALIAN))
print(*theme.themes())
"""


@pytest.mark.slow
def test_a_second_checkout_reads_its_own_figures_and_maps(tmp_path):
    # Run with the environment of the first one, whose install points at the first one's folders.
    second = tmp_path / "second"
    for part in PARTS:
        shutil.copytree(ROOT / part, second / part, ignore=shutil.ignore_patterns("__pycache__"))
    figures, map_file = second / "datasets/evictions.csv", second / "maps/distress.toml"
    text = figures.read_text("utf-8")
    changed = text.replace(",710,", ",711,")
    assert changed != text
    figures.write_text(changed, "utf-8")
    map_file.write_text(
        'title = "La mia mappa"\ndefault = "rent_to_income_ratio"\nclasses = 2\n'
        'indicators = ["rent_to_income_ratio"]\npalette = ["#fff3c4", "#7a2c05"]\n',
        "utf-8",
    )
    map_file.with_name("mine.toml").write_text("", "utf-8")
    said = python(READS, cwd=tmp_path, PYTHONPATH=str(second))
    assert said[0] == str(second / "needs_analysis/__init__.py")
    assert float(said[1]) == 711
    assert said[2:] == ["La mia mappa", "clusters distress mine omi_zones"]
