#!/usr/bin/env bash
# Meridian 2.1.0: reach with a fraction is cut to whole numbers when data or a
# model is saved.
#
# Reach is any number of at least 0 (people modelled, thousands, shares of a
# population): input data with fractions are taken and fitted as they are. The
# message in which they are saved keeps reach as an integer, and the writer cuts
# the fraction off instead of rounding or refusing, without a warning. Reach in
# thousands below 1 is gone after saving; frequency is kept. A model that is
# loaded again no longer knows the data that it was fitted to.
#
# Seen with google-meridian 2.1.0 (mmm-proto-schema 1.6.0), CPython 3.12:
#   reach given: 0.9, 1.5, 2.25, 250.75, 1000.5, 0.4
#   reach after saving and loading: 0, 1, 2, 250, 1000, 0
#   frequency after saving and loading: 2.5, 2.5, 2.5, 2.5, 2.5, 2.5
#
# Exits 0 while Meridian does this, 1 when it no longer does. Installs TensorFlow
# (about 2 GB); needs CPython 3.11 to 3.13.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python="${PYTHON:-python3}"
"$python" -m venv "$place/venv"
"$place/venv/bin/pip" install -q --no-cache-dir "google-meridian[schema]==2.1.0" "mmm-proto-schema==1.6.0"
cat > "$place/reach.py" <<'PY'
import numpy as np
from meridian.data.nd_array_input_data_builder import NDArrayInputDataBuilder
from meridian.schema.serde import marketing_data
weeks = [f"2026-{month:02}-{day:02}" for month, day in [(1, 5), (1, 12), (1, 19), (1, 26), (2, 2), (2, 9)]]
builder = NDArrayInputDataBuilder(kpi_type="revenue")
builder.time_coords = weeks
builder.media_time_coords = weeks
builder.geos = ["north", "south"]
reach = np.array([0.9, 1.5, 2.25, 250.75, 1000.5, 0.4])
both = lambda row: np.stack([row, 2 * row])
data = (
    builder.with_kpi(both(np.arange(100.0, 106.0)))
    .with_population(np.array([1000.0, 2000.0]))
    .with_reach(both(reach)[..., None], both(np.full(6, 2.5))[..., None], both(np.full(6, 40.0))[..., None], ["video"])
    .build()
)
serde = marketing_data.MarketingDataSerde()
back = serde.deserialize(serde.serialize(data))
said = lambda values: ", ".join(f"{float(v):g}" for v in values)
print("reach given:", said(data.reach.sel(geo="north", rf_channel="video")))
print("reach after saving and loading:", said(back.reach.sel(geo="north", rf_channel="video")))
print("frequency after saving and loading:", said(back.frequency.sel(geo="north", rf_channel="video")))
PY
cat > "$place/expected" <<'TXT'
reach given: 0.9, 1.5, 2.25, 250.75, 1000.5, 0.4
reach after saving and loading: 0, 1, 2, 250, 1000, 0
frequency after saving and loading: 2.5, 2.5, 2.5, 2.5, 2.5, 2.5
TXT
"$place/venv/bin/python" "$place/reach.py" > "$place/found" 2> "$place/log" || { cat "$place/log"; exit 1; }
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
