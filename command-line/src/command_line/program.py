"""A program: commands that share `--version`, `-h` and how they end."""

import re
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Annotated, Any, NoReturn

import typer
from host_environment.files import describe_denied
from typer.main import get_command

from command_line.failures import INTERRUPTED, describe_os_error, find_full_disk, say
from command_line.help import Command, Group
from command_line.output import abandon_output, make_output_safe

_CLOSED_PIPE = 1
"""Nobody reads the output any more, as after `| head`. It is what Typer returns too."""

_DENIED = re.compile(r"[Pp]ath '([^']+)' is not readable")
"""How Typer reports a file that this user may not read."""

_HELP_NAMES = {"help_option_names": ["-h", "--help"]}


def make_program(name: str, *, help: str, epilog: str | None = None) -> typer.Typer:  # noqa: A002 - as Typer calls it
    """Make a program of several commands; `name` is also the package whose version it shows."""
    app = typer.Typer(
        name=name,
        cls=Group,
        help=help,
        epilog=epilog,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings=_HELP_NAMES,
    )

    @app.callback()
    def program(*, version: Annotated[bool, version_option(name)] = False) -> None:
        pass

    return app


def make_command(name: str, function: Callable[..., None]) -> typer.Typer:
    """Make a program that is a single command."""
    app = typer.Typer(name=name, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(cls=Command, context_settings=_HELP_NAMES)(function)
    return app


def make_group(*, help: str) -> typer.Typer:  # noqa: A002 - as Typer calls it
    """Make a group of commands, for `add_typer` of a program."""
    return typer.Typer(cls=Group, no_args_is_help=True, help=help, rich_markup_mode=None)


def add_command(app: typer.Typer, function: Callable[..., None], name: str | None = None, **settings: Any) -> None:
    """Add a command to a program or group; its name defaults to that of the function."""
    app.command(name, cls=Command, **settings)(function)


def version_option(package: str) -> Any:
    """Return the option `--version`, which prints the version of an installed package."""

    def show(asked: bool) -> None:  # noqa: FBT001 - as Typer calls it
        if asked:
            print(f"{package} {version(package)}")
            raise typer.Exit

    return typer.Option("--version", help="Show the version and exit.", callback=show, is_eager=True)


def run(app: typer.Typer, name: str, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a program and exit: with 0, or with one line on standard error and another code."""
    make_output_safe()
    sys.exit(_finish(_invoke(app, name, arguments), name))


def _invoke(app: typer.Typer, name: str, arguments: Sequence[str] | None) -> int:
    try:
        result = get_command(app).main(arguments, prog_name=name, standalone_mode=False)
    except typer.TyperException as error:
        return _report_misuse(error, name)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception as error:
        refusal = error if isinstance(error, OSError) else find_full_disk(error)
        if refusal is None:
            raise
        return _report_refusal(refusal, name)
    return result if isinstance(result, int) else 0


def _report_misuse(error: typer.TyperException, name: str) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else name
    if type(error).__name__ == "NoArgsIsHelpError":
        say(error.format_message())
    else:
        message = " ".join(error.format_message().split()).rstrip(".")
        denied = _DENIED.sub(lambda found: describe_denied(found[1]), message)
        say(f"{path}: {denied}" if denied != message else f"{path}: {message}; `{path} --help` shows what it takes")
    return error.exit_code


def _report_refusal(error: OSError, name: str) -> int:
    if isinstance(error, BrokenPipeError):
        return _CLOSED_PIPE
    say(f"{name}: {describe_os_error(error)}")
    return 1


def _finish(exit_code: int, name: str) -> int:
    """Write the rest of the output. If it can't be written, that is what to report."""
    error = _fail_to_flush()
    if error is None:
        return exit_code
    abandon_output()
    if exit_code == 0 and not isinstance(error, BrokenPipeError):
        say(f"{name}: {describe_os_error(error, 'standard output')}")
    return exit_code or _CLOSED_PIPE


def _fail_to_flush() -> OSError | None:
    """Write what is still buffered, and return why it can't be written: a closed pipe, a full disk."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return error
    return None
