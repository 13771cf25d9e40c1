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
from .experiments import Design, Lift, Tests, design, lift, next_test
from .libraries import Library, curves, fit, from_meridian, from_pymc, import_model
from .quarter import Replan, Track, replan, track
from .questions import check, compare, frontier, judge, read, schema, solve, verify, what_ifs

__all__ = [
    "Answer",
    "Check",
    "Comparison",
    "Design",
    "Diagnostic",
    "Frame",
    "Frontier",
    "Judgement",
    "Library",
    "Lift",
    "OutlayError",
    "Plan",
    "Record",
    "Replan",
    "Scenario",
    "Tests",
    "Track",
    "Verdict",
    "__version__",
    "check",
    "compare",
    "curves",
    "design",
    "errors",
    "fit",
    "from_meridian",
    "from_pymc",
    "frontier",
    "import_model",
    "judge",
    "lift",
    "next_test",
    "read",
    "replan",
    "schema",
    "solve",
    "track",
    "verify",
    "what_ifs",
]
