"""What the command makes of its options and variables, without a server."""

from pathlib import Path

import pytest
from mlflow_server import server
from mlflow_server.cli import app
from mlflow_server.settings import Settings
from service_links import links_of
from typer.testing import CliRunner, Result


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings that the server would run with."""
    found: list[Settings] = []
    monkeypatch.setattr(server, "serve", found.append)
    return found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize("service", ["MLFLOW", "MLFLOW_SERVER"])
def test_variables_that_kubernetes_wrote_are_skipped_with_one_line(
    service: str, served: list[Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in (links_of(service) | {"PORT": "9123"}).items():
        monkeypatch.setenv(name, value)

    done = run("--state-dir", str(tmp_path))

    assert done.exit_code == 0, done.output
    assert [settings.port for settings in served] == [9123]
    assert done.stderr.count("\n") == 1
    assert all(name in done.stderr for name in links_of(service))


def test_its_own_variable_for_the_port_still_counts(served: list[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_PORT", "9124")

    assert run().stderr == ""
    assert [settings.port for settings in served] == [9124]
