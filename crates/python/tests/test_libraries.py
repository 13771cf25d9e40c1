"""Curves: fitted, of models in memory, of one's own draws."""

from __future__ import annotations

import datetime
import json
import os
import random
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, printed

import outlay


def history(weeks: int = 80) -> dict[str, list[Any]]:
    """Two channels whose response is known."""
    draw = random.Random(7)
    monday = datetime.date(2023, 1, 2)
    tv = [draw.uniform(50, 400) for _ in range(weeks)]
    search = [draw.uniform(20, 200) for _ in range(weeks)]
    revenue = [
        1000 + 900 * x / (200 + x) + 500 * y / (80 + y) + draw.gauss(0, 10) for x, y in zip(tv, search)
    ]
    dates = [monday + datetime.timedelta(weeks=w) for w in range(weeks)]
    return {"week": dates, "revenue": revenue, "tv_spend": tv, "search_spend": search}


def as_csv(columns: dict[str, list[Any]]) -> str:
    rows = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values()))]
    return "\n".join(rows) + "\n"


def test_a_fit_is_that_of_the_command_line(command: str, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(as_csv(history()))
    printed(command, "fit", str(path), "--out", str(tmp_path / "curves.json"), "--currency", "EUR")
    library = outlay.fit(path, currency="EUR")
    assert library.to_json().encode() == (tmp_path / "curves.json").read_bytes()
    assert library.names == ["tv", "search"] and library.to_text() and library.notes
    assert "<svg" in library.to_html()
    assert outlay.Library.read(tmp_path / "curves.json") == library
    assert outlay.Library.of(library.to_dict()).to_dict() == library.to_dict()


def test_markets_and_empty_cells_are_those_of_the_command_line(command: str, tmp_path: Path) -> None:
    draw = random.Random(3)
    rows = ["week,market,revenue,tv_spend"]
    for week in range(60):
        for market, size in (("north", 1.0), ("south", 2.0), ("west", 1.5)):
            spend = draw.uniform(50, 300) * size
            revenue = size * (900 + 700 * spend / size / (150 + spend / size)) + draw.gauss(0, 10)
            shown = "" if (week, market) == (10, "west") else f"{spend:.2f}"
            date = datetime.date(2024, 1, 1) + datetime.timedelta(weeks=week)
            rows.append(f"{date},{market},{revenue:.2f},{shown}")
    path = tmp_path / "markets.csv"
    path.write_text("\n".join(rows))
    with pytest.raises(outlay.OutlayError, match="--blank zero"):
        outlay.fit(path)
    for markets in ("together", "each", "summed"):
        out = tmp_path / f"{markets}.json"
        printed(command, "fit", str(path), "--out", str(out), "--markets", markets, "--blank", "zero")
        library = outlay.fit(path, markets=markets, blank="zero")
        assert library.to_json().encode() == out.read_bytes()
        assert any("empty cells" in note for note in library.notes)
    with pytest.raises(outlay.errors.ArgumentError, match="together, each, summed"):
        outlay.fit(path, markets="apart")
    with pytest.raises(outlay.errors.ArgumentError, match="blank"):
        outlay.fit(path, blank="nothing")


def test_meetings_are_those_of_the_command_line(command: str, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(as_csv(history()))
    for asked in ({"overlap": ["tv", "search"]}, {"makes": "tv", "harvests": ["search"]}):
        out = tmp_path / "curves.json"
        words = [["--" + name, of if isinstance(of, str) else ",".join(of)] for name, of in asked.items()]
        printed(command, "fit", str(path), "--out", str(out), *sum(words, []))
        library = outlay.fit(path, **asked)
        assert library.to_json().encode() == out.read_bytes()
        assert library.to_dict()["meeting"]["draws"] and "To plan with it" in library.to_text()
    with pytest.raises(outlay.errors.ArgumentError, match="one meeting"):
        outlay.fit(path, overlap=["tv", "search"], makes="tv", harvests="search")
    with pytest.raises(outlay.OutlayError, match="needs channels that make demand"):
        outlay.fit(path, harvests="search")
    with pytest.raises(outlay.OutlayError, match="no channel `radio`"):
        outlay.fit(path, overlap=["tv", "radio"])


def test_frames_give_the_fit_of_their_file(tmp_path: Path) -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    columns = history()

    def curves(table: Any) -> Any:
        told = outlay.fit(table, time=30).to_dict()
        return told["curves"]

    expected = curves(as_csv(columns).encode())
    assert curves(polars.DataFrame(columns)) == expected
    dated = pandas.DataFrame({**columns, "week": pandas.to_datetime(columns["week"])})
    assert curves(dated) == expected


def test_a_fit_finds_what_is_true_and_a_plan_follows() -> None:
    library = outlay.fit(as_csv(history()).encode(), lift_tests=None)
    rows = {row["name"]: row for row in library.curves.rows()}
    for name, (ceiling, half) in {"tv": (900, 200), "search": (500, 80)}.items():
        at = rows[name]["marginal.at"]
        truth = ceiling * half / (half + at) ** 2
        assert rows[name]["marginal.value"] == pytest.approx(truth, rel=0.2), name
    lines = [{"name": name, "spend": {"current": 13 * rows[name]["observed.mean"]}} for name in library.names]
    plan = outlay.solve(
        curves=library, horizon={"periods": 13, "unit": "week"}, lines=lines, budget={"max": 13 * 335}
    )
    assert plan.status == "optimal" and plan.uncertainty["level"] == 0.9
    assert plan.verify().stands


def test_lift_tests_narrow_a_fit() -> None:
    columns = history(60)
    tests = (
        "channel,start,end,spend,delta_spend,lift,standard_error\n"
        "tv,2023-06-05,2023-07-02,200,100,360,10\n"
    )
    told = [outlay.fit(as_csv(columns).encode(), lift_tests=t) for t in (None, tests.encode())]
    width = [row["marginal.high"] - row["marginal.low"] for row in (t.curves.rows()[0] for t in told)]
    assert width[1] < width[0]


def test_wrong_histories_are_errors_with_their_place() -> None:
    with pytest.raises(outlay.errors.HistoryError):
        outlay.fit(b"week,revenue,tv_spend\n2024-01-01,x,3\n")
    with pytest.raises(outlay.errors.FileError, match="nowhere"):
        outlay.fit("nowhere.csv")
    for options in ({"level": 2.0}, {"outcome_is": "money"}, {"by": "day"}, {"exclude": ["March"]}):
        with pytest.raises(outlay.errors.ArgumentError):
            outlay.fit(as_csv(history()).encode(), **options)
    with pytest.raises(outlay.errors.ArgumentError, match="history"):
        outlay.fit(3.5)


def test_draws_are_averaged_as_curves_not_as_parameters() -> None:
    numpy = pytest.importorskip("numpy")
    draws = numpy.random.default_rng(3)
    ceiling, half = draws.lognormal(7, 0.4, 400), draws.lognormal(5, 0.6, 400)
    spend = [100.0, 140.0, 180.0]
    library = outlay.curves(
        {"tv": {"family": "michaelis_menten", "ceiling": ceiling, "half_saturation": half, "spend": spend}}
    )
    [curve] = library.to_dict()["curves"]
    assert len(curve["draws"]) == 400
    for x, y in curve["curve"]["points"][::25]:
        assert y == pytest.approx(float(numpy.mean(ceiling * x / (half + x))), rel=1e-12)
    for wrong in (
        {"family": "michaelis_menten", "ceiling": [1.0, 2.0], "half_saturation": [1.0], "spend": [1.0]},
        {"family": "michaelis_menten", "ceiling": [-1.0], "half_saturation": [1.0], "spend": [1.0]},
        {"family": "none_such", "spend": [1.0]},
        {"family": "power", "coefficient": [], "exponent": 0.5, "spend": [1.0]},
        {"family": "power", "coefficient": 2.0, "exponent": 0.5, "spend": [1.0], "adstock": [-1.0]},
        {"family": "power", "coefficient": 2.0, "exponent": 0.5},
    ):
        with pytest.raises(outlay.OutlayError, match="tv"):
            outlay.curves({"tv": wrong})


class Held(dict):  # type: ignore[type-arg]
    """Groups of a posterior with attributes, as inference data has them."""

    def __init__(self, groups: dict[str, Any], attrs: dict[str, str]) -> None:
        super().__init__(groups)
        self.attrs = attrs


class FittedModel:
    """A stand-in for a fitted MMM: what is read of one."""

    def __init__(self, idata: Any) -> None:
        self.idata = idata


def small_model(link: str = "identity") -> tuple[FittedModel, Any]:
    """A posterior of logistic saturation and geometric carry-over, made here."""
    numpy, xarray = pytest.importorskip("numpy"), pytest.importorskip("xarray")
    draw = numpy.random.default_rng(5)
    shape = ("chain", "draw", "channel")
    coords = {"chain": [0, 1], "draw": range(50), "channel": ["tv", "search"]}
    made = {
        "adstock_alpha": (shape, draw.uniform(0.2, 0.6, (2, 50, 2))),
        "saturation_lam": (shape, draw.uniform(1, 3, (2, 50, 2))),
        "saturation_beta": (shape, draw.uniform(0.2, 0.5, (2, 50, 2))),
    }
    posterior = xarray.Dataset(made, coords)
    dates = numpy.datetime64("2024-01-01") + 7 * numpy.arange(30)
    spend = draw.uniform(10, 100, (30, 2))
    constant = xarray.Dataset(
        {
            "channel_data": (("date", "channel"), spend),
            "channel_scale": (("channel",), spend.max(axis=0)),
            "target_scale": ((), 5000.0),
        },
        {"date": dates.astype("datetime64[ns]"), "channel": ["tv", "search"]},
    )
    prior = {"dist": "Beta", "dims": ["channel"]}
    attrs = {
        "link": json.dumps(link),
        "adstock": json.dumps({
            "lookup_name": "geometric", "prefix": "adstock", "l_max": 4, "normalize": True,
            "mode": "After", "priors": {"alpha": prior},
        }),
        "saturation": json.dumps({
            "lookup_name": "logistic", "prefix": "saturation", "priors": {"lam": prior, "beta": prior},
        }),
        "adstock_first": "true",
        "time_varying_media": "false",
        "target_column": "y",
    }
    return FittedModel(Held({"posterior": posterior, "constant_data": constant}, attrs)), (posterior, constant)


def test_a_model_of_pymc_in_memory_is_its_formula_draw_by_draw() -> None:
    numpy = pytest.importorskip("numpy")
    model, (posterior, constant) = small_model()
    library = outlay.from_pymc(model, currency="EUR")
    told = library.to_dict()
    assert library.names == ["tv", "search"] and told["unit"] == "week"
    assert told["fitted_at"] == "2024-07-22" and "100 draws" in library.notes[0]
    for at, curve in enumerate(told["curves"]):
        lam = posterior["saturation_lam"].values[..., at].reshape(-1)
        beta = posterior["saturation_beta"].values[..., at].reshape(-1)
        scale = float(constant["channel_scale"].values[at])
        for x, y in curve["curve"]["points"][::40]:
            t = numpy.exp(-lam * x / scale)
            assert y == pytest.approx(float(numpy.mean(5000 * beta * (1 - t) / (1 + t))), rel=1e-9)


def test_models_that_are_no_curves_are_refused() -> None:
    model, _ = small_model(link="log")
    with pytest.raises(outlay.errors.ModelError, match="link"):
        outlay.from_pymc(model)
    for wrong in (FittedModel(None), FittedModel({"posterior": 1}), object()):
        with pytest.raises(outlay.errors.ModelError):
            outlay.from_pymc(wrong)


def test_a_saved_model_is_the_one_in_memory(command: str, tmp_path: Path) -> None:
    """Where files of the real library are at hand: the object and its file agree."""
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    folder = os.environ.get("OUTLAY_PYMC_MODELS", "")
    files = sorted(Path(folder).glob("*.nc")) if folder else []
    if not files:
        pytest.skip("no saved models of pymc-marketing: name their folder in OUTLAY_PYMC_MODELS")
    compared = 0
    for path in files:
        try:
            groups = {
                group: xarray.open_dataset(path, group=group, engine="h5netcdf").load()
                for group in ("posterior", "constant_data")
            }
        except OSError:  # a posterior without the model around it
            continue
        attrs = xarray.open_dataset(path, engine="h5netcdf").attrs
        told = outlay.from_pymc(FittedModel(Held(groups, attrs))).to_dict()
        out = tmp_path / f"{path.stem}.json"
        printed(command, "import", str(path), "--out", str(out))
        saved = json.loads(out.read_text())
        assert {**told, "source": saved["source"]} == saved, path
        compared += 1
    assert compared > 0


MERIDIAN = PROJECT / "tests" / "exchange" / "data" / "meridian_national.binpb"


def test_a_saved_model_is_that_of_the_command_line(command: str, tmp_path: Path) -> None:
    for options, asked in (({}, []), ({"steady": True}, ["--steady"])):
        out = tmp_path / f"curves{len(asked)}.json"
        printed(command, "import", str(MERIDIAN), "--currency", "EUR", *asked, "--out", str(out))
        for model in (MERIDIAN, MERIDIAN.read_bytes()):
            library = outlay.import_model(model, currency="EUR", **options)
            # A library names the file it was read from.
            mine, told = library.to_dict(), json.loads(out.read_text())
            assert mine["curves"] == told["curves"] and library.notes
    for wrong in (b"", b"{}", MERIDIAN.read_bytes()[:2000]):
        with pytest.raises(outlay.OutlayError):
            outlay.import_model(wrong)


def test_a_model_of_meridian_in_memory_is_the_one_it_saves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meridian itself is large: its writer is stood in for by what it wrote."""
    saved = MERIDIAN.read_bytes()

    class Model:
        inference_data = None

    class MeridianSerde:
        def serialize(self, model: object) -> MeridianSerde:
            assert isinstance(model, Model)
            return self

        def SerializeToString(self) -> bytes:
            return saved

    for name in ("meridian", "meridian.schema", "meridian.schema.serde", "meridian.schema.serde.meridian_serde"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    serde = sys.modules["meridian.schema.serde"]
    serde.meridian_serde = sys.modules["meridian.schema.serde.meridian_serde"]  # type: ignore[attr-defined]
    serde.meridian_serde.MeridianSerde = MeridianSerde  # type: ignore[attr-defined]
    assert outlay.from_meridian(Model(), currency="EUR") == outlay.import_model(saved, currency="EUR")
    with pytest.raises(outlay.errors.ModelError, match="give a fitted Meridian"):
        outlay.from_meridian(3)
