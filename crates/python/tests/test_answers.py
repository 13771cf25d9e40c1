"""Answers are those of the command line, byte for byte, in every form."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from pathlib import Path

import pytest
from conftest import SCENARIOS, printed

import outlay

ONE = ["funnel", "launch", "profit", "lifetime", "deals", "steady", "quarter"]


@pytest.mark.parametrize("name", ONE)
def test_the_bytes_are_those_of_the_command_line(command: str, name: str) -> None:
    path = f"scenarios/{name}.toml"
    plan = outlay.solve(path)
    assert plan.to_json().encode() == printed(command, "run", path, "--format", "json")
    assert plan.to_csv().encode() == printed(command, "run", path, "--format", "csv")
    assert json.loads(plan.to_json()) == plan.to_dict()


def test_questions_are_those_of_the_command_line(command: str) -> None:
    asked = ["--set", "budget.max=+10%", "--limit", "cac<=60", "--goal", "max profit", "--gap", "1e-5"]
    path = "scenarios/profit.toml"
    plan = outlay.solve(path, set={"budget.max": "+10%"}, limit="cac<=60", goal="max profit", gap=1e-5)
    assert plan.to_json().encode() == printed(command, "run", path, "--format", "json", *asked)
    rounded = outlay.solve("scenarios/funnel.toml", round=1000)
    told = printed(command, "run", "scenarios/funnel.toml", "--format", "json", "--round", "1000")
    assert rounded.to_json().encode() == told
    assert all(spend % 1000 == 0 for spend in rounded.lines["spend"])


def test_checks_frontiers_and_comparisons_are_those_of_the_command_line(
    command: str, tmp_path: Path
) -> None:
    infeasible = "scenarios/infeasible/targets.toml"
    told = printed(command, "check", infeasible, "--format", "json", code=1)
    assert outlay.check(infeasible).to_json().encode() == told
    funnel = "scenarios/funnel.toml"
    traced = outlay.frontier(funnel, over="budget.max", start=2e6, end=2.3e6, gap=1e-3)
    asked = ["--over", "budget.max", "--from", "2000000", "--to", "2300000", "--gap", "1e-3"]
    assert traced.to_json().encode() == printed(command, "frontier", funnel, *asked, "--format", "json")
    for budget in ("2000000", "2300000"):
        printed(command, "run", funnel, "--set", f"budget.max={budget}", "--out", str(tmp_path / budget))
    saved = [str(tmp_path / budget / "funnel.json") for budget in ("2000000", "2300000")]
    told = printed(command, "compare", *saved, "--format", "json")
    assert outlay.compare(*saved).to_json().encode() == told


def test_a_plan_is_right_by_independent_arithmetic() -> None:
    """Two Michaelis-Menten curves: the optimum has equal slopes, in closed form."""
    a, b = (90_000.0, 20_000.0), (60_000.0, 10_000.0)
    lines = [
        {"name": name, "outcome": "revenue",
         "curve": {"family": "michaelis_menten", "ceiling": v, "half_saturation": k}}
        for name, (v, k) in (("search", a), ("video", b))
    ]
    plan = outlay.solve(currency="USD", budget={"max": 30_000}, goal="maximize revenue", lines=lines)
    # sqrt(V k / price) - k for each, the price such that they add up to 30,000.
    root = sum((v * k) ** 0.5 for v, k in (a, b)) / (30_000 + a[1] + b[1])
    best = [(v * k) ** 0.5 / root - k for v, k in (a, b)]
    assert plan.lines["spend"] == pytest.approx(best, rel=1e-6)
    assert plan.value == pytest.approx(sum(v * x / (k + x) for (v, k), x in zip((a, b), best)), rel=1e-9)
    [budget] = [row for row in plan.limits.rows() if row["name"] == "budget"]
    assert budget["shadow_price"] == pytest.approx(root**2, rel=1e-5)
    assert plan.goal == {"maximize": "revenue"} and plan.gap is not None and plan.gap <= 1e-8


def test_infeasible_is_an_answer() -> None:
    plan = outlay.solve("scenarios/infeasible/targets.toml")
    assert plan.status == "infeasible" and not plan.feasible and plan.value is None
    assert sorted(plan.conflict["name"]) == ["Blended CAC", "budget"]
    assert plan.repairs["to"] and all(to is not None for to in plan.repairs["to"])
    assert len(plan.lines) == 0 and plan.lines.columns
    assert "contradict" in plan._repr_html_() or "cannot" in plan._repr_html_()


def test_frames_go_to_every_library() -> None:
    pandas, polars, pyarrow = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    plan = outlay.solve("scenarios/quarter.toml")
    names = [line["name"] for line in plan.to_dict()["lines"]]
    spends = [line["spend"] for line in plan.to_dict()["lines"]]
    for table in (pandas.DataFrame(plan.lines.to_dict()), plan.lines.to_pandas()):
        assert table["name"].tolist() == names and table["spend"].tolist() == spends
    for frame in (polars.DataFrame(plan.lines), plan.lines.to_polars()):
        assert frame["spend"].to_list() == spends
    for arrow in (pyarrow.table(plan.lines), plan.lines.to_arrow()):
        assert arrow["name"].to_pylist() == names
        assert arrow.schema.field("spend").type == pyarrow.float64()
    assert pyarrow.schema(plan.lines).names == plan.lines.columns
    flights = plan.flights.to_pandas()
    assert len(flights) == len(names) * len(plan.periods)
    total = flights.groupby("line")["spend"].sum()
    assert [total[name] for name in names] == pytest.approx(spends)
    stages = plan.lines.to_pandas().groupby("stage")["spend"].sum()
    assert stages.sum() == pytest.approx(sum(spends))


def test_columns_do_not_depend_on_what_is_in_them() -> None:
    plan = outlay.solve("scenarios/funnel.toml")
    empty = outlay.solve("scenarios/infeasible/targets.toml")
    kept = len(empty.lines.columns)
    assert plan.lines.columns[:kept] == empty.lines.columns
    schema = outlay.schema("result")["$defs"]
    always = {k for k, v in schema["LimitResult"]["properties"].items() if k != "uncertainty"}
    assert always - {"shadow_price_less"} <= set(plan.limits.columns)


@pytest.mark.parametrize(
    "make",
    [
        lambda: outlay.solve("scenarios/quarter.toml", set={"budget.max": "+5%"}),
        lambda: outlay.solve("scenarios/funnel.toml", limit="cac<=58"),
        lambda: outlay.solve("scenarios/infeasible/targets.toml"),
        lambda: outlay.check("scenarios/infeasible/targets.toml"),
        lambda: outlay.frontier("scenarios/funnel.toml", over="budget.max", start=2e6, end=2.1e6, gap=1e-2),
    ],
)
def test_answers_are_pickled(make) -> None:  # type: ignore[no-untyped-def]
    answer = make()
    again = pickle.loads(pickle.dumps(answer))
    assert type(again) is type(answer) and again == answer and again.to_text() == answer.to_text()
    if isinstance(answer, outlay.Plan):
        assert again.lines == answer.lines and again.to_html() == answer.to_html()
        assert again.verify().stands
    assert pickle.loads(pickle.dumps(again)) == answer


def test_reports_and_saved_files(command: str, tmp_path: Path) -> None:
    plan = outlay.solve("scenarios/funnel.toml")
    page = plan.to_html(tmp_path / "plan.html")
    assert page.lower().startswith("<!doctype html>") and (tmp_path / "plan.html").read_text() == page
    book = plan.to_excel(tmp_path / "plan.xlsx")
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(book)).namelist()
    assert "<table>" in plan._repr_html_() and "5.8M" not in plan.lines._repr_html_()
    sheet = plan.buy_sheet(tmp_path / "buy")
    assert sheet is not None and (tmp_path / "buy" / "funnel.csv").read_text() == sheet
    with pytest.raises(FileExistsError):
        plan.buy_sheet(tmp_path / "buy")
    saved = plan.save(tmp_path / "out")
    printed(command, "run", "scenarios/funnel.toml", "--out", str(tmp_path / "cli"))
    for name in ("funnel.json", "inputs.funnel.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "cli" / name).read_bytes(), name
    printed(command, "verify", str(saved))
    assert outlay.verify(saved)[0].stands


def test_a_changed_figure_does_not_stand(tmp_path: Path) -> None:
    saved = outlay.solve("scenarios/funnel.toml").save(tmp_path)
    told = json.loads(saved.read_text())
    told["value"] *= 1.01
    saved.write_text(json.dumps(told))
    [verdict] = outlay.verify(saved)
    assert not verdict.stands and not verdict and verdict.differences[0][0] == "value"
    strict = outlay.verify(outlay.solve("scenarios/launch.toml"), gap=1e-12)
    assert not strict[0].stands or outlay.solve("scenarios/launch.toml").gap == 0


def test_a_plan_made_by_hand_is_judged(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    plan = outlay.solve("scenarios/funnel.toml")
    spends = dict(zip(plan.lines["name"], plan.lines["spend"]))
    assert outlay.judge("scenarios/funnel.toml", spends).legal
    spends["TikTok"] = spends.get("TikTok", 0.0) + 1e6
    names = list(spends)
    frame = pandas.DataFrame({"line": names, "spend": [spends[n] for n in names]})
    if "TikTok" in plan.lines["name"]:
        judged = outlay.judge("scenarios/funnel.toml", frame)
        assert not judged.legal and "budget" in judged.broken["name"]
    else:
        with pytest.raises(outlay.errors.HandPlanError, match="TikTok"):
            outlay.judge("scenarios/funnel.toml", frame)


def test_what_ifs_come_in_order_whatever_the_jobs(command: str) -> None:
    told = printed(command, "run", "scenarios/cac_targets.toml", "--format", "json").decode()
    for jobs in (1, 2, 3):
        plans = list(outlay.what_ifs("scenarios/cac_targets.toml", jobs=jobs))
        assert "".join(plan.to_json() for plan in plans) == told
    asked = 0

    def budgets():  # type: ignore[no-untyped-def]
        nonlocal asked
        for number in range(10_000):
            asked += 1
            yield {"budget.max": 1_500_000 + 10_000 * (number % 90)}

    plans = outlay.what_ifs("scenarios/funnel.toml", budgets(), jobs=2)
    first = [next(plans).value for _ in range(5)]
    assert first == sorted(first) and asked < 50, "questions are drawn as they are needed"
    bad = [{"budget.max": 2_000_000}, {"budget.mix": 1}, {"budget.max": 1_900_000}]
    answers = list(outlay.what_ifs("scenarios/funnel.toml", bad, errors="yield"))
    assert [isinstance(a, outlay.Plan) for a in answers] == [True, False, True]
    assert answers[0].to_json() == outlay.solve("scenarios/funnel.toml", set=bad[0]).to_json()
    with pytest.raises(outlay.OutlayError, match="mix"):
        list(outlay.what_ifs("scenarios/funnel.toml", bad))
    with pytest.raises(outlay.errors.UnsupportedError, match="what_ifs"):
        outlay.solve("scenarios/cac_targets.toml")


def test_all_shipped_scenarios_are_read() -> None:
    found = sorted(SCENARIOS.glob("*.toml"))
    assert len(found) >= 9
    for path in found:
        assert len(outlay.read(path)) >= 1
