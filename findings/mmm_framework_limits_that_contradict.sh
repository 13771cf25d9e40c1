#!/usr/bin/env bash
# mmm-framework 1.5.0: limits that contradict each other are answered with a plan that
# breaks them.
#
# `optimize_budget` takes bounds for each channel, a budget and limits on groups.
# Floors that add up to more than the budget are scaled down: each channel is planned
# below its own floor, without a note. Bounds in money may take more than the budget:
# 700 are planned where 500 are to be spent, and the shares add up to 140%. A group
# that may have 20% of the budget gets 90% where the other channel cannot take the
# rest. In these two cases a note says that inner solves failed, that the best feasible
# candidate was taken, and that the allocation is usable; none is feasible.
#
# Seen with mmm-framework 1.5.0, CPython 3.12:
#   floors of 80%, half the budget: 50% 50% 50% of today, spent 500 of 500, notes 0
#   floors of 400 and 300, budget 500: 400 300 0, spent 700 of 500, "The allocation is usable"
#   TV and Search at most 20%: 600 300 100, they have 90%, "The allocation is usable"
#
# Exits 0 while mmm-framework does this, 1 when it no longer does. Installs PyMC; needs
# CPython 3.12.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3.12}" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "mmm-framework==1.5.0"
cat > "$place/plan.py" <<'PY'
import numpy as np
from mmm_framework.planning.budget import ResponseCurves, optimize_budget

TIMES = np.array([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5])
SPENT = np.array([600.0, 300.0, 100.0])
CEILING, HALF = np.array([5000.0, 3000.0, 900.0]), np.array([400.0, 300.0, 200.0])
spend = SPENT[:, None] * TIMES
curves = ResponseCurves(["TV", "Search", "Radio"], TIMES, SPENT, (CEILING[:, None] * spend / (HALF[:, None] + spend))[None])

plan = lambda **limits: optimize_budget(curves=curves, **limits)
amounts = lambda r: " ".join(f"{a:g}" for a in r.optimal_alloc.round(6))
usable = lambda r: '"The allocation is usable"' if any("allocation is usable" in n for n in r.notes) else r.notes

r = plan(budget_change_pct=-50, min_multiplier=0.8, max_multiplier=1.2)
share = " ".join(f"{a:.0%}" for a in r.optimal_alloc / SPENT)
print(f"floors of 80%, half the budget: {share} of today, spent {r.optimal_alloc.sum():g} of {r.total_budget:g}, notes {len(r.notes)}")
r = plan(total_budget=500, abs_bounds={"TV": (400, 600), "Search": (300, 300)})
print(f"floors of 400 and 300, budget 500: {amounts(r)}, spent {r.optimal_alloc.sum():g} of {r.total_budget:g}, {usable(r)}")
r = plan(total_budget=1000, max_multiplier=1.5, groups=[{"name": "large", "channels": ["TV", "Search"], "max_share": 0.2}])
print(f"TV and Search at most 20%: {amounts(r)}, they have {r.optimal_alloc[:2].sum() / r.optimal_alloc.sum():.0%}, {usable(r)}")
PY
cat > "$place/expected" <<'TXT'
floors of 80%, half the budget: 50% 50% 50% of today, spent 500 of 500, notes 0
floors of 400 and 300, budget 500: 400 300 0, spent 700 of 500, "The allocation is usable"
TV and Search at most 20%: 600 300 100, they have 90%, "The allocation is usable"
TXT
"$place/venv/bin/python" "$place/plan.py" > "$place/found" 2> "$place/log" || { cat "$place/log"; exit 1; }
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
