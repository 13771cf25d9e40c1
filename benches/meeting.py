"""Plans of lines that meet, attacked from outside (docs/interactions.md).

    python3 benches/meeting.py BINARY KIND|all [INSTANCES [FIRST]]

Small random scenarios of one kind (audience, nested, reach, pool, pools2, pools3,
harvesters) are written as files and planned by `outlay run`. Here the formulas of
the documentation are written once more, and the best of a grid and of many random
plans is climbed by moving money between any two places, in ever smaller steps. A
plan is beaten if that finds more than its value and gap allow; its value, the sum
over its lines, its bound and `outlay verify` are held to as well. Instances take
turns: concave, S-shaped, with deals, with limits, over draws, by period, by period
S-shaped. Needs numpy.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

KINDS = ["audience", "nested", "reach", "pool", "pools2", "pools3", "harvesters"]
TURNS = ["concave", "s-shaped", "deals", "limits", "draws", "periods", "s-shaped periods"]


def curve(c, x):
    f = c["family"]
    if f == "michaelis_menten":
        return c["ceiling"] * x / (x + c["half_saturation"])
    if f == "exponential":
        return c["ceiling"] * -np.expm1(-x / c["scale"])
    if f == "hill":
        power = x ** c["shape"]
        return c["ceiling"] * power / (power + c["half_saturation"] ** c["shape"])
    if f == "log":
        return c["coefficient"] * np.log1p(x / c["scale"])
    raise ValueError(f)


class Instance:
    def __init__(self, kind, seed):
        r = self.r = np.random.default_rng([KINDS.index(kind), seed])
        self.turn = TURNS[seed % len(TURNS)]
        if kind == "reach" and self.turn == "draws":
            self.turn = "concave"  # draws are not read as reach, and said so
        self.by_period = "periods" in self.turn
        self.T = int(r.integers(2, 4)) if self.by_period else 1
        self.lines, self.audiences, self.demand, self.limits = [], [], [], []
        self.library = []
        u = r.uniform
        shared = lambda: (lambda c: [{"family": "exponential", "ceiling": c, "scale": c},
                                     {"family": "michaelis_menten", "ceiling": c, "half_saturation": c},
                                     {"family": "log", "coefficient": c, "scale": c}][int(r.integers(3))])(float(u(2e3, 8e3)))
        some = 2 if self.by_period or kind in ("pools2", "pools3") else int(r.integers(2, 4))
        if kind in ("audience", "nested", "reach"):
            duplication = float(r.choice([0., .4, .8, 1.]))
            most = .8 if duplication == 1 else .8 / some
            for i in range(some):
                self.line(f"A{i}", "a", float(u(.3, 1)) * most if kind == "reach" else float(u(1e3, 4e3)))
            self.line("B", "b", float(u(500, 3e3)))
            self.line("C", "c", float(u(500, 3e3)))
            first = [l["name"] for l in self.lines if l["stage"] == "a"]
            if kind == "reach":
                reach = {"population": float(u(2e3, 5e3)), "value": float(u(.5, 2)), "duplication": duplication}
                self.audiences.append({"name": "G", "lines": first, "reach": reach})
            else:
                self.audiences.append({"name": "G", "lines": first, "curve": shared()})
            if kind == "nested":
                self.audiences.append({"name": "H", "lines": ["G", "B"], "curve": shared()})
        else:
            pools = {"pools2": 2, "pools3": 3}.get(kind, 1)
            for k in range(pools):
                makers, harvesters = (some, 2) if pools == 1 else (1, 1)
                if pools == 2:
                    makers += int(r.integers(0, 2))
                for i in range(makers):
                    self.line(f"M{k}{i}", f"m{k}", float(u(1e3, 4e3)))
                for i in range(harvesters):
                    high = 1. if kind == "harvesters" else .48
                    self.line(f"H{k}{i}", f"h{k}", float(u(.15, high)))
                pool = {"name": f"D{k}", "base": float(u(0, 3e3)), "makes": {"stage": f"m{k}"}, "harvests": {"stage": f"h{k}"}}
                if self.by_period and r.random() < .7:
                    pool["retention"] = float(np.round(u(.1, .7), 2))
                if r.random() < .3 and kind != "harvesters":
                    pool["organic"] = float(np.round(u(.01, .04), 3))
                self.demand.append(pool)
            if kind == "harvesters":
                names = [l["name"] for l in self.lines if l["stage"][0] == "h"]
                self.audiences.append({"name": "S", "lines": names, "curve": {"family": "exponential", "ceiling": 1., "scale": 1.}})
            if r.random() < .4:
                names = [l["name"] for l in self.lines if l["stage"] == "m0"]
                self.audiences.append({"name": "G", "lines": names, "curve": shared()})
            if pools < 3:
                self.line("C", "c", float(u(500, 3e3)))
        self.budget = float(np.round(u(200, 500) * len(self.lines)))
        horizon = {"periods": self.T, "unit": "week", "start": "@2026-01-05"}
        if self.by_period:
            horizon["plan"] = "by_period"
            if r.random() < .5:
                horizon["demand"] = [float(np.round(x, 2)) for x in u(.6, 1.6, self.T)]
            if r.random() < .3:
                horizon["price"] = [float(np.round(x, 2)) for x in u(.7, 1.4, self.T)]
        self.horizon = horizon
        self.cap = self.share = None
        if self.turn == "limits":
            if r.random() < .6:
                self.share = float(np.round(u(.2, .5), 2))
                self.limits.append({"metric": "spend_share", "max": self.share, "where": {"stage": self.lines[0]["stage"]}})
            if r.random() < .6:
                self.cap = float(np.round(u(.2, 1.2), 2))
                self.limits.append({"metric": "mer", "min": self.cap})
        self.value0 = 0.
        self.prepare()

    def line(self, name, stage, ceiling):
        r = self.r
        half = float(r.uniform(150, 900))
        def drawn(c, h):
            if ("s-shaped" in self.turn or self.turn == "deals") and r.random() < .5:
                return {"family": "hill", "ceiling": c, "half_saturation": h, "shape": float(np.round(r.uniform(1.3, 3), 2))}
            if r.random() < .5:
                return {"family": "michaelis_menten", "ceiling": c, "half_saturation": h}
            return {"family": "exponential", "ceiling": c, "scale": h}
        l = {"name": name, "stage": stage, "outcome": "revenue", "spend": {"current": 100.}}
        if self.turn == "draws":
            draws = [drawn(ceiling * float(r.uniform(.7, 1)), half * float(r.uniform(.7, 1.4))) for _ in range(5)]
            self.library.append({"name": name, "outcome": "revenue", "curve": draws[0], "draws": draws})
            l["draws"] = draws
            del l["outcome"]
        else:
            l["curve"] = drawn(ceiling, half)
        if r.random() < .3:
            l["spend"]["max"] = float(np.round(r.uniform(150, 900)))
        if self.turn == "deals" and r.random() < .6:
            l["deal"] = {str(r.choice(["flat", "at_least", "lots"])): float(np.round(r.uniform(60, 250)))}
            l["spend"].pop("max", None)
        if self.by_period:
            l["adstock"] = {"kind": "none"}
            if stage[0] != "h" and r.random() < .5:
                l["adstock"] = {"kind": "geometric", "retention": float(np.round(r.uniform(.1, .5), 2))}
            flight = {}
            if r.random() < .2:
                flight["opening"] = float(np.round(r.uniform(20, 150)))
            if r.random() < .2:
                flight["max"] = float(np.round(r.uniform(80, 400)))
            if flight:
                l["flight"] = flight
        self.lines.append(l)

    # The scenario as a file.
    def write(self, folder):
        def toml(v):
            if isinstance(v, dict):
                return "{ " + ", ".join(f"{k} = {toml(x)}" for k, x in v.items()) + " }"
            if isinstance(v, list):
                return "[" + ", ".join(map(toml, v)) + "]"
            if isinstance(v, str):
                return v[1:] if v[0] == "@" else f'"{v}"'
            return repr(v)
        out = ["outlay = 1", 'currency = "EUR"', f"horizon = {toml(self.horizon)}", 'goal = { maximize = "revenue" }', f"budget = {{ max = {self.budget!r} }}"]
        if self.library:
            json.dump({"outlay": 1, "unit": "week", "currency": "EUR", "curves": self.library}, open(f"{folder}/c.json", "w"))
            out.append('curves = "c.json"')
        for table, rows in (("lines", self.lines), ("audiences", self.audiences), ("demand", self.demand), ("limits", self.limits)):
            for row in rows:
                out.append(f"\n[[{table}]]")
                out += [f"{k} = {toml(v)}" for k, v in row.items() if k != "draws"]
        open(f"{folder}/s.toml", "w").write("\n".join(out) + "\n")

    # The formulas once more.
    def prepare(self):
        T = self.T
        kept = [l.get("adstock", {}).get("retention", 0.) for l in self.lines]
        tail = [0 if q == 0 else int(np.ceil(np.log(1e-6) / np.log(q))) for q in kept]
        self.N = N = T + max(tail)
        price = np.array(self.horizon.get("price", [1.] * T))
        self.season = np.concatenate([self.horizon.get("demand", [1.] * T), np.ones(N - T)])
        self.leaves, self.opening = [], []
        for l, q, n in zip(self.lines, kept, tail):
            matrix, opening = np.zeros((N, T)), np.zeros(N)
            first = l.get("flight", {}).get("opening", 0.)
            for t in range(min(T + n, N)):
                opening[t] = first * q ** (t + 1) if q > 0 else 0.
                for s in range(min(t + 1, T)):
                    matrix[t, s] = ((1 - q) * q ** (t - s) if q > 0 else float(t == s)) / price[s]
            self.leaves.append(matrix)
            self.opening.append(opening)
        most = [[min(self.budget, l["spend"].get("max", np.inf), l.get("flight", {}).get("max", np.inf))] * T for l in self.lines]
        self.most = np.array(most).ravel()
        self.whole = np.array([l["spend"].get("max", np.inf) for l in self.lines])
        self.value0 = self.total([o[None] for o in self.opening])[0]

    def total(self, stocks):
        T = self.T
        own, inside, total = {}, set(), 0.
        for l, stock in zip(self.lines, stocks):
            curves = l.get("draws") or [l["curve"]]
            f = sum(curve(c, T * stock) for c in curves) / len(curves)
            share = l["stage"][0] == "h" or any("reach" in a and l["name"] in a["lines"] for a in self.audiences)
            own[l["name"]] = f if share else f / T
        role = {l["name"]: l["stage"] for l in self.lines}
        for a in self.audiences:
            if "reach" in a:
                c, d = a["reach"], a["reach"]["duplication"]
                rs = [own[m] for m in a["lines"]]
                reached = sum(rs) if d == 0 else (1 - np.prod([1 - d * x for x in rs], axis=0)) / d
                own[a["name"]] = c["population"] * c["value"] * reached / T
            else:
                z = sum(own[m] for m in a["lines"])
                shares = role[a["lines"][0]][0] == "h"
                own[a["name"]] = curve(a["curve"], z) if shares else curve(a["curve"], T * z) / T
            role[a["name"]] = role[a["lines"][0]]
            inside |= set(a["lines"])
        for pool in self.demand:
            makes = [n for n in own if n not in inside and role[n] == pool["makes"]["stage"]]
            takes = [n for n in own if n not in inside and role[n] == pool["harvests"]["stage"]]
            made, share = sum(own[n] for n in makes), sum(own[n] for n in takes)
            rho, base = pool.get("retention", 0.), pool["base"] / T
            level = base
            for t in range(self.N):
                level = rho * level + (1 - rho) * base * self.season[t] + self.season[t] * made[:, t]
                total = total + level * share[:, t]
            total = total + pool.get("organic", 0.) * (made * self.season).sum(1)
            inside |= set(makes) | set(takes)
        for n, v in own.items():
            if n not in inside:
                total = total + (v * self.season).sum(1)
        return total

    def value(self, spends):
        x = spends.reshape(len(spends), len(self.lines), self.T)
        stocks = [x[:, i] @ m.T + o for i, (m, o) in enumerate(zip(self.leaves, self.opening))]
        total = self.total(stocks) - self.value0
        spent = spends.sum(1)
        bad = spent > self.budget * (1 + 1e-12)
        bad |= (x.sum(2) > self.whole * (1 + 1e-9)).any(1)
        if self.share is not None:
            first = np.repeat([l["stage"] == self.lines[0]["stage"] for l in self.lines], self.T)
            bad |= spends[:, first].sum(1) > self.share * spent * (1 + 1e-12)
        if self.cap is not None:
            bad |= total < self.cap * spent * (1 - 1e-12)
        return np.where(bad, -np.inf, total)

    def sold(self, spends):
        "The nearest amounts that are for sale."
        spends = np.clip(spends, 0, self.most)
        for i, l in enumerate(self.lines):
            for kind, at in l.get("deal", {}).items():
                x = spends[:, i]
                if kind == "flat":
                    x = np.where(x > at / 2, at, 0.)
                elif kind == "at_least":
                    x = np.where(x < at / 2, 0., np.maximum(x, at))
                else:
                    x = np.round(x / at) * at
                spends[:, i] = x
        return spends

    def best(self):
        n, r = len(self.most), self.r
        steps = next(s for s in (40, 24, 16, 12, 9, 7, 6, 5, 4, 3, 2) if np.prod([(s + k) / k for k in range(1, n + 1)]) <= 20000)
        grid = np.array([c for c in itertools.product(range(steps + 1), repeat=n) if sum(c) <= steps] if (steps + 1) ** n < 4e5 else
                        [np.bincount(c, minlength=n + 1)[:n] for c in itertools.combinations_with_replacement(range(n + 1), steps)])
        grid = self.sold(grid * self.budget / steps)
        found = self.value(grid)
        random = self.sold(r.dirichlet(np.ones(n + 1) * r.choice([.3, 1., 3.]), 400)[:, :n] * self.budget)
        top = grid[np.argsort(-found)[:16]]
        other = random[np.argsort(-self.value(random))[:8]]
        x = np.concatenate([top, other, random[:4], np.zeros((1, n))])
        moves = np.array([(a, b) for a in range(n + 1) for b in range(n + 1) if a != b])
        add = np.zeros((len(moves), n + 1))
        add[np.arange(len(moves)), moves[:, 0]] = -1
        add[np.arange(len(moves)), moves[:, 1]] = 1
        add = add[:, :n]
        lots = [a for l in self.lines for a in l.get("deal", {}).values()]
        if lots:
            size = np.array([next(iter(l.get("deal", {0: 0.}).values())) for l in self.lines])
            add0 = add * np.where(size > 0, size, 1.)
        worth, step = self.value(x), self.budget / 5
        for _ in range(1200):
            tries = [x[:, None] + step * add]
            if lots:
                tries.append(x[:, None] + np.where(add0 != add, add0, step * add))
            near = np.concatenate(tries, axis=1)
            near = self.sold(near.reshape(-1, n)).reshape(near.shape)
            values = self.value(near.reshape(-1, n)).reshape(near.shape[:2])
            k = values.argmax(1)
            better = values[np.arange(len(x)), k] > worth + 1e-12 * np.abs(np.nan_to_num(worth, neginf=0.))
            x = np.where(better[:, None], near[np.arange(len(x)), k], x)
            worth = np.where(better, values[np.arange(len(x)), k], worth)
            if not better.any():
                step /= 2
                if step < 1e-7 * self.budget:
                    break
            elif step < 1e-3 * self.budget:
                keep = worth >= np.sort(worth)[-min(6, len(worth))]
                x, worth = x[keep], worth[keep]
        return worth.max()


def main():
    binary, kinds = os.path.abspath(sys.argv[1]), KINDS if sys.argv[2] == "all" else [sys.argv[2]]
    count, first = (int(sys.argv[k]) if len(sys.argv) > k else by_default for k, by_default in ((3, 200), (4, 0)))
    failed = 0
    for kind in kinds:
        status, reached, open_, worst = {}, 0, [], -np.inf
        for seed in range(first, first + count):
            i = Instance(kind, seed)
            with tempfile.TemporaryDirectory() as folder:
                i.write(folder)
                ran = subprocess.run([binary, "run", "s.toml", "--out", "o", "--time", "20"], cwd=folder, capture_output=True, text=True, timeout=300)
                other = i.best()
                tell = lambda *what: print(kind, seed, i.turn, *what, flush=True)
                if ran.returncode not in (0, 3):
                    tell(f"exit {ran.returncode}:", ran.stderr[:400] or ran.stdout[:400], "outside:", other)
                    status["none"] = status.get("none", 0) + 1
                    failed += ran.returncode != 1 or np.isfinite(other)
                    continue
                plan = json.load(open(f"{folder}/o/s.json"))
                proven = subprocess.run([binary, "verify", "o/s.json"], cwd=folder, capture_output=True, text=True)
            spends = [[p["spend"] for p in l["flight"]["periods"]] if i.by_period else [l["spend"]] for l in plan["lines"]]
            x = np.array(spends).reshape(1, -1)
            slack = Instance.__new__(Instance)
            slack.__dict__ = dict(i.__dict__, budget=i.budget * (1 + 1e-9), share=i.share and i.share * (1 + 1e-9), cap=i.cap and i.cap * (1 - 1e-9))
            own, value, proof = slack.value(x)[0], plan["value"], plan["certificate"]
            scale = max(abs(value), 1e-3)
            wrong = []
            if not abs(own - value) <= 1e-9 * scale + (2e-6 * scale if i.by_period else 0):
                wrong.append(f"value {value} is {own} by the formulas")
            if abs(sum(l["revenue"] for l in plan["lines"]) - value) > 1e-9 * scale:
                wrong.append("lines do not add up")
            if np.abs(i.sold(x.copy()) - x).max() > 1e-9 * i.budget:
                wrong.append("not for sale")
            if other > value + (proof["gap"] + (2e-6 if i.by_period else 1e-9)) * scale:
                wrong.append(f"beaten: {other} against {value}, gap {proof['gap']}")
            if proven.returncode:
                wrong.append(f"verify: {proven.stdout[-200:]}{proven.stderr[-200:]}")
            if wrong:
                failed += 1
                tell("; ".join(wrong))
            status[plan["status"]] = status.get(plan["status"], 0) + 1
            short = (value - other) / scale
            reached += short < 1e-6
            worst = max(worst, -short)
            if proof["gap"] > 1e-6:
                open_.append((seed, i.turn, float(f"{proof['gap']:.2g}")))
        print(f"{kind}: {status}, the outside search got as far (1e-6) in {reached}, at most {worst:.1e} above; gap over 1e-6: {open_}", flush=True)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
