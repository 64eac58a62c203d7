"""Messages of errors."""

import pytest
from supervised_processes.errors import ChildEndedError


@pytest.mark.parametrize(
    ("code", "spelled"),
    [(3, "exit code 3"), (137, "exit code 137 (SIGKILL)"), (-9, "exit code -9 (SIGKILL)"), (0, "exit code 0")],
)
def test_an_exit_code_names_its_signal(code: int, spelled: str) -> None:
    message = str(ChildEndedError(name="model-server", exit_code=code, last_lines=["last words"]))

    assert message == f"model-server ended with {spelled}, so everything was stopped\n  last words"
