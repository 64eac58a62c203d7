"""Write into ``docs/reliability.md`` which test proves which behaviour: ``python tests/support/reliability_page.py``.

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
    1: "Every request has one deadline (2 s, batch 10 s); calls get the rest, less 10 %, at most 50 ms",
    2: "A caller can shorten the deadline with `X-Request-Timeout-Ms`, down to 100 ms",
    3: "A model server that drips its response does not hold a request beyond its deadline",
    4: "Connecting (250 ms), waiting for a connection (100 ms) and reading each have a limit and a `cause`",
    5: "A call is retried once after a failed connection, a reset before a response, 502, 503, 504; never after 4xx",
    6: "A retry waits a random time of up to 25 ms, doubling to 250 ms",
    7: "`Retry-After` of a model server is respected, and forwarded if it exceeds the time left",
    8: "A thousand failing requests cause at most 1,150 calls to the model",
    9: "Retries happen in one place; the HTTP client's own are off",
    10: "The breaker opens after 20 calls in 20 s of which half failed or took over 1 s; pings and 3 calls close it",
    11: "While it is open, 503 returns at once with `Retry-After`, and no call reaches the model",
    12: "Callers' errors and calls that callers abandon do not count as failures",
    13: "A model server that fails 5 times in a row is ejected for 30 s, 60 s …; the last one never is",
    15: "Cancelled requests leak nothing",
    16: "Requests that cannot be served in time get 503 with `Retry-After`; the rest get their response in time",
    17: "The service rejects a request before it reads the body",
    18: "Batches are rejected before single prices; health, readiness and metrics never are",
    19: "A request whose caller has left is not computed",
    23: "`/health` is 200 with every model server dead",
    24: "`/ready` reports the last probe: an identified model that prices a known house; one failure does not flip it",
    26: "On SIGTERM: not ready, finish requests in flight, exit 0; a rolling restart under load loses no request",
    28: "While the registry is down, serving continues, and a restart uses the local copy",
    29: "With a stuck log sink, requests continue, memory is bounded, dropped lines are counted",
    30: "Merged calls: each caller gets its own prediction, whatever the others do; nobody is stranded",
    31: "Bodies too large, too deep, compressed, with duplicates or not finite get a documented 4xx; memory stays flat",
    32: "Whatever a model server returns maps to one documented code",
}
"""The behaviours by their number. Missing numbers are not in use."""


def tests() -> Iterator[tuple[int, str, str, bool]]:
    """Row, file, name and whether it is slow, of each test that is named after a row."""
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
    """The table of rows, and below it the tests of each, in Markdown."""
    by_row = defaultdict[int, dict[str, list[str]]](dict)
    for row, file, name, is_slow in tests():
        sentence = name.partition("_")[2].partition("_")[2].replace("_", " ")
        by_row[row].setdefault(file, []).append(f"{sentence}{' (slow)' if is_slow else ''}")
    if set(by_row) != set(ROWS):
        raise SystemExit(f"rows without tests, or tests without a row: {sorted(set(by_row) ^ set(ROWS))}")
    lines = ["| row | behaviour |", "| --- | --- |", *(f"| R{row} | {text} |" for row, text in ROWS.items()), ""]
    lines += ["<details>", "<summary>The tests of each row</summary>", ""]
    for row in ROWS:
        for file, sentences in by_row[row].items():
            lines += [f"**R{row}**, [{file}](../tests/resilience/{file}):", ""]
            lines += [*(f"- {sentence}" for sentence in sentences), ""]
    lines += ["</details>", ""]
    return "\n".join(lines)


def page() -> str:
    """The whole page, with the current rows and tests."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{block()}{END}{after}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        print(page(), end="")  # noqa: T201  its output is the page
