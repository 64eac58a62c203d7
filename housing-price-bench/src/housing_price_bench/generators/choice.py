"""Which load generator is used: the one that was asked for, else the lightest that is installed."""

import re
import shutil
import subprocess
from collections.abc import Callable

from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.bundled import bundled
from housing_price_bench.generators.generator import Generator
from housing_price_bench.generators.oha import oha
from housing_price_bench.generators.wrk import wrk
from housing_price_bench.options import GeneratorChoice

_ANSWER_SECONDS = 10.0

type FindProgram = Callable[[str], str | None]


def chosen_generator(choice: GeneratorChoice, find: FindProgram = shutil.which) -> Generator:
    """The generator for the choice; `auto` takes wrk, else oha, else the bundled one.

    Raises:
        GeneratorError: if the one that was asked for is not installed.
    """
    if choice in ("auto", "wrk") and (program := find("wrk")):
        return wrk(program, _version(_told(program, "--version")))
    if choice in ("auto", "oha") and (program := find("oha")):
        return oha(program, _version(_told(program, "--version")), _told(program, "--help"))
    if choice in ("wrk", "oha"):
        raise GeneratorError(f"{choice} is not installed: install it, or choose --generator bundled")
    return bundled()


def _told(program: str, option: str) -> str:
    # wrk says its version on either stream and then exits 1.
    told = subprocess.run(  # noqa: S603 - a program of the user's path
        [program, option], capture_output=True, text=True, check=False, timeout=_ANSWER_SECONDS
    )
    return told.stdout + told.stderr


def _version(text: str) -> str:
    found = re.search(r"\d+\.\d+(?:\.\d+)?", text)
    return found[0] if found else "unknown"
