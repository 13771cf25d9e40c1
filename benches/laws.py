"""Laws between answers: a scenario is changed in a way of which the effect is
known, and what is claimed of both must agree. Scenarios are those of
`stopped.py`, of every kind; the laws need no evaluator, so they hold for all.

Usage: python3 benches/laws.py BINARY FROM TO [--only WORD]

Prints each answer that breaks a law, and how many of each kind were tried.
"""

import collections
import copy
import csv
import json
import os
import random
import subprocess
import sys
import tempfile

from stopped import MAKERS, asked, kept_draws

# Limits are kept to 1e-10 of their terms, and what a later goal may give up of an
# earlier one is 1e-7 of it.
LOOSE = 1e-6

# Fields that are money, or what money earns.
MONEY = [
    "min", "max", "current", "flat", "lots", "at_least", "revenue_per_customer", "base", "shortfall",
    "ceiling", "half_saturation", "scale",
]


class Answer:
    "What `run` claims: the best value lies between `low` and `high`."

    def __init__(self, code, result):
        self.code, self.result = code, result
        self.status = result["status"] if result else None
        self.value = result and result["value"]
        proof = (result or {}).get("certificate") or {}
        self.gap = proof.get("gap")
        self.bound = proof.get("bound")
        self.asked = proof.get("asked")

    def planned(self):
        return self.value is not None


class Study:
    def __init__(self, binary):
        self.binary = binary
        self.tried, self.open = collections.Counter(), collections.Counter()
        self.bad = []

    def call(self, *words, time=20):
        "Exit code and output; whatever takes three times its time is a fault too."
        command = ["timeout", str(3 * time + 20), self.binary, *words, "--time", str(time)]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True)

    def wrong(self, law, text):
        self.bad.append(law)
        print(self.label, law, text[:600], flush=True)

    def write(self, scenario, name="s.json"):
        with open(os.path.join(self.folder, name), "w") as file:
            json.dump(scenario, file)

    def answer(self, scenario, *words):
        self.write(scenario)
        done = self.call("run", "s.json", "--format", "json", *words)
        if done.returncode not in (0, 1, 3):
            if done.returncode != 2 or "panicked" in done.stderr:
                self.wrong("ends", f"exit {done.returncode}: {done.stderr}")
            return None
        return Answer(done.returncode, json.loads(done.stdout.splitlines()[0]))

    def ordered(self, law, less, more, minimise):
        "The best value of `less` is no better than that of `more`."
        if not less.planned():
            return
        if more.status == "infeasible":
            self.wrong(law, f"a plan worth {less.value} where none is said to be")
        if not (more.planned() and more.bound is not None):
            return
        # The bound of a ratio or of a goal to minimise lies below.
        scale = LOOSE * max(abs(less.value), abs(more.value), 1e-3)
        beyond = more.bound - less.value if minimise else less.value - more.bound
        if beyond > scale + abs(more.value) * (more.gap or 0.0) * 1e-6:
            self.wrong(law, f"{less.value} beyond the bound {more.bound} (value {more.value})")

    def laws(self, scenario, r):
        first = self.answer(scenario)
        if first is None:
            return
        self.tried[self.kind] += 1
        self.open[self.kind] += first.status != "optimal" and first.status != "infeasible"
        goals = scenario["goal"] if isinstance(scenario["goal"], list) else [scenario["goal"]]
        goal = goals[0]
        minimise = "minimize" in goal or "shortfall" in goal or "regret" in goal
        several = len(goals) > 1
        self.order(scenario, first, minimise, several, r)
        self.check(scenario, first)
        if not several:
            # A limit also changes what a regret is measured against.
            if "regret" not in goal:
                self.more_money(scenario, first, minimise, r)
                self.idle(scenario, first, minimise, r)
                self.tighter(scenario, first, minimise, r)
            self.shown(scenario, first, minimise)
            self.another_unit(scenario, first, minimise, r)
            self.rounded(scenario, first, minimise, r)

    def order(self, scenario, first, minimise, several, r):
        "Lines and limits in another order are the same question."
        other = copy.deepcopy(scenario)
        r.shuffle(other["lines"])
        r.shuffle(other["limits"])
        second = self.answer(other)
        if second is None:
            return self.wrong("order", "refused")
        if {first.status, second.status} == {"optimal", "infeasible"}:
            self.wrong("order", f"{first.status} and {second.status}")
        if not several:
            self.ordered("order", first, second, minimise)
            self.ordered("order", second, first, minimise)

    def check(self, scenario, first):
        "`check` and `run` agree on whether there is a plan."
        if any(limit.get("probability") for limit in scenario["limits"]):
            return
        self.write(scenario)
        done = self.call("check", "s.json", "--format", "json")
        if done.returncode not in (0, 1, 3):
            return self.wrong("check", f"exit {done.returncode}: {done.stderr}")
        said = json.loads(done.stdout.splitlines()[0])["feasible"]
        if first.planned() and said is False or first.status == "infeasible" and said is True:
            self.wrong("check", f"run says {first.status}, check feasible = {said}")

    def more_money(self, scenario, first, minimise, r):
        "A wider budget has no worse best."
        if "max" not in scenario["budget"]:
            return
        wider = copy.deepcopy(scenario)
        wider["budget"]["max"] *= r.uniform(1.0, 1.5)
        if second := self.answer(wider):
            self.ordered("more money", first, second, minimise)

    def idle(self, scenario, first, minimise, r):
        "A limit that the plan keeps takes nothing from it."
        if not first.planned():
            return
        spend = first.result["totals"]["spend"]
        idle = copy.deepcopy(scenario)
        idle["limits"].append({"name": "idle", "metric": "spend", "max": spend * r.uniform(1.0001, 1.3) + 1e-6})
        second = self.answer(idle)
        if second is None:
            return self.wrong("idle limit", "refused")
        self.ordered("idle limit", first, second, minimise)
        self.ordered("idle limit, back", second, first, minimise)

    def tighter(self, scenario, first, minimise, r):
        "A limit on one line more has no better best."
        tight = copy.deepcopy(scenario)
        line = r.choice(tight["lines"])
        cap = line["spend"].get("max", 800) * r.uniform(0.1, 0.9)
        tight["limits"].append({"name": "tight", "metric": "spend", "where": {"name": line["name"]}, "max": cap})
        second = self.answer(tight)
        if second is None:
            return self.wrong("tighter", "refused")
        self.ordered("tighter", second, first, minimise)

    def shown(self, scenario, first, minimise):
        "The plan itself, given to `check --plan`, keeps every rule and leaves nothing."
        if not first.planned():
            return
        with open(os.path.join(self.folder, "plan.csv"), "w", newline="") as file:
            out = csv.writer(file)
            weekly = bool(first.result.get("periods"))
            out.writerow(["line", "period", "spend"] if weekly else ["line", "spend"])
            for line in first.result["lines"]:
                for period in line["flight"]["periods"] if weekly else []:
                    out.writerow([line["name"], period["name"], repr(period["spend"])])
                if not weekly:
                    out.writerow([line["name"], repr(line["spend"])])
        self.write(scenario)
        done = self.call("check", "s.json", "--plan", "plan.csv", "--format", "json")
        if done.returncode not in (0, 3):
            return self.wrong("its own plan", f"exit {done.returncode}: {(done.stderr or done.stdout)[:400]}")
        said = json.loads(done.stdout.splitlines()[0])
        left = (said.get("left_on_table") or {}).get("found", 0.0)
        if left > abs(first.value) * max(first.gap or 0.0, first.asked or 0.0, LOOSE) * 2 + 1e-6:
            self.wrong("its own plan", f"leaves {left} of {first.value}, gap {first.gap}")

    def another_unit(self, scenario, first, minimise, r):
        "All money, what is earned included, in another unit."
        unit = r.choice([1e-4, 1e-2, 1e3, 1e6])
        kept = self.folder_library()
        other = self.in_unit(copy.deepcopy(scenario), unit)
        if kept:
            with open(os.path.join(self.folder, "curves.json"), "w") as file:
                json.dump(self.in_unit(copy.deepcopy(kept), unit), file)
        second = self.answer(other)
        if kept:
            with open(os.path.join(self.folder, "curves.json"), "w") as file:
                json.dump(kept, file)
        if second is None:
            return self.wrong("another unit", f"refused in units of {unit}")
        if {first.status, second.status} == {"optimal", "infeasible"}:
            self.wrong("another unit", f"{first.status} and {second.status} in units of {unit}")
        if second.planned():
            second.value /= unit
            second.bound = None if second.bound is None else second.bound / unit
        self.ordered("another unit", first, second, minimise)
        self.ordered("another unit, back", second, first, minimise)

    def folder_library(self):
        at = os.path.join(self.folder, "curves.json")
        return json.load(open(at)) if os.path.exists(at) else None

    def in_unit(self, part, unit):
        "A part of a scenario or library; shares, counts and shapes stay."
        if isinstance(part, list):
            return [self.in_unit(p, unit) for p in part]
        if not isinstance(part, dict):
            return part
        metric = part.get("metric")
        share = part.get("tags", {}).get("part") == "harvest"
        for key, value in part.items():
            if isinstance(value, (dict, list)):
                if key == "curve" and share:
                    value["scale"] *= unit
                else:
                    part[key] = self.in_unit(value, unit)
            elif key in ("min", "max") and metric not in (None, "revenue", "spend", "cac"):
                continue
            elif isinstance(value, float | int) and key in MONEY:
                part[key] = value * unit
        return part

    def rounded(self, scenario, first, minimise, r):
        "Multiples of ten are multiples of five, and no round plan beats all plans."
        if first.status != "optimal" or scenario.get("horizon", {}).get("plan") == "by_period":
            return
        coarse, fine = self.answer(scenario, "--round", "10"), self.answer(scenario, "--round", "5")
        if coarse and fine:
            self.ordered("round", coarse, fine, minimise)
            self.ordered("round, all", fine, first, minimise)

    def seed(self, seed, kind):
        r = random.Random(f"{seed} {kind}")
        self.kind, self.label = kind, f"{seed} {kind}:"
        with tempfile.TemporaryDirectory() as self.folder:
            scenario = MAKERS[kind](r, r.randint(2, 6))
            if any("draws" in line for line in scenario["lines"]):
                scenario = kept_draws(self.folder, scenario)
            self.laws(scenario, r)


def main():
    study = asked(__doc__, Study)
    for kind in study.tried:
        print("%-16s %5d tried, %4d open" % (kind, study.tried[kind], study.open[kind]))
    print(f"{sum(study.tried.values())} tried, {len(study.bad)} answers break a law")
    return len(study.bad) > 0


if __name__ == "__main__":
    sys.exit(main())
