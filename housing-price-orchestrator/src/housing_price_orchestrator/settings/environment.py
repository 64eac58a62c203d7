"""Reads the settings from the environment and ``.env``, and explains every mistake in them at once.

pydantic-settings ignores names that it does not know in the environment and refuses all such names in a
``.env`` file; here a name with our prefix must be one of ours, and other names are none of our business.
"""

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsError

from housing_price_orchestrator.settings import NESTING, PREFIX, Settings

_DOTENV = Path(".env")


class InvalidSettings(Exception):
    """The settings are wrong; ``lines`` holds one sentence a mistake, each naming its variable."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


_OPEN = re.compile(rf"{PREFIX}FLOWS{NESTING}SECRETS{NESTING}[A-Z][A-Z0-9_]*$")
"""Settings whose last part is the user's own."""


def read_settings() -> Settings:
    """The settings as the environment and ``.env`` say; the environment wins.

    Raises:
        InvalidSettings: if a value is wrong or a name with our prefix is unknown.
    """
    mistakes: list[str] = []
    try:
        mistakes += [*_unknown_names(os.environ, "environment"), *_unknown_names(_dotenv(), str(_DOTENV))]
        settings = Settings()
        port = _platform_port()
    except ValidationError as error:
        mistakes += [_line(variable(*map(str, item["loc"])), item["msg"]) for item in error.errors()]
    except UnicodeDecodeError as error:
        mistakes.append(f"{_DOTENV}: byte {error.start} is not UTF-8")
    except SettingsError as error:
        # A section as a whole, which is no variable of ours: told above, by its name.
        mistakes = mistakes or [str(error)]
    except ValueError as error:
        mistakes.append(str(error))
    if mistakes:
        raise InvalidSettings(mistakes)
    return settings.model_copy(update={"port": port}) if port else settings


def variables() -> dict[str, FieldInfo]:
    """Every environment variable of the service, with the field that it sets."""
    return {variable(*path): field for path, field in _leaves(Settings)}


def variable(*path: str) -> str:
    """The environment variable of the field at this path."""
    return (PREFIX + NESTING.join(path)).upper()


def _leaves(section: type[BaseModel], *path: str) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _leaves(field.annotation, *path, name)
        else:
            yield (*path, name), field


def _dotenv() -> Mapping[str, str | None]:
    return dotenv_values(_DOTENV) if _DOTENV.is_file() else {}


def _unknown_names(names: Mapping[str, str | None], place: str) -> Iterator[str]:
    known = variables()
    for name in names:
        if name.upper().startswith(PREFIX) and name.upper() not in known and not _OPEN.match(name.upper()):
            nearest = get_close_matches(name.upper(), known, n=1)
            advice = f"; did you mean {nearest[0]}?" if nearest else ""
            yield f"{name} ({place}): there is no such setting{advice}"


def _platform_port() -> int | None:
    text = os.environ.get("PORT") or None
    if text is None or any(name.upper() == variable("port") and value for name, value in os.environ.items()):
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError(_line("PORT", f"{text!r} is no port, a number from 1 to 65535"))
    return int(text)


def _line(name: str, problem: str) -> str:
    sentence = problem.removeprefix("Value error, ")
    starts_with_a_word = sentence[1:2].islower()
    return f"{name}: {sentence[:1].lower() if starts_with_a_word else sentence[:1]}{sentence[1:]}"
