"""The native part of the package; use what `outlay` exports."""

from typing import Any, Callable, Literal, Optional, Sequence, final

__version__: str

_Progress = Callable[[int], object]
_Files = Sequence[tuple[str, bytes]]
_Setting = tuple[str, Any]

@final
class Scenario:
    """A scenario as read, with the what-ifs it asks for."""

    def __new__(
        cls,
        path: str,
        text: Optional[str],
        files: _Files,
        goal: Optional[Any],
        limit: Sequence[Any],
        set: Sequence[_Setting],
    ) -> Scenario: ...
    @property
    def name(self) -> str:
        """Its name."""
    @property
    def path(self) -> str:
        """The file it came from."""
    @property
    def varies(self) -> bool:
        """Whether it has `vary`."""
    def __len__(self) -> int: ...
    def asked(self, goal: Optional[Any], limit: Sequence[Any], set: Sequence[_Setting]) -> Scenario: ...
    def state(self) -> tuple[str, str]: ...
    @staticmethod
    def of_state(inputs: str, set: str) -> Scenario: ...

@final
class Frame:
    """A table that pandas, polars, Arrow and others read without a copy.

    `pandas.DataFrame(frame.to_dict())`, `polars.DataFrame(frame)` and
    `pyarrow.table(frame)` take it; so does every library that reads the Arrow
    capsule interface.
    """

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
    def __len__(self) -> int: ...
    def __getitem__(self, column: str, /) -> list[Any]: ...
    def to_dict(self) -> dict[str, list[Any]]:
        """Columns by name, as lists."""
    def rows(self) -> list[dict[str, Any]]:
        """Rows as dictionaries."""
    def to_pandas(self) -> Any:
        """The table as a data frame of pandas, which has to be installed."""
    def to_polars(self) -> Any:
        """The table as a data frame of polars, which has to be installed."""
    def to_arrow(self) -> Any:
        """The table as a table of pyarrow, which has to be installed."""
    def __arrow_c_stream__(self, requested_schema: Optional[object] = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    def _repr_html_(self) -> str: ...

@final
class Answer:
    @property
    def kind(self) -> str: ...
    def json(self) -> str: ...
    def state(self) -> str: ...
    def scenario_text(self) -> Optional[str]: ...
    def head(self) -> tuple[str, Optional[float], Optional[float], Optional[float]]: ...
    def text(self, format: str, width: Optional[int] = None) -> str: ...
    def sentences(self) -> tuple[str, str]: ...
    def html(self) -> str: ...
    def workbook(self) -> bytes: ...
    def buy(self, kept: Sequence[object]) -> Optional[tuple[str, bytes]]: ...
    def frame(self, name: str) -> Frame: ...
    def inputs(self) -> Optional[str]: ...
    def stem(self) -> str: ...

def solve(
    scenario: Scenario,
    gap: Optional[float],
    nodes: Optional[int],
    round: Optional[float],
    time: Optional[float],
    progress: Optional[_Progress],
) -> Answer: ...
def check(
    scenario: Scenario, nodes: Optional[int], time: Optional[float], progress: Optional[_Progress]
) -> Answer: ...
def judge(
    scenario: Scenario,
    plan: object,
    max_change: Optional[float],
    nodes: Optional[int],
    time: Optional[float],
    progress: Optional[_Progress],
) -> Answer: ...
def frontier(
    scenario: Scenario,
    over: str,
    start: float,
    end: float,
    gap: Optional[float],
    until: Optional[str],
    nodes: Optional[int],
    time: Optional[float],
    progress: Optional[_Progress],
) -> Answer: ...
def compare(results: Sequence[str], files: _Files, progress: Optional[_Progress]) -> Answer: ...
def verify(result: str, files: _Files, gap: Optional[float]) -> list[dict[str, Any]]: ...
def track(
    plan: str,
    files: _Files,
    actuals: object,
    curves: Optional[str],
    split: str,
    progress: Optional[_Progress],
) -> tuple[Answer, list[str]]: ...
def replan(
    plan: str,
    files: _Files,
    actuals: object,
    folder: str,
    goal: Optional[Any],
    limit: Sequence[Any],
    set: Sequence[_Setting],
    wanted: dict[str, Any],
    time: Optional[float],
    progress: Optional[_Progress],
) -> tuple[Answer, Answer, tuple[str, str], list[str]]: ...
def lift(
    panel: object,
    columns: dict[str, Any],
    start: str,
    end: str,
    treated: Sequence[str],
    treated_column: Optional[str],
    channel: str,
) -> tuple[Answer, list[str]]: ...
def design(panel: object, columns: dict[str, Any], wanted: dict[str, Any]) -> tuple[Answer, list[str]]: ...
def next(
    scenario: Scenario,
    tests: Optional[object],
    panel: Optional[object],
    nodes: Optional[int],
    time: Optional[float],
    progress: Optional[_Progress],
) -> Answer: ...
def schema(kind: str) -> str: ...
def restore(kind: str, json: str, inputs: Optional[str]) -> Answer: ...
def to_json(value: object) -> str: ...
def typed_goal(goal: str) -> str: ...
def frame(columns: Sequence[tuple[str, str, list[Any]]], rows: int) -> Frame: ...
def solve_many(
    scenario: Scenario,
    start: int,
    count: int,
    sets: Optional[Sequence[Sequence[_Setting]]],
    jobs: int,
    gap: Optional[float],
    nodes: Optional[int],
    round: Optional[float],
    time: Optional[float],
) -> list[Answer | Exception]: ...
def solve_rows(
    frame: object,
    scenario: Optional[Scenario],
    set: Sequence[tuple[str, str]],
    text: Optional[str],
    kept: Sequence[str],
    per: Literal["scenario", "line"],
    certificate: bool,
    gap: Optional[float],
    nodes: Optional[int],
    round: Optional[float],
    time: Optional[float],
) -> list[Frame]: ...
def fit(
    history: object,
    lift_tests: Optional[object],
    judgements: Optional[object],
    update: Optional[str],
    wanted: dict[str, Any],
    progress: Optional[_Progress],
) -> dict[str, str]: ...
def from_pymc(
    name: str,
    attributes: dict[str, str],
    numbers: dict[str, tuple[list[int], bytes]],
    texts: dict[str, list[str]],
    currency: Optional[str],
    unit: Optional[str],
    revenue_per_outcome: Optional[float],
) -> tuple[str, list[str]]: ...
def import_model(
    model: object,
    currency: Optional[str],
    unit: Optional[str],
    revenue_per_outcome: Optional[float],
    periods: Optional[int],
    steady: bool,
) -> tuple[str, list[str]]: ...
def of_draws(
    channels: Sequence[dict[str, Any]],
    currency: Optional[str],
    unit: Optional[str],
    source: Optional[str],
) -> str: ...
def library(path: Optional[str], text: Optional[str]) -> str: ...
def fail_inside() -> None: ...
