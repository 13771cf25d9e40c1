"""Tests in markets: the same bytes as the command line, and the truth of a simulated panel."""

from __future__ import annotations

import datetime
import pickle
import random
from pathlib import Path

import pytest
from conftest import printed

import outlay

TREATED = ["m0", "m3", "m7"]
EFFECT = 30.0


def panel(weeks: int = 70, markets: int = 14, test: int = 6, seed: int = 5) -> list[dict[str, object]]:
    """Markets of different sizes that move together; the treated ones gain EFFECT a week in the test."""
    draw = random.Random(seed)
    sizes = [200.0 + 60.0 * market for market in range(markets)]
    rows: list[dict[str, object]] = []
    for week in range(weeks):
        common = 1.0 + 0.1 * draw.gauss(0, 1)
        for market, size in enumerate(sizes):
            tested = week >= weeks - test and f"m{market}" in TREATED
            outcome = size * (common + 0.02 * draw.gauss(0, 1)) + (EFFECT if tested else 0.0)
            rows.append({
                "date": (datetime.date(2024, 1, 1) + datetime.timedelta(weeks=week)).isoformat(),
                "market": f"m{market}",
                "revenue": round(outcome, 3),
                "spend": 30.0 if tested else 10.0,
            })
    return rows


def days(rows: list[dict[str, object]], test: int = 6) -> tuple[str, str]:
    dates = sorted({str(row["date"]) for row in rows})
    return dates[-test], dates[-1]


def written(rows: list[dict[str, object]], path: Path) -> Path:
    lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_lift_is_that_of_the_command_line_and_near_the_truth(command: str, tmp_path: Path) -> None:
    rows = panel()
    path, (start, end) = written(rows, tmp_path / "panel.csv"), days(rows)
    found = outlay.lift(path, start=start, end=end, treated=TREATED, channel="video")
    asked = ["--start", start, "--end", end, "--treated", ",".join(TREATED), "--channel", "video"]
    assert found.to_json().encode() == printed(command, "lift", str(path), *asked, "--format", "json")
    assert found.to_csv().encode() == printed(command, "lift", str(path), *asked, "--format", "csv")
    assert found.notes and len(found.periods) == 6
    assert found.lift.low < EFFECT * len(TREATED) * 6 < found.lift.high
    assert pickle.loads(pickle.dumps(found)) == found


def test_a_panel_may_be_a_frame(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    rows = panel()
    start, end = days(rows)
    of_file = outlay.lift(written(rows, tmp_path / "p.csv"), start=start, end=end, treated=TREATED)
    of_frame = outlay.lift(pandas.DataFrame(rows), start=start, end=end, treated=TREATED)
    assert of_frame.to_dict()["lift"] == of_file.to_dict()["lift"]


def test_a_design_is_that_of_the_command_line(command: str, tmp_path: Path) -> None:
    path = written(panel(), tmp_path / "panel.csv")
    designed = outlay.design(path, weeks=6, change=-1.0, cells=2, exclude="m1", seed=3)
    asked = ["--weeks", "6", "--change", "-100%", "--cells", "2", "--exclude", "m1", "--seed", "3"]
    assert designed.to_json().encode() == printed(command, "design", str(path), *asked, "--format", "json")
    assert len(designed.cells) == 2
    assert not {"m1"} & {market for cell in designed.designs for market in cell.treated}
    assert pickle.loads(pickle.dumps(designed)) == designed


def test_the_next_test_is_that_of_the_command_line(command: str, tmp_path: Path) -> None:
    draw = random.Random(3)
    spend = {"spend": [90.0, 110.0, 100.0], "half_saturation": 200.0, "family": "michaelis_menten"}
    curves = {name: {**spend, "ceiling": [top * draw.lognormvariate(0, wide) for _ in range(80)]}
              for name, top, wide in (("tv", 900.0, 0.5), ("search", 800.0, 0.05))}
    outlay.curves(curves, unit="week", currency="USD").save(tmp_path / "curves.json")
    text = """outlay = 1
currency = "USD"
curves = "curves.json"
horizon = { periods = 13, unit = "week" }
budget.max = 2600
goal = { maximize = "revenue" }
lines = [{ name = "tv", spend.current = 1300 }, { name = "search", spend.current = 1300 }]
"""
    path = tmp_path / "scenario.toml"
    path.write_text(text)
    tests = [{"channel": "tv", "change": 0.5, "weeks": 6, "error": 500.0},
             {"channel": "search", "change": 0.5, "weeks": 6, "error": 500.0}]
    table = tmp_path / "tests.csv"
    table.write_text("\n".join([",".join(tests[0]), *(",".join(map(str, t.values())) for t in tests)]) + "\n")
    found = outlay.next_test(path, tests=table)
    assert found.to_json().encode() == printed(command, "next", str(path), "--tests", str(table), "--format", "json")
    # What is known is not worth a test; what is not, is.
    worth = dict(zip(found.frame("tests")["channel"], found.frame("tests")["evsi"]))
    assert worth["tv"] > worth["search"] >= 0
    assert pickle.loads(pickle.dumps(found)) == found


def test_what_cannot_be_is_refused() -> None:
    rows = panel(weeks=30)
    start, end = days(rows)
    text = "\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]).encode()
    with pytest.raises(outlay.errors.ExperimentError):
        outlay.lift(text, start=start, end=end, treated="nowhere")
    for wrong in ({"start": "soon", "end": end}, {"start": start, "end": end, "level": 1.5}):
        with pytest.raises(outlay.errors.ArgumentError):
            outlay.lift(text, treated=TREATED, **wrong)
    for wrong in ({"change": 0.0}, {"share": 0.9}, {"cells": 0}, {"power": 1.0}):
        with pytest.raises(outlay.errors.ArgumentError):
            outlay.design(text, **wrong)
