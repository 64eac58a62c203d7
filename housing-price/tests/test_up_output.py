"""What `up` writes: lines of processes, the announcement, its errors."""

import io
import json
import shlex
from typing import Any

import pytest
from housing_price.announcement import example_request, ready_lines
from housing_price.console import PrefixedConsole
from housing_price.plan import Options
from rich.console import Console
from supervised_processes.errors import ChildEndedError

REQUIRED = {
    *("id", "lotArea", "overallQual", "overallCond", "yearBuilt", "yearRemodAdd", "firstFlrSf", "grLivArea"),
    *("moSold", "yrSold", "neighborhood", "bldgType", "houseStyle", "msSubClass"),
}


def champion(**changes: Any) -> dict[str, Any]:
    data = {"source": "sample", "sha256": "ab" * 32, "rows": 1460, "generated": True}
    return {"name": "housing-price", "version": "1", "alias": "champion", "recipe": "default", "data": data} | changes


def told(model: dict[str, Any] | None) -> str:
    return "\n".join(ready_lines(Options(), model))


def test_generated_data_are_called_generated() -> None:
    assert "GENERATED" in told(champion())


def test_real_data_are_not_called_generated() -> None:
    real = {"source": "sales.csv", "sha256": "cd" * 32, "rows": 2930, "generated": False}

    assert "sales.csv, 2,930 sales (sha256 cdcdcdcdcdcd)" in told(champion(data=real))
    assert "GENERATED" not in told(champion(data=real))


@pytest.mark.parametrize("model", [None, {}, {"data": {}}, {"data": "unknown", "version": None}])
def test_a_model_server_that_tells_little_spoils_nothing(model: dict[str, Any] | None) -> None:
    assert "http://127.0.0.1:8000/docs" in told(model)


def test_the_request_holds_the_required_fields_alone_on_one_line() -> None:
    request = example_request(Options(port=8123))

    assert "\n" not in request
    assert "http://127.0.0.1:8123/api/v1/price/predict" in shlex.split(request)
    assert json.loads(shlex.split(request)[-1]).keys() == REQUIRED


def written(line: str, **of_console: Any) -> str:
    out = io.StringIO()
    console = PrefixedConsole(Console(file=out, width=40, **of_console), ["api", "mlflow-server"])
    console.awaiting(["api"])
    console.show("api", line)
    console.awaiting([])
    return out.getvalue()


def test_a_line_is_neither_wrapped_nor_read_as_markup() -> None:
    line = "[bold]" + "x" * 200 + "[/] :smile: 1.0 None"

    assert written(line) == f"api           | {line}\n"


def test_without_a_terminal_there_are_no_colours_and_no_spinner() -> None:
    assert written("\x1b[31mred\x1b[0m") == "api           | red\n"


def test_on_a_terminal_names_are_coloured_and_what_is_awaited_is_shown() -> None:
    out = written("hello", force_terminal=True, color_system="standard")

    assert "\x1b[36mapi           | \x1b[0mhello" in out
    assert "waiting for api" in out


@pytest.mark.parametrize(
    ("code", "spelled"),
    [(3, "exit code 3"), (137, "exit code 137 (SIGKILL)"), (-9, "exit code -9 (SIGKILL)"), (0, "exit code 0")],
)
def test_an_exit_code_names_its_signal(code: int, spelled: str) -> None:
    message = str(ChildEndedError(name="model-server", exit_code=code, last_lines=["last words"]))

    assert message == f"model-server ended with {spelled}, so everything was stopped\n  last words"
