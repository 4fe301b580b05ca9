#!/usr/bin/env bash
# frictionless 5.21.0 walks the rows of a Parquet file as pandas gives them, each a series of one type: a row of numbers
# alone is of floats, with NaN for a null. So in a table without a column of text a null in a column declared "integer"
# is a type error of the cell "nan", required or not, and in one declared "number" it passes as a value though the field
# is required. A column of text beside, and the same nulls are told as the same rows in CSV are: the answer on one column
# depends on another.
# Cure: check a Parquet resource by its own schema (type and null count), or hand frictionless a CSV.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
  'frictionless[parquet,pandas]==5.21.0' 'pandas==3.1.1' 'pyarrow==26.0.1'
cat > "$folder/show.py" <<'PY'
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from frictionless import validate

for beside in (["001001", "001002", "001003"], [1001, 1002, 1003]):
    text = isinstance(beside[0], str)
    for kind, values in (("integer", [1, None, 3]), ("number", [1.5, None, 3.5])):
        rows = pa.table({"code": beside, "n": values})
        pyarrow.parquet.write_table(rows, "rows.parquet")
        pyarrow.csv.write_csv(rows, "rows.csv")
        for required in (False, True):
            fields = [{"name": "code", "type": "string" if text else "integer"},
                      {"name": "n", "type": kind, "constraints": {"required": required}}]
            seen = []
            for path in ("rows.csv", "rows.parquet"):
                found = validate({"name": "p", "resources": [
                    {"name": "rows", "path": path, "schema": {"fields": fields}}]})
                seen += [path, [error.type for task in found.tasks for error in task.errors]]
            print("text" if text else "number", "beside:", kind, "required" if required else "optional", *seen)
PY
cd "$folder" && env/bin/python show.py > seen
cat > expected <<'TXT'
text beside: integer optional rows.csv [] rows.parquet []
text beside: integer required rows.csv ['constraint-error'] rows.parquet ['constraint-error']
text beside: number optional rows.csv [] rows.parquet []
text beside: number required rows.csv ['constraint-error'] rows.parquet ['constraint-error']
number beside: integer optional rows.csv [] rows.parquet ['type-error']
number beside: integer required rows.csv ['constraint-error'] rows.parquet ['type-error']
number beside: number optional rows.csv [] rows.parquet []
number beside: number required rows.csv ['constraint-error'] rows.parquet []
TXT
cat seen
diff expected seen
