"""All files of a delivery together: nothing small is said in any, nor worked out of all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import plan_books
import pytest
import servers
from need_counts import filled

from needs_analysis import study
from needs_analysis.disclosure import Rules
from needs_analysis.figures import Quality
from needs_analysis.needs.files import NeedFiles
from needs_analysis.plans import draft
from needs_analysis.policies.files import PolicyFiles
from needs_analysis.reports import content, open_data
from needs_analysis.reports.chapters import need_map
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import WORDS, Briefing, Chapter, Table, number, numbers
from needs_analysis.reports.render import docx, geodata, html, pdf, workbook
from needs_analysis.reports.render.postgis import Described, Server
from needs_analysis.services import create_key, write_filled
from needs_analysis.services.files.inputs import ServiceFiles
from needs_analysis.services.files.schema import Period, empty
from needs_analysis.study.plans import find_plan
from needs_analysis.told import publish
from needs_analysis.words import ITALIAN

from . import delivered, small_network
from .test_deliveries import ROWS

pytestmark = pytest.mark.slow

DAY = dt.date(2026, 6, 30)
SOVICO, CARATE, LISSONE = "108041", "108015", "108028"
GROUP = "foreclosure"
COUNTED = [(SOVICO, 3), (CARATE, 12), (LISSONE, 31)]


def declared(folder: Path):
    """Return a study of services, counts and measures, each with small ones, and the measures."""
    create_key(folder / "chiave")
    book = small_network.write(
        folder / "dati", small_network.register(), small_network.stays(STAYS)
    )
    services = ServiceFiles({"register": book, "stays": book}, folder / "chiave", Period.year(2025))
    rows = [{"municipality_code": one, "count": many, "day": DAY} for one, many in COUNTED]
    own = filled(folder, **{GROUP: rows})
    measures = empty("measures").reindex(range(3)).assign(
        measure_name=["Contributo affitto", "Morosità incolpevole", "Protocollo sfratti"],
        administration_name=["Sovico", "Lissone", "Lissone"], year=2025.0,
        applications=[40.0, 9.0, 12.0], beneficiaries=[22.0, 2.0, 6.0], budget_eur=[9e4, 4e4, 1e4],
    )  # fmt: skip
    (existing,) = write_filled(folder / "misure", {"measures": measures})
    asked = study.Study(
        "ambito:Carate Brianza", chapters=("bisogno", "misure", "servizi"), services=services,
        needs=NeedFiles(own), policies=PolicyFiles(as_of=DAY, existing=existing), day=DAY,
    )  # fmt: skip
    return asked, measures


# In one ambito three left well, of twelve.
STAYS = [
    *ROWS, *small_network.times(3, "B1", "clearance", "2025-01-10", "2025-05-02", "autonomous_rent"),
    *small_network.times(9, "B1", "street", "2025-02-01", "2025-04-01", "street"),
]  # fmt: skip
DOCUMENTS = ("index.html", "briefing.docx", "briefing.pdf", "tables.xlsx")
DATA = ("data.gpkg", "data.parquet")


def document_of(name: str, briefing: Briefing, known: Briefing, folder: Path) -> delivered.Numbers:
    """Write a document in one of its forms and read it again, by what is known of its rows."""
    path, tables = folder / name, [*known.sheets]
    keys = [key for one in tables + [*delivered.tables_of(known)] for row in delivered.keys_of(one)
            for key in row]  # fmt: skip
    match name:
        case "index.html":
            path.write_text(html.page(briefing), "utf-8")
            return delivered.of_page(path)
        case "briefing.docx":
            docx.write_docx(briefing, path)
            return delivered.of_word(path, keys)
        case "briefing.pdf":
            pdf.write_pdf(briefing, path)
            return delivered.of_paper(path, known)
    workbook.write(briefing.sheets, path, title="Prova", voice=briefing.voice)
    return delivered.of_book(path, tables)


def places_of(briefing: Briefing, publication) -> dict[str, delivered.Place]:
    found: dict[str, delivered.Place] = {}
    for one in [*briefing.sheets, *delivered.tables_of(briefing)]:
        found |= delivered.places_of_services(one, publication)
        if one.key.startswith("misure esistenti"):
            found |= delivered.places_of_offices(one)
    return found


@pytest.fixture(scope="module")
def cluster():
    with servers.running() as made:
        yield made


@dataclass(frozen=True)
class Made:
    """A study's documents and data, and all that is read of its files."""

    found: Findings
    briefing: Briefing
    layers: Mapping[str, pd.DataFrame]
    long: pd.DataFrame
    places: Mapping[str, delivered.Place]
    read: delivered.Delivery
    folder: Path

    def document(self, name: str, briefing: Briefing) -> delivered.Counts:
        found = document_of(name, briefing, self.briefing, self.folder)
        return delivered.counts_of(found, self.places | delivered.places_of_need([*found]))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    folder = tmp_path_factory.mktemp("delivery")
    asked, measures = declared(folder)
    found = study.find(asked)
    briefing = content.compose(found)
    data = asked.services.read()
    publication = publish(data.register, data.stays, data.period)
    counted = pd.DataFrame(COUNTED, columns=["municipality_code", "count"]).assign(group=GROUP)
    tables = [
        *(one.internal for one in publication.counts.values()),
        delivered.need_table(counted), *delivered.office_tables(measures),
    ]  # fmt: skip
    # A count that may be told is no secret where no file prints it.
    empty_handed = delivered.Delivery(
        {}, tables, publication.rules, delivered.may_be_told(publication)
    )
    made = Made(found, briefing, open_data.layers(found), open_data.long_form(found),
                places_of(briefing, publication), empty_handed, folder)  # fmt: skip
    files = {name: made.document(name, briefing) for name in DOCUMENTS}
    files |= {name: data_file(name, made.layers, made.long, folder) for name in DATA}
    files |= {"map.html": map_of(found, folder)}
    return replace(made, read=replace(empty_handed, files=files))


def data_file(name, layers, long, folder) -> delivered.Counts:
    path = folder / name
    if name == "data.gpkg":
        geodata.write_geopackage(layers, path)
        return delivered.of_geopackage(path)
    geodata.write_parquet(long, path)
    return delivered.of_parquet(path)


def map_of(found: Findings, folder: Path) -> delivered.Counts:
    study.area_map(found).save(str(folder / "map.html"))
    return delivered.of_map(folder / "map.html")


def test_nothing_small_is_said_or_worked_out_of_all_files_together(made):
    assert len(made.read.audited()) > 2
    for name, counts in made.read.files.items():
        # Each file is read: where it tells a count of the offices it is this one.
        assert counts[delivered.need_place(GROUP, LISSONE)] == 31, name
        assert delivered.need_place(GROUP, SOVICO) not in counts, name
    assert {len(made.read.files[name]) > 30 for name in DOCUMENTS} == {True}


# ---- a leak in any one file is found


# The keys of numbers that are hidden, and what they are: small, or what gives a small one away.
LEAKS = {
    f"{SOVICO}:need_{GROUP}": 3, f"need_{GROUP}:central": 46,
    "misure esistenti:1:beneficiaries": 2, "Servizi esiti:0:positive": 3,
}  # fmt: skip


def put(table: Table, key: str, value: float, voice) -> Table:
    """Print a number where a table hides it."""
    frame, quality = table.frame.copy(), table.quality
    for column in table.columns:
        for row, one in enumerate(table.keys(column)):
            held = [number.key for number in numbers(str(frame[column.name].iloc[row]))]
            if key not in (one, *held[:1]):
                continue
            words = column.unit in WORDS
            frame[column.name] = frame[column.name].astype(object if words else float)
            at = frame.columns.get_loc(column.name)
            frame.iloc[row, at] = str(number(key, value, voice)) if words else float(value)
            if quality is not None and column.name in quality:
                quality = quality.copy()
                quality.iloc[row, quality.columns.get_loc(column.name)] = int(Quality.OBSERVED)
    return replace(table, frame=frame, quality=quality)


def leaking(briefing: Briefing, leaks: Mapping[str, float]) -> Briefing:
    def in_table(table: Table) -> Table:
        for key, value in leaks.items():
            table = put(table, key, value, briefing.voice)
        return table

    def in_chapter(chapter: Chapter) -> Chapter:
        blocks = (in_table(one) if isinstance(one, Table) else one for one in chapter.blocks)
        return replace(chapter, blocks=tuple(blocks))

    chapters, sheets = map(in_chapter, briefing.chapters), map(in_table, briefing.sheets)
    return replace(briefing, chapters=tuple(chapters), sheets=tuple(sheets))


def found_each(delivery: delivered.Delivery, name: str, counts: delivered.Counts) -> int:
    """Hand the auditor one file with one leak after the other; return how many it found."""
    plain = delivery.files[name]
    leaks = {place: count for place, count in counts.items() if plain.get(place) != count}
    for place, count in leaks.items():
        with pytest.raises(delivered.LeakError):
            delivery.with_more(name, {place: count}).audited()
    return len(leaks)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_leak_in_one_document_is_found(made, name):
    counts = made.document(name, leaking(made.briefing, LEAKS))
    assert found_each(made.read, name, counts) == len(LEAKS)


@pytest.mark.parametrize("name", DATA)
def test_a_leak_in_one_file_of_data_is_found(made, name):
    layers, long = leaking_data(made)
    counts = data_file(name, layers, long, made.folder)
    with pytest.raises(delivered.LeakError, match="3"):
        made.read.with_more(name, counts).audited()


def test_a_leak_in_the_map_is_found(made, monkeypatch):
    figures, entries = need_map.map_layers(made.found)
    name, data, quality = f"need_{GROUP}", figures.data.copy(), figures.quality.copy()
    assert np.isnan(data.loc[SOVICO, name])
    data.loc[SOVICO, name], quality.loc[SOVICO, name] = 3.0, int(Quality.OBSERVED)
    leaking = replace(figures, data=data, quality=quality), entries
    monkeypatch.setattr(need_map, "map_layers", lambda _: leaking)
    with pytest.raises(delivered.LeakError, match="3"):
        made.read.with_more("map.html", map_of(made.found, made.folder)).audited()


def leaking_data(made: Made):
    rows, long = made.layers["bisogno"].copy(), made.long.copy()
    hidden = (rows["municipality_code"] == SOVICO) & (rows["group"] == GROUP)
    rows.loc[hidden, ["low", "central", "high"]] = 3.0
    assert hidden.sum() == 1
    hidden = (long["municipality_code"] == SOVICO) & (long["variable"] == f"need_{GROUP}")
    long.loc[hidden, ["low", "value", "high"]] = 3.0
    assert hidden.sum() == 1
    return {**made.layers, "bisogno": rows}, long


@pytest.mark.desk
def test_a_leak_in_the_rows_of_a_database_is_found(made, cluster):
    def written(layers) -> delivered.Counts:
        tables = {"bisogno": layers["bisogno"]}
        columns = dict.fromkeys(tables["bisogno"], "prova")
        said = {"bisogno": Described("prova", ("municipality_code", "group"), columns)}
        Server(cluster.url()).write("prova", "needs-analysis: prova", tables, said, "detto")
        return delivered.of_database(cluster.url(), "prova")

    plain = written(made.layers)
    assert plain == made.read.files["data.gpkg"]
    with pytest.raises(delivered.LeakError, match="3"):
        files = {**made.read.files, "postgis": written(leaking_data(made)[0])}
        replace(made.read, files=files).audited()


def test_a_count_of_many_that_gives_the_few_away_is_found(made):
    """Nine of one service left otherwise than well, of the twelve who left: three left well."""
    place = ("stays", (("outcome", "exit_other"), ("service_code", "B1")))
    assert place not in made.read.told
    counts = {place: 9}
    with pytest.raises(delivered.LeakError, match="si ricava"):
        made.read.with_more("tables.xlsx", counts).audited()


# ---- a plan with the office's own book


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    given = plan_books.tables()
    drafted = draft(plan_books.AREA, "annual", 2027, plan_books.written(folder, **given),
                    as_of=dt.date(2026, 12, 1))  # fmt: skip
    document = content.compose_plan(find_plan(drafted, ITALIAN))
    tables = [*delivered.office_tables(given["measures"]), *delivered.lists(given["applications"])]
    return folder, document, delivered.Delivery({}, tables, Rules.of(), {})


def read_plan(name, folder, document, known) -> delivered.Counts:
    read = document_of(name, document, known, folder)
    places = {}
    for one in [*known.sheets, *delivered.tables_of(known)]:
        if one.key.startswith("misure esistenti"):
            places |= delivered.places_of_offices(one)
    return delivered.counts_of(read, places) | delivered.of_lists(read)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_plan_tells_no_small_list_or_measure_and_a_leak_is_found(plan, name):
    folder, document, delivery = plan
    counts = read_plan(name, folder, document, document)
    assert counts["domande", (("isee_band", "to_3000"), ("size", "1"))] == 31
    plain = replace(delivery, files={name: counts})
    assert len(plain.audited()) >= 3
    leaks = {"misure esistenti:1:beneficiaries": 3, "need_primary_4_to_16000:applications_high": 1}
    counts = read_plan(name, folder, leaking(document, leaks), document)
    assert found_each(plain, name, counts) == len(leaks)
