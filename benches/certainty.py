"""What a plan claims, against what is true (docs/certainty.md).

    python3 benches/certainty.py BINARY prior|bent|alike|steep [HISTORIES]

Two years of weekly history of three channels (`A s / (s + k)` of a carried-over
spend that moves in waves, a season, an autoregressive demand of 3%) are fitted by
`outlay fit`; `outlay run` plans a quarter within half of each channel's spend.
Counted is how often the truth lies in the plan's intervals, how often the plan is
better than today against the probability claimed, and mean gains and returns. In
`prior` the truths are drawn as the fit's priors have them (docs/fitting.md); in
`bent` every channel bends (no half-saturation has the prior's heavy tail) and
carries over by itself; in `alike` channels are more alike than that: returns differ by 0.35 in logarithms
around 1.35, half-saturations by 0.4 around the mean spend; in `steep` it is the
marginal return, not the average, that is drawn apart from half-saturation (around
1 with 0.85 in logarithms), so that some averages are very high. Needs numpy.

The same draws choose a plan and judge it. What that is worth is told too: plans
made on every other draw, judged by those they were made on and by the rest.
"""

import json
import os
import subprocess
import sys
import tempfile
from statistics import NormalDist

import numpy as np

BINARY, KIND = os.path.abspath(sys.argv[1]), sys.argv[2]
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 200
WEEKS, NAMES = 104, ["a", "b", "c"]


def outlay(folder, *arguments):
    ran = subprocess.run([BINARY, *arguments], cwd=folder, capture_output=True, text=True, timeout=300)
    if ran.returncode not in (0, 3):
        raise SystemExit(f"outlay {' '.join(arguments)}: {ran.stderr}")
    return ran.stdout


def far(r):
    "A half-saturation over the mean spend: log-normal, above 0.6 deviations of heavy tail."
    normal, start = NormalDist(), 0.6
    tail = normal.pdf(start) / start
    below = normal.cdf(start)
    if r.random() < below / (below + tail):
        z = normal.inv_cdf(below * r.random())
    else:
        z = start + r.exponential(1 / start)
    return 1.3 * np.exp(0.8 * z)


def truth(r):
    "Mean spends, ceilings, half-saturations and retentions."
    mean = np.array([10000.0, 16000.0, 12000.0]) * np.exp(r.normal(0, 0.3, 3))
    if KIND == "prior":
        average = np.exp(0.3 + r.normal(0, 0.6) + r.normal(0, 0.5, 3))
        half = mean * np.array([far(r) for _ in NAMES])
        kept = 1 / (1 + np.exp(0.2 - r.normal(0, 1.4) - r.normal(0, 0.9, 3)))
        return mean, average * (half + mean), half, kept
    if KIND in ("bent", "steep"):
        known = np.exp((0.3, 0.0)[KIND == "steep"] + r.normal(0, 0.6) + r.normal(0, (0.5, 0.6)[KIND == "steep"], 3))
        half = mean * 1.3 * np.exp(r.normal(0, 0.8, 3))
        kept = 1 / (1 + np.exp(-r.normal(-0.2, 1.6, 3)))
        average = known * (half + mean) / half if KIND == "steep" else known
        return mean, average * (half + mean), half, kept
    kept = r.uniform(0.1, 0.6, 3)
    half = mean * np.exp(r.normal(0, 0.4, 3))
    return mean, np.exp(r.normal(0.3, 0.35, 3)) * (mean + half), half, kept


def history(path, r, mean, ceiling, half, kept):
    waves = np.array([np.convolve(r.normal(0, 0.35, WEEKS + 3), np.ones(4) / 2, "valid") for _ in NAMES]).T
    spend = mean * np.exp(waves)
    spend = np.round(spend * mean / spend.mean(0))
    stock, demand = spend.copy(), np.zeros(WEEKS)
    for t in range(WEEKS):
        stock[t] = kept * stock[t - 1] + (1 - kept) * spend[t] if t else spend[t]
        demand[t] = (0.4 * demand[t - 1] if t else 0) + r.normal(0, 0.03)
    season = 0.1 * np.sin(2 * np.pi * np.arange(WEEKS) / 52 + 1)
    outcome = 300_000 * (1 + season + demand) + (ceiling * stock / (stock + half)).sum(1)
    with open(path, "w") as f:
        f.write("date,revenue,a,b,c\n")
        for t in range(WEEKS):
            day = np.datetime64("2024-01-01") + 7 * t
            f.write(f"{day},{outcome[t]:.0f}," + ",".join(f"{v:.0f}" for v in spend[t]) + "\n")
    return spend.mean(0)


def named(part):
    return f"draws_{part.start}_{part.step}"


def planned(folder, library, now, part):
    "The plan over some of the draws; leaves its scenario and library behind."
    name = named(part)
    curves = [{**curve, "draws": curve["draws"][part]} for curve in library["curves"]]
    with open(os.path.join(folder, f"{name}.json"), "w") as f:
        json.dump({**library, "curves": curves}, f)
    lines = "".join(f'[[lines]]\nname = "{n}"\nspend = {{ current = {x}, min = {x / 2}, max = {1.5 * x} }}\n' for n, x in zip(NAMES, now))
    with open(os.path.join(folder, f"{name}.toml"), "w") as f:
        f.write(f'outlay = 1\ncurrency = "USD"\ncurves = "{name}.json"\nhorizon = {{ periods = 13, unit = "week" }}\nbudget = {{ max = {now.sum()} }}\n{lines}')
    return json.loads(outlay(folder, "run", f"{name}.toml", "--format", "json"))


def judged(folder, half, plan):
    "A plan by the draws of one half."
    with open(os.path.join(folder, "plan.csv"), "w") as f:
        f.write("line,spend\n" + "".join(f"{n},{x!r}\n" for n, x in zip(NAMES, plan)))
    name = named(slice(half, None, 2))
    return json.loads(outlay(folder, "check", f"{name}.toml", "--plan", "plan.csv", "--format", "json"))


def spends(plan):
    return [line["spend"] for line in plan["lines"]]


def claims(result):
    "Probability of being better than today, and the gain."
    sure = result["uncertainty"]
    return sure["probability_better"], sure["against_today"]["revenue"]["value"]


def one(seed):
    r = np.random.default_rng(seed)
    mean, ceiling, half, kept = truth(r)
    with tempfile.TemporaryDirectory() as folder:
        now = 13 * history(os.path.join(folder, "history.csv"), r, mean, ceiling, half, kept)
        outlay(folder, "fit", "history.csv", "--out", "curves.json", "--currency", "USD", *sum((["--spend", n] for n in NAMES), []))
        with open(os.path.join(folder, "curves.json")) as f:
            library = json.load(f)
        plan = planned(folder, library, now, slice(None))
        halves = [planned(folder, library, now, slice(k, None, 2)) for k in (0, 1)]
        others = [judged(folder, 1 - k, spends(halves[k])) for k in (0, 1)]
    earned = lambda x: (13 * ceiling * (x / 13) / (x / 13 + half)).sum()
    sure = plan["uncertainty"]
    total, gain = sure["totals"]["revenue"], sure["against_today"]["revenue"]
    really = earned(np.array(spends(plan)))
    more, spent = really - earned(now), now.sum()
    return (
        total["low"] <= really <= total["high"],
        gain["low"] <= more <= gain["high"],
        more > 0,
        sure["probability_better"],
        plan["value"] / spent,
        really / spent,
        gain["value"] / spent,
        more / spent,
        sum(claims(half)[0] for half in halves) / 2,
        sum(claims(other)[0] for other in others) / 2,
        sum(claims(half)[1] for half in halves) / 2 / spent,
        sum(claims(other)[1] for other in others) / 2 / spent,
    )


def main():
    found = []
    for seed in range(COUNT):
        found.append(one(seed))
        print(seed, *(f"{v:.3f}" for v in found[-1]), flush=True)
    a = np.array(found, float)
    error = lambda x: x.std(ddof=1) / len(x) ** 0.5
    print(f"intervals of 90% hold revenue in {a[:, 0].mean():.1%} ({error(a[:, 0]):.1%}), its change in {a[:, 1].mean():.1%}")
    print(f"better than today in {a[:, 2].mean():.1%} ({error(a[:, 2]):.1%}), claimed {a[:, 3].mean():.1%}")
    for low, high in ((0, 0.6), (0.6, 0.75), (0.75, 0.9), (0.9, 1.01)):
        m = (a[:, 3] >= low) & (a[:, 3] < high)
        if m.any():
            print(f"  claimed {a[m, 3].mean():.0%}: {a[m, 2].mean():.0%} of {m.sum()}")
    print(f"return of the plan {a[:, 5].mean():.3f}, claimed {a[:, 4].mean():.3f} (difference {error(a[:, 4] - a[:, 5]):.3f})")
    print(f"gain per unit of spend {a[:, 7].mean():.4f}, claimed {a[:, 6].mean():.4f} (difference {error(a[:, 6] - a[:, 7]):.4f})")
    print(f"of plans made on half of the draws, by these: {a[:, 8].mean():.1%} better, gain {a[:, 10].mean():.4f}")
    print(f"  by the other half: {a[:, 9].mean():.1%} ({error(a[:, 8] - a[:, 9]):.1%}), gain {a[:, 11].mean():.4f} ({error(a[:, 10] - a[:, 11]):.4f})")


main()
