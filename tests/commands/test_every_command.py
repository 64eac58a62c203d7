"""Every command of every program: what their users see before anything starts."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from command_line.help import Group
from command_line.invocation import as_typed
from command_line.program import run
from housing_price import cli as housing_price
from housing_price_model.cli import app as housing_price_model
from housing_price_orchestrator.cli import main as housing_price_orchestrator
from mlflow_server import cli as mlflow_server
from typer import Typer
from typer.main import get_command

PROGRAMS = {
    module.NAME: module.app
    for module in (housing_price, housing_price_model, housing_price_orchestrator, mlflow_server)
}


def walk(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    if isinstance(command, Group):
        for name, each in command.commands.items():
            yield from walk((*path, name), each)


COMMANDS = {
    " ".join(path): command for name, app in PROGRAMS.items() for path, command in walk((name,), get_command(app))
}
NUMBERS = {
    f"{path} {parameter.opts[0]}": parameter
    for path, command in COMMANDS.items()
    for parameter in command.params
    if parameter.type_descriptor.annotation in (int, float)
}
HOSTS = [path for path, command in COMMANDS.items() if any("--host" in each.opts for each in command.params)]


def call(line: str, capsys: pytest.CaptureFixture[str]) -> tuple[object, str, str]:
    name, *arguments = shlex.split(line)
    app: Typer = PROGRAMS[name]
    with pytest.raises(SystemExit) as ended:
        run(app, name, arguments)
    return ended.value.code, *capsys.readouterr()


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")


def test_the_commands_of_every_program_are_found() -> None:
    assert {"housing-price up", "housing-price-orchestrator keys add", "mlflow-server"} < COMMANDS.keys()
    assert len(COMMANDS) > 20


@pytest.mark.parametrize("line", COMMANDS)
def test_help_of_every_command_is_whole_at_80_columns(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, shown, _ = call(f"{line} --help", capsys)

    assert code == 0
    assert not any(odd in shown for odd in "…<>")
    assert max(map(len, shown.splitlines())) <= 80
    words = re.split(r"[\s,;\[\]]+", shown)
    for parameter in COMMANDS[line].params:
        variables = parameter.envvar or []
        named = [*(parameter.opts if parameter.param_type_name == "option" else [parameter.metavar])]
        assert {*named, *([variables] if isinstance(variables, str) else variables)} <= {*words}
        if parameter.default not in (None, "", False) and parameter.show_default:
            assert str(parameter.default) in words


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_knows_the_short_form_of_help(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(f"{line} -h", capsys) == call(f"{line} --help", capsys)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_says_its_version(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(f"{name} --version", capsys) == (0, f"{name} 0.1.0\n", "")


@pytest.mark.parametrize("line", COMMANDS)
def test_an_unknown_option_of_any_command_is_one_line(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, shown, told = call(f"{line} --no-such-option", capsys)

    assert (code, shown) == (2, "")
    assert told == f"{line}: No such option: --no-such-option; `{as_typed(line)} --help` shows what it takes\n"


@pytest.mark.parametrize("where", NUMBERS)
def test_a_number_out_of_reason_is_one_line(where: str, capsys: pytest.CaptureFixture[str]) -> None:
    line, option = where.rsplit(" ", 1)
    parameter = NUMBERS[where]
    assert parameter.min is not None
    assert parameter.max is not None

    for extreme in ("-1", str(parameter.max + 1), "9" * 400, "1e400", "nan", "inf", "-inf", "", "1_0x", "٣" * 30):
        given = f"{option}={shlex.quote(extreme)}" if option.startswith("-") else f"-- {shlex.quote(extreme)}"
        code, shown, told = call(f"{line} {given}", capsys)

        assert (code, shown) == (2, ""), extreme
        assert told.count("\n") == 1
        assert told.startswith(f"{line}: Invalid value for")


@pytest.mark.parametrize("host", ["", "a b", "a\nb", "é..", "x" * 300])
@pytest.mark.parametrize("line", HOSTS)
def test_a_text_that_can_be_no_host_is_one_line(line: str, host: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, shown, told = call(f"{line} --host {shlex.quote(host)}", capsys)

    assert (code, shown) == (2, "")
    assert told.startswith(f"{line}: Invalid value for '--host'")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        "housing-price-model train --experiment",
        "housing-price-model tune --study",
        "housing-price-model promote 1 --force",
    ],
)
def test_an_empty_name_is_one_line(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, shown, told = call(f"{line} ' '", capsys)

    assert (code, shown, told.count("\n")) == (2, "", 1)
    assert "must not be empty" in told
