"""Programs as their users see them: help, version, mistakes, and the end."""

import errno
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated

import pytest
import typer
from command_line.choices import describe_unknown, list_names
from command_line.failures import describe_os_error, naming
from command_line.output import format_json, make_console, make_output_safe
from command_line.program import add_command, make_group, make_program, run

LONG_DEFAULT = "models:/a-name-that-is-rather-long/with-hyphens-at-which-it-could-break@champion"


def grind(
    *,
    source: Annotated[str, typer.Option(help="What to grind.", envvar="MILL_SOURCE_WITH_A_LONG_NAME")] = LONG_DEFAULT,
    stones: Annotated[int, typer.Option(min=1, max=9, help="Number of stones.")] = 2,
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="How long.")] = 1.0,
    wet: Annotated[bool, typer.Option("--wet", help="Add water.")] = False,
) -> None:
    """Grind corn, slowly."""


def ending(action: Callable[[], object]) -> typer.Typer:
    """A program whose command `act` does this."""
    app = make_program("command-line", help="A mill.", epilog="Mills need wind.")
    group = make_group(help="What mills do.")
    add_command(group, grind)
    app.add_typer(group, name="do")

    def act() -> None:
        action()

    add_command(app, act)
    return app


def refuse(error: BaseException) -> Callable[[], object]:
    def action() -> None:
        raise error

    return action


def exit_code(app: typer.Typer, *arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        run(app, "mill", arguments)
    return ended.value.code


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_whole_at_80_columns(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(ending(print), "do", "grind", option) == 0

    shown = capsys.readouterr().out
    assert shown.startswith("Usage: mill do grind [OPTIONS]\n\n  Grind corn, slowly.\n")
    assert LONG_DEFAULT in shown
    assert "MILL_SOURCE_WITH_A_LONG_NAME" in shown
    assert "--stones NUMBER " in shown
    assert "[default: 2; 1 to 9]" in shown
    assert "  --wet             Add water.\n" in shown
    assert not any(odd in shown for odd in "…<>")


def test_a_program_lists_its_commands_and_shows_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(ending(print), "--help") == 0
    assert "Commands:\n  act\n  do   What mills do.\n\nMills need wind.\n" in capsys.readouterr().out

    assert exit_code(ending(print), "--version") == 0
    assert capsys.readouterr().out == "command-line 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["do", "grind", "--stones", "0"],
            "mill do grind: Invalid value for '--stones': Input should be greater than or equal to 1",
        ),
        (["do", "grind", "--stones", "9" * 40], "mill do grind: Invalid value for '--stones'"),
        (
            ["do", "grind", "--seconds", "nan"],
            "mill do grind: Invalid value for '--seconds': Input should be",
        ),
        (["do", "grind", "--stone", "3"], "mill do grind: No such option: --stone"),
        (["do", "grnd"], "mill do: No such command 'grnd'. Did you mean 'grind'?"),
    ],
)
def test_a_wrong_option_is_one_line_that_leads_to_the_help(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(ending(print), *arguments) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(told)
    assert "--help" in line


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "no space is left"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "permission denied"),
        (errno.ENAMETOOLONG, "the name is too long"),
        (errno.EISDIR, "Is a directory"),
    ],
)
def test_what_the_operating_system_refuses_is_one_line_with_the_path(
    number: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = OSError(number, os.strerror(number), "/full/report.html")

    assert exit_code(ending(refuse(refused)), "act") == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mill: /full/report.html: {told}")


def test_a_full_disk_behind_the_error_of_a_library_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    of_library = RuntimeError("could not store")
    of_library.__cause__ = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/full/model")
    of_sqlite = sqlite3.OperationalError("database or disk is full")
    of_sqlite.sqlite_errorname = "SQLITE_FULL"

    assert exit_code(ending(refuse(of_library)), "act") == 1
    assert exit_code(ending(refuse(of_sqlite)), "act") == 1

    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("mill: /full/model: no space is left")
    assert second.startswith("mill: no space is left")


def test_a_full_disk_without_a_name_is_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=0 if folder == tmp_path else 10**9))

    told = describe_os_error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    assert told.startswith(f"{tmp_path}: no space is left on the disk")


def test_an_error_that_nobody_expected_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run(ending(lambda: 1 / 0), "mill", ["act"])


def test_ctrl_c_ends_a_command_quietly(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(ending(refuse(KeyboardInterrupt())), "act") == 130

    assert capsys.readouterr().err == ""


def test_a_write_that_fails_gets_the_name_of_its_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as failed, naming(tmp_path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    assert describe_os_error(failed.value).startswith(f"{tmp_path}: no space is left")


def test_json_stays_json_on_a_terminal_without_the_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))

    shown = format_json({"R²": "é…"})

    assert shown.isascii()
    assert json.loads(shown) == {"R²": "é…"}


def test_a_console_on_a_terminal_of_ascii_escapes_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii", write_through=True))

    make_output_safe({})
    make_console().print("R² 0.9 — München")

    assert written.getvalue() == b"R\\xb2 0.9 \\u2014 M\\xfcnchen\n"


@pytest.mark.parametrize(
    ("given", "made"), [({}, ":backslashreplace"), ({"PYTHONIOENCODING": "ascii:strict"}, "ascii:backslashreplace")]
)
def test_processes_of_a_command_survive_characters_too(given: dict[str, str], made: str) -> None:
    make_output_safe(given)

    assert given == {"PYTHONIOENCODING": made}


PROGRAM = """
import sys
from command_line.program import add_command, make_program, run

def act() -> None:
    print("R\\xb2 " * int(sys.argv[2]))

app = make_program("command-line", help="A mill.")
add_command(app, act, context_settings={"allow_extra_args": True})
run(app, "mill")
"""


def run_in_process(amount: int, output: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    command = [sys.executable, "-c", PROGRAM, "act", str(amount)]
    return subprocess.run(
        command,
        env=environment,
        text=True,
        check=False,
        stdout=output,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )


def test_no_command_dies_of_a_character() -> None:
    ended = run_in_process(1)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "R\\xb2 \n", "")


@pytest.mark.parametrize("amount", [1, 100_000])
def test_output_to_a_closed_pipe_ends_quietly(amount: int) -> None:
    read, written = os.pipe()
    os.close(read)
    try:
        ended = run_in_process(amount, written)
    finally:
        os.close(written)

    assert (ended.returncode, ended.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
@pytest.mark.parametrize("amount", [1, 100_000])
def test_output_to_a_full_disk_is_one_line(amount: int) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        ended = run_in_process(amount, full)
    finally:
        os.close(full)

    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("mill: ")
    assert "no space is left" in line


def test_a_name_that_nobody_offers_is_told_with_those_that_are() -> None:
    assert "pytest" in list_names("console_scripts")
    assert list_names("a-group-of-nobody") == []
    assert describe_unknown("--grain", "corn", ["oats", "rye"]) == "--grain corn: unknown; choose one of oats, rye"
    assert describe_unknown("--grain", "rye", ["oats", "rye"]) is None
    assert describe_unknown("--grain", "rye", []) is None
