"""The TOML files that people write: their lines, what may stand in them, what is said of the rest."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from datetime import date

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from needs_analysis import declarations, toml_files
from needs_analysis.errors import SENTENCES, Refused
from needs_analysis.policies import Policy
from needs_analysis.words import Voice

# --- a file that cannot be read


@pytest.mark.parametrize(
    ("data", "code", "rows"),
    [
        (None, "unreadable", ()),
        (b"a = 1\nb = '\xe8'\n", "no_utf8", (2,)),
        (b"a = 1\nb = x\n", "no_toml", (2,)),
        (b"a = 1\n\na = 2\n", "no_toml", (3,)),
        (b"a = 1\nb = [1,\n2", "no_toml", (3,)),
    ],
)
def test_what_cannot_be_read_is_one_problem_with_its_line(tmp_path, data, code, rows):
    path = tmp_path / "study.toml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(Refused) as error:
        toml_files.read(path)
    (one,) = error.value.problems
    assert (one.code, one.where.file, one.where.rows) == (
        f"toml_files.{code}",
        "study.toml",
        rows,
    )


def test_a_file_of_the_notepad_is_read(tmp_path):
    path = tmp_path / "study.toml"
    path.write_bytes('\ufeffa = "è"\r\nb = 1\r\n'.encode())
    found = toml_files.read(path)
    assert found == {"a": "è", "b": 1} and found.where("b").rows == (2,)


# --- lines

HARD = '''
# a comment = 1
title = "a # b \\" ] = "   # another
"quoted key".inner = 'it''s'
when = 2026-01-01 07:30:00
many = [ 1, # one
  "two ]", [3,
  4],
]
text = """
x = 1 \\""" [y]
""""
[table]
rows = [
  { name = "a", method = { name = "m", high = 1.5 } },

  { name = "b" },
]
[[list]]
name = "first"
[list.inside]
x = 1
[[list]]
name = "second"
[[list.below]]
y = 1
[[list.below]]
y = 2
'''


def places(part, at=()):
    items = part.items() if isinstance(part, dict) else enumerate(part)
    for key, value in items:
        yield (*at, key)
        if isinstance(value, dict | list):
            yield from places(value, (*at, key))


def test_every_key_and_item_has_its_line():
    text = HARD.replace("'it''s'", "'it'")
    found = toml_files.lines_of(text)
    assert found.keys() == set(places(tomllib.loads(text)))
    assert [found[one] for one in (
        ("title",), ("quoted key", "inner"), ("when",), ("many", 1), ("many", 2, 1), ("text",),
        ("table",), ("table", "rows", 0, "method", "high"), ("table", "rows", 1, "name"),
        ("list", 0, "inside", "x"), ("list", 1), ("list", 1, "below", 1, "y"),
    )] == [3, 4, 5, 7, 8, 10, 13, 15, 17, 22, 23, 28]  # fmt: skip


KEYS = st.text(min_size=1, max_size=5)
VALUES = st.recursive(
    st.text(max_size=8) | st.integers(-9, 9) | st.booleans() | st.dates() | st.floats(-2, 2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(st.dictionaries(KEYS, VALUES, max_size=4), st.booleans())
def test_every_key_and_item_of_any_file_has_a_line(table, multiline):
    text = tomli_w.dumps(table, multiline_strings=multiline)
    assert toml_files.lines_of(text).keys() == set(places(tomllib.loads(text)))


# --- what is wrong is said, whatever it is

GOOD = {
    declarations.StudyFile: {
        "study": {"area": "Rho", "lang": "it", "version": "1", "data_until": "2021",
                  "codes_on": "2026-01-01"},
        "parameters": {"x": 1.5},
        "figures": {"rents": "sha256:0"},
        "index": {"name": "x_score"},
        "services": {"register": "a", "key": "k", "period": "2025"},
        "report": {"chapters": ["rents", "x"]},
    },
    declarations.IndexTable: {
        "name": "x_score", "label_it": "", "label_en": "", "screen": "none", "impute": "none",
        "treat": "none", "normalise": {"method": "minmax", "low": 1}, "weight": "given",
        "aggregate": "ampi", "rank_decimals": 1,
        "components": [{"name": "a", "label_it": "", "label_en": "", "parent": "", "weight": 1,
                        "aggregate": "ampi", "weight_method": "pca"}],
        "indicators": [{"name": "b", "parent": "a", "weight": 1, "polarity": 1, "transform": "log",
                        "denominator": "", "goalposts": [0, 1], "reference": 0.5}],
    },
    declarations.ServicesTable: {
        "register": "a", "stays": "b", "key": "k", "period": 2025, "referrals": "c", "survey": "d",
        "measures": "e", "profile": "internal",
    },
    declarations.ThemeFile: {
        "unit": "omi_zone", "title": "", "note": "", "title_it": "", "title_en": "", "note_it": "",
        "note_en": "",
        "indicators": ["rents"], "default": "rents", "palette": ["#000000", "#ffffff"], "classes": 2,
    },
    declarations.QueryFile: {
        "dataflow": "D", "start": 2019, "end": "2023-Q2", "language": "en", "agency": "IT1",
        "version": 1.0, "filters": {"REF_AREA": ["017029"]},
    },
    Policy: {
        "id": "P99", "name": "x", "names": ["y"], "level": "region", "regions": ["Lombardia"],
        "legal_basis": [{"act": "L. 1/2026", "article": ""}], "last_verified": date(2026, 1, 1),
        "certainty": "press", "channel": "x", "opened": "area", "missing": ["x"],
        "funding": [{"since": date(2026, 1, 1), "state": "funded", "note": "x"}],
        "eligibility": [{"case": "a", "measure": "isee", "at_most": "x"}],
        "components": ["A"], "groups": ["street"], "parameters": {"cap": "x"}, "indivisible": True,
    },
}  # fmt: skip
CONTEXT = {"municipality": ("renting_share",), "omi_zone": ("rents",), "chapters": ("rents", "x")}
WRONG = (
    None, "", "x", "rent", "rents", "#FFF", "1+2", "9999", 0, 1, 3, 99, -1, 1.5, float("nan"),
    float("inf"), True, date(2026, 1, 1), [], ["x"], [3], [1, 2, 3], [[]], [{}], {}, {"x": 1},
    {"method": 3},
)  # fmt: skip


def spoilt(table):
    """Yield a table with one thing wrong, for each of its places."""
    for at in [(), *places(table)]:
        for wrong in WRONG:
            yield replaced(table, at, wrong)
        if at:
            yield replaced(table, at, ..., drop=True)
            yield replaced(table, (*at[:-1], "strange" if isinstance(at[-1], str) else 0), 1)
            if isinstance(at[-1], str):
                yield replaced(table, (*at[:-1], f"{at[-1]}e"), 1)


def replaced(part, at, wrong, drop=False):
    if not at:
        return wrong
    own = dict(part) if isinstance(part, dict) else list(part)
    if drop and len(at) == 1:
        del own[at[0]]
    else:
        inner = own.get(at[0]) if isinstance(own, dict) else own[at[0]]
        own[at[0]] = replaced(inner, at[1:], wrong, drop)
    return own


def faults(model: type[BaseModel], table):
    try:
        model.model_validate(table, context=CONTEXT)
    except ValidationError as error:
        return {one["type"] for one in error.errors()}
    return set()


def test_the_six_files_are_all_tried():
    assert len(GOOD) == 6
    for model, table in GOOD.items():
        assert not faults(model, table)


@pytest.mark.parametrize("model", GOOD, ids=lambda one: one.__name__)
def test_every_kind_of_fault_has_words(model):
    english = Voice("en")
    for table in spoilt(GOOD[model]):
        kinds = faults(model, table)
        without = {one for one in kinds if f"declarations.{one}" not in SENTENCES}
        assert not without, f"no words for {without}"
        if not kinds:
            continue
        with pytest.raises(Refused) as error:
            declarations.validated(model, table, context=CONTEXT)
        for one in error.value.problems:
            assert not re.search(r"\{[a-z_]+\}", one.said())
            assert one.said(english) != one.said(), one.code


def test_there_are_no_words_for_what_never_happens():
    met = {kind for model, table in GOOD.items() for one in spoilt(table)
           for kind in faults(model, one)}  # fmt: skip
    ours = {"add_key", "extra_forbidden_near", "indicator_near"}
    declared = {one.partition(".")[2] for one in SENTENCES if one.startswith("declarations.")}
    assert declared == met | ours


def test_what_is_wrong_is_said_at_once_with_its_line_and_the_nearest_name(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(
        "[study]\nare = 'Rho'\n[parameters]\nx = 'a'\n[[index.indicators]]\nname = 'rooms'\n"
        "polarty = 1\n[services]\nregister = 3\n"
    )
    with pytest.raises(Refused) as error:
        declarations.validated(declarations.StudyFile, toml_files.read(path))
    assert [str(one) for one in error.value.problems] == [
        "riga 1: manca «study.area»",
        "riga 2: «study.are» è sconosciuto: forse «area»",
        'riga 4: «parameters.x»: "a" non è un numero',
        "riga 5: manca «index.name»",
        "riga 7: «index.indicators[rooms].polarty» è sconosciuto: forse «polarity»",
        "riga 8: manca «services.key»",
        "riga 8: manca «services.period»",
        "riga 9: «services.register» deve essere un testo tra virgolette",
    ]


@pytest.mark.slow
def test_help_does_not_wait_for_pydantic():
    said = "import sys, needs_analysis.cli, needs_analysis.study; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
