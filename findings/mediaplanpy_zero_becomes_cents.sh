#!/usr/bin/env bash
# mediaplanpy 3.0.11: a line item whose cost a person sets to 0 in the exported
# workbook comes back with a cost of 0.0001.
#
# The workbook keeps the shares of media and the prices of metrics beside each
# cost. Where the total is 0 and any of these is above 0, the importer puts
# 0.0001 in its place, so that shares and prices are not lost, and says so in the
# log only. Who reads the plan back finds every line that was taken out still
# running, with a cost of 0.0001 and a few ten-thousandths of an impression.
#
# Seen with mediaplanpy 3.0.11 (pydantic 2.14.4, openpyxl 3.1.5), CPython 3.11:
#   exported: TV 60000, Search 40000
#   TV set to 0 in the workbook and imported: TV 0.0001, Search 40000
#   media of TV: 0.00008
#
# Exits 0 while mediaplanpy does this, 1 when it no longer does.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python="${PYTHON:-python3}"
"$python" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "mediaplanpy==3.0.11" "pydantic==2.14.4" "openpyxl==3.1.5"
cat > "$place/plan.py" <<'PY'
import sys

import openpyxl
from mediaplanpy import MediaPlan
from mediaplanpy.excel.exporter import export_to_excel
from mediaplanpy.excel.importer import import_from_excel

DATES = {"start_date": "2027-01-04", "end_date": "2027-02-28"}
plan = MediaPlan.from_dict({
    "meta": {
        "id": "MP-1", "schema_version": "v3.0", "created_by_name": "planner",
        "created_at": "2027-01-01T00:00:00", "name": "Spring", "is_current": True,
    },
    "campaign": {"id": "C-1", "name": "Spring", "objective": "sales", "budget_total": 100_000, **DATES},
    "lineitems": [
        {"id": "LI-1", "name": "TV", "cost_total": 60_000, "cost_media": 48_000, "cost_buying": 12_000,
         "metric_impressions": 4_000_000, **DATES},
        {"id": "LI-2", "name": "Search", "cost_total": 40_000, "cost_media": 40_000, **DATES},
    ],
})
path = sys.argv[1]
export_to_excel(plan, path)
book = openpyxl.load_workbook(path)
sheet = book["Line Items"]
column = {cell.value: cell.column for cell in sheet[1]}
row = {sheet.cell(number, column["Name"]).value: number for number in range(2, sheet.max_row + 1)}
cost = lambda name: sheet.cell(row[name], column["Cost Total"])
print("exported:", ", ".join(f"{name} {cost(name).value:g}" for name in row))
cost("TV").value = 0
book.save(path)
items = {item["name"]: item for item in import_from_excel(path)["lineitems"]}
print("TV set to 0 in the workbook and imported:", ", ".join(f"{n} {i['cost_total']:g}" for n, i in items.items()))
print(f"media of TV: {items['TV']['cost_media']:.5f}")
PY
cat > "$place/expected" <<'TXT'
exported: TV 60000, Search 40000
TV set to 0 in the workbook and imported: TV 0.0001, Search 40000
media of TV: 0.00008
TXT
"$place/venv/bin/python" "$place/plan.py" "$place/plan.xlsx" > "$place/found" 2> "$place/log" || { cat "$place/log"; exit 1; }
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
