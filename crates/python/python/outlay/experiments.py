"""Tests in some of the markets: which to run next, how, and what one showed."""

from __future__ import annotations

import os
from typing import Any, Iterable, Mapping, Optional, Sequence

from . import _outlay
from ._outlay import Frame
from .answers import Answer
from .errors import ArgumentError
from .libraries import Table, _several, _table
from .questions import Content, Progress, Settings, Source, read

__all__ = ["Design", "Lift", "Tests", "design", "lift", "next_test"]


class Lift(Answer):
    """What a test in some of the markets showed: the lift with its interval, and checks."""

    notes: list[str]
    """What the columns of the panel were taken for."""

    @property
    def periods(self) -> Frame:
        """One row per period of the test."""
        return self._answer.frame("periods")

    def to_csv(self) -> str:
        """The row for `fit(..., lift_tests=...)`, as a table of its own."""
        return self._answer.text("csv")

    def __repr__(self) -> str:
        interval = self.lift
        return f"<outlay.Lift {interval.value:.6g}, {interval.low:.6g} to {interval.high:.6g}>"


class Design(Answer):
    """Which markets to treat and for how long, and what that would show."""

    notes: list[str]
    """What the columns of the panel were taken for."""

    @property
    def cells(self) -> Frame:
        """One row per treated group: the least effect it can see, its power, money at risk."""
        return self._answer.frame("designs")

    def to_csv(self) -> str:
        """The list of markets, as `outlay design --format csv` prints it."""
        return self._answer.text("csv")

    def __repr__(self) -> str:
        return f"<outlay.Design of {len(self.designs)} treated group(s)>"


class Tests(Answer):
    """Tests that could be run, each with what it is worth to the plan and what it costs."""

    @property
    def tests(self) -> Frame:
        """One row per test, best first: its worth in money, cost, net, error."""
        return self._answer.frame("tests")

    def to_csv(self) -> str:
        """One row per test, as `outlay next --format csv` prints it."""
        return self._answer.text("csv")

    def __repr__(self) -> str:
        return f"<outlay.Tests of {self.name!r}: {len(self.tests)}>"


def next_test(
    scenario: Source = None,
    /,
    *,
    tests: Optional[Table] = None,
    panel: Optional[Table] = None,
    goal: Optional[str | Mapping[str, Any]] = None,
    limit: str | Iterable[str] = (),
    set: Optional[Settings] = None,
    nodes: Optional[int] = None,
    time: Optional[float] = None,
    progress: Optional[Progress] = None,
    files: Optional[Mapping[str, Content]] = None,
    **fields: Any,
) -> Tests:
    """Which test to run next, in money (`outlay next`).

    `scenario` and what is asked of it are those of :func:`outlay.read`; its
    curves come with draws. `tests` is a table of tests that could be run
    (channel, change, weeks, error or panel, and if wanted cost, periods,
    share); without it more, less and no spend in every channel. `panel` is the
    outcome by market and period, for how precisely a test would measure. After
    `time` seconds tests that were not reached are left out.

    >>> import outlay
    >>> draws = {"family": "michaelis_menten", "half_saturation": 200.0, "spend": [90.0, 110.0]}
    >>> library = outlay.curves({
    ...     "tv": {**draws, "ceiling": [500.0 + 13.0 * (7 * draw % 60) for draw in range(60)]},
    ...     "search": {**draws, "ceiling": [850.0 + 1.0 * (11 * draw % 60) for draw in range(60)]},
    ... }, unit="week", currency="USD")
    >>> lines = [{"name": name, "spend": {"current": 1300}} for name in library.names]
    >>> horizon = {"periods": 13, "unit": "week"}
    >>> found = outlay.next_test(curves=library, horizon=horizon, lines=lines, budget={"max": 2600},
    ...                          currency="USD", goal="maximize revenue")
    >>> {"channel", "change", "weeks", "evsi"} <= {*found.tests.columns}
    True
    """
    read_ = read(scenario, goal=goal, limit=limit, set=set, files=files, **fields)
    return Tests(_outlay.next(read_, _table(tests), _table(panel), nodes, time, progress))


def lift(
    panel: Table,
    /,
    *,
    start: Any,
    end: Any,
    treated: str | Sequence[str] = (),
    treated_column: Optional[str] = None,
    channel: str = "channel",
    sheet: Optional[str] = None,
    date: Optional[str] = None,
    market: Optional[str] = None,
    outcome: Optional[str] = None,
    outcome_is: Optional[str] = None,
    spend: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    level: float = 0.9,
) -> Lift:
    """A test in some of the markets, read (`outlay lift`).

    `panel` holds outcome (and spend) by market and period: a path, bytes, or a
    frame. `start` and `end` are days of the test's first and last period;
    `treated` names the treated markets, where no column marks them. The answer
    has the lift with its interval, iROAS, an A/A check, a second method, and the
    row for :func:`outlay.fit`.

    >>> import datetime, outlay
    >>> monday = datetime.date(2024, 1, 1)
    >>> rows = ["date,market,revenue"]
    >>> for week in range(40):
    ...     day = monday + datetime.timedelta(weeks=week)
    ...     for market in range(8):
    ...         effect = 20 if week >= 36 and market < 3 else 0
    ...         rows.append(f"{day},m{market},{100 + 10 * market + (week * 7 + market * 5) % 11 + effect}")
    >>> found = outlay.lift("\\n".join(rows).encode(), start="2024-09-09", end="2024-09-30", treated=["m0", "m1", "m2"])
    >>> found.lift.low < 240 < found.lift.high
    True
    """
    columns = _columns(sheet, date, market, outcome, outcome_is, spend, exclude, level)
    answer, notes = _outlay.lift(
        _table(panel), columns, _day(start), _day(end), _several(treated), treated_column, channel
    )
    found = Lift(answer)
    found.notes = notes
    return found


def design(
    panel: Table,
    /,
    *,
    weeks: Optional[int] = None,
    change: float = 0.5,
    cells: int = 1,
    share: float = 0.3,
    treated: str | Sequence[str] = (),
    worth: float = 1.0,
    power: float = 0.8,
    seed: int = 1,
    sheet: Optional[str] = None,
    date: Optional[str] = None,
    market: Optional[str] = None,
    outcome: Optional[str] = None,
    outcome_is: Optional[str] = None,
    spend: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    level: float = 0.9,
) -> Design:
    """Which markets to treat, how long, and what that would show (`outlay design`).

    `change` is the change of spend in the treated markets (0.5 for half as much
    again, -1 to go dark), `cells` the number of treated groups, `share` the
    share of the markets that a group treats, `worth` the outcome per unit of
    spend that `power` is reckoned for. The same `seed` gives the same markets.

    >>> import datetime, outlay
    >>> monday = datetime.date(2024, 1, 1)
    >>> rows = ["date,market,revenue,spend"]
    >>> for week in range(60):
    ...     day = monday + datetime.timedelta(weeks=week)
    ...     for market in range(12):
    ...         rows.append(f"{day},m{market},{1000 + 50 * market + (week * 37 + market * 53) % 101},100")
    >>> designed = outlay.design("\\n".join(rows).encode(), weeks=6)
    >>> len(designed.cells)
    1
    """
    columns = _columns(sheet, date, market, outcome, outcome_is, spend, exclude, level)
    wanted = {
        "weeks": weeks,
        "change": float(change),
        "cells": cells,
        "share": float(share),
        "treated": _several(treated),
        "worth": float(worth),
        "power": float(power),
        "seed": seed,
    }
    answer, notes = _outlay.design(_table(panel), columns, wanted)
    designed = Design(answer)
    designed.notes = notes
    return designed


def _columns(
    sheet: Optional[str],
    date: Optional[str],
    market: Optional[str],
    outcome: Optional[str],
    outcome_is: Optional[str],
    spend: str | Sequence[str],
    exclude: str | Sequence[str],
    level: float,
) -> dict[str, Any]:
    if outcome_is not in (None, "revenue", "customers"):
        raise ArgumentError(f"outcome_is: `{outcome_is}` is none of revenue, customers")
    return {
        "sheet": sheet,
        "date": date,
        "market": market,
        "outcome": outcome,
        "customers": None if outcome_is is None else outcome_is == "customers",
        "spend": _several(spend),
        "exclude": _several(exclude),
        "level": float(level),
    }


def _day(day: Any) -> str:
    return str(day.isoformat())[:10] if hasattr(day, "isoformat") else os.fspath(day)
