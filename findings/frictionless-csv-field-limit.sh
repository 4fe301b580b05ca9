#!/usr/bin/env bash
# frictionless 5.21.0 lifts the limit of the csv module (131,072 letters a field) for the whole process: not on being
# imported, but with the first CSV that it validates, and for good. A reader elsewhere that leans on csv.Error to
# refuse a file that is no table takes it from then on. Cure: look at the length of fields oneself.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'frictionless==5.21.0'
cat > "$folder/show.py" <<'PY'
import csv
from pathlib import Path


def read():
    try:
        return f"{len(next(csv.reader(['x' * 200_000]))[0])} letters read"
    except csv.Error as error:
        return str(error)


print("before:", csv.field_size_limit(), read())
import frictionless

print("imported:", csv.field_size_limit(), read())
Path("table.csv").write_text("code,rent\n108033,7.23\n")
assert frictionless.validate("table.csv").valid
print("validated:", csv.field_size_limit(), read())
PY
(cd "$folder" && env/bin/python -W ignore show.py) > "$folder/seen"
cat > "$folder/expected" <<'TXT'
before: 131072 field larger than field limit (131072)
imported: 131072 field larger than field limit (131072)
validated: 2147483646 200000 letters read
TXT
cat "$folder/seen"
diff "$folder/expected" "$folder/seen"
