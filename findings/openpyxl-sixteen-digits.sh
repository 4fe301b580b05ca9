#!/usr/bin/env bash
# openpyxl 3.1.5 writes a number with sixteen significant digits: of the shares of a table a quarter come back as another
# double, and a whole number of seventeen digits comes back rounded, with a zero at its end. One would think that a workbook
# holds a double as it is (pandas' `to_excel` hands over the double), and compares tables read again with ==; the CSV
# that pandas writes gives every one of them back.
# Cure: compare with a tolerance of 1e-15, keep a long code as text, hand on figures that must be the same in Parquet.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'openpyxl==3.1.5' 'pandas==3.1.1' 'numpy==2.4.6'
cat > "$folder/show.py" <<'PY'
import io

import numpy as np
import pandas as pd

values = pd.DataFrame({"share": np.random.default_rng(0).random(2000)})
book, text = io.BytesIO(), io.StringIO()
values.to_excel(book, index=False)
values.to_csv(text, index=False)
for name, again in (("workbook", pd.read_excel(book)), ("CSV", pd.read_csv(io.StringIO(text.getvalue())))):
    other = again["share"] != values["share"]
    apart = (again["share"] / values["share"] - 1).abs().max()
    print(f"{name}: {other.sum()} of {len(values)} differ, at most by {'0' if apart == 0 else '1e-15 or less'}")
book = io.BytesIO()
pd.DataFrame({"long": [12345678901234567]}).to_excel(book, index=False)
print("whole number:", repr(pd.read_excel(book, dtype=object)["long"][0]))
PY
"$folder/env/bin/python" "$folder/show.py" > "$folder/seen"
cat > "$folder/expected" <<'TXT'
workbook: 489 of 2000 differ, at most by 1e-15 or less
CSV: 0 of 2000 differ, at most by 0
whole number: 12345678901234570
TXT
cat "$folder/seen"
diff "$folder/expected" "$folder/seen"
