#!/usr/bin/env bash
# In distributed 2026.8.0 the executor of a client (`client.get_executor()`) takes a function for pure unless told: calls
# with the same arguments are one task, and each future has the same draw. `concurrent.futures`, whose interface it is,
# runs every call. So a simulation's draws, submitted one by one, are all the first one, without a word.
# Cure: `get_executor(pure=False)`, or a seed among the arguments.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'distributed==2026.8.0'
cat > "$folder/show.py" <<'PY'
import os
from concurrent.futures import ThreadPoolExecutor

from distributed import Client, LocalCluster

if __name__ == "__main__":
    with ThreadPoolExecutor() as own:
        drawn = [one.result() for one in [own.submit(os.urandom, 8) for _ in range(5)]]
        print("threads: different draws", len(set(drawn)))
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster) as client:
        for how in ({}, {"pure": False}):
            pool = client.get_executor(**how)
            drawn = [one.result() for one in [pool.submit(os.urandom, 8) for _ in range(5)]]
            print(f"executor {how}: different draws", len(set(drawn)))
PY
cd "$folder" && env/bin/python show.py > seen
cat > expected <<'TXT'
threads: different draws 5
executor {}: different draws 1
executor {'pure': False}: different draws 5
TXT
cat seen
diff expected seen
