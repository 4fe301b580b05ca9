#!/usr/bin/env bash
# In typst 0.15.2 a numbering function that says `context` itself gives a heading one number where it stands and
# another in the outline: an annex that is "A" in the text is "1" in the contents, for the state is read at the
# outline's place. Without the word, the same function reads the state at the heading in both. One would think that
# `context` is what makes a state readable, and that without it the compiler refuses.
# Cure: no `context` in a numbering function, or `numbering:` on each heading.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'typst==0.15.2' 'pypdf==7.1.1'
cat > "$folder/show.py" <<'PY'
import io
import re

import typst
from pypdf import PdfReader

SOURCE = """
#let annex = state("annex", false)
#set text(lang: "it", hyphenate: false)
#set heading(numbering: (..at) => WORD if annex.get() { numbering("A", ..at) } else { numbering("1", ..at) })
#outline(title: none)
= Bisogno
#annex.update(true)
#counter(heading).update(0)
= Fonti
"""
for word in ("context", ""):
    source = SOURCE.replace("WORD", word).encode()
    pdf = typst.compile(source, format="pdf", ignore_system_fonts=True)
    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    said = [re.sub(r"[ .]*\d$", "", line.strip()) for line in text.splitlines()]
    print(f"{word or 'without'}: contents {said[:2]}, headings {said[2:]}")
PY
"$folder/env/bin/python" "$folder/show.py" > "$folder/seen"
cat > "$folder/expected" <<'TXT'
context: contents ['1 Bisogno', '1 Fonti'], headings ['1 Bisogno', 'A Fonti']
without: contents ['1 Bisogno', 'A Fonti'], headings ['1 Bisogno', 'A Fonti']
TXT
cat "$folder/seen"
diff "$folder/expected" "$folder/seen"
