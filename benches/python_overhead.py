"""What a call from Python costs over the Rust library, at twelve lines.

Usage: python benches/python_overhead.py      (with the package installed)

The library's own time is taken inside one call: a thousand equal what-ifs are
solved by one thread of Rust, from a scenario that was read. A call from Python
does the same once, and hands over its status, value and gap.
"""

import statistics
import time

from outlay import _outlay

import outlay

PATH, COUNT, ROUNDS = "scenarios/funnel.toml", 400, 9

scenario = outlay.read(PATH)
text = open(PATH, encoding="utf-8").read()


def each(run):
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) / COUNT * 1e6


def inside():
    _outlay.solve_many(scenario, 0, 0, [[("budget.max", 2_160_000)]] * COUNT, 1, None, None, None, None)


def called():
    for _ in range(COUNT):
        plan = outlay.solve(scenario)
        plan.status, plan.value, plan.gap


def read():
    for _ in range(COUNT):
        outlay.read(text)


def read_and_called():
    for _ in range(COUNT):
        plan = outlay.solve(text)
        plan.status, plan.value, plan.gap


rounds = [[each(run) for run in (inside, called, read, read_and_called)] for _ in range(ROUNDS)]
library, call, parsed, whole = (statistics.median(column) for column in zip(*rounds))
print(f"in the library       {library:8.1f} us")
print(f"one call             {call:8.1f} us, {call - library:+.1f} us over the library")
print(f"reading its text     {parsed:8.1f} us")
print(f"text to answer       {whole:8.1f} us")
