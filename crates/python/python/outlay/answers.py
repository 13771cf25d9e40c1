"""Answers: plans, checks, judged plans, frontiers, comparisons, verdicts."""

from __future__ import annotations

import html as _html
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Optional

from . import _outlay
from ._outlay import Frame
from .libraries import Table, _table

__all__ = ["Answer", "Check", "Comparison", "Frontier", "Judgement", "Plan", "Record", "Verdict"]


class Record(dict[str, Any]):
    """A dictionary whose fields are attributes too: `plan.totals.revenue`."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]


def _record(pairs: list[tuple[str, Any]]) -> Record:
    return Record(pairs)


class Answer:
    """What was asked, with its answer; every field of the JSON is an attribute.

    `docs/outputs.md` of the project says what each field means. Money is in the
    scenario's currency over its whole horizon; shares and rates are fractions.
    """

    def __init__(self, answer: _outlay.Answer) -> None:
        self._answer = answer
        self._fields: Optional[Record] = None

    @property
    def _record(self) -> Record:
        if self._fields is None:
            self._fields = json.loads(self._answer.json(), object_pairs_hook=_record)
        assert self._fields is not None
        return self._fields

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._record[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no field `{name}`") from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._record]

    def to_json(self) -> str:
        """The answer as the command line prints it with `--format json`: the same bytes."""
        return self._answer.json()

    def to_dict(self) -> dict[str, Any]:
        """The answer as dictionaries and lists."""
        return dict(json.loads(self._answer.json()))

    def to_text(self, width: int = 80) -> str:
        """The answer as the command line prints it on a terminal of this width."""
        return self._answer.text("table", width)

    def to_html(self, path: Optional[str | os.PathLike[str]] = None) -> str:
        """A page that stands alone, without network or tracking; written to `path` if given.

        Plans, checks, judgements, tests to run, tracks and re-plans have one: the
        one that `--html` of the command writes.
        """
        page = self._answer.html()
        if path is not None:
            Path(path).write_text(page, encoding="utf-8")
        return page

    def to_excel(self, path: Optional[str | os.PathLike[str]] = None) -> bytes:
        """A workbook, written to `path` if given: what `--xlsx` of the command writes.

        That of a plan has formulas that recalculate.
        """
        book = self._answer.workbook()
        if path is not None:
            Path(path).write_bytes(book)
        return book

    def frame(self, name: str) -> Frame:
        """A list of the answer as a frame, inner fields as columns named by path."""
        return self._answer.frame(name)

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return f"<pre>{_html.escape(self.to_text())}</pre>"

    def __reduce__(self) -> tuple[Any, ...]:
        answer = self._answer
        return _restored, (type(self), answer.kind, answer.state(), answer.inputs(), _own(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answer) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())


def _own(answer: Answer) -> dict[str, Any]:
    """What an answer knows besides: notes on what was read."""
    return {name: value for name, value in vars(answer).items() if not name.startswith("_")}


def _restored(
    kind: type[Answer], what: str, text: str, inputs: Optional[str], own: dict[str, Any]
) -> Answer:
    answer = kind(_outlay.restore(what, text, inputs))
    vars(answer).update(own)
    return answer


class Plan(Answer):
    """The certified plan of a scenario, or the proof that there is none.

    >>> import outlay
    >>> plan = outlay.solve("scenarios/funnel.toml")
    >>> plan.status, plan.gap <= 1e-8
    ('optimal', True)
    >>> round(plan.totals.cac, 4)
    57.0
    >>> plan.lines.columns[:4]
    ['name', 'current', 'spend', 'revenue']
    """

    @property
    def status(self) -> str:
        """`optimal`, `within_gap`, `infeasible` or `undetermined`."""
        return self._answer.head()[0]

    @property
    def feasible(self) -> bool:
        """Whether there is a plan; without one see `conflict` and `repairs`."""
        return self.status in ("optimal", "within_gap")

    @property
    def value(self) -> Optional[float]:
        """The goal at the plan; None without a plan."""
        return self._answer.head()[1]

    @property
    def gap(self) -> Optional[float]:
        """How far the plan can at most be from the best one, as a fraction."""
        return self._answer.head()[2]

    @property
    def bound(self) -> Optional[float]:
        """No plan within the limits does better than this."""
        return self._answer.head()[3]

    @property
    def lines(self) -> Frame:
        """One row per line: spend, what it earns, what holds it; tags as columns."""
        return self._answer.frame("lines")

    @property
    def limits(self) -> Frame:
        """One row per limit: its figure, whether it binds, its shadow price."""
        return self._answer.frame("limits")

    @property
    def periods(self) -> Frame:
        """One row per period, where spends are planned by period."""
        return self._answer.frame("periods")

    @property
    def flights(self) -> Frame:
        """One row per line and period, where spends are planned by period."""
        return self._answer.frame("flights")

    @property
    def conflict(self) -> Frame:
        """The limits that cannot hold together; empty where there is a plan."""
        return self._answer.frame("conflict")

    @property
    def repairs(self) -> Frame:
        """Changes of one number each of which makes the scenario feasible."""
        return self._answer.frame("repairs")

    def to_csv(self) -> str:
        """One row per line, unrounded, as `outlay run --format csv` prints it."""
        return self._answer.text("csv")

    def to_markdown(self) -> str:
        """The plan for chat and pull requests."""
        return self._answer.text("markdown")

    def buy_sheet(
        self,
        folder: Optional[str | os.PathLike[str]] = None,
        *,
        kept: Iterable[Table] = (),
    ) -> Optional[str]:
        """The sheet that buyers work from, as CSV; written to `folder`, as CSV and Excel, if given.

        Sheets that stand in the folder are never written over: people fill them
        in. What they wrote into earlier sheets of the plan, `kept`, stands in the
        new one.
        """
        both = self._answer.buy([_table(sheet) for sheet in kept])
        if both is None:
            return None
        if folder is not None:
            place = Path(folder)
            place.mkdir(parents=True, exist_ok=True)
            for ending, content in (("csv", both[0].encode()), ("xlsx", both[1])):
                with open(place / f"{self._answer.stem()}.{ending}", "xb") as file:
                    file.write(content)
        return both[0]

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Saves the result and the inputs it was made from, as `outlay run --out` does."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        stem = self._answer.stem()
        result = place / f"{stem}.json"
        result.write_text(self.to_json(), encoding="utf-8", newline="")
        inputs = self._answer.inputs()
        (place / f"inputs.{stem}.json").write_text(inputs or "", encoding="utf-8", newline="")
        return result

    def verify(self, *, gap: Optional[float] = None) -> Verdict:
        """Redoes the proof from the scenario alone, without a search."""
        from .questions import verify

        return verify(self, gap=gap)[0]

    def __repr__(self) -> str:
        value = "" if self.value is None else f", {self.value:.6g}"
        return f"<outlay.Plan {self.scenario!r}: {self.status}{value}>"

    def _repr_html_(self) -> str:
        headline, proof = (_html.escape(text) for text in self._answer.sentences())
        parts = [f"<p><strong>{_html.escape(self.scenario)}</strong>: {headline}</p>"]
        if self.feasible:
            parts += [self.lines._repr_html_(), self.limits._repr_html_(), f"<p>{proof}</p>"]
        else:
            parts.append(f"<pre>{_html.escape(self.to_text())}</pre>")
        return "".join(parts)


class Check(Answer):
    """Whether all limits can hold; if not, why not and what would help.

    >>> import outlay
    >>> answer = outlay.check("scenarios/infeasible/targets.toml")
    >>> answer.feasible
    False
    >>> sorted(answer.conflict["name"])
    ['Blended CAC', 'budget']
    """

    @property
    def feasible(self) -> Optional[bool]:
        """Whether all limits can hold; None where that is not proven."""
        found: Optional[bool] = self._record["feasible"]
        return found

    @property
    def conflict(self) -> Frame:
        """The limits that cannot hold together."""
        return self._answer.frame("conflict")

    @property
    def repairs(self) -> Frame:
        """Changes of one number each of which resolves it."""
        return self._answer.frame("repairs")

    def __repr__(self) -> str:
        return f"<outlay.Check {self.scenario!r}: feasible={self.feasible}>"


class Judgement(Answer):
    """What is wrong with a plan made by hand, and how much better the best one is."""

    @property
    def legal(self) -> bool:
        """Whether the plan keeps every limit."""
        return bool(self._record["legal"])

    @property
    def lines(self) -> Frame:
        """The plan as it was given."""
        return self._answer.frame("lines")

    @property
    def limits(self) -> Frame:
        """Every limit at the plan."""
        return self._answer.frame("limits")

    @property
    def broken(self) -> Frame:
        """The rules it breaks, and by how much."""
        return self._answer.frame("broken")

    def __repr__(self) -> str:
        return f"<outlay.Judgement {self.scenario!r}: legal={self.legal}>"


class Frontier(Answer):
    """The best value as a function of one field, with its breakpoints."""

    @property
    def points(self) -> Frame:
        """The best value and what it is worth to move on, point by point."""
        return self._answer.frame("points")

    @property
    def breakpoints(self) -> Frame:
        """Where what holds the plan changes."""
        return self._answer.frame("breakpoints")

    def to_csv(self) -> str:
        """The points, unrounded, as `outlay frontier --format csv` prints them."""
        return self._answer.text("csv")

    def __repr__(self) -> str:
        return f"<outlay.Frontier {self.scenario!r} over {self.over}: {len(self.points)} points>"


class Comparison(Answer):
    """Results side by side, and which inputs moved the plan."""

    def to_csv(self) -> str:
        """The comparison, unrounded, as `outlay compare --format csv` prints it."""
        return self._answer.text("csv")

    def __repr__(self) -> str:
        return f"<outlay.Comparison of {len(self._record['columns'])} results>"


@dataclass(frozen=True)
class Verdict:
    """What re-proving a result found."""

    scenario: str
    """The scenario's name."""
    stands: bool
    """Whether every figure and the proof are what the scenario gives."""
    figures: int
    """How many figures were compared."""
    differences: list[tuple[str, str, str]]
    """What differs: field, what the result says, what the scenario gives."""
    text: str
    """The verdict in a sentence or a few."""

    def __bool__(self) -> bool:
        return self.stands

    def __str__(self) -> str:
        return self.text
