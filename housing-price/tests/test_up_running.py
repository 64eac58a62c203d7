"""`up` while all goes well: what it shows, what it hands to its processes, how it stops."""

import json
import shlex
import signal
from typing import Any

import pytest

pytestmark = pytest.mark.integration


def test_ready_shows_addresses_champion_and_a_request_to_paste(up: Any) -> None:
    out = up.start().ready().out

    api, model, mlflow = up.ports
    assert f"http://127.0.0.1:{api}/docs" in out
    assert f"http://127.0.0.1:{mlflow}/#/experiments/7/runs" in out
    assert f"http://127.0.0.1:{model}" in out
    assert "housing-price version 3 (@champion)" in out
    assert "sample, 1,460 sales (sha256 0123456789ab): GENERATED" in out
    (request,) = [line for line in out.splitlines() if line.startswith("curl ")]
    assert json.loads(shlex.split(request)[-1])["lotArea"] == 11622
    assert f"http://127.0.0.1:{api}/api/v1/price/predict" in shlex.split(request)


def test_a_new_state_folder_is_announced_and_an_old_one_is_named(ups: Any) -> None:
    first, second = ups().start().ready(), ups()
    second.state = first.state
    first.send(signal.SIGTERM)
    first.exit_code()
    second.start().ready()

    new = f"up            | a new state folder, {first.state}, without models yet; --state-dir names another\n"
    assert new in first.out
    assert f"up            | state folder {first.state}\n" in second.out


def test_lines_of_processes_get_aligned_names(up: Any) -> None:
    out = up.start().ready().out

    assert "mlflow-server | listening on [red]its[/red] port\n" in out
    assert "training      | training on 1,460 sales\n" in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_and_exits_zero(up: Any, number: int) -> None:
    up.start().ready()
    up.send(number)

    assert up.exit_code() == 0
    assert up.err == ""


def test_ctrl_c_reaches_the_processes_only_through_up(up: Any) -> None:
    up.start().ready()
    up.press_ctrl_c()

    assert up.exit_code() == 0
    assert not list(up.folder.glob("*.interrupted"))


def test_ctrl_c_while_training_starts_no_model_server(up: Any) -> None:
    up.start(STAND_IN_TRAINING="takes long")
    up.story("training")
    up.press_ctrl_c()

    assert up.exit_code() == 0
    assert "model" not in up.started()


def test_a_second_ctrl_c_kills_a_stubborn_process(up: Any) -> None:
    up.start(STAND_IN_MLFLOW="stubborn").ready()

    up.press_ctrl_c_until_it_ends()

    assert up.exit_code() == 0
    assert "killed at once" in up.out


def test_children_of_processes_end_too(up: Any) -> None:
    up.start(STAND_IN_MODEL="has a child").ready()
    up.send(signal.SIGTERM)

    assert up.exit_code() == 0
    assert "child" in up.story("model")


def test_if_up_itself_is_killed_everything_ends(up: Any) -> None:
    up.start(STAND_IN_MODEL="has a child").ready()
    up.send(signal.SIGKILL)

    assert up.exit_code() == -signal.SIGKILL
    assert len(up.pids()) == 5


def test_if_uv_run_is_killed_everything_ends(up: Any) -> None:
    a_starter = ("sh", "-c", '"$@"; exit $?', "sh")
    up.start(through=a_starter, STAND_IN_MODEL="has a child", UV_RUN_RECURSION_DEPTH="1").ready()
    up.send(signal.SIGKILL)

    assert up.exit_code() == -signal.SIGKILL
    assert len(up.pids()) == 5


def test_variables_of_the_user_redirect_no_process(up: Any) -> None:
    up.start(
        MLFLOW_TRACKING_URI="http://elsewhere.example",
        MLFLOW_BACKEND_STORE_URI="postgresql://elsewhere.example/mlflow",
        PORT="1",
        PYTHONDONTWRITEBYTECODE="1",
        KEPT="yes",
    ).ready()

    _, model, mlflow = up.ports
    assert "ignores MLFLOW_BACKEND_STORE_URI, MLFLOW_TRACKING_URI" in up.out
    for name in ("mlflow", "training", "model", "orchestrator"):
        environment = up.story(name)["environment"]
        assert not {"MLFLOW_BACKEND_STORE_URI", "PORT", "PYTHONDONTWRITEBYTECODE"} & environment.keys()
        assert environment["KEPT"] == "yes"
    assert up.story("training")["environment"]["MLFLOW_TRACKING_URI"] == f"http://127.0.0.1:{mlflow}"
    assert up.story("model")["environment"]["OMP_NUM_THREADS"] == "1"
    address = up.story("orchestrator")["environment"]["ORCHESTRATOR_PRICING_MODEL__URL"]
    assert address == f"http://127.0.0.1:{model}"
