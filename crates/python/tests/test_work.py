"""Long work: interrupts, progress, threads, faults."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

import outlay
from outlay import _outlay


def hard() -> dict[str, Any]:
    """Deals at even prices under an odd budget: no plan spends all of it, and to prove that takes ages."""
    draw = random.Random(1)
    prices = [2 * draw.randint(500, 4999) for _ in range(60)]
    curve = {"family": "linear", "rate": 2.0}
    return {
        "budget": {"max": sum(prices) // 4 * 2 + 1},
        "lines": [
            {"name": f"deal {i}", "outcome": "revenue", "deal": {"flat": price}, "curve": curve}
            for i, price in enumerate(prices)
        ],
        "limits": [{"name": "few", "metric": "active_lines", "min": 20, "max": 20}],
    }


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX does")
@pytest.mark.parametrize("told", ["", ", progress=lambda done: None"], ids=["here", "on a thread"])
def test_an_interrupt_ends_a_search(told: str) -> None:
    """Plans of few lines are searched on the caller's thread, unless progress is asked for."""
    program = f"""
import signal
import outlay
signal.signal(signal.SIGINT, signal.default_int_handler)
print("working", flush=True)
try:
    outlay.solve({hard()!r}, gap=1e-12, nodes=10**9{told})
    print("finished", flush=True)
except KeyboardInterrupt:
    print("stopped", outlay.solve("scenarios/funnel.toml").feasible, flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "working\n"
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    # Left alone the search would take many minutes.
    assert child.stdout.readline() == "stopped True\n"
    assert child.wait(timeout=60) == 0


def test_a_search_is_stopped_by_time_with_what_is_proven() -> None:
    plan = outlay.solve(hard(), gap=1e-12, nodes=10**9, time=0.5)
    assert plan.status in ("within_gap", "undetermined")
    if plan.feasible:
        assert plan.gap is not None and plan.gap > 1e-12 and plan.verify().stands


def test_progress_is_told_and_may_stop() -> None:
    told: list[int] = []
    outlay.solve(hard(), gap=1e-12, nodes=10**9, time=0.5, progress=told.append)
    assert told and told == sorted(told) and told[-1] > 0
    short: list[int] = []
    outlay.solve("scenarios/funnel.toml", progress=short.append)
    assert len(short) >= 1, "short work is told of once, at its end"

    class Enough(Exception):
        pass

    def stop(done: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        outlay.solve(hard(), gap=1e-12, nodes=10**9, time=5.0, progress=stop)


def test_the_interpreter_goes_on_while_a_search_runs() -> None:
    counted = 0
    done = threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    outlay.solve(hard(), gap=1e-12, nodes=10**9, time=0.5)
    done.set()
    thread.join()
    assert counted > 5


def test_threads_give_the_same_bytes() -> None:
    expected = outlay.solve("scenarios/launch.toml").to_json()
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append(outlay.solve("scenarios/launch.toml").to_json()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 4


def test_a_fault_inside_is_an_exception(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(outlay.errors.InternalError, match="asked to"):
        _outlay.fail_inside()
    assert outlay.solve("scenarios/funnel.toml").status == "optimal"
