"""The command `housing-price`, with and without what only developers install."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

WITHOUT_BENCH = """
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name == "housing_price_bench":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
from housing_price.cli import main
main()
"""


def run_without_bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_BENCH, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_missing_bench_is_one_line() -> None:
    ended = run_without_bench("bench", "--seconds", "1")

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == ("housing-price bench: not installed: run `uv sync`, or install housing-price[bench]\n")


def test_up_needs_no_bench() -> None:
    ended = run_without_bench("up", "--data", "nowhere.csv")

    assert ended.returncode == 2
    assert ended.stderr == "housing-price up: --data nowhere.csv: no such file, and neither of sample, openml\n"
