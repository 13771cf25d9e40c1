"""Budget plans with proofs: incremental revenue that no plan within the limits beats.

>>> import outlay
>>> plan = outlay.solve("scenarios/funnel.toml")
>>> plan.status
'optimal'

See :func:`solve` for what a scenario can be, and `docs/python.md` of the
project for a tour.
"""

from . import errors
from ._outlay import Frame, Scenario, __version__
from .answers import Answer, Check, Comparison, Frontier, Judgement, Plan, Record, Verdict
from .errors import Diagnostic, OutlayError
from .libraries import Library, curves, fit, from_pymc
from .questions import check, compare, frontier, judge, read, schema, solve, verify, what_ifs

__all__ = [
    "Answer",
    "Check",
    "Comparison",
    "Diagnostic",
    "Frame",
    "Frontier",
    "Judgement",
    "Library",
    "OutlayError",
    "Plan",
    "Record",
    "Scenario",
    "Verdict",
    "__version__",
    "check",
    "compare",
    "curves",
    "errors",
    "fit",
    "from_pymc",
    "frontier",
    "judge",
    "read",
    "schema",
    "solve",
    "verify",
    "what_ifs",
]
