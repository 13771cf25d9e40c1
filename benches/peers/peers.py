#!/usr/bin/env python3
"""Solves the exported plans with other people's solvers, judges all answers
with one judge, and prints one table. See README.md for how to run it.

    maximise    sum_i f_i(x_i)                    f_i(x) = V x^a / (k^a + x^a)
    subject to  sum_i s_ri x_i + q_ri f_i(x_i) <= b_r,   0 <= x_i <= u_i

Each peer runs in a process of its own, with a time limit, and reports the
processor time of one solve (modelling excluded where the library lets us).
"""

import argparse
import json
import math
import multiprocessing
import os
import pathlib
import statistics
import subprocess
import sys
import time
import venv

PACKAGES = ["numpy", "scipy", "casadi", "pyscipopt", "highspy", "cvxpy", "clarabel", "pymc-marketing==0.19.2"]
KEPT = 1e-6  # largest relative violation that a peer is forgiven


# ---------------------------------------------------------------- the plan

class Plan:
    """A plan in scaled units: y = x / u, outcomes over the sum of ceilings."""

    def __init__(self, data):
        import numpy as np

        self.data, self.n = data, data["lines"]
        self.V, self.k, self.a = (np.array(c) for c in zip(*data["hill"]))
        self.u = np.array(data["max"])
        self.S = np.array([r["spend"] for r in data["rows"]])
        self.Q = np.array([r["response"] for r in data["rows"]])
        self.b = np.array([r["most"] for r in data["rows"]])
        self.total = self.V.sum()
        # Row r over the size of its terms at half of the maximum.
        half = self.u / 2
        self.size = np.abs(self.S) @ half + np.abs(self.Q) @ self.f(half) + np.abs(self.b)
        self.start = half * min(1.0, self.budget() / half.sum())

    def budget(self):
        return next(r["most"] for r in self.data["rows"] if min(r["spend"]) > 0 and not any(r["response"]))

    def f(self, x):
        import numpy as np

        with np.errstate(divide="ignore"):
            return self.V / (1.0 + np.exp(-self.a * np.log(np.maximum(x, 0.0) / self.k)))

    def slope(self, x):
        import numpy as np

        x = np.maximum(x, 1e-12 * self.u)
        s = self.f(x) / self.V
        return self.V * self.a / x * s * (1 - s)

    def excess(self, x):
        return self.S @ x + self.Q @ self.f(x) - self.b


def judge(plan, x):
    """The only judge: value, and the largest excess over the size of a row's
    terms (for the budget, over the budget) or over a line's maximum."""
    import numpy as np

    if x is None or not np.all(np.isfinite(x)):
        return math.nan, math.inf
    x = np.asarray(x, dtype=float)
    size = 0.5 * (np.abs(plan.S) @ np.abs(x) + np.abs(plan.Q) @ plan.f(x) + np.abs(plan.b))
    rows = plan.excess(x) / np.maximum(size, 1e-300)
    bounds = np.maximum(x - plan.u, -x) / plan.u
    return float(plan.f(x).sum()), float(max(rows.max(), bounds.max(), 0.0))


# ---------------------------------------------------------------- the peers

def slsqp(plan):
    """scipy SLSQP with exact gradients, from equal shares of the maxima."""
    import numpy as np
    from scipy.optimize import minimize

    u, size = plan.u, plan.size
    constraint = {
        "type": "ineq",
        "fun": lambda y: -plan.excess(u * y) / size,
        "jac": lambda y: -((plan.S + plan.Q * plan.slope(u * y)) * u) / size[:, None],
    }
    clock = time.process_time()
    found = minimize(
        lambda y: -plan.f(u * y).sum() / plan.total, plan.start / u,
        jac=lambda y: -plan.slope(u * y) * u / plan.total, method="SLSQP",
        bounds=[(0, 1)] * plan.n, constraints=[constraint], options={"maxiter": 1000, "ftol": 1e-12},
    )
    says = "success" if found.success else "failed"
    return np.clip(u * found.x, 0, u), time.process_time() - clock, says


def ipopt(plan):
    """IPOPT (MUMPS) through CasADi: exact derivatives, compiled expressions."""
    import casadi as ca
    import numpy as np

    y = ca.SX.sym("y", plan.n)
    x = y * plan.u
    f = plan.V / (1 + ca.exp(-plan.a * ca.log(x / plan.k)))
    rows = (ca.mtimes(ca.DM(plan.S), x) + ca.mtimes(ca.DM(plan.Q), f) - plan.b) / plan.size
    nlp = {"x": y, "f": -ca.sum1(f) / plan.total, "g": rows}
    options = {"print_time": False, "ipopt.print_level": 0, "ipopt.sb": "yes", "ipopt.tol": 1e-9,
               "ipopt.bound_relax_factor": 0.0, "ipopt.constr_viol_tol": 1e-10,
               "ipopt.max_iter": 1000}
    solver = ca.nlpsol("solver", "ipopt", nlp, options)
    clock = time.process_time()
    found = solver(x0=plan.start / plan.u, lbx=1e-12, ubx=1, lbg=-ca.inf, ubg=0)
    seconds = time.process_time() - clock
    says = "success" if solver.stats()["success"] else "failed"
    return np.clip(np.array(found["x"]).ravel() * plan.u, 0, plan.u), seconds, says


def clarabel(plan):
    """Clarabel through cvxpy on the concave plans, in exact conic form: with
    z = (x/k)^a, a power cone for a <= 1, a Hill curve is V (1 - 1/(1 + z))."""
    import cvxpy as cp
    import numpy as np

    y, z, t = cp.Variable(plan.n), cp.Variable(plan.n), cp.Variable(plan.n)
    scale = (plan.u / plan.k) ** plan.a
    cuts = [cp.PowCone3D(y, np.ones(plan.n), z, plan.a), t <= 1 - cp.inv_pos(1 + cp.multiply(scale, z))]
    rows = (plan.S * plan.u / plan.size[:, None]) @ y + (plan.Q * plan.V / plan.size[:, None]) @ t
    limits = [rows <= plan.b / plan.size, y >= 0, y <= 1, t >= 0]
    problem = cp.Problem(cp.Maximize((plan.V / plan.total) @ t), cuts + limits)
    problem.solve(solver=cp.CLARABEL)
    seconds = problem.solver_stats.solve_time
    return (None if y.value is None else np.clip(y.value, 0, 1) * plan.u), seconds, problem.status


def highs(plan, segments=64):
    """HiGHS on piecewise-linear curves: an LP where a curve is concave, a
    binary order of the segments where it is not."""
    import highspy
    import numpy as np

    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("time_limit", float(LIMIT))
    model.setOptionValue("mip_rel_gap", 1e-6)
    model.setOptionValue("threads", 1)
    rows = [[] for _ in plan.b]
    knots = [np.concatenate([[0], np.geomspace(1e-4, 1, segments)]) for _ in range(plan.n)]
    weights, cost = [], []
    inf = highspy.kHighsInf
    for i in range(plan.n):
        x = knots[i] * plan.u[i]
        f = np.array([plan.V[i] / (1 + (plan.k[i] / p) ** plan.a[i]) if p > 0 else 0.0 for p in x])
        first = model.getNumCol()
        for p, value in zip(x, f):
            j = model.getNumCol()
            model.addVar(0.0, 1.0)
            model.changeColCost(j, -value / plan.total)
            for r in range(len(plan.b)):
                c = (plan.S[r, i] * p + plan.Q[r, i] * value) / plan.size[r]
                if c != 0.0:
                    rows[r].append((j, c))
        columns = np.arange(first, first + len(x), dtype=np.int32)
        weights.append((columns, x))
        model.addRow(1.0, 1.0, len(x), columns, np.ones(len(x)))
        if plan.a[i] > 1:  # neighbours only: one segment is chosen
            begin = model.getNumCol()
            for _ in range(len(x) - 1):
                j = model.getNumCol()
                model.addVar(0.0, 1.0)
                model.changeColIntegrality(j, highspy.HighsVarType.kInteger)
            chosen = np.arange(begin, begin + len(x) - 1, dtype=np.int32)
            model.addRow(1.0, 1.0, len(chosen), chosen, np.ones(len(chosen)))
            for at, column in enumerate(columns):
                near = [c for c in (at - 1, at) if 0 <= c < len(chosen)]
                model.addRow(-inf, 0.0, 1 + len(near), np.array([column, *chosen[near]], dtype=np.int32),
                             np.array([1.0] + [-1.0] * len(near)))
    for row, b, size in zip(rows, plan.b, plan.size):
        index, value = zip(*row)
        model.addRow(-inf, b / size, len(index), np.array(index, dtype=np.int32), np.array(value))
    clock = time.process_time()
    model.run()
    seconds = time.process_time() - clock
    column = np.array(model.getSolution().col_value)
    says = model.modelStatusToString(model.getModelStatus())
    if len(column) == 0:
        return None, seconds, says
    return np.array([x @ column[c] for c, x in weights]), seconds, says


def scip(plan):
    """SCIP on the curves themselves (global), gap 1e-6."""
    import numpy as np
    from pyscipopt import Model, exp, log, quicksum

    model = Model()
    model.hideOutput()
    model.setParam("limits/time", float(LIMIT))
    model.setParam("limits/gap", 1e-6)
    model.setParam("timing/clocktype", 1)
    y = [model.addVar(lb=1e-9, ub=1.0) for _ in range(plan.n)]
    t = [model.addVar(lb=0.0, ub=1.0) for _ in range(plan.n)]
    for i in range(plan.n):
        scale, a = float((plan.k[i] / plan.u[i]) ** plan.a[i]), float(plan.a[i])
        model.addCons(t[i] * (y[i] ** a + scale) == y[i] ** a)
    for r in range(len(plan.b)):
        terms = [(plan.S[r, i] * plan.u[i] * y[i] + plan.Q[r, i] * plan.V[i] * t[i]) / plan.size[r]
                 for i in range(plan.n)]
        model.addCons(quicksum(terms) <= plan.b[r] / plan.size[r])
    model.setObjective(quicksum(plan.V[i] / plan.total * t[i] for i in range(plan.n)), "maximize")
    clock = time.process_time()
    model.optimize()
    seconds = time.process_time() - clock
    if model.getNSols() == 0:
        return None, seconds, model.getStatus()
    says = f"{model.getStatus()}, gap {model.getGap():.1e}"
    return np.array([model.getVal(v) for v in y]) * plan.u, seconds, says


def pymc(plan):
    """pymc-marketing's BudgetOptimizer as it comes (SLSQP, ftol 1e-9, 1,000
    steps, equal spends to start from). It optimises a fitted model: ours is
    one of these curves with a single draw, in its own wrapper for custom
    models; the limits are custom constraints. Compiling is not timed."""
    import warnings

    import arviz
    import numpy as np
    import pymc as pm
    import pymc.dims as pmd
    import pytensor.xtensor as ptx
    import xarray
    from pymc_marketing.mmm.budget_optimizer import BudgetOptimizer, CustomModelWrapper
    from pymc_marketing.mmm.constraints import Constraint

    warnings.simplefilter("ignore")
    channels = [f"c{i}" for i in range(plan.n)]

    def respond(x, ceiling, k, a):
        return ceiling / (1 + (k / x) ** a)

    with pm.Model(coords={"date": [0], "channel": channels}) as model:
        x = pmd.Data("channel_data", np.zeros((1, plan.n)), dims=("date", "channel"))
        curve = [pmd.HalfNormal(name, dims="channel") for name in ("V", "k", "a")]
        pmd.Deterministic("total_contribution", respond(x, *curve).sum())
    draw = {"V": plan.V, "k": plan.k, "a": plan.a}
    idata = arviz.from_dict({name: value[None, None] for name, value in draw.items()},
                            coords={"channel": channels}, dims={name: ["channel"] for name in draw})

    def limit(r):
        per_channel = lambda values: ptx.as_xtensor(np.asarray(values), dims=("channel",))
        spend, response, curve = (per_channel(plan.S[r]), per_channel(plan.Q[r]),
                                  [per_channel(v) for v in draw.values()])
        left = lambda x, total, optimizer: plan.b[r] - (spend * x + response * respond(x, *curve)).sum()
        return Constraint(key=f"limit {r}", constraint_type="ineq", constraint_fun=left)

    optimizer = BudgetOptimizer(
        num_periods=1, model=CustomModelWrapper(base_model=model, idata=idata, channels=channels),
        custom_constraints=[limit(r) for r in range(len(plan.b))], default_constraints=False,
    )
    # A curve has no slope at 0.
    bounds = xarray.DataArray(np.stack([1e-9 * plan.u, plan.u], axis=1),
                              coords={"channel": channels, "bound": ["lower", "upper"]}, dims=["channel", "bound"])
    clock = time.process_time()
    budgets, found = optimizer.allocate_budget(plan.budget(), budget_bounds=bounds, return_if_fail=True)
    seconds = time.process_time() - clock
    return np.clip(budgets.to_numpy(), 0, plan.u), seconds, "success" if found.success else "failed"


PEERS = {
    "IPOPT": ipopt, "SLSQP, scaled": slsqp, "pymc-marketing": pymc,
    "Clarabel": clarabel, "HiGHS, 64 segments": highs, "SCIP": scip,
}
LARGEST = {"SLSQP, scaled": 100, "pymc-marketing": 100, "SCIP": 100,
           "Clarabel": 1000, "HiGHS, 64 segments": 1000}
LIMIT = 20.0


# ---------------------------------------------------------------- the runs

def child(name, path, queue):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # solvers print as they please
    plan = Plan(json.loads(pathlib.Path(path).read_text()))
    try:
        queue.put(PEERS[name](plan))
    except Exception as error:  # a peer that raises has no answer; the row says so
        queue.put((None, math.nan, f"{type(error).__name__}: {error}"[:60]))


def run(name, path):
    """One peer on one plan, in a process that can be ended."""
    queue = multiprocessing.Queue()
    worker = multiprocessing.Process(target=child, args=(name, path, queue))
    worker.start()
    try:
        return queue.get(timeout=6 * LIMIT)
    except Exception:
        return None, math.nan, f"no answer in {6 * LIMIT:g} s"
    finally:
        worker.terminate()
        worker.join()


def compare(folder, names):
    plans = {}
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        data = json.loads(path.read_text())
        plans.setdefault((data["class"], data["lines"]), []).append((path, data))
    print("| class | lines | solver | median time | times ours | short of the best, worst | broke limits | says |")
    print("|---|---|---|---|---|---|---|---|")
    for (kind, lines), group in sorted(plans.items()):
        group_rows(kind, lines, group, names)


def group_rows(kind, lines, group, names):
    judged = {"Outlay": [outlay(data) for _, data in group]}
    for name in names:
        if lines <= LARGEST.get(name, 10_000) and not (name.startswith("Clarabel") and kind != "concave"):
            judged[name] = [answer(name, path, data) for path, data in group]
    best = [max((a[i]["value"] for a in judged.values() if a[i]["violation"] <= KEPT), default=math.nan)
            for i in range(len(group))]
    ours = [a["seconds"] for a in judged["Outlay"]]
    for name, answers in judged.items():
        broke = sum(a["violation"] > KEPT for a in answers)
        short = [1 - a["value"] / b for a, b in zip(answers, best) if a["violation"] <= KEPT]
        worst = f"{max(max(short), 0.0):.1e}" if short else "-"
        median = statistics.median(a["seconds"] for a in answers)
        ratio = statistics.median(a["seconds"] / o for a, o in zip(answers, ours))
        says = sorted({a["says"] for a in answers})
        print(f"| {kind} | {lines} | {name} | {1e3 * median:.3g} ms | {ratio:.3g} | {worst} | "
              f"{broke}/{len(answers)} | {'; '.join(says)[:70]} |", flush=True)


def outlay(data):
    ours = data["outlay"]
    value, violation = judge(Plan(data), ours["spends"])
    says = "proven" if ours["proven"] else "not proven"
    return {"seconds": ours["seconds"], "value": value, "violation": violation, "says": says}


def answer(name, path, data):
    x, seconds, says = run(name, path)
    value, violation = judge(Plan(data), x)
    return {"seconds": seconds, "value": value, "violation": violation, "says": says}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("instances", help="folder written by the example export_instances")
    parser.add_argument("--venv", default="target/peers", help="throw-away environment (made if absent)")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--limit", type=float, default=20, help="seconds for one solve of a global solver")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    global LIMIT
    LIMIT = options.limit
    if options.inside:
        return compare(options.instances, options.peers)
    python = pathlib.Path(options.venv) / "bin" / "python"
    if not python.exists():
        venv.create(options.venv, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    command = [python, __file__, options.instances, "--inside",
               "--limit", str(options.limit), "--peers", *options.peers]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
