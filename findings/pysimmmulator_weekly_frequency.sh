#!/usr/bin/env bash
# pysimmmulator 0.6.2: the weekly output adds up the frequency of its days, so that
# reach times frequency is seven times the impressions.
#
# A channel may state a frequency; reach is then impressions divided by it. By day the
# three agree. The weekly output is the sum of the days for every column: impressions
# and reach of the week are sums, and so is frequency, 14 where 2 was asked for. A
# model of reach and frequency (Meridian has one) that is fed with these weeks sees
# seven times the contacts.
#
# Seen with pysimmmulator 0.6.2, CPython 3.12, for a channel of frequency 2:
#   daily: frequency 2, reach x frequency / impressions 1.00
#   weekly: frequency 14, reach x frequency / impressions 7.00
#
# Exits 0 while pysimmmulator does this, 1 when it no longer does.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "pysimmmulator==0.6.2"
cat > "$place/history.py" <<'PY'
from pysimmmulator import Simulate

noise = lambda scale: {channel: {"loc": 0.0, "scale": scale} for channel in ("TV", "Search")}
each = lambda kind, **params: {channel: {"type": kind, "params": dict(params)} for channel in ("TV", "Search")}
for level in ("daily", "weekly"):
    history = Simulate(random_seed=1).run_with_config({
        "basic_params": {
            "years": 1, "channels_impressions": ["TV"], "channels_clicks": ["Search"], "frequency_of_campaigns": 1,
            "start_date": "2024/01/01", "true_cvr": {"TV": 0.001, "Search": 0.03}, "revenue_per_conv": 50.0,
        },
        "baseline_params": {"base_p": 1000, "trend_p": 0, "temp_var": 0, "temp_coef_mean": 0, "temp_coef_sd": 0, "error_std": 1},
        "ad_spend_params": {
            "campaign_spend_mean": 2000, "campaign_spend_std": 100,
            "max_min_proportion_on_each_channel": {"Search": {"min": 0.4, "max": 0.5}},
        },
        "media_params": {
            "true_cpm": {"TV": 10.0}, "true_cpc": {"Search": 0.5}, "noisy_cpm_cpc": noise(0.01),
            "true_reach_frequency": {"TV": {"frequency": 2.0}},
        },
        "cvr_params": {"noisy_cvr": noise(0.001)},
        "adstock_params": {"adstock": each("geometric", lambda_=0.3), "saturation": each("hill", alpha=1.0, gamma=0.5)},
        "output_params": {"aggregation_level": level},
    }).df.iloc[7:200]
    full = history["TV_frequency"].median()
    ratio = (history["TV_reach"] * history["TV_frequency"] / history["TV_impressions"]).median()
    print(f"{level}: frequency {full:g}, reach x frequency / impressions {ratio:.2f}")
PY
cat > "$place/expected" <<'TXT'
daily: frequency 2, reach x frequency / impressions 1.00
weekly: frequency 14, reach x frequency / impressions 7.00
TXT
"$place/venv/bin/python" "$place/history.py" > "$place/found" 2> "$place/log" || { cat "$place/log"; exit 1; }
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
