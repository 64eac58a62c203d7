"""The processes that `up` starts."""

import sys
from pathlib import Path

import pytest
from housing_price.plan import Options, plan_processes


def test_only_the_model_server_waits_for_another_process() -> None:
    waiting = {process.name: process.starts_after for process in plan_processes(Options(), {})}

    assert waiting == {
        "mlflow-server": None,
        "training": None,
        "model-server": "training",
        "orchestrator": None,
    }


def test_processes_run_in_this_interpreter_and_only_training_finishes() -> None:
    processes = plan_processes(Options(), {})

    assert {process.command[:2] for process in processes} == {(sys.executable, "-m")}
    assert [process.name for process in processes if process.finishes] == ["training"]


def test_training_gets_only_what_the_user_chose() -> None:
    training = plan_processes(Options(), {})[1]

    assert training.command[2:] == ("housing_price_model", "train", "--if-needed")


def test_all_servers_listen_on_the_host_and_wildcards_reach_loopback() -> None:
    options = Options(host="0.0.0.0")
    servers = [process for process in plan_processes(options, {}) if process.ready_url]

    assert all(process.command[process.command.index("--host") + 1] == "0.0.0.0" for process in servers)
    assert options.api_url == "http://127.0.0.1:8000"


def log_format(environment: dict[str, str]) -> str | None:
    return plan_processes(Options(), environment)[3].environment.get("ORCHESTRATOR_LOG__FORMAT")


def test_the_log_is_text_unless_the_user_chose_a_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert log_format({}) == "text"
    assert log_format({"ORCHESTRATOR_LOG__FORMAT": "json"}) == "json"

    Path(".env").write_text("ORCHESTRATOR_LOG__FORMAT=json\n")
    assert log_format({}) is None
