#!/usr/bin/env bash
# claro-engine 0.2.1.post1: a campaign whose name begins with "Total" is left out of a
# platform's report, with all that it spent.
#
# `parse_platform_csv` leaves out the rows of totals that platforms put below their
# reports: every row whose first cell begins with the word, whatever follows. Neither
# an error nor a warning tells which rows these were, and the amounts are not
# compared with the sum of the others.
#
# Seen with claro-engine 0.2.1.post1, CPython 3.12:
#   Body Care and Kitchen: budget 250, clicks 60, rows 2
#   Total Body Care and Kitchen: budget 50, clicks 20, rows 1
#
# Exits 0 while claro-engine does this, 1 when it no longer does.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "claro-engine==0.2.1.post1"
cat > "$place/report.py" <<'PY'
from claro_engine.core.csv_import import parse_platform_csv

for name in ("Body Care", "Total Body Care"):
    text = f"Campaign name,Amount spent (USD),Reach,Link clicks\n{name},200,1000,40\nKitchen,50,800,20\n"
    read = parse_platform_csv(text, "fb")
    print(f"{name} and Kitchen: budget {read['budget']:g}, clicks {read['kpis']['FB_WT_CLICKS']:g}, rows {read['row_count']}")
PY
cat > "$place/expected" <<'TXT'
Body Care and Kitchen: budget 250, clicks 60, rows 2
Total Body Care and Kitchen: budget 50, clicks 20, rows 1
TXT
"$place/venv/bin/python" "$place/report.py" > "$place/found" 2> "$place/log" || { cat "$place/log"; exit 1; }
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
