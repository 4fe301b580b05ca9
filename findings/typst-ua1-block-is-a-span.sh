#!/usr/bin/env bash
# typst 0.15.2 exports a text inside `block[...]` as PDF/UA-1 without a paragraph: its tag is Span, straight under
# the Document, and the export says nothing. `align[...]` and `text[...]` around the same words give P, and so does
# the same block when it holds two paragraphs. Who hears the file with paragraphs only may not be told it is one.
# Cure: `block(par[...])` for a note of one line.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'typst==0.15.2' 'pypdf==7.1.1'
cat > "$folder/show.py" <<'PY'
import io

import typst
from pypdf import PdfReader


def tags(body):
    head = '#set document(title: "Titolo", date: none)\n#set text(lang: "it")\n#title()\n'
    how = {"format": "pdf", "pdf_standards": ["ua-1"], "ignore_system_fonts": True}
    pdf = typst.compile((head + body).encode(), **how)
    seen = []

    def walk(node):
        node = node.get_object() if hasattr(node, "get_object") else node
        for one in node if isinstance(node, list) else []:
            walk(one)
        if isinstance(node, dict):
            seen.append(str(node["/S"])[1:]) if "/S" in node else None
            walk(node.get("/K"))

    walk(PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/StructTreeRoot"]["/K"])
    return " ".join(seen)


for body in (
    "Una nota.", "#align(center)[Una nota.]", "#block[Una nota.]", "#block[Una nota.\n\nUn'altra.]",
    "#block(par[Una nota.])",
):
    print(f"{body!r}: {tags(body)}")
PY
"$folder/env/bin/python" "$folder/show.py" > "$folder/seen"
cat > "$folder/expected" <<'TXT'
'Una nota.': Document Title P
'#align(center)[Una nota.]': Document Title P
'#block[Una nota.]': Document Title Span
"#block[Una nota.\n\nUn'altra.]": Document Title P P
'#block(par[Una nota.])': Document Title P
TXT
cat "$folder/seen"
diff "$folder/expected" "$folder/seen"
