"""Finds out which code and which libraries make a model."""

import platform
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

MODEL_LIBRARIES = ("scikit-learn", "numpy", "pandas", "skops", "treelite", "mlflow")
"""What a saved model needs to load and to return the same prices."""

FIT_LIBRARIES = (*MODEL_LIBRARIES, "scipy")
"""What a fit needs to produce the same model. SciPy fits the process; a saved model does not need it."""

_DISTRIBUTIONS = {"mlflow": "mlflow-skinny"}
"""Distributions with another name than the library."""


def library_versions() -> Mapping[str, str]:
    """Return the versions of Python and of the libraries that a fit depends on."""
    return {"python": platform.python_version(), **{name: installed_version(name) for name in FIT_LIBRARIES}}


def installed_version(library: str) -> str:
    """Return the installed version of one of the model's libraries."""
    return version(_DISTRIBUTIONS.get(library, library))


def version_of_extra(library: str) -> str | None:
    """Return the installed version of a library from an extra, or None without it."""
    try:
        return installed_version(library)
    except PackageNotFoundError:
        return None


def git_commit(source: Path = Path(__file__)) -> str | None:
    """Return the commit of the checkout that tracks a source file, with ``-dirty`` if it has changes, or None outside
    of a checkout."""
    git = shutil.which("git")
    if git is None or _run(git, source, "ls-files", "--error-unmatch", source.name) is None:
        return None
    return _run(git, source, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def _run(git: str, source: Path, *arguments: str) -> str | None:
    command = [git, "-C", str(source.parent), *arguments]
    # All arguments come from this module.
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() if done.returncode == 0 else None
