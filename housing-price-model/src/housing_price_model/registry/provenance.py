"""Which code and which libraries a model comes from."""

import platform
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

MODEL_LIBRARIES = ("scikit-learn", "numpy", "pandas", "skops", "treelite", "mlflow")
"""What a saved model needs to be loaded and to give the same prices."""

FIT_LIBRARIES = (*MODEL_LIBRARIES, "scipy")
"""What a fit needs to give the same model: SciPy solves the process. A saved model does without it."""

_DISTRIBUTIONS = {"mlflow": "mlflow-skinny"}
"""Where the installed distribution has another name: this package needs MLflow's small one only."""


def library_versions() -> Mapping[str, str]:
    """Versions of Python and of the libraries that a model, when it is fitted, depends on."""
    return {"python": platform.python_version(), **{name: installed_version(name) for name in FIT_LIBRARIES}}


def installed_version(library: str) -> str:
    """The version of one of the model's libraries that is installed here."""
    return version(_DISTRIBUTIONS.get(library, library))


def version_of_extra(library: str) -> str | None:
    """The version of a library that comes with an extra only; None without it."""
    try:
        return installed_version(library)
    except PackageNotFoundError:
        return None


def git_commit(source: Path = Path(__file__)) -> str | None:
    """The commit of the checkout that a source file is tracked in, ``-dirty`` if changed; None outside of one."""
    git = shutil.which("git")
    if git is None or _run(git, source, "ls-files", "--error-unmatch", source.name) is None:
        return None
    return _run(git, source, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def _run(git: str, source: Path, *arguments: str) -> str | None:
    command = [git, "-C", str(source.parent), *arguments]
    # Every argument is ours.
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() if done.returncode == 0 else None
