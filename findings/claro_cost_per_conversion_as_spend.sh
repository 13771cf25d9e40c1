#!/usr/bin/env bash
# claro-engine 0.2.1.post1: in a report of Google Ads, what was spent is taken from
# the first column whose heading contains `cost`: `Cost / conv.` where it stands left
# of `Cost`.
#
# `parse_platform_csv` looks for columns by a part of their heading, in the order of
# the file, and takes the first. In Google Ads the order of columns is the user's
# choice, and `Cost / conv.`, `Search impr. share` and `Invalid clicks` are columns of
# its own. Cost per conversion is then added up over campaigns as the budget, and
# invalid clicks as clicks. `Search impr. share` is taken for the impressions wherever
# it stands, since `impr.` is looked for before `impressions`. The result names the
# columns that it used; no error and no warning says that a better one was there.
#
# Seen with claro-engine 0.2.1.post1, CPython 3.12:
#   Cost first: budget 3235.00 from Cost, impressions 1.3 from Search impr. share, clicks 1200 from Clicks
#   Cost / conv. first: budget 97.54 from Cost / conv., impressions 1.3 from Search impr. share, clicks 22 from Invalid clicks
#
# Exits 0 while claro-engine does this, 1 when it no longer does.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "claro-engine==0.2.1.post1"
cat > "$place/report.py" <<'PY'
from claro_engine.core.csv_import import parse_platform_csv

COLUMNS = ["Cost", "Impressions", "Clicks", "Conversions", "Cost / conv.", "Search impr. share", "Invalid clicks"]
ROWS = {
    "Brand": ["1234.56", "10000", "500", "40", "30.86", "80%", "12"],
    "Generic": ["2000.44", "20000", "700", "30", "66.68", "50%", "10"],
}
for name, order in (("Cost first", range(7)), ("Cost / conv. first", (4, 5, 6, 0, 1, 2, 3))):
    lines = [["Campaign"] + [COLUMNS[i] for i in order]]
    lines += [[campaign] + [row[i] for i in order] for campaign, row in ROWS.items()]
    read = parse_platform_csv("\n".join(",".join(line) for line in lines), "go_search")
    kpis, used = read["kpis"], read["matched_columns"]
    shown = [f"budget {read['budget']:.2f} from {used['budget']}"]
    for what, key in (("impressions", "GO_SEARCH_AW_IMPRESSION"), ("clicks", "GO_SEARCH_WT_CLICKS")):
        shown.append(f"{what} {kpis[key]:g} from {used[key]}")
    print(f"{name}: {', '.join(shown)}")
PY
cat > "$place/expected" <<'TXT'
Cost first: budget 3235.00 from Cost, impressions 1.3 from Search impr. share, clicks 1200 from Clicks
Cost / conv. first: budget 97.54 from Cost / conv., impressions 1.3 from Search impr. share, clicks 22 from Invalid clicks
TXT
"$place/venv/bin/python" "$place/report.py" > "$place/found" 2> "$place/log" || { cat "$place/log"; exit 1; }
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
