"""Lists all settings with comments: ``python -m housing_price_orchestrator.settings.env_example > .env.example``.

The variables that compose.yaml reads from the same file are written by hand, in ``compose.env`` beside this module.
"""

from importlib.resources import files
from textwrap import fill

from pydantic.fields import FieldInfo

from housing_price_orchestrator.settings.environment import list_variables

WIDTH = 120

_INTRODUCTION = """\
# Settings of the orchestrator and, below them, variables of compose.yaml, with their defaults. Generated; do not edit.
# Copy to `.env` and uncomment what you change. Environment variables win over the file.
"""


def make_env_example() -> str:
    """The contents of ``.env.example``."""
    settings = [_format_entry(name, field) for name, field in list_variables().items()]
    return "\n".join([_INTRODUCTION, *settings, _read_compose_variables()])


def _read_compose_variables() -> str:
    return files(__package__).joinpath("compose.env").read_text(encoding="utf-8")


def _format_entry(name: str, field: FieldInfo) -> str:
    comment = fill(field.description or "", WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    return f"{comment}\n# {name}={_show_default(field)}\n"


def _show_default(field: FieldInfo) -> str:
    if field.default in (None, ()) or field.default_factory is not None:
        return str(field.examples[0]) if field.examples else ""
    return f"{field.default:g}" if isinstance(field.default, float) else str(field.default)


if __name__ == "__main__":
    print(make_env_example(), end="")  # noqa: T201  its output is the file
