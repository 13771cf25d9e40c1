#!/usr/bin/env python3
"""Plans for the worst tenth of the draws: pymc-marketing's own risk measure and
optimizer against Outlay, on the same draws in one process.

    python benches/peers/risk.py MODEL.nc [WEEKS]     # pymc-marketing 1.x, geometric carry-over

`conditional_value_at_risk(0.9)` is the mean of the worst tenth, which is what
`worst = 0.1` maximises. Both get the budget of the history, half to one and a half
of each channel's mean spend, the same every week; Outlay plans once in total and
once by week (`smooth = 0`), from what earlier weeks left on to where the last fades,
which is the peer's window. Plans are judged twice: by the
peer's own objective (`evaluate_plan`: the window with what weeks before it leave
and what fades after it), and by the mean of the worst tenth of the same draws with
all spend steady. Times are processor time, the least of three runs; what is
compiled or read once is told apart.
"""

import sys
import warnings

import numpy as np
import outlay
import xarray as xr
from posteriors import timed
from pymc_marketing.mmm import MMM
from pymc_marketing.mmm.utility import average_response, conditional_value_at_risk

TENTH = 0.1


def solved(library, weeks, bounds, goal, start=None, opening=None):
    lines = [
        {"name": n, "spend": {"min": low * weeks, "max": high * weeks}}
        | ({"flight": {"opening": opening[n], "smooth": 0}} if opening else {})
        for n, (low, high, _) in bounds.items()
    ]
    budget = weeks * sum(spend for _, _, spend in bounds.values())
    found = outlay.solve(
        currency="EUR", curves=library, goal=goal, lines=lines,
        horizon={"periods": weeks, "unit": "week"} | ({"start": start, "plan": "by_period"} if opening else {}),
        budget={"min": budget, "max": budget},
    ).to_dict()
    assert found["status"] == "optimal", found["status"]
    return {line["name"]: line["spend"] / weeks for line in found["lines"]}


def steady(mmm, names, spends):
    "What every draw earns in a week of steady spends, by the model's own saturation."
    post = mmm.idata["posterior"].to_dataset().stack(draw_=("chain", "draw"))
    scale = mmm.idata.constant_data.channel_scale.values
    target = float(mmm.idata.constant_data.target_scale)
    lam = post.saturation_lam.transpose("draw_", "channel").values
    beta = post.saturation_beta.transpose("draw_", "channel").values
    x = np.array([spends[n] for n in names]) / scale
    e = np.exp(-lam * x)
    return target * (beta * (1 - e) / (1 + e)).sum(1)


def worst(values):
    values = np.sort(values)
    return values[: int(round(TENTH * len(values)))].mean()


def main(path, weeks):
    mmm = MMM.load(path)
    names = [str(n) for n in mmm.channel_columns]
    data = mmm.idata.constant_data
    mean = dict(zip(names, data.channel_data.values.mean(0)))
    first = np.datetime64(data.date.values[-1], "D") + 7
    if "total_media_contribution_original_scale" not in mmm.model.named_vars:
        mmm.add_original_scale_contribution_variable(["channel_contribution"])
    library, read = timed(lambda: outlay.from_pymc(mmm, currency="EUR"), 1)
    bounds = {n: (0.5 * x, 1.5 * x, x) for n, x in mean.items()}
    budget = float(sum(mean.values()))
    box = xr.DataArray([bounds[n][:2] for n in names], dims=["channel", "bound"],
                       coords={"channel": names, "bound": ["lower", "upper"]})

    def prepared(measure):
        window = (str(first), str(first + 7 * (weeks - 1)))
        return timed(lambda: mmm.budget_optimizer(*window, utility_function=measure), 1)

    risk, built = prepared(conditional_value_at_risk(1 - TENTH))
    average, _ = prepared(average_response)

    def judge(optimizer, spends):
        weekly = xr.DataArray([spends[n] for n in names], dims=["channel"], coords={"channel": names})
        return float(optimizer.evaluate_plan(weekly).utility)

    theirs, took = timed(lambda: risk.allocate_budget(total_budget=budget, budget_bounds=box))
    chosen = {n: float(theirs.budgets.sel(channel=n)) for n in names}
    assert abs(sum(chosen.values()) / budget - 1) < 1e-6
    ours, fast = timed(lambda: solved(library, weeks, bounds, "maximize revenue worst 10%"))
    recent = {curve["name"]: curve["recent"] for curve in library.to_dict()["curves"]}
    by_week, slower = timed(lambda: solved(library, weeks, bounds, "maximize revenue worst 10%", str(first), recent))
    on_mean = solved(library, weeks, bounds, "maximize revenue")
    draws = len(steady(mmm, names, chosen))
    print(f"{len(names)} channels, {draws} draws, {weeks} weeks; to prepare: {built:.2f} s, ours {read:.2f} s")
    print("| plan for | worst tenth, peer's objective | worst tenth, steady | mean, peer's objective | a plan |")
    print("|---|---|---|---|---|")
    rows = [("pymc-marketing, its worst tenth", chosen, took), ("Outlay, the worst tenth, in total, proven", ours, fast),
            ("Outlay, the worst tenth, by week, proven", by_week, slower),
            ("Outlay, the mean, proven", on_mean, float("nan"))]
    base = rows[0][1]
    for name, spends, time in rows:
        against = lambda of: of(spends) / of(base) - 1
        print(f"| {name} | {against(lambda x: judge(risk, x)):+.4%} | {against(lambda x: worst(steady(mmm, names, x))):+.4%} "
              f"| {against(lambda x: judge(average, x)):+.4%} | {time * 1e3:.1f} ms |")
    print(f"peer's plan takes, times ours: in total {took / fast:.1f}, by week {took / slower:.1f}")
    for name, spends, _ in rows:
        print(name, {n: round(x) for n, x in spends.items()})


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 13)
