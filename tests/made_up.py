"""A made-up language `qq`: each message is its Italian between brackets, placeholders outside."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from needs_analysis import words
from needs_analysis.words import Voice

LOCALE = Path(words.__file__).parent / "locale"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
_HEADER = b"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def bracketed(message):
    """Return a message whose words stand in brackets and whose placeholders do not."""
    parts = re.split(r"(\{\w+\})", message)
    return "".join(one if PLACEHOLDER.fullmatch(one) else f"[{one}]" for one in parts if one)


def write_catalogue(folder):
    """Write the catalogue of `qq` for all that is extracted."""
    made = Catalog()
    for message in read_po(io.BytesIO((LOCALE / "needs_analysis.pot").read_bytes())):
        if isinstance(message.id, tuple):
            made.add(message.id, tuple(map(bracketed, message.id)), context=message.context)
        elif message.id:
            made.add(message.id, bracketed(message.id), context=message.context)
    buffer = io.BytesIO()
    write_po(buffer, made, omit_header=True)
    folder.mkdir(parents=True)
    (folder / "needs_analysis.po").write_bytes(_HEADER + buffer.getvalue())


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    """The voice of a language that is only a catalogue and a row of rules."""
    folder = tmp_path_factory.mktemp("locale") / "locale"
    shutil.copytree(LOCALE, folder)
    write_catalogue(folder / "qq" / "LC_MESSAGES")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "FOLDER", folder)
        patch.setitem(words.RULES, "qq", words.RULES["it"])
        words._catalogue.cache_clear()
        yield Voice("qq")
    words._catalogue.cache_clear()
