#!/usr/bin/env bash
# An integer model that is unbounded, solved by PuLP 3.3.2 with HiGHS 1.15.1, has the status "Infeasible"; without
# the integers the same model has "Unbounded". HiGHS leaves open which of the two an integer model is
# (kUnboundedOrInfeasible), PuLP takes it for the second, so that a solution that exists is said not to.
# Cure: solve once more without costs; what then has an optimum was unbounded.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'highspy==1.15.1' 'pulp==3.3.2'
cat > "$folder/show.py" <<'PY'
import pulp

for costs, kind in ((1, "Continuous"), (1, "Integer"), (0, "Integer")):
    model = pulp.LpProblem("homes", pulp.LpMaximize)
    built, let = (pulp.LpVariable(name, 0, None, kind) for name in ("built", "let"))
    model += costs * built
    model += built - let == 1
    model.solve(pulp.HiGHS(msg=False))
    found = model.solverModel.getModelStatus().name
    print(f"{kind}, {'costs' if costs else 'no costs'}: PuLP {pulp.LpStatus[model.status]}, HiGHS {found}")
PY
"$folder/env/bin/python" -W ignore "$folder/show.py" > "$folder/seen"
cat > "$folder/expected" <<'TXT'
Continuous, costs: PuLP Unbounded, HiGHS kUnbounded
Integer, costs: PuLP Infeasible, HiGHS kUnboundedOrInfeasible
Integer, no costs: PuLP Optimal, HiGHS kOptimal
TXT
cat "$folder/seen"
diff "$folder/expected" "$folder/seen"
