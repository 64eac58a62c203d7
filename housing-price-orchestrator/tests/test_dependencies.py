"""The orchestrator's environment, as the lock file resolves it."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def resolved(member: str) -> set[str]:
    packages = {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    found: set[str] = set()
    wanted = [member]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += [dependency["name"] for dependency in packages[name].get("dependencies", [])]
    return found


def test_it_has_no_pandas_scikit_learn_or_mlflow() -> None:
    heavy = {"mlflow", "mlflow-skinny", "numpy", "pandas", "scikit-learn", "scipy"}

    assert not resolved("housing-price-orchestrator") & heavy


def test_the_house_record_needs_pydantic_alone() -> None:
    direct = tomllib.loads((ROOT / "house-record" / "pyproject.toml").read_text())["project"]["dependencies"]

    assert [requirement.split(">")[0] for requirement in direct] == ["pydantic"]


def test_a_service_without_flows_does_not_load_what_they_need() -> None:
    heavy = ("sqlalchemy", "cel", "yaml", "jmespath", "watchfiles")
    program = "import sys, housing_price_orchestrator.bootstrap.app"
    program += f"; print([name for name in {heavy} if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert loaded == "[]\n"
