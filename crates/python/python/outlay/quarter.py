"""The quarter as it runs: a plan against what happened, and the rest planned again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional, Union

from . import _outlay
from ._outlay import Frame
from .answers import Answer, Plan
from .errors import ArgumentError
from .libraries import Library, Table, _table
from .questions import Progress, Settings, _results, _settings

__all__ = ["Replan", "Track", "replan", "track"]

Curves = Union[str, "os.PathLike[str]", Library, None]


class Track(Answer):
    """A plan against what happened so far, and where the horizon is heading."""

    notes: list[str]
    """What a reader should know of the actuals: columns not used, lines not in the plan."""

    @property
    def lines(self) -> Frame:
        """One row per line: planned and actual, and what moved it."""
        return self._answer.frame("lines")

    def to_csv(self) -> str:
        """One row per line, unrounded, as `outlay track --format csv` prints it."""
        return self._answer.text("csv")

    def __repr__(self) -> str:
        return f"<outlay.Track of {self.plan.path!r}, through {self.through}>"


class Replan(Answer):
    """What happened, what changes, and what that gains; `plan` is the plan to go on with."""

    plan: Plan
    """The plan to go on with: the new one, or the running one where a change is not worth it."""
    notes: list[str]
    """What a reader should know of the actuals."""
    places: tuple[str, str]
    """Where the new scenario and its result stand, or would stand."""

    @property
    def scenario_text(self) -> str:
        """The new scenario, as a file: what was spent is frozen in it."""
        return self._answer.scenario_text() or ""

    @property
    def lines(self) -> Frame:
        """One row per line: spent, left before, left now."""
        return self._answer.frame("lines")

    def to_csv(self) -> str:
        """One row per line, unrounded, as `outlay replan --format csv` prints it."""
        return self._answer.text("csv")

    def __repr__(self) -> str:
        return f"<outlay.Replan {self.scenario!r}: {self.verdict}>"


def track(
    plan: str | os.PathLike[str] | Plan,
    actuals: Table,
    /,
    *,
    curves: Curves = None,
    split: str = "sequential",
    progress: Optional[Progress] = None,
) -> Track:
    """A plan against what happened so far (`outlay track`).

    `plan` is a :class:`Plan`, or the path of one that was saved; `actuals` is
    its buy sheet with the `actual_` columns filled in: a path, bytes, or a
    frame. `curves` is a refitted library, which says how much of the difference
    is news about the curves; `split` is `sequential` or `shapley` (the mean over
    all orders of the causes).

    >>> import outlay
    >>> plan = outlay.solve("scenarios/loop/spring.toml")
    >>> tracked = outlay.track(plan, "scenarios/loop/spring-5-weeks.csv")
    >>> tracked.through, len(tracked.lines) == len(plan.lines)
    ('5', True)
    """
    path, files, given = _running(plan, curves)
    answer, notes = _outlay.track(path, files, _table(actuals), given, split, progress)
    tracked = Track(answer)
    tracked.notes = notes
    return tracked


def replan(
    plan: str | os.PathLike[str] | Plan,
    actuals: Table,
    /,
    *,
    curves: Curves = None,
    out: Optional[str | os.PathLike[str]] = None,
    reset: bool = False,
    scenario: Optional[str | os.PathLike[str]] = None,
    limits: str = "whole",
    goal: Optional[str | Mapping[str, Any]] = None,
    limit: str | Iterable[str] = (),
    set: Optional[Settings] = None,
    friction: float = 0.02,
    least_gain: float = 0.005,
    most_change: Optional[float] = None,
    planned_prices: bool = False,
    gap: Optional[float] = None,
    time: Optional[float] = None,
    progress: Optional[Progress] = None,
) -> Replan:
    """The rest of a plan, or the next horizon, planned from what happened (`outlay replan`).

    `plan`, `actuals` and `curves` are those of :func:`track`. `limits` cover the
    `whole` horizon with its past frozen, or its `rest`; `goal`, `limit` and
    `set` say what has changed besides. `friction` is what moving a unit of money
    costs, as a fraction of what the plan earns per unit; `least_gain` the gain
    that is worth a change, as a fraction of what is left to earn; `most_change`
    the largest change of what a line has left. With `reset` the next horizon is
    planned, of `scenario` where it is another. With `out` the new scenario and
    its result are saved in that folder, as the command line does.

    >>> import outlay
    >>> plan = outlay.solve("scenarios/loop/spring.toml")
    >>> sheet = "scenarios/loop/spring-5-weeks.csv"
    >>> again = outlay.replan(plan, sheet)
    >>> again.verdict in ("keep", "change"), again.plan.feasible
    (True, True)
    >>> next_sheet = again.plan.buy_sheet(kept=[sheet])
    """
    path, files, given = _running(plan, curves)
    wanted = {
        "curves": given,
        "reset": reset,
        "scenario": None if scenario is None else os.fspath(scenario),
        "limits": limits,
        "friction": float(friction),
        "least_gain": float(least_gain),
        "most_change": None if most_change is None else float(most_change),
        "planned_prices": planned_prices,
        "gap": gap,
    }
    asked = [limit] if isinstance(limit, str) else list(limit)
    folder = "." if out is None else os.fspath(out)
    answer, again, places, notes = _outlay.replan(
        path, files, _table(actuals), folder, goal, asked, _settings(set), wanted, time, progress
    )
    replanned = Replan(answer)
    replanned.plan, replanned.places, replanned.notes = Plan(again), places, notes
    if out is not None:
        _saved(replanned, [path, *(os.fspath(t) for t in (actuals, scenario) if isinstance(t, (str, os.PathLike)))])
    return replanned


def _running(
    plan: str | os.PathLike[str] | Plan, curves: Curves
) -> tuple[str, list[tuple[str, bytes]], Optional[str]]:
    """The path of a plan, what stands in memory, and the path of its refitted curves."""
    [path], files = _results([plan])
    if not isinstance(curves, Library):
        return path, files, None if curves is None else os.fspath(curves)
    given = "memory/refitted.curves.json"
    return path, [*files, (given, curves.to_json().encode())], given


def _saved(replanned: Replan, read: list[str]) -> None:
    scenario, result = map(Path, replanned.places)
    inputs = result.with_name(f"inputs.{result.name}")
    for place in (scenario, result, inputs):
        for source in map(Path, read):
            if place.exists() and source.exists() and place.samefile(source):
                raise ArgumentError(f"out: {place} was read for this re-plan and is not written over: give another folder")
    result.parent.mkdir(parents=True, exist_ok=True)
    scenario.write_text(replanned.scenario_text, encoding="utf-8", newline="")
    result.write_text(replanned.plan.to_json(), encoding="utf-8", newline="")
    inputs.write_text(replanned.plan._answer.inputs() or "", encoding="utf-8", newline="")
