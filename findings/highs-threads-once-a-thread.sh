#!/usr/bin/env bash
# HiGHS 1.15.1 settles how many threads it uses at the first run, for good: a model with another number is not
# run, and by highspy that is a return value, by PuLP 3.3.2 the status "Not Solved" beside an objective and
# values of 0, nothing raised, nothing printed. HiGHS speaks of a "global scheduler", so one would take it for the
# process's; it is the calling thread's, and in a thread of its own the same model is solved.
# Cure: a model that must run whatever ran before runs in a thread of its own; the return of run() is read.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'highspy==1.15.1' 'pulp==3.3.2'
cat > "$folder/show.py" <<'PY'
from concurrent.futures import ThreadPoolExecutor

import highspy
import pulp


def by_highspy(threads):
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", threads)
    model.addVar(3, 9)
    model.changeColCost(0, 1)
    return f"{model.run().name}, {model.getModelStatus().name}, {model.getObjectiveValue():g}"


def by_pulp(threads):
    model = pulp.LpProblem()
    cost = pulp.LpVariable("cost", 3, 9)
    model += cost
    status = model.solve(pulp.HiGHS(msg=False, threads=threads))
    return f"{pulp.LpStatus[status]}, {cost.value():g}"


print("2 threads, highspy:", by_highspy(2))
print("1 thread, highspy:", by_highspy(1))
print("1 thread, PuLP:", by_pulp(1))
with ThreadPoolExecutor(1) as own:
    print("1 thread, PuLP, in a thread of its own:", own.submit(by_pulp, 1).result())
print("2 threads, PuLP:", by_pulp(2))
PY
"$folder/env/bin/python" -W ignore "$folder/show.py" > "$folder/seen"
cat > "$folder/expected" <<'TXT'
2 threads, highspy: kOk, kOptimal, 3
1 thread, highspy: kError, kNotset, 0
1 thread, PuLP: Not Solved, 0
1 thread, PuLP, in a thread of its own: Optimal, 3
2 threads, PuLP: Optimal, 3
TXT
cat "$folder/seen"
diff "$folder/expected" "$folder/seen"
