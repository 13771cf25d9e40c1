#!/usr/bin/env bash
# sdid 0.4.0: California's tobacco programme, the example that synthetic
# difference-in-differences was published with, comes out as -12.2 packs instead of -15.6.
#
# Arkhangelsky et al. (2021, American Economic Review 111(12), table 1) report -15.6, and
# so do the authors' R package and its port synthdid-py. `SyntheticDiffInDiff` says
# that it follows the paper. It penalises the weights of units by zeta^2, where the
# paper has zeta^2 times the number of periods before, and the weights of periods by
# the spread between units, where the paper has a millionth of the noise.
#
# Seen with sdid 0.4.0, synthdid-py 0.1.0, cvxpy 1.9.3, CPython 3.12:
#   synthdid-py -15.6
#   sdid -12.2
#
# Exits 0 while sdid does this, 1 when it no longer does. Needs CPython 3.10 or later.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "sdid==0.4.0" "synthdid-py==0.1.0" "cvxpy==1.9.3"
cat > "$place/case.py" <<'PY'
from sdid import SyntheticDiffInDiff
from synthdid import load_california_prop99, panel_matrices, synthdid_estimate

data = load_california_prop99()
panel = panel_matrices(data)
print(f"synthdid-py {float(synthdid_estimate(panel.Y, panel.N0, panel.T0)):.1f}")
data = data.assign(california=data.State == "California", after=data.Year >= 1989)
found = SyntheticDiffInDiff(data, "PacksPerCapita", "Year", "State", "california", "after").fit()
print(f"sdid {found:.1f}")
PY
cat > "$place/expected" <<'TXT'
synthdid-py -15.6
sdid -12.2
TXT
"$place/venv/bin/python" "$place/case.py" > "$place/found" 2> "$place/log" || { cat "$place/log"; exit 1; }
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
