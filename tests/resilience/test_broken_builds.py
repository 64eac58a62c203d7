"""The tests of this folder see what they are for: a build that is broken on purpose turns exactly its own tests red."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.resilience, pytest.mark.slow, pytest.mark.timeout(900)]

FILES = (
    "test_r01_r04_time_limits.py",
    "test_r05_r09_retries.py",
    "test_r15_r19_overload.py",
    "test_r30_merged_batches.py",
)


@pytest.mark.parametrize(("build", "red"), [("retry-without-budget", "r08"), ("batcher-that-strands", "r30")])
def test_a_broken_build_turns_its_own_tests_red_and_no_others(build: str, red: str) -> None:
    here = Path(__file__).parent
    files = [str(here / name) for name in FILES]
    support = here.parent / "support"

    options = ["-q", "-m", "resilience and not slow", "-p", "no:cacheprovider", "-p", "broken_builds"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--broken-build", build, *files],
        capture_output=True,
        text=True,
        check=False,
        cwd=here.parents[1],
        env=os.environ | {"PYTHONPATH": str(support)},
    )

    failed = re.findall(r"^FAILED \S+::test_(r\d+)_", ended.stdout, re.MULTILINE)
    assert failed, ended.stdout[-3000:] + ended.stderr[-1000:]
    assert set(failed) == {red}, ended.stdout[-3000:]
