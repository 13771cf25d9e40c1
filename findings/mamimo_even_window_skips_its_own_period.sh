#!/usr/bin/env bash
# mamimo 0.4.3: `GeneralGaussianCarryover` with an even window and `tails="right"`
# leaves out the period in which the money was spent.
#
# `tails="right"` is meant for media: an effect now and later, none before. With an odd
# window that is what comes out. With an even one the half that is set to zero reaches
# one place too far and takes the peak with it: spend has no effect at all in its own
# period, and the rest is scaled up to make 1. With `tails="left"` the same shift
# leaves an effect in the period after.
#
# Seen with mamimo 0.4.3 (scikit-learn 1.5.2, the newest minor version that it works
# with), CPython 3.11; spend of 1 in one period, from two periods before to three after:
#   window 5, right: 0.000 0.000 0.574 0.348 0.078 0.000
#   window 4, right: 0.000 0.000 0.000 0.818 0.182 0.000
#   window 6, right: 0.000 0.000 0.000 0.806 0.180 0.015
#   window 5, left: 0.078 0.348 0.574 0.000 0.000 0.000
#   window 4, left: 0.000 0.274 0.452 0.274 0.000 0.000
#
# Exits 0 while mamimo does this, 1 when it no longer does. Needs CPython 3.9 to 3.12.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3.11}" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "mamimo==0.4.3" "scikit-learn==1.5.2" "scipy==1.13.1" "numpy==1.26.4"
cat > "$place/carry.py" <<'PY'
import numpy as np
from mamimo.carryover import GeneralGaussianCarryover

spend = np.zeros((15, 1))
spend[7] = 1
for window, tails in ((5, "right"), (4, "right"), (6, "right"), (5, "left"), (4, "left")):
    effect = GeneralGaussianCarryover(window=window, sig=1, tails=tails).fit_transform(spend)[5:11, 0]
    print(f"window {window}, {tails}: {' '.join(f'{e:.3f}' for e in effect)}")
PY
cat > "$place/expected" <<'TXT'
window 5, right: 0.000 0.000 0.574 0.348 0.078 0.000
window 4, right: 0.000 0.000 0.000 0.818 0.182 0.000
window 6, right: 0.000 0.000 0.000 0.806 0.180 0.015
window 5, left: 0.078 0.348 0.574 0.000 0.000 0.000
window 4, left: 0.000 0.274 0.452 0.274 0.000 0.000
TXT
"$place/venv/bin/python" "$place/carry.py" > "$place/found" 2> "$place/log" || { cat "$place/log"; exit 1; }
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
