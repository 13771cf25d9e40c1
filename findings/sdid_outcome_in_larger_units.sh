#!/usr/bin/env bash
# sdid 0.4.0: whether a panel can be estimated at all depends on the unit of its
# outcome. In units a hundred times as small it raises "infeasible".
#
# The weights of periods are at least 0 and add up to 1, which some weights always
# do: nothing about the data can make that infeasible. The solver is called on the
# amounts as they are, and its verdict is passed on. A geo test with outcomes in
# currency meets it where the same test in thousands does not. Small amounts change
# the estimate instead: by 3% here for a unit a thousand times as large.
#
# Seen with sdid 0.4.0, cvxpy 1.9.3, CPython 3.12; the estimate in the first unit:
#   outcome x 0.001: -12.5
#   outcome x 1: -12.2
#   outcome x 100: Time weight optimization failed: Optimization failed: infeasible
#   outcome x 100000: Time weight optimization failed: Optimization failed: infeasible
#
# Exits 0 while sdid does this, 1 when it no longer does. Needs CPython 3.10 or later.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "sdid==0.4.0" "synthdid-py==0.1.0" "cvxpy==1.9.3"
cat > "$place/units.py" <<'PY'
from sdid import SyntheticDiffInDiff
from synthdid import load_california_prop99

data = load_california_prop99()
data = data.assign(california=data.State == "California", after=data.Year >= 1989)
for unit in (0.001, 1, 100, 100_000):
    scaled = data.assign(outcome=data.PacksPerCapita * unit)
    try:
        found = SyntheticDiffInDiff(scaled, "outcome", "Year", "State", "california", "after").fit()
        print(f"outcome x {unit}: {found / unit:.1f}")
    except ValueError as error:
        print(f"outcome x {unit}: {error}")
PY
cat > "$place/expected" <<'TXT'
outcome x 0.001: -12.5
outcome x 1: -12.2
outcome x 100: Time weight optimization failed: Optimization failed: infeasible
outcome x 100000: Time weight optimization failed: Optimization failed: infeasible
TXT
"$place/venv/bin/python" "$place/units.py" > "$place/found" 2> "$place/log" || { cat "$place/log"; exit 1; }
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
