"""A missing server skips a test on a developer's machine, and fails it in CI on Linux."""

import machine
import pytest


@pytest.fixture(autouse=True)
def _nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "why_missing", lambda what: f"{what} is not installed")


def test_a_missing_server_skips_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="redis is not installed"):
        machine.demand("redis")


@pytest.mark.parametrize(("platform", "outcome"), [("linux", pytest.fail.Exception), ("darwin", pytest.skip.Exception)])
def test_in_ci_on_linux_a_missing_server_fails(
    monkeypatch: pytest.MonkeyPatch, platform: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr("sys.platform", platform)

    with pytest.raises(outcome, match="redis is not installed"):
        machine.demand("redis")


def test_what_is_there_is_demanded_in_ci_without_consequence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(machine, "why_missing", lambda what: None)

    machine.demand("redis")
