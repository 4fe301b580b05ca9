#!/usr/bin/env bash
# In pandas 3.1.1 `concat` and `merge` ask whether the `attrs` of their frames are equal and expect one answer: where they
# hold equal arrays, frames that can be put together raise "The truth value of an array ... is ambiguous". A list with the
# same values is fine; so is the very same array, but to `concat` alone, for a dictionary takes what is one object as
# equal and `merge` compares copies. So a note that a reader puts beside its rows (the codes left out, say) breaks code
# far from it that only stacks or joins them, and a test with one shared note may not see it.
# Cure: lists or tuples in attrs, never arrays, indexes or frames.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'pandas==3.1.1' 'numpy==2.4.6'
cat > "$folder/show.py" <<'PY'
import numpy as np
import pandas as pd

def said(stack):
    try:
        return len(stack())
    except Exception as error:
        return type(error).__name__


for kind in (list, np.array):
    shared = kind([1, 2])
    for name, notes in (("one note", [shared, shared]), ("equal notes", [kind([1, 2]), kind([1, 2])])):
        frames = [pd.DataFrame({"code": [code], "n": [1]}) for code in ("001001", "001002")]
        for frame, note in zip(frames, notes):
            frame.attrs["left_out"] = note
        print(kind.__name__, name, "| concat", said(lambda: pd.concat(frames)),
              "| merge", said(lambda: frames[0].merge(frames[1], on="n")))
PY
"$folder/env/bin/python" "$folder/show.py" > "$folder/seen"
cat > "$folder/expected" <<'TXT'
list one note | concat 2 | merge 1
list equal notes | concat 2 | merge 1
array one note | concat 2 | merge ValueError
array equal notes | concat ValueError | merge ValueError
TXT
cat "$folder/seen"
diff "$folder/expected" "$folder/seen"
