"""Whether `--time` holds: every command on inputs that take longer than they may.

Usage: python3 benches/within.py BINARY [--only WORD] [--times 0.2,0.5,1]

Prints how much processor time a command took beyond its `--time` (one thread),
and marks what is more than the larger of 20% and 0.2 s. Reading and writing are
part of what is printed; the inputs are small enough for both to be short, but
for those whose name says how large they are. Inputs are made up.
"""

import argparse
import datetime
import json
import os
import random
import subprocess
import sys
import tempfile

DAY = datetime.date(2023, 1, 2)
WATCH = """
import os, subprocess, sys, time
began = time.monotonic()
with open("out", "wb") as out, open("err", "wb") as err:
    process = subprocess.Popen(sys.argv[1:], stdout=out, stderr=err)
    _, status, used = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss / 1024)
"""


def hill(r, today, share):
    shape = r.uniform(1.3, 3) if r.random() < share else r.uniform(0.7, 1)
    return {"family": "hill", "ceiling": today * r.uniform(3, 8), "half_saturation": today * r.uniform(0.6, 2), "shape": shape}


def plan(n, share=0.0, seed=1, **more):
    r = random.Random(seed)
    lines = []
    for i in range(n):
        today = r.uniform(2e5, 8e5)
        lines.append(
            {
                "name": f"l{i}",
                "stage": ["awareness", "consideration", "conversion"][i % 3],
                "spend": {"current": today, "max": 3 * today},
                "curve": hill(r, today, share),
                "outcome": "revenue",
                "revenue_per_customer": 100 if "same" in more else r.uniform(60, 140),
            }
        )
    more.pop("same", None)
    budget = sum(line["spend"]["current"] for line in lines)
    limits = [
        {"name": "Aw", "metric": "spend_share", "where": {"stage": "awareness"}, "min": 0.2},
        {"name": "CAC", "metric": "cac", "max": 40},
    ]
    base = {"outlay": 1, "name": "made up", "currency": "USD", "goal": {"maximize": "revenue"}}
    return {**base, "budget": {"max": 0.8 * budget}, "lines": lines, "limits": limits, **more}


def deals(n, seed=2):
    "Whole lots and flat prices that share limits: a large tree."
    r = random.Random(seed)
    scenario = plan(n, 0.6, seed)
    for i, line in enumerate(scenario["lines"]):
        today = line["spend"]["current"]
        kind = r.randrange(4)
        if kind == 0:
            line["deal"] = {"flat": round(today)}
        elif kind == 1:
            line["deal"] = {"lots": round(today * r.uniform(0.3, 0.7))}
        elif kind == 2:
            line["deal"] = {"at_least": today * r.uniform(0.7, 1.4)}
        if i and r.random() < 0.2:
            line["requires"] = [f"l{r.randrange(i)}"]
    scenario["limits"] += [{"name": "n", "metric": "active_lines", "max": n // 3}]
    return scenario


def tagged(n, values, factor=1.6, seed=2):
    r = random.Random(seed)
    scenario = plan(n, 0, seed, same=True)
    for line in scenario["lines"]:
        line["tags"] = {f"t{k}": f"v{r.randrange(values)}" for k in range(20)}
    share = {"metric": "spend_share", "max": factor / values}
    scenario["limits"] = [{"name": f"by{k}", "by": f"t{k}", **share} for k in range(20)]
    return scenario


def weekly(n, weeks, share=0.6, seed=3, rules=False, smooth=False, unit="week"):
    r = random.Random(seed)
    scenario = plan(n, share, seed)
    for line in scenario["lines"]:
        line["adstock"] = {"kind": "geometric", "retention": r.uniform(0, 0.8)}
        week = line["spend"]["current"] / weeks
        if rules:
            line["flight"] = {"at_least": week * r.uniform(0.7, 1.5), "on_at_least": 2, "bursts": 3}
            if r.random() < 0.3:
                line["deal"] = {"lots": round(week * 0.5)}
                line["flight"] = {}
        if smooth:
            line["flight"] = {"smooth": 0.3}
    demand = [r.uniform(0.8, 1.2) for _ in range(weeks)]
    scenario["horizon"] = {"start": "2026-01-05", "periods": weeks, "unit": unit, "plan": "by_period", "demand": demand}
    cash = {"name": "Cash", "metric": "spend", "by": "month", "max": scenario["budget"]["max"] * 7 / weeks}
    scenario["limits"] = [scenario["limits"][0], cash]
    return scenario


def pools(n, weeks=0, seed=4):
    r = random.Random(seed)
    scenario = plan(n, 0.6, seed, same=True)
    scenario["limits"] = scenario["limits"][:1]
    budget = scenario["budget"]["max"]
    demand = []
    for i, line in enumerate(scenario["lines"]):
        line["tags"] = {"pool": f"p{i % 3}", "part": "make" if i % 2 else "harvest"}
        line["revenue_per_customer"] = 100
        if i % 2 == 0:
            line["curve"] = {"family": "exponential", "ceiling": 1.8 / n * 3 * 0.9, "scale": line["spend"]["current"]}
    for k in range(3):
        demand.append(
            {
                "name": f"d{k}",
                "base": budget / 3,
                "makes": {"pool": f"p{k}", "part": "make"},
                "harvests": {"pool": f"p{k}", "part": "harvest"},
            }
        )
    scenario["demand"] = demand
    if weeks:
        scenario["horizon"] = {"start": "2026-01-05", "periods": weeks, "unit": "week", "plan": "by_period"}
        for line in scenario["lines"]:
            line["adstock"] = {"kind": "geometric", "retention": r.uniform(0, 0.6)}
    return scenario


def drawn(folder, n, draws, share, weeks=0, **more):
    r = random.Random(5)
    scenario = weekly(n, weeks, share) if weeks else plan(n, share, 5)
    curves = []
    for line in scenario["lines"]:
        curve = line["curve"]
        spread = [
            {**curve, **{k: curve[k] * r.lognormvariate(0, 0.3) for k in ("ceiling", "half_saturation")}}
            for _ in range(draws)
        ]
        curves.append({"name": line["name"], "outcome": "revenue", "curve": curve, "draws": spread})
        del line["outcome"]
        line["curve"] = line["name"]
    save(folder, "curves.json", {"outlay": 1, "curves": curves})
    scenario["limits"] = scenario["limits"][:1]
    return {**scenario, "curves": "curves.json", **more}


def save(folder, name, value):
    with open(os.path.join(folder, name), "w") as file:
        json.dump(value, file) if not isinstance(value, str) else file.write(value)
    return name


def history(channels, periods, days, markets=0, seed=6):
    r = random.Random(seed)
    names = [f"c{i}_spend" for i in range(channels)]
    rows = [",".join(["date", *(["market"] if markets else []), *names, "revenue"])]
    sizes = [r.lognormvariate(0, 0.5) for _ in range(max(markets, 1))]
    for t in range(periods):
        day = DAY + datetime.timedelta(days=t * days)
        for m, size in enumerate(sizes):
            spend = [round(size * r.gammavariate(4, 500), 2) for _ in names]
            made = sum(2e4 * v / (2000 * size + v) / channels for v in spend) * size
            cells = [str(day), *([f"market {m}"] if markets else []), *map(str, spend)]
            rows.append(",".join([*cells, f"{size * 5e4 + made + r.gauss(0, 800) * size:.2f}"]))
    return "\n".join(rows) + "\n"


def panel(markets, weeks, treated=0.3, seed=7):
    r = random.Random(seed)
    sizes = [r.lognormvariate(8, 0.7) for _ in range(markets)]
    rows = ["week,market,revenue,video_spend,treated"]
    common = 0.0
    for t in range(weeks):
        day = DAY + datetime.timedelta(days=t * 7)
        common = 0.8 * common + r.gauss(0, 0.02)
        for m, size in enumerate(sizes):
            value = size * (1 + common + r.gauss(0, 0.05))
            rows.append(f"{day},market {m},{value:.0f},{size * 0.05:.0f},{int(m < treated * markets)}")
    return "\n".join(rows) + "\n"


def filled(folder, weeks=2):
    "A buy sheet with its first weeks reported as planned, some a little off."
    r = random.Random(8)
    import csv

    name = [f for f in os.listdir(os.path.join(folder, "buy")) if f.endswith(".csv")][0]
    with open(os.path.join(folder, "buy", name), newline="") as file:
        rows = list(csv.DictReader(file))
    first = sorted({row["period"] for row in rows})[:weeks]
    for row in rows:
        if row["period"] in first:
            spend = float(row["budget"])
            row["actual_spend"] = f"{spend * r.uniform(0.9, 1.1):.2f}"
    with open(os.path.join(folder, "actuals.csv"), "w", newline="") as file:
        out = csv.DictWriter(file, rows[0].keys())
        out.writeheader()
        out.writerows(rows)


class Case:
    def __init__(self, name, prepare, *command, before=()):
        self.name, self.prepare, self.command, self.before = name, prepare, command, before


def scenario(make):
    return lambda folder: save(folder, "s.json", make(folder) if callable(make) else make)


def cases():
    hard = {
        "100,000 lines": lambda _: plan(100_000, 0.3),
        "300 lines, 5,000 shares": lambda _: tagged(300, 250),
        "300 lines, 5,000 shares that contradict": lambda _: tagged(300, 250, 0.99),
        "60 S-shaped lines with deals": lambda _: deals(60),
        "400 S-shaped lines with deals": lambda _: deals(400),
        "100 lines, 1,000 draws, worst 10%": lambda f: drawn(f, 100, 1000, 0.6, goal={"maximize": "revenue", "worst": 0.1}),
        "400 lines, 300 draws, worst 10%": lambda f: drawn(f, 400, 300, 0.6, goal={"maximize": "revenue", "worst": 0.1}),
        "100 lines, 1,000 draws, regret": lambda f: drawn(f, 100, 1000, 0.6, goal={"maximize": "revenue", "regret": True}),
        "400 lines, 300 draws on the mean": lambda f: drawn(f, 400, 300, 0.6),
        "30 lines, 13 weeks": lambda _: weekly(30, 13),
        "100 lines, 52 weeks": lambda _: weekly(100, 52),
        "10 lines, 365 days": lambda _: weekly(10, 365, unit="day"),
        "20 lines, 26 weeks, rules": lambda _: weekly(20, 26, rules=True),
        "20 lines, 26 weeks, smooth": lambda _: weekly(20, 26, smooth=True),
        "100 lines, 52 weeks, smooth": lambda _: weekly(100, 52, 0, smooth=True),
        "30 lines, 13 weeks, 1,000 draws": lambda f: drawn(f, 30, 1000, 0.6, weeks=13),
        "12 lines, three pools": lambda _: pools(12),
        "100 lines, three pools": lambda _: pools(100),
        "12 lines, three pools, 13 weeks": lambda _: pools(12, 13),
        "60 lines, least CAC": lambda _: {**deals(60), "goal": {"minimize": "cac"}, "budget": {"min": 1e7}},
        "60 lines, goals in order": lambda _: {
            **deals(60),
            "goal": [{"maximize": "revenue"}, {"maximize": "customers", "within": 0.01}, {"minimize": "moved", "within": 0.01}],
        },
        "what-ifs of 60 lines": lambda _: {**deals(60), "vary": [{"set": "budget.max", "scale": [0.9]}]},
    }
    for name, make in hard.items():
        yield Case(f"run, {name}", scenario(make), "run", "s.json", "--format", "json", "--jobs", "1")
    for name in ("60 S-shaped lines with deals", "20 lines, 26 weeks, rules", "100 lines, 52 weeks"):
        yield Case(f"run --round, {name}", scenario(hard[name]), "run", "s.json", "--round", "1000", "--format", "json", "--jobs", "1")
    for name, make in hard.items():
        yield Case(f"check, {name}", scenario(make), "check", "s.json", "--format", "json", "--jobs", "1")

    def contradicting(make):
        def prepare(folder):
            made = make(folder)
            made["limits"] = made.get("limits", []) + [
                {"name": "much", "metric": "revenue", "min": 3 * made["budget"].get("max", 1e7)},
                {"name": "little", "metric": "spend_share", "where": {"stage": "conversion"}, "max": 0.2},
            ]
            return made

        return prepare

    for name in hard:
        if "contradict" not in name and "CAC" not in name and "what-if" not in name:
            yield Case(f"check that contradicts, {name}", scenario(contradicting(hard[name])), "check", "s.json", "--format", "json", "--jobs", "1")

    def judged(make):
        def prepare(folder):
            made = make(folder)
            save(folder, "s.json", made)
            rows = "line,spend\n" + "".join(f"{one['name']},{one['spend']['current'] * 1.3:.2f}\n" for one in made["lines"])
            save(folder, "p.csv", rows)

        return prepare

    for name, make in hard.items():
        yield Case(f"check --plan, {name}", judged(make), "check", "s.json", "--plan", "p.csv", "--max-change", "10%", "--format", "json")
    for name, make in hard.items():
        over = ["frontier", "s.json", "--over", "budget.max", "--from", "5000000", "--to", "20000000", "--format", "json"]
        yield Case(f"frontier, {name}", scenario(make), *over)
    over = ["--over", "goal.weight", "--from", "0.01", "--to", "1", "--goal", "maximize revenue worst 10%"]
    yield Case("frontier of certainty", scenario(lambda f: drawn(f, 100, 1000, 0.6)), "frontier", "s.json", *over, "--format", "json")
    small = ("30 lines, 13 weeks", "60 S-shaped lines with deals", "12 lines, three pools", "20 lines, 26 weeks, rules", "100 lines, 52 weeks", "400 lines, 300 draws on the mean", "100 lines, 1,000 draws, worst 10%", "100,000 lines")

    def two(make):
        def prepare(folder):
            made = make(folder)
            save(folder, "a.json", {**made, "name": "a"})
            b = json.loads(json.dumps({**made, "name": "b"}))
            b["budget"]["max"] *= 1.1
            for line in b["lines"][:5]:
                line["spend"]["max"] *= 0.8
            b["limits"][0]["min"] = 0.22
            save(folder, "b.json", b)

        return prepare

    def runs(*names):
        return [["run", name, "--out", "results", "--time", "10", "--gap", "0.01"] for name in names]

    for name in small:
        yield Case(f"compare, {name}", two(hard[name]), "compare", "results/a.json", "results/b.json", "--format", "json", before=runs("a.json", "b.json"))
    for name in hard:
        yield Case(f"verify, {name}", scenario(hard[name]), "verify", "results/s.json", before=runs("s.json"))
    bought = [["run", "s.json", "--out", "results", "--buy", "buy", "--time", "10", "--gap", "0.01"], filled]
    for name in hard:
        if "what-if" in name or "100,000" in name or "horizon" not in name and "week" not in name and "days" not in name:
            continue
        for goal in ("", "maximize customers"):
            more = ["--goal", goal] if goal else []
            yield Case(f"replan {goal}, {name}", scenario(hard[name]), "replan", "results/s.json", "actuals.csv", *more, "--format", "json", before=bought)
    dated = lambda make: (lambda f: {**make(f), "horizon": {"start": "2026-01-05", "periods": 13, "unit": "week"}})
    for name in ("60 S-shaped lines with deals", "400 lines, 300 draws on the mean", "12 lines, three pools", "100 lines, three pools"):
        for more in ((), ("--probability", "0.9"), ("--reset",)):
            yield Case(f"replan {' '.join(more)}, {name}", scenario(dated(hard[name])), "replan", "results/s.json", "actuals.csv", *more, "--format", "json", before=bought)
    for size in ((210, 160), (400, 400), (1000, 300)):
        name = "%d markets, %d weeks" % size
        end = [str(DAY + datetime.timedelta(days=7 * (size[1] - k))) for k in (8, 1)]
        test = lambda f, size=size: save(f, "p.csv", panel(*size))
        yield Case(f"lift, {name}", test, "lift", "p.csv", "--start", end[0], "--end", end[1], "--format", "json")
        yield Case(f"design, {name}", test, "design", "p.csv", "--cells", "3", "--format", "json")
    for name in ("100 lines, 1,000 draws on the mean", "400 lines, 300 draws on the mean"):
        n, draws = int(name.split()[0]), int(name.split()[2].replace(",", ""))
        make = lambda f, n=n, draws=draws: drawn(f, n, draws, 0.3)
        yield Case(f"next, {name}", scenario(make), "next", "s.json", "--format", "json", "--jobs", "1")
    yield Case("next, 10 lines, 13 weeks, 500 draws", scenario(lambda f: drawn(f, 10, 500, 0.3, weeks=13)), "next", "s.json", "--format", "json", "--jobs", "1")
    yield Case("next, 30 lines, 52 weeks, 500 draws", scenario(lambda f: drawn(f, 30, 500, 0.3, weeks=52)), "next", "s.json", "--format", "json", "--jobs", "1")
    for label, args, more in (
        ("40 channels, 1,500 days", (40, 1500, 1), ()),
        ("100 channels, 1,500 days", (100, 1500, 1), ()),
        ("10 channels, 156 weeks", (10, 156, 7), ()),
        ("20 channels, 1,095 days", (20, 1095, 1), ()),
        ("20 channels, overlap", (20, 1095, 1), ("--overlap", "c0,c1")),
        ("20 channels, pool", (20, 1095, 1), ("--makes", "c0,c1", "--harvests", "c2,c3")),
        ("panel of 50 markets", (8, 156, 7, 50), ()),
        ("panel of 200 markets", (8, 156, 7, 200), ()),
        ("panel of 50 markets, each", (8, 156, 7, 50), ("--markets", "each")),
        ("50 markets summed", (8, 156, 7, 50), ("--markets", "summed")),
    ):
        made = lambda f, args=args: save(f, "h.csv", history(*args))
        yield Case(f"fit, {label}", made, "fit", "h.csv", "--out", "c.json", *more)


def measured(command, cwd):
    environment = {**os.environ, "RAYON_NUM_THREADS": "1"}
    watched = subprocess.run([sys.executable, "-c", WATCH, *command], cwd=cwd, capture_output=True, text=True, env=environment)
    code, used, wall, memory = watched.stdout.split()
    with open(os.path.join(cwd, "err")) as file:
        said = file.read()
    return int(code), float(used), float(wall), float(memory), said


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("binary")
    arguments.add_argument("--only", default="")
    arguments.add_argument("--times", default="0.2,0.5,1")
    arguments.add_argument("--wall", action="store_true", help="count time by the clock, not the processor's")
    arguments = arguments.parse_args()
    binary = os.path.abspath(arguments.binary)
    times = [float(time) for time in arguments.times.split(",")]
    wrong = 0
    for case in cases():
        if arguments.only and arguments.only not in case.name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            case.prepare(folder)
            failed = ""
            for step in case.before:
                if callable(step):
                    step(folder)
                    continue
                code, *_, said = measured([binary, *step], folder)
                if code not in (0, 1, 3):
                    failed = said
                    break
            if failed:
                print(f"{case.name:60} not prepared: {failed[:200]}", flush=True)
                wrong += 1
                continue
            cells = []
            for time in times:
                code, used, wall, memory, said = measured(["timeout", "120", binary, *case.command, "--time", str(time)], folder)
                if code not in (0, 1, 3):
                    cells.append(f"exit {code}: {said.strip()[:150]}")
                    continue
                over = (wall if arguments.wall else used) - time
                mark = " !" if over > max(0.2, 0.2 * time) else ""
                wrong += bool(mark)
                cells.append(f"{time}: {over:+.2f} (exit {code}, {memory:.0f} MB){mark}")
            print(f"{case.name:60} {'; '.join(cells)}", flush=True)
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
