"""What `up` decides before it starts anything."""

import socket
import sys
from pathlib import Path

import pytest
from housing_price.errors import PlaceTakenError, UsageError
from housing_price.plan import Options, planned_processes
from housing_price.ports import connectable, require_free_ports
from housing_price.state_lock import locked_state
from supervised_processes.environment import child_environment, ignored_variables


def test_only_the_model_server_waits_for_another_process() -> None:
    waiting = {process.name: process.starts_after for process in planned_processes(Options(), {})}

    assert waiting == {
        "mlflow-server": None,
        "training": None,
        "model-server": "training",
        "orchestrator": None,
    }


def test_every_process_runs_in_this_interpreter_and_only_training_finishes() -> None:
    processes = planned_processes(Options(), {})

    assert {process.command[:2] for process in processes} == {(sys.executable, "-m")}
    assert [process.name for process in processes if process.finishes] == ["training"]


def test_training_is_told_nothing_that_the_user_has_not_chosen() -> None:
    training = planned_processes(Options(), {})[1]

    assert training.command[2:] == ("housing_price_model", "train", "--if-needed")


def test_a_host_is_for_every_server_and_wildcards_are_reached_by_loopback() -> None:
    options = Options(host="0.0.0.0")
    servers = [process for process in planned_processes(options, {}) if process.ready_url]

    assert all(process.command[process.command.index("--host") + 1] == "0.0.0.0" for process in servers)
    assert options.api_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("host", "reached"), [("127.0.0.1", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("10.0.0.5", "10.0.0.5")]
)
def test_a_host_is_spelled_as_a_url_needs_it(host: str, reached: str) -> None:
    assert connectable(host) == reached


def test_a_proxy_of_the_user_is_passed_by_on_loopback() -> None:
    environment = child_environment({"HTTP_PROXY": "http://proxy.example", "no_proxy": "intern.example"})

    assert environment["NO_PROXY"] == environment["no_proxy"] == "intern.example,127.0.0.1,localhost,::1"
    assert environment["HTTP_PROXY"] == "http://proxy.example"


def test_variables_of_mlflow_are_dropped_and_named() -> None:
    of_user = {"MLFLOW_REGISTRY_URI": "x", "_MLFLOW_SERVER_FILE_STORE": "y", "HOME": "/home/alice"}

    assert ignored_variables(of_user) == ["MLFLOW_REGISTRY_URI", "_MLFLOW_SERVER_FILE_STORE"]
    assert not of_user.keys() & child_environment(of_user).keys() - {"HOME"}


def test_a_change_wins_over_what_the_user_has_set() -> None:
    assert child_environment({"OMP_NUM_THREADS": "8"}, OMP_NUM_THREADS="1")["OMP_NUM_THREADS"] == "1"


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(PlaceTakenError, match=r"cannot listen on 192\.0\.2\.1 port 8000"):
        require_free_ports("192.0.2.1", {"--port": 8000})


def test_free_ports_are_left_free() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    require_free_ports("127.0.0.1", {"--port": port})
    require_free_ports("127.0.0.1", {"--port": port})


def test_equal_ports_name_both_options() -> None:
    with pytest.raises(UsageError, match="--port and --mlflow-port"):
        require_free_ports("127.0.0.1", {"--port": 1, "--mlflow-port": 1})


def test_a_state_folder_is_held_by_one_and_free_again_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "state"
    taken = pytest.raises(PlaceTakenError, match="choose another folder with --state-dir")

    with locked_state(folder), taken, locked_state(folder):
        pass

    with locked_state(folder):
        pass


def log_format(environment: dict[str, str]) -> str | None:
    return planned_processes(Options(), environment)[3].environment.get("ORCHESTRATOR_LOG__FORMAT")


def test_the_log_is_for_people_unless_the_user_has_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert log_format({}) == "text"
    assert log_format({"ORCHESTRATOR_LOG__FORMAT": "json"}) == "json"

    Path(".env").write_text("ORCHESTRATOR_LOG__FORMAT=json\n")
    assert log_format({}) is None
