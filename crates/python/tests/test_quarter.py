"""Tracking and planning again: the same bytes as the command line, from files and from memory."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from conftest import printed

import outlay

SPRING, FIVE, ALL = (
    "scenarios/loop/spring.toml",
    "scenarios/loop/spring-5-weeks.csv",
    "scenarios/loop/spring-13-weeks.csv",
)


@pytest.fixture
def spring() -> outlay.Plan:
    return outlay.solve(SPRING)


def test_a_track_is_that_of_the_command_line(command: str, spring: outlay.Plan, tmp_path: Path) -> None:
    saved = str(spring.save(tmp_path))
    for split in ("sequential", "shapley"):
        told = printed(command, "track", saved, FIVE, "--format", "json", "--split", split)
        assert outlay.track(saved, FIVE, split=split).to_json().encode() == told
    tracked = outlay.track(saved, FIVE)
    assert tracked.to_csv().encode() == printed(command, "track", saved, FIVE, "--format", "csv")
    assert len(tracked.lines) > 0 and str(tracked)


def test_a_plan_in_memory_is_tracked_like_a_saved_one(spring: outlay.Plan, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    saved = outlay.track(str(spring.save(tmp_path)), FIVE).to_dict()
    for actuals in (FIVE, Path(FIVE).read_bytes(), pandas.read_csv(FIVE)):
        memory = outlay.track(spring, actuals).to_dict()
        assert memory["lines"] == saved["lines"]


def test_a_replan_is_that_of_the_command_line(command: str, spring: outlay.Plan, tmp_path: Path) -> None:
    saved = str(spring.save(tmp_path))
    told = printed(command, "replan", saved, FIVE, "--format", "json", "--out", str(tmp_path / "a"))
    again = outlay.replan(saved, FIVE, out=tmp_path / "b")
    assert again.to_json().encode() == told
    names = sorted(file.name for file in (tmp_path / "a").iterdir())
    assert len(names) == 3 and names == sorted(file.name for file in (tmp_path / "b").iterdir())
    for name in names:
        # Inputs say where their scenario stands.
        other = (tmp_path / "b" / name).read_text().replace(str(tmp_path / "b"), str(tmp_path / "a"))
        assert (tmp_path / "a" / name).read_text() == other, name
    assert all(verdict.stands for verdict in outlay.verify(again.places[1]))
    asked = outlay.replan(saved, FIVE, set={"budget.max": "-10%"}, most_change=0.3, gap=1e-4)
    told = printed(
        command, "replan", saved, FIVE, "--format", "json",
        "--set", "budget.max=-10%", "--most-change", "0.3", "--gap", "1e-4",
    )
    assert asked.to_json().encode() == told


def test_a_replan_in_memory_gives_a_plan_to_go_on_with(spring: outlay.Plan) -> None:
    again = outlay.replan(spring, FIVE)
    assert again.plan.verify().stands and again.scenario_text.startswith("{")
    assert again.plan.buy_sheet() is not None
    # What buyers wrote stands in the next sheet, which can be tracked in turn.
    once_more = outlay.track(again.plan, again.plan.buy_sheet(kept=[FIVE]).encode())
    assert once_more.through == "5" and len(once_more.lines) == len(spring.lines)
    other = pickle.loads(pickle.dumps(again))
    assert other == again and other.plan == again.plan and other.scenario_text == again.scenario_text
    assert other.notes == again.notes and other.to_text() == again.to_text()
    reset = outlay.replan(spring, ALL, reset=True, scenario="scenarios/loop/summer.toml",
                          curves="scenarios/loop/curves.json")
    assert reset.plan.feasible


def test_refitted_curves_may_be_a_library(spring: outlay.Plan, tmp_path: Path) -> None:
    curves = outlay.Library.read("scenarios/loop/curves.json")
    named = outlay.track(str(spring.save(tmp_path)), FIVE, curves=str(Path("scenarios/loop/curves.json").resolve()))
    assert outlay.track(spring, FIVE, curves=curves).to_dict()["lines"] == named.to_dict()["lines"]


def test_pages_are_those_of_the_command_line(command: str, spring: outlay.Plan, tmp_path: Path) -> None:
    saved, page = str(spring.save(tmp_path)), tmp_path / "page.html"
    targets = "scenarios/infeasible/targets.toml"
    tracked, again = outlay.track(saved, FIVE), outlay.replan(saved, FIVE, out=tmp_path / "b")
    for answer, asked, code in (
        (outlay.check("scenarios/funnel.toml"), ["check", "scenarios/funnel.toml"], 0),
        (outlay.check(targets), ["check", targets], 1),
        (tracked, ["track", saved, FIVE], 0),
        (again, ["replan", saved, FIVE, "--out", str(tmp_path / "a")], 0),
    ):
        printed(command, *asked, "--html", str(page), code=code)
        other = page.read_text(encoding="utf-8").replace(str(tmp_path / "a"), str(tmp_path / "b"))
        assert answer.to_html() == other, asked
        page.unlink()
        assert answer.to_excel(tmp_path / "book.xlsx") == (tmp_path / "book.xlsx").read_bytes()
        (tmp_path / "book.xlsx").unlink()
    swept = outlay.frontier("scenarios/funnel.toml", over="budget.max", start=1_900_000, end=2_000_000)
    with pytest.raises(outlay.errors.UnsupportedError, match="a frontier has no page"):
        swept.to_html()


def test_what_cannot_be_is_refused(spring: outlay.Plan, tmp_path: Path) -> None:
    for wrong, field in (
        ({"limits": "half"}, "limits"),
        ({"friction": -0.1}, "friction"),
        ({"scenario": "scenarios/loop/summer.toml"}, "scenario"),
        ({"reset": True, "limit": "cac<=60"}, "set"),
    ):
        with pytest.raises(outlay.errors.ArgumentError) as raised:
            outlay.replan(spring, FIVE, **wrong)
        assert raised.value.diagnostics[0].field == field
    with pytest.raises(outlay.errors.ArgumentError):
        outlay.track(spring, FIVE, split="thirds")
    with pytest.raises(outlay.errors.ActualsError):
        outlay.track(spring, b"nothing,of,this\n1,2,3\n")
    saved = spring.save(tmp_path)
    saved.write_text(saved.read_text().replace('"spend":', '"spend":1', 1))
    with pytest.raises(outlay.errors.RecordError):
        outlay.track(saved, FIVE)
