"""Help as plain text, whole at 80 columns: no name, default or variable is cut or split."""

import inspect
import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from typer.core import TyperCommand, TyperGroup

from command_line.environment import prepare_environment

_INDENT = "  "
_WIDEST_NAME = 24
_PLACEHOLDERS = {
    "int": "NUMBER",
    "int range": "NUMBER",
    "float": "NUMBER",
    "float range": "NUMBER",
    "str": "TEXT",
    "path": "PATH",
}

type Row = tuple[str, str]


class Command(TyperCommand):
    """A command with our help. Its options read variables of a prepared environment."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Read the options."""
        prepare_environment(parent.find_root().info_name if parent else info_name or "")
        return super().make_context(info_name, args, parent, **extra)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        formatter.write(format_help(self, ctx, formatter.width))


class Group(TyperGroup):
    """A program, or a group of its commands, with our help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        formatter.write(format_help(self, ctx, formatter.width))


def format_help(command: Command | Group, context: Any, width: int) -> str:
    """Format the help of a command: usage, purpose, arguments, options, subcommands."""
    parameters = [(each, each.get_help_record(context)) for each in command.get_params(context)]
    records = [(each.param_type_name, record) for each, record in parameters if record]
    parts = [
        _format_usage(command, context, width),
        _format_text(command.help or "", width, _INDENT),
        _format_rows("Arguments", [_name_argument(row) for kind, row in records if kind == "argument"], width),
        _format_rows("Options", [_name_option(row) for kind, row in records if kind == "option"], width),
        _format_rows("Commands", list(_list_commands(command)), width),
        _format_text(command.epilog or "", width, ""),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _format_usage(command: Command | Group, context: Any, width: int) -> str:
    pieces = [re.sub(r"^\{(.+)\}$", r"\1", piece) for piece in command.collect_usage_pieces(context)]
    return _wrap(f"Usage: {context.command_path} {' '.join(pieces)}", width, "", _INDENT * 2)


def _format_text(text: str, width: int, indent: str) -> str:
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(_wrap(paragraph, width, indent, indent) for paragraph in paragraphs if paragraph)


def _format_rows(title: str, rows: Sequence[Row], width: int) -> str:
    """Format names with their descriptions beside them; a long name has its description below."""
    if not rows:
        return ""
    column = len(_INDENT) * 2 + min(max(len(name) for name, _ in rows), _WIDEST_NAME)
    lines = [f"{title}:"]
    for name, description in rows:
        head = f"{_INDENT}{name}"
        if len(head) + len(_INDENT) > column:
            lines.append(head)
            head = ""
        lines.append(_wrap(description, width, f"{head:<{column}}", " " * column) or head)
    return "\n".join(lines)


def _name_argument(row: Row) -> Row:
    name, description = row
    return re.sub(r" <[^>]*>", "", name), _word_range(description)


def _name_option(row: Row) -> Row:
    """Write a placeholder in capitals for a type, and choices as they are."""
    name, description = row
    placed = re.sub(r"<(?:list\[)?([^>\]]*)\]?>", lambda found: _PLACEHOLDERS.get(found[1], found[1]), name)
    return placed, _word_range(description)


def _word_range(description: str) -> str:
    """Write `[1<=x<=9]` as `[1 to 9]`."""
    in_words = re.sub(r"(\S+)<=x<=([^;\]]+)", r"\1 to \2", description)
    return re.sub(r"x>=([^;\]]+)", r"at least \1", in_words)


def _list_commands(command: Command | Group) -> Iterable[Row]:
    if isinstance(command, Group):
        for name, each in command.commands.items():
            if not each.hidden:
                yield name, (each.help or "").partition("\n\n")[0]


def _wrap(text: str, width: int, first: str, others: str) -> str:
    wrapper = textwrap.TextWrapper(
        width, initial_indent=first, subsequent_indent=others, break_on_hyphens=False, break_long_words=False
    )
    return wrapper.fill(" ".join(text.split()))
