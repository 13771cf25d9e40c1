"""Every public function has an example, and the examples are run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import outlay
import outlay.spark

# Packages that the functions for clusters use where they are installed.
ABSENT = ["--ignore-missing-imports"]
MODULES = [
    f"outlay{part}"
    for part in ("", ".answers", ".errors", ".experiments", ".libraries", ".quarter", ".questions", ".spark")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_say_what_happens(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.failed == 0 and found.attempted > 0


def test_every_public_function_has_an_example() -> None:
    functions = [getattr(outlay, name) for name in outlay.__all__ if name != "errors"]
    functions = [f for f in functions if inspect.isfunction(f)]
    assert len(functions) >= 8
    for function in functions:
        assert ">>> " in (inspect.getdoc(function) or ""), function.__name__


def test_types_are_checked_strictly(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    package = Path(outlay.__file__).parent
    assert (package / "py.typed").exists() and (package / "_outlay.pyi").exists()
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", "--no-incremental", *ABSENT, "-p", "outlay"],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_stubs_say_what_the_module_has() -> None:
    """Names and parameters of the stub are those of the native module."""
    pytest.importorskip("mypy")
    stubtest = [sys.executable, "-m", "mypy.stubtest", "outlay._outlay", "--ignore-missing-stub"]
    done = subprocess.run(stubtest, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
