"""How time and memory of the command line grow, along one size at a time.

Usage: python3 benches/growth.py target/release/outlay [--only SERIES] [--runs 3]

Writes made-up scenarios into a temporary folder, runs the program on each and
prints processor time (user, the least of the runs) and the most memory held,
with the exponent between a size and the one before: 1 is growth in proportion.
Sizes at which a run takes longer than `--most` seconds end a series.
"""

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile


def line(i, draw, shaped=False):
    today = draw.uniform(1e4, 1e5)
    shape = draw.uniform(1.3, 3) if shaped and draw.random() < 0.3 else draw.uniform(0.7, 1)
    curve = {
        "family": "hill",
        "ceiling": today * draw.uniform(3, 8),
        "half_saturation": today * draw.uniform(0.6, 2),
        "shape": shape,
    }
    return {
        "name": f"l{i}",
        "stage": "abcd"[i % 4],
        "spend": {"current": today, "max": 3 * today},
        "outcome": "revenue",
        "curve": curve,
        "revenue_per_customer": 100,
    }


def plan(n, seed=1, shaped=False, **more):
    draw = random.Random(seed)
    lines = [line(i, draw, shaped) for i in range(n)]
    budget = sum(one["spend"]["current"] for one in lines)
    limits = [{"name": "a", "metric": "spend_share", "where": {"stage": "a"}, "min": 0.2}]
    base = {"outlay": 1, "name": f"n{n}", "currency": "USD", "goal": {"maximize": "revenue"}}
    return {**base, "budget": {"max": budget}, "lines": lines, "limits": limits, **more}


def tagged(values, factor=1.6):
    draw = random.Random(2)
    scenario = plan(300, 2)
    for one in scenario["lines"]:
        one["tags"] = {f"t{k}": f"v{draw.randrange(values)}" for k in range(20)}
    share = {"metric": "spend_share", "max": factor / values}
    scenario["limits"] = [{"name": f"by{k}", "by": f"t{k}", **share} for k in range(20)]
    return scenario


def weekly(weeks, lines=10):
    draw = random.Random(3)
    scenario = plan(lines, 3, shaped=True)
    for one in scenario["lines"]:
        one["adstock"] = {"kind": "geometric", "retention": draw.uniform(0, 0.8)}
    horizon = {"start": "2026-01-05", "periods": weeks, "unit": "week", "plan": "by_period"}
    cash = {"name": "cash", "metric": "spend", "by": "month"}
    cash["max"] = scenario["budget"]["max"] * min(1.0, 5.2 / weeks)
    return {**scenario, "horizon": horizon, "limits": scenario["limits"] + [cash]}


def drawn(goal):
    def prepare(folder, draws):
        draw, scenario = random.Random(4), plan(12, 4)
        curves = []
        for one in scenario["lines"]:
            curve = one["curve"]
            spread = lambda: {**curve, **{k: curve[k] * draw.lognormvariate(0, 0.3) for k in ("ceiling", "half_saturation")}}
            entry = {"name": one["name"], "outcome": one["outcome"], "curve": curve}
            curves.append({**entry, "draws": [spread() for _ in range(draws)]})
            del one["outcome"]
            one["curve"] = one["name"]
        with open(os.path.join(folder, "curves.json"), "w") as file:
            json.dump({"outlay": 1, "curves": curves}, file)
        return scenario_file(lambda _: {**scenario, "curves": "curves.json", "goal": goal})(folder, draws)

    return prepare


def varied(count):
    side = round(math.sqrt(count))
    budget = {"set": "budget.max", "scale": [0.7 + 0.6 * k / side for k in range(side)]}
    share = {"set": "limits.a.min", "values": [0.1 + 0.2 * k / side for k in range(side)]}
    return plan(12, 5, shaped=True, vary=[budget, share])


# Started from a small process of its own: a program begins with the memory of
# what starts it on its account.
WATCH = """
import os, subprocess, sys
with open("out", "wb") as out:
    process = subprocess.Popen(sys.argv[1:], stdout=out)
    _, status, used = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), used.ru_utime, used.ru_maxrss / 1024)
"""


def measured(command, cwd):
    watched = subprocess.run([sys.executable, "-c", WATCH, *command], cwd=cwd, capture_output=True, text=True)
    code, time, memory = watched.stdout.split()
    if code not in ("0", "1", "3"):
        raise SystemExit(f"{command}: {code}: {watched.stderr[:400]}")
    return float(time), float(memory)


def scenario_file(make):
    def prepare(folder, size):
        with open(os.path.join(folder, "s.json"), "w") as file:
            json.dump(make(size), file)
        return ["run", "s.json", "--format", "json", "--jobs", "1"]

    return prepare


def proven(make):
    def prepare(folder, size):
        run = scenario_file(make)(folder, size)
        subprocess.run([ARGUMENTS.program, *run[:2], "--out", "kept"], cwd=folder, check=False, capture_output=True)
        return ["verify", "kept/s.json"]

    return prepare


def folder_of(folder, size):
    os.makedirs(os.path.join(folder, "in"), exist_ok=True)
    for k in range(size):
        with open(os.path.join(folder, "in", f"s{k:06}.json"), "w") as file:
            json.dump({**plan(12, k % 40), "name": f"s{k}"}, file)
    return ["run", "in", "--out", "results", "--format", "csv"]


SERIES = {
    "lines, concave": (scenario_file(plan), [1_000, 10_000, 100_000]),
    "lines, 30% S-shaped": (scenario_file(lambda n: plan(n, shaped=True)), [1_000, 10_000, 100_000]),
    "lines, 30% S-shaped, verify": (proven(lambda n: plan(n, shaped=True)), [1_000, 10_000, 100_000]),
    "share limits, 300 lines": (scenario_file(lambda rows: tagged(rows // 20)), [200, 500, 1_000]),
    "weeks, 10 lines": (scenario_file(weekly), [13, 26, 52]),
    "draws, 12 lines": (drawn({"maximize": "revenue"}), [100, 1_000, 4_000]),
    "draws, 12 lines, worst tenth": (drawn({"maximize": "revenue", "worst": 0.1}), [100, 1_000, 4_000]),
    "scenarios of 12 lines, one file": (scenario_file(varied), [400, 2_500, 10_000]),
    "scenario files of 12 lines, one folder": (folder_of, [250, 1_000, 4_000]),
}


def exponent(now, before, sizes):
    return "" if before is None or min(now, before) <= 0.01 else f"{math.log(now / before) / math.log(sizes):.2f}"


def main():
    print("| along | size | processor time | exponent | memory | exponent |")
    print("|---|---|---|---|---|---|")
    for name, (prepare, sizes) in SERIES.items():
        if ARGUMENTS.only and ARGUMENTS.only not in name:
            continue
        last = None
        for size in sizes:
            with tempfile.TemporaryDirectory() as folder:
                command = [ARGUMENTS.program, *prepare(folder, size)]
                runs = [measured(command, folder) for _ in range(ARGUMENTS.runs)]
            time, memory = min(t for t, _ in runs), max(m for _, m in runs)
            ratio = size / last[0] if last else 1
            grown = [exponent(now, last and last[k + 1], ratio) for k, now in enumerate((time, memory))]
            print(f"| {name} | {size:,} | {time:.3g} s | {grown[0]} | {memory:.0f} MB | {grown[1]} |", flush=True)
            last = (size, time, memory)
            if time > ARGUMENTS.most:
                break


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--only", help="series whose name holds this")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--most", type=float, default=60.0)
    ARGUMENTS = parser.parse_args()
    main()
