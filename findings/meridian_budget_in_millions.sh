#!/usr/bin/env bash
# google-meridian 2.1.0: the budget optimizer works in whole units of currency. Where
# spends are stated in thousands or millions, it rounds them away.
#
# `BudgetOptimizer.optimize` rounds spends, and the bounds it is given, to a power of
# ten that follows from `budget * gtol`, and to 1 at the least; then it makes them
# integers. Meridian itself asks for no unit: a model of spends and revenue in
# millions is fitted like any other. The same plan of two channels, asked for
# in two units, with bounds of plus and minus 30%:
#
# Seen with google-meridian 2.1.0, CPython 3.12, with no error and no warning:
#   in currency: step 1000, spent 2232146 and 291894, bounds 1562000 to 2902000 and 204000 to 380000
#   in millions: step 1, spent 2.232146 and 0.291894, bounds 1 to 3 and 0 to 0
#
# In millions the small channel may get nothing at all, and the large one 34% more
# than it had. In currency bounds move too, by up to half a step: 130.14% of what
# was spent where 130% is the most.
#
# Exits 0 while Meridian does this, 1 when it no longer does.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python="${PYTHON:-python3.12}"
"$python" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "google-meridian==2.1.0"
cat > "$place/bounds.py" <<'PY'
import numpy as np
from meridian.analysis import optimizer

SPENT = np.array([2_232_146.0, 291_894.0])
for name, unit in (("currency", 1), ("millions", 1e6)):
    spent = SPENT / unit
    factor = optimizer.get_round_factor(budget=spent.sum(), gtol=0.0001)
    low, high = optimizer.get_optimization_bounds(
        n_channels=2, spend=spent, round_factor=factor, spend_constraint_lower=0.3, spend_constraint_upper=0.3
    )
    each = " and ".join(f"{a} to {b}" for a, b in zip(low, high))
    print(f"in {name}: step {10 ** -factor}, spent {spent[0]:.7g} and {spent[1]:.6g}, bounds {each}")
PY
cat > "$place/expected" <<'TXT'
in currency: step 1000, spent 2232146 and 291894, bounds 1562000 to 2902000 and 204000 to 380000
in millions: step 1, spent 2.232146 and 0.291894, bounds 1 to 3 and 0 to 0
TXT
TF_CPP_MIN_LOG_LEVEL=3 "$place/venv/bin/python" "$place/bounds.py" 2> "$place/errors" > "$place/seen" || { cat "$place/errors"; exit 2; }
diff "$place/expected" "$place/seen" && echo "google-meridian still rounds spends to whole units"
