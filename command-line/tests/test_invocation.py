"""Hints that work where their reader stands."""

from collections.abc import Callable
from pathlib import Path

import pytest
from command_line.failures import say
from command_line.invocation import as_typed, type_hints

HINT = "start one with `mlflow-server`, or `housing-price-model train --promote`: `mlflow-server.db` is no command"


@pytest.fixture
def path_of(tmp_path: Path) -> Callable[..., str]:
    """A search path with these programs."""

    def make(*programs: str) -> str:
        for program in programs:
            (tmp_path / program).touch(mode=0o755)
        return str(tmp_path)

    return make


def test_in_a_checkout_hints_go_through_uv(path_of: Callable[..., str]) -> None:
    by_uv = {"PATH": path_of("mlflow-server", "housing-price-model"), "UV_RUN_RECURSION_DEPTH": "1"}

    assert type_hints(HINT, by_uv) == (
        "start one with `uv run mlflow-server`, or `uv run housing-price-model train --promote`:"
        " `mlflow-server.db` is no command"
    )


def test_as_a_module_beside_uv_hints_go_through_uv(path_of: Callable[..., str]) -> None:
    assert as_typed("housing-price up", {"PATH": path_of("uv")}) == "uv run housing-price up"


def test_in_an_image_or_an_activated_environment_hints_are_plain(path_of: Callable[..., str]) -> None:
    assert as_typed("mlflow-server", {"PATH": path_of()}) == "mlflow-server"
    assert type_hints(HINT, {"PATH": path_of("uv", "mlflow-server", "housing-price-model")}) == HINT


def test_what_a_command_says_has_hints_that_work(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_RUN_RECURSION_DEPTH", "1")

    say("no champion: `housing-price-model promote VERSION`")

    assert capsys.readouterr().err == "no champion: `uv run housing-price-model promote VERSION`\n"
