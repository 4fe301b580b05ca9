#!/usr/bin/env bash
# openpyxl 3.1.5 reads a workbook with the parser of defusedxml 0.7.1 as soon as that package is installed, asked for or
# not; it never says so, and the parser is the one written in Python, because defusedxml leaves the C accelerator out. The
# same workbook costs one and a half times the processor's time and more. A requirement added for safety elsewhere (any XML of a user's)
# slows every large table of the same environment. Cure: hand the sheet to a parser in C where its XML was looked at before.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'openpyxl==3.1.5'
cat > "$folder/show.py" <<'PY'
import resource
import sys

import openpyxl
from openpyxl.worksheet import _reader

if sys.argv[1:] == ["write"]:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in range(20_000):
        sheet.append([f"{row:06d}", *range(12)])
    book.save("table.xlsx")
    sys.exit()
before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
rows = sum(1 for _ in openpyxl.load_workbook("table.xlsx", read_only=True).active.iter_rows())
spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
print(rows, "rows,", f"{spent:.2f} s, parser of {_reader.iterparse.__module__}")
PY
cd "$folder"
env/bin/python show.py write
env/bin/python show.py | tee alone
env/bin/pip install --quiet --disable-pip-version-check 'defusedxml==0.7.1'
env/bin/python show.py | tee beside
env/bin/python - <<'PY'
import re
from pathlib import Path

alone, beside = (Path(name).read_text() for name in ("alone", "beside"))
assert "parser of xml.etree.ElementTree" in alone, alone
assert "parser of defusedxml" in beside, beside
seconds = [float(re.search(r"([\d.]+) s", text)[1]) for text in (alone, beside)]
print("times as long:", "1.5 and more" if seconds[1] >= 1.5 * seconds[0] else seconds)
assert seconds[1] >= 1.5 * seconds[0]
PY
