#!/usr/bin/env bash
# PySpark 4.3.0: an object with `__call__(self, table)` that `mapInArrow` takes is
# called with (key, table) by `groupBy(...).applyInArrow`, and fails.
#
# The documentation asks for a function of a table, or of a key and a table. An
# object that is called with a table is no less, and `DataFrame.mapInArrow` takes
# such objects. For groups PySpark counts the arguments of `__call__` with `self`
# among them, and takes one for two.
#
# Seen with pyspark 4.3.0, pyarrow 26.0.1, CPython 3.11, Java 17:
#   function, grouped: [1, 2]
#   object, mapped: 3
#   object, grouped: TypeError: Count.__call__() takes 2 positional arguments but 3 were given
#
# Workaround: hand over `lambda table: work(table)`.
# Exits 0 while PySpark does this, 1 when it no longer does.
set -euo pipefail
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python="${PYTHON:-python3}"
"$python" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "pyspark==4.3.0" "pyarrow==26.0.1" "pandas==2.3.3"
cat > "$place/groups.py" <<'PY'
import re

import pyarrow
from pyspark.sql import SparkSession


class Count:
    def __call__(self, table):
        return pyarrow.table({"n": [table.num_rows]})


class CountEach:
    def __call__(self, batches):
        for batch in batches:
            yield pyarrow.RecordBatch.from_pydict({"n": [batch.num_rows]})


def told(what, run):
    try:
        answer = run()
    except Exception as error:
        last = [line for line in str(error).splitlines() if re.match(r"\w+Error: ", line)]
        answer = last[-1] if last else type(error).__name__
    print(f"{what}: {answer}")


spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "1")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("OFF")
frame = spark.createDataFrame([("a", 1.0), ("a", 2.0), ("b", 3.0)], "brand string, spend double")
groups, count = frame.groupBy("brand"), Count()


def sizes(work):
    return sorted(row.n for row in groups.applyInArrow(work, "n long").collect())


told("function, grouped", lambda: sizes(lambda table: count(table)))
told("object, mapped", lambda: sum(row.n for row in frame.mapInArrow(CountEach(), "n long").collect()))
told("object, grouped", lambda: sizes(count))
spark.stop()
PY
cat > "$place/expected" <<'TXT'
function, grouped: [1, 2]
object, mapped: 3
object, grouped: TypeError: Count.__call__() takes 2 positional arguments but 3 were given
TXT
PYSPARK_PYTHON="$place/venv/bin/python" SPARK_LOCAL_IP=127.0.0.1 \
    "$place/venv/bin/python" "$place/groups.py" 2>/dev/null > "$place/found"
cat "$place/found"
diff "$place/expected" "$place/found" && echo "as described"
