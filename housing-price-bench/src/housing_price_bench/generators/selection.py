"""Chooses the load generator: the requested one, or the lightest that is installed."""

import re
import shutil
import subprocess
from collections.abc import Callable

from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.bundled import make_bundled_generator
from housing_price_bench.generators.generator import Generator
from housing_price_bench.generators.oha import make_oha_generator
from housing_price_bench.generators.wrk import make_wrk_generator
from housing_price_bench.options import GeneratorChoice

_VERSION_SECONDS = 10.0

type FindProgram = Callable[[str], str | None]


def choose_generator(choice: GeneratorChoice, find: FindProgram = shutil.which) -> Generator:
    """Return the generator of this choice; `auto` takes wrk, else oha, else the bundled one.

    Raises:
        GeneratorError: if the requested one is not installed.
    """
    if choice in ("auto", "wrk") and (program := find("wrk")):
        return make_wrk_generator(program, _read_version(program))
    if choice in ("auto", "oha") and (program := find("oha")):
        return make_oha_generator(program, _read_version(program), _read_output(program, "--help"))
    if choice in ("wrk", "oha"):
        raise GeneratorError(f"{choice} is not installed: install it, or choose --generator bundled")
    return make_bundled_generator()


def _read_output(program: str, option: str) -> str:
    # wrk prints its version on either stream and exits 1.
    ran = subprocess.run(  # noqa: S603 - a program of the user's path
        [program, option], capture_output=True, text=True, check=False, timeout=_VERSION_SECONDS
    )
    return ran.stdout + ran.stderr


def _read_version(program: str) -> str:
    found = re.search(r"\d+\.\d+(?:\.\d+)?", _read_output(program, "--version"))
    return found[0] if found else "unknown"
