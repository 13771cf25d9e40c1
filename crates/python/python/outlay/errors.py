"""What can go wrong, with its places and remedies.

Every exception that Outlay raises is an :class:`OutlayError`. That no plan
exists is an answer, not an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Sequence

__all__ = [
    "ActualsError",
    "ArgumentError",
    "ComparisonError",
    "Diagnostic",
    "ExperimentError",
    "FileError",
    "FitError",
    "FrontierError",
    "HandPlanError",
    "HistoryError",
    "InternalError",
    "ModelError",
    "OutlayError",
    "ProblemError",
    "RecordError",
    "ReplanError",
    "ScenarioError",
    "UnsupportedError",
]


@dataclass(frozen=True)
class Diagnostic:
    """One thing wrong, and where."""

    message: str
    """What is wrong, what is allowed, and what was probably meant."""
    file: str = ""
    """The file; `scenario.json` or `scenario.toml` for one handed over in memory."""
    line: Optional[int] = None
    """Line, from 1."""
    column: Optional[int] = None
    """Column in characters, from 1."""
    field: str = ""
    """The field, as a path like `limits.CAC.max`; empty for the whole file."""
    remedy: Optional[str] = None
    """What to write instead, where that can be told."""


class OutlayError(Exception):
    """Why something cannot be done.

    >>> import outlay
    >>> try:
    ...     outlay.solve({"outlay": 1, "lines": [{"name": "tv", "curv": {}}]})
    ... except outlay.OutlayError as error:
    ...     print(type(error).__name__, error.diagnostics[0].field, error.diagnostics[0].remedy)
    ScenarioError lines.tv curve
    """

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message, list(diagnostics))
        self.message = message
        self.diagnostics: list[Diagnostic] = list(diagnostics)

    def __str__(self) -> str:
        return self.message


class ScenarioError(OutlayError, ValueError):
    """A scenario or a curve library is wrong."""


class ArgumentError(OutlayError, ValueError):
    """An argument of a call is wrong."""


class RecordError(OutlayError, ValueError):
    """A saved result, or the scenario it was made from, cannot be used."""


class HistoryError(OutlayError, ValueError):
    """A history, a lift test or a judgement is wrong."""


class FitError(OutlayError, ValueError):
    """No curves can be fitted to a history."""


class ExperimentError(OutlayError, ValueError):
    """A test in markets cannot be read or designed."""


class HandPlanError(OutlayError, ValueError):
    """A plan made by hand cannot be read."""


class ActualsError(OutlayError, ValueError):
    """What happened cannot be read."""


class ComparisonError(OutlayError, ValueError):
    """Results cannot be compared."""


class FrontierError(OutlayError, ValueError):
    """There is no frontier."""


class ReplanError(OutlayError, ValueError):
    """The rest cannot be planned again."""


class ModelError(OutlayError, ValueError):
    """A model of another program cannot be read as curves."""


class ProblemError(OutlayError, ValueError):
    """A problem makes no sense whatever its numbers."""


class FileError(OutlayError, OSError):
    """A file cannot be read."""


class UnsupportedError(OutlayError, NotImplementedError):
    """Something that is not done for this kind of scenario or answer."""


class InternalError(OutlayError, RuntimeError):
    """A fault in Outlay itself."""
