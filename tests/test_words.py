"""Words stand in one place: every sentence in a catalogue, every language behind a voice."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from made_up import PLACEHOLDER

from needs_analysis import words
from needs_analysis.words import ITALIAN, NN_, Voice, languages, voices

PACKAGE = Path(words.__file__).parent
ROOT = PACKAGE.parent
FORMS = NN_("{count} servizio", "{count} servizi")


def catalogue(language):
    path = PACKAGE / "locale" / language / "LC_MESSAGES" / "needs_analysis.po"
    return read_po(io.BytesIO(path.read_bytes()), locale=language)


TRANSLATED = [one for one in languages() if one != words.SOURCE]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_says_everything_and_its_header_the_forms(language):
    found = catalogue(language)
    header = dict(found.mime_headers)
    assert "nplurals" in header["Plural-Forms"]
    for message in found:
        if not message.id:
            continue
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(forms), message.id
        if isinstance(message.id, tuple):
            assert len(forms) == found.num_plurals, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_placeholders_of_its_sentence(language):
    wrong = []
    for message in catalogue(language):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        known = {name for one in ids for name in PLACEHOLDER.findall(one)}
        # An English definition may be shorter than the Italian: it names no other value.
        wrong += [one for one in forms if not set(PLACEHOLDER.findall(one)) <= known]
    assert wrong == []


@pytest.mark.parametrize("voice", voices(), ids=lambda voice: voice.language)
def test_none_one_two_and_a_million_are_counted(voice):
    singular = {n for n in (0, 1, 2, 1_000_000) if voice.plural(*FORMS, n) == one_of(voice, n)}
    assert singular == {1}
    assert voice.plural(*FORMS, 1_000_000).startswith(voice.number(1_000_000))


def one_of(voice, number):
    """The form for a single thing, whatever the number."""
    singular = voice.plural(*FORMS, 1)
    return singular.replace("1", voice.number(number), 1)


def test_english_counts_in_english():
    said = [Voice("en").plural(*FORMS, n) for n in (0, 1, 2, 1_000_000)]
    assert said == [
        "0 services",
        "1 service",
        "2 services",
        "1,000,000 services",
    ]


def test_what_is_extracted_is_what_is_committed_and_babel_warns_of_nothing(tmp_path):
    """The command of `make words`, into another file."""
    text = (ROOT / "Makefile").read_text("utf-8")
    (line,) = re.findall(r"^EXTRACT = (.*)$", text, flags=re.MULTILINE)
    command = [str(Path(sys.executable).with_name("pybabel")), *line.split(), "-o"]
    target = tmp_path / "needs_analysis.pot"
    done = subprocess.run([*command, str(target), "."], cwd=ROOT, capture_output=True, text=True)
    assert "warning" not in done.stderr.lower(), done.stderr
    assert target.read_bytes() == (PACKAGE / "locale" / "needs_analysis.pot").read_bytes()


# The labels of ISTAT's answers come in two languages, which a query names: keys of theirs.
ALLOWED = {
    "words.py", "cli/main.py", "cli/data.py", "cli/services.py", "cli/output.py",
    "fetch/istat_sdmx.py", "declarations.py",
}  # fmt: skip


def test_only_words_and_the_command_line_mention_a_language():
    """A language is a text "it" or "en", or a comparison with a voice's language."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.relative_to(PACKAGE).as_posix() in ALLOWED:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in ("it", "en"):
                found.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
            if isinstance(node, ast.Compare) and getattr(node.left, "attr", "") == "language":
                found.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert found == []


def test_a_language_needs_a_catalogue_and_a_row_of_rules(made_up):
    assert languages() == (words.SOURCE, *TRANSLATED, "qq")
    assert made_up.say("riga {row}", row=3) == "[riga ]3"
    assert made_up.plural(*FORMS, 2) == "2[ servizi]"
    assert ITALIAN.plural(*FORMS, 2) == "2 servizi"
