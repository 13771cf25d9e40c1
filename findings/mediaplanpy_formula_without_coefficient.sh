#!/usr/bin/env bash
# mediaplanpy 3.0.11: 200,000 of planned sales become 0 when a line's cost is
# changed, if the line's sales formula has no coefficient.
#
# The media plan schema 3.0 asks a formula for its type alone; coefficient and
# parameters may be absent, and the plan validates. `set_metric_value` says that
# it keeps dependent metrics by working out coefficients before the cost changes.
# It does so for metrics without any formula, but a formula that is there without
# a coefficient is skipped, and recalculated with a coefficient of 0: power,
# adbudg and conversion-rate formulas give 0, without an error or a warning.
# A cost-per-unit formula is left at its old value instead.
#
# Seen with mediaplanpy 3.0.11 (pydantic 2.14.4), CPython 3.11:
#   schema: valid
#   no formula: sales 200000 -> 220000
#   power_function without coefficient: sales 200000 -> 0
#   conversion_rate without coefficient: sales 200000 -> 0
#   adbudg without coefficient: sales 200000 -> 0
#   cost_per_unit without coefficient: sales 200000 -> 200000
#
# Exits 0 while mediaplanpy does this, 1 when it no longer does.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python="${PYTHON:-python3}"
"$python" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "mediaplanpy==3.0.11" "pydantic==2.14.4"
cat > "$place/plan.py" <<'PY'
from decimal import Decimal

from mediaplanpy import MediaPlan
from mediaplanpy.schema import SchemaValidator

DATES = {"start_date": "2027-01-04", "end_date": "2027-02-28"}
FORMULAS = {
    "no formula": None,
    "power_function without coefficient": {"formula_type": "power_function", "base_metric": "cost_total", "parameter1": 0.5},
    "conversion_rate without coefficient": {"formula_type": "conversion_rate", "base_metric": "cost_total"},
    "adbudg without coefficient": {
        "formula_type": "adbudg", "base_metric": "cost_total", "parameter1": 40_000, "parameter2": 1.0,
    },
    "cost_per_unit without coefficient": {"formula_type": "cost_per_unit", "base_metric": "cost_total"},
}


def line(number, name, formula):
    item = {"id": f"LI-{number}", "name": name, "cost_total": 40_000, "metric_sales": 200_000, **DATES}
    return item if formula is None else {**item, "metric_formulas": {"metric_sales": formula}}


plan = MediaPlan.from_dict({
    "meta": {
        "id": "MP-1", "schema_version": "v3.0", "created_by_name": "planner",
        "created_at": "2027-01-01T00:00:00", "name": "Spring", "is_current": True,
    },
    "campaign": {"id": "C-1", "name": "Spring", "objective": "sales", "budget_total": 200_000, **DATES},
    "lineitems": [line(number, name, formula) for number, (name, formula) in enumerate(FORMULAS.items(), 1)],
})
print("schema:", SchemaValidator().validate(plan.to_dict()) or "valid")
for item in plan.lineitems:
    before = item.metric_sales
    item.set_metric_value("cost_total", Decimal(44_000))
    print(f"{item.name}: sales {before:.0f} -> {item.metric_sales:.0f}")
PY
cat > "$place/expected" <<'TXT'
schema: valid
no formula: sales 200000 -> 220000
power_function without coefficient: sales 200000 -> 0
conversion_rate without coefficient: sales 200000 -> 0
adbudg without coefficient: sales 200000 -> 0
cost_per_unit without coefficient: sales 200000 -> 200000
TXT
"$place/venv/bin/python" "$place/plan.py" > "$place/found"
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
