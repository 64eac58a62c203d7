"""The examples of flows as their README says: one command brings everything up, and each line answers as it shows."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic_core import from_json
from running_examples import FOLDER, ReadmeLine, RunningExamples, readme_lines, running_examples
from running_feast import why_no_feast

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]

LINES = readme_lines()


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningExamples]:
    if reason := why_no_feast():
        pytest.skip(reason)
    with running_examples(tmp_path_factory.mktemp("examples") / "state") as running:
        yield running


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.title)
def test_a_line_of_the_readme_answers_as_it_shows(examples: RunningExamples, line: ReadmeLine) -> None:
    done = subprocess.run(line.at(examples.url), capture_output=True, check=True, timeout=120)

    assert from_json(done.stdout) == line.answer


def test_the_lines_are_printed_for_the_addresses_that_were_asked_for(examples: RunningExamples) -> None:
    assert all(line.command.replace("http://127.0.0.1:8000", examples.url) in examples.text for line in LINES)


def test_the_execution_says_which_strategy_answered(examples: RunningExamples) -> None:
    quote = {"price": 200_000, "yearBuilt": 1961}
    answer = httpx.get(f"{examples.url}/api/v1/insurance/quote", params=quote).raise_for_status()
    execution = f"{examples.url}/api/v1/executions/{answer.headers['x-execution-id']}"

    for attempt in range(50):  # it is written down beside the request
        found = httpx.get(execution)
        if found.status_code == 200 or attempt == 49:
            break
    [step] = found.raise_for_status().json()["steps"]
    assert step["servedBy"].startswith("artifact: ")


def test_who_is_in_no_source_is_not_found(examples: RunningExamples) -> None:
    for what in ("credit-risk", "churn", "recommendations", "overview"):
        answer = httpx.get(f"{examples.url}/api/v1/customers/4711/{what}")
        assert answer.status_code == 404, what
    assert httpx.get(f"{examples.url}/api/v1/properties/4711/valuation").status_code == 404


def test_a_threshold_changes_the_label_alone(examples: RunningExamples) -> None:
    def risk(threshold: float) -> Any:
        url = f"{examples.url}/api/v1/customers/3/credit-risk"
        return httpx.get(url, params={"threshold": threshold}).raise_for_status().json()

    low, high = risk(0.01), risk(0.99)
    assert (low["risk"], high["risk"]) == ("defaults", "pays")
    assert low["probability"] == high["probability"]
    answer = httpx.get(f"{examples.url}/api/v1/customers/3/credit-risk", params={"threshold": 1.1})
    assert answer.status_code == 422


def test_ready_says_nothing_against_the_flows(examples: RunningExamples) -> None:
    checks = httpx.get(f"{examples.url}/ready").raise_for_status().json()["checks"]

    assert checks["flows"] == "passed"


def test_the_state_is_not_where_the_examples_are(examples: RunningExamples) -> None:
    assert {path.name for path in examples.state.iterdir()} >= {"flows", "models", "examples.db", "executions.db"}
    assert Path(examples.state).resolve() != (FOLDER / ".state").resolve()
