"""A file of mode 600 that belongs to another user is named by every command that reads it, in one line."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from command_line.program import run
from foreign_files import make_unreadable
from housing_price_model.cli.app import app as model
from housing_price_orchestrator.cli.main import app as orchestrator
from mlflow_server.cli import app as mlflow
from typer import Typer

FILE = "mounted"


@pytest.mark.parametrize(
    ("app", "command"),
    [
        (model, ("train", "--data", FILE)),
        (model, ("train", "--params", FILE)),
        (model, ("run", "--config", FILE)),
        (model, ("predict", FILE)),
        (orchestrator, ("flows", "check", FILE)),
        (orchestrator, ("keys", "list")),
        (mlflow, ("--port", "1", "--backend-store-password-file", FILE)),
    ],
    # An application has no name that is the same in each process.
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "command",
)
def test_a_file_that_belongs_to_another_user_is_named_with_owner_and_remedy(
    app: Typer,
    command: Sequence[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / FILE
    file.touch(mode=0o600)
    make_unreadable(file, monkeypatch)
    monkeypatch.setenv("ORCHESTRATOR_KEYS__FILE", str(file))

    with pytest.raises(SystemExit) as ended:
        run(app, "command", [str(file) if word == FILE else word for word in command])

    said = capsys.readouterr().err
    assert ended.value.code not in (0, None)
    assert f"{file} belongs to user " in said
    assert "with mode 600" in said
    assert said.count("\n") == 1
