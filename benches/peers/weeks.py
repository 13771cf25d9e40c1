#!/usr/bin/env python3
"""Plans of 13 weeks from a fitted model of pymc-marketing, judged by that library's own objective.

    python3 benches/peers/weeks.py target/release/outlay [--model MODEL.nc] [--python PYTHON3.12]

The model (geometric carry-over, logistic saturation, no further dimensions) is
a file that `mmm.save` wrote; without one, a small one is fitted to simulated
weeks. `outlay import` reads it and `outlay run` plans by period, from what was
spent in the last weeks on. The library's optimizer has one spend a week for
each channel; every plan is judged by the same function: the mean over all
draws, the weeks before the plan and the weeks in which it fades included
(`mmm.budget_optimizer(...).evaluate_plan`).

The last row is the best plan of all with a spend of its own in every week, by
SLSQP on the same function written in NumPy, which has to agree with the
library's to 1e-9.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import warnings

PACKAGES = ["pymc-marketing==1.3.0"]
WEEKS = 13
BOUNDS = [(0.5, 1.5), (0.0, 3.0)]


def environment(python):
    """Runs this script again where the peer is installed."""
    place = pathlib.Path("target/peers/weeks/venv")
    inside = place / "bin" / "python"
    if not inside.exists():
        subprocess.run([python, "-m", "venv", place], check=True)
        subprocess.run([inside, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    sys.exit(subprocess.run([inside, *sys.argv, "--inside"]).returncode)


def fitted():
    """A small model of three channels over two years."""
    import numpy as np
    import pandas as pd
    from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation

    rng, weeks, names = np.random.default_rng(7), 104, ["tv", "search", "social"]
    spend = rng.gamma(2.0, [15_000, 6_000, 4_000], (weeks, 3)) * (rng.random((weeks, 3)) > [0.3, 0, 0.1])
    sales = 200_000 + 6_000 * rng.standard_normal(weeks)
    for channel, (keep, ceiling, scale) in enumerate([(0.6, 60e3, 40e3), (0.2, 50e3, 15e3), (0.4, 20e3, 8e3)]):
        kernel = keep ** np.arange(8)
        stock = np.convolve(spend[:, channel], kernel / kernel.sum())[:weeks]
        sales += ceiling * np.tanh(stock / scale / 2)
    frame = pd.DataFrame(spend, columns=names)
    frame.insert(0, "date", pd.date_range("2023-01-02", periods=weeks, freq="W-MON"))
    mmm = MMM(
        date_column="date", target_column="sales", channel_columns=names,
        adstock=GeometricAdstock(l_max=8), saturation=LogisticSaturation(),
    )
    mmm.fit(frame, pd.Series(sales, name="sales"), draws=200, tune=400, chains=2, cores=1, random_seed=7, progressbar=False)
    path = "target/peers/weeks/model.nc"
    mmm.save(path)
    return path


class Model:
    """The library's objective over plans with a spend for every week, and its slope."""

    def __init__(self, mmm):
        import numpy as np

        posterior, data = mmm.idata.posterior, mmm.idata.constant_data
        drawn = lambda name: posterior[name].stack(draws=("chain", "draw")).transpose("draws", "channel").values
        self.names = [str(name) for name in mmm.channel_columns]
        kernel = drawn("adstock_alpha")[:, :, None] ** np.arange(mmm.adstock.l_max)
        self.kernel = kernel / kernel.sum(2, keepdims=True)
        self.lam, self.beta = drawn("saturation_lam"), drawn("saturation_beta")
        self.scale, self.target = data.channel_scale.values, float(data.target_scale.values)
        self.before = data.channel_data.values[-mmm.adstock.l_max:]
        self.mean = data.channel_data.values.mean(0)

    def value(self, plan):
        import numpy as np

        lags = self.kernel.shape[2]
        spend = np.concatenate([self.before, plan, np.zeros_like(self.before)]) / self.scale
        stock = np.zeros((len(self.lam), *spend.shape))
        for lag in range(lags):
            stock[:, lag:] += self.kernel[:, None, :, lag] * spend[None, : len(spend) - lag]
        fading = np.exp(-self.lam[:, None] * stock)
        value = self.target * (self.beta[:, None] * (1 - fading) / (1 + fading)).sum((1, 2)).mean()
        steep = self.beta[:, None] * self.lam[:, None] * 2 * fading / (1 + fading) ** 2
        slope = np.zeros_like(spend)
        for lag in range(lags):
            slope[: len(spend) - lag] += (self.kernel[:, None, :, lag] * steep[:, lag:]).mean(0)
        return value, (self.target * slope / self.scale)[lags : lags + len(plan)]

    def best(self, low, high, budget):
        import numpy as np
        from scipy.optimize import minimize

        unit, size = budget / (WEEKS * len(self.names)), (WEEKS, len(self.names))
        rows = [(np.ones(size), budget, "eq", 1)]
        for channel, mean in enumerate(self.mean):
            mask = np.zeros(size)
            mask[:, channel] = 1
            rows += [(mask, WEEKS * low * mean, "ineq", 1), (mask, WEEKS * high * mean, "ineq", -1)]
        limits = [
            {"type": kind, "fun": lambda x, m=m.ravel(), b=b, s=s: s * (m @ x - b / unit), "jac": lambda x, m=m.ravel(), s=s: s * m}
            for m, b, kind, s in rows
        ]

        def loss(x):
            value, slope = self.value(x.reshape(size) * unit)
            return -value / 1e4, -slope.ravel() * unit / 1e4

        start = np.tile(self.mean / unit, (WEEKS, 1)).ravel()
        found = minimize(loss, start, jac=True, bounds=[(0, None)] * start.size, constraints=limits,
                         method="SLSQP", options={"maxiter": 1000, "ftol": 1e-12})
        assert found.success, found.message
        return found.x.reshape(size) * unit


def ours(outlay, model, folder, low, high, budget, start, plan, even):
    """The plan of `outlay run`, by channel and week."""
    import numpy as np

    curves = {curve["name"]: curve for curve in json.loads((folder / "curves.json").read_text())["curves"]}
    text = f'outlay = 1\nname = "weeks"\ncurrency = "USD"\ncurves = "curves.json"\ngoal = {{ maximize = "revenue" }}\n'
    text += f'horizon = {{ start = {start}, periods = {WEEKS}, unit = "week", plan = "{plan}" }}\nbudget = {{ max = {float(budget)!r} }}\n'
    for name, mean in zip(model.names, model.mean):
        text += f'[[lines]]\nname = "{name}"\nspend = {{ min = {float(WEEKS * low * mean)!r}, max = {float(WEEKS * high * mean)!r} }}\n'
        if plan == "by_period":
            text += f'flight = {{ opening = {curves[name]["recent"]}{", smooth = 0" if even else ""} }}\n'
    (folder / "weeks.toml").write_text(text)
    done = subprocess.run([outlay, "run", folder / "weeks.toml", "--format", "json"], capture_output=True, text=True, check=True)
    lines = {line["name"]: line for line in json.loads(done.stdout)["lines"]}
    weeks = lambda line: [week["spend"] for week in line["flight"]["periods"]] if "flight" in line else [line["spend"] / WEEKS] * WEEKS
    return np.array([weeks(lines[name]) for name in model.names]).T


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("outlay")
    words.add_argument("--model")
    words.add_argument("--python", default="python3.12")
    words.add_argument("--inside", action="store_true")
    asked = words.parse_args()
    if not asked.inside:
        environment(asked.python)

    warnings.filterwarnings("ignore")
    import numpy as np
    import xarray as xr
    from pymc_marketing.mmm import MMM

    path = asked.model or fitted()
    mmm, folder = MMM.load(path), pathlib.Path("target/peers/weeks")
    model = Model(mmm)
    (folder / "curves.json").unlink(missing_ok=True)
    subprocess.run([asked.outlay, "import", path, "--currency", "USD", "--out", folder / "curves.json"], check=True, capture_output=True)
    last = np.datetime64(mmm.idata.constant_data.date.values[-1], "D")
    dates = last + 7 * np.arange(1, WEEKS + 1)
    if "total_media_contribution_original_scale" not in mmm.model.named_vars:
        mmm.add_original_scale_contribution_variable(["channel_contribution"])

    def judge(plan):
        """The library's objective of a plan; shares of each week are its `budget_distribution_over_period`."""
        total = plan.sum(0)
        share = np.where(total > 0, plan / np.where(total > 0, total, 1), 1 / WEEKS)
        share = xr.DataArray(share, dims=["date", "channel"], coords={"date": np.arange(WEEKS), "channel": model.names})
        optimizer = mmm.budget_optimizer(str(dates[0]), str(dates[-1]), budget_distribution_over_period=share)
        value = optimizer.evaluate_plan(xr.DataArray(total / WEEKS, dims=["channel"], coords={"channel": model.names})).utility
        assert abs(model.value(plan)[0] / value - 1) < 1e-9, (model.value(plan)[0], value)
        return value

    nothing, budget = judge(np.zeros((WEEKS, len(model.names)))), WEEKS * model.mean.sum()
    print("| each channel's spend, over its mean | plan | objective | over the library's | of what the plan adds |\n|---|---|---|---|---|")
    for low, high in BOUNDS:
        box = xr.DataArray(np.stack([low * model.mean, high * model.mean], 1), dims=["channel", "bound"],
                           coords={"channel": model.names, "bound": ["lower", "upper"]})
        theirs = mmm.budget_optimizer(str(dates[0]), str(dates[-1])).allocate_budget(total_budget=budget / WEEKS, budget_bounds=box)
        theirs = np.tile(theirs.budgets.sel(channel=model.names).values, (WEEKS, 1))
        plan = lambda kind, even: ours(asked.outlay, model, folder, low, high, budget, dates[0], kind, even)
        reference = judge(theirs)
        for name, made in [
            ("the library's optimizer, the same every week", theirs),
            ("Outlay, in total", plan("total", False)),
            ("Outlay by period, the same every week", plan("by_period", True)),
            ("Outlay by period", plan("by_period", False)),
            ("best by week, on the draws themselves", model.best(low, high, budget)),
        ]:
            assert abs(made.sum() / budget - 1) < 1e-6, made.sum()
            value = judge(made)
            print(f"| {low:.0%} to {high:.0%} | {name} | {value:,.1f} | {value / reference - 1:+.4%} | {(value - reference) / (reference - nothing):+.4%} |")


if __name__ == "__main__":
    main()
