"""A scenario is whatever says the same: a path, a text, a mapping, frames."""

from __future__ import annotations

import datetime
import json
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest

import outlay

CURVE = {"family": "michaelis_menten", "ceiling": 90_000, "half_saturation": 20_000}
LINES: list[dict[str, Any]] = [
    {"name": "search", "stage": "conversion", "outcome": "revenue", "curve": CURVE},
    {"name": "video", "outcome": "revenue", "curve": {**CURVE, "ceiling": 60_000}, "spend": {"max": 9_000}},
]


def plan_of(scenario: Any, **more: Any) -> tuple[Any, ...]:
    plan = outlay.solve(scenario, **more)
    return plan.status, plan.value, tuple(plan.lines["spend"])


def test_every_way_of_saying_it_gives_the_same_plan() -> None:
    whole = {"outlay": 1, "budget": {"max": 30_000}, "lines": LINES}
    expected = plan_of(whole)
    assert expected[0] == "optimal"
    assert plan_of(json.dumps(whole)) == expected
    assert plan_of(None, **whole) == expected
    assert plan_of({"lines": LINES}, budget={"max": 30_000}) == expected
    assert plan_of(outlay.read(whole)) == expected
    assert plan_of(pickle.loads(pickle.dumps(outlay.read(whole)))) == expected
    tomllib = pytest.importorskip("tomllib")
    with open("scenarios/funnel.toml", "rb") as file:
        funnel = tomllib.load(file)
    text = Path("scenarios/funnel.toml").read_text()
    assert plan_of(funnel) == plan_of("scenarios/funnel.toml") == plan_of(Path("scenarios/funnel.toml"))
    assert plan_of(text) == plan_of(funnel)


def frames() -> list[Any]:
    columns = {
        "name": ["search", "video"],
        "stage": ["conversion", None],
        "outcome": ["revenue", "revenue"],
        "curve.family": ["michaelis_menten"] * 2,
        "curve.ceiling": [90_000, 60_000],
        "curve.half_saturation": [20_000.0, 20_000.0],
        "spend.max": [None, 9_000.0],
    }
    made = []
    for name, make in (
        ("pandas", lambda m: m.DataFrame(columns)),
        ("pandas", lambda m: m.DataFrame(columns).astype({"outcome": "category"})),
        ("polars", lambda m: m.DataFrame(columns)),
        ("polars", lambda m: m.DataFrame(columns, schema_overrides={"outcome": m.Categorical})),
        ("pyarrow", lambda m: m.table(columns)),
        ("pyarrow", lambda m: m.RecordBatch.from_pydict(columns)),
    ):
        made.append(pytest.param(name, make, id=f"{name}{len(made)}"))
    return made


@pytest.mark.parametrize(("library", "make"), frames())
def test_lines_come_as_frames(library: str, make: Any) -> None:
    lines = make(pytest.importorskip(library))
    assert plan_of({"budget": {"max": 30_000}}, lines=lines) == plan_of(
        {"budget": {"max": 30_000}, "lines": LINES}
    )


def test_nested_columns_of_arrow() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    # The first row says which columns there are.
    lines = pyarrow.Table.from_pylist([{"spend": None, **LINES[0]}, LINES[1]])
    assert plan_of(None, budget={"max": 30_000}, lines=lines) == plan_of(
        None, budget={"max": 30_000}, lines=LINES
    )


def test_pandas_without_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = pytest.importorskip("pandas")

    def refuse(self: Any, requested_schema: Any = None) -> Any:
        raise ImportError("pyarrow is not installed")

    monkeypatch.setattr(pandas.DataFrame, "__arrow_c_stream__", refuse)
    rows = [{k: v for k, v in line.items() if k != "curve" and k != "spend"} for line in LINES]
    frame = pandas.DataFrame(rows)
    frame["curve"] = [line["curve"] for line in LINES]
    frame["spend.max"] = [float("nan"), 9_000.0]
    assert plan_of(None, budget={"max": 30_000}, lines=frame) == plan_of(
        None, budget={"max": 30_000}, lines=LINES
    )


def test_limits_as_a_frame_and_as_texts() -> None:
    polars = pytest.importorskip("polars")
    limits = polars.DataFrame({"name": ["return"], "metric": ["iroas"], "min": [2.5]})
    whole = {"budget": {"max": 60_000}, "lines": LINES}
    framed, typed = outlay.solve({**whole, "limits": limits}), outlay.solve(whole, limit="iroas >= 2.5")
    assert framed.value == typed.value and framed.totals.iroas >= 2.5 - 1e-9
    assert framed.value < outlay.solve(whole).value


def test_numbers_of_numpy_dates_and_paths() -> None:
    numpy = pytest.importorskip("numpy")
    scenario = {
        "budget": {"max": numpy.float64(30_000)},
        "horizon": {"start": datetime.date(2026, 4, 1), "periods": numpy.int64(13), "unit": "week"},
        "lines": LINES,
    }
    assert plan_of(scenario)[1] == pytest.approx(plan_of({"budget": {"max": 30_000}, "lines": LINES})[1])


def test_files_are_found_in_memory_first(tmp_path: Path) -> None:
    base = {"outlay": 1, "budget": {"max": 30_000}, "lines": LINES}
    text = 'extends = "base.json"\nbudget.max = 20_000\n'
    plan = outlay.solve(text, files={"base.json": base})
    assert plan.totals.spend == pytest.approx(20_000)
    assert plan.verify().stands and pickle.loads(pickle.dumps(plan)).verify().stands
    with pytest.raises(outlay.errors.ScenarioError, match="base.json"):
        outlay.solve(text)


@pytest.mark.parametrize(
    ("scenario", "field", "remedy"),
    [
        ({"lines": [{"name": "tv", "curv": {}}]}, "lines.tv", "curve"),
        ({"budget": {"max": "lots"}, "lines": LINES}, "budget.max", None),
        ({"goal": {"maximize": "revenu"}, "lines": LINES, "budget": {"max": 1}}, "goal.maximize", "revenue"),
    ],
)
def test_errors_have_places_and_remedies(scenario: Any, field: str, remedy: str | None) -> None:
    with pytest.raises(outlay.errors.ScenarioError) as caught:
        outlay.solve(scenario)
    error = caught.value
    assert isinstance(error, ValueError) and isinstance(error, outlay.OutlayError)
    found = [d for d in error.diagnostics if d.field == field]
    assert found, error.diagnostics
    assert found[0].file == "scenario.json" and found[0].line and found[0].message in str(error)
    assert remedy is None or found[0].remedy == remedy
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and again.diagnostics == error.diagnostics


def test_places_in_files(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('outlay = 1\nbudgt.max = 5\nlines = []\n')
    with pytest.raises(outlay.OutlayError) as caught:
        outlay.solve(path)
    assert {(d.file, d.line) for d in caught.value.diagnostics} >= {(str(path), 2)}
    with pytest.raises(outlay.OutlayError, match="nowhere.toml"):
        outlay.solve("nowhere.toml")


@pytest.mark.parametrize(
    "call",
    [
        lambda: outlay.solve(lines=LINES, budget={"max": float("nan")}),
        lambda: outlay.solve(lines=LINES, budget={"max": object()}),
        lambda: outlay.solve("scenarios/funnel.toml", gap=2.0),
        lambda: outlay.solve("scenarios/funnel.toml", nodes=0),
        lambda: outlay.solve("scenarios/funnel.toml", time=-1),
        lambda: outlay.solve("scenarios/funnel.toml", round=0),
        lambda: outlay.solve("scenarios/funnel.toml", limit="cac"),
        lambda: outlay.solve("scenarios/funnel.toml", goal="revenue"),
        lambda: outlay.solve("scenarios/funnel.toml", set=["budget.max"]),
        lambda: outlay.solve("scenarios/funnel.toml", budget={"max": 3}),
        lambda: outlay.what_ifs("scenarios/funnel.toml", jobs=0),
        lambda: outlay.verify(),
        lambda: outlay.frontier("scenarios/funnel.toml", over="budget.max", start=1, end=1),
        lambda: outlay.schema("nothing"),
    ],
)
def test_wrong_arguments_are_named(call: Any) -> None:
    with pytest.raises(outlay.errors.ArgumentError) as caught:
        call()
    assert len(str(caught.value)) > 10


def test_cells_that_clash_are_refused() -> None:
    polars = pytest.importorskip("polars")
    lines = polars.DataFrame({"name": ["a"], "spend": [5.0], "spend.max": [9.0]})
    with pytest.raises(outlay.errors.ArgumentError, match="spend"):
        outlay.solve(lines=lines)


def test_nothing_else_is_imported() -> None:
    """The package needs no frame library: it starts where none is installed."""
    import subprocess

    code = (
        "import sys\n"
        "for name in ('pandas', 'polars', 'pyarrow', 'numpy', 'pyspark'): sys.modules[name] = None\n"
        "import outlay\n"
        "plan = outlay.solve('scenarios/funnel.toml')\n"
        "assert plan.lines.rows()[0]['spend'] >= 0 and plan.lines['name']\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_settings_hold_lists_and_equal_signs() -> None:
    from outlay.errors import ArgumentError
    from outlay.questions import _settings

    given = ["lines[method=direct].fee=0.1", 'limits."a = b".max=3', "lines.A.flight.opening=[1, 2]"]
    pairs = [("lines[method=direct].fee", "0.1"), ('limits."a = b".max', "3"), ("lines.A.flight.opening", "[1, 2]")]
    assert _settings(given) == pairs
    with pytest.raises(ArgumentError, match="limit="):
        _settings("cac<57")
