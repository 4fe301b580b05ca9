"""Invented tables in a real PostgreSQL with PostGIS, of the tests' own."""

import os
import signal
import subprocess
import sys
import threading

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pytest
import servers
import shapely

from needs_analysis import study
from needs_analysis.errors import OutputError, ParameterError, Refused
from needs_analysis.reports.render import postgis
from needs_analysis.reports.render.postgis import Described, Server

MARK = "needs-analysis: prova"
HOSTILE = """l'ora "x" \\ ; DROP TABLE a; -- %s {} $1 €"""


@pytest.fixture(scope="module")
def cluster():
    with servers.running() as made:
        yield made


def tables() -> dict[str, pd.DataFrame]:
    square = shapely.box(500_000, 5_000_000, 501_000, 5_001_000)
    both = shapely.MultiPolygon([square, shapely.box(0, 0, 1, 1)])
    places = gpd.GeoDataFrame(
        {
            "municipality_code": ["001001", "015146", "108041"],
            "name": ["", HOSTILE, "a\x00b"],
            "share": [0.25, np.nan, 0.0],
            "count": [1, 2, 3],
            "flag": [True, False, True],
            "kind": pd.Categorical(["01", None, "02"]),
        },
        geometry=[square, both, None],
        crs=32632,
    )
    rows = pd.DataFrame({"municipality_code": ["001001", "001001"], "group": ["a", "b"]})
    return {"places": places, "rows": rows.assign(band=["", None])}


def described(made=None) -> dict[str, Described]:
    keys = {"places": ("municipality_code",), "rows": ("municipality_code", "group")}
    return {
        name: Described(
            f"{HOSTILE} {name}",
            keys[name],
            {"geom" if one == "geometry" else one: f"{one}: {HOSTILE}" for one in table},
        )
        for name, table in (made or tables()).items()
    }


def write(cluster, made=None, schema="prova", mark=MARK, **where) -> None:
    made = made or tables()
    Server(cluster.url(**where)).write(schema, mark, made, described(made), "detto")


def asked(cluster, question, *values):
    with psycopg.connect(cluster.url()) as connection:
        return connection.execute(question, values).fetchall()


# ---- what stands in the tables


@pytest.mark.desk
def test_what_is_missing_is_null_and_an_empty_text_stays_one(cluster):
    write(cluster)
    found = asked(cluster, "SELECT municipality_code, name, share, count, flag, kind FROM prova.places "
                  "ORDER BY 1")  # fmt: skip
    assert found == [
        ("001001", "", 0.25, 1, True, "01"),
        ("015146", HOSTILE, None, 2, False, None),
        ("108041", "a\ufffdb", 0.0, 3, True, "02"),
    ]
    assert asked(cluster, 'SELECT band FROM prova.rows ORDER BY "group"') == [("",), (None,)]


@pytest.mark.desk
def test_geometries_have_their_system_their_kind_and_an_index(cluster):
    write(cluster)
    shapes = "SELECT GeometryType(geom), ST_SRID(geom), ST_Area(geom) FROM prova.places ORDER BY 3"
    assert asked(cluster, shapes) == [
        ("MULTIPOLYGON", 32632, 1e6),
        ("MULTIPOLYGON", 32632, 1_000_001.0),
        (None, None, None),
    ]
    kinds = asked(cluster, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'prova' ORDER BY 1")
    said = "\n".join(one for (one,) in kinds)
    assert "USING gist (geom)" in said
    assert "USING btree (municipality_code)" in said
    assert 'USING btree (municipality_code, "group")' in said


@pytest.mark.desk
def test_every_table_and_column_has_a_comment_and_hostile_text_is_text(cluster):
    write(cluster)
    found = asked(
        cluster,
        "SELECT c.relname, a.attname, col_description(c.oid, a.attnum), obj_description(c.oid) "
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON "
        "n.oid = c.relnamespace WHERE n.nspname = 'prova' AND a.attnum > 0 AND c.relkind = 'r' "
        "AND NOT a.attisdropped",
    )
    assert len(found) == 7 + 3
    for table, column, said, of_table in found:
        name = "geometry" if column == "geom" else column
        assert (said, of_table) == (f"{name}: {HOSTILE}", f"{HOSTILE} {table}")
    (of_schema,) = asked(cluster, "SELECT obj_description('prova'::regnamespace)")
    assert of_schema == (f"{MARK}\ndetto",)


# ---- again


@pytest.mark.desk
def test_a_second_time_takes_the_place_of_the_first_and_leaves_what_others_made(cluster):
    write(cluster, schema="due")
    with psycopg.connect(cluster.url()) as connection:
        connection.execute("CREATE TABLE due.mine AS SELECT 1 AS one")
    made = tables()
    made["places"] = made["places"].iloc[:1]
    write(cluster, made, schema="due")
    assert asked(cluster, "SELECT count(*) FROM due.places") == [(1,)]
    assert asked(cluster, "SELECT one FROM due.mine") == [(1,)]


@pytest.mark.desk
def test_killed_half_way_the_tables_before_stay(cluster):
    write(cluster, schema="tre")
    code = f"""
import os, signal, sys
sys.path[:0] = {sys.path!r}
import test_postgis as t
from needs_analysis.reports.render import postgis
made = t.tables()
made["places"] = made["places"].iloc[:1]
before = postgis._write_table
def write(connection, place, table, described, home):
    if "band" in table:
        os.kill(os.getpid(), signal.SIGKILL)
    before(connection, place, table, described, home)
postgis._write_table = write
postgis.Server(sys.stdin.read()).write("tre", t.MARK, made, t.described(made))
"""
    here = os.path.dirname(__file__)
    ended = subprocess.run(
        [sys.executable, "-c", code], input=cluster.url(), text=True, check=False, timeout=120,
        env=os.environ | {"PYTHONPATH": here}, capture_output=True,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert asked(cluster, "SELECT count(*) FROM tre.places") == [(3,)]
    assert asked(cluster, "SELECT count(*) FROM tre.rows") == [(2,)]


# ---- what goes wrong


@pytest.mark.desk
@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"secret": "sbagliata-davvero"}, "non lascia entrare"),
        ({"base": "nessuno"}, "non lascia entrare"),
        ({"base": "bare"}, "CREATE EXTENSION postgis"),
        ({"user": "reader"}, "GRANT CREATE"),
    ],
)
def test_what_the_server_refuses_is_said_with_its_cure_and_without_the_address(
    cluster, where, said
):
    with pytest.raises(OutputError) as caught:
        Server(cluster.url(**where)).check("altro", MARK)
    assert_said(caught.value, said, cluster)


def assert_said(error, said, cluster):
    text = str(error)
    assert said in text
    for part in (cluster.secret, str(cluster.port), "127.0.0.1", "sbagliata"):
        assert part not in text
    assert error.__cause__ is None and (error.__suppress_context__ or error.__context__ is None)
    assert len(error.problems) == 1 and error.cure


@pytest.mark.desk
def test_looking_whether_a_study_would_be_taken_leaves_nothing(cluster):
    Server(cluster.url()).check("vuoto", MARK)
    assert asked(cluster, "SELECT to_regnamespace('vuoto')") == [(None,)]


@pytest.mark.desk
def test_a_server_that_does_not_answer_and_a_database_that_is_not_the_studys(cluster):
    with pytest.raises(OutputError) as caught:
        Server("postgresql://boss:segreta@127.0.0.1:1/good").check("altro", MARK)
    assert "non risponde" in str(caught.value) and "segreta" not in str(caught.value)
    write(cluster, schema="quattro")
    with pytest.raises(OutputError, match="non è di questo studio") as caught:
        write(cluster, schema="quattro", mark="needs-analysis: altro")
    assert_said(caught.value, "quattro", cluster)
    with pytest.raises(OutputError, match="non è di questo studio"):
        write(cluster, schema="public")


@pytest.mark.desk
def test_what_hangs_on_the_tables_or_holds_them_is_said_and_they_stay(cluster, monkeypatch):
    write(cluster, schema="cinque")
    monkeypatch.setattr(postgis, "_WAITS", "200ms")
    with psycopg.connect(cluster.url()) as holding:
        holding.execute("SELECT * FROM cinque.places")
        with pytest.raises(OutputError) as caught:
            write(cluster, schema="cinque")
    assert_said(caught.value, "in uso", cluster)
    with psycopg.connect(cluster.url()) as connection:
        connection.execute("CREATE VIEW cinque.mine AS SELECT * FROM cinque.places")
    with pytest.raises(OutputError) as caught:
        write(cluster, schema="cinque")
    assert_said(caught.value, "dipendono", cluster)
    assert asked(cluster, "SELECT count(*) FROM cinque.mine") == [(3,)]


@pytest.mark.desk
def test_two_at_once_write_one_after_the_other(cluster):
    wrong: list[Exception] = []

    def once() -> None:
        try:
            write(cluster, schema="sei")
        except Refused as error:
            wrong.append(error)

    both = [threading.Thread(target=once) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert wrong == []
    assert asked(cluster, "SELECT count(*) FROM sei.places") == [(3,)]


@pytest.mark.parametrize("url", ["mysql://a:segreta@b/c", "segreta", "host=a password=segreta", ""])
def test_what_is_no_address_of_postgresql_is_refused_without_being_said(url):
    with pytest.raises(ParameterError, match="postgresql://UTENTE") as caught:
        Server(url)
    assert "segreta" not in str(caught.value)


def test_an_address_that_cannot_be_read_is_not_said_either():
    with pytest.raises((ParameterError, OutputError)) as caught:
        Server("postgresql://boss:seg%zzreta@[::1:5432/x?nome=segreta").check("a", MARK)
    assert "seg" not in str(caught.value)
    assert "segreta" not in repr(Server("postgresql://boss:segreta@b/c"))


def test_without_its_package_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(postgis, "find_spec", lambda _: None)
    with pytest.raises(ParameterError, match=r"needs-analysis\[postgis\]"):
        Server("postgresql://b/c")


# ---- a whole study


@pytest.mark.desk
@pytest.mark.whole
def test_a_study_stands_in_the_database_as_in_its_geopackage_and_says_no_secret(
    cluster, command, tmp_path
):
    said = command(
        "brief", "comune:Lirio", "--out", "out", "--postgis", cluster.url(), cwd=tmp_path
    )
    assert said.returncode == 0, said.stderr
    out = tmp_path / "out"
    for file in (one for one in out.rglob("*") if one.is_file()):
        content = file.read_bytes()
        assert cluster.secret.encode() not in content and str(cluster.port).encode() not in content
    assert cluster.secret not in said.stdout + said.stderr
    for layer, key in (
        ("municipalities", "municipality_code"), ("bisogno", '"group"'), ("codebook", "name"),
        ("sources", "id"),
    ):  # fmt: skip
        kept = gpd.read_file(out / "data.gpkg", layer=layer)
        names = [one for one in kept if one != "geometry"]
        listed = ", ".join(f'"{one}"' for one in names)
        rows = asked(
            cluster, f'SELECT {listed} FROM comune_lirio.{layer} ORDER BY {key} COLLATE "C"'
        )
        there = pd.DataFrame(rows, columns=names)
        ordered = kept[names].sort_values(key.strip('"')).reset_index(drop=True)
        for name in names:
            assert there[name].isna().equals(ordered[name].isna()), name
            assert there[name].dropna().tolist() == ordered[name].dropna().tolist(), name
    (none,) = asked(
        cluster,
        "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE "
        "c.relnamespace = 'comune_lirio'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND "
        "coalesce(col_description(c.oid, a.attnum), '') = ''",
    )
    assert none == (0,)
    (about,) = asked(
        cluster,
        "SELECT col_description('comune_lirio.municipalities'::regclass, attnum) FROM pg_attribute "
        "WHERE attrelid = 'comune_lirio.municipalities'::regclass AND attname = 'low_income_share'",
    )
    assert about == (
        "Dichiaranti fino a 10.000 euro. Unità: quota: 1 è il 100 %. Fonte: Ministero dell'Economia e "
        "delle Finanze - Dipartimento delle Finanze. Data: 2021. Qualità: osservato (1).",
    )


@pytest.mark.desk
def test_a_database_that_refuses_leaves_no_folder_behind(cluster, tmp_path):
    with pytest.raises(OutputError, match="CREATE EXTENSION"):
        study.run(study.Study("comune:Lirio"), tmp_path / "out", postgis=cluster.url("bare"))
    assert not (tmp_path / "out").exists()
