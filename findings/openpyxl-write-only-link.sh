#!/usr/bin/env bash
# In openpyxl 3.1.5 a cell made for one write-only sheet and appended to another keeps value, style, number format and
# comment, and loses its hyperlink without a word: the link is noted on the sheet that the cell was made for, which
# writes only those of its own rows. One would think that a WriteOnlyCell belongs to the row it is appended to, as its
# styles do (the argument is asked for the workbook's sake).
# Cure: make each cell with the sheet that takes it.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'openpyxl==3.1.5'
cat > "$folder/show.py" <<'PY'
import io

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font

book = openpyxl.Workbook(write_only=True)
contents, data = book.create_sheet("indice"), book.create_sheet("dati")
for maker in (contents, data):
    cell = WriteOnlyCell(maker, f"made for {maker.title}")
    cell.hyperlink, cell.font, cell.comment = "https://example.org/", Font(bold=True), Comment("fonte", "x")
    contents.append([cell])
data.append(["x"])
held = io.BytesIO()
book.save(held)
read = openpyxl.load_workbook(held)
for (cell,) in read["indice"]:
    link = cell.hyperlink.target if cell.hyperlink else None
    print(cell.value, "| bold", cell.font.b, "| comment", cell.comment is not None, "| link", link)
print("links in dati:", [cell.coordinate for (cell,) in read["dati"] if cell.hyperlink])
PY
"$folder/env/bin/python" "$folder/show.py" > "$folder/seen"
cat > "$folder/expected" <<'TXT'
made for indice | bold True | comment True | link https://example.org/
made for dati | bold True | comment True | link None
links in dati: []
TXT
cat "$folder/seen"
diff "$folder/expected" "$folder/seen"
