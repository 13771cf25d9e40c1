#!/usr/bin/env python3
"""Fits the same simulated histories with `outlay fit` and pymc-marketing, and
prints how far each is from the truth, how often its intervals cover it, and
what it costs. See README.md for how to run it.

Truth: four channels, 104 weeks, Michaelis-Menten curves of geometric adstock,
yearly season, trend, autocorrelated noise of 5% of the outcome; one lift test
per channel with a standard error of 20%. The same process as
crates/curves/tests/simulation, with other random numbers.

pymc-marketing gets the true family, adstock and number of seasonal waves; its
priors are its own. Its lift likelihood knows no window, so each test is given
to it as the mean change per week.
"""

import argparse
import csv
import datetime
import json
import math
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import time
import venv

PACKAGES = ["pymc-marketing==0.19.2", "nutpie"]
WEEKS, CHANNELS, WARM, WINDOW = 104, 4, 30, 8


# ---------------------------------------------------------------- the truth

def adstock(spend, retention, before):
    stock, out = before, []
    for x in spend:
        stock = (1 - retention) * x + retention * stock
        out.append(stock)
    return out


def world(seed, correlation):
    """A history, its lift tests and the true marginal returns at mean spend."""
    rng = random.Random(seed)
    common = [rng.gauss(0, 1) for _ in range(WEEKS + WARM)]
    spends, tests, truth, media = [], [], [], [0.0] * WEEKS
    for i in range(CHANNELS):
        level, state, spend = 10_000 * (1 + 4 * rng.random()), 0.0, []
        for shared in common:
            shock = math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * rng.gauss(0, 1)
            state = 0.5 * state + 0.866 * shock
            spend.append(level * math.exp(0.47 * state - 0.11))
        mean = statistics.fmean(spend[WARM:])
        half = mean * math.exp(math.log(0.4) + math.log(3 / 0.4) * rng.random())
        ceiling = math.exp(0.2 + 0.5 * rng.gauss(0, 1)) * (half + mean)
        retention = 0.1 + 0.6 * rng.random()
        curve = lambda x: ceiling * x / (half + x)
        for t, a in enumerate(adstock(spend, retention, level)[WARM:]):
            media[t] += curve(a)
        delta = 0.5 * mean
        lift = sum(curve(a) - curve(mean) for a in adstock([mean + delta] * WINDOW, retention, mean))
        error = 0.2 * lift
        tests.append((f"c{i}", mean, delta, lift + error * rng.gauss(0, 1), error))
        truth.append((mean, ceiling * half / (half + mean) ** 2))
        spends.append(spend[WARM:])
    base = 3 * statistics.fmean(media)
    noise, error, phase, outcome = 0.05 * base * 4 / 3, 0.0, rng.random(), []
    for t in range(WEEKS):
        error = 0.3 * error + 0.954 * noise * rng.gauss(0, 1)
        year = 2 * math.pi * (t / 52.18 + phase)
        level = base * (1 + 0.1 * math.sin(year) + 0.04 * math.cos(2 * year) + 0.1 * t / WEEKS)
        outcome.append(level + media[t] + error)
    return spends, outcome, tests, truth


def write(folder, spends, outcome, tests):
    day = lambda t: (datetime.date(2022, 1, 3) + datetime.timedelta(weeks=t)).isoformat()
    names = [f"c{i}" for i in range(CHANNELS)]
    with open(folder / "history.csv", "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["date", "revenue"] + [f"{n}_spend" for n in names])
        out.writerows([day(t), outcome[t]] + [s[t] for s in spends] for t in range(WEEKS))
    with open(folder / "tests.csv", "w", newline="") as f:
        out = csv.writer(f)
        out.writerow("channel start end spend delta_spend lift standard_error".split())
        out.writerows([n, day(20), day(20 + WINDOW - 1), x, d, lift, e] for n, x, d, lift, e in tests)


# ---------------------------------------------------------------- the fits

def processor():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def ours(binary, folder):
    """Medians and 90% intervals of the marginal returns; processor time of the whole program."""
    start, clock = processor(), time.monotonic()
    command = [binary, "fit", "history.csv", "--lift-tests", "tests.csv", "--out", "curves.json"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    spent = processor() - start, time.monotonic() - clock
    found = [c["marginal"] for c in json.loads((folder / "curves.json").read_text())["curves"]]
    quality = json.loads((folder / "curves.json").read_text())["curves"][0]["quality"]
    intervals = [(m["value"], m["low"], m["high"]) for m in found]
    return intervals, spent, (quality["r_hat"], quality["effective_draws"])


def peer(folder, sampler, means):
    """The same of pymc-marketing; imports are not timed."""
    import arviz
    import numpy as np
    import pandas as pd
    from pymc_marketing.mmm import GeometricAdstock, MichaelisMentenSaturation
    from pymc_marketing.mmm.multidimensional import MMM

    data = pd.read_csv(folder / "history.csv", parse_dates=["date"])
    data["trend"] = np.linspace(-0.5, 0.5, len(data))
    channels = [f"c{i}_spend" for i in range(CHANNELS)]
    X, y = data[["date", "trend"] + channels], data["revenue"]
    tests = pd.read_csv(folder / "tests.csv")
    start, clock = processor(), time.monotonic()
    model = MMM(
        date_column="date", channel_columns=channels, target_column="revenue", control_columns=["trend"],
        adstock=GeometricAdstock(l_max=13), saturation=MichaelisMentenSaturation(), yearly_seasonality=2,
    )
    model.build_model(X, y)
    model.add_lift_test_measurements(pd.DataFrame({
        "channel": [f"{c}_spend" for c in tests["channel"]],
        "x": tests["spend"], "delta_x": tests["delta_spend"],
        "delta_y": tests["lift"] / WINDOW, "sigma": tests["standard_error"] / WINDOW,
    }))
    options = {} if sampler == "pymc" else {"nuts_sampler": sampler}
    print(f"{sampler}: model built in {time.monotonic() - clock:.0f} s, sampling", file=sys.stderr, flush=True)
    model.fit(X, y, random_seed=1, progressbar=False, **options)
    spent = processor() - start, time.monotonic() - clock
    posterior = model.idata.posterior
    scale = float(y.max())
    intervals = []
    for name, mean in zip(channels, means):
        draws = lambda p: posterior[p].sel(channel=name).to_numpy().ravel()
        most = float(data[name].max())
        ceiling, half = draws("saturation_alpha") * scale, draws("saturation_lam") * most
        marginal = ceiling * half / (half + mean) ** 2
        intervals.append((float(np.median(marginal)), *map(float, np.quantile(marginal, [0.05, 0.95]))))
    kept = ["saturation_alpha", "saturation_lam", "adstock_alpha"]
    table = arviz.summary(posterior[kept], kind="diagnostics")
    return intervals, spent, (float(table["r_hat"].max()), float(table["ess_bulk"].min()))


# ---------------------------------------------------------------- the table

def environment(folder):
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    return python


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path, help="the program, built with --release")
    parser.add_argument("--sets", type=int, default=3)
    parser.add_argument("--correlation", type=float, default=0.0)
    parser.add_argument("--samplers", nargs="+", default=["nutpie"], help="pymc is its default and takes more than ten minutes a set")
    parser.add_argument("--environment", type=pathlib.Path, default=pathlib.Path("target/peers-fit"))
    parser.add_argument("--peer", nargs=2, metavar=("FOLDER", "SAMPLER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peer:
        folder = pathlib.Path(given.peer[0])
        means = json.loads((folder / "means.json").read_text())
        print(json.dumps(peer(folder, given.peer[1], means)))
        return
    python, binary = environment(given.environment), given.binary.resolve()
    rows = {name: [] for name in ["Outlay"] + [f"pymc-marketing, {s}" for s in given.samplers]}
    for seed in range(1, given.sets + 1):
        folder = given.environment / f"set-{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        spends, outcome, tests, truth = world(seed, given.correlation)
        write(folder, spends, outcome, tests)
        (folder / "means.json").write_text(json.dumps([mean for mean, _ in truth]))
        rows["Outlay"].append((ours(binary, folder), truth))
        for sampler in given.samplers:
            command = [python, __file__, str(binary), "--peer", str(folder), sampler]
            run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
            if run.returncode:
                print(f"{sampler}, set {seed}: failed, see above", file=sys.stderr)
                continue
            rows[f"pymc-marketing, {sampler}"].append((json.loads(run.stdout.splitlines()[-1]), truth))
    show(rows)


def show(rows):
    print("| fit | sets | median error | covers | processor time | wall time | times ours | R-hat, worst | ESS, least |")
    print("|---|---|---|---|---|---|---|---|---|")
    base = statistics.median(found[1][0] for found, _ in rows["Outlay"])
    for name, sets in rows.items():
        if not sets:
            continue
        pairs = [(m, t) for (found, truth) in sets for m, (_, t) in zip(found[0], truth)]
        error = statistics.median(abs(m[0] / t - 1) for m, t in pairs)
        covers = sum(m[1] <= t <= m[2] for m, t in pairs) / len(pairs)
        cpu = statistics.median(found[1][0] for found, _ in sets)
        wall = statistics.median(found[1][1] for found, _ in sets)
        worst, least = max(f[2][0] for f, _ in sets), min(f[2][1] for f, _ in sets)
        print(f"| {name} | {len(sets)} | {error:.3f} | {covers:.0%} | {cpu:.2f} s | {wall:.2f} s "
              f"| {cpu / base:.0f} | {worst:.3f} | {least:.0f} |")


if __name__ == "__main__":
    main()
