"""schemathesis against the own OpenAPI document and the real process: all its checks, and none finds anything."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from programmable import model_process
from running_orchestrator import orchestrator

pytestmark = pytest.mark.resilience

SETTINGS = Path(__file__).with_name("schemathesis.toml")
HOOKS = Path(__file__).parents[1] / "support"
SEED = "1"


def cases_run(folder: Path, *options: str) -> int:
    """How many cases were run; fails where one of them found something."""
    with (
        model_process("--records") as model,
        orchestrator(folder, PRICING_MODEL__URL=model.url) as (port, _),
    ):
        run = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS), "run", "--no-color"]
        what = ["--checks", "all", "--seed", SEED, "--generation-database", "none", "--continue-on-failure", *options]
        ended = subprocess.run(
            [*run, *what, f"http://127.0.0.1:{port}/openapi.json"],
            check=False,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(HOOKS)},
            capture_output=True,
            text=True,
        )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    generated = re.search(r"(\d+) generated", ended.stdout)
    assert generated, ended.stdout
    return int(generated[1])


def test_schemathesis_finds_nothing_in_some_hundred_cases(tmp_path: Path) -> None:
    assert cases_run(tmp_path, "--phases", "examples,fuzzing", "--max-examples", "110") >= 200


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_schemathesis_finds_nothing_in_five_thousand_cases(tmp_path: Path) -> None:
    assert cases_run(tmp_path, "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "400") >= 5_000
