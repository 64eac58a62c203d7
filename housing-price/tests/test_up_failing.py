"""`up` when something is wrong: before it starts, and after."""

import os
import re
import signal
import socket
from typing import Any

import pytest

pytestmark = pytest.mark.integration


def only_line(text: str) -> str:
    (line,) = text.splitlines()
    return line


def test_a_process_that_dies_stops_the_rest(up: Any) -> None:
    up.start(STAND_IN_ORCHESTRATOR="dies")

    assert up.exit_code() == 1
    assert up.err.splitlines() == [
        "housing-price up: orchestrator ended with exit code 7, so everything was stopped",
        "  first the reason, in one line",
    ]


def test_a_process_that_is_killed_later_stops_the_rest(up: Any) -> None:
    up.start().ready()
    os.kill(up.story("model")["pid"], signal.SIGKILL)

    assert up.exit_code() == 1
    assert "model-server ended with exit code 137 (SIGKILL)" in up.err


def test_failed_training_starts_no_model_server(up: Any) -> None:
    up.start(STAND_IN_TRAINING="fails")

    assert up.exit_code() == 1
    assert "training ended with exit code 1" in up.err
    assert up.err.splitlines()[-1].strip() == "the file has no column SalePrice"
    assert "model" not in up.started()


def test_a_process_that_never_gets_ready_is_named(up: Any) -> None:
    up.start("--wait-seconds", "2", STAND_IN_ORCHESTRATOR="never ready")

    assert up.exit_code() == 1
    assert "up            | starting, which may take up to 2 s" in up.out
    assert "not ready within 2 s" in only_line(up.err)
    assert "orchestrator" in up.err


@pytest.mark.parametrize(("option", "index"), [("--port", 0), ("--model-port", 1), ("--mlflow-port", 2)])
def test_a_taken_port_is_one_line_and_nothing_starts(up: Any, option: str, index: int) -> None:
    with socket.create_server(("127.0.0.1", up.ports[index])):
        assert up.start().exit_code() == 1

    assert only_line(up.err) == (f"housing-price up: port {up.ports[index]} is taken: choose another with {option}")
    assert up.started() == []


def test_two_equal_ports_are_one_line(up: Any) -> None:
    up.ports[1] = up.ports[0]

    assert up.start().exit_code() == 2
    assert "choose different ones for --port and --model-port" in only_line(up.err)


def test_a_second_up_on_a_state_folder_names_the_first(ups: Any) -> None:
    first, second = ups().start().ready(), ups()
    second.state = first.state

    assert second.start().exit_code() == 1
    assert re.search(
        rf"in use by another `(uv run )?housing-price up` \(process {first.process.pid}\)", only_line(second.err)
    )
    assert second.started() == []


def test_the_state_folder_is_free_again_after_a_kill(ups: Any) -> None:
    first, second = ups().start().ready(), ups()
    second.state = first.state
    first.send(signal.SIGKILL)
    first.exit_code()

    second.start().ready()


def test_a_state_folder_that_cannot_be_made_is_one_line(up: Any) -> None:
    up.state = up.folder / "file" / "state"
    (up.folder / "file").touch()

    assert up.start().exit_code() == 1
    assert f"the state folder {up.state} cannot be used" in only_line(up.err)


def test_an_unknown_recipe_is_one_line_and_nothing_starts(up: Any) -> None:
    assert up.start("--recipe", "nope").exit_code() == 2

    assert only_line(up.err) == "housing-price up: --recipe nope: unknown; choose one of default, random-forest"
    assert up.started() == []
    assert not up.state.exists()


@pytest.mark.parametrize("data", ["missing.csv", "."])
def test_a_missing_data_file_is_one_line_and_nothing_starts(up: Any, data: str) -> None:
    assert up.start("--data", data).exit_code() == 2

    assert only_line(up.err).startswith(f"housing-price up: --data {data}: no such file")
    assert up.started() == []
    assert not up.state.exists()


def test_data_and_recipe_reach_training(up: Any) -> None:
    up.start("--data", "sample", "--empty", "none", "--recipe", "random-forest").ready()

    assert up.story("training")["arguments"] == (
        ["train", "--if-needed", "--data", "sample", "--empty", "none", "--recipe", "random-forest"]
    )
