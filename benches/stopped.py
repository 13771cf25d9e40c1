"""Whether what a stopped search leaves can be proven: every command that saves
an answer, on made-up scenarios of every kind, told to end in the middle by
`--time` or `--nodes`; then `verify` has to find that what was saved holds.

Usage: python3 benches/stopped.py BINARY FROM TO [--only WORD]

Prints each answer that does not hold, and how many of each kind were saved,
ended early, and refuted.
"""

import argparse
import collections
import csv
import json
import os
import random
import subprocess
import sys
import tempfile

STAGES = ["awareness", "consideration", "conversion"]
TIMES = ["0.000001", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3"]
NODES = ["1", "2", "5", "20"]


def curve(r, family=None):
    family = family or r.choice(["michaelis_menten", "hill", "hill", "exponential"])
    made = {"family": family, "ceiling": r.uniform(500, 9000)}
    made["scale" if family == "exponential" else "half_saturation"] = r.uniform(50, 900)
    if family == "hill":
        made["shape"] = r.choice([1.0, 1.8, 2.5])
    return made


def plain(r, n, goal=None):
    lines = []
    for i in range(n):
        line = {
            "name": f"L{i}",
            "outcome": "revenue",
            "curve": curve(r),
            "spend": {"current": r.uniform(50, 500)},
            "stage": r.choice(STAGES),
            "revenue_per_customer": r.uniform(20, 80),
        }
        if r.random() < 0.5:
            line["spend"]["max"] = r.uniform(300, 1200)
        if r.random() < 0.3:
            line["spend"]["min"] = r.uniform(10, 150)
        lines.append(line)
    most = r.uniform(300, 2500)
    scenario = {"outlay": 1, "name": "s", "goal": goal or {"maximize": "revenue"}, "budget": {"max": most}}
    scenario |= {"lines": lines, "limits": []}
    if r.random() < 0.4:
        scenario["budget"]["min"] = most
    for k in range(r.randint(0, 3)):
        metric = r.choice(["revenue", "cac", "spend_share", "iroas", "spend", "customers"])
        limit = {"metric": metric, "name": f"lim{k}", "owner": r.choice(["finance", "brand"])}
        if metric == "revenue":
            limit["min"] = r.uniform(1000, 30000)
        if metric == "customers":
            limit["min"] = r.uniform(20, 500)
        if metric == "cac":
            limit["max"] = r.uniform(3, 40)
        if metric == "iroas":
            limit["min"] = r.uniform(0.5, 15)
        if metric in ("spend", "spend_share"):
            limit["where"] = {"stage": r.choice(lines)["stage"]}
            limit[r.choice(["min", "max"])] = r.uniform(100, 1500) if metric == "spend" else r.uniform(0.1, 0.9)
        scenario["limits"].append(limit)
    return scenario


def deals(r, n):
    scenario = plain(r, n)
    for i, line in enumerate(scenario["lines"]):
        kind = r.randrange(5)
        if kind == 0:
            line["deal"] = {"flat": round(r.uniform(50, 400))}
        elif kind == 1:
            line["deal"] = {"lots": round(r.uniform(30, 200))}
        elif kind == 2:
            line["deal"] = {"at_least": r.uniform(100, 250)}
        if kind != 3:
            line["spend"].pop("min", None)
        if i and r.random() < 0.2:
            line["requires"] = [f"L{r.randrange(i)}"]
    if r.random() < 0.5:
        scenario["limits"].append({"name": "n", "metric": "active_lines", "max": max(1, n // 2)})
    return scenario


def ordered(r, n):
    scenario = deals(r, n)
    scenario["goal"] = [
        {"maximize": "revenue"},
        {"maximize": "customers", "within": r.choice([0.0, 0.01, 0.05])},
        {"minimize": "moved", "within": 0.02},
    ]
    return scenario


def least(r, n):
    scenario = plain(r, n, {"minimize": r.choice(["cac", "spend", "moved"])})
    scenario["budget"] = {"min": r.uniform(200, 900)}
    return scenario


def weekly(r, n):
    scenario = plain(r, n)
    weeks = r.randint(3, 9)
    for line in scenario["lines"]:
        line["adstock"] = {"kind": "geometric", "retention": r.uniform(0, 0.8)}
        if r.random() < 0.3:
            line["flight"] = {"at_least": r.uniform(5, 60), "on_at_least": 2}
            line["spend"].pop("min", None)
        elif r.random() < 0.2:
            line["flight"] = {"smooth": r.uniform(0.1, 0.5)}
    scenario["horizon"] = {"start": "2026-01-05", "periods": weeks, "unit": "week", "plan": "by_period"}
    if r.random() < 0.5:
        most = scenario["budget"]["max"] / weeks * r.uniform(1, 3)
        scenario["limits"].append({"name": "cash", "metric": "spend", "by": "period", "max": most})
    return scenario


def dated(r, n):
    return {**deals(r, n), "horizon": {"start": "2026-01-05", "periods": 6, "unit": "week"}}


def pools(r, n):
    scenario = plain(r, n + 2)
    for i, line in enumerate(scenario["lines"]):
        line["tags"] = {"part": "make" if i % 2 else "harvest"}
        line["revenue_per_customer"] = 40
        if i % 2 == 0:
            line["curve"] = {"family": "exponential", "ceiling": 0.9 / n, "scale": 300}
    scenario["demand"] = [
        {"name": "d", "base": r.uniform(100, 900), "makes": {"part": "make"}, "harvests": {"part": "harvest"}}
    ]
    return scenario


def audience(r, n):
    scenario = plain(r, n + 2)
    for line in scenario["lines"]:
        line["tags"] = {"who": r.choice(["a", "b"])}
        line["revenue_per_customer"] = 40
        line["outcome"] = "revenue"
    scenario["lines"][0]["tags"] = scenario["lines"][1]["tags"] = {"who": "a"}
    for line in scenario["lines"]:
        if line["tags"]["who"] == "a":
            line["curve"] = {"family": "exponential", "ceiling": r.uniform(1000, 3000), "scale": r.uniform(100, 900)}
    size = r.uniform(2000, 12000)
    met = {"family": "exponential", "ceiling": size, "scale": size}
    return {**scenario, "audiences": [{"name": "A", "curve": met, "where": {"who": "a"}}]}


def drawn(r, n, weeks=False):
    scenario = weekly(r, n) if weeks else plain(r, n)
    count = r.choice([5, 20, 60])
    for line in scenario["lines"]:
        base = line["curve"]
        spread = r.uniform(0.1, 0.5)
        names = [k for k in base if k in ("ceiling", "half_saturation", "scale")]
        line["draws"] = [{**base, **{k: base[k] * r.lognormvariate(0, spread) for k in names}} for _ in range(count)]
    return scenario


def kept_draws(folder, scenario):
    "Draws stand in a library."
    curves = []
    for line in scenario["lines"]:
        curves.append({"name": line["name"], "outcome": "revenue", "curve": line["curve"], "draws": line.pop("draws")})
        del line["outcome"]
        line["curve"] = line["name"]
    with open(os.path.join(folder, "curves.json"), "w") as file:
        json.dump({"outlay": 1, "curves": curves}, file)
    scenario["curves"] = "curves.json"
    return scenario


def over_draws(kind):
    def make(r, n):
        scenario = drawn(r, n)
        goal = {"maximize": "revenue"}
        if kind == "worst":
            goal["worst"] = r.choice([0.05, 0.1, 0.5])
            if r.random() < 0.5:
                goal["weight"] = r.choice([0.3, 0.7])
        elif kind == "regret":
            goal["regret"] = True
            if r.random() < 0.5:
                goal["worst"] = 0.2
        elif kind == "shortfall":
            goal["shortfall"] = r.uniform(500, 20000)
        scenario["goal"] = goal
        if kind == "probable" or kind == "worst" and r.random() < 0.4:
            scenario["limits"].append({"name": "sure", "metric": "revenue", "min": r.uniform(500, 15000), "probability": 0.8})
        return scenario

    return make


MAKERS = {
    "plain": plain,
    "deals": deals,
    "ordered": ordered,
    "least": least,
    "weekly": weekly,
    "dated": dated,
    "pools": pools,
    "audience": audience,
    "mean of draws": drawn,
    "weekly draws": lambda r, n: drawn(r, n, True),
    **{kind: over_draws(kind) for kind in ("worst", "regret", "shortfall", "probable")},
}


def ended(r):
    return ["--time", r.choice(TIMES)] if r.random() < 0.7 else ["--nodes", r.choice(NODES)]


def fill(folder, r):
    name = next(f for f in os.listdir(os.path.join(folder, "buy")) if f.endswith(".csv"))
    with open(os.path.join(folder, "buy", name), newline="") as file:
        rows = list(csv.DictReader(file))
    first = sorted({row["period"] for row in rows})[:1]
    for row in rows:
        if row["period"] in first:
            row["actual_spend"] = f"{float(row['budget'] or 0) * r.uniform(0.8, 1.2):.2f}"
    with open(os.path.join(folder, "actuals.csv"), "w", newline="") as file:
        out = csv.DictWriter(file, rows[0].keys())
        out.writeheader()
        out.writerows(rows)


class Study:
    def __init__(self, binary):
        self.binary = binary
        self.saved, self.early, self.refused = (collections.Counter() for _ in range(3))
        self.bad = []

    def run(self, folder, *words):
        return subprocess.run(["timeout", "60", self.binary, *words], cwd=folder, capture_output=True, text=True)

    def tried(self, label, seed, folder, *words, out):
        "Runs a command that saves into `out`, and proves what it saved."
        done = self.run(folder, *words)
        if done.returncode not in (0, 1, 3):
            self.refused[label] += 1
            if os.environ.get("WHY"): print(label, done.stderr[:220])
            if done.returncode != 2:
                self.bad.append((label, seed))
                print(seed, label, "exit", done.returncode, " ".join(words), done.stderr[:300], flush=True)
            return False
        at = os.path.join(folder, out)
        files = [at] if os.path.isfile(at) else []
        if os.path.isdir(at):
            files = [os.path.join(at, f) for f in os.listdir(at) if f.endswith(".json")]
            files = [f for f in files if not os.path.basename(f).startswith("inputs.") and not f.endswith(".scenario.json")]
            files = [f for f in files if json.load(open(f)).keys() & {"lines", "status", "feasible", "legal", "points", "columns"}]
        self.saved[label] += 1
        self.early[label] += done.returncode == 3
        if not files:
            self.bad.append((label, seed))
            print(seed, label, "saved nothing:", " ".join(words), done.stderr[:200], flush=True)
            return False
        proof = self.run(folder, "verify", *files)
        if proof.returncode != 0:
            self.bad.append((label, seed))
            print(seed, label, "verify", proof.returncode, " ".join(words), flush=True)
            print("   ", (proof.stdout + proof.stderr)[:500].replace("\n", "\n    "), flush=True)
        return True

    def seed(self, seed, kind):
        r = random.Random(f"{seed} {kind}")
        with tempfile.TemporaryDirectory() as folder:
            scenario = MAKERS[kind](r, r.randint(2, 6))
            if any("draws" in line for line in scenario["lines"]):
                scenario = kept_draws(folder, scenario)
            with open(os.path.join(folder, "s.json"), "w") as file:
                json.dump(scenario, file)
            tries = lambda what, *words, out: self.tried(f"{what}, {kind}", seed, folder, *words, out=out)
            tries("run", "run", "s.json", *ended(r), "--format", "json", "--out", "o", out="o")
            if r.random() < 0.3:
                tries("run --round", "run", "s.json", "--round", "10", *ended(r), "--format", "json", "--out", "r", out="r")
            tries("check", "check", "s.json", *ended(r), "--format", "json", "--out", "c", out="c")
            with open(os.path.join(folder, "p.csv"), "w") as file:
                rows = [f"{line['name']},{line['spend']['current'] * r.uniform(0.5, 1.5):.2f}\n" for line in scenario["lines"]]
                file.write("line,spend\n" + "".join(rows))
            change = ["--max-change", "10%"] if r.random() < 0.5 else []
            tries("check --plan", "check", "s.json", "--plan", "p.csv", *change, *ended(r), "--format", "json", "--out", "j", out="j")
            if kind in ("worst", "mean of draws", "regret") and r.random() < 0.5:
                goal = ["--goal", "maximize revenue worst 10%"]
                over = ["--over", "goal.weight", "--from", "0.1", "--to", "1", *goal]
            else:
                over = ["--over", "budget.max", "--from", "900", "--to", "2000"]
                scenario["budget"] = {"max": scenario["budget"].get("max", 1500)}
                with open(os.path.join(folder, "s.json"), "w") as file:
                    json.dump(scenario, file)
            tries("frontier", "frontier", "s.json", *over, *ended(r), "--format", "json", "--out", "f", out="f")
            other = json.loads(json.dumps({**scenario, "name": "t"}))
            if "max" in other["budget"]:
                other["budget"]["max"] *= 1.2
            other["lines"][0]["spend"]["current"] *= 1.3
            with open(os.path.join(folder, "t.json"), "w") as file:
                json.dump(other, file)
            both = self.run(folder, "run", "s.json", "t.json", "--out", "b", "--gap", "0.01", "--time", "2", "--format", "json")
            if both.returncode in (0, 1, 3):
                named = [os.path.join("b", f) for f in sorted(os.listdir(os.path.join(folder, "b"))) if f in ("s.json", "t.json")]
                tries("compare", "compare", *named, *ended(r), "--format", "json", "--out", "k", out="k")
            if scenario.get("horizon"):
                bought = self.run(folder, "run", "s.json", "--out", "q", "--buy", "buy", "--gap", "0.01", "--time", "2", "--format", "json")
                if bought.returncode in (0, 3) and os.path.isdir(os.path.join(folder, "buy")):
                    fill(folder, r)
                    tries("replan", "replan", "q/s.json", "actuals.csv", *ended(r), "--format", "json", "--out", "n", out="n")


def asked(doc, study):
    "The study of the binary asked for, over the seeds and kinds asked for."
    arguments = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("binary")
    arguments.add_argument("first", type=int)
    arguments.add_argument("last", type=int)
    arguments.add_argument("--only", default="")
    arguments = arguments.parse_args()
    study = study(os.path.abspath(arguments.binary))
    for seed in range(arguments.first, arguments.last):
        for kind in MAKERS:
            if arguments.only in kind:
                study.seed(seed, kind)
    return study


def main():
    study = asked(__doc__, Study)
    wrong = collections.Counter(label for label, _ in study.bad)
    for label in sorted(study.saved.keys() | study.refused.keys()):
        counts = study.saved[label], study.early[label], study.refused[label], wrong[label]
        print("%-32s %5d saved, %5d ended early, %4d refused, %3d wrong" % (label, *counts))
    total = sum(study.saved.values()), sum(study.early.values()), sum(study.refused.values()), len(study.bad)
    print("%-32s %5d saved, %5d ended early, %4d refused, %3d wrong" % ("all", *total))
    return len(study.bad) > 0


if __name__ == "__main__":
    sys.exit(main())
