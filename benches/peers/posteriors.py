#!/usr/bin/env python3
"""Plans from one fitted model in memory: the peer's own budget optimizer against
Outlay, in one process, judged by the peer's own figures.

    python benches/peers/posteriors.py pymc MODEL.nc          # pymc-marketing 1.x, geometric carry-over
    python benches/peers/posteriors.py meridian MODEL.binpb   # google-meridian[schema] 2.1

Needs the package `outlay` beside the peer (each in an environment of its own:
the two ask for different versions of arviz). Both get the budget of the history
and the same bounds on each channel. Times are processor time of the process;
what is built once and asked again (the peer's compiled objective, a library of
curves) is told apart from the plan itself.
"""

import sys
import time
import warnings

import outlay

ROUNDS = 3


def timed(run, rounds=ROUNDS):
    """The answer, and the least processor time of a few runs, in seconds."""
    least = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        answer = run()
        least = min(least, time.process_time() - began)
    return answer, least


def plan(library, start, weeks, bounds, opening=None):
    """A proven plan of `weeks` on the budget of the history, as spends of a mean week.

    `bounds` are the least, most and former spend of a channel in a week. With
    `opening`, the last weeks' spends of each, it is planned week by week, every
    week alike; without, in total.
    """
    lines = [
        {"name": name, "spend": {"min": low * weeks, "max": high * weeks}}
        | ({"flight": {"opening": opening[name], "smooth": 0}} if opening else {})
        for name, (low, high, _) in bounds.items()
    ]
    budget = weeks * sum(spend for _, _, spend in bounds.values())
    solved = outlay.solve(
        currency="EUR", curves=library, goal="maximize revenue", lines=lines,
        horizon={"start": start, "periods": weeks, "unit": "week", "plan": "by_period" if opening else "total"},
        budget={"min": budget, "max": budget},
    )
    assert solved.status == "optimal", solved.status
    return {line["name"]: line["spend"] / weeks for line in solved.to_dict()["lines"]}


def told(rows, nothing):
    """A table: the peer first, what others add against what it adds."""
    reference, base = rows[0][1], rows[0][3]
    print("| plan | adds | against the peer's | to prepare | a plan | peer's plan takes, times ours |\n|---|---|---|---|---|---|")
    for name, value, built, took in rows:
        added = (value - reference) / (reference - nothing)
        print(f"| {name} | {value - nothing:,.0f} | {added:+.4%} | {built:.2f} s | {took * 1e3:,.1f} ms | {base / took:,.0f} |")


def meridian(path):
    from meridian.analysis import analyzer, optimizer
    from meridian.schema.serde import meridian_serde

    model = meridian_serde.load_meridian(path)
    asked = analyzer.Analyzer(model)
    library, built = timed(lambda: outlay.from_meridian(model, currency="EUR"), 1)
    theirs, took = timed(lambda: optimizer.BudgetOptimizer(model).optimize(use_optimal_frequency=False), 1)
    history = theirs.nonoptimized_data.spend
    spent = {str(name): float(history.sel(channel=name)) for name in history.channel.values}
    periods = model.n_times

    def judge(spends):
        """Meridian's own incremental outcome: every channel at its multiple of what was spent."""
        multiples = {name: spends[name] / spent[name] for name in spent}
        curves = asked.response_curves(spend_multipliers=sorted(set(multiples.values())), by_reach=True)
        outcome = curves.incremental_outcome.sel(metric="mean")
        return sum(
            float(outcome.sel(channel=name).sel(spend_multiplier=multiple, method="nearest"))
            for name, multiple in multiples.items()
        )

    chosen = theirs.optimized_data.spend
    rows = [("Meridian", judge({name: float(chosen.sel(channel=name)) for name in spent}), 0.0, took)]
    weekly = {name: total / periods for name, total in spent.items()}
    # Meridian rounds spends to its grid and so passes its own bounds by a little: the same for us.
    taken = {name: float(chosen.sel(channel=name)) / periods for name in spent}
    bounds = {name: (min(0.7 * spend, taken[name]), max(1.3 * spend, taken[name]), spend) for name, spend in weekly.items()}
    ours, took = timed(lambda: plan(library, "2026-01-05", 13, bounds))
    assert abs(sum(ours.values()) / sum(weekly.values()) - 1) < 1e-9
    rows.append(("Outlay, proven", judge({name: spend * periods for name, spend in ours.items()}), built, took))
    told(rows, 0.0)


def pymc(path):
    import numpy as np
    import xarray as xr
    from pymc_marketing.mmm import MMM

    mmm, weeks = MMM.load(path), 13
    names = [str(name) for name in mmm.channel_columns]
    data = mmm.idata.constant_data
    mean = dict(zip(names, data.channel_data.values.mean(0)))
    first = np.datetime64(data.date.values[-1], "D") + 7
    if "total_media_contribution_original_scale" not in mmm.model.named_vars:
        mmm.add_original_scale_contribution_variable(["channel_contribution"])
    library, fitted = timed(lambda: outlay.from_pymc(mmm, currency="EUR"), 1)
    optimizer, built = timed(lambda: mmm.budget_optimizer(str(first), str(first + 7 * (weeks - 1))), 1)
    budget = float(sum(mean.values()))
    bounds = {name: (0.5 * spend, 1.5 * spend, spend) for name, spend in mean.items()}
    box = xr.DataArray([bounds[name][:2] for name in names], dims=["channel", "bound"],
                       coords={"channel": names, "bound": ["lower", "upper"]})

    def judge(spends):
        weekly = xr.DataArray([spends[name] for name in names], dims=["channel"], coords={"channel": names})
        return float(optimizer.evaluate_plan(weekly).utility)

    theirs, took = timed(lambda: optimizer.allocate_budget(total_budget=budget, budget_bounds=box))
    chosen = {name: float(theirs.budgets.sel(channel=name)) for name in names}
    assert abs(sum(chosen.values()) / budget - 1) < 1e-6
    rows = [("pymc-marketing, the same every week", judge(chosen), built, took)]
    recent = {curve["name"]: curve["recent"] for curve in library.to_dict()["curves"]}
    for name, opening in [("in total", None), ("by week, the same every week", recent)]:
        ours, took = timed(lambda: plan(library, str(first), weeks, bounds, opening))
        rows.append((f"Outlay, proven: {name}", judge(ours), fitted, took))
    told(rows, judge(dict.fromkeys(names, 0.0)))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    {"pymc": pymc, "meridian": meridian}[sys.argv[1]](sys.argv[2])
