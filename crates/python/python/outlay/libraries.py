"""Curve libraries: fitted here, read from models of other programs, or of one's own draws."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any, Callable, Iterable, Mapping, Optional, Sequence, Union

from . import _outlay
from ._outlay import Frame
from .errors import ArgumentError, ModelError

__all__ = ["Library", "curves", "fit", "from_meridian", "from_pymc", "import_model"]

Table = Union[str, "os.PathLike[str]", bytes, Any]
"""A table: a path, the bytes of a file, or a data frame."""
Period = Union[str, tuple[Any, Any]]


class Library:
    """Response curves by name, each with its carry-over and its draws.

    Outcomes are per period at steady spend per period. A scenario takes it as
    its `curves`; its lines name a curve each, or have the name of one.

    >>> import outlay
    >>> library = outlay.curves({"tv": {
    ...     "family": "michaelis_menten", "ceiling": [900.0, 1100.0], "half_saturation": 200.0,
    ...     "spend": [90.0, 110.0, 100.0]}}, unit="week")
    >>> library.names
    ['tv']
    >>> horizon = {"periods": 13, "unit": "week"}
    >>> lines = [{"name": "tv", "spend": {"current": 1300}}]
    >>> plan = outlay.solve(curves=library, horizon=horizon, lines=lines, budget={"max": 2600})
    >>> plan.uncertainty is not None
    True
    """

    def __init__(self, text: str, *, notes: Sequence[str] = (), told: str = "", page: str = "") -> None:
        self._text = text
        self.notes: list[str] = list(notes)
        """What was found, decided and left out, a sentence each."""
        self._told = told
        self._page = page

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Library:
        """A library that was saved, by `outlay fit --out` say."""
        return cls(_outlay.library(os.fspath(path), None))

    @classmethod
    def of(cls, library: str | Mapping[str, Any]) -> Library:
        """A library given as JSON or as a mapping like its file."""
        text = library if isinstance(library, str) else _outlay.to_json(library)
        return cls(_outlay.library(None, text))

    @property
    def names(self) -> list[str]:
        """The curves' names."""
        return [curve["name"] for curve in self.to_dict()["curves"]]

    @property
    def curves(self) -> Frame:
        """One row per curve: its marginal return with interval, what was observed, figures on the fit."""
        rows = []
        for curve in self.to_dict()["curves"]:
            row: dict[str, Any] = {"name": curve["name"], "outcome": curve["outcome"]}
            for part in ("marginal", "observed", "quality"):
                row.update({f"{part}.{name}": v for name, v in (curve.get(part) or {}).items()})
            row["draws"] = float(len(curve.get("draws", [])))
            row["warnings"] = ", ".join(w["code"] for w in curve.get("warnings", [])) or None
            rows.append(row)
        names = list(dict.fromkeys(name for row in rows for name in row))
        texts = ("name", "outcome", "warnings")
        columns = []
        for name in names:
            values = [row.get(name) for row in rows]
            if name in texts:
                columns.append((name, "text", values))
            else:
                columns.append((name, "number", [None if v is None else float(v) for v in values]))
        return _outlay.frame(columns, len(rows))

    def to_dict(self) -> dict[str, Any]:
        """The library as dictionaries and lists."""
        return dict(json.loads(self._text))

    def to_json(self) -> str:
        """The library's file: the same bytes as `outlay fit --out` and `outlay import --out`."""
        return self._text

    def to_text(self) -> str:
        """What the command line says of a fit; empty for a library that was not fitted here."""
        return self._told

    def to_html(self, path: Optional[str | os.PathLike[str]] = None) -> str:
        """A page with a picture per channel of a fit; empty for a library that was not fitted here."""
        if path is not None:
            Path(path).write_text(self._page, encoding="utf-8")
        return self._page

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Saves the library's file."""
        place = Path(path)
        place.write_text(self._text, encoding="utf-8", newline="")
        return place

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Library) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"<outlay.Library of {', '.join(self.names)}>"

    def _repr_html_(self) -> str:
        return self.curves._repr_html_()


def fit(
    history: Table,
    /,
    *,
    lift_tests: Optional[Table] = None,
    judgements: Optional[Table] = None,
    incrementality: Optional[Mapping[str, tuple[float, float]]] = None,
    update: Optional[Library] = None,
    currency: Optional[str] = None,
    sheet: Optional[str] = None,
    date: Optional[str] = None,
    channel: Optional[str] = None,
    market: Optional[str] = None,
    markets: str = "together",
    outcome: Optional[str] = None,
    outcome_is: Optional[str] = None,
    spend: str | Sequence[str] = (),
    control: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    overlap: str | Sequence[str] = (),
    makes: str | Sequence[str] = (),
    harvests: str | Sequence[str] = (),
    blank: Optional[str] = None,
    exclude: Iterable[Period] = (),
    by: Optional[str] = None,
    half_life: Optional[Mapping[str, tuple[float, float]]] = None,
    time: Optional[float] = None,
    level: float = 0.9,
    seed: int = 1,
    progress: Optional[Callable[[int], object]] = None,
) -> Library:
    """Response curves with carry-over, fitted to history and lift tests (`outlay fit`).

    `history`, `lift_tests` and `judgements` are paths, bytes of files, or data
    frames; columns are guessed from their names unless named. Markets are fitted
    `together`, as a panel, with curves of their own besides (`each`), or `summed`.
    Of channels in `overlap` it is estimated how far they reach the same people;
    of those in `makes`, how much of what they earn runs through the channels in
    `harvests`: one of the two, which the library then holds beside the curves.
    With `blank="zero"` empty cells of spend are nothing spent; they are an error
    otherwise. `incrementality`
    gives a channel's factor and its standard error, `half_life` the ends of
    what is believed with 90% probability, in periods, `exclude` spans to leave
    out (`"2020-03..2020-05"`, or pairs of dates). `by="week"` sums days. After
    `time` seconds the fit ends with what there is by then. `progress` is told
    the percentage done. What was read and decided stands in `notes`.

    >>> import datetime, outlay
    >>> monday = datetime.date(2024, 1, 1)
    >>> rows = ["week,revenue,tv_spend"]
    >>> for week in range(60):
    ...     spend = 100 + 13 * (week * 7 % 11)
    ...     rows.append(f"{monday + datetime.timedelta(weeks=week)},{1000 + 9 * spend ** 0.5},{spend}")
    >>> library = outlay.fit("\\n".join(rows).encode(), time=0.5)
    >>> library.names
    ['tv']
    """
    if outcome_is not in (None, "revenue", "customers"):
        raise ArgumentError(f"outcome_is: `{outcome_is}` is none of revenue, customers")
    if markets not in ("together", "each", "summed"):
        raise ArgumentError(f"markets: `{markets}` is none of together, each, summed")
    if blank not in (None, "zero"):
        raise ArgumentError(f"blank: `{blank}` is not zero")
    if by not in (None, "week"):
        raise ArgumentError(f"by: `{by}` is not week")
    wanted = {
        "sheet": sheet,
        "date": date,
        "channel": channel,
        "market": market,
        "outcome": outcome,
        "customers": None if outcome_is is None else outcome_is == "customers",
        "spend": _several(spend),
        "control": _several(control),
        "ignore": _several(ignore),
        "overlap": _several(overlap),
        "makes": _several(makes),
        "harvests": _several(harvests),
        "blank_is_zero": blank == "zero",
        "markets": markets,
        "exclude": [_span(period) for period in exclude],
        "by_week": by == "week",
        "half_life": [(name, *ends) for name, ends in (half_life or {}).items()],
        "incrementality": [(name, *pair) for name, pair in (incrementality or {}).items()],
        "currency": currency,
        "level": level,
        "seed": seed,
        "time": time,
    }
    earlier = None if update is None else update.to_json()
    found = _outlay.fit(_table(history), _table(lift_tests), _table(judgements), earlier, wanted, progress)
    notes = [line for line in found["notes"].splitlines() if line.strip()]
    return Library(found["library"], notes=notes, told=found["text"], page=found["page"])


def _several(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _table(table: Optional[Table]) -> Optional[object]:
    return os.fspath(table) if isinstance(table, os.PathLike) else table


def _span(period: Period) -> tuple[str, str]:
    """Both ends of a span of days, weeks, months, quarters or years."""
    first, last = period.split("..") if isinstance(period, str) and ".." in period else (
        (period, period) if isinstance(period, str) else period
    )
    return _named(first), _named(last)


def _named(period: Any) -> str:
    return period.isoformat()[:10] if hasattr(period, "isoformat") else str(period)


def curves(
    channels: Mapping[str, Mapping[str, Any]],
    /,
    *,
    currency: Optional[str] = None,
    unit: Optional[str] = None,
    source: Optional[str] = None,
) -> Library:
    """A library of one's own draws: the posterior of any model.

    For each channel a mapping with `family` and its parameters, each a number
    or an array with one number a draw (draw j of all channels belongs
    together), and

    - `spend`: what was spent in each period of the past (or one typical spend);
    - `outcome`: `revenue` (the default) or `customers`;
    - `adstock`: the weights of the carry-over from the spend on (none by default).

    Curves are outcome per period at steady spend per period. A curve is the mean
    of its draws, which are kept: plans are made on the mean, with intervals.

    >>> import outlay
    >>> library = outlay.curves({
    ...     "tv": {"family": "hill", "ceiling": [9.0, 11.0], "half_saturation": [4.0, 5.0], "shape": 1.0,
    ...            "spend": [3.0, 4.0], "adstock": [1.0, 0.5]},
    ... })
    >>> len(library.to_dict()["curves"][0]["draws"])
    2
    """
    given = []
    for name, channel in channels.items():
        fields = dict(channel)
        spend, outcome = fields.pop("spend", None), fields.pop("outcome", "revenue")
        adstock = fields.pop("adstock", [1.0])
        if spend is None:
            raise ArgumentError(f"{name}: give `spend`, what was spent in each period, or a typical one")
        given.append({
            "name": name,
            "outcome": outcome,
            "curve": fields,
            "spend": _floats(spend),
            "adstock": _floats(adstock),
        })
    return Library(_outlay.of_draws(given, currency, unit, source))


def _floats(values: Any) -> list[float]:
    return [float(values)] if isinstance(values, (int, float)) else [float(v) for v in values]


def from_pymc(
    model: Any,
    /,
    *,
    currency: Optional[str] = None,
    unit: Optional[str] = None,
    revenue_per_outcome: Optional[float] = None,
) -> Library:
    """The curves of a fitted model of pymc-marketing in memory, draw by draw.

    `model` is a fitted `MMM`, or its inference data. Nothing is written to disk;
    the recipe is that of `outlay import` for the file that `mmm.save(...)`
    writes, with the same result. Models whose response to spend is no curve per
    channel are refused with the reason (:class:`outlay.errors.ModelError`).

    >>> import outlay
    >>> class Unfitted:
    ...     idata = None
    >>> try:
    ...     outlay.from_pymc(Unfitted())
    ... except outlay.errors.ModelError as error:
    ...     print(error)
    the model has no posterior: fit it first
    """
    data = getattr(model, "idata", model)
    if data is None:
        raise ModelError("the model has no posterior: fit it first")
    try:
        posterior, constant = data["posterior"], data["constant_data"]
    except (KeyError, TypeError):
        raise ModelError(
            "no posterior with the model around it (scales, data, classes): give the fitted MMM, or its inference data"
        ) from None
    attributes = {str(name): str(value) for name, value in dict(data.attrs).items()}
    numbers: dict[str, tuple[list[int], bytes]] = {}
    texts: dict[str, list[str]] = {}
    for group, held in (("posterior", posterior), ("constant_data", constant)):
        for name in [*held.data_vars, *held.coords]:
            array = held[name].values
            path = f"{group}/{name}"
            if array.dtype.kind == "M":
                days = array.astype("datetime64[D]")
                first = days.reshape(-1)[0]
                attributes[f"{path}@units"] = f"days since {first}"
                array = (days - first).astype("int64")
            if array.dtype.kind in "OUST":
                texts[path] = [str(text) for text in array.reshape(-1)]
            elif array.dtype.kind in "fiub":
                numbers[path] = (list(array.shape), array.astype("<f8").tobytes())
    text, notes = _outlay.from_pymc(
        type(model).__name__, attributes, numbers, texts, currency, unit, revenue_per_outcome
    )
    return Library(text, notes=notes)


def import_model(
    model: Table,
    /,
    *,
    currency: Optional[str] = None,
    unit: Optional[str] = None,
    revenue_per_outcome: Optional[float] = None,
    periods: Optional[int] = None,
    steady: bool = False,
) -> Library:
    """The curves of a model that another program saved (`outlay import`).

    `model` is a path or the bytes of a file: PyMC-Marketing (`.nc`), Meridian
    (`.binpb`, or its response curves), Robyn (`.json`); the format is found from
    the content. `periods` says how many periods totals over a window cover, and
    `steady` asks for curves at the same spend in every period, where a model
    knows how its spend was flown.

    >>> import outlay
    >>> try:
    ...     outlay.import_model(b"not a model")
    ... except outlay.errors.ModelError as error:
    ...     print(type(error).__name__)
    ModelError
    """
    text, notes = _outlay.import_model(
        _table(model), currency, unit, revenue_per_outcome, periods, steady
    )
    return Library(text, notes=notes)


def from_meridian(
    model: Any,
    /,
    *,
    currency: Optional[str] = None,
    revenue_per_outcome: Optional[float] = None,
    steady: bool = False,
) -> Library:
    """The curves of a fitted model of Meridian in memory, draw by draw.

    `model` is a fitted `Meridian`. It is handed over in the format of Meridian's
    own `save_meridian(...)`, without a file, so that the library is the one that
    :func:`import_model` makes of that file.

    >>> import outlay
    >>> try:
    ...     outlay.from_meridian(object())
    ... except outlay.errors.ModelError as error:
    ...     print("give a fitted Meridian" in str(error))
    True
    """
    if not hasattr(model, "inference_data"):
        raise ModelError(f"a `{type(model).__name__}` is no model of Meridian: give a fitted Meridian")
    try:
        from meridian.schema.serde import meridian_serde  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        raise ModelError(f"Meridian's own writer cannot be used: {error}") from error
    saved: bytes = meridian_serde.MeridianSerde().serialize(model).SerializeToString()
    return import_model(saved, currency=currency, revenue_per_outcome=revenue_per_outcome, steady=steady)
