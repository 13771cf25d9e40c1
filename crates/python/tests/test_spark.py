"""The functions for clusters, on batches and on a local Spark."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import Any, Iterator

import pytest

import outlay
import outlay.spark

pyarrow = pytest.importorskip("pyarrow")


def budgets(count: int = 40) -> Any:
    rows = {
        "id": list(range(count)),
        "budget": [1_800_000.0 + 10_000 * i for i in range(count)],
        "cap": [None if i % 3 else 60.0 for i in range(count)],
    }
    rows["budget"][7] = -5.0
    return pyarrow.table(rows)


SET = {"budget.max": "budget", "limits.Blended CAC.max": "cap"}


def test_rows_are_the_plans_of_their_scenarios() -> None:
    told = outlay.spark.solve_batches(budgets().to_batches(max_chunksize=16), base="scenarios/funnel.toml", set=SET)
    batches = list(told)
    assert [batch.num_rows for batch in batches] == [16, 16, 8]
    rows = pyarrow.Table.from_batches(batches).to_pylist()
    assert [row["id"] for row in rows] == list(range(40))
    assert rows[7]["status"] is None and "budget" in rows[7]["error"]
    assert sum(row["error"] is None for row in rows) == 39
    for row in (rows[0], rows[3], rows[20], rows[39]):
        asked = {"budget.max": row["budget"]}
        if row["cap"] is not None:
            asked["limits.Blended CAC.max"] = row["cap"]
        plan = outlay.solve("scenarios/funnel.toml", set=asked)
        assert (row["status"], row["value"], row["gap"]) == (plan.status, plan.value, plan.gap)


def test_whole_scenarios_lines_and_certificates() -> None:
    curve = {"family": "power", "coefficient": 9.0, "exponent": 0.5}
    line = {"name": "tv", "outcome": "revenue", "curve": curve}
    whole = [json.dumps({"outlay": 1, "budget": {"max": b}, "lines": [line]}) for b in (100, 400)]
    rows = pyarrow.RecordBatch.from_pydict({"key": ["a", "b", "c", "d"], "scenario": [*whole, None, "{"]})
    [told] = outlay.spark.solve_batches([rows], certificate=True)
    assert told.schema.names == ["key", "status", "error", "certificate", "value", "gap"]
    assert told["value"].to_pylist()[:2] == pytest.approx([90, 180])
    assert json.loads(told["certificate"][0].as_py())["gap"] <= 1e-8
    assert [e is None for e in told["error"].to_pylist()] == [True, True, False, False]
    [told] = outlay.spark.solve_batches([rows], per="line", keep=["key"])
    assert told["line"].to_pylist() == ["tv", "tv", None, None]
    assert told["spend"].to_pylist()[:2] == pytest.approx([100, 400])
    with pytest.raises(outlay.errors.ArgumentError, match="nowhere"):
        list(outlay.spark.solve_batches([rows], scenario="nowhere"))
    with pytest.raises(outlay.errors.ArgumentError, match="base"):
        list(outlay.spark.solve_batches([rows], set=["budget.max"]))


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("Spark needs Java, and there is none")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    built = sql.SparkSession.builder.master("local[2]").appName("outlay")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.sql.shuffle.partitions": "3",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "16",
    }
    for name, value in settings.items():
        built = built.config(name, value)
    session = built.getOrCreate()
    yield session
    session.stop()


def test_spark_gives_what_batches_give(spark: Any) -> None:
    told = list(outlay.spark.solve_batches(budgets().to_batches(), base="scenarios/funnel.toml", set=SET))
    expected = pyarrow.Table.from_batches(told).to_pylist()
    rows = [tuple(row.values()) for row in budgets().to_pylist()]
    frame = spark.createDataFrame(rows, "id long, budget double, cap double").repartition(3)
    solved = outlay.spark.solve(frame, base="scenarios/funnel.toml", set=SET)
    found = sorted((row.asDict() for row in solved.collect()), key=lambda row: row["id"])
    assert found == expected
    lines = outlay.spark.solve(frame, base="scenarios/funnel.toml", set=SET, per="line", keep=["id"])
    assert lines.where("status = 'optimal'").count() % 12 == 0
    with pytest.raises(outlay.errors.ArgumentError, match="nowhere"):
        outlay.spark.solve(frame, base="scenarios/funnel.toml", set=["nowhere"])


def test_spark_fits_a_library_for_each_group(spark: Any) -> None:
    from test_libraries import history

    columns = history(40)
    count = len(columns["week"])
    rows = [
        (brand, columns["week"][i], columns["revenue"][i], columns["tv_spend"][i], columns["search_spend"][i])
        for brand in ("a", "b", "wrong")
        for i in range(count if brand != "wrong" else 3)
    ]
    names = "brand string, week date, revenue double, tv_spend double, search_spend double"
    fitted = outlay.spark.fit(spark.createDataFrame(rows, names), by="brand")
    told = {row["brand"]: row for row in fitted.collect()}
    assert set(told) == {"a", "b", "wrong"}
    assert told["a"]["library"] == told["b"]["library"] and told["a"]["error"] is None
    assert told["wrong"]["library"] is None and told["wrong"]["error"]
    assert outlay.Library.of(told["a"]["library"]).names == ["tv", "search"]
