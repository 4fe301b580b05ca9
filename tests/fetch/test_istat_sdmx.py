"""ISTAT's data warehouse, asked on 127.0.0.1 in the shape its answers have."""

import json
import subprocess
import sys
from urllib.parse import parse_qs, unquote, urlsplit

import pandas as pd
import pytest

from needs_analysis.fetch import istat_sdmx
from needs_analysis.fetch.istat_sdmx import Query, read_query
from needs_analysis.fetch.network import FetchError, Pace

from . import server as web

# Codes of ISTAT: INDICATOR, OWNERSHIP_TYPE ALL and OWN. RENT and OTHER are ours (not published here).
CODES = {
    "FREQ": {"A": ("annuale", "annual")},
    "REF_AREA": {
        "017001": ("Acquafredda", "Acquafredda"),
        "017029": ("Brescia", "Brescia"),
        "017131": ("Paisco Loveno", "Paisco Loveno"),
        "108033": ("Monza", "Monza"),
    },
    "INDICATOR": {
        "NUM_DW_AV": ("abitazioni al 31 dicembre", "conventional dwellings on 31st December"),
        "NUM_OCC_DW_AV": (
            "abitazioni occupate al 31 dicembre",
            "occupied conventional dwellings on 31st December",
        ),
        "NUM_UNOCC_DW_AV": (
            "abitazioni non occupate al 31 dicembre",
            "unoccupied conventional dwellings on 31st December",
        ),
    },
    "OWNERSHIP_TYPE": {
        "ALL": ("tutte le voci", "all items"),
        "OWN": ("proprietà", "ownership"),
        "RENT": ("affitto", "rent"),
        "OTHER": ("altro titolo", "other form of tenure different from ownership, rent"),
    },
    "NUMB_ROOM": {"TOT": ("totale", "total")},
}
# Published figures of the permanent census (occupancy; tenure of 2019).
OCCUPANCY = {
    ("017029", "2019"): (105234, 90986, 14248),
    ("017029", "2021"): (105361, 92284, 13077),
    ("017029", "2023"): (105953, 94259, 11694),
    ("017001", "2019"): (738, 589, 149),
}
TENURE = {("017029", "2019"): (90986, 60771, 25177, 5038), ("017131", "2019"): (90, 89, 1, None)}
DWELLINGS = "DF_DCSS_ABITAZIONI_TV_1"


def cells() -> list[tuple[str, ...]]:
    rows = []
    for (place, year), values in OCCUPANCY.items():
        for indicator, value in zip(CODES["INDICATOR"], values, strict=True):
            rows.append(("A", place, indicator, "ALL", "TOT", year, str(value)))
    for (place, year), values in TENURE.items():
        for tenure, value in zip(CODES["OWNERSHIP_TYPE"], values, strict=True):
            if value is not None and (place, tenure) != ("017029", "ALL"):
                rows.append(("A", place, "NUM_OCC_DW_AV", tenure, "TOT", year, str(value)))
    return rows


def structure(dataflow: str = DWELLINGS) -> bytes:
    """Write a structure message as a service of SDMX 2.1 does, references and all."""
    lists = "".join(
        f'<str:Codelist id="CL_{name}" agencyID="IT1" version="1.0">{_name(name, name)}'
        + "".join(f'<str:Code id="{c}">{_name(*named)}</str:Code>' for c, named in codes.items())
        + "</str:Codelist>"
        for name, codes in CODES.items()
    )
    names = [*CODES, "TIME_PERIOD", "OBS_VALUE"]
    concepts = "".join(f'<str:Concept id="{n}">{_name(n, n)}</str:Concept>' for n in names)
    dimensions = "".join(
        f'<str:Dimension id="{name}" position="{at}">{_concept(name)}<str:LocalRepresentation>'
        f'<str:Enumeration><Ref id="CL_{name}" version="1.0" agencyID="IT1" package="codelist" '
        'class="Codelist"/></str:Enumeration></str:LocalRepresentation></str:Dimension>'
        for at, name in enumerate(CODES, 1)
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<mes:Structure xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
 xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"
 xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">
<mes:Header><mes:ID>x</mes:ID><mes:Test>false</mes:Test>
<mes:Prepared>2026-01-01T00:00:00</mes:Prepared><mes:Sender id="IT1"/></mes:Header>
<mes:Structures>
<str:Dataflows><str:Dataflow id="{dataflow}" agencyID="IT1" version="1.0">
{_name("Abitazioni", "Dwellings")}<str:Structure><Ref id="DCSS_ABITAZIONI_TV" version="1.0"
 agencyID="IT1" package="datastructure" class="DataStructure"/></str:Structure></str:Dataflow>
</str:Dataflows>
<str:Codelists>{lists}</str:Codelists>
<str:Concepts><str:ConceptScheme id="CS" agencyID="IT1" version="1.0">{_name("C", "C")}{concepts}
</str:ConceptScheme></str:Concepts>
<str:DataStructures><str:DataStructure id="DCSS_ABITAZIONI_TV" agencyID="IT1" version="1.0">
{_name("Abitazioni", "Dwellings")}<str:DataStructureComponents>
<str:DimensionList id="DimensionDescriptor">{dimensions}
<str:TimeDimension id="TIME_PERIOD" position="9">{_concept("TIME_PERIOD")}</str:TimeDimension>
</str:DimensionList><str:MeasureList id="MeasureDescriptor"><str:PrimaryMeasure id="OBS_VALUE">
{_concept("OBS_VALUE")}</str:PrimaryMeasure></str:MeasureList>
</str:DataStructureComponents></str:DataStructure></str:DataStructures>
</mes:Structures></mes:Structure>""".encode()


def _name(it: str, en: str) -> str:
    return f'<com:Name xml:lang="it">{it}</com:Name><com:Name xml:lang="en">{en}</com:Name>'


def _concept(name: str) -> str:
    return (
        f'<str:ConceptIdentity><Ref id="{name}" maintainableParentID="CS" '
        'maintainableParentVersion="1.0" agencyID="IT1" package="conceptscheme" class="Concept"/>'
        "</str:ConceptIdentity>"
    )


class Istat:
    """The service: it heeds the key, and like ISTAT's sends a year more than ``endPeriod``."""

    def __init__(self, server: web.Server) -> None:
        self.server, self.rows, self.said = server, cells(), []
        self.labels = False
        self.failures: list[int] = []
        self.body: bytes | None = None
        server.answer = self.answer
        server.asked.clear()

    @property
    def url(self) -> str:
        return f"{self.server.base}/SDMXWS/rest"

    @property
    def paths(self) -> list[str]:
        return [unquote(urlsplit(asked.path).path) for asked in self.server.asked]

    def answer(self, handler: web.Handler) -> bool:
        if self.failures:
            handler.say(self.failures.pop(0))
            return True
        parts = urlsplit(handler.path)
        kind, what, *rest = unquote(parts.path).removeprefix("/SDMXWS/rest/").split("/")
        if kind == "dataflow":
            known = rest[0].startswith("DF_")
            handler.say(200 if known else 404, structure(rest[0]), {"Content-Type": "text/xml"})
        elif self.body is not None:
            handler.say(200, self.body, {"Content-Type": "text/csv"})
        else:
            self.figures(handler, what, rest[0], parse_qs(parts.query))
        return True

    def figures(self, handler: web.Handler, what: str, key: str, asked: dict) -> None:
        fields = [set(filter(None, codes.split("+"))) for codes in key.split(".")]
        if key != "all" and len(fields) != len(CODES):
            handler.say(422, f"expecting {len(CODES)} got {len(fields)}".encode())
            return
        last = str(int(asked.get("endPeriod", ["9998"])[0]) + 1)
        first = asked.get("startPeriod", ["0"])[0]
        agency, dataflow, version = what.split(",")
        rows = [
            (f"{agency}:{dataflow}({version})", *row, "e" if row[5] == "2023" else "", "")
            for row in self.rows
            if first <= row[5] <= last
            and (key == "all" or all(not f or c in f for f, c in zip(fields, row, strict=False)))
        ]
        if not rows:
            handler.say(404, b"NoRecordsFound")
            return
        header = ["DATAFLOW", *CODES, "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "NOTE_REF_AREA"]
        table = pd.DataFrame(rows, columns=header)
        if self.labels:
            for name, codes in CODES.items():
                named = {code: f"{code}: {label[0]}" for code, label in codes.items()}
                table[name] = table[name].map(named)
            table.columns = [f"{n}: nome" if n in CODES else n for n in header]
        text = table.to_csv(index=False, lineterminator="\r\n")
        handler.say(200, text.encode(), {"Content-Type": handler.headers["Accept"]})

    def run(self, query: Query, folder, **how) -> pd.DataFrame:
        self.said.clear()
        how = {"pace": Pace(requests=1000)} | how
        return istat_sdmx.run_query(
            query,
            folder=folder,
            url=self.url,
            report=lambda what: self.said.append(str(what)),
            **how,
        )


@pytest.fixture(scope="module")
def server():
    with web.running() as running:
        yield running


@pytest.fixture
def istat(server):
    return Istat(server)


# --- the query file ------------------------------------------------------------------------


def test_a_query_is_read(tmp_path):
    path = tmp_path / "abitazioni.toml"
    path.write_text(
        'dataflow = "dwellings"\nstart = "2019"\nend = "2023"\nlanguage = "en"\n'
        '[filters]\nREF_AREA = ["017029", "017029", "017001"]\nINDICATOR = "NUM_DW_AV"\n'
    )
    assert read_query(path) == Query(
        DWELLINGS,
        {"REF_AREA": ("017029", "017001"), "INDICATOR": ("NUM_DW_AV",)},
        "2019",
        "2023",
        "en",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "manca «dataflow»"),
        ('dataflow = "a/../b"', '«dataflow»: "a/../b" non è valido'),
        ('dataflow = "D"\ndataflo = "E"', "riga 2: «dataflo» è sconosciuto: forse «dataflow»"),
        ('dataflow = "D"\nstart = "ieri"', 'riga 2: «start»: "ieri" non è un periodo'),
        (
            'dataflow = "D"\nstart = 2023\nend = 2019',
            r"riga 3: «end» \(2019\) viene prima di «start» \(2023\)",
        ),
        ('dataflow = "D"\nlanguage = "fr"', '«language»: "fr" non è fra it, en'),
        ('dataflow = "D"\n[filters]\nREF_AREA = [17029]', "testo tra virgolette, non 17029"),
        (
            'dataflow = "D"\n[filters]\nREF_AREA = ["1+2"]',
            "«filters.REF_AREA»: i codici sono testo",
        ),
        ('dataflow = "D"\n[filters]\nREF_AREA = []', "«filters.REF_AREA»: i codici sono testo"),
        ('dataflow = "D"\nfilters = 3', "«filters» deve essere una tabella"),
        ("dataflow = ", "non è un TOML valido"),
    ],
)
def test_a_query_that_is_badly_written_is_refused(tmp_path, text, says):
    path = tmp_path / "q.toml"
    path.write_text(text)
    with pytest.raises(FetchError, match=says) as error:
        read_query(path)
    assert str(error.value).startswith("q.toml: ")
    assert "\n" not in str(error.value)


def test_a_query_file_that_is_not_there(tmp_path):
    with pytest.raises(FetchError, match="non si può leggere"):
        read_query(tmp_path / "q.toml")


# --- the answer ----------------------------------------------------------------------------


def test_a_table_has_labels_beside_its_codes(istat, tmp_path):
    query = Query(DWELLINGS, {"REF_AREA": ("017029",), "OWNERSHIP_TYPE": ("ALL",)})
    table = istat.run(query, tmp_path)
    assert list(table.columns[:4]) == ["freq", "freq_label", "ref_area", "ref_area_label"]
    assert list(table.columns[-3:]) == ["time_period", "value", "obs_status"]
    assert set(table["ref_area_label"]) == {"Brescia"}
    assert table.loc[table["time_period"] == "2019", "value"].tolist() == [105234, 90986, 14248]
    assert table.loc[table["time_period"] == "2023", "obs_status"].unique().tolist() == ["e"]
    assert table.dtypes.drop("value").astype(str).unique().tolist() == ["str"]
    assert istat.paths == [
        f"/SDMXWS/rest/dataflow/IT1/{DWELLINGS}/1.0",
        f"/SDMXWS/rest/data/IT1,{DWELLINGS},1.0/.017029..ALL.",
    ]
    first, second = istat.server.asked
    assert "references=all" in first.path
    assert second.headers["accept"] == "application/vnd.sdmx.data+csv;version=1.0.0"


def test_labels_in_the_other_language(istat, tmp_path):
    query = Query(DWELLINGS, {"OWNERSHIP_TYPE": ("RENT",)}, language="en")
    assert set(istat.run(query, tmp_path)["ownership_type_label"]) == {"rent"}


def test_without_filters_all_is_asked(istat, tmp_path):
    assert len(istat.run(Query(DWELLINGS), tmp_path)) == len(cells())
    assert istat.paths[-1].endswith("/all")


def test_an_answer_that_holds_labels_is_read_the_same(istat, tmp_path):
    plain = istat.run(Query(DWELLINGS), tmp_path / "a")
    istat.labels = True
    pd.testing.assert_frame_equal(istat.run(Query(DWELLINGS), tmp_path / "b"), plain)


def test_the_year_that_istat_adds_is_dropped(istat, tmp_path):
    istat.rows.append(("A", "017029", "NUM_DW_AV", "ALL", "TOT", "2022", "1"))
    table = istat.run(Query(DWELLINGS, start="2021", end="2021"), tmp_path)
    assert set(table["time_period"]) == {"2021"}
    assert parse_qs(urlsplit(istat.server.asked[-1].path).query) == {
        "startPeriod": ["2021"],
        "endPeriod": ["2021"],
    }


def test_a_blank_is_not_zero(istat, tmp_path):
    istat.rows.append(("A", "017131", "NUM_DW_AV", "ALL", "TOT", "2019", ""))
    table = istat.run(Query(DWELLINGS), tmp_path)
    assert table["value"].isna().sum() == 1


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"REF_ARA": ("017029",)}, "la dimensione REF_ARA non esiste, forse REF_AREA"),
        ({"QWX": ("1",)}, r"QWX non esiste \(sono: FREQ, REF_AREA, INDICATOR"),
        ({"REF_AREA": ("17029",)}, r"il codice 17029 non esiste, forse 017029 \(Brescia\)"),
        ({"REF_AREA": ("brescia",)}, r"il codice brescia non esiste, forse 017029 \(Brescia\)"),
        ({"INDICATOR": ("OCC_DW",)}, "INDICATOR: il codice OCC_DW non esiste, forse NUM_OCC_DW_AV"),
        ({"FREQ": ("M", "Q")}, "FREQ: il codice M non esiste; FREQ: il codice Q non esiste"),
    ],
)
def test_filters_are_checked_before_figures_are_asked(istat, tmp_path, filters, says):
    with pytest.raises(FetchError, match=says):
        istat.run(Query(DWELLINGS, filters), tmp_path)
    assert len(istat.paths) == 1  # the structure only


def test_many_codes_are_asked_in_blocks(istat, tmp_path, monkeypatch):
    monkeypatch.setattr(istat_sdmx, "CODES_PER_REQUEST", 2)
    places = ("017001", "017029", "017131", "108033")
    query = Query(DWELLINGS, {"REF_AREA": places[:3], "OWNERSHIP_TYPE": ("ALL",)})
    table = istat.run(query, tmp_path)
    keys = [path.rsplit("/", 1)[-1] for path in istat.paths[1:]]
    assert keys == [".017001+017029..ALL.", ".017131..ALL."]
    assert set(table["ref_area"]) == {"017001", "017029", "017131"}
    # A block without figures (here Monza's) leaves the others.
    more = Query(DWELLINGS, {"REF_AREA": (*places[:2], places[3]), "OWNERSHIP_TYPE": ("ALL",)})
    assert set(istat.run(more, tmp_path)["ref_area"]) == {"017001", "017029"}


def test_no_figures_are_said(istat, tmp_path):
    with pytest.raises(FetchError, match="ISTAT non ha dati per questa richiesta"):
        istat.run(Query(DWELLINGS, {"REF_AREA": ("108033",)}), tmp_path)
    with pytest.raises(FetchError, match="ISTAT non ha questa tavola. Nomi brevi: households"):
        istat.run(Query("ABITAZIONI"), tmp_path)
    istat.rows = [row for row in cells() if row[5] == "2023"]
    with pytest.raises(FetchError, match="nessun dato nel periodo"):
        istat.run(Query(DWELLINGS, end="2022"), tmp_path)


# --- kept answers --------------------------------------------------------------------------


def test_an_answer_is_asked_once(istat, tmp_path):
    first = istat.run(Query(DWELLINGS), tmp_path)
    istat.server.asked.clear()
    again = istat.run(Query(DWELLINGS), tmp_path)
    assert istat.paths == []
    pd.testing.assert_frame_equal(first, again)


def test_a_damaged_copy_is_asked_again(istat, tmp_path):
    istat.run(Query(DWELLINGS), tmp_path)
    (kept,) = tmp_path.glob("*.csv")
    kept.write_bytes(kept.read_bytes()[:-20])
    istat.server.asked.clear()
    assert len(istat.run(Query(DWELLINGS), tmp_path)) == len(cells())
    assert len(istat.paths) == 1
    assert "non è integra" in istat.said[0]


def test_a_revision_is_said_and_the_old_answer_stays(istat, tmp_path):
    istat.run(Query(DWELLINGS), tmp_path)
    (record,) = (p for p in tmp_path.glob("*.json") if "structure" not in p.name)
    record.write_text(json.dumps(json.loads(record.read_text()) | {"retrieved": "2025-03-01"}))
    istat.rows[0] = (*istat.rows[0][:-1], "105235")
    assert istat.run(Query(DWELLINGS), tmp_path)["value"].iloc[0] == 105234
    assert istat.run(Query(DWELLINGS), tmp_path, refresh=True)["value"].iloc[0] == 105235
    (said,) = (line for line in istat.said if line.startswith("Attenzione"))
    assert f"ha rivisto {DWELLINGS}: la risposta del 2025-03-01 resta in" in said
    (old,) = tmp_path.glob("*.2025-03-01.csv")
    assert b",105234," in old.read_bytes()


def test_a_withdrawn_table_stays(istat, tmp_path):
    first = istat.run(Query(DWELLINGS), tmp_path)
    istat.failures = [404, 404]
    again = istat.run(Query(DWELLINGS), tmp_path, refresh=True)
    pd.testing.assert_frame_equal(first, again)
    assert sum(line.startswith("Attenzione: ISTAT non dà più") for line in istat.said) == 2


# --- trouble -------------------------------------------------------------------------------


def test_a_passing_fault_is_met_with_one_more_try(istat, tmp_path):
    istat.failures = [500]
    assert len(istat.run(Query(DWELLINGS), tmp_path)) == len(cells())
    istat.failures = [503, 503]
    with pytest.raises(FetchError, match="ISTAT non risponde.*uno o due giorni"):
        istat.run(Query(DWELLINGS), tmp_path, refresh=True)
    assert istat.failures == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (403, "Non riprovare subito"),
        (429, "Non riprovare subito"),
        (413, "troppo grande"),
        (422, "422"),
    ],
)
def test_a_refusal_is_not_asked_again(istat, tmp_path, code, says):
    istat.failures = [code]
    with pytest.raises(FetchError, match=says):
        istat.run(Query(DWELLINGS), tmp_path)
    assert len(istat.paths) == 1
    assert [p.name for p in tmp_path.iterdir() if p.name != "pace.json"] == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<!DOCTYPE html><html></html>", "con una pagina"),
        (b"", "con una pagina"),
        (b"DATAFLOW,FREQ\nx,A\n", "mancano REF_AREA"),
        (
            b"DATAFLOW,FREQ,REF_AREA,INDICATOR,OWNERSHIP_TYPE,NUMB_ROOM,TIME_PERIOD,OBS_VALUE\n"
            b"x,A,017029,NUM_DW_AV,ALL,TOT,2019,molti\n",
            "'molti' non è un numero",
        ),
        (
            b"DATAFLOW,FREQ,REF_AREA,INDICATOR,OWNERSHIP_TYPE,NUMB_ROOM,TIME_PERIOD,OBS_VALUE\n"
            b"x,A,017029,NUM_D",
            "troncata",
        ),
        (
            b"DATAFLOW,FREQ,REF_AREA,INDICATOR,OWNERSHIP_TYPE,NUMB_ROOM,TIME_PERIOD,OBS_VALUE\n"
            + b"x,A,017029,NUM_DW_AV,ALL,TOT,2019,1\n" * 2,
            "due volte la stessa cella",
        ),
    ],
)
def test_another_answer_is_refused(istat, tmp_path, body, says):
    istat.body = body
    with pytest.raises(FetchError, match=says):
        istat.run(Query(DWELLINGS), tmp_path)


def test_an_answer_too_large_is_broken_off(istat, tmp_path, monkeypatch):
    monkeypatch.setattr(istat_sdmx, "MAX_BYTES", 1000)
    with pytest.raises(FetchError, match="supera"):
        istat.run(Query(DWELLINGS), tmp_path)


def test_a_structure_that_cannot_be_read(istat, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "structure", lambda _: b"<a><b/></a>")
    with pytest.raises(FetchError, match="struttura .* non si legge"):
        istat.run(Query(DWELLINGS), tmp_path)
    assert list(tmp_path.glob("*.xml")) == []


def test_only_https_is_asked(tmp_path):
    with pytest.raises(FetchError, match="non è un indirizzo https"):
        istat_sdmx.run_query(Query(DWELLINGS), folder=tmp_path, url="http://www.example.org/rest")


# --- the pace ------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now, self.slept = 1_000_000.0, []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def pace(self, file=None) -> Pace:
        return Pace(file, clock=lambda: self.now, sleep=self.sleep)


def test_five_requests_a_minute_and_no_more():
    clock = Clock()
    pace, left = clock.pace(), []
    for _ in range(23):
        pace.wait()
        left.append(clock.now)
        clock.now += 0.5
    assert all(b - a >= 60 for a, b in zip(left, left[5:], strict=False))
    assert len(clock.slept) == 4


def test_the_pace_is_kept_from_run_to_run(tmp_path):
    clock = Clock()
    for _ in range(5):
        clock.pace(tmp_path / "pace.json").wait()
        clock.now += 1
    assert clock.slept == []
    said = []
    clock.pace(tmp_path / "pace.json").wait(said.append)
    assert clock.slept == [60.0]
    assert [*map(str, said)] == ["ISTAT accetta 5 richieste al minuto: attendo 60 s"]
    (tmp_path / "pace.json").write_text("{")
    clock.pace(tmp_path / "pace.json").wait()
    assert len(clock.slept) == 1


def test_every_request_is_paced(istat, tmp_path):
    clock = Clock()
    istat.failures = [500]
    istat.run(Query(DWELLINGS), tmp_path, pace=clock.pace(tmp_path / "pace.json"))
    assert len(json.loads((tmp_path / "pace.json").read_text())["times"]) == len(istat.paths) == 3


@pytest.mark.slow
def test_nothing_heavy_is_imported_with_the_module():
    code = (
        "import sys, needs_analysis.fetch.istat_sdmx\n"
        "print([name for name in ('sdmx', 'httpx', 'requests') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
