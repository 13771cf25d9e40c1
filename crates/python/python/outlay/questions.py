"""Questions: what the commands of the command line ask, as functions.

Options have the names and defaults of the command line's, and are keyword-only.
"""

from __future__ import annotations

import json
import os
import re
from itertools import islice
from typing import Any, Callable, Iterable, Iterator, Mapping, Optional, Sequence, Union

from . import _outlay
from ._outlay import Scenario
from .answers import Answer, Check, Comparison, Frontier, Judgement, Plan, Verdict
from .errors import ArgumentError, OutlayError
from .libraries import Library

__all__ = [
    "check",
    "compare",
    "frontier",
    "judge",
    "read",
    "schema",
    "solve",
    "verify",
    "what_ifs",
]

Source = Union[str, "os.PathLike[str]", Mapping[str, Any], Scenario, None]
"""A scenario: a path, TOML or JSON text, a mapping, one that was read, or None for fields alone."""
Content = Union[str, bytes, Mapping[str, Any], Library]
Settings = Union[Mapping[str, Any], Sequence[str]]
Progress = Callable[[int], object]


def read(
    scenario: Source = None,
    /,
    *,
    goal: Optional[str | Mapping[str, Any]] = None,
    limit: str | Iterable[str] = (),
    set: Optional[Settings] = None,
    files: Optional[Mapping[str, Content]] = None,
    **fields: Any,
) -> Scenario:
    """A scenario, read once and checked, to ask several questions of.

    `scenario` is a path, a text in TOML or JSON, or a mapping like a scenario
    file; `fields` are fields of a scenario file and stand beside or in place of
    those of the mapping. `lines`, `limits` and every other list may be a data
    frame of pandas, polars, Arrow or anything else with the Arrow capsule
    interface: a row an entry, columns named by path (`spend.max`,
    `curve.family`), empty cells left out.

    `goal`, `limit` and `set` ask another question than the scenario does, typed
    as at the command line. `files` are found, by name, before those of the
    disk: a curve library that the scenario names, say. `curves` may be a
    :class:`Library`.

    >>> import outlay
    >>> scenario = outlay.read(
    ...     currency="USD",
    ...     budget={"max": 30_000},
    ...     goal="maximize revenue",
    ...     lines=[
    ...         {"name": "search", "outcome": "revenue",
    ...          "curve": {"family": "michaelis_menten", "ceiling": 90_000, "half_saturation": 20_000}},
    ...         {"name": "video", "outcome": "revenue",
    ...          "curve": {"family": "michaelis_menten", "ceiling": 60_000, "half_saturation": 10_000}},
    ...     ],
    ... )
    >>> outlay.solve(scenario).status
    'optimal'
    """
    limits = [limit] if isinstance(limit, str) else list(limit)
    settings = _settings(set)
    if isinstance(scenario, Scenario):
        if fields or files:
            raise ArgumentError("a scenario that was read takes `set`, not fields or files")
        if goal is None and not limits and not settings:
            return scenario
        return scenario.asked(goal, limits, settings)
    given = [(name, _bytes(content)) for name, content in (files or {}).items()]
    text: Optional[str] = None
    path = "scenario.json"
    if scenario is None or isinstance(scenario, Mapping):
        whole = {"outlay": 1, **(scenario or {}), **fields}
        if goal is not None and "goal" not in whole:
            # The scenario's own goal, not another one than it has.
            whole["goal"] = json.loads(_outlay.typed_goal(goal)) if isinstance(goal, str) else goal
            goal = None
        library = whole.get("curves")
        if isinstance(library, Library):
            whole["curves"] = "curves.json"
            given.append(("curves.json", library.to_json().encode()))
        text = _outlay.to_json(whole)
    elif fields:
        names = ", ".join(fields)
        raise ArgumentError(f"{names}: the scenario is a file or a text; change its fields with `set`")
    elif isinstance(scenario, str) and ("\n" in scenario or scenario.lstrip().startswith("{")):
        text = scenario
        path = "scenario.json" if scenario.lstrip().startswith("{") else "scenario.toml"
    else:
        path = os.fspath(scenario)
    return Scenario(path, text, given, goal, limits, settings)


def _bytes(content: Content) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, Library):
        return content.to_json().encode()
    return (content if isinstance(content, str) else _outlay.to_json(content)).encode()


# A path and a value: selections and names in quotes hold `=` as well.
_ASSIGNED = re.compile(r'((?:[^="\[\]]|"[^"]*"|\[[^\]]*\])*)=(.*)', re.DOTALL)


def _settings(given: Optional[Settings]) -> list[tuple[str, Any]]:
    if given is None:
        return []
    if isinstance(given, Mapping):
        return list(given.items())
    if isinstance(given, str):
        given = [given]
    pairs: list[tuple[str, Any]] = []
    for setting in given:
        assigned = _ASSIGNED.fullmatch(setting)
        if assigned is None:
            raise ArgumentError(
                f"set: `{setting}`: expected a path, = and a value: budget.max=2000000 "
                '(limits and goals have arguments of their own: limit="cac <= 57", goal="maximize profit")'
            )
        pairs.append((assigned[1].strip(), assigned[2].strip()))
    return pairs


def solve(
    scenario: Source = None,
    /,
    *,
    goal: Optional[str | Mapping[str, Any]] = None,
    limit: str | Iterable[str] = (),
    set: Optional[Settings] = None,
    round: Optional[float] = None,
    gap: Optional[float] = None,
    nodes: Optional[int] = None,
    time: Optional[float] = None,
    progress: Optional[Progress] = None,
    files: Optional[Mapping[str, Content]] = None,
    **fields: Any,
) -> Plan:
    """The certified plan of a scenario, or the proof that there is none (`outlay run`).

    `scenario`, `goal`, `limit`, `set`, `files` and `fields` are those of
    :func:`read`. `gap` is the relative gap to prove (1e-8 for concave
    scenarios, else 1e-6, by default), `nodes` the most subproblems to solve,
    `time` the most seconds (plans may then differ from run to run), `round`
    makes every spend a multiple of it. `progress` is called about ten times a
    second with the number of subproblems looked at so far.

    >>> import outlay
    >>> plan = outlay.solve("scenarios/funnel.toml", set={"budget.max": "+10%"}, limit="cac <= 60")
    >>> plan.status
    'optimal'
    >>> outlay.solve("scenarios/infeasible/targets.toml").feasible
    False
    """
    read_ = read(scenario, goal=goal, limit=limit, set=set, files=files, **fields)
    return Plan(_outlay.solve(read_, gap, nodes, round, time, progress))


def check(
    scenario: Source = None,
    /,
    *,
    goal: Optional[str | Mapping[str, Any]] = None,
    limit: str | Iterable[str] = (),
    set: Optional[Settings] = None,
    nodes: Optional[int] = None,
    time: Optional[float] = None,
    progress: Optional[Progress] = None,
    files: Optional[Mapping[str, Content]] = None,
    **fields: Any,
) -> Check:
    """Whether all limits can hold: what contradicts what, what would fix it (`outlay check`).

    >>> import outlay
    >>> outlay.check("scenarios/funnel.toml").feasible
    True
    """
    read_ = read(scenario, goal=goal, limit=limit, set=set, files=files, **fields)
    return Check(_outlay.check(read_, nodes, time, progress))


def judge(
    scenario: Source,
    plan: str | os.PathLike[str] | Mapping[str, float] | Any,
    /,
    *,
    max_change: Optional[float] = None,
    goal: Optional[str | Mapping[str, Any]] = None,
    limit: str | Iterable[str] = (),
    set: Optional[Settings] = None,
    nodes: Optional[int] = None,
    time: Optional[float] = None,
    progress: Optional[Progress] = None,
    files: Optional[Mapping[str, Content]] = None,
) -> Judgement:
    """A plan made by hand against a scenario (`outlay check --plan`).

    `plan` is a file (CSV or Excel with the columns `line` and `spend`), a
    mapping from lines to spends, or a frame with these columns. With
    `max_change` also the best plan in which no line moves by more than this
    fraction of its spend.

    >>> import outlay
    >>> spends = {"search": 10_000, "video": 25_000}
    >>> curve = {"family": "michaelis_menten", "ceiling": 90_000, "half_saturation": 20_000}
    >>> lines = [{"name": name, "outcome": "revenue", "curve": curve} for name in spends]
    >>> judged = outlay.judge({"budget": {"max": 30_000}, "lines": lines}, spends)
    >>> judged.legal, judged.broken["name"]
    (False, ['budget'])
    """
    read_ = read(scenario, goal=goal, limit=limit, set=set, files=files)
    if isinstance(plan, Mapping):
        names = ("line", "text", list(plan))
        spends = ("spend", "number", [float(spend) for spend in plan.values()])
        plan = _outlay.frame([names, spends], len(plan))
    elif isinstance(plan, (str, os.PathLike)):
        plan = os.fspath(plan)
    return Judgement(_outlay.judge(read_, plan, max_change, nodes, time, progress))


def frontier(
    scenario: Source = None,
    /,
    *,
    over: str,
    start: float,
    end: float,
    until: Optional[str] = None,
    gap: Optional[float] = None,
    goal: Optional[str | Mapping[str, Any]] = None,
    limit: str | Iterable[str] = (),
    set: Optional[Settings] = None,
    nodes: Optional[int] = None,
    time: Optional[float] = None,
    progress: Optional[Progress] = None,
    files: Optional[Mapping[str, Content]] = None,
    **fields: Any,
) -> Frontier:
    """The best value as a function of one field (`outlay frontier`).

    `over` is the field's path, `start` and `end` are the command line's `--from`
    and `--to`, `until` a condition whose beginning or end is looked for. `gap`
    is the largest relative distance of the best value from the straight line
    between neighbouring points: 1e-5 unless it says otherwise, 1e-3 by period.

    >>> import outlay
    >>> found = outlay.frontier("scenarios/funnel.toml", over="budget.max", start=2e6, end=2.2e6, gap=1e-3)
    >>> len(found.points) >= 2
    True
    """
    read_ = read(scenario, goal=goal, limit=limit, set=set, files=files, **fields)
    return Frontier(
        _outlay.frontier(read_, over, float(start), float(end), gap, until, nodes, time, progress)
    )


def what_ifs(
    scenario: Source = None,
    /,
    sets: Optional[Iterable[Settings]] = None,
    *,
    goal: Optional[str | Mapping[str, Any]] = None,
    limit: str | Iterable[str] = (),
    set: Optional[Settings] = None,
    round: Optional[float] = None,
    gap: Optional[float] = None,
    nodes: Optional[int] = None,
    time: Optional[float] = None,
    jobs: Optional[int] = None,
    errors: str = "raise",
    files: Optional[Mapping[str, Content]] = None,
    **fields: Any,
) -> Iterator[Plan]:
    """Plans of many variations of one scenario, in order, as they are solved.

    Without `sets`, those that the scenario asks for by `vary`; else one for each
    of `sets`, which may be a generator: `jobs` at once (one per core by
    default), and never more than a few hundred in memory. With
    `errors="yield"` a variation that cannot be solved gives its
    :class:`OutlayError` in place of a plan; otherwise it is raised.

    >>> import outlay
    >>> budgets = [{"budget.max": budget} for budget in (1_900_000, 2_000_000, 2_100_000)]
    >>> values = [plan.value for plan in outlay.what_ifs("scenarios/funnel.toml", budgets)]
    >>> values == sorted(values)
    True
    >>> len(list(outlay.what_ifs("scenarios/cac_targets.toml")))
    5
    """
    if errors not in ("raise", "yield"):
        raise ArgumentError(f"errors: `{errors}` is none of raise, yield")
    read_ = read(scenario, goal=goal, limit=limit, set=set, files=files, **fields)
    workers = jobs if jobs is not None else (os.cpu_count() or 1)
    if workers < 1:
        raise ArgumentError(f"jobs: {jobs} is not a number of at least 1")
    return _what_ifs(read_, sets, workers, errors, (gap, nodes, round, time))


def _what_ifs(
    scenario: Scenario,
    sets: Optional[Iterable[Settings]],
    jobs: int,
    errors: str,
    effort: tuple[Optional[float], Optional[int], Optional[float], Optional[float]],
) -> Iterator[Plan]:
    at, ahead = 0, jobs
    rest = None if sets is None else iter(sets)
    while True:
        if rest is None:
            count, chosen = min(ahead, len(scenario) - at), None
        else:
            chosen = [_settings(one) for one in islice(rest, ahead)]
            count = len(chosen)
        if count < 1:
            return
        for answer in _outlay.solve_many(scenario, at, count, chosen, jobs, *effort):
            if not isinstance(answer, Exception):
                yield Plan(answer)
            elif errors == "raise" or not isinstance(answer, OutlayError):
                raise answer
            else:
                yield answer  # type: ignore[misc]
        at += count
        # The first come at once, the rest in batches that keep all cores busy.
        ahead = min(2 * ahead, 32 * jobs, 512)


def compare(
    *results: str | os.PathLike[str] | Plan,
    progress: Optional[Progress] = None,
) -> Comparison:
    """Results side by side, and which inputs moved the plan (`outlay compare`).

    Results are plans, or files saved by :meth:`Plan.save` or `outlay run --out`;
    the first is what the others are compared with.

    >>> import outlay
    >>> now = outlay.solve("scenarios/funnel.toml")
    >>> more = outlay.solve("scenarios/funnel.toml", set={"budget.max": 2_300_000})
    >>> [column["scenario"] for column in outlay.compare(now, more).to_dict()["columns"]][0]
    'today'
    """
    paths, files = _results(results)
    return Comparison(_outlay.compare(paths, files, progress))


def verify(
    *results: str | os.PathLike[str] | Answer,
    gap: Optional[float] = None,
) -> list[Verdict]:
    """Redoes the proofs of results from their scenarios alone (`outlay verify`).

    With `gap` each also has to be proven to be within it.

    >>> import outlay
    >>> [verdict] = outlay.verify(outlay.solve("scenarios/launch.toml"))
    >>> verdict.stands
    True
    """
    paths, files = _results(results)
    return [Verdict(**told) for path in paths for told in _outlay.verify(path, files, gap)]


def _results(
    results: Sequence[str | os.PathLike[str] | Answer],
) -> tuple[list[str], list[tuple[str, bytes]]]:
    """Paths of results, those in memory in folders of their own."""
    if not results:
        raise ArgumentError("results: give at least one")
    paths: list[str] = []
    files: list[tuple[str, bytes]] = []
    for number, result in enumerate(results, 1):
        if not isinstance(result, Answer):
            paths.append(os.fspath(result))
            continue
        answer = result._answer
        folder, stem = f"memory/{number}", answer.stem()
        inputs = answer.inputs()
        paths.append(f"{folder}/{stem}.json")
        files.append((paths[-1], answer.json().encode()))
        if inputs is not None:
            files.append((f"{folder}/inputs.{stem}.json", inputs.encode()))
    return paths, files


def schema(kind: str = "scenario") -> dict[str, Any]:
    """The JSON Schema of a file format (`outlay schema`): scenario, result,
    curves, or an answer (check, frontier, comparison, judgement, track, replan, lift,
    design, next).

    >>> import outlay
    >>> "budget" in outlay.schema()["properties"]
    True
    """
    return dict(json.loads(_outlay.schema(kind)))
