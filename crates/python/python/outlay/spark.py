"""Scenarios and histories by the thousand, on Apache Spark.

Rows go in as Arrow batches and come out as Arrow batches; between them no row is
touched by Python. A row that cannot be solved becomes a row that says why:
it never fails its task. Answers depend on the rows alone, so tasks that are
tried again, or twice at once, give the same bytes. Executors keep nothing.

The same functions serve engines that hand over batches themselves (Dask, Ray,
a loop over a Parquet file): :func:`solve_batches` and :func:`fit_table`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Iterator, Literal, Mapping, Optional, Sequence, Union

from . import _outlay
from ._outlay import Scenario
from .errors import ArgumentError, OutlayError
from .libraries import fit as _fit
from .questions import Source, read

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame

__all__ = ["fit", "fit_table", "solve", "solve_batches"]

Set = Union[Sequence[str], Mapping[str, str]]
Per = Literal["scenario", "line"]


def _pairs(set: Set) -> list[tuple[str, str]]:
    """Paths of fields with the columns that hold their values."""
    if isinstance(set, Mapping):
        return list(set.items())
    return [(name, name) for name in ([set] if isinstance(set, str) else set)]


def solve_batches(
    batches: Iterable[pyarrow.RecordBatch],
    /,
    *,
    base: Source = None,
    set: Set = (),
    scenario: str = "scenario",
    keep: Optional[Sequence[str]] = None,
    per: Per = "scenario",
    certificate: bool = False,
    round: Optional[float] = None,
    gap: Optional[float] = None,
    nodes: Optional[int] = None,
    time: Optional[float] = None,
) -> Iterator[pyarrow.RecordBatch]:
    """Plans of scenarios that come as batches of rows; see :func:`solve`.

    >>> import outlay.spark
    >>> try:
    ...     import pyarrow
    ... except ImportError:
    ...     print(["optimal", "optimal"])
    ... else:
    ...     rows = pyarrow.RecordBatch.from_pydict({"budget": [1_900_000.0, 2_000_000.0]})
    ...     solved = outlay.spark.solve_batches(
    ...         [rows], base="scenarios/funnel.toml", set={"budget.max": "budget"})
    ...     print(next(solved)["status"].to_pylist())
    ['optimal', 'optimal']
    """
    import pyarrow

    pairs = _pairs(set)
    scene, text = _asked(base, pairs, scenario)
    for batch in batches:
        kept = list(batch.schema.names) if keep is None else list(keep)
        if keep is None and text in kept:
            kept.remove(text)
        for frame in _outlay.solve_rows(
            batch, scene, pairs, text, kept, per, certificate, gap, nodes, round, time
        ):
            yield from pyarrow.table(frame).to_batches()


def _asked(
    base: Source, pairs: list[tuple[str, str]], scenario: str
) -> tuple[Optional[Scenario], Optional[str]]:
    if base is None:
        if pairs:
            raise ArgumentError("set: fields are set of a `base`, and none is given")
        return None, scenario
    if not pairs:
        raise ArgumentError("set: say which columns of the frame set which fields of the base")
    return read(base), None


def solve(
    frame: DataFrame,
    /,
    *,
    base: Source = None,
    set: Set = (),
    scenario: str = "scenario",
    keep: Optional[Sequence[str]] = None,
    per: Per = "scenario",
    certificate: bool = False,
    round: Optional[float] = None,
    gap: Optional[float] = None,
    nodes: Optional[int] = None,
    time: Optional[float] = None,
) -> DataFrame:
    """Plans of a frame of scenarios, a row a scenario.

    With `base` (a scenario as :func:`outlay.read` takes it, read once here, on
    the driver) the columns of `set` replace its fields: names of columns that
    are paths (`["budget.max"]`), or a mapping from paths to columns
    (`{"budget.max": "budget"}`); an empty cell leaves the field as it is.
    Without, each row holds a whole scenario, JSON or TOML, in the column
    `scenario`.

    Out come the columns to `keep` (all of them by default, but for whole
    scenarios), then `status`, `error` (why a row has no answer; empty
    otherwise), `certificate` (its JSON, if asked for), `value` and `gap`; with
    `per="line"` one row per line of each plan, with `line`, `spend`, `revenue`
    and `customers`. The order of rows within a partition is kept; nothing is
    shuffled.

    >>> import outlay.spark
    >>> outlay.spark.solve.__name__
    'solve'
    """
    from pyspark.sql.pandas.types import to_arrow_type
    from pyspark.sql.types import DoubleType, StringType, StructField, StructType

    pairs = _pairs(set)
    scene, text = _asked(base, pairs, scenario)
    names = frame.columns
    for name in [*[column for _, column in pairs], *([text] if text else []), *(keep or [])]:
        if name not in names:
            raise ArgumentError(f"frame: no column `{name}`; the columns are {', '.join(names)}")
    if per not in ("scenario", "line"):
        raise ArgumentError(f"per: `{per}` is none of scenario, line")
    kept = [name for name in names if name != text] if keep is None else list(keep)
    fields = [StructField(name, frame.schema[name].dataType, True) for name in kept]
    for field in fields:
        to_arrow_type(field.dataType)
    told: list[tuple[str, Any]] = [("status", StringType()), ("error", StringType())]
    if certificate and per == "scenario":
        told.append(("certificate", StringType()))
    if per == "line":
        told.append(("line", StringType()))
    told += [("value", DoubleType()), ("gap", DoubleType())]
    if per == "line":
        told += [("spend", DoubleType()), ("revenue", DoubleType()), ("customers", DoubleType())]
    taken = [name for name, _ in told if name in kept]
    if taken:
        raise ArgumentError(f"keep: the frame has columns {', '.join(taken)} of its own; keep others or rename them")
    schema = StructType([*fields, *(StructField(name, kind, True) for name, kind in told)])
    needed = list(dict.fromkeys([*kept, *[column for _, column in pairs], *([text] if text else [])]))
    work = _Solve(
        None if scene is None else scene.state(), pairs, scenario, kept, per, certificate,
        (gap, nodes, round, time),
    )
    return frame.select(*[f"`{name}`" for name in needed]).mapInArrow(work, schema)


class _Solve:
    """What an executor does with a partition; everything it knows stands in its fields."""

    def __init__(
        self,
        state: Optional[tuple[str, str]],
        pairs: list[tuple[str, str]],
        scenario: str,
        keep: list[str],
        per: Per,
        certificate: bool,
        effort: tuple[Optional[float], Optional[int], Optional[float], Optional[float]],
    ) -> None:
        self.state, self.pairs, self.scenario = state, pairs, scenario
        self.keep, self.per, self.certificate, self.effort = keep, per, certificate, effort

    def __call__(self, batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        gap, nodes, round, time = self.effort
        base = None if self.state is None else Scenario.of_state(*self.state)
        return solve_batches(
            batches, base=base, set=dict(self.pairs), scenario=self.scenario, keep=self.keep,
            per=self.per, certificate=self.certificate, gap=gap, nodes=nodes, round=round, time=time,
        )


def fit_table(table: pyarrow.Table, /, *, by: Sequence[str] = (), **options: Any) -> pyarrow.Table:
    """One history as one row: its library, or why there is none; see :func:`fit`.

    >>> import outlay.spark
    >>> outlay.spark.fit_table.__name__
    'fit_table'
    """
    import pyarrow

    row: dict[str, Any] = {name: table[name][0].as_py() for name in by}
    try:
        library = _fit(table.drop_columns(list(by)), **options)
        row.update(library=library.to_json(), notes="\n".join(library.notes), error=None)
    except OutlayError as error:
        row.update(library=None, notes=None, error=str(error))
    keys = [pyarrow.field(name, table.schema.field(name).type) for name in by]
    texts = [pyarrow.field(name, pyarrow.string()) for name in ("library", "notes", "error")]
    return pyarrow.Table.from_pylist([row], pyarrow.schema([*keys, *texts]))


def fit(frame: DataFrame, /, *, by: str | Sequence[str], **options: Any) -> DataFrame:
    """Curve libraries of a frame of histories, one for each group of `by`.

    `by` names the columns that tell histories apart (`["brand", "market"]`);
    the others are those of a history, and `options` those of
    :func:`outlay.fit`. Out comes a row per group: `by`, `library` (the JSON of
    its curve library), `notes`, and `error` where there is none. A library is a
    scenario's `curves`, by :meth:`outlay.Library.of`.

    >>> import outlay.spark
    >>> outlay.spark.fit.__name__
    'fit'
    """
    from pyspark.sql.types import StringType, StructField, StructType

    keys = [by] if isinstance(by, str) else list(by)
    for name in keys:
        if name not in frame.columns:
            raise ArgumentError(f"by: no column `{name}`; the columns are {', '.join(frame.columns)}")
    fields = [StructField(name, frame.schema[name].dataType, True) for name in keys]
    texts = [StructField(name, StringType(), True) for name in ("library", "notes", "error")]
    work = _Fit(keys, options)
    # A function: PySpark 4.3 fails on other objects that can be called.
    return frame.groupBy(*keys).applyInArrow(lambda table: work(table), StructType([*fields, *texts]))


class _Fit:
    """What an executor does with a group."""

    def __init__(self, by: list[str], options: dict[str, Any]) -> None:
        self.by, self.options = by, options

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        return fit_table(table, by=self.by, **self.options)
