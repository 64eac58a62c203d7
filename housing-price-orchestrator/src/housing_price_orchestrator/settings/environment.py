"""Reads the settings from the environment and ``.env``, and reports everything that is wrong with them at once.

pydantic-settings ignores unknown names in the environment and rejects all of them in a ``.env`` file. Here an unknown
name is an error if it has our prefix, and is ignored otherwise.
"""

import logging
import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from host_environment.service_links import drop_service_links
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsError

from housing_price_orchestrator.settings import NESTING, PREFIX, Settings

_DOTENV = Path(".env")
_log = logging.getLogger(__name__)


class InvalidSettings(Exception):
    """The settings are invalid; each of ``lines`` names a variable and says what is wrong."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


_USER_NAMED = re.compile(rf"{PREFIX}FLOWS{NESTING}SECRETS{NESTING}[A-Z][A-Z0-9_]*$")
"""Variables whose last part the user chooses."""


def read_settings() -> Settings:
    """Read the settings from the environment and ``.env``; the environment wins.

    Variables that Kubernetes writes for a service of our name are removed from the environment, with one line.

    Raises:
        InvalidSettings: if a value is invalid or a name with our prefix is unknown.
    """
    problems: list[str] = []
    if line := drop_service_links(os.environ, (PREFIX,)):
        # Nothing has configured the log yet, so this is a plain line on standard error.
        _log.warning(line)
    try:
        problems += [
            *_find_unknown_names(os.environ, "environment"),
            *_find_unknown_names(_read_dotenv(), str(_DOTENV)),
        ]
        settings = Settings()
        port = _read_platform_port()
    except ValidationError as error:
        problems += [_format_problem(variable_name(*map(str, item["loc"])), item["msg"]) for item in error.errors()]
    except UnicodeDecodeError as error:
        problems.append(f"{_DOTENV}: byte {error.start} is not UTF-8")
    except SettingsError as error:
        # A section as a whole is not a variable of ours; it is reported above, as an unknown name.
        problems = problems or [str(error)]
    except ValueError as error:
        problems.append(str(error))
    if problems:
        raise InvalidSettings(problems)
    return settings.model_copy(update={"port": port}) if port else settings


def list_variables() -> dict[str, FieldInfo]:
    """List every environment variable of the service with the field that it sets."""
    return {variable_name(*path): field for path, field in _leaves(Settings)}


def variable_name(*path: str) -> str:
    """The environment variable of the field at this path."""
    return (PREFIX + NESTING.join(path)).upper()


def _leaves(section: type[BaseModel], *path: str) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _leaves(field.annotation, *path, name)
        else:
            yield (*path, name), field


def _read_dotenv() -> Mapping[str, str | None]:
    return dotenv_values(_DOTENV) if _DOTENV.is_file() else {}


def _find_unknown_names(names: Mapping[str, str | None], place: str) -> Iterator[str]:
    known = list_variables()
    for name in names:
        if name.upper().startswith(PREFIX) and name.upper() not in known and not _USER_NAMED.match(name.upper()):
            nearest = get_close_matches(name.upper(), known, n=1)
            advice = f"; did you mean {nearest[0]}?" if nearest else ""
            yield f"{name} ({place}): there is no such setting{advice}"


def _read_platform_port() -> int | None:
    text = os.environ.get("PORT") or None
    if text is None or any(name.upper() == variable_name("port") and value for name, value in os.environ.items()):
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError(_format_problem("PORT", f"{text!r} is not a port: a number from 1 to 65535"))
    return int(text)


def _format_problem(name: str, problem: str) -> str:
    sentence = problem.removeprefix("Value error, ")
    starts_with_a_word = sentence[1:2].islower()
    return f"{name}: {sentence[:1].lower() if starts_with_a_word else sentence[:1]}{sentence[1:]}"
