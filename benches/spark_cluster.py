"""What-ifs, or fits, on a real standalone cluster of Spark: one master, two
workers of one core, all on loopback.

    python benches/spark_cluster.py ROWS                            # what-ifs
    python benches/spark_cluster.py ROWS --command target/release/outlay
    python benches/spark_cluster.py ROWS --kill 20                  # one worker dies after 20 s
    python benches/spark_cluster.py ROWS --fits                     # ROWS histories, a library each

Needs Java 17, pyspark and the package. Checks that every row came back exactly
once, and a sample of them against calls on their own. With `--command` the same
what-ifs are solved by the command line on both cores, before and after, and
their rates compared.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pyspark

import outlay
import outlay.spark

PORT = 7177
PATH = Path("scenarios/funnel.toml")
FIRST, STEP = 1_500_000.0, 0.5

os.environ.update(
    SPARK_LOCAL_IP="127.0.0.1",
    SPARK_HOME=str(Path(pyspark.__file__).parent),
    PYSPARK_PYTHON=sys.executable,
    PYSPARK_DRIVER_PYTHON=sys.executable,
)


def start(name, *arguments):
    program = Path(os.environ["SPARK_HOME"]) / "bin" / "spark-class"
    whole = [str(program), f"org.apache.spark.deploy.{name}", "--host", "127.0.0.1", "--webui-port", "0", *arguments]
    return subprocess.Popen(whole, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def connect():
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master(f"spark://127.0.0.1:{PORT}")
        .appName("outlay")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.executor.memory", "1g")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return session


def command_line(program, rows):
    """What-ifs a second and core of the command line, on both cores."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.toml"
        vary = f'[[vary]]\nset = "budget.max"\nfrom = {FIRST}\nto = {FIRST + STEP * (rows - 1)}\nsteps = {rows}\n'
        path.write_text(PATH.read_text() + "\n" + vary)
        began = time.perf_counter()
        with open(Path(folder) / "out.jsonl", "w") as out:
            subprocess.run([program, "run", path, "--format", "json"], stdout=out, check=True)
        return rows / (time.perf_counter() - began) / 2


def what_ifs(session, asked):
    def run(rows, parts):
        frame = session.range(0, rows, 1, parts).selectExpr("id", f"{FIRST}D + {STEP}D * id as budget")
        began = time.perf_counter()
        solved = outlay.spark.solve(frame, base=PATH, set={"budget.max": "budget"}).toArrow()
        return solved, time.perf_counter() - began

    run(64, 4)  # starts the executors and their Python
    before = command_line(asked.command, min(asked.rows, 100_000)) if asked.command else None
    if asked.kill is not None:
        # The second worker's executor dies with it.
        threading.Timer(asked.kill, lambda: os.killpg(workers[1].pid, signal.SIGKILL)).start()
    solved, took = run(asked.rows, max(8, asked.rows // 25_000))
    ids = sorted(solved["id"].to_pylist())
    assert ids == list(range(asked.rows)), "every scenario is answered exactly once"
    told = {row["id"]: (row["status"], row["value"]) for row in solved.select(["id", "status", "value"]).to_pylist()}
    for row in range(0, asked.rows, max(1, asked.rows // 100)):
        plan = outlay.solve(PATH, set={"budget.max": FIRST + STEP * row})
        assert told[row] == (plan.status, plan.value), row
        assert plan.verify().stands
    rate = asked.rows / took / 2
    print(f"{asked.rows} what-ifs in {took:.1f} s, {rate:.0f} a second and core{' (one worker killed)' if asked.kill else ''}")
    if before:
        after = command_line(asked.command, min(asked.rows, 100_000))
        print(f"the command line {before:.0f} before, {after:.0f} after, a second and core: {rate / (before + after) * 2:.0%}")


def history(brand, weeks=104):
    """Two channels of a brand, their revenue by Michaelis-Menten curves on what carries over."""
    import datetime

    import numpy as np

    rng = np.random.default_rng(brand)
    spend = rng.gamma(4.0, [2_500.0, 1_000.0], (weeks, 2)).round(2)
    stock = np.zeros(2)
    revenue = 50_000 + 2_000 * rng.standard_normal(weeks)
    for week in range(weeks):
        stock = spend[week] + [0.5, 0.2] * stock
        revenue[week] += (np.array([60_000.0, 25_000.0]) * stock / (stock + [20_000.0, 5_000.0])).sum()
    day = datetime.date(2024, 1, 1)
    dates = [str(day + datetime.timedelta(weeks=week)) for week in range(weeks)]
    return {"week": dates, "tv spend": spend[:, 0], "search spend": spend[:, 1], "revenue": revenue.round(2)}


def fits(session, asked):
    import pyarrow

    table = pyarrow.concat_tables(
        pyarrow.table({"brand": [brand] * 104, **history(brand)}) for brand in range(asked.rows)
    )
    frame = session.createDataFrame(table).repartition(max(8, asked.rows // 25), "brand")
    session.conf.set("spark.sql.shuffle.partitions", max(8, asked.rows // 25))
    session.conf.set("spark.sql.adaptive.enabled", "false")
    began = time.perf_counter()
    fitted = outlay.spark.fit(frame, by="brand", currency="USD").toArrow()
    took = time.perf_counter() - began
    rows = {row["brand"]: row for row in fitted.to_pylist()}
    assert fitted.num_rows == asked.rows and sorted(rows) == list(range(asked.rows)), "one library for each brand"
    failed = [row for row in rows.values() if row["error"]]
    assert not failed, failed[:3]
    for brand in range(0, asked.rows, max(1, asked.rows // 10)):
        alone = outlay.fit(pyarrow.table(history(brand)), currency="USD")
        assert json.loads(rows[brand]["library"])["curves"] == alone.to_dict()["curves"], brand
    print(f"{asked.rows} histories in {took:.1f} s on two cores, {2 * took / asked.rows:.2f} core seconds each")


def main():
    session = connect()
    (fits if asked.fits else what_ifs)(session, asked)
    session.stop()


words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
words.add_argument("rows", type=int, nargs="?", default=100_000)
words.add_argument("--kill", type=float)
words.add_argument("--fits", action="store_true")
words.add_argument("--command")
asked = words.parse_args()
master = start("master.Master", "--port", str(PORT))
time.sleep(6)
workers = [start("worker.Worker", "-c", "1", "-m", "1g", f"spark://127.0.0.1:{PORT}") for _ in range(2)]
time.sleep(6)
try:
    main()
finally:
    for child in [*workers, master]:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
