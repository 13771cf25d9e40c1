#!/usr/bin/env bash
# mediaplanpy 3.0.11: the formula of a custom metric that is not yet in the plan's
# dictionary can be selected once; selecting another one raises AttributeError.
#
# `select_metric_formula` adds such a metric to the dictionary as a plain mapping,
# where it expects an object of its own class the next time. A standard metric can
# be selected as often as one likes, and so can the custom metric once the plan
# has been written as JSON and read back.
#
# Seen with mediaplanpy 3.0.11 (pydantic 2.14.4), CPython 3.11:
#   metric_clicks, first: selected
#   metric_clicks, again: selected
#   metric_custom1, first: selected
#   metric_custom1, again: AttributeError: 'dict' object has no attribute 'formula_type'
#   metric_custom1, after JSON and back: selected
#
# Exits 0 while mediaplanpy does this, 1 when it no longer does.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python="${PYTHON:-python3}"
"$python" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "mediaplanpy==3.0.11" "pydantic==2.14.4"
cat > "$place/plan.py" <<'PY'
import warnings

from mediaplanpy import MediaPlan

warnings.simplefilter("ignore")
DATES = {"start_date": "2027-01-04", "end_date": "2027-02-28"}
plan = MediaPlan.from_dict({
    "meta": {
        "id": "MP-1", "schema_version": "v3.0", "created_by_name": "planner",
        "created_at": "2027-01-01T00:00:00", "name": "Spring", "is_current": True,
    },
    "campaign": {"id": "C-1", "name": "Spring", "objective": "visits", "budget_total": 40_000, **DATES},
    "lineitems": [{
        "id": "LI-1", "name": "Video", "cost_total": 40_000, "metric_impressions": 1_000_000,
        "metric_clicks": 5_000, "metric_custom1": 500, **DATES,
    }],
})


def select(of, metric, when, base):
    try:
        of.select_metric_formula(metric, formula_type="conversion_rate", base_metric=base)
        print(f"{metric}, {when}: selected")
    except AttributeError as error:
        print(f"{metric}, {when}: AttributeError: {error}")


for metric in ("metric_clicks", "metric_custom1"):
    select(plan, metric, "first", "metric_impressions")
    select(plan, metric, "again", "cost_total")
select(MediaPlan.from_json(plan.to_json()), "metric_custom1", "after JSON and back", "cost_total")
PY
cat > "$place/expected" <<'TXT'
metric_clicks, first: selected
metric_clicks, again: selected
metric_custom1, first: selected
metric_custom1, again: AttributeError: 'dict' object has no attribute 'formula_type'
metric_custom1, after JSON and back: selected
TXT
"$place/venv/bin/python" "$place/plan.py" > "$place/found" 2>/dev/null
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
