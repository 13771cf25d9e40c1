#!/usr/bin/env bash
# pysimmmulator 0.6.2: what it simulates as diminishing returns are rising returns.
#
# The package makes histories with a known truth, to test models of the marketing mix
# with. `hill_saturation` and `scurve_saturation`, the two kinds of "saturation" a
# channel can have, multiply the Hill function by the media itself once more: what
# media earn never levels off, and each further unit earns more than the one before. A
# model with diminishing returns cannot find this truth, and is blamed for it.
#
# Seen with pysimmmulator 0.6.2, CPython 3.12; half-saturation at 400:
#   media 100 200 400 800
#   hill_saturation 20 67 200 533: a unit earns 0.20 0.33 0.50 0.67
#   scurve_saturation 20 67 200 533: a unit earns 0.20 0.33 0.50 0.67
#   the Hill function 0.20 0.33 0.50 0.67: a unit earns less the more there are
#
# Exits 0 while pysimmmulator does this, 1 when it no longer does.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "pysimmmulator==0.6.2"
cat > "$place/curve.py" <<'PY'
import pandas as pd
from pysimmmulator import transforms

media = pd.Series([0.0, 100.0, 200.0, 400.0, 800.0])
each = lambda values, digits: " ".join(f"{v:.{digits}f}" for v in values[1:])
print("media", each(media, 0))
for name in ("hill_saturation", "scurve_saturation"):
    earned = getattr(transforms, name)(media, alpha=1.0, gamma=0.5)
    print(f"{name} {each(earned, 0)}: a unit earns {each(earned / media, 2)}")
hill = media / (media + 400)
falls = (hill / media)[1:].is_monotonic_decreasing
print(f"the Hill function {each(hill, 2)}: a unit earns {'less' if falls else 'more'} the more there are")
PY
cat > "$place/expected" <<'TXT'
media 100 200 400 800
hill_saturation 20 67 200 533: a unit earns 0.20 0.33 0.50 0.67
scurve_saturation 20 67 200 533: a unit earns 0.20 0.33 0.50 0.67
the Hill function 0.20 0.33 0.50 0.67: a unit earns less the more there are
TXT
"$place/venv/bin/python" "$place/curve.py" > "$place/found" 2> "$place/log" || { cat "$place/log"; exit 1; }
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
