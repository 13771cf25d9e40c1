"""What-ifs on a real standalone cluster of Spark: one master, two workers of one
core, all on loopback; on request one worker is killed in the middle.

Usage: python benches/spark_cluster.py [ROWS] [--kill]

Needs Java 17, pyspark and the package. Says how many scenarios a second each
core solved, in the cluster and by `outlay.what_ifs` on one thread of this
process, and checks that every row came back exactly once with the value that a
call on its own gives.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyspark

import outlay
import outlay.spark

ROWS = int(next((a for a in sys.argv[1:] if a.isdigit()), "100000"))
KILL = "--kill" in sys.argv
PORT = 7177
PATH = "scenarios/funnel.toml"

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


def alone(count):
    """Scenarios a second on one thread, without Spark."""
    sets = [{"budget.max": 1_500_000.0 + 0.5 * i} for i in range(count)]
    began = time.perf_counter()
    solved = sum(1 for plan in outlay.what_ifs(PATH, sets, jobs=1) if plan.feasible is not None)
    return solved / (time.perf_counter() - began)


def main():
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master(f"spark://127.0.0.1:{PORT}")
        .appName("outlay")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.executor.memory", "1g")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "2000")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")

    def run(rows, parts):
        frame = session.range(0, rows, 1, parts).selectExpr("id", "1500000D + 0.5D * id as budget")
        began = time.perf_counter()
        solved = outlay.spark.solve(frame, base=PATH, set={"budget.max": "budget"}).toArrow()
        return solved, time.perf_counter() - began

    run(64, 4)  # starts the executors and their Python
    if KILL:
        # The second worker's executor dies with it.
        threading.Timer(4.0, lambda: os.killpg(workers[1].pid, signal.SIGKILL)).start()
    solved, took = run(ROWS, 40)
    ids = sorted(solved["id"].to_pylist())
    assert ids == list(range(ROWS)), "every scenario is answered exactly once"
    told = dict(zip(solved["id"].to_pylist(), zip(solved["status"].to_pylist(), solved["value"].to_pylist())))
    for row in range(0, ROWS, max(1, ROWS // 25)):
        plan = outlay.solve(PATH, set={"budget.max": 1_500_000.0 + 0.5 * row})
        assert told[row] == (plan.status, plan.value), row
        assert plan.verify().stands
    cores = 1 if KILL else 2
    print(f"{ROWS} what-ifs in {took:.1f} s, {ROWS / took / cores:.0f} a second and core{' (one killed)' if KILL else ''}")
    if not KILL:
        # Both cores busy here too, so that the machine is shared alike.
        rates = []
        threads = [threading.Thread(target=lambda: rates.append(alone(min(ROWS, 20_000)))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(f"without Spark {sum(rates) / 2:.0f} a second and core: {ROWS / took / cores / (sum(rates) / 2):.0%}")
    session.stop()


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
