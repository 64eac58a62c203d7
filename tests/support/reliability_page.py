"""Writes into ``docs/reliability.md`` which test shows which behaviour: ``python tests/support/reliability_page.py``.

Prints the page as it should be; ``--write`` writes it. A row without a test, or a test without a row, is an error.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- rows -->\n", "<!-- end of rows -->\n"

ROWS = {
    1: "Every request has one deadline (2 s single, 10 s batch); calls get what remains, less 10 %, at most 50 ms",
    2: "A caller may shorten it with `X-Request-Timeout-Ms`, down to 100 ms",
    3: "A model server that drips: the request ends at its deadline all the same",
    4: "Connect (250 ms), pool (100 ms) and read time limits are apart, each with its own `cause` in log and metric",
    5: "A call is made once more after a failed connection, a reset before an answer, 502, 503, 504; never after 4xx",
    6: "Pauses before retries: any time up to 25 ms, doubling to 250 ms",
    7: "`Retry-After` of a model server is heeded, and passed on where it is longer than the time left",
    8: "A thousand failing requests cost the model at most 1,150 calls",
    9: "Retries are made in one place; the HTTP client's own are off",
    10: "The breaker opens after 20 calls in 20 s of which half failed or took over 1 s; pings and 3 calls close it",
    11: "While it is open, 503 comes at once with `Retry-After`, and the model hears nothing",
    12: "What callers get wrong, and calls that they leave, are no failures",
    13: "Of several model servers the one that fails 5 times in a row is ejected for 30 s, 60 s …; never the last one",
    15: "Cancelled requests leak nothing",
    16: "What can't be served in time is refused with 503 and `Retry-After`; the rest is answered in time",
    17: "A refusal is made before the body is read",
    18: "Batches are refused before single prices; health, readiness and metrics never",
    19: "What nobody waits for any more is not computed",
    23: "`/health` is 200 with every model server dead",
    24: "`/ready` is what a probe found: an identified model that prices a known house; one failure does not flap",
    26: "SIGTERM: not ready, finish what is in flight, exit 0; a rolling restart under load loses no request",
    28: "The registry is down: serving goes on, and a restart works from the local copy",
    29: "A log that nobody reads: requests go on, memory is bounded, dropped lines are counted",
    30: "Merged calls: each caller gets its own answer, whatever the others do; nobody is stranded",
    31: "Too large, too deep, compressed, duplicate, not finite: a documented 4xx, and memory stays flat",
    32: "Whatever a model server answers maps to one documented code",
}
"""The behaviours by their number. Numbers that are missing are not used."""


def tests() -> Iterator[tuple[int, str, str, bool]]:
    """Row, file, name and whether it runs in CI only, of each test that is named after a row."""
    for file in sorted((ROOT / "tests" / "resilience").glob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        is_slow = any("mark.slow" in ast.unparse(node) for node in tree.body if isinstance(node, ast.Assign))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_r"):
                number = node.name.removeprefix("test_r").partition("_")[0]
                if number.isdigit():
                    marks = [ast.unparse(decorator) for decorator in node.decorator_list]
                    yield int(number), file.name, node.name, is_slow or "pytest.mark.slow" in marks


def block() -> str:
    """The list of rows and tests, in Markdown."""
    by_row = defaultdict(list)
    for row, file, name, is_slow in tests():
        sentence = name.partition("_")[2].partition("_")[2].replace("_", " ")
        by_row[row].append(f"[{sentence}](../tests/resilience/{file}){' (CI)' if is_slow else ''}")
    if set(by_row) != set(ROWS):
        raise SystemExit(f"rows without tests, or tests without a row: {sorted(set(by_row) ^ set(ROWS))}")
    lines = ["| row | behaviour | shown by |", "| --- | --- | --- |"]
    lines += [f"| R{row} | {text} | {'; '.join(by_row[row])} |" for row, text in ROWS.items()]
    return "\n".join(lines) + "\n"


def page() -> str:
    """The whole page, with the list as it is now."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{block()}{END}{after}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        print(page(), end="")  # noqa: T201  its output is the page
