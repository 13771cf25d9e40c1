"""What the tests share: the project's scenarios, and its command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
SCENARIOS = PROJECT / "scenarios"


@pytest.fixture(autouse=True)
def at_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths of scenarios are those of the project."""
    monkeypatch.chdir(PROJECT)


@pytest.fixture(scope="session")
def command() -> str:
    """The command line of the same sources: $OUTLAY, or what was built last."""
    built = [PROJECT / "target" / profile / "outlay" for profile in ("release", "debug")]
    found = [os.environ.get("OUTLAY", ""), *map(str, built)]
    for path in found:
        if path and shutil.which(path):
            return path
    pytest.skip("the command line is not built: cargo build --release, or set OUTLAY")


def printed(command: str, *arguments: str, code: int = 0) -> bytes:
    """What the command line prints."""
    done = subprocess.run([command, *arguments], capture_output=True, cwd=PROJECT, timeout=300)
    assert done.returncode == code, done.stderr.decode()
    return done.stdout
