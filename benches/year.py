"""A simulated year on data that the valuing engine did not make.

    python3 benches/year.py BINARY [FIRST [LAST]]      # seeds, 0 to 99 by default

Two years of weekly history of four channels, made by a process of its own:
returns and saturation drawn apart, curves `A (1 - exp(-s / k))` of a carried-over
spend, a season, an autoregressive demand of 3%. `outlay fit` learns the curves,
`outlay run` plans the quarter within half of each channel's spend, and after each
of the first three quarters one test is run, its answer (with noise of 1.5% of six
weeks' outcome) goes into the next fit, and the quarter after it is planned anew.
Every test moves the same money for six weeks. Which channel is tested: the one
that `outlay next` puts first, or the one with the largest spend that was not
tested yet; or there are no tests at all. Counted is what the plans really earn
over the four quarters, beyond what today's spends would. Needs numpy.
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np

BINARY = os.path.abspath(sys.argv[1])
FIRST, LAST = (int(a) for a in (sys.argv[2:4] + ["0", "99"][len(sys.argv[2:4]) :]))
WEEKS, NAMES, QUARTERS, TEST = 104, ["a", "b", "c", "d"], 4, 6


class World:
    def __init__(self, seed):
        r = self.random = np.random.default_rng(seed)
        self.mean = np.array([8000.0, 12000.0, 16000.0, 20000.0])[r.permutation(4)] * np.exp(r.normal(0, 0.2, 4))
        self.kept = r.uniform(0.1, 0.7, 4)
        self.scale = self.mean * np.exp(r.normal(0.2, 0.5, 4))
        returned = np.exp(r.normal(0.2, 0.6, 4))
        self.ceiling = returned * self.mean / (1 - np.exp(-self.mean / self.scale))
        spread = np.array([0.05, 0.15, 0.3, 0.45])[r.permutation(4)]
        waves = np.array([np.convolve(r.normal(0, s, WEEKS + 3), np.ones(4) / 2, "valid") for s in spread]).T
        spend = self.mean * np.exp(waves)
        self.spend = np.round(spend * self.mean / spend.mean(0))
        demand = np.zeros(WEEKS)
        for t in range(WEEKS):
            demand[t] = (0.4 * demand[t - 1] if t else 0) + r.normal(0, 0.03)
        season = 0.1 * np.sin(2 * np.pi * np.arange(WEEKS) / 52 + r.uniform(0, 6))
        self.outcome = 350_000 * (1 + season + demand) + self.effect(self.carried(self.spend)).sum(1)
        self.noise = r.normal(0, 1, (QUARTERS, 4))

    def carried(self, spend):
        stock = np.zeros_like(spend)
        stock[0] = spend[0]
        for t in range(1, len(spend)):
            stock[t] = self.kept * stock[t - 1] + (1 - self.kept) * spend[t]
        return stock

    def effect(self, stock):
        return self.ceiling * (1 - np.exp(-stock / self.scale))

    def earned(self, weekly):
        "What steady spends earn in a quarter."
        return 13 * self.effect(np.asarray(weekly)).sum()

    def history(self, path):
        with open(path, "w") as f:
            f.write("date,revenue,a,b,c,d\n")
            for t in range(WEEKS):
                day = np.datetime64("2024-01-01") + 7 * t
                f.write(f"{day},{self.outcome[t]:.0f}," + ",".join(f"{v:.0f}" for v in self.spend[t]) + "\n")

    def tested(self, c, moved, error, quarter):
        "A row for the fit: the channel raised by `moved` a week, from steady spend."
        now = np.full((TEST, 4), 0.0) + self.mean
        more = now.copy()
        more[:, c] += moved
        stock = self.carried(np.vstack([self.mean, more]))[1:]
        lift = (self.effect(stock) - self.effect(now)).sum() + error * self.noise[quarter, c]
        start = np.datetime64("2025-12-29") + 91 * quarter
        return f"{NAMES[c]},{start},{start + 7 * TEST - 1},{self.mean[c]:.2f},{moved:.2f},{lift:.2f},{error:.2f}\n"


def outlay(folder, *arguments):
    ran = subprocess.run([BINARY, *arguments], cwd=folder, capture_output=True, text=True, timeout=300)
    if ran.returncode not in (0, 3):
        raise SystemExit(f"outlay {' '.join(arguments)}: {ran.stderr}")
    return ran.stdout


def year(seed):
    "What the plans of the year earn beyond today's spends: no tests, by spend, by `next`; in percent."
    world = World(seed)
    moved = 0.15 * world.mean.sum()
    error = 0.015 * TEST * world.outcome.mean()
    with tempfile.TemporaryDirectory() as folder:
        put = lambda name, text: open(os.path.join(folder, name), "w").write(text)
        world.history(os.path.join(folder, "history.csv"))
        now = 13 * world.mean
        put("plan.toml", f'outlay = 1\nname = "year"\ncurrency = "USD"\ncurves = "curves.json"\nhorizon = {{ periods = 13, unit = "week" }}\nbudget = {{ max = {now.sum()} }}\n' + "".join(f'[[lines]]\nname = "{n}"\nspend = {{ current = {x}, min = {x / 2}, max = {1.5 * x} }}\n' for n, x in zip(NAMES, now)))
        put("tests.csv", "channel,change,weeks,error,cost\n" + "".join(f"{n},{moved / m},{TEST},{error},0\n" for n, m in zip(NAMES, world.mean)))
        base = world.earned(world.mean)
        columns = sum((["--spend", n] for n in NAMES), [])

        def planned(rows):
            put("lifts.csv", "channel,start,end,spend,delta_spend,lift,standard_error\n" + "".join(rows))
            tests = ["--lift-tests", "lifts.csv"] if rows else []
            outlay(folder, "fit", "history.csv", *tests, "--out", "curves.json", "--currency", "USD", *columns)
            plan = json.loads(outlay(folder, "run", "plan.toml", "--format", "json"))
            return world.earned([l["spend"] / 13 for l in plan["lines"]]) - base

        first, gains = planned([]), []
        for policy in ("none", "spend", "next"):
            total, rows, done = first, [], []
            if policy == "next":
                planned([])
            for quarter in range(QUARTERS - 1):
                if policy == "none":
                    total += first
                    continue
                if policy == "spend":
                    c = max((c for c in range(4) if c not in done), key=lambda c: world.mean[c])
                else:
                    c = NAMES.index(json.loads(outlay(folder, "next", "plan.toml", "--tests", "tests.csv", "--format", "json"))["tests"][0]["channel"])
                done.append(c)
                rows.append(world.tested(c, moved, error, quarter))
                total += planned(rows)
            gains.append(100 * total / (QUARTERS * base))
        return gains, done


def main():
    all_gains = []
    for seed in range(FIRST, LAST + 1):
        gains, done = year(seed)
        all_gains.append(gains)
        print(seed, *[f"{g:+.2f}" for g in gains], "".join(NAMES[c] for c in done), flush=True)
    g = np.array(all_gains)
    pairs = [("no tests", g[:, 0]), ("by spend", g[:, 1]), ("by next", g[:, 2]), ("by spend less none", g[:, 1] - g[:, 0]), ("by next less none", g[:, 2] - g[:, 0]), ("by next less by spend", g[:, 2] - g[:, 1])]
    for name, x in pairs:
        print(f"{name}: {x.mean():+.3f}% ({x.std(ddof=1) / len(x) ** 0.5:.3f}), better in {(x > 0).sum()}, worse in {(x < 0).sum()} of {len(x)}")


main()
